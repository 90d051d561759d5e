"""Data frames as cohorts: the same as a file with their cells, and a sentence for what can't be read."""

from __future__ import annotations

import inspect as inspect_of
import pickle
import re
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cohorts import SAMPLES

from necc import (
    AnalysisError,
    Cohort,
    CohortError,
    Dictionary,
    NeccError,
    OwnColumns,
    cox,
    cumulative_incidence_of_columns,
    from_frame,
    kaplan_meier,
    read_cohort,
)
from necc.core.errors import DictionaryError, Finding
from necc.ingest import Mapping, inspect, open_frame

SAMPLE = SAMPLES / "reconstructed_cohort.csv"
TIMES = {"months": [5.0, 6.0, 7.0, 9.0], "dead": [1, 0, 1, 1]}


def own(**columns: object) -> Cohort:
    return from_frame(pd.DataFrame({**TIMES, **columns}), time="months", event="dead", endpoint="OS")


def codes(cohort: Cohort) -> list[str]:
    return [f.code for f in cohort.findings]


def refusal(frame: object, **options: object) -> str:
    """The text of the error, in which no Python name from inside stands."""
    with pytest.raises(NeccError) as error:
        from_frame(frame, **options)
    assert not re.search(r"Error|Traceback|necc\.|0x[0-9a-f]+", str(error.value))
    return str(error.value)


# ---------------------------------------------------------------- the same as a file
@pytest.mark.parametrize("typed", [False, True])
def test_the_sample_as_a_frame_is_the_sample_as_a_file(typed):
    file, frame = read_cohort(SAMPLE), pd.read_csv(SAMPLE)
    made = Cohort.from_frame(frame.convert_dtypes() if typed else frame)
    assert made.columns.tolist() == file.columns.tolist() and made.ids == file.ids
    for name in file.columns:
        left, right = (c.column(name).reset_index(drop=True) for c in (file, made))
        pd.testing.assert_series_equal(left, right)
    assert made.dictionary.variables == file.dictionary.variables and made.source.notice == file.source.notice
    assert (made.organs == file.organs).all() and made.organ_names == file.organ_names
    assert made.factor_names() == file.factor_names() and len(file.factor_names()) > 50
    for name in file.factor_names():
        a, b = file.factor(name), made.factor(name)
        assert (a.levels, a.codes.tolist(), a.ordered) == (b.levels, b.codes.tolist(), b.ordered)
    for name in file.endpoint_names():
        a, b = (kaplan_meier(c, name, "site:lung").to_dict() for c in (file, made))
        assert a == b
    assert [f.code for f in file.findings] == [f.code for f in made.findings]
    assert [f.row - 2 for f in file.findings if f.row] == [f.row for f in made.findings if f.row is not None]


GERMAN = pd.DataFrame({
    "Fallnummer": ["A-1", "A-2", "A-3", "A-4"], "Alter": ["61", "58", "unbekannt", "70"],
    "Überleben (Monate)": ["12,5", "8,25", "30,1", "3,0"], "verstorben": ["ja", "nein", "ja", None],
    "Grading": pd.Categorical(["G2", "G1", "G3", "G1"], ["G3", "G2", "G1"], ordered=True),
    "Datum": [pd.Timestamp("2020-01-02"), pd.NaT, "03.04.2021", pd.NA],
})  # fmt: skip


def test_a_messy_german_frame_is_read_as_its_file_is():
    frame = GERMAN.assign(Datum=["2020-01-02", None, "2021-04-03", None])
    options = {"time": "Überleben (Monate)", "event": "verstorben", "endpoint": "OS"}
    made = from_frame(frame, **options)
    text = frame.to_csv(index=False, sep=";").encode()
    file = read_cohort(text, "a.csv", own=OwnColumns(**options))
    times = made.number("Überleben (Monate)").tolist()
    assert times == file.number("Überleben (Monate)").tolist() == [12.5, 8.25, 30.1, 3.0]
    assert made.endpoint("OS").event.tolist() == file.endpoint("OS").event.tolist() == [True, False, True, False]
    assert made.endpoint("OS").valid.tolist() == file.endpoint("OS").valid.tolist() == [True, True, True, False]
    assert set(codes(file)) <= {*codes(made), "delimiter", "decimal-comma"}
    assert made.factor("Grading").levels == ("G3", "G2", "G1") and made.factor("Grading").ordered
    assert made.ids == ("P001", "P002", "P003", "P004")  # a case number is no identifier to keep
    assert from_frame(GERMAN, **options).column("Datum").notna().sum() == 2


