"""Parametric curves over those of Kaplan and Meier; what lies beyond the follow-up is drawn apart, and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from necc.analysis.regression import HazardRatios
from necc.analysis.survival import FAMILIES, FamilyFit, FamilyName, FittedGroup, KaplanMeier, Parametric, Show
from necc.core.text import NOT_ESTIMABLE, format_number, joined, slug
from necc.present.figures.settings import SHARES, USUAL, CurveSettings
from necc.present.figures.steps import PALE
from necc.present.figures.style import Figure, Json, Style, empty, fade, figure, note
from necc.present.figures.survival import Over, draw_curves
from necc.present.svg import plain
from necc.present.words import headlines
from necc.present.words.captions import parametric as words
from necc.present.words.phrases import capitalised, nothing_of

BANDS_OF = 2  # parametric curves whose limits can be told apart
WIDTH = 0.8  # of a smooth line, as a multiple of the style's
DASHES: dict[FamilyName, str] = {  # none is dotted: that is extrapolation
    "exponential": "dash", "weibull": "solid", "log-normal": "dashdot", "log-logistic": "longdash",
    "generalised-gamma": "longdashdot", "spline": "dashdotdot",
}  # fmt: skip


@figure(headlines.parametric)
def parametric_curves(
    result: Parametric,
    style: Style,
    *,
    km: KaplanMeier,
    families: Sequence[FamilyName] | None = None,
    limits: bool = False,
    settings: CurveSettings = USUAL,
    ratios: HazardRatios | None = None,
) -> Figure:
    """Parametric curves over the Kaplan-Meier curves of the same groups.

    Of one group each family has its colour; of several groups each family has its dash and each group its colour.
    Beyond a group's follow-up its curves are dotted and pale, after a line, and the legend calls it extrapolation.

    Args:
        result: the fits. km: the curves of the same cohort, endpoint and groups.
        style: theme and size.
        families: which are drawn; of one group all that were fitted, of several that with the lowest sum of AIC of
            those fitted in most groups.
        limits: pointwise confidence limits of the smooth curves, of at most two of them; wins over those of
            Kaplan-Meier.
        settings, ratios: how curves are drawn, and hazard ratios on the plot, as of `survival_curves`.

    Raises:
        ValueError: a family that the result doesn't have.

    Example:
        >>> from necc.present import figures
        >>> fits, km = parametric(cohort, "PRS", horizon=120), kaplan_meier(cohort, "PRS")
        >>> figure = figures.parametric_curves(fits, km=km, families=["weibull"])
        >>> [trace["name"] for trace in figure.spec["data"] if trace.get("showlegend")]
        ['Kaplan-Meier (n = 88)', 'Weibull', 'extrapolation']
    """
    name = slug(f"{result.endpoint}-parametric" + (f"-by-{result.by}" if result.by else ""))
    if not km.n:
        return empty(style, name, nothing_of(km.label, km))
    if unknown := [str(f) for f in families or () if f not in result.families]:
        raise ValueError(f"{joined(unknown)} can't be drawn; the result has {joined(result.families)}")
    drawn = tuple(families) if families is not None else result.ranked[: 1 if len(result.groups) > 1 else None]
    lines = [_Line(result, group, fit, style, settings, len(drawn) == 1)
             for group in result.groups for fit in group.fits if fit.converged and fit.family in drawn]  # fmt: skip
    last = min(result.horizon, settings.end or result.horizon)
    banded = limits and 0 < len(lines) <= BANDS_OF
    over = Over(
        named=words.KAPLAN_MEIER, entries=tuple(_entries(drawn, lines, last)), last=last,
        time=result.time, values=tuple(line.value for line in lines),
        draw=partial(_drawn, result, lines, style, settings, drawn, banded),
    )  # fmt: skip
    settings = replace(settings, medians=bool(settings.medians), bands=False if banded else settings.bands)
    shown = tuple(f for f in drawn if any(line.fit.family == f for line in lines))

    def say(marks: str) -> tuple[str, str]:
        caption = words.parametric_caption(result, km, marks, shown, banded, families, last)
        return words.parametric_alt(result, shown), caption

    return draw_curves(km, style, name, settings=settings, tested=False, say=say, over=over, ratios=ratios)


class _Line:
    """One smooth curve: its look, and its values on the scale that is shown."""

    def __init__(
        self, result: Parametric, group: FittedGroup, fit: FamilyFit, style: Style, settings: CurveSettings, alone: bool
    ) -> None:
        """alone: whether no other family is drawn, so that no dash is needed to tell them apart."""
        self.group, self.fit = group, fit
        self.name = capitalised(words.FAMILY_NAMES[fit.family])
        self.dash = "solid" if alone else style.dash(DASHES[fit.family])
        if result.by:
            self.color = style.look(group.name, result.levels, settings.palette)[0]
            self.title = f"{dict(settings.legend).get(group.name, group.name)}: {self.name}"
        else:  # the first colour is the Kaplan-Meier curve's
            self.color = style.look(fit.family, ("", *FAMILIES), settings.palette)[0]
            self.title = self.name
        self.value, self.lower, self.upper = fit.shown(settings.show)

    def parts(self, time: np.ndarray, begin: float, end: float) -> list[tuple[np.ndarray, bool]]:
        """Rows of the part that was followed, and of the extrapolated part, as far as the time axis goes."""
        within = (time >= begin) & (time <= end) & np.isfinite(self.value)
        known = np.flatnonzero(within & (time <= self.group.follow_up))
        beyond = np.flatnonzero(within & (time >= self.group.follow_up))
        return [(rows, far) for rows, far in ((known, False), (beyond, True)) if len(rows) > 1]


def _entries(drawn: Sequence[FamilyName], lines: Sequence[_Line], last: float) -> list[str]:
    """Names of the legend beside those of the Kaplan-Meier curves."""
    there = [f for f in drawn if any(line.fit.family == f for line in lines)]
    beyond = any(line.group.follow_up < last for line in lines)
    return [plain(capitalised(words.FAMILY_NAMES[f])) for f in there] + ([words.EXTRAPOLATION] if beyond else [])


def _drawn(
    result: Parametric, lines: Sequence[_Line], style: Style, settings: CurveSettings, drawn: Sequence[FamilyName],
    banded: bool, begin: float, end: float, reach: tuple[float, float],
) -> tuple[list[Json], list[Json]]:  # fmt: skip
    """All that stands over the Kaplan-Meier curves."""
    data: list[Json] = []
    width = max(1.0, round(style.line * WIDTH, 2))
    first = {f: next((line for line in lines if line.fit.family == f), None) for f in drawn}
    if banded:
        for line in lines:
            data += _band(line, result.time, begin, end, reach)
    for line in lines:
        for rows, beyond in line.parts(result.time, begin, end):
            look = {"color": line.color, "width": width, "dash": "dot" if beyond else line.dash}
            data.append({
                **_trace(line, result, rows, settings.show, beyond), "line": look, "name": plain(line.title),
                "legendgroup": f"fit-{line.fit.family}", "showlegend": False,
                **({"opacity": PALE[style.theme]} if beyond else {}),
            })  # fmt: skip
    for family, of_family in first.items():
        if of_family is not None:
            color = style.ink("muted") if result.by and len(result.groups) > 1 else of_family.color
            data.append(_sample(of_family.name, {"color": color, "width": width, "dash": of_family.dash},
                                legendgroup=f"fit-{family}"))  # fmt: skip
    ends = {line.group.name: line for line in lines if line.group.follow_up < min(result.horizon, end)}
    notes: list[Json] = []
    for line in ends.values():
        data.append(_end(line, style, reach, alone=not result.by))
        if not result.by and settings.show != "log-log":
            notes.append(_named_end(line.group.follow_up, style, end))
    if ends:
        dots = {"color": style.ink("muted"), "width": width, "dash": "dot"}
        data.append(_sample(words.EXTRAPOLATION, dots))
    return data, notes


def _trace(line: _Line, result: Parametric, rows: np.ndarray, show: Show, beyond: bool) -> Json:
    """A part of a smooth line with what the pointer reads."""
    share = show in SHARES
    points = [_limits(line.lower[i], line.upper[i], share) for i in rows]
    digits, value = (0 if result.unit == "days" else 1), "%{y:.1%}" if share else "%{y:.2f}"
    far = f"<br>{words.EXTRAPOLATION}: beyond the follow-up" if beyond else ""
    return {
        "type": "scatter", "mode": "lines", "x": _rounded(result.time[rows], 4), "y": _rounded(line.value[rows], 5),
        "customdata": [[p] for p in points],
        "hovertemplate": f"<b>{plain(line.title)}</b><br>%{{x:.{digits}f}} {plain(result.unit)}: {value} "
        f"({100 * result.level:g} % CI %{{customdata[0]}}){far}<extra></extra>",
    }  # fmt: skip


def _limits(low: float, high: float, share: bool) -> str:
    if not (np.isfinite(low) and np.isfinite(high)):
        return NOT_ESTIMABLE
    scale, digits = (100, 1) if share else (1, 2)
    return "–".join(format_number(scale * float(v), digits) for v in (low, high))


def _rounded(values: np.ndarray, digits: int) -> list[float]:
    return [round(v, digits) for v in values.tolist()]


def _band(line: _Line, time: np.ndarray, begin: float, end: float, reach: tuple[float, float]) -> list[Json]:
    """The limits of a smooth curve, paler where it is extrapolated."""
    data: list[Json] = []
    for rows, beyond in line.parts(time, begin, end):
        rows = rows[np.isfinite(line.lower[rows]) & np.isfinite(line.upper[rows])]
        x, quiet = (
            _rounded(time[rows], 4),
            {"hoverinfo": "skip", "showlegend": False, "type": "scatter", "mode": "lines"},
        )
        low, high = (_rounded(np.clip(v[rows], *reach), 4) for v in (line.lower, line.upper))
        none = {"width": 0, "color": line.color}
        fill = {"fill": "tonexty", "fillcolor": fade(line.color, 0.08 if beyond else 0.16)}
        own = {"legendgroup": f"fit-{line.fit.family}", "line": none, **quiet}
        data += [{"x": x, "y": low, **own}, {"x": x, "y": high, **fill, **own}]
    return data


def _sample(name: str, line: Json, **more: str) -> Json:
    """An entry of the legend, drawn nowhere else."""
    return {"type": "scatter", "mode": "lines", "x": [None], "y": [None], "line": line, "name": plain(name),
            "hoverinfo": "skip", "showlegend": True, **more}  # fmt: skip


def _end(line: _Line, style: Style, reach: tuple[float, float], alone: bool) -> Json:
    """A line from the bottom of the plot to its top where a group's follow-up ends."""
    at = round(line.group.follow_up, 4)
    look = {"color": style.ink("muted") if alone else line.color, "width": 1, "dash": "dash"}
    return {"type": "scatter", "mode": "lines", "x": [at, at], "y": list(reach), "line": look, "hoverinfo": "skip",
            "showlegend": False}  # fmt: skip


def _named_end(at: float, style: Style, end: float) -> Json:
    """The words beside that line, on the side that has room."""
    right = at < 0.7 * end
    return note(style, at, 0.97, words.END, "x", "y domain", xanchor="left" if right else "right", yanchor="top",
                xshift=4 * style.unit if right else -4 * style.unit,
                font={"size": style.small, "color": style.ink("muted")})  # fmt: skip
