"""Which code of a column is the event: by codes written in its heading, by the words of its values, by its name.

A heading may name the event (`died`), its absence (`alive`, `event_free`, `No_Recurrence`, 未复发) or neither
(`status`). How sure a reading is follows from what says it: 0.95 only where heading and values agree, less where
0 and 1 stand under a heading that names neither, and below `SURE` where a person has to say it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from necc.core.dictionary import normalise, side_of
from necc.core.text import joined
from necc.ingest.codes import missing_codes, only_mark

SURE = 0.6  # below it a person is asked
AGREED, WORDS, NEGATED, CONVENTION, OPEN, SEVERAL, UNCLEAR = 0.95, 0.9, 0.85, 0.75, 0.4, 0.3, 0.2
Meaning = Literal["event", "none", "yes", "no", "missing", ""]
Asked = Literal["death", "specific", "disease", "relapse", ""]

DEAD = {
    "dead", "death", "deaths", "died", "dies", "die", "deceased", "decease", "mortality", "exitus", "expired", "demise",
    "killed", "fatal", "dod", "doc", "doo", "duc", "doa", "doid", "dth", "dthfl", "todeath", "ttodead",
    "tot", "tod", "gestorben", "verstorben", "mort", "morts", "morte", "decede", "decedee", "deces", "muerto", "muerta",
    "muerte", "fallecido", "fallecida", "fallecimiento", "defuncion", "morto", "morta", "deceduto", "deceduta",
    "decesso", "obito", "falecido", "falecida", "overleden", "dood", "zgon", "умер", "умерла", "смерть", "사망",
    "死", "亡",
}  # fmt: skip
DISEASE = {
    "relapse", "relapsed", "relapses", "relapsing", "recurrence", "recurrent", "recurred", "recur", "recurs",
    "progression", "progressed", "progressive", "progress", "event", "events", "failure", "failed", "fail", "fails",
    "rezidiv", "rezidive", "rueckfall", "ruckfall", "ereignis", "evenement", "evento", "recidive",
    "recidiva", "rechute", "recaida", "ricaduta", "progressione", "progresion", "progressao", "evolution",
}  # fmt: skip
ALIVE = {
    "alive", "living", "lives", "live", "survived", "survives", "survive", "survivor", "survivors", "surviving", "ned",
    "awd", "anod", "awod", "lebt", "lebend", "lebendig", "uberlebt", "ueberlebt", "vivant", "vivante", "vivants",
    "vivo", "viva", "vivos", "vive", "levend", "жив", "жива", "생존", "存", "生", "活",
}  # fmt: skip
CENSORED = {
    "censored", "cnsr", "zensiert", "censure", "censuree", "censurado", "censurada", "censurato", "gecensureerd",
}  # fmt: skip
CENSORING = {"cens", "censor", "censoring", "censorship", "zensierung", "censure", "censura"}
NONE = {"remission", "stable", "lost", "ltfu", "withdrawn"}  # of a value; a heading of it is no event's
ABSENT = {
    "no", "non", "not", "without", "none", "never", "kein", "keine", "keinen", "nicht", "ohne", "sans", "pas", "sin",
    "senza", "nessuna", "nessun", "sem", "nao", "geen", "zonder", "absence", "wo", "nein", "nej", "nee", "inte",
}  # fmt: skip
EXCLUDED = {"absent", "excluded", "negative", "negativ", "ausgeschlossen", "absente", "ausente", "assente", "denied"}
BEHIND = {"is", "was", "has", "have", "been", "yet", "ist", "war", "wurde", "status"}  # before a denial that follows
SEEN = {
    "seen", "observed", "occurred", "occured", "happened", "detected", "found", "present", "diagnosed", "identified",
    "eingetreten", "nachweisbar", "nachgewiesen", "aufgetreten", "vorhanden", "gesehen", "beobachtet", "festgestellt",
}  # fmt: skip
ANY_MORE = {"mehr", "more", "longer", "anymore", "langer", "laenger", "piu", "mas", "mais"}
BETWEEN = {
    "of", "any", "known", "evidence", "sign", "signs", "further", "documented", "local", "distant", "the",
    "de", "disease", "tumor", "tumour", "yet", "has", "had", "have", "a", "to", "be", "been", *ANY_MORE,
}  # fmt: skip
FREE = {"free", "frei", "libre", "libero", "livre"}
OF = {"of", "from", "de", "di", "von"}
AFFECTED = {
    "disease", "tumor", "tumour", "cancer", "metastasis", "metastases", "censoring", "enfermedad", "maladie",
    "malattia", "krankheit", "doenca", "ziekte",
}  # fmt: skip
LACKING = {"without", "no", "kein", "keine", "keinen", "ohne", "sans", "sin", "senza", "sem", "zonder", "geen"}
CAUSE = re.compile(r"(tumou?r|cancer|krebs|karzinom|carcinom|disease|related|bedingt)")  # "nicht tumorbedingt"
DOUBTED = {"reported", "known", "recorded", "documented", "stated", "assessed", "available", "confirmed", "bekannt"}
CLAUSES = re.compile(r"[,;()\[\]|+，；。、（）]|(?<!\bw)/(?!o\b)|\s[-–—]\s")
PHRASES = (
    (r"\bw o\b", "without"),
    (r"\bne? (est|sont|etait) plus\b", "not"),
    (r"\bne (vit|vivent) plus\b", "dead"),
    (r"\bno evidence of (disease|tumou?r)\b|\bcancer survivor\b", "ned"),
    (r"\blost to (follow ?up|fu)\b|\bperdue?s? de vue\b", "lost"),
    (r"\b(en vie|am leben|in vita|in leven|en vida|com vida)\b", "alive"),
    (r"\bdied? (of|from|by|with)\b", "dead"),
    (r"\b(un ?censored|(non?|not) ?-?censored|unzensiert)\b", "event"),
    (r"\b\w+ free (interval|survival)\b", "survival"),
)
GLUED = re.compile(r"(no|non)(event|recurr?|relaps|progress|death|dead|died)\w*|\w+(frei|free)")
STATE = re.compile(r"status|vital|state\b|outcome|statut|stato\b|estado|状态|结局|转归|存亡|転帰")
VITAL_LETTERS = ({"d", "a", "l", "v"}, {"m", "v"})  # dead, alive, living, vivant; mort, muerto
OTHER_SIDE = {"0": "1", "1": "0", "n": "y", "y": "n", "false": "true", "true": "false", "f": "t", "t": "f"}
CENSORS = "a column of censoring marks the censored in some files, the events in others"
TOLD_BLANK = "a blank cell none"
HAN_NONE = re.compile(
    r"(未|无|無|没有|没|非|否)(再)?(发生|出现)?(死亡|复发|復發|再発|进展|進展|转移|事件)|存活|健在|生存|失访|删失|刪失|"
    r"截尾|打ち切り|无瘤|無病"
)
HAN_LOST = re.compile(r"失访")
HAN_DEAD = re.compile(r"死亡|已故|去世|病故|病死|死于|사망")
HAN_EVENT = re.compile(r"死亡|已故|去世|病故|病死|死于|复发|復發|再発|进展|進展|事件|사망|재발")
HAN_NEUTRAL = re.compile(
    r"(无|無)(复发|复發|进展|進展|病|瘤|事件|转移|疾病)(生存|存活)(状态|时间|期|率)?|"
    r"(生存|存活)(状态|狀態|情况|結局|结局|结果|时间|時間|期|率|预后|月|天|年)"
)
WHETHER = re.compile(r"(是否|有无|有無)")
BRACKETED = re.compile(r"[(\[（].*?[)\]）]")
SURVIVING = re.compile(
    r"(?<!free )\bsurvival\b|(?<!发)(?<!展)(?<!病)(生存|存活)(状态|狀態|情况|结局|结果)|uberleben|\bsurvie\b|"
    r"supervivencia"
)
RECURRING = re.compile(
    r"\b(dfs|rfs|pfs|efs|ttr|ttp|lrfs|dmfs|mfs|dfi|pfi|idfs|ddfs|(disease|event|metastasis|metastases) free)\b|"
    r"recur|relaps|progress|rezidiv|recidiv|复发|進展|进展|无病|無病"
)
TO_RELAPSE = re.compile(r"\b(ttr|ttp|time to (first )?(recurrence|relapse|progression))\b")
ORIGIN = re.compile(  # where a time starts says nothing of how it ends
    r"\b(post|(from|since|after|following|seit|ab|nach|depuis|apres|desde|tras|da|dopo) (the )?(first |1st )?)"
    r" ?(recurrence|relapse|progression|rezidiv|recidive|rechute|progress|recidiva|recaida|progresion)\b|"
    r"(复发|进展)后"
)
CANCER = r"(the )?(disease|cancer|tumou?r)"
SPECIFIC = re.compile(  # a part of the deaths
    rf"\b(dss|css|bcss|(cause|disease|cancer|tumou?r) specific|{CANCER} ((?:related|induced) )?(deaths?|mortality)|"
    rf"(dead|died|deaths?|mortality) (of|from|by|through|due( to)?) {CANCER}|dod|tumorbedingt)\b|"
    r"肿瘤特异|癌症特异"
)
OTHER_DEATHS = re.compile(
    r"\b(doc|non (cancer|disease|tumou?r)|other (causes?|deaths?)|(dead|died|deaths?) other|intercurrent|"
    r"unrelated|competing)\b"
)
OTHER_CAUSE = re.compile(r"\b(doc|doo|duc|doa|other|unrelated|another|non[ -]?cancer|intercurrent)\b", re.IGNORECASE)
RELATIVES = re.compile(
    r"\b(father|mother|parents?|husband|wife|spouse|partner|donor|child(ren)?|baby|infant|newborn|neonat\w*|f[o]?etus|"
    r"f[o]?etal|sibling|sister|brother|twin|mutter|vater|kind|ehemann|mere|madre|padre)\b|父|母"
)
NOT_HERS = re.compile(  # the state of another, at a fixed time, or of a part: nothing of how her follow-up ended
    rf"{RELATIVES.pattern}|\b(graft|flap|implant|pregnancy|birth|in[ -]?hospital|hospital (deaths?|mortality)|at home|"
    r"(peri|post|intra)[ -]?operative|operative|toxic(ity)?|treatment[ -]related|certificate|early|prior|previous|"
    r"adverse|sae|history|discharge|surgery|operation|baseline)\b|"
    r"\d ?-?(d|days?|wks?|weeks?|m|mo|mon|months?|y|yrs?|years?)\b|\d ?[年月天]"
)
GENERAL = {"event", "events", "ereignis", "evenement", "evento", "failure", "failed", "fail", "fails"}
WITH_DISEASE = re.compile(
    r"\bawd\b|\b(with|mit|avec|con|com) (\w+ )?(disease|tumou?r|cancer|maladie|enfermedad|malattia|doenca)\b|"
    r"带瘤|担癌|帶瘤"
)
WORD = r"[^\W\d_][^\d,;|/()（）\[\]，；、=:]*?"
EITHER = r"[^\W\d_][^\d,;|/()（）\[\]，；、=:]*"
PAIRED = (  # 0/1 = alive/dead, and alive/dead = 0/1
    re.compile(rf"(?<![\w.-])(?P<codes>\d(?:\s*[/,;]\s*\d)+)\s*[=:：＝]\s*(?P<words>{EITHER}(?:[/,;]\s*{EITHER})+)"),
    re.compile(rf"(?P<words>{EITHER}(?:[/,;]\s*{EITHER})+)\s*[=:：＝(\[]\s*(?P<codes>\d(?:\s*[/,;]\s*\d)+)(?!\w)"),
)
HAN_CODES = (  # 0死亡，1存活
    re.compile(r"(?<!\d)(?P<code>\d)(?P<word>[\u4e00-\u9fff]+)"),
    re.compile(r"(?P<word>[\u4e00-\u9fff]+)(?P<code>\d)(?!\d)"),
)
OF_CODE = re.compile(
    r"(?<![\w.-])(?<!\d/)(?<!\d/ )(?<!\d / )(?<!\d,)(?<!\d, )"
    r"(?:(?P<code>-?\d{1,2}|[A-Za-z])\s*(?:=+|:|：|＝|->|→)|(?P<dashed>\d{1,2})\s*[-–—])\s*"
    r"(?P<word>[^\W\d_][^\d,;|/()（）\[\]，；、=]*)"
)
BY_CODE = re.compile(rf"(?P<word>{WORD})\s*(?:=+|:|：|＝)\s*(?P<code>-?\d{{1,2}}|[A-Za-z])(?!\w)")
SPACED = re.compile(r"(?<![\w.])(?P<code>\d{1,2})\s+(?P<word>[^\W\d_]+)")
CODED = (OF_CODE, BY_CODE, SPACED)
PREFIX = re.compile(r"^\s*\(?\s*(?P<code>-?\d{1,2})\s*(?:[:：=.)-]|\s)\s*(?=[^\W\d])")


@dataclass(frozen=True)
class Direction:
    """Codes of the event, of none, and of missing, with how sure that is and what says it.

    others: codes of which nothing says what they mean.
    """

    event: tuple[str, ...]
    no_event: tuple[str, ...]
    missing: tuple[str, ...]
    confidence: float
    reason: str
    others: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether it may be taken without asking."""
        return self.confidence >= SURE and bool(self.event) and not self.others


