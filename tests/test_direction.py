"""Which code is the event: by codes in a heading, by words of the values, by what a heading names or denies."""

from __future__ import annotations

import json

import pytest

from necc.cli import main
from necc.core.errors import CohortError
from necc.ingest import OwnColumns, open_file, read_cohort
from necc.ingest.direction import codes_written, direction, meaning, polarity
from necc.ingest.suggest import suggest_mapping
from tests.test_mapping import NECC

ZERO_ONE = ["0", "1"]


@pytest.mark.parametrize(
    ("heading", "sign"),
    [
        ("died", 1), ("DEAD", 1), ("Relapse", 1), ("event_observed", 1), ("uncensored", 1), ("not censored", 1),
        ("No. of deaths", 1), ("décès", 1), ("verstorben", 1), ("是否死亡", 1), ("复发", 1), ("dead at last visit", 1),
        ("alive", -1), ("Alive Status", -1), ("aliveStatus", -1), ("No_Recurrence", -1), ("no known relapse", -1),
        ("event_free", -1), ("relapse free", -1), ("free of progression", -1), ("without progression", -1),
        ("non-event", -1), ("NED", -1), ("no evidence of disease", -1), ("disease_free", -1), ("unaffected", -1),
        ("Censored", -1), ("CNSR", -1), ("living status", -1), ("survived", -1), ("Rezidivfrei", -1),
        ("sans récidive", -1), ("sin recaída", -1), ("kein Rezidiv", -1), ("lebt", -1), ("vivant", -1), ("en vie", -1),
        ("存活", -1), ("是否存活", -1), ("未复发", -1), ("无进展", -1), ("未死亡", -1), ("删失", -1),
        ("失访", 0), ("lost_to_followup", 0), ("remission", 0), ("stable", 0), ("Died or lost?", 0),
        ("w/o relapse", -1), ("recurrence excluded", -1), ("relapse_absent", -1), ("libre de enfermedad", -1),
        ("lebt noch", -1), ("death not reported", 0), ("recurrence_no", -1), ("died not of cancer", 1),
        ("status", 0), ("survival status", 0), ("生存状态", 0), ("生存时间", 0), ("无复发生存期", 0), ("无进展生存", 0),
        ("relapse-free survival", 0), ("progression_free_survival_status", 0), ("dead_or_alive", 0), ("arm", 0),
    ],
)  # fmt: skip
def test_what_a_heading_names(heading, sign):
    assert polarity(heading) == sign


@pytest.mark.parametrize(
    ("heading", "codes"),
    [
        ("OS_event (0=dead,1=alive)", {"0": "event", "1": "none"}),
        ("status (1 = dead; 2 = alive)", {"1": "event", "2": "none"}),
        ("vital_status: 0-alive 1-dead", {"0": "none", "1": "event"}),
        ("dead=1, alive=0", {"1": "event", "0": "none"}),
        ("Death (1: no, 0: yes)", {"1": "no", "0": "yes"}),
        ("生存状态（1=死亡，0=存活）", {"1": "event", "0": "none"}),
        ("Status (1 tot, 0 lebt)", {"1": "event", "0": "none"}),
        ("Status (0/1 = alive/dead)", {"0": "none", "1": "event"}),
        ("Vital status [0/1: alive/dead]", {"0": "none", "1": "event"}),
        ("Death (0/1 = no/yes)", {"0": "no", "1": "yes"}),
        ("OS event 0/1=cens/dead", {"0": "none", "1": "event"}),
        ("status (1/2=lebt/tot)", {"1": "none", "2": "event"}),
        ("status (0;1 = alive;dead)", {"0": "none", "1": "event"}),
        ("status 0, 1: alive, dead", {"0": "none", "1": "event"}),
        ("0/1/2 = alive/dead/lost", {"0": "none", "1": "event", "2": "none"}),
        ("Status dead/alive = 1/0", {"1": "event", "0": "none"}),
        ("dead/alive (1/2)", {"1": "event", "2": "none"}),
        ("1=alive/2=dead", {"1": "none", "2": "event"}),
        ("生存情况（0死亡，1存活）", {"0": "event", "1": "none"}),
        ("末次随访状态(存活0,死亡1)", {"0": "none", "1": "event"}),
        ("1年生存", {}),
        ("Age (years)", {}),
        ("arm 1 or 2", {}),
    ],
)
def test_codes_in_a_heading(heading, codes):
    assert codes_written(heading) == codes


