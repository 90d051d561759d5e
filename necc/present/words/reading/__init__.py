"""What a result says, in plain sentences and by rule: numbers with their n and interval, caution where they are few.

No sentence names a cause. Groups that weren't made by chance may differ in anything, so a difference is observed, or
associated; an interval that holds no difference shows none, and doesn't show that there is none.

    >>> from necc.present.words.reading import reading
    >>> sentences = reading(kaplan_meier(cohort, "PRS", "site:abdominal"))
    >>> print(sentences[0])
    Post-recurrence survival, ... in 88 patients; 40 of them had the event (45.5 %).
"""

from __future__ import annotations

from necc.present.words.reading import cohort, models, patient, recorded, subcohorts, survival
from necc.present.words.reading.parts import reading

__all__ = ["cohort", "models", "patient", "reading", "recorded", "subcohorts", "survival"]
