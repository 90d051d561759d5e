"""A reporting checklist as a table for a supplement."""

from __future__ import annotations

from necc.core.text import slug
from necc.present.tables.table import Table
from necc.present.words.checklists import Checklist
from necc.present.words.phrases import sentence

COLUMNS = ("Item", "What is asked", "From this analysis", "To be filled by you")


def checklist_table(result: Checklist) -> Table:
    """Each item with what it asks, what the analysis knows, and what is left to the authors."""
    rows = tuple((f"{a.number} {a.section}", a.asks, a.known, sentence(a.to_do)) for a in result.answers)
    return Table(
        result.title, slug(f"{result.name}-checklist"), COLUMNS, rows, (f"{result.progress} {result.reference}",),
        text_columns=(1, 2, 3),
    )  # fmt: skip
