"""What an attacker can derive about hidden cells from all tables of a run together.

The attacker knows every shown count, that people are whole and not negative, and how the tables
hang together: each row is the sum of the people in the finest cross of all variables. By linear
programming he finds the smallest and the largest value that a hidden count can have.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array

from analysis.errors import WorkbenchError

_SLACK = 1e-6
# the finest cross of one family of tables may have this many cells
_LARGEST_CROSS = 200_000


def derived_intervals(
    cells: pd.DataFrame, variables: Sequence[str], hidden: pd.Series, count: str
) -> pd.DataFrame:
    """Interval that the attacker derives for each hidden count.

    Parameters
    ----------
    cells : DataFrame
        One row a published cell of any table of the run: a column for each variable, empty where
        the row is a total over it, and the true ``count``. Equal rows of two tables are one cell:
        shown in one of them, it is known in both.
    variables : sequence of str
        Columns that divide people. Variables of which no table crosses two do not restrict each
        other but through the totals.
    hidden : Series of bool
        Rows whose counts are withheld.
    count : str
        Column of the counts.

    Returns
    -------
    DataFrame
        ``low``, ``high`` for the hidden rows (index as in ``cells``), and ``recovered``: whether
        only one whole number lies between them.

    Raises
    ------
    WorkbenchError
        Where the finest cross is too large to be searched.

    Notes
    -----
    The audit of Fischetti and Salazar (2001, Management Science 47). The bounds are those of real
    numbers, rounded inwards; the attacker could only know less.

    Examples
    --------
    >>> cells = pd.DataFrame({"site": ["", "a", "b", "c"], "n": [40, 4, 16, 20]})
    >>> one = pd.Series([False, True, False, False])
    >>> derived_intervals(cells, ["site"], one, "n").to_numpy().tolist()
    [[4.0, 4.0, True]]
    >>> two = pd.Series([False, True, True, False])
    >>> derived_intervals(cells, ["site"], two, "n")["high"].tolist()
    [20.0, 20.0]
    """
    found = pd.DataFrame({"low": 0.0, "high": np.inf}, index=cells.index[hidden])
    known = _known(cells, variables, hidden)
    for family in families(cells, variables):
        inside = cells.index[_belongs(cells, variables, family)]
        matrix = incidence(cells.loc[inside], family)
        shown = known.loc[inside].to_numpy()
        counts = cells.loc[inside, count].to_numpy(dtype=float)
        for place in np.flatnonzero(hidden.loc[inside].to_numpy()):
            low, high = _extremes(matrix, shown, counts, int(place))
            row = inside[place]
            found.loc[row, "low"] = max(found.loc[row, "low"], low)
            found.loc[row, "high"] = min(found.loc[row, "high"], high)
    whole_low = np.ceil(found["low"] - _SLACK)
    whole_high = np.floor(found["high"] + _SLACK)
    return pd.DataFrame(
        {"low": whole_low, "high": whole_high, "recovered": whole_high <= whole_low}
    )


def too_well_known(
    cells: pd.DataFrame,
    variables: Sequence[str],
    hidden: pd.Series,
    count: str,
    small: pd.Series,
    minimum: int,
) -> list[object]:
    """Hidden rows whose interval is not wide enough, small ones first, as soon as there is one.

    Parameters
    ----------
    cells, variables, hidden, count
        As for :func:`derived_intervals`; the row of everyone is shown.
    small : Series of bool
        Hidden rows that are small: their interval must span ``minimum`` people and reach it.
    minimum : int

    Returns
    -------
    list
        Empty, or the first row that fails. Every solution found for one row is a world that the
        attacker must reckon with for all others, so most rows need no search of their own.
    """
    known = _known(cells, variables, hidden)
    for family in families(cells, variables):
        inside = cells.index[_belongs(cells, variables, family)]
        matrix = incidence(cells.loc[inside], family)
        shown = known.loc[inside].to_numpy()
        counts = cells.loc[inside, count].to_numpy(dtype=float)
        low, high = counts.copy(), counts.copy()
        wanted = np.where(small.loc[inside].to_numpy(), minimum, 1)
        withheld = np.flatnonzero(hidden.loc[inside].to_numpy())
        for place in withheld[np.argsort(-wanted[withheld], kind="stable")]:
            for sign in (-1.0, 1.0):
                if _wide(low[place], high[place], wanted[place]):
                    break
                people = _extreme_people(matrix, shown, counts, int(place), sign)
                if people is None:
                    high[place] = np.inf
                    continue
                world = matrix @ people
                low, high = np.minimum(low, world), np.maximum(high, world)
            if not _wide(low[place], high[place], wanted[place]):
                return [inside[place]]
    return []


def _wide(low: float, high: float, wanted: float) -> bool:
    whole_low, whole_high = np.ceil(low - _SLACK), np.floor(high + _SLACK)
    return bool(whole_high - whole_low >= wanted and whole_high >= wanted)


def families(cells: pd.DataFrame, variables: Sequence[str]) -> list[list[str]]:
    """Variables that some table crosses, directly or through others.

    Examples
    --------
    >>> rows = pd.DataFrame({"race": ["a", ""], "gender": ["b", ""], "age": ["", "c"]})
    >>> families(rows, ["race", "gender", "age"])
    [['race', 'gender'], ['age']]
    """
    used = cells[list(variables)].ne("")
    crossed = used.drop_duplicates().to_numpy()
    groups = [{name} for name in variables]
    for row in crossed:
        names = {name for name, inside in zip(variables, row, strict=True) if inside}
        joined = [group for group in groups if group & names]
        if len(joined) > 1:
            groups = [group for group in groups if not group & names] + [set().union(*joined)]
    ordered = [[name for name in variables if name in group] for group in groups]
    return sorted(ordered, key=lambda group: list(variables).index(group[0]))


def incidence(cells: pd.DataFrame, variables: Sequence[str]) -> csr_array:
    """Which cells of the finest cross each row sums over: shape (rows, finest cells)."""
    values = [sorted(set(cells[name]) - {""}) or [""] for name in variables]
    size = int(np.prod([len(options) for options in values]))
    if size > _LARGEST_CROSS:
        raise WorkbenchError(
            f"tables that cross {', '.join(variables)} have {size:,} cells in all",
            "Publish fewer crosses in one run, or coarser groups.",
        )
    place = {cell: position for position, cell in enumerate(product(*values))}
    rows, columns = [], []
    for row, key in enumerate(cells[list(variables)].itertuples(index=False, name=None)):
        options = [[own] if own else all_ for own, all_ in zip(key, values, strict=True)]
        for cell in product(*options):
            rows.append(row)
            columns.append(place[cell])
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(cells), size))


def _known(cells: pd.DataFrame, variables: Sequence[str], hidden: pd.Series) -> pd.Series:
    """Shown here, or shown as an equal row of another table."""
    keys = cells[list(variables)].agg("\x1f".join, axis=1)
    return keys.isin(set(keys[~hidden]))


def _belongs(cells: pd.DataFrame, variables: Sequence[str], family: Sequence[str]) -> pd.Series:
    others = [name for name in variables if name not in family]
    inside: pd.Series = cells[others].eq("").all(axis=1)
    return inside


def _extremes(
    matrix: csr_array, shown: npt.NDArray[np.bool_], counts: npt.NDArray[np.float64], place: int
) -> tuple[float, float]:
    if shown[place]:
        return float(counts[place]), float(counts[place])
    ends = []
    for sign in (1.0, -1.0):
        people = _extreme_people(matrix, shown, counts, place, sign)
        # no upper end where no total is shown
        ends.append(np.inf if people is None else float((matrix[[place]] @ people)[0]))
    return ends[0], ends[1]


def _extreme_people(
    matrix: csr_array,
    shown: npt.NDArray[np.bool_],
    counts: npt.NDArray[np.float64],
    place: int,
    sign: float,
) -> npt.NDArray[np.float64] | None:
    """People in the finest cross that give a row its smallest (1) or largest (-1) value."""
    goal = sign * matrix[[place]].toarray()[0]
    known = {"A_eq": matrix[shown], "b_eq": counts[shown]}
    solved = linprog(goal, **known, bounds=(0, None), method="highs")
    return np.asarray(solved.x, dtype="float64") if solved.status == 0 else None
