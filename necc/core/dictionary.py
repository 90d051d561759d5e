"""Variables, endpoints, groupings and site schemes of a disease, as data.

A disease is one TOML file (see `dictionaries/necc.toml`, which also explains the format). Nothing in the
core knows a column's name: a new variable, endpoint, grouping or site scheme is an entry in such a file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Literal, get_args

from necc.core.errors import DictionaryError, Finding
from necc.core.text import with_article

VariableKind = Literal["identifier", "category", "number", "flag", "event", "date", "text", "sites", "response"]
Stage = Literal["baseline", "recurrence", "treatment", "followup"]
RESPONSES = ("CR", "PR", "SD", "PD", "NE")
SITE, ORGAN, N_SITES = "site:", "organ:", "n_sites"
DAYS_PER_MONTH = 365.25 / 12
DAYS_PER_UNIT = {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_MONTH, "years": 365.25}
UNITS = tuple(DAYS_PER_UNIT)


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
    "ja", "oui", "si", "sí",
)  # fmt: skip
NO = (
    "0", "no", "n", "false", "f", "negative", "neg", "-", "absent", "unchecked", "否", "无", "阴性", "nein", "non",
)  # fmt: skip
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


def word_of(value: str) -> str:
    """A yes/no word as compared: without case; `1.0` is `1`."""
    folded = value.casefold().strip()
    return folded[:-2] if folded in ("0.0", "1.0") else folded


_SIDES = {**dict.fromkeys(map(word_of, YES), "yes"), **dict.fromkeys(map(word_of, NO), "no")}


def side_of(value: str) -> str:
    """ "yes", "no", or "" for a word that is neither."""
    return _SIDES.get(word_of(value), "")


@dataclass(frozen=True)
class Variable:
    """One column of a cohort: what it means, in which unit, and what it may hold."""

    name: str
    label: str
    kind: VariableKind
    section: str = "Other variables"
    unit: str = ""
    levels: tuple[str, ...] = ()
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
    """A time with an event, or two dates: `origin` to the event, censored at `censor_date`.

    event_ends_followup: the event is the end of follow-up, as a death is: where its own date is blank, `censor_date`
        stands for it. A recurrence without a date has no time.
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

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables that its times and events are read from, dates aside."""
        return tuple(dict.fromkeys(n for n in (self.time, self.event, *self.sum_of) if n))


@dataclass(frozen=True)
class Grouping:
    """A coarser reading of a variable: levels put together, or a number cut once.

    `above = 50` gives "≤ 50" and "> 50"; `at_least = 4` gives "< 4" and "≥ 4".
    """

    name: str
    label: str
    of: str
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    above: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class SiteScheme:
    """A grouping of raw organs into sites; the organs stay in the data, the scheme is a lens."""

    name: str
    label: str
    groups: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    reference: str = ""


@dataclass(frozen=True)
class Organ:
    """A raw site: its label, and the words a text column may use for it."""

    name: str
    label: str
    words: tuple[str, ...] = ()


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

    @property
    def default_scheme(self) -> SiteScheme:
        """The first scheme of the file."""
        return next(iter(self.schemes.values()))

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
        reader = _Reader()
        dictionary = reader.read(_with_base(_parsed(text)))
        if reader.findings or dictionary is None:
            raise DictionaryError(reader.findings)
        return dictionary


def _parsed(text: str) -> dict:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DictionaryError([Finding("error", "toml", f"the dictionary is not valid TOML: {error}")]) from None


def _with_base(raw: dict) -> dict:
    """A dictionary that extends one that ships: an entry replaces the base's whole, `false` takes it out."""
    name = raw.pop("extends", "")
    if not name:
        return raw
    if name not in builtin_names() or name == raw.get("name"):
        message = f"extends: '{name}' is no other dictionary that ships; there is {', '.join(builtin_names())}"
        raise DictionaryError([Finding("error", "dictionary", message, column="extends")])
    base = _with_base(_parsed(builtin_text(str(name))))
    merged = {**base, **{k: v for k, v in raw.items() if not isinstance(v, dict)}}
    for key, table in raw.items():
        if isinstance(table, dict):
            both = {**base.get(key, {}), **table}
            merged[key] = {k: v for k, v in both.items() if v is not False}
    known = _choosable(merged)
    return {**merged, **_kept(known, {key: base[key] for key in CHOICES if key in base and key not in raw})}


