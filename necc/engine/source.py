"""An engine's table as a cohort that is asked for counts.

References: the Ibis project, ibis-project.org; DuckDB, duckdb.org (Raasveldt M, Muehleisen H. SIGMOD 2019.
doi:10.1145/3299869.3320212).
"""

from __future__ import annotations

import hashlib
import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from necc.core.cohort import Cohort, Source
from necc.core.counts import Wanted, behind
from necc.core.dictionary import Dictionary
from necc.core.errors import AnalysisError
from necc.core.selection import Selection
from necc.engine.asking import N, Question, too_long
from necc.engine.connecting import Connection, connect, reason
from necc.engine.keeping import Kept
from necc.engine.meaning import Meaning, understand
from necc.ingest.handed import known_dictionary, known_mapping
from necc.ingest.mapping import Mapping

T = TypeVar("T")


class Engine:
    """A table that is asked for counts; one question at a time, and the answers to the last ones are kept.

    It satisfies `necc.core.counts.Counts`.
    """

    def __init__(self, connection: Connection, meaning: Meaning, time_limit_s: float):
        self.connection, self.meaning, self.time_limit_s = connection, meaning, time_limit_s
        self._kept = Kept()
        weakref.finalize(self, connection.close)
        self._lock = threading.Lock()
        self._stopped = ""

    def __repr__(self) -> str:
        return f"Engine({self.connection.name})"

    def counted(self, wanted: Wanted, selections: tuple[Selection, ...]) -> Cohort:
        """The combinations of what is wanted, with how many patients have each; filters are the engine's to apply.

        Raises:
            AnalysisError: the table lacks what is wanted, it changed, or the query failed or took too long.
        """
        question = Question.of(self.meaning, wanted)

        def ask() -> Cohort:
            found = question.query(self.connection.table, selections).to_pandas()
            return question.patterns(found, selections)

        return self._answer((wanted, selections), ask)

    def n_patients(self, selections: tuple[Selection, ...]) -> int:
        """The patients for whom all selections hold."""
        question = Question(self.meaning, (), (), {})

        def ask() -> int:
            return int(question.query(self.connection.table, selections).to_pandas()[N].iloc[0])

        return self._answer(("n", selections), ask)

    def cancel(self) -> None:
        """Ends the query that runs; whoever waits for it is told."""
        self._stopped = "stopped before it was counted"
        self.connection.stop()

    def _answer(self, key: object, ask: Callable[[], T]) -> T:
        with self._lock:
            return self._kept.get(key, lambda: self._in_time(ask))

    def _in_time(self, ask: Callable[[], T]) -> T:
        """What is asked of the engine, which is stopped where it takes too long."""
        self._stopped = ""
        timer = threading.Timer(self.time_limit_s, self._too_long)
        timer.start()
        try:
            return ask()
        except AnalysisError:
            raise
        except KeyboardInterrupt:
            self.connection.stop()
            raise
        except Exception as error:  # noqa: BLE001 - each engine fails in ways of its own
            raise self._failed(error) from None
        finally:
            timer.cancel()

    def _too_long(self) -> None:
        self._stopped = "time"
        self.connection.stop()

    def _failed(self, error: Exception) -> AnalysisError:
        said = reason(error)
        if self._stopped == "time" or "statement timeout" in said:
            return too_long(self.time_limit_s, self.connection.name)
        if self._stopped:
            return AnalysisError(f"{self.connection.name}: {self._stopped}")
        if any(word in said.lower() for word in ("not found", "does not exist", "no such column")):
            return AnalysisError(f"{self.connection.name} changed since it was opened; open it again ({said})")
        return AnalysisError(f"{self.connection.name} could not be counted: {said}")


def open_source(
    where: str | Path,
    *,
    table: str = "",
    mapping: Mapping | str | Path | None = None,
    dictionary: Dictionary | str | Path | None = None,
    answers: str | Iterable[str] = (),
    time_limit_s: float = 60,
    memory_limit: str = "1GB",
    password_env: str = "",
) -> Cohort:
    """A table where it lives, as a cohort that is asked for counts; no patient's row leaves it.

    Args:
        where: a Parquet file, a folder of them, a CSV file or a DuckDB database; or a connection, such as
            "postgres://host/registry". A password comes from the environment: NECC_PASSWORD or PGPASSWORD.
        table: the table or view, where there are several.
        mapping: how its columns are understood, or the file that says so; by their names without.
        dictionary: the disease, by its name or its file.
        answers: to what the values leave open, as `event:died=2`; the error that asks says which there are.
        time_limit_s: seconds after which a question is given up.
        memory_limit: that DuckDB may take, such as "1GB".
        password_env: another environment variable that holds the password.

    Returns:
        A cohort that has the table's names, levels and endpoints; what is counted is asked of the engine.

    Raises:
        AnalysisError: it can't be reached or opened, or its text holds a password.
        CohortError: its values leave open what they mean; as of a file.
        MissingExtra: the libraries that speak to engines aren't installed.

    Example:
        >>> import pandas as pd
        >>> from necc import kaplan_meier, open_source
        >>> frame = pd.DataFrame({"os_months": [5, 6, 7, 9], "died": [1, 0, 1, 1], "histology": list("abab")})
        >>> frame.to_parquet("registry.parquet")
        >>> registry = open_source("registry.parquet")
        >>> registry.n_patients
        4
    """
    known, how = known_dictionary(dictionary), known_mapping(mapping)
    connection = connect(str(where), table, memory_limit, time_limit_s, password_env)
    try:
        n = int(connection.table.count().to_pandas())
        if not n:
            raise AnalysisError(f"{connection.name} has no rows: there are no patients to count")
        told = (answers,) if isinstance(answers, str) else tuple(answers)
        meaning = understand(connection.table, connection.name, n, how, known, tuple(a for a in told if a))
    except Exception as error:
        connection.close()
        if type(error).__module__.startswith("necc."):
            raise
        if "statement timeout" in str(error):
            raise too_long(time_limit_s, connection.name) from None
        raise AnalysisError(f"{connection.name} can't be read: {reason(error)}") from None
    digest = hashlib.sha256(f"{connection.name}|{n}|{meaning.outline.source.sha256}".encode()).hexdigest()
    source = Source(connection.name, digest, n, meaning.notice)
    outline = replace(meaning.outline, source=source, findings=meaning.findings, _cache={})
    engine = Engine(connection, replace(meaning, outline=outline), time_limit_s)
    return replace(behind(outline, engine), findings=meaning.findings, _cache={})
