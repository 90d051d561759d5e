"""How numbers are written: every threshold, and that nothing writes them in a way of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from necc.core.text import (
    format_ci,
    format_count,
    format_estimate,
    format_number,
    format_p,
    format_ratio,
    joined,
    own_slug,
    p_phrase,
    plural,
    shorten,
    slug,
    spreadsheet_safe,
)  # fmt: skip


@pytest.mark.parametrize(
    ("p", "written"),
    [
        (1.0, ">0.999"), (0.9996, ">0.999"), (0.9994, "0.999"),
        (0.05247, "0.052"), (0.0525, "0.053"), (0.05, "0.050"), (0.0496, "0.0496"), (0.04999, "<0.05"),
        (0.0005, "0.001"),
        (0.000499, "<0.001"), (0.0, "<0.001"), (None, "not estimable"), (float("nan"), "not estimable"),
    ],
)  # fmt: skip
def test_p(p, written):
    assert format_p(p) == written


def test_p_in_a_sentence():
    assert [p_phrase(p) for p in (0.0302, 1e-9, 0.9999, None)] == [
        "p = 0.030", "p < 0.001", "p > 0.999", "p not estimable",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [(2.5, 0, "3"), (0.125, 2, "0.13"), (-0.04, 1, "0.0"), (-1.25, 1, "−1.3"), (1234.5, 0, "1,235"),
     (None, 1, "not estimable")],
)  # fmt: skip
def test_numbers_round_half_up(value, digits, written):
    assert format_number(value, digits) == written


def test_estimates():
    assert format_estimate(12.2, 8.14, None) == "12.2 (8.1–not reached)"
    assert format_estimate(None, None, None) == "not reached"
    assert format_estimate(None, 9.0, None) == "not reached (9.0–not reached)"
    assert format_ci(1, 2, 2) == "1.00–2.00"
    assert format_count(34, 88) == "34 (38.6 %)" and format_count(0, 0) == "0"
    assert format_count(1500, 2000) == "1,500 (75.0 %)"


def test_words():
    assert plural(1, "patient") == "1 patient" and plural(1200, "patient") == "1,200 patients"
    assert joined(["a", "b", "c"]) == "a, b and c" and joined(["a"]) == "a" and joined([]) == ""
    assert format_number(3.94e27, 3) == "3.9e+27" and format_number(-2e300) == "−2.0e+300"
    assert slug("PRS by site: lung / FIGO III") == "prs-by-site-lung-figo-iii"
    assert slug("Age > 50") == "age-gt-50" != slug("Age ≤ 50") and slug("肺_转移") == "肺-转移"
    assert own_slug("plain") == "plain" and own_slug("%") != own_slug("#")
    assert shorten("a\tb") == "a\ufffdb" and shorten("x" * 100, 5) == "xxxxx… (100 characters)"


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx"]
HIDDEN = [" =1", "\u00a0-1+1", "\ufeff@x", "\uff1d1+1", "\uff20x"]


@pytest.mark.parametrize("cell", FORMULAS + HIDDEN)
def test_formulas_are_neutralised(cell):
    assert spreadsheet_safe(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-1.5", "+3", "1e-9", "text", "", "-12,5", "\u22122.5", "a = b", " x"])
def test_numbers_and_text_stay(cell):
    assert spreadsheet_safe(cell) == cell


# ---------------------------------------------------------------- one rule for all
SHOWN = sorted([p for room in ("present", "cli") for p in (ROOT / "necc" / room).rglob("*.py")])
COUNTED = re.compile(r"n|of|lost|n_[a-z_]+")  # what holds a number of patients or events
TEXTS = {  # of these names, those that hold a text instead
    ("captions/cohort.py", "n"), ("captions/sites.py", "n"), ("words/methods.py", "of"), ("notes/cohort.py", "of"),
    ("words/reproduction.py", "n"),
}  # fmt: skip
RATIO = re.compile(r"\b(hazard_|odds_)?ratio\b")
ROUNDED = re.compile(r"[,+]*\.\d[fe%]")  # by Python, which rounds half to even and knows no "<0.001"
FEW = {  # what is rounded by Python all the same: no p, ratio, percentage or estimate
    ("cli/commands.py", "facts['total_time']"), ("cli/commands.py", "100 * c.confidence"),
    ("words/reproduction.py", "100 * cell.difference"), ("figures/treatment.py", "a"), ("figures/treatment.py", "b"),
    ("tables/survival.py", "100 * sure"), ("validation/__init__.py", "self.bound"),
    ("figures/scales.py", "value + 0.0"),
}  # fmt: skip


def formatted(path: Path) -> Iterator[tuple[str, str, str]]:
    """What f-strings write of a source: the expression, the last of its names, and how."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FormattedValue):
            how = ast.unparse(node.format_spec)[2:-1] if node.format_spec else ""
            value = node.value.slice if isinstance(node.value, ast.Subscript) else node.value
            last = getattr(value, "attr", getattr(value, "id", str(getattr(value, "value", ""))))
            yield ast.unparse(node.value), last, how


@pytest.mark.parametrize("path", SHOWN, ids=lambda p: "/".join(p.parts[-2:]))
def test_counts_ratios_and_shares_are_written_by_the_one_rule(path):
    where = "/".join(path.parts[-2:])
    for text, last, how in formatted(path):
        if COUNTED.fullmatch(last) and (where, last) not in TEXTS:
            assert how == ",", f"{where}: {{{text}}} is a count without its comma"
        assert not (ROUNDED.fullmatch(how) and (where, text) not in FEW), f"{where}: {{{text}:{how}}}"
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        given = ast.unparse(call.args[0]) if call.args else ""
        if call.func.id in ("format_number", "estimate_cell", "format_estimate"):
            assert not RATIO.search(given), f"{where}: {ast.unparse(call)} is a ratio: format_ratio, ratio_estimate"


@pytest.mark.parametrize(
    ("value", "written"),
    [(12.43, "12.4"), (0.007, "<0.01"), (1500, "1,500"), (2.375, "2.38"), (0, "0.00"), (99.96, "100"), (None, "–")],
)
def test_a_ratio_reads_the_same_everywhere(value, written):
    assert format_ratio(value, "–") == written
