"""Options that functions of the analyses share, and how they are understood: a function takes those that it knows."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from necc.cli.options.words import Command, number

if TYPE_CHECKING:
    from necc.core.cohort import Cohort

ADJUSTMENTS = ("holm", "bh", "bonferroni")
"""Those of necc.analysis.multiplicity, which is loaded when it is asked; a test compares them."""


def level_option(parser: Command) -> None:
    parser.add_argument(
        "--level", type=_level, default=0.95, metavar="SHARE", help="of confidence intervals: 0.95 without"
    )


def _level(text: str) -> float:
    """A share above a half and below one."""
    from necc.core.errors import AnalysisError
    from necc.core.estimate import check_level

    try:
        return check_level(number(text))
    except AnalysisError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def adjustment_option(parser: Command, which: str = "") -> None:
    """which: which tests, where only some commands' lines have several."""
    parser.add_argument(
        "--adjustment", default="holm", choices=ADJUSTMENTS, help="how p is adjusted for the number of tests"
        f"{which}: Holm's way, Benjamini-Hochberg's or Bonferroni's"
    )  # fmt: skip


def term_options(parser: Command, interactions: bool = True) -> None:
    """What the terms of a model stand for."""
    parser.add_argument(
        "--reference", action="append", default=[], metavar="NAME=LEVEL", help="the level that others are compared "
        "with; the first without, or the first of --levels; repeatable"
    )  # fmt: skip
    parser.add_argument(
        "--per", action="append", default=[], metavar="NAME=NUMBER", help="the difference in a number that a hazard "
        "ratio is of, as age_years=10; 1 without; repeatable"
    )  # fmt: skip
    if not interactions:
        return
    parser.add_argument(
        "--interactions", default="", metavar="A*B,C*D", help="pairs of covariates whose hazard ratios depend on each "
        "other, in quotation marks: 'ici*site:lung'"
    )  # fmt: skip


def terms(options: argparse.Namespace, cohort: Cohort) -> dict[str, Any]:
    """--reference, --per and, where the command has it, --interactions as arguments of a model.

    Raises:
        Usage: one of another form, or a name given twice.
    """
    from necc.cli.io import Usage, listed

    references = pairs("--reference", options.reference, cohort.columns)
    per: dict[str, float] = {}
    for name, text in pairs("--per", options.per, cohort.columns).items():
        try:
            per[name] = float(text)
        except ValueError:
            raise Usage(f"--per takes NAME=NUMBER, not '{name}={text}'") from None
    pairs_asked = {"interactions": listed(options.interactions)} if hasattr(options, "interactions") else {}
    return {"reference": references, "per": per, **pairs_asked}


def pairs(option: str, texts: Sequence[str], names: Iterable[str] = ()) -> dict[str, str]:
    """NAME=VALUE of a repeatable option, by name. A name that a file has may hold a sign of its own.

    Raises:
        Usage: one of another form, or a name given twice.

    Example:
        >>> pairs("--reference", ["ici=yes", "a=b=c"], ["a=b"])
        {'ici': 'yes', 'a=b': 'c'}
    """
    from necc.cli.io import Usage

    result: dict[str, str] = {}
    for text in texts:
        known = max((name for name in names if text.startswith(f"{name}=")), key=len, default="")
        name, sign, value = (known, "=", text[len(known) + 1 :]) if known else text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise Usage(f"{option} takes NAME=VALUE, not '{text}'")
        if name.strip() in result:
            raise Usage(f"{option} names '{name.strip()}' twice")
        result[name.strip()] = value.strip()
    return result
