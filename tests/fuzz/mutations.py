"""Ways to spoil a file: its bytes, as transfers do, or what it holds, as attackers do."""

import io
import json
import random
import re
import tomllib
import zipfile
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

PIECES = (
    b"", b"\0", b'"', b"'", b",", b";", b"\t", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xf0\x9f\x98\x80", b"=1+1", b"-", b"--", b"NaN", b"inf", b"-inf", b"1e999", b"99" * 40,
    b"0x1f", b"../../etc/passwd", b"<script>alert(1)</script>", b"{", b"}", b"[", b"]", b"true",
    b"null", b"!!python/object:os.system", b"\xe2\x80\xae", b"%s%n", b"$1,234.50", b"1/2/2020",
)  # fmt: skip
# what a cell, a value of a key or a word of a command may be in place of what it should be
TEXTS = (
    "", " ", "-", "0", "-1", "1e999", "nan", "9" * 400, "1/2/2020", "=1+1", "=HYPERLINK(\"x\")",
    "../../x", "/etc/passwd", "~/x", "x" * 10_000, "a,b", 'a"b', "a\nb", "é", "\U0001f600",
    "\u202edetrevni", "\x1b[2J", "<script>alert(1)</script>", "{{ 7*7 }}", "${HOME}", "%s%n",
    "__import__('os').system('touch CANARY')", "!!python/object/apply:os.system ['touch CANARY']",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 0.5, -0.0, float("inf"), float("nan"), [], {}, [[]], [None],
    {"": None}, [1, "a"], {"a": {"b": []}}, *TEXTS,
)  # fmt: skip


def spoiled(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to four changes: pieces put in, cut out, doubled, flipped, cut short."""
    done = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(done) + 1)
        # mostly short stretches, now and then a large part of the file
        length = min(int(chance.paretovariate(0.6)), len(done) - start)
        kind = chance.randrange(6)
        if kind == 0:
            done[start : start + length] = chance.choice(PIECES)
        elif kind == 1:
            done[start:start] = chance.choice(PIECES)
        elif kind == 2:
            del done[start : start + length]
        elif kind == 3:
            done[start:start] = done[start : start + length]
        elif kind == 4 and done:
            done[start % len(done)] ^= 1 << chance.randrange(8)
        else:
            del done[len(done) - min(length, len(done)) :]
    return bytes(done)


def _spoiled_inside(data: bytes, chance: random.Random) -> bytes:
    """An archive that opens, with a spoiled member: what a plain change of bytes hardly reaches."""
    done = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        names = whole.namelist()
        victim = chance.choice(names)
        with zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in names:
                content = whole.read(name)
                packed.writestr(name, spoiled(content, chance) if name == victim else content)
    return done.getvalue()


def spoiled_tree(content: Any, chance: random.Random) -> Any:
    """Plain data with one value somewhere replaced, left out, doubled or under another name."""
    places = [(content, key) for key in _keys(content)]
    for holder, key in places:
        places += [(holder[key], inner) for inner in _keys(holder[key])]
    if not places or chance.random() < 0.05:
        return chance.choice(ODD)
    holder, key = chance.choice(places)
    kind = chance.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif kind == 1:
        holder[chance.choice(TEXTS)] = holder.pop(key)
    else:
        holder[key] = chance.choice(ODD)
    return content


def _keys(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node)
    return list(range(len(node))) if isinstance(node, list) else []


def toml_of(value: Any) -> str:
    """A value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_of(str(k))} = {toml_of(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_of, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "nan" if value is None else str(value)


def _odd_toml(data: bytes, chance: random.Random) -> bytes:
    content = spoiled_tree(tomllib.loads(data.decode()), chance)
    if not isinstance(content, dict):
        return toml_of(content).encode()
    return "\n".join(f"{toml_of(str(k))} = {toml_of(v)}" for k, v in content.items()).encode()


def _odd_json(data: bytes, chance: random.Random) -> bytes:
    return json.dumps(spoiled_tree(json.loads(data), chance)).encode()


def _odd_parquet(data: bytes, chance: random.Random) -> bytes:
    table = pq.read_table(io.BytesIO(data))
    place, rows = chance.randrange(table.num_columns), table.num_rows
    column = chance.choice(
        [
            pa.nulls(rows),
            pa.array([b"\xff\xfe"] * rows, pa.binary()),
            pa.array([[1, 2]] * rows),
            pa.array([{"a": 1}] * rows),
            pa.array([True] * rows),
            pa.array([2**62] * rows, pa.timestamp("us")),
            pa.array([-1] * rows, pa.date32()),
            pa.array([float("inf")] * rows),
            pa.array([chance.choice(TEXTS)] * rows).dictionary_encode(),
            pa.array([1] * rows, pa.decimal128(38, 10)),
            pa.array([2**64 - 1] * rows, pa.uint64()),
        ]
    )
    name = chance.choice([table.column_names[place], *TEXTS[:4]])
    done = io.BytesIO()
    pq.write_table(table.set_column(place, name, column), done)
    return done.getvalue()


def _odd_workbook(data: bytes, chance: random.Random) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    row, column = chance.randint(1, sheet.max_row), chance.randint(1, sheet.max_column)
    value = chance.choice([o for o in ODD if not isinstance(o, list | dict)])
    try:
        sheet.cell(row, column).value = value
    except openpyxl.utils.exceptions.IllegalCharacterError:
        sheet.cell(row, column).value = "#N/A"
    done = io.BytesIO()
    book.save(done)
    return done.getvalue()


def _odd_cell(data: bytes, chance: random.Random) -> bytes:
    """A line of text with one cell that is another text."""
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    cells = lines[place].split(b",")
    written = chance.choice(TEXTS).encode().replace(b'"', b'""')
    cells[chance.randrange(len(cells))] = b'"' + written + b'"'
    lines[place] = b",".join(cells)
    return b"\n".join(lines)


_INSIDE = {
    "xlsx": _odd_workbook, "parquet": _odd_parquet, "json": _odd_json, "ipynb": _odd_json,
    "toml": _odd_toml, "csv": _odd_cell,
}  # fmt: skip


def mutated(name: str, data: bytes, chance: random.Random) -> bytes:
    """A spoiled file: half of them in their bytes, the others still of their kind."""
    kind = re.sub(r".*\.", "", name)
    if data.startswith(b"PK") and chance.random() < 0.4:
        return _spoiled_inside(data, chance)
    if kind in _INSIDE and chance.random() < 0.5:
        return _INSIDE[kind](data, chance)
    return spoiled(data, chance)


def workbook(rows: list[list[Any]]) -> bytes:
    """A small workbook of one sheet."""
    done = io.BytesIO()
    pd.DataFrame(rows).to_excel(done, index=False, header=False)
    return done.getvalue()
