"""Builds the reconstructed cohort: 88 synthetic patients whose tables give back the paper's printed figures.

No real patient is in here. The printed figures (necc/paper/data/published_2022.toml) and Table 5 are the only input.

    python sample_data/build_reconstruction.py           writes reconstructed_cohort.csv and paper_table5_ici.csv
    python sample_data/build_reconstruction.py --check   prints the table printed / reconstructed / difference
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import random
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from reconstruction_check import log_rank_p, markdown_table
from reconstruction_search import (
    SITES,
    TABLE5,
    A,
    L,
    N,
    Search,
    State,
    accepted,
    added_chi2,
    below,
    far,
    joint_score,
    moments,
    score_and_information,
    shuffled,
    skeleton,
    standard_error,
)

HERE = Path(__file__).resolve().parent
PUBLISHED = HERE.parent / "necc" / "paper" / "data" / "published_2022.toml"
COHORT, TABLE5_FILE = "reconstructed_cohort.csv", "paper_table5_ici.csv"
SEED, STEPS, LAST_STEPS = 103, 250_000, 16_000
ORGANS = ("liver", "abdominal_lymph_node", "adrenal", "pancreas", "spleen", "kidney")
COLUMNS = (
    "patient_id", "age_years", "histology", "mixed_component", "figo_2018", "figo_2008", "tumor_size_cm",
    "stromal_invasion", "stromal_invasion_grade", "lvsi", "nerve_invasion", "pelvic_node_metastasis", "hpv",
    "synaptophysin", "chromogranin_a", "cd56", "nse", "radical_surgery", "primary_radiation", "primary_chemo_cycles",
    "recurred", "ttr_months", "died", "prs_months", "os_months", *(f"site_{s}" for s in SITES),
    *(f"organ_{o}" for o in ORGANS), "n_lesions", "rec_chemotherapy", "rec_radiation", "rec_surgery",
    "antiangiogenic", "ici", "ici_agent", "ici_partner", "ici_start_months", "ici_cycles", "best_response",
    "final_response", "time_to_response_months", "response_followup_months", "progressed", "biomarker",
    "pd1", "pdl1", "tmb_high",
)  # fmt: skip
DURABLE_LARGE_CELL = 13  # row of Table 5 with a lasting CR: "the other patient had the LCNECC histology"
SEVERAL_CYCLES = 2.1  # months: three of three weeks, given before the ICI
DIGITS = {"tumor_size_cm": 1, "ttr_months": 1, "prs_months": 2, "os_months": 2, "ici_start_months": 2}
NAN = float("nan")


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- covariates that were known before the recurrence
class Dealer:
    """Deals a covariate's printed counts to the patients so that its printed hazard ratio comes out."""

    def __init__(self, state: State, paper: dict, rng: random.Random) -> None:
        self.state, self.rows, self.rng = state, paper["table3"]["univariate"], rng

    def counts(self, abdominal: Sequence[int], other: Sequence[int]) -> np.ndarray:
        """Codes 0, 1, ... of every patient: so many of each with and without abdominal recurrence."""
        codes = np.empty(N, int)
        for stratum, numbers in ((1, abdominal), (0, other)):
            who = np.flatnonzero(self.state.abdominal == stratum)
            codes[who] = shuffled(self.rng, np.repeat(np.arange(len(numbers)), numbers).tolist())
        return codes

    def fit(
        self,
        name: str,
        codes: np.ndarray,
        values: Sequence[Sequence[float]],
        targets: Sequence[str],
        strata: np.ndarray | None = None,
        extra: Callable[[np.ndarray], float] = lambda x: 0.0,
        steps: int = 4000,
    ) -> np.ndarray:
        """Swaps codes within `strata` until each column of `values` has its target's hazard ratio and SE.

        Few deaths in a small group make the search coarse, so it starts anew up to eight times.
        """
        table = np.array(values, float)
        beta = np.log([self.rows[t]["hr"] for t in targets])
        se = np.array([standard_error(self.rows[t]) for t in targets])
        strata = self.state.abdominal if strata is None else strata
        order, event = self.state.order, self.state.event

        def energy() -> float:
            x = table[codes[order]]
            u, i = score_and_information(moments(x, beta), x, event)
            i = np.maximum(i, 1e-6)
            return float(((u / i / 0.002) ** 2).sum()) + far(np.log(1 / np.sqrt(i) / se)) + extra(x)

        best, kept = math.inf, codes.copy()
        for _ in range(8):
            for stratum in np.unique(strata):
                who = np.flatnonzero(strata == stratum)
                codes[who] = shuffled(self.rng, codes[who].tolist())
            reached = self.swaps(codes, strata, energy, steps)
            if reached < best:
                best, kept = reached, codes.copy()
            if best < 4.0:
                break
        say(f"{name}: distance {best:.2f}")
        return kept

    def swaps(self, codes: np.ndarray, strata: np.ndarray, energy: Callable[[], float], steps: int) -> float:
        """Simulated annealing by swapping two patients' codes in place; returns the distance reached."""
        now = energy()
        for step in range(steps):
            i, j = below(self.rng, N), below(self.rng, N)
            if codes[i] == codes[j] or strata[i] != strata[j]:
                continue
            codes[i], codes[j] = codes[j], codes[i]
            new = energy()
            temperature = 100.0 * 0.001 ** (step / steps)
            if accepted(self.rng, now - new, temperature):
                now = new
            else:
                codes[i], codes[j] = codes[j], codes[i]
        return now


