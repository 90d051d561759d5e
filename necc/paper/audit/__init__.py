"""What arithmetic alone can tell about a published result.

A claim file (TOML, see `necc.paper.audit.claims`) holds what a publication prints; `audit` computes what follows. The
shipped file holds the 88-patient paper on recurrent neuroendocrine cervical cancer. No verdict is typed in.

    claims, findings = load_claims()
    report = audit(claims, findings)
    print(render_text(report))
"""

from necc.paper.audit.arithmetic import (
    centre_range,
    fewest_events,
    fitting_counts,
    fitting_denominators,
    implied_events,
    p_from_ci,
    p_range,
    se_from_ci,
    se_range,
    table_p,
)
from necc.paper.audit.claims import Claim, ClaimSet, Row, load_claims, parse_claims, read_claims
from necc.paper.audit.kinds import KINDS, ClaimKind
from necc.paper.audit.outcomes import VERDICTS, Mark, Shown, Verdict
from necc.paper.audit.report import AuditReport, Check, audit, render_text, shipped_audit
from necc.paper.printed import Interval, PrintedNumber, one_digit_apart

__all__ = [
    "KINDS",
    "VERDICTS",
    "AuditReport",
    "Check",
    "Claim",
    "ClaimSet",
    "PrintedNumber",
    "Interval",
    "ClaimKind",
    "Mark",
    "Row",
    "Shown",
    "Verdict",
    "audit",
    "centre_range",
    "fewest_events",
    "fitting_counts",
    "fitting_denominators",
    "implied_events",
    "load_claims",
    "one_digit_apart",
    "p_from_ci",
    "p_range",
    "parse_claims",
    "read_claims",
    "render_text",
    "se_from_ci",
    "se_range",
    "shipped_audit",
    "table_p",
]
