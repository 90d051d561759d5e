"""Figures for print: read back by other programs, with type, lines, size and colours as journals ask for them."""

from __future__ import annotations

import base64
import io
import re
import struct
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from cohorts import necc_cohort
from PIL import Image
from printed import DRAWN, SAMPLE, colours, drawn, lines, overlapping, texts, width_of
from pypdf import PdfReader

from necc import kaplan_meier
from necc.present import figures, svg
from necc.present.figures import CurveSettings, Print, Style
from necc.present.figures.style import GREY_RESPONSE, PRINT_WIDTHS, greyed

NOTE = "Synthetic data: not real patients."
KM = kaplan_meier(SAMPLE, "PRS", by="site:lung")


# ---------------------------------------------------------------- every figure
@pytest.mark.parametrize("mm", [84, 129, 174])
@pytest.mark.parametrize("name", DRAWN)
def test_type_and_lines_are_large_enough_and_all_of_it_is_seen(name, mm):
    figure = drawn(name, Print(mm=mm).style)
    text = figure.exported(note=NOTE, words=False)
    found = list(texts(text))
    width, height = (float(v) for v in ET.fromstring(text).get("viewBox").split()[2:])
    assert width == round(mm * 96 / 25.4)
    assert not [w for w, size, _ in found if size * 0.75 < 7 - 1e-9]
    cut = [w for w, _, box in found if min(box[:2]) < -1 or box[2] > width + 1 or box[3] > height + 1]
    assert not cut
    assert not list(overlapping(found))
    assert min(lines(text), default=1) * 0.75 >= 0.5
    assert NOTE in " ".join(w for w, *_ in found)


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_has_a_colour_in_greyscale(name):
    text = drawn(name, Print(mm=129, greyscale=True).style).exported(note=NOTE)
    assert {c.lower() for c in colours(text)} and all(c[1:3] == c[3:5] == c[5:7] for c in colours(text) if len(c) == 7)
    assert all(c[1] == c[2] == c[3] for c in colours(text) if len(c) == 4)


def test_responses_stay_apart_in_greyscale():
    levels = sorted(int(c[1:3], 16) / 255 for c in GREY_RESPONSE.values())
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels]
    lightness = [116 * v ** (1 / 3) - 16 if v > 0.008856 else 903.3 * v for v in linear]  # CIE L* of a grey
    assert min(np.diff(lightness)) > 12
    assert greyed("#0072B2") == "#575757"


@pytest.mark.parametrize("bold", [False, True])
def test_text_is_laid_out_as_wide_as_its_font_draws_it(bold):
    for character in map(chr, range(32, 127)):
        assert svg.text_width(character, 100, bold) == pytest.approx(width_of(character, 100, bold), abs=0.51)
    for character in "–…≤≥·←→−±é‡▪\xa0":
        assert svg.text_width(character, 100, bold) >= width_of(character, 100, bold) - 0.51


def test_every_figure_is_among_them():
    names = {f"{drawn(name, Print().style).again.func.__name__}" for name in DRAWN}
    assert names >= {name for name in figures.__all__ if name.islower() and name != "empty"}


# ---------------------------------------------------------------- PDF
@pytest.mark.parametrize("name", ["survival_curves", "survival_grid", "site_bars_by", "swimmer", "flow", "overview"])
@pytest.mark.parametrize("mm", [84, 174])
def test_a_pdf_has_its_size_its_text_embedded_fonts_and_no_pixels(name, mm):
    figure = drawn(name, Print(mm=mm).style)
    made = figure.printed("pdf", Print(mm=mm), NOTE)
    (page,) = PdfReader(io.BytesIO(made)).pages
    assert float(page.mediabox.width) / 72 * 25.4 == pytest.approx(mm, abs=0.2)
    text = figure.exported(note=NOTE, words=False)
    assert float(page.mediabox.height) == pytest.approx(0.75 * float(ET.fromstring(text).get("height")), abs=0.01)
    resources = page["/Resources"]
    assert "/XObject" not in resources or not resources["/XObject"]
    fonts = [f.get_object()["/DescendantFonts"][0].get_object() for f in resources["/Font"].values()]
    assert {"DejaVu" in f["/BaseFont"] and "/FontFile2" in f["/FontDescriptor"] for f in fonts} == {True}
    assert all(re.match(r"/[A-Z]{6}\+", f["/BaseFont"]) for f in fonts)  # subsets
    read = "".join(page.extract_text().split())
    for words in {w for w, *_ in texts(text)}:
        assert "".join(words.split()) in read
    assert made == figure.printed("pdf", Print(mm=mm), NOTE)
    assert len(made) < 100_000


