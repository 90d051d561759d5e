"""What a person gets by the two commands and by `pip install .`: lock, wheel, configuration, bootstrapper."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import os
import re
import socket
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import run

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LINUX = {"sys_platform": "linux", "platform_machine": "x86_64"}
LINUX_ARM = {"sys_platform": "linux", "platform_machine": "aarch64"}
MAC = {"sys_platform": "darwin", "platform_machine": "arm64"}
WINDOWS = {"sys_platform": "win32", "platform_machine": "AMD64"}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def locked() -> dict[str, Requirement]:
    """Package name -> its one requirement `name==version ; marker` in the lock."""
    lines = [line.removesuffix("\\").strip() for line in LOCK.splitlines() if re.match(r"[a-zA-Z]", line)]
    requirements = [Requirement(line) for line in lines]
    assert len({r.name for r in requirements}) == len(requirements), "one version for every Python and system"
    return {canonicalize_name(r.name): r for r in requirements}


def declared() -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    named = map(Requirement, sum(extras, PROJECT["project"]["dependencies"]))
    return [r for r in named if r.name != "necc"]  # an extra that consists of others


def wanted(requirement: Requirement, python: str, system: dict[str, str]) -> bool:
    environment = {**default_environment(), **system, "python_version": python}
    environment["python_full_version"] = python + ".0"
    return requirement.marker is None or requirement.marker.evaluate(environment)


# --- lock ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("requirement", declared(), ids=lambda r: r.name)
def test_lock_holds_a_version_that_the_project_allows(requirement: Requirement):
    pinned = locked()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(next(iter(pinned.specifier)).version)


def test_everything_installed_is_what_the_lock_says():
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("only the environment that run.py makes promises the locked versions")
    here = {name: r for name, r in locked().items() if r.marker is None or r.marker.evaluate()}
    installed = {canonicalize_name(d.name): d.version for d in importlib.metadata.distributions()}
    del installed["necc"]
    assert installed == {name: next(iter(r.specifier)).version for name, r in here.items()}


def test_lock_has_a_hash_for_everything_and_names_no_host():
    blocks = re.findall(r"^[a-zA-Z].*", LOCK.replace("\\\n", " "), flags=re.MULTILINE)
    assert len(blocks) == len(locked())
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in LOCK
    assert not re.findall(r"^-.*", LOCK, flags=re.MULTILINE), "options such as --index-url"


def test_ecos_is_nowhere():
    assert "ecos" not in locked()
    assert Requirement(PROJECT["tool"]["uv"]["override-dependencies"][0]).name == "ecos"


@pytest.mark.parametrize("python", PYTHONS)
def test_scikit_survival_is_locked_where_it_has_a_wheel(python: str):
    pinned = locked()["scikit-survival"]
    assert [wanted(pinned, python, system) for system in (LINUX, MAC, WINDOWS)] == [True, True, True]
    assert not wanted(pinned, python, LINUX_ARM)


def test_plain_pip_asks_for_scikit_survival_only_where_ecos_has_a_wheel():
    plain = next(r for r in declared() if r.name == "scikit-survival")
    assert wanted(plain, "3.12", LINUX) and wanted(plain, "3.12", WINDOWS)
    assert not wanted(plain, "3.13", LINUX)
    assert not wanted(plain, "3.12", MAC) and not wanted(plain, "3.12", LINUX_ARM)


# --- wheel ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(target.glob("necc-*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what `pip install .` would put into site-packages."""
    target = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_wheel_carries_the_dashboard_its_pages_the_samples_and_the_configuration(unpacked: Path):
    app = unpacked / "necc" / "_app"
    for name in ("dashboard.py", ".streamlit/config.toml"):
        assert (app / name).read_bytes() == (ROOT / name).read_bytes()
    for folder, pattern in (("pages", "*.py"), ("sample_data", "*.csv")):
        expected = {path.name for path in (ROOT / folder).glob(pattern)}
        assert expected and {path.name for path in (app / folder).glob(pattern)} == expected


def test_wheel_carries_every_file_of_the_package_and_nothing_of_the_workshop(unpacked: Path):
    suffixes = {".py", ".pyi", ".toml", ".csv", ".json", ".md", ".css", ".js"}
    package = ROOT / "necc"
    source = {path.relative_to(ROOT) for path in package.rglob("*") if path.suffix in suffixes}
    shipped = {path.relative_to(unpacked) for path in unpacked.rglob("*") if path.is_file()}
    assert source <= shipped
    assert {path.parts[0] for path in shipped} == {"necc", "necc-0.1.0.dist-info"}
    assert not [path for path in shipped if path.suffix == ".pyc"]


