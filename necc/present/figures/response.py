"""Response: who had which, rates with exact intervals, best to final, and each patient's course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from necc.analysis.response import Lane, Rate, ResponseBySite, ResponseGroup, ResponseRates, Swimmer, Transitions
from necc.analysis.response.population import MISSING
from necc.core.dictionary import RESPONSES
from necc.core.text import format_p, format_percent, plural, slug
from necc.present.figures.bars import Bar, BarRow, bars, share_hover
from necc.present.figures.picks import missing, of_level, patient, pick, place
from necc.present.figures.scales import axis_end
from necc.present.figures.style import (
    Figure,
    Json,
    Style,
    axis,
    below_axis,
    empty,
    fade,
    figure,
    hints,
    hovered,
    layout,
    legend,
    row_axis,
    time_axis,
)
from necc.present.svg import LINE_HEIGHT, blend, fit_all, plain, text_width, tip_text, wrap_all
from necc.present.words import headlines
from necc.present.words.captions import response as words
from necc.present.words.phrases import since

MAX_LANES = 80
RESPONDING = {"ORR": ("CR", "PR"), "DCR": ("CR", "PR", "SD")}
# what a lane ended with, its symbol, and how far beyond the end of the lane that stands
END_MARKS = tuple(zip(words.ENDS, ("x", "diamond", "triangle-right", "line-ns-open"), (0, 0, 0.012, 0), strict=True))


def _pick(rates: ResponseRates, group: str, *responses: str) -> str:
    """The patients of a level, or of all, who had one of these responses; nothing where its column isn't known."""
    if not rates.column:
        return ""
    had = missing(rates.column) if responses == (MISSING,) else of_level(rates.column, *responses)
    level = of_level(rates.by, group) if any(g.name == group for g in rates.strata) else None
    return pick(level, of_level(rates.given, "yes") if rates.given else None, had)


def _groups(rates: ResponseRates) -> list[ResponseGroup]:
    """Levels that have somebody in the denominator, then all patients."""
    return [g for g in rates.strata if g.orr.of] + [rates.overall]


# ---------------------------------------------------------------- who had which
@figure(headlines.response)
def response_bars(rates: ResponseRates, style: Style, *, whole: ResponseRates | None = None) -> Figure:
    """CR, PR, SD, PD (and, among the treated, NE and not recorded) as shares of each level.

    whole: of the whole cohort, whose shares stand as a thin bar below each.
    """
    name = slug(f"response-{rates.response}-by-{rates.by or 'all'}")
    if not rates.n:
        return empty(style, name, words.nobody(rates))
    groups, before = _groups(rates), _before(rates, whole)
    shown = [k for k in (*RESPONSES, MISSING) if any(_counted(rates, g, k) for g in groups)]
    unit, size = style.unit, style.font
    labels = wrap_all([words.group_name(rates, g) for g in groups], size, style.px * 0.26, lines=3)
    texts = [f"{g.orr.n:,}/{g.orr.of:,}  ({format_percent(g.orr.n, g.orr.of)} %)" for g in groups]
    left = max(text_width(line, size) for lines in labels for line in lines) + 14 * unit
    right = max(text_width(t, style.small) for t in [*texts, "ORR"]) + 22 * unit
    keys, above = legend(style, shown, left + right)
    above += LINE_HEIGHT * style.small
    pitch = max(34 * unit, max(map(len, labels)) * LINE_HEIGHT * size + 6 * unit)
    keys["y"] = 1 + LINE_HEIGHT * style.small / (len(groups) * pitch)
    height = round(above + pitch * len(groups) + below_axis(style))
    plot = style.px - left - right
    spec = {
        "data": [t for k in shown for t in _segments(rates, groups, k, shown, style, plot)]
        + ([_thin(whole, groups, k, style) for k in (*RESPONSES, MISSING)] if whole and before else []),
        "layout": layout(
            style, height, (left, right, above, below_axis(style)), annotations=hints(style, texts, heading="ORR"),
            showlegend=True, legend=keys,
            xaxis=axis(style, 0, 100, range(0, 101, 25), [f"{t} %" for t in range(0, 101, 25)],
                       f"Share of {rates.counted}"),
            yaxis=row_axis(style, ["<br>".join(map(plain, x)) for x in labels]),
        ),
    }  # fmt: skip
    counts = [(g, [(k, _counted(rates, g, k)) for k in shown]) for g in groups]
    narrow = [(words.group_name(rates, g), k, n) for g, row in counts for k, n in row
              if n and not _inside(k, n, n / (g.orr.of or 1) * plot, style)]  # fmt: skip
    return Figure(spec, name, *words.response_bars(rates, counts, narrow, before), style.px, height, style)


