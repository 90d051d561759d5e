"""The edits of a cohort as values: what each one is, and what a step of them did.

An edit names columns, levels, sites and endpoints as the typed cohort does; it holds no value of a patient but the
fingerprints of rows. Lists are taken for tuples, and a dict for the groups of `Recode` and the rows of `LeaveOut`, so
that equal edits are equal and can be hashed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError, Finding, SelectionError
from necc.core.selection import Selection, filter_label
from necc.core.text import joined, quoted, rows_named

Closed = Literal["right", "left"]


def _as_tuple(value: object) -> object:
    if isinstance(value, Mapping):
        value = list(value.items())
    return tuple(map(_as_tuple, value)) if isinstance(value, list | tuple) else value


def _label(cohort: Cohort | None, name: str) -> str:
    return filter_label(cohort, name) if cohort else name


def _endpoint_label(cohort: Cohort | None, name: str) -> str:
    known = cohort.dictionary.endpoints.get(name) if cohort else None
    return known.label if known else name


class _Value:
    """Lists and dicts in an edit become tuples."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, field.name)
            if isinstance(value, list | tuple | Mapping):
                object.__setattr__(self, field.name, _as_tuple(value))


@dataclass(frozen=True)
class Recode(_Value):
    """Levels of a category, or of a grouping of one, merged and renamed.

    groups: each new level with the old ones that become it; other levels stay. A new level that has the name of one
        that stays takes the old ones into it. Merged levels stand where the first of them stood.
    """

    kind: ClassVar[str] = "recode"
    column: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]

    def describe(self, cohort: Cohort | None = None) -> str:
        """The edit in words, with a cohort's labels where one is given."""
        said = (f"{joined(quoted(old))} {'become' if len(old) > 1 else 'becomes'} '{new}'" for new, old in self.groups)
        return f"{_label(cohort, self.column)}: {'; '.join(said)}"


@dataclass(frozen=True)
class Order(_Value):
    """These levels first, the others after them as they were; see `Cohort.with_order`."""

    kind: ClassVar[str] = "order"
    column: str
    levels: tuple[str, ...]

    def describe(self, cohort: Cohort | None = None) -> str:
        """The edit in words, with a cohort's labels where one is given."""
        reference = f"; '{self.levels[0]}' is the reference" if self.levels else ""
        return f"{_label(cohort, self.column)}: order of levels {', '.join(self.levels)}{reference}"


@dataclass(frozen=True)
class Cut(_Value):
    """A number as an ordered category.

    of: a number's column, or n_sites. at: where to cut, ascending. levels: one more than `at`; named by their ends
        without. closed: "right", a value at a cut belongs to the level below it, or "left", to the one above.
    """

    kind: ClassVar[str] = "cut"
    of: str
    at: tuple[float, ...]
    name: str
    label: str = ""
    levels: tuple[str, ...] = ()
    closed: Closed = "right"

    def __post_init__(self) -> None:
        super().__post_init__()
        if all(isinstance(a, int | float) for a in self.at):
            object.__setattr__(self, "at", tuple(map(float, self.at)))

    def describe(self, cohort: Cohort | None = None) -> str:
        """The edit in words, with a cohort's labels where one is given."""
        at = joined([format(a, ".12g") for a in self.at])
        return f"{self.label or self.name}: {_label(cohort, self.of)} cut at {at}"


@dataclass(frozen=True)
class CombineSites(_Value):
    """One site of several, in every scheme that has all of them: with any of them."""

    kind: ClassVar[str] = "combine-sites"
    sites: tuple[str, ...]
    name: str
    label: str = ""

    def describe(self, cohort: Cohort | None = None) -> str:
        """The edit in words, with a cohort's labels where one is given."""
        sites = [cohort.dictionary.place_label(s) if cohort else s for s in self.sites]
        return f"{self.label or self.name}: one site of {joined(sites)}"


