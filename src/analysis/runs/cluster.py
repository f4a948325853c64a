"""Notebooks on the workers of a dask cluster: the same processes as here, somewhere else.

Workers see the same folders as the command (one file system) and have the same code: a run checks
both before it is kept. A notebook whose worker dies is given to another one; what the dead one had
begun is swept away, and results do not hang on who computed them.
"""

import logging
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from analysis.errors import DISK_FULL, is_disk_full
from analysis.paths import cache_folder, output_root, project_root, raw_folder
from analysis.runs.forks import Forks
from analysis.runs.local_run import LocalRun, Request, Starter
from analysis.spread import SCHEDULER, distributed_package, scheduler_client

if TYPE_CHECKING:
    from distributed import Client, Future

LOCAL = "local"
_FOLDERS = ("WORKBENCH_HOME", "WORKBENCH_OUTPUT")


@contextmanager
def workers_of(scheduler: str, at_once: int = 0) -> Iterator[Starter]:
    """Run notebooks on the workers of a cluster.

    Parameters
    ----------
    scheduler : str
        Address of a dask scheduler, as in ``tcp://host:8786``, or ``local`` for a cluster of this
        machine that lives as long as the block.
    at_once : int
        Notebooks at a time; by default as many as the cluster has threads.

    Yields
    ------
    Starter

    Raises
    ------
    WorkbenchError
        Where dask is not installed, or nobody answers at the address.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict("sys.modules", distributed=None), workers_of("local"):
    ...     pass
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: --scheduler needs the package 'distributed'. Install it: pip ...
    """
    with _cluster_client(scheduler, at_once) as client:
        yield _Workers(client, at_once or max(1, sum(client.nthreads().values())))


@contextmanager
def _cluster_client(scheduler: str, workers: int = 0) -> "Iterator[Client]":
    """Client of a scheduler, or of a cluster of this machine that lives as long as the block.

    Parameters
    ----------
    scheduler : str
        As for `workers_of`.
    workers : int
        Workers of a local cluster; by default as many as cores, at most four.

    Raises
    ------
    WorkbenchError
        Where dask is not installed, or nobody answers at the address.
    """
    if scheduler == LOCAL:
        distributed = distributed_package()
        with (
            distributed.LocalCluster(
                n_workers=workers or min(4, os.cpu_count() or 1),
                threads_per_worker=1, dashboard_address=":0",
                # notebooks are processes of their own, which dask does not see
                memory_limit=0, silence_logs=logging.CRITICAL,
            ) as made,
            distributed.Client(made, set_as_default=False) as client,
        ):  # fmt: skip
            yield client
        return
    with scheduler_client(scheduler) as client:
        yield client


@contextmanager
def parts_on(scheduler: str) -> Iterator[dict[str, str]]:
    """Environment in which notebooks give parts of their work to a cluster; empty for none.

    Parameters
    ----------
    scheduler : str
        As for :func:`workers_of`; empty for none.

    Yields
    ------
    dict of str to str
        Variables by name: the scheduler's address.

    Raises
    ------
    WorkbenchError
        Where dask is not installed, or nobody answers at the address.

    Examples
    --------
    >>> with parts_on("") as environment:
    ...     environment
    {}
    """
    if not scheduler:
        yield {}
        return
    with _cluster_client(scheduler) as client:
        yield {SCHEDULER: str(client.scheduler_info()["address"])}


class _Workers:
    def __init__(self, client: "Client", at_once: int) -> None:
        self._client = client
        self.at_once = at_once
        # a worker's own settings may name other folders
        self._environment = {
            **{name: value for name, value in os.environ.items() if name.startswith("ANALYSIS_")},
            "WORKBENCH_HOME": str(project_root()),
            "WORKBENCH_OUTPUT": str(output_root()),
            "WORKBENCH_CACHE": str(cache_folder()),
            "WORKBENCH_RAW": str(raw_folder()),
            "WORKBENCH_OFFLINE": "1",
        }

    def start(self, request: Request, held: Sequence[int]) -> "_ClusterRun":
        # the locks stay with the command: a worker ends what it began when the command is gone
        task = self._client.submit(run_there, request, self._environment, pure=False)
        return _ClusterRun(task)


class _ClusterRun:
    def __init__(self, task: "Future") -> None:
        self._task = task

    def progress(self) -> str:
        return ""

    def has_ended(self) -> bool:
        return bool(self._task.done())

    def outcome(self) -> dict[str, Any]:
        try:
            return dict(self._task.result())
        except Exception as error:
            # whatever a worker raised, or what became of it
            return {"ok": False, "error": f"its worker failed ({type(error).__name__}: {error})"}

    def close(self) -> None:
        if not self.has_ended():
            self._task.cancel()


def run_there(request: Request, environment: dict[str, str]) -> dict[str, Any]:
    """On a worker: run one notebook in a process of its own, and give its outcome.

    Parameters
    ----------
    request : dict
        As for :meth:`analysis.runs.local_run.Starter.start`.
    environment : dict of str to str
        What the command's environment has, among it ``WORKBENCH_HOME`` and ``WORKBENCH_OUTPUT``.

    Returns
    -------
    dict
        ``{"ok": True, "folder": …}`` or ``{"ok": False, "error": …}``: a folder that the worker
        does not see, a full disk, or what went wrong in the notebook.

    Raises
    ------
    OSError
        Any but a full disk, where the folder of the run cannot be made.

    Examples
    --------
    >>> run_there({"folder": "no_such_folder"}, dict.fromkeys(_FOLDERS, "."))["error"]
    'worker ... does not see no_such_folder: workers need the same folders as the command'
    """
    for folder in (request["folder"], *(environment[name] for name in _FOLDERS)):
        if not Path(folder).is_dir():
            return {
                "ok": False,
                "error": f"worker {socket.gethostname()} does not see {folder}: workers need the "
                "same folders as the command",
            }
    try:
        # the folder of the run is made here, with this worker's own lock on it
        run = LocalRun(_processes(tuple(sorted(environment.items()))), request, [])
    except OSError as error:
        if not is_disk_full(error):
            raise
        return {"ok": False, "error": DISK_FULL}
    try:
        while not run.has_ended():
            time.sleep(0.05)
        return run.outcome()
    finally:
        run.close()


@cache
def _processes(environment: tuple[tuple[str, str], ...]) -> Forks:
    """Forks of this worker, which end with it and take their folder along."""
    return Forks(Path(mkdtemp(prefix="workbench-")), {**os.environ, **dict(environment)})
