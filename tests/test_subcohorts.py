"""Sub-cohorts: each column against what its patients alone give, the overlap against counts by hand, and the page."""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from page_helpers import failures, press, tables, unexplained, view_alone, words

from necc.analysis.multiplicity import adjust_p
from necc.analysis.recurrence import site_distribution
from necc.analysis.subcohorts import MOST, side_by_side
from necc.analysis.survival import kaplan_meier
from necc.app.session.subcohorts import MOST as MOST_SAVED
from necc.app.session.subcohorts import NotSaved, Saved, Shelf, answered, suggested
from necc.cli import main
from necc.core.errors import AnalysisError, SelectionError
from necc.core.selection import Selection, picked
from necc.present import figures
from necc.present import tables as rendered
from necc.present.figures import Style
from necc.present.words.reading import reading

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = from_sample("reconstructed_cohort.csv")
FILE = ROOT / "sample_data" / "reconstructed_cohort.csv"
P = Selection.parse
# patients 1-10: lung 1-5; bone 4-7; brain nobody; no time for the first
TEN = necc_cohort(
    {"prs_months": [None, 4, 6, 8, 30, 3, 5, 7, 9, 24], "died": [1, 1, 0, 1, 0, 1, 0, 1, 1, 0],
     "recurred": [1] * 10, "age_years": [35, 45, 55, 50, 65, 41, 44, 52, 60, None]},
    {"lung": [1] * 5 + [0] * 5, "bone": [0] * 3 + [1] * 4 + [0] * 3, "brain": [0] * 10},
)  # fmt: skip
LUNG, BONE, BRAIN = (P([f"site:{site}=with"]) for site in ("lung", "bone", "brain"))
OTHERS = P(["site:lung=without"])


def sets(cohort, selections):
    return {name: set(s.apply(cohort).index) for name, s in selections.items()}


# ---------------------------------------------------------------- the columns
CHOSEN = {
    "Lung": LUNG, "No lung": OTHERS, "Stage III": P(["figo_stage=III"]), "Old or unknown": P(["age_years>50,missing"]),
    "Either": P(["any(site:lung=with; site:bone=with)"]), "Everybody": Selection(),
}  # fmt: skip


@pytest.mark.parametrize("endpoint", ["PRS", "TTR", "OS"])
def test_each_column_is_what_its_patients_alone_give(endpoint):
    result = side_by_side(SAMPLE, CHOSEN, endpoint, times=(12, 24))
    for column, (name, selection) in zip(result.columns, CHOSEN.items(), strict=True):
        part = selection.apply(SAMPLE)
        km = kaplan_meier(part, endpoint, times=(12, 24))
        (curve,) = km.curves
        assert (column.name, column.n, column.filters) == (name, len(part), selection.describe(SAMPLE))
        assert (column.n_analysed, column.n_events, column.excluded) == (km.n, km.n_events, km.excluded)
        assert (column.median, column.followup) == (curve.median, km.followup)
        assert [at.estimate for at in column.at_times] == [at.estimate for at in km.at_times]
        assert column.sites == site_distribution(part).sites
        drawn = next(c for c in result.curves.curves if c.name == name)
        for field in ("time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper"):
            np.testing.assert_array_equal(getattr(drawn, field), getattr(curve, field))


def test_the_curves_follow_the_limits_and_the_filtered_cohort():
    part = P(["age_years>40"]).apply(SAMPLE)
    result = side_by_side(part, {"Lung": LUNG}, "PRS", ci="log", level=0.9)
    km = kaplan_meier(LUNG.apply(part), "PRS", ci="log", level=0.9)
    assert result.columns[0].median == km.curves[0].median and result.of == len(part)
    assert result.notes[0] == "one sub-cohort: nothing to compare" and result.pairs == ()


# ---------------------------------------------------------------- the overlap
def test_the_overlap_is_counted_by_hand():
    result = side_by_side(TEN, {"Lung": LUNG, "Bone": BONE, "Brain": BRAIN}, "PRS")
    assert {i.names: i.n for i in result.intersections} == {("Lung",): 3, ("Lung", "Bone"): 2, ("Bone",): 2}
    assert (result.n, result.of) == (7, 10)
    lung_bone, lung_brain, _ = result.pairs
    assert (lung_bone.n_both, lung_bone.n_either, lung_bone.jaccard) == (2, 7, 2 / 7)
    assert lung_bone.relation == "overlapping" and lung_bone.test is None
    assert (lung_brain.n_both, lung_brain.n_either, lung_brain.jaccard) == (0, 5, 0.0)
    assert lung_brain.relation == "empty" and lung_brain.test is None
    assert [(e.reason, e.n) for e in result.excluded] == [("time not recorded", 1)]
    assert "no patients in 'Brain'" in result.notes
    assert "no test between 'Lung' and 'Bone' (2 in both): a log-rank test compares groups that share nobody" in (
        result.notes
    )


