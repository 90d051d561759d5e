"""Presentations in a real browser: by keys alone, whole on every projector, quick, and without a patient's name."""

from __future__ import annotations

import io
import re
import statistics
import time
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect
from pptx import Presentation
from pypdf import PdfReader
from test_browser import MINE, expect_left, open_page, present, saved, settled, upload

pytestmark = pytest.mark.timeout(240)
SHOWN = """() => {
  const inner = (root) => [...root.querySelectorAll('*')].filter(e => e.shadowRoot).map(e => e.shadowRoot);
  return inner(document).map(root => root.querySelector('.deck')).find(Boolean) }"""
OUTSIDE = f"""() => {{
  const deck = ({SHOWN})(), svg = deck.querySelector('.stage svg'), box = svg.getBoundingClientRect();
  const scale = Math.min(box.width / 1280, box.height / 720), whole = [1280 * scale, 720 * scale];
  const left = box.left + (box.width - whole[0]) / 2, top = box.top + (box.height - whole[1]) / 2;
  const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim());
  const out = texts.filter(t => {{ const b = t.getBoundingClientRect();
    return b.left < left - 1 || b.right > left + whole[0] + 1 || b.top < top - 1 || b.bottom > top + whole[1] + 1 }});
  const small = texts.filter(t => t.getBoundingClientRect().height < 0.9 * innerHeight / 36);
  const page = document.documentElement;
  return {{out: out.map(t => t.textContent), small: small.map(t => t.textContent),
    bars: [page.scrollWidth - innerWidth, page.scrollHeight - innerHeight, deck.scrollWidth - deck.clientWidth,
           deck.scrollHeight - deck.clientHeight],
    fills: Math.max(whole[0] / innerWidth, whole[1] / innerHeight)}} }}"""
# each screen in turn, by the key that shows the next one
EACH = f"""async () => {{
  const look = {OUTSIDE}, deck = ({SHOWN})(), found = [];
  const n = Number(deck.querySelector('.place').textContent.split(' of ')[1]);
  for (let i = 0; i < n; i++) {{
    found.push({{...look(), said: deck.querySelector('.said').textContent,
                synthetic: deck.querySelector('.stage').textContent.includes('Synthetic')}});
    window.dispatchEvent(new KeyboardEvent('keydown', {{key: 'ArrowRight', bubbles: true, composed: true}}));
    await new Promise(done => requestAnimationFrame(done));
  }}
  return found }}"""
# from the key to the second frame after it: what is painted then is the new screen
TIMED = f"""async () => {{
  const deck = ({SHOWN})(), stage = deck.querySelector('.stage'), said = deck.querySelector('.said');
  const times = [];
  for (let i = 0; i < 15; i++) {{
    const before = said.textContent, began = performance.now();
    window.dispatchEvent(new KeyboardEvent('keydown', {{key: 'ArrowRight', bubbles: true, composed: true}}));
    if (said.textContent === before || !stage.querySelector('svg')) throw new Error('it did not move');
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    times.push(performance.now() - began);
  }}
  return times }}"""


def begin(page: Page, what: str = "The report") -> None:
    present(page, what)
    expect(page.locator(".deck .stage svg")).to_be_visible()
    settled(page)


def said(page: Page) -> str:
    return page.locator(".deck .said").inner_text()


