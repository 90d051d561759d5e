"""Words and codes that files use: for yes and no, a response, missing, an edition of stages; their order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from necc.core.dictionary import DAYS_PER_UNIT, RESPONSE_ORDER, Dictionary, Variable, normalise
from necc.core.responses import recist

UNIT_WORDS = {
    "days": {
        "d", "day", "days", "tag", "tage", "tagen", "jours", "días", "dias", "giorni", "dagen", "дни", "дней", "天",
        "日",
    },
    "weeks": {
        "w", "wk", "wks", "week", "weeks", "woche", "wochen", "semaines", "semanas", "settimane", "weken", "недели",
        "周",
    },
    "months": {
        "m", "mo", "mos", "mth", "mths", "mon", "month", "months", "monat", "monate", "monaten", "mois", "meses",
        "mesi", "maanden", "мес", "месяцы", "месяцев", "月", "个月", "か月", "ヶ月", "개월",
    },
    "years": {
        "y", "yr", "yrs", "year", "years", "jahr", "jahre", "jahren", "ans", "años", "anos", "anni", "jaren", "лет",
        "年",
    },
}  # fmt: skip
LENGTH_WORDS = {
    "mm": {"mm", "millimeter", "millimeters", "millimetre", "millimetres", "毫米"},
    "cm": {"cm", "centimeter", "centimeters", "centimetre", "centimetres", "zentimeter", "厘米", "公分"},
    "ml": {"ml", "cc", "cm3", "mm3", "毫升"}, "inches": {"inch", "inches"},
}  # fmt: skip
LENGTHS = {"mm": 0.1, "cm": 1.0}  # in cm
SURVIVAL_WORDS = {
    "pfs", "dfs", "rfs", "efs", "dss", "css", "mfs", "lrfs", "dmfs", "pfi", "dfi", "ttp", "ttf", "ttnt", "eoi",
}  # fmt: skip
GENERIC_WORDS = {
    "site", "sites", "met", "mets", "metastasis", "metastases", "recurrence", "recurrent", "relapse", "rec", "first",
    "involvement", "involved", "progression", "of", "to", "in", "the", "at", "部位", "转移", "复发",
}  # fmt: skip
MISSING_WORDS = {
    "uk", "unk", "nk", "n k", "nd", "n d", "na", "n a", "n/a", "n/d", "nr", "n r", "u k", "unknown", "not available",
    "not applicable", "not evaluated", "not recorded", "not known", "not reported", "not documented", "not collected",
    "not stated", "not specified", "not tested", "not determined", "not done", "not assessed", "unavailable",
    "discrepancy", "missing", "pending", "k a", "unbekannt", "fehlt", "fehlend", "keine angabe", "inconnu", "inconnue",
    "non disponible", "desconocido", "sconosciuto", "no data", "no information", "no record",
    "unstaged", "not staged",
    "不详", "未知", "缺失", "无数据", "不明", "未记录", "未检测", "未评估", "未查", "未做", "不清楚", "无资料",
}  # fmt: skip
NOT_APPLICABLE = {"na", "n a", "n/a", "not applicable", "entfällt", "entfaellt", "nicht zutreffend",
                  "sans objet", "no aplica", "不适用", "无"}  # fmt: skip
MISSING_WORDS |= NOT_APPLICABLE - {"无"}
MISSING_SIGNS = {
    "-",
    "--",
    "---",
    "–",
    "––",
    "—",
    "——",
    "?",
    "??",
    "???",
    "？",
    ".",
    "..",
    "...",
    "…",
    "*",
    "/",
    "//",
    "#",
}
MINUS = {"-", "–", "—"}
LONGEST_MISSING = 40
SAMPLE = re.compile(r"(TCGA[-.]\w{2}[-.]\w{4})[-.]\w[\w.-]*", re.IGNORECASE)
NO_DATE = re.compile(r"0{4}[-/.]0{1,2}[-/.]0{1,2}|0{1,2}[-/.]0{1,2}[-/.]0{4}|_{2,}")
SENTINEL = re.compile(r"[-−](9{1,5}|8{2,4}|7{2,4})(\.0+)?")  # no value of a column that can't be negative
MISSING_NUMBERS = (-1, -9, -99, -999, 9, 88, 99, 888, 999, 8888, 9999, 99999)
HALVES = re.compile(r"\s*[/|(（\[\n;；,，:：]\s*|\s[-–—]\s")
TWO_SCRIPTS = re.compile(  # where Latin letters meet those of another script
    r"(?<=[^\W\d_A-Za-zÀ-ɏ])[\s_-]*(?=[A-Za-zÀ-ɏ])|(?<=[A-Za-zÀ-ɏ0-9])[\s_-]*(?=[^\W\d_A-Za-zÀ-ɏ])"
)
ONLY_2018 = re.compile(r"\b(IB3|IIIC[12]?[rp]?)\b", re.IGNORECASE)
EVENT_YES = ("1", "yes", "y", "true", "是")
EVENT_NO = ("0", "no", "n", "false", "否")
MARKS = {"x", "✓", "✔", "☑", "☒", "√", "●", "•", "marked", "angekreuzt"}  # of a site, beside blank cells
BLANK_WORDS = ("", "na", "n/a", "nan", "null", "<na>", "#n/a")


def words_of(text: str) -> set[str]:
    """Words of a heading, without case: `OSTime` and `os_time` are two."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return set(re.split(r"[^\w]+|_", normalise(split))) - {""}


