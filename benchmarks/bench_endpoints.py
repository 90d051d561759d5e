"""How many endpoints of known cohorts a file gives without a person: right, asked, inverted, silent or wrong.

    python benchmarks/bench_endpoints.py [--all]        --all prints every data set

The cohorts are those of lifelines, scikit-survival and, where R is installed, of its packages survival, MASS, boot and
KMsurv; they are read from the packages, and only their endpoints stand in tests/files/known_endpoints.csv. Right: an
endpoint with the known times and events, no question open but the unit of the time. Asked: refused with a question
whose answers hold the right reading, or with another finding that says what is wrong with the file (repeated
identifiers, intervals). Told: read, with a warning that no endpoint was understood. A data set without an endpoint is
right where none is claimed.
"""

from __future__ import annotations

import argparse
import csv
import io
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from necc.core.dictionary import Dictionary  # noqa: E402
from necc.ingest import Inspection, inspect, open_file  # noqa: E402
from necc.ingest.suggest import suggest_mapping  # noqa: E402

TABLE = ROOT / "tests" / "files" / "known_endpoints.csv"
IN_R = """
out <- commandArgs(TRUE)[1]
keep <- function(pkg, name, d) if (is.data.frame(d))
  write.csv(d, file.path(out, paste0(pkg, "__", name, ".csv")), row.names = FALSE, na = "")
for (pkg in c("survival", "MASS", "boot", "KMsurv")) {
  if (!requireNamespace(pkg, quietly = TRUE)) next
  names <- unique(sub(" .*", "", data(package = pkg)$results[, "Item"]))
  for (n in names) {
    e <- new.env()
    suppressWarnings(try(data(list = n, package = pkg, envir = e), silent = TRUE))
    for (x in c(ls(e), n)) {
      d <- if (exists(x, envir = e, inherits = FALSE)) get(x, envir = e)
           else tryCatch(getExportedValue(pkg, x), error = function(err) NULL)
      keep(pkg, x, d)
    }
  }
}
"""
MOST_ANSWERS = 6


@dataclass(frozen=True)
class Known:
    """An endpoint that is known: its columns and the codes of its event; without columns the data set has none.

    verdict: what reading the data set gave when this was last looked at.
    """

    source: str
    name: str
    time: str
    event: str
    codes: tuple[str, ...]
    unit: str
    verdict: str


def known_endpoints() -> list[Known]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Known(**{**r, "codes": tuple(r["codes"].split("|"))}) for r in rows]


# ---------------------------------------------------------------- the data sets
def of_python(source: str, name: str) -> bytes:
    """A data set of lifelines or scikit-survival as CSV, its outcome beside the covariates."""
    if source == "lifelines":
        import lifelines.datasets

        frame = getattr(lifelines.datasets, f"load_{name}")()
    else:
        import sksurv.datasets

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            covariates, outcome = getattr(sksurv.datasets, f"load_{name}")()
        frame = covariates.copy()
        for column in outcome.dtype.names or outcome.columns:
            frame[column] = outcome[column]
    return bytes(frame.to_csv(index=False).encode())


def of_r(folder: Path) -> bool:
    """Every data frame of the R packages as CSV in a folder; whether R is there."""
    if not shutil.which("Rscript"):
        return False
    script = folder / "export.R"
    script.write_text(IN_R, encoding="utf-8")
    subprocess.run(["Rscript", str(script), str(folder)], check=True, capture_output=True)
    return True


def datasets(folder: Path) -> Iterator[tuple[list[Known], bytes]]:
    """Each data set that is installed, with its endpoints."""
    of_r(folder)
    by_set: dict[tuple[str, str], list[Known]] = {}
    for known in known_endpoints():
        by_set.setdefault((known.source, known.name), []).append(known)
    for (source, name), endpoints in by_set.items():
        file = folder / f"{source}__{name}.csv"
        if source in ("lifelines", "sksurv"):
            yield endpoints, of_python(source, name)
        elif file.is_file():
            yield endpoints, file.read_bytes()


