"""How survival curves are drawn: one object for the page, a download, the command line and Python.

What isn't set is as usual, so `CurveSettings()` is the figure without settings. A value that can't be is refused where
the object is made; what doesn't fit the curves it is given (a legend word for a level that isn't there, an axis that
ends before the first event) is told as a `Finding`, and the curves are drawn as usual in that respect.

```python
settings = CurveSettings(end=36, step=6, palette="greyscale", legend={"with": "Lung", "without": "No lung"})
figure = figures.survival_curves(km, settings=settings)
figure.noticed          # what could not be as asked
settings.to_toml()      # for `necc km FILE --svg OUT --settings FILE`
```
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from necc.analysis.survival import KaplanMeier, Show
from necc.core.errors import Finding, Severity
from necc.core.text import shorten
from necc.core.toml import (
    Converter,
    Keys,
    Reader,
    converter_of,
    listed,
    mapped,
    number,
    one_of,
    string,
    to_toml,
)
from necc.present.figures.style import PALETTES, Palette
from necc.present.words.captions import settings as words

CountOf = Literal["at risk", "censored", "events"]
ValueScale = Literal["percent", "proportion"]
SHARES = ("survival", "risk")
MOST_TICKS = 40
LONGEST_TIME = 1e6
LONGEST_TITLE, LONGEST_WORD = 200, 80
MOST_WORDS = 100
WIDTHS, HEIGHTS = (80, 400), (40, 400)  # mm
MOST_RATIOS = 4  # hazard ratios that a plot has room for


@dataclass(frozen=True)
class CurveSettings:
    """How survival curves are drawn; None and nothing for what is as usual.

    Args:
        title: above the figure where it leaves the page, instead of its headline.
        show: what the curves show: survival, the risk of the event, the cumulative hazard, or log(-log S).
        scale: survival and risk in percent, or as proportions.
        end, step: of the time axis, in the endpoint's unit. The end cuts the drawing only, never the numbers.
        bands, medians, censoring: confidence bands, lines that drop at the medians, ticks where patients are censored;
            with up to three levels (censoring: always) unless said otherwise.
        table: rows under the axis, of "at risk", "censored" and "events"; empty for none.
        ratio: hazard ratios with their intervals on the plot, each level against the first.
        legend: words instead of the levels' own, {level: word}; kept as pairs.
        order: levels that come first, in this order.
        palette: "house", "okabe-ito", "tol" or "greyscale"; each goes with dashes.
        width, height: of the figure in print, in mm; the height without its title and caption.

    Raises:
        ValueError: a value that no figure has; the message says which are allowed.

    Example:
        >>> settings = CurveSettings(end=36, legend={"with": "Lung"})
        >>> settings.legend, settings == CurveSettings.from_toml(settings.to_toml())[0]
        ((('with', 'Lung'),), True)
    """

    title: str = ""
    show: Show = "survival"
    scale: ValueScale = "percent"
    end: float | None = None
    step: float | None = None
    bands: bool | None = None
    medians: bool | None = None
    censoring: bool | None = None
    table: tuple[CountOf, ...] | None = None
    ratio: bool = False
    legend: tuple[tuple[str, str], ...] = ()
    order: tuple[str, ...] = ()
    palette: Palette = "house"
    width: float | None = None
    height: float | None = None

    def __post_init__(self) -> None:
        for name, rule in CURVES.optional.items():
            value = getattr(self, name)
            if value is None or value == _usual(name):
                continue
            try:
                object.__setattr__(self, name, rule(_written(value)))
            except ValueError as problem:
                raise ValueError(f"{name}: {problem}") from None

    @classmethod
    def from_toml(cls, source: str | bytes) -> tuple[CurveSettings, tuple[Finding, ...]]:
        """Settings of a TOML file; what can't be read is a finding with its line, the rest is read.

        Example:
            >>> settings, findings = CurveSettings.from_toml("end = 36\\nstep = 0")
            >>> settings.end, settings.step, findings[0].row
            (36, None, 2)
        """
        return _read(source)

    def to_toml(self) -> str:
        """What differs from the usual, as `from_toml` reads it."""
        return to_toml(self.to_table(), words.HEADING)

    def to_table(self) -> dict[str, object]:
        """What differs from the usual, as values of a TOML table."""
        return {name: _written(value) for name, value in self._chosen().items()}

    def _chosen(self) -> dict[str, Any]:
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in own.items() if value != _usual(name)}


def _usual(name: str) -> object:
    return CurveSettings.__dataclass_fields__[name].default


def _written(value: object) -> object:
    """A value as TOML has it: lists, and a table for pairs."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


