"""Dates as people write them, and the rules by which incomplete ones are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from necc.ingest import inspect, read_cohort
from necc.ingest.dates import looks_like_dates, parse_dates, partial_date


def one(text: str, order: str = "") -> str:
    return str(parse_dates([text], order).values[0])[:10]


@pytest.mark.parametrize(
    "text",
    ["2019-04-03", "2019/04/03", "2019.04.03", "20190403", "03.04.2019", "3.4.2019", "03-Apr-2019", "3 Apr 2019",
     "03APR2019", "3 April 2019", "Apr 3, 2019",
     "2019年4月3日", "2019-04-03 00:00:00", "2019-04-03T14:30:00Z", "2019-04-03 2:30 PM",
     "03-Apr-19", "03.04.19", "43558", "43558.0"],
)  # fmt: skip
def test_one_day_in_many_spellings(text):
    assert one(text) == "2019-04-03"


@pytest.mark.parametrize(
    ("text", "day"),
    [("2019-04", "2019-04-15"), ("04/2019", "2019-04-15"), ("Apr 2019", "2019-04-15"), ("2019年4月", "2019-04-15"),
     ("2019-04-UN", "2019-04-15"), ("UN-Apr-2019", "2019-04-15"), ("2019-04-00", "2019-04-15"), ("2019", "2019-07-01"),
     ("2019-UN-UN", "2019-07-01")],
)  # fmt: skip
def test_partial_dates_have_a_rule(text, day):
    read = parse_dates([text, "2018-01-01"])
    assert str(read.values[0])[:10] == day and read.partial == (0,) and not read.bad
    assert str(partial_date(text))[:10] == day


@pytest.mark.parametrize(
    "text", ["2019-13-45", "2019-02-30", "31.02.2019", "yesterday", "1019-01-01", "12", "2019-13", "9999-12-31"]
)
def test_no_dates(text):
    read = parse_dates([text, "2018-01-01"])
    assert read.bad == (0,) and np.isnat(read.values[0])


@pytest.mark.parametrize("text", ["201212", "120103", "201202", "2012112", "0112012", "2012012"])
def test_fewer_than_eight_digits_are_no_full_date(text):
    read = parse_dates([text, "2018-01-01"])
    assert read.bad == (0,) and np.isnat(read.values[0])
    findings = inspect(f"patient_id,diagnosis_date\nP1,{text}\n".encode(), "c.csv").findings
    assert [(f.severity, f.code) for f in findings] == [("error", "not-a-date")] and "eight" in findings[0].message


def test_six_digits_are_a_year_and_a_month_where_nothing_else_fits():
    """201511 is no year, month and day, nor the other way round; so all of the column are read as its first is."""
    read = parse_dates(["201511", "201212", "201201"])
    assert [str(v)[:10] for v in read.values] == ["2015-11-15", "2012-12-15", "2012-01-15"]
    assert read.partial == (0, 1, 2)
    assert parse_dates(["201511", "201213"]).bad == (0, 1)
    assert one("201212", "year-month") == "2012-12-15" and one("20121203") == "2012-12-03"


def test_serial_days_count_from_the_workbook_s_first_day():
    assert str(parse_dates(["40000"]).values[0])[:10] == "2009-07-06"
    assert str(parse_dates(["40000"], "", date(1904, 1, 1)).values[0])[:10] == "2013-07-07"


def test_two_digit_years_turn_at_fifty():
    read = parse_dates(["03.04.49", "03.04.50"])
    assert [str(v)[:10] for v in read.values] == ["2049-04-03", "1950-04-03"] and read.short == (0, 1)


def test_the_order_is_found_from_the_whole_column():
    assert one("03/04/2019", "month-day") == "2019-03-04" and one("03/04/2019", "day-month") == "2019-04-03"
    assert str(parse_dates(["03/04/2019", "25/12/2018"]).values[0])[:10] == "2019-04-03"
    assert str(parse_dates(["03/04/2019", "12/25/2018"]).values[0])[:10] == "2019-03-04"
    assert parse_dates(["03/04/2019", "05/06/2019"]).question
    assert not parse_dates(["03/03/2019", "05/05/2019"]).question
    both = parse_dates(["13/04/2019", "05/25/2019"])  # neither order fits both: read as month-day, the first is none
    assert both.bad == (0,) and str(both.values[1])[:10] == "2019-05-25" and not both.question


def test_serials_are_excel_s():
    assert one("1", "serial") == "NaT" and one("367", "serial") == "1901-01-01" and one("60000") == "2064-04-08"


def test_rules_are_told_with_their_counts():
    text = "patient_id,diagnosis_date\nP1,2019-04\nP2,2019\nP3,43558\nP4,03.04.19\nP5,2019-04-03\nP6,2019-04\n"
    cohort = read_cohort(text.encode(), "c.csv")
    found = {f.code: (f.severity, f.n) for f in cohort.findings}
    assert found == {"partial-date": ("warning", 3), "excel-serial": ("info", 1), "two-digit-year": ("info", 1)}


def test_a_day_time_is_left_off():
    cohort = read_cohort(b"patient_id,diagnosis_date\nP1,2019-04-03 23:59:59\n", "c.csv")
    assert str(cohort.data["diagnosis_date"].iloc[0]) == "2019-04-03 00:00:00"


def test_what_looks_like_dates():
    assert looks_like_dates(["2019-04-03", "2018-01-01"]) and looks_like_dates(["03.04.2019"])
    assert not looks_like_dates(["2019", "2018"]) and not looks_like_dates(["12.5"]) and not looks_like_dates([])


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_iso_and_german_agree(day):
    assert one(day.isoformat()) == one(day.strftime("%d.%m.%Y").zfill(10)) == day.isoformat()


@given(st.lists(st.text(max_size=12), max_size=6))
def test_no_text_ends_in_a_traceback(texts):
    read = parse_dates(texts)
    assert len(read.values) == len(texts)
    rows = "".join(f'P{i},"{t.replace(chr(34), "")}"\n' for i, t in enumerate(texts))
    assert inspect(f"patient_id,diagnosis_date\n{rows}".encode("utf-8", "replace"), "c.csv") is not None


class TestARecurrenceWithoutADate:
    HEAD = "patient_id,diagnosis_date,first_recurrence_date,last_followup_date,died,lung\n"

    def test_last_follow_up_is_no_day_of_recurrence(self):
        rows = "P1,2015-01-01,2015-07-01,2016-01-01,1,1\nP2,2015-01-01,,2017-01-01,0,0\nP3,2015-01-01,,2018-01-01,1,1\n"
        ttr = read_cohort((self.HEAD + rows).encode(), "c.csv").endpoint("TTR")
        assert ttr.event.tolist() == [True, False, False] and [e.n for e in ttr.excluded] == [1]

    def test_without_any_date_of_recurrence_there_is_no_time_to_it(self):
        text = "patient_id,diagnosis_date,last_followup_date,died,lung\nP1,2015-01-01,2016-01-01,1,1\n"
        cohort = read_cohort(text.encode(), "c.csv")
        assert cohort.endpoint_names() == ("OS",)
        assert "the dates in columns 'diagnosis_date' and 'first_recurrence_date'" in cohort.endpoint_lacks("TTR")

    def test_a_death_without_a_date_is_at_last_follow_up(self):
        text = "patient_id,diagnosis_date,death_date,last_followup_date,died\nP1,2015-01-01,,2016-01-01,1\n"
        os = read_cohort(text.encode(), "c.csv").endpoint("OS")
        assert os.event.tolist() == [True] and round(float(os.time[0]), 2) == 11.99

    def test_who_is_left_out_is_told(self):
        rows = "P1,2015-01-01,2015-07-01,2016-01-01,1,1\nP2,2015-01-01,,2017-01-01,0,0\nP3,2015-01-01,,2018-01-01,1,1\n"
        lost = [f for f in inspect((self.HEAD + rows).encode(), "c.csv").findings if f.code == "event-without-time"]
        assert [(f.severity, f.column, f.n) for f in lost] == [("warning", "first_recurrence_date", 1)]
        assert "(row 4), so TTR leaves them out" in lost[0].message

    def test_a_recorded_time_is_not_held_against_the_last_follow_up(self):
        head = "patient_id,diagnosis_date,first_recurrence_date,last_followup_date,recurred,ttr_months\n"
        rows = "P1,2015-01-01,2015-07-01,2016-01-01,1,6\nP2,2015-01-01,,2018-01-01,1,6\nP3,2015-01-01,,2018-01-01,0,6\n"
        found = inspect((head + rows).encode(), "c.csv").findings
        assert [(f.code, f.row) for f in found if f.severity == "warning"] == [("dates-disagree", 4)]


def test_findings_name_the_columns_of_the_file():
    text = "Patient ID,Date of diagnosis,Date of death\nP1,2015-01-01,2014-07-01\n"
    (found,) = [f for f in inspect(text.encode(), "c.csv").findings if f.severity == "error"]
    assert found.code == "impossible-order" and found.column == "Date of death"
    assert found.message.startswith("column 'Date of death', row 2: ")


class TestTheOrderOfAnotherColumn:
    """A column whose days and months can't be told apart, beside one of the same form with a day above 12."""

    @staticmethod
    def read(last, follow, third=("",) * 3):
        text = "patient_id,diagnosis_date,last_followup_date,died,seen\n"
        rows = [f"P{i},{a},{b},{i % 2},{c}" for i, (a, b, c) in enumerate(zip(last, follow, third, strict=True))]
        return inspect((text + "\n".join(rows)).encode(), "c.csv")

    @pytest.mark.parametrize(
        ("open_one", "telling", "first"),
        [
            (("03/04/2019", "05/06/2019", "01/02/2018"), ("13/04/2020", "05/06/2021", "02/03/2022"), "2019-04-03"),
            (("03/04/2019", "05/06/2019", "01/02/2018"), ("04/13/2020", "05/06/2021", "02/03/2022"), "2019-03-04"),
            (("3-4-19", "5-6-19", "1-2-18"), ("13-4-20", "5-6-21", "2-3-22"), "2019-04-03"),
            (("03/04/2019 10:00", "05/06/2019", ""), ("25/04/2020", "05/06/2021", "02/03/2022"), "2019-04-03"),
        ],
    )
    def test_is_taken_and_told(self, open_one, telling, first):
        inspection = self.read(open_one, telling)
        assert inspection.cohort is not None and not inspection.questions
        (told,) = [f for f in inspection.findings if f.code == "date-order-beside"]
        assert told.severity == "info" and told.column == "diagnosis_date"
        assert "last_followup_date" in told.message and open_one[0] in told.message
        assert str(inspection.cohort.table["diagnosis_date"].iloc[0])[:10] == first

    @pytest.mark.parametrize(
        ("telling", "third"),
        [
            (("13-04-2020", "05-06-2021", "02-03-2022"), ("",) * 3),  # another sign
            (("13/04/20", "05/06/21", "02/03/22"), ("",) * 3),  # another year
            (("13/4/2020", "5/6/2021", "2/3/2022"), ("",) * 3),  # without zeros: another program wrote it
            (("13/04/2020", "05/06/2021", "02/03/2022"), ("04/25/2020", "", "")),  # the columns differ
            (("04/05/2020", "05/06/2021", "02/03/2022"), ("",) * 3),  # none tells
        ],
    )
    def test_is_asked_where_it_does_not_follow(self, telling, third):
        inspection = self.read(("03/04/2019", "05/06/2019", "01/02/2018"), telling, third)
        assert inspection.cohort is None and "date-order:diagnosis_date" in [q.key for q in inspection.questions]

    def test_is_taken_for_a_date_that_no_dictionary_knows(self):
        inspection = self.read(("2019-04-03",) * 3, ("13/04/2020", "05/06/2021", "02/03/2022"), ("03/04/2020", "", ""))
        assert inspection.cohort is not None and str(inspection.cohort.table["seen"].iloc[0])[:10] == "2020-04-03"

    def test_a_person_may_say_otherwise(self):
        days = ("03/04/2019", "05/06/2019", "01/02/2018"), ("13/04/2020", "05/06/2021", "02/03/2022")
        mapping = self.read(*days).mapping
        how = replace(mapping.column("diagnosis_date"), date_order="month-day")
        text = (
            "patient_id,diagnosis_date,last_followup_date,died,seen\nP1,03/04/2019,13/04/2020,1,\nP2,05/06/2019,,0,\n"
        )
        inspection = inspect(text.encode(), "c.csv", mapping=mapping.with_column(how))
        assert str(inspection.cohort.table["diagnosis_date"].iloc[0])[:10] == "2019-03-04"

    def test_a_name_that_is_only_near_is_still_asked(self):
        head = "patient_id,date death last,last_followup_date,died\n"
        rows = "P1,{},13/04/2020,1\nP2,{},05/06/2021,0\nP3,{},02/03/2022,0\n"
        for days in (("13/04/2019", "05/06/2019", "01/02/2018"), ("03/04/2019", "05/06/2019", "01/02/2018")):
            inspection = inspect((head + rows.format(*days)).encode(), "c.csv")
            assert [q.key for q in inspection.questions] == ["meaning:date death last"]


