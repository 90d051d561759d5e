"""Scripts that compute a report's numbers again, in R and in Python, and compare each with the one that is shown."""

from necc.report.scripts.python import PythonScripts, python_script
from necc.report.scripts.r import RScripts, r_script
from necc.report.scripts.reading import MAPPED, mapped_csv

__all__ = ["MAPPED", "PythonScripts", "RScripts", "mapped_csv", "python_script", "r_script"]
