"""A case before a board as a report, slides, screens and one page: its numbers are the core's, and nobody is named."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from conftest import ROOT
from office import to_pdf
from pypdf import PdfReader
from test_screens import assert_whole

from necc.analysis.patient import case
from necc.core.selection import Selection
from necc.core.text import format_number
from necc.ingest import entered, read_cohort
from necc.present.tables import Table
from necc.present.words import case as words
from necc.report.case import case_report, facts_table, literature_table, unnamed
from necc.report.case_sheet import case_sheet
from necc.report.screens import screens
from necc.report.slides import slides

FROM_TODAY = "Post-recurrence survival from today on"
DAY = date(2026, 11, 30)
QUESTION = "Surgery for the spleen, or systemic treatment first?"
OWN = "patient_id,histology,prs_months,died,recurrence_sites\n" + "".join(
    f"SECRET-{i:03d},{('small cell', 'large cell')[i % 2]},{i % 40 + 1}.5,{int(i % 3 == 0)},"
    f"{('lung', 'bone; liver')[i % 2]}\n"
    for i in range(60)
)


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(ROOT / "sample_data" / "reconstructed_cohort.csv")


@pytest.fixture(scope="module")
def one(cohort):
    return case(cohort, 2)


@pytest.fixture(scope="module")
def report(one):
    return case_report(one, QUESTION, day=DAY)


def words_of(content: bytes) -> str:
    """The words of slides or of a document."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return " ".join(parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels")))


# ---------------------------------------------------------------- the report
def part_of(item):
    """Its title without what it says in a few words."""
    return item.title.partition(": ")[0]


def test_a_title_says_what_its_screen_shows(cohort, one, report):
    said = {part_of(item): item.title.partition(": ")[2] for item in report.items}
    assert said[words.SITES] == "Abdominal organs" and said[words.RULE] == "13 of 87 others"
    similar, others = (c.curves[0].median.value for c in (one.similar_curve, one.whole_curve))
    assert said["Post-recurrence survival among the others"] == (
        f"median {format_number(similar)} in similar patients and {format_number(others)} months in all others"
    )
    year = next(row.estimate.value for row in one.conditional.rows if row.ahead == 12)
    assert said[FROM_TODAY] == f"{format_number(100 * year, 0)} % of others live 12 months more, given 8.0 months"
    most = max(one.received, key=lambda r: r.share.value)
    assert said[words.RECEIVED] == f"{most.label}, {most.n} of {most.of}"
    hidden = words.messages(one, smallest_cell=20)
    assert words.RULE not in hidden and words.RECEIVED not in hidden and words.FROM_TODAY in hidden
    alone = words.messages(case(cohort.subset([i == 1 for i in range(len(cohort))]), 2))
    assert set(alone) == {words.COURSE, words.SITES}


def test_a_case_goes_through_a_board_s_questions(report):
    assert [part_of(item) for item in report.items] == [
        words.FACTS, words.SITES, words.COURSE, words.RULE, "Post-recurrence survival among the others",
        FROM_TODAY, words.RECEIVED, words.LITERATURE, words.LIMITS,
    ]  # fmt: skip
    assert report.title == QUESTION and report.whom == "One patient beside 87 others" and report.day == DAY
    assert report.notice == "Synthetic data, not real patients"


def test_its_numbers_are_the_core_s(one, report):
    tables = {part_of(item): item.thing for item in report.items if isinstance(item.thing, Table)}
    assert dict(tables[words.FACTS].rows)["Histology"] == dict(one.facts)["Histology"]
    assert [row[1] for row in tables[words.RULE].rows] == [f"{step.n}" for step in one.similar.steps]
    assert [row[1] for row in tables[words.RECEIVED].rows][: len(one.received)] == [
        f"{r.n} of {r.of}" for r in one.received
    ]
    shown = [row[1] for row in tables[FROM_TODAY].rows]
    for text, row in zip(shown, one.conditional.rows, strict=True):
        if row.estimate.value is not None:
            assert text.startswith(f"{format_number(100 * row.estimate.value, 0)} %")
    conventions = dict(report.conventions)
    assert "87 other patients" in conventions["Compared with"] and conventions["Day"] == "2026-11-30"
    assert one.others.source.file_mark in conventions["Data"]


def test_who_died_is_looked_back_on(cohort):
    place = next(i for i in range(1, 89) if case(cohort, i).retrospective)
    made = case_report(case(cohort, place))
    assert FROM_TODAY not in [part_of(item) for item in made.items]
    assert any("This patient has died: what followed" in text for item in made.items if part_of(item) == words.LIMITS
               for _, texts in item.thing.parts for text in texts)  # fmt: skip


