"""How uncertain coefficients are where people's errors differ in size, or are alike in clusters."""

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.effects.samples import Numbers

Clustered: TypeAlias = Literal["CR0", "CR1", "CR2"]
# a cluster that alone decides a direction of the design leaves nothing of it in its residuals
_ALONE = 1e-10


def scores_by_cluster(scores: Numbers, cluster: npt.NDArray) -> Numbers:
    """Sums of people's scores over clusters numbered from 0: (clusters, k) from (n, k).

    Parameters
    ----------
    scores : array of shape (n, k)
    cluster : int array of shape (n,)

    Returns
    -------
    array of shape (clusters, k)

    Examples
    --------
    >>> scores_by_cluster(np.array([[1.0], [2.0], [4.0]]), np.array([0, 0, 1])).tolist()
    [[3.0], [4.0]]
    """
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(cluster[order]) > 0])
    return np.asarray(np.add.reduceat(scores[order], starts, axis=0))


def small_sample_factor(people: int, parameters: int, clusters: int | None) -> float:
    """What HC1 (MacKinnon and White 1985) and CR1 multiply a variance with (as Stata does).

    Parameters
    ----------
    people, parameters : int
        Rows, and columns of the design with the intercept.
    clusters : int or None
        Number of clusters; None where people are taken one by one.

    Returns
    -------
    float
        n / (n - k) without clusters, else G / (G - 1) x (n - 1) / (n - k); above 1.

    Examples
    --------
    >>> round(small_sample_factor(100, 2, None), 4), round(small_sample_factor(100, 2, 10), 4)
    (1.0204, 1.1224)
    """
    if clusters is None:
        return people / (people - parameters)
    return clusters / (clusters - 1) * (people - 1) / (people - parameters)


def clustered_contrast(
    design: Numbers, outcome: Numbers, cluster: npt.NDArray, position: int, kind: Clustered
) -> tuple[float, float, float]:
    """A least-squares coefficient, its cluster-robust standard error and degrees of freedom.

    Parameters
    ----------
    design : array of shape (n, k)
        Of full column rank.
    outcome : array of shape (n,)
    cluster : int array of shape (n,)
        Numbered from 0.
    position : int
        Column of the coefficient.
    kind : {'CR0', 'CR1', 'CR2'}
        CR0: sums of scores as they are; CR1: times G/(G-1) (n-1)/(n-k), with G-1 degrees of
        freedom; CR2: residuals of a cluster divided by the root of one less its leverage, which
        is unbiased under equal independent errors, with the degrees of freedom of Bell and
        McCaffrey (2002).

    Returns
    -------
    tuple of float
        Coefficient, standard error, degrees of freedom.

    Notes
    -----
    With X = QR the CR2 score of a cluster is V (1 - d)^(-1/2) V' Q'u, where Q'Q = V d V' within
    it, so that no matrix grows with the people of a cluster. A direction that one cluster alone
    decides (d = 1) counts nothing (Pustejovsky and Tipton 2018).

    Examples
    --------
    >>> X = np.column_stack([np.ones(6), [1, 1, 1, 0, 0, 0]])
    >>> y = np.array([3.0, 5.0, 7.0, 1.0, 2.0, 3.0])
    >>> [round(one, 3) for one in clustered_contrast(X, y, np.arange(6), 1, "CR2")]
    [3.0, 1.291, 4.0]
    """
    Q, R = np.linalg.qr(design)
    coefficients = np.linalg.solve(R, Q.T @ outcome)
    residual = outcome - Q @ (Q.T @ outcome)
    direction = np.zeros(design.shape[1])
    direction[position] = 1.0
    w = np.linalg.solve(R.T, direction)
    sums = scores_by_cluster(Q * residual[:, None], cluster)
    groups = len(sums)
    if kind != "CR2":
        scale = 1.0 if kind == "CR0" else small_sample_factor(len(design), design.shape[1], groups)
        variance, freedom = scale * float(((sums @ w) ** 2).sum()), float(groups - 1)
    elif groups == len(design):
        # each person a cluster: HC2, without a matrix a person
        left = np.maximum(1 - (Q**2).sum(axis=1), _ALONE)
        pull = Q @ w
        variance = float(((residual * pull) ** 2 / left).sum())
        freedom = _bell_mccaffrey_of_people(Q, pull, left)
    else:
        grams = _grams(Q, cluster, groups)
        values, vectors = np.linalg.eigh(grams)
        values = np.clip(values, 0.0, 1.0)
        left = np.where(values < 1 - _ALONE, 1 - values, np.inf)
        adjusted = np.einsum("gij,gj->gi", np.swapaxes(vectors, 1, 2), sums) / np.sqrt(left)
        turned = np.einsum("gji,j->gi", vectors, w)
        variance = float((np.einsum("gi,gi->g", adjusted, turned) ** 2).sum())
        freedom = _bell_mccaffrey(values, left, vectors, turned)
    return float(coefficients[position]), float(np.sqrt(variance)), freedom


def _grams(Q: Numbers, cluster: npt.NDArray, groups: int) -> Numbers:
    """Q'Q within each cluster."""
    order = np.argsort(cluster, kind="stable")
    parts = np.split(Q[order], np.cumsum(np.bincount(cluster, minlength=groups))[:-1])
    return np.stack([part.T @ part for part in parts])


def _bell_mccaffrey_of_people(Q: Numbers, pull: Numbers, left: Numbers) -> float:
    """Degrees of freedom of HC2 (Bell and McCaffrey 2002)."""
    lengths = pull**2 / left
    turned = Q * (pull / np.sqrt(left))[:, None]
    own = (turned**2).sum(axis=1)
    trace = float((lengths - own).sum())
    squares = float((lengths**2 - 2 * lengths * own).sum() + ((turned.T @ turned) ** 2).sum())
    return trace**2 / squares


def _bell_mccaffrey(values: Numbers, left: Numbers, vectors: Numbers, turned: Numbers) -> float:
    """Degrees of freedom whose chi-squared law has the variance estimate's first two moments."""
    lengths = (turned**2 * values / left).sum(axis=1)
    pulled = np.einsum("gij,gj->gi", vectors, turned * values / np.sqrt(left))
    own = (pulled**2).sum(axis=1)
    trace = float((lengths - own).sum())
    squares = float((lengths**2 - 2 * lengths * own).sum() + ((pulled.T @ pulled) ** 2).sum())
    return trace**2 / squares