def place(page: Page) -> tuple[int, int]:
    at, _, of = page.locator(".deck .place").inner_text().partition(" of ")
    return int(at), int(of)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_report_by_keys_whole_on_two_projectors_and_back(page, server):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, server, "/survival?by=site:lung")
    address = page.url
    begin(page)
    first, n = place(page)
    assert first == 1 and n > 15
    for size in ((1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        press(page, "Home")
        for at, seen in enumerate(page.evaluate(EACH), start=1):
            assert seen["said"].startswith(f"Screen {at} of {n}: ")
            assert seen["out"] == seen["small"] == [] and seen["synthetic"], (size, seen)
            assert max(seen["bars"]) <= 0 and seen["fills"] > 0.99, (size, seen)
        assert place(page) == (n, n)
    assert page.url == address  # nothing of a screen goes there
    press(page, "Escape")
    expect(page.locator(".deck")).to_have_count(0)
    settled(page)
    expect(page.get_by_role("combobox", name="By")).to_have_value("Site: Lung")
    assert page.url == address


def test_every_key_a_clicker_and_unknown_keys(page, server):
    open_page(page, server, "/sites")
    begin(page)
    _, n = place(page)
    for keys, at in (
        (("PageDown", "PageDown"), 3), (("PageUp",), 2), ((" ",), 3), (("n",), 4), (("p",), 3), (("End",), n),
        (("ArrowRight",), n), (("Home",), 1), (("ArrowLeft",), 1), (("1", "2", "Enter"), 12), (("9", "9", "Enter"), n),
        (("7", "Escape"), n), (("5", "Enter"), 5),
        (("x", "F6", "ArrowUp", "MediaPlayPause"), 4), (("Control+ArrowRight",), 4),
    ):  # fmt: skip
        press(page, *keys)
        assert place(page)[0] == at, keys
    assert said(page).startswith(f"Screen 4 of {n}: ")
    black, overview, notes = (page.locator(f".deck .{name}") for name in ("black", "overview", "notes"))
    press(page, "b")
    expect(black).to_be_visible()
    assert black.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(0, 0, 0)"
    press(page, ".")
    expect(black).to_be_hidden()
    press(page, "b", "PageDown")
    expect(black).to_be_hidden()
    press(page, "o")
    expect(overview.get_by_role("button")).to_have_count(n)
    press(page, "ArrowRight", "Enter")
    expect(overview).to_be_hidden()
    assert place(page)[0] == 6
    press(page, "s")
    expect(notes).to_contain_text("Sites of recurrence are recorded for 88 patients.")
    press(page, "Home")
    expect(notes).to_have_text("No notes on this screen.")
    press(page, "s")
    expect(notes).to_be_hidden()
    press(page, "?")
    expect(page.locator(".deck .keys")).to_contain_text("all screens")
    press(page, "Escape")
    expect(page.locator(".deck .keys")).to_be_hidden()
    expect(page.locator(".deck")).to_be_visible()


def test_twelve_quick_keys_lose_none_and_a_second_opening_doubles_none(page, server):
    open_page(page, server, "/sites")
    for _ in range(2):
        begin(page)
        press(page, "Home")
        for _ in range(12):
            press(page, "ArrowRight")
            time.sleep(0.04)
        assert place(page)[0] == 13
        press(page, "Escape")
        expect(page.locator(".deck")).to_have_count(0)
        settled(page)


def test_a_key_shows_the_next_screen_at_once(page, server):
    page.set_viewport_size({"width": 1920, "height": 1080})
    open_page(page, server, "/sites")
    begin(page)
    times = page.evaluate(TIMED)
    assert statistics.median(times) < 150, times


def test_a_site_and_a_filter_are_changed_in_place(page, server):
    open_page(page, server, "/sites")
    begin(page)
    while "Post-recurrence survival by Lung" not in said(page):
        press(page, "ArrowRight")
    press(page, "t")
    page.get_by_role("combobox", name="Compare by").select_option(label="Site: Brain")
    expect(page.locator(".deck .said")).to_contain_text("Post-recurrence survival by Brain")
    page.get_by_role("combobox", name="Show only").select_option(label="large cell")
    expect(page.locator(".deck .stage")).to_contain_text(re.compile(r"n = 8\b"))
    settled(page)
    said_now = page.locator(".deck .said")  # the same exhibit, of fewer
    expect(said_now).to_contain_text("Post-recurrence survival by Brain")
    page.keyboard.press("ArrowDown")  # in a list of choices an arrow chooses there
    press(page, "Escape", "Escape")
    expect(page.locator(".deck")).to_have_count(0)
    expect_left(page, "88 of 88 patients")
    assert "large" not in page.url and "brain" not in page.url


def test_fingers_have_buttons_and_a_phone_shows_it_all(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(server.url + "/sites")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)
    begin(page)
    sizes = page.locator(".deck .bar button").evaluate_all(
        "all => all.map(b => b.getBoundingClientRect()).map(b => [b.width, b.height, b.left, b.right])"
    )
    assert all(w >= 44 and h >= 44 and left >= 0 and right <= 390 for w, h, left, right in sizes)
    page.locator(".deck .bar").get_by_role("button", name="Next screen").tap()
    assert place(page)[0] == 2 and page.evaluate(OUTSIDE)["out"] == []
    page.locator(".deck .bar").get_by_role("button", name="Leave the presentation").tap()
    expect(page.locator(".deck")).to_have_count(0)
    context.close()


def test_no_name_of_a_patient_is_in_a_presentation(page, server):
    open_page(page, server)
    upload(page, "mine.csv", MINE)
    expect_left(page, "40 of 40 patients")
    begin(page)
    everything = page.evaluate(f"() => ({SHOWN})().outerHTML")
    for _ in range(place(page)[1]):
        press(page, "ArrowRight")
        everything += page.evaluate(f"() => ({SHOWN})().outerHTML")
    assert "SECRET" not in everything + page.content() and "Synthetic" not in everything
    assert "SECRET" not in page.url and page.evaluate("JSON.stringify(localStorage)").find("SECRET") < 0
    press(page, "Escape")
    expect(page.locator(".deck")).to_have_count(0)
    settled(page)
    expect_left(page, "40 of 40 patients")


# ---------------------------------------------------------------- a case before the board
CASE = "/patients?patients-view=one-patient"
LONGEST = 60.0  # seconds from choosing the patient to the last screen


def test_a_case_before_the_board_by_keys_alone(page, server):
    """Next patient, present, every screen, black and back, leave; then the deck is taken along."""
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, server, CASE)
    expect(page.get_by_role("button", name="Present this case")).to_be_visible()
    settled(page)
    began = time.monotonic()
    press(page, "n")
    expect(page.locator(".necc-who", has_text="Patient 2 of 88")).to_be_visible()
    settled(page)
    press(page, "Control+Enter")
    expect(page.locator(".deck .stage svg")).to_be_visible()
    settled(page)
    _, n = place(page)
    titles = []
    for at in range(1, n + 1):
        assert place(page) == (at, n)
        titles.append(said(page).partition(": ")[2])
        seen = page.evaluate(OUTSIDE)
        assert seen["out"] == seen["small"] == [] and max(seen["bars"]) <= 0, (titles[-1], seen)
        press(page, "PageDown")
    assert place(page) == (n, n) and time.monotonic() - began < LONGEST
    parts = [title.partition(": ")[0] for title in titles]
    assert parts[1:4] == ["The patient", "Sites of first recurrence", "The course so far"]
    assert titles[-2:] == ["Limits", "Conventions"] and "Who is similar" in parts
    press(page, "b")
    expect(page.locator(".deck .black")).to_be_visible()
    press(page, "b", "Escape")
    expect(page.locator(".deck")).to_have_count(0)
    settled(page)
    expect(page.locator(".necc-who", has_text="Patient 2 of 88")).to_be_visible()
    assert "case-" not in page.url
    page.get_by_role("button", name="Files", exact=True).click()
    name, deck = saved(page, page.get_by_role("button", name="Slides"))
    assert name == "case_sample_all-patients.pptx"
    made = Presentation(io.BytesIO(deck))
    texts = [shape.text_frame.text for slide in made.slides for shape in slide.shapes if shape.has_text_frame]
    assert any("One patient beside 87 others" in text for text in texts) and len(made.slides) >= 8
    _, sheet = saved(page, page.get_by_role("button", name="One page as PDF"))
    pages = PdfReader(io.BytesIO(sheet)).pages
    assert len(pages) == 1 and "87 others" in pages[0].extract_text()


def test_a_case_names_nobody_and_keeps_a_question_to_itself(page, server):
    open_page(page, server)
    upload(page, "mine.csv", MINE)
    expect_left(page, "40 of 40 patients")
    page.get_by_role("link", name="Patients", exact=True).click()
    settled(page)
    page.get_by_role("radio", name="One patient", exact=True).click()
    settled(page)
    page.get_by_role("textbox", name="Question").fill("Radiation to the bone?")
    page.keyboard.press("Enter")
    settled(page)
    page.get_by_role("button", name="Present this case").click()
    expect(page.locator(".deck .stage svg")).to_be_visible()
    expect(page.locator(".deck .stage")).to_contain_text("Radiation to the bone?")
    everything = ""
    for _ in range(place(page)[1]):
        everything += page.evaluate(f"() => ({SHOWN})().outerHTML")
        press(page, "ArrowRight")
    assert "SECRET" not in everything + page.content() and "Radiation" not in page.url
    press(page, "Escape")
    expect(page.locator(".deck")).to_have_count(0)
    settled(page)
    present(page, "This case")
    expect(page.locator(".deck .stage svg")).to_be_visible()


COVERED = """() => {
  const cover = document.querySelector('.st-key-necc-cover');
  const inside = [...document.querySelectorAll('[data-testid="stMain"] *')].filter(e => !e.children.length
    && e.textContent.trim() && !cover?.contains(e)).map(e => e.getBoundingClientRect()).filter(b => b.width && b.height
    && b.top > 0 && b.bottom < innerHeight);
  const at = b => document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
  const seen = inside.filter(b => !cover?.contains(at(b)));
  const stale = [...(cover?.querySelectorAll('[data-stale="true"]') ?? [])].filter(e => e.checkVisibility());
  return {covered: Boolean(cover), seen: seen.length, stale: stale.length, under: inside.length} }"""


def test_nothing_of_the_page_is_seen_while_a_presentation_is_made(page, server):
    open_page(page, server, "/patients?patients-view=list")
    settled(page)
    present(page, "The report")
    page.locator(".st-key-necc-cover").wait_for()
    seen = page.evaluate(COVERED)
    assert seen["covered"] and seen["under"] and not seen["seen"] and not seen["stale"], seen
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect_left(page, "88 of 88 patients")
    expect(page.locator(".st-key-necc-cover")).to_have_count(0)


def test_a_page_that_is_presented_is_moved_by_a_clicker(page, server):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, server, "/survival")
    present(page, "This page")
    expect(page.get_by_role("button", name="Exit")).to_be_visible()
    settled(page)
    top = "() => document.querySelector('[data-testid=\"stMain\"]').scrollTop"
    places = [0]
    for key in ("PageDown", "PageUp", "Space", "ArrowLeft", "End", "Home", "ArrowRight"):
        press(page, key)
        places.append(page.evaluate(top))
    assert all(now > before if i % 2 == 0 else now == 0 for i, (before, now) in enumerate(pairwise(places)))
    press(page, "b")
    expect(page.locator(".black:not([hidden])")).to_have_count(1)
    press(page, "Escape")
    expect(page.locator(".black:not([hidden])")).to_have_count(0)
    expect(page.locator('[data-testid="stHeaderActionElements"]:visible')).to_have_count(0)
    press(page, "Escape")
    expect_left(page, "88 of 88 patients")
