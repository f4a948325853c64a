"""A notebook under way in a process of its own on this machine, and its folder."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from analysis.runs.forks import Forks, forks
from analysis.runs.store import new_building

Request = dict[str, Any]


class Under(Protocol):
    """A notebook under way, wherever that is."""

    def progress(self) -> str:
        """How far it has come, in words; empty where nothing is known."""

    def has_ended(self) -> bool:
        """Whether there is an outcome."""

    def outcome(self) -> dict[str, Any]:
        """``{"ok": True, "folder": …}`` or ``{"ok": False, "error": …}``."""

    def close(self) -> None:
        """End it where it has not ended, and clear what is left of it."""


class Starter(Protocol):
    """Where notebooks are run."""

    at_once: int

    def start(self, request: Request, held: Sequence[int]) -> Under:
        """Start one; it holds open files (locks) until it has ended.

        Parameters
        ----------
        request : dict
            As for :func:`analysis.runs.execute.execute`, without ``building``; with ``runs``, the
            folder of all runs, and ``folder``, the one to work in.
        held : sequence of int
            Handles of the files.

        Raises
        ------
        OSError
            Where no folder can be made for it.
        """


class LocalRun:
    """A notebook in a process of this machine; see `Starter.start`."""

    def __init__(self, processes: Forks, request: Request, held: Sequence[int]) -> None:
        self._building, self._lock = new_building(request["name"], Path(request["runs"]))
        # the process shares our locks: they fall when both have ended
        handles = [*held, self._lock.handle]
        processes.start()
        self._process = subprocess.Popen(
            processes.command("analysis.runs.execute", held=handles),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**processes.environment, "JPY_PARENT_PID": str(os.getpid())},
            cwd=request["folder"],
            pass_fds=handles,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**request, "building": str(self._building)}))
        self._process.stdin.close()
        self._process.stdin = None

    def progress(self) -> str:
        """Line that the notebook wrote last."""
        line = self._building / "progress.txt"
        return line.read_text("utf-8") if line.is_file() else ""

    def has_ended(self) -> bool:
        """Whether the process has."""
        return self._process.poll() is not None

    def outcome(self) -> dict[str, Any]:
        """What the process printed last, or what its end looks like."""
        output, errors = self._process.communicate()
        try:
            return dict(json.loads(output.strip().splitlines()[-1]))
        except (IndexError, ValueError):
            last = (errors.strip().splitlines() or ["no message"])[-1]
            return {"ok": False, "error": f"the process of the notebook ended: {last}"}

    def close(self) -> None:
        """Kill the process where it runs; a folder that was not moved to its place goes."""
        if not self.has_ended():
            self._process.kill()
            self._process.communicate()
        shutil.rmtree(self._building, ignore_errors=True)
        self._lock.release()


class _ThisMachine:
    def __init__(self, processes: Forks, at_once: int) -> None:
        self._processes = processes
        self.at_once = at_once

    def start(self, request: Request, held: Sequence[int]) -> LocalRun:
        return LocalRun(self._processes, request, held)


@contextmanager
def this_machine(at_once: int = 0, given: Mapping[str, str] | None = None) -> Iterator[Starter]:
    """Run notebooks in processes of this machine.

    Parameters
    ----------
    at_once : int
        Notebooks at a time; 0 for as many as cores, at most four.
    given : mapping of str to str, optional
        Environment of the processes beyond the command's own.

    Yields
    ------
    Starter

    Examples
    --------
    >>> with this_machine(3) as place:
    ...     place.at_once
    3
    """
    environment = {**os.environ, "WORKBENCH_OFFLINE": "1", **(given or {})}
    with forks(environment) as processes:
        yield _ThisMachine(processes, at_once or min(4, os.cpu_count() or 1))
