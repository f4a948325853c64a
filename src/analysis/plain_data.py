"""Files that the workbench wrote itself or was given, as plain data, or one clear error.

A file may have been cut short, edited by hand or made to break its reader: what it holds is only
taken where it has the shape that was asked for.
"""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import WorkbenchError

if TYPE_CHECKING:
    import pandas as pd


# nested lists and objects take some tens of times the room of their text
_LARGEST_JSON = 1 << 28
# the time of the parser grows with the square of the parts of a dotted key
_LARGEST_TOML = 1 << 17


def _text_of(file: Path, largest: int) -> str:
    size = file.stat().st_size
    if size > largest:
        raise WorkbenchError(
            f"{file.name} has {size:,} bytes", f"Such files have at most {largest:,}."
        )
    return file.read_text("utf-8")


def read_toml(file: Path, what: str = "file") -> dict[str, Any]:
    """Content of a TOML file.

    Parameters
    ----------
    file : Path
        Of at most 128 kibibytes.
    what : str
        What it is, for the message where it cannot be opened.

    Returns
    -------
    dict of str to object

    Raises
    ------
    WorkbenchError
        Naming the file, and the line where the parser names one.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "a.toml"
    >>> file.write_text("alpha = 0.05")
    12
    >>> read_toml(file)
    {'alpha': 0.05}
    """
    try:
        return tomllib.loads(_text_of(file, _LARGEST_TOML))
    except FileNotFoundError:
        raise WorkbenchError(
            f"{what} {file} does not exist", "Give the path of a TOML file."
        ) from None
    except (ValueError, RecursionError) as error:
        raise WorkbenchError(
            f"{file.name}: not readable as TOML ({error})", "Mend the line that is named."
        ) from None
    except OSError as error:
        raise WorkbenchError(f"{what} {file}: {error.strerror}", "Give a TOML file.") from None


def has_shape(content: object, shape: Any) -> bool:
    """Whether plain data are of a kind.

    Parameters
    ----------
    content : object
    shape : type or dict
        ``float`` takes whole numbers too; a dict of names asks for these keys, and more are
        allowed; ``{str: kind}`` asks for an object whose every value is of the kind.

    Returns
    -------
    bool

    Examples
    --------
    >>> has_shape({"n": 3, "more": []}, {"n": float}), has_shape({"a": "x"}, {str: int})
    (True, False)
    """
    if shape is float:
        return isinstance(content, int | float) and not isinstance(content, bool)
    if isinstance(shape, type):
        return isinstance(content, shape) and (shape is bool or not isinstance(content, bool))
    if not isinstance(content, dict):
        return False
    if str in shape:
        return all(has_shape(value, shape[str]) for value in content.values())
    return all(key in content and has_shape(content[key], kind) for key, kind in shape.items())


def read_json(file: Path, shape: type[dict] | type[list], remedy: str) -> Any:
    """Content of a JSON file that holds an object (``dict``) or a list (``list``).

    Parameters
    ----------
    file : Path
        Of at most 256 mebibytes.
    shape : type
        ``dict`` or ``list``.
    remedy : str
        What a reader can do about a file that cannot be used.

    Returns
    -------
    dict or list

    Raises
    ------
    WorkbenchError
        Naming the file; ``remedy`` says what to do about it.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "a.json"
    >>> file.write_text("[1, 2]")
    6
    >>> read_json(file, list, "Run again.")
    [1, 2]
    """
    try:
        content = json.loads(_text_of(file, _LARGEST_JSON))
    except (ValueError, RecursionError) as error:
        raise WorkbenchError(f"{file} is not readable as JSON ({error})", remedy) from None
    except OSError as error:
        raise WorkbenchError(f"{file}: {error.strerror}", remedy) from None
    if not isinstance(content, shape):
        named = "object" if shape is dict else "list"
        raise WorkbenchError(f"{file} does not hold a JSON {named}", remedy)
    return content


def read_table(file: Path, columns: Sequence[str], remedy: str) -> "pd.DataFrame":
    """A table that a run wrote (Parquet), with columns that it must have.

    Parameters
    ----------
    file : Path
    columns : sequence of str
        Columns that it must have; more are kept.
    remedy : str
        What a reader can do about a file that cannot be used.

    Returns
    -------
    DataFrame
        All columns of the file.

    Raises
    ------
    WorkbenchError
        Naming the file, where it is no table or lacks one of the columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     pd.DataFrame({"tier": ["A"]}).to_parquet(file := Path(folder) / "tiers.parquet")
    ...     read_table(file, ["tier"], "Run again.")["tier"].tolist()
    ['A']
    """
    # not every command that reads plain data needs tables
    import pandas as pd

    try:
        frame = pd.read_parquet(file)
    except Exception as error:
        # bytes that were altered fail in many ways
        raise WorkbenchError(f"{file} is not readable as a table ({error})", remedy) from None
    if lacking := [name for name in columns if name not in frame]:
        raise WorkbenchError(f"{file} has no column '{lacking[0]}'", remedy)
    return frame
