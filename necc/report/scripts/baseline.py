"""Sections of tables of characteristics."""

from __future__ import annotations

from collections.abc import Callable

from necc.analysis.baseline.results import Characteristics, Row
from necc.analysis.proportions import CONVENTIONS, TestResult
from necc.report.scripts.regression import is_number
from necc.report.scripts.script import ITERATED, Section
from necc.report.scripts.sites import contingency, not_computed
from necc.report.scripts.text import quoted


def characteristics(section: Section, result: Characteristics) -> None:
    """Writes each variable over all and by groups, with its tests."""
    if result.by is None:
        section.line("here <- who", 'by <- factor(rep("all patients", sum(here)))')
    else:
        group = section.group(result.by)
        section.line(f"here <- who & !is.na({group})", f"by <- droplevels({group}[here])")
    section.same("patients of each group", "table(by)", [g.n for g in result.groups])
    found = [_row(section, result, row) for row in result.rows]
    if result.by is not None:
        adjusted = [row.p_adjusted for row in result.rows]
        section.adjusted(f"p adjusted ({result.adjustment})", found, adjusted, result.adjustment)


def _row(section: Section, result: Characteristics, row: Row) -> str:
    """Writes a variable, and returns the p of its test as R has it."""
    section.heading(row.label)
    if row.kind == "number":
        return _number_row(section, result, row)
    section.line(f"v <- {section.group(row.name)}[here]")
    for level in row.levels:
        whose = "" if level.missing else f", {quoted(level.level)}"
        counts = [*level.counts, level.total]
        shares = [*level.percent, level.total_percent] if level.has_percent else []
        of = quoted("known" if result.denominator == "known" and not level.missing else "all")
        found = f"at_level(by, v, {of}{whose})"
        found = found if level.has_percent else f"{found}[{_places(len(counts))}]"
        section.same(f"{row.label}, {level.level}: patients of each group and in all, percentages", found,
                       [*counts, *shares])  # fmt: skip
    if result.by is None or row.test is None:
        return "NA"
    _apart(section, row, "levels_apart" if len([x for x in row.levels if not x.missing]) != 2 else "second_apart")
    return _each(row, lambda test, what: contingency(section, test, "table(by, v)", what, test.convention))


def _each(row: Row, write: Callable[[TestResult, str], str]) -> str:
    """Writes a row's test by every convention that is shown, and returns p by the row's own."""
    assert row.test is not None
    every = row.conventions
    tests = [getattr(every, name) for name in CONVENTIONS] if every else [row.test]
    found = {test.convention: write(test, f"{row.label}, by '{test.convention}'") for test in tests}
    return found[row.test.convention]


def _places(n: int) -> str:
    return "1" if n == 1 else f"1:{n}"


def _number_row(section: Section, result: Characteristics, row: Row) -> str:
    assert is_number(section.cohort, row.name)
    section.line(f"v <- ({section.number(row.name)})[here]")
    for group, summary in [*zip(result.groups, row.summaries, strict=True), (None, row.total_summary)]:
        if summary is None or section.few(summary.n):
            continue
        values = "v" if group is None else f"v[known(by == {quoted(group.name)})]"
        expected = [summary.n, summary.mean, summary.sd, summary.median, summary.q1, summary.q3]
        what, places = "n, mean, SD, median, quartiles", "[1:6]"
        if section.hides:
            what, places, expected = "mean, SD, median, quartiles", "[2:6]", expected[1:]
        elif not section.script.smallest_cell:  # the ends are those of single patients
            what, places = f"{what}, least, greatest", ""
            expected += [summary.minimum, summary.maximum]
        whose = "all" if group is None else group.name
        section.same(f"{row.label}, {whose}: {what}", f"summed_up({values}){places}", expected)
    if result.by is None or row.test is None:
        return "NA"
    _apart(section, row, "number_apart")
    return _each(row, lambda test, what: _test(section, test, what))


def _apart(section: Section, row: Row, how: str) -> None:
    """Writes the standardised difference."""
    if row.smd is not None and row.smd.value is not None:
        section.same(f"{row.label}, standardised difference", f"apart(split(v, by), {how})", row.smd.value, ITERATED)


def _test(section: Section, test: TestResult, what: str) -> str:
    """Writes a test of a number between groups, and returns its p as R has it, or as the product has it."""
    if (instead := not_computed(section, test, what)) is not None:
        return instead
    calls = {
        "Mann-Whitney test": f"rank_sum(v, by, {_ways(test.note)})",
        "Kruskal-Wallis test": "of_test(kruskal.test(v, by))",
        "Welch t test": "of_test(t.test(v ~ by))",
        "Welch analysis of variance": "of_test(oneway.test(v ~ by))",
        "analysis of variance": "of_test(oneway.test(v ~ by, var.equal = TRUE))",
    }
    name = section.name("test")
    section.line(f"{name} <- {calls[test.name]}")
    section.same(f"{what}, {test.name}, statistic and p", name, [test.statistic, test.p])
    return f"{name}[2]"


def _ways(note: str) -> str:
    if note.startswith("exact"):
        return "exact = TRUE"
    return "exact = FALSE, correct = FALSE" if "without" in note else "exact = FALSE, correct = TRUE"
