"""Which characters the fonts of this computer draw: a picture in pixels shows an empty box for any other."""

from __future__ import annotations

import base64
import functools
import importlib.util
import io
import os
import unicodedata
from pathlib import Path

from necc.present.svg.text import FAMILY

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")


def font_files() -> list[Path]:
    """DejaVu Sans from Matplotlib's data, found without importing it; empty where it isn't installed."""
    spec = importlib.util.find_spec("matplotlib")
    if not spec or not spec.origin:
        return []
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    names = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf")
    return [folder / name for name in names if (folder / name).exists()]


def fonts_for(text: str) -> tuple[list[Path], str]:
    """The fonts that draw a text, as few of the machine's own as do, and the characters that none of them draws."""
    files = font_files()
    lacking = _wanted(text) - characters_of(files[0]) if files else frozenset()
    for path in machine_fonts() if lacking else ():
        if drawn := lacking & characters_of(path):
            files, lacking = [*files, path], lacking - drawn
        if not lacking:
            break
    return files, "".join(map(chr, sorted(lacking)))


def lacks(characters: str, kind: str) -> str:
    """Why a picture can't be made: no font draws some characters."""
    return (
        f"no font on this computer draws {characters[:20]!r}: a {kind} would show empty boxes; take the SVG, or "
        "install a font with these characters"
    )


def undrawable(text: str) -> str:
    """The characters of a text that would be empty boxes in a PNG."""
    return "" if text.isascii() else fonts_for(text)[1]


# What nearly every picture is written in: one subset serves them all, and is made once
USUAL = frozenset([*range(0x20, 0x7F), *map(ord, "–—…≤≥·←→−±×÷‡†§•▪°µ²³½“”‘’«»"), *range(0xC0, 0x100)])


def font_faces(text: str = "") -> str:
    """Style rules that bring the pictures' typeface along, regular and bold, about 35 kB; blank where it isn't there.

    Nothing is fetched: the font is in the rule, with the usual characters and those of the text that it has.

    Example:
        >>> font_faces()[:40]
        "@font-face{font-family:'DejaVu Sans';fon"

    Source: CSS Fonts Module Level 4, section 4; WOFF File Format 1.0.
    """
    files = font_files()
    wanted = frozenset(map(ord, text))
    return "".join(
        f"@font-face{{font-family:'{FAMILY}';font-weight:{weight};src:url(data:font/woff;base64,"
        f"{_subset(file, USUAL | (wanted & characters_of(file)))})}}"
        for file, weight in zip(files[:2], (400, 700), strict=False)
    )


@functools.lru_cache(8)
def _subset(file: Path, characters: frozenset[int]) -> str:
    """A font with some of its characters as WOFF in base64: the same bytes each time."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(hinting=False, drop_tables=["FFTM", "DSIG"], layout_features=["kern", "mark", "ccmp"])
    font = TTFont(file, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.flavor = "woff"
    packed = io.BytesIO()
    font.save(packed)
    return base64.b64encode(packed.getvalue()).decode()


def _wanted(text: str) -> frozenset[int]:
    """The characters that leave a mark: no blanks, no controls, no joiners."""
    return frozenset(ord(c) for c in set(text) if unicodedata.category(c) not in ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn"))


@functools.cache
def characters_of(path: Path) -> frozenset[int]:
    """The characters that a font file has; none where it can't be read."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        with path.open("rb") as file:
            many = path.suffix.lower() in (".ttc", ".otc")
            fonts = TTCollection(file, lazy=True).fonts if many else [TTFont(file, lazy=True)]
            return frozenset().union(*(font.getBestCmap() or {} for font in fonts))
    except (OSError, TTLibError, ValueError, KeyError):
        return frozenset()


@functools.cache
def machine_fonts() -> tuple[Path, ...]:
    """The font files of this computer, those of common scripts first."""
    home = Path.home()
    folders = [
        Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts", home / ".local/share/fonts",
        Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts",
        Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts",
        Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft" / "Windows" / "Fonts",
    ]  # fmt: skip
    files = {p for folder in folders if folder.is_dir() for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES}
    common = ("cjk", "noto", "yahei", "simsun", "pingfang", "hei", "song", "gothic", "unicode")
    return tuple(sorted(files, key=lambda p: (not any(word in p.name.lower() for word in common), str(p))))
