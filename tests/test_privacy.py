"""What could name a patient is found, left out, masked, and doesn't leave."""

from __future__ import annotations

import hashlib
import logging
import sys

import numpy as np
import pandas as pd
import pytest

from necc.core.dictionary import Dictionary
from necc.core.errors import CohortError
from necc.ingest import Mapping, cohort_csv, inspect, open_file, privacy, read_cohort
from necc.ingest.naming import risks
from necc.ingest.suggest import suggest_mapping


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("Patient name", ["x"], "name"), ("Surname", ["x"], "name"), ("姓名", ["x"], "name"),
        ("lastName", ["x"], "name"),
        ("MRN", ["1"], "record number"), ("Hospital No", ["1"], "record number"), ("住院号", ["1"], "record number"),
        ("Tel.", ["1"], "phone number"), ("mobile", ["1"], "phone number"), ("e-mail", ["x"], "e-mail address"),
        ("Home address", ["x"], "address"), ("zip", ["1"], "address"), ("SSN", ["1"], "national or insurance number"),
        ("contact", ["+86 10 8888 9999", "+49 30 1234567"], "phone number"), ("c", ["13812345678"], "phone number"),
        ("c", ["a.b@c.org", "d@e.com"], "e-mail address"),
        ("c", ["11010519491231002X"], "national or insurance number"),
        ("link", ["https://x.org/1"], "web address"),
        ("seen by", ["Dr. Smith", "Dr Wu", "Dr. A. Meyer"], "name"), ("主刀", ["王医生", "李主任"], "name"),
        ("signed", ["J. Doe", "K.R. Roe", "J. Dean"], "name"),
        ("who", [f"{a} {b}" for a in ("Ann", "Bea", "Cleo", "Dörte") for b in ("Lee", "Meyer", "O’Neil")], "name"),
        ("who", [f"{a}, {b}" for a in ("Lee", "Wu", "Roe", "Poe") for b in ("Ann", "Bea", "Cleo B.")], "name"),
        ("c", [f"王{a}{b}" for a in "芳丽娜敏" for b in "静秀红"], "name"),
        ("c", [f"00{i}17" for i in range(1200, 1220)], "record number"),
        ("remark", [f"seen in the clinic by doctor number {i} and sent home" for i in range(12)], "free text"),
    ],
)  # fmt: skip
def test_a_risk_is_found_by_heading_or_values(header, values, kind):
    assert privacy.risk_of(header, values).kind == kind


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("patient_id", ["P1", "P2"]), ("drug name", ["x"]), ("site name", ["lung"]), ("age", ["44"]),
        ("prs_days", ["1200"]),
        ("date", ["2019-04-03"]), ("Renal", ["1"]), ("histology", ["small cell"]), ("nomogram", ["12.5"]),
        ("CA125", ["13.8"]), ("platelets", [f"{i}000" for i in range(95, 130)]),
        ("drug", ["Nivolumab", "Pembrolizumab"] * 9), ("where", ["Lung Metastasis", "Small Bowel", "Left Lung"]),
        ("grade", ["高分化", "中分化", "低分化"]), ("day", [f"2019{m:02d}{d}" for m in range(1, 10) for d in (11, 20)]),
        ("born", ["1950", "1960"]),
    ],
)  # fmt: skip
def test_no_risk(header, values):
    assert privacy.risk_of(header, values, dates=header == "day") is None


def test_levels_that_many_patients_share_are_no_names():
    values = [f"{a} {b}" for a in ("Small", "Large", "Mixed", "Clear") for b in ("Cell", "Type", "Form")]
    assert privacy.risk_of("kind", values, filled=12).kind == "name"
    assert privacy.risk_of("kind", values, filled=60) is None


def test_a_full_date_of_birth_is_a_risk_a_year_is_none():
    assert privacy.risk_of("date of birth", ["1950-04-03"], dates=True).kind == "birth date"
    assert privacy.risk_of("birth year", ["1950"]) is None


def test_dates_long_before_all_others_are_of_birth():
    dates = "1951-04-03,2015-02-01,2019-01-01\nP2,1948-01-02,2016-02-01,2019-01-01\n"
    raw = open_file(f"patient_id,geb,diagnosis_date,last_followup_date\nP1,{dates}".encode(), "c.csv").raw
    assert [(r.column, r.kind, r.direct) for r in risks(raw)] == [("geb", "birth date", True)]
    assert not risks(open_file(f"patient_id,a,b,c\nP1,{dates}".replace("19", "20").encode(), "c.csv").raw)
    assert not risks(open_file(b"patient_id,a\nP1,1951-04-03\n", "c.csv").raw)


