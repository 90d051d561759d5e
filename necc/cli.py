"""The command line: the same results as the pages, unrounded.

Exit codes: 0 accepted, 1 refused (a file or a question that can't be answered), 2 usage. Never a traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from necc.errors import CohortError, DictionaryError, Finding, NeccError

if TYPE_CHECKING:
    from necc.cohort import Cohort
    from necc.competing import CumulativeIncidence
    from necc.dictionary import Dictionary
    from necc.ingest import OwnColumns

Result = dict[str, object]
Command = Callable[[argparse.Namespace], int]


class Usage(Exception):
    """The command was written in a way that can't be carried out: exit code 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except Usage as error:
        print(f"necc {options.command}: {error}", file=sys.stderr)
        return 2
    except (CohortError, DictionaryError) as error:
        return _refuse(options, [f.message for f in error.findings if f.severity == "error"], error.findings)
    except NeccError as error:
        return _refuse(options, [str(error)], ())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        return _refuse(options, ["there is not enough memory for this file on this machine"], ())
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, no cell value
        return _refuse(options, [f"this should not have happened ({type(error).__name__}); please report it"], ())


def _refuse(options: argparse.Namespace, messages: Sequence[str], findings: Sequence[Finding]) -> int:
    if getattr(options, "json", False):
        _print_json({"accepted": False, "error": " | ".join(messages), "findings": [f.to_dict() for f in findings]})
    else:
        for message in messages:
            print(f"error: {message}", file=sys.stderr)
    return 1


def _print_json(result: Result) -> None:
    json.dump(result, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    print()


# ---------------------------------------------------------------- options
def _parser() -> argparse.ArgumentParser:
    from necc import __version__

    parser = argparse.ArgumentParser(prog="necc", description="Recurrence sites, survival and response in a cohort.")
    parser.add_argument("--version", action="version", version=f"necc {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    app = commands.add_parser("app", help="start the dashboard in a browser")
    app.add_argument("--data", metavar="FILE", type=Path, help="a cohort to open")
    app.set_defaults(run=_app)
    for name, help_text, run in (
        ("check", "read a file and tell what was found", _check),
        ("map", "guess how a file's columns are to be understood, and save it", _map),
        ("km", "Kaplan-Meier curves, medians and log-rank test", _km),
        ("sites", "distribution of recurrence sites", _sites),
        ("response", "response to immune checkpoint inhibitors", _response),
        ("compare", "characteristics of groups side by side, with tests", _compare),
        ("cox", "Cox regression", _cox),
        ("cif", "cumulative incidence with competing risks", _cif),
        ("reproduce", "a paper's tables and figures computed again", _reproduce),
    ):
        command = commands.add_parser(name, help=help_text, description=help_text)
        _cohort_options(command)
        command.set_defaults(run=run)
        EXTRA_OPTIONS.get(name, lambda parser: None)(command)
    help_text = "what arithmetic alone can tell about printed figures"
    command = commands.add_parser("audit", help=help_text, description=help_text)
    command.add_argument("file", metavar="FILE", type=Path, nargs="?", help="a claim file; else the shipped paper")
    command.add_argument("--json", action="store_true", help="print the result as JSON, unrounded")
    command.add_argument("--all", action="store_true", help="print the consistent figures too")
    command.set_defaults(run=_audit)
    return parser


def _cohort_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that reads a cohort."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the cohort")
    parser.add_argument("--json", action="store_true", help="print the result as JSON, unrounded")
    parser.add_argument("--dictionary", default="", help="one that ships (necc, cervical), or a dictionary file")
    parser.add_argument(
        "--mapping", metavar="FILE", type=Path, help="how its columns are understood (see necc map); FILE.mapping.toml "
        "beside the cohort is used by itself"
    )  # fmt: skip
    parser.add_argument("--codebook", metavar="FILE", type=Path, help="the data dictionary (CSV) of a REDCap project")
    parser.add_argument("--sheet", default="", metavar="NAME", help="sheet of a workbook; the fullest without it")
    parser.add_argument("--header-row", default=0, type=int, metavar="N", help="row that names the columns")
    parser.add_argument(
        "--where", action="append", default=[], metavar="NAME=LEVEL,LEVEL", help="keep these patients only; repeatable"
    )
    own = parser.add_argument_group("a file's own columns, without a dictionary")
    own.add_argument("--id", default="", metavar="COL", help="identifier; the row number without it")
    own.add_argument("--time", default="", metavar="COL", help="time to event or censoring")
    own.add_argument("--event", default="", metavar="COL", help="event column")
    own.add_argument("--event-value", action="append", default=[], metavar="VALUE", help="a code that means the event")
    own.add_argument("--unit", default="months", choices=("days", "weeks", "months", "years"), help="unit of the time")
    own.add_argument("--sites", default="", metavar="COL,COL", help="recurrence sites: 0/1 columns, or one with names")


def _by_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="NAME", help="stratify by a variable, site:NAME, n_sites or number>cut")