def baseline(state: State, paper: dict, rng: random.Random) -> dict[str, np.ndarray]:
    """Codes of the covariates of Tables 1, 3 and 4, in patient order."""
    deal = Dealer(state, paper, rng)
    no_yes, no_yes_blank = [[0], [1]], [[0], [1], [NAN]]
    out = {
        "older": deal.fit("age", deal.counts((28, 5), (34, 21)), no_yes, ["age_gt_50"]),
        "mixed": deal.fit("histology", deal.counts((23, 10), (39, 16)), no_yes, ["histology"]),
        # node-negative I + II, node-positive III + IV, then stage, nodes or both not recorded
        "stage": deal.fit(
            "stage and nodes",
            deal.counts((18, 10, 2, 2, 1), (30, 19, 3, 1, 2)),
            [[0, 0], [1, 1], [NAN, 0], [0, NAN], [NAN, NAN]],
            ["figo_stage", "plnm"],
            steps=8000,
        ),
        "large": deal.fit("size", deal.counts((15, 7, 11), (26, 12, 17)), no_yes_blank, ["tumor_size"]),
        "lvsi": deal.fit("LVSI", deal.counts((2, 25, 6), (10, 30, 15)), no_yes_blank, ["lvsi"]),
        "nerve": deal.fit("nerve invasion", deal.counts((11, 11, 11), (26, 10, 19)), no_yes_blank, ["nerve_invasion"]),
        "cycles": deal.fit("cycles", deal.counts((6, 27, 0), (9, 45, 1)), no_yes_blank, ["chemo_cycles"]),
        "radiation": deal.fit("radiation", deal.counts((10, 22, 1), (20, 31, 4)), no_yes_blank, ["radiation"]),
    }
    everyone = np.zeros(N)
    for marker, numbers in (("chromogranin_a", (17, 68, 3)), ("cd56", (8, 76, 4))):
        codes = np.array(shuffled(rng, np.repeat(np.arange(3), numbers).tolist()))
        out[marker] = deal.fit(marker, codes, no_yes_blank, [marker], strata=everyone)
    out["synaptophysin"] = separated(state, rng, out)
    out["grade"] = invasion(state, deal)
    return out


def separated(state: State, rng: random.Random, other: dict[str, np.ndarray]) -> np.ndarray:
    """Synaptophysin 79 of 84: the five negatives all live, which is what sends the printed hazard ratio to 23.4."""
    alive = state.order[~state.event]
    # a neuroendocrine tumour shows one marker at least
    eligible = [i for i in alive if other["chromogranin_a"][i] == 1 and other["cd56"][i] == 1]
    codes = np.ones(N, int)
    codes[shuffled(rng, eligible)[:5]] = 0
    codes[shuffled(rng, [i for i in range(N) if codes[i] == 1])[:4]] = 2
    return codes


