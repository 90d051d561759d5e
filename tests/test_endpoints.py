"""Composite endpoints and other ways to a time and an event, written as data and worked by hand."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from cohorts import cohort_of
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.competing import competing_outcome
from necc.analysis.regression import cox
from necc.analysis.survival import kaplan_meier
from necc.cli import main
from necc.core.cohort import Cohort
from necc.core.dictionary import Dictionary, Endpoint, _merged, builtin_text
from necc.core.errors import AnalysisError, CohortError, DictionaryError
from necc.ingest import inspect, read_cohort
from necc.present.words.methods import endpoints_text

HEAD = 'extends = "necc"\nname = "own"\ntitle = "Own"\n'
DFS = '[endpoints.DFS]\nlabel = "Disease-free survival"\norigin = "diagnosis"\nfirst_of = ["TTR", "OS"]\n'


def own(text: str) -> Dictionary:
    return Dictionary.from_toml(HEAD + text)


def read(rows: str, dictionary: Dictionary) -> Cohort:
    return read_cohort(rows.encode(), "c.csv", dictionary=dictionary)


def times(cohort: Cohort, name: str) -> list[float | None]:
    """Times, negative where censored, None where the patient can't be analysed."""
    endpoint = cohort.endpoint(name)
    signed = np.where(endpoint.event, endpoint.time, -endpoint.time)
    return [None if np.isnan(t) else round(float(t), 9) for t in signed]


# P1 relapses, then dies. P2 dies without relapse. P3 is well when last seen. P4 was last examined for a relapse at 12,
# and alive at 20. P5 too, and died at 20. Of P6 a relapse isn't recorded; of P7 its time isn't. Of P8 and P9 the time
# until which they were free of relapse isn't known; P8 died. P10 relapses and lives.
TEN = """patient_id,recurred,ttr_months,died,os_months
P1,1,10,1,30
P2,0,24,1,24
P3,0,18,0,18
P4,0,12,0,20
P5,0,12,1,20
P6,,15,1,15
P7,1,,1,9
P8,0,,1,14
P9,0,,0,16
P10,1,5,0,40
"""


@pytest.fixture(scope="module")
def ten() -> Cohort:
    return read(TEN, own(DFS))


