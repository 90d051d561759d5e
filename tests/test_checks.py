"""What the linters and the type checker are told to leave out has a reason beside it; run.py's steps and their sum."""

from __future__ import annotations

import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).parent.parent
CHECKED = [ROOT / "dashboard.py", ROOT / "run.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "necc").rglob("*.py")]
EXEMPT = re.compile(r"#\s*(type:\s*ignore|noqa|pragma|mypy:)")
REASONED = re.compile(r"#\s*(type: ignore\[[a-z-]+(, [a-z-]+)*\]|noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*)(  #|,| -) \S.+")


def comments() -> Iterator[tuple[str, str]]:
    for file in CHECKED:
        with tokenize.open(file) as text:
            for token in tokenize.generate_tokens(text.readline):
                if token.type == tokenize.COMMENT:
                    yield f"{file.relative_to(ROOT).as_posix()}:{token.start[0]}", token.string


def test_every_exemption_names_its_rule_and_its_reason():
    bare = [place for place, comment in comments() if EXEMPT.search(comment) and not REASONED.match(comment)]
    assert bare == []


def test_no_library_without_types_is_let_in_unnamed():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert "ignore_missing_imports" not in settings
    named = [name for o in settings["overrides"] if o.get("ignore_missing_imports") for name in o["module"]]
    assert named and not {"*", "necc.*"} & set(named)


# --- run.py --------------------------------------------------------------------------------------------


def test_every_step_runs_and_the_last_lines_say_which_failed(capfd: pytest.CaptureFixture[str]):
    ran: list[str] = []

    def step(name: str, outcome: int | str) -> int | str:
        ran.append(name)
        return outcome

    steps = {
        "style": lambda: step("style", 1),
        "assets": lambda: step("assets", "needs Node.js"),
        "pytest": lambda: step("pytest", 0),
    }
    assert run.run_all(steps) == 1
    assert ran == ["style", "assets", "pytest"]
    last = capfd.readouterr().out.splitlines()[-3:]
    assert [line.split()[0] for line in last] == ran
    assert [line.split("  ")[-1] for line in last] == ["FAILED", "skipped: needs Node.js", "ok"]


def test_skipped_and_sound_steps_are_no_failure():
    assert run.run_all({"assets": lambda: "needs Node.js", "pytest": lambda: 0}) == 0


def test_the_test_command_checks_everything_that_a_commit_does():
    assert list(run.checks()) == ["ruff check", "ruff format", "mypy", "JavaScript and CSS"]
    assert list(run.tests([])) == ["pytest", "coverage"]
    assert "python3 run.py check" in (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("floor", "whole", "code"), [(60, True, 0), (70, True, 1), (70, False, 0)])
def test_coverage_is_shown_by_room_and_can_fall_short(
    floor: int,
    whole: bool,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
):
    measured = tmp_path / "coverage.json"
    measured.write_text(
        '{"files": {"necc/core/a.py": {"executed_lines": [1, 2], "missing_lines": []},'
        ' "necc/launch.py": {"executed_lines": [], "missing_lines": [1]}}}'
    )
    monkeypatch.setattr(run, "COVERAGE", measured)
    monkeypatch.setattr(run, "COVERAGE_FLOOR", floor)
    assert run.show_coverage(whole) == code
    shown = capfd.readouterr().out
    assert re.search(r"necc/core +100\.0 %  2 of 2 lines", shown) and re.search(r"necc +66\.7 %  2 of 3 lines", shown)


def test_without_npm_the_client_files_are_skipped_and_in_integration_fail(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    monkeypatch.delenv("CI", raising=False)
    assert isinstance(run.lint_assets(), str)
    monkeypatch.setenv("CI", "true")
    assert run.lint_assets() == 1
