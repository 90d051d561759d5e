"""The wording of what many results share, each written once: pages, tables, figures, files and commands print these.

How numbers are written is said in `necc.core.text`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from necc.analysis.multiplicity import ADJUSTMENTS
from necc.core.estimate import Estimate, Exclusion
from necc.core.guardrails import TOO_FEW
from necc.core.text import (
    DASH,
    NOT_ESTIMABLE,
    NOT_REACHED,
    format_ci,
    format_estimate,
    format_number,
    format_p,
    format_ratio,
    joined,
    one_unit,
    p_phrase,
    plural,
    written,
)

if TYPE_CHECKING:  # every page needs this module, and none all of these
    from necc.analysis.regression import CoxModel
    from necc.analysis.response import ResponseRates
    from necc.analysis.survival import KaplanMeier, LogRank

NOTHING = DASH
"""The cell of what isn't there."""
BY_FIRTH = "\u2020"
"""The mark of a ratio by Firth's method."""
BY_PERMUTATION = "\u2021"
"""The mark of a p by permutation, where there is no room for the word."""
FIRTH_NOTE = f"{BY_FIRTH} Separation: Firth's penalised likelihood with profile likelihood limits."
EXACT = "95 % CI: exact (Clopper-Pearson)."
CONVENTIONS = {"paper": "as in the paper", "r": "R's default", "exact": "exact"}
"""The conventions of tests."""
WITH_EXCLUSIONS = ("excluded", "by_excluded", "rows", "panels", "comparisons", "multivariable")
"""Where a result says who was left out of it, or of a part of it."""
TESTS_OF_CURVES = {
    "gehan-breslow": "Gehan-Breslow", "tarone-ware": "Tarone-Ware", "modified-peto-peto": "modified Peto-Peto",
    "peto-peto": "Peto-Peto", "fleming-harrington": "Fleming-Harrington",
}  # fmt: skip
NO_PATIENTS = "no patients to analyse"
FILTERS = "show only these patients"
"""What a click on a mark of a figure does."""
NO_TEST = "no test could be made"
NEITHER = "no difference is shown, and neither is the absence of one"
TRANSFORMS = {
    "km": "the Kaplan-Meier transform of time",
    "identity": "untransformed time",
    "rank": "the rank of time",
    "log": "the logarithm of time",
}


class Counted(Protocol):
    """Something that some patients have."""

    @property
    def n(self) -> int: ...


class Share(Counted, Protocol):
    """The same, and for how many it is known."""

    @property
    def of(self) -> int: ...


S = TypeVar("S", bound=Counted)


# ---------------------------------------------------------------- sentences
def since(unit: str, origin: str) -> str:
    """`Months since diagnosis`: the title of a time axis; `Months` where the file doesn't say from when."""
    return capitalised(unit_since(unit, origin))


def unit_since(unit: str, origin: str) -> str:
    """`months since diagnosis`; the unit alone where the file doesn't say from when."""
    return f"{unit} since {origin}" if origin else unit


def capitalised(text: str) -> str:
    """The first letter a capital, the rest as it is: names keep theirs, and a p-value stays small."""
    return text if text.startswith("p ") else text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """A note as a sentence: capital, full stop; nothing of nothing."""
    text = capitalised(text.strip())
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def ghost_name(n: int) -> str:
    """What stands pale behind the filtered patients, for a legend."""
    return f"all {plural(n, 'patient')}"


def ghost_phrase(n: int, what: str) -> str:
    """`grey: all 88 patients, before the filters`, of what is drawn pale."""
    return f"{what}: {ghost_name(n)}, before the filters"


def sentences(*parts: str) -> str:
    """Several notes as one text, the empty ones left out."""
    return " ".join(filter(None, map(sentence, parts)))


def as_notes(parts: Iterable[str]) -> tuple[str, ...]:
    """Each note as a sentence of its own, the empty and the repeated ones left out."""
    return tuple(dict.fromkeys(filter(None, map(sentence, parts))))


