"""The house's rules: imports point one way, only the app knows Streamlit, pages are thin and listed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEVELS = {
    "": ("core", "ingest analysis", "paper", "present", "launch", "cli app", "__main__"),
    "core": ("errors estimate text lazy", "toml", "dictionary", "time_to_event", "cohort", "selection guardrails"),
    "analysis": ("proportions multiplicity", "comparison survival regression",
                 "baseline recurrence response staging selection_bias competing treatment prediction"),
    "paper": ("files", "audit", "reproduction literature"),
    "present": ("svg words", "figures tables", "validation"),
    "app": ("session", "widgets", "views wizard shell"),
}  # fmt: skip
"""By package, "" for `necc` itself: what may import what stands before it in its line."""
MODULES = sorted(p for p in (ROOT / "necc").rglob("*.py") if p.relative_to(ROOT / "necc").as_posix() != "__init__.py")
PRESENT = [p for p in MODULES if p.is_relative_to(ROOT / "necc" / "present")]
PAGES = sorted((ROOT / "pages").glob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    """Dotted names of everything imported, wherever it stands; imports for type checking aside."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def home(path: Path) -> str:
    """The module or package directly below `necc` that a file belongs to."""
    return path.relative_to(ROOT / "necc").parts[0].removesuffix(".py")


def levels(package: str) -> dict[str, int]:
    return {name: level for level, names in enumerate(LEVELS[package]) for name in names.split()}


def steps(name: str) -> list[tuple[str, str]]:
    """A dotted name as a path through the packages that have levels: what package, and what of it."""
    parts = name.split(".")[1:]
    return [(".".join(parts[:i]), part) for i, part in enumerate(parts) if ".".join(parts[:i]) in LEVELS]


@pytest.mark.parametrize("package", LEVELS)
def test_every_module_has_a_level(package):
    folder = ROOT / "necc" / package.replace(".", "/")
    there = {p.stem for p in folder.iterdir() if p.suffix == ".py" or list(p.glob("*.py"))} - {"__init__"}
    assert there == set(levels(package))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_point_down(path):
    here = dict(steps(".".join(path.relative_to(ROOT).with_suffix("").parts)))
    upward = []
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        for package, other in steps(name) if name.split(".")[0] == "necc" else ():
            level = levels(package)
            own = here.get(package)
            if own is None:
                break
            if own != other:
                if other in level and own in level and level[other] >= level[own]:
                    upward.append(f"{package or 'necc'}: {own} imports {other}")
                break
    assert not upward


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_only_the_app_imports_streamlit(path):
    uses = {name for name in imported(ast.parse(path.read_text(encoding="utf-8"))) if name.split(".")[0] == "streamlit"}
    assert not uses or home(path) in ("app", "launch")


@pytest.mark.parametrize("path", PRESENT, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_showing_never_computes(path):
    judges = ("lifelines", "scipy", "sksurv", "sklearn")
    names = imported(ast.parse(path.read_text(encoding="utf-8")))
    assert not [n for n in names if n.split(".")[0] in judges]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_pages_are_thin(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))]
    assert not defined, "a page defines nothing; shared pieces live in necc/app"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60
    assert ast.get_docstring(tree), "a page says in its first line what it is for"


def test_every_page_is_listed():
    from necc.app.shell.navigation import PAGES as LISTED

    assert {p.stem for p in PAGES} == {name for name, _ in LISTED}


HEAVY = ("lifelines", "sksurv", "sklearn", "scipy.stats", "matplotlib")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_heavy_libraries_are_imported_when_used(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not [n for n in imported(tree) if n.startswith(HEAVY)], "import it inside the function that needs it"
