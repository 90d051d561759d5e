"""Projects: written and read again, edited by hand, of another version, put on this file, next year's and another."""

from __future__ import annotations

import re
import time
import tomllib
from dataclasses import fields, replace

import pandas as pd
import pytest
from cohorts import SAMPLES, cohort_of, necc_cohort
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from necc import kaplan_meier
from necc.analysis.recorded import Recorded, compare_numbers, is_small, record_numbers
from necc.cli import main
from necc.core.cohort import Cohort
from necc.core.edits import (
    CombineSites,
    Cut,
    Derive,
    FirstOf,
    LeaveOut,
    Order,
    Recode,
    apply_edits,
    edits_to_toml,
    row_fingerprint,
)
from necc.core.guardrails import SMALLEST_CELL
from necc.core.selection import Selection, picked
from necc.ingest import ColumnMap, EndpointMap, Mapping, Opened, ReadOptions, inspect, open_file, read_cohort
from necc.ingest.remedies import LEAVE_OUT, fingerprint
from necc.present.words.explain import explain
from necc.project import (
    DataMark,
    Exhibit,
    Project,
    Subcohort,
    Unread,
    filter_texts,
    fitted,
    mark_of,
    open_project,
    without_patients,
)

SAMPLE = SAMPLES / "reconstructed_cohort.csv"
CANARY = "Zebra-4711"


@pytest.fixture(scope="module")
def opened() -> Opened:
    return open_file(SAMPLE)


@pytest.fixture(scope="module")
def cohort(opened) -> Cohort:
    return read_cohort(opened)


@pytest.fixture(scope="module")
def project(opened, cohort) -> Project:
    """One that uses every section."""
    lung = Selection.parse(["site:lung=with"])
    return Project(
        "Lung and bone", "2026-11-30", "0.1.0", mark_of(opened, cohort, "2026-06-30"), inspect(opened).mapping,
        "paper",
        (Recode("histology", (("other", ("large cell", "NEC NOS")),)), Cut("age_years", (40.0, 60.0), "age group")),
        ("figo_stage=I,II", "any(site:lung=with; site:bone=with)"),
        (Subcohort("Lung", ("site:lung=with",)), Subcohort("Elderly", ("age_years>60",))),
        {"by": "site:lung", "endpoint": "PRS", "at": 2.5, "bands": True, "shown": ("a", "b")},
        {"curves": {"end": 36.0, "palette": "greyscale", "legend": {"with": "Lung"}}, "other": {"a": (1, ("b",))}},
        (
            Exhibit("Survival", "survival", "curves", {"by": "site:lung"}, ("age_years=40..60",), "for the talk"),
            Exhibit("Sites", "sites"),
        ),
        record_numbers(lung.apply(cohort), by="site:bone"), "site:bone", 5, hide_below=10,
    )  # fmt: skip


# ---------------------------------------------------------------- written and read again
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
named = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)
finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.lists(words, max_size=3).map(tuple)
choices = st.dictionaries(words, words | st.booleans() | st.integers(-(10**9), 10**9) | finite | texts, max_size=4)
plain = st.recursive(
    words | st.booleans() | finite,
    lambda of: st.lists(of, max_size=3).map(tuple) | st.dictionaries(words, of, max_size=3),
)
days = st.dates().map(lambda day: day.isoformat())
columns = st.builds(ColumnMap, named, levels=st.just((("a b", ("x", "")),)))
mappings = st.builds(
    Mapping,
    st.lists(columns, max_size=3, unique_by=lambda c: c.column).map(tuple),
    st.lists(st.builds(EndpointMap, named, time=words), max_size=2).map(tuple),
    settled=st.lists(st.tuples(words, words), max_size=2, unique_by=lambda pair: pair[0]).map(tuple),
    read_options=st.builds(ReadOptions, sheet=words, header_row=st.integers(0, 9)),
)  # fmt: skip
levels = st.lists(named, min_size=1, max_size=3, unique=True).map(tuple)
solid = named.filter(lambda text: text == text.strip() and text)
rows = st.lists(st.tuples(st.integers(2, 999), solid), max_size=2, unique_by=lambda p: p[0]).map(tuple)
edits = st.one_of(
    st.builds(Order, solid, levels), st.builds(Recode, solid, st.lists(st.tuples(named, levels), min_size=1, max_size=2,
                                                                       unique_by=lambda p: p[0]).map(tuple)),
    st.builds(LeaveOut, rows, texts, words),
)  # fmt: skip
numbers = st.builds(Recorded, words, words, st.none() | finite, words, st.none() | st.integers(0, 10**6))
projects = st.builds(
    Project, words, st.just("") | days, words,
    st.builds(DataMark, words, words, words, st.integers(0, 10**6), st.integers(0, 10**6), words),
    st.none() | mappings, words, st.lists(edits, max_size=3).map(tuple), texts,
    st.lists(st.builds(Subcohort, words, texts), max_size=3).map(tuple), choices,
    st.dictionaries(words, st.dictionaries(words, plain, max_size=3), max_size=2),
    st.lists(st.builds(Exhibit, words, words, words, choices, texts, words), max_size=3).map(tuple),
    st.lists(numbers, max_size=4, unique_by=lambda r: r.name).map(tuple), words, st.integers(0, 50),
)  # fmt: skip


class TestRoundTrip:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(projects)
    def test_any_project_survives_its_file(self, project):
        text = project.to_toml()
        assert Project.from_toml(text) == (project, ()) and Project.from_toml(text.encode()) == (project, ())
        assert Project.from_toml(text)[0].to_toml() == text

    @pytest.mark.parametrize("number", [Recorded("a", "A", 0.0, n=0), Recorded("a", "A", None), Recorded("a", "", 0)])
    def test_nobody_is_another_number_than_none(self, number):
        assert Project.from_toml(Project(recorded=(number,)).to_toml())[0].recorded == (number,)

    def test_the_order_is_a_reader_s(self, project):
        text = project.to_toml()
        heads = ("title", "saved", "filters", "[data]", "[mapping]", "[[edits]]", "[[subcohorts]]", "[choices]",
                 "[settings.curves]", "[[exhibits]]", "[recorded]")  # fmt: skip
        places = [re.search(rf"^{re.escape(head)}", text, re.MULTILINE).start() for head in heads]
        assert places == sorted(places) and text.startswith("# A project of the NECC cohort explorer")
        assert len(re.findall(r'^["\w].* = \{label = ', text, re.MULTILINE)) == len(project.recorded)

    def test_every_field_of_a_project_is_written(self, project):
        bare = Project()
        for field in fields(Project):
            if field.name == "unread":
                continue
            changed = replace(project, **{field.name: getattr(bare, field.name)})
            assert changed != project and changed.to_toml() != project.to_toml(), field.name

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=200) | st.text(max_size=200))
    def test_no_file_ends_in_a_traceback(self, data):
        project, findings = Project.from_toml(data)
        assert isinstance(project, Project) and all(f.message for f in findings)

    def test_too_large_a_file_is_told(self):
        project, (finding,) = Project.from_toml("x" * (2**21 + 1))
        assert project == Project() and finding.code == "project-too-large" and "2 MB" in finding.message


