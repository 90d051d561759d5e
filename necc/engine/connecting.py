"""From a path or a connection string to a table that can be asked, without a password in sight."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from necc.core.errors import AnalysisError
from necc.core.extras import need
from necc.core.text import first_few, plural, shorten
from necc.core.toml import meant

if TYPE_CHECKING:
    from ibis.expr.types import Table

FILES = (".parquet", ".csv", ".csv.gz", ".tsv", ".duckdb", ".db", ".ddb")
DATABASES = (".duckdb", ".db", ".ddb")
LARGE_ROWS = 1_000_000
LARGE_BYTES = 500_000_000
PASSWORD = "NECC_PASSWORD"
USUAL = (PASSWORD, "PGPASSWORD")
SECRETS = {*USUAL}  # variables whose values no message repeats
PURPOSE = "asking a database"
OF_SECRETS = re.compile(r"(^|[\s?&;])(password|passwd|pwd|sslpassword|key|token|secret)\s*=", re.IGNORECASE)
SECRET = re.compile(r"://[^@/\s]*:[^@/\s]*@|password=\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Connection:
    """A table of an engine. name: what it is called beside results. stop: ends the query that runs."""

    backend: Any
    table: Table
    name: str
    stop: Callable[[], object]

    @property
    def close(self) -> Callable[[], object]:
        """Ends it; what it needs for that holds nothing that asks it."""
        end: Callable[[], object] = self.backend.disconnect
        return end


def can_open(where: str) -> bool:
    """Whether a path or a text is something that an engine opens.

    Example:
        >>> from necc.engine import can_open
        >>> can_open("registry.parquet"), can_open("postgres://host/registry"), can_open("cohort.xlsx")
        (True, True, False)
    """
    return "://" in where or where.lower().endswith(FILES) or (Path(where).is_dir() and bool(_parts(Path(where))))


def is_large(path: str | Path) -> bool:
    """Whether a file is better counted by an engine than read: over a million rows of Parquet, or 500 MB of text.

    A database file always is.

    Example:
        >>> from necc.engine import is_large
        >>> is_large("cohort.csv")
        False
    """
    path = Path(path)
    name = path.name.lower()
    if name.endswith(DATABASES):
        return True
    if path.is_dir():
        return bool(_parts(path))
    if not path.is_file():
        return False
    if name.endswith(".parquet"):
        need("pyarrow", "engine", "reading Parquet")
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile

        try:
            with ParquetFile(path) as file:
                return bool(file.metadata.num_rows > LARGE_ROWS)
        except (ArrowException, OSError):
            return False  # told by whoever reads it
    return name.endswith(FILES) and path.stat().st_size > LARGE_BYTES


def holds_secret(where: str) -> bool:
    """Whether an address holds a password or a key, which belong in the environment.

    Example:
        >>> from necc.engine.connecting import holds_secret
        >>> [holds_secret(f"postgres://{a}host/db") for a in ("ann:hush@", "ann@", "")]
        [True, False, False]
    """
    return bool(OF_SECRETS.search(where)) or urlsplit(os.path.expandvars(where)).password is not None


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def connect(where: str, table: str, memory_limit: str, time_limit_s: float, password_env: str = "") -> Connection:
    """Opens a source to read it.

    Raises:
        AnalysisError: it can't be reached or opened, it has no such table, or its text holds a password.
        MissingExtra: the libraries that speak to engines aren't installed.
    """
    need("ibis", "database", PURPOSE)
    need("duckdb", "database", PURPOSE)
    if holds_secret(where):
        raise AnalysisError(
            "the address holds a password or a key, which would stay in histories and lists of processes: leave it out "
            f"and set the environment variable {PASSWORD}"
        )
    if "://" in where and not where.lower().startswith("file://"):
        return _of_string(where, table, time_limit_s, password_env)
    return _of_file(Path(where), table, memory_limit)


# ---------------------------------------------------------------- files
def _of_file(path: Path, table: str, memory_limit: str) -> Connection:
    import duckdb
    import ibis

    name = path.name.lower()
    several = any(sign in str(path) for sign in "*?[")
    if not several and not path.exists():
        raise AnalysisError(f"there is no file '{shorten(path.name)}' to ask")
    settings = {"memory_limit": memory_limit, "preserve_insertion_order": False}
    backend: Any = None
    try:
        if name.endswith(DATABASES):
            backend = ibis.duckdb.connect(path, read_only=True, **settings)
            found = backend.table(_chosen(backend, table, path.name))
        elif table:
            raise AnalysisError(f"'{shorten(path.name)}' is one table; leave out the table's name '{shorten(table)}'")
        else:
            backend = ibis.duckdb.connect(**settings)
            if name.endswith((".csv", ".csv.gz", ".tsv")):
                found = backend.read_csv(str(path), sample_size=-1)
            else:
                found = backend.read_parquet([str(p) for p in _parts(path)] if path.is_dir() else str(path))
    except AnalysisError:
        _end(backend)
        raise
    except duckdb.Error as error:
        _end(backend)
        raise AnalysisError(f"'{shorten(path.name)}' can't be opened: {reason(error)}") from None
    named = f"{path.name}, table {found.get_name()}" if name.endswith(DATABASES) else path.name
    return Connection(backend, found, named, backend.con.interrupt)


def _end(backend: Any) -> None:
    """Closes a connection that isn't used after all."""
    if backend is not None:
        backend.disconnect()


