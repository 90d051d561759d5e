"""A second opinion: other programs compute the same, what differs is told with its reason, and a mistake is found."""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from cohorts import from_sample, survival_cohort
from page_helpers import failures, open_page, words

from necc.analysis.competing import cumulative_incidence
from necc.analysis.opinion import Asked, Compared, Number, Opinion, ask, difference, in_order, summed
from necc.analysis.recurrence import site_timing
from necc.analysis.regression import cox, hazard_ratios, univariate
from necc.analysis.survival import compare_survival, kaplan_meier, parametric, restricted_mean, survival_grid
from necc.cli import main
from necc.core.estimate import Estimate
from necc.present import tables
from necc.present.words import opinion as told
from necc.project import Exhibit, Project
from necc.report import make_report, ready
from necc.report import opinion as asking
from necc.report.opinion import second_opinion

SAMPLE = from_sample("reconstructed_cohort.csv")
FILE = "sample_data/reconstructed_cohort.csv"
PYTHON = ("lifelines", "scikit-survival")
there = pytest.importorskip("sksurv")  # it has no wheels for every computer


def random_cohort(seed, n=70):
    rng = np.random.default_rng(seed)
    return survival_cohort(
        rng.exponential(12, n).round(1).tolist(), (rng.random(n) < 0.6).tolist(),
        factors={"g": rng.choice(["a", "b", "c"], n).tolist()},
    )  # fmt: skip


def apart(numbers):
    """What differs beyond what iterations leave, and for no known reason."""
    return [n for n in numbers if not n.reason and difference(n.ours, n.theirs) > 1e-6]


# ---------------------------------------------------------------- each result
RESULTS = {
    "curves": lambda: (kaplan_meier(SAMPLE, "PRS", "site:lung"), PYTHON),
    "log limits": lambda: (kaplan_meier(SAMPLE, "PRS", "site:lung", ci="log"), PYTHON),
    "90 %": lambda: (kaplan_meier(SAMPLE, "OS", level=0.9), PYTHON),
    "grid": lambda: (survival_grid(SAMPLE, "PRS"), PYTHON),
    "timing": lambda: (site_timing(SAMPLE), ("lifelines",)),
    "tests": lambda: (compare_survival(SAMPLE, "PRS", "site:abdominal"), ("lifelines",)),
    "means": lambda: (restricted_mean(SAMPLE, "PRS", "site:lung"), ("lifelines",)),
    "model": lambda: (cox(SAMPLE, "PRS", ["site:lung", "age_years", "histology"]), PYTHON),
    "table": lambda: (univariate(SAMPLE, "PRS", ["site:abdominal", "age_years"],
                                 multivariable=["site:abdominal", "age_years"]), PYTHON),
    "ratios": lambda: (hazard_ratios(SAMPLE, "PRS", "site:lung"), PYTHON),
    "families": lambda: (parametric(SAMPLE, "PRS"), ("lifelines",)),
    "incidence": lambda: (cumulative_incidence(SAMPLE, "TTR", "site:lung"), ("scikit-survival",)),
}  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_other_programs_compute_the_same(name):
    result, programs = RESULTS[name]()
    for program in PYTHON:
        numbers = ask(program, result, SAMPLE)
        assert bool(numbers) == (program in programs)
        assert not apart(numbers)
        assert all(n.place and n.what for n in numbers)


@pytest.mark.parametrize("seed", range(5))
def test_random_patients_with_ties(seed):
    cohort = random_cohort(seed)
    for result in (kaplan_meier(cohort, "T", "g"), hazard_ratios(cohort, "T", "g")):
        for program in PYTHON:
            assert not apart(ask(program, result, cohort))


def test_the_unit_of_a_number_is_that_of_the_model():
    result = cox(SAMPLE, "PRS", ["age_years"], per={"age_years": 10})
    assert not apart(ask("lifelines", result, SAMPLE, {"per": {"age_years": 10}}))
    assert apart(ask("lifelines", result, SAMPLE))  # asked for another unit the comparison does find a difference


