"""What a reader chooses on a page: kept for the session, and taken as chosen where no controls are shown.

Each choice has a name, and stays when the page is left, when the cohort changes (as long as it still exists there) and
in the presentation view, which draws no controls. What isn't the usual choice stands in the address. Streamlit's own
binding of widgets to the address would write the options as they are, and an option can be a column of a person's file;
here each is written by `links.choice_words`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeVar, get_args

import numpy as np
import streamlit as st

from necc.app.session import links
from necc.app.session.cache import cached
from necc.app.session.plain import md
from necc.app.session.state import Choice, get_state
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for
from necc.core.dictionary import Stage
from necc.core.errors import AnalysisError
from necc.core.selection import filter_label
from necc.core.text import format_number, joined, slug

T = TypeVar("T")
LabelVisibility = Literal["visible", "hidden", "collapsed"]
NOTHING = ""
OWN_FILE = "Your own file"  # the view of the page on data where columns get their meaning
ALL_SITES = "all sites"
CUT = "a number, cut"
STAGES: tuple[Stage, ...] = get_args(Stage)
NUMBERS = re.compile(r"[-\d.,; ]{1,80}")
MOST_LEVELS = 12  # of a column that patients are grouped by: more curves can't be told apart
OUTCOMES = {"event", "date", "identifier", "response"}


def controls(part: str = "") -> AbstractContextManager:
    """The row of a view's controls, or of a `part` of it, labels beside them; nothing in the presentation view."""
    if get_state().presenting:
        return nullcontext()
    return st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="-".join(filter(None, ("necc-controls", part)))
    )


def options(label: str = "Options", icon: str = ":material/tune:") -> AbstractContextManager:
    """What is rarely changed, behind a button; nothing in the presentation view."""
    if get_state().presenting:
        return nullcontext()
    return st.popover(label, icon=icon, type="tertiary", key=f"necc-{slug(label.split(':')[0])}")


@dataclass(frozen=True)
class _Name:
    """A choice's name in the session, and in the address; empty there for what no link may hold.

    private: no project may hold it either.
    """

    kept: str
    linked: str
    private: bool = False


def _named(name: str, of: str | Sequence[str], linked: bool = True, written: bool = False) -> _Name:
    kept = "-".join([name, *(o for o in _about(of) if o)])
    in_address = links.choice_name(name, _about(of), get_state().whole) if linked and not written else ""
    return _Name(kept, in_address, not linked)


def _keep(name: _Name, key: str, label: str) -> None:
    state = get_state()
    state.linked.pop(name.linked, None)
    state.choose(name.kept, st.session_state[key], label)


def _current(name: _Name, usual: T, read: Callable[[list[str]], T], words: Callable[[T], tuple[str, ...]],
             fits: Callable[[object], T | None]) -> T:  # fmt: skip
    """What is chosen: by the address when it comes with something, else as it was left, else the usual.

    Args:
        name: the choice.
        usual: what is chosen where nobody chose.
        read: from the words of the address; ValueError where this isn't offered.
        words: how a value stands in the address.
        fits: a value kept earlier as far as it is still offered; None where it isn't.
    """
    state = get_state()
    if name.private:
        state.private.add(name.kept)
    if name.linked in state.linked:
        try:
            state.chosen[name.kept] = read(state.linked[name.linked])
            del state.linked[name.linked]
        except ValueError:  # stays, and is told when the page has run
            pass
    kept = fits(state.chosen[name.kept]) if name.kept in state.chosen else None
    value = usual if kept is None else kept
    if not name.private:
        state.asked[name.kept] = Choice(name.linked, words(value) if name.linked and value != usual else (), value)
    return value


def _ready(name: _Name, value: object) -> str:
    """Key of the widget, whose state is what was chosen."""
    key = f"choice-{name.kept}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key


def _widget(name: _Name, value: object, label: str, begins: str, at: object = None) -> dict[str, Any]:
    """Arguments of the widget whose state is what was chosen, and that keeps what is.

    begins: the widget's argument for what it begins with, which is `at`, by default the value. The state alone isn't
        enough: a run that the next one overtakes may never tell the browser, whose widget then begins with a usual
        value of its own, and sends that as if somebody had chosen it.
    """
    key = _ready(name, value)
    return {"key": key, "on_change": _keep, "args": (name, key, label), begins: value if at is None else at}


def _about(of: str | Sequence[str]) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of)


def chosen(
    name: str, options: Sequence[T], *, default: T | None = None, of: str | Sequence[str] = (),
    fixed: bool | Iterable[T] = False, linked: bool = True,
) -> T:  # fmt: skip
    """What is chosen of several options, where its control stands elsewhere or isn't drawn; as for `choose`."""
    return _one(_named(name, of, linked), options, default, of, fixed)