# ---------------------------------------------------------------- by hand
MISTAKES = [
    ("title", r'^title = "Lung and bone"', "title = 3", "project-value", "title"),
    ("saved", r'^saved = "2026-11-30"', 'saved = "30 November"', "project-value", "saved"),
    ("scheme", r'^(# )?scheme = "paper"', "scheme = true", "project-value", "scheme"),
    ("smallest_cell", r"^smallest_cell = 5", "smallest_cell = -5", "project-value", "smallest_cell"),
    ("filters", r'^filters = \["figo_stage=I,II", ', "filters = [7, ", "project-value", "filters"),
    ("filters", r"^filters = .*$", 'filters = "figo_stage=I"', "project-value", "filters"),
    ("data", r"^n_rows = 88", 'n_rows = "many"', "project-value", "data"),
    ("data", r'^filename = "', 'file_name = "', "project-key", "data"),
    ("mapping", r'^role = "identifier"', 'role = "person"', "project-value", "column 'patient_id'"),
    ("mapping", r'^dictionary = "necc"', 'foo = 1\ndictionary = "necc"', "project-key", "mapping"),
    ("edits", r'^kind = "recode"', 'kind = "recoder"', "project-value", "edits 1"),
    ("edits", r"^at = \[40.0, 60.0\]", 'at = ["x"]', "project-value", "edits 2"),
    ("subcohorts", r'^name = "Lung"', 'nome = "Lung"', "project-missing", "subcohorts 1"),
    ("subcohorts", r'^name = "Elderly"', 'name = "Elderly"\ncolour = 3', "project-key", "subcohorts 2"),
    ("choices", r"^at = 2.5", "at = inf", "project-value", "choices"),
    ("settings", r"^end = 36.0", "end = -1.0\nlength = 3", "project-value", "settings.curves"),
    ("settings", r"^\[settings.curves\]", "[settings]\nlandmarks = 3\n[settings.curves]", "project-settings",
     "settings.landmarks"),
    ("exhibits", r'^title = "Sites"', "title = 1979-05-27", "project-value", "exhibits 2"),
    ("exhibits", r'^note = "for the talk"', 'note = "for the talk"\nhidden = true', "project-key", "exhibits 1"),
    ("recorded", r'^"PRS/n" = {label = "Post-recurrence survival: patients", value = 34',
     '"PRS/n" = {label = "Post-recurrence survival: patients", value = "34"', "project-value", "recorded.PRS/n"),
    ("foo", r"^project_version = 1", "project_version = 1\nfoo = 3", "project-key", "foo"),
]  # fmt: skip


def holds(document: object, of: object) -> bool:
    """Whether a document holds all that another one does, lists in their order; a signature follows from the rest."""
    if isinstance(of, dict):
        keys = of.keys() - {"signature"}
        return isinstance(document, dict) and all(key in document and holds(document[key], of[key]) for key in keys)
    if isinstance(of, list):
        return isinstance(document, list) and len(document) == len(of) and all(map(holds, document, of))
    return document == of


