"""Reading files: what is accepted, and that everything wrong is told by row, column, value and cure."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from necc.core.dictionary import Dictionary
from necc.core.errors import AnalysisError, CohortError, Finding, in_order
from necc.ingest import (
    ColumnMap,
    EndpointMap,
    Mapping,
    OwnColumns,
    cohort_csv,
    dictionary_csv,
    inspect,
    read_cohort,
    template_csv,
)

HEAD = "patient_id,age_years,histology,died,prs_months,site_lung"
GOOD = f"{HEAD}\nP1,44,small cell,1,12.5,1\nP2,51,large cell,0,3,0\n"


def errors(text: str | bytes, name: str = "c.csv", **options) -> list:
    data = text if isinstance(text, bytes) else text.encode()
    inspection = inspect(data, name, **options)
    found = [f for f in inspection.findings if f.severity == "error"]
    assert bool(found) == (not inspection.accepted)
    return found


def one_error(text: str | bytes, code: str, name: str = "c.csv", **options):
    found = errors(text, name, **options)
    assert [f.code for f in found] == [code], found
    return found[0]


class TestDialects:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_the_same_cohort_whatever_the_dialect(self, encoding, separator, newline):
        data = GOOD.replace(",", separator).replace("\n", newline).encode(encoding)
        cohort = read_cohort(data, "c.csv")
        assert cohort.ids == ("P1", "P2") and cohort.number("prs_months").tolist() == [12.5, 3]

    def test_decimal_comma(self):
        cohort = read_cohort(GOOD.replace(",", ";").replace("12.5", "12,5").encode(), "c.csv")
        assert cohort.number("prs_months")[0] == 12.5

    def test_quoted_separators_and_line_breaks(self):
        text = 'patient_id,remark,age_years\nP1,"a, b\nsecond ""line""",40\n"P2","c",50\n'
        cohort = read_cohort(text.encode(), "c.csv")
        assert cohort.data["remark"].tolist()[0] == 'a, b second "line"' and len(cohort) == 2

    @pytest.mark.parametrize(("encoding", "word"), [("cp1252", "Präparat"), ("gb18030", "小细胞癌复发转移病例")])
    def test_other_encodings_are_read_with_a_warning(self, encoding, word):
        inspection = inspect(f"patient_id,remark\nP1,{word}\nP2,x\n".encode(encoding), "c.csv")
        assert inspection.accepted and [f.code for f in inspection.findings] == ["encoding"]
        assert word in inspection.cohort.data["remark"].tolist()

    @pytest.mark.parametrize(
        ("encoding", "name", "texts"),
        [
            ("cp1252", "Windows-1252", ["Überleben", "Größe", "Müller", "Übel", "süß", "Tumorgröße"]),
            ("cp1252", "Windows-1252", ["Größe"]),
            ("cp1252", "Windows-1252", ["Décès", "décédée", "créée", "Âge", "à l’étranger", "frère"]),
            ("cp1252", "Windows-1252", ["Años", "Número", "hígado", "pulmón", "¿dónde?", "Área"]),
            ("gb18030", "GB18030", ["肺"]),
            ("gb18030", "GB18030", ["备注"]),
            ("gb18030", "GB18030", ["FIGO分期", "朱镕基", "IB期", "转移（肝）"]),
            ("gb18030", "GB18030", ["復發轉移", "膜肘肺"]),
        ],
    )  # fmt: skip
    def test_western_letters_are_no_chinese(self, encoding, name, texts):
        rows = "".join(f"P{i},{text}\n" for i, text in enumerate(texts))
        inspection = inspect(f"patient_id,remark\n{rows}".encode(encoding), "c.csv")
        assert inspection.accepted and f"read as {name}" in inspection.findings[0].message
        assert sorted(inspection.cohort.data["remark"].astype(str)) == sorted(texts)

    def test_polish_words_are_no_chinese(self):
        words = ["Węzły chłonne", "płuco", "kości", "wątroba", "zgon", "żyje", "mózg", "śledziona"]
        rows = "".join(f"P{i},{word}\n" for i, word in enumerate(words))
        inspection = inspect(f"patient_id,remark\n{rows}".encode("cp1250"), "c.csv")
        assert "read as Windows-1252" in inspection.findings[0].message

    def test_rows_are_those_of_the_spreadsheet(self):
        text = 'patient_id,age_years,remark\nP1,40,"two\nlines"\n,,\nP2,old,x\n'
        finding = one_error(text, "not-a-number")
        assert (finding.row, finding.column, finding.value) == (4, "age_years", "old")


