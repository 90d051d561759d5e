"""Sub-cohorts beside each other: their curves, whom they share, and where the disease came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from necc.analysis.recurrence import Pattern
from necc.analysis.subcohorts import SideBySide
from necc.analysis.survival import Show
from necc.core.selection import Selection
from necc.core.text import slug
from necc.present.figures.bars import Bar, BarRow, bars, share_hover
from necc.present.figures.picks import only, site
from necc.present.figures.settings import USUAL, CurveSettings
from necc.present.figures.sites import MAX_PATTERNS, draw_patterns
from necc.present.figures.style import Figure, Palette, Style, empty, entry_names, figure
from necc.present.figures.survival import draw_curves
from necc.present.words import headlines
from necc.present.words.captions import subcohorts as words
from necc.present.words.captions.sites import count_phrase, further


def looks(result: SideBySide, style: Style, palette: Palette = "house") -> dict[str, tuple[str, str]]:
    """Colour and dash of each sub-cohort by its place, whatever it is called."""
    places = tuple(f"place {i}" for i in range(len(result.columns)))
    return {c.name: style.look(place, places, palette) for c, place in zip(result.columns, places, strict=True)}


@figure(headlines.subcohort_curves)
def subcohort_curves(
    result: SideBySide, style: Style, *, settings: CurveSettings = USUAL, show: Show | None = None,
    at: Sequence[float] = (), counts: bool = True,
) -> Figure:  # fmt: skip
    """Kaplan-Meier curves of all sub-cohorts, with the numbers at risk; a p only where they share nobody.

    Args:
        settings: how the curves are drawn, as of `survival_curves`; no hazard ratio stands beside sub-cohorts.
        show: survival, the risk, the cumulative hazard, or log(-log S). at: ticks of the time axis.
        counts: the table of numbers under the axis.
    """
    show = show or settings.show
    name = slug("-".join([result.endpoint, "by-sub-cohort", *([show] if show != "survival" else [])]))
    if result.curves is None or not result.curves.n:
        return empty(style, name, words.no_curves(result))
    return draw_curves(
        result.curves, style, name, settings=replace(settings, ratio=False), show=show, at=at, counts=counts,
        tested=result.is_tested, looks=looks(result, style, settings.palette),
        means={c.name: only(c.selection) for c in result.columns}, say=partial(words.subcohort_curves, result),
    )  # fmt: skip


@figure(headlines.always("Whom the sub-cohorts share"))
def overlap(result: SideBySide, style: Style, *, most: int = MAX_PATTERNS) -> Figure:
    """A bar for each exact combination of sub-cohorts, and under it the ones that make it up (UpSet)."""
    name = "sub-cohorts-overlap"
    shown, rest = result.intersections[:most], result.intersections[most:]
    if not shown:
        return empty(style, name, words.nobody(result))
    sizes = {c.name: c.n for c in result.columns}
    spec, height = draw_patterns(
        [Pattern(i.names, i.n) for i in shown], style, n=result.n, order=list(sizes), sizes=sizes,
        labels={name: name for name in sizes}, others=[(*further(rest), sum(i.n for i in rest))] if rest else [],
        picks=[only(i.selection) for i in shown], rows={c.name: only(c.selection) for c in result.columns},
    )  # fmt: skip
    return Figure(spec, name, *words.overlap(result, shown, rest), style.px, height, style)


def _with_site(selection: Selection | None, name: str) -> str:
    """Those of a sub-cohort with a site; nothing where its filters name the site otherwise."""
    there = site(name)
    if selection is None or selection.get(there.name) not in (None, there):
        return ""
    return only(selection.replace(there))


@figure(headlines.always("Sites of first recurrence by sub-cohort"))
def subcohort_sites(result: SideBySide, style: Style) -> Figure:
    """Sites with n, percent and exact interval, a bar for each sub-cohort."""
    name = "recurrence-sites-by-sub-cohort"
    columns = [c for c in result.columns if any(s.of for s in c.sites)]
    if not columns:
        return empty(style, name, words.nobody(result))
    colors = {name: look[0] for name, look in looks(result, style).items()}
    rows = []
    for sites in zip(*(c.sites for c in columns), strict=True):
        own = [
            Bar(s.name, s.proportion.value, s.proportion, count_phrase(s),
                share_hover(f"{s.label}, {c.name}", s.n, s.of, s.proportion), colors[c.name], c.name,
                pick=_with_site(c.selection, s.name) if s.n else "")
            for s, c in zip(sites, columns, strict=True)
        ]  # fmt: skip
        rows.append(BarRow(sites[0].label, tuple(own)))
    names = entry_names([c.name for c in columns], style)
    groups = [(f"{name} (n = {c.n:,})", colors[c.name]) for name, c in zip(names, columns, strict=True)]
    spec, height = bars(rows, style, "Patients with the site", groups=groups, legend_title="Sub-cohort")
    return Figure(spec, name, *words.subcohort_sites(result), style.px, height, style)