def direction(values: Sequence[str], header: str, blanks: bool = False, label: str = "", beside: str = "") -> Direction:
    """Which of a column's distinct values mean that the event happened.

    blanks: some cells are empty; beside a single word for yes they mean no. beside: the heading of its time or the
    name of its endpoint, which says whether a relapse counts where the column's own heading doesn't.

    Example:
        >>> direction(["0", "1"], "OS_event (0=dead, 1=alive)").event
        ('0',)
        >>> direction(["Y", "N"], "Alive Status").event
        ('N',)
    """
    gone = [v for v in missing_codes(values) if v not in ("-",) or "+" not in values]
    values = [v for v in values if v and v not in gone]
    gone += [v for v in values if meaning(v) == "missing"]
    values = [v for v in values if v not in gone]
    sign, what = _heading(header, label)
    for text in (header, label):
        codes = codes_written(text)
        if any(_key(v) in codes for v in values):
            return _by_codes(values, tuple(gone), codes, sign, what)
    asks = _asked(values, f"{header} {label}", beside)
    meanings = {v: _of_value(v, asks) for v in values}
    if "event" in meanings.values():  # beside a word for the event
        meanings.update({v: "none" for v in values if v.isalpha() and (v.casefold() in ABSENT or meanings[v] == "no")})
    if values and all(m in ("event", "none") for m in meanings.values()):
        return _by_words(values, tuple(gone), meanings, header, asks, blanks)
    sick = [
        v for v in values if asks == "disease" and not meanings[v] and WITH_DISEASE.search(" ".join(ordered_words(v)))
    ]
    if sick and all(meanings[v] in ("event", "none") for v in values if v not in sick):
        event = tuple(v for v in values if v in sick or meanings[v] == "event")
        names = joined([f"'{v}'" for v in sick])
        reason = f"{names} is alive with disease, which has come back unless it never was gone: please check"
        return Direction(event, tuple(v for v in values if v not in event), tuple(gone), OPEN, reason)
    letters = {_key(v) for v in values}
    short = next((x for x in "dm" if x in letters and len(letters) > 1), "")
    if short and any(letters <= vital for vital in VITAL_LETTERS) and STATE.search(_plain(f"{header} {label}")):
        dead = tuple(v for v in values if _key(v) == short)
        rest = tuple(v for v in values if v not in dead)
        return Direction(dead, rest, tuple(gone), OPEN, f"'{dead[0]}' may be short for dead: please check")
    sides = {v: _side(v) for v in values}
    if values and all(sides.values()):
        return _by_sides(values, tuple(gone), sides, sign, what, blanks)
    return _by_numbers(values, tuple(gone), meanings, sign)