TEXT = (
    "MRN,patient name,dob,phone,age,histology,remark\n"
    "770001,Ann Lee,1950-04-03,+49 30 1234567,69,small cell,short\n"
    "770002,Bea May,1928-01-02,+49 30 7654321,95,large cell,=cmd|'/C calc'!A0\n"
)


def test_left_out_by_default_and_never_written():
    inspection = inspect(TEXT.encode(), "c.csv")
    assert {f.column for f in inspection.findings if f.code == "could-name-a-patient"} == {
        "MRN",
        "patient name",
        "dob",
        "phone",
    }
    assert inspection.accepted and [f.code for f in inspection.findings].count("no-identifier") == 1
    for finding in inspection.findings:
        assert "Ann" not in str(finding) and "7700" not in str(finding)


def test_an_identifying_identifier_becomes_a_pseudonym():
    text = TEXT.replace("MRN", "patient_id").replace("770001", "13812345678").replace("770002", "13987654321")
    cohort = read_cohort(text.encode(), "c.csv")
    assert cohort.ids == ("P001", "P002") and "replaced by pseudonyms" in " ".join(f.message for f in cohort.findings)
    exported = cohort_csv(cohort).decode("utf-8-sig")
    assert not any(x in exported for x in ("Ann", "1381", "1950", "+49")) and "'=cmd|" in exported


@pytest.mark.parametrize("header", ["MRN", "Patientennummer", "Fallnummer", "住院号"])
def test_the_only_identifier_becomes_pseudonyms(header):
    text = f"{header},age,histology\n770001,69,small cell\n770002,58,small cell\n"
    opened = open_file(text.encode(), "c.csv")
    for mapping in (None, suggest_mapping(opened.raw, Dictionary.builtin())):
        assert read_cohort(opened, mapping=mapping).ids == ("P001", "P002")
    told = [f for f in inspect(opened).findings if f.code == "could-name-a-patient"]
    assert len(told) == 1 and "replaced by pseudonyms" in told[0].message and "7700" not in told[0].message


def test_a_private_column_beside_an_identifier_or_with_repeats_is_left_out():
    text = "MRN,study_id,age\n770001,S1,69\n770002,S2,58\n"
    assert read_cohort(text.encode(), "c.csv").ids == ("S1", "S2")
    repeated = inspect(b"MRN,age\n770001,69\n770001,58\n", "c.csv")
    assert [f.code for f in repeated.findings] == ["question", "could-name-a-patient", "no-identifier"]
    assert [q.key for q in repeated.questions] == ["same-patient:MRN"] and "7700" not in str(repeated.findings)


def test_risks_are_known_before_anything_is_shown():
    raw = open_file(TEXT.encode(), "c.csv").raw
    assert [(r.column, r.kind) for r in risks(raw)] == [
        ("MRN", "record number"), ("patient name", "name"), ("dob", "birth date"), ("phone", "phone number"),
    ]  # fmt: skip
    mapping = suggest_mapping(raw, Dictionary.builtin())
    assert {c.column: c.role for c in mapping.columns if c.role == "drop"} == dict.fromkeys(
        ("MRN", "patient name", "dob", "phone"), "drop"
    )


def test_nothing_reaches_a_log(caplog):
    with caplog.at_level(logging.DEBUG):
        inspect(TEXT.encode(), "c.csv")
        with pytest.raises(CohortError) as error:
            read_cohort(TEXT.replace("small cell", "Ann Lee").encode(), "c.csv")
    assert "Ann" not in caplog.text and "Ann" not in str(error.value)


def kept_in_modules() -> dict[str, int]:
    """How much every module of the project holds: its caches and its containers."""
    sizes = {}
    for module in [m for name, m in sys.modules.items() if name.split(".")[0] == "necc" and m is not None]:
        holders = [(module.__name__, module)]
        holders += [(f"{module.__name__}.{n}", c) for n, c in vars(module).items() if isinstance(c, type)]
        for place, holder in holders:
            for name, value in list(vars(holder).items()):
                if hasattr(value, "cache_info"):
                    sizes[f"{place}.{name}"] = value.cache_info().currsize
                elif isinstance(value, dict | list | set) and not name.startswith("__"):
                    sizes[f"{place}.{name}"] = len(value)
    return sizes


def test_no_cache_of_the_process_keeps_what_a_file_holds():
    def read(first: int) -> None:
        days = [f"P{i:03},{i % 27 + first:02}/{i % 12 + 1:02}/20{i % 10:02},0{i % 9 + 1}-2019,name {first} {i}\n"
                for i in range(60)]  # fmt: skip
        inspect(f"patient_id,diagnosis_date,first_recurrence_date,remark\n{''.join(days)}".encode(), "c.csv")

    read(1)  # what is imported and read once
    before = kept_in_modules()
    read(4)
    assert before and kept_in_modules() == before