def test_the_method_is_the_function():
    method, function = (inspect_of.signature(f).parameters for f in (Cohort.from_frame, from_frame))
    assert [p.replace(annotation="") for p in method.values()] == [p.replace(annotation="") for p in function.values()]
    options = {"time": "months", "event": "dead", "unit": "weeks", "endpoint": "OS", "filename": "mine", "id": "who"}
    frame = pd.DataFrame({**TIMES, "who": list("abcd")})
    own, other = Cohort.from_frame(frame, **options), from_frame(frame, **options)
    assert own.source == other.source and own.endpoint("OS").unit == "weeks" and own.ids == tuple("abcd")
    frame = pd.DataFrame({"patient_id": list("abcd"), "os_months": TIMES["months"], "died": [2, 1, 2, 1]})
    beside = {"dictionary": "cervical", "answers": "event:died=2", "mapping": None, "today": date(2020, 1, 1)}
    made = Cohort.from_frame(frame, **beside)
    assert made.dictionary.name == "cervical" and made.endpoint("OS").event.tolist() == [True, False, True, False]


def test_the_method_hands_on_all_that_it_is_given(monkeypatch):
    seen = []
    monkeypatch.setattr("necc.core.cohort.beyond", lambda *_: lambda *args, **named: seen.append((args, named)))
    frame = object()
    named = {name: object() for name in inspect_of.signature(from_frame).parameters if name != "frame"}
    Cohort.from_frame(frame, **named)
    assert seen == [((frame,), named)]


def test_codebook_day_and_name_are_those_that_are_given():
    frame = pd.DataFrame({"record_id": list("abc"), "grade": [1, 2, 1], "seen": ["2021-01-05", "2021-02-05", None]})
    book = (
        b"Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
        b'"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number\n'
        b'record_id,f,,text,Record,,,\ngrade,f,,radio,Grade,"1, low | 2, high",,\nseen,f,,text,Seen,,,date_ymd\n'
    )
    assert from_frame(frame, codebook=book).factor("grade").levels == ("low", "high")
    assert from_frame(frame, filename="mine").source.filename == "mine"
    dated = pd.DataFrame(
        {"patient_id": list("ab"), "age_years": [50, 60], "ici_start_date": ["2021-01-05", "2021-02-05"]}
    )
    assert "in the future; today is 2021-01-20" in refusal(dated, today=date(2021, 1, 20))
    assert len(from_frame(dated, today=date(2021, 3, 1))) == 2


def test_the_door_asks_and_is_answered_as_for_a_file():
    frame = pd.DataFrame({"patient_id": [1, 2, 3, 4], "os_months": [5.0, 6, 7, 9], "died": [2, 1, 2, 1]})
    with pytest.raises(CohortError) as error:
        Cohort.from_frame(frame)
    question = next(q for q in error.value.questions if q.code == "event")
    assert 'answers=["event:died=2"]' in str(error.value) and "--answer" not in str(error.value)
    made = Cohort.from_frame(frame, answers="event:died=2")
    assert made.endpoint("OS").event.tolist() == [True, False, True, False]
    mapping = question.answer("2").mapping
    assert Cohort.from_frame(frame, mapping=mapping).endpoint("OS").event.tolist() == [True, False, True, False]
    file = inspect(frame.to_csv(index=False).encode(), "a.csv")
    assert [f.code for f in file.findings] == [f.code for f in error.value.findings]
    assert [q.to_dict() for q in file.questions] == [q.to_dict() for q in error.value.questions]