AGES = st.tuples(st.integers(20, 80), st.integers(0, 40))


@settings(max_examples=30)
@given(st.lists(AGES, min_size=1, max_size=MOST))
def test_the_overlap_is_that_of_sets(spans):
    chosen = {f"{i}": P([f"age_years={low}..{low + more}"]) for i, (low, more) in enumerate(spans)}
    result, held = side_by_side(SAMPLE, chosen), sets(SAMPLE, chosen)
    union = set().union(*held.values())
    assert result.n == len(union) == sum(i.n for i in result.intersections)
    by_names = {i.names: i.n for i in result.intersections}
    for patient in union:
        names = tuple(n for n, own in held.items() if patient in own)
        by_names[names] -= 1
    assert not any(by_names.values())
    for pair in result.pairs:
        a, b = held[pair.first], held[pair.second]
        assert (pair.n_both, pair.n_either) == (len(a & b), len(a | b))
        assert pair.jaccard == (len(a & b) / len(a | b) if a | b else None)
        expected = (
            "empty" if not a or not b else "apart" if not a & b else "identical" if a == b
            else "nested" if a <= b or b <= a else "overlapping"
        )  # fmt: skip
        assert pair.relation == expected


@pytest.mark.parametrize(
    ("selections", "relation", "said"),
    [
        ({"a": LUNG, "b": P(["site:lung=1"])}, "identical", "'a' and 'b' hold the same 5 patients"),
        ({"a": LUNG, "b": Selection()}, "nested", "all of 'a' are in 'b' too"),
        ({"a": Selection(), "b": LUNG}, "nested", "all of 'b' are in 'a' too"),
        ({"a": LUNG, "b": BRAIN}, "empty", "no patients in 'b'"),
        ({"a": BRAIN, "b": BRAIN}, "empty", "no patients in 'a' or 'b'"),
    ],
)  # fmt: skip
def test_what_two_are_to_each_other_is_said(selections, relation, said):
    result = side_by_side(TEN, selections, "PRS")
    assert result.pairs[0].relation == relation and said in result.notes
    assert result.pairs[0].test is None and result.pairs[0].p_adjusted is None
    for draw in (figures.subcohort_curves, figures.overlap, figures.subcohort_sites):
        ET.fromstring(draw(result).to_svg())


# ---------------------------------------------------------------- tests only of groups that share nobody
def test_groups_that_share_nobody_are_compared_as_levels_of_a_factor():
    result = side_by_side(SAMPLE, {"with": LUNG, "without": OTHERS}, "PRS")
    km = kaplan_meier(SAMPLE, "PRS", "site:lung")
    assert result.curves.test.p == pytest.approx(km.test.p, rel=1e-12)
    assert result.pairs[0].test.statistic == pytest.approx(km.test.statistic, rel=1e-12)
    assert result.is_tested and result.n_tests == 1 and "p = 0.397" in figures.subcohort_curves(result).caption
    stages = {level: P([f"histology={level}"]) for level in SAMPLE.factor("histology").levels}
    three = side_by_side(SAMPLE, stages, "PRS")
    assert three.curves.test.p == pytest.approx(kaplan_meier(SAMPLE, "PRS", "histology").test.p, rel=1e-12)
    adjusted = adjust_p([p.test.p for p in three.pairs], "holm")
    assert [p.p_adjusted for p in three.pairs] == adjusted and three.n_tests == sum(p is not None for p in adjusted)


def test_where_some_share_patients_only_the_others_are_compared():
    result = side_by_side(SAMPLE, {"Lung": LUNG, "No lung": OTHERS, "Everybody": Selection()}, "PRS")
    assert result.curves.test.p is None and not result.is_tested
    assert [p.test is not None for p in result.pairs] == [True, False, False] and result.n_tests == 1
    picture = figures.subcohort_curves(result)
    drawn = "\n".join("".join(t.itertext()) for t in ET.fromstring(picture.to_svg()).iter(f"{SVG}text"))
    assert "log-rank" not in drawn and "Log-rank test, " not in picture.caption
    assert "a log-rank test compares groups that share nobody" in picture.caption
    cells = {row[:2]: row[-2:] for row in rendered.overlap_pairs(result).rows}
    assert cells["Lung", "Everybody"] == ("not tested: patients in both", "–")
    assert cells["Lung", "No lung"] == ("0.397", "0.397")


