"""Options of the commands that ask a cohort one question."""

from __future__ import annotations

from necc.cli.options.models import adjustment_option, level_option, term_options
from necc.cli.options.output import file_options, picture_options
from necc.cli.options.reading import cohort_options, levels_option
from necc.cli.options.words import Command, cell, new_file, number, patients, place_in_file, row


def by_option(parser: Command, alone: bool = False) -> None:
    """alone: whether the command answers for one factor only."""
    what = "stratify by a variable, site:NAME, n_sites or number>cut"
    more = "; of several each by itself. site:each is every site, none all patients together"
    if alone:
        parser.add_argument("--by", metavar="NAME", help=what)
    else:
        parser.add_argument("--by", metavar="NAME,NAME", help=what + more)


def endpoint_option(parser: Command, alone: bool = False) -> None:
    """alone: whether the command answers for one endpoint only."""
    several = "" if alone else ": one or several"
    parser.add_argument("-e", "--endpoint", default="", metavar="NAME" if alone else "NAME,NAME",
                        help=f"TTR, PRS, OS ...{several}; a name for own columns")  # fmt: skip


def at_option(parser: Command) -> None:
    parser.add_argument("--at", default="", metavar="T,T", help="times at which the curves are reported")


def convention_option(parser: Command) -> None:
    parser.add_argument(
        "--convention", default="paper", choices=("paper", "r", "exact"), help="how tests of tables are chosen"
    )


def check_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)


def km_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    by_option(parser)
    endpoint_option(parser)
    parser.add_argument("--ci", default="log-log", choices=("log-log", "log", "plain"), help="confidence interval")
    parser.add_argument(
        "--show", default="survival", choices=("survival", "risk", "cumulative-hazard", "log-log"),
        help="what the curves show: survival, 1 - survival, Nelson-Aalen's cumulative hazard, or log(-log survival)"
    )  # fmt: skip
    parser.add_argument(
        "--entry", default="", metavar="COL", help="when each patient came under observation, counted as the endpoint "
        "is: delayed entry (left truncation)"
    )  # fmt: skip
    at_option(parser)
    level_option(parser)
    picture_options(parser)


def parametric_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    by_option(parser)
    endpoint_option(parser)
    parser.add_argument(
        "--families", default="", metavar="A,B", help="exponential, weibull, log-normal, log-logistic, "
        "generalised-gamma, spline; all by default"
    )  # fmt: skip
    parser.add_argument(
        "--horizon", type=number, metavar="T", help="where the curves end; beyond the last patient under observation "
        "they are extrapolated, and marked so. By default they end there"
    )  # fmt: skip
    parser.add_argument("--knots", type=int, default=2, metavar="N", help="inner knots of the spline, 1 to 5")
    parser.add_argument(
        "--show", default="survival", choices=("survival", "risk", "cumulative-hazard", "log-log"),
        help="what the picture shows: survival, 1 - survival, the cumulative hazard, or log(-log survival)"
    )  # fmt: skip
    at_option(parser)
    level_option(parser)
    picture_options(parser)


def sites_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    by_option(parser)
    convention_option(parser)
    adjustment_option(parser)


def flow_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    by_option(parser)
    endpoint_option(parser)
    parser.add_argument(
        "--before", action="append", default=[], metavar="STEP", help="a number from before the file: '126 screened', "
        "or '-19 no follow-up' for who was left out; repeatable, in order"
    )  # fmt: skip
    file_options(parser.add_argument_group("a picture of the flow"), "the diagram")


def response_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    by_option(parser)
    parser.add_argument("--response", default="best", metavar="best|final|COLUMN", help="which response counts")
    parser.add_argument("--denominator", default="evaluable", choices=("evaluable", "treated"))
    convention_option(parser)