# ---------------------------------------------------------------- words
def ordered_words(text: str) -> list[str]:
    """Words of a text in their order, without case and accents: `AliveStatus` and `alive_status` are two."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return [w for w in re.split(r"[^\w]+|_", _plain(split)) if w]


def _plain(text: str) -> str:
    """Normalised, Latin letters without accents."""
    letters = unicodedata.normalize("NFKD", normalise(text)) if not re.search(r"[\u3040-\ud7af]", text) else ""
    return "".join(c for c in letters if not unicodedata.combining(c)) or normalise(text)


def polarity(text: str) -> int:
    """What a text names: 1 the event, -1 its absence, 0 neither or both.

    Example:
        >>> [polarity(t) for t in ("died", "No_Recurrence", "survival status", "relapse-free survival")]
        [1, -1, 0, 0]
    """
    signs = named_in(text)
    return signs.pop() if len(signs) == 1 else 0


def named_in(text: str) -> set[int]:
    """1 where a heading names the event, -1 where it names its absence."""
    said = _said(text, heading=True)
    return {1, -1} if said.unclear else said.signs


@dataclass(frozen=True)
class _Said:
    """What a text says: 1 for the event and -1 for its absence, whether of a death, whether a denial is left over."""

    signs: set[int]
    dead: bool
    unclear: bool


def _said(text: str, heading: bool = False) -> _Said:
    """What a heading or a value says, clause by clause."""
    signs, dead, unclear = set[int](), False, False
    for words in _clauses(text):
        for word, sign in _signs(words, heading):
            signs.add(sign)
            dead |= sign > 0 and (word in DEAD or word in ALIVE)
        unclear |= _is_left_over(words)
    rest = WHETHER.sub("", HAN_LOST.sub(" ", HAN_NEUTRAL.sub(" ", text)) if heading else text)
    none, event = bool(HAN_NONE.search(rest)), HAN_NONE.sub("", rest)
    signs |= ({-1} if none else set()) | ({1} if HAN_EVENT.search(event) else set())
    return _Said(signs, dead or bool(HAN_DEAD.search(event)), unclear and bool(signs))


def _clauses(text: str) -> list[list[str]]:
    """The words of each clause; a denial that stands alone belongs to what it follows: `relapse (no)`."""
    clauses = list[list[str]]()
    for part in CLAUSES.split(text):
        words = " ".join(ordered_words(part))
        for pattern, word in PHRASES:
            words = re.sub(pattern, word, words)
        listed = words.split()
        if clauses and len(listed) == 1 and listed[0] in ABSENT:
            clauses[-1] = [*clauses[-1], *listed]
        elif listed:
            clauses.append(listed)
    return clauses


def _signs(words: list[str], heading: bool) -> list[tuple[str, int]]:
    """Each word that names the event (1) or its absence (-1), in their order."""
    signs = []
    for place, word in enumerate(words):
        sign = _sign(word, heading and "or" not in words)  # "died or lost?" asks two things
        denial = _denial_before(words, place)
        after = words[place + 1] if place + 1 < len(words) else ""
        negated = denial is not None or _is_denied_behind(words, place)
        if sign and (negated or (sign > 0 and after in FREE)):
            sign = -sign
        elif word in AFFECTED and (
            after in FREE or (denial is not None and words[denial] in FREE | LACKING) or (negated and denial is None)
        ):
            sign = -1
        if "survival" in words[place + 1 : place + 3] and after in FREE:
            sign = 0  # relapse-free survival names an endpoint
        if sign:
            signs.append((word, sign))
    return signs


def _denial_before(words: list[str], place: int) -> int | None:
    """The place of a word that denies what stands at a place; `free of disease, died` denies the disease alone."""
    before = place - 1
    while before >= 0 and words[before] in BETWEEN:
        before -= 1
    if before < 0 or words[before : before + 2] == ["no", "of"]:
        return None
    if words[before] in ABSENT:
        return before
    crossed = set(words[before + 1 : place])
    frees = words[before] in FREE and words[before + 1 : before + 2] and words[before + 1] in OF
    return before if frees and not (words[place] in DEAD and crossed & AFFECTED) else None


def _is_denied_behind(words: list[str], place: int) -> bool:
    """Whether a denial follows: `recurrence not seen`, `lebt nicht mehr`, `relapse: no`."""
    after = place + 1
    while after < len(words) and words[after] in BEHIND:
        after += 1
    if after >= len(words):
        return False
    if words[after] in EXCLUDED:
        return True
    follows = words[after + 1] if after + 1 < len(words) else ""
    seen = follows in SEEN or (follows in ANY_MORE and words[place] in ALIVE)
    return words[after] in ABSENT | {"n"} and (not follows or seen)


def _is_left_over(words: list[str]) -> bool:
    """Whether a clause holds a denial of which it isn't clear what it denies, as in `death not reported`."""
    for place, word in enumerate(words):
        if word not in ABSENT or words[place : place + 2] == ["no", "of"]:
            continue
        following = words[place + 1 :]
        named = [i for i, w in enumerate(words) if _sign(w) or w in AFFECTED]
        of_one = any(_denial_before(words, i) == place or (i < place and _is_denied_behind(words, i)) for i in named)
        of_cause = any(CAUSE.search(w) for w in following[:2])
        if (named and not of_one and not of_cause) or (following and following[0] in DOUBTED and place):
            return True
    return False


