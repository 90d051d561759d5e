"""Kaplan-Meier curves on any of their scales, with the numbers at risk under the axis; restricted means as areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from necc.analysis.survival import KaplanMeier, RestrictedMean, Show, ShownCurve
from necc.core.guardrails import FEW_AT_RISK
from necc.core.text import format_number, slug
from necc.present.figures.panels import Panel, draw_panels
from necc.present.figures.picks import of_level, pick
from necc.present.figures.scales import axis_end, nice_ticks, spread_ticks, tick_text
from necc.present.figures.steps import (
    MAX_CENSOR_MARKS,
    PIXELS,
    CountRow,
    StepFrame,
    StepLine,
    step_traces,
)
from necc.present.figures.style import QUARTERS, Figure, Json, Style, drawn, empty, entry_names, figure, note
from necc.present.svg import plain, text_width
from necc.present.words import headlines
from necc.present.words.captions import survival as words
from necc.present.words.captions.survival import SCALES, marks_sentences, no_events, survival_alt, survival_caption
from necc.present.words.phrases import ghost_name, nothing_of, since, test_p

FULL_TABLE_UP_TO = 3  # strata
BANDS_UP_TO = 3  # strata; more bands than that hide each other
SHARES = ("survival", "risk")
Looks = Mapping[str, tuple[str, str]]


@figure(headlines.survival)
def survival_curves(
    km: KaplanMeier,
    style: Style,
    *,
    show: Show = "survival",
    at: Sequence[float] = (),
    bands: bool | None = None,
    medians: bool | None = None,
    counts: bool = True,
    whole: KaplanMeier | None = None,
) -> Figure:
    """Kaplan-Meier curves by level.

    Args:
        km: the result.
        style: theme and size.
        show: survival, the risk of the event, the Nelson-Aalen cumulative hazard, or log(-log S) on a log time axis.
        at: ticks of the time axis, in the endpoint's unit; sensible ones without.
        bands: confidence bands; with up to three levels unless said otherwise.
        medians: lines that drop at the medians; with up to three levels unless said otherwise.
        counts: the table of numbers under the axis.
        whole: of the whole cohort, whose curves stand grey behind those of the patients left by the filters.
    """
    name = slug("-".join([km.endpoint, *(["by", km.by] if km.by else []), *([show] if show != "survival" else [])]))
    return draw_curves(km, style, name, show=show, at=at, bands=bands, medians=medians, counts=counts, whole=whole)


def draw_curves(
    km: KaplanMeier,
    style: Style,
    name: str,
    *,
    show: Show = "survival",
    at: Sequence[float] = (),
    bands: bool | None = None,
    medians: bool | None = None,
    counts: bool = True,
    tested: bool = True,
    looks: Looks | None = None,
    say: Callable[[str], tuple[str, str]] | None = None,
    means: Mapping[str, str] | None = None,
    whole: KaplanMeier | None = None,
) -> Figure:
    """The picture of `survival_curves`, also for groups that are no levels of a factor.

    Args:
        name: of the figure. tested: whether the result's test stands beside the curves.
        looks: colour and dash of each curve, by its name; by its place among the levels without.
        whole: of the whole cohort, drawn grey behind.
        means: what a click on each curve does, by its name; filters by its level without.
        say: the alternative text and the caption, of a sentence on the marks; those of a factor's levels without.
    """
    if not km.n:
        return empty(style, name, nothing_of(km.label, km))
    few = len(km.curves) <= BANDS_UP_TO
    levels = km.levels or tuple(c.name for c in km.curves)
    looks = looks or {c.name: style.look(c.name, levels) for c in km.curves}
    bands, medians = (few if bands is None else bands), (few if medians is None else medians)
    shown = [curve.shown(show) for curve in km.curves]
    if not any(np.isfinite(s.value).any() for s in shown):
        return empty(style, name, no_events(km))
    lines = [_line(s, looks[s.curve.name], medians and show in SHARES) for s in shown]
    means = means or {c.name: pick(of_level(km.by, c.name)) if km.by else "" for c in km.curves}
    behind = whole if whole is not None and whole.n != km.n else None
    frame = _frame(km, style, shown, at, counts, looks, means, behind)
    values = _values(km, shown, bands)
    data: list[Json] = _ghosts(behind, style, looks, show, frame.end, values[2]) if behind else []
    for line, entry in zip(lines, _entries(km, style), strict=True):
        data += step_traces(
            line, style, frame.end, group=line.name, hover=_hover(km, line.name, show), percent=show in SHARES,
            top=values[2],
            band=(0.16 if len(lines) < 3 else 0.11) if bands else 0, name=entry,
            showlegend=len(lines) > 1 or bool(behind), pick=means[line.name],
        )  # fmt: skip
    notes = _p_value(km, style, lines, frame.end) if len(lines) > 1 and tested else []
    spec = frame.spec(data, notes, *values, column=km.column, label=km.label)
    marked = [len(line.ticks(frame.end, PIXELS, MAX_CENSOR_MARKS)) > 0 for line in lines]
    marks = marks_sentences(
        km, show, bands=bands, ticks=any(marked),
        crowded=any(c.n_censored.any() and not m for c, m in zip(km.curves, marked, strict=True)),
        pale=any(line.turns_pale for line in lines),
    )  # fmt: skip
    before = behind.n if behind else 0
    marks = words.with_ghost(marks, before)
    alt, caption = (
        say(marks) if say else (words.with_ghost(survival_alt(km, show), before), survival_caption(km, marks))
    )
    return Figure(spec, name, alt, caption, style.px, frame.height, style)


def _line(shown: ShownCurve, look: tuple[str, str], median: bool) -> StepLine:
    curve = shown.curve
    color, dash = look
    return StepLine(
        name=curve.name, curve=curve, color=color, dash=dash, value=shown.value, start=shown.start, lower=shown.lower,
        upper=shown.upper, from_start=shown.start is not None, median=curve.median.value if median else None,
        censored=True,
    )  # fmt: skip


def _hover(km: KaplanMeier, name: str, show: Show) -> str:
    digits, value = (1 if km.unit != "days" else 0), "%{y:.1%}" if show in SHARES else "%{y:.2f}"
    return (
        f"<b>{plain(name)}</b><br>%{{x:.{digits}f}} {plain(km.unit)}: {value} "
        f"({100 * km.level:g} % CI %{{customdata[0]}})<br>at risk %{{customdata[1]}}, "
        "events so far %{customdata[2]}, censored so far %{customdata[3]}<extra></extra>"
    )


def _ghosts(
    whole: KaplanMeier, style: Style, looks: Looks, show: Show, end: float, top: float
) -> list[Json]:  # fmt: skip
    """The whole cohort's curves, thin and grey, each in the dash of its level."""
    data: list[Json] = []
    shown = [curve.shown(show) for curve in whole.curves if curve.name in looks]
    for i, one in enumerate(s for s in shown if np.isfinite(s.value).any()):
        line = StepLine(
            name=one.curve.name, curve=one.curve, color=style.ink("axis"), dash=looks[one.curve.name][1],
            value=one.value, start=one.start, pale=False, width=0.6,
        )  # fmt: skip
        hover = _hover(whole, _ghost_of(whole, one.curve.name), show)
        data += step_traces(
            line, style, end, group="ghost", hover=hover, percent=show in SHARES, top=top, band=0,
            name=plain(ghost_name(whole.n)), showlegend=i == 0,
        )  # fmt: skip
    return data


