"""What is chosen on a page, as a link: it comes back, or is told, and names nothing that only a file knows."""

from __future__ import annotations

import pytest
from page_helpers import NAMES, choose, failures, open_page, words

from necc.app.session import links
from necc.app.session.state import KEY
from necc.app.views.prediction import OF_COHORT
from necc.core.selection import Condition
from necc.ingest import read_cohort

OWN = b"patient_id,ward,stay_weeks,histology,prs_months,died,recurrence_sites\n" + b"".join(
    b"P%d,%s,%d,%s,%d,%d,%s\n"
    % (i, (b"Maria Schmidt", b"Second", b"Third")[i % 3], 2 + i % 9, (b"small cell", b"large cell")[i % 2], 2 + i % 11,
       i % 2, (b"lung", b"bone; liver")[i % 2])
    for i in range(40)
)  # fmt: skip
MARK = "cohort"


def asked(app) -> dict[str, list[str]]:
    """What stands in the address."""
    return {name: [values] if isinstance(values, str) else list(values) for name, values in app.query_params.items()}


def visit(app, page: str, **link: str | list[str]):
    """A first visit, by a link."""
    app.switch_page(f"pages/{page}.py")
    for name, value in link.items():
        app.query_params[name] = value
    return app.run()


def upload(app, data: bytes, name: str = "own.csv"):
    key = next(u.key for u in app.get("file_uploader") if u.key.startswith("upload-"))
    return app.file_uploader(key=key).upload(name, data, "text/csv").run()


@pytest.fixture(scope="module")
def own():
    return read_cohort(OWN, "own.csv")


# ---------------------------------------------------------------- what stands in the address
def test_usual_choices_stand_in_no_address(app_test):
    for name in NAMES:
        app = open_page(app_test(), name)
        assert not failures(app) and asked(app) == {}, name


CHOSEN = {
    "survival": [("endpoint", "OS"), ("by", "site:lung"), ("ci", "plain"), ("times-months", "6, 18")],
    "sites": [("sites-view", "Timing"), ("sites-endpoint", "PRS")],
    "immunotherapy": [("response-view", "ICI or not"), ("denominator", "treated")],
    "groups": [("groups-by", "figo_stage"), ("groups-numbers", "mean"), ("groups-every", True)],
    "regression": [("cox-view", "Subgroups"), ("endpoint", "OS"), ("cox-together-OS", ["age_years", "ici"])],
    "comparisons": [("compare-view", "Restricted mean"), ("compare-by", "histology"), ("tau-PRS-histology", 12.0)],
    "competing": [("competing-view", "Hazards"), ("hazards-covariates", [])],
    "treatment": [("treatment-endpoint", "OS")],
    "prediction": [("prediction-view", "Calibration")],
    "reproduction": [("reproduction-table", "Table 4"), ("reproduction-admit", False)],
    "literature": [("literature-topic", 1)],
    "reporting": [("report-view", "STROBE"), ("report-by", "n_sites")],
}


@pytest.mark.parametrize("name", CHOSEN)
def test_link_reproduces_the_choices(app_test, name):
    """What was chosen stands in the address, and a new visitor at that address sees the same."""
    app = open_page(app_test(), name)
    for choice, value in CHOSEN[name]:
        if isinstance(value, int) and choice == "literature-topic":
            value = app.selectbox(key=f"choice-{choice}").options[value]
        app = choose(app, choice, value)
        assert not failures(app)
    link = asked(app)
    assert len(link) == len(CHOSEN[name]) and not any(links.is_filter(n) for n in link)
    again = visit(app_test(), name, **link)
    assert not failures(again) and asked(again) == link and words(again) == words(app)
    assert not again.session_state[KEY].messages
    for choice, _ in CHOSEN[name]:
        mine, other = (x.session_state[KEY].chosen[choice] for x in (app, again))
        assert other == (tuple(mine) if isinstance(mine, list) else mine)


