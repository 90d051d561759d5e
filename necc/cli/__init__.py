"""The command line: the same results as the pages, unrounded.

Exit codes: 0 accepted, 1 refused (a file or a question that can't be answered), 2 usage, 130 interrupted. Never a
traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from necc.cli.completion import ASKED, answer
from necc.cli.io import Usage
from necc.cli.many import answer_all
from necc.cli.options import parser
from necc.cli.streams import let_go, of_output, writable
from necc.core.errors import NeccError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    writable()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == [ASKED]:
        return answer(given[1:])
    if given[:1] in (["-h"], ["--help"]):  # of a command that is named behind it, as of one before it
        given = ["help", *given[1:]]
    options = parser().parse_args(given)
    try:
        code = answer_all(options)
        sys.stdout.flush()
        return code
    except Usage as error:
        print(f"{options.words.format_usage()}necc {options.command}: {error}", file=sys.stderr)
        return 2
    except NeccError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        let_go()
        return 0
    except OSError as error:
        if not of_output(error):
            return _unexpected(error)
        print(f"error: standard output can't be written: {error.strerror}", file=sys.stderr)
        let_go()
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, no cell value
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    print(f"error: this should not have happened ({type(error).__name__}); please report it", file=sys.stderr)
    return 1
