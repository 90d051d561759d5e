"""Pairs of a time and a status: which become endpoints, which are asked, and what known cohorts give."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.bench_endpoints import Known, known_endpoints, of_python, of_r, verdict
from necc.core.time_to_event import UNSTATED
from necc.ingest import Mapping, inspect, open_file
from necc.ingest.pairs import facts
from necc.ingest.suggest import suggest_mapping
from tests.test_mapping import NECC

EVENTS = "1010110101"


def file(*headings: str, values: tuple[str, ...] = (), n: int = 10, identifier: str = "pid") -> str:
    """A file of 10 patients: the first column times, the others as given, by default 0 and 1."""
    columns = [[str(3 + 2 * i) for i in range(n)]]
    columns += [list(v) for v in values] or [list(EVENTS) for _ in headings[1:]]
    rows = (",".join([f"P{i}", *(c[i] for c in columns)]) for i in range(n))
    return "\n".join([",".join(f'"{h}"' for h in (identifier, *headings)), *rows]) + "\n"


def mapped(text: str) -> Mapping:
    return suggest_mapping(open_file(text.encode(), "c.csv").raw, NECC)


def pairs(text: str) -> list[tuple[str, str]]:
    return [(e.time, e.event) for e in mapped(text).endpoints]


def asked(text: str, mapping: Mapping | None = None) -> dict[str, object]:
    return {q.key: q for q in inspect(text.encode(), "c.csv", mapping=mapping or mapped(text)).questions}


@pytest.mark.parametrize(
    ("time", "event"),
    [
        ("time", "status"), ("Time", "Status"), ("futime", "fustat"), ("days", "dead"), ("Survival.time", "event"),
        ("survival_time (days)", "status"), ("months_to_death", "death"), ("rtime", "relapse"), ("rfstime", "rfs"),
        ("T", "E"), ("week", "arrest"), ("tenure", "churn"), ("time", "delta"), ("ttodead", "dead"), ("t", "d"),
        ("t_pfs", "e_pfs"), ("pfs", "pfs_event"), ("MFS_MONTHS", "MFS"), ("DFS.time", "DFS"), ("dss_days", "DSS"),
        ("efs_time", "efs_status"), ("time1", "status1"), ("stime", "status"), ("duration", "observed"),
        ("follow-up (months)", "vital_status (0=alive, 1=dead)"), ("FU_days", "Exitus"), ("lenfol", "fstat"),
        ("生存时间", "死亡"), ("随访时间(月)", "是否死亡"), ("无复发生存时间", "复发"), ("Zeit", "verstorben"),
        ("Überlebenszeit", "verstorben"),
        ("Zeit", "Ereignis"), ("temps", "décès"), ("suivi (mois)", "décès"), ("tiempo", "evento"),
        ("edrel", "rel"),
        ("tiempo (meses)", "muerte"), ("days to last contact or death", "dead"), ("time_to_event", "event"),
    ],
)  # fmt: skip
def test_a_time_beside_a_status_is_an_endpoint(time, event):
    text = file(time, event)
    assert pairs(text) == [(time, event)]
    mapping = mapped(text)
    for how in mapping.columns:  # a unit that nothing says is all that may be open
        mapping = mapping.with_column(type(how)(**{**how.__dict__, "confidence": 1.0}) if how.role == "time" else how)
    result = inspect(text.encode(), "c.csv", mapping=mapping)
    assert result.cohort is not None, result.findings
    name = mapping.endpoints[0].name
    assert result.cohort.endpoint_names() == (name,) and mapping.endpoints[0].origin == UNSTATED
    assert result.cohort.endpoint(name).event.tolist() == [e == "1" for e in EVENTS]


@pytest.mark.parametrize(
    ("event", "values", "events"),
    [
        ("Alive", EVENTS, "0101001010"),
        ("event_free", EVENTS, "0101001010"),
        ("censored", EVENTS, "0101001010"),
        ("status (0=dead, 1=alive)", EVENTS, "0101001010"),
        ("status", ["Dead" if e == "1" else "Alive" for e in EVENTS], EVENTS),
        ("生存状态", ["死亡" if e == "1" else "存活" for e in EVENTS], EVENTS),
        ("状态", ["死亡" if e == "1" else "失访" for e in EVENTS], EVENTS),
    ],
)
def test_the_direction_of_a_pair(event, values, events):
    text = file("time (months)", event, values=(tuple(values),))
    cohort = inspect(text.encode(), "c.csv", mapping=mapped(text)).cohort
    assert cohort is not None
    assert cohort.endpoint(cohort.endpoint_names()[0]).event.tolist() == [e == "1" for e in events]


@pytest.mark.parametrize("event", ["cens", "Censor", "survival status", "dead_or_alive", "C"])
def test_an_open_direction_is_asked(event):
    text = file("time (months)", event)
    questions = asked(text)
    assert questions[f"event:{event}"].decisive
    assert inspect(text.encode(), "c.csv", mapping=mapped(text)).cohort is None


def test_several_codes_are_asked_and_may_compete():
    text = file("time (months)", "status", values=("0120120110",))
    question = asked(text)["event:status"]
    names = {a.name for a in question.answers}
    assert {"1", "2"} <= names and ("1,2" in names or "2,1" in names)
    second = inspect(text.encode(), "c.csv", mapping=question.answer("2").mapping).cohort
    assert second.endpoint(second.endpoint_names()[0]).event.sum() == 2


def test_several_pairs_of_one_file():
    text = file(
        "rtime (days)", "recur", "dtime (days)", "death", "age",
        values=(EVENTS, tuple(str(9 + i) for i in range(10)), EVENTS[::-1], tuple(str(40 + i) for i in range(10))),
    )  # fmt: skip
    assert pairs(text) == [("rtime (days)", "recur"), ("dtime (days)", "death")]
    assert pairs(file("T1", "D1", "T2", "D2", values=(EVENTS, tuple("9876543219"), EVENTS))) == [
        ("T1", "D1"),
        ("T2", "D2"),
    ]


def test_an_ambiguous_pair_is_asked_with_counts():
    text = file("time (months)", "relapse", "death")
    question = asked(text)["pair:time (months)"]
    assert question.decisive and [a.name for a in question.answers] == ["relapse", "death", "none"]
    assert "10 patients, 6 events, median" in question.answers[0].label
    cohort = inspect(text.encode(), "c.csv", mapping=question.answer("death").mapping).cohort
    assert cohort.endpoint_names() == ("Survival",)
    none = inspect(text.encode(), "c.csv", mapping=question.answer("none").mapping)
    assert none.cohort is not None and not none.cohort.endpoint_names()
    assert "no-endpoint" in [f.code for f in none.findings]


def test_a_column_that_nothing_names_an_event_is_offered():
    text = file("time (months)", "tumor")
    question = asked(text)["pair:tumor"]
    assert not question.decisive and [a.name for a in question.answers] == ["tumor", "none"]


@pytest.mark.parametrize(
    "heading", ["age", "time_to_surgery", "diagnosis time", "waiting time", "year", "hospital stay days"]
)
def test_other_numbers_are_no_follow_up(heading):
    assert pairs(file(heading, "dead")) == []


def test_intervals_are_not_taken_for_times():
    starts, stops = tuple("0246802468"), tuple("2468924689")
    text = file("x", "start", "stop", "event", values=(starts, stops, EVENTS))
    assert pairs(text) == []
    assert "intervals" in [f.code for f in inspect(text.encode(), "c.csv", mapping=mapped(text)).findings]


def test_a_file_without_an_endpoint_says_what_looks_like_one():
    text = file("time (months)", "colour", values=(tuple("rgbrgbrgbr"),))
    findings = inspect(text.encode(), "c.csv", mapping=mapped(text)).findings
    message = next(f.message for f in findings if f.code == "no-endpoint")
    assert "'time (months)' looks like a time" in message and "no column looks like an event" in message


def test_a_plain_status_is_not_the_death_of_the_dictionary():
    mapping = mapped(file("time (months)", "status"))
    assert not mapping.column("status").variable and mapping.endpoints[0].name == "time (months)"
    worded = mapped(file("time (months)", "status", values=(tuple("dead" if e == "1" else "alive" for e in EVENTS),)))
    assert worded.endpoints[0].name == "Survival"


@pytest.mark.parametrize(
    ("time", "event", "values"),
    [
        ("PFS_MONTHS", "PFS", EVENTS),
        ("prs_months", "PRS_status", EVENTS),
        ("prs_months", "Status", ["dead" if e == "1" else "alive" for e in EVENTS]),
        ("prs_month", "died", EVENTS),
        ("OS (months)", "OS event", EVENTS),
    ],
)
def test_an_endpoint_of_the_dictionary_gets_its_event(time, event, values):
    text = file(time, event, values=(tuple(values),))
    cohort = inspect(text.encode(), "c.csv", mapping=mapped(text)).cohort
    assert cohort is not None and not mapped(text).endpoints
    assert cohort.endpoint(cohort.endpoint_names()[0]).event.tolist() == [e == "1" for e in EVENTS]


def test_a_plain_status_beside_a_known_time_is_asked():
    text = file("prs_months", "status")
    question = asked(text)["event-of:prs_months"]
    assert question.decisive and [a.name for a in question.answers] == ["status", "none"]
    cohort = inspect(text.encode(), "c.csv", mapping=question.answer("status").mapping).cohort
    assert cohort.endpoint_names() == ("PRS",)
    none = inspect(text.encode(), "c.csv", mapping=question.answer("none").mapping).cohort
    assert none is not None and not none.endpoint_names()


def test_endpoints_of_the_dictionary_stay_its_own():
    text = file("prs_months", "died", "time_to_progression", "progressed")
    assert [e.time for e in mapped(text).endpoints] in ([], ["time_to_progression"])
    assert "PRS" in inspect(text.encode(), "c.csv", mapping=mapped(text)).cohort.endpoint_names()


def test_facts_are_those_of_r():
    """survfit(Surv(c(6,6,6,7,10,13), c(1,1,0,1,0,1)) ~ 1): n 6, 4 events, median 7."""
    result = facts(np.array([6.0, 6, 6, 7, 10, 13]), np.array([1, 1, 0, 1, 0, 1], bool), np.ones(6, bool))
    assert (result.n, result.events, result.median) == (6, 4, 7)
    flat = facts(np.array([1.0, 2, 3, 4]), np.array([1, 1, 1, 0], bool), np.ones(4, bool))
    assert flat.median == 2.5  # survfit(Surv(1:4, c(1,1,1,0)) ~ 1)
    assert np.isnan(facts(np.array([1.0, 2]), np.array([0, 0], bool), np.ones(2, bool)).median)


# ---------------------------------------------------------------- known cohorts
SETS: dict[tuple[str, str], list[Known]] = {}
for _known in known_endpoints():
    SETS.setdefault((_known.source, _known.name), []).append(_known)


@pytest.fixture(scope="session")
def from_r(tmp_path_factory):
    folder = tmp_path_factory.mktemp("known")
    return folder if of_r(folder) else None


@pytest.mark.parametrize("key", SETS, ids=lambda key: ":".join(key))
def test_a_known_cohort(key, from_r):
    source, name = key
    if source in ("lifelines", "sksurv"):
        data = of_python(source, name)
    elif from_r is None:
        pytest.skip("R isn't installed")
    elif not (path := from_r / f"{source}__{name}.csv").is_file():
        pytest.skip(f"R's package {source} has no {name} here")
    else:
        data = path.read_bytes()
    assert verdict(SETS[key], data) == SETS[key][0].verdict


def test_most_known_cohorts_are_right_and_none_is_silent():
    verdicts = Counter(endpoints[0].verdict for endpoints in SETS.values())
    assert verdicts["right"] >= 0.57 * len(SETS)
    assert set(verdicts) <= {"right", "asked", "told", "refused"}


# ---------------------------------------------------------------- two columns of time for one endpoint
def in_two(status: str = "vital_status", dead: str = "Dead", wrong: tuple[int, ...] = (), last: bool = True) -> str:
    """TCGA's form: a time of the dead, and one of the last contact of the others."""
    rows = ["pid," + status + ",days_to_death" + (",days_to_last_followup" if last else "")]
    for i, event in enumerate(EVENTS * 2):
        died = event == "1"
        said = dead if died and i not in wrong else "Alive"
        rows.append(f"P{i},{said},{100 + i if died else ''}" + (f",{'' if died else 200 + i}" if last else ""))
    return "\n".join(rows) + "\n"


