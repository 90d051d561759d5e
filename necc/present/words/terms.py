"""The words of the glossary by subject: each with a plain sentence or two, other names, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass

from necc.core.text import slug


@dataclass(frozen=True)
class Term:
    """A word with what it means.

    also: what else it is called: abbreviations, other names. see: names of other terms. explains: keys of the
    explanations it belongs to. covers: words that mean something else, a kind or a part of it, and are looked up here.
    quiet: too common to be marked in a text.
    """

    name: str
    definition: str
    also: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    quiet: bool = False
    covers: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All words by which it is found."""
        return (self.name, *self.also, *self.covers)

    @property
    def key(self) -> str:
        return slug(self.name)

    @property
    def title(self) -> str:
        """The name, with the abbreviation that it is mostly known by: the first of its other names."""
        short = self.also[0] if self.also and shortened(self.also[0]) else ""
        return f"{self.name} ({short})" if short and not shortened(self.name) else self.name


def shortened(word: str) -> bool:
    """Whether it is an abbreviation, which means something else in small letters: OR, CI."""
    return len(word) <= 5 and sum(letter.isupper() for letter in word) >= 2


def _term(
    name: str, definition: str, also: str = "", see: str = "", explains: str = "", quiet: bool = False, covers: str = ""
) -> Term:
    return Term(name, definition, _split(also), _split(see), tuple(explains.split()), quiet, _split(covers))


def _split(words: str) -> tuple[str, ...]:
    return tuple(filter(None, (word.strip() for word in words.split(","))))


