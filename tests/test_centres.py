"""A centre's file: what is in it, that it comes back whole, and that nothing else does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shown_results import sample

from necc import Cohort, compare_survival, kaplan_meier, read_cohort
from necc.analysis.centres.precision import precision
from necc.centres import (
    CentreFile,
    Ledger,
    default_factors,
    own_words,
    preview,
    read_centre,
    read_ledger,
    summarise,
)  # fmt: skip
from necc.core.canonical import sealed, unsealed
from necc.core.coarse import coarse_times
from necc.core.counts import Wanted, summed
from necc.core.errors import AnalysisError, CohortError

FACTORS = ("figo_stage", "histology")


def file_of(cohort: Cohort, **given: Any) -> CentreFile:
    return summarise(cohort, **{"centre": "North", "endpoints": ["PRS"], "factors": FACTORS, **given})


@pytest.mark.parametrize("given", [{}, {"separate": True}, {"time_grid": "days"}, {"factors": None, "endpoints": None},
                                   {"sites": False, "responses": False, "factors": []}])  # fmt: skip
def test_a_file_comes_back_as_it_was_written(given):
    file = file_of(sample(), **given)
    again = read_centre(file.to_bytes())
    assert again.to_bytes() == file.to_bytes() and again.sha256 == file.sha256
    assert again.content() == file.content()
    assert file.to_bytes() == file_of(sample(), **given).to_bytes()


def cells(cohort: Cohort, grid: str) -> Counter[tuple[Any, ...]]:
    """The patients, one by one, by all that the table of `file_of` counts."""
    time, event = cohort.observed("PRS")
    codes = [cohort.factor(name).codes for name in FACTORS]
    marks = ["".join("01?"[m] for m in row) for row in cohort.site_matrix.tolist()]
    told = coarse_times(time, grid, "months").tolist()
    return Counter(zip([None if t != t else t for t in told], event.tolist(), *(c.tolist() for c in codes), marks,
                       strict=True))  # fmt: skip


@pytest.mark.parametrize("grid", ["days", "month", "quarter"])
def test_tables_are_the_patients_counted_one_by_one(grid):
    table = file_of(sample(), time_grid=grid).tables["PRS"]
    assert table["columns"] == ["time", "event", *FACTORS, "sites", "n"]
    assert {tuple(row[:-1]): row[-1] for row in table["rows"]} == cells(sample(), grid)


def test_patterns_are_summarised_as_patients_are():
    wanted = Wanted(("PRS",), ("figo_stage", "histology", "recurred", "best_response", "final_response"), sites=True)
    counts = summed(sample(), wanted)
    assert file_of(counts).tables == file_of(sample()).tables


def test_a_filtered_cohort_gives_its_own_patients():
    part = sample().where("age_years > 50")
    file = file_of(part, filters=["age_years > 50"])
    assert file.patients == len(part)
    assert {tuple(row[:-1]): row[-1] for row in file.tables["PRS"]["rows"]} == cells(part, "month")
    assert file.filters == ["age_years > 50"] and any("not all patients" in note for note in file.notes)


def test_times_move_by_at_most_half_a_cell():
    times = np.random.default_rng(1).uniform(0, 90, 500).astype(np.float64)
    for grid, width in (("month", 1.0), ("quarter", 3.0)):
        told = coarse_times(times, grid, "months")
        assert np.abs(told - times).max() <= width / 2 + 1e-9
        assert set(np.round(told / width % 1, 9)) == {0.5}
        assert np.allclose(coarse_times(times * 30.4375, grid, "days"), told * 30.4375)
    whole_months = np.arange(90, dtype=np.float64) / 12
    assert np.allclose(coarse_times(whole_months, "month", "years"), whole_months + 1 / 24)


def test_nothing_but_agreed_words_leaves():
    """Every identifier, date and free text of a file whose columns are full of them is searched for in the bytes."""
    rng, n = np.random.default_rng(7), 60
    start = np.datetime64("2011-02-03") + rng.integers(0, 2000, n)
    again = start + rng.integers(30, 900, n)
    last = again + rng.integers(20, 900, n)
    lines = ["patient_id,surname,diagnosis_date,recurrence_date,death_date,last_followup_date,died,histology,age_years,"
             "site_lung,remarks"]  # fmt: skip
    for i in range(n):
        died = int(rng.integers(0, 2))
        named, dates = f"MRN-{7_000_013 + 37 * i},Zweig{i:02d}er", f"{start[i]},{again[i]},{last[i] if died else ''}"
        histology = ("small cell", "large cell")[i % 2]
        lines.append(f"{named},{dates},{last[i]},{died},{histology},{31 + i % 40}.25,{i % 2},met Dr Quux{i}")
    cohort = read_cohort("\n".join(lines).encode(), "ward7.csv")
    assert "OS" in cohort.endpoint_names()
    data = summarise(cohort, centre="North").to_bytes().decode()
    assert '"histology"' in data and json.loads(data)["tables"]["OS"]["rows"]
    cells = {cell for line in lines[1:] for cell in line.split(",")}
    secret = {c for c in cells if "-" in c or c.startswith(("Zweig", "met ", "MRN")) or c.endswith(".25")}
    assert len(secret) > 4 * n
    assert not [cell for cell in secret | {"ward7", "surname", "remarks", "MRN-"} if cell in data]


def test_words_of_the_patients_file_leave_only_when_they_are_named():
    lines = [f"{i},{i},{i % 2},{'ABC'[i % 3] * 4}" for i in range(1, 40)]
    cohort = read_cohort("\n".join(["patient_id,os_months,died,ward", *lines]).encode(), "own.csv")
    assert "ward" in cohort.factor_names() and "ward" not in default_factors(cohort)
    assert b"AAAA" not in summarise(cohort).to_bytes()
    named = summarise(cohort, factors=["ward"])
    assert named.factors[0]["levels"] == list(own_words(cohort, cohort.factor("ward"))) == ["AAAA", "BBBB", "CCCC"]
    part = summarise(cohort.subset(cohort.factor("ward").codes != 1), factors=["ward"])
    assert part.factors[0]["levels"] == ["AAAA", "CCCC"] and b"BBBB" not in part.to_bytes()


# ---------------------------------------------------------------- what is refused
def altered(change: Callable[[dict[str, Any]], object], **given: Any) -> bytes:
    """A file whose content was changed, with a checksum that fits."""
    content = unsealed(file_of(sample(), **given).to_bytes(), "file")
    change(content)
    return sealed({key: value for key, value in content.items() if key != "sha256"})


def rows(content: dict[str, Any]) -> list[list[Any]]:
    found: list[list[Any]] = content["tables"]["PRS"]["rows"]
    return found


def came_first(content: dict[str, Any]) -> list[list[Any]]:
    found: list[list[Any]] = content["tables"]["TTR or death"]["rows"]
    return found


DAMAGE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "future": (lambda c: c.update(format="necc.centre/2"), "version 2, and this program reads version 1"),
    "another": (lambda c: c.update(format="necc.round/1"), "isn't a centre's file"),
    "missing key": (lambda c: c.pop("rule"), "the file lacks 'rule'"),
    "unknown key": (lambda c: c.update(rows=[]), "holds 'rows', which no centre's file has"),
    "type": (lambda c: c.update(patients="88"), "'patients' of the file isn't a whole number"),
    "part": (lambda c: c["endpoints"]["PRS"].pop("unit"), "endpoint 'PRS' lacks 'unit'"),
    "unit": (lambda c: c["endpoints"]["PRS"].update(unit="parsecs"), "'unit' of endpoint 'PRS' is 'parsecs'"),
    "negative": (lambda c: rows(c)[0].__setitem__(-1, -1), "isn't a whole number of patients, at least 1 (row 1)"),
    "fraction": (lambda c: rows(c)[2].__setitem__(-1, 1.5), "isn't a whole number of patients, at least 1 (row 3)"),
    "code": (lambda c: rows(c)[1].__setitem__(2, 9), "'figo_stage' of table 'PRS' isn't a code from -1 to 3 (row 2)"),
    "event": (lambda c: rows(c)[1].__setitem__(1, 2), "'event' of table 'PRS' isn't a code from -1 to 1 (row 2)"),
    "first": (lambda c: came_first(c)[0].__setitem__(1, 6), "'came_first' of table 'TTR or death' isn't a code from -1 "
                                                             "to 5 (row 1)"),
    "time": (lambda c: rows(c)[0].__setitem__(0, 2.25), "'time' of table 'PRS' isn't the middle of a month"),
    "negative time": (lambda c: rows(c)[0].__setitem__(0, -0.5), "isn't the middle of a month, or null (row 1)"),
    "sites": (lambda c: rows(c)[0].__setitem__(-2, "01"), "isn't 8 marks of 0, 1 and ?"),
    "length": (lambda c: rows(c)[0].pop(), "has rows of another length than its 6 columns (row 1)"),
    "list in a list": (lambda c: c["tables"]["PRS"]["columns"].__setitem__(2, ["x"]), "no factor of the file"),
    "twice": (lambda c: rows(c).append(rows(c)[0]), "has the same row twice"),
    "sum": (lambda c: rows(c)[0].__setitem__(-1, 3), "adds up to 90 patients, and the file says 88"),
    "margins": (lambda c: (rows(c)[0].__setitem__(2, 3), rows(c)[1].__setitem__(2, 3)), "'figo_stage' differently"),
    "other endpoint": (lambda c: c["tables"]["PRS"].update(endpoint="OS"), "an endpoint 'OS' that the file doesn't"),
    "rule": (lambda c: c["rule"].update(person_level=False), "whether it is person-level information"),
    "cells": (lambda c: c["rule"].update(cells_of_one=0), "tells of other cells than its tables have"),
    "levels": (lambda c: c["factors"][0]["levels"].append("I"), "the levels of 'figo_stage' hold one twice"),
    "no name": (lambda c: c.update(centre=" "), "the centre has no name"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_cannot_be_is_refused_in_words(kind):
    change, told = DAMAGE[kind]
    with pytest.raises(CohortError) as caught:
        read_centre(altered(change, **({"endpoints": None} if kind == "first" else {})), "north.json")
    assert told in str(caught.value) and "'north.json'" in str(caught.value)
    assert caught.value.findings


def test_an_altered_or_broken_file_is_refused(tmp_path):
    data = file_of(sample()).to_bytes()
    with pytest.raises(CohortError, match="was altered after it was written"):
        read_centre(data.replace(b'"North"', b'"South"'), "a.json")
    for broken in (b"", data[: len(data) // 2], b"\xff\xfe", b"[]", b"{}", b'{"a": NaN}'):
        with pytest.raises(CohortError, match=r"'a\.json'"):
            read_centre(broken, "a.json")
    with pytest.raises(CohortError, match=r"'none\.json' can't be read"):
        read_centre(tmp_path / "none.json")
    (tmp_path / "a.json").write_bytes(data)
    assert read_centre(tmp_path / "a.json").to_bytes() == data


@pytest.mark.parametrize(("given", "told"), [
    ({"endpoints": ["PFS"]}, "PFS"), ({"factors": ["grade"]}, "no variable 'grade'"),
    ({"time_grid": "week"}, "no time grid"),
    ({"factors": ["age_years"]}, "say where to cut it"), ({"factors": ["site:lung"]}, "isn't named as a factor"),
    ({"factors": ["n_sites"]}, "isn't named as a factor"), ({"centre": " "}, "no name"),
    ({"smallest_cell": 0}, "at least 1"),
])  # fmt: skip
def test_what_cannot_be_summarised_is_told(given, told):
    with pytest.raises(AnalysisError, match=told):
        file_of(sample(), **given)


# ---------------------------------------------------------------- what it tells of single patients
def test_the_preview_counts_what_the_file_holds():
    found = preview(sample(), endpoints=["PRS"], factors=FACTORS, smallest_cell=3)
    for sizes in found.grids:
        file = file_of(sample(), time_grid=sizes.time_grid, smallest_cell=3)
        for size in sizes.tables:
            counts = [row[-1] for row in file.tables[size.name]["rows"]]
            small = sum(n for n in counts if n < 3)
            assert (size.cells, size.cells_of_one, size.smallest) == (len(counts), counts.count(1), min(counts))
            assert (size.patients, size.in_small_cells) == (88, small)
        assert sizes.person_level == file.rule["person_level"] and sizes.says == file.rule["says"]
    stage = sample().factor("figo_stage")
    small = {("figo_stage", level): n for level, n in zip(stage.levels, stage.counts(), strict=True) if n < 3}
    assert {(s.factor, s.level): s.n for s in found.smallest_strata if s.factor == "figo_stage"} == small


def test_fewer_factors_and_coarser_times_make_larger_cells():
    def ones(**given: Any) -> int:
        found: int = file_of(sample(), responses=False, **given).rule["cells_of_one"]
        return found

    alone = {"factors": ["figo_stage"], "sites": False}
    assert ones(**alone, time_grid="days") > ones(**alone, time_grid="month") > ones(**alone, time_grid="quarter")
    assert ones() > ones(**alone)


def test_large_cells_are_no_information_on_persons():
    lines = [f"{i},{1 + i // 30},{i % 2}" for i in range(600)]
    cohort = read_cohort("\n".join(["patient_id,os_months,died", *lines]).encode(), "own.csv")
    file = summarise(cohort, smallest_cell=5)
    assert not file.rule["person_level"] and file.rule["smallest_found"] == 15
    assert file.rule["says"] == "no cell of its tables holds fewer than 5 patients"
    assert any("whole months" in note for note in file.notes)
    assert summarise(cohort, smallest_cell=16).rule["person_level"]


def test_precision_is_that_of_the_coarse_times():
    by = "site:abdominal"
    exact, month, quarter = precision(sample(), "PRS", by).grids
    assert exact.median == kaplan_meier(sample(), "PRS").curves[0].median.value
    assert exact.p == compare_survival(sample(), "PRS", by).test("log-rank").p
    for told, grid in ((month, "month"), (quarter, "quarter")):
        time = coarse_times(sample().endpoint("PRS").time, grid, "months")
        event = sample().endpoint("PRS").event.astype(int)
        assert told.median == kaplan_meier(time, event).curves[0].median.value != exact.median
        frame = pd.DataFrame({"t": time, "e": event, "g": sample().factor(by).codes})
        again = Cohort.from_frame(frame, time="t", event="e", unit="months")
        assert told.p == pytest.approx(compare_survival(again, again.endpoint_names()[0], "g").test("log-rank").p)


# ---------------------------------------------------------------- two files
def ask(ledger: Ledger, cohort: Cohort, smallest: int = 5, **given: Any) -> tuple[str, Ledger]:
    file = file_of(cohort, smallest_cell=smallest, **given)
    entry = ledger.entry(cohort, file)
    refused = ledger.refusal(entry, smallest)
    return refused, ledger if refused else ledger.with_entry(entry)


def test_two_files_cannot_be_subtracted(tmp_path):
    """The attack: the file of all less the file of all but one is that one's row; the ledger refuses the second."""
    everybody, one = sample(), np.arange(len(sample())) == 17
    more, less = (Counter({tuple(r[:-1]): r[-1] for r in file_of(c).tables["PRS"]["rows"]})
                  for c in (everybody, everybody.subset(~one)))  # fmt: skip
    assert sum((more - less).values()) == 1 and more - less == cells(everybody.subset(one), "month")
    refused, ledger = ask(read_ledger(tmp_path / "ledger.json"), everybody)
    assert not refused and len(ledger.entries) == 1
    for left in (1, 4):
        refused, _ = ask(ledger, everybody.subset(np.arange(88) >= left))
        assert "left out" in refused and "fewer than 5 patients" in refused
        assert f"{left} patient" in refused
    assert not ask(ledger, everybody.subset(np.arange(88) >= 5))[0]
    assert not ask(ledger, everybody.subset(np.arange(88) >= 4), smallest=4)[0]


