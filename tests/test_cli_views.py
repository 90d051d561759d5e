"""What a page shows, the command line answers: each view has its commands, and they say what the functions say."""

from __future__ import annotations

import json

import pytest
from cohorts import SAMPLES

from necc import (
    compare_survival,
    cox,
    cox_imputed,
    each_site,
    hazards_by_cause,
    influence,
    kaplan_meier_with_entry,
    organ_distribution,
    proportional_hazards,
    read_cohort,
    restricted_mean,
    subgroups,
    survival_at,
    treatment_timing,
)
from necc.analysis.multiplicity import ADJUSTMENTS
from necc.analysis.prediction import LEARNERS, predict_patient
from necc.analysis.survival import WEIGHTINGS
from necc.app.views import about, competing, data, learn, models, paper, patients, prediction, report, sites, survival
from necc.app.views import treatment as of_treatment
from necc.cli.options import COMMANDS, asking, parser
from necc.cli.tables import table_lines
from necc.cli.telling import MAKES
from necc.present.tables import Table
from necc.report.recipe import Kitchen, read

FILE = SAMPLES / "reconstructed_cohort.csv"
COHORT = read_cohort(FILE)

ANSWERED = {
    "data": {"What was read": "check", "Your own file": "map", "Edit": "check --edits", "Project": "project",
             "Centres": "round summarise pool"},
    "patients": {
        "Overview": "check table1 figure", "List": "check", "One patient": "patient", "Table 1": "table1 compare",
        "Flow diagram": "flow", "Sub-cohorts": "compare --group", "FIGO stages": "staging",
    },
    "sites": {
        "Distribution": "sites", "Combinations": "together", "Organs": "organs", "Timing": "site-times",
        "Which comes first": "cif",
    },
    "survival": {
        "Curves": "km", "Every site": "each-site", "Tests": "test", "Restricted mean": "rmst",
        "Fixed times": "fixed-times", "Medians": "km --ci", "Delayed entry": "km --entry", "Parametric": "parametric",
        "Competing risks": "cif hazards",
    },
    "regression": {
        "Hazard ratios": "cox", "Proportional hazards": "diagnostics", "Single patients": "diagnostics",
        "Subgroups": "subgroups", "Stepwise": "cox --stepwise", "Missing values": "imputed", "Two hazards": "hazards",
        "Prediction": "predict predict-one",
    },
    "treatment": {
        "Response": "response response-sites", "ICI or not": "response --by", "Best to final": "transitions",
        "Each patient": "treated", "Timing": "timing",
    },
    "report": {
        "Readings": "readings", "Methods text": "methods", "REMARK": "checklist", "STROBE": "checklist",
        "Exhibits": "report",
    },
    "paper": {"Reproduction": "reproduce", "Audit": "audit"},
    "learn": {"Lessons": "lesson"},
    "about": {"Second opinion": "verify"},
    "prediction": dict.fromkeys(prediction.VIEWS[:4], "predict figure") | {"One patient": "predict-one"},
    "competing": dict.fromkeys(competing.VIEWS, "cif figure"),
}  # fmt: skip
"""The commands that give what a view shows; an option after a command has to be there, too."""
TEXTS = {
    "paper": {*paper.stops.STOPS},  # a reader's way through the paper
    "learn": {"Glossary", "Explanations"},
    "about": {"Conventions", "Validation", "Privacy"},
}
"""Views that are texts of the dashboard and no answers about a file."""


def views():
    return {
        "data": data.VIEWS, "patients": patients.views(COHORT), "sites": sites.VIEWS, "survival": survival.VIEWS,
        "regression": models.VIEWS, "treatment": of_treatment.views(COHORT), "report": report.VIEWS,
        "paper": paper.VIEWS, "learn": learn.VIEWS, "about": about.VIEWS, "prediction": prediction.VIEWS,
        "competing": competing.VIEWS,
    }  # fmt: skip


@pytest.mark.parametrize("page", ANSWERED)
def test_every_view_has_its_commands(page):
    assert set(views()[page]) - TEXTS.get(page, set()) == set(ANSWERED[page])
    known = parser().commands
    for words in ANSWERED[page].values():
        command = ""
        for word in words.split():
            if word.startswith("--"):
                assert word in {option for a in known[command]._actions for option in a.option_strings}
            else:
                command = word
                assert command in COMMANDS