def test_small_groups_have_no_chi_square():
    few = side_by_side(TEN, {"a": P(["age_years<45"]), "b": P(["age_years>=45"])}, "PRS")
    assert few.pairs[0].test.p_by == "permutation" and few.curves.test.p_by == "permutation"
    assert any(note.startswith("p by permutation") for note in few.notes)
    one = side_by_side(TEN, {"a": P(["age_years=65"]), "b": P(["age_years<45"])}, "PRS")
    assert one.pairs[0].test.p is None and one.pairs[0].test.note.startswith("too few to test")
    assert rendered.overlap_pairs(one).rows[0][-2] == "too few to test"


def test_sub_cohorts_known_only_later_are_said_to_be():
    codes = [g.code for g in side_by_side(SAMPLE, {"a": LUNG, "b": OTHERS}, "TTR").guardrails]
    assert "known-later" in codes and "everyone-has-the-event" in codes
    grouped = side_by_side(SAMPLE, {"a": P(["any(site:lung=with; age_years>50)"])}, "OS").guardrails
    assert [g.code for g in grouped][:1] == ["known-later"] and "Lung" in grouped[0].saw
    assert side_by_side(SAMPLE, {"a": P(["age_years>50"])}, "PRS").guardrails == ()


# ---------------------------------------------------------------- what is refused, and what is lacking
def test_none_or_too_many_or_nameless_is_refused():
    with pytest.raises(AnalysisError, match="0 sub-cohorts to compare; choose one to 6"):
        side_by_side(TEN, {})
    with pytest.raises(AnalysisError, match="7 sub-cohorts to compare"):
        side_by_side(TEN, {str(i): LUNG for i in range(7)})
    with pytest.raises(AnalysisError, match="has no name"):
        side_by_side(TEN, {" ": LUNG})
    with pytest.raises(SelectionError):
        side_by_side(TEN, {"a": P(["nothing=1"])})
    with pytest.raises(AnalysisError):
        side_by_side(TEN, {"a": LUNG}, "PFS2")


def test_without_an_endpoint_there_are_counts_sites_and_the_overlap():
    result = side_by_side(TEN, {"Lung": LUNG, "Bone": BONE})
    assert result.curves is None and [c.n for c in result.columns] == [5, 4] and result.guardrails == ()
    labels = [row[0] for row in rendered.side_by_side(result).rows]
    assert "Lung" in labels and not any("Median" in label for label in labels)
    assert rendered.overlap_pairs(result).columns[-1] == "Shared, %"
    assert "no endpoint was chosen" in figures.subcohort_curves(result).caption.lower()
    assert not re.search("test|median", " ".join(reading(result)))


def test_without_sites_nothing_is_said_of_them():
    cohort = necc_cohort({"prs_months": [1, 2, 3], "died": [1, 0, 1], "age_years": [40, 50, 60]})
    result = side_by_side(cohort, {"a": P(["age_years>45"])}, "PRS")
    assert result.columns[0].sites == () and len(rendered.side_by_side(result).rows) == 7


# ---------------------------------------------------------------- pictures and tables
NASTY = "</text><script>alert(1)</script> %{x}"
NAMES = ["yes", "no", "all patients", "with", "without", NASTY]


@pytest.mark.parametrize("style", [Style(), Style("dark", "presentation"), Style(size="print"), Style(width=380)])
def test_any_names_can_be_told_apart_and_are_text(style):
    chosen = {name: P([f"age_years>{30 + 4 * i}"]) for i, name in enumerate(NAMES)}
    result = side_by_side(SAMPLE, chosen, "PRS")
    curves = figures.subcohort_curves(result, style)
    looks = {(t["line"]["color"], t["line"]["dash"]) for t in curves.spec["data"]
             if t.get("showlegend") and t.get("mode") == "lines"}  # fmt: skip
    assert len(looks) == len(NAMES)
    for figure in (curves, figures.overlap(result, style), figures.subcohort_sites(result, style)):
        text = figure.to_svg()
        assert "<script" not in text and figure.alt.endswith(".") and figure.caption.endswith(".")
        ET.fromstring(text)


