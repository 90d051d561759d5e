"""Columns that tell of the same thing: agreement is silent, disagreement is told, and nothing follows from it."""

from __future__ import annotations

import pytest

from necc.core.dictionary import Dictionary
from necc.ingest import ColumnMap, Mapping, OwnColumns, inspect, read_cohort
from necc.ingest.agreement import vital
from necc.ingest.build import Inspection, open_file
from necc.ingest.codes import denies
from necc.ingest.suggest import suggest_mapping

STATES = [
    ("Status", "dead", "alive"), ("vital_status", "Deceased", "Living"), ("Survival status", "Died of disease", "NED"),
    ("生存状态", "死亡", "存活"), ("Outcome", "DOD", "AWD"), ("PatientStatus", "verstorben", "lebt"),
    ("Vital Status at last contact", "1: Dead", "0: Alive"),
]  # fmt: skip


def of_states(heading: str, dead: str, alive: str, more: str = "") -> bytes:
    """60 patients, 30 of them dead, 8 of these without a date of death."""
    rows = [f"patient_id,{heading},first_recurrence_date,death_date,last_followup_date"]
    for i in range(60):
        date = "2021-03-01" if 8 <= i < 30 else ""
        seen = "2021-02-01" if i < 30 else "2021-06-01"
        rows.append(f"P{i},{dead if i < 30 else alive},2020-01-0{i % 9 + 1},{date},{seen}")
    return "\n".join([*rows, more]).encode()


def events(result: Inspection, endpoint: str = "PRS") -> tuple[int, int]:
    assert result.cohort, result.findings
    found = result.cohort.endpoint(endpoint)
    return found.n, found.n_events


def refusals(result: Inspection) -> list[tuple[str, int | None, int]]:
    return [(f.code, f.row, f.n) for f in result.findings if f.severity == "error"]


