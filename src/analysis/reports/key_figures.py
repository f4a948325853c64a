"""Named numbers with all that a number needs: uncertainty, n, unit and source."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.atomic import write_text
from analysis.errors import WorkbenchError


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


def plain(value: Any) -> float | None:
    """A number for JSON: NaN and infinities become None.

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

    Returns
    -------
    list of KeyFigure
        Sorted by name, as they were written.

    Raises
    ------
    WorkbenchError
        Where the file does not exist or is no JSON.

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
    try:
        rows = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise WorkbenchError(
            f"{path} does not exist", "Run the notebook first: workbench run."
        ) from None
    except ValueError as error:
        raise WorkbenchError(f"{path} is not readable as JSON ({error})", "Run again.") from None
    return [key_figure_of(row) for row in rows]


def key_figure_of(row: dict[str, Any]) -> KeyFigure:
    """Key figure from its JSON object, whose lists become tuples.

    Parameters
    ----------
    row : dict
        The fields of :class:`KeyFigure`, as JSON has them.

    Returns
    -------
    KeyFigure

    Raises
    ------
    KeyError
        Where ``interval`` or ``sources`` is lacking.
    TypeError
        Where another field is lacking, or one is not known.

    Examples
    --------
    >>> row = {"name": "gain", "estimate": 2.0, "standard_error": 1.0, "interval": [0.0, 4.0],
    ...        "n": 40, "n_of": "people", "unit": "dollars", "sources": ["nsw:original"]}
    >>> key_figure_of(row).interval, key_figure_of(row | {"interval": None}).interval
    ((0.0, 4.0), None)
    """
    interval = tuple(row["interval"]) if row["interval"] else None
    return KeyFigure(**{**row, "interval": interval, "sources": tuple(row["sources"])})
