"""Columns of text as records hold them: codes, whole dollars, dates, and what is not reported."""

import numpy as np
import pyarrow as pa

from analysis.simulate.people import Flags, Floats, Integers

BLANK = ""


def take(options: list[str], positions: Integers | Flags) -> np.ndarray:
    """The option at each position.

    Parameters
    ----------
    options : list of str
    positions : int or bool array of shape (n,)

    Returns
    -------
    array of n str

    Examples
    --------
    >>> take(["no", "yes"], np.array([True, False])).tolist()
    ['yes', 'no']
    """
    values: np.ndarray = np.array(options, dtype=object)[positions.astype("int64")]
    return values


def whole(wages: Floats) -> np.ndarray:
    """Dollars without cents.

    Parameters
    ----------
    wages : array of shape (n,)

    Returns
    -------
    array of n str

    Examples
    --------
    >>> whole(np.array([1234.9])).tolist()
    ['1234']
    """
    text: np.ndarray = (
        pa.array(wages.astype("int64")).cast(pa.string()).to_numpy(zero_copy_only=False)
    )
    return text


def dates(days: Integers) -> np.ndarray:
    """Days since 1970 as YYYYMMDD.

    Parameters
    ----------
    days : int array of shape (n,)

    Returns
    -------
    array of n str

    Examples
    --------
    >>> dates(np.array([0, 31])).tolist()
    ['19700101', '19700201']
    """
    low = int(days.min()) if len(days) else 0
    span = np.arange(low, int(days.max()) + 1 if len(days) else 1)
    words = [str(day).replace("-", "") for day in span.astype("datetime64[D]")]
    return take(words, days - low)


def lacking(
    values: np.ndarray,
    share: float,
    random: np.random.Generator,
    errors: dict[str, int],
    name: str,
    instead: str = BLANK,
    among: Flags | None = None,
) -> np.ndarray:
    """Values of which a share is not reported.

    Parameters
    ----------
    values : array of shape (n,)
    share : float
    random : Generator
    errors : dict of str to int
        How many are not reported, among those who count, is noted in it under ``name``.
    name : str
    instead : str
        What stands where nothing is reported.
    among : bool array of shape (n,), optional
        Those who count; all where left out.

    Returns
    -------
    array of shape (n,)

    Examples
    --------
    >>> errors = {}
    >>> values, counts = np.array(["1", "0"]), np.array([True, False])
    >>> lacking(values, 1.0, np.random.default_rng(1), errors, "sex", "9", counts).tolist(), errors
    (['9', '9'], {'sex not reported': 1})
    """
    gone = random.random(len(values)) < share
    errors[f"{name} not reported"] = int((gone if among is None else gone & among).sum())
    return np.where(gone, instead, values).astype(object)