class TestWhoDied:
    @pytest.mark.parametrize(("heading", "dead", "alive"), STATES)
    def test_the_dead_without_a_date_stay_dead(self, heading, dead, alive):
        """Was 22: only those with a date of death."""
        data = of_states(heading, dead, alive)
        opened = open_file(data, "c.csv")
        guessed = suggest_mapping(opened.raw, Dictionary.builtin("necc"))
        for mapping in (None, guessed):
            result = inspect(opened, mapping=mapping)
            assert events(result) == (60, 30)
            assert [(f.code, f.n) for f in result.findings] == [("event-without-date", 8)]

    @pytest.mark.parametrize(("heading", "dead", "alive"), STATES)
    @pytest.mark.parametrize("role", ["category", "auto", "text"])
    def test_also_where_the_mapping_calls_it_an_extra_variable(self, heading, dead, alive, role):
        opened = open_file(of_states(heading, dead, alive), "c.csv")
        names = opened.raw.headers
        extra = Mapping(
            (ColumnMap(names[0], "identifier", "patient_id"), ColumnMap(heading, role),
             *(ColumnMap(n, "date", n) for n in names[2:])),
        )  # fmt: skip
        result = inspect(opened, mapping=extra)
        assert refusals(result) == [("event-against-date", 2, 8)]
        assert events(inspect(opened, mapping=extra, answers=[f"disagreement:{heading}={heading}"])) == (60, 30)
        assert events(inspect(opened, mapping=extra, answers=[f"disagreement:{heading}=death_date"])) == (60, 22)
        assert events(inspect(opened, mapping=extra, answers=[f"disagreement:{heading}=leave-out"])) == (52, 22)

    @pytest.mark.parametrize("other", ["Vital status", "Status", "Outcome", "Last known state"])
    def test_two_columns_of_one_event(self, other):
        text = f"patient_id,OS_MONTHS,OS_STATUS,{other}\n" + "".join(
            f"P{i},{i + 1},{'1:DECEASED' if i < 5 else '0:LIVING'},{'Dead' if 0 < i < 5 else 'Alive'}\n"
            for i in range(12)
        )
        result = inspect(text.encode(), "c.csv")
        assert refusals(result) == [("disagreement", 2, 1)]
        message = result.findings[0].message
        assert "'1:DECEASED'" in message and f"'{other}' says 'Alive'" in message
        for answer, n in ((other, 4), ("OS_STATUS", 5)):
            assert events(inspect(text.encode(), "c.csv", answers=[f"disagreement:OS_STATUS={answer}"]), "OS") == (
                12,
                n,
            )
        assert not inspect(text.replace("1,1:DECEASED,Alive", "1,1:DECEASED,Dead").encode(), "c.csv").findings

    @pytest.mark.parametrize(
        ("second", "values"),
        [("dead", "10"), ("Death", ("yes", "no")), ("deceased", "10"), ("OS event", "10"), ("death_status", "10"),
         ("Cause of death", ("cancer", "")), ("OSStatus", ("1", "0"))],
    )  # fmt: skip
    def test_a_second_flag_or_a_cause_is_compared(self, second, values):
        rows = [(1, 1), (1, 1), (0, 0), (0, 1)]
        text = f"patient_id,prs_months,died,{second}\n" + "".join(
            f"P{i},{i + 2},{flag},{values[1 - other]}\n" for i, (flag, other) in enumerate(rows)
        )
        assert refusals(inspect(text.encode(), "c.csv")) == [("disagreement", 5, 1)]
        answers = [f"disagreement:died={second}"]
        assert events(inspect(text.encode(), "c.csv", answers=answers)) == (4, 3)

    @pytest.mark.parametrize(
        "heading", ["Father status", "Status at 30 days", "Baby outcome", "Graft survival", "cancer_specific_death"]
    )
    def test_the_state_of_another_or_of_another_day_is_not_compared(self, heading):
        words = "01" if "death" in heading else ("alive", "dead")
        text = f"patient_id,prs_months,died,{heading}\nA,1,1,{words[0]}\nB,2,0,{words[0]}\nC,3,0,{words[1]}\n"
        assert events(inspect(text.encode(), "c.csv")) == (3, 1)

    def test_a_column_coded_the_other_way_round_is_named_as_such(self):
        text = "patient_id,prs_months,died,Status\n" + "".join(
            f"P{i},{i + 1},{i % 2},{('dead', 'alive')[i % 2]}\n" for i in range(8)
        )
        found = next(f for f in inspect(text.encode(), "c.csv").findings if f.code == "disagreement")
        assert found.n == 8 and "the other way round" in found.message

    def test_a_blank_flag_is_filled_and_told(self):
        text = "patient_id,prs_months,died,Vital status\nA,1,1,dead\nB,2,,dead\nC,3,0,alive\nD,4,,alive\n"
        result = inspect(text.encode(), "c.csv")
        assert events(result) == (4, 2)
        assert [(f.code, f.n) for f in result.findings if f.severity == "warning"] == [("filled", 2)]

    def test_in_a_file_of_own_columns(self):
        text = "id,t,os_event,Vital status,date of death\nA,1,1,dead,\nB,2,0,dead,\nC,3,0,alive,2020-01-01\n"
        result = inspect(text.encode(), "c.csv", own=OwnColumns(id="id", time="t", event="os_event", unit="months"))
        assert {(f.code, f.n) for f in result.findings if f.severity == "error"} == {
            ("disagreement", 1), ("event-against-date", 1),
        }  # fmt: skip

    def test_the_answer_stays_in_the_mapping(self):
        text = b"patient_id,prs_months,died,Status\nA,1,1,alive\nB,2,1,dead\n"
        result = inspect(text, "c.csv", answers=["disagreement:died=Status"])
        again = inspect(text, "c.csv", mapping=Mapping.from_toml(result.mapping.to_toml()))
        assert events(result) == events(again) == (2, 1)

    @pytest.mark.parametrize(
        "word", ["dead", "DOD", "1:DECEASED", "Died (cancer)", "死亡", "已故", "gestorben", "exitus"]
    )
    def test_words_for_the_dead(self, word):
        assert vital(word) == "dead"

    @pytest.mark.parametrize("word", ["alive", "AWD", "0:LIVING", "Alive, NED", "存活", "lebt", "vivant"])
    def test_words_for_the_living(self, word):
        assert vital(word) == "alive"

    @pytest.mark.parametrize("word", ["dead?", "relapsed", "alive until death", "1", "D", "unknown", "stable", "total"])
    def test_words_for_neither(self, word):
        assert vital(word) == ""


def coded(heading: str, dead: str, alive: str) -> bytes:
    """30 patients, 12 dead, 4 of these without a date."""
    rows = [f"patient_id,{heading},diagnosis_date,death_date,last_followup_date"]
    for i in range(30):
        date = "2021-03-01" if 4 <= i < 12 else ""
        rows.append(f"P{i},{dead if i < 12 else alive},2020-01-0{i % 9 + 1},{date},2021-02-01")
    return "\n".join(rows).encode()


