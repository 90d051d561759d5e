"""The models that are compared, behind one door: fit to patients, then risk and survival of others.

scikit-survival fits them all; it is imported when the first one is fitted. Settings are fixed beforehand, except the
penalty, which an inner cross-validation chooses within the patients that a model is fitted to.

References:
    1. Polsterl S. J Mach Learn Res 2020;21(212):1-6. https://jmlr.org/papers/v21/20-729.html (scikit-survival)
    2. Simon N, Friedman J, Hastie T, Tibshirani R. J Stat Softw 2011;39(5):1-13. doi:10.18637/jss.v039.i05 (Coxnet)
    3. Verweij PJM, van Houwelingen HC. Stat Med 1993;12:2305-14. doi:10.1002/sim.4780122407 (choosing the penalty)
    4. Ishwaran H, Kogalur UB, Blackstone EH, Lauer MS. Ann Appl Stat 2008;2:841-60. doi:10.1214/08-AOAS169 (forest)
    5. Ridgeway G. Comput Sci Stat 1999;31:172-81 (boosting the Cox partial likelihood)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from necc.analysis.prediction.metrics import Steps, product_limit
from necc.core.extras import need
from necc.core.frozen import Frozen

INNER_FOLDS = 5
PENALTIES = 30
MOST_TIMES = 60  # distinct times that trees are grown on; more are put together
FAILURES = (ArithmeticError, ValueError, np.linalg.LinAlgError)


@dataclass(frozen=True)
class Fit(Frozen):
    """A fitted model. risk: X -> shape (n,), higher is worse. survival: X, times -> shape (n, n_times).

    kept: which columns have a coefficient other than zero; None where the model has none.
    """

    risk: Callable[[np.ndarray], np.ndarray]
    survival: Callable[[np.ndarray, np.ndarray], np.ndarray]
    kept: np.ndarray | None = None
    note: str = ""


@dataclass(frozen=True)
class Learner:
    """A model that can be fitted.

    settings: how, in words, for the methods.
    fit: takes covariates (float array, shape (n, n_columns), no value missing), times (float, shape (n,), the
        endpoint's unit), events (bool, shape (n,)) and a seed. It raises one of `FAILURES` where its library can't fit
        these patients; who calls it counts the fit as failed.
    """

    name: str
    label: str
    settings: str
    fit: Callable[[np.ndarray, np.ndarray, np.ndarray, int], Fit]


NO_WHEEL = (
    "it has no wheel for some systems; everything else works without it, and 'pip install scikit-survival' adds it "
    "where a compiler is"
)


def require() -> None:
    """Raises MissingExtra, with what helps, where scikit-survival isn't installed."""
    need("sksurv.util", "prediction", "prediction", NO_WHEEL)


@contextmanager
def _quiet() -> Iterator[None]:
    """Libraries' remarks on one of many fits (convergence, dropped coefficients) are no news to a reader."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _outcome(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    from sksurv.util import Surv

    result: np.ndarray = Surv.from_arrays(event.astype(bool), time)
    return result


def _stepper(model: Any, prepare: Callable[[np.ndarray], np.ndarray], **options: Any) -> Callable[..., np.ndarray]:
    """Survival of a scikit-survival model at any times; 1 before its first."""

    def survival(x: np.ndarray, times: np.ndarray) -> np.ndarray:
        with _quiet():
            functions = model.predict_survival_function(prepare(x), **options)
        return np.array([Steps(f.x, np.asarray(f.y)).at(times) for f in functions]).reshape(len(x), len(times))

    return survival


@dataclass(frozen=True, eq=False)
class _Scale:
    """Columns that vary among the fitted patients, in standard deviations."""

    used: np.ndarray
    mean: np.ndarray
    sd: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> _Scale:
        used = np.ptp(x, axis=0) > 0 if len(x) else np.zeros(x.shape[1], dtype=bool)
        return cls(used, x[:, used].mean(axis=0), x[:, used].std(axis=0))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        result: np.ndarray = (x[:, self.used] - self.mean) / self.sd
        return result


# ---------------------------------------------------------------- nothing, and Cox
def fit_null(x: np.ndarray, time: np.ndarray, event: np.ndarray, seed: int) -> Fit:
    """Everybody gets the Kaplan-Meier curve of the fitted patients; arguments as in `Learner.fit`. Doesn't fail."""
    curve = product_limit(time, event)
    return Fit(lambda x: np.zeros(len(x)), lambda x, times: np.tile(curve.at(times), (len(x), 1)))


def fit_cox(x: np.ndarray, time: np.ndarray, event: np.ndarray, seed: int) -> Fit:
    """Cox's model, Efron ties; a slight ridge penalty where the likelihood has no finite maximum.

    Arguments, and what is raised where the penalised model has no fit either, as in `Learner.fit`.
    """
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    scale = _Scale.of(x)
    if not scale.used.any():
        return fit_null(x, time, event, seed)
    note = ""
    with _quiet():
        try:
            model = CoxPHSurvivalAnalysis(alpha=0, ties="efron").fit(scale(x), _outcome(time, event))
            finite = np.isfinite(model.coef_).all() and np.abs(model.coef_).max() < 8
        except FAILURES:
            finite = False
        if not finite:
            note = "no finite maximum: ridge penalty of 1"
            model = CoxPHSurvivalAnalysis(alpha=1, ties="efron").fit(scale(x), _outcome(time, event))
    return Fit(lambda x: model.predict(scale(x)), _stepper(model, scale), note=note)


# ---------------------------------------------------------------- penalised Cox
def fit_coxnet(x: np.ndarray, time: np.ndarray, event: np.ndarray, seed: int) -> Fit:
    """Elastic net [2] (half lasso, half ridge); the penalty with the best cross-validated partial likelihood [3].

    Arguments, and what is raised, as in `Learner.fit`; the seed draws the inner folds.
    """
    scale = _Scale.of(x)
    kept = np.zeros(x.shape[1], dtype=bool)
    if not scale.used.any():
        return Fit(*_plain(fit_null(x, time, event, seed)), kept)
    z, y = scale(x), _outcome(time, event)
    with _quiet():
        path = _coxnet(None).fit(z, y)
        best = _best_penalty(z, time, event, path.alphas_, seed)
        coefficients = path.coef_[:, best]
    kept[np.flatnonzero(scale.used)[coefficients != 0]] = True
    if not kept.any():
        return Fit(*_plain(fit_null(x, time, event, seed)), kept, "every coefficient is zero")
    alpha = float(path.alphas_[best])
    with _quiet():
        model = _coxnet([alpha]).fit(z, y)
    return Fit(lambda x: model.predict(scale(x)), _stepper(model, scale), kept)


def _plain(fit: Fit) -> tuple[Any, Any]:
    return fit.risk, fit.survival


def _coxnet(alphas: Any) -> Any:
    from sksurv.linear_model import CoxnetSurvivalAnalysis

    if alphas is None:
        return CoxnetSurvivalAnalysis(l1_ratio=0.5, n_alphas=PENALTIES, alpha_min_ratio=0.02)
    return CoxnetSurvivalAnalysis(l1_ratio=0.5, alphas=alphas, fit_baseline_model=len(alphas) == 1)


def _best_penalty(x: np.ndarray, time: np.ndarray, event: np.ndarray, alphas: np.ndarray, seed: int) -> int:
    """The place of the best penalty; the strongest one where the inner folds hold too few events."""
    total, order = np.zeros(len(alphas)), inner_folds(event, seed)
    if int(event.sum()) < 2 * INNER_FOLDS:
        return 0
    for k in range(INNER_FOLDS):
        rest = order != k
        try:
            model = _coxnet(list(alphas)).fit(x[rest], _outcome(time[rest], event[rest]))
        except FAILURES:
            return 0
        coefficients = np.zeros((x.shape[1], len(alphas)))
        coefficients[:, : model.coef_.shape[1]] = model.coef_
        risk = x @ coefficients
        total += log_likelihood(time, event, risk) - log_likelihood(time[rest], event[rest], risk[rest])
        total[model.coef_.shape[1] :] = -np.inf  # the path ended early there
    return int(np.argmax(total))


def inner_folds(event: np.ndarray, seed: int, folds: int = INNER_FOLDS) -> np.ndarray:
    """The fold of each patient, events spread evenly; int array, shape (n,)."""
    rng = np.random.default_rng(seed)
    fold = np.empty(len(event), dtype=int)
    start = 0
    for group in (event, ~event):
        rows = rng.permutation(np.flatnonzero(group))
        fold[rows] = (start + np.arange(len(rows))) % folds
        start += len(rows)
    return fold


def log_likelihood(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """Cox's log partial likelihood with Breslow's ties, for several linear predictors: risk (n, k) -> (k,)."""
    order = np.argsort(-time, kind="stable")
    t, d, r = time[order], event[order], risk[order]
    top = r.max(axis=0)
    at_risk = np.exp(r - top).cumsum(axis=0)
    last = np.searchsorted(-t, -t, side="right") - 1  # the last of those tied at this time
    result: np.ndarray = (r[d] - top - np.log(at_risk[last[d]])).sum(axis=0)
    return result


# ---------------------------------------------------------------- trees
def fit_forest(x: np.ndarray, time: np.ndarray, event: np.ndarray, seed: int) -> Fit:
    """Random survival forest [4]: 100 trees, leaves of at least six patients or a fifteenth of all.

    Arguments, and what is raised, as in `Learner.fit`; the seed draws samples and covariates of the trees.
    """
    from sksurv.ensemble import RandomSurvivalForest

    leaf = max(6, len(time) // 15)
    model = RandomSurvivalForest(
        100, min_samples_leaf=leaf, min_samples_split=2 * leaf, max_features="sqrt", random_state=seed
    )
    return _trees(model, x, time, event)


def fit_boosting(x: np.ndarray, time: np.ndarray, event: np.ndarray, seed: int) -> Fit:
    """Gradient boosting of the partial likelihood [5]: 100 trees of depth 2, each a twentieth of a step.

    Arguments, and what is raised, as in `Learner.fit`; the seed draws the sample of each tree.
    """
    from sksurv.ensemble import GradientBoostingSurvivalAnalysis

    model = GradientBoostingSurvivalAnalysis(
        n_estimators=100, learning_rate=0.05, max_depth=2, subsample=0.8, min_samples_leaf=max(3, len(time) // 30),
        random_state=seed,
    )  # fmt: skip
    return _trees(model, x, time, event)


def _trees(model: Any, x: np.ndarray, time: np.ndarray, event: np.ndarray) -> Fit:
    with _quiet():
        model.fit(x, _outcome(coarse(time), event))
    return Fit(lambda x: np.asarray(model.predict(x), dtype=float), _stepper(model, lambda x: x))


def coarse(time: np.ndarray) -> np.ndarray:
    """Times put together to at most `MOST_TIMES`, each the latest of its group; unchanged where they are few.

    time: float array, shape (n,); gives one of that shape.
    """
    distinct = np.unique(time)
    if len(distinct) <= 2 * MOST_TIMES:
        return time
    edges = np.unique(np.quantile(time, np.linspace(0, 1, MOST_TIMES + 1)[1:], method="higher"))
    return edges[np.searchsorted(edges, time)]


LEARNERS: dict[str, Learner] = {
    learner.name: learner
    for learner in (
        Learner("cox", "Cox", "maximum partial likelihood, Efron ties", fit_cox),
        Learner(
            "coxnet", "Penalised Cox",
            f"elastic net, half lasso and half ridge; one of {PENALTIES} penalties, by the cross-validated partial "
            f"likelihood of {INNER_FOLDS} inner folds", fit_coxnet,
        ),
        Learner(
            "forest", "Random survival forest",
            "100 trees, leaves of six patients (a fifteenth of those fitted to, where that is more)", fit_forest,
        ),
        Learner(
            "boosting", "Gradient boosting", "100 trees of depth 2, learning rate 0.05, subsample 0.8", fit_boosting
        ),
    )
}  # fmt: skip
