"""How the command line explains itself: help with examples, and errors that say what was meant."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from necc.cli.examples import EXIT_CODES, TOLD, WANTS, Told
from necc.core.text import joined
from necc.core.toml import meant

if TYPE_CHECKING:
    from necc.core.errors import Finding

WIDEST = 80  # columns of help: longer lines are hard to read
FILES, PATIENTS, QUESTION, OUTPUT = "file", "patients", "question", "output"
READING_IT = (
    "file files project_file lesson_file lesson data stdin_name dictionary codebook mapping answer sheet header_row "
    "project proposal replies centre_file table engine time_limit memory_limit ledger sign"
)
HEADING_OF = {
    **dict.fromkeys(READING_IT.split(), FILES),
    **dict.fromkeys(("where", "edits", "scheme", "levels", "everybody"), PATIENTS),
    **dict.fromkeys(
        ("json", "csv", "format", "output", "out", "quiet", "force", "title", "smallest_cell", "hide_below",
         "only", "preview", "patients", "answers", "all", "width_mm", "dpi", "greyscale", "svg", "pdf", "png", "tiff",
         "no_words", "help"), OUTPUT,
    ),
}  # fmt: skip
"""Under which heading of a command's help an option stands, by its name inside; under `question` otherwise."""
OTHER_WORDS = {
    "survfit": "km", "logrank": "test", "log-rank": "test", "survdiff": "test",
    "tableone": "table1", "baseline": "table1", "survival": "km", "kaplan-meier": "km", "curve": "km", "curves": "km",
    "coxph": "cox",
    "regression": "cox", "hazard": "cox", "cuminc": "cif", "competing": "cif", "read": "check", "start": "app",
    "run": "app", "mapping": "map", "version": "--version", "figures": "figure", "plot": "figure", "export": "report",
}  # fmt: skip
"""Words that people bring along from elsewhere, and the command that they mean."""
SEPARATED = (
    "by", "endpoint", "covariates", "at", "strata", "variables", "families", "hierarchy", "use", "only", "sites",
    "like", "within", "adjusted_for", "causes", "about",
)  # fmt: skip
"""Options that take several names with commas between them, where they take several at all."""


