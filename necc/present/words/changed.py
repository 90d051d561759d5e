"""What is said of two files of patients: who came and went, and what can't have happened."""

from __future__ import annotations

from collections.abc import Mapping

from necc.analysis.changed import NO_IDENTIFIER, REPEATED, STRANGERS, EndpointChange, FileChanges
from necc.core.text import format_number, plural

NO_FILE = "no-file"
WHY: Mapping[str, str] = {
    NO_IDENTIFIER: "Patients can't be followed: not both files have an identifier.",
    REPEATED: "Patients can't be followed: an identifier stands in several rows.",
    STRANGERS: "Patients can't be followed: the files share no identifier.",
    NO_FILE: "A project holds no patient, so that who came and went is told only where the earlier file is given, too.",
}  # fmt: skip
SHOWN = "Shown, by the filters"
NOTE_FOLLOWED = "Patients are followed by their identifiers."
NOTE_TIMES = (
    "Events before, with the new ones, without those no longer there and those of patients who left, and with those of "
    "patients who are new, are the events now. Who has a time in one file only counts as left or new."
)


def number(value: int | None) -> str:
    """A count; blank where it isn't known."""
    return "" if value is None else format_number(value, 0)


def summary(result: FileChanges) -> tuple[str, ...]:
    """Patients and events of both, who is new and gone, and what can't be."""
    said = [f"{number(result.n_before)} patients before, {plural(result.n_now, 'patient')} now."]
    if (kept := result.followed) is not None:
        said.append(f"{plural(kept.n_both, 'patient')} in both files, {kept.n_new:,} new, {kept.n_gone:,} no longer "
                    f"there; {kept.n_changed:,} of those in both have other values now.")  # fmt: skip
        if kept.n_in or kept.n_out:
            said.append(f"Of those in both the filters take {kept.n_in:,} in and leave {kept.n_out:,} out who were "
                        "on the other side before.")  # fmt: skip
    elif result.why:
        said.append(WHY[result.why])
    said += [odd for one in result.endpoints if (odd := odd_of(one))]
    return tuple(said)


def odd_of(one: EndpointChange) -> str:
    """What can't happen to a patient from one file to the next; "" where nothing does."""
    parts = []
    if one.n_lost_events:
        had = "has" if one.n_lost_events == 1 else "have"
        parts.append(f"{plural(one.n_lost_events, 'patient')} who had the event {had} it no longer")
    if one.n_shorter:
        parts.append(f"{plural(one.n_shorter, 'time')} {'is' if one.n_shorter == 1 else 'are'} shorter than before")
    return f"{one.label}: {' and '.join(parts)}: one of the files is wrong there." if parts else ""
