"""The rule by which tests were chosen, made of the tests: nothing is said of kinds of table that don't occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from necc.analysis.proportions import Convention, TestResult
from necc.core.text import joined

Test = TestResult | None
TWO_BY_TWO: dict[str, str] = {
    "paper": "two-by-two tables by uncorrected chi-square tests where every expected count was 5 or more, Yates' "
    "correction where the smallest was 1 to 5 and there were 40 patients or more, and Fisher's exact test otherwise",
    "r": "two-by-two tables by chi-square tests with Yates' correction",
    "exact": "two-by-two tables by Fisher's exact test",
}
LARGER: dict[str, str] = {
    "paper": "larger tables by uncorrected chi-square tests where at most a fifth of the expected counts were below 5 "
    "and none below 1, and the Fisher-Freeman-Halton exact test otherwise",
    "r": "larger tables by uncorrected chi-square tests",
    "exact": "larger tables by the Fisher-Freeman-Halton exact test",
}
NUMBERS: dict[str, str] = {"paper": ", without continuity correction", "r": ", as R does by default", "exact": ""}
OF_TABLES = {  # by name: whether the table was two by two; None where its degrees of freedom tell
    "Pearson chi-square test": None, "chi-square test with Yates' correction": True, "Fisher's exact test": True,
    "Fisher-Freeman-Halton exact test": False,
}  # fmt: skip
RANKS = ("Mann-Whitney test", "Kruskal-Wallis test")


def made(tests: Iterable[Test]) -> list[TestResult]:
    """Those that gave a p."""
    return [t for t in tests if t is not None and t.p is not None]


def rule_of(tests: Iterable[Test], convention: Convention) -> str:
    """`two-by-two tables by Fisher's exact test, numbers by the Mann-Whitney test`; empty where no test was made."""
    known = made(tests)
    square = [OF_TABLES[t.name] if OF_TABLES[t.name] is not None else t.df == 1 for t in known if t.name in OF_TABLES]
    numbers = list(dict.fromkeys(t.name for t in known if t.name not in OF_TABLES))
    parts = [TWO_BY_TWO[convention]] if any(square) else []
    parts += [LARGER[convention]] if not all(square) else []
    if numbers:
        corrected = NUMBERS[convention] if any(name in RANKS for name in numbers) or convention == "r" else ""
        by = "permutation distributions of the " if convention == "exact" else "the "
        parts.append(f"numbers by {by}{joined(numbers, 'or')}{corrected}")
    return "; ".join(parts)


def used(tests: Iterable[Test]) -> str:
    """`Fisher's exact test (5) and Mann-Whitney test (1)`: which were made, and how often."""
    counted = Counter(t.name for t in made(tests))
    return joined([f"{name} ({n:,})" for name, n in counted.items()])