class TestRowsBelowThePatients:
    ROWS = "".join(f"P{i:03d},{40 + i},small cell,1,{i + 1},{i % 2}\n" for i in range(12))

    @pytest.mark.parametrize(
        "word",
        ["Total", "TOTAL", "Sum", "Summe", "Mean", "Median", "Average", "N", "n = 12", "合计", "总计",
         "* PRS = survival", "Note: data of 2023", "† died elsewhere", "Data cut-off 1.3.2023", "Gesamt",
         "Total (n=12)", "Mean ± SD", "Total:", "注：随访至2023年", "Source: registry2023"],
    )  # fmt: skip
    def test_a_total_or_a_note_is_no_patient(self, word):
        finding = one_error(f"{HEAD}\n{self.ROWS}{word},,,,,\n", "footer-row")
        assert (finding.row, finding.value, finding.n) == (14, word, 1)
        assert "row 14" in finding.message and word in finding.message and "delete the row" in finding.message

    def test_several_and_filled_ones(self):
        finding = one_error(f"{HEAD}\n{self.ROWS}Total,45,,,6.5,1\n,,,,,\n* a note,,,,,\n", "footer-row")
        assert (finding.row, finding.n) == (14, 2) and "rows 14, 16" in finding.message

    def test_below_a_private_identifier_and_in_a_file_of_own_columns(self):
        text = f"{HEAD}\n{self.ROWS}Total,,,,,\n"
        mapping = Mapping((ColumnMap("patient_id", "pseudonym"),))
        assert [f.code for f in errors(text, mapping=mapping)][:1] == ["footer-row"]
        own = OwnColumns(time="prs_months", event="died", event_values=("1",), unit="months")
        assert "footer-row" in {f.code for f in errors(text, own=own)}

    @pytest.mark.parametrize("last", ["P012", "N", "X-1 b", "P012b", "*P012", "Totalis-7"])
    def test_the_last_patient_stays_one(self, last):
        rows = self.ROWS
        if last == "N":  # patients are letters
            rows = "".join(f"{'ABCDEFGHIJKLM'[i]},{40 + i},small cell,1,{i + 1},0\n" for i in range(13))
        full = f"{last},50,small cell,0,2,1\n"
        assert last in read_cohort(f"{HEAD}\n{rows}{full}".encode(), "c.csv").ids
        if last.startswith("P"):
            assert (
                last
                in read_cohort(f"{HEAD}\n{rows}{last},,,,,\n".encode(), "c.csv", answers=("blank:died=unknown",)).ids
            )


class TestBadFiles:
    @pytest.mark.parametrize("data", [b"", b"   \n\n", b"\xef\xbb\xbf", b"\0\0\0"])
    def test_empty(self, data):
        assert one_error(data, "empty-file")

    def test_header_alone(self):
        assert "no patients" in one_error(HEAD + "\n", "no-patients").message

    def test_a_picture_called_csv(self):
        picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 40
        assert "not a text table" in one_error(picture, "not-text").message

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"<!DOCTYPE html><html><body><table><tr><td>1</td></tr></table></body></html>", "a web page"),
            (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n", "a PDF"),
            (b"This is not a table. It is prose.\nTruly.\n", "running text"),
            (b"Dear all, here is what you wanted.\nSadly, it is late, and not done.\nBest wishes to you", "running"),
        ],
    )
    def test_no_table_called_csv(self, data, words):
        assert words in one_error(data, "not-a-table").message

    def test_a_title_above_the_header_of_a_text_table(self):
        inspection = inspect(f"Our cohort of 2020\n{GOOD}".encode(), "c.csv")
        assert len(inspection.cohort) == 2 and [f.code for f in inspection.findings] == ["title-rows"]

    def test_ragged_rows_hide_nothing_in_the_others(self):
        text = "patient_id,prs_months,died,histology\n1,3,1\n1,-4,0,foo\n1,x,7,bar\n"
        found = {(f.code, f.row) for f in errors(text)}
        assert found == {
            ("ragged-row", 2), ("negative", 3), ("unknown-level", 3), ("not-a-number", 4), ("unknown-level", 4),
            ("event-coding", 4), ("duplicate-id", 4),
        }  # fmt: skip
        assert one_error(f"{GOOD}a footnote\n", "ragged-row").row == 4
        split = 'patient_id,remark\n1,"two\nlines"\n2,a,b\n2,c\n3,d\n2,e\n'
        assert {(f.code, f.row) for f in errors(split)} == {("ragged-row", 3), ("duplicate-id", 6)}

    def test_ragged_rows(self):
        found = errors(GOOD + "P3,1\nP4,1,2,3,4,5,6,7\nP5,2\n")
        assert {(f.code, f.row, f.n) for f in found} == {("ragged-row", 4, 2), ("ragged-row", 5, 1)}
        assert "4 and 6" in found[0].message

    def test_an_extra_separator_at_each_end_shifts_nothing(self):
        text = GOOD.replace("\n", ",\n")
        cohort = read_cohort(text.encode(), "c.csv")
        assert cohort.number("age_years").tolist() == [44, 51]
        assert errors(GOOD.replace("1\nP2", "1,\nP2"))[0].code == "ragged-row"

    def test_open_quote(self):
        found = one_error(GOOD.replace("small cell", '"small cell'), "quotes")
        assert found.row == 2 and "row 2: a quotation mark is opened and never closed" in found.message
        assert one_error('patient_id,note\n1,"a, b\n2,c\n', "quotes").row == 2
        assert one_error('patient_id,note\n1,"a\nb"\n2,"c\n3,"d"\n', "quotes").row == 3

    def test_duplicate_headers(self):
        finding = one_error("patient_id,Age,age\nP1,1,2\n", "duplicate-header")
        assert "columns 2 and 3" in finding.message

    def test_unreadable_encoding(self):
        assert one_error(b"\xff\xfea\x00\x00\xd8\x00", "encoding")

    def test_a_hundred_megabyte_cell(self):
        begin = time.process_time()
        assert one_error(GOOD.encode() + b"P3," + b"x" * 100_000_000 + b",,,,\n", "long-cell").row == 4
        assert time.process_time() - begin < 20

    def test_five_thousand_columns(self):
        row = ",".join(f"c{i}" for i in range(5000))
        assert one_error(f"{row}\n{row}\n", "too-many-columns")

    def test_unknown_suffix_and_missing_file(self, tmp_path):
        assert "csv" in one_error(GOOD, "unknown-format", "c.docx").message
        with pytest.raises(CohortError) as error:
            read_cohort(tmp_path / "none.csv")
        assert error.value.findings[0].code == "unreadable-file"