def invasion(state: State, deal: Dealer) -> np.ndarray:
    """Depth as a graded code: 1 below a third (22 patients), 2-4 deeper (57), 0 not recorded (9)."""
    codes = np.zeros(N, int)
    for stratum, numbers in ((1, (6, 8, 8, 8)), (0, (16, 11, 11, 11))):
        who = np.flatnonzero((state.abdominal == stratum) & state.graded)
        codes[who] = shuffled(deal.rng, np.repeat((1, 2, 3, 4), numbers).tolist())
    order = state.order
    complete = (state.graded & ~np.isnan(state.ici))[order]
    both = np.stack([state.abdominal, state.lesions], axis=1)[order]
    beta = np.log([2.543, 1.626])
    w = complete * np.exp(both @ beta)

    def stays_out(x: np.ndarray) -> float:
        """Depth must neither be the first factor to enter nor follow the two the paper kept."""
        three = np.concatenate([both, np.nan_to_num(x)], axis=1)
        u, i = joint_score(three, w, state.event)
        u0, i0 = joint_score(three, complete.astype(float), state.event)
        alone = u0**2 / np.diag(i0)
        late = max(0.0, added_chi2(u, i, 2, 2) - 2.5)
        return 10 * late**2 + 10 * max(0.0, alone[2] + 0.5 - max(alone[0], alone[1])) ** 2

    strata = np.where(state.graded, state.abdominal, -1.0)
    values = [[NAN], [1], [2], [3], [4]]
    return deal.fit("depth of invasion", codes, values, ["invasion"], strata, stays_out, steps=8000)


# ---------------------------------------------------------------- columns
def ages(rng: random.Random, older: np.ndarray) -> list[int]:
    """Whole years: range 24-67, 26 above 50, median 46 and mean 46."""
    young = [24, 25, 27, 28, 29, 30, 31, 32, 33, 34, 34, 35, 35, 36, 36, 37, 37, 38, 38, 39, 39, 40, 40, 40, 41, 41, 41]
    young += [42, 42, 42, 43, 43, 43, 44, 44, 44, 44, 45, 45, 45, 45, 45, 45] + [46] * 4
    young += [47] * 4 + [48] * 4 + [49] * 4 + [50] * 3
    old = [51] * 3 + [52] * 3 + [53] * 3 + [54] * 2 + [55] * 2 + [56] * 2 + [57, 57, 58, 58, 59, 60, 61, 62, 63, 64, 67]
    pools = {0: shuffled(rng, young), 1: shuffled(rng, old)}
    return [pools[int(flag)].pop() for flag in older]


def pick(rng: random.Random, codes: np.ndarray, choices: dict[int, list]) -> list:
    """Deals a list of values to the patients of each code."""
    pools = {code: shuffled(rng, values) for code, values in choices.items()}
    return [pools[int(code)].pop() for code in codes]


