"""Levels of groupings: everyone, one column's levels, and crosses of columns."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np
import pandas as pd

from analysis.effects.samples import Flags

# what defines a row of a table by group: {} for everyone, {"race": "Black", "gender": "women"}
Level: TypeAlias = Mapping[str, str]


def group_levels(frame: pd.DataFrame, groups: Sequence[tuple[str, ...]]) -> list[Level]:
    """Everyone, then every level of every grouping, crosses complete.

    Parameters
    ----------
    frame : DataFrame
        One row a person, with the columns of the groupings.
    groups : sequence of tuples of str
        Columns of each grouping.

    Returns
    -------
    list of mappings
        Value of each column, as text; none for everyone. A categorical column keeps its order,
        others are sorted.

    Examples
    --------
    >>> frame = pd.DataFrame({"race": ["White", "Black"], "gender": ["men", "women"]})
    >>> group_levels(frame, [("race",)])
    [{}, {'race': 'Black'}, {'race': 'White'}]
    >>> [tuple(level.values()) for level in group_levels(frame, [("race", "gender")])[1:]]
    [('Black', 'men'), ('Black', 'women'), ('White', 'men'), ('White', 'women')]
    """
    found: list[Level] = [{}]
    for group in groups:
        observed = []
        for name in group:
            column = frame[name]
            present = set(column.unique())
            ordered = (
                [value for value in column.cat.categories if value in present]
                if isinstance(column.dtype, pd.CategoricalDtype)
                else sorted(present)
            )
            observed.append([str(value) for value in ordered])
        found += [dict(zip(group, values, strict=True)) for values in product(*observed)]
    return found


def members(frame: pd.DataFrame, level: Level) -> Flags:
    """True for the people of a level.

    Parameters
    ----------
    frame : DataFrame of n rows
    level : mapping of column to value
        Values as text; an empty one is everyone.

    Returns
    -------
    bool array of shape (n,)

    Examples
    --------
    >>> frame = pd.DataFrame({"race": ["White", "Black"], "age": [30, 40]})
    >>> members(frame, {"race": "Black", "age": "40"}).tolist(), members(frame, {}).tolist()
    ([False, True], [True, True])
    """
    inside: Flags = np.ones(len(frame), dtype=bool)
    for name, value in level.items():
        inside &= (frame[name].astype(str) == value).to_numpy(dtype=bool)
    return inside
