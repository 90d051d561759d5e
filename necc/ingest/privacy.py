"""What could name a patient: found in a file before anything is shown, masked, and left out of what goes out.

Columns are judged by their headings and by their values, with the classes of HIPAA's Safe Harbor method
(45 CFR 164.514(b)(2)) in mind. A judgement is a hint to a person; no program can promise that a text names no one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from necc.core.cohort import Cohort
from necc.core.dictionary import Variable, normalise
from necc.core.estimate import Exclusion

OLDEST_AGE = 90
SMALL = 5
POOLED = "other (small groups)"
SHIFT_DAYS = 364
LOOKED_AT = 500

NOT_A_PERSON = {
    "drug", "agent", "regimen", "site", "study", "file", "variable", "gene", "trial", "hospital", "centre", "center",
    "test", "protocol", "group", "organ", "level", "form", "event", "instrument", "product", "brand", "generic",
}  # fmt: skip
HEADINGS: tuple[tuple[str, str], ...] = (
    ("name", r"\b(name|surname|forename|firstname|lastname|fullname|patientname|initials|nachname|vorname|nom|prenom|"
             r"apellido|nombre)\b|姓名|患者名"),
    ("birth date", r"\b(dob|birth ?date|birthday|date of birth|born|geburtsdatum|date naissance)\b|出生"),
    ("record number", r"\b(mrn|medical record|(hospital|chart|admission|file|pathology) (no|nr|number|id)|case file|"
                      r"patientennummer|fall(nummer|[- ]?nr)|"
                      r"(specimen|accession)( no| number)?)\b|住院号|病案号|病历号|门诊号|病理号"),
    ("national or insurance number", r"\b(ssn|nhs (no|number)|national id|passport|insurance (no|number|id)|cpr)\b|"
                                     r"身份证|医保号"),
    ("phone number", r"\b(phone|telephone|mobile|tel|fax|cell ?phone|handy|contact (no|number))\b|电话|手机|联系方式"),
    ("e-mail address", r"\b(e[ -]?mail|mail address)\b|邮箱"),
    ("address", r"\b(address|street|zip|zip ?code|post ?code|postal code|plz|adresse)\b|地址|住址|邮编"),
)  # fmt: skip
VALUES: tuple[tuple[str, str], ...] = (
    ("e-mail address", r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    ("national or insurance number", r"\d{17}[\dXx]|\d{3}-\d{2}-\d{4}"),
    ("phone number", r"\+\d[\d ().-]{7,16}\d|0\d{2,4}[ /-]\d[\d -]{4,12}\d|\(\d{2,5}\) ?\d[\d -]{4,12}\d|1[3-9]\d{9}|"
                     r"\d{3}-\d{3}-\d{4}"),
    ("web address", r"https?://\S+"),
)  # fmt: skip


FORENAME, INITIAL = r"[^\W\d_a-z](?:[^\W\d_]|['’-])*[a-zà-ÿ]", r"[A-Z]\."
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋"
A_PERSON = re.compile(  # Ann Lee, Ann B. Lee, Lee, Ann, and three Han characters that begin with a surname
    rf"{FORENAME}(?: {INITIAL})? {FORENAME}|{FORENAME}, {FORENAME}(?: {INITIAL})?|[{SURNAMES}][\u4e00-\u9fff]{{1,2}}"
)
SURELY_A_PERSON = re.compile(
    rf"(?:{INITIAL} ?)+{FORENAME}|(?:Dr|Prof|Mr|Mrs|Ms|Miss|Frau|Herr|Mme)\.?(?: {INITIAL}| {FORENAME}){{1,3}}|"
    rf"[{SURNAMES}][\u4e00-\u9fff]{{0,2}}(?:医生|主任|教授)"
)
A_RECORD_NUMBER = re.compile(r"\d{6,12}")
SEVERAL = 10  # patients from which on values that all differ tell something


@dataclass(frozen=True)
class Risk:
    """A column that could name a patient. `direct`: it is left out unless a person says otherwise."""

    column: str
    kind: str
    reason: str
    direct: bool = True


def risk_of(
    header: str, values: Sequence[str], label: str = "", dates: bool = False, filled: int | None = None
) -> Risk | None:
    """Whether a column could name a patient, by its heading or its distinct values.

    dates: its values are full dates. filled: how many cells hold one; as many as there are values by default.
    """
    name = normalise(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)).replace("_", " ")
    for text in (name, normalise(label)):
        if kind := _by_heading(text, dates):
            return Risk(header, kind, f"its heading says {kind}")
    some = [v for v in values[:LOOKED_AT] if v]
    for kind, pattern in VALUES:
        hits = sum(bool(re.fullmatch(pattern, v)) for v in some)
        if hits and hits >= 0.3 * len(some):
            return Risk(header, kind, f"its values look like {kind}s")
    if not dates and (risk := _by_values(header, some, len(some) if filled is None else filled)):
        return risk
    if len(some) >= SEVERAL and np.mean([len(v) for v in some]) > 40:
        return Risk(header, "free text", "long texts can name a person, a place or a date", direct=False)
    return None


def _by_values(header: str, some: Sequence[str], filled: int) -> Risk | None:
    """Names of persons, and numbers as hospitals give them: words of other columns come again, these hardly do."""
    if len(some) >= 2 and sum(bool(SURELY_A_PERSON.fullmatch(v)) for v in some) >= 0.5 * len(some):
        return Risk(header, "name", "its values look like names of persons")
    if len(some) < SEVERAL or len(some) < 0.8 * min(filled, LOOKED_AT):
        return None
    if sum(bool(A_PERSON.fullmatch(v)) for v in some) >= 0.8 * len(some):
        return Risk(header, "name", "its values look like names of persons")
    if all(A_RECORD_NUMBER.fullmatch(v) for v in some) and len({len(v) for v in some}) == 1:
        return Risk(header, "record number", "its values look like record numbers", direct=False)
    return None


def _by_heading(text: str, dates: bool) -> str:
    for kind, pattern in HEADINGS:
        if not text or not re.search(pattern, text):
            continue
        if kind == "name" and NOT_A_PERSON & set(text.split()):
            continue
        if kind == "birth date" and not dates:
            continue
        return kind
    return ""


# ---------------------------------------------------------------- masks
def is_age(variable: Variable) -> bool:
    return variable.kind == "number" and "age" in normalise(f"{variable.name} {variable.label}").split()


def masked(cohort: Cohort, ages: bool = True, smallest: int = SMALL) -> tuple[Cohort, tuple[Exclusion, ...]]:
    """The cohort with ages of 90 and more read as 90, and levels of fewer than `smallest` patients put together.

    Returns the cohort, as filtered as it came, and what was changed in the whole of it, with the number of patients.
    `smallest` 0 leaves small groups alone.
    """
    table, variables, changed = cohort.whole.table.copy(), dict(cohort.dictionary.variables), []
    for name in table.columns:
        variable = variables[name]
        if ages and is_age(variable) and (old := int((table[name] > OLDEST_AGE).sum())):
            table[name] = table[name].clip(upper=OLDEST_AGE)
            changed.append(Exclusion(f"'{name}': ages above {OLDEST_AGE} read as {OLDEST_AGE}", old))
        pooled = smallest and variable.kind == "category"
        if rare := _too_small(table[name].value_counts(sort=False), smallest) if pooled else []:
            kept = [c for c in table[name].cat.categories if c not in rare]
            texts = table[name].astype(object).where(~table[name].isin(rare), POOLED)
            table[name] = pd.Categorical(texts, categories=[*kept, POOLED])
            variables[name] = replace(variable, levels=(*kept, POOLED), synonyms={})
            n_pooled = int((table[name] == POOLED).sum())
            changed.append(Exclusion(f"'{name}': levels of fewer than {smallest} pooled", n_pooled))
    if not changed:
        return cohort, ()
    known = replace(cohort.dictionary, variables=variables)
    digest = hashlib.sha256(f"{cohort.source.sha256}{ages}{smallest}".encode()).hexdigest()
    source = replace(cohort.source, sha256=digest)
    return cohort.of_table(table, known, source), tuple(changed)


def _too_small(counts: pd.Series, smallest: int) -> list[str]:
    """Levels to be put together: the rare ones, and as many more as it takes for none to be known by subtraction."""
    present = counts[counts > 0].sort_values(kind="stable")
    n = int((present < smallest).sum())
    while 0 < n < len(present) and (n < 2 or present.iloc[:n].sum() < smallest):
        n += 1
    return list(present.index[:n])


# ---------------------------------------------------------------- a copy that may leave
def deidentified(cohort: Cohort, secret: bytes, keep: Iterable[str] = ()) -> Cohort:
    """A copy without what could name a patient, each patient's dates moved by one secret number of days.

    Identifiers, free text and the file's own columns that look like names or numbers of persons are left out. The move
    is the same for all dates of a patient, so intervals stay; it is HMAC-SHA256 of the identifier under `secret`,
    between -364 and 364 days and never 0. Rows are put in the order of the new pseudonyms, which says nothing of the
    old order. Ages above 90 are read as 90. `keep`: columns that a person has judged harmless.
    """
    ids = list(cohort.ids)
    digests = [hmac.new(secret, i.encode(), hashlib.sha256).digest() for i in ids]
    order = sorted(range(len(ids)), key=lambda i: digests[i])
    shifts = np.array([_shift(d) for d in digests], dtype="timedelta64[D]")
    kept = set(keep)
    data, columns = cohort.data, {}
    for name in data.columns:
        variable = cohort.dictionary.variables[name]
        column = data[name]
        if variable.kind == "identifier" or name not in kept and (variable.kind == "text" or _names(variable, column)):
            continue
        if variable.kind == "date":
            column = column + pd.to_timedelta(shifts)
        elif is_age(variable):
            column = column.clip(upper=OLDEST_AGE)
        columns[name] = column
    width = max(3, len(str(len(ids))))
    table = pd.DataFrame({**columns}, index=data.index).iloc[order]
    table.insert(0, cohort.id_column or "patient_id", [f"P{i + 1:0{width}d}" for i in range(len(ids))])
    table.index = pd.Index(np.arange(2, len(ids) + 2), name="row")
    variables = {n: v for n, v in cohort.dictionary.variables.items() if n in table or n not in data}
    variables.setdefault("patient_id", Variable("patient_id", "Patient identifier", "identifier"))
    digest = hashlib.sha256(b"".join(digests)).hexdigest()
    return Cohort(
        table, replace(cohort.dictionary, variables=variables),
        replace(cohort.source, filename="deidentified.csv", sha256=digest, file_sha256=""), cohort.organs[order],
        cohort.organ_names, cohort.scheme, cohort.id_column or "patient_id",
    )  # fmt: skip


def _names(variable: Variable, column: pd.Series) -> bool:
    """Whether a column of the file's own could name a patient."""
    if variable.section != Variable.section or variable.kind not in ("category", "number"):
        return False
    known = column.dropna()
    values = [format(v, "g") if isinstance(v, float) else str(v) for v in known.unique()[:LOOKED_AT]]
    return risk_of(variable.name, values, variable.label, filled=len(known)) is not None


def _shift(digest: bytes) -> int:
    """-364 to 364 days, never 0."""
    number = int.from_bytes(digest[:8], "big") % (2 * SHIFT_DAYS)
    return number - SHIFT_DAYS if number < SHIFT_DAYS else number - SHIFT_DAYS + 1
