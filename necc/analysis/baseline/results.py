"""Result types of the table of characteristics: unrounded, one row a variable, one column a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import n_tests
from necc.analysis.proportions import Convention, ConventionComparison, TestResult
from necc.core.estimate import Estimate, Exclusion

Denominator = Literal["all", "known"]
RowKind = Literal["number", "flag", "category"]


@dataclass(frozen=True)
class Group:
    """A column of the table: a level and its patients."""

    name: str
    n: int

    def to_dict(self) -> dict[str, object]:
        return {"name": self.name, "n": self.n}


@dataclass(frozen=True)
class Level:
    """A level's patients, per group: `counts` of `of`; `total` of `total_of` over all groups.

    missing: this is the N/A row. It has no percentage where percentages are of the known values.
    """

    level: str
    counts: tuple[int, ...]
    of: tuple[int, ...]
    total: int
    total_of: int
    missing: bool = False
    has_percent: bool = True

    @property
    def percent(self) -> tuple[float | None, ...]:
        """Per group; None for an empty denominator."""
        return tuple(self._percent(n, of) for n, of in zip(self.counts, self.of, strict=True))

    @property
    def total_percent(self) -> float | None:
        return self._percent(self.total, self.total_of)

    def _percent(self, n: int, of: int) -> float | None:
        return 100 * n / of if of and self.has_percent else None

    def to_dict(self) -> dict[str, object]:
        return {
            "level": self.level, "counts": list(self.counts), "of": list(self.of), "percent": list(self.percent),
            "total": self.total, "total_of": self.total_of, "total_percent": self.total_percent,
            "missing": self.missing,
        }  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """A number in one group; None where there are too few values. Quartiles: type 7 of R's `quantile`."""

    n: int
    mean: float | None
    sd: float | None
    median: float | None
    q1: float | None
    q3: float | None
    minimum: float | None
    maximum: float | None

    def to_dict(self) -> dict[str, object]:
        return {
            "n": self.n, "mean": self.mean, "sd": self.sd, "median": self.median, "q1": self.q1, "q3": self.q3,
            "min": self.minimum, "max": self.maximum,
        }  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One variable: its levels or its summaries by group, and what tells the groups apart.

    n: patients with a value (each row has its own); n_missing: those without, all of them in a group.
    smd: standardised difference, first group minus second; of more groups the mean over pairs; None without groups.
    conventions: the test by every convention, where it was asked for.
    """

    name: str
    label: str
    unit: str
    section: str
    kind: RowKind
    n: int
    n_missing: int
    levels: tuple[Level, ...] = ()
    summaries: tuple[Summary, ...] = ()
    total_summary: Summary | None = None
    test: TestResult | None = None
    conventions: ConventionComparison | None = None
    smd: Estimate | None = None
    p_adjusted: float | None = None

    @property
    def shown_level(self) -> Level | None:
        """The one level that a short table shows of a two-level variable: its second ("yes", "with", "> 50")."""
        known = [level for level in self.levels if not level.missing]
        return known[1] if len(known) == 2 else None

    @property
    def side_changes(self) -> bool | None:
        """Whether the choice of convention changes the side of 0.05; None where it wasn't asked."""
        return self.conventions.side_changes if self.conventions else None

    def to_dict(self) -> dict[str, object]:
        fields: dict[str, object] = {
            "name": self.name, "label": self.label, "unit": self.unit, "section": self.section, "kind": self.kind,
            "n": self.n, "n_missing": self.n_missing,
        }  # fmt: skip
        if self.kind == "number":
            fields["summary"] = [s.to_dict() for s in self.summaries]
            fields["total_summary"] = self.total_summary.to_dict() if self.total_summary else None
        else:
            fields["levels"] = [level.to_dict() for level in self.levels]
        every = self.conventions
        return {
            **fields,
            "test": self.test.to_dict() if self.test else None,
            "all_conventions": {k: getattr(every, k).to_dict() for k in ("paper", "r", "exact")} if every else None,
            "side_of_0_05_changes": self.side_changes,
            "smd": self.smd.value if self.smd else None,
            "p_adjusted": self.p_adjusted,
        }


@dataclass(frozen=True)
class Characteristics:
    """Characteristics of `n` patients, over all and by group: the paper's Tables 1 and 4.

    levels: all levels of the factor; `groups` holds those with patients. Without a factor there is one group.
    denominator: percentages of all patients of a group, or of those with a known value.
    """

    by: str | None
    by_label: str
    levels: tuple[str, ...]
    groups: tuple[Group, ...]
    n: int
    excluded: tuple[Exclusion, ...]
    rows: tuple[Row, ...]
    convention: Convention
    denominator: Denominator
    adjustment: Adjustment
    notes: tuple[str, ...] = ()

    def row(self, name: str) -> Row:
        """The row of a variable.

        Raises:
            KeyError: the table doesn't hold it.
        """
        return {row.name: row for row in self.rows}[name]

    @property
    def n_tests(self) -> int:
        """How many tests p is adjusted for."""
        return n_tests(r.p_adjusted for r in self.rows)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't estimable."""
        return {
            "by": self.by,
            "convention": self.convention,
            "denominator": self.denominator,
            "adjustment": self.adjustment,
            "n_tests": self.n_tests,
            "n": self.n,
            "groups": [g.to_dict() for g in self.groups],
            "excluded": [e.to_dict() for e in self.excluded],
            "variables": [r.to_dict() for r in self.rows],
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a variable, level and group: variable, level, group, n, of, percent or the summary's numbers."""
        rows: list[dict[str, object]] = []
        for row in self.rows:
            for g, group in enumerate(self.groups):
                here = {"variable": row.name, "group": group.name}
                if row.kind == "number":
                    rows.append({**here, **row.summaries[g].to_dict()})
                for x in row.levels:
                    cell = {"level": x.level, "n": x.counts[g], "of": x.of[g], "percent": x.percent[g]}
                    rows.append({**here, **cell})
        columns = ["variable", "level", "group", "n", "of", "percent", "mean", "sd", "median", "q1", "q3", "min", "max"]
        return pd.DataFrame(rows, columns=columns)


Comparison = Characteristics