def _before(rates: ResponseRates, whole: ResponseRates | None) -> int:
    """Patients of the whole cohort, where the filters left out some of them; 0 where there is nothing to compare."""
    return whole.n if whole is not None and whole.n != rates.n else 0


def _thin(whole: ResponseRates, groups: Sequence[ResponseGroup], level: str, style: Style) -> Json:
    """The shares of one response in the whole cohort, below each level's bar."""
    known = {g.name: g for g in _groups(whole)}
    rows = [(i, known[g.name]) for i, g in enumerate(groups) if g.name in known]
    before = (*RESPONSES, MISSING)[: (*RESPONSES, MISSING).index(level)]
    share = [round(100 * _counted(whole, g, level) / (g.orr.of or 1), 4) for _, g in rows]
    base = [round(100 * sum(_counted(whole, g, k) for k in before) / (g.orr.of or 1), 4) for _, g in rows]
    return {
        "type": "bar", "orientation": "h", "x": share, "y": [-i - 0.41 for i, _ in rows], "base": base,
        "width": [0.1] * len(rows), "marker": {"color": style.response(level)}, "opacity": 0.6, "hoverinfo": "skip",
        "showlegend": False,
    }  # fmt: skip


def _counted(rates: ResponseRates, group: ResponseGroup, level: str) -> int:
    """Patients of a level who are in the denominator."""
    return 0 if rates.denominator == "evaluable" and level in ("NE", MISSING) else group.counts.get(level, 0)


def _segments(
    rates: ResponseRates, groups: list[ResponseGroup], level: str, shown: Sequence[str], style: Style, plot: float
) -> list[Json]:
    """The bars of one response, and inside those that are wide enough its letters and count, or the count alone."""
    before = shown[: shown.index(level)]
    share, base, keys, hover, text = [], [], [], [], []
    for g in groups:
        n, of = _counted(rates, g, level), g.orr.of or 1
        share.append(round(100 * n / of, 4))
        base.append(round(100 * sum(_counted(rates, g, k) for k in before) / of, 4))
        keys.append([g.name, level])
        hover.append(f"<b>{plain(g.name)}</b><br>{plain(words.MEANING.get(level, level))}: {n:,} of {g.orr.of:,} "
                     f"({format_percent(n, g.orr.of)} %)")  # fmt: skip
        text.append(_inside(level, n, share[-1] / 100 * plot, style))
    color, counts = style.response(level), [_counted(rates, g, level) for g in groups]
    y = [-i for i in range(len(groups))]
    middle = [round(b + s / 2, 4) for b, s in zip(base, share, strict=True)]
    edge = style.response_edge(level)
    return [
        {"type": "bar", "orientation": "h", "x": share, "y": y, "base": base, "width": [0.66] * len(y), "name": level,
         "marker": {"color": color, "line": edge}, "showlegend": True, "customdata": keys, **hovered(hover),
         "meta": {"pick": [_pick(rates, g.name, level) if n else "" for g, n in zip(groups, counts, strict=True)],
                  "entry": _pick(rates, rates.overall.name, level),
                  "tip": f"{words.MEANING.get(level, level)}\n{plural(counts[-1], 'patient')}"}},
        {"type": "scatter", "mode": "text", "x": middle, "y": y, "text": text, "hoverinfo": "skip", "showlegend": False,
         "textposition": "middle center",
         "textfont": {"size": style.small, "color": style.on(color)}},
    ]  # fmt: skip


def _inside(level: str, n: int, width: float, style: Style) -> str:
    """What a part of a bar says in `width` pixels."""
    texts = (f"{level} {n:,}", f"{n:,}") if n else ()
    return next((t for t in texts if text_width(t, style.small) + 4 * style.unit <= width), "")


# ---------------------------------------------------------------- rates
@figure(headlines.response_rates)
def response_rates(rates: ResponseRates, style: Style, *, whole: ResponseRates | None = None) -> Figure:
    """ORR and DCR with exact intervals, by level and overall; pale bars behind show the `whole` cohort."""
    name = slug(f"response-rates-{rates.response}-by-{rates.by or 'all'}")
    if not rates.n:
        return empty(style, name, words.nobody(rates))
    groups, before = _groups(rates), _before(rates, whole)
    known = {g.name: g for g in _groups(whole)} if whole and before else {}
    ghosts = {(g.name, k): r.estimate.value for g in known.values() for k, r in (("ORR", g.orr), ("DCR", g.dcr))}
    colors = {"ORR": style.color(0), "DCR": style.color(2)}
    rows = [
        BarRow(
            words.group_name(rates, g),
            tuple(
                replace(
                    _rate_bar(k, r, g.name, colors[k], _pick(rates, g.name, *RESPONDING[k])),
                    ghost=ghosts.get((g.name, k)),
                )
                for k, r in (("ORR", g.orr), ("DCR", g.dcr))
            ),
        )
        for g in groups
    ]
    spec, height = bars(rows, style, f"Share of {rates.counted}", groups=list(colors.items()), points=True)
    return Figure(spec, name, *words.response_rates(rates, groups, before), style.px, height, style)


