"""How answers leave a command: as lines, as JSON in its envelope, as one table, or as files of a folder.

A command's `run` answers one question of one cohort and hands it to `io.show`; how many there are, and where they go,
is known here alone.
"""

from __future__ import annotations

import argparse
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from necc.cli.files import Unwritten, refuse_taken, telling_name, write
from necc.cli.helping import SEPARATED
from necc.cli.streams import escaped
from necc.core.errors import AnalysisError
from necc.core.files import PICTURES, FileKind, ending, is_device

if TYPE_CHECKING:
    import pandas as pd

    from necc.core.errors import Finding
    from necc.present.figures import Figure

Json = dict[str, Any]
VERSION = 1
"""Of every command's JSON: keys are added within it; one that is taken away or becomes another thing makes the next."""

FORMATS = ("text", "json", "csv", *PICTURES)
ENDINGS = {"text": "txt"}  # the others are called as they end
LEAVING = {
    "csv", "deck", "dpi", "force", "format", "greyscale", "help", "json", "no_words", "out", "output", "page", "quiet",
    "ledger", "preview", "set", "settings", "sign", "stdin_name", "width_mm", *PICTURES,
}  # fmt: skip
"""Options that say how an answer leaves, not what is asked."""
LISTS = {*SEPARATED, "interactions"} - {"by", "endpoint"}  # an answer is of one factor and one endpoint
TOLD_ELSEWHERE = {"file", "files", "project_file", "lesson_file", "proposal", "replies", "centre_file", "where"}
STDOUT = ("-", "/dev/stdout", "/dev/fd/1")  # no folders, though they end as such
OF_A_PATIENT = {"patient", "place", "row", "typed"}  # who somebody is, or what is known of her, is repeated nowhere


@dataclass(frozen=True)
class Answer:
    """What a command found.

    options: the question, of one file, endpoint and factor. result: the result itself, where there is one.
    told: it as JSON, unrounded. lines: it as text. picture: its figure, made when it is asked for.
    mark: in front of the notes below the text. tail: whether who was left out and its notes follow the lines.
    """

    options: argparse.Namespace
    result: object
    told: Json
    lines: Callable[[Json], list[str]]
    picture: Callable[[], Figure] | None = None
    mark: str = "note:"
    tail: bool = True

    def text(self) -> str:
        """The lines, and below them whom they are of."""
        from necc.cli.io import below, tail_lines

        text = "\n".join([*self.lines(self.told), *(tail_lines(self.told) if self.tail else ())]).rstrip("\n")
        return "\n".join([text, *(f"{self.mark} {note}" for note in below(self.options))])

    def frame(self) -> pd.DataFrame:
        """The result as a table; each row says where its patients are made up.

        Raises:
            AnalysisError: it is none.
        """
        if not hasattr(self.result, "to_frame"):
            raise AnalysisError(f"necc {name_of(self.options, ' ')} gives no table; --json gives all it found")
        from necc.core.frames import to_write

        return to_write(self.result.to_frame(), getattr(self.options, "notice", ""))

    def figure(self) -> Figure:
        """The result's picture.

        Raises:
            AnalysisError: it has none.
        """
        if self.picture is not None:
            return self.picture()
        from necc.present.shown import has_figure

        if has_figure(self.result):
            return self.result.plot(size="print")
        raise AnalysisError(
            f"necc {name_of(self.options, ' ')} draws no picture of this; --csv and --json hold its numbers"
        )


# ---------------------------------------------------------------- JSON
def name_of(options: argparse.Namespace, between: str = "-") -> str:
    """The command's name, with its action where it has any."""
    return between.join(filter(None, (options.command, getattr(options, "action", ""))))


def asked(options: argparse.Namespace) -> Json:
    """The options that make the question, by their long names: of files the names, of several names a list.

    What nobody gave, and what stands for nothing, is None.
    """
    from necc.cli.io import listed

    result: Json = {}
    for action in options.words._actions:
        name = action.dest
        if name in LEAVING | TOLD_ELSEWHERE | OF_A_PATIENT or not action.option_strings:
            continue
        value = _named(getattr(options, name, None))
        if name in LISTS and isinstance(value, str):
            value = [float(one) if name == "at" and _is_number(one) else one for one in listed(value)]
        result[name] = None if value in ("", []) or (name == "header_row" and not value) else value
    return result


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _named(value: object) -> object:
    """A value of an option; of a path the name alone."""
    if isinstance(value, list):
        return [_named(one) for one in value]
    return value.name if isinstance(value, Path) else value


def envelope(options: argparse.Namespace) -> Json:
    """What stands around every answer in JSON: which it is, of which file and patients, and what was asked."""
    from necc import __version__

    return {
        "schema": f"necc.{name_of(options)}/{VERSION}",
        "version": __version__,
        "source": getattr(options, "source", None),
        "filters": list(getattr(options, "where", None) or ()),
        "arguments": asked(options),
        "findings": [*getattr(options, "findings", []), *getattr(options, "edit_findings", [])],
    }


def as_json(answer: Answer) -> Json:
    """The answer in its envelope."""
    accepted = answer.told.get("accepted", True)  # one that checks a file says itself whether it can be used
    return {**envelope(answer.options), "accepted": accepted, "result": answer.told}


