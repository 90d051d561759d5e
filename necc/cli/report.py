"""`necc report`: a report made without a screen, as documents, slides, tables, figures and scripts."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from necc.cli.files import refuse_inputs
from necc.cli.io import Result, Usage, how_far, listed, refuse, show

if TYPE_CHECKING:
    from necc.cli.project import Gathered
    from necc.project import Project
    from necc.report.changed import Changes


ALWAYS = ("README.txt", "SHA256SUMS", "versions.txt")  # they tell of the others
WITHOUT_NUMBER = {"text": "Text", "missing": "Not there"}


def run(options: argparse.Namespace) -> int:
    """Makes the report of a project, or the ready list, and writes its files into a folder."""
    from necc.cli.drawing import printed
    from necc.cli.project import gather
    from necc.project import without_patients
    from necc.report import make_report
    from necc.report.bundle import FILES, bundle

    only, how = listed(options.only), printed(options)
    if wrong := [kind for kind in only if kind not in FILES]:
        raise Usage(f"--only takes {', '.join(FILES)}, not '{wrong[0]}'")
    if options.patients and options.hide_below:
        raise Usage("--patients tells of every patient, so it can't go with --hide-below")
    if (options.out / "SHA256SUMS").exists() and not options.force:
        return refuse(options, f"{options.out} holds a report already; --force writes over it")
    own = bool(options.where)  # reading puts the project's filters before them
    made = gather(options)
    project, unkept = without_patients(_exhibits(options, made, own), made.shown.whole)
    findings = (*made.findings, *unkept)
    told = [f.message for f in findings if f.severity != "info"]
    report = make_report(project, made.shown.whole, loaded=made.loaded, inspection=made.inspection,
                         changes=_changes(options, made), problems=told, progress=how_far)  # fmt: skip
    files = bundle(report, only, patients=options.patients, how=how, progress=how_far)
    how_far(1.0, "")
    if not {*files.files} - {*ALWAYS, "patients.csv"}:
        return refuse(options, *(files.problems or ("nothing of what was asked could be made",)))
    refuse_inputs(options, [options.out / path for path in files.files])
    lost = files.write(options.out)
    if len(lost) == len(files.files):
        return refuse(options, *lost[:1])
    options.notes = [*(f.line() for f in findings if f.severity != "info")]
    options.findings = [f.to_dict() for f in findings]
    result: Result = {
        "out": str(options.out),
        "exhibits": [{"kind": i.kind, "label": i.label, "title": i.title, "n": i.n} for i in report.items],
        "files": [path for path in files.files if not any(one.startswith(f"{path} ") for one in lost)],
        "problems": [*files.problems, *lost],
    }  # fmt: skip
    return show(options, result, _lines, code=int(bool(lost)))


def _changes(options: argparse.Namespace, made: Gathered) -> Changes | None:
    """What changed since the project was saved, where it is put on another file than its own; else None.

    Raises:
        Usage: an earlier file is given without a project.
    """
    from necc.cli.project import earlier_patients
    from necc.report.changed import changes

    opened = made.opened
    if opened is None:
        if options.before is not None:
            raise Usage("--before needs --project, which says how both files are read")
        return None
    earlier = earlier_patients(opened.project, options.before)
    known = earlier is not None or (opened.project.recorded and opened.same != "file")
    return changes(opened, earlier) if known else None


def _exhibits(options: argparse.Namespace, made: Gathered, filtered: bool) -> Project:
    """The project with its exhibits; the ready list where it has none.

    filtered: whether --where was given.

    Raises:
        Usage: filters, endpoint or groups are given beside a project whose exhibits have their own.
    """
    from necc.report import ready

    own = made.project
    if options.hide_below is not None:
        own = replace(own, hide_below=options.hide_below)
    chosen = ["where"] * filtered + [words for words in ("endpoint", "by", "covariates") if getattr(options, words)]
    if own.exhibits:
        if chosen:
            raise Usage(f"the project's exhibits have their own; leave --{chosen[0]} out")
        return own
    covariates = listed(options.covariates) or None
    exhibits = ready(
        made.shown, endpoint=options.endpoint or None, by=options.by, covariates=covariates, filters=own.filters
    )
    return replace(own, exhibits=exhibits)


def _lines(result: Result) -> list[str]:
    from necc.core.text import plural

    made = sum(bool(one["label"]) for one in result["exhibits"])
    lines = [
        f"{one['label'] or WITHOUT_NUMBER[one['kind']]}: {one['title']}"
        + ("" if one["n"] is None else f" ({plural(one['n'], 'patient')})")
        for one in result["exhibits"]
    ]
    written = f"{plural(made, 'figure or table', 'figures and tables')} in {plural(len(result['files']), 'file')}"
    return [*lines, f"{written}, written to {result['out']}", *(f"note: {p}" for p in result["problems"])]