def _km_options(parser: argparse.ArgumentParser) -> None:
    _by_option(parser)
    _endpoint_option(parser)
    parser.add_argument("--ci", default="log-log", choices=("log-log", "log", "plain"), help="confidence interval")
    parser.add_argument("--at", default="", metavar="T,T", help="times at which survival is told")


def _endpoint_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--endpoint", default="", metavar="NAME", help="TTR, PRS, OS ...; a name for own columns")


def _compare_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", required=True, metavar="NAME", help="the groups: a variable, site:NAME, number>cut")
    parser.add_argument("--variables", default="", metavar="A,B,C", help="which characteristics; all by default")
    _convention_option(parser)


def _cox_options(parser: argparse.ArgumentParser) -> None:
    _endpoint_option(parser)
    parser.add_argument("--covariates", required=True, metavar="A,B,C", help="variables, site:NAME, number>cut")
    parser.add_argument("--univariate", action="store_true", help="each covariate alone, with p adjusted")
    parser.add_argument(
        "--stepwise", metavar="METHOD", choices=("forward-lr", "forward-wald", "forward-score", "forward-conditional")
    )
    parser.add_argument("--ties", default="efron", choices=("efron", "breslow"))
    parser.add_argument("--strata", default="", metavar="A,B", help="factors with baseline hazards of their own")


def _cif_options(parser: argparse.ArgumentParser) -> None:
    _by_option(parser)
    _endpoint_option(parser)
    parser.add_argument("--rule", default="own cause", choices=("own cause", "counted in each", "hierarchy"))
    parser.add_argument("--hierarchy", default="", metavar="SITE,SITE", help="the order of sites for that rule")
    parser.add_argument("--censored", metavar="VALUE", help="the code of --event that means censored; 0 by default")


def _response_options(parser: argparse.ArgumentParser) -> None:
    _by_option(parser)
    parser.add_argument("--response", default="best", metavar="best|final|COLUMN", help="which response counts")
    parser.add_argument("--denominator", default="evaluable", choices=("evaluable", "treated"))
    _convention_option(parser)


def _sites_options(parser: argparse.ArgumentParser) -> None:
    _by_option(parser)
    _convention_option(parser)


def _convention_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--convention", default="paper", choices=("paper", "r", "exact"), help="how tests of tables are chosen"
    )


def _reproduce_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", metavar="FILE", type=Path, help="another paper's recipe; else the shipped one")
    parser.add_argument("--everybody", action="store_true", help="without the paper's criteria of admission")
    parser.add_argument("--all", action="store_true", help="print the reproduced figures too")


def _map_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to write it; else it is printed")


EXTRA_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "map": _map_options,
    "km": _km_options,
    "sites": _sites_options,
    "response": _response_options,
    "compare": _compare_options,
    "cox": _cox_options,
    "cif": _cif_options,
    "reproduce": _reproduce_options,
}


