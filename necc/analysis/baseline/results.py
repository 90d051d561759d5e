"""Result types of the table of characteristics: unrounded, one row a variable, one column a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from necc.analysis.multiplicity import Method as Adjustment
from necc.analysis.multiplicity import n_tests
from necc.analysis.proportions import Convention, ConventionComparison, TestResult
from necc.core.estimate import Estimate, Exclusion
from necc.core.frames import frame_of
from necc.core.result import Result

Denominator = Literal["all", "known"]
RowKind = Literal["number", "flag", "category"]


@dataclass(frozen=True)
class Group(Result):
    """A column of the table: a level and its patients."""

    name: str
    n: int


@dataclass(frozen=True)
class Level(Result):
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
        return {**super().to_dict(), "percent": list(self.percent), "total_percent": self.total_percent}


@dataclass(frozen=True)
class Summary(Result):
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
        fields = super().to_dict()
        fields["min"], fields["max"] = fields.pop("minimum"), fields.pop("maximum")
        return fields


@dataclass(frozen=True, kw_only=True)
class Row(Result):
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
        left_out = {"summaries", "conventions", "ci_lower", "ci_upper"}
        left_out |= {"levels"} if self.kind == "number" else {"total_summary"}
        fields = {k: v for k, v in super().to_dict().items() if k not in left_out}
        if self.kind == "number":
            fields["summary"] = [s.to_dict() for s in self.summaries]
        every = self.conventions
        return {
            **fields,
            "all_conventions": {k: getattr(every, k).to_dict() for k in ("paper", "r", "exact")} if every else None,
            "side_of_0_05_changes": self.side_changes,
        }


@dataclass(frozen=True, kw_only=True)
class Characteristics(Result):
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
        fields = super().to_dict()
        fields["variables"] = fields.pop("rows")
        return fields

    def to_frame(self) -> pd.DataFrame:
        """One row a variable, level and group: n, of, percent or the summary's numbers; then p, p_adjusted, smd.

        variable, level, group, n, of, percent, mean, sd, median, q1, q3, min, max; what compares the groups stands in
        each row of its variable.
        """
        rows: list[dict[str, object]] = []
        for row in self.rows:
            for g, group in enumerate(self.groups):
                here = {
                    "variable": row.name, "group": group.name, "p": row.test.p if row.test else None,
                    "p_adjusted": row.p_adjusted, "smd": row.smd.value if row.smd else None,
                }  # fmt: skip
                if row.kind == "number":
                    rows.append({**here, **row.summaries[g].to_dict()})
                for x in row.levels:
                    cell = {"level": x.level, "n": x.counts[g], "of": x.of[g], "percent": x.percent[g]}
                    rows.append({**here, **cell})
        columns = ["variable", "level", "group", "n", "of", "percent", "mean", "sd", "median", "q1", "q3", "min", "max",
                   "p", "p_adjusted", "smd"]  # fmt: skip
        return frame_of(rows, columns)
