"""What an analysis noticed about its own data, and what it did about it.

A guardrail isn't an error: the analysis answered. It says what was seen, why it matters, what was done and how to
overrule it, so that a reader can judge and a page can show it beside the numbers.

A minimum for tests. A p-value, interval or variance that holds in large samples isn't given where the sample is too
small for it:

    at least 2 patients in two of the groups                               `MINIMUM_PATIENTS`
    at least 5 events expected in each group, for a chi-square test or a robust variance [1-3]   `MINIMUM_EXPECTED`
    at least 1 in each group, for a hazard ratio of a model, whose limits follow the events [1]  `EXPECTED_IN_MODEL`
    at least 2 events a term of a model, and 5 with a robust variance [4]  `EVENTS_PER_TERM`, `EVENTS_PER_ROBUST_TERM`
    at least 5 events a parameter of a parametric curve, its shape included [4]  `EVENTS_PER_PARAMETER`

Below it there is the permutation p where one exists [3], else none, with the reason. What has no p isn't counted in an
adjustment. The expected events are those of the log-rank test: what a group would have if all groups were alike.
In 1,500 simulated cohorts the median ratio of the permutation p to a significant chi-square p was 29 below half an
expected event, 3.9 between 1 and 1.5, 1.4 between 3 and 5, and 1.3 from 5 on. The 95 % limits of a parametric curve's
median covered the true one in 72 to 84 % of 600 simulated cohorts a family at 1.3 events a parameter, 86 to 93 % at
2.4, 89 to 95 % at 4, and 91 to 94 % at 6.5.

References:
    1. Cochran WG. Biometrics 1954;10:417-51. doi:10.2307/3001616 (expected counts of 5, and none below 1)
    2. Fay MP, Graubard BI. Biometrics 2001;57:1198-206. doi:10.1111/j.0006-341X.2001.01198.x (robust variances of a
       few terms are too small)
    3. Heimann G, Neuhaus G. Biometrics 1998;54:168-84. doi:10.2307/2534005; Wang R, Lagakos SW, Gray RJ. Biostatistics
       2010;11:676-92. doi:10.1093/biostatistics/kxq021 (log-rank test of small groups)
    4. Vittinghoff E, McCulloch CE. Am J Epidemiol 2007;165:710-8. doi:10.1093/aje/kwk052 (problems are common with 2
       to 4 events a term, uncommon with 5 to 9; below 2 nothing is known)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import get_args

from necc.core.cohort import Cohort
from necc.core.dictionary import Stage
from necc.core.errors import AnalysisError
from necc.core.text import format_number, joined, plural, quoted

WHEN_KNOWN: dict[Stage, str] = {
    "baseline": "at diagnosis",
    "recurrence": "at the recurrence",
    "treatment": "when treatment is given",
    "followup": "during follow-up",
}

FEW_AT_RISK = 5
"""Patients: with fewer at risk one more event would move a curve visibly, so that it is drawn pale."""
SMALL_GROUP = 10
"""A group of fewer patients is small: each of them is more than a tenth of it, so one more event moves a share by more
than 10 points, and the large-sample limits and tests no longer hold what they say."""
LEAST_CURVE = FEW_AT_RISK
"""Patients like one: of fewer no curve is drawn, as each would be a step of a fifth or more; they stand one by one."""
LEAST_TEST = SMALL_GROUP
"""Patients like one: of fewer no p is told, and this many are looked for before a field of the rule is dropped."""
SMALLEST_CELL = 5
"""Patients: no number of fewer is kept in a file that may be handed on, unless asked for. Whoever knows some of them
could learn of the others: the threshold rule of statistical disclosure control (Hundepool A et al. Statistical
disclosure control. Chichester: Wiley; 2012), for which 3 to 5 are usual; in small cohorts the larger is the safer."""
MINIMUM_PATIENTS = 2
MINIMUM_EXPECTED = 5
EXPECTED_IN_MODEL = 1
EVENTS_PER_TERM = 2
EVENTS_PER_ROBUST_TERM = 5
EVENTS_PER_PARAMETER = 5
TOO_FEW = "too few to test"


@dataclass(frozen=True)
class Guardrail:
    """One thing seen; sentences without a final full stop, `overrule` empty where nothing was done.

    code: stable and short, e.g. "separation"; for tests, links to an explanation, and translation.
    """

    code: str
    saw: str
    why: str
    did: str
    overrule: str = ""

    def sentence(self) -> str:
        """All of it as one note."""
        text = f"{self.saw}: {self.why}; {self.did}"
        return f"{text} (instead: {self.overrule})" if self.overrule else text

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


def sentences(guardrails: Iterable[Guardrail]) -> tuple[str, ...]:
    """The notes of some guardrails."""
    return tuple(g.sentence() for g in guardrails)


@dataclass(frozen=True)
class Group:
    """What the minimum for tests looks at: patients, and the events expected if all groups were alike."""

    name: str
    n: int
    expected: float

    def lacks(self, least: float = MINIMUM_EXPECTED) -> str:
        """What the group lacks, in words; empty where it has enough."""
        if self.n < MINIMUM_PATIENTS:
            return f"{plural(self.n, 'patient')} in '{self.name}'"
        # a sum of fractions that makes a whole number isn't refused for its last digit
        if self.expected < least * (1 - 1e-9):
            return f"{format_number(self.expected, 1)} expected events in '{self.name}'"
        return ""


def too_few(groups: Iterable[Group], least: float = MINIMUM_EXPECTED) -> str:
    """Why an asymptotic p or interval of these groups isn't given, in words; empty where it may be."""
    lacks = [lack for g in groups if (lack := g.lacks(least))]
    if not lacks:
        return ""
    events = f" and {plural(int(least), 'expected event')}" if least else ""
    return f"{joined(lacks[:4])}; at least {MINIMUM_PATIENTS} patients{events} in each group are needed"


