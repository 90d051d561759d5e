"""Numbers of few patients, hidden in what leaves: the threshold rule of statistical disclosure control [1].

Where a project has a smallest cell of 5, counts of 1 to 4 patients, and of events among them, become `<5`, with what
rests on them. What could be found by subtraction goes with them (secondary suppression): of the rows that belong
together others are hidden, until every small number could be any from 1 to 4. What can't be hidden so is left out, with
its reason.

What it doesn't protect from:

    event times         a survival curve has a step for each event, and its points give back when they were; a curve
                        ends where fewer than the smallest number are at risk, or so few events or censored times come
    two exhibits        of two whose patients are some of the other's, the later is left out where a number of the same
                        name differs by so few (`tells_by_difference`). Three exhibits may still tell together what no
                        two do, and so may numbers of other names: a group of one, and the filters of another
    who is known        a share of 100 % tells of all patients in a group, however large it is
    the file itself     whoever has it

References:
    1. Hundepool A, Domingo-Ferrer J, Franconi L, et al. Statistical disclosure control. Chichester: Wiley; 2012
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import partial
from inspect import signature
from typing import Any, TypeAlias, TypeVar

import numpy as np

from necc.analysis.survival import Curve, KaplanMeier
from necc.core.cohort import Cohort
from necc.core.guardrails import tells_of_few
from necc.core.result import Result, to_json
from necc.core.selection import Selection
from necc.core.text import DASH, MINUS, NOT_REACHED
from necc.present.figures import CurveSettings, Figure, Style
from necc.present.tables import Table
from necc.present.words import masking as words
from necc.report.model import Computed, Item, Prose

Thing: TypeAlias = Figure | Table | Prose
R = TypeVar("R")


def masked(thing: Thing, computed: Iterable[Computed], smallest: int) -> tuple[Thing | None, str]:
    """A figure, table or text without numbers of fewer patients than `smallest`, and what was done, in words.

    Args:
        thing: as it is shown.
        computed: the analyses behind it.
        smallest: of a cell; 0 and 1 hide nothing.

    Returns:
        The thing, and "" where nothing was hidden; None and the reason where it can't be shown. What was done stands
        in the notes of a table and the caption of a figure already.

    Example:
        >>> from necc.present import tables
        >>> hidden, why = masked(tables.site_table(site_distribution(cohort)), (), smallest=5)
        >>> hidden.rows[-1]
        ('Other', '<5', '…', '…', '…')
    """
    if smallest <= 1:
        return thing, ""
    results = [c.result for c in computed]
    if isinstance(thing, Table):
        return _masked_table(thing, results, smallest)
    if isinstance(thing, Figure):
        return _masked_figure(thing, results, smallest)
    return _masked_prose(thing, results, smallest)


def masked_of(
    thing: Thing, computed: Iterable[Computed], smallest: int, n: int, of: int
) -> tuple[Thing | None, str]:  # fmt: skip
    """As `masked`, of `n` patients among `of`: none where they, or all others, are too few themselves.

    Example:
        >>> masked_of(Prose("note", ()), (), smallest=5, n=85, of=88)
        (None, 'it would tell of groups of fewer than 5 patients')
    """
    if tells_of_few(n, of, smallest):
        return None, words.figure_left_out(smallest)
    shown, why = masked(thing, computed, smallest)
    return (shown, why) if smallest <= 1 or shown is None else _without_all_but_few(shown, why, smallest, of)


def _without_all_but_few(thing: Thing, why: str, smallest: int, total: int) -> tuple[Thing | None, str]:
    """Texts, and words in tables, without sentences on all but few patients: 87 of 88 lack a value, so 1 has it."""
    keep = partial(words.kept_sentences, smallest=smallest, total=total)
    if isinstance(thing, Prose):
        kept = ((heading, tuple(filter(None, map(keep, texts)))) for heading, texts in thing.parts)
        made: Thing = replace(thing, parts=tuple(part for part in kept if part[1]))
    elif isinstance(thing, Table):
        rows = tuple(tuple(keep(cell) if _is_words(cell) else cell for cell in row) for row in thing.rows)
        made = replace(thing, rows=rows, notes=tuple(filter(None, map(keep, thing.notes))))
    else:
        return thing, why
    if made == thing:
        return thing, why
    if isinstance(made, Prose) and not made.parts:
        return None, words.text_left_out(smallest)
    return made, why or words.sentences_left_out(smallest)


def tells_by_difference(
    computed: Iterable[Computed], selection: Selection, earlier: Iterable[Item], whole: Cohort, smallest: int
) -> str:
    """Why an exhibit can't stand beside those before it, in words; "" where it can.

    Looked at are exhibits of other patients: where only few are in one and not in the other; and where one's patients
    are all among the other's, each number that both have under one name, and the events of those in between.
    What three exhibits tell together isn't looked at.

    Args:
        computed: the analyses behind it. selection: its patients, of `whole`. earlier: the exhibits before it.
        smallest: of a cell; 0 and 1 hide nothing.

    Example:
        >>> shown = Exhibit("All", "survival", shows=("tables.survival_summary(kaplan_meier(cohort, 'PRS'))",))
        >>> item, = make_report(Project(exhibits=(shown,)), cohort).items
        >>> stage = Selection.parse(["none(figo_2018=IVA)"], cohort.columns)
        >>> tells_by_difference(item.computed, stage, [item], cohort, smallest=5)
        "together with 'All' it would tell of fewer than 5 patients, by the difference"
    """
    if smallest <= 1:
        return ""
    own, results = selection.mask(whole), [c.result for c in computed]
    numbers, endpoints = _named_counts(results), _endpoints(results)
    for item in earlier:
        if item.kind == "missing" or item.selection.key() == selection.key():
            continue
        other = item.selection.mask(whole)
        alone = [own & ~other, other & ~own]
        between, sizes = alone[0] | alone[1], [int(mask.sum()) for mask in alone]
        few = sizes if not all(sizes) else [n for n in sizes if n < smallest]
        if not all(sizes) and any(sizes):
            theirs = [c.result for c in item.computed]
            few += _differences(numbers, _named_counts(theirs), sum(sizes), smallest)
            for name in endpoints & _endpoints(theirs):
                outcome = whole.endpoint(name)
                known = outcome.valid & between
                events = int((outcome.event & known).sum())
                few += [events, int(known.sum()) - events, sum(sizes) - int(known.sum())]
        if any(0 < n < smallest for n in few):
            return words.less_by_few(f"'{item.title}'", smallest)
    return ""


def _endpoints(results: Iterable[object]) -> set[str]:
    return {name for result in results if isinstance(name := getattr(result, "endpoint", None), str)}


def _differences(
    some: Mapping[tuple[str, ...], int], others: Mapping[tuple[str, ...], int], n: int, smallest: int
) -> list[int]:  # fmt: skip
    """What numbers of one name differ by, and the rest of the patients in between; those hidden themselves are not."""
    pairs = [(some[name], others[name]) for name in some if name in others]
    gaps = [abs(a - b) for a, b in pairs if not any(0 < x < smallest for x in (a, b))]
    return [*gaps, *(n - gap for gap in gaps if gap)]


LABELS = ("label", "name", "by_label", "site", "level", "cause", "term", "variable", "stratum")


def _named_counts(results: Iterable[object]) -> dict[tuple[str, ...], int]:
    """The whole numbers of results, by what they are of: the analysis, endpoint, factor, level and field."""
    found: dict[tuple[str, ...], int] = {}
    for result in results:
        for one in result if isinstance(result, tuple) else (result,):
            if isinstance(one, Result) and type(one).__name__ not in ONE_PATIENT_EACH:
                parts = (type(one).__name__, *(str(getattr(one, name, "")) for name in ("endpoint", "by")))
                found |= dict(_named(to_json(one.to_dict()), parts))
    return found


def _named(node: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, Mapping):
        for name, own in node.items():
            if name not in (*NO_COUNTS, "curve", "excluded", "guardrails"):
                yield from _named(own, (*path, name))
    elif isinstance(node, list):
        for place, own in enumerate(node):
            of = own if isinstance(own, Mapping) else {}
            label = next((str(of[name]) for name in LABELS if isinstance(of.get(name), str)), str(place))
            yield from _named(own, (*path, label))
    elif isinstance(node, int) and not isinstance(node, bool):
        yield path, node


def masked_text(text: str, smallest: int) -> str:
    """A phrase or sentence as `masked` leaves one in a text; empty where none of it may stay.

    Example:
        >>> masked_text("grade is merged (3 patients)", 5)
        'grade is merged (fewer than 5 patients)'
    """
    return words.without_few(text, smallest) if smallest > 1 else text


def may_tell(result: object, smallest: int) -> bool:
    """Whether the numbers of a result may be told, by themselves or as far as `told` cuts them.

    Example:
        >>> may_tell(kaplan_meier(cohort, "PRS"), 5), may_tell(site_distribution(cohort), 5)
        (True, False)
    """
    return told(result, smallest) is not None


def told(result: R, smallest: int) -> R | None:
    """A result as its numbers may leave: curves up to where enough are at risk; None where it may not.

    Whoever writes numbers of `Item.computed` asks this first. Numbers of events by time in a curve are single ones by
    nature and may stay with the curve; see what isn't protected, above.

    Example:
        >>> whole = kaplan_meier(cohort, "PRS")
        >>> cut = told(whole, smallest=5)
        >>> int(cut.curves[0].n_at_risk.min()), len(whole.curves[0].time) - len(cut.curves[0].time)
        (13, 12)
    """
    if smallest <= 1:
        return result
    try:
        few = any(0 < n < smallest for n in counts(result))
    except UnknownPart:
        return None
    return None if few else _cut(result, smallest)


# ---------------------------------------------------------------- counts in a result
class UnknownPart(Exception):
    """A result holds something of which nobody has said whether it counts patients."""


ONE_PATIENT_EACH = ("Swimmer", "Lane", "Influence", "SchoenfeldResiduals", "PatientPrediction", "Course", "OddRow")
NO_COUNTS = (
    "df", "row", "rows", "spreadsheet_rows", "position", "place", "number", "order", "n_tests", "iterations", "folds",
    "repeats", "seed", "bootstraps", "bootstrap", "imputations", "draws", "n_columns", "n_folds", "n_failed",
    "n_parameters", "n_knots", "version", "line", "level", "at_zero", "events_at_zero", "decimals",
)  # fmt: skip
"""Whole numbers that count nobody, by the names of their fields. Any other is taken for a number of patients."""
PARTS = (("n", "n_events_total"), ("n", "n_events"), ("n", "events"), ("of", "n"), ("n_before", "n_after"),
         ("n", "n_evaluable"), ("n_treated", "n_evaluable"), ("n_reference", "n_events_reference"),
         ("n_with", "n_events_with"), ("n_either", "n_both"))  # fmt: skip
"""Numbers of which one is part of the other, so that their difference is one of patients, too."""
OF_CURVES = ("time", "n_at_risk", "n_events", "n_censored", "n_any", "entries", "event", "start")
SKIPPED = ("Exclusion", "Guardrail", "Finding", "Selection", "Condition", "Group", "Endpoint", "Estimate")


def counts(result: object) -> Iterator[int]:
    """The numbers of patients and events in a result, and those that follow from two of them.

    Who was left out before the analysis isn't among them: that is told in sentences, which are masked as texts.

    Raises:
        UnknownPart: something in it isn't a number, a text or a part of a result, such as a cohort; or it has a part
            for each patient.
    """
    yield from _counts("", result)


def _counts(name: str, value: object) -> Iterator[int]:
    if value is None or isinstance(value, str | float | bool | np.bool_ | np.floating | date | Enum | bytes):
        return
    if isinstance(value, int | np.integer):
        if name not in NO_COUNTS:
            yield int(value)
    elif isinstance(value, np.ndarray):
        if value.dtype.kind in "iu" and name not in NO_COUNTS:
            yield from map(int, value.ravel().tolist())
        elif value.dtype.kind not in "iufbUSM":
            raise UnknownPart(name)
    elif isinstance(value, Mapping):
        for own in value.values():
            yield from _counts(name, own)
    elif isinstance(value, list | tuple | set | frozenset):
        pairs = name == "n_sites"  # (number of sites, patients)
        for own in value:
            yield from _counts(name, own[1] if pairs and isinstance(own, tuple) else own)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _of_part(value)
    else:
        raise UnknownPart(f"{name}: {type(value).__name__}")


def _of_part(part: object) -> Iterator[int]:
    kind = type(part).__name__
    if kind in ONE_PATIENT_EACH or kind == "Cohort":
        raise UnknownPart(kind)
    if kind in SKIPPED:
        return
    held = {f.name: getattr(part, f.name) for f in fields(part) if f.repr}  # type: ignore[arg-type]  # as its JSON
    curve = "time" in held and isinstance(held["time"], np.ndarray)
    for name, value in held.items():
        if curve and name in OF_CURVES and isinstance(value, np.ndarray | None):
            continue
        if name == "at_times" and isinstance(part, KaplanMeier):
            continue  # those with few at risk are left out by `told`
        yield from _counts(name, value)
    for whole, share in PARTS:
        if isinstance(n := held.get(whole), int) and isinstance(some := held.get(share), int):
            yield abs(n - some)


# ---------------------------------------------------------------- curves
def _cut(part: Any, smallest: int) -> Any:
    """A part of a result, its survival curves only as far as enough are at risk."""
    if isinstance(part, Curve):
        rows = _enough(part, smallest)
        names = ("time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper")
        return replace(part, **{name: getattr(part, name)[:rows] for name in names})
    if isinstance(part, tuple):
        new = tuple(_cut(own, smallest) for own in part)
        return new if any(a is not b for a, b in zip(new, part, strict=True)) else part
    if is_dataclass(part) and not isinstance(part, type) and type(part).__name__ not in SKIPPED:
        held = {f.name: getattr(part, f.name) for f in fields(part) if f.init}
        cut = {name: _cut(value, smallest) for name, value in held.items()}
        if isinstance(part, KaplanMeier):
            ends = {c.name: float(c.time[-1]) if len(c.time) else 0.0 for c in cut["curves"]}
            cut["at_times"] = tuple(at for at in part.at_times if at.time <= ends[at.stratum])
        changed = {name: value for name, value in cut.items() if value is not held[name]}
        return replace(part, **changed) if changed else part
    return part


def _enough(curve: Curve, smallest: int) -> int:
    """Rows of a curve that may be told: before the first at which too few are at risk, and with enough after them.

    Totals stand elsewhere, in tables and texts. So after the last row there are no events or enough, and nobody
    censored or enough: else the total less the rows would tell of few.
    """
    few = np.flatnonzero(curve.n_at_risk < smallest)
    rows = int(few[0]) if len(few) else len(curve.time)
    while rows and not _ends_well(curve, rows, smallest):
        rows -= 1
    return rows


def _ends_well(curve: Curve, rows: int, smallest: int) -> bool:
    """Whether what comes after so many rows of a curve is of nobody or of enough, by events and by censoring."""
    events, censored = int(curve.n_events[:rows].sum()), int(curve.n_censored[:rows].sum())
    after = (curve.n_events_total - events, curve.n - curve.n_events_total - censored)
    return not any(0 < n < smallest for n in after)


def _may_end(curve: Curve, time: float, smallest: int) -> bool:
    rows = int((curve.time <= time).sum())
    at_risk = (*curve.n_at_risk[:rows].tolist(), int(curve.at_risk([time])[0]))
    return min(at_risk) >= smallest and _ends_well(curve, rows, smallest)


def _end(curves: Sequence[Curve], smallest: int, latest: float | None) -> float:
    """The last time up to which all curves may be drawn; 0 where there is none. latest: the person's own end."""
    times = {float(t) for c in curves for t in c.time} | ({latest} if latest is not None else set())
    fitting = (t for t in times if latest is None or t <= latest)
    fitting = (t for t in fitting if all(_may_end(c, t, smallest) for c in curves))
    return max(fitting, default=0.0)