def test_the_bars_are_the_exact_combinations():
    result = side_by_side(SAMPLE, {"Lung": LUNG, "Bone": BONE, "Everybody": Selection()}, "PRS")
    bar = next(t for t in figures.overlap(result).spec["data"] if t["type"] == "bar")
    assert bar["y"] == [i.n for i in result.intersections] and sum(bar["y"]) == result.n
    many = side_by_side(SAMPLE, {f"{k}": P([f"any(age_years>{30 + 3 * k}; site:{s}=with)"]) for k, s in
                                 enumerate(SAMPLE.site_names[:6])})  # fmt: skip
    assert len(many.intersections) > 4
    cut = figures.overlap(many, most=4)
    bar = next(t for t in cut.spec["data"] if t["type"] == "bar")
    assert len(bar["y"]) == 5 and sum(bar["y"]) == many.n and "further combination" in cut.caption


def test_the_table_has_a_row_a_measure():
    result = side_by_side(SAMPLE, {"Lung": LUNG, "Bone": BONE}, "PRS", times=(12,))
    table = rendered.side_by_side(result)
    rows = {row[0]: row[1:] for row in table.rows}
    assert table.columns == ("", "Lung", "Bone") and rows["Patients"] == ("34", "11")
    assert rows["Median, months (95 % CI)"][0].startswith("24.1 (") and rows["Bone"][1].startswith("11 (100.0 %) [")
    km = kaplan_meier(LUNG.apply(SAMPLE), "PRS", times=(12,))
    share = 100 * km.at_times[0].estimate.value
    assert rows["Survival at 12 months, % (95 % CI); at risk"][0].startswith(f"{share:.1f} (")


# ---------------------------------------------------------------- the command
def test_the_command_prints_the_same(capsys):
    groups = ["Lung: site:lung=with; age_years>40", "Either: any(site:bone=with; site:brain=with); age_years<70"]
    options = [x for g in groups for x in ("--group", g)]
    assert main(["compare", str(FILE), *options, "--endpoint", "PRS", "--at", "12", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    chosen = {"Lung": P(["site:lung=with", "age_years>40"]),
              "Either": P(["any(site:bone=with; site:brain=with)", "age_years<70"])}  # fmt: skip
    expected = json.loads(json.dumps(side_by_side(SAMPLE, chosen, "PRS", times=[12]).to_dict()))
    assert {k: said[k] for k in expected if k != "notes"} == {k: v for k, v in expected.items() if k != "notes"}
    assert main(["compare", str(FILE), "--group", "Lung: site:lung=with", "--group", "No: site:lung=without",
                 "--endpoint", "PRS"]) == 0  # fmt: skip
    out = capsys.readouterr().out
    assert "Lung and No: 0 in both; log-rank test: p = 0.397" in out and "Lung only: 34" in out
    assert main(["compare", str(FILE), "--group", "Everybody:"]) == 0
    assert "Everybody (all patients): 88 patients" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--group", "site=lung"], "has no name in front"), (["--group", ": x=1"], "has no name in front"),
        (["--group", "a: ici=yes", "--group", "a: ici=no"], "is there twice"),
        (["--group", "a: ici=yes", "--variables", "age_years"], "--variables"),
        (["--by", "ici", "--at", "12"], "belong to --group"), (["--by", "ici", "--endpoint", "PRS"], "belong to"),
    ],
)  # fmt: skip
def test_usage(options, said, capsys):
    assert main(["compare", str(FILE), *options]) == 2
    assert said in capsys.readouterr().err


def test_a_filter_that_is_not_there_is_refused(capsys):
    assert main(["compare", str(FILE), "--group", "a: nothing=1"]) == 1
    assert "nothing" in capsys.readouterr().err