def _sign(word: str, heading: bool = False) -> int:
    if word in DEAD or word in DISEASE:
        return 1
    if word in ALIVE or word in CENSORED or word in CENSORING or word == "unaffected" or GLUED.fullmatch(word):
        return -1
    return -1 if word in NONE and not heading else 0


def meaning(text: str) -> Meaning:
    """What a word means by itself: the event, none, yes, no, or missing; blank for an unknown one.

    Who died is dead, whatever else is said: `NED, died of stroke`. A denial that denies nothing leaves it open.

    Example:
        >>> [meaning(w) for w in ("dead of disease", "not dead", "无复发", "yes", "1:DECEASED")]
        ['event', 'none', 'none', 'yes', 'event']
    """
    bare = PREFIX.sub("", text)
    if missing_codes([bare]) and not side_of(bare):
        return "missing"
    said = _said(bare)
    words = set(ordered_words(bare))
    if said.unclear or (said.dead and RELATIVES.search(normalise(bare))):
        return ""
    either = words & {"or", "vs", "unless", "until", "till", *CENSORED, *CENSORING} or ("/" in bare and words & ALIVE)
    if said.dead and not either:
        return "event"
    if len(said.signs) == 1:
        return "event" if 1 in said.signs else "none"
    side = side_of(bare)
    return "yes" if side == "yes" else "no" if side == "no" else ""


