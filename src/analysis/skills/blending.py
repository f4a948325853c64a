"""How several similarities become one, without weights learned from anything.

Weights learned on the publisher's related occupations would partly rebuild the recipe that made
them (tasks, knowledge and alternate titles; Dahlke, Putka, Shewach and Lewis 2022), so the blends
here treat all representations alike.
"""

from collections.abc import Mapping

import numpy as np

from analysis.errors import WorkbenchError


def mean_rank_blend(similarities: Mapping[str, np.ndarray], constant: float = 60.0) -> np.ndarray:
    """Mean over representations of 1 / (constant + rank): reciprocal rank fusion.

    Cormack, Clarke and Büttcher (2009), "Reciprocal rank fusion outperforms Condorcet and
    individual rank learning methods", whose constant of 60 is the default. It asks only for the
    order that each representation gives, so scales need not agree, and first places count most.

    Parameters
    ----------
    similarities : mapping of str to ndarray, each of shape (n, n)
        Row i orders the candidates for occupation i; all on the same list of occupations.
    constant : float
        Larger values count first places less.

    Returns
    -------
    ndarray, shape (n, n)
        Larger is more similar; the diagonal is 1. Ties take their mean rank.

    Raises
    ------
    WorkbenchError
        No similarity given, or shapes that differ.

    Examples
    --------
    >>> order = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.2], [0.1, 0.2, 1.0]])
    >>> mean_rank_blend({"tasks": order}, constant=1)[0]
    array([1.        , 0.5       , 0.33333333])
    """
    from scipy.stats import rankdata

    total = np.zeros(_common_shape(similarities))
    for matrix in similarities.values():
        descending = -matrix.astype(float)
        np.fill_diagonal(descending, np.inf)  # an occupation is no candidate for itself
        total += 1 / (constant + rankdata(descending, axis=1))
    total /= len(similarities)
    np.fill_diagonal(total, 1.0)
    return total


def mean_standardised_blend(similarities: Mapping[str, np.ndarray]) -> np.ndarray:
    """Mean over representations of similarities standardised in each row.

    Keeps how far ahead a neighbour is, where `mean_rank_blend` keeps only the order.

    Parameters
    ----------
    similarities : mapping of str to ndarray, each of shape (n, n)
        As for `mean_rank_blend`.

    Returns
    -------
    ndarray, shape (n, n)
        Mean of (similarity - row mean) / row standard deviation over candidates; a representation
        that says nothing of an occupation (a constant row) adds nothing. The diagonal is the
        largest value of all.

    Raises
    ------
    WorkbenchError
        No similarity given, or shapes that differ.

    Examples
    --------
    >>> order = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.2], [0.1, 0.2, 1.0]])
    >>> mean_standardised_blend({"tasks": order})[0]
    array([ 1.,  1., -1.])
    """
    total = np.zeros(_common_shape(similarities))
    others = ~np.eye(len(total), dtype=bool)
    for matrix in similarities.values():
        candidates = matrix.astype(float)[others].reshape(len(total), -1)
        spread = candidates.std(axis=1, keepdims=True)
        centred = candidates - candidates.mean(axis=1, keepdims=True)
        # a constant row has a spread of rounding error only: it must add nothing, not noise
        known = spread > 1e-12
        total[others] += np.where(known, centred / np.where(known, spread, 1), 0).ravel()
    total /= len(similarities)
    np.fill_diagonal(total, total[others].max())
    return total


def _common_shape(similarities: Mapping[str, np.ndarray]) -> tuple[int, ...]:
    shapes = {name: matrix.shape for name, matrix in similarities.items()}
    if not shapes:
        raise WorkbenchError("no similarity to blend", "Give at least one.")
    if len(set(shapes.values())) > 1:
        raise WorkbenchError(
            f"similarities of different shapes: {shapes}", "Align them on one list of occupations."
        )
    return next(iter(shapes.values()))
