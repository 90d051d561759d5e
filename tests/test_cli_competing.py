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
