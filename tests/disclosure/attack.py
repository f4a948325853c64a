"""An attacker who has every published file of a run, and no code of the workbench.

He reads what a person with a hex editor could: pages and the pictures inside them, tables, JSON,
notebooks, text in the metadata of pictures, the streams of PDF files and of archives. He looks for
three things: words that only the people's own file holds (names), one person's exact earnings, and
groups that are small, or that become small by taking what is shown from its total.
"""

import base64
import io
import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path

import pandas as pd

# a rounded number may be anyone's; with so many digits it is one person's
_DIGITS = 7
_COUNTS = ("people", "n", "n_treated", "n_control", "n_known", "known", "met", "participants")
_EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,([A-Za-z0-9+/=]+)")
_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*(?:[eE][+-]?\d+)?")
_EVERYONE = "all"


def views(data: bytes, name: str) -> Iterator[str]:
    """All texts that a file holds: its own, and those of what is packed inside it."""
    if data.startswith(b"PAR1"):
        frame = pd.read_parquet(io.BytesIO(data))
        yield frame.to_csv()
        yield data.decode("latin-1")
    elif data.startswith(b"\x89PNG"):
        yield from _png_texts(data)
    elif data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for inner in packed.namelist():
                yield inner
                yield from views(packed.read(inner), inner)
    elif data.startswith(b"%PDF"):
        yield data.decode("latin-1")
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
            try:
                yield zlib.decompress(stream).decode("latin-1")
            except zlib.error:
                continue
    else:
        text = data.decode("utf-8", errors="replace")
        yield unescape(text)
        for packed_text in _EMBEDDED.findall(text):
            yield from views(base64.b64decode(packed_text), f"inside {name}")


def _png_texts(data: bytes) -> Iterator[str]:
    place = 8
    while place + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        if kind in (b"tEXt", b"iTXt", b"eXIf"):
            yield body.decode("latin-1")
        if kind == b"zTXt":
            yield zlib.decompress(body.split(b"\0", 1)[1][1:]).decode("latin-1")
        place += size + 12


