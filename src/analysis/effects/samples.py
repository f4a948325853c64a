"""Whether columns can be used for an estimate, and the plain numbers in them if so.

Nothing is dropped or filled in here: a missing value is an error with its count, because who is
left out of a trial is a decision about the result and belongs to whoever prepares the table.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError

Numbers: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Column: TypeAlias = pd.Series | npt.NDArray | Sequence[float]
Labels: TypeAlias = pd.Series | npt.NDArray | Sequence[str]


def column_name(values: object, otherwise: str) -> str:
    """Name of a column as the reader knows it.

    Parameters
    ----------
    values : object
        A Series, or anything else.
    otherwise : str
        For values that have no name.

    Returns
    -------
    str

    Examples
    --------
    >>> column_name(pd.Series([1.0], name="wage"), "outcome"), column_name([1.0], "outcome")
    ('wage', 'outcome')
    """
    name = getattr(values, "name", None)
    return otherwise if name is None else str(name)


def refuse_missing(values: Column | Labels, name: str) -> None:
    """Raise an error that counts the missing values of a column.

    Parameters
    ----------
    values : sequence of n numbers or labels
    name : str
        Of the column, for the message.

    Raises
    ------
    WorkbenchError
        For a missing value.

    Examples
    --------
    >>> refuse_missing(pd.Series([1.0, None, 3.0]), "wage")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: column wage: 1 of 3 values are missing. ...
    """
    # only what is no column yet is made one of objects, which takes a second for a million people
    column = values if isinstance(values, pd.Series | np.ndarray) else np.asarray(values, object)
    missing = int(pd.isna(column).sum())
    if missing:
        raise WorkbenchError(
            f"column {name}: {missing:,} of {len(values):,} values are missing",
            "Leave these people out or fill the values in before the estimate, and say so.",
        )


def numbers(values: Column, otherwise: str) -> Numbers:
    """Finite numbers of a column, or an error that names the column and counts the others.

    Parameters
    ----------
    values : sequence of n numbers
    otherwise : str
        Name of the column where it has none of its own.

    Returns
    -------
    array of shape (n,)

    Raises
    ------
    WorkbenchError
        For a missing or infinite value, for what is no number, and for more than one dimension.

    Examples
    --------
    >>> numbers(["1", "2.5"], "wage").tolist()
    [1.0, 2.5]
    >>> numbers([1.0, float("inf")], "wage")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: column wage: 1 of 2 values are infinite. ...
    """
    name = column_name(values, otherwise)
    refuse_missing(values, name)
    try:
        found = np.asarray(values, dtype="float64")
    except (TypeError, ValueError):
        raise WorkbenchError(
            f"column {name}: not all values are numbers", "Give a column of numbers."
        ) from None
    if found.ndim != 1:
        raise WorkbenchError(
            f"column {name}: has {found.ndim} dimensions", "Give one column of numbers."
        )
    infinite = int(np.isinf(found).sum())
    if infinite:
        raise WorkbenchError(
            f"column {name}: {infinite:,} of {len(found):,} values are infinite",
            "Correct these values; an infinite one has no mean.",
        )
    return found


def arms(treated: Column, minimum: int = 2) -> Flags:
    """True where a person was assigned to treatment.

    Parameters
    ----------
    treated : sequence of n values 0 or 1
    minimum : int
        Fewest people of an arm.

    Returns
    -------
    bool array of shape (n,)

    Raises
    ------
    WorkbenchError
        For a value other than 0 and 1, a missing one, and an arm with fewer people than that.

    Examples
    --------
    >>> arms([1, 1, 0, 0]).tolist()
    [True, True, False, False]
    >>> arms([1, 0, 0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: column treated: the treated arm has fewer than 2 people. ...
    """
    name = column_name(treated, "treated")
    values = numbers(treated, name)
    other = ~np.isin(values, (0.0, 1.0))
    if other.any():
        raise WorkbenchError(
            f"column {name}: {int(other.sum()):,} values are neither 0 nor 1",
            "Code the treatment arm 1 and the control arm 0.",
        )
    flags = values == 1.0
    for arm, people in (("treated", int(flags.sum())), ("control", int((~flags).sum()))):
        if people < minimum:
            raise WorkbenchError(
                f"column {name}: the {arm} arm has fewer than {minimum} people",
                "An effect and its standard error need at least two people in each arm.",
            )
    return flags


def above_zero(weights: Column) -> Numbers:
    """Weights of people, each above 0, with mean 1: their unit never matters.

    Parameters
    ----------
    weights : sequence of n numbers

    Returns
    -------
    array of shape (n,)

    Raises
    ------
    WorkbenchError
        For a weight that is missing, infinite or not above 0.

    Examples
    --------
    >>> above_zero([2.0, 6.0]).tolist()
    [0.5, 1.5]
    """
    name = column_name(weights, "weights")
    values = numbers(weights, name)
    if (values <= 0).any():
        raise WorkbenchError(
            f"column {name}: {int((values <= 0).sum()):,} weights are not above 0",
            "Leave out people who stand for nobody.",
        )
    return np.asarray(values / values.mean())


def labels(values: Labels, otherwise: str) -> npt.NDArray:
    """Labels as text, none missing.

    Parameters
    ----------
    values : sequence of n labels
    otherwise : str
        Name of the column where it has none of its own.

    Returns
    -------
    array of n str

    Raises
    ------
    WorkbenchError
        For a missing label.

    Examples
    --------
    >>> labels([1, "b"], "site").tolist()
    ['1', 'b']
    """
    refuse_missing(values, column_name(values, otherwise))
    return np.asarray(values, dtype=object).astype(str)


def refuse_misaligned(**columns: Column | Labels | pd.DataFrame | None) -> None:
    """Raise an error unless the columns describe the same people in the same order.

    Parameters
    ----------
    **columns : sequence, Series, DataFrame or None
        By the name that the message shall use; None is passed over.

    Raises
    ------
    WorkbenchError
        For columns of unequal length, and for unequal row labels where there are some.

    Examples
    --------
    >>> refuse_misaligned(outcome=[1.0, 2.0], treated=[1, 0], weights=None)
    >>> refuse_misaligned(outcome=[1.0, 2.0], treated=[1])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: columns differ in length: outcome has 2, treated has 1. ...
    """
    given = {name: values for name, values in columns.items() if values is not None}
    lengths = {name: len(values) for name, values in given.items()}
    if len(set(lengths.values())) > 1:
        counted = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
        raise WorkbenchError(f"columns differ in length: {counted}", "Give one value a person.")
    indexed = [(n, v.index) for n, v in given.items() if isinstance(v, pd.Series | pd.DataFrame)]
    for name, index in indexed[1:]:
        if not index.equals(indexed[0][1]):
            raise WorkbenchError(
                f"columns {indexed[0][0]} and {name}: their row labels differ",
                "Take all columns from one table, so that a row is one person.",
            )


def refuse_unknown_columns(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Raise an error that names the columns a table lacks.

    Parameters
    ----------
    frame : DataFrame
    names : iterable of str

    Raises
    ------
    WorkbenchError
        For a name that is no column.

    Examples
    --------
    >>> refuse_unknown_columns(pd.DataFrame({"wage": [1.0]}), ["wage", "age"])
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: column age: not in the table. Its columns are wage.
    """
    lacking = sorted({name for name in names if name not in frame.columns})
    if lacking:
        raise WorkbenchError(
            f"column {', '.join(lacking)}: not in the table",
            f"Its columns are {', '.join(map(str, frame.columns))}.",
        )


def refuse_repeated_people(frame: pd.DataFrame, person: str) -> None:
    """Raise an error when a person stands in more than one row; no column means no check.

    Parameters
    ----------
    frame : DataFrame
    person : str
        Column that identifies people.

    Raises
    ------
    WorkbenchError
        For a person in more than one row, and for a missing one.

    Examples
    --------
    >>> refuse_repeated_people(pd.DataFrame({"person": [1, 2, 2]}), "person")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: column person, row 1: 1 people stand in more than one row. ...
    """
    if person not in frame.columns:
        return
    refuse_missing(frame[person], person)
    repeated = frame[person].duplicated(keep=False).to_numpy()
    if repeated.any():
        people = frame.loc[repeated, person].nunique()
        row = int(repeated.argmax())
        raise WorkbenchError(
            f"column {person}, row {row}: {people:,} people stand in more than one row",
            "Give one row a person; repeated rows make every standard error too small.",
        )