# ---------------------------------------------------------------- reading
def _own(options: argparse.Namespace) -> OwnColumns:
    from necc.ingest import OwnColumns

    return OwnColumns(
        options.id, options.time, options.event, tuple(options.event_value), options.unit, tuple(_names(options.sites)),
        getattr(options, "endpoint", ""),
    )  # fmt: skip


def _read(options: argparse.Namespace) -> Cohort:
    """The cohort that the options name, filtered."""
    from necc.ingest import read_cohort
    from necc.selection import Selection

    cohort = read_cohort(options.file, **_how(options))
    return Selection.parse(options.where).apply(cohort)


def _how(options: argparse.Namespace) -> dict[str, object]:
    """How the file is to be read, as arguments of `read_cohort`."""
    from dataclasses import replace

    from necc.ingest import Mapping, Reading

    own = _own(options)
    path = options.mapping or _beside(options.file)
    mapping = Mapping.from_toml(_bytes(path)) if path and not own.is_plain else None
    reading = mapping.reading if mapping else Reading()
    chosen = {"sheet": options.sheet, "header_row": options.header_row}
    return {
        "dictionary": _dictionary(options.dictionary), "own": own, "mapping": mapping,
        "reading": replace(reading, **{k: v for k, v in chosen.items() if v}),
        "codebook": _bytes(options.codebook) if options.codebook else b"",
    }  # fmt: skip


def _beside(file: Path) -> Path | None:
    """The mapping that was saved beside a file."""
    path = file.with_name(f"{file.name}.mapping.toml")
    if not path.is_file():
        return None
    print(f"note: the mapping {path.name} beside the file is used", file=sys.stderr)
    return path


def _bytes(path: Path) -> bytes:
    from necc.ingest.raw import fail

    try:
        return path.read_bytes()
    except OSError:
        raise fail("unreadable-file", f"the file '{path.name}' can't be opened") from None


def _dictionary(name: str) -> Dictionary | None:
    from necc.dictionary import Dictionary

    if not name:
        return None
    path = Path(name)
    if path.suffix != ".toml":
        return Dictionary.builtin(name)
    try:
        return Dictionary.from_toml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        message = f"the dictionary file '{path.name}' can't be read as UTF-8 text"
        raise DictionaryError([Finding("error", "dictionary", message)]) from None


# ---------------------------------------------------------------- commands
def _app(options: argparse.Namespace) -> int:
    from necc import launch

    if options.data and not options.data.is_file():
        print(f"error: there is no file {options.data}", file=sys.stderr)
        return 1
    return launch.start(options.data) or 0


def _check(options: argparse.Namespace) -> int:
    from necc.ingest import inspect
    from necc.selection import Selection

    inspection = inspect(options.file, **_how(options))
    if inspection.cohort and options.where:
        Selection.parse(options.where).apply(inspection.cohort)
    if options.json:
        _print_json(inspection.to_dict())
    else:
        _print_check(inspection.to_dict())
    return 0 if inspection.accepted else 1


def _map(options: argparse.Namespace) -> int:
    from necc.ingest import inspect, open_file
    from necc.ingest.build import dictionary_of
    from necc.ingest.suggest import suggest_mapping

    how = _how(options)
    opened = open_file(options.file, reading=how["reading"], codebook=how["codebook"])
    mapping = suggest_mapping(opened.raw, how["dictionary"] or dictionary_of(how["mapping"]), how["reading"])
    if options.output:
        try:
            options.output.write_text(mapping.to_toml(), encoding="utf-8")
        except OSError as error:
            return _refuse(options, [f"the mapping can't be written: {error.strerror}"], ())
    inspection = inspect(opened, mapping=mapping, dictionary=how["dictionary"])
    if options.json:
        columns = [{"column": c.column, "role": c.role, "variable": c.variable, "confidence": c.confidence,
                    "reason": c.reason} for c in mapping.columns]  # fmt: skip
        _print_json({"signature": mapping.signature, "columns": columns, **inspection.to_dict()})
    elif options.output:
        for column in mapping.columns:
            sure = f"{100 * column.confidence:.0f} %"
            print(f"{column.column}: {column.variable or column.role} ({sure}) {column.reason}")
        for finding in inspection.findings:
            print(f"{finding.severity}: {finding.message}")
    else:
        print(mapping.to_toml(), end="")
    return 0