def test_literature_is_about_her_sites(cohort):
    brain = next(c for c in (case(cohort, i) for i in range(1, 89)) if c.sites == ("brain",))
    rows = literature_table(brain).rows
    assert rows and all("brain" in row[0].lower() for row in rows)
    other = case_report(next(c for c in (case(cohort, i) for i in range(1, 89)) if c.sites == ("other",)))
    assert words.LITERATURE not in [part_of(item) for item in other.items]
    assert any(words.LITERATURE in problem and "no published figure" in problem for problem in other.problems)


def test_a_patient_of_whom_nothing_is_known_has_a_report(cohort):
    typed = entered(cohort, {"histology": "small cell"})
    assert typed.cohort is not None
    made = case_report(case(cohort, typed.cohort))
    assert not any(item.missing for item in made.items) and made.problems
    assert_whole(screens(made))
    for kind in ("pdf", "docx"):
        assert case_sheet(case(cohort, typed.cohort), kind).content


def test_a_cohort_of_one_has_a_report(cohort):
    made = case_report(case(cohort.subset([i == 1 for i in range(len(cohort))]), 2))
    assert "0 others" in made.whom and made.problems and not any(i.missing for i in made.items)
    assert_whole(screens(made))


def test_a_filter_is_named_on_every_screen_and_nobody_else_is_called_all(cohort):
    chosen = Selection.parse(["histology=large cell"], cohort.columns)
    others, few = chosen.apply(cohort), chosen.describe(cohort)
    made = case_report(case(others, 2), chosen=few)
    drawn = screens(made)
    n = len(others)
    assert made.whom == f"One patient beside {n} of the cohort's 87 others ({few})"
    assert dict(made.conventions)["Compared with"] == f"{n} of the cohort's 87 others ({few})"
    assert all("large cell" in one.svg for one in drawn)
    standing = next(one for one in drawn if "patient-standing" in one.name)
    assert ">all others" not in standing.svg and "the others shown" in standing.title + standing.svg
    page = PdfReader(io.BytesIO(case_sheet(case(others, 2), "pdf", chosen=few).content)).pages[0]
    whom = f"{n} of the cohort's 87 others ({few})"
    assert f"One patient beside {whom}" in " ".join(page.extract_text().split())
    assert words_of(case_sheet(case(others, 2), "docx", chosen=few).content).count(whom) == 2  # as a convention, too
    long = case_sheet(case(others, 2), "docx", chosen="; ".join([few] * 60))
    assert words_of(long.content).count(few) < 30  # filters without end are cut, and leave the figures their room


def test_courses_of_single_patients_are_on_no_screen(cohort):
    few = case(cohort, 2, at_least=1, fields=["histology", "figo_stage", "n_sites", "age_gt_50", "lvsi"])
    assert few.fared, "the rule should leave too few for a curve"
    made = case_report(few)
    assert not any(getattr(item.thing, "name", "") == "patient-timelines" for item in made.items)
    assert f"{few.similar.n} similar patient" in " ".join(one.alt for one in screens(made))


def test_small_groups_are_not_described(cohort):
    few = case(cohort, 2, smallest_cell=20)
    made = case_report(few, smallest_cell=20)
    assert words.RECEIVED not in [part_of(item) for item in made.items]
    everything = " ".join(one.svg for one in screens(made))
    everything += words_of(case_sheet(few, "docx", smallest_cell=20).content)
    assert ">13<" not in everything and "8 of 9" not in everything and "13 similar" not in everything
    assert dict(made.conventions)["Similar"] == words.TOO_FEW_TO_DESCRIBE


def test_survival_from_today_on_stays_on_a_sheet_that_hides_small_numbers(cohort):
    made = case_sheet(case(cohort, 2, smallest_cell=5), "pdf", smallest_cell=5)
    text = " ".join(PdfReader(io.BytesIO(made.content)).pages[0].extract_text().split())
    assert "Of other patients alive 8.0 months after first recurrence, 78 %" in text and "8 of 9" not in text


# ---------------------------------------------------------------- screens and slides
def test_its_screens_are_whole_and_its_slides_open(report):
    made = screens(report)
    assert_whole(made)
    assert QUESTION.split()[0] in made[0].svg and "One patient beside 87 others" in made[0].svg
    deck = slides(report)
    assert deck.content[:2] == b"PK" and not deck.problems
    assert deck.content == slides(report).content


def test_nobody_is_named_anywhere(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN, encoding="utf-8")
    cohort = read_cohort(path)
    one = case(cohort, 8)
    assert "SECRET-007" in map(str, one.patient.ids)
    made = case_report(one, day=DAY)
    everything = " ".join(s.svg + s.alt + s.notes + s.name for s in screens(made))
    everything += words_of(slides(made).content) + words_of(case_sheet(one, "docx", day=DAY).content)
    pdf = PdfReader(io.BytesIO(case_sheet(one, "pdf", day=DAY).content))
    everything += pdf.pages[0].extract_text() + str(pdf.metadata)
    assert "SECRET" not in everything and "own.csv" not in everything and "Patient 8" not in everything
    assert not one.course.label.startswith("SECRET") and unnamed(one).course.patient_id == ""


