"""`necc round`: the worked example of docs/centres-rounds.md, what is refused, and what is printed as JSON."""

from __future__ import annotations

import json
import re
import shlex

import pandas as pd
import pytest
from test_cli_docs import ROOT, as_pattern, asked
from test_cli_schema import wrong

from necc.analysis.regression import cox
from necc.analysis.rounds import read_proposal
from necc.centres import summarise
from necc.cli import main
from necc.ingest import read_cohort

PAGE = (ROOT / "docs" / "centres-rounds.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
NAMES = ("north", "south", "east")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the sample as three centres' files."""
    lines = (ROOT / "sample_data" / "reconstructed_cohort.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    for place, name in enumerate(NAMES):
        (tmp_path / f"{name}.csv").write_text("".join([lines[0], *lines[1 + place :: 3]]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_worked_example_is_what_is_printed_and_ends_at_the_pooled_model(here, capsys):
    line = ""
    for line, below in (one for block in BLOCKS for one in asked(block)):
        program, *arguments = shlex.split(line)
        code = main(arguments)
        shown = capsys.readouterr().out
        assert (program, code) == ("necc", 0)
        assert re.fullmatch(as_pattern(below), shown), f"{line}\n{shown}"
    assert main([*shlex.split(line)[1:], "--json", "--force"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert wrong("round-next", told) == [] and told["result"]["converged"]
    parts = [pd.read_csv(f"{name}.csv").assign(centre=name) for name in NAMES]
    pooled = cox(read_cohort(pd.concat(parts)), "PRS", ["age_years", "n_sites"], per={"age_years": 10}, strata="centre")
    for term, other in zip(told["result"]["model"]["terms"], pooled.terms, strict=True):
        for field in ("coefficient", "se", "hazard_ratio", "ci_lower", "ci_upper", "p"):
            assert term[field] == pytest.approx(getattr(other, field), rel=1e-9, abs=1e-9)


START = ("round", "start", "north.csv", "--endpoint", "PRS", "--covariates", "age_years", "--centres", "North,South")


def replied(run, name, *more):
    return run("round", "reply", f"{name.lower()}.csv", "--proposal", "0.json", "--centre", name, "-o", f"{name}.json",
               *more)  # fmt: skip


def test_what_is_printed_as_json_is_as_the_schemas_say(here, run):
    code, told, _ = run(*START, "-o", "0.json", "--json")
    assert code == 0 and wrong("round-start", told) == [] and "synthetic" in told["notice"].lower()
    for name in ("North", "South"):
        code, told, _ = replied(run, name, "--json")
        assert code == 0 and wrong("round-reply", told) == [] and "synthetic" in told["notice"].lower()
    code, told, _ = run("round", "next", "0.json", "North.json", "South.json", "-o", "1.json", "--json")
    assert code == 0 and wrong("round-next", told) == [] and "synthetic" in told["notice"].lower()
    assert told["result"]["proposal"]["round"] == 1 and not told["result"]["converged"]
    code, told, _ = run("round", "next", "0.json", "North.json", "-o", "2.json", "--json")
    assert code == 1 and wrong("round-next", told) == [] and told["findings"][0]["code"] == "missing-reply"
    assert not (here / "2.json").exists()


def test_text_says_that_patients_are_made_up(here, run):
    for arguments in (START, ("round", "reply", "north.csv", "--proposal", "0.json", "--centre", "North")):
        code, out, _ = run(*arguments, "-o", "0.json" if arguments is START else "n.json")
        assert code == 0 and "synthetic" in out.lower()


def test_nothing_is_written_over_what_is_there_or_read(here, run):
    run(*START, "-o", "0.json")
    before = (here / "0.json").read_bytes()
    assert "there already" in run(*START, "-o", "0.json")[2]
    assert "not even with --force" in run(*START, "-o", "north.csv", "--force")[2]
    code, _, err = run("round", "reply", "north.csv", "--proposal", "0.json", "--centre", "North", "-o", "0.json",
                       "--force")  # fmt: skip
    assert code == 1 and "not even with --force" in err and (here / "0.json").read_bytes() == before
    for name in ("North", "South"):
        assert replied(run, name)[0] == 0
    code, _, err = run("round", "next", "0.json", "North.json", "South.json", "-o", "South.json", "--force")
    assert code == 1 and "not even with --force" in err


@pytest.mark.parametrize(
    ("content", "says"),
    [("{}", "no checksum"), ("north", "damaged"), (None, "can't be opened")],
)
def test_a_file_that_is_no_proposal_is_refused(content, says, here, run):
    if content is not None:
        (here / "0.json").write_text(content)
    code, _, err = replied(run, "North")
    assert code == 1 and says in err and not (here / "North.json").exists()


def test_a_rule_that_is_not_met_is_refused_without_a_file(here, run):
    run(*START, "-o", "0.json")
    code, _, err = replied(run, "North", "--smallest-cell", "50")
    assert code == 1 and "at least 50 a term are needed" in err and not (here / "North.json").exists()


def test_a_centre_whose_file_is_known_replies_with_the_same_patients(here, run):
    for name in NAMES[:2]:
        made = summarise(read_cohort(here / f"{name}.csv"), centre=name.title(), endpoints=["PRS"], factors=[])
        (here / f"{name}.counts.json").write_bytes(made.to_bytes())
    files = ["--centre-file", "north.counts.json", "--centre-file", "south.counts.json"]
    assert run(*START[:7], *files, "-o", "0.json")[0] == 0
    assert read_proposal((here / "0.json").read_bytes()).centres[0].patients == 30
    assert replied(run, "North")[0] == 0
    code, _, err = replied(run, "South", "--where", "age_years>40")
    assert code == 1 and "was made of 29 patients" in err
    code, _, err = run(*START[:7], "-o", "1.json")
    assert code == 2 and "--centre-file" in err
    assert "not even with --force" in run(*START[:7], *files, "-o", "north.counts.json", "--force")[2]