def _print_check(result: Result) -> None:
    for finding in result["findings"]:
        print(f"{finding['severity']}: {finding['message']}")
    verdict = f"accepted: {result['patients']} patients" if result["accepted"] else "refused"
    print(verdict)
    for name, facts in result["summary"]["endpoints"].items():
        print(f"  {name}: {facts['patients']} patients, {facts['events']} events, "
              f"{facts['total_time']:.1f} {facts['unit']} in total")  # fmt: skip
    for name, n in result["summary"]["sites"].items():
        print(f"  site {name}: {n}")


def _km(options: argparse.Namespace) -> int:
    from necc.survival import kaplan_meier

    cohort = _read(options)
    endpoint = _endpoint(options, cohort)
    try:
        times = [float(t) for t in options.at.split(",") if t.strip()]
    except ValueError:
        raise Usage(f"--at takes numbers with commas between them, not '{options.at}'") from None
    result = kaplan_meier(cohort, endpoint, options.by, ci=options.ci, times=times)
    _show(options, result.to_dict(), _km_lines)
    return 0


def _endpoint(options: argparse.Namespace, cohort: Cohort) -> str:
    """The endpoint that was named, or the only one there is."""
    names = cohort.endpoint_names()
    if options.endpoint or len(names) == 1:
        return options.endpoint or names[0]
    shown = ", ".join(names) or "none: name --time and --event"
    raise Usage(f"--endpoint is needed; this file has {shown}")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _show(options: argparse.Namespace, result: Result, lines: Callable[[Result], list[str]]) -> None:
    if options.json:
        _print_json(result)
    else:
        print("\n".join([*lines(result), *_tail_lines(result)]))


def _tail_lines(result: Result) -> list[str]:
    """What every result ends with: who was left out, and notes."""
    left_out = [f"left out: {e['reason']} ({e['n']})" for e in result.get("excluded", [])]
    return [*left_out, *(f"note: {note}" for note in result.get("notes", []))]


def _km_lines(result: Result) -> list[str]:
    from necc.text import NOT_REACHED, format_estimate, format_number, p_phrase

    lines = [f"{result['endpoint']} in {result['unit']}: {result['n']} patients, {result['n_events']} events"]
    for stratum in result["strata"]:
        median = format_estimate(stratum["median"], *stratum["median_ci"], digits=1)
        lines.append(f"  {stratum['name']}: n {stratum['n']}, events {stratum['events']}, median {median}")
    for row in result["at_times"]:
        shown = format_number(row["survival"], 3, NOT_REACHED)
        lines.append(f"  {row['name']} at {row['time']:g}: {shown}, {row['n_at_risk']} at risk")
    lines.append(f"{result['test']['name']}: {p_phrase(result['test']['p'])}; {result['ci']} confidence intervals")
    return lines


def _sites(options: argparse.Namespace) -> int:
    from necc.recurrence import site_distribution

    result = site_distribution(_read(options), options.by, options.convention)
    _show(options, result.to_dict(), _site_lines)
    return 0


def _site_lines(result: Result) -> list[str]:
    from necc.text import format_ci, format_count

    lines = [f"{result['n']} patients, sites by {result['scheme']}"]
    for site in result["sites"]:
        limits = [None if site[k] is None else 100 * site[k] for k in ("ci_lower", "ci_upper")]
        lines.append(f"  {site['label']}: {format_count(site['n'], site['of'])}, exact 95 % CI {format_ci(*limits)}")
    return lines


def _response(options: argparse.Namespace) -> int:
    from necc.response import response_rates

    result = response_rates(
        _read(options), options.response, options.denominator, options.by, convention=options.convention
    )
    _show(options, result.to_dict(), _response_lines)
    return 0


