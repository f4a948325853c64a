"""How much of what is new to a worker a program trains for, and whether saying so helps.

A program is taken for the occupations that it likely trains for, ``P(j | program)``. A task k of
the target is trained as far as the tasks of those occupations reach it:
``c(k, j) = clip((best cosine of k with a task of j - 0.2) / 0.5, 0, 1)``. Coverage of a delta is
``sum_k w_k sum_j P(j | program) c(k, j) / sum_k w_k`` with ``w_k = 1 - c(k, origin)``: tasks that
the origin has already count for nothing. It is an index between 0 and 1, not a share of hours.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.skills.measures import Vectors

LOWEST, WIDTH = 0.2, 0.5  # cosines of unrelated tasks end near .2; .7 is the same thing said twice


class TaskSpace(NamedTuple):
    """Centred unit vectors of all tasks, ordered by six-digit code, and where each code starts."""

    unit: np.ndarray
    soc: np.ndarray
    soc_codes: list[str]
    text: Sequence[str] = ()


def task_space(tasks: pd.DataFrame, vectors: Vectors, soc_codes: Sequence[str]) -> TaskSpace:
    """Tasks of the candidates as centred vectors of length one.

    Parameters
    ----------
    tasks : DataFrame
        Table ``tasks``.
    vectors : callable
        Sentence vectors.
    soc_codes : sequence of str
        Six-digit candidates; tasks of others are left out.

    Returns
    -------
    TaskSpace
        Centred on the mean of all tasks, those of other occupations among them.

    Examples
    --------
    >>> tasks = pd.DataFrame({"onet_soc_code": ["31-9092.00", "11-1011.00"], "task": ["x", "y"]})
    >>> space = task_space(tasks, lambda texts: np.eye(2), ["31-9092"])
    >>> space.text, space.soc.tolist(), space.unit.round(4).tolist()
    (['x'], ['31-9092'], [[0.7071, -0.7071]])
    """
    every = vectors(tasks["task"].tolist()).astype(float)
    soc = tasks["onet_soc_code"].str[:7]
    inside = np.flatnonzero(soc.isin(list(soc_codes)))
    inside = inside[np.argsort(soc.to_numpy()[inside], kind="stable")]
    centred = every[inside] - every.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    texts = tasks["task"].iloc[inside].tolist()
    return TaskSpace(unit, soc.to_numpy()[inside], list(soc_codes), texts)


def reach(space: TaskSpace, soc_code: str) -> np.ndarray:
    """c(k, j) of each task k of an occupation, shape (tasks, candidates).

    Parameters
    ----------
    space : TaskSpace
    soc_code : str
        Six digits.

    Returns
    -------
    ndarray, shape (tasks, candidates)
        0 to 1.

    Examples
    --------
    >>> space = TaskSpace(np.array([[1.0, 0], [0, 1.0]]), np.array(["a", "b"]), ["a", "b", "c"])
    >>> reach(space, "a").tolist()
    [[1.0, 0.0, 0.0]]
    """
    names, starts = np.unique(space.soc, return_index=True)
    cosines = space.unit[space.soc == soc_code] @ space.unit.T
    best = np.maximum.reduceat(cosines, starts, axis=1)
    place = {code: column for column, code in enumerate(space.soc_codes)}
    result = np.zeros((len(best), len(space.soc_codes)))
    result[:, [place[name] for name in names]] = np.clip((best - LOWEST) / WIDTH, 0, 1)
    return result


def coverage(
    probability: np.ndarray, space: TaskSpace, target: str, origin: str | Sequence[str] = ""
) -> np.ndarray:
    """Coverage of a delta by each program; without an origin, of all tasks of the target.

    Parameters
    ----------
    probability : ndarray, shape (programs, candidates)
        The ten likeliest occupations of each program count.
    space : TaskSpace
    target : str
        Six-digit code.
    origin : str or sequence of str
        Six-digit codes; of several past jobs, a task counts as far as the nearest one reaches it.

    Returns
    -------
    ndarray, length programs
        0 to 1; missing where the target has no tasks or nothing of it is new.

    Examples
    --------
    >>> space = TaskSpace(np.array([[1.0, 0], [0, 1.0]]), np.array(["a", "b"]), ["a", "b"])
    >>> coverage(np.array([[0.0, 1.0], [1.0, 0.0]]), space, "b", "a").tolist()
    [1.0, 0.0]
    """
    trained = reach(space, target)
    weight = new_part(trained, space, origin)
    if not weight.sum() > 0:
        return np.full(len(probability), np.nan)
    # programs that cover as much are alike, in whatever order it was added
    return np.round(likeliest(probability) @ trained.T @ weight / weight.sum(), 9)


def new_part(trained: np.ndarray, space: TaskSpace, origin: str | Sequence[str]) -> np.ndarray:
    """How far each task of a target is new to an origin (1: wholly), length tasks.

    Parameters
    ----------
    trained : ndarray
        From `reach`.
    space, origin
        As for `coverage`.

    Returns
    -------
    ndarray, shape (tasks,)

    Examples
    --------
    >>> space = TaskSpace(np.eye(2), np.array(["a", "b"]), ["a", "b"])
    >>> new_part(np.array([[0.2, 1.0]]), space, ["a"]).tolist()
    [0.8]
    """
    origins = [origin] if isinstance(origin, str) else list(origin)
    columns = [space.soc_codes.index(code) for code in origins if code in space.soc_codes]
    if not columns:
        return np.ones(len(trained))
    return np.asarray(1 - trained[:, columns].max(axis=1))


def likeliest(probability: np.ndarray, most: int = 10) -> np.ndarray:
    """Chances of the ``most`` likeliest occupations of each program, made to sum to 1.

    Parameters
    ----------
    probability : ndarray, shape (programs, candidates)
    most : int

    Returns
    -------
    ndarray, shape (programs, candidates)

    Examples
    --------
    >>> likeliest(np.array([[0.6, 0.2, 0.1]]), most=2).round(2).tolist()
    [[0.75, 0.25, 0.0]]
    """
    kept = np.array(probability, dtype=float)
    if kept.shape[1] > most:
        least = np.partition(kept, -most, axis=1)[:, [-most]]
        kept = np.where(kept >= least, kept, 0.0)
    return np.asarray(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12))
