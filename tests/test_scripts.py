"""The scripts of a report, run by R: every number is the one that is shown, and a changed one is found."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from necc.core.edits import Edit, apply_edits
from necc.ingest import Mapping, inspect
from necc.project import Exhibit, Project
from necc.report import Report, make_report, ready
from necc.report.scripts import MAPPED, mapped_csv, r_script
from necc.report.scripts.text import comment, quoted

SAMPLE = Path(__file__).parent.parent / "sample_data" / "reconstructed_cohort.csv"


def report_of(
    path: Path,
    recipes: Iterable[str] = (),
    *,
    edits: Sequence[Edit] = (),
    filters: tuple[str, ...] = (),
    mapping: Mapping | None = None,
    smallest_cell: int = 0,
) -> Report:
    """A report of a file, by recipes or with the ready list."""
    read = inspect(path, mapping=mapping)
    assert read.cohort is not None, [f.message for f in read.findings]
    edited = apply_edits(read.cohort, edits)
    assert not [step.finding for step in edited.steps if not step.applied]
    exhibits = tuple(Exhibit(r, "", filters=filters, shows=(r,)) for r in recipes)
    exhibits = exhibits or ready(edited.cohort, filters=filters)
    project = Project(title="A paper", exhibits=exhibits, edits=tuple(edits), hide_below=smallest_cell)
    report = make_report(project, edited.cohort, loaded=read.cohort, inspection=read)
    assert not report.problems
    return report


def run_r(rscript: str, script: str, folder: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "script.R"
    path.write_text(script, encoding="utf-8")
    return subprocess.run(
        [rscript, path, *files], capture_output=True, text=True, cwd=folder, timeout=120, check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )  # fmt: skip


def assert_same(done: subprocess.CompletedProcess[str], at_least: int) -> None:
    """R computed what is shown, and so many numbers of it."""
    wrong = [line for line in done.stdout.splitlines() if "DIFFERS" in line]
    assert not done.returncode and not wrong, f"{wrong[:10]}\n{done.stdout[-500:]}\n{done.stderr[-2000:]}"
    n, rest = done.stdout.splitlines()[-1].split(" ", 1)
    assert int(n) >= at_least and rest.endswith("0 above the tolerance.")


@pytest.fixture(scope="module")
def sample() -> Report:
    return report_of(SAMPLE)


def test_r_computes_the_ready_list(rscript: str, sample: Report, tmp_path: Path):
    assert_same(run_r(rscript, r_script(sample), tmp_path, SAMPLE), at_least=900)


def test_a_changed_number_ends_with_status_1(rscript: str, sample: Report, tmp_path: Path):
    script = r_script(sample, only=[sample.items[2].name])
    assert "c(34, 88, 0.38636363636363635" in script.replace("\n    ", "")
    changed = script.replace("34, 88, 0.38636363636363635", "34, 88, 0.38636373636363635")
    assert changed != script
    done = run_r(rscript, changed, tmp_path, SAMPLE)
    assert done.returncode == 1 and done.stdout.count("DIFFERS") == 1


def test_another_file_is_refused(rscript: str, sample: Report, tmp_path: Path):
    other = tmp_path / "other.csv"
    other.write_bytes(SAMPLE.read_bytes().replace(b"SYN-001,55", b"SYN-001,56"))
    done = run_r(rscript, r_script(sample), tmp_path, other)
    assert done.returncode == 1 and "checksum differs" in done.stderr and "compared" not in done.stdout


def test_without_the_file_itself_mapped_columns_are_read(rscript: str, sample: Report, tmp_path: Path):
    from dataclasses import replace

    bare = replace(sample, inspection=None)
    (tmp_path / MAPPED).write_bytes(mapped_csv(bare))
    assert_same(run_r(rscript, r_script(bare), tmp_path), at_least=900)


@pytest.mark.parametrize(
    "text", ['"); quit("no"); cat("', "a\\", "line\nbreak\r\ttab", "\u2264 50 \U0001f9ec", "`'#$%{}"]
)
def test_texts_are_data_and_never_code(rscript: str, tmp_path: Path, text: str):
    told = f"cat(identical({quoted(text)}, intToUtf8(c({', '.join(str(ord(c)) for c in text)}))))"
    done = run_r(rscript, "\n".join([*comment(text), told]), tmp_path)
    assert done.stdout == "TRUE"
