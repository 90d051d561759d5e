"""Install and start the dashboard, or install and run every test, with Python's standard library alone.

    python3 run.py                    install what is missing and start the dashboard
    python3 run.py test [ARGS]        the same, then every check and every test; ARGS go to pytest
    python3 run.py check              the checks alone: style, types, JavaScript and CSS
    python3 run.py necc ARGS          the same, then the command line, e.g. `necc check cohort.csv`
    python3 run.py install            install only

Everything is installed into the folder .venv beside this file, in exactly the versions of requirements.lock,
by uv where it is found and by pip otherwise. Nothing outside that folder changes, except that `test`, as root
on Debian, installs Chromium, npm and the programs that open what was exported, where they are missing.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

if sys.version_info < (3, 11):  # noqa: UP036, an older Python gets a sentence
    newer = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    hint = "Run: " + newer[0] + " run.py" if newer else "Install it from https://www.python.org/downloads/"
    sys.exit("This needs Python 3.11 or newer; this is Python " + sys.version.split()[0] + ". " + hint)

import venv
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed.sha256"
BIOME = ROOT / ".ci" / "biome"
COVERAGE = VENV / "coverage.json"
COVERAGE_FLOOR = 90  # percent of the lines of necc/; the measure is a little above it
PROGRAMS = {
    "soffice": ("libreoffice-writer", "libreoffice-calc", "libreoffice-impress", "fonts-liberation"),
    "pdftoppm": ("poppler-utils",),
    "Rscript": ("r-base-core", "r-cran-survival", "r-cran-cmprsk"),
    "minisign": ("minisign",),
    "pg_ctlcluster": ("postgresql",),
}
"""By program that opens or runs what was exported, the packages of Debian that bring it."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class Failure(Exception):
    """What a person is told instead of a traceback."""


def main(words: list[str]) -> int:
    command, rest = (words[0], words[1:]) if words else ("app", [])
    if command in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0
    if command not in ("app", "test", "check", "necc", "install"):
        print(f"'{command}' is not one of app, test, check, necc, install\n\n{__doc__.strip()}", file=sys.stderr)
        return 2
    try:
        install()
        if command == "app":
            return call(PYTHON, "-m", "necc", "app", *rest)
        if command == "necc":
            return call(PYTHON, "-m", "necc", *rest)
        os.chdir(ROOT)
        steps = {"install": {}, "check": checks(), "test": {**checks(), **tests(rest)}}[command]
        return run_all(steps)
    except Failure as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        return 1


def call(*command: str | Path, **environment: str) -> int:
    """Run a program to its end and return its exit code; Ctrl-C is for the program to answer."""
    with subprocess.Popen([str(part) for part in command], env={**os.environ, **environment}) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


# --- install -----------------------------------------------------------------------------------------------


def install() -> None:
    """Make .venv hold exactly the locked versions; at once where it already does."""
    wanted = fingerprint()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="ascii") == wanted:
        return
    print("Installing into .venv; the first time takes a minute or two ...", flush=True)
    make_environment()
    if not (with_uv() or with_pip()):
        raise Failure("the installation did not succeed; the lines above say why. Mend that and try again")
    STAMP.write_text(wanted, encoding="ascii")


