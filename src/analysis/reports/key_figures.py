"""Named numbers with all that a number needs: uncertainty, n, unit and source."""

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.plain_data import has_shape, read_json


@dataclass(frozen=True)
class KeyFigure:
    """One headline number of a notebook.

    Attributes
    ----------
    name : str
        Unique in its notebook, dotted from general to special.
    estimate : float
    standard_error : float or None
        None for an exact count or where no sampling is involved; ``note`` then says so.
    interval : (float, float) or None
        At the framework's confidence level.
    n : int
        People or things that the estimate rests on.
    n_of : str
        What is counted by ``n``.
    unit : str
    sources : tuple of str
        Sources as ``id:form``.
    note : str
    """

    name: str
    estimate: float
    standard_error: float | None
    interval: tuple[float, float] | None
    n: int
    n_of: str
    unit: str
    sources: tuple[str, ...]
    note: str = ""


_SHAPE = {
    "name": str,
    "estimate": float,
    "n": int,
    "n_of": str,
    "unit": str,
    "sources": list,
    "standard_error": object,
    "interval": object,
}
_NAMES = {one.name for one in fields(KeyFigure)}


def plain(value: Any) -> float | None:
    """A number for JSON: NaN and infinities become None.

    Parameters
    ----------
    value : object
        A number, numpy's or Python's, or None.

    Returns
    -------
    float or None

    Examples
    --------
    >>> plain(3), plain(float("nan")), plain(float("-inf")), plain(None)
    (3.0, None, None, None)
    """
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def write_key_figures(figures: list[KeyFigure], path: Path) -> None:
    """Write figures as JSON, sorted by name, whole or not at all.

    Parameters
    ----------
    figures : list of KeyFigure
        Of one notebook.
    path : Path
        The file, replaced where it exists.

    Raises
    ------
    ValueError
        Where a number is NaN or infinite: JSON has neither (:func:`plain`).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> share = KeyFigure("b.share", 0.7, 0.1, (0.5, 0.9), 20, "people", "share", ("nsw:original",))
    >>> count = KeyFigure("a.count", 20.0, None, None, 20, "people", "people", ("nsw:original",))
    >>> with TemporaryDirectory() as folder:
    ...     write_key_figures([share, count], Path(folder) / "figures.json")
    ...     found = read_key_figures(Path(folder) / "figures.json")
    >>> found == [count, share]
    True
    """
    rows = [asdict(figure) for figure in sorted(figures, key=lambda figure: figure.name)]
    write_text(path, json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_key_figures(path: Path) -> list[KeyFigure]:
    """Read figures as :func:`write_key_figures` wrote them.

    Parameters
    ----------
    path : Path
        A notebook's ``figures.json``.

    Returns
    -------
    list of KeyFigure
        Sorted by name, as they were written.

    Raises
    ------
    WorkbenchError
        Where the file does not exist, is no JSON or holds something else than key figures.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "figures.json"
    ...     figure = KeyFigure("gain", 1794.0, 670.0, (480.0, 3108.0), 445, "people", "dollars", ())
    ...     write_key_figures([figure], path)
    ...     read_key_figures(path)[0].interval
    (480.0, 3108.0)
    """
    if not path.exists():
        raise WorkbenchError(f"{path} does not exist", "Run the notebook first: workbench run.")
    rows = read_json(path, list, "Run again.")
    return [key_figure_of(row, path) for row in rows]


def key_figure_of(row: Any, path: Path) -> KeyFigure:
    """Key figure from its JSON object, whose lists become tuples.

    Parameters
    ----------
    row : object
        The fields of :class:`KeyFigure`, as JSON has them.
    path : Path
        File that it stands in, for the error.

    Returns
    -------
    KeyFigure

    Raises
    ------
    WorkbenchError
        Where it is something else: a field is lacking, not known or of another kind.

    Examples
    --------
    >>> row = {"name": "gain", "estimate": 2.0, "standard_error": 1.0, "interval": [0.0, 4.0],
    ...        "n": 40, "n_of": "people", "unit": "dollars", "sources": ["nsw:original"]}
    >>> file = Path("figures.json")
    >>> key_figure_of(row, file).interval, key_figure_of(row | {"interval": None}, file).interval
    ((0.0, 4.0), None)
    """
    if not has_shape(row, _SHAPE) or not _is_whole(row):
        name = row.get("name") if isinstance(row, dict) else row
        raise WorkbenchError(f"{path}: {name!r} is no whole key figure", "Run again.")
    interval = tuple(row["interval"]) if row["interval"] else None
    return KeyFigure(**{**row, "interval": interval, "sources": tuple(row["sources"])})


def _is_whole(row: dict[str, Any]) -> bool:
    interval, error = row["interval"], row["standard_error"]
    pair = isinstance(interval, list) and len(interval) == 2
    return (
        not row.keys() - _NAMES
        and isinstance(row.get("note", ""), str)
        and (error is None or has_shape(error, float))
        and (interval is None or (pair and all(has_shape(end, float) for end in interval)))
        and all(isinstance(source, str) for source in row["sources"])
    )
