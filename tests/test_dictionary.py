"""Dictionaries: what ships is whole, and a faulty file is told by place."""

import pytest

from necc.analysis.recurrence import site_distribution
from necc.analysis.response import response_rates
from necc.core.dictionary import Dictionary, builtin_names, builtin_text, normalise, one_year, plain, spelling
from necc.core.errors import DictionaryError
from necc.ingest import read_cohort

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
        (faulty('organs = ["pelvic"]', 'organs = ["pelvic", "lung"]'), "schemes.paper", "is in both"),
        (faulty("above = 50", "above = 50\nfrom = 4"), "groupings.age_gt_50", "exactly one"),
        (faulty('starts_at = "recurrence"', 'starts_at = "later"'), "variables.", "baseline, recurrence"),
        (faulty('["ttr_months", "os_months"]', '["ttr", "os_months"]'), "rules.order", "ttr"),
        (faulty('["ici_agent", "ici"]', '["ici_agents", "ici"]'), "rules.needs", "ici_agents"),
        (faulty('"best_response=CR|PR"', '"best_response=CR|XR"'), "rules.needs", "'XR'"),
        (faulty('["ici_agent", "ici"]', '["ici_agent"]'), "rules.needs", "not a pair"),
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
        ('like = ["site:abdominal"', 'like = ["site:belly"', "like", "site:belly"),
        ('lane = "primary treatment"', 'lane = "first"', "variables.radical_surgery", "treatment after recurrence"),
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
    assert necc.like[0] == "site:abdominal" and plain().like == ()
    lanes = {v.lane for v in necc.variables.values()}
    assert lanes == {"", "primary treatment", "treatment after recurrence"} and not necc.variables["ici"].lane


def test_a_dictionary_that_extends_loses_what_it_takes_out():
    own = 'extends = "necc"\nname = "own"\ntitle = "Own"\n[variables]\n{}\n[groupings]\nage_gt_50 = false\n'
    found = Dictionary.from_toml(own.format("radical_surgery = false\nantiangiogenic = false"))
    assert found.panel[2].names == ("primary_radiation", "primary_chemo_cycles")
    assert "antiangiogenic" not in found.panel[3].names and found.treatment == "ici"
    assert Dictionary.from_toml(own.format("histology = false")).like[-1] == "figo_stage"
    assert "histology" not in Dictionary.from_toml(own.format("histology = false")).like
    told = Dictionary.from_toml(own.replace("title", 'default_covariates = ["hpv"]\ntitle').format(""))
    assert told.default_covariates == ("hpv",)


def test_unknown_name_lists_what_ships():
    with pytest.raises(DictionaryError, match="necc"):
        Dictionary.builtin("nope")


def test_the_plain_dictionary_knows_nothing():
    assert not plain().variables and not plain().endpoints


class TestDerived:
    """A dictionary on top of one that ships, whatever that gains."""

    def of(self, text: str) -> Dictionary:
        return Dictionary.from_toml(f'extends = "necc"\nname = "own"\ntitle = "Own"\n{text}')

    def test_the_base_may_gain_a_scheme_of_what_was_taken_out(self):
        """Was refused: group 'other' names the organ 'thyroid', which [organs] doesn't have."""
        own = self.of("[organs]\nthyroid = false\npleura = false\nbowel = false\n")
        assert own.schemes["paper"].groups["lung"] == ("lung",) and "thyroid" not in own.organs
        assert set(own.schemes) == set(Dictionary.builtin().schemes)

    def test_what_is_inherited_loses_what_was_taken_out(self):
        own = self.of('[variables]\nmixed_component = false\nici_cycles = false\n[variables.hpv]\nkind = "text"\n')
        assert "histology_pure" not in own.groupings
        assert not any("ici_cycles" in (str(a), str(b)) for a, b in own.needs) and own.needs
        with pytest.raises(DictionaryError, match="'ici_cycles', which the dictionary doesn't have"):
            self.of('[variables]\nici_cycles = false\n[rules]\nneeds = [["ici", "ici_cycles"]]\n')

    def test_a_section_may_start_empty(self):
        own = self.of(
            'without = ["schemes", "organs", "panel"]\n[organs]\nnode = { label = "Node" }\n'
            '[schemes.mine]\n[schemes.mine.groups]\nnodal = { organs = ["node"] }\n[variables]\n'
            + "".join(f"{v.name} = false\n" for v in Dictionary.builtin().variables.values() if v.site)
        )
        assert set(own.schemes) == {"mine"} and set(own.organs) == {"node"} and own.panel == ()
        with pytest.raises(DictionaryError, match="a list of sections is needed"):
            self.of('without = ["scheme"]\n')

    def test_its_default_scheme_is_its_own(self):
        own = self.of('[schemes.mine]\ndefault = true\n[schemes.mine.groups]\nlungs = { organs = ["lung"] }\n')
        assert own.default_scheme.name == "mine" and not own.schemes["paper"].default