def _ghost_of(whole: KaplanMeier, name: str) -> str:
    """What a grey curve is, for the pointer."""
    return f"{ghost_name(whole.n)}: {name}" if whole.by else ghost_name(whole.n)


def _entries(km: KaplanMeier, style: Style) -> list[str]:
    """Each level with its n, for the legend."""
    names = entry_names([c.name for c in km.curves], style)
    return [plain(f"{name} (n = {c.n:,})") for name, c in zip(names, km.curves, strict=True)]


def _values(
    km: KaplanMeier, shown: Sequence[ShownCurve], bands: bool
) -> tuple[str, float, float, list[float], list[str]]:
    """The value axis: title, range, ticks and their labels."""
    show = shown[0].show
    if show in SHARES:
        ticks = list(QUARTERS)
        return SCALES[show].title or km.label, 0, 1.02, ticks, [f"{100 * t:g} %" for t in ticks]
    limits = [(s.curve.n_at_risk, v) for s in shown for v in (s.lower, s.upper)] if bands else []
    if show == "log-log":
        reach = [v for s in shown for v in s.value] + [v for _, limit in limits for v in limit]
        known = [float(v) for v in reach if np.isfinite(v)]
        ticks = spread_ticks(min(known), max(known))
        return SCALES[show].title, ticks[0], ticks[-1], ticks, list(map(tick_text, ticks))
    # the limits of a few patients' hazard would press all curves down: they may leave the axis
    drawn = np.concatenate([s.value for s in shown] + [v[n >= FEW_AT_RISK] for n, v in limits])
    top = max(float(drawn[np.isfinite(drawn)].max(initial=0)), 0.01)
    ticks = nice_ticks(top)
    return SCALES[show].title, 0, top * 1.02, ticks, list(map(tick_text, ticks))


