"""Words for a tumour's response, and the RECIST 1.1 category that each means: what a file is read and analysed by.

References: Eisenhauer EA et al. New response evaluation criteria in solid tumours: revised RECIST guideline (1.1).
Eur J Cancer 2009;45:228-47. doi:10.1016/j.ejca.2008.10.026. Seymour L et al. iRECIST. Lancet Oncol 2017;18:e143-52.
doi:10.1016/S1470-2045(17)30074-8.
"""

from __future__ import annotations

import re

from necc.core.dictionary import normalise

WORDS = {
    "CR": (
        "complete response", "complete responder", "complete remission", "complete remission/response",
        "complete tumour response", "complete tumor response", "完全缓解", "komplettremission", "cr by recist",
    ),
    "PR": (
        "partial response", "partial responder", "partial remission", "partial remission/response", "部分缓解",
        "partial tumour response", "partial tumor response", "teilremission",
    ),
    "SD": (
        "stable disease", "stable", "no change", "disease stabilisation", "disease stabilization", "stabile erkrankung",
        "疾病稳定", "稳定", "病情稳定",
    ),
    "PD": (
        "progressive disease", "progression", "disease progression", "progression of disease",
        "progress", "progressive", "progressing", "疾病进展", "进展", "病情进展",
    ),
    "NE": (
        "not evaluable", "non evaluable", "inevaluable", "unevaluable", "not evaluated", "not assessed",
        "not assessable", "non assessable", "nonevaluable", "不可评估", "无法评估", "未评估",
    ),
}  # fmt: skip
_BY_WORD = {normalise(word).replace("-", " "): level for level, words in WORDS.items() for word in (level, *words)}
UNCONFIRMED = "progression by RECIST 1.1, which asks for no confirmation"
BY_IRECIST = "an iRECIST category"
READ_AS = {
    "pod": ("PD", "progression of disease"),
    "iupd": ("PD", UNCONFIRMED), "icpd": ("PD", BY_IRECIST), "ipd": ("PD", BY_IRECIST), "icr": ("CR", BY_IRECIST),
    "ipr": ("PR", BY_IRECIST), "isd": ("SD", BY_IRECIST), "ine": ("NE", BY_IRECIST),
    "ccr": ("CR", "a confirmed response"), "cpr": ("PR", "a confirmed response"),
    "non cr/non pd": ("SD", "without a measurable lesion, neither complete response nor progression"),
    "early death": ("NE", "RECIST calls a death before the first assessment not evaluable"),
    "early progression": ("PD", "progression"),
}  # fmt: skip
ASIDE = {
    "clinical": "by clinical signs", "clinically": "by clinical signs", "radiological": "by imaging",
    "radiologic": "by imaging", "radiographic": "by imaging", "symptomatic": "by clinical signs",
    "confirmed": "confirmed", "early death": READ_AS["early death"][1], "recist": "", "recist 1 1": "", "irecist": "",
    "by recist": "", "per recist": "", "临床": "by clinical signs",
}  # fmt: skip
"""What may stand beside a category without changing it, and what is told of it."""


def recist(value: str) -> str | None:
    """The RECIST 1.1 category of a word: `CR`, `complete response`, `iCPD`, `PD (clinical)`; None for another word.

    Example:
        >>> [recist(w) for w in ("Partial response (PR)", "Non-CR/Non-PD", "NE (early death)", "mPR")]
        ['PR', 'SD', 'NE', None]
    """
    result = _read(value)
    return result[0] if result else None


def read_because(value: str) -> str:
    """Why a word that isn't RECIST's own is read as a category; blank for RECIST's own words and for unknown ones."""
    result = _read(value)
    return result[1] if result else ""


def _read(value: str) -> tuple[str, str] | None:
    plain = _plain(value)
    if re.search(r"[?\uff1f]", value):
        return None
    if known := _one(plain):
        return known
    parts = [p for p in (_plain(part) for part in re.split(r"[()\[\]（）,;:：]|\s[-–—]\s", value)) if p]
    if len(parts) == 1 and " " in parts[0]:  # CR complete response, clinical PD
        first, _, rest = parts[0].partition(" ")
        before, _, last = parts[0].rpartition(" ")
        parts = [first, rest] if _one(first) else [before, last]
    levels = {known[0]: known[1] for part in parts if (known := _one(part))}
    beside = [part for part in parts if not _one(part)]
    if not all(part in ASIDE for part in beside):
        return None
    if set(parts) & {"early death"} and len(levels) == 2 and "NE" in levels:
        return None
    reasons = [r for r in (*levels.values(), *(ASIDE[part] for part in beside)) if r]
    return (next(iter(levels)), reasons[0] if reasons else "") if len(levels) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"\s*/\s*", "/", normalise(text).replace("-", " ")).strip()


def _one(plain: str) -> tuple[str, str] | None:
    for word in (plain, plain.removesuffix("ed")):
        if word in _BY_WORD:
            return _BY_WORD[word], ""
    return READ_AS.get(plain)