class TestFirstOfSeveral:
    def test_ten_patients_by_hand(self, ten):
        assert times(ten, "DFS") == [10, 24, -18, -12, 20, None, None, 14, None, 5]
        excluded = {e.reason: e.n for e in ten.endpoint("DFS").excluded}
        assert excluded == {"time not recorded": 2, "event not recorded": 1}
        assert ten.happened("DFS").tolist() == [True, True, False, False, True, False, True, True, False, True]

    def test_its_curve_by_hand(self, ten):
        # 5: 6/7; 10: 5/7; 12 censored; 14: 5/7 x 3/4; 18 censored; 20: x 1/2; 24: 0
        curve = kaplan_meier(ten, "DFS").curves[0]
        assert dict(zip(curve.time, curve.survival, strict=True))[20.0] == pytest.approx(15 / 56, abs=1e-12)
        assert (curve.n, curve.n_events_total, curve.median.value) == (7, 5, 20.0)

    def test_it_is_said_how_it_is_made(self, ten):
        assert ten.dictionary.endpoints["DFS"].defined_as == (
            "diagnosis to the first of Time to recurrence and Overall survival"
        )
        assert endpoints_text(ten, ["DFS"])[0].endswith("the first of Time to recurrence and Overall survival.")
        assert any(
            "the first of Time to recurrence and Overall survival: an event" in n for n in ten.endpoint("DFS").notes
        )

    def test_every_analysis_takes_it(self, ten, tmp_path, capsys):
        assert ten.endpoint_names() == ("TTR", "OS", "DFS")
        model = cox(ten, "DFS", ["os_months"])
        assert "own-outcome" in {g.code for g in model.guardrails}
        assert competing_outcome(ten, "DFS").causes == ("DFS",)
        book, file = tmp_path / "own.toml", tmp_path / "c.csv"
        book.write_text(HEAD + DFS, encoding="utf-8")
        file.write_text(TEN, encoding="utf-8")
        assert main(["km", str(file), "--dictionary", str(book), "--endpoint", "DFS", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["n"] == 7

    def test_a_part_without_its_columns_is_told(self):
        cohort = read("patient_id,recurred,ttr_months\nP1,1,3\n", own(DFS))
        with pytest.raises(
            AnalysisError,
            match=r"\(DFS\) is the first of several events: Overall survival \(OS\) needs its time .* and its event",
        ):
            cohort.endpoint("DFS")

    def test_parts_of_its_own(self):
        book = own(
            '[endpoints.PFS]\norigin = "first recurrence"\nstarts_at = "recurrence"\n'
            'first_of = ["PRS", { label = "progression", time = "response_followup_months", event = "progressed" }]\n'
        )
        rows = "patient_id,prs_months,died,response_followup_months,progressed\nP1,20,1,6,1\nP2,20,1,6,0\nP3,20,0,6,0\n"
        assert times(read(rows, book), "PFS") == [6, 20, -6]
        assert set(book.endpoints) == {*Dictionary.builtin().endpoints, "PFS"}
        assert "progression" in book.endpoints["PFS"].defined_as

    def test_it_is_shown_in_another_unit(self, ten):
        years = replace(ten.dictionary.endpoints["DFS"], unit="years")
        book = replace(ten.dictionary, endpoints={**ten.dictionary.endpoints, "DFS": years})
        shown = replace(ten, dictionary=book, _cache={}).endpoint("DFS")
        assert shown.unit == "years" and shown.time[0] == pytest.approx(10 / 12, abs=1e-12)


class TestDates:
    ROWS = """patient_id,diagnosis_date,death_date,last_followup_date,first_recurrence_date,ici_start_date
P1,2015-01-01,,2015-03-01,2015-02-01,2015-01-11
P2,2015-01-01,,2015-03-01,2015-01-21,
P3,2015-01-01,,2015-03-01,,
"""

    def test_any_of_several_dates(self):
        book = own(
            '[endpoints.X]\nunit = "days"\nstart = "diagnosis_date"\ncensor_date = "last_followup_date"\n'
            'event_date = ["first_recurrence_date", "ici_start_date"]\n[rules]\norder = []\n'
        )
        cohort = read(self.ROWS, book)
        assert times(cohort, "X") == [10, 20, -59]
        note = "a patient with 'first_recurrence_date' or 'ici_start_date' counts as having the event"
        assert note in cohort.endpoint("X").notes

    def test_dates_alone_are_enough(self):
        """Was refused: `X needs its event (column '')`."""
        keys = 'unit = "days"\nstart = "diagnosis_date"\nevent_date = "first_recurrence_date"\n'
        book = own(f'[endpoints.X]\n{keys}censor_date = "last_followup_date"\n[rules]\norder = []\n')
        assert times(read(self.ROWS, book), "X") == [31, 20, -59]
        bare = read("patient_id,age_years\nP1,40\n", book)
        assert bare.endpoint_lacks("X") == (
            "X needs its time (the dates in columns 'diagnosis_date' and 'first_recurrence_date') and its event "
            "(column 'first_recurrence_date')"
        )

    def test_a_flag_against_any_of_its_dates_is_a_finding_and_missing(self):
        book = own(
            '[endpoints.X]\nunit = "days"\nstart = "diagnosis_date"\ncensor_date = "last_followup_date"\n'
            'event = "progressed"\nevent_date = ["first_recurrence_date", "ici_start_date"]\n[rules]\norder = []\n'
            '[endpoints.C]\nunit = "days"\nfirst_of = ["X"]\n'
        )
        rows = self.ROWS.replace("\n", ",0\n").replace("start_date,0", "start_date,progressed")
        findings = inspect(rows.encode(), "c.csv", dictionary=book).findings
        told = [(f.code, f.row, f.n) for f in findings if f.code == "event-against-date"]
        assert told == [("event-against-date", 2, 2), ("event-against-date", 2, 1)]
        made = cohort_of(
            {"progressed": [0, 0], "diagnosis_date": ["2015-01-01"] * 2, "first_recurrence_date": ["2015-02-01", None],
             "last_followup_date": ["2015-03-01"] * 2}, dictionary=book,
        )  # fmt: skip
        assert times(made, "X") == times(made, "C") == [None, -59]


class TestDifference:
    BOOK = (
        '[endpoints.D]\norigin = "first recurrence"\nstarts_at = "recurrence"\nevent = "died"\n'
        'difference_of = ["os_months", "ttr_months"]\nonly_if = "recurred"\n'
    )

    def test_a_duration_less_another(self):
        rows = (
            "patient_id,recurred,died,os_months,ttr_months\nP1,1,1,30.3,10.1\nP2,0,0,20,20\nP3,1,0,7.1,7.1\nP4,,1,9,5\n"
        )
        cohort = read(rows, own(self.BOOK))
        assert times(cohort, "D") == [20.2, None, 0, None]
        assert "2 times of D were taken from os_months minus ttr_months" in cohort.endpoint("D").notes

    def test_a_negative_difference_is_a_finding(self):
        rows = "patient_id,recurred,died,os_months,ttr_months\nP1,1,1,3,10\n"
        with pytest.raises(CohortError) as error:
            read(rows, own(self.BOOK))
        finding = next(f for f in error.value.findings if f.code == "negative-difference")
        assert (finding.row, finding.column) == (2, "os_months") and "'ttr_months'" in finding.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[endpoints.X]\nfirst_of = ["TRT"]\norigin = "diagnosis"', "did you mean 'TTR'?"),
        ('[endpoints.X]\nfirst_of = ["TTR", "PRS"]\norigin = "diagnosis"', "must have its own origin"),
        ('[endpoints.X]\nfirst_of = ["TTR"]\norigin = "diagnosis"\nunit = "days"', "must have its own unit"),
        ('[endpoints.X]\nfirst_of = ["TTR"]\norigin = "diagnosis"\nevent = "died"', "'event' belongs to one"),
        ('[endpoints.X]\nfirst_of = [{ event = "died" }]', "part 1: needs a 'time' column"),
        ('[endpoints.X]\nfirst_of = [{ time = "os_months" }]', "part 1: needs an 'event' column"),
        ('[endpoints.X]\nfirst_of = [3]', "a list of endpoints is needed"),
        ('[endpoints.X]\nfirst_of = ["X"]', "'X', which is no endpoint above it"),
        ('[endpoints.X]\nevent = "died"\ndifference_of = ["os_months", "age_years"]', "of one unit, not of 'months'"),
        ('[endpoints.X]\nevent = "died"\ndifference_of = ["os_months"]', "two durations or more"),
        ('[endpoints.X]\nevent = "died"\ntime = "death_date"', "'death_date' is a date, not a number"),
        ('[endpoints.X]\nevent = "histology"\ntime = "os_months"', "'histology' is a category, not an event or a flag"),
        ('[endpoints.X]\nevent = "died"\ntime = "os_months"\nunit = "month"', "is not one of days, weeks"),
        ('[endpoints.X]\nevent = "died"\ntime = "os_month"', "did you mean 'os_months'?"),
    ],
)  # fmt: skip
def test_a_faulty_endpoint_is_told(text, words):
    with pytest.raises(DictionaryError) as error:
        own(text + "\n")
    assert any(words in f.message and f.column.startswith("endpoints.X") for f in error.value.findings), error.value


