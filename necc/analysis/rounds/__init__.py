"""Cox models over centres that send sums instead of patients, by rounds: a proposal out, a reply back."""

from necc.analysis.rounds.files import Coding, Part, Proposal, Reply, read_proposal, read_reply
from necc.analysis.rounds.replying import propose, reply
from necc.analysis.rounds.steps import RoundCentre, RoundModel, Step, step

__all__ = [
    "Coding", "Part", "Proposal", "Reply", "RoundCentre", "RoundModel", "Step", "propose", "read_proposal",
    "read_reply", "reply", "step",
]  # fmt: skip
