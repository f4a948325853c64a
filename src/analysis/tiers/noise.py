"""How large the noise of a published mean wage is, when only the number of people is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]


def standard_error_of_mean(
    mean: npt.ArrayLike, people: npt.ArrayLike, coefficient_of_variation: float
) -> Numbers:
    """Standard error of a mean wage from its people and an assumed spread between them.

    Parameters
    ----------
    mean, people : array
        Mean wage and the number of people behind it.
    coefficient_of_variation : float
        Standard deviation between people over the mean. An assumption of the framework, swept
        in the report, since publishers do not give it.

    Examples
    --------
    >>> standard_error_of_mean([8000.0], [64], 0.5).tolist()
    [500.0]
    """
    return coefficient_of_variation * np.asarray(mean, float) / np.sqrt(np.asarray(people, float))


@dataclass(frozen=True)
class Variation:
    """Estimated spread between people over their mean, with a provider-bootstrap interval."""

    estimate: float
    interval_low: float
    interval_high: float
    programs: int


def estimate_variation(
    frame: pd.DataFrame,
    *,
    mean: str,
    people: str,
    field: str,
    cluster: str,
    level: float,
    draws: int,
    seed: int,
) -> Variation:
    """Estimate the coefficient of variation from how deviations fall with the number of people.

    Within a field, the squared relative deviation of a program's mean from the field's is the
    spread between programs plus ``cv² / people``: the slope on ``1 / people`` is ``cv²``.

    Parameters
    ----------
    frame : DataFrame
        One row a program; columns named by the next four.
    mean, people, field, cluster : str
        Mean wage, people behind it, field of study, provider.
    level, draws, seed
        Of the bootstrap over providers.

    Returns
    -------
    Variation

    Notes
    -----
    An upper reading: small programs that truly differ more from their field push it up.
    """
    counts = frame.groupby(field)[people].transform("count")
    kept = frame[(counts > 1) & frame[mean].gt(0) & frame[people].gt(0)]
    if len(kept) < 10:
        raise WorkbenchError(
            f"{len(kept)} programs are too few to estimate the spread between people",
            "State it in the framework.",
        )
    weighted = kept[mean] * kept[people]
    centre = weighted.groupby(kept[field]).transform("sum") / kept.groupby(field)[people].transform(
        "sum"
    )
    deviation = ((kept[mean] - centre) / centre).to_numpy() ** 2
    inverse = 1 / kept[people].to_numpy(float)
    # deviations scatter in proportion to their own size, so all programs weigh the same in 1/n
    clusters, index = np.unique(kept[cluster].astype("str"), return_inverse=True)
    generator = np.random.default_rng(seed)
    estimates = []
    for _ in range(draws):
        times = np.bincount(
            generator.integers(0, len(clusters), len(clusters)), minlength=len(clusters)
        )
        estimates.append(_slope_root(inverse, deviation, times[index].astype(float)))
    low, high = np.quantile(estimates, [0.5 - level / 2, 0.5 + level / 2])
    point = _slope_root(inverse, deviation, np.ones(len(kept)))
    return Variation(point, float(low), float(high), len(kept))


def _slope_root(x: Numbers, y: Numbers, weight: Numbers) -> float:
    centre_x, centre_y = np.average(x, weights=weight), np.average(y, weights=weight)
    slope = np.sum(weight * (x - centre_x) * (y - centre_y)) / np.sum(weight * (x - centre_x) ** 2)
    return float(np.sqrt(max(slope, 0.0)))
