"""Synthetic cohorts of any size for the benchmarks: the paper's site rates and medians, seeded."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

SITES = {
    "site_lung": 0.39, "site_abdominal": 0.37, "site_pelvic": 0.27, "site_bone": 0.12,
    "site_cervicothoracic_lymph_node": 0.11, "site_brain": 0.08, "site_vaginal_vault": 0.08,
}  # fmt: skip


def frame(n: int, seed: int = 655) -> pd.DataFrame:
    """`n` made-up patients under the dictionary's column names; times in months of daily resolution."""
    rng = np.random.default_rng(seed)
    days = rng.exponential(700, n).round() + 30
    prs = np.minimum(days, rng.uniform(60, 2000, n).round())
    columns: dict[str, object] = {
        "patient_id": [f"SYN-{i:07d}" for i in range(n)],
        "age_years": rng.integers(24, 80, n),
        "histology": rng.choice(["small cell", "large cell", "NEC NOS"], n, p=[0.8, 0.1, 0.1]),
        "figo_2018": rng.choice(["I", "II", "III", "IVA"], n, p=[0.5, 0.15, 0.3, 0.05]),
        "primary_chemo_cycles": rng.integers(1, 9, n),
        "ttr_months": (rng.exponential(400, n).round() / 30.4375).round(2),
        "recurred": 1,
        "prs_months": (prs / 30.4375).round(2),
        "died": (days <= prs).astype(int),
        "ici": (rng.random(n) < 0.25).astype(int),
    }
    columns |= {name: (rng.random(n) < share).astype(int) for name, share in SITES.items()}
    response = rng.choice(["CR", "PR", "SD", "PD"], n)
    columns["best_response"] = np.where(columns["ici"] == 1, response, "")
    columns["final_response"] = columns["best_response"]
    return pd.DataFrame(columns)


def csv(n: int, seed: int = 655) -> bytes:
    """The same as a file."""
    buffer = io.StringIO()
    frame(n, seed).to_csv(buffer, index=False)
    return buffer.getvalue().encode()
