"""What others found, with the loaded cohort in it: shares and ratios as a forest, median times as dots."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from necc.paper.literature import Fact, Literature, Own, Standing
from necc.present.figures.dots import Dot, DotRow, Scale, dot_chart, linear_scale, log_scale
from necc.present.figures.style import Figure, Style, empty, figure
from necc.present.svg import plain
from necc.present.words import headlines
from necc.present.words.captions import literature as words

MONTHS = "months"


def is_share(fact: Fact) -> bool:
    """Whether a fact is a share, in percent."""
    return fact.unit == "%" and fact.low is not None


def is_ratio(fact: Fact) -> bool:
    """Whether a fact is a hazard ratio."""
    return fact.is_ratio and fact.low is not None


def is_time(fact: Fact) -> bool:
    """Whether a fact is a time in months."""
    return fact.unit == MONTHS and fact.low is not None


@figure(headlines.topic)
def literature_forest(result: Literature, style: Style, *, topic: str) -> Figure:
    """Published shares of a topic, measure by measure, with the cohort's own below them; a line is an interval."""
    return _drawn(result, style, topic, "literature-shares", is_share, _share_scale, words.NO_SHARES)


@figure(headlines.topic)
def literature_ratios(result: Literature, style: Style, *, topic: str) -> Figure:
    """Published hazard ratios of a topic on a logarithmic axis, with the cohort's own below them."""
    return _drawn(result, style, topic, "literature-ratios", is_ratio, _ratio_scale, words.NO_RATIOS)


@figure(headlines.topic)
def literature_dots(result: Literature, style: Style, *, topic: str) -> Figure:
    """Published median times of a topic, with the cohort's own and its interval below them."""
    return _drawn(result, style, topic, "literature-times", is_time, _time_scale, words.NO_TIMES)


def _share_scale(values: Sequence[float]) -> Scale:
    return linear_scale(values, words.SHARE, most=100, percent=True)


def _ratio_scale(values: Sequence[float]) -> Scale:
    return log_scale(values, words.RATIO)


def _time_scale(values: Sequence[float]) -> Scale:
    return linear_scale(values, words.TIME)


def _drawn(
    result: Literature, style: Style, topic: str, name: str, kind: Callable[[Fact], bool],
    scale: Callable[[Sequence[float]], Scale], nothing: str,
) -> Figure:  # fmt: skip
    shown = [s for s in result.of(topic) if kind(s.fact)]
    if not shown:
        return empty(style, name, nothing)
    rows: list[DotRow] = []
    for measure in dict.fromkeys(s.fact.measure for s in shown):
        of = [s for s in shown if s.fact.measure == measure]
        rows.append(DotRow(measure))
        rows += [DotRow(words.source(s), (_published(s),)) for s in of]
        rows += [DotRow(words.THESE, (dot,)) for dot in _owns(of)]
    values = [v for row in rows for d in row.dots for v in (d.value, d.low, d.high) if v is not None]
    muted = style.ink("muted")
    series = [(words.PUBLISHED, muted, "square"), (words.UNSURE, muted, "square"),
              (words.OWN, style.color(0), "circle")]  # fmt: skip
    spec, height = dot_chart(rows, series, scale(values), style)
    told = [(row.label, row.dots[0].text) for row in rows if row.dots]
    return Figure(spec, name, *words.picture(result, told, topic), style.px, height, style)


def _published(s: Standing) -> Dot:
    """A published figure; a range or a limit is a line."""
    fact, text = s.fact, words.published(s)
    low, high = fact.interval or (None, None)
    lined = low != high
    value = fact.low if fact.low == fact.high else ((fact.low or 0) + (fact.high or 0)) / 2
    hover = f"<b>{plain(words.source(s))}</b><br>{plain(text)}<br>{plain(s.source.citation)}"
    return Dot(0 if lined else 1, value or 0.0, text, low if lined else None, high if lined else None, hover,
               hollow=not lined)  # fmt: skip


def _owns(of: Sequence[Standing]) -> list[Dot]:
    """The cohort's own figures of a measure, each once."""
    found: dict[str, tuple[Own, bool]] = {
        s.own.figure_text: (s.own, s.fact.is_ratio) for s in of if s.own and s.own.estimate
    }
    dots = []
    for own, ratio in found.values():
        e, text = own.estimate, words.own(own, ratio)
        if e is not None and e.value is not None:
            hover = f"<b>{words.THESE}</b><br>{plain(own.figure_text)}"
            dots.append(Dot(2, e.value, text, e.lower, e.upper, hover))
    return dots


# by the names of the figures: which facts each draws
KINDS: dict[str, Callable[[Fact], bool]] = {
    "literature_ratios": is_ratio, "literature_forest": is_share, "literature_dots": is_time,
}  # fmt: skip