def tumour(rng: random.Random, codes: dict[str, np.ndarray]) -> dict[str, list]:
    pure = [("small cell", "none")] * 48 + [("large cell", "none")] * 6 + [("NEC NOS", "none")] * 6
    pure += [("large cell", "small cell")] * 2
    mixed = [("small cell", "adenocarcinoma")] * 17 + [("small cell", "squamous or adenosquamous")] * 6
    mixed += [("NEC NOS", "adenocarcinoma")] * 3
    kinds = pick(rng, codes["mixed"], {0: pure, 1: mixed})
    # 2018 and 2008 stage: a positive node alone makes III in 2018 only
    early = [("I", "I")] * 35 + [("I", None)] * 7 + [("II", "II")] * 9
    late = [("III", "I")] * 12 + [("III", "II")] * 13 + [("III", None)] * 2 + [("IVA", "IVA")] * 2
    blank = [(None, "I")] * 3 + [(None, None)] * 5
    main = np.array([{0: 0, 3: 0, 1: 1, 2: 2, 4: 2}[int(c)] for c in codes["stage"]])
    stages = pick(rng, main, {0: early, 1: late, 2: blank})
    small = [round(1.0 + 0.1 * below(rng, 30), 1) for _ in range(38)] + [4.0] * 3
    large = [round(4.2 + 0.1 * below(rng, 36), 1) for _ in range(19)]
    size = pick(rng, codes["large"], {0: small, 1: large, 2: [None] * 28})
    grade = [int(g) or None for g in codes["grade"]]
    return {
        "age_years": ages(rng, codes["older"]),
        "histology": [k for k, _ in kinds],
        "mixed_component": [m for _, m in kinds],
        "figo_2018": [new for new, _ in stages],
        "figo_2008": [old for _, old in stages],
        "tumor_size_cm": size,
        "stromal_invasion": [None if g is None else "< 1/3" if g == 1 else ">= 1/3" for g in grade],
        "stromal_invasion_grade": grade,
        "pelvic_node_metastasis": [{0: 0, 1: 1, 2: 0}.get(int(c)) for c in codes["stage"]],
        "lvsi": flags(codes["lvsi"]),
        "nerve_invasion": flags(codes["nerve"]),
        "hpv": shuffled(rng, [1] * 40 + [0] * 3 + [None] * 45),
        "nse": shuffled(rng, [1] * 43 + [0] * 9 + [None] * 36),
        **{name: flags(codes[name]) for name in ("synaptophysin", "chromogranin_a", "cd56")},
        "radical_surgery": [1] * N,
        "primary_radiation": flags(codes["radiation"]),
        "primary_chemo_cycles": [
            (1 + below(rng, 3), (4, 4, 5, 6, 6, 6, 7, 8)[below(rng, 8)], None)[int(c)] for c in codes["cycles"]
        ],
    }


def flags(codes: np.ndarray) -> list[int | None]:
    return [int(c) if c < 2 else None for c in codes]


def organs(state: State, rng: random.Random) -> list[tuple[str, ...]]:
    """36 organs in 33 patients; Table 5 writes "liver" in row 8 and "abdominal" in four, so those are not liver."""
    nodes, liver = ("abdominal_lymph_node",), ("liver",)
    fixed = {8: liver, 9: ("spleen",), 11: nodes, 12: nodes, 13: nodes}
    rest = [liver] * 21 + [nodes, ("adrenal",), ("pancreas",), ("kidney",)]
    rest += [("liver", "abdominal_lymph_node"), ("liver", "adrenal"), ("liver", "pancreas")]
    rest = shuffled(rng, rest)
    return [
        () if A not in sites else fixed[case] if case else rest.pop()
        for sites, case in zip(state.sites, state.case, strict=True)
    ]


def times_to_recurrence(state: State, rng: random.Random) -> np.ndarray:
    """84 within 3 years, 87 within 5, one in month 70; medians 16.1 with and 11.2 without lung, log-rank p 0.008."""
    lung = state.flag(L) == 1
    while True:
        spread = 0.5 + 0.25 * rng.random()
        pools = {True: lognormal(rng, 34, 16.1, spread), False: lognormal(rng, 54, 11.2, spread)}
        pools[True][-1] = 70.0
        both = np.array(pools[True] + pools[False])
        if (both <= 36).sum() != 84 or (both <= 60).sum() != 87 or both.min() < 2.5:
            continue
        p = log_rank_p(both, np.ones(N, bool), np.repeat([1, 0], [34, 54]))
        if not 0.0078 < p < 0.0082:
            continue
        for _ in range(50):
            deck = {key: shuffled(rng, pool) for key, pool in pools.items()}
            ttr = np.array([deck[bool(flag)].pop() for flag in lung])
            if all(log_rank_p(ttr, np.ones(N, bool), state.flag(s)) > 0.1 for s in SITES[1:7]):
                return ttr


def lognormal(rng: random.Random, n: int, median: float, spread: float) -> list[float]:
    """n ascending times whose middle two both equal the median, so that every convention gives the same one."""
    half = n // 2
    z = sorted(sum(rng.random() for _ in range(12)) - 6 for _ in range(6 * n))[3::6]
    out = sorted(round(median * math.exp(spread * value), 1) for value in z)
    return [min(t, median) for t in out[: half - 1]] + [median, median] + [max(t, median) for t in out[half + 1 :]]


