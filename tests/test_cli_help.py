"""How the command line explains itself: help, examples that work, errors that say what was meant, completion."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cohorts import SAMPLES

from necc import launch, lessons
from necc.cli import completion, main
from necc.cli.examples import TOLD, WANTS
from necc.cli.helping import HEADING_OF, Command
from necc.cli.io import how_far
from necc.cli.options import COMMANDS, parser
from necc.core.dictionary import Dictionary

SAMPLE = SAMPLES / "reconstructed_cohort.csv"
ROOT = Path(__file__).parent.parent
WORDS = [words for words, _, _ in completion.spec(parser())]
EXAMPLES = [(words, line) for words, told in TOLD.items() for _, line in told.examples]


def begin_rounds(path):
    """A proposal to two centres, and their replies."""
    cohort, proposal = str(path / "cohort.csv"), str(path / "round-0.json")
    asked = ["--endpoint", "PRS", "--covariates", "age_years", "--centres", "North,South"]
    assert main(["round", "start", cohort, *asked, "-o", proposal]) == 0
    for name, which in (("North", "age_years>50"), ("South", "age_years=0..50")):
        answer = ["--proposal", proposal, "--centre", name, "--where", which, "-o", str(path / f"{name.lower()}.json")]
        assert main(["round", "reply", cohort, *answer]) == 0


def write_centres(path):
    """The files of two centres."""
    for name, which in (("a", "age_years>50"), ("b", "age_years=0..50")):
        words = ["--centre", name.upper(), "--where", which, "--ledger", str(path / f"{name}.ledger")]
        assert main(["summarise", str(path / "cohort.csv"), *words, "--out", str(path / f"centre-{name}.json")]) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the examples name: a cohort, a project of it, a lesson, a round between centres, and their files."""
    path = tmp_path_factory.mktemp("examples")
    shutil.copy(SAMPLE, path / "cohort.csv")
    shutil.copy(next((ROOT / "necc" / "lessons" / "shipped").glob("*.toml")), path / "lesson.toml")
    assert main(["project", "save", str(path / "cohort.csv"), "-o", str(path / "study.toml")]) == 0
    begin_rounds(path)
    write_centres(path)
    return path