class TestCodesBesideADate:
    @pytest.mark.parametrize(
        ("heading", "dead", "alive"),
        [("Status", "D", "A"), ("Status", "2", "1"), ("outcome", "1", "2"), ("Survival status", "0", "1"),
         ("结局", "1", "0"), ("OS state", "E", "L")],
    )  # fmt: skip
    def test_a_code_that_all_the_dated_have_is_asked(self, heading, dead, alive):
        """Was 8: those with a date."""
        data = coded(heading, dead, alive)
        result = inspect(data, "c.csv")
        assert refusals(result) == [("question", 1, 1)] and f"'{dead}' stands for all 8" in result.findings[0].message
        assert events(inspect(data, "c.csv", answers=[f"state:{heading}=yes"]), "OS") == (30, 12)
        assert events(inspect(data, "c.csv", answers=[f"state:{heading}=no"]), "OS") == (30, 8)

    @pytest.mark.parametrize(
        ("heading", "dead", "alive"), [("alive", "no", "yes"), ("dead", "1", "0"), ("Is alive", "N", "Y")]
    )
    def test_a_flag_against_the_blank_date(self, heading, dead, alive):
        data = coded(heading, dead, alive)
        answers = [f"disagreement:{heading}={heading}"]
        result = inspect(data, "c.csv", answers=answers if heading != "dead" else [])
        assert events(result, "OS") == (30, 12)

    @pytest.mark.parametrize(
        "heading", ["ECOG performance status", "menopausal status", "smoking status", "Father status"]
    )
    def test_another_status_is_not(self, heading):
        assert events(inspect(coded(heading, "2", "1"), "c.csv"), "OS") == (30, 8)

    def test_a_word_for_the_living_in_a_date_of_death(self):
        data = coded("arm", "x", "y").replace(b",,2021-02-01", b",alive,2021-02-01")
        assert events(inspect(data, "c.csv"), "OS") == (30, 8)

    def test_dead_without_an_event_of_no_name_is_told(self):
        text = "id,time,event,Status\nA,1,1,dead\nB,2,0,dead\nC,3,0,alive\n"
        own = OwnColumns(time="time", event="event", unit="months")
        found = [f for f in inspect(text.encode(), "c.csv", own=own).findings if f.severity == "warning"]
        assert [(f.code, f.row, f.n) for f in found] == [("dead-without-event", 3, 1)]


class TestOtherEvents:
    def test_a_recurrence_by_words_beside_its_date_is_not_censored(self):
        text = "patient_id,Recurrence status,diagnosis_date,first_recurrence_date,last_followup_date\n" + "".join(
            f"P{i},{'relapse' if i < 4 else 'no relapse'},2019-01-01,{'2019-06-01' if 0 < i < 4 else ''},2020-01-01\n"
            for i in range(9)
        )
        result = inspect(text.encode(), "c.csv")
        assert events(result, "TTR") == (8, 3)
        assert [(f.code, f.n) for f in result.findings if f.severity == "warning"] == [("event-without-time", 1)]

    @pytest.mark.parametrize(("heading", "yes", "no"), [("No_Recurrence", "0", "1"), ("relapse free", "no", "yes")])
    def test_an_absence_is_compared(self, heading, yes, no):
        text = f"patient_id,recurred,ttr_months,{heading}\nA,1,3,{yes}\nB,0,9,{yes}\nC,0,12,{no}\n"
        assert refusals(inspect(text.encode(), "c.csv")) == [("disagreement", 3, 1)]

    def test_a_denied_recurrence_with_a_site(self):
        """Was a warning, and the patient counted as free of recurrence."""
        text = "patient_id,recurred,ttr_months,site_lung\nA,1,3,1\nB,0,9,1\nC,0,12,0\n"
        result = inspect(text.encode(), "c.csv")
        assert refusals(result) == [("disagreement", 3, 1)]
        assert events(inspect(text.encode(), "c.csv", answers=["disagreement:recurred=sites"]), "TTR") == (3, 2)
        assert events(inspect(text.encode(), "c.csv", answers=["disagreement:recurred=recurred"]), "TTR") == (3, 1)

    def test_a_recurrence_by_its_other_names(self):
        text = "patient_id,recurred,ttr_months,ttr_event,relapse_date\nA,1,3,1,\nB,0,9,1,\nC,0,12,0,2020-01-01\n"
        result = inspect(text.encode(), "c.csv")
        assert refusals(result) == [("disagreement", 3, 1), ("event-against-date", 4, 1)]

    def test_progression_against_a_response(self):
        text = "patient_id,ici,response_followup_months,progressed,final_response\nA,1,4,1,PD\nB,1,6,0,PD\nC,1,8,0,SD\n"
        result = inspect(text.encode(), "c.csv")
        assert refusals(result) == [("disagreement", 3, 1)]
        answers = ["disagreement:progressed=final_response"]
        assert events(inspect(text.encode(), "c.csv", answers=answers), "PFS_ICI") == (3, 2)


