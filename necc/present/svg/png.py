"""An SVG as pixels: for a screen, and for print."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Literal

from necc.core.extras import need
from necc.present.svg.fonts import fonts_for, lacks

HEADER = 33  # bytes of a PNG up to the end of its first chunk


def to_png(svg: str, dpi: int = 300, background: str = "") -> bytes:
    """An SVG as PNG; 96 pixels of the SVG are an inch, and the PNG says so, so that it is placed in its size.

    The font comes with the plotting library, so the picture is the same on every machine; the machine's own fonts
    are read only for characters that it lacks.

    Raises:
        ValueError: no font draws some of the characters; they would be empty boxes.
        MissingExtra: resvg-py isn't installed.
    """
    need("resvg_py", "report", "a picture as PNG or TIFF", "or take the SVG")
    need("fontTools", "report", "a picture as PNG or TIFF", "or take the SVG")
    import resvg_py

    shown = "".join(re.findall(r">([^<]+)<", svg)) if not svg.isascii() else ""
    files, lacking = fonts_for(shown)
    if lacking:
        raise ValueError(lacks(lacking, "PNG"))
    pixels = bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=dpi / 96, background=background or None, font_files=list(map(str, files)) or None,
            skip_system_fonts=bool(files), font_family="DejaVu Sans", sans_serif_family="DejaVu Sans",
        )
    )  # fmt: skip
    return _with_density(pixels, dpi)


def to_print(svg: str, kind: Literal["png", "tiff"], dpi: int = 300) -> bytes:
    """An SVG as pixels for print: RGB on white without transparency, with its size in inches; TIFF packed by LZW.

    A journal's checker reads 72 dpi of a file that doesn't say, and white of a transparent one as black.

    Raises:
        ValueError: no font draws some of the characters.
        MissingExtra: resvg-py or pillow isn't installed.

    Source: TIFF revision 6.0, Adobe, 1992.
    """
    need("PIL", "report", "a picture for print", "or take the SVG")
    from PIL import Image

    with Image.open(io.BytesIO(to_png(svg, dpi, "#FFFFFF"))) as image:
        white = image.convert("RGB")  # drawn on white already, so that only the channel goes
    out = io.BytesIO()
    packed = {"compression": "tiff_lzw"} if kind == "tiff" else {}
    white.save(out, kind.upper(), dpi=(dpi, dpi), **packed)
    return out.getvalue()


def tiff_of(png: bytes, dpi: int) -> bytes:
    """The TIFF of a PNG that `to_print` gave: the same pixels, not drawn again."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.save(out, "TIFF", dpi=(dpi, dpi), compression="tiff_lzw")
    return out.getvalue()


def _with_density(png: bytes, dpi: int) -> bytes:
    """A PNG with its pixels per metre: `pHYs` after the header (PNG specification, third edition, section 11.3.4.3)."""
    per_metre = round(dpi / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:HEADER] + chunk + png[HEADER:]