class TestByHand:
    @pytest.mark.parametrize(("section", "pattern", "mistake", "code", "place"), MISTAKES)
    def test_a_mistake_is_told_with_its_place_and_takes_nothing_else(
        self, project, section, pattern, mistake, code, place
    ):
        text = project.to_toml()
        wrong, n = re.subn(pattern, mistake, text, count=1, flags=re.MULTILINE)
        assert n == 1
        read, findings = Project.from_toml(wrong)
        assert code in {f.code for f in findings}
        assert any(f.column == place and f.row for f in findings), findings
        whole = {f.name for f in fields(Project) if getattr(read, f.name) == getattr(project, f.name)}
        assert whole >= {f.name for f in fields(Project)} - {section, "unread"}
        again = read.to_toml()
        assert holds(tomllib.loads(again), tomllib.loads(wrong)), "something was lost"
        assert Project.from_toml(again)[0] == read

    @pytest.mark.parametrize("section", ["data", "mapping", "choices", "settings", "recorded", "unread"])
    def test_a_table_that_is_none(self, project, section):
        read, findings = Project.from_toml(
            f"project_version = 1\n{section} = 3\n[[exhibits]]\ntitle = 'a'\npage = 'b'\n"
        )
        assert [(f.code, f.row) for f in findings] == [(f"project-{section}", 2)] and len(read.exhibits) == 1
        again = tomllib.loads(read.to_toml())
        assert again.get(section) == 3 or again["unread"]["unread"] == 3
        taken = replace(project, unread=read.unread).to_toml()
        assert tomllib.loads(taken)["unread"] == {section: 3}
        assert Project.from_toml(taken)[0].unread == (Unread(("unread", section), 3),)

    @pytest.mark.parametrize("rows", ["3", "[3]", "{a = 1}"])
    @pytest.mark.parametrize("section", ["edits", "subcohorts", "exhibits"])
    def test_a_list_of_tables_that_is_none(self, section, rows):
        wrong = f"project_version = 1\n{section} = {rows}\n"
        read, findings = Project.from_toml(wrong)
        assert [f.code for f in findings] == [f"project-{section}"]
        assert tomllib.loads(read.to_toml())[section] == tomllib.loads(wrong)[section]

    def test_what_is_no_toml_takes_its_own_table_only(self, project):
        text = project.to_toml()
        wrong = text.replace('title = "Sites"', 'title = "Sites').replace('name = "Lung"', "name = Lung")
        read, findings = Project.from_toml(wrong)
        assert [f.code for f in findings] == ["project-not-toml"] * 2
        lines = wrong.split("\n")
        assert [lines[f.row - 1] for f in findings] == ["[[subcohorts]]", "[[exhibits]]"]
        assert read.subcohorts == project.subcohorts[1:] and read.exhibits == project.exhibits[:1]
        assert read.recorded == project.recorded and read.mapping == project.mapping
        assert 'title = "Sites\n' in read.unread[1].value and "name = Lung\n" in read.unread[0].value
        assert Project.from_toml(read.to_toml())[0] == read and "# what couldn't be read" in read.to_toml()

    def test_tables_within_a_broken_one_go_with_it(self):
        text = "[[exhibits]]\ntitle = 'a'\npage = 'b'\n[[exhibits]]\ntitle = \n[exhibits.choices]\nby = 'x'\n"
        read, _ = Project.from_toml(f"project_version = 1\n{text}")
        assert read.exhibits == (Exhibit("a", "b"),) and "[exhibits.choices]" in read.unread[0].value

    def test_a_table_twice_is_set_aside(self):
        read, (finding,) = Project.from_toml("project_version = 1\n[choices]\na = 'x'\n[choices]\nb = 'y'\n")
        assert read.choices == {"a": "x"} and read.unread[0].value == "[choices]\nb = 'y'\n" and finding.row == 4

    def test_many_tables_twice_take_no_time(self):
        text = "project_version = 1\n[choices]\na = 'x'\n" + "[choices]\nb = 'y'\n" * 20_000
        begin = time.process_time()
        read, findings = Project.from_toml(text)
        assert time.process_time() - begin < 20 and read.choices == {"a": "x"}
        assert len(read.unread) == len(findings) == 20_000 and "".join(u.value for u in read.unread) in text

    def test_blanks_after_a_bracket_take_no_time(self):
        begin = time.process_time()
        read, findings = Project.from_toml("project_version = 1\n[" + " " * 50_000 + "\n[ choices ]\na = 'x'\n")
        assert time.process_time() - begin < 5 and read.choices == {"a": "x"} and len(findings) == 2

    def test_a_key_of_a_table_that_moved_stays_with_it(self, project):
        wrong = project.to_toml().replace('note = "for the talk"', 'note = "for the talk"\nhidden = true')
        read, _ = Project.from_toml(wrong)
        turned = replace(read, exhibits=read.exhibits[::-1])
        assert [row.get("hidden") for row in tomllib.loads(turned.to_toml())["exhibits"]] == [None, True]
        gone = replace(read, exhibits=read.exhibits[1:])
        assert tomllib.loads(gone.to_toml())["unread"] == {"exhibits.1.hidden": True}

    @pytest.mark.parametrize("version", ["2", '"1"', None])
    def test_another_version_is_told_and_read(self, project, version):
        line = f"project_version = {version}" if version else ""
        read, findings = Project.from_toml(project.to_toml().replace("project_version = 1", line))
        assert read == project and [(f.severity, f.code) for f in findings] == [("warning", "project-version")]

    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_any_edit_by_hand_is_read_as_far_as_it_can_be(self, project, data):
        """Lines taken out, doubled, cut short or replaced: no traceback, and what was read and kept is read again."""
        others = ["[", "]]", "[[exhibits]]", "a = 1", "[data]", "[mapping]", "= 3", '"""', "[unread]", "texts = 3"]
        lines = project.to_toml().split("\n")
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(3, len(lines) - 1))
            way = data.draw(st.sampled_from(["out", "twice", "cut", "moved", "other"]))
            line = lines.pop(at)
            if way == "twice":
                lines[at:at] = [line, line]
            elif way == "cut":
                lines.insert(at, line[: data.draw(st.integers(0, len(line)))])
            elif way == "moved":
                lines.insert(data.draw(st.integers(0, len(lines))), line)
            elif way == "other":
                lines.insert(at, data.draw(st.sampled_from(others)))
        wrong = "\n".join(lines)
        read, findings = Project.from_toml(wrong)
        again = read.to_toml()
        second = Project.from_toml(again)[0]
        assert replace(second, unread=()) == replace(read, unread=()) and second.to_toml() == again
        assert len(second.unread) == len(read.unread)
        assert all(f.message and (f.row is None or 1 <= f.row <= len(lines)) for f in findings)
        kept = again.replace("\\", "")
        lost = [x for x in lines if x.startswith("title = ") and x.split(" = ")[1].strip('"') not in kept]
        assert not lost, (lost, findings)

    def test_patients_picked_by_hand_are_never_read(self, project):
        wrong = project.to_toml().replace('"age_years>60"', '"patients  picked=3,17"')
        read, findings = Project.from_toml(wrong)
        assert [f.code for f in findings] == ["project-picked"] and "picked" not in read.to_toml()
        unread = project.to_toml().replace('title = "Sites"', 'title = 3\nfilters = ["patients  picked=3"]')
        assert "picked" not in Project.from_toml(unread)[0].to_toml()


# ---------------------------------------------------------------- opened
def table() -> pd.DataFrame:
    return pd.read_csv(SAMPLE, dtype=str, keep_default_na=False)


def csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def codes(opened) -> list[str]:
    return [f.code for f in opened.findings]


