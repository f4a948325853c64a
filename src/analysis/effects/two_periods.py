"""Difference-in-differences of two groups, doubly robust, with each person's influence."""

from dataclasses import dataclass

import numpy as np

from analysis.effects.samples import Flags, Numbers
from analysis.errors import WorkbenchError

_MOST_STEPS = 50
# a comparison person who is this sure to be treated would have a weight of thousands
_ALMOST_ONE = 1 - 1e-6


@dataclass(frozen=True)
class TwoPeriods:
    """An effect on the treated and the influence values that its error comes from.

    Attributes
    ----------
    estimate : float
    influence : array of shape (n,)
        The standard error is the root of their sum of squares over n.
    """

    estimate: float
    influence: Numbers

    @property
    def standard_error(self) -> float:
        """For people who are independent of one another."""
        return float(np.sqrt((self.influence**2).sum()) / len(self.influence))

    def influence_on_all(self, inside: Flags) -> Numbers:
        """Influence values over everyone: 0 for people outside of the comparison."""
        found = np.zeros(len(inside))
        found[inside] = self.influence * (len(inside) / inside.sum())
        return found


def two_period_effect(change: Numbers, treated: Flags, covariates: Numbers) -> TwoPeriods:
    """Change of the treated less the change that people like them had without treatment.

    Sant'Anna and Zhao (2020): a regression of the change among the comparison people, and a
    logit of treatment whose odds weight what that regression leaves; right if either is.
    The influence values hold the estimation of both. Without covariates it is the difference of
    mean changes with Neyman's standard error.

    Parameters
    ----------
    change : array of shape (n,)
        Outcome after less outcome before.
    treated : bool array of shape (n,)
    covariates : array of shape (n, k)
        Standardised, of full rank with the intercept, k may be 0.

    Returns
    -------
    TwoPeriods
        Influence values carry n/(n - 1) of the treated and n/(n - k - 1) of the comparison
        people, which makes small cohorts honest.

    Raises
    ------
    WorkbenchError
        Where the covariates tell treated and comparison people wholly apart.

    Examples
    --------
    >>> found = two_period_effect(np.array([3.0, 5.0, 1.0, 2.0, 3.0]),
    ...                           np.array([True, True, False, False, False]), np.empty((5, 0)))
    >>> found.estimate, round(found.standard_error, 4)
    (2.0, 1.1547)
    """
    n, X = len(change), np.column_stack([np.ones(len(change)), covariates])
    d, controls = treated.astype("float64"), ~treated
    returns = np.linalg.lstsq(X[controls], change[controls], rcond=None)[0]
    left = change - X @ returns
    chance, information = _logit(X, treated)
    odds = np.where(controls, chance / (1 - chance), 0.0)
    share, weight = d.mean(), odds.mean()
    own, other = float((d * left).mean() / share), float((odds * left).mean() / weight)
    # what the regression and the logit add, since both are estimated
    by_regression = (controls * left)[:, None] * X @ np.linalg.inv(X[controls].T @ X[controls] / n)
    by_logit = (d - chance)[:, None] * X @ np.linalg.inv(information / n)
    of_treated = (d * (left - own) - by_regression @ (d[:, None] * X).mean(axis=0)) / share
    of_comparison = (
        odds * (left - other)
        + by_logit @ ((odds * (left - other))[:, None] * X).mean(axis=0)
        - by_regression @ (odds[:, None] * X).mean(axis=0)
    ) / weight
    influence = of_treated - of_comparison
    people, others = int(treated.sum()), int(controls.sum())
    scale = np.where(treated, people / (people - 1), others / (others - X.shape[1]))
    return TwoPeriods(own - other, influence * np.sqrt(scale))


def _logit(X: Numbers, treated: Flags) -> tuple[Numbers, Numbers]:
    """Chances of treatment by maximum likelihood, and the information matrix."""
    beta = np.zeros(X.shape[1])
    beta[0] = np.log(treated.mean() / (1 - treated.mean()))
    for _ in range(_MOST_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(X @ beta, -30, 30)))
        information = X.T @ (X * (chance * (1 - chance))[:, None])
        if np.linalg.cond(information) > 1e12 or chance[~treated].max() > _ALMOST_ONE:
            break
        step = np.linalg.solve(information, X.T @ (treated - chance))
        if np.abs(step).max() < 1e-10:
            return chance, information
        beta = beta + step
    raise WorkbenchError(
        "difference-in-differences: covariates tell treated and comparison people apart",
        "Nobody like the treated is left to compare with; use fewer covariates.",
    )
