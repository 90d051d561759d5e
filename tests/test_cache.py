"""What a session keeps of its results, and by what it knows them again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import pytest
import streamlit as st
from cohorts import survival_cohort

from necc.app.session.cache import FOR_ALL, Kept, cached
from necc.app.session.state import KEY, RESULTS, State, sample
from necc.core.cohort import Cohort
from necc.core.selection import Selection
from necc.present.figures import Style


@dataclass(frozen=True)
class Question:
    endpoint: str
    per: dict[str, float]


@dataclass(frozen=True)
class OtherQuestion:
    endpoint: str
    per: dict[str, float]


@dataclass
class Changing:
    value: int


@dataclass(frozen=True)
class Holding:
    values: object


@pytest.fixture
def calls(monkeypatch) -> Callable[..., bool]:
    """A function that asks a session for a result, and says whether it had to be computed."""
    monkeypatch.setattr(st, "session_state", {KEY: State(cohort())})
    computed = []

    @cached
    def result(*args: object, **kwargs: object) -> int:
        computed.append((args, kwargs))
        return len(computed)

    def asked(*args: object, **kwargs: object) -> bool:
        before = len(computed)
        result(*args, **kwargs)
        return len(computed) > before

    return asked


def cohort(times: tuple[float, ...] = (1, 2, 3, 4)) -> Cohort:
    return survival_cohort(times, [1] * len(times), factors={"arm": ["a", "b"] * (len(times) // 2)})


def test_the_same_values_are_the_same_question(calls):
    for make in (
        lambda: ("PRS", 12.0, None, True),
        lambda: (["a", "b"], {"reference": {"arm": "a"}, "per": {"age": 10.0}}),
        lambda: (Question("PRS", {"age": 10.0}), Selection.parse(["arm=a"])),
    ):
        assert calls(*make()) and not calls(*make())
    assert calls(per={"age": 1.0}) and not calls(per={"age": 1.0})


def test_other_values_are_another_question(calls):
    asked = (
        ("PRS",), ("OS",), (1,), (1.0,), (True,), (0,), (False,), (None,), ("",), ((),), (("PRS",),), ({},),
        ({"a": 1},), ({"a": 2},), ({"b": 1},), (Question("PRS", {}),), (Question("OS", {}),),
        (Question("PRS", {"age": 1.0}),),
        (OtherQuestion("PRS", {}),),
    )  # fmt: skip
    assert all(calls(*args) for args in asked) and not any(calls(*args) for args in asked)
    assert calls(level=0.95) and calls(level=0.9) and calls(other=0.9)


def test_what_can_change_is_known_by_its_identity(calls):
    for make in (lambda: Changing(1), lambda: np.zeros(3), lambda: Holding(np.zeros(3)), lambda: {1, 2}):
        one, other = make(), make()
        assert calls(one) and not calls(one)
        assert calls(other)


def test_an_object_that_is_gone_leaves_no_address_behind(calls):
    holding = [object()]
    assert calls(holding)
    for _ in range(20):
        holding[0] = object()
        assert calls(holding)


def test_a_mapping_that_changed_is_another_question(calls):
    reference = {"arm": "a"}
    assert calls(reference)
    reference["arm"] = "b"
    assert calls(reference) and not calls({"arm": "b"})


def test_two_cohorts_are_never_mixed(calls):
    state = st.session_state[KEY]
    whole, other = state.whole, cohort((1, 2, 3, 5))
    assert calls(whole) and not calls(whole)
    assert calls(other) and calls(cohort((1, 2, 3, 5)))
    state.selection = Selection.parse(["arm=a"])
    narrowed = state.cohort
    assert narrowed is not whole and calls(narrowed) and not calls(state.cohort)
    assert calls(Holding(narrowed)) and calls(Holding(whole)) and not calls(Holding(state.cohort))


def test_one_session_never_sees_another_s(calls, monkeypatch):
    assert calls("PRS") and not calls("PRS")
    monkeypatch.setattr(st, "session_state", {KEY: State(cohort())})
    assert calls("PRS")


def test_a_bar_is_opened_only_while_something_is_computed(calls):
    opened: list[str] = []

    def work(name: str, progress: Callable[[float], object]) -> str:
        progress(1.0)
        return name

    def bar() -> nullcontext[Callable[[float], object]]:
        opened.append("bar")
        return nullcontext(lambda share: None)

    assert [cached(work, bar)("a"), cached(work, bar)("a"), cached(work, bar)("b")] == ["a", "a", "b"]
    assert len(opened) == 2


def test_an_error_is_not_kept(calls):
    asked: list[int] = []

    def failing() -> None:
        asked.append(1)
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            cached(failing)()
    assert len(asked) == 2


def test_a_result_that_is_kept_is_known_without_looking_into_it(monkeypatch):
    monkeypatch.setattr(st, "session_state", {KEY: State(cohort())})
    computed = []

    def made(n: int) -> Question:
        return Question("PRS", {str(i): float(i) for i in range(n)})

    def drawn(question: Question) -> str:
        computed.append(question)
        return question.endpoint

    result = cached(made)(3)
    assert [cached(drawn)(result) for _ in range(2)] == ["PRS"] * 2 and len(computed) == 1
    assert cached(drawn)(made(3)) == "PRS" and cached(drawn)(made(3)) == "PRS" and len(computed) == 2
    assert cached(drawn)(cached(made)(4)) == "PRS" and len(computed) == 3


# ---------------------------------------------------------------- what all sessions share
class Visits:
    """Two sessions that ask for results, and how often each had to be computed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
        self.computed: list[object] = []

        def result(*args: object, **kwargs: object) -> Holding:
            self.computed.append(args)
            return Holding(np.arange(3))

        result.__module__ = module
        self.asked = cached(result)
        self.monkeypatch = monkeypatch

    def visit(self, whole: Cohort, of_sample: bool) -> State:
        state = State(whole, sample=of_sample)
        self.monkeypatch.setattr(st, "session_state", {KEY: state})
        return state


