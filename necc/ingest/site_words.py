"""What a cell says of recurrence sites: which are named, which are denied, which are left open.

A site that is counted wrongly can't be seen in any result, so one that is denied or doubted is never counted, and
whatever the rules can't tell is *doubtful*. The words are data: those of sites stand in the dictionary, all others in
`site_words.toml`, which says what kinds there are. A cell is read in five steps:

1. As a whole: "unknown" is missing, "NED" is no site, a phrase of the dictionary is its site (`SiteWords.read`), unless
   separators part it into several ("pelvic; bone").
2. Shorthand is written out, and the longest known phrases become tokens of one kind each (`_scan`). What only says
   where another one is becomes part of it ("liver hilum", "bone (pelvis)"); what was done to a site, or lies beside it,
   becomes a doubt (`_neighbours`).
3. The tokens are cut into parts at sentence ends, commas, "and", "or" and brackets (`_cut`). A mark such as (-) ends
   the part that it answers for. A part that is only an answer ("lung, none", "lung (?)") joins the site before it.
4. Each site gets its verdict (`_decide`). Two different answers for it leave it open:

   a. Its own part speaks first (`_own_answer`). Answers stand behind the sites if one ends the part ("lung no liver
      yes"), else in front ("liver not lung"). A doubt at the end, or a doubt or two answers between two sites, speak of
      all of them. A denial of an unknown word is a doubt ("no livr lung").
   b. Else an answer behind a later part (`_reach`). It holds for sites joined by "and", "or" or / ("lung and liver
      negative"), and leaves open what is more than a site ("lung nodule and liver negative") and bare sites before a
      comma ("lung, liver negative");
   c. and one in front of an earlier part. It holds for parts joined by "and", "or" or a bracket, for the whole list if
      that has an "or" ("no lung, liver or bone"), and leaves open what else follows a comma ("no lung, liver").
   d. An "or" leaves open all of its list that isn't denied (`_leave_open`).
   e. A site of which nothing is said is named.

   No rule reaches beyond a sentence or a part with its own answer, and marks reach over no comma.
5. What was understood, and what wasn't, is told (`_understood`). A site that is named in one place and doubted in
   another is named; one that is also denied is open.

Every step passes a fixed number of times over the tokens, so the time is linear in the cell's length.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import pairwise

from necc.core.dictionary import normalise
from necc.ingest.codes import MISSING_SIGNS, MISSING_WORDS

ANSWERS = ("maybe", "no", "yes")
SEPARATORS = ("stop", "comma", "with", "or", "and", "open")
KINDS = (*ANSWERS, *SEPARATORS, "rest", "done", "aside", "near", "then", "finding", "plain")  # in two: of the first
STRANGE = ("rest", "aside", "other")  # what a denial may speak of instead of a site
PLAIN = ("plain", "then", "finding", "near")  # what says nothing of whether a site is one
NODE = ("lymph", "node")
PARTED = "\ue000"  # a character of no text, between texts
ADJECTIVE = re.compile(r"(al|ar|ic|ary|eous)$|^bony$")
OPERATION = re.compile(r"(?<!metastas)ectom(y|ies|ie|ia|ía)$")
NUMBER = re.compile(r"\d|(?:th?|l|c|s)\d{1,2}$|[ivx]+$")  # 2, T12, IV
PARTING = r"[;；,，、&＆|｜\\\n\r+/•·。]"
DASH = re.compile(r"(?<=[^\W\d_]) - (?=[^\W\d_])")  # parts sites where blanks stand around it
SIGN_IN_FRONT = re.compile(r"(?:^|(?<=[\s,;/]))[+-](?=[^\W\d])")
COUNT_IN_FRONT = re.compile(r"(?:^|(?<=[\s,;/]))(\d{1,2})(?:\s?[:=]\s?|\s)(?=[^\W\d])")
ZERO_BEHIND, ONE_BEHIND = (re.compile(rf"(?<=[^\W\d])\s{n}(?=$|\s[^\W\d]|\s?[,;])") for n in (0, 1))
SAME = str.maketrans({**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"), "\u2019": "'", "_": " "})

DATA = tomllib.loads(resources.files(__package__).joinpath("site_words.toml").read_text(encoding="utf-8"))
SHORTHAND = [(re.compile(old, re.IGNORECASE | re.MULTILINE), new) for old, new in DATA["shorthand"]["rules"]]
MISSING, NONE = MISSING_WORDS | set(DATA["cell"]["missing"]), set(DATA["cell"]["none"])
UNKNOWN = {w for w in MISSING if min(map(len, w.split())) > 1 and (len(w) > 2 or w == "na" or not w.isascii())} - {
    *DATA["cell"]["which"]
}
PHRASES = [(kind, phrase, name) for kind in KINDS for name, lists in DATA.items() for phrase in lists.get(kind, ())]
SIGNS = "".join({phrase for _, phrase, _ in PHRASES if re.fullmatch(r"\W", phrase)})
NODES = "|".join(sorted(DATA["lymph_node"]["words"], key=len, reverse=True)).replace(" ", "[ -]")
LETTER, HAN = r"[^\W\d_\u2e80-\u9fff]", r"[\u2e80-\u3000\u3003-\u9fff]"
TOKEN = re.compile(
    rf"(?<![^\W_\u2e80-\u9fff])(?P<node>(?:{NODES})(?!{LETTER}))|{LETTER}{{1,2}}\d{{1,2}}[a-z]?(?!\w)|"
    rf"{LETTER}+(?:'{LETTER}+)*|\d+(?:[.,]\d+)?|[{re.escape(SIGNS)}]|{HAN}",
    re.IGNORECASE,
)


RUN = ("other", "near", "plain", "organ")  # what may stand between a place and the node that lies there
HILUM_JOINTS = {("of",), ("the",), ("(",)}


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


@dataclass(frozen=True)
class _Token:
    """The longest known phrase at its place: an "organ", one of KINDS, or "other".

    mark: for an answer that is a sign, whether it stands "behind" its site or, as ¿ alone does, in "front" of it.
    start, end: where it stands in the written-out text.
    """

    kind: str
    words: tuple[str, ...] = ()
    organ: str = ""
    mark: str = ""
    start: int = 0
    end: int = 0

    @property
    def unknown(self) -> bool:
        """Whether it says that nothing is recorded."""
        return self.kind == "maybe" and " ".join(self.words) in UNKNOWN


@dataclass
class _Part:
    """What stands between two separators, and the kinds of separators in front of it."""

    joint: set[str] = field(default_factory=set)
    tokens: list[_Token] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # a verdict for each organ; one if there is none
    heard: set[str] = field(default_factory=set)  # answers that reach it from other parts
    used: bool = False  # it names no site, but answered for other parts

    def of(self, *kinds: str) -> list[_Token]:
        return [t for t in self.tokens if t.kind in kinds]

    @property
    def bare(self) -> bool:
        """Whether it is no more than a site."""
        return bool(self.tokens) and self.of("organ") == self.tokens

    def without_unknown(self) -> list[_Token]:
        """Its tokens, where "unknown" speaks of no site: of a part of its own."""
        open_one = self.of("organ") or ("open" in self.joint and "comma" not in self.joint)
        return self.tokens if open_one else [replace(t, kind="aside") if t.unknown else t for t in self.tokens]

    def answer_before(self) -> str:
        """What a part without a site answers for the site before it; "" where it speaks of something else."""
        kinds = [t.kind for t in self.tokens if t.kind != "plain"]
        answers, sentence = self.of(*ANSWERS), "stop" in self.joint
        if not answers or "rest" in kinds or ("other" in kinds and (sentence or all(t.mark for t in answers))):
            return ""  # "lung, none elsewhere", "lung, Atlantis?"
        if len(self.tokens) == 1:  # "lung, none"
            return "maybe" if sentence or "or" in self.joint else kinds[0]
        denied = kinds[-1] == "no" and not (sentence and kinds == ["no"])  # "lung, biopsy negative"
        denied |= "no" in kinds and "open" in self.joint and "comma" not in self.joint  # "lung (no uptake)"
        return "maybe" if denied or "maybe" in kinds else ""


def _written_out(text: str) -> str:
    """A text without shorthand."""
    text = DASH.sub(", ", _single_spaced(unicodedata.normalize("NFKC", text).translate(SAME)))
    text = _marks_in_front(text)
    for old, new in SHORTHAND:
        text, n_replaced = old.subn(new, text)
        text = _single_spaced(text) if n_replaced else text
    return text


def _marks_in_front(text: str) -> str:
    """Signs and counts in front of sites as words: `+lung -bone`, `0 lung 1 liver`; `-lung` alone is doubted."""
    signs = set(SIGN_IN_FRONT.findall(text))
    if signs == {"+", "-"} or (signs == {"-"} and text.startswith("-") and "\n" not in text):
        denied = " ; no " if "+" in signs else " ; possible "
        text = SIGN_IN_FRONT.sub(lambda m: denied if m[0] == "-" else " ; ", text)
    if ZERO_BEHIND.search(text) and not COUNT_IN_FRONT.match(text):  # lung 1 liver 0
        text = ONE_BEHIND.sub(" ⊕ ", text)
    if COUNT_IN_FRONT.match(text) and not text.rstrip()[-1:].isdigit():
        text = COUNT_IN_FRONT.sub(lambda m: f" ; {'' if int(m[1]) else 'no '}", text)
    return text


def _single_spaced(text: str) -> str:
    return re.sub(r" ?\n\s*", "\n", re.sub(r"[^\S\n]+", " ", text))


def _words(text: str) -> list[tuple[str, int, int]]:
    """Words and signs of a written-out text with their places; every word for a lymph node is the same two."""
    results = []
    for match in TOKEN.finditer(text):
        words = NODE if match["node"] else (match[0].casefold(),)
        results += [(word, match.start(), match.end()) for word in words]
    return results


def _unparted(words: list[tuple[str, int, int]]) -> list[str]:
    """The words up to a gap between two Chinese or Japanese characters: `骨 盆腔` is no `骨盆`."""
    gaps = (
        k for k in range(1, len(words)) if words[k][1] > words[k - 1][2] and _is_han(words[k]) and _is_han(words[k - 1])
    )
    return [word for word, _, _ in words[: next(gaps, len(words))]]


def _is_han(word: tuple[str, int, int]) -> bool:
    return bool(re.fullmatch(HAN, word[0]))


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(word for word, _, _ in _words(text))


HILA = {_phrase(word) for word in DATA["lymph_node"]["hila"]}
REGIONS = {_phrase(word) for word in DATA["cell"]["regions"]}


class SiteWords:
    """The words of a dictionary's organs, ready to read cells with."""

    def __init__(self, words: Mapping[str, str]):
        self.words = dict(words)
        self.known: dict[tuple[str, ...], _Token] = {}
        written = _written_out(PARTED.join(w.replace(PARTED, " ") for w in words)).split(PARTED)  # all at once: faster
        for word, organ in zip(written, words.values(), strict=False):
            self.known.setdefault(phrase := _phrase(word), _Token("organ", phrase, organ))
        for kind, text, table in PHRASES:
            mark = "" if table != "signs" else "front" if text == "¿" else "behind"
            self.known.setdefault(phrase := _phrase(text), _Token(kind, phrase, mark=mark))
        for text in UNKNOWN:
            self.known.setdefault(phrase := _phrase(text), _Token("maybe", phrase))
        self.known.pop((), None)
        self.node = self.known[NODE].organ if NODE in self.known else ""
        self.nodal = {t.organ for phrase, t in self.known.items() if phrase[-2:] == NODE} - {self.node, ""}
        self.tissues = {organ for word in DATA["cell"]["tissues"] if (organ := self._organ_of(word))}
        self.node_of = {
            organ: node
            for name, words in DATA["lymph_node"]["of"].items()
            for word in words
            if (node := self._organ_of(name)) and (organ := self._organ_of(word))
        }
        for phrase in [p for p, t in self.known.items() if t.organ and self._is_site_and_finding(p)]:
            del self.known[phrase]
        self.longest: dict[str, int] = {}
        for phrase in self.known:
            self.longest[phrase[0]] = max(self.longest.get(phrase[0], 0), len(phrase))

    def _is_site_and_finding(self, phrase: tuple[str, ...]) -> bool:
        """Whether a phrase adds nothing to its parts: `lung nodule`. So a bare site can be told from a finding."""
        cuts = [(self.known.get(phrase[:i]), self.known.get(phrase[i:])) for i in range(1, len(phrase))]
        return any(a and b and a.organ == self.known[phrase].organ and b.kind in ("plain", "finding") for a, b in cuts)

    def _organ_of(self, text: str) -> str:
        """The organ that a word names; "" if the dictionary doesn't have it."""
        return token.organ if (token := self.known.get(_phrase(text))) else ""

    def read(self, text: str) -> SiteText:
        """What a cell says of sites."""
        whole = normalise(text.translate(SAME))
        if text.strip() in MISSING_SIGNS or whole in MISSING:
            return SiteText(unclear="?" in text, missing="?" not in text)
        if whole in self.words and not re.search(r"[?？¿±⊖×✗✘]", text) and not self._are_several(text):
            return SiteText(present=(self.words[whole],))
        if whole in NONE:
            return SiteText(none=True)
        written = _written_out(text)
        parts = _cut(self._scan(written))
        _decide(parts)
        return _understood(parts, written)

    def _are_several(self, text: str) -> bool:
        """Whether separators part a text into two sites or more, as `pelvic; bone`, which together are a phrase too."""
        phrases = [_phrase(part) for part in re.split(PARTING, text)]
        return sum(bool(token and token.organ) for token in map(self.known.get, phrases)) > 1

    # ------------------------------------------------------------ 2. tokens
    def _scan(self, text: str) -> list[_Token]:
        """The longest known phrases of a text, one after the other."""
        words, matches, i = _words(text), [], 0
        while i < len(words):
            near = _unparted(words[i : i + self.longest.get(words[i][0], 1) + 1])
            length, token = self._longest(near)
            if token is None and "&" in near:  # a dictionary's "head & neck"; it keeps no signs
                length, token = self._longest([w for w in near if w != "&"])
                length += token is not None
            token = token or _Token(_kind_of(near[0]), (near[0],))
            matches.append(replace(token, start=words[i][1], end=words[i + length - 1][2]))
            i += length
        tokens = self._nodes_of_places(self._hila(matches))
        return _neighbours(self._one_site_each(self._tissue_of_region(tokens, text)), self.nodal)

    def _longest(self, words: list[str]) -> tuple[int, _Token | None]:
        lengths = range(len(words), 0, -1)
        return next(((n, self.known[p]) for n in lengths if (p := tuple(words[:n])) in self.known), (1, None))

    def _hila(self, tokens: list[_Token]) -> list[_Token]:
        """One node for a hilum and the organ before or behind it: `liver hilum`, `hilum of liver`, `肾门`."""
        result: list[_Token] = []
        place = 0
        while place < len(tokens):
            token = tokens[place]
            behind = place + 1
            if _is_hilum(token):
                while behind < len(tokens) and tokens[behind].words in HILUM_JOINTS:
                    behind += 1
                closed = [t.words for t in tokens[behind + 1 : behind + 2]] in ([], [(")",)])
                before = self.node_of.get(result[-1].organ, "") if result else ""
                after = self.node_of.get(tokens[behind].organ, "") if behind < len(tokens) else ""
                if before:
                    token = replace(token, kind="organ", organ=before, start=result.pop().start)
                elif after and behind > place + 1 and (closed or tokens[behind - 1].kind != "open"):
                    token = replace(token, kind="organ", organ=after, end=tokens[behind].end)
                    place = behind
            result.append(token)
            place += 1
        return result

    def _nodes_of_places(self, tokens: list[_Token]) -> list[_Token]:
        """Without organs that only say where a node lies, in one run of characters: `胸骨旁淋巴结`."""
        result: list[_Token] = []
        for token in tokens:
            run, places, start = list[_Token](), set[str](), token.start
            while token.words == NODE and result and result[-1].kind in RUN and result[-1].words != NODE:
                if result[-1].end != start and result[-1].kind != "near" and not (run and run[-1].kind == "near"):
                    break
                run.append(result.pop())
                start = run[-1].start
            first = next((t for t in run if t.kind != "plain"), None)
            if first is not None and (first.kind != "organ" or (first is not run[0] and first.organ in self.nodal)):
                places = {self.node_of.get(t.organ, t.organ if t.organ in self.nodal else "") for t in run if t.organ}
            if places:
                organ = places.pop() if len(places) == 1 else ""
                if organ:
                    token = replace(token, organ=organ, words=(*run[-1].words, *NODE))
                run = []
            result += [*reversed(run), token]
        return result

    def _tissue_of_region(self, tokens: list[_Token], text: str) -> list[_Token]:
        """Without regions that only say where a tissue is: `bone (pelvis)`, `bony pelvis`, `盆腔骨`."""
        tokens = list(tokens)

        def one(place: int, other: int) -> bool:
            """Whether one of these is a tissue and the other a region, which then is dropped."""
            for k, region in ((place, other), (other, place)):
                if tokens[k].organ in self.tissues and tokens[region].words in REGIONS:
                    tokens[region] = replace(tokens[region], kind="plain", organ="")
                    return True
            return False

        for i in [i for i, t in enumerate(tokens) if t.organ in self.tissues or t.words in REGIONS]:
            k = i + 1
            while k < len(tokens) and tokens[k].kind in PLAIN:
                k += 1
            if k >= len(tokens) or not tokens[i].organ:
                continue
            if tokens[k].kind == "open":
                for m in _bracket(tokens, k):
                    if tokens[m].organ:
                        one(i, m)
                continue
            gap = text[tokens[i].end : tokens[k].start]
            adjective = tokens[i].organ in self.tissues and ADJECTIVE.search(tokens[i].words[-1])
            if ":" in gap or (k == i + 1 and (adjective or not gap)):
                one(i, k)
        return tokens

    def _one_site_each(self, tokens: list[_Token]) -> list[_Token]:
        """Names for `LN` that stand beside it, and no site for an adjective of the next (`hepatic hilar`)."""
        kinds = [t.kind for t in tokens]
        for i, token in enumerate(tokens):
            places = []
            if token.words == NODE and self.node:  # obturator LN, LN neck, LN (neck)
                places = [i - 1, i + 2 if kinds[i + 1 : i + 2] == ["open"] else i + 1]
                if i == 0 and len(tokens) == 3 and tokens[1].words == (",",) and ADJECTIVE.search(tokens[2].words[-1]):
                    places = [2]  # Lymph node, inguinal
            elif token.words[-2:] == NODE and kinds[max(i - 2, 0) : i] in (["other", "and"], ["other", "or"]):
                places = [i - 2]  # cervical and axillary LN
            for k in places:
                if 0 <= k < len(tokens) and (organ := self._node_organ(tokens[k])):
                    tokens[k] = replace(tokens[k], kind="organ", organ=organ)
                    tokens[i] = replace(token, kind="plain", organ="") if token.words == NODE else token
        for i, (token, after) in enumerate(pairwise(tokens)):
            if token.organ and after.organ not in ("", token.organ) and ADJECTIVE.search(token.words[-1]):
                node = self.node_of.get(token.organ, "") if after.words == NODE else ""
                tokens[i] = replace(token, kind="plain" if node else "other", organ="")
                tokens[i + 1] = replace(after, organ=node or after.organ)
        return tokens

    def _node_organ(self, token: _Token) -> str:
        """The organ of the node that a token names, `neck` or `inguinal`; "" if it names none."""
        named = self.known.get((*token.words, *NODE))
        return named.organ if named else token.organ if token.organ in self.nodal else ""


