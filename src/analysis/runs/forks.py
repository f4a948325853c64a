"""Processes that start at once, as forks of one that has loaded the packages, where that is safe.

The server of forks (:file:`fork_server.py`) starts with the first process that is asked for and
ends with the block. Its folder is one of Jupyter's: a kernelspec there named ``python3`` gives
papermill, nbval and any other client a fork for a kernel. What runs under ``workbench preloaded``
takes the server that is there.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import WorkbenchError
from analysis.runs.fork_server import at_start

_HERE = Path(__file__).parent
# several kernels share the cores; spinning threads of a math library slow all of them, and a
# process with threads cannot be forked
_SETTINGS = {
    "MPLBACKEND": "agg",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
# folder of the server of forks that a command runs under
_SHARED = "WORKBENCH_FORKS"
# in that folder: the part of its environment that forks cannot have otherwise
_FIXED = "at_start.json"


class Forks:
    """A server of forks, started when it is first needed.

    Parameters
    ----------
    folder : Path
        An empty folder of its own, for this user alone.
    given : mapping of str to str
        Environment of the processes.
    shared : bool
        Whether a server of somebody else runs there, who ends it as well.
    """

    def __init__(self, folder: Path, given: Mapping[str, str], *, shared: bool = False) -> None:
        self._folder = folder
        self._shared = shared
        self._server: subprocess.Popen[bytes] | None = None
        paths = [str(folder), *filter(None, [given.get("JUPYTER_PATH")])]
        jupyter = {"JUPYTER_PATH": os.pathsep.join(paths)}
        self.environment = {**given, **_SETTINGS, **jupyter, _SHARED: str(folder)}
        self._one_start = threading.Lock()

    def command(self, module: str, *arguments: str, held: Sequence[int] = ()) -> list[str]:
        """Command of a process that runs a module and holds open files, as forked where it can be.

        The one who starts it gives it :attr:`environment` and the files (``pass_fds``).
        """
        handles = ",".join(map(str, held))
        client = [sys.executable, "-I", "-S", str(_HERE / "fork_client.py")]
        return [*client, str(self._folder), handles, module, *arguments]

    def start(self) -> None:
        """Start the server where it does not run yet; elsewhere than on Linux forks are unsafe."""
        with self._one_start:
            if not self._server and not self._shared and sys.platform.startswith("linux"):
                self._start()

    def _start(self) -> None:
        kernel = {
            "argv": self.command("ipykernel_launcher", "-f", "{connection_file}"),
            "display_name": "Python 3",
            "language": "python",
        }
        specification = self._folder / "kernels" / "python3" / "kernel.json"
        specification.parent.mkdir(parents=True)
        specification.write_text(json.dumps(kernel), "utf-8")
        (self._folder / _FIXED).write_text(json.dumps(at_start(self.environment)), "utf-8")
        with socket.socket(socket.AF_UNIX) as listening:
            try:
                listening.bind(str(self._folder / "socket"))
            except OSError:
                # too long a path for a socket: processes start as ordinary ones do
                return
            # requests wait here until the packages are loaded
            listening.listen(64)
            handle = listening.fileno()
            self._server = subprocess.Popen(
                [sys.executable, str(_HERE / "fork_server.py"), str(handle), str(self._folder)],
                env=self.environment,
                pass_fds=[handle],
                # it ends when this does
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def end(self) -> None:
        """End the server and all its forks."""
        if self._server:
            try:
                # the end of its input lets it collect what its forks used; it may be loading still
                self._server.communicate(timeout=1.0)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.communicate()


@contextmanager
def forks(given: Mapping[str, str]) -> Iterator[Forks]:
    """A server of forks for the block; it starts with the first process that is asked for.

    Parameters
    ----------
    given : mapping of str to str
        Environment of the processes. What comes from under a server that can give a process this
        environment is served by that one.

    Yields
    ------
    Forks

    Examples
    --------
    >>> with forks({"NAME": "value"}) as served:
    ...     served.environment["NAME"], served.environment["OMP_NUM_THREADS"]
    ('value', '1')
    """
    above = given.get(_SHARED, "")
    if above and _serves(Path(above), given):
        yield Forks(Path(above), given, shared=True)
        return
    with tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True) as folder:
        served = Forks(Path(folder), given)
        try:
            yield served
        finally:
            served.end()


def _serves(folder: Path, given: Mapping[str, str]) -> bool:
    """Whether a server's folder is there, and its forks can have an environment."""
    try:
        fixed = json.loads((folder / _FIXED).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(fixed == at_start({**given, **_SETTINGS}))


def run_with_forks(command: Sequence[str]) -> int:
    """Run a command whose notebook kernels are forks.

    Parameters
    ----------
    command : sequence of str
        Its words.

    Returns
    -------
    int
        Its exit code.

    Raises
    ------
    WorkbenchError
        Where no command is named, or there is none of that name.

    Examples
    --------
    >>> run_with_forks([])
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: no command to run. Name one: workbench preloaded papermill …
    """
    if not command:
        raise WorkbenchError("no command to run", "Name one: workbench preloaded papermill …")
    with forks(os.environ) as served:
        served.start()
        try:
            return subprocess.run(command, env=served.environment, check=False).returncode
        except FileNotFoundError:
            raise WorkbenchError(
                f"{command[0]}: no such command", "Check its name, or give its whole path."
            ) from None
