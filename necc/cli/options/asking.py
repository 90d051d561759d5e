"""Options of the commands that answer by the tables of the pages, and of those that write their texts."""

from __future__ import annotations

import argparse

from necc.cli.options.models import adjustment_option, level_option, term_options
from necc.cli.options.output import file_options
from necc.cli.options.questions import at_option, by_option, convention_option, endpoint_option
from necc.cli.options.reading import cohort_options, levels_option
from necc.cli.options.words import Command, number, patients, place_in_file

WEIGHTS = {"early": (1.0, 0.0), "middle": (1.0, 1.0), "late": (0.0, 1.0)}
"""Fleming-Harrington's two numbers by what they are sensitive to."""
WEIGHTINGS = (
    "log-rank", "gehan-breslow", "tarone-ware", "peto-peto", "modified-peto-peto", "fleming-harrington",
)  # fmt: skip
"""Those of necc.analysis.survival, which is loaded when it is asked; a test compares them."""


def _asked(parser: Command, picture: str = "") -> None:
    """What each of these commands takes."""
    cohort_options(parser)
    levels_option(parser)
    if picture:
        file_options(parser.add_argument_group("a picture"), picture)


def _ci_option(parser: Command) -> None:
    parser.add_argument("--ci", default="log-log", choices=("log-log", "log", "plain"), help="confidence interval")


def _covariates_option(parser: Command, needed: bool = True) -> None:
    parser.add_argument("--covariates", required=needed, default="", metavar="A,B,C",
                        help="variables, site:NAME, number>cut")  # fmt: skip


def _ties_option(parser: Command) -> None:
    parser.add_argument("--ties", default="efron", choices=("efron", "breslow"), help="how equal times are counted")


def _seed_option(parser: Command, usual: int = 1) -> None:
    parser.add_argument("--seed", type=_whole, default=usual, metavar="N",
                        help=f"of what is drawn at random: the same, the same answer; {usual} without")  # fmt: skip


def _whole(text: str) -> int:
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number")
    return int(text)


def rmst_options(parser: Command) -> None:
    _asked(parser, "the curves with the areas below them")
    by_option(parser)
    endpoint_option(parser)
    parser.add_argument("--tau", type=number, metavar="T", help="up to when; by default the longest time at which all "
                        "groups were under observation")  # fmt: skip
    level_option(parser)
    adjustment_option(parser)


def test_options(parser: Command) -> None:
    _asked(parser, "the curves")
    by_option(parser)
    endpoint_option(parser)
    parser.add_argument("--strata", default="", metavar="A,B", help="compare within the levels of these")
    parser.add_argument("--weights", type=_weights, default="late", metavar="early|middle|late",
                        help="which differences the Fleming-Harrington test is most sensitive to; late without. Choose "
                        "before looking")  # fmt: skip
    parser.add_argument("--pairs", default="log-rank", choices=WEIGHTINGS, metavar="NAME",
                        help=f"the test of pairs of groups: {', '.join(WEIGHTINGS)}")  # fmt: skip
    parser.add_argument("--permutation", default="auto", choices=("auto", "always", "never"),
                        help="p by permutation: where groups are small, always or never")  # fmt: skip
    _seed_option(parser)
    adjustment_option(parser)


def fixed_times_options(parser: Command) -> None:
    _asked(parser, "the curves")
    by_option(parser)
    endpoint_option(parser)
    at_option(parser)
    _ci_option(parser)
    level_option(parser)


def _weights(text: str) -> tuple[float, float]:
    """Fleming-Harrington's two numbers by their name."""
    if text.lower() not in WEIGHTS:
        raise argparse.ArgumentTypeError(f"'{text}' is none of {', '.join(WEIGHTS)}")
    return WEIGHTS[text.lower()]


def each_site_options(parser: Command) -> None:
    _asked(parser, "a curve for each site")
    endpoint_option(parser)
    _ci_option(parser)
    _ties_option(parser)
    level_option(parser)
    adjustment_option(parser)


def hazards_options(parser: Command) -> None:
    _asked(parser, "the hazard ratios")
    endpoint_option(parser)
    _covariates_option(parser)
    parser.add_argument(
        "--rule", default="own cause", choices=("own cause", "counted in each", "hierarchy"),
        help="who recurs at several sites at once: a cause of its own, counted in each, or at the first of --hierarchy",
    )  # fmt: skip
    parser.add_argument("--hierarchy", default="", metavar="SITE,SITE", help="the order of sites for that rule")
    parser.add_argument("--causes", default="", metavar="A,B", help="which causes are modelled; all without")
    level_option(parser)


def timing_options(parser: Command) -> None:
    _asked(parser, "the curves of three ways to count")
    endpoint_option(parser)
    parser.add_argument("--treatment", default="", metavar="NAME", help="a yes/no variable; the dictionary's without")
    parser.add_argument("--start", default="", metavar="COL", help="when it began, counted as the endpoint is")
    parser.add_argument("--landmark", type=number, metavar="T", help="groups by treatment up to here; by default the "
                        "time by which half of the treated had begun")  # fmt: skip
    level_option(parser)