class TestFindings:
    def test_all_at_once_and_collapsed(self):
        text = f"{HEAD}\nP1,x,Smal cell,1,-3,1\nP2,44,Smal cell,0,999,maybe\nP3,212,large cell,0,5,0\n"
        found = {f.code: f for f in errors(text)}
        assert set(found) == {"not-a-number", "unknown-level", "negative", "out-of-range", "not-yes-no"}
        level = found["unknown-level"]
        assert (level.row, level.column, level.value, level.n) == (2, "histology", "Smal cell", 2)
        assert level.message == (
            "column 'histology', row 2 (and 1 more row): 'Smal cell' is not one of small cell, large cell or NEC NOS; "
            "did you mean 'small cell'?"
        )

    def test_duplicate_ids_name_the_earlier_row_and_all_later_ones(self):
        finding = one_error(GOOD + "P1,60,NEC NOS,0,1,0\n", "duplicate-id")
        assert finding.row == 4 and "row 4: 'P1' already occurs in row 2" in finding.message
        others = "".join(f"Q{i},60,NEC NOS,0,1,0\n" for i in range(20))
        finding = one_error(GOOD + others + "P1,60,NEC NOS,0,1,0\n" * 3, "duplicate-id")
        assert "rows 24, 25, 26: 'P1' already occurs in row 2" in finding.message and finding.n == 3
        assert "and 1 more" in one_error(GOOD + others + "P1,60,NEC NOS,0,1,0\n" * 9, "duplicate-id").message

    def test_a_row_a_metastasis_is_a_long_file(self):
        rows = "".join(
            f"P{i},44,{site},{i}\n" for i in range(60) for site in (("lung", "liver") if i % 4 == 0 else ("bone",))
        )
        finding = one_error(f"patient_id,age_years,site,prs_months\n{rows}", "long-file")
        assert "75 rows of 60 patients" in finding.message and "differ in 'site'." in finding.message
        assert "'P0' in rows 2, 3" in finding.message

    def test_a_few_repeats_in_many_patients_or_equal_rows_are_duplicates(self):
        rows = "".join(f"P{i},{30 + i % 40}\n" for i in range(200))
        few = "".join(f"P{i},29\n" for i in range(5))
        assert {f.code for f in errors(f"patient_id,age_years\n{rows}{few}")} == {"duplicate-id"}
        equal = "".join(f"P{i},{30 + i % 40}\n" for i in range(20))
        assert {f.code for f in errors(f"patient_id,age_years\n{rows}{equal}")} == {"duplicate-id"}

    def test_an_identifier_is_needed(self):
        told = inspect(b"age_years\n44\n51\n", "c.csv")
        said = [f.message for f in told.findings if f.code == "no-identifier"]
        assert told.cohort.ids == ("row 2", "row 3") and "each row counts as one patient" in said[0]
        assert one_error(GOOD + ",60,NEC NOS,0,1,0\n", "no-id").row == 4

    @pytest.mark.parametrize("values", [("1", "2"), ("0", "9"), ("0", "2")])
    def test_another_coding_of_an_event_is_asked(self, values):
        text = f"patient_id,died,prs_months\nP1,{values[0]},3\nP2,{values[1]},4\n"
        finding = one_error(text, "event-coding")
        assert "which value means that the event happened" in finding.message

    @pytest.mark.parametrize(
        "values", [("0", "1"), ("no", "Yes"), ("FALSE", "TRUE"), ("0.0", "1.0"), ("n", "y"), ("alive", "dead")]
    )
    def test_understood_codings(self, values):
        cohort = read_cohort(f"patient_id,died,prs_months\nP1,{values[0]},3\nP2,{values[1]},4\n".encode(), "c.csv")
        assert cohort.endpoint("PRS").event.tolist() == [False, True]

    def test_death_before_recurrence(self):
        text = "patient_id,first_recurrence_date,death_date\nP1,2016-05-01,2016-04-30\nP2,2016-05-01,2017-01-01\n"
        finding = one_error(text, "impossible-order")
        assert finding.row == 2 and "2016-04-30" in finding.message and "2016-05-01" in finding.message

    def test_a_date_of_death_of_the_living(self):
        text = "patient_id,first_recurrence_date,death_date,died\nP1,2016-05-01,2017-01-01,0\n"
        assert one_error(text, "event-against-date").row == 2

    def test_ambiguous_dates_are_asked(self):
        head = "patient_id,diagnosis_date\n"
        assert one_error(head + "P1,03/04/2019\nP2,05/06/2018\n", "date-order").column == "diagnosis_date"
        decided = read_cohort((head + "P1,03/04/2019\nP2,25/06/2018\n").encode(), "c.csv")
        assert str(decided.data["diagnosis_date"].iloc[0].date()) == "2019-04-03"
        other = read_cohort((head + "P1,03/04/2019\nP2,06/25/2018\n").encode(), "c.csv")
        assert str(other.data["diagnosis_date"].iloc[0].date()) == "2019-03-04"
        assert one_error(head + "P1,2019-13-45\n", "not-a-date")

    def test_numbers_are_strict(self):
        for value in ("1_0", "nan months", "inf", ">60", "12 months", "1,20", "0x10", "١٢"):
            assert one_error(f'patient_id,age_years\nP1,"{value}"\n', "not-a-number")

    def test_missing_words_are_told(self):
        inspection = inspect(b"patient_id,age_years,histology\nP1,NA,unknown\nP2,N/A,small cell\n", "c.csv")
        assert inspection.accepted
        assert {(f.code, f.column, f.value) for f in inspection.findings} == {
            ("read-as-missing", "age_years", "NA"), ("read-as-missing", "age_years", "N/A"),
            ("read-as-missing", "histology", "unknown"),
        }  # fmt: skip

    def test_best_worse_than_final_is_a_warning(self):
        inspection = inspect(b"patient_id,best_response,final_response\nP1,SD,PR\nP2,CR,PD\n", "c.csv")
        assert inspection.accepted and [(f.code, f.row) for f in inspection.findings] == [("best-worse-than-final", 2)]

    def test_organs_without_their_site(self):
        inspection = inspect(b"patient_id,site_abdominal,organ_liver\nP1,0,1\nP2,1,0\n", "c.csv")
        assert [f.code for f in inspection.findings] == ["organ-without-site"]
        assert inspection.cohort.factor("site:abdominal").counts() == (0, 2)

    def test_cells_are_cut_in_messages(self):
        finding = one_error(f"patient_id,age_years\nP1,{'9x' * 500}\n", "not-a-number")
        assert len(finding.message) < 300 and len(finding.value) < 100