def _kind_of(word: str) -> str:
    """The kind of a word that stands in no list."""
    return "plain" if NUMBER.match(word) else "done" if OPERATION.search(word) else "other"


def _is_hilum(token: _Token) -> bool:
    return (token.words[: -len(NODE)] if token.words[-len(NODE) :] == NODE else token.words) in HILA


def _bracket(tokens: list[_Token], place: int) -> range:
    """The places in a bracket that only adds to what is before it, without an answer or an "and"; else none."""
    end = place + 1
    while end < len(tokens) and tokens[end].kind != "open" and tokens[end].words != (")",):
        end += 1
    adds = tokens[place + 1 : place + 2] and tokens[place + 1].kind not in SEPARATORS
    answered = any(t.kind in ANSWERS for t in tokens[place:end])
    return range(place + 1, end) if adds and not answered else range(0)


def _neighbours(tokens: list[_Token], regional: set[str]) -> list[_Token]:
    """What was done to a site, and what lies beside it, leave it open: `lung resection`, `肋骨旁`.

    An operation for a finding of the site doesn't, nor what lies beside a site of a region.
    """
    results = [replace(t, kind="plain") if t.kind in PLAIN else t for t in tokens]
    found = [t.kind == "finding" for t in (*tokens[1:], _Token(""))]
    for step in (1, -1):
        beside = False  # whether nothing but plain words part from a site without a finding
        for i in range(len(tokens))[::step]:
            token = tokens[i]
            if token.kind == "done" and results[i].kind != "maybe":
                results[i] = replace(token, kind="maybe" if beside else "aside")
            elif token.kind == "near" and step == 1 and i and tokens[i - 1].organ not in ("", *regional):
                results[i] = replace(token, kind="maybe")
            beside = bool(token.organ) and not found[i] or (beside and token.kind in ("plain", "near"))
    return results