def test_a_pdf_draws_what_the_picture_draws():
    """Rendered by resvg and by an own reader of the PDF's operators: the same end points of every curve."""
    figure = drawn("survival_curves", Print(mm=174).style)
    text = figure.exported(words=False)
    (page,) = PdfReader(io.BytesIO(figure.printed("pdf", Print(mm=174)))).pages
    content = page.get_contents().get_data().decode("latin-1")
    height = float(page.mediabox.height)
    root = ET.fromstring(text)
    inner = next(e for e in root if e.tag.endswith("svg"))
    path = max((p.get("d") for p in inner.iter() if p.tag.endswith("path") and p.get("fill") == "none"), key=len)
    x, y = map(float, re.match(r"M([\d.]+) ([\d.]+)", path).groups())
    drawn_at = {tuple(map(float, m)) for m in re.findall(r"(-?[\d.]+) (-?[\d.]+) m\b", content)}
    top = float(inner.get("y", 0))
    flipped = {(round(a, 1), round(b, 1)) for a, b in drawn_at} | {
        (round(a, 1), round(height - b, 1)) for a, b in drawn_at
    }
    assert any(abs(a - x * 0.75) < 0.11 and abs(b - (y + top) * 0.75) < 0.11 for a, b in flipped)
    assert re.search(r"\[[\d.]+(?: [\d.]+)*\] [\d.]+ d\b", content)  # dashes
    states = [s.get_object() for s in page["/Resources"]["/ExtGState"].values()]
    assert {round(float(s["/ca"]), 2) for s in states if "/ca" in s} >= {0.16}  # bands let the grid through


def test_text_of_a_pdf_begins_where_it_should_and_an_axis_title_is_read_upwards():
    marks = "".join(
        f'<text x="200" y="{y}" font-size="12" text-anchor="{anchor}">Number</text>'
        for y, anchor in ((20, "start"), (40, "middle"), (60, "end"))
    )
    turned = '<text x="40" y="100" font-size="12" transform="rotate(-90 40 100)">Survival</text>'
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200">'
    (page,) = PdfReader(io.BytesIO(svg.to_pdf(f"{head}{marks}{turned}</svg>"))).pages
    content = page.get_contents().get_data().decode("latin-1")
    start, middle, end = (float(x) for x, y in re.findall(r"BT ([\d.]+) ([\d.]+) Td", content)[:3])
    assert start == pytest.approx(150) and start - end == pytest.approx(2 * (start - middle), abs=0.02)
    assert start - end == pytest.approx(0.75 * svg.text_width("Number", 12), abs=0.5)
    turns = [tuple(map(float, m.split()[:4])) for m in re.findall(r"((?:-?[\d.]+ ){6})cm", content)]
    assert (0, 1, -1, 0) in turns and (0, -1, 1, 0) not in turns


def test_the_pattern_of_a_bar_is_drawn_within_it_in_its_colour():
    pattern = '<pattern id="lines"><path d="M0 8L8 0" stroke="#336699" stroke-width="1"/></pattern>'
    bar = '<rect x="16" y="16" width="32" height="16" fill="url(#lines)"/>'
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200">'
    (page,) = PdfReader(io.BytesIO(svg.to_pdf(f"{head}<defs>{pattern}</defs>{bar}</svg>"))).pages
    content = page.get_contents().get_data().decode("latin-1")
    assert len(re.findall(r"[\d.]+ [\d.]+ l\b", content)) >= 8 and re.search(r"\bW\*? n\b", content)
    assert re.search(r"\b0?\.2 0?\.4 0?\.6 RG\b", content)


def test_a_character_that_no_font_draws_is_refused_by_name_and_an_svg_keeps_it():
    lacking = "\U0001f9eb"
    cohort = necc_cohort(
        {"prs_months": [2.0, 4, 6, 8, 9, 11], "died": [1, 1, 0, 1, 0, 1], "arm": [lacking, "b"] * 3},
        {"lung": [1] * 6},
    )
    figure = figures.survival_curves(kaplan_meier(cohort, "PRS", "arm"))
    if not figure.undrawable:
        pytest.skip("a font of this computer draws it")
    for kind in ("pdf", "tiff", "png"):
        with pytest.raises(ValueError, match="no font on this computer draws"):
            figure.printed(kind)
    assert lacking in figure.printed("svg").decode()


# ---------------------------------------------------------------- pixels
@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("kind", ["tiff", "png"])
def test_pixels_have_their_size_no_transparency_and_say_their_resolution(kind, dpi):
    figure = drawn("site_bars", Print(mm=84).style)
    made = figure.printed(kind, Print(mm=84, dpi=dpi), NOTE)
    with Image.open(io.BytesIO(made)) as image:
        assert image.format == kind.upper() and image.mode == "RGB"
        assert image.size[0] == pytest.approx(84 / 25.4 * dpi, abs=dpi / 96 + 1)
        assert [float(v) for v in image.info["dpi"]] == pytest.approx([dpi, dpi], abs=0.01)
        assert image.getpixel((0, 0)) == (255, 255, 255)
        if kind == "tiff":
            assert image.info["compression"] == "tiff_lzw"
            assert image.tag_v2[296] == 2  # inches
    assert made == figure.printed(kind, Print(mm=84, dpi=dpi), NOTE)