def _frame(
    km: KaplanMeier, style: Style, shown: Sequence[ShownCurve], at: Sequence[float], counts: bool, looks: Looks,
    picks: Mapping[str, str], whole: KaplanMeier | None = None,
) -> StepFrame:  # fmt: skip
    full = len(km.curves) <= (2 if style.size == "presentation" else FULL_TABLE_UP_TO)
    several, size, largest = len(km.curves) > 1, style.small, max(c.n for c in km.curves)
    if full:
        names = text_width("Censored", size) + (12 * style.unit if several else 0)
    else:
        names = 26 * style.unit + min(max(text_width(c.name, size, True) for c in km.curves), 0.24 * style.px)

    def rows(ticks: list[float]) -> list[CountRow]:
        """At risk, censored and events of each stratum; in one row each where they are many."""
        result = [] if full else [CountRow("At risk (events so far)", muted=True)]
        for curve in km.curves:
            look = looks[curve.name]
            at_risk, events, censored = zip(*curve.counts_at(ticks), strict=True)
            row = partial(CountRow, tip=f"{curve.name} (n = {curve.n:,})", pick=picks[curve.name])
            if not full:
                numbers = [f"{r:,} ({e:,})" for r, e in zip(at_risk, events, strict=True)]
                result.append(row(curve.name, numbers, look, bold=True))
                continue
            if several:
                result.append(row(curve.name, (), look, bold=True))
            for name, column in (("At risk", at_risk), ("Censored", censored), ("Events", events)):
                numbers = [f"{n:,}" for n in column]
                indent = 12 * style.unit if several else 2
                result.append(row(name, numbers, muted=True, indent=indent))
        return result

    drawn = [c for c in (*km.curves, *(whole.curves if whole else ())) if len(c.time)]
    first = 0.0
    if shown[0].show == "log-log":  # its time axis begins a little before the first event
        first = 0.95 * min(float(s.curve.time[np.isfinite(s.value)].min(initial=np.inf)) for s in shown)
    return StepFrame(
        style, unit=km.unit, origin=km.origin, last=max(float(c.time[-1]) for c in drawn),
        cell=text_width(f"{largest:,}" if full else f"{largest:,} ({largest:,})", size),
        names=names + 10 * style.unit, legend_title=km.by_label,
        entries=[*([plain(ghost_name(whole.n))] if whole else []), *_entries(km, style)],
        rows=rows if counts else None, at=at, first=first,
    )  # fmt: skip


def _p_value(km: KaplanMeier, style: Style, lines: Sequence[StepLine], end: float) -> list[Json]:
    """The test, where the curves leave room: at the top where they fall, at the bottom where they stay high."""
    rising = lines[0].start != 1
    drawn = [(line.value[rows], line.curve.time[rows]) for line in lines for rows in [line.rows(end)]]
    left = rising or max(float(value[time >= 0.6 * end].max(initial=0)) for value, time in drawn) > 0.8
    low = left and not rising
    place = {"y": 0.03, "yanchor": "bottom"} if low else {"y": 0.97, "yanchor": "top"}
    side = {"x": 0.015, "xanchor": "left"} if left else {"x": 0.99, "xanchor": "right"}
    text, look = plain(f"{km.test.name} {test_p(km.test)}"), {"size": style.font, "color": style.ink("text")}
    return [{**note(style, 0, 0, text, "x domain", "y domain", font=look), **side, **place}]


@figure(headlines.restricted)
def restricted_areas(means: RestrictedMean, style: Style, *, km: KaplanMeier) -> Figure:
    """A panel for each group: its Kaplan-Meier curve with the area up to tau shaded, and the mean."""
    name = slug(f"{means.endpoint}-restricted-mean" + (f"-by-{means.by}" if means.by else ""))
    if not means.n or not means.tau:
        return empty(style, name, words.no_mean(means))
    end = max(axis_end(max(float(c.time[-1]) for c in km.curves), means.unit, 5), means.tau)
    levels = km.levels or tuple(c.name for c in km.curves)
    panels, pale = [], False
    for group, curve in zip(means.groups, km.curves, strict=True):
        color, dash = style.look(curve.name, levels)
        shown = words.mean_phrase(group, means.unit)
        line = StepLine(name=curve.name, curve=curve, color=color, dash=dash, value=curve.survival, start=1.0,
                        shaded_to=None if group.mean.value is None else means.tau)  # fmt: skip
        pale = pale or line.turns_pale
        title = f"{means.by_label}: {curve.name}" if means.by else means.label
        panels.append(
            Panel("", title, (shown,), (line,), f"{curve.name}: {shown}", end,
                  pick=pick(of_level(km.by, curve.name)) if km.by else "",
                  told=f"{curve.name} (n = {curve.n:,})\n{shown}")
        )  # fmt: skip
    body, height = draw_panels(
        panels, style, unit=means.unit, key_note=f"shaded: up to {format_number(means.tau)} {means.unit}; numbers "
        "below: at risk", x_title=since(means.unit, km.origin), ratio=0.6,
    )  # fmt: skip
    what, alt = words.restricted_title(means), words.restricted_alt(means)
    return drawn(body, height, style, name, what, alt, words.restricted_caption(means, pale))
