"""The validation sheet says what the replays find, and every recorded file stands on it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import replays
from replays import DATA, DOCUMENT, RECORDED_FILES, REPLAYS, difference

from necc.present.validation import ROUNDING, bound_of, groups, sheet, to_json, to_markdown, to_tables
from necc.present.words.validation import KNOWN

SHEET = sheet()
WRITE = "run `python tests/replays.py` and look at what changed"


def test_every_replay_is_on_the_sheet_in_its_order():
    assert [(r.group, r.estimator, r.module, r.reference) for r in REPLAYS] == [
        (c.group, c.estimator, c.module, c.reference) for c in SHEET
    ], WRITE


@pytest.mark.parametrize("place", range(len(REPLAYS)), ids=lambda i: REPLAYS[i].estimator)
def test_the_sheet_says_what_the_replay_finds(place):
    check, worst = REPLAYS[place].check()
    written = SHEET[place]
    assert (check.cases, check.numbers, check.note) == (written.cases, written.numbers, written.note), WRITE
    # machines round differently: a difference may lie on the other side of a power of ten, by a factor of two
    assert worst <= 2 * written.bound and (written.bound == ROUNDING or worst > written.bound / 20), WRITE
    assert written.bound <= 1e-8 or "printed" in written.reference


def test_the_document_and_the_data_are_the_same_sheet():
    assert DOCUMENT.read_text(encoding="utf-8") == to_markdown(SHEET), WRITE
    assert DATA.read_text(encoding="utf-8") == to_json(SHEET), WRITE


def test_every_recorded_file_is_replayed():
    """A file of R's answers that no check replays is missing from the sheet: add a function to tests/replays.py."""
    source = replays.__loader__.get_source("replays")
    unused = [name for name in RECORDED_FILES if f'"{name}"' not in source]
    assert not unused


def test_the_sheet_covers_the_estimators():
    told = " ".join(f"{c.estimator} {c.module} {c.reference}" for c in SHEET)
    for word in ("survfit", "survdiff", "coxph", "cox.zph", "coxphf", "cuminc", "crr", "binom.test", "fisher.test",
                 "p.adjust", "wilcox.test", "rmean", "Mantel-Byar", "Simon-Makuch", "by hand", "delayed entry",
                 "scikit-survival", "Table 4"):  # fmt: skip
        assert word in told, word
    assert sum(c.numbers for c in SHEET) > 15_000
    assert set(groups(SHEET)) >= {"Survival curves", "Tests between curves", "Cox regression", "Competing risks"}


def test_a_wrong_number_shows():
    """The replay of the hand-derived curves, with an answer that is off by a millionth."""

    def wrong():
        for name, ours, theirs in next(r for r in REPLAYS if r.reference == "by hand").run():
            yield name, [v + 1e-6 for v in ours], theirs

    check, worst = replace(REPLAYS[0], run=wrong).check()
    assert worst == pytest.approx(1e-6, rel=1e-3) and check.bound == pytest.approx(1e-5, rel=1e-9)
    assert check.agreement == "below 1e-5"


def test_a_missing_number_shows():
    assert difference(None, 1.0) == difference(math.nan, 1.0) == difference(0.5, None) == math.inf
    assert difference(None, None) == difference(math.nan, None) == difference(2, 2.0) == 0
    assert difference(0.25, 0.5) == 0.25 and difference(300.0, 200.0) == 0.5
    assert bound_of(math.inf) == math.inf and bound_of(0) == bound_of(1e-15) == ROUNDING
    assert bound_of(2e-7) == pytest.approx(1e-6)
    short = replace(REPLAYS[0], run=lambda: iter([("a", [1.0], [1.0, 2.0])]))
    with pytest.raises(AssertionError, match="1 numbers against 2"):
        short.check()


def test_tables_and_document_hold_every_check():
    tables = to_tables(SHEET)
    assert sum(len(t.rows) for t in tables) == len(SHEET)
    text = to_markdown(SHEET)
    assert all(c.estimator in text for c in SHEET) and all(known in text for known in KNOWN)
    assert "inf" not in " ".join(c.agreement for c in SHEET)


def test_no_number_of_the_random_cohorts_stands_on_one_side_alone():
    """What isn't compared is declined by the rule, or has no finite maximum; neither side has a number by itself."""
    notes = [c.note for c in SHEET if c.group == replays.RANDOM]
    assert len(notes) == 7 and sum("declined by rule" in note for note in notes) == 5
    assert not any("only R" in note or "only we" in note for note in notes)
