"""The renderer: places in pixels by hand, labels that can't become markup, the same bytes every time."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from necc.core.text import for_xml
from necc.present import svg
from necc.present.figures.style import PAGE, axis, layout, note

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "</text><script>alert(1)</script> & <b>x</b> %{x} \"q\" 'r' \x00\x0b"


def spec(data=(), **more):
    """A plot of 100 x 100 pixels that begins at (10, 20): x from 0 to 10, y from 0 to 1."""
    axes = {"xaxis": axis(PAGE, 0, 10, (0, 5, 10)), "yaxis": axis(PAGE, 0, 1, (0, 1), ("low", "high"))}
    return {"data": list(data), "layout": layout(PAGE, 150, (10, 40, 20, 30), **{**axes, **more})}


def draw(description, width=150, height=150):
    return ET.fromstring(svg.render(description, width, height, "title", "what it shows"))


def paths(root):
    return [p.get("d") for p in root.iter(f"{SVG}path")]


def texts(root):
    return {"".join(t.itertext()): t for t in root.iter(f"{SVG}text")}


def line(**more):
    return {"type": "scatter", "mode": "lines", "x": [0, 5, 10], "y": [1, 0.5, 0.25],
            "line": {"color": "#0072B2", "width": 2, **more}}  # fmt: skip


# ---------------------------------------------------------------- places
def test_a_step_curve_goes_along_then_down():
    assert "M10 20H60V70H110V95" in paths(draw(spec([line(shape="hv")])))


def test_a_line_goes_from_point_to_point_and_breaks_where_a_value_is_missing():
    straight = line()
    assert "M10 20L60 70L110 95" in paths(draw(spec([straight])))
    broken = {**straight, "x": [0, 1, None, 5, 10], "y": [1, 1, None, 0.5, 0.25]}
    assert "M10 20L20 20M60 70L110 95" in paths(draw(spec([broken])))


def test_a_band_is_filled_between_two_step_curves():
    low = {**line(shape="hv", width=0), "x": [0, 5, 10], "y": [1, 0.4, 0.4]}
    high = {**low, "y": [1, 0.6, 0.6], "fill": "tonexty", "fillcolor": "rgba(0,114,178,0.16)"}
    root = draw(spec([low, high]))
    band = next(p for p in root.iter(f"{SVG}path") if p.get("fill-opacity"))
    assert band.get("d") == "M10 20L60 20L60 60L110 60L110 60L110 80L110 80L60 80L60 20L10 20Z"
    assert (band.get("fill"), band.get("fill-opacity")) == ("#0072b2", "0.16")


def test_bars_markers_and_intervals_stand_where_the_axes_say():
    bar = {"type": "bar", "orientation": "h", "x": [5], "y": [0.5], "base": [1], "width": [0.2],
           "marker": {"color": "#123456"},
           "error_x": {"array": [2], "arrayminus": [1], "width": 0, "color": "#000000", "thickness": 1}}  # fmt: skip
    dot = {"type": "scatter", "mode": "markers", "x": [10], "y": [0.25], "marker": {"size": 6, "color": "#654321"}}
    root = draw(spec([dot, bar]))
    rect = next(r for r in root.iter(f"{SVG}rect") if r.get("fill") == "#123456")
    assert [rect.get(k) for k in ("x", "y", "width", "height")] == ["20", "60", "50", "20"]
    assert "M50 70L80 70" in paths(root)  # from 5 - 1 to 5 + 2
    circle = next(root.iter(f"{SVG}circle"))
    assert [circle.get(k) for k in ("cx", "cy", "r")] == ["110", "95", "3"]


def test_a_heatmap_blends_its_colours_and_leaves_missing_cells_out():
    cells = {"type": "heatmap", "z": [[0, None], [5, 10]], "x": [2.5, 7.5], "y": [0.25, 0.75], "zmin": 0, "zmax": 10,
             "colorscale": [[0, "#ffffff"], [1, "#000000"]]}  # fmt: skip
    fills = [r.get("fill") for r in draw(spec([cells])).iter(f"{SVG}rect")]
    assert fills == ["#ffffff", "#808080", "#000000"]


def test_ticks_stand_under_their_values_and_a_logarithmic_axis_is_even_in_ratios():
    found = texts(draw(spec()))
    assert [found[t].get("x") for t in ("0", "5", "10")] == ["10", "60", "110"]
    ratios = axis(PAGE, -1, 1, (0.1, 1, 10), type="log")
    found = texts(draw(spec(xaxis=ratios)))
    assert [found[t].get("x") for t in ("0.1", "1", "10")] == ["10", "60", "110"]


def test_notes_hang_on_the_paper_or_on_the_data_with_a_shift_in_pixels():
    notes = [note(PAGE, 1, 1, "corner", yanchor="bottom"), note(PAGE, 5, 0.5, "<b>here</b>", "x", "y", xshift=-7)]
    found = texts(draw(spec(annotations=notes)))
    assert found["corner"].get("x") == "110" and found["here"].get("x") == "53"
    assert next(found["here"].iter(f"{SVG}tspan")).get("font-weight") == "bold"


# ---------------------------------------------------------------- labels are never markup
def test_a_label_stays_text_wherever_it_stands():
    label = svg.plain(NASTY)
    trace = {**line(), "name": label, "showlegend": True}
    words = {"type": "scatter", "mode": "text", "x": [5], "y": [0.5], "text": [label]}
    y = axis(PAGE, 0, 1, (0, 1), [label, "1"], title=label)
    legend = {"y": 1, "title": {"text": label}}
    description = spec([trace, words], yaxis=y, annotations=[note(PAGE, 0, 0, label)], showlegend=True, legend=legend)
    text = svg.render(description, 150, 150, NASTY, NASTY)
    root = ET.fromstring(text)
    assert not list(root.iter(f"{SVG}script")) and "<script" not in text
    shown = "</text><script>alert(1)</script> & <b>x</b> %{x} \"q\" 'r' \ufffd\ufffd"
    assert ["".join(t.itertext()) for t in root.iter(f"{SVG}text")].count(shown) == 6
    assert root.find(f"{SVG}title").text == shown


@given(st.text(max_size=30))
def test_any_label_gives_well_formed_text_that_reads_the_same(label):
    root = draw(spec(annotations=[note(PAGE, 0, 0, svg.plain(label))]))
    shown = [("".join(t.itertext())) for t in root.iter(f"{SVG}text")][-1] if svg.plain(label) else ""
    expected = for_xml(label).replace("\n", " ")
    # XML reads a carriage return as a line feed
    assert shown.replace("\r", "\n") == expected.replace("\r", "\n")
    assert "%{" not in svg.plain(label)


def test_a_picture_is_named_for_those_who_can_t_see_it():
    root = draw(spec())
    assert root.get("role") == "img" and root.get("aria-label") == "what it shows"
    assert (root[0].tag, root[0].text) == (f"{SVG}title", "title")
    assert (root[1].tag, root[1].text) == (f"{SVG}desc", "what it shows")


def test_the_same_description_gives_the_same_bytes_and_no_outside_address():
    description = spec([line(shape="hv", dash="10px,6px")])
    first = svg.render(description, 150, 150, "t", "d")
    assert first == svg.render(description, 150, 150, "t", "d")
    assert re.findall(r"https?://[^\"' ]+", first) == ["http://www.w3.org/2000/svg"]
    assert 'stroke-dasharray="10 6"' in first


# ---------------------------------------------------------------- fitting text
@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_a_label_that_is_cut_fits_and_says_that_it_was_cut(width):
    label = "Cervicothoracic lymph node"
    cut = svg.fit(label, 13, width)
    assert cut == label or (cut.endswith("…") and label.startswith(cut[:-1]))
    assert svg.text_width(cut, 13) <= max(width, svg.text_width("…", 13))


def test_wrapping_keeps_every_word_where_there_is_room():
    assert svg.wrap("Cervicothoracic lymph node", 13, 120) == ["Cervicothoracic", "lymph node"]
    assert svg.wrap("Lung", 13, 120) == ["Lung"]
    assert svg.wrap("a b c d", 13, 1, lines=1)[0].endswith("…")


def test_wide_scripts_count_as_wide():
    assert svg.text_width("肺", 10) == 10 and svg.text_width("ii", 10) < 10


# ---------------------------------------------------------------- pixels
def test_png_has_the_size_of_its_resolution_and_holds_text():
    blank = svg.document("", 60, 40, "t", "d", "#ffffff")
    words = svg.document(svg.draw_text(30, 20, "n = 88", 12, "#000000"), 60, 40, "t", "d", "#ffffff")
    png = svg.to_png(words, dpi=192)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (120, 80)
    assert png != svg.to_png(blank, dpi=192)  # letters were found without fonts of the machine


@pytest.mark.parametrize(("dpi", "per_metre"), [(300, 11811), (96, 3780)])
def test_png_says_how_large_it_is(dpi, per_metre):
    png, at, chunks = svg.to_png(svg.document("", 60, 40, "t", "d", "#ffffff"), dpi=dpi), 8, {}
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        chunks[kind], told = png[at + 8 : at + 8 + length], png[at + 8 + length : at + 12 + length]
        assert zlib.crc32(png[at + 4 : at + 8 + length]) == struct.unpack(">I", told)[0]
        at += 12 + length
    assert list(chunks)[:2] == [b"IHDR", b"pHYs"] and b"IDAT" in chunks
    assert struct.unpack(">IIB", chunks[b"pHYs"]) == (per_metre, per_metre, 1)


def test_the_fonts_come_with_the_plotting_library():
    assert [p.name for p in svg.font_files()][:2] == ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"]
