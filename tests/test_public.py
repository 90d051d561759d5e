"""The public names: each loads, and loading the package alone costs nothing."""

import subprocess
import sys

import necc


def test_every_public_name_loads():
    for name in necc.__all__:
        assert getattr(necc, name) is not None
    assert "kaplan_meier" in dir(necc)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(necc, "kaplan_maier")


def test_the_package_alone_imports_no_library():
    script = "import sys, necc; print([m for m in ('numpy', 'pandas', 'scipy', 'streamlit') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "[]"