def _one(name: _Name, options: Sequence[T], default: T | None, of: str | Sequence[str], fixed: bool | Iterable[T]) -> T:
    def words() -> list[str]:
        return links.choice_words(options, get_state().whole, fixed, _about(of))

    return _current(
        name,
        next((option for option in options if option == default), options[0]),
        lambda given: options[words().index(given[0])] if len(given) == 1 else _refuse(),
        lambda value: (words()[list(options).index(value)],),
        lambda kept: next((option for option in options if option == kept), None),
    )


def _refuse() -> NoReturn:
    raise ValueError("not offered")


def choose(
    name: str, label: str, options: Sequence[T], *, default: T | None = None, words: Mapping[T, str] | None = None,
    help: str | None = None, wide: bool = False, width: int = 320, of: str | Sequence[str] = (),
    fixed: bool | Iterable[T] = False, linked: bool = True, label_visibility: LabelVisibility = "visible",
) -> T:  # fmt: skip
    """One of several options: buttons, or a list where there are many (`wide`).

    Args:
        name: by which it is kept, and stands in the address where it isn't the usual one.
        label: the words above it.
        options: what can be chosen.
        default: the usual one; the first where it is none of them.
        words: how options are shown.
        help: words behind a question mark.
        wide: a list instead of buttons.
        width: of the list, in pixels.
        of: variables and endpoints that the choice is about; for each it is another choice.
        fixed: the options that are the program's own words, True for all: only these, and what the dictionary names,
            stand in the address by their names.
        linked: whether it may stand there at all; never so for a patient or a patient's values.
        label_visibility: "collapsed" where the place says what it is; screen readers still read the label.
    """
    known = _named(name, of, linked)
    state = _one(known, options, default, of, fixed)
    if get_state().presenting:
        return state
    shown = _shown(words)
    beside: dict[str, Any] = {"help": help, "label_visibility": label_visibility}
    if wide:
        begins = _widget(known, state, label, "index", list(options).index(state))
        return st.selectbox(label, options, format_func=shown, width=width, **beside, **begins)
    begins = _widget(known, state, label, "default")
    picked = st.segmented_control(
        label, options, format_func=lambda option: md(shown(option)), required=True, **beside, **begins
    )
    return state if picked is None else picked


def _shown(words: Mapping[T, str] | None) -> Callable[[T], str]:
    return lambda option: (words or {}).get(option, str(option))


def chosen_some(
    name: str, options: Sequence[T], *, default: Sequence[T] = (), of: str | Sequence[str] = (),
    fixed: bool | Iterable[T] = False,
) -> tuple[T, ...]:  # fmt: skip
    """What is chosen of several options, any number; its control stands elsewhere, too. As for `choose_some`."""

    def words() -> list[str]:
        return links.choice_words(options, get_state().whole, fixed, _about(of))

    def read(given: list[str]) -> tuple[T, ...]:
        there = words()
        return () if given == [links.NONE] else tuple(options[there.index(word)] for word in dict.fromkeys(given))

    def link_texts(value: tuple[T, ...]) -> tuple[str, ...]:
        there = words()
        return tuple(there[list(options).index(v)] for v in value) or (links.NONE,)

    def fits(kept: object) -> tuple[T, ...]:
        return tuple(option for option in kept if option in options) if isinstance(kept, Iterable) else ()

    return _current(_named(name, of), fits(default), read, link_texts, fits)


def choose_some(
    name: str, label: str, options: Sequence[T], *, default: Sequence[T] = (), words: Mapping[T, str] | None = None,
    help: str | None = None, width: int | Literal["stretch"] = "stretch", of: str | Sequence[str] = (),
    fixed: bool | Iterable[T] = False,
) -> tuple[T, ...]:  # fmt: skip
    """Any of several options; `of` and `fixed` as for `choose`."""
    state = chosen_some(name, options, default=default, of=of, fixed=fixed)
    if get_state().presenting:
        return state
    widget = _widget(_named(name, of), list(state), label, "default")
    return tuple(st.multiselect(label, options, format_func=_shown(words), help=help, width=width, **widget))


def switch(name: str, label: str, *, default: bool = False, help: str | None = None) -> bool:
    """On or off."""
    known = _named(name, ())
    state = _one(known, (default, not default), default, (), True)
    if get_state().presenting:
        return state
    return st.toggle(label, help=help, **_widget(known, state, label, "value"))


def enter(
    name: str, label: str, *, default: str = "", help: str | None = None, width: int = 200,
    of: str | Sequence[str] = (), linked: bool = True, written: bool = False, told: str = "",
) -> str:  # fmt: skip
    """A number or several, as text; `of` and `linked` as for `choose`.

    written: a person's own words, which no address holds, but a project does. told: what 'Undo' calls it, where the
    label is Markdown.
    """
    state = entered(name, default=default, of=of, linked=linked, written=written)
    if get_state().presenting:
        return state
    return st.text_input(
        label, help=help, width=width, **_widget(_named(name, of, linked, written), state, told or label, "value")
    )