def _curves(part: object) -> Iterator[Curve]:
    if isinstance(part, Curve):
        yield part
    elif isinstance(part, tuple):
        for own in part:
            yield from _curves(own)
    elif is_dataclass(part) and not isinstance(part, type) and type(part).__name__ not in SKIPPED:
        for f in fields(part):
            yield from _curves(getattr(part, f.name))


# ---------------------------------------------------------------- figures
def _masked_figure(figure: Figure, results: Sequence[object], smallest: int) -> tuple[Figure | None, str]:
    again = figure.again
    if not isinstance(again, partial) or not again.args:
        return None, words.figure_left_out(smallest)
    shown, options = again.args[0], dict(again.keywords)
    behind = {name: value for name, value in options.items() if is_dataclass(value)}
    behind.pop("settings", None)
    try:
        few = any(0 < n < smallest for part in (shown, *results, *behind.values()) for n in counts(part))
    except UnknownPart as part:
        one_each = str(part) in ONE_PATIENT_EACH
        return None, words.marks_are_patients() if one_each else words.figure_left_out(smallest)
    if few:
        return None, words.figure_left_out(smallest)
    why = ""
    if curves := [*_curves(shown), *(c for part in behind.values() for c in _curves(part))]:
        own = options.get("settings") or CurveSettings()
        end = _end(curves, smallest, own.end)
        if end <= 0 or "settings" not in signature(again.func).parameters:
            return None, words.figure_left_out(smallest)
        table: tuple[Any, ...] = () if own.table == () else ("at risk",)
        options["settings"] = replace(own, end=end, table=table, medians=False)
        options.pop("medians", None)
        why = words.curves_end(smallest)
    elif _has_steps(shown):  # other curves, with a number at risk under each tick
        return None, words.figure_left_out(smallest)

    def draw(style: Style) -> Figure:
        made = again.func(shown, style, **options)
        alt, caption = (words.kept_sentences(text, smallest) for text in (made.alt, made.caption))
        return replace(made, alt=alt, caption=" ".join(filter(None, (caption, why))), again=draw)

    made = draw(figure.style)
    if words.tells_few(f"{re.sub('<[^>]+>', ' ', made.to_svg())} {made.alt} {made.headline}", smallest):
        return None, words.figure_left_out(smallest)
    return made, why


