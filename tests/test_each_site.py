"""Every site with against without: R's medians, log-rank tests and hazard ratios, one row a site."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from cohorts import SAMPLES, cohort_of
from conftest import RECORDED

from necc import cox, each_site, read_cohort, survival_grid, univariate
from necc.core.errors import AnalysisError


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLES / "reconstructed_cohort.csv")


@pytest.fixture(scope="module")
def of_r(cohort):
    """What R recorded, of the very patients."""
    data = pd.read_csv(RECORDED / "each_site.csv")
    outcome = cohort.endpoint("PRS")
    assert [*data.columns[2:]] == [*cohort.site_names]
    np.testing.assert_allclose(data["time"], outcome.time)
    np.testing.assert_array_equal(data["event"], outcome.event)
    np.testing.assert_array_equal(data.iloc[:, 2:], cohort.site_matrix)
    return json.loads((RECORDED / "each_site.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_hazard_ratios_are_those_of_r(ties, cohort, of_r):
    frame = each_site(cohort, "PRS", ties=ties).to_frame()
    assert [*frame["site"]] == [row["site"] for row in of_r["rows"]]
    numbers = frame[["hazard_ratio", "ci_lower", "ci_upper", "p"]].to_numpy(dtype=float)
    np.testing.assert_allclose(numbers, [row[ties] for row in of_r["rows"]], rtol=1e-6)


def test_medians_and_log_rank_tests_are_those_of_r(cohort, of_r):
    result = each_site(cohort, "PRS")
    for site, row in zip(result.sites, of_r["rows"], strict=True):
        assert [site.without.median.value, site.with_site.median.value] == pytest.approx(row["median"], nan_ok=True)
        assert site.test.chi_square_p == pytest.approx(row["log_rank_p"], rel=1e-8)
        assert site.n == site.with_site.n + site.without.n == 88
        assert site.n_events == site.with_site.n_events + site.without.n_events == 40


@pytest.mark.parametrize(("adjustment", "name"), [("holm", "holm"), ("bh", "bh"), ("Bonferroni", "bonferroni")])
def test_p_is_adjusted_as_by_r(adjustment, name, cohort, of_r):
    frame = each_site(cohort, "PRS", adjustment=adjustment).to_frame()
    np.testing.assert_allclose(frame["p_adjusted"].to_numpy(dtype=float), of_r["adjusted"][name], rtol=1e-6)


def test_rows_are_those_of_the_curves_and_the_models(cohort):
    result = each_site(cohort, "OS", level=0.9, ci="plain")
    grid, models = (
        survival_grid(cohort, "OS", level=0.9, ci="plain"),
        univariate(cohort, "OS", [p.by for p in result.grid.panels], level=0.9),
    )
    assert [s.p_adjusted for s in result.sites] == [*grid.p_adjusted]
    assert [s.term.to_dict() for s in result.sites] == [row.terms[0].to_dict() for row in models.rows]
    assert [s.term_p_adjusted for s in result.sites] == [row.p_adjusted for row in models.rows]
    assert result.n_tests == grid.n_tests and "several sites" in " ".join(result.notes)
    assert result.site("lung").label == "Lung"
    with pytest.raises(KeyError):
        result.site("moon")


def test_the_frame_is_the_json_as_a_table(cohort):
    result = each_site(cohort, "prs")
    told = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert "grid" not in told and "models" not in told and told["adjustment"] == "holm" and told["n_tests"] == 8
    frame = result.to_frame()
    for row, site in zip(frame.to_dict("records"), told["sites"], strict=True):
        assert row["n_with"] == site["with"]["n"] and row["n_events_without"] == site["without"]["n_events"]
        assert row["hazard_ratio"] == site["term"]["hazard_ratio"] and row["p_adjusted"] == site["term_p_adjusted"]
        assert row["log_rank_p"] == site["test"]["p"] and row["log_rank_p_adjusted"] == site["p_adjusted"]


def test_medians_have_the_limits_of_the_curves_and_rows_their_notes(cohort):
    how = {"ci": "plain", "level": 0.9, "adjustment": "bh"}
    result, grid = each_site(cohort, "PRS", **how), survival_grid(cohort, "PRS", **how)
    assert (
        [s.p_adjusted for s in result.sites]
        == [*grid.p_adjusted]
        != [s.p_adjusted for s in each_site(cohort, "PRS").sites]
    )
    usual = each_site(cohort, "PRS").to_frame()
    for which in ("with", "without"):
        curves = [next(c for c in panel.curves if c.name == which) for panel in grid.panels]
        names = [f"median_{which}", f"median_{which}_lower", f"median_{which}_upper"]
        limits = [(c.median.value, c.median.lower, c.median.upper) for c in curves]
        np.testing.assert_array_equal(result.to_frame()[names].to_numpy(float), np.array(limits, dtype=float))
        assert not result.to_frame()[names].equals(usual[names])
        assert (result.to_frame()[names[1]] < result.to_frame()[names[0]]).any()
    notes = [site.test.note for site in result.sites]
    assert any("by permutation" in note for note in notes) and [*usual["note"]] == notes
    assert [site["test"]["note"] for site in result.to_dict()["sites"]] == notes
    assert any("by the method of Benjamini-Hochberg" in note for note in result.notes)


def test_ties_are_those_of_the_model_and_who_has_no_time_is_counted():
    """The sample has no ties; here four patients share each time."""
    n = 48
    own = cohort_of(
        {"time": [*(1 + i // 4 for i in range(n - 1)), None], "event": [1, 1, 1, 0] * (n // 4)},
        sites={"lung": [1, 0, 0, 1, 0, 1] * (n // 6)},
    )
    efron, breslow = each_site(own, "T"), each_site(own, "T", ties="breslow")
    assert (breslow.ties, efron.ties) == ("breslow", "efron")
    assert breslow.sites[0].term == cox(own, "T", "site:lung", ties="breslow").terms[0] != efron.sites[0].term
    assert [(e.n, e.reason) for e in efron.excluded] == [(e.n, e.reason) for e in own.endpoint("T").excluded]
    assert sum(e.n for e in efron.excluded) == 1 and efron.n == n - 1


def test_too_few_are_not_estimated():
    """One patient with a site, one without any event with it, and a site that nobody has."""
    n = 12
    own = cohort_of(
        {"time": list(range(1, n + 1)), "event": [1, 0] * (n // 2)},
        sites={"lung": [1] + [0] * (n - 1), "bone": [1] * n, "brain": [1, 1] + [-1] * 2 + [0] * (n - 4)},
    )
    result = each_site(own, "T")
    frame = result.to_frame().set_index("site")
    assert frame["n"].to_dict() == {"lung": n, "bone": n, "brain": n - 2}
    assert frame.loc["bone", "n_without"] == 0 and pd.isna(frame.loc["bone", "median_without"])
    assert frame.loc[["lung", "bone"], ["ci_lower", "ci_upper", "p", "p_adjusted"]].isna().all(axis=None)
    assert frame.loc["bone", "note"]


def test_a_cohort_without_sites_is_told():
    with pytest.raises(AnalysisError, match="has no recurrence sites"):
        each_site(cohort_of({"time": [1, 2], "event": [1, 0]}), "T")
