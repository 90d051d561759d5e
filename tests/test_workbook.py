"""Workbooks as other programs write them: each fixture is XML, so that every part of it can be made hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import pytest
from page_helpers import open_page
from test_formats import cell, one_error, spreadsheet

from necc.core.dictionary import Dictionary
from necc.ingest import Mapping, ReadOptions, inspect, open_file, read_cohort
from necc.ingest.suggest import suggest_mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="0&quot; days&quot;"/>'
    '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
)
HEAD = ("patient_id", "prs_months", "died")


def c(value: object, more: str = "", formula: str = "") -> str:
    """A cell of a worksheet."""
    f = f"<f>{escape(formula)}</f>" if formula else ""
    if value is None:
        return f"<c {more}>{f}</c>"
    if isinstance(value, str) and not formula:
        return f'<c t="inlineStr" {more}><is><t>{escape(value)}</t></is></c>'
    kind = ' t="str"' if isinstance(value, str) else ""
    return f"<c{kind} {more}>{f}<v>{escape(str(value))}</v></c>"


def rows_of(rows: Sequence[object], hidden: Sequence[int] = ()) -> str:
    """Rows of cells without any reference; those in `hidden`, numbered from 1, are hidden. A row may be its XML."""
    parts = []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, str):
            parts.append(row)
            continue
        more = ' hidden="1"' if number in hidden else ""
        parts.append(f'<row r="{number}"{more}>{"".join(v if _is_xml(v) else c(v) for v in row)}</row>')
    return "".join(parts)


def _is_xml(value: object) -> bool:
    return isinstance(value, str) and value.startswith("<")


def xlsx(
    *sheets: tuple[str, str] | tuple[str, str, str],
    prefix: str = "",
    strict: bool = False,
    properties: str = "",
    around: tuple[str, str] = ("", ""),
) -> bytes:
    """A workbook of sheets given as (name, rows as XML, state).

    prefix: of every element of the sheets. properties: of the workbook. around: XML before and after the sheet data.
    """
    main, office = (STRICT_MAIN, STRICT_OFFICE) if strict else (MAIN, OFFICE)
    listed = "".join(
        f'<sheet name={quoteattr(s[0])} sheetId="{i}" r:id="rId{i}"' + (f' state="{s[2]}"/>' if len(s) > 2 else "/>")
        for i, s in enumerate(sheets, start=1)
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    styles = f'<Relationship Id="rId99" Type="{office}/styles" Target="/xl/styles.xml"/>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}">{properties}<sheets>{listed}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{relations}{styles}</Relationships>'
        )
        archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{main}">{STYLES}</styleSheet>')
        for i, sheet in enumerate(sheets, start=1):
            body = f"{around[0]}<sheetData>{sheet[1]}</sheetData>{around[1]}"
            name = f"xmlns:{prefix}" if prefix else "xmlns"
            if prefix:
                body = body.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
            tag = f"{prefix}:worksheet" if prefix else "worksheet"
            archive.writestr(f"xl/worksheets/sheet{i}.xml", f'<{tag} {name}="{main}">{body}</{tag}>')
    return buffer.getvalue()


def patients(n: int, first: int = 1) -> list[tuple[object, ...]]:
    return [HEAD, *((f"P{i:03d}", 2 + i, i % 2) for i in range(first, first + n))]


# ---------------------------------------------------------------- which sheet
@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
class TestHiddenSheets:
    def test_a_hidden_sheet_is_told_and_not_read(self, state):
        data = xlsx(("Shown", rows_of(patients(24))), ("Copy", rows_of(patients(40)), state))
        cohort = read_cohort(data, "c.xlsx")
        assert len(cohort) == 24
        (finding,) = [f for f in cohort.findings if f.code == "sheet"]
        assert "hidden sheet 'Copy' (41 rows)" in finding.message
        assert open_file(data, "c.xlsx").raw.sheets == ("Shown", "Copy")
        assert len(read_cohort(data, "c.xlsx", read_options=ReadOptions(sheet="Copy"))) == 40

    def test_where_only_hidden_sheets_hold_cells_one_has_to_be_chosen(self, state):
        data = xlsx(("Shown", ""), ("Data", rows_of(patients(3)), state))
        assert "hidden sheet 'Data' (4 rows)" in one_error(data, "question").message
        assert open_file(data, "c.xlsx").raw.sheets == ("Shown", "Data")
        assert len(read_cohort(data, "c.xlsx", read_options=ReadOptions(sheet="Data"))) == 3


def test_a_hidden_sheet_of_an_opendocument_file():
    styles = (
        '<style:style xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" style:name="ta2"'
        ' style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    sheet = spreadsheet(("Shown", patients(3)), ("Copy", patients(9)))
    sheet = _changed(
        sheet, "<office:body>", f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
    )
    sheet = _changed(sheet, 'table:name="Copy"', 'table:name="Copy" table:style-name="ta2"')
    cohort = read_cohort(sheet, "c.ods")
    assert len(cohort) == 3 and any("hidden sheet 'Copy' (10 rows)" in f.message for f in cohort.findings)


def _changed(data: bytes, old: str, new: str, member: str = "content.xml") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name == member:
                assert old in body.decode()
                body = body.decode().replace(old, new).encode()
            target.writestr(name, body)
    return buffer.getvalue()


def test_sheets_with_the_same_headings_are_a_question():
    data = xlsx(("Centre A", rows_of(patients(24))), ("Centre B", rows_of(patients(16, 100))))
    message = one_error(data, "question").message
    assert "'Centre A' (25 rows)" in message and "'Centre B' (17 rows)" in message
    assert '--answer "sheet:=Centre B"' in message
    assert open_file(data, "c.xlsx").raw.sheets == ("Centre A", "Centre B")
    for name, n in (("Centre A", 24), ("Centre B", 16)):
        assert len(read_cohort(data, "c.xlsx", read_options=ReadOptions(sheet=name))) == n
        assert len(read_cohort(data, "c.xlsx", answers=[f"sheet:={name}"])) == n
    ods = spreadsheet(("Centre A", patients(24)), ("Centre B", patients(16, 100)))
    assert one_error(ods, "question", "c.ods")


AGES = [("patient_id", "age_years"), *((f"P{i:03d}", 40 + i) for i in range(1, 11))]


def test_sheets_that_tell_of_the_same_patients_are_offered_together():
    rows = patients(10)
    rows = [rows[0], *rows[:0:-1]]  # in another order
    for sheets in ((("Outcomes", rows), ("Patients", AGES)), (("Patients", AGES), ("Outcomes", rows))):
        data = xlsx(*((name, rows_of(cells)) for name, cells in sheets))
        message = one_error(data, "question").message
        assert "sheet 'Patients' has 10 values of 'patient_id' too, and 'age_years'" in message
        alone = read_cohort(data, "c.xlsx", answers=["sheets:=alone"])
        assert "age_years" not in alone.table.columns and alone.endpoint_names() == ("PRS",)
        cohort = read_cohort(data, "c.xlsx", answers=["sheets:=together"])
        ages = dict(zip(cohort.ids, cohort.number("age_years").tolist(), strict=True))
        assert ages == {f"P{i:03d}": 40 + i for i in range(1, 11)} and len(cohort.endpoint("PRS")) == 10
        options = ReadOptions(sheet="Outcomes + Patients")
        raw = open_file(data, "c.xlsx", read_options=options).raw
        assert raw.sheets[-1] == "Outcomes + Patients" and raw.headers[-1] == "age_years"
    centres = [("patient_id", "colour"), *((row[0], "red") for row in AGES[1:])]
    data = xlsx(("Outcomes", rows_of(patients(10))), ("Colours", rows_of(centres)))
    assert [f.severity for f in read_cohort(data, "c.xlsx").findings if f.code == "other-sheet"] == ["warning"]
    strangers = [AGES[0], *((f"Q{i:03d}", 40 + i) for i in range(1, 11))]
    data = xlsx(("Outcomes", rows_of(patients(10))), ("Other", rows_of(strangers)))
    assert [f.code for f in read_cohort(data, "c.xlsx").findings] == ["sheet"]


def test_sheets_with_other_patients_or_another_value_are_told():
    data = xlsx(("Outcomes", rows_of(patients(10))), ("Patients", rows_of([*AGES[:8], ("P099", 50)])))
    cohort = read_cohort(data, "c.xlsx", answers=["sheets:=together"])
    (finding,) = [f for f in cohort.findings if f.severity == "warning"]
    assert "3 patients of sheet 'Outcomes' are not in" in finding.message and "'P099'" in finding.message
    twice = [("patient_id", "age_years", "died"), *((*row, i % 2) for i, row in enumerate(AGES[1:]))]
    data = xlsx(("Outcomes", rows_of(patients(10))), ("Patients", rows_of(twice)))
    error = one_error(data, "sheets-disagree", answers=["sheets:=together"])
    assert error.row == 2 and error.n == 10 and "'1' in sheet 'Outcomes', '0' in sheet 'Patients'" in error.message


# ---------------------------------------------------------------- what is hidden in a sheet
FILTER = (
    '<autoFilter ref="A1:C11"><filterColumn colId="2"><filters><filter val="1"/></filters></filterColumn></autoFilter>'
)


@pytest.mark.parametrize(("around", "how"), [("", "in the sheet"), (FILTER, "by a filter")])
def test_whether_hidden_rows_count_is_asked(around, how):
    data = xlsx(("D", rows_of(patients(10), hidden=(3, 5, 9))), around=("", around))
    message = one_error(data, "question").message
    assert f"3 rows of 10 are hidden {how} (rows 3, 5, 9)" in message and '"hidden-rows:=leave-out"' in message
    for answer, n, first in (("read", 10, "P001"), ("leave-out", 7, "P001")):
        cohort = read_cohort(data, "c.xlsx", answers=[f"hidden-rows:={answer}"])
        assert len(cohort) == n and cohort.ids[0] == first and ("P002" in cohort.ids) is (answer == "read")
        assert [f.n for f in cohort.findings if f.code == "hidden-rows"] == [3]
        options = ReadOptions(hidden_rows=answer)
        assert len(read_cohort(data, "c.xlsx", mapping=suggest(data, options))) == n


def test_the_answer_about_hidden_rows_stays_on_the_page(app_test):
    app = open_page(app_test(), "mapping")
    key = next(u.key for u in app.get("file_uploader") if u.key.startswith("wizard-file"))
    app.file_uploader(key=key).upload("c.xlsx", xlsx(("D", rows_of(patients(10), hidden=(3, 5, 9)))), "x").run()
    radio = next(r for r in app.radio if "hidden" in r.label)
    radio.set_value(radio.options[1]).run()
    app.run()
    wizard = app.session_state["necc-wizard"]
    assert not app.exception and wizard.read_options.hidden_rows == "leave-out" and len(wizard.raw) == 7


def suggest(data: bytes, options: ReadOptions) -> Mapping:
    """The guessed mapping, as its file keeps it."""
    mapping = suggest_mapping(open_file(data, "c.xlsx", read_options=options).raw, Dictionary.builtin(), options)
    return Mapping.from_toml(mapping.to_toml())


def test_a_filter_that_hides_nothing_and_hidden_rows_outside_the_table_ask_nothing():
    shown = xlsx(("D", rows_of(patients(10))), around=("", '<autoFilter ref="A1:C11"/>'))
    blank = xlsx(("D", rows_of([*patients(10), ()], hidden=(12,))))
    assert not [f for data in (shown, blank) for f in read_cohort(data, "c.xlsx").findings]


def test_hidden_columns_are_read_and_told():
    for column in ('<col min="2" max="2" hidden="1"/>', '<col max="2" min="2" width="0" customWidth="1"/>'):
        data = xlsx(("D", rows_of(patients(10))), around=(f"<cols>{column}</cols>", ""))
        (finding,) = read_cohort(data, "c.xlsx").findings
        assert finding.code == "hidden-columns" and "B (prs_months)" in finding.message


def test_hidden_rows_and_columns_of_an_opendocument_file():
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    rows = [f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in patients(3)]
    rows[2] = rows[2].replace("<table:table-row>", '<table:table-row table:visibility="filter">')
    data = spreadsheet(("D", [columns, *rows]))
    assert "by a filter (row 3)" in one_error(data, "question", "c.ods").message
    cohort = read_cohort(data, "c.ods", answers=["hidden-rows:=leave-out"])
    assert cohort.ids == ("P001", "P003")
    assert "B (prs_months)" in next(f.message for f in cohort.findings if f.code == "hidden-columns")


# ---------------------------------------------------------------- dates
@pytest.mark.parametrize(("flag", "days"), [("1", 0), ("true", 0), ("0", 1462), ("false", 1462)])
def test_plain_numbers_count_from_the_workbook_s_own_day(flag, days):
    """1904-01-01 + 40000 days is 2013-07-08; by the other system it is 2009-07-06. Styled cells follow the same."""
    rows = [("patient_id", "diagnosis_date", "last_followup_date", "died"), ("P1", 40000, c(40100, 's="1"'), 1)]
    cohort = read_cohort(xlsx(("D", rows_of(rows)), properties=f'<workbookPr date1904="{flag}"/>'), "c.xlsx")
    start, end = (str(cohort.data[name].iloc[0])[:10] for name in ("diagnosis_date", "last_followup_date"))
    assert (start, end) == (("2013-07-07", "2013-10-15") if not days else ("2009-07-06", "2009-10-14"))
    (finding,) = [f for f in cohort.findings if f.code == "excel-serial"]
    assert ("1904-01-01" if not days else "1899-12-30") in finding.message


def test_plain_numbers_of_an_opendocument_file_count_from_its_null_date():
    setting = (
        '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    )
    data = spreadsheet(("D", [("patient_id", "diagnosis_date"), ("P1", 40000)]))
    assert str(read_cohort(data, "c.ods").data["diagnosis_date"].iloc[0])[:10] == "2009-07-06"
    data = _changed(data, "<office:spreadsheet>", f"<office:spreadsheet>{setting}")
    assert str(read_cohort(data, "c.ods").data["diagnosis_date"].iloc[0])[:10] == "2013-07-07"


def test_a_number_format_with_words_is_no_date():
    raw = open_file(xlsx(("D", rows_of([HEAD, ("P1", c(12, 's="3"'), 1), ("P2", c(40000, 's="2"'), 0)]))), "c.xlsx").raw
    assert raw.columns[1].cells().tolist() == ["12", "2009-07-06"]


# ---------------------------------------------------------------- formulas
@pytest.mark.parametrize("prefix", ["", "x"])
@pytest.mark.parametrize(
    "formula",
    ['<c r="B2"><f>1+2</f></c>', '<c s="0" r="B2"><f>1+2</f><v></v></c>', '<c t="n" r="B2"><f>1+2</f><v/></c>',
     "<c r='B2'>\n<f t='shared' ref='B2:B3' si='0'>1+2</f>\n<v/></c>", '<c r="B2"><f t="shared" si="0"/></c>'],
)  # fmt: skip
def test_a_formula_never_calculated_is_found_however_it_is_written(formula, prefix):
    data = xlsx(("D", rows_of([HEAD, ("P1", formula, 1), ("P2", 3, 0)])), prefix=prefix)
    error = one_error(data, "formula-without-value")
    assert error.row == 2 and "B2" in error.message


@pytest.mark.parametrize("prefix", ["", "x"])
def test_a_formula_whose_result_is_the_empty_text_is_a_blank(prefix):
    empty = c("", formula='IF(A2="P9",1,"")')
    data = xlsx(("D", rows_of([HEAD, ("P1", 5, 1), ("P2", empty, 0), ("P3", c(7, formula="3+4"), 1)])), prefix=prefix)
    raw = open_file(data, "c.xlsx").raw
    assert raw.columns[1].cells().tolist() == ["5", "", "7"]


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#VALUE!", "#REF!"])
def test_errors_of_formulas_are_no_numbers(error):
    data = xlsx(("D", rows_of([HEAD, ("P1", f'<c t="e"><f>1/0</f><v>{error}</v></c>', 1), ("P2", 3, 0)])))
    assert open_file(data, "c.xlsx").raw.columns[1].cells().tolist() == [error, "3"]
    if error != "#N/A":
        assert one_error(data, "not-a-number").row == 2


def test_zeros_that_a_library_wrote_in_place_of_results_are_no_results():
    """A library that can't calculate writes 0 for each formula and asks the program to calculate on opening."""
    formulas = [(f"P{i}", c(0, formula=f"D{i}-C{i}"), i % 2) for i in range(1, 4)]
    unsaved = '<calcPr calcId="124519" fullCalcOnLoad="1"/>'
    assert one_error(xlsx(("D", rows_of([HEAD, *formulas])), properties=unsaved), "formula-without-value").n == 3
    saved = read_cohort(xlsx(("D", rows_of([HEAD, *formulas])), properties='<calcPr calcId="191029"/>'), "c.xlsx")
    assert saved.number("prs_months").tolist() == [0, 0, 0]