@pytest.mark.parametrize(
    ("values", "heading", "event", "sure"),
    [
        (ZERO_ONE, "OS_event (0=dead,1=alive)", "0", True),
        (["1", "2"], "status (1 = dead; 2 = alive)", "1", True),
        (ZERO_ONE, "vital_status: 0-alive 1-dead", "1", True),
        (ZERO_ONE, "Alive (1=no, 0=yes)", "1", True),
        (ZERO_ONE, "outcome (dead = 0)", "0", True),
        (["Y", "N"], "Alive Status", "N", True),
        (ZERO_ONE, "No_Recurrence", "0", True),
        (["Yes", "No"], "event_free", "No", True),
        (["是", "否"], "是否存活", "否", True),
        (["no", "yes"], "free of relapse", "no", True),
        (["Alive", "Dead"], "Alive Status", "Dead", True),
        (["Censored", "Event"], "censor", "Event", True),
        (["1=Dead", "0=Alive"], "s", "1=Dead", True),
        (["vivant", "décédé"], "statut", "décédé", True),
        (["no recurrence", "recurrence"], "status", "recurrence", True),
        (["Alive, relapsed", "Dead"], "status", "Dead", True),
        (ZERO_ONE, "status", "1", True),
        ([".00", "1.00"], "died", "1.00", True),
        (["0,00", "1,00"], "died", "1,00", True),
        (["j", "n"], "lebt", "n", True),
        (["sì", "no"], "vivo", "no", True),
        (["nej", "ja"], "död", "ja", True),
        (["存", "亡"], "存亡", "亡", True),
        (["D", "V"], "statut vital", None, False),
        (["none", "relapse"], "DFS_event", "relapse", True),
        (["relapse", "dead", "NED"], "status", None, False),
        (["recurrence", "deceased", "alive"], "outcome", None, False),
        (ZERO_ONE, "relapse-free survival", "1", True),
        (ZERO_ONE, "cens", None, False),
        (ZERO_ONE, "censoring indicator", None, False),
        (ZERO_ONE, "dead_or_alive", None, False),
        (ZERO_ONE, "survival status", None, False),
        (["Y", "N"], "status", None, False),
        (["1", "2"], "alive", None, False),
        (["0", "1", "2"], "status", None, False),
        (["0", "1", "9"], "died", None, False),
        (["0", "2"], "status", None, False),
        (["DOD", "NED", "AWD"], "DFS_status", None, False),
        (["DOD", "DOC", "NED"], "DSS", None, False),
        (["0", "dead"], "died", None, False),
        ([" 7", "8"], "x (7=left, 8=right)", None, False),
    ],
)
def test_which_code_is_the_event(values, heading, event, sure):
    side = direction(values, heading)
    assert side.is_sure == sure
    if sure:
        assert side.event == (event,) and side.no_event == tuple(v for v in values if v != event)


@pytest.mark.parametrize(
    ("beside", "values", "event", "sure"),
    [
        ("os_months", ["relapse", "dead", "NED"], ["dead"], False),
        ("OS (months)", ["progression", "stable"], [], False),
        ("DFS (months)", ["relapsed", "dead", "alive"], ["relapsed", "dead"], True),
        ("DFS (months)", ["AWD", "DOD", "NED"], ["AWD", "DOD"], False),
        ("OS (months)", ["AWD", "DOD", "NED"], ["DOD"], True),
        ("DSS months", ["dead of disease", "dead of other cause", "alive"], ["dead of disease"], False),
        ("OS months", ["dead of disease", "died of other cause"], ["dead of disease", "died of other cause"], True),
        ("CSS (months)", ["DOC", "DOD", "NED", "AWD"], ["DOD"], False),
        ("time to relapse (days)", ["relapse", "died", "none"], ["relapse"], False),
        ("survival after relapse", ["dead", "alive with relapse"], ["dead"], True),
    ],
)  # fmt: skip
def test_what_counts_follows_from_the_endpoint(beside, values, event, sure):
    side = direction(values, "status", beside=beside)
    assert side.is_sure == sure and list(side.event) == event


@pytest.mark.parametrize(
    ("word", "what"),
    [
        ("NED, died of stroke", "event"), ("tumor free, died", "event"), ("free of disease, deceased", "event"),
        ("alive at last FU, died 2020", "event"), ("lebt nicht mehr", "event"), ("lebt nicht", "event"),
        ("n'est plus en vie", "event"), ("no more alive", "event"), ("dead without recurrence", "event"),
        ("nicht tumorbedingt verstorben", "event"), ("dead, not of disease", "event"), ("died disease-free", "event"),
        ("death: yes", "event"), ("death: no", "none"), ("death (no)", "none"), ("Rezidiv nicht nachweisbar", "none"),
        ("Rezidiv nein", "none"), ("Rezidiv ja", "event"), ("recurrence not seen", "none"),
        ("Tod nicht eingetreten", "none"), ("progression not observed", "none"), ("not known to be dead", "none"),
        ("w/o relapse", "none"), ("free of disease", "none"), ("lost to follow up", "none"),
        ("death not reported", ""), ("dead, no autopsy", "event"), ("alive not treated", ""),
        ("alive or dead of other cause", ""), ("alive until death", ""), ("Dead/Alive", ""), ("dead (censored)", ""),
        ("lebt (Mutter verstorben)", ""), ("死于肿瘤", "event"), ("未死亡", "none"),
    ],
)  # fmt: skip
def test_a_denial_denies_what_it_belongs_to(word, what):
    assert meaning(word) == what