# ---------------------------------------------------------------- who was counted
def exclusions(excluded: Iterable[Exclusion]) -> str:
    """`3 patients (time not recorded) and 1 patient (event not recorded)`; empty where nobody was excluded."""
    return joined([f"{plural(e.n, 'patient')} ({e.reason})" for e in excluded if e.n])


def not_analysed(excluded: Iterable[Exclusion]) -> str:
    """`Not analysed: 3 patients (time not recorded).`; empty where nobody was excluded."""
    names = exclusions(excluded)
    return f"Not analysed: {names}." if names else ""


def excluded_of(*results: object) -> tuple[Exclusion, ...]:
    """Who was left out of some results or of their parts, each reason once with the most patients of any."""
    most: dict[str, int] = {}
    for e in _exclusions_in(results):
        most[e.reason] = max(most.get(e.reason, 0), e.n)
    return tuple(Exclusion(reason, n) for reason, n in most.items())


def _exclusions_in(value: object) -> Iterator[Exclusion]:
    if isinstance(value, Exclusion):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _exclusions_in(part)
    else:
        for name in WITH_EXCLUSIONS:
            yield from _exclusions_in(getattr(value, name, ()))


def nothing_of(label: str, result: object, why: str = NO_PATIENTS) -> str:
    """`Overall survival: no patients to analyse. Not analysed: 3 patients (time not recorded).`"""
    return sentences(f"{label}: {why}", not_analysed(getattr(result, "excluded", ())))


def notes_of(result: object) -> tuple[str, ...]:
    """Who was excluded, and the notes of a result, as sentences: what every table and page ends with."""
    return as_notes([not_analysed(getattr(result, "excluded", ())), *getattr(result, "notes", ())])


def overlap(sites: Sequence[Share]) -> str:
    """What follows from counting patients at several sites: that shares add up to more than all only where they do."""
    shares = [s.n / s.of for s in sites if s.of]
    more = " The shares add up to more than 100 %." if sum(shares) > 1 + 1e-9 else ""
    return f"A patient with several sites is counted at each.{more}"


def most_frequent(items: Sequence[S], most: int = 3) -> list[S]:
    """The items with the highest counts: no more than asked for, and not some of several that are equally frequent."""
    ordered = sorted((i for i in items if i.n), key=lambda i: -i.n)
    cut = min(most, len(ordered))
    while 0 < cut < len(ordered) and ordered[cut].n == ordered[cut - 1].n:
        cut -= 1
    return ordered[:cut]


def counts(n: int, n_events: int) -> str:
    """`88 patients, 41 events`."""
    return f"{plural(n, 'patient')}, {plural(n_events, 'event')}"


def response_rates_defined(rates: ResponseRates) -> str:
    """`ORR = CR + PR, DCR = CR + PR + SD, of evaluable patients`."""
    return f"ORR = CR + PR, DCR = CR + PR + SD, of {rates.counted}"


# ---------------------------------------------------------------- tests
def test_name(name: str) -> str:
    """The name of a test of curves as a person would write it: `Fleming-Harrington (0, 1)`, `log-rank`."""
    for code, usual in TESTS_OF_CURVES.items():
        if name.startswith(code):
            return f"{usual} {name.removeprefix(code)}".rstrip()
    return name


def response_test(rates: ResponseRates) -> str:
    """`Fisher's exact test of the ORR: p = 0.030`; empty where groups weren't compared."""
    test = rates.test
    if test is None:
        return ""
    if test.p is None:
        return f"ORR not tested{f': {test.note}' if test.note else ''}"
    return f"{test.name} of the ORR: {p_phrase(test.p)}"


def test_of_curves(km: KaplanMeier) -> str:
    """`Log-rank test, 1 df: p = 0.030`; empty where there is one curve."""
    return f"{capitalised(km.test.name)} test, {km.test.df} df: {test_p(km.test)}" if len(km.curves) > 1 else ""


def test_p(test: LogRank) -> str:
    """`p = 0.030`, `p = 0.030 (permutation)` where groups are small, `too few to test` below that."""
    return _by_its_way(test, p_phrase(test.p))


