"""Variables, endpoints, groupings and site schemes of a disease, as data.

A disease is one TOML file (see `dictionaries/necc.toml`, which also explains the format). No code knows a column's or
an endpoint's name: a new variable, endpoint, grouping or site scheme is an entry in such a file, and what an analysis
asks for by its meaning stands in [roles] (`ROLES`).

An endpoint has a time and an event. The keys of its table:

```toml
[endpoints.PFS]
label = "Progression-free survival"
origin = "first recurrence"                    # in words; the parts of a composite have the same
unit = "months"                                # days, weeks, months or years
time = "pfs_months"                            # a recorded time, or
start = "first_recurrence_date"                # the time from this date to the event's, or to the one of censoring
event_date = ["progression_date", "relapse_date"]  # one date, or any of several: the earliest counts
censor_date = "last_followup_date"
sum_of = ["ttr_months", "prs_months"]          # or the sum of durations, where the others are blank
difference_of = ["os_months", "ttr_months"]    # or the first duration without the others, of one unit
only_if = "recurred"                           # a flag: nobody else has a time
event_time = "days_to_progression"             # the time of the event, where `time` is that of the last contact
event = "progressed"                           # the flag; where the file lacks it, a date or `event_if` tells
event_if = ["sites"]                           # further variables whose value says that it happened
event_ends_followup = true                     # a death: where its date is blank, `censor_date` stands for it

[endpoints.DFS]                                # composite: the first of several events
label = "Disease-free survival"
origin = "diagnosis"
first_of = ["TTR", { event = "died", time = "os_months" }]  # endpoints by name, or parts of its own with the keys above
```

A composite is an event at the earliest event of its parts. Without any it is censored when the first of its parts was
last known to be event-free. It is missing where that can't be decided: an event of a part isn't recorded, or its time
isn't. A flag that says no beside a date of the event is a contradiction: a finding, and missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from necc.core.errors import DictionaryError, Finding
from necc.core.text import joined, quoted, with_article
from necc.core.toml import Keys, Reader, Table, anything, listed, mapped, meant, number, string, whole

VariableKind = Literal["identifier", "category", "number", "flag", "event", "date", "text", "sites", "response"]
TreatmentLane = Literal["", "primary treatment", "treatment after recurrence"]
Stage = Literal["baseline", "recurrence", "treatment", "followup"]
RESPONSES = ("CR", "PR", "SD", "PD", "NE")
RESPONSE_ORDER = ("CR", "PR", "MR", "SD", "PD")  # best first; MR, a minor response, is of older criteria
UNRANKED = frozenset(("NE", "GX", "TX", "NX", "MX"))  # not evaluable: no place on the scale of the other levels
SITE, ORGAN, N_SITES = "site:", "organ:", "n_sites"
DAYS_PER_MONTH = 365.25 / 12
DAYS_PER_UNIT = {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_MONTH, "years": 365.25}
UNITS = tuple(DAYS_PER_UNIT)


def one_year(unit: str) -> float:
    """A year in whole days, weeks, months or years; 1 of any other unit."""
    return float(round(DAYS_PER_UNIT["years"] / DAYS_PER_UNIT.get(unit, DAYS_PER_UNIT["years"])))


ENDPOINT = "endpoint"
ROLES: Mapping[str, tuple[str, ...]] = {
    "recurrence": ("event", "flag"),
    "death": ("event", "flag"),
    "progression": ("event", "flag"),
    "response_best": ("response",),
    "response_final": ("response",),
    "time_to_response": ("number",),
    "time_to_progression": ("number",),
    "treatment_agent": ("category", "text"),
    "treatment_partner": ("category", "text"),
    "stage_before": ("category",),
    "stage_after": ("category",),
    "tumour_size": ("number",),
    "node_metastasis": ("flag", "event"),
    "recurrence_endpoint": (ENDPOINT,),
    "death_endpoint": (ENDPOINT,),
    "main_endpoint": (ENDPOINT,),
}
"""What code asks a dictionary for by meaning, and the kinds of variable that can have it. Times to response and to
progression are counted from the start of treatment; `stage_before` and `stage_after` are two editions of one staging;
`main_endpoint` is what a page shows first."""


def is_site(name: str) -> bool:
    """Whether a name is that of a site or an organ, such as "site:lung"."""
    return name.startswith((SITE, ORGAN))


def normalise(text: str) -> str:
    """`text` without case, blanks and punctuation: how spellings are compared.

    Full-width characters are folded (NFKC); signs that carry meaning (< > = + - /) stay.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("≥", ">=").replace("≤", "<=")
    return re.sub(r"[^\w<>=+/-]+|_+", " ", folded).strip()


