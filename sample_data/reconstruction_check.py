"""The table printed / reconstructed / relative difference of the reconstructed cohort, from the file as it is.

Plain NumPy on the CSV's rounded values, on purpose not the app: the app is checked against this, and the tests check
both with lifelines. Cox models: Efron and Breslow agree, because no two survival times in the file are equal.
"""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

SITES = ("lung", "abdominal", "pelvic", "bone", "cervicothoracic_lymph_node", "brain", "vaginal_vault")
Z95 = 1.959963984540054


def read_numbers(path: Path) -> dict[str, np.ndarray]:
    """Columns of the file: floats with NaN for blank, or text where a column holds text."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    out = {}
    for name in rows[0]:
        cells = [row[name] for row in rows]
        try:
            out[name] = np.array([float(c) if c else math.nan for c in cells])
        except ValueError:
            out[name] = np.array(cells)
    return out


def yes(mask: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.where(known, mask.astype(float), math.nan)


def covariates(data: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The covariates of Table 3 as they are coded here; the second group named in a row is coded 1."""
    stage, depth, size = data["figo_2018"], data["stromal_invasion"], data["tumor_size_cm"]
    sites = sum(data[f"site_{s}"] for s in (*SITES, "other"))
    known = ~np.isnan(data["rec_chemotherapy"])
    return {
        "age_gt_50": yes(data["age_years"] > 50, ~np.isnan(data["age_years"])),
        "figo_stage": yes(np.isin(stage, ["III", "IVA"]), stage != ""),
        "histology": np.isin(data["mixed_component"], ["adenocarcinoma", "squamous or adenosquamous"]).astype(float),
        "tumor_size": yes(size > 4, ~np.isnan(size)),
        "invasion": data["stromal_invasion_grade"],
        "invasion (0/1)": yes(depth == ">= 1/3", depth != ""),
        "lvsi": data["lvsi"],
        "nerve_invasion": data["nerve_invasion"],
        "plnm": data["pelvic_node_metastasis"],
        "synaptophysin": data["synaptophysin"],
        "chromogranin_a": data["chromogranin_a"],
        "cd56": data["cd56"],
        "chemo_cycles": yes(data["primary_chemo_cycles"] >= 4, ~np.isnan(data["primary_chemo_cycles"])),
        "radiation": data["primary_radiation"],
        **{s: data[f"site_{s}"] for s in SITES},
        "number_of_sites": data["n_lesions"],
        "number_of_sites (0/1)": (sites > 1).astype(float),
        "antiangiogenic": np.where(known, data["antiangiogenic"], math.nan),
        "antiangiogenic (84 known)": data["antiangiogenic"],
        "ici": data["ici"],
    }


