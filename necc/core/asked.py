"""What a cohort is asked, as methods: each is the public function of the same meaning, with the cohort in front.

They are here for who types `cohort.` and looks at what comes; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from necc.core.beyond import beyond

if TYPE_CHECKING:
    from necc.analysis.survival import CiMethod, KaplanMeier


class Asked:
    """The questions of a cohort."""

    def km(
        self,
        endpoint: str,
        by: str | None = None,
        *,
        ci: CiMethod = "log-log",
        level: float = 0.95,
        times: Iterable[float] = (),
    ) -> KaplanMeier:
        """Kaplan-Meier curves of an endpoint, one for each level of `by`: `necc.kaplan_meier`.

        Example:
            >>> [curve.n for curve in cohort.km("PRS", by="site:lung").curves]
            [54, 34]
        """
        result: KaplanMeier = _analysis("survival", "kaplan_meier")(self, endpoint, by, ci=ci, level=level, times=times)
        return result


def _analysis(package: str, name: str) -> Any:
    return beyond(f"necc.analysis.{package}", name)