class TestExamples:
    @pytest.mark.parametrize("words", WORDS)
    def test_every_command_is_told_with_examples(self, words):
        told = TOLD[words]
        least = 1 if " " in words or words in ("app", "lesson", "audit", "predict-one") else 2
        assert told.about.endswith(".") and len(told.about) < 300
        assert least <= len(told.examples) <= 4
        for what, line in told.examples:
            assert line.startswith(f"necc {words}") and what and not what.endswith(".")

    def test_nothing_is_told_that_is_not_there(self):
        assert set(TOLD) == set(WORDS)

    @pytest.mark.parametrize(("words", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
    def test_an_example_works(self, words, line, folder, tmp_path, monkeypatch, call):
        shutil.copytree(folder, tmp_path / "here")
        monkeypatch.chdir(tmp_path / "here")
        if "study.toml" in line and " save " in f"{line} ":
            Path("study.toml").unlink()
        monkeypatch.setattr(launch, "start", lambda data=None: 0)
        if "sheet --all" in line:  # of two: the whole class takes half a minute
            two = dict([*lessons.shipped().items()][:2])
            monkeypatch.setattr(lessons, "shipped", lambda: two)
        code, out, err = call(*shlex.split(line.partition(" > ")[0])[1:])
        assert code == 0 and "error" not in err
        for option, path in zip(shlex.split(line), shlex.split(line)[1:], strict=False):
            if option in ("--svg", "--page", "-o"):
                assert Path(path).stat().st_size
            if option == "--out":
                assert list(Path(path).iterdir()) if Path(path).is_dir() else Path(path).stat().st_size
        assert out or words == "app"


class TestHelp:
    @pytest.mark.parametrize("words", ["", *WORDS])
    def test_help_and_its_option_say_the_same_in_80_columns(self, words, call, monkeypatch):
        monkeypatch.setenv("COLUMNS", "200")
        code, out, err = call("help", *words.split())
        assert (code, out, err) == call(*words.split(), "--help") and code == 0
        assert max(map(len, out.splitlines())) <= 80
        assert "Exit codes: 0 done; 1 refused" in out

    def test_help_may_stand_before_the_command(self, call):
        assert call("--help", "km") == call("help", "km") != call("--help")

    def test_all_commands_stand_under_what_people_want_once(self, call):
        listed = [name for names in WANTS.values() for name in names]
        assert sorted(listed) == sorted(COMMANDS)
        out = call("help")[1]
        assert all(f"\n  {name} " in out for name in listed) and all(f"\n{want}:\n" in out for want in WANTS)

    def test_options_stand_under_what_they_are_about(self, call):
        out = call("km", "--help")[1]
        parts = [out.index(f"\n{heading}:\n") for heading in ("file", "patients", "question", "output")]
        where, by, json = (out.index(f"\n  {option} ") for option in ("--where", "--by", "--json"))
        assert parts[0] < parts[1] < where < parts[2] < by < parts[3] < json

    def test_no_heading_is_for_an_option_that_is_not_there(self):
        there = {action.dest for command in every(parser()) for action in command._actions}
        assert set(HEADING_OF) <= there

    def test_a_short_option_is_no_second_name(self, call):
        code, _, err = call("km", "nowhere.csv", "-e", "OS", "-o", "out.txt")
        assert code == 1 and "no spaces" not in err

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            (["help", "kmm"], "no command 'kmm'; did you mean 'km'?"),
            (["help", "coxph"], "did you mean 'cox'?"),
            (["help", "survfit"], "did you mean 'km'?"),
            (["help", "project", "shw"], "no action 'shw'; did you mean 'show'?"),
        ],
    )
    def test_of_what_is_not_there(self, given, says, call):
        code, out, err = call(*given)
        assert code == 2 and says in err and not out

    @pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
    def test_no_colour_where_none_is_wanted(self, environment):
        pty = pytest.importorskip("pty", reason="no terminal of Unix here")
        ours, theirs = pty.openpty()
        env = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **environment}
        subprocess.run([sys.executable, "-m", "necc", "km", "--help"], cwd=ROOT, env=env, stdout=theirs, check=True)
        os.close(theirs)
        assert b"usage: necc km" in (said := os.read(ours, 60_000)) and b"\x1b" not in said
        os.close(ours)


@pytest.mark.parametrize(("term", "silent"), [("xterm", False), ("dumb", True)])
def test_progress_moves_no_cursor_that_a_terminal_lacks(term, silent, monkeypatch, capsys):
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    how_far(0.5, "half")
    assert (capsys.readouterr().err == "") is silent


def every(command):
    yield command
    for below in command.commands.values():
        yield from every(below)


