"""Text on a page that came out of a file is text: no markup, no picture from elsewhere, no link."""

from __future__ import annotations

import html
import re

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$^=&:@/])")


def md(text: object) -> str:
    """Any text for Streamlit's markdown, with nothing in it understood as markdown."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def esc(text: object) -> str:
    """Any text for HTML."""
    return html.escape(str(text))


def or_dash(text: str) -> str:
    """A choice of a list, where the blank one is none."""
    return text or "–"