def measure_of(text: str) -> tuple[str, str]:
    """A heading without the unit that it names, `tumor size (mm)`, and that unit; blank for none, or for several."""
    names = TWO_SCRIPTS.sub(" ", normalise(text)).split()
    units = {
        word: unit
        for unit, words in (UNIT_WORDS | LENGTH_WORDS).items()
        for word in words
        if len(word) > 1 or not word.isascii()
    }
    said = {units[name] for name in names if name in units}
    rest = " ".join(name for name in names if name not in units).removesuffix(" in")
    return rest, said.pop() if len(said) == 1 else ""


def in_unit(given: str, wanted: str) -> float | None:
    """What a number of one unit is multiplied by to be of another: of times or of lengths; None where nothing is."""
    for scale in (DAYS_PER_UNIT, LENGTHS):
        if given in scale and wanted in scale:
            return scale[given] / scale[wanted]
    return None


def headings(dictionary: Dictionary) -> dict[str, Variable]:
    """A dictionary's headings, also written as one word (`PatientID`)."""
    known = dictionary.headers()
    return {**{one_word(name): variable for name, variable in reversed(known.items())}, **known}


def one_word(plain: str) -> str:
    """A normalised heading without blanks and hyphens."""
    return re.sub(r"[ -]", "", plain)


def variable_named(header: str, known: Mapping[str, Variable]) -> Variable | None:
    """The variable of `headings` that a heading names.

    A heading in two languages (`年龄 Age`, `Alter / age`) names it where each half does.
    """

    def named(text: str) -> Variable | None:
        plain = normalise(text)
        return known.get(plain) or known.get(one_word(plain))

    if variable := named(header):
        return variable
    for match in [*HALVES.finditer(header), *TWO_SCRIPTS.finditer(header)]:
        left, right = named(header[: match.start()]), named(header[match.end() :])
        if left is not None and left == right:
            return left
    return None


def identity(value: str, strictly: bool = False) -> str:
    """An identifier as compared: without width, blanks, signs that can't be seen, and a number's empty decimals.

    Without case, leading zeros and a sign between letters and digits too, unless `strictly`: `P-03` is `p3`.
    """
    text = "".join(
        c for c in unicodedata.normalize("NFKC", value) if not c.isspace() and unicodedata.category(c) != "Cf"
    )
    text = re.sub(r"^(\d+)\.0+$", r"\1", text)
    return (
        text
        if strictly
        else re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"(?<=[^\W\d_])[-_./#]+(?=\d)", "", text.casefold()))
    )


def patient_of(value: str) -> str:
    """The patient of a barcode of TCGA's samples, its first 12 characters; any other identifier as it is."""
    match = SAMPLE.fullmatch(value)
    return match[1].upper().replace(".", "-") if match else value


def means_missing(value: str) -> bool:
    """Whether a cell is a word or a sign for a value that isn't known: `[Not Available]`, `'--`, `n.d.`."""
    if value[:1] in "123456789" or len(value) > LONGEST_MISSING:  # no such word; most cells of a file end here
        return False
    bare = value.strip().strip("'\"`´‘’ ")
    return bare in MISSING_SIGNS or normalise(bare) in MISSING_WORDS or bool(NO_DATE.fullmatch(bare))