def test_an_answer_that_changes_how_numbers_are_read_is_applied():
    frame = pd.DataFrame({"patient_id": ["a", "b", "c"], "size_cm": ["1,234", "2,345", "3,456"]})
    with pytest.raises(CohortError, match="decimal") as error:
        from_frame(frame)
    key = error.value.questions[0].key
    assert from_frame(frame, answers=[f"{key}=comma"]).number("size_cm").tolist() == [1.234, 2.345, 3.456]
    assert from_frame(frame, answers=[f"{key}=point"]).number("size_cm").tolist() == [1234, 2345, 3456]


def test_dictionary_and_mapping_by_name_and_as_files(tmp_path):
    frame = pd.read_csv(SAMPLE)
    inspected = inspect(frame)
    path = tmp_path / "how.toml"
    path.write_text(inspected.mapping.to_toml(), encoding="utf-8")
    for mapping in (inspected.mapping, str(path)):
        assert from_frame(frame, mapping=mapping).column("histology").tolist()[:2] == ["small cell", "NEC NOS"]
    for dictionary in ("necc", Dictionary.builtin("necc")):
        assert from_frame(frame, dictionary=dictionary).dictionary.name == "necc"
    with pytest.raises(DictionaryError, match="'nec'; those that ship"):
        from_frame(frame, dictionary="nec")
    assert "'how.tml' can't be read: No such file" in refusal(frame, mapping="how.tml")
    assert isinstance(inspected.mapping, Mapping)


# ---------------------------------------------------------------- order, index and types
@pytest.mark.parametrize("ordered", [False, True])
def test_categories_keep_their_order(ordered):
    made = own(arm=pd.Categorical(["hi", "lo", "mid", "lo"], ["lo", "mid", "hi"], ordered=ordered))
    assert made.factor("arm").levels == ("lo", "mid", "hi") and made.factor("arm").ordered == ordered
    assert own(arm=pd.Categorical([1, 10, 2, 10])).factor("arm").levels == ("1", "2", "10")
    assert own(arm=pd.cut([1, 20, 30, 50], [0, 10, 25, 99])).factor("arm").levels == ("(0, 10]", "(10, 25]", "(25, 99]")


def test_an_order_that_somebody_chose_stands_before_the_dictionary_s():
    frame = pd.read_csv(SAMPLE)
    usual = from_frame(frame).factor("histology").levels
    frame["histology"] = frame["histology"].astype("category")  # the alphabet's order, which nobody chose
    assert from_frame(frame).factor("histology").levels == usual
    frame["histology"] = frame["histology"].cat.reorder_categories(["NEC NOS", "small cell", "large cell"])
    made = from_frame(frame)
    assert made.factor("histology").levels == ("NEC NOS", "small cell", "large cell") != usual
    assert made.orders == (("histology", ("NEC NOS", "small cell", "large cell")),)


def test_rows_are_told_by_the_index():
    frame = pd.DataFrame({**TIMES, "age": [50, 60, 70, 80]}, index=[7, 3, 9, 0])
    made = from_frame(frame, time="months", event="dead", unit="months")
    assert made.index.tolist() == [7, 3, 9, 0] and made.ids == ("row 7", "row 3", "row 9", "row 0")
    assert made.subset(frame["age"].sort_index() > 55).number("age").tolist() == [60, 70, 80]
    again = from_frame(made.table, time="months", event="dead", unit="months")
    assert again.index.tolist() == [7, 3, 9, 0] and again.columns.tolist() == made.columns.tolist()
    frame.loc[9, "months"] = -1
    assert "column 'months', row 9: " in refusal(frame, time="months", event="dead")
    repeated = pd.DataFrame(TIMES, index=[1, 1, 2, 2])
    made = from_frame(repeated, time="months", event="dead")
    assert made.index.tolist() == [0, 1, 2, 3] and "index" in codes(made)


