"""One start, many answers: a command's `run` for each file, endpoint and factor that was named.

A file is read once. What can't be answered is told in its place, and the others are answered all the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING

from necc.cli.answers import Door, door
from necc.cli.helping import with_near_files
from necc.cli.io import STDIN, Usage, listed, read
from necc.cli.streams import of_output
from necc.core.errors import CohortError, DictionaryError, Finding, NeccError
from necc.core.extras import told

if TYPE_CHECKING:
    from necc.core.cohort import Cohort

TOLD = "told"  # in a file's memory: that it can't be read
EACH, ALL = "site:each", "none"  # what --by takes beside factors: every site by itself, and all patients together


def answer_all(options: argparse.Namespace) -> int:
    """Asks a command's question of every file, endpoint and factor; the exit code.

    0 where all were answered, 1 where one was refused or found wrong, 2 where nothing could be asked as it was written.
    """
    way = door(options, False)
    try:
        if not hasattr(options, "files"):
            return answer_one(options, way)
        questions = _questions(options)
        first, second = next(questions), next(questions, None)
        if second is None:
            return answer_one(first, way)
        way = door(options, True)
        codes = [answer_one(one, way) for one in (first, second)]
        codes += [answer_one(one, way) for one in questions]
    finally:
        if sys.exc_info()[0] is None:
            way.close()
    return codes[0] if len({*codes}) == 1 else max(min(code, 1) for code in codes)


def answer_one(options: argparse.Namespace, way: Door) -> int:
    """One question; its exit code. Why there is no answer is told, never as a traceback."""
    options.door = way
    try:
        code: int = options.run(options)
        return code
    except Usage as error:
        if not way.several:
            raise  # the whole line can't be carried out
        way.refuse(options, [str(error)])
        return 2
    except (CohortError, DictionaryError) as error:
        if way.several and any(held is error for held in options.memory.values()):
            return _refuse_file(options, error)
        return _refuse(options, with_near_files(options, error.findings), error.findings)
    except NeccError as error:
        return _refuse(options, [str(error)])
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except OSError as error:
        if of_output(error):
            raise
        return _refuse(options, [f"this should not have happened ({type(error).__name__}); please report it"])
    except ModuleNotFoundError as error:
        lacks = f"this installation lacks the package {error.name}: install it again"
        return _refuse(options, [str(told(error) or lacks)])
    except MemoryError:
        return _refuse(options, ["there is not enough memory for this file on this machine"])
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, no cell value
        return _refuse(options, [f"this should not have happened ({type(error).__name__}); please report it"])


def _refuse(options: argparse.Namespace, messages: list[str], findings: tuple[Finding, ...] = ()) -> int:
    options.door.refuse(options, messages, findings)
    return 1


def _refuse_file(options: argparse.Namespace, error: CohortError | DictionaryError) -> int:
    """Says once of a file that it can't be read, whatever is asked of it."""
    if not options.memory.get(TOLD):
        options.memory[TOLD] = True
        alone = copy(options)
        alone.__dict__ |= {name: None for name in ("endpoint", "by") if hasattr(options, name)}
        return _refuse(alone, with_near_files(options, error.findings), error.findings)
    return 1


def _questions(options: argparse.Namespace) -> Iterator[argparse.Namespace]:
    """The options of each question: files, within them endpoints, within them factors; a file's are read together."""
    if options.files.count(STDIN) > 1:
        raise Usage("- , standard input, can be read once, and is named twice")
    for file in options.files:
        of_file = copy(options)
        of_file.file, of_file.memory = file, {}
        for endpoint in _endpoints(of_file):
            for by in _factors(of_file):
                one = copy(of_file)
                one.__dict__ |= {"endpoint": endpoint} if hasattr(options, "endpoint") else {}
                one.__dict__ |= {"by": by} if hasattr(options, "by") else {}
                yield one


def _endpoints(options: argparse.Namespace) -> list[str]:
    """The endpoints of -e; a name with a comma that a file has, or gives to its own columns, is one."""
    text = getattr(options, "endpoint", "")
    names = listed(text)
    if len(names) < 2 or options.time:
        return [text]
    cohort = _read_ahead(options)
    return [text] if cohort is not None and text in cohort.endpoint_names() else _once(names)


def _factors(options: argparse.Namespace) -> list[str | None]:
    """The factors of --by, with every site for `site:each`; none is all patients together."""
    text = getattr(options, "by", None)
    names = listed(text or "")
    if len(names) < 2 and not {EACH, ALL} & {*names}:
        return [text]
    cohort = _read_ahead(options)
    if cohort is None:  # each of them tells why
        return list(_once(names))
    if text in cohort.columns:
        return [text]
    sites = [f"site:{site}" for site in cohort.sites_or_error()] if EACH in names else []
    spread = [one for name in names for one in (sites if name == EACH else [name])]
    return [None if name == ALL else name for name in _once(spread)]


def _once(names: list[str]) -> list[str]:
    return [*dict.fromkeys(names)]


def _read_ahead(options: argparse.Namespace) -> Cohort | None:
    """The cohort, to know what names it has; None where it can't be read, which is told with the first question."""
    try:
        return read(copy(options))
    except NeccError:
        return None