DAYS = [date(2018, 1, 1) + timedelta(days=37 * i) for i in range(16)]


def swapped(dates: list[date], others: list[date]) -> bytes:
    """What a spreadsheet of the other order makes of day/month/year."""
    rows = [
        f"P{i},{f'{d.year}-{d.day:02d}-{d.month:02d}' if d.day < 13 else f'{d:%d/%m/%Y}'},{o},1"
        for i, (d, o) in enumerate(zip(dates, others, strict=True))
    ]
    return "\n".join(["patient_id,diagnosis_date,last_followup_date,died", *rows]).encode()


def test_day_and_month_exchanged_by_a_spreadsheet_are_asked():
    """Were read as they are, silently."""
    data = swapped(DAYS, [d + timedelta(days=400) for d in DAYS])
    result = inspect(data, "c.csv")
    assert [(q.key, q.decisive) for q in result.questions] == [("date-swap:diagnosis_date", True)]
    assert "Excel" in result.questions[0].text
    cohort = read_cohort(data, "c.csv", answers=["date-swap:diagnosis_date=swapped"])
    assert cohort.table["diagnosis_date"].dt.date.tolist() == DAYS
    assert read_cohort(data, "c.csv", answers=["date-swap:diagnosis_date=right"])


@pytest.mark.parametrize("kept", ["%Y-%m-%d", "%d/%m/%Y"])
def test_dates_of_one_kind_and_those_that_chance_divides_are_not(kept):
    rows = [f"P{i},{f'{d:%Y-%m-%d}' if i % 2 else f'{d:{kept}}'},2022-01-01,1" for i, d in enumerate(DAYS)]
    text = "\n".join(["patient_id,diagnosis_date,last_followup_date,died", *rows])
    result = inspect(text.encode(), "c.csv")
    assert result.cohort and result.cohort.table["diagnosis_date"].dt.date.tolist() == DAYS


