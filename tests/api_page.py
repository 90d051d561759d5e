"""Writes docs/api.md: every public name with its signature and the first paragraph of its docstring.

Run from the project root, with the package installed:  python tests/api_page.py
A test compares the page with what this writes.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import necc
from necc.core.asked import Asked
from necc.core.result import Viewable

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
WIDTH = 110
SECTIONS = {
    "necc.ingest": ("Files", "From a file to a cohort."),
    "necc.engine": ("Databases", "From a table where it lives to a cohort that is asked for counts."),
    "necc.core": ("Patients", "A cohort, who of it is chosen, and the dictionary of its columns."),
    "necc.analysis": ("Analyses", "From a cohort to a result: typed, unrounded and frozen, with `to_dict()` for JSON."),
    "necc.paper": ("Papers", "A published paper as data."),
    "necc.present": ("Figures, tables and words", "From a result to what a person sees."),
    "necc.project": ("Projects", "All that was decided about a cohort, in one file without a patient's value."),
    "necc.report": (
        "Reports",
        "A project's exhibits, made and numbered, for documents, slides, workbooks and scripts.",
    ),
    "errors": ("Errors", "Every one is a `NeccError`; those about a file hold all findings."),
}
LEAD = """# Python

Written by `python tests/api_page.py`; a test compares this file with what the command writes.

These names are imported from `necc`; everything else may change without notice. A function of a cohort takes the cohort
first, then the endpoint, then what to group by; options are given by name. Where the cohort lacks the data for a
question, `AnalysisError` is raised; what can't be estimated is a value with a note.
"""


def section_of(public: object) -> str:
    """The section a public name stands in: by its room, with the errors last."""
    module = getattr(public, "__module__", "")
    if module == "necc.core.errors":
        return "errors"
    return ".".join(module.split(".")[:2])


def default_of(parameter: inspect.Parameter) -> str:
    """` = 5`, and dots where the default is made anew for each call."""
    if parameter.default is parameter.empty:
        return ""
    text = repr(parameter.default)
    return f" = {'...' if text.startswith('<') else text}"


def type_of(annotation: object) -> str:
    """An annotation as written, without quotes."""
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def signature_of(name: str, public: object) -> str:
    """`kaplan_meier(cohort: Cohort, endpoint: str, ...) -> KaplanMeier`, one parameter a line where it is long."""
    if inspect.isclass(public) and issubclass(public, Exception):
        return f"class {name}({public.__bases__[0].__name__})"
    if inspect.isclass(public) and issubclass(public, Viewable):  # made by functions, not by hand
        return f"class {name}({public.__bases__[0].__name__})"
    if not callable(public):
        return f"{name}: {type(public).__name__}"
    signature = inspect.signature(public)
    parts = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        if parameter.name.startswith("_"):
            continue
        typed = f": {type_of(parameter.annotation)}" if parameter.annotation is not parameter.empty else ""
        parts.append(f"{parameter.name}{typed}{default_of(parameter)}")
    start = f"class {name}" if inspect.isclass(public) else name
    made = signature.return_annotation
    end = "" if inspect.isclass(public) or made is signature.empty else f" -> {type_of(made)}"
    line = f"{start}({', '.join(parts)}){end}"
    return line if len(line) <= WIDTH else f"{start}(\n    " + ",\n    ".join(parts) + f",\n){end}"


def first_paragraph(documented: object) -> str:
    """What stands before the first blank line of a docstring, in one line; nothing for a dataclass without one."""
    text = re.split(r"\n\s*\n", inspect.getdoc(documented) or "")[0]
    return " ".join(text.split())


def methods_of(public: object) -> list[str]:
    """A line for each documented method and property of a class, not inherited; of a cohort its questions, too."""
    if not inspect.isclass(public):
        return []
    lines = []
    for name, member in [*vars(public).items(), *(vars(Asked).items() if public is necc.Cohort else ())]:
        inner = getattr(member, "__func__", None) or getattr(member, "fget", None) or getattr(member, "func", member)
        if name.startswith("_") or not inspect.isfunction(inner) or not inspect.getdoc(inner):
            continue
        called = "" if isinstance(member, property) or hasattr(member, "func") else "()"
        lines.append(f"- `{public.__name__}.{name}{called}`: {first_paragraph(inner)}")
    return lines


def entry(name: str) -> str:
    """Heading, signature, first paragraph and methods of one public name."""
    public = getattr(necc, name)
    described = first_paragraph(public) if callable(public) else "The installed version."
    parts = [f"### {name}", f"```python\n{signature_of(name, public)}\n```", described]
    return "\n\n".join([*parts, *(["\n".join(methods)] if (methods := methods_of(public)) else [])])


def page() -> str:
    """The whole page."""
    names = {name: section_of(getattr(necc, name)) for name in necc.__all__ if name != "__version__"}
    text = [LEAD]
    for section, (title, what) in SECTIONS.items():
        if own := [name for name, home in names.items() if home == section]:
            text += [f"## {title}\n\n{what}\n", *(f"{entry(name)}\n" for name in own)]
    if left := [name for name, home in names.items() if home not in SECTIONS]:
        raise ValueError(f"no section holds {', '.join(left)}: add one to SECTIONS")
    return "\n".join([*text, f"## Version\n\n{entry('__version__')}\n"])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{len(necc.__all__)} names written to {PAGE}")
