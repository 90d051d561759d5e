"""`necc schema`: the JSON Schema of what a command prints with --json.

The files are written by `tests/json_schemas.py` from the results' own types; the tests validate outputs against them.
"""

from __future__ import annotations

import argparse
import json
from importlib import resources

from necc.cli.files import write
from necc.cli.io import Usage
from necc.cli.options.words import new_file


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="COMMAND", nargs="*", help="whose schema is printed, as km or project save; "
                        "without it they are listed")  # fmt: skip
    parser.add_argument("--all", action="store_true", help="all of them, into the folder of -o")
    parser.add_argument("-o", "--output", metavar="FILE", type=new_file, help="where to write it; with --all a folder")
    parser.add_argument("--force", action="store_true", help="write over files that are there")


def run(options: argparse.Namespace) -> int:
    """Prints one, lists them, or writes them to files."""
    asked = names() if options.all else ["-".join(options.name)] if options.name else []
    if options.all and (options.name or options.output is None):
        raise Usage("--all takes a folder, by -o DIR, and no command beside it")
    if not asked:
        if options.output is not None:
            raise Usage("-o needs to know which: name a command, or --all")
        print("\n".join(_listed()))
        return 0
    if strange := [name for name in asked if name not in names()]:
        near = [one for one in names() if one.startswith(f"{options.name[0]}-")] or names()
        raise Usage(f"there is no schema '{strange[0]}'; there are {', '.join(near)}")
    if options.output is None:
        print(text_of(asked[0]), end="")
        return 0
    files = {options.output / f"{name}.json" if options.all else options.output: text_of(name) for name in asked}
    write(options, {path: text.encode() for path, text in files.items()}, folders=True)
    print("\n".join(f"written to {path}" for path in files))
    return 0


def names() -> list[str]:
    """The commands that have one; the actions of a command each have their own, as `project-save`."""
    files = (resources.files("necc.cli") / "schemas").iterdir()
    return sorted(path.name.removesuffix(".json") for path in files if path.name.endswith(".json"))


def text_of(name: str) -> str:
    """The text of a schema's file."""
    return (resources.files("necc.cli") / "schemas" / f"{name}.json").read_text(encoding="utf-8")


def _listed() -> list[str]:
    """Each with its identifier, which holds the major version."""
    known = {name: json.loads(text_of(name)) for name in names()}
    width = max(map(len, known))
    return [f"{name:<{width}}  {schema['$id']}" for name, schema in known.items()]