def published(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder with each text that it holds; the file's own name is one."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.name
            for text in views(path.read_bytes(), path.name):
                yield path, text


def words_found(folder: Path, words: Iterable[str]) -> list[str]:
    """Files in which one of the words stands."""
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return sorted({path.name for path, text in published(folder) if pattern.search(text)})


def earnings_found(folder: Path, values: Iterable[float]) -> list[str]:
    """Files with a number of seven digits and more that is one person's, and which number."""
    known: dict[int, set[str]] = {}
    for value in values:
        for digits in range(_DIGITS, 13):
            known.setdefault(digits, set()).add(f"{float(value):.{digits - 1}e}")
    found = set()
    for path, text in published(folder):
        for token in set(_NUMBER.findall(text)):
            plain = token.replace(",", "")
            digits = len(re.sub(r"[eE].*|\D", "", plain).strip("0"))
            if digits >= _DIGITS and f"{float(plain):.{min(digits, 12) - 1}e}" in known.get(
                min(digits, 12), ()
            ):
                found.add(f"{path.name}: {token}")
    return sorted(found)


def small_groups(folder: Path, minimum: int) -> list[str]:
    """Groups that a table shows small, or that are what its total leaves over.

    A table names groups in columns (``all`` where it does not divide by one), or in a pair
    ``grouping`` and ``group`` whose words name the columns' values.
    """
    found = []
    for path in sorted(folder.rglob("*.csv")):
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
        for count in [name for name in _COUNTS if name in frame]:
            found += [f"{path.name}, {count}: {leak}" for leak in _leaks(frame, count, minimum)]
    return sorted(set(found))


def linked_groups(folder: Path, minimum: int) -> list[str]:
    """Groups of a study that are small by all tables of a folder together.

    What any table shows of a group of a study is known in all of them: counts of people, and of
    either arm, by the study (``trial_key``, or the ending of the file's name) and the group.
    """
    known: dict[tuple[str, str], dict[frozenset[str], float]] = {}
    hidden: dict[str, set[frozenset[str]]] = {}
    for path in sorted(folder.rglob("*.csv")):
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
        if "group" not in frame or not {"n_treated", "people"} & set(frame):
            continue
        for row in frame.index:
            study = (
                frame.loc[row, "trial_key"] if "trial_key" in frame else path.stem.split("_")[-1]
            )
            cell = _cell(frame, row) if "grouping" in frame else _by_race(frame.loc[row, "group"])
            hidden.setdefault(study, set()).add(cell)
            shown = {
                name: pd.to_numeric(frame.loc[row, name].replace(",", ""), errors="coerce")
                for name in ("n_treated", "n_control", "people")
                if name in frame
            }
            if "people" not in shown and {"n_treated", "n_control"} <= set(shown):
                shown["people"] = shown["n_treated"] + shown["n_control"]
            for name, n in shown.items():
                if not pd.isna(n):
                    known.setdefault((study, name), {})[cell] = float(n)
    found = []
    for (study, name), counts in known.items():
        every = dict.fromkeys(hidden[study], float("nan")) | counts
        found += [f"{study}, {name}: {leak}" for leak in _left_over(every, minimum)]
    return sorted(set(found))


def _by_race(group: str) -> frozenset[str]:
    return frozenset() if group in (_EVERYONE, "") else frozenset({f"race={group}"})


def _leaks(frame: pd.DataFrame, count: str, minimum: int) -> Iterator[str]:
    people = pd.to_numeric(frame[count].str.replace(",", ""), errors="coerce")
    for row in frame.index[(people > 0) & (people < minimum)]:
        yield f"{people[row]:g} people are shown in row {row + 2}"
    if not {"grouping", "group"} <= set(frame):
        return
    same = [
        name
        for name in ("trial", "trial_key", "estimator", "column", "outcome", "metric", "part")
        if name in frame
    ]
    cells = [_cell(frame, row) for row in frame.index]
    kinds = frame[same].agg("|".join, axis=1) if same else pd.Series("", index=frame.index)
    for rows in kinds.groupby(kinds).groups.values():
        counts: dict[frozenset[str], float] = {}
        for row in rows:
            counts.setdefault(cells[row], people[row])
        yield from _left_over(counts, minimum)


def _cell(frame: pd.DataFrame, row: int) -> frozenset[str]:
    """The group of a row as the set of what its people have in common."""
    if frame.loc[row, "grouping"] in (_EVERYONE, ""):
        return frozenset()
    kinds = re.split(r" x | and ", frame.loc[row, "grouping"])
    named = frame.loc[row, "group"].split(", ")
    return frozenset(f"{kind}={value}" for kind, value in zip(kinds, named, strict=False))


def _left_over(counts: dict[frozenset[str], float], minimum: int) -> Iterator[str]:
    """Totals less their shown parts: a few people are left in the parts that are hidden."""
    for whole, total in counts.items():
        kinds = {part.split("=")[0] for cell in counts if whole < cell for part in cell - whole}
        for kind in kinds:
            parts = {
                cell: n
                for cell, n in counts.items()
                if whole < cell and {one.split("=")[0] for one in cell - whole} == {kind}
            }
            hidden = [cell for cell, n in parts.items() if pd.isna(n)]
            left = total - sum(n for n in parts.values() if not pd.isna(n))
            if hidden and 0 < left < minimum:
                yield f"{left:g} people are left for {' or '.join(_words(one) for one in hidden)}"
    yield from _through_margins(counts, minimum)


def _through_margins(counts: dict[frozenset[str], float], minimum: int) -> Iterator[str]:
    """A hidden cell of two kinds from a shown margin less the other shown cells of it."""
    for cell, n in counts.items():
        if not pd.isna(n) or len(cell) != 2:
            continue
        for kept, moved in itertools.permutations(cell):
            margin = counts.get(frozenset({kept}))
            kind = moved.split("=")[0]
            others = [
                m
                for other, m in counts.items()
                if kept in other and other != cell and len(other) == 2
                and {one.split("=")[0] for one in other - {kept}} == {kind}
            ]  # fmt: skip
            if margin is None or pd.isna(margin) or any(pd.isna(m) for m in others):
                continue
            if 0 < margin - sum(others) < minimum:
                yield f"{margin - sum(others):g} people are {_words(cell)}"


def _words(cell: frozenset[str]) -> str:
    return ", ".join(sorted(one.split("=")[1] for one in cell)) or "everyone"
