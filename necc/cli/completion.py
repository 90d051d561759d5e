"""Scripts that let a shell complete a command, made of the parser; and the names that they ask for while one types."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from necc.cli.helping import Command

ASKED = "_complete"  # what the scripts call: `necc _complete KIND WORD...`
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("by", "variables", "covariates", "strata", "like", "reference", "levels", "per",
                     "exposure", "within", "adjusted_for", "treatment"), "variables"),
    "endpoint": "endpoints", "where": "variables", "time": "columns", "event": "columns", "id": "columns",
    "sites": "columns", "entry": "columns", "start": "columns",
}  # fmt: skip
"""Options whose values are names of a file, and which of them."""
FIRST_BYTES = 65_536  # of a file: enough for its header


# ---------------------------------------------------------------- what there is to complete
def spec(parser: Command, path: str = "") -> Iterator[tuple[str, dict[str, str], str]]:
    """Every command as (its words, its options, what stands without an option).

    An option's text is what follows it: "" nothing, `file`, `folder`, `value`, a kind of `NAMES`, or `=a b c` choices.

    Example:
        >>> from necc.cli.options import parser
        >>> one = {words: options for words, options, _ in spec(parser())}
        >>> one["km"]["--by"], one["km"]["--ci"], one["km"]["--json"]
        ('variables', '=log-log log plain', '')
    """
    if path:
        alone = [_follows(a) for a in parser._actions if not a.option_strings]
        yield (
            path,
            {option: _follows(a) for a in parser._actions for option in a.option_strings},
            f"={' '.join(parser.commands)}" if parser.commands else "file" if "file" in alone else "".join(alone[:1]),
        )
    for name, command in parser.commands.items():
        yield from spec(command, f"{path} {name}".strip())


def _follows(action: argparse.Action) -> str:
    from necc.cli.options.words import new_file, place  # whose package lists this module's command
    from necc.cli.sources import cohort_place

    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return "=" + " ".join(map(str, filter(None, action.choices)))
    if action.type in (Path, place, new_file, cohort_place):
        return "folder" if action.metavar == "DIR" else "file"
    if action.metavar == "COMMAND":
        return "commands"
    return NAMES.get(action.dest, "value")


def answer(words: Sequence[str]) -> int:
    """Prints the names that a shell asks for, one a line: of the file on the line, or of the dictionary."""
    kind, *line = words or [""]
    print("\n".join(names(kind, line)))
    return 0


def names(kind: str, line: Sequence[str]) -> list[str]:
    """Names of variables, endpoints or columns, of the dictionary and of the text file that stands on the line.

    Only the file's first line is read: completing has to be quick.

    Example:
        >>> names("endpoints", ["necc", "km"])
        ['OS', 'PFS_ICI', 'PRS', 'TTR']
    """
    from necc.core.dictionary import Dictionary
    from necc.core.errors import NeccError

    columns = next(filter(None, map(header, line)), [])
    if kind == "columns":
        return columns
    named = next((b for a, b in zip(line, line[1:], strict=False) if a == "--dictionary"), "necc")
    try:
        known = Dictionary.builtin(named)
    except NeccError:
        return columns if kind == "variables" else []
    if kind == "endpoints":
        there = {n for n, e in known.endpoints.items() if not columns or set(e.columns) & set(columns)}
        return sorted(there or known.endpoints)
    sites = [f"site:{name}" for scheme in known.schemes.values() if scheme.default for name in scheme.groups]
    return sorted(dict.fromkeys([*(columns or known.variables), *sites, "n_sites"]))


def header(name: str) -> list[str]:
    """The column names of a text file; none where it is no such file, and those with spaces left out.

    Example:
        >>> header("no such file.csv")
        []
    """
    path = Path(name)
    if path.suffix.lower() not in (".csv", ".tsv", ".txt") or not path.is_file():
        return []
    with path.open("rb") as file:
        first = file.read(FIRST_BYTES).decode("utf-8-sig", "replace").partition("\n")[0]
    mark = max(",;\t", key=first.count)
    row = next(csv.reader(io.StringIO(first), delimiter=mark), [])
    return [cell.strip() for cell in row if cell.strip() and not set(cell.strip()) & set(" '\"$`\\(){}|&;<>")]


# ---------------------------------------------------------------- scripts
def script(shell: str, parser: Command) -> str:
    """The script of a shell of `SHELLS`."""
    return SHELLS[shell](list(spec(parser)), parser)


Spec = list[tuple[str, dict[str, str], str]]


def _two_words(commands: Spec) -> list[str]:
    """Commands that have actions."""
    return sorted({words.split()[0] for words, _, _ in commands if " " in words})


def _bash(commands: Spec, parser: Command) -> str:
    cases = []
    for words, options, alone in commands:
        cases += [
            f'    "{words} {option}") reply={_quoted(follows)} ;;' for option, follows in options.items() if follows
        ]
        cases.append(f'    "{words}") options={_quoted(" ".join(options))}; alone={_quoted(alone)} ;;')
    return (
        BASH.replace("@COMMANDS@", " ".join(parser.commands))
        .replace("@ACTIONS@", "|".join(_two_words(commands)))
        .replace("@CASES@", "\n".join(cases))
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _helps(parser: Command, words: str) -> dict[str, str]:
    """What each option of a command is for, in a line that a shell's script can hold."""
    for word in words.split():
        parser = parser.commands[word]
    return {
        option: " ".join((a.help or "").replace("%%", "%").split()).partition(";")[0][:70]
        for a in parser._actions
        for option in a.option_strings
    }