def test_what_is_loaded_before_the_first_page_exists():
    """A wrong name is passed over at the start, which only makes it slow."""
    from importlib import import_module

    from necc import launch

    assert [import_module(name).__name__ for name in launch.FIRST_PAGE] == list(launch.FIRST_PAGE)


def test_the_first_page_waits_for_no_analysis():
    """An import for the sake of an annotation or a constant would make every start wait for SciPy."""
    script = "import sys; from importlib import import_module; from necc.launch import FIRST_PAGE\n"
    script += "for name in FIRST_PAGE: import_module(name)\n"
    script += "import_module('necc.app.session.warm').warm_up()\n"
    script += "print([m for m in ('scipy', 'necc.analysis.survival', 'necc.analysis.regression') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr


def test_wheel_and_source_say_that_the_package_is_typed(unpacked: Path, tmp_path: Path):
    """PEP 561: without the marker a type checker takes every name of the package for `Any`."""
    assert (unpacked / "necc" / "py.typed").is_file() and (unpacked / "necc" / "__init__.pyi").is_file()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("necc-*.tar.gz"))) as archive:
        assert "necc-0.1.0/necc/py.typed" in archive.getnames()


def test_importing_necc_or_asking_its_version_loads_no_library():
    script = (
        "import sys, necc\nfrom necc.cli import main\ntry:\n    main(['--version'])\nexcept SystemExit:\n    pass\n"
    )
    script += f"print([m for m in sys.modules if m in {['numpy', 'pandas', 'scipy', 'pyarrow', 'tomlkit']}])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines() == [f"necc {importlib.import_module('necc').__version__}", "[]"], done.stderr


