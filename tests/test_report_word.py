"""The Word document: its parts as Word reads them, every number as the tables have it, opened by LibreOffice."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date

import docx
import numpy as np
import pytest
import reports
from cohorts import cohort_of, from_sample
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from office import pictures, text_of, to_pdf
from PIL import Image

from necc.analysis.survival import kaplan_meier
from necc.present import figures, tables
from necc.present.tables import Table
from necc.project import Project
from necc.report import make_report, ready
from necc.report.model import Prose
from necc.report.word import document
from necc.report.word.layout import lay_out, marks_of, parted, point_of, width_mm
from necc.report.word.looks import LANDSCAPE_MM, TEXT_MM

SYNTHETIC = "Synthetic data, not real patients"


@pytest.fixture(scope="module")
def sample():
    return from_sample("reconstructed_cohort.csv")


@pytest.fixture(scope="module")
def report(sample):
    return reports.usual(sample)


@pytest.fixture(scope="module")
def ready_report(sample):
    return make_report(Project(title="The paper", exhibits=ready(sample)), sample)


@pytest.fixture(scope="module")
def written(report):
    return document(report)


@pytest.fixture(scope="module")
def opened(written):
    return docx.Document(io.BytesIO(written.content))


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def cells(row) -> list[str]:
    """The cells of a row as they stand in the file; one that spans columns is followed by empty ones."""
    found = []
    for cell in row._tr.tc_lst:
        lines = [
            "".join(n.text if n.tag == qn("w:t") else "\n" for n in p.iter(qn("w:t"), qn("w:br"))) for p in cell.p_lst
        ]
        found += ["\n".join(lines)] + [""] * (cell.grid_span - 1)
    return found


def body_of(table) -> list[list[str]]:
    return [cells(row) for row in table.rows if row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is None]


def heads_of(table) -> list:
    return [row for row in table.rows if row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None]


def shown(table: Table) -> list[list[str]]:
    """The cells that the document should have: as the table has them, a mark that a note explains as a letter."""
    letters = marks_of(table)

    def cell(text: str) -> str:
        bare, marks = parted(text)
        return bare + ", ".join(letters[m] for m in marks) if marks and set(marks) <= set(letters) else text

    return [[cell(text) for text in row] for row in table.rows]


# ---------------------------------------------------------------- what is in it
def test_every_cell_of_every_table_is_there_as_it_is_shown(report, opened):
    wanted = [item.thing for item in report.items if item.kind == "table"]
    assert len(opened.tables) == len(wanted) == 12
    for table, made in zip(wanted, opened.tables, strict=True):
        assert body_of(made) == shown(table), table.title
        heads = [cells(row) for row in heads_of(made)]
        assert len(heads) in (1, 2)
        for j, column in enumerate(table.columns):
            said = ": ".join(filter(None, dict.fromkeys(row[j] for row in heads)))
            assert column in (said, heads[-1][j]) or column.endswith(f": {heads[-1][j]}"), column
    assert sum(len(heads_of(t)) == 2 for t in opened.tables) >= 1  # With: n, With: median


def test_captions_count_with_fields_and_references_have_their_number(report, opened):
    instructions = [n.text.strip() for n in opened.element.iter(qn("w:instrText"))]
    labels = [item.label for item in report.items if item.label]
    assert instructions.count("SEQ Table \\* ARABIC") == 12 and instructions.count("SEQ Figure \\* ARABIC") == 6
    bookmarks = [n.get(qn("w:name")) for n in opened.element.iter(qn("w:bookmarkStart"))]
    assert len(bookmarks) == len(set(bookmarks)) == len(report.items) + 1
    assert len({n.get(qn("w:id")) for n in opened.element.iter(qn("w:bookmarkStart"))}) == len(bookmarks)
    referred = [i.split()[1] for i in instructions if i.startswith("REF ")]
    assert referred == [label.replace(" ", "_") for label in labels] and set(referred) <= set(bookmarks)
    anchors = {n.get(qn("w:anchor")) for n in opened.element.iter(qn("w:hyperlink"))}
    assert anchors and anchors <= set(bookmarks)
    captions = [p.text for p in opened.paragraphs if p.style.name == "Caption"]
    for item in report.items:
        if item.label:
            (caption,) = [c for c in captions if c.startswith(f"{item.label}. ")]
            assert caption.startswith(f"{item.label}. {item.title}")
            assert item.caption in caption
    assert "w:updateFields" not in parts_text(opened, "word/settings.xml")


def parts_text(opened, name: str) -> str:
    file = io.BytesIO()
    opened.save(file)
    return parts(file.getvalue())[name].decode()


def test_what_a_reader_needs_stands_under_each_exhibit(report, opened):
    text = "\n".join(p.text for p in opened.paragraphs)
    for item in report.items:
        if item.kind == "table":
            for note in item.thing.notes:
                assert re.sub(r"^[*\u2020\u2021]+ ", "", note) in text, note
    assert text.count(f"All patients (n = {len(report.cohort):,}).") == len(report.items) - 1  # not of what is missing
    assert text.count(f"{SYNTHETIC}.") >= len(report.items)
    for section in opened.sections:
        assert SYNTHETIC in section.header.paragraphs[0].text
    for name, said in report.conventions:
        assert f"{name}. " in text and said[1:] in text
    headings = [(p.style.name, p.text) for p in opened.paragraphs if p.style.name.startswith("Heading")]
    assert ("Heading 1", "Methods") in headings and ("Heading 2", "Statistics") in headings
    assert headings[-1] == ("Heading 1", "Conventions")
    assert "The cohort has no column 'figo_1988'." in text


def test_figures_are_vectors_with_pixels_and_words_beside_them(report, opened, written):
    drawings = list(opened.element.iter(qn("wp:docPr")))
    wanted = [item for item in report.items if item.kind == "figure"]
    assert [d.get("descr") for d in drawings] == [item.thing.alt for item in wanted]
    assert [d.get("name") for d in drawings] == [item.label for item in wanted]
    assert len({d.get("id") for d in drawings}) == len(drawings)
    files = parts(written.content)
    vectors = sorted(name for name in files if name.endswith(".svg"))
    assert len(vectors) == len(wanted) == 6
    assert b'ContentType="image/svg+xml"' in files["[Content_Types].xml"]
    embedded = [n.get(qn("r:embed")) for n in opened.element.iter() if n.tag.endswith("}svgBlip")]
    assert len(embedded) == 6 and all(opened.part.rels[r].target_part.blob.startswith(b"<svg") for r in embedded)
    for shape, blip in zip(opened.inline_shapes, opened.element.iter(qn("a:blip")), strict=True):
        assert shape.width.mm <= TEXT_MM + 0.5 and shape.height.mm <= 216
        pixels = Image.open(io.BytesIO(opened.part.rels[blip.get(qn("r:embed"))].target_part.blob))
        assert pixels.format == "PNG" and pixels.width / (shape.width.inches) == pytest.approx(300, abs=1)


def test_the_document_says_its_language_and_nothing_of_who_made_it(opened, written, report):
    files = parts(written.content)
    styles = files["word/styles.xml"].decode()
    assert '<w:lang w:val="en-GB"' in styles and 'w:eastAsia="Arial"' in styles and "Theme" not in styles
    assert opened.core_properties.title == report.title and opened.core_properties.author == ""
    assert opened.core_properties.created.date() == date(2026, 3, 1)
    whole = b"".join(files.values())
    for word in (b"python-docx", b"2013-12", b"Macintosh", b"thumbnail"):
        assert word not in whole, word
    assert not [name for name in files if "thumbnail" in name or "customXml" in name or "Effects" in name]
    section = opened.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    foot = section.footer.paragraphs[0]._p.xml
    assert " PAGE " in foot and "NUMPAGES" in foot


def test_tables_are_named_and_their_heads_are_repeated(opened):
    for table in opened.tables:
        properties = table._tbl.tblPr
        assert properties.find(qn("w:tblCaption")).get(qn("w:val")).startswith("Table ")
        assert "Columns: " in properties.find(qn("w:tblDescription")).get(qn("w:val"))
        rows = table._tbl.tr_lst
        assert rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        lines = [b.get(qn("w:sz")) for b in table._tbl.iter(qn("w:top"), qn("w:bottom")) if b.get(qn("w:sz"))]
        assert {"12", "6"} <= set(lines) and not list(table._tbl.iter(qn("w:insideV")))
        for row in rows:
            assert sum(c.width.twips for c in row.tc_lst) == pytest.approx(
                sum(c.width.twips for c in rows[-1].tc_lst), abs=9
            )


# Of each element the order of what it holds (ECMA-376, part 1, annex A): Word refuses another, LibreOffice doesn't.
ORDER = {
    "pPr": "pStyle keepNext keepLines numPr tabs spacing ind contextualSpacing jc outlineLvl sectPr",
    "rPr": "rFonts b bCs i iCs color sz szCs vertAlign lang",
    "tblPr": "tblW tblInd tblLayout tblCellMar tblLook tblCaption tblDescription",
    "trPr": "cantSplit tblHeader",
    "tcPr": "tcW gridSpan vMerge tcBorders vAlign",
    "tcBorders": "top bottom",
    "sectPr": "headerReference footerReference type pgSz pgMar cols docGrid",
    "style": "name basedOn next uiPriority semiHidden qFormat pPr rPr tblPr",
    "lvl": "start numFmt lvlText lvlJc pPr rPr",
    "settings": "zoom defaultTabStop characterSpacingControl compat themeFontLang decimalSymbol listSeparator",
}


def test_elements_stand_in_the_order_that_word_asks_for(sample, written):
    wide = Table("W", "wide", ("", *(f"A: {j}" for j in range(14))), (("a*", *["12 (21.8)"] * 14),), ("* Marked.",))
    turned = document(reports.report_of(sample, [("W", wide, ()), ("N", replace(wide, columns=("",) * 15), ())]))
    seen = set()
    for name, part in (*parts(written.content).items(), *parts(turned.content).items()):
        if not name.startswith("word/") or not name.endswith(".xml") or "theme" in name:
            continue
        for node in parse_xml(part).iter():
            kind = str(node.tag).rpartition("}")[2]
            if kind in ORDER and node.tag == qn(f"w:{kind}"):
                places = [ORDER[kind].split().index(child.tag.rpartition("}")[2]) for child in node]
                assert places == sorted(places), (name, kind, [child.tag for child in node])
                seen.add(kind)
    assert seen == set(ORDER)


def test_the_same_report_gives_the_same_bytes(report, written):
    assert document(report).content == written.content
    assert document(replace(report, day=date(2026, 3, 2))).content != written.content


# ---------------------------------------------------------------- how a table is set
def test_decimals_stand_below_each_other(sample):
    shown_as = ("26.6 (22.9\u201356.9)", "5.1 (3\u20134)", "\u2013", "not reached", "\u2026")
    table = Table("A", "a", ("", "HR (95 % CI)"), tuple(zip("xyzwv", shown_as, strict=True)))
    opened = docx.Document(io.BytesIO(document(reports.report_of(sample, [("A", table, ())])).content))
    indents = []
    for row in opened.tables[0].rows[1:]:
        ind = row._tr.tc_lst[1].p_lst[0].pPr.find(qn("w:ind"))
        indents.append(0 if ind is None else int(ind.get(qn("w:right"))))
    after = [width_mm(text[point_of(text) :], 9) for text in shown_as[:2]]
    assert indents[0] == 0 and indents[3] == 0
    assert indents[1] == pytest.approx((after[0] - after[1]) * 1440 / 25.4, abs=1)
    assert indents[4] == indents[2] == pytest.approx(after[0] * 1440 / 25.4, abs=1)


def kept(opened, place: int = 0) -> list[bool]:
    """Whether each row of a table stays with the next one."""
    rows = opened.tables[place]._tbl.tr_lst
    return [row.tc_lst[0].p_lst[0].pPr.find(qn("w:keepNext")) is not None for row in rows][1:]


def test_a_short_table_is_on_one_page_and_a_variable_of_a_long_one_with_its_levels(sample):
    short = Table("S", "s", ("", "n"), tuple((f"row {i}", "1") for i in range(20)))
    lines = [(0, (f"variable {i}", "")) if i % 4 == 0 else (1, (f"level {i}", "1")) for i in range(48)]
    long = Table.of_lines("L", "l", ("", "n"), lines)
    report = reports.report_of(sample, [("S", short, ()), ("L", long, ())])
    opened = docx.Document(io.BytesIO(document(report).content))
    assert all(kept(opened)) and len(kept(opened)) == 20
    assert kept(opened, 1)[:9] == [True, True, True, False, True, True, True, False, True]
    assert kept(opened, 1)[-2:] == [True, True]  # the last with the notes


def test_marks_become_letters_in_the_order_of_reading():
    table = Table(
        "A", "a", ("", "p", "HR"), (("x", "0.01 \u2021", "2.1\u2020"), ("y*", "0.02", "0.9**")),
        ("\u2020 Penalised.", "\u2021 Moves. * not explained", "n*m"),
    )  # fmt: skip
    assert marks_of(table) == {"\u2021": "a", "\u2020": "b", "*": "c"}
    assert shown(table) == [["x", "0.01a", "2.1b"], ["yc", "0.02", "0.9**"]]
    assert marks_of(Table("A", "a", ("*",), (("**",),))) == {}


@pytest.mark.parametrize(("columns", "turned", "n_parts"), [(6, False, 1), (14, True, 1), (120, True, 7)])
def test_a_wide_table_turns_the_page_then_is_set_in_parts(sample, columns, turned, n_parts):
    heads = ("Group", *(f"level {j}" for j in range(columns)))
    table = Table("Wide", "wide", heads, tuple((f"row {i}", *["12 (21.8)"] * columns) for i in range(3)))
    layout = lay_out(table)
    assert layout.turned == turned and len(layout.parts) == n_parts
    assert [j for part in layout.parts for j in part.columns if j] == list(range(1, columns + 1))
    for part in layout.parts:
        assert part.columns[0] == 0 and sum(part.widths) <= (LANDSCAPE_MM if turned else TEXT_MM) + 0.01
        assert min(part.widths[1:]) >= width_mm("12 (21.8)", layout.points) + 2
    note = Table("Narrow", "narrow", ("", "n"), (("all", "88"),))
    opened = docx.Document(io.BytesIO(document(reports.report_of(sample, [("W", table, ()), ("N", note, ())])).content))
    assert [bool(s.orientation) for s in opened.sections] == ([False, True, False] if turned else [False])
    assert len(opened.tables) == n_parts + 1
    assert [p.text for p in opened.paragraphs if "part 2 of" in p.text] == (
        [f"Table 1. W (part 2 of {n_parts})"] if n_parts > 1 else []
    )
    assert not [p for p in opened.paragraphs if p._p.pPr.find(qn("w:sectPr")) is not None and not p.text]


def test_a_break_of_pages_after_a_figure_has_no_height_and_leaves_its_number(sample):
    wide = Table("W", "wide", ("", *map(str, range(14))), (("a", *["12 (21.8)"] * 14),))
    drawn = figures.survival_curves(kaplan_meier(sample, "PRS"))
    opened = docx.Document(io.BytesIO(document(reports.report_of(sample, [("F", drawn, ()), ("W", wide, ())])).content))
    (ending,) = [p for p in opened.paragraphs if p._p.pPr.find(qn("w:sectPr")) is not None][:1]
    assert not ending.text and ending.paragraph_format.line_spacing.pt == 1
    assert not list(ending._p.iter(qn("w:bookmarkStart")))


# ---------------------------------------------------------------- odd input
EVIL = (
    '=HYPERLINK("http://x")', "<w:p>&amp;</w:p>", "\u202eright to left\u202c \u05d0\u05d1", "\u6f22\u5b57",
    "\U0001f600", "x" * 3000, "a\x0bb\x00c", "line\nbreak", "]]>", "%s {0}",
)  # fmt: skip


def test_labels_stay_text_whatever_they_hold(sample):
    table = Table(
        "<b>", "evil", ("Group", *EVIL[:3]), tuple((text, "1", text[:50], "3") for text in EVIL), EVIL, (), (2,)
    )
    prose = Prose("text", ((EVIL[0], EVIL), (EVIL[1], (EVIL[6],))), True)
    report = reports.report_of(sample, [(EVIL[1], table, ()), (EVIL[0], prose, ()), (EVIL[3], EVIL[1], ())], EVIL[1])
    made = document(report)
    opened = docx.Document(io.BytesIO(made.content))
    clean = [text.replace("\x0b", "\ufffd").replace("\x00", "\ufffd") for text in EVIL]
    assert [row[0] for row in body_of(opened.tables[0])] == clean
    assert made.problems == () and opened.core_properties.title == EVIL[1]
    long = docx.Document(io.BytesIO(document(replace(report, title="x" * 3000)).content))
    assert len(long.sections[0].header.paragraphs[0].text) < 250
    assert not [r for r in opened.part.rels.values() if r.is_external]


def test_a_figure_that_fails_is_named_in_its_place_and_the_rest_is_made(sample):
    km = kaplan_meier(sample, "PRS")
    drawn, table = figures.survival_curves(km), tables.survival_summary(km)

    def fails(style):
        raise ValueError("no font on this computer draws '\U000f0000'")

    broken = replace(drawn, again=fails)
    made = document(reports.report_of(sample, [("Broken", broken, ()), ("Medians", table, ()), ("Whole", drawn, ())]))
    assert made.problems == ("'Broken' isn't here: no font on this computer draws '\U000f0000'",)
    opened = docx.Document(io.BytesIO(made.content))
    text = "\n".join(p.text for p in opened.paragraphs)
    assert "Figure 1. 'Broken' isn't here: no font on this computer draws" in text
    assert len(opened.tables) == 1 and len(opened.inline_shapes) == 1


def test_a_character_without_a_font_leaves_the_figure_there(sample):
    strange = "\U000f0000b"  # a private one, which no font has
    n = len(sample)
    marked = cohort_of({"time": np.arange(1.0, n + 1), "event": [1] * n, "arm": [strange, "a"] * (n // 2)})
    km = kaplan_meier(marked, "T", "arm")
    made = document(reports.report_of(marked, [("Curves", figures.survival_curves(km), ())]))
    assert made.problems == (
        "'Curves': no font on this computer draws '\\U000f0000'; its vectors have them as text, its pixels "
        "\u25a1 instead",
    )
    held = parts(made.content)
    (vectors,) = [content.decode() for name, content in held.items() if name.endswith(".svg")]
    assert re.search(rf"<text[^>]*>[^<]*{strange}", vectors) and vectors.count("<text") < vectors.count("<path")
    (shown,) = [content for name, content in held.items() if name.endswith(".png")]
    with Image.open(io.BytesIO(shown)) as image:
        assert image.convert("L").getextrema()[0] < 80
    assert len(docx.Document(io.BytesIO(made.content)).inline_shapes) == 1


def test_what_is_marked_of_a_lacking_figure_is_its_number_alone(sample):
    drawn = figures.survival_curves(kaplan_meier(sample, "PRS"))

    def fails(style):
        raise ValueError("it can't be drawn")

    made = document(reports.report_of(sample, [("Broken", replace(drawn, again=fails), ())]))
    opened = docx.Document(io.BytesIO(made.content))
    (lacking,) = [p for p in opened.paragraphs if p.style.name == "Not Made"]
    xml = lacking._p.xml
    marked = xml[xml.index("bookmarkStart") : xml.index("bookmarkEnd")]
    assert re.findall(r"<w:t[^>]*>([^<]*)</w:t>", marked) == ["Figure 1"]


def test_nobody_and_one_patient_and_an_empty_table(sample):
    one = cohort_of({"time": [3.0], "event": [1], "age": [50.0]})
    nobody = one.subset([False])
    for cohort in (one, nobody):
        km = kaplan_meier(cohort, "T")
        things = [("Curves", figures.survival_curves(km), ()), ("Medians", tables.survival_summary(km), ()),
                  ("Empty", Table("E", "e", ("", "n"), ()), ())]  # fmt: skip
        made = document(reports.report_of(cohort, things))
        opened = docx.Document(io.BytesIO(made.content))
        assert made.problems == () and len(opened.tables) == 2 and "Synthetic" not in opened.element.xml
        assert "Nothing to show." in [p.text for p in opened.paragraphs if p.style.name == "Table Note"]
    nothing = docx.Document(io.BytesIO(document(reports.report_of(sample, [])).content))
    assert [p.text for p in nothing.paragraphs if p.style.name == "Heading 1"] == ["In this document", "Conventions"]


def test_progress_is_told_and_may_stop_it(report):
    told: list[tuple[float, str]] = []
    document(replace(report, items=report.items[:3]), lambda share, what: told.append((share, what)))
    assert [what for _, what in told] == [*(i.title for i in report.items[:3]), "Conventions"]
    assert told[0][0] == 0 and all(a[0] < b[0] < 1 for a, b in zip(told, told[1:], strict=False))

    class Stopped(Exception):
        pass

    def stop(share: float, what: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        document(report, stop)


def test_problems_that_are_not_told_in_place_are_told_at_the_end(report):
    more = replace(report, problems=("the cohort has no column 'figo_1988'", "the disk is full"))
    text = [p.text for p in docx.Document(io.BytesIO(document(more).content)).paragraphs]
    assert text[-1] == "The disk is full." and text[-2] == "Not in this document"


# ---------------------------------------------------------------- another program
def test_libreoffice_shows_the_captions_the_numbers_and_the_figures(
    soffice, report, ready_report, written, sample, tmp_path
):
    wide = Table("W", "wide", ("Group", *(f"level {j}" for j in range(30))), (("a", *["12 (21.8)"] * 30),), ("End.",))
    long = Table("L", "long", ("Level", "n"), tuple((f"level {i}", f"{i:,}") for i in range(400)), ("Last.",))
    evil = Table("E", "evil", ("Label", "n"), tuple((text, "1") for text in EVIL))
    odd = document(reports.report_of(sample, [("Wide", wide, ()), ("Long", long, ()), ("Odd", evil, ())]))
    (tmp_path / "usual.docx").write_bytes(written.content)
    (tmp_path / "odd.docx").write_bytes(odd.content)
    (tmp_path / "ready.docx").write_bytes(document(ready_report).content)
    made = to_pdf(soffice, tmp_path, [tmp_path / f"{name}.docx" for name in ("usual", "odd", "ready")])
    ready_text = " ".join(text_of(made["ready"]).split())
    for item in ready_report.items:  # once in the list of exhibits, by a field, and once in its caption
        assert len(re.findall(rf"{item.label}\.? {re.escape(item.title)}", ready_text)) >= 2, item.label or item.title
    assert "Error" not in ready_text
    text = " ".join(text_of(made["usual"]).split())
    for item in report.items:
        if item.label:
            assert f"{item.label}. {item.title}" in text, item.label
    for item in report.items:
        if item.kind == "table" and item.title != "REMARK":
            for row in item.thing.rows:
                assert all(cell.split(" ")[0] in text for cell in row if re.search(r"\d", cell)), row
    pages = text_of(made["usual"]).split("\f")[:-1]
    assert all(SYNTHETIC in page for page in pages) and f"Page 1 of {len(pages)}" in text
    images = [np.asarray(Image.open(path).convert("RGB")).astype(int) for path in pictures(made["usual"])]
    assert len(images) == len(pages) > 5
    assert all(np.ptp(image) > 100 for image in images)  # no blank page
    blue = [np.count_nonzero((image[..., 0] < 60) & (image[..., 2] > 140)) for image in images]
    assert sum(count > 100 for count in blue) >= 2  # bars and curves are drawn
    pages = text_of(made["odd"]).split("\f")[:-1]
    assert sum("Level" in page and "level" in page for page in pages) > 5  # a head on each page of 400 rows
    whole = " ".join(" ".join(pages).split())
    assert "level 399" in whole and "=HYPERLINK" in whole and "part 2 of 2" in whole
