"""Recipes: read as data, never run; what a report makes of them, and what it says where it can't."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import re
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cohorts import SAMPLES, cohort_of
from PIL import Image
from test_figures import SAMPLE

from necc import Project, read_cohort, ready, record_numbers
from necc.core.edits import Cut
from necc.core.errors import AnalysisError
from necc.core.selection import Selection
from necc.ingest import ColumnMap, inspect, open_file
from necc.project import DataMark, Exhibit
from necc.report import make_report
from necc.report.bundle import MAKERS, bundle
from necc.report.recipe import ANALYSES, Kitchen, RecipeError, known_function, public

KITCHEN = Kitchen(SAMPLE, SAMPLE, SAMPLE)


class TestReading:
    @pytest.mark.parametrize("name", ANALYSES)
    def test_every_analysis_that_is_named_is_there(self, name):
        assert callable(known_function(name))

    @pytest.mark.parametrize("room", ["figures", "tables"])
    def test_figures_and_tables_know_their_calls(self, room):
        assert len(public(room)) > 25
        assert {"survival_curves", "site_bars"} <= set(public("figures")) and "regression_table" in public("tables")

    @pytest.mark.parametrize(
        ("recipe", "said"),
        [
            ("__import__('os').system('true')", "knows no"),
            ("open('/etc/passwd')", "knows no 'open'"),
            ("kaplan_meier.__globals__", "knows no 'kaplan_meier'"),
            ("cohort.__class__", "no part '__class__'"),
            ("kaplan_meier(cohort, 'PRS').__dict__", "no part '__dict__'"),
            ("[x for x in (1, 2)]", "neither"),
            ("(lambda: 1)()", "knows no"),
            ("cohort if True else whole", "neither"),
            ("figures.survival_curves(*cohort)", "one by one"),
            ("figures.site_bars", "called with a result"),
            ("figures.Figure()", "no 'figures.Figure'"),
            ("tables.influence_table(cohort)", "no 'tables.influence_table'"),
            ("read_cohort('x.csv')", "knows no 'read_cohort'"),
            ("kaplan_meyer(cohort, 'PRS')", "'kaplan_meier' may be meant"),
            ("compare_survival(cohort, 'PRS', 'site:lung', draws=10**9)", "neither"),
            ("compare_survival(cohort, 'PRS', 'site:lung', draws=1000000000)", "too many for a report"),
            ("compare_survival(cohort, 'PRS', 'site:lung', draws=100001)", "at most 100,000"),
            ("stepwise(cohort, 'PRS', ['age_years'], bootstrap=2001)", "at most 2,000"),
            ("cox_imputed(cohort, 'PRS', ['age_years'], imputations=201)", "at most 200"),
            ("compare_models(cohort, 'PRS', ['age_years'], folds=51)", "at most 50"),
            ("compare_models(cohort, 'PRS', ['age_years'], repeats=201)", "at most 200"),
            ("kaplan_meier(select('age_years>200'), 'PRS')", "is of patients"),
            ("kaplan_meier(cohort)", "missing a required argument"),
            ("kaplan_meier(cohort, 'PRS', colour='red')", "unexpected keyword"),
            ("tables.survival_summary(5)", "can't be made of these values"),
            ("kaplan_meier(cohort, 'PRS'", "can't be read"),
            ("", "can't be read"),
            ("x" * 7_000, "at most 6,000 characters"),
            ("(" * 3_000, "can't be read"),
            ("+".join(["1"] * 900), "within each other"),
            ("each(" * 61 + ")" * 61, "at most 60 calls"),
            ("kaplan_meier(cohort, 'PRS').curves[99]", "no 99"),
            ("{[1]: 2}", "can't be a key"),
            ("cox(cohort, 'PRS', ['age_years']).tests[[1]]", "can't be a key"),
            (f"CurveSettings(end={'9' * 400})", "too large"),
            ("reading(cohort)", "nothing to read"),
            ("flow(whole, select('patients  picked=1'))", "picked by hand"),
            ("figures.influence_plot(cohort, term='a', label='b', identify=1)", "identifies nobody"),
        ],
    )
    def test_what_is_no_recipe_is_refused_in_words(self, recipe, said):
        with pytest.raises(AnalysisError, match=said):
            KITCHEN.make(recipe)

    def test_a_recipe_computes_each_analysis_once(self):
        kitchen = Kitchen(SAMPLE, SAMPLE, SAMPLE)
        one, computed = kitchen.make("tables.survival_summary(kaplan_meier(cohort, 'PRS', by='site:lung'))")
        two, again = kitchen.make("figures.survival_curves(kaplan_meier(cohort, 'PRS', by='site:lung'))")
        assert computed[0].result is again[0].result and one.rows and two.name
        assert computed[0].arguments["ci"] == "log-log" and computed[0].of == "cohort"

    def test_whose_analysis_it_is(self):
        late = Selection.parse(["figo_stage=III"])
        kitchen = Kitchen(late.apply(SAMPLE), SAMPLE, SAMPLE, late)
        _, computed = kitchen.make("figures.site_bars(site_distribution(cohort), whole=site_distribution(whole))")
        assert [c.of for c in computed] == ["cohort", "whole"]

    def test_a_part_of_a_result_is_named_by_its_place(self):
        made, _ = KITCHEN.make("tables.organ_table(organ_distribution(cohort, 'abdominal'))")
        assert made.rows
        with pytest.raises(RecipeError):
            KITCHEN.make("site_distribution(cohort).nothing")


def words_in(path: str, content: bytes) -> str:
    """The words of a file, of an office's those of all its parts."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return " ".join(words_in(name, archive.read(name)) for name in archive.namelist())
    return re.sub(r"<[^>]+>", " ", content.decode(errors="ignore"))