CHOICES = ("panel", "default_covariates", "treatment")


def _choosable(raw: dict) -> set[str]:
    """Every name that a panel or a list of covariates may hold."""
    tables = {
        k: t if isinstance(t := raw.get(k), dict) else {} for k in ("variables", "groupings", "organs", "schemes")
    }
    groups = (s.get("groups") for s in tables["schemes"].values() if isinstance(s, dict))
    sites = {f"{SITE}{group}" for table in groups if isinstance(table, dict) for group in table}
    return {*tables["variables"], *tables["groupings"], N_SITES, *(f"{ORGAN}{o}" for o in tables["organs"]), *sites}


def _kept(known: set[str], choices: dict) -> dict:
    """The base's choices without the names that were taken out of it."""
    kept = dict(choices)
    if "panel" in kept:
        kept["panel"] = [{**p, "names": [n for n in p["names"] if n in known]} for p in kept["panel"]]
    if "default_covariates" in kept:
        kept["default_covariates"] = [n for n in kept["default_covariates"] if n in known]
    if kept.get("treatment") not in known:
        kept.pop("treatment", None)
    return kept


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
    """A dictionary that knows nothing: every column becomes an extra variable."""
    scheme = SiteScheme("as_given", "Sites as given", {}, {})
    return Dictionary("plain", title, {}, {}, {}, {"as_given": scheme}, {}, _builtin("necc").missing)


