"""Fixtures shared by all tests: a browser, a real server, the app without a browser, recorded R results."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from run import PROGRAMS, find_browser, provide_programs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright
    from streamlit.testing.v1 import AppTest

# The same examples in every run: a failure can be looked at again. `--hypothesis-seed` tries others.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).parent.parent
RECORDED = Path(__file__).parent / "recorded"
BROWSER_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_BROWSER = (
    "no Chrome, Edge or Chromium found: install one, or run `python -m playwright install chromium`, "
    "or set NECC_BROWSER to the program's path"
)
RUN_DASHBOARD = (sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard.py"))
START_SECONDS = 60
PATIENCE_MS = 30_000  # until a page shows what is expected; a busy machine is no fault of the page


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that use a browser one after another and first.

    Two browsers and two servers at once on two cores make waits run out. With `--dist loadgroup` one group
    goes to one worker, and the longest group is best begun first.
    """
    slow = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    for item in slow:
        item.add_marker(pytest.mark.xdist_group("browser"))
    items[:] = slow + [item for item in items if item not in slow]


# --- recorded results --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Any]:
    """A function: name -> what tests/recorded/<name>.json holds (written by the R script beside it)."""

    def load(name: str) -> Any:
        return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))

    return load


# --- the command line --------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    """A function: arguments -> (exit code, parsed JSON or text, standard error)."""
    from necc.cli import main

    def call(*arguments: object) -> tuple[int, Any, str]:
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, json.loads(out) if "--json" in arguments else out, err

    return call


# --- programs that open what was exported ------------------------------------------------------------------