# ---------------------------------------------------------------- 3. parts
def _cut(tokens: list[_Token]) -> list[_Part]:
    """Tokens parted at separators, and behind a mark that follows a site; an answer alone joins the site before it."""
    parts, sited = [_Part({"stop"})], False
    for token in tokens:
        if token.kind in SEPARATORS:
            if parts[-1].tokens:
                parts.append(_Part())
            parts[-1].joint |= {token.kind, "comma"} if token.kind == "with" else {token.kind}
        else:
            parts[-1].tokens.append(token)
            sited = token.kind == "organ" or (sited and len(parts[-1].tokens) > 1)
            if token.mark == "behind" and sited and parts[-1].tokens[0].mark != "behind":
                parts.append(_Part({"comma"}))
    kept: list[_Part] = []
    named, joint = None, set[str]()
    for part in parts:
        part.joint |= joint
        part.tokens = part.without_unknown()
        answer = part.answer_before() if named and not part.of("organ") else ""
        if named and answer:
            named.tokens.append(_Token(answer, mark="behind" if "open" in part.joint else ""))
        if answer or part.of("plain") == part.tokens:  # what is left out leaves its separators to the next
            joint = part.joint
        else:
            kept.append(part)
            named, joint = part if part.of("organ") else named, set()
    return kept


