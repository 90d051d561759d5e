"""A second opinion on a report: its numbers computed again from the patients' data by lifelines, scikit-survival and R.

lifelines and scikit-survival are asked here; R runs the report's own script (`necc.report.scripts`). For R the typed
columns of the patients are written into a folder in memory that only this user can read, and it is deleted when R ends.
Where the system has no such place R isn't asked, unless a folder on the disk may be used.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from necc.analysis.opinion import JUDGES, Asked, Compared, Judge, Number, Opinion, ask, in_order, summed, version_of
from necc.analysis.opinion.asking import Package
from necc.analysis.regression import CoxModel, UnivariateTable
from necc.report.masking import may_tell
from necc.report.model import Computed, Item, Progress, Report
from necc.report.scripts import MAPPED, mapped_csv, r_script

LONGEST_RUN = 600  # seconds for R
NO_MEMORY = "this computer has no folder in memory, and patients' data aren't written to a disk for it"
SHARED_MEMORY = Path("/dev/shm")  # a folder in memory, on Linux


def second_opinion(
    report: Report, use: Iterable[Judge] = JUDGES, *, progress: Progress | None = None, rscript: str = "",
    on_disk: bool = False,
) -> Opinion:  # fmt: skip
    """Computes a report's numbers again by other programs.

    Args:
        report: as `make_report` gives it.
        use: which programs. One that isn't installed is told in `asked`.
        progress: called with the share that is done and what comes next; may raise to stop.
        rscript: path of R's program; the one on the path by default.
        on_disk: whether patients' typed columns may be written for R into a private folder on the disk while it runs,
            where the system has no folder in memory.

    Returns:
        The opinion, the largest difference first. What a program couldn't do is in `left`, with its own words.

    Example:
        >>> from necc.report import make_report, ready
        >>> report = make_report(Project(exhibits=ready(cohort)), cohort)
        >>> opinion = second_opinion(report, use=("lifelines",))
        >>> opinion.n > 1000, opinion.apart
        (True, ())
    """
    use = tuple(use)
    rows, left, asked = list[Compared](), list[tuple[str, str]](), list[Asked]()
    results = list(_results(report))
    packages: list[Package] = [p for p in ("lifelines", "scikit-survival") if p in use]
    there = [p for p in packages if version_of(p)]
    asked += [Asked(p, version_of(p), "" if p in there else "not installed") for p in packages]
    steps = len(results) * len(there) + 2 * ("R" in use)
    answered = set[str]()
    for done, (program, (name, computed, item)) in enumerate((p, r) for p in there for r in results):
        if progress:
            progress(done / steps, f"{program}: {name}")
        cohort = report.cohort if computed.of == "whole" else item.selection.apply(report.cohort)
        try:
            numbers = ask(program, computed.result, cohort, computed.arguments)
        except Exception as error:  # noqa: BLE001  # another program's errors are of any kind, and are told
            left.append((name, f"{program}: {type(error).__name__}"))
            continue
        own = summed(numbers, name, program, version_of(program))
        rows += own if may_tell(computed.result, report.smallest_cell) else map(_without_numbers, own)
        if numbers:
            answered.add(name)
    if "R" in use:
        if progress:
            progress(1 - 2 / steps, "R")
        by_r = _by_r(report, rscript or shutil.which("Rscript") or "", on_disk)
        rows, asked, left = [*rows, *by_r.rows], [*asked, *by_r.asked], [*left, *by_r.left]
        answered |= {row.exhibit for row in by_r.rows}
    left += [(name, "firth") for name, computed, _ in results if _penalised(computed.result)]
    left += [(name, "no-judge") for name, _, _ in results if name not in answered]
    return Opinion(in_order(rows), tuple(asked), tuple(dict.fromkeys(left)))


def _results(report: Report) -> Iterator[tuple[str, Computed, Item]]:
    """Each analysis once, with the first exhibit that shows it."""
    seen = set[tuple[int, str, str]]()
    for item in report.items:
        for computed in item.computed if item.label else ():
            key = (id(computed.result), computed.of, item.selection.key())
            if key not in seen:
                seen.add(key)
                yield item.heading, computed, item


def _without_numbers(row: Compared) -> Compared:
    """How far both are apart, and not what they have: the project doesn't tell numbers of so few patients."""
    return replace(row, place="", ours=None, theirs=None)


