"""What a person meets first, in a real browser: the picture whole, the menu near, and a page that everybody can use."""

from __future__ import annotations

import re
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from test_browser import choose, expect_left, mark, open_page, picture, settled, upload

from necc.app.shell.navigation import MOVED, PAGES
from necc.core.text import slug

pytestmark = pytest.mark.timeout(300)
LEGIBLE = 9.9  # pixels of the smallest type in a figure, as it is drawn

MAIN = (
    "patients", "sites", "sites?sites-view=combinations", "sites?sites-view=which-comes-first", "survival",
    "survival?by=site:lung&histology=small+cell", "survival?survival-view=every-site",
    "survival?survival-view=restricted-mean", "regression", "treatment?treatment-view=each-patient",
    "survival?survival-view=parametric&horizon-PRS=120", "treatment?treatment-view=timing",
    "patients?patients-view=flow-diagram&histology=small+cell", "patients?patients-view=one-patient",
)  # fmt: skip
SCREENS = {
    "laptop": (1366, 768, "light", "", MAIN),
    "laptop, dark": (1366, 768, "dark", "", MAIN[4:7]),
    "projector": (1280, 720, "light", "view=presentation", MAIN),
    "projector, dark": (1280, 720, "dark", "view=presentation", MAIN[4:6]),
    "large screen": (1920, 1080, "light", "", MAIN[3:7]),
}
FIGURE = """() => {
  const inner = (root) => [...root.querySelectorAll('*')].filter(e => e.shadowRoot).flatMap(e => roots(e.shadowRoot));
  const roots = (root) => [root, ...inner(root)];
  const main = document.querySelector('[data-testid=stMain]');
  const svg = roots(main).map(root => root.querySelector('.frame svg')).find(Boolean);
  if (!svg) return null;
  const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
  const texts = [...svg.querySelectorAll('text')];
  return {top: box.top, bottom: Math.max(box.bottom, ...texts.map(t => t.getBoundingClientRect().bottom)),
          left: box.left, right: box.right, type: Math.min(...texts.map(t => t.getAttribute('font-size') * scale)),
          words: texts.map(t => t.textContent)} }"""


def figure(page: Page) -> dict:
    expect(page.locator("[class*=st-key-figure-] svg").first).to_be_visible()
    settled(page)
    return page.evaluate(FIGURE)


def with_query(path: str, query: str) -> str:
    return f"/{path}" + (f"{'&' if '?' in path else '?'}{query}" if query else "")


@pytest.mark.parametrize("screen", SCREENS)
def test_the_main_figure_is_whole_without_scrolling(browser, server, screen):
    width, height, scheme, query, paths = SCREENS[screen]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    for path in paths:
        open_page(page, server, with_query(path, query))
        seen = figure(page)
        assert seen["top"] > 0 and seen["bottom"] <= height and seen["left"] >= 0 and seen["right"] <= width, path
        assert seen["type"] >= LEGIBLE, path
        if path.startswith("survival?by"):  # axis, legend and numbers at risk are in it
            for word in ("Months since first recurrence", "At risk", "without"):
                assert any(word in text for text in seen["words"]), word
    context.close()


