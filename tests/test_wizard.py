"""The wizard: from a raw file to curves without a line of code, in a browser and without one."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from conftest import ROOT
from page_helpers import look_at, open_page, words
from playwright.sync_api import Page, expect

from necc.analysis.survival import kaplan_meier
from necc.core.dictionary import Dictionary
from necc.core.text import format_p
from necc.ingest import Mapping, open_file, read_cohort
from necc.ingest.suggest import suggest_mapping

pytestmark = pytest.mark.timeout(180)
TCGA = ROOT.parent / "shared" / "data" / "tcga_cesc_recurrent.csv"
RAW = (
    "MRN,surname,study id,dx,OS days,vital,met_liver,met_lung,marker\n"
    + "".join(
        f"77{i:04d},Smith{i},X{i},0{i % 9 + 1}/0{i % 8 + 1}/2019,{100 + 37 * i},{i % 3 % 2 + 1},"
        f"{'YES' if i % 2 else ''},{i % 4 == 0:d},{'ab'[i % 2]}\n"
        for i in range(30)
    )
).encode()


def settled(page: Page) -> None:
    """Waits for the run that a click starts a moment later, and for the elements that it replaces."""
    for _ in range(2):
        time.sleep(0.3)
        page.wait_for_function(
            "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'running'"
            " && !document.querySelector('[data-stale=true]')"
        )


def start(page: Page, server, name: str, data: bytes) -> None:
    page.goto(server.url + "/data?data-view=your-own-file")
    expect(page.get_by_role("heading", level=1)).to_have_text("Data")
    settled(page)
    page.locator(".st-key-wizard-file input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    expect(page.get_by_role("heading", name="What you will get")).to_be_visible()
    settled(page)


def choose(page: Page, key: str, option: str) -> None:
    page.locator(f".st-key-choice-{key}").get_by_role("combobox").click()
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def test_a_file_with_names_codes_and_two_ways_to_read_a_date(page, server):
    start(page, server, "mine.csv", RAW)
    expect(page.get_by_text("its heading says record number (left out)")).to_be_visible()
    expect(page.get_by_text("its heading says name (left out)")).to_be_visible()
    assert "Smith" not in page.locator("[data-testid=stMain]").inner_text()
    event = page.locator(".st-key-ask-vital")
    expect(event).to_contain_text("10 of 30 patients died")
    event.get_by_role("button", name="Flip").click()
    settled(page)
    expect(event).to_contain_text("20 of 30 patients died")
    event.get_by_role("button", name="Flip").click()
    settled(page)
    expect(page.get_by_role("button", name="Load this cohort")).to_be_disabled()
    page.locator(".st-key-ask-dx").get_by_text("day-month").click()
    settled(page)
    expect(page.get_by_role("button", name="Load this cohort")).to_be_enabled()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the mapping").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    mapping = Mapping.from_toml(text)
    assert download.value.suggested_filename == "mine.mapping.toml" and "Smith" not in text and "77" not in text
    with page.expect_download() as download:
        page.get_by_role("button", name="Copy without identifiers").click()
    copy = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "Smith" not in copy and "X1" not in copy and len(copy.splitlines()) == 31
    page.get_by_role("button", name="Load this cohort").click()
    expect(page.get_by_text("30 patients loaded.")).to_be_visible()
    page.get_by_role("button", name="See survival").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Survival")
    settled(page)
    own = read_cohort(RAW, "mine.csv", mapping=mapping)
    choose(page, "by", "Site: Lung")
    test = kaplan_meier(own, "OS", "site:lung").test
    expect(page.get_by_text(f"p = {format_p(test.p)}").first).to_be_visible()
    log = server.log.read_text()
    assert "Smith" not in log and "Traceback" not in log


def test_the_mapping_is_applied_again_by_itself(page, server):
    start(page, server, "mine.csv", RAW)
    page.locator(".st-key-ask-dx").get_by_text("month-day").click()
    settled(page)
    expect(page.get_by_text("Loading waits for your answer about 'vital' in the questions above.")).to_be_visible()
    page.locator(".st-key-ask-vital").get_by_role("button", name="That is right").click()
    settled(page)
    page.get_by_role("button", name="Load this cohort").click()
    expect(page.get_by_text("30 patients loaded.")).to_be_visible()
    page.get_by_role("radio", name="What was read").click()  # here the page has no uploader of its own
    settled(page)
    page.locator("[data-testid=stSidebar] input[type=file]").first.set_input_files(
        {"name": "next.csv", "mimeType": "text/csv", "buffer": b"\n".join(RAW.split(b"\n")[:21])}
    )
    bar = page.locator(".st-key-necc-bar").get_by_text(re.compile(r"of [\d,]+ patients?$"))
    expect(bar).to_have_text("20 of 20 patients")


@pytest.mark.skipif(not TCGA.is_file(), reason="the TCGA file isn't beside the project")
def test_tcga_from_the_raw_file_to_curves_by_site(page, server):
    start(page, server, TCGA.name, TCGA.read_bytes())
    page.locator(".st-key-ask-clinical-stage").get_by_text("2009 or 2014").click()
    settled(page)
    expect(page.get_by_role("button", name="Load this cohort")).to_be_disabled()
    page.locator(".st-key-ask-os-time").get_by_role("button", name="That is right").click()
    settled(page)
    expect(page.get_by_text("OS 47 with 31 events", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Load this cohort").click()
    expect(page.get_by_text("47 patients loaded.")).to_be_visible()
    page.get_by_role("button", name="See survival").click()
    settled(page)
    opened = open_file(TCGA)
    own = read_cohort(opened, answers=("unit:OS.time=days", "edition:clinical_stage=2008"))
    choose(page, "endpoint", "Post-recurrence survival")
    choose(page, "by", "Site: Lung")
    test = kaplan_meier(own, "PRS", "site:lung").test
    expect(page.get_by_text(f"p = {format_p(test.p)}").first).to_be_visible()


def test_no_choice_of_a_meaning_ends_in_a_traceback():
    """Every meaning for every column: a cohort or findings, and the choice shows itself again."""
    from necc.app.wizard.meanings import Meanings
    from necc.ingest import ColumnMap, inspect

    raw = open_file(RAW, "mine.csv").raw
    for disease in ("necc", "cervical"):
        dictionary = Dictionary.builtin(disease)
        meanings = Meanings(dictionary)
        mapping = suggest_mapping(raw, dictionary)
        assert len(set(meanings.labels)) == len(meanings.labels)
        for label in meanings.labels:
            for column in raw.columns[2:8:2]:
                how = meanings.chosen(mapping.column(column.header) or ColumnMap(column.header), label, column)
                assert meanings.label_of(how) == label
                found = inspect(RAW, "mine.csv", mapping=mapping.with_column(how), dictionary=dictionary)
                assert found.accepted or any(f.severity == "error" for f in found.findings)


BAD = {
    "empty.csv": b"", "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "not.xlsx": b"PK\x03\x04 no",
    "long.csv": b"patient_id,x\n" + b"P1,1\nP1,2\nP2,1\nP2,2\n" * 3, "old.xlsx": b"\xd0\xcf\x11\xe0" + b"\0" * 90,
    "script.csv": b"patient_id,<script>alert(1)</script>,=cmd|'/C calc'!A0,![x](http://canary.example/p.png)\nP1,1,2,**b**\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_told_in_the_wizard(app_test, name):
    app = app_test().run()
    open_page(app, "mapping")
    app.file_uploader(key="wizard-file").upload(name, BAD[name], "text/csv").run()
    assert not app.exception
    texts = " ".join(str(e.value) for kind in ("error", "success", "markdown") for e in app.get(kind))
    assert "can't be read" in texts or "What the columns mean" in texts
    assert "![x](http" not in texts


# ---------------------------------------------------------------- without a browser
def wizard_with(app_test, name: str, text: str):
    """The wizard's page with this file in it."""
    app = app_test().run()
    open_page(app, "mapping")
    app.file_uploader(key="wizard-file").upload(name, text.encode(), "text/csv").run()
    assert not app.exception
    return app


