"""Dictionaries: what ships is whole, and a faulty file is told by place."""

import pytest

from necc.core.dictionary import Dictionary, builtin_names, builtin_text, normalise, plain, spelling
from necc.core.errors import DictionaryError

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
    for word in (" Small-Cell ", "SmallCell", "small  cell.", "SMALL_CELL", "ＳＣＮＥＣ"):
        assert histology[spelling(word)] == "small cell"
    assert spelling("<1/3") == spelling("< 1/3") != spelling("> 1/3")
    assert len({spelling(x) for x in ("1-2", "12", "1 2", "-", "+", "++")}) == 6
    assert normalise("ＳＣＮＥＣ") == "scnec" and normalise("≥ 1/3") == ">= 1/3"


@pytest.mark.parametrize("name", builtin_names())
def test_no_two_levels_are_spelled_alike(name):
    for variable in Dictionary.builtin(name).variables.values():
        meant: dict[str, set[str]] = {}
        for level in variable.levels or tuple(variable.synonyms):
            for word in (level, *variable.synonyms.get(level, ())):
                meant.setdefault(variable.spelled(word), set()).add(level)
        assert not {word: levels for word, levels in meant.items() if len(levels) > 1}, variable.name
        assert {w: {x} for w, x in variable.spellings().items() if w in meant}.items() <= meant.items()


def faulty(old: str, new: str) -> str:
    text = builtin_text()
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("name = [", "", "not valid TOML"),
        ("title = 'x'", "dictionary", "'name' and 'title'"),
        ("name = 'n'\ntitle = 't'\npanel = 3\ndefault_covariates = 'x'", "panel", "list of tables"),
        (faulty('kind = "identifier"', 'kind = "key"'), "variables.patient_id", "identifier, category"),
        (faulty('time = "ttr_months"', 'time = "ttr_weeks"'), "endpoints.TTR", "ttr_weeks"),
        (faulty('of = "figo_2018"', 'of = "tnm"'), "groupings.figo_stage", "tnm"),
        (faulty('organs = ["lung", "pleura"]', 'organs = ["lungs"]'), "schemes.paper", "lungs"),
        (faulty('organs = ["pelvic"]', 'organs = ["pelvic", "lung"]'), "schemes.paper", "stands in both"),
        (faulty("above = 50", "above = 50\nfrom = 4"), "groupings.age_gt_50", "exactly one"),
        (faulty('starts_at = "recurrence"', 'starts_at = "later"'), "variables.", "baseline, recurrence"),
        (faulty('["ttr_months", "os_months"]', '["ttr", "os_months"]'), "rules.order", "ttr"),
        (faulty('["ici_agent", "ici"]', '["ici_agents", "ici"]'), "rules.needs", "ici_agents"),
        (faulty('"best_response=CR|PR"', '"best_response=CR|XR"'), "rules.needs", "'XR'"),
        (faulty('["ici_agent", "ici"]', '["ici_agent"]'), "rules.needs", "no pair"),
        (
            faulty('["ici_agent", "ici"]', '["ici_agent", "ici"]').replace('"prs_months"],\n]', '"prs"],\n]'),
            "rules.within",
            "prs",
        ),
    ],
)
def test_a_fault_is_told_by_place(text, place, words):
    with pytest.raises(DictionaryError) as error:
        Dictionary.from_toml(text)
    assert any((f.column or "").startswith(place) and words in f.message for f in error.value.findings)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ('"mixed_component", "figo_stage"', '"mixed", "figo_stage"', "panel 'Tumour'", "'mixed'"),
        ('{ title = "Age", names', "{ names", "panel", "'title'"),
        ('{ title = "Age", names', '{ title = "Age", name', "panel", "unknown key 'name'"),
        ('"site:lung", "site:abd', '"site:lungs", "site:abd', "default_covariates", "site:lungs"),
        ('treatment = "ici"', 'treatment = "pembrolizumab"', "treatment", "pembrolizumab"),
        ('treatment = "ici"', 'treatment = "ici_agent"', "treatment", "not a flag"),
        ('treatment = "ici"', "treatment = 1", "treatment", "'1'"),
    ],
)
def test_what_is_chosen_first_names_what_the_dictionary_has(old, new, place, words):
    with pytest.raises(DictionaryError) as raised:
        Dictionary.from_toml(faulty(old, new))
    assert any(f.column == place and words in f.message for f in raised.value.findings), raised.value.findings


def test_what_is_chosen_first_comes_from_the_dictionary():
    necc = Dictionary.builtin()
    assert necc.treatment == "ici" and necc.variables["ici"].start
    assert [p.title for p in necc.panel] == ["Tumour", "Age", "Primary treatment", "Treatment after recurrence"]
    assert necc.default_covariates[:2] == ("age_years", "figo_stage") and "site:lung" in necc.default_covariates
    assert plain().panel == () and plain().default_covariates == () and plain().treatment == ""


def test_a_dictionary_that_extends_loses_what_it_takes_out():
    own = 'extends = "necc"\nname = "own"\ntitle = "Own"\n[variables]\n{}\n[groupings]\nage_gt_50 = false\n'
    found = Dictionary.from_toml(own.format("radical_surgery = false\nantiangiogenic = false"))
    assert found.panel[2].names == ("primary_radiation", "primary_chemo_cycles")
    assert "antiangiogenic" not in found.panel[3].names and found.treatment == "ici"
    told = Dictionary.from_toml(own.replace("title", 'default_covariates = ["hpv"]\ntitle').format(""))
    assert told.default_covariates == ("hpv",)


def test_unknown_name_lists_what_ships():
    with pytest.raises(DictionaryError, match="necc"):
        Dictionary.builtin("nope")


def test_the_plain_dictionary_knows_nothing():
    assert not plain().variables and not plain().endpoints