def _penalised(result: object) -> bool:
    """Whether some of a model's ratios are Firth's."""
    models = [result] if isinstance(result, CoxModel) else []
    if isinstance(result, UnivariateTable):
        models = [result.multivariable] if result.multivariable else []
        if any(t.method != "wald" and t.estimable for row in result.rows for t in row.terms):
            return True
    return any(t.method != "wald" and t.estimable for model in models for t in model.terms)


# ---------------------------------------------------------------- R
RUNNER = r"""
out <- file("found.tsv", "w", encoding = "UTF-8")
section <- ""
line <- function(...) writeLines(enc2utf8(paste(gsub("[\t\r\n]", " ", c(...)), collapse = "\t")), out)
listed <- function(x) { x <- as.numeric(unlist(x)); ifelse(is.na(x), "NA", sprintf("%.17g", x)) }
recorded <- function(what, found, expected, tolerance = 1e-9) {
  found <- listed(found); expected <- listed(expected)
  size <- max(length(found), length(expected))
  length(found) <- size; length(expected) <- size
  for (i in seq_len(size)) line("number", section, what, i, expected[i], found[i])
}
noted <- function(...) line("note", section, paste0(...))
line("version", R.version$major, R.version$minor)
for (part in as.list(parse("script.R", keep.source = FALSE, encoding = "UTF-8"))) {
  if (identical(part, quote(finished()))) next
  heading <- is.call(part) && identical(part[[1]], as.name("cat")) && length(part) == 2 && is.character(part[[2]])
  if (heading) { section <- trimws(part[[2]]); next }
  tryCatch(eval(part, globalenv()), error = function(problem) line("failed", section))
  if (is.call(part) && identical(part[[1]], as.name("<-"))) {
    if (identical(part[[2]], as.name("same"))) same <- recorded
    if (identical(part[[2]], as.name("note"))) note <- noted
  }
}
close(out)
"""
"""Runs a script's lines one by one, and writes each number as the product has it and as R has it."""


def _by_r(report: Report, program: str, on_disk: bool) -> Opinion:
    """What R finds: one row an exhibit."""
    if not program:
        return Opinion((), (Asked("R", "", "not installed"),))
    memory = SHARED_MEMORY if SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK) else None
    if memory is None and not on_disk:
        return Opinion((), (Asked("R", "", NO_MEMORY),))
    plain = replace(report, inspection=None)  # typed columns are enough: the reading of a file is checked elsewhere
    with tempfile.TemporaryDirectory(prefix="necc-", dir=memory, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / MAPPED).write_bytes(mapped_csv(plain))
        (folder / "script.R").write_text(r_script(plain), encoding="utf-8")
        (folder / "runner.R").write_text(RUNNER, encoding="utf-8")
        try:
            done = subprocess.run(
                [program, "--vanilla", "runner.R"], cwd=folder, capture_output=True, text=True, check=False,
                timeout=LONGEST_RUN, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return Opinion((), (Asked("R", "", f"it could not be run: {type(error).__name__}"),))
        found = folder / "found.tsv"
        lines = found.read_text(encoding="utf-8").splitlines() if found.exists() else []
    if done.returncode or not lines:
        return Opinion((), (Asked("R", "", f"it ended with status {done.returncode}"),))
    return _read(lines)


def _read(lines: Iterable[str]) -> Opinion:
    """The runner's lines as an opinion."""
    numbers: dict[str, list[Number]] = {}
    version, left = "", []
    for line in lines:
        kind, *cells = line.split("\t")
        if kind == "version":
            version = ".".join(cells)
        elif kind == "number":
            section, what, place, ours, theirs = cells
            pair = _number(ours), _number(theirs)
            numbers.setdefault(section, []).append(Number("every number", f"{what}, number {place}", *pair))
        elif kind == "failed":
            left.append((cells[0], "R couldn't run a line of the script"))  # its message may quote the file
    rows = [row for name, own in numbers.items() for row in summed(own, name, "R", version)]
    return Opinion(in_order(rows), (Asked("R", version),), tuple(left))


def _number(text: str) -> float | None:
    value = float(text) if text != "NA" else math.nan
    return value if math.isfinite(value) else None