# ---------------------------------------------------------------- estimates
def cox(time: np.ndarray, event: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, standard errors and log likelihood of a Cox model; x is (n, k) without missing values."""
    order = np.argsort(time, kind="stable")
    event, x = event[order].astype(bool), x[order]
    beta, k = np.zeros(x.shape[1]), x.shape[1]
    for _ in range(30):
        w = np.exp(x @ beta)
        parts = [w[:, None], w[:, None] * x, (w[:, None, None] * x[:, :, None] * x[:, None, :]).reshape(len(x), k * k)]
        total = np.concatenate(parts, axis=1)[::-1].cumsum(axis=0)[::-1][event]
        mean = total[:, 1 : k + 1] / total[:, :1]
        information = (total[:, k + 1 :] / total[:, :1]).sum(axis=0).reshape(k, k) - mean.T @ mean
        step = np.linalg.solve(information, (x[event] - mean).sum(axis=0))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    likelihood = float((x[event] @ beta).sum() - np.log(total[:, 0]).sum())
    return beta, np.sqrt(np.diag(np.linalg.inv(information))), likelihood


def survival(time: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kaplan-Meier: the distinct times and S after each."""
    at, where = np.unique(time, return_inverse=True)
    deaths, n = np.bincount(where, event.astype(float)), np.bincount(where)
    return at, np.cumprod(1 - deaths / n[::-1].cumsum()[::-1])


def median(time: np.ndarray, event: np.ndarray) -> float:
    at, s = survival(time, event)
    return float(at[(s <= 0.5 + 1e-12).argmax()]) if s[-1] <= 0.5 else math.inf


def survival_at(time: np.ndarray, event: np.ndarray, months: float) -> float:
    at, s = survival(time, event)
    return float(s[np.searchsorted(at, months, side="right") - 1])


def log_rank_p(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    """Two groups coded 1 and 0, ties by the hypergeometric variance."""
    at, where = np.unique(time, return_inverse=True)
    size = len(at)
    deaths = np.bincount(where, event.astype(float), size)
    in_one = np.bincount(where, event * group, size)
    n = np.bincount(where, minlength=size)[::-1].cumsum()[::-1]
    n1 = np.bincount(where, group.astype(float), size)[::-1].cumsum()[::-1]
    several = n > 1
    expected = deaths * n1 / n
    variance = np.zeros(size)
    m = n[several]
    variance[several] = (deaths * n1)[several] * (m - n1[several]) * (m - deaths[several]) / (m * m * (m - 1))
    return two_sided((in_one - expected).sum() / math.sqrt(variance.sum()))


def two_sided(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))


def forward(time: np.ndarray, event: np.ndarray, x: Mapping[str, np.ndarray]) -> tuple[list[str], np.ndarray]:
    """Forward stepwise selection by the likelihood ratio (entry below 0.05) in the complete cases given."""
    chosen: list[str] = []
    columns = {name: values[:, None] for name, values in x.items()}
    before = -float(np.log(np.arange(len(time), 0, -1)[event[np.argsort(time)].astype(bool)]).sum())
    while len(chosen) < len(x):
        tried = {
            name: cox(time, event, np.concatenate([columns[c] for c in (*chosen, name)], axis=1))[2]
            for name in x
            if name not in chosen
        }
        best = max(tried, key=lambda name: tried[name])
        if two_sided(math.sqrt(max(0.0, 2 * (tried[best] - before)))) >= 0.05:
            break
        chosen.append(best)
        before = tried[best]
    return chosen, np.concatenate([columns[c] for c in chosen], axis=1) if chosen else np.empty((len(time), 0))


# ---------------------------------------------------------------- rows of the table
Row = tuple[str, float | None, float, str]


def difference(printed: float | None, found: float) -> str:
    return "" if printed is None else f"{100 * (found / printed - 1):+.1f} %"


def hazard_rows(data: Mapping[str, np.ndarray], paper: Mapping) -> list[str]:
    time, event = data["prs_months"], data["died"]
    out = []
    for name, x in covariates(data).items():
        known = ~np.isnan(x)
        printed = paper["table3"]["univariate"].get(name)
        label = f"HR {name}, n = {known.sum()}, deaths {int(event[known].sum())}"
        if name == "synaptophysin":
            none = f"no finite estimate: {int(event[x == 0].sum())} deaths in {int((x == 0).sum())} negatives"
            out.append(f"| {label} | {printed['hr']} | {none} | in kind |")
            continue
        beta, se, _ = cox(time[known], event[known], x[known, None])
        out.append(line(label, printed and printed["hr"], math.exp(beta[0]), 3))
        wanted = printed and math.log(printed["ci"][1] / printed["ci"][0]) / (2 * Z95)
        out.append(line(f"SE log HR {name}", wanted, se[0], 3))
        out.append(line(f"Wald p {name}", printed and printed["p"], two_sided(beta[0] / se[0]), 3))
    return out


def stepwise_rows(data: Mapping[str, np.ndarray], paper: Mapping) -> list[str]:
    x = covariates(data)
    out = []
    for note, number, depth in (("recorded codes", "number_of_sites", "invasion"),
                                ("0/1 codes", "number_of_sites (0/1)", "invasion (0/1)")):  # fmt: skip
        entered = {name: x[name] for name in (depth, "abdominal", "pelvic", number, "ici")}
        complete = ~np.isnan(np.stack(list(entered.values()))).any(axis=0)
        time, event = data["prs_months"][complete], data["died"][complete]
        chosen, design = forward(time, event, {name: values[complete] for name, values in entered.items()})
        label = f"Forward LR, {note}, n = {complete.sum()}, deaths {int(event.sum())}"
        out.append(f"| {label}: kept | abdominal, number_of_sites | {', '.join(chosen) or 'none'} | |")
        if not chosen:
            continue
        beta, se, _ = cox(time, event, design)
        for name, b, s in zip(chosen, beta, se, strict=True):
            printed = paper["table3"]["multivariate"].get(name.removesuffix(" (0/1)"))
            out.append(line(f"{label}: HR {name}", printed and printed["hr"], math.exp(b), 3))
            for side, at in (("lower", -Z95), ("upper", Z95)):
                limit = printed and printed["ci"][side == "upper"]
                out.append(line(f"{label}: {side} limit {name}", limit, math.exp(b + at * s), 3))
    return out


def curve_rows(data: Mapping[str, np.ndarray], paper: Mapping) -> list[str]:
    prs, died, ttr, recurred = (data[n] for n in ("prs_months", "died", "ttr_months", "recurred"))
    text = paper["text"]
    out = [
        line("Median follow-up, median of PRS times", text["prs"]["followup_median"], np.median(prs), 2),
        line("Median follow-up, reverse Kaplan-Meier", None, median(prs, 1 - died), 2),
        line("Shortest PRS time", text["prs"]["followup_range"][0], prs.min(), 2),
        line("Longest PRS time", text["prs"]["followup_range"][1], prs.max(), 2),
        line("5-year PRS, %", text["prs"]["five_year_pct"], 100 * survival_at(prs, died, 60), 2),
    ]
    for name in ("abdominal", "pelvic"):
        flag = data[f"site_{name}"]
        for value, printed in zip((1, 0), text["prs"][f"{name}_median"], strict=True):
            label = f"Median PRS {'with' if value else 'without'} {name} recurrence"
            out.append(line(label, printed, median(prs[flag == value], died[flag == value]), 2))
    for value, printed in zip((1, 0), text["prs"]["abdominal_three_year_pct"], strict=True):
        of = data["site_abdominal"] == value
        label = f"3-year PRS {'with' if value else 'without'} abdominal recurrence, %"
        out.append(line(label, printed, 100 * survival_at(prs[of], died[of], 36), 2))
    for site in SITES:
        printed = text["prs"].get(f"{site}_p")
        out.append(line(f"Log-rank p of PRS, {site}", printed, log_rank_p(prs, died, data[f"site_{site}"]), 3))
    for value, printed in zip((1, 0), text["ttr"]["lung_median"], strict=True):
        of = data["site_lung"] == value
        label = f"Median TTR {'with' if value else 'without'} lung recurrence"
        out.append(line(label, printed, median(ttr[of], recurred[of]), 2))
    for site in SITES:
        printed = text["ttr"].get(f"{site}_p")
        out.append(line(f"Log-rank p of TTR, {site}", printed, log_rank_p(ttr, recurred, data[f"site_{site}"]), 3))
    return out


def line(label: str, printed: float | None, found: float, digits: int) -> str:
    shown = "not printed" if printed is None else f"{printed:.{digits}f}"
    return f"| {label} | {shown} | {found:.{digits}f} | {difference(printed, found)} |"


def markdown_table(cohort: Path, published: Path) -> str:
    """The table of README.md: every target with a tolerance, printed beside reconstructed."""
    data = read_numbers(cohort)
    paper = tomllib.loads(published.read_text(encoding="utf-8"))
    head = ["| Figure | Printed | Reconstructed | Relative difference |", "|---|---|---|---|"]
    parts: Sequence[Callable[[Mapping, Mapping], list[str]]] = (curve_rows, hazard_rows, stepwise_rows)
    return "\n".join(head + [row for part in parts for row in part(data, paper)])
