"""The words of the command line: its commands, their options, and what each runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from necc.cli import commands, lesson, patient, project, report, verify
from necc.core.dictionary import UNITS


def parser() -> argparse.ArgumentParser:
    """The whole command line; the chosen command is `run` of what it parses."""
    from necc import __version__

    words = argparse.ArgumentParser(
        prog="necc", allow_abbrev=False, description="Recurrence sites, survival and response in a cohort."
    )
    words.add_argument("--version", action="version", version=f"necc {__version__}")
    known = words.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Command)
    for name, (help_text, run, add_options) in COMMANDS.items():
        command = known.add_parser(name, help=help_text, description=help_text, allow_abbrev=False)
        add_options(command)
        command.set_defaults(run=run)
    return words


class _Command(argparse.ArgumentParser):
    """One command. The help of those that read a cohort says which files they take; only then are readers loaded."""

    reads_cohorts = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.register("action", None, _Once)
        self.register("action", "store", _Once)

    def format_help(self) -> str:
        if self.reads_cohorts:
            from necc.ingest import formats_in_words

            self.epilog = f"FILE: {formats_in_words()}."
        return super().format_help()


class _Once(argparse.Action):
    """An option with one value: given twice, the first would be lost in silence."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        given = getattr(namespace, "given_options", ())
        if option_string and self.dest in given:
            parser.error(f"argument {option_string}: it was given more than once, and takes one value")
        namespace.given_options = (*given, self.dest)
        setattr(namespace, self.dest, values)


def _app_options(parser: _Command) -> None:
    parser.add_argument("--data", metavar="FILE", type=Path, help="a cohort to open")


def _audit_options(parser: _Command) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="a claim file; by default that of the shipped paper"
    )
    _json_option(parser)
    parser.add_argument("--all", action="store_true", help="also print the figures that are consistent")


def _json_option(parser: _Command) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON, unrounded")


def _cohort_options(parser: _Command, of_lesson: bool = False) -> None:
    """The options of every command that reads a cohort; of a lesson it is an option itself."""
    parser.reads_cohorts = True
    if of_lesson:
        parser.add_argument("--cohort", dest="file", metavar="FILE", type=Path,
                            help="whom the lesson is computed on; the shipped sample without it")  # fmt: skip
    else:
        parser.add_argument("file", metavar="FILE", type=Path, help="the cohort")
        _json_option(parser)
    _dictionary_options(parser)
    parser.add_argument(
        "--mapping", metavar="FILE", type=Path, help="how its columns are understood (see necc map); FILE.mapping.toml "
        "beside the cohort is used by itself"
    )  # fmt: skip
    parser.add_argument(
        "--edits", metavar="FILE", type=Path, help="steps that edit the cohort before --where: levels merged, "
        "numbers cut, sites combined, rows left out, new variables and endpoints. A step that doesn't fit is skipped "
        "with a warning; necc check says what each did"
    )  # fmt: skip
    parser.add_argument(
        "--project", metavar="FILE", type=Path, help="a project: its mapping, edits, site scheme and filters; --where "
        "keeps fewer of its patients, and options that say how the file is read are refused beside it"
    )  # fmt: skip
    parser.add_argument(
        "--answer", action="append", default=[], metavar="CODE:COLUMN=NAME",
        help="what the file leaves open, as event:died=2; a refusal says which answers there are; repeatable"
    )  # fmt: skip
    parser.add_argument(
        "--sheet", default="", metavar="NAME", help="sheet of a workbook; by default the one with the most cells"
    )
    parser.add_argument(
        "--header-row", default=0, type=_row, metavar="N", help="row that holds the column names, counted from 1"
    )
    parser.add_argument(
        "--scheme", default="", metavar="NAME", help="sites read as: a site scheme of the dictionary (paper, spread, "
        "distance); its usual one without it. The organs stay in the data"
    )  # fmt: skip
    parser.add_argument(
        "--where", action="append", default=[], metavar="NAME=LEVEL,LEVEL", help="keep these patients only: by "
        "levels, a range (age_years=40..60, age_years>50), or a group in quotation marks: 'any(A=x; B=y)' for OR, "
        "'none(A=x; B=y)' for neither, 'not all(A=x; B=y)' for not both. Repeatable: then all must hold"
    )  # fmt: skip
    own = parser.add_argument_group("a file's own columns, without a dictionary")
    own.add_argument("--id", default="", metavar="COL", help="identifier; by default the row number")
    own.add_argument("--time", default="", metavar="COL", help="time to event or censoring")
    own.add_argument("--event", default="", metavar="COL", help="event column")
    own.add_argument("--event-value", action="append", default=[], metavar="VALUE", help="a code that means the event")
    own.add_argument(
        "--unit",
        default="",
        choices=UNITS,
        help="unit of the time; by default months, unless the heading says otherwise",
    )
    own.add_argument("--sites", default="", metavar="COL,COL", help="recurrence sites: 0/1 columns, or one with names")


