"""A report as an R script: the same file, mapping, edits and filters, and every number compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from necc import __version__
from necc.report.model import Item, Report
from necc.report.scripts.analyses import write
from necc.report.scripts.changes import Changes
from necc.report.scripts.reading import Reader
from necc.report.scripts.script import Script, Section, helpers_for
from necc.report.scripts.text import comment, part_of, quoted


def r_script(report: Report, only: Iterable[str] = ()) -> str:
    """An R script that computes the numbers of a report's exhibits and compares each with the one that is shown.

    It needs R 4.2 with `survival` and `cmprsk`, and the file of patients, which it knows by its checksum. The mapping,
    edits and filters stand in it as code that a statistician can read. Where a column can't be read again by a short
    rule it asks for `mapped_csv`. It ends with the number of comparisons and the largest difference, and with status 1
    where one is above its tolerance: relative, 1e-9 for what is counted or added up and 1e-6 for what is iterated.
    Of a report that hides counts of few patients it holds no number: what R finds is printed, and not compared.

    Args:
        report: as `make_report` gives it, with its `inspection`; without one the script reads `mapped_csv` alone.
        only: names of items; all of them by default.

    Returns:
        The script, ASCII but for comments.

    Raises:
        AnalysisError: the report has no item of a name.

    Example:
        >>> from necc.report import make_report, ready
        >>> from necc.report.scripts import r_script
        >>> report = make_report(Project(exhibits=ready(cohort)[:3]), cohort)
        >>> r_script(report).splitlines()[-1]
        'finished()'
    """
    return RScripts(report).written(only)


class RScripts:
    """The scripts of a report: its file is looked at once for all of them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.reader = Reader(report)

    def written(self, only: Iterable[str] = ()) -> str:
        """One script, of the items of these names; of all without a name.

        Raises:
            AnalysisError: the report has no item of a name.
        """
        report, needed = self.report, dict[str, None]()
        items = report.named(only)
        changes = Changes(report.loaded, report.edits, needed)
        script = Script(report.cohort, needed, report.smallest_cell)
        sections = [line for item in items for line in _section(script, report, item)]
        patients = script.patients
        organs = patients.organs or bool(changes.sites)
        grouped = changes.sites_of(patients)
        sites = ["", *comment("Sites as the product groups them"), *grouped] if grouped else []
        reading = self.reader.written([name for name in needed if name in report.loaded.columns], organs)
        groups = [f"{part_of('groups', name)} <- {code}" for name, code in script.groups.items()]
        endpoints = [line for lines in script.endpoints.values() for line in lines]
        filters = [
            line for name, said, code in script.chosen.values() for line in (*comment(said), f"{name} <- {code}")
        ]
        filters = filters or ["# no filters"]
        body = [
            "", *_title("The file"), *reading, *_part("Edits, in their order", changes.lines), *sites,
            *_part("Groups, with their levels in the product's order", groups, "groups <- list()"),
            *_part("Endpoints: a time and an event of each patient", endpoints, "endpoints <- list()"),
            *_part("Patients", filters, "everybody <- rep(TRUE, nrow(data))"), *sections, "", "finished()",
        ]  # fmt: skip
        return "\n".join([*_head(report), *helpers_for(body), *body]) + "\n"


def _title(text: str) -> list[str]:
    return [*comment(text, "##"), ""]


def _part(text: str, lines: Sequence[str], *before: str) -> list[str]:
    return ["", *_title(text), *before, *lines] if lines else []


def _head(report: Report) -> list[str]:
    told = [
        report.title or "The numbers of a report", *([report.notice] if report.notice else []),
        f"Computes the report's numbers with R's own packages from {report.filename} and compares them with those that "
        f"necc {__version__} shows.",
        f"Run it with R 4.2 or later, in the folder of the file: Rscript this_script.R [path/to/{report.filename}]",
        "Missing values are NA. Confidence limits, ties and tests are written out, whatever R's defaults are.",
    ]  # fmt: skip
    return [line for text in told for line in comment(text)] + [
        "", "suppressMessages({", "  library(survival)", "  library(cmprsk)", "})", "",
    ]  # fmt: skip


def _section(script: Script, report: Report, item: Item) -> list[str]:
    title = item.heading
    if item.kind == "missing":
        return ["", *comment(f"{title}: it couldn't be made ({item.missing})", "##")]
    if not item.computed:
        return []
    section = Section(script, item.selection.apply(report.cohort), item.selection)
    head = ["", *comment(title, "##"), *comment(item.patients), f"cat({quoted(chr(10) + title + chr(10))})"]
    for computed in item.computed:
        key = (id(computed.result), computed.of, item.selection.key())
        if (title_of := script.written.setdefault(key, title)) != title:
            section.line("", *comment(f"The numbers of {title_of}, above"))
            continue
        of_all = computed.of == "whole"
        section.cohort = report.cohort if of_all else item.selection.apply(report.cohort)
        section.choose(type(item.selection)() if of_all else item.selection)
        write(section, computed)
    return [*head, *section.lines]
