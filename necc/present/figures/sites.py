"""Where the disease came back: bars with exact intervals, combinations, pairs, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from necc.analysis.recurrence import (
    CoOccurrence,
    OrganDistribution,
    Pattern,
    SiteCount,
    SiteDistribution,
    SitePair,
    Timing,
    TimingGroup,
)
from necc.analysis.recurrence.distribution import UNNAMED
from necc.core.dictionary import N_SITES, ORGAN
from necc.core.estimate import Estimate
from necc.core.text import format_p, format_percent, plural, slug
from necc.present.figures.bars import Bar, BarRow, bars, behind, columns, share_hover
from necc.present.figures.picks import dragged, of_level, only_sites, pick, place, site
from necc.present.figures.scales import axis_end, nice_ticks, tick_text
from necc.present.figures.style import (
    Figure,
    Json,
    Style,
    axis,
    below_axis,
    empty,
    entry_names,
    fade,
    figure,
    hints,
    hovered,
    layout,
    legend,
    note,
    row_axis,
    time_axis,
)
from necc.present.svg import LINE_HEIGHT, blend, fit_all, plain, text_width, tip_text, wrap_all
from necc.present.words import headlines
from necc.present.words.captions import sites as words
from necc.present.words.phrases import unit_since

MAX_PATTERNS = 15
MAX_DOTS = 200  # patients drawn one by one in the strip of times


# ---------------------------------------------------------------- bars
@figure(headlines.sites)
def site_bars(distribution: SiteDistribution, style: Style, *, whole: SiteDistribution | None = None) -> Figure:
    """Sites with n, percent and exact interval; pale bars behind show the whole cohort where `whole` is given."""
    if not distribution.n:
        return empty(style, "recurrence-sites", words.nobody(distribution))
    ghosts = {s.name: s.proportion.value for s in whole.sites} if whole and whole.n != distribution.n else {}
    rows = [
        BarRow(s.label, (_bar(s, style.color(0), pick(site(s.name)), ghost=ghosts.get(s.name)),))
        for s in sorted(distribution.sites, key=lambda s: -s.n)
    ]
    spec, height = bars(rows, style, "Patients with the site", ghost_name="all patients")
    said = words.site_bars(distribution, whole if ghosts else None)
    return Figure(spec, "recurrence-sites", *said, style.px, height, style)


@figure(headlines.sites)
def site_bars_by(
    distribution: SiteDistribution, style: Style, *, whole: SiteDistribution | None = None
) -> Figure:  # fmt: skip
    """Sites by the levels of a factor, with p and p adjusted for the number of sites.

    whole: the same by the same factor in the whole cohort, whose bars stand pale behind.
    """
    name = slug(f"recurrence-sites-by-{distribution.by}")
    if not distribution.strata:
        return empty(style, name, words.nobody(distribution))
    levels = distribution.levels
    colors = {s.name: style.look(s.name, levels)[0] for s in distribution.strata}
    tests = {t.site: t for t in distribution.tests}
    before = whole if whole and whole.n != distribution.n else None
    ghosts = {(s.name, c.name): c.proportion.value for s in before.strata for c in s.sites} if before else {}
    rows = []
    for i, one in enumerate(distribution.sites):
        test = tests.get(one.name)
        p = "" if test is None or test.test.p is None else f"{format_p(test.test.p)} ({format_p(test.p_adjusted)})"
        row = tuple(
            _bar(
                s.sites[i],
                colors[s.name],
                pick(of_level(distribution.by, s.name), site(one.name)),
                s.name,
                ghosts.get((s.name, one.name)),
            )
            for s in distribution.strata
        )
        rows.append(BarRow(one.label, row, p or "–"))
    names = entry_names([s.name for s in distribution.strata], style)
    groups = [(f"{name} (n = {s.n:,})", colors[s.name]) for name, s in zip(names, distribution.strata, strict=True)]
    several = len(distribution.strata) > 1
    spec, height = bars(
        rows if several else [BarRow(r.label, r.bars) for r in rows], style, "Patients with the site", groups=groups,
        legend_title=distribution.by_label, last_title="p (adjusted)" if several else "",
        ghost_name="all patients",
    )  # fmt: skip
    return Figure(
        spec,
        name,
        *words.site_bars_by(distribution, sum(s.n for s in before.strata) if before else 0),
        style.px,
        height,
        style,
    )


@figure(headlines.organs)
def organ_bars(organs: OrganDistribution, style: Style) -> Figure:
    """Organs within a site, in the patients who have it."""
    name = slug(f"organs-{organs.site}")
    if not organs.n or not organs.organs:
        return empty(style, name, words.no_organs(organs))
    rows = [BarRow(o.label, (_bar(o, style.color(2), _organ_pick(o.name)),)) for o in organs.organs]
    spec, height = bars(rows, style, f"Share of the patients with the site: {organs.label}")
    return Figure(spec, name, *words.organ_bars(organs), style.px, height, style)


def _organ_pick(organ: str) -> str:
    """Nothing for the row of those whose organ isn't named, which no column says."""
    return pick(of_level(f"{ORGAN}{organ}", "with")) if organ != UNNAMED else ""


