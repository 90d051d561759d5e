"""Packages whose names are loaded when they are first used, so that nobody waits for what isn't shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazily(package: str, homes: Mapping[str, tuple[str, ...]]) -> tuple[Callable[[str], object], list[str]]:
    """A package's `__getattr__` and `__all__`, from its modules and the names that each gives.

    A name is kept in the package once it was asked for, also where a module is called the same.
    """
    home = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> object:
        if name not in home:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        module = import_module(home[name])
        called = home[name].rpartition(".")[2]  # importing has put the module in the place of its namesake
        for wanted in {name, called if home.get(called) == home[name] else name}:
            setattr(sys.modules[package], wanted, getattr(module, wanted))
        return getattr(module, name)

    return get, sorted(home)
