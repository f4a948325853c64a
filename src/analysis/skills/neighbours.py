"""The nearest occupations of each, and how near one lies to another among all."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def nearest_occupations(
    similarity: np.ndarray, codes: Sequence[str], titles: Sequence[str], neighbours: int
) -> pd.DataFrame:
    """Nearest occupations of every one, nearest first.

    Parameters
    ----------
    similarity : ndarray, shape (n, n)
        Row i orders the others for occupation i; larger is nearer.
    codes, titles : sequence of str, length n
    neighbours : int
        How many for each.

    Returns
    -------
    DataFrame
        ``onet_soc_code``, ``title``, ``rank`` (1 is nearest), ``neighbour_code``,
        ``neighbour_title``, ``similarity``.

    Examples
    --------
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> table = nearest_occupations(near, ["a", "b", "c"], ["Baker", "Cook", "Nurse"], 1)
    >>> table["neighbour_title"].tolist()
    ['Cook', 'Baker', 'Baker']
    """
    values = np.array(similarity, dtype=float)
    np.fill_diagonal(values, -np.inf)
    taken = min(neighbours, len(codes) - 1)
    first = np.argsort(-values, axis=1, kind="stable")[:, :taken]
    row = np.repeat(np.arange(len(codes)), taken)
    column = first.ravel()
    code, title = np.asarray(codes, dtype=object), np.asarray(titles, dtype=object)
    return pd.DataFrame(
        {
            "onet_soc_code": code[row],
            "title": title[row],
            "rank": np.tile(np.arange(1, taken + 1), len(codes)),
            "neighbour_code": code[column],
            "neighbour_title": title[column],
            "similarity": values[row, column],
        }
    )


def similarity_percentile(
    similarity: np.ndarray, codes: Sequence[str], origin: str, target: str
) -> float:
    """Share of all other occupations that are less like the origin than the target is.

    Parameters
    ----------
    similarity, codes
        As for `nearest_occupations`.
    origin, target : str
        Codes; 1 for a job and itself, missing for one that is not listed.

    Returns
    -------
    float
        0 to 1; ties count half.

    Examples
    --------
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> similarity_percentile(near, ["a", "b", "c"], "a", "b")
    1.0
    """
    place = {code: row for row, code in enumerate(codes)}
    if origin not in place or target not in place:
        return float("nan")
    if origin == target:
        return 1.0
    row = np.asarray(similarity, dtype=float)[place[origin]]
    value = row[place[target]]
    others = np.ones(len(row), dtype=bool)
    others[[place[origin], place[target]]] = False
    if not others.any():
        return 1.0
    return float((row[others] < value).mean() + (row[others] == value).mean() / 2)
