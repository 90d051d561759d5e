"""What stands under a figure, and what is read out instead of it: functions of the result, a module a figure module."""

from __future__ import annotations

from collections.abc import Iterable

from necc.core.estimate import Exclusion
from necc.core.text import plural


def excluded_phrase(excluded: Iterable[Exclusion]) -> str:
    """`Not analysed: 3 patients (time not recorded)`; empty where nobody was left out."""
    parts = [f"{plural(e.n, 'patient')} ({e.reason})" for e in excluded if e.n]
    return f"Not analysed: {', '.join(parts)}." if parts else ""


def sentences(*parts: str) -> str:
    """A caption of whole sentences, the empty ones left out."""
    kept = [p[0].upper() + p[1:] for p in (part.strip() for part in parts) if p]
    return " ".join(p if p.endswith((".", "!", "?")) else p + "." for p in kept)
