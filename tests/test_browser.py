"""The dashboard in a real browser: what a person does, and what leaves this machine (nothing)."""

from __future__ import annotations

import csv
import io
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import ROOT
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from necc.analysis.recurrence import site_distribution
from necc.analysis.survival import kaplan_meier, survival_grid
from necc.core.selection import Selection
from necc.core.text import format_estimate, format_number, format_p
from necc.ingest import read_cohort
from necc.present import tables

pytestmark = pytest.mark.timeout(120)
SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
MINE = b"patient_id,histology,prs_months,died,recurrence_sites,marker\n" + b"".join(
    b"SECRET-%03d,%s,%d.5,%d,%s,%s\n"
    % (
        i,
        [b"small cell", b"large cell"][i % 2],
        i + 1,
        i % 3 == 0,
        [b"lung", b"bone; liver"][i % 2],
        b"ab"[i % 2 : i % 2 + 1],
    )
    for i in range(40)
)


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLE)


def open_page(page: Page, server, path: str = "/") -> None:
    page.goto(server.url + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)


def settled(page: Page) -> None:
    """Waits until the script has run and nothing more is drawn."""
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'running'"
        " && !document.querySelector('[data-stale=true]')"
    )
    time.sleep(0.25)


def left(page: Page) -> str:
    """`31 of 88 patients`."""
    return re.match(r"[\d,]+ of [\d,]+ patients?", page.locator(".necc-who").inner_text())[0]


def expect_left(page: Page, text: str) -> None:
    expect(page.locator(".necc-who")).to_have_text(re.compile(rf"^{text}\b"))
    settled(page)


