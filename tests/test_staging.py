"""Restaging: FIGO 2018 from size and nodes by its rules, and both editions side by side."""

from __future__ import annotations

import pytest

from necc.analysis.staging import implied_2018, main_stage, restaging
from necc.core.errors import AnalysisError
from necc.ingest import read_cohort
from necc.present.tables.cohort import disagreement_table, implied_table, restaging_table
from necc.present.words.reading.cohort import moved_sentence


@pytest.mark.parametrize(
    ("stage", "size", "nodes", "implied"),
    [
        ("IB1", 1.5, False, "IB1"), ("IB1", 2.0, False, "IB1"), ("IB1", 2.1, False, "IB2"), ("IB1", 4.0, False, "IB2"),
        ("IB1", 4.1, False, None), ("IB2", 4.1, False, "IB3"), ("IB2", None, False, "IB3"), ("IB2", 3.0, False, None),
        ("IB", 3.0, False, "IB2"), ("IB1", None, False, None), ("IB1", 1.0, None, None), ("IB1", 1.0, True, "IIIC1"),
        ("IIIB", None, True, "IIIC1"), ("IIIB", None, False, "IIIB"), ("IIA1", 3.0, False, "IIA1"),
        ("IVA", None, None, "IVA"), ("IVB", 9.0, True, "IVB"), ("I", 1.0, False, None), ("IA2", None, False, "IA2"),
    ],
)  # fmt: skip
def test_the_rules_of_2018(stage, size, nodes, implied):
    assert implied_2018(stage, size, nodes) == implied


def test_main_stages():
    assert [main_stage(s) for s in ("IA1", "IIB", "IIIC2", "IVB", "I")] == ["I", "II", "III", "IV", "I"]


HEAD = "patient_id,figo_2009,figo_2018,tumor_size,pelvic_nodes\n"
ROWS = (
    "P1,IB1,IB2,3,0\nP2,IB1,IIIC1,3,1\nP3,IB2,IB1,5,0\nP4,IIA1,IIIC2,3,1\nP5,IVB,IVB,,\nP6,IB1,,1,0\nP7,,IB1,1,0\n"
    "P8,IIB,II,,0\n"
)


COHORT = read_cohort((HEAD + ROWS).encode(), "c.csv")


@pytest.fixture
def result():
    return restaging(COHORT)


def test_both_editions(result):
    frame = result.to_frame()
    assert result.n == 6 and frame.loc["IB1"].to_dict()["IB2"] == 1 and frame.loc["IB1"]["IIIC1"] == 1
    assert result.n_moved == 2 and int(frame.to_numpy().sum()) == 6
    assert [e.n for e in result.excluded] == [1, 1] and result.n + sum(e.n for e in result.excluded) == len(COHORT)


def test_every_patient_stands_in_one_cell_or_is_named(result):
    """Rows and cells of both tables, with who has no stage of 2018 and who has none of 2009, are all patients."""
    unstaged = next(e.n for e in result.excluded if e.reason == "no stage of 2009 or 2014")
    assert sum(map(sum, result.counts)) == result.n and sum(result.unrecorded) == 1
    assert sum(map(sum, result.counts)) + sum(result.unrecorded) + unstaged == len(COHORT)
    assert sum(map(sum, result.implied)) + sum(result.untold) + unstaged == len(COHORT)
    for table in (restaging_table(result), implied_table(result)):
        assert sum(int(row[-1]) for row in table.rows) + unstaged == len(COHORT)
    table = restaging_table(result)
    assert "Not recorded" in table.columns and dict(zip(table.columns, table.rows[0], strict=True))["All"] == "3"


def test_who_cannot_be_told_stands_beside_the_stages():
    result = restaging(read_cohort(b"patient_id,figo_2009,figo_2018\nP1,IB1,IVA\n", "c.csv"))
    assert (result.n, result.cannot_tell, result.untold) == (1, 1, (1,))
    assert moved_sentence(result) == "1 of 1 patient is in another main stage by FIGO 2018 than by FIGO 2009 or 2014."
    table = implied_table(result)
    assert table.columns == ("Stage", "Can't be told", "All") and table.rows == (("IB1", "1", "1"),)
    assert table.notes[0] == "1 patient lacks what is needed to tell."


def test_what_size_and_nodes_imply(result):
    by = dict(zip(result.before, result.implied, strict=True))
    columns = result.implied_levels
    assert {c: n for c, n in zip(columns, by["IB1"], strict=True) if n} == {"IB1": 1, "IB2": 1, "IIIC1": 1}
    assert result.disagree == ((4, "IB1", "IB3"),) and result.agree == 5 and result.cannot_tell == 0


def test_tables_and_missing_columns(result):
    assert restaging_table(result).columns[-1] == "All" and implied_table(result).rows
    assert disagreement_table(result).rows == (("4", "IB1", "IB3"),)
    assert result.to_dict()["n_moved"] == 2
    with pytest.raises(AnalysisError, match="figo_2008"):
        restaging(read_cohort(b"patient_id\nP1\n", "c.csv"))
    bare = restaging(read_cohort(b"patient_id,figo_2009\nP1,IB1\nP2,IVA\n", "c.csv"))
    assert bare.n == 0 and bare.cannot_tell == 1 and len(bare.notes) == 3