def test_sureness_is_earned():
    plain, named, worded = (direction(ZERO_ONE, h).confidence for h in ("status", "died", "alive"))
    assert named == 0.95 and plain < named and worded < named
    assert (
        direction(["alive", "dead"], "vital status").confidence == 0.95 > direction(["alive", "dead"], "x7").confidence
    )


def test_heading_and_label_that_contradict_are_asked():
    assert not direction(ZERO_ONE, "died", label="Alive at last contact").is_sure
    assert direction(ZERO_ONE, "q12", label="Alive at last contact").event == ("0",)
    assert direction(ZERO_ONE, "q12", label="Vital status (1=alive, 0=dead)").event == ("0",)


def test_a_code_that_means_missing():
    side = direction(["dead", "alive", "unknown"], "vital status")
    assert side.event == ("dead",) and side.missing == ("unknown",)
    assert direction(ZERO_ONE + ["9"], "status (0=alive, 1=dead, 9=unknown)").missing == ("9",)


@pytest.mark.parametrize(
    ("value", "heading", "events"),
    [("no", "died", 0), ("yes", "died", 3), ("0", "alive", 3), ("False", "status", 0), ("Alive", "vital status", 0)],
)
def test_a_column_with_one_value(value, heading, events):
    """Everybody, or nobody, has the event: nothing is open."""
    side = direction([value], heading)
    assert side.is_sure and (value in side.event) == (events > 0) and (value in side.no_event) == (events == 0)
    text = f"id,t,{heading}\n" + "".join(f"P{i},{i + 1},{value}\n" for i in range(3))
    cohort = read_cohort(text.encode(), "c.csv", own=OwnColumns(time="t", event=heading))
    assert cohort.endpoint("t").event.sum() == events


def test_meanings():
    told = {"dead of disease": "event", "not dead": "none", "无复发": "none", "yes": "yes", "0: no": "no", "blue": ""}
    assert {word: meaning(word) for word in told} == told


CENSORED = "id,time,censored\n1,3,0\n2,5,0\n3,8,1\n4,10,1\n5,12,0\n6,15,1\n"


def test_own_columns_read_the_heading_as_a_mapping_does(tmp_path, capsys):
    """survfit(Surv(time, 1 - censored) ~ 1): events at 3, 5 and 12, median 12."""
    file = tmp_path / "c.csv"
    file.write_text(CENSORED)
    assert main(["km", str(file), "--time", "time", "--event", "censored", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["strata"][0]["events"] == 3 and result["strata"][0]["median"] == 12
    assert [f["message"] for f in result["findings"] if f["code"] == "event-codes"]
    how = suggest_mapping(open_file(CENSORED.encode(), "c.csv").raw, NECC).column("censored")
    own = read_cohort(CENSORED.encode(), "c.csv", own=OwnColumns(time="time", event="censored"))
    assert how.event == ("0",) and own.endpoint("time").event.tolist() == [True, True, False, False, True, False]


@pytest.mark.parametrize(
    ("heading", "values", "events"),
    [
        ("Alive Status", "YNYN", [False, True, False, True]),
        ("event_free", "1010", [False, True, False, True]),
        ("OS_event (0=dead,1=alive)", "1010", [False, True, False, True]),
        ("vital: dead=D or alive=A", "ADAD", [False, True, False, True]),
        ("died", "1010", [True, False, True, False]),
    ],
)
def test_own_columns_by_their_heading(heading, values, events):
    text = f'id,t,"{heading}"\n' + "".join(f"P{i},{i + 1},{v}\n" for i, v in enumerate(values))
    cohort = read_cohort(text.encode(), "c.csv", own=OwnColumns(time="t", event=heading))
    assert cohort.endpoint("t").event.tolist() == events


@pytest.mark.parametrize("heading", ["cens", "survival status", "dead_or_alive"])
def test_an_open_direction_is_refused_and_asked(heading):
    text = f"id,t,{heading}\n" + "".join(f"P{i},{i + 1},{i % 2}\n" for i in range(6))
    with pytest.raises(CohortError) as refused:
        read_cohort(text.encode(), "c.csv", own=OwnColumns(time="t", event=heading))
    assert "--event-value" in refused.value.findings[0].message
    chosen = OwnColumns(time="t", event=heading, event_values=("0",))
    assert read_cohort(text.encode(), "c.csv", own=chosen).endpoint("t").event.tolist() == [True, False] * 3