def program(name: str) -> str:
    """Path of a program of run.py's PROGRAMS, installed as root on Debian; elsewhere the test is skipped."""
    provide_programs(name)
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} was not found; on Debian: apt install {' '.join(PROGRAMS[name])}")
    return found


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """A function: a line -> (exit code, standard output, standard error), argparse's own exits among them."""
    from necc.cli import main

    def of(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return of


@pytest.fixture(scope="session")
def soffice() -> str:
    """Path of LibreOffice's program; `tests/office.py` has what is done with it."""
    program("pdftoppm")
    return program("soffice")


@pytest.fixture(scope="session")
def rscript() -> str:
    """Path of R's program, which has the packages that scripts load."""
    path = program("Rscript")
    lacks = 'cat(setdiff(c("survival", "cmprsk"), rownames(installed.packages())))'
    told = subprocess.run([path, "-e", lacks], capture_output=True, text=True, check=False).stdout.split()
    if told:
        pytest.skip(f"R lacks {' and '.join(told)}; in R: install.packages(c({', '.join(map(repr, told))}))")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of the tests' own, with the password `hush-hush`; stopped at the end.

    Its programs refuse to run as root, so that there it runs as Debian's user `postgres`.
    """
    home = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None, key=lambda p: int(p.parts[4]))
    if home is None:
        pytest.skip("PostgreSQL is not installed; on Debian: apt install postgresql")
    as_user = ["runuser", "-u", "postgres", "--"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="necc-pg-"))
    if as_user:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret, data = folder / "secret", folder / "data"
    secret.write_text("hush-hush", encoding="utf-8")
    secret.chmod(0o644)

    def run(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, capture_output=True, timeout=120, cwd=folder)

    control = [str(home.with_name("pg_ctl")), "-D", str(data), "-w"]
    try:
        run(str(home), "-D", str(data), "-U", "owner", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(*control, "-l", str(folder / "log"), "-o", options, "start")
        yield f"postgres://owner@127.0.0.1:{port}/postgres"
        run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- the app without a browser -----------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def nothing_is_shared() -> None:
    """What sessions share of the sample is forgotten: each test computes for itself."""
    if cache := sys.modules.get("necc.app.session.cache"):
        cache.FOR_ALL.clear()


@pytest.fixture
def app_test(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """A function that gives the dashboard as an AppTest: `app_test(figo_stage="III")` sets the link's query.

    AppTest looks for a folder pages/ before each run and would then run a page without dashboard.py around
    it, as Streamlit did before `st.navigation`. The subclass keeps that off, by a private name of Streamlit.
    """
    import streamlit.testing.v1.app_test as streamlit_app_test
    from streamlit.runtime.pages_manager import PagesManager

    class Navigated(PagesManager):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            PagesManager.uses_pages_directory = False
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(streamlit_app_test, "PagesManager", Navigated)
    monkeypatch.chdir(ROOT)

    def start(timeout: float = 60, **query: str | list[str]) -> AppTest:
        app = streamlit_app_test.AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=timeout)
        for name, value in query.items():
            app.query_params[name] = value
        return app

    return start


# --- a real server -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A running dashboard: its address without a slash at the end, and the file with all it printed."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """A function that starts a fresh dashboard: `start_server(NECC_DATA=path)` sets environment variables.

    Use it for what needs a cold server, or at a `port` of its own one that is started again. All servers of a test
    module end with the module.
    """
    running: list[Server] = []

    def start(
        command: Sequence[str] = RUN_DASHBOARD, folder: Path = ROOT, port: int = 0,
        **environment: str | os.PathLike[str],
    ) -> Server:  # fmt: skip
        log = tmp_path_factory.mktemp("server") / "log.txt"
        running.append(_start(command, folder, log, {k: os.fspath(v) for k, v in environment.items()}, port))
        _wait_for_health(running[-1])
        return running[-1]

    yield start
    for server in running:
        _stop(server.process)


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    """A dashboard that the tests of one module share."""
    return start_server()


def _start(command: Sequence[str], folder: Path, log: Path, environment: dict[str, str], port: int) -> Server:
    port = port or _free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--server.port", str(port), "--server.headless", "true"],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Server(f"http://localhost:{port}", log, process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for_health(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(server.url + "/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    _stop(server.process)
    raise RuntimeError(f"the dashboard did not start; it printed:\n{server.log.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- a browser ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The first browser that starts; without one the test is skipped, or fails where one was promised."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = _launch_any(playwright)
        if found is None:
            if os.environ.get("NECC_REQUIRE_BROWSER") == "1" or os.environ.get("CI") == "true":
                pytest.fail(NO_BROWSER)
            pytest.skip(NO_BROWSER)
        yield found
        found.close()


def _launch_any(playwright: Playwright) -> Browser | None:
    from playwright.sync_api import Error

    # Chromium's sandbox refuses to run as root, and only there it is switched off
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = BROWSER_FLAGS + (["--no-sandbox"] if as_root else [])
    for choice in _browser_choices(playwright):
        try:
            return playwright.chromium.launch(args=flags, **choice)
        except Error:
            if "NECC_BROWSER" in os.environ:
                raise
    return None


def _browser_choices(playwright: Playwright) -> list[dict[str, str]]:
    """Launch arguments to try in turn: the one asked for, else Playwright's, Chrome, Edge, a Chromium."""
    if "NECC_BROWSER" in os.environ:
        return [{"executable_path": os.environ["NECC_BROWSER"]}]
    choices: list[dict[str, str]] = []
    if Path(playwright.chromium.executable_path).exists():
        choices.append({})
    choices += [{"channel": "chrome"}, {"channel": "msedge"}]
    installed = find_browser()
    if installed:
        choices.append({"executable_path": installed})
    return choices


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A blank page of its own; `page.hosts_seen` is the set of hosts it asked for anything so far."""
    from playwright.sync_api import expect

    context = browser.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page = context.new_page()
    page.hosts_seen = set()  # type: ignore[attr-defined]

    def note(request: Any) -> None:
        host = urlsplit(request.url).hostname  # None for data: and blob:
        if host:
            page.hosts_seen.add(host)  # type: ignore[attr-defined]

    context.on("request", note)
    page.on("websocket", note)
    yield page
    context.close()
