"""Sites of recurrence in words: what a cell names, what it denies, what it leaves open, and how that is told."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from necc.core.dictionary import Dictionary
from necc.ingest import ColumnMap, OwnColumns, inspect, read_cohort, site_words
from necc.ingest.build import open_file
from necc.ingest.site_words import SiteText, SiteWords
from necc.ingest.suggest import suggest_mapping

WORDS = SiteWords(Dictionary.builtin().organ_words())
NODE = "cervicothoracic_lymph_node"
AORTIC = "abdominal_lymph_node"


def read(cell: str) -> dict[str, tuple[str, ...]]:
    """The organs of a cell by what is said of them."""
    told = WORDS.read(cell)
    return {k: getattr(told, k) for k in ("present", "absent", "doubtful") if getattr(told, k)}


@pytest.mark.parametrize(
    "cell",
    [
        "no lung", "No lung", "not lung", "lung: no", "lung - no", "lung (no)", "lung no", "Lung=N", "lung: 0",
        "lung 0",
        "without lung", "w/o lung", "denies lung mets", "lung(-)", "lung-", "lung -ve", "lung negative", "lung normal",
        "negative for lung metastasis", "no evidence of recurrence in lung", "lung metastasis ruled out", "lung: none",
        "lung not involved", "lung, none", "no_lung", "无肺转移", "肺(-)", "肺（－）", "未见肺转移", "肺：无",
        "肺阴性", "没有肺转移",
        "否认肺转移", "排除肺转移", "双肺未见转移", "非肺转移",
    ],
)  # fmt: skip
def test_denied(cell):
    assert read(cell) == {"absent": ("lung",)}


@pytest.mark.parametrize(
    "cell",
    [
        "lung?", "?lung", "? lung", "lung (?)", "r/o lung", "rule out lung", "suspicious lung nodule?",
        "suspicious lung",
        "lung suspicious", "lung, suspicious", "possible lung mets", "probably lung", "susp. lung met", "query lung",
        "indeterminate lung nodule", "cannot exclude lung mets", "lung mets not excluded",
        "lung mets cannot be excluded",
        "lung vs lung", "lung (biopsy negative)", "lung, biopsy negative", "lung, no lung", "肺转移?", "肺转移？",
        "可疑肺转移",
        "肺可疑", "肺转移待排", "不除外肺转移", "考虑肺转移", "肺部结节，性质待定", "不能排除肺转移",
    ],
)  # fmt: skip
def test_doubtful(cell):
    assert read(cell) == {"doubtful": ("lung",)}


@pytest.mark.parametrize(
    "cell",
    [
        "lung", "Lung nodule", "lung nodules", "notable lung mass", "north lung", "lung (R)", "Rt. lung", "lung: yes",
        "lung +", "lung(+)", "+lung", "lung = 1", "lung positive", "- lung", "1. lung", "lung NOS", "not only lung",
        "lung, not otherwise specified", "lung, no biopsy", "肺", "肺(+)", "双肺多发转移瘤", "有肺转移",
    ],
)  # fmt: skip
def test_named(cell):
    assert read(cell) == {"present": ("lung",)}


@pytest.mark.parametrize(
    "cell",
    ["none", "None", "NED", "no recurrence", "nil", "no", "N", "0", "negative", "no evidence of disease", "no mets",
     "without any evidence of metastasis", "无", "无复发", "未复发", "未见转移", "没有", "否"],
)  # fmt: skip
def test_no_site_at_all(cell):
    assert WORDS.read(cell) == SiteText(none=True)


@pytest.mark.parametrize("cell", ["-", "--", "not specified", "no data", "unknown", "不详"])
def test_nothing_recorded(cell):
    assert WORDS.read(cell) == SiteText(missing=True)


@pytest.mark.parametrize("cell", ["?", "可疑", "suspicious nodule", "no Atlantis", "Atlantis?"])
def test_unclear(cell):
    told = WORDS.read(cell)
    assert told.unclear and not told.organs and not told.unknown


@pytest.mark.parametrize(
    ("cell", "present", "absent", "doubtful"),
    [
        ("lung, no liver", "lung", "liver", ""),
        ("no lung; liver", "liver", "lung", ""),
        ("no lung, liver", "", "lung", "liver"),
        ("no lung, liver or bone mets", "", "lung liver bone", ""),
        ("no lung, no liver, bone+", "bone", "lung liver", ""),
        ("no lung but liver", "liver", "lung", ""),
        ("liver not lung", "liver", "lung", ""),
        ("lung no, liver yes", "liver", "lung", ""),
        ("lung no liver yes", "liver", "lung", ""),
        ("lung- liver+", "liver", "lung", ""),
        ("lung: 0, liver: 1", "liver", "lung", ""),
        ("lung and liver negative", "", "lung liver", ""),
        ("lung, liver and bone negative", "", "liver bone", "lung"),
        ("neither lung nor liver", "", "lung liver", ""),
        ("lung or liver", "", "", "lung liver"),
        ("lung and possible liver", "lung", "", "liver"),
        ("suspected lung and liver mets", "", "", "lung liver"),
        ("lung, ?liver, bone", "lung bone", "", "liver"),
        ("lung/liver?", "", "", "lung liver"),
        ("lung (suspicious), liver", "liver", "", "lung"),
        ("Lung. No liver.", "lung", "liver", ""),
        ("lung, no distant mets", "lung", "", ""),
        ("肺转移，无肝转移", "lung", "liver", ""),
        ("无肺转移，肝转移", "", "lung", "liver"),
        ("无肺、肝转移", "", "lung liver", ""),
        ("未见肺转移、骨转移；脑转移", "brain", "lung bone", ""),
        ("肺、肝、骨均未见转移", "", "lung liver bone", ""),
        ("肺，肝，骨未见转移", "", "bone", "lung liver"),
        ("肺(+)肝(-)骨(-)", "lung", "liver bone", ""),
        ("双肺多发转移瘤，肝转移？", "lung", "", "liver"),
    ],
)
def test_mixed_cells(cell, present, absent, doubtful):
    told = WORDS.read(cell)
    assert (told.present, told.absent, told.doubtful) == tuple(tuple(x.split()) for x in (present, absent, doubtful))


@pytest.mark.parametrize(
    ("cell", "present", "absent", "doubtful"),
    [
        # a: the part's own answers
        ("no livr lung", "", "", "lung"),
        ("no lung positive", "", "", "lung"),
        ("lung suspicious liver", "", "", "lung liver"),
        ("lung negative no bone mets", "", "lung bone", ""),
        ("lung no liver suspicious", "", "", "lung liver"),
        ("no positive liver lesion, lung", "", "liver", "lung"),
        # b: answers behind a later part
        ("lung nodule and liver negative", "", "liver", "lung"),
        ("lung, liver negative", "", "liver", "lung"),
        ("lung nodule, liver negative", "lung", "liver", ""),
        ("lung (liver negative)", "lung", "liver", ""),
        ("lung, liver?", "lung", "", "liver"),
        ("lung and no liver?", "lung", "", "liver"),
        # c: answers in front of an earlier part
        ("suspected lung, liver", "", "", "lung liver"),
        ("?lung, liver", "liver", "", "lung"),
        ("no lung (left) and liver", "", "lung", "liver"),
        ("no lung, with liver or bone", "", "lung", "liver bone"),
        ("no lung (biopsy negative), liver", "", "", "lung liver"),
        ("no symptoms, lung mets", "lung", "", ""),
        ("no LN (pelvic)", "", "pelvic", ""),
        ("no LN (left) and liver", "", "lymph_node_nos", "liver"),
        # b and c say two things
        ("no lung, liver and bone negative", "", "lung bone", "liver"),
        # d: lists with an "or"
        ("lung, liver or bone", "", "", "lung liver bone"),
        ("lung or liver/bone", "", "", "lung liver bone"),
        ("lung nodule, liver or bone", "lung", "", "liver bone"),
        ("positive for lung or liver", "", "", "lung liver"),
        ("lung or not", "", "", "lung"),
        # parts that are only an answer
        ("LN (neck?)", "", "", NODE),
        ("LN (neck) negative", "", NODE, ""),
        ("lung, none elsewhere", "lung", "", ""),
        ("lung (no uptake)", "", "", "lung"),
        ("Lung mets. MRI of the brain negative", "lung", "brain", ""),
        ("肺转移，余未见异常", "lung", "", ""),
        ("淋巴结（颈部）", NODE, "", ""),
    ],
)
def test_each_rule(cell, present, absent, doubtful):
    test_mixed_cells(cell, present, absent, doubtful)


@pytest.mark.parametrize("cell", ["no distant metastasis", "无远处转移", "no biopsy"])
def test_a_denial_of_something_else_is_not_one_of_all_sites(cell):
    assert WORDS.read(cell) == SiteText(unclear=True)


@pytest.mark.parametrize("cell", ["no lung or Atlantis", "lung or Atlantis", "lung, no Atlantis", "lung (livr)"])
def test_an_unknown_site_that_is_denied_doubted_or_in_brackets_does_not_count(cell):
    told = WORDS.read(cell)
    assert told.ignored and not told.unknown


def test_every_list_of_words_is_of_a_known_kind():
    tables = [lists for name, lists in site_words.DATA.items() if name not in ("cell", "lymph_node", "shorthand")]
    assert {kind for lists in tables for kind in lists} == set(site_words.KINDS)


@pytest.mark.parametrize(
    ("cell", "present"),
    [
        ("LN", "lymph_node_nos"), ("PALN", AORTIC), ("SCLN", NODE), ("retroperitoneal LN", AORTIC), ("PAN", AORTIC),
        ("Lt supraclavicular", NODE), ("Lt. supraclavicular LN, Rt. lung", f"{NODE} lung"), ("para aortic nodes",
        AORTIC),
        ("supra-clavicular", NODE), ("hilar lymph node", NODE), ("hepatic hilar lymph node", AORTIC), ("neck LN", NODE),
        ("cervical and axillary LN", NODE), ("obturator LN", "pelvic"), ("Lymph node, inguinal", "pelvic"),
        ("LN (para-aortic, pelvic)", f"{AORTIC} pelvic"), ("LN: inguinal", "pelvic"), ("LN (neck)", NODE),
        ("non-regional lymph nodes", "lymph_node_nos"), ("iliac bone", "bone"), ("thoracic spine", "bone"),
        ("L3 vertebra", "bone"), ("spine - T4", "bone"), ("bone (T12)", "bone"), ("lung liver bone", "lung liver bone"),
        ("lung\\liver", "lung liver"), ("lung + liver", "lung liver"), ("1. lung 2. liver", "lung liver"),
        ("lung - liver", "lung liver"), ("lung with pleural effusion", "lung pleura"), ("lung\nliver", "lung liver"),
        ("肺肝转移", "lung liver"), ("左锁骨上淋巴结转移", NODE), ("肺门淋巴结", NODE), ("腹股沟淋巴结", "pelvic"),
        ("盆腔及腹主动脉旁淋巴结", f"pelvic {AORTIC}"), ("累及肺", "lung"), ("阴道残端复发", "vaginal_vault"),
    ],
)  # fmt: skip
def test_abbreviations_and_separators(cell, present):
    told = WORDS.read(cell)
    assert (told.present, told.unknown, told.absent, told.doubtful) == (tuple(present.split()), (), (), ())


@pytest.mark.parametrize(
    ("cell", "present", "unknown"),
    [
        ("Head & Neck", "", "Head & Neck"), ("Head and neck", "", "Head and neck"), ("neck", "", "neck"),
        ("Head & Neck; lung", "lung", "Head & Neck"), ("lung, Atlantis", "lung", "Atlantis"), ("nose", "", "nose"),
        ("Nolung", "", "Nolung"), ("N1", "", "N1"), ("distant recurrence multiple sites", "",
         "distant recurrence multiple sites"),
    ],
)  # fmt: skip
def test_unknown_parts(cell, present, unknown):
    told = WORDS.read(cell)
    assert (told.present, told.unknown) == (tuple(present.split()), (unknown,))


def test_a_phrase_that_the_dictionary_knows_is_not_cut():
    known = Dictionary.builtin().with_site_words({"head & neck": "skin"})
    words = SiteWords(known.organ_words())
    assert words.read("Head & Neck").present == ("skin",)
    assert words.read("lung; head & neck").present == ("lung", "skin")


def test_words_beside_a_site_are_told():
    assert WORDS.read("lung livr").ignored == ("livr",)
    assert WORDS.read("pelvis, no distant mets").ignored == ("no distant mets",)
    assert WORDS.read("lung liver").merged == ("lung", "liver")


class TestCohort:
    CELLS = ("no lung", "lung?", "lung, no liver", "none", "?", "lung livr", "lung; Atlantis", "", "liver?")

    @pytest.fixture
    def cohort(self):
        rows = "".join(f'P{i},"{cell}"\n' for i, cell in enumerate(self.CELLS))
        return read_cohort(f"patient_id,recurrence_sites\n{rows}".encode(), "c.csv")

    def test_only_what_is_plainly_named_is_marked(self, cohort):
        assert cohort.factor("site:lung").codes.tolist() == [0, -1, 1, 0, -1, 1, 1, -1, 0]
        assert cohort.factor("site:other").codes.tolist() == [0, 0, 0, 0, -1, 0, 1, -1, 0]

    def test_a_doubtful_organ_leaves_its_site_open(self, cohort):
        assert cohort.factor("site:abdominal").codes.tolist() == [0, 0, 0, 0, -1, 0, 0, -1, -1]

    def test_each_reading_is_told_with_its_place(self, cohort):
        told = {(f.severity, f.code, f.row, f.value) for f in cohort.findings}
        assert told == {
            ("info", "site-denied", 2, "no lung"), ("warning", "doubtful-site", 3, "lung?"),
            ("info", "site-denied", 4, "lung, no liver"), ("info", "no-site", 5, "none"),
            ("warning", "doubtful-site", 6, "?"), ("warning", "partly-understood", 7, "lung livr"),
            ("warning", "unknown-site", 8, "lung; Atlantis"), ("warning", "doubtful-site", 10, "liver?"),
        }  # fmt: skip
        assert all(f.column == "recurrence_sites" for f in cohort.findings)
        doubt = next(f for f in cohort.findings if f.row == 3)
        assert "Write the site alone" in doubt.message and "'Atlantis'" in "".join(f.message for f in cohort.findings)


def test_a_redcap_choice_that_says_none_is_no_site():
    text = (
        "record_id,patient_id,sites (choice=Lung),sites (choice=Liver),sites (choice=None),sites (choice=Unknown)\n"
        "1,P1,Checked,Unchecked,Unchecked,Unchecked\n2,P2,Unchecked,Unchecked,Checked,Unchecked\n"
    )
    cohort = read_cohort(text.encode(), "c.csv")
    assert cohort.site_names == ("lung", "abdominal") and cohort.factor("site:lung").counts() == (1, 1)


def test_redcap_choices_without_a_known_site_or_without_labels_are_told():
    text = "record_id,s (choice=Lung),s (choice=Vulva),s (choice=Bone)\n1,Checked,Unchecked,Unchecked\n"
    assert [f.code for f in inspect(text.encode(), "c.csv").findings] == ["unknown-site"]
    text = "record_id,sites___1,sites___2\n1,1,0\n2,0,1\n"
    assert [f.code for f in inspect(text.encode(), "c.csv").findings] == ["checkbox-codes"]
    opened = open_file(text.encode(), "c.csv")
    mapping = suggest_mapping(opened.raw, Dictionary.builtin())
    assert all(c.confidence < 0.5 and "REDCap data dictionary" in c.reason for c in mapping.columns[1:])
    told = inspect(opened, mapping=mapping).findings
    assert [f.code for f in told] == ["checkbox-codes"] and "data dictionary of the REDCap project" in told[0].message
    decided = mapping.with_column(ColumnMap("sites___1", "site", site="lung"))
    assert "checkbox-codes" not in {f.code for f in inspect(opened, mapping=decided).findings}


@pytest.mark.parametrize("names", [("recurrence_site_1", "recurrence_site_2"), ("site of recurrence", "Mets site B")])
def test_a_list_that_was_spread_over_columns(names):
    text = f"patient_id,{names[0]},{names[1]}\nP1,lung,liver\nP2,none,\nP3,no lung,bone\n"
    mapping = suggest_mapping(open_file(text.encode(), "c.csv").raw, Dictionary.builtin())
    cohorts = [read_cohort(text.encode(), "c.csv", mapping=mapping)]
    if names[0].endswith("1"):
        cohorts.append(read_cohort(text.encode(), "c.csv"))
    for cohort in cohorts:
        assert cohort.factor("site:lung").codes.tolist() == [1, 0, 0]
        assert cohort.factor("organ:liver").codes.tolist() == [1, 0, 0]
        assert cohort.factor("site:bone").codes.tolist() == [0, 0, 1]


@given(st.text(max_size=60), st.sampled_from(["lung", "肝", "no", "?", ", ", "LN", " (-) ", "未见", "/"]))
def test_any_text_is_read(text, more):
    told = WORDS.read(text + more + text)
    assert not set(told.present) & set(told.absent) and not set(told.present) & set(told.doubtful)
    assert not (told.none and told.organs)


def lines_run(cell: str) -> int:
    """How many lines of the module's Python are run to read a cell; what regular expressions do isn't counted."""
    count, before = 0, sys.gettrace()

    def step(frame, event, _):
        nonlocal count
        count += event == "line"
        return step

    sys.settrace(lambda frame, *_: step if frame.f_code.co_filename == site_words.__file__ else None)
    try:
        WORDS.read(cell)
    finally:
        sys.settrace(before)
    return count


LONG = (
    "肺", "lung, ", "lung/", "lung (", "no lung, ", "lung no, ", "lung or ", "lung (-) ", "no ", "? ", "Atlantis, ",
    "Atlantis and ", "lung, none, ", "neck and ", "LN ", "bone (", "bone: ", "pelvis ", "hilum of ", "肝旁淋巴结",
    "旁", "resection of ", "0 lung ", "lung 0 ", "unknown ",
)  # fmt: skip
SIGNS = ("¿", "+a", " -a", "0 a ", " 1 a", "?", "-", "- ", "a- ", "not only ", " \n", "1.", "3x", "(-", "(", "=", "ﷺ")


@pytest.mark.parametrize("unit", LONG)
def test_the_steps_grow_with_a_cells_length_and_no_faster(unit):
    for end in ("", "liver negative"):
        assert lines_run(unit * 2000 + end) < 11 * lines_run(unit * 200 + end)


@pytest.mark.parametrize("unit", LONG + SIGNS)
def test_no_pattern_runs_over_a_long_cell_again_and_again(unit):
    start = time.process_time()
    WORDS.read(unit * (50_000 // len(unit)))
    assert time.process_time() - start < 30  # it takes a second; a pattern that starts anew at each sign takes minutes


def test_a_file_of_own_columns():
    text = "d,e,where\n1,1,no lung\n2,0,liver\n3,1,肺(-)\n"
    own = OwnColumns(time="d", event="e", unit="days", sites=("where",))
    inspection = inspect(text.encode(), "c.csv", own=own)
    assert inspection.cohort.factor("site:lung").counts() == (3, 0)


# --- sites beside each other -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "present", "absent", "doubtful"),
    [
        # a region beside a tissue says where it is
        *((cell, "bone", "", "") for cell in (
            "bone (pelvis)", "bone (pelvis; spine)", "bone mets: pelvis, spine", "pelvis (bone)", "bony pelvis",
            "osseous pelvis", "骨(盆腔)", "骨：盆腔", "盆腔骨", "盆腔骨质破坏", "盆骨", "hueso (pelvis)")),
        *((cell, "bone pelvic", "", "") for cell in ("bone, pelvis", "bone (and pelvis)", "骨、盆腔", "骨 盆腔")),
        *((cell, "pelvic", "", "") for cell in ("骨盤", "骨盆腔", "骨盆淋巴结", "骨盤リンパ節", "子宫骶骨韧带")),
        ("bone (no pelvis)", "bone", "pelvic", ""), ("bone (pelvis and liver)", "bone liver", "", ""),
        # hila, and nodes that lie beside an organ
        *((cell, AORTIC, "", "") for cell in (
            "liver hilum", "renal hilum", "splenic hilum", "hilum of the liver", "hilar (liver)", "hilar LN of liver",
            "hepatic lymph node", "hepatic artery node", "肾门淋巴结", "脾门淋巴结", "肝门部淋巴结",
            "肝十二指肠韧带淋巴结", "肠系膜上动脉旁淋巴结")),
        *((cell, NODE, "", "") for cell in (
            "lung hilum", "LN (lung hilum)", "肺門リンパ節", "锁骨上区淋巴结", "胸骨旁淋巴结")),
        ("liver, hilum", f"liver {NODE}", "", ""), ("肺肝淋巴结转移", "lung liver lymph_node_nos", "", ""),
        *((cell, "", "", "bone") for cell in ("脊柱旁", "肋骨旁", "sacral ligament", "spinal cord")),
        # what was done
        *((cell, "", "", "lung") for cell in (
            "s/p lung resection", "after lung resection", "status post lung lobectomy", "resection of the lung",
            "肺切除术后", "lung lower lobe resection", "all but lung", "everywhere but the lung", "除肺外",
            "second primary lung cancer")),
        *((cell, "lung", "", "") for cell in (
            "lung s/p lobectomy", "lung post lobectomy", "lung metastasis resection", "resection of lung metastasis",
            "肺转移切除术后", "lung, surgery")),
        # nothing known
        *((cell, "liver", "", "lung") for cell in ("lung unknown; liver", "lung NA; liver yes", "肺不详，肝")),
        *((cell, "lung", "", "") for cell in ("lung; unknown", "unknown; lung", "lung, date unknown")),
        # counts and signs
        *((cell, "liver", "lung", "") for cell in (
            "lung (0); liver (1)", "0 lung 1 liver", "0 lung, 1 liver", "lung 0 liver 1", "liver 1 lung 0",
            "+liver -lung", "0:lung 1:liver")),
        ("lung−", "", "lung", ""), ("lung ✗", "", "lung", ""), ("-lung", "", "", "lung"),
        ("2 lung, 1 liver", "lung liver", "", ""),
    ],
)  # fmt: skip
def test_sites_beside_each_other(cell, present, absent, doubtful):
    test_mixed_cells(cell, present, absent, doubtful)
    assert not WORDS.read(cell).unknown


@pytest.mark.parametrize("cell", ["post lobectomy", "lobectomy", "fatty liver", "骨质疏松"])
def test_what_is_no_recurrence_leaves_all_sites_open(cell):
    assert WORDS.read(cell) == SiteText(unclear=True)


def test_a_site_in_brackets_behind_another_is_told():
    assert WORDS.read("lung (liver)").merged == ("lung", "liver")


# --- separators ------------------------------------------------------------------------------------------
SEVERAL = (
    "; ",
    ";",
    ", ",
    "/",
    " / ",
    "+",
    " + ",
    " & ",
    "|",
    " | ",
    "\n",
    "、",
    "，",
    "；",
    " - ",
    " and ",
    "\\",
    " • ",
)


@pytest.mark.parametrize("separator", SEVERAL)
@pytest.mark.parametrize("first", ["pelvic", "pulmonary", "hepatic", "vaginal", "abdominal", "splenic"])
@pytest.mark.parametrize("second", ["bone", "hilum", "hilar lymph node", "thyroid", "skin", "omentum"])
def test_separators_come_before_phrases(separator, first, second):
    """Was one site where the two words together are a phrase of another: `pelvic; bone`."""
    both = {WORDS.read(first).present[0], WORDS.read(second).present[0]}
    assert set(WORDS.read(f"{first}{separator}{second}").present) == both


@pytest.mark.parametrize("phrase", ["pelvic bone", "pulmonary hilum", "hepatic hilar lymph node", "other, specify",
                                    "Lymph node, inguinal", "para-aortic", "lymph node(s)"])  # fmt: skip
def test_a_phrase_stays_one_site(phrase):
    assert len(WORDS.read(phrase).present) == 1


@pytest.mark.parametrize("word", ["lymph node", "LN", "nodes", "淋巴结", "lung; lymph node"])
def test_a_node_without_its_region_is_told(word):
    found = inspect(f"patient_id,recurrence_sites\nA,{word}\nB,neck lymph node\n".encode(), "c.csv").findings
    assert [(f.severity, f.code, f.row) for f in found] == [("warning", "node-without-region", 2)]
    assert "Cervicothoracic lymph node" in found[0].message