class _Lines(argparse.HelpFormatter):
    """Help of at most 80 columns, whose examples stay as they are written."""

    def __init__(self, prog: str, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("width", min(WIDEST, shutil.get_terminal_size().columns) - 2)
        kwargs.setdefault("max_help_position", 26)
        super().__init__(prog, *args, **kwargs)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Paragraphs are filled; an indented line stands for itself."""
        parts = []
        for paragraph in text.split("\n\n"):
            kept = paragraph.startswith("  ") or "\n  " in paragraph
            parts.append(paragraph if kept else super()._fill_text(paragraph, width, indent))
        return "\n\n".join(parts)


class _Once(argparse.Action):
    """An option with one value: given twice, the first would be lost in silence."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        given = getattr(namespace, "given_options", ())
        if option_string and self.dest in given:
            parser.error(f"argument {option_string}: it was given more than once, and takes one value")
        namespace.given_options = (*given, self.dest)
        setattr(namespace, self.dest, values)


class Command(argparse.ArgumentParser):
    """One command, or the whole line.

    Its options stand under the headings of `HEADING_OF`, its help ends with examples, and what is written wrongly is
    answered by its own usage and what was probably meant. The help of those that read a cohort says which files they
    take; only then are readers loaded.

    told: what the help says of it, of `TOLD`. short: the same in a line. commands: those below it, by name.
    """

    reads_cohorts = False
    given: tuple[str, ...] = ()  # the words that it was written with

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.headings: dict[str, argparse._ArgumentGroup] = {}
        self.commands: Mapping[str, Command] = {}
        super().__init__(*args, **{**kwargs, "formatter_class": _Lines, "add_help": False, "allow_abbrev": False})
        self.short = self.description or ""
        self.told = TOLD.get(self.prog.partition(" ")[2], Told(self.short))
        self.register("action", None, _Once)
        self.register("action", "store", _Once)
        for heading in (FILES, PATIENTS, QUESTION, OUTPUT):
            self.headings[heading] = self.add_argument_group(heading)
        self.add_argument("-h", "--help", action="help", help="say how this is used, and leave")

    def add_argument(self, *names: Any, **kwargs: Any) -> argparse.Action:
        """Adds an option or a file under its heading."""
        long = [name for name in names if name.startswith("--")] or names
        dest = kwargs.get("dest") or long[0].lstrip("-").replace("-", "_")
        return self.headings[HEADING_OF.get(dest, QUESTION)].add_argument(*names, **kwargs)

    def add_mutually_exclusive_group(self, *args: Any, **kwargs: Any) -> argparse._MutuallyExclusiveGroup:
        """Options of which one can be given, among those that say what is asked."""
        return self.headings[QUESTION].add_mutually_exclusive_group(*args, **kwargs)

    def add_subparsers(self, **kwargs: Any) -> Any:
        """The commands below, whose parsers `commands` then holds."""
        action = super().add_subparsers(**kwargs)
        self.commands = action.choices
        return action

    # ---------------------------------------------------------------- help
    def format_usage(self) -> str:
        """One line: what has to be there, and that there are options."""
        return _hanging(f"usage: {self._line()}", 10, _Lines(self.prog)._width) + "\n"

    def _line(self) -> str:
        if self.commands:
            return f"{self.prog} {'ACTION' if ' ' in self.prog else 'COMMAND'} ..."
        one_of = [a for group in self._mutually_exclusive_groups if group.required for a in group._group_actions]
        words = [self.prog]
        for action in self._actions:
            if not action.option_strings:
                words.append(self._value(action))
            elif action.required:
                words.append(f"{action.option_strings[-1]} {self._value(action)}")
        if one_of:
            words.append("(" + " | ".join(f"{a.option_strings[-1]} {self._value(a)}" for a in one_of) + ")")
        return " ".join([*words, "[options]"])

    def _value(self, action: argparse.Action) -> str:
        name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        more = {"*": f"[{name} ...]", "+": f"{name} [{name} ...]", "?": f"[{name}]"}
        return more.get(str(action.nargs), name)

    def format_help(self) -> str:
        """Usage, what it is for, options under their headings, examples, which files, and exit codes."""
        self.usage = self.format_usage().removeprefix("usage: ").rstrip().replace("%", "%%")
        self.description = self.told.about.replace("%", "%%")
        self.epilog = "\n\n".join(self._last()).replace("%", "%%")
        return super().format_help()

    def _last(self) -> list[str]:
        parts = []
        if self.told.examples:
            lines = [f"  # {what}\n  {broken(line)}" for what, line in self.told.examples]
            parts.append("Examples:\n" + "\n".join(lines))
        if self.reads_cohorts:
            from necc.ingest import formats_in_words

            parts.append(f"FILE: {formats_in_words()}.")
        return [*parts, EXIT_CODES]

    # ---------------------------------------------------------------- errors
    def parse_known_args(  # type: ignore[override]  # one signature for the three that argparse is typed with
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> Any:
        """As argparse does; what is left over is told by the command that it was written for."""
        given = list(sys.argv[1:] if args is None else args)
        self.given = tuple(given)
        parsed, left = super().parse_known_args(given, namespace)
        if left:
            self.error(self._left_over(left, given))
        if self.reads_cohorts and not all(one.is_file() for one in _paths(parsed)) and (said := self._spaces(given)):
            self.error(said)  # a second name was taken for the file
        return parsed, left

    def _left_over(self, left: Sequence[str], given: Sequence[str]) -> str:
        """Why a word can't stand there, and what was meant."""
        word = left[0]
        if word.startswith("-") and word != "-":
            name = word.partition("=")[0]
            options = [option for action in self._actions for option in action.option_strings]
            whole = [option for option in options if option.startswith(name) and len(name) > 2]
            if whole:
                return f"{name} isn't written out; {joined(whole, 'or')} is meant"
            return f"there is no option {name}{meant(name, options)}"
        if said := self._spaces(given):
            return said
        return f"'{word}' is one word too many"

    def _spaces(self, given: Sequence[str]) -> str:
        """That names after an option have spaces between them, where it takes commas; else nothing."""
        known = {option: a.dest for a in self._actions for option in a.option_strings}
        for place, option in enumerate(given):
            if known.get(option) not in SEPARATED:
                continue
            names = []
            for word in given[place + 1 :]:
                if word.startswith("-") or Path(word).is_file():
                    break
                names += [part for part in word.split(",") if part]
            if len(names) > 1 and given[place + 1] != ",".join(names):
                return f"{option} takes names with commas and no spaces between them: {option} {','.join(names)}"
        return ""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raises an error that says what there is and what was meant, where `value` is no choice of the option."""
        if action.choices is None or value in action.choices:
            return
        there = [str(choice) for choice in action.choices if not str(choice).startswith("_")]
        if isinstance(action, argparse._SubParsersAction):
            other = OTHER_WORDS.get(str(value).lower(), "") if " " not in self.prog else ""
            told = f"; did you mean '{other}'?" if other else meant(str(value), there)
            rest = f"; '{self.prog} help' lists them" if len(there) > 6 else f"; there are {joined(there)}"
            raise argparse.ArgumentError(None, f"there is no {self._below()} '{value}'{told or rest}")
        near = meant(str(value), there)
        raise argparse.ArgumentError(action, f"'{value}' is none of its choices{near}; it takes {joined(there, 'or')}")

    def _below(self) -> str:
        return "action" if " " in self.prog else "command"

    def error(self, message: str) -> NoReturn:
        """Prints this command's own usage and what is wrong, and leaves with 2."""
        if message.startswith("the following arguments are required: COMMAND"):
            message = f"a command is needed; '{self.prog} help' lists them"
        elif message.startswith("the following arguments are required: ACTION"):
            message = f"an action is needed: {joined(list(self.commands), 'or')}"
        elif message.startswith("the following arguments are required: "):
            message = f"{message.removeprefix('the following arguments are required: ')} is needed"
            if odd := next((one for one in self.given if one[:1] == "-" and Path(one).is_file()), ""):
                message += f"; '{odd}' looks like an option: write ./{odd}"
        elif found := re.fullmatch(r"argument (\S+): expected one argument", message):
            message = f"{found[1]} needs a value behind it"
        self._print_message(f"{self.format_usage()}{self.prog}: {message}\n", sys.stderr)
        raise SystemExit(2)


class Overview(Command):
    """The whole line: its help lists the commands by what people want."""

    def format_help(self) -> str:
        """Usage, the commands under what they are for, how to read on, and exit codes."""
        width = max(map(len, self.commands), default=0)
        wrap = _Lines(self.prog)
        parts = [self.format_usage().rstrip(), self.description or ""]
        for want, names in WANTS.items():
            there = [name for name in names if name in self.commands]
            lines = [f"  {name:<{width}}  {self.commands[name].short}" for name in there]
            parts.append("\n".join([f"{want}:", *(_hanging(line, width + 4, wrap._width) for line in lines)]))
        more = "'necc help COMMAND' says how one is used, with examples; --version says which version this is."
        parts += [_hanging(more, 0, wrap._width), _hanging(EXIT_CODES, 0, wrap._width)]
        return "\n\n".join(parts) + "\n"


def _paths(options: argparse.Namespace) -> list[Path]:
    """The files of patients that are named."""
    files = [getattr(options, "file", None), *(getattr(options, "files", None) or ())]
    return [one for one in files if isinstance(one, Path) and str(one) != "-"]


def help_of(parser: Command, words: Iterable[str]) -> str:
    """The help of the whole line, of a command, or of an action of one.

    Raises:
        LookupError: there is no such command; its text says what was meant.
    """
    for word in words:
        if word not in parser.commands:
            other = OTHER_WORDS.get(word, "") if isinstance(parser, Overview) else ""
            near = f"; did you mean '{other}'?" if other else meant(word, parser.commands)
            raise LookupError(f"there is no {parser._below()} '{word}'{near or f'; {parser.prog} help lists them'}")
        parser = parser.commands[word]
    return parser.format_help()


def near_files(path: Path) -> str:
    """`; did you mean 'cohort.csv'?`, of the files in the folder where a file isn't; else what the folder lacks.

    Example:
        >>> near_files(Path("nowhere/cohort.csv"))
        "; there is no folder 'nowhere'"
    """
    if path.is_dir():
        return f": {path}/*.csv"
    if "," in path.name and all(Path(part).is_file() for part in str(path).split(",")):
        return "; files are separated by spaces"
    if not path.parent.is_dir():
        return f"; there is no folder '{path.parent}'"
    try:
        there = [one.name for one in path.parent.iterdir() if one.is_file() and one.name[0] not in ".-"]
    except OSError:
        return ""
    near = meant(path.name, there)
    stem = [name for name in there if Path(name).stem.lower() == path.stem.lower()]
    return near or (f"; did you mean '{stem[0]}'?" if stem else "")


def with_near_files(options: argparse.Namespace, findings: Iterable[Finding]) -> list[str]:
    """The errors of findings; one about a file that isn't there says which is near."""
    named = [value for value in vars(options).values() if isinstance(value, Path)] + _paths(options)
    lost = {path.name: path for path in named if not path.is_file() and str(path) != "-"}
    errors = []
    for finding in findings:
        if finding.severity == "error":
            of = [path for name, path in lost.items() if f"'{name}'" in finding.message]
            of = of or [path for path in _paths(options) if path.name in lost]
            shown = finding.code == "unreadable-file" and of and not getattr(options, "json", False)
            near = near_files(of[0]) if shown else ""  # JSON is kept, and other files' names are nobody's business
            errors.append(f"{finding.message}{near}")
    return errors


def broken(line: str, width: int = WIDEST - 4) -> str:
    """A line of a shell in several, each but the last ending with a backslash, where it is too long for one."""
    lines = [""]
    for part in line.replace(" --", "\n--").split("\n"):
        if lines[-1] and len(lines[-1]) + len(part) + 3 > width:
            lines[-1] += " \\"
            lines.append("    ")
        lines[-1] += part if not lines[-1].strip() else f" {part}"
    return "\n  ".join(lines)


def _hanging(text: str, indent: int, width: int) -> str:
    from textwrap import fill

    start = text[: len(text) - len(text.lstrip())]
    return fill(text.strip(), width, initial_indent=start, subsequent_indent=" " * indent, break_on_hyphens=False)