def upload(page: Page, name: str, data: bytes) -> None:
    page.locator("[data-testid=stSidebar] input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )


def choose(page: Page, key: str, option: str) -> None:
    page.locator(f".st-key-choice-{key}").get_by_role("combobox").click()
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def table_rows(page: Page, key: str) -> list[list[str]]:
    rows = page.locator(f".st-key-card-table-{key} tbody tr")
    expect(rows.first).to_be_visible()
    return rows.evaluate_all("rows => rows.map(r => [...r.children].map(c => c.innerText.trim()))")


def saved(page: Page, button) -> tuple[str, bytes]:
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


# ---------------------------------------------------------------- the first visit
def test_deep_link_on_a_cold_server_asks_no_outside_host(page, start_server):
    """The first request of all is a page that is not the first: it has its frame, its filters and its data."""
    server = start_server()
    open_page(page, server, "/survival?histology=large+cell")
    expect(page.get_by_role("heading", level=1)).to_have_text("Survival")
    expect_left(page, "8 of 88 patients")
    expect(page.get_by_role("button", name="Histology: large cell")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Histology: large cell")).to_be_checked()
    for name in ("Sites", "Treatment", "Data"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        settled(page)
        expect_left(page, "8 of 88 patients")
    assert page.hosts_seen == {urlsplit(server.url).hostname}
    log = server.log.read_text()
    assert "Traceback" not in log and "SYN-" not in log


# ---------------------------------------------------------------- the main job
def test_upload_filter_and_read_the_numbers(page, server):
    own = read_cohort(MINE, "mine.csv")
    open_page(page, server, "/survival")
    upload(page, "mine.csv", MINE)
    expect_left(page, "40 of 40 patients")
    expect(page.get_by_text("Synthetic data")).to_have_count(0)
    page.get_by_role("checkbox", name="Histology: small cell").check()
    expect_left(page, "20 of 40 patients")
    choose(page, "by", "Site: Lung")
    few = Selection.parse(["histology=small cell"]).apply(own)
    km = kaplan_meier(few, "PRS", "site:lung")
    shown = {row[0]: row for row in table_rows(page, "prs-by-site-lung-summary")}
    for curve in km.curves:
        row = shown[curve.name]
        assert row[1] == str(curve.n)
        assert row[2].startswith(f"{curve.n_events_total} ")
        assert row[3] == format_estimate(curve.median.value, curve.median.lower, curve.median.upper)
    assert "SECRET" not in page.url and "SECRET" not in server.log.read_text()


def test_named_address_of_the_first_page(page, start_server):
    """`/data` is the first page, with its filters, also on a cold server; no dialog says that it isn't there."""
    server = start_server()
    for _ in ("cold", "warm"):
        open_page(page, server, "/data?histology=large+cell")
        expect(page.get_by_role("heading", level=1)).to_have_text("Data")
        expect_left(page, "8 of 88 patients")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert urlsplit(page.url)[2:4] == ("/", "histology=large+cell")


def test_filters_of_the_sample_give_the_core_s_numbers(page, server, cohort):
    open_page(page, server, "/sites")
    page.get_by_role("checkbox", name="FIGO stage (2018), main: III", exact=True).check()
    page.get_by_text("Treatment after recurrence").click()
    page.get_by_role("checkbox", name="Immune checkpoint inhibitor: yes").check()
    few = Selection.parse(["figo_stage=III", "ici=yes"]).apply(cohort)
    expect_left(page, f"{len(few)} of 88 patients")
    rows = {row[0]: row for row in table_rows(page, "recurrence-sites")}
    for site in site_distribution(few).sites:
        assert rows[site.label][1] == str(site.n)
        assert rows[site.label][3] == f"{100 * site.proportion.value:.1f}"
    assert re.search(r"figo_stage=III&ici=yes", page.evaluate("location.search"))


def test_grid_and_its_focus(page, server, cohort):
    open_page(page, server, "/survival")
    choose(page, "by", "every site at once")
    grid = survival_grid(cohort, "PRS")
    expect(page.locator("svg [data-site]")).to_have_count(len(grid.panels))
    assert f"adj. {format_p(grid.p_adjusted[0])}" in page.locator("svg [data-site=lung]").text_content()
    page.locator("svg [data-site=lung]").click()
    expect(page.get_by_role("heading", name="Post-recurrence survival: Lung")).to_be_visible()
    settled(page)
    page.locator("svg [data-site=bone]").press("Enter")
    expect(page.get_by_role("heading", name="Post-recurrence survival: Bone")).to_be_visible()


def picture(page: Page, key: str):
    """A figure of this name; its marks are in it."""
    shown = page.locator(f".st-key-figure-figure-{key} .frame")
    expect(shown.locator("svg")).to_be_visible()
    return shown


def mark(shown, pick: str):
    """What a click on filters by a condition: the topmost place of it."""
    return shown.locator(f'[data-pick="{pick}"]').last


def tip(page: Page):
    return page.locator(".tip:not([hidden])")


def test_click_on_a_bar_filters(page, server):
    open_page(page, server, "/sites")
    shown = picture(page, "recurrence-sites")
    mark(shown, "site:lung=with").hover()
    expect(tip(page)).to_contain_text("34 of 88")
    mark(shown, "site:lung=with").click()
    expect(page.get_by_role("button", name=re.compile("Lung: with"))).to_be_visible()
    expect_left(page, "34 of 88 patients")
    expect(shown.locator('[role=button][data-pick="site:lung=with"]')).to_have_attribute("aria-pressed", "true")
    mark(shown, "site:lung=with").click()
    expect_left(page, "88 of 88 patients")


def test_click_on_a_segment_a_curve_and_a_lane_filters(page, server, cohort):
    open_page(page, server, "/survival?by=site%3Alung")
    curve = picture(page, "prs-by-site-lung").locator('[data-points][data-pick="site:lung=with"]').first
    curve.scroll_into_view_if_needed()
    x, y, *told = curve.evaluate(
        """curve => { const [x, y, ...told] = curve.dataset.points.split(';')[5].split('|');
        const at = new DOMPoint(x, y).matrixTransform(curve.getScreenCTM()); return [at.x + 1, at.y, ...told] }"""
    )
    page.mouse.move(x, y)
    expect(tip(page)).to_contain_text(f"{told[0]} months: {told[1]} (95 % CI {told[2]})")
    expect(tip(page)).to_contain_text(f"at risk {told[3]}")
    page.mouse.click(x, y)
    expect_left(page, "34 of 88 patients")
    page.get_by_role("link", name="Treatment", exact=True).click()
    page.get_by_role("button", name="Reset").click()
    expect_left(page, "88 of 88 patients")
    segment = picture(page, "response-best-by-site-lung").locator('[data-pick$="best_response=PR"]').first
    expected = Selection.parse(segment.get_attribute("data-pick").split("\n")).apply(cohort)
    segment.click()
    expect_left(page, f"{len(expected)} of 88 patients")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("radio", name="Each patient").click()
    settled(page)
    picture(page, "ici-swimmer").locator(".area").nth(2).click()
    expect_left(page, "1 of 88 patients")
    assert "picked=" not in page.url  # a position points at a person


def test_marks_are_met_and_chosen_by_the_keyboard(page, server):
    """One tab stop a figure; arrows go on, Enter chooses, Escape hides what is told."""
    open_page(page, server, "/sites")
    shown = picture(page, "recurrence-sites")
    expect(shown.locator('[tabindex="0"]')).to_have_count(1)
    shown.locator('[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    expect(tip(page)).to_contain_text("Abdominal organs")
    page.keyboard.press("Escape")
    expect(tip(page)).to_have_count(0)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect_left(page, "34 of 88 patients")
    shown.locator('[tabindex="0"]').focus()
    page.keyboard.press("Space")
    expect_left(page, "88 of 88 patients")


def test_dragging_along_the_time_axis_chooses_a_range(page, server, cohort):
    open_page(page, server, "/survival")
    area = picture(page, "prs").locator(".drag")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.1 * box["width"], y)
    page.mouse.down()
    for share in (0.2, 0.3, 0.5):
        page.mouse.move(box["x"] + share * box["width"], y)
    expect(tip(page)).to_contain_text(" to ")
    low, high = map(float, re.search(r"([\d.]+) to ([\d.]+)", tip(page).inner_text()).groups())
    page.mouse.up()
    expected = Selection.parse([f"prs_months={low:g}..{high:g}"]).apply(cohort)
    assert 0 < len(expected) < len(cohort)
    expect_left(page, f"{len(expected)} of 88 patients")
    page.get_by_role("button", name="Reset").click()
    expect_left(page, "88 of 88 patients")
    area.focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    low, high = map(float, re.search(r"([\d.]+) to ([\d.]+)", tip(page).inner_text()).groups())
    page.keyboard.press("Enter")
    expect_left(page, f"{len(Selection.parse([f'prs_months={low:g}..{high:g}']).apply(cohort))} of 88 patients")


def test_a_figure_is_enlarged_to_zoom(page, server):
    open_page(page, server, "/survival")
    expect(page.locator(".js-plotly-plot")).to_have_count(0)
    page.get_by_role("button", name="Enlarge").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".js-plotly-plot .xtick text").first).to_be_visible()
    reach = (
        "() => { const [low, high] = document.querySelector('.js-plotly-plot').layout.xaxis.range; return high - low }"
    )
    before = page.evaluate(reach)
    box = dialog.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    page.mouse.up()
    time.sleep(0.5)
    assert page.evaluate(reach) < 0.5 * before


FIRST = """svg => {
  const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width
  const type = Math.min(...[...svg.querySelectorAll('text')].map(t => t.getAttribute('font-size') * scale))
  const scrolled = document.querySelector('[data-testid=stMain]').scrollTop
  return [box.bottom + scrolled, box.width, svg.parentElement.clientWidth, type]
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("width", "height", "view"), [(1366, 768, ""), (1280, 720, "&view=presentation"), (1920, 1080, "")]
)
def test_the_first_figure_is_whole_in_the_window_and_legible(browser, server, width, height, view, scheme):
    """With its legend, axis and numbers at risk; where there is more room it grows to its place's width."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    for path in ("/survival?by=site%3Alung", "/survival?by=figo_stage", "/sites?", "/sites?sites-view=combinations"):
        open_page(page, server, path + view)
        first = page.locator(".frame svg").first
        expect(first).to_be_visible()
        time.sleep(0.5)
        bottom, wide, room, type_ = first.evaluate(FIRST)
        assert bottom <= height + 1 and type_ >= 10 - 0.05, path
        page.set_viewport_size({"width": width, "height": height + 900})
        time.sleep(0.5)
        assert first.evaluate(FIRST)[1] >= max(wide, room - 1), path
        page.set_viewport_size({"width": width, "height": height})
    context.close()


# ---------------------------------------------------------------- the way back
def test_undo_chips_reset_and_back(page, server):
    open_page(page, server, "/survival")
    page.get_by_role("checkbox", name="Histology: small cell").check()
    expect_left(page, "71 of 88 patients")
    page.get_by_role("checkbox", name="Histology: large cell").check()
    expect_left(page, "79 of 88 patients")
    page.keyboard.press("Control+z")
    expect_left(page, "71 of 88 patients")
    expect(page.get_by_role("checkbox", name="Histology: large cell")).not_to_be_checked()
    page.get_by_role("checkbox", name="FIGO stage (2018), main: missing").check()
    settled(page)
    page.get_by_role("button", name=re.compile("^close Histology|Histology: small cell")).click()
    expect_left(page, "8 of 88 patients")
    page.get_by_role("button", name="Reset").click()
    expect_left(page, "88 of 88 patients")
    page.go_back()
    expect_left(page, "8 of 88 patients")


def test_quick_clicks_are_all_kept(page, server):
    open_page(page, server)
    for name in (
        "Histology: large cell",
        "Histology: NEC NOS",
        "FIGO stage (2018), main: I",
        "FIGO stage (2018), main: III",
    ):
        page.get_by_role("checkbox", name=name, exact=True).check(no_wait_after=True)
    few = Selection.parse(["histology=large cell,NEC NOS", "figo_stage=I,III"]).apply(read_cohort(SAMPLE))
    expect_left(page, f"{len(few)} of 88 patients")


def test_range_filter_and_missing(page, server, cohort):
    open_page(page, server)
    page.get_by_label("Add a filter").select_option(label="Primary tumour size")
    low = page.get_by_label("Primary tumour size, from")
    low.fill("4")
    low.press("Enter")
    values = cohort.number("tumor_size_cm")
    missing = int((values != values).sum())
    expect_left(page, f"{int((values >= 4).sum()) + missing} of 88 patients")
    page.get_by_role("checkbox", name="Primary tumour size: keep missing").uncheck()
    expect_left(page, f"{int((values >= 4).sum())} of 88 patients")


def test_copied_link_reproduces_the_filters(page, server):
    open_page(page, server, "/survival")
    page.get_by_role("checkbox", name="Histology: NEC NOS").check()
    expect_left(page, "9 of 88 patients")
    page.get_by_role("button", name="Link").click()
    link = page.locator("[data-testid=stPopoverBody] code").inner_text()
    assert link.startswith(server.url) and "histology=NEC" in link
    page.goto(link)
    expect_left(page, "9 of 88 patients")


def expect_chosen(page: Page, key: str, option: str) -> None:
    expect(page.locator(f".st-key-choice-{key}").get_by_role("combobox")).to_have_value(option)
    settled(page)


def test_address_back_forward_and_reload_keep_the_choices(browser, page, server):
    """Choices stand beside the filters; the browser's buttons, a reload and another visitor get them back."""
    open_page(page, server, "/survival?histology=small+cell")
    few = left(page)
    choose(page, "by", "Site: Lung")
    choose(page, "endpoint", "Overall survival")
    page.wait_for_url("**endpoint=OS**")
    settled(page)
    assert "by=site%3Alung" in page.url and "histology=small+cell" in page.url
    other = browser.new_context().new_page()
    open_page(other, server, page.url.removeprefix(server.url))
    for one in (page, other):
        expect_left(one, few)
        expect_chosen(one, "by", "Site: Lung")
        expect(one.get_by_role("heading", name="Overall survival")).to_have_count(1)
    other.context.close()
    page.go_back()
    expect(page.get_by_role("heading", name="Post-recurrence survival")).to_have_count(1)
    expect_chosen(page, "by", "Site: Lung")
    page.go_back()
    expect_chosen(page, "by", "all patients together")
    expect_left(page, few)
    page.go_forward()
    expect_chosen(page, "by", "Site: Lung")
    page.reload()
    expect_chosen(page, "by", "Site: Lung")
    expect_left(page, few)


def test_back_to_another_page_brings_its_filters_and_choices(page, server):
    open_page(page, server, "/survival?by=site%3Alung&histology=large+cell")
    page.get_by_role("link", name="Sites", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sites")
    expect_left(page, "8 of 88 patients")
    page.get_by_role("button", name="Reset").click()
    expect_left(page, "88 of 88 patients")
    while "/sites" in page.url:
        page.go_back()
        settled(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Survival")
    expect_left(page, "8 of 88 patients")
    expect_chosen(page, "by", "Site: Lung")


def test_site_in_focus_stands_in_the_address(page, server):
    """A part that is redrawn by itself tells the address what is chosen in it, and leaves Back to work."""
    open_page(page, server, "/survival?by=all-sites")
    page.locator("svg [data-site=bone]").press("Enter")
    page.wait_for_url("**site-in-focus=bone**")
    settled(page)
    page.get_by_role("button", name="Link").click()
    assert "site-in-focus=bone" in page.locator("[data-testid=stPopoverBody] code").inner_text()
    page.keyboard.press("Escape")
    page.go_back()
    expect_chosen(page, "site-in-focus", "none")
    page.go_forward()
    expect_chosen(page, "site-in-focus", "Bone")


def test_address_of_nobody_reproduces_the_filters(browser, page, server):
    """A page that stops because nobody is left has told the browser its filters all the same."""
    open_page(page, server, "/survival?histology=large+cell")
    page.get_by_role("checkbox", name="FIGO stage (2018), main: II", exact=True).check()
    expect_left(page, "0 of 88 patients")
    expect(page.get_by_text("No patient meets all of these filters")).to_be_visible()
    other = browser.new_context().new_page()
    open_page(other, server, page.url.removeprefix(server.url))
    expect_left(other, "0 of 88 patients")
    for one in (page, other):
        for filtered in ("Histology: large cell", "FIGO stage (2018), main: II"):
            expect(one.locator(".st-key-necc-bar").get_by_role("button", name=filtered)).to_be_visible()
    other.context.close()
    page.go_back()
    expect_left(page, "8 of 88 patients")


# ---------------------------------------------------------------- bad files
def test_bad_file_keeps_the_earlier_cohort(page, server):
    open_page(page, server)
    upload(page, "mine.csv", MINE)
    expect_left(page, "40 of 40 patients")
    for name, data in (
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("empty.csv", b""),
        ("bad.csv", b"patient_id,died\nA,1\nA,0\n"),
    ):
        upload(page, name, data)
        expect(page.locator("[data-testid=stSidebar]").get_by_text(f"{name} was not loaded")).to_be_visible()
        expect_left(page, "40 of 40 patients")
    expect(page.locator(".st-key-card-table-findings tbody tr").first).to_be_visible()
    assert "Traceback" not in page.content() + server.log.read_text()


# ---------------------------------------------------------------- take away
def test_downloads(page, server, cohort):
    open_page(page, server, "/survival?histology=small+cell")
    card = page.locator(".st-key-card-figure-prs")
    card.get_by_role("button", name="Download").click()
    files = page.locator(".st-key-files-figure-prs")
    fonts = page.evaluate("async () => (await document.fonts.load(\"12px 'DejaVu Sans'\")).length")
    assert fonts == 1  # the page brings the figures' typeface along
    name, svg = saved(page, files.get_by_role("button", name="SVG"))
    assert name == "prs_sample_histology-small-cell.svg"
    assert svg.startswith(b"<svg") and b"Post-recurrence survival" in svg
    name, png = saved(page, files.get_by_role("button", name="PNG"))
    assert name.endswith(".png") and png.startswith(b"\x89PNG")
    page.get_by_role("radio", name="84").click()
    page.locator(".st-key-print-grey-figure-prs label").first.click()
    page.wait_for_timeout(300)
    settled(page)  # a click while the page is drawn anew asks for nothing
    name, pdf = saved(page, files.get_by_role("button", name="PDF"))
    (sheet,) = PdfReader(io.BytesIO(pdf)).pages
    assert name.endswith(".pdf") and float(sheet.mediabox.width) / 72 * 25.4 == pytest.approx(84, abs=0.2)
    name, tiff = saved(page, files.get_by_role("button", name="TIFF"))
    with Image.open(io.BytesIO(tiff)) as image:
        assert image.info["dpi"] == (300, 300) and image.width == pytest.approx(84 / 25.4 * 300, abs=4)
    page.keyboard.press("Escape")
    name, data = saved(page, page.locator(".st-key-card-table-prs-summary").get_by_role("button", name="CSV"))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    km = kaplan_meier(Selection.parse(["histology=small cell"]).apply(cohort), "PRS")
    assert name.endswith("_sample_histology-small-cell.csv")
    notes = (*tables.survival_summary(km).notes, cohort.source.notice)
    assert notes and [row[0] for row in rows[-len(notes) :]] == list(notes)
    assert rows[1][1] == str(km.n) and rows[1][3].startswith(format_number(km.curves[0].median.value, 1))


def test_copy_pastes_with_headers_and_notes(page, server, cohort):
    origin = server.url
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
    open_page(page, server, "/sites")
    card = page.locator(".st-key-card-table-recurrence-sites")
    card.get_by_role("button", name="Copy").click()
    expect(card.get_by_text("copied")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.splitlines()[0].split("\t")[:2] == ["Site", "Patients"]
    assert "Lung\t34" in text
    assert all(note in text for note in tables.site_table(site_distribution(cohort)).notes)
    pasted = page.evaluate(
        "navigator.clipboard.read().then(items => items[0].getType('text/html')).then(blob => blob.text())"
    )
    assert "Clopper-Pearson" in pasted and "<caption" in pasted
    kinds = page.evaluate("navigator.clipboard.read().then(items => items[0].types)")
    assert "text/html" in kinds


def test_copy_runs_no_formula_of_a_file(page, server):
    """A level that a spreadsheet would run is text on the clipboard, in its HTML as in its plain form."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    open_page(page, server)
    upload(page, "mine.csv", MINE.replace(b",b\n", b',"=HYPERLINK(""http://x"")"\n'))
    expect_left(page, "40 of 40 patients")
    page.get_by_role("link", name="Survival", exact=True).click()
    choose(page, "by", "marker")
    card = page.locator(".st-key-card-table-prs-by-marker-summary")
    card.get_by_role("button", name="Copy").click()
    expect(card.get_by_text("copied")).to_be_visible()
    pasted = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const text = async (kind) => (await item.getType(kind)).text();
            const html = new DOMParser().parseFromString(await text("text/html"), "text/html");
            const cells = [...html.querySelectorAll("caption, th, td, p")].map((cell) => cell.textContent);
            return { cells, plain: await text("text/plain") };
        }"""
    )
    cells = [*pasted["cells"], *(cell for line in pasted["plain"].splitlines() for cell in line.split("\t"))]
    assert cells.count('\'=HYPERLINK("http://x")') == 2  # once in each form
    assert not [cell for cell in cells if cell.strip()[:1] in ("=", "+", "@")]


def test_template_reads_back(page, server):
    open_page(page, server)
    name, data = saved(page, page.get_by_role("button", name="Template"))
    assert name == "necc-template.csv"
    assert data.decode("utf-8-sig").startswith("patient_id,age_years,histology")


# ---------------------------------------------------------------- presentation
def present(page: Page, what: str) -> None:
    page.get_by_role("button", name="Present", exact=True).click()
    page.get_by_role("button", name=what, exact=True).click()


def test_presentation_hides_controls_and_identifiers(page, server):
    open_page(page, server)
    upload(page, "mine.csv", MINE)
    expect_left(page, "40 of 40 patients")
    page.get_by_role("link", name="Survival", exact=True).click()
    settled(page)
    present(page, "This page")
    expect(page.get_by_role("button", name="Exit")).to_be_visible()
    settled(page)
    expect(page.locator("[data-testid=stSidebar]")).to_be_hidden()
    expect(page.locator("input[type=file]")).to_have_count(0)
    expect(page.get_by_role("button", name="Download")).to_have_count(0)
    expect(page.get_by_role("combobox")).to_have_count(0)
    assert "SECRET" not in page.content()
    assert "view=presentation" in page.evaluate("location.search")
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid=stSidebar]")).to_be_visible()
    expect_left(page, "40 of 40 patients")


def test_the_browser_s_way_back_leaves_the_presentation(page, server):
    open_page(page, server, "/survival")
    choose(page, "by", "Site: Lung")
    page.wait_for_url("**by=site%3Alung*")  # what the way back leads to
    present(page, "This page")
    expect(page.get_by_role("button", name="Exit")).to_be_visible()
    settled(page)
    page.go_back()
    expect(page.get_by_role("combobox", name="By")).to_be_visible()
    expect(page.get_by_role("button", name="Exit")).to_have_count(0)
    settled(page)
    assert urlsplit(page.url).query == "by=site%3Alung"
    page.go_forward()
    expect(page.get_by_role("button", name="Exit")).to_be_visible()


def test_dark_and_narrow(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    open_page(page, server, "/survival")
    expect_left(page, "88 of 88 patients")
    background, color = page.evaluate(
        "() => { const s = getComputedStyle(document.querySelector('[data-testid=stApp]'));"
        " return [s.backgroundColor, s.color] }"
    )
    assert background == "rgb(16, 20, 24)" and color == "rgb(232, 236, 240)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


OVERLAPPING = """() => [...document.querySelectorAll('[class*="st-key-figure-"]')].flatMap(figure => {
  const inside = [...figure.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('svg')).find(e => e);
  const svg = figure.querySelector('svg') ?? inside;
  const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim() && !t.getAttribute('transform'))
    .map(t => [t.textContent, t.getBoundingClientRect()]);
  return texts.flatMap(([a, p], i) => texts.slice(i + 1).filter(([b, q]) =>
    Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 &&
    Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 4
  ).map(([b]) => a + ' over ' + b)) })"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('[class*="st-key-figure-"]')].flatMap(figure => {
  const inside = [...figure.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('svg')).find(e => e);
  const svg = figure.querySelector('svg') ?? inside;
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll('text')].map(t => t.getAttribute('font-size') * scale) }))"""


@pytest.mark.parametrize(
    "path", ["/sites", "/survival", "/treatment", "/regression", "/competing", "/treatment?treatment-view=timing"]
)
def test_no_text_overlaps_on_a_phone(browser, server, path):
    """Figures scroll sideways before their type is too small to read."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    open_page(page, server, path)
    expect(page.locator(".frame svg").first).to_be_attached()
    time.sleep(0.5)
    assert page.evaluate(OVERLAPPING) == [] and page.evaluate(SMALLEST) >= 9.9
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
