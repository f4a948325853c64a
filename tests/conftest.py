"""What every test may use: the data mirror where this machine has one."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder of the data mirror; a test that needs it is skipped, with the reason, without it."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ANALYSIS_MIRROR") or default)
    if not (folder / "SHA256SUMS").is_file():
        pytest.skip(f"no data mirror at {folder} (set ANALYSIS_MIRROR)")
    return folder
