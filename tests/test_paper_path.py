"""The path through the paper: six stops by 'Next' alone, each begins with a picture, every number is the core's."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from conftest import ROOT
from page_helpers import failures, look_at, open_page, press, shown_figures, unexplained, words
from playwright.sync_api import Page, expect
from test_browser import open_page as visit
from test_browser import settled
from test_links import visit as visit_address

from necc.analysis.survival import survival_grid
from necc.app.views import paper
from necc.app.views.stops import MOST_MARKS, MOST_PICTURES, STOPS
from necc.core.estimate import Estimate
from necc.ingest import read_cohort
from necc.paper.audit import Shown, audit, load_claims, read_claims
from necc.paper.literature import of_the_literature
from necc.paper.reproduction import (
    compare_ratios,
    of_the_paper,
    of_this_paper,
    printed_flow,
    printed_numbers,
    site_ratios,
)
from necc.present import figures
from necc.present.figures import Style
from necc.present.tables.reproduction import ratio_table
from necc.present.words import paper as told
from necc.present.words.captions.reproduction import other_coding, ratio_name
from necc.present.words.reproduction import verdicts

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
TALLEST = 2_500  # pixels of a stop at 1366 x 768
PICTURE = "[class*=st-key-figure-] svg"


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLE)


@pytest.fixture(scope="module")
def report():
    return audit(*load_claims())


# ---------------------------------------------------------------- the path
def test_next_alone_leads_through_all_stops_and_back(app_test):
    app = open_page(app_test(), "paper")
    seen = []
    for place, (name, title) in enumerate(told.STOPS.items(), 1):
        assert not failures(app) and not unexplained(app), name
        assert f"**{place} of 6.** {title}" in words(app)
        assert shown_figures(app), name
        seen.append(app.session_state["necc"].chosen.get("paper-view", "Question"))
        for k, topic in enumerate(told.TELLING if name == "Literature" else (), 1):
            assert f"{title}, question {k} of {len(told.TELLING)}" in words(app)
            assert app.selectbox(key="choice-literature-topic").value == topic and shown_figures(app)
            app = press(app, "Next") if k < len(told.TELLING) else app
        if place < 6:
            app = press(app, "Next")
    assert seen == list(STOPS) == list(told.STOPS) and app.button(key="paper-next").disabled
    assert "The path ends here." in words(app)
    app = press(app, "Back")
    assert app.selectbox(key="choice-literature-topic").value == told.TELLING[-1]
    for _ in range(3 + len(told.TELLING)):
        app = press(app, "Back")
    assert "**1 of 6.**" in words(app) and app.button(key="paper-back").disabled
    assert [b.shortcut for b in (app.button(key="paper-back").proto, app.button(key="paper-next").proto)] == ["b", "n"]


def test_every_stop_and_the_full_tables_have_an_address(app_test):
    assert list(paper.VIEWS) == [*STOPS, "Reproduction", "Audit"]
    for view in ("reproduction", "audit", "literature", "findings"):
        app = visit_address(app_test(), "paper", **{"paper-view": [view]})
        assert not failures(app) and not app.session_state["necc"].messages
    app = visit_address(app_test(), "paper", **{"reproduction-table": ["table-4"]})
    assert "## Table 4" in words(app) and not app.session_state["necc"].messages
    assert app.session_state["necc"].chosen["paper-view"] == "Reproduction"
    for old, view in (("audit", "Audit"), ("literature", "Literature"), ("reproduction", "Reproduction")):
        assert open_page(app_test(), old).session_state["necc"].chosen["paper-view"] == view


def test_the_full_tables_are_one_click_away(app_test):
    app = look_at(open_page(app_test(), "paper"), "paper-view", "doubts")
    app = press(app, "All checks")
    assert any(m.key == "choice-audit-verdicts-shipped" for m in app.multiselect) and not failures(app)
    app = press(look_at(app, "paper-view", "doubts"), "Check another paper")
    assert app.segmented_control(key="choice-audit-view").value == "numbers of any paper" and not failures(app)
    app = press(look_at(app, "paper-view", "findings"), "All cells")
    assert app.selectbox(key="choice-reproduction-table").options and not failures(app)


def test_without_a_patient_and_with_few_columns_each_stop_says_so(app_test, monkeypatch, tmp_path):
    app = app_test(histology="large cell", mixed_component="adenocarcinoma")
    app = open_page(app, "paper")
    for name in STOPS:
        app = look_at(app, "paper-view", name.lower())
        assert not failures(app), name
        assert "No patient meets all of these filters" in words(app) or name == "Doubts"
    path = tmp_path / "few.csv"
    path.write_text("patient_id,prs_months,died\n" + "".join(f"P{i},{i + 2},{i % 2}\n" for i in range(30)))
    monkeypatch.setenv("NECC_DATA", str(path))
    app = open_page(app_test(), "paper")
    for name in STOPS:
        app = look_at(app, "paper-view", name.lower())
        assert not failures(app), name
        assert "no replication" not in words(app), name


# ---------------------------------------------------------------- the numbers
def test_the_flow_is_that_of_the_paper():
    flow = printed_flow(of_this_paper()[0])
    assert [s.n for s in flow.steps] == [126, 107, 99, 88] and [s.n_excluded for s in flow.steps] == [0, 19, 8, 11]
    assert not any(s.surplus for s in flow.steps) and flow.n == 88
    assert told.chosen(flow).startswith("38 of 126 patients were left out.")


def test_each_printed_number_stands_beside_the_computed_one(cohort):
    result = of_the_paper(cohort)
    cells = printed_numbers(result, ["Text, survival"], ["all", "with", "without"])
    assert [c.printed_value for c in cells] == [20.6, 10.4, 66.5]
    figure = figures.printed_beside(cells, what="Survival")
    own, printed = (next(t for t in figure.spec["data"] if t.get("name") == name)
                    for name in ("these patients", "printed in the paper"))  # fmt: skip
    assert printed["x"] == [20.6, 10.4, 66.5]
    assert own["x"] == pytest.approx([c.value for c in cells]) and own["x"][2] == pytest.approx(36.56, abs=0.01)
    assert "2 of 3 figures reproduced" in figure.caption and "printed 66.5" in figure.alt
    for table in result.tables:
        for c in printed_numbers(result, [table], [c.column for c in result.of(table)]):
            assert f"{c.printed_value:g}" == f"{float(c.printed.replace(',', '').lstrip('<')):g}", c.id
    assert figures.printed_beside(()).spec["data"] == []
    ratios = site_ratios(result)
    assert len(ratios) == 8 and all("recur" in c.row for c in ratios)


def test_a_ratio_says_whose_hazard_stands_on_top_and_what_is_counted(cohort):
    ratios = compare_ratios(of_the_paper(cohort))
    named = {c.row: ratio_name(c) for c in ratios}
    assert named["Age (> 50 vs. ≤ 50)"] == "Age, > 50 against ≤ 50"
    assert named["FIGO stage (I + II vs. III + IV)"] == "FIGO stage, III + IV against I + II"
    assert named["Abdominal organs recurrence"] == "Abdominal organs recurrence" and named["LVSI"] == "LVSI"
    sites = "Number of recurrent sites (1 vs. > 1)"
    assert named[sites] == f"{sites}, per 1"
    figure = figures.printed_forest(ratios)
    assert "A row that names no contrast: with it against without." in figure.caption
    narrow = figures.printed_forest(site_ratios(of_the_paper(cohort)), Style(width=360)).to_svg()
    rows = " ".join(html.unescape(text) for text in re.findall(r">([^<>]+)</text>", narrow))
    assert f"{sites}, per 1" in rows
    assert "printed as 1 vs. > 1; computed as 'Recorded number of recurrent lesions, per 1'" in figure.caption
    assert "which reproduces the ratio; as the contrast: " in figure.caption and "2.659 (1.389" in figure.caption
    other = replace(next(c for c in ratios if c.row == sites), coding="> 1 against ≤ 1")
    assert ratio_name(other) == "Number of recurrent sites, > 1 against ≤ 1" and other_coding(other) == ""


def test_what_is_not_reproduced_is_marked_and_named(cohort):
    result = of_the_paper(cohort)
    cells = printed_numbers(result, ["Text, survival"], ["all", "with", "without"])
    unlike = [c for c in cells if c.mark == "differs"]
    figure = figures.printed_beside(cells, what="Survival")
    assert len(unlike) == 1 and "≠ not reproduced: 3-year PRS by abdominal recurrence, without." in figure.caption
    assert figure.to_svg().count(">≠ printed 66.5</text>") == 1
    medians = figures.printed_beside(printed_numbers(result, ["Figure 1", "Figure 2"], ["with", "without"]))
    assert "Abdominal organs, with" in medians.alt and "A Abdominal" not in medians.alt


def test_the_gravest_checks_come_first_and_once_each(report):
    order = report.gravest()
    assert len(order) == report.counts["inconsistent"] + report.counts["doubtful"] == len(set(map(id, order)))
    assert [c.kind for c in order[:2]] == ["survival and median", "medians and hazard"]
    for kind in {c.kind for c in order}:
        verdicts = [c.verdict for c in order if c.kind == kind]
        assert verdicts == sorted(verdicts, reverse=True)  # inconsistent before doubtful
    assert report.gravest(3) == order[:3]


def test_a_page_of_doubts_pictures_the_gravest_of_each_kind(app_test, report):
    app = look_at(open_page(app_test(), "paper"), "paper-view", "doubts")
    kinds = list(dict.fromkeys(c.kind for c in report.gravest() if c.shown and len(c.shown.marks) <= MOST_MARKS))
    shown = shown_figures(app)
    assert len(shown) == min(MOST_PICTURES, len(kinds)) and not failures(app)
    assert [f.headline.rpartition(": ")[2] for f in sorted(shown, key=lambda f: kinds.index(
        f.headline.rpartition(": ")[2]))] == kinds[: len(shown)]  # fmt: skip
    assert "26 are inconsistent and 20 doubtful" in words(app)


# ---------------------------------------------------------------- the answers
def test_the_findings_answer_the_question_with_the_numbers_of_the_results(cohort):
    grid, ratios = survival_grid(cohort, "PRS"), site_ratios(of_the_paper(cohort))
    said = told.answer(grid, ratios)
    raw = [p.by_label for p in grid.panels if p.test.p < 0.05]
    assert raw == ["Abdominal organs", "Pelvic organs"] and f"at {len(raw)} of 8 sites: " in said
    assert "Abdominal organs (hazard ratio 2.38 (1.22–4.63), p = 0.009, adjusted p = 0.071)" in said
    assert said.endswith("Adjusted for 8 tests (Holm), none stays below 0.05.")
    sure = replace(grid, p_adjusted=(0.5, 0.001, *grid.p_adjusted[2:]))
    assert told.answer(sure, ratios).endswith("Abdominal organs stays below 0.05.")
    nothing = replace(grid, panels=grid.panels[3:], p_adjusted=grid.p_adjusted[3:])
    assert "of 5 sites none has a p below 0.05" in told.answer(nothing, ratios)
    assert "no site could be tested" in told.answer(replace(grid, panels=(), p_adjusted=()), ratios)


def test_whether_it_holds_is_answered_by_counting(cohort):
    ratios = compare_ratios(of_the_paper(cohort))
    said = told.holding(ratios)
    assert "Of 25 hazard ratios printed with an interval, 24 can be computed in these patients; 24 of them lie" in said
    assert "6 of the printed intervals exclude 1; 6 of these are found again" in said
    turned = [replace(c, own=Estimate(0.5, 0.2, 0.9), verdict="opposite direction") if c.row.startswith("Abdominal")
              else c for c in ratios]  # fmt: skip
    assert "22 of them lie on the same side" in told.holding(turned) and "4 of these are found again" in told.holding(
        turned
    )
    assert "none can be computed" in told.holding([replace(c, own=None) for c in ratios])
    counted = {
        "no direction to hold, as the printed interval includes 1": 18,
        "found again": 6,
        "cannot be computed": 1,
    }
    assert verdicts(ratios).lower() == "; ".join(f"{v}: {n}" for v, n in counted.items()) + "."
    table = ratio_table(ratios)
    assert not any(str(cell) == "no direction" for row in table.rows for cell in row)


def test_a_question_of_the_literature_is_counted_alone_and_names_what_is_contradicted(cohort):
    result = of_the_literature(cohort)
    for topic in result.topics:
        said, shown = told.of_question(result, topic), result.of(topic)
        for s in result.standings:
            named = s.fact.statement.rstrip(".") in said
            assert named is (s.verdict == "contradicted" and s in shown)
        outside = sum(s.verdict == "outside" for s in shown)
        assert "can be set against" in said and (f"{outside} lie" in said or "No published figure" in said)
    assert "contradicts 1 statement on this question: 'Brain metastases were seen only" in told.of_question(
        result, "Brain"
    )


def test_with_a_filter_each_stop_that_compares_says_so_and_leads_back(app_test):
    app = open_page(app_test(histology="large cell"), "paper")
    n = len(app.session_state["necc"].cohort)
    for name in ("patients", "findings", "literature", "yours"):
        app = look_at(app, "paper-view", name)
        assert f"A filter is on: these are {n} of 88 patients; the paper's figures are of all 88." in words(app), name
        assert not failures(app)
    app = app.button(key="paper-unfilter").click().run()
    assert "A filter is on" not in words(app) and not app.session_state["necc"].selection
    app = app.button(key="undo").click().run()
    assert f"these are {n} of 88" in words(app) and not failures(app)
    assert told.filtered(3, 40, 88, sample=False).endswith("of its own 88.")


# ---------------------------------------------------------------- pictures of checks
def shown_of(**claim) -> Shown:
    checks = audit(*read_claims({"claim": [{"id": "t", **claim}]})).checks
    return next(c.shown for c in checks if c.shown)


def marks(shown: Shown) -> dict[str, float]:
    return {m.label: m.value for m in shown.marks}


def test_what_is_shown_is_what_is_printed_and_what_follows():
    found = shown_of(kind="survival", median="26.6", time="36", survival="66.5")
    assert found.scale == "curve" and [(m.at, m.value) for m in found.marks] == [(26.6, 50.0), (36.0, 66.5)]
    found = shown_of(kind="ratio", ratio="1.406", ci=["0.739", "2.677"], p="0.229")
    printed, follows = found.marks
    assert (printed.low, printed.high) == (0.739, 2.677) and printed.origin == "printed"
    # z of p = 0.229 is 1.2029: the interval would be exp(ln 1.406 -+ 1.96 * ln 1.406 / 1.2029)
    assert (follows.low, follows.high) == pytest.approx((0.8069, 2.4499), rel=2e-3)
    found = shown_of(kind="percentage", n=2, of=88, pct="4.5")
    assert marks(found)["2 of 88"] == pytest.approx(100 * 2 / 88) and marks(found)["as printed"] == 4.5
    found = shown_of(kind="sum", parts=[50, 22, 0, 2], total=88)
    assert marks(found) == {"total as printed": 88, "sum of the counts": 74}
    found = shown_of(kind="two_by_two", n=[8, 26], of=[33, 55], p="0.032")
    assert marks(found)["Yates"] > 0.05 > marks(found)["Fisher"] and found.line == 0.05
    found = shown_of(kind="medians", median="18.0", reference="15.5", ratio="1.955", ci=["1.017", "3.760"])
    assert marks(found)["first group, by a ratio of 1.955"] == pytest.approx(15.5 / 1.955)


def test_consistent_figures_have_no_picture(report):
    assert all(c.shown is None for c in report.of("consistent"))
    figure = figures.audit_picture(report.of("consistent")[0])
    assert figure.spec["data"] == [] and figure.alt == "No picture shows more of this than the words."


@pytest.mark.parametrize("style", [Style(), Style("dark", "presentation"), Style(size="print"), Style(width=380)])
def test_every_picture_of_a_check_is_drawn_with_all_its_numbers(report, style):
    for check in report.checks:
        if check.shown is None:
            continue
        figure = figures.audit_picture(check, style)
        svg = figure.to_svg(background=True)
        assert "nan" not in svg and figure.caption.startswith(check.explanation[:40])
        assert all(mark.label in figure.alt or mark.label.lower() in figure.alt.lower() for mark in check.shown.marks)
        points = sum(len(t["x"]) for t in figure.spec["data"] if t.get("mode") == "markers" and "name" in t)
        assert check.shown.scale == "curve" or points == len(check.shown.marks)


# ---------------------------------------------------------------- pictures of the literature
def test_each_published_number_is_drawn_with_the_cohort_s_own(cohort):
    result = of_the_literature(cohort)
    drawn = {name: 0 for name in ("literature_forest", "literature_ratios", "literature_dots")}
    for topic in result.topics:
        for name in drawn:
            figure = getattr(figures, name)(result, topic=topic)
            points = [(x, t["name"]) for t in figure.spec["data"] if "name" in t for x in t["x"]]
            drawn[name] += sum("published" in n for _, n in points)
            assert all(text in figure.alt for text in re.findall(r"[\d.]+ \([\d.]+–[\d.]+\)", figure.alt))
    facts = [s.fact for s in result.standings if s.fact.low is not None]
    assert drawn["literature_forest"] == sum(f.unit == "%" for f in facts) > 40
    assert drawn["literature_ratios"] == sum(f.is_ratio for f in facts)
    assert drawn["literature_dots"] == sum(f.unit == "months" for f in facts) > 10
    brain = figures.literature_forest(result, topic="Brain")
    own = next(t for t in brain.spec["data"] if t.get("name") == "these patients")
    assert any(x == pytest.approx(100 * 7 / 88, abs=1e-5) for x in own["x"])
    assert "7 of 88: 8.0 (3.3–15.7)" in brain.alt


# ---------------------------------------------------------------- in a browser
@pytest.mark.timeout(240)
def test_a_newcomer_goes_through_the_paper_by_next_alone(browser, server):
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page: Page = context.new_page()
    page.goto(server.url)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)  # the server may be a cold one
    visit(page, server, "/paper?histology=small+cell")
    for place, (name, title) in enumerate(told.STOPS.items(), 1):
        path = page.locator(".st-key-paper-path")
        expect(path).to_contain_text(f"{place} of 6. {title}")
        picture = page.locator(PICTURE).first
        expect(picture).to_be_visible()
        settled(page)
        box = picture.bounding_box()
        assert 0 < box["y"] < 480 and box["x"] + box["width"] <= 1366, name
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") < TALLEST, name
        if place == 2:
            page.keyboard.press("n")  # the keys are those on the buttons
        for k in range(1, len(told.TELLING) if name == "Literature" else 1):
            page.get_by_role("button", name="Next").click()
            expect(path).to_contain_text(f"question {k + 1} of {len(told.TELLING)}")
            settled(page)
            height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
            assert height < TALLEST, (name, k)
        if place not in (2, 6):
            page.get_by_role("button", name="Next").click()
    assert "histology=small+cell" in page.url
    page.keyboard.press("b")
    expect(page.locator(".st-key-paper-path")).to_contain_text("5 of 6.")
    context.close()