DENIED = ["none", "no", "0", "-", "Nil", "declined", "refused", "not given", "chemo only", "无", "未用",
          "No ICI", "patient declined", "Never", "n", "not treated", "BSC", "拒绝", "untreated",
          "chemotherapy alone"]  # fmt: skip
GIVEN = [
    "Pembrolizumab",
    "nivolumab + ipilimumab",
    "camrelizumab 200 mg",
    "卡瑞利珠单抗",
    "anti-PD-1",
    "Keytruda",
    "yes",
]


class TestWhatWasGiven:
    @pytest.mark.parametrize("word", DENIED)
    def test_a_word_of_denial_is_no(self, word):
        """Was counted as treated."""
        text = f"patient_id,ici_agent\nA,Nivolumab\nB,{word}\nC,\n"
        result = inspect(text.encode(), "c.csv")
        assert result.cohort and result.cohort.factor("ici").counts() == (2, 1), result.findings

    @pytest.mark.parametrize("word", GIVEN)
    def test_a_drug_is_yes(self, word):
        result = inspect(f"patient_id,ici_agent\nA,{word}\nB,none\n".encode(), "c.csv")
        assert result.cohort and result.cohort.factor("ici").counts() == (1, 1)

    @pytest.mark.parametrize("word", ["unknown", "?", "not recorded", "不详"])
    def test_what_is_not_known_is_neither(self, word):
        result = inspect(f"patient_id,ici_agent\nA,{word}\nB,Nivolumab\nC,no\n".encode(), "c.csv")
        assert result.cohort and result.cohort.factor("ici").codes.tolist() == [-1, 1, 0]

    @pytest.mark.parametrize("word", ["Drug X", "bevacizumab", "surgery", "trial arm B", "paclitaxel", "s/p"])
    def test_another_word_is_asked(self, word):
        text = f"patient_id,ici_agent\nA,{word}\nB,Nivolumab\nC,no\n".encode()
        result = inspect(text, "c.csv")
        assert refusals(result) == [("question", 1, 1)]
        assert [q.key for q in result.questions] == ["given:ici_agent"]
        for answer, n in (("all", 2), ("none", 1)):
            cohort = inspect(text, "c.csv", answers=[f"given:ici_agent={answer}"]).cohort
            assert cohort and cohort.factor("ici").counts()[1] == n

    def test_36_of_64_treated_where_24_were(self):
        agents = ["Pembrolizumab"] * 24 + ["none"] * 6 + ["declined"] * 6 + [""] * 28
        text = "patient_id,ici_agent\n" + "".join(f"P{i},{a}\n" for i, a in enumerate(agents))
        result = inspect(text.encode(), "c.csv")
        assert result.cohort and result.cohort.factor("ici").counts() == (40, 24)

    @pytest.mark.parametrize("word", ["none", "declined"])
    def test_a_denial_agrees_with_no_and_contradicts_yes(self, word):
        text = f"patient_id,ici,ici_agent,ici_partner\nA,1,Nivolumab,\nB,0,{word},{word}\n"
        assert not inspect(text.encode(), "c.csv").findings
        found = inspect(f"{text}C,1,{word},\n".encode(), "c.csv").findings
        assert [(f.code, f.row, f.column) for f in found] == [("contradiction", 4, "ici")]

    @pytest.mark.parametrize(
        "word", ["unknown", "not known", "no data", "未知", "不详", "", "not recorded", "none known?"]
    )
    def test_no_denial(self, word):
        assert not denies(word)