def _of_value(value: str, asks: Asked) -> Meaning:
    """The meaning of a value for what an endpoint asks; who lives lives, unless the disease is asked for."""
    bare = PREFIX.sub("", value)
    words, result = ordered_words(bare), meaning(value)
    if asks in ("disease", "relapse") and result != "event" and WITH_DISEASE.search(" ".join(words)):
        return ""  # alive, and has relapsed
    if result:
        return result
    said = _said(bare)
    alive = [w for w in words if w in ALIVE]
    if alive and not said.dead and not said.unclear and asks not in ("disease", "relapse"):
        return "none" if not {"or", "and"} & set(words) else ""
    return ""


def asked_of(text: str) -> Asked:
    """What a heading or an endpoint's name asks for: death, that of the disease, relapse, or relapse and death.

    Example:
        >>> [asked_of(t) for t in ("OS_months", "DFS (days)", "css", "time to relapse", "survival after relapse", "t")]
        ['death', 'disease', 'specific', 'relapse', 'death', '']
    """
    text = re.sub(r"\bd[öø]d\b", "dead", text.casefold())  # no DOD
    plain_text = ORIGIN.sub(" ", " ".join(ordered_words(text)))
    if SPECIFIC.search(plain_text) or OTHER_DEATHS.search(plain_text):
        return "specific"
    if TO_RELAPSE.search(plain_text):
        return "relapse"
    if RECURRING.search(plain_text):
        return "disease"
    words = set(plain_text.split())
    if words & {"os", "prs", "survival", "vital"} or words & (DEAD | ALIVE) or HAN_DEAD.search(text):
        return "death"
    return ""


