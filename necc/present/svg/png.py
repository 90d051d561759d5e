"""An SVG as pixels."""

from __future__ import annotations

import re
import struct
import zlib

from necc.present.svg.fonts import fonts_for

HEADER = 33  # bytes of a PNG up to the end of its first chunk


def to_png(svg: str, dpi: int = 300, background: str = "") -> bytes:
    """An SVG as PNG; 96 pixels of the SVG are an inch, and the PNG says so, so that it is placed in its size.

    The font comes with the plotting library, so the picture is the same on every machine; the machine's own fonts
    are read only for characters that it lacks.

    Raises:
        ValueError: no font draws some of the characters; they would be empty boxes.
    """
    import resvg_py

    shown = "".join(re.findall(r">([^<]+)<", svg)) if not svg.isascii() else ""
    files, lacking = fonts_for(shown)
    if lacking:
        raise ValueError(
            f"no font on this computer draws {lacking[:20]!r}: a PNG would show empty boxes; take the SVG, or "
            "install a font with these characters"
        )
    pixels = bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=dpi / 96, background=background or None, font_files=list(map(str, files)) or None,
            skip_system_fonts=bool(files), font_family="DejaVu Sans", sans_serif_family="DejaVu Sans",
        )
    )  # fmt: skip
    return _with_density(pixels, dpi)


def _with_density(png: bytes, dpi: int) -> bytes:
    """A PNG with its pixels per metre: `pHYs` after the header (PNG specification, third edition, section 11.3.4.3)."""
    per_metre = round(dpi / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:HEADER] + chunk + png[HEADER:]