@pytest.mark.parametrize(("command", "limit"), [("necc --version", 0.2), ("necc km", 1.1)])
def test_a_start_takes_no_longer_than_promised(command: str, limit: float):
    """Processor time, three times the promise: a busy machine computes slower, and a library that creeps in is more."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        bench = importlib.import_module("bench_start")
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    bench.processor_time(bench.COMMANDS[command])
    assert min(bench.processor_time(bench.COMMANDS[command]) for _ in range(2)) < 3 * limit


def test_wheel_says_its_licence_and_its_command(unpacked: Path):
    information = unpacked / "necc-0.1.0.dist-info"
    metadata = (information / "METADATA").read_text(encoding="utf-8")
    assert "License-Expression: GPL-3.0-or-later\n" in metadata
    assert "Requires-Python: >=3.11\n" in metadata
    assert "necc = necc.cli:main" in (information / "entry_points.txt").read_text(encoding="utf-8")
    assert (information / "licenses" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_installed_dashboard_keeps_its_configuration_in_any_folder(start_server, unpacked, tmp_path):
    """Started elsewhere, it listens to this machine alone and refuses a foreign name for it (rebinding)."""
    start = "import sys; from necc import launch; sys.exit(launch.start(None, sys.argv[1:]))"
    server = start_server([sys.executable, "-c", start], folder=tmp_path, PYTHONPATH=unpacked)
    port = urlsplit(server.url).port
    assert "Network URL" not in server.log.read_text() and "External URL" not in server.log.read_text()
    assert websocket_status(port, f"localhost:{port}") == 101
    assert websocket_status(port, f"rebound.example:{port}") == 403


def websocket_status(port: int, host: str) -> int:
    request = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request.encode())
        return int(connection.recv(4096).split()[1])


def test_a_missing_data_file_is_told_before_anything_starts(tmp_path: Path):
    from necc import launch

    with pytest.raises(FileNotFoundError, match="there is no file .*absent.csv"):
        launch.start(tmp_path / "absent.csv")


# --- configuration -------------------------------------------------------------------------------------


def configuration() -> dict[str, object]:
    """The shipped configuration, flat: `server.address` -> value."""

    def flat(table: dict, prefix: str = "") -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in table.items():
            found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        return found

    return flat(tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")))


def test_streamlit_knows_every_key_of_the_configuration():
    from streamlit import config

    assert configuration().keys() <= config.get_config_options().keys()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("server.address", "localhost"),
        ("server.allowedHosts", ["localhost", "127.0.0.1", "::1"]),
        ("server.enableXsrfProtection", True),
        ("server.enableAgentApi", False),
        ("server.showEmailPrompt", False),
        ("server.maxUploadSize", 50),
        ("server.disconnectedSessionTTL", 3600),
        ("browser.gatherUsageStats", False),
        ("client.showErrorDetails", "none"),
        ("client.showErrorLinks", False),
        ("client.toolbarMode", "minimal"),
        ("client.disableDataExport", True),
        ("client.allowedOrigins", []),
    ],
)
def test_the_configuration_keeps_what_was_promised(key: str, value: object):
    assert configuration()[key] == value


def test_no_font_comes_from_elsewhere():
    assert not [key for key, value in configuration().items() if "://" in str(value)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_button_text_can_be_read(theme: str):
    """WCAG 2.2, 1.4.3 and 1.4.11: white on the primary colour 4.5:1, the colour on its ground 3:1."""
    shipped = configuration()
    primary = str(shipped[f"theme.{theme}.primaryColor"])
    assert contrast("#FFFFFF", primary) >= 4.5
    assert contrast(str(shipped[f"theme.{theme}.backgroundColor"]), primary) >= 3
    assert contrast(str(shipped[f"theme.{theme}.sidebar.backgroundColor"]), primary) >= 3


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2.2, from the relative luminance of two #RRGGBB colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


# --- run.py --------------------------------------------------------------------------------------------


def bootstrap(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "run.py", *words], cwd=ROOT, capture_output=True, text=True)


def test_help_names_both_commands():
    answer = bootstrap("--help")
    assert answer.returncode == 0 and answer.stderr == ""
    assert "python3 run.py " in answer.stdout and "python3 run.py test" in answer.stdout


def test_an_unknown_word_is_a_usage_error():
    answer = bootstrap("tset")
    assert answer.returncode == 2
    assert answer.stderr.startswith("'tset' is not one of app, test, check, necc, install")


def test_an_old_python_is_told_so_and_not_by_a_syntax_error():
    text = (ROOT / "run.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 7))
    pretend = "import sys; sys.version_info = (3, 9); exec(open('run.py').read())"
    answer = subprocess.run([sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("This needs Python 3.11 or newer; this is Python")


def test_the_bootstrapper_needs_the_standard_library_alone():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """run.py pointed at an empty environment folder."""
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(run, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(run, "make_environment", lambda: (tmp_path / "python").touch())
    return tmp_path


def test_it_installs_once_and_again_when_the_lock_changes(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    installed: list[str] = []
    monkeypatch.setattr(run, "with_uv", lambda: installed.append("uv") or True)
    run.install()
    run.install()
    assert len(installed) == 1
    changed = fresh / "requirements.lock"
    changed.write_text(LOCK + "\nanother==1.0\n", encoding="utf-8")
    monkeypatch.setattr(run, "LOCK", changed)
    run.install()
    assert len(installed) == 2


def test_an_interrupted_installation_is_done_again(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "with_uv", lambda: False)
    monkeypatch.setattr(run, "with_pip", lambda: False)
    with pytest.raises(run.Failure, match="did not succeed"):
        run.install()
    assert not (fresh / "stamp").exists()


def test_pip_takes_over_where_uv_fails_and_both_read_the_lock(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    calls: list[list[str]] = []

    def call(*command: object, **environment: str) -> int:
        calls.append([str(part) for part in command])
        return int("uv" in calls[-1][0])

    monkeypatch.setattr(run, "call", call)
    monkeypatch.setattr(run.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(run.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    run.install()
    from_uv, from_pip, project = calls
    assert from_uv[0] == "/bin/uv" and from_pip[:3] == [sys.executable, "-m", "pip"]
    for command in (from_uv, from_pip):
        assert {"--no-deps", "--require-hashes", str(run.LOCK)} <= set(command)
    assert "--no-deps" in project and project[-2:] == ["-e", str(ROOT)]


def test_a_python_without_pip_is_told_how_to_get_it(fresh: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    monkeypatch.setattr(run.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1))
    assert run.main(["install"]) == 1
    assert "has no pip. On Debian or Ubuntu: apt install python3-pip" in capsys.readouterr().err


def test_the_browser_asked_for_goes_before_every_other(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NECC_BROWSER", "/somewhere/browser")
    assert run.find_browser() == "/somewhere/browser"


def test_continuous_integration_runs_the_test_command():
    script = ROOT / ".ci" / "run"
    assert "python3 run.py test" in script.read_text(encoding="utf-8")
    if os.name != "nt":
        assert os.access(script, os.X_OK)
