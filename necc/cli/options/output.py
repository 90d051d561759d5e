"""Options on how a result leaves: as JSON, as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from necc.cli.options.words import Command, number


def json_option(parser: Command) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON, unrounded")


def picture_options(parser: Command) -> None:
    """The options of commands that draw curves."""
    picture = parser.add_argument_group("a picture of the curves")
    file_options(picture, "the curves")
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


def file_options(group: argparse._ArgumentGroup, what: str) -> None:
    """Files of a picture, and how it is printed."""
    for kind, name in (("svg", "SVG"), ("pdf", "PDF"), ("png", "PNG"), ("tiff", "TIFF")):
        group.add_argument(f"--{kind}", metavar="OUT", type=Path, help=f"also draw {what} to this {name} file")
    group.add_argument("--width-mm", metavar="MM", type=number, help="width in print, 84 to 400; 174 without")
    group.add_argument("--dpi", metavar="N", type=int, default=300, help="of PNG and TIFF, up to 1200; 300 without")
    group.add_argument("--greyscale", action="store_true", help="every colour as a grey")
    group.add_argument("--no-words", action="store_true", help="without title and caption inside, as journals want it")
    group.add_argument("--force", action="store_true", help="write over files that are there")
