"""Dictionaries: what ships is whole, and a faulty file is told by place."""

import pytest

from necc.dictionary import Dictionary, builtin_names, builtin_text, normalise, plain
from necc.errors import DictionaryError

PAPER_SITES = (
    "lung", "abdominal", "pelvic", "bone", "cervicothoracic_lymph_node", "brain", "vaginal_vault", "other",
)  # fmt: skip


@pytest.mark.parametrize("name", builtin_names())
def test_what_ships_is_read_without_findings(name):
    dictionary = Dictionary.builtin(name)
    assert dictionary.name == name and dictionary.endpoints and dictionary.default_scheme.groups
    assert any(v.kind == "identifier" for v in dictionary.variables.values())


@pytest.mark.parametrize("name", builtin_names())
def test_no_two_variables_share_a_heading(name):
    seen: dict[str, str] = {}
    for variable in Dictionary.builtin(name).variables.values():
        for word in {normalise(w) for w in (variable.name, *variable.aliases)}:
            assert seen.setdefault(word, variable.name) == variable.name, word


@pytest.mark.parametrize("name", builtin_names())
def test_every_scheme_places_every_organ(name):
    dictionary = Dictionary.builtin(name)
    for scheme in dictionary.schemes.values():
        assert {o for members in scheme.groups.values() for o in members} == set(dictionary.organs), scheme.name


def test_the_paper_s_sites_and_endpoints():
    necc = Dictionary.builtin()
    assert tuple(necc.default_scheme.groups) == PAPER_SITES
    assert {"TTR", "PRS", "OS"} <= set(necc.endpoints)


def test_spellings_ignore_case_blanks_and_punctuation():
    histology = Dictionary.builtin().variables["histology"].spellings()
    assert histology[normalise(" Small-Cell ".replace("-", " "))] == "small cell"
    assert normalise("ＳＣＮＥＣ") == "scnec" and normalise("≥ 1/3") == ">= 1/3"


def faulty(old: str, new: str) -> str:
    text = builtin_text()
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("name = [", "", "not valid TOML"),
        ("title = 'x'", "dictionary", "'name' and 'title'"),
        (faulty('kind = "identifier"', 'kind = "key"'), "variables.patient_id", "identifier, category"),
        (faulty('time = "ttr_months"', 'time = "ttr_weeks"'), "endpoints.TTR", "ttr_weeks"),
        (faulty('of = "figo_2018"', 'of = "tnm"'), "groupings.figo_stage", "tnm"),
        (faulty('organs = ["lung", "pleura"]', 'organs = ["lungs"]'), "schemes.paper", "lungs"),
        (faulty('organs = ["pelvic"]', 'organs = ["pelvic", "lung"]'), "schemes.paper", "stands in both"),
        (faulty("above = 50", "above = 50\nfrom = 4"), "groupings.age_gt_50", "exactly one"),
        (faulty('starts_at = "recurrence"', 'starts_at = "later"'), "variables.", "baseline, recurrence"),
        (faulty('["ttr_months", "os_months"]', '["ttr", "os_months"]'), "rules.order", "ttr"),
    ],
)
def test_a_fault_is_told_by_place(text, place, words):
    with pytest.raises(DictionaryError) as error:
        Dictionary.from_toml(text)
    assert any((f.column or "").startswith(place) and words in f.message for f in error.value.findings)


def test_unknown_name_lists_what_ships():
    with pytest.raises(DictionaryError, match="necc"):
        Dictionary.builtin("nope")


def test_the_plain_dictionary_knows_nothing():
    assert not plain().variables and not plain().endpoints