def _asked(values: Sequence[str], own: str, beside: str) -> Asked:
    """What a column's own heading asks for, or else what stands beside it."""
    asks, wanted = asked_of(own), asked_of(beside)
    if asks == "specific" and wanted == "death" and tells_every_death(values):
        return "death"
    if asks == "disease" and wanted == "relapse":
        return "relapse"
    return asks or wanted


def tells_every_death(values: Sequence[str]) -> bool:
    """Whether values tell deaths of another cause apart, so that none is missing."""
    dead = [v for v in values if is_dead(v)]
    return 0 < sum(bool(OTHER_CAUSE.search(v)) for v in dead) < len(dead)


def is_dead(value: str) -> bool:
    """Whether a value says that the patient died, whatever else it says."""
    return meaning(value) == "event" and _said(PREFIX.sub("", value)).dead


def _side(value: str) -> str:
    """ "yes" or "no" of a value, also behind a code: `1 = yes`; a mark is a yes."""
    return side_of(value) or side_of(PREFIX.sub("", value)) or ("yes" if only_mark([value]) else "")


def _heading(header: str, label: str) -> tuple[int | None, str]:
    """What heading and label name, in a number and in words; None where they say both, or `survival` alone."""
    texts = {"heading": BRACKETED.sub(" ", header), "label": label}
    signs = {place: named_in(text) for place, text in texts.items()}
    both = signs["heading"] | signs["label"]
    if len(both) == 2:
        return None, "heading and label name both the event and its absence"
    if not both:
        if normalise(header) == "c" or any(w.startswith("cens") for w in ordered_words(header)):
            return None, CENSORS
        if any(SURVIVING.search(_plain(t)) for t in texts.values()):
            return None, "a survival status can mean that the patient died or survived"
        return 0, "the heading doesn't say which is the event"
    words = {w for text in texts.values() for w in ordered_words(text)}
    if any(w in CENSORING or w.startswith("cens") and w not in CENSORED for w in words):
        return None, CENSORS
    sign = both.pop()
    place = "heading" if signs["heading"] else "label"
    return sign, f"the {place} names {'the event' if sign > 0 else 'its absence'}"