def _has_steps(part: object) -> bool:
    """Whether a result has a curve of another kind, whose numbers at risk fall to few."""
    if isinstance(part, tuple):
        return any(map(_has_steps, part))
    if not is_dataclass(part) or isinstance(part, type):
        return False
    return hasattr(part, "n_at_risk") or any(_has_steps(getattr(part, f.name)) for f in fields(part))


# ---------------------------------------------------------------- texts
def _masked_prose(text: Prose, results: Sequence[object], smallest: int) -> tuple[Prose | None, str]:
    shares = all(may_tell(result, smallest) for result in results)
    if text.name == "reading":  # its other sentences speak of whom the first is about
        first = next((p for _, paragraphs in text.parts for p in paragraphs), "")
        if first and not words.kept_sentences(words.first_sentence(first), smallest, shares):
            return None, words.reading_left_out(smallest)
    parts = []
    for heading, paragraphs in text.parts:
        kept = [words.kept_sentences(paragraph, smallest, shares) for paragraph in paragraphs]
        if any(kept):
            parts.append((heading, tuple(filter(None, kept))))
    if not parts and text.parts:
        return None, words.text_left_out(smallest)
    made = replace(text, parts=tuple(parts))
    return made, "" if made == text else words.sentences_left_out(smallest)


# ---------------------------------------------------------------- tables
NUMBER = re.compile(rf"(?<![\w.,{DASH}])(?<!\d-)[+{MINUS}]?(\d[\d,]*)(?![\w,]|\.\d| %|{DASH}\d)")
NO_NUMBER = NOT_REACHED  # says of a curve that fewer than half had the event
WITH_SHARE = re.compile(r"(?<![\w.,])(\d[\d,]*) \((\d+(?:\.\d+)?)(?: %)?\)")
RATIO = re.compile(r"(?<![\w.,])(\d[\d,]*)/(\d[\d,]*)(?![\w.])")
TOTAL = re.compile(r"(?:(?<=\bn = )|(?<![\w.]))(\d[\d,]*)(?=\)| patients)")
NO_COUNT = re.compile(
    r"\bsince\b|^(Time|At|df|Degrees of freedom|Parameters?|Landmark|Sites|Step|Horizon|Knots|Days|Weeks|Months|"
    r"Years)\b", re.IGNORECASE,
)  # fmt: skip
"""Headers of columns whose whole numbers count no patients."""
NESTED = (("Recorded for", "Patients"), ("n", "Events"), ("n", "Events (%)"), ("Patients", "Events"))
"""Headers of a whole and its part."""
OF_PATIENTS = ("Row", "Patient", "No.", "Lane")
CHAINED = ("attrition", "patient-flow", "changed-patients", "changed-endpoints")
"""Tables whose numbers follow from each other: who is left, who is new, who had the event since."""