def test_strata_are_those_of_the_model():
    result = cox(SAMPLE, "PRS", ["age_years", "site:lung"], strata=["ici"])
    numbers = ask("lifelines", result, SAMPLE)
    assert numbers and not apart(numbers) and not ask("scikit-survival", result, SAMPLE)


def test_breslow_is_asked_of_the_one_that_has_it():
    result = cox(SAMPLE, "PRS", ["age_years", "site:lung"], ties="breslow")
    assert not ask("lifelines", result, SAMPLE)
    numbers = ask("scikit-survival", result, SAMPLE)
    assert numbers and not apart(numbers)


def test_firth_is_nobody_else_s():
    time, event = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    cohort = survival_cohort(time, event, factors={"g": ["a"] * 5 + ["b"] * 5})
    result = cox(cohort, "T", ["g"])
    assert any(t.method != "wald" for t in result.terms)
    assert not ask("lifelines", result, cohort) and not ask("scikit-survival", result, cohort)
    exhibit = Exhibit("Model", shows=("tables.model_table(cox(cohort, 'T', ['g']))",))
    opinion = second_opinion(make_report(Project(exhibits=(exhibit,)), cohort), PYTHON)
    assert ("Table 1. Model", "firth") in opinion.left and opinion.n == 0


# ---------------------------------------------------------------- conventions
def test_a_median_on_a_flat_step_is_told_as_a_convention():
    cohort = survival_cohort([1, 2, 3, 4], [1, 1, 1, 0])  # S is 0.5 from 2 to 3: 2.5 here, 2 there
    numbers = ask("lifelines", kaplan_meier(cohort, "T"), cohort)
    (median,) = [n for n in numbers if n.what == "median"]
    assert (median.ours, median.theirs, median.reason) == (2.5, 2.0, "median")


def test_limits_at_the_end_of_a_curve_are_told_as_a_convention():
    km = kaplan_meier(SAMPLE, "PRS", "site:lung")
    (end,) = [n for n in ask("lifelines", km, SAMPLE) if n.reason == "end"]
    assert end.ours is None and end.theirs == 56.88 and "with, upper" in end.place


def test_other_limits_than_log_log_are_told_as_a_convention():
    numbers = ask("lifelines", kaplan_meier(SAMPLE, "PRS", ci="plain"), SAMPLE)
    limits = [n for n in numbers if n.what == "confidence limits"]
    assert limits and {n.reason for n in limits} == {"limits"}
    assert max(difference(n.ours, n.theirs) for n in limits) > 1e-3


# ---------------------------------------------------------------- a mistake is found
def test_a_wrong_number_is_the_largest_difference():
    km = kaplan_meier(SAMPLE, "PRS")
    curve = km.curves[0]
    survival = curve.survival.copy()
    survival[10] += 1e-3
    wrong = replace(km, curves=(replace(curve, survival=survival, median=Estimate(30.0, 20.0, 40.0)),))
    for program in PYTHON:
        rows = in_order(summed(ask(program, wrong, SAMPLE), "Figure 1. Survival", program, "1"))
        opinion = Opinion(rows, (Asked(program, "1"),))
        assert {"survival"} <= {row.what for row in opinion.apart}
        assert opinion.largest.difference > 5e-4
        assert "no known convention tells why" in " ".join(told.summary(opinion))
    assert any(row.what == "median" and row.ours == 30 for row in in_order(
        summed(ask("lifelines", wrong, SAMPLE), "", "lifelines", "1")))  # fmt: skip