def test_a_time_of_the_dead_and_one_of_the_others_are_one_endpoint():
    text = in_two()
    (endpoint,) = mapped(text).endpoints
    assert (endpoint.time, endpoint.event_time) == ("days_to_last_followup", "days_to_death")
    outcome = inspect(text.encode(), "c.csv").cohort.endpoint(endpoint.name)
    died = np.array([e == "1" for e in EVENTS * 2])
    assert outcome.n == 20 and (outcome.event == died).all()
    days = np.where(died, 100, 200) + np.arange(20)
    assert (
        outcome.time == pytest.approx(days / 30.4375) and "days_to_death of those with the event" in outcome.defined_as
    )
    assert Mapping.from_toml(mapped(text).to_toml()) == mapped(text)


def test_a_time_of_death_of_a_living_patient_is_a_contradiction():
    result = inspect(in_two(wrong=(4, 12)).encode(), "c.csv")
    (question,) = result.questions
    assert result.cohort is None and question.code == "disagreement" and "rows 6, 14" in question.text
    for answer, events in (("vital_status", 10), ("days_to_death", 12), ("leave-out", 10)):
        cohort = inspect(in_two(wrong=(4, 12)).encode(), "c.csv", answers=[f"{question.key}={answer}"]).cohort
        outcome = cohort.endpoint(cohort.endpoint_names()[0])
        assert outcome.n_events == events and outcome.n == (18 if answer != "days_to_death" else 20)


