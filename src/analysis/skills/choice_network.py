"""A choice among candidates by a small network: the conditional logit with one hidden layer.

``P(j | program) = exp(s(x_j)) / sum_k exp(s(x_k))`` over the candidates of a program, where
``s(x) = b x + v max(W x + a, 0)``: a straight line and a layer of hinges (ListNet's loss of the
first place, Cao and others 2007; McFadden's conditional logit without the hinges). Learned by
stochastic gradients (Adam, Kingma and Ba 2015), weights decayed apart from the gradient
(Loshchilov and Hutter 2019), hinges left out at random (Srivastava and others 2014).

Learned in double precision: many small steps carry the last digits of sums, which another math
library adds in another order, on into the chances.
"""

from typing import NamedTuple

import numpy as np

HIDDEN, ROUNDS, BATCH = 48, 12, 128
STEP, DECAY, LEFT_OUT = 3e-3, 1e-4, 0.15
LIMIT = 6.0  # standard deviations at which a feature is cut


class ChoiceNetwork(NamedTuple):
    """Centre and spread of the features, then W, a, v and b of each member."""

    centre: np.ndarray
    spread: np.ndarray
    members: list[tuple[np.ndarray, ...]]


def fit_network(X: np.ndarray, Y: np.ndarray, *, seed: int, members: int = 4) -> ChoiceNetwork:
    """Learn which of its candidates each program states.

    Parameters
    ----------
    X : ndarray, shape (n, candidates, features)
    Y : ndarray, shape (n, candidates)
        Share of each candidate among the program's own codes; programs whose codes are all
        outside their candidates (a row of zeros) teach nothing.
    seed : int
        Of starting weights, order and what is left out.
    members : int
        Networks that differ in their seed only; their log chances are averaged.

    Returns
    -------
    ChoiceNetwork

    Examples
    --------
    >>> told = np.random.default_rng(1).normal(size=(400, 5, 1)).astype(np.float32)
    >>> true = (told[:, :, 0] == told[:, :, 0].max(axis=1, keepdims=True)).astype(np.float32)
    >>> chance = network_chance(fit_network(told, true, seed=1, members=1), told)
    >>> bool((chance.argmax(axis=1) == true.argmax(axis=1)).mean() > 0.95)
    True
    """
    flat = X.reshape(-1, X.shape[2])
    centre = flat.mean(axis=0, dtype=float)
    spread = flat.std(axis=0, dtype=float) + 1e-4
    scaled = _scaled(X, centre, spread)
    taught = np.flatnonzero(Y.sum(axis=1) > 0)
    learned = [
        _learned(scaled[taught], Y[taught].astype(float), np.random.default_rng([seed, row]))
        for row in range(members)
    ]
    return ChoiceNetwork(centre, spread, learned)


def network_chance(network: ChoiceNetwork, X: np.ndarray) -> np.ndarray:
    """P(candidate | program), shape (n, candidates); rows sum to 1.

    Parameters
    ----------
    network : ChoiceNetwork
    X : ndarray, shape (n, candidates, features)

    Returns
    -------
    ndarray, shape (n, candidates)

    Examples
    --------
    A straight line without hinges is a logit: exp(0) against exp(log 3).

    >>> line = (np.zeros((1, 1)), np.zeros(1), np.zeros(1), np.ones(1))
    >>> network = ChoiceNetwork(np.zeros(1), np.ones(1), [line])
    >>> network_chance(network, np.log([[[1.0], [3.0]]])).round(6).tolist()
    [[0.25, 0.75]]
    """
    scaled = _scaled(X, network.centre, network.spread)
    total = np.zeros(X.shape[:2])
    for member in network.members:
        score = _score(scaled, *member)
        score -= score.max(axis=1, keepdims=True)
        total += score - np.log(np.exp(score).sum(axis=1, keepdims=True))
    chance = np.exp(total / len(network.members))
    return np.asarray(chance / chance.sum(axis=1, keepdims=True))


def _scaled(X: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.clip((X - centre) / spread, -LIMIT, LIMIT)


def _score(
    X: np.ndarray, weights: np.ndarray, start: np.ndarray, out: np.ndarray, line: np.ndarray
) -> np.ndarray:
    flat = X.reshape(-1, X.shape[2])
    return (np.maximum(flat @ weights + start, 0) @ out + flat @ line).reshape(X.shape[:2])


def _learned(X: np.ndarray, Y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    n, _, width = X.shape
    member = [
        rng.normal(size=(width, HIDDEN)) / np.sqrt(width),
        np.zeros(HIDDEN),
        0.3 * rng.normal(size=HIDDEN) / np.sqrt(HIDDEN),
        np.zeros(width),
    ]
    mean, square = ([np.zeros_like(part) for part in member] for _ in range(2))
    batches = max(n // BATCH, 1)
    done = 0
    for _ in range(ROUNDS):
        for rows in np.array_split(rng.permutation(n), batches):
            kept = (rng.random(HIDDEN) > LEFT_OUT) / (1 - LEFT_OUT)
            slopes = _slopes(X[rows], Y[rows], member, kept)
            done += 1
            step = STEP * (1 + np.cos(np.pi * done / (ROUNDS * batches))) / 2
            for place, slope in enumerate(slopes):
                mean[place] += 0.1 * (slope - mean[place])
                square[place] += 0.01 * (slope**2 - square[place])
                toward = mean[place] / (1 - 0.9**done)
                size = np.sqrt(square[place] / (1 - 0.99**done)) + 1e-8
                member[place] -= step * (toward / size + DECAY * member[place])
    return tuple(member)


def _slopes(
    X: np.ndarray, Y: np.ndarray, member: list[np.ndarray], kept: np.ndarray
) -> list[np.ndarray]:
    """Slope of the mean loss in each part; hinges with ``kept`` 0 are left out."""
    weights, start, out, line = member
    flat, through = X.reshape(-1, X.shape[2]), out * kept
    hidden = flat @ weights
    hidden += start
    np.maximum(hidden, 0, out=hidden)
    score = (hidden @ through + flat @ line).reshape(Y.shape)
    chance = np.exp(score - score.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    weight = Y.sum(axis=1, keepdims=True)
    wrong = ((chance * weight - Y) / len(Y)).ravel()
    of_out = (wrong @ hidden) * kept
    back = np.outer(wrong, through)
    back *= hidden > 0
    return [flat.T @ back, back.sum(axis=0), of_out, wrong @ flat]