def later_treatment(state: State, rng: random.Random, prs: np.ndarray) -> dict[str, list]:
    """63 with chemotherapy, 26 with radiation, 20 with surgery, TACE or RFA among the 75 known."""
    known = [i for i in range(N) if state.known[i]]
    ici = [i for i in known if state.ici[i] == 1]
    plain = shuffled(rng, [i for i in known if state.ici[i] != 1])
    chemo = set(ici) | set(plain[:41])
    surgery = {i for i in ici if state.case[i] and TABLE5[state.case[i] - 1][2]}
    surgery |= set(shuffled(rng, [i for i in known if not state.case[i]])[:17])
    # bone and brain are irradiated more often
    radiation = sorted(known, key=lambda i: rng.random() - 0.5 * bool({"bone", "brain"} & set(state.sites[i])))[:26]
    sets = {"rec_chemotherapy": chemo, "rec_radiation": set(radiation), "rec_surgery": surgery}
    out = {name: [int(i in who) if state.known[i] else None for i in range(N)] for name, who in sets.items()}
    treated = [i for i in plain if i in chemo | surgery | set(radiation) and prs[i] > 2.4]
    best = dict(zip(treated[:41], ["CR"] * 2 + ["PR"] * 7 + ["SD"] * 17 + ["PD"] * 15, strict=True))
    # best and final agree on the nine responders: the paper does not say which of the two its 9/41 is
    final = {i: ("PD" if r == "SD" and rng.random() < 0.5 else r) for i, r in best.items()}
    out["best_response"] = [best.get(i) for i in range(N)]
    out["final_response"] = [final.get(i) for i in range(N)]
    return out


def checkpoint(state: State, rng: random.Random, prs: np.ndarray, out: dict[str, list]) -> None:
    """Table 5 in its sixteen patients; two dates of treatment that fit it, and the six not assessed."""
    names = ("ici_agent", "ici_partner", "ici_start_months", "ici_cycles", "time_to_response_months")
    for name in (*names, "response_followup_months", "progressed", "biomarker", "pd1", "pdl1", "tmb_high"):
        out[name] = [None] * N
    for i in range(N):
        if state.ici[i] != 1:
            continue
        if not state.case[i]:  # stopped before the third cycle
            out["ici_cycles"][i] = 1 + below(rng, 2)
            out["ici_start_months"][i] = round(prs[i] - min(0.7 + 1.8 * rng.random(), prs[i] - 0.5), 2)
            continue
        agent, partner, _, best, response, months, _, final, marker = TABLE5[state.case[i] - 1]
        slack = prs[i] - months
        out["ici_agent"][i], out["ici_partner"][i], out["biomarker"][i] = agent, partner, marker
        out["best_response"][i], out["final_response"][i] = best, final
        out["time_to_response_months"][i], out["response_followup_months"][i] = response, months
        out["progressed"][i] = int(final == "PD")
        # without progression the printed time ends with the follow-up, so the start follows from PRS
        start = slack if final != "PD" else slack * (0.3 + 0.6 * rng.random())
        out["ici_start_months"][i] = round(max(start, min(slack, SEVERAL_CYCLES)), 2)
        out["ici_cycles"][i] = 3 + below(rng, int(months * 30.4 / 21) - 2)
        for column, word in (("pd1", "PD-1"), ("pdl1", "PD-L1"), ("tmb_high", "TMB")):
            if marker and marker.startswith(word):
                out[column][i] = 1


