"""Formats: each read from a file that the format's own library or program wrote, and what damaged ones are told."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import time
import zipfile
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from necc.cli import main
from necc.core.errors import CohortError
from necc.ingest import FORMATS, SUFFIXES, Mapping, ReadOptions, formats_in_words, inspect, open_file, read_cohort

FILES = Path(__file__).parent / "files"
HEAD = ("patient_id", "histology", "diagnosis_date", "died", "prs_months", "site_lung")
ROWS = (
    ("P1", "small cell", dt.date(2015, 1, 31), 1, 12.5, 1),
    ("P2", "large cell", dt.date(2016, 2, 29), 0, 3.0, 0),
    ("P3", "NEC NOS", None, 1, 0.1, 1),
)


def is_the_cohort(cohort) -> None:
    """The three patients, whatever file they came in."""
    assert cohort.ids == ("P1", "P2", "P3")
    assert cohort.data["histology"].tolist() == ["small cell", "large cell", "NEC NOS"]
    dates = cohort.data["diagnosis_date"]
    assert dates.tolist()[:2] == [pd.Timestamp("2015-01-31"), pd.Timestamp("2016-02-29")] and dates.isna().tolist()[2]
    prs = cohort.endpoint("PRS")
    assert prs.time.tolist() == [12.5, 3, 0.1] and prs.event.tolist() == [True, False, True]
    assert cohort.factor("site:lung").counts() == (1, 2)


def the_r_cohort(cohort) -> None:
    """The three patients of files/cohort.R."""
    assert cohort.ids == ("A1", "A2", "A3")
    assert cohort.factor("histology").counts() == (2, 1)
    dates = cohort.data["diagnosis_date"].dt.strftime("%Y-%m-%d").tolist()
    assert dates == ["2015-01-31", "2016-02-29", "2017-12-01"]
    assert cohort.factor("died").codes.tolist() == [1, 0, 1]
    assert np.array_equal(cohort.number("prs_months"), [12.5, 3, np.nan], equal_nan=True)


def workbook(*sheets: tuple[str, list], **cells: object) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for place, value in cells.items():
        book.worksheets[0][place] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def one_error(data: bytes, code: str, name: str = "c.xlsx", **options):
    found = [f for f in inspect(data, name, **options).findings if f.severity == "error"]
    assert [f.code for f in found] == [code], found
    return found[0]


class TestExcel:
    def test_values_dates_and_numbers(self):
        is_the_cohort(read_cohort(workbook(("Data", [HEAD, *ROWS])), "c.xlsx"))

    def test_found_by_content_whatever_its_name(self):
        is_the_cohort(read_cohort(workbook(("Data", [HEAD, *ROWS])), "export.csv"))

    def test_the_fullest_sheet_or_the_chosen_one(self):
        other = [["patient_id", "age_years"], ["X1", 50]]
        data = workbook(("Notes", [["read me"]]), ("Data", [HEAD, *ROWS]), ("Old", other))
        cohort = read_cohort(data, "c.xlsx")
        is_the_cohort(cohort)
        told = next(f for f in cohort.findings if f.code == "sheet")
        assert "'Data'" in told.message and "'Notes'" in told.message and "'Old'" in told.message
        assert read_cohort(data, "c.xlsx", read_options=ReadOptions(sheet="Old")).ids == ("X1",)
        assert open_file(data, "c.xlsx").raw.sheets == ("Notes", "Data", "Old")
        assert "no sheet 'Nope'" in one_error(data, "no-such-sheet", read_options=ReadOptions(sheet="Nope")).message

    def test_title_rows_above_the_header(self):
        rows = [["Recurrent NECC, export of 3 May"], [], HEAD, *ROWS]
        cohort = read_cohort(workbook(("Data", rows)), "c.xlsx")
        is_the_cohort(cohort)
        told = next(f for f in cohort.findings if f.code == "title-rows")
        assert "row 3" in told.message and cohort.data.index.tolist() == [4, 5, 6]
        assert read_cohort(workbook(("Data", rows)), "c.xlsx", read_options=ReadOptions(header_row=3)).ids == (
            "P1",
            "P2",
            "P3",
        )

    def test_rows_are_those_of_the_sheet(self):
        rows = [HEAD, ROWS[0], [], ["P9", "Smal cell", None, 1, 1, 0]]
        finding = one_error(workbook(("Data", rows)), "unknown-level")
        assert finding.row == 4 and "did you mean 'small cell'" in finding.message

    def test_merged_cells_are_told(self):
        book = openpyxl.load_workbook(io.BytesIO(workbook(("Data", [HEAD, *ROWS]))))
        book["Data"].merge_cells("B3:B4")
        buffer = io.BytesIO()
        book.save(buffer)
        cohort = read_cohort(buffer.getvalue(), "c.xlsx")
        told = next(f for f in cohort.findings if f.code == "merged-cells")
        assert "B3:B4" in told.message and told.row == 3
        assert cohort.data["histology"].isna().tolist() == [False, False, True]

    def test_a_formula_that_was_never_calculated_is_refused(self):
        data = workbook(("Data", [HEAD, *ROWS]), E3="=1+2")
        assert one_error(data, "formula-without-value").row == 3

    def test_truth_values_and_long_numbers(self):
        data = workbook(("Data", [["patient_id", "died", "ratio"], ["A", True, 0.1 + 0.2], ["B", False, 44.0]]))
        cohort = read_cohort(data, "c.xlsx")
        assert cohort.factor("died").codes.tolist() == [1, 0]
        assert cohort.number("ratio").tolist() == [0.3, 44.0]

    def test_an_empty_sheet_and_a_header_alone(self):
        assert one_error(workbook(("Data", [])), "empty-file")
        assert one_error(workbook(("Data", [HEAD])), "no-patients")

    def test_not_a_workbook(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("readme.md", "hello")
        assert "not an Excel workbook" in one_error(buffer.getvalue(), "unreadable-file").message
        assert one_error(b"PK\x03\x04 and nothing else", "unreadable-file")
        assert "old .xls" in one_error(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "unknown-format", "c.xls").message

    def test_damaged_parts(self):
        data = workbook(("Data", [HEAD, *ROWS]))
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
            for member in old.namelist():
                body = old.read(member)
                new.writestr(member, body[: len(body) // 2] if "sheet1" in member else body)
        assert one_error(buffer.getvalue(), "unreadable-file")


class TestBombs:
    """Refused within seconds, before anything is unpacked."""

    def zipped(self, size: int, name: str = "xl/worksheets/sheet1.xml") -> bytes:
        data = workbook(("Data", [HEAD, *ROWS]))
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
            for member in old.namelist():
                if member != name:
                    new.writestr(member, old.read(member))
            with new.open(name, "w") as part:
                for _ in range(size // 2**20):
                    part.write(b" " * 2**20)
        return buffer.getvalue()

    @pytest.mark.parametrize("megabytes", [60, 300])
    def test_a_zip_bomb(self, megabytes):
        data = self.zipped(megabytes * 2**20)
        assert len(data) < 2**20
        begin = time.process_time()
        assert one_error(data, "workbook-too-large")
        assert time.process_time() - begin < 2

    def test_a_thousand_and_one_columns(self):
        assert one_error(workbook(("D", [[f"c{i}" for i in range(1001)], [1] * 1001])), "too-many-columns")

    def test_a_lonely_cell_far_away(self):
        begin = time.process_time()
        far = workbook(("D", [HEAD, *ROWS]), XFD900000="x")
        assert one_error(far, "too-many-columns")
        is_the_cohort(read_cohort(workbook(("D", [HEAD, *ROWS]), A900000=" "), "c.xlsx"))
        assert time.process_time() - begin < 30

    def test_a_document_type_in_xml_is_not_expanded(self):
        data = workbook(("Data", [HEAD, *ROWS]))
        lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol" * 10}">' for i in range(12))
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
            for member in old.namelist():
                body = old.read(member).decode()
                if member == "xl/worksheets/sheet1.xml":
                    body = f"<?xml version='1.0'?><!DOCTYPE x [{lol}]><worksheet><a>&l11;</a></worksheet>"
                new.writestr(member, body)
        begin = time.process_time()
        assert one_error(buffer.getvalue(), "unreadable-file")
        assert time.process_time() - begin < 5


CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
    "<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"
)


def spreadsheet(*sheets: tuple[str, list], start: str = "", manifest: str = "") -> bytes:
    """An OpenDocument spreadsheet as LibreOffice writes it. Rows and cells are values, or their XML."""
    tables = ""
    for name, rows in sheets:
        tables += f'<table:table table:name="{name}">'
        for row in rows:
            tables += row if isinstance(row, str) else f"<table:table-row>{''.join(map(cell, row))}</table:table-row>"
        tables += "</table:table>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        archive.writestr("content.xml", start + CONTENT.format(tables))
    return buffer.getvalue()


def cell(value: object, more: str = "", of: str = "table-cell") -> str:
    """A cell of an OpenDocument table."""
    if isinstance(value, str) and value.startswith("<"):
        return value
    if value is None:
        return f"<table:{of} {more}/>"
    kind, written = "string", ""
    if isinstance(value, bool):
        kind, written = "boolean", f'office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, (int, float)):
        kind, written = "float", f'office:value="{value}"'
    elif isinstance(value, dt.date):
        kind, written = "date", f'office:date-value="{value}"'
    types = f'office:value-type="{kind}" calcext:value-type="{kind}"'
    return f"<table:{of} {types} {written} {more}><text:p>{escape(str(value))}</text:p></table:{of}>"


class TestOpenDocument:
    def test_values_dates_and_numbers(self):
        is_the_cohort(read_cohort(spreadsheet(("Data", [HEAD, *ROWS])), "c.ods"))

    def test_found_by_content_whatever_its_name(self):
        data = spreadsheet(("Data", [HEAD, *ROWS]))
        for name in ("export.csv", "export.xlsx", "export"):
            is_the_cohort(read_cohort(data, name))
        is_the_cohort(read_cohort(workbook(("Data", [HEAD, *ROWS])), "c.ods"))

    def test_a_file_of_another_program(self):
        """python-calamine 0.9.1 reads the same cells, but for the line break in the remark."""
        cohort = read_cohort(FILES / "cohort.ods")
        the_r_cohort(cohort)
        assert cohort.data.index.tolist() == [5, 6, 7]
        assert set(open_file(FILES / "cohort.ods").raw.column("remark").uniques) == {"two  more\nmore", "x", ""}
        assert cohort.number("share").tolist() == [0.385, 0.4, 0.4]
        by_code = {f.code: f.message for f in cohort.findings}
        assert {"sheet", "title-rows", "merged-cells"} <= set(by_code) and "G6:G7" in by_code["merged-cells"]

    def test_the_fullest_sheet_or_the_chosen_one(self):
        other = [["patient_id", "age_years"], ["X1", 50]]
        data = spreadsheet(("Notes", [["read me"]]), ("Data", [HEAD, *ROWS]), ("Old", other))
        cohort = read_cohort(data, "c.ods")
        is_the_cohort(cohort)
        message = next(f for f in cohort.findings if f.code == "sheet").message
        assert "'Data'" in message and "'Notes'" in message and "'Old'" in message
        assert read_cohort(data, "c.ods", read_options=ReadOptions(sheet="Old")).ids == ("X1",)
        assert open_file(data, "c.ods").raw.sheets == ("Notes", "Data", "Old")
        assert one_error(data, "no-such-sheet", "c.ods", read_options=ReadOptions(sheet="Nope"))

    def test_repeated_cells_and_rows(self):
        nine = cell(None, 'table:number-columns-repeated="9"')
        blank = f'<table:table-row table:number-rows-repeated="3">{nine}</table:table-row>'
        same, gap = (cell(v, 'table:number-columns-repeated="2"') for v in (1, None))
        rows = [["patient_id", "a", "b", "c", "d"], ["P1", same, 2, 3], blank, ["P2", gap, 5, 6]]
        raw = open_file(spreadsheet(("Data", rows)), "c.ods").raw
        assert raw.rows.tolist() == [2, 6] and raw.headers == ("patient_id", "a", "b", "c", "d")
        assert [c.cells().tolist() for c in raw.columns[1:]] == [["1", ""], ["1", ""], ["2", "5"], ["3", "6"]]

    def test_times_errors_and_long_numbers(self):
        clock = '<table:table-cell office:value-type="time" office:time-value="PT09H05M00S"/>'
        broken = (
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""'
            ' calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
        )
        rows = [["patient_id", "at", "ratio", "sum", "died"], ["A", clock, 0.1 + 0.2, broken, True]]
        raw = open_file(spreadsheet(("Data", rows)), "c.ods").raw
        assert [c.cells()[0] for c in raw.columns] == ["A", "09:05:00", "0.3", "#DIV/0!", "TRUE"]

    def test_a_formula_that_was_never_calculated_is_refused(self):
        rows = [HEAD, ROWS[0], ["P2", "small cell", None, 1, cell(None, 'table:formula="of:=1+2"'), 1]]
        finding = one_error(spreadsheet(("Data", rows)), "formula-without-value", "c.ods")
        assert finding.row == 3 and "E3" in finding.message and "LibreOffice" in finding.message

    def test_merged_cells_hide_what_they_cover(self):
        merged = cell("large cell", 'table:number-rows-spanned="2"')
        covered = cell("small cell", of="covered-table-cell")
        rows = [HEAD, ["P1", merged, None, 1, 2, 1], ["P2", covered, None, 1, 3, 0]]
        cohort = read_cohort(spreadsheet(("Data", rows)), "c.ods")
        assert "B2:B3" in next(f for f in cohort.findings if f.code == "merged-cells").message
        assert cohort.data["histology"].isna().tolist() == [False, True]

    def test_empty_broken_and_protected_files(self):
        assert one_error(spreadsheet(("Data", [])), "empty-file", "c.ods")
        assert one_error(spreadsheet(), "no-sheet", "c.ods")
        assert one_error(spreadsheet(("Data", [HEAD])), "no-patients", "c.ods")
        whole = spreadsheet(("Data", [HEAD, *ROWS]))
        assert ".ods workbook" in one_error(whole[: len(whole) // 2], "unreadable-file", "c.ods").message
        protected = spreadsheet(("D", [HEAD]), manifest="<manifest:encryption-data/>")
        assert "password" in one_error(protected, "encrypted", "c.ods").message
        assert "zip file without a workbook" in one_error(b"PK\x03\x04 no more", "unreadable-file", "c.csv").message

    def test_bombs(self):
        """A few hundred bytes that ask for 17 thousand million cells, far columns, or entities in entities."""
        begin = time.process_time()
        wide = cell("x", 'table:number-columns-repeated="16384"')
        rows = f'<table:table-row table:number-rows-repeated="1048576">{wide}</table:table-row>'
        assert one_error(spreadsheet(("D", [HEAD, rows])), "workbook-too-large", "c.ods")
        assert one_error(spreadsheet(("D", [[wide]])), "too-many-columns", "c.ods")
        lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol" * 10}">' for i in range(12))
        assert one_error(spreadsheet(("D", [HEAD]), start=f"<!DOCTYPE x [{lol}]>"), "unreadable-file", "c.ods")
        far = f'<table:table-row table:number-rows-repeated="99999999999">{cell(None)}</table:table-row>'
        is_the_cohort(read_cohort(spreadsheet(("D", [HEAD, *ROWS, far])), "c.ods"))
        assert time.process_time() - begin < 5


class TestParquet:
    @pytest.fixture
    def frame(self):
        frame = pd.DataFrame(ROWS, columns=HEAD)
        return frame.assign(histology=frame["histology"].astype("category"), died=frame["died"].astype(bool))

    def test_dates_truth_values_and_categories(self, frame):
        is_the_cohort(read_cohort(parquet(frame), "c.parquet"))
        is_the_cohort(read_cohort(parquet(frame), "export.csv"))
        stamped = frame.assign(diagnosis_date=pd.to_datetime(frame["diagnosis_date"]))
        is_the_cohort(read_cohort(parquet(stamped.set_index("patient_id"), compression="zstd"), "c.parquet"))

    def test_whole_numbers_with_gaps_and_long_ones(self):
        frame = pd.DataFrame({"patient_id": [2**60, 2**60 + 1], "age_years": pd.array([44, None], "Int64")})
        raw = open_file(parquet(frame.set_axis([5, 6])), "c.parquet").raw
        assert raw.kind == "Parquet file" and raw.headers == ("patient_id", "age_years")
        assert raw.columns[0].uniques == (str(2**60), str(2**60 + 1)) and raw.columns[1].uniques == ("44", "")

    def test_nested_columns_are_left_out_with_a_finding(self, frame):
        nested = frame.assign(where=[["lung"], [], ["liver"]], scan=[b"a", b"b", b"c"])
        cohort = read_cohort(parquet(nested), "c.parquet")
        is_the_cohort(cohort)
        finding = next(f for f in cohort.findings if f.code == "nested-column")
        assert finding.severity == "warning" and "'where' and 'scan'" in finding.message
        assert not {"where", "scan"} & set(cohort.table.columns)

    def test_no_patients_and_damaged_files(self, frame):
        assert one_error(parquet(frame.head(0)), "no-patients", "c.parquet")
        data = parquet(frame)
        for damaged in (data[:-20], data[: len(data) // 2], b"PAR1", b"nonsense" * 50):
            assert one_error(damaged, "unreadable-file", "c.parquet")

    def test_limits(self):
        wide = pd.DataFrame([[1] * 1001], columns=[f"c{i}" for i in range(1001)])
        assert one_error(parquet(wide), "too-many-columns", "c.parquet")
        tall = pd.DataFrame({f"c{i}": np.zeros(40_000, dtype=bool) for i in range(900)})
        assert "40,000 rows" in one_error(parquet(tall), "file-too-large", "c.parquet").message


class TestTypedNumbers:
    def test_numbers_of_four_bytes_keep_their_seven_digits(self, tmp_path):
        frame = pd.DataFrame(
            {"patient_id": ["A", "B"], "prs_months": np.array([0.1, 12.3], np.float32), "died": [1, 0]}
        )
        assert read_cohort(parquet(frame), "c.parquet").endpoint("PRS").time.tolist() == [0.1, 12.3]
        frame.to_stata(tmp_path / "c.dta", write_index=False)
        assert read_cohort(tmp_path / "c.dta").endpoint("PRS").time.tolist() == [0.1, 12.3]

    def test_times_in_a_zone_are_told_where_they_are_no_midnight(self):
        night = pd.to_datetime(["2015-01-30 23:00", None]).tz_localize("UTC")
        for times, n in ((night, 1), (night.tz_convert("Europe/Berlin"), 0)):
            frame = pd.DataFrame({"patient_id": ["A", "B"], "diagnosis_date": times})
            cohort = read_cohort(parquet(frame), "c.parquet")
            assert len([f for f in cohort.findings if f.code == "time-zone"]) == n
            assert str(cohort.data["diagnosis_date"].iloc[0])[:10] == ("2015-01-30" if n else "2015-01-31")


def parquet(frame: pd.DataFrame, **options: object) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, **options)
    return buffer.getvalue()


class TestFormatsSaidOnce:
    def test_the_readme_names_every_format(self):
        readme = (FILES.parent.parent / "README.md").read_text(encoding="utf-8")
        assert formats_in_words().partition("CSV")[2] in readme.replace("\n", " ").replace("CSV in any dialect", "CSV")

    def test_refusal_and_help_name_what_is_read(self, capsys):
        message = one_error(b"x", "unknown-format", "c.docx").message
        assert all(suffix in message for known in FORMATS for suffix in known.suffixes)
        with pytest.raises(SystemExit):
            main(["km", "--help"])
        help_text = " ".join(capsys.readouterr().out.split())
        assert all(known.name in help_text for known in FORMATS)


class TestStatisticalPrograms:
    @pytest.fixture
    def frame(self):
        frame = pd.DataFrame(ROWS, columns=HEAD)
        return frame.assign(diagnosis_date=pd.to_datetime(frame["diagnosis_date"]).dt.date)

    def test_spss_with_labels_and_declared_missing(self, frame, tmp_path):
        coded = frame.assign(histology=[1.0, 2.0, 3.0], age=[44.0, 999.0, 51.0])
        pyreadstat.write_sav(
            coded, tmp_path / "c.sav", missing_ranges={"age": [999]}, column_labels={"age": "Age at diagnosis"},
            variable_value_labels={"histology": {1: "small cell", 2: "large cell", 3: "NEC NOS"}},
        )  # fmt: skip
        cohort = read_cohort(tmp_path / "c.sav")
        is_the_cohort(cohort)
        assert np.array_equal(cohort.number("age_years"), [44, np.nan, 51], equal_nan=True)
        assert [f.code for f in cohort.findings if f.severity == "info"] == ["user-missing"]
        assert open_file(tmp_path / "c.sav").raw.column("age").label == "Age at diagnosis"

    def test_compressed_spss(self, frame, tmp_path):
        pyreadstat.write_sav(frame, tmp_path / "c.zsav", compress=True)
        is_the_cohort(read_cohort(tmp_path / "c.zsav"))

    def test_stata(self, frame, tmp_path):
        coded = frame.assign(histology=[1, 2, 3])
        labels = {"histology": {1: "small cell", 2: "large cell", 3: "NEC NOS"}}
        pyreadstat.write_dta(coded, tmp_path / "c.dta", variable_value_labels=labels)
        is_the_cohort(read_cohort(tmp_path / "c.dta"))

    def test_sas_transport(self, frame, tmp_path):
        names = ["PATIENT", "HISTOL", "DX_DATE", "DIED", "PRSMON", "LUNG"]
        short = frame.set_axis(names, axis=1)
        pyreadstat.write_xport(short, tmp_path / "c.xpt", file_format_version=5)
        raw = open_file(tmp_path / "c.xpt").raw
        assert raw.kind == "SAS transport file" and len(raw) == 3
        renamed = frame.rename(columns={"diagnosis_date": "dx_date"})
        pyreadstat.write_xport(renamed, tmp_path / "c8.xpt", file_format_version=8)
        is_the_cohort(read_cohort(tmp_path / "c8.xpt"))

    def test_sas(self):
        path = FILES / "cohort.sas7bdat"
        assert open_file(path).raw.headers == ("patient_id", "histology", "diagnosis_date", "died", "prs_months")
        the_r_cohort(read_cohort(path))

    def test_r(self):
        pytest.importorskip("pyreadr", reason="the extra 'rds' is not installed")
        the_r_cohort(read_cohort(FILES / "cohort.rds"))

    @pytest.mark.parametrize(("version", "encoding"), [(2, b""), (3, b"\0\0\0\x05UTF-8")])
    def test_r_without_a_data_frame(self, version, encoding, recwarn):
        """`saveRDS(list(1), compress = FALSE, version = 2 or 3)` of R 4.2, and what it says of itself."""
        pytest.importorskip("pyreadr", reason="the extra 'rds' is not installed")
        head = b"X\n" + version.to_bytes(4, "big") + bytes.fromhex("0004020200030500") + encoding
        data = head + bytes.fromhex("00000013000000010000000e000000013ff0000000000000")
        for packed in (data, gzip.compress(data)):
            message = one_error(packed, "unreadable-file", "c.rds").message
            assert "holds a list, no data frame" in message and not list(recwarn)

    def test_r_without_its_library(self, monkeypatch):
        import sys

        monkeypatch.setitem(sys.modules, "pyreadr", None)
        finding = one_error((FILES / "cohort.rds").read_bytes(), "missing-extra", "cohort.rds")
        assert "necc[rds]" in finding.message and "write.csv" in finding.message

    @pytest.mark.parametrize("suffix", ["sav", "dta", "sas7bdat", "xpt", "rds"])
    def test_damaged(self, suffix):
        if suffix == "rds":
            pytest.importorskip("pyreadr")
        for data in (b"nonsense" * 50, b"\0" * 500, b"$FL2" + b"x" * 300):
            found = inspect(data, f"c.{suffix}").findings
            assert found and found[0].severity == "error" and found[0].message


class TestCBioPortal:
    TEXT = (
        "#Patient Identifier\tOverall Survival Status\tOverall Survival (Months)\tDFS\tDFS (Months)\tSex\n"
        "#Patient\tStatus\tMonths\tStatus\tMonths\tSex\n#STRING\tSTRING\tNUMBER\tSTRING\tNUMBER\tSTRING\n#1\t1\t1\t1\t1\t1\n"
        "PATIENT_ID\tOS_STATUS\tOS_MONTHS\tDFS_STATUS\tDFS_MONTHS\tSEX\n"
        "A\t1:DECEASED\t12.5\t1:Recurred/Progressed\t3\tFemale\n"
        "B\t0:LIVING\t40\t0:DiseaseFree\t40\t#other\n"
        "C\t[Not Available]\t7\t1:Recurred/Progressed\t2\tFemale\n"
    )

    def test_pairs_are_endpoints(self):
        cohort = read_cohort(self.TEXT.encode(), "data_clinical_patient.txt")
        os = cohort.endpoint("OS")
        assert os.event.tolist() == [True, False, False] and os.time[:2].tolist() == [12.5, 40]
        assert [e.n for e in os.excluded] == [1] and os.excluded[0].reason == "event not recorded"
        dfs = cohort.endpoint("DFS")
        assert dfs.event.tolist() == [True, False, True] and dfs.time.tolist() == [3, 40, 2]
        assert cohort.data.index.tolist() == [6, 7, 8]
        assert "#other" in cohort.data["SEX"].tolist()


class TestCdisc:
    def adtte(self, **extra: object) -> pd.DataFrame:
        rows = [
            ("S-1", "T", "OS", "Overall Survival (Days)", 365.25, 0, "A"),
            ("S-1", "T", "PFS", "Progression Free Survival (Days)", 100.0, 0, "A"),
            ("S-2", "T", "OS", "Overall Survival (Days)", 730.5, 1, "B"),
            ("S-2", "T", "PFS", "Progression Free Survival (Days)", 200.0, 1, "B"),
            ("S-3", "T", "OS", "Overall Survival (Days)", 30.0, 0, "A"),
        ]
        names = ["USUBJID", "STUDYID", "PARAMCD", "PARAM", "AVAL", "CNSR", "ARM"]
        return pd.DataFrame(rows, columns=names).assign(**extra)

    def test_adtte_is_folded_and_the_censoring_inverted(self, tmp_path):
        pyreadstat.write_xport(self.adtte(), tmp_path / "adtte.xpt", file_format_version=5)
        cohort = read_cohort(tmp_path / "adtte.xpt")
        assert cohort.ids == ("S-1", "S-2", "S-3")
        os = cohort.endpoint("OS")
        assert os.unit == "months" and os.event.tolist() == [True, False, True]
        assert os.time == pytest.approx([12, 24, 30 * 12 / 365.25], abs=1e-12)
        pfs = cohort.endpoint("PFS")
        assert pfs.event.tolist() == [True, False, False] and int(pfs.valid.sum()) == 2
        assert cohort.factor("ARM").levels == ("A", "B")
        assert "CNSR 0 became the event" in next(f for f in cohort.findings if f.code == "folded").message

    def test_a_unit_in_months(self):
        data = self.adtte(AVALU="MONTHS", PARAM="x", AVAL=[12, 1, 24, 2, 3]).to_csv(index=False).encode()
        cohort = read_cohort(data, "adtte.csv")
        assert cohort.endpoint("OS").time.tolist() == [12, 24, 3]

    def test_a_time_without_a_unit_is_asked(self):
        data = self.adtte().drop(columns="PARAM").to_csv(index=False).encode()
        result = inspect(data, "adtte.csv")
        keys = {q.key for q in result.questions}
        assert result.cohort is None and keys == {"unit:OS_TIME", "unit:PFS_TIME"}
        cohort = inspect(data, "adtte.csv", answers=[f"{key}=days" for key in sorted(keys)]).cohort
        assert cohort.endpoint("OS").time == pytest.approx([12, 24, 30 * 12 / 365.25], abs=1e-12)

    def test_the_same_parameter_twice_is_refused(self):
        data = pd.concat([self.adtte(), self.adtte().iloc[[0]]]).to_csv(index=False).encode()
        assert one_error(data, "long-file", "adtte.csv").row == 7

    def test_adsl(self, tmp_path):
        adsl = pd.DataFrame(
            {"USUBJID": ["S-1", "S-2"], "AGE": [44.0, 61.0], "DTHFL": ["Y", ""],
             "TRTSDT": [dt.date(2019, 4, 3), dt.date(2019, 5, 6)]}
        )  # fmt: skip
        pyreadstat.write_xport(adsl, tmp_path / "adsl.xpt", file_format_version=5)
        cohort = read_cohort(tmp_path / "adsl.xpt")
        assert cohort.ids == ("S-1", "S-2") and cohort.number("age_years").tolist() == [44, 61]
        assert cohort.data["TRTSDT"].dt.strftime("%Y-%m-%d").tolist() == ["2019-04-03", "2019-05-06"]


class TestRedcap:
    CODEBOOK = (
        '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
        '"Choices, Calculations, OR Slider Labels","Field Note","Identifier?"\n'
        "record_id,base,,text,Record ID,,,\n"
        "full_name,base,,text,Name,,,y\n"
        'histology,base,,radio,Histology,"1, small cell | 2, large cell | 3, NEC NOS",,\n'
        'sites,base,,checkbox,Sites of first recurrence,"1, Lung | 2, Liver | 3, Thoracic Spine | 4, Elsewhere",,\n'
        "remarks,base,,notes,Remarks,,,\n"
    )
    RAW = (
        "record_id,full_name,histology,sites___1,sites___2,sites___3,sites___4,remarks,base_complete\n"
        "1,Ann Lee,1,1,1,0,0,seen in May,2\n2,Bea May,3,0,0,1,0,,2\n3,Cat Ray,2,0,0,0,1,,0\n"
    )
    LABELS = (
        "Record ID,Histology,Sites of first recurrence (choice=Lung),Sites of first recurrence (choice=Liver),"
        "Complete?\n"
        "1,small cell,Checked,Checked,Complete\n2,NEC NOS,Unchecked,Unchecked,Incomplete\n"
    )

    def test_raw_with_the_data_dictionary(self):
        cohort = read_cohort(self.RAW.encode(), "export.csv", codebook=self.CODEBOOK.encode())
        assert cohort.ids == ("1", "2", "3")
        assert cohort.data["histology"].tolist() == ["small cell", "NEC NOS", "large cell"]
        assert cohort.factor("site:lung").codes.tolist() == [1, 0, 0]
        assert cohort.factor("site:abdominal").codes.tolist() == [1, 0, 0]
        assert cohort.factor("site:bone").codes.tolist() == [0, 1, 0]
        assert cohort.factor("site:other").codes.tolist() == [0, 0, 1]
        assert not {"full_name", "remarks", "base_complete"} & set(cohort.table.columns)

    def test_raw_without_it_keeps_the_codes_and_drops_the_name(self):
        inspection = inspect(self.RAW.encode(), "export.csv")
        assert {f.code for f in inspection.findings if f.severity == "error"} == {"unknown-level"}
        cohort = read_cohort(self.RAW.replace("histology", "hist_code").encode(), "export.csv")
        assert "full_name" not in cohort.table.columns and cohort.number("hist_code").tolist() == [1, 3, 2]
        assert any(f.code == "could-name-a-patient" and f.column == "full_name" for f in cohort.findings)

    def test_labels(self):
        cohort = read_cohort(self.LABELS.encode(), "labels.csv")
        assert cohort.ids == ("1", "2")
        assert cohort.factor("site:lung").codes.tolist() == [1, 0]
        assert cohort.factor("organ:liver").codes.tolist() == [1, 0]

    def test_events_are_folded(self):
        text = (
            "record_id,redcap_event_name,age,weight\n1,base_arm_1,44,60\n1,visit_arm_1,,58\n2,base_arm_1,51,70\n"
            "2,visit_arm_1,,71\n"
        )
        cohort = read_cohort(text.encode(), "c.csv")
        assert cohort.ids == ("1", "2") and cohort.number("age_years").tolist() == [44, 51]
        assert cohort.number("weight (base_arm_1)").tolist() == [60, 70]
        assert cohort.number("weight (visit_arm_1)").tolist() == [58, 71]

    @pytest.mark.parametrize(
        ("answer", "time", "died"), [("last", [12, 5], [1, 0]), ("first", [0, 0], [0, 0]), ("each", None, None)]
    )
    def test_a_field_in_every_event_is_asked(self, answer, time, died):
        text = (
            "record_id,redcap_event_name,age,os_months,died\n1,base_arm_1,44,0,0\n1,visit_1_arm_1,,6,0\n"
            "1,visit_2_arm_1,,12,1\n2,base_arm_1,51,0,0\n2,visit_1_arm_1,,5,0\n2,visit_2_arm_1,,,\n"
        )
        error = one_error(text.replace("died", "remark").encode(), "question", "c.csv")
        assert "'os_months' and 'remark'" in error.message and '"events:=last"' in error.message
        found = inspect(text.encode(), "c.csv").findings
        assert "question" in [f.code for f in found]
        if time is None:
            raw = open_file(text.encode(), "c.csv", read_options=ReadOptions(events="each")).raw
            assert "died (visit_2_arm_1)" in raw.headers
        else:
            cohort = read_cohort(text.encode(), "c.csv", answers=[f"events:={answer}"])
            assert cohort.endpoint("OS").time.tolist() == time and cohort.endpoint("OS").event.tolist() == died

    def test_repeats_that_differ_are_left_out_and_told(self):
        text = (
            "record_id,redcap_repeat_instrument,redcap_repeat_instance,age,drug\n1,,,44,\n1,line,1,,cisplatin\n"
            "1,line,2,,paclitaxel\n2,,,51,\n2,line,1,,topotecan\n"
        )
        cohort = read_cohort(text.encode(), "c.csv")
        assert cohort.ids == ("1", "2") and "drug" not in cohort.table.columns
        told = next(f for f in cohort.findings if f.code == "folded")
        assert told.severity == "warning" and "'drug'" in told.message

    def test_a_codebook_that_is_none(self):
        error = one_error(self.RAW.encode(), "codebook", "c.csv", codebook=b"a,b\n1,2\n")
        assert "Variable / Field Name" in error.message


class TestLongFiles:
    def test_recognised_and_refused_with_what_to_do(self):
        rows = "".join(f"P{i // 3},{i % 3},CR\n" for i in range(30))
        finding = one_error(f"patient_id,visit,answer\n{rows}".encode(), "long-file", "c.csv")
        assert "30 rows of 10 patients" in finding.message and "pivot" in finding.message


class TestText:
    def test_a_chosen_encoding(self):
        data = "patient_id,remark\nP1,小细胞\nP2,復發\n".encode("big5", "ignore")
        assert read_cohort(data, "c.csv", read_options=ReadOptions(encoding="big5")).data["remark"].tolist()[0]
        assert one_error(data, "encoding", "c.csv", read_options=ReadOptions(encoding="klingon"))
        assert one_error(data, "encoding", "c.csv", read_options=ReadOptions(encoding="utf-8"))

    def test_a_chosen_decimal_sign(self):
        data = b'patient_id,prs_months,died\nP1,"12,5",1\nP2,"3,25",0\n'
        assert [f.code for f in inspect(data, "c.csv").findings] == ["not-a-number", "not-a-number"]
        cohort = read_cohort(data, "c.csv", read_options=ReadOptions(decimal=","))
        assert cohort.number("prs_months").tolist() == [12.5, 3.25]

    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
    def test_western_letters(self, encoding):
        cohort = read_cohort("patient_id,ort\nP1,Köln\nP2,Nîmes\n".encode(encoding), "c.csv")
        assert cohort.data["ort"].tolist() == ["Köln", "Nîmes"]

    def test_a_cell_of_a_hundred_thousand_characters(self):
        begin = time.process_time()
        assert one_error(b"patient_id,x\nP1," + b"y" * 100_000 + b"\n", "long-cell", "c.csv").row == 2
        assert time.process_time() - begin < 5

    @pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
    def test_a_first_line_that_names_the_separator(self, line):
        text = f"{line}\r\npatient_id;remark, or none;age_years\r\nP1;a, b;44\r\nP2;c;x\r\n"
        findings = inspect(text.encode("utf-8-sig"), "c.csv").findings
        assert {(f.code, f.row) for f in findings} == {("sep-line", 1), ("not-a-number", 4)}
        raw = open_file(text.replace("P2;c;x", "P2;c;51").encode(), "c.csv").raw
        assert raw.headers == ("patient_id", "remark, or none", "age_years") and raw.rows.tolist() == [3, 4]
        assert raw.findings[0].severity == "info" and "semicolon" in raw.findings[0].message

    def test_rows_below_a_named_separator_keep_their_numbers(self):
        found = one_error(b"sep=,\n# x\n# y\npatient_id,age_years\nP1,44\nP2,45,46\n", "ragged-row", "c.csv")
        assert found.row == 6 and "row 6: 3 cells" in found.message
        assert one_error(b"sep=~\npatient_id~x\nP1~2\n", "sep-line", "c.csv").row == 1
        assert one_error(b'sep=,\npatient_id,x\nP1,"2\n', "quotes", "c.csv").row == 3

    def test_progress_is_told(self):
        told = []
        read_cohort(
            b"patient_id,age_years\nP1,44\n", "c.csv", progress=lambda share, phrase: told.append((share, phrase))
        )
        shares = [s for s, _ in told]
        assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1 and all(p for _, p in told)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(set(SUFFIXES) - {"rds", "rda", "rdata"})), st.binary(max_size=300))
def test_no_bytes_end_in_a_traceback(suffix, data):
    assert isinstance(inspect(data, f"c.{suffix}").findings, tuple)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damaged_file_ends_in_a_traceback(data):
    """A real workbook or transport file with some bytes changed, or cut short."""
    whole = bytearray(data.draw(st.sampled_from(_real_files())))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(1, len(whole)))])
    inspection = inspect(cut, "c.csv")
    assert inspection.accepted or any(f.severity == "error" and f.message for f in inspection.findings)


@cache  # a workbook holds the time it was written: made again, it would be another
def _real_files() -> list[bytes]:
    rows = ("Data", [HEAD, *ROWS])
    tables = [workbook(rows), spreadsheet(rows), parquet(pd.DataFrame(ROWS, columns=HEAD))]
    return [*tables, TestCBioPortal.TEXT.encode(), TestRedcap.RAW.encode()]


letters = st.characters(codec="utf-8", exclude_categories=("C",))
cells = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False, allow_infinity=False),
    st.dates(dt.date(1900, 3, 1), dt.date(2100, 1, 1)), st.text(letters, max_size=8),
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(cells, min_size=1, max_size=5), max_size=6))
def test_no_sheet_ends_in_a_traceback(rows):
    inspection = inspect(workbook(("Data", rows)), "c.xlsx")
    assert inspection.accepted or any(f.severity == "error" for f in inspection.findings)


def test_a_mapping_s_read_options_choose_the_sheet():
    data = workbook(("Data", [HEAD, *ROWS]), ("Old", [["patient_id", "age_years"], ["X1", 50]]))
    mapping = Mapping(read_options=ReadOptions(sheet="Old"))
    with pytest.raises(CohortError):
        read_cohort(data, "c.xlsx", mapping=Mapping(read_options=ReadOptions(sheet="None such")))
    assert read_cohort(data, "c.xlsx", mapping=mapping).number("age_years").tolist() == [50]