@dataclass(frozen=True)
class Cell:
    """A cell read: the numbers of patients that it tells, or that follow from it, and whether it has a number at all.

    count: the first of them, as it adds up with others in a column; None where it counts nobody.
    """

    told: tuple[int, ...] = ()
    count: int | None = None
    numeric: bool = False


def read_cell(text: str, header: str, words_only: bool = False) -> Cell:
    """What a cell of a table tells of patients.

    Example:
        >>> read_cell("3 (5.6 %)", "Events (%)"), read_cell("12.5", "%")
        (Cell(told=(3, 51), count=3, numeric=True), Cell(told=(), count=None, numeric=True))
    """
    if words_only or NO_COUNT.search(header):
        return Cell()
    whole = [_int(n) for n in NUMBER.findall(text)]
    count, told = whole[0] if whole and not text.startswith(("+", MINUS)) else None, [*whole]
    for found in WITH_SHARE.finditer(text):
        n, share = _int(found[1]), float(found[2])
        told.append(max(round(n / share * 100) - n, 0) if share else 0)
    for found in RATIO.finditer(text):
        n, of = _int(found[1]), _int(found[2])
        count, told = of, [*told, n, of, of - n]
    return Cell(tuple(told), count, bool(re.search(r"\d", text)) or NO_NUMBER in text)


