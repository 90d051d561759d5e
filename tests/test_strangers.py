"""Files that hold no table that is read: each is told what it is, whatever its name says, and what to do."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from test_formats import one_error

from necc.ingest import ReadOptions, inspect, open_file, read_cohort

TABLE = "patient_id,prs_months,died,note\r\nP1,12.5,1,Müller\r\nP2,3,0,小细胞\r\nP3,7,1,x\r\n"


def zipped(**members: bytes | str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), body)
    return buffer.getvalue()


def ole(*streams: str) -> bytes:
    names = b"".join(name.encode("utf-16-le") + bytes(2 * (32 - len(name))) + bytes(64) for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names


RECORDS = '[\n  {\n    "patient_id": "P1",\n    "died": 1\n  }\n]\n'
COLUMNS = '{\n  "patient_id": ["P1"],\n  "died": [1]\n}\n'
NESTED = '{"data": {"patients": [{"id": 1}]}}'
SHEET_2003 = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
STRANGERS = [
    (RECORDS, "a JSON file"), (COLUMNS, "a JSON file"), (NESTED, "a JSON file"), ("[[1, 2], [3, 4]]", "a JSON file"),
    ('{"id": 1}\n{"id": 2}\n', "a JSON file"),
    ("<!-- made by X -->\n<html><table><tr><td>1</td></tr></table></html>", "a web page"),
    ("\ufeff<!-- a\n b --> <!DOCTYPE html><p>x", "a web page"), ("  <TABLE border=1><tr><td>1", "a web page"),
    ('<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">\n<html xmlns="y">', "a web page"),
    ("<meta http-equiv=Content-Type content=text/html><style></style><table>", "a web page"),
    ('<html xmlns:o="urn:schemas-microsoft-com:office:office"><table><tr><td>1,2\n', "a web page"),
    ("MIME-Version: 1.0\nContent-Type: multipart/related\n\n<html>", "MHTML"),
    (SHEET_2003, "an Excel 2003 XML spreadsheet"), ("<?xml version='1.0'?><study><p id='1'/></study>", "<study>"),
    ('<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3">\n</ODM>', "a CDISC ODM file"),
    (b"%PDF-1.7\n%\xe2\xe3", "a PDF"), (b"{\\rtf1\\ansi x}", "RTF"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture (JPEG)"),
    (b"\x89PNG\r\n\x1a\n\0\0", "a picture (PNG)"), (b"\0\0\0\x18ftypheic\0\0", "a picture"),
    (bytes(128) + b"DICM" + bytes(20), "a picture"),
    (zipped(word__document_xml="<w/>"), "a Word document"), (zipped(ppt__presentation_xml="<p/>"), "PowerPoint"),
    (zipped(xl__workbook_bin=b"x", xl__worksheets__sheet1_bin=b"y"), "(.xlsb)"),
    (zipped(Index__Document_iwa=b"x"), "Apple Numbers"), (zipped(Index_zip=b"x"), "Apple Numbers"),
    (zipped(mimetype="application/vnd.oasis.opendocument.text", content_xml="<x/>"), "an OpenDocument text"),
    (zipped(a_csv=TABLE, b_csv=TABLE), "a zip archive with 'a.csv' and 'b.csv'"),
    (gzip.compress(gzip.compress(TABLE.encode())), "packed by gzip"),
    (ole("Root Entry", "Workbook"), "an old .xls workbook"), (ole("EncryptedPackage"), "a password"),
    (ole("Root Entry", "WordDocument"), "an old Word document"), (ole("Something"), "an old .xls workbook"),
    (b"SQLite format 3\0" + bytes(50), "an SQLite database"), (b"ARROW1\0\0" + bytes(50), "Feather"),
    (b"Rar!\x1a\x07", "a RAR archive"), (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["c.csv", "c.xls", "c.xlsx", "c.ods", "c.json", "c", "c.docx", "c.sas7bdat"])
@pytest.mark.parametrize(("data", "what"), STRANGERS, ids=lambda v: v if isinstance(v, str) and len(v) < 30 else "")
def test_a_stranger_is_named_by_its_content(data, what, name):
    data = data.encode() if isinstance(data, str) else data
    (finding,) = inspect(data, name).findings
    assert finding.severity == "error" and what in finding.message and "; " in finding.message


@pytest.mark.parametrize("name", ["c.numbers", "c.pdf", "c.jmp", "c.png", "c.zip", "c.docx"])
def test_an_ending_that_isn_t_read_is_told_in_words(name):
    message = one_error(b"\1\2\3 no known content", "unknown-format", name).message
    assert f".{name.partition('.')[2]}" in message and "csv" in message and "xlsx" in message


@pytest.mark.parametrize("name", ["c.xls", "c.xlsx", "c.ods", "c.sav", "c.parquet", "c.dat"])
def test_a_text_table_under_another_name_is_read(name):
    for text in (TABLE, TABLE.replace(",", "\t")):
        cohort = read_cohort(text.encode(), name)
        assert cohort.endpoint("PRS").time.tolist() == [12.5, 3, 7]
        assert [f.code for f in cohort.findings] == ([] if name == "c.dat" else ["suffix"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-32-le",
                                      "utf-32-be"])  # fmt: skip
@pytest.mark.parametrize("end", ["", "\0\0\0", "\x1a", "\x1a\0\0\0\0"])
def test_every_unicode_encoding_with_or_without_a_mark_and_padding(encoding, end):
    raw = open_file((TABLE + end).encode(encoding), "c.csv").raw
    assert raw.headers == ("patient_id", "prs_months", "died", "note") and not raw.findings
    assert raw.columns[3].cells().tolist() == ["Müller", "小细胞", "x"] and len(raw) == 3


def test_chinese_in_two_bytes_a_character():
    text = "患者,生存,状态\n" + "".join(f"病人{i},{i},死亡\n" for i in range(30))
    for encoding in ("utf-16-le", "utf-16-be"):
        assert open_file(text.encode(encoding), "c.csv").raw.headers == ("患者", "生存", "状态")


def test_zeros_inside_a_file_are_no_text():
    assert "unreadable character in line 2" in one_error(b"a,b\nx\0,1\n", "not-text", "c.csv").message


# ---------------------------------------------------------------- separators and headers
@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("patient_id died\nP1 1\nP2 0\n", "blanks"), ('"patient_id" "died"\n"1" "P 1" 1\n"2" "P 2" 0\n', "blanks"),
        ("patient_id   died\nP1           1\nP2           0\n", "blanks"),
        ("patient_id~died\nP1~1\nP2~0\n", "'~'"), ("patient_id:died\nP1:1\nP2:0\n", "':'"),
        ("a\uff0cb\n1\uff0c2\n", "'\uff0c'"),
    ],
)  # fmt: skip
def test_cells_that_another_sign_separates(text, sign):
    assert f"separated by {sign}" in one_error(text.encode(), "separator", "c.txt").message


def test_a_file_of_one_column():
    cohort = read_cohort(b"patient_id\nP1\nP2\n", "c.csv")
    assert [f.code for f in cohort.findings] == ["one-column"] and "tab" in cohort.findings[0].message
    assert open_file(b'"id"\n"lung; liver"\n', "c.csv").raw.columns[0].uniques == ("lung; liver",)


ROWS = "".join(f"P{i},{40 + i},{i + 2}.5,{i % 2},{i % 2}\n" for i in range(1, 9))
NAMES = "patient_id,age_years,prs_months,died,lung\n"


@pytest.mark.parametrize("above", ["a note on the study\n", ",,,,\n", "a note,,,,\n", "\n", "a note; and more\n"])
@pytest.mark.parametrize("n", [1, 39, 150])
def test_a_header_far_below(above, n):
    for sign in (",", ";", "\t"):
        text = (above * n).replace(",", sign)
        if sign == ";" and "; and" in text:
            continue
        raw = open_file(f"{text}{(NAMES + ROWS).replace(',', sign)}".encode(), "c.csv").raw
        assert raw.headers == ("patient_id", "age_years", "prs_months", "died", "lung") and raw.rows[0] == n + 2


def test_a_header_row_that_is_chosen_may_be_anywhere():
    text = "x,y,z,,\n" * 400 + NAMES + ROWS
    raw = open_file(text.encode(), "c.csv", read_options=ReadOptions(header_row=401)).raw
    assert raw.headers[0] == "patient_id" and len(raw) == 8
    error = one_error((NAMES + ROWS).encode(), "no-header", "c.csv", read_options=ReadOptions(header_row=99))
    assert "below the table" in error.message


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("patient_id,age_years,Survival,,Sites\n,,prs_months,died,lung\n", NAMES.strip().split(",")),
        (",,Survival,,Sites\n" + NAMES, NAMES.strip().split(",")),
        ("patient_id,Diagnosis,,Death,\n,date,stage,date,cause\n",
         ["patient_id", "Diagnosis date", "stage", "Death date", "cause"]),
        (",First,,Second,\npatient_id,lung,liver,lung,liver\n",
         ["patient_id", "First lung", "First liver", "Second lung", "Second liver"]),
        ("patient_id,age_years,Death,,Sites\n,,date,cause,lung\n",
         ["patient_id", "age_years", "Death date", "cause", "lung"]),
    ],
)  # fmt: skip
def test_a_header_of_two_rows(head, names):
    raw = open_file((head + ROWS).encode(), "c.csv").raw
    assert list(raw.headers) == names and raw.rows[0] == 3 and len(raw) == 8
    assert [f.severity for f in raw.findings] == ["info"]


@pytest.mark.parametrize("units", ["code,years,months,0/1,0/1\n", "text,numeric,numeric,binary,binary\n"])
def test_a_row_of_units_below_the_header_is_named(units):
    findings = inspect((NAMES + units + ROWS).encode(), "c.csv").findings
    assert "second-header" in [f.code for f in findings]


def test_a_first_patient_of_whom_nothing_is_known_is_no_header():
    text = f"{NAMES}P0,NA,unknown,NA,NA\n{ROWS}"
    assert len(open_file(text.encode(), "c.csv").raw) == 9
    assert "second-header" not in [f.code for f in inspect(text.encode(), "c.csv").findings]


def test_rows_without_names_above_them():
    error = one_error(ROWS.encode(), "no-header", "c.csv")
    assert "row 1 holds values" in error.message and "'41'" in error.message
    assert open_file(b"patient_id,2019,2020,2021\nP1,1,0,1\nP2,1,0,1\n", "c.csv").raw.headers[1] == "2019"
