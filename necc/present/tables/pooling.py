"""Tables of centres' files and of what they say together."""

from __future__ import annotations

from collections.abc import Sequence

from necc.analysis.centres import ByCentre, ShareByCentre, SharesByCentre
from necc.analysis.centres.precision import Precision
from necc.analysis.regression import CoxTerm
from necc.centres import CentreFile, Preview
from necc.core.estimate import Estimate
from necc.core.text import NOT_ESTIMABLE, format_number, format_p, format_percent, plural, slug, written
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.captions.centres import (
    heterogeneity_phrase,
    prediction_phrase,
    ratio_phrase,
    share_phrase,
)
from necc.present.words.notes import pooling as notes
from necc.present.words.notes.centre_file import GRIDS
from necc.present.words.phrases import NOTHING, p_cell

MARK = 12  # digits of a checksum: enough to tell files apart


@makes_table
def centre_files(files: Sequence[CentreFile]) -> Table:
    """A row a centre: patients, endpoints, times, and what its rule found."""
    rows = tuple(
        (file.centre, f"{file.patients:,}", ", ".join(file.endpoints), GRIDS[file.rule["time_grid"]],
         f"{file.rule['smallest_cell']:,}", f"{file.rule['cells_of_one']:,}",
         "yes" if file.rule["person_level"] else "no", file.period or NOTHING, file.sha256[:MARK])
        for file in files
    )  # fmt: skip
    return Table(
        f"Files of {plural(len(files), 'centre')}", "centre-files",
        ("Centre", "Patients", "Endpoints", "Times", "Smallest cell", "Cells of one patient", "Person-level", "Period",
         "SHA-256"), rows, notes.files(files),
    )  # fmt: skip


@makes_table
def centre_bounds(result: ByCentre) -> Table:
    """How far the curves of the exact times may be from those of months or quarters."""
    rows = tuple(
        (bound.name or "All patients", _between(bound.median_earliest, bound.median_latest),
         f"{format_percent(bound.most_below, 1, 1)} points")
        for bound in result.bounds
    )  # fmt: skip
    return Table(
        "What coarse times leave open", slug(f"{result.endpoint}-by-centre-bounds"),
        ("Group", f"Median of the exact times, {result.unit}", "Exact curve lower by at most"), rows,
        notes.bounds(result),
    )  # fmt: skip


def _between(low: float | None, high: float | None) -> str:
    if low is None:
        return "not reached"
    return (
        f"{format_number(low, 1)} to {format_number(high, 1)}"
        if high is not None
        else f"{format_number(low, 1)} or later"
    )


@makes_table
def centre_ratios_table(result: ByCentre) -> Table:
    """Of each term the hazard ratio within centres, how much the centres differ, each centre's, and without each."""
    lines: list[Line] = []
    for term, h in zip(result.terms, result.heterogeneity, strict=True):
        name = f"{term.label}: {term.level} against {term.reference}" if term.level else term.label
        differ = heterogeneity_phrase(h) if h.q is not None else NOT_ESTIMABLE
        lines.append((0, (f"{name}, within centres", *_ratio(term, result), differ)))
        for one in result.centres:
            own = one.like(term)
            lines.append((1, (one.name, *(_ratio(own, result) if own else (NOT_ESTIMABLE, NOTHING)), "")))
        for left in result.without:
            own = left.like(term)
            cells = _ratio(own, result) if own else (NOT_ESTIMABLE, NOTHING)
            lines.append((1, (written("without {}", left.name), *cells, "")))
    return Table.of_lines(
        f"Hazard ratios by {result.centre_label.lower()}", slug(f"{result.endpoint}-ratios-by-centre"),
        ("", f"Hazard ratio ({100 * result.level:g} % CI)", "p", "Heterogeneity"), lines, notes.within(result),
    )  # fmt: skip


def _ratio(term: CoxTerm, result: ByCentre) -> tuple[str, str]:
    """A hazard ratio with its limits, and its p."""
    if not term.estimable or term.hazard_ratio is None:
        return NOT_ESTIMABLE, NOTHING
    value = Estimate(term.hazard_ratio, term.ci_lower, term.ci_upper, result.level)
    return ratio_phrase(value), format_p(term.p) if term.p is not None else NOTHING


@makes_table
def centre_shares_table(result: SharesByCentre) -> Table:
    """Of each share the centres, all of them, how much they differ, and without each."""
    lines: list[Line] = []
    for row in result.rows:
        lines += _share_lines(row)
    return Table.of_lines(
        f"Shares by {result.centre_label.lower()}", slug(result.of + "-by-centre"),
        ("", "Patients, % (95 % CI)", "p, centres alike", "Adjusted p", "Heterogeneity", "A further centre"), lines,
        tuple(f"{note}." if not note.endswith(".") else note for note in result.notes),
    )  # fmt: skip


def _share_lines(row: ShareByCentre) -> list[Line]:
    differ = heterogeneity_phrase(row.heterogeneity) if row.heterogeneity.q is not None else NOT_ESTIMABLE
    head = (f"{row.label}: all centres", share_phrase(row), p_cell(row.test.p) if row.test.p is None else
            format_p(row.test.p), p_cell(row.p_adjusted), differ, prediction_phrase(row) or NOTHING)  # fmt: skip
    lines: list[Line] = [(0, head)]
    lines += [(1, (one.name, share_phrase(one), "", "", "", "")) for one in row.centres]
    lines += [(1, (written("without {}", one.name), share_phrase(one), "", "", "", "")) for one in row.without]
    return lines


# ---------------------------------------------------------------- before a file is made
@makes_table
def grid_preview(preview: Preview, costs: Precision | None = None) -> Table:
    """What a centre's file would hold with times by each grid, and what the grid costs."""
    rows = []
    for sizes in preview.grids:
        ones, cells = sum(t.cells_of_one for t in sizes.tables), sum(t.cells for t in sizes.tables)
        most = max((t.in_small_cells for t in sizes.tables), default=0)
        row = [GRIDS[sizes.time_grid], f"{cells:,}", f"{ones:,}", f"{most:,}", "yes" if sizes.person_level else "no"]
        if costs is not None:
            cost = next(one for one in costs.grids if one.time_grid == sizes.time_grid)
            row += [format_number(cost.median, 1, "not reached"), NOTHING if cost.p is None else format_p(cost.p)]
        rows.append(tuple(row))
    columns = ["Times", "Cells", "Cells of one patient", f"Patients in cells below {preview.smallest_cell:,}",
               "Person-level"]  # fmt: skip
    columns += [f"Median, {costs.unit}", "Log-rank p"] if costs else []
    return Table(
        "What the file would tell",
        "centre-preview",
        tuple(columns),
        tuple(rows),
        notes.preview(preview, costs),
    )