SCROLLS = """() => { const main = document.querySelector('[data-testid=stMain]');
  return [main.scrollHeight - main.clientHeight, main.scrollWidth - main.clientWidth] }"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_one_patient_is_whole_where_it_is_projected_and_goes_on_by_keys(browser, server, width, height):
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(f"{server.url}/patients")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)  # a server that has just started
    open_page(page, server, "/patients?patients-view=one-patient&view=presentation")
    address = page.url
    who = page.locator(".st-key-necc-controls-case .necc-who")
    for key, place in (("n", 2), ("n", 3), ("p", 2), *(("n", k) for k in range(3, 16))):
        page.keyboard.press(key)
        expect(who).to_have_text(f"Patient {place} of 88")
        settled(page)
        assert page.evaluate(SCROLLS) == [0, 0], place
    assert page.url == address, "who is open is in no address"
    assert "SYN-" not in page.content()
    context.close()


# ---------------------------------------------------------------- everybody
def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    grave = [v for v in found if v["impact"] in ("serious", "critical") or v["id"] == "heading-order"]
    return [f"{v['id']}: {node['html'][:200]}" for v in grave for node in v["nodes"]]


JUDGED = ("", "data?data-view=your-own-file", *(name for name, _ in PAGES[1:]), "patients?patients-view=list",
          "patients?patients-view=table-1", "patients?patients-view=one-patient", "sites?histology=small+cell",
          "survival?view=presentation", "sites?age_years=1..2",
          "paper?paper-view=doubts", "paper?paper-view=literature", "learn?learn-view=glossary",
          "learn?learn-view=glossary&glossary-term=hazard-ratio")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, server, scheme):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=scheme)
    page = context.new_page()
    for path in JUDGED if scheme == "light" else JUDGED[3:9]:
        open_page(page, server, f"/{path}")
        assert violations(page) == [], path
        levels = page.evaluate("() => [...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
        assert levels.count(1) == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False)), path
    context.close()


def test_axe_finds_nothing_serious_in_the_controls_of_a_figure(page, server):
    open_page(page, server, "/survival?by=histology&curve-ratio=yes&curve-palette=greyscale")
    page.get_by_role("button", name="Figure").first.click()
    for part in ("Axes", "Marks", "Words", "Colours, size"):
        page.get_by_role("tab", name=part).click()
        assert violations(page) == [], part


FOCUS = """() => {
  let e = document.activeElement;
  while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  return [e?.innerText ?? '', Boolean(e?.closest('.st-key-necc-head, .st-key-necc-controls'))] }"""


def test_the_menu_and_the_first_control_are_within_ten_stops(page, server):
    open_page(page, server, "/survival")
    expect(page.get_by_role("button", name="Skip the filters, to the menu")).to_be_attached()
    stops = 0
    while "to the menu" not in page.evaluate(FOCUS)[0] and stops < 10:
        page.keyboard.press("Tab")
        stops += 1
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS)[0] == "Data" and stops < 10
    open_page(page, server, "/survival")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)[0] == "Skip to main content"
    page.keyboard.press("Enter")
    stops = 2
    while not page.evaluate(FOCUS)[1] and stops < 20:
        page.keyboard.press("Tab")
        stops += 1
    assert stops <= 10


def test_on_a_phone_menu_and_filters_are_found(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    open_page(page, server, "/sites")
    way = page.get_by_role("button", name="Expand sidebar")
    assert "Menu and filters" in way.evaluate("e => getComputedStyle(e, '::after').content")
    way.click()
    expect(page.get_by_role("link", name="Survival", exact=True)).to_be_visible()
    expect(page.get_by_role("checkbox", name="Histology: small cell")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_paper_gets_the_page_and_nothing_around_it(page, server):
    open_page(page, server, "/survival?histology=small+cell")
    page.emulate_media(media="print")
    for hidden in ("[data-testid=stHeader]", "[data-testid=stSidebar]", ".st-key-necc-controls", ".st-key-undo"):
        expect(page.locator(hidden)).to_be_hidden()
    for shown in ("h1", "[class*=st-key-figure-] svg", ".necc-scroll table", ".necc-notice"):
        expect(page.locator(shown).first).to_be_visible()
    expect(page.get_by_role("button", name="Histology: small cell")).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True)
    sizes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([\d. ]+)\]", paper)}
    assert {(round(x), round(y)) for *_, x, y in sizes} == {(595, 842)}


# ---------------------------------------------------------------- addresses
NECC_APP = (sys.executable, "-c", "import sys; from necc.launch import start; sys.exit(start(extra=sys.argv[1:]))")


def test_an_old_address_on_a_cold_server_brings_no_dialog(page, start_server):
    server = start_server(NECC_APP)
    open_page(page, server, "/mapping?histology=large+cell")
    expect(page.locator(".st-key-wizard-file")).to_be_visible()
    expect_left(page, "8 of 88 patients")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_old_addresses_lead_to_what_they_showed(page, server):
    titles = dict(PAGES)
    for old, (new, views) in MOVED.items():
        open_page(page, server, f"/{old}?histology=large+cell")
        expect(page.get_by_role("heading", level=1)).to_have_text(titles[new])
        expect_left(page, "8 of 88 patients")
        asked = parse_qs(urlsplit(page.url).query)
        assert {n: [v] for n, v in views.items()}.items() <= asked.items() and asked["histology"] == ["large cell"]
        for word in views.values():
            on = page.locator(".st-key-necc-head [role=radio][aria-checked=true]").inner_text()
            assert slug(on) == word, old
    open_page(page, server, "/comparisons?compare-view=restricted-mean&compare-by=histology")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"survival-view": ["restricted-mean"], "by": ["histology"]}


# ---------------------------------------------------------------- a newcomer's walk
MESSY = """Study No;Histology;Alter;Survival after recurrence (months);Status;Sites of recurrence;Arm
{rows}
"""
ROWS = "\n".join(
    f"N{i:02};{('small cell', 'large cell')[i % 3 == 0]};{40 + i};{2 + i % 17},5;{2 - (i % 4 == 0)};"
    f"{('lung', 'bone, liver', 'lung, brain', 'pelvis')[i % 4]};{'AB'[i % 2]}"
    for i in range(60)
)


def test_a_newcomer_s_walk(page, server):
    """A messy file, its questions, filters by clicks on marks alone, curves by a site, two sub-cohorts, the flow."""
    open_page(page, server)
    upload(page, "clinic.csv", MESSY.format(rows=ROWS).encode())
    asked = page.locator(".st-key-sidebar-question")
    expect(asked.get_by_text("which value means that the event happened")).to_be_visible()
    asked.get_by_role("button", name="That is right").click()
    expect_left(page, "60 of 60 patients")
    page.get_by_role("link", name="Sites", exact=True).click()
    settled(page)
    # filters by clicks on marks alone
    bars = picture(page, "recurrence-sites")
    mark(bars, "site:lung=with").click()
    expect_left(page, "30 of 60 patients")
    save(page, "With lung")
    mark(bars, "site:lung=with").click()
    expect_left(page, "60 of 60 patients")
    page.get_by_role("link", name="Patients", exact=True).click()
    settled(page)
    overview = picture(page, "cohort-overview")
    mark(overview, "histology=small cell").locator("rect").first.click()
    expect_left(page, "40 of 60 patients")
    save(page, "Small cell")
    # undo, redo, which stand where they stood
    places = [page.get_by_role("button", name=name).bounding_box()["x"] for name in ("Undo", "Redo")]
    page.get_by_role("button", name="Undo").click()
    expect_left(page, "60 of 60 patients")
    assert [page.get_by_role("button", name=name).bounding_box()["x"] for name in ("Undo", "Redo")] == places
    page.get_by_role("button", name="Redo").click()
    expect_left(page, "40 of 60 patients")
    page.mouse.move(0, 0)  # what lies under the pointer tells about itself, over the menu
    # curves by a site
    page.get_by_role("link", name="Survival", exact=True).click()
    settled(page)
    choose(page, "by", "Site: Lung")
    expect(page.locator("[class*=st-key-figure-] svg").first).to_be_visible()
    assert any("without (n = " in text for text in figure(page)["words"])
    # two sub-cohorts side by side
    page.get_by_role("link", name="Patients", exact=True).click()
    settled(page)
    page.get_by_role("radio", name="Sub-cohorts").click()
    settled(page)
    expect(page.get_by_role("heading", name="Whom they share")).to_be_visible()
    rows = page.locator(".necc-scroll table").first.inner_text()
    assert "With lung" in rows and "Small cell" in rows
    # the flow of patients
    page.get_by_role("radio", name="Flow diagram").click()
    settled(page)
    words = " ".join(figure(page)["words"])
    assert "60 patients" in words and "40 patients" in words and "small cell" in words
    assert "N01" not in page.url and "clinic" not in page.url


def save(page: Page, name: str) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    box = page.get_by_role("textbox", name="Save these patients as")
    box.fill(name)
    box.press("Enter")
    settled(page)
    page.get_by_role("button", name=re.compile(r"^Save \d+ patients$")).click()
    settled(page)
    page.keyboard.press("Escape")
    settled(page)
