"""`necc round`: a Cox model over centres that send sums, by rounds: start, reply, next."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from necc.cli.files import refuse_taken, write
from necc.cli.io import Result, Usage, bytes_of, chosen_covariates, chosen_endpoint, listed, read, refuse, show
from necc.cli.options.models import terms
from necc.cli.tables import table_lines

if TYPE_CHECKING:
    from pathlib import Path

    from necc.analysis.rounds import Part, Proposal


def run(options: argparse.Namespace) -> int:
    """`necc round ACTION`."""
    return {"start": start, "reply": answer, "next": onward}[options.action](options)


def start(options: argparse.Namespace) -> int:
    """The first proposal, coded as a cohort is read."""
    from necc.analysis.rounds import propose

    refuse_taken(options, [options.output])
    cohort = read(options)
    proposal = propose(
        cohort, chosen_endpoint(options, cohort), chosen_covariates(options), centres=_parts(options),
        ties=options.ties, level=options.level, **terms(options, cohort),
    )  # fmt: skip
    write(options, {options.output: proposal.to_bytes()})

    def lines(_: Result) -> list[str]:
        return [*_model_lines(proposal), *_sent(options.output, proposal)]

    return show(options, _told(options.output, proposal), lines, tail=False)


def _parts(options: argparse.Namespace) -> list[str | Part]:
    """Who takes part, by name or by a centre's file.

    Raises:
        Usage: nobody is named.
    """
    from necc.analysis.rounds import Part
    from necc.centres import read_centre

    files = [read_centre(path) for path in options.centre_file]
    parts: list[str | Part] = [*listed(options.centres), *(Part(f.centre, f.sha256, f.patients) for f in files)]
    if not parts:
        raise Usage("--centres needs the names of who takes part, or --centre-file a file of each")
    return parts


def answer(options: argparse.Namespace) -> int:
    """A centre's reply to a proposal."""
    from necc.analysis.rounds import read_proposal, reply
    from necc.core.text import plural

    refuse_taken(options, [options.output])
    proposal = read_proposal(bytes_of(options.proposal), options.proposal.name)
    made = reply(read(options), proposal, as_centre=options.centre, smallest_cell=options.smallest_cell)
    write(options, {options.output: made.to_bytes()})
    told = {"file": str(options.output), "round": made.number, "centre": made.centre, "n": made.n,
            "n_events": made.n_events, "left_out": made.excluded, "smallest_cell": made.smallest_cell,
            "proposal": made.proposal, "sha256": made.sha256}  # fmt: skip

    def lines(_: Result) -> list[str]:
        p = len(made.score)
        return [
            *_model_lines(proposal),
            f"{made.centre}: {plural(made.n, 'patient')}, {plural(made.n_events, 'event')}, {made.excluded:,} left out",
            f"told: a log likelihood, {plural(p, 'slope')} and {plural(p * p, 'curvature')}, as sums over these "
            "patients; and how many have each level",
            f"rule: {made.rule}", f"written to {options.output}: send it to the coordinator",
        ]  # fmt: skip

    return show(options, told, lines, tail=False)


def onward(options: argparse.Namespace) -> int:
    """The next proposal of all centres' replies, or the model."""
    from necc.analysis.rounds import read_proposal, read_reply, step
    from necc.present import tables

    refuse_taken(options, [options.output])
    proposal = read_proposal(bytes_of(options.proposal), options.proposal.name)
    made = step(proposal, [read_reply(bytes_of(path), path.name) for path in options.replies])
    options.notice = proposal.notice
    if made.findings:
        return refuse(options, findings=made.findings)
    if (model := made.model) is not None:
        options.notice = model.notice or options.notice
        found: Result = {"converged": True, "change": made.change, "proposal": None, "model": model.to_dict(),
                         "notes": []}  # fmt: skip

        def table(_: Result) -> list[str]:
            shown = (tables.round_model_table(model), tables.round_tests_table(model),
                     tables.round_centres_table(model))  # fmt: skip
            return "\n\n".join("\n".join(table_lines(one)) for one in shown).splitlines()

        return show(options, found, table, tail=False)
    if made.proposal is None:
        raise Usage("a step gives a proposal, a model or findings")
    following, change = made.proposal, made.change or 0.0
    write(options, {options.output: following.to_bytes()})
    told: Result = {"converged": False, "change": change, "proposal": _told(options.output, following), "model": None,
                    "notes": []}  # fmt: skip

    def lines(_: Result) -> list[str]:
        return [f"not there yet: the coefficients moved by {change:.2g}", *_sent(options.output, following)]

    return show(options, told, lines, tail=False)


def _told(path: Path, proposal: Proposal) -> Result:
    return {
        "file": str(path), "round": proposal.number, "endpoint": proposal.endpoint["name"],
        "terms": list(proposal.terms), "ties": proposal.ties, "centres": [part.name for part in proposal.centres],
        "coefficients": list(proposal.coefficients), "sha256": proposal.sha256,
    }  # fmt: skip


def _model_lines(proposal: Proposal) -> list[str]:
    """What is asked for, covariate by covariate."""
    lines = [f"{proposal.endpoint['label']} from {proposal.endpoint['origin']}, in {proposal.endpoint['unit']}; "
             f"ties by {proposal.ties}; round {proposal.number:,}"]  # fmt: skip
    for one in proposal.covariates:
        what = (
            f"linear ({one.unit or 'as it is'})"
            if one.kind == "number"
            else f"{', '.join(one.levels[1:])} against {one.levels[0]}"
        )
        lines.append(f"  {one.label}: {what}")
    return lines


def _sent(path: Path, proposal: Proposal) -> list[str]:
    from necc.core.text import joined

    return [f"round {proposal.number:,} is written to {path}: send it to {joined([c.name for c in proposal.centres])}"]