ZSH_KINDS = {"file": "_files", "folder": "_files -/", "value": " ", "commands": "($necc_commands)"}


def _zsh(commands: Spec, parser: Command) -> str:
    def plain(text: str) -> str:
        return "".join(c for c in text if c not in "[]:'`$\\\"")

    parts = []
    for words, options, alone in commands:
        helps = _helps(parser, words)
        lines = []
        for option, follows in options.items():
            does = f"({follows[1:]})" if follows[:1] == "=" else ZSH_KINDS.get(follows, f"_necc_names {follows}")
            value = f":{follows.lstrip('=').split(' ')[0]}:{does}" if follows else ""
            lines.append(f"      '*{option}[{plain(helps[option])}]{value}'")
        does = f"({alone[1:]})" if alone[:1] == "=" else ZSH_KINDS.get(alone, " ")
        lines.append(f"      '*:{'word' if alone[:1] == '=' else alone or 'nothing'}:{does}'")
        parts.append(f"    '{words}') _arguments \\\n" + " \\\n".join(lines) + " ;;")
    described = "\n".join(f"    '{name}:{plain(c.short)}'" for name, c in parser.commands.items())
    return (
        ZSH.replace("@COMMANDS@", described)
        .replace("@ACTIONS@", "|".join(_two_words(commands)))
        .replace("@CASES@", "\n".join(parts))
    )


def _fish(commands: Spec, parser: Command) -> str:
    def text(said: str) -> str:
        return "'" + said.replace("\\", "\\\\").replace("'", "\\'") + "'"

    lines = [
        f"complete -c necc -n __necc_first -a {name} -d {text(command.short)}"
        for name, command in parser.commands.items()
    ]
    for words, options, alone in commands:
        helps, at = _helps(parser, words), f"-n '__necc_at {words}'"
        if alone[:1] == "=":
            lines.append(f"complete -c necc {at} -a {text(alone[1:])}")
        elif alone == "file":
            lines.append(f"complete -c necc {at} -F")
        for option, follows in options.items():
            name = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
            does = ""
            if follows[:1] == "=":
                does = f" -x -a {text(follows[1:])}"
            elif follows in ("file", "folder"):
                does = " -r -F"
            elif follows == "value":
                does = " -x"
            elif follows:
                does = f" -x -a '(__necc_names {follows})'"
            lines.append(f"complete -c necc {at} {name}{does} -d {text(helps[option])}")
    return FISH.replace("@LINES@", "\n".join(lines))


def _powershell(commands: Spec, parser: Command) -> str:
    def text(said: str) -> str:
        return "'" + said.replace("'", "''") + "'"

    tables = []
    for words, options, alone in commands:
        pairs = "; ".join(f"{text(option)} = {text(follows)}" for option, follows in options.items())
        tables.append(f"    {text(words)} = @{{ '' = {text(alone)}; {pairs} }}")
    return (
        POWERSHELL.replace("@COMMANDS@", ", ".join(map(text, parser.commands)))
        .replace("@ACTIONS@", ", ".join(map(text, _two_words(commands))))
        .replace("@TABLES@", "\n".join(tables))
    )


SHELLS: Mapping[str, Callable[[Spec, Command], str]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
    "powershell": _powershell,
}
"""How the script of each shell is made."""