def mean(app, header: str, meaning: str):
    """Chooses a column's meaning in the detail below the table."""
    app.selectbox(key="wizard-column").select(header).run()
    next(s for s in app.selectbox if (s.key or "").startswith("meaning-")).select(meaning).run()
    assert not app.exception
    return app


def load_button(app):
    return next(b for b in app.button if b.label == "Load this cohort")


TIMED = "No,{time},Outcome\n" + "".join(f"P{i:03d},{100 + 31 * i},{'DOD' if i % 2 else 'NED'}\n" for i in range(20))


@pytest.mark.parametrize(
    ("heading", "unit", "said_so"),
    [
        ("Survival after relapse (days)", "days", True),
        ("Survival, months", "months", True),
        ("Survival", "days", False),
    ],
)
def test_a_time_chosen_by_hand_keeps_the_unit_that_its_heading_or_its_values_say(heading, unit, said_so):
    from necc.app.wizard.meanings import Meanings
    from necc.ingest import ColumnMap

    heading = f'"{heading}"'
    raw = open_file(TIMED.format(time=heading).encode(), "mine.csv").raw.columns[1]
    for label in ("Time", "Post-recurrence survival"):
        how = Meanings(Dictionary.builtin()).chosen(ColumnMap(raw.header), label, raw)
        assert how.unit == unit and (how.confidence == 1) == said_so


