"""Options of the commands that start something, write something down or read what was written."""

from __future__ import annotations

from pathlib import Path

from necc.cli.completion import SHELLS
from necc.cli.options.models import level_option, term_options
from necc.cli.options.output import answer_options, file_options, json_option
from necc.cli.options.questions import by_option, endpoint_option
from necc.cli.options.reading import cohort_options, dictionary_options, levels_option
from necc.cli.options.words import Command, cell, new_file, number, patients


def app_options(parser: Command) -> None:
    parser.add_argument("--data", metavar="FILE", type=Path, help="a cohort to open")


def audit_options(parser: Command) -> None:
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="a claim file; by default that of the shipped paper"
    )
    json_option(parser)
    parser.add_argument("--all", action="store_true", help="also print the figures that are consistent")


def reproduce_options(parser: Command) -> None:
    cohort_options(parser)
    parser.add_argument(
        "--recipe", metavar="FILE", type=Path, help="another paper's recipe; by default the shipped one"
    )
    parser.add_argument("--everybody", action="store_true", help="without the paper's inclusion criteria")
    parser.add_argument("--all", action="store_true", help="also print the figures that were reproduced")


def map_options(parser: Command) -> None:
    cohort_options(parser, alone=True)
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=new_file, help="where to write it; by default it is printed"
    )
    parser.add_argument("--force", action="store_true", help="write it over a file that is there")


def project_options(parser: Command) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=Command)

    def action(name: str, help_text: str) -> Command:
        command: Command = actions.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(words=command)
        return command

    shown = action("show", "what a project holds")
    checked = action("check", "what is wrong in a project's file, and what of it doesn't fit a file of patients")
    compared = action("compare", "a project's recorded numbers beside those of a file of patients")
    for command in (shown, checked, compared):
        command.add_argument("project_file", metavar="PROJECT", type=Path, help="the project's file")
        json_option(command)
    checked.add_argument("file", metavar="FILE", type=Path, nargs="?", help="a cohort to put it on")
    compared.add_argument("file", metavar="FILE", type=Path, help="the cohort")
    for command in (checked, compared):
        command.reads_cohorts = True
        dictionary_options(command)
    compared.add_argument(
        "--before", metavar="FILE", type=Path, help="the earlier file: tells who came and went, by identifier, and "
        "whose values and events are others now"
    )  # fmt: skip
    compared.add_argument("--all", action="store_true", help="also print the numbers that are the same")
    saved = action("save", "write a project of a file as the options read, edit and filter it")
    cohort_options(saved, alone=True)
    by_option(saved, alone=True)
    saved.add_argument("-o", "--output", metavar="PROJECT", type=new_file, required=True, help="where to write it")
    saved.add_argument("--title", default="", help="the project's title")
    saved.add_argument(
        "--smallest-cell", type=cell, metavar="N", help="record no count of fewer patients than N, and "
        "nothing that rests on so few; that of --project, or 5, by default, and 0 records all"
    )  # fmt: skip
    saved.add_argument("--force", action="store_true", help="write it over a file that is there")


def report_options(parser: Command) -> None:
    cohort_options(parser, alone=True)
    levels_option(parser)
    endpoint_option(parser, alone=True)
    by_option(parser, alone=True)
    parser.add_argument("--covariates", default="", metavar="A,B,C", help="of the Cox models of the ready list")
    parser.add_argument("--out", metavar="DIR", type=new_file, required=True, help="the folder for the files")
    parser.add_argument(
        "--only", default="", metavar="A,B", help="docx, pptx, xlsx, figures, data, scripts, project; all by default"
    )
    parser.add_argument("--title", default="", help="the report's title")
    parser.add_argument("--width-mm", metavar="MM", type=number, help="of the figures' own files, 84 to 400")
    parser.add_argument("--dpi", metavar="N", type=int, default=300, help="of their PNG and TIFF, up to 1200")
    parser.add_argument("--greyscale", action="store_true", help="every colour of theirs as a grey")
    parser.add_argument(
        "--hide-below", type=cell, metavar="N", help="hide counts of 1 to N - 1 patients and what rests on them in "
        "every file; as --project has it by default, else none"
    )  # fmt: skip
    parser.add_argument(
        "--before", metavar="FILE", type=Path, help="the earlier file of --project: who came and went, whose "
        "values and events changed; without it the numbers that the project recorded are compared"
    )  # fmt: skip
    parser.add_argument("--patients", action="store_true", help="also patients.csv: a row a patient, no identifiers")
    parser.add_argument("--force", action="store_true", help="write over a report that is there")


def lesson_options(parser: Command) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=Command)

    def action(name: str, help_text: str) -> Command:
        command: Command = actions.add_parser(name, help=help_text, description=help_text)
        json_option(command)
        command.set_defaults(words=command)
        return command

    action("list", "the lessons that ship, and those of the folder NECC_LESSONS")
    checked = action("check", "what is wrong with a lesson's file; exits with 1 where it can't be taught")
    checked.add_argument("lesson_file", metavar="FILE", type=Path, help="a lesson's file, as docs/lessons.md describes")
    written = action("sheet", "class sheets as Word documents")
    written.add_argument("lesson", metavar="LESSON", type=Path, nargs="?", help="a lesson's file, or the id of one")
    written.add_argument("--all", action="store_true", help="the whole class instead")
    written.add_argument("--answers", action="store_true", help="the teacher's sheet, with answers")
    written.add_argument("--out", metavar="DIR", type=new_file, required=True, help="the folder for the file, or the "
                         "file itself, as x.docx")  # fmt: skip
    written.add_argument("--force", action="store_true", help="write over a file that is there")
    for command in (checked, written):
        cohort_options(command, of_lesson=True)


