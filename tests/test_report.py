"""The Methods text and the checklists: what was done is in them, what wasn't isn't."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from checks import BANNED
from cohorts import from_sample, necc_cohort
from conftest import ROOT

from necc import read_cohort
from necc.analysis.baseline import characteristics
from necc.analysis.competing import cumulative_incidence
from necc.analysis.flow import flow
from necc.analysis.prediction import compare_models, predict_patient
from necc.analysis.recurrence import co_occurrence, site_distribution
from necc.analysis.regression import cox, stepwise, subgroups, univariate
from necc.analysis.response import response_rates
from necc.analysis.survival import compare_survival, kaplan_meier, restricted_mean, survival_at, survival_grid
from necc.analysis.treatment import treatment_timing
from necc.core.errors import AnalysisError
from necc.core.selection import Selection, picked
from necc.core.time_to_event import UNSTATED
from necc.present.figures import survival_curves
from necc.present.tables import checklist_table, survival_summary
from necc.present.words import report
from necc.present.words.checklists import NOT_DONE, checklist, guideline
from necc.present.words.checklists.facts import FACTS
from necc.present.words.methods import method, methods_paragraph
from necc.present.words.reading import reading


@pytest.fixture(scope="module")
def sample():
    return from_sample("reconstructed_cohort.csv")


@pytest.fixture(scope="module")
def selection():
    return Selection.parse(["histology=small cell"])


@pytest.fixture(scope="module")
def everything(sample, selection):
    """One result of each kind, on the filtered sample."""
    c = selection.apply(sample)
    return [
        kaplan_meier(c, "PRS", "site:abdominal", times=[12]),
        survival_grid(c, "PRS"),
        compare_survival(c, "PRS", "n_sites", draws=500),
        restricted_mean(c, "PRS", "site:abdominal"),
        survival_at(c, "PRS", "site:abdominal", times=[12, 24]),
        site_distribution(c, by="figo_stage"),
        response_rates(c),
        cumulative_incidence(c, "TTR", by="figo_stage"),
        cumulative_incidence(c, "PRS", by="site:abdominal"),
        characteristics(c, by="site:abdominal"),
        univariate(c, "PRS", ["age_gt_50", "site:abdominal"]),
        cox(c, "PRS", ["age_years", "site:abdominal"]),
        stepwise(c, "PRS", ["n_sites", "site:abdominal"]),
        subgroups(c, "PRS", "site:abdominal", ["age_gt_50"]),
        treatment_timing(c),
        compare_models(c, "PRS", ["age_years", "n_sites"], models=["cox"], repeats=1, importance=False),
        predict_patient(c, "PRS", ["age_years"], 0, bootstraps=20),
    ]


# ---------------------------------------------------------------- the Methods text
def test_every_kind_of_result_tells_its_method(everything):
    for result in everything:
        said = method(result)
        assert said, type(result)
        for sentence in said:
            assert sentence.endswith(".") and ".." not in sentence and "  " not in sentence, sentence
            assert not re.search(r"\b(nan|None)\b", sentence), sentence
    assert method(object()) == ()


def test_the_text_holds_choices_counts_and_versions(everything, sample, selection):
    found = methods_paragraph(everything, selection.apply(sample), selection)
    text = found.text
    for said in (
        "88 patients of one file (SHA-256", "Histology: small cell (88 to 71)",
        "first recurrence to death or last follow-up", "Kaplan-Meier method with Greenwood's variance and log-log",
        "reverse Kaplan-Meier", "p was adjusted for 8 sites (Holm)", "seed 1", "Efron's method for ties",
        "score test on the Kaplan-Meier transform of time",
        "Gray's test", "Aalen-Johansen", "Mantel-Byar", "landmark at",
        "uncorrected chi-square tests where every expected count was 5 or more", "out of evaluable patients",
        "1 times 5-fold cross-validation", "corrected resampled t intervals", "bootstrap samples", "two-sided",
        "limits are at 95 %", "in Python 3.", "numpy ", "scikit-survival ", "not recorded) and",
    ):  # fmt: skip
        assert said in text, said
    assert "Patients were selected by 1 filter: Histology: small cell (88 to 71)." in text
    assert [h for h, _ in found.paragraphs] == ["Patients", "Endpoints", "Statistics", "Missing values", "Software"]
    assert found.paragraph("Software").startswith("Computed with necc") and found.paragraph("nothing") == ""
    named = found.paragraph("Statistics").replace("net benefit", "").replace("a cause of their own", "")  # terms of art
    assert not BANNED.search(named)
    sentences = found.paragraph("Statistics").split(". ")
    assert len(sentences) == len(set(sentences))  # what several results share is said once
    json.dumps(found.to_dict(), allow_nan=False)


def test_the_name_of_the_file_is_in_no_text(sample):
    named = replace(sample, source=replace(sample.source, filename="ward 7 AB 2024-03-01.csv"))
    told = str(methods_paragraph([], named).to_dict())
    for name in ("remark", "strobe"):
        told += str(checklist(name, [], named).to_dict())
    assert hashlib.sha256((ROOT / "sample_data" / "reconstructed_cohort.csv").read_bytes()).hexdigest()[:12] in told
    assert not re.search(r"ward|AB 2024|\.csv", told)


def test_what_was_not_done_is_not_told(sample):
    text = methods_paragraph([kaplan_meier(sample, "PRS", ci="plain")], sample).text
    assert "plain confidence limits" in text and "No filter was set." in text
    for other in ("Cox", "log-rank", "Gray", "scikit-survival", "Holm", "TTR"):
        assert other not in text, other
    bare = methods_paragraph([], sample)
    assert bare.paragraph("Statistics") == "" and bare.paragraph("Missing values") == ""


def test_conventions_change_the_text(sample):
    breslow = methods_paragraph([cox(sample, "PRS", ["age_years"], ties="breslow")], sample).text
    assert "Breslow's method for ties" in breslow and "profile" not in breslow
    exact = methods_paragraph([characteristics(sample, by="site:lung", convention="exact")], sample).text
    assert "Fisher-Freeman-Halton" in exact
    treated = methods_paragraph([response_rates(sample, denominator="treated")], sample).text
    assert "out of treated patients" in treated
    separated = methods_paragraph([cox(sample, "PRS", ["age_years", "synaptophysin"])], sample).text
    assert "Firth's penalised likelihood" in separated and "profile likelihood" in separated


def test_the_permutation_test_is_told_with_its_reason_only_where_there_is_one(sample):
    small = compare_survival(sample, "PRS", "site:bone", draws=500)
    large = compare_survival(sample, "PRS", "age_gt_50", permutation=True, draws=500)
    assert small.has_small_groups and not large.has_small_groups
    said = "The log-rank chi-square was {}referred to its permutation distribution (500 random assignments, seed 1)"
    assert method(large)[-1] == f"{said.format('also ')}."
    assert f"{said.format('')}, as a group has fewer than 10 patients or 5 expected events." in method(small)
    assert small.test("log-rank").p_by == "permutation" and "fewer than 5 expected events" in method(small)[-1]
    assert "permutation" not in " ".join(method(compare_survival(sample, "PRS", "age_gt_50")))


# ---------------------------------------------------------------- checklists
@pytest.mark.parametrize(("name", "numbers"), [("remark", 20), ("strobe", 22)])
def test_all_items_are_there_once(name, numbers):
    _, _, reference, items = guideline(name)
    assert "doi:10.1371" in reference
    assert len({item.number for item in items}) == len(items)
    assert {int(re.match(r"\d+", item.number).group()) for item in items} == set(range(1, numbers + 1))
    for item in items:
        assert item.fill or item.remains, item.number
        assert not item.fill or item.fill in FACTS, item.fill
        assert item.asks.endswith(".") and not item.remains.endswith(".")


def test_no_fact_is_unused():
    used = {item.fill for name in ("remark", "strobe") for item in guideline(name)[3]}
    assert set(FACTS) == used - {""}


def test_groups_of_filters_and_picked_patients_are_told(sample):
    """A group is one filter; who was picked is told by number, never by position."""
    groups = Selection.parse(["any(site:lung=with; site:bone=with)", "not all(histology=small cell; ici=yes)"])
    chosen = replace(groups, conditions=(picked(range(41, 89)),))
    (first, second, third) = chosen.attrition(sample)
    unknown = f", {third.n_missing_left_out:,} left out without a value" if third.n_missing_left_out else ""
    said = (
        f"Patients were selected by 3 filters, one after the other: 48 patients picked by hand (88 to 48); Lung: with "
        f"or Bone: with (48 to {second.n_after}); not all of: {sample.factor('histology').label}: small cell and "
        f"{sample.factor('ici').label}: yes ({third.n_before} to {third.n_after}{unknown})."
    )
    assert first.n_after == 48
    text = methods_paragraph([], chosen.apply(sample), chosen).paragraph("Patients")
    assert said in text and not re.search(r"\b(41|42|43|87)\b", text)
    for one in (groups, Selection((picked([3]),))):
        told = " ".join(a.known for a in checklist("strobe", [], one.apply(sample), one).answers)
        assert "The flow diagram of the filters." in told and f"{one.describe(sample).split(';')[0]} (88 to" in told


def test_remark_is_filled_where_the_analysis_knows(everything, sample, selection):
    found = checklist("remark", everything, selection.apply(sample), selection)
    status = {a.number: a.status for a in found.answers}
    assert all(status[n] == "filled" for n in ("7", "10", "13", "14", "15", "16", "18"))
    assert all(status[n] == "partly" for n in ("1", "2", "3", "6", "8", "9", "11", "12", "17", "19"))
    assert {n for n, s in status.items() if s == "open"} == {"4", "5", "20"}
    assert "71 of 71" in found.answer("9").known and "88 patients in the file, 71 after" in found.answer("12").known
    assert "Age > 50 years: ≤ 50 against > 50" in found.answer("11").known
    assert "Radical surgery 71 (100.0 %)" in found.answer("3").known
    assert "5-fold cross-validation" in found.answer("18").known
    assert len(found.open) == 13
    table = checklist_table(found)
    assert len(table.rows) == 20 and table.notes[0].startswith("7 of 20 items filled")
    assert table.columns[3] == "To be filled by you"
    assert table.rows[3][3] == "Type and storage of specimens, or that none were used."
    json.dumps(found.to_dict(), allow_nan=False)


def test_strobe_is_filled_where_the_analysis_knows(everything, sample, selection):
    found = checklist("strobe", everything, selection.apply(sample), selection)
    status = {a.number: a.status for a in found.answers}
    assert all(status[n] == "filled" for n in ("12a", "12b", "12c", "13c", "14a", "14b", "15", "16c", "17"))
    assert {n for n, s in status.items() if s == "open"} == {"1a", "1b", "2", "4", "6b", "18", "21", "22"}
    assert "Synaptophysin" not in found.answer("14b").known  # nothing asked for it
    assert "FIGO stage (2018), main 7" in found.answer("14b").known
    assert "counted as untreated" in found.answer("9").known
    for answer in found.answers:
        assert not re.search(r"\b(nan|None)\b", answer.known) and "  " not in answer.known


def test_an_analysis_that_did_little_leaves_much_open(sample):
    found = checklist("remark", [kaplan_meier(sample, "PRS")], sample)
    assert found.answer("16").status == "open" and found.answer("16").to_do == NOT_DONE
    assert found.answer("14").status == "open" and found.answer("7").status == "filled"
    assert "adjusted" not in found.answer("10").known
    nothing = checklist("strobe", [], sample)
    assert nothing.answer("12a").status == "open" and nothing.answer("14b").status == "filled"


def test_empty_and_tiny_cohorts():
    tiny = necc_cohort({"prs_months": [3.0], "died": [1], "age_years": [50.0]})
    for cohort in (tiny, tiny.subset(np.zeros(1, bool))):
        results = [kaplan_meier(cohort, "PRS"), cox(cohort, "PRS", ["age_years"])]
        for name in ("remark", "strobe"):
            assert checklist(name, results, cohort).answers
        assert methods_paragraph(results, cohort).text


def test_an_unknown_checklist_is_refused(sample):
    with pytest.raises(AnalysisError, match="no checklist 'consort'; there are remark and strobe"):
        checklist("consort", [], sample)


# ---------------------------------------------------------------- what several results share
def test_a_flow_diagram_among_the_results_answers_the_item_that_asks_for_one(sample, selection):
    strobe = checklist("strobe", [flow(sample, selection, endpoint="PRS")], selection.apply(sample), selection)
    answer = strobe.answer("13c")
    n = len(selection.apply(sample))
    assert answer.status == "filled" and f"from {len(sample)} to {n} patients" in answer.known
    assert checklist("strobe", [kaplan_meier(sample, "PRS")], sample).answer("13c").status == "open"


def test_what_a_figure_and_a_table_share_is_said_once(sample):
    once = [
        kaplan_meier(sample, "PRS", "site:lung"), survival_grid(sample, "PRS"), univariate(sample, "PRS", ["n_sites"]),
        characteristics(sample, by="site:lung"), cox(sample, "PRS", ["age_years", "site:lung"]),
    ]  # fmt: skip
    for name in ("remark", "strobe"):
        one, two = (checklist(name, results, sample) for results in (once, [*once, *once]))
        assert [a.known for a in two.answers] == [a.known for a in one.answers]
    assert methods_paragraph([*once, *once], sample).text == methods_paragraph(once, sample).text
    known = checklist("strobe", [*once, co_occurrence(sample)], sample).answer("20").known
    assert "  " not in known and "pairs of sites 28" in known


def test_a_characteristic_of_two_tables_is_counted_once(sample):
    alone, by = characteristics(sample), characteristics(sample, by="site:lung")
    blank = {row.name for table in (alone, by) for row in table.rows if row.n_missing}
    most = max(row.n_missing for table in (alone, by) for row in table.rows)
    said = methods_paragraph([alone, by], sample).paragraph("Missing values")
    assert f"Of the characteristics, {len(blank)} have missing values, at the most in {most} patients" in said


def test_curves_of_groups_are_absolute_risks_too(sample):
    said = checklist("strobe", [kaplan_meier(sample, "PRS", "site:lung")], sample).answer("16c").known
    assert "Post-recurrence survival by Lung: survival itself at every time, as curves." in said


def test_where_a_file_does_not_say_from_when_times_are_counted_no_origin_is_made_up(tmp_path):
    (path := tmp_path / "own.csv").write_text(
        "id,surv_months,dead,arm\n" + "\n".join(f"{i},{3 + i % 17}.5,{i % 2},{'ab'[i % 3 > 0]}" for i in range(60))
    )
    cohort = read_cohort(path)
    (name,) = cohort.endpoint_names()
    km = kaplan_meier(cohort, name, "arm")
    text = methods_paragraph([km], cohort).paragraph("Endpoints")
    label = cohort.dictionary.endpoints[name].label
    assert cohort.dictionary.endpoints[name].origin == UNSTATED and km.origin == ""
    short = "" if name == label else f"{name}, "
    assert text == f"{label} ({short}in months); the file doesn't say from when it is counted."
    drawn = survival_curves(km)
    assert drawn.shows.time_title == "Months" and ">Months<" in drawn.to_svg()
    said = " ".join(
        [drawn.to_svg(), *reading(km), str(survival_summary(km)), str(survival_at(cohort, name, times=[6]))]
    )
    assert UNSTATED not in said and "since time zero" not in said


# ---------------------------------------------------------------- whom a report's exhibit is about
@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (["none(figo_stage=IVA)"], "not FIGO stage (2018), main: IVA or missing"),
        (["none(histology=large cell)"], "not Histology: large cell"),
        (["not all(figo_stage=IVA; site:lung=with)"],
         "not all of: FIGO stage (2018), main: IVA or missing, and Lung: with"),
        (["figo_stage=IVA"], "FIGO stage (2018), main: IVA"),
        (["figo_stage=I,II,III,IVA", "none(figo_stage=IVA)"],
         "FIGO stage (2018), main: I, II, III or IVA; not FIGO stage (2018), main: IVA"),
        ([], "all patients"),
    ],
)  # fmt: skip
def test_a_filter_by_not_says_that_who_has_no_value_is_left_out_too(sample, filters, said):
    asked = Selection.parse(filters)
    told = report.about(asked, sample)
    assert told == said
    missing = sum(s.n_missing_left_out for s in asked.attrition(sample)[len(asked.conditions) :])
    assert ("missing" in told) == (missing > 0)
