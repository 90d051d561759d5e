"""Recorded numbers beside those of now."""

from __future__ import annotations

from necc.analysis.recorded import NumberComparison
from necc.core.text import plural
from necc.present.words.reading.parts import read
from necc.present.words.recorded import before, now, relative


@read.register
def _(result: NumberComparison) -> tuple[str, ...]:
    n = result.counts
    both = n["changed"] + n["same"]
    said = [f"{n['changed']:,} of {plural(both, 'number')} changed." if both else "No number is there to be compared."]
    if (most := result.largest) is not None:
        said.append(
            f"The largest relative change is that of '{most.label}', from {before(most)} to {now(most)} "
            f"({relative(most)})."
        )
    sizeless = sum(row.kind == "changed" and row.relative is None for row in result.rows)
    if sizeless:
        said.append(f"The change of {plural(sizeless, 'number')} has no relative size: a value was 0 or not there.")
    if n["gone"] or n["new"]:
        stand = "stands" if n["gone"] == 1 else "stand"
        said.append(f"{plural(n['gone'], 'number')} {stand} in the earlier record only, and "
                    f"{n['new']:,} in the later only.")  # fmt: skip
    return tuple(said)
