"""Pictures that a command writes beside its result, and how they are to be drawn."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from necc.cli.answers import formats_of
from necc.cli.files import Unwritten, refuse_taken, write
from necc.cli.io import Usage, bytes_of
from necc.core.files import PICTURES

if TYPE_CHECKING:
    from necc.core.errors import Finding
    from necc.present.figures import CurveSettings, Figure, Print


def pictures(options: argparse.Namespace) -> bool:
    """Whether a picture is asked for: as a file of its own, or by --format or the ending of -o.

    Raises:
        Usage: there is none, but a setting of a picture.
    """
    asked = any(getattr(options, kind, None) for kind in PICTURES) or bool({*PICTURES} & {*formats_of(options)})
    shaped = getattr(options, "settings", None) or getattr(options, "set", None) or options.width_mm
    if not asked and (shaped or options.greyscale):
        raise Usage("what shapes a picture needs one: say where it goes, with --svg OUT, --pdf, --png or --tiff")
    printed(options)
    return asked


def printed(options: argparse.Namespace) -> Print:
    """Width, resolution, greyscale and words of the files.

    Raises:
        Usage: a width or a resolution that no print has.
    """
    from necc.present.figures import Print

    try:
        return Print(options.width_mm, options.dpi, options.greyscale, not getattr(options, "no_words", True))
    except ValueError as problem:
        raise Usage(str(problem)) from None


def curve_settings(options: argparse.Namespace) -> CurveSettings:
    """The settings of --settings, or else of --project; those of --set over them, and --show over all where given.

    What a file holds that can't be read is told, and the rest is used.

    Raises:
        Usage: what --set says can't be.
    """
    from necc.core.toml import to_toml
    from necc.present.figures.settings import CurveSettings, read_settings

    ours = to_toml(dict(getattr(options, "project_settings", {})), "").encode()
    base, findings = CurveSettings.from_toml(bytes_of(options.settings) if options.settings else ours)
    tell(options, findings)
    settings, wrong = read_settings(options.set, base)
    if wrong:
        raise Usage("; ".join(f"--set {f.message}" for f in wrong))
    if "show" in getattr(options, "given_options", ()):
        settings = replace(settings, show=options.show.replace("cumulative-", "cumulative "))
    return settings


def tell(options: argparse.Namespace, findings: Iterable[Finding]) -> None:
    """Keeps findings for `show`, which tells them beside the result."""
    found = list(findings)
    options.notes = [*getattr(options, "notes", []), *(f.line() for f in found)]
    options.findings = [*getattr(options, "findings", []), *(f.to_dict() for f in found)]


def draw(options: argparse.Namespace, figure: Figure) -> None:
    """Writes a figure to the files that are asked for, with its title and what it shows.

    Raises:
        Unwritten: one is there already, can't be written, or has a character that no font here draws.
    """
    how, files = printed(options), {kind: path for kind in PICTURES if (path := getattr(options, kind, None))}
    refuse_taken(options, files.values())
    try:
        made = {path: figure.printed(kind, how, options.notice) for kind, path in files.items()}
    except ValueError as error:
        raise Unwritten(str(error)) from None
    write(options, made, "the picture")
    tell(options, figure.with_style(how.style).noticed)
