"""The view of parametric curves: families over Kaplan-Meier, with AIC, and how far they go beyond the follow-up."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from necc.analysis.survival import FAMILIES, KNOTS, MOST_KNOTS, FamilyName, Parametric, kaplan_meier, parametric
from necc.app.session.cache import cached, draw
from necc.app.views.conventions import choose_limits
from necc.app.widgets import parts, shape
from necc.app.widgets.choices import (
    choose,
    choose_endpoint,
    choose_factor,
    choose_some,
    chosen,
    chosen_some,
    controls,
    options,
    slid,
    slide,
    switch,
)
from necc.app.widgets.show import caption, show
from necc.app.widgets.working import progress
from necc.core.cohort import Cohort
from necc.present import figures, tables
from necc.present.words.captions.parametric import FAMILY_NAMES
from necc.present.words.phrases import capitalised

FAR = 3  # times the follow-up, at the most
WITH_A_BAR = 5_000  # patients, from which on fitting is watched
WORDS = {family: capitalised(name) for family, name in FAMILY_NAMES.items()}
LOWEST = "lowest AIC"
INNER = tuple(range(1, MOST_KNOTS + 1))


def curves(cohort: Cohort) -> None:
    """Parametric curves over Kaplan-Meier."""
    with controls():
        endpoint = choose_endpoint(cohort)
        by = choose_factor(cohort)
        horizon = _choose_horizon(cohort, endpoint)
        with options():
            families = choose_some("families", "Families", FAMILIES, default=FAMILIES, words=WORDS, fixed=True)
            times = parts.choose_times(cohort, endpoint)
            scale, ci = parts.choose_show(), choose_limits()
            limits = switch("family-limits", "Limits of the smooth curves",
                            help="Drawn where one or two smooth curves are shown")  # fmt: skip
            n_knots = choose("knots", "Inner knots of the spline", INNER, default=KNOTS, fixed=True)
            drawn = _choose_drawn(families) if by else None
        km = cached(kaplan_meier)(cohort, endpoint, by, ci=ci)
        settings = shape.curve_settings(cohort, km, scale)
    if not families:
        caption("Choose at least one family.")
        return
    bar = partial(progress, "Fitting the curves; any click stops it") if len(cohort) > WITH_A_BAR else None
    result = cached(parametric, bar)(
        cohort, endpoint, by, families, times=times, horizon=horizon, n_knots=n_knots
    )  # fmt: skip
    figure = draw(
        figures.parametric_curves, result, km=km, families=drawn, limits=limits, **shape.shaped(cohort, km, settings)
    )  # fmt: skip
    show(figure, title=settings.title or km.label, explain="parametric extrapolation kaplan-meier curve-scales")
    shape.told(figure, settings)
    parts.caution(cohort, endpoint, by)
    _told(result)


def _told(result: Parametric) -> None:
    show(tables.parametric_fits(result), title="Families", explain="aic extrapolation parametric")
    show(tables.parametric_parameters(result), title="Parameters", explain="parametric")


def chosen_options(cohort: Cohort, endpoint: str) -> dict[str, Any]:
    """What this view would fit with now, its controls not drawn."""
    low, _ = _from_followup(cohort, endpoint)
    horizon = slid("horizon", low, FAR * low, low, of=endpoint)
    return {"families": chosen_some("families", FAMILIES, default=FAMILIES, fixed=True) or FAMILIES,
            "n_knots": chosen("knots", INNER, default=KNOTS, fixed=True),
            "times": parts.chosen_times(cohort.endpoint(endpoint).unit),
            "horizon": horizon if horizon > low else None}  # fmt: skip


def _from_followup(cohort: Cohort, endpoint: str) -> tuple[float, float]:
    """Where a horizon can begin, just after the last patient under observation, and in what steps; 0 for nobody."""
    outcome = cohort.endpoint(endpoint)
    last = float(np.max(outcome.time[outcome.valid], initial=0.0))
    step = 10.0 ** math.floor(math.log10(last) - 1) if last else 1.0
    return math.ceil(last / step) * step, step


def _choose_horizon(cohort: Cohort, endpoint: str) -> float | None:
    """Where the curves end; None where they end with the follow-up."""
    low, step = _from_followup(cohort, endpoint)
    if not low:
        return None
    label = f"Curves to ({cohort.endpoint(endpoint).unit})"
    picked = slide("horizon", label, low, FAR * low, low, step=step, of=endpoint,
                   help="Beyond the last patient under observation the curves are extrapolated")  # fmt: skip
    return picked if picked > low else None


def _choose_drawn(families: tuple[FamilyName, ...]) -> tuple[FamilyName, ...] | None:
    """Which family is drawn of several groups; None for the one that fits all groups best."""
    offered: tuple[str, ...] = (LOWEST, *families)
    picked = choose("family-drawn", "Family drawn", offered, words={LOWEST: LOWEST, **WORDS}, wide=True, width=200,
                    fixed=True, help="Of several groups one family is drawn, each group in its colour")  # fmt: skip
    return next(((family,) for family in families if family == picked), None)
