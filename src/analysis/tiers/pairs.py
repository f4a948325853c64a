"""Can any two programs be told apart? If not, all share one grade, and the report says so."""

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.errors import WorkbenchError
from analysis.tiers.normal_model import NormalModel

Numbers = npt.NDArray[np.float64]


def pair_probabilities(model: NormalModel, standard_error: npt.ArrayLike) -> Numbers:
    """Chance that each program's true value exceeds each other's, for programs of one field.

    Parameters
    ----------
    model : NormalModel
        Fitted without fields, with the flat prior (cautious for telling apart).
    standard_error : array, shape (programs,)

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
    """
    s = np.asarray(standard_error, float)
    if model.field_codes.any() or s.shape != model.field_codes.shape:
        raise WorkbenchError(
            "pairs need a model without fields, and the standard errors that it was fitted to",
            "Fit the model without fields.",
        )
    result = np.zeros((len(s), len(s)))
    for k, weight in enumerate(model.weights):
        w = 1 / (s**2 + model.tau[k] ** 2)
        lean = 1 - model.tau[k] ** 2 * w
        difference = model.means[k][:, None] - model.means[k][None, :]
        own = model.tau[k] ** 2 * s**2 * w
        variance = own[:, None] + own[None, :] + (lean[:, None] - lean[None, :]) ** 2 / w.sum()
        chance = special.ndtr(difference / np.sqrt(np.maximum(variance, 1e-300)))
        result += weight * np.where(difference == 0, 0.5, chance)
    np.fill_diagonal(result, 0.5)
    return result


def can_be_told_apart(pairs: Numbers, p_value: float, *, alpha: float, needed: float) -> bool:
    """Whether any grading is warranted: the Q test rejects, and some pair is sure enough.

    Both gates are needed: the pairs alone print two grades in a tenth of draws without any
    difference.

    Examples
    --------
    >>> can_be_told_apart(np.array([[0.5, 0.9], [0.1, 0.5]]), 0.3, alpha=0.05, needed=0.8)
    False
    """
    return bool(p_value <= alpha and pairs.max() >= needed)