def _dictionary_options(parser: _Command) -> None:
    """What a file is read with beside its own columns."""
    parser.add_argument("--dictionary", default="", help="one that ships (necc, cervical), or a dictionary file")
    parser.add_argument("--codebook", metavar="FILE", type=Path, help="the data dictionary (CSV) of a REDCap project")


def _levels_option(parser: _Command) -> None:
    parser.add_argument(
        "--levels", action="append", default=[], metavar="NAME=LEVEL,LEVEL", help="the order of a column's levels; the "
        "first is the reference of a model and of comparisons, those not named follow as they were. Naming all says "
        "that their order means something; repeatable"
    )  # fmt: skip


def _row(text: str) -> int:
    """A row of a spreadsheet: the first is 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a row of a spreadsheet; rows are counted from 1")
    return int(text)


def _check_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)


def _by_option(parser: _Command) -> None:
    parser.add_argument("--by", metavar="NAME", help="stratify by a variable, site:NAME, n_sites or number>cut")


def _km_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    _by_option(parser)
    _endpoint_option(parser)
    parser.add_argument("--ci", default="log-log", choices=("log-log", "log", "plain"), help="confidence interval")
    parser.add_argument(
        "--show", default="survival", choices=("survival", "risk", "cumulative-hazard", "log-log"),
        help="what the curves show: survival, 1 - survival, Nelson-Aalen's cumulative hazard, or log(-log survival)"
    )  # fmt: skip
    _at_option(parser)
    _picture_options(parser)


def _patient_options(parser: _Command) -> None:
    _cohort_options(parser)
    _endpoint_option(parser)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--patient", metavar="ID", help="the patient of this identifier")
    who.add_argument(
        "--row", type=_row, metavar="N", help="the patient in this row of the file, its header being row 1"
    )
    who.add_argument("--place", type=_row, metavar="N", help="the patient at this place in the file, from 1 on")
    who.add_argument(
        "--typed", action="append", metavar="NAME=VALUE", help="a patient who isn't in the file, as "
        "histology='small cell' or sites='lung, liver'; repeatable, and kept nowhere"
    )  # fmt: skip
    parser.add_argument(
        "--like", metavar="NAME,NAME", help="what similar patients share, the most important first; by default the "
        "dictionary's rule. Fields are dropped from the end until enough are found"
    )  # fmt: skip
    parser.add_argument("--at-least", type=_patients, default=10, metavar="N", help="how many are looked for: 10")
    parser.add_argument(
        "--smallest-cell",
        type=_cell,
        default=0,
        metavar="N",
        help="groups of fewer patients, and of all but fewer, "
        "aren't described, nor are their numbers told; 0, the default, hides nothing",
    )
    files = parser.add_argument_group("files for a board")
    files.add_argument("--deck", type=Path, metavar="FILE.pptx", help="slides of the case, without identifiers")
    files.add_argument(
        "--page", type=Path, action="append", default=[], metavar="FILE", help="the case on one page of A4: .docx or "
        ".pdf; repeatable"
    )  # fmt: skip
    files.add_argument("--question", default="", metavar="TEXT", help="what the board is asked; stands in the files")
    files.add_argument("--force", action="store_true", help="write over files that are there")


def _patients(text: str) -> int:
    """A number of patients, 1 or more."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of patients, 1 or more")
    return int(text)