def test_cell(test: LogRank) -> str:
    """`test_p` as a cell: `0.030`, `0.030 (permutation)`, `too few to test`."""
    return _by_its_way(test, format_p(test.p))


def _by_its_way(test: LogRank, shown: str) -> str:
    if test.p is None and test.note.startswith(TOO_FEW):
        return TOO_FEW
    return written("{} (permutation)", shown) if test.p_by == "permutation" else shown


def test_or_why(p: float | None, note: str) -> str:
    """`p = 0.030`; where there is none, why, or that it isn't estimable."""
    return note if p is None and note else p_phrase(p)


def ties(method: str) -> str:
    """`Efron's method for ties`."""
    return f"{method.capitalize()}'s method for ties"


def adjustment(method: str) -> str:
    """`Holm`."""
    return next((name for key, name in ADJUSTMENTS.items() if key == method), method)


def adjusted_for(n_tests: int, method: str, what: str = "test", several: str | None = None, p: str = "") -> str:
    """`adjusted for 7 sites (Holm)`; where no test could be made, that.

    n_tests: those that could be made, not those asked for. p: what was adjusted, in front.
    """
    if not n_tests:
        return NO_TEST
    return f"{p} adjusted for {plural(n_tests, what, several)} ({adjustment(method)})".lstrip()


def by_chance(n_tests: int, alpha: float = 0.05) -> str:
    """How many of some tests would be below alpha if nothing differed: `about 1.0 would be below 0.05 ...`."""
    expected = alpha * n_tests
    number = "fewer than one" if expected < 0.95 else f"about {format_number(expected, 0 if expected > 9.5 else 1)}"
    return f"{number} would be below {alpha:g} if nothing differed"


def p_with_adjusted(p: float | None, adjusted: float | None, why: str = "") -> str:
    """`p = 0.010, adjusted p = 0.070`; where there is no p, why."""
    return test_or_why(p, why) + (f", adjusted {p_phrase(adjusted)}" if adjusted is not None else "")


def p_cell(p: float | None) -> str:
    """A p of a table; a dash where there is no test."""
    return NOTHING if p is None else format_p(p)


def interactions_of(model: CoxModel) -> tuple[tuple[str, str], ...]:
    """The interactions of a model, by the labels of their covariates."""
    labels = {c.name: c.label for c in model.design.covariates} if model.design else {}
    return tuple((labels.get(a, a), labels.get(b, b)) for a, b in model.interactions)


def sensitivity_rule(rule: str, left_out: int) -> str:
    """`without: follow-up under 60 days (3 patients left out)`."""
    return f"{rule} ({plural(left_out, 'patient') if left_out else 'nobody'} left out)"


# ---------------------------------------------------------------- intervals
def ci_name(level: float) -> str:
    """`95 % CI`."""
    return f"{100 * level:g} % CI"


def interval(lower: float | None, upper: float | None, digits: int = 1) -> str:
    """`28.4–49.6`; "not estimable" where neither limit exists."""
    known = [v for v in (lower, upper) if v is not None and not math.isnan(v)]
    return format_ci(lower, upper, digits, NOT_ESTIMABLE) if known else NOT_ESTIMABLE


def percent(share: float | None, digits: int = 1) -> str:
    """`38.6 %`."""
    return NOT_ESTIMABLE if share is None else written("{} %", format_number(100 * share, digits))


def percentages(e: Estimate) -> Estimate:
    """A share, or a difference of shares, in percent."""
    value, lower, upper = (None if v is None else 100 * v for v in (e.value, e.lower, e.upper))
    return replace(e, value=value, lower=lower, upper=upper)