@pytest.mark.parametrize("part", ["hazard_ratio", "se", "ci_lower", "ci_upper", "p"])
def test_each_wrong_number_of_a_model_is_found(part):
    right = cox(SAMPLE, "PRS", ["age_years", "site:lung"])
    term = replace(right.terms[1], **{part: 1.1 * getattr(right.terms[1], part)})
    wrong = replace(right, terms=(right.terms[0], term))
    assert [n.ours for n in apart(ask("lifelines", wrong, SAMPLE))] == [getattr(term, part)]
    assert len(apart(ask("scikit-survival", wrong, SAMPLE))) == (part == "hazard_ratio")


@pytest.mark.parametrize("part", ["ci_lower", "ci_upper"])
def test_a_wrong_limit_of_a_curve_is_found(part):
    km = kaplan_meier(SAMPLE, "PRS")
    limits = getattr(km.curves[0], part).copy()
    limits[10] += 1e-3
    wrong = replace(km, curves=(replace(km.curves[0], **{part: limits}),))
    for program in PYTHON:
        (found,) = [n for n in apart(ask(program, wrong, SAMPLE)) if n.what == "confidence limits"]
        assert found.ours == limits[10]


def test_a_wrong_incidence_is_found():
    right = cumulative_incidence(SAMPLE, "TTR")
    curve = right.strata[0].curves[0]
    estimate = curve.estimate.copy()
    estimate[-1] += 1e-3
    curves = (replace(curve, estimate=estimate), *right.strata[0].curves[1:])
    wrong = replace(right, strata=(replace(right.strata[0], curves=curves),))
    assert [n.ours for n in apart(ask("scikit-survival", wrong, SAMPLE))] == [estimate[-1]]


def test_differences():
    assert difference(0.5, 0.25) == 0.25 and difference(200, 201) == 0.005 and difference(None, None) == 0
    assert difference(None, 1.0) == math.inf == difference(1.0, None) == difference(math.nan, 1.0)
    rows = list(
        summed([Number("a", "x", 1, 1), Number("a", "y", 1, 1.5), Number("b", "z", 2, 3, "median")], "E", "R", "4")
    )
    assert [(r.what, r.n, r.difference, r.place) for r in rows] == [("a", 2, 0.5, "y"), ("b", 1, 0.5, "z")]
    assert [r.what for r in in_order([*rows[::-1], Compared("E", "c", "R", "4", 1, 0.7, "", 0, 0.7)])] == [
        "c",
        "a",
        "b",
    ]


# ---------------------------------------------------------------- a report
@pytest.fixture(scope="module")
def report():
    return make_report(Project(exhibits=ready(SAMPLE)), SAMPLE)


def test_the_ready_list_agrees(report):
    steps = []
    opinion = second_opinion(report, PYTHON, progress=lambda share, what: steps.append((share, what)))
    assert opinion.n > 5000 and not opinion.apart and opinion.largest.difference < 1e-6
    assert [s for s, _ in steps] == sorted(s for s, _ in steps) and steps[-1][0] < 1 and "lifelines" in steps[0][1]
    assert {row.program for row in opinion.rows} == {*PYTHON}
    gaps = [row.difference for row in opinion.rows if not row.reason]
    assert gaps == sorted(gaps, reverse=True)
    left = dict(opinion.left)
    assert any(name.startswith("Table 1") for name in left) and not any(name.startswith("Figure 6") for name in left)
    json.dumps(opinion.to_dict(), allow_nan=True)


def test_the_table_says_what_differs_and_why(report):
    opinion = second_opinion(report, ("lifelines",))
    table = tables.second_opinion(opinion)
    assert len(table.rows) == len(opinion.rows) and table.rows[0][4] == told.gap(opinion.rows[0].difference)
    marked = [row for row in table.rows if row[1].endswith("(a)")]
    assert marked and all(row[4] == "only one has a number" for row in marked)
    assert any(note.startswith("(a) where a curve falls to zero") for note in table.notes)
    assert any(note.startswith("Not compared, none of the programs computes them: Figure 1") for note in table.notes)


