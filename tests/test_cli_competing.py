"""`necc cif` on a file's own columns against R's cmprsk."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import RECORDED

from necc.cli import main

CASES = json.loads((RECORDED / "competing.json").read_text(encoding="utf-8"))["cases"]


def cif(capsys, *arguments):
    code = main(["cif", *map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, json.loads(out)


def written(path, case):
    columns = zip(case["time"], case["status"], case["g"], strict=True)
    path.write_text("patient,months,fstatus,arm\n" + "".join(
        f"P{i},{t!r},{s:g},{'ABCD'[int(g) - 1]}\n" for i, (t, s, g) in enumerate(columns)))  # fmt: skip
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_curves_and_gray_s_test_equal_r(case, tmp_path, capsys):
    """cmprsk::cuminc: curves by group and cause ("1 1", "2 1", ... in rows), Tests as statistic, p, df."""
    file = written(tmp_path / "codes.csv", case)
    codes = sorted({f"{s:g}" for s in case["status"]} - {"0"})
    code, found = cif(capsys, file, "--time", "months", "--event", "fstatus", "--censored", "0", "--by", "arm")
    assert code == 0 and found["n"] == len(case["time"])
    assert [c["name"] for c in found["causes"]] == codes
    estimates = np.array(case["est"], dtype=float).reshape(len(case["curves"]), -1)
    for name, expected in zip(case["curves"], estimates, strict=True):
        group, cause = name.split()
        stratum = next(s for s in found["strata"] if s["name"] == "ABCD"[int(group) - 1])
        curve = next(c for c in stratum["causes"] if c["name"] == cause)["curve"]
        for row in curve:
            want = expected[case["at"].index(row["time"])]
            if np.isfinite(want):
                assert row["estimate"] == pytest.approx(want, rel=1e-9, abs=1e-12)
    statistics = np.array(case["gray"], dtype=float).reshape(len(codes), 3)
    for test, (statistic, p, df) in zip(found["tests"], statistics, strict=True):
        assert test["statistic"] == pytest.approx(statistic, rel=1e-8) and test["p"] == pytest.approx(p, rel=1e-7)
        assert test["df"] == df


def test_a_code_that_is_not_there_is_refused(tmp_path, capsys):
    file = written(tmp_path / "codes.csv", CASES[0])
    code, found = cif(capsys, file, "--time", "months", "--event", "fstatus", "--censored", "9")
    assert code == 1 and found["accepted"] is False and "not '9'" in found["error"]
    code, found = cif(capsys, file, "--time", "months", "--event", "fstat")
    assert code == 1 and "fstat" in found["error"]


def test_filters_and_units_hold(tmp_path, capsys):
    file = written(tmp_path / "codes.csv", CASES[0])
    code, found = cif(capsys, file, "--time", "months", "--event", "fstatus", "--unit", "days", "--where", "arm=A")
    assert code == 0 and found["unit"] == "days" and found["n"] == CASES[0]["g"].count(1)


@pytest.mark.parametrize(
    ("times", "codes", "options", "expected"),
    [
        ("1 1 0 1", "0 1 2 0", [], {"1": 1, "2": 1}),
        ("0 0 1 1", "0 1 0 1", [], {"1": 2}),
        ("1 1 1 1", "0 1 2 0", ["--censored", "2"], {"0": 2, "1": 1}),
        ("5 6 7 8", "0 1 1 0", ["--event-value", "0"], {"0": 2}),
        ("5 6 7 8", "Y N N Y", ["--event-value", "N"], {"N": 2}),
        ("5 6 7 8", "alive alive alive alive", ["--event-value", "dead"], {}),
    ],
)
def test_times_and_codes_are_what_they_are_named(times, codes, options, expected, tmp_path, capsys):
    """Times that are all 0 and 1 are times, and a status of two codes keeps both."""
    file = tmp_path / "codes.csv"
    rows = zip(times.split(), codes.split(), strict=True)
    file.write_text("patient,t,s\n" + "".join(f"P{i},{t},{s}\n" for i, (t, s) in enumerate(rows)))
    code, result = cif(capsys, file, "--time", "t", "--event", "s", "--unit", "months", *options)
    assert code == 0, result
    assert {c["name"]: c["n_events"] for c in result["causes"]} == expected and result["n"] == 4


@pytest.mark.parametrize(
    ("codes", "value", "opens"),
    [
        ("alive alive alive", "dead", True),
        ("0 0 0", "1", True),
        ("no no no", "yes", True),
        ("存活 存活 存活", "死亡", True),
        ("alive censored alive", "dead", True),
        ("dead dead dead", "deceased", False),  # another word for the same
        ("1 1 1", "2", False),  # 1 may mean either
        ("alive dead alive", "deceased", False),
        ("x x x", "y", False),
    ],
)
def test_a_cohort_in_which_nobody_has_the_event_yet_opens(codes, value, opens, tmp_path, capsys):
    file = tmp_path / "codes.csv"
    file.write_text("patient,t,s\n" + "".join(f"P{i},{i + 3},{s}\n" for i, s in enumerate(codes.split())), "utf-8")
    options = ["--time", "t", "--event", "s", "--event-value", value, "--unit", "months", "--json"]
    assert main(["km", str(file), *options]) == (0 if opens else 1)
    result = json.loads(capsys.readouterr().out)
    if opens:
        assert (result["n"], result["n_events"]) == (3, 0)
        assert any("nobody has had the event yet" in f["message"] for f in result["findings"])
    else:
        assert "never holds" in result["error"] and "no_event" in result["error"]