# ---------------------------------------------------------------- properties
events = st.sampled_from([0, 1, None])
part = st.lists(st.tuples(st.integers(0, 40) | st.none(), events), min_size=6, max_size=6)


@settings(max_examples=80, deadline=None)
@given(st.lists(part, min_size=1, max_size=4))
def test_a_composite_is_never_later_than_its_parts(parts):
    single = [Endpoint(f"E{i}", f"E{i}", "entry", time=f"t{i}", event=f"died{i}") for i in range(len(parts))]
    columns = {}
    for i, rows in enumerate(parts):
        columns |= {f"t{i}": [None if t is None else float(t) for t, _ in rows], f"died{i}": [e for _, e in rows]}
    whole = [
        Endpoint("ALL", "All", "entry", first_of=tuple(single)),
        Endpoint("ONE", "One", "entry", first_of=(single[0],)),
    ]
    from necc.core.dictionary import Variable

    flags = [Variable(f"died{i}", "d", "event") for i in range(len(parts))]
    numbers = [Variable(f"t{i}", "t", "number") for i in range(len(parts))]
    cohort = cohort_of(columns, variables=[*flags, *numbers], endpoints=[*single, *whole])
    if any(cohort.endpoint_lacks(e.name) for e in single):
        return
    assert times(cohort, "ONE") == times(cohort, "E0")
    composite = cohort.endpoint("ALL")
    for row in np.flatnonzero(composite.valid):
        given_parts = [rows[row] for rows in parts]
        happened = [t for t, e in given_parts if e == 1]
        assert composite.event[row] == bool(happened)
        assert composite.time[row] == min(happened or [t for t, _ in given_parts])
    for row in np.flatnonzero(~composite.valid):
        given_parts = [rows[row] for rows in parts]
        unknown = any(e is None or (e == 1 and t is None) for t, e in given_parts)
        assert unknown or (all(e == 0 for _, e in given_parts) and any(t is None for t, _ in given_parts))


def test_a_derived_dictionary_loses_a_composite_with_a_part_that_it_takes_out():
    """So that a base may gain one."""
    base = tomllib.loads(builtin_text())
    base["endpoints"] |= tomllib.loads(DFS)["endpoints"]
    raw = {"extends": "necc", "without": [], "endpoints": {"TTR": False}}
    assert set(_merged(raw, base)["endpoints"]) == {"PRS", "OS", "PFS_ICI"}
    assert "DFS" in _merged({**raw, "endpoints": {"PRS": False}}, base)["endpoints"]
