"""Spoiled files: each is read right or refused with one clear error, in time and in its folder.

``FUZZ_CASES`` is how many files are spoiled in all; ``make fuzz`` spoils a hundred thousand.
"""

import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.parameters import read_notebook
from analysis.tables.file_checks import check_file
from analysis.tables.moves import read_moves
from analysis.tables.user_files import read_participants, read_user_table
from analysis.tables.wioa_records import read_wioa_records
from analysis.tables.worker_record import read_worker_record
from analysis.tables.workers import read_workers

sys.path.append(str(Path(__file__).parent))
from mutations import Reader, good_files, mutated

CASES = int(os.environ.get("FUZZ_CASES", "2000"))
# no reader takes a second on files of this size; a hang is not a slow machine
SECONDS = 60


def participants(path: Path) -> object:
    return read_participants(
        path, treatment="offered", outcome="earned", groups=["race"], covariates=["age"],
        stratum="site",
    )  # fmt: skip


READERS: dict[str, Reader] = {
    "participants": participants,
    "participants in Parquet": participants,
    "outcomes": lambda path: read_user_table(path, "outcomes"),
    "programs": lambda path: read_user_table(path, "programs"),
    "moves": read_moves,
    "worker": read_worker_record,
    "worker in JSON": read_worker_record,
    "workers": read_workers,
    "records": lambda path: read_wioa_records(path, path.with_suffix(".parquet")),
    "records in zip": lambda path: read_wioa_records(path, path.with_suffix(".parquet")),
    "records in gzip": lambda path: read_wioa_records(path, path.with_suffix(".parquet")),
    "framework": load_framework,
    "notebook": read_notebook,
}


# files of five hundred columns take a hundred times as long as the others: fewer of them
SHARES = {case: 0.1 if case.startswith("records") else 1.0 for case in READERS}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, bytes]]:
    return good_files(tmp_path_factory.mktemp("good"))


@pytest.fixture
def in_time() -> Iterator[None]:
    """A reader that hangs is stopped, and told from a slow machine by a wide limit."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"a reader took {SECONDS} seconds of computing")

    before = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def failure(reader: Reader, path: Path) -> str:
    """What goes wrong other than one clear error; empty where nothing does."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        reader(path)
    except WorkbenchError as error:
        clear = error.problem and error.remedy and "Traceback" not in str(error)
        return "" if clear else f"an error that says nothing: {error}"
    except Exception as error:
        return repr(error)
    return ""


@pytest.mark.parametrize("case", READERS)
def test_the_good_file_is_read(case: str, files: dict, tmp_path: Path) -> None:
    name, data = files[case]
    (tmp_path / name).write_bytes(data)
    READERS[case](tmp_path / name)


@pytest.mark.parametrize("case", READERS)
def test_a_spoiled_file_is_read_or_refused(
    case: str, files: dict, tmp_path: Path, in_time: None
) -> None:
    name, good = files[case]
    chance = random.Random(f"{case}, 2026")
    folder = tmp_path / "inner"
    folder.mkdir()
    for number in range(round(CASES * SHARES[case] / sum(SHARES.values())) + 1):
        data = mutated(good, chance)
        path = folder / name
        path.write_bytes(data)
        for reader in (READERS[case], *([check_file] if number % 10 == 0 else [])):
            if wrong := failure(reader, path):
                kept = tmp_path.parent / f"spoiled-{number}-{name}"
                kept.write_bytes(data)
                pytest.fail(f"file {number} ({kept}): {wrong}")
    # nothing was written outside of the file's own folder
    assert {path.name for path in tmp_path.iterdir()} <= {"inner"}