def test_a_time_of_the_dead_alone_is_told():
    result = inspect(in_two(last=False).encode(), "c.csv")
    told = next(f for f in result.findings if f.code == "no-end-of-followup")
    assert "8 patients without it" in told.message and "the time of the last follow-up" in told.message
    assert not [f for f in result.findings if f.code == "many-events"]


def test_a_dead_patient_without_an_own_time_counts_at_the_last_contact():
    text = in_two().replace("P0,Dead,100,", "P0,Dead,,250")
    outcome = (cohort := inspect(text.encode(), "c.csv").cohort).endpoint(cohort.endpoint_names()[0])
    assert outcome.event[0] and outcome.time[0] == pytest.approx(250 / 30.4375)
    assert any("1 events" in n or "1 event " in n for n in outcome.notes)


def test_what_didn_t_happen_names_the_endpoint():
    text = file("months", "relapse-free", values=(EVENTS,))
    (endpoint,) = mapped(text).endpoints
    assert (endpoint.name, endpoint.label) == ("Recurrence", "Time to recurrence")
    text = file("supervivencia (meses)", "vivo", values=(tuple("no" if e == "1" else "si" for e in EVENTS),))
    assert mapped(text).endpoints[0].label == "Survival"


@pytest.mark.parametrize(
    ("time", "event", "dead", "alive"),
    [
        ("os_months", "alive (1=yes)", "0", "1"), ("总生存期(月)", "是否存活", "否", "是"),
        ("OS_mesi", "stato", "deceduto", "vivo"),
        ("ОВ_мес", "статус", "умер", "жив"), ("SG_meses", "óbito", "sim", "não"),
        ("os_months", "Alive at last follow-up", "N", "Y"),
        ("overleving (maanden)", "overleden", "ja", "nee"),
    ],
)  # fmt: skip
def test_other_languages_and_negations(time, event, dead, alive):
    text = file(time, event, values=(tuple(dead if e == "1" else alive for e in EVENTS),))
    result = inspect(text.encode(), "c.csv")
    assert result.cohort is not None, result.questions
    (name,) = result.cohort.endpoint_names()
    assert result.cohort.endpoint(name).event.tolist() == [e == "1" for e in EVENTS]