def test_a_known_name_without_a_unit_is_asked_where_its_values_are_days(app_test):
    app = wizard_with(app_test, "mine.csv", TIMED.format(time="overall_survival").replace("Outcome", "died"))
    assert next(r for r in app.radio if "in which unit is this time" in r.label).value == "days"


def test_loading_waits_for_the_unit_that_nothing_says(app_test):
    app = wizard_with(app_test, "mine.csv", TIMED.format(time="Survival after relapse"))
    app = mean(app, "Survival after relapse", "Post-recurrence survival")
    app = mean(app, "Outcome", "Died")
    asked = next(r for r in app.radio if "in which unit is this time" in r.label)
    assert asked.value == "days" and "so days" in asked.label
    assert load_button(app).disabled and "Loading waits for your answer about 'Survival after relapse'" in words(app)
    next(b for b in app.button if b.label == "That is right").click().run()
    assert not load_button(app).disabled and "Loading waits" not in words(app)
    load_button(app).click().run()
    times = app.session_state["necc"].whole.endpoint("PRS").time
    assert max(times) == pytest.approx((100 + 31 * 19) / 30.4375)


CODED = "patient_id,prs_months,died,lung,liver,ici,bone\n" + "".join(
    f"P{i:03d},{3 + i},{i % 2},{1 + (i % 3 > 0)},{1 + (i % 4 > 0)},{1 + (i % 5 > 0)},{i % 2}\n" for i in range(60)
)


@pytest.mark.parametrize(("answer", "events"), [("That is right", 4), ("Flip", 8)])
def test_loading_waits_for_the_event_that_1_and_2_leave_open(app_test, answer, events):
    rows = "".join(f"P{i},{i + 1},{2 if i < 4 else 1}\n" for i in range(12))
    app = wizard_with(app_test, "mine.csv", f"patient_id,prs_months,died\n{rows}")
    assert load_button(app).disabled and "Loading waits for your answer about 'died'" in words(app)
    next(b for b in app.button if b.label == answer).click().run()
    assert not load_button(app).disabled
    load_button(app).click().run()
    assert int(app.session_state["necc"].whole.endpoint("PRS").event.sum()) == events


def test_sites_and_yes_no_columns_coded_1_and_2_are_asked(app_test):
    app = wizard_with(app_test, "mine.csv", CODED)
    asked = [m for m in app.multiselect if m.label == "Values that mean: yes"]
    assert len(asked) == 3 and all(not m.value for m in asked)
    assert "'2' is neither yes nor no" in words(app) and load_button(app).disabled
    lung = next(m for m in asked if (m.key or "").startswith("event-lung"))
    lung.select("1").run()
    assert "**lung**: 20 of 60 patients recurred here: lung" in words(app) and load_button(app).disabled
    next(b for b in app.button if b.label == "The same for 2 more columns").click().run()
    assert "**ici**: 12 of 60 patients count as yes" in words(app)
    assert "Lung 20" in words(app) and "Abdominal organs 15" in words(app) and "Bone 30" in words(app)
    load_button(app).click().run()
    cohort = app.session_state["necc"].whole
    assert (cohort.factor("ici").codes == cohort.factor("ici").levels.index("yes")).sum() == 12
    assert not app.exception


def test_an_unknown_heading_coded_1_and_2_becomes_a_site_by_the_same_question(app_test):
    app = wizard_with(app_test, "mine.csv", CODED.replace("lung", "Lunge links"))
    app = mean(app, "Lunge links", "Site: Lung")
    next(m for m in app.multiselect if (m.key or "").startswith("event-lunge")).select("2").run()
    assert "**Lunge links**: 40 of 60 patients recurred here: lung" in words(app)
    next(b for b in app.button if (b.key or "").startswith("flip-event-lunge")).click().run()
    assert "**Lunge links**: 20 of 60 patients" in words(app)