BASH = r"""# Completion of necc for bash: source this file,
# or put it into ~/.local/share/bash-completion/completions/necc
_necc() {
  local line="${COMP_LINE:0:COMP_POINT}" cur prev="" command reply="" options="" alone="" head="" IFS=$' \t\n'
  local -a words
  read -ra words <<< "$line"
  cur="${words[${#words[@]}-1]}"
  if [[ "$line" == *[[:space:]] ]]; then cur=""; words+=(""); fi
  if (( ${#words[@]} > 2 )); then prev="${words[${#words[@]}-2]}"; fi
  COMPREPLY=()
  if (( ${#words[@]} <= 2 )); then
    COMPREPLY=( $(compgen -W "@COMMANDS@ --version --help" -- "$cur") )
    return
  fi
  command="${words[1]}"
  case "$command" in
    @ACTIONS@) if (( ${#words[@]} > 3 )); then command="$command ${words[2]}"; fi ;;
  esac
  case "$command $prev" in
@CASES@
  esac
  case "$command" in
@CASES@
  esac
  if [[ -z "$reply" && "$cur" == -* ]]; then
    COMPREPLY=( $(compgen -W "$options" -- "$cur") )
    return
  fi
  case "${reply:-$alone}" in
    "") ;;
    value) ;;
    =*) reply="${reply:-$alone}"; COMPREPLY=( $(compgen -W "${reply#=}" -- "$cur") ) ;;
    commands) COMPREPLY=( $(compgen -W "@COMMANDS@" -- "$cur") ) ;;
    file) IFS=$'\n'; COMPREPLY=( $(compgen -f -- "$cur") ); compopt -o filenames 2>/dev/null ;;
    folder) IFS=$'\n'; COMPREPLY=( $(compgen -d -- "$cur") ); compopt -o filenames 2>/dev/null ;;
    *)
      if [[ "$cur" == *,* ]]; then head="${cur%,*},"; fi
      COMPREPLY=( $(compgen -P "$head" -W "$(necc _complete "$reply" "${words[@]}" 2>/dev/null)" -- "${cur##*,}") )
      compopt -o nospace 2>/dev/null
      ;;
  esac
  # a colon or an equals sign ends a word for bash: what stands before the last is on the line already
  local stop="" mark
  for mark in : =; do
    if [[ "$cur" == *"$mark"* && "$COMP_WORDBREAKS" == *"$mark"* ]]; then
      local before="${cur%"${cur##*"$mark"}"}"
      if (( ${#before} > ${#stop} )); then stop="$before"; fi
    fi
  done
  if [[ -n "$stop" ]]; then
    local i
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]="${COMPREPLY[i]#"$stop"}"; done
  fi
}
complete -F _necc necc
"""

ZSH = r"""#compdef necc
# Completion of necc for zsh: save it as _necc in a folder of $fpath
_necc_names() {
  local -a found
  found=(${(f)"$(necc _complete $1 -- ${line_words[@]} 2>/dev/null)"})
  compset -P '*,'
  compadd -Q -S '' -a found
}
_necc() {
  local curcontext="$curcontext" command
  local -a described necc_commands line_words
  described=(
@COMMANDS@
  )
  necc_commands=(${described%%:*})
  line_words=("${words[@]}")
  if (( CURRENT == 2 )); then
    _describe -t commands 'command' described
    return
  fi
  command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
    @ACTIONS@)
      if (( CURRENT > 2 )); then
        command="$command $words[2]"
        shift words
        (( CURRENT-- ))
      fi ;;
  esac
  case "$command" in
@CASES@
  esac
}
if [ "$funcstack[1]" = "_necc" ]; then _necc "$@"; else compdef _necc necc; fi
"""

FISH = r"""# Completion of necc for fish: save it as ~/.config/fish/completions/necc.fish
function __necc_first
  test (count (commandline -opc)) -eq 1
end
function __necc_at
  set -l words (commandline -opc)
  test (count $words) -gt (count $argv); or return 1
  test "$words[2..(math 1 + (count $argv))]" = "$argv"
end
function __necc_names
  set -l typed (commandline -ct)
  set -l head (string match -r '.*,' -- $typed)
  for name in (necc _complete $argv[1] -- (commandline -opc) 2>/dev/null)
    echo "$head$name"
  end
end
complete -c necc -f
complete -c necc -n __necc_first -l version -d 'which version this is'
@LINES@
"""

POWERSHELL = r"""# Completion of necc for PowerShell: dot-source this file from $PROFILE
Register-ArgumentCompleter -Native -CommandName necc -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $tables = @{
@TABLES@
  }
  $before = $commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -le $cursorPosition }
  $words = @($before | ForEach-Object { "$_" })
  if ($wordToComplete -and $words.Count -gt 1) { $words = $words[0..($words.Count - 2)] }
  $typed = $wordToComplete
  $head = ''
  if ($words.Count -eq 1) {
    $found = @(@COMMANDS@) + '--version'
  } else {
    $command = $words[1]
    if (@(@ACTIONS@) -contains $command -and $words.Count -gt 2) { $command = "$command $($words[2])" }
    $table = $tables[$command]
    if (-not $table) { return }
    $follows = $table[$words[-1]]
    if (-not $follows) {
      if ($typed.StartsWith('-')) { $follows = '=' + (($table.Keys | Where-Object { $_ } | Sort-Object) -join ' ') }
      else { $follows = $table[''] }
    }
    if ($follows.StartsWith('=')) { $found = $follows.Substring(1) -split ' ' }
    elseif ($follows -eq 'commands') { $found = @(@COMMANDS@) }
    elseif ($follows -in '', 'value', 'file', 'folder') { return }
    else {
      if ($typed.Contains(',')) { $head = $typed.Substring(0, $typed.LastIndexOf(',') + 1) }
      $found = @(necc _complete $follows -- $words 2>$null)
    }
  }
  $found | Where-Object { "$head$_" -like "$typed*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new("$head$_", "$_", 'ParameterValue', "$_")
  }
}
"""
