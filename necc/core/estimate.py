"""An estimate with its interval: the smallest result, shared by every analysis."""

from __future__ import annotations

from dataclasses import asdict, dataclass


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
        return asdict(self)


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
