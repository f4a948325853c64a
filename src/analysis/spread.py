"""One function over many parts, here or on the workers of a dask cluster, to the last digit alike.

Where ``WORKBENCH_SCHEDULER`` names a scheduler (``workbench run --scheduler`` sets it), parts go
to its workers, which see the same folders and have the same code. A part whose worker dies goes
to another. Parts are cut by the caller and never by the number of workers, and each is computed
with one thread of the math library: that is why nothing hangs on who computed it.
"""

import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from threadpoolctl import threadpool_limits

from analysis.errors import WorkbenchError
from analysis.paths import cache_folder

if TYPE_CHECKING:
    from distributed import Client

SCHEDULER = "WORKBENCH_SCHEDULER"
_SECONDS = 15

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Result = TypeVar("Result")


def spread(
    task: Callable[[Shared, Part], Result], shared: Shared, parts: Sequence[Part]
) -> Iterator[Result]:
    """Results of ``task(shared, part)`` in the order of the parts.

    Parameters
    ----------
    task : callable
        A function of a module, which workers can import.
    shared : object
        What all parts need; it travels once, as a file that the workers read.
    parts : sequence
        What each call is for; small.

    Yields
    ------
    object
        One result for each part.

    Raises
    ------
    WorkbenchError
        Where the scheduler does not answer, or dask is not installed.

    Examples
    --------
    >>> def product(shared: int, part: int) -> int:
    ...     return shared * part
    >>> list(spread(product, 10, [1, 2, 3]))
    [10, 20, 30]
    """
    address = os.environ.get(SCHEDULER)
    if address and len(parts) > 1:
        yield from _on_workers(address, task, shared, parts)
        return
    for part in parts:
        yield _with_one_thread(task, shared, part)


def distributed_package() -> ModuleType:
    """The package that dask's schedulers and clients are in, or an error that says how to get it.

    Returns
    -------
    module

    Raises
    ------
    WorkbenchError
        Where it is not installed.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict("sys.modules", distributed=None):
    ...     distributed_package()
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: --scheduler needs the package 'distributed'. Install it: pip ...
    """
    try:
        import distributed
    except ImportError:
        raise WorkbenchError(
            "--scheduler needs the package 'distributed'",
            "Install it: pip install -e '.[scale]'",
        ) from None
    return distributed


def scheduler_client(address: str) -> "Client":
    """Client of a dask scheduler, as in ``tcp://host:8786``.

    Parameters
    ----------
    address : str

    Returns
    -------
    Client
        A context manager, which closes it.

    Raises
    ------
    WorkbenchError
        Where dask is not installed, or nobody answers at the address.

    Examples
    --------
    >>> from unittest.mock import Mock, patch
    >>> nobody = Mock(Client=Mock(side_effect=OSError("timed out")))
    >>> with patch.dict("sys.modules", distributed=nobody):
    ...     scheduler_client("tcp://host:8786")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: no dask scheduler answers at 'tcp://host:8786'. Start one ...
    """
    distributed = distributed_package()
    try:
        return distributed.Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkbenchError(
            f"no dask scheduler answers at '{address}'",
            "Start one ('dask scheduler') and give its address, as in tcp://host:8786, or 'local'.",
        ) from error


def _with_one_thread(task: Callable[[Any, Any], Any], shared: Any, part: Any) -> Any:
    with threadpool_limits(1):
        return task(shared, part)


def _on_workers(
    address: str, task: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]
) -> Iterator[Any]:
    client = scheduler_client(address)
    cache_folder().mkdir(parents=True, exist_ok=True)
    with client, TemporaryDirectory(dir=cache_folder(), prefix=".spread-") as folder:
        place = Path(folder) / "shared"
        # a folder that only this user can enter, gone with the block: no one else's pickle
        place.write_bytes(pickle.dumps(shared))
        futures = [client.submit(_there, task, str(place), part, pure=False) for part in parts]
        for future in futures:
            yield future.result()


def _there(task: Callable[[Any, Any], Any], place: str, part: Any) -> Any:
    return _with_one_thread(task, _read(place), part)


@lru_cache(maxsize=1)
def _read(place: str) -> Any:
    return pickle.loads(Path(place).read_bytes())
