"""Files that are small and stand for gigabytes: refused within a little memory and time.

Each is read in a process of its own whose memory is limited: a blow-up ends that process and not
the machine. ``FUZZ_LARGE=1`` (``make fuzz``) adds those that take a minute to make.
"""

import gzip
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.append(str(Path(__file__).parent))
from good_files import NOTEBOOK
from mutations import workbook


def _inside(data: bytes, member: str, content: bytes) -> bytes:
    """A workbook with one member replaced or added."""
    done = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as whole,
        zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in dict.fromkeys([*whole.namelist(), member]):
            packed.writestr(name, content if name == member else whole.read(name))
    return done.getvalue()


_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
)
_BOOK = workbook([["reportingstate", "b"], ["x", 1]])


def _sheet(rows: str) -> bytes:
    content = _SHEET.format(f"<sheetData>{rows}</sheetData>").encode()
    return _inside(_BOOK, "xl/worksheets/sheet1.xml", content)


def far_cell() -> bytes:
    """One cell at the last place of a sheet."""
    return _sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def shared_texts() -> bytes:
    """A gigabyte of texts in a megabyte."""
    texts = b"<sst>" + b"<si><t>aaaaaaaaaaaaaaaa</t></si>" * (1 << 24) + b"</sst>"
    return _inside(_BOOK, "xl/sharedStrings.xml", texts)


def entities() -> bytes:
    """Entities within entities, a thousand million of the innermost."""
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    declared = f'<!DOCTYPE x [<!ENTITY e0 "ha">{names}]>'
    content = declared + _SHEET.format(
        '<sheetData><row r="1"><c r="A1" t="str"><v>&e9;</v></c></row></sheetData>'
    )
    return _inside(_BOOK, "xl/worksheets/sheet1.xml", content.encode())  # fmt: skip


def many_rows() -> bytes:
    """A Parquet file of a few kilobytes with a thousand million equal rows."""
    done = io.BytesIO()
    count = 1_000_000
    table = pa.table({"offered": pa.nulls(count, pa.int8())})
    with pq.ParquetWriter(done, table.schema) as writer:
        for _ in range(1000):
            writer.write_table(table, row_group_size=count)
    return done.getvalue()


class _Mark:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch CANARY",)


def code_in_parquet() -> bytes:
    """A column of a kind that older readers made by unpickling."""
    given = {"ARROW:extension:name": "arrow.py_extension_type",
             "ARROW:extension:metadata": pickle.dumps(_Mark())}  # fmt: skip
    table = pa.table([pa.array([0, 1])], schema=pa.schema([pa.field("offered", pa.int64(),
                                                                     metadata=given)]))  # fmt: skip
    done = io.BytesIO()
    pq.write_table(table, done)
    return done.getvalue()


def notebook_with(source: str) -> bytes:
    """A notebook whose parameters are something else."""
    content = json.loads(json.dumps(NOTEBOOK))
    content["cells"][0]["source"] = source
    return json.dumps(content).encode()


def _wide(count: int) -> bytes:
    return ",".join(f"c{n}" for n in range(count)).encode() + b"\n" + b"1," * (count - 1) + b"1\n"


DEEP = 100_000
FILES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "cell far away": ("b.xlsx", "read_etp_bulk", far_cell),
    "entities": ("b.xlsx", "read_etp_bulk", entities),
    "million headings": ("b.csv", "participants", lambda: _wide(1_000_000)),
    "million headings, checked": ("b.csv", "check_file", lambda: _wide(1_000_000)),
    "million headings of records": (
        "b.csv", "records", lambda: _wide(1_000_000).replace(b"c1,", b"PIRL 201,")),
    "million rows without values": ("b.csv", "read_moves", lambda: b"a,b\n" + b",\n" * 300_000),
    "one cell of megabytes": ("b.csv", "participants", lambda: b"a,b\n" + b"x" * 40_000_000),
    "nested TOML": ("b.toml", "load_framework", lambda: b"a = " + b"[" * DEEP),
    "nested tables": ("b.toml", "load_framework", lambda: b"[" + b"a." * DEEP + b"a]\n"),
    "number of digits": ("b.toml", "load_framework", lambda: b"a = " + b"9" * DEEP),
    "nested JSON": ("b.json", "read_worker_record", lambda: b"[" * DEEP),
    "nested objects": ("b.json", "read_worker_record", lambda: b'{"a":' * DEEP),
    "nested figures": ("b.json", "read_key_figures", lambda: b"[" * DEEP),
    "nested notebook": ("7_b.ipynb", "read_notebook", lambda: b'{"cells":' * DEEP),
    "nested value": ("7_b.ipynb", "read_notebook",
        lambda: notebook_with("a: int = " + "-" * DEEP + "1")),
    "long sum": ("7_b.ipynb", "read_notebook", lambda: notebook_with("a: int = 1" + "+1" * DEEP)),
    "code for a value": (
        "7_b.ipynb", "read_notebook",
        lambda: notebook_with("a: str = __import__('os').system('touch CANARY')  # x")),
    "code for a type": (
        "7_b.ipynb", "read_notebook",
        lambda: notebook_with("a: __import__('os').system('touch CANARY') = 1")),
    "code in Parquet": ("b.parquet", "participants", code_in_parquet),
}  # fmt: skip
LARGE: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "texts of a workbook": ("b.xlsx", "read_etp_bulk", shared_texts),
    "million million cells": ("b.parquet", "participants", many_rows),
    "wages": ("b.gz", "read_wages", lambda: gzip.compress(bytes(6 << 30), 1)),
    "records in gzip": ("b.csv.gz", "records", lambda: gzip.compress(b"a,b\n" * (1 << 28))),
}


# nothing but a length: they take no room on the disk
ENDLESS = {
    f"ten gigabytes of one line, {reader} of {name}": (name, reader)
    for name, reader in (
        ("b.csv", "participants"), ("b.csv", "records"), ("b.csv", "check_file"),
        ("b.xlsx", "read_etp_bulk"), ("b.parquet", "participants"), ("b.toml", "load_framework"),
        ("b.json", "read_worker_record"), ("b.json", "read_key_figures"),
        ("7_b.ipynb", "read_notebook"),
    )
}  # fmt: skip
ASKED = FILES | (LARGE if os.environ.get("FUZZ_LARGE") else {})


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """What each reader said, with the folder that it had."""
    paths = {}
    for place, (case, (name, reader, *make)) in enumerate({**ASKED, **ENDLESS}.items()):
        path = tmp_path_factory.mktemp(f"bomb{place}") / name
        path.write_bytes(make[0]() if make else b"a,b")
        if not make:
            os.truncate(path, 10 << 30)
        paths[case] = (path, reader)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("bombs_read.py"))], capture_output=True,
        input=json.dumps([(str(path), reader) for path, reader in paths.values()]),
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1500:]
    told = json.loads(done.stdout.splitlines()[-1])
    return {case: (paths[case][0], said) for case, said in zip(paths, told, strict=True)}


@pytest.mark.parametrize("case", [*ASKED, *ENDLESS])
def test_a_bomb_is_refused_in_a_little_memory_and_runs_nothing(
    case: str, answers: dict[str, tuple[Path, str]]
) -> None:
    path, told = answers[case]
    assert told.startswith("refused: "), told
    assert len(told) < 5000
    assert {one.name for one in path.parent.iterdir()} <= {path.name}