def read(headings: str, *values: list[str]):
    """A file of 30 patients: times, then each column's values in turn."""
    lines = (",".join([f"P{i}", str(3 + i % 17 + i / 10), *(v[i % len(v)] for v in values)]) for i in range(30))
    return inspect(("pid," + headings + "\n" + "\n".join(lines) + "\n").encode(), "c.csv")


def outcome(result) -> dict[str, int] | str:
    """Events of each endpoint, or what is asked before anything is read."""
    if result.cohort is None:
        return next(q.code for q in result.questions if q.decisive)
    return {e: int(result.cohort.endpoint(e).event.sum()) for e in result.cohort.endpoint_names()}


@pytest.mark.parametrize(
    ("headings", "values", "wanted"),
    [
        ("os_months,status", ["relapse", "dead", "NED"], "event"),
        ("OS (months),Status at last visit", ["progression", "death", "stable disease", "remission"], "event"),
        ("time_months,status", ["relapse", "death", "alive"], "event"),
        ("DFS (months),status", ["AWD", "DOD", "NED"], "event"),
        ("RFS_months,RFS_status", ["AWD", "DOD", "NED"], "event"),
        ("DSS months,status", ["dead of disease", "dead of other cause", "alive"], "event"),
        ("CSS (months),outcome", ["DOC", "DOD", "NED"], "event"),
        ("DFS_months,vital status", ["dead", "alive"], "pair"),
        ("DSS months,died", ["0", "1"], "pair"),
        ("CSS months,death", ["0", "1"], "pair"),
        ("PFS (months),PFS status", ["Progressed", "Died without progression", "Stable"], "event"),
        ("DFS (months),status", ["relapsed", "dead", "alive"], {"DFS": 20}),
        ("os_months,status", ["DOD", "AWD", "DOC"], {"OS": 20}),
        ("os_months,status (1/2=lebt/tot)", ["1", "2"], {"OS": 15}),
        ("os_months,died", [".00", "1.00"], {"OS": 15}),
        ("os_months,存亡", ["存", "亡"], {"OS": 15}),
        ("SLE (meses),libre de enfermedad", ["no", "si", "si"], {"libre de enfermedad": 10}),
        ("os_months,died of disease", ["0", "1"], "event-of"),
        ("os_months,cancer_death", ["0", "1"], "event-of"),
        ("survival (months),died of disease", ["0", "1"], "pair"),
        ("time (months),died of disease", ["0", "1"], {"DSS": 15}),
        ("os_months,death_from_cancer", ["Died of Disease", "Died of Other Causes", "Living"], {"OS": 20}),
    ],
)
def test_an_event_is_that_of_its_endpoint(headings, values, wanted):
    assert outcome(read(headings, values)) == wanted