class TestExtras:
    TEXT = "patient_id,centre,score,consent,seen,grade,remark\n" + "".join(
        f"P{i},{'AB'[i % 2]},{i / 4},{'yn'[i % 2]},2019-0{i % 9 + 1}-03,G{i % 3},text number {i}\n" for i in range(40)
    )

    def test_unknown_columns_become_extra_variables(self):
        cohort = read_cohort(self.TEXT.encode(), "c.csv")
        kinds = {n: v.kind for n, v in cohort.dictionary.variables.items() if n in cohort.table.columns}
        assert kinds == {
            "patient_id": "identifier", "centre": "category", "score": "number", "consent": "flag", "seen": "date",
            "grade": "category", "remark": "text",
        }  # fmt: skip
        assert cohort.factor("centre").levels == ("A", "B") and cohort.factor("consent").levels == ("n", "y")

    def test_levels_in_natural_order(self):
        rows = "".join(f"P{i},Arm {a}\n" for i, a in enumerate([10, 2, 1, 2, 10, 1]))
        assert read_cohort(f"patient_id,arm\n{rows}".encode(), "c.csv").factor("arm").levels == (
            "Arm 1",
            "Arm 2",
            "Arm 10",
        )

    def test_levels_with_signs_keep_their_sense(self):
        rows = "".join(f"P{i},{a}\n" for i, a in enumerate(["20-50", ">50", "<=20", "20-50"]))
        cohort = read_cohort(f"patient_id,size\n{rows}".encode(), "c.csv")
        assert cohort.factor("size").levels == ("<=20", "20-50", ">50")

    def test_near_duplicates_stay_apart_and_are_told(self):
        inspection = inspect(b"patient_id,arm\nP1,a b\nP2,A B\nP3,c\n", "c.csv")
        assert [f.code for f in inspection.findings] == ["near-duplicate-levels"]
        assert inspection.cohort.factor("arm").levels == ("A B", "a b", "c")

    def test_text_among_numbers_is_told(self):
        rows = "".join(f"P{i},{i}\n" for i in range(30))
        inspection = inspect(f"patient_id,marker\n{rows}P99,about 3\n".encode(), "c.csv")
        told = [(f.code, f.row) for f in inspection.findings]
        assert told == [("no-endpoint", None), ("text-among-numbers", 32)]

    def test_an_alias_whose_values_don_t_fit_is_another_variable(self):
        inspection = inspect(b"patient_id,stage\nP1,early\nP2,late\nP3,late\n", "c.csv")
        assert inspection.accepted and [f.code for f in inspection.findings] == ["alias-misfit"]
        assert inspection.cohort.factor("stage").levels == ("early", "late")


def test_findings_stand_in_order():
    text = "patient_id,age_years,histology,recurrence_sites\nP1,50,lrge,lung?\nP2,x,small cell,none\nP3,40,smal,?\n"
    found = inspect(text.encode(), "c.csv").findings
    assert [(f.severity, f.row, f.column) for f in found] == [
        ("error", 2, "histology"), ("error", 3, "age_years"), ("error", 4, "histology"),
        ("warning", 2, "recurrence_sites"), ("warning", 4, "recurrence_sites"), ("info", 3, "recurrence_sites"),
    ]  # fmt: skip
    mixed = [Finding("info", "a", ""), Finding("warning", "b", "", 3, "x"), Finding("warning", "c", "", 3, "a")]
    mixed += [Finding("warning", "d", ""), Finding("error", "e", "", 9)]
    assert [f.code for f in in_order(mixed)] == list("edcba") and CohortError(mixed).findings == in_order(mixed)


