"""An SVG as pixels."""

from __future__ import annotations

import re

from necc.present.svg.fonts import fonts_for


def to_png(svg: str, dpi: int = 300, background: str = "") -> bytes:
    """An SVG as PNG; 96 pixels of the SVG are an inch.

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
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=dpi / 96, background=background or None, font_files=list(map(str, files)) or None,
            skip_system_fonts=bool(files), font_family="DejaVu Sans", sans_serif_family="DejaVu Sans",
        )
    )  # fmt: skip
