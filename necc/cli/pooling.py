"""`necc pool`: the files of several centres as one cohort, compared within centres."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from necc.cli.io import Result, Usage, chosen_endpoint
from necc.cli.summarising import SIGNATURE
from necc.cli.tables import leave

if TYPE_CHECKING:
    from necc.analysis.centres import ByCentre, SharesByCentre
    from necc.centres import CentreFile, Pooled


def run(options: argparse.Namespace) -> int:
    """`necc pool`: curves, tests and ratios of an endpoint by centre, or with --shares what is had by how many."""
    from necc import centres

    if options.shares and (options.by or options.endpoint):
        raise Usage("--shares tells of sites or responses by centre; leave out --endpoint and --by")
    if options.public_key:
        _check_signatures(options.centre_files, options.public_key)
    pooled = centres.pool(centres.read_centre(path) for path in options.centre_files)
    options.notice = pooled.cohort.source.notice
    return _shares(options, pooled) if options.shares else _survival(options, pooled)


def _survival(options: argparse.Namespace, pooled: Pooled) -> int:
    from necc.analysis.centres import by_centre
    from necc.centres import CENTRE
    from necc.present import figures, tables

    endpoint = chosen_endpoint(options, pooled.cohort)
    result = by_centre(pooled.cohort, endpoint, options.by or None, centre=CENTRE, ties=options.ties, ci=options.ci,
                       level=options.level, time_width=pooled.time_width(endpoint))  # fmt: skip

    def shown() -> list[Any]:
        curves = tables.survival_summary(result.pooled)
        made = [tables.centre_files(pooled.centres), replace(curves, title=f"{curves.title}, all centres as one")]
        made += [tables.centre_ratios_table(result), tables.model_table(result.model, MODEL)] if result.model else []
        return made + ([tables.centre_bounds(result)] if result.bounds else [])

    def picture() -> Any:
        return figures.survival_curves(result.pooled, figures.PRINT)

    return leave(options, result, shown, picture, told=_told(pooled, result), first=_findings(pooled))


MODEL = "Cox model with each centre as a stratum"


def _shares(options: argparse.Namespace, pooled: Pooled) -> int:
    from necc.analysis.centres import response_by_centre, site_shares
    from necc.centres import CENTRE
    from necc.present import tables

    ask = site_shares if options.shares == "sites" else response_by_centre
    result: SharesByCentre = ask(pooled.cohort, centre=CENTRE, level=options.level)
    told: Result = {**result.to_dict(), "files": [_of_file(file) for file in pooled.centres]}
    told["notes"] = [*told.get("notes", []), *pooled.notes]
    return leave(options, result, lambda: [tables.centre_files(pooled.centres), tables.centre_shares_table(result)],
                 told=told, first=_findings(pooled))  # fmt: skip


def _told(pooled: Pooled, result: ByCentre) -> Result:
    """The answer as JSON: curves as `necc km` has them, and each centre with what its file says of itself."""
    told: Result = dict(result.to_dict())
    own = {file.centre: _of_file(file) for file in pooled.centres}
    found = {one.name: one.to_dict() for one in result.centres}
    nobody = {"n": 0, "n_events": 0, "strata": [], "terms": [], "note": "no patient of this endpoint"}
    told["centres"] = [{**own[name], **found.get(name, nobody)} for name in own]
    told["notes"] = [*told.get("notes", []), *pooled.notes]
    return told


def _of_file(file: CentreFile) -> dict[str, object]:
    rule = file.rule
    return {"name": file.centre, "patients": file.patients, "period": file.period, "sha256": file.sha256,
            "person_level": rule["person_level"], "time_grid": rule["time_grid"],
            "smallest_cell": rule["smallest_cell"]}  # fmt: skip


def _findings(pooled: Pooled) -> list[str]:
    """What isn't pooled or has to be known, above the tables."""
    lines = [f.line() for f in pooled.findings if f.severity != "info"]
    return [*lines, ""] if lines else []


def _check_signatures(files: list[Path], key: Path) -> None:
    """Raises AnalysisError for a file that isn't signed by the key's owner, or was changed since."""
    from necc.core.errors import AnalysisError

    if not shutil.which("minisign"):
        raise Usage("--public-key needs minisign, which isn't installed; see https://jedisct1.github.io/minisign")
    for path in files:
        beside = path.with_name(path.name + SIGNATURE)
        if not beside.is_file():
            raise AnalysisError(f"{path} isn't signed: there is no {beside.name} beside it; ask the centre for it")
        words = ["minisign", "-V", "-q", "-p", str(key), "-m", str(path), "-x", str(beside)]
        if subprocess.run(words, capture_output=True).returncode:  # noqa: S603  # a program of the person's own
            raise AnalysisError(
                f"the signature of {path} isn't that of {key.name}, or the file was changed since; ask the centre"
            )