def _chosen(backend: Any, table: str, name: str) -> str:
    """The table that is meant: the one there is, or the one of this name."""
    tables = _tables(backend)
    if table in tables:
        return table
    if table:
        raise AnalysisError(
            f"'{shorten(name)}' has no table '{shorten(table)}'; there {_there(tables)}{meant(table, tables)}; "
            "one that this user may not read isn't seen"
        )
    if len(tables) == 1:
        return str(tables[0])
    raise AnalysisError(
        f"'{shorten(name)}' has {plural(len(tables), 'table')}; name one by --table: {first_few(tables)}"
    )


def _tables(backend: Any) -> list[str]:
    """The tables and views that there are; Ibis 12 asks DuckDB 2 for them by a method that is gone."""
    if backend.name != "duckdb":
        return list(backend.list_tables())
    known = backend.table("tables", database="information_schema")
    here = known.filter(known.table_schema == backend.current_database, known.table_catalog == backend.current_catalog)
    return sorted(here.table_name.to_pandas())


def _there(tables: list[str]) -> str:
    return f"are {first_few(tables)}" if tables else "is none"


# ---------------------------------------------------------------- connection strings
def _of_string(where: str, table: str, time_limit_s: float, password_env: str) -> Connection:
    import ibis

    SECRETS.update({password_env} - {""})
    where = os.path.expandvars(where)
    parts = urlsplit(where)
    port = f":{parts.port}" if parts.port else ""
    shown = f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
    scheme = {"postgresql": "postgres"}.get(parts.scheme, parts.scheme)
    options: dict[str, Any] = {}
    if scheme == "postgres":
        limit = f"-c statement_timeout={int(1000 * time_limit_s)} -c default_transaction_read_only=on"
        options = {"host": parts.hostname, "port": parts.port, "user": parts.username, "options": limit,
                   "database": parts.path.strip("/") or None, "connect_timeout": 10}  # fmt: skip
        named = (password_env,) if password_env else USUAL  # no other source's password goes to this server
        options["password"] = next(filter(None, map(os.environ.get, named)), None)
        options = {name: value for name, value in options.items() if value is not None}
    backend: Any = None
    try:
        if scheme == "postgres":
            need("psycopg", "database", "asking PostgreSQL")
            backend = ibis.postgres.connect(**options)
        else:
            backend = ibis.connect(where)
        found = backend.table(_chosen(backend, table, shown))
    except AnalysisError:
        _end(backend)
        raise
    except Exception as error:  # noqa: BLE001 - each engine fails in ways of its own
        _end(backend)
        raise AnalysisError(f"{shown} can't be reached or opened: {_why(error, parts.scheme)}") from None
    stop = getattr(getattr(backend, "con", None), "cancel", lambda: None)
    return Connection(backend, found, f"{shown}, table {found.get_name()}", stop)


def _why(error: Exception, scheme: str) -> str:
    """Why an engine can't be reached, and how to mend it where that is known."""
    said = reason(error)
    if isinstance(error, ImportError):
        return f"Ibis's part for {scheme} isn't installed: pip install 'ibis-framework[{scheme}]'"
    if "password authentication" in said or "no password supplied" in said:
        return f"{said}; the password is read from the environment variable {PASSWORD} or PGPASSWORD"
    return said


def reason(error: Exception) -> str:
    """What an engine says, in one line, without what could be a password."""
    said = " ".join(str(error).split())
    said = SECRET.sub("://...@", said)
    for name in SECRETS:
        if secret := os.environ.get(name):
            said = said.replace(secret, "...")
    return shorten(said or type(error).__name__, 200)