def _int(text: str) -> int:
    return int(text.replace(",", ""))


def _masked_table(table: Table, results: Sequence[object], smallest: int) -> tuple[Table | None, str]:
    if set(table.columns) & {*OF_PATIENTS} or any(type(r).__name__ in ONE_PATIENT_EACH for r in results):
        return None, words.rows_are_patients()
    left_out = None, words.table_left_out(smallest)
    above = (table.title, *table.columns, *(row[0] for row in table.rows if not any(row[1:])))
    if any(words.tells_few(text, smallest) for text in above):
        return left_out
    read = [
        [read_cell(cell, header, j == 0 or j in table.text_columns) for j, (cell, header) in _places(table, row)]
        for row in table.rows
    ]
    small = {i for i, row in enumerate(read) if _is_small(table, row, smallest)}
    if small and (table.name in CHAINED or (table.columns[0] == "" and not _is_square(table))):
        return left_out
    hidden, exact = set(small), set[tuple[int, int]]()
    for block in _blocks(table, read):
        hidden |= _with_others(block, small, read, smallest, exact)
    rows = tuple(
        tuple(_shown(cell, read[i][j], (i, j), i in hidden, exact, smallest) for j, cell in enumerate(row))
        for i, row in enumerate(table.rows)
    )
    if hidden and all(i in hidden for i, row in enumerate(read) if any(cell.numeric for cell in row)):
        return left_out
    rows = tuple(tuple(words.kept_sentences(c, smallest) if _is_words(c) else c for c in row) for row in rows)
    notes = [words.kept_sentences(note, smallest, not hidden) for note in table.notes]
    notes += [words.marks(smallest)] if hidden else []
    made = replace(table, rows=rows, notes=tuple(filter(None, notes)))
    return made, words.marks(smallest) if hidden else "" if made == table else words.sentences_left_out(smallest)


