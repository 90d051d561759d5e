"""The curves of every site, counted together: equal to each site's own, and in few passes over the patients."""

from __future__ import annotations

import numpy as np
import pytest
from cohorts import survival_cohort
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.multiplicity import adjust_p
from necc.analysis.survival import kaplan_meier, survival_grid
from necc.analysis.survival.by_site import count_sites
from necc.core.counts import Wanted, summed

FEW_TIMES, MANY_TIMES = 12, 900


def made(n, n_sites, n_times, *, seed=0, untimed=0.0, unknown=()):
    """Patients with overlapping sites. untimed: the share without a time, or event; unknown: sites with gaps."""
    rng = np.random.default_rng(seed)
    sites = (rng.random((n_sites, n)) < rng.uniform(0.05, 0.6, (n_sites, 1))).astype(int)
    for site in unknown:
        sites[site, rng.random(n) < 0.2] = -1
    time = rng.integers(1, n_times + 1, n).astype(float)
    event = rng.integers(0, 2, n).astype(float)
    time[rng.random(n) < untimed] = np.nan
    event[rng.random(n) < untimed] = np.nan
    time[:1] = event[:1] = 1  # a column without values is none
    lists = [[None if np.isnan(v) else v for v in values.tolist()] for values in (time, event)]
    return survival_cohort(*lists, sites={f"s{i}": s.tolist() for i, s in enumerate(sites)})


def one_by_one(cohort, **how):
    """What the grid is of: each site's curves by themselves, and who has several sites."""
    panels = [kaplan_meier(cohort, "T", f"site:{site}", **how) for site in cohort.site_names]
    outcome = cohort.endpoint("T")
    several = cohort.n_of(((cohort.site_matrix == 1).sum(axis=1) > 1) & outcome.valid)
    return panels, adjust_p([p.test.p for p in panels], "holm"), several, outcome


def agree(cohort, **how):
    grid, (panels, adjusted, several, outcome) = survival_grid(cohort, "T", **how), one_by_one(cohort, **how)
    assert [p.to_dict() for p in grid.panels] == [p.to_dict() for p in panels]
    for ours, theirs in zip(grid.panels, panels, strict=True):
        for one, other in zip(ours.curves, theirs.curves, strict=True):
            for name in ("time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper"):
                assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
    assert list(grid.p_adjusted) == list(adjusted)
    assert (grid.n, grid.n_events) == (cohort.n_of(outcome.valid), cohort.n_of(outcome.valid & outcome.event))
    told = [note for note in grid.notes if "several sites" in note]
    assert told == ([f"{several:,} patient{'s' if several > 1 else ''} with several sites: the panels share patients "
                     "and aren't independent"] if several else [])  # fmt: skip


class TestEqualsEachSiteAlone:
    @pytest.mark.parametrize("n_times", [FEW_TIMES, MANY_TIMES], ids=["together", "site by site"])
    @pytest.mark.parametrize(
        ("n_sites", "untimed", "unknown"),
        [(7, 0, ()), (7, 0.1, ()), (7, 0.1, (0, 4)), (1, 0, ()), (8, 0, ()), (9, 0, (8,)), (17, 0.1, (3, 16))],
    )
    def test_of_all_and_of_some(self, n_times, n_sites, untimed, unknown):
        cohort = made(7000, n_sites, n_times, untimed=untimed, unknown=unknown)
        agree(cohort, ci="log")
        agree(cohort.subset(np.random.default_rng(1).random(len(cohort)) < 0.8))

    def test_of_a_site_that_everybody_or_nobody_has(self):
        cohort = survival_cohort([1, 2, 3, 4], [1, 0, 1, 1], sites={"a": [1] * 4, "b": [0] * 4, "c": [0, 1, -1, -1]})
        agree(cohort)
        agree(cohort.subset([True, True, False, False]))
        agree(cohort.subset([False] * 4))

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 40), st.integers(1, 10), st.integers(1, 6), st.integers(0, 10**6))
    def test_of_anybody(self, n, n_sites, n_times, seed):
        cohort = made(n + 1, n_sites, n_times, seed=seed, untimed=0.2, unknown=range(0, n_sites, 3))
        agree(cohort)
        agree(cohort.subset(cohort.endpoint("T").reasons != 1))

    @pytest.mark.parametrize("n_times", [3, FEW_TIMES, MANY_TIMES])
    def test_of_rows_that_stand_for_several_patients(self, n_times):
        cohort = made(7000, 4, n_times, untimed=0.1, unknown=(1,))
        counts = summed(cohort, Wanted(endpoints=("T",), sites=True))
        assert len(counts) < len(cohort) == counts.n_patients
        agree(counts)
        agree(counts.subset(np.arange(len(counts)) % 3 > 0))
        assert survival_grid(counts, "T").to_dict() == survival_grid(cohort, "T").to_dict()


