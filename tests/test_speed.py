"""What keeps the dashboard fast, as far as it can be held without a clock; the times are in docs/performance.md."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from necc.ingest import read_cohort

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"


@pytest.fixture
def whole():
    return read_cohort(SAMPLE)


# ---------------------------------------------------------------- what a cohort is asked in every run
def test_a_cohort_looks_once_which_columns_hold_values(whole, monkeypatch):
    asked, notna = [], pd.Series.notna
    monkeypatch.setattr(pd.Series, "notna", lambda self: asked.append(self.name) or notna(self))
    names = [(c.number_names(), c.factor_names(), [c.has(n) for n in c.columns]) for c in (whole, whole)]
    assert names[0] == names[1]
    assert len(asked) == len(set(asked))
    before = len(asked)
    few = whole.subset(np.arange(len(whole)) < 3)
    assert (few.number_names(), few.factor_names(), [few.has(n) for n in few.columns]) == names[0]
    assert len(asked) == before


def test_what_a_cohort_remembers_is_of_its_own_table(whole):
    assert whole.has("age_years") and not whole.has("no such column")
    table = whole.table.assign(age_years=np.nan)
    other = whole.of_table(table, whole.dictionary, whole.source)
    assert not other.has("age_years") and "age_years" not in other.number_names()
    assert whole.has("age_years") and "age_years" in whole.number_names()


def test_a_cut_of_a_number_leaves_the_table_alone(whole, monkeypatch):
    few = whole.subset(np.arange(len(whole)) < 30)
    monkeypatch.setattr(type(few), "table", property(lambda self: pytest.fail("the table was copied")))
    assert few.cut("age_years>50")["at"] == "50" and few.cut("age_years") is None