def test_a_kind_is_named_with_its_article():
    cohort = read_cohort(b"patient_id,died,prs_months\nP1,1,3\nP2,0,4\n", "c.csv")
    for ask, words in (("died", "'died' is an event, not a number"), ("patient_id", "'patient_id' is an identifier,")):
        with pytest.raises(AnalysisError, match=words):
            cohort.number(ask)


def test_a_finding_that_a_page_shows_says_how_to_mend_it_there():
    found = inspect(b"patient_id,died\nP1,1\nP2,2\n", "c.csv").findings
    assert "choose it where the file was loaded" in found[0].message
    half = inspect(b"a,b\n1,2\n", "c.csv", own=OwnColumns(time="a", unit="days")).findings
    assert [f.message for f in half if f.code == "half-an-endpoint"] == ["an event column is needed too"]


class TestHeaders:
    GROUPS = "Patient,,Outcome,,Sites,\nID,Age,OS_months,Died,Lung,Liver\n1,50,3,1,1,0\n2,60,5,0,0,1\n"

    def test_names_of_groups_above_the_header(self):
        inspection = inspect(self.GROUPS.encode(), "c.csv")
        assert len(inspection.cohort) == 2 and inspection.cohort.factor("site:lung").counts() == (1, 1)
        assert [(f.code, f.message) for f in inspection.findings] == [
            ("title-rows", "1 row above the header left out; the column names are in row 2")
        ]

    def test_merged_groups_of_a_workbook(self, tmp_path):
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in (["Who", None, "Outcome", None], ["patient_id", "age", "prs_months", "died"], ["P1", 50, 3, 1]):
            book.active.append(row)
        book.active.merge_cells("A1:B1")
        book.save(tmp_path / "c.xlsx")
        assert inspect(tmp_path / "c.xlsx").cohort.endpoint_names() == ("PRS",)

    def test_a_second_header_row_is_no_patient(self):
        text = "patient_id,score,weight\n编号,分数,体重\nP1,3,50\nP2,4,60\n"
        found = one_error(text, "second-header")
        assert found.row == 2 and "'score' and 'weight' hold numbers" in found.message
        assert inspect(text.replace("编号,分数,体重\n", "").encode(), "c.csv").accepted

    def test_a_first_patient_in_words_stays_a_patient(self):
        text = "patient_id,histology,\nP1,small cell,x\nP2,large cell,y\n"
        assert len(inspect(text.encode(), "c.csv").cohort) == 2


def test_a_decimal_comma_in_a_file_with_commas_is_told():
    found = one_error('patient_id,prs_months,died\nP1,"3,5",1\n', "not-a-number")
    assert "write a decimal point: 3.5" in found.message


class TestCodesOfMissing:
    def test_a_number_that_stands_apart_is_told(self):
        text = "patient_id,age_years\nP1,45\nP2,50\nP3,99\nP4,41\nP5,39\n"
        told = inspect(text.encode(), "c.csv").findings
        assert [(f.severity, f.code, f.row, f.value) for f in told] == [("warning", "missing-code", 4, "99")]
        assert not inspect(text.replace("P4,41", "P4,81").encode(), "c.csv").findings  # an age among others

    def test_a_refusal_of_one_says_how_to_mend_it(self):
        found = one_error("patient_id,lvsi\nP1,1\nP2,9\n", "not-yes-no")
        assert "list it as missing in the mapping" in found.message


class TestRecurrenceWithoutSite:
    def codes(self, text: str) -> dict[str, tuple[int | None, int]]:
        return {f.code: (f.row, f.n) for f in inspect(text.encode(), "c.csv").findings}

    def test_by_event(self):
        text = "patient_id,recurred,site_lung,site_bone\nP1,1,0,0\nP2,1,1,0\nP3,0,0,0\nP4,1,,0\n"
        assert self.codes(text)["recurrence-without-site"] == (2, 2)

    def test_by_date(self):
        text = "patient_id,first_recurrence_date,recurrence_sites\nP1,2019-04-03,\nP2,,\nP3,2019-04-03,none\n"
        text += "P4,2019-04-03,lung\n"
        assert self.codes(text)["recurrence-without-site"] == (2, 2)

    def test_not_without_columns_of_sites(self):
        assert "recurrence-without-site" not in self.codes("patient_id,recurred\nP1,1\n")