# ---------------------------------------------------------------- reports
def report(*exhibits, **more):
    return make_report(Project(title="A report", exhibits=exhibits, **more), SAMPLE)


class TestReports:
    def test_the_ready_list_is_made_whole(self):
        made = report(*ready(SAMPLE))
        assert not made.problems and len(made.items) == 19
        kinds = [item.kind for item in made.items]
        assert kinds.count("figure") == 8 and kinds.count("table") == 10 and kinds.count("text") == 1
        numbers = [item.number for item in made.items if item.kind == "table"]
        assert numbers == list(range(1, 11)) and len({item.name for item in made.items}) == 19

    def test_exhibits_keep_their_own_patients(self):
        curves = "tables.survival_summary(kaplan_meier(cohort, 'PRS'))"
        made = report(Exhibit("All", shows=(curves,)), Exhibit("Lung", filters=("site:lung=with",), shows=(curves,)))
        assert [item.n for item in made.items] == [88, 34]
        said = dict(made.conventions)
        assert said["Patients of Table 1"] == "88: all patients" and said["Patients of Table 2"].startswith("34: ")

    def test_what_cannot_be_made_is_named_in_its_place(self):
        made = report(
            Exhibit("Nobody", filters=("age_years>200",), shows=("figures.site_bars(site_distribution(cohort))",)),
            Exhibit("Gone", filters=("no_such=1",), shows=("figures.site_bars(site_distribution(cohort))",)),
            Exhibit("Broken", shows=("figures.nothing()",)),
            Exhibit("A view", "survival"),
            Exhibit("Mine", note="A note of mine"),
            Exhibit("Good", shows=("figures.site_bars(site_distribution(cohort))",)),
        )
        assert [item.kind for item in made.items] == ["missing"] * 4 + ["text", "figure"]
        assert (
            "no patient meets its filters" in made.items[0].missing and "'Nobody' isn't here" in made.items[0].missing
        )
        assert len(made.problems) == 4 and made.items[4].note == "A note of mine"

    def test_methods_tell_of_the_exhibits_with_the_same_patients(self):
        made = report(
            Exhibit("Methods", shows=("methods()",)),
            Exhibit("Curves", shows=("figures.survival_curves(kaplan_meier(cohort, 'PRS'))",)),
            Exhibit("Others", filters=("site:lung=with",), shows=("tables.regression_table(univariate(cohort, 'PRS', "
                                                                  "covariates=('age_years',)))",)),
        )  # fmt: skip
        text = " ".join(p for _, paragraphs in made.items[0].thing.parts for p in paragraphs)
        assert "Kaplan-Meier" in text and "Cox" not in text

    def test_several_recipes_of_one_exhibit_are_items_of_their_own(self):
        made = report(Exhibit("Sites", shows=("figures.site_bars(site_distribution(cohort))",
                                              "tables.site_table(site_distribution(cohort))")))  # fmt: skip
        assert [item.label for item in made.items] == ["Figure 1", "Table 1"]
        assert made.items[0].title == "Sites" and made.items[1].title != "Sites"

    def test_rows_of_the_file_are_not_told(self, tmp_path):
        lines = [line.split(",") for line in (SAMPLES / "reconstructed_cohort.csv").read_text().splitlines()]
        best, final = (lines[0].index(f"{kind}_response") for kind in ("best", "final"))
        treated = next(line for line in lines[1:] if line[best] and line[final])
        treated[best], treated[final] = "PD", "CR"  # can't be
        (path := tmp_path / "odd.csv").write_text("\n".join(map(",".join, lines)))
        changed = "transitions(cohort)"
        shown = (f"figures.transitions({changed})", f"tables.transition_table({changed})", f"reading({changed})")
        made = make_report(Project(exhibits=(Exhibit("T", shows=shown),)), read_cohort(path))
        assert "Row " in made.items[0].thing.caption  # as the page has it
        for name, content in bundle(made, ["docx", "pptx", "xlsx"]).files.items():
            assert not re.search(r"\b[Rr]ows? \d", words_in(name, content)), name

    def test_how_many_are_too_few_is_told_nowhere(self):
        curves = "figures.survival_curves(kaplan_meier(cohort, 'PRS'))"
        few = Exhibit("Old", filters=("age_years>66",), shows=(curves, "methods()"), note="Mine")
        rest = Exhibit("Young", filters=("age_years<=66",), shows=(curves,))
        told, hidden = report(few, rest), report(few, rest, hide_below=5)
        assert [item.n for item in told.items] == [1, 1, 87] and {item.n for item in hidden.items} == {None}
        for made, there in ((told, True), (hidden, False)):
            for name, content in bundle(made, ["docx", "pptx", "xlsx", "scripts"]).files.items():
                shown = re.search(r"n = (1|87)\b", words_in(name, content))
                assert there or not shown, name
                assert shown or not there or not name.endswith("x"), name

    def test_names_of_files_tell_no_column_of_the_file(self, tmp_path):
        lines = (SAMPLES / "reconstructed_cohort.csv").read_text().splitlines()
        (path := tmp_path / "own.csv").write_text(
            "\n".join(f"{line},{('Schmidt', 'Jones')[i % 2] if i else 'ward'}" for i, line in enumerate(lines))
        )
        by = "kaplan_meier(cohort, 'PRS', by='ward')"
        shown = (f"figures.survival_curves({by})", f"tables.survival_summary({by})", f"reading({by})")
        made = make_report(Project(exhibits=(Exhibit("By ward: Schmidt", shows=shown),)), read_cohort(path))
        assert not made.problems and [item.name for item in made.items] == [
            "figure-1-survival-curves", "table-1-survival-summary", "reading"
        ]  # fmt: skip
        named = [*bundle(made, ["figures", "data", "scripts"]).files]
        assert len(named) > 12 and not [name for name in named if re.search("ward|schmidt|jones", name.lower())]

    def test_the_day_comes_from_the_project_or_the_environment(self, monkeypatch):
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        assert report(saved="2026-03-01").day.isoformat() == "2026-03-01" and report().day is None
        closed = DataMark(cutoff="2025-12-31")  # goes before the day on which the project was saved
        assert report(data=closed, saved="2026-03-01").day.isoformat() == "2025-12-31"
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
        assert report(saved="2026-03-01").day.isoformat() == "1970-01-02"

    def test_progress_may_stop_it(self):
        class Stopped(Exception):
            pass

        def stop(share, what):
            raise Stopped

        with pytest.raises(Stopped):
            make_report(Project(exhibits=ready(SAMPLE)), SAMPLE, progress=stop)


