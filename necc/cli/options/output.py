"""Options on how an answer leaves: as text, JSON, a table or a picture, on standard output or in files."""

from __future__ import annotations

import argparse
from pathlib import Path

from necc.cli.options.words import Command, new_file, number, place


def json_option(parser: Command) -> None:
    """How the answer is printed."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON, unrounded")
    parser.add_argument("-q", "--quiet", action="store_true", help="no notes on standard error; errors stay")


def answer_options(parser: Command) -> None:
    """How answers of a cohort leave."""
    json_option(parser)
    parser.add_argument("--csv", action="store_true", help="print the result as a table, unrounded")
    parser.add_argument(
        "--format", default="", metavar="A,B", help="text, json, csv, svg, pdf, png, tiff: several of them with -o DIR"
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="DIR|FILE", type=place, help="write the answers there: into a folder, a file each in "
        "every format, named by file, command, endpoint and factor; or into one file, its ending says the format"
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    parser.add_argument("--width-mm", metavar="MM", type=number, help="width of pictures, 84 to 400; 174 without")
    parser.add_argument("--dpi", metavar="N", type=int, default=300, help="of PNG and TIFF, up to 1200; 300 without")
    parser.add_argument("--greyscale", action="store_true", help="pictures with every colour as a grey")
    parser.add_argument(
        "--no-words", action="store_true", help="pictures without title and caption inside, as journals want them"
    )  # fmt: skip


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
    """Files of one picture."""
    for kind, name in (("svg", "SVG"), ("pdf", "PDF"), ("png", "PNG"), ("tiff", "TIFF")):
        group.add_argument(f"--{kind}", metavar="OUT", type=new_file, help=f"also draw {what} to this {name} file")