class TestSites:
    def test_a_list_of_names(self):
        text = "patient_id,recurrence_sites\nP1,Lung; liver\nP2,Thoracic Spine\nP3,abdominal wall\nP4,\nP5,Atlantis\n"
        inspection = inspect(text.encode(), "c.csv")
        cohort = inspection.cohort
        assert [f.value for f in inspection.findings] == ["Atlantis"]
        assert cohort.factor("site:lung").codes.tolist() == [1, 0, 0, -1, 0]
        assert cohort.factor("site:abdominal").codes.tolist() == [1, 0, 0, -1, 0]
        assert cohort.factor("site:bone").codes.tolist() == [0, 1, 0, -1, 0]
        assert cohort.factor("site:other").codes.tolist() == [0, 0, 1, -1, 1]

    def test_marked_or_blank(self):
        inspection = inspect(b"patient_id,site_lung,site_bone\nP1,yes,0\nP2,,1\n", "c.csv")
        assert [f.code for f in inspection.findings] == ["blank-means-no"]
        assert inspection.cohort.factor("site:lung").counts() == (1, 1)

    @pytest.mark.parametrize("mark", ["x", "X", "✓", "ja", "YES", "√"])
    def test_one_mark_or_blank(self, mark):
        text = f"patient_id,lung,liver,died\nP1,{mark},,1\nP2,,{mark.lower()},0\nP3,{mark},{mark},0\n"
        for own in (None, OwnColumns(id="patient_id", sites=("lung", "liver"))):
            inspection = inspect(text.encode(), "c.csv", own=own)
            assert {f.code for f in inspection.findings} == {"blank-means-no"}, inspection.findings
            assert inspection.cohort.factor("site:lung").codes.tolist() == [1, 0, 1]

    def test_two_marks_or_a_mark_in_another_column_are_not_understood(self):
        assert one_error("patient_id,ici\nP1,x\nP2,\n", "not-yes-no")
        found = inspect("patient_id,lung\nP1,x\nP2,\nP3,✓\n".encode(), "c.csv").findings
        assert [f.code for f in found] == ["alias-misfit"]


class TestOwnColumns:
    TEXT = "row,days,status,arm,lung,brain\n1,10,2,x,1,0\n2,20,1,y,0,0\n3,5,2.0,x,0,1\n"

    def own(self, **options) -> OwnColumns:
        return OwnColumns(**{"time": "days", "event": "status", "event_values": ("2",), "unit": "days", **options})

    def test_any_names(self):
        cohort = read_cohort(self.TEXT.encode(), "c.csv", own=self.own(sites=("lung", "brain"), endpoint="PRS"))
        prs = cohort.endpoint("PRS")
        assert prs.time.tolist() == [10, 20, 5] and prs.event.tolist() == [True, False, True] and prs.unit == "days"
        assert cohort.site_names == ("lung", "brain") and cohort.ids == ("1", "2", "3")
        assert cohort.factor("arm").levels == ("x", "y")

    def test_the_event_is_asked(self):
        assert one_error(self.TEXT, "event-coding", own=self.own(event_values=()))
        assert one_error(self.TEXT, "event-value-absent", own=self.own(event_values=("3",)))

    def test_names_that_aren_t_there(self):
        finding = one_error(self.TEXT, "no-such-column", own=self.own(time="day"))
        assert "did you mean 'days'" in finding.message

    def test_negative_times(self):
        assert one_error(self.TEXT.replace("10", "-10"), "negative", own=self.own()).row == 2

    def test_half_an_endpoint(self):
        assert one_error(self.TEXT, "half-an-endpoint", own=OwnColumns(time="days"))


class TestOut:
    def test_the_template_and_the_dictionary(self):
        necc = Dictionary.builtin()
        header = template_csv(necc).decode("utf-8-sig").strip().split(",")
        assert header == list(necc.variables)
        rows = dictionary_csv(necc).decode("utf-8-sig").splitlines()
        assert len(rows) == len(necc.variables) + 1 and "small cell; large cell" in dictionary_csv(necc).decode()

    def test_export_and_ingest_are_the_identity(self):
        first = read_cohort(TestExtras.TEXT.encode(), "c.csv")
        again = read_cohort(cohort_csv(first), "c.csv")
        assert first.data.equals(again.data)

    def test_formulas_don_t_leave(self):
        cohort = read_cohort(b'patient_id,remark\nP1,=1+1\nP2,"@SUM(A1)"\nP3,ok\n', "c.csv")
        text = cohort_csv(cohort).decode("utf-8-sig")
        assert "'=1+1" in text and "'@SUM(A1)" in text


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
words = st.sampled_from(
    ["", "1", "0", "yes", "NA", "12.5", "-3", "2019-04-03", "small cell", "IB1", "lung;liver", "CR"]
)
columns = st.sampled_from(list(Dictionary.builtin().variables) + ["extra", "x,y", 'q"'])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_no_bytes_end_in_a_traceback(data):
    assert isinstance(inspect(data, "c.csv").findings, tuple)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(columns, min_size=1, max_size=8), st.data())
def test_no_table_ends_in_a_traceback(header, data):
    rows = data.draw(st.lists(st.lists(words | cells, min_size=len(header), max_size=len(header)), max_size=8))
    quoted = ['"{}"'.format(c.replace('"', '""')) for c in header]
    lines = [",".join(quoted), *(",".join('"{}"'.format(c.replace('"', '""')) for c in row) for row in rows)]
    inspection = inspect("\n".join(lines).encode("utf-8", "replace"), "c.csv")
    assert inspection.accepted or any(f.severity == "error" and f.message for f in inspection.findings)
    if inspection.cohort:
        for name in inspection.cohort.factor_names():
            codes = inspection.cohort.factor(name).codes
            assert ((codes >= -1) & (codes < 400)).all()
        for name in inspection.cohort.endpoint_names():
            assert np.isfinite(inspection.cohort.endpoint(name).grid).all()


