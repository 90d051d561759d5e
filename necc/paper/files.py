"""What was transcribed from papers, as data that ships, and files of the same kinds that a person brings."""

from __future__ import annotations

from importlib import resources


def shipped_text(name: str) -> str:
    """The text of a file of the folder `data`."""
    return resources.files("necc.paper").joinpath("data", name).read_text("utf-8")
