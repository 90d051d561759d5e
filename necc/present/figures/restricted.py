"""Restricted means as what they are: the area under each group's curve, up to the horizon."""

from __future__ import annotations

from necc.analysis.survival import KaplanMeier, RestrictedMean
from necc.core.text import NOT_ESTIMABLE, format_estimate, format_number, plural, slug
from necc.present import svg
from necc.present.figures.panels import Panel, StepLine, draw_panels
from necc.present.figures.scales import axis_end
from necc.present.figures.style import Figure, Style, empty, figure
from necc.present.words.captions import excluded_phrase, sentences


@figure
def restricted_areas(means: RestrictedMean, style: Style, *, km: KaplanMeier) -> Figure:
    """A panel for each group: its Kaplan-Meier curve with the area up to tau shaded, and the mean."""
    name = slug(f"{means.endpoint}-restricted-mean" + (f"-by-{means.by}" if means.by else ""))
    if not means.n or not means.tau:
        why = "no patients to analyse" if not means.n else "nobody was followed beyond time zero"
        return empty(style, name, sentences(f"{means.label}: {why}", excluded_phrase(means.excluded)))
    end = max(axis_end(max(float(c.time[-1]) for c in km.curves), means.unit, 5), means.tau)
    levels = km.levels or tuple(c.name for c in km.curves)
    panels, descriptions = [], []
    for group, curve in zip(means.groups, km.curves, strict=True):
        color, dash = style.look(curve.name, levels)
        m = group.mean
        limited = format_estimate(m.value, m.lower, m.upper, 1, NOT_ESTIMABLE)
        shown = f"{format_number(m.value) if m.lower is None else limited} {means.unit}"
        shown = shown if m.value is not None else "not estimable: follow-up ends before"
        line = StepLine(curve.name, curve.time, curve.survival, color, dash, 1.0, at_risk=(curve.time, curve.n_at_risk),
                        shaded_to=None if m.value is None else means.tau)  # fmt: skip
        title = curve.name if means.by else means.label
        panels.append(Panel("", title, (shown,), (line,), f"{curve.name}: {shown}", end))
        descriptions.append(f"{curve.name}: {shown}")
    body, height = draw_panels(
        panels, style, unit=means.unit, key_note=f"shaded: up to {format_number(means.tau)} {means.unit}; numbers "
        "below: at risk", x_title=f"{means.unit.capitalize()} since {km.origin or 'time zero'}", ratio=0.6,
    )  # fmt: skip
    what = f"Restricted mean of {means.label.lower()} up to {format_number(means.tau)} {means.unit}"
    alt = f"{what}. {'; '.join(descriptions)}."
    caption = sentences(
        f"{what} ({means.tau_rule}): the area under each Kaplan-Meier curve, with 95 % normal limits",
        f"{plural(means.n, 'patient')}, {plural(means.n_events, 'event')}", excluded_phrase(means.excluded),
    )  # fmt: skip
    return Figure({}, name, alt, caption, style.px, height, style, svg.document(body, style.px, height, what, alt))