def entered(
    name: str, *, default: str = "", of: str | Sequence[str] = (), linked: bool = True, written: bool = False
) -> str:
    """What is entered where the control stands elsewhere; as for `enter`."""
    return _current(
        _named(name, of, linked, written),
        default,
        lambda given: given[0] if len(given) == 1 and NUMBERS.fullmatch(given[0]) else _refuse(),
        lambda text: (text,) if NUMBERS.fullmatch(text) else (),
        str,
    )


def enter_number(
    name: str, label: str, *, default: str, what: str, drawn: bool = True, of: str | Sequence[str] = (), **options: Any
) -> float:
    """One number, with a decimal point or comma; `options` as for `enter`; not `drawn`, as for `entered`.

    Raises:
        AnalysisError: the text is no finite number; `what` says what it is for.
    """
    text = enter(name, label, default=default, of=of, **options) if drawn else entered(name, default=default, of=of)
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise AnalysisError(f"'{text[:20]}' is not a number {what}".rstrip())
    return number


def slide(
    name: str, label: str, low: float, high: float, default: float, *, step: float = 0.5, help: str | None = None,
    of: str | Sequence[str] = (),
) -> float:  # fmt: skip
    """A number between two others, by a slider; `of` as for `choose`."""
    state, known = slid(name, low, high, default, of=of), _named(name, of)
    if get_state().presenting or not low < high:
        return state
    digits = "%.0f" if step >= 1 else "%.1f"
    return st.slider(
        label, low, high, step=step, help=help, width=300, format=digits, **_widget(known, state, label, "value")
    )


def slid(name: str, low: float, high: float, default: float, *, of: str | Sequence[str] = ()) -> float:
    """What a slider is set to where it stands elsewhere; as for `slide`."""

    def read(given: list[str]) -> float:
        at = float(given[0]) if len(given) == 1 else _refuse()
        return at if low <= at <= high else _refuse()

    def fits(kept: object) -> float | None:
        return round(min(max(float(kept), low), high), 6) if isinstance(kept, (int, float)) else None

    usual = round(min(max(default, low), high), 6)
    return _current(_named(name, of), usual, read, lambda at: (f"{at:g}",), fits)


def choose_endpoint(cohort: Cohort, role: str = "main_endpoint") -> str:
    """An endpoint that the cohort has; says which it lacks, and why.

    What is chosen holds for every page; until then a view has the endpoint of its role.
    """
    default = cohort.dictionary.role(role)
    there = cohort.endpoint_names()
    if not there:
        known = cohort.dictionary.endpoints
        one = default if default in known else next(iter(known), "")
        such = f" One is enough; {cohort.endpoint_lacks(one)}." if one else ""
        raise AnalysisError(
            f"this cohort has no endpoint: a time, and whether the event happened by then.{such} 'Your own file' on "
            "the page Data lets you say which columns hold them; the page has a template with every column"
        )
    absent = [cohort.endpoint_lacks(n) for n in cohort.dictionary.endpoints if n not in there]
    words = {n: cohort.dictionary.endpoints[n].label for n in there}
    help_text = "\n\n".join(
        [f"**{md(n)}**: {md(cohort.dictionary.endpoints[n].defined_as or words[n])}" for n in there]
        + [f"Not available: {md(lack)}" for lack in absent]
    )
    return choose("endpoint", "Endpoint", there, default=default, words=words, help=help_text, wide=True, width=350)


def factor_names(cohort: Cohort) -> dict[str, str]:
    """Everything the cohort can be stratified by, with a label that says its section; whatever is filtered."""
    return dict(cached(_factor_names)(cohort.whole))


def _factor_names(cohort: Cohort) -> dict[str, str]:
    names = [n for n in cohort.factor_names() if _countable(cohort, n)]
    labels = {n: _label(cohort, n) for n in names}
    order = sorted(names, key=lambda n: 0 if n.startswith("site:") else 1 if n == "n_sites" else 2)
    return {n: labels[n] for n in order}


def too_many_levels(cohort: Cohort) -> str:
    """Which columns no list offers for grouping, as they have too many levels, in words; empty where there is none."""
    return str(cached(_too_many_levels)(cohort.whole))


def _too_many_levels(cohort: Cohort) -> str:
    left = [f"{cohort.factor(n).label} ({len(cohort.factor(n).levels):,})" for n in cohort.factor_names()
            if len(cohort.factor(n).levels) > MOST_LEVELS]  # fmt: skip
    return f"Left out, with more than {MOST_LEVELS} levels: {joined(left)}" if left else ""


