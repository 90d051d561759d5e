"""What is said of parametric curves: under the figure and in its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from necc.core.text import format_number, joined, plural
from necc.present.words.captions import each
from necc.present.words.phrases import capitalised, counts, median_phrase, not_analysed, sentences

if TYPE_CHECKING:  # headlines need these words before any analysis is loaded
    from necc.analysis.survival import FamilyFit, FamilyName, FittedGroup, KaplanMeier, Parametric

FAMILY_NAMES: dict[FamilyName, str] = {
    "exponential": "exponential", "weibull": "Weibull", "log-normal": "log-normal", "log-logistic": "log-logistic",
    "generalised-gamma": "generalised gamma", "spline": "spline",
}  # fmt: skip
KAPLAN_MEIER = "Kaplan-Meier"
EXTRAPOLATION = "extrapolation"
END = "end of follow-up"
EXTRAPOLATED = "*"
"""The mark of a number that is extrapolated."""


def family_name(family: FamilyName, n_knots: int = 0) -> str:
    """`spline with 2 inner knots`; the bare name without knots."""
    name = FAMILY_NAMES[family]
    return f"{name} with {plural(n_knots, 'inner knot')}" if family == "spline" and n_knots else name


def aic_phrase(group: FittedGroup) -> str:
    """`AIC: log-normal 362.7, log-logistic 364.0`, the lowest first; empty where nothing was fitted."""
    ranked = [f"{FAMILY_NAMES[f.family]} {format_number(f.aic, 1)}" for f in group.ranked]
    return f"AIC: {', '.join(ranked)}" if ranked else ""


def why_not(result: Parametric, families: Iterable[FamilyName] | None = None) -> list[str]:
    """What was not fitted, of some families or of all, and why: `Spline in 'with': too few events ...`."""
    asked = result.families if families is None else tuple(families)
    said: dict[str, list[str]] = {}
    for group in result.groups:
        for fit in group.fits:
            if not fit.converged and fit.family in asked:
                where = f" in '{group.name}'" if result.by else ""
                said.setdefault(f"{where}: {fit.note}", []).append(FAMILY_NAMES[fit.family])
    return [f"{capitalised(joined(names, 'and'))}{why}" for why, names in said.items()]


def followed(result: Parametric, last: float | None = None) -> str:
    """Until when patients were followed, of the groups whose curves go on beyond it; empty where none does.

    last: where the curves end in a figure; at the horizon without.
    """
    last = result.horizon if last is None else last
    beyond = [g for g in result.groups if 0 < g.follow_up < last]
    ends = [f"{format_number(g.follow_up)}{f' ({g.name})' if result.by else ''}" for g in beyond]
    return f"{joined(ends)} {result.unit}" if ends else ""


def extrapolated(result: Parametric, last: float) -> str:
    """What the part beyond the follow-up is, in curves that end at `last`; empty where there is none."""
    until = followed(result, last)
    if not until:
        return ""
    return (
        f"dotted, beyond the {END} at {until}: {EXTRAPOLATION}, where no patient was observed and which rests on the "
        "family alone"
    )


def extrapolated_numbers(result: Parametric) -> str:
    """`extrapolated: beyond the end of follow-up at 65.5 months`; empty where no number of a table is."""
    fits = [f for g in result.groups for f in g.fits]
    if not any(f.median_extrapolated or any(a.extrapolated for a in f.at_times) for f in fits):
        return ""
    ends = [f"{format_number(g.follow_up)}{f' ({g.name})' if result.by else ''}" for g in result.groups]
    return f"extrapolated: beyond the {END} at {joined(ends)} {result.unit}"


def knots_of(result: Parametric) -> list[str]:
    """Where the spline's knots lie, in each group; empty without one."""
    said = []
    for group in result.groups:
        for fit in group.fits:
            if fit.knots:
                where = f" in '{group.name}'" if result.by else ""
                at = joined([format_number(k) for k in fit.knots])
                said.append(f"knots of the spline{where} at {at} {result.unit}")
    return said


def parametric_alt(result: Parametric, drawn: Sequence[FamilyName]) -> str:
    """The figure in one sentence for each group."""
    names = joined([FAMILY_NAMES[f] for f in drawn])
    what = f"Kaplan-Meier curves of {result.label.lower()}{f' by {result.by_label}' if result.by else ''}"
    groups = [(g.name, _fits_phrase(g, drawn, result.unit)) for g in result.groups]
    return f"{what} with parametric curves: {names or 'none'}. {each(groups)}."


def _fits_phrase(group: FittedGroup, drawn: Iterable[FamilyName], unit: str) -> str:
    parts = [_fit_phrase(f, unit) for f in group.fits if f.family in drawn and f.converged]
    return ", ".join([counts(group.n, group.n_events), *parts])


def _fit_phrase(fit: FamilyFit, unit: str) -> str:
    return f"{FAMILY_NAMES[fit.family]} {median_phrase(fit.median, unit)}, AIC {format_number(fit.aic, 1)}"


def parametric_caption(
    result: Parametric, km: KaplanMeier, marks: str, drawn: Sequence[FamilyName], limits: bool,
    asked: Sequence[FamilyName] | None, last: float,
) -> str:  # fmt: skip
    """Who, by what method, what the marks mean, AIC, and what extrapolation is where the curves end at `last`.

    marks: of the Kaplan-Meier curves. limits: whether those of the parametric curves are drawn. asked: the families
    asked for; None where the lowest AIC decided, which is told, and the table says what could not be fitted.
    """
    names = joined([family_name(f, result.n_knots) for f in drawn])
    smooth = f"smooth: {names}, fitted by maximum likelihood{', each group alone' if result.by else ''}" if names else (
        "no parametric curve could be fitted")  # fmt: skip
    alone = len(result.groups) == 1
    best = (
        f"drawn is the family with the lowest sum of AIC of those fitted in {'all' if result.in_all else 'most'} groups"
    )
    upright = "upright lines: end of follow-up of each group" if not alone and followed(result, last) else ""
    return sentences(
        f"{result.label}, {km.defined_as}" if km.defined_as else result.label,
        counts(result.n, result.n_events),
        not_analysed(result.excluded),
        marks,
        smooth,
        "" if asked is not None or alone or not names else best,
        f"shaded: {100 * result.level:g} % pointwise limits of the smooth curves (delta method)" if limits else "",
        f"{aic_phrase(result.groups[0])}; lower fits better" if alone and result.groups[0].ranked else "",
        upright,
        extrapolated(result, last),
        *why_not(result, asked if alone or asked is not None or not names else ()),
        *(n for n in result.notes if not n.startswith("beyond the end of follow-up")),
    )