def spelling(text: str) -> str:
    """How levels are compared: `normalise`, and blanks and hyphens count only between digits.

    `Large-Cell` is `large cell` and `<1/3` is `< 1/3`, but `1-2` isn't `12`, and `-` stays `-`.
    """
    close = re.sub(r"(?<=[^\W\d])[ -]+(?=\w)|(?<=\w)[ -]+(?=[^\W\d])", "", normalise(text))
    return re.sub(r"(?<!\d) | (?!\d)", "", close)


YES = (
    "1", "yes", "y", "true", "t", "positive", "pos", "+", "++", "+++", "present", "checked", "是", "有", "阳性",
    "ja", "j", "oui", "si", "sí", "sì", "sim", "evet", "да", "はい", "예",
)  # fmt: skip
NO = (
    "0", "no", "n", "false", "f", "negative", "neg", "-", "absent", "unchecked", "否", "无", "阴性", "nein", "non",
    "não", "nao", "nee", "nej", "hayır", "нет", "いいえ", "아니오",
)  # fmt: skip
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


def word_of(value: str) -> str:
    """A yes/no word as compared: without case; `1.0` is `1`, SPSS's `.00` is `0`."""
    folded = value.casefold().strip()
    if match := re.fullmatch(r"([01]?)[.,]0+", folded):
        return match[1] or "0"
    return folded


_SIDES = {**dict.fromkeys(map(word_of, YES), "yes"), **dict.fromkeys(map(word_of, NO), "no")}


def side_of(value: str) -> str:
    """ "yes", "no", or "" for a word that is neither."""
    return _SIDES.get(word_of(value), "")


@dataclass(frozen=True)
class Variable:
    """One column of a cohort: what it means, in which unit, and what it may hold.

    ordered: whether a dictionary, a file or a person says that the levels go from less to more, or from best to worst.
        Levels in the alphabet's order, or in that of their first appearance, aren't.
    made_of: of a variable that an edit made, the columns that it was made of.
    lane: of a treatment, where it stands in a patient's course; blank of anything else.
    """

    name: str
    label: str
    kind: VariableKind
    section: str = "Other variables"
    unit: str = ""
    levels: tuple[str, ...] = ()
    ordered: bool = False
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strip: tuple[str, ...] = ()
    roman: bool = False
    minimum: float | None = None
    maximum: float | None = None
    aliases: tuple[str, ...] = ()
    starts_at: Stage = "baseline"
    site: str = ""
    given_if: str = ""
    start: str = ""
    from_dates: tuple[str, ...] = ()
    edition: str = ""
    help: str = ""
    made_of: tuple[str, ...] = ()
    lane: TreatmentLane = ""

    def spellings(self) -> dict[str, str]:
        """Every accepted spelling, as `spelling` compares it, with the level it means."""
        levels = self.levels or tuple(self.synonyms)
        levels_by_spelling = {
            spelling(word): level for level in levels for word in (*self.synonyms.get(level, ()), level)
        }
        if self.roman:
            digits = {
                re.sub(r"^(iv|i{1,3})(?![ivx])", lambda m: ROMAN[m[0]], word): levels_by_spelling[word]
                for word in levels_by_spelling
            }
            levels_by_spelling = {**digits, **levels_by_spelling}
        return levels_by_spelling

    def spelled(self, value: str) -> str:
        """A value as `spellings` holds it, without the words that are stripped (`Stage IB1` -> `ib1`)."""
        plain = normalise(value)
        return spelling(re.sub("|".join(map(re.escape, self.strip)), " ", plain).strip(" -") if self.strip else plain)

    def title(self) -> str:
        """Label with its unit, for an axis or a table head."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class Endpoint:
    """A time with an event: read from columns, or the first of several (see the module for the keys).

    event_date, or_dates: the event's date, and others that may stand for it; the earliest counts.
    event_ends_followup: the event is the end of follow-up, as a death is: where its own date is blank, `censor_date`
        stands for it. A recurrence without a date has no time.
    event_time: the time of those with the event, where `time` is the last contact; blank, `time` stands for it.
    first_of: the parts of a composite endpoint, which has no columns of its own.
    """

    name: str
    label: str
    origin: str
    unit: str = "months"
    defined_as: str = ""
    time: str = ""
    event: str = ""
    event_if: tuple[str, ...] = ()
    start: str = ""
    event_date: str = ""
    censor_date: str = ""
    sum_of: tuple[str, ...] = ()
    starts_at: Stage = "baseline"
    event_ends_followup: bool = False
    or_dates: tuple[str, ...] = ()
    difference_of: tuple[str, ...] = ()
    only_if: str = ""
    first_of: tuple[Endpoint, ...] = ()
    event_time: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables that its times and events are read from, dates aside."""
        own = (self.time, self.event_time, self.event, *self.sum_of, *self.difference_of, self.only_if)
        return tuple(dict.fromkeys(n for n in (*own, *(c for part in self.first_of for c in part.columns)) if n))

    @property
    def event_dates(self) -> tuple[str, ...]:
        """Every date that says when the event happened."""
        return (self.event_date, *self.or_dates) if self.event_date else ()

    @property
    def event_signs(self) -> tuple[str, ...]:
        """The variables, beside its flag, whose value says that the event happened; "sites" for any site."""
        return tuple(dict.fromkeys((*self.event_if, *self.event_dates)))

    @property
    def parts(self) -> tuple[Endpoint, ...]:
        """What is read from columns: itself, or every part of a composite."""
        return tuple(p for part in self.first_of for p in part.parts) if self.first_of else (self,)


