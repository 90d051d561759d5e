"""A report as a Python script: what its recipes call, as plain calls of `necc`, and every number compared."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from functools import cached_property

from necc import __version__
from necc.core.cohort import Cohort
from necc.core.edits import apply_edits, edits_to_toml
from necc.core.result import to_json
from necc.present.figures import Figure
from necc.project import Project, filter_texts, without_patients
from necc.report.model import Item, Report
from necc.report.recipe import ANALYSES, RecipeError, read
from necc.report.scripts import flat
from necc.report.scripts.text import comment

SINGLE = ("treated_patients", "swimmer", "influence", "schoenfeld")
"""Analyses of single patients, of whom a script holds nothing."""
OWN = ("reading", "methods", "checklist")
"""What recipes have beside the public functions, for texts."""
HELPERS = '''
n_compared, n_different, largest = 0, 0, 0.0


def same(what, result, expected, tolerance=1e-7):
    """Compares each number of a result with the one that the report shows: relative differences up to the tolerance."""
    global n_compared, n_different, largest
    print(what)
    results = [one.to_dict() for one in (result if isinstance(result, tuple) else (result,))]
    found = dict(numbers(results if isinstance(result, tuple) else results[0]))
    for name, value in expected.items():
        gap = abs(found.get(name, math.inf) - value) / max(abs(value), 1e-6)
        n_compared, largest = n_compared + 1, max(largest, gap)
        if gap > tolerance:
            n_different += 1
            print(f"  DIFFERS: {name} is {found.get(name)} now, and {value!r} in the report")


def finished():
    print(f"\\n{n_compared} numbers compared, largest difference {largest:.2g}, {n_different} above the tolerance.")
    sys.exit(1 if n_different else 0)
'''


def python_script(report: Report, only: Iterable[str] = ()) -> str:
    """A Python script that makes a report's exhibits with `necc` alone, and compares each number with the one shown.

    It needs this program's package and the file of patients, which it knows by its checksum. Mapping, edits and filters
    stand in it. Figures are written as SVG into the folder `figures`. It ends with the number of comparisons and the
    largest difference, and with status 1 where one is above 1e-7 of the number.

    Args:
        report: as `make_report` gives it. only: names of items; all of them by default.

    Raises:
        AnalysisError: the report has no item of a name.

    Example:
        >>> from necc.report import make_report, ready
        >>> from necc.report.scripts import python_script
        >>> report = make_report(Project(exhibits=ready(cohort)[:3]), cohort)
        >>> python_script(report).splitlines()[-1]
        'finished()'
    """
    return PythonScripts(report).written(only)


class PythonScripts:
    """The scripts of a report: how its file is read is written once for all of them."""

    def __init__(self, report: Report) -> None:
        self.report = report

    @cached_property
    def patients(self) -> list[str]:
        """Lines that read the file and make the edits."""
        return _patients(self.report)

    def written(self, only: Iterable[str] = ()) -> str:
        """One script, of the items of these names; of all without a name.

        Raises:
            AnalysisError: the report has no item of a name.
        """
        names, compared = set[str](), dict[tuple[int, str], str]()
        items = self.report.named(only)
        sections = [line for item in items for line in _section(self.report, item, names, compared)]
        imports = [f"from {ANALYSES[name]} import {name}" for name in sorted(names & {*ANALYSES})]
        if "CurveSettings" in names:
            imports.append("from necc.present.figures import CurveSettings")
        head = [
            *_told(self.report), "", "import hashlib", "import math", "import sys",
            "from collections.abc import Iterator, Mapping", "from pathlib import Path", "",
            "from necc import Selection, apply_edits, edits_from_toml, read_cohort",
            "from necc.ingest import Mapping as FileMapping", "from necc.present import figures, tables",
            *sorted(imports), HELPERS, "", inspect.getsource(flat.numbers), "",
        ]  # fmt: skip
        return "\n".join([*head, *self.patients, *sections, "", "finished()"]) + "\n"


def _told(report: Report) -> list[str]:
    said = [
        report.title or "The numbers of a report", *([report.notice] if report.notice else []),
        f"Makes the report's exhibits from {report.filename} with necc {__version__} and compares their numbers.",
        f"Run it in the folder of the file: python this_script.py [path/to/{report.filename}]",
    ]  # fmt: skip
    return [line for text in said for line in comment(text)]


def _patients(report: Report) -> list[str]:
    """Lines that read the file and make the edits."""
    mapping = report.inspection.mapping if report.inspection else None
    mapping = without_patients(Project(mapping=mapping), report.loaded)[0].mapping  # no words for identifiers
    opened = report.inspection.opened if report.inspection else None
    codebook = bool(opened and opened.codebook)
    book, given = (" + codebook", ", codebook=codebook") if codebook else ("", "")
    lines = [
        f"file = Path(sys.argv[1] if len(sys.argv) > 1 else {report.filename!r})",
        "if not file.exists():", f"    file = Path('..') / {report.filename!r}",
        *(["codebook = Path(sys.argv[2]).read_bytes()  # the file was read with its code book"] if codebook else []),
        f"if hashlib.sha256(file.read_bytes(){book}).hexdigest() != {report.sha256!r}:",
        '    sys.exit("this is another file than the report was made of: its checksum differs")',
    ]  # fmt: skip
    if mapping:
        lines += [f"mapping = FileMapping.from_toml({_text(mapping.to_toml())})",
                  f"loaded = read_cohort(file, mapping=mapping{given})"]  # fmt: skip
    else:
        lines += [f"loaded = read_cohort(file{given})"]
    if report.loaded.scheme.name in report.loaded.dictionary.schemes:
        lines += [f"loaded = loaded.with_scheme({report.loaded.scheme.name!r})"]
    lines += ["whole = loaded"]
    edited: Cohort = report.loaded.whole
    if report.edits:
        lines += [f"edits, _ = edits_from_toml({_text(edits_to_toml(report.edits))})",
                  "whole = apply_edits(loaded, edits).cohort"]  # fmt: skip
        edited = apply_edits(edited, report.edits).cohort
    if report.cohort.scheme.name != edited.scheme.name:
        lines += [f"whole = whole.with_scheme({report.cohort.scheme.name!r})"]
    lines += [f"whole = whole.with_order({name!r}, {levels!r})" for name, levels in report.cohort.orders
              if dict(edited.orders).get(name) != levels]  # fmt: skip
    return lines


def _text(text: str) -> str:
    """A text over several lines, so that it can be read; whatever it holds, it stays a text."""
    return "(\n" + "\n".join(f"    {line!r}" for line in text.splitlines(keepends=True)) + "\n)"


def _section(report: Report, item: Item, names: set[str], compared: dict[tuple[int, str], str]) -> list[str]:
    """Lines that make an item. names: what they call is added. compared: results by their first item, by its title."""
    title = item.heading
    if item.kind in ("missing", "text") or not item.computed or not item.recipe:
        return []
    try:
        plain = _Plain(read(item.recipe))
    except RecipeError:
        return []
    names |= plain.names
    texts, _ = filter_texts(item.selection, report.cohort.columns)
    lines = ["", "", *comment(title), *comment(item.patients),
             f"selection = Selection.parse({texts!r}, whole.columns)", "cohort = selection.apply(whole)",
             *plain.lines]  # fmt: skip
    for name, computed in zip(plain.results, item.computed, strict=False):
        if (first := compared.setdefault((id(computed.result), item.selection.key()), title)) != title:
            lines += [f"# its numbers are compared at {first.splitlines()[0]}"]
            continue
        if computed.function in SINGLE or not hasattr(_first(computed.result), "to_dict"):
            continue
        expected = _expected(computed.result, report.smallest_cell)
        what = f"{title}: {computed.function}"
        if not expected:
            lines += [f"print({f'{what}: not compared, as the report hides counts of few patients'!r})"]
            continue
        rows = "".join(f"    {path!r}: {value!r},\n" for path, value in expected.items())
        lines += [f"same({what!r}, {name}, {{\n{rows}}})"]
    if isinstance(item.thing, Figure) and not plain.names & {*OWN}:
        lines += [
            "Path('figures').mkdir(exist_ok=True)",
            f"Path('figures', {item.name + '.svg'!r}).write_text({plain.whole}.exported(), encoding='utf-8')",
        ]
    return lines


def _first(result: object) -> object:
    return result[0] if isinstance(result, tuple) and result else result


def _expected(result: object, smallest: int) -> Mapping[str, float]:
    """The numbers of a result; none where the report hides counts, which any other number could give back."""
    if smallest > 1:
        return {}
    shown = [one.to_dict() for one in result] if isinstance(result, tuple) else result.to_dict()  # type: ignore[attr-defined]  # a result
    return dict(flat.numbers(to_json(shown)))


class _Plain(ast.NodeTransformer):
    """A recipe as statements: each analysis under a name of its own, in the order in which they are computed.

    lines: the statements. results: their names. names: what they call. whole: the expression that is left.
    """

    def __init__(self, recipe: ast.expr) -> None:
        self.lines: list[str] = []
        self.results: list[str] = []
        self.names: set[str] = set()
        self._known: dict[str, str] = {}
        self.whole = ast.unparse(self.visit(recipe))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        key, name = ast.dump(node), ast.unparse(node.func)
        if key in self._known:
            return ast.Name(self._known[key])
        self.generic_visit(node)
        self.names.add(name)
        if name == "select":
            return ast.parse(f"Selection.parse([{', '.join(map(ast.unparse, node.args))}])", mode="eval").body
        if name not in ANALYSES:
            return node
        own = f"result_{len(self.results) + 1}" if self.results else "result"
        self._known[key] = own
        self.results.append(own)
        self.lines.append(f"{own} = {ast.unparse(node)}")
        return ast.Name(own)
