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
    from necc.ingest import OwnColumns

Result = dict[str, object]
Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
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
        ("km", "Kaplan-Meier curves, medians and log-rank test", _km),
        ("sites", "distribution of recurrence sites", _sites),
        ("response", "response to immune checkpoint inhibitors", _response),
    ):
        command = commands.add_parser(name, help=help_text, description=help_text)
        _cohort_options(command)
        command.set_defaults(run=run)
        EXTRA_OPTIONS.get(name, lambda parser: None)(command)
    return parser


def _cohort_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that reads a cohort."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the cohort")
    parser.add_argument("--json", action="store_true", help="print the result as JSON, unrounded")
    parser.add_argument("--dictionary", default="necc", help="a dictionary that ships, or a dictionary file")
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
    parser.add_argument("--endpoint", default="", metavar="NAME", help="TTR, PRS, OS ...; a name for own columns")
    parser.add_argument("--ci", default="log-log", choices=("log-log", "log", "plain"), help="confidence interval")
    parser.add_argument("--at", default="", metavar="T,T", help="times at which survival is told")


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


EXTRA_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "km": _km_options,
    "sites": _sites_options,
    "response": _response_options,
}


# ---------------------------------------------------------------- reading
def _own(options: argparse.Namespace) -> OwnColumns:
    from necc.ingest import OwnColumns

    sites = tuple(s.strip() for s in options.sites.split(",") if s.strip())
    return OwnColumns(
        options.id, options.time, options.event, tuple(options.event_value), options.unit, sites,
        getattr(options, "endpoint", ""),
    )  # fmt: skip


def _read(options: argparse.Namespace) -> Cohort:
    """The cohort that the options name, filtered."""
    from necc.ingest import read_cohort
    from necc.selection import Selection

    cohort = read_cohort(options.file, dictionary=_dictionary(options.dictionary), own=_own(options))
    return Selection.parse(options.where).apply(cohort)


def _dictionary(name: str) -> object:
    from necc.dictionary import Dictionary

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

    inspection = inspect(options.file, dictionary=_dictionary(options.dictionary), own=_own(options))
    if inspection.cohort and options.where:
        Selection.parse(options.where).apply(inspection.cohort)
    if options.json:
        _print_json(inspection.to_dict())
    else:
        _print_check(inspection.to_dict())
    return 0 if inspection.accepted else 1


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
    endpoint = options.endpoint
    if not endpoint:
        names = cohort.endpoint_names()
        if len(names) != 1:
            shown = ", ".join(names) or "none: name --time and --event"
            return _usage(options, f"--endpoint is needed; this file has {shown}")
        endpoint = names[0]
    try:
        times = [float(t) for t in options.at.split(",") if t.strip()]
    except ValueError:
        return _usage(options, f"--at takes numbers with commas between them, not '{options.at}'")
    result = kaplan_meier(cohort, endpoint, options.by, ci=options.ci, times=times)
    _show(options, result.to_dict(), _km_lines)
    return 0


def _usage(options: argparse.Namespace, message: str) -> int:
    print(f"necc {options.command}: {message}", file=sys.stderr)
    return 2


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


if __name__ == "__main__":
    sys.exit(main())
