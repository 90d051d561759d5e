"""Spreadsheets of other cancers, as they are published, from the file to a Kaplan-Meier curve that equals R's.

R 4.2, survival 3.5-3, in tests/files (`other_cancers.py` makes the files; nobody in them is a patient):

    show <- function(t, e) {
      fit <- survfit(Surv(t, e) ~ 1, conf.type = "log-log")
      print(unname(summary(fit)$table[c("records", "events", "median", "0.95LCL", "0.95UCL")]), digits = 10)
    }
    d <- read.csv("melanoma.csv", check.names = FALSE)
    show(d[["OS (days)"]] / 30.4375, d[["Alive Status"]] == "N")
    d <- read.csv("lung.csv", na.strings = c("NA", "[Not Available]"))
    show(d$Survival.time / 30.4375, d$deadstatus.event == 1)
    d <- read.csv("breast.csv", na.strings = "'--", quote = "\\"", check.names = FALSE)
    show(d[["RFS months"]], d$No_Recurrence == 0)
    d <- read.csv("ovary.csv", na.strings = "-9", check.names = FALSE)
    show(d$time, d[["OS_event (0=dead,1=alive)"]] == 0)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from necc.analysis.survival import kaplan_meier
from necc.cli import main
from necc.core.errors import CohortError
from necc.ingest import Mapping, inspect, read_cohort

FILES = Path(__file__).parent / "files"


@dataclass(frozen=True)
class Published:
    """A file, what it asks, its endpoint, and what R says: patients, events, median and its 95 % limits.

    told: findings, by code and column, that may not be missing once all is answered.
    """

    name: str
    asked: tuple[str, ...]
    answers: tuple[str, ...]
    endpoint: str
    n: int
    events: int
    median: tuple[float | None, float | None, float | None]
    told: frozenset[tuple[str, str]]


PUBLISHED = (
    Published(
        "melanoma.csv", (), (), "OS", 36, 18, (20.76386037, 15.37577002, None),
        frozenset({
            ("guessed", "Alive Status"), ("unit", "OS (days)"), ("alias-misfit", "Histology"),
            ("alias-misfit", "Stage"), ("read-as-missing", "BRAF"),
        }),
    ),
    Published(
        "lung.csv", ("unit:Survival.time", "edition:Overall.Stage"),
        ("unit:Survival.time=days", "unknown-level:Histology=extra"), "deadstatus.event", 38, 26,
        (24.34496920, 13.83162218, 29.04312115),
        frozenset({
            ("question", "Overall.Stage"), ("alias-misfit", "PD-L1"), ("missing-code", "PD-L1"),
            ("read-as-missing", "age"), ("read-as-missing", "Survival.time"),
            ("event-without-time", "deadstatus.event"),
        }),
    ),
    Published(
        "breast.csv", ("edition:Stage",), ("edition:Stage=neither",), "RFS", 29, 11, (None, 37.3, None),
        frozenset({
            ("guessed", "No_Recurrence"), ("alias-misfit", "Histology"), ("codes-as-levels", "Grade"),
            ("read-as-missing", "Grade"), ("read-as-missing", "ER"), ("read-as-missing", "RFS months"),
            ("event-without-time", "No_Recurrence"),
        }),
    ),
    Published(
        "ovary.csv", ("unit:time",), ("unit:time=months",), "Survival", 30, 19, (41.6, 34.4, None),
        frozenset({
            ("guessed", "OS_event (0=dead,1=alive)"), ("read-as-missing", "time"), ("missing-code", "grade"),
            ("read-as-missing", "residual"), ("alias-misfit", "FIGO"),
        }),
    ),
)  # fmt: skip
IDS = [p.name for p in PUBLISHED]


def content(published: Published) -> bytes:
    return (FILES / published.name).read_bytes()


@pytest.mark.parametrize("published", PUBLISHED, ids=IDS)
def test_the_curve_of_another_cancer_is_r_s(published):
    cohort = read_cohort(content(published), published.name, answers=published.answers)
    assert cohort.endpoint_names() == (published.endpoint,)
    curve = kaplan_meier(cohort, published.endpoint).curves[0]
    assert (curve.n, int(curve.n_events.sum())) == (published.n, published.events)
    shown = (curve.median.value, curve.median.lower, curve.median.upper)
    for ours, theirs in zip(shown, published.median, strict=True):
        assert ours == (None if theirs is None else pytest.approx(theirs, abs=1e-7))


@pytest.mark.parametrize("published", PUBLISHED, ids=IDS)
def test_nothing_of_another_cancer_is_read_in_silence(published):
    first = inspect(content(published), published.name)
    assert tuple(q.key for q in first.questions) == published.asked
    decisive = [q for q in first.questions if q.decisive]
    assert first.accepted is not bool(decisive)
    told = {(f.code, f.column) for f in read_cohort(
        content(published), published.name, answers=published.answers).findings}  # fmt: skip
    assert published.told <= told, published.told - told


@pytest.mark.parametrize("published", PUBLISHED, ids=IDS)
def test_its_identifiers_are_no_variable_and_the_mapping_keeps_its_answers(published):
    answered = inspect(content(published), published.name, answers=published.answers)
    again = inspect(content(published), published.name, mapping=Mapping.from_toml(answered.mapping.to_toml()))
    assert again.accepted and again.cohort is not None and answered.cohort is not None
    assert again.cohort.source.sha256 == answered.cohort.source.sha256
    assert again.cohort.organ_names == () and again.cohort.id_column
    assert again.cohort.endpoint(published.endpoint).event.sum() == published.events


@pytest.mark.parametrize("published", PUBLISHED, ids=IDS)
def test_the_command_line_asks_the_same_and_gives_the_same(published, capsys):
    line = ["km", str(FILES / published.name), "--endpoint", published.endpoint]
    needed = [a for a in published.answers if not a.startswith("edition:")]
    code = main(line)
    text = capsys.readouterr()
    assert code == (1 if needed else 0)
    assert all(f'--answer "{a}"' in text.err for a in needed if a.startswith("unit:"))
    assert main([*line, "--json", *(word for a in published.answers for word in ("--answer", a))]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n"], result["n_events"]) == (published.n, published.events)


def test_another_histology_is_refused_until_a_person_keeps_it():
    with pytest.raises(CohortError) as error:
        read_cohort(content(PUBLISHED[1]), "lung.csv", answers=("unit:Survival.time=days",))
    assert [f.code for f in error.value.findings if f.severity == "error"] == ["unknown-level"]
    asked = inspect(content(PUBLISHED[1]), "lung.csv", answers=("unit:Survival.time=days",))
    names = {q.key: [a.name for a in q.answers] for q in asked.remedies}
    assert "extra" in names["unknown-level:Histology"]


@pytest.mark.parametrize("heading", ["Alive Status", "Alive", "vital status: alive"])
@pytest.mark.parametrize("time", ["OS (days)", "prs_months"])
def test_a_negated_state_is_the_event_of_a_known_time(heading, time):
    rows = [f"P{i},{100 + 7 * i if i % 3 else 20 + i},{'Y' if i % 3 else 'N'}" for i in range(12)]
    cohort = read_cohort(f"patient_id,{time},{heading}\n{chr(10).join(rows)}\n".encode(), "c.csv")
    (name,) = cohort.endpoint_names()
    assert cohort.endpoint(name).event.tolist() == [i % 3 == 0 for i in range(12)]


def test_what_was_understood_is_not_said_to_be_lacking():
    text = "patient_id,died,age\n" + "".join(f"P{i},{i % 2},{40 + i}\n" for i in range(12))
    (told,) = [f for f in read_cohort(text.encode(), "c.csv").findings if f.code == "no-endpoint"]
    assert "'died' looks like an event" in told.message and "no column looks like a time" in told.message
