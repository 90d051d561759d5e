"""What commands print as JSON: as the published schemas say, in every situation, and for good within a version."""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from json_schemas import FOLDER, KEYS, MAJOR, dumped, keys_of
from json_shapes import OWN, schemas
from jsonschema import Draft202012Validator

from necc.cli import main, schema
from necc.cli.options import parser
from necc.core.result import Result

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
REWRITE = "write them again: python tests/json_schemas.py"
MADE = schemas()

WHERE = {"all": (), "few": ("n_sites>3",), "nobody": ("age_years>300",)}
QUESTIONS = [
    "check", "map",
    "km --endpoint PRS --by site:lung --at 6,12",
    "km --endpoint OS --by site:lung --at 6,12 --show risk",
    "km --endpoint OS --show cumulative-hazard --at 0,6",
    "km --endpoint OS --show log-log --at 6 --ci plain",
    "km --time prs_months --event died --event-value yes",
    "parametric --endpoint PRS --by figo_stage --at 6 --families exponential,weibull,spline",
    "sites", "sites --by ici --convention r", "sites --scheme spread",
    "flow", "flow --endpoint PRS --by ici --before|126 screened --before|-19 no follow-up",
    "response", "response --by figo_stage", "response --by ici --denominator treated --response final",
    "compare --by site:lung", "compare --by figo_stage --denominator all --convention exact",
    "compare --group|old: age_years>50 --group|lung: site:lung=with --endpoint PRS --at 12",
    "compare --group|old: age_years>50 --group|young: age_years<=50 --endpoint PRS", "compare --group|all: age_years>0",
    "cox --endpoint PRS --covariates age_years,site:lung,n_sites",
    "cox --endpoint PRS --covariates figo_stage,site:lung --strata ici --ties breslow",
    "cox --endpoint PRS --covariates age_years,site:lung,n_sites --univariate",
    "cox --endpoint PRS --covariates age_years,site:abdominal,site:bone --stepwise forward-lr",
    "cox --endpoint PRS --covariates age_years,site:lung,n_sites --univariate --stepwise forward-wald",
    "cox --endpoint PRS --covariates age_years --stepwise forward-score",
    "cif --by ici", "cif --at 3,400", "cif --rule hierarchy --hierarchy lung,bone", "cif --rule|counted in each",
    "patient --place 2 --smallest-cell 8", "patient --place 5 --at-least 40", "patient --typed|age_years=50",
    "reproduce", "audit", "table1", "table1 --by site:lung --numbers mean --every-convention", "staging", "together",
    "organs", "organs --site pelvic", "site-times", "response-sites", "transitions", "treated",
    "rmst --endpoint PRS --by ici", "rmst --endpoint OS --tau 24", "test --endpoint PRS --by n_sites --strata ici",
    "fixed-times --endpoint PRS --by ici --at 12,24", "each-site --endpoint PRS", "timing --endpoint PRS",
    "hazards --covariates age_years --causes lung", "subgroups --endpoint PRS --exposure ici --within histology",
    "diagnostics --endpoint PRS --covariates site:lung,age_years",
    "imputed --endpoint PRS --covariates lvsi,age_years --imputations 2",
    "predict --endpoint PRS --covariates site:lung,age_years --folds 2 --repeats 1",
    "predict-one --endpoint PRS --covariates age_years --place 2 --bootstraps 20", "methods --endpoint PRS",
    "readings --endpoint PRS --by ici", "checklist --endpoint PRS --name strobe", "figure",
    "figure --name forest --endpoint PRS --covariates age_years",
    "figure --recipe tables.site_pairs(co_occurrence(cohort))",
]  # fmt: skip
OF_EVERYBODY = (
    "map", "patient", "predict-one", "reproduce", "audit",  # a patient is in a filtered cohort, or isn't
    "predict", "imputed", "parametric", "methods", "readings", "checklist",  # which take long
)  # fmt: skip


# ---------------------------------------------------------------- what is validated
def arguments_of(question: str) -> list[str]:
    """The words of a question; what follows `|` is one word with blanks, up to the next option."""
    words: list[str] = []
    for part in question.split(" --"):
        name, bar, text = part.partition("|")
        words += [f"--{name}", text] if bar else f"--{part}".split(" ")
    return [words[0].removeprefix("--"), *words[1:]]


