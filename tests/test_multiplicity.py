"""Adjusted p-values against R's p.adjust, by hand, and their properties."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from cohorts import cohort_of
from hypothesis import given
from hypothesis import strategies as st

from necc.analysis.multiplicity import ADJUSTMENTS, adjust_p
from necc.analysis.recurrence import co_occurrence, site_distribution
from necc.analysis.regression import univariate
from necc.analysis.survival import compare_survival, restricted_mean, survival_grid
from necc.core.errors import AnalysisError
from necc.core.text import plural
from necc.present import figures, tables

RECORDED = json.loads((Path(__file__).parent / "recorded" / "proportions.json").read_text())["adjust"]


@pytest.mark.parametrize("method", ADJUSTMENTS)
@pytest.mark.parametrize("row", RECORDED, ids=lambda r: f"{len(r['p'])} values")
def test_equal_to_r(row, method):
    for mine, r in zip(adjust_p(row["p"], method), row[method], strict=True):
        assert (mine is None and r is None) or math.isclose(mine, r, rel_tol=1e-12)


def test_by_hand():
    # Holm: 3 x 0.01, 2 x 0.02, then no smaller than the one before
    assert adjust_p([0.02, 0.01, 0.03], "holm") == pytest.approx([0.04, 0.03, 0.04], abs=1e-12)
    assert adjust_p([0.02, 0.01, 0.03], "bh") == pytest.approx([0.03, 0.03, 0.03], abs=1e-12)
    assert adjust_p([0.02, 0.01, 0.5], "bonferroni") == pytest.approx([0.06, 0.03, 1.0], abs=1e-12)


def test_what_was_not_tested_does_not_count():
    assert adjust_p([0.01, None, 0.04, math.nan], "holm") == pytest.approx([0.02, None, 0.04, None])
    assert adjust_p([]) == [] and adjust_p([None]) == [None]


def test_nothing_of_the_papers_table_4_survives():
    printed = [
        0.022,
        0.904,
        0.674,
        0.985,
        0.223,
        0.129,
        0.088,
        0.770,
        0.462,
        0.856,
        0.052,
        0.032,
        0.621,
        0.890,
        0.911,
    ]
    assert min(adjust_p(printed, "holm")) == pytest.approx(15 * 0.022)
    assert min(adjust_p(printed, "bh")) > 0.05


@pytest.mark.parametrize("bad", [[1.2], [-0.1], [0.2, math.inf]])
def test_impossible_values_are_refused(bad):
    with pytest.raises(AnalysisError):
        adjust_p(bad)
    with pytest.raises(AnalysisError, match="holm, bh, bonferroni"):
        adjust_p([0.1], "sidak")  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from(sorted(ADJUSTMENTS)))
def test_properties(p, method):
    adjusted = adjust_p(p, method)
    assert all(raw <= a * (1 + 1e-12) and a <= 1 for raw, a in zip(p, adjusted, strict=True))
    # the order of the raw values is kept
    by_raw = sorted(zip(p, adjusted, strict=True))
    assert all(one[1] <= two[1] + 1e-12 for one, two in zip(by_raw, by_raw[1:], strict=False))
    assert adjust_p(p[::-1], method) == pytest.approx(adjusted[::-1], abs=1e-12)
    bh, holm, bonferroni = (adjust_p(p, m) for m in ("bh", "holm", "bonferroni"))
    for a, b, c in zip(bh, holm, bonferroni, strict=True):
        assert a <= b + 1e-12 and b <= c + 1e-12


def test_every_family_of_tests_says_how_many_were_made():
    """p is adjusted for the tests that could be made, not for what was asked: the number stands in JSON and notes."""
    months = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    cohort = cohort_of(
        {"time": months, "event": [1, 1, 0, 1] * 3, "g": [*"aabbcc"] * 2, "h": [*"xyxyxxyyxyxy"], "same": [1] * 12},
        sites={"lung": [1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1], "bone": [0, 1] * 6, "brain": [0] * 12},
    )
    table = univariate(cohort, "T", ["g", "h", "same"])
    assert table.to_dict()["n_tests"] == 2
    assert any("p adjusted for 2 tests" in note for note in table.notes)
    assert "p adjusted for 2 tests (Holm)" in " ".join(tables.regression_table(table).notes)
    grid = survival_grid(cohort, "T")
    assert [p is None for p in grid.p_adjusted] == [False, False, True] and grid.to_dict()["n_tests"] == 2
    assert "adjusted for 2 tests" in " ".join(tables.grid_summary(grid).notes)
    assert "adjusted for 2 tests" in figures.survival_grid(grid).caption
    compared = compare_survival(cohort, "T", "g")
    assert compared.to_dict()["n_tests"] == sum(p.p_adjusted is not None for p in compared.pairs) == 3
    assert any(note.startswith("3 pairs of levels tested") for note in compared.notes)
    assert "adjusted for 3 tested pairs" in " ".join(tables.survival_pairs(compared).notes)
    means = restricted_mean(cohort, "T", "g")
    assert means.to_dict()["n_tests"] == sum(c.p_adjusted is not None for c in means.contrasts)
    found = site_distribution(cohort, "h")
    assert found.to_dict()["n_tests"] == sum(t.p_adjusted is not None for t in found.tests) < 3
    together = co_occurrence(cohort)
    tested = sum(p.p_adjusted is not None for p in together.pairs)
    assert together.to_dict()["n_tests"] == tested < len(together.pairs)
    assert f"adjusted for {plural(tested, 'tested pair')} (" in " ".join(tables.site_pairs(together).notes)
