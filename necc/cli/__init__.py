"""The command line: the same results as the pages, unrounded.

Exit codes: 0 accepted, 1 refused (a file or a question that can't be answered), 2 usage. Never a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from necc.cli.io import Usage, refuse
from necc.cli.options import parser
from necc.core.errors import CohortError, DictionaryError, NeccError
from necc.core.extras import told


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except Usage as error:
        print(f"necc {options.command}: {error}", file=sys.stderr)
        return 2
    except (CohortError, DictionaryError) as error:
        errors = [f.message for f in error.findings if f.severity == "error"]
        return refuse(options, *errors, findings=error.findings)
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