def test_a_named_index_is_a_column_and_may_identify():
    frame = pd.DataFrame(TIMES, index=pd.Index(["a", "b", "c", "d"], name="who"))
    for options in ({"id": "who"}, {}):
        made = from_frame(frame, time="months", event="dead", **options)
        assert "who" in made.columns and (made.ids == ("a", "b", "c", "d")) == bool(options)
    known = from_frame(frame.rename_axis("patient_id"), time="months", event="dead")
    assert known.ids == ("a", "b", "c", "d")
    assert from_frame(pd.DataFrame(TIMES, index=[4, 5, 6, 7]).rename_axis("who"), id="who", time="months",
                      event="dead").ids == ("4", "5", "6", "7")  # fmt: skip
    frame.index = pd.Index(["a", "a", "c", "d"], name="who")
    assert "row 1: this value already occurs in row 0" in refusal(frame, id="who", time="months", event="dead")
    beside = pd.DataFrame({**TIMES, "Who": list("wxyz")}, index=pd.Index(list("abcd"), name="who"))
    assert from_frame(beside, id="Who", time="months", event="dead").ids == ("w", "x", "y", "z")
    counted = pd.DataFrame(TIMES, index=pd.Index([4, 5, 6, 7], name="Row"))
    assert from_frame(counted, time="months", event="dead").columns.tolist() == ["months", "dead"]
    below = pd.DataFrame(TIMES, index=[-1, 0, 1, 2])
    assert from_frame(below, time="months", event="dead").index.tolist() == [0, 1, 2, 3]
    unnamed = own_index = pd.DataFrame(TIMES, index=list("abcd"))
    made = from_frame(unnamed, time="months", event="dead")
    assert "index" in codes(made) and made.columns.tolist() == own_index.columns.tolist()


@pytest.mark.parametrize("event", [
    [True, False, True, True], pd.array([True, False, True, True], "boolean"), pd.array([1, 0, 1, 1], "Int64"),
    [1.0, 0.0, 1.0, 1.0], ["1", "0", "1", "1"], pd.array(["yes", "no", "yes", "yes"], "string"),
    pd.Categorical(["dead", "alive", "dead", "dead"]), pd.array([1, 0, 1, 1], pd.ArrowDtype(pa.int8())),
])  # fmt: skip
def test_types_of_events(event):
    assert own(dead=event).endpoint("OS").event.tolist() == [True, False, True, True]


def test_the_other_order_of_bytes_short_numbers_and_half_a_character():
    arrays = {"months": np.array(TIMES["months"], ">f8"), "dead": np.array(TIMES["dead"], ">i4")}
    frame = pd.DataFrame({**arrays, "x": np.array([0.1, 0.2, 0.3, 0.4], np.float16), "y": ["a\ud800", "b", "b", "b"]},
                         index=np.array([7, 3, 9, 0], ">i8"))  # fmt: skip
    made = from_frame(frame, time="months", event="dead", unit="months")
    assert made.index.tolist() == [7, 3, 9, 0] and made.number("months").tolist() == TIMES["months"]
    assert made.number("x").tolist() == [0.1, 0.2, 0.3, 0.4] and made.factor("y").levels == ("a\ufffd", "b")


def test_missing_events_leave_patients_out():
    for missing in ([1.0, np.nan, 0.0, 1.0], [True, None, False, True], pd.array([1, pd.NA, 0, 1], "Int64")):
        endpoint = own(dead=missing).endpoint("OS")
        assert endpoint.valid.tolist() == [True, False, True, True] and sum(e.n for e in endpoint.excluded) == 1


def test_durations_are_a_time_in_its_unit():
    frame = pd.DataFrame({"t": pd.to_timedelta([30, 60, None, 90], "D"), "weeks": pd.to_timedelta([7, 14, 21, 28], "D"),
                          "dead": [1, 0, 1, 1]})  # fmt: skip
    made = from_frame(frame, time="t", event="dead")
    assert made.endpoint("t").unit == "days" and made.number("t")[[0, 1, 3]].tolist() == [30, 60, 90]
    assert "weeks" not in made.columns and "nested-column" in codes(made)
    made = from_frame(frame, time="weeks", event="dead")
    assert made.endpoint("weeks").unit == "weeks" and made.number("weeks").tolist() == [1, 2, 3, 4]
    made = from_frame(frame, time="weeks", event="dead", unit="days")
    assert made.endpoint("weeks").unit == "days" and made.number("weeks").tolist() == [7, 14, 21, 28]
    months = from_frame(frame, time="t", event="dead", unit="months").number("t")
    assert months[0] == pytest.approx(30 / 30.4375)


