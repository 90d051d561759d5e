"""The public names: each loads, and loading the package alone costs nothing."""

import inspect
import re
import subprocess
import sys
from importlib import import_module

import api_page
import pytest
from conftest import ROOT

import necc
import necc.analysis.centres
import necc.centres


@pytest.mark.parametrize("package", ["necc", "necc.present.figures", "necc.present.tables"])
def test_every_public_name_loads(package):
    module = import_module(package)
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module) or name == "__version__"
    assert "__version__" in necc.__all__ and "kaplan_meier" in dir(necc)


def test_every_analysis_of_a_page_is_public():
    """What a page or a page's part computes is there for everybody, or is built from what is."""
    asked = set()
    for path in (*(ROOT / "pages").glob("*.py"), *(ROOT / "necc" / "app" / "views").glob("*.py")):
        asked |= set(re.findall(r"\bcached\((\w+)[,)]", path.read_text(encoding="utf-8")))
    aliases = {
        "outcome_of": "competing_outcome",
        "_known_later": "outcome_selection",
        "of_the_paper": "reproduce",
        "of_the_literature": "stand_beside",
        "_made": "case",
        "_sorted": "courses",
        "make": "kaplan_meier",  # a figure of what was made before
    }
    asked = {aliases.get(name, name) for name in asked} - {"fit", "cell_table", "patient_curve"}  # these only show
    there = {*necc.__all__, *vars(necc.centres), *necc.analysis.centres.__all__}  # packages of their own for centres
    assert len(asked) > 25 and asked <= there


def test_every_public_function_has_an_example():
    functions = [f for n in necc.__all__ if inspect.isfunction(f := getattr(necc, n))]
    assert len(functions) > 40 and [f.__name__ for f in functions if ">>>" not in (f.__doc__ or "")] == []


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(necc, "kaplan_maier")


def test_the_package_alone_imports_no_library():
    script = "import sys, necc; print([m for m in ('numpy', 'pandas', 'scipy', 'streamlit') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "[]"


def test_the_page_of_the_public_names_is_up_to_date():
    assert api_page.PAGE.read_text(encoding="utf-8") == api_page.page(), "run `python tests/api_page.py`"


def test_the_citation_is_of_this_version():
    assert f"\nversion: {necc.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
