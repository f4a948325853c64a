"""Grades of programs that cannot be told apart (Kline, Rose and Walters, AER 2024).

Two programs get different grades only where the chance that one is better outweighs the risk of
ordering them wrongly; everything between shares a grade. The order is by Borda counts, and the
grades are contiguous in it: the best cut of the order is found exactly by dynamic programming.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grades:
    """Grade of each program, 0 the best, and what the grades risk and leave open.

    ``loss`` is the sum over pairs in different grades of 1 - (1 + lambda) times the chance that
    the higher one is better; ``discordance`` the expected share of all pairs that the grades
    order wrongly; ``told_apart`` the share of pairs in different grades.
    """

    grade: npt.NDArray[np.intp]
    count: int
    loss: float
    discordance: float
    told_apart: float


def grade_programs(pairs: Numbers, lambda_: float, *, most: int | None = None) -> Grades:
    """Best grades for a matrix of pairwise chances.

    Parameters
    ----------
    pairs : ndarray, shape (programs, programs)
        Chance that the row's program is better than the column's; opposite entries sum to one.
    lambda_ : float
        What telling a pair apart is worth: a pair alone is told apart above
        ``1 / (1 + lambda)``, which is .80 at .25; 1 is a plain ranking.
    most : int, optional
        Most grades allowed; as many as are best where left out.

    Returns
    -------
    Grades

    Raises
    ------
    WorkbenchError
        A matrix that is not square or not of chances, or a lambda outside 0 to 1.

    Notes
    -----
    Pair loss ``(1 - lambda) x discordance - lambda x tau`` of the paper. Cutting the Borda order
    exactly equals the best of all weak orders in all small cases tried at lambda up to one half.

    Examples
    --------
    >>> sure = np.array([[0.5, 0.9, 0.95], [0.1, 0.5, 0.6], [0.05, 0.4, 0.5]])
    >>> grade_programs(sure, 0.25).grade.tolist()
    [0, 1, 1]
    """
    _check(pairs, lambda_, most)
    count = len(pairs)
    order = np.argsort(-pairs.sum(1), kind="stable")
    rank = most or count
    segments = _best_segments(pairs, order, lambda_, rank if most else None)
    grade = np.empty(count, dtype=np.intp)
    for number, (start, end) in enumerate(segments):
        grade[order[start:end]] = number
    return _described(pairs, order, grade, segments, lambda_)


def _check(pairs: Numbers, lambda_: float, most: int | None) -> None:
    square = pairs.ndim == 2 and pairs.shape[0] == pairs.shape[1] and len(pairs) > 0
    if not square or not np.isfinite(pairs).all() or pairs.min() < -1e-9 or pairs.max() > 1 + 1e-9:
        raise WorkbenchError(
            f"a matrix of shape {pairs.shape} is no matrix of pairwise chances",
            "Give chances between 0 and 1, one row and one column a program.",
        )
    if not 0 < lambda_ <= 1 or (most is not None and most < 1):
        raise WorkbenchError(
            f"lambda {lambda_} with at most {most} grades cannot be used",
            "Give a lambda above 0 and up to 1, and at least one grade.",
        )


def _best_segments(
    pairs: Numbers, order: npt.NDArray[np.intp], lambda_: float, most: int | None
) -> list[tuple[int, int]]:
    """Cut of the order with the least loss, that is with the largest sum inside segments."""
    inside = _inside(pairs, order, lambda_)
    count = len(order)
    # best[b]: largest sum inside segments of the first b programs; came_from: where the last starts
    if most is None:
        best, single = np.zeros(count + 1), np.zeros(count + 1, dtype=np.intp)
        for end in range(1, count + 1):
            total = best[:end] + inside[end - 1, :end]
            single[end] = total.argmax()
            best[end] = total[single[end]]
        came_from = [single]
    else:
        # in exactly one segment, then in at most one more each time: all ends at once
        np.copyto(inside, -np.inf, where=~np.tri(count, dtype=bool))
        best = np.append(0.0, inside[:, 0])
        came_from = [np.zeros(count + 1, dtype=np.intp)]
        for _ in range(1, min(most, count)):
            start = (inside + best[:-1]).argmax(1)
            came_from.append(np.append(0, start))
            best = np.append(0.0, best[start] + inside[np.arange(count), start])
    segments, end, layer = [], count, len(came_from) - 1
    while end:
        start = int(came_from[layer][end])
        segments.append((start, end))
        end, layer = start, layer if most is None else layer - 1
    return segments[::-1]


def _inside(pairs: Numbers, order: npt.NDArray[np.intp], lambda_: float) -> Numbers:
    """Loss spared by a segment: entry (last program, first program); upwards there is none.

    Sums of what it would cost to tell apart each two programs in it, by two running sums over
    the whole matrix, in place.
    """
    cost = pairs[np.ix_(order, order)]
    cost *= 1 + lambda_
    cost -= lambda_
    cost = np.tril(cost, -1)
    np.cumsum(cost[:, ::-1], axis=1, out=cost[:, ::-1])
    # row by row, which lies side by side in memory: twice as fast as a sum down columns
    for last in range(1, len(order)):
        cost[last] += cost[last - 1]
    return cost


def _described(
    pairs: Numbers,
    order: npt.NDArray[np.intp],
    grade: npt.NDArray[np.intp],
    segments: list[tuple[int, int]],
    lambda_: float,
) -> Grades:
    count = len(order)
    loss = wrong = 0.0
    apart = 0
    for start, end in segments[:-1]:
        between = (end - start) * (count - end)
        chance = float(pairs[np.ix_(order[start:end], order[end:])].sum())
        wrong += between - chance
        loss += between - (1 + lambda_) * chance
        apart += between
    everyone = max(count * (count - 1) / 2, 1)
    return Grades(grade, len(segments), loss, wrong / everyone, apart / everyone)
