"""The house's rules: imports point one way, only the app knows Streamlit, pages are thin and listed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEVELS = {
    "": ("core", "ingest analysis", "paper engine centres", "present", "project launch", "report", "lessons",
         "cli app", "__main__"),
    "core": ("beyond errors frozen native tally text", "canonical estimate extras files kinds", "frames toml", "result",
             "dictionary", "names responses time_to_event", "asked", "cohort",
             "coarse counts guardrails", "selection", "complement edits where arguments"),
    "core.edits": ("steps", "making written formula", "derived endpoints levels places rows", "apply"),
    "analysis": ("arrays proportions multiplicity", "comparison survival regression",
                 "baseline recurrence response rounds staging selection_bias competing treatment prediction understood "
                 "flow",
                 "centres subcohorts recorded opinion changed patient"),
    "paper": ("printed", "values", "audit reproduction literature"),
    "present": ("svg words", "figures tables", "validation shown"),
    "report": ("model stable vectors changed fitting", "recipe masking",
               "making ready word scripts slides numbers data", "screens", "workbook opinion case",
               "bundle case_sheet"),
    "report.slides": ("deck", "pages", "charts"),
    "report.scripts": ("text flat", "layout rules patients", "formulas script", "sites regression reading",
                       "survival changes baseline response", "cohorts competing", "analyses", "r", "python"),
    "app": ("session", "widgets", "wizard", "views", "shell"),
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


def place(path: Path) -> str:
    """The room of a module, or `pages`."""
    return home(path) if path.is_relative_to(ROOT / "necc") else "pages"


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


LOOK_AHEAD = {"core/asked.py", "core/cohort.py", "core/result.py"}


def test_only_cohorts_and_results_look_ahead():
    """Methods of a cohort and shows of a result are written in later rooms, and looked up by name."""
    looking = {
        path.relative_to(ROOT / "necc").as_posix()
        for path in MODULES
        if "necc.core.beyond.beyond" in imported(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert looking and looking <= LOOK_AHEAD


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
COMPUTES: dict[str, set[str]] = {}


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


STEPS = [p for p in PRESENT if below_present(p).startswith("figures/") and below_present(p) != "figures/steps.py"]


@pytest.mark.parametrize("path", STEPS, ids=below_present)
def test_step_curves_are_drawn_by_their_parts(path):
    """A trace with steps, and the corners of a path with steps, stand in figures/steps.py alone."""
    text = path.read_text(encoding="utf-8")
    assert '"hv"' not in text and "step_points" not in text and "step_path" not in text


def test_a_drawing_is_seen():
    for name in ("bars", "regression"):
        assert drawn(ast.parse((ROOT / f"necc/present/figures/{name}.py").read_text(encoding="utf-8")))
    assert drawn(ast.parse("import plotly.express as px\nx = '<svg>'")) == {"plotly.express", "<svg"}


def test_a_statistic_is_seen():
    at_risk = "rows = np.searchsorted(when, times - 1e-9)\nn = entered - counts.cumsum()[rows]"
    local_line = "reach = np.partition(d, k)[k]\nmean = (weight * x).sum() / weight.sum()\nfit = np.linalg.lstsq(x, y)"
    assert computed(ast.parse(at_risk)) == {"np.searchsorted", "counts.cumsum"}
    assert computed(ast.parse(local_line)) == {"np.partition", ".sum", "weight.sum", ".lstsq"}
    assert computed(ast.parse("np.rint(y)\nmath.log10(low)\nsum(x > 1 for x in rows)\ntext.partition('.')")) == set()
    assert asked_of_analysis(ast.parse("from necc.analysis.survival import Curve, kaplan_meier")) == {"kaplan_meier"}


def sentences_in(tree: ast.AST) -> list[tuple[ast.expr, str]]:
    """Texts, and f-strings with an x for each value, that are sentences: four words and a full stop, or two sentences.

    Docstrings aside.
    """
    documented = {id(n.body[0].value) for n in ast.walk(tree)
                  if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.Module)) and n.body
                  and isinstance(n.body[0], ast.Expr)}  # fmt: skip
    parts = {id(value) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for value in n.values}
    texts: list[tuple[ast.expr, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            texts.append((node, "".join(v.value if isinstance(v, ast.Constant) else "x" for v in node.values)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented | parts:
            texts.append((node, node.value))
    return [(n, t) for n, t in texts if re.search(r"\. [A-Z]", t) or (len(t.split()) > 3 and t.rstrip().endswith("."))]


# What puts parts together as sentences; a table may do it with the notes that words made, a figure takes its caption.
MAKERS = {"sentence", "sentences", "excluded_phrase", "not_analysed", "as_notes", "notes_of"}
# Figures that still word sentences. The list may only shrink.
WORDY: set[str] = set()


@pytest.mark.parametrize("path", [p for p in PRESENT if not below_present(p).startswith("words/")], ids=below_present)
def test_only_words_write_sentences(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    made = {name.rpartition(".")[2] for name in imported(tree)} & MAKERS if path.parent.name == "figures" else set()
    assert not sentences_in(tree) and not made or below_present(path) in WORDY


def numbers_of(kinds: tuple[str, ...]) -> set[str]:
    """Names of the numbers that results of some rooms hold."""
    trees = [ast.parse(p.read_text(encoding="utf-8")) for p in MODULES if home(p) in kinds]
    fields = [f for t in trees for c in ast.walk(t) if isinstance(c, ast.ClassDef) for f in c.body]
    return {f.target.id for f in fields if isinstance(f, ast.AnnAssign) and isinstance(f.target, ast.Name)
            and re.search(r"\b(int|float|Estimate)\b", ast.unparse(f.annotation))}  # fmt: skip


NUMBERS = numbers_of(("analysis", "paper"))


def numbers_told(tree: ast.AST) -> list[str]:
    """Sentences that format a number: by a function of numbers, or by an attribute of a result."""
    told = []
    for node, text in sentences_in(tree):
        for part in ast.walk(node) if isinstance(node, ast.JoinedStr) else ():
            called = part.func.id if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) else ""
            if called.startswith("format_") or called in ("plural", "p_phrase"):
                told.append(text)
            if isinstance(part, ast.Attribute) and part.attr in NUMBERS:
                told.append(text)
    return told


# The wizard and the shell know files, not results: what they count is rows, columns and answers.
TOUCHED = [p for p in (*MODULES, *PAGES) if place(p) in ("app", "cli", "pages")
           and not any(p.is_relative_to(ROOT / "necc" / "app" / room) for room in ("wizard", "shell"))]  # fmt: skip


@pytest.mark.parametrize("path", TOUCHED, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_pages_and_commands_word_no_result(path):
    assert not numbers_told(ast.parse(path.read_text(encoding="utf-8")))


def test_a_sentence_about_a_result_is_seen():
    tree = ast.parse(
        '"""A docstring of four words."""\na = f"{n} of them had it."\nb = "Age. Sex"\nc = "n (%)"\nd = "A title"'
    )
    assert [text for _, text in sentences_in(tree)] == ["x of them had it.", "Age. Sex"]
    assert numbers_told(ast.parse('a = f"There were {plural(n, what)} in all."')) and "n_events" in NUMBERS
    assert numbers_told(ast.parse('f"There were {km.n_events} in all."')) and not numbers_told(tree)


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


ROOMS_WITHOUT_NAMES = ("core", "ingest", "analysis", "present", "app", "cli")
NAMED = {
    ("ingest/direction.py", "*"): "words of foreign headings and cells, in any of which a file may say it",
    ("ingest/suggest.py", "*"): "words of foreign headings, in any of which a file may say it",
    ("ingest/doubts.py", "OS"): "what a file may call an endpoint of its own",
    ("ingest/doubts.py", "PRS"): "what a file may call an endpoint of its own",
    ("present/words/terms.py", "OS"): "an abbreviation that is explained, not the endpoint",
    ("ingest/privacy.py", "patient_id"): "the column that a file without identifiers gets",
    ("analysis/response/swimmer.py", "progressed"): "how a lane ends, not the column",
}
"""Names of the shipped dictionaries that may stand in code, by file, each with the reason."""


def literals(tree: ast.AST) -> set[str]:
    """Texts of the code; docstrings aside."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            node.body = [n for n in node.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_no_column_or_endpoint_is_named_in_code():
    """The dictionary names them by role; what is written in the code is true of every disease."""
    from necc.core.dictionary import Dictionary, builtin_names

    books = [Dictionary.builtin(name) for name in builtin_names()]
    names = {n for book in books for n in (*book.variables, *book.endpoints, *book.groupings)}
    used = set()
    for path in [p for p in (*MODULES, *PAGES) if p in PAGES or home(p) in ROOMS_WITHOUT_NAMES]:
        file = path.relative_to(ROOT / "necc" if path in MODULES else ROOT).as_posix()
        used |= {(file, name) for name in names & literals(ast.parse(path.read_text(encoding="utf-8")))}
    assert {(file, name) for file, name in used if (file, name) not in NAMED and (file, "*") not in NAMED} == set()
    files = {file for file, _ in used}
    assert all(key in used or (key[1] == "*" and key[0] in files) for key in NAMED), "no longer needed"


HEAVY = ("lifelines", "sksurv", "sklearn", "scipy.stats", "matplotlib")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_heavy_libraries_are_imported_when_used(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert not [n for n in imported(tree) if n.startswith(HEAVY)], "import it inside the function that needs it"
