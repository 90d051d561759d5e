"""The validation sheet: each estimator, what it was compared with, on how many cases, and the largest difference.

The sheet is written by the tests, which replay recorded results of R, calculations by hand and other packages; the
dashboard shows what was written. `docs/validation.md` holds the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources

from necc.core.text import slug
from necc.present.tables import Table
from necc.present.words.validation import ADDING, KNOWN, LEAD, counted, written_by

SHEET = "sheet.json"
COMMAND = "python tests/replays.py"
ROUNDING = 1e-9  # smaller differences are rounding, and differ between machines
TITLE = "Validation sheet"


@dataclass(frozen=True)
class Check:
    """One estimator against one reference.

    cases: data sets or tables; numbers: single numbers compared. bound: the largest difference, rounded up to a power
    of ten, and never below the rounding of the machine.
    """

    group: str
    estimator: str
    module: str
    reference: str
    cases: int
    numbers: int
    bound: float
    note: str = ""

    @property
    def agreement(self) -> str:
        """`below 1e-9`."""
        return f"below {self.bound:.0e}".replace("e-0", "e-")


def bound_of(difference: float) -> float:
    """The next power of ten, at least the rounding of the machine."""
    if not math.isfinite(difference):
        return math.inf
    return max(ROUNDING, 10.0 ** math.ceil(math.log10(difference))) if difference > ROUNDING else ROUNDING


def sheet() -> tuple[Check, ...]:
    """The checks as the tests last wrote them."""
    text = resources.files(__package__).joinpath(SHEET).read_text(encoding="utf-8")
    return tuple(Check(**row) for row in json.loads(text))


def to_json(checks: Sequence[Check]) -> str:
    return json.dumps([asdict(c) for c in checks], indent=1, ensure_ascii=False) + "\n"


def groups(checks: Sequence[Check]) -> dict[str, list[Check]]:
    """Checks by group, in the order in which groups appear."""
    result: dict[str, list[Check]] = {}
    for check in checks:
        result.setdefault(check.group, []).append(check)
    return result


COLUMNS = ("Estimator", "Module", "Reference", "Cases", "Numbers", "Largest difference")


def _row(c: Check) -> tuple[str, ...]:
    estimator = f"{c.estimator} ({c.note})" if c.note else c.estimator
    return (estimator, c.module, c.reference, f"{c.cases:,}", f"{c.numbers:,}", c.agreement)


def to_tables(checks: Sequence[Check]) -> tuple[Table, ...]:
    """One table a group."""
    return tuple(
        Table(name, f"validation-{slug(name)}", COLUMNS, tuple(map(_row, rows)), text_columns=(1, 2, 5))
        for name, rows in groups(checks).items()
    )


def to_markdown(checks: Sequence[Check]) -> str:
    """The document."""
    total = sum(c.numbers for c in checks)
    lines = [
        f"# {TITLE}", "", written_by(COMMAND), "", LEAD,
        "", counted(len(checks), total), "",
    ]  # fmt: skip
    for name, rows in groups(checks).items():
        lines += [f"## {name}", "", f"| {' | '.join(COLUMNS)} |", "|---|---|---|--:|--:|---|"]
        for row in map(_row, rows):
            cells = [cell.replace("|", "\\|") for cell in row]
            cells[1] = f"`{cells[1]}`"
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    lines += ["## What programs do differently", "", *(f"- {known}" for known in KNOWN), ""]
    lines += [
        "## Adding a check", "", ADDING, "",
    ]  # fmt: skip
    return "\n".join(lines)
