"""`necc pool` on the command line: what it says of three centres is what all their patients say."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from cohorts import SAMPLES
from counted import close

from necc.cli import main
from necc.ingest import read_cohort

FILE = SAMPLES / "reconstructed_cohort.csv"
THREE = ("North", "South", "West")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The sample in three, and the file of each with times as they were recorded."""
    path = tmp_path_factory.mktemp("centres")
    whole = pd.read_csv(FILE, dtype=str)
    for k, name in enumerate(THREE):
        whole.iloc[k::3].to_csv(path / f"{name}.csv", index=False)
        words = ["--centre", name, "--time-grid", "days", "--ledger", str(path / f"{name}.ledger")]
        assert main(["summarise", str(path / f"{name}.csv"), *words, "--out", str(path / f"{name}.json")]) == 0
    whole.assign(centre=[THREE[k % 3] for k in range(len(whole))]).to_csv(path / "whole.csv", index=False)
    return path


def asked(folder, capsys, *words, files=THREE):
    code = main(["pool", *(str(folder / f"{name}.json") for name in files), *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_pooled_curves_are_those_of_all_patients(folder, capsys):
    code, out, _ = asked(folder, capsys, "--endpoint", "PRS", "--by", "site:abdominal", "--json")
    pooled = json.loads(out)
    assert code == 0 and main(["km", str(FILE), "--endpoint", "PRS", "--by", "site:abdominal", "--json"]) == 0
    close(json.loads(capsys.readouterr().out)["strata"], pooled["strata"])
    assert [c["name"] for c in pooled["centres"]] == [*THREE] and sum(c["n"] for c in pooled["centres"]) == 88


def test_the_test_and_the_model_are_within_centres(folder, capsys):
    pooled = json.loads(asked(folder, capsys, "--endpoint", "PRS", "--by", "site:abdominal", "--json")[1])
    whole = read_cohort(folder / "whole.csv")
    test = whole.test("PRS", "site:abdominal", strata="centre").test("log-rank")
    (term,) = whole.cox("PRS", "site:abdominal", strata="centre").terms
    assert math.isclose(pooled["test"]["statistic"], test.statistic, rel_tol=1e-9)
    assert math.isclose(pooled["terms"][0]["coefficient"], term.coefficient, rel_tol=1e-9)
    assert math.isclose(pooled["terms"][0]["se"], term.se, rel_tol=1e-9)
    assert pooled["heterogeneity"][0]["df"] == 2 and len(pooled["leave_one_out"]) == 3


def test_shares_of_sites(folder, capsys):
    code, out, _ = asked(folder, capsys, "--shares", "sites", "--json")
    rows = {row["name"]: row for row in json.loads(out)["rows"]}
    assert code == 0 and (rows["lung"]["n"], rows["lung"]["of"]) == (34, 88)
    code, out, _ = asked(folder, capsys, "--shares", "sites")
    assert code == 0 and "Lung: all centres" in out and "34/88" in out


def test_pictures_and_text(folder, capsys, tmp_path):
    code, out, _ = asked(folder, capsys, "--endpoint", "PRS", "--by", "site:lung", "--svg", str(tmp_path / "a.svg"))
    assert code == 0 and "Log-rank test within centres" in out and "<svg" in (tmp_path / "a.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--endpoint", "PRS", "--shares", "sites"], "leave out --endpoint and --by"),
        (["--endpoint", "XYZ"], "no file has an endpoint 'XYZ'"),
        (["--endpoint", "PRS", "--by", "age_years"], "age_years"),
        ([], "--endpoint is needed"),
    ],
)
def test_what_cannot_be_asked_is_told(folder, capsys, words, said):
    code, _, err = asked(folder, capsys, *words)
    assert code in (1, 2) and said in err and "Traceback" not in err


def test_a_file_given_twice_or_changed_is_never_summed(folder, capsys, tmp_path):
    code, _, err = asked(folder, capsys, "--endpoint", "PRS", files=("North", "North"))
    assert code == 1 and "twice" in err
    text = (folder / "North.json").read_text("utf-8")
    (tmp_path / "North.json").write_text(text.replace('"patients":30', '"patients":31'), encoding="utf-8")
    shutil.copy(folder / "South.json", tmp_path / "South.json")
    code, _, err = asked(tmp_path, capsys, "--endpoint", "PRS", files=("North", "South"))
    assert code == 1 and "North" in err


@pytest.mark.skipif(not shutil.which("minisign"), reason="minisign is not installed")
def test_only_signed_files_are_pooled(folder, capsys, tmp_path):
    public, secret = tmp_path / "key.pub", tmp_path / "key"
    subprocess.run(["minisign", "-G", "-W", "-p", str(public), "-s", str(secret)], check=True, capture_output=True)
    one = tmp_path / "North.json"
    shutil.copy(folder / "North.json", one)
    words = ["pool", str(one), "--endpoint", "PRS", "--public-key", str(public)]
    assert main(words) == 1 and "isn't signed" in capsys.readouterr().err
    subprocess.run(["minisign", "-S", "-s", str(secret), "-m", str(one)], check=True, capture_output=True)
    assert main(words) == 0
    capsys.readouterr()
    Path(one).write_bytes(one.read_bytes() + b" ")
    assert main(words) == 1 and "changed" in capsys.readouterr().err