@figure(headlines.response_by_site)
def response_by_site(result: ResponseBySite, style: Style) -> Figure:
    """ORR with and without each site of recurrence, with p and p adjusted for the number of sites."""
    name = "response-by-site"
    panels = [(r, p) for r, p in zip(result.panels, result.p_adjusted, strict=True) if r.n]
    if not panels:
        return empty(style, name, words.NO_SITES)
    rows = []
    for rates, adjusted in panels:
        by_name = {g.name: g for g in rates.strata}
        row = []
        for level in ("with", "without"):
            color = style.look(level, ())[0]
            group = by_name.get(level)
            none = Bar(rates.by or "", None, None, "", "", color, level)
            means = _pick(rates, level, *RESPONDING["ORR"])
            row.append(_rate_bar(rates.by or "", group.orr, level, color, means) if group and group.orr.of else none)
        p = rates.test.p if rates.test else None
        rows.append(BarRow(rates.by_label, tuple(row), "–" if p is None else f"{format_p(p)} ({format_p(adjusted)})"))
    first = panels[0][0]
    looks = [(f"{level} the site", style.look(level, ())[0]) for level in ("with", "without")]
    spec, height = bars(
        rows, style, f"Objective response, share of {first.counted}", groups=looks, points=True,
        last_title="p (adjusted)",
    )  # fmt: skip
    return Figure(spec, name, *words.response_by_site(result, [r for r, _ in panels]), style.px, height, style)


def _rate_bar(key: str, rate: Rate, group: str, color: str, means: str) -> Bar:
    e = rate.estimate
    hover = share_hover(f"{group}: {key}" if key in ("ORR", "DCR") else group, rate.n, rate.of, e)
    return Bar(key, e.value, e, words.rate_phrase(rate), hover, color, group, pick=means if rate.n else "")


# ---------------------------------------------------------------- best to final
@figure(headlines.always("Best and final response"))
def transitions(changes: Transitions, style: Style) -> Figure:
    """Best (rows) against final response (columns); cells that can't be are crossed out, and marked if they occur."""
    name = "response-transitions"
    if not changes.n:
        return empty(style, name, words.no_transitions(changes))
    k, unit, size = len(changes.levels), style.unit, style.font
    counts = changes.matrix.tolist()
    top = max(max(line) for line in counts) or 1
    scale = [[0.0, style.ink("page")], [1.0, style.color(0)]]
    can = [[not (j < i) for j in range(k)] for i in range(k)]  # a final response better than the best one can't be
    z = [[counts[i][j] if can[i][j] else None for j in range(k)] for i in range(k)]
    side = 64 * unit
    left, above = 112 * unit, 2.6 * size + 22 * unit
    height = round(above + k * side * 0.72 + 10 * unit)
    right = max(style.px - left - k * side * 1.25, 12 * unit)
    cells = [(i, j, counts[i][j]) for i in range(k) for j in range(k)]
    shapes = [_box(i, j, n, style) for i, j, n in cells if not can[i][j]]
    texts, colors, hover = [], [], []
    areas: list[Json] = []
    for i, j, n in cells:
        best, final = changes.levels[i], changes.levels[j]
        texts.append((f"<b>{n:,} !</b>" if n else "×") if not can[i][j] else str(n) if n else "·")
        ink = style.ink("text" if n else "muted")
        colors.append(style.color(1) if n and not can[i][j] else style.on(blend(scale, n / top)) if n else ink)
        why = "" if can[i][j] else f"<br>{words.IMPOSSIBLE}"
        hover.append(f"<b>best {best}, final {final}</b><br>{plural(n, 'patient')}{why}")
        conditions = [of_level(c, r) for c, r in zip(changes.columns, (best, final), strict=True)]
        if n and all(conditions):
            means = pick(of_level(changes.given, "yes") if changes.given else None, *conditions)
            areas.append(place((j - 0.5, j + 0.5), (-i - 0.5, -i + 0.5), tip_text(hover[-1]), means))
    spec = {
        "data": [
            {"type": "heatmap", "z": z, "x": list(range(k)), "y": [-i for i in range(k)], "zmin": 0, "zmax": top,
             "colorscale": scale, "showscale": False, "xgap": 3, "ygap": 3, "hoverinfo": "skip"},
            {"type": "scatter", "mode": "text", "x": [j for _, j, _ in cells], "y": [-i for i, _, _ in cells],
             "text": texts, "textfont": {"size": size * 1.15, "color": colors}, "textposition": "middle center",
             "customdata": [[changes.levels[i], changes.levels[j]] for i, j, _ in cells], "showlegend": False,
             **hovered(hover)},
        ],
        "layout": layout(
            style, height, (left, right, above, 10 * unit), shapes=shapes, meta={"areas": areas},
            xaxis=axis(style, -0.5, k - 0.5, range(k), changes.levels, "Final response", line=False, side="top"),
            yaxis=row_axis(style, changes.levels, title="Best response"),
        ),
    }  # fmt: skip
    return Figure(spec, name, *words.transitions(changes), style.px, height, style)