class TestOpened:
    def test_the_same_file_gives_the_same(self, project, cohort):
        opened = open_project(project, SAMPLE)
        assert opened.same == "file" and opened.findings == () and opened.waiting == ()
        assert opened.cohort.scheme.name == "paper" and opened.mapping == project.mapping
        edited = apply_edits(cohort, project.edits).cohort
        by_hand = Selection.parse(project.filters).apply(edited)
        assert opened.cohort.source.sha256 == edited.source.sha256 != cohort.source.sha256
        assert record_numbers(opened.filtered, by="age group") == record_numbers(by_hand, by="age group")
        assert opened.filtered.ids == by_hand.ids and 0 < len(by_hand) < len(cohort)
        assert [(n, len(s.apply(opened.cohort))) for n, s in opened.subcohorts][0] == ("Lung", 34)
        assert [s.describe(cohort) for _, s in opened.exhibits] == ["Age at diagnosis: 40–60", "all patients"]

    def test_sites_are_read_by_the_scheme_before_filters(self, project):
        wanted = replace(project, scheme="spread", filters=("site:lymphatic=with",))
        opened = open_project(wanted, SAMPLE)
        assert opened.cohort.scheme.name == "spread" and opened.waiting == () and 0 < len(opened.filtered) < 88

    def test_numbers_are_recorded_and_compared(self, project):
        opened = open_project(project, SAMPLE)
        kept = replace(project, recorded=opened.numbers())
        same = open_project(Project.from_toml(kept.to_toml())[0], SAMPLE).compared()
        assert same.counts == {"same": len(kept.recorded), "changed": 0, "gone": 0, "new": 0}

    def test_other_rows_and_order_are_the_same_columns(self, project):
        turned = table().iloc[::-1]
        opened = open_project(project, csv(turned), "next.csv")
        assert opened.same == "columns" and codes(opened) == ["project-other-file"]
        assert sorted(opened.filtered.ids) == sorted(open_project(project, SAMPLE).filtered.ids)
        mixed = open_project(project, csv(table()[[*reversed(table().columns)]]), "next.csv")
        assert mixed.same == "columns" and mixed.filtered.ids == open_project(project, SAMPLE).filtered.ids

    def test_a_column_that_is_gone_takes_its_part_along(self, project):
        opened = open_project(project, csv(table().drop(columns=["age_years", "hpv"])), "next.csv")
        assert opened.same == "other" and opened.cohort is not None
        assert codes(opened).count("project-column-gone") == 1
        told = next(f for f in opened.findings if f.code == "project-column-gone")
        assert "age_years" in told.message and told.n == 2 and told.column == "mapping.columns"
        assert [n for n, _ in opened.subcohorts] == ["Lung"]  # 'Elderly' needs the age
        assert len(opened.filtered) == len(open_project(project, SAMPLE).filtered)

    def test_a_new_column_is_typed_by_its_values(self, project):
        opened = open_project(project, csv(table().assign(centre=["A", "B"] * 44)), "next.csv")
        assert opened.cohort.factor("centre").levels == ("A", "B")
        assert [f.message for f in opened.findings if f.code == "project-column-new"] == [
            "'centre': new in this file, and typed by the values"
        ]
        assert opened.mapping.signature == opened.inspection.opened.raw.signature  # known again when it is saved

    def test_a_new_column_that_could_name_a_patient_is_left_out(self, project):
        people = [f"Ann Lee{chr(97 + i % 26)}" for i in range(88)]
        named = table().assign(**{"Patient name": people, "grade": ["1", "2"] * 44})
        opened = open_project(project, csv(named), "next.csv")
        assert "Patient name" not in opened.cohort.columns and "grade" in opened.cohort.columns
        assert opened.mapping.column("Patient name").role == "drop" and "could-name-a-patient" in codes(opened)
        kept = replace(project, mapping=opened.mapping).to_toml()
        assert "Ann Lee" not in kept and open_project(Project.from_toml(kept)[0], csv(named), "n.csv").same == "other"

    def test_headings_of_another_case_are_the_same(self, project):
        opened = open_project(project, csv(table().rename(columns={"age_years": "Age Years"})), "next.csv")
        assert opened.same == "columns" and opened.mapping.column("Age Years").variable == "age_years"

    def test_a_level_that_is_gone_leaves_the_others(self):
        made = Project(filters=("centre=A,C", "none(centre=C,B)"), subcohorts=(Subcohort("C", ("centre=C",)),))
        opened = open_project(made, csv(table().assign(centre=["A", "B"] * 44)), "next.csv")
        assert [str(p) for p in opened.selection.parts()] == ["centre=A", "none(centre=B)"]
        assert codes(opened).count("project-level-gone") == 2 and opened.subcohorts == () and not opened.waiting
        assert all("'C'" in f.message for f in opened.findings if f.code == "project-level-gone")

    def test_an_edit_whose_column_or_level_is_gone_is_skipped(self, project):
        opened = open_project(project, csv(table().drop(columns="age_years")), "next.csv")
        assert [step.applied for step in opened.edited.steps] == [True, False] and "edit-skipped" in codes(opened)
        assert (
            opened.cohort.factor("histology").levels == open_project(project, SAMPLE).cohort.factor("histology").levels
        )

    def test_a_filter_may_be_on_what_an_edit_makes(self, project):
        wanted = replace(project, filters=("age group=> 60", "histology=other"))
        opened = open_project(Project.from_toml(wanted.to_toml())[0], SAMPLE)
        assert opened.waiting == () and 0 < len(opened.filtered) < 20
        assert (opened.filtered.number("age_years") > 60).all()

    def test_a_row_left_out_by_a_step(self, project, cohort):
        step = LeaveOut(((2, row_fingerprint(cohort, 2)),), why="seen elsewhere")
        opened = open_project(Project.from_toml(Project(edits=(step,)).to_toml())[0], SAMPLE)
        assert len(opened.cohort) == 87 and cohort.ids[0] not in opened.cohort.ids

    def test_a_filter_that_is_none_waits(self, project):
        wrong = replace(project, filters=("figo_stage=I", "what", "any(nothing=3; site:lung=with)"), scheme="no such")
        opened = open_project(wrong, SAMPLE)
        assert opened.waiting == ("what", "any(nothing=3; site:lung=with)")
        assert [(f.code, f.column) for f in opened.findings] == [
            ("project-unknown-name", "scheme"), ("project-filter", "filters"), ("project-filter", "filters"),
        ]  # fmt: skip
        assert len(opened.filtered) == len(Selection.parse(["figo_stage=I"]).apply(opened.cohort))

    def test_another_cohort_is_told(self, project):
        data = b"id,weeks,relapse,arm\n" + b"".join(
            b"q%d,%d,%d,%s\n" % (i, 5 + i, i % 2, b"xy"[i % 2 :][:1]) for i in range(30)
        )
        opened = open_project(project, data, "other.csv")
        assert opened.same == "other" and "project-other-columns" in codes(opened) and opened.waiting == project.filters
        assert len(opened.filtered) == 30 and opened.subcohorts == ()

    def test_what_is_no_table_is_told(self, project):
        opened = open_project(project, b"\x00\x01", "x.csv")
        assert opened.cohort is None and opened.inspection.findings and opened.numbers() == ()

    def test_a_sheet_that_is_gone_is_read_without(self, project):
        made = replace(project, mapping=replace(project.mapping, read_options=ReadOptions(header_row=900)))
        opened = open_project(made, SAMPLE)
        assert codes(opened) == ["project-reading"] and len(opened.cohort) == 88

    def test_an_endpoint_whose_column_is_gone(self, opened, project):
        mapping = replace(project.mapping, endpoints=(EndpointMap("X", time="age_years", event="hpv"),))
        raw = open_file(csv(table().drop(columns="hpv")), "next.csv").raw
        left, findings = fitted(mapping, raw)
        assert left.endpoints == () and "project-endpoint-gone" in {f.code for f in findings}
        kept, _ = fitted(mapping, open_file(csv(table().rename(columns={"hpv": "HPV"})), "n.csv").raw)
        assert kept.endpoints[0].event == "HPV"

    def test_names_that_the_dictionary_lacks(self, opened, project):
        odd = replace(
            project.mapping, scheme="nowhere", site_words=(("x", "moon"), ("y", "lung")), dictionary="martian"
        )
        odd = odd.with_column(replace(odd.column("hpv"), variable="no_such"))
        left, findings = fitted(odd, opened.raw)
        assert (left.scheme, left.site_words, left.dictionary) == ("", (("y", "lung"),), "necc")
        assert left.column("hpv").variable == "" and {f.code for f in findings} == {"project-unknown-name"}
        assert len(findings) == 4 and open_project(replace(project, mapping=odd), SAMPLE).cohort is not None

    def test_a_row_left_out_is_found_where_it_moved(self, opened, project):
        key = f"{LEAVE_OUT}{opened.raw.rows[0]}"
        mapping = project.mapping.settle(key, fingerprint(opened.raw, 0))
        same = open_project(replace(project, mapping=mapping), SAMPLE)
        assert len(same.cohort) == 87 and "SYN-001" not in same.cohort.ids
        turned = open_project(replace(project, mapping=mapping), csv(table().iloc[::-1]), "next.csv")
        assert len(turned.cohort) == 87 and "SYN-001" not in turned.cohort.ids
        gone = open_project(replace(project, mapping=mapping), csv(table().iloc[1:]), "next.csv")
        assert len(gone.cohort) == 87 and "project-row-gone" in codes(gone)


