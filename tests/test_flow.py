"""The flow of patients: typed numbers, the file's rows, filters and the analysis, against counts by hand."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from page_helpers import failures, tables, view_alone, words

from necc.analysis.flow import FlowStep, TypedStep, flow, typed_steps
from necc.analysis.survival import kaplan_meier
from necc.cli import main
from necc.core.errors import AnalysisError, SelectionError
from necc.core.estimate import Exclusion
from necc.core.selection import Selection
from necc.ingest import inspect
from necc.present import figures
from necc.present import tables as rendered
from necc.present.figures import Style
from necc.present.words.explain import EXPLANATIONS

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = from_sample("reconstructed_cohort.csv")
FILE = ROOT / "sample_data" / "reconstructed_cohort.csv"
# ten patients: three without an age, two without a time
TEN = necc_cohort(
    {"age_years": [35, 45, 55, None, 65, 41, None, 52, 60, None],
     "prs_months": [2, None, 6, 8, 30, 3, 5, None, 9, 24], "died": [1, 1, 0, 1, 0, 1, 0, 1, 1, 0],
     "arm": ["a", "b", "a", "b", "a", "b", "a", "b", "a", None]},
)  # fmt: skip


def boxes(result):
    return [(s.label, s.n, [(e.reason, e.n) for e in s.excluded]) for s in result.steps]


def shown(figure) -> str:
    return "\n".join("".join(t.itertext()) for t in ET.fromstring(figure.to_svg()).iter(f"{SVG}text"))


# ---------------------------------------------------------------- what a person types
@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("126 screened", TypedStep(126, "screened")), ("1,260 screened", TypedStep(1260, "screened")),
        ("126 women, 2010-2023", TypedStep(126, "women, 2010-2023")),
        ("19 with no follow-up", TypedStep(19, "with no follow-up")),  # only a sign or a word leaves out
    ],
)  # fmt: skip
def test_a_line_is_a_number_and_what_it_counts(line, step):
    assert typed_steps(line) == (step,)


@pytest.mark.parametrize(
    "line",
    ["-19 no follow-up", "− 19 no follow-up", "–19 no follow-up", "19 excluded: no follow-up",
     "19 patients were excluded (no follow-up)", "19 left out, no follow-up", "-19 excluded: no follow-up",
     "19 Excluded – no follow-up."],
)  # fmt: skip
def test_who_was_left_out_is_written_in_many_ways(line):
    assert typed_steps(f"126 screened\n\n  {line}")[1] == TypedStep(19, "no follow-up", True)


def test_an_exclusion_may_have_no_reason():
    assert typed_steps("126 screened\n19 excluded")[1] == TypedStep(19, "reason not given", True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("screened", "line 1, 'screened', has no whole number in front"),
        ("126 screened\n\n12.5 lost", "line 3, '12.5 lost', has no whole number in front"),
        ("126", "line 1, '126', has a number and no words"),
        ("126 screened\n-19", "line 2, '-19', says no reason"),
        ("-19 no follow-up", "leaves out of nobody: begin with how many there were"),
        ("999999999999 screened", "is more than 100,000,000 patients"),
        ("1 " + "x" * 300, "has 302 characters where 200 fit"),
        ("\n".join("abcdef"), "and 3 more lines like these; write '126 screened'"),
        ("\n".join(f"{i} x" for i in range(50)), "50 lines of numbers from before the file; at most 40"),
    ],
)
def test_another_form_is_refused_with_its_line_and_how_to_write_it(text, said):
    with pytest.raises(AnalysisError, match="^") as error:
        typed_steps(text)
    assert said in str(error.value)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), max_size=20))
def test_typed_numbers_come_back_as_they_were(numbers):
    numbers = [(n, left and bool(i)) for i, (n, left) in enumerate(numbers)]
    text = "\n".join(f"{'-' if left else ''}{n:,} step {i}" for i, (n, left) in enumerate(numbers))
    assert [(s.n, s.is_left_out) for s in typed_steps(text)] == numbers


# ---------------------------------------------------------------- the steps
def test_every_step_is_counted_by_hand():
    result = flow(TEN, Selection.parse(["age_years=40..60"]), endpoint="PRS", by="arm")
    # 45, 55, 41, 52 and 60 stay; of them the patients 2 and 8 have no time: 55 and 60 are of arm a, 41 of b
    assert boxes(result) == [
        ("Patients in the file", 10, []),
        ("Age at diagnosis: 40–60", 5, [("another value", 2), ("not recorded", 3)]),
        ("Analysed: Post-recurrence survival", 3, [("time not recorded", 2)]),
    ]
    assert [(a.name, a.n, a.n_events) for a in result.arms] == [("a", 2, 1), ("b", 1, 1)]
    assert (result.n, result.n_events, result.notes, result.contradictions) == (3, 2, (), ())


def test_who_has_no_value_of_the_factor_is_left_out_and_told():
    result = flow(TEN, by="arm")
    assert boxes(result)[-1] == ("By arm", 9, [("'arm' not recorded", 1)])
    assert [(a.name, a.n, a.n_events) for a in result.arms] == [("a", 5, None), ("b", 4, None)]
    assert result.n_events is None and result.label == ""


@pytest.mark.parametrize("where", [[], ["figo_stage=III"], ["figo_stage=III,missing", "age_years>50", "lvsi=yes"]])
@pytest.mark.parametrize("by", [None, "site:lung", "histology"])
def test_the_last_step_is_what_the_curves_analyse(where, by):
    selection = Selection.parse(where)
    result = flow(SAMPLE, selection, endpoint="PRS", by=by)
    km = kaplan_meier(selection.apply(SAMPLE), "PRS", by)
    assert (result.n, result.n_events, result.steps[-1].excluded) == (km.n, km.n_events, km.excluded)
    if by:
        assert [(a.name, a.n, a.n_events) for a in result.arms] == [(c.name, c.n, c.n_events_total) for c in km.curves]
    for above, step in zip(result.steps, result.steps[1:], strict=False):
        assert step.n == above.n - step.n_excluded == step.expected
    filters = [s for s in result.steps if s.kind == "filter"]
    assert [(s.label, s.n) for s in filters] == [(s.label, s.n_after) for s in selection.attrition(SAMPLE)]


def test_typed_numbers_that_add_up_lead_to_the_file():
    result = flow(TEN, before=["31 screened", "-19 no follow-up", "12 eligible", "-2 declined"])
    assert boxes(result) == [
        ("Screened", 31, []), ("Eligible", 12, [("no follow-up", 19)]), ("Patients in the file", 10, [("declined", 2)])
    ]  # fmt: skip
    assert result.contradictions == result.notes == ()
    assert [s.kind for s in result.steps] == ["typed", "typed", "file"]


def test_numbers_that_do_not_add_up_stand_as_they_are_and_are_told():
    result = flow(TEN, before="31 screened\n-19 no follow-up\n14 eligible")
    assert [(s.label, s.n, s.expected, s.surplus) for s in result.contradictions] == [
        ("Eligible", 14, 12, 2), ("Patients in the file", 10, 14, -4)
    ]  # fmt: skip
    assert "12 patients, but 'Eligible' has 14: 2 more" in result.notes[0] and "4 fewer" in result.notes[1]
    figure = figures.flow(result)
    for place in (shown(figure).replace("\n", " "), figure.alt):
        assert "2 more than the steps above leave" in place and "4 fewer than the steps above leave" in place
    assert "has 14: 2 more, which nothing here explains." in figure.caption
    cells = [cell for row in rendered.flow(result).rows for cell in row]
    assert "Doesn't add up: 2 more than the steps above leave" in cells
    assert Style().color(1) in figure.to_svg()  # the arrow there has the second colour
    assert Style().color(1) not in figures.flow(flow(TEN, before="10 screened")).to_svg()


def test_more_left_out_than_there_were_is_told():
    assert "9 too many" in flow(TEN, before="10 screened\n-19 no follow-up\n3 eligible").notes[0]


def test_what_the_cohort_lacks_is_an_error():
    for more in ({"endpoint": "PFS2"}, {"by": "nothing"}, {"before": "abc"}):
        with pytest.raises(AnalysisError):
            flow(TEN, **more)
    with pytest.raises(SelectionError):
        flow(TEN, Selection.parse(["nothing=1"]))


def test_a_filtered_cohort_flows_from_the_whole():
    part = TEN.subset(np.arange(10) < 4)
    assert flow(part) == flow(TEN) and flow(TEN).steps == (
        FlowStep("file", "Patients in the file", 10, selection=Selection()),
    )


# ---------------------------------------------------------------- the rows of the file
ROWS = "patient_id,prs_months,died\nP1,3,1\nP2,5,0\nP2,5,0\nP3,8,1\nTotal,,\n"


def test_rows_that_a_person_left_out_are_the_first_steps():
    first = inspect(ROWS.encode(), "rows.csv")
    answers = [f"{q.key}={a.name}" for q in first.remedies for a in q.answers]
    inspection = inspect(ROWS.encode(), "rows.csv", answers=answers)
    assert inspection.accepted, [f.message for f in inspection.findings]
    cohort = inspection.cohort
    assert cohort.source.no_patients == (
        Exclusion("a total, a note or a heading", 1), Exclusion("equal to another row in every cell", 1)
    )  # fmt: skip
    assert cohort.source.left_out == () and cohort.source.n_rows == len(cohort) == 3
    rows, patients = flow(cohort).steps
    assert (rows.label, rows.n, rows.in_rows) == ("Rows in the file", 5, True)
    assert (patients.n, patients.n_excluded, patients.surplus) == (3, 2, 0)
    assert "5 rows" in shown(figures.flow(flow(cohort)))
    # after typed numbers, which count patients, a total is no patient who went missing
    typed = flow(cohort, before="3 screened")
    assert [(s.n, s.surplus) for s in typed.steps] == [(3, 0), (3, 0)]
    assert typed.notes[0].startswith("2 further rows of the file are no patient: a total, a note or a heading (1)")


def test_a_file_without_such_rows_has_none():
    assert SAMPLE.source.left_out == SAMPLE.source.no_patients == ()


def test_hidden_rows_are_patients_who_were_left_out():
    cohort = replace(TEN, source=replace(TEN.source, left_out=(Exclusion("hidden in the sheet", 4),)))
    assert boxes(flow(cohort)) == [
        ("Rows in the file", 14, []), ("Patients in the file", 10, [("hidden in the sheet", 4)])
    ]  # fmt: skip
    assert boxes(flow(cohort, before="14 screened"))[1:] == [
        ("Patients in the file", 14, []), ("Patients read from it", 10, [("hidden in the sheet", 4)])
    ]  # fmt: skip


def test_hidden_rows_of_a_workbook_are_counted(tmp_path):
    from openpyxl import Workbook

    from necc.ingest import ReadOptions

    book = Workbook()
    for row in [("patient_id", "prs_months", "died"), *((f"P{i}", i, i % 2) for i in range(1, 8))]:
        book.active.append(row)
    for row in (3, 5):
        book.active.row_dimensions[row].hidden = True
    path = tmp_path / "hidden.xlsx"
    book.save(path)
    for answer, expected in (("leave-out", (Exclusion("hidden in the sheet", 2),)), ("read", ())):
        cohort = inspect(path, read_options=ReadOptions(hidden_rows=answer)).cohort
        assert cohort.source.left_out == expected and len(cohort) == 7 - 2 * bool(expected)


# ---------------------------------------------------------------- the picture
STYLES = [Style(), Style("dark", "presentation"), Style(size="print"), Style(width=380)]
LONG = "Neuroendocrine carcinoma of the cervix with a mixed component, reviewed by two pathologists " * 2


def result_of(steps: int, label: str = "step", arms: int = 0):
    many = replace(flow(TEN), steps=tuple(
        FlowStep("typed" if i < 3 else "filter", f"{label} {i}", 100 - i, (Exclusion(label, 1),) if i else (),
                 100 - i if i else None)
        for i in range(steps)
    ))  # fmt: skip
    made = flow(SAMPLE, by="histology")
    return replace(many, by="histology", by_label=label, arms=made.arms * arms) if arms else many


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "result", [result_of(1), result_of(20), result_of(4, LONG, 1), result_of(2, "x" * 120, 4)],
    ids=["one", "twenty", "long", "unbroken"],
)  # fmt: skip
def test_boxes_hold_their_words_and_do_not_meet(result, style):
    figure = figures.flow(result, style)
    root = ET.fromstring(figure.to_svg())
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    rects = []
    for group in root.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        x, y, w, h = (float(rect.get(k)) for k in ("x", "y", "width", "height"))
        assert x >= 0 and x + w <= width + 0.1 and y >= 0 and y + h <= height + 0.1
        rects.append((x, y, w, h))
        for text in group.iter(f"{SVG}text"):
            assert y <= float(text.get("y")) <= y + h and x <= float(text.get("x")) <= x + w
    for i, (x, y, w, h) in enumerate(rects):
        for a, b, c, d in rects[i + 1 :]:
            assert x + w <= a + 0.1 or a + c <= x + 0.1 or y + h <= b + 0.1 or b + d <= y + 0.1
    dashed = [r for r in root.iter(f"{SVG}rect") if r.get("stroke-dasharray")]
    assert len(dashed) == sum(s.kind == "typed" for s in result.steps)


def test_a_label_is_text_and_its_whole_is_kept():
    nasty = "</text><script>alert(1)</script> & <b>bold</b>"
    figure = figures.flow(flow(TEN, before=f"10 {nasty}\n-0 {nasty}"))
    text = figure.to_svg()
    assert "<script" not in text and nasty.replace("\n", "") in "".join(ET.fromstring(text).itertext())
    long = figures.flow(result_of(2, LONG * 3), Style(width=380))
    assert f"{LONG * 3} 1" in [t.text for t in ET.fromstring(long.to_svg()).iter(f"{SVG}title")]


def test_every_number_is_in_the_picture_the_table_and_the_alternative_text():
    result = flow(SAMPLE, Selection.parse(["figo_stage=III"]), before="1,260 screened", endpoint="PRS", by="site:lung")
    places = (shown(figures.flow(result)), figures.flow(result).alt, str(rendered.flow(result).rows))
    for text in places:
        for n in (*(s.n for s in result.steps), *(e.n for s in result.steps for e in s.excluded)):
            assert f"{n:,}" in text
        assert all(f"{a.n:,}" in text for a in result.arms)
    row = rendered.flow(result).rows[-3]
    assert row == ("Analysed: Post-recurrence survival", "", f"{result.n:,}", f"{result.n_events:,}")


# ---------------------------------------------------------------- command and page
def test_the_command_prints_the_same(capsys, tmp_path):
    picture = tmp_path / "flow.svg"
    options = ["--where", "figo_stage=III", "--before", "126 screened", "--before", "-19 no follow-up",
               "--endpoint", "PRS", "--by", "site:lung"]  # fmt: skip
    assert main(["flow", str(FILE), *options, "--json", "--svg", str(picture)]) == 0
    said = json.loads(capsys.readouterr().out)
    expected = flow(SAMPLE, Selection.parse(["figo_stage=III"]), before="126 screened\n-19 no follow-up",
                    endpoint="PRS", by="site:lung")  # fmt: skip
    assert {k: said[k] for k in expected.to_dict()} == json.loads(json.dumps(expected.to_dict()))
    ET.fromstring(picture.read_text(encoding="utf-8"))
    assert main(["flow", str(FILE), "--svg", str(picture)]) == 1
    assert "is there already; --force writes over it" in capsys.readouterr().err
    assert main(["flow", str(FILE), "--svg", str(picture), "--force"]) == 0
    assert "Patients in the file: 88 patients" in capsys.readouterr().out
    assert main(["flow", str(FILE), "--before", "screened"]) == 1
    assert "has no whole number in front" in capsys.readouterr().err


PAGE = """
from necc.app.session.state import get_state
from necc.app.views.flow import flow
flow(get_state().cohort)
"""


def opened(**query):
    return view_alone(PAGE, **query)


def test_the_view_draws_what_was_typed_and_keeps_it():
    app = opened(figo_stage="III")
    assert not failures(app) and "flow" in EXPLANATIONS
    app.text_area[0].set_value("126 screened\n-19 no follow-up").run()
    assert not failures(app)
    cells = [row for table in tables(app) for row in table]
    assert ["Screened", "", "126", ""] in cells and ["no follow-up", "19", "", ""] in cells
    assert "19 fewer, which nothing here explains" in words(app)
    app.text_area[0].set_value("126 screened\nno follow-up").run()
    assert "has no whole number in front" in words(app) and "begins with the file" in words(app)
    assert ["Patients in the file", "", "88", ""] in [row for table in tables(app) for row in table]
    app.selectbox[0].set_value("").run()
    assert not failures(app) and ["Step", "Left out", "Patients"] in [row for table in tables(app) for row in table]


def test_what_was_typed_is_not_in_the_address():
    app = opened()
    app.text_area[0].set_value("4711 screened").run()
    assert "4711" not in str(dict(app.query_params)) and "4711" in str(tables(app)).replace(",", "")


def test_presented_the_typed_numbers_are_drawn_without_their_field():
    app = opened()
    app.text_area[0].set_value("126 screened").run()
    app.session_state["necc"].presenting = True
    app = app.run()
    assert not failures(app) and not app.text_area and "126" in str(tables(app))


def test_the_view_of_a_file_without_an_endpoint(monkeypatch, tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("patient_id,grade\nP1,low\nP2,high\n")
    monkeypatch.setenv("NECC_DATA", str(path))
    app = opened()
    assert not failures(app) and ["Patients in the file", "", "2"] in tables(app)[0]
