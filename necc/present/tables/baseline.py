"""Tables of characteristics: a cohort's Table 1, groups side by side as in Table 4, every site at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from necc.analysis.baseline import Characteristics, Level, Row, Summary
from necc.analysis.proportions import TestResult
from necc.core.estimate import Estimate
from necc.core.text import DASH, format_number, format_p, format_percent, plural, slug, written
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.notes import cohort as notes
from necc.present.words.phrases import CONVENTIONS, NOTHING, p_cell

Numbers = Literal["median", "mean"]
YES = ("yes", "with")
FIRST = "n (%), unless named"


@makes_table
def characteristics_table(result: Characteristics, numbers: Numbers = "median", every_level: bool = True) -> Table:
    """Characteristics of all patients, or of groups with standardised differences and tests.

    Args:
        numbers: what stands for a number: median (quartiles), or mean (standard deviation).
        every_level: all levels of every variable; without, only the second of two, as short tables do.
    """
    columns, section = _columns(result), None
    lines: list[Line] = []
    sections = list(dict.fromkeys(row.section for row in result.rows))
    for row in sorted(result.rows, key=lambda row: sections.index(row.section)):
        if row.section != section:
            section = row.section
            lines.append((0, (section or "Other",)))
        lines += _lines(result, row, numbers, every_level)
    by = f" by {result.by_label}" if result.by else ""
    return Table.of_lines(
        f"Characteristics of {plural(result.n, 'patient')}{by}",
        slug(f"characteristics-by-{result.by}" if result.by else "characteristics"), columns, lines,
        notes.characteristics_table(result), (len(columns) - 1,) if result.by else (),
    )  # fmt: skip


def _every(result: Characteristics) -> bool:
    return any(row.conventions for row in result.rows)


def _columns(result: Characteristics) -> tuple[str, ...]:
    groups = tuple(f"{g.name} (n = {g.n:,})" for g in result.groups)
    if not result.by:
        return (FIRST, *(groups or ("all patients (n = 0)",)), "Recorded")
    everybody = (f"All (n = {result.n:,})",) if len(result.groups) > 1 else ()
    tests = tuple(f"p, {CONVENTIONS[c]}" for c in CONVENTIONS) if _every(result) else ("p",)
    return (FIRST, *groups, *everybody, "SMD", *tests, "Adjusted p", "Test")


# ---------------------------------------------------------------- the lines of a variable
def _lines(result: Characteristics, row: Row, numbers: Numbers, every_level: bool) -> list[Line]:
    last = _last(result, row)
    if row.kind == "number":
        unit = f", {row.unit}" if row.unit and row.unit.lower() not in row.label.lower() else ""
        how = "median (quartiles)" if numbers == "median" else "mean (SD)"
        lines: list[Line] = [(1, (f"{row.label}{unit}, {how}", *_summaries(result, row, numbers), *last))]
        if row.n_missing:
            lines.append((2, ("N/A", *_missing(result, row))))
        return lines
    short = row.shown_level
    known = [level for level in row.levels if not level.missing]
    if short and (not every_level or (known[0].level, short.level) in (("no", "yes"), ("without", "with"))):
        lines = [(1, (_short_label(row.label, short.level), *_counts(result, short), *last))]
        shown = [level for level in row.levels if level.missing]
    else:
        lines = [(1, (_signs(row.label), *("",) * (len(_columns(result)) - 1 - len(last)), *last))]
        shown = [level for level in row.levels if level.total or level.missing]
    return [*lines, *((2, (_signs(level.level), *_counts(result, level))) for level in shown)]


def _signs(text: str) -> str:
    return text.replace(">=", "\u2265").replace("<=", "\u2264")


def _short_label(label: str, level: str) -> str:
    label, level = _signs(label), _signs(level)
    return label if level in YES or (level[:1] in "<>\u2264\u2265" and level in label) else f"{label}: {level}"


def _summaries(result: Characteristics, row: Row, numbers: Numbers) -> tuple[str, ...]:
    cells = [_summary(s, numbers) for s in row.summaries]
    if result.by and len(result.groups) > 1 and row.total_summary:
        cells.append(_summary(row.total_summary, numbers))
    return tuple(cells)


def _summary(s: Summary, numbers: Numbers) -> str:
    if not s.n:
        return NOTHING
    if numbers == "mean":
        spread = format_number(s.sd) if s.sd is not None else "one value"
        return written("{} ({})", format_number(s.mean), spread)
    return written(f"{{}} ({{}}{DASH}{{}})", *map(format_number, (s.median, s.q1, s.q3)))


def _missing(result: Characteristics, row: Row) -> tuple[str, ...]:
    shares = result.denominator == "all"
    cells = [_count(g.n - s.n, g.n, shares, shares) for g, s in zip(result.groups, row.summaries, strict=True)]
    if result.by and len(result.groups) > 1:
        cells.append(_count(row.n_missing, result.n, shares, shares))
    return tuple(cells)


def _counts(result: Characteristics, level: Level) -> tuple[str, ...]:
    everybody = result.denominator == "all"
    cells = [_count(n, of, level.has_percent, everybody) for n, of in zip(level.counts, level.of, strict=True)]
    if result.by and len(result.groups) > 1:
        cells.append(_count(level.total, level.total_of, level.has_percent, everybody))
    return tuple(cells)


def _count(n: int, of: int, share: bool, of_everybody: bool) -> str:
    """A count with its share; the denominator is named where it isn't the group's n at the head of the column."""
    if not share:
        return f"{n:,}"
    if not of:
        return "0" if of_everybody else "0/0"
    return written("{} ({})", f"{n:,}{'' if of_everybody else f'/{of:,}'}", format_percent(n, of))


def _last(result: Characteristics, row: Row) -> tuple[str, ...]:
    """What stands behind the groups: how many are recorded, or the difference and the tests."""
    if not result.by:
        return (f"{row.n:,}",)
    tests = [getattr(row.conventions, c) for c in CONVENTIONS] if row.conventions else [row.test]
    blanks = len(CONVENTIONS) - len(tests) if _every(result) else 0
    mark = f" {notes.MOVES}" if row.side_changes else ""
    shown = [written("{}{}", p, mark) for p in (*(p_cell(t.p if t else None) for t in tests), *(NOTHING,) * blanks)]
    return (smd_text(row.smd), *shown, p_cell(row.p_adjusted), _test_name(row.test))


def _test_name(test: TestResult | None) -> str:
    if test is None:
        return ""
    return test.name if test.p is not None else f"not tested: {test.note.partition(';')[0]}"


def smd_text(smd: Estimate | None) -> str:
    """A standardised difference with its sign; a dash where there is none."""
    return NOTHING if smd is None or smd.value is None else format_number(smd.value, 2)


# ---------------------------------------------------------------- every site
@makes_table
def sites_table(results: Sequence[Characteristics]) -> Table:
    """Every site with against without in each characteristic: standardised difference and p.

    Sites overlap, so a patient is in several columns; nothing here compares one site with another.
    """
    sites = [r.by for r in results]
    names = list(dict.fromkeys(row.name for r in results for row in r.rows))
    names.sort(key=lambda name: 1 + sites.index(name) if name in sites else 0)
    by_name = [{row.name: row for row in r.rows} for r in results]
    rows = []
    for name in names:
        result = [rows_.get(name) for rows_ in by_name]
        label = _signs(next(row.label for row in result if row))
        rows.append((label, *map(_site_cell, result)))
    heads = tuple(f"{r.by_label} (n = {_with(r)})" for r in results)
    return Table(
        "Characteristics by every recurrence site", "characteristics-by-every-site", ("", *heads), tuple(rows),
        notes.sites_table(results),
    )  # fmt: skip


def _with(result: Characteristics) -> str:
    return f"{next((g.n for g in result.groups if g.name == 'with'), 0):,}"


def _site_cell(row: Row | None) -> str:
    if row is None or row.test is None or row.test.p is None:
        return NOTHING
    kept = row.p_adjusted is not None and row.p_adjusted < 0.05
    mark = "**" if kept else "*" if row.test.p < 0.05 else ""
    marks = mark + (f" {notes.MOVES}" if row.side_changes else "")
    return written("{} ({}){}", smd_text(row.smd), format_p(row.test.p), marks)
