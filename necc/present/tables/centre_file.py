"""Tables of what a centre's file would tell, before it is made."""

from __future__ import annotations

from necc.centres import Preview
from necc.present.tables.table import Table, makes_table
from necc.present.words.notes import centre_file as words


@makes_table
def table_sizes(seen: Preview) -> Table:
    """How small the cells of each table are, by how precisely times are told."""
    rows = [
        (words.GRIDS[sizes.time_grid], size.name, f"{size.cells:,}", f"{size.cells_of_one:,}", f"{size.smallest:,}",
         f"{size.in_small_cells:,} of {size.patients:,}")
        for sizes in seen.grids for size in sizes.tables
    ]  # fmt: skip
    columns = (
        "Times",
        "Table",
        "Cells",
        "Of one patient",
        "Smallest",
        f"Patients in cells below {seen.smallest_cell:,}",
    )
    return Table("Cells of each table", "centre-file-tables", columns, tuple(rows), words.table_sizes(seen),
                 text_columns=(1,))  # fmt: skip