def test_a_later_data_cut_waits_for_enough_patients(tmp_path):
    rest = np.arange(88)
    _, ledger = ask(read_ledger(tmp_path / "ledger.json"), sample().subset(rest < 80))
    assert "2 patients were added" in ask(ledger, sample().subset(rest < 82))[0]
    refused, both = ask(ledger, sample().subset(rest < 88))
    assert not refused and len(both.entries) == 2
    swapped = ask(ledger, sample().subset((rest < 83) & (rest > 2)))[0]
    assert "3 patients were added and 3 patients were left out" in swapped


def test_changed_values_count_as_a_difference(tmp_path):
    def cut(changed: int) -> Cohort:
        lines = [f"P{i},{5 + i + 20 * (i < changed)},{i % 2}" for i in range(40)]
        return read_cohort("\n".join(["patient_id,os_months,died", *lines]).encode(), "own.csv")

    def file(cohort: Cohort) -> CentreFile:
        return summarise(cohort)

    first = read_ledger(tmp_path / "ledger.json")
    ledger = first.with_entry(first.entry(cut(0), file(cut(0))))
    assert not ledger.refusal(ledger.entry(cut(0), file(cut(0))), 5)
    assert "2 patients have other values" in ledger.refusal(ledger.entry(cut(2), file(cut(2))), 5)
    assert not ledger.refusal(ledger.entry(cut(9), file(cut(9))), 5)