def _places(table: Table, row: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, str]]]:
    return enumerate(zip(row, table.columns, strict=True))


def _is_words(cell: str) -> bool:
    return bool(re.search(r"[A-Za-z]{3}", cell))


def _is_square(table: Table) -> bool:
    """Whether rows and columns have the same names, as a matrix of sites."""
    return tuple(row[0] for row in table.rows) == table.columns[1:]


def _is_small(table: Table, row: Sequence[Cell], smallest: int) -> bool:
    numbers = [n for cell in row for n in cell.told]
    for header, cell in zip(table.columns, row, strict=True):
        totals = [_int(n) for n in TOTAL.findall(header) or TOTAL.findall(table.title)]
        numbers += [n - cell.count for n in totals if cell.count]
    named = {header: cell.count for header, cell in zip(table.columns, row, strict=True)}
    if (known := named.get("Recorded")) is not None:  # of a yes/no row the others said no
        numbers += [known - cell.count for header, cell in zip(table.columns, row, strict=True)
                    if header != "Recorded" and cell.count is not None]  # fmt: skip
    for whole, part in NESTED:
        if (n := named.get(whole)) is not None and (some := named.get(part)) is not None:
            numbers.append(n - some)
    return any(0 < n < smallest for n in numbers)


@dataclass(frozen=True)
class Block:
    """Rows of a table that may add up to what is known, and the row right above them that is of all of them."""

    rows: tuple[int, ...]
    heading: int | None = None


