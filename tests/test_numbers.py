"""Points and commas in numbers: decimals, or digits in groups; where both are possible, a person is asked."""

from __future__ import annotations

import pytest
from test_formats import one_error
from test_workbook import rows_of, xlsx

from necc.ingest import ReadOptions, inspect, open_file, read_cohort


def table(sign: str, *rows: str) -> bytes:
    head = sign.join(("patient_id", "ca125", "died", "size_mm"))
    return "\n".join([head, *(f"P{i}{sign}{row}" for i, row in enumerate(rows, start=1))]).encode()


def numbers(data: bytes, name: str = "c.csv", **options: object) -> list[float]:
    return read_cohort(data, name, **options).number("ca125").tolist()


@pytest.mark.parametrize(
    ("data", "point", "comma"),
    [
        (table(";", "1.234;1;3", "365;0;4", "2.100;1;5"), [1.234, 365, 2.1], [1234, 365, 2100]),
        (table(";", "1,234;1;3", "365;0;4", "12,100;1;5"), [1234, 365, 12100], [1.234, 365, 12.1]),
        (table(",", '"1,234",1,3', "365,0,4"), [1234, 365], [1.234, 365]),
        (table("\t", "1.234\t1\t3", "365\t0\t4"), [1.234, 365], [1234, 365]),
        (table(",", "1.234,1,3", "365,0,4"), [1.234, 365], [1234, 365]),
    ],
)
def test_where_every_sign_has_three_digits_behind_it_both_readings_are_asked(data, point, comma):
    message = one_error(data, "question", "c.csv").message
    assert "three digits" in message and '"decimal:ca125=point"' in message
    for name, sign, right in (("point", ".", point), ("comma", ",", comma)):
        assert numbers(data, answers=[f"decimal:ca125={name}"]) == right
        assert numbers(data, read_options=ReadOptions(decimal=sign)) == right


@pytest.mark.parametrize(
    ("data", "right"),
    [
        (table(";", "1.234;1;12,5", "365;0;4"), [1234, 365]),  # another column shows the comma
        (table(",", '"1,234",1,12.5', "365,0,4"), [1234, 365]),
        (table(";", "1.234;1;3", "12.5;0;4"), [1.234, 12.5]),  # the column itself
        (table(";", "1.234;1;3", "0.125;0;4"), [1.234, 0.125]),
        (table(";", "1.234;1;3", "1234.567;0;4"), [1.234, 1234.567]),
        (table(",", '"1,234,567",1,3', '"2,345",0,4'), [1234567, 2345]),
        (table(";", "1.234,5;1;3", "2.345;0;4"), [1234.5, 2345]),
        (table(",", '"1,234.5",1,3', '"2,345",0,4'), [1234.5, 2345]),
        (table(";", "1.234;1;12.5", "365;0;4"), [1.234, 365]),
    ],
)
def test_other_cells_decide(data, right):
    assert numbers(data) == right
    grouped = [f for f in inspect(data, "c.csv").findings if f.code == "thousands"]
    assert bool(grouped) is (right[0] >= 1000 and b"1234" not in data)


def test_columns_that_disagree_decide_for_themselves_only():
    data = table(";", "1.234;1;12,5", "12.5;0;4")
    assert numbers(data) == [1.234, 12.5]
    data = b"patient_id;ca125;died;a;b\nP1;1.234;1;12,5;1.5\nP2;365;0;4;2.5\n"
    assert "both are possible" in one_error(data, "question", "c.csv").message


def test_numbers_of_a_workbook_are_numbers_and_its_texts_are_asked():
    head = ("patient_id", "ca125", "died")
    assert numbers(xlsx(("D", rows_of([head, ("P1", 1.234, 1), ("P2", 365, 0)]))), "c.xlsx") == [1.234, 365]
    for text, right in (("1,234", 1234), ("1.234", 1.234)):
        data = xlsx(("D", rows_of([head, ("P1", text, 1), ("P2", 365, 0)])))
        assert "both are possible" in one_error(data, "question").message
        assert numbers(data, "c.xlsx", answers=["decimal:ca125=point"])[0] == right


def test_identifiers_and_dates_are_no_numbers():
    data = b"patient_id;prs_months;died;diagnosis_date\n12.345;3;1;12.05.2019\n12.346;4;0;13.05.2019\n"
    cohort = read_cohort(data, "c.csv")
    assert cohort.ids == ("12.345", "12.346") and not cohort.findings