def test_odd_cells_are_left_out_and_told():
    made = own(
        x=[1j, 2, 3, 4],
        y=[[1], [2], {}, 4],
        z=[b"a", b"b", b"c", b"d"],
        o=[object(), 1, 2, 3],
        kept=[1, "a", True, None],
    )
    assert made.columns.tolist() == ["months", "dead", "kept"]
    told = [f for f in made.findings if f.code == "nested-column"]
    assert [f.column for f in told] == ["o", "x", "y", "z"] and "0x" not in str(told)
    assert made.column("kept").astype(object).tolist()[:3] == ["1", "a", "TRUE"]


def test_times_of_day_in_a_zone_are_told():
    whole = pd.date_range("2020-01-01", periods=4, tz="Europe/Berlin")
    made = own(seen=whole + pd.Timedelta(hours=10), first=whole, mixed=[t.to_pydatetime() for t in whole])
    assert made.column("seen").dt.day.tolist() == made.column("first").dt.day.tolist() == [1, 2, 3, 4]
    assert [f.n for f in made.findings if f.code == "time-zone"] == [1]


def test_sites_as_columns_names_and_lists():
    frame = pd.DataFrame({**TIMES, "lung": [1, 0, 0, 1], "liver": [0, 0, 1, 1]})
    assert from_frame(frame, time="months", event="dead", sites=["lung", "liver"]).organ_names == ("lung", "liver")
    for values in (["lung; liver", "brain", "none", None], [["lung", "liver"], ["brain"], [], None]):
        made = own_sites(values)
        assert made.factor("site:lung").codes.tolist() == [1, 0, 0, -1]


def own_sites(values: list[object]) -> Cohort:
    return from_frame(pd.DataFrame({**TIMES, "where": values}), time="months", event="dead", sites="where")


def test_tables_of_other_libraries():
    frame = pd.DataFrame({**TIMES, "arm": list("abab")})
    made = from_frame(pa.Table.from_pandas(frame), time="months", event="dead")
    assert made.number("months").tolist() == TIMES["months"] and made.factor("arm").levels == ("a", "b")
    assert from_frame(dict(frame), time="months", event="dead").number("months").tolist() == TIMES["months"]
    assert len(read_cohort(frame, own=OwnColumns(time="months", event="dead"))) == 4


def test_a_frame_has_a_fingerprint_of_its_cells():
    frame = pd.DataFrame({**TIMES, "arm": list("abab")})
    first = open_frame(frame).digest
    assert first == open_frame(frame.copy()).digest and len(first) == 64
    assert first != open_frame(frame.assign(arm=list("abba"))).digest
    assert own(arm=list("abab")).source.filename == "data frame"


# ---------------------------------------------------------------- what can't be read
TWICE = pd.DataFrame([[1, 2]], columns=["x", "x"])
WIDE = pd.DataFrame(np.zeros((1, 1_001)), columns=[f"v{i}" for i in range(1_001)])
DEEP = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")]))
REFUSED = {
    "columns 1 and 2 of the data frame share the name 'x'": TWICE,
    "case and blanks don't tell columns apart; rename one, or leave it out": pd.DataFrame(
        [[1, 2]], columns=["Age", "age"]
    ),
    "1,001 columns; at most 1,000 are read": WIDE,
    "names of several levels": DEEP,
    "df.reset_index()": pd.DataFrame(TIMES, index=pd.MultiIndex.from_product([[1, 2], [1, 2]])),
    "has no columns": pd.DataFrame(index=[1, 2]),
    "has no rows": pd.DataFrame(columns=["a"]),
    "only numbers from 0 to 1": pd.DataFrame(np.zeros((3, 2))),
    "of the type ndarray": np.zeros((3, 2)),
    "of the type list": [1, 2],
    "a Series, which is one column": pd.Series([1, 2]),
    "of the type int": 5,
    "column 'a' has 2 values and column 'b' has 1": {"a": [1, 2], "b": [1]},
    "no column that can be read": pd.DataFrame({"a": [[1], [2]]}),
}


