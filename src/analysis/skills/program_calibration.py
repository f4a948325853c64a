"""Whether chances of program matching are true, and the map that makes them so."""

import numpy as np
import pandas as pd

from analysis.skills.evaluation import bootstrap_interval
from analysis.skills.program_labels import Labels
from analysis.skills.ties import first_places

# places of each program that the map is learned on
_FIRST = 10
_DECIMALS = 6


def reliability_table(
    raw: np.ndarray, calibrated: np.ndarray, true: np.ndarray, providers: np.ndarray, seed: int
) -> pd.DataFrame:
    """Said probability of the first place against how often it was true, by band.

    Parameters
    ----------
    raw, calibrated : ndarray, shape (programs,)
        Chances of the first place.
    true : ndarray of bool, shape (programs,)
        Whether the list states it.
    providers : ndarray of int, shape (programs,)
    seed : int

    Returns
    -------
    DataFrame
        ``kind`` ('as computed', 'calibrated'), ``band``, ``said`` (mean), ``true_share`` with
        ``interval_low`` and ``interval_high`` (95 %, whole providers drawn again), ``n_programs``.

    Examples
    --------
    >>> half = np.array([0.5, 0.5])
    >>> table = reliability_table(half, half, np.array([True, False]), np.array([0, 1]), seed=1)
    >>> table[["kind", "said", "true_share"]].values.tolist()
    [['as computed', 0.5, 0.5], ['calibrated', 0.5, 0.5]]
    """
    edges = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0001]
    rows = []
    for kind, said in (("as computed", raw), ("calibrated", calibrated)):
        band = np.digitize(said, edges) - 1
        for number in np.unique(band):
            inside = band == number
            low, high = bootstrap_interval(
                true[inside].astype(float), seed, 0.95, 1000, list(map(str, providers[inside]))
            )
            label = f"{edges[number]:.1f} to {min(edges[number + 1], 1):.1f}"
            shares = (said[inside].mean(), true[inside].mean(), low, high)
            rows.append((kind, label, *map(float, shares), int(inside.sum())))
    columns = ["kind", "band", "said", "true_share", "interval_low", "interval_high", "n_programs"]
    return pd.DataFrame(rows, columns=columns)


def calibration_error(reliability: pd.DataFrame) -> pd.Series:
    """Mean distance of said and true share over bands, weighted by programs, by kind.

    Parameters
    ----------
    reliability : DataFrame
        From `reliability_table`.

    Returns
    -------
    Series
        By ``kind``.

    Examples
    --------
    >>> frame = pd.DataFrame({"kind": ["x", "x"], "said": [0.5, 0.9], "true_share": [0.4, 0.9],
    ...     "n_programs": [1, 1]})
    >>> calibration_error(frame).round(3).to_dict()
    {'x': 0.05}
    """
    distance = (reliability["said"] - reliability["true_share"]).abs() * reliability["n_programs"]
    return (
        distance.groupby(reliability["kind"]).sum()
        / reliability.groupby("kind")["n_programs"].sum()
    )


def calibrated(
    whole: np.ndarray, chance: np.ndarray, labels: Labels, folds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Isotonic maps from said to true share, of all programs and, fold by fold, of labelled ones.

    Learned on the ten first places of each program: nearly all others are 0 and right. Isotonic
    regression for calibration: Zadrozny and Elkan (2002). Chances are taken and given to six
    decimals: programs of one text share a chance, and whether two chances are one decides what
    is pooled, and later which jobs of a program are its likeliest.

    Parameters
    ----------
    whole : ndarray, shape (programs, candidates)
        Chances of all programs; more than ten candidates.
    chance : ndarray, shape (labelled programs, candidates)
        Those of the labelled ones, each from weights that never saw its fold.
    labels : Labels
    folds : ndarray of int, length labelled programs

    Returns
    -------
    tuple of ndarray
        Of the shapes of ``whole`` and ``chance``.

    Examples
    --------
    Said to be right nine times of ten and right every second time, in both folds.

    >>> from scipy import sparse
    >>> truth = np.zeros((8, 12), dtype=bool)
    >>> truth[::2, 0] = truth[1::2, 11] = True
    >>> labels = Labels(np.arange(8), sparse.csr_matrix(truth), np.arange(8))
    >>> said = np.tile([0.9, 0.1, *[0.0] * 10], (8, 1))
    >>> whole, of_fold = calibrated(said[:1], said, labels, np.repeat([0, 1], 4))
    >>> whole[0, :3].tolist(), of_fold[0, :3].tolist()
    ([0.5, 0.0, 0.0], [0.5, 0.0, 0.0])
    """
    from sklearn.isotonic import IsotonicRegression

    chance, whole = (np.round(said, _DECIMALS).astype(float) for said in (chance, whole))
    first = first_places(chance, _FIRST)
    said = np.take_along_axis(chance, first, axis=1)
    true = np.take_along_axis(labels.truth.toarray(), first, axis=1).astype(float)

    def learned(rows: np.ndarray) -> IsotonicRegression:
        fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        return fit.fit(said[rows].ravel(), true[rows].ravel())

    result = np.empty_like(chance)
    for fold in np.unique(folds):
        rows = folds == fold
        mapped = learned(~rows).predict(chance[rows].ravel())
        result[rows] = mapped.reshape(rows.sum(), -1)
    everything = learned(np.ones(len(chance), dtype=bool)).predict(whole.ravel())
    return np.round(everything.reshape(whole.shape), _DECIMALS), np.round(result, _DECIMALS)
