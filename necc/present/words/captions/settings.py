"""What is said of the settings of curves: what a value may be, and what of them some curves can't have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from necc.core.text import (
    NOT_ESTIMABLE,
    format_number,
    format_p,
    format_ratio,
    joined,
    p_phrase,
    plural,
    quoted,
    shorten,
)
from necc.core.toml import meant
from necc.present.words.phrases import BY_FIRTH, FIRTH_NOTE, ci_name, ratio_limits, sentences, ties, versus

if TYPE_CHECKING:  # headlines need these words before any analysis is loaded
    from necc.analysis.regression import CoxTerm, HazardRatios
    from necc.analysis.survival import Show

HEADING = "How survival curves are drawn (necc km --settings); what isn't here is as usual"
LEFT_OUT = "; the legend words are left out"
PALETTE_NAMES = {
    "house": "Usual", "okabe-ito": "Okabe-Ito", "tol": "Tol (bright)", "greyscale": "Greyscale",
}  # fmt: skip
LABELS = {
    "title": "Title", "show": "Show", "scale": "Values in", "end": "Axis ends at", "step": "Ticks every",
    "bands": "Bands", "medians": "Medians", "censoring": "Ticks where censored", "table": "Rows below",
    "ratio": "Hazard ratio", "legend": "Legend", "order": "Order of levels", "palette": "Colours",
    "width": "Print width", "height": "Print height",
}  # fmt: skip
ROW_NAMES = {"at risk": "At risk", "censored": "Censored", "events": "Events"}


def time(value: float, unit: str = "") -> str:
    """`36 months`, `4.5 months`, `0.001 years`: a time as an axis has it; below 1 with the digits that it has."""
    text = format_number(value, 2).rstrip("0").rstrip(".") if abs(value) >= 1 else f"{value:.6g}"
    return f"{text} {unit}".rstrip()


# ---------------------------------------------------------------- what a value may be
def too_long(length: int, most: int) -> str:
    return f"the text has {length:,} characters; up to {most:,} fit"


def out_of_range(value: float, low: float, high: float, unit: str, above: bool) -> str:
    if above:
        return f"{value:g} can't be drawn; a number above {low:g} is needed, up to {format_number(high, 0)}"
    return f"{value:g} {unit} can't be drawn; allowed are {low:g} to {high:g} {unit}"


def named_twice(value: str) -> str:
    return f"'{shorten(value)}' is named twice; once is enough"


def too_many_words(n: int, most: int) -> str:
    return f"{n:,} legend words; up to {most:,} are read"


def same_word(word: str, first: str, second: str) -> str:
    return (
        f"the levels '{shorten(first)}' and '{shorten(second)}' would both be called '{shorten(word)}'; "
        "each needs a word of its own"
    )


def no_pair(text: str) -> str:
    return f"'{shorten(text)}' has no value; write KEY=VALUE, as end=36"


# ---------------------------------------------------------------- what some curves can't have
def past_followup(end: float, last: float, unit: str) -> str:
    return f"the axis ends at {time(end, unit)}, and the follow-up already at {time(last)}"


def before_events(end: float, first: float, unit: str, log: bool) -> str:
    seen = f"the axis would end at {time(end, unit)}, before the first event at {time(first)}"
    return f"{seen}: on this scale nothing is left, so it ends as usual" if log else f"{seen}: no event is drawn"


def step_of_log() -> str:
    return "the time axis of log-log curves is logarithmic, so its ticks stand as usual"


def long_step(step: float, end: float, unit: str) -> str:
    return f"a step of {time(step, unit)} is longer than the axis, which ends at {time(end)}: the usual step is used"


def many_ticks(step: float, n: int, most: int, unit: str) -> str:
    return (
        f"a step of {time(step, unit)} makes {n:,} ticks on the time axis, and up to {most:,} can be told apart: the "
        "usual step is used"
    )


def no_level(level: str, known: Sequence[str], word: str = "") -> str:
    what = f"the legend word '{shorten(word)}' is for" if word else "the order of levels names"
    there = joined(quoted([shorten(k) for k in known][:8])) + (" and others" if len(known) > 8 else "")
    return f"{what} '{shorten(level)}', which isn't a level; there are {there}{meant(level, known)}. It is left out"


def few_colours(palette: str, n: int, levels: int) -> str:
    return (
        f"the palette '{PALETTE_NAMES[palette]}' has {plural(n, 'colour')} for {plural(levels, 'level')}: {n:,} can be "
        "told apart by colour, and beyond these the colours come again with another dash"
    )


def no_medians(show: Show) -> str:
    return f"lines at the medians belong to survival and risk, and aren't drawn on the scale '{show}'"


def no_ratio(levels: int, most: int) -> str:
    if levels < 2:
        return "a hazard ratio compares groups, and here is one"
    return (
        f"{plural(levels - 1, 'hazard ratio')} would stand on the plot, which has room for {most:,}: none is drawn; "
        "the page on regression has them all"
    )


def too_low(asked: float, drawn: float) -> str:
    return (
        f"a height of {asked:g} mm is too low for the legend, the curves and the rows below them: the figure is "
        f"{format_number(drawn, 0)} mm high"
    )


# ---------------------------------------------------------------- under the figure
def cut_axis(end: float, last: float, unit: str) -> str:
    """What the caption says where the drawing ends before the follow-up; empty where it doesn't."""
    return f"the axis ends at {time(end, unit)}; follow-up goes on to {time(last)}" if end < last else ""


