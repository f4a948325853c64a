"""Good files, and ways to spoil their bytes as editors, transfers and attackers do."""

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from analysis.framework import framework_path
from analysis.simulate.state import simulate_state

PIECES = (
    b"", b"\0", b'"', b"'", b",", b";", b"\t", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xf0\x9f\x98\x80", b"=1+1", b"-", b"--", b"NaN", b"inf", b"-inf", b"1e999", b"99" * 40,
    b"0x1f", b"../../etc/passwd", b"<script>alert(1)</script>", b"{", b"}", b"[", b"]", b"true",
    b"null", b"!!python/object:os.system", b"\xe2\x80\xae", b"%s%n", b"$1,234.50", b"1/2/2020",
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


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A spoiled file; of an archive, as often one that still opens."""
    if data.startswith(b"PK") and chance.random() < 0.5:
        return _spoiled_inside(data, chance)
    return spoiled(data, chance)


def _csv(rows: list[dict[str, object]]) -> bytes:
    return pd.DataFrame(rows).to_csv(index=False).encode()


def _parquet(rows: list[dict[str, object]]) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(rows).to_parquet(buffer)
    return buffer.getvalue()


def _records(folder: Path) -> bytes:
    path = folder / "records.csv"
    simulate_state(path, 40, seed=1)
    return path.read_bytes()


def _zip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("records.csv", content)
    return buffer.getvalue()


def _gzip(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(content) + packer.flush()


PEOPLE = [
    {"offered": i % 2, "earned": 1000.5 + 37 * i, "race": "Black" if i % 3 else "white",
     "age": 20 + i, "site": f"s{i % 4}"}
    for i in range(24)
]  # fmt: skip
OUTCOMES = [
    {"provider_id": f"p{i}", "cip_code": "51.0801", "state": "TX", "value": 0.5 + i / 100,
     "horizon": "quarter 2 after exit", "metric": "employed_share", "n": 40 + i}
    for i in range(12)
]  # fmt: skip
PROGRAMS = [
    {"program_key": f"k{i}", "provider_id": f"p{i}", "provider": "A, B & Co",
     "program": "Phlebotomy", "cip_code": "51.1009", "state": "TX", "city": "Waco",
     "cost": 900 + i, "weeks": 8}
    for i in range(12)
]  # fmt: skip
MOVES = [
    {"origin": "41-2011", "target": "31-9092", "weight": 12},
    {"origin": "35-3031", "target": "31-9091", "weight": 7.5},
]
WORKER = [
    {"kind": "job", "name": "Cashiers", "level": "", "years": 3, "years_ago": 0},
    {"kind": "skill", "name": "Reading Comprehension", "level": 3.5, "years": "", "years_ago": ""},
]
WORKERS = [
    {"worker": "w1", "origin": "Cashiers", "target": "Medical Assistants", "state": "TX"},
    {"worker": "w2", "origin": "Waiters", "target": "Dental Assistants", "state": "NJ"},
]
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "outputs": [],
         "execution_count": None, "source": "size: int = 3  # how many\nname: str = 'x'  # which"}
    ],
    "metadata": {"title": "t", "workbench": {"needs": [], "tables": []}},
    "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip


def good_files(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Name of a case to the file's name and its bytes."""
    records = _records(folder)
    return {
        "participants": ("people.csv", _csv(PEOPLE)),
        "participants in Parquet": ("people.parquet", _parquet(PEOPLE)),
        "outcomes": ("outcomes.csv", _csv(OUTCOMES)),
        "programs": ("programs.csv", _csv(PROGRAMS)),
        "moves": ("moves.csv", _csv(MOVES)),
        "worker": ("worker.csv", _csv(WORKER)),
        "worker in JSON": ("worker.json", json.dumps(WORKER).encode()),
        "workers": ("workers.csv", _csv(WORKERS)),
        "records": ("records.csv", records),
        "records in zip": ("records.zip", _zip(records)),
        "records in gzip": ("records.csv.gz", _gzip(records)),
        "framework": ("own.toml", framework_path().read_bytes()),
        "notebook": ("07_own.ipynb", json.dumps(NOTEBOOK).encode()),
    }


Reader = Callable[[Path], object]