def _blocks(table: Table, read: Sequence[Sequence[Cell]]) -> Iterator[Block]:
    """Rows that may add up to what is known; those below no heading unless they overlap."""
    indents, above = table.indents or (0,) * len(table.rows), list[list[int]]()
    for i, indent in enumerate(indents):
        path = [*above[i - 1], i - 1] if i else []
        while path and indents[path[-1]] >= indent:
            path.pop()
        above.append(path)
    parents = {path[-1] for path in above if path}
    groups: dict[int | None, list[int]] = {}
    for i, path in enumerate(above):
        if i not in parents:
            groups.setdefault(path[-1] if path else None, []).append(i)
    for parent, rows in groups.items():
        if parent is not None or not _overlap(table, rows, read):
            yield Block(tuple(rows), parent)
        else:
            yield from (Block((row,)) for row in rows)


def _overlap(table: Table, rows: Sequence[int], read: Sequence[Sequence[Cell]]) -> bool:
    """Whether rows have patients in common: in a column they are more than all."""
    everybody = max(_totals(table), default=0) or max((_size(read[i]) for i in rows), default=0)
    sums = [sum(read[i][j].count or 0 for i in rows) for j in range(len(table.columns))]
    return 0 < everybody < min((total for total in sums if total), default=0)


def _totals(table: Table) -> list[int]:
    """How many patients there are, as title and headers say."""
    return [_int(n) for text in (table.title, *table.columns) for n in TOTAL.findall(text)]


def _with_others(
    block: Block, small: set[int], read: Sequence[Sequence[Cell]], smallest: int, exact: set[tuple[int, int]]
) -> set[int]:
    """The rows to hide, so that no small number follows from the others.

    Of rows below a heading all: a coarser grouping of the same may stand elsewhere, and tell of one by the others.
    Else in each column with small numbers the hidden ones must leave them free: their sum less the least that each
    can be is to be so large that any of them could be any small number.

    exact: takes the cells that may be called small; where that would give them away they are hidden like the others.
    """
    few = [i for i in block.rows if i in small]
    if not few:
        return set()
    others = sorted((i for i in block.rows if i not in small and _size(read[i])), key=lambda i: _size(read[i]))
    hidden, columns = [*few], range(len(read[block.rows[0]]))
    if block.heading is not None:
        hidden, others = [*block.rows], []
    while others and (len(hidden) == len(few) or not all(_free(hidden, j, read, smallest) for j in columns)):
        hidden.append(others.pop(0))
    exact.update((i, j) for j in columns if len(block.rows) == 1 or _free(hidden, j, read, smallest) for i in few)
    return {*hidden, *([] if block.heading is None else [block.heading])}


def _size(row: Sequence[Cell]) -> int:
    return max((cell.count or 0 for cell in row), default=0)


def _free(rows: Sequence[int], column: int, read: Sequence[Sequence[Cell]], smallest: int) -> bool:
    """Whether the small numbers of a column stay unknown to who knows the sum of these rows."""
    values = [n for i in rows if (n := read[i][column].count) is not None and n > 0]
    few = [n for n in values if n < smallest]
    slack = sum(values) - len(few) - smallest * (len(values) - len(few))
    return not few or (len(values) > len(few) and slack >= smallest - 2)


def _shown(
    cell: str, read: Cell, place: tuple[int, int], hidden: bool, exact: set[tuple[int, int]], smallest: int
) -> str:  # fmt: skip
    if not hidden or not read.numeric:
        return cell
    few = read.told and 0 < read.told[0] < smallest
    return words.small(smallest) if few and place in exact else words.HIDDEN