def test_no_more_cells_are_read_than_of_a_file(monkeypatch):
    monkeypatch.setattr("necc.ingest.frame.MAX_CELLS", 8)
    assert len(own()) == 4
    assert "has 4 rows of 3 columns; at most 8 cells are read" in refusal(pd.DataFrame({**TIMES, "a": list("abcd")}))


@pytest.mark.parametrize("said", REFUSED, ids=str)
def test_a_table_that_cannot_be_read_is_refused_in_a_sentence(said):
    assert said in refusal(REFUSED[said])


@pytest.mark.parametrize(("said", "frame", "options"), [
    ("did you mean 'months'?", {}, {"time": "month", "event": "dead"}),
    ("an event column is needed too", {}, {"time": "months"}),
    ("did you mean 'months'?", {}, {"time": "months", "event": "dead", "unit": "month"}),
    ("time= takes the name of a column; a Series was found", {}, {"time": pd.Series([1]), "event": "dead"}),
    ("row 1: this value is not a number of months", {"months": [1, np.inf, 3, 4]}, {"time": "months", "event": "dead"}),
    ("row 1: this value is not a number of", {"months": ["1", "six", "3", "4"]}, {"time": "months", "event": "dead"}),
    ("event_value=", {"dead": [2, 1, 2, 1]}, {"time": "months", "event": "dead"}),
    ("column 'dead' is named as time and as event", {}, {"time": "dead", "event": "dead"}),
    ("column 'months' is named as time and as site", {}, {"time": "months", "event": "dead", "sites": "months"}),
    ("an event column is needed too; name it by event=", {}, {"time": "months"}),
    ("column 'dead' holds values of the type list", {"dead": [[1], [0], [1], [0]]},
     {"time": "months", "event": "dead"}),
    ("column 'dead' holds durations", {"dead": pd.to_timedelta([1, 2, 3, 4], "D")},
     {"time": "months", "event": "dead"}),
    ("this value is negative; a time is 0 months or more", {"months": [1.0, -5.5, 3, 4]},
     {"time": "months", "event": "dead"}),
    ("no answer here, as the file doesn't ask this", {}, {"time": "months", "event": "dead", "answers": "nope"}),
    ("the file doesn't ask this", {}, {"time": "months", "event": "dead", "answers": "event:dead=7"}),
])  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_sentence(said, frame, options):
    assert said in refusal(pd.DataFrame({**TIMES, **frame}), **options)


@pytest.mark.parametrize("value", [2, 2.0, "2", [2], np.int64(2), ["2", 3]])
def test_event_values_are_read_as_cells(value):
    frame = pd.DataFrame({**TIMES, "dead": [2, 1, 2, 1]})
    made = from_frame(frame, time="months", event="dead", event_value=value, endpoint="OS")
    assert made.endpoint("OS").event.tolist() == [True, False, True, False]


def test_columns_without_a_text_for_a_name():
    frame = pd.DataFrame({1: TIMES["months"], None: TIMES["dead"], "a  b": [1, 2, 3, 4]})
    made = from_frame(frame, time=1, event="column 2", unit="months")
    assert made.columns.tolist() == ["1", "column 2", "a b"] and "no-heading" in codes(made)