# ---------------------------------------------------------------- bundles and the command line
def few():
    return report(
        Exhibit("Curves", shows=("figures.survival_curves(kaplan_meier(cohort, 'PRS', by='site:lung'))",)),
        Exhibit("Sites", shows=("tables.site_table(site_distribution(cohort))",)),
    )


@pytest.fixture(scope="module")
def small():
    return few()


class TestBundles:
    def test_every_kind_is_there_with_its_checksum(self, small):
        made = bundle(small)
        assert not made.problems
        sums = dict(line.split("  ")[::-1] for line in made.files["SHA256SUMS"].decode().splitlines())
        assert set(sums) == set(made.files) - {"SHA256SUMS"}
        assert all(hashlib.sha256(made.files[path]).hexdigest() == digest for path, digest in sums.items())
        assert {"report.docx", "project.toml", "scripts/report.R", "README.txt", "versions.txt"} <= set(made.files)
        assert any(path.startswith("figures/") and path.endswith(".tiff") for path in made.files)
        assert "patients.csv" not in made.files

    def test_the_same_input_gives_the_same_bytes(self, small):
        one, two = bundle(few()), bundle(few())  # each drawn anew: a report keeps the pixels that it has
        assert not one.problems and one.files == two.files and one.to_zip(small) == two.to_zip(small)
        with zipfile.ZipFile(io.BytesIO(one.to_zip(small))) as archive:
            assert archive.testzip() is None and set(archive.namelist()) == set(one.files)

    def test_a_writer_that_fails_takes_nothing_from_the_others(self, small, monkeypatch):
        def broken(*args):
            raise KeyError("part")
            yield

        monkeypatch.setitem(MAKERS, "xlsx", broken)
        made = bundle(small, ["xlsx", "project"])
        assert "project.toml" in made.files and made.problems == (
            "Excel isn't there: this should not have happened (KeyError); please report it",
        )

        def full(*args):
            raise OSError(28, "No space left on device")
            yield

        monkeypatch.setitem(MAKERS, "xlsx", full)
        (told,) = bundle(small, ["xlsx", "project"]).problems
        assert told.startswith("Excel isn't there: ") and "No space left on device" in told

    def test_the_data_of_a_curve_end_where_few_are_at_risk(self):
        curves = Exhibit("Curves", shows=("figures.survival_curves(kaplan_meier(cohort, 'PRS', by='site:lung'))",))
        for smallest in (0, 5):
            files = bundle(report(curves, hide_below=smallest), ["data"]).files
            (table,) = [content.decode("utf-8-sig") for path, content in files.items() if path.endswith("-curve.csv")]
            rows = list(csv.DictReader(io.StringIO(table)))
            assert rows and (min(int(row["n_at_risk"]) for row in rows) >= 5) == (smallest == 5)

    def test_a_kind_of_file_without_a_font_for_a_figure_is_named(self):
        strange = "\U000f0000"  # a private character, which no font has
        arms = cohort_of({"time": [float(i + 1) for i in range(20)], "event": [1] * 20, "arm": [strange, "a"] * 10})
        shown = Exhibit("Arms", shows=("figures.survival_curves(kaplan_meier(cohort, 'T', by='arm'))",))
        made = bundle(make_report(Project(exhibits=(shown,)), arms), ["figures"])
        assert [p.partition(" isn't")[0] for p in made.problems] == ["Figure 1 as PDF", "Figure 1 as PNG"]
        assert [path for path in made.files if path.startswith("figures/")] == ["figures/figure-1-survival-curves.svg"]

    def test_an_unknown_kind_is_refused(self, small):
        with pytest.raises(ValueError, match="there is no odt"):
            bundle(small, ["odt"])

    def test_synthetic_is_said_in_every_file_that_is_read(self, small):
        read = {
            path: words_in(path, content)
            for path, content in bundle(small).files.items()
            if path.endswith((".txt", ".docx", ".pptx", ".xlsx", ".svg", ".R", ".py")) or path.startswith("tables")
        }
        assert len(read) > 10 and not [path for path, words in read.items() if "ynthetic" not in words]

    def test_a_person_s_note_stands_with_its_exhibit_in_every_document(self):
        shows = ("figures.site_bars(site_distribution(cohort))", "tables.site_table(site_distribution(cohort))",
                 "methods()")  # fmt: skip
        noted = [Exhibit(f"E{i}", shows=(recipe,), note=f"Looked at by hand, {i}.") for i, recipe in enumerate(shows)]
        made = bundle(report(*noted, Exhibit("Mine", note="Of my own.")), ["docx", "pptx", "xlsx"])
        for name, content in made.files.items():
            if name.endswith(("docx", "pptx", "xlsx")):
                said = words_in(name, content)
                assert all(one.note in said for one in noted) and "Of my own." in said, name
                assert said.count(noted[1].note) == (2 if name == "slides.pptx" else 1), name  # slide and its notes

    def test_a_full_disk_takes_nothing_from_the_others(self, small, tmp_path):
        made = bundle(small, ["project"])
        (tmp_path / "project.toml").mkdir()  # can't be written over
        lost = made.write(tmp_path)
        assert len(lost) == 1 and lost[0].startswith("project.toml isn't written")
        assert (tmp_path / "README.txt").exists()

    def test_the_command_line_writes_them(self, run, tmp_path):
        source = os.path.join(os.path.dirname(__file__), "..", "sample_data", "reconstructed_cohort.csv")
        out = tmp_path / "out"
        code, result, _ = run("report", source, "--out", out, "--only", "project", "--json")
        assert code == 0 and not result["problems"] and len(result["exhibits"]) == 19
        assert sorted(p.name for p in out.iterdir()) == ["README.txt", "SHA256SUMS", "project.toml", "versions.txt"]
        assert run("report", source, "--out", out, "--only", "project")[0] == 1  # is there already
        again = tmp_path / "again"
        code, result, _ = run("report", source, "--project", out / "project.toml", "--out", again, "--only", "project",
                              "--json")  # fmt: skip
        assert code == 0 and len(result["exhibits"]) == 19
        assert run("report", source, "--out", tmp_path / "x", "--only", "odt")[0] == 2
        assert (
            run("report", source, "--project", out / "project.toml", "--endpoint", "OS", "--out", tmp_path / "x")[0]
            == 2
        )
        assert run("report", source, "--project", out / "project.toml", "--where", "site:lung=with", "--out",
                   tmp_path / "x")[0] == 2  # fmt: skip

    def test_the_ready_list_is_of_the_patients_that_a_filter_leaves(self, run, tmp_path):
        source = Path(__file__).parent.parent / "sample_data" / "reconstructed_cohort.csv"
        code, result, _ = run("report", source, "--where", "site:lung=with", "--out", tmp_path / "lung", "--only",
                              "project", "--json")  # fmt: skip
        assert code == 0 and {one["n"] for one in result["exhibits"]} == {34}

    def test_the_options_reach_the_files(self, run, tmp_path):
        """Width, resolution and grey of the figures, patients' rows, and the least count that is told."""
        source = Path(__file__).parent.parent / "sample_data" / "reconstructed_cohort.csv"
        sites = ("figures.site_bars(site_distribution(cohort))", "tables.site_table(site_distribution(cohort))")
        path = tmp_path / "p.toml"
        path.write_text(Project(exhibits=(Exhibit("Sites", shows=sites),)).to_toml(), encoding="utf-8")
        out, hidden = tmp_path / "out", tmp_path / "hidden"
        start = ("report", source, "--project", path, "--only", "figures,data", "--json")
        printed = ("--width-mm", 84, "--dpi", 200, "--greyscale")
        assert run(*start, "--out", out, *printed, "--patients")[0] == 0
        for kind in ("png", "tiff"):
            (name,) = (out / "figures").glob(f"*.{kind}")
            with Image.open(name) as image:
                assert image.size[0] == pytest.approx(84 / 25.4 * 200, abs=4)
                assert [float(v) for v in image.info["dpi"]] == pytest.approx([200, 200], abs=0.1)
                red, green, blue = np.moveaxis(np.asarray(image), 2, 0)
            assert np.array_equal(red, green) and np.array_equal(green, blue)
        rows = (out / "patients.csv").read_text(encoding="utf-8")
        assert rows.count("\n") == 89 and "SYN-" not in rows and "patient_id" not in rows
        told, few = [(name / "tables" / "table-1-site-table.csv") for name in (out, hidden)]
        code, result, _ = run(*start, "--out", hidden, "--hide-below", 5)
        assert code == 0 and result["exhibits"][0]["kind"] == "missing"
        assert "<5" in few.read_text(encoding="utf-8-sig") and "<5" not in told.read_text(encoding="utf-8-sig")
        assert not (hidden / "patients.csv").exists() and not (hidden / "figures").exists()
        refused = tmp_path / "refused"
        assert run(*start[:-1], "--out", refused, "--hide-below", 5, "--patients")[0] == 2 and not refused.exists()

    def test_the_project_in_a_folder_has_no_word_for_a_patient(self, run, tmp_path):
        source = Path(__file__).parent.parent / "sample_data" / "reconstructed_cohort.csv"
        mapping = inspect(open_file(source)).mapping
        how = ColumnMap("patient_id", "identifier", "patient_id", levels=(("canary", ("SYN-001",)),))
        columns = tuple(how if c.column == "patient_id" else c for c in mapping.columns)
        path = tmp_path / "m.toml"
        path.write_text(replace(mapping, columns=columns).to_toml(), encoding="utf-8")
        assert "canary" in path.read_text(encoding="utf-8")
        out = tmp_path / "o"
        code, result, _ = run("report", source, "--mapping", path, "--out", out, "--only", "project,scripts", "--json")
        assert code == 0 and (out / "scripts" / "report.py").exists()
        assert not [p.name for p in out.rglob("*") if p.is_file() and b"canary" in p.read_bytes()]
        assert any("they identify patients" in problem for problem in result["problems"])


