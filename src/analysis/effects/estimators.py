"""How much higher the outcome is for the treated arm: pooled, or within strata of the design."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.effect import Effect, mean_and_variance, people_by_arm, refuse_no_variance
from analysis.effects.samples import (
    Column,
    Flags,
    Labels,
    Numbers,
    arms,
    column_name,
    labels,
    numbers,
    refuse_misaligned,
)
from analysis.errors import WorkbenchError


def difference_in_means(
    outcome: Column, treated: Column, *, variance: Literal["unequal", "equal"] = "unequal"
) -> Effect:
    """Effect of assignment as the treated mean less the control mean.

    Parameters
    ----------
    outcome : array of shape (n,)
        One finite value a person.
    treated : array of shape (n,)
        1 where assigned to treatment, 0 where to control.
    variance : {'unequal', 'equal'}
        'unequal': Neyman's (1923) standard error, the square root of s1²/n1 + s0²/n0, which is
        HC2 of a regression on the assignment, with Welch's (1947) degrees of freedom. 'equal':
        one variance for both arms (ordinary least squares, Student's t), as older reports used.

    Returns
    -------
    Effect

    Raises
    ------
    WorkbenchError
        For missing or infinite values, fewer than two people in an arm, or an outcome that does
        not vary in either arm.

    Notes
    -----
    Unbiased where everyone had the same chance of assignment. Where the chance differs between
    strata of the design it is not: see `stratified_difference`.

    Examples
    --------
    >>> effect = difference_in_means([5.0, 7.0, 9.0, 2.0, 4.0], [1, 1, 1, 0, 0])
    >>> effect.estimate, round(effect.standard_error, 4), round(effect.degrees_of_freedom, 4)
    (4.0, 1.5275, 2.8824)
    """
    refuse_misaligned(outcome=outcome, treated=treated)
    flags = arms(treated)
    y = numbers(outcome, "outcome")
    n1, n0 = int(flags.sum()), int((~flags).sum())
    mean1, variance1 = mean_and_variance(y[flags])
    mean0, variance0 = mean_and_variance(y[~flags])
    if variance == "equal":
        pooled = ((n1 - 1) * variance1 + (n0 - 1) * variance0) / (n1 + n0 - 2)
        terms = np.array([pooled / n1, pooled / n0])
    else:
        terms = np.array([variance1 / n1, variance0 / n0])
    refuse_no_variance(float(terms.sum()), y)
    return Effect(
        estimate=mean1 - mean0,
        standard_error=float(np.sqrt(terms.sum())),
        degrees_of_freedom=(
            float(n1 + n0 - 2)
            if variance == "equal"
            else satterthwaite(terms, np.array([n1 - 1.0, n0 - 1.0]))
        ),
        **people_by_arm(y, flags),
        method="difference in means",
    )


def stratified_difference(
    outcome: Column,
    treated: Column,
    stratum: Labels,
    *,
    thin: Literal["error", "merge"] = "error",
) -> Effect:
    """Effect of assignment within strata, averaged with each stratum's share of the people.

    The estimate is the sum over strata of (people in it / all people) x (its treated mean less
    its control mean): the average effect among everyone, whatever the chance of assignment in
    each stratum. Its variance is Neyman's in every stratum with the squared shares as weights
    (the shares taken as known), its degrees of freedom Satterthwaite's (1946) over all arms. It
    equals the regression on treatment, centred stratum indicators and their products, with HC2.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
        As in `difference_in_means`.
    stratum : array of shape (n,)
        Stratum of the design that each person was randomised in.
    thin : {'error', 'merge'}
        What happens to strata with fewer than two people in an arm. 'error' names them. 'merge'
        pools them all into one stratum, and adds the next smallest ones while an arm of it is
        still short; that keeps everyone, at the price of a bias where the merged strata differ
        both in the chance of assignment and in the outcome. Merged strata are named in the result.

    Returns
    -------
    Effect

    Raises
    ------
    WorkbenchError
        As in `difference_in_means`, and for thin strata under ``thin='error'``.

    Examples
    --------
    >>> outcome = [3.0, 5.0, 1.0, 3.0, 10.0, 14.0, 12.0, 8.0]
    >>> effect = stratified_difference(outcome, [1, 1, 0, 0, 1, 1, 0, 0], list("aaaabbbb"))
    >>> effect.estimate, round(effect.standard_error, 4)
    (2.0, 1.5811)
    """
    refuse_misaligned(outcome=outcome, treated=treated, stratum=stratum)
    flags = arms(treated)
    y = numbers(outcome, "outcome")
    names = labels(stratum, "stratum")
    merged: tuple[str, ...] = ()
    if short := thin_strata(flags.astype(float), names):
        if thin == "error":
            raise WorkbenchError(
                f"column {column_name(stratum, 'stratum')}: fewer than 2 people in an arm of "
                f"{', '.join(short)}",
                "Use coarser strata, or merge them (thin='merge').",
            )
        names, merged = _merge(flags, names, short)
    weights, means, squares, people = stratum_cells(y, flags, names)
    terms = weights**2 * squares / (people - 1) / people
    refuse_no_variance(float(terms.sum()), y)
    return Effect(
        estimate=float(weights @ (means[0] - means[1])),
        standard_error=float(np.sqrt(terms.sum())),
        degrees_of_freedom=satterthwaite(terms.ravel(), people.ravel() - 1.0),
        **people_by_arm(y, flags),
        method=f"stratified by {column_name(stratum, 'stratum')}",
        parameters=2 * len(weights),
        merged=merged,
    )


def satterthwaite(variances: Numbers, degrees_of_freedom: Numbers) -> float:
    """Degrees of freedom of a sum of independent variance estimates (Satterthwaite 1946).

    Parameters
    ----------
    variances, degrees_of_freedom : array of shape (k,)

    Returns
    -------
    float
        Between the smallest of the degrees of freedom and their sum.

    Examples
    --------
    >>> satterthwaite(np.array([1.0, 1.0]), np.array([9.0, 9.0]))
    18.0
    >>> satterthwaite(np.array([1.0, 0.0]), np.array([9.0, 9.0]))
    9.0
    """
    return float(variances.sum() ** 2 / (variances**2 / degrees_of_freedom).sum())


def thin_strata(treated: Column, stratum: Labels, minimum: int = 2) -> list[str]:
    """Strata with fewer than ``minimum`` people in either arm, in alphabetical order.

    Parameters
    ----------
    treated : sequence of n values 0 or 1
    stratum : sequence of n labels
    minimum : int

    Returns
    -------
    list of str
        Labels of the strata; empty where every stratum has enough.

    Examples
    --------
    >>> thin_strata([1, 1, 0, 0, 1, 0, 0], list("aaaabbb"))
    ['b']
    """
    flags = arms(treated, minimum=0)
    codes, found = pd.factorize(labels(stratum, "stratum"), sort=True)
    people = _arm_counts(codes, flags, len(found))
    return [
        str(name) for name, count in zip(found, people.min(axis=0), strict=True) if count < minimum
    ]


def stratum_cells(
    outcome: Numbers, flags: Flags, stratum: npt.NDArray
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Shares of strata, and means, squared deviations and people by arm and stratum.

    Parameters
    ----------
    outcome : array of shape (n,)
    flags : bool array of shape (n,)
        True in the treated arm.
    stratum : array of n labels
        Both arms of every stratum hold somebody.

    Returns
    -------
    array of shape (strata,), three arrays of shape (2, strata)
        Share of people, and the means of the outcome, sums of squared deviations from them and
        counts. Row 0 is the treated arm; strata are in alphabetical order.

    Examples
    --------
    >>> flags = np.array([True, True, False, True, False, False])
    >>> outcome, site = np.array([5.0, 7.0, 1.0, 9.0, 2.0, 4.0]), np.array(list("aaabbb"))
    >>> [part.tolist() for part in stratum_cells(outcome, flags, site)]
    [[0.5, 0.5], [[6.0, 9.0], [1.0, 3.0]], [[2.0, 0.0], [0.0, 2.0]], [[2.0, 1.0], [1.0, 2.0]]]
    """
    codes, found = pd.factorize(stratum, sort=True)
    count = len(found)
    people = _arm_counts(codes, flags, count)
    cell = codes + count * (~flags)
    size = people.ravel()
    means = np.bincount(cell, weights=outcome).astype("float64") / size
    deviations: Numbers = (outcome - means[cell]) ** 2
    squares = np.bincount(cell, weights=deviations).astype("float64")
    shares = people.sum(axis=0) / len(outcome)
    return shares, means.reshape(2, count), squares.reshape(2, count), people


def _arm_counts(codes: npt.NDArray, flags: Flags, count: int) -> Numbers:
    return np.array(
        [np.bincount(codes[arm], minlength=count) for arm in (flags, ~flags)], dtype="float64"
    )


def _merge(
    flags: Flags, stratum: npt.NDArray, short: list[str]
) -> tuple[npt.NDArray, tuple[str, ...]]:
    """Pool thin strata, and the smallest others as long as the pool itself is thin."""
    sizes = pd.Series(stratum).value_counts()
    others = sorted(set(sizes.index) - set(short), key=lambda name: (sizes[name], name))
    pool = list(short)
    while others:
        inside = np.isin(stratum, pool)
        if min((flags & inside).sum(), (~flags & inside).sum()) >= 2:
            break
        pool.append(others.pop(0))
    return np.where(np.isin(stratum, pool), "merged strata", stratum), tuple(sorted(pool))