def with_keys_at_top(whole: Json, options: argparse.Namespace, told: Json) -> Json:
    """One answer with the keys of its result beside the envelope's, as they stood until 0.1; until the next version."""
    kept = {"steps": "edits", "filtered": "filtered", "orders": "level_orders", "notice": "notice"}
    beside = {old: value for name, old in kept.items() if (value := getattr(options, name, None))}
    return {**whole, **{key: value for key, value in {**told, **beside}.items() if key not in whole}}


def refusal(options: argparse.Namespace, messages: Sequence[str], findings: Sequence[Finding]) -> Json:
    """Why there is no answer, in the same envelope."""
    whole = envelope(options)
    if whole["source"] is None and (name := file_name(options)):
        whole["source"] = {"filename": name}
    told = [f.to_dict() for f in findings]
    return {**whole, "findings": told, "accepted": False, "error": " | ".join(messages), "result": None}


def dumped(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


# ---------------------------------------------------------------- where answers go
@dataclass
class Door(ABC):
    """Where the answers of one start go. several: whether more than one question is asked."""

    several: bool = False
    said: set[str] = field(default_factory=set)

    @abstractmethod
    def answer(self, answer: Answer) -> None: ...

    def refuse(self, options: argparse.Namespace, messages: Sequence[str], findings: Sequence[Finding] = ()) -> None:
        about = f"{which(options)}: " if self.several else ""
        self.say(f"error: {about}{message}" for message in messages)

    def close(self) -> None:  # noqa: B027 - most have nothing to end
        """After the last answer."""

    def say(self, lines: Iterable[str]) -> None:
        """Lines on standard error; what was said of a file already isn't said again."""
        for line in lines:
            if not self.several or line not in self.said:
                self.said.add(line)
                print(line, file=sys.stderr)


def which(options: argparse.Namespace) -> str:
    """Which of several answers it is: `cohort.csv: OS by ici`."""
    endpoint, by = getattr(options, "endpoint", None), getattr(options, "by", None)
    asked_for = " ".join(filter(None, (endpoint, f"by {by}" if by else "")))
    return ": ".join(filter(None, (file_name(options), asked_for)))


def file_name(options: argparse.Namespace) -> str:
    """The name of the file that is asked; none where there is none."""
    from necc.cli.io import STDIN

    file = getattr(options, "file", None)
    return "" if file is None else str(getattr(options, "stdin_name", file)) if file == STDIN else str(file.name)


@dataclass
class Stream(Door):
    """Answers one after the other, on standard output or as one file. file: that file."""

    options: argparse.Namespace | None = None
    file: Path | None = None
    held: StringIO = field(default_factory=StringIO)
    n: int = 0

    def put(self, text: str) -> None:
        print(text, file=self.held if self.file else None)

    def close(self) -> None:
        if self.file and self.options and self.held.tell():  # where nothing was found, what is there stays
            write(self.options, {self.file: self.held.getvalue().encode()}, folders=True)


class Lines(Stream):
    """As text; each of several below what it is."""

    def answer(self, answer: Answer) -> None:
        if self.several:
            self.put("\n" * bool(self.n) + f"== {which(answer.options)} ==")
        self.n += 1
        self.put(answer.text())


class JsonLines(Stream):
    """As JSON: one object, or one that lists all answers, each whole. Refusals are answers, too."""

    def answer(self, answer: Answer) -> None:
        whole = as_json(answer)
        self.add(whole if self.several else with_keys_at_top(whole, answer.options, answer.told))

    def refuse(self, options: argparse.Namespace, messages: Sequence[str], findings: Sequence[Finding] = ()) -> None:
        self.add(refusal(options, messages, findings))

    def put(self, text: str) -> None:
        super().put(text if self.file else escaped(text))

    def add(self, one: Json) -> None:
        if not self.several:
            self.put(dumped(one))
            return
        self.put(f"{',' if self.n else self.head()}\n{dumped(one)}")
        self.n += 1

    @staticmethod
    def head() -> str:
        from necc import __version__

        return f'{{"schema": "necc.answers/{VERSION}", "version": "{__version__}", "answers": ['

    def close(self) -> None:
        if self.several:
            self.put("]}" if self.n else f"{self.head()}]}}")
        super().close()


@dataclass
class Table(Stream):
    """As one table: the rows of all answers below each other, with file, endpoint and factor in front of several."""

    frames: list[pd.DataFrame] = field(default_factory=list)

    def answer(self, answer: Answer) -> None:
        self.frames.append(placed(answer) if self.several else answer.frame())

    def close(self) -> None:
        import pandas as pd

        from necc.core.frames import as_csv

        if self.frames:
            self.put(as_csv(pd.concat(self.frames) if len(self.frames) > 1 else self.frames[0]).rstrip("\n"))
            super().close()


@dataclass
class Folder(Door):
    """Every answer as files of its own, in each of the formats."""

    folder: Path = field(default_factory=Path)
    formats: tuple[str, ...] = ("text",)
    names: set[str] = field(default_factory=set)

    def answer(self, answer: Answer) -> None:
        options = answer.options
        endpoint, by = (getattr(options, name, None) or "" for name in ("endpoint", "by"))
        parts = (Path(file_name(options)).stem, name_of(options), endpoint, by)
        name = telling_name(parts, self.names)
        paths = {kind: self.folder / f"{name}.{ENDINGS.get(kind, kind)}" for kind in self.formats}
        refuse_taken(options, paths.values())
        write(options, {path: made(answer, kind, self.several) for kind, path in paths.items()}, folders=True)
        if not options.quiet:
            print("\n".join(map(str, paths.values())))


def placed(answer: Answer) -> pd.DataFrame:
    """The answer's numbers with file, endpoint and factor in front, which tell it from others."""
    frame, options = answer.frame(), answer.options
    place = {"file": file_name(options)}
    place |= {key: getattr(options, key) or "" for key in ("endpoint", "by") if hasattr(options, key)}
    own = [name for name in frame.columns if name not in place]
    return frame[own].assign(**place)[[*place, *own]]


def made(answer: Answer, kind: str, several: bool = False) -> bytes:
    """The answer as a file; several: one of them.

    Raises:
        AnalysisError: it is no table, or has no picture.
        Unwritten: no font has a character of it.
    """
    from necc.cli.drawing import printed

    if kind == "text":
        return f"{answer.text()}\n".encode()
    if kind == "json":
        return f"{dumped(as_json(answer))}\n".encode()
    if kind == "csv":
        from necc.core.frames import as_csv

        return as_csv(placed(answer) if several else answer.frame()).encode()
    picture: FileKind = next(one for one in PICTURES if one == kind)
    try:
        return answer.figure().printed(picture, printed(answer.options), getattr(answer.options, "notice", ""))
    except ValueError as error:
        raise Unwritten(str(error)) from None


def door(options: argparse.Namespace, several: bool) -> Door:
    """Where the answers go, by --format, --json, --csv and -o.

    Raises:
        Usage: the formats can't go there.
        Unwritten: the file is there already.
    """
    from necc.cli.io import Usage

    formats, output = formats_of(options), _output(options)
    if several and (alone := [kind for kind in PICTURES if getattr(options, kind, None)]):
        raise Usage(f"--{alone[0]} is one picture, and there are several answers: --format {alone[0]} -o DIR")
    if output is not None and not ending_of(output) and not is_device(output):
        return Folder(several, folder=output, formats=formats or ("text",))
    kind = (formats or ("text",))[0]
    if kind in PICTURES and several:
        raise Usage(
            f"-o {output.name if output else kind} is one picture, and there are several answers: name a folder"
        )
    if output is None:
        return {"text": Lines, "json": JsonLines, "csv": Table}[kind](several)
    refuse_taken(options, [output])
    if kind in PICTURES:
        return Picture(several, options=options, file=output, kind=kind)
    return {"text": Lines, "json": JsonLines, "csv": Table}[kind](several, options=options, file=output)


@dataclass
class Picture(Stream):
    """One picture as one file."""

    kind: str = "svg"

    def answer(self, answer: Answer) -> None:
        if self.file:
            write(answer.options, {self.file: made(answer, self.kind)}, folders=True)

    def close(self) -> None:
        """It was written when it came."""


def _output(options: argparse.Namespace) -> Path | None:
    """The folder or file of -o; that of a command of one file, as `map`, is for what it makes, and not its answer."""
    output: Path | None = getattr(options, "output", None) if hasattr(options, "files") else None
    return None if output is not None and str(output) in STDOUT else output


def ending_of(path: Path) -> str:
    """The format that a file's ending says; none for a folder."""
    by_ending = {ENDINGS.get(kind, kind): kind for kind in FORMATS}
    return "" if path.is_dir() else by_ending.get(ending(path), "")


def formats_of(options: argparse.Namespace) -> tuple[str, ...]:
    """The formats that are asked for; none where nobody said.

    Raises:
        Usage: one isn't known, they are no format of where they go, or two ways of saying it are used.
    """
    from necc.cli.io import Usage

    said = tuple(kind for kind in ("json", "csv") if getattr(options, kind, False))
    text, output = getattr(options, "format", "") or "", _output(options)
    listed = (*dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()),)
    if strange := [name for name in listed if name not in FORMATS]:
        raise Usage(f"--format takes {', '.join(FORMATS)}, not '{strange[0]}'")
    formats = (*dict.fromkeys([*listed, *said]),)
    if output is None:
        if len(formats) > 1 or {*formats} & {*PICTURES}:
            raise Usage(
                f"{', '.join(formats)}: say where the files go, as -o out/, or ask for one of text, json and csv"
            )
        return formats
    ending = ending_of(output)
    if ending and formats not in ((), (ending,)):
        raise Usage(f"-o {output.name} is a file of {ending}; for {', '.join(formats)} name a folder, as -o out/")
    if output.suffix and not ending and not output.is_dir():
        raise Usage(f"-o {output.name}: the ending isn't one of {', '.join(ENDINGS.get(k, k) for k in FORMATS)}")
    return formats or ((ending,) if ending else ())
