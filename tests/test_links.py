"""What is chosen on a page, as a link: it comes back, or is told, and names nothing that only a file knows."""

from __future__ import annotations

import pytest
from page_helpers import NAMES, choose, failures, open_page, words

from necc.app.session import links
from necc.app.session.state import KEY
from necc.app.shell.navigation import MOVED
from necc.app.views.prediction import OF_COHORT
from necc.core.dictionary import Dictionary
from necc.core.selection import PICKED, Condition, Group, Selection, picked
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
    app.switch_page(f"pages/{MOVED.get(page, (page,))[0]}.py")
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
    "sites": [("sites-view", "Timing"), ("endpoint", "PRS")],
    "treatment": [("treatment-view", "ICI or not"), ("denominator", "treated")],
    "treatment, timing": [("treatment-view", "Timing"), ("endpoint", "OS")],
    "patients": [("patients-view", "Table 1"), ("by", "figo_stage"), ("groups-numbers", "mean"),
                 ("groups-every", True)],
    "regression": [("regression-view", "Subgroups"), ("endpoint", "OS"), ("cox-together-OS", ["age_years", "ici"])],
    "regression, two hazards": [("regression-view", "Two hazards"), ("hazards-covariates", [])],
    "regression, prediction": [("regression-view", "Prediction"), ("prediction-view", "Calibration")],
    "survival, means": [("survival-view", "Restricted mean"), ("by", "histology"), ("tau-PRS-histology", 12.0)],
    "survival, competing": [("survival-view", "Competing risks"), ("competing-view", "Cause by cause")],
    "paper": [("paper-view", "Reproduction"), ("reproduction-table", "Table 4"), ("reproduction-admit", False)],
    "paper, literature": [("paper-view", "Literature"), ("literature-topic", 1)],
    "report": [("report-view", "STROBE"), ("by", "n_sites")],
}  # fmt: skip


@pytest.mark.parametrize("name", CHOSEN)
def test_link_reproduces_the_choices(app_test, name):
    """What was chosen stands in the address, and a new visitor at that address sees the same."""
    page = name.split(",")[0]
    app = open_page(app_test(), page)
    for choice, value in CHOSEN[name]:
        if isinstance(value, int) and choice == "literature-topic":
            value = app.selectbox(key=f"choice-{choice}").options[value]
        app = choose(app, choice, value)
        assert not failures(app)
    link = asked(app)
    assert len(link) == len(CHOSEN[name]) and not any(links.is_filter(n) for n in link)
    again = visit(app_test(), page, **link)
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
        ("survival", [("survival-view", "Tests"), ("by", "histology"), ("compare-strata", ["ward"])]),
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
    assert set(asked(app)) == {"regression-view", "prediction-view", "patient-source"}


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
        ("survival", {"survival-view": "restricted-mean", "tau-PRS-n_sites": "nan"}, None),
        ("survival", {"unheard": "of"}, ("endpoint", "PRS")),
        ("sites", {"scheme": "unheard"}, ("sites-view", "Distribution")),
        ("patients", {"patients-view": "table-1", "groups-rows": "everything"}, None),
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


# ---------------------------------------------------------------- groups of filters
GROUPED = {
    "any": (["any(site:lung=with; site:bone=with)", "figo_stage=III"],
            {"figo_stage": ["III"], "filter-any": ["site:lung=with;site:bone=with"]}),
    "none": (["none(age_years=40..60,missing; histology=small cell,missing)"],
             {"filter-none": ["age_years=40..60,missing;histology=small cell,missing"]}),
    "one variable twice": (["any(age_years<40; age_years>60,missing)"],
                           {"filter-any": ["age_years=<40;age_years=>60,missing"]}),
    "several groups": (["not all(site:lung=with; ici=yes)", "any(site:lung|bone=with)", "any(n_sites=2,3)"],
                       {"filter-any": ["site:lung|bone=with", "n_sites=2,3"],
                        "filter-not-all": ["site:lung=with;ici=yes"]}),
}  # fmt: skip


@pytest.mark.parametrize("case", GROUPED)
def test_groups_stand_in_the_address_and_come_back(app_test, case):
    texts, link = GROUPED[case]
    app = app_test(**link).run()
    state = app.session_state[KEY]
    assert not failures(app) and not state.messages and not state.waiting
    wanted = Selection.parse(texts)
    wanted = Selection(tuple(c.spelled(state.whole) for c in wanted.conditions),
                       tuple(g.spelled(state.whole) for g in wanted.groups))  # fmt: skip
    assert state.selection.key() == wanted.key() and asked(app) == link
    assert f"**{len(wanted.apply(state.whole))}** of 88 patients" in words(app)
    again, left = links.from_pairs(links.to_pairs(state.selection, state.whole), state.whole)
    assert again.key() == wanted.key() and not left


def test_names_of_groups_are_no_names_of_anything_else():
    assert len(links.GROUPS) == 3 and all(map(links.is_filter, links.GROUPS))
    for dictionary in map(Dictionary.builtin, links._ships()):
        assert not {*dictionary.variables, *dictionary.groupings, *dictionary.endpoints} & set(links.GROUPS)
    assert not set(links.GROUPS) & {*links.RESERVED, links.SCHEME}


SECRETS = ("Maria", "Schmidt", "ward", "Second", "stay", "P1")


