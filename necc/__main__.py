"""`python -m necc` is the command `necc`."""

from __future__ import annotations

import sys

from necc.cli import main

if __name__ == "__main__":
    sys.exit(main())