def as_in_the_text(state: State, out: dict[str, list]) -> None:
    """What the text says of single patients of Table 5; each change is an exchange, so that no count moves.

    The second durable responder had large-cell histology. Without a biomarker, ICI came after antiangiogenic therapy,
    several cycles of chemotherapy or local radiotherapy: who had room for few cycles, and neither, had radiotherapy.
    """
    durable = state.case.index(DURABLE_LARGE_CELL)
    kind = (out["histology"][durable], out["mixed_component"][durable])
    alike = [
        i for i in range(N)
        if out["histology"][i] == "large cell" and out["mixed_component"][i] == "none" and not out["died"][i]
        and not state.case[i]
    ]  # fmt: skip
    other = min(alike, key=lambda i: abs(out["prs_months"][i] - out["prs_months"][durable]))
    for name, value in zip(("histology", "mixed_component"), kind, strict=True):
        out[name][durable], out[name][other] = out[name][other], value
    radiation = out["rec_radiation"]
    spare = [i for i in range(N) if state.case[i] and out["biomarker"][i] and radiation[i] == 1]
    for i in range(N):
        early = state.case[i] and not out["biomarker"][i] and out["ici_start_months"][i] < 3
        if early and radiation[i] == 0 and out["antiangiogenic"][i] != 1:
            radiation[i], radiation[spare.pop()] = 1, 0


# ---------------------------------------------------------------- the file
def build() -> dict[str, list]:
    """Every column of the cohort, in the order of the file."""
    paper = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))
    rng = random.Random(SEED)
    state = skeleton(rng)
    search = Search(state, paper, rng)
    search.anneal(STEPS, 60.0, 0.2, say)
    search.follow_path = True
    distance = search.anneal(LAST_STEPS, 4.0, 0.15, say)
    search.snap_medians()
    say(f"times and events: distance {distance:.2f}")
    codes = baseline(state, paper, rng)
    prs, died = np.empty(N), np.empty(N, int)
    prs[state.order], died[state.order] = state.time, state.event
    ttr = times_to_recurrence(state, rng)
    out = tumour(rng, codes)
    out |= {"recurred": [1] * N, "ttr_months": ttr.tolist(), "died": died.tolist(), "prs_months": prs.tolist()}
    out["os_months"] = [round(a + b, 2) for a, b in zip(ttr, prs, strict=True)]
    out |= {f"site_{s}": [int(v) for v in state.flag(s)] for s in SITES}
    found = organs(state, rng)
    out |= {f"organ_{o}": [int(o in patient) for patient in found] for o in ORGANS}
    out["n_lesions"] = [int(v) for v in state.lesions]
    out["antiangiogenic"] = [None if v != v else int(v) for v in state.aa]
    out["ici"] = [None if v != v else int(v) for v in state.ici]
    out |= later_treatment(state, rng, prs)
    checkpoint(state, rng, prs, out)
    as_in_the_text(state, out)
    rows = shuffled(rng, range(N))
    out = {name: [values[i] for i in rows] for name, values in out.items()}
    out["patient_id"] = [f"SYN-{i:03d}" for i in range(1, N + 1)]
    return out


def cohort_text(columns: dict[str, list]) -> str:
    def cell(name: str, value: object) -> str:
        if value is None:
            return ""
        return f"{value:.{DIGITS[name]}f}" if name in DIGITS else str(value)

    rows = [[cell(name, columns[name][i]) for name in COLUMNS] for i in range(N)]
    return csv_text(COLUMNS, rows)


def table5_text() -> str:
    """The sixteen printed rows, in the dictionary's column names."""
    names = (
        "patient_id", "ici_agent", "ici_partner", "rec_surgery", "best_response", "time_to_response_months",
        "response_followup_months", "recurrence_sites", "final_response", "biomarker",
    )  # fmt: skip
    rows = []
    for number, (agent, partner, surgery, best, response, months, sites, final, marker) in enumerate(TABLE5, start=1):
        cells = (number, agent, partner, surgery, best, response, months, ";".join(sites), final, marker)
        rows.append(["" if c is None else str(c) for c in cells])
    return csv_text(names, rows)


def csv_text(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([names, *rows])
    return buffer.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build or check the reconstructed (synthetic) cohort.")
    parser.add_argument("--check", action="store_true", help="print the table printed / reconstructed / difference")
    parser.add_argument("--to", type=Path, default=HERE, help="folder to write into (default: this one)")
    options = parser.parse_args(arguments)
    if options.check:
        print(markdown_table(HERE / COHORT, PUBLISHED))
        return 0
    for name, text in ((TABLE5_FILE, table5_text()), (COHORT, cohort_text(build()))):
        (options.to / name).write_text(text, encoding="utf-8", newline="")
        say(f"written: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
