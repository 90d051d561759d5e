"""A day in the workshop, in a real browser: edit, shape a figure, keep it, restart the server, and find it again."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from test_browser import choose, expect_left, open_page, saved, settled, upload

from necc.project import Project

pytestmark = pytest.mark.timeout(240)
ROWS = "".join(
    f"W{i:03d},{('small cell', 'SCNEC', 'large cell')[i % 3]},{35 + i % 40},{i % 37 + 0.5},{int(i % 3 != 1)},"
    f"{('lung', 'bone; liver', 'brain')[i % 3]}\n"
    for i in range(60)
)
OWN = f"patient_id,tumour_kind,age_years,prs_months,died,recurrence_sites\n{ROWS}".encode()
ROW, HEAD = 35, 35  # heights in the grid of levels


def view(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settled(page)


def menu(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    settled(page)


def read_as(page: Page, row: int, level: str) -> None:
    """Types another name of a level into the grid."""
    grid, typed = page.locator(".st-key-edit-form canvas").first, page.locator("#portal input, #portal textarea")
    for _ in range(20):  # a grid that is drawn anew has forgotten the cell
        box = grid.bounding_box()
        page.mouse.click(box["x"] + 410, box["y"] + HEAD + ROW // 2 + row * ROW)
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        if typed.count():
            break
    typed.fill(level)
    page.keyboard.press("Enter")
    settled(page)


def figure_of(page: Page) -> str:
    """The picture of the curves as it stands on the page."""
    shown = page.locator("[class*=st-key-figure-] svg").first
    expect(shown).to_be_visible()
    return shown.evaluate("svg => svg.outerHTML")


def shown(page: Page) -> tuple[str, list[str]]:
    """The figure and the tables of the view on curves."""
    menu(page, "Survival")
    tables = page.locator(".necc-scroll table")
    expect(tables.first).to_be_visible()
    settled(page)
    return figure_of(page), tables.all_inner_texts()


@pytest.fixture
def worked(page, start_server):
    """A page on which a file was edited and a figure shaped, and the browser keeps the project; and its server."""
    server = start_server()
    open_page(page, server)
    upload(page, "ward.csv", OWN)
    expect_left(page, "60 of 60 patients")
    page.locator(".st-key-keep-yes button").click()
    settled(page)
    view(page, "Edit")
    read_as(page, 0, "other kinds")
    page.get_by_role("button", name="Make this change").click()
    settled(page)
    view(page, "Cut a number")
    page.get_by_role("textbox", name="Cut at").fill("45, 60")
    page.get_by_role("textbox", name="Cut at").press("Enter")
    settled(page)
    page.get_by_role("button", name="Make this change").click()
    settled(page)
    expect(page.get_by_role("heading", name="2 steps so far")).to_be_visible()
    menu(page, "Survival")
    choose(page, "by", "Age at diagnosis, grouped")
    page.locator(".st-key-necc-figure button").first.click()
    end = page.get_by_role("textbox", name=re.compile("ends at", re.I)).first
    end.fill("24")
    end.press("Enter")
    settled(page)
    page.keyboard.press("Escape")
    settled(page)
    assert "curve-end-months=24" in page.url and "curve-censoring" not in page.url  # what was chosen, and no more
    return page, server, start_server


def test_all_but_the_file_is_back_after_a_restart(worked):
    page, server, start_server = worked
    before = shown(page)
    assert "60" in before[0]
    port = urlsplit(server.url).port
    server.process.terminate()
    server.process.wait(20)
    start_server(port=port)
    waits = page.get_by_text("waits for ward.csv")
    expect(waits).to_be_visible(timeout=60_000)  # at once, without a reload
    page.reload()
    expect(waits).to_be_visible(timeout=60_000)
    upload(page, "ward.csv", OWN)
    expect_left(page, "60 of 60 patients")
    expect(waits).to_have_count(0)
    assert shown(page) == before
    menu(page, "Data")
    view(page, "Edit")
    expect(page.get_by_role("heading", name="2 steps so far")).to_be_visible()
    kept = json.loads(page.evaluate("window.localStorage.getItem('necc-projects')"))
    (text,) = kept.values()
    assert Project.from_toml(text)[1] == () and not re.search(r"W0\d\d", text)


def test_a_saved_project_brings_it_all_into_another_browser(worked, browser):
    page, server, _ = worked
    before = shown(page)
    menu(page, "Data")
    view(page, "Project")
    _, text = saved(page, page.get_by_role("button", name="Save project"))
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(30_000)
    other = context.new_page()
    try:
        open_page(other, server, "/?data-view=project")
        other.locator(".st-key-project-file-0 input[type=file]").set_input_files(
            {"name": "project.toml", "mimeType": "application/toml", "buffer": text}
        )
        expect(other.get_by_text("waits for ward.csv")).to_be_visible()
        upload(other, "ward.csv", OWN)
        expect_left(other, "60 of 60 patients")
        assert shown(other) == before
        menu(other, "Data")
        view(other, "Project")
        expect(other.get_by_text(re.compile(r"^0 of \d+ numbers changed"))).to_be_visible()
    finally:
        context.close()


def test_a_browser_that_keeps_nothing_is_told(browser, start_server):
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('SecurityError'); } });"
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    try:
        open_page(page, start_server())
        upload(page, "ward.csv", OWN)
        expect_left(page, "60 of 60 patients")
        page.locator(".st-key-keep-yes button").click()
        settled(page)
        view(page, "Project")
        expect(page.get_by_text("This browser keeps nothing for this page")).to_be_visible()
    finally:
        context.close()