SAME = [
    ("rmst --endpoint PRS --by ici --tau 24 --level 0.9",
     lambda: restricted_mean(COHORT, "PRS", "ici", tau=24, level=0.9)),
    ("km --endpoint PRS --by ici --entry ttr_months --at 12",
     lambda: kaplan_meier_with_entry(COHORT, "PRS", "ici", entry="ttr_months", times=(12.0,))),
    ("test --endpoint PRS --by n_sites --pairs tarone-ware --weights early --adjustment bh --permutation never",
     lambda: compare_survival(COHORT, "PRS", "n_sites", pairs_weighting="tarone-ware", rho=1, gamma=0, adjustment="bh",
                              permutation=False)),
    ("fixed-times --endpoint OS --at 12,24 --ci plain", lambda: survival_at(COHORT, "OS", times=[12, 24], ci="plain")),
    ("each-site --endpoint PRS --adjustment bonferroni",
     lambda: each_site(COHORT, "PRS", adjustment="bonferroni")),
    ("each-site --endpoint PRS --ties breslow --ci plain --level 0.9",
     lambda: each_site(COHORT, "PRS", ties="breslow", ci="plain", level=0.9)),
    ("rmst --endpoint PRS --by n_sites --adjustment bh",
     lambda: restricted_mean(COHORT, "PRS", "n_sites", adjustment="bh")),
    ("test --endpoint PRS --by site:lung --strata ici --permutation always --seed 5",
     lambda: compare_survival(COHORT, "PRS", "site:lung", strata=["ici"], permutation=True, seed=5)),
    ("fixed-times --endpoint PRS --by ici --at 12 --level 0.9",
     lambda: survival_at(COHORT, "PRS", "ici", times=12, level=0.9)),
    ("hazards --covariates age_years --rule hierarchy --hierarchy bone,lung --causes lung --level 0.9",
     lambda: hazards_by_cause(COHORT, "", ["age_years"], rule="hierarchy", hierarchy=["bone", "lung"], only=["lung"],
                              level=0.9)),
    ("timing --endpoint PRS --landmark 7 --level 0.9",
     lambda: treatment_timing(COHORT, "PRS", "ici", landmark=7, level=0.9)),
    ("diagnostics --endpoint PRS --covariates age_years --strata ici --level 0.9 --per age_years=10",
     lambda: cox(COHORT, "PRS", "age_years", strata=["ici"], level=0.9, per={"age_years": 10})),
    ("imputed --endpoint PRS --covariates age_years,lvsi --imputations 3 --seed 5 --level 0.9 --per age_years=10",
     lambda: cox_imputed(COHORT, "PRS", ["age_years", "lvsi"], imputations=3, seed=5, level=0.9,
                         per={"age_years": 10})),
    ("predict-one --endpoint PRS --covariates age_years --place 3 --bootstraps 20 --seed 5 --level 0.9",
     lambda: predict_patient(COHORT, "PRS", ["age_years"], 2, bootstraps=20, seed=5, level=0.9)),
    ("organs --site pelvic", lambda: organ_distribution(COHORT, "pelvic")),
    ("subgroups --endpoint PRS --exposure ici --within lvsi --adjusted-for age_years",
     lambda: subgroups(COHORT, "PRS", "ici", ["lvsi"], adjusted_for=["age_years"])),
    ("subgroups --endpoint PRS --exposure ici --within lvsi,site:lung --adjustment bh --ties breslow --level 0.9",
     lambda: subgroups(COHORT, "PRS", "ici", ["lvsi", "site:lung"], adjustment="bh", ties="breslow", level=0.9)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "function"), SAME, ids=[line for line, _ in SAME])
def test_a_command_says_what_its_function_says(line, function, run):
    command, *rest = line.split()
    code, result, _ = run(command, FILE, *rest, "--json")
    expected = json.loads(json.dumps(function().to_dict()))
    notes = expected.pop("notes", [])
    told = result["result"]
    assert code == 0 and {key: told[key] for key in expected} == expected and told["notes"][: len(notes)] == notes