class TestErrors:
    """What is written wrongly is answered with the command's own usage and what was meant; exit code 2."""

    @pytest.mark.parametrize(
        ("line", "usage", "says"),
        [
            ("", "necc COMMAND ...", "a command is needed; 'necc help' lists them"),
            ("kmm F", "necc COMMAND ...", "there is no command 'kmm'; did you mean 'km'?"),
            ("survfit F", "necc COMMAND ...", "did you mean 'km'?"),
            ("zzzz", "necc COMMAND ...", "there is no command 'zzzz'; 'necc help' lists them"),
            ("km", "necc km FILE [", "FILE is needed"),
            ("km F --endpont OS", "necc km FILE", "there is no option --endpont; did you mean '--endpoint'?"),
            ("km F --endp OS", "necc km FILE", "--endp isn't written out; --endpoint is meant"),
            ("km F --zzz=1", "necc km FILE", "there is no option --zzz\n"),
            ("km F --ci loglog", "necc km FILE", "'loglog' is none of its choices; did you mean 'log-log'?"),
            ("km F --ci loglog", "necc km FILE", "it takes log-log, log or plain"),
            ("km F --endpoint OS --by ici lvsi", "necc km FILE", "--by ici,lvsi"),
            ("km --endpoint OS --by ici lvsi", "necc km FILE", "--by ici,lvsi"),
            ("cox F --covariates ici, lvsi", "--covariates A,B,C [options]", "--covariates ici,lvsi"),
            ("km --at 12 24 F", "necc km FILE", "--at 12,24\n"),
            ("cox F", "necc cox FILE", "--covariates is needed"),
            ("km F", "necc km FILE", "--endpoint is needed; this file has TTR, PRS, OS"),
            ("km F --endpoint OS --at x", "necc km FILE", "--at takes numbers"),
            ("project", "necc project ACTION ...", "an action is needed: show, check, compare or save"),
            ("project sho F", "necc project ACTION ...", "there is no action 'sho'; did you mean 'show'?"),
            ("project save F", "necc project save FILE --output PROJECT", "is needed"),
            ("km F --endpoint OS --endpoint PRS", "necc km FILE", "argument --endpoint: it was given more than once"),
            ("km F --ci log --ci=log", "necc km FILE", "argument --ci: it was given more than once"),
            ("sites F --by ici lvsi", "necc sites FILE", "--by ici,lvsi"),
            ("_complet", "necc COMMAND ...", "did you mean 'completion'?\n"),
            ("VERSION", "necc COMMAND ...", "did you mean '--version'?"),
            ("compare F", "--by NAME | --group", "one of the arguments --by --group is required"),
            ("patient F --place SYN-001", "necc patient FILE", "argument --place: patients are counted from 1"),
            ("km F --endpoint", "necc km FILE", "-e/--endpoint needs a value behind it"),
            ("completion ksh", "necc completion SHELL", "'ksh' is none of its choices"),
        ],
    )
    def test_says_what_was_meant(self, line, usage, says, call):
        code, out, err = call(*(SAMPLE if word == "F" else word for word in line.split()))
        assert code == 2 and not out
        assert "SYN-001" not in err  # who it is
        assert err.startswith("usage: necc") and usage in err and says in " ".join(err.split()) + "\n"

    def test_a_file_that_is_not_there_says_which_are_near(self, call, folder, monkeypatch):
        monkeypatch.chdir(folder)
        for name, near in (("cohrt.csv", "did you mean 'cohort.csv'?"), ("cohort.xlsx", "did you mean 'cohort.csv'?"),
                           ("no/cohort.csv", "there is no folder 'no'"), (".", "./*.csv"),
                           ("cohort.csv,cohort.csv", "files are separated by spaces")):  # fmt: skip
            code, out, err = call("km", name, "--endpoint", "OS")
            assert code == 1 and not out and near in err, name
        for hidden in (".cohrt.csv", "-cohrt.csv"):
            (folder / hidden).write_text("")
            assert "did you mean 'cohort.csv'?" in call("km", "cohrt.csv", "--endpoint", "OS")[2]
            (folder / hidden).unlink()
        assert "did you mean" not in call("km", "cohrt.csv", "--endpoint", "OS", "--json")[1]
        (folder / "-lead.csv").write_text("")
        code, _, err = call("km", "-lead.csv", "--endpoint", "OS")
        assert code == 2 and "'-lead.csv' looks like an option: write ./-lead.csv" in err
        (folder / "-lead.csv").unlink()
        code, _, err = call("km", "cohort.csv", "--endpoint", "OS", "--mapping", "lesson.tml")
        assert code == 1 and "did you mean 'lesson.toml'?" in err

    def test_stopped(self, call, monkeypatch):
        def stop(_):
            raise KeyboardInterrupt

        monkeypatch.setattr("necc.cli.commands.read", stop)
        assert call("km", SAMPLE, "--endpoint", "OS")[0] == 130