# ---------------------------------------------------------------- errors in words
def test_an_error_tells_the_first_findings_and_no_cell():
    text = "patient_id,age_years,histology\n" + "".join(f"{i},Ann Lee {i},Bob {i}\n" for i in range(20))
    with pytest.raises(CohortError) as error:
        read_cohort(text.encode(), "a.csv", dictionary=Dictionary.builtin())
    found, said = error.value, str(error.value)
    errors = [f for f in found.findings if f.severity == "error"]
    assert len(errors) > 6 and said.startswith(f"{len(errors)} errors:\n- ") and said.count("\n") == 6
    assert said.endswith(f"and {len(errors) - 5} more: see `findings` of this error")
    assert "Ann" not in said and any("Ann" in f.message for f in errors)
    assert len(repr(found)) < 80 and repr(found).startswith("CohortError(")
    assert str(pickle.loads(pickle.dumps(found))).splitlines()[0] == said.splitlines()[0]


def test_an_error_says_what_settles_it_in_python_s_words():
    text = b"patient_id,age_years,os_months,died\n1,50,12 mo,1\n2,60,14 mo,0\n"
    with pytest.raises(
        CohortError, match=re.escape('Or read it with answers=["not-a-number:os_months=numbers"]')
    ) as error:
        read_cohort(text, "a.csv")
    assert [r.key for r in error.value.remedies] == ["not-a-number:os_months"]
    assert read_cohort(text, "a.csv", answers=["not-a-number:os_months=numbers"]).number("os_months").tolist() == [
        12,
        14,
    ]


def test_a_list_of_cells_is_not_told_either():
    finding = Finding(
        "error", "x", "column 'a', rows 3, 4: 'Ann', 'Bob' and 'Cy' below the last patient", 3, "a", "Ann"
    )
    assert finding.untold() == "column 'a', rows 3, 4: these values below the last patient"
    assert "row 0" not in finding.line() and Finding("error", "x", "m", 0).line() == "error: m (line 0)"


def test_an_argument_of_the_wrong_kind_is_an_analysis_error():
    with pytest.raises(AnalysisError, match="id= takes the name of a column; a bool was found"):
        from_frame(pd.DataFrame(TIMES), id=True)
    with pytest.raises(AnalysisError, match="id= takes the name of a column; a list was found"):
        from_frame(pd.DataFrame(TIMES), id=["a"])


def test_none_is_like_not_given():
    whole = from_frame(pd.DataFrame(TIMES), time="months", event="dead")
    nothing = dict.fromkeys(("id", "event_value", "unit", "sites", "endpoint", "status", "answers"))
    assert from_frame(pd.DataFrame(TIMES), time="months", event="dead", **nothing).source == whole.source


# ---------------------------------------------------------------- competing risks
COMPETING = pd.DataFrame({"t": [2.0, 3, 4, 5, 6, 7, 8, 9], "k": [1, 2, 0, 1, 2, 0, 1, 2]})


def test_codes_of_causes_are_kept_as_a_status():
    kept = cumulative_incidence_of_columns(from_frame(COMPETING, time="t", status="k", unit="months"), "t", "k")
    assert [(cause.name, cause.n_events) for cause in kept.causes] == [("1", 3), ("2", 3)]
    curve = next(c for c in kept.strata[0].curves if c.cause == "1")
    assert round(curve.estimate[-1], 4) == 0.5  # by hand: 1/8 + 6/8 * 1/5 + 9/20 * 1/2


def test_one_code_of_several_is_no_competing_risk():
    own = from_frame(COMPETING, time="t", event="k", event_value=1, unit="months", endpoint="OS")
    assert "status=" in next(f.message for f in own.findings if f.code == "competing-codes")
    assert any("several codes of 'k' count as censored" in note for note in own.cif("OS").notes)
    with pytest.raises(AnalysisError, match="read the file with status='k'"):
        cumulative_incidence_of_columns(own, "t", "k")
    two = from_frame(COMPETING.query("k < 2"), time="t", event="k", unit="months", endpoint="OS")
    assert not any("several codes" in note for note in two.cif("OS").notes)