def _bar(counted: SiteCount, color: str, picked: str, group: str = "", ghost: float | None = None) -> Bar:
    p: Estimate = counted.proportion
    hover = share_hover(f"{counted.label}, {group}" if group else counted.label, counted.n, counted.of, p)
    means = picked if counted.n else ""
    return Bar(counted.name, p.value, p, words.count_phrase(counted), hover, color, group, ghost, means)


@figure(headlines.always("Number of sites at first recurrence"))
def number_of_sites(
    distribution: SiteDistribution, style: Style, *, whole: SiteDistribution | None = None
) -> Figure:  # fmt: skip
    """How many sites a patient has at first recurrence; pale bars behind show the `whole` cohort."""
    counted = dict(distribution.n_sites)
    if not counted:
        return empty(style, "number-of-sites", words.nobody(distribution))
    before = dict(whole.n_sites) if whole and whole.n != distribution.n else {}
    keys = list(range(min([*counted, *before]), max([*counted, *before]) + 1))
    values = [counted.get(k, 0) for k in keys]
    n = sum(values)
    texts = [f"{v:,} ({format_percent(v, n)} %)" for v in values]
    labels = [str(k) for k in keys]
    picks = [pick(of_level(N_SITES, label)) if n else "" for label, n in zip(labels, values, strict=True)]
    ghosts = [before.get(k, 0) for k in keys] if before else []
    spec, height = columns(
        labels, values, texts, style, "Number of sites at first recurrence", "Patients", picks, ghosts
    )
    said = words.number_of_sites(distribution, list(zip(keys, values, strict=True)), sum(ghosts))
    return Figure(spec, "number-of-sites", *said, style.px, height, style)


# ---------------------------------------------------------------- combinations
@figure(headlines.together)
def upset(
    together: CoOccurrence, style: Style, *, most: int = MAX_PATTERNS, whole: CoOccurrence | None = None
) -> Figure:  # fmt: skip
    """Which exact combinations occur: a bar for each, and under it the sites that make it up (UpSet).

    Patients without any site, and the combinations beyond the `most` frequent, have a bar each: the bars add up to
    the patients whose sites are all recorded. The same combinations of the `whole` cohort stand pale behind.
    """
    name = "site-combinations"
    every = [p for p in together.patterns if p.sites]
    widest = text_width(f"{max((p.n for p in every), default=0):,}", style.small)
    most = min(most, max(int((0.74 * style.px - 70 * style.unit) / (widest + 4)) - 2, 3))  # as their numbers have room
    none = sum(p.n for p in together.patterns if not p.sites)
    patterns, rest = every[:most], every[most:]
    if not patterns:
        return empty(style, name, words.nobody(together))
    sizes = {s: int(together.matrix[i, i]) for i, s in enumerate(together.sites)}
    order = [s for s in sorted(together.sites, key=lambda s: -sizes[s]) if sizes[s]]
    labels = dict(zip(together.sites, together.labels, strict=True))
    others = [(words.NO_SITE, words.NO_SITE, none)] if none else []
    if rest:
        others.append((*words.further(rest), sum(p.n for p in rest)))
    n = sum(p.n for p in together.patterns)
    picks = [only_sites(p.sites, together.sites) for p in patterns] + [only_sites((), together.sites)] * bool(none)
    everybody = sum(p.n for p in whole.patterns) if whole and together.sites == whole.sites else n
    ghosts = _ghost_counts(whole, patterns, none > 0, bool(rest)) if whole and everybody != n else []
    spec, height = draw_patterns(patterns, style, n=n, order=order, sizes=sizes, labels=labels, others=others,
                                 picks=picks, rows={s: pick(site(s)) for s in order}, ghosts=ghosts)  # fmt: skip
    said = words.upset(together, patterns, rest, none, everybody if ghosts else 0)
    return Figure(spec, name, *said, style.px, height, style)


