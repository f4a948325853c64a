"""Which sources nobody could give a moment ago, so that not every command asks again.

Without a mirror some sources cannot be had at all, and a command that asks each publisher and
the package index for them anew waits for nothing. What was asked in vain is remembered for an
hour in ``data/raw``; ``workbench fetch`` always asks.
"""

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.paths import raw_folder
from analysis.plain_data import has_shape, read_json

_NOTE = {"address": str, "at": float}
REMEMBERED = 3600.0
"""Seconds after which a source is asked for again."""


def in_vain_lately(addresses: Mapping[str, str]) -> set[str]:
    """Sources that were asked for in vain within the last hour, at the address they have now.

    Parameters
    ----------
    addresses : mapping of str to str
        By source id, where it would come from: another address is asked at once.

    Returns
    -------
    set of str

    Examples
    --------
    >>> import tempfile
    >>> from unittest.mock import patch
    >>> with (
    ...     tempfile.TemporaryDirectory() as folder,
    ...     patch.dict("os.environ", WORKBENCH_RAW=folder),
    ... ):
    ...     remember({"a": "a.example", "b": "b.example"}, missing=["a"])
    ...     in_vain_lately({"a": "a.example", "b": "b.example"})
    ...     in_vain_lately({"a": "elsewhere.example"})
    {'a'}
    set()
    """
    asked = _asked()
    return {
        source_id
        for source_id, address in addresses.items()
        if asked.get(source_id, {}).get("address") == address
        and 0 <= time.time() - asked[source_id]["at"] < REMEMBERED
    }


def remember(addresses: Mapping[str, str], missing: Iterable[str]) -> None:
    """Note which of the sources just asked for could not be had; forget those that could.

    Parameters
    ----------
    addresses : mapping of str to str
        By id of each source that was asked for, where it would have come from.
    missing : iterable of str
        Ids of those that could not be had.

    Examples
    --------
    >>> import tempfile
    >>> from unittest.mock import patch
    >>> with (
    ...     tempfile.TemporaryDirectory() as folder,
    ...     patch.dict("os.environ", WORKBENCH_RAW=folder),
    ... ):
    ...     remember({"a": "a.example"}, missing=["a"])
    ...     remember({"a": "a.example"}, missing=[])
    ...     in_vain_lately({"a": "a.example"})
    set()
    """
    asked = {name: note for name, note in _asked().items() if name not in addresses}
    asked |= {name: {"address": addresses[name], "at": time.time()} for name in missing}
    if asked or _file().is_file():
        write_text(_file(), json.dumps(asked, indent=1))


def _file() -> Path:
    return raw_folder() / ".asked-in-vain.json"


def _asked() -> dict[str, dict[str, Any]]:
    try:
        asked = read_json(_file(), dict, "Remove it.")
    except WorkbenchError:
        return {}
    return {name: note for name, note in asked.items() if has_shape(note, _NOTE)}