# ---------------------------------------------------------------- categories and truth values by both doors
@pytest.mark.parametrize("categories", [
    ["yes", "no"], ["no", "yes"], ["ja", "nein"], [True, False], [1, 0], ["b", "a"], ["20", "5", "10"], [2.5, 0.5, 1.5],
])  # fmt: skip
def test_a_category_has_its_order_and_its_levels_as_an_array_has(categories):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"t": rng.exponential(20, 90), "e": rng.integers(0, 2, 90)})
    frame["g"] = pd.Categorical.from_codes(rng.integers(0, len(categories), 90), categories=categories)
    one = cox(from_frame(frame, time="t", event="e", unit="months"), "t", ["g"])
    other = cox(frame.t, frame.e, frame[["g"]], unit="months")
    assert [(t.level, round(t.hazard_ratio, 9)) for t in one.terms] == [
        (t.level, round(t.hazard_ratio, 9)) for t in other.terms
    ]
    assert len(one.terms) == len(categories) - 1


@pytest.mark.parametrize("values", [
    [True, False, True, False], pd.Categorical([True, False, True, False]), ["yes", "no", "yes", "no"], [1, 0, 1, 0],
])  # fmt: skip
@pytest.mark.parametrize("asked", [True, np.True_, 1, "1", "yes", "True", "TRUE"])
def test_where_takes_true_in_any_word(values, asked):
    cohort = own(g=values)
    assert len(cohort.where(g=asked)) == 2 and list(cohort.where(g=asked).index) == [0, 2]


def test_truth_values_have_the_same_levels_by_every_door():
    values = pd.Series([True, False, True, False])
    for made in (values, values.astype("category"), values.astype("boolean")):
        curves = kaplan_meier(TIMES["months"], TIMES["dead"], made, unit="months").curves
        assert own(g=made).factor("g").levels == tuple(c.name for c in curves) == ("FALSE", "TRUE")


# ---------------------------------------------------------------- told in Python's words
def test_dates_as_the_time_are_told_once():
    frame = pd.DataFrame({"seen": pd.date_range("2020-01-01", periods=30), "dead": [0, 1] * 15})
    with pytest.raises(CohortError) as error:
        from_frame(frame, time="seen", event="dead", unit="months")
    assert [f.code for f in error.value.findings if f.severity == "error"] == ["dates-as-time"]
    assert "holds dates" in str(error.value) and "end - start" in str(error.value)


def test_findings_on_a_frame_name_arguments_and_no_options():
    made = from_frame(pd.DataFrame({"t": TIMES["months"], "e": ["dead", "alive"] * 2}), time="t", event="e")
    told = " ".join(f.message for f in made.findings)
    assert "unit= in Python" in told and "event_value= in Python" in told and "command line" not in told


def test_columns_that_could_name_a_patient_are_left_out_of_a_frame_s_own_too():
    people = pd.DataFrame({**TIMES, "Patient Name": ["Ann Lee", "Bo Ray", "Cy Day", "Di May"], "MRN": [71, 82, 93, 14]})
    made = from_frame(people, time="months", event="dead")
    assert made.columns.tolist() == ["months", "dead"]
    assert {f.column for f in made.findings if f.code == "could-name-a-patient"} == {"Patient Name", "MRN"}
    assert from_frame(people, time="months", event="dead", id="MRN").ids == ("71", "82", "93", "14")


@pytest.mark.parametrize("labels", [
    list("wxyz"), pd.to_datetime(["2020-01-04", "2019-01-01", "2021-05-05", "2018-01-01"]), [40, 30, 20, 10],
], ids=["texts", "dates", "numbers"])  # fmt: skip
def test_a_mask_of_a_frame_with_a_named_index_selects_its_patients(labels):
    frame = pd.DataFrame({**TIMES, "age": [50, 61, 70, 44]}, index=pd.Index(labels, name="who"))
    made = from_frame(frame, time="months", event="dead", unit="months")
    older = (frame.age > 55)[::-1]
    assert made.where(older).number("age").tolist() == [61, 70]
    assert made.where(older).where(older).number("age").tolist() == [61, 70]
    with pytest.raises(AnalysisError, match="mask.to_numpy"):
        made.where(older.set_axis(list("abcd")))