@pytest.mark.parametrize(
    "heading",
    [
        "postoperative death", "toxic_death", "death_30d", "died in hospital", "In-hospital mortality", "died at home",
        "mother_died", "death certificate", "Fetal death", "lost to follow-up", "remission", "menopausal status",
        "smoking status", "HPV status", "nodal_status", "performance status", "adverse event", "prior relapse",
    ],
)  # fmt: skip
@pytest.mark.parametrize("time", ["os_months", "follow-up (months)", "PFS months"])
def test_what_is_no_event_of_hers(time, heading):
    """No endpoint is made of it unasked, and where the event itself is there it is taken."""
    result = read(f"{time},{heading}", ["0", "1"])
    assert outcome(result) == {} and "no-endpoint" in {f.code for f in result.findings}
    if time != "PFS months":
        both = outcome(read(f"{time},{heading},died", ["0", "1"], ["0", "0", "1"]))
        assert both in ({"OS": 10}, {"Survival": 10})


def test_both_deaths_of_a_cause_are_offered():
    question = read("os_months,died of disease,died of other cause", ["0", "1"], ["1", "0"]).questions[0]
    assert question.code == "event-of" and len(question.answers) == 3


@pytest.mark.parametrize("heading", ["duration of symptoms (months)", "age at last follow-up (years)"])
def test_no_time_of_follow_up(heading):
    assert outcome(read(f"{heading},died", ["0", "1"])) == {}


@pytest.mark.parametrize(
    ("headings", "lonely"),
    [
        ("OS (months),PFS (months),died", "PFS (months)"),
        ("OS from diagnosis (months),OS from recurrence (months),died", "OS from recurrence (months)"),
    ],
)
def test_a_second_time_without_an_event_is_told(headings, lonely):
    result = read(headings, [str(2 + i) for i in range(7)], ["0", "1"])
    assert outcome(result) == {"OS": 15}
    assert [f.column for f in result.findings if f.code == "time-without-event"] == [lonely]
    assert "time-without-event" not in {f.code for f in read("OS (months),died", ["0", "1"]).findings}
