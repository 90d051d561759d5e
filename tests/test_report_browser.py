"""From upload to a finished Word document, in a real browser, as somebody does it who is in a hurry."""

from __future__ import annotations

import io
import time
import zipfile

import docx
import pytest
from playwright.sync_api import Page, expect
from test_browser import expect_left, open_page, saved, settled, upload

pytestmark = pytest.mark.timeout(240)
ROWS = "".join(
    f"W{i:03d};{('small cell', 'SCNEC', 'large cell')[i % 3]};{35 + i % 40};{i % 37},5;{('dead', 'alive')[i % 3 == 1]};"
    f"{('lung', 'bone, liver', 'brain')[i % 3]}\n"
    for i in range(60)
)
OWN = f"patient_id;histology;age_years;prs_months;died;recurrence_sites\n{ROWS}".encode()
MOST_SECONDS = 120


def menu(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    settled(page)


def exhibits(page: Page) -> None:
    menu(page, "Report")
    page.get_by_role("radio", name="Exhibits", exact=True).click()
    settled(page)


def test_from_upload_to_word_in_two_minutes(page, server):
    began = time.monotonic()
    open_page(page, server)
    upload(page, "ward.csv", OWN)
    expect_left(page, "60 of 60 patients")
    menu(page, "Survival")
    page.get_by_role("button", name="Add to report").first.click()
    expect(page.get_by_text("Added as exhibit 1 of the report.")).to_be_visible()
    exhibits(page)
    page.get_by_role("button", name="Add the ready list").click()
    settled(page)
    page.get_by_role("button", name="Make the files").click()
    word = page.get_by_role("button", name="Word", exact=True)
    expect(page.get_by_role("button", name="Everything (ZIP)")).to_be_visible(timeout=90_000)
    _, content = saved(page, word.last)
    assert time.monotonic() - began < MOST_SECONDS
    made = docx.Document(io.BytesIO(content))
    text = "\n".join(p.text for p in made.paragraphs)
    assert "Figure 1" in text and "Post-recurrence survival" in text and "Methods" in text and len(made.tables) > 5
    assert not any(f"W{i:03d}" in text for i in range(60))
    _, archive = saved(page, page.get_by_role("button", name="Everything (ZIP)"))
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert {"report.docx", "README.txt", "SHA256SUMS"} <= set(files.namelist())
        assert not any(b"W001" in files.read(name) for name in files.namelist())


def test_exhibits_are_ordered_titled_noted_and_brought_back(page, server):
    open_page(page, server, "/sites")
    for place in (0, 1):
        page.get_by_role("button", name="Add to report").nth(place).click()
        settled(page)
    exhibits(page)
    rows = page.locator("[class*=st-key-kept-]").filter(has_text="all patients")
    first = rows.first.inner_text().partition("·")[0].strip()
    page.get_by_role("button", name="Down").first.click()
    expect(rows.first).not_to_contain_text(first)
    settled(page)
    page.get_by_role("button", name="Edit").first.click()
    page.get_by_label("Title").fill("Where it came back")
    page.keyboard.press("Enter")
    settled(page)
    page.keyboard.press("Escape")
    expect(page.get_by_text("Where it came back")).to_be_visible()
    page.get_by_role("button", name="Delete").first.click()
    settled(page)
    expect(page.get_by_text("Where it came back", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Bring back 'Where it came back'").click()
    settled(page)
    expect(page.get_by_text("Where it came back", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Open").first.click()
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sites")


def test_making_files_can_be_stopped(page, server):
    open_page(page, server, "/report?report-view=exhibits")
    page.get_by_role("button", name="Add the ready list").click()
    settled(page)
    for kind in ("Figures", "Scripts"):
        page.get_by_test_id("stButtonGroup").get_by_role("button", name=kind).click()
    page.get_by_role("button", name="Make the files").click()
    page.get_by_role("button", name="Stop").click()
    settled(page)
    expect(page.get_by_role("button", name="Everything (ZIP)")).to_have_count(0)
    expect(page.get_by_role("button", name="Make the files")).to_be_visible()