TODAY = date(2024, 5, 15)
DATED = "patient_id,diagnosis_date,first_recurrence_date,last_followup_date,death_date"


class TestEverythingIsToldAtOnce:
    def test_other_rows_are_checked_beside_a_cell_in_error(self):
        text = (
            f"{DATED}\n1,2020-01-01,2020-06-01,2020-05-01,2020-05-01\n2,2020-01-01,2019-06-01,2021-05-01,\n"
            "3,2020-02-30,2020-06-01,2021-05-01,\n"
        )
        found = {(f.code, f.row, f.column) for f in errors(text)}
        assert found == {
            ("not-a-date", 4, "diagnosis_date"), ("impossible-order", 2, "last_followup_date"),
            ("impossible-order", 2, "death_date"), ("impossible-order", 3, "first_recurrence_date"),
        }  # fmt: skip

    def test_nothing_follows_from_a_cell_in_error(self):
        number = "patient_id,ttr_months,os_months\n1,999,10\n2,5,10\n"
        one_error(number, "out-of-range")
        site = "patient_id,recurred,site_lung,site_bone\n1,1,?!,0\n2,1,1,0\n"
        end = f"{DATED},prs_months\n1,2019-01-01,2020-01-01,2020-02-01,2020-13-01,12\n2,,2020-01-01,2021-01-01,,12\n"
        event = f"{DATED},died\n1,2019-01-01,2020-01-01,2020-02-01,2020-12-01,0\n2,,2020-01-01,2021-01-01,,2\n"
        for text, code in ((site, "not-yes-no"), (end, "not-a-date"), (event, "event-coding")):
            one_error(text, code)
            assert {f.severity for f in inspect(text.encode(), "c.csv").findings} <= {"error", "info"}, code

    def test_two_columns_of_one_meaning_are_not_checked_against_others(self):
        text = "patient_id,a,b,os_months\n1,20,5,10\n"
        columns = (ColumnMap("patient_id", "identifier", "patient_id"), ColumnMap("a", "time", "ttr_months"),
                   ColumnMap("b", "time", "ttr_months"), ColumnMap("os_months", "time", "os_months"))  # fmt: skip
        one_error(text, "two-columns-one-variable", mapping=Mapping(columns))


class TestTheFuture:
    @pytest.mark.parametrize("column", ["diagnosis_date", "last_followup_date", "death_date"])
    def test_a_date_after_today(self, column):
        text = f"patient_id,{column}\n1,2024-05-15\n2,2024-05-16\n"
        found = one_error(text, "future-date", today=TODAY)
        assert (found.row, found.column, found.value) == (3, column, "2024-05-16") and "in the future" in found.message
        assert not errors(text, today=date(2024, 5, 16))

    def test_a_date_in_parts_counts_from_its_first_day(self):
        text = "patient_id,death_date\n1,2024\n2,2024-05\n3,2024-06\n4,2025\n5,2020-02-01\n"
        assert [f.row for f in errors(text, today=TODAY)] == [4, 5]

    def test_what_hasnt_happened_may_lie_ahead(self):
        text = "patient_id,next_visit\n1,2024-06-15\n2,2024-07-01\n"
        assert not errors(text, today=TODAY)
        columns = (ColumnMap("patient_id", "identifier"), ColumnMap("next_visit", "date"), ColumnMap("seen", "date"))
        own = Mapping(columns, (EndpointMap("T", start="seen", event_date="next_visit"),), dictionary="")
        text = "patient_id,next_visit,seen\n1,2024-06-15,2020-01-01\n2,2024-01-01,2020-01-01\n"
        assert one_error(text, "future-date", mapping=own, today=TODAY).row == 2

    def test_times_from_dates_have_the_limits_of_typed_ones(self):
        text = f"{DATED}\n1,1920-01-01,2020-06-01,2021-05-01,\n2,2020-01-01,2020-06-01,2021-05-01,2022-01-01\n"
        found = errors(text, today=TODAY)
        assert {(f.code, f.row, f.column) for f in found} == {("out-of-range", 2, "last_followup_date")}, found
        assert any("1,205 months" in f.message and "at most 720" in f.message for f in found)
        text = "patient_id,first_recurrence_date,ici_start_date\n1,1930-01-01,2020-01-01\n"
        assert one_error(text, "out-of-range", today=TODAY).column == "ici_start_date"