class TestSitesAndStages:
    @pytest.mark.parametrize(
        ("flag", "row", "says"),
        [("site_lung", "0,lung; bone", "no"), ("site_lung", "1,bone", "yes"), ("site_abdominal", "0,liver", "no"),
         ("organ_liver", "0,liver", "no"), ("organ_liver", "1,lung", "yes")],
    )  # fmt: skip
    def test_a_list_of_sites_against_a_column_of_one(self, flag, row, says):
        """Was merged without a word."""
        text = f"patient_id,{flag},recurrence_sites\nA,,\nB,{row}\n"
        found = [f for f in inspect(text.encode(), "c.csv").findings if f.code == "sites-disagree"]
        assert [(f.severity, f.row, f.column) for f in found] == [("warning", 3, flag)]
        assert f"says {says}" in found[0].message

    @pytest.mark.parametrize(
        ("flag", "row"), [("site_lung", "1,lung; bone"), ("site_abdominal", "1,liver"), ("organ_liver", "1,abdomen"),
                          ("site_lung", "0,bone"), ("site_lung", "1,"), ("site_lung", ",lung")],
    )  # fmt: skip
    def test_lists_that_agree(self, flag, row):
        text = f"patient_id,{flag},recurrence_sites\nA,0,bone\nB,{row}\n"
        assert "sites-disagree" not in {f.code for f in inspect(text.encode(), "c.csv").findings}

    @pytest.mark.parametrize(
        ("before", "after"),
        [("IB1", "IIA1"), ("IVB", "III"), ("IIB", "IB3"), ("IIIB", "IIB"), ("IB2", "IVA"), ("IIA", "IIIB")],
    )
    def test_stages_of_two_editions_that_cannot_be_one(self, before, after):
        text = f"patient_id,figo_2008,figo_2018\nA,IB1,IB2\nB,{before},{after}\n"
        found = inspect(text.encode(), "c.csv").findings
        assert found and {(f.severity, f.code, f.row) for f in found} == {("warning", "contradiction", 3)}

    @pytest.mark.parametrize(
        ("before", "after"), [("IB1", "IIIC1"), ("IB2", "IB3"), ("IIB", "IIIC2"), ("IIIB", "IIIC1"), ("IVA", "IVA")]
    )
    def test_stages_that_nodes_or_size_moved(self, before, after):
        assert not inspect(f"patient_id,figo_2008,figo_2018\nA,{before},{after}\n".encode(), "c.csv").findings


def test_a_heading_of_the_event_above_dates_is_its_date():
    rows = "".join(f"P{i},2018-01-0{i + 1},2020-0{i + 1}-11,{f'2020-0{i + 1}-11' if i % 2 else ''}\n" for i in range(8))
    cohort = read_cohort(f"patient_id,diagnosis,last_contact,death\n{rows}".encode(), "c.csv")
    assert cohort.endpoint("OS").n == 8 and cohort.endpoint("OS").event.tolist() == [False, True] * 4


UNSURE = ["pembrolizumab not given", "pembrolizumab declined", "planned pembrolizumab", "nivolumab refused by insurer",
          "pembrolizumab vs placebo", "considered nivolumab", "nivolumab: no", "nivolumab 0", "nivolumab?",
          "no chemo; nivolumab", "PD-L1 negative", "卡瑞利珠单抗未用", "拟用卡瑞利珠单抗",
          "建议信迪利单抗；患者拒绝"]  # fmt: skip


class TestNamedAndNotGiven:
    @pytest.mark.parametrize("heading", ["ici_agent", "immunotherapy"])
    @pytest.mark.parametrize("word", UNSURE)
    def test_a_drug_beside_a_denial_is_asked(self, word, heading):
        """Was treated."""
        text = f"patient_id,{heading}\nA,{word}\nB,Nivolumab\nC,no\n".encode()
        result = inspect(text, "c.csv")
        assert [(q.key, q.decisive) for q in result.questions] == [(f"given:{heading}", True)]
        for answer, codes in (("all", [1, 1, 0]), ("none", [0, 1, 0]), ("unknown", [-1, 1, 0])):
            cohort = inspect(text, "c.csv", answers=[f"given:{heading}={answer}"]).cohort
            assert cohort and cohort.factor("ici").codes.tolist() == codes

    @pytest.mark.parametrize(
        "word", ["nivolumab + chemo", "nivolumab 240 mg (8 cycles)", "Durvalumab/Tremelimumab", "nivolumab until PD"]
    )
    def test_a_plain_one_is_not_asked(self, word):
        cohort = inspect(f"patient_id,ici_agent\nA,{word}\nB,no pembrolizumab\n".encode(), "c.csv").cohort
        assert cohort and cohort.factor("ici").codes.tolist() == [1, 0]

    def test_of_many_words_each_is_asked(self):
        rows = "".join(f"P{i},{word}\n" for i, word in enumerate(UNSURE))
        answers = ["given:ici_agent=given", "given:ici_agent=not-given", "given:ici_agent=none"]
        cohort = inspect(f"patient_id,ici_agent\n{rows}".encode(), "c.csv", answers=answers).cohort
        assert cohort and cohort.factor("ici").codes.tolist() == [1] + [0] * (len(UNSURE) - 1)


