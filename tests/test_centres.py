"""A centre's file: what is in it, that it comes back whole, and that nothing else does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from shown_results import sample

from necc import Cohort, read_cohort
from necc.centres import CentreFile, default_factors, own_words, read_centre, summarise
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
    wanted = Wanted(("PRS",), ("figo_stage", "histology", "best_response", "final_response"), sites=True)
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
        read_centre(altered(change), "north.json")
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