def renamed(pairs: Iterable[tuple[str, str]], notes: Iterable[str]) -> str:
    """Which level a word of the legend stands for, where a note below the figure still names the level."""
    text = " ".join(notes)
    named = [f"'{word}' is '{level}'" for level, word in pairs if word != level and f"'{level}'" in text]
    return f"in the legend {joined(named)}" if named else ""


def so_far(counted: Sequence[str]) -> str:
    """`At risk (events so far)`: what the cells of a row with several counts are."""
    first, *rest = counted
    if rest:
        return f"{ROW_NAMES[first]} ({', '.join(rest)} so far)"
    return ROW_NAMES[first] if first == "at risk" else f"{ROW_NAMES[first]} so far"


# ---------------------------------------------------------------- hazard ratios on the plot
ALPHA = 0.05
FEW_TO_TELL = "too few events to tell whether hazards are proportional"


def ratio_lines(ratios: HazardRatios, word: Mapping[str, str]) -> list[str]:
    """What stands on the plot: a ratio a line, then whether hazards look proportional. word: by level."""
    said = [f"HR {_pair(term, ratios, word)}: {_ratio(term, ratios.level)}" for term in ratios.terms]
    return [*said, *filter(None, [_proportional(ratios)])]


def ratios_told(ratios: HazardRatios, word: Mapping[str, str]) -> str:
    """Below the figure: by what model, and how far one number can be trusted; empty where there is no ratio."""
    if not ratios.terms:
        return ""
    known = [t for t in ratios.terms if t.hazard_ratio is not None]
    lacking = [f"{_pair(t, ratios, word)} {NOT_ESTIMABLE}: {t.note}" for t in ratios.terms if t.hazard_ratio is None]
    test = ratios.proportional
    seen, told = _proportional(ratios), ""
    if known and test is None and any(map(_by_firth, known)):
        seen = "proportional hazards can't be tested under separation"
    if seen and test is not None and test.p is not None:
        seen = f"score test of proportional hazards {p_phrase(test.p)}"
        told = (
            "the hazard ratio changes over time, so one number is an average over the follow-up"
            if test.p < ALPHA
            else "a large p doesn't show that hazards are proportional"
        )
    return sentences(
        f"HR: hazard ratio, Cox regression of {plural(ratios.n, 'patient')} with {ties(ratios.ties)}" if known else "",
        "; ".join(lacking), FIRTH_NOTE if any(map(_by_firth, known)) else "",
        f"{seen}; {told}" if told else f"{seen} ({ratios.few})" if seen and ratios.few else seen,
    )  # fmt: skip


def _pair(term: CoxTerm, ratios: HazardRatios, word: Mapping[str, str]) -> str:
    level, reference = (word.get(name, name) for name in (str(term.level), ratios.reference))
    return versus(level, reference)


def _by_firth(term: CoxTerm) -> bool:
    return term.method == "firth profile" and term.hazard_ratio is not None


def _ratio(term: CoxTerm, level: float) -> str:
    """`2.38 (95 % CI 1.22–4.63)`; Firth's method marked."""
    if term.hazard_ratio is None:
        return NOT_ESTIMABLE
    mark = BY_FIRTH if _by_firth(term) else ""
    return f"{format_ratio(term.hazard_ratio)} ({ci_name(level)} {ratio_limits(term.ci_lower, term.ci_upper)}){mark}"


def _proportional(ratios: HazardRatios) -> str:
    """Whether the hazards look proportional; empty where no ratio is given."""
    if not any(t.hazard_ratio is not None for t in ratios.terms):
        return ""
    test = ratios.proportional
    if test is None:
        return "" if any(map(_by_firth, ratios.terms)) else FEW_TO_TELL
    if test.p is None:
        return FEW_TO_TELL
    if test.p < ALPHA:
        return f"hazards don't look proportional ({p_phrase(test.p)})"
    return f"p for proportional hazards {format_p(test.p)}"