@dataclass(frozen=True)
class LeaveOut(_Value):
    """Patients left out of everything: rows of the spreadsheet, or those for whom filters are known to hold.

    rows: each with its `row_fingerprint`; a row that holds something else stays. where: as `Selection.parse` takes
        them; all must hold. why: the reason that the flow diagram and captions give.
    """

    kind: ClassVar[str] = "leave-out"
    rows: tuple[tuple[int, str], ...] = ()
    where: tuple[str, ...] = ()
    why: str = ""

    def describe(self, cohort: Cohort | None = None) -> str:
        """The edit in words, with a cohort's labels where one is given."""
        said = [rows_named([row for row, _ in self.rows])] if self.rows else []
        if self.where:
            said.append(f"patients with {_filters(cohort, self.where)}")
        return f"left out: {joined(said)}{f' ({self.why})' if self.why else ''}"


def _filters(cohort: Cohort | None, where: tuple[str, ...]) -> str:
    try:
        return Selection.parse(where, cohort.columns).describe(cohort) if cohort else "; ".join(where)
    except (AnalysisError, SelectionError):
        return "; ".join(where)


@dataclass(frozen=True)
class Derive(_Value):
    """A variable from others by a formula; see `necc.core.edits.formula` for what one may hold."""

    kind: ClassVar[str] = "derive"
    name: str
    formula: str
    label: str = ""
    unit: str = ""

    def describe(self, cohort: Cohort | None = None) -> str:
        """The edit in words."""
        return f"{self.label or self.name}: {self.formula}"


@dataclass(frozen=True)
class NewEndpoint(_Value):
    """An endpoint from a time and an event, or from dates.

    time: a column of numbers; without it the time runs from the date `start` to `event_date` or `censor_date`.
    event: a yes/no column or event, or a category of which `event_levels` are the event.
    unit: in which the time is shown; a time's own unit is converted.
    """

    kind: ClassVar[str] = "endpoint"
    name: str
    label: str = ""
    time: str = ""
    event: str = ""
    event_levels: tuple[str, ...] = ()
    start: str = ""
    event_date: str = ""
    censor_date: str = ""
    unit: str = "months"

    def describe(self, cohort: Cohort | None = None) -> str:
        """The edit in words, with a cohort's labels where one is given."""
        time = _label(cohort, self.time) if self.time else ""
        if self.start:
            ends = [_label(cohort, d) for d in (self.event_date, self.censor_date) if d]
            time = f"from {_label(cohort, self.start)} to {joined(ends, 'or')}"
        event = f"; event: {_label(cohort, self.event)}" if self.event else ""
        if self.event_levels:
            event += f" is {joined(self.event_levels, 'or')}"
        return f"endpoint {self.label or self.name}: {time}{event}"


@dataclass(frozen=True)
class FirstOf(_Value):
    """A composite endpoint: the first of several."""

    kind: ClassVar[str] = "first-of"
    name: str
    of: tuple[str, ...]
    label: str = ""

    def describe(self, cohort: Cohort | None = None) -> str:
        """The edit in words, with a cohort's labels where one is given."""
        return (
            f"endpoint {self.label or self.name}: the first of {joined([_endpoint_label(cohort, n) for n in self.of])}"
        )


Edit = Recode | Order | Cut | CombineSites | LeaveOut | Derive | NewEndpoint | FirstOf


@dataclass(frozen=True)
class Step:
    """One edit, and what it did.

    finding: why it was skipped, or what has to be known of what it did. told: what it changed, with counts.
    """

    edit: Edit
    finding: Finding | None
    applied: bool
    told: str

    def to_dict(self) -> dict[str, object]:
        finding = self.finding.to_dict() if self.finding else None
        return {"kind": self.edit.kind, "edit": self.edit.describe(), "applied": self.applied, "told": self.told,
                "finding": finding}  # fmt: skip


@dataclass(frozen=True)
class Edited:
    """A cohort after its edits, and each of them as a step."""

    cohort: Cohort
    steps: tuple[Step, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Steps that were skipped, and what has to be known of others, in their order."""
        return tuple(step.finding for step in self.steps if step.finding)