def fingerprint() -> str:
    """Differs when the lock, the project's metadata, Python or the folder has changed."""
    files = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    parts = [*files, sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make_environment() -> None:
    # without pip: Debian's Python lacks ensurepip unless python3-venv is installed
    try:
        venv.EnvBuilder(clear=True, with_pip=False, symlinks=os.name != "nt").create(VENV)
    except OSError as error:
        raise Failure(
            f"the folder .venv cannot be written ({error.strerror}). Close a dashboard that still runs."
        ) from None


def with_uv() -> bool:
    uv = shutil.which("uv")
    if not uv:
        return False
    # a hospital's proxy is known to the system's certificates, not to the list that uv carries
    certificates = {} if "UV_NATIVE_TLS" in os.environ else {"UV_SYSTEM_CERTS": "1"}
    options: list[str | Path] = ["pip", "install", "--quiet", "--python", PYTHON, "--no-deps", "--compile-bytecode"]
    done = (
        call(uv, *options, "--require-hashes", "-r", LOCK, **certificates) == 0
        and call(uv, *options, "--no-build-isolation", "-e", ROOT, **certificates) == 0
    )
    if not done:
        print("uv did not succeed; trying pip ...", flush=True)
    return done


def with_pip() -> bool:
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode != 0:
        raise Failure(
            f"{sys.executable} has no pip. On Debian or Ubuntu: apt install python3-pip; elsewhere: "
            f"{sys.executable} -m ensurepip"
        )
    pip += ["--python", str(PYTHON), "--disable-pip-version-check", "--no-input"]
    pip += ["install", "--quiet", "--no-deps"]
    return call(*pip, "--require-hashes", "-r", LOCK) == 0 and call(*pip, "--no-build-isolation", "-e", ROOT) == 0


# --- check and test ----------------------------------------------------------------------------------------

Steps = dict[str, Callable[[], int | str]]  # what a step is called -> it; gives its exit code, or why it was skipped


def run_all(steps: Steps) -> int:
    """Run each step, whatever the one before it said, and sum them up in the last lines."""
    lines: list[str] = []
    failed = False
    for name, step in steps.items():
        print(f"\n--- {name}", flush=True)
        start = time.monotonic()
        outcome = step()
        failed = failed or (outcome != 0 and not isinstance(outcome, str))
        state = f"skipped: {outcome}" if isinstance(outcome, str) else "FAILED" if outcome else "ok"
        lines.append(f"{name:<20} {time.monotonic() - start:5.0f} s  {state}")
    print("", *lines, sep="\n", flush=True)
    return int(failed)


def checks() -> Steps:
    return {
        "ruff check": lambda: call(PYTHON, "-m", "ruff", "check", "."),
        "ruff format": lambda: call(PYTHON, "-m", "ruff", "format", "--check", "--quiet", "--diff", "."),
        "mypy": lambda: call(PYTHON, "-m", "mypy"),
        "JavaScript and CSS": lint_assets,
    }


def tests(arguments: list[str]) -> Steps:
    """Every test on all cores; the browser's tests share one worker (see tests/conftest.py)."""
    spread = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadgroup"]
    measure = ["-m", "slipcover", "--source", "necc", "--json", "--out", str(COVERAGE)]

    def run_pytest() -> int:
        COVERAGE.unlink(missing_ok=True)
        provide_browser()
        provide_programs(*PROGRAMS)
        measured = call(PYTHON, "-c", "from importlib.util import find_spec as f; exit(not f('slipcover'))") == 0
        return call(PYTHON, *(measure if measured else []), "-m", "pytest", *spread, *arguments)

    return {"pytest": run_pytest, "coverage": lambda: show_coverage(whole=not arguments)}


def show_coverage(whole: bool) -> int | str:
    """Print the share of lines that the tests ran, by room; only a run of all tests can fall short."""
    if not COVERAGE.exists():
        return "SlipCover is not installed on this system"
    rooms: dict[str, list[int]] = {}
    for file, lines in json.loads(COVERAGE.read_text(encoding="utf-8"))["files"].items():
        parts = Path(file).parts
        for room in ("necc", "/".join(parts[:2] if len(parts) > 2 else parts)):
            counts = rooms.setdefault(room, [0, 0])
            counts[0] += len(lines["executed_lines"])
            counts[1] += len(lines["executed_lines"]) + len(lines["missing_lines"])
    for room, (run, of) in sorted(rooms.items()):
        print(f"{room:<20} {100 * run / (of or 1):5.1f} %  {run} of {of} lines")
    run, of = rooms["necc"]
    if whole and 100 * run < COVERAGE_FLOOR * of:
        print(f"The tests ran less than {COVERAGE_FLOOR} % of the lines of necc/.")
        return 1
    return 0


def lint_assets() -> int | str:
    """Biome, an npm package: needed in continuous integration, and elsewhere used where npm is found."""
    must = os.environ.get("CI") == "true"
    if must and not shutil.which("npm"):
        apt_install("nodejs", "npm")
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        print("npm was not found.")
        return 1 if must else "needs Node.js with npm, https://nodejs.org"
    folder = VENV / "biome"
    lock = folder / "package-lock.json"
    program = folder / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"
    if not (program.exists() and lock.exists() and lock.read_bytes() == (BIOME / lock.name).read_bytes()):
        shutil.copytree(BIOME, folder, dirs_exist_ok=True)
        if call(npm, "ci", "--prefix", folder, "--silent", "--no-audit", "--no-fund"):
            lock.unlink()
            return 1 if must else "npm could not install Biome"
    return call(node, program, "lint", f"--config-path={BIOME}", "--error-on-warnings", "necc/app/assets")


def provide_browser() -> None:
    if not find_browser():
        apt_install("chromium", "fonts-liberation")


def provide_programs(*names: str) -> None:
    """Install those of PROGRAMS that are missing."""
    missing = [package for name in names if not shutil.which(name) for package in PROGRAMS[name]]
    if missing:
        apt_install(*missing)


def apt_install(*packages: str) -> None:
    """As root on Debian, install what the tests need; elsewhere nothing is done."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing {', '.join(packages)} ...", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    call("apt-get", "-qq", "update", **quiet)
    call("apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages, **quiet)


def find_browser() -> str | None:
    """Path of a Chrome, Edge or Chromium: NECC_BROWSER, on PATH, at its usual place, or Playwright's own."""
    asked = os.environ.get("NECC_BROWSER")
    if asked:
        return asked
    return next(filter(None, map(shutil.which, BROWSERS)), None) or next(usual_places(), None)


def usual_places() -> Iterator[str]:
    home = Path.home()
    windows = [os.environ.get(name, "") for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    places = [
        Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
        Path("/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
        *(Path(base, "Google/Chrome/Application/chrome.exe") for base in windows if base),
        *(Path(base, "Microsoft/Edge/Application/msedge.exe") for base in windows if base),
        *sorted(home.glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome")),
    ]
    return (str(place) for place in places if place.is_file())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
