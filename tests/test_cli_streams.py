"""Standard output that is closed, full or of few letters, and what `-` means where files are named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
QUESTION = f'"{sys.executable}" -m necc km "{SAMPLE}" -e PRS --by "age_years>50" -q'


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A line of a shell, from the project's folder."""
    return subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, cwd=ROOT, check=False, env={**os.environ, **more}
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="redirections of another shell")
@pytest.mark.parametrize(
    ("where", "said"), [(">&-", "closed; -o FILE"), (">/dev/full", "No space left on device")]
)  # fmt: skip
def test_output_that_takes_nothing_is_said(where, said):
    if "full" in where and not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    done = shell(f"{QUESTION} {where}")
    assert done.returncode == 1 and said in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="another shell")
def test_answers_leave_where_the_encoding_has_few_letters():
    text, whole = (shell(f"{QUESTION}{more}", PYTHONIOENCODING="ascii") for more in ("", " --json"))
    assert text.returncode == whole.returncode == 0 and not text.stderr + whole.stderr
    assert "<= 50" in text.stdout and "?" not in text.stdout
    assert "≤ 50" in [stratum["name"] for stratum in json.loads(whole.stdout)["result"]["strata"]]


def test_a_hyphen_is_standard_output_and_no_name(run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    question = ["km", SAMPLE, "-e", "PRS", "-q"]
    printed = run(*question)[1]
    for where in ("-", "/dev/stdout"):
        assert run(*question, "-o", where)[:2] == (0, printed)
    assert run(*question, "-o", "-", "--format", "csv")[1].startswith("stratum,time,")
    for refused in (["--svg", "-"], ["-o", ""], ["-o="], ["-o", "-", "--format", "svg"]):
        try:
            code = run(*question, *refused)[0]
        except SystemExit as end:
            code = end.code
        assert code == 2, refused
        capsys.readouterr()
    assert not [*tmp_path.iterdir()]