# ---------------------------------------------------------------- passes
class Watched(np.ndarray):
    """An array that notes each time many of its values are picked one by one."""

    noted: list[str] = []
    many = 0

    def __getitem__(self, key):
        for part in key if isinstance(key, tuple) else (key,):
            if isinstance(part, np.ndarray) and part.size >= self.many:
                self.noted.append("picked")
        return super().__getitem__(key)


@pytest.fixture
def passes(monkeypatch):
    """Counts how often so many patients are scattered or gathered in a grid of a cohort."""

    def count(cohort, many):
        whole, noted = cohort.whole, []
        bincount = np.bincount
        monkeypatch.setattr(Watched, "noted", noted)
        monkeypatch.setattr(Watched, "many", many)
        monkeypatch.setattr(
            np, "bincount", lambda x, *a, **k: (len(x) >= many and noted.append("counted")) or bincount(x, *a, **k)
        )
        outcome = whole.endpoint("T")
        for name in ("time", "event", "codes", "reasons", "places", "cells", "valid"):
            outcome.__dict__[name] = getattr(outcome, name).view(Watched)
        survival_grid(cohort, "T")  # what is made once of the whole cohort isn't a click's
        for key, held in whole._cache.items():
            if isinstance(held, np.ndarray):
                whole._cache[key] = held.view(Watched)
            elif isinstance(key, tuple) and key[0] == "factor":
                held.__dict__["codes"] = held.codes.view(Watched)
        noted.clear()
        survival_grid(cohort, "T")
        return noted

    return count


class TestPasses:
    """The limit is five."""

    def test_seven_sites_are_counted_in_one_pass(self, passes):
        cohort = made(20_000, 7, FEW_TIMES, untimed=0.05)
        assert passes(cohort, 5_000) == ["counted"]

    def test_after_a_filter_the_patients_are_gathered_besides(self, passes):
        cohort = made(20_000, 7, FEW_TIMES, untimed=0.05)
        some = cohort.subset(np.arange(len(cohort)) % 4 > 0)
        assert sorted(passes(some, 5_000)) == ["counted", "picked", "picked"]

    def test_a_site_with_gaps_is_counted_by_itself(self, passes):
        cohort = made(20_000, 7, FEW_TIMES, unknown=(2,))
        some = cohort.subset(np.arange(len(cohort)) % 4 > 0)
        assert sorted(passes(some, 5_000)) == ["counted"] * 2 + ["picked"] * 3

    def test_the_passes_are_seen(self, passes):
        """One site by itself, of all and of some: more than the grid makes."""
        cohort = made(20_000, 7, FEW_TIMES)
        passes(cohort, 5_000)
        Watched.noted.clear()
        kaplan_meier(cohort, "T", "site:s0")
        kaplan_meier(cohort.subset(np.arange(len(cohort)) % 4 > 0), "T", "site:s0")
        assert len(Watched.noted) >= 6


def test_where_sites_are_counted_together_the_total_is_everybody():
    for n_times in (FEW_TIMES, MANY_TIMES):
        counted = count_sites(made(3000, 5, n_times, untimed=0.1, unknown=(1,)), "T")
        assert counted.total.sum() == 3000 and (counted.by_site.sum(axis=1) == counted.total).all()