def test_filters_of_an_exhibit_are_those_of_its_patients():
    shows = ("tables.survival_summary(kaplan_meier(cohort, 'PRS', by='site:lung'))",)
    project = Project(exhibits=(Exhibit("A", "survival", filters=("age_years>40",), shows=shows),))
    opinion = second_opinion(make_report(project, SAMPLE), PYTHON)
    assert opinion.rows and not opinion.apart


def test_what_an_exhibit_shows_of_all_patients_is_asked_of_all():
    shows = ("tables.survival_summary(kaplan_meier(whole, 'PRS'))",)
    project = Project(exhibits=(Exhibit("A", "survival", filters=("age_years>40",), shows=shows),))
    opinion = second_opinion(make_report(project, SAMPLE), PYTHON)
    assert opinion.rows and not opinion.apart


def test_a_program_that_fails_or_lacks_is_told(report, monkeypatch):
    def broken(*_):
        raise RuntimeError("patient SYN-0001 is odd")

    monkeypatch.setattr(asking, "ask", broken)
    opinion = second_opinion(report, ("lifelines",))
    assert not opinion.rows and ("lifelines: RuntimeError") in {why for _, why in opinion.left}
    assert "SYN" not in json.dumps(opinion.to_dict())  # another program's message may name a patient
    monkeypatch.setattr(asking, "version_of", lambda _: "")
    opinion = second_opinion(report, ("scikit-survival",))
    assert opinion.asked == (Asked("scikit-survival", "", "not installed"),)
    assert told.summary(opinion) == (
        "No program was there to ask. scikit-survival: not installed.",
        "Nothing was compared.",
    )


def test_numbers_of_few_are_compared_and_not_told():
    shows = ("tables.survival_summary(kaplan_meier(cohort, 'PRS', by='site:brain'))",)
    project = Project(exhibits=(Exhibit("A", "survival", shows=shows),), hide_below=5)
    exhibit = make_report(project, SAMPLE)
    if exhibit.items[0].kind != "missing":
        assert {row.place for row in second_opinion(exhibit, PYTHON).rows} == {""}
    both = Project(
        exhibits=(
            Exhibit(
                "A",
                "s",
                shows=("tables.regression_table(univariate(cohort, 'PRS', covariates=('site:lung', 'site:brain')))",),
            ),
        ),
        hide_below=5,
    )
    opinion = second_opinion(made := make_report(both, SAMPLE), PYTHON)
    assert made.items[0].kind == "table" and opinion.rows
    assert {(row.place, row.ours, row.theirs) for row in opinion.rows} == {("", None, None)}
    assert all(row[5:] == ("", "", "") for row in tables.second_opinion(opinion).rows)


