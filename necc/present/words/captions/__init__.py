"""What stands under a figure, and what is read out instead of it: functions of the result, a module a figure module."""

from __future__ import annotations

from necc.present.words.phrases import not_analysed as excluded_phrase
from necc.present.words.phrases import sentences

EXACT = "whiskers: 95 % exact (Clopper-Pearson) intervals"

__all__ = ["EXACT", "excluded_phrase", "sentences"]
