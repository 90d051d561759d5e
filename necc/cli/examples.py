"""What the help says of each command: a few sentences, and examples that work on the shipped sample."""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """Of a command: what it is for, and examples as (what for, the line to type)."""

    about: str
    examples: tuple[tuple[str, str], ...] = ()


WANTS: dict[str, tuple[str, ...]] = {
    "Read a file": ("check", "map"),
    "Describe patients": (
        "table1", "flow", "staging", "sites", "together", "organs", "site-times", "response", "response-sites",
        "transitions", "treated",
    ),
    "Survival": ("km", "test", "fixed-times", "rmst", "each-site", "parametric", "cif", "timing"),
    "Compare and model": ("compare", "cox", "subgroups", "diagnostics", "imputed", "hazards", "predict"),
    "One patient": ("patient", "predict-one"),
    "Write": ("figure", "methods", "readings", "checklist", "report", "project"),
    "Several centres": ("summarise", "pool", "round"),
    "Check and learn": ("verify", "reproduce", "audit", "lesson"),
    "The program": ("app", "schema", "completion", "help"),
}  # fmt: skip
"""Commands by what people want; a command stands once."""

EXIT_CODES = (
    "Exit codes: 0 done; 1 refused: the file can't be read so, or the question can't be answered; 2 the command is "
    "written wrongly; 130 stopped by Ctrl+C. Some commands also end with 1 where they find what they look for, as "
    "'necc verify' does; their help says so."
)
"""What a script may rely on."""

