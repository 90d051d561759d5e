"""`necc verify`: a second opinion on the exhibits of a project, or on those of the ready list."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from necc.cli.io import Result, Usage, how_far, listed, refuse, show

if TYPE_CHECKING:
    from necc.analysis.opinion import Judge, Opinion


def run(options: argparse.Namespace) -> int:
    """The largest difference, and the table of all; 1 where a number differs without a known reason."""
    from dataclasses import replace

    from necc.cli.project import gather
    from necc.present import tables
    from necc.present.words import opinion as words
    from necc.report import make_report, ready
    from necc.report.opinion import second_opinion

    use = _programs(options)
    made = gather(options)
    project = made.project
    if not any(one.shows for one in project.exhibits):
        project = replace(project, exhibits=ready(made.shown, filters=project.filters))

    report = make_report(project, made.shown.whole, loaded=made.loaded)
    opinion = second_opinion(report, use, progress=how_far, on_disk=True)  # the file is on the disk already
    how_far(1.0, "")
    if lacking := _lacking(opinion):
        return refuse(options, *lacking)

    def lines(_: Result) -> list[str]:
        table = tables.second_opinion(opinion)
        rows = ["  " + "; ".join(filter(None, (*row[:5], *_pair(row), row[7]))) for row in table.rows]
        return [*words.summary(opinion), *rows, *table.notes[1:]]

    options.notes = [f.line() for f in made.findings if f.severity != "info"]
    options.findings = [f.to_dict() for f in made.findings]
    return show(options, opinion, lines, code=int(bool(opinion.apart)))


def _pair(row: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{row[5]} here, {row[6]} there",) if row[5] else ()


def _lacking(opinion: Opinion) -> list[str]:
    """How to get the programs that were asked, where none of them is there; nothing where one is."""
    from necc.core.extras import MissingExtra

    unloaded = any("MissingExtra" in why for _, why in opinion.left)  # its files are there, and can't be loaded
    if opinion.rows or not (unloaded or all(one.lacks for one in opinion.asked)):
        return []
    modules = {"lifelines": "lifelines", "scikit-survival": "sksurv"}
    return [
        str(MissingExtra(modules[one.program], "prediction", "a second opinion")) if one.program in modules
        else f"{one.program} didn't answer: {one.lacks or 'it compared nothing'}"
        for one in opinion.asked
    ]  # fmt: skip


def _programs(options: argparse.Namespace) -> tuple[Judge, ...]:
    """The programs of --use.

    Raises:
        Usage: one of them isn't known.
    """
    from necc.analysis.opinion import JUDGES

    known = {name.lower(): name for name in JUDGES}
    names = listed(options.use)
    if strange := [name for name in names if name.lower() not in known]:
        raise Usage(f"--use takes {', '.join(JUDGES)}, not '{strange[0]}'")
    return tuple(known[name.lower()] for name in names) or JUDGES
