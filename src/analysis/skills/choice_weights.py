"""Weights of a choice among candidates: the conditional logit, no weight below 0.

``P(j | asker) = exp(w x_j) / sum_k exp(w x_k)`` over the candidates of an asker (McFadden 1974).
Programs choose occupations by it, and occupations their related ones.
"""

from collections.abc import Mapping

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

_MOST_ASKERS = 2000


def fit_weights(
    features: Mapping[str, np.ndarray],
    truth: sparse.csr_matrix,
    rows: np.ndarray,
    *,
    seed: int = 0,
) -> np.ndarray:
    """Weights of the conditional logit on some rows, none below 0.

    Parameters
    ----------
    features : mapping of str to ndarray, each of shape (n, candidates)
        What speaks for each candidate, on scales that a sum of them can use.
    truth : csr_matrix, shape (n, candidates)
        Right candidates; each asker counts once, however many are right.
    rows : ndarray of int
        Askers to learn from; at most 2,000 of them, drawn with ``seed``, are used.
    seed : int

    Returns
    -------
    ndarray, shape (features,)

    Examples
    --------
    >>> told = {"told": np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])}
    >>> truth = sparse.csr_matrix(np.array([[1, 0], [0, 1], [0, 1]]))
    >>> fit_weights(told, truth, np.arange(3)).round(2).tolist()
    [0.69]
    """
    if len(rows) > _MOST_ASKERS:
        rows = np.random.default_rng(seed).choice(rows, _MOST_ASKERS, replace=False)
    X = np.stack([feature[rows] for feature in features.values()], axis=2).astype(float)
    Y = truth[rows].toarray().astype(float)
    Y /= Y.sum(axis=1, keepdims=True)
    told = np.einsum("pc,pck->k", Y, X)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = X @ weights
        score -= score.max(axis=1, keepdims=True)
        # the largest of each row is shifted to 0, so the sum cannot overflow
        chance = np.exp(score)
        total = chance.sum(axis=1, keepdims=True)
        chance /= total
        value = float(np.log(total).sum() - (Y * score).sum())
        slope = np.einsum("pc,pck->k", chance, X) - told
        return value / len(rows), slope / len(rows)

    start = np.full(len(features), 0.3)
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(features),
        options={"maxiter": 60},
    )  # fmt: skip
    return np.asarray(found.x, dtype=float)


def probabilities(features: Mapping[str, np.ndarray], weights: np.ndarray) -> np.ndarray:
    """P(candidate | asker), shape (n, candidates); rows sum to 1.

    Parameters
    ----------
    features : mapping of str to ndarray, each of shape (n, candidates)
    weights : ndarray, shape (features,)

    Returns
    -------
    ndarray, shape (n, candidates)

    Examples
    --------
    >>> probabilities({"told": np.array([[0.0, 0.0]])}, np.array([1.0])).tolist()
    [[0.5, 0.5]]
    """
    score = np.add.reduce(
        [weight * feature for weight, feature in zip(weights, features.values(), strict=True)]
    )
    score = score - score.max(axis=1, keepdims=True)
    chance = np.exp(score)
    return np.asarray(chance / chance.sum(axis=1, keepdims=True))