def known_at(cohort: Cohort, names: Iterable[str], stage: Stage) -> tuple[str, ...]:
    """Those of the names whose values are known by a stage of the disease."""
    return tuple(n for n in names if STAGES.index(cohort.starts_at(n)) <= STAGES.index(stage))


def covariates(cohort: Cohort) -> dict[str, str]:
    """Everything that a model can hold, with its label: factors, then numbers; no outcome.

    An outcome is an endpoint's time or event, any other event, a response, and what only the end of follow-up tells.
    """
    known = cohort.dictionary
    ends = {name for e in known.endpoints.values() for part in e.parts for name in (part.time, part.event)}
    labels = factor_names(cohort) | {n: known.variables[n].title() for n in cohort.number_names()}
    return {n: label for n, label in labels.items() if not _is_outcome(cohort, n, ends)}


def _is_outcome(cohort: Cohort, name: str, ends: set[str]) -> bool:
    source = cohort.source_of(name)
    variable = cohort.dictionary.variables.get(source)
    kind = variable.kind if variable else ""
    return source in ends or kind in OUTCOMES or cohort.starts_at(name) == "followup"


def is_number(cohort: Cohort, name: str) -> bool:
    """Whether a model takes it as a number, with one coefficient."""
    return name == "n_sites" or (name in cohort.number_names() and name not in cohort.dictionary.groupings)


def default_covariates(cohort: Cohort) -> tuple[str, ...]:
    """What the dictionary offers a model first, of what the cohort has."""
    there = covariates(cohort)
    return tuple(n for n in cohort.dictionary.default_covariates if n in there)


def _label(cohort: Cohort, name: str) -> str:
    label = filter_label(cohort, name)
    prefix = {"site": "Site: ", "organ": "Organ: "}.get(name.partition(":")[0] if ":" in name else "", "")
    return f"{prefix}{label}"


def _countable(cohort: Cohort, name: str) -> bool:
    try:
        return 1 <= len(cohort.factor(name).levels) <= MOST_LEVELS
    except AnalysisError:
        return False


def choose_factor(
    cohort: Cohort, *, default: str = NOTHING, all_sites: bool = False
) -> str | None:  # fmt: skip
    """Anything to stratify by, None for nothing, `ALL_SITES` where that is offered, or a number with its cut.

    What is chosen holds for every page.
    """
    words = {NOTHING: "all patients together"}
    if all_sites and cohort.site_names:
        words[ALL_SITES] = "every site at once"
    words |= factor_names(cohort)
    numbers = list(cohort.number_names())
    if numbers:
        words[CUT] = "a number, cut in two …"
    fixed = (ALL_SITES, CUT)
    many = md(too_many_levels(cohort)) or None
    picked = choose(
        "by", "By", tuple(words), default=default, words=words, wide=True, width=280, fixed=fixed, help=many
    )
    if picked == CUT:
        return _cut(cohort, "by", numbers)
    return None if picked == NOTHING else picked


def _cut(cohort: Cohort, name: str, numbers: list[str]) -> str:
    words = {n: cohort.dictionary.variables[n].title() for n in numbers}
    of = choose(f"{name}-number", "Number", numbers, words=words, wide=True, width=260)
    shown = (
        format_number(_middle(asked_for(cohort.whole, Wanted(names=(of,))), of), 1).removesuffix(".0").replace(",", "")
    )
    at = enter_number(
        f"{name}-cut", "Cut above", default=shown, what="to cut at", width=110, of=of,
        help="Two groups: at most this, and more than this",
    )  # fmt: skip
    return f"{of}>{at:.6f}".rstrip("0").rstrip(".")


def _middle(cohort: Cohort, name: str) -> float:
    """A value in the middle of the patients'."""
    values, patients = cohort.number(name), cohort.patients
    order = np.argsort(values)[: np.count_nonzero(values == values)]  # NaN is last
    reached = np.cumsum(np.ones(len(order)) if patients is None else patients[order])
    return float(values[order][np.searchsorted(reached, reached[-1] // 2, side="right")])


def choose_scheme(cohort: Cohort) -> None:
    """How raw organs are read as sites; the whole dashboard follows."""
    schemes = cohort.dictionary.schemes
    if len(schemes) < 2 or not cohort.organ_names or get_state().presenting:
        return
    key = _ready(_Name("site scheme", links.SCHEME), cohort.scheme.name)
    st.selectbox(
        "Sites read as", list(schemes), format_func=lambda s: schemes[s].label, key=key, width=340,
        index=list(schemes).index(cohort.scheme.name),
        on_change=lambda: get_state().read_sites_through(st.session_state[key]),
        help="The organs stay in the data; a scheme groups them. The choice applies to every page.",
    )  # fmt: skip