# ---------------------------------------------------------------- what a value may be
def _text(most: int) -> Converter:
    def read(value: object) -> str:
        text = " ".join(string(value).split())
        if len(text) > most:
            raise ValueError(words.too_long(len(text), most))
        return text

    return read


def _within(low: float, high: float, unit: str, above: bool = False) -> Converter:
    """A number from `low` to `high`; `above`: not `low` itself."""

    def read(value: object) -> float:
        known = number(value)
        if not math.isfinite(known) or not low <= known <= high or (above and known == low):
            raise ValueError(words.out_of_range(known, low, high, unit, above))
        return known

    return read


def _once(convert: Converter) -> Converter:
    """A list without repetition."""
    every = listed(convert, empty=True)

    def read(value: object) -> tuple[Any, ...]:
        result = every(value)
        if twice := next((v for v in result if result.count(v) > 1), None):
            raise ValueError(words.named_twice(twice))
        return result

    return read


def _legend(value: object) -> tuple[tuple[str, str], ...]:
    """{level: word}; no two levels share a word."""
    pairs = tuple(mapped(_text(LONGEST_WORD), empty=True)(value).items())
    pairs = tuple((level, word) for level, word in pairs if word)
    if len(pairs) > MOST_WORDS:
        raise ValueError(words.too_many_words(len(pairs), MOST_WORDS))
    if shared := _shared(pairs):
        raise ValueError(words.same_word(*shared))
    return pairs


def _shared(pairs: Iterable[tuple[str, str]]) -> tuple[str, str, str] | None:
    """A word that two levels share, and the levels."""
    seen: dict[str, str] = {}
    for level, word in pairs:
        if word in seen:
            return word, seen[word], level
        seen[word] = level
    return None


CURVES = Keys.of(
    CurveSettings, without=(), title=_text(LONGEST_TITLE), end=_within(0, LONGEST_TIME, "", above=True),
    step=_within(0, LONGEST_TIME, "", above=True), table=_once(converter_of(CountOf)), legend=_legend,
    order=_once(string), palette=one_of(PALETTES), width=_within(*WIDTHS, "mm"), height=_within(*HEIGHTS, "mm"),
)  # fmt: skip


USUAL = CurveSettings()


def _read(source: str | bytes | Mapping[str, object]) -> tuple[CurveSettings, tuple[Finding, ...]]:
    """Settings of a document, as far as they can be read, and findings on the rest."""
    reader = Reader(source, code="settings-{}")
    return CurveSettings(**reader.read(reader.root, CURVES, partly=True) or {}), tuple(reader.findings)


def read_settings(pairs: Iterable[str], base: CurveSettings | None = None) -> tuple[CurveSettings, tuple[Finding, ...]]:
    """Settings written as `key=value`, as a command line has them, over others.

    Lists are written with commas, none of them as `none`; a legend word as `legend.LEVEL=WORD`.

    Example:
        >>> read_settings(["end=36", "table=at risk,events", "legend.with=Lung"])[0].table
        ('at risk', 'events')
    """
    values = dict((base or CurveSettings()).to_table())
    findings: list[Finding] = []
    for pair in pairs:
        key, sign, text = (part.strip() for part in pair.partition("="))
        if not sign:
            findings.append(Finding("error", "settings-value", words.no_pair(pair), column=shorten(key)))
        elif key.startswith("legend."):
            known = values.get("legend")
            values["legend"] = {**(known if isinstance(known, dict) else {}), key.removeprefix("legend."): text}
        else:
            values[key] = _typed(key, text)
    settings, wrong = _read(values)
    return settings, (*findings, *wrong)


