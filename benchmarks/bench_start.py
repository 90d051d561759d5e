"""What a start costs: processor time of commands in a fresh process each, and the size of an installation.

    python benchmarks/bench_start.py [--rounds R]                       default: 5 rounds
    python benchmarks/bench_start.py --size ENVIRONMENT [ENVIRONMENT]   megabytes of each one's site-packages

Limits: `necc --version` 0.2 s, a cold `necc km` of 88 patients 1.1 s. The environments to measure are made by
`uv venv E && uv pip install -p E 'DIST/necc-0.1.0-py3-none-any.whl[EXTRA]'`, without compiled files or, as pip leaves
it, with `--compile-bytecode`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = str(ROOT / "sample_data" / "reconstructed_cohort.csv")
COMMANDS: dict[str, list[str]] = {
    "python alone": ["-c", "pass"],
    "import necc": ["-c", "import necc"],
    "necc --version": ["-m", "necc", "--version"],
    "necc km --help": ["-m", "necc", "km", "--help"],
    "necc km": ["-m", "necc", "km", SAMPLE, "--endpoint", "PRS", "--by", "site:lung"],
    "necc cox": ["-m", "necc", "cox", SAMPLE, "--endpoint", "PRS", "--covariates", "age_years,n_sites"],
}


def processor_time(arguments: list[str]) -> float:
    """User and system seconds of one Python process and of those it started."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def megabytes(environment: Path) -> float:
    """What `du -sm` says of the packages: blocks of the disk, in 2**20 bytes."""
    folder = next(environment.glob("**/site-packages"))
    paths = [folder, *folder.rglob("*")]
    return sum(p.lstat().st_blocks * 512 for p in paths) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", nargs="+", type=Path, metavar="ENVIRONMENT")
    options = parser.parse_args()
    for environment in options.size or ():
        print(f"{environment!s:<24}{megabytes(environment):8.0f} MB")
    if options.size:
        return
    for name, arguments in COMMANDS.items():
        processor_time(arguments)  # compiled, and read from the disk
        print(f"{name:<24}{min(processor_time(arguments) for _ in range(options.rounds)):6.2f} s")


if __name__ == "__main__":
    main()