@dataclass(frozen=True)
class Grouping:
    """A coarser reading of a variable: levels put together, or a number cut once.

    In the file `above = 50` gives "≤ 50" and "> 50", and `from = 4`, here `at_least`, "< 4" and "≥ 4".
    """

    name: str
    label: str
    of: str
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    above: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class SiteScheme:
    """A grouping of raw organs into sites; the organs stay in the data, the scheme is a lens.

    combined: sites that an edit made of several, each with those and their organs; `groups` holds it in their place.
    """

    name: str
    label: str
    groups: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    reference: str = ""
    default: bool = False
    combined: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def own_groups(self) -> dict[str, tuple[str, ...]]:
        """The sites as the dictionary has them, each with its organs, whatever was combined."""
        parts = [self.combined.get(site, {site: organs}) for site, organs in self.groups.items()]
        return {site: organs for part in parts for site, organs in part.items()}


@dataclass(frozen=True)
class Organ:
    """A raw site: its label, and the words a text column may use for it.

    named: of an organ that has a group's name, whether it is an organ all the same, as "lung" is beside "pleura".
        Others, such as "abdominal", stand for a site whose organ isn't named.
    """

    name: str
    label: str
    words: tuple[str, ...] = ()
    named: bool = False


@dataclass(frozen=True)
class Panel:
    """Variables that belong together where patients are chosen, such as "Tumour"."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What a rule speaks of: any value of a variable, or some levels of it (`final_response=PD`)."""

    name: str
    levels: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} is {' or '.join(self.levels)}" if self.levels else self.name


@dataclass(frozen=True)
class Dictionary:
    """All that is known of a disease's columns before a file is read.

    order, ranked, needs, within: what can't be otherwise; the dictionary's file explains them.
    panel: what patients are chosen by before anything else, section by section.
    default_covariates: what a model is offered first.
    treatment: the yes/no variable of the treatment that starts after time zero; "" where there is none.
    like: what patients must share to be like one another, the most important first.
    roles: variables and endpoints by what they mean to an analysis.
    """

    name: str
    title: str
    variables: Mapping[str, Variable]
    endpoints: Mapping[str, Endpoint]
    groupings: Mapping[str, Grouping]
    schemes: Mapping[str, SiteScheme]
    organs: Mapping[str, Organ]
    missing: tuple[str, ...] = ("",)
    reference: str = ""
    version: int = 1
    order: tuple[tuple[str, str], ...] = ()
    ranked: tuple[tuple[str, str], ...] = ()
    needs: tuple[tuple[Told, Told], ...] = ()
    within: tuple[tuple[str, ...], ...] = ()
    panel: tuple[Panel, ...] = ()
    default_covariates: tuple[str, ...] = ()
    treatment: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    like: tuple[str, ...] = ()

    @property
    def default_scheme(self) -> SiteScheme:
        """The scheme that says so, else the first of the file."""
        return next((s for s in self.schemes.values() if s.default), next(iter(self.schemes.values())))

    def place_label(self, name: str) -> str:
        """The label of a site of any scheme or of an organ; its name where there is none."""
        labels = (scheme.labels.get(name) for scheme in (self.default_scheme, *self.schemes.values()))
        organ = self.organs.get(name)
        return next(filter(None, labels), organ.label if organ else name)

    def role(self, name: str) -> str:
        """The variable or endpoint of a role, which a file may lack; "" where the dictionary has none.

        Raises:
            KeyError: no such role; see `ROLES`.
        """
        return self.roles.get(name, "") if ROLES[name] else ""

    def with_default_scheme(self, name: str) -> Dictionary:
        """A copy that reads sites through this scheme unless told otherwise."""
        schemes = {n: replace(scheme, default=n == name) for n, scheme in self.schemes.items()}
        return replace(self, schemes={name: schemes[name], **schemes})

    def with_variables(self, extra: Mapping[str, Variable]) -> Dictionary:
        """A copy that also knows `extra`."""
        return replace(self, variables={**self.variables, **extra})

    def with_site_words(self, words: Mapping[str, str]) -> Dictionary:
        """A copy whose organs have further words: a word and its organ; a word moves to the organ given last.

        A group of a scheme, such as `abdominal`, may stand for the organ of its name.
        """
        new = {normalise(w): o for w, o in words.items()}
        organs = {}
        for name, organ in self.organs.items():
            kept = tuple(w for w in organ.words if new.get(normalise(w), name) == name)
            organs[name] = replace(organ, words=(*kept, *(w for w, o in words.items() if o == name)))
        return replace(self, organs=organs) if words else self

    def headers(self) -> dict[str, Variable]:
        """Every column heading that is understood, normalised: names first, then aliases."""
        variables = {normalise(name): variable for name, variable in self.variables.items()}
        for variable in self.variables.values():
            for alias in variable.aliases:
                variables.setdefault(normalise(alias), variable)
        return variables

    def organ_words(self) -> dict[str, str]:
        """Every word for an organ, normalised, with the organ's name."""
        words: dict[str, str] = {}
        for organ in self.organs.values():
            for word in (organ.name, organ.label, *organ.words):
                words.setdefault(normalise(word), organ.name)
        for scheme in self.schemes.values():
            for group, label in scheme.labels.items():
                if group in self.organs:
                    words.setdefault(normalise(label), group)
        return words

    @classmethod
    def builtin(cls, name: str = "necc") -> Dictionary:
        """A dictionary that ships with the project.

        Raises:
            DictionaryError: no dictionary of this name ships; the message lists those that do.
        """
        return _builtin(name)

    @classmethod
    def from_toml(cls, text: str) -> Dictionary:
        """Reads a dictionary file.

        Raises:
            DictionaryError: with a finding for each thing that is wrong.
        """
        return _Reader(text).dictionary()


