"""A whole lesson in a real browser: wrong and right answers, a control, the keys, and what the browser keeps."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from test_browser import open_page, saved, settled, upload

from necc.lessons import shipped

pytestmark = pytest.mark.timeout(240)
PERCENT = shipped()["why-a-percentage-is-not-survival"]
PLAIN = b"patient_id,prs_months,died\n" + b"".join(b"P%d,%d.5,%d\n" % (i, i % 30, i % 2) for i in range(40))


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()
    settled(page)


def type_in(page: Page, number: str) -> None:
    page.get_by_role("textbox", name="Your answer, a number").fill(number)
    page.keyboard.press("Enter")
    settled(page)


def take(page: Page, text: str) -> None:
    page.locator("[data-testid=stRadio] label").filter(has_text=text).click()
    page.get_by_role("button", name="Check", exact=True).click()
    settled(page)


def said(page: Page):
    return page.locator(".necc-lesson-said")


def serious(page: Page) -> list[str]:
    rules = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    return [f"{v['id']}: {n['target']}" for v in rules for n in v["nodes"]]


def test_a_whole_lesson_with_wrong_and_right_answers(page, server):
    open_page(page, server, "/learn")
    press(page, f"lesson-go-{PERCENT.id}")
    expect(page.locator(".st-key-lesson-figure")).to_have_count(0)
    type_in(page, "60")
    expect(said(page).first).to_contain_text("Your guess: 60")
    page.keyboard.press("PageDown")
    settled(page)
    expect(page.locator(".necc-lesson-reveal")).to_contain_text("You guessed: 60. Computed: 44.0\u00a0%")
    says = page.locator(".necc-lesson-says")
    expect(says).to_contain_text("At 12 months. Curve: 70.1")
    page.get_by_role("slider").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    settled(page)
    expect(says).to_contain_text("At 36 months. Curve: 27.7")
    press(page, "lesson-next")
    expect(says).to_contain_text("At 36 months"), "the control stays where it was moved to"
    type_in(page, "a third")
    expect(said(page).first).to_contain_text("Type a number")
    type_in(page, "56,8 %")
    expect(said(page).first).to_contain_text("Not yet. You counted 43 patients")
    press(page, "lesson-hint")
    expect(said(page).last).to_contain_text("Hint: Set the slider")
    type_in(page, "0,277")
    expect(page.locator(".necc-lesson-said.right")).to_have_text("Right: 27.7\u00a0%.")
    expect(page.get_by_role("button", name="Check", exact=True)).to_have_count(0)
    assert serious(page) == []
    press(page, "lesson-next")
    take(page, "A p-value")
    expect(said(page).first).to_contain_text("A test of a figure that means little")
    press(page, "lesson-show")
    expect(said(page).last).to_contain_text("The answer is The curve with the numbers at risk")
    press(page, "lesson-next")
    expect(page.locator(".st-key-lesson-figure")).to_have_count(0), "from memory"
    take(page, "the same or higher")
    expect(page.locator(".necc-lesson-said.right")).to_be_visible()
    page.keyboard.press("PageDown")
    settled(page)
    expect(page.locator(".st-key-lesson-end")).to_contain_text("1 of 3 right at the first try")
    name, content = saved(page, page.get_by_role("button", name="Take my answers"))
    text = content.decode()
    assert name.startswith(f"lesson-{PERCENT.id}") and "Synthetic data" in text and "Your prediction: 60" in text
    assert "Your answers: 56,8 % then 0,277" in text and "Computed: 27.7 %" in text
    kept = json.loads(page.evaluate("localStorage.getItem('necc-lessons')"))
    assert kept == [{"id": PERCENT.id, "opened": 6, "first": [4]}]
    page.reload()
    settled(page)
    press(page, "lesson-all")
    card = page.locator(f".st-key-lesson-card-{PERCENT.id}")
    expect(card).to_contain_text("done")
    expect(card.get_by_role("button")).to_have_text("Once more")
    assert serious(page) == []


def test_the_sample_plays_beside_a_file_that_lacks_sites(page, server):
    open_page(page, server, "/learn")
    upload(page, "plain.csv", PLAIN)
    settled(page)
    name = "many-tests-and-one-false-positive"
    expect(page.locator(f".st-key-lesson-card-{name}")).to_contain_text("this cohort lacks recurrence sites")
    press(page, f"lesson-sample-{name}")
    expect(page.locator(".st-key-lesson-head")).to_contain_text("on 88 patients of the synthetic sample")
    press(page, "lesson-next")
    expect(page.locator(".necc-lesson-says")).to_contain_text("adjusted for their number by Holm, 0.071")
    expect(page.locator(".necc-who")).to_contain_text("40 of 40 patients")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_a_projected_lesson_fits_the_window(browser, server, width, height):
    page = browser.new_page(viewport={"width": width, "height": height})
    open_page(page, server, f"/learn?view=presentation&lesson={PERCENT.id}")
    press(page, "lesson-next")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    if width > 1000:
        for part in (".necc-lesson-says", ".st-key-lesson-next", ".st-key-lesson-figure svg"):
            box = page.locator(part).first.bounding_box()
            assert box["y"] + min(box["height"], 400) <= height, part
    page.close()
