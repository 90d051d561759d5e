"""What a cell says of recurrence sites: which are named, which are denied, which are left open.

A cell is cut at its separators; in each part the longest known words are found, and with them the words that deny
("no", "without", "(-)", "未见") or doubt ("?", "r/o", "suspicious", "可疑"). What isn't plainly said is doubtful: a
site that is counted wrongly can't be seen in any result.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from necc.dictionary import normalise
from necc.ingest.codes import MISSING_SIGNS, MISSING_WORDS

NO_WORDS = """
no|not|without|denies|denied|deny|neither|nor|never|nil|none|negative for|neg for|absence of|absent|excluded|
excluding|ruled out|free of|free|negative|neg|normal|clear|unremarkable|uninvolved|false|n|ned|⊖|kein|keine|
keinen|ohne|nein|sans|pas de|sin|无|没有|没|未|未见|未见明显|未发现|未及|未触及|未累及|未侵犯|否认|排除|除外|
已排除|阴性|正常|否|不伴|不存在|不|不是|并非|非|rather than|instead of
"""
MAYBE_WORDS = """
rule out|suspicious|suspected|suspect|susp|sus|suspicion|possible|possibly|poss|probable|probably|prob|likely|
unlikely|equivocal|questionable|query|uncertain|unclear|indeterminate|maybe|perhaps|presumed|potential|
potentially|concerning|concern|suggestive|suggests|suggesting|unconfirmed|not confirmed|not proven|tbc|
to be confirmed|pending|versus|vs|differential|ddx|may be|might be|could be|not excluded|not ruled out|
not be excluded|not be ruled out|cannot exclude|cannot rule out|can not exclude|can t exclude|can't exclude|
not sure|except|other than|apart from|±|verdacht|fraglich|可疑|疑似|疑|怀疑|可能|可能性|待排|待查|待定|待除外|
待确诊|待明确|不除外|不排除|不能排除|不能除外|无法排除|无法除外|未排除|未除外|未能排除|未明|未定|不明|不明确|
不确定|不能确定|性质待定|考虑|倾向|是否|cannot be excluded|can not be excluded|cannot be ruled out
"""
YES_WORDS = "yes|y|positive|pos|true|present|⊕|confirmed|有|阳性|是|存在|ja|oui"
PLAIN_WORDS = """
the|a|an|of|in|to|at|on|from|by|per|for|is|are|was|were|be|has|been|there|and|with|via|his|her|then|also|only|
alone|either|whether|isolated|both|all|any|other|so|far|up|last|follow|followup|date|time|left|right|lt|rt|l|r|
bilateral|multiple|multi|several|many|few|numerous|single|solitary|small|large|big|tiny|upper|lower|middle|mid|
anterior|posterior|lateral|medial|central|lobe|lobes|segment|nodule|nodules|nodular|mass|masses|lesion|lesions|
foci|focus|focal|spot|spots|metastasis|metastases|metastatic|metastasized|metastasised|metastasize|met|mets|
meta|secondaries|secondary|tumor|tumors|tumour|tumours|cancer|carcinoma|ca|disease|recurrence|recurrences|
recurrent|recurred|relapse|relapsed|progression|progressive|progressed|involvement|involved|involving|
infiltration|invasion|spread|deposit|deposits|implant|implants|seeding|growth|evidence|sign|signs|seen|found|
noted|detected|shown|known|new|newly|first|initial|site|sites|location|organ|organs|area|areas|region|distant|
local|disseminated|diffuse|widespread|nos|biopsy|proven|biopsied|pet|ct|mri|scan|imaging|xray|ultrasound|us|cm|
mm|ml|x|years|year|months|month|days|size|stable|enlarged|fossa|lymphatic|hematogenous|haematogenous|bilat|
bilaterally|number|rec|recurr|loc|etc|seg|rul|rml|rll|lul|lll|side|sided|wall|cavity|body|tissue|stump|左|右|
双|双侧|两|侧|单|多|多发|多处|多个|单发|孤立|散在|广泛|转移|转移瘤|转移灶|转移癌|远处|局部|复发|病灶|病变|结节|
肿块|肿瘤|肿物|占位|肿大|增大|肿|瘤|癌|侵犯|累及|受累|浸润|种植|进展|新发|都|皆|部|部位|区|区域|内|上|下|中|叶|
处|旁|周围|等|均|亦|也|明显|明确|异常|征象|证据|迹象|可见|见|发现|出现|存在|伴|伴有|合并|术后|放疗后|化疗后|的|
为|首次|第|次|个|枚|大小|约|影|阴影|多枚
"""
MISSING_PHRASES = MISSING_WORDS | {
    "no data", "no information", "no record", "no records", "no details", "not done", "not assessed", "not imaged",
    "not reported", "not stated", "not specified", "not documented", "not evaluable", "not tested", "unspecified",
    "unclear", "未查", "未检查", "未评估", "未做", "不清楚", "不明", "无资料", "无记录", "未记录",
}  # fmt: skip
NONE_PHRASES = {"0", "n", "m0", "ned", "nil", "free", "disease free", "alive without disease"}
UNSURE_NO = {"negative", "neg", "excluded", "ruled out", "阴性", "排除", "已排除", "除外"}
PREFIXES = {"non", "extra", "peri", "sub", "infra", "anti", "trans", "inter", "pre", "post"}
ADJECTIVE = re.compile(r"(al|ar|ic|ary|eous)$")
LYMPH_NODE = ("lymph", "node")
NODE_WORDS = {"ln", "lns", "lnm", "lymphnode", "lymphnodes", "lymphadenopathy", "adenopathy", "lymphknoten"}

# shorthand written out before a cell is cut; ⊕ and ⊖ stand for an answer
REWRITE = tuple(
    (re.compile(pattern, re.IGNORECASE), new)
    for pattern, new in (
        (r"\b(?:not|no) (?:otherwise|further) (?:specified|details?)|\bnot only\b", " "),  # deny nothing
        (r"\bno\.\s*(?=of\b|\d)", " number "),
        (r"\bw/o\b", " without "),
        (r"\bw/\s*(?=\w)", " with "),
        (r"\br/o\b", " rule out "),
        (r"\bv\.\s?a\.|\bd/d\b", " possible "),
        (r"\band/or\b", " or "),
        (r"\bn/a\b", " unknown "),
        (r"\b[hc]/o\b|\bs/p\b|\bc/w\b|\bb/l\b|\bl/r\b", " "),
        (r"\bl/n\b|\blymph\s*node\(s\)", " lymph node "),
        (r"\(\s*\+\s*\)|\+ve\b", " ⊕ "),
        (r"\(\s*-+\s*\)|-ve\b", " ⊖ "),
        (r"\+\s*/\s*-|\+-", " ± "),
        (r"\(\s*\?+\s*\)", "? "),
        (r"(?<![\w?)])[?¿]+\s*(?=\w)", " possible "),  # ?lung
        (r"(?<=[^\s,;+/])\s*\+(?=\s*(?:$|[,;/)\n。]))|^\s*\+(?=\s*\w)", " ⊕ "),  # lung+, liver
        (r"(?<=[^\s,;+/-])\s*[:=]?\s*-+(?=\s*(?:$|[,;/)\n。]))", " ⊖ "),  # lung-, liver
        (r"(?<=\w)-(?=\s+\w+\s*[+⊕⊖-]\s*(?:$|[,;]))", " ⊖ "),  # lung- liver+
        (r"[:=]\s*(?:0(?![\d.])|non\b)|(?<=[^\W\d])\s+0\s*(?=$|[,;/)\n])", " ⊖ "),  # lung: 0
        (r"[:=]\s*1(?![\d.])", " ⊕ "),
    )
)
SENTENCE = re.compile(
    r"(?<=\w{4})\.(?=\s+[A-Z])|。|[;；\n|•]|"  # the end of a sentence or line
    r"(?:^|(?<=\s))\(?\d{1,2}[.)]\s+(?=\D)|^\s*[-*•·]\s+",  # the number or mark of a list
    re.MULTILINE,
)
COMMA = re.compile(r"[,，+]|(?<=\s)-(?=\s)|\b(?:but|however|although|aber|mais)\b|但是|但|而", re.IGNORECASE)
WITH = re.compile(r"(?<!\w)with(?!\w)|(?<!不)伴有?|合并|\bmit\b", re.IGNORECASE)
ITEM = re.compile(r"[/\\&、()\[\]]|\b(?:and|or|und|oder|et)\b|以及|(?<![累未触涉波侵])及|和|与|或", re.IGNORECASE)
LETTERS, HAN = r"[^\W\d_\u2e80-\u9fff]", r"[\u2e80-\u9fff]"
TOKEN = re.compile(
    rf"(?<!\w){LETTERS}{{1,2}}\d{{1,2}}[a-z]?(?!\w)|{LETTERS}+(?:['-]{LETTERS}+)*|\d+(?:[.,]\d+)?|{HAN}|[?⊕⊖±]"
)
JOIN_OR = ("or", "oder", "或", "nor")


def _phrases(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split("|")]


@dataclass(frozen=True)
class SiteText:
    """What a cell says.

    present, absent, doubtful: organs that are named, denied, or neither. unknown: parts that name no known site.
    ignored: words beside a known site that weren't understood. merged: organs named without a sign between them.
    none: the cell says that there is no site. missing: it says that nothing is recorded. unclear: it names no site and
    doesn't say that there is none.
    """

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    none: bool = False
    missing: bool = False
    unclear: bool = False

    @property
    def organs(self) -> tuple[str, ...]:
        """Every organ that is spoken of."""
        return (*self.present, *self.absent, *self.doubtful)


@dataclass
class _Token:
    """Words of a cell that belong together: an organ, a word that denies, doubts or affirms, or any other."""

    kind: str
    text: str
    organ: str = ""


@dataclass
class _Item:
    """What stands between two separators: its tokens, and what is said of each organ in it.

    before: the separator in front of it.
    """

    text: str
    tokens: list[_Token]
    before: str = ""
    said: list[str] = field(default_factory=list)
    suffix: str = ""
    prefix: str = ""
    attached: bool = False

    def __post_init__(self) -> None:
        self.said = ["" for _ in self.organs]

    @property
    def organs(self) -> list[_Token]:
        return [t for t in self.tokens if t.kind == "organ"]

    def has(self, *kinds: str) -> bool:
        return any(t.kind in kinds for t in self.tokens)

    @property
    def bare(self) -> str:
        """`no`, `yes` or `maybe` where the item is only an answer to what stands before it; "" otherwise."""
        if self.organs or self.has("junk"):
            return ""
        kinds = {t.kind for t in self.tokens} - {"plain"}
        if "maybe" in kinds:
            return "maybe"
        only = len(kinds) == 1 and len(self.tokens) == 1
        return next(iter(kinds)) if only else ""


class SiteWords:
    """The words of a dictionary's organs, ready to read cells with."""

    def __init__(self, words: Mapping[str, str]):
        self.words = dict(words)
        self.known: dict[tuple[str, ...], tuple[str, str]] = {}
        for word, organ in words.items():
            self.known.setdefault(_tokens(word), ("organ", organ))
        for kind, text in (("maybe", MAYBE_WORDS), ("no", NO_WORDS), ("yes", YES_WORDS)):
            for phrase in _phrases(text):
                self.known.setdefault(_tokens(phrase), (kind, ""))
        for phrase in _phrases(PLAIN_WORDS):
            self.known.setdefault(_tokens(phrase), ("plain", ""))
        self.known.pop((), None)
        self.longest: dict[str, int] = {}
        for phrase in self.known:
            self.longest[phrase[0]] = max(self.longest.get(phrase[0], 0), len(phrase))
        self.node = self.known.get(LYMPH_NODE, ("", ""))[1]
        self.nodal = {organ for phrase, (_, organ) in self.known.items() if phrase[-2:] == LYMPH_NODE and organ}

    # ------------------------------------------------------------ a cell
    def read(self, text: str) -> SiteText:
        """What a cell says of sites."""
        whole = normalise(text)
        if text.strip() in MISSING_SIGNS or whole in MISSING_PHRASES:
            return SiteText(unclear="?" in text, missing="?" not in text)
        if whole in self.words and not re.search(r"[?？¿±]", text):
            return SiteText(present=(self.words[whole],))
        if whole in NONE_PHRASES:
            return SiteText(none=True)
        pieces = self._pieces(text)
        self._decide(pieces)
        return self._told(pieces)

    def _pieces(self, text: str) -> list[tuple[str, list[_Item]]]:
        """The cell cut at its separators: pieces with the sign before each, and their items."""
        folded = unicodedata.normalize("NFKC", text)
        folded = re.sub("[\u2010-\u2015\u2212]", "-", folded).replace("\u2019", "'")
        pieces: list[tuple[str, list[_Item]]] = []
        for sentence in SENTENCE.split(folded):
            line = sentence.strip(" .")
            for old, new in REWRITE:
                line = old.sub(new, line)
            mark = ";"
            for clause, sign in _cut(COMMA, line):
                for part, joint in _cut(WITH, clause):
                    if items := self._items(part):
                        pieces.append((mark, items))
                    mark = joint
                mark = sign
        return pieces

    def _items(self, part: str) -> list[_Item]:
        """A part as a whole where it is a known phrase, else cut at the weaker separators."""
        tokens = _tokens(part)
        if self.known.get(tokens, ("", ""))[0] == "organ" and "?" not in part:
            return [_Item(part.strip(), self._scan(tokens))]
        items, before = [], ""
        for piece, sign in _cut(ITEM, part):
            if found := self._scan(_tokens(piece)):
                items.append(_Item(piece.strip(), found, before))
            before = sign or before
        self._share_noun(items)
        return items

    def _share_noun(self, items: list[_Item]) -> None:
        """The noun of `cervical and axillary lymph nodes` and of `LN (neck)` belongs to both parts."""
        for place, item in enumerate(items):
            after = items[place + 1].text if place + 1 < len(items) else ""
            announced = items[place - 1].text if place and item.before == "(" else ""
            if not item.organs and item.has("junk") and (_ends_with_node(after) or _ends_with_node(announced)):
                longer = _Item(item.text, self._scan((*_tokens(item.text), *LYMPH_NODE)), item.before)
                if longer.organs and longer.organs[0].text != " ".join(LYMPH_NODE):
                    item.tokens, item.said = longer.tokens, longer.said

    def _scan(self, tokens: tuple[str, ...]) -> list[_Token]:
        """Tokens joined to the longest phrases that are known."""
        found: list[_Token] = []
        i = 0
        while i < len(tokens):
            for length in range(min(self.longest.get(tokens[i], 0), len(tokens) - i), 0, -1):
                phrase = tokens[i : i + length]
                if phrase in self.known:
                    kind, organ = self.known[phrase]
                    found.append(_Token(kind, " ".join(phrase), organ))
                    i += length
                    break
            else:
                number = re.match(r"\d|(?:th?|l|c|s)\d{1,2}$|[ivx]+$", tokens[i])
                kind = "maybe" if tokens[i] == "?" else "plain" if number or tokens[i] in "'-" else "junk"
                whole = kind == "junk" and tokens[i] in PREFIXES and i + 1 < len(tokens)  # non-regional isn't regional
                found.append(_Token(kind, " ".join(tokens[i : i + 1 + whole])))
                i += 1 + whole
        return self._merged(found)

    def _merged(self, found: list[_Token]) -> list[_Token]:
        """`obturator nodes` and `LN inguinal` are one site each, not one and an unnamed node."""
        for here, other in ((0, 1), (1, 0)):
            for i in range(len(found) - 1, 0, -1):
                pair = found[i - 1], found[i]
                known = self.known.get((*pair[other].text.split(), *LYMPH_NODE), ("", ""))[1]
                organ = known or (pair[other].organ if pair[other].organ in self.nodal - {self.node} else "")
                if pair[here].organ == self.node != "" and organ:
                    found[i - 1 : i + 1] = [_Token("organ", f"{pair[0].text} {pair[1].text}", organ)]
                    break
        return found

    # ------------------------------------------------------------ what is denied and doubted
    def _decide(self, pieces: list[tuple[str, list[_Item]]]) -> None:
        """Fills in what is said of each organ, within items, then across weak and strong separators."""
        open_no, last = False, None
        for place, (mark, items) in enumerate(pieces):
            first = items[0]
            bare = first.bare if not first.before else ""
            if last is not None and not first.organs and (bare or (mark != ";" and _unsure(first))):
                last.said = [s or (bare if mark != ";" and bare else "maybe") for s in last.said]
                first.attached = True
            carried = "maybe" if mark == "with" and last is not None and last.prefix == "maybe" else ""
            self._decide_piece(items, carried)
            joined = any(i.before in JOIN_OR for i in items) or first.before in JOIN_OR
            unsaid = [i for i in items if i.organs and not all(i.said)]
            if open_no and mark == "," and not any(i.has("yes", "no") for i in items):
                for item in unsaid:
                    item.said = [s or ("no" if joined else "maybe") for s in item.said]
                if joined:
                    self._deny_run(pieces, place)
            else:
                open_no = any(i.prefix == "no" for i in items) or (open_no and mark == "," and not unsaid)
                if not any(i.prefix == "no" for i in items) and joined and len(items) > 1:
                    for item in unsaid:
                        item.said = [s or "maybe" for s in item.said]
                if mark == "," and len(items) > 1 and items[-1].suffix in ("no", "maybe"):
                    self._doubt_run(pieces, place)
            tail = items[-1]
            if tail.suffix == "no" and tail.tokens[-1].text != "⊖" and re.search("[\u4e00-\u9fff]", tail.text):
                self._doubt_run(pieces, place, bare=True)
            last = next((i for i in reversed(items) if i.organs), last)

    @staticmethod
    def _deny_run(pieces: list[tuple[str, list[_Item]]], place: int) -> None:
        """`no lung, liver or bone`: the "or" tells that the whole list is denied."""
        for before in range(place - 1, -1, -1):
            if pieces[before + 1][0] != ",":
                break
            for item in pieces[before][1]:
                item.said = ["no" if s == "maybe" and not item.has("maybe") else s for s in item.said]

    @staticmethod
    def _doubt_run(pieces: list[tuple[str, list[_Item]]], place: int, bare: bool = False) -> None:
        """`lung, liver and bone negative`: whether the first is denied too can't be told.

        bare: only parts that are no more than a site, as in `肺，肝，骨未见转移`.
        """
        for before in range(place - 1, -1, -1):
            if pieces[before + 1][0] != ",":
                break
            for item in pieces[before][1]:
                if not bare or (len(item.tokens) == 1 and "转" not in item.text):
                    item.said = [s or "maybe" for s in item.said]

    def _decide_piece(self, items: list[_Item], carried: str) -> None:
        """Items of one piece: a word in front reaches on to those after it, one behind reaches back."""
        for k, item in enumerate(items):
            if not item.organs:
                answer = item.bare or ("maybe" if _unsure(item) or item.has("no") else "")
                if answer and k and item.before == "(":
                    items[k - 1].said = [s or answer for s in items[k - 1].said]
                    item.attached = True
                elif item.has("no", "maybe") and not (k and item.before == "("):
                    carried = "maybe" if item.has("maybe") else "no"
                continue
            self._decide_item(item)
            if carried and not item.has("no", "yes", "maybe"):
                item.said = [carried] * len(item.said)
            carried = item.prefix or ("" if item.has("yes") else carried)
            item.prefix = item.prefix or carried
            if item.suffix in ("no", "maybe") and not item.prefix:
                for before, this in zip(reversed(items[:k]), reversed(items[1 : k + 1]), strict=True):
                    if this.before in ("(", ")") or before.has("no", "yes", "maybe"):
                        break
                    before.said = [s or item.suffix for s in before.said]

    @staticmethod
    def _decide_item(item: _Item) -> None:
        """What the words of one item say of its own organs."""
        tokens = item.tokens
        places = [i for i, t in enumerate(tokens) if t.kind == "organ"]
        marks = [i for i, t in enumerate(tokens) if t.kind in ("no", "yes", "maybe")]
        ends_in_answer = bool(marks) and marks[-1] > places[-1] and tokens[marks[-1]].kind != "maybe"
        for m, i in enumerate(marks):
            kind = tokens[i].kind
            start = marks[m - 1] if m else -1
            stop = marks[m + 1] if m + 1 < len(marks) else len(tokens)
            before = [k for k, p in enumerate(places) if start < p < i]
            after = [k for k, p in enumerate(places) if i < p < (len(tokens) if kind == "maybe" else stop)]
            only_behind = tokens[i].text in ("?", "⊖", "⊕", "n", "y", "false", "true")
            if kind == "maybe" and tokens[i].text != "?":
                item.said = ["maybe"] * len(places) if not after or before else item.said
            if after and not only_behind and not (before and ends_in_answer and kind != "maybe"):
                for k in after:
                    item.said[k] = "maybe" if "maybe" in (item.said[k], kind) else kind
                item.prefix = kind if kind != "yes" else ""
                continue
            rest = tokens[i + 1 : stop]
            sure = all(t.kind in ("plain", "organ") for t in rest)
            for k in before or (list(range(len(places))) if kind != "yes" else []):
                if item.said[k] != "maybe" and not (item.said[k] and not before):
                    item.said[k] = kind if sure or kind != "no" else "maybe"
            item.suffix = kind if kind != "yes" else item.suffix

    # ------------------------------------------------------------ the answer
    def _told(self, pieces: list[tuple[str, list[_Item]]]) -> SiteText:
        items = [i for _, found in pieces for i in found]
        self._inverted(pieces)
        said: dict[str, set[str]] = {}
        unknown, ignored, merged = [], [], []
        for item in items:
            counted = self._counted(item)
            for token, how in counted:
                said.setdefault(token.organ, set()).add(how or "yes")
            if len({t.organ for t, _ in counted}) > 1 and not item.has("no", "maybe", "yes"):
                merged += [t.organ for t, _ in counted]
            kept = {id(t) for t, _ in counted}
            left_out = [t.text for t in item.organs if id(t) not in kept]
            ignored += [*left_out, *(t.text for t in item.tokens if t.kind == "junk" and item.organs)]
        organs = {o for o, hows in said.items()}
        for _, group in pieces:
            if not any(i.organs for i in group) and not any(i.has("no", "maybe") for i in group):
                if normalise(_shown(group)) in MISSING_PHRASES:
                    ignored.append(_shown(group))
                elif any(i.has("junk") for i in group) or not organs and not unknown:
                    unknown.append(_shown(group))
            elif organs and not any(i.organs or i.attached for i in group):
                ignored.append(_shown(group))
            elif any(i.organs for i in group):
                for item in group:
                    if not item.organs and item.has("junk") and not item.has("no", "maybe", "yes"):
                        (ignored if item.before == "(" else unknown).append(item.text)
        present = [o for o, hows in said.items() if "yes" in hows and "no" not in hows]
        absent = [o for o, hows in said.items() if hows == {"no"}]
        doubtful = [o for o in said if o not in present and o not in absent]
        silent = not organs and not unknown
        denied, doubted = any(i.has("no") for i in items), any(i.has("maybe") for i in items)
        none = silent and denied and not doubted and not any(i.has("junk") for i in items)
        return SiteText(
            tuple(present), tuple(absent), tuple(doubtful), _once(unknown), _once(ignored), _once(merged), none,
            unclear=silent and not none,
        )  # fmt: skip

    def _inverted(self, pieces: list[tuple[str, list[_Item]]]) -> None:
        """`Lymph node, inguinal` and `LN (para-aortic)`: the second names the node that the first announces."""
        items = [i for _, found in pieces for i in found]
        for place, (item, after) in enumerate(zip(items, items[1:], strict=False)):
            named = after.organs
            alone = not place and len(after.tokens) == 1 and named and ADJECTIVE.search(named[0].text)
            nodal = len(named) == 1 and named[0].organ in self.nodal - {self.node}
            if nodal and self.node and [t.organ for t in item.organs] == [self.node] and (alone or after.before == "("):
                item.tokens = [t for t in item.tokens if t.kind != "organ"]
                item.said = []

    @staticmethod
    def _counted(item: _Item) -> list[tuple[_Token, str]]:
        """The item's sites; an adjective right before another site (`hepatic hilar node`) is none of its own."""
        counted = []
        places = [i for i, t in enumerate(item.tokens) if t.kind == "organ"]
        for k, (i, how) in enumerate(zip(places, item.said, strict=True)):
            follows = k + 1 < len(places) and places[k + 1] == i + 1
            if not (follows and ADJECTIVE.search(item.tokens[i].text)):
                counted.append((item.tokens[i], how))
        return counted