SECTIONS = ("variables", "endpoints", "groupings", "schemes", "organs", "rules", "roles")
CHOICES = ("panel", "default_covariates", "treatment", "like")
Raw = Mapping[str, Any]


def _merged(raw: Raw, base: Raw) -> dict[str, Any]:
    """A dictionary on top of its base: an entry replaces the base's whole, `false` takes it out.

    What is inherited loses what was taken out, so that a base may grow; sections named in `without` start empty.
    """
    base = {key: value for key, value in base.items() if key not in raw["without"]}
    merged = {**base, **{k: v for k, v in raw.items() if k not in ("extends", "without")}}
    for key in SECTIONS:
        if isinstance(raw.get(key), Mapping):
            merged[key] = {k: v for k, v in {**base.get(key, {}), **raw[key]}.items() if v is not False}
    for key, kept in INHERITED.items():
        if isinstance(merged.get(key), Mapping):
            own, inherited = raw.get(key, {}), merged[key]
            merged[key] = dict(inherited)
            for name, entry in inherited.items():  # in their order: a composite endpoint names endpoints above it
                merged[key][name] = entry if name in own else kept(entry, merged)
                if not merged[key][name]:
                    del merged[key][name]
    if any(s.get("default") for s in _entries(raw, "schemes").values()):
        inherited = {n: s for n, s in _entries(merged, "schemes").items() if n not in raw["schemes"]}
        merged["schemes"] = {**merged["schemes"], **{n: {**s, "default": False} for n, s in inherited.items()}}
    known = _choosable(merged)
    for key in (k for k in CHOICES if k in base and k not in raw):
        merged[key] = _chosen(base[key], known)
    return merged


def _entries(raw: Raw, key: str) -> dict[str, Raw]:
    """The tables of a section, whatever the file holds there."""
    section = raw.get(key)
    return {n: t for n, t in section.items() if isinstance(t, Mapping)} if isinstance(section, Mapping) else {}


def _kept_scheme(scheme: Raw, merged: Raw) -> Raw | None:
    organs = _entries(merged, "organs")
    groups = {n: {**g, "organs": [o for o in g["organs"] if o in organs]} for n, g in scheme["groups"].items()}
    groups = {n: g for n, g in groups.items() if g["organs"]}
    return {**scheme, "groups": groups} if groups else None


def _kept_grouping(grouping: Raw, merged: Raw) -> Raw | None:
    variable = _entries(merged, "variables").get(grouping["of"])
    levels = {level for group in grouping.get("levels", {}).values() for level in group}
    whole = variable is not None and levels <= set(map(str, variable.get("levels", ())))
    return grouping if whole or grouping["of"] == N_SITES else None