def is_blank_word(value: str) -> bool:
    """Whether a cell of dates says no more than a blank one: `NA`, `not applicable`, a dash, `0000-00-00`."""
    bare = value.strip().strip("'\"`´‘’ ")
    return (
        value.casefold() in BLANK_WORDS or normalise(bare) in NOT_APPLICABLE or bool(NO_DATE.fullmatch(bare))
        or (bare in MISSING_SIGNS and not re.search(r"[?？]", bare))
    )  # fmt: skip


def is_technical(value: str) -> bool:
    """Whether a cell of any column means missing: a sign that is no minus, or a word in square brackets."""
    bare = value.strip().strip("'\"`´‘’ ")
    return (bare in MISSING_SIGNS and bare not in MINUS) or bool(re.fullmatch(r"\[.*\]", bare) and means_missing(bare))


def missing_codes(values: Sequence[str], numbers: np.ndarray | None = None) -> list[str]:
    """Words, signs and numbers among distinct values that mean missing.

    numbers: the values as numbers (NaN where none), to find one that stands apart, such as 999 among ages.
    """
    codes = [v for v in values if means_missing(v)]
    if numbers is None:
        return codes
    return [*codes, *(values[place] for place in missing_numbers(numbers))]


def missing_numbers(numbers: np.ndarray) -> list[int]:
    """Places of the distinct numbers that mean missing: a usual code that stands apart from the others."""
    known = np.sort(numbers[~np.isnan(numbers)])
    if len(known) < 3:
        return []
    places = np.flatnonzero(np.isin(numbers, MISSING_NUMBERS)).tolist()
    return [place for place in places if _apart(float(numbers[place]), known)]


def _apart(number: float, known: np.ndarray) -> bool:
    """Whether a number can't be one of the others: a single negative, or a largest one far above the next."""
    others = known[known != number]
    others = others[~np.isin(others, [n for n in MISSING_NUMBERS if abs(n) >= abs(number)])]
    if len(others) < 2:
        return False
    if number < 0:
        return bool(others.min() >= 0)
    return bool(number > others.max() and number >= others.max() * 1.5 + 3)


def stage_edition(header: str, values: Sequence[str]) -> tuple[str, float, str]:
    """The FIGO edition of a column: by its heading, by stages that only 2018 has, else a guess to be looked at.

    2009 and 2014 stage the cervix alike; the dictionary calls both 2008, after the year the committee decided.
    """
    if match := re.search(r"2018|2008|2009|2014", header):
        return ("2018" if match[0] == "2018" else "2008"), 0.95, f"its heading says {match[0]}"
    if any(ONLY_2018.search(v) for v in values):
        return "2018", 0.85, "IB3 or IIIC exist in the 2018 edition only"
    return "2008", 0.45, "the edition isn't stated, and there is no IB3 or IIIC: choose 2009 (or 2014) or 2018"


def response_order(words: Iterable[str]) -> tuple[str, ...]:
    """The words from best to worst, not evaluable last; none where a word isn't a response, or fewer than two are."""
    meant = {word: "MR" if normalise(word) in ("mr", "minor response") else recist(word) for word in words}
    if None in meant.values() or len(set(meant.values()) & set(RESPONSE_ORDER)) < 2:
        return ()
    scale = (*RESPONSE_ORDER, "NE")
    return tuple(sorted(meant, key=lambda word: (scale.index(meant[word] or ""), word)))


def says_response(value: str) -> bool:
    """Whether a word among responses is one, or may be: NR is no response, or not recorded."""
    return bool(recist(value)) or normalise(value) in ("nr", "n r")


COUNTED = {
    "n", "no", "nr", "num", "number", "numbers", "count", "counts", "cycles", "courses", "times", "lines", "doses",
    "nodes", "lesions", "days", "weeks", "months", "years", "hours", "size", "diameter", "value", "数", "个数", "次数",
    "周期", "天数",
}  # fmt: skip
MOST_CODES, WIDEST_CODES = 5, 5


def codes_of_categories(heading: str, words: Iterable[str], n: int) -> bool:
    """Whether a column of whole numbers holds codes (arm 1 / 2, grade 1 to 3, ECOG 0 to 4) and not counts or amounts.

    At most five distinct values, none negative, no further apart than five, in twice as many patients or more, and a
    heading that doesn't speak of a number or a count.
    """
    distinct = list(words)
    if not 2 <= len(distinct) <= MOST_CODES or n < 2 * len(distinct) or words_of(heading) & COUNTED:
        return False
    if not all(re.fullmatch(r"[0-9]{1,2}", word) for word in distinct):
        return False
    values = sorted(map(int, distinct))
    return len(set(values)) == len(values) and values[-1] - values[0] <= WIDEST_CODES and values[-1] < 10