POOL = (
    Recode("histology", (("other", ("large cell", "NEC NOS")),)), Order("hpv", ("yes", "no")),
    Cut("age_years", (40.0, 60.0), "age group"), Cut("tumor_size_cm", (4.0,), "size"),
    Derive("years", "os_months / 12"), Derive("old", "age_years > 60"), CombineSites(("lung", "bone"), "far", "Far"),
    LeaveOut(where=("age_years>75",), why="too old"), FirstOf("EFS", ("TTR", "OS")),
    Recode("nothing", (("a", ("b",)),)),
)  # fmt: skip


class TestReplayed:
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.sampled_from(POOL), unique=True, max_size=6), st.sampled_from(["", "spread"]))
    def test_edits_of_a_project_give_what_they_give_by_hand(self, opened, cohort, edits, scheme):
        kept, findings = Project.from_toml(Project(edits=tuple(edits), scheme=scheme).to_toml())
        result = open_project(kept, opened)
        by_hand = apply_edits(cohort.with_scheme(scheme) if scheme else cohort, edits)
        assert findings == () and kept.edits == tuple(edits) and result.edited.steps == by_hand.steps
        pd.testing.assert_frame_equal(result.cohort.table, by_hand.cohort.table)
        assert (result.cohort.organs == by_hand.cohort.organs).all() and result.cohort.scheme == by_hand.cohort.scheme
        assert result.cohort.source.sha256 == by_hand.cohort.source.sha256
        assert record_numbers(result.cohort, by="site:far") == record_numbers(by_hand.cohort, by="site:far")

    def test_without_its_edits_a_project_gives_the_file_as_loaded(self, opened, cohort, project):
        undone = open_project(replace(project, edits=()), opened).cohort
        pd.testing.assert_frame_equal(undone.table, cohort.table)
        assert undone.source == cohort.source and record_numbers(undone) == record_numbers(cohort)