def _box(i: int, j: int, n: int, style: Style) -> Json:
    line = {"color": style.color(1), "width": 2.5} if n else {"color": style.ink("grid"), "width": 0}
    return {
        "type": "rect", "layer": "below", "xref": "x", "yref": "y", "x0": j - 0.47, "x1": j + 0.47, "y0": -i - 0.47,
        "y1": -i + 0.47, "fillcolor": fade(style.ink("axis"), 0.1), "line": line,
    }  # fmt: skip


# ---------------------------------------------------------------- each patient
@figure(headlines.always("Course of each patient on an ICI"))
def swimmer(plot: Swimmer, style: Style) -> Figure:
    """A lane for each patient: time on the ICI, when a response came, how it ended. No identifiers."""
    name = "ici-swimmer"
    lanes = plot.lanes[:MAX_LANES]
    if not lanes:
        return empty(style, name, words.no_lanes(plot))
    unit, small = style.unit, style.small
    last = max(lane.duration for lane in lanes)
    end = max(axis_end(last * 1.04, plot.unit), last * 1.04)
    pitch = (24 if len(lanes) <= 30 else 15 if len(lanes) <= 50 else 10) * unit
    named = pitch >= 14 * unit
    labels = [lane.label if named else "" for lane in lanes]
    texts = [words.lane_phrase(lane) for lane in lanes]
    left = max(text_width(t, small) for t in [*labels, "0"]) + 16 * unit
    room = style.px * 0.34
    right = (
        min(max(text_width(t, small) for t in [*texts, words.LANE_HEADING]), room) + 18 * unit if named else 14 * unit
    )
    traces = _lane_bars(lanes, style) + _lane_marks(lanes, style, end)
    keys, above = legend(style, [t["name"] for t in traces if t.get("showlegend")], left + right)
    above += LINE_HEIGHT * small
    if style.height and named:  # lanes stand closer, as long as their names don't touch
        pitch = max(min(pitch, (style.height - above - below_axis(style)) / len(lanes)), LINE_HEIGHT * small)
    keys["y"] = 1 + LINE_HEIGHT * small / (len(lanes) * pitch)
    shown = fit_all(texts, small, room) if named else []
    heading = words.LANE_HEADING if shown else ""
    height = round(above + pitch * len(lanes) + below_axis(style))
    spec = {
        "data": traces,
        "layout": layout(
            style, height, (left, right, above, below_axis(style)), showlegend=True, legend=keys,
            annotations=hints(style, shown, 10, heading),
            meta={"areas": [place((0, 1), (-i - 0.5, -i + 0.5), tip_text(_lane_hover(lane)), patient(lane.place),
                                  xref="paper") for i, lane in enumerate(lanes)]},
            xaxis=time_axis(style, end, plot.unit, since(plot.unit, "the start of the ICI"), grid=True),
            yaxis=row_axis(style, [plain(t) for t in labels], small=True, range=[-len(lanes) + 0.4, 0.6]),
        ),
    }  # fmt: skip
    return Figure(spec, name, *words.swimmer(plot, lanes), style.px, height, style)


def _lane_bars(lanes: Sequence[Lane], style: Style) -> list[Json]:
    """A bar trace for each best response, so that the legend tells the colours."""
    traces = []
    for level in (*RESPONSES, None):
        rows = [(i, lane) for i, lane in enumerate(lanes) if lane.best == level]
        if rows:
            hover = [_lane_hover(lane) for _, lane in rows]
            traces.append(
                {"type": "bar", "orientation": "h", "x": [lane.duration for _, lane in rows],
                 "y": [-i for i, _ in rows], "width": [0.62] * len(rows), "name": level or "not recorded",
                 "marker": {"color": style.response(level or ""), "line": style.response_edge(level or "")},
                 "meta": {"pick": [patient(lane.place) for _, lane in rows]}, "showlegend": True, **hovered(hover)}
            )  # fmt: skip
    return traces