def test_a_choice_is_never_taken_for_a_filter(app_test):
    """No name of a choice is one that a filter has, on any page, and each stands for one choice."""
    for name in NAMES:
        app = open_page(app_test(), name)
        there = [c.name for c in app.session_state[KEY].asked.values()]
        assert not [n for n in there if links.is_filter(n) or n in (*links.RESERVED, links.SCHEME)]
        assert len(set(there)) == len(there)


def test_back_to_the_usual_leaves_the_address(app_test):
    app = choose(open_page(app_test(), "survival"), "by", "site:lung")
    assert asked(app) == {"by": ["site:lung"]}
    assert asked(choose(app, "by", "")) == {}
    assert asked(choose(app, "by", "all sites")) == {"by": ["all-sites"]}
    app.query_params.clear()  # as the menu does
    app.switch_page("pages/sites.py").run()
    assert asked(app) == {}  # the next page has choices of its own
    app.switch_page("pages/survival.py").run()
    assert asked(app)["by"] == ["all-sites"]


def test_site_scheme_is_part_of_the_link(app_test):
    app = open_page(app_test(), "sites")
    whole = app.session_state[KEY].whole
    other = next(name for name in whole.dictionary.schemes if name != whole.scheme.name)
    choose(app, "site scheme", other)
    assert asked(app) == {"scheme": [other]}
    again = app_test(scheme=other).run()
    assert again.session_state[KEY].whole.scheme.name == other and not again.session_state[KEY].messages


# ---------------------------------------------------------------- what a link may name
@pytest.mark.parametrize("secret", ["Maria", "Schmidt", "ward", "stay_weeks", "P1"])
def test_no_choice_names_what_only_the_file_knows(app_test, secret):
    app = upload(app_test().run(), OWN)
    for name, chosen in (
        ("survival", [("by", "ward")]),
        ("survival", [("by", "a number, cut"), ("by-number", "stay_weeks"), ("by-cut-stay_weeks", "4")]),
        ("regression", [("cox-together-PRS", ["ward", "stay_weeks"]), ("cox-reference-ward", "Second")]),
        ("comparisons", [("compare-by", "histology"), ("compare-strata", ["ward"])]),
    ):
        app.switch_page(f"pages/{name}.py").run()
        for choice, value in chosen:
            choose(app, choice, value)
        assert not failures(app)
        assert set(asked(app)) > {MARK} and secret not in f"{asked(app)}"


def test_own_words_of_a_file_come_back_with_the_file(app_test):
    app = upload(open_page(app_test(), "survival"), OWN)
    choose(app, "by", "ward")
    link = asked(app)
    again = visit(app_test(), "survival", **link)
    assert "load that file again" in words(again) and asked(again)["by"] == link["by"]
    upload(again, OWN)
    assert again.selectbox(key="choice-by").value == "ward" and asked(again) == link
    # another file instead can't answer it, and says so
    other = upload(visit(app_test(), "survival", **link), OWN.replace(b"ward", b"unit"))
    assert "'by'" in words(other) and "default is shown" in words(other) and "by" not in asked(other)


def test_a_patient_s_values_never_stand_in_the_address(app_test):
    app = choose(open_page(app_test(), "prediction"), "prediction-view", "One patient")
    for widget in [w for w in app.selectbox if w.key.startswith("choice-patient-")]:
        widget.set_value(widget.options[-1]).run()
    app = choose(app, "patient-source", OF_COHORT)
    assert not failures(app)
    assert set(asked(app)) == {"prediction-view", "patient-source"}


@pytest.mark.parametrize("text", ["Maria Schmidt", "12; P-1", "<b>"])
def test_words_typed_for_numbers_never_stand_in_the_address(app_test, text):
    app = choose(open_page(app_test(), "survival"), "times-months", text)
    assert asked(app) == {}


def test_options_get_distinct_words(own):
    told = links.choice_words(["", "site:lung", "ward", "site:Schmidt", "PRS", "every site", "every-site", True], own,
                              fixed=("every site", "every-site"), of=("ward",))  # fmt: skip
    assert len(set(told)) == len(told)
    assert told[0] == "none" and told[1] == "site:lung" and told[4:6] == ["PRS", "every-site"] and told[7] == "yes"
    assert told[2].startswith("x-") and told[3] == "~3" and told[6] == "~6"