TERMS: tuple[Term, ...] = (
    # ------------------------------------------------------------ survival
    _term(
        "Event",
        "What the time runs to: a death, a recurrence. Whoever has not had it by the last contact is censored.",
        see="Censoring, Endpoint",
        quiet=True,
    ),
    _term(
        "Censoring",
        "A patient is censored where her observation ends without the event. It is known that she was free of it "
        "until then, and nothing after.",
        also="censored, right-censored, censored observation",
        see="Kaplan-Meier curve, Number at risk, Median follow-up",
    ),
    _term(
        "Time zero",
        "The moment from which a survival time is counted, such as diagnosis or first recurrence. Groups must be "
        "known at it.",
        also="start of follow-up",
        see="Immortal time, Endpoint",
        quiet=True,
    ),
    _term(
        "Number at risk",
        "How many patients are still under observation and free of the event just before a time. What a curve "
        "says there rests on these few.",
        also="at risk, risk set",
        see="Kaplan-Meier curve, Censoring",
        explains="number-at-risk",
    ),
    _term(
        "Kaplan-Meier curve",
        "The estimated share of patients still free of the event at each time, which uses the time of everyone, "
        "censored patients too.",
        also="KM, Kaplan-Meier, Kaplan-Meier estimate, Kaplan-Meier method, survival curve, product-limit estimate",
        see="Censoring, Number at risk, Median survival, Crude share",
        explains="kaplan-meier survival-grid",
    ),
    _term(
        "Crude share",
        "Patients alive divided by all patients. It counts the censored as if one knew how they fared, so it "
        "isn't survival at a time.",
        also="raw percentage, crude rate",
        see="Kaplan-Meier curve, Censoring",
        quiet=True,
    ),
    _term(
        "Median survival",
        "The time by which half of the patients are estimated to have had the event. It is not reached where the "
        "curve stays above 50 %.",
        also="median survival time",
        covers="median PRS, median OS",
        see="Not reached, Kaplan-Meier curve, Confidence interval",
        explains="median-survival",
    ),
    _term(
        "Not reached",
        "A median is not reached where the curve never falls to 50 %: so far fewer than half are estimated to have "
        "had the event. It isn't that nobody had it.",
        see="Median survival, Kaplan-Meier curve",
    ),
    _term(
        "Survival at a time",
        "The estimated share still free of the event at a chosen time, such as 12 months, with its interval.",
        also="survival rate, survival probability",
        covers="1-year survival, 5-year survival",
        see="Kaplan-Meier curve, Conditional survival",
        explains="survival-at",
    ),
    _term(
        "Median follow-up",
        "How long patients were, or would have been, under observation: a Kaplan-Meier median with event and "
        "censoring exchanged.",
        also="follow-up time, reverse Kaplan-Meier",
        see="Censoring",
        explains="followup",
    ),
    _term(
        "Endpoint",
        "What is measured from when to when: for each survival time a start and an event.",
        also="outcome",
        see="Time zero, Overall survival, Post-recurrence survival, Time to recurrence",
        explains="endpoints",
        quiet=True,
    ),
    _term(
        "Overall survival",
        "Time from diagnosis, or from the start of a treatment, to death of whatever reason.",
        also="OS",
        see="Post-recurrence survival, Endpoint",
    ),
    _term(
        "Post-recurrence survival",
        "Time from first recurrence to death or last contact. It starts when the site of recurrence becomes known.",
        also="PRS, survival after recurrence",
        see="Overall survival, Time zero",
    ),
    _term(
        "Time to recurrence",
        "Time from diagnosis to first recurrence.",
        also="TTR, relapse-free interval",
        see="Selection on the outcome, Endpoint",
    ),
    _term(
        "Progression-free survival",
        "Time until the disease grows or the patient dies, whichever comes first.",
        also="PFS",
        see="RECIST, Overall survival",
    ),
    _term(
        "Hazard",
        "How fast events come at a moment, among those still free of the event: a rate, not a share.",
        also="hazard rate, event rate",
        see="Hazard ratio, Cumulative hazard",
        quiet=True,
    ),
    _term(
        "Cumulative hazard",
        "The hazard added up over time (Nelson-Aalen). It isn't a share and may exceed 1.",
        also="Nelson-Aalen, integrated hazard",
        see="Log-log curve, Hazard, Proportional hazards",
        explains="curve-scales",
    ),
    _term(
        "Log-log curve",
        "The logarithm of the cumulative hazard over time, mostly with time on a logarithmic axis, too. Where "
        "hazards are proportional, the curves of two groups run parallel.",
        also="log-log plot, log-log scale",
        see="Cumulative hazard, Proportional hazards",
    ),
    _term(
        "Hazard ratio",
        "The event rate of one group divided by that of the reference group, taken to be the same at all times. "
        "2 is twice the rate at any moment, not half the survival time.",
        also="HR, relative hazard",
        see="Cox model, Reference group, Proportional hazards, Odds ratio, Relative risk",
        explains="hazard-ratio",
    ),
    _term(
        "Conditional survival",
        "Survival from now on for those who have already lived for some time: S(s + t) divided by S(s). It needs "
        "patients still at risk at both times.",
        also="survival from today",
        see="Survival at a time, Landmark analysis",
    ),
    _term(
        "Restricted mean survival time",
        "The average time free of the event up to a chosen horizon: the area under the survival curve.",
        also="RMST",
        see="Median survival, Proportional hazards",
        explains="restricted-mean",
    ),
    _term(
        "Landmark analysis",
        "Patients still under observation at a fixed time are compared from there, in the groups known by then.",
        also="landmark",
        see="Immortal time, Conditional survival",
        explains="landmark",
    ),
    _term(
        "Immortal time",
        "Time during which a patient could not have died, by how her group is defined: whoever got a treatment "
        "lived until it. Counted as survival under treatment, it favours the treated.",
        also="guarantee time, immortal time bias, guarantee-time bias",
        see="Landmark analysis, Time-dependent covariate, Mantel-Byar test",
        explains="immortal-time immortal-time-bias treatment-sensitivity",
    ),
    _term(
        "Selection on the outcome",
        "Patients are in the study for what happened to them later. A cohort of recurrences alone can't say how "
        "often disease recurs.",
        also="outcome selection, selection on outcome",
        see="Selection bias, Time to recurrence, Cohort",
        explains="ttr-selected",
    ),
    _term(
        "Selection bias",
        "Who is in a study depends on something that also goes with the result, so that it differs from what all "
        "patients would give. Selection on the outcome is one kind of it.",
        see="Selection on the outcome, Retrospective study",
    ),
    _term(
        "Time-dependent covariate",
        "A value that changes during follow-up: a patient is untreated until her treatment starts, and treated "
        "from then on.",
        also="time-varying covariate",
        see="Immortal time, Mantel-Byar test, Simon-Makuch curves",
    ),
    _term(
        "Mantel-Byar test",
        "A log-rank test in which each patient counts as untreated until her treatment starts.",
        see="Time-dependent covariate, Log-rank test",
        explains="mantel-byar",
    ),
    _term(
        "Simon-Makuch curves",
        "Survival curves in which a patient moves from the untreated to the treated one when her treatment starts.",
        see="Time-dependent covariate, Mantel-Byar test",
        explains="simon-makuch",
    ),
    _term(
        "Delayed entry",
        "Patients become known only some time after time zero, and are counted at risk only from then on.",
        also="left truncation, late entry",
        see="Number at risk, Immortal time",
        explains="left-truncation",
    ),
    _term(
        "Parametric curves",
        "Survival described by a formula with a few numbers, such as the Weibull, instead of by steps.",
        also="parametric survival model",
        covers="Weibull, exponential, log-normal, log-logistic, spline, accelerated failure time",
        see="AIC, Extrapolation, Kaplan-Meier curve",
        explains="parametric",
    ),
    _term(
        "AIC",
        "A number that weighs how well a model fits against how many numbers it needs; lower is better.",
        also="Akaike's information criterion",
        see="BIC, Parametric curves, Overfitting",
        explains="aic",
    ),
    _term(
        "BIC",
        "A number that weighs fit against how many numbers a model needs, as AIC does, but asks more for each of "
        "them; lower is better.",
        also="Bayesian information criterion",
        see="AIC, Overfitting",
    ),
    _term(
        "Extrapolation",
        "A curve continued beyond the time at which anyone was observed.",
        see="Parametric curves, Number at risk",
        explains="extrapolation",
    ),
    # ------------------------------------------------------------ intervals and tests
    _term(
        "Confidence interval",
        "The range of values that fit the data: of 100 such intervals from repeated studies about 95 hold the "
        "true value.",
        also="CI, 95 % interval, 95 % CI, confidence limits",
        see="Standard error, P-value, Exact interval",
        explains="confidence-interval",
    ),
    _term(
        "Standard error",
        "How far an estimate would scatter if the study were repeated. A 95 % interval is about 2 standard "
        "errors to each side.",
        also="SE",
        see="Confidence interval",
    ),
    _term(
        "Greenwood's formula",
        "How the standard error of a Kaplan-Meier estimate is computed, of the events and numbers at risk so far.",
        also="Greenwood",
        see="Standard error, Kaplan-Meier curve",
    ),
    _term(
        "Exact interval",
        "An interval for a share that holds for small numbers, too: it is built on the binomial distribution "
        "itself (Clopper-Pearson).",
        also="Clopper-Pearson, binomial interval",
        see="Confidence interval",
        explains="exact-interval",
    ),
    _term(
        "P-value",
        "How often chance alone would give a difference at least as large as the one seen, if there were none. "
        "It isn't the chance that there is none.",
        also="p value",
        covers="significance",
        see="Confidence interval, Multiple testing, Null hypothesis",
    ),
    _term(
        "Null hypothesis",
        "The assumption that a test starts from: no difference between the groups.",
        also="null",
        see="P-value",
        quiet=True,
    ),
    _term(
        "Multiple testing",
        "Of many tests some give a small p by chance: of 20 without any difference about one falls below 0.05.",
        also="multiplicity, multiple comparisons",
        covers="adjusted p",
        see="Holm's method, False discovery rate",
        explains="adjusted-p",
    ),
    _term(
        "Holm's method",
        "Raises p-values for the number of tests, so that even one false finding among all of them is rare.",
        also="Holm, Holm-Bonferroni",
        see="Bonferroni's method, Multiple testing, False discovery rate",
    ),
    _term(
        "Bonferroni's method",
        "Each p-value times the number of tests. It guards against one false finding as Holm's method does, but "
        "more strictly than it needs to.",
        also="Bonferroni",
        see="Holm's method, Multiple testing",
    ),
    _term(
        "False discovery rate",
        "The share of false findings among those called significant. Benjamini and Hochberg's method keeps it "
        "below a limit; it is milder than Holm's.",
        also="FDR",
        covers="Benjamini-Hochberg",
        see="Multiple testing, Holm's method",
    ),
    _term(
        "Log-rank test",
        "Compares whole survival curves: at each event, the events of a group against those expected if all "
        "groups were alike.",
        also="logrank, log rank, Mantel-Cox",
        see="Hazard ratio, Weighted log-rank tests, P-value",
        explains="log-rank",
    ),
    _term(
        "Weighted log-rank tests",
        "Log-rank tests that give early or late times more weight.",
        covers="Gehan, Breslow test, Tarone-Ware, Fleming-Harrington, Peto",
        see="Log-rank test",
        explains="weighted-log-rank",
    ),
    _term(
        "Test for trend",
        "A test for groups in an order: does risk rise or fall along it?",
        also="trend test",
        see="Log-rank test",
        explains="trend-test",
    ),
    _term(
        "Permutation test",
        "p by exchanging the labels of the groups, many times, and counting how often the difference is as large "
        "as the one seen.",
        also="randomisation test",
        see="P-value, Fisher's exact test",
        explains="permutation-test",
    ),
    _term(
        "Chi-square test",
        "Compares counts in a table with those expected if rows and columns had nothing to do with each other "
        "(Pearson). It needs more than a few patients in each cell.",
        also="chi-squared, Pearson",
        see="Yates' correction, Fisher's exact test, Odds ratio",
        explains="test-convention",
    ),
    _term(
        "Yates' correction",
        "Makes the p of a chi-square test of a small two-by-two table larger, because counts come in whole numbers "
        "only.",
        also="Yates, continuity correction",
        see="Chi-square test, Fisher's exact test",
    ),
    _term(
        "Fisher's exact test",
        "A test for small tables: it adds up the chances of all tables at least as unlikely as the one seen.",
        also="Fisher, exact test",
        see="Chi-square test, P-value",
    ),
    _term(
        "Rank test",
        "Compares numbers between groups by their order, not by their size: Mann-Whitney for two groups, "
        "Kruskal-Wallis for more.",
        covers="Mann-Whitney, Wilcoxon rank-sum, Kruskal-Wallis",
        see="P-value, Quartiles",
    ),
    _term(
        "Quartiles",
        "The values below which a quarter, half (the median) and three quarters of the patients lie; the middle "
        "half lies between the outer two.",
        covers="interquartile range, IQR",
        see="Percentile, Rank test",
    ),
    _term(
        "Percentile",
        "The value below which that many of 100 patients lie; the 50th is the median, the 25th and 75th are the "
        "outer quartiles.",
        see="Quartiles",
    ),
    _term(
        "Odds",
        "Patients with it divided by patients without it: 1 of 4 is a share of 25 % and odds of 1 to 3.",
        see="Odds ratio",
        quiet=True,
    ),
    _term(
        "Odds ratio",
        "The odds in one group divided by those in the other. For frequent outcomes it lies further from 1 than "
        "the ratio of the shares.",
        also="OR",
        see="Odds, Relative risk, Hazard ratio",
        explains="odds-ratio",
    ),
    _term(
        "Relative risk",
        "The share with an outcome in one group divided by that in the other.",
        also="RR, risk ratio",
        see="Odds ratio, Hazard ratio",
    ),
    _term(
        "Standardised difference",
        "The difference between two groups in units of their spread. Unlike p it doesn't grow with the number of "
        "patients.",
        also="SMD, standardized difference",
        see="Characteristics by group",
        explains="standardised-difference",
    ),
    _term(
        "Co-occurrence",
        "How often two sites come together, against how often chance alone would bring them together.",
        see="Odds ratio, Recurrence site",
        explains="co-occurrence",
    ),
    # ------------------------------------------------------------ regression
    _term(
        "Cox model",
        "A regression for survival times: it gives a hazard ratio for each covariate without a formula for the "
        "curve itself.",
        also="Cox regression, proportional hazards model, Cox proportional hazards",
        see="Hazard ratio, Covariate, Proportional hazards",
        explains="cox-table",
    ),
    _term(
        "Covariate",
        "A characteristic that stands in a model: age, stage, a site.",
        also="predictor, explanatory variable",
        see="Univariable and multivariable, Reference group",
        quiet=True,
    ),
    _term(
        "Univariable and multivariable",
        "A model of one covariate alone, and a model of several together, in which patients are compared who are "
        "alike in the others.",
        also="univariate, multivariate, multivariable, univariable",
        covers="adjusted hazard ratio, unadjusted",
        see="Cox model, Confounding",
    ),
    _term(
        "Reference group",
        "The group with which the others are compared: its ratio is 1.",
        also="reference level, reference category",
        see="Hazard ratio",
    ),
    _term(
        "Forest plot",
        "Ratios or shares in rows, each with its interval as a line; the longer the line, the less is known.",
        see="Hazard ratio, Confidence interval, Meta-analysis",
        explains="forest-plot",
    ),
    _term(
        "Separation",
        "The data allow a ratio without end. Of odds: a group in which nobody, or everybody, had the event. Of "
        "hazards: a group without any event. The number printed is where the program stopped.",
        also="monotone likelihood, complete separation, infinite estimate",
        see="Firth's method, Events per variable",
        explains="separation",
    ),
    _term(
        "Firth's method",
        "A penalised likelihood that gives a finite ratio with an honest, often very wide interval where "
        "ordinary ratios run away.",
        also="Firth, penalised likelihood",
        see="Separation",
    ),
    _term(
        "Events per variable",
        "Events divided by the number of ratios that a model estimates. Below about 10 the ratios are unsteady.",
        also="EPV, events per parameter",
        see="Overfitting, Cox model",
        explains="events-per-variable",
    ),
    _term(
        "Overfitting",
        "A model follows the chance features of its own patients, and does worse in others.",
        also="overfit",
        covers="optimism",
        see="Events per variable, Cross-validation",
    ),
    _term(
        "Collinearity",
        "Covariates that carry nearly the same information, so that their ratios can hardly be told apart.",
        also="multicollinearity",
        covers="variance inflation, VIF",
        see="Covariate",
        explains="collinearity",
    ),
    _term(
        "Concordance",
        "Of all pairs of patients whose order is known, the share in which the one with the higher predicted "
        "hazard had the event first. 0.5 is chance.",
        also="C-index, Harrell's C, c-statistic",
        covers="discrimination",
        see="Brier score, Calibration",
        explains="concordance",
    ),
    _term(
        "Proportional hazards",
        "The assumption that a hazard ratio is the same at all times. Where curves cross it fails.",
        also="PH assumption",
        see="Schoenfeld residuals, Hazard ratio, Restricted mean survival time",
        explains="proportional-hazards",
    ),
    _term(
        "Schoenfeld residuals",
        "For each event, how far the covariate of the patient who had it lies from its mean among those at risk. "
        "A trend over time speaks against proportional hazards.",
        also="Schoenfeld",
        see="Proportional hazards",
    ),
    _term(
        "Influence",
        "How far a result moves if one patient is left out.",
        covers="dfbeta",
        see="Sensitivity analysis",
        explains="influence",
        quiet=True,
    ),
    _term(
        "Interaction",
        "A ratio differs between subgroups. Only one test across all of them answers whether it does.",
        covers="subgroup analysis, subgroups",
        see="Multiple testing, Hazard ratio",
        explains="subgroups",
    ),
    _term(
        "Stepwise selection",
        "Covariates enter and leave a model by their p-values. The p-values of what is left are too small.",
        also="forward selection, backward elimination",
        see="Bootstrap, Overfitting",
        explains="stepwise",
    ),
    _term(
        "Bootstrap",
        "An analysis repeated in many samples drawn from the patients with replacement, to see how much its "
        "result moves.",
        also="resampling",
        see="Stepwise selection, Confidence interval",
        explains="bootstrap-inclusion",
    ),
    _term(
        "Multiple imputation",
        "Missing values are filled in several times from what is recorded, and the answers are pooled.",
        also="MICE, imputation",
        see="Missing values",
        explains="multiple-imputation",
    ),
    _term(
        "Missing values",
        "What isn't recorded. Leaving these patients out assumes that they are like the others.",
        also="missing data, not recorded, complete case",
        see="Multiple imputation",
        explains="missing-values",
    ),
    _term(
        "Sensitivity analysis",
        "The same analysis under another assumption, to see whether the answer depends on it.",
        see="Influence",
    ),
    # ------------------------------------------------------------ competing risks
    _term(
        "Competing risks",
        "Several kinds of first event, of which each keeps the others from coming first.",
        also="competing events, competing risk",
        see="Cumulative incidence, Cause-specific hazard, Fine-Gray model",
        explains="several-sites",
    ),
    _term(
        "Cumulative incidence",
        "The estimated share of patients who have had one kind of event by a time, while other kinds may come first.",
        also="CIF",
        covers="Aalen-Johansen",
        see="Competing risks, 1 minus Kaplan-Meier",
        explains="cumulative-incidence stacked-incidence",
    ),
    _term(
        "1 minus Kaplan-Meier",
        "Counts patients with another first event as if they could still have this one; where events compete it "
        "overstates the share.",
        also="1 - KM, one minus Kaplan-Meier",
        see="Cumulative incidence, Competing risks",
        explains="one-minus-km",
    ),
    _term(
        "Cause-specific hazard",
        "How fast one kind of event comes among those still free of any kind.",
        also="cause specific",
        see="Competing risks, Fine-Gray model",
    ),
    _term(
        "Fine-Gray model",
        "A regression of the cumulative incidence of one kind of event: it gives subdistribution hazard ratios.",
        also="Fine-Gray",
        covers="subdistribution hazard, sHR",
        see="Cause-specific hazard, Cumulative incidence",
        explains="fine-gray",
    ),
    _term(
        "Gray's test",
        "Compares the cumulative incidence of one kind of event between groups.",
        also="Gray test",
        see="Cumulative incidence, Log-rank test",
        explains="gray-test",
    ),
    # ------------------------------------------------------------ prediction
    _term(
        "Prediction model",
        "A rule that gives a patient a survival curve from her characteristics. It must be judged in patients it "
        "wasn't made from.",
        also="prognostic model",
        see="Cross-validation, Calibration, Brier score",
        explains="prediction patient-prediction",
    ),
    _term(
        "Cross-validation",
        "Part of the patients is left out, the model made from the rest and judged on those left out, in turn.",
        see="Overfitting, Prediction model",
        explains="cross-validation",
    ),
    _term(
        "Brier score",
        "How far predicted survival lies from what happened, squared and averaged; lower is better.",
        also="integrated Brier score, IBS",
        see="Calibration, Concordance",
        explains="brier-score",
    ),
    _term(
        "Calibration",
        "Whether predicted and observed shares agree: of patients with a predicted 60 %, do about 60 % live?",
        see="Brier score, Prediction model",
        explains="calibration",
    ),
    _term(
        "Decision curve",
        "Whether acting on a prediction does more good than acting on everybody or nobody, at each threshold of risk.",
        also="decision curve analysis, net benefit",
        see="Prediction model",
        explains="decision-curve",
    ),
    _term(
        "Permutation importance",
        "How much worse a model predicts when the values of one covariate are exchanged among patients.",
        also="variable importance",
        see="Prediction model",
        explains="permutation-importance",
    ),
    # ------------------------------------------------------------ studies
    _term(
        "Cohort",
        "A group of patients followed over time.",
        also="cohort study",
        see="Sub-cohort, Selection on the outcome",
        quiet=True,
    ),
    _term(
        "Sub-cohort",
        "Patients of a cohort who meet saved filters.",
        also="subcohort",
        see="Cohort",
        explains="subcohorts overlap",
        quiet=True,
    ),
    _term(
        "Retrospective study",
        "The records were kept before the question was asked: what is in them, and who, wasn't chosen for it.",
        also="retrospective",
        see="Confounding, Missing values",
    ),
    _term(
        "Confounding",
        "Groups differ in more than what is compared, such as stage or fitness, and the difference in outcome "
        "may come from that.",
        also="confounder",
        covers="confounding by indication",
        see="Univariable and multivariable, Retrospective study",
    ),
    _term(
        "Prognostic and predictive",
        "A prognostic factor goes with how patients fare whatever is done; a predictive one tells in whom a "
        "treatment does more.",
        covers="prognostic factor, predictive factor, predictive marker",
        see="Interaction",
    ),
    _term(
        "Meta-analysis",
        "Results of several studies pooled in one. Studies that differ much (heterogeneity) pool badly.",
        covers="pooled estimate, heterogeneity, systematic review",
        see="Forest plot, Confidence interval",
        explains="literature",
    ),
    _term(
        "Characteristics by group",
        "Who the patients were, group by group: the table 1 of most papers.",
        also="Table 1, baseline characteristics",
        see="Standardised difference",
        explains="baseline-table overview",
        quiet=True,
    ),
    _term(
        "Flow diagram",
        "Who was looked at, who was left out and why, and who remained.",
        also="patient flow, CONSORT diagram",
        see="STROBE",
        explains="flow attrition",
    ),
    _term(
        "STROBE",
        "What a report of an observational study should tell; REMARK is the like for prognostic markers, CONSORT "
        "for trials.",
        covers="REMARK, CONSORT, reporting guideline",
        see="Flow diagram",
        explains="checklists",
    ),
    _term(
        "Synthetic cohort",
        "Patients that nobody is: built so that their figures match printed ones. Agreement with those is no new "
        "evidence.",
        also="synthetic sample, reconstructed cohort",
        see="Reproduction, Replication",
    ),
    _term(
        "Reproduction",
        "A printed figure computed again from the data. It shows how it was calculated, not that it holds in "
        "other patients.",
        also="recomputation",
        see="Replication, Synthetic cohort, Audit",
        explains="reproduction",
    ),
    _term(
        "Replication",
        "The question of a study asked again of other patients. It shows whether a finding holds there; computing "
        "printed figures again from the same ones, or from patients built to match them, doesn't.",
        see="Reproduction, Synthetic cohort",
    ),
    _term(
        "Audit",
        "Arithmetic on printed figures alone: what follows from one must agree with the others as far as "
        "rounding allows.",
        see="Reproduction",
        explains="audit",
    ),
    _term(
        "Edit",
        "A step after reading a file: a level renamed or merged, a row left out, a variable made. The file itself "
        "stays as it is.",
        explains="edits",
        quiet=True,
    ),
    _term(
        "Project",
        "All that was decided about a cohort, as one file: columns, edits, filters, sub-cohorts, exhibits. It holds no "
        "patient's values.",
        explains="project",
        quiet=True,
    ),
    _term(
        "Report",
        "Figures and tables chosen from the pages, made into documents, slides, tables and scripts.",
        covers="exhibit",
        explains="report-files",
        quiet=True,
    ),
    _term(
        "Validation",
        "Numbers of this program compared with those of R, of another package, or by hand.",
        covers="second opinion",
        explains="validation second-opinion",
        quiet=True,
    ),
    _term(
        "Finding",
        "Something noticed while a file was read, with its row: an error, a warning, or for information.",
        covers="data quality",
        explains="findings",
        quiet=True,
    ),
    # ------------------------------------------------------------ disease
    _term(
        "Neuroendocrine carcinoma of the cervix",
        "A rare, fast-growing cancer of the cervix, about 1 to 2 % of cervical cancers; small cell is its most "
        "frequent kind.",
        also="NECC, NEC, neuroendocrine cervical cancer, neuroendocrine carcinoma",
        see="Small cell carcinoma, Large cell carcinoma, Mixed histology",
    ),
    _term(
        "Small cell carcinoma",
        "A neuroendocrine carcinoma of small, densely packed cells, as in small cell lung cancer.",
        also="small cell, SCNEC, SCCC",
        see="Neuroendocrine carcinoma of the cervix, Large cell carcinoma",
    ),
    _term(
        "Large cell carcinoma",
        "A neuroendocrine carcinoma of larger cells, rarer than small cell.",
        also="large cell, LCNEC",
        see="Small cell carcinoma",
    ),
    _term(
        "Mixed histology",
        "A neuroendocrine part together with another kind, such as adenocarcinoma or squamous cell carcinoma.",
        also="mixed, combined carcinoma",
        see="Neuroendocrine carcinoma of the cervix",
        quiet=True,
    ),
    _term(
        "Small cell lung cancer",
        "The lung cancer from which most treatment of this disease is borrowed.",
        also="SCLC",
        see="Etoposide and cisplatin, Prophylactic cranial irradiation",
    ),
    _term(
        "FIGO stage",
        "How far a gynaecological cancer has spread at diagnosis, I to IV. The edition of 2018 stages by nodes "
        "and size, too, so stages of different editions aren't the same.",
        also="FIGO, stage",
        see="Stage migration",
        explains="restaging restaging-implied",
    ),
    _term(
        "Stage migration",
        "Patients move to another stage by a new rule or better imaging, and every stage looks better without "
        "anybody living longer.",
        also="Will Rogers phenomenon",
        see="FIGO stage",
    ),
    _term(
        "Lymphovascular space invasion",
        "Tumour cells in small lymph or blood vessels, seen under the microscope.",
        also="LVSI, lymphovascular invasion",
        see="FIGO stage",
    ),
    _term(
        "Human papillomavirus",
        "A virus found in nearly all cervical cancers; in small cell carcinoma mostly the types 18 and 16.",
        also="HPV",
        see="Small cell carcinoma",
    ),
    _term(
        "Neuroendocrine markers",
        "Proteins by which neuroendocrine cells are known under the microscope: synaptophysin, chromogranin A, CD56.",
        covers="synaptophysin, chromogranin, CD56, immunohistochemistry",
        see="Neuroendocrine carcinoma of the cervix, Ki-67",
    ),
    _term(
        "Ki-67",
        "The share of tumour cells that are dividing.",
        see="Neuroendocrine markers",
    ),
    _term(
        "Recurrence",
        "Disease that comes back after it was gone, or seemed so.",
        also="relapse, recurrent",
        see="Recurrence site, Time to recurrence",
        quiet=True,
    ),
    _term(
        "Recurrence site",
        "Where disease came back first. One recurrence may show several sites at once.",
        also="site of recurrence",
        covers="metastatic site, distant metastasis",
        see="Site scheme, Competing risks",
        explains="site-distribution sites-by-factor site-timing number-of-sites organs",
        quiet=True,
    ),
    _term(
        "Site scheme",
        "The rule by which organs are grouped into sites.",
        see="Recurrence site",
        explains="site-scheme",
    ),
    _term(
        "UpSet plot",
        "Each column is one exact combination, its bar how many patients have it; filled dots say which.",
        also="UpSet",
        see="Co-occurrence",
        explains="upset",
    ),
    _term(
        "Performance status",
        "How well a patient manages daily life, 0 (as before the disease) to 5 (dead), by ECOG.",
        also="performance score",
        covers="ECOG",
    ),
    # ------------------------------------------------------------ treatment
    _term(
        "Etoposide and cisplatin",
        "The usual first chemotherapy of small cell carcinomas.",
        also="EP",
        covers="etoposide, platinum, cisplatin, carboplatin",
        see="Small cell lung cancer",
    ),
    _term(
        "Paclitaxel and cisplatin",
        "The usual first chemotherapy of other cervical cancers, with cisplatin or carboplatin.",
        also="TP",
        covers="paclitaxel, taxane",
        see="Etoposide and cisplatin",
    ),
    _term(
        "Radical surgery",
        "The womb with its surroundings and, as a rule, the pelvic lymph nodes are removed.",
        also="radical hysterectomy",
        see="Adjuvant treatment",
    ),
    _term(
        "Adjuvant treatment",
        "Treatment after surgery, without visible disease.",
        also="adjuvant",
        see="Neoadjuvant treatment, Radical surgery",
    ),
    _term(
        "Neoadjuvant treatment",
        "Treatment before surgery, mostly chemotherapy, so that the tumour is smaller when it is removed.",
        also="neoadjuvant",
        see="Adjuvant treatment, Radical surgery",
    ),
    _term(
        "Chemoradiation",
        "Radiation with chemotherapy at the same time.",
        also="concurrent chemoradiotherapy, CCRT, chemoradiotherapy",
        see="Radical surgery",
    ),
    _term(
        "Immune checkpoint inhibitor",
        "An antibody that lifts a brake of the immune system, most often at PD-1 or PD-L1.",
        also="ICI, checkpoint inhibitor",
        covers="PD-1, PD-L1, immunotherapy, pembrolizumab, nivolumab",
        see="Objective response rate, Tumour mutational burden",
    ),
    _term(
        "Tumour mutational burden",
        "How many mutations a tumour carries. High burden and microsatellite instability (MSI) are looked for "
        "before immunotherapy.",
        also="TMB",
        covers="MSI, microsatellite instability",
        see="Immune checkpoint inhibitor",
    ),
    _term(
        "Anti-angiogenic treatment",
        "Drugs against the growth of blood vessels, such as bevacizumab.",
        also="antiangiogenic, antiangiogenic therapy",
        covers="bevacizumab, VEGF",
        see="Immune checkpoint inhibitor",
    ),
    _term(
        "Prophylactic cranial irradiation",
        "Radiation of the brain before any metastasis is seen there, as in small cell lung cancer.",
        also="PCI",
        see="Small cell lung cancer",
    ),
    _term(
        "Line of treatment",
        "The first, second, third treatment given for recurrent or spread disease, one after another.",
        also="line of therapy",
        covers="first line, second line",
        see="Recurrence",
        quiet=True,
    ),
    # ------------------------------------------------------------ response
    _term(
        "RECIST",
        "The usual rules by which a response is read off the size of lesions on scans.",
        also="response criteria",
        see="Complete response, Partial response, Stable disease, Progressive disease",
    ),
    _term(
        "Complete response",
        "All lesions are gone.",
        also="CR",
        see="RECIST, Objective response rate",
    ),
    _term(
        "Partial response",
        "By RECIST, the lesions are together at least 30 % smaller than at the start.",
        also="PR",
        see="RECIST, Objective response rate",
    ),
    _term(
        "Stable disease",
        "Neither enough smaller for a response nor enough larger for progression.",
        also="SD",
        see="RECIST, Disease control rate",
    ),
    _term(
        "Progressive disease",
        "By RECIST, the lesions together grew by 20 % or more (and 5 mm) from their smallest sum, or a new one is "
        "seen.",
        also="PD, progression",
        see="RECIST, Progression-free survival",
    ),
    _term(
        "Objective response rate",
        "The share of patients with complete or partial response, of those evaluable or of all treated.",
        also="ORR, response rate",
        see="Best and final response, Evaluable patients, Exact interval",
        explains="objective-response response-by-group",
    ),
    _term(
        "Disease control rate",
        "The share with complete or partial response or stable disease.",
        also="DCR, disease control",
        see="Objective response rate",
        explains="disease-control",
    ),
    _term(
        "Best and final response",
        "The best of all assessments, and the last one. A rate of best responses is never below that of final ones.",
        covers="best overall response, BOR, best response, final response",
        see="Objective response rate",
        explains="best-final-response transitions response-ladder",
    ),
    _term(
        "Evaluable patients",
        "Treated patients whose response was assessed. Those who died before the first scan aren't among them.",
        also="evaluable",
        see="Objective response rate",
        explains="denominator",
    ),
    _term(
        "Time to response",
        "From the start of treatment to the first assessment that showed a response, among responders.",
        see="Duration of response",
        explains="time-to-response",
    ),
    _term(
        "Duration of response",
        "From the first response to progression or death.",
        also="DOR",
        see="Time to response, Progression-free survival",
    ),
    _term(
        "Swimmer plot",
        "A lane for each patient, as long as she was observed, with marks for what happened.",
        also="swim lanes",
        see="Time to response, Duration of response",
        explains="swimmer",
    ),
)
