"""Short plain explanations of figures and numbers, for the resident who looks over the shoulder.

Each says what is shown, how to read it, and where it misleads.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """A title and one to three short paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


def explain(key: str) -> Explanation:
    """The explanation of a figure or number.

    Raises:
        KeyError: there is none of this name.
    """
    return EXPLANATIONS[key]


def _about(title: str, *paragraphs: str) -> Explanation:
    return Explanation(title, paragraphs)


EXPLANATIONS: dict[str, Explanation] = {
    # ------------------------------------------------------------ survival
    "kaplan-meier": _about(
        "Kaplan-Meier curve",
        "The curve is the estimated share of patients still free of the event at each time. It drops at each event; "
        "a tick marks a patient who was censored: under observation until then, without the event.",
        "Read it where enough patients are at risk. A pale line has fewer than five left, and one more event would "
        "move it visibly. Curves of groups that were not formed by chance may differ for reasons other than the "
        "grouping.",
    ),
    "curve-scales": _about(
        "What a curve shows",
        "Survival is the share still free of the event, risk is 1 minus that share. The cumulative hazard "
        "(Nelson-Aalen) adds up, over the event times, events divided by patients at risk; it isn't a share and may "
        "exceed 1. Its slope says how fast events come: a straight line is a constant hazard.",
        "Log-log curves are log(−log survival) against time on a log axis. Where hazards are proportional the curves "
        "of two groups run parallel; where they cross or close up, one hazard ratio doesn't describe all of the time.",
        "Where other events compete, risk is more than the share that will have this event; the view "
        "'Competing risks' of the page Survival shows that share.",
    ),
    "survival-grid": _about(
        "Every site at once",
        "Each panel compares the patients with one recurrence site against all those without it, on the same axes. p "
        "is the log-rank test; the adjusted p accounts for testing this many sites.",
        "A patient with several sites is in several panels, so the panels share patients and are not independent. "
        "Look at the numbers at risk first: with seven patients at a site only a very large difference can be shown, "
        "so that none is shown says little.",
    ),
    "number-at-risk": _about(
        "Number at risk",
        "How many patients were still under observation and free of the event just before that time. Events and "
        "censored are counted from the start up to and including it.",
        "The curve to the right rests on these few patients only; the starting n says nothing about the tail.",
    ),
    "median-survival": _about(
        "Median",
        "The time by which half of the patients are estimated to have had the event: where the curve crosses 50 %. "
        "It is not the average time, and not the median of the deaths alone.",
        "'Not reached' means that the curve stays above 50 %: too few events yet, or short follow-up. It is not "
        "missing data. An upper limit that is not reached is an open one.",
    ),
    "survival-at": _about(
        "Survival at a chosen time",
        "The estimated share still free of the event at that time, with its confidence interval. Beyond the last "
        "patient under observation it can't be estimated.",
        "Choose the times before looking at the curves; picking the time where they are furthest apart overstates a "
        "difference.",
    ),
    "confidence-interval": _about(
        "Confidence interval",
        "A range of values that fit the data. If studies like this one were repeated, about 95 of 100 such intervals "
        "would hold the true value.",
        "A wide interval means that the data say little, whatever the estimate. Overlapping intervals of two "
        "groups don't prove that they are equal; the test or the interval of the difference answers that.",
    ),
    "log-rank": _about(
        "Log-rank test",
        "Compares whole curves: at each event, how many events each group had against how many it would have had if "
        "all groups were alike. It is strongest when one group does worse all along, and weak when curves cross.",
        "A small p says that chance alone rarely gives such a difference. It doesn't say how large the difference "
        "is, nor where it comes from; a large p with few events is no proof of equality.",
    ),
    "adjusted-p": _about(
        "Adjusted p",
        "Testing many sites gives small p-values by chance: of 20 tests without any difference, about one falls "
        "below 0.05. The adjusted p is raised for the number of tests (Holm unless said otherwise), so that it can "
        "be read as one answer.",
        "It knows only the tests shown here. Trying other filters, cuts and endpoints until something shows up is "
        "not accounted for.",
    ),
    "followup": _about(
        "Median follow-up (reverse Kaplan-Meier)",
        "How long patients were, or would have been, under observation: the Kaplan-Meier method with event and "
        "censoring exchanged. A death ends the observation without saying how long it could have lasted.",
        "The plain median of all times is shorter where many die early, so it understates follow-up. Compare curves "
        "only as far as follow-up reaches in both groups.",
    ),
    "endpoints": _about(
        "TTR, PRS, OS",
        "Time to recurrence (TTR) runs from diagnosis to first recurrence. Post-recurrence survival (PRS) runs from "
        "first recurrence to death or last follow-up, overall survival (OS) from diagnosis.",
        "The recurrence site is known only at recurrence. Grouping TTR or OS by it uses information from the future; "
        "PRS is the endpoint that starts when the site becomes known.",
    ),
    "ttr-selected": _about(
        "Time to recurrence in a recurrent cohort",
        "Where everybody in a cohort had a recurrence, nobody is censored and the curve must reach zero. It shows when "
        "those who recurred did so.",
        "It is not the risk of recurrence: patients who never recurred are not in it. A longer time with one site "
        "doesn't mean that this site is rarer or later in all patients.",
    ),
    "immortal-time": _about(
        "Guarantee time",
        "Whoever receives a treatment after recurrence must have lived until it began. Comparing treated with "
        "untreated from recurrence on counts that time as survival under treatment, and so favours the treated.",
        "A landmark analysis or a covariate that changes with time avoids it; a plain curve by treatment does not.",
    ),
    "hazard-ratio": _about(
        "Hazard ratio",
        "The event rate in one group divided by that in the reference group, assumed to be the same ratio at all "
        "times. 1 is no difference; 2 is twice the rate at any moment, not half the survival time.",
        "In observed data it is an association: groups may differ in many other ways. With few events the interval is "
        "wide, and a huge ratio with an unbounded interval means that a group had almost no events. Check that the "
        "ratio is constant over time.",
    ),
    "cox-table": _about(
        "Alone and together",
        "On the left each covariate by itself, on all patients who have it recorded. On the right the model of "
        "several: each hazard ratio then compares patients who are alike in the others, among those with all of them "
        "recorded.",
        "Where a ratio changes from left to right, its patients, the covariates beside it, or both are different; the "
        "numbers of patients show which. Not being significant alone is no reason to leave a covariate out, nor the "
        "other way round.",
    ),
    "forest-plot": _about(
        "Forest plot",
        "A mark is a hazard ratio, its line the 95 % interval, on a logarithmic axis: half and double are equally far "
        "from 1. An arrow: the interval goes on beyond the axis, and without a circle the ratio does too.",
        "Long lines mean few events. Rows share patients, so they are not independent findings.",
    ),
    "separation": _about(
        "Separation",
        "Where a group had no events at all, the usual hazard ratio runs to zero or infinity and the program prints "
        "the value at which it happened to stop. Firth's penalised likelihood gives a finite answer with an honest, "
        "often very wide interval.",
        "The finite number says little by itself: read the interval. The group is usually very small.",
    ),
    "events-per-variable": _about(
        "Events per parameter",
        "How many events there are for each hazard ratio that the model estimates. Below about 10 the ratios tend to "
        "lie too far from 1 and the intervals to be too narrow.",
        "It counts events, not patients, and all covariates that were tried, not only those that remain.",
    ),
    "collinearity": _about(
        "Variance inflation",
        "How much wider an interval gets because the other covariates carry nearly the same information. 1 means not "
        "at all; above 5 they can hardly be separated.",
        "A site and the number of sites overlap by construction.",
    ),
    "concordance": _about(
        "Harrell's C",
        "Of all pairs of patients whose order is known, the share in which the one with the higher predicted hazard "
        "had the event first. 0.5 is chance, 1 perfect order.",
        "Here it is measured in the very patients the model was fitted to, so it is too optimistic.",
    ),
    "proportional-hazards": _about(
        "Proportional hazards",
        "A hazard ratio is one number only if it is the same at all times. The score test asks whether it changes; "
        "the points are the residuals at each event, the curve their trend. A flat curve supports a single ratio.",
        "With few events a change is easily missed, so a large p is no proof. Read the ends of the curve with care: "
        "few points support them.",
    ),
    "influence": _about(
        "Influence of single patients",
        "How far the log hazard ratio moves with a patient rather than without, in its own standard errors. Patients "
        "are listed in the order of their influence.",
        "A patient with strong influence isn't necessarily an error: check the row. Leaving patients out because of "
        "their influence is choosing the result.",
    ),
    "subgroups": _about(
        "Subgroups and interaction",
        "The same hazard ratio within each subgroup, and one test per variable that it differs between them: the "
        "interaction. Only that test answers whether subgroups differ.",
        "Significant in one subgroup and not in the other does not mean that they differ. Of many subgroups some look "
        "special by chance.",
    ),
    "stepwise": _about(
        "Stepwise selection",
        "Covariates enter one after another while their score test is below the entry p, and leave again above the "
        "removal p, as SPSS does. It is here because papers use it.",
        "The data choose the covariates and then test them, so p-values are too small and hazard ratios too far from "
        "1. In small cohorts another sample would select others: the bootstrap shows how often.",
    ),
    "bootstrap-inclusion": _about(
        "Bootstrap inclusion",
        "The whole selection is repeated in samples drawn from the patients with replacement; the bar says in how "
        "many of them a covariate was selected.",
        "A covariate selected in half of the samples might as well have been chosen by the toss of a coin. Even pure "
        "noise gets in sometimes.",
    ),
    "multiple-imputation": _about(
        "Multiple imputation",
        "Missing values are drawn several times from what the recorded ones, the event and the time suggest; the "
        "model is fitted to each filled table and the answers are pooled, so that the interval reflects what is "
        "unknown.",
        "It assumes that what is missing depends only on what was recorded, which can't be checked. It doesn't "
        "create information: see the share that is missing.",
    ),
    "cumulative-incidence": _about(
        "Cumulative incidence",
        "The estimated share of patients who have had one kind of event by each time, while other kinds may come "
        "first. The shares of all kinds add up to that of any event.",
        "1 minus Kaplan-Meier, with the other kinds censored, overstates these shares when other kinds compete: it is "
        "never lower.",
    ),
    "several-sites": _about(
        "Several sites at once",
        "A recurrence is one moment, and may show several sites. By the rule shown, several sites are a cause of their "
        "own, each of them is counted, or the first in a stated order is.",
        "No rule is neutral: a site that often comes with others looks rare by the first, and frequent by the second. "
        "Where each is counted, the curves overlap and don't add up.",
    ),
    "stacked-incidence": _about(
        "Stacked cumulative incidence",
        "At each time the height of a band is the estimated share of patients whose first event was of this kind; what "
        "is left blank is still free of any event.",
        "Only the lowest band starts at zero: compare heights of bands, not their upper edges. In a cohort of patients "
        "who all had the event the bands must fill the whole.",
    ),
    "one-minus-km": _about(
        "Why not 1 minus Kaplan-Meier",
        "Taking other events as censored means: those patients could still have this one later. A patient who died, or "
        "whose disease came back elsewhere first, can't have this as the first event any more.",
        "So 1 minus Kaplan-Meier overstates the cumulative incidence when other events compete, most of all where they "
        "are frequent, and its values over all kinds add up to more than the share with any event wherever they "
        "compete.",
    ),
    "gray-test": _about(
        "Gray's test",
        "Compares the cumulative incidence of one kind of event between groups, as the log-rank test compares "
        "survival.",
        "A group can have a lower incidence of one kind because another kind came first. With few events of a kind the "
        "test can see little; read the adjusted p where several kinds are tested.",
    ),
    "fine-gray": _about(
        "Two hazards of one event",
        "The Fine-Gray (subdistribution) hazard ratio goes with the cumulative incidence: who has had this kind of "
        "event by a time. The cause-specific one goes with the rate among those still free of any event.",
        "They answer two questions and may differ. Report both, for every competing event. With few events of a kind "
        "both are unsteady, and neither says why groups differ.",
    ),
    "landmark": _about(
        "Landmark analysis",
        "A time is fixed, the landmark. Only patients still under observation then are compared, in the groups known "
        "at that time, and survival is counted from there.",
        "The answer holds for those who live to the landmark; whoever is treated later counts as untreated. Choose the "
        "landmark before looking; if the answer changes with it, that is itself the finding.",
    ),
    "simon-makuch": _about(
        "Simon-Makuch curves",
        "Each patient is in the untreated curve until treatment starts and in the treated one from then on, so that "
        "the numbers at risk of the treated can rise.",
        "The curve of the treated isn't the survival of any fixed group of patients. Where it starts with few, its "
        "first steps are large.",
    ),
    "mantel-byar": _about(
        "Mantel-Byar test and time-dependent Cox model",
        "Both count each patient as untreated until treatment starts and as treated afterwards. The test asks whether "
        "events are divided as the numbers at risk would lead one to expect; the model gives the hazard ratio.",
        "That removes the time before treatment from the comparison, not the choice of who was treated: patients who "
        "were well enough may differ from the others in many ways.",
    ),
    "immortal-time-bias": _about(
        "Size of the bias",
        "How much of the time that the naive comparison calls treated passed before treatment, and what happens to the "
        "hazard ratio when that time is counted as untreated.",
        "The ratio of the two hazard ratios is a description of these patients; it has no interval of its own.",
    ),
    "treatment-sensitivity": _about(
        "Without some patients",
        "Reports often leave out patients followed for less than 60 days, or treated for fewer than three cycles. Here "
        "the comparison is repeated under such rules, beside the one with all patients.",
        "Both rules look into the future: patients who died early can't be followed for long or receive three cycles. "
        "A treated group chosen this way consists of survivors by construction.",
    ),
    "weighted-log-rank": _about(
        "Weighted log-rank tests",
        "All compare observed with expected events at each time; they differ in how much early and late times count. "
        "The plain log-rank test counts all alike.",
        "Choose one before looking: the smallest p of six tests is not a valid p-value. If they disagree, the curves "
        "differ in shape, and one number can't describe the difference.",
    ),
    "trend-test": _about(
        "Test for trend",
        "For groups in an order it asks whether risk rises or falls along it, with one degree of freedom.",
        "It treats neighbouring groups as equally far apart. It says nothing where the groups have no order.",
    ),
    "permutation-test": _about(
        "Permutation test",
        "The group labels are exchanged among the patients, many times or in all ways; p is the share of exchanges "
        "that give a difference at least as large as the one seen.",
        "It doesn't rely on a formula for large numbers, so it suits groups of a few patients. It can't create "
        "information: three patients remain three.",
    ),
    "left-truncation": _about(
        "Delayed entry (left truncation)",
        "A centre learns of some patients only after a while; whoever died before that is not in the file. Here each "
        "patient is counted at risk only from the time of becoming known.",
        "Counting from the start instead overstates survival. Where few are known early on, one event there moves the "
        "whole curve.",
    ),
    "restricted-mean": _about(
        "Restricted mean survival time",
        "The average time free of the event up to a chosen horizon: the area under the curve. The difference between "
        "groups is in months and needs no assumption about the shape of the curves.",
        "It depends on the horizon, which should be chosen beforehand and lie where both groups still have patients "
        "at risk.",
    ),
    "parametric": _about(
        "Parametric curves",
        "A formula with one to four numbers (parameters) draws each smooth curve; they are chosen so that the observed "
        "times are as likely as possible. An exponential curve has a constant hazard; a Weibull hazard rises or falls "
        "throughout; log-normal and log-logistic hazards can rise and then fall; the generalised gamma contains "
        "exponential, Weibull and log-normal; a spline bends with the data between its knots.",
        "Compare each with the Kaplan-Meier steps, which assume no formula. Where a family needs more events than "
        "there are, or its fit does not converge, nothing is drawn.",
    ),
    "aic": _about(
        "AIC",
        "Akaike's information criterion weighs how likely the observed times are under a curve against its number of "
        "parameters; lower is better. Differences below 2 mean that the data hardly tell two families apart. BIC asks "
        "a higher price for each parameter.",
        "It compares the families with each other, in the same patients, and does not say that any of them fits. It "
        "looks at the observed times only, so the lowest AIC says nothing about what comes after them.",
    ),
    "extrapolation": _about(
        "Extrapolation",
        "Beyond the last patient under observation a parametric curve goes on, because its formula does. That part is "
        "dotted, and numbers from it are marked.",
        "No patient was observed there. Families that agree within the follow-up may be far apart beyond it, and "
        "their confidence limits do not contain the doubt about the family.",
    ),
    # ------------------------------------------------------------ sites
    "site-distribution": _about(
        "Distribution of recurrence sites",
        "For each site how many patients had it at first recurrence, as a share of those for whom it is recorded. "
        "The whiskers are exact 95 % intervals; pale bars behind show the whole cohort while a filter is on.",
        "A patient with several sites is counted at each, so the shares can add up to more than 100 %. Sites that "
        "nobody looked for are not seen: the imaging decides what is found.",
    ),
    "sites-by-factor": _about(
        "Sites by group",
        "The share with each site in each group, with a test per site. The convention of the test is named, because "
        "for small counts different programs print different p-values.",
        "Read the adjusted p beside the plain one. A group of five patients moves by 20 percentage points with every "
        "patient.",
    ),
    "exact-interval": _about(
        "Exact interval",
        "The Clopper-Pearson interval for a share: all values under which a count as extreme as the one seen is not "
        "too unlikely. It is valid for small numbers, where the usual formula fails.",
        "Even 0 of 7 leaves room: the interval goes up to 41 %. It is somewhat too wide by design, never too narrow.",
    ),
    "number-of-sites": _about(
        "Number of sites",
        "How many of the sites of the chosen scheme a patient had at first recurrence; counted from the sites "
        "themselves.",
        "It depends on the scheme: liver and spleen are one site where both are abdominal organs, two where organs "
        "are counted. It is not the number of lesions. By construction each site is more frequent where there are "
        "more sites.",
    ),
    "upset": _about(
        "Combinations of sites (UpSet plot)",
        "Each column is one exact combination: the bar counts the patients with just these sites, the filled dots "
        "below say which. Single sites and combinations have different colours; patients without any site and "
        "the rarer combinations have a grey bar each. Each patient is in one column.",
        "The number beside a site counts everybody with it, alone or with others, so it is larger than its own column.",
    ),
    "co-occurrence": _about(
        "Sites that come together",
        "A cell counts the patients with both sites; the diagonal counts each site. Hover for the number that chance "
        "alone would give, the odds ratio, and its test.",
        "In a cohort where everybody has at least one site, two sites look negatively associated even if they are "
        "unrelated, because a patient without the one must have another. Read an odds ratio below 1 with that in "
        "mind.",
    ),
    "patient-timeline": _about(
        "A patient's course",
        "One row for each kind of event, on one axis of time; a second scale counts from the first recurrence. A bar "
        "is what has a start and an end, a mark what has one time.",
        "Hatching stands for what was given without a recorded time: it lies where that may have been, and says "
        "nothing of how long it lasted. An order that can't be is boxed and marked with '!'.",
    ),
    "patient-timelines": _about(
        "Courses of several patients",
        "A row for each patient, on one axis of time. Only what has a time is drawn. A click on a row keeps that "
        "patient; 'Open' then shows the patient's own page.",
    ),
    "patient-sites": _about(
        "Sites on a body",
        "Where the first recurrence was, on a schematic body seen from the front. Involved, not involved and not "
        "recorded differ by colour, by hatching and by word. A site without a place on the body stands in a box.",
        "The drawing is schematic: it shows places, not sizes.",
    ),
    "patient-standing": _about(
        "Where the patient stands",
        "The curve of all others, and that of similar patients. The line is the patient's own time so far, with how "
        "many of the others are still under observation then. The patient is in neither curve.",
    ),
    "similar-patients": _about(
        "Similar patients",
        "Those who share the patient's value in stated fields. Fields are dropped from the end of the list until ten "
        "patients are found; which were dropped is written. A value that isn't recorded is no match.",
        "The fields were fixed before any outcome was looked at. Fewer than ten have no p-value, fewer than five no "
        "curve. What they received is not what works: whoever was treated later had lived until then.",
    ),
    "conditional-survival": _about(
        "Survival from today on",
        "Of patients who were alive and followed at this time, the share who live some months more: the curve at the "
        "later time divided by the curve now, with an interval that counts only what happened after now.",
        "It may rise or fall with the time survived. With fewer than five under observation at the end nothing is "
        "said.",
    ),
    "organs": _about(
        "Organs within a site",
        "Which organs make up a site, in the patients who have it. 'Organ not named' are those where the file has "
        "the site only.",
        "A patient may have several organs. Shares are of the patients with this site, not of the cohort.",
    ),
    "site-timing": _about(
        "Times by site",
        "For each site the times of the patients with and without it: points are patients, the thick line spans the "
        "middle half, the large mark is the median.",
        "The site is known only at recurrence, so this describes those who recurred there. It is not the risk of "
        "recurring at that site, and patients with several sites are in several rows.",
    ),
    "site-scheme": _about(
        "Site scheme",
        "The organs in the file are grouped into sites by a scheme; the organs stay as they are. Another scheme "
        "gives other sites from the same file.",
        "A finding that exists under only one grouping is a finding about the grouping.",
    ),
    # ------------------------------------------------------------ response
    "objective-response": _about(
        "Objective response rate (ORR)",
        "The share with complete or partial response: ORR = (CR + PR) / denominator. Which response (best or final) "
        "and which denominator (evaluable or treated) are shown beside it.",
        "With 16 patients one more response moves it by 6 percentage points; read the interval. Patients who lived "
        "long enough to be assessed are a selection of those who were treated.",
    ),
    "disease-control": _about(
        "Disease control rate (DCR)",
        "The share with complete or partial response or stable disease: DCR = (CR + PR + SD) / denominator.",
        "Slow disease is stable without any treatment too, so DCR says less about a treatment than ORR does.",
    ),
    "best-final-response": _about(
        "Best and final response",
        "Best response is the best of all assessments, final response the last one. The best can't be worse than the "
        "final: such rows are flagged, because one of the two was entered wrongly.",
        "Best response favours patients who were assessed often. Reports differ in which they print; compare like "
        "with like.",
    ),
    "denominator": _about(
        "Evaluable or treated",
        "Evaluable patients have a response that was assessed (CR, PR, SD or PD). Among the treated, those without "
        "an assessment count as not responding.",
        "Patients who die before the first assessment are not evaluable. Leaving them out makes a rate look better "
        "than it was among all who were treated.",
    ),
    "response-by-group": _about(
        "Response by group",
        "How many had each response in each group, best first, with the objective response rate at the right.",
        "Groups of two or three patients say almost nothing, however far apart they look; the intervals show it. Who "
        "received which drug was a choice, not chance.",
    ),
    "transitions": _about(
        "Best to final response",
        "Rows are best, columns final responses; on the diagonal nothing changed, to the right of it patients lost "
        "their response.",
        "Crossed cells can't occur. A marked one does occur in the file: check the row that is named.",
    ),
    "swimmer": _about(
        "Swimmer plot",
        "A lane for each patient from the start of the treatment: its length is the time observed, its colour the "
        "best response; marks show when a response was seen, and whether the lane ended with progression, with death, "
        "with the end of follow-up, or with a patient who is still followed.",
        "Lanes are sorted by length, so the top always looks good. Patients without a time are not drawn. The numbers "
        "of the lanes are not identifiers.",
    ),
    "response-ladder": _about(
        "Response ladder",
        "Each patient's best response on the rungs CR to PD, best first, with the final response as a ring. It "
        "stands in for a waterfall plot where lesion sizes were not recorded.",
        "The rungs are categories: the steps between them are not equal amounts of shrinkage.",
    ),
    "time-to-response": _about(
        "Time to response",
        "From the start of the treatment to the first assessment that showed a response, among responders only.",
        "It can't be shorter than the time to the first scan, and patients who didn't respond have none: it doesn't "
        "compare treatments.",
    ),
    # ------------------------------------------------------------ cohort
    "attrition": _about(
        "Who remains",
        "From all patients down to those shown: what each filter removed, one after the other, and how many of those "
        "because the value is not recorded. Filters combined by any, none or not all count as one; a patient is left "
        "out as not recorded where what is recorded doesn't decide.",
        "The order changes the steps, never the result. If many are left out for missing values, those who remain may "
        "be a different kind of patient.",
    ),
    "flow": _about(
        "Flow of patients",
        "Every box is a step with the patients who were left, from before the file to the analysis. Beside each arrow "
        "stand those left out on the way and why: a filter leaves out who has another value, and who has none.",
        "Dashed boxes hold numbers that a person typed; the program can't check them. Where they and the file don't "
        "add up, both stand as they are and an orange arrow marks the place. Reporting guidelines ask for this "
        "diagram (STROBE item 13, CONSORT figure 1).",
    ),
    "subcohorts": _about(
        "Sub-cohorts side by side",
        "Each column holds the patients of saved filters, and says what these patients alone give. Their curves stand "
        "in one picture.",
        "A patient may be in several sub-cohorts. A log-rank test compares groups that share nobody, so where two "
        "share patients none is made. Groups chosen after looking at the data differ more often by chance than p "
        "says.",
    ),
    "overlap": _about(
        "Whom they share",
        "A bar for each exact combination of sub-cohorts, with the number of patients in just these; the dots below "
        "it say which. All bars add up to the patients in at least one.",
        "Shared, in the table, is the Jaccard index: of the patients of either of two, the share that is in both. It "
        "is small also where one is a small part of the other.",
    ),
    "overview": _about(
        "The cohort at a glance",
        "Each variable with the patients at each of its levels, or a small histogram with median and range. The "
        "number at the right says how many have it recorded.",
        "A share is of those recorded. Values are seldom missing by chance.",
    ),
    "baseline-table": _about(
        "Characteristics by group",
        "Counts with percentages and medians with quartiles for each group, with a test or a standardised difference.",
        "With many rows some p-values are small by chance. A difference that is not significant can still matter: "
        "look at its size.",
    ),
    "missing-values": _about(
        "Missing values",
        "Missing is a level that can be kept or left out in every filter. Each analysis says whom it left out, and "
        "why.",
        "Leaving them out assumes that they are like the others, which can't be seen from the data.",
    ),
    "standardised-difference": _about(
        "Standardised difference",
        "The difference between two groups in units of their spread; it doesn't grow with the number of patients, as "
        "a test does. Above 0.1 is often called an imbalance.",
        "In small groups even chance gives values well above 0.1.",
    ),
    "odds-ratio": _about(
        "Odds ratio",
        "The odds of a characteristic in one group divided by the odds in the other; 1 is no association.",
        "For frequent outcomes it is further from 1 than the ratio of the shares, and is easily overinterpreted.",
    ),
    "findings": _about(
        "What was found in the file",
        "Errors keep a file from being used, warnings are worth a look, everything else is for information. Rows are "
        "those of the spreadsheet.",
        "Nothing is changed or dropped silently: what isn't listed was read as it is.",
    ),
    "test-convention": _about(
        "Convention of a test",
        "For the same table SPSS, R and an exact test print different p-values. The convention is named beside each: "
        "the paper's, R's default, or exact.",
        "If p lies on both sides of 0.05 depending on the convention, the data are not conclusive; say so instead of "
        "choosing.",
    ),
    # ------------------------------------------------------------ prediction, reporting
    "prediction": _about(
        "Prediction models",
        "Four models may use all the covariates; beside them stand one covariate alone and no model at all. They are "
        "judged only on patients they were not fitted to.",
        "With some dozens of events, a model of many covariates often predicts no better than one number that a "
        "clinician can count. Then that is the answer, and the page says so.",
    ),
    "cross-validation": _about(
        "Repeated cross-validation",
        "The patients are split into folds with equal shares of events; each fold is left out once, models are fitted "
        "to the rest and judged on the fold. All of it is repeated with other splits.",
        "The fits share patients, so the intervals are wider than a plain standard error would make them (corrected "
        "resampled t). Even so, they say nothing about patients elsewhere.",
    ),
    "brier-score": _about(
        "Integrated Brier score",
        "How far the predicted survival lies from what happened, squared and averaged over time; lower is better. The "
        "line is the score of one Kaplan-Meier curve for everybody.",
        "A model whose interval includes that line isn't shown to predict better than no model.",
    ),
    "calibration": _about(
        "Calibration",
        "Patients are grouped by their predicted survival; each point compares the mean prediction of a group "
        "with the survival observed in it. On the dashed line both are equal.",
        "Points below the line at the right and above it at the left mean that predictions are too extreme.",
    ),
    "decision-curve": _about(
        "Decision curve",
        "Suppose one acted whenever the predicted risk reaches a threshold: patients with the event who would be "
        "acted on, minus those without it, weighted by the odds of the threshold. Compare with acting on everybody "
        "and on nobody.",
        "Only thresholds at which there is a real choice matter. The curve says nothing about whether acting does any "
        "good.",
    ),
    "permutation-importance": _about(
        "Permutation importance",
        "How much Harrell's C falls in left-out patients when the values of one covariate are exchanged among them. "
        "Around zero, the model orders patients as well without it.",
        "Covariates that carry nearly the same information share their importance, and each may look useless. "
        "Importance is a property of the model, not a reason for the outcome.",
    ),
    "patient-prediction": _about(
        "Curve of one patient",
        "The survival that the model predicts for these values, with a band over models fitted to resampled patients. "
        "The dashed line is the Kaplan-Meier curve of all of them.",
        "The band shows neither how differently similar patients fare nor that the model may be wrong. The curve was "
        "not validated, and it isn't a forecast for a person.",
    ),
    "edits": _about(
        "Edits",
        "A step after reading: levels renamed, merged or put in order, a number cut, sites combined, rows left out, a "
        "variable or an endpoint made of others. The file stays as it is; steps are made in their order each time it "
        "is loaded, and each says how many patients it concerns.",
        "Levels merged or a cut chosen after a look at the curves make a difference look surer than it is. Settle them "
        "before, or say that they were chosen afterwards.",
    ),
    "project": _about(
        "Project",
        "All that was decided, as one file to read: what the columns mean, the edits, filters, named sub-cohorts, "
        "choices, exhibits, and numbers as they were when it was saved. Opened with the same file it shows the same; "
        "with next year's file it shows which numbers changed.",
        "It holds no patient's values. Numbers of fewer than 5 patients are left out unless you say "
        "otherwise: whoever knows one of them could learn of the others. A total less its other groups may still tell "
        "such a number.",
        "A number that changes with more patients or longer follow-up isn't an error: estimates from few patients move "
        "a lot.",
    ),
    "report-files": _about(
        "Files of the report",
        "First: 'Add to report' beside any figure or table, or 'Add the ready list' here. Second: 'Make the files'. "
        "Third: hand them on; 'necc report FILE --out FOLDER' makes the same without a screen.",
        "Word, PowerPoint, Excel, figures, tables, scripts and the project are made of the same results as the pages. "
        "The R script computes the numbers again from your own file, and compares each with the one shown. Titles and "
        "notes are what you wrote.",
        "Curves tell the times of single patients: whoever has a curve can read off most of them, and slides with "
        "charts to edit hold them as numbers. No identifier is in any file.",
    ),
    # ------------------------------------------------------------ centres
    "centre-files": _about(
        "Files of centres",
        "Each centre sends counts and keeps its patients: how many share a time, an outcome and the levels of a few "
        "factors. A checksum tells whether a file was altered on the way.",
        "Where a cell of its tables holds fewer patients than the centre's rule asks for, the file is person-level "
        "information, and needs an agreement between the centres.",
    ),
    "pooled-centres": _about(
        "Centres together",
        "Patients are compared within their centre, and the comparisons are added up: a difference between centres, in "
        "their patients or in how long these were followed, doesn't enter. With times as they are recorded all numbers "
        "are those of the rows in one file.",
        "A curve of all centres together mixes them in proportion to their patients; each centre's own curve stands "
        "beside it.",
    ),
    "centre-forest": _about(
        "Hazard ratios by centre",
        "Each line is a centre's own hazard ratio. 'All, within centres' is one model with each centre as a stratum; "
        "the mean over centres weighs their ratios, and 'a further centre' is where the ratio of a centre that isn't "
        "here would be expected.",
        "A centre without an event in one of the groups has no ratio of its own, and still counts in the model. Below, "
        "each centre is left out in turn: where one of them decides, the ratio moves.",
    ),
    "heterogeneity": _about(
        "How much centres differ",
        "Q tests whether all centres have the same value. I² is the share of the scatter that chance doesn't explain, "
        "and τ² the variance between centres.",
        "With few centres Q seldom finds a difference that there is, and I² is hardly known: a large p doesn't say "
        "that centres are alike.",
    ),
    "centre-funnel": _about(
        "Funnel of centres",
        "Centres with many events stand at the top, where they should be close to the common ratio; small ones scatter "
        "more. Nearly all would lie between the dashed lines if every centre had the same ratio.",
        "A centre outside differs in more than chance, for whatever reason: look at its patients before reading more "
        "into it.",
    ),
    "centre-shares": _about(
        "Shares by centre",
        "The share of each centre's own patients, with exact limits, and of all of them. Where a further centre's own "
        "share would lie is wider than the limits of the mean: it also holds what centres differ by.",
        "Centres that look for a site by other means, or treat other patients, find other shares.",
    ),
    "time-grid": _about(
        "Times by month or quarter",
        "A centre may tell times only as the middle of the month or quarter in which they fall, so that a day doesn't "
        "tell of a patient. A median then is right to about half a month, or half a quarter.",
        "The bounds hold whatever the exact times were. They are widest where many patients leave in the cell in which "
        "others have the event.",
    ),
    "disclosure": _about(
        "What a file tells of a patient",
        "A cell that holds one patient says what that patient had, to whoever knows some of it. Fewer factors, one "
        "table a factor, or coarser times make cells larger.",
        "Single cells are never hidden or rounded: that would bias every curve, and two files would still tell what "
        "one of them hides. Where cells stay small the file belongs only to a centre with an agreement.",
    ),
    "validation": _about(
        "Validation sheet",
        "Each estimator of this program was compared with R, with calculation by hand or with another package, on the "
        "cases counted here; the largest difference over all numbers is shown.",
        "The tests repeat the comparison whenever the program changes.",
    ),
    "second-opinion": _about(
        "A second opinion",
        "Other programs computed the same numbers from the same patients: lifelines and scikit-survival, and R where "
        "it is installed. Shown is the largest difference of each kind of number.",
        "A difference of less than 0.000001 is what is left where a search stops. A known convention is named with its "
        "reason; any other difference is a mistake of one of the programs, and should be told to its makers.",
    ),
    "restaging": _about(
        "Two editions of FIGO",
        "Rows are the stages recorded by the editions of 2009 or 2014, columns those of 2018. Off the diagonal are "
        "the patients whose main stage differs: since 2018 tumour size splits stage I further, and nodes seen by "
        "imaging or pathology make it stage IIIC.",
        "Survival by stage can't be compared across editions: patients who move are missing in one stage and are added "
        "to another, and both look different without anybody living longer.",
    ),
    "restaging-implied": _about(
        "The stage that size and nodes imply",
        "Tumour size and pelvic nodes imply which 2018 stage a patient staged by an earlier edition would have. Where "
        "one of them isn't recorded, the stage can't be implied.",
        "A recorded stage that differs isn't necessarily wrong: nodes may have been judged by another method, or the "
        "size measured at another time.",
    ),
    "reproduction": _about(
        "Printed and computed again",
        "Each figure that the paper prints is computed again from this cohort and compared in the digits printed. "
        "'Differs' says by how much, 'cannot be checked' which data it would need.",
        "The synthetic cohort was built from the printed figures, so its agreement shows that the figures fit "
        "together and how they were calculated, not that they hold in other patients.",
    ),
    "audit": _about(
        "Arithmetic of printed figures",
        "A percentage follows from a count, a p-value from a table, an interval from its estimate. Each printed figure "
        "is computed from the others as far as rounding allows. Inconsistent: no data could give both. Doubtful: only "
        "unusual data or another convention could.",
        "Arithmetic shows what can't be right, not why: most often a slip in typing or copying.",
    ),
    "literature": _about(
        "Published figures and this cohort",
        "On the left what was reported, in whom, and where; beside it the same figure in the patients shown. "
        "'Contradicted' means that the statement as it stands doesn't hold in them, 'outside' that the published "
        "figure lies outside this cohort's 95 % interval.",
        "Cohorts differ in whom they include and how they count, and several sources report partly the same patients. "
        "A difference is a question, not a refutation.",
    ),
    "checklists": _about(
        "Reporting checklists",
        "REMARK is for studies of prognostic factors in tumours, STROBE for cohort studies. Items are filled with what "
        "the chosen analyses know; what they can't know is left to the authors.",
        "The wording is that of this program, not of the guidelines: read those too.",
    ),
}