# ---------------------------------------------------------------- other writers
@pytest.mark.parametrize("prefix", ["", "x"])
@pytest.mark.parametrize("strict", [False, True])
def test_the_namespace_makes_no_difference(prefix, strict):
    date = c("2015-01-31T00:00:00", 't="d"').replace(' t="inlineStr"', "") if strict else c(42035, 's="1"')
    date = '<c t="d"><v>2015-01-31T00:00:00</v></c>' if strict else date
    rows = [("patient_id", "diagnosis_date", "died"), ("P1", date, '<c t="b"><v>1</v></c>')]
    cohort = read_cohort(xlsx(("D", rows_of(rows)), prefix=prefix, strict=strict), "c.xlsx")
    assert str(cohort.data["diagnosis_date"].iloc[0])[:10] == "2015-01-31"
    assert cohort.factor("died").codes.tolist() == [1]


def test_cells_and_rows_may_name_their_places_or_not():
    placed = (
        '<row r="5"><c t="inlineStr" r="C5"><is><t>z</t></is></c><c r="A5"><v>7</v></c></row><row><c><v>8</v></c></row>'
    )
    raw = open_file(xlsx(("D", rows_of([("patient_id", "b", "c"), placed]))), "c.xlsx").raw
    assert [col.cells().tolist() for col in raw.columns] == [["7", "8"], ["", ""], ["z", ""]] and raw.rows.tolist() == [
        5,
        6,
    ]


