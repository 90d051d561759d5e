"""Next year's data: who came and went, whose values and events are others, and what the project kept of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from cohorts import cohort_of, from_sample, necc_cohort
from page_helpers import failures, look_at, words

from necc.analysis.changed import compare_files
from necc.analysis.recorded import record_numbers
from necc.cli import main
from necc.core.edits import NewEndpoint, apply_edits
from necc.core.errors import AnalysisError
from necc.core.selection import Selection
from necc.ingest import read_cohort
from necc.present import tables
from necc.present.words.changed import summary
from necc.project import DataMark, Project, open_project
from necc.report import make_report
from necc.report.changed import changes, changes_of

FILE = "sample_data/reconstructed_cohort.csv"
SAMPLE = from_sample("reconstructed_cohort.csv")


def patients(ids, **columns):
    n = len(ids)
    usual = {"prs_months": [float(i + 1) for i in range(n)], "died": [1] * n, "age_years": [50] * n}
    sites = columns.pop("sites", {"lung": [1] * n})
    return necc_cohort({"patient_id": list(ids), **usual, **columns}, sites)


def prs(result):
    return next(e for e in result.endpoints if e.name == "PRS")


# ---------------------------------------------------------------- who came and went
def test_patients_are_followed_by_their_identifiers():
    before = patients("abcd", died=[0, 0, 1, 1], age_years=[40, 50, 60, None], prs_months=[1.0, 2.0, 3.0, 4.0])
    now = patients("dcbe", died=[1, 1, 1, 0], age_years=[41, 60, 50, 30], prs_months=[4.0, 3.0, 5.0, 9.0])
    result = compare_files(before, now)
    kept = result.followed
    assert (result.n_before, result.n_now, kept.n_both, kept.n_new, kept.n_gone) == (4, 4, 3, 1, 1)
    assert kept.n_changed == 2  # d got an age, b died after a longer time
    changed = {c.name: (c.n, c.n_filled) for c in result.columns}
    assert changed == {"age_years": (1, 1), "died": (1, 0), "prs_months": (1, 0)}
    one = prs(result)
    assert (one.n_before, one.n_now, one.events_before, one.events_now) == (4, 4, 2, 3)
    assert (one.n_new_events, one.n_lost_events, one.n_longer, one.n_shorter) == (1, 0, 1, 0)
    assert (one.n_left_events, one.n_joined_events) == (0, 0)
    assert not [s for s in summary(result) if "wrong" in s]


def test_sites_are_compared_and_what_cannot_be_is_said():
    before = patients("abc", sites={"lung": [1, 0, -1], "bone": [0, 0, 0]}, died=[1, 1, 0])
    now = patients("abc", sites={"lung": [1, 1, 1], "bone": [0, 0, 0]}, died=[0, 1, 0], prs_months=[1.0, 1.5, 3.0])
    result = compare_files(before, now)
    assert {c.name: (c.n, c.n_filled) for c in result.columns if c.name.startswith("site:")} == {"site:lung": (2, 1)}
    assert (prs(result).n_lost_events, prs(result).n_shorter) == (1, 1)
    odd = [s for s in summary(result) if "one of the files is wrong there" in s]
    assert any("1 patient who had the event has it no longer and 1 time is shorter than before" in s for s in odd)


def test_filters_move_patients_in_and_out():
    before = patients("abcde", age_years=[40, 40, 60, 60, 60])
    now = patients("abcde", age_years=[60, 60, 40, 60, 60])
    late = Selection.parse(["age_years>50"])
    result = compare_files(late.apply(before), late.apply(now))
    assert (result.shown_before, result.shown_now) == (3, 4)
    assert (result.followed.n_in, result.followed.n_out) == (2, 1)
    assert any("take 2 in and leave 1 out" in s for s in summary(result))


@pytest.mark.parametrize(
    "before, now, why",
    [
        (patients("abc"), necc_cohort({"prs_months": [1], "died": [1]}), "not both files have an identifier"),
        (patients("aab"), patients("abc"), "stands in several rows"),
        (patients("abc"), patients("xyz"), "share no identifier"),
    ],
)
def test_where_nobody_can_be_followed_it_is_said(before, now, why):
    result = compare_files(before, now)
    assert result.followed is None and result.columns == () and why in " ".join(summary(result))
    assert prs(result).n_new_events is None and prs(result).n_now == len(now)
    assert tables.changed_endpoints(result).columns[-1] == "Events now"


def test_the_same_file_has_not_changed():
    result = compare_files(SAMPLE, SAMPLE)
    kept = result.followed
    assert (kept.n_both, kept.n_new, kept.n_gone, kept.n_changed, kept.n_in, kept.n_out) == (88, 0, 0, 0, 0, 0)
    assert result.columns == () and all(e.n_longer == e.n_shorter == e.n_new_events == 0 for e in result.endpoints)


def test_the_order_of_the_rows_is_nothing():
    rows = pd.read_csv(FILE, dtype=str, keep_default_na=False).iloc[::-1]
    turned = read_cohort(rows.to_csv(index=False).encode(), "turned.csv")
    assert turned.ids[0] == SAMPLE.ids[-1]
    assert compare_files(SAMPLE, turned) == compare_files(SAMPLE, SAMPLE)


def test_times_in_another_unit_are_not_called_longer_or_shorter():
    made = NewEndpoint("own", "Own", time="os_months", event="died", event_levels=("yes",), unit="months")
    before, now = (apply_edits(SAMPLE, [replace(made, unit=unit)]).cohort for unit in ("months", "years"))
    (own,) = (e for e in compare_files(before, now).endpoints if e.name == "own")
    assert own.n_now == 88 and own.events_before == own.events_now > 0
    assert (own.n_longer, own.n_shorter, own.n_new_events) == (None, None, None)


def test_two_diseases_are_not_compared():
    with pytest.raises(AnalysisError, match="read both by the same"):
        compare_files(SAMPLE, cohort_of({"time": [1.0], "event": [1]}))


# ---------------------------------------------------------------- a project
@pytest.fixture(scope="module")
def next_year(tmp_path_factory):
    """Three patients gone, two new, two deaths more."""
    old = pd.read_csv(FILE, dtype=str, keep_default_na=False)
    new = pd.concat([old.iloc[3:], old.iloc[:2].assign(patient_id=["NEW-1", "NEW-2"])])
    alive = new.index[(new["died"] == "0").to_numpy() & ~new["patient_id"].str.startswith("NEW").to_numpy()][:2]
    died = new["patient_id"].isin(new.loc[alive, "patient_id"])
    new.loc[died, "died"] = "1"
    path = tmp_path_factory.mktemp("next") / "next.csv"
    new.to_csv(path, index=False)
    return path


def test_changes_of_a_project_with_the_earlier_file(next_year):
    project = Project(filters=("site:lung=with",), recorded=record_numbers(SAMPLE))
    opened, before = open_project(project, next_year), open_project(project, FILE)
    found = changes(opened, before.filtered)
    kept = found.files.followed
    assert (kept.n_both, kept.n_new, kept.n_gone) == (85, 2, 3) and kept.n_changed >= 2
    assert prs(found.files).n_new_events == 2 and found.files.shown_before == 34
    assert [t.name for t in found.tables()] == ["changed-patients", "changed-endpoints", "changed-columns",
                                                "recorded-and-now"]  # fmt: skip
    told = " ".join(found.sentences())
    assert "85 patients in both files, 2 new, 3 no longer there" in told
    assert "SYN-" not in told + json.dumps(found.to_dict()) and "NEW-" not in json.dumps(found.to_dict())


def test_without_the_earlier_file_what_the_project_kept_stands_there(next_year):
    project = Project(data=DataMark(n_patients=88), recorded=record_numbers(SAMPLE))
    found = changes(open_project(project, next_year))
    assert (found.files.n_before, found.files.n_now, found.files.shown_before) == (88, 87, 88)
    assert found.files.followed is None and "who came and went" in " ".join(found.sentences())
    assert (prs(found.files).events_before, prs(found.files).events_now) == (40, 42)
    table = tables.changed_patients(found.files)
    assert table.rows == (("In the file", "88", "87"), ("Shown, by the filters", "88", "87"))
    lung = Project(filters=("site:lung=with",), data=DataMark(n_patients=88), recorded=record_numbers(SAMPLE))
    files = changes(opened := open_project(lung, next_year)).files
    assert files.n_now == 87 and files.shown_now == len(opened.filtered) < 40


def test_a_report_that_hides_few_patients_doesn_t_tell_how_few_came_and_went(next_year):
    """85 in both of 88 and 87: 3 are gone and 2 new, so no such number stays, either."""

    def made(smallest):
        project = Project(recorded=record_numbers(SAMPLE), hide_below=smallest)
        opened = open_project(project, next_year)
        return make_report(project, opened.cohort, changes=changes(opened, SAMPLE))

    told, hidden = ({item.title: item for item in made(smallest).items} for smallest in (0, 5))
    assert {item.kind for item in told.values()} == {"text", "table"} and told.keys() == hidden.keys()
    assert [hidden[name].kind for name in ("Patients, before and now", "Events, before and now")] == ["missing"] * 2
    (paragraphs,) = (texts for _, texts in hidden["What changed since the project was saved"].thing.parts)
    assert paragraphs == ("88 patients before, 87 patients now.", "35 of 57 numbers changed.")
    last = [[row[-1] for row in all_of["Recorded numbers and those of now"].thing.rows] for all_of in (told, hidden)]
    assert [any(re.match(r"[+−][1-4] \(", cell) for cell in cells) for cells in last] == [True, False]


def test_an_earlier_file_gives_the_numbers_that_a_project_lacks(next_year):
    opened = open_project(Project(), next_year)
    assert changes(opened, SAMPLE).numbers.counts["changed"] > 10
    assert changes_of(Project(), SAMPLE, record_numbers(SAMPLE), SAMPLE).numbers.counts["changed"] == 0
    by, smallest = "site:lung", 5
    kept = record_numbers(SAMPLE, by=by, smallest=smallest)
    found = changes_of(Project(recorded_by=by, smallest_cell=smallest), SAMPLE, kept, SAMPLE).numbers
    assert found.counts == {**dict.fromkeys(found.counts, 0), "same": len(kept)}
    with pytest.raises(ValueError, match="couldn't be read"):
        changes(open_project(Project(), b"\x00", "x.csv"))


def test_the_events_add_up():
    """Who left took events along, and who is new brought some: 3 and 1 new, less 2, and 1 are 3."""
    before, now = patients("abcdef", died=[1, 1, 0, 0, 1, 0]), patients("cdefgh", died=[1, 0, 1, 0, 1, 0])
    result = compare_files(before, now)
    one = prs(result)
    assert (one.events_before, one.n_new_events, one.n_left_events, one.n_joined_events, one.events_now) == (
        3, 1, 2, 1, 3)  # fmt: skip
    table = tables.changed_endpoints(result)
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert (row["Events of those who left"], row["Events of those who are new"]) == ("2", "1")


def test_who_has_a_time_in_one_file_only_counts_too():
    before = patients("abc", died=[1, 1, 1], prs_months=[1.0, 2.0, None])
    one = prs(compare_files(before, patients("abc", died=[1, 1, 1], prs_months=[1.0, None, 3.0])))
    assert (one.n_left_events, one.n_joined_events, one.n_new_events, one.events_now) == (1, 1, 0, 2)


def test_a_number_that_was_too_small_to_be_recorded_is_not_called_new():
    """4 patients had the site, and 6 have it now."""
    before = patients("abcdefgh", sites={"lung": [1] * 8, "bone": [1] * 4 + [0] * 4})
    now = patients("abcdefgh", sites={"lung": [1] * 8, "bone": [1] * 6 + [0] * 2, "liver": [1] * 8})
    project = Project(recorded=record_numbers(before, smallest=5), smallest_cell=5)
    numbers = record_numbers(now, smallest=5)

    def told(earlier, key):
        rows = tables.compared(changes_of(project, now, numbers, earlier).numbers).rows
        return next(row[1:] for row in rows if key in row[0])

    assert told(None, "Site Bone") == ("fewer than 5, or not there", "6", "not recorded before")
    assert told(before, "Site Bone") == ("fewer than 5", "6", "not recorded before")
    assert told(before, "Abdominal") == ("", "8", "new")
    back = changes_of(Project(recorded=numbers, smallest_cell=5), before, record_numbers(before, smallest=5), now)
    assert next(r[1:] for r in tables.compared(back.numbers).rows if "Site Bone" in r[0]) == (
        "6", "fewer than 5", "not recorded now")  # fmt: skip
    whole = changes_of(Project(recorded=record_numbers(before)), now, record_numbers(now), before)
    assert next(r[1:] for r in tables.compared(whole.numbers).rows if "Site Bone" in r[0])[:2] == ("4", "6")


# ---------------------------------------------------------------- command line, page
def test_compare_follows_patients_where_the_earlier_file_is_given(next_year, tmp_path, capsys):
    saved = tmp_path / "p.toml"
    assert main(["project", "save", FILE, "-o", str(saved)]) == 0
    capsys.readouterr()
    assert main(["project", "compare", str(saved), str(next_year), "--before", FILE]) == 0
    out = capsys.readouterr().out
    assert "85 patients in both files, 2 new, 3 no longer there" in out and "in both files: new events 2" in out
    assert main(["project", "compare", str(saved), str(next_year), "--before", FILE, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["files"]["followed"]["n_new"] == 2 and result["counts"]["changed"] > 10
    assert main(["project", "compare", str(saved), str(next_year), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"]["followed"] is None
    assert main(["project", "compare", str(saved), str(next_year), "--before", str(tmp_path / "none.csv")]) == 1


def test_the_page_tells_who_came_and_went(app_test, next_year):
    """The project is open on the sample; the file that it was made from is given beside it."""
    mark = DataMark(sha256=SAMPLE.source.file_mark, n_patients=len(SAMPLE))
    text = Project("Mine", data=mark, recorded=record_numbers(SAMPLE)).to_toml()
    app = look_at(app_test().run().switch_page("pages/data.py").run(), "data-view", "project")
    assert not any(u.label == "The earlier file" for u in app.get("file_uploader"))
    uploader(app, "A project's file").upload("project.toml", text.encode(), "application/toml")
    app.run()
    assert not failures(app) and "in both files" not in words(app)
    uploader(app, "The earlier file").upload("earlier.csv", next_year.read_bytes(), "text/csv")
    app.run()
    assert not failures(app)
    assert "85 patients in both files, 3 new, 2 no longer there" in words(app)
    assert "2 patients who had the event have it no longer: one of the files is wrong there" in words(app)
    for _ in range(2):  # what is broken is told, and forgotten with the next
        uploader(app, "The earlier file").upload("earlier.csv", b"\x00\x01", "text/csv")
        app.run()
        assert not app.exception and "in both files" not in words(app)


def uploader(app, label):
    return next(u for u in app.get("file_uploader") if u.label == label)
