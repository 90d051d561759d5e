"""What every command shares: reading the cohort that the options name, and printing a result."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from necc.core.errors import DictionaryError, Finding, NeccError

if TYPE_CHECKING:
    from necc.core.cohort import Cohort
    from necc.core.dictionary import Dictionary
    from necc.ingest import OwnColumns
    from necc.present.figures import Figure

Result = dict[str, Any]  # a result as JSON
ASSUMED = ("event-codes", "unit", "blank-means-no")  # infos that a result stands on


class Usage(Exception):
    """The command was written in a way that can't be carried out: exit code 2."""


def how_far(share: float, what: str) -> None:
    """How far the work is, on a terminal's last line; nothing of it stays where there is no more to come."""
    on_last_line(f"{round(100 * share):3d} % {what[:70]}" if what else "")


def on_last_line(text: str) -> None:
    """A text on a terminal's last line, in place of what stood there."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


# ---------------------------------------------------------------- reading
def own_columns(options: argparse.Namespace) -> OwnColumns:
    from necc.ingest import OwnColumns

    if bool(options.time) != bool(options.event):
        given, lacks = ("--time", "--event") if options.time else ("--event", "--time")
        raise Usage(f"{given} names one half of an endpoint; {lacks} COL is needed too")
    return OwnColumns(
        options.id, options.time, options.event, tuple(options.event_value), options.unit, tuple(listed(options.sites)),
        getattr(options, "endpoint", ""),
    )  # fmt: skip


STDIN = Path("-")


def given(options: argparse.Namespace) -> tuple[Path | bytes, str]:
    """The file of the options as readers take it: its path, or the bytes of standard input and what to call them.

    Raises:
        CohortError: nothing comes, or it is a source of counts.
        Usage: it is a terminal, which would be waited for.
    """
    from necc.cli.sources import only_a_file
    from necc.ingest.raw import fail

    only_a_file(options)
    if options.file != STDIN:
        return options.file, ""
    memory = vars(options).setdefault("memory", {})
    if STDIN not in memory:
        if sys.stdin is None or sys.stdin.isatty():
            raise Usage("- reads standard input, and nothing is sent to it: cat cohort.csv | necc ... -")
        try:
            memory[STDIN] = sys.stdin.buffer.read()
        except OSError as error:
            raise fail("unreadable-file", f"standard input can't be read: {error.strerror}") from None
    if not memory[STDIN]:
        raise fail("empty-file", "standard input is empty: what was to write to it may have failed")
    return memory[STDIN], getattr(options, "stdin_name", "standard input")


def read(options: argparse.Namespace) -> Cohort:
    """The cohort that the options name, its sites read as they say, filtered; once for all questions of a file.

    Raises:
        CohortError: the file can't be read so.
        AnalysisError, SelectionError: as `narrowed` raises them.
    """
    memory = getattr(options, "memory", {})
    plain = options.id or options.time or options.event or options.sites
    key = getattr(options, "endpoint", "") if plain else ""  # names the endpoint of a file's own columns
    if key not in memory:
        before = dict(vars(options))
        try:
            cohort = _read(options)
        except NeccError as error:
            memory[key] = error
            raise
        told = {name: value for name, value in vars(options).items() if before.get(name) is not value}
        memory[key] = cohort, told
    if isinstance(memory[key], NeccError):
        raise memory[key]
    cohort, told = memory[key]
    vars(options).update(told)
    return cohort


def _read(options: argparse.Namespace) -> Cohort:
    from necc.cli.sources import is_source, opened
    from necc.ingest import OwnColumns, read_cohort

    if is_source(options):
        return narrowed(options, opened(options))
    if options.project:
        from necc.cli.project import project_cohort

        return narrowed(options, project_cohort(options))
    arguments = read_arguments(options)
    cohort = read_cohort(*given(options), **arguments)
    if arguments["own"] != OwnColumns(endpoint=arguments["own"].endpoint):
        assumed(options, cohort.findings)
    elif notes := warned(cohort.findings):
        options.notes = notes
        options.findings = [f.to_dict() for f in cohort.findings if f.severity == "warning"]
    return narrowed(options, cohort)


def warned(findings: Iterable[Finding]) -> list[str]:
    """That there are warnings about a file, where there are some."""
    from necc.core.text import plural

    n = sum(f.severity == "warning" for f in findings)
    return [f"note: {plural(n, 'warning')} about how the file was read; necc check lists them"] if n else []


def narrowed(options: argparse.Namespace, cohort: Cohort) -> Cohort:
    """The patients of --where after --edits, their sites read through --scheme, their levels in the order of --levels.

    Raises:
        AnalysisError: there is no such scheme.
        CohortError: the file of edits can't be read.
        SelectionError: a filter or an order names what the cohort doesn't have.
    """
    from necc.cli.project import alone
    from necc.core.selection import Selection, ordered_as

    alone(options)
    of(options, cohort)
    cohort = edited(options, cohort)
    selection = Selection.parse(options.where, cohort.columns)
    cohort = cohort.with_scheme(options.scheme) if options.scheme else cohort
    cohort = ordered_as(cohort, getattr(options, "levels", ()))
    options.orders = [_order_of(cohort, name, first) for name, first in cohort.orders]
    result = selection.apply(cohort)
    if options.where:
        options.filtered = {"where": list(options.where), "n": result.n_patients, "of": cohort.n_patients}
    of(options, cohort, result)
    return result


def of(options: argparse.Namespace, cohort: Cohort, kept: Cohort | None = None) -> None:
    """Keeps whom an answer is of, for its envelope: the file and its digest, how many patients, and what they are.

    Args:
        cohort: all patients, after edits.
        kept: those that filters keep; all without it.
    """
    source = cohort.source
    options.notice = source.notice
    options.source = {
        "filename": source.filename, "sha256": source.file_mark, "n_rows": source.n_rows,
        "n_patients": cohort.n_patients,
        "n_kept": (cohort if kept is None else kept).n_patients, "notice": source.notice or None,
        "edits": getattr(options, "steps", None) or [], "level_orders": getattr(options, "orders", None) or [],
    }  # fmt: skip


def edited(options: argparse.Namespace, cohort: Cohort) -> Cohort:
    """The cohort after the steps of --edits; what each did, and which were skipped, is kept to be told.

    Raises:
        CohortError: the file isn't there, or is no TOML.
    """
    if not getattr(options, "edits", None):
        return cohort
    from dataclasses import replace

    from necc.core.edits import UNREADABLE, apply_edits, edits_from_toml
    from necc.core.errors import CohortError

    edits, unread = edits_from_toml(bytes_of(options.edits))
    if refused := [f for f in unread if f.code in UNREADABLE]:
        raise CohortError(replace(f, message=f"{options.edits.name}: {f.message}") for f in refused)
    result = apply_edits(cohort, edits)
    told = (*(replace(f, severity="warning") for f in unread), *result.findings)
    options.edit_findings = [f.to_dict() for f in told]
    options.edit_notes = [f.line() for f in told]
    options.steps = [step.to_dict() for step in result.steps]
    return result.cohort


def _order_of(cohort: Cohort, name: str, first: Sequence[str]) -> Result:
    """A factor's levels in the order that was chosen, and those that weren't named."""
    levels = cohort.factor(name).levels
    return {"name": name, "levels": list(levels), "not_named": [level for level in levels if level not in first]}


def assumed(options: argparse.Namespace, findings: Iterable[Finding]) -> None:
    """Keeps what reading own columns assumed, for `show` to tell beside the result."""
    findings_told = [f for f in findings if f.severity == "warning" or f.code in ASSUMED]
    options.notes = [f"{f.severity}: {f.message}" for f in findings_told]
    options.findings = [f.to_dict() for f in findings_told]


def read_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """How the file is to be read, as arguments of `read_cohort`."""
    from dataclasses import replace

    from necc.ingest import Mapping, ReadOptions

    own = own_columns(options)
    path = options.mapping or (beside(options.file) if options.file != STDIN else None)
    mapping = Mapping.from_toml(bytes_of(path)) if path and not own.is_plain else None
    read_options = mapping.read_options if mapping else ReadOptions()
    chosen = {"sheet": options.sheet, "header_row": options.header_row}
    return {
        "dictionary": dictionary(options.dictionary), "own": own, "mapping": mapping,
        "read_options": replace(read_options, **{k: v for k, v in chosen.items() if v}),
        "codebook": bytes_of(options.codebook) if options.codebook else b"", "answers": tuple(options.answer),
    }  # fmt: skip


def beside(file: Path) -> Path | None:
    """The mapping that was saved beside a file."""
    path = file.parent / f"{file.name}.mapping.toml"
    if not path.is_file():
        return None
    print(f"note: the mapping {path.name} beside the file is used", file=sys.stderr)
    return path


def bytes_of(path: Path) -> bytes:
    from necc.ingest.raw import fail

    try:
        return path.read_bytes()
    except OSError:
        raise fail("unreadable-file", f"the file '{path.name}' can't be opened") from None


def dictionary(name: str) -> Dictionary | None:
    from necc.core.dictionary import Dictionary

    if not name:
        return None
    path = Path(name)
    if path.suffix != ".toml":
        return Dictionary.builtin(name)
    try:
        return Dictionary.from_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        message = f"the dictionary file '{path.name}' can't be read as UTF-8 text"
        raise DictionaryError([Finding("error", "dictionary", message)]) from None


def chosen_endpoint(options: argparse.Namespace, cohort: Cohort) -> str:
    """The endpoint that was named, or the only one there is."""
    names = cohort.endpoint_names()
    if options.endpoint or len(names) == 1:
        return options.endpoint or names[0]
    shown = ", ".join(names) or "none: name --time and --event"
    raise Usage(f"--endpoint is needed; this file has {shown}")


def chosen_covariates(options: argparse.Namespace) -> list[str]:
    """The covariates that were named.

    Raises:
        Usage: none is.
    """
    if not (covariates := listed(options.covariates)):
        raise Usage("--covariates needs at least one name")
    return covariates


def listed(text: str) -> list[str]:
    """Names with commas between them."""
    return [name.strip() for name in text.split(",") if name.strip()]


def percent(share: float | None) -> float | None:
    """A share in percent; None stays None."""
    return None if share is None else 100 * share


def times(options: argparse.Namespace) -> list[float]:
    """The times of --at.

    Raises:
        Usage: one of them isn't a time.
    """
    try:
        result = [float(t) for t in listed(options.at)]
    except ValueError:
        raise Usage(f"--at takes numbers separated by commas, not '{options.at}'") from None
    if not all(0 <= t < float("inf") for t in result):
        raise Usage(f"--at takes times from 0 on, not '{options.at}'")
    return result


# ---------------------------------------------------------------- leaving
def refuse(options: argparse.Namespace, *messages: str, findings: Sequence[Finding] = ()) -> int:
    """Says why not, on standard error or as JSON, by default what the findings say; the exit code."""
    options.door.refuse(options, messages or tuple(f.message for f in findings), findings)
    return 1


def show(
    options: argparse.Namespace,
    result: object,
    lines: Callable[[Result], list[str]],
    *,
    picture: Callable[[], Figure] | None = None,
    code: int = 0,
    mark: str = "note:",
    tail: bool = True,
) -> int:
    """Hands an answer to where it leaves; the exit code.

    What was assumed of the file goes to standard error, and into JSON under `findings`.

    Args:
        result: a result with a `to_dict`; its JSON alone, as a dict; or a pair of both, where more is told.
        lines: its JSON as lines of text.
        picture: makes its figure, where it isn't the one that the result plots by itself.
        mark: in front of the notes below the text. tail: whether who was left out and its notes follow the lines.
    """
    from necc.cli.answers import Answer

    whole, told = result if isinstance(result, tuple) else (result, None)
    if told is None:
        told = whole if isinstance(whole, dict) else whole.to_dict()
    if not getattr(options, "quiet", False):
        options.door.say([*getattr(options, "notes", []), *getattr(options, "edit_notes", [])])
    options.door.answer(Answer(options, whole, told, lines, picture, mark, tail))
    return code


def below(options: argparse.Namespace) -> list[str]:
    """What stands below an answer: edits, orders of levels, filters, and what the patients are."""
    notice, filtered = getattr(options, "notice", ""), getattr(options, "filtered", None)
    notes = _edit_lines(options) + [_order_line(order) for order in getattr(options, "orders", ())]
    if filtered:
        notes.append(f"{filtered['n']:,} of {filtered['of']:,} patients: {'; '.join(filtered['where'])}")
    return [*notes, *filter(None, [notice])]


def _edit_lines(options: argparse.Namespace) -> list[str]:
    """How many of the steps of --edits were made."""
    steps = getattr(options, "steps", None)
    if steps is None:
        return []
    from necc.core.text import plural

    made = sum(step["applied"] for step in steps)
    file = options.edits or options.project
    return [f"edits: {made:,} of {plural(len(steps), 'step')} of {file.name} made"]


def step_lines(steps: Sequence[Result]) -> list[str]:
    """Each step of the edits, and what it did."""
    from necc.core.text import shorten

    told = [step["told"] if step["applied"] else f"{shorten(step['edit'], 120)}; {step['told']}" for step in steps]
    return [f"  step {number}: {said}" for number, said in enumerate(told, 1)]


def _order_line(order: Result) -> str:
    rest = order["not_named"]
    follow = f"; not named, and after the others: {', '.join(rest)}" if rest else ""
    return f"levels of {order['name']}: {', '.join(order['levels'])}{follow}"


def tail_lines(result: Result) -> list[str]:
    """What every result ends with: who was left out, and notes."""
    from necc.core.estimate import Exclusion
    from necc.present.words.phrases import not_analysed

    excluded = not_analysed(Exclusion(**e) for e in result.get("excluded", []))
    return [*filter(None, [excluded]), *(f"note: {note}" for note in result.get("notes", []))]
