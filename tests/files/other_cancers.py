"""Writes melanoma.csv, lung.csv, breast.csv and ovary.csv: synthetic patients as public files write them.

Seeded; run it from this folder. The values right for them are in tests/test_other_cancers.py, made by R.
"""

import csv
import random
from pathlib import Path

SEED = 20261130


def melanoma(draw: random.Random) -> list[list[str]]:
    """`Alive Status` Y/N: N is death. Times in days, a mutation with `n.d.`, a hidden `Pt ID`."""
    rows = [["Pt ID", "Age", "Sex", "Histology", "Stage", "BRAF", "Best Response", "OS (days)", "Alive Status"]]
    for i in range(36):
        dead = draw.random() < 0.6
        days = draw.randint(30, 700) if dead else draw.randint(300, 1400)
        response = draw.choice(["PD", "PD", "SD"] if dead else ["CR", "PR", "SD"])
        rows.append([
            f"Pt{i + 1}", str(draw.randint(31, 86)), draw.choice("MF"),
            draw.choice(["superficial spreading", "nodular", "acral lentiginous"]),
            draw.choice(["IIIC", "M1a", "M1b", "M1c"]), draw.choice(["V600E", "WT", "n.d."]), response, str(days),
            "N" if dead else "Y",
        ])  # fmt: skip
    return rows


def lung(draw: random.Random) -> list[list[str]]:
    """Identifiers that name an organ, PD-L1 per cent, another Histology, -9 and `[Not Available]`."""
    rows = [
        ["PatientID", "age", "gender", "Histology", "PD-L1", "Overall.Stage", "Survival.time", "deadstatus.event"],
    ]
    for i in range(40):
        dead = draw.random() < 0.75
        days = draw.randint(20, 900) if dead else draw.randint(500, 2500)
        rows.append([
            f"LUNG1-{i + 1:03d}", draw.choice([f"{draw.uniform(45, 85):.4f}", "NA"]), draw.choice(["male", "female"]),
            draw.choice(["small cell (SCLC)", "adenocarcinoma", "squamous cell carcinoma", "nos"]),
            draw.choice(["0", "1", "5", "20", "50", "80", "-9"]), draw.choice(["I", "II", "IIIa", "IIIb"]),
            "[Not Available]" if i in (7, 21) else str(days), "1" if dead else "0",
        ])  # fmt: skip
    return rows


def breast(draw: random.Random) -> list[list[str]]:
    """`No_Recurrence` 1/0: 0 is recurrence. Stage 0, grade, `'--` and `[Not Available]`."""
    rows = [["Study No.", "Age", "Histology", "Stage", "Grade", "ER", "RFS months", "No_Recurrence"]]
    for i in range(30):
        free = draw.random() < 0.5
        months = draw.uniform(20, 90) if free else draw.uniform(3, 60)
        rows.append([
            str(101 + i), str(draw.randint(28, 79)), draw.choice(["ductal", "lobular", "mucinous"]),
            draw.choice(["0", "I", "IIA", "IIB", "IIIA"]), draw.choice(["1", "2", "3", "'--"]),
            draw.choice(["positive", "negative", "[Not Available]"]), "'--" if i == 11 else f"{months:.1f}",
            "1" if free else "0",
        ])  # fmt: skip
    return rows


def ovary(draw: random.Random) -> list[list[str]]:
    """Codes in the heading, 0 = dead; -9 for a time that isn't known, and a time without a unit."""
    rows = [["Subject", "age_years", "residual", "FIGO", "grade", "time", "OS_event (0=dead,1=alive)"]]
    for i in range(32):
        dead = draw.random() < 0.65
        months = draw.uniform(2, 50) if dead else draw.uniform(20, 95)
        rows.append([
            f"OV{i + 1:02d}", str(draw.randint(35, 82)), draw.choice(["none", "< 1 cm", "> 1 cm", "n.d."]),
            draw.choice(["IC", "IIB", "IIIC", "IV"]), draw.choice(["2", "3", "9"]),
            "-9" if i in (4, 19) else f"{months:.1f}", "0" if dead else "1",
        ])  # fmt: skip
    return rows


if __name__ == "__main__":
    for place, make in enumerate((melanoma, lung, breast, ovary)):
        with Path(f"{make.__name__}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(make(random.Random(SEED + place)))