# ---------------------------------------------------------------- no patient
class TestNoPatient:
    def test_no_identifier_and_no_date_of_a_file_is_in_its_project(self):
        rows = [
            f"{CANARY}-{i:02},2019-{1 + i % 12:02}-{1 + i % 28:02},{5 + i},{i % 2},{'ab'[i % 2]}" for i in range(30)
        ]
        data = ("patient_id,diagnosis_date,prs_months,died,arm\n" + "\n".join(rows) + "\n").encode()
        opened = open_file(data, "c.csv")
        inspection = inspect(opened)
        cohort = inspection.cohort
        made = Project(
            data=mark_of(opened, cohort), mapping=inspection.mapping, filters=("arm=a",),
            edits=(LeaveOut(where=("patients  picked=3",)), LeaveOut(where=("patients  picked=3", "arm=b"))),
            choices={"patient-row": f"{CANARY}-03", "by": "arm", "several": (f"{CANARY}-04", "x"), f"{CANARY}-05": "y"},
            exhibits=(
                Exhibit("One", "prediction", "", {"patient-row": f"{CANARY}-06"}, ("patients  picked=4", "arm=b")),
            ),
            recorded=record_numbers(cohort, by="arm"),
        )  # fmt: skip
        kept, findings = without_patients(made, cohort)
        text = kept.to_toml()
        assert CANARY not in text and "2019-" not in text and "picked" not in text
        assert kept.edits == (LeaveOut(where=("arm=b",)),)
        assert kept.choices == {"by": "arm"} and kept.exhibits[0].filters == ("arm=b",)
        assert {f.code for f in findings} == {"project-patient", "project-picked"}
        assert not any(CANARY in f.message for f in findings)

    def test_words_for_an_identifier_are_not_kept(self, cohort):
        how = ColumnMap("patient_id", "identifier", "patient_id", levels=((f"{CANARY}", (f"{CANARY}b",)),))
        mapping = Mapping((how, ColumnMap("x", levels=(("a", ("b",)),)))).settle("unknown-level:patient_id", CANARY)
        kept, findings = without_patients(Project(mapping=mapping), cohort)
        assert CANARY not in kept.to_toml() and kept.mapping.column("x").levels == (("a", ("b",)),)
        assert [f.code for f in findings] == ["project-patient"] and CANARY not in findings[0].message

    def test_a_note_that_names_a_patient_is_told(self, cohort):
        made = Project(exhibits=(Exhibit("Curves", "survival", note=f"as in {cohort.ids[0]}, too"),))
        kept, (finding,) = without_patients(made, cohort)
        assert kept == made and finding.code == "project-names-somebody" and cohort.ids[0] not in finding.message

    def test_a_recipe_that_names_a_patient_is_told(self, cohort):
        shows = (f"figures.flow(flow(whole, before='88 screened by {cohort.ids[0]}'))",)
        _, (finding,) = without_patients(Project(exhibits=(Exhibit("Flow", shows=shows),)), cohort)
        assert finding.code == "project-names-somebody" and cohort.ids[0] not in finding.message

    @pytest.mark.parametrize("place", ["edits", "choices", "settings"])
    def test_words_that_name_a_patient_are_told_wherever_they_stand(self, cohort, place):
        said = f"without {cohort.ids[2]}, seen elsewhere"
        out = LeaveOut(((4, row_fingerprint(cohort, 4)),), why=said)
        parts = {"edits": (out,), "choices": {"curve-title": said}, "settings": {"curves": {"legend": {"a": said}}}}
        edited = apply_edits(cohort, [out]).cohort  # it lacks the patient, and is told of them all the same
        kept, (finding,) = without_patients(Project(**{place: parts[place]}), edited)
        assert finding.code == "project-names-somebody" and cohort.ids[2] not in finding.message
        assert kept == Project(**{place: parts[place]})

    def test_counts_of_few_patients_are_not_recorded(self, cohort):
        all_of_them, some = record_numbers(cohort), record_numbers(cohort, smallest=5)
        lost = {r.name for r in all_of_them} - {r.name for r in some}
        assert "site/other" in lost and {r.name for r in all_of_them if r.value == 2} <= lost
        assert all(not 0 < r.value < 5 for r in some if r.unit in ("patients", "events"))

    @pytest.mark.parametrize("by", ["n_sites", "figo_stage", "site:brain", "histology"])
    def test_nothing_that_rests_on_few_patients_is_recorded(self, cohort, by):
        few = {"One": Selection.parse(["site:other=with"])}
        lung = Selection.parse(["site:lung=with"]).apply(cohort)
        for shown in (cohort, lung):
            some = {r.name: r for r in record_numbers(shown, by=by, subcohorts=few, smallest=SMALLEST_CELL)}
            every = {r.name: r for r in record_numbers(shown, by=by, subcohorts=few)}
            assert some.items() <= every.items() and "sub-cohort/One" in {*every} - {*some}
            assert not any(is_small(r, SMALLEST_CELL) for r in some.values())
            for name in shown.endpoint_names():
                curves = kaplan_meier(shown, name, by).curves
                small = {c.name for c in curves if c.n < SMALLEST_CELL}
                own = [key for key in some if key.startswith(f"{name}/")]
                assert not any(f"/{by}={level}/" in f"{key}/" for key in own for level in small)
                assert (f"{name}/log-rank p/{by}" in some) == (len(curves) > 1 and not small)
                if curves and curves[0].name in small:  # the reference of every ratio
                    assert f"{name}/hazard ratio/{by}=" not in " ".join(own)

    def test_a_share_of_few_patients_is_left_out_with_their_count(self):
        cohort = necc_cohort({"ici": ["yes"] * 19, "best_response": ["CR", "PR", *["SD"] * 8, *["PD"] * 9]})
        some = {r.name for r in record_numbers(cohort, smallest=5)}
        assert "response/objective response" not in some and "response/disease control" in some

    @pytest.mark.parametrize(
        ("smallest", "numbers", "said"),
        [(5, True, "are of 5 patients or more"), (0, True, "also of few patients"), (5, False, "holds no patient's v"),
         (7, "by hand", "of them of fewer than 7 patients")],
    )  # fmt: skip
    def test_the_heading_says_what_is_kept(self, cohort, smallest, numbers, said):
        kept = record_numbers(cohort, smallest=0 if numbers == "by hand" else smallest) if numbers else ()
        text = Project(recorded=kept, smallest_cell=smallest).to_toml()
        heading = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
        assert said in heading and all(len(line) <= 120 for line in text.splitlines() if line.startswith("#"))
        assert Project.from_toml(text) == (Project(recorded=kept, smallest_cell=smallest), ())


class TestFilters:
    def test_filters_are_read_back(self, cohort):
        selection = Selection.parse(["site:lung=with", "age_years>50", "none(histology=small cell,missing; hpv=yes)"])
        kept, findings = filter_texts(selection, cohort.columns)
        assert Selection.parse(kept) == selection and findings == ()

    def test_picked_patients_are_left_out(self):
        selection = Selection((picked([3]), *Selection.parse(["a=b"]).conditions))
        kept, findings = filter_texts(selection)
        assert kept == ("a=b",) and [f.code for f in findings] == ["project-picked"]

    def test_a_filter_that_reads_otherwise_is_told(self):
        cohort = cohort_of({"arm": ["1..2", "x"]})
        wanted = replace(Selection.parse(["arm=x"]).conditions[0], levels=("1..2",))
        kept, findings = filter_texts(Selection((wanted,)), cohort.columns)
        assert kept == () and [f.code for f in findings] == ["project-filter"]


