"""Search behind build_reconstruction.py: who has which sites, treatment, time and event, so that print comes out.

A one-step trick keeps it fast: a hazard ratio equals its target exactly when the Cox score at the target is zero, so
U(b)/I(b) at the printed b is the distance and 1/sqrt(I(b)) the standard error; nothing is iterated. All survival times
differ, so the Efron, Breslow and exact partial likelihoods are the same.

Only `random.Random.random()` feeds the search, because its sequence is guaranteed not to change between versions.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

N = 88
SITES = ("lung", "abdominal", "pelvic", "bone", "cervicothoracic_lymph_node", "brain", "vaginal_vault", "other")
L, A, P, B, C, R, V, O = SITES  # noqa: E741  O: breast, thyroid

# Table 5 as printed: agent, partner, surgery, best, months to response, months to progression or last follow-up,
# sites, final, biomarker. Spelling slips of print ("ciaplatin", "Brian") are mended, nothing else.
PC, EC = "Paclitaxel + cisplatin", "Etoposide + cisplatin"
TABLE5 = (
    ("Nivolumab", "Paclitaxel", 1, "CR", None, 7, (V,), "PR", "PD-L1 staining positive"),
    ("Pembrolizumab", "CPT11", 1, "CR", 4, 8, (L,), "CR", "PD-1 staining positive"),
    ("Camrelizumab", PC, 0, "CR", 4, 5, (L,), "CR", None),
    ("Tislelizumab", PC, 1, "CR", 3, 4, (L,), "CR", None),
    ("Sintilimab", PC, 0, "SD", None, 4, (L,), "PR", None),
    ("Pembrolizumab", EC, 0, "PD", None, 3, (L,), "PD", None),
    ("Toripalimab", PC, 0, "PD", None, 3, (L,), "PD", None),
    ("Nivolumab", PC, 0, "SD", None, 3, ("liver",), "PD", None),
    ("Sintilimab", PC, 0, "PD", None, 3, (A,), "PD", None),
    ("Tislelizumab / Sintilimab", "CPT11 + cisplatin / paclitaxel", 0, "PR", 6, 10, (P,), "PD", None),
    ("Sintilimab", EC, 0, "PD", None, 3, (A, C), "PD", None),
    ("Pembrolizumab", "CPT11", 0, "PR", 2, 14, (A, L), "PD", None),
    ("Sintilimab", "Paclitaxel", 0, "CR", 6, 12, (A, P, V), "CR", "TMB-H"),
    ("Tislelizumab", "Paclitaxel", 0, "PR", 3, 3, (B,), "PR", None),
    ("Camrelizumab", "CPT11 + cisplatin", 0, "SD", None, 4, (R,), "SD", None),
    ("Sintilimab", PC, 0, "SD", None, 3, (R,), "SD", "PD-L1 staining positive"),
)
# The other 72: 49 with one site, 38 with two and case 13 with three give 128 site entries, "other" = 2 counted.
# Negative counts: treatment unknown or ICI is dealt out later within the abdominal strata.
OTHERS = (
    ((A,), 12), ((A, L), 7), ((A, P), 7), ((A, C), 1), ((A, B), 1),
    ((L,), 5), ((P,), 9), ((B,), 1), ((C,), 2), ((R,), 2), ((V,), 4), ((O,), 1),
    ((L, B), 5), ((L, C), 4), ((L, R), 3), ((L, P), 2), ((L, O), 1), ((P, V), 1), ((P, B), 2), ((P, C), 1), ((B, C), 1),
)  # fmt: skip


def below(rng: random.Random, n: int) -> int:
    return int(rng.random() * n)


def accepted(rng: random.Random, gain: float, temperature: float) -> bool:
    """Metropolis' rule. A number is always drawn: two equal distances that differ in the last bit on another processor
    must not shift the sequence."""
    return rng.random() < math.exp(min(0.0, gain / temperature))


def shuffled(rng: random.Random, items: Sequence) -> list:
    out = list(items)
    for i in range(len(out) - 1, 0, -1):
        j = below(rng, i + 1)
        out[i], out[j] = out[j], out[i]
    return out


# ---------------------------------------------------------------- Cox pieces on rank order
def moments(x: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Risk-set weights (w, wx, wx2) of each column at `beta`, (m, 3k); a missing value weighs nothing."""
    known = ~np.isnan(x)
    filled = np.where(known, x, 0.0)
    w = known * np.exp(filled * beta)
    return np.concatenate([w, w * filled, w * filled * filled], axis=1)


