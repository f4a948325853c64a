"""What assignment changed, with chance differences at baseline adjusted for (Lin 2013)."""

from typing import Literal

import numpy as np
import pandas as pd

from analysis.effects.design import (
    controls_table,
    covariate_matrix,
    names_left_out,
    standardised,
    usable_columns,
)
from analysis.effects.effect import Effect, people_by_arm, refuse_no_variance
from analysis.effects.estimators import thin_strata
from analysis.effects.samples import (
    Column,
    Flags,
    Labels,
    Numbers,
    arms,
    column_name,
    numbers,
    refuse_misaligned,
)
from analysis.errors import WorkbenchError


def lin_adjusted(
    outcome: Column,
    treated: Column,
    covariates: pd.DataFrame,
    stratum: Labels | None = None,
    *,
    robust: Literal["HC2", "HC3"] = "HC2",
    minimum_people_per_parameter: float = 3,
    maximum_leverage: float = 0.9,
    high_leverage: Literal["refuse", "drop"] = "refuse",
) -> Effect:
    """Effect of assignment from the regression with treatment x centred covariates.

    The coefficient of T in the least-squares fit of y = a + b T + c'(x - x̄) + d'T(x - x̄), which
    is never less precise than the difference in means in a large sample. It is computed as the
    same thing in two parts: one regression in each arm, whose intercepts at x̄ are compared.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
        As in `difference_in_means`.
    covariates : DataFrame of shape (n, k)
        Measured before assignment; finite numbers.
    stratum : array of shape (n,), optional
        Stratum of the design. Its indicators come first among the covariates, which makes the
        fit right where the chance of assignment differs between strata.
    robust : {'HC2', 'HC3'}
        Variance that allows for unequal variances; HC2 is unbiased under equal ones, HC3 is
        wider and safer in small samples.
    minimum_people_per_parameter : float
        An arm needs this many people for each coefficient of its own regression: one and the
        number of covariates that can be told apart, before any is dropped for leverage.
    maximum_leverage : float
        Largest leverage that a person may have on the own fitted value; below 1.
    high_leverage : {'refuse', 'drop'}
        'refuse': an error above the maximum, and for strata with fewer than two people in an
        arm. 'drop': in the order given, a covariate (or stratum indicator) that would lift
        anyone above the maximum is left out, as with one that is 1 for a single person in an
        arm. The choice does not look at outcomes. A dropped indicator joins its stratum to the
        largest one.

    Returns
    -------
    Effect
        With n - k degrees of freedom (k all coefficients of both arms). ``dropped`` names
        covariates that are constant or an exact combination of earlier ones in the sample or in
        an arm, ``dropped_for_leverage`` those left out for that reason.

    Raises
    ------
    WorkbenchError
        As in `difference_in_means`, and when the fit is refused.

    Notes
    -----
    Lin, W. (2013), Annals of Applied Statistics 7(1), 295-318. The standard error takes the
    means x̄ as given: it is that of the effect among these people. For a wider population from
    which they are a random sample a term (d' S d)/n would be added (Negi and Wooldridge 2021).

    Examples
    --------
    >>> before = pd.DataFrame({"earnings_before": [1, 2, 3, 4, 5, 1, 2, 3, 5, 6]})
    >>> after = [3.1, 4.0, 5.2, 5.9, 7.1, 1.1, 2.0, 3.1, 4.9, 6.2]
    >>> effect = lin_adjusted(after, [1] * 5 + [0] * 5, before, minimum_people_per_parameter=2)
    >>> round(effect.estimate, 3), round(effect.standard_error, 3), effect.degrees_of_freedom
    (1.999, 0.08, 6.0)
    """
    refuse_misaligned(outcome=outcome, treated=treated, covariates=covariates, stratum=stratum)
    _refuse_no_share(maximum_leverage)
    flags, y = arms(treated), numbers(outcome, "outcome")
    if stratum is not None and high_leverage == "refuse":
        _refuse_thin(treated, stratum)
    table = controls_table(covariates, stratum, len(y))
    matrix = standardised(covariate_matrix(table))
    told_apart, bases = usable_columns(matrix, [flags, ~flags])
    _refuse_crowded(flags, 1 + len(told_apart), minimum_people_per_parameter)
    kept = told_apart
    if high_leverage == "drop":
        kept, bases = usable_columns(matrix, [flags, ~flags], maximum_leverage)
    (mean1, variance1), (mean0, variance0) = (
        _intercept(y[rows], matrix[rows][:, kept], basis, robust, maximum_leverage)
        for rows, basis in zip((flags, ~flags), bases, strict=True)
    )
    refuse_no_variance(variance1 + variance0, y)

    parameters = 2 * (1 + len(kept))
    return Effect(
        estimate=mean1 - mean0,
        standard_error=float(np.sqrt(variance1 + variance0)),
        degrees_of_freedom=float(len(y) - parameters),
        **people_by_arm(y, flags),
        method="Lin regression",
        parameters=parameters,
        dropped=names_left_out(table, told_apart),
        dropped_for_leverage=names_left_out(table, kept, told_apart),
    )


def _intercept(
    outcome: Numbers, covariates: Numbers, Q: Numbers, robust: str, maximum_leverage: float
) -> tuple[float, float]:
    """Intercept of a least-squares fit and its robust variance, by the QR basis of its design."""
    design = np.column_stack([np.ones(len(outcome)), covariates])
    R = np.triu(Q.T @ design)
    leverage = (Q**2).sum(axis=1)
    if leverage.max() > maximum_leverage:
        raise WorkbenchError(
            f"Lin regression: one person has leverage {leverage.max():.2f} "
            f"(limit {maximum_leverage:g})",
            "Use fewer covariates, leave out those that single out one person "
            "(high_leverage='drop'), or take the difference in means.",
        )
    # the intercept is a weighted sum of outcomes: first row of (X'X)^-1 X' = R^-1 Q'
    first = np.zeros(design.shape[1])
    first[0] = 1.0
    weights = Q @ np.linalg.solve(R.T, first)
    residual = outcome - Q @ (Q.T @ outcome)
    power = {"HC2": 1, "HC3": 2}[robust]
    variance = (weights**2 * residual**2 / (1 - leverage) ** power).sum()
    return float(weights @ outcome), float(variance)


def _refuse_no_share(maximum_leverage: float) -> None:
    if not 0 < maximum_leverage < 1:
        raise WorkbenchError(
            f"maximum_leverage: {maximum_leverage} is not between 0 and 1", "Write 0.9, say."
        )


def _refuse_crowded(flags: Flags, parameters: int, minimum: float) -> None:
    for arm, rows in (("treated", flags), ("control", ~flags)):
        people = int(rows.sum())
        if people < minimum * parameters:
            raise WorkbenchError(
                f"Lin regression: {people} people in the {arm} arm for {parameters} parameters "
                f"(at least {minimum:g} a parameter)",
                "Use fewer covariates or take the difference in means.",
            )


def _refuse_thin(treated: Column, stratum: Labels) -> None:
    if short := thin_strata(treated, stratum):
        raise WorkbenchError(
            f"column {column_name(stratum, 'stratum')}: fewer than 2 people in an arm of "
            f"{', '.join(short)}",
            "Use coarser strata, or high_leverage='drop' to join them to the largest one.",
        )
