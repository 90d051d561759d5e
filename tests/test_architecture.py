"""The house's rules: imports point one way, only the app knows Streamlit, pages are thin and listed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEVELS = {
    "": ("core", "ingest analysis", "paper", "present", "launch", "cli app", "__main__"),
    "core": ("errors estimate text", "toml", "dictionary", "time_to_event", "cohort", "selection guardrails"),
    "analysis": ("proportions multiplicity", "comparison survival regression",
                 "baseline recurrence response staging selection_bias competing treatment prediction"),
    "paper": ("files printed", "values", "audit reproduction literature"),
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


def asked_of_analysis(tree: ast.AST) -> set[str]:
    """Functions and modules of `necc.analysis` and `necc.paper` that are imported: no capital."""
    rooms = ("necc.analysis", "necc.paper")
    taken = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and (n.module or "").startswith(rooms)]
    modules = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names if a.name.startswith(rooms)}
    return modules | {alias.name for node in taken for alias in node.names if not alias.name[0].isupper()}


OF_ARRAYS = {
    "sum",
    "mean",
    "median",
    "average",
    "std",
    "var",
    "quantile",
    "percentile",
    "cumsum",
    "cumprod",
    "prod",
    "dot",
}
OF_LIBRARIES = OF_ARRAYS | {
    "searchsorted", "partition", "histogram", "bincount", "polyfit", "interp", "corrcoef", "exp", "log", "sqrt", "erf",
    "fsum", "nansum", "nanmean", "nanmedian", "nanpercentile", "nanquantile", "einsum", "digitize", "convolve",
}  # fmt: skip


def computed(tree: ast.AST) -> set[str]:
    """Calls that make a number of numbers, as a statistic does: of numpy, math, an array; and matrix products.

    Rounding, ordering, choosing rows and the logarithm of an axis (`log10`) are drawing; `sum(...)` counts rows.
    """
    calls = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    names = {f"{ast.unparse(f.value)}.{f.attr}" if isinstance(f.value, ast.Name) else f".{f.attr}" for f in calls
             if f.attr in (OF_LIBRARIES if ast.unparse(f.value) in ("np", "numpy", "math") else OF_ARRAYS)
             or ast.unparse(f.value).startswith(("np.linalg", "np.fft", "np.random", "statistics"))}  # fmt: skip
    products = any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.MatMult) for n in ast.walk(tree))
    return names | ({"@"} if products else set())


def below_present(path: Path) -> str:
    return path.relative_to(ROOT / "necc" / "present").as_posix()


# By file: what still computes. The list may only shrink.
COMPUTES = {
    "figures/grid.py": {"known.sum"},
    "figures/incidence.py": {".cumsum", "np.searchsorted"},
    "figures/panels.py": {"n.cumsum", "np.searchsorted"},
    "figures/survival.py": {".cumsum"},
    "figures/treatment.py": {".sum", "np.median"},
}


@pytest.mark.parametrize("path", PRESENT, ids=below_present)
def test_showing_takes_types_and_constants_only(path):
    assert not asked_of_analysis(ast.parse(path.read_text(encoding="utf-8")))


SCALES = [p for p in PRESENT if below_present(p).startswith("svg/") or below_present(p) == "figures/scales.py"]


@pytest.mark.parametrize("path", [p for p in PRESENT if p not in SCALES], ids=below_present)
def test_showing_makes_no_statistic(path):
    assert computed(ast.parse(path.read_text(encoding="utf-8"))) <= COMPUTES.get(below_present(path), set())


def drawn(tree: ast.AST) -> set[str]:
    """Marks of a picture that is made by hand: Plotly itself, SVG text, and a trace or shape of a description."""
    kinds = {"scatter", "bar", "heatmap", "line", "rect", "path", "circle"}
    marks = {name for name in imported(tree) if name.split(".")[0] in ("plotly", "matplotlib", "altair")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            marks |= {tag for tag in ("<svg", "<path", "<rect", "<polyline") if tag in node.value}
        if isinstance(node, ast.Dict):
            pairs = {k.value: v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)}
            kind = pairs.get("type")
            marks |= {"type"} if isinstance(kind, ast.Constant) and kind.value in kinds else set()
            marks |= {"traces", "hovertemplate"} & set(pairs)
    return marks


ELSEWHERE = [p for p in (*MODULES, *PAGES, ROOT / "dashboard.py")
             if not any(p.is_relative_to(ROOT / "necc" / "present" / room) for room in ("figures", "svg"))]  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_only_figures_draw(path):
    assert not drawn(ast.parse(path.read_text(encoding="utf-8")))


def test_a_drawing_is_seen():
    for name in ("bars", "regression"):
        assert drawn(ast.parse((ROOT / f"necc/present/figures/{name}.py").read_text(encoding="utf-8")))
    assert drawn(ast.parse("import plotly.express as px\nx = '<svg>'")) == {"plotly.express", "<svg"}


def worded(tree: ast.AST) -> set[str]:
    """Texts of several words that are sentences, and what puts notes together as sentences; docstrings aside."""
    bodies = [n.body for n in ast.walk(tree) if isinstance(n, (ast.Module, ast.ClassDef, ast.FunctionDef)) and n.body]
    documented = {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}
    texts = {n.value for n in ast.walk(tree)
             if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in documented}  # fmt: skip
    makers = {"sentence", "sentences", "excluded_phrase", "not_analysed", "as_notes", "notes_of"}
    made = {name.rpartition(".")[2] for name in imported(tree)} & makers
    return made | {t for t in texts if re.search(r"\w+ \w+ \w+.*(\.$|[.;] )", t) and not re.search("[<{]|Plotly", t)}


# Figures that still word sentences. The list may only shrink.
WORDY = ("competing", "grid", "incidence", "restricted", "survival", "treatment")


@pytest.mark.parametrize("path", sorted((ROOT / "necc" / "present" / "figures").glob("*.py")), ids=lambda p: p.name)
def test_figures_word_no_sentence(path):
    assert path.stem in WORDY or not worded(ast.parse(path.read_text(encoding="utf-8")))


def test_a_sentence_is_seen():
    assert worded(ast.parse("from necc.present.words.captions import sentences")) == {"sentences"}
    assert worded(ast.parse("alt = 'No patient was left out.'\ntitle = 'Patients with the site'")) == {
        "No patient was left out."
    }


def test_a_statistic_is_seen():
    at_risk = "rows = np.searchsorted(when, times - 1e-9)\nn = entered - counts.cumsum()[rows]"
    local_line = "reach = np.partition(d, k)[k]\nmean = (weight * x).sum() / weight.sum()\nfit = np.linalg.lstsq(x, y)"
    assert computed(ast.parse(at_risk)) == {"np.searchsorted", "counts.cumsum"}
    assert computed(ast.parse(local_line)) == {"np.partition", ".sum", "weight.sum", ".lstsq"}
    assert computed(ast.parse("np.rint(y)\nmath.log10(low)\nsum(x > 1 for x in rows)\ntext.partition('.')")) == set()
    assert asked_of_analysis(ast.parse("from necc.analysis.survival import Curve, kaplan_meier")) == {"kaplan_meier"}


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
