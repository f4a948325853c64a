"""Archives that would fill the disk, rows without an end, locked archives: one clear error."""

import gzip
import zipfile
from pathlib import Path

import pytest

from analysis.errors import WorkbenchError
from analysis.tables import plain_text
from analysis.tables.plain_text import as_plain_text


def taken(path: Path, folder: Path) -> bytes:
    with as_plain_text(path, folder) as found:
        return found.path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "beside"
    made.mkdir()
    return made


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_a_bomb_is_stopped_and_leaves_nothing(
    kind: str, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_text, "_LARGEST_UNASKED", 1 << 23)
    path = tmp_path / f"bomb.csv.{kind}"
    content = b"a,b\n" * 6_000_000
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("bomb.csv", content)
    else:
        path.write_bytes(gzip.compress(content))
    assert path.stat().st_size * plain_text._LARGEST_RATIO < len(content)
    with pytest.raises(WorkbenchError, match="unpacks to more than 400 times its size"):
        taken(path, folder)
    assert list(folder.iterdir()) == []


def test_a_large_file_that_packs_well_is_read(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_text, "_LARGEST_UNASKED", 1 << 16)
    content = b"".join(b"%d,%s\n" % (i, b"," * 300) for i in range(3_000))
    path = tmp_path / "wide.csv.gz"
    path.write_bytes(gzip.compress(content))
    assert len(content) > 30 * path.stat().st_size
    assert taken(path, folder) == content


@pytest.mark.parametrize("ending", [b"", b"\na,b\n"])
def test_a_row_without_an_end_is_refused(ending: bytes, tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "line.csv"
    path.write_bytes(b"a,b\n" + b"1," * (plain_text._LONGEST_ROW // 2 + plain_text._CHUNK) + ending)
    with pytest.raises(WorkbenchError, match=r"line\.csv, row 2: longer than 32 megabytes"):
        taken(path, folder)


def test_a_locked_archive_and_an_unknown_way_of_packing(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.csv", "a,b\n1,2\n")
    good = path.read_bytes()
    for place, value in ((6, 1), (8, 99)):
        # flag and way of packing stand in the file's own header and, two further, in the directory
        spoiled = bytearray(good)
        directory = good.index(b"PK\x01\x02")
        spoiled[place] = spoiled[directory + place + 2] = value
        path.write_bytes(spoiled)
        with pytest.raises(WorkbenchError, match=r"locked\.zip: the archive cannot be opened"):
            taken(path, folder)