def _ghost_counts(whole: CoOccurrence, shown: Sequence[Pattern], none: bool, rest: bool) -> list[int]:
    """In the whole cohort: the patients of each combination that has a bar, of no site, and of all other ones."""
    counts = {frozenset(p.sites): p.n for p in whole.patterns}
    bars_ = [counts.get(frozenset(p.sites), 0) for p in shown]
    nowhere = counts.get(frozenset(), 0)
    others = sum(counts.values()) - sum(bars_) - nowhere
    return [*bars_, *([nowhere] if none else []), *([others] if rest else [])]


def draw_patterns(
    patterns: Sequence[Pattern], style: Style, *, n: int, order: Sequence[str], sizes: Mapping[str, int],
    labels: Mapping[str, str], others: Sequence[tuple[str, str, int]] = (), picks: Sequence[str] = (),
    rows: Mapping[str, str] | None = None, ghosts: Sequence[int] = (),
) -> tuple[Json, int]:  # fmt: skip
    """The description and height of a bar for each exact combination, and under it what makes it up (UpSet).

    Args:
        patterns: the combinations, in order. n: of how many patients the shares are.
        order: the rows of dots, by name; each with how many have it (`sizes`) and what it is called (`labels`).
        others: bars without dots: what they stand for, in full and in short, and their patients.
        picks: what a click on each bar means, those without dots after the others. rows: what one on a row means.
        ghosts: the same counts in all patients, pale behind the bars.
    """
    unit, size = style.unit, style.font
    pitch = 24 * unit
    below, gap = len(order) * pitch, 8 * unit
    above = max(style.px * 9 / 16 - below - 40 * unit if style.projected else 0.25 * style.px, 120 * unit)
    if style.height:
        above = max(min(above, style.height - below - 26 * unit), 120 * unit)
    names = fit_all([labels[s] for s in order], size, style.px * 0.26)
    texts = {s: f"{name}  {sizes[s]:,}" for s, name in zip(order, names, strict=True)}
    top = max([p.n for p in patterns] + [k for *_, k in others] + [*ghosts])
    counted = text_width(f"{top:,}", size) + size * 1.3 + 22 * unit  # the counts of the upper axis, and its title
    left = max([text_width(t, size) + 12 * unit for t in texts.values()] + [counted])
    margin = (left, 12 * unit, 10 * unit, 8 * unit)
    inside = above + gap + below
    combined = [(" + ".join(labels[s] for s in p.sites), p.n) for p in patterns] + [(name, k) for name, _, k in others]
    picks = [*picks, *[""] * (len(combined) - len(picks))]
    hover = [f"<b>{plain(c)}</b><br>{plural(k, 'patient')} ({format_percent(k, n)} %)" for c, k in combined]
    areas = [place((x - 0.5, x + 0.5), (0, 1), tip_text(h), p, yref="paper")
             for x, (h, p) in enumerate(zip(hover, picks, strict=True)) if p]  # fmt: skip
    areas += [
        place((-left / (style.px - left - margin[1]), 0), (-i - 0.5, -i + 0.5),
              f"{labels[s]}\n{plural(sizes[s], 'patient')}", (rows or {})[s], xref="paper", yref="y2")
        for i, s in enumerate(order if rows else ())
    ]  # fmt: skip
    data = [behind(ghosts, style)] if ghosts else []
    data += [_pattern_bars(combined, patterns, picks, hover, style), *_pattern_dots(patterns, order, style)]
    data.append(_pattern_counts([p.n for p in patterns] + [k for *_, k in others], style))
    notes = [_beside_dots(len(patterns) + i, texts, len(order), below, style) for i, (*texts, _) in enumerate(others)]
    ticks = [t for t in nice_ticks(top, 4) if t == int(t)]
    stripes = [
        {"type": "rect", "layer": "below", "xref": "paper", "yref": "y2", "x0": 0, "x1": 1, "y0": -i - 0.5,
         "y1": -i + 0.5, "fillcolor": fade(style.ink("axis"), 0.1), "line": {"width": 0}}
        for i in range(0, len(order), 2)
    ]  # fmt: skip
    spec = {
        "data": data,
        "layout": layout(
            style, inside + margin[2] + margin[3], margin, shapes=stripes, annotations=notes, meta={"areas": areas},
            xaxis=axis(style, -0.7, len(patterns) + len(others) - 0.3, (), anchor="y", showticklabels=False,
                       marks=False),
            yaxis=axis(style, 0, top * 1.12, ticks, list(map(tick_text, ticks)), "Patients", grid=True,
                       domain=[1 - above / inside, 1]),
            yaxis2=row_axis(style, [plain(texts[s]) for s in order], domain=[0, below / inside], anchor="x"),
        ),
    }  # fmt: skip
    return spec, round(inside + margin[2] + margin[3])


