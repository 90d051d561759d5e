"""Under the tables of centres' files and of what they say together."""

from __future__ import annotations

from collections.abc import Sequence

from necc.analysis.centres import ByCentre
from necc.analysis.centres.precision import Precision
from necc.centres import CentreFile, Preview
from necc.core.text import format_number, plural
from necc.present.words.phrases import as_notes, test_p

MOST = 4  # small groups that are named


def files(files: Sequence[CentreFile]) -> tuple[str, ...]:
    return as_notes(f"{file.centre}: {file.rule['says']}" for file in files)


def bounds(result: ByCentre) -> tuple[str, ...]:
    width = format_number(result.bounds[0].width, 2) if result.bounds else ""
    return as_notes([
        f"Times were counted in cells of {width} {result.unit}, and each stands at the middle of its cell",
        "Whatever the exact times were, their curve and its median lie within these bounds",
    ])  # fmt: skip


def within(result: ByCentre) -> tuple[str, ...]:
    return as_notes([f"Log-rank test within centres: {test_p(result.test)}" if result.by else ""])


def preview(preview: Preview, costs: Precision | None) -> tuple[str, ...]:
    compared = f"{costs.label}; the log-rank test compares {costs.by_label}" if costs and costs.by else ""
    small = [f"{s.label}, {s.level}: {plural(s.n, 'patient')}" for s in preview.smallest_strata[:MOST]]
    groups = f"Smallest groups: {'; '.join(small)}" if small else ""
    larger = f"What makes cells larger: {'; '.join(preview.larger)}" if preview.larger else ""
    return as_notes([compared, groups, larger])
