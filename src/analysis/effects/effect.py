"""What an estimate is: the number, its standard error, the people behind it, and its interval."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from scipy import stats

from analysis.effects.samples import Flags, Numbers
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class Effect:
    """An estimated effect of being assigned to treatment, in units of the outcome.

    Attributes
    ----------
    estimate, standard_error : float
        Effect and its standard error.
    degrees_of_freedom : float
        Of Student's t for the interval in a small sample.
    n_treated, n_control : int
        People behind the estimate.
    control_mean, control_standard_error : float
        Plain (unadjusted, unweighted) mean of the control arm and its standard error.
    method : str
        Estimator in words.
    parameters : int
        Coefficients of the regression; 2 for a difference.
    dropped : tuple of str
        Covariates left out of a regression because they are constant or copies of others.
    dropped_for_leverage : tuple of str
        Covariates left out of a regression because they would single people out.
    merged : tuple of str
        Strata that were merged into one.
    """

    estimate: float
    standard_error: float
    degrees_of_freedom: float
    n_treated: int
    n_control: int
    control_mean: float
    control_standard_error: float
    method: str
    parameters: int = 2
    dropped: tuple[str, ...] = ()
    dropped_for_leverage: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """People in both arms."""
        return self.n_treated + self.n_control

    def interval(
        self, confidence_level: float = 0.95, small_sample_below: int = 60
    ) -> tuple[float, float]:
        """Bounds of the confidence interval; see `confidence_interval`."""
        freedom = interval_degrees_of_freedom(self.n, self.degrees_of_freedom, small_sample_below)
        return confidence_interval(self.estimate, self.standard_error, freedom, confidence_level)


def critical_value(confidence_level: float, degrees_of_freedom: float = np.inf) -> float:
    """Multiple of the standard error that a two-sided interval extends on each side.

    Parameters
    ----------
    confidence_level : float
        Strictly between 0 and 1.
    degrees_of_freedom : float
        Of Student's t; infinite for the normal distribution.

    Returns
    -------
    float
        Standard errors on each side of the estimate.

    Raises
    ------
    WorkbenchError
        For a level outside (0, 1).

    Examples
    --------
    >>> round(critical_value(0.95), 3), round(critical_value(0.95, 10), 3)
    (1.96, 2.228)
    """
    if not 0 < confidence_level < 1:
        raise WorkbenchError(
            f"confidence_level: {confidence_level} is not between 0 and 1", "Write 0.95 for 95 %."
        )
    return float(stats.t.isf((1 - confidence_level) / 2, degrees_of_freedom))


def interval_degrees_of_freedom(
    people: int, degrees_of_freedom: float, small_sample_below: int = 60
) -> float:
    """Degrees of freedom of the interval: Student's t in a small sample, else normal (infinite).

    A sample is small when it has fewer people than ``small_sample_below``, or when its degrees of
    freedom are fewer than such a sample has at most (``small_sample_below - 2``): ten people
    against five hundred are as uncertain as a small sample, and so is a regression that spends
    its people on parameters.

    Parameters
    ----------
    people : int
        People in both arms.
    degrees_of_freedom : float
        What the estimator has.
    small_sample_below : int
        Fewest people for the normal distribution.

    Returns
    -------
    float
        ``degrees_of_freedom`` in a small sample, else infinity.

    Examples
    --------
    >>> interval_degrees_of_freedom(45, 41.2), interval_degrees_of_freedom(400, 396.0)
    (41.2, inf)
    >>> interval_degrees_of_freedom(510, 9.3)
    9.3
    """
    small = people < small_sample_below or degrees_of_freedom < small_sample_below - 2
    return float(degrees_of_freedom) if small else float(np.inf)


def confidence_interval(
    estimate: float,
    standard_error: float,
    degrees_of_freedom: float = np.inf,
    confidence_level: float = 0.95,
) -> tuple[float, float]:
    """Two-sided confidence interval, symmetric about the estimate.

    Parameters
    ----------
    estimate, standard_error : float
        In units of the outcome.
    degrees_of_freedom : float
        Of Student's t; infinite for the normal distribution.
    confidence_level : float
        Strictly between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper bound.

    Raises
    ------
    WorkbenchError
        For a level that is not between 0 and 1.

    Examples
    --------
    >>> low, high = confidence_interval(16.06, 4.07)
    >>> round(low, 1), round(high, 1)
    (8.1, 24.0)
    """
    reach = critical_value(confidence_level, degrees_of_freedom) * standard_error
    return estimate - reach, estimate + reach


def mean_and_variance(values: Numbers) -> tuple[float, float]:
    """Mean and unbiased variance, taken about the first value: a constant gives exactly 0.

    Parameters
    ----------
    values : array of shape (n,)
        Two at least.

    Returns
    -------
    tuple of float
        In units of the values, and in their square.

    Examples
    --------
    >>> mean_and_variance(np.array([1.0, 2.0, 3.0]))
    (2.0, 1.0)
    >>> mean_and_variance(np.array([0.1, 0.1, 0.1]))
    (0.1, 0.0)
    """
    shifted = values - values[0]
    return float(values[0] + shifted.mean()), float(shifted.var(ddof=1))


class PeopleByArm(TypedDict):
    """The people behind an effect, and what the control people had, unadjusted."""

    n_treated: int
    n_control: int
    control_mean: float
    control_standard_error: float


def people_by_arm(outcome: Numbers, flags: Flags) -> PeopleByArm:
    """Facts that an `Effect` states about two arms whose people all count alike.

    Parameters
    ----------
    outcome : array of shape (n,)
    flags : bool array of shape (n,)
        True in the treated arm; two or more others.

    Returns
    -------
    PeopleByArm
        Number of people in each arm; mean of the others' outcome and its standard error, in units
        of the outcome.

    Examples
    --------
    >>> people_by_arm(np.array([5.0, 2.0, 4.0]), np.array([True, False, False]))["control_mean"]
    3.0
    """
    mean, variance = mean_and_variance(outcome[~flags])
    controls = int((~flags).sum())
    return {
        "n_treated": int(flags.sum()),
        "n_control": controls,
        "control_mean": mean,
        "control_standard_error": float(np.sqrt(variance / controls)),
    }


def negligible(variance: float, values: Numbers) -> bool:
    """Whether a variance is only rounding: below 1e-13 of the largest value, squared.

    Parameters
    ----------
    variance : float
        In squared units of the values.
    values : array of shape (n,)

    Returns
    -------
    bool

    Examples
    --------
    >>> wages = np.array([10.0, 20.0])
    >>> bool(negligible(1e-30, wages)), bool(negligible(1e-6, wages))
    (True, False)
    """
    return variance <= (1e-13 * float(np.abs(values).max())) ** 2


def refuse_no_variance(variance: float, outcome: Numbers) -> None:
    """Raise an error where the outcome does not vary: zero would claim certainty.

    Parameters
    ----------
    variance : float
        Squared standard error, in squared units of the outcome.
    outcome : array of shape (n,)

    Raises
    ------
    WorkbenchError
        Where the variance is `negligible`.

    Examples
    --------
    >>> refuse_no_variance(4.0, np.array([10.0, 20.0]))
    >>> refuse_no_variance(0.0, np.array([10.0, 10.0]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: no standard error can be computed: ...
    """
    if negligible(variance, outcome):
        raise WorkbenchError(
            "no standard error can be computed: within the arms nothing of the outcome is left "
            "to vary",
            "Take a larger group, another outcome, or covariates that do not determine it.",
        )
