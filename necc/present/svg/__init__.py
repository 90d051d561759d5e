"""Draws the same description that the screen's charts use as one light, deterministic SVG.

A figure is a plain dict in Plotly's vocabulary. The screen hands it to Plotly; print, slides and the grid of all
sites need no browser: this package draws the subset that our figures use (lines with steps, bands, markers, bars,
heatmaps, text, shapes, annotations, several axes by domain, one legend) and `to_png` makes pixels of it.

Labels come from people's files. Text in a description is Plotly's pseudo-HTML (`<b>`, `<i>`, `<br>`, entities);
`plain` turns any label into such text, and everything is escaped again on the way into the SVG.
"""

from __future__ import annotations

from necc.present.svg.fonts import font_faces, font_files, undrawable
from necc.present.svg.interactive import area, attributes, drag_area, picked_marks, plain_picture, tip_text
from necc.present.svg.marks import (
    DASHES,
    ON_PAGE,
    Json,
    blend,
    document,
    draw_arrow,
    draw_line,
    draw_marker,
    draw_rect,
    draw_text,
    line_path,
    number,
    paint,
    placed,
    step_path,
    stroke,
)
from necc.present.svg.outlines import outlined
from necc.present.svg.pdf import to_pdf
from necc.present.svg.picture import legend_columns, render, sample_width
from necc.present.svg.png import tiff_of, to_png, to_print
from necc.present.svg.shapes import Point, closed_path, ellipse, hatch_path, mirrored, smooth
from necc.present.svg.text import (
    FONTS,
    LINE_HEIGHT,
    block_size,
    escape,
    fit,
    fit_all,
    plain,
    text_width,
    wrap,
    wrap_all,
)

__all__ = [
    "DASHES",
    "FONTS",
    "LINE_HEIGHT",
    "ON_PAGE",
    "Json",
    "Point",
    "area",
    "attributes",
    "blend",
    "block_size",
    "closed_path",
    "document",
    "drag_area",
    "draw_arrow",
    "draw_line",
    "draw_marker",
    "draw_rect",
    "draw_text",
    "ellipse",
    "escape",
    "fit",
    "fit_all",
    "font_faces",
    "font_files",
    "hatch_path",
    "legend_columns",
    "line_path",
    "mirrored",
    "number",
    "outlined",
    "paint",
    "picked_marks",
    "placed",
    "plain",
    "plain_picture",
    "render",
    "sample_width",
    "smooth",
    "step_path",
    "stroke",
    "text_width",
    "tip_text",
    "to_pdf",
    "to_png",
    "tiff_of",
    "to_print",
    "undrawable",
    "wrap",
    "wrap_all",
]