def _pattern_bars(
    combined: Sequence[tuple[str, int]], patterns: Sequence[Pattern], picks: Sequence[str], hover: Sequence[str],
    style: Style,
) -> Json:  # fmt: skip
    colors = [style.color(0 if len(p.sites) == 1 else 1) for p in patterns]
    colors += [style.ink("axis")] * (len(combined) - len(patterns))
    return {
        "type": "bar", "orientation": "v", "x": list(range(len(combined))), "y": [k for _, k in combined],
        "width": [0.62] * len(combined), "showlegend": False, "marker": {"color": colors},
        "customdata": [["|".join(p.sites)] for p in patterns] + [[""]] * (len(combined) - len(patterns)),
        "meta": {"pick": list(picks)}, **hovered(hover),
    }  # fmt: skip


def _pattern_dots(patterns: Sequence[Pattern], order: Sequence[str], style: Style) -> list[Json]:
    """Empty and full dots, and a line through the sites of a combination."""
    hidden = {"hoverinfo": "skip", "showlegend": False, "yaxis": "y2", "type": "scatter"}
    size = round(10 * style.unit)
    cells = [(x, -order.index(s)) for x, p in enumerate(patterns) for s in order if s not in p.sites]
    full = [(x, -order.index(s), len(p.sites) > 1) for x, p in enumerate(patterns) for s in p.sites]
    lines: list[tuple[int, int | None]] = []
    for x, p in enumerate(patterns):
        rows = [-order.index(s) for s in p.sites]
        if len(rows) > 1:
            lines += [(x, max(rows)), (x, min(rows)), (x, None)]
    look = {"color": style.color(1), "width": max(2.0, style.line)}
    return [
        {**hidden, "mode": "markers", "x": [x for x, _ in cells], "y": [y for _, y in cells],
         "marker": {"size": size, "color": style.ink("ghost"), "symbol": "circle"}},
        {**hidden, "mode": "lines", "x": [x for x, _ in lines], "y": [y for _, y in lines], "line": look},
        {**hidden, "mode": "markers", "x": [x for x, _, _ in full], "y": [y for _, y, _ in full],
         "marker": {"size": size, "symbol": "circle", "color": [style.color(int(several)) for *_, several in full]}},
    ]  # fmt: skip


def _pattern_counts(counts: Sequence[int], style: Style) -> Json:
    return {
        "type": "scatter", "mode": "text", "x": list(range(len(counts))), "y": list(counts), "showlegend": False,
        "text": [f"{k:,}" for k in counts], "textposition": "top center", "hoverinfo": "skip", "cliponaxis": False,
        "textfont": {"size": style.small, "color": style.ink("text")},
    }  # fmt: skip


def _beside_dots(x: int, texts: Sequence[str], rows: int, height: float, style: Style) -> Json:
    """What a bar without dots stands for, written upwards where the dots would be, in the longest words that fit."""
    text = next((t for t in texts if text_width(t, style.small) <= height), "…")
    return note(style, x, -(rows - 1) / 2, plain(text), "x", "y2", xanchor="center", textangle=-90)