def test_a_group_names_nothing_that_only_the_file_knows(app_test, own):
    selection = Selection.parse(["any(ward=Maria Schmidt,Second; histology=small cell)", "none(stay_weeks>5)"])
    pairs = links.to_pairs(selection, own)
    again, left = links.from_pairs(pairs, own)
    assert again.key() == selection.key() and not left
    name = links.public_words(selection, own)
    assert name == "any-own-filter-histology-small-cell_none-own-filter"
    assert not [s for s in SECRETS if s in f"{pairs}{name}"]
    # the whole way: from the address of one session to that of another, where it waits for the file
    app = upload(app_test().run(), OWN)
    app.session_state[KEY].select(selection)
    link = asked(app.run())
    assert not failures(app) and not [s for s in SECRETS if s in f"{link}"]
    fresh = app_test(**link).run()
    state = fresh.session_state[KEY]
    assert not state.selection and len(state.waiting) == 2 and asked(fresh) == link
    fresh = upload(fresh, OWN)
    assert fresh.session_state[KEY].selection.key() == selection.key() and asked(fresh) == link
    assert "load that file again" not in words(fresh)


@pytest.mark.parametrize("name", ["a;b", "a=b", "50 %", "a,b", "x%3By", "n | m", 'q"&<b>'])
def test_signs_of_a_group_inside_names_and_levels(name):
    """A file's own dictionary is no public one, so digests and places stand there; the signs are kept apart anyway."""
    quoted = name.replace('"', '""')
    cohort = read_cohort(f'patient_id,"{quoted}",arm\nP1,"{quoted}",x\nP2,b,y\nP3,c,z\n'.encode(), "c.csv")
    group = Group((Condition(name, (name, "b"), keep_missing=True), Condition("arm", ("z",))), "any")
    pairs = links.to_pairs(Selection((), (group,)), cohort)
    assert links.from_pairs(pairs, cohort) == (Selection((), (group,)), ())
    assert links.unquote(links._plain(name)) == name and not set(links._plain(name)) & set(";,=")


@pytest.mark.parametrize(
    "text",
    ["", ";", "site:lung", "site:lung=", "site:spleen=with", "site:lung=with;site:spleen=with", "site:lung=perhaps",
     "x-12345678=~1", "figo_stage=~99", "age_years=old..", "=with", f"{PICKED}=4", "filter-any=site:lung", "%",
     "a=%ZZ"],
)  # fmt: skip
def test_a_group_that_can_t_be_answered_is_left_whole(app_test, text):
    cohort = app_test().run().session_state[KEY].whole
    selection, left = links.from_pairs([("filter-any", text), ("ici", "yes")], cohort)
    assert selection == Selection.parse(["ici=yes"]) and left == (("filter-any", text),)


def test_a_link_s_group_for_another_file_is_told(app_test):
    app = app_test(**{"filter-none": "figo_stage=IVB;site:spleen=with"}).run()
    assert "The link filters by several variables together, for which this cohort lacks the data" in words(app)
    app = upload(app_test(**{"filter-any": "figo_stage=IVA;site:lung=with"}).run(), STAGES)
    assert "lacks the data for the filter on several variables together; it was left out" in words(app)
    assert "**16** of 16 patients" in words(app)


# ---------------------------------------------------------------- patients picked by hand
def test_picked_patients_stand_in_no_address_and_no_file_name(app_test):
    app = app_test().run()
    state = app.session_state[KEY]
    mixed = Group((Condition("site:lung", ("with",)), picked([87])), "any")
    state.select(Selection((Condition("ici", ("yes",)), picked([4, 17, 87])), (mixed,)))
    n = len(state.cohort)
    app.run()
    assert not failures(app) and asked(app) == {"ici": ["yes"]} and f"**{n}** of 88 patients" in words(app)
    assert links.to_pairs(state.selection, state.whole) == (("ici", "yes"),) and links.unlinked(state.selection)
    assert links.public_words(state.selection, state.whole) == (
        "ici-yes_picked-by-hand_any-site-lung-with-picked-by-hand"
    )
    assert not links.unlinked(Selection.parse(["ici=yes", "any(site:lung=with; ici=no)"]))
    assert links.unlinked(Selection((), (mixed,)))


def test_picked_patients_stay_as_long_as_their_file(app_test):
    """Through pages, a changed address and another reading of the sites; never with another file."""
    app = app_test().run()
    state = app.session_state[KEY]
    state.select(Selection((picked([4, 17]), Condition("ici", ("yes",)))))
    app = app.run().switch_page("pages/sites.py").run()
    app.query_params.clear()
    app.query_params["ici"] = "no"
    app.run()
    assert state.selection.key() == Selection((picked([4, 17]), Condition("ici", ("no",)))).key()
    other = next(name for name in state.whole.dictionary.schemes if name != state.whole.scheme.name)
    choose(app, "site scheme", other)
    assert state.whole.scheme.name == other and state.selection.get(PICKED) == picked([4, 17])
    app = upload(app, OWN)
    assert state.selection.get(PICKED) is None and "picked by hand were of the earlier file" in words(app)


def test_a_group_that_the_sites_no_longer_have_is_told(app_test):
    app = open_page(app_test(), "sites")
    state = app.session_state[KEY]
    other = next(name for name in state.whole.dictionary.schemes if name != state.whole.scheme.name)
    gone = next(s for s in state.whole.site_names if s not in state.whole.with_scheme(other).site_names)
    state.select(Selection((), (Group((Condition(f"site:{gone}", ("with",)), picked([4])), "any"),)))
    app = choose(app.run(), "site scheme", other)
    assert not state.selection and "several variables together; it was left out" in words(app)