def test_shared_texts_without_their_readings():
    """East Asian texts carry how they are read aloud; characters that XML doesn't allow are written as _x000D_."""
    data = xlsx(("D", rows_of([("patient_id", "b"), ('<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>')])))
    strings = (
        f'<sst xmlns="{MAIN}"><si><r><t>小</t></r><r><t>細胞</t></r><rPh sb="0" eb="1"><t>ショウ</t></rPh></si>'
        "<si><t>a_x000D_b_x005F_x</t></si></sst>"
    )
    relation = f'<Relationship Id="rId98" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    data = _changed(data, "</Relationships>", relation, "xl/_rels/workbook.xml.rels")
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", strings)
    raw = open_file(buffer.getvalue(), "c.xlsx").raw
    assert raw.columns[0].cells()[0] == "小細胞" and raw.columns[1].cells()[0] == "a\rb_x"


def test_a_flat_opendocument_file():
    with zipfile.ZipFile(io.BytesIO(spreadsheet(("D", patients(3))))) as archive:
        content = archive.read("content.xml").decode()
    flat = '<?xml version="1.0"?>\n' + content.replace(
        "<office:document-content",
        '<office:document office:mimetype="application/vnd.oasis.opendocument.spreadsheet"',
    ).replace("</office:document-content", "</office:document")
    for name in ("c.fods", "c.xml"):
        assert len(read_cohort(flat.encode(), name)) == 3
    assert one_error(flat[: len(flat) // 2].encode(), "unreadable-file", "c.fods")


def test_findings_of_a_workbook_name_its_rows():
    data = xlsx(("D", rows_of([*patients(3), ("P9", "x", 1)])))
    assert [(f.code, f.row) for f in inspect(data, "c.xlsx").findings] == [("not-a-number", 5)]