# ---------------------------------------------------------------- codes written in a heading
def codes_written(text: str) -> dict[str, Meaning]:
    """Codes that a heading or a label explains, with what each means.

    Example:
        >>> codes_written("status (1 = dead; 2 = alive)")
        {'1': 'event', '2': 'none'}
    """
    best: dict[str, Meaning] = {}
    han = (found for p in HAN_CODES if len(found := _coded(p, text)) > 1)
    for found in (*(_paired(p, text) for p in PAIRED), *(_coded(p, text) for p in CODED), *han):
        codes: dict[str, Meaning] = {}
        for code, word in found:
            what = meaning(word.strip(" _-"))
            if what and codes.setdefault(code.lower(), what) != what:
                return {}
        if len(codes) > len(best):
            best = codes
    return best


def _coded(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    """Codes with their words, one beside the other: `1 = dead`."""
    return [(m["code"] or m.groupdict().get("dashed") or "", m["word"]) for m in pattern.finditer(text)]


def _paired(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    """Codes with their words, a list of either: `0/1 = alive/dead`."""
    result = list[tuple[str, str]]()
    for match in pattern.finditer(text):
        codes, words = (re.split(r"\s*[/,;]\s*", match[part].strip()) for part in ("codes", "words"))
        if len(codes) == len(words):
            first = words[0].split()[-1:] if pattern is PAIRED[1] else [words[0]]  # "Status dead/alive = 1/0"
            result += zip(codes, [*first, *words[1:]], strict=True)
    return result


def _key(value: str) -> str:
    """A code as it is compared: `1.0` is `1`, `.00` is `0`."""
    return re.sub(r"[.,]0+$", "", re.sub(r"^(?=[.,]0+$)", "0", value.strip().lower()))


def _by_codes(
    values: Sequence[str], gone: tuple[str, ...], codes: dict[str, Meaning], sign: int | None, what: str
) -> Direction:
    """Codes that the heading or the label explains; the only code that it leaves out is the opposite of the other."""
    relative = set(codes.values()) & {"yes", "no"}
    unsaid = sign is None
    side = {"yes": "event", "no": "none"} if sign != -1 else {"yes": "none", "no": "event"}
    by_value = {v: codes.get(_key(v), "") for v in values}
    sides = {v: side.get(m, m) for v, m in by_value.items()}
    rest = [v for v in values if not sides[v]]
    known = {m for m in sides.values() if m in ("event", "none")}
    if len(rest) == 1 and len(values) == 2 and len(known) == 1:
        sides[rest[0]] = "none" if known == {"event"} else "event"
        rest = []
    missing = tuple(v for v in values if sides[v] == "missing")
    event, none = (tuple(v for v in values if sides[v] == m) for m in ("event", "none"))
    if any(meaning(v) in ("event", "none") and meaning(v) != sides[v] for v in values) or not (event or none):
        return Direction(
            (), (), gone, UNCLEAR, "the heading's codes don't fit the values: choose the event", tuple(values)
        )
    if not event and none and not rest:
        event = tuple(c for c, m in codes.items() if side.get(m, m) == "event")
    shown = " and ".join(f"'{v}'" for v in event)
    confidence = OPEN if rest or (relative and unsaid) else AGREED
    return Direction(
        event, none, (*gone, *missing), confidence, f"the heading says that {shown} is the event", tuple(rest)
    )


def _by_words(
    values: Sequence[str], gone: tuple[str, ...], meanings: dict[str, Meaning], header: str, asks: Asked, blanks: bool
) -> Direction:
    """Values that say by themselves what happened; those that aren't what the endpoint asks for are asked."""
    event, none = (tuple(v for v in values if meanings[v] == m) for m in ("event", "none"))
    shown = " and ".join(f"'{v}'" for v in event) or "not among them"
    own, reason = _asked_for(event, asks)
    if own != event:
        rest = tuple(v for v in event if v not in own)
        return Direction(own, (*none, *rest), gone, OPEN, reason)
    if event and not none and blanks:
        return Direction(event, ("",), gone, CONVENTION, f"'{event[0]}' is the event, {TOLD_BLANK}")
    event = event or ("dead",)  # nobody yet
    agreed = polarity(header) or re.search(r"status|vital|状态|event|survival|outcome", _plain(header))
    return Direction(
        event, none, gone, AGREED if agreed else WORDS, f"the event is {shown}, by the words of the values"
    )


def _asked_for(event: tuple[str, ...], asks: Asked) -> tuple[tuple[str, ...], str]:
    """Of values that tell of a death or a relapse those that an endpoint counts, and why the others are doubted."""
    dead = tuple(v for v in event if is_dead(v))
    relapsed = tuple(v for v in event if v not in dead and not set(ordered_words(v)) & GENERAL)
    if asks == "specific" and any(OTHER_CAUSE.search(v) for v in event):
        own = tuple(v for v in event if not OTHER_CAUSE.search(v) and v not in relapsed)
        return own, "deaths of another cause don't count for a survival of the disease: please check"
    if asks == "relapse" and dead and relapsed:
        return relapsed, "a death isn't the relapse that this time ends with: please check"
    if relapsed and asks != "disease" and (dead or asks in ("death", "specific")) and asks != "relapse":
        names = joined([f"'{v}'" for v in relapsed])
        return tuple(v for v in event if v not in relapsed), f"{names} is no death: please check which count"
    return event, ""


def _by_sides(
    values: Sequence[str], gone: tuple[str, ...], sides: dict[str, str], sign: int | None, what: str, blanks: bool
) -> Direction:
    """Values that say yes or no, to what the heading names."""
    yes, no = (tuple(v for v in values if sides[v] == s) for s in ("yes", "no"))
    digits = all(_key(v) in ("0", "1") for v in values)
    if len(values) == 1 and not (yes and blanks):  # everybody has it, or nobody: the other code is known all the same
        yes, no = yes or (OTHER_SIDE.get(_key(no[0]), "yes"),), no or (OTHER_SIDE.get(_key(yes[0]), "no"),)
    if sign is None:
        return Direction(yes, no, gone, OPEN, f"{what}: choose which code is the event")
    if yes and not no and blanks:
        if sign < 0:
            return Direction(("",), yes, gone, OPEN, f"{what}, so a blank cell may be the event: please check")
        return Direction(yes, ("",), gone, CONVENTION, f"'{yes[0]}' is the event, {TOLD_BLANK}")
    if sign > 0:
        shown = " and ".join(f"'{v}'" for v in yes) or "none"
        return Direction(yes, no, gone, AGREED, f"the event is {shown}: {what}")
    if sign < 0:
        shown = " and ".join(f"'{v}'" for v in no) or "none"
        return Direction(no, yes, gone, NEGATED, f"the event is {shown}: {what}")
    if digits or {v.casefold() for v in values} <= {"true", "false"}:
        shown = joined([f"'{v}'" for v in values])
        return Direction(yes, no, gone, CONVENTION, f"{shown}, and {what}: by convention '{yes[0]}' is")
    return Direction(yes, no, gone, OPEN, f"yes and no, but {what}: choose which is the event")


def _by_numbers(
    values: Sequence[str], gone: tuple[str, ...], meanings: dict[str, Meaning], sign: int | None
) -> Direction:
    """Codes that nothing explains; several beside 0 may be causes that compete."""
    numbers = {v: float(v) for v in values if re.fullmatch(r"-?\d+(\.0+)?", v)}
    if len(numbers) == len(values) == 2 and sorted(numbers.values()) == [1.0, 2.0]:
        one, two = sorted(values, key=float)
        return Direction((two,), (one,), gone, OPEN, "1 and 2: in SPSS and R files 2 is often the event; please check")
    by_number = sorted(numbers, key=lambda v: numbers[v])
    if len(numbers) == len(values) and len(values) >= 2 and numbers[by_number[0]] == 0:
        apart = tuple(v for v in by_number if numbers[v] in (8, 9, 88, 99) and len(by_number) > 2)
        rest = [v for v in by_number if v not in apart]
        event: tuple[str, ...] = tuple(rest[1:])
        none: tuple[str, ...] = (rest[0],)
        if sign is not None and sign < 0 and len(rest) == 2:
            event, none = none, event
        why = "several codes beside 0 may be different events" if len(rest) > 2 else "a code may mean missing"
        if len(values) == 2:
            why = f"{rest[-1]} beside 0 isn't explained"
        return Direction(event, none, (*gone, *apart), SEVERAL, f"{why}: choose which codes mean the event")
    event, none = (tuple(v for v in values if meanings[v] == m) for m in ("event", "none"))
    others = tuple(v for v in values if v not in (*event, *none))
    reason = "some codes are unclear: choose which of them mean the event"
    return Direction(event, none, gone, SEVERAL if event else 0.1, reason, others)
