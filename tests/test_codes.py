"""Codes stand in no text for people: labels do, and a column's own name only in quotation marks after the word column.

A person's own names stand where they say what their columns mean, in the wizard; the rest is looked at here.
"""

from __future__ import annotations

import re

import pytest
from conftest import ROOT
from page_helpers import NAMES, failures, look_at, open_page, plain, shown_figures, words

from necc.app.session.state import sample
from necc.core.dictionary import N_SITES

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
LACKING = b"patient_id,grade,os_months,os_event\nP1,low,3,1\nP2,high,9,0\nP3,low,14,1\nP4,high,2,1\n"
NO_ENDPOINT = b"patient_id,grade,recurrence_sites\nP1,low,lung\nP2,high,bone; lung\nP3,low,\n"
WIZARD = "Your own file"
ATTRIBUTES = re.compile(r' (?:data-(?:pick|column|site)|class|id|style|href|key)="[^"]*"')
TOLD = re.compile(r' (?:data-tip|aria-label|title|alt)="([^"]*)"')
COLUMN = re.compile(r"\bcolumns? '[^']*'(?:(?:, and |, or |, | and | or )'[^']*')*")
NAME = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b|\b(?:site|organ):\w+")


def said(app) -> str:
    """All that a page says: its text, labels and helps of its controls, captions and texts of its figures."""
    widgets = [*app.selectbox, *app.multiselect, *app.toggle, *app.checkbox, *app.button, *app.number_input,
               *app.text_input, *app.text_area, *app.slider, *app.button_group]  # fmt: skip
    told = [re.sub(r"^\?\S+$", "", words(app), flags=re.MULTILINE)]  # without the address that a link is
    for widget in widgets:
        told += [getattr(widget.proto, "label", ""), getattr(widget.proto, "help", "")]
        told += [str(getattr(o, "content", o)) for o in getattr(widget, "options", ())]
    for figure in shown_figures(app):
        told += [figure.alt, figure.caption, figure.headline, figure.to_svg(interactive=True)]
    return re.sub(r"<[^<>]*>", " ", TOLD.sub(r"> \1 <i ", ATTRIBUTES.sub(" ", "\n".join(told)))).replace("\\", "")


def codes(text: str) -> set[str]:
    """Names of the dictionary in a text, aside from those that are told as a column's."""
    known = sample().dictionary
    names = {*known.variables, *known.groupings, *known.organs, *(g for s in known.schemes.values() for g in s.groups)}
    found = {m[0] for m in NAME.finditer(COLUMN.sub("the column", text))}
    return {name for name in found if name in names or ":" in name or name == N_SITES}


def views(app, page: str):
    """The page in each of its views, and in each that a view has."""
    yield "", app
    for view in _options(app, f"choice-{page}-view"):
        app.session_state["necc"].chosen[f"{page}-view"] = view
        app.run()
        yield view, app
        inner = [b.key for b in app.button_group if re.fullmatch(r"choice-\w+-view", b.key or "")]
        for key in (k for k in inner if k != f"choice-{page}-view"):
            for part in _options(app, key):
                app.session_state["necc"].chosen[key.removeprefix("choice-")] = part
                app.run()
                yield f"{view}, {part}", app


def _options(app, key: str) -> list[str]:
    return [plain(o) for b in app.button_group if b.key == key for o in b.options]


@pytest.mark.parametrize("data", [None, LACKING, NO_ENDPOINT], ids=["sample", "lacking columns", "no endpoint"])
@pytest.mark.parametrize("page", NAMES)
def test_a_page_says_no_code(app_test, monkeypatch, tmp_path, page, data):
    if data:
        path = tmp_path / "other.csv"
        path.write_bytes(data)
        monkeypatch.setenv("NECC_DATA", str(path))
    seen = 0
    for view, app in views(open_page(app_test(), page), page):
        assert not failures(app), view
        seen += 1
        if view != WIZARD:
            assert not codes(said(app)), view
    assert seen > 1 or page == "learn" or data


def test_the_paper_s_page_says_no_code_of_one_patient(app_test, monkeypatch, tmp_path):
    """Most of its models lack a level then, and each says which."""
    path = tmp_path / "one.csv"
    path.write_text("".join(SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    monkeypatch.setenv("NECC_DATA", str(path))
    told = said(look_at(open_page(app_test(), "paper"), "paper-view", "reproduction"))
    assert "No patient has" in told and "levels here" in told and not codes(told)


@pytest.mark.parametrize(
    "query",
    [{"figo_stage": "III"}, {"site:lung": "with"}, {"organ:liver": "with"}, {"tumor_size_gt_4": "yes"},
     {"ttr_months": "1..5"}, {"any": "any(site:lung=with; figo_stage=III)"}],
)  # fmt: skip
def test_a_link_s_filters_are_told_by_their_labels(app_test, monkeypatch, tmp_path, query):
    path = tmp_path / "other.csv"
    path.write_bytes(LACKING)
    monkeypatch.setenv("NECC_DATA", str(path))
    told = said(open_page(app_test(cohort="another", **query), "survival"))
    assert not codes(told)
    told = said(open_page(app_test(**query, by="figo_stage", nonsense_here="1"), "survival"))
    assert not codes(told)


def test_codes_are_found_where_they_are():
    assert codes("filter on 'figo_stage', column 'os_months'") == {"figo_stage"}
    assert codes("site:abdominal and n_sites; columns 'ttr_months' and 'died', or 'prs_months'") == {
        "site:abdominal", N_SITES
    }  # fmt: skip
    assert codes("abdominal_lymph_node in a file_name") == {"abdominal_lymph_node"}
