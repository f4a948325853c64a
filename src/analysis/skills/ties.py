"""What becomes of equal scores: what a ranking is worth, and who is among the first.

A sort puts equal scores in some order of its own, which flatters or punishes by chance, and which
may be another one on another processor. Nor are scores equal to the last digit that are equal in
truth: another math library adds in another order.
"""

import numpy as np

DECIMALS = 5  # far below what a likeness says, far above what another order of adding changes


def settled(values: np.ndarray) -> np.ndarray:
    """Values to five decimals in single precision, so that ties are ties on any machine.

    Single precision alone would not do: of a hundred million sums some lie so near the middle
    between two such numbers that another order of adding ends on the other side. At five decimals
    that is a thousand times rarer.

    Parameters
    ----------
    values : ndarray
        Worked out in double precision, of the size of cosines and shares.

    Returns
    -------
    ndarray of float32
        Of the same shape.

    Examples
    --------
    >>> 0.1 + 0.2 == 0.3
    False
    >>> settled(np.array([0.1 + 0.2, 0.3])).astype(float).round(6).tolist()
    [0.3, 0.3]
    """
    return np.round(values, DECIMALS).astype(np.float32)


def expected_hits(scores: np.ndarray, hits: np.ndarray, places: int) -> float:
    """Hits in the first places, on average over the orders of tied scores.

    As McSherry and Najork (2008) count precision among the first.

    Parameters
    ----------
    scores : ndarray, length n
        Larger comes first.
    hits : ndarray of bool, length n
        Which candidates count.
    places : int
        How many first places are looked at.

    Returns
    -------
    float
        From 0 to ``places``, or to n if there are fewer.

    Examples
    --------
    >>> expected_hits(np.array([0.5, 0.5, 0.1]), np.array([True, False, False]), places=1)
    0.5
    """
    if places >= len(scores):
        return float(hits.sum())
    last = np.partition(scores, len(scores) - places)[len(scores) - places]
    above, tied = scores > last, scores == last
    return float(hits[above].sum() + hits[tied].sum() * (places - above.sum()) / tied.sum())


def expected_reciprocal_rank(scores: np.ndarray, hits: np.ndarray) -> float:
    """1 / place of the first hit, on average over the orders of tied scores; 0 without a hit.

    As McSherry and Najork (2008).

    Parameters
    ----------
    scores : ndarray, length n
        Larger comes first.
    hits : ndarray of bool, length n
        Which candidates count.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    Two orders are alike: the hit stands first or second.

    >>> expected_reciprocal_rank(np.array([0.5, 0.5, 0.1]), np.array([True, False, False]))
    0.75
    """
    if not hits.any():
        return 0.0
    best = scores[hits].max()
    before = int((scores > best).sum())
    tied, tied_hits = int((scores == best).sum()), int(hits[scores == best].sum())
    # chance that the first hit of the tied ones stands at place 1, 2, ... among them
    places = np.arange(1, tied - tied_hits + 2)
    misses_before = (tied - tied_hits - places[:-1] + 1) / (tied - places[:-1] + 1)
    none_before = np.concatenate([[1.0], np.cumprod(misses_before)])
    chance = none_before * tied_hits / (tied - places + 1)
    return float((chance / (before + places)).sum())


def first_places(scores: np.ndarray, count: int) -> np.ndarray:
    """Columns of the largest scores of each row, in the order of the columns.

    Of equal scores at the last place the first columns are taken, on any processor
    (``numpy.argpartition`` takes some of them).

    Parameters
    ----------
    scores : ndarray, shape (n, m)
        No missing values.
    count : int
        1 to m.

    Returns
    -------
    ndarray of int, shape (n, count)

    Examples
    --------
    >>> first_places(np.array([[0.5, 0.9, 0.5, 0.5]]), count=2).tolist()
    [[0, 1]]
    """
    last = np.partition(scores, scores.shape[1] - count, axis=1)[:, [scores.shape[1] - count]]
    above, tied = scores > last, scores == last
    left = count - above.sum(axis=1, keepdims=True)
    taken = above | (tied & (np.cumsum(tied, axis=1) <= left))
    return np.nonzero(taken)[1].reshape(len(scores), count)
