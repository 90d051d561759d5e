"""What an installation may lack, told in one sentence where it is needed.

The package itself reads, computes and draws; libraries for the dashboard, for documents, for prediction and for
further file formats come with an extra of that name (`pyproject.toml`).
"""

from __future__ import annotations

import importlib
import re

from necc.core.errors import AnalysisError

PACKAGES = {
    "docx": "python-docx", "fontTools": "fonttools", "fpdf": "fpdf2", "ibis": "ibis-framework", "PIL": "pillow",
    "pptx": "python-pptx", "resvg_py": "resvg-py", "sklearn": "scikit-learn", "sksurv": "scikit-survival",
}  # fmt: skip
"""Import name -> what it is called where it is installed from, where the two differ."""
EXTRAS = {
    "app": ("streamlit", "plotly"),
    "prediction": ("sksurv", "sklearn", "lifelines"),
    "report": ("docx", "pptx", "xlsxwriter", "fpdf", "fontTools", "resvg_py", "PIL", "matplotlib"),
    "engine": ("pyarrow", "pyreadstat"),
    "database": ("ibis", "psycopg", "sqlglot"),
    "rds": ("pyreadr",),
}
"""Extra -> import names of what it brings."""


class MissingExtra(AnalysisError):
    """What is asked needs a library that isn't installed. module: its import name. extra: what brings it."""

    def __init__(self, module: str, extra: str, purpose: str, otherwise: str = ""):
        self.module, self.extra = module, extra
        name = PACKAGES.get(module, module)
        more = f"; {otherwise}" if otherwise else ""
        super().__init__(f"{purpose} needs {name}, which is not installed: pip install 'necc[{extra}]'{more}")


def need(module: str, extra: str, purpose: str, otherwise: str = "") -> None:
    """Says how to get a library that isn't there; a library that is there is imported.

    module: its import name, with the part of it that is used where that is what may be missing.
    extra: the extra that brings it. purpose: what it is for, the start of a sentence: "reading Parquet".
    otherwise: another way, the end of that sentence.

    Example:
        >>> need("numpy", "engine", "counting")
        >>> need("pyfancy", "engine", "reading Fancy files", "or save the table as CSV")
        Traceback (most recent call last):
        necc.core.extras.MissingExtra: reading Fancy files needs pyfancy, which is not installed: pip install ...

    Raises:
        MissingExtra: it isn't installed.

    Source: PEP 508 and the core metadata's `Provides-Extra`, packaging.python.org.
    """
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise  # it is there, and something else is wrong with it
        raise MissingExtra(module.partition(".")[0], extra, purpose, otherwise) from None


def told(error: ModuleNotFoundError) -> MissingExtra | None:
    """The sentence for a library that turned out to be missing where nobody asked; None for one that no extra has."""
    module = re.sub(r"\..*", "", error.name or "")
    extra = next((extra for extra, modules in EXTRAS.items() if module in modules), None)
    return MissingExtra(module, extra, "this") if extra else None
