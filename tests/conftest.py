"""What every test may use: the data mirror where this machine has one."""

import fcntl
import importlib.util
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from hypothesis import settings

from analysis.paths import project_root
from analysis.simulate.state import SimulatedState, simulate_state
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_records import Records, read_wioa_records

# how long an example takes says how busy the machine is, and nothing about the code
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder of the data mirror; a test that needs it is skipped, with the reason, without it."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ANALYSIS_MIRROR") or default)
    if not (folder / "SHA256SUMS").is_file():
        pytest.skip(f"no data mirror at {folder} (set ANALYSIS_MIRROR)")
    return folder


@pytest.fixture(scope="session")
def workbook(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., pd.DataFrame]:
    """``workbook(reader, file, *given)``: a workbook of O*NET, read once for all tests.

    All processes of a test run share what the first one has read; each caller has a copy.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "workbooks"
    folder.mkdir(exist_ok=True)

    def read(reader: Callable[..., pd.DataFrame], file: str, *given: str) -> pd.DataFrame:
        kept = folder / "-".join([reader.__name__, file, *given])
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.is_file():
                frame = reader(mirror / "onet-29.2" / file, *given)
                kept.write_bytes(pickle.dumps(frame))
        return pickle.loads(kept.read_bytes())

    return read


@pytest.fixture(scope="session")
def script() -> Callable[[str], ModuleType]:
    """Load a script of the project that is in no package, by its path, as a module."""

    def load(path: str) -> ModuleType:
        file = project_root() / path
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedState:
    """A simulated state of thirty thousand people, in the layout of the public WIOA file."""
    path = tmp_path_factory.mktemp("simulated") / "state.csv"
    return simulate_state(path, 30_000, seed=11)


@pytest.fixture(scope="session")
def simulated_records(simulated: SimulatedState) -> Records:
    """Its typed records, as the workbench reads them."""
    return read_wioa_records(simulated.path, simulated.path.with_suffix(".parquet"))


@pytest.fixture(scope="session")
def simulated_text(simulated: SimulatedState) -> pd.DataFrame:
    """Its text as pandas reads it; rows that must be rejected are taken out by hand."""
    names = {element.heading: element.column for element in wioa_layout().elements}
    text = pd.read_csv(simulated.path, dtype="str", usecols=list(names)).rename(columns=names)
    entry = pd.to_datetime(text["entry_date"], format="%Y%m%d", errors="coerce")
    leave = pd.to_datetime(text["exit_date"], format="%Y%m%d", errors="coerce")
    bad = ((text["reportable_individual"] == "0") & entry.isna()) | (leave < entry)
    kept = text.assign(entry=entry, leave=leave)[~bad]
    return kept.drop_duplicates(["state", "person", "exit_date"])