def _kept_endpoint(endpoint: Raw, merged: Raw) -> Raw | None:
    parts = [part for part in endpoint.get("first_of", ()) if isinstance(part, str)]
    return endpoint if all(part in merged["endpoints"] for part in parts) else None


def _kept_rules(rules: list[list[str]], merged: Raw) -> list[list[str]]:
    variables = _entries(merged, "variables")
    return [rule for rule in rules if all(name.partition("=")[0] in variables for name in rule)]


def _kept_role(name: str, merged: Raw) -> str:
    return name if name in {**_entries(merged, "variables"), **_entries(merged, "endpoints")} else ""


INHERITED: Mapping[str, Callable[[Any, Raw], Any]] = {
    "schemes": _kept_scheme,
    "groupings": _kept_grouping,
    "endpoints": _kept_endpoint,
    "rules": _kept_rules,
    "roles": _kept_role,
}


def _choosable(raw: Raw) -> set[str]:
    """Every name that a panel or a list of covariates may hold."""
    sites = {f"{SITE}{group}" for scheme in _entries(raw, "schemes").values() for group in _entries(scheme, "groups")}
    organs = {f"{ORGAN}{o}" for o in _entries(raw, "organs")}
    return {*_entries(raw, "variables"), *_entries(raw, "groupings"), N_SITES, *organs, *sites}


def _chosen(choice: Any, known: set[str]) -> Any:
    """The base's choice without the names that were taken out of it."""
    if isinstance(choice, str):
        return choice if choice in known else ""
    return [
        {**c, "names": _chosen(c["names"], known)} if isinstance(c, Mapping) else c
        for c in choice
        if isinstance(c, Mapping) or c in known
    ]


def builtin_names() -> tuple[str, ...]:
    """Names of the dictionaries that ship, `necc` first."""
    folder = resources.files("necc.core") / "dictionaries"
    names = sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".toml"))
    return tuple(sorted(names, key=lambda n: n != "necc"))


def builtin_text(name: str = "necc") -> str:
    """The TOML text of a dictionary that ships."""
    return (resources.files("necc.core") / "dictionaries" / f"{name}.toml").read_text(encoding="utf-8")


@cache
def _builtin(name: str) -> Dictionary:
    if name not in builtin_names():
        message = f"no dictionary '{name}'; those that ship are {', '.join(builtin_names())}"
        raise DictionaryError([Finding("error", "unknown-dictionary", message, value=name)])
    return Dictionary.from_toml(builtin_text(name))


def plain(title: str = "Own columns") -> Dictionary:
    """A dictionary that knows nothing: every column becomes an extra variable, and has the role of its name."""
    scheme, known = SiteScheme("as_given", "Sites as given", {}, {}), _builtin("necc")
    return Dictionary("plain", title, {}, {}, {}, {"as_given": scheme}, {}, known.missing, roles=known.roles)