@cache
def answer(question: str, where: tuple[str, ...] = (), file: Path = SAMPLE) -> tuple[int, str]:
    """Exit code and standard output of a question with --json."""
    command, *rest = arguments_of(question)
    filters = [word for text in where for word in ("--where", text)]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = main([command, *([] if command == "audit" else [str(file)]), *rest, *filters, "--json"])
    return code, out.getvalue()


def closed(part: Any) -> Any:
    """A schema that allows no key that it doesn't describe: the published ones let later versions add some."""
    if isinstance(part, list):
        return [closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    whole = {key: closed(one) for key, one in part.items()}
    return {**whole, "additionalProperties": False} if isinstance(whole.get("properties"), dict) else whole


@cache
def strict(name: str) -> Draft202012Validator:
    return Draft202012Validator(closed(MADE[name]))


AROUND = {"schema", "version", "source", "filters", "arguments", "findings", "result", "accepted", "error"}
BESIDE = {"edits", "filtered", "level_orders", "notice"}  # which stood beside a result until 0.1


def told(name: str, output: dict[str, Any]) -> dict[str, Any]:
    """An output without the keys that it repeats until the next version."""
    result = output["result"] or {}
    for key in set(output) - AROUND - BESIDE:
        assert output[key] == result[key]
    return {key: value for key, value in output.items() if key in AROUND}


def wrong(name: str, output: dict[str, Any]) -> list[str]:
    """Where an output isn't as its schema says, the deepest place first."""
    errors = [*strict(name).iter_errors(told(name, output))]
    errors = [deep for e in errors for deep in (_deepest(e) if e.context else [e])]
    return [f"{e.json_path}: {e.message[:200]}" for e in sorted(errors, key=lambda e: -len(e.absolute_path))]


def _deepest(error: Any) -> list[Any]:
    return [deep for one in error.context for deep in (_deepest(one) if one.context else [one])]


# ---------------------------------------------------------------- outputs
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_output_is_as_its_schema_says(question, where):
    command = question.split(" ")[0]
    if where != "all" and command in OF_EVERYBODY:
        pytest.skip("asked of everybody")
    code, text = answer(question, WHERE[where])
    output = json.loads(text)
    if code == 1 and "error" in output:
        pytest.skip("refused: see the refusals")
    assert wrong(command, output) == []


def test_own_columns_and_filters_are_as_the_schemas_say(tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("id,days,status,arm,lung\nA,10,2,x,1\nB,20,1,y,0\nC,5,2.0,x,0\nD,7,1,y,1\nE,9,2,,1\n")
    for question in ("km --time days --event status --event-value 2 --unit days --by arm",
                     "cif --time days --event status --by arm --censored 1", "sites --id id --sites lung",
                     "check --time days --event status --event-value 2"):  # fmt: skip
        code, text = answer(question, (), file)
        assert code == 0 and wrong(question.split(" ")[0], json.loads(text)) == []
    code, text = answer("check --time days --event status", (), file)
    assert code == 1 and json.loads(text)["result"]["questions"] and wrong("check", json.loads(text)) == []


def test_projects_reports_and_lessons_are_as_the_schemas_say(run, tmp_path):
    project, lesson = tmp_path / "p.toml", tmp_path / "own.toml"
    lesson.write_text('id = "own"\n')
    asked = {
        "project-save": ("project", "save", SAMPLE, "-o", project, "--where", "age_years>40", "--by", "ici"),
        "project-show": ("project", "show", project), "project-check": ("project", "check", project, SAMPLE),
        "project-compare": ("project", "compare", project, SAMPLE, "--before", SAMPLE),
        "report": ("report", SAMPLE, "--out", tmp_path / "out", "--only", "project"),
        "lesson-list": ("lesson", "list"), "lesson-check": ("lesson", "check", lesson),
        "lesson-sheet": ("lesson", "sheet", "what-censoring-does-to-a-curve", "--out", tmp_path / "x.docx"),
    }  # fmt: skip
    for name, arguments in asked.items():
        code, output, _ = run(*arguments, "--json")
        assert code == (name == "lesson-check") and wrong(name, output) == [], name
    _, output, _ = run("project", "check", project, "--json")
    assert wrong("project-check", output) == []


def test_a_second_opinion_is_as_its_schema_says(run):
    code, output, _ = run("verify", SAMPLE, "--use", "lifelines", "--where", "age_years>50", "--json")
    assert code == 0 and wrong("verify", output) == []


# ---------------------------------------------------------------- refusals, and several answers
REFUSED = [
    "km --endpoint DSS", "km --endpoint PRS --by nothing", "cox --endpoint PRS --covariates nothing",
    "sites --scheme nothing", "compare --by nothing", "patient --place 999", "km --endpoint PRS --where nothing=1",
]  # fmt: skip


@pytest.mark.parametrize("question", REFUSED)
def test_a_refusal_is_as_the_schema_says(question):
    code, text = answer(question)
    output = json.loads(text)
    assert code == 1 and output["result"] is None and output["error"]
    assert wrong(question.split(" ")[0], output) == []
    assert wrong(question.split(" ")[0], {**output, "accepted": True})


def test_a_file_that_cannot_be_read_is_refused_as_the_schema_says(tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "bad.csv").write_text("patient_id,died\nP1,1\nP2,2\n")
    for file in (tmp_path / "none.csv", tmp_path / "empty.csv", tmp_path / "bad.csv"):
        code, text = answer("km --endpoint OS", (), file)
        output = json.loads(text)
        assert code == 1 and output["findings"] and wrong("km", output) == []


def test_several_answers_are_each_as_their_schema_says():
    code, text = answer("km --endpoint PRS,DSS,OS --by ici,site:lung")
    output = json.loads(text)
    assert code == 1 and Draft202012Validator(MADE["answers"]).is_valid(output) and strict("answers")
    assert [one["result"] is None for one in output["answers"]] == [False, False, True, True, False, False]
    for one in output["answers"]:
        assert wrong(one["schema"].removeprefix("necc.").partition("/")[0], one) == []
    del output["answers"][0]["schema"]
    assert not Draft202012Validator(MADE["answers"]).is_valid(output)


# ---------------------------------------------------------------- a change is seen
MUTATED = [
    "check", "km --endpoint PRS --by site:lung --at 6,12", "sites --by ici --convention r", "response --by figo_stage",
    "flow --endpoint PRS --by ici --before|126 screened --before|-19 no follow-up", "cif --by ici", "audit",
    "cox --endpoint PRS --covariates age_years,site:lung,n_sites", "patient --place 5 --at-least 40",
    "compare --group|old: age_years>50 --group|young: age_years<=50 --endpoint PRS",
]  # fmt: skip


def places(part: Any, schema: dict[str, Any], defs: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Every object of an output that has keys of its own, and each key; of a list the first item."""
    schema = {**schema, **defs.get(schema.get("$ref", "").rpartition("/")[2], {})}
    if "anyOf" in schema:
        return max((places(part, way, defs) for way in schema["anyOf"]), key=len)
    if isinstance(part, list) and part and isinstance(schema.get("items"), dict):
        return places(part[0], schema["items"], defs)
    if not isinstance(part, dict):
        return []
    known = {k: v for k, v in schema.get("properties", {}).items() if k in part and not v.get("deprecated")}
    return [(part, key) for key in known] + [one for key in known for one in places(part[key], known[key], defs)]


def short(part: Any) -> Any:
    """The same with one item in each list, which is enough to lose a key of."""
    if isinstance(part, dict):
        return {key: short(one) for key, one in part.items()}
    return [short(one) for one in part[:1]] if isinstance(part, list) and part and isinstance(part[0], dict) else part


@pytest.mark.parametrize("question", MUTATED)
def test_a_key_that_is_dropped_or_renamed_fails(question):
    name = question.split(" ")[0]
    published, output = MADE[name], short(told(name, json.loads(answer(question)[1])))
    validator, defs = Draft202012Validator(published), published["$defs"]
    assert validator.is_valid(output)
    found = places(output, published, defs)
    assert len(found) > 10
    for place, key in found:
        value = place.pop(key)
        lost = not validator.is_valid(output) or place is output["source"]  # of a refused file the name alone
        place[f"{key}_"] = value
        renamed = not strict(name).is_valid(output)
        del place[f"{key}_"]
        place[key] = value
        assert lost and renamed, key


def test_a_key_of_another_type_fails():
    output = json.loads(answer("km --endpoint PRS --by site:lung --at 6,12")[1])
    for key, value in (("n", "88"), ("n", 88.5), ("label", None), ("level", "0.95"), ("strata", {}), ("ci", "linear")):
        other = {**output, key: value, "result": {**output["result"], key: value}}
        assert wrong("km", other) and not Draft202012Validator(MADE["km"]).is_valid(other), key
    for key, value in (("schema", "necc.km/2"), ("version", 1), ("findings", {}), ("source", "cohort.csv")):
        assert wrong("km", {**output, key: value}), key


# ---------------------------------------------------------------- the files
def test_the_files_are_what_the_types_say():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(MADE), REWRITE
    for name, made in MADE.items():
        assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == dumped(made), f"{name}: {REWRITE}"
        Draft202012Validator.check_schema(made)


def test_every_key_of_this_version_is_still_there():
    """One that is gone or has another type needs the next major version, and a file of its own."""
    now = {line for name, made in MADE.items() for line in keys_of(name, made)}
    kept = set(KEYS.read_text(encoding="utf-8").splitlines())
    assert kept - now == set(), "a later major version may drop them"
    assert now - kept == set(), REWRITE
    assert all(made["$id"] == f"urn:necc:{name}:{MAJOR}" for name, made in MADE.items())


def commands_with_json(one: argparse.ArgumentParser, name: str = "") -> Iterator[str]:
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for key, command in action.choices.items():
                yield from commands_with_json(command, f"{name}-{key}".removeprefix("-"))
        elif "--json" in action.option_strings:
            yield name


def test_every_command_that_prints_json_has_a_schema():
    assert set(commands_with_json(parser())) == set(MADE) - {"answers"}, "add it to COMMANDS in tests/json_shapes.py"


def test_every_class_that_writes_its_own_json_is_described():
    own = {
        kind for name, module in sorted(sys.modules.items()) if name.startswith("necc.analysis.")
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Result) and "to_dict" in vars(kind) and kind.__module__ == name
    }  # fmt: skip
    assert len(own) > 40 and own - set(OWN) == set(), "say its keys in tests/json_shapes.py, below @writes"


# ---------------------------------------------------------------- necc schema
def test_a_schema_is_printed_listed_and_written(run, tmp_path):
    code, text, _ = run("schema", "km")
    assert code == 0 and json.loads(text) == MADE["km"]
    assert run("schema", "project", "save")[1] == dumped(MADE["project-save"])
    code, text, _ = run("schema")
    assert code == 0 and [line.split() for line in text.splitlines()] == [[n, f"urn:necc:{n}:1"] for n in sorted(MADE)]
    assert run("schema", "--all", "-o", tmp_path / "all")[0] == 0
    assert {path.stem for path in (tmp_path / "all").iterdir()} == set(schema.names()) == set(MADE)


def test_a_schema_that_isnt_there_is_told_and_nothing_overwritten(run, tmp_path):
    code, _, err = run("schema", "project")
    assert code == 2 and "project-save" in err and "km" not in err
    assert run("schema", "kn")[0] == run("schema", "--all")[0] == run("schema", "-o", "x")[0] == 2
    assert run("schema", "km", "--all", "-o", tmp_path / "all")[0] == 2 and not [*tmp_path.iterdir()]
    file = tmp_path / "km.json"
    assert run("schema", "km", "-o", file)[0] == 0 and json.loads(file.read_text()) == MADE["km"]
    file.write_text("mine")
    code, _, err = run("schema", "km", "-o", file)
    assert code == 1 and "--force" in err and file.read_text() == "mine"
    assert run("schema", "km", "-o", file, "--force")[0] == 0 and file.read_text() != "mine"
    assert run("schema", "km", "-o", file / "x.json")[0] == 1