def compare_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    groups = parser.add_mutually_exclusive_group(required=True)
    groups.add_argument("--by", metavar="NAME", help="the groups: a variable, site:NAME, number>cut")
    groups.add_argument(
        "--group", action="append", default=[], metavar="'NAME: WHERE; WHERE'", help="a sub-cohort by its filters, "
        "written as --where takes them; up to six, which may share patients. They are set side by side with their "
        "curves (--endpoint), sites and overlap; repeatable"
    )  # fmt: skip
    endpoint_option(parser)
    at_option(parser)
    parser.add_argument("--variables", default="", metavar="A,B,C", help="which characteristics; all by default")
    parser.add_argument(
        "--denominator", default="known", choices=("known", "all"),
        help="what percentages are of: the patients whose value is known, or all of a group with those not recorded"
    )  # fmt: skip
    convention_option(parser)
    adjustment_option(parser)
    level_option(parser)


def cox_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    endpoint_option(parser)
    parser.add_argument("--covariates", required=True, metavar="A,B,C", help="variables, site:NAME, number>cut")
    parser.add_argument("--univariate", action="store_true", help="each covariate alone, beside the model of all")
    parser.add_argument(
        "--stepwise", choices=("forward-lr", "forward-wald", "forward-score", "forward-conditional"),
        help="select forward, by this test of removal; with --univariate, the selected model stands beside"
    )  # fmt: skip
    parser.add_argument("--ties", default="efron", choices=("efron", "breslow"))
    parser.add_argument("--strata", default="", metavar="A,B", help="factors with baseline hazards of their own")
    term_options(parser)
    level_option(parser)
    adjustment_option(parser, " of --univariate")


def cif_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    by_option(parser)
    endpoint_option(parser)
    at_option(parser)
    level_option(parser)
    adjustment_option(parser)
    parser.add_argument(
        "--rule", default="own cause", choices=("own cause", "counted in each", "hierarchy"),
        help="who recurs at several sites at once: a cause of its own, counted in each, or at the first of --hierarchy",
    )  # fmt: skip
    parser.add_argument("--hierarchy", default="", metavar="SITE,SITE", help="the order of sites for that rule")
    parser.add_argument("--censored", metavar="VALUE", help="the code of --event that means censored; 0 by default")


def patient_options(parser: Command) -> None:
    cohort_options(parser, alone=True)
    endpoint_option(parser, alone=True)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--patient", metavar="ID", help="the patient of this identifier")
    who.add_argument("--row", type=row, metavar="N", help="the patient in this row of the file, its header being row 1")
    who.add_argument(
        "--place", type=place_in_file, metavar="N", help="the patient at this place in the file, from 1 on"
    )
    who.add_argument(
        "--typed", action="append", metavar="NAME=VALUE", help="a patient who isn't in the file, as "
        "histology='small cell' or sites='lung, liver'; repeatable, and kept nowhere"
    )  # fmt: skip
    parser.add_argument(
        "--like", metavar="NAME,NAME", help="what similar patients share, the most important first; by default the "
        "dictionary's rule. Fields are dropped from the end until enough are found"
    )  # fmt: skip
    parser.add_argument("--at-least", type=patients, default=10, metavar="N", help="how many are looked for: 10")
    parser.add_argument(
        "--smallest-cell",
        type=cell,
        default=0,
        metavar="N",
        help="groups of fewer patients, and of all but fewer, "
        "aren't described, nor are their numbers told; 0, the default, hides nothing",
    )
    files = parser.add_argument_group("files for a board")
    files.add_argument("--deck", type=new_file, metavar="FILE.pptx", help="slides of the case, without identifiers")
    files.add_argument(
        "--page", type=new_file, action="append", default=[], metavar="FILE", help="the case on one page of A4: .docx "
        "or .pdf; repeatable"
    )  # fmt: skip
    files.add_argument("--question", default="", metavar="TEXT", help="what the board is asked; stands in the files")
    files.add_argument("--force", action="store_true", help="write over files that are there")


def verify_options(parser: Command) -> None:
    cohort_options(parser)
    levels_option(parser)
    parser.add_argument(
        "--use", default="", metavar="A,B", help="lifelines, scikit-survival, R; all that are there by default"
    )
    parser.set_defaults(title="")
