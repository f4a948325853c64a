"""The three trials as typed tables, read once for all tests of effects."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.paths import raw_folder
from analysis.tables.published_trials import (
    read_job_corps,
    read_jtpa_women,
    read_nsw,
    read_nsw_cps,
    read_nsw_psid,
)
from analysis.tables.trials import Trial


@pytest.fixture(scope="session")
def job_corps(mirror: Path) -> Trial:
    return read_job_corps(mirror / "trials" / "JC.RData")


@pytest.fixture(scope="session")
def jtpa_women(mirror: Path) -> Trial:
    return read_jtpa_women(mirror / "trials" / "jtpa_women.rda")


@pytest.fixture(scope="session")
def nsw_file() -> Path:
    return _carried("jtrain2.csv.bz2")


@pytest.fixture(scope="session")
def nsw(nsw_file: Path) -> Trial:
    return read_nsw(nsw_file)


@pytest.fixture(scope="session")
def nsw_raw(nsw_file: Path) -> pd.DataFrame:
    """All columns of the published file, in thousands of dollars."""
    return pd.read_csv(nsw_file)


def _carried(name: str) -> Path:
    found = sorted(raw_folder().rglob(name))
    if not found:
        pytest.skip(f"no {name} under {raw_folder()} (fetch the sources first)")
    return found[0]


@pytest.fixture(scope="session")
def nsw_psid() -> Trial:
    return read_nsw_psid(_carried("jtrain3.csv.bz2"))


@pytest.fixture(scope="session")
def nsw_cps(nsw_file: Path) -> Trial:
    return read_nsw_cps(_carried("cps_mixtape.dta"), nsw_file)
