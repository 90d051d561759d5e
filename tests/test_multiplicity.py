"""Adjusted p-values against R's p.adjust, by hand, and their properties."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from necc.errors import AnalysisError
from necc.multiplicity import METHODS, adjust_p

RECORDED = json.loads((Path(__file__).parent / "recorded" / "proportions.json").read_text())["adjust"]


@pytest.mark.parametrize("method", METHODS)
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


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from(sorted(METHODS)))
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
