"""docs/cli.md: every line that is typed there works, and what is printed is what stands below it."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from pathlib import Path

import pytest
from cli_page import PAGE as FILE
from cli_page import written

from necc.cli import main
from necc.core.result import OLD_KEYS

ROOT = Path(__file__).parent.parent
PAGE = FILE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the files that the page names."""
    for name in ("cohort.csv", "earlier.csv"):
        shutil.copy(ROOT / "sample_data" / "reconstructed_cohort.csv", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(block: str) -> list[tuple[str, list[str]]]:
    """What is typed, and the lines below each."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return [(line, below.splitlines()) for line, below in zip(parts[::2], parts[1::2], strict=True)]


def as_pattern(lines: list[str]) -> str:
    """A line of dots stands for any lines, dots at a line's end for its rest."""
    told = [r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n" for line in lines]
    return "".join(told)


@pytest.mark.parametrize("block", BLOCKS, ids=[asked(block)[0][0] for block in BLOCKS])
def test_what_stands_there_is_what_is_printed(block, here, capsys, monkeypatch):
    for line, below in asked(block):
        line, _, file = line.partition(" < ")
        if file:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((here / file).read_bytes())))
        program, *arguments = shlex.split(line)
        code = main(arguments)
        out, err = capsys.readouterr()
        shown = out + "".join(f"{told}\n" for told in err.splitlines() if told.startswith("error: "))
        assert program == "necc" and re.fullmatch(as_pattern(below), shown), f"{line}\n{shown}"
        assert (code == 0) == ("error: " not in shown)


def test_every_command_stands_there_as_the_help_has_it():
    assert written(PAGE) == PAGE, "write it again: python tests/cli_page.py"


def test_old_names_of_keys_are_listed():
    listed = [line.split(" | ")[:2] for line in PAGE.splitlines() if line.startswith("| `")]
    pairs = [(re.findall(r"`(\w+)`", new), re.findall(r"`(\w+)`", old)) for new, old in listed]
    named = {pair for new, old in pairs for pair in zip(new, old * len(new) if len(old) == 1 else old, strict=False)}
    assert {pair for names in OLD_KEYS.values() for pair in names.items()} - named == set()


@pytest.mark.parametrize("line", re.findall(r"^(?:\$ )?(necc .*)$", PAGE, flags=re.MULTILINE))
def test_a_shell_takes_a_line_as_it_stands(line):
    """What a shell would take for a redirection or a list of commands stands in quotation marks."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    signs = {word for word in words if set(word) <= set("();<>|&")}
    assert signs <= {">", "<"} and (not signs or re.search(r" [<>] [\w.-]+( |$)", line))