class TestADateOfDeathThatNobodyKnows:
    HEAD = "patient_id,diagnosis_date,last_followup_date,death_date"

    def of(self, word: str, others: str = "", more: str = "") -> bytes:
        rows = [f"P{i},2018-01-01,2019-01-0{i},2019-01-0{i}" for i in (1, 2, 3)]
        rows += [f"P{i},2018-01-01,2019-01-0{i},{word}" for i in (4, 5)]
        rows += [f"P{i},2018-01-01,2019-01-0{i},{others}" for i in (6, 7)]
        head = f"{self.HEAD},cause_of_death" if more else self.HEAD
        tail = [f",{more}" if more and i < 5 else "," if more else "" for i in range(7)]
        return "\n".join([head, *(r + t for r, t in zip(rows, tail, strict=True))]).encode()

    @pytest.mark.parametrize("others", ["", "alive", "n/a"])
    @pytest.mark.parametrize("word", ["unknown", "?", "不详"])
    def test_is_asked(self, word, others):
        """Were 3 deaths of 7, the others alive."""
        data = self.of(word, others)
        result = inspect(data, "c.csv")
        assert [(q.key, q.decisive) for q in result.questions] == [("no-date:death_date", True)]
        for answer, n, n_events in (("event", 7, 5), ("no-event", 7, 3), ("unknown", 5, 3)):
            assert events(inspect(data, "c.csv", answers=[f"no-date:death_date={answer}"]), "OS") == (n, n_events)

    @pytest.mark.parametrize("word", ["", "n/a", "n.a.", "-", "not applicable", "entfällt", "alive", "00.00.0000"])
    def test_what_says_that_there_is_none_is_alive(self, word):
        result = inspect(self.of(word), "c.csv")
        assert events(result, "OS") == (7, 3) and not result.questions

    def test_a_cause_of_death_fills_what_is_not_known(self):
        data = self.of("unknown", "", "cancer")
        assert [q.key for q in inspect(data, "c.csv").questions] == ["no-date:death_date"]
        assert events(inspect(data, "c.csv", answers=["no-date:death_date=unknown"]), "OS") == (7, 5)
        no = inspect(data, "c.csv", answers=["no-date:death_date=no-event"])
        assert [q.code for q in no.questions] == ["disagreement"]

    def test_a_status_decides(self):
        data = self.of("unknown").decode().splitlines()
        text = "\n".join([f"{data[0]},died", *(f"{row},{int(i < 5)}" for i, row in enumerate(data[1:]))])
        assert events(inspect(text.encode(), "c.csv"), "OS") == (7, 5)


class TestACauseOfDeath:
    @pytest.mark.parametrize(
        "word", ["entfällt", "n/a", "lebt", "NED", "still alive", "Alive or dead of other cause", "N/A not first tumor"]
    )
    def test_that_may_be_none_says_nothing(self, word):
        """Contradicted the status, and offered all as dead."""
        rows = "".join(f"P{i},{i + 3},{'dead' if i % 2 else 'alive'},{'tumor' if i % 2 else word}\n" for i in range(8))
        result = inspect(f"patient_id,os_months,vital_status,cause_of_death\n{rows}".encode(), "c.csv")
        assert events(result, "OS") == (8, 4) and not result.questions

    def test_seer(self):
        dead = ["Dead (attributable to this cancer dx)", "Alive or dead of other cause"]
        rows = "".join(
            f"{10000 + i},{'Dead' if i % 3 else 'Alive'},{'9999' if i == 5 else f'{i:04d}'},{dead[i % 3 != 1]}\n"
            for i in range(12)
        )
        head = "Patient ID,Vital status recode,Survival months,SEER cause-specific death classification"
        result = inspect(f"{head}\n{rows}".encode(), "c.csv")
        assert not result.questions and events(result, "Survival") == (11, 7)


@pytest.mark.parametrize(("cell", "said"), [("", "blank, so what"), ("unknown", "it tells nothing, so what")])
def test_a_cell_that_holds_a_word_isn_t_called_blank(cell, said):
    rows = "".join(f"P{i},{i + 3},{cell if i == 3 else i % 2},{'dead' if i % 2 else 'alive'}\n" for i in range(12))
    result = inspect(f"patient_id,os_months,died,vital_status\n{rows}".encode(), "c.csv")
    told = next(f for f in result.findings if f.code == "filled")
    assert said in told.message and "row 5" in told.message and result.cohort.endpoint("OS").event[3]
