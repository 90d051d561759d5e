"""How numbers are written: every threshold."""

import pytest

from necc.core.text import (
    format_ci,
    format_count,
    format_estimate,
    format_number,
    format_p,
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
        (1.0, "1.000"), (0.9996, "1.000"), (0.05247, "0.052"), (0.0525, "0.053"), (0.0005, "0.001"),
        (0.000499, "<0.001"), (0.0, "<0.001"), (None, "not estimable"), (float("nan"), "not estimable"),
    ],
)  # fmt: skip
def test_p(p, written):
    assert format_p(p) == written


def test_p_in_a_sentence():
    assert [p_phrase(p) for p in (0.0302, 1e-9, None)] == ["p = 0.030", "p < 0.001", "p not estimable"]


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


def test_words():
    assert plural(1, "patient") == "1 patient" and plural(1200, "patient") == "1,200 patients"
    assert joined(["a", "b", "c"]) == "a, b and c" and joined(["a"]) == "a" and joined([]) == ""
    assert format_number(3.94e27, 3) == "3.9e+27" and format_number(-2e300) == "−2.0e+300"
    assert slug("PRS by site: lung / FIGO III") == "prs-by-site-lung-figo-iii"
    assert slug("Age > 50") == "age-gt-50" != slug("Age ≤ 50") and slug("肺_转移") == "肺-转移"
    assert own_slug("plain") == "plain" and own_slug("%") != own_slug("#")
    assert shorten("a\tb") == "a\ufffdb" and shorten("x" * 100, 5) == "xxxxx… (100 characters)"


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx"])
def test_formulas_are_neutralised(cell):
    assert spreadsheet_safe(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-1.5", "+3", "1e-9", "text", "", "-12,5"])
def test_numbers_and_text_stay(cell):
    assert spreadsheet_safe(cell) == cell
