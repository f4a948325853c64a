"""Numbers of small seeded cases, kept on file: what changed is named, and a reviewer decides.

They say that a number moved, not which one is right: beside them stand tests against independent
answers. After a change that is meant, `python tests/frozen/on_file.py tiers effects disclosure`
writes them anew, and the difference of the files belongs into the review.
"""

import dataclasses
import importlib
import importlib.util
import inspect
import json
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd

import analysis

FOLDER = Path(__file__).parent
SOURCE = Path(analysis.__file__).parent
MODULES = {
    "effects": ["effects/*.py"],
    "tiers": ["tiers/*.py"],
    "disclosure": [
        *("reports/disclosure*.py", "reports/linear_bounds.py", "reports/effect_hiding.py"),
        "runs/together.py",
    ],
}
# arrays longer than this are kept as sums with uneven weights, which no change leaves as they are
_LONGEST = 12
# how many are worked on at once changes no number
_SIZES = {"_AT_ONCE", "_ROWS", "_PROGRAMS"}


def compare(room: str, case: str, found: object, slack: float) -> None:
    """Fail where a number of a case is not the one on file, naming the first that differ."""
    kept = json.loads((FOLDER / f"{room}.json").read_text("utf-8"))[case]
    now = json.loads(json.dumps(flat(found)))
    assert list(now) == list(kept), f"{case}: other entries than on file"
    moved = [
        f"{name}: {kept[name]} is now {now[name]}"
        for name in kept
        if not _same(kept[name], now[name], slack)
    ]
    assert not moved, f"{case}: " + "; ".join(moved[:5])


def _same(one: object, other: object, slack: float) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=slack, abs_tol=slack / 1000)
    return one == other


def flat(thing: object, name: str = "") -> dict[str, Any]:
    """Every number and word of a result under a name of its own, in the result's order."""
    inner: Mapping[Any, object]
    if thing is None or isinstance(thing, str | bool | np.bool_):
        return {name: thing if thing is None or isinstance(thing, str) else bool(thing)}
    if thing is pd.NA:
        return {name: "missing"}
    if isinstance(thing, int | float | np.integer | np.floating):
        number = float(thing)
        return {name: number if math.isfinite(number) else str(number)}
    if isinstance(thing, pd.DataFrame):
        inner = {column: thing[column].to_numpy() for column in thing}
    elif isinstance(thing, pd.Series):
        inner = {"index": thing.index.to_numpy(), "values": thing.to_numpy()}
    elif isinstance(thing, np.ndarray) and thing.size > _LONGEST and thing.dtype.kind in "fiub":
        inner = _sums(thing.astype(float))
    elif dataclasses.is_dataclass(thing):
        inner = {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
    elif isinstance(thing, Mapping):
        inner = thing
    else:
        inner = dict(enumerate(thing))  # type: ignore[arg-type]
    return {k: v for key, one in inner.items() for k, v in flat(one, f"{name}/{key}").items()}


def _sums(values: np.ndarray) -> dict[str, object]:
    line = np.where(np.isfinite(values), values, 0.0).ravel()
    uneven = np.cos(1.7 * np.arange(len(line)))
    return {
        "shape": str(values.shape),
        "infinite": int((~np.isfinite(values)).sum()),
        "sum": line.sum(),
        "uneven": line @ uneven,
        "first": line[:3],
        "last": line[-1],
    }


def compare_declared(room: str) -> None:
    """Fail where a default or a constant of a room is not the one on file, naming it."""
    kept = json.loads((FOLDER / "declared.json").read_text("utf-8"))[room]
    now = declared(room)
    changed = [name for name in sorted({*kept, *now}) if kept.get(name) != now.get(name)]
    assert not changed, f"{room}: " + "; ".join(
        f"{name}: {kept.get(name)} is now {now.get(name)}" for name in changed[:5]
    )


def declared(room: str) -> dict[str, str]:
    """Defaults of public functions and fields, and constants of modules, as text.

    Functions and classes go by their name alone, so that they may move to another module.
    """
    found: dict[str, str] = {}
    for path in sorted(one for pattern in MODULES[room] for one in SOURCE.glob(pattern)):
        name = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        module = importlib.import_module(name)
        for short, thing in vars(module).items():
            if isinstance(thing, FunctionType | type):
                if thing.__module__ == name and not short.startswith("_"):
                    for key, value in _defaults(thing).items():
                        at = f"{short}({key})"
                        found[at] = " | ".join(filter(None, [found.get(at), value]))
            elif short.isupper() and short not in _SIZES and isinstance(thing, _PLAIN):
                found[f"{path.stem}.{short}"] = repr(thing)
    return found


_PLAIN = (int, float, tuple, list, str)


def _defaults(thing: Callable | type) -> dict[str, str]:
    try:
        parameters = inspect.signature(thing).parameters.values()
    except ValueError:
        return {}
    simple = [p for p in parameters if isinstance(p.default, (*_PLAIN, type(None)))]
    own = {p.name: repr(p.default) for p in simple}
    if isinstance(thing, type):
        for name, method in vars(thing).items():
            if isinstance(method, FunctionType) and not name.startswith("__"):
                own |= {f"{name}.{k}": v for k, v in _defaults(method).items()}
    return own


def write(rooms: list[str]) -> None:
    """Write the numbers of rooms, and all defaults and constants, as they are now."""
    _put("declared", {room: declared(room) for room in MODULES})
    for room in rooms:
        (path,) = FOLDER.parent.glob(f"*/test_*{room}_frozen.py")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        _put(room, {name: flat(case()) for name, case in module.CASES.items()})


def _put(name: str, kept: Mapping[str, object]) -> None:
    text = json.dumps(kept, indent=0, ensure_ascii=False, allow_nan=False)
    (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
