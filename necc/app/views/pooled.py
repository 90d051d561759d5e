"""What several centres' files say together: curves, hazard ratios, shares of sites and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from necc.analysis.centres import ByCentre, by_centre, response_by_centre, site_shares
from necc.app.session.cache import cached, draw, draw_many
from necc.app.session.failure import lacks
from necc.app.session.state import get_state
from necc.app.widgets.choices import choose, controls, options
from necc.app.widgets.show import show
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.guardrails import label_of
from necc.present import figures, tables

if TYPE_CHECKING:
    from necc.centres import Pooled
    from necc.present.figures import Figure
    from necc.present.tables import Table

CENTRE = "centre"
NOTHING = ""
CURVES, RATIOS, SITES, RESPONSE = "Curves", "Hazard ratios", "Sites", "Response"


def answers(pooled: Pooled) -> None:
    """One of the answers that the files give together."""
    cohort, notice = pooled.cohort, pooled.cohort.source.notice
    with controls("pooled"):
        what = choose("pooled-show", "Show", (CURVES, RATIOS, SITES, RESPONSE), fixed=True)
        if what in (CURVES, RATIOS):
            endpoint, by = _endpoint(cohort), _by(cohort, optional=what == CURVES)
    try:
        if what in (CURVES, RATIOS):
            width = pooled.time_width(endpoint)
            result = cached(by_centre)(cohort, endpoint, by or None, centre=CENTRE, time_width=width)
            (_curves if what == CURVES else _ratios)(result, notice)
        else:
            _shares(cohort, what, notice)
    except AnalysisError as error:
        lacks(error)


def _show(thing: Figure | Table, explain: str, notice: str, title: str | None = None, name: str = "") -> None:
    """Of the files and not of the cohort that is loaded: nothing filters that one, and no report makes it again."""
    show(thing, explain=explain, title=title, name=name, note=notice, recipe=None, picks=False)


# ---------------------------------------------------------------- what is asked
def _endpoint(cohort: Cohort) -> str:
    names = cohort.endpoint_names()
    if not names:
        raise AnalysisError("the files agree on no endpoint; the findings say why")
    words = {name: cohort.dictionary.endpoints[name].label for name in names}
    usual = cohort.dictionary.role("main_endpoint")
    return choose("pooled-endpoint", "Endpoint", names, default=usual, words=words, wide=True, linked=False)


def _by(cohort: Cohort, optional: bool) -> str:
    """What is compared within centres; nobody's own levels stand in the address."""
    names = [name for name in cohort.factor_names() if cohort.source_of(name) != CENTRE and not _is_event(cohort, name)]
    names.sort(key=lambda name: not name.startswith("site:"))  # what a person asks first
    words = {NOTHING: "all patients together"} if optional else {}
    words |= {name: f"Site: {cohort.factor(name).label}" if name.startswith("site:") else label_of(cohort, name)
              for name in names}  # fmt: skip
    if not words:
        raise AnalysisError("the files agree on no factor to compare patients by; the findings say why")
    return choose("pooled-by", "By", tuple(words), words=words, wide=True, width=280, linked=False)


# ---------------------------------------------------------------- what is answered
def _curves(result: ByCentre, notice: str) -> None:
    _show(draw(figures.survival_curves, result.pooled), "pooled-centres kaplan-meier", notice, "All centres together")
    _show(draw_many(figures.centre_curves, result), "pooled-centres kaplan-meier", notice, "Each centre by itself")
    _show(tables.survival_summary(result.pooled), "median-survival log-rank", notice)
    if result.bounds:
        _show(tables.centre_bounds(result), "time-grid", notice)


def _ratios(result: ByCentre, notice: str) -> None:
    there = [term.term for term in result.terms if term.estimable]
    term = ""
    if len(there) > 1 and not get_state().presenting:
        with options("Level"):
            words = {t.term: t.level or t.label for t in result.terms}
            term = choose("pooled-term", "Drawn", there, words=words, wide=True, linked=False)
    _show(draw(figures.centre_forest, result, term=term), "centre-forest heterogeneity hazard-ratio", notice)
    _show(draw(figures.centre_funnel, result, term=term), "centre-funnel heterogeneity", notice)
    if result.model is not None:
        _show(tables.model_table(result.model, "Cox model with each centre as a stratum"), "pooled-centres cox-table",
              notice)  # fmt: skip


def _shares(cohort: Cohort, what: str, notice: str) -> None:
    result = cached(site_shares if what == SITES else response_by_centre)(cohort, centre=CENTRE)
    explain = "centre-shares heterogeneity exact-interval"
    names = [row.name for row in result.rows]
    if what == SITES and len(names) > 1 and not get_state().presenting:
        with controls("pooled-site"):
            words = {NOTHING: "every site", **{row.name: row.label for row in result.rows}}
            only = choose("pooled-site", "Site", tuple(words), words=words, wide=True, linked=False)
    else:
        only = ""
    _show(draw(figures.centre_shares, result, only=only), explain, notice)
    _show(tables.centre_shares_table(result), explain, notice)


def _is_event(cohort: Cohort, name: str) -> bool:
    """Whether a factor is the event of an endpoint itself."""
    variable = cohort.dictionary.variables.get(cohort.source_of(name))
    return variable is not None and variable.kind == "event"