class TestContradictions:
    @pytest.mark.parametrize(
        ("head", "row", "column"),
        [
            ("ici,ici_agent", "0,nivolumab", "ici_agent"), ("ici,ici_cycles", "no,5", "ici_cycles"),
            ("ici,ici_start_months", "0,0", "ici_start_months"), ("ici,progressed", "0,1", "progressed"),
            ("ici,time_to_response_months", "0,2", "time_to_response_months"), ("ici,ici_cycles", "1,0", "ici"),
            ("final_response,progressed", "PD,0", "final_response"),
            ("best_response,progressed", "PD,0", "best_response"), ("recurred,prs_months", "0,4", "prs_months"),
            ("best_response,time_to_response_months", "SD,2", "time_to_response_months"),
            ("recurred,rec_surgery", "0,1", "rec_surgery"),
        ],
    )  # fmt: skip
    def test_a_value_that_another_column_denies(self, head, row, column):
        blank = "," * head.count(",")
        inspection = inspect(f"patient_id,{head}\n1,{blank}\n2,{row}\n".encode(), "c.csv")
        found = [f for f in inspection.findings if f.severity == "warning" and f.code != "question"]
        assert [(f.code, f.row, f.column) for f in found] == [("contradiction", 3, column)], found

    @pytest.mark.parametrize(
        ("head", "row"),
        [
            ("ici,ici_agent", "1,nivolumab"), ("ici,ici_agent", ",nivolumab"), ("ici,ici_cycles", "0,0"),
            ("final_response,progressed", "PD,1"), ("final_response,progressed", "SD,0"),
            ("best_response,time_to_response_months", "PR,2"), ("recurred,prs_months", "1,4"),
        ],
    )  # fmt: skip
    def test_what_agrees_is_not_told(self, head, row):
        findings = inspect(f"patient_id,{head}\n2,{row}\n".encode(), "c.csv").findings
        assert not [f for f in findings if f.code == "contradiction"]

    def test_treatment_that_lasts_beyond_the_follow_up(self):
        head = "patient_id,ici_start_months,response_followup_months,prs_months"
        findings = inspect(f"{head}\n1,2,8.5,10\n2,3,9,10\n".encode(), "c.csv").findings
        assert [(f.code, f.row) for f in findings if f.severity == "warning"] == [("longer-than-followup", 3)]

    def test_nobody_is_diagnosed_at_age_0(self):
        assert one_error(GOOD.replace("P1,44", "P1,0"), "out-of-range").column == "age_years"


class TestIdentifiers:
    @pytest.mark.parametrize("word", ["NA", "unknown", "-", "?", "#N/A"])
    def test_a_word_for_missing_identifies_nobody(self, word):
        found = one_error(GOOD.replace("P1,", f"{word},"), "no-id")
        assert (found.row, found.value) == (2, word)
        columns = (ColumnMap("patient_id", "pseudonym", "patient_id"),)
        assert one_error(f"patient_id\n{word}\nAnn\n", "no-id", mapping=Mapping(columns)).row == 2

    def test_a_long_file_names_its_patients(self):
        text = "patient_id,prs_months\n1,3\n1,4\n1,4\n2,4\n 2 ,4\n"
        found = one_error(text, "long-file")
        assert found.n == 1 and "'1' in rows 2, 3, 4; '2' in rows 5, 6" in found.message
        many = "patient_id\n" + "".join(f"{i // 9}\n" for i in range(90))
        assert "'0' in rows 2, 3, 4, 5, 6, 7 and 3 more" in one_error(many, "long-file").message
        assert "5 more identifiers" in one_error(many, "long-file").message


class TestSpellings:
    def test_case_blanks_and_punctuation_never_matter(self):
        words = ("Large-Cell", "large  cell", "LARGE_CELL", "Large Cell.", "LargeCell")
        text = "patient_id,histology\n" + "".join(f"{i},{w}\n" for i, w in enumerate(words))
        assert set(read_cohort(text.encode(), "c.csv").data["histology"]) == {"large cell"}

    @pytest.mark.parametrize(
        ("word", "stage"),
        [("3c1", "IIIC1"), ("2b", "IIB"), ("IIIc1", "IIIC1"), ("stage 3", "III"), ("FIGO III", "III"), ("4", "IV"),
         ("Stage-IB3", "IB3"), ("1", "I"), ("FIGO2018 IVA", "IVA"), ("IIIC1r", "IIIC1"), ("III C 2", "IIIC2")],
    )  # fmt: skip
    def test_stages(self, word, stage):
        cohort = read_cohort(f"patient_id,figo_2018\n1,{word}\n".encode(), "c.csv")
        assert cohort.data["figo_2018"].tolist() == [stage]

    def test_markers(self):
        text = "patient_id,pdl1,tmb_high\n1,++,TMB-H\n2,neg,low\n3,+,High\n4,-,TMB-L\n5,Pos,tmb high\n"
        data = read_cohort(text.encode(), "c.csv").data
        assert data["pdl1"].tolist() == data["tmb_high"].tolist() == ["yes", "no", "yes", "no", "yes"]
        assert one_error("patient_id,tmb_high\n1,medium\n", "not-yes-no").value == "medium"


def test_headings_in_chinese():
    head = "编号,年龄,病理类型,FIGO分期,诊断日期,复发日期,末次随访日期,是否死亡,总生存期（月）,复发部位"
    row = 'A1,44,小细胞癌,IB1,2015-01-01,2016-01-01,2017-01-01,是,24,"肺、骨"'
    cohort = read_cohort(f"{head}\n{row}\n".encode("gb18030"), "c.csv")
    assert cohort.ids == ("A1",) and cohort.number("age_years").tolist() == [44]
    assert cohort.factor("histology").counts() == (1,) and cohort.endpoint_names() == ("TTR", "PRS", "OS")
    assert cohort.endpoint("OS").time.tolist() == [24] and cohort.endpoint("OS").event.tolist() == [True]
    assert [s for s in cohort.site_names if cohort.factor(f"site:{s}").counts()[1]] == ["lung", "bone"]
