"""Which tasks of a delta a program covers, by name."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.skills.coverage import TaskSpace, likeliest, new_part, reach

MOST = 3


def covered_tasks(
    probability: np.ndarray,
    space: TaskSpace,
    target: str,
    origin: str | Sequence[str],
    *,
    least: float,
    most: int = MOST,
) -> list[str]:
    """Tasks of a delta that each program covers best, at most ``most``, joined by '; '.

    Parameters
    ----------
    probability, space, target, origin
        As for `analysis.skills.coverage.coverage`.
    least : float
        A task is named if it is new by this share or more, and trained by this share or more.
    most : int
        Tasks named; those that add most to the coverage come first.

    Returns
    -------
    list of str
        One text a program; empty where no task passes.

    Examples
    --------
    >>> space = TaskSpace(np.eye(2), np.array(["a", "b"]), ["a", "b"], ["Greet.", "Draw blood."])
    >>> covered_tasks(np.array([[0.1, 0.9], [0.9, 0.1]]), space, "b", "a", least=0.5)
    ['Draw blood.', '']
    """
    trained = reach(space, target)
    new = new_part(trained, space, origin)
    texts = [text for text, code in zip(space.text, space.soc, strict=True) if code == target]
    # to nine decimals, so that tasks that add as much stand in their order on any machine
    taught = np.round(likeliest(probability) @ trained.T, 9)
    new = np.round(new, 9)
    named = []
    for row in taught:
        passes = np.flatnonzero((row >= least) & (new >= least))
        first = passes[np.argsort(-(row * new)[passes], kind="stable")][:most]
        named.append("; ".join(texts[task] for task in first))
    return named


def with_coverage(
    matched: pd.DataFrame,
    keys: Sequence[str],
    covered: np.ndarray,
    tasks: Sequence[str],
    activities: Sequence[str],
) -> pd.DataFrame:
    """Matched programs with coverage and what they cover, in the order in which they come.

    Coverage explains and does not order: over all programs that state their jobs it finds no more
    right ones among the first ten (`analysis.skills.delta_test`).

    Parameters
    ----------
    matched : DataFrame
        From `analysis.skills.program_test.with_probability`.
    keys : sequence of str
        ``program_key`` of the programs of the next three.
    covered : ndarray, shape (programs,)
        Coverage, 0 to 1; missing where it cannot be said.
    tasks, activities : sequence of str, length programs
        What each covers, in words.

    Returns
    -------
    DataFrame
        ``matched`` with ``coverage`` (missing where it cannot be said), ``covers`` (tasks) and
        ``covers_activities``.

    Examples
    --------
    >>> frame = pd.DataFrame({"program_key": ["p", "r"]})
    >>> with_coverage(frame, ["p"], np.array([0.2]), ["Draw blood."], [""])["covers"].tolist()
    ['Draw blood.', '']
    """
    columns: dict[str, Sequence[str]] = {"covers": tasks, "covers_activities": activities}
    named = {
        column: matched["program_key"].map(dict(zip(keys, texts, strict=True)))
        for column, texts in columns.items()
    }
    by_key = dict(zip(keys, covered, strict=True))
    return matched.assign(
        coverage=matched["program_key"].map(by_key).astype(float),
        **{column: texts.fillna("").astype("str") for column, texts in named.items()},
    )
