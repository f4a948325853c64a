"""Can any two programs be told apart? If not, all share one grade, and the report says so."""

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.errors import WorkbenchError
from analysis.tiers.normal_model import NormalModel

Numbers = npt.NDArray[np.float64]


def pair_probabilities(
    model: NormalModel,
    standard_error: npt.ArrayLike,
    rows: npt.NDArray[np.intp] | None = None,
) -> Numbers:
    """Chance that each program's true value exceeds each other's, for programs of one field.

    Parameters
    ----------
    model : NormalModel
        Fitted without fields, with the flat prior (cautious for telling apart).
    standard_error : array, shape (programs,)
    rows : array of int, optional
        Only pairs among these programs, where all would not fit into memory.

    Returns
    -------
    ndarray, shape (programs, programs)
        Row against column; one half on the diagonal.

    Raises
    ------
    WorkbenchError
        A model fitted with fields: its pairs need each field's own uncertainty.

    Notes
    -----
    True values share the uncertain mean, so their posteriors are correlated given the spread:
    the covariance is (1 - own share) times (1 - own share) over the total precision.

    Examples
    --------
    >>> from analysis.tiers.normal_model import fit_normal_model
    >>> model = fit_normal_model([0.0, 0.0, 90.0], [1.0, 1.0, 1.0], tau_prior="flat")
    >>> pair_probabilities(model, [1.0, 1.0, 1.0]).round(6).tolist()
    [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [1.0, 1.0, 0.5]]
    """
    s = np.asarray(standard_error, float)
    if model.field_codes.any() or s.shape != model.field_codes.shape:
        raise WorkbenchError(
            "pairs need a model without fields, and the standard errors that it was fitted to",
            "Fit the model without fields.",
        )
    chosen = np.arange(len(s)) if rows is None else rows
    result = np.zeros((len(chosen), len(chosen)))
    for k, weight in enumerate(model.weights):
        w = 1 / (s**2 + model.tau[k] ** 2)
        lean = (1 - model.tau[k] ** 2 * w)[chosen]
        mean = model.means[k][chosen]
        difference = mean[:, None] - mean[None, :]
        own = (model.tau[k] ** 2 * s**2 * w)[chosen]
        variance = own[:, None] + own[None, :] + (lean[:, None] - lean[None, :]) ** 2 / w.sum()
        chance = special.ndtr(difference / np.sqrt(np.maximum(variance, 1e-300)))
        result += weight * np.where(difference == 0, 0.5, chance)
    np.fill_diagonal(result, 0.5)
    return result


def largest_pair_probability(
    model: NormalModel, standard_error: npt.ArrayLike, *, at_most: int = 400
) -> float:
    """Chance of the surest statement that one program is better than another.

    Parameters
    ----------
    model, standard_error
        As in :func:`pair_probabilities`.
    at_most : int
        Among more programs, only those furthest from the middle for their own uncertainty are
        compared: then a lower bound, within a hair of the maximum.

    Returns
    -------
    float
        From one half to 1.

    Raises
    ------
    WorkbenchError
        As :func:`pair_probabilities`.

    Examples
    --------
    >>> from analysis.tiers.normal_model import fit_normal_model
    >>> model = fit_normal_model([0.0, 9.0], [1.0, 1.0], tau_prior="flat")
    >>> largest_pair_probability(model, [1.0, 1.0]) > 0.99
    True
    """
    score = (model.mean - np.median(model.mean)) / model.standard_deviation
    order = np.argsort(score, kind="stable")
    half = at_most // 2
    rows = order if len(order) <= at_most else np.append(order[:half], order[-half:])
    return float(pair_probabilities(model, standard_error, rows).max())
