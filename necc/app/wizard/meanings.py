"""What a column may mean, as a person chooses it: one list of words for roles, variables and sites."""

from __future__ import annotations

from dataclasses import replace

from necc.core.dictionary import Dictionary
from necc.ingest.columns import Typer
from necc.ingest.direction import direction
from necc.ingest.mapping import CHOSEN, ColumnMap, Role
from necc.ingest.naming import role_of, time_unit
from necc.ingest.raw import RawColumn

ROLES: dict[Role, str] = {
    "drop": "Leave out", "auto": "Extra variable", "identifier": "Identifier",
    "pseudonym": "Identifier, replaced by pseudonyms", "time": "Time", "event": "Event", "date": "Date",
    "sites": "Sites, in words", "category": "Groups", "number": "Number", "flag": "Yes or no",
    "response": "Response (RECIST)", "text": "Text",
}  # fmt: skip
GUESSED = 0.5  # of a unit that nothing names: it is asked


class Meanings:
    """The choices for a disease; `labels` in the order they are offered. `decimal`: the file's decimal sign."""

    def __init__(self, dictionary: Dictionary, decimal: str = "."):
        self.dictionary = dictionary
        self.decimal = decimal
        self.by_label: dict[str, tuple[Role, str, str]] = {label: (role, "", "") for role, label in ROLES.items()}
        of_site = {v.site: v.name for v in dictionary.variables.values() if v.site}
        for variable in dictionary.variables.values():
            if variable.kind != "identifier" and not variable.site:
                label = variable.label if variable.label not in self.by_label else f"{variable.label} ({variable.name})"
                self.by_label[label] = (role_of(variable), variable.name, "")
        for name, organ in dictionary.organs.items():
            self.by_label[f"Site: {organ.label}"] = ("site", of_site.get(name, ""), name)
        self.labels = list(self.by_label)

    def label_of(self, how: ColumnMap) -> str:
        """The choice that a decision is."""
        for label, (role, variable, site) in self.by_label.items():
            if how.role in ("drop", "identifier", "pseudonym"):
                if role == how.role:
                    return label
            elif how.role == "site":
                if site and site == how.site:
                    return label
            elif variable and variable == how.variable:
                return label
        return ROLES.get(how.role, ROLES["flag"])

    def chosen(self, how: ColumnMap, label: str, raw: RawColumn) -> ColumnMap:
        """The decision that a choice makes, with the unit of a time or the codes of an event found anew."""
        role, variable, site = self.by_label[label]
        if role == "identifier":
            variable = next((v.name for v in self.dictionary.variables.values() if v.kind == "identifier"), "")
        new = replace(how, role=role, variable=variable, site=site, unit="", event=(), no_event=(), date_order="",
                      confidence=1.0, reason=CHOSEN)  # fmt: skip
        if role == "time" and how.role == "time" and how.unit:
            return replace(new, unit=how.unit, confidence=how.confidence, reason=how.reason)
        if role == "time":
            unit, said, reason = time_unit(raw, Typer(self.dictionary, self.decimal))
            why = f"{CHOSEN}; {reason}" if said else reason
            return replace(new, unit=unit, confidence=1.0 if said else GUESSED, reason=why)
        if role == "event":
            codes = direction([v for v in raw.uniques if v], raw.header, raw.blank >= 0, raw.label)
            new = replace(new, event=codes.event, no_event=codes.no_event, reason=codes.reason)
        return new
