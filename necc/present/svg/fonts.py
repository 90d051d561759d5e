"""Which characters the fonts of this computer draw: a picture in pixels shows an empty box for any other."""

from __future__ import annotations

import functools
import importlib.util
import os
import unicodedata
from pathlib import Path

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