def _typed(key: str, text: str) -> object:
    """A text of the command line as the value that its key takes."""
    if key in ("table", "order"):
        return [] if text == "none" else [part.strip() for part in text.split(",") if part.strip()]
    flags = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if key in ("bands", "medians", "censoring", "ratio"):
        return flags.get(text.lower(), text)
    if key in ("end", "step", "width", "height"):
        try:
            return float(text)
        except ValueError:
            return text
    return text


# ---------------------------------------------------------------- what fits some curves
@dataclass(frozen=True)
class Fitted:
    """Settings as some curves can have them, and what was told about the rest."""

    settings: CurveSettings
    findings: tuple[Finding, ...] = ()


def fitted(settings: CurveSettings, km: KaplanMeier) -> Fitted:
    """Settings without what the curves don't have, each with its finding; what is only remarkable is kept and told."""
    findings: list[Finding] = []

    def told(code: str, message: str, severity: Severity = "warning") -> None:
        findings.append(Finding(severity, f"settings-{code}", message))

    for rule in (_axis, _words, _order, _colours, _ratios):
        settings = rule(settings, km, told)
    return Fitted(settings, tuple(findings))


Told = Callable[..., None]


def _axis(settings: CurveSettings, km: KaplanMeier, told: Told) -> CurveSettings:
    """End and step of the time axis."""
    times = [float(c.time[-1]) for c in km.curves if len(c.time)]
    first = min((float(c.time[c.n_events > 0].min(initial=math.inf)) for c in km.curves), default=math.inf)
    last, end, step, log = max(times, default=0.0), settings.end, settings.step, settings.show == "log-log"
    if end is not None and end > last > 0:
        told("axis", words.past_followup(end, last, km.unit), "info")
    elif end is not None and end < first < math.inf:
        told("axis", words.before_events(end, first, km.unit, log))
        settings = replace(settings, end=None) if log else settings
    if step is None:
        return settings
    reach = settings.end or last
    if log:
        told("step", words.step_of_log())
    elif step > reach:
        told("step", words.long_step(step, reach, km.unit))
    elif reach / step >= MOST_TICKS:
        told("step", words.many_ticks(step, int(reach / step) + 1, MOST_TICKS, km.unit))
    else:
        return settings
    return replace(settings, step=None)


def _words(settings: CurveSettings, km: KaplanMeier, told: Told) -> CurveSettings:
    """Words of the legend: of levels that are there, and no two the same."""
    names = [c.name for c in km.curves]
    known = dict.fromkeys((*km.levels, *names))
    for level, word in settings.legend:
        if level not in known:
            told("legend", words.no_level(level, list(known), word))
    legend = tuple((level, word) for level, word in settings.legend if level in known)
    shown = dict(legend)
    if shared := _shared((name, shown.get(name, name)) for name in names):
        told("legend", words.same_word(*shared) + words.LEFT_OUT, "error")
        legend = ()
    return replace(settings, legend=legend)


def _order(settings: CurveSettings, km: KaplanMeier, told: Told) -> CurveSettings:
    known = dict.fromkeys((*km.levels, *(c.name for c in km.curves)))
    for level in settings.order:
        if level not in known:
            told("order", words.no_level(level, list(known)))
    return replace(settings, order=tuple(level for level in settings.order if level in known))


def _colours(settings: CurveSettings, km: KaplanMeier, told: Told) -> CurveSettings:
    colours = len(PALETTES[settings.palette]["light"])
    if len(km.curves) > colours:
        told("palette", words.few_colours(settings.palette, colours, len(km.curves)))
    if settings.medians and settings.show not in SHARES:
        told("medians", words.no_medians(settings.show), "info")
    return settings


def _ratios(settings: CurveSettings, km: KaplanMeier, told: Told) -> CurveSettings:
    """Hazard ratios: between two levels or a few more."""
    if not settings.ratio or 2 <= len(km.curves) <= MOST_RATIOS + 1:
        return settings
    told("ratio", words.no_ratio(len(km.curves), MOST_RATIOS), "info")
    return replace(settings, ratio=False)
