"""Find the dashboard, in a checkout or in an installed package, and start it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from necc.core.extras import need

DATA_VARIABLE = "NECC_DATA"
"""Environment variable with the absolute path of a data file to open at the start."""


def dashboard_path() -> Path:
    """Path of dashboard.py.

    A wheel carries it in necc/_app, together with the pages, the sample data and Streamlit's configuration;
    in a checkout the same files lie beside the package.

    Raises:
        FileNotFoundError: neither place has it.
    """
    package = Path(__file__).resolve().parent
    places = (package / "_app" / "dashboard.py", package.parent / "dashboard.py")
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError("dashboard.py is missing beside the package necc: install it again")


FIRST_PAGE = (
    "necc.app.views.data",
    "necc.ingest",
    "necc.present.figures.cohort",
    "necc.present.tables.table",
    "necc.present.words.explain",
    "pyarrow.pandas_compat",
    "streamlit.emojis",
    "streamlit.material_icon_names",
)


def _warm_up() -> None:
    """Do what the first page needs before the server answers: the first visitor waits for nothing but the page."""
    for name in FIRST_PAGE:
        with contextlib.suppress(ImportError):  # the page that needs it will say so
            import_module(name)
    with contextlib.suppress(ImportError):
        import_module("necc.app.session.warm").warm_up()


def _pages_are_ours() -> None:
    """Keep Streamlit from taking the folder pages/ for its own way of pages.

    It would until some session has called `st.navigation`: the first request after a cold start, to an address of an
    earlier version, would be met by a dialog that there is no such page. The name is private; without it the dialog is
    back, and closing it shows the page.
    """
    with contextlib.suppress(ImportError):
        manager = import_module("streamlit.runtime.pages_manager").PagesManager
        if hasattr(manager, "uses_pages_directory"):
            manager.uses_pages_directory = False


def start(data: Path | None = None, extra: Sequence[str] = ()) -> int:
    """Serve the dashboard until it is stopped; return the exit code.

    Streamlit reads the configuration that lies beside dashboard.py whatever the working folder is, so nothing
    of it is repeated here.

    Args:
        data: a file to open at the start instead of an empty page.
        extra: further arguments for `streamlit run`, e.g. `["--server.port", "8600"]`.

    Raises:
        FileNotFoundError: `data` or the dashboard is not there.
        MissingExtra: Streamlit isn't installed.
    """
    dashboard = dashboard_path()
    if data is not None:
        if not data.is_file():
            raise FileNotFoundError(f"there is no file {data}")
        os.environ[DATA_VARIABLE] = str(data.resolve())

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: more threads only wait for each other
    need("streamlit", "app", "the dashboard")
    from streamlit.web import cli

    _pages_are_ours()
    _warm_up()
    try:
        cli.main(["run", str(dashboard), *extra], prog_name="streamlit")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