def test_the_wizard_has_the_file_that_the_sidebar_refused(app_test):
    app = app_test().run()
    app.file_uploader(key="upload-0").upload("refused.csv", CODED.encode(), "text/csv").run()
    assert "refused.csv was not loaded" in words(app)
    open_page(app, "mapping")
    held = app.session_state["necc-wizard"]
    assert held.data == CODED.encode() and "It could not be loaded as it is" in words(app)
    next(m for m in app.multiselect if (m.key or "").startswith("event-lung")).select("1").run()
    assert "20 of 60 patients recurred here" in words(app)  # the next run doesn't begin again
    app.button(key="to-sample").click().run()
    held = app.session_state["necc-wizard"]
    assert (held.data, held.opened, held.tried) == (b"", None, None) and "refused.csv" not in words(app)


def test_the_latest_file_is_the_wizards_wherever_it_was_offered(app_test):
    app = wizard_with(app_test, "first.csv", TIMED.format(time="OS days"))
    app = look_at(app, "data-view", "what-was-read")
    app.file_uploader(key="upload-0").upload("refused.csv", CODED.encode(), "text/csv").run()
    assert app.session_state["necc-wizard"].filename == "refused.csv"
    app = look_at(app, "data-view", "your-own-file")
    app.file_uploader(key="wizard-file").upload("third.csv", TIMED.format(time="PFS").encode(), "text/csv").run()
    assert app.session_state["necc-wizard"].filename == "third.csv"
    app.run()
    assert app.session_state["necc-wizard"].filename == "third.csv" and not app.exception


NEARLY = "ID,PRS (months),status,lung,dose,size\n" + "".join(
    f"P{i:03d},{3.123456 + i},{i % 2},{i % 3 == 0:d},{(10, 2, 1)[i % 3]} mg,{i % 7}.0\n" for i in range(40)
)


def without_event(app):
    """Answers that no column says who died."""
    next(r for r in app.radio if (r.key or "").startswith("ask-event-of-prs")).set_value("none").run()
    assert not app.exception
    return app


def test_what_an_endpoint_lacks_is_told_with_the_meaning_that_completes_it(app_test):
    app = wizard_with(app_test, "mine.csv", NEARLY)
    assert load_button(app).disabled and app.radio[0].options[1].endswith("PRS has no event")
    app = without_event(app)
    told = words(app)
    assert "No endpoint can be computed yet" in told
    lacks = told[told.index("Not available in this file: ") :].splitlines()[0]
    assert lacks.startswith("Not available in this file: Post-recurrence survival (PRS) needs its event (column 'died'")
    assert lacks.index("(TTR) needs its time") < lacks.index("(OS) needs its time")
    assert "'Time to recurrence' completes TTR" in told
    assert "giving 'status' the meaning 'Died' completes PRS" in told
    app = mean(app, "status", "Died")
    told = words(app)
    assert "(PRS) needs" not in told and "No endpoint can" not in told and "completes" not in told
    assert "(OS) needs its time" in told
    assert "20 of 40" in told


def test_the_preview_has_labels_and_numbers_that_a_person_reads(app_test):
    app = without_event(wizard_with(app_test, "mine.csv", NEARLY.replace("lung", "liver")))
    shown = app.dataframe[-1].value
    assert list(shown.columns)[:4] == ["Patient identifier", "Post-recurrence survival (months)", "status", "Liver"]
    assert list(shown["Post-recurrence survival (months)"]) == ["3.1", "4.1", "5.1", "6.1", "7.1"]
    assert list(shown["size"]) == ["0", "1", "2", "3", "4"]


def test_no_unit_is_shown_as_none(app_test):
    units = wizard_with(app_test, "mine.csv", NEARLY).dataframe[0].value["Unit"]
    assert list(units) == ["–", "months", "–", "–", "–", "–"]


def test_levels_begin_in_their_natural_order_from_one_on(app_test):
    app = wizard_with(app_test, "mine.csv", NEARLY)
    app.selectbox(key="wizard-column").select("dose").run()
    table = next(t.value for t in app.dataframe if "Order" in t.value.columns)
    assert list(table["In the file"]) == ["1 mg", "2 mg", "10 mg"] and list(table["Order"]) == [1, 2, 3]


def test_rows_are_rows_while_identifiers_repeat(app_test):
    twice = CODED + "".join(f"{line}\n" for line in CODED.splitlines()[1:])
    app = wizard_with(app_test, "mine.csv", twice)
    assert "60 of 120 rows say: died" in words(app) and "120 patients" not in words(app)
    assert "30 of 60 patients died" in words(wizard_with(app_test, "mine.csv", CODED))