# ---------------------------------------------------------------- a link that can't be answered
@pytest.mark.parametrize(
    ("page", "link", "usual"),
    [
        ("survival", {"by": "site:spleen"}, ("by", "")),
        ("survival", {"by": "~99"}, ("by", "")),
        ("survival", {"by": ["site:lung", "site:bone"]}, ("by", "")),
        ("survival", {"endpoint": "DFS"}, ("endpoint", "PRS")),
        ("survival", {"times-months": "Maria"}, ("times-months", "12, 24, 36")),
        ("comparisons", {"compare-view": "restricted-mean", "tau-PRS-n_sites": "nan"}, None),
        ("survival", {"unheard": "of"}, ("endpoint", "PRS")),
        ("sites", {"scheme": "unheard"}, ("sites-view", "Distribution")),
        ("groups", {"groups-rows": "everything"}, None),
    ],
)  # fmt: skip
def test_an_unknown_choice_is_told_and_the_usual_shown(app_test, page, link, usual):
    app = visit(app_test(), page, **link)
    assert not failures(app)
    name = list(link)[-1]
    assert f"'{name}'" in words(app) and "the default is shown" in words(app)
    assert name not in asked(app)
    if usual:
        widget = next(w for kind in ("selectbox", "button_group", "text_input") for w in getattr(app, kind)
                      if w.key == f"choice-{usual[0]}")  # fmt: skip
        assert widget.value in (usual[1], [usual[1]])


def test_choices_survive_a_selection_of_nobody(app_test):
    """A page that stops before its controls neither refuses what the link chooses nor loses it."""
    app = visit(app_test(), "survival", by="site:lung", histology="large cell", figo_stage="II")
    assert "No patient meets all" in words(app) and asked(app)["by"] == ["site:lung"]
    app.button(key="reset").click().run()
    assert app.selectbox(key="choice-by").value == "site:lung" and asked(app) == {"by": ["site:lung"]}


def test_a_changed_address_is_followed(app_test):
    """As the browser's buttons do: what the address no longer chooses is the usual again."""
    app = choose(open_page(app_test(), "survival"), "by", "site:lung")
    app = choose(app, "endpoint", "OS")
    app.query_params.clear()
    app.query_params["by"] = "site:bone"
    app.run()
    assert app.selectbox(key="choice-by").value == "site:bone"
    assert app.session_state[KEY].asked["endpoint"].words == () and asked(app) == {"by": ["site:bone"]}


STAGES = b"patient_id,figo_2018,prs_months,died\n" + b"".join(
    b"P%d,%s,%d,1\n" % (i, (b"IB1", b"IVA", b"IV", b"IVB")[i % 4], i + 1) for i in range(16)
)


def test_a_level_that_the_sample_lacks_waits_for_its_file(app_test):
    """A link names a level by its word wherever the dictionary does: its place would be another's in another file."""
    app = upload(app_test().run(), STAGES)
    app.session_state[KEY].set_condition(Condition("figo_stage", ("IV",)))
    link = asked(app.run())
    assert link["figo_stage"] == ["IV"] and "**4** of 16 patients" in words(app)
    again = app_test(**link).run()
    assert asked(again)["figo_stage"] == ["IV"] and asked(again)["cohort"] == link["cohort"]
    again = upload(again, STAGES)
    assert asked(again) == link and "**4** of 16 patients" in words(again)
    assert "load that file again" not in words(again) and "earlier filters" not in words(again)


def test_filters_that_go_with_another_file_are_told_and_undone(app_test):
    app = app_test(figo_stage="IVA").run()
    app = upload(app, STAGES)
    assert "**4** of 16 patients" in words(app) and "Your earlier filters apply to this file too" in words(app)
    app.button(key="undo").click().run()
    assert "**16** of 16 patients" in words(app)
