"""Counts from where the data live: a table of DuckDB, PostgreSQL or another engine, asked through Ibis."""

from necc.engine.connecting import can_open, is_large
from necc.engine.source import Engine, open_source

__all__ = ["Engine", "can_open", "is_large", "open_source"]