# ---------------------------------------------------------------- 4. verdicts
def _decide(parts: list[_Part]) -> None:
    """The verdicts by the rules a to e."""
    reach = [_own_answer(part) for part in parts]
    for i, (behind, in_front) in enumerate(reach):
        _reach(parts, i, -1, behind)
        _reach(parts, i, 1, in_front)
    for part in parts:
        part.said = [s or _one_of(part.heard) for s in part.said]
    _leave_open(parts)
    for part in parts:
        part.said = [s or "yes" for s in part.said]


def _one_of(heard: set[str]) -> str:
    return next(iter(heard), "") if len(heard) < 2 else "maybe"


def _own_answer(part: _Part) -> tuple[str, str]:
    """Rule a; and the answers that go on from here, to the parts before it and to those after it."""
    answers: list[set[str]] = []  # those beside each other are one
    two: set[int] = set()  # the places of more than one
    places: list[int] = []  # of each organ, how many answers stand in front of it
    for token in part.tokens:
        fresh = bool(answers) and places[-1:] != [len(answers)]  # no organ since the last answer
        if token.kind == "organ":
            places.append(len(answers))
        elif token.kind in ANSWERS and fresh:
            two.add(len(answers) - 1)
            answers[-1].add(token.kind)
        elif token.kind in ANSWERS:
            answers.append({token.kind})
        elif token.kind in STRANGE and fresh and "no" in answers[-1]:
            answers[-1].add("maybe")
    said = [_one_of(heard) for heard in answers]
    if not said or not places:
        part.said = [""] * len(places) or ["maybe" if {*said} - {"yes"} else ""]
        return "", said[-1] if said else ""
    both = two | {k for k, answer in enumerate(said) if answer == "maybe"}
    in_front, behind = places[0] == 1, places[-1] < len(said)
    for n in places:
        heard = {said[n - 1]} if n and (in_front or not behind or n - 1 in both) else set()
        heard |= {said[n]} if n < len(said) and (behind or n in both) else set()
        heard |= {said[-1]} & {"maybe"} if behind else set()
        part.said.append(_one_of(heard))
    back = said[-1] if behind and (not in_front or said[0] == "yes") else ""
    return back, said[places[-1] - 1] if in_front or not behind else ""


