"""Kaplan-Meier curves on any of their scales, with the numbers at risk under the axis; restricted means as areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from necc.analysis.regression import HazardRatios
from necc.analysis.survival import Curve, KaplanMeier, RestrictedMean, Show, ShownCurve
from necc.core.errors import Finding
from necc.core.guardrails import FEW_AT_RISK
from necc.core.text import format_number, slug
from necc.present.figures.panels import Panel, draw_panels
from necc.present.figures.picks import of_level, pick
from necc.present.figures.room import Room, beside
from necc.present.figures.scales import axis_end, nice_ticks, spread_ticks, tick_text
from necc.present.figures.settings import SHARES, USUAL, CountOf, CurveSettings, fitted
from necc.present.figures.steps import (
    MAX_CENSOR_MARKS,
    PIXELS,
    CountRow,
    StepFrame,
    StepLine,
    curve_chart,
    step_traces,
)
from necc.present.figures.style import (
    MM,
    QUARTERS,
    Described,
    Figure,
    Json,
    Style,
    drawn,
    empty,
    entry_names,
    figure,
    note,
    pixels,
)
from necc.present.svg import fit_all, plain, text_width
from necc.present.words import headlines
from necc.present.words.captions import survival as words
from necc.present.words.captions.settings import ROW_NAMES, cut_axis, ratio_lines, ratios_told, renamed, so_far, too_low
from necc.present.words.captions.survival import SCALES, marks_sentences, no_events, survival_alt, survival_caption
from necc.present.words.phrases import ghost_name, nothing_of, since, test_p

FULL_TABLE_UP_TO = 3  # strata
BANDS_UP_TO = 3  # strata; more bands than that hide each other
Looks = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Over:
    """Other lines over the curves.

    named: what the Kaplan-Meier curve of all patients is called beside them. entries: theirs in the legend.
    last: the time at which they end. time, values: what the value axis is to reach, each of shape (n,).
    draw: traces and notes on a chart whose time axis begins and ends here, and whose value axis has these ends.
    """

    named: str
    entries: tuple[str, ...]
    last: float
    time: np.ndarray
    values: tuple[np.ndarray, ...]
    draw: Callable[[float, float, tuple[float, float]], tuple[list[Json], list[Json]]]

    def within(self, begin: float, end: float) -> list[np.ndarray]:
        """The values within the time axis."""
        rows = (self.time >= begin) & (self.time <= end)
        return [value[rows] for value in self.values]


@figure(headlines.survival)
def survival_curves(
    km: KaplanMeier,
    style: Style,
    *,
    settings: CurveSettings = USUAL,
    show: Show | None = None,
    at: Sequence[float] = (),
    bands: bool | None = None,
    medians: bool | None = None,
    counts: bool = True,
    whole: KaplanMeier | None = None,
    ratios: HazardRatios | None = None,
) -> Figure:
    """Kaplan-Meier curves by level.

    Args:
        km: the result.
        style: theme and size.
        settings: how the curves are drawn; what is said here by itself goes before it.
        show: survival, the risk of the event, the Nelson-Aalen cumulative hazard, or log(-log S) on a log time axis.
        at: ticks of the time axis, in the endpoint's unit; sensible ones without.
        bands: confidence bands; with up to three levels unless said otherwise.
        medians: lines that drop at the medians; with up to three levels unless said otherwise.
        counts: the table of numbers under the axis.
        whole: of the whole cohort, whose curves stand grey behind those of the patients left by the filters.
        ratios: hazard ratios of the same groups, for settings that ask for them on the plot (`hazard_ratios`).

    Example:
        >>> from necc.present import figures
        >>> km = kaplan_meier(cohort, "PRS", by="site:lung")
        >>> figure = figures.survival_curves(km, settings=CurveSettings(end=36, title="Lung recurrence"))
        >>> figure.headline, figure.spec["layout"]["xaxis"]["range"]
        ('Lung recurrence', [0.0, 36.0])
    """
    show = show or settings.show
    name = slug("-".join([km.endpoint, *(["by", km.by] if km.by else []), *([show] if show != "survival" else [])]))
    return draw_curves(
        km, style, name, settings=settings, show=show, at=at, bands=bands, medians=medians, counts=counts,
        whole=whole, ratios=ratios,
    )  # fmt: skip


def draw_curves(
    km: KaplanMeier,
    style: Style,
    name: str,
    *,
    settings: CurveSettings = USUAL,
    show: Show | None = None,
    at: Sequence[float] = (),
    bands: bool | None = None,
    medians: bool | None = None,
    counts: bool = True,
    tested: bool = True,
    looks: Looks | None = None,
    say: Callable[[str], tuple[str, str]] | None = None,
    means: Mapping[str, str] | None = None,
    whole: KaplanMeier | None = None,
    ratios: HazardRatios | None = None,
    over: Over | None = None,
    height: float = 0.0,
) -> Figure:
    """The picture of `survival_curves`, also for groups that are no levels of a factor.

    Args:
        name: of the figure. tested: whether the result's test stands beside the curves.
        looks: colour and dash of each curve, by its name; by its place among the levels without.
        whole: of the whole cohort, drawn grey behind. over: what else is drawn over the curves.
        means: what a click on each curve does, by its name; filters by its level without.
        say: the alternative text and the caption, of a sentence on the marks; those of a factor's levels without.
        ratios: hazard ratios that stand on the plot where the settings ask for them.
        height: of all of it in pixels, lower than usual where a page has much beside it; as the style has it without.
    """
    if not km.n:
        return empty(style, name, nothing_of(km.label, km))
    show = show or settings.show
    asked = fitted(replace(settings, show=show, palette=style.colours(settings.palette)), km)
    settings, told = asked.settings, asked.findings
    if settings.width and style.size == "print" and not style.width:
        style = replace(style, width=pixels(settings.width))
    km, whole, looks, means = _named(km, whole, style, settings, looks, means)
    few = len(km.curves) <= BANDS_UP_TO
    bands, medians = (
        _first(own, wanted, few) for own, wanted in ((bands, settings.bands), (medians, settings.medians))
    )
    shown = [curve.shown(show) for curve in km.curves]
    if not any(np.isfinite(s.value).any() for s in shown):
        return empty(style, name, no_events(km))
    censoring = settings.censoring is not False
    lines = [_line(s, looks[s.curve.name], medians and show in SHARES, censoring) for s in shown]
    behind = whole if whole is not None and whole.n != km.n else None
    entries = _entries(km, style, over.named if over else "")
    framed = partial(
        _frame, km, style, shown, settings, at, counts, looks, means, behind, entries=entries, over=over, height=height
    )
    frame = framed()
    values = _values(km, shown, bands, settings, frame.end, over.within(frame.first, frame.end) if over else ())
    data: list[Json] = _ghosts(behind, style, looks, show, frame.end, values[2]) if behind else []
    percent = show in SHARES and settings.scale == "percent"
    for line, entry in zip(lines, entries, strict=True):
        data += step_traces(
            line, style, frame.end, group=line.name, hover=_hover(km, line.name, show, percent), percent=percent,
            top=values[2],
            band=(0.16 if len(lines) < 3 else 0.11) if bands else 0, name=entry,
            showlegend=len(lines) > 1 or bool(behind or over), pick=means[line.name],
        )  # fmt: skip
    ratios = ratios if settings.ratio else None
    notes = _p_value(km, style, lines, frame.end) if len(lines) > 1 and tested else []
    traces, own = over.draw(frame.first, frame.end, values[1:3]) if over else ([], [])
    data = [*data, *traces]
    room = Room(frame, data, *values[1:3])
    if ratios or (settings != USUAL and notes and not room.holds(notes[0])):
        said = [_test_line(km)] if tested else []
        said += ratio_lines(ratios, _short(ratios, settings, style)) if ratios else []
        frame, notes = beside(said, room, lines[0].start != 1, framed)
    notes = [*notes, *own]
    if show == "survival" and text_width(values[0], style.font) > frame.plot * 0.98:
        values = (words.WITHOUT_EVENT, *values[1:])
    spec = frame.spec(data, notes, *values, column=km.column, label=km.label)
    if not over and not behind:
        spec = Described(spec, curve_chart(frame, lines, entries, bands, values, km.by_label, notes))
    marked = [len(line.ticks(frame.end, PIXELS, MAX_CENSOR_MARKS)) > 0 for line in lines]
    marks = marks_sentences(
        km, show, bands=bands, ticks=any(marked),
        crowded=censoring and any(_censored(c, frame.end) and not m for c, m in zip(km.curves, marked, strict=True)),
        pale=any(line.is_pale_by(frame.end) for line in lines),
    )  # fmt: skip
    before = behind.n if behind else 0
    marks = words.with_settings(words.with_ghost(marks, before), [
        cut_axis(settings.end, max(float(c.time[-1]) for c in km.curves), km.unit) if settings.end else "",
        renamed(settings.legend, km.notes),
        ratios_told(ratios, dict(settings.legend)) if ratios else "",
    ])  # fmt: skip
    alt, caption = (
        say(marks) if say else (words.with_ghost(survival_alt(km, show), before), survival_caption(km, marks))
    )
    if settings.height and style.size == "print" and frame.height > pixels(settings.height) + 1:
        message = too_low(settings.height, frame.height / MM)
        told = (*told, Finding("warning", "settings-height", message))
    return Figure(spec, name, alt, caption, style.px, frame.height, style, noticed=told)


def _short(ratios: HazardRatios, settings: CurveSettings, style: Style) -> dict[str, str]:
    """The words of the levels that ratios compare, short enough for the plot and still different."""
    names, word = [ratios.reference, *(str(t.level) for t in ratios.terms)], dict(settings.legend)
    shown = fit_all([word.get(name, name) for name in names], style.small, 0.22 * style.px)
    return dict(zip(names, shown, strict=True))


def _first(*values: bool | None) -> bool:
    """The first that was said."""
    return next(bool(value) for value in values if value is not None)


def _censored(curve: Curve, end: float) -> bool:
    """Whether somebody is censored before the axis ends."""
    return bool(curve.n_censored[curve.time <= end].any())


def _named(
    km: KaplanMeier, whole: KaplanMeier | None, style: Style, settings: CurveSettings, looks: Looks | None,
    means: Mapping[str, str] | None,
) -> tuple[KaplanMeier, KaplanMeier | None, Looks, Mapping[str, str]]:  # fmt: skip
    """The curves in the order and with the words that were asked for; looks and meanings by these words.

    A level keeps its colour whatever its order and its word.
    """
    levels = km.levels or tuple(c.name for c in km.curves)
    looks = looks or {c.name: style.look(c.name, levels, settings.palette) for c in km.curves}
    means = means or {c.name: pick(of_level(km.by, c.name)) if km.by else "" for c in km.curves}
    word = dict(settings.legend)
    places = {level: place for place, level in enumerate(settings.order)}

    def asked(result: KaplanMeier) -> KaplanMeier:
        order = sorted(result.curves, key=lambda c: places.get(c.name, len(places)))
        return replace(result, curves=tuple(replace(c, name=word.get(c.name, c.name)) for c in order))

    if not word and not places:
        return km, whole, looks, means
    looks = {word.get(name, name): look for name, look in looks.items()}
    means = {word.get(name, name): meant for name, meant in means.items()}
    return asked(km), None if whole is None else asked(whole), looks, means


def _line(shown: ShownCurve, look: tuple[str, str], median: bool, censoring: bool = True) -> StepLine:
    curve = shown.curve
    color, dash = look
    return StepLine(
        name=curve.name, curve=curve, color=color, dash=dash, value=shown.value, start=shown.start, lower=shown.lower,
        upper=shown.upper, from_start=shown.start is not None, median=curve.median.value if median else None,
        censored=censoring,
    )  # fmt: skip


def _hover(km: KaplanMeier, name: str, show: Show, percent: bool = True) -> str:
    value = "%{y:.1%}" if percent and show in SHARES else "%{y:.3f}" if show in SHARES else "%{y:.2f}"
    digits = 1 if km.unit != "days" else 0
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


def _entries(km: KaplanMeier, style: Style, of_all: str = "") -> list[str]:
    """Each level with its n, for the legend; `of_all`: the name where the curve is of all patients."""
    names = entry_names([c.name if km.by else of_all or c.name for c in km.curves], style)
    return [plain(f"{name} (n = {c.n:,})") for name, c in zip(names, km.curves, strict=True)]


def _values(
    km: KaplanMeier, shown: Sequence[ShownCurve], bands: bool, settings: CurveSettings = USUAL, end: float = np.inf,
    more: Sequence[np.ndarray] = (),
) -> tuple[str, float, float, list[float], list[str]]:  # fmt: skip
    """The value axis up to the `end` of the other: title, range, ticks and their labels; it reaches `more`, too."""
    show = shown[0].show
    if show in SHARES:
        ticks = list(QUARTERS)
        labels = [f"{100 * t:g} %" if settings.scale == "percent" else tick_text(t) for t in ticks]
        return SCALES[show].title or km.label, 0, 1.02, ticks, labels
    within = [s.curve.time <= end for s in shown]
    limits = [(s.curve.n_at_risk[w], v[w]) for s, w in zip(shown, within, strict=True)
              for v in (s.lower, s.upper)] if bands else []  # fmt: skip
    curves = [s.value[w] for s, w in zip(shown, within, strict=True)] + list(more)
    if show == "log-log":
        reach = [v for values in curves for v in values] + [v for _, limit in limits for v in limit]
        known = [float(v) for v in reach if np.isfinite(v)]
        ticks = spread_ticks(min(known), max(known))
        return SCALES[show].title, ticks[0], ticks[-1], ticks, list(map(tick_text, ticks))
    # the limits of a few patients' hazard would press all curves down: they may leave the axis
    drawn = np.concatenate(curves + [v[n >= FEW_AT_RISK] for n, v in limits])
    top = max(float(drawn[np.isfinite(drawn)].max(initial=0)), 0.01)
    ticks = nice_ticks(top)
    return SCALES[show].title, 0, top * 1.02, ticks, list(map(tick_text, ticks))


COUNTED: tuple[CountOf, ...] = ("at risk", "censored", "events")
SHORT: tuple[CountOf, ...] = ("at risk", "events")  # in one row, where each stratum has only one


def _frame(
    km: KaplanMeier, style: Style, shown: Sequence[ShownCurve], settings: CurveSettings, at: Sequence[float],
    counts: bool, looks: Looks, picks: Mapping[str, str], whole: KaplanMeier | None = None, above: float = 0.0,
    entries: Sequence[str] = (), over: Over | None = None, height: float = 0.0,
) -> StepFrame:  # fmt: skip
    several, size, largest = len(km.curves) > 1, style.small, max(c.n for c in km.curves)
    full = len(km.curves) <= (1 if style.size == "screen" else 2 if style.projected else FULL_TABLE_UP_TO)
    full = full and not (several and settings.table is not None and len(settings.table) == 1)
    counted = (COUNTED if full else SHORT) if settings.table is None else settings.table
    titles = [ROW_NAMES[of] for of in counted]
    if full:
        names = max((text_width(t, size) for t in [ROW_NAMES["censored"], *titles]), default=0)
        names += 12 * style.unit if several else 0
    else:
        names = 26 * style.unit + min(max(text_width(c.name, size, True) for c in km.curves), 0.24 * style.px)

    def rows(ticks: list[float]) -> list[CountRow]:
        """The counts of each stratum; in one row each where they are many."""
        result = [] if full else [CountRow(so_far(counted), muted=True)]
        for curve in km.curves:
            look = looks[curve.name]
            columns = dict(
                zip(("at risk", "events", "censored"), zip(*curve.counts_at(ticks), strict=True), strict=True)
            )
            row = partial(CountRow, tip=f"{curve.name} (n = {curve.n:,})", pick=picks[curve.name])
            if not full:
                cells = zip(*(columns[of] for of in counted), strict=True)
                result.append(row(curve.name, [_in_one(cell) for cell in cells], look, bold=True))
                continue
            if several:
                result.append(row(curve.name, (), look, bold=True))
            for title, of in zip(titles, counted, strict=True):
                numbers = [f"{n:,}" for n in columns[of]]
                indent = 12 * style.unit if several else 2
                result.append(row(title, numbers, muted=True, indent=indent))
        return result

    drawn = [c for c in (*km.curves, *(whole.curves if whole else ())) if len(c.time)]
    first = 0.0
    if shown[0].show == "log-log":  # its time axis begins a little before the first event
        first = 0.95 * min(float(s.curve.time[np.isfinite(s.value)].min(initial=np.inf)) for s in shown)
    last = max(float(c.time[-1]) for c in drawn)
    return StepFrame(
        style, unit=km.unit, origin=km.origin, last=max(last, over.last if over else 0.0),
        cell=text_width(f"{largest:,}" if full else _in_one([largest] * len(counted)), size),
        names=names + 10 * style.unit, legend_title=km.by_label,
        entries=[*([plain(ghost_name(whole.n))] if whole else []), *entries, *(over.entries if over else ())],
        rows=rows if counts and counted else None, at=at, first=first, end=settings.end or 0.0,
        step=settings.step or 0.0, above=above,
        height=pixels(settings.height) if settings.height and style.size == "print" else height,
    )  # fmt: skip


def _in_one(numbers: Sequence[int]) -> str:
    """`34 (12, 3)`: the counts of a stratum in one cell."""
    first, rest = (f"{n:,}" for n in numbers[:1]), [f"{n:,}" for n in numbers[1:]]
    return "".join(first) + (f" ({', '.join(rest)})" if rest else "")


def _p_value(km: KaplanMeier, style: Style, lines: Sequence[StepLine], end: float) -> list[Json]:
    """The test, where the curves leave room: at the top where they fall, at the bottom where they stay high."""
    rising = lines[0].start != 1
    drawn = [(line.value[rows], line.curve.time[rows]) for line in lines for rows in [line.rows(end)]]
    drawn = [(value[time <= end], time[time <= end]) for value, time in drawn]
    left = rising or max(float(value[time >= 0.6 * end].max(initial=0)) for value, time in drawn) > 0.8
    low = left and not rising
    place = {"y": 0.03, "yanchor": "bottom"} if low else {"y": 0.97, "yanchor": "top"}
    side = {"x": 0.015, "xanchor": "left"} if left else {"x": 0.99, "xanchor": "right"}
    text, look = plain(_test_line(km)), {"size": style.font, "color": style.ink("text")}
    return [{**note(style, 0, 0, text, "x domain", "y domain", font=look), **side, **place}]


def _test_line(km: KaplanMeier) -> str:
    return f"{km.test.name} {test_p(km.test)}"


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
