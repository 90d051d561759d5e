"""What is said in a report beside its results: what all of them share, whom one is about, and what is lacking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from necc import __version__
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for
from necc.core.errors import AnalysisError
from necc.core.guardrails import FEW_AT_RISK
from necc.core.selection import UNKNOWN, Group, Selection
from necc.core.text import format_number, joined
from necc.present.words.methods import software
from necc.present.words.phrases import ci_name, sentence

ALL_PATIENTS = "all patients"
ROWS_TELL = "small counts are hidden in this report, and rows of patients tell them"
CHANGED = "What changed since the project was saved"
FIGURE_DATA = "The data behind this figure"
UNROUNDED = "Numbers are unrounded; each cell shows as many decimals as the table."
SOME_ROUNDED = "Numbers in italics are rounded, as the table shows them; the others are unrounded."
AS_SHOWN = "Numbers are rounded, as the table shows them, since numbers of few patients are hidden."
DATA_AS_IT_IS = "Numbers are unrounded."
CONVENTIONS = "Conventions"
SMALL_GROUPS = "Small groups"
FEW_AT_RISK_NAME = f"fewer than {FEW_AT_RISK} at risk"
INTERVAL = "interval"
LIMITS_DRAWN = "limits (drawing)"
SAME_ROW = "the same"
NO_LETTER = "\u25a1"  # what stands for a character that no font draws
NEITHER = "what was kept of it can't be shown in a report"


def about(selection: Selection, whole: Cohort) -> str:
    """Whom an exhibit is about, by its filters: `not FIGO stage: IVA or missing` where those without one are out, too.

    What is asked not to hold must be known not to (see `Selection`), so that who has no value recorded is left out.
    """
    return _telling_blanks(selection, whole).describe(whole) if selection else ALL_PATIENTS


def _telling_blanks(selection: Selection, whole: Cohort) -> Selection:
    """The same patients, chosen by filters that name the missing values which a NOT leaves out."""
    steps, groups = selection.attrition(whole)[len(selection.conditions) :], list[Group]()
    cohort = Selection(selection.conditions).apply(whole)
    for group, step in zip(selection.groups, steps, strict=True):
        if group.how != "any" and step.n_missing_left_out:
            there = asked_for(cohort, Wanted(names=group.names))
            told = tuple(replace(c, keep_missing=bool((c.truth(there) == UNKNOWN).any()) or c.keep_missing)
                         for c in group.conditions)  # fmt: skip
            group = replace(group, conditions=told)
        groups.append(group)
        cohort = Selection((), (group,)).apply(cohort)
    return replace(selection, groups=tuple(groups))


def whom(about: str, n: int | None) -> str:
    """Whom an exhibit is about, with how many they are: `All patients (n = 88).`; None where that isn't told."""
    return sentence(about if n is None else f"{about} (n = {n:,})")