def _reach(parts: list[_Part], i: int, step: int, answer: str) -> None:
    """Rules b, to the parts before part i (step -1), and c, to those after it (step 1)."""
    own, k, reached = parts[i], i + step, []
    # marks, and a denial of something else ("no symptoms, lung"), reach over no comma
    near = all(t.mark for t in own.of(*ANSWERS)) or (not own.of("organ") and own.of(*STRANGE))
    while answer in ("no", "maybe") and 0 <= k < len(parts) and not parts[k].of(*ANSWERS):
        joint = parts[max(k, k - step)].joint
        inside = step < 0 and "open" in joint and "comma" not in joint  # "lung (liver negative)"
        if "stop" in joint or inside or ("comma" in joint and near):
            break
        reached.append((parts[k], joint))
        k += step
    listed = -1  # the last one of a list with an "or"
    if step > 0 and own.of("organ") and not any("with" in joint for _, joint in reached):
        listed = max((n for n, (_, joint) in enumerate(reached) if "or" in joint), default=-1)
    joined = True
    for n, (part, joint) in enumerate(reached):
        joined = n <= listed or (joined and "comma" not in joint)
        fits = step > 0 or part.bare
        if joined or fits:
            part.heard.add(answer if joined and fits else "maybe")
        own.used |= joined


