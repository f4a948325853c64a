"""What every attack uses: how many, how long, and what is wrong other than one clear error."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysis.errors import WorkbenchError

sys.path.append(str(Path(__file__).parent))

# of reading a spoiled file and of giving a command; no single one takes a second
SECONDS = 60
Failure = Callable[..., str]


@pytest.fixture(autouse=True)
def every_fault_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user reads one line about a fault of the workbench; an attack must see the fault itself."""
    monkeypatch.setenv("WORKBENCH_DEBUG", "1")


@pytest.fixture(scope="session")
def cases() -> int:
    """How many cases there are in all attacks together; ``make fuzz`` makes a hundred thousand."""
    return int(os.environ.get("FUZZ_CASES", "2000"))


@pytest.fixture
def failure() -> Iterator[Failure]:
    """What goes wrong other than one clear error, empty where nothing does; a hang is stopped."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"{SECONDS} seconds of computing")

    def of(act: Callable[..., object], *given: object) -> str:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            act(*given)
        except WorkbenchError as error:
            clear = error.problem and error.remedy and "Traceback" not in str(error)
            return "" if clear else f"an error that says nothing: {error}"
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return repr(error)[:500]
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        return ""

    before = signal.signal(signal.SIGVTALRM, stop)
    yield of
    signal.signal(signal.SIGVTALRM, before)