def test_the_same_patients_have_one_set_of_tables(tmp_path):
    _, ledger = ask(read_ledger(tmp_path / "ledger.json"), sample())
    for other in ({"factors": ["figo_stage"]}, {"time_grid": "days"}, {"sites": False}, {"separate": True}):
        assert "other tables of the same patients" in ask(ledger, sample(), **other)[0]
    refused, again = ask(ledger, sample())
    assert not refused and again.entries == ledger.entries
    assert not ask(ledger, sample(), centre="Another name")[0]


def test_patterns_of_an_engine_are_known_by_their_cells(tmp_path):
    wanted = Wanted(("PRS",), (*FACTORS, "best_response", "final_response"), sites=True)
    few = np.arange(88) > 1
    _, ledger = ask(read_ledger(tmp_path / "ledger.json"), summed(sample(), wanted))
    assert "2 patients were left out" in ask(ledger, summed(sample().subset(few), wanted))[0]
    assert not ask(ledger, summed(sample(), wanted))[0]


def test_a_ledger_holds_no_value(tmp_path):
    path = tmp_path / "folder" / "ledger.json"
    refused, ledger = ask(read_ledger(path), sample())
    ledger.write()
    assert not refused and path.stat().st_mode & 0o077 == 0
    text = path.read_text()
    assert not [one for one in (*sample().ids, "small cell", "PRS", "North") if f'"{one}"' in text]
    assert read_ledger(path) == ledger
    other, _ = (read_ledger(tmp_path / name).entry(sample(), file_of(sample())) for name in ("a", "b"))
    assert not {*other.who} & {*ledger.entries[0].who}  # each ledger has a salt of its own
    path.write_bytes(path.read_bytes().replace(b'"n":88', b'"n":87'))
    with pytest.raises(AnalysisError, match="was altered"):
        read_ledger(path)
    path.write_bytes(sealed({"format": "necc.ledger/9"}))
    with pytest.raises(AnalysisError, match="isn't a ledger"):
        read_ledger(path)
