"""Mappings: what is guessed and why, what a person corrects, the file it is kept in, and doubts that are told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from necc.cli import main
from necc.core.dictionary import Dictionary
from necc.core.errors import CohortError
from necc.ingest import (
    ColumnMap,
    EndpointMap,
    Mapping,
    OwnColumns,
    ReadOptions,
    cohort_csv,
    inspect,
    open_file,
    read_cohort,
)
from necc.ingest.codes import missing_codes, stage_edition
from necc.ingest.direction import direction
from necc.ingest.mapping import ROLES, UNITS, signature
from necc.ingest.naming import by_name, unit_of
from necc.ingest.raw import RawTable
from necc.ingest.statistical import from_frame
from necc.ingest.suggest import suggest_mapping
from necc.ingest.understand import understand

TCGA = Path(__file__).parents[2] / "shared" / "data" / "tcga_cesc_recurrent.csv"
NECC = Dictionary.builtin()


def suggested(text: str, dictionary: Dictionary = NECC) -> Mapping:
    return suggest_mapping(open_file(text.encode(), "c.csv").raw, dictionary)


def column(values: list[str], header: str = "x") -> ColumnMap:
    rows = "".join(f"P{i},{v}\n" for i, v in enumerate(values))
    return suggested(f"patient_id,{header}\n{rows}").columns[1]


def loaded(text: str, mapping: Mapping | None = None, **options):
    return read_cohort(text.encode(), "c.csv", mapping=mapping or suggested(text), **options)


def codes_found(text: str, mapping: Mapping | None = None, **options) -> list[str]:
    return [f.code for f in inspect(text.encode(), "c.csv", mapping=mapping or suggested(text), **options).findings]


class TestRoles:
    @pytest.mark.parametrize(
        ("header", "values", "role", "variable", "unit"),
        [
            ("OS.time", ["120", "800", "950"], "time", "os_months", "days"),
            ("overall survival (years)", ["1.5", "2", "7"], "time", "os_months", "years"),
            ("TTR_weeks", ["10", "20", "31"], "time", "ttr_months", "weeks"),
            ("prsMonths", ["10.5", "20", "31"], "time", "prs_months", "months"),
            ("Age at Dx", ["44", "51", "60"], "number", "age_years", ""),
            ("date of diagnosis", ["2015-01-31", "2016-02-29", "2017-05-05"], "date", "diagnosis_date", ""),
            ("relapse date", ["31.01.2015", "29.02.2016", "05.05.2017"], "date", "first_recurrence_date", ""),
            ("vital status", ["alive", "dead", "alive"], "event", "died", ""),
            ("Best Response (RECIST)", ["CR", "partial response ", "PD"], "response", "best_response", ""),
            ("outcome of course 1", ["CR", "SD", "PD"], "response", "", ""),
            ("clinical stage", ["Stage IB1", "IIA", "IIIC1"], "category", "figo_2018", ""),
            ("stage at diagnosis FIGO 2009", ["IB1", "IIA", "IIB"], "category", "figo_2008", ""),
            ("mets_liver", ["1", "0", "1"], "site", "organ_liver", ""),
            ("Bone metastasis", ["YES", "", ""], "site", "", ""),
            ("where did it come back", ["lung; liver", "pelvis", "Thoracic Spine"], "text", "", ""),
            ("sites of relapse", ["lung; liver", "pelvis", "Thoracic Spine"], "sites", "recurrence_sites", ""),
            ("fig0 2018", ["IB1", "IIA", "IIB"], "category", "figo_2018", ""),
            ("weight", ["60", "71.5", "80"], "auto", "", ""),
            ("empty", ["", "", ""], "drop", "", ""),
        ],
    )
    def test_from_name_and_values(self, header, values, role, variable, unit):
        how = column(values, header)
        wanted_site = {"organ_liver": "liver"}.get(variable, "bone" if role == "site" else "")
        if role == "site":
            assert (how.role, how.site) == (role, wanted_site)
        else:
            assert (how.role, how.variable, how.unit) == (role, variable, unit)
        assert 0 <= how.confidence <= 1 and how.reason

    def test_the_identifier_is_the_unique_column(self):
        mapping = suggested("centre,subject code,x\nA,77-1,1\nA,77-2,2\nB,77-3,2\n")
        assert [c.role for c in mapping.columns] == ["auto", "identifier", "auto"]

    def test_one_column_a_variable(self):
        mapping = suggested("patient_id,OS,dead,os_months\nP1,1,1,5\nP2,0,0,6\n")
        assert sum(c.variable == "died" for c in mapping.columns) == 1

    def test_own_survival_pairs_are_endpoints(self):
        text = "patient_id,DFS days,DFS status\n" + "".join(f"P{i},{200 + i},{i % 2}\n" for i in range(12))
        mapping = suggested(text)
        assert [(e.name, e.time, e.event) for e in mapping.endpoints] == [("DFS", "DFS days", "DFS status")]
        dfs = loaded(text).endpoint("DFS")
        assert dfs.unit == "months" and dfs.time[0] == pytest.approx(200 * 12 / 365.25, abs=1e-12)

    def test_names_of_another_meaning_fall_back(self):
        assert column(["early", "late", "late"], "stage").role == "auto"


class TestEventCodes:
    @pytest.mark.parametrize(
        ("values", "header", "event", "no_event", "least"),
        [
            (["0", "1"], "died", ("1",), ("0",), 0.9),
            (["1.0", "0.0"], "died", ("1.0",), ("0.0",), 0.9),
            (["TRUE", "FALSE"], "event", ("TRUE",), ("FALSE",), 0.9),
            (["alive", "dead"], "vital status", ("dead",), ("alive",), 0.9),
            (["DOD", "NED", "AWD"], "status", ("DOD",), ("NED", "AWD"), 0.9),
            (["0:LIVING", "1:DECEASED"], "OS_STATUS", ("1:DECEASED",), ("0:LIVING",), 0.9),
            (["死亡", "存活"], "状态", ("死亡",), ("存活",), 0.9),
            (["0", "1"], "censored", ("0",), ("1",), 0.7),
            (["1", "2"], "status", ("2",), ("1",), 0.3),
            (["7", "8", "x"], "status", (), (), 0.0),
        ],
    )
    def test_which_code_is_the_event(self, values, header, event, no_event, least):
        found = direction(values, header, blanks=False)
        assert (found.event, found.no_event) == (event, no_event) and found.confidence >= least
        assert (found.confidence < 0.5) == (least < 0.5)

    def test_a_blank_is_no_event_beside_a_single_yes(self):
        found = direction(["Y"], "DTHFL", blanks=True)
        assert (found.event, found.no_event) == (("Y",), ("",))
        text = "patient_id,died,prs_months\nP1,Y,3\nP2,,4\n"
        assert codes_found(text) == ["question"]
        assert loaded(text, answers=("blank:died=no",)).endpoint("PRS").event.tolist() == [True, False]

    def test_flipped(self):
        text = "patient_id,prs_months,cens\nP1,3,1\nP2,4,0\nP3,5,0\n"
        mapping = suggested(text).with_column(ColumnMap("cens", "event", "died", event=("1",), no_event=("0",)))
        assert loaded(text, mapping).endpoint("PRS").event.tolist() == [True, False, False]
        flipped = mapping.with_column(mapping.column("cens").flipped())
        assert loaded(text, flipped).endpoint("PRS").event.tolist() == [False, True, True]

    def test_a_code_the_mapping_doesn_t_name_is_asked(self):
        how = ColumnMap("died", "event", "died", event=("2",), no_event=("1",))
        mapping = Mapping((ColumnMap("patient_id", "identifier", "patient_id"), how))
        text = "patient_id,died\nP1,1\nP2,2\nP3,7\n"
        assert codes_found(text, mapping) == ["event-coding"]
        assert codes_found(text.replace(",7", ",2"), mapping) == []

    def test_missing_codes(self):
        numbers = np.array([44.0, 51, 60, 999])
        assert missing_codes(["44", "51", "60", "999"], numbers) == ["999"]
        assert missing_codes(["1", "2", "3", "9"], np.array([1.0, 2, 3, 9])) == ["9"]
        assert missing_codes(["7", "8", "9"], np.array([7.0, 8, 9])) == []
        assert missing_codes(["88", "90", "99"], np.array([88.0, 90, 99])) == []
        assert missing_codes(["IB1", "UK", "N/A", "-", "[Not Available]"]) == ["UK", "N/A", "-", "[Not Available]"]

    def test_missing_codes_are_read_as_missing_and_told(self):
        text = "patient_id,age,lvsi\nP1,44,0\nP2,999,9\nP3,51,1\nP4,60,0\n"
        mapping = suggested(text)
        assert mapping.column("age").missing == ("999",)
        cohort = loaded(text, mapping.with_column(replace(mapping.column("lvsi"), missing=("9",))))
        assert np.array_equal(cohort.number("age_years"), [44, np.nan, 51, 60], equal_nan=True)
        assert cohort.factor("lvsi").codes.tolist() == [0, -1, 1, 0]
        assert [f.code for f in cohort.findings] == ["read-as-missing", "read-as-missing"]


class TestDoubts:
    ROWS = [(f"P{i}", 10 + i, i % 2, "PD" if i < 6 else "CR") for i in range(20)]

    def text(self, rows=None, unit="months") -> str:
        body = "".join(f"{p},{t},{e},{r}\n" for p, t, e, r in rows or self.ROWS)
        return f"patient_id,prs_{unit},died,best_response\n{body}"

    def test_all_progressive_patients_censored(self):
        inverted = [(p, t, int(r != "PD"), r) for p, t, e, r in self.ROWS]
        text = self.text(inverted)
        assert codes_found(text) == ["question"]  # they were followed longer, too
        question = inspect(text.encode(), "c.csv", mapping=suggested(text)).questions[0]
        assert codes_found(text, question.answer("1").mapping)[0] == "inverted-event"
        assert codes_found(text, question.answer("0").mapping) == []
        assert codes_found(self.text()) == []

    def test_more_events_than_expected(self):
        assert "many-events" in codes_found(self.text([(p, t, 1, r) for p, t, _, r in self.ROWS]))

    def test_no_events(self):
        assert "no-events" in codes_found(self.text([(p, t, 0, r) for p, t, _, r in self.ROWS]))

    def test_days_called_months(self):
        long = [(p, 100 + 30 * i, e, r) for i, (p, _, e, r) in enumerate(self.ROWS)]
        assert "unit-doubt" in codes_found(self.text(long))

    def test_a_mapping_against_the_heading(self):
        text = self.text().replace("prs_months", "prs_days")
        mapping = suggested(text)
        assert mapping.column("prs_days").unit == "days"
        wrong = mapping.with_column(replace(mapping.column("prs_days"), unit="months"))
        assert "unit-doubt" in codes_found(text, wrong) and "unit-doubt" not in codes_found(text)

    def test_a_stage_without_its_edition(self):
        text = "patient_id,clinical_stage\nP1,IB1\nP2,IIA\nP3,IIB\n"
        assert codes_found(text) == ["question"] and loaded(text).factor("clinical_stage").levels == (
            "IB1",
            "IIA",
            "IIB",
        )
        chosen = suggested(text).with_column(ColumnMap("clinical_stage", "category", "figo_2018"))
        assert codes_found(text, chosen) == []

    def test_the_edition(self):
        assert stage_edition("stage_2018", ["IB1"])[0] == "2018"
        assert stage_edition("FIGO 2014", ["IB1"])[0] == "2008"
        assert stage_edition("stage", ["IB1", "IIIC2p"])[0] == "2018"
        assert stage_edition("stage", ["IB1"])[1] < 0.5


class TestCorrections:
    def test_level_names_and_order(self):
        text = "patient_id,arm\nP1,2\nP2,1\nP3,3\n"
        levels = (("late", ("3",)), ("early", ("1", "2")))
        how = ColumnMap("arm", "category", levels=levels)
        cohort = loaded(text, Mapping((ColumnMap("patient_id", "identifier", "patient_id"), how)))
        assert cohort.factor("arm").levels == ("late", "early") and cohort.factor("arm").codes.tolist() == [1, 1, 0]

    def test_levels_of_a_known_variable(self):
        text = "patient_id,histology\nP1,A\nP2,B\nP3,C\n"
        levels = (("small cell", ("A",)), ("large cell", ("B",)), ("carcinoid", ("C",)))
        how = ColumnMap("histology", "category", "histology", levels=levels)
        cohort = loaded(text, Mapping((ColumnMap("patient_id", "identifier", "patient_id"), how)))
        assert cohort.factor("histology").levels == ("small cell", "large cell", "carcinoid")

    def test_site_words(self):
        text = "patient_id,recurrence_sites\nP1,Atlantis; lung\nP2,bladder\nP3,lung\n"
        assert codes_found(text) == ["unknown-site"]
        mapping = replace(suggested(text), site_words=(("atlantis", "liver"), ("bladder", "other")))
        cohort = loaded(text, mapping)
        assert not cohort.findings
        assert cohort.factor("site:abdominal").codes.tolist() == [1, 0, 0]
        assert cohort.factor("site:other").codes.tolist() == [0, 1, 0] and cohort.factor("site:pelvic").counts() == (
            3,
            0,
        )
        wrong = replace(mapping, site_words=(("atlantis", "moon"),))
        assert "unknown-organ" in codes_found(text, wrong)

    def test_schemes(self):
        text = "patient_id,recurrence_sites\nP1,bladder; lung\nP2,abdominal wall\nP3,lung\n"
        mapping = suggested(text)
        assert loaded(text, mapping).scheme.name == "paper"
        spread = loaded(text, replace(mapping, scheme="spread"))
        assert spread.factor("site:local").codes.tolist() == [1, 0, 0]
        assert spread.with_scheme("distance").factor("site:distant").codes.tolist() == [1, 1, 1]
        assert "unknown-scheme" in codes_found(text, replace(mapping, scheme="none"))

    def test_two_columns_may_not_become_one_variable(self):
        text = "patient_id,a,b\nP1,1,2\n"
        columns = (ColumnMap("patient_id", "identifier", "patient_id"), ColumnMap("a", "number", "age_years"),
                   ColumnMap("b", "number", "age_years"))  # fmt: skip
        assert codes_found(text, Mapping(columns)) == ["two-columns-one-variable"]

    def test_units_shown(self):
        text = "patient_id,prs_days,died\nP1,365.25,1\nP2,731,0\n"
        mapping = suggested(text)
        assert loaded(text, mapping).endpoint("PRS").time[0] == pytest.approx(12, abs=1e-12)
        years = loaded(text, replace(mapping, unit="years"))
        assert years.endpoint("PRS").unit == "years" and years.endpoint("PRS").time[0] == pytest.approx(1, abs=1e-12)
        days = loaded(text, replace(mapping, unit="days")).endpoint("PRS")
        assert days.unit == "days" and days.time.tolist() == pytest.approx([365.25, 731], abs=1e-9)

    def test_any_two_dates_are_an_endpoint(self):
        text = (
            "patient_id,surgery,relapse seen,seen last\nP1,2019-01-01,2019-01-31,2019-06-01\n"
            "P2,2019-01-01,,2019-03-02\n"
        )
        own = EndpointMap("RFS", "Relapse-free survival", start="surgery", event_date="relapse seen",
                          censor_date="seen last", unit="days")  # fmt: skip
        columns = (ColumnMap("patient_id", "identifier", "patient_id"), *(ColumnMap(c, "date") for c in
                   ("surgery", "relapse seen", "seen last")))  # fmt: skip
        rfs = loaded(text, Mapping(columns, (own,))).endpoint("RFS")
        assert rfs.time.tolist() == [30, 60] and rfs.event.tolist() == [True, False] and rfs.unit == "days"

    def test_dates_against_durations_of_any_unit(self):
        text = "patient_id,t,start,end\nP1,1,2018-01-01,2019-01-01\nP2,3,2018-01-01,2019-01-01\n"
        own = EndpointMap("X", time="t", start="start", event_date="end", censor_date="end", unit="years")
        columns = (ColumnMap("patient_id", "identifier", "patient_id"), ColumnMap("t", "time", unit="years"),
                   ColumnMap("start", "date"), ColumnMap("end", "date"))  # fmt: skip
        found = inspect(text.encode(), "c.csv", mapping=Mapping(columns, (own,))).findings
        assert [(f.code, f.row) for f in found if f.code == "dates-disagree"] == [("dates-disagree", 3)]

    def test_the_order_of_dates_is_answered(self):
        text = "patient_id,diagnosis_date\nP1,03/04/2019\nP2,05/06/2018\n"
        mapping = suggested(text)
        assert mapping.column("diagnosis_date").role == "date" and codes_found(text) == ["date-order"]
        for order, day in (("day-month", "2019-04-03"), ("month-day", "2019-03-04")):
            how = replace(mapping.column("diagnosis_date"), date_order=order)
            cohort = loaded(text, mapping.with_column(how))
            assert str(cohort.data["diagnosis_date"].iloc[0].date()) == day

    def test_dropped_and_pseudonymous_columns(self):
        text = "hospital number,age,secret\n77881,44,x\n77882,51,y\n"
        columns = (
            ColumnMap("hospital number", "pseudonym"),
            ColumnMap("age", "number", "age_years"),
            ColumnMap("secret", "drop"),
        )
        cohort = loaded(text, Mapping(columns))
        assert cohort.ids == ("P001", "P002") and list(cohort.table.columns) == ["hospital number", "age_years"]
        assert b"7788" not in cohort_csv(cohort) and b"secret" not in cohort_csv(cohort)

    def test_own_columns_are_a_mapping(self):
        raw = open_file(b"d,s,lung\n10,2,1\n20,1,0\n", "c.csv").raw
        own = OwnColumns(time="d", event="s", event_values=("2",), unit="days", sites=("lung",))
        mapping, findings = own.mapping(raw, NECC)
        assert not findings and mapping.dictionary == ""
        direct = read_cohort(b"d,s,lung\n10,2,1\n20,1,0\n", "c.csv", own=own)
        mapped = read_cohort(b"d,s,lung\n10,2,1\n20,1,0\n", "c.csv", mapping=mapping)
        assert direct.endpoint("d").event.tolist() == mapped.endpoint("d").event.tolist() == [True, False]
        assert direct.source.sha256 == mapped.source.sha256

    def test_another_disease(self):
        text = "patient_id,histological_type,grade\nP1,Cervical Squamous Cell Carcinoma,G3\nP2,腺癌,2\nP3,SCNEC,GX\n"
        cohort = loaded(text, suggested(text, Dictionary.builtin("cervical")))
        assert cohort.factor("histology").levels == ("squamous cell carcinoma", "adenocarcinoma", "small cell NEC")
        assert cohort.factor("histology_nec").counts() == (2, 1) and cohort.factor("grade").levels == ("G2", "G3", "GX")


class TestFile:
    def test_kept_and_applied_again(self):
        text = "patient_id,OS.time,vital,where\nP1,400,Dead,lung\nP2,800,Alive,bone\n"
        mapping = suggested(text)
        again = Mapping.from_toml(mapping.to_toml())
        assert again == mapping and again.key() == mapping.key()
        other = "where,vital,OS.time,patient_id\nbrain,Dead,100,P9\nlung,Alive,50,P8\n"
        assert open_file(other.encode(), "d.csv").raw.headers != open_file(text.encode(), "c.csv").raw.headers
        assert signature(open_file(other.encode(), "d.csv").raw.headers) == mapping.signature
        cohort = read_cohort(other.encode(), "d.csv", mapping=again, answers=("unit:OS.time=days",))
        assert cohort.endpoint("OS").event.tolist() == [True, False]

    def test_files_of_the_first_version_load(self):
        """As they were written before a library wrote them."""
        text = (
            "# How the columns of a file are understood.\nmapping_version = 1\n"
            'signature = "c0ffee"\ndictionary = "necc"\nunit = "weeks"\nscheme = ""\n\n'
            '[reading]\nsheet = "Old"\nheader_row = 3\n\n'
            '# a word in the file = the organ or site it means\n[site_words]\n"pulmo" = "lung"\n\n'
            '[[endpoints]]\nname = "X"\ntime = "t"\n\n'
            '[[columns]]\ncolumn = "died?"\nrole = "event"\nevent = ["1", ""]\nconfidence = 0.9\n'
            '[columns.levels]  # in their order, each with the file\'s words\n"yes" = ["1"]\n"no" = []\n'
        )
        column = ColumnMap("died?", "event", event=("1", ""), levels=(("yes", ("1",)), ("no", ())), confidence=0.9)
        assert Mapping.from_toml(text) == Mapping(
            (column,), (EndpointMap("X", time="t"),), (("pulmo", "lung"),), unit="weeks",
            read_options=ReadOptions(sheet="Old", header_row=3),
        )  # fmt: skip

    def test_another_file_is_told(self):
        mapping = suggested("patient_id,age,x\nP1,44,1\nP2,51,2\n")
        assert codes_found("patient_id,x,new\nP1,2,3\n", mapping) == ["mapping-misfit", "mapping-misfit"]

    def test_it_holds_no_patient(self):
        text = "patient_id,remark,age\n" + "".join(f"SECRET{i},private text {i},{i + 20}\n" for i in range(80))
        assert "SECRET" not in suggested(text).to_toml() and "private" not in suggested(text).to_toml()

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("nonsense = [", "not valid TOML"),
            ("a = 1\nmapping_version = 1", "unknown key 'a'"),
            ("mapping_version = 2", "mapping_version must be 1"),
            ('mapping_version = 1\n[[columns]]\nrole = "date"', "needs the key 'column'"),
            (
                'mapping_version = 1\n[[columns]]\ncolumn = "x"\nrole = "king"',
                "column 'x', key 'role': 'king' is not one of",
            ),
            ('mapping_version = 1\n[[columns]]\ncolumn = "x"\nunit = "hours"', "column 'x', key 'unit'"),
            ('mapping_version = 1\n[[columns]]\ncolumn = "x"\nevent = 3', "key 'event': a list is needed"),
            ('mapping_version = 1\n[[columns]]\ncolumn = "x"\n[[columns]]\ncolumn = "x"', "mapped twice"),
            ('mapping_version = 1\ncolumns = "x"', "key 'columns': a list of tables is needed"),
            ('mapping_version = 1\nsite_words = ["x"]', "key 'site_words': a table"),
            ('mapping_version = 1\n[reading]\nheader_row = "two"', "key 'header_row': 'two' is not a whole number"),
            ("\xff\xfe", "mapping"),
        ],
    )
    def test_faults_are_told(self, text, words):
        with pytest.raises(CohortError) as error:
            Mapping.from_toml(text.encode("latin-1"))
        assert any(words in f.message for f in error.value.findings)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def test_any_mapping_survives_its_file(self, data):
        word = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)
        words = st.lists(word, max_size=3, unique=True).map(tuple)
        column = st.builds(
            ColumnMap, word, st.sampled_from(ROLES), st.just(""), st.sampled_from(("", *UNITS)), st.just(""), words,
            words, words, st.lists(st.tuples(word, words), max_size=2, unique_by=lambda p: p[0]).map(tuple),
            st.just(""),
            st.sampled_from((0.25, 1.0)), word,
        )  # fmt: skip
        columns = data.draw(st.lists(column, max_size=4, unique_by=lambda c: c.column))
        pairs = data.draw(st.lists(st.tuples(word, word), max_size=3, unique_by=lambda p: p[0]))
        read_options = ReadOptions(sheet=data.draw(word), header_row=3)
        mapping = Mapping(tuple(columns), site_words=tuple(pairs), unit="weeks", read_options=read_options)
        assert Mapping.from_toml(mapping.to_toml()) == mapping

    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=200) | st.text(max_size=200))
    def test_no_mapping_file_ends_in_a_traceback(self, data):
        try:
            Mapping.from_toml(data)
        except CohortError as error:
            assert all(f.message for f in error.findings)


class TestCommandLine:
    TEXT = "row,days,status,met liver\n1,400,2,1\n2,800,1,0\n3,100,2,0\n"

    def test_map_then_read(self, tmp_path, capsys):
        path, mapping = tmp_path / "c.csv", tmp_path / "m.toml"
        path.write_text(self.TEXT.replace("days", "OS days").replace("status", "vital status"))
        answer = "event:vital status=2"
        assert main(["map", str(path), "-o", str(mapping), "--answer", answer]) == 0
        assert "OS days: os_months (90 %) its name says days" in capsys.readouterr().out
        assert main(["km", str(path), "--endpoint", "OS", "--mapping", str(mapping)]) == 0
        assert "Overall survival in months: 3 patients, 2 events" in capsys.readouterr().out

    def test_a_mapping_beside_the_file_is_used_by_itself(self, tmp_path, capsys):
        path = tmp_path / "c.csv"
        path.write_text("patient_id,OS days,vital status\nP1,400,2\nP2,800,1\n")
        assert main(["check", str(path), "--json"]) == 1
        assert "event:vital status=2" in capsys.readouterr().out
        assert main(["map", str(path), "-o", f"{path}.mapping.toml", "--answer", "event:vital status=2"]) == 0
        capsys.readouterr()
        assert main(["check", str(path), "--json"]) == 0
        told = capsys.readouterr()
        assert '"OS"' in told.out and "c.csv.mapping.toml" in told.err

    def test_refusals(self, tmp_path, capsys):
        path = tmp_path / "c.csv"
        path.write_text(self.TEXT)
        bad = tmp_path / "m.toml"
        bad.write_text("x = 1")
        assert main(["check", str(path), "--mapping", str(bad)]) == 1
        assert "mapping file: unknown key 'x'" in capsys.readouterr().err
        assert main(["check", str(path), "--mapping", str(tmp_path / "none.toml")]) == 1
        assert "none.toml" in capsys.readouterr().err

    def test_printed(self, tmp_path, capsys):
        path = tmp_path / "c.csv"
        path.write_text(self.TEXT)
        assert main(["map", str(path)]) == 0
        assert Mapping.from_toml(capsys.readouterr().out).column("met liver").site == "liver"


# ---------------------------------------------------------------- rules on columns that were taken for something else
LONG = (
    "patient_id,ici_start_months,response_followup_months,ttr_months,prs_months,"
    "os_months,diagnosis_date,first_recurrence_date,last_followup_date,death_date,best_response,final_response\n"
    "P1,3,9,9,5,20,2020-01-01,2020-09-01,2021-03-01,,PD,CR\n"
    "P2,1,8,4,3,7,2020-01-01,2020-05-01,2020-08-01,2020-08-01,CR,PD\n"
)


def ruled(**changed: ColumnMap | None) -> Mapping:
    """Every column of `LONG` as its variable, but these."""
    known = {name: ColumnMap(name, "auto", name) for name in LONG.splitlines()[0].split(",")}
    return Mapping(tuple({**known, **changed}.values()))


def test_a_rule_whose_columns_the_mapping_does_not_know_is_not_asked():
    names = [n for n in LONG.splitlines()[0].split(",") if n != "patient_id"]
    assert {"best-worse-than-final", "longer-than-followup"} <= {*codes_found(LONG, ruled())}
    plain = ruled(**{name: ColumnMap(name) for name in names})  # extra variables: numbers without a unit
    assert "longer-than-followup" not in codes_found(LONG, plain)


@pytest.mark.parametrize("role", [r for r in ROLES if r not in ("identifier", "pseudonym", "site")])
def test_the_columns_of_a_rule_may_be_of_another_kind(role):
    names = LONG.splitlines()[0].split(",")[1:]
    for changed in (names, *([name] for name in names)):
        mapping = ruled(**{name: ColumnMap(name, role) for name in changed})
        codes = {f.code for f in inspect(LONG.encode(), "c.csv", mapping=mapping).findings}
        assert codes, "read, and told what doesn't fit, without a traceback"


def test_a_category_is_no_event_and_a_text_no_date():
    text = "patient_id,os_months,died,death_date\nP1,3,alive,none\nP2,5,lost,none\nP3,7,died,none\n"
    columns = (ColumnMap("patient_id", "identifier", "patient_id"), ColumnMap("os_months", "time", "os_months"),
               ColumnMap("died", "category"), ColumnMap("death_date", "text"))  # fmt: skip
    cohort = loaded(text, Mapping(columns), answers=("event-of:os_months=none",))
    assert cohort.variable("died").kind == "category" and "its event" in cohort.endpoint_lacks("OS")


@pytest.mark.skipif(not TCGA.is_file(), reason="the TCGA file isn't beside the project")
class TestTcga:
    def test_the_guess_alone_reads_it(self):
        opened = open_file(TCGA)
        mapping = understand(opened.raw, Dictionary.builtin("cervical")).mapping
        roles = {c.column: (c.variable or c.role, c.unit) for c in mapping.columns}
        assert roles["ttr_days"] == ("ttr_months", "days") and roles["OS.time"] == ("os_months", "days")
        assert roles["recurrence_site_text"] == ("recurrence_sites", "") and roles["clinical_stage"] == (
            "figo_2008",
            "",
        )
        cohort = read_cohort(opened, mapping=mapping, answers=("unit:OS.time=days",))
        prs = cohort.endpoint("PRS")
        assert (len(cohort), int(prs.valid.sum()), int(prs.event.sum())) == (47, 47, 31)
        assert prs.time.sum() * 365.25 / 12 == pytest.approx(float(_sum_of("prs_days")), abs=1e-6)
        assert {f.code for f in cohort.findings if f.severity == "warning"} == {
            "unknown-site", "question", "recurrence-without-site",
        }  # fmt: skip
        assert next(f.n for f in cohort.findings if f.code == "recurrence-without-site") == 4  # blank cells
        unknown = {re.sub(r" \(.*", "", f.value) for f in cohort.findings if f.code == "unknown-site"}
        assert unknown == {"distant recurrence multiple sites", "Head & Neck", "Vulva", "Diaphragm"}


def _sum_of(name: str) -> float:
    import csv

    with TCGA.open(encoding="utf-8") as file:
        return sum(float(row[name]) for row in csv.DictReader(file))


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10)
usual = st.sampled_from(
    ["", "1", "0", "2", "yes", "NA", "12.5", "-3", "999", "2019-04-03", "03/04/2019", "IB1", "lung; liver", "PD"]
)
headings = st.sampled_from(
    ["id", "OS", "OS.time", "pfs_days", "status", "stage", "mets_lung", "sites", "date dx", "response", "x"]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(headings | cells, min_size=1, max_size=7), st.data())
def test_no_table_ends_its_guess_in_a_traceback(header, data):
    rows = data.draw(st.lists(st.lists(usual | cells, min_size=len(header), max_size=len(header)), max_size=9))
    lines = [",".join('"{}"'.format(c.replace('"', '""')) for c in row) for row in (header, *rows)]
    try:
        raw = open_file("\n".join(lines).encode("utf-8", "replace"), "c.csv").raw
    except CohortError as error:
        assert all(f.message for f in error.findings)
        return
    mapping = suggest_mapping(raw, NECC)
    assert Mapping.from_toml(mapping.to_toml()) == mapping
    inspection = inspect("\n".join(lines).encode("utf-8", "replace"), "c.csv", mapping=mapping)
    assert inspection.accepted or any(f.severity == "error" for f in inspection.findings)


# ---------------------------------------------------------------- labels of the file's own
def labelled(**columns: tuple[str, list]) -> tuple[RawTable, Mapping]:
    """A table whose columns have labels, as SPSS has them, and its suggestion."""
    frame = pd.DataFrame({name: values for name, (_, values) in columns.items()})
    raw = from_frame(frame, "SPSS file", {name: label for name, (label, _) in columns.items()}, [])
    return raw, suggest_mapping(raw, NECC)


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("PATNR", ""), ("Pat-Nr", ""), ("patient-nr", ""), ("Patienten-Nr.", ""), ("CASE NO", ""),
        ("V1", "Patient number"),
    ],
)  # fmt: skip
def test_names_and_labels_of_an_identifier(header, label):
    raw, suggested = labelled(**{header: (label, [11, 12, 13]), "age": ("", [40, 50, 60])})
    direct = by_name(raw, NECC)
    assert direct[1] == []
    for mapping in (direct[0], suggested):
        assert (mapping.columns[0].role, mapping.columns[0].variable) == ("identifier", "patient_id")


def test_two_labels_of_an_identifier_are_asked():
    raw, _ = labelled(V1=("Patient number", [1, 2]), V2=("Case number", [3, 4]))
    mapping, findings = by_name(raw, NECC)
    assert [f.code for f in findings] == ["no-identifier"] and "'Your own file'" in findings[0].message
    assert {c.role for c in mapping.columns} == {"auto"}


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("Post-recurrence survival (weeks)", "weeks"), ("Überleben nach Rezidiv in Tagen", "days"),
        ("Survival in months", "months"),
    ],
)  # fmt: skip
def test_the_unit_stands_in_the_label(label, unit):
    raw, mapping = labelled(ID=("", [1, 2, 3, 4]), PRS=(label, [4.5, 9.25, 100, 3]))
    prs = mapping.columns[1]
    assert (prs.role, prs.unit, prs.reason) == ("time", unit, f"its label says {unit}") and prs.confidence >= 0.9
    assert unit_of("PRS", label)[0] == unit and unit_of("PRS (years)", label)[0] == "years"
    own, findings = OwnColumns(id="ID", time="PRS", event="ID", event_values=("1",)).mapping(raw, NECC)
    assert own.endpoints[0].unit == unit
    assert "its label says" in next(f.message for f in findings if f.code == "unit")


SIZES = "".join(f"P{i},{3 + i / 7:.1f},{i % 2},{15 + 2 * i}\n" for i in range(14))


@pytest.mark.parametrize(
    "heading",
    ["tumor size (mm)", "tumour size mm", "tumor_size_in_mm", "肿瘤大小（mm）", "肿瘤大小mm", "Tumor size (毫米)"],
)
def test_a_size_is_read_in_the_unit_of_its_heading(heading):
    cohort = read_cohort(f"patient_id,os_months,died,{heading}\n{SIZES}".encode(), "c.csv")
    assert cohort.number("tumor_size_cm").tolist() == pytest.approx([1.5 + 0.2 * i for i in range(14)])
    assert "mm were turned into cm" in next(f for f in cohort.findings if f.code == "unit").message


def test_an_age_in_days_becomes_years_and_an_odd_unit_stays_extra():
    text = "patient_id,died,age_days,tumor size (ml)\n" + "".join(
        f"P{i},{i % 2},{18000 + i},{20 + i}\n" for i in range(8)
    )
    cohort = read_cohort(text.encode(), "c.csv")
    assert cohort.number("age_years")[0] == pytest.approx(18000 / 365.25)
    assert "tumor_size_cm" not in cohort.number_names() and cohort.number("tumor size (ml)")[0] == 20


@pytest.mark.parametrize(("answer", "first"), [("mm", 1.5), ("cm", 15)])
def test_a_size_without_a_unit_that_is_too_large_is_asked(answer, first):
    text = f"patient_id,os_months,died,tumor_size\n{SIZES.replace(',41', ',39')}".encode()
    result = inspect(text, "c.csv")
    assert [(q.key, q.decisive, q.suggested) for q in result.questions] == [("unit:tumor_size", False, "mm")]
    assert "tumor_size_cm" not in result.cohort.number_names()
    answered = inspect(text, "c.csv", answers=[f"unit:tumor_size={answer}"])
    assert answered.cohort.number("tumor_size_cm")[0] == first and not answered.questions
    again = inspect(text, "c.csv", mapping=Mapping.from_toml(answered.mapping.to_toml()))
    assert again.cohort.number("tumor_size_cm")[0] == first


@pytest.mark.parametrize("heading", ["overall_survival", "post_recurrence_survival", "总生存期", "os"])
def test_a_time_whose_name_says_no_unit_is_asked(heading):
    rows = "".join(f"P{i},{0.1 + i / 9:.2f},{i % 2}\n" for i in range(12))
    result = inspect(f"patient_id,{heading},died\n{rows}".encode(), "c.csv")
    assert [(q.key, q.decisive) for q in result.questions] == [(f"unit:{heading}", True)]
    for name in ("os_months", "OSmonths", "总生存期（月）"):
        assert not inspect(f"patient_id,{name},died\n{rows}".encode(), "c.csv").questions


def test_a_label_with_two_units_says_none():
    assert unit_of("PRS", "5-year survival in months")[1].code == "unit-doubt"


class TestCutNames:
    """Names that SAS transport files cut to 8 letters."""

    ROWS = "".join(f"P{i},{3 + i},{i % 2},{s},small cell,{40 + i}\n" for i, s in enumerate(["lung", "liver"] * 6))

    @pytest.mark.parametrize("identifier", ["PATIENT_", "PATIENTI", "USUBJID"])
    def test_one_known_name_is_taken_with_its_reason_and_several_are_asked(self, identifier):
        text = f"{identifier},PRS_MONT,DIED,RECURREN,HISTOLOG,AGE_AT_D\n{self.ROWS}"
        asked = inspect(text.encode(), "c.csv")
        (question,) = asked.questions
        assert question.key == "meaning:RECURREN" and [a.name for a in question.answers] == ["recurrence_sites", "none"]
        variables = {c.column: (c.variable, c.reason) for c in asked.mapping.columns}
        reason = "its name is cut to 8 letters"
        assert variables["PRS_MONT"] == ("prs_months", reason) and variables["HISTOLOG"] == ("histology", reason)
        assert variables["AGE_AT_D"] == ("age_years", reason) and variables[identifier][0] == "patient_id"
        cohort = read_cohort(text.encode(), "c.csv", answers=("meaning:RECURREN=recurrence_sites",))
        assert cohort.endpoint("PRS").event.sum() == 6 and (cohort.organs == 1).sum() == 12
        assert "PRS" in read_cohort(text.encode(), "c.csv", answers=("meaning:RECURREN=none",)).endpoint_names()

    def test_an_event_among_several_decides(self):
        text = "USUBJID,PRS_MONT,DIED,RECURREN\n" + "".join(f"P{i},{3 + i},{i % 2},{1 - i % 2}\n" for i in range(12))
        asked = inspect(text.encode(), "c.csv")
        assert not asked.accepted and [q.key for q in asked.questions if q.decisive] == ["meaning:RECURREN"]
        assert "recurred" in [a.name for a in asked.questions[0].answers]
        assert inspect(text.encode(), "c.csv", answers=("meaning:RECURREN=recurred",)).accepted

    def test_a_unit_that_was_cut_off_is_asked(self):
        text = "USUBJID,OVERALL_,DIED\n" + "".join(f"P{i},{130 + i},{i % 2}\n" for i in range(12))
        assert [q.key for q in inspect(text.encode(), "c.csv").questions] == ["unit:OVERALL_"]

    def test_an_edition_that_was_cut_off_is_not_guessed_from_the_name(self):
        text = "USUBJID,FIGO_201\n" + "".join(f"P{i},{['IB1', 'IIA', 'IVB'][i % 3]}\n" for i in range(12))
        asked = inspect(text.encode(), "c.csv")
        assert "FIGO_201" in [q.column for q in asked.questions]

    def test_longer_names_in_the_file_mean_that_nothing_was_cut(self):
        text = "patient_id,PRS_MONT,DIED,RECURREN\n" + "".join(f"P{i},{3 + i},{i % 2},x{i}\n" for i in range(12))
        assert all("cut to" not in c.reason for c in inspect(text.encode(), "c.csv").mapping.columns)


@pytest.mark.parametrize("death", ["death_date", "date of death", "date died", "dod"])
@pytest.mark.parametrize("recurrence", ["recurrence_date", "date of first recurrence"])
def test_two_event_dates_without_a_last_follow_up_are_told(death, recurrence):
    rows = [f"P{i},2019-01-{10 + i},{'' if i % 3 else f'2020-02-{10 + i}'}" for i in range(12)]
    cohort = read_cohort(f"patient_id,{recurrence},{death}\n{chr(10).join(rows)}\n".encode(), "c.csv")
    told = [f for f in cohort.findings if f.code == "no-end-of-followup"]
    assert cohort.endpoint("PRS").valid.sum() == 4
    assert len(told) == 1 and told[0].n == 8 and "8 patients without it" in told[0].message
    ends = [f"{row},{'2021-03-05' if i % 3 else ''}" for i, row in enumerate(rows)]
    text = f"patient_id,{recurrence},{death},last_followup_date\n{chr(10).join(ends)}\n"
    assert "no-end-of-followup" not in [f.code for f in read_cohort(text.encode(), "c.csv").findings]