@pytest.mark.parametrize(
    ("texts", "first"),
    [(["01/18", "12/17"], "2018-01-15"), (["Jan-18", "Feb-19"], "2018-01-15"), (["01/95", "2/18"], "1995-01-15")],
)
def test_a_month_and_a_short_year(texts, first):
    """Were no dates."""
    read = parse_dates(texts)
    assert str(read.values[0])[:10] == first and read.partial == (0, 1)


@pytest.mark.parametrize("texts", [["01/02", "03/04"], ["18/01", "01/18"], ["1/18", "13/18"]])
def test_two_numbers_that_may_be_a_day_and_a_month_are_none(texts):
    assert parse_dates(texts).bad == (0, 1)


def test_a_year_in_front_is_asked():
    """15/01/03 was 2003-01-15, silently."""
    rows = "".join(f"P{i},{15 + i % 3}/0{1 + i}/{3 * i + 1:02d},2022-01-01,1\n" for i in range(8))
    text = f"patient_id,diagnosis_date,last_followup_date,died\n{rows}".encode()
    assert [q.key for q in inspect(text, "c.csv").questions] == ["date-order:diagnosis_date"]
    cohort = read_cohort(text, "c.csv", answers=["date-order:diagnosis_date=year-first"])
    assert str(cohort.table["diagnosis_date"].iloc[1])[:10] == "2016-02-04"