# ---------------------------------------------------------------- numbers
class TestNumbers:
    def test_they_are_those_of_the_analyses(self, cohort):
        from necc import cox, response_rates

        found = {
            r.name: r
            for r in record_numbers(cohort, by="site:lung", subcohorts={"Bone": Selection.parse(["site:bone=with"])})
        }
        km, together = kaplan_meier(cohort, "PRS", "site:lung"), kaplan_meier(cohort, "PRS", times=[12, 24])
        term = cox(cohort, "PRS", ["site:lung"]).terms[0]
        assert found["patients"].value == 88 and found["sub-cohort/Bone"].value == 11
        assert found["PRS/median"].value == together.curves[0].median.value
        assert found["PRS/survival at 2 years/upper"].value == together.at_times[1].estimate.upper
        assert found["PRS/median/site:lung=with/lower"].value == km.curves[1].median.lower
        assert found["PRS/events/site:lung=with"].value == km.curves[1].n_events_total
        assert found["PRS/log-rank p/site:lung"].value == km.test.p
        assert found["PRS/hazard ratio/site:lung=with"].value == term.hazard_ratio
        assert found["response/objective response"].value == response_rates(cohort).overall.orr.estimate.value
        assert found["site/bone"] == Recorded("site/bone", "Site Bone", 11, "patients", 88)

    @pytest.mark.parametrize(
        ("by", "said"),
        [("n_sites", "hazard ratio per site"), ("number_of_sites_gt_1", "> 1 against ≤ 1"), ("age_gt_50", "against")],
    )
    def test_a_ratio_says_of_what_it_is(self, cohort, by, said):
        ratios = [r for r in record_numbers(cohort, by=by) if "/hazard ratio/" in r.name]
        assert ratios and all(said in r.label for r in ratios)
        assert not any("None" in text for r in ratios for text in (r.name, r.label))
        names = {r.name for r in ratios}
        levels = cohort.factor(by).levels[1:]
        assert f"PRS/hazard ratio/{by}" in names if by == "n_sites" else f"PRS/hazard ratio/{by}={levels[0]}" in names

    def test_a_year_is_one_in_every_unit(self):
        for unit, per_month in (("months", 1), ("days", 365.25 / 12), ("years", 1 / 12)):
            from necc.core.dictionary import Endpoint

            made = cohort_of(
                {"time": [per_month * t for t in (3, 9, 11, 15, 20, 30)], "event": [1, 1, 0, 1, 0, 1]},
                endpoints=[Endpoint("T", "Time", "entry", unit, time="time", event="event")],
            )
            found = {r.name: r.value for r in record_numbers(made)}
            assert found["T/survival at 1 year"] == pytest.approx(2 / 3), unit

    @pytest.mark.parametrize("n", [0, 1])
    def test_nobody_and_one_patient(self, cohort, n):
        few = cohort.subset([i < n for i in range(len(cohort))])
        found = {r.name: r.value for r in record_numbers(few, by="site:lung")}
        assert found["patients"] == n and found.get("PRS/n", n) == n

    def test_a_group_that_is_gone_is_not_asked(self, cohort):
        assert record_numbers(cohort, by="nothing") == record_numbers(cohort)

    def test_what_changed_comes_first(self):
        old = (Recorded("a", "A", 1.0), Recorded("b", "B", 2.0), Recorded("c", "C", 3.0), Recorded("d", "D", None),
               Recorded("e", "E", 0.0), Recorded("f", "F", 5.0, "months"))  # fmt: skip
        new = (Recorded("c", "C", 3.0 + 1e-12), Recorded("b", "B", 3.0), Recorded("a", "A", 1.1),
               Recorded("d", "D", 4.0), Recorded("e", "E", 0.5), Recorded("f", "F", 5.0, "years"),
               Recorded("g", "G", 1.0))  # fmt: skip
        result = compare_numbers(old, new)
        assert [(r.name, r.kind) for r in result.rows] == [
            ("d", "changed"), ("e", "changed"), ("f", "changed"), ("b", "changed"), ("a", "changed"), ("g", "new"),
            ("c", "same"),
        ]  # fmt: skip
        assert result.largest.name == "b" and result.largest.relative == 0.5 and result.largest.difference == 1.0
        assert result.counts == {"changed": 5, "gone": 0, "new": 1, "same": 1}
        assert result.to_dict()["rows"][3]["relative"] == 0.5
        assert compare_numbers(old, ()).counts["gone"] == len(old) and compare_numbers((), ()).largest is None

    @settings(max_examples=60, deadline=None)
    @given(st.lists(numbers, max_size=5, unique_by=lambda r: r.name))
    def test_nothing_changes_against_itself(self, recorded):
        assert {r.kind for r in compare_numbers(recorded, recorded[::-1]).rows} <= {"same"}


# ---------------------------------------------------------------- the command line
@pytest.fixture
def saved(tmp_path, project):
    path = tmp_path / "p.toml"
    path.write_text(project.to_toml(), encoding="utf-8")
    return path


