"""What a session keeps of its results, and by what it knows them again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import pytest
import streamlit as st
from cohorts import survival_cohort

from necc.app.session.cache import cached
from necc.app.session.state import KEY, State
from necc.core.cohort import Cohort
from necc.core.selection import Selection


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
