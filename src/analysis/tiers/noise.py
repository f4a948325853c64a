"""How large the noise of a published mean wage is, when only the number of people is known."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]
_FEWEST = 10


def standard_error_of_mean_wage(
    mean_wage: npt.ArrayLike, n: npt.ArrayLike, coefficient_of_variation: float
) -> Numbers:
    """Standard error of a mean wage from its people and an assumed spread between them.

    Parameters
    ----------
    mean_wage, n : array
        Mean wage in dollars, and the number of people behind it. Give every program the same
        mean (that of all, weighted by people): with each program's own, a wage that is low by
        chance looks precise, which pulls all estimates down. On New Jersey's programs own
        wages predict worse after shrinking than raw wages do.
    coefficient_of_variation : float
        Standard deviation between people over the mean. An assumption, since publishers do not
        give it: state it in the framework and sweep it in the report.

    Returns
    -------
    ndarray
        Coefficient times mean over root n, in dollars; missing where the mean or n is.

    Raises
    ------
    WorkbenchError
        No people behind a mean, or a coefficient that is not positive.

    Examples
    --------
    >>> standard_error_of_mean_wage([8000.0], [64], 0.5).tolist()
    [500.0]
    """
    mean, people = np.asarray(mean_wage, float), np.asarray(n, float)
    if (people <= 0).any() or not coefficient_of_variation > 0:
        raise WorkbenchError(
            "a mean wage with no people behind it, or a coefficient that is not positive",
            "Leave such programs out; give a positive coefficient of variation.",
        )
    return coefficient_of_variation * mean / np.sqrt(people)


def standard_error_of_median_wage(
    median_wage: npt.ArrayLike, n: npt.ArrayLike, coefficient_of_variation: float
) -> Numbers:
    """Standard error of a median wage from its people and an assumed spread between them.

    Parameters
    ----------
    median_wage, n : array
        Median wage in dollars (one for all programs, as in :func:`standard_error_of_mean_wage`)
        and the number of people behind it.
    coefficient_of_variation : float
        Standard deviation between people over their mean.

    Returns
    -------
    ndarray
        In dollars; missing where the median or n is.

    Raises
    ------
    WorkbenchError
        No people behind a median, or a coefficient that is not positive.

    Notes
    -----
    Earnings between people are taken as log-normal: the log has variance
    ``log(1 + coefficient²)``, and the median of n draws a standard error of
    ``sqrt(pi / 2 / n)`` times its root (large samples; Cramér 1946, section 28.5), times the
    median in dollars.

    Examples
    --------
    >>> standard_error_of_median_wage([50_000.0], [100], 0.7).round(0).tolist()
    [3957.0]
    """
    log_deviation = np.sqrt(np.log1p(coefficient_of_variation**2))
    return standard_error_of_mean_wage(median_wage, n, np.sqrt(np.pi / 2) * log_deviation)


@dataclass(frozen=True)
class Variation:
    """Estimated spread between people over their mean, with its bootstrap interval.

    ``between`` is the spread of programs' true means within a field, over the field's mean;
    ``programs`` and ``clusters`` count what the estimate rests on.
    """

    coefficient_of_variation: float
    interval_low: float
    interval_high: float
    between: float
    programs: int
    clusters: int


def estimate_coefficient_of_variation(
    mean_wage: npt.ArrayLike,
    n: npt.ArrayLike,
    field: npt.ArrayLike,
    *,
    cluster: npt.ArrayLike | None = None,
    level: float = 0.90,
    draws: int = 1000,
    seed: int,
) -> Variation:
    """Estimate the spread between people from how deviations shrink as programs grow.

    Parameters
    ----------
    mean_wage, n : array, shape (programs,)
        Mean wage and the people behind it; rows with either missing or not positive are left
        out, and so are fields of one program.
    field : array of str, shape (programs,)
        Field of study, such as the two-digit CIP family.
    cluster : array of str, shape (programs,), optional
        Provider, resampled whole; programs are resampled where it is left out.
    level, draws, seed
        Of the percentile interval.

    Returns
    -------
    Variation

    Raises
    ------
    WorkbenchError
        Fewer than ten usable programs, or all of one size.

    Notes
    -----
    Within a field, the expected squared relative deviation of a program's mean from the field's
    (weighted by people) is ``between² + coefficient² / n``: the slope on ``1 / n`` of a plain
    regression is the coefficient squared. An upper reading, since small programs that truly
    differ more push it up, and a noisy one: check it against its interval.

    Examples
    --------
    >>> wages = [100.0, 110.0, 90.0, 100.0, 101.0, 99.0] * 2
    >>> people = [4, 4, 4, 400, 400, 400] * 2
    >>> found = estimate_coefficient_of_variation(wages, people, ["a"] * 12, seed=1)
    >>> round(found.coefficient_of_variation, 2)
    0.16
    """
    frame = pd.DataFrame({"wage": mean_wage, "n": n, "field": field}).astype(
        {"wage": float, "n": float}
    )
    frame["cluster"] = np.arange(len(frame)) if cluster is None else np.asarray(cluster)
    frame = frame[frame["wage"].gt(0) & frame["n"].gt(0)].dropna()
    frame = frame[frame.groupby("field")["wage"].transform("count") > 1]
    if len(frame) < _FEWEST or frame["n"].nunique() < 2:
        raise WorkbenchError(
            f"{len(frame)} usable programs of {frame['n'].nunique()} sizes are too few to "
            "estimate the spread between people",
            "State it in the framework.",
        )
    codes, names = pd.factorize(frame["cluster"])
    fields, _ = pd.factorize(frame["field"])
    wage, people = frame["wage"].to_numpy(), frame["n"].to_numpy()
    generator = np.random.default_rng(seed)
    coefficients = []
    for _ in range(draws):
        times = np.bincount(generator.integers(0, len(names), len(names)), minlength=len(names))
        coefficients.append(_roots(wage, people, fields, times[codes].astype(float))[0])
    low, high = np.nanquantile(coefficients, [0.5 - level / 2, 0.5 + level / 2])
    point, between = _roots(wage, people, fields, np.ones(len(frame)))
    return Variation(point, float(low), float(high), between, len(frame), len(names))


def noise_check(
    estimates: pd.DataFrame,
    coefficient_of_variation: float,
    *,
    shares: Collection[str] = (),
    seed: int,
    draws: int = 200,
) -> pd.DataFrame:
    """Noise assumed and noise that the data show, for each set of programs.

    Parameters
    ----------
    estimates : DataFrame
        From :func:`analysis.tiers.estimates.against_benchmark`; rows that can be rated are used.
    coefficient_of_variation : float
        As assumed of people.
    shares : collection of str
        Metrics that are shares of people: their noise is known, and nothing is assumed of it.
    seed, draws : int
        Of the bootstrap over providers.

    Returns
    -------
    DataFrame
        ``compared_with``, ``programs``, ``assumed`` (standard error times root n over typical
        earnings: for a median with the factor of its larger error), ``estimate`` and its 90
        percent interval. Sets that are too small for an estimate are left out; where scatter
        does not grow as programs get smaller the data say nothing, and all three are missing.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "compared_with": "all", "metric": "average_quarterly_wage", "reason": "",
    ...     "earnings": [100.0, 110.0, 90.0, 100.0, 101.0, 99.0] * 2,
    ...     "n": [4, 4, 4, 400, 400, 400] * 2, "field": "51", "provider_id": range(12),
    ... })  # fmt: skip
    >>> found = noise_check(rows, 0.7, seed=1, draws=20)
    >>> found[["compared_with", "programs", "assumed", "estimate"]].round(2).values.tolist()
    [['all', 12, 0.7, 0.16]]
    """
    rows = []
    assumed = estimates[estimates["reason"].eq("") & ~estimates["metric"].isin(shares)]
    for name, part in assumed.groupby("compared_with", sort=False):
        try:
            found = estimate_coefficient_of_variation(
                part["earnings"],
                part["n"],
                part["field"],
                cluster=part["provider_id"],
                draws=draws,
                seed=seed,
            )
        except WorkbenchError:
            continue
        is_median = part["metric"].iloc[0] == "median_annual_earnings"
        error = standard_error_of_median_wage if is_median else standard_error_of_mean_wage
        said = found.interval_high > 0
        rows.append(
            {
                "compared_with": name,
                "programs": found.programs,
                "assumed": float(error(1.0, 1, coefficient_of_variation)),
                "estimate": found.coefficient_of_variation if said else np.nan,
                "interval_low": found.interval_low if said else np.nan,
                "interval_high": found.interval_high if said else np.nan,
            }
        )
    columns = ["compared_with", "programs", "assumed", "estimate", "interval_low", "interval_high"]
    return pd.DataFrame(rows, columns=columns)


def _roots(
    wage: Numbers, people: Numbers, fields: npt.NDArray[np.intp], times: Numbers
) -> tuple[float, float]:
    """Roots of slope and intercept; 0 where negative, missing where nothing can be said."""
    several = np.bincount(fields, weights=times > 0) > 1
    kept = (times > 0) & several[fields]
    if not kept.any() or not np.ptp(people[kept]) > 0:
        return float("nan"), float("nan")
    wage, people, fields, times = wage[kept], people[kept], fields[kept], times[kept]
    weight = np.bincount(fields, weights=times * people)
    total = np.bincount(fields, weights=times * people * wage)
    centre = total[fields] / weight[fields]
    y, x = ((wage - centre) / centre) ** 2, 1 / people
    centre_x, centre_y = np.average(x, weights=times), np.average(y, weights=times)
    slope = np.sum(times * (x - centre_x) * (y - centre_y)) / np.sum(times * (x - centre_x) ** 2)
    intercept = centre_y - slope * centre_x
    return float(np.sqrt(max(slope, 0.0))), float(np.sqrt(max(intercept, 0.0)))
