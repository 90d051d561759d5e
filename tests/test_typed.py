"""The package as a person's type checker and editor see it."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import necc
from necc.core.result import Viewable

SCRIPT = """
from __future__ import annotations

import numpy as np
import pandas as pd

from necc import (
    AnalysisError, Cohort, CoxModel, EachSite, KaplanMeier, Selection, cox, each_site, kaplan_meier, read_cohort,
)


def curves(cohort: Cohort) -> KaplanMeier:
    return cohort.where("age_years > 50", figo_stage=["III", "IVA"]).km("PRS", by="site:lung", times=12)


def table(cohort: Cohort) -> pd.DataFrame:
    model: CoxModel = cox(cohort, "PRS", "age_years", per={"age_years": 10}, ties="breslow")
    return model.to_frame()


def main() -> None:
    cohort = read_cohort("cohort.csv")
    try:
        whole = kaplan_meier(cohort, "PRS", ci="log")
    except AnalysisError as error:
        print(error)
        return
    every: EachSite = each_site(Selection.parse(["ici=yes"]).apply(cohort), "PRS", adjustment="bh")
    medians: list[float | None] = [curve.median.value for curve in whole.curves]
    older: Cohort = cohort.where(np.array([True] * len(cohort)), {"site:lung": True}, ici=None)
    print(every.sites[0].term.hazard_ratio, medians, table(older).shape, curves(cohort).n)


def wrong(cohort: Cohort, whole: KaplanMeier) -> None:
"""
WRONG = {
    'cohort.km("PRS", ci="loglog")': '"Literal[\'loglog\']"; expected "Literal[\'log-log\', \'log\', \'plain\']"',
    'cohort.km("PRS", group="arm")': 'Unexpected keyword argument "group"',
    'kaplan_meier(cohort, 3)': "No overload variant",
    "whole.curvs": 'has no attribute "curvs"',
    'each_site(cohort, "PRS", level="high")': 'has incompatible type "str"; expected "float"',
    'cox(cohort, "PRS", "age_years").term("age_years").hazard_ratio + 1': "Unsupported operand types",
}  # fmt: skip
"""What a type checker is to find, and what it says of it."""


def test_a_script_in_strict_mypy_sees_the_types(tmp_path):
    """One run, as it takes a while: lines that are right give no error, and each that is wrong gives its own."""
    right = len(SCRIPT.splitlines())
    (tmp_path / "script.py").write_text(SCRIPT + "".join(f"    {line}\n" for line in WRONG), encoding="utf-8")
    root = str(Path(necc.__file__).parents[1])  # on the path of Python and no source: as where it is installed
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--no-error-summary", "--no-incremental"]
    done = subprocess.run([*command, "script.py"], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": root})  # fmt: skip
    errors = re.findall(r"^script.py:(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    assert not [told for line, told in errors if int(line) <= right], done.stdout
    for place, (line, told) in enumerate(WRONG.items(), right + 1):
        assert any(told in error for at, error in errors if int(at) == place), (line, done.stdout, done.stderr)


def test_an_editor_finds_every_name():
    assert {*dir(necc), "__version__"} >= set(necc.__all__) and len(necc.__all__) == len(set(necc.__all__))
    assert {"KaplanMeier", "CoxModel", "EachSite", "SelectionError", "Cohort", "each_site"} <= set(necc.__all__)
    assert (Path(necc.__file__).parent / "py.typed").is_file()
    methods = {name for name in dir(necc.Cohort) if not name.startswith("_")}
    assert {"km", "cox", "where", "each_site", "from_frame"} <= methods


def test_what_an_analysis_gives_can_be_annotated():
    """The class of each result of a cohort is a public name, too."""
    others = {"CauseTable", "FineGrayFit", "GrayTest", "TreatedPatients"}  # of arrays and of single patients
    for name in necc.__all__:
        function = getattr(necc, name)
        if inspect.isfunction(function) and function.__module__.startswith("necc.analysis"):
            made = set(re.findall(r"[A-Z]\w+", str(inspect.signature(function).return_annotation)))
            found = {c: inspect.unwrap(function).__globals__.get(c) for c in made - others}
            classes = {c for c, of in found.items() if isinstance(of, type) and issubclass(of, Viewable)}
            assert classes <= set(necc.__all__), (name, classes - set(necc.__all__))
