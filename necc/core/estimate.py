"""An estimate with its interval: the smallest result, shared by every analysis."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from necc.core.errors import AnalysisError


def check_level(level: float) -> float:
    """A confidence level as it is.

    Raises:
        AnalysisError: it isn't a number above 0.5 and below 1.

    Example:
        >>> from necc.core.estimate import check_level
        >>> check_level(0.9)
        0.9
    """
    number = isinstance(level, int | float | np.number) and not isinstance(level, bool)
    if number and 0.5 < level < 1:
        return level
    how = f"; did you mean {level / 100:g}?" if number and 50 < level < 100 else ""
    quoted = isinstance(level, str)
    how = "; write it as a number, without quotes" if quoted else how
    raise AnalysisError(f"the confidence level must lie between 0.5 and 1, as 0.95 does, not {level!r}{how}")


@dataclass(frozen=True)
class Estimate:
    """A number with its confidence interval, unrounded.

    `value`, `lower` and `upper` are None where they are not reached or not estimable; `method` names the
    convention of the interval, e.g. "Clopper-Pearson" or "log-log".
    """

    value: float | None
    lower: float | None
    upper: float | None
    level: float = 0.95
    method: str = ""

    def in_percent(self) -> Estimate:
        """A share and its limits in percent; None stays None."""
        value, lower, upper = (None if v is None else 100 * v for v in (self.value, self.lower, self.upper))
        return Estimate(value, lower, upper, self.level, self.method)

    def to_dict(self) -> dict[str, object]:
        """With the limits under the names that they have in every result, too."""
        return {**asdict(self), "ci_lower": self.lower, "ci_upper": self.upper}


@dataclass(frozen=True)
class Exclusion:
    """Patients left out of an analysis, and why."""

    reason: str
    n: int

    @property
    def is_missing(self) -> bool:
        """Whether they lack a value; others had one that put them outside the analysis, such as "did not recur"."""
        return "not recorded" in self.reason or self.reason.startswith(("no time", "no stage"))

    def to_dict(self) -> dict[str, object]:
        return asdict(self)