def table1_options(parser: Command) -> None:
    _asked(parser)
    by_option(parser)
    parser.add_argument("--variables", default="", metavar="A,B,C", help="which characteristics; those of the stages "
                        "before the question without")  # fmt: skip
    parser.add_argument("--numbers", default="median", choices=("median", "mean"), help="how numbers are summarised")
    parser.add_argument("--denominator", default="", choices=("known", "all"), help="what percentages are of; all "
                        "patients without --by, those recorded with it")  # fmt: skip
    parser.add_argument("--every-convention", action="store_true", help="test by all three conventions, too")
    convention_option(parser)
    adjustment_option(parser)


def staging_options(parser: Command) -> None:
    _asked(parser)


def together_options(parser: Command) -> None:
    _asked(parser, "the combinations")
    parser.add_argument("--convention", default="exact", choices=("exact", "paper", "r"), help="how pairs are tested")
    adjustment_option(parser)


def organs_options(parser: Command) -> None:
    _asked(parser, "the organs")
    parser.add_argument(
        "--site", default="", metavar="NAME", help="within which site; the one with most organs without"
    )


def site_times_options(parser: Command) -> None:
    _asked(parser, "the times")
    endpoint_option(parser)
    _ci_option(parser)
    adjustment_option(parser)


def transitions_options(parser: Command) -> None:
    _asked(parser, "the responses")


def treated_options(parser: Command) -> None:
    _asked(parser, "their time on treatment")


def response_sites_options(parser: Command) -> None:
    _asked(parser, "the response rates")
    parser.add_argument("--response", default="best", metavar="best|final|COLUMN", help="which response counts")
    parser.add_argument("--denominator", default="evaluable", choices=("evaluable", "treated"), help="of whom")
    convention_option(parser)
    adjustment_option(parser)


def subgroups_options(parser: Command) -> None:
    _asked(parser, "the hazard ratios")
    endpoint_option(parser)
    parser.add_argument("--exposure", required=True, metavar="NAME", help="what is compared: a factor of two levels")
    parser.add_argument("--within", required=True, metavar="A,B", help="factors in whose levels it is compared")
    parser.add_argument("--adjusted-for", default="", metavar="A,B", help="covariates in every model")
    _ties_option(parser)
    level_option(parser)
    adjustment_option(parser)


def diagnostics_options(parser: Command) -> None:
    _asked(parser)
    endpoint_option(parser)
    _covariates_option(parser)
    term_options(parser)
    level_option(parser)
    _ties_option(parser)
    parser.add_argument("--strata", default="", metavar="A,B", help="factors with baseline hazards of their own")
    parser.add_argument("--transform", default="km", choices=("km", "identity", "rank", "log"),
                        help="of time, in the test of proportional hazards")  # fmt: skip


def imputed_options(parser: Command) -> None:
    _asked(parser)
    endpoint_option(parser)
    _covariates_option(parser)
    term_options(parser, interactions=False)
    _ties_option(parser)
    parser.add_argument("--imputations", type=patients, default=20, metavar="N", help="how often; 20 without")
    _seed_option(parser, 20220)
    level_option(parser)


def predict_options(parser: Command) -> None:
    _asked(parser, "how well each model tells who has the event first")
    endpoint_option(parser)
    _covariates_option(parser)
    parser.add_argument("--folds", type=patients, default=5, metavar="N", help="parts, each left out once; 5 without")
    parser.add_argument("--repeats", type=patients, metavar="N", help="how often it is parted anew")
    parser.add_argument("--importance", action="store_true", help="also how much each covariate matters; takes longer")
    _seed_option(parser)
    level_option(parser)


def predict_one_options(parser: Command) -> None:
    _asked(parser, "the predicted curve")
    endpoint_option(parser)
    _covariates_option(parser)
    parser.add_argument(
        "--place", type=place_in_file, required=True, metavar="N", help="the patient at this place, from 1 on"
    )
    parser.add_argument("--model", default="cox", choices=("cox", "coxnet", "forest", "boosting"), help="which model")
    parser.add_argument("--bootstraps", type=patients, default=200, metavar="N", help="models behind the band")
    _seed_option(parser)
    level_option(parser)


def _text_options(parser: Command) -> None:
    _asked(parser)
    endpoint_option(parser)
    by_option(parser)
    _covariates_option(parser, needed=False)
    parser.add_argument("--about", default="", metavar="A,B", help="sites, survival, every-site, response, "
                        "characteristics, and with --covariates alone, together; all without")  # fmt: skip


methods_options = readings_options = _text_options


def checklist_options(parser: Command) -> None:
    _text_options(parser)
    parser.add_argument("--name", default="remark", choices=("remark", "strobe"), help="which checklist")


def figure_options(parser: Command) -> None:
    from necc.cli.telling import MAKES

    _asked(parser, "it")
    endpoint_option(parser)
    by_option(parser)
    _covariates_option(parser, needed=False)
    parser.add_argument("--name", default="", choices=tuple(MAKES), metavar="NAME", help="a picture of the pages; "
                        "without it they are listed")  # fmt: skip
    parser.add_argument("--recipe", default="", metavar="TEXT", help="a figure or table as a report's exhibits write "
                        "it: figures.upset(co_occurrence(cohort))")  # fmt: skip
