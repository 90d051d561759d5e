"""The audit itself: every claim checked, every verdict computed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache

import pandas as pd

from necc.core.errors import Finding
from necc.core.frames import frame_of
from necc.core.result import Viewable
from necc.core.text import joined, plural
from necc.paper.audit.claims import Claim, ClaimSet, Row, load_claims
from necc.paper.audit.kinds import KINDS
from necc.paper.audit.outcomes import VERDICTS, Context, Impossible, Outcome, Shown, Verdict


@dataclass(frozen=True)
class Check(Viewable):
    """One computed verdict.

    difference: computed minus printed in the unit of the figure, None without one. shown: its numbers for a picture;
    None where no picture says more than the words. value: of a p, what is computed, unrounded; None elsewhere, and
    where it can't be.
    """

    id: str
    kind: str
    where: str
    verdict: Verdict
    printed: str
    computed: str
    difference: float | None
    explanation: str
    shown: Shown | None = None
    value: float | None = None

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class AuditReport(Viewable):
    """All checks in the order of the file, and what is wrong with the file itself."""

    def to_frame(self) -> pd.DataFrame:
        """One row a check: id, kind, where, verdict, printed, computed, difference, value, explanation."""
        names = ["id", "kind", "where", "verdict", "printed", "computed", "difference", "value", "explanation"]
        return frame_of(({name: getattr(c, name) for name in names} for c in self.checks), names)

    def _lines(self) -> list[str]:
        return [
            f"{plural(len(self.checks), 'check')}: {joined([f'{n:,} {verdict}' for verdict, n in self.counts.items()])}"
        ]

    title: str
    reference: str
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of checks by verdict."""
        return {verdict: sum(c.verdict == verdict for c in self.checks) for verdict in VERDICTS}

    def of(self, *verdicts: Verdict) -> tuple[Check, ...]:
        """The checks with one of these verdicts."""
        return tuple(c for c in self.checks if c.verdict in verdicts)

    def gravest(self, most: int = 0) -> tuple[Check, ...]:
        """What doesn't add up, the gravest first: what bears on survival, then on ratios and responses, then counts.

        Of one kind what no data can give comes before what only unusual data could. most: how many at most; 0 for all.

        Example:
            >>> audit(*load_claims()).gravest()[0].kind
            'survival and median'
        """
        wrong = self.of("inconsistent", "doubtful")
        order = {id(c): (_weight(c), VERDICTS.index(c.verdict), place) for place, c in enumerate(wrong)}
        found = tuple(sorted(wrong, key=lambda c: order[id(c)]))
        return found[:most] if most else found

    def to_dict(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "title": self.title,
            "reference": self.reference,
            "counts": self.counts,
            "checks": [c.to_dict() for c in self.checks],
            "findings": [f.to_dict() for f in self.findings],
        }


# a reader's conclusion hangs on survival, then on ratios and responses; a count more or less rarely moves it
WEIGHTS = (
    "survival and median", "medians and hazard", "events from the precision", "separation", "p from the interval",
    "symmetry of the interval", "response rate", "reading", "choice of test", "multiplicity", "percentage",
    "p of a table", "best and final response", "sum", "memberships", "denominators", "repeated statement",
)  # fmt: skip


def _weight(check: Check) -> int:
    return WEIGHTS.index(check.kind) if check.kind in WEIGHTS else len(WEIGHTS)


def audit(claims: ClaimSet | Iterable[Claim], findings: Iterable[Finding] = ()) -> AuditReport:
    """Check every claim; `findings` of reading the file are carried on, impossible figures are added to them.

    A row with impossible figures (a count above its denominator, an interval that doesn't hold its estimate)
    becomes a finding and the rest is still checked.

    Example:
        >>> report = audit(*load_claims())
        >>> report.counts["inconsistent"]
        26
    """
    whole = claims if isinstance(claims, ClaimSet) else ClaimSet("", "", tuple(claims))
    checks: list[Check] = []
    result = list(findings)
    for claim in whole:
        context = Context(tuple(row.values for row in claim.rows), whole.data)
        sound = []
        for row in claim.rows:
            try:
                outcomes = KINDS[claim.kind].check(row.values, context)
            except Impossible as problem:
                message = f"{row.place}, key '{problem.key}': {problem.message}"
                result.append(Finding("error", "audit-impossible", message, row.line, problem.key))
                continue
            sound.append(row.values)
            checks += [_check(row.id, claim, _where(claim, row), outcome) for outcome in outcomes]
        summary = KINDS[claim.kind].summary
        checks += [_check(claim.id, claim, claim.where, overall) for overall in (summary(sound) if summary else ())]
    return AuditReport(whole.title, whole.reference, tuple(checks), tuple(result))


@cache
def shipped_audit() -> AuditReport:
    """The audit of the paper that ships with the project, made once."""
    return audit(*load_claims())


def _where(claim: Claim, row: Row) -> str:
    item = row.values.get("item")
    return ", ".join(str(part) for part in (claim.where, item) if part)


def _check(id: str, claim: Claim, where: str, outcome: Outcome) -> Check:
    why = f"{outcome.explanation} {claim.note}".strip() if outcome.verdict != "consistent" else outcome.explanation
    id = f"{id}:{outcome.part}" if outcome.part else id
    return Check(
        id, outcome.kind, where, outcome.verdict, outcome.printed, outcome.computed, outcome.difference, why,
        outcome.shown, outcome.value,
    )  # fmt: skip


def render_text(report: AuditReport, width: int = 100, everything: bool = False) -> str:
    """The report as plain text: what is wrong with the file, then the checks, by default without the consistent."""
    lines = [report.title, report.reference, ""] if report.title else []
    lines.append(", ".join(f"{n} {verdict}" for verdict, n in report.counts.items()))
    if report.findings:
        lines += ["", f"In the file ({plural(len(report.findings), 'finding')})"]
        lines += [_wrapped(f.line(), width) for f in report.findings]
    for verdict in VERDICTS:
        if verdict == "consistent" and not everything:
            continue
        group = report.of(verdict)
        if group:
            lines += ["", f"{verdict[:1].upper()}{verdict[1:]} ({len(group)})"]
        for c in group:
            computed = f"  |  computed: {c.computed}" if c.computed else ""
            lines.append(_wrapped(f"{c.where}  [{c.id}]", width))
            lines.append(_wrapped(f"printed: {c.printed}{computed}", width, 4))
            lines.append(_wrapped(c.explanation, width, 4))
    return "\n".join(lines) + "\n"


def _wrapped(text: str, width: int, indent: int = 2) -> str:
    pad = " " * indent
    return textwrap.fill(text, width, initial_indent=pad, subsequent_indent=pad + "  ", break_long_words=False)