def _leave_open(parts: list[_Part]) -> None:
    """Rule d."""
    lists: list[list[_Part]] = [[]]
    for before, part in pairwise([_Part(), *parts]):
        listed = "comma" not in part.joint or "or" in part.joint or (before.bare and part.bare)
        if not listed or part.joint & {"stop", "with"}:
            lists.append([])
        lists[-1].append(part)
    for listed_parts in lists:
        if any("or" in p.joint for p in listed_parts[1:]):
            for part in listed_parts:
                part.said = [s if s == "no" else "maybe" for s in part.said]


# ---------------------------------------------------------------- 5. what is told
def _understood(parts: list[_Part], text: str) -> SiteText:
    """What was understood of a written-out text, and what wasn't."""
    said: dict[str, set[str]] = {}
    ignored: list[str] = []
    unknown: list[str] = []
    merged: list[str] = []
    strange: list[list[_Part]] = []  # parts that name no site and answer for none; those joined are one: "Head & Neck"
    for before, part in pairwise([_Part(), *parts]):
        organs = [t.organ for t in part.of("organ")]
        for organ, verdict in zip(organs, part.said, strict=False):
            said.setdefault(organ, set()).add(verdict)
        outside = [t.organ for t in before.of("organ")] if part.joint == {"open"} and organs else []  # "lung (pleura)"
        together = [*outside, *organs]
        merged += together if len(set(together)) > 1 and not part.of(*ANSWERS) else []
        ignored += [_shown(text, [t]) for t in part.of("other") if organs]
        if not organs and not part.used:
            if not strange or strange[-1][-1] is not before or part.joint & {"stop", "comma"}:
                strange.append([])
            strange[-1].append(part)
    for group in strange:
        shown = _shown(text, [t for p in group for t in p.tokens])
        beside = said and (group[0].joint == {"open"} or not any(p.of("other") for p in group))
        named = any(t.kind not in ("aside", "plain") for p in group for t in p.tokens)
        counts = (
            named and not beside and normalise(shown) not in MISSING and all(v == "yes" for p in group for v in p.said)
        )
        (unknown if counts else ignored).append(shown)
    if not parts and re.search(r"\w", text):
        unknown.append(text.strip())
    if said or unknown:
        present = [o for o, verdicts in said.items() if "yes" in verdicts and "no" not in verdicts]
        absent = [o for o, verdicts in said.items() if verdicts == {"no"}]
        doubtful = [o for o in said if o not in present and o not in absent]
        return SiteText(
            _distinct(present),
            _distinct(absent),
            _distinct(doubtful),
            _distinct(unknown),
            _distinct(ignored),
            _distinct(merged),
        )
    kinds = {t.kind for p in parts for t in p.tokens}
    none = "no" in kinds and not kinds & {"maybe", *STRANGE}
    return SiteText(none=none, unclear=not none)


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _shown(text: str, tokens: list[_Token]) -> str:
    """Tokens as they stood in the cell."""
    shown = text[tokens[0].start : tokens[-1].end]
    return shown.replace("⊕", "(+)").replace("⊖", "(-)").replace("¿", "?")
