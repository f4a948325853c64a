"""Spoiled files: each is read right or refused with one clear error, in time and in its folder.

``FUZZ_CASES`` is how many cases there are in all attacks, three quarters of them here;
``make fuzz`` makes a hundred thousand.
"""

import random
import sys
import tempfile
import warnings
from pathlib import Path

import pytest

from analysis.tables.file_checks import check_file

sys.path.append(str(Path(__file__).parent))
from good_files import own_cases, published_cases
from mutations import mutated

from conftest import Failure

with tempfile.TemporaryDirectory() as made:
    OWN = own_cases(Path(made))
    CASES = OWN | published_cases(Path(made))
WHOLE = sum(case.share for case in CASES.values())


@pytest.mark.parametrize("name", CASES)
def test_the_good_file_is_read(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    (tmp_path / case.name).write_bytes(case.data)
    case.reader(tmp_path / case.name)


@pytest.mark.parametrize("name", CASES)
def test_a_spoiled_file_is_read_or_refused(
    name: str, tmp_path: Path, failure: Failure, cases: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, chance = CASES[name], random.Random(f"{name}, 2026")
    folder = tmp_path / "inner"
    folder.mkdir()
    # code in a file that ran would leave its mark here
    monkeypatch.chdir(tmp_path)
    for number in range(round(0.75 * cases * case.share / WHOLE) + 1):
        data = mutated(case.name, case.data, chance)
        path = folder / case.name
        path.write_bytes(data)
        more = [check_file] if name in OWN and number % 10 == 0 else []
        for reader in (case.reader, *more):
            with warnings.catch_warnings():
                # what a library warns of in a file of another's is for its makers
                warnings.simplefilter("ignore")
                wrong = failure(reader, path)
            if wrong:
                kept = tmp_path.parent / f"spoiled-{number}-{case.name}"
                kept.write_bytes(data)
                pytest.fail(f"file {number} ({kept}): {wrong}")
    # nothing was written outside of the file's own folder
    assert {path.name for path in tmp_path.iterdir()} <= {"inner"}