def test_edits_reach_a_report():
    from necc.core.edits import apply_edits

    edits = (Cut("age_years", (50.0,), "age_group"),)
    whole = apply_edits(SAMPLE, edits).cohort
    shows = ("tables.survival_summary(kaplan_meier(cohort, 'PRS', by='age_group'))",)
    made = make_report(Project(edits=edits, exhibits=(Exhibit("T", shows=shows),)), whole)
    assert made.items[0].kind == "table" and "age" in dict(made.conventions)["Edits after reading"]


class TestNextYear:
    @pytest.fixture
    def saved(self, run, tmp_path):
        source = os.path.join(os.path.dirname(__file__), "..", "sample_data", "reconstructed_cohort.csv")
        path = tmp_path / "p.toml"
        assert run("project", "save", source, "-o", path, "--title", "Ours", "--json")[0] == 0
        rows = Path(source).read_text(encoding="utf-8").splitlines()
        newer = tmp_path / "newer.csv"
        newer.write_text("\n".join([*rows[:80], *(f"NEW-{i}{row[7:]}" for i, row in enumerate(rows[1:6]))]) + "\n",
                         encoding="utf-8")  # fmt: skip
        return source, newer, path

    def test_what_changed_stands_at_the_end_of_the_report(self, run, saved, tmp_path):
        source, newer, path = saved
        code, result, _ = run("report", newer, "--project", path, "--before", source, "--out", tmp_path / "o", "--only",
                              "data", "--json")  # fmt: skip
        assert code == 0 and result["exhibits"][19]["title"] == "What changed since the project was saved"
        said = (tmp_path / "o" / "README.txt").read_text(encoding="utf-8")
        assert "What changed" in said
        tables = "\n".join(p.read_text(encoding="utf-8-sig") for p in (tmp_path / "o" / "tables").glob("*changed*"))
        assert "SYN-" not in tables and "NEW-" not in tables and tables

    def test_the_same_file_has_no_such_part(self, run, saved, tmp_path):
        source, _, path = saved
        code, result, _ = run(
            "report", source, "--project", path, "--out", tmp_path / "o", "--only", "project", "--json"
        )
        assert code == 0 and len(result["exhibits"]) == 19

    def test_an_earlier_file_needs_a_project(self, run, saved, tmp_path):
        source, newer, _ = saved
        assert run("report", newer, "--before", source, "--out", tmp_path / "o", "--only", "project")[0] == 2


