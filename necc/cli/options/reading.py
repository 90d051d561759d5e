"""Options on which file is read and how, and which of its patients."""

from __future__ import annotations

from pathlib import Path

from necc.cli.options.output import answer_options, json_option
from necc.cli.options.words import Command, limit, row, seconds
from necc.cli.sources import cohort_place
from necc.core.dictionary import UNITS


def cohort_options(parser: Command, of_lesson: bool = False, alone: bool = False) -> None:
    """The options of every command that reads a cohort; of a lesson it is an option itself.

    alone: whether the command takes one cohort only, and writes what it makes by options of its own.
    """
    parser.reads_cohorts = True
    if of_lesson:
        parser.add_argument("--cohort", dest="file", metavar="FILE", type=cohort_place,
                            help="whom the lesson is computed on; the shipped sample without it")  # fmt: skip
    elif alone:
        parser.add_argument("file", metavar="FILE", type=cohort_place, help="the cohort")
        json_option(parser)
    else:
        parser.add_argument(
            "files", metavar="FILE", nargs="+", type=cohort_place, help="the cohort, or several: each is asked by "
            "itself. Also a database: a .duckdb file, or an address such as postgres://host/db"
        )  # fmt: skip
        answer_options(parser)
    parser.add_argument(
        "--stdin-name", default="standard input", metavar="NAME", help="what the file - , standard input, is called; "
        "its ending says what it is where its content doesn't"
    )  # fmt: skip
    dictionary_options(parser)
    source_options(parser)
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
        "--header-row", default=0, type=row, metavar="N", help="row that holds the column names, counted from 1"
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


def source_options(parser: Command) -> None:
    """How a table is asked for counts where it lies, instead of being loaded."""
    parser.add_argument("--table", default="", metavar="NAME", help="the table or view of a database; the password "
                        "comes from the environment, as PGPASSWORD or NECC_PASSWORD")  # fmt: skip
    parser.add_argument(
        "--engine", action="store_true", help="count where the data are: patients aren't loaded, and only counts leave "
        "the file. Databases and files of more than a million patients are always asked so"
    )  # fmt: skip
    parser.add_argument("--time-limit", type=seconds, metavar="SECONDS", help="for how long one query may run; 60 "
                        "without")  # fmt: skip
    parser.add_argument("--memory-limit", type=limit, metavar="SIZE", help="of the engine in this program, "
                        "such as 500MB; 1GB without")  # fmt: skip


def dictionary_options(parser: Command) -> None:
    """What a file is read with beside its own columns."""
    parser.add_argument("--dictionary", default="", help="one that ships (necc, cervical), or a dictionary file")
    parser.add_argument("--codebook", metavar="FILE", type=Path, help="the data dictionary (CSV) of a REDCap project")


def levels_option(parser: Command) -> None:
    parser.add_argument(
        "--levels", "--order", action="append", default=[], metavar="NAME=LEVEL,LEVEL", help="the order of a column's "
        "levels; the first is the reference of a model and of comparisons, those not named follow as they were. Naming "
        "all says that their order means something; repeatable"
    )  # fmt: skip
