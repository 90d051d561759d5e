"""What goes back and forth between a coordinator and centres: a proposal, and each centre's reply to it.

Both are JSON with a checksum, readable by whoever signs for them. A proposal says which model is asked for, how every
covariate is coded, and the coefficients of this round. A reply holds sums over one centre's patients at these
coefficients: a log likelihood, its slope and its curvature, and no patient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar, cast, get_args

from necc.analysis.regression.ties import Ties
from necc.core.canonical import Sealed, unsealed
from necc.core.errors import AnalysisError

T = TypeVar("T")

FORMAT = "necc.round"
VERSION = 1


@dataclass(frozen=True)
class Coding:
    """How a covariate enters the model.

    kind: "number", linear in steps of `per`; or "factor", each of `levels` against the first of them.
    unit: of a number, its steps included. starts_at: when it is known.
    scale: of a number, the power of ten next to its spread, by which changes of its coefficient are judged.
    """

    name: str
    label: str
    kind: str
    unit: str = ""
    per: float = 1.0
    levels: tuple[str, ...] = ()
    two_levels: bool = False
    scale: float = 1.0

    @property
    def terms(self) -> tuple[str, ...]:
        """The columns of the model: one of a number, one of each level but the first."""
        if self.kind == "number":
            return (self.name,)
        return tuple(self.name if self.two_levels else f"{self.name}={level}" for level in self.levels[1:])


@dataclass(frozen=True)
class Part:
    """A centre that takes part: its name, and its file's checksum and patients where there is one."""

    name: str
    sha256: str = ""
    patients: int | None = None


@dataclass(frozen=True)
class AtZero:
    """What the first round told: all centres without any difference between patients."""

    loglik: float
    score_statistic: float
    n: int
    n_events: int
    free: tuple[bool, ...]
    least: float


@dataclass(frozen=True)
class Best:
    """The coefficients of the highest likelihood so far."""

    coefficients: tuple[float, ...]
    loglik: float


@dataclass(frozen=True)
class Proposal(Sealed):
    """A round: the model, the centres, and the coefficients at which they are asked.

    number: 0 for the first, at coefficients of zero. endpoint: name, label, unit, origin and definition.
    at_zero, best: what earlier rounds told. notice: of patients who are made up.
    """

    number: int
    endpoint: Mapping[str, str]
    covariates: tuple[Coding, ...]
    centres: tuple[Part, ...]
    coefficients: tuple[float, ...]
    ties: Ties = "efron"
    level: float = 0.95
    scheme: str = ""
    dictionary: str = ""
    at_zero: AtZero | None = None
    best: Best | None = None
    software: str = ""
    notice: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        return tuple(term for one in self.covariates for term in one.terms)

    def content(self) -> dict[str, Any]:
        return {"format": f"{FORMAT}/{VERSION}", "kind": "proposal", **_plain(asdict(self))}


@dataclass(frozen=True)
class Size:
    """Patients and expected events of a level and of the level that it is compared with."""

    n: int
    expected: float
    n_reference: int
    expected_reference: float


@dataclass(frozen=True)
class Reply(Sealed):
    """What one centre answers to a proposal: sums over its patients.

    proposal: checksum of the one it answers. n, n_events: analysed; excluded: patients left out, as a value is missing.
    score: shape (p,); information: shape (p, p), both in the coefficients' own units. sizes: one a term; None of a
    number. smallest_cell: of the centre's rule.
    """

    proposal: str
    number: int
    centre: str
    n: int
    n_events: int
    excluded: int
    loglik: float
    score: tuple[float, ...]
    information: tuple[tuple[float, ...], ...]
    sizes: tuple[Size | None, ...]
    smallest_cell: int
    rule: str = ""
    software: str = ""
    notice: str = ""

    def content(self) -> dict[str, Any]:
        return {"format": f"{FORMAT}/{VERSION}", "kind": "reply", **_plain(asdict(self))}