# ---------------------------------------------------------------- judging
def truth(known: Known, data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Times as the file has them, and events; NaN and False where a cell is blank."""
    frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    time = pd.to_numeric(frame[known.time], errors="coerce").to_numpy(dtype=float)
    words = frame[known.event].str.replace(r"\.0+$", "", regex=True)
    return time, np.where(words == "", False, words.isin(known.codes)).astype(bool)


def is_right(result: Inspection, known: Known, data: bytes, *, inverted: bool = False) -> bool:
    """Whether one of the endpoints has the known times, in any unit, and events."""
    if result.cohort is None:
        return False
    time, event = truth(known, data)
    for name in result.cohort.endpoint_names():
        endpoint = result.cohort.endpoint(name)
        ours, valid = endpoint.time, endpoint.valid
        if len(ours) != len(time):
            continue
        both = valid & ~np.isnan(time)
        if both.sum() < 0.9 * (~np.isnan(time)).sum():
            continue
        scale = ours[both].sum() / time[both].sum()
        same = np.allclose(ours[both], time[both] * scale, rtol=1e-6, atol=1e-9)
        if same and (endpoint.event[both] == (~event if inverted else event)[both]).all():
            return True
    return False


def read(data: bytes, answers: tuple[str, ...] = ()) -> Inspection:
    """As a file that somebody gives, with answers; the unit of a time is answered as guessed."""
    opened = open_file(data, "known.csv")
    necc = Dictionary.builtin()
    mapping = suggest_mapping(opened.raw, necc)
    result = inspect(opened, mapping=mapping, dictionary=necc, answers=answers)
    for _ in range(10):
        units = [q for q in result.questions if q.code == "unit"]
        if not units or result.mapping is None:
            break
        answer = units[0].answer(units[0].suggested) or units[0].answers[0]
        result = inspect(opened, mapping=answer.mapping, dictionary=necc)
    return result


def reachable(result: Inspection, known: Known, data: bytes, depth: int = 3) -> bool:
    """Whether some answers to the open questions give the known endpoint."""
    if is_right(result, known, data):
        return True
    if not depth:
        return False
    opened = open_file(data, "known.csv")
    for question in [q for q in result.questions if q.decisive or result.cohort is not None][:1]:
        for answer in question.answers:
            after = inspect(opened, mapping=answer.mapping, dictionary=Dictionary.builtin())
            if reachable(after, known, data, depth - 1):
                return True
    return False


SAYS = {"long-file", "duplicate-id", "intervals"}


def verdict(endpoints: list[Known], data: bytes) -> str:
    """right, asked, told, refused, inverted, wrong or silent."""
    result = read(data)
    codes = {f.code for f in result.findings}
    wanted = [k for k in endpoints if k.time]
    open_ones = [q for q in result.questions if q.decisive]
    if not wanted:
        if result.cohort is not None and not result.cohort.endpoint_names():
            return "right" if "no-endpoint" in codes else "silent"
        return "asked" if result.cohort is None else "wrong"
    if all(is_right(result, k, data) for k in wanted):
        return "right"
    if any(is_right(result, k, data, inverted=True) for k in wanted):
        return "inverted"
    if open_ones or (result.questions and result.cohort is not None and not result.cohort.endpoint_names()):
        return "asked" if all(reachable(result, k, data) for k in wanted) else "asked otherwise"
    if codes & SAYS:
        return "told"
    if result.cohort is None:
        return "refused"
    if not result.cohort.endpoint_names():
        return "told" if "no-endpoint" in codes else "silent"
    return "wrong"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    verdicts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for endpoints, data in datasets(Path(folder)):
            said = verdict(endpoints, data)
            verdicts[said] += 1
            if options.all or said not in ("right", "asked"):
                print(f"{endpoints[0].source:10} {endpoints[0].name:32} {said}")
    n = verdicts.total()
    print(", ".join(f"{name} {k} ({100 * k / n:.0f} %)" for name, k in verdicts.most_common()), f"of {n}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