# ---------------------------------------------------------------- masks
def cohort(n: int = 40):
    rows = "".join(
        f"ID{i},{60 + i},{'AAAB'[i % 4] if i > 3 else 'CD'[i % 2]},2019-0{i % 9 + 1}-03,2020-0{i % 9 + 1}-13,"
        f"note {i},lung\n"
        for i in range(n)
    )
    return read_cohort(
        f"patient_id,age_years,centre,diagnosis_date,last_followup_date,remark,recurrence_sites\n{rows}".encode(),
        "c.csv",
    )


def test_masked_ages_and_small_groups():
    first = cohort()
    after, changed = privacy.masked(first)
    assert after.number("age_years").max() == 90 and first.number("age_years").max() == 99
    assert after.factor("centre").levels == ("A", privacy.POOLED) and after.factor("centre").counts() == (27, 13)
    assert [c.n for c in changed] == [9, 13] and after.source.sha256 != first.source.sha256
    assert privacy.masked(first, ages=False, smallest=0) == (first, ())


def test_masking_keeps_the_filter():
    first = cohort()
    chosen = first.factor("centre").codes == 0
    after, changed = privacy.masked(first.subset(chosen))
    assert changed and after.ids == first.subset(chosen).ids and len(after.whole) == len(first)
    assert after.number("age_years").max() == 90 and after.factor("centre").counts() == (27, 0)


def test_a_pooled_group_hides_its_parts():
    """A small group is never alone in the pool, nor is the pool small: else it is known by subtraction."""
    counts = pd.Series({"A": 30, "B": 12, "C": 3})
    assert privacy._too_small(counts, 5) == ["C", "B"] and privacy._too_small(counts, 3) == []
    assert privacy._too_small(pd.Series({"A": 30, "B": 4, "C": 3}), 5) == ["C", "B"]
    assert privacy._too_small(pd.Series({"A": 30, "B": 8, "C": 1, "D": 1}), 5) == ["C", "D", "B"]


# ---------------------------------------------------------------- a copy that may leave
def test_the_copy_keeps_intervals_and_nothing_else():
    first = cohort()
    copy = privacy.deidentified(first, b"secret")
    text = cohort_csv(copy).decode("utf-8-sig")
    assert "ID1" not in text and "note" not in text and copy.ids[0] == "P001" and len(copy) == 40
    assert copy.number("age_years").max() == 90
    spans = (copy.data["last_followup_date"] - copy.data["diagnosis_date"]).dt.days
    old = (first.data["last_followup_date"] - first.data["diagnosis_date"]).dt.days
    assert sorted(spans) == sorted(old)
    assert cohort_csv(read_cohort(text.encode(), "c.csv")) == cohort_csv(copy)


def test_the_copy_leaves_out_own_columns_that_could_name_a_patient():
    rows = [f"P{i},{40 + i},00{i + 1000}17,{'ABCDEFGHIJKL'[i]}nn Lee,arm {i % 2}" for i in range(12)]
    first = read_cohort("\n".join(["patient_id,age_years,file,who,arm", *rows]).encode(), "c.csv")
    assert "who" not in first.table and "file" in first.table  # a name is left out at once, a number is pointed at
    assert [f.column for f in first.findings if f.severity == "info" and "record numbers" in f.message] == ["file"]
    header = cohort_csv(privacy.deidentified(first, b"secret")).decode("utf-8-sig").splitlines()[0]
    assert header == "patient_id,age_years,arm"
    assert "file" in privacy.deidentified(first, b"secret", keep=("file",)).table


def test_each_patient_has_a_shift_of_its_own_within_a_year_and_never_none():
    shifts = np.array([privacy._shift(hashlib.sha256(bytes([i, j])).digest()) for i in range(256) for j in range(20)])
    assert (np.abs(shifts) <= 364).all() and (shifts != 0).all() and len(set(shifts.tolist())) > 500


def test_the_secret_decides_and_the_order_says_nothing():
    first = cohort()
    one, same, other = (privacy.deidentified(first, s) for s in (b"a", b"a", b"b"))
    assert cohort_csv(one) == cohort_csv(same) != cohort_csv(other)
    ages = one.number("age_years")
    assert (np.diff(ages) < 0).any() and one.source.sha256 != first.source.sha256
    part = privacy.deidentified(first.subset(first.number("age_years") > 80), b"a")
    assert len(part) == 19 and part.number("age_years").min() == 81


def test_a_mapping_file_holds_no_name():
    raw = open_file(TEXT.encode(), "c.csv").raw
    text = suggest_mapping(raw, Dictionary.builtin()).to_toml()
    assert not any(x in text for x in ("Ann", "7700", "1950", "+49")) and Mapping.from_toml(text)
