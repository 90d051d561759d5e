"""The glossary: whole, found by whatever a person types, and reachable from a term wherever it stands."""

from __future__ import annotations

import html
import re

import pytest
from page_helpers import failures, look_at, open_page, words
from playwright.sync_api import Page, expect
from test_browser import open_page as visit
from test_browser import settled

from necc.app.widgets.glossed import glossed, told
from necc.core.text import slug
from necc.present.words.explain import EXPLANATIONS, Explanation
from necc.present.words.glossary import find, glossary, marked, named, term_of
from necc.present.words.terms import TERMS, shortened


def test_every_explanation_has_its_term_and_every_reference_leads_somewhere():
    known = glossary()
    assert len(TERMS) >= 100 and len(known) == len({slug(t.name) for t in known.values()})
    assert [key for term in TERMS for key in term.explains if key not in EXPLANATIONS] == []
    for key, about in EXPLANATIONS.items():
        assert key in term_of(key).explains
        assert term_of(key) in find(about.title), about.title
    for term in known.values():
        assert [named(other).name for other in term.see] == list(term.see)
        assert term.name not in term.see
    with pytest.raises(KeyError):
        term_of("no such explanation")


def test_an_explanation_that_no_term_has_is_a_term_by_its_title(monkeypatch):
    about = Explanation("Brand new", ("What it shows. How to read it.", "Where it misleads."))
    monkeypatch.setitem(EXPLANATIONS, "brand-new", about)
    glossary.cache_clear()
    try:
        assert term_of("brand-new").definition == "What it shows." and named("Brand new").explains == ("brand-new",)
    finally:
        glossary.cache_clear()


@pytest.mark.parametrize("term", TERMS, ids=lambda t: t.key)
def test_a_definition_is_short_and_whole(term):
    assert term.definition.endswith((".", "?")) and 20 < len(term.definition) < 230
    assert not re.search(r"\s{2,}|\bTODO\b", term.definition)


def test_no_two_terms_have_a_name_in_common():
    names = [word if shortened(word) else word.casefold() for t in glossary().values() for word in t.names]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


@pytest.mark.parametrize(
    ("name", "other"),
    {
        "Reproduction": "Replication", "Holm's method": "Bonferroni's method", "Cumulative hazard": "Log-log curve",
        "Adjuvant treatment": "Neoadjuvant treatment", "AIC": "BIC", "Chi-square test": "Yates' correction",
        "Quartiles": "Percentile", "Selection on the outcome": "Selection bias", "Median survival": "Not reached",
    }.items(),
)  # fmt: skip
def test_what_means_something_else_is_a_term_of_its_own_and_no_other_name(name, other):
    a, b = named(name), named(other)
    assert other in a.see and a.definition != b.definition
    assert not {w.casefold() for w in a.names} & {w.casefold() for w in b.names}
    assert find(other)[0] == b


def test_a_kind_of_something_is_found_under_it_but_is_no_other_name_for_it(app_test):
    for word, name in {"carboplatin": "Etoposide and cisplatin", "REMARK": "STROBE", "Weibull": "Parametric curves",
                       "MSI": "Tumour mutational burden"}.items():  # fmt: skip
        assert find(word)[0] == named(name) and word in named(name).covers and word not in named(name).also
    app = look_at(open_page(app_test(), "learn"), "learn-view", "glossary")
    app = app.text_input(key="glossary-search").set_value("bevacizumab").run()
    [body] = [e.proto.body for e in app.get("html") if 'class="necc-found"' in e.proto.body]
    assert "Also: antiangiogenic, antiangiogenic therapy<" in body and "Told here, too: bevacizumab, VEGF" in body


def test_separation_is_told_for_odds_and_for_hazards():
    told = named("Separation").definition
    odds, _, hazards = told.partition("Of hazards: ")
    assert "nobody, or everybody" in odds and hazards.startswith("a group without any event.")
    assert "smallest sum" in named("Progressive disease").definition


