"""The numbers of a cohort that are kept to be compared later: before an edit and after it, this year's file and last's.

Each has a key that stays the same when columns move and patients are added, so that two recordings are set beside each
other key by key. They are aggregates: counts, medians with their limits (Kaplan-Meier [1]), survival at one and two
years, p of the log-rank test [2], hazard ratios of a Cox model with one covariate [3], shares. No patient is in them.

References:
    1. Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-81. doi:10.1080/01621459.1958.10501452
    2. Mantel N. Cancer Chemother Rep 1966;50:163-70
    3. Cox DR. J R Stat Soc B 1972;34:187-220
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from necc.analysis.regression import cox
from necc.analysis.response import response_rates
from necc.analysis.survival import Curve, KaplanMeier, kaplan_meier
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import one_year
from necc.core.errors import AnalysisError, SelectionError
from necc.core.result import Result, answers
from necc.core.selection import PICKED, Selection
from necc.core.text import one_unit

Kind = Literal["same", "changed", "gone", "new"]
KINDS: tuple[Kind, ...] = ("changed", "gone", "new", "same")
YEARS = (1, 2)
CLOSE = 1e-9  # of a number: what another order of the rows may add to it


@dataclass(frozen=True)
class Recorded(Result):
    """One number as it was. value: None where it wasn't reached or estimable. n: patients behind it; None for a count.

    name: a stable key, such as "PRS/median/site:lung=with". label: in words.
    unit: of the value: "patients", "events", a unit of time, "share" (0 to 1), "p" or "ratio".
    """

    name: str
    label: str
    value: float | None
    unit: str = ""
    n: int | None = None


@dataclass(frozen=True)
class Change(Result):
    """One number beside itself: as it was recorded, and as it is now. One that is on one side only is `gone` or `new`.

    difference: now less before; None where one of them has no value. relative: of what was before, as a share of its
    size; None also where that was 0.
    below: of one on one side only: the smallest cell of its records, so that it may have been of fewer on the other
    side; 0 where it wasn't there. there: whether it was there; None where that isn't known.
    """

    name: str
    label: str
    unit: str
    old: float | None
    new: float | None
    old_n: int | None
    new_n: int | None
    kind: Kind
    difference: float | None = None
    relative: float | None = None
    below: int = 0
    there: bool | None = None


@dataclass(frozen=True)
class NumberComparison(Result):
    """Recorded numbers beside those of now, what changed first and by its relative size; see `compare_numbers`."""

    rows_in = "rows"

    rows: tuple[Change, ...]

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many numbers there are of each kind."""
        found = Counter(row.kind for row in self.rows)
        return {kind: found[kind] for kind in KINDS}

    @property
    def largest(self) -> Change | None:
        """The change that is largest beside what was; None where none has a size."""
        sized = [row for row in self.rows if row.kind == "changed" and row.relative is not None]
        return max(sized, key=lambda row: abs(row.relative or 0.0), default=None)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded: `counts` by kind, and the rows."""
        return {"counts": dict(self.counts), **super().to_dict()}


# ---------------------------------------------------------------- recorded
@answers
@public
def record_numbers(
    cohort: Cohort,
    *,
    by: str | None = None,
    endpoints: Iterable[str] | None = None,
    subcohorts: Mapping[str, Selection] | None = None,
    smallest: int = 0,
) -> tuple[Recorded, ...]:
    """The numbers of a cohort that a project keeps.

    Args:
        cohort: the patients, filtered as they are shown.
        by: what they are grouped by; then each endpoint also has n, events and median by level, p and hazard ratios.
        endpoints: which; all that the cohort has by default. Those that it lacks have no numbers.
        subcohorts: by name the filters of others, of whom the number is kept; they choose from the whole cohort.
        smallest: of a cell; `necc.core.guardrails.SMALLEST_CELL` is usual. Counts above 0 and below it aren't kept,
            and neither is what rests on them: medians and survival of so few, shares of so few, p where a group has
            so few, hazard ratios of a level with so few or against it. What is kept may still tell of them by a
            difference, as a total less its other groups does. By default everything is kept.

    Returns:
        One record a number, each key once. Counts in patients or events, times in the endpoint's unit, shares from 0 to
        1, unrounded; None for what isn't reached or estimable.

    Example:
        >>> numbers = record_numbers(cohort, by="site:lung")
        >>> next(x.value for x in numbers if x.name == "PRS/median/site:lung=with")
        24.07
    """
    names = cohort.endpoint_names()
    wanted = names if endpoints is None else [name for name in endpoints if name in names]
    by = by if by and _groups(cohort, by) else None
    found = [Recorded("patients", "Patients", len(cohort), "patients")]
    for name in wanted:
        found += _of_endpoint(cohort, name, by, smallest)
    found += [*_of_sites(cohort), *_of_responses(cohort, smallest)]
    found += _of_subcohorts(cohort.whole, subcohorts or {})
    kept = (x for x in found if not is_small(x, smallest))
    return tuple({x.name: x for x in kept}.values())


def is_small(number: Recorded, smallest: int) -> bool:
    """Whether a number is a count of fewer patients or events than a cell may have, or rests on so few patients.

    Example:
        >>> is_small(Recorded("site/bone", "Site Bone", 3, "patients", 88), smallest=5)
        True
    """
    counts = (number.value if number.unit in ("patients", "events") else None, number.n)
    return any(_few(n, smallest) for n in counts)


def _few(n: float | None, smallest: int) -> bool:
    return n is not None and 0 < n < smallest


def _groups(cohort: Cohort, by: str) -> bool:
    try:
        return len(cohort.factor(by).levels) > 0
    except AnalysisError:
        return False


def _of_endpoint(cohort: Cohort, name: str, by: str | None, smallest: int) -> Iterator[Recorded]:
    unit = cohort.endpoint(name).unit
    times = {years: years * one_year(unit) for years in YEARS}
    everybody = kaplan_meier(cohort, name, times=times.values())
    if not everybody.curves:
        yield Recorded(f"{name}/n", f"{everybody.label}: patients", 0, "patients")
        return
    one = everybody.curves[0]
    yield from _of_curve(everybody, one, "", "")
    for years, time in times.items():
        at = one.at(time)
        said = f"{everybody.label}: without the event at {time:g} {everybody.unit}"
        key = f"{name}/survival at {years} {'year' if years == 1 else 'years'}"
        yield Recorded(key, said, at.estimate.value, "share", one.n)
        yield Recorded(f"{key}/lower", f"{said}, lower limit", at.estimate.lower, "share", one.n)
        yield Recorded(f"{key}/upper", f"{said}, upper limit", at.estimate.upper, "share", one.n)
    if by:
        yield from _by_level(cohort, name, by, smallest)


def _of_curve(km: KaplanMeier, curve: Curve, key: str, of: str) -> Iterator[Recorded]:
    """Patients, events and the median of one curve; `key` and `of` tell its group."""
    start, said = f"{km.endpoint}/", f"{km.label}{of}: "
    yield Recorded(f"{start}n{key}", f"{said}patients", curve.n, "patients")
    yield Recorded(f"{start}events{key}", f"{said}events", curve.n_events_total, "events", curve.n)
    for end, words, value in (
        ("", "median", curve.median.value),
        ("/lower", "median, lower limit", curve.median.lower),
        ("/upper", "median, upper limit", curve.median.upper),
    ):
        yield Recorded(f"{start}median{key}{end}", f"{said}{words}", value, km.unit, curve.n)


def _by_level(cohort: Cohort, name: str, by: str, smallest: int) -> Iterator[Recorded]:
    km = kaplan_meier(cohort, name, by)
    for curve in km.curves:
        yield from _of_curve(km, curve, f"/{by}={curve.name}", f", {km.by_label} {curve.name}")
    if len(km.curves) < 2:
        return
    said = f"{km.label} by {km.by_label}: "
    if not any(_few(curve.n, smallest) for curve in km.curves):
        yield Recorded(f"{name}/log-rank p/{by}", f"{said}p of the log-rank test", km.test.p, "p", km.n)
    try:
        model = cox(cohort, name, [by])
    except AnalysisError:  # too few for a model: there is no ratio to keep
        return
    for term in model.terms:
        if _few(term.n, smallest) or _few(term.n_reference, smallest):
            continue
        key, against = f"{name}/hazard ratio/{by}", f"{said}hazard ratio"
        if term.level is None:  # a number, such as that of sites
            against += f" per {one_unit(term.unit)}"
        else:
            key, against = f"{key}={term.level}", f"{against}, {term.level} against {term.reference}"
        yield Recorded(key, against, term.hazard_ratio, "ratio", model.n)
        yield Recorded(f"{key}/lower", f"{against}, lower limit", term.ci_lower, "ratio", model.n)
        yield Recorded(f"{key}/upper", f"{against}, upper limit", term.ci_upper, "ratio", model.n)


def _of_sites(cohort: Cohort) -> Iterator[Recorded]:
    matrix = cohort.site_matrix
    for place, site in enumerate(cohort.site_names):
        known = matrix[:, place]
        label = f"Site {cohort.site_label(site)}"
        yield Recorded(f"site/{site}", label, int((known == 1).sum()), "patients", int((known >= 0).sum()))


def _of_responses(cohort: Cohort, smallest: int) -> Iterator[Recorded]:
    try:
        rates = response_rates(cohort)
    except AnalysisError:  # the file tells of no response
        return
    for key, label, rate in (
        ("objective response", "Objective response rate", rates.overall.orr),
        ("disease control", "Disease control rate", rates.overall.dcr),
    ):
        yield Recorded(f"response/{key}/n", f"{label}: patients with it", rate.n, "patients", rate.of)
        if not _few(rate.n, smallest):
            yield Recorded(f"response/{key}", label, rate.estimate.value, "share", rate.of)


def _of_subcohorts(whole: Cohort, subcohorts: Mapping[str, Selection]) -> Iterator[Recorded]:
    for name, selection in subcohorts.items():
        if PICKED in selection.names:  # picked by their places, which another file doesn't have
            continue
        try:
            n = int(selection.mask(whole).sum())
        except (AnalysisError, SelectionError):
            continue
        yield Recorded(f"sub-cohort/{name}", f"Sub-cohort {name}", n, "patients", len(whole))


# ---------------------------------------------------------------- compared
def compare_numbers(
    old: Iterable[Recorded],
    new: Iterable[Recorded],
    smallest: int = 0,
    names: tuple[Collection[str], Collection[str]] | None = None,
) -> NumberComparison:
    """Recorded numbers beside those of now, by their keys: what changed first, the relatively largest on top.

    Args:
        old, new: as `record_numbers` keeps them.
        smallest: of a cell, below which they weren't kept.
        names: those that are there before and now, kept or not, where that is known.

    Numbers that differ by less than 1 in 1,000,000,000 are the same: another order of the rows adds as much. A value
    that was there and is not estimable now has changed, too.

    Example:
        >>> late = Selection.parse(["figo_stage=III,IVA"]).apply(cohort)
        >>> compare_numbers(record_numbers(cohort), record_numbers(late)).counts["gone"]
        0
    """
    before, now = ({x.name: x for x in numbers} for numbers in (old, new))
    rows = [_change(before.get(name), now.get(name)) for name in dict.fromkeys((*before, *now))]
    if smallest > 1:
        rows = [_perhaps_few(row, smallest, names) for row in rows]
    return NumberComparison(tuple(sorted(rows, key=_rank)))


def _perhaps_few(row: Change, smallest: int, names: tuple[Collection[str], Collection[str]] | None) -> Change:
    """A number on one side only, which may have been left out of the other as one of few."""
    if row.kind not in ("new", "gone"):
        return row
    there = None if names is None else row.name in names[row.kind == "gone"]
    return replace(row, below=0 if there is False else smallest, there=there)


def _change(old: Recorded | None, new: Recorded | None) -> Change:
    known = new or old
    assert known is not None  # a key is of one of the two
    row = Change(
        known.name, known.label, known.unit, old.value if old else None, new.value if new else None,
        old.n if old else None, new.n if new else None, "same",
    )  # fmt: skip
    if old is None or new is None:
        return replace(row, kind="new" if old is None else "gone")
    if old.unit != new.unit:  # months and years of the same name are two numbers
        return replace(row, kind="changed")
    if old.value is None or new.value is None:
        return replace(row, kind="same" if old.value is new.value else "changed")
    difference = new.value - old.value
    same = math.isclose(old.value, new.value, rel_tol=CLOSE, abs_tol=CLOSE**1.5)
    relative = difference / abs(old.value) if old.value else None
    return replace(row, kind="same" if same else "changed", difference=difference, relative=relative)


def _rank(row: Change) -> tuple[int, float]:
    """What changed first: without a size of its change on top, then the relatively largest."""
    size = math.inf if row.relative is None else abs(row.relative)
    return KINDS.index(row.kind), -size if row.kind == "changed" else 0.0