# ---------------------------------------------------------------- what a session keeps
def test_names_are_kept_unique_and_deletion_is_undone():
    kept = Shelf()
    for name, selection in (("Lung", LUNG), ("Bone", BONE), ("  All   of them ", Selection())):
        kept.save(name, selection, "f")
    assert kept.names() == ("Lung", "Bone", "All of them")
    for name in ("lung", " LUNG ", "", "  ", "x" * 61, "a\u202eb"):
        with pytest.raises(NotSaved):
            kept.save(name, LUNG, "f")
    kept.rename("Bone", "bone")  # its own name in another case
    with pytest.raises(NotSaved, match="another sub-cohort is called 'Lung'"):
        kept.rename("bone", "LUNG")
    kept.delete("Lung")
    kept.delete("bone")
    assert kept.names() == ("All of them",)
    kept.save("Lung", Selection(), "f")
    assert kept.bring_back().name == "bone" and kept.bring_back() == Saved("Lung (2)", LUNG, "f")
    assert kept.names() == ("Lung (2)", "bone", "All of them", "Lung")
    assert kept.bring_back() is None
    with pytest.raises(NotSaved, match="no sub-cohort is called 'gone'"):
        kept.delete("gone")


def test_a_deleted_one_comes_back_where_it_stood():
    kept = Shelf()
    for name in "abc":
        kept.save(name, LUNG, "f")
    kept.delete("b")
    kept.bring_back()
    assert kept.names() == ("a", "b", "c")


def test_there_is_a_limit():
    kept = Shelf()
    for i in range(MOST_SAVED):
        kept.save(f"{i}", LUNG, "f")
    with pytest.raises(NotSaved, match="delete one that you no longer need"):
        kept.save("one more", LUNG, "f")
    kept.delete("3")
    kept.save("one more", LUNG, "f")
    with pytest.raises(NotSaved):
        kept.bring_back()
    assert len(kept.deleted) == 1


def test_another_file_answers_what_it_can():
    kept = Shelf()
    kept.save("Lung", LUNG, SAMPLE.source.sha256)
    kept.save("Stage", P(["figo_stage=III"]), SAMPLE.source.sha256)
    kept.save("Picked", Selection((picked([1, 2]),)), SAMPLE.source.sha256)
    there, lacking = answered(kept, SAMPLE)
    assert {name: a.n for name, a in there.items()} == {"Lung": 34, "Stage": 27, "Picked": 2} and not lacking
    there, lacking = answered(kept, TEN)
    assert list(there) == ["Lung"] and set(lacking) == {"Stage", "Picked"}
    assert "FIGO stage (2018), main" in lacking["Stage"] and "picked by hand in another file" in lacking["Picked"]


def test_a_name_is_suggested_from_the_filters():
    kept = Shelf()
    assert suggested(LUNG, SAMPLE, kept) == "Lung: with"
    kept.save("Lung: with", LUNG, "f")
    assert suggested(LUNG, SAMPLE, kept) == "Lung: with (2)"
    assert suggested(Selection(), SAMPLE, kept) == "Everybody in the file"
    long = P(["site:lung=with", "figo_stage=III,IVA", "age_years>50", "histology=small cell"])
    name = suggested(long, SAMPLE, kept)
    assert len(name) <= 60 and kept.save(name, long, "f").name == name
    assert kept.save(suggested(long, SAMPLE, kept), long, "f").name.endswith("(2)")


# ---------------------------------------------------------------- the page
PAGE = """
from necc.app.session.state import get_state
from necc.app.views.subcohorts import page
page(get_state().cohort)
"""


def opened(**query):
    return view_alone(PAGE, **query)


def filtered(app, *texts):
    """Other filters, as the panel sets them."""
    app.session_state["necc"].select(P(texts))
    return app.run()


def named(app, label):
    return next(t for t in app.text_input if t.label == label)


def test_the_page_says_how_to_begin():
    app = opened()
    assert not failures(app) and "Nothing is saved yet" in words(app)
    app = press(app, "Save 88 patients")
    assert not failures(app) and "nothing to compare" in words(app)


def two_saved(**query):
    app = filtered(opened(**query), "site:lung=with")
    assert named(app, "Save these patients as").value == "Lung: with"
    app = press(app, "Save 34 patients")
    app = filtered(app, "site:lung=without")
    named(app, "Save these patients as").set_value("The others").run()
    return press(app, "Save 54 patients")


def test_saved_sub_cohorts_stand_side_by_side():
    app = two_saved()
    assert not failures(app) and not unexplained(app)
    found = tables(app)
    assert ["", "Lung: with", "The others"] in [row for table in found for row in table]
    assert ["Patients", "34", "54"] in [row for table in found for row in table]
    assert "p = 0.397" in words(app) and "saved already, as 'The others'" in words(app)
    assert "Lung" not in str(dict(app.query_params)) and "others" not in str(dict(app.query_params))
    app.multiselect[0].set_value([]).run()
    assert not failures(app) and "Choose at least one of them" in words(app)
    app.multiselect[0].set_value(["The others"]).run()
    assert "nothing to compare" in words(app)