def _response_lines(result: Result) -> list[str]:
    from necc.text import format_ci, format_count, p_phrase

    def rates(row: Result, indent: str) -> list[str]:
        lines = []
        for key, name in (("orr", "objective response rate"), ("dcr", "disease control rate")):
            rate = row[key]
            limits = [None if rate[k] is None else 100 * rate[k] for k in ("ci_lower", "ci_upper")]
            lines.append(f"{indent}{name}: {format_count(rate['n'], rate['of'])}, exact 95 % CI {format_ci(*limits)}")
        return lines

    lines = [f"{result['response']} response, {result['denominator']} patients, {result['population']}"]
    lines += rates(result, "  ")
    for stratum in result["strata"]:
        lines += [f"  {stratum['name']}: n {stratum['n']}", *rates(stratum, "    ")]
    if result.get("test"):
        lines.append(f"{result['test']['name']}: {p_phrase(result['test']['p'])}")
    return lines


# ---------------------------------------------------------------- groups and models
def _compare(options: argparse.Namespace) -> int:
    from necc.baseline import compare

    names = _names(options.variables) or None
    _show(options, compare(_read(options), options.by, names, options.convention).to_dict(), _compare_lines)
    return 0


def _compare_lines(result: Result) -> list[str]:
    from necc.text import format_count, p_phrase

    lines = ["by " + result["by"] + ": " + ", ".join(f"{g['name']} (n {g['n']})" for g in result["groups"])]
    for row in result["variables"]:
        test = row["test"] or {"name": "no test", "p": None}
        lines.append(f"  {row['label']} (n {row['n']}): {test['name']}, {p_phrase(test['p'])}")
        for level in row.get("levels") or []:
            shown = (format_count(n, of) for n, of in zip(level["counts"], level["of"], strict=True))
            lines.append(f"    {level['level']}: {', '.join(shown)}")
    return lines


def _cox(options: argparse.Namespace) -> int:
    cohort = _read(options)
    endpoint, covariates = _endpoint(options, cohort), _names(options.covariates)
    shared = {"ties": options.ties, "strata": _names(options.strata)}
    if options.univariate and options.stepwise:
        raise Usage("--univariate and --stepwise exclude each other")
    if options.univariate:
        result = _univariate(cohort, endpoint, covariates, shared)
    elif options.stepwise:
        result = _stepwise(cohort, endpoint, covariates, options.stepwise, shared)
    else:
        from necc.regression import cox

        result = cox(cohort, endpoint, covariates, **shared).to_dict()
    _show(options, result, _cox_lines)
    return 0


NO_MODEL = {
    "concordance": None,
    "tests": dict.fromkeys(("likelihood_ratio", "wald", "score")),
    "proportional_hazards": [],
}


def _univariate(cohort: Cohort, endpoint: str, covariates: list[str], shared: dict) -> Result:
    """Every covariate alone, in the form of a model: `terms` hold each one's own n and adjusted p."""
    from necc.regression import univariate

    result = univariate(cohort, endpoint, covariates, **shared).to_dict()
    terms = [
        {**term, "variable": row["variable"], "n": row["n"], "events": row["events"], "p_adjusted": row["p_adjusted"]}
        for row in result["univariate"]
        for term in row["terms"]
    ]
    n = max((row["n"] for row in result["univariate"]), default=0)
    events = max((row["events"] for row in result["univariate"]), default=0)
    return {**result, "n": n, "events": events, "terms": terms, **NO_MODEL}


def _stepwise(cohort: Cohort, endpoint: str, covariates: list[str], method: str, shared: dict) -> Result:
    """The selected model, with the selection's steps beside it."""
    from necc.regression import stepwise

    result = stepwise(cohort, endpoint, covariates, method=method, **shared).to_dict()
    nothing = {
        "n": result["n"],
        "events": result["events"],
        "ties": shared["ties"],
        "terms": [],
        "notes": [],
        **NO_MODEL,
    }
    model = result.pop("model") or nothing
    return {**model, "stepwise": result, "notes": [*model["notes"], *result["notes"]]}


