"""The five scripts of a statistician, as notebooks and as shell lines: short, without outputs, and run."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from necc import Cohort, cox, cumulative_incidence, kaplan_meier, read_cohort
from necc.core.text import format_p, p_phrase
from necc.ingest.build import SYNTHETIC

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SHELL = ROOT / "docs" / "five.sh"
SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
MOST_LINES = 10


def code_of(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    return [line for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines() if line.strip()]


def place(folder: Path) -> Path:
    """A copy of the notebooks and of the sample, to write beside."""
    shutil.copytree(FOLDER, folder / "docs" / "notebooks")
    shutil.copytree(ROOT / "sample_data", folder / "sample_data")
    return folder / "docs" / "notebooks"


@dataclass(frozen=True)
class Ran:
    """What a notebook showed, by cell, each by its kind; and the folder that it wrote into."""

    shown: list[dict[str, str]]
    folder: Path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """All five in one kernel of Jupyter, which forgets every name between two."""
    home = tmp_path_factory.mktemp("notebooks")
    folder = place(home)
    one, owners = nbformat.v4.new_notebook(), list[str]()
    for path in NOTEBOOKS:
        own = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        one.cells += [nbformat.v4.new_code_cell("%reset -f"), *own]
        owners += ["", *[path.stem] * len(own)]
    own_settings = {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(home), "JUPYTER_CONFIG_DIR": str(home)}
    client = NotebookClient(one, timeout=120, resources={"metadata": {"path": str(folder)}}, kernel_name="python3")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own_settings.items():
            patch.setenv(name, value)
        client.execute()
    assert [c.execution_count for c in one.cells]
    return {
        path.stem: Ran([shown_by(c) for c, of in zip(one.cells, owners, strict=True) if of == path.stem], folder)
        for path in NOTEBOOKS
    }


def shown_by(cell: Any) -> dict[str, str]:
    """What a cell displays, by its kind; nothing may have been warned of."""
    streams = [o.text for o in cell.outputs if o.output_type == "stream"]
    assert not streams, streams
    results = [o.data for o in cell.outputs if o.output_type == "execute_result"]
    return dict(results[0]) if results else {}


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return read_cohort(SAMPLE)


def numbers_of(html: str) -> str:
    """The text of HTML, whose numbers can be looked for."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


# --- notebooks -----------------------------------------------------------------------------------------
def test_there_are_five_and_the_page_names_each():
    assert [p.stem for p in NOTEBOOKS] == ["1-curves", "2-cox", "3-every-site", "4-subgroup", "5-competing-risks"]
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\((\S+\.ipynb)\)", page)) == {p.name for p in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_short_and_kept_without_what_it_shows(path: Path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert 2 <= len(code_of(path)) <= MOST_LINES
    assert all(not c.outputs and c.execution_count is None for c in notebook.cells if c.cell_type == "code")
    assert notebook.cells[0].cell_type == "markdown" and "synthetic" in notebook.cells[0].source
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_shows_its_results(path: Path, ran: dict[str, Ran]):
    """Every result is shown by its own HTML, says that the patients are made up, and tells of none alone."""
    shown = ran[path.stem].shown
    own = [s["text/html"] for s in shown if "necc" in s.get("text/html", "") and "dataframe" not in s["text/html"]]
    assert own and all(SYNTHETIC in html for html in own)
    assert not [s for s in shown if "SYN-0" in "".join(s.values())]


