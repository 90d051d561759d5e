"""A page, the command line, the Methods text and a figure say the same of the same result, in the same words."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import ROOT
from page_helpers import open_page, tables, words

from necc.analysis.regression import cox
from necc.analysis.survival import kaplan_meier
from necc.cli import main
from necc.core.estimate import Estimate, Exclusion
from necc.core.guardrails import SMALL_GROUP, small_groups
from necc.ingest import read_cohort
from necc.present import figures
from necc.present import tables as rendered
from necc.present.words import phrases
from necc.present.words.checklists import checklist
from necc.present.words.methods import methods_paragraph
from necc.present.words.reading import reading

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
COLUMNS = "patient_id,prs_months,died,age_years,figo_stage,site_lung"


def written(rows: list[tuple[object, ...]]) -> str:
    return "\n".join([COLUMNS, *(",".join(map(str, (i, *row))) for i, row in enumerate(rows))])


def random_rows(n: int, missing: float, seed: int = 3) -> list[tuple[object, ...]]:
    rng = np.random.default_rng(seed)

    def perhaps(value: object) -> object:
        return "" if rng.random() < missing else value

    return [
        (
            perhaps(round(float(rng.exponential(15)) + 0.1, 1)),
            int(rng.random() < 0.6),
            perhaps(rng.integers(30, 80)),
            perhaps(str(rng.choice(["I", "II", "III"]))),
            int(rng.random() < 0.4),
        )
        for _ in range(n)
    ]


FILES = {
    "sample": None,
    "missing values": written(random_rows(60, 0.15)),
    "small groups": written(random_rows(14, 0.1, seed=8)),
    # whoever has a lung recurrence outlives the others: the ratio has no finite value
    "infinite ratio": written([(i + 1, 1, 40 + i % 7, "I", 0) for i in range(12)] + [(30, 0, 45, "II", 1)] * 9),
}


@pytest.fixture(params=FILES)
def file(request, tmp_path):
    if FILES[request.param] is None:
        return SAMPLE
    path = tmp_path / "cohort.csv"
    path.write_text(FILES[request.param], encoding="utf-8")
    return path


def said(capsys, *arguments: object) -> str:
    assert main([str(a) for a in arguments]) == 0
    return capsys.readouterr().out


def test_curves(file, capsys):
    km = kaplan_meier(read_cohort(file), "PRS", "figo_stage")
    places = {
        "table": " ".join(rendered.survival_summary(km).notes),
        "reading": " ".join(reading(km)),
        "command": said(capsys, "km", file, "--endpoint", "PRS", "--by", "figo_stage"),
    }
    follow_up, excluded = phrases.follow_up(km.followup, km.unit), phrases.exclusions(km.excluded)
    assert follow_up
    for place, text in places.items():
        assert phrases.capitalised(follow_up) in text, place
    methods = methods_paragraph([km], read_cohort(file)).text
    for place, text in {**places, "figure": figures.survival_curves(km).caption, "Methods": methods}.items():
        assert excluded in text and ("Not analysed" in text or place == "Methods" or not excluded), place
    assert follow_up in checklist("remark", [km], read_cohort(file)).answer("6").known
    assert phrases.median_phrase(km.curves[0].median, km.unit) in places["reading"]
    assert phrases.median_phrase(km.curves[0].median, km.unit) in places["command"]


def test_hazard_ratios(file, capsys):
    cohort = read_cohort(file)
    model = cox(cohort, "PRS", ["site:lung", "age_years"])
    text = said(capsys, "cox", file, "--endpoint", "PRS", "--covariates", "site:lung,age_years")
    table = rendered.model_table(model)
    methods, read = methods_paragraph([model], cohort).text, " ".join(reading(model))
    for row, term in zip(table.rows, model.terms, strict=True):
        ratio = phrases.format_ratio_ci(term.hazard_ratio, term.ci_lower, term.ci_upper)
        assert row[2].startswith(ratio) and f"hazard ratio {ratio}" in text
        assert (
            phrases.format_ratio(term.hazard_ratio) in read
            and phrases.ratio_limits(term.ci_lower, term.ci_upper) in read
        )
    for place in (" ".join(table.notes), methods, text):
        assert phrases.ties(model.ties) in place
    excluded = phrases.exclusions(model.excluded)
    assert all(excluded in place for place in (methods, text, read))


def test_a_page_prints_them(app_test):
    cohort = read_cohort(SAMPLE)
    km = kaplan_meier(cohort, "PRS")
    assert phrases.capitalised(phrases.follow_up(km.followup, km.unit)) in words(open_page(app_test(), "survival"))
    app = open_page(app_test(), "regression")
    cells = {cell for table in tables(app) for row in table for cell in row}
    lone = cox(cohort, "PRS", ["site:abdominal"]).terms[0]
    assert phrases.format_ratio_ci(lone.hazard_ratio, lone.ci_lower, lone.ci_upper) in cells
    assert phrases.ties("efron") in words(app)


# ---------------------------------------------------------------- the phrases themselves
def test_exclusions():
    some = (Exclusion("time not recorded", 3), Exclusion("nothing", 0), Exclusion("event not recorded", 1))
    assert phrases.not_analysed(some) == (
        "Not analysed: 3 patients (time not recorded) and 1 patient (event not recorded)."
    )
    assert phrases.not_analysed([]) == phrases.exclusions([Exclusion("nothing", 0)]) == ""


@pytest.mark.parametrize(
    ("estimate", "shown"),
    [((2.375, 1.22, 46.3), "2.38 (1.22–46.3)"), ((0.001, None, 0.2), "<0.01 (0–0.20)"),
     ((3.0, 1.1, None), "3.00 (1.10–∞)"),
     ((None, None, None), "not estimable"), ((2.0, None, None), "2.00"), ((None, 1.5, None), "not estimable (1.50–∞)")],
)  # fmt: skip
def test_ratios(estimate, shown):
    assert phrases.ratio_estimate(Estimate(*estimate)) == shown


def test_what_is_not_reached_or_not_known():
    assert phrases.median_phrase(Estimate(None, 3.0, None), "months") == "median not reached"
    assert phrases.follow_up(Estimate(None, None, None), "months") == ""
    assert phrases.follow_up(Estimate(None, 8.0, None), "months") == (
        "median follow-up not reached (95 % CI 8.0–not reached, reverse Kaplan-Meier)"
    )


def test_a_small_group_is_small_everywhere():
    assert SMALL_GROUP == 10 and small_groups([("a", 10), ("b", 40)]) == []
    assert small_groups([("a", 9), ("b", 40), ("c", 1)], "Stage") == [
        "Stage: fewer than 10 patients in 'a' and 'c', so one patient more or less moves the limits"
    ]