def score_and_information(z: np.ndarray, x: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score U and information I of k one-covariate Cox models; rows in ascending order of time."""
    k = x.shape[1]
    total = z[::-1].cumsum(axis=0)[::-1][event]
    s0 = np.where(total[:, :k] > 0, total[:, :k], 1.0)
    mean = total[:, k : 2 * k] / s0
    at = x[event]
    known = ~np.isnan(at)
    u = np.where(known, np.where(known, at, 0.0) - mean, 0.0).sum(axis=0)
    i = (known * (total[:, 2 * k :] / s0 - mean * mean)).sum(axis=0)
    return u, i


def joint_score(x: np.ndarray, w: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score vector and information matrix of one Cox model with weights w = exp(x b) (0 = not in the model)."""
    k = x.shape[1]
    xx = (x[:, :, None] * x[:, None, :]).reshape(len(x), k * k)
    total = (w[:, None] * np.concatenate([np.ones((len(x), 1)), x, xx], axis=1))[::-1].cumsum(axis=0)[::-1]
    rows = event & (w > 0)
    total, at = total[rows], x[rows]
    mean = total[:, 1 : k + 1] / total[:, :1]
    second = (total[:, k + 1 :] / total[:, :1]).sum(axis=0).reshape(k, k)
    return (at - mean).sum(axis=0), second - mean.T @ mean


def added_chi2(u: np.ndarray, i: np.ndarray, kept: int, extra: int) -> float:
    """Score chi-square for adding covariate `extra` to a model of the first `kept`, taken as fitted."""
    cross = i[:kept, extra]
    spare = i[extra, extra] - cross @ np.linalg.solve(i[:kept, :kept], cross)
    return float(u[extra] ** 2 / max(spare, 1e-9))


def log_likelihood(x: np.ndarray, event: np.ndarray, start: Sequence[float], steps: int = 3) -> float:
    """Partial log likelihood after a few Newton steps from a good start."""
    beta = np.array(start, float)
    for _ in range(steps):
        w = np.exp(x @ beta)
        u, i = joint_score(x, w, event)
        beta = beta + np.clip(np.linalg.solve(i + 1e-6 * np.eye(len(beta)), u), -1.5, 1.5)
    at_risk = np.exp(x @ beta)[::-1].cumsum()[::-1]
    return float((x[event] @ beta).sum() - np.log(at_risk[event]).sum())


def standard_error(row: dict) -> float:
    lower, upper = row["ci"]
    return math.log(upper / lower) / (2 * 1.959963984540054)


# ---------------------------------------------------------------- the search over times, events, sites, treatment
@dataclass
class State:
    """Patients (fixed index) and the order of their PRS; columns of `x` are the covariates searched together."""

    sites: list[tuple[str, ...]]
    case: list[int]  # row of Table 5, 0 = none
    known: np.ndarray  # detailed treatment known
    ici: np.ndarray  # 1, 0, NaN
    aa: np.ndarray  # antiangiogenic 1, 0, NaN
    graded: np.ndarray  # depth of invasion known
    lesions: np.ndarray
    order: np.ndarray  # patient at each rank of time
    event: np.ndarray  # death at each rank of time
    time: np.ndarray  # months at each rank
    abdominal: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.abdominal = self.flag(A)

    def flag(self, site: str) -> np.ndarray:
        return np.array([float(site in s) for s in self.sites])


def skeleton(rng: random.Random) -> State:
    """Sites and treatment labels with the printed counts; who is who is searched later."""
    sites = [tuple(A if s == "liver" else s for s in row[6]) for row in TABLE5]
    case = list(range(1, 17))
    for combination, count in OTHERS:
        sites += [combination] * count
        case += [0] * count
    known, ici, aa = np.ones(N), np.zeros(N), np.zeros(N)
    graded = np.ones(N, bool)
    ici[:16] = 1
    # abdominal: (patients, ICI beyond Table 5, unknown, antiangiogenic of known, of unknown, not recorded, no grade)
    for stratum, (more_ici, unknown, yes, yes_unknown, blank, no_grade) in {
        1: (3, 5, 5, 1, 1, 3), 0: (3, 8, 9, 1, 3, 6),
    }.items():  # fmt: skip
        rest = shuffled(rng, [i for i in range(16, N) if (A in sites[i]) == bool(stratum)])
        out, treated, plain = rest[:unknown], rest[unknown : unknown + more_ici], rest[unknown + more_ici :]
        known[out] = 0
        ici[out], ici[treated] = np.nan, 1
        aa[out[:yes_unknown]], aa[out[yes_unknown : yes_unknown + blank]] = 1, np.nan
        aa[plain[:yes]] = 1
        graded[plain[-no_grade:]] = False
    lesions = np.array([1.0 if len(s) == 1 else float(len(s)) for s in sites])
    time = time_grid(rng)
    event = np.zeros(N, bool)
    event[shuffled(rng, range(N - 1))[:40]] = True
    order = np.array(shuffled(rng, range(N)))
    return State(sites, case, known, ici, aa, graded, lesions, order, event, time)


def time_grid(rng: random.Random) -> np.ndarray:
    """88 different PRS in months: range 2.37-65.50, the middle two around 11.10, the medians wanted among them."""
    low = [2.37 + 8.5 * ((i + 0.7 * (rng.random() - 0.5)) / 43) ** 0.95 for i in range(1, 43)]
    high = [11.3 - 13.5 * math.log(1 - (i + 0.6 * (rng.random() - 0.5)) / 42.8) for i in range(1, 41)]
    times = [round(t, 2) for t in [2.37, *low, 11.02, 11.18, *high, 61.93, 63.40, 65.50]]
    for wanted in (12.20, 15.50, 18.00, 26.60):
        nearest = min(range(45, 85), key=lambda i: abs(times[i] - wanted))
        times[nearest] = wanted
    if len(times) != N or sorted(set(times)) != times:
        raise RuntimeError("time grid: 88 different ascending times expected")
    return np.array(times)


UNIVARIATE = (*SITES[:7], "number_of_sites", "antiangiogenic", "antiangiogenic", "ici")


def near(off: np.ndarray) -> float:
    """Penalty for log hazard ratios: a parabola inside 2 %, a line beyond, so that one event can change hands."""
    away = np.abs(off)
    return float(np.minimum((away / 0.004) ** 2, 25 + 400 * (away - 0.02)).sum())


def far(spread: np.ndarray) -> float:
    """Penalty for the log ratio of standard errors: gentle inside 4 %, steep beyond."""
    away = np.abs(spread)
    return float(((away / 0.03) ** 2 + (np.maximum(0.0, away - 0.04) / 0.01) ** 2).sum())


class Search:
    """Energy of a state: distance of everything that depends on times, events, sites or treatment from print."""

    def __init__(self, state: State, paper: dict, rng: random.Random) -> None:
        self.state, self.rng = state, rng
        rows = paper["table3"]["univariate"]
        self.beta = np.log([rows[name]["hr"] for name in UNIVARIATE])
        self.se = np.array([standard_error(rows[name]) for name in UNIVARIATE])
        both = paper["table3"]["multivariate"]
        self.joint = np.log([both["abdominal"]["hr"], both["number_of_sites"]["hr"], 1.0, 1.0])
        self.joint_se = np.array([standard_error(both[name]) for name in ("abdominal", "number_of_sites")])
        # the seven sites again at b = 0 (log-rank), and four candidates of the stepwise model in complete cases
        self.columns_beta = np.concatenate([self.beta, np.zeros(11)])
        text = paper["text"]["prs"]
        self.median = np.array([*text["abdominal_median"], *reversed(text["pelvic_median"])])
        self.survival = (text["five_year_pct"] / 100, text["abdominal_three_year_pct"][0] / 100)
        pelvic = state.flag(P)
        self.groups = np.stack([np.ones(N), state.abdominal, 1 - state.abdominal, pelvic, 1 - pelvic], axis=1)
        self.site_flags = np.stack([state.flag(s) for s in SITES[:7]], axis=1)
        self.earliest = np.array([TABLE5[c - 1][5] + 0.6 if c else 0.0 for c in state.case])
        alive = [c > 0 and TABLE5[c - 1][7] != "PD" for c in state.case]
        self.alive = np.array(alive)
        self.follow_path = False  # the stepwise path by likelihood ratios is slow: switched on for the last steps
        self.refresh(np.arange(N), create=True)

    def refresh(self, who: np.ndarray, create: bool = False) -> None:
        s = self.state
        aa75 = np.where(s.known[who] == 1, s.aa[who], np.nan)
        treat = np.stack([s.lesions[who], s.aa[who], aa75, s.ici[who]], axis=1)
        flags = self.site_flags[who]
        complete = s.graded[who] & ~np.isnan(s.ici[who])
        four = np.stack([s.abdominal[who], s.lesions[who], flags[:, 2], np.nan_to_num(s.ici[who])], axis=1)
        candidates = np.where(complete[:, None], four, np.nan)
        x = np.concatenate([flags, treat, flags, candidates], axis=1)
        z = moments(x, self.columns_beta)
        w = complete * np.exp(four @ self.joint)
        if create:
            self.x, self.z, self.four, self.w = x, z, four, w
        else:
            self.x[who], self.z[who], self.four[who], self.w[who] = x, z, four, w

    def energy(self) -> float:
        s = self.state
        o, event = s.order, s.event
        u, i = score_and_information(self.z[o], self.x[o], event)
        i = np.maximum(i, 1e-6)
        k = len(self.beta)
        off = u[:k] / i[:k]
        spread = np.log(1 / np.sqrt(i[:k]) / self.se)
        total = near(off) + far(spread)
        chi2 = u[k:] ** 2 / i[k:]
        for j in (0, 3, 4, 5, 6):  # log-rank of the sites that print "no effect"
            total += max(0.0, chi2[j] - 3.5) ** 2 * 4
        total += max(0.0, 3.95 - chi2[2]) ** 2 * 200  # pelvic below 0.05
        total += max(0.0, max(chi2[9], chi2[10]) + 0.4 - max(chi2[7], chi2[8])) ** 2 * 4
        total += (max(0.0, spread[2] - 0.015) / 0.003) ** 2  # and its Wald p
        total += ((event.sum() - 41) / 1.5) ** 2  # the standard errors of the covariates dealt out later
        if self.follow_path:
            total += self.path(o, event)
        return total + self.stepwise(o, event) + self.curves(o, event) + self.bounds(o, event)

    def stepwise(self, o: np.ndarray, event: np.ndarray) -> float:
        u, i = joint_score(self.four[o], self.w[o], event)
        inverse = np.linalg.inv(i[:2, :2] + 1e-6 * np.eye(2))
        off = inverse @ u[:2]
        spread = np.log(np.sqrt(np.diag(inverse)) / self.joint_se)
        total = ((off / 0.01) ** 2).sum() + ((spread / 0.03) ** 2).sum()
        for extra, most in ((2, 3.0), (3, 2.2)):  # the likelihood ratio exceeds the score where HR is far below 1
            total += max(0.0, added_chi2(u, i, 2, extra) - most) ** 2 * 20
        return float(total)

    def path(self, o: np.ndarray, event: np.ndarray) -> float:
        """Forward selection in the complete cases: abdominal and number first and second, nothing third."""
        rows = self.w[o] > 0
        x, died = self.four[o][rows], event[rows]
        start = np.array([0.93, 0.49, 0.3, -1.1])

        def fit(*columns: int) -> float:
            return 2 * log_likelihood(x[:, columns], died, start[list(columns)])

        one = [fit(j) for j in range(4)]
        first = 0 if one[0] > one[1] else 1
        both, with_pelvic, with_ici = fit(0, 1), fit(first, 2), fit(first, 3)
        short = [
            max(one[2], one[3]) + 0.4 - one[first],
            one[first] + 4.4 - both,
            max(with_pelvic, with_ici) + 0.5 - both,
            fit(0, 1, 2) - both - 3.4,
            fit(0, 1, 3) - both - 3.4,
        ]
        return sum(20 * max(0.0, gap) ** 2 for gap in short)

    def curves(self, o: np.ndarray, event: np.ndarray) -> float:
        g = self.groups[o]
        at_risk = g[::-1].cumsum(axis=0)[::-1]
        s = np.cumprod(1 - g * event[:, None] / np.maximum(at_risk, 1.0), axis=0)
        total = 0.0
        for j, (target, width) in enumerate(zip(self.median, (0.005, 0.005, 0.2, 0.2), strict=True), start=1):
            below_half = s[:, j] <= 0.5
            median = self.state.time[int(below_half.argmax())] if below_half[-1] else 90.0
            total += min(abs(math.log(median / target)) / width, 60.0)
            total += 20.0 * float((np.abs(s[:, j] - 0.5) < 1e-6).any())  # a flat step at 0.5: conventions differ
        five = s[self.state.time.searchsorted(60.0, side="right") - 1, 0]
        three = s[self.state.time.searchsorted(36.0, side="right") - 1, 1]
        total += ((five - self.survival[0]) / 0.0015) ** 2
        return float(total + ((three - self.survival[1]) / 0.0015) ** 2)

    def bounds(self, o: np.ndarray, event: np.ndarray) -> float:
        s = self.state
        short = np.maximum(0.0, self.earliest[o] - s.time)
        early_ici = (s.ici[o] == 1) & (s.time < 3.6)
        slow = self.alive[o] & (s.time > 36.0)  # started ICI more than two years after the first recurrence
        last = 50.0 * bool(event[-1])
        late = (short + (short > 0)).sum() * 15 + 40 * (event & self.alive[o]).sum()
        return float(late + 6 * early_ici.sum() + slow.sum() + last)

    def propose(self) -> Callable[[], None] | None:
        """Makes one random move; returns what takes it back (None: nothing was changed)."""
        kind = self.rng.random()
        if kind < 0.4:
            return self.swap_ranks()
        if kind < 0.45:
            return self.slide_time()
        if kind < 0.7:
            return self.move_event()
        if kind < 0.8:
            return self.change_lesions()
        return self.swap_treatment(("known", "ici", "aa") if kind < 0.9 else ("aa",) if kind < 0.95 else ("graded",))

    def swap_ranks(self) -> Callable[[], None] | None:
        i = below(self.rng, N)
        j = below(self.rng, N) if self.rng.random() < 0.4 else min(N - 1, i + 1 + below(self.rng, 8))
        if i == j:
            return None
        o = self.state.order

        def swap() -> None:
            o[i], o[j] = o[j], o[i]

        swap()
        return swap

    def move_event(self) -> Callable[[], None] | None:
        e = self.state.event
        i, j = below(self.rng, N), below(self.rng, N)
        if e[i] == e[j]:
            j = i  # toggles one

        def flip() -> None:
            e[i] = not e[i]
            if j != i:
                e[j] = not e[j]

        flip()
        return flip

    def slide_time(self) -> Callable[[], None] | None:
        t = self.state.time
        i = below(self.rng, N)
        if i in (0, 43, 44, N - 1):  # the range and the median follow-up
            return None
        old, low, high = t[i], round(t[i - 1] * 100), round(t[i + 1] * 100)
        if high - low < 3:
            return None
        new = (low + 1 + below(self.rng, high - low - 1)) / 100
        wanted = self.median[below(self.rng, 2)]
        t[i] = wanted if t[i - 1] < wanted < t[i + 1] else new

        def back() -> None:
            t[i] = old

        return back

    def snap_medians(self) -> None:
        """Moves the two abdominal medians onto the printed value where no other time is in between."""
        o, t = self.state.order, self.state.time
        g = self.groups[o][:, 1:3]
        at_risk = np.maximum(g[::-1].cumsum(axis=0)[::-1], 1.0)
        s = np.cumprod(1 - g * self.state.event[:, None] / at_risk, axis=0)
        for j in range(2):
            rank = int((s[:, j] <= 0.5).argmax())
            if t[rank - 1] < self.median[j] < t[rank + 1] and rank not in (43, 44):
                t[rank] = self.median[j]

    def change_lesions(self) -> Callable[[], None] | None:
        i = below(self.rng, N)
        s = self.state
        fewest, old = len(s.sites[i]), s.lesions[i]
        new = old + (1 if self.rng.random() < 0.5 else -1)
        if fewest == 1 or not fewest <= new <= 6:
            return None
        who = np.array([i])

        def put(value: float) -> None:
            s.lesions[i] = value
            self.refresh(who)

        put(new)
        return lambda: put(old)

    def swap_treatment(self, names: tuple[str, ...]) -> Callable[[], None] | None:
        s = self.state
        i, j = below(self.rng, N), below(self.rng, N)
        if s.abdominal[i] != s.abdominal[j]:
            return None
        if "ici" in names and (s.case[i] or s.case[j]):
            return None
        if names == ("aa",) and s.known[i] != s.known[j]:
            return None
        arrays = [getattr(s, name) for name in names]
        if all(a[i] == a[j] or (a[i] != a[i] and a[j] != a[j]) for a in arrays):
            return None
        who = np.array([i, j])

        def swap() -> None:
            for a in arrays:
                a[i], a[j] = a[j], a[i]
            self.refresh(who)

        swap()
        return swap

    def anneal(self, steps: int, hot: float, cold: float, say: Callable[[str], None]) -> float:
        now = self.energy()
        for step in range(steps):
            temperature = hot * (cold / hot) ** (step / steps)
            undo = self.propose()
            if undo is None:
                continue
            new = self.energy()
            if accepted(self.rng, now - new, temperature):
                now = new
            else:
                undo()
            if step % 5000 == 0:
                say(f"times and events: step {step} of {steps}, distance {now:.2f}")
        return now
