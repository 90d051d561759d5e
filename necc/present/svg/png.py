"""An SVG as pixels."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def to_png(svg: str, dpi: int = 300, background: str = "") -> bytes:
    """An SVG as PNG; 96 pixels of the SVG are an inch.

    The font comes with the plotting library, so the picture is the same on every machine; the machine's own fonts
    are read only for scripts that it lacks.
    """
    import resvg_py

    files = [str(p) for p in font_files()]
    foreign = any(c >= "\u2e80" for c in svg)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=dpi / 96, background=background or None, font_files=files or None,
            skip_system_fonts=bool(files) and not foreign, font_family="DejaVu Sans", sans_serif_family="DejaVu Sans",
        )
    )  # fmt: skip


def font_files() -> list[Path]:
    """DejaVu Sans from Matplotlib's data, found without importing it; empty where it isn't installed."""
    spec = importlib.util.find_spec("matplotlib")
    if not spec or not spec.origin:
        return []
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    names = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf")
    return [folder / name for name in names if (folder / name).exists()]