@pytest.fixture(scope="module")
def bash(tmp_path_factory):
    """A function: a line as typed -> what bash offers, by the script."""
    program = shutil.which("bash")
    if not program:
        pytest.skip("bash is not installed")
    home = tmp_path_factory.mktemp("bash")
    (home / "necc").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m necc "$@"\n')
    (home / "necc").chmod(0o755)
    (home / "script").write_text(completion.script("bash", parser()))
    shutil.copy(SAMPLE, home / "cohort.csv")
    (home / "folder").mkdir()

    def of(line: str) -> list[str]:
        asked = (
            f"source script; COMP_LINE={shlex.quote(line)}; COMP_POINT=${{#COMP_LINE}}; _necc; "
            "printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        env = {**os.environ, "PATH": f"{home}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run([program, "--norc", "-c", asked], cwd=home, env=env, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr
        return done.stdout.split()

    return of


class TestCompletion:
    @pytest.mark.parametrize(
        ("line", "offered"),
        [
            ("necc rep", {"report", "reproduce"}),
            ("necc project ", {"show", "check", "compare", "save"}),
            ("necc km cohort.csv --ci ", {"log-log", "log", "plain"}),
            ("necc km cohort.csv --endpoint P", {"PRS", "PFS_ICI"}),
            ("necc km cohort.csv --by his", {"histology"}),
            ("necc cox cohort.csv --covariates ici,figo_20", {"ici,figo_2018", "ici,figo_2008"}),
            ("necc km cohort.csv --by site:vag", {"vaginal_vault"}),
            ("necc km co", {"cohort.csv"}),
            ("necc project save co", {"cohort.csv"}),
            ("necc report cohort.csv --out f", {"folder"}),
            ("necc km cohort.csv --dpi ", set()),
            ("necc help rep", {"report", "reproduce"}),
            ("necc completion z", {"zsh"}),
        ],
    )
    def test_bash_offers(self, line, offered, bash):
        assert set(bash(line)) == offered

    def test_bash_offers_every_option(self, bash):
        options = {option for a in parser().commands["km"]._actions for option in a.option_strings}
        assert set(bash("necc km cohort.csv -")) == options

    @pytest.mark.parametrize("shell", completion.SHELLS)
    def test_every_command_and_option_is_in_every_script(self, shell):
        script = completion.script(shell, parser())
        for words, options, _ in completion.spec(parser()):
            assert words in script
            for option in options:
                assert (option.lstrip("-") if shell == "fish" else option) in script

    def test_an_apostrophe_ends_no_text_of_a_script(self):
        for shell, doubled in (("bash", "ici='\\''s"), ("powershell", "ici=''s"), ("fish", "ici=\\'s")):
            kin = parser()
            action = next(a for a in kin.commands["km"]._actions if a.dest == "ci")
            action.choices = ("ici='s", "log")
            assert doubled in completion.script(shell, kin), shell

    @pytest.mark.parametrize(("shell", "program", "check"), [
        ("bash", "bash", ["-n"]), ("zsh", "zsh", ["-n"]), ("fish", "fish", ["--no-execute"]),
        ("powershell", "pwsh", ["-NoProfile", "-File"]),
    ])  # fmt: skip
    def test_the_shell_can_read_it(self, shell, program, check, tmp_path):
        found = shutil.which(program)
        if not found:
            pytest.skip(f"{program} is not installed")
        path = tmp_path / f"necc.{'ps1' if shell == 'powershell' else shell}"
        path.write_text(completion.script(shell, parser()))
        done = subprocess.run([found, *check, str(path)], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr

    def test_names_are_those_of_the_file_or_else_of_the_dictionary(self, call, tmp_path):
        own = tmp_path / "own.csv"
        own.write_text("id;days;my arm;arm\n1;2;a;b\n")
        assert call("_complete", "columns", "necc", own)[1].split() == ["id", "days", "arm"]
        assert "age_years" in call("_complete", "variables", "necc")[1].split()
        there = call("_complete", "variables", "necc", "km", own)[1].split()
        assert {"arm", "site:lung", "n_sites"} <= set(there) and "age_years" not in there
        assert call("_complete", "variables", "--dictionary", "nothing")[1].strip() == ""
        cervical = call("_complete", "variables", "--dictionary", "cervical")[1].split()
        assert (
            {*Dictionary.builtin("cervical").variables} <= {*cervical} != {*call("_complete", "variables")[1].split()}
        )
        assert call("_complete", "columns", "necc")[1].strip() == ""
        marked = tmp_path / "marked.tsv"
        marked.write_text("\ufeffos_months\tdied\ta, b\tcost$\n", encoding="utf-8")
        assert call("_complete", "columns", marked)[1].split("\n")[:-1] == ["os_months", "died"]
        assert call("_complete", "endpoints", marked)[1].split() == ["OS", "PRS"]
        assert call("_complete", "endpoints", own)[1].split() == ["OS", "PFS_ICI", "PRS", "TTR"]
        assert call("_complete", "columns", tmp_path / "own.xlsx", own)[1].split() == ["id", "days", "arm"]
        assert call("_complete")[0] == 0


def test_one_class_reads_every_command():
    assert all(isinstance(command, Command) for command in every(parser()))