def test_they_are_applied_renamed_deleted_and_brought_back():
    app = two_saved()
    next(b for b in app.button if b.key == "subcohort-apply-0").click().run()
    assert app.session_state["necc"].selection == LUNG and app.session_state["necc"].history
    next(t for t in app.text_input if t.label == "New name").set_value("Lungs").run()
    assert not failures(app) and "Lungs" in str(tables(app)) and "Lung: with" in str(tables(app))  # its filters
    next(t for t in app.text_input if t.label == "New name").set_value("the OTHERS").run()
    assert "another sub-cohort is called 'The others'" in words(app).replace("Another", "another")
    next(b for b in app.button if b.key == "subcohort-delete-1").click().run()
    assert "The others" not in str(tables(app)) and not failures(app)
    next(b for b in app.button if b.key == "subcohort-back").click().run()
    assert "The others" in str(tables(app))
    assert not [b for b in app.button if b.key == "subcohort-back"]


def test_a_name_that_is_taken_is_told():
    app = two_saved()
    named(app, "Save these patients as").set_value("lung: WITH").run()
    app = press(app, "Save 54 patients")
    assert "choose a name that differs in more than case" in words(app) and not failures(app)


def test_overlapping_and_empty_and_identical_ones_have_their_state():
    app = opened()
    for texts in (["site:lung=with"], ["site:lung=1"], ["site:bone=with"],
                  ["histology=large cell", "mixed_component=adenocarcinoma"]):  # fmt: skip
        app = filtered(app, *texts)
        app = press(app, f"Save {len(P(texts).apply(SAMPLE))} patients")
    assert not failures(app)
    told = words(app)
    assert "hold the same 34 patients" in told and "no patients in" in told.lower()
    assert "a log-rank test compares groups that share nobody" in told


def test_another_file_is_told_what_it_lacks():
    app = filtered(opened(), "figo_stage=III")
    app = press(app, "Save 27 patients")
    app.session_state["necc"].adopt(TEN, sample=False)
    app = app.run()
    assert not failures(app) and "This file can't answer some of them" in words(app)
    assert "FIGO stage (2018), main" in words(app) and "figo_stage" not in words(app)
    assert "not in this file" in words(app)


def test_a_file_without_an_endpoint_or_sites(monkeypatch, tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("patient_id,grade\nP1,low\nP2,high\nP3,low\n")
    monkeypatch.setenv("NECC_DATA", str(path))
    app = press(filtered(opened(), "grade=low"), "Save 2 patients")
    app = press(filtered(app, "grade=high"), "Save 1 patient")
    assert not failures(app) and ["Patients", "2", "1"] in [row for table in tables(app) for row in table]


def test_it_stands_in_the_bar_and_on_the_page_at_once_and_each_tells_its_own():
    script = PAGE.replace("page(get", "from necc.app.widgets.saving import save_current\n"
                          "save_current(get_state(), 'bar')\npage(get")  # fmt: skip
    app = view_alone(script)
    assert not failures(app)
    for place in ("bar", "page"):
        next(t for t in app.text_input if t.key.startswith(f"subcohort-name-{place}")).set_value(" ").run()
        next(b for b in app.button if b.key == f"subcohort-save-{place}").click().run()
        assert not failures(app) and words(app).count("A sub-cohort needs a name") == 1
    next(b for b in app.button if b.key == "subcohort-save-bar").click().run()


def test_presented_they_are_compared_without_controls():
    app = two_saved()
    app.session_state["necc"].presenting = True
    app = app.run()
    assert not failures(app) and not app.text_input and not app.multiselect
    assert ["Patients", "34", "54"] in [row for table in tables(app) for row in table]


def test_every_pair_of_words_about_two_is_in_the_table():
    from necc.present.words.captions.subcohorts import RELATIONS

    chosen = {"Lung": LUNG, "Same": P(["site:lung=1"]), "All": Selection(), "Bone": BONE, "Brain": BRAIN,
              "Young": P(["age_years<36"])}  # fmt: skip
    table = rendered.overlap_pairs(side_by_side(TEN, chosen, "PRS"))
    assert {row[2] for row in table.rows} == set(RELATIONS.values())
    assert len(table.rows) == len(list(itertools.combinations(chosen, 2)))
