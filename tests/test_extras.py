"""What an installation without extras does, and how it says what it lacks: in sentences, each with what to install."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from page_helpers import failures, look_at, open_page, press, words

from necc.cli.examples import TOLD
from necc.core.errors import NeccError
from necc.core.extras import EXTRAS, PACKAGES, MissingExtra, need, told

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OF_EXTRAS = {module for modules in EXTRAS.values() for module in modules}
BLOCKED = """
import contextlib, io, json, sys
ABSENT = set(json.loads(sys.argv[1]))
class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in ABSENT else self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)
sys.meta_path[:] = map(Without, sys.meta_path)
from necc.cli import main
answers = []
for words in json.loads(sys.argv[2]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as end:
            code = end.code
    answers.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(answers))
"""
"""Runs commands in one process in which some modules can't be found."""


def without(modules: set[str], commands: list[list[str]], folder: Path) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of each command where these modules aren't installed."""
    arguments = [sys.executable, "-c", BLOCKED, json.dumps(sorted(modules)), json.dumps(commands)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder)}
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=folder, env=environment, timeout=280)
    assert done.returncode == 0, done.stderr
    return [tuple(answer) for answer in json.loads(done.stdout)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small")
    shutil.copy(SAMPLE, path / "cohort.csv")
    for name in ("cohort.rds", "cohort.sav", "cohort.sas7bdat"):
        if (ROOT / "tests" / "files" / name).is_file():
            shutil.copy(ROOT / "tests" / "files" / name, path / name)
    (path / "cohort.parquet").write_bytes(b"PAR1" + bytes(20) + b"PAR1")
    return path


# --- nothing could be made -----------------------------------------------------------------------------
def test_where_nothing_asked_can_be_made_it_is_refused(folder: Path):
    commands = [
        ["report", "cohort.csv", "--only", "docx", "--out", "none"],
        ["verify", "cohort.csv", "--use", "lifelines"],
    ]  # fmt: skip
    (code, _, err), (verified, _, said) = without(OF_EXTRAS, commands, folder)
    assert code == 1 and "pip install 'necc[report]'" in err and not (folder / "none").exists()
    assert verified == 1 and "pip install 'necc[prediction]'" in said


# --- the base ------------------------------------------------------------------------------------------
PLAIN = ("check", "map", "sites", "flow", "response", "km", "cif", "compare", "cox", "patient", "audit")
LINES = [line for command in PLAIN for _, line in TOLD[command].examples[:2]]


def test_the_base_answers_every_usual_question(folder: Path):
    """The first two examples of the help of each command, where no extra is installed."""
    alone = [line for line in LINES if not re.search(r"\.toml|\.(png|pdf|tiff)|[|<>*]| - ", line)]
    commands = [line.split()[1:] for line in alone if "'" not in line and '"' not in line]
    assert {words[0] for words in commands} >= {"check", "sites", "km", "cif", "cox", "compare"}
    for command, (code, _, errors) in zip(commands, without(OF_EXTRAS, commands, folder), strict=True):
        assert code == 0, (command, errors)


def test_the_base_draws_a_curve_and_gives_the_same_numbers(folder: Path):
    words = ["km", "cohort.csv", "--endpoint", "PRS", "--by", "site:lung", "--json"]
    base, pictured = without(OF_EXTRAS, [words, [*words[:-1], "--svg", "lung.svg"]], folder)
    full = subprocess.run(
        [sys.executable, "-m", "necc", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert json.loads(base[1]) == json.loads(full.stdout)
    assert pictured[0] == 0 and (folder / "lung.svg").read_text(encoding="utf-8").startswith("<svg")


# --- what is missing -----------------------------------------------------------------------------------
KM = ["km", "cohort.csv", "--endpoint", "PRS"]
LACKING = {
    "app": (["app"], "the dashboard needs streamlit", "app"),
    "png": ([*KM, "--png", "a.png"], "a picture .* needs ", "report"),
    "pdf": ([*KM, "--pdf", "a.pdf"], "a picture as PDF needs fpdf2", "report"),
    "tiff": ([*KM, "--tiff", "a.tiff"], "a picture for print needs pillow", "report"),
    "parametric": (
        ["parametric", "cohort.csv", "--endpoint", "PRS"],
        "a parametric curve needs lifelines",
        "prediction",
    ),
    "parquet": (["check", "cohort.parquet"], "reading Parquet needs pyarrow", "engine"),
    "sas": (["check", "cohort.sas7bdat"], "reading a SAS file needs pyreadstat", "engine"),
    "r": (["check", "cohort.rds"], "reading R's files needs pyreadr", "rds"),
}


@pytest.fixture(scope="module")
def lacking(folder: Path) -> dict[str, tuple[int, str, str]]:
    return dict(zip(LACKING, without(OF_EXTRAS, [words for words, *_ in LACKING.values()], folder), strict=True))


@pytest.mark.parametrize("name", LACKING)
def test_a_missing_extra_is_told_in_one_line(name: str, lacking: dict[str, tuple[int, str, str]]):
    code, out, errors = lacking[name]
    _, sentence, extra = LACKING[name]
    told = [line for line in (out + errors).splitlines() if "pip install" in line]
    assert code == 1 and len(told) == 1, out + errors
    assert re.search(rf"{sentence}.*pip install 'necc\[{extra}\]'", told[0])
    assert "Traceback" not in errors and "should not have happened" not in errors


def test_a_report_without_documents_says_so_and_makes_the_rest(folder: Path):
    ((code, out, errors),) = without(
        OF_EXTRAS, [["report", "cohort.csv", "--only", "docx,data", "--out", "made"]], folder
    )
    assert "a Word document needs python-docx" in out + errors
    assert list((folder / "made").rglob("*.csv")) and not list((folder / "made").rglob("*.docx"))
    assert code in (0, 1) and "Traceback" not in errors


def test_in_python_it_is_an_error_of_necc():
    with pytest.raises(
        NeccError, match=r"^writing Fancy needs fancy, .*: pip install 'necc\[report\]'; or Plain$"
    ) as told:
        need("fancy", "report", "writing Fancy", "or Plain")
    assert isinstance(told.value, MissingExtra) and (told.value.module, told.value.extra) == ("fancy", "report")


def test_a_library_that_is_there_and_broken_is_not_called_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "broken_library.py").write_text("import a_part_that_is_missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_part_that_is_missing"):
        need("broken_library", "report", "writing")


def test_what_nobody_asked_for_is_told_by_its_extra():
    assert "pip install 'necc[report]'" in str(told(ModuleNotFoundError(name="pptx.util")))
    assert told(ModuleNotFoundError(name="fancy")) is None


# --- what is declared ----------------------------------------------------------------------------------
@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_brings_what_is_said_of_it(extra: str):
    named = {Requirement(text).name for text in DECLARED["optional-dependencies"][extra]} - {"necc"}
    assert named == {PACKAGES.get(module, module) for module in EXTRAS[extra]}


def test_all_is_everything_but_what_has_another_licence():
    (everything,) = map(Requirement, DECLARED["optional-dependencies"]["all"])
    assert everything.extras == set(EXTRAS) - {"rds"}
    assert "necc[all]" in DECLARED["optional-dependencies"]["test"]


def test_the_base_requires_no_extra():
    base = {Requirement(text).name for text in DECLARED["dependencies"]}
    assert not base & {PACKAGES.get(module, module) for module in OF_EXTRAS}


ALLOWED = {"necc/ingest/distinct.py", "necc/present/figures/chart.py"}  # a try, and the app's own kind of figure


@pytest.mark.parametrize("path", sorted((ROOT / "necc").rglob("*.py")), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_library_of_an_extra_is_imported_where_it_is_needed(path: Path):
    name = path.relative_to(ROOT).as_posix()
    if name.startswith("necc/app/") or name in ALLOWED:
        return
    top = [n for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.Import | ast.ImportFrom)]
    modules = {a.name for n in top if isinstance(n, ast.Import) for a in n.names} | {
        n.module or "" for n in top if isinstance(n, ast.ImportFrom)
    }
    assert not {m.partition(".")[0] for m in modules} & OF_EXTRAS


# --- the app -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("page", "view", "button"),
    [("survival", "parametric", ""), ("regression", "prediction", "Compare the models")],
)
def test_the_dashboard_says_what_a_view_needs(
    app_test, monkeypatch: pytest.MonkeyPatch, page: str, view: str, button: str
):
    for module in ("lifelines", "sksurv", "sksurv.util", "sklearn"):
        monkeypatch.setitem(sys.modules, module, None)
    app = look_at(open_page(app_test(), page), f"{page}-view", view)
    if button:
        press(app, button)
    assert not failures(app)
    assert "pip install 'necc[prediction]'" in words(app)