@figure(headlines.pairs)
def site_matrix(together: CoOccurrence, style: Style) -> Figure:
    """Patients with both of two sites; on the diagonal with one, alone or with others."""
    name = "site-co-occurrence"
    if not together.n:
        return empty(style, name, words.nobody(together))
    k, unit, size = len(together.sites), style.unit, style.font
    scale = [[0.0, style.ink("page")], [1.0, style.color(0)]]
    pairs = {frozenset(p.sites): p for p in together.pairs}
    off = [int(together.matrix[i, j]) for i in range(k) for j in range(i)]
    top = max(off, default=0) or 1
    z: list[list[float | None]] = [[int(together.matrix[i, j]) if j < i else None for j in range(k)] for i in range(k)]
    rows = wrap_all(together.labels, style.small, style.px * 0.24)
    left = max(text_width(line, style.small) for lines in rows for line in lines) + 14 * unit
    # a column's name stands beside its diagonal, where the other half of the matrix would be
    widths = [text_width(label, style.small) for label in together.labels]
    cell = min((style.px - left - text_width(together.labels[-1], style.small) - 20 * unit) / k, 92 * unit)
    over = max(w - (k - 1 - j) * cell for j, w in enumerate(widths))
    right = max(over + 12 * unit, style.px - left - k * cell)
    x, y, text, colors, hover = [], [], [], [], []
    areas: list[Json] = []
    for i in range(k):
        for j in range(i + 1):
            n = int(together.matrix[i, j])
            pair = pairs.get(frozenset((together.sites[i], together.sites[j])))
            x.append(j)
            y.append(-i)
            text.append(f"<b>{n:,}</b>" if i == j else f"{n:,}")
            colors.append(style.on(blend(scale, n / top), "#1F2430") if i != j else style.ink("text"))
            hover.append(_pair_hover(together, i, j, n, pair))
            means = pick(site(together.sites[i]), *([site(together.sites[j])] if i != j else [])) if n else ""
            areas.append(place((j - 0.5, j + 0.5), (-i - 0.5, -i + 0.5), tip_text(hover[-1]), means))
    height = round(k * max(cell * 0.5, 2 * LINE_HEIGHT * style.small) + 16 * unit)
    beside = fit_all(together.labels, style.small, [style.px - left - (j + 1) * cell for j in range(k)])
    names = [note(style, j + 0.5, -j, plain(label), "x", "y", xshift=2) for j, label in enumerate(beside)]
    spec = {
        "data": [
            {"type": "heatmap", "z": z, "x": list(range(k)), "y": [-i for i in range(k)], "zmin": 0, "zmax": top,
             "colorscale": scale, "showscale": False, "xgap": 2, "ygap": 2, "hoverinfo": "skip"},
            {"type": "scatter", "mode": "text", "x": x, "y": y, "text": text,
             "textfont": {"size": size, "color": colors}, "textposition": "middle center", **hovered(hover),
             "showlegend": False},
        ],
        "layout": layout(
            style, height, (left, right, 8 * unit, 8 * unit), annotations=names, meta={"areas": areas},
            xaxis=axis(style, -0.5, k - 0.5, line=False, showticklabels=False),
            yaxis=row_axis(style, ["<br>".join(map(plain, r)) for r in rows], small=True),
        ),
    }  # fmt: skip
    return Figure(spec, name, *words.site_matrix(together), style.px, height, style)


def _pair_hover(together: CoOccurrence, i: int, j: int, n: int, pair: SitePair | None) -> str:
    names = [together.labels[i]] if pair is None else [together.labels[i], together.labels[j]]
    return "<br>".join([f"<b>{' with '.join(map(plain, names))}</b>", *words.pair_lines(n, pair)])