def comparable(groups: Iterable[Group]) -> bool:
    """Whether there are two groups of more than one patient: else no p stands in a test's place."""
    return sum(g.n >= MINIMUM_PATIENTS for g in groups) > 1


def tells_of_few(n: int, of: int, smallest: int) -> bool:
    """Whether `n` patients among `of`, or all others, are so few that their number isn't told.

    Example:
        >>> tells_of_few(85, 88, smallest=5), tells_of_few(44, 88, smallest=5), tells_of_few(0, 88, smallest=5)
        (True, False, False)
    """
    return any(0 < some < smallest for some in (n, of - n))


def small_groups(sizes: Iterable[tuple[str, int]], label: str = "") -> list[str]:
    """The note on those of some groups (name, patients) that are small. label: what they are groups of."""
    small = quoted([name for name, n in sizes if n < SMALL_GROUP])
    if not small:
        return []
    named = f"{label}: " if label else ""
    return [
        f"{named}fewer than {SMALL_GROUP} patients in {joined(small)}, so one patient more or less moves the limits"
    ]


def label_of(cohort: Cohort, name: str) -> str:
    """A factor or number as a reader knows it: `Age at diagnosis` for `age_years`."""
    known = cohort.dictionary.variables.get(name)
    if known is not None:
        return known.label
    try:
        return cohort.factor(name).label
    except AnalysisError:
        return name


def own_outcome(cohort: Cohort, outcome: str, columns: Iterable[str], names: Iterable[str]) -> Iterator[Guardrail]:
    """Covariates that are read from a column of the outcome itself: `columns` are the outcome's."""
    own = set(columns)
    if outcomes := [label_of(cohort, name) for name in names if cohort.source_of(name) in own]:
        yield Guardrail(
            "own-outcome",
            f"{joined(outcomes)} {'are parts' if len(outcomes) > 1 else 'is a part'} of {outcome} itself",
            "the outcome then explains itself, and no number of the model can be interpreted",
            "it is shown as requested",
            "leave it out",
        )


def later_than(cohort: Cohort, start: Stage, names: Iterable[str]) -> list[str]:
    """Those of some names whose value becomes known only after this stage."""
    order = get_args(Stage)
    return [name for name in names if order.index(cohort.starts_at(name)) > order.index(start)]


def known_later(
    cohort: Cohort,
    start: Stage,
    clock: str,
    names: Mapping[str, str],
    did: str = "it is shown as requested",
    overrule: str = "a landmark or time-dependent analysis, or an endpoint that starts later",
) -> Iterator[Guardrail]:
    """Groups or covariates whose value becomes known only after the outcome's clock has started.

    start: when it starts. clock: what starts, and with what. names: of what is compared, each with its label.
    """
    when: dict[Stage, list[str]] = {}
    for name in later_than(cohort, start, names):
        when.setdefault(cohort.starts_at(name), []).append(names[name])
    if when:
        phrases = [f"{joined(w)} {'are' if len(w) > 1 else 'is'} known only {WHEN_KNOWN[s]}" for s, w in when.items()]
        yield Guardrail(
            "known-later",
            f"{joined(phrases)}, while {clock}",
            "a patient must live, or stay free of the event, long enough to get the value (immortal time), which can "
            "bias every comparison by it",
            did,
            overrule,
        )


def clock_of(label: str, origin: str) -> str:
    """`post-recurrence survival starts with first recurrence`; an abbreviation keeps its capitals."""
    name = label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"
    return f"{name} starts with {origin or 'time zero'}"
