"""Files of carriers: whatever of them has been fetched to the folder of raw files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.paths import raw_folder


@pytest.fixture(scope="session")
def carried() -> Callable[[str], Path]:
    """Path of a carrier's file by its name; the test is skipped, with the reason, without it."""

    def find(name: str) -> Path:
        found = sorted(raw_folder().rglob(name))
        if not found:
            pytest.skip(f"no {name} under {raw_folder()} (fetch the sources first)")
        return found[0]

    return find
