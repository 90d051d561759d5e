"""The words of the command line: its commands, their options, and what each runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from necc.cli import (
    commands,
    completion,
    describing,
    lesson,
    modelling,
    patient,
    pooling,
    project,
    report,
    rounds,
    schema,
    summarising,
    survival,
    telling,
    verify,
)
from necc.cli.helping import Overview, help_of
from necc.cli.io import Usage
from necc.cli.options import asking
from necc.cli.options.questions import (
    check_options,
    cif_options,
    compare_options,
    cox_options,
    flow_options,
    km_options,
    parametric_options,
    patient_options,
    response_options,
    sites_options,
    verify_options,
)
from necc.cli.options.words import Command
from necc.cli.options.writing import (
    app_options,
    audit_options,
    completion_options,
    help_options,
    lesson_options,
    map_options,
    pool_options,
    project_options,
    report_options,
    reproduce_options,
    round_options,
    summarise_options,
)


def parser() -> Overview:
    """The whole command line; the chosen command is `run` of what it parses."""
    from necc import __version__

    words = Overview(prog="necc", description="Recurrence sites, survival and response in a cohort.")
    words.add_argument("--version", action="version", version=f"necc {__version__}")
    known = words.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Command)
    for name, (help_text, run, add_options) in COMMANDS.items():
        command = known.add_parser(name, help=help_text, description=help_text)
        add_options(command)
        command.set_defaults(run=run, words=command)
    return words


def say_help(options: argparse.Namespace) -> int:
    """`necc help`: the commands, or how one of them is used."""
    try:
        print(help_of(parser(), options.about), end="")
    except LookupError as error:
        raise Usage(str(error.args[0])) from None
    return 0


def complete(options: argparse.Namespace) -> int:
    """`necc completion`: a shell's script, made of what there is."""
    print(completion.script(options.shell, parser()), end="")
    return 0


Options = Callable[[Command], None]
Run = Callable[[argparse.Namespace], int]
COMMANDS: dict[str, tuple[str, Run, Options]] = {
    "app": ("start the dashboard in a browser", commands.app, app_options),
    "check": ("read a file and list what was found", commands.check, check_options),
    "map": ("guess how a file's columns are to be understood, and save it", commands.map_columns, map_options),
    "km": ("Kaplan-Meier curves, medians and log-rank test", commands.km, km_options),
    "parametric": (
        "parametric curves over Kaplan-Meier: exponential to spline, with AIC and extrapolation",
        commands.parametric,
        parametric_options,
    ),
    "sites": ("distribution of recurrence sites", commands.sites, sites_options),
    "flow": ("how many patients there were at each step, and who was left out", commands.flow, flow_options),
    "response": ("response to immune checkpoint inhibitors", commands.response, response_options),
    "compare": ("characteristics of groups side by side, with tests", commands.compare, compare_options),
    "cox": ("Cox regression", commands.cox, cox_options),
    "cif": ("cumulative incidence with competing risks", commands.cif, cif_options),
    "patient": (
        "one patient within the cohort: her course, similar patients, and survival from today",
        patient.run,
        patient_options,
    ),
    "verify": (
        "compute a report's numbers again by lifelines, scikit-survival and R, and tell the largest difference; exits "
        "with 1 where one differs without a known reason",
        verify.run,
        verify_options,
    ),
    "project": ("a project: show, check and compare it, or save one", project.run, project_options),
    "lesson": ("lessons: list them, check a file, write class sheets", lesson.run, lesson_options),
    "summarise": (
        "a centre's file: counts in place of patients, with what it tells of them",
        summarising.summarise,
        summarise_options,
    ),
    "pool": (
        "the files of several centres as one cohort: curves, tests and ratios within centres",
        pooling.run,
        pool_options,
    ),
    "round": (
        "a Cox model over centres that send sums: propose, reply, and take the next step",
        rounds.run,
        round_options,
    ),
    "report": ("a report as Word, PowerPoint, Excel, figures and scripts", report.run, report_options),
    "reproduce": ("a paper's tables and figures computed again", commands.reproduce, reproduce_options),
    "audit": ("what arithmetic alone shows about printed figures", commands.audit, audit_options),
    "table1": ("characteristics of the patients, all together or in groups", describing.table1, asking.table1_options),
    "staging": ("both editions of FIGO stages side by side", describing.staging, asking.staging_options),
    "together": ("which sites come together, and more than by chance", describing.together, asking.together_options),
    "organs": ("organs within a site", describing.organs, asking.organs_options),
    "site-times": ("after how long the disease came back, by site", describing.site_times, asking.site_times_options),
    "response-sites": (
        "objective response with and without each site",
        describing.response_sites,
        asking.response_sites_options,
    ),
    "transitions": ("from best to final response", describing.transitions, asking.transitions_options),
    "treated": ("every patient on an immune checkpoint inhibitor", describing.treated, asking.treated_options),
    "rmst": ("restricted mean survival times and their differences", survival.rmst, asking.rmst_options),
    "test": ("several tests of whether survival differs, and pairs of groups", survival.compared, asking.test_options),
    "fixed-times": ("survival at chosen times, compared there", survival.fixed_times, asking.fixed_times_options),
    "each-site": ("each site with against without, with adjusted p", survival.each_site, asking.each_site_options),
    "timing": ("a treatment that starts after time zero, counted fairly", survival.timing, asking.timing_options),
    "hazards": ("Fine-Gray and cause-specific hazards of each cause", survival.hazards, asking.hazards_options),
    "subgroups": ("one hazard ratio within subgroups", modelling.subgroups, asking.subgroups_options),
    "diagnostics": ("what speaks against a Cox model", modelling.diagnostics, asking.diagnostics_options),
    "imputed": ("Cox regression with missing values imputed", modelling.imputed, asking.imputed_options),
    "predict": ("whether models predict better than one number", modelling.predict, asking.predict_options),
    "predict-one": ("one patient's predicted curve", modelling.predict_one, asking.predict_one_options),
    "methods": ("a Methods text of the usual analyses", telling.methods, asking.methods_options),
    "readings": ("what the usual analyses say, in sentences", telling.readings, asking.readings_options),
    "checklist": ("REMARK or STROBE, as far as the analyses know", telling.checklists, asking.checklist_options),
    "figure": ("any picture of the pages, by its name or recipe", telling.figure, asking.figure_options),
    "completion": ("let the shell complete commands, options and names", complete, completion_options),
    "help": ("what the commands are, or how one is used", say_help, help_options),
    "schema": ("what the JSON of a command holds, as a JSON Schema", schema.run, schema.add_options),
}