@pytest.mark.parametrize(
    ("typed", "first"),
    {
        "HR": "Hazard ratio", "hr": "Hazard ratio", "hazzard ratio": "Hazard ratio", "c-index": "Concordance",
        "kaplan maier": "Kaplan-Meier curve", "KM": "Kaplan-Meier curve", "censered": "Censoring",
        "guarantee time": "Immortal time", "gaurantee time": "Immortal time", "DCR": "Disease control rate",
        "logrank": "Log-rank test", "schonfeld": "Schoenfeld residuals", "sinaptophysin": "Neuroendocrine markers",
        "1 - KM": "1 minus Kaplan-Meier", "fisher's exact test": "Fisher's exact test", "figo": "FIGO stage",
        "left truncation": "Delayed entry", "  Odds   Ratio ": "Odds ratio", "or": "Odds ratio",
    }.items(),
)  # fmt: skip
def test_a_term_is_found_by_its_names_and_by_slips(typed, first):
    assert find(typed)[0].name == first


def test_what_is_in_the_text_alone_is_found_after_names_and_nonsense_is_not():
    found = [term.name for term in find("median")]
    assert found[:2] == ["Median follow-up", "Median survival"] and "Quartiles" in found[2:]
    assert find("xylophone") == () and find("qq") == ()
    assert find("") == tuple(glossary().values()) and len(find("survival", most=3)) == 3
    assert find("((") == tuple(glossary().values())


def test_a_text_is_marked_once_a_term_and_abbreviations_as_they_are_written():
    text = "HRs of 2, or an OR: hazard ratios <1, Kaplan-Meier curves; non-censored, PRS."
    pieces = list(marked(text))
    assert "".join(piece for piece, _ in pieces) == text
    assert [(piece, term.name) for piece, term in pieces if term] == [
        ("HRs", "Hazard ratio"), ("OR", "Odds ratio"), ("Kaplan-Meier curves", "Kaplan-Meier curve"),
        ("PRS", "Post-recurrence survival"),
    ]  # fmt: skip
    assert list(marked("")) == [] and list(marked("Nothing known here.")) == [("Nothing known here.", None)]


def test_what_is_marked_is_text_and_no_markup():
    body = glossed('<img src=x onerror="alert(1)"> & HR')
    assert "<img" not in body and "&lt;img" in body and 'data-term="hazard-ratio"' in body
    assert html.escape(named("Hazard ratio").definition) in body
    for key in EXPLANATIONS:
        plain = html.unescape(re.sub(r'<span class="says".*?</button></span>|<[^>]+>', "", told(key)))
        assert all(paragraph in plain for paragraph in EXPLANATIONS[key].paragraphs)


# ---------------------------------------------------------------- the page
def test_the_page_shows_all_terms_and_what_is_looked_up(app_test):
    app = look_at(open_page(app_test(), "learn"), "learn-view", "glossary")
    assert not failures(app)
    [body] = [e.proto.body for e in app.get("html") if 'class="necc-terms"' in e.proto.body]
    assert body.count("<summary>") == len(glossary()) + sum(len(t.explains) for t in glossary().values())
    app = app.text_input(key="glossary-search").set_value("kaplan maier").run()
    [body] = [e.proto.body for e in app.get("html") if 'class="necc-found"' in e.proto.body]
    assert body.index("Kaplan-Meier curve (KM)") < 120 and " open>" in body
    app = app.text_input(key="glossary-search").set_value("xylophone").run()
    assert "No term is called so" in words(app) and not failures(app)


def test_an_address_leads_to_a_term(app_test):
    app = app_test()
    app.query_params["glossary-term"] = "hazard-ratio"
    app.query_params["learn-view"] = "glossary"
    app = look_at(open_page(app, "learn"), "learn-view", "glossary")
    assert not failures(app) and "Hazard ratio (HR)" in words(app)
    app = app.text_input(key="glossary-search").set_value("odds").run()
    assert "glossary-term" not in app.query_params


@pytest.mark.timeout(120)
def test_a_term_in_an_explanation_is_reached_by_keys_and_leads_there_with_the_filters(page: Page, server):
    visit(page, server, "/survival?histology=small+cell")
    page.get_by_role("button", name="Explain").first.click()
    term = page.locator(".necc-term", has=page.get_by_text("censored", exact=True)).first
    expect(term.locator(".says")).to_be_hidden()
    term.locator(".word").focus()
    expect(term.locator(".says")).to_contain_text(named("Censoring").definition)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Censoring")).to_be_visible()
    settled(page)
    assert "glossary-term=censoring" in page.url and "histology=small+cell" in page.url
    page.locator(".st-key-card-term .necc-to-term", has_text="Number at risk").click()
    expect(page.get_by_role("heading", level=2, name="Number at risk")).to_be_visible()