class TestReady:
    def test_covariates_stand_together_as_events_allow(self):
        table = next(e for e in ready(SAMPLE) if e.title.startswith("Cox"))
        made = report(table).items[0]
        assert "together" in table.title and any("Together" in column for column in made.thing.columns)
        alone = ready(SAMPLE, covariates=["age_years"])
        assert any(e.title == "Cox regression: each covariate alone, and 1 together" for e in alone)

    def test_next_year_s_file_without_a_column_has_its_tables(self):
        from necc import read_cohort

        path = Path(__file__).parent.parent / "sample_data" / "reconstructed_cohort.csv"
        rows = [row.split(",") for row in path.read_text(encoding="utf-8").splitlines()]
        place = rows[0].index("lvsi")
        text = "\n".join(",".join(row[:place] + row[place + 1 :]) for row in rows)
        newer = read_cohort(text.encode(), "newer.csv", dictionary=SAMPLE.dictionary)
        made = make_report(Project(exhibits=ready(SAMPLE)), newer)
        assert not made.problems and "table" in {item.kind for item in made.items}

    def test_hidden_counts_and_rows_of_patients_exclude_each_other(self):
        made = bundle(report(hide_below=5), ["project"], patients=True)
        assert "patients.csv" not in made.files and "rows of patients tell them" in made.problems[-1]

    def test_recorded_numbers_are_not_handed_on_where_counts_are_hidden(self):
        numbers = record_numbers(SAMPLE, by="site:lung")
        kept = Project.from_toml(report(recorded=numbers, recorded_by="site:lung").project)[0]
        assert kept.recorded == numbers and kept.recorded_by == "site:lung"
        hidden = Project.from_toml(report(recorded=numbers, recorded_by="site:lung", hide_below=5).project)[0]
        assert not hidden.recorded and not hidden.recorded_by and hidden.hide_below == 5

    def test_the_conventions_name_what_tells_of_each_patient(self):
        made = report(Exhibit("Each", shows=("tables.treated_table(treated_patients(cohort))",)))
        assert dict(made.conventions)["Single patients"].startswith("Table 1")

    def test_half_a_file_is_removed(self, small, tmp_path, monkeypatch):
        made, opened = bundle(small, ["project"]), tempfile.NamedTemporaryFile

        @contextlib.contextmanager
        def full(*args, **options):
            with opened(*args, **options) as file:
                write = file.write

                def half(content):
                    if b"[[exhibits]]" not in content:
                        return write(content)
                    write(content[:10])
                    raise OSError(28, "No space left on device")

                monkeypatch.setattr(file, "write", half, raising=False)
                yield file

        monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)
        assert made.write(tmp_path) == ("project.toml isn't written: No space left on device",)
        assert not (tmp_path / "project.toml").exists()
        assert not list(tmp_path.glob(".necc-*"))