@pytest.fixture
def visits(monkeypatch) -> Callable[[str], Visits]:
    return lambda module: Visits(monkeypatch, module)


def test_what_is_made_of_the_sample_is_computed_once_for_all(visits):
    made = visits("necc.analysis.survival.kaplan_meier")
    results = []
    for scheme in (sample().scheme.name, sample().scheme.name):
        state = made.visit(sample().with_scheme(scheme), True)
        state.selection = Selection.parse(["site:lung=with"])
        results.append(made.asked(state.cohort, "PRS", by=None, times=(12.0, 24.0)))
    assert results[0] is results[1] and len(made.computed) == 1
    drawn = visits("necc.present.figures.survival")
    for _ in range(2):
        drawn.visit(sample(), True)
        drawn.asked(results[0], Style())
    assert len(drawn.computed) == 1
    for stranger in (Holding(np.arange(3)), Question("a person's words", {}), "a person's words"):
        before = len(FOR_ALL)
        drawn.asked(stranger, Style())
        assert len(FOR_ALL) == before
    assert len(drawn.computed) == 4 and len(st.session_state[RESULTS]) == 3


@pytest.mark.parametrize("module", ["necc.analysis.flow", "necc.analysis.prediction", "necc.analysis.subcohorts"])
def test_what_a_person_writes_is_shared_with_nobody(visits, module):
    made = visits(module)
    for _ in range(2):
        state = made.visit(sample(), True)
        made.asked(state.cohort, "126 screened")
    assert len(made.computed) == 2 and not len(FOR_ALL)


def test_nothing_of_an_own_file_is_shared(visits):
    own = cohort()
    made = visits("necc.analysis.survival.kaplan_meier")
    for whole, of_sample in ((own, False), (own, False), (sample(), False), (own, True)):
        state = made.visit(whole, of_sample)
        made.asked(state.cohort, "PRS")
        state.selection = Selection.parse(["arm=a"]) if whole is own else Selection()
        made.asked(state.cohort, np.arange(2))
    made.visit(sample(), True)
    made.asked(own, "PRS")  # its own file while the sample is open, as in the wizard
    made.asked(sample().subset(np.arange(88) < 9), "PRS")  # of the sample, but not by a filter that others can set
    made.asked(Changing(3))
    assert not len(FOR_ALL)


def test_the_oldest_result_goes_and_is_no_argument_of_a_shared_one_any_more():
    kept, results = Kept(2), [object() for _ in range(3)]
    for name, result in zip("abc", results, strict=True):
        kept.put(name, result, ())
    assert kept.get("a") is None and [kept.holds(r) for r in results] == [False, True, True]
    assert kept.get("b") == (results[1], ()) and len(kept) == 2


def test_a_class_that_asks_at_once_waits_for_one_result(monkeypatch):
    computed, together = [], threading.Barrier(6)

    def result(whole: Cohort) -> object:
        computed.append(whole)
        time.sleep(0.2)
        return object()

    result.__module__ = "necc.analysis.survival.kaplan_meier"
    monkeypatch.setattr(st, "session_state", {KEY: State(sample())})

    def visit(_: int) -> object:
        together.wait()
        return cached(result)(sample())

    with ThreadPoolExecutor(6) as people:
        found = list(people.map(visit, range(6)))
    assert len(computed) == 1 and len(set(map(id, found))) == 1
    assert not FOR_ALL.makers
