"""`necc summarise` on the command line: what it writes, what it refuses, and what it never writes over."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from cohorts import SAMPLES

from necc.centres import read_centre
from necc.cli import main

ROOT = Path(__file__).parent.parent
FILE = str(SAMPLES / "reconstructed_cohort.csv")
ASKED = ["--endpoints", "PRS", "--factors", "figo_stage"]


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Runs it with a ledger of its own; the exit code, and what it said."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["summarise", FILE, *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_it_writes_the_file_and_tells_what_is_in_it(call, tmp_path):
    code, out, _ = call(*ASKED, "--centre", "North", "--period", "2015 to 2024", "--out", "north.json")
    file = read_centre(tmp_path / "north.json")
    assert code == 0 and file.rule["says"] in out and file.sha256 in out
    assert (file.centre, file.period, file.patients) == ("North", "2015 to 2024", 88)
    assert [t for t in file.tables] == ["PRS", "patients"]
    assert (tmp_path / "data" / "necc" / "centre-files.json").exists()
    assert str(tmp_path) not in (tmp_path / "north.json").read_text(encoding="utf-8")


def test_a_preview_writes_nothing(call, tmp_path):
    code, out, _ = call(*ASKED, "--preview", "--json")
    told = json.loads(out)["result"]
    assert code == 0 and told["file"] is None and not [*tmp_path.iterdir()]
    assert [grid["time_grid"] for grid in told["preview"]["grids"]] == ["days", "month", "quarter"]
    assert told["precision"]["grids"][0]["median"] == pytest.approx(22.93, abs=0.01)
    assert call(*ASKED, "--preview", "--out", "a.json")[0] == 2
    assert call(*ASKED)[0] == 2


def test_filters_are_written_into_the_file(call, tmp_path):
    assert call(*ASKED, "--where", "age_years>50", "--out", "a.json")[0] == 0
    file = read_centre(tmp_path / "a.json")
    assert file.filters == ["age_years>50"] and file.patients < 88


def test_a_second_file_that_tells_of_few_is_refused(call, tmp_path):
    assert call(*ASKED, "--out", "a.json")[0] == 0
    code, _, err = call(*ASKED, "--where", "figo_stage=I,II,III,missing", "--out", "b.json")
    assert code == 1 and "2 patients were left out" in err and not (tmp_path / "b.json").exists()
    code, _, err = call("--endpoints", "OS", "--out", "b.json")
    assert code == 1 and "other tables of the same patients" in err and not (tmp_path / "b.json").exists()
    assert call("--endpoints", "OS", "--out", "b.json", "--despite-ledger", "agreed on 3 May by both boards")[0] == 0
    assert read_centre(tmp_path / "b.json").rule["despite_ledger"] == "agreed on 3 May by both boards"
    assert call(*ASKED, "--out", "c.json")[0] == 0
    assert (tmp_path / "c.json").read_bytes() == (tmp_path / "a.json").read_bytes()


def test_nothing_is_written_over(call, tmp_path):
    shutil.copy(FILE, tmp_path / "own.csv")
    assert main(["summarise", "own.csv", *ASKED, "--out", "own.csv", "--force"]) == 1
    assert (tmp_path / "own.csv").read_bytes() == Path(FILE).read_bytes()
    assert call(*ASKED, "--out", "a.json")[0] == 0
    assert call(*ASKED, "--out", "a.json")[0] == 1
    assert call(*ASKED, "--out", "a.json", "--force")[0] == 0
    assert call(*ASKED, "--out", "none/a.json")[0] == 1
    assert call(*ASKED, "--ledger", "a.json", "--out", "a.json", "--force")[0] == 1


def test_signing_says_what_it_needs(call, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    code, _, err = call(*ASKED, "--out", "a.json", "--sign", "key")
    assert code == 2 and "minisign" in err and not (tmp_path / "a.json").exists()


@pytest.mark.skipif(not shutil.which("minisign"), reason="minisign isn't installed; `run.py check` installs it")
def test_a_signature_is_one_of_the_file(call, tmp_path):
    subprocess.run(["minisign", "-G", "-W", "-p", "key.pub", "-s", "key"], check=True, capture_output=True)
    assert call(*ASKED, "--out", "a.json", "--sign", "key")[0] == 0
    verify = ["minisign", "-V", "-p", "key.pub", "-m", "a.json"]
    assert subprocess.run(verify, capture_output=True).returncode == 0
    (tmp_path / "a.json").write_bytes((tmp_path / "a.json").read_bytes() + b" ")
    assert subprocess.run(verify, capture_output=True).returncode != 0


def test_the_page_for_data_protection_tells_of_the_file_that_it_makes(tmp_path, monkeypatch, capsys):
    page = (ROOT / "docs" / "centres.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith("necc summarise "))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SAMPLES, tmp_path / "sample_data")
    assert main(shlex.split(line)[1:]) == 0
    file = read_centre(tmp_path / "north.json")
    assert json.dumps(file.tables["PRS"]["rows"][:6]) in page
    assert f"{file.rule['patients_in_small_cells']} of {file.patients} stand in cells" in page
    parts = {name for row in page.splitlines() if row.startswith("| `") for name in row.split("|")[1].split("`")[1::2]}
    assert parts == {*json.loads(file.to_bytes())}
