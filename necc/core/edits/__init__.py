"""Edits of a cohort as steps: seen, undone, saved and replayed; the file and the cohort as loaded never change.

    >>> from necc import Recode, apply_edits
    >>> pure = Recode("histology", (("other", ("large cell", "NEC NOS")),))
    >>> apply_edits(cohort, [pure]).steps[0].applied
    True

What an edit is stands in `steps`, its file in `written`; the other modules make edits, one kind each. Inside the
package import the modules, outside it the package.
"""

from __future__ import annotations

from necc.core.edits.apply import apply_edits
from necc.core.edits.formula import Formula, FormulaError
from necc.core.edits.levels import cut_levels
from necc.core.edits.rows import row_fingerprint
from necc.core.edits.steps import (
    CombineSites,
    Cut,
    Derive,
    Edit,
    Edited,
    FirstOf,
    LeaveOut,
    NewEndpoint,
    Order,
    Recode,
    Step,
)
from necc.core.edits.written import (
    EDITS,
    UNREADABLE,
    check_version,
    edits_from_toml,
    edits_of,
    edits_to_toml,
    tables_of,
)

__all__ = [
    "EDITS", "UNREADABLE", "CombineSites", "Cut", "Derive", "Edit", "Edited", "FirstOf", "Formula", "FormulaError",
    "LeaveOut", "NewEndpoint", "Order", "Recode", "Step", "apply_edits", "check_version", "cut_levels",
    "edits_from_toml", "edits_of", "edits_to_toml", "row_fingerprint", "tables_of",
]  # fmt: skip