def estimate_cell(e: Estimate, digits: int = 1) -> str:
    """`14.6 (12.1–17.0)`, `-2.1 (-4.0 to 1.2)`; without brackets where there is no interval."""
    if e.value is not None and e.lower is None and e.upper is None:
        return format_number(e.value, digits)
    if e.value is not None and e.lower is not None and e.upper is not None and e.lower < 0:
        lower, upper = format_number(e.lower, digits), format_number(e.upper, digits)
        return written("{} ({} to {})", format_number(e.value, digits), lower, upper)
    return format_estimate(e.value, e.lower, e.upper, digits, NOT_ESTIMABLE)


def percent_estimate(e: Estimate) -> str:
    """`12.5 (6.7–20.4)`, in percent."""
    return estimate_cell(percentages(e))


def percent_with_ci(e: Estimate) -> str:
    """`38.6 % (95 % CI 28.4–49.6)`, for a sentence."""
    known = e.value is not None and (e.lower is not None or e.upper is not None)
    return f"{percent(e.value)} ({ci_name(e.level)} {share_ci(e)})" if known else percent(e.value)


def share_ci(p: Estimate) -> str:
    """`28.4–49.6`, in percent."""
    in_percent = percentages(p)
    return interval(in_percent.lower, in_percent.upper)


def median_cell(e: Estimate) -> str:
    """`12.2 (8.1–20.4)` or `not reached (8.1–not reached)`."""
    return format_estimate(e.value, e.lower, e.upper)


def median_phrase(e: Estimate, unit: str) -> str:
    """`median 12.2 months (95 % CI 8.1–20.4)` or `median not reached`."""
    if e.value is None:
        return f"median {NOT_REACHED}"
    return f"median {format_number(e.value)} {unit} ({ci_name(e.level)} {format_ci(e.lower, e.upper)})"


def follow_up(e: Estimate, unit: str) -> str:
    """`median follow-up 21.0 months (95 % CI 18.4–25.9, reverse Kaplan-Meier)`; empty where nobody was followed up."""
    if e.value is None and e.lower is None and e.upper is None:
        return ""
    shown = NOT_REACHED if e.value is None else f"{format_number(e.value)} {unit}"
    return f"median follow-up {shown} ({ci_name(e.level)} {format_ci(e.lower, e.upper)}, reverse Kaplan-Meier)"


# ---------------------------------------------------------------- ratios
def ratio_limits(lower: float | None, upper: float | None) -> str:
    """`1.22–4.63`; a limit that isn't there is open."""
    return written(f"{{}}{DASH}{{}}", format_ratio(lower, "0"), format_ratio(upper, chr(0x221E)))


def format_ratio_ci(value: float | None, lower: float | None, upper: float | None) -> str:
    """`2.38 (1.22–4.63)`; "not estimable" where there is no ratio, an open limit as an infinite one."""
    if lower is None and upper is None:
        return format_ratio(value)
    return written("{} ({})", format_ratio(value), ratio_limits(lower, upper))


def ratio_estimate(e: Estimate) -> str:
    """`2.38 (1.22–4.63)` of an estimate."""
    return format_ratio_ci(e.value, e.lower, e.upper)


def ratio_with_p(e: Estimate, p: float | None) -> str:
    """`2.38 (1.22–4.63), p = 0.011`."""
    return NOT_ESTIMABLE if e.value is None else f"{ratio_estimate(e)}, {p_phrase(p)}"


def versus(level: str, reference: str | None) -> str:
    """`large cell vs small cell`."""
    return f"{level} vs {reference}"


def contrast(label: str, level: str | None, reference: str | None, unit: str = "") -> str:
    """What a ratio compares: `Histology: large cell vs small cell`, `Age at diagnosis (per 10 years)`.

    Yes against no and with against without go without saying, and so does a cut or a long level that the label names.
    """
    if level is None and reference is None:
        return f"{label} (per {one_unit(unit)})"
    if not level:
        return label if level is None else f"{label}, per unit"
    label = label.replace(">=", "\u2265").replace("<=", "\u2264")
    cut = (level[:1] in "<>\u2264\u2265" or len(level) > 4) and level in label
    said = cut or (level, reference) in (("yes", "no"), ("with", "without"))
    return label if said else f"{label}: {versus(level, reference)}"