class TestCommandLine:
    def test_a_project_gives_what_its_parts_give(self, run, saved, tmp_path):
        code, out, _ = run("km", SAMPLE, "--project", saved, "--endpoint", "PRS", "--by", "age group", "--json")
        by_hand = open_project(Project.from_toml(saved.read_bytes())[0], SAMPLE).filtered
        assert code == 0 and out["n"] == len(by_hand) == out["filtered"]["n"] and out["filtered"]["of"] == 88
        assert [s["n"] for s in out["strata"]] == [c.n for c in kaplan_meier(by_hand, "PRS", "age group").curves]
        assert [step["applied"] for step in out["edits"]] == [True, True]
        assert "edits: 2 of 2 steps of p.toml made" in run("sites", SAMPLE, "--project", saved)[1]
        assert "  step 2: " in run("check", SAMPLE, "--project", saved)[1]
        narrower = run("km", SAMPLE, "--project", saved, "--endpoint", "PRS", "--where", "site:lung=with", "--json")[1]
        assert narrower["n"] == len(Selection.parse(["site:lung=with"]).apply(by_hand)) < out["n"]
        assert narrower["filtered"]["where"] == [*out["filtered"]["where"], "site:lung=with"]

    @pytest.mark.parametrize("command", ["sites", "flow", "response", "check"])
    def test_every_command_takes_one(self, run, saved, command):
        code, out, _ = run(command, SAMPLE, "--project", saved, "--json")
        assert code == 0 and out["filtered"]["where"] == ["figo_stage=I,II", "any(site:lung=with; site:bone=with)"]

    @pytest.mark.parametrize("beside", [
        ("--mapping", "m.toml"), ("--edits", "e.toml"),
        ("--scheme", "paper"), ("--answer", "a:b=c"), ("--sheet", "s"), ("--header-row", 2),
        ("--time", "prs_months", "--event", "died"), ("--id", "patient_id"),
    ])  # fmt: skip
    def test_what_a_project_says_is_not_said_twice(self, run, saved, beside):
        code, _, err = run("km", SAMPLE, "--project", saved, "--endpoint", "PRS", *beside)
        assert code == 2 and beside[0] in err and "--project says already" in err
        assert run("cif", SAMPLE, "--project", saved, "--time", "prs_months", "--event", "died")[0] == 2
        assert run("map", SAMPLE, "--project", saved)[0] == 2

    def test_what_does_not_fit_is_told(self, run, saved, tmp_path):
        file = tmp_path / "next.csv"
        file.write_bytes(csv(table().drop(columns="age_years")))
        code, out, err = run("km", file, "--project", saved, "--endpoint", "PRS", "--json")
        assert (
            code == 0
            and "age_years" in err
            and {"project-column-gone", "edit-skipped"} <= {f["code"] for f in out["findings"]}
        )
        code, text, _ = run("project", "check", saved, file)
        assert code == 0 and "a file with other columns" in text and "skipped" in text
        wrong = saved.read_text(encoding="utf-8").replace("smallest_cell = 5", "smallest_cell = true")
        saved.write_text(wrong, encoding="utf-8")
        code, out, _ = run("project", "check", saved, "--json")
        assert code == 1 and not out["accepted"] and [f["code"] for f in out["findings"]] == ["project-value"]
        assert run("km", SAMPLE, "--project", saved, "--endpoint", "PRS")[0] == 0

    @pytest.mark.parametrize("content", [b"", b"# only a comment\n\n", b"\xff\xfe", b"a = = 3", None])
    def test_what_is_no_project_is_refused(self, run, saved, content):
        if content is None:
            saved.unlink()
        else:
            saved.write_bytes(content)
        for arguments in (("show", saved), ("check", saved, SAMPLE), ("compare", saved, SAMPLE)):
            code, out, err = run("project", *arguments)
            assert code == 1 and "nothing is wrong" not in f"{out}{err}"
        assert run("project", "check", saved)[0] == 1
        assert run("km", SAMPLE, "--project", saved, "--endpoint", "PRS")[0] == 1

    def test_shown(self, run, saved, project):
        code, out, _ = run("project", "show", saved)
        assert code == 0 and out.splitlines()[0] == "Lung and bone" and "exhibit 1: Survival (survival > curves)" in out
        assert f"recorded: {len(project.recorded)} numbers by site:bone" in out and "curves, legend: with = Lung" in out
        shown = run("project", "show", saved, "--json")[1]
        assert shown["choices"] == {**project.choices, "shown": ["a", "b"]} and len(shown["edits"]) == 2

    def test_saved_shown_and_compared(self, run, tmp_path):
        path, file = tmp_path / "new.toml", tmp_path / "next.csv"
        arguments = ("project", "save", SAMPLE, "-o", path, "--where", "age_years>50", "--by", "site:lung")
        code, out, _ = run(*arguments, "--title", "Over 50", "--json")
        assert code == 0 and out["filters"] == ["age_years>50"] and out["recorded"] > 60
        kept, findings = Project.from_toml(path.read_bytes())
        assert findings == () and kept.title == "Over 50"
        assert kept.data == mark_of(open_file(SAMPLE), read_cohort(SAMPLE))
        assert run(*arguments)[0] == 1 and run(*arguments, "--force")[0] == 0
        code, out, _ = run("project", "compare", path, SAMPLE, "--json")
        assert code == 0 and out["counts"]["changed"] == 0 and out["same"] == "file"
        changed = table()
        older = changed.index[changed["age_years"].replace("", "0").astype(float) > 50][:3]
        changed.loc[older, "site_lung"] = changed.loc[older, "site_lung"].map({"0": "1", "1": "0"})
        file.write_bytes(csv(changed))
        code, out, _ = run("project", "compare", path, file, "--json")
        assert out["same"] == "columns" and out["counts"]["changed"] > 3 and out["rows"][0]["kind"] == "changed"
        code, text, _ = run("project", "compare", path, file)
        assert re.search(r"^\d+ of \d+ numbers changed\.$", text, re.MULTILINE) and " -> " in text
        assert len(run("project", "compare", path, file, "--all")[1]) > len(text)

    def test_numbers_of_few_patients_are_kept_only_where_asked_for(self, run, tmp_path, saved):
        path = tmp_path / "few.toml"

        def kept(*options):
            assert run("project", "save", SAMPLE, "-o", path, "--by", "n_sites", "--force", *options)[0] == 0
            return Project.from_toml(path.read_bytes())[0]

        usual = kept()
        assert usual.smallest_cell == SMALLEST_CELL and not any(is_small(r, SMALLEST_CELL) for r in usual.recorded)
        assert "OS/n/n_sites=3" in {r.name for r in kept("--smallest-cell", 0).recorded}
        assert kept("--smallest-cell", 40).smallest_cell == 40 and kept("--project", saved).smallest_cell == 5
        saved.write_text(usual.to_toml().replace("smallest_cell = 5", "smallest_cell = 9"), encoding="utf-8")
        assert kept("--project", saved).smallest_cell == 9
        code, out, _ = run("project", "compare", path, SAMPLE, "--json")
        assert code == 0 and out["counts"]["changed"] == out["counts"]["new"] == out["counts"]["gone"] == 0

    def test_the_help_names_the_usual_smallest_cell(self, run, capsys):
        with pytest.raises(SystemExit):
            main(["project", "save", "--help"])
        assert f"or {SMALLEST_CELL}, by default" in " ".join(capsys.readouterr().out.split())
        assert f"fewer than {SMALLEST_CELL} patients" in " ".join(explain("project").paragraphs)

    def test_edits_of_a_file_are_saved_and_replayed(self, run, tmp_path, project, cohort):
        edits, path = tmp_path / "e.toml", tmp_path / "new.toml"
        edits.write_text(edits_to_toml(project.edits), encoding="utf-8")
        code, _, _ = run("project", "save", SAMPLE, "--edits", edits, "--scheme", "spread", "-o", path)
        kept = Project.from_toml(path.read_bytes())[0]
        assert code == 0 and kept.edits == project.edits and kept.scheme == "spread" and kept.data.n_patients == 88
        opened = open_project(kept, SAMPLE)
        assert opened.cohort.source.sha256 == apply_edits(cohort, project.edits).cohort.source.sha256
        assert opened.compared().counts["same"] == len(kept.recorded)
        edits.write_text("edits_version = 1\n[[edits]]\nkind = 'x'\n", encoding="utf-8")
        assert run("project", "save", SAMPLE, "--edits", edits, "-o", tmp_path / "y.toml")[0] == 1

    def test_an_earlier_project_is_taken_along(self, run, saved, project, tmp_path):
        path, file = tmp_path / "new.toml", tmp_path / "next.csv"
        file.write_bytes(csv(table().iloc[:60]))
        code, _, err = run("project", "save", file, "--project", saved, "-o", path)
        kept = Project.from_toml(path.read_bytes())[0]
        assert code == 0 and kept.exhibits == project.exhibits and kept.edits == project.edits
        assert kept.data.n_patients == 60 and kept.recorded_by == "site:bone" and kept.filters == project.filters
        assert kept.title == project.title and kept.recorded != project.recorded

    def test_a_project_without_numbers_has_nothing_to_compare(self, run, saved):
        saved.write_text(Project("x").to_toml(), encoding="utf-8")
        code, _, err = run("project", "compare", saved, SAMPLE)
        assert code == 1 and "no recorded numbers" in err

    def test_a_group_that_is_not_there_is_refused(self, run, tmp_path):
        code, _, err = run("project", "save", SAMPLE, "-o", tmp_path / "x.toml", "--by", "nothing")
        assert code == 1 and "nothing" in err and not (tmp_path / "x.toml").exists()
        with pytest.raises(SystemExit):
            run("project", "save", SAMPLE, "-o", tmp_path / "x.toml", "--smallest-cell", "few")
