"""Restricted means as what they are: the area under each group's curve, up to the horizon."""

from __future__ import annotations

from necc.analysis.survival import KaplanMeier, RestrictedMean
from necc.core.text import format_number, slug
from necc.present.figures.panels import Panel, draw_panels
from necc.present.figures.scales import axis_end
from necc.present.figures.steps import StepLine
from necc.present.figures.style import Figure, Style, drawn, empty, figure
from necc.present.words.captions import survival as words
from necc.present.words.phrases import since


@figure
def restricted_areas(means: RestrictedMean, style: Style, *, km: KaplanMeier) -> Figure:
    """A panel for each group: its Kaplan-Meier curve with the area up to tau shaded, and the mean."""
    name = slug(f"{means.endpoint}-restricted-mean" + (f"-by-{means.by}" if means.by else ""))
    if not means.n or not means.tau:
        return empty(style, name, words.no_mean(means))
    end = max(axis_end(max(float(c.time[-1]) for c in km.curves), means.unit, 5), means.tau)
    levels = km.levels or tuple(c.name for c in km.curves)
    panels = []
    for group, curve in zip(means.groups, km.curves, strict=True):
        color, dash = style.look(curve.name, levels)
        shown = words.mean_phrase(group, means.unit)
        line = StepLine(name=curve.name, curve=curve, color=color, dash=dash, value=curve.survival, start=1.0,
                        pale=False, shaded_to=None if group.mean.value is None else means.tau)  # fmt: skip
        title = curve.name if means.by else means.label
        panels.append(Panel("", title, (shown,), (line,), f"{curve.name}: {shown}", end))
    body, height = draw_panels(
        panels, style, unit=means.unit, key_note=f"shaded: up to {format_number(means.tau)} {means.unit}; numbers "
        "below: at risk", x_title=since(means.unit, km.origin), ratio=0.6,
    )  # fmt: skip
    what, alt = words.restricted_title(means), words.restricted_alt(means)
    return drawn(body, height, style, name, what, alt, words.restricted_caption(means))
