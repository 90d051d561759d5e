"""Parts of the audit page: the table of verdicts, and the form for the numbers of any paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from necc.app.session.plain import md
from necc.app.session.state import get_state
from necc.app.widgets.choices import choose, choose_some
from necc.app.widgets.parts import LARGEST, file_findings
from necc.app.widgets.show import caption, numbers, show
from necc.core.errors import AnalysisError, Finding
from necc.paper.audit import (
    VERDICTS,
    AuditReport,
    Verdict,
    audit,
    fewest_events,
    p_from_ci,
    parse_claims,
    read_claims,
    se_from_ci,
    table_p,
)
from necc.paper.values import shipped_text
from necc.present.tables import Table
from necc.present.words import remarks as words
from necc.present.words.phrases import sentence

VIEWS = ("the shipped paper", "numbers of any paper", "a file of claims")
FORMS: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    # kind: (what it is called, (key, label, example))
    "ratio": (
        "Ratio with its interval",
        (
            ("ratio", "Hazard or odds ratio", "2.375"),
            ("low", "Lower limit", "1.230"),
            ("high", "Upper limit", "4.586"),
            ("p", "Printed p, if any", "0.010"),
            ("exposed", "Patients with it, if known", "33"),
            ("of", "of all", "88"),
        ),
    ),
    "percentage": (
        "Count and percentage",
        (("n", "Count", "2"), ("of", "of", "88"), ("pct", "Printed %", "4.5")),
    ),
    "two_by_two": (
        "Two groups, with and without",
        (
            ("n1", "Group 1: with", "5"), ("of1", "of", "33"), ("n2", "Group 2: with", "21"), ("of2", "of ", "55"),
            ("p", "Printed p, if any", "0.022"),
        ),
    ),
    "survival": (
        "Median and survival at a time",
        (("median", "Median", "26.6"), ("time", "Time", "36"), ("survival", "Survival at that time, %", "66.5")),
    ),
}  # fmt: skip
LEVEL = 0.95


# ---------------------------------------------------------------- a report
def report(result: AuditReport, name: str) -> None:
    """Counts by verdict, a filter, and the checks with their explanations."""
    file_findings(result.findings, "file")
    if not result.checks:
        return
    numbers(*((verdict, f"{n:,}") for verdict, n in result.counts.items()), explain="audit")
    default = tuple(v for v in VERDICTS[:2] if result.counts[v]) or VERDICTS
    wanted = choose_some(f"audit-verdicts-{name}", "Verdicts", VERDICTS, default=default, width=560, fixed=True)
    show(as_table(result, wanted or VERDICTS), name=f"audit-{name}", download=as_table(result, VERDICTS),
         explain="audit", patients=False)  # fmt: skip


def as_table(result: AuditReport, verdicts: Sequence[Verdict]) -> Table:
    """One row a check."""
    checks = result.of(*verdicts)
    rows = tuple((c.verdict, c.where, c.printed, c.computed, c.explanation, c.kind) for c in checks)
    return Table(
        "What arithmetic says about the printed figures", "audit",
        ("Verdict", "Where", "Printed", "Computed", "Explanation", "Check"), rows,
        (words.audited(len(checks), len(result.checks)),),
        text_columns=(1, 2, 3, 4, 5),
    )  # fmt: skip


# ---------------------------------------------------------------- the form
def form() -> None:
    """A resident types what a paper prints and sees what follows."""
    kind = choose("audit-kind", "What the paper prints", tuple(FORMS), words={k: v[0] for k, v in FORMS.items()},
                  fixed=True)  # fmt: skip
    typed: dict[str, str] = {}
    with st.form(f"audit-form-{kind}", border=True):
        columns = st.columns(len(FORMS[kind][1]))
        for column, (key, label, example) in zip(columns, FORMS[kind][1], strict=True):
            typed[key] = column.text_input(label, key=f"audit-{kind}-{key}", placeholder=example).strip()
        st.form_submit_button("See what follows", type="primary")
    if not any(typed.values()):
        caption("Type the digits as they are printed: 0.050 says more than 0.05.")
        return
    result = audit(*read_claims({"claim": [claim_of(kind, typed)]}))
    for finding in result.findings:
        st.error(md(_plain(finding, kind)), icon=":material/error:")
    lines = [f"**{md(c.verdict)}** ({md(c.kind)}): {md(c.explanation)}" for c in result.checks]
    if not any(f.severity == "error" for f in result.findings):
        lines += [md(line) for line in consequences(kind, typed)]
    st.markdown("\n".join(f"- {line}" for line in lines))


def claim_of(kind: str, typed: Mapping[str, str]) -> dict[str, object]:
    """What was typed as a claim; a field that was left empty isn't in it."""
    given = {
        k: _whole(v) if k in ("n", "of", "exposed", "n1", "of1", "n2", "of2") else v for k, v in typed.items() if v
    }
    pairs = {"ci": ("low", "high")} if kind == "ratio" else {"n": ("n1", "n2"), "of": ("of1", "of2")}
    if kind in ("ratio", "two_by_two"):
        for key, names in pairs.items():
            values = [given.pop(name, None) for name in names]
            if all(v is not None for v in values):
                given[key] = values
    return {"id": "typed", "kind": kind, **given}


def _whole(value: str) -> object:
    bare = value.replace(",", "").replace(" ", "")
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 12 else value


def _plain(finding: Finding, kind: str) -> str:
    """A finding without the place in a file that there isn't."""
    text = finding.message.replace("claim 1 ('typed'), ", "").replace("claim 1 ('typed'): ", "")
    names = {"ci": "both limits", "n": "both counts" if kind == "two_by_two" else "the count", "ratio": "the ratio"}
    if finding.code == "audit-missing":
        return f"Still needed: {names.get(finding.column or '', finding.column)}."
    return sentence(text)


def consequences(kind: str, typed: Mapping[str, str]) -> list[str]:
    """What follows from the figures alone, whether or not the paper prints a p-value."""
    try:
        if kind == "ratio":
            ratio, low, high = (float(typed[k].replace(",", "")) for k in ("ratio", "low", "high"))
            se = se_from_ci(low, high, LEVEL)
            return words.ratio_implies(se, p_from_ci(ratio, low, high, LEVEL), fewest_events(se))
        if kind == "two_by_two":
            n1, of1, n2, of2 = (int(typed[k].replace(",", "")) for k in ("n1", "of1", "n2", "of2"))
            return words.table_implies(n1, of1, n2, of2, table_p(n1, of1, n2, of2))
    except (KeyError, ValueError, AnalysisError):
        return []
    return []


# ---------------------------------------------------------------- a file
def upload() -> None:
    """A file of claims, as `necc audit FILE` takes it."""
    if get_state().presenting:
        return
    example = shipped_text("necc2022_audit.toml")
    st.markdown("A claim file is a TOML file that lists what a paper prints. That of the shipped paper is an example.")
    st.download_button("Example", example, "claims.toml", "text/plain", key="audit-example", on_click="ignore")
    file = st.file_uploader("Claims", type=["toml"], key="audit-file", label_visibility="collapsed")
    if file is None:
        return
    data = file.getvalue()
    if len(data) > LARGEST:
        st.error("The file is too large for a file of claims.", icon=":material/error:")
        return
    result = audit(*parse_claims(data))
    if result.title:
        caption(f"{result.title}. {result.reference}")
    report(result, "file")