def summarise_options(parser: Command) -> None:
    cohort_options(parser, alone=True)
    levels_option(parser)
    parser.add_argument("--endpoints", default="", metavar="A,B,C", help="all that the file has, by default")
    parser.add_argument(
        "--factors", metavar="A,B,C", help="categories, yes/no columns, number>cut, or none; by default those that the "
        "code book offers first; sites are counted beside them"
    )  # fmt: skip
    parser.add_argument("--no-sites", action="store_true", help="without the sites")
    parser.add_argument("--no-responses", action="store_true", help="without the responses")
    parser.add_argument(
        "--separate", action="store_true", help="each factor in a table of its own: larger cells, and no model with "
        "several of them"
    )  # fmt: skip
    parser.add_argument("--centre", default="centre", metavar="NAME", help="what the file is to call these patients")
    parser.add_argument("--period", default="", metavar="TEXT", help="when they were seen, as '2015 to 2024'")
    parser.add_argument(
        "--smallest-cell", type=patients, default=5, metavar="N", help="with a cell of fewer than N patients the file "
        "says that it is person-level information; 5 by default"
    )  # fmt: skip
    parser.add_argument(
        "--time-grid", default="month", choices=("days", "month", "quarter"), help="times as recorded, or the middle "
        "of the month or quarter in which each falls; month by default"
    )  # fmt: skip
    parser.add_argument("--preview", action="store_true", help="write nothing; tell what the file would hold")
    parser.add_argument("--out", metavar="FILE", type=new_file, help="the centre's file")
    parser.add_argument(
        "--ledger", metavar="FILE", type=Path, help="the record of earlier files, by salted hashes; by default one in "
        "your folder for data"
    )  # fmt: skip
    parser.add_argument(
        "--despite-ledger", default="", metavar="REASON", help="make the file although its difference to an earlier "
        "one tells of few; the reason is written into it"
    )  # fmt: skip
    parser.add_argument("--sign", metavar="KEY", type=Path, help="sign it with this secret key of minisign")
    parser.add_argument("--force", action="store_true", help="write it over a file that is there")


def pool_options(parser: Command) -> None:
    parser.add_argument("centre_files", metavar="FILE", nargs="+", type=Path, help="what each centre wrote by "
                        "`summarise`")  # fmt: skip
    endpoint_option(parser, alone=True)
    by_option(parser, alone=True)
    parser.add_argument(
        "--shares", default="", choices=("", "sites", "responses"), metavar="sites|responses", help="instead, how many "
        "have each site or response, by centre"
    )  # fmt: skip
    parser.add_argument("--ties", default="efron", choices=("efron", "breslow"), help="how equal times are counted")
    parser.add_argument("--ci", default="log-log", choices=("log-log", "log", "plain"), help="confidence interval")
    level_option(parser)
    parser.add_argument(
        "--public-key", metavar="FILE", type=Path, help="pool only what is signed by this key of minisign: FILE."
        "minisig beside each file"
    )  # fmt: skip
    answer_options(parser)
    file_options(parser.add_argument_group("a picture"), "the curves of all centres together")


def round_options(parser: Command) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=Command)

    def action(name: str, help_text: str, makes: str) -> Command:
        command: Command = actions.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(words=command)
        command.add_argument("-o", "--output", metavar="FILE", type=new_file, required=True, help=makes)
        command.add_argument("--force", action="store_true", help="write it over a file that is there")
        return command

    started = action("start", "the first proposal of a model, to be sent to every centre", "the proposal's file")
    cohort_options(started, alone=True)
    levels_option(started)
    endpoint_option(started, alone=True)
    started.add_argument("--covariates", required=True, metavar="A,B,C", help="variables, site:NAME, number>cut")
    started.add_argument("--centres", default="", metavar="A,B,C", help="the names of the centres that take part")
    started.add_argument(
        "--centre-file", action="append", default=[], metavar="FILE", type=Path, help="a centre's file of counts, "
        "which names it: it can reply with as many patients as the file was made of alone; repeatable"
    )  # fmt: skip
    started.add_argument("--ties", default="efron", choices=("efron", "breslow"))
    term_options(started, interactions=False)
    level_option(started)
    replied = action("reply", "a centre's answer to a proposal: sums over its own patients", "the reply's file")
    cohort_options(replied, alone=True)
    replied.add_argument("--proposal", metavar="FILE", type=Path, required=True, help="what the coordinator sent")
    replied.add_argument("--centre", metavar="NAME", required=True, help="the name that this centre has there")
    replied.add_argument(
        "--smallest-cell", type=cell, default=5, metavar="N", help="answer only with at least N events a term and no "
        "level of fewer than N patients; 5 without"
    )  # fmt: skip
    following = action("next", "the next proposal of every centre's reply, or the model", "the next proposal's file")
    following.add_argument("proposal", metavar="PROPOSAL", type=Path, help="the one that was sent")
    following.add_argument("replies", metavar="REPLY", nargs="+", type=Path, help="one of each centre, in any order")
    json_option(following)


def completion_options(parser: Command) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=tuple(SHELLS), help="bash, zsh, fish or powershell")


def help_options(parser: Command) -> None:
    parser.add_argument("about", metavar="COMMAND", nargs="*", help="a command, and an action of it; all by default")