@pytest.mark.parametrize("name", ["response_bars", "survival_curves", "site_matrix"])
def test_pixels_are_grey_in_greyscale(name):
    with Image.open(io.BytesIO(drawn(name, Style()).printed("png", Print(mm=84, greyscale=True)))) as image:
        red, green, blue = np.moveaxis(np.asarray(image), 2, 0)
    assert np.array_equal(red, green) and np.array_equal(green, blue) and len(np.unique(red)) > 20


# ---------------------------------------------------------------- one typeface
def test_an_svg_brings_its_typeface_along_with_every_character_that_it_has():
    from fontTools.ttLib import TTFont

    cohort = necc_cohort(
        {"prs_months": [2.0, 4, 6, 8, 9, 11], "died": [1, 1, 0, 1, 0, 1], "arm": ["Ώμέγα", "Łódź ≥ 5"] * 3},
        {"lung": [1] * 6},
    )
    text = figures.survival_curves(kaplan_meier(cohort, "PRS", "arm")).exported()
    packed = re.findall(r"font-weight:(\d+);src:url\(data:font/woff;base64,([^)]+)\)", text)
    assert [weight for weight, _ in packed] == ["400", "700"]
    for _, font in packed:
        there = TTFont(io.BytesIO(base64.b64decode(font))).getBestCmap()
        assert set(map(ord, "".join(w for w, *_ in texts(text)))) - {0x20} <= set(there)
    assert len(text) < 120_000 and text == figures.survival_curves(kaplan_meier(cohort, "PRS", "arm")).exported()
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"] * 2


@pytest.mark.parametrize("name", ["survival_curves", "site_bars_by", "flow"])
def test_outlines_look_like_the_text_that_they_stand_for(name):
    text = drawn(name, Print(mm=129).style).to_svg(background=True)
    outlines = svg.outlined(text)
    assert "<text" not in outlines and "<text" in text
    images = [np.asarray(Image.open(io.BytesIO(svg.to_png(t, 192))).convert("L")).astype(int) for t in (text, outlines)]
    ink = [(255 - i).sum() for i in images]
    assert ink[0] == pytest.approx(ink[1], rel=0.01)
    assert (np.abs(images[0] - images[1]) > 90).mean() < 0.003


def test_every_character_of_the_typeface_has_an_outline_and_any_other_text_stays_text():
    from necc.present.svg.fonts import characters_of
    from necc.present.svg.outlines import _glyph

    for style, file in enumerate(svg.font_files()[:2]):
        for character in sorted(characters_of(file))[::7]:
            assert _glyph(chr(character), style)[0] >= 0
    kept = svg.document(svg.draw_text(30, 20, "\U0001f9eb", 12, "#000000"), 60, 40, "t", "d")
    assert svg.outlined(kept) == kept


# ---------------------------------------------------------------- what is asked for
def test_words_stand_apart_unless_asked_for_and_the_notice_always_inside():
    figure = drawn("survival_curves", Style())
    alone, together = (figure.printed("svg", Print(words=w), NOTE).decode() for w in (False, True))
    found = " ".join(w for w, *_ in texts(alone))
    assert figure.headline not in found and "Kaplan-Meier estimate" not in found and NOTE in found
    assert figure.headline in together and NOTE in " ".join(w for w, *_ in texts(together))


def test_the_width_asked_for_goes_before_the_figure_s_own_and_greyscale_before_its_colours():
    figure = figures.survival_curves(KM, settings=CurveSettings(width=120, palette="tol"))
    own, asked = (figure.printed("svg", how).decode() for how in (Print(), Print(mm=84, greyscale=True)))
    assert [ET.fromstring(t).get("width") for t in (own, asked)] == ["454", "317"]
    assert "#4477AA" in own and all(c[1:3] == c[3:5] == c[5:7] for c in colours(asked) if len(c) == 7)
    assert struct.unpack(">I", figure.printed("png", Print(dpi=96 * 4))[16:20])[0] == 454 * 4


def test_few_greys_are_told_where_more_are_needed():
    by = kaplan_meier(SAMPLE, "PRS", by="figo_stage")
    told = figures.survival_curves(by, Print(greyscale=True).style).noticed
    assert len(by.curves) > 3 and any(f.code == "settings-palette" for f in told)


@pytest.mark.parametrize(("how", "said"), [
    ({"mm": 83.9}, "84 to 400 mm"), ({"mm": 401}, "journals take 84, 129, 174"), ({"mm": float("nan")}, "84 to 400"),
    ({"dpi": 1201}, "100 to 1200"), ({"dpi": 72}, "300, 600, 1200"),
])  # fmt: skip
def test_a_width_or_a_resolution_that_no_print_has_is_refused(how, said):
    with pytest.raises(ValueError, match=said):
        Print(**how)
    assert PRINT_WIDTHS == (84, 400)
