"""The command line: the same results as the pages, unrounded.

Exit codes: 0 accepted, 1 refused (a file or a question that can't be answered), 2 usage. Never a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from necc.cli.completion import ASKED, answer
from necc.cli.helping import usage_of, with_near_files
from necc.cli.io import Usage, refuse
from necc.cli.options import parser
from necc.core.errors import CohortError, DictionaryError, NeccError
from necc.core.extras import told


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == [ASKED]:
        return answer(given[1:])
    words = parser()
    options = words.parse_args(given)
    try:
        return options.run(options)
    except Usage as error:
        print(f"{usage_of(words, options)}necc {options.command}: {error}", file=sys.stderr)
        return 2
    except (CohortError, DictionaryError) as error:
        return refuse(options, *with_near_files(options, error.findings), findings=error.findings)
    except NeccError as error:
        return refuse(options, str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except MemoryError:
        return refuse(options, "there is not enough memory for this file on this machine")
    except ModuleNotFoundError as error:
        return refuse(
            options, str(told(error) or f"this installation lacks the package {error.name}: install it again")
        )
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback, no cell value
        return refuse(options, f"this should not have happened ({type(error).__name__}); please report it")