def test_what_follows_keeps_the_answer():
    data = table(";", "1.234;1;3", "365;0;4")
    mapping = inspect(data, "c.csv", answers=["decimal:ca125=comma"]).mapping
    assert mapping.read_options.decimal == "," and numbers(data, mapping=mapping) == [1234, 365]
    assert not open_file(data, "c.csv", read_options=mapping.read_options).raw.choices


@pytest.mark.parametrize("sign", ["'", "’", " ", "\u00a0", "\u202f"])
def test_blanks_and_apostrophes_group_digits(sign):
    data = f"patient_id;time_days;died\nP1;1{sign}234;1\nP2;12{sign}345.5;0\nP3;810;1\n"
    cohort = read_cohort(data.encode(), "c.csv")
    outcome = cohort.endpoint(cohort.endpoint_names()[0])
    assert outcome.time * 30.4375 == pytest.approx([1234, 12345.5, 810])
    assert "grouped by three" in next(f for f in cohort.findings if f.code == "thousands").message


def test_a_text_with_blanks_stays_a_text():
    data = "patient_id,room,died\nP1,1 234,1\nP2,ward 3,0\nP3,none,1\n"
    assert read_cohort(data.encode(), "c.csv").table["room"].tolist()[0] == "1 234"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("ID;OS_Monate;Tod\n1;5,3;1,00\n2;9,4;,00\n", ["5,3", "9,4"]),
        ("ID;OS;PFS\n1;5,3;4,2\n2;9,4;1,2\n", ["5,3", "9,4"]),
        ("Titel, 2020\n\nID;OS_Monate;Tod\n1;5,3;1\n2;9,4;0\n", ["5,3", "9,4"]),
        ("Name, Ort;OS\nA, B;5,3\nC, D;9,4\n", ["5,3", "9,4"]),
        ("ID;OS\n1,5;5,3\n2,5;9,4\n", ["5,3", "9,4"]),
        ("ID|OS|PFS\n1|5,3|1,5\n2|9,4|1,5\n", ["5,3", "9,4"]),
        ("ID\tOrte\n1\ta,b,c\n2\tc,d,e\n", ["a,b,c", "c,d,e"]),
        ("ID,sites\n1,a;b;c\n2,c;d;e\n", ["a;b;c", "c;d;e"]),
        ("ID,OS,PFS\n1,5,3\n2,9,4\n", ["5", "9"]),
        ('"ID"\t"OS"\n"1"\t"5"\n"2"\t"9"\n', ["5", "9"]),
    ],
)
def test_a_decimal_comma_separates_no_cells(text, cells):
    raw = open_file(text.encode(), "c.csv").raw
    assert list(raw.columns[1].uniques) == cells and "no-heading" not in {f.code for f in raw.findings}


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("'id','os_months','died'\n'P1','3.5','1'\n'P2','4','0'\n", True),
        ("'id';'os_months';'died'\n'P1';3.5;1\n'P2';'4';\n", True),
        ("“id”\t“os_months”\t“died”\n“P1”\t“3.5”\t“1”\n“P2”\t“4”\t“0”\n", True),
        ("'id','note','died'\n'P1','it''s, \"so\"',1\n", True),
        ("id,os_months,died\nP'1,3.5,1\n", False),
        ("'id',os_months,died\n'P1',3.5,1\n", False),
    ],
)
def test_other_quotation_marks_around_every_cell(text, stripped):
    raw = open_file(text.encode(), "c.csv").raw
    assert [f.code for f in raw.findings] == ["quotes-stripped"] * stripped
    if stripped:
        assert raw.headers[0] == "id" and raw.columns[0].uniques[0] == "P1"
        assert raw.columns[1].uniques[0] in ("3.5", 'it\'s, "so"')


@pytest.mark.parametrize("value", ["小细胞神经内分泌癌混合腺癌", "mixed small cell + adenocarcinoma"])
def test_a_mixed_tumour_is_told_where_its_component_belongs(value):
    text = f"patient_id,histology,died\nP1,{value},1\nP2,small cell,0\nP3,large cell,1\n"
    assert "mixed component" in one_error(text.encode(), "unknown-level", "c.csv").message
