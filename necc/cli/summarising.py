"""`necc summarise`: a centre's file of counts, what it would tell, and the ledger of earlier ones."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from necc.cli.files import Unwritten, refuse_taken, write
from necc.cli.io import Result, Usage, listed, read, show
from necc.cli.tables import table_lines

if TYPE_CHECKING:
    from necc.analysis.centres.precision import Precision
    from necc.centres import CentreFile
    from necc.core.cohort import Cohort

SIGNATURE = ".minisig"


def summarise(options: argparse.Namespace) -> int:
    """`necc summarise`: writes the file, or with --preview only tells what it would hold."""
    from necc import centres
    from necc.present import tables

    out = _outputs(options)
    cohort = read(options)
    given = _given(options, cohort)
    file = centres.summarise(cohort, **given, centre=options.centre, time_grid=options.time_grid,
                             period=options.period, filters=list(options.where),
                             despite_ledger=options.despite_ledger)  # fmt: skip
    seen = centres.preview(cohort, **given)
    cost = _cost(cohort, file)
    if out:
        _hand_on(options, cohort, file, out)
    told: Result = {
        "file": str(out[0]) if out else None, "signature": str(out[1]) if out[1:] else None, "centre": file.centre,
        "patients": file.patients, "sha256": file.sha256, "rule": dict(file.rule), "filters": list(file.filters),
        "preview": seen.to_dict(), "precision": cost.to_dict() if cost else None, "notes": list(file.notes),
    }  # fmt: skip

    def lines(whole: Result) -> list[str]:
        shown = [tables.table_sizes(seen), tables.grid_preview(seen, cost)]
        made = "\n\n".join("\n".join(table_lines(table)) for table in shown)
        return [*made.splitlines(), "", *_said(file, out)]

    return show(options, told, lines, tail=False)


def _outputs(options: argparse.Namespace) -> list[Path]:
    """The files that are written: none with --preview, else the file and its signature.

    Raises:
        Usage: neither --out nor --preview is given, or a file can't be signed here.
        Unwritten: one is there already, is read by the command, or there is no such folder.
    """
    if options.preview:
        if options.out or options.sign:
            raise Usage("--preview writes nothing; leave out --out and --sign")
        return []
    if not options.out:
        raise Usage("--out FILE is needed, or --preview to see what the file would hold")
    out = [options.out, *([options.out.with_name(options.out.name + SIGNATURE)] if options.sign else [])]
    refuse_taken(options, out)
    if not options.out.resolve().parent.is_dir():
        raise Unwritten(f"{options.out} can't be written: there is no folder {options.out.parent}")
    if options.sign and not shutil.which("minisign"):
        raise Usage("--sign needs minisign, which isn't installed; see https://jedisct1.github.io/minisign")
    return out


def _given(options: argparse.Namespace, cohort: Cohort) -> dict[str, Any]:
    """What is counted, as `summarise` takes it; words for nothing are `none`."""
    factors = None if options.factors is None else [n for n in listed(options.factors) if n != "none"]
    return {
        "endpoints": listed(options.endpoints) or None, "factors": factors, "sites": not options.no_sites,
        "responses": not options.no_responses, "separate": options.separate, "smallest_cell": options.smallest_cell,
    }  # fmt: skip


def _cost(cohort: Cohort, file: CentreFile) -> Precision | None:
    """What coarser times cost the first endpoint, tested by what divides the patients most evenly."""
    from necc.analysis.centres.precision import precision
    from necc.centres import most_even

    return precision(cohort, next(iter(file.endpoints)), most_even(file)) if file.endpoints else None


def _hand_on(options: argparse.Namespace, cohort: Cohort, file: CentreFile, out: list[Path]) -> None:
    """Asks the ledger, keeps the file in it, writes the file and signs it.

    Raises:
        AnalysisError: the ledger refuses, and no reason to do it nevertheless is given.
        Unwritten: the file can't be written or signed.
    """
    from necc.centres import read_ledger
    from necc.core.errors import AnalysisError

    ledger = read_ledger(options.ledger)
    entry = ledger.entry(cohort, file)
    refused = ledger.refusal(entry, options.smallest_cell)
    if refused and not options.despite_ledger.strip():
        raise AnalysisError(f"{refused}. --despite-ledger 'REASON' makes it nevertheless, and the file says why")
    ledger.with_entry(entry).write()  # first: a file that is handed on is never missing from it
    write(options, {out[0]: file.to_bytes()})
    if options.sign:
        comment = f"necc centre file {file.sha256}"
        words = ["minisign", "-S", "-s", str(options.sign), "-m", str(out[0]), "-x", str(out[1]), "-t", comment]
        done = subprocess.run(words, capture_output=True, text=True)  # noqa: S603  # a program of the person's own
        if done.returncode:
            problem = (done.stderr or done.stdout).strip().splitlines()
            raise Unwritten(f"{out[0]} is written and isn't signed: minisign says '{problem[-1] if problem else ''}'")


def _said(file: CentreFile, out: list[Path]) -> list[str]:
    """The rule and the notes, and what was written."""
    lines = [f"rule: {file.rule['says']}", *(f"note: {note}" for note in file.notes)]
    if out:
        lines.append(f"written to {out[0]}; SHA-256 {file.sha256}")
        lines += [f"signed in {out[1]}"] if out[1:] else []
    else:
        lines.append("nothing is written; --out FILE makes the file")
    return lines