def _dates(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else listed(string)(value)


def _either(value: object) -> tuple[object, ...]:
    """Parts of a composite endpoint: names, or tables."""
    if not isinstance(value, list) or not value or not all(isinstance(v, str | Mapping) for v in value):
        raise ValueError("a list of endpoints is needed, each a name or a table of keys")
    return tuple(value)


_WORDS = listed(str, empty=True)  # levels and spellings, of which a number may be one
_NAMES = listed(string, empty=True)
_RULES = listed(_NAMES, empty=True)
_DURATIONS = ("time", "event_time", "sum_of", "difference_of")


class _Reader:
    """Turns TOML into a `Dictionary`, collecting every finding on the way."""

    TOP = Keys(optional={
        **dict.fromkeys(("name", "title", "reference"), string), "version": whole, "missing": _WORDS, "treatment": str,
        "default_covariates": _NAMES, "like": _NAMES, **dict.fromkeys((*SECTIONS, "panel"), anything),
    })  # fmt: skip
    VARIABLE = Keys.of(
        Variable, ("name", "made_of"), filled=("label",), levels=_WORDS, synonyms=mapped(_WORDS, empty=True)
    )
    ENDPOINT = Keys.of(Endpoint, ("name", "or_dates"), ("label", "origin"), event_date=_dates, first_of=_either)
    GROUPING = Keys.of(Grouping, ("name", "at_least"), ("label",), levels=mapped(_WORDS), **{"from": number})
    SCHEME = Keys.of(SiteScheme, ("name", "labels", "combined"), ("label",), groups=anything)
    GROUP = Keys(optional={"label": string, "organs": _NAMES})
    ORGAN = Keys.of(Organ, filled=("label",))
    RULES = Keys(optional=dict.fromkeys(("order", "ranked", "needs", "within"), _RULES))

    def __init__(self, text: str) -> None:
        self.reader = Reader(text, "dictionary", by_place=True)
        self._stop_if_wrong()
        self.raw = self._with_base(self.reader.root.values)
        self.reader.root = Table(self.raw)

    def _with_base(self, raw: Raw) -> Raw:
        """What the file says on top of the dictionary that it extends, if any."""
        name = raw.get("extends")
        if not name:
            return raw
        if name not in builtin_names() or name == raw.get("name"):
            ships = ", ".join(builtin_names())
            self._fail("extends", f"'{name}' is not another dictionary that ships; those are {ships}")
        without = raw.get("without", [])
        if not isinstance(without, list) or any(section not in (*SECTIONS, *CHOICES) for section in without):
            self._fail("without", f"a list of sections is needed, of {', '.join((*SECTIONS, *CHOICES))}")
        self._stop_if_wrong()
        return _merged({**raw, "without": without}, _Reader(builtin_text(str(name))).raw)

    def _stop_if_wrong(self) -> None:
        if self.reader.findings:
            raise DictionaryError(self.reader.findings)

    def _fail(self, place: str | Table, problem: str) -> None:
        self.reader.fail("", problem, place if isinstance(place, Table) else Table({}, place))

    def dictionary(self) -> Dictionary:
        """The dictionary.

        Raises:
            DictionaryError: with every finding.
        """
        values = self.reader.read(self.reader.root, self.TOP) or {}
        if not isinstance(values.get("name"), str) or not isinstance(values.get("title"), str):
            self.reader.fail("", "'name' and 'title' must both be given as text", column="dictionary")
        variables = {t.name: v for t in self.reader.named("variables") if (v := self._variable(t))}
        endpoints = self._endpoints(variables)
        groupings = {t.name: g for t in self.reader.named("groupings") if (g := self._grouping(t, variables))}
        organs = {
            t.name: Organ(**{"name": t.name, "label": t.name, **row})
            for t in self.reader.named("organs")
            if (row := self.reader.read(t, self.ORGAN)) is not None
        }
        schemes = {t.name: s for t in self.reader.named("schemes") if (s := self._scheme(t, organs))}
        if not schemes:
            self._fail("schemes", "at least one site scheme is needed")
        if sum(scheme.default for scheme in schemes.values()) > 1:
            self._fail("schemes", "only one site scheme can be the default")
        for variable in variables.values():
            if variable.site and variable.site not in organs:
                self._fail(f"variables.{variable.name}", f"site '{variable.site}' is not in [organs]")
        rules, known = self._rules(variables), _choosable(self.raw)
        panel = tuple(
            Panel(row["title"], self._chosen(f"panel '{row['title']}'", row["names"], known))
            for table in self.reader.tables("panel", place="panel")
            if (row := self.reader.read(table, Keys({"title": string, "names": _NAMES})))
        )
        covariates = self._chosen("default_covariates", values.get("default_covariates", ()), known)
        like = self._chosen("like", values.get("like", ()), known)
        treatment, roles = self._treatment(values, variables), self._roles(variables, endpoints)
        self._stop_if_wrong()
        return Dictionary(
            values["name"], values["title"], variables, endpoints, groupings, schemes, organs,
            **{k: v for k, v in values.items() if k in ("missing", "reference", "version")}, **rules, panel=panel,
            default_covariates=covariates, treatment=treatment, roles=roles, like=like,
        )  # fmt: skip

    def _unknown_variable(self, place: str | Table, name: str, variables: Mapping[str, object]) -> bool:
        """Whether a name is no variable, which is then a finding."""
        if name not in variables:
            problem = f"names the variable '{name}', which the dictionary doesn't have{meant(name, variables)}"
            self._fail(place, problem)
        return name not in variables

    def _variable(self, table: Table) -> Variable | None:
        row = self.reader.read(table, self.VARIABLE)
        if row is None:
            return None
        if row["kind"] == "response":
            row.setdefault("levels", RESPONSES)
            row.setdefault("ordered", True)
        levels = row.get("levels", ())
        if len(set(map(spelling, levels))) < len(levels):
            self._fail(table, "two levels differ only by case, blanks or punctuation")
        allowed = ("no", "yes") if row["kind"] == "flag" else levels
        for level in row.get("synonyms", ()):
            if level not in allowed:
                self._fail(table, f"synonyms for '{level}', which is not one of its levels")
        return Variable(**{"name": table.name, "label": table.name, **row})

    # ------------------------------------------------------------ endpoints
    def _endpoints(self, variables: Mapping[str, Variable]) -> dict[str, Endpoint]:
        """Every endpoint in the order of the file; a composite may name those that aren't, and those above it."""
        tables = self.reader.named("endpoints")
        plain = {t.name: e for t in tables if "first_of" not in t.values and (e := self._endpoint(t, variables, {}))}
        endpoints: dict[str, Endpoint] = {}
        for table in tables:
            endpoint = plain.get(table.name)
            if "first_of" in table.values:
                endpoint = self._endpoint(table, variables, {**plain, **endpoints})
            if endpoint:
                endpoints[table.name] = endpoint
        return endpoints

    def _endpoint(
        self, table: Table, variables: Mapping[str, Variable], others: Mapping[str, Endpoint]
    ) -> Endpoint | None:
        row = self.reader.read(table, self.ENDPOINT)
        if row is None:
            return None
        first, *more = row.pop("event_date", ("",))
        row |= {"event_date": first, "or_dates": tuple(more)}
        if row.get("unit", "months") not in UNITS:
            self._fail(table, f"unit '{row['unit']}' is not one of {', '.join(UNITS)}")
        named = {"name": table.name, "label": table.name, "origin": "", **row}
        if "first_of" in row:
            return self._composite(table, named, variables, others)
        endpoint = Endpoint(**named)
        self._columns_of(table, endpoint, variables)
        dated = endpoint.start and endpoint.event_date
        if not (endpoint.time or dated or endpoint.sum_of or endpoint.difference_of):
            self._fail(table, "needs a 'time' column, 'start' and 'event_date', or 'sum_of' or 'difference_of'")
        if not (endpoint.event or endpoint.event_signs):
            self._fail(table, "needs an 'event' column, 'event_date' or 'event_if'")
        return endpoint

    def _columns_of(self, table: Table, endpoint: Endpoint, variables: Mapping[str, Variable]) -> None:
        """Findings on the variables that an endpoint is read from: unknown, of another kind, of several units."""
        durations = (endpoint.time, endpoint.event_time, *endpoint.sum_of, *endpoint.difference_of)
        dates = (endpoint.start, *endpoint.event_dates, endpoint.censor_date)
        wanted = {("number",): durations, ("event", "flag"): (endpoint.event, endpoint.only_if), ("date",): dates}
        for kinds, names in wanted.items():
            for name in filter(None, dict.fromkeys(names)):
                if not self._unknown_variable(table, name, variables) and variables[name].kind not in kinds:
                    kind = with_article(variables[name].kind)
                    self._fail(table, f"'{name}' is {kind}, not {joined(list(map(with_article, kinds)), 'or')}")
        for name in endpoint.event_if:
            if name != "sites":
                self._unknown_variable(table, name, variables)
        units = {variables[name].unit for name in endpoint.difference_of if name in variables}
        if len(units) > 1 or units - {*UNITS}:
            self._fail(table, f"difference_of needs durations of one unit, not of {joined(quoted(sorted(units)))}")
        if len(endpoint.difference_of) == 1:
            self._fail(table, "difference_of needs two durations or more")

    def _composite(
        self, table: Table, row: dict[str, Any], variables: Mapping[str, Variable], others: Mapping[str, Endpoint]
    ) -> Endpoint | None:
        own = [key for key in ("event", "event_if", "start", "censor_date", *_DURATIONS, "only_if") if row.get(key)]
        if own or row["event_date"]:
            self._fail(table, f"has 'first_of', so '{(own or ['event_date'])[0]}' belongs to one of its parts")
        parts: list[Endpoint | None] = []
        for i, part in enumerate(row["first_of"], 1):
            if isinstance(part, str):
                parts.append(others.get(part))
                if part not in others:
                    message = f"'{part}', which is no endpoint above it{meant(part, others)}"
                    self._fail(table, f"first_of names {message}")
                continue
            shared: dict[str, object] = {key: row[key] for key in ("origin", "unit", "starts_at") if key in row}
            place = f"{table.place}, part {i}"
            nested = Table({**shared, **part}, place, (*table.path, f"part {i}"), table.line)
            parts.append(self._endpoint(nested, variables, others))
        known = [part for part in parts if part]
        for key in ("origin", "unit"):
            given = dict.fromkeys([row.get(key, "months"), *(getattr(part, key) for part in known)])
            if len(given) > 1:
                self._fail(table, f"its parts must have its own {key}; there are {joined(quoted(list(given)))}")
        row["defined_as"] = (
            row.get("defined_as") or f"{row['origin']} to the first of {joined([p.label for p in known])}"
        )
        return Endpoint(**{**row, "first_of": tuple(known)})

    # ------------------------------------------------------------ groupings, schemes, rules, choices
    def _grouping(self, table: Table, variables: Mapping[str, Variable]) -> Grouping | None:
        row = self.reader.read(table, self.GROUPING)
        if row is None:
            return None
        of = row["of"]
        if of != N_SITES and of not in variables:
            self._fail(table, f"'of' names '{of}', which the dictionary doesn't have{meant(of, variables)}")
            return None
        if sum(key in row for key in ("levels", "above", "from")) != 1:
            self._fail(table, "needs exactly one of 'levels', 'above' and 'from'")
            return None
        for level in (x for group in row.get("levels", {}).values() for x in group):
            if level not in variables[of].levels:
                self._fail(
                    table, f"groups '{level}', which is not a level of '{of}'{meant(level, variables[of].levels)}"
                )
        return Grouping(**{"name": table.name, "label": table.name, "at_least": row.pop("from", None), **row})

    def _scheme(self, table: Table, organs: Mapping[str, Organ]) -> SiteScheme | None:
        row = self.reader.read(table, self.SCHEME)
        rows = {t.name: self.reader.read(t, self.GROUP) or {} for t in self.reader.named("groups", table)}
        seen: dict[str, str] = {}
        for group, organ in ((group, organ) for group, given in rows.items() for organ in given.get("organs", ())):
            if organ not in organs:
                self._fail(table, f"group '{group}' names the organ '{organ}', which [organs] doesn't have")
            if organ in seen:
                self._fail(table, f"organ '{organ}' is in both '{seen[organ]}' and '{group}'")
            seen[organ] = group
        if row is None or not rows:
            self._fail(table, "has no groups")
            return None
        groups = {group: given.get("organs", ()) for group, given in rows.items()}
        labels = {group: given.get("label", group) for group, given in rows.items()}
        return SiteScheme(**{"name": table.name, "label": table.name, **row, "groups": groups, "labels": labels})

    def _rules(self, variables: Mapping[str, Variable]) -> dict[str, Any]:
        """Rules by kind: tuples of variables, or of what a rule speaks of."""
        table = Table(rules, "rules") if isinstance(rules := self.raw.get("rules", {}), Mapping) else Table({}, "rules")
        given = self.reader.read(table, self.RULES) or {}
        for key, rows in given.items():
            for name in dict.fromkeys(text.partition("=")[0] for row in rows for text in row):
                self._unknown_variable(f"rules.{key}", name, variables)
        pairs = []
        for pair in given.pop("needs", ()):
            if len(pair) != 2:
                self._fail("rules.needs", f"{list(pair)} is not a pair")
                continue
            sides = [
                (name, tuple(filter(None, levels.split("|")))) for name, _, levels in (t.partition("=") for t in pair)
            ]
            for name, levels in sides:
                for level in levels if name in variables else ():
                    if level not in variables[name].levels:
                        self._fail("rules.needs", f"names '{level}', which is not a level of '{name}'")
            pairs.append(tuple(Told(*side) for side in sides))
        return {**given, "needs": tuple(pairs)}

    def _chosen(self, place: str, names: tuple[str, ...], known: set[str]) -> tuple[str, ...]:
        """Names of variables, groupings, sites or organs, each once."""
        for name in names:
            if name not in known:
                self._fail(place, f"names '{name}', which the dictionary doesn't have{meant(name, known)}")
        return tuple(dict.fromkeys(names))

    def _treatment(self, values: Raw, variables: Mapping[str, Variable]) -> str:
        name: str = values.get("treatment", "")
        if name and not self._unknown_variable("treatment", name, variables) and variables[name].kind != "flag":
            self._fail("treatment", f"'{name}' is {with_article(variables[name].kind)}, not a flag (yes/no)")
        return name

    def _roles(self, variables: Mapping[str, Variable], endpoints: Mapping[str, Endpoint]) -> dict[str, str]:
        """Variables and endpoints by role, each of a kind that can have it."""
        keys = Keys(optional=dict.fromkeys(ROLES, string))
        raw = self.raw.get("roles", {})
        roles = self.reader.read(Table(raw if isinstance(raw, Mapping) else {}, "roles"), keys) or {}
        for role, name in roles.items():
            place, kinds = f"roles.{role}", ROLES[role]
            if kinds == (ENDPOINT,):
                if name not in endpoints:
                    self._fail(place, f"names the endpoint '{name}', which there isn't{meant(name, endpoints)}")
            elif not self._unknown_variable(place, name, variables) and variables[name].kind not in kinds:
                self._fail(place, f"'{name}' is {with_article(variables[name].kind)}, not {joined(kinds, 'or')}")
        return roles