def _lane_hover(lane: Lane) -> str:
    return "<br>".join([f"<b>{plain(lane.label)}</b>", *map(plain, words.lane_lines(lane))])


def _lane_marks(lanes: Sequence[Lane], style: Style, end: float) -> list[Json]:
    """Response, and what each lane ended with, as markers of different shapes."""
    size, page = round(9 * style.unit), style.ink("page")
    ink = style.ink("text")
    kinds: list[tuple[str, str, list[tuple[float, int]]]] = [
        ("response", "triangle-up",
         [(lane.time_to_response, -i) for i, lane in enumerate(lanes) if lane.time_to_response is not None]),
        *((words.ENDS[kind], symbol, [(lane.duration + beyond * end, -i) for i, lane in enumerate(lanes)
                                      if lane.end == kind]) for kind, symbol, beyond in END_MARKS),
    ]  # fmt: skip
    return [
        {"type": "scatter", "mode": "markers", "x": [round(x, 4) for x, _ in points], "y": [y for _, y in points],
         "name": word, "showlegend": True, "hoverinfo": "skip", "cliponaxis": False,
         "marker": {"symbol": symbol, "size": size, "color": ink,
                    "line": {"color": ink, "width": 2} if symbol.endswith("-open") else {"color": page, "width": 1}}}
        for word, symbol, points in kinds if points
    ]  # fmt: skip


@figure(headlines.always("Best and final response of each patient"))
def response_ladder(plot: Swimmer, style: Style) -> Figure:
    """Each patient's best and final response on the rungs CR to PD: a waterfall plot without lesion sizes."""
    name = "response-ladder"
    rungs = ("PD", "SD", "PR", "CR")
    known = [lane for lane in plot.lanes if lane.best in rungs][:MAX_LANES]
    if not known:
        return empty(style, name, words.no_rungs(plot))
    known.sort(
        key=lambda lane: (-rungs.index(lane.best or "PD"), -rungs.index(lane.final) if lane.final in rungs else 1)
    )
    unit = style.unit
    x = list(range(len(known)))
    best = [rungs.index(lane.best or "PD") for lane in known]
    final = [rungs.index(lane.final) if lane.final in rungs else None for lane in known]
    lines: list[tuple[float, float | None]] = []
    for i, (b, f) in enumerate(zip(best, final, strict=True)):
        if f is not None and f != b:
            lines += [(i, b), (i, f), (i, None)]
    hover = [
        f"<b>{plain(lane.label)}</b><br>best {lane.best}, final {lane.final or 'not recorded'}"
        + (f"<br>{plain(lane.agent)}" if lane.agent else "") for lane in known
    ]  # fmt: skip
    means = {"pick": [patient(lane.place) for lane in known]}
    marks = {**hovered(hover), "type": "scatter", "mode": "markers", "showlegend": True, "x": x, "meta": means}
    size = round(min(15, max(6, 0.5 * style.px / len(known) / unit)) * unit)
    names = ["best response", "final response"]
    left = text_width("PD", style.font) + style.font * 1.3 + 30 * unit
    keys, above = legend(style, names, left + 12 * unit)
    height = round(above + 170 * unit + style.font * 2 + 16 * unit)
    ink = style.ink("text")
    spec = {
        "data": [
            {"type": "scatter", "mode": "lines", "x": [a for a, _ in lines], "y": [b for _, b in lines],
             "hoverinfo": "skip", "showlegend": False, "line": {"color": style.ink("muted"), "width": style.line}},
            {**marks, "y": best, "name": names[0], "marker": {
                "symbol": "square", "size": size, "color": [style.response(lane.best or "") for lane in known]}},
            {**marks, "y": final, "name": names[1], "marker": {
                "symbol": "circle-open", "size": round(size * 0.62), "color": ink, "line": {"color": ink, "width": 2}}},
        ],
        "layout": layout(
            style, height, (left, 12 * unit, above, style.font * 2 + 16 * unit), showlegend=True, legend=keys,
            xaxis=axis(style, -0.7, len(known) - 0.3, (), title="Patients, best response first", showticklabels=False,
                       marks=False),
            yaxis=axis(style, -0.5, 3.5, range(4), rungs, "Response", grid=True),
        ),
    }  # fmt: skip
    changed = sum(f is not None and f != b for b, f in zip(best, final, strict=True))
    return Figure(spec, name, *words.response_ladder(plot, known, changed), style.px, height, style)