def only_mark(values: Iterable[str]) -> bool:
    """Whether all of a column's filled cells hold one mark: `x`, `X`."""
    marks = {value.casefold().strip() for value in values}
    return len(marks) == 1 and marks <= MARKS


def shown_of(value: str) -> str:
    """A yes/no word as it is shown."""
    return value[:-2] if value in ("0.0", "1.0") else value


# ---------------------------------------------------------------- denial
DENIAL = re.compile(
    r"(no|none|not|never|nil|null|zero|0+(\.0+)?|false|n|neg(ative)?|absent|without|nothing|"
    r"nein|kein[ers]?|keine|non|aucune?|ninguno?|ninguna|nessun[oa]?|无|否|未|没有|没|阴性|不)",
    re.IGNORECASE,
)
DENIED = re.compile(  # phrases whose first word alone wouldn't do, or whose last word denies
    r"(no|not|never|non|without|nil|kein\w*|nicht|sans|pas)\b.*|declined?\b.*|refus\w*\b.*|"
    r"(was |patient |pt )?(denied|declined|refused|withheld|omitted)|untreated|abgelehnt|refus[ée]e?|"
    r"(standard |conventional |systemic |palliative )?(chemo(therapy)?|ct|rt|crt|radio(therapy)?|radiation|surgery|bsc|"
    r"best supportive care|supportive care|observation|surveillance|follow ?up)( only| alone)|"
    r"best supportive care|bsc|observation|surveillance|watchful waiting|"
    r"[无未没否不].*|仅化疗|单纯化疗|拒绝.*|放弃.*",
    re.IGNORECASE,
)
DOUBT = re.compile(
    r"[?？]|\b(known|recorded|available|evaluable|applicable|stated|reported|documented|specified|sure|done|"
    r"tested|assessed|evaluated|otherwise|data|information|records?|details|response|evidence)\b|[不未]详|未知|不明|未记录|未评估|未查|未检",
    re.IGNORECASE,
)

UNSURE_GIVEN = re.compile(  # beside what a text names: a denial, a plan, another arm or a doubt
    r"[?？]|\b(no|not|non(?!-)|nil|never|none|without|declin\w*|refus\w*|denied|deni(al|es)|withheld|omitted|cancel\w*|"
    r"plan(s|ned|ning)?|intend\w*|propos\w*|consider\w*|recommend\w*|suggest\w*|offer(ed)?|discuss\w*|await\w*|"
    r"waiting|pending|scheduled|eligible|ineligible|candidate|contraindicated|blinded|vs|versus|or|placebo|if|"
    r"unknown|unclear|unsure|uncertain|possibl[ey]|probabl[ey]|maybe|neg(ative)?|"
    r"nicht|kein\w*|ohne|abgelehnt|geplant|empfohlen|erwogen|oder|pas|sans|prévue?|ou|sin|senza|rechazad[oa])\b|"
    r"[未拒拟待否无不没或]|放弃|建议|计划|考虑|推荐|安慰剂|阴性|(^|[\s:=(])0\W*$|\b0 (cycles?|doses?|times)\b|\s[-–—]$",
    re.IGNORECASE,
)
AND_THEN = re.compile(r"[,;/+&，；、]|\b(but|then|later|and|aber|dann|puis|luego)\b|后")


def doubts_given(value: str) -> bool:
    """Whether a text that names a treatment also holds a denial, a plan or a doubt: `nivolumab declined`."""
    return bool(UNSURE_GIVEN.search(value))


def denies(value: str) -> bool:
    """Whether a word in a column whose filled cells mean yes says no: `none`, `0`, `declined`, `not given`, `未用`.

    What isn't known or wasn't recorded is no denial.
    """
    plain = normalise(value)
    if value.strip() in ("-", "--", "---", "–", "—", "/", "∅", "×", "✗", "ø"):
        return True
    if not plain or DOUBT.search(plain):
        return False
    return bool(DENIAL.fullmatch(plain) or DENIED.fullmatch(plain))