# ---------------------------------------------------------------- when
@figure(headlines.site_times)
def site_timing(timing: Timing, style: Style) -> Figure:
    """Times by site, with against without: median, quartiles, and each patient where there are few enough."""
    name = slug(f"{timing.endpoint}-by-site-times")
    groups = [g for s in timing.sites for g in (s.with_site, s.without)]
    if not timing.n or not any(g.n for g in groups):
        return empty(style, name, words.no_times(timing))
    unit, small = style.unit, style.small
    pitch, k = 46 * unit, len(timing.sites)
    last = max(g.maximum for g in groups if g.maximum is not None)
    end = axis_end(last, timing.unit)
    labels = wrap_all([s.label for s in timing.sites], style.font, style.px * 0.26)
    left = max(text_width(line, style.font) for lines in labels for line in lines) + 12 * unit
    groups_shown = [(i, j, g) for i, s in enumerate(timing.sites) for j, g in enumerate((s.with_site, s.without))]
    texts = [words.median_phrase(g) for _, _, g in groups_shown]
    right = max(text_width(t, small) for t in texts) + 20 * unit
    data = []
    for j, level in enumerate(("with", "without")):
        color = style.look(level, ())[0]
        data += _strips([(i, g) for i, k_, g in groups_shown if k_ == j], j, color, style, timing.unit)
    areas = [
        place((0, 1), (_row(i, j) - 0.2, _row(i, j) + 0.2),
              f"{timing.sites[i].label}, {(words.WITH, words.WITHOUT)[j]}\n{words.median_lines(g, timing.unit)}",
              pick(site(timing.sites[i].site, j == 0)), xref="paper")
        for i, j, g in groups_shown if g.n
    ]  # fmt: skip
    heading = f"median {timing.unit} (95 % CI), n"
    notes = hints(style, (), heading=heading)
    notes[:0] = [
        note(style, 1, _row(i, j), plain(t), yref="y", xshift=round(14 * unit))
        for (i, j, _), t in zip(groups_shown, texts, strict=True)
    ]
    right = max(right, text_width(heading, small) + 20 * unit)
    keys, above = legend(style, [words.WITH, words.WITHOUT], left + right)
    height = round(k * pitch + above + below_axis(style))
    title = f"{timing.label}, {unit_since(timing.unit, timing.origin)}"
    spec = {
        "data": data,
        "layout": layout(
            style, height, (left, right, above, below_axis(style)), annotations=notes, showlegend=True, legend=keys,
            meta={"areas": areas, **dragged(timing.column, f"{timing.label}, {timing.unit}")},
            xaxis=time_axis(style, end, timing.unit, title, grid=True),
            yaxis=row_axis(style, ["<br>".join(map(plain, r)) for r in labels]),
        ),
    }  # fmt: skip
    return Figure(spec, name, *words.site_timing(timing), style.px, height, style)


def _row(i: int, j: int) -> float:
    return -i + (0.2 if j == 0 else -0.2)


def _strips(rows: list[tuple[int, TimingGroup]], j: int, color: str, style: Style, unit: str) -> list[Json]:
    """Patients as points, quartiles as a thick line, medians as dots, for one of the two groups of every site."""
    hidden = {"type": "scatter", "showlegend": False, "hoverinfo": "skip"}
    x: list[float | None] = []
    y: list[float | None] = []
    for i, g in rows:
        low, high = g.q1, g.q3 if g.q3 is not None else g.maximum
        if low is not None and high is not None:
            x, y = [*x, low, high, None], [*y, _row(i, j), _row(i, j), None]
    traces: list[Json] = []
    if max((g.n for _, g in rows), default=0) <= MAX_DOTS:
        dots = [(t, _row(i, j), e) for i, g in rows for t, e in zip(g.time.tolist(), g.event.tolist(), strict=True)]
        symbols = ["circle" if e else "circle-open" for *_, e in dots]
        marker = {"size": round(5 * style.unit), "symbol": symbols, "color": color}
        traces.append({**hidden, "mode": "markers", "x": [round(t, 4) for t, *_ in dots], "y": [r for _, r, _ in dots],
                       "opacity": 0.45, "marker": marker})  # fmt: skip
    traces.append(
        {**hidden, "mode": "lines", "x": x, "y": y, "line": {"color": color, "width": 5 * style.unit}, "opacity": 0.55}
    )
    known = [(i, g) for i, g in rows if g.median.value is not None]
    name = words.WITH if j == 0 else words.WITHOUT
    traces.append(
        {"type": "scatter", "mode": "markers", "x": [g.median.value for _, g in known],
         "y": [_row(i, j) for i, _ in known], "name": name, "showlegend": True,
         **hovered(f"{name}: median {plain(words.median_phrase(g))} {unit}" for _, g in known),
         "marker": {"size": round(11 * style.unit), "color": color, "symbol": "circle" if j == 0 else "diamond",
                    "line": {"color": style.ink("page"), "width": 1.5}}}
    )  # fmt: skip
    return traces