def conventions(
    whole: Cohort, results: Sequence[object], smallest_cell: int, day: str,
    groups: Sequence[tuple[str, int, Sequence[str]]], singles: Sequence[str] = (),
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    """What all exhibits share: patients, sites, edits, file, day, versions.

    groups: whom exhibits are about, how many patients these are, and which exhibits. singles: the exhibits that have a
    row for each patient.
    """
    source = whole.source
    said = [
        ("Patients in the file", f"{whole.n_patients:,}"),
        *((_of(which, len(groups)), f"{n:,}: {who}") for who, n, which in groups),
        ("Data", f"one file, SHA-256 {source.file_mark}"),
        ("Edits after reading", "; ".join(source.edits) or "none"),
    ]
    if whole.site_names:
        said.append(("Sites of recurrence", f"{whole.scheme.label or whole.scheme.name}; a patient may have several"))
    if smallest_cell > 1:
        said.append(
            (SMALL_GROUPS, f"counts of 1 to {smallest_cell - 1:,} patients, and what rests on them, are hidden")
        )
    if source.notice:
        said.append(("Origin", source.notice))
    said += [
        *([("Single patients", f"{joined(list(singles))}: a row for each, without identifiers")] if singles else []),
        ("Exclusions", "stand with each exhibit: who lacks a value is left out there, and counted"),
        ("Day", day or "not recorded"),
        ("Program", f"necc {__version__}. {software(results)}"),
    ]
    return tuple(said)


def _of(which: Sequence[str], groups: int) -> str:
    return "Patients analysed" if groups == 1 else f"Patients of {joined(list(which))}"


def no_data(smallest_cell: int) -> str:
    """Why there are no data behind a figure."""
    few = f", or tells of fewer than {smallest_cell:,}" if smallest_cell > 1 else ""
    return f"There are no data to this figure: it shows patients one by one{few}."


def rows_left_out(name: str, most: int) -> str:
    return f"'{name}' is longer than a sheet: the first {most:,} rows are here"


def share_heading(level: float) -> str:
    """What stands above shares with their limits."""
    return f"n (%)  {ci_name(level)}"


def small_type(title: str, points: float) -> str:
    """What is told of a figure whose words are small on a slide."""
    return f"'{title}': its smallest words have {format_number(points, 0)} points on a slide"


def boxes(title: str, characters: str) -> str:
    """What is told of a figure some of whose characters no font draws."""
    return (
        f"'{title}': no font on this computer draws {characters[:20]!r}; its vectors have them as text, its "
        f"pixels {NO_LETTER} instead"
    )


def lacks(title: str, error: Exception) -> str:
    """Why an exhibit isn't there."""
    told = error.told if isinstance(error, AnalysisError) else str(error)
    return f"'{title}' isn't here: {told}"


def not_made(what: str, why: str) -> str:
    return f"{what} isn't there: {why}"


def unexpected(kind: str) -> str:
    return f"this should not have happened ({kind}); please report it"


def versions(conventions: Sequence[tuple[str, str]]) -> str:
    """What a bundle was made of and with, a line each."""
    return "".join(f"{name}: {said}\n" for name, said in conventions)


CONTENTS = {
    "report.docx": "the report for Word: figures, tables, Methods, checklists",
    "slides.pptx": "the same as slides; charts can be edited, and hold the numbers that they show",
    "tables.xlsx": "a sheet for each exhibit, numbers as numbers",
    "figures": "each figure as SVG, PDF, PNG and TIFF, in its size; titles and legends stand in report.docx",
    "tables": "each table as it is shown, as CSV",
    "data": "the numbers behind each figure, as CSV",
    "scripts": "the same numbers from the same file by R and by Python; each compares them with those shown",
    "project.toml": "all decisions: mapping, edits, filters, exhibits. It opens in the program with the same file",
    "patients.csv": "PATIENTS' DATA: a row for each patient, by its row in the file; no identifiers. Don't hand it on",
    "versions.txt": "patients, file, edits, program and its versions",
    "SHA256SUMS": "checksums; `sha256sum -c SHA256SUMS` compares",
}


def readme(
    title: str, notice: str, paths: Iterable[str], listed: Iterable[tuple[str, str]], problems: Sequence[str]
) -> str:  # fmt: skip
    """What is in a bundle, for whoever opens it. listed: label and title of each exhibit."""
    there = {path.partition("/")[0] for path in paths} | {"versions.txt", "SHA256SUMS"}
    parts = [title, "=" * max(len(title), 3), *([f"{notice}.", ""] if notice else [""])]
    parts += [f"{name:<14} {said}" for name, said in CONTENTS.items() if name in there]
    parts += ["", "Exhibits", "--------", *(f"{label + '.' if label else '-'} {named}" for label, named in listed)]
    if problems:
        parts += ["", "What isn't here", "---------------", *(f"- {problem}" for problem in problems)]
    return "\n".join(parts) + "\n"