def _parametric_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    _by_option(parser)
    _endpoint_option(parser)
    parser.add_argument(
        "--families", default="", metavar="A,B", help="exponential, weibull, log-normal, log-logistic, "
        "generalised-gamma, spline; all by default"
    )  # fmt: skip
    parser.add_argument(
        "--horizon", type=_number, metavar="T", help="where the curves end; beyond the last patient under observation "
        "they are extrapolated, and marked so. By default they end there"
    )  # fmt: skip
    parser.add_argument("--knots", type=int, default=2, metavar="N", help="inner knots of the spline, 1 to 5")
    parser.add_argument(
        "--show", default="survival", choices=("survival", "risk", "cumulative-hazard", "log-log"),
        help="what the picture shows: survival, 1 - survival, the cumulative hazard, or log(-log survival)"
    )  # fmt: skip
    _at_option(parser)
    _picture_options(parser)


def _number(text: str) -> float:
    """A number, with a decimal point."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None


def _picture_options(parser: _Command) -> None:
    """The options of commands that draw curves."""
    picture = parser.add_argument_group("a picture of the curves")
    _file_options(picture, "the curves")
    picture.add_argument(
        "--settings",
        metavar="FILE",
        type=Path,
        help="how they are drawn: a TOML file, as the page on survival saves it",
    )
    picture.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="one setting, over those of the file: end=36, "
        "step=6, palette=greyscale, table='at risk,events' (or none), bands=off, ratio=on, title='Lung', width=85, "
        "legend.LEVEL=WORD, order=LEVEL,LEVEL; repeatable"
    )  # fmt: skip


def _file_options(group: argparse._ArgumentGroup, what: str) -> None:
    """Files of a picture, and how it is printed."""
    for kind, name in (("svg", "SVG"), ("pdf", "PDF"), ("png", "PNG"), ("tiff", "TIFF")):
        group.add_argument(f"--{kind}", metavar="OUT", type=Path, help=f"also draw {what} to this {name} file")
    group.add_argument("--width-mm", metavar="MM", type=_number, help="width in print, 84 to 400; 174 without")
    group.add_argument("--dpi", metavar="N", type=int, default=300, help="of PNG and TIFF, up to 1200; 300 without")
    group.add_argument("--greyscale", action="store_true", help="every colour as a grey")
    group.add_argument("--no-words", action="store_true", help="without title and caption inside, as journals want it")
    group.add_argument("--force", action="store_true", help="write over files that are there")


def _at_option(parser: _Command) -> None:
    parser.add_argument("--at", default="", metavar="T,T", help="times at which the curves are reported")


def _endpoint_option(parser: _Command) -> None:
    parser.add_argument("--endpoint", default="", metavar="NAME", help="TTR, PRS, OS ...; a name for own columns")


def _compare_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    groups = parser.add_mutually_exclusive_group(required=True)
    groups.add_argument("--by", metavar="NAME", help="the groups: a variable, site:NAME, number>cut")
    groups.add_argument(
        "--group", action="append", default=[], metavar="'NAME: WHERE; WHERE'", help="a sub-cohort by its filters, "
        "written as --where takes them; up to six, which may share patients. They are set side by side with their "
        "curves (--endpoint), sites and overlap; repeatable"
    )  # fmt: skip
    _endpoint_option(parser)
    _at_option(parser)
    parser.add_argument("--variables", default="", metavar="A,B,C", help="which characteristics; all by default")
    parser.add_argument(
        "--denominator", default="known", choices=("known", "all"),
        help="what percentages are of: the patients whose value is known, or all of a group with those not recorded"
    )  # fmt: skip
    _convention_option(parser)


def _cox_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    _endpoint_option(parser)
    parser.add_argument("--covariates", required=True, metavar="A,B,C", help="variables, site:NAME, number>cut")
    parser.add_argument("--univariate", action="store_true", help="each covariate alone, beside the model of all")
    parser.add_argument(
        "--stepwise", choices=("forward-lr", "forward-wald", "forward-score", "forward-conditional"),
        help="select forward, by this test of removal; with --univariate, the selected model stands beside"
    )  # fmt: skip
    parser.add_argument("--ties", default="efron", choices=("efron", "breslow"))
    parser.add_argument("--strata", default="", metavar="A,B", help="factors with baseline hazards of their own")


def _cif_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    _by_option(parser)
    _endpoint_option(parser)
    _at_option(parser)
    parser.add_argument(
        "--rule", default="own cause", choices=("own cause", "counted in each", "hierarchy"),
        help="who recurs at several sites at once: a cause of its own, counted in each, or at the first of --hierarchy",
    )  # fmt: skip
    parser.add_argument("--hierarchy", default="", metavar="SITE,SITE", help="the order of sites for that rule")
    parser.add_argument("--censored", metavar="VALUE", help="the code of --event that means censored; 0 by default")


def _response_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    _by_option(parser)
    parser.add_argument("--response", default="best", metavar="best|final|COLUMN", help="which response counts")
    parser.add_argument("--denominator", default="evaluable", choices=("evaluable", "treated"))
    _convention_option(parser)


def _sites_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    _by_option(parser)
    _convention_option(parser)


def _convention_option(parser: _Command) -> None:
    parser.add_argument(
        "--convention", default="paper", choices=("paper", "r", "exact"), help="how tests of tables are chosen"
    )


def _flow_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    _by_option(parser)
    _endpoint_option(parser)
    parser.add_argument(
        "--before", action="append", default=[], metavar="STEP", help="a number from before the file: '126 screened', "
        "or '-19 no follow-up' for who was left out; repeatable, in order"
    )  # fmt: skip
    _file_options(parser.add_argument_group("a picture of the flow"), "the diagram")


def _reproduce_options(parser: _Command) -> None:
    _cohort_options(parser)
    parser.add_argument(
        "--recipe", metavar="FILE", type=Path, help="another paper's recipe; by default the shipped one"
    )
    parser.add_argument("--everybody", action="store_true", help="without the paper's inclusion criteria")
    parser.add_argument("--all", action="store_true", help="also print the figures that were reproduced")


def _map_options(parser: _Command) -> None:
    _cohort_options(parser)
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to write it; by default it is printed")
    parser.add_argument("--force", action="store_true", help="write it over a file that is there")


def _verify_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    parser.add_argument(
        "--use", default="", metavar="A,B", help="lifelines, scikit-survival, R; all that are there by default"
    )
    parser.set_defaults(title="")


def _project_options(parser: _Command) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Command)

    def action(name: str, help_text: str) -> _Command:
        return actions.add_parser(name, help=help_text, description=help_text, allow_abbrev=False)

    shown = action("show", "what a project holds")
    checked = action("check", "what is wrong in a project's file, and what of it doesn't fit a file of patients")
    compared = action("compare", "a project's recorded numbers beside those of a file of patients")
    for command in (shown, checked, compared):
        command.add_argument("project_file", metavar="PROJECT", type=Path, help="the project's file")
        _json_option(command)
    checked.add_argument("file", metavar="FILE", type=Path, nargs="?", help="a cohort to put it on")
    compared.add_argument("file", metavar="FILE", type=Path, help="the cohort")
    for command in (checked, compared):
        command.reads_cohorts = True
        _dictionary_options(command)
    compared.add_argument(
        "--before", metavar="FILE", type=Path, help="the earlier file: tells who came and went, by identifier, and "
        "whose values and events are others now"
    )  # fmt: skip
    compared.add_argument("--all", action="store_true", help="also print the numbers that are the same")
    saved = action("save", "write a project of a file as the options read, edit and filter it")
    _cohort_options(saved)
    _by_option(saved)
    saved.add_argument("-o", "--output", metavar="PROJECT", type=Path, required=True, help="where to write it")
    saved.add_argument("--title", default="", help="the project's title")
    saved.add_argument(
        "--smallest-cell", type=_cell, metavar="N", help="record no count of fewer patients than N, and "
        "nothing that rests on so few; that of --project, or 5, by default, and 0 records all"
    )  # fmt: skip
    saved.add_argument("--force", action="store_true", help="write it over a file that is there")


def _report_options(parser: _Command) -> None:
    _cohort_options(parser)
    _levels_option(parser)
    _endpoint_option(parser)
    _by_option(parser)
    parser.add_argument("--covariates", default="", metavar="A,B,C", help="of the Cox models of the ready list")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="the folder for the files")
    parser.add_argument(
        "--only", default="", metavar="A,B", help="docx, pptx, xlsx, figures, data, scripts, project; all by default"
    )
    parser.add_argument("--title", default="", help="the report's title")
    parser.add_argument("--width-mm", metavar="MM", type=_number, help="of the figures' own files, 84 to 400")
    parser.add_argument("--dpi", metavar="N", type=int, default=300, help="of their PNG and TIFF, up to 1200")
    parser.add_argument("--greyscale", action="store_true", help="every colour of theirs as a grey")
    parser.add_argument(
        "--hide-below", type=_cell, metavar="N", help="hide counts of 1 to N - 1 patients and what rests on them in "
        "every file; as --project has it by default, else none"
    )  # fmt: skip
    parser.add_argument(
        "--before", metavar="FILE", type=Path, help="the earlier file of --project: who came and went, whose "
        "values and events changed; without it the numbers that the project recorded are compared"
    )  # fmt: skip
    parser.add_argument("--patients", action="store_true", help="also patients.csv: a row a patient, no identifiers")
    parser.add_argument("--force", action="store_true", help="write over a report that is there")


def _lesson_options(parser: _Command) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Command)

    def action(name: str, help_text: str) -> _Command:
        command: _Command = actions.add_parser(name, help=help_text, description=help_text, allow_abbrev=False)
        _json_option(command)
        return command

    action("list", "the lessons that ship, and those of the folder NECC_LESSONS")
    checked = action("check", "what is wrong with a lesson's file; exits with 1 where it can't be taught")
    checked.add_argument("lesson_file", metavar="FILE", type=Path, help="a lesson's file, as docs/lessons.md describes")
    written = action("sheet", "class sheets as Word documents")
    written.add_argument("lesson", metavar="LESSON", type=Path, nargs="?", help="a lesson's file, or the id of one")
    written.add_argument("--all", action="store_true", help="the whole class instead")
    written.add_argument("--answers", action="store_true", help="the teacher's sheet, with answers")
    written.add_argument("--out", metavar="DIR", type=Path, required=True, help="the folder for the file, or the "
                         "file itself, as x.docx")  # fmt: skip
    written.add_argument("--force", action="store_true", help="write over a file that is there")
    for command in (checked, written):
        _cohort_options(command, of_lesson=True)


def _cell(text: str) -> int:
    """A number of patients."""
    if not text.strip().isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of patients")
    return int(text)


Options = Callable[[_Command], None]
Run = Callable[[argparse.Namespace], int]
COMMANDS: dict[str, tuple[str, Run, Options]] = {
    "app": ("start the dashboard in a browser", commands.app, _app_options),
    "check": ("read a file and list what was found", commands.check, _check_options),
    "map": ("guess how a file's columns are to be understood, and save it", commands.map_columns, _map_options),
    "km": ("Kaplan-Meier curves, medians and log-rank test", commands.km, _km_options),
    "parametric": (
        "parametric curves over Kaplan-Meier: exponential to spline, with AIC and extrapolation",
        commands.parametric,
        _parametric_options,
    ),
    "sites": ("distribution of recurrence sites", commands.sites, _sites_options),
    "flow": ("how many patients there were at each step, and who was left out", commands.flow, _flow_options),
    "response": ("response to immune checkpoint inhibitors", commands.response, _response_options),
    "compare": ("characteristics of groups side by side, with tests", commands.compare, _compare_options),
    "cox": ("Cox regression", commands.cox, _cox_options),
    "cif": ("cumulative incidence with competing risks", commands.cif, _cif_options),
    "patient": (
        "one patient within the cohort: her course, similar patients, and survival from today",
        patient.run,
        _patient_options,
    ),
    "verify": (
        "compute a report's numbers again by lifelines, scikit-survival and R, and tell the largest difference; exits "
        "with 1 where one differs without a known reason",
        verify.run,
        _verify_options,
    ),
    "project": ("a project: show, check and compare it, or save one", project.run, _project_options),
    "lesson": ("lessons: list them, check a file, write class sheets", lesson.run, _lesson_options),
    "report": ("a report as Word, PowerPoint, Excel, figures and scripts", report.run, _report_options),
    "reproduce": ("a paper's tables and figures computed again", commands.reproduce, _reproduce_options),
    "audit": ("what arithmetic alone shows about printed figures", commands.audit, _audit_options),
}