class _Reader:
    """Turns parsed TOML into a `Dictionary`, collecting every finding on the way."""

    VARIABLE_KEYS = {f for f in Variable.__dataclass_fields__ if f != "name"}
    ENDPOINT_KEYS = {f for f in Endpoint.__dataclass_fields__ if f != "name"}
    GROUPING_KEYS = {"label", "of", "levels", "above", "from"}
    TOP_KEYS = {
        "name",
        "title",
        "version",
        "reference",
        "missing",
        "variables",
        "endpoints",
        "groupings",
        "schemes",
        "organs",
        "rules",
        *CHOICES,
    }

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def read(self, raw: dict) -> Dictionary | None:
        self._unknown("dictionary", raw, self.TOP_KEYS)
        if not isinstance(raw.get("name"), str) or not isinstance(raw.get("title"), str):
            self._fail("dictionary", "'name' and 'title' must both be given as text")
            return None
        variables = {n: v for n, r in self._table(raw, "variables") if (v := self._variable(n, r))}
        endpoints = {n: v for n, r in self._table(raw, "endpoints") if (v := self._endpoint(n, r, variables))}
        groupings = {n: v for n, r in self._table(raw, "groupings") if (v := self._grouping(n, r, variables))}
        organs = {
            n: Organ(n, str(r.get("label", n)), tuple(map(str, r.get("words", ()))))
            for n, r in self._table(raw, "organs")
        }
        schemes = {n: v for n, r in self._table(raw, "schemes") if (v := self._scheme(n, r, organs))}
        if not schemes:
            self._fail("schemes", "at least one site scheme is needed")
        self._check_sites(variables, organs)
        order, ranked = (self._rules(raw, key, variables) for key in ("order", "ranked"))
        needs, within = self._needs(raw, variables), self._rules(raw, "within", variables)
        known = _choosable(raw)
        panel = self._panel(raw, known)
        covariates = self._names("default_covariates", raw.get("default_covariates", []), known)
        treatment = self._treatment(raw.get("treatment", ""), variables)
        if self.findings:
            return None
        return Dictionary(
            raw["name"], raw["title"], variables, endpoints, groupings, schemes, organs,
            tuple(map(str, raw.get("missing", ("",)))), str(raw.get("reference", "")), int(raw.get("version", 1)),
            order, ranked, needs, within, panel, covariates, treatment,
        )  # fmt: skip

    def _fail(self, place: str, problem: str) -> None:
        self.findings.append(Finding("error", "dictionary", f"{place}: {problem}", column=place))

    def _unknown(self, place: str, raw: dict, allowed: set[str]) -> None:
        for key in raw:
            if key not in allowed:
                self._fail(place, f"unknown key '{key}'; allowed are {', '.join(sorted(allowed))}")

    def _table(self, raw: dict, key: str) -> list[tuple[str, dict]]:
        table = raw.get(key, {})
        if not isinstance(table, dict):
            self._fail(key, "must be a table")
            return []
        rows = []
        for name, row in table.items():
            if isinstance(row, dict):
                rows.append((name, row))
            else:
                self._fail(f"{key}.{name}", "must be a table")
        return rows

    def _variable(self, name: str, row: dict) -> Variable | None:
        place = f"variables.{name}"
        self._unknown(place, row, self.VARIABLE_KEYS)
        if row.get("kind") not in get_args(VariableKind):
            self._fail(place, f"kind {row.get('kind')!r} is not one of {', '.join(get_args(VariableKind))}")
            return None
        if row.get("starts_at", "baseline") not in get_args(Stage):
            self._fail(place, f"starts_at {row['starts_at']!r} is not one of {', '.join(get_args(Stage))}")
            return None
        levels = tuple(map(str, row.get("levels", RESPONSES if row["kind"] == "response" else ())))
        if len(set(map(spelling, levels))) < len(levels):
            self._fail(place, "two levels differ only by case, blanks or punctuation")
        synonyms = row.get("synonyms", {})
        allowed = ("no", "yes") if row["kind"] == "flag" else levels
        for level in synonyms:
            if level not in allowed:
                self._fail(place, f"synonyms for '{level}', which is not one of its levels")
        known = {k: row[k] for k in row if k in self.VARIABLE_KEYS}
        for key in ("aliases", "strip", "from_dates"):
            known[key] = tuple(map(str, row.get(key, ())))
        return Variable(
            name, **{**known, "label": str(row.get("label", name)), "levels": levels,
                     "synonyms": {k: tuple(map(str, v)) for k, v in synonyms.items()}},
        )  # fmt: skip

    def _endpoint(self, name: str, row: dict, variables: Mapping[str, Variable]) -> Endpoint | None:
        place = f"endpoints.{name}"
        self._unknown(place, row, self.ENDPOINT_KEYS)
        columns = [row.get(k, "") for k in ("time", "event", "start", "event_date", "censor_date")]
        columns += [c for c in (*row.get("event_if", ()), *row.get("sum_of", ())) if c != "sites"]
        for column in filter(None, columns):
            if column not in variables:
                self._fail(place, f"names the variable '{column}', which the dictionary doesn't have")
        if not row.get("time") and not (row.get("start") and row.get("event_date")):
            self._fail(place, "needs a 'time' column, or 'start' and 'event_date'")
            return None
        known = {k: row[k] for k in row if k in self.ENDPOINT_KEYS}
        known["event_if"] = tuple(row.get("event_if", ()))
        known["sum_of"] = tuple(row.get("sum_of", ()))
        return Endpoint(name, **{**known, "label": str(row.get("label", name)), "origin": str(row.get("origin", ""))})

    def _grouping(self, name: str, row: dict, variables: Mapping[str, Variable]) -> Grouping | None:
        place = f"groupings.{name}"
        self._unknown(place, row, self.GROUPING_KEYS)
        of = str(row.get("of", ""))
        if of != N_SITES and of not in variables:
            self._fail(place, f"'of' names '{of}', which the dictionary doesn't have")
            return None
        ways = [k for k in ("levels", "above", "from") if k in row]
        if len(ways) != 1:
            self._fail(place, "needs exactly one of 'levels', 'above' and 'from'")
            return None
        levels = {k: tuple(map(str, v)) for k, v in row.get("levels", {}).items()}
        for level in (x for group in levels.values() for x in group):
            if level not in variables[of].levels:
                self._fail(place, f"groups '{level}', which is not a level of '{of}'")
        return Grouping(name, str(row.get("label", name)), of, levels, row.get("above"), row.get("from"))

    def _scheme(self, name: str, row: dict, organs: Mapping[str, Organ]) -> SiteScheme | None:
        place = f"schemes.{name}"
        self._unknown(place, row, {"label", "reference", "groups", "default"})
        groups = {g: tuple(map(str, r.get("organs", ()))) for g, r in self._table(row, "groups")}
        labels = {g: str(r.get("label", g)) for g, r in self._table(row, "groups")}
        seen: dict[str, str] = {}
        for group, members in groups.items():
            for organ in members:
                if organ not in organs:
                    self._fail(place, f"group '{group}' names the organ '{organ}', which [organs] doesn't have")
                if organ in seen:
                    self._fail(place, f"organ '{organ}' stands in both '{seen[organ]}' and '{group}'")
                seen[organ] = group
        if not groups:
            self._fail(place, "has no groups")
            return None
        return SiteScheme(name, str(row.get("label", name)), groups, labels, str(row.get("reference", "")))

    def _rules(self, raw: dict, key: str, variables: Mapping[str, Variable]) -> tuple[tuple[str, ...], ...]:
        """Rules as tuples of variables."""
        rules = raw.get("rules", {}).get(key, ())
        for name in dict.fromkeys(name for rule in rules for name in rule):
            if name not in variables:
                self._fail(f"rules.{key}", f"names the variable '{name}', which the dictionary doesn't have")
        return tuple(tuple(map(str, rule)) for rule in rules)

    def _needs(self, raw: dict, variables: Mapping[str, Variable]) -> tuple[tuple[Told, Told], ...]:
        """Rules `[B, A]`: each a variable, or `variable=level|level`."""
        pairs = []
        for pair in raw.get("rules", {}).get("needs", ()):
            needs = []
            for text in pair:
                name, _, levels = str(text).partition("=")
                needs.append(Told(name, tuple(levels.split("|")) if levels else ()))
                known = variables[name].levels if name in variables else None
                if known is None:
                    self._fail("rules.needs", f"names the variable '{name}', which the dictionary doesn't have")
                elif wrong := [x for x in needs[-1].levels if x not in known]:
                    self._fail("rules.needs", f"names '{wrong[0]}', which is not a level of '{name}'")
            if len(needs) == 2:
                pairs.append((needs[0], needs[1]))
            else:
                self._fail("rules.needs", f"{pair} is no pair")
        return tuple(pairs)

    def _panel(self, raw: dict, known: set[str]) -> tuple[Panel, ...]:
        rows = raw.get("panel", [])
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            self._fail("panel", "must be a list of tables with 'title' and 'names'")
            return ()
        panels = []
        for row in rows:
            self._unknown("panel", row, {"title", "names"})
            title = row.get("title")
            if not isinstance(title, str) or not title:
                self._fail("panel", "every section needs a 'title'")
                continue
            panels.append(Panel(title, self._names(f"panel '{title}'", row.get("names", []), known)))
        return tuple(panels)

    def _names(self, place: str, names: object, known: set[str]) -> tuple[str, ...]:
        """Names of variables, groupings, sites or organs, each once."""
        if not isinstance(names, list):
            self._fail(place, "must be a list of names")
            return ()
        for name in names:
            if not isinstance(name, str) or name not in known:
                self._fail(place, f"names '{name}', which the dictionary doesn't have")
        return tuple(dict.fromkeys(map(str, names)))

    def _treatment(self, name: object, variables: Mapping[str, Variable]) -> str:
        if not name:
            return ""
        if not isinstance(name, str) or name not in variables:
            self._fail("treatment", f"names the variable '{name}', which the dictionary doesn't have")
        elif variables[name].kind != "flag":
            self._fail("treatment", f"'{name}' is {with_article(variables[name].kind)}, not a flag (yes/no)")
        return str(name)

    def _check_sites(self, variables: Mapping[str, Variable], organs: Mapping[str, Organ]) -> None:
        for variable in variables.values():
            if variable.site and variable.site not in organs:
                self._fail(f"variables.{variable.name}", f"site '{variable.site}' is not in [organs]")
