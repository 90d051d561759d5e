"""Screens of a presentation: each is whole, is read from the last row, and tells of no single patient."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from conftest import ROOT

from necc.ingest import read_cohort
from necc.present import svg
from necc.present.figures import Figure
from necc.present.tables import Table
from necc.present.words.screens import NOTHING, SMALL, each, interval, message, told_before
from necc.project import Exhibit, Project
from necc.report import make_report, ready
from necc.report.fitting import Room, broken, lines_of
from necc.report.model import Item, Prose
from necc.report.screens import MOST_PARTS, MOST_TABLE, Screen, screens

WIDTH, HEIGHT, LEAST = 1280, 720, 20
NAME = "{http://www.w3.org/2000/svg}"
LONG = "Überlebenszeit nach dem ersten Rezidiv und ihre Abhängigkeit von allem, was darüber je gefragt wurde, " * 4


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(ROOT / "sample_data" / "reconstructed_cohort.csv")


@pytest.fixture(scope="module")
def report(cohort):
    return make_report(Project(exhibits=ready(cohort), title="The sample"), cohort)


@pytest.fixture(scope="module")
def shown(report):
    return screens(report)


def texts(screen: Screen):
    """Each text of a screen: what it says, where it begins and ends, its height, and the pixels of its type."""

    def walk(mark, x, y, scale):
        kind = mark.tag.removeprefix(NAME)
        for name, values in re.findall(r"(translate|scale)\(([^)]*)\)", mark.get("transform", "")):
            parts = [float(v) for v in values.split()]
            if name == "translate":
                x, y = x + scale * parts[0], y + scale * parts[1]
            else:
                scale *= parts[0]
        if kind == "text":
            size = float(mark.get("font-size"))
            said = "".join(mark.itertext())
            bold = mark.find(f"{NAME}tspan[@font-weight='bold']") is not None
            wide = svg.text_width(said, size, bold)
            left = {"middle": wide / 2, "end": wide}.get(mark.get("text-anchor"), 0)
            at = float(mark.get("x")) - left
            if "rotate" in mark.get("transform", ""):
                at, wide = float(mark.get("x")) - size / 2, size
            yield said, x + scale * at, x + scale * (at + wide), y + scale * float(mark.get("y")), scale * size
        elif kind in ("svg", "g"):
            for inner in mark:
                yield from walk(inner, x, y, scale)

    return list(walk(ET.fromstring(screen.svg), 0, 0, 1))


def assert_whole(made):
    for one in made:
        assert one.svg.startswith("<svg") and f'viewBox="0 0 {WIDTH} {HEIGHT}"' in one.svg
        for said, left, right, base, size in texts(one):
            if said.strip():
                assert size >= LEAST - 0.06, (one.title, said, size)
                assert left >= -1 and right <= WIDTH + 1 and size < base + 6 and base <= HEIGHT - 8, (one.title, said)


def own(report, *items, **more):
    return replace(report, items=tuple(items), **more)


def item(report, kind, thing, title="A thing", **more):
    return Item(kind, 1, title, "a-thing", thing, "all patients", 88, report.items[0].selection, "", **more)


# ---------------------------------------------------------------- the ready list
def test_every_screen_of_the_ready_list_is_whole(shown):
    assert_whole(shown)
    assert len(shown) > 15


def test_screens_begin_with_a_title_follow_the_report_and_end_with_conventions(report, shown):
    assert [shown[0].name, shown[-1].name] == ["title", "conventions"]
    there = [one.name for one in report.items if one.name not in ("table-8-treated-table", "figure-7-forest")]
    assert list(dict.fromkeys(one.name for one in shown[1:-1])) == there
    assert "The sample" in shown[0].svg and report.sha256[:12] in shown[-1].svg


def test_synthetic_stands_on_every_screen_and_n_on_every_exhibit(report, shown):
    for one in shown:
        assert "Synthetic" in one.svg
        assert report.notice in one.alt
    exhibits = [one for one in shown[1:-1]]
    assert all("n = 88" in one.svg and report.sha256[:8] in one.svg for one in exhibits)
    assert not any("Synthetic" in one.svg for one in screens(replace(report, notice="", items=report.items[2:4]))[1:-1])


def test_figures_say_little_beside_their_labels(report, shown):
    figures_ = {one.name for one in report.items if one.kind == "figure"}
    for one in shown:
        if one.name in figures_ and "<g transform" in one.svg:
            outside = re.sub(r"<g transform.*</g>", "", one.svg, flags=re.DOTALL)
            said = " ".join(re.findall(r">([^<]+)</t", outside.partition("</desc>")[2]))
            assert len(said.split()) <= 45, said  # 30 of title and message, and the line at the foot


def test_curves_have_their_numbers_at_risk_in_the_same_picture(report, shown):
    km = next(one for one in shown if "survival-curves" in one.name)
    curves = next(c.result for i in report.items if i.name == km.name for c in i.computed)
    said = [text for text, *_ in texts(km)]
    for curve in curves.curves:
        assert any(text.startswith(str(curve.n)) for text in said)
    assert "At risk (events so far)" in said


def test_a_row_for_each_patient_and_rows_of_the_file_are_on_no_screen(report, shown, cohort):
    assert not [one for one in shown if one.name == "table-8-treated-table"]
    title = next(item.title for item in report.items if item.name == "table-8-treated-table")
    assert each(title) in shown[-1].alt
    everything = " ".join(one.svg + one.alt + one.notes for one in shown)
    assert not [name for name in cohort.ids if re.search(rf"\b{re.escape(str(name))}\b", everything)
                and not str(name).isdigit()]  # fmt: skip
    assert not re.search(r"\brows? \d+\b", everything)


def test_the_speaker_s_notes_have_the_reading_and_no_recipe(shown):
    km = next(one for one in shown if "survival-curves" in one.name)
    assert "Log-rank test" in km.notes and "kaplan_meier(" not in km.notes


def test_small_groups_stay_hidden(cohort):
    project = Project(
        exhibits=(Exhibit("Sites", shows=("tables.site_table(site_distribution(cohort))",)),), hide_below=10
    )
    hidden, told = (screens(make_report(p, cohort)) for p in (project, replace(project, hide_below=0)))
    assert ">7<" in told[1].svg and not any(">7<" in one.svg or "7 (" in one.svg + one.notes for one in hidden)


def test_dark_screens_have_a_dark_page(report):
    made = screens(own(report, report.items[2]), theme="dark")
    assert all('fill="#101418"' in one.svg for one in made)
    assert_whole(made)


def test_the_same_report_gives_the_same_screens(report):
    some = own(report, *report.items[:4])
    assert [one.svg for one in screens(some)] == [one.svg for one in screens(some)]


def test_progress_is_told_and_can_stop(report):
    told = []
    screens(own(report, *report.items[:3]), progress=lambda share, what: told.append((share, what)))
    assert [share for share, _ in told] == pytest.approx([0, 1 / 3, 2 / 3])

    def stop(share, what):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        screens(report, progress=stop)


def test_no_number_and_no_axis_is_cut(shown):
    for one in shown[:-1]:  # on the last the file's checksum is short on purpose
        for said, *_ in texts(one):
            assert not re.search(r"\d…$|\.…$|^p [=<>].*…|adj.*…", said), (one.title, said)
    curves = next(one for one in shown if one.title == "Post-recurrence survival by Lung")
    assert not [said for said, *_ in texts(curves) if said.endswith("…")]
    grids = [one for one in shown if "survival-grid" in one.name]
    assert grids and all(len(re.findall(r">p [=<]?[^<]*adj", one.svg)) == 8 for one in grids)


# ---------------------------------------------------------------- odd reports
def test_an_empty_report_says_so(report):
    made = screens(own(report))
    assert [one.name for one in made] == ["title", "nothing", "conventions"]
    assert_whole(made)


@pytest.mark.parametrize("title", [LONG, "無進行生存期間" * 40, "x" * 400, "", '<b>&amp;" %{x}'])
def test_long_and_foreign_titles_stay_within_the_screen(report, title):
    table = Table("", "t", ("A", "B"), (("one", "2"),))
    made = screens(own(report, item(report, "table", table, title), report.items[2], title=title or "x"))
    assert_whole(made)
    ET.fromstring(made[0].svg)


def test_sixty_items_make_sixty_screens(report):
    made = screens(own(report, *[replace(report.items[2], name=f"figure-{i}") for i in range(60)]))
    assert len(made) == 62 and "62 / 62" in made[-1].svg


def test_a_missing_item_says_why(report):
    why = "'Lung' isn't here: the file has no column 'lung'"
    made = screens(own(report, item(report, "missing", None, "Lung", missing=why)))
    assert "has no column" in made[1].svg and why in made[1].alt
    assert_whole(made)


def test_a_long_table_is_split_and_the_rest_counted(report):
    rows = tuple((f"line {i}", f"{i:,}", "some words that say a little more") for i in range(200))
    made = screens(own(report, item(report, "table", Table("", "t", ("Name", "n", "What"), rows, text_columns=(2,)))))
    parts = made[1:-1]
    assert len(parts) == MOST_TABLE and "(1 of 2)" in parts[0].svg
    there = sum(len(re.findall(r">line \d+<", one.svg)) for one in parts)
    assert f"{200 - there:,} more rows in the report." in parts[-1].svg
    assert_whole(made)


def test_a_wide_table_and_one_of_long_words_stay_within(report):
    wide = Table("", "t", tuple(f"Column number {j}" for j in range(14)), (tuple("1,234.5 (12.3)" for _ in range(14)),))
    tall = Table("", "t", ("A", "B"), (("x" * 300, "y " * 900),), text_columns=(1,))
    made = screens(own(report, item(report, "table", wide), item(report, "table", tall)))
    assert_whole(made)


def test_a_table_without_rows_says_so(report):
    made = screens(own(report, item(report, "table", Table("", "t", ("A",), (), ("Nobody was asked.",)))))
    assert NOTHING in made[1].svg and "Nobody was asked." in made[1].svg


def test_a_text_is_points_and_says_where_the_rest_is(report):
    text = Prose(
        "methods", (("First", ("One sentence. " * 60,)), ("Second", tuple("Another point." for _ in range(9))))
    )
    made = screens(own(report, item(report, "text", text, note="A note.")))
    assert len(made) == 2 + MOST_PARTS and "The rest stands in the report." in made[-2].svg
    assert_whole(made)


def test_a_figure_whose_words_would_be_small_says_so_and_a_forest_is_a_table(report, shown):
    spec = {"data": [], "layout": {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "font": {"size": 9, "color": "#000"},
            "annotations": [{"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "text": "tiny", "showarrow": False,
                             "xanchor": "left", "yanchor": "middle"}]}}  # fmt: skip
    tall = Figure(spec, "tall", "A tall figure", "", 400, 4000)
    made = screens(own(report, item(report, "figure", tall)))
    assert SMALL in made[1].alt or SMALL in " ".join(text for text, *_ in texts(made[1]))
    forest = next(i for i in report.items if i.name == "figure-7-forest")
    alone = screens(own(report, forest))
    drawn = " ".join(text for text, *_ in texts(next(one for one in alone if one.name == forest.name)))
    assert all(row.text in drawn for row in forest.thing.shows.rows)


def test_a_forest_that_would_repeat_the_table_before_it_is_left_out(report, shown):
    forest = next(i for i in report.items if i.name == "figure-7-forest")
    table = next(i for i in report.items if i.name == "table-5-regression-table")
    assert not [one for one in shown if one.name == forest.name]
    assert told_before(forest.title, table.title) in shown[-1].alt
    assert [one for one in screens(own(report, forest, table)) if one.name == forest.name]  # before it, it is shown


def test_without_fonts_screens_are_made(report, monkeypatch):
    from necc.present.svg import fonts

    monkeypatch.setattr(fonts, "font_files", list)
    made = screens(own(report, item(report, "table", Table("", "t", ("部位",), (("肺",),)), "肺")))
    assert "肺" in made[1].svg


# ---------------------------------------------------------------- parts
def test_lines_hold_all_of_a_text_and_none_is_too_wide():
    for text in ("word " * 40, "x" * 200, "部位" * 100, "    indented words that go on", "one\ntwo", ""):
        lines = broken(text, 15, 2.5)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(svg.text_width(line, 15) / 72 <= 2.51 for line in lines) and lines_of(text, 15, 2.5) == len(lines)


def test_parts_of_a_table_hold_each_row_once_and_fit():
    rows = tuple((f"level {i}" if i % 5 else f"Variable {i}", str(i)) for i in range(60))
    indents = tuple(int(i % 5 > 0) for i in range(60))
    parts = Room(12, 4, 15).parts(Table("", "t", ("Name", "n"), rows, indents=indents))
    assert [line[1] for part in parts for line in part.lines] == [str(i) for i in range(60)]
    assert all(part.tall <= 4 for part in parts) and all(part.lines[0][0].startswith("Variable") for part in parts)


def test_words_of_intervals_and_messages():
    assert interval(["n = 3.", "Bands: 95 % pointwise confidence limits (log-log); pale: few."]) == (
        "95 % pointwise confidence limits (log-log)"
    )
    assert interval(["95 % CI: exact (Clopper-Pearson). More."]) == "95 % CI: exact (Clopper-Pearson)"
    assert interval(["Wald limits unless marked."]) == "Wald limits" and interval(["None."]) == ""
    assert message(["88 patients.", "Log-rank test: p = 0.397."]) == "Log-rank test: p = 0.397."
    assert message(["word " * 30 + "12 %"]) == ""


def test_a_figure_in_a_screen_is_the_figure(report):
    bars = next(i.thing for i in report.items if i.name == "figure-2-site-bars")
    placed = svg.placed(bars.to_svg(), 10, 20, 0.5)
    assert placed.startswith('<g transform="translate(10 20) scale(0.5)">') and "<svg" not in placed
    assert placed.count("<text") == bars.to_svg().count("<text")