# ---------------------------------------------------------------- R
def test_r_finds_the_same_and_nothing_is_left_behind(report, rscript, monkeypatch):
    made = []
    real = asking.tempfile.TemporaryDirectory

    def watched(*args, **kwargs):
        made.append(real(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(asking.tempfile, "TemporaryDirectory", watched)
    opinion = second_opinion(report, ("R",), rscript=rscript)
    assert opinion.n > 500 and not opinion.apart and opinion.largest.difference < 1e-6
    assert re.fullmatch(r"\d+\.\d+\.\d+", opinion.asked[0].version)
    assert len(made) == 1 and not asking.Path(made[0].name).exists()
    assert "Figure 6" in " ".join(row.exhibit for row in opinion.rows)


def test_a_wrong_number_is_found_by_r(report, rscript):
    item = next(item for item in report.items if item.computed and item.computed[0].function == "kaplan_meier")
    km = item.computed[0].result
    curve = replace(km.curves[0], median=replace(km.curves[0].median, value=99.0))
    wrong = replace(item.computed[0], result=replace(km, curves=(curve, *km.curves[1:])))
    only = replace(report, items=(replace(item, computed=(wrong,)),))
    opinion = second_opinion(only, ("R",), rscript=rscript)
    assert len(opinion.apart) == 1 and opinion.largest.ours == 99


def test_no_patient_is_written_to_a_disk_unasked(report, rscript, monkeypatch, tmp_path):
    monkeypatch.setattr(asking, "SHARED_MEMORY", tmp_path / "none")
    monkeypatch.setattr(asking.tempfile, "tempdir", str(tmp_path))
    asked = second_opinion(report, ("R",), rscript=rscript).asked[0]
    assert "aren't written to a disk" in asked.lacks and not list(tmp_path.iterdir())
    only = replace(report, items=report.items[:3])
    assert second_opinion(only, ("R",), rscript=rscript, on_disk=True).n > 10
    assert not list(tmp_path.iterdir())


def test_r_that_is_not_there_or_fails_is_told(report, monkeypatch):
    monkeypatch.setattr(asking.shutil, "which", lambda _: None)
    assert second_opinion(report, ("R",)).asked == (Asked("R", "", "not installed"),)
    failing = second_opinion(report, ("R",), rscript=sys.executable)  # it takes other options
    assert failing.asked[0].lacks.startswith("it ended with status") and not failing.rows


# ---------------------------------------------------------------- command line, page
def test_the_command_tells_the_largest_difference(capsys):
    assert main(["verify", FILE, "--use", "lifelines"]) == 0
    out = capsys.readouterr().out
    assert "the largest difference is" in out and "All agree to within 0.000001" in out and "Synthetic" in out
    assert main(["verify", FILE, "--use", "lifelines", "--where", "age_years>40", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["apart"] == 0 and result["rows"][0]["program"] == "lifelines" and result["notice"]
    assert main(["verify", FILE, "--use", "SPSS"]) == 2


def test_a_mistake_ends_the_command_with_1(capsys, monkeypatch):
    wrong = Opinion(
        (Compared("Table 1", "median", "lifelines", "0", 1, 0.5, "a", 1.0, 1.5),), (Asked("lifelines", "0"),)
    )
    monkeypatch.setattr(asking, "second_opinion", lambda *_, **__: wrong)
    assert main(["verify", FILE, "--use", "lifelines"]) == 1
    assert "0.5 here" not in capsys.readouterr().err


def test_the_command_asks_of_the_patients_shown_and_hides_what_the_project_hides(tmp_path, monkeypatch):
    reports = []

    def noted(report, *_, **__):
        reports.append(report)
        return Opinion((), (Asked("lifelines", "0"),))

    monkeypatch.setattr(asking, "second_opinion", noted)
    assert main(["verify", FILE, "--where", "site:lung=with"]) == 0
    path = tmp_path / "p.toml"
    path.write_text(Project(exhibits=(Exhibit("A", shows=("methods()",)),), hide_below=5).to_toml(), encoding="utf-8")
    assert main(["verify", FILE, "--project", str(path)]) == 0
    assert {item.n for item in reports[0].items} == {34} and reports[0].smallest_cell == 0
    assert {item.n for item in reports[1].items} == {88} and reports[1].smallest_cell == 5


def test_the_page_computes_when_it_is_asked(app_test, monkeypatch):
    monkeypatch.setattr(asking.shutil, "which", lambda _: None)
    app = open_page(app_test(), "about")
    view = next(b for b in app.button_group if b.key == "choice-about-view")
    app = view.set_value("Second opinion").run()
    assert not failures(app) and "usual paper" in words(app) and "All agree" not in words(app)
    app = app.button(key="ask-opinion").click().run(timeout=60)
    assert not failures(app)
    assert "All agree to within 0.000001" in words(app) and "R: not installed" in words(app)


def test_where_nothing_differs_no_largest_difference_is_told():
    same = Opinion((Compared("Figure 1", "every number", "R", "4", 3, 0.0, "n", 1.0, 1.0),), (Asked("R", "4"),))
    assert told.summary(same) == ("Computed again by R 4.", "3 numbers compared; none differs.")
