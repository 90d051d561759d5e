"""Codes that may stand the other way round: those with the event were followed longer, responders die more often."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.bench_endpoints import known_endpoints, of_python, of_r, truth
from necc.ingest import inspect
from necc.ingest.pairs import followed
from tests.test_pairs import asked, mapped

N = 40
RANDOM = np.random.default_rng(3)
DEATHS = RANDOM.exponential(20, N)
FOLLOWED = RANDOM.uniform(15, 30, N)
TIMES, DIED = np.minimum(DEATHS, FOLLOWED), DEATHS <= FOLLOWED


def file(heading: str, dead: np.ndarray, yes: str = "1", no: str = "0", time: str = "time (months)") -> str:
    rows = "".join(f"P{i},{TIMES[i]:.4f},{yes if dead[i] else no}\n" for i in range(N))
    return f'pid,{time},"{heading}"\n{rows}'


def codes(text: str, **options) -> list[str]:
    return [f.code for f in inspect(text.encode(), "c.csv", mapping=mapped(text), **options).findings]


@pytest.mark.parametrize("heading", ["status", "died", "OS_event", "relapse"])
def test_a_reversed_status_is_asked(heading):
    text = file(heading, ~DIED)
    question = asked(text)[f"direction:{heading}"]
    assert question.decisive and [a.name for a in question.answers] == ["1", "0"]
    labels = [a.label for a in question.answers]
    assert f"{(~DIED).sum()} events" in labels[0] and f"{DIED.sum()} events" in labels[1]
    assert "median" in labels[0] and "followed longer" in question.text
    for answer, events in zip(question.answers, (~DIED, DIED), strict=True):
        result = inspect(text.encode(), "c.csv", mapping=answer.mapping)
        endpoint = result.cohort.endpoint(result.cohort.endpoint_names()[0])
        assert endpoint.event.tolist() == events.tolist() and not result.questions


def test_what_words_say_is_a_warning():
    text = file("vital status", ~DIED, "Dead", "Alive")
    result = inspect(text.encode(), "c.csv", mapping=mapped(text))
    assert result.cohort is not None and "reversed-event" in [f.code for f in result.findings]


@pytest.mark.parametrize("heading", ["status", "died"])
def test_an_ordinary_status_is_not_doubted(heading):
    text = file(heading, DIED)
    assert f"direction:{heading}" not in asked(text) and "reversed-event" not in codes(text)


def test_a_known_endpoint_is_asked_too():
    text = file("died", ~DIED, time="prs_months")
    assert "direction:died" in asked(text)
    assert "direction:died" not in asked(file("died", DIED, time="prs_months"))


def test_responders_who_die_more_often_are_told():
    """15 of 20 responders dead, 5 of 20 progressors: z = 3.16."""
    rows = "".join(
        f"P{i},{1 + i % 9},{int(i % 20 < (15 if i < 20 else 5))},{'PR' if i < 20 else 'PD'}\n" for i in range(40)
    )
    text = f"patient_id,prs_months,died,best_response\n{rows}"
    assert "reversed-event" in codes(text)
    assert "reversed-event" not in codes(text.replace("PR", "SD"))
    swapped = text.replace("PR", "x").replace("PD", "PR").replace("x", "PD")
    assert "reversed-event" not in codes(swapped)


def test_the_ranks_are_those_of_r():
    """wilcox.test(c(5, 7, 9), c(1, 2, 7, 8), exact = FALSE, correct = FALSE): W = 8.5, p = 0.3724559."""
    result = followed(np.array([5.0, 7, 9, 1, 2, 7, 8]), np.array([1, 1, 1, 0, 0, 0, 0], dtype=bool))
    assert result.longer * 12 == 8.5
    assert result.z == pytest.approx(0.891882585, abs=1e-9)


# ---------------------------------------------------------------- known cohorts: how often it is wrong, and right
def test_known_cohorts(tmp_path):
    """No alarm on any endpoint as it is; with its codes reversed on at least 60 %."""
    there = of_r(tmp_path)
    false, seen, n = [], 0, 0
    for known in known_endpoints():
        path = tmp_path / f"{known.source}__{known.name}.csv"
        if not known.time or (known.source not in ("lifelines", "sksurv") and not (there and path.is_file())):
            continue
        python = known.source in ("lifelines", "sksurv")
        time, event = truth(known, of_python(known.source, known.name) if python else path.read_bytes())
        right, wrong = followed(time, event), followed(time, ~event)
        n += right is not None
        false += [known] if right is not None and right.is_odd else []
        seen += wrong is not None and wrong.is_odd
    assert not false
    assert seen >= 0.6 * n and n >= 20, (seen, n)
