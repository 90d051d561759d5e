"""Writes the last part of docs/cli.md: every command with what it is for and its examples, as the help has them.

Run from the project root, with the package installed:  python tests/cli_page.py
A test compares the page with what this writes; the examples themselves are run by the tests of the help.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from necc.cli.examples import TOLD, WANTS

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
HEADING = "## Every command\n"
WIDTH = 130


def every_command() -> str:
    """The section: by what people want, as `necc help` groups them."""
    parts = ["Written by `python tests/cli_page.py` from the help.\n"]
    for want, names in WANTS.items():
        parts.append(f"### {want}\n")
        for name in names:
            parts += [_of(words) for words in TOLD if words == name or words.startswith(f"{name} ")]
    return "\n".join(parts)


def _of(words: str) -> str:
    """A command, or an action of one."""
    told = TOLD[words]
    about = textwrap.fill(f"**{words}**: {told.about}", WIDTH, break_on_hyphens=False)
    lines = [f"{line:<72} # {what}" for what, line in told.examples]
    return f"{about}\n\n```sh\n" + "\n".join(lines) + "\n```\n"


def written(page: str) -> str:
    """The page with its last part anew."""
    before, heading, _ = page.partition(HEADING)
    return f"{before}{heading}\n{every_command()}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