def _plain(value: Any) -> Any:
    """Tuples as lists, so that the checksum is that of what a reader reads."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


# ---------------------------------------------------------------- reading
def read_proposal(data: bytes, name: str = "the proposal") -> Proposal:
    """A proposal of a file's bytes.

    Raises:
        AnalysisError: it is damaged, altered, of a later version, or no proposal.

    Example:
        >>> from necc.analysis.rounds import propose, read_proposal
        >>> first = propose(cohort, "PRS", ["age_years"], centres=["A", "B", "C"])
        >>> read_proposal(first.to_bytes()).terms
        ('age_years',)
    """
    content = _content(data, name, "proposal")
    return _made(name, content, lambda: _proposal(content))


def read_reply(data: bytes, name: str = "the reply") -> Reply:
    """A reply of a file's bytes.

    Raises:
        AnalysisError: it is damaged, altered, of a later version, or no reply.
    """
    content = _content(data, name, "reply")
    return _made(name, content, lambda: _reply(content))


def _content(data: bytes, name: str, kind: str) -> dict[str, Any]:
    content = unsealed(data, name)
    what, _, version = str(content.get("format", "")).partition("/")
    if what != FORMAT:
        raise AnalysisError(f"'{name}' is no {kind} of a round: its format is '{content.get('format', '')}'")
    if version != str(VERSION):
        raise AnalysisError(
            f"'{name}' is of version {version} of its format; this program reads version {VERSION}: use the same "
            "version of the program at all centres"
        )
    if content.get("kind") != kind:
        raise AnalysisError(f"'{name}' is a {content.get('kind')}, and a {kind} is needed here")
    return content


def _made(name: str, content: Mapping[str, Any], make: Callable[[], T]) -> T:
    try:
        return make()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AnalysisError(
            f"'{name}' has a good checksum, and lacks what a {content['kind']} holds; write it again with this program"
        ) from None


def _proposal(content: dict[str, Any]) -> Proposal:
    at_zero, best = content["at_zero"], content["best"]
    proposal = Proposal(
        number=_count(content["number"]), endpoint={str(k): str(v) for k, v in content["endpoint"].items()},
        covariates=tuple(Coding(**{**one, "levels": tuple(one["levels"])}) for one in content["covariates"]),
        centres=tuple(Part(**one) for one in content["centres"]), coefficients=_numbers(content["coefficients"]),
        ties=cast(Ties, content["ties"]), level=float(content["level"]), scheme=str(content["scheme"]),
        dictionary=str(content["dictionary"]), software=str(content["software"]), notice=str(content["notice"]),
        at_zero=AtZero(**{**at_zero, "free": tuple(at_zero["free"])}) if at_zero else None,
        best=Best(_numbers(best["coefficients"]), float(best["loglik"])) if best else None,
    )  # fmt: skip
    p = len(proposal.terms)
    lengths = {len(proposal.coefficients), p, len(proposal.at_zero.free) if proposal.at_zero else p}
    if (
        proposal.ties not in get_args(Ties)
        or len(lengths) > 1
        or not proposal.centres
        or "name" not in content["endpoint"]
    ):
        raise ValueError
    return proposal


def _reply(content: dict[str, Any]) -> Reply:
    reply = Reply(
        proposal=str(content["proposal"]), number=_count(content["number"]), centre=str(content["centre"]),
        n=_count(content["n"]), n_events=_count(content["n_events"]), excluded=_count(content["excluded"]),
        loglik=_numbers([content["loglik"]])[0], score=_numbers(content["score"]),
        information=tuple(_numbers(row) for row in content["information"]),
        sizes=tuple(Size(**one) if one else None for one in content["sizes"]),
        smallest_cell=_count(content["smallest_cell"]), rule=str(content["rule"]), software=str(content["software"]),
        notice=str(content["notice"]),
    )  # fmt: skip
    p = len(reply.score)
    if len(reply.sizes) != p or [len(row) for row in reply.information] != [p] * p or reply.n_events > reply.n:
        raise ValueError
    for size in filter(None, reply.sizes):
        _count(size.n), _count(size.n_reference), _numbers([size.expected, size.expected_reference])
    return reply


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value


def _numbers(values: Sequence[Any]) -> tuple[float, ...]:
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in values):
        raise ValueError
    return tuple(float(v) for v in values)
