"""Every `>>>` in necc/ runs and prints what stands below it.

An example may use every public name of necc, `cohort` (the sample cohort, read) and the file "cohort.csv" (the same
as a file) without saying where they come from. A result that is not the point of the example is given a name, and a
long one is shortened by `...`.
"""

from __future__ import annotations

import doctest
import importlib
import shutil
from pathlib import Path

import pytest

import necc
from necc import Cohort, read_cohort

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def modules_with_examples() -> list[str]:
    files = sorted(f for f in (ROOT / "necc").rglob("*.py") if ">>>" in f.read_text(encoding="utf-8"))
    parts = (f.relative_to(ROOT).with_suffix("").parts for f in files)
    return [".".join(p[:-1] if p[-1] == "__init__" else p) for p in parts]


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return read_cohort(SAMPLE)


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples(name: str, cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copy(SAMPLE, tmp_path / "cohort.csv")
    monkeypatch.chdir(tmp_path)
    known = {public: getattr(necc, public) for public in necc.__all__} | {"cohort": cohort}
    result = doctest.testmod(importlib.import_module(name), extraglobs=known, optionflags=OPTIONS)
    assert result.attempted and not result.failed, "the examples that differ are printed above"


@pytest.mark.parametrize("page", ["python.md"])
def test_examples_of_a_page(page: str, cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The page's blocks are one session, from its first `>>>` to its last."""
    shutil.copy(SAMPLE, tmp_path / "cohort.csv")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").replace("```", "\n")
    test = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    assert len(test.examples) > 10 and not runner.run(test).failed, "the examples that differ are printed above"
