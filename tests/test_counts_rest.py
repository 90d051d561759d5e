"""What reads a file's sum, and what looks at single patients, of counts."""

from __future__ import annotations

import pytest
from cohorts import SAMPLES
from counted import asked, close, same_everywhere

from necc.analysis.understood import understood
from necc.core.errors import NeedsRows
from necc.ingest import read_cohort, summarise
from necc.paper.literature.beside import of_the_literature
from necc.paper.reproduction import of_the_paper

SAMPLE = read_cohort(SAMPLES / "reconstructed_cohort.csv")


@pytest.mark.parametrize("filters", ["", "site:lung=with", "age_years>300"])
def test_the_sum_of_a_cohort_is_the_same_of_counts(filters):
    same_everywhere(understood, SAMPLE, filters)


def test_a_summary_is_the_same_of_counts():
    close(summarise(SAMPLE), summarise(asked(SAMPLE)))
    part = asked(SAMPLE).where("figo_stage=III,IVA")
    assert part.n_patients < 88
    close(summarise(SAMPLE.where("figo_stage=III,IVA")), summarise(part))


@pytest.mark.parametrize("ask", [of_the_paper, of_the_literature])
def test_what_looks_at_single_patients_refuses_counts(ask):
    with pytest.raises(NeedsRows, match="each patient's row"):
        ask(asked(SAMPLE))


def test_a_function_that_needs_rows_says_so_by_its_name_and_without_it():
    from necc.analysis.response import swimmer

    with pytest.raises(NeedsRows, match="swimmer needs each patient's row") as refused:
        swimmer(asked(SAMPLE))
    assert refused.value.told == "this needs each patient's row, which isn't there: the data are counts"