def _cut(separator: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    """The parts of a text, each with the kind of separator after it."""
    parts, start = [], 0
    for found in separator.finditer(text):
        parts.append((text[start : found.start()], _kind(found[0])))
        start = found.end()
    return [*parts, (text[start:], "")]


def _kind(sign: str) -> str:
    """A separator by what it does: a comma may go on with a list, `with` and `but` begin anew."""
    sign = sign.strip().casefold()
    if sign in ("with", "mit", "伴有", "伴", "合并"):
        return "with"
    return "," if sign in (",", "+", "-", "，") else ";" if COMMA.fullmatch(sign) else sign


def _tokens(text: str) -> tuple[str, ...]:
    """Words of a text; hyphens part words, and every word for a lymph node is the same."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("_", " ")
    found = [w for t in TOKEN.findall(folded) for w in (t.split("-") if len(t) > 1 else [t]) if w]
    tokens: list[str] = []
    for word in found:
        if word in NODE_WORDS:
            tokens += LYMPH_NODE
        elif word in ("node", "nodes", "nodal", "gland", "glands") and tokens[-1:] == ["lymph"]:
            tokens.append("node")
        elif word in ("node", "nodes", "nodal"):
            tokens += LYMPH_NODE if tokens[-2:] != list(LYMPH_NODE) else ()
        else:
            tokens.append(word)
    return tuple(tokens)


def _ends_with_node(text: str) -> bool:
    return _tokens(text)[-2:] == LYMPH_NODE


def _unsure(item: _Item) -> bool:
    """Whether an item without a site takes back what stands before it: `suspicious`, `biopsy negative`."""
    return any(t.kind == "maybe" or t.text in UNSURE_NO for t in item.tokens)


def _shown(items: Iterable[_Item]) -> str:
    """Items as they stood in the cell."""
    text = "".join(f" {i.before} {i.text}" if i.before else i.text for i in items)
    return text.replace("⊕", "(+)").replace("⊖", "(-)")


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