def test_diagnostics_tell_the_tests_of_the_transform_that_is_asked(run):
    model = cox(COHORT, "PRS", ["age_years", "ici"])
    ask = ("diagnostics", FILE, "--endpoint", "PRS", "--covariates", "age_years,ici")
    for how in ("km", "rank"):
        told = run(*ask, "--transform", how, "--json")[1]["result"]
        tests = [test.to_dict() for test in proportional_hazards(model, transform=how)]
        assert told["proportional_hazards"] == json.loads(json.dumps(tests))
    assert told["influence"] == json.loads(json.dumps(influence(model, COHORT).to_dict()))


def test_what_is_asked_about_is_told_alone(run):
    ask = ("readings", FILE, "--endpoint", "PRS", "--covariates", "age_years,ici")
    assert [one["about"] for one in run(*ask, "--about", "together,sites", "--json")[1]["result"]["readings"]] == [
        "together",
        "sites",
    ]
    about = [one["about"] for one in run(*ask, "--json")[1]["result"]["readings"]]
    assert about == ["sites", "survival", "every-site", "response", "characteristics", "alone", "together"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("line", "code", "says"),
        [
            ("test --endpoint PRS", 2, "--by says which groups are compared"),
            ("fixed-times --endpoint PRS", 2, "--at says at which times"),
            ("predict-one --endpoint PRS --covariates age_years --place 89", 2, "beyond the 88 patients"),
            ("figure --name forest --endpoint PRS", 2, "--name forest needs --covariates"),
            ("figure --name flow --recipe x --endpoint PRS", 2, "give one"),
            ("figure --recipe figures.forest", 1, "is called with a result"),
            ("figure --recipe open('x')", 1, "a recipe knows no 'open'"),
            ("figure --recipe site_distribution(cohort)", 2, "neither a figure nor a table"),
            ("methods --endpoint PRS --about nonsense", 2, "--about takes sites, survival"),
            ("timing --endpoint PRS --treatment lvsi", 1, "lvsi"),
            ("hazards --covariates agee", 1, "did you mean"),
        ],
    )
    def test_are_sentences(self, line, code, says, run):
        command, *rest = line.split()
        got, _, err = run(command, FILE, *rest)
        assert got == code and says in err

    @pytest.mark.parametrize("text", ["1.5", "0.5", "1", "x", "nan"])
    def test_no_level_of_confidence(self, text, run, capsys):
        with pytest.raises(SystemExit) as stopped:
            run("rmst", FILE, "--endpoint", "PRS", "--level", text)
        assert stopped.value.code == 2 and "argument --level: " in capsys.readouterr().err


class TestFigure:
    @pytest.mark.parametrize("name", [n for n, recipe in MAKES.items() if "compare_models" not in recipe])
    def test_every_name_makes_a_figure(self, name):
        recipe = (
            MAKES[name].replace("@endpoint", "'PRS'").replace("@by", "'ici'").replace("@covariates", "('age_years',)")
        )
        made, computed = Kitchen(COHORT, COHORT, COHORT).make(recipe)
        assert (made.spec or made.svg_text) and made.headline and (computed or name == "overview")

    def test_every_recipe_can_be_read(self):
        for recipe in MAKES.values():
            read(recipe.replace("@", ""))

    def test_is_written_and_told(self, run, tmp_path):
        code, result, _ = run("figure", FILE, "--name", "together", "--svg", tmp_path / "x.svg", "--json")
        assert code == 0 and result["result"]["kind"] == "figure"
        assert result["result"]["caption"] and "Synthetic" in (tmp_path / "x.svg").read_text(encoding="utf-8")


def test_choices_are_those_of_the_functions():
    known = parser().commands
    choices = {a.dest: a.choices for name in ("test", "rmst", "predict-one") for a in known[name]._actions}
    assert asking.WEIGHTINGS == WEIGHTINGS and set(choices["adjustment"]) == set(ADJUSTMENTS)
    assert set(choices["model"]) == set(LEARNERS)


def test_a_table_in_a_terminal_is_aligned():
    rows = [(0, ("Lung", "34", "often")), (1, ("of\nit", "7"))]
    table = Table.of_lines("T", "t", ("Site", "n", "Said"), rows, ["Note."], text_columns=(2,))
    assert table_lines(table) == [
        "T", "  Site      n  Said", "  Lung     34  often", "    of it   7", "  Note.",
    ]  # fmt: skip