# ---------------------------------------------------------------- one page
@pytest.mark.parametrize("place", [2, 1, 40])
def test_the_pdf_is_one_page_of_a4_with_what_a_file_needs(cohort, place):
    one = case(cohort, place)
    made = case_sheet(one, "pdf", QUESTION, day=DAY)
    pdf = PdfReader(io.BytesIO(made.content))
    assert len(pdf.pages) == 1 and not made.problems
    assert [round(float(v)) for v in pdf.pages[0].mediabox[2:]] in ([595, 842], [596, 842])
    text = " ".join(pdf.pages[0].extract_text().split())
    for said in (QUESTION, "87 others", "2026-11-30", one.others.source.file_mark, "Synthetic data, not real patients",
                 f"{one.similar.n} similar patients", "Kaplan-Meier"):  # fmt: skip
        assert said in text, said
    assert "/XObject" not in pdf.pages[0]["/Resources"] or not pdf.pages[0]["/Resources"].get("/XObject")  # vectors
    assert made.content == case_sheet(one, "pdf", QUESTION, day=DAY).content


def test_the_word_pages_are_one_page_each(cohort, soffice, tmp_path):
    files = []
    for place in (2, 40, 7):
        made = case_sheet(case(cohort, place), "docx", QUESTION * 3, day=DAY)
        files.append(tmp_path / f"case-{place}.docx")
        files[-1].write_bytes(made.content)
        assert "87 others" in words_of(made.content) and not made.problems
    for pdf in to_pdf(soffice, tmp_path, files).values():
        pages = PdfReader(pdf).pages
        assert len(pages) == 1
        assert "SHA-256" in pages[0].extract_text()


def test_facts_say_what_is_not_recorded(cohort):
    rows = dict(facts_table(case(cohort, 2)).rows)
    assert rows["FIGO stage (2008)"] == words.NOT_RECORDED and rows[words.SITES] == "Abdominal organs"


# ---------------------------------------------------------------- the command line
def test_the_command_writes_slides_and_pages(run, tmp_path):
    sample = ROOT / "sample_data" / "reconstructed_cohort.csv"
    deck, word, pdf = (tmp_path / name for name in ("case.pptx", "case.docx", "case.pdf"))
    files = ("--deck", deck, "--page", word, "--page", pdf, "--question", QUESTION)
    code, out, _ = run("patient", sample, "--place", 2, *files, "--json")
    assert code == 0 and out["files"] == [str(deck), str(word), str(pdf)]
    assert QUESTION in words_of(deck.read_bytes()) and QUESTION in words_of(word.read_bytes())
    assert len(PdfReader(pdf).pages) == 1
    code, _, error = run("patient", sample, "--place", 2, *files)
    assert code == 1 and "is there already; --force writes over it" in error
    assert run("patient", sample, "--place", 2, *files, "--force")[0] == 0


def test_the_command_does_not_tell_how_many_a_small_group_has(run):
    of = ("patient", ROOT / "sample_data" / "reconstructed_cohort.csv", "--place", 2, "--smallest-cell", 20)
    _, out, _ = run(*of, "--json")
    assert out["similar"]["n"] is None and not out["similar"]["steps"]
    assert "Similar patients: too few of 87 others to be described" in run(*of)[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--deck", "case.ppt"), "should end in .pptx"), (("--page", "case.txt"), "should end in .docx or .pdf"),
        (("--question", "Why?"), "--question stands in a file"),
    ],
)  # fmt: skip
def test_what_the_command_refuses(run, options, said):
    code, _, error = run("patient", ROOT / "sample_data" / "reconstructed_cohort.csv", "--place", 2, *options)
    assert code == 2 and said in error


def test_a_file_that_cannot_be_written_is_told(run, tmp_path):
    code, _, error = run("patient", ROOT / "sample_data" / "reconstructed_cohort.csv", "--place", 2, "--deck",
                         tmp_path / "no" / "such" / "case.pptx")  # fmt: skip
    assert code == 1 and "can't be written" in error


def test_what_is_hers_alone_stays_where_small_groups_are_hidden(cohort):
    """Her facts, sites and course are no group; of the others there is one curve, as far as enough are at risk."""
    made = case_report(case(cohort, 2, smallest_cell=5), smallest_cell=5)
    there = {part_of(item): item for item in made.items if not item.missing}
    assert {words.FACTS, words.SITES, words.COURSE, words.LITERATURE} < set(there)
    curve = there["Post-recurrence survival among the others"].thing
    assert "similar patients" not in curve.to_svg().lower() and "fewer than 5" in curve.caption