def test_the_default_scheme_is_the_one_that_says_so():
    text = faulty("default = true\n", "").replace("[schemes.spread]\n", "[schemes.spread]\ndefault = true\n")
    assert Dictionary.from_toml(text).default_scheme.name == "spread"
    assert Dictionary.from_toml(faulty("default = true\n", "")).default_scheme.name == "paper"
    with pytest.raises(DictionaryError, match="only one site scheme can be the default"):
        Dictionary.from_toml(faulty("[schemes.spread]\n", "[schemes.spread]\ndefault = true\n"))


def test_roles_name_variables_and_endpoints_of_their_kind():
    necc = Dictionary.builtin()
    assert (necc.role("recurrence"), necc.role("main_endpoint")) == ("recurred", "PRS")
    assert plain().role("death") == "died"  # a column has the role of its name where no disease is known
    with pytest.raises(KeyError):
        necc.role("deaths")
    for old, new, words in (
        ('death = "died"', 'deaht = "died"', "did you mean 'death'?"),
        ('death = "died"', 'death = "dead"', "names the variable 'dead'"),
        ('death = "died"', 'death = "histology"', "'histology' is a category, not event or flag"),
        ('death_endpoint = "OS"', 'death_endpoint = "PSO"', "names the endpoint 'PSO'"),
    ):
        with pytest.raises(DictionaryError, match="roles") as error:
            Dictionary.from_toml(faulty(old, new))
        assert words in error.value.findings[0].message


def test_an_analysis_finds_a_column_by_its_role():
    own = Dictionary.from_toml(
        'extends = "necc"\nname = "own"\ntitle = "Own"\n[variables]\nrecurred = false\nbest_response = false\n'
        '[variables.came_back]\nkind = "event"\n[variables.shrunk]\nkind = "response"\n'
        '[endpoints]\nTTR = false\n[roles]\nrecurrence = "came_back"\nresponse_best = "shrunk"\n'
    )
    rows = "patient_id,came_back,shrunk,ici,site_lung\nP1,1,CR,1,1\nP2,0,,0,0\nP3,1,PD,1,0\n"
    cohort = read_cohort(rows.encode(), "c.csv", dictionary=own)
    assert [(e.reason, e.n) for e in site_distribution(cohort).excluded] == [("did not recur", 1)]
    assert response_rates(cohort).overall.orr.n == 1 and own.role("recurrence_endpoint") == ""


def test_a_year_in_any_unit():
    assert [one_year(unit) for unit in ("days", "weeks", "months", "years", "cycles")] == [365, 52, 12, 1, 1]


def test_a_finding_has_its_line():
    with pytest.raises(DictionaryError) as error:
        Dictionary.from_toml(faulty("above = 50", "abvoe = 50"))
    finding = error.value.findings[0]
    line = builtin_text().splitlines().index("[groupings.age_gt_50]") + 1
    assert (finding.row, finding.column) == (line, "groupings.age_gt_50") and "mean 'above'?" in finding.message