def _cox_lines(result: Result) -> list[str]:
    from necc.text import NOT_ESTIMABLE, format_estimate, p_phrase

    lines = [f"{result.get('endpoint', '')}: {result['n']} patients, {result['events']} events, {result['ties']} ties"]
    for step in result.get("stepwise", {}).get("steps", []):
        lines.append(f"  step: {step['action']} {step['variable']}, {p_phrase(step['p'])}")
    for term in result["terms"]:
        ratio = format_estimate(term["hazard_ratio"], term["ci_lower"], term["ci_upper"], 3, NOT_ESTIMABLE)
        against = f" against {term['reference']}" if term["reference"] else ""
        lines.append(f"  {term['term']}{against}: hazard ratio {ratio}, {p_phrase(term['p'])} ({term['method']})")
    return lines


def _cif(options: argparse.Namespace) -> int:
    from necc.competing import cumulative_incidence

    if options.time and options.event and not options.sites:
        result = _cif_of_codes(options)
    else:
        cohort = _read(options)
        endpoint = options.endpoint or ("TTR" if "TTR" in cohort.endpoint_names() else _endpoint(options, cohort))
        result = cumulative_incidence(
            cohort, endpoint, options.by, rule=options.rule, hierarchy=_names(options.hierarchy)
        )
    _show(options, result.to_dict(), _cif_lines)
    return 0


def _cif_of_codes(options: argparse.Namespace) -> CumulativeIncidence:
    """The causes are the codes of --event; all but --censored, or but one that --event-value doesn't name."""
    from dataclasses import replace

    from necc.competing import cumulative_incidence_of_columns
    from necc.dictionary import plain
    from necc.ingest import OwnColumns, read_cohort
    from necc.selection import Selection

    # as neither time nor event, the columns keep all their values
    cohort = read_cohort(options.file, dictionary=plain(), own=OwnColumns(options.id))
    cohort = Selection.parse(options.where).apply(cohort)
    censored = options.censored
    if censored is None and options.event_value:
        others = [x for x in cohort.factor(options.event).levels if x not in options.event_value]
        censored = others[0] if len(others) == 1 else None
    result = cumulative_incidence_of_columns(
        cohort, options.time, options.event, options.by, censored=censored, unit=options.unit
    )
    return replace(result, endpoint=options.endpoint or result.endpoint)


def _cif_lines(result: Result) -> list[str]:
    from necc.text import p_phrase

    causes = ", ".join(f"{c['name']} ({c['n_events']})" for c in result["causes"])
    told = "; ".join(part for part in (result["rule"], causes) if part)
    lines = [f"{result['endpoint']} in {result['unit']}: {result['n']} patients; {told or 'no causes'}"]
    lines += [f"  {t['name']} {t['cause']}: {p_phrase(t['p'])}" for t in result["tests"]]
    return lines


# ---------------------------------------------------------------- papers
def _audit(options: argparse.Namespace) -> int:
    from necc.audit import audit, load_claims, render_text

    try:
        report = audit(*load_claims(options.file))
    except OSError:
        return _refuse(options, [f"there is no file {options.file} that can be read"], ())
    if not report.checks:
        return _refuse(options, [f.message for f in report.findings], report.findings)
    if options.json:
        _print_json(report.to_dict())
    else:
        print(render_text(report, everything=options.all), end="")
    return 0


def _reproduce(options: argparse.Namespace) -> int:
    from necc.reproduction import compare_ratios, load_recipe, render_text, reproduce

    try:
        recipe, findings = load_recipe(options.recipe)
    except OSError:
        return _refuse(options, [f"there is no file {options.recipe} that can be read"], ())
    if not recipe.lines:
        return _refuse(options, [f.message for f in findings], findings)
    result = reproduce(recipe, _read(options), findings, admit=not options.everybody)
    if options.json:
        _print_json({**result.to_dict(), "hazard_ratios": [c.to_dict() for c in compare_ratios(result)]})
    else:
        print(render_text(result, everything=options.all), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