TOLD: dict[str, Told] = {
    "check": Told(
        "Reads a file as the dashboard would and lists what was understood, what was doubtful and what was refused. "
        "A refusal says how to settle it. Begin with this.",
        (
            ("what is in the file", "necc check cohort.csv"),
            ("of some patients only", "necc check cohort.csv --where figo_stage=III,IVA"),
            ("for a script", "necc check cohort.csv --json"),
        ),
    ),
    "map": Told(
        "Guesses what each column means and writes it down as a mapping that can be edited. A mapping saved beside the "
        "file, as FILE.mapping.toml, is used by every command.",
        (
            ("look at the guesses", "necc map cohort.csv"),
            ("save them to edit", "necc map cohort.csv -o cohort.toml"),
            ("read sites by another scheme", "necc map cohort.csv --scheme spread"),
        ),
    ),
    "sites": Told(
        "How many patients have a recurrence at each site, with exact confidence intervals. With --by, the groups side "
        "by side, tested, and p adjusted for the number of sites.",
        (
            ("every site", "necc sites cohort.csv"),
            ("in two groups", "necc sites cohort.csv --by ici"),
            ("by the exact test", "necc sites cohort.csv --by ici --convention exact"),
        ),
    ),
    "flow": Told(
        "How many patients there were at each step, from before the file to the analysis, and who was left out. The "
        "numbers from before the file are typed.",
        (
            ("up to the analysis of survival", "necc flow cohort.csv --endpoint OS"),
            (
                "with numbers from before the file",
                "necc flow cohort.csv --before '126 screened' --before '-38 no data'",
            ),
            ("as a diagram", "necc flow cohort.csv --where ici=yes --by died --svg flow.svg"),
        ),
    ),
    "response": Told(
        "Objective response and disease control on immune checkpoint inhibitors, with exact confidence intervals. A "
        "percentage is of the evaluable patients unless --denominator says otherwise.",
        (
            ("best response", "necc response cohort.csv"),
            ("of all who were treated", "necc response cohort.csv --denominator treated"),
            ("by a characteristic", "necc response cohort.csv --by histology"),
        ),
    ),
    "km": Told(
        "Kaplan-Meier curves with medians, survival at chosen times, and a log-rank test between groups. Endpoints are "
        "those that the file has columns for; 'necc check' lists them.",
        (
            ("everybody", "necc km cohort.csv --endpoint OS"),
            ("groups, at 12 and 24 months", "necc km cohort.csv --endpoint PRS --by site:lung --at 12,24"),
            ("as a picture", "necc km cohort.csv --endpoint PRS --by ici --svg km.svg"),
            ("a file's own columns", "necc km cohort.csv --time os_months --event died --unit months"),
        ),
    ),
    "parametric": Told(
        "Curves of six families fitted over Kaplan-Meier and compared by AIC. Beyond the last patient under "
        "observation they are extrapolated, and marked so.",
        (
            ("two families", "necc parametric cohort.csv --endpoint OS --families weibull,log-normal"),
            (
                "beyond the follow-up",
                "necc parametric cohort.csv --endpoint OS --families weibull --at 60 --horizon 72",
            ),
        ),
    ),
    "cif": Told(
        "Cumulative incidence of each cause when several events compete, with Gray's test between groups. The causes "
        "are the sites of first recurrence, or the codes of a file's own event column.",
        (
            ("every site", "necc cif cohort.csv"),
            ("at chosen times", "necc cif cohort.csv --at 12,24"),
            ("several sites counted in each", "necc cif cohort.csv --rule 'counted in each' --by ici"),
        ),
    ),
    "compare": Told(
        "Characteristics of groups side by side, each with a test chosen by a stated rule. With --group, sub-cohorts "
        "by their filters, which may share patients, with their curves, sites and overlap.",
        (
            ("with and without lung", "necc compare cohort.csv --by site:lung"),
            ("some characteristics", "necc compare cohort.csv --by ici --variables figo_stage,age_years"),
            (
                "sub-cohorts",
                "necc compare cohort.csv --group 'late: figo_stage=III,IVA' --group 'young: age_years<40' "
                "--endpoint OS",
            ),
        ),
    ),
    "cox": Told(
        "Hazard ratios of several covariates in one model, or of each alone beside it. Covariates are variables, "
        "site:NAME, or a number with a cut, as 'age_years>50'.",
        (
            ("one model", "necc cox cohort.csv --endpoint PRS --covariates site:lung,age_years"),
            ("each alone, too", "necc cox cohort.csv --endpoint PRS --covariates site:lung,age_years --univariate"),
            ("another reference", "necc cox cohort.csv --endpoint PRS --covariates ici --levels ici=yes,no"),
            ("selected forward", "necc cox cohort.csv --endpoint PRS --covariates ici,age_years --stepwise forward-lr"),
        ),
    ),
    "patient": Told(
        "One patient within the cohort: the course, similar patients by a stated rule, and survival from today. The "
        "patient is in the file, or typed in and kept nowhere.",
        (
            ("the second in the file", "necc patient cohort.csv --place 2"),
            ("typed in", "necc patient cohort.csv --typed sites='lung, liver' --typed age_years=44"),
            ("a page for a board", "necc patient cohort.csv --place 2 --page board.docx"),
        ),
    ),
    "report": Told(
        "A whole report without a screen: documents, slides, tables, figures, data and scripts. Without --project the "
        "ready list is made, as far as the file has the data.",
        (
            ("a document", "necc report cohort.csv --out out --only docx"),
            ("figures, small counts hidden", "necc report cohort.csv --out out --only figures --hide-below 5"),
        ),
    ),
    "project": Told(
        "A project keeps how a file is read, edited and filtered, with its exhibits and recorded numbers, and no "
        "patient. Put on next year's file, it gives the same report.",
        (
            ("write one", "necc project save cohort.csv -o study.toml"),
            ("look into it", "necc project show study.toml"),
            ("does it fit a file", "necc project check study.toml cohort.csv"),
            ("what has changed since", "necc project compare study.toml cohort.csv"),
        ),
    ),
    "project show": Told(
        "What a project holds: title, filters, exhibits and recorded numbers.",
        (("look into it", "necc project show study.toml"),),
    ),
    "project check": Told(
        "What is wrong in a project's file, and what of it doesn't fit a file of patients.",
        (("by itself", "necc project check study.toml"), ("on a file", "necc project check study.toml cohort.csv")),
    ),
    "project compare": Told(
        "A project's recorded numbers beside those of a file of patients. With --before, also who came and went.",
        (("what has changed", "necc project compare study.toml cohort.csv"),),
    ),
    "project save": Told(
        "Writes a project of a file as the options read, edit and filter it.",
        (
            ("all patients", "necc project save cohort.csv -o study.toml"),
            ("some, titled", "necc project save cohort.csv -o study.toml --where ici=yes --title 'Treated' --force"),
        ),
    ),
    "verify": Told(
        "Computes a report's numbers again by lifelines, scikit-survival and R, and tells the largest difference. It "
        "ends with 1 where a number differs without a known reason.",
        (
            ("by one program", "necc verify cohort.csv --use lifelines"),
            ("of some patients", "necc verify cohort.csv --use lifelines --where ici=no"),
        ),
    ),
    "reproduce": Told(
        "A paper's tables and figures computed again from a file of patients, beside what was printed.",
        (
            ("what differs", "necc reproduce cohort.csv"),
            ("without the paper's criteria", "necc reproduce cohort.csv --everybody"),
        ),
    ),
    "audit": Told(
        "What arithmetic alone shows about printed figures: percentages, sums, limits and p that can't be. It needs no "
        "patients, and ends with 1 where a claim can't be read.",
        (("the shipped paper", "necc audit"), ("consistent figures, too", "necc audit --all")),
    ),
    "lesson": Told(
        "Lessons for a class: list them, check a file of one, or write class sheets. Their numbers are computed on the "
        "sample, or on a file of your own.",
        (
            ("which there are", "necc lesson list"),
            ("the teacher's sheets", "necc lesson sheet --all --answers --out sheets"),
        ),
    ),
    "lesson list": Told("The lessons that ship, and those of the folder NECC_LESSONS.", (("all", "necc lesson list"),)),
    "lesson check": Told(
        "What is wrong with a lesson's file. It ends with 1 where the lesson can't be taught.",
        (("a file that you wrote", "necc lesson check lesson.toml"),),
    ),
    "lesson sheet": Told(
        "Class sheets as Word documents: questions, or the teacher's sheet with answers.",
        (("the whole class", "necc lesson sheet --all --out sheets"),),
    ),
    "summarise": Told(
        "Writes what a centre hands on in place of its patients: one fixed set of tables of counts, with a checksum, "
        "and no row, date or identifier. Look at --preview first: of few patients the counts are nearly the patients.",
        (
            ("what it would tell", "necc summarise cohort.csv --preview"),
            (
                "a file of two endpoints",
                "necc summarise cohort.csv --centre North --endpoints PRS,OS --factors figo_stage --ledger "
                "ledger.json --out north-2024.json",
            ),
            ("what a table a factor would tell", "necc summarise cohort.csv --separate --time-grid quarter --preview"),
        ),
    ),
    "pool": Told(
        "Adds up the files of several centres, and compares patients within centres. What the files say differently is "
        "told and left out, never summed.",
        (
            (
                "curves with and without a site",
                "necc pool centre-a.json centre-b.json --endpoint PRS --by site:abdominal",
            ),
            ("how many have each site", "necc pool centre-a.json centre-b.json --shares sites"),
        ),
    ),
    "round": Told(
        "A Cox model with each centre as a stratum, of covariates such as an age, where no patient may leave a centre: "
        "a proposal goes out, sums come back, until the model has converged.",
        (
            (
                "begin",
                "necc round start cohort.csv --endpoint PRS --covariates age_years --centres North,South -o first.json",
            ),
            ("answer", "necc round reply cohort.csv --proposal round-0.json --centre North -o answer.json"),
        ),
    ),
    "round start": Told(
        "Writes the first proposal: the model, how each covariate is coded, and who takes part. Only names, units and "
        "levels are taken from the cohort.",
        (
            (
                "per ten years of age",
                "necc round start cohort.csv --endpoint PRS --covariates age_years --per age_years=10 --centres "
                "North,South -o first.json",
            ),
        ),
    ),
    "round reply": Told(
        "Writes a centre's reply: log likelihood, slope and curvature as sums over its patients. It is refused where "
        "the sums would tell of few.",
        (
            (
                "with a rule of its own",
                "necc round reply cohort.csv --proposal round-0.json --centre North --smallest-cell 10 -o answer.json",
            ),
        ),
    ),
    "round next": Told(
        "Takes every centre's reply and writes the next proposal, or prints the model once it has converged.",
        (("with two replies", "necc round next round-0.json north.json south.json -o round-1.json"),),
    ),
    "table1": Told(
        "Table 1: the patients' characteristics, all together, or group by group with standardised differences and "
        "tests by a stated rule.",
        (
            ("all patients", "necc table1 cohort.csv"),
            ("two groups, means", "necc table1 cohort.csv --by site:lung --numbers mean"),
            ("some characteristics", "necc table1 cohort.csv --by ici --variables age_years,figo_stage"),
        ),
    ),
    "staging": Told(
        "FIGO stages of both editions side by side, and what tumour size and nodes imply for the later one.",
        (
            ("all patients", "necc staging cohort.csv"),
            ("some of them", "necc staging cohort.csv --where 'age_years>40'"),
        ),
    ),
    "together": Told(
        "Which recurrence sites come together in a patient, each combination counted, and each pair tested against "
        "chance with adjusted p.",
        (
            ("combinations and pairs", "necc together cohort.csv"),
            ("as a picture", "necc together cohort.csv --svg together.svg"),
        ),
    ),
    "organs": Told(
        "Organs within a recurrence site, where the file names them.",
        (
            ("the site with most organs", "necc organs cohort.csv"),
            ("one site", "necc organs cohort.csv --site abdominal"),
        ),
    ),
    "site-times": Told(
        "After how long the disease came back, for patients with each site against those without it.",
        (
            ("every site", "necc site-times cohort.csv"),
            ("adjusted by false discoveries", "necc site-times cohort.csv --adjustment bh"),
        ),
    ),
    "response-sites": Told(
        "Objective response of patients with each recurrence site against those without it.",
        (
            ("best response", "necc response-sites cohort.csv"),
            ("of all who were treated", "necc response-sites cohort.csv --denominator treated"),
        ),
    ),
    "transitions": Told(
        "What became of the best response: from best to final, counted.",
        (
            ("as a table", "necc transitions cohort.csv"),
            ("as a picture", "necc transitions cohort.csv --svg transitions.svg"),
        ),
    ),
    "treated": Told(
        "Every patient on an immune checkpoint inhibitor in a row; as a picture, their time on treatment.",
        (("a row each", "necc treated cohort.csv"), ("as swimmers", "necc treated cohort.csv --svg swimmers.svg")),
    ),
    "rmst": Told(
        "Restricted mean survival time: the mean time up to a horizon, and its differences between groups, which need "
        "no proportional hazards.",
        (
            ("two groups", "necc rmst cohort.csv --endpoint PRS --by ici"),
            ("up to 24 months", "necc rmst cohort.csv --endpoint PRS --by ici --tau 24"),
            ("as areas", "necc rmst cohort.csv --endpoint OS --by site:lung --svg rmst.svg"),
        ),
    ),
    "test": Told(
        "Whether survival differs between groups: the family of weighted log-rank tests, a trend, permutation where "
        "groups are small, and each pair with adjusted p.",
        (
            ("by number of sites", "necc test cohort.csv --endpoint PRS --by n_sites"),
            ("within strata", "necc test cohort.csv --endpoint PRS --by ici --strata histology"),
        ),
    ),
    "fixed-times": Told(
        "Survival at chosen times, and its differences between groups there.",
        (
            ("everybody", "necc fixed-times cohort.csv --endpoint OS --at 24"),
            ("two groups at 12 and 24 months", "necc fixed-times cohort.csv --endpoint PRS --by ici --at 12,24"),
        ),
    ),
    "each-site": Told(
        "Survival of patients with each recurrence site against those without it, with p adjusted for the number of "
        "sites.",
        (
            ("after recurrence", "necc each-site cohort.csv --endpoint PRS"),
            ("as panels", "necc each-site cohort.csv --endpoint OS --svg sites.svg"),
        ),
    ),
    "timing": Told(
        "A treatment that starts after time zero, counted three ways: naively, from a landmark, and as it begins. The "
        "naive answer never stands alone: it counts the time before treatment as treated.",
        (
            ("the dictionary's treatment", "necc timing cohort.csv --endpoint PRS"),
            ("a landmark of 6 months", "necc timing cohort.csv --endpoint PRS --landmark 6"),
        ),
    ),
    "hazards": Told(
        "Two hazards of each competing cause: of its incidence (Fine-Gray), and among those still free of all causes.",
        (
            ("one covariate", "necc hazards cohort.csv --covariates age_years --causes lung"),
            ("several", "necc hazards cohort.csv --covariates age_years,histology --causes lung,pelvic"),
        ),
    ),
    "subgroups": Told(
        "One hazard ratio within the levels of other factors, with tests of interaction and adjusted p.",
        (
            ("treatment by histology", "necc subgroups cohort.csv --endpoint PRS --exposure ici --within histology"),
            (
                "adjusted for age",
                "necc subgroups cohort.csv --endpoint PRS --exposure ici --within lvsi --adjusted-for age_years",
            ),
        ),
    ),
    "diagnostics": Told(
        "What speaks against a Cox model: hazards that change with time, covariates that say the same, and patients "
        "who decide the answer.",
        (
            ("of a model", "necc diagnostics cohort.csv --endpoint PRS --covariates site:lung,age_years"),
            (
                "on ranks of time",
                "necc diagnostics cohort.csv --endpoint PRS --covariates site:lung,age_years --transform rank",
            ),
        ),
    ),
    "imputed": Told(
        "Cox regression with missing values filled in several times, beside the model of complete patients. The same "
        "seed gives the same answer.",
        (
            ("five times", "necc imputed cohort.csv --endpoint PRS --covariates lvsi,age_years --imputations 5"),
            (
                "with another seed",
                "necc imputed cohort.csv --endpoint PRS --covariates lvsi,age_years --imputations 5 --seed 7",
            ),
        ),
    ),
    "predict": Told(
        "Whether models of several covariates predict better than one simple number, judged in patients whom they "
        "haven't seen. It takes a while, says how far it is, and answers the same each time.",
        (
            (
                "quickly, for a first look",
                "necc predict cohort.csv --endpoint PRS --covariates site:lung,age_years --folds 2 --repeats 1",
            ),
            (
                "with another seed",
                "necc predict cohort.csv --endpoint PRS --covariates ici,age_years --folds 2 --repeats 1 --seed 7",
            ),
        ),
    ),
    "predict-one": Told(
        "The predicted curve of one patient, who is left out of the fit. It isn't validated for decisions.",
        (
            (
                "the second in the file",
                "necc predict-one cohort.csv --endpoint PRS --covariates site:lung,age_years --place 2 --bootstraps 20",
            ),
        ),
    ),
    "methods": Told(
        "A Methods text of the usual analyses as they were computed: every choice, count and version.",
        (
            ("of one endpoint", "necc methods cohort.csv --endpoint PRS"),
            ("of survival in groups", "necc methods cohort.csv --endpoint PRS --by ici --about survival"),
            ("with Cox models", "necc methods cohort.csv --endpoint PRS --covariates ici,age_years --about together"),
        ),
    ),
    "readings": Told(
        "What the usual analyses say, sentence by sentence, by fixed rules. They name no cause.",
        (
            ("of all", "necc readings cohort.csv --endpoint PRS"),
            ("of survival in groups", "necc readings cohort.csv --endpoint PRS --by ici --about survival"),
        ),
    ),
    "checklist": Told(
        "The items of REMARK or STROBE: filled where the analyses know, and listed where the authors have to.",
        (
            ("REMARK", "necc checklist cohort.csv --endpoint PRS --about survival"),
            ("STROBE", "necc checklist cohort.csv --endpoint PRS --about survival --name strobe"),
        ),
    ),
    "figure": Told(
        "Any picture of the pages, by its name, or any figure or table by its recipe, as the exhibits of a report "
        "write it. Without either, the names are listed.",
        (
            ("which there are", "necc figure cohort.csv"),
            ("one by its name", "necc figure cohort.csv --name each-site --endpoint PRS --svg sites.svg"),
            (
                "one by its recipe",
                "necc figure cohort.csv --recipe 'figures.upset(co_occurrence(cohort), most=5)' --svg five.svg",
            ),
        ),
    ),
    "app": Told(
        "Starts the dashboard in a browser. Patients stay on this machine.",
        (("with the shipped sample", "necc app"), ("with a file", "necc app --data cohort.csv")),
    ),
    "schema": Told(
        "Prints what a command's --json holds, as a JSON Schema. Within a major version keys are added, and none goes "
        "or changes its type.",
        (
            ("which there are", "necc schema"),
            ("one", "necc schema km"),
            ("that of an action", "necc schema project save"),
            ("all of them as files", "necc schema --all -o schemas"),
        ),
    ),
    "completion": Told(
        "Prints a script that lets a shell complete commands, options, their choices, files, and the names of "
        "variables, endpoints and sites.",
        (
            ("bash, once a session", "necc completion bash > necc.bash"),
            ("zsh, into a folder of $fpath", "necc completion zsh > _necc"),
            ("fish", "necc completion fish > necc.fish"),
            ("PowerShell, from the profile", "necc completion powershell > necc.ps1"),
        ),
    ),
    "help": Told(
        "What the commands are, or how one is used: 'necc help km' says the same as 'necc km --help'.",
        (("all commands", "necc help"), ("one", "necc help km"), ("an action", "necc help project save")),
    ),
}