def test_curves_by_three_groups(ran: dict[str, Ran], cohort: Cohort):
    here = ran["1-curves"]
    result = kaplan_meier(cohort, "PRS", by="histology")
    assert len(result.curves) == 3
    html = here.shown[1]["text/html"]
    assert "<svg" in html and all(curve.name in html for curve in result.curves)
    assert "<svg" in here.shown[2]["text/html"]
    assert (here.folder / "curves.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "std.error" in here.shown[3]["text/html"]


def test_a_cox_table_as_csv(ran: dict[str, Ran], cohort: Cohort):
    model = cox(cohort, "PRS", ["age_years", "site:lung", "n_sites"], per={"age_years": 10},
                reference={"site:lung": "with"})  # fmt: skip
    with (ran["2-cox"].folder / "cox.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(line for line in file if not line.startswith("#"))]
    ratios = [float(row["hazard_ratio"]) for row in rows if row["hazard_ratio"]]
    assert ratios == pytest.approx([term.hazard_ratio for term in model.terms], rel=1e-12)


def test_every_site_with_adjusted_p(ran: dict[str, Ran], cohort: Cohort):
    table, html = (ran["3-every-site"].shown[i]["text/html"] for i in (0, 1))
    assert (
        "Hazard ratio (95 % CI)" in table
        and "Adjusted p" in table
        and "<svg" in ran["3-every-site"].shown[2]["text/html"]
    )
    assert "p_adjusted" in html and all(cohort.site_label(name) in html for name in cohort.site_names)


def test_a_subgroup(ran: dict[str, Ran], cohort: Cohort):
    mask = (cohort.table["age_years"] > 50) & (cohort.table["histology"] == "small cell")
    older = cohort.subset(mask.to_numpy())
    text = numbers_of(ran["4-subgroup"].shown[0]["text/html"])
    assert 0 < len(older) < len(cohort) and f"{kaplan_meier(older, 'PRS', by='ici').n:,} patients" in text


def test_competing_risks(ran: dict[str, Ran], cohort: Cohort):
    result = cumulative_incidence(cohort, "TTR", by="pelvic_node_metastasis", rule="hierarchy")
    first, hazards = (ran["5-competing-risks"].shown[i]["text/html"] for i in (0, 2))
    tested = {t.cause: format_p(t.p) for t in result.tests if t.p is not None}
    assert "<svg" in first and {"lung", "abdominal"} <= {*tested}
    assert f"Gray {p_phrase(next(t.p for t in result.tests if t.cause == 'lung'))}" in numbers_of(first)
    for cause in result.causes:  # all of them, those too few to test among them
        assert f"{cause.label} " in numbers_of(first) and f"{cause.label} (" in numbers_of(hazards)
    assert all(p in numbers_of(first) for p in tested.values()) and "incidence of Lung by" in first
    assert "1.30 (0.65\u20132.61)" in hazards
    causes = ran["5-competing-risks"].shown[1]["text/html"]
    assert all(cause in causes for cause in dict(result.to_frame()["cause"].value_counts()))


# --- shell ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def shelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that docs/five.sh writes, with `necc` as this checkout has it."""
    home = tmp_path_factory.mktemp("five")
    command = home / "bin" / "necc"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m necc "$@"\n')
    command.chmod(0o755)
    environment = os.environ | {"PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", str(SHELL), str(home / "out")], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("error") == 0
    return home / "out"


@pytest.mark.skipif(os.name == "nt", reason="the lines are of a POSIX shell")
class TestShell:
    def test_there_is_a_line_for_each_notebook(self):
        lines = SHELL.read_text(encoding="utf-8").splitlines()
        titles = [line for line in lines if re.match(r"# \d", line)]
        commands = [line for line in lines if line.startswith("necc ")]
        assert [t[2] for t in titles] == [p.stem[0] for p in NOTEBOOKS]
        assert len(commands) <= MOST_LINES

    def test_curves_by_three_groups(self, shelled: Path, cohort: Cohort):
        named = shelled / "reconstructed_cohort-km-PRS-histology.svg"
        told = json.loads(named.with_suffix(".json").read_text(encoding="utf-8"))
        result = kaplan_meier(cohort, "PRS", by="histology")
        assert told["schema"].startswith("necc.km/") and told["result"]["test"]["p"] == result.test.p
        assert named.read_text(encoding="utf-8").startswith("<svg")

    def test_a_cox_table_as_csv(self, shelled: Path, cohort: Cohort):
        model = cox(cohort, "PRS", ["age_years", "site:lung", "n_sites"], per={"age_years": 10},
                    reference={"site:lung": "with"})  # fmt: skip
        text = (shelled / "cox.csv").read_text(encoding="utf-8-sig")
        assert f"{model.terms[0].hazard_ratio!r}" in text

    @pytest.mark.parametrize("name", ["sites", "subgroup", "subgroups", "incidence", "hazards"])
    def test_the_others_are_answered(self, name: str, shelled: Path):
        told = json.loads((shelled / f"{name}.json").read_text(encoding="utf-8"))
        assert told["result"] and told["notice"] == SYNTHETIC
