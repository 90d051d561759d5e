"""The kinds of claims: which keys each has, and the check behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from necc.core.toml import LARGEST_COUNT, Converter, count, flag, listed, mapped, record, text, whole
from necc.paper.audit import counts, models, response, two_by_two
from necc.paper.audit.outcomes import Context, Outcome, Values
from necc.paper.values import figure, limits, percent, positive, probability, share

Keys = Mapping[str, Converter]


def _whole(value: object) -> int:
    number = whole(value)
    if abs(number) > LARGEST_COUNT:
        raise ValueError(f"{number} is larger than any cohort")
    return number


@dataclass(frozen=True)
class ClaimKind:
    """A kind of claim. `summary` looks at all rows of a claim together."""

    name: str
    title: str
    required: Keys
    check: Callable[[Values, Context], list[Outcome]]
    optional: Keys = field(default_factory=dict)
    summary: Callable[[list[Values]], list[Outcome]] | None = None


STATEMENT = record({"where": text}, {"value": figure, "terms": listed(_whole), "measure": text})
KNOWN = record({"where": text, "value": count}, {})
LIST = record({"where": text, "items": listed(text)}, {})
CANDIDATE = record(
    {"label": text},
    {
        "counts": listed(count, 4),
        **dict.fromkeys(("table", "outcome", "column"), text),
        **dict.fromkeys(("is", "any_of"), listed(text)),
    },
)
COMMON: Keys = {"item": text}

_ALL = (
    ClaimKind("percentage", "A percentage from its count and denominator", {"pct": percent}, counts.percentage,
              {"n": count, "of": count, "of_at_most": count}, counts.formats),
    ClaimKind("sum", "Counts that make up a total", {"parts": listed(count), "total": count}, counts.total,
              {"overlap": flag}),
    ClaimKind("memberships", "Entries of a list in which some patients appear several times",
              {"counts": listed(count), "one": count, "several": count}, counts.memberships),
    ClaimKind("same", "One quantity stated in several places", {"statements": listed(STATEMENT)}, counts.same),
    ClaimKind("wording", "A share stated in words",
              {"n": count, "of": count, "words": text, "fraction": listed(count, 2)}, counts.wording,
              {"within": share}),
    ClaimKind("at_least", "A smallest value against an inclusion limit", {"value": figure, "minimum": figure},
              counts.at_least, {"factor": positive}),
    ClaimKind("range", "A range against the column of a printed table",
              {"table": text, "column": text, "range": listed(figure, 2)}, counts.extremes),
    ClaimKind("names", "A list of names stated in several places", {"statements": listed(LIST)}, counts.names),
    ClaimKind("significant", "Factors called significant against their p-values",
              {"p": mapped(probability), "named": listed(text)}, counts.significant, {"alpha": share}),
    ClaimKind("multiplicity", "Significant findings after adjustment for the number of tests",
              {"p": mapped(probability)}, counts.multiplicity, {"alpha": share}),
    ClaimKind("two_by_two", "p-value of a 2x2 table from its counts", {"n": listed(count, 2)}, two_by_two.two_by_two,
              {"of": listed(count, 2), "of_at_most": listed(count, 2), "pct": listed(percent, 2), "p": probability,
               "groups": listed(text, 2), "known": KNOWN, "alpha": share}, two_by_two.overall),
    ClaimKind("ratio", "Hazard or odds ratio with its interval and p-value", {"ratio": positive, "ci": limits},
              models.ratio, {"p": probability, "level": share, "exposed": count, "of": count}),
    ClaimKind("two_tests", "p-values attributed to one test against those of another",
              {"p": probability, "other": probability}, models.two_tests,
              {"ratio": positive, "ci": limits, "level": share}),
    ClaimKind("survival", "Survival at a time against the median",
              {"median": positive, "time": positive, "survival": percent}, models.survival, {"unit": text}),
    ClaimKind("medians", "Order of two medians against the hazard ratio",
              {"median": positive, "reference": positive, "ratio": positive}, models.medians, {"ci": limits}),
    ClaimKind("response", "A table of responses against its printed rates",
              {"table": text, "n": count, "of": count}, response.response, {"best": mapped(count)}),
    ClaimKind("readings", "A p-value that depends on how the table is read", {"readings": listed(CANDIDATE)},
              response.candidates, {"p": probability, "alpha": share}),
)  # fmt: skip
KINDS: dict[str, ClaimKind] = {kind.name: kind for kind in _ALL}
