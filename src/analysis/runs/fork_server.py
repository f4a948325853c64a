"""A process with the heavy packages loaded: whoever asks gets a fork of it, ready at once.

Run by its path: it holds no module of the workbench, so that a fork loads the
package's code as it stands at that moment and knows which of it was read. It forks while it has one
thread, or not at all; who is refused starts an ordinary process (:file:`fork_client.py`).
Arguments: the number of the open socket that it listens at, and the folder that ends with it.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Mapping
from typing import Any

# the order is of no meaning but one: what papermill needs comes first
PRELOADED = (
    "papermill", "nbclient.exceptions", "nbformat", "ipykernel.kernelapp", "ipykernel.ipkernel",
    "ipykernel.zmqshell", "IPython.core.completer", "nbconvert.filters.markdown_mistune", "jinja2",
    "numpy", "pandas", "python_calamine", "pyarrow.compute", "pyarrow.csv", "pyarrow.dataset",
    "pyarrow.parquet",
    "scipy.optimize", "scipy.sparse", "scipy.special", "scipy.stats", "duckdb", "pydantic",
    "pandera.pandas", "matplotlib.figure", "matplotlib.pyplot", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg", "seaborn", "sklearn.decomposition", "sklearn.ensemble",
    "sklearn.feature_extraction.text", "sklearn.isotonic", "sklearn.linear_model",
    "sklearn.manifold", "sklearn.metrics", "sklearn.preprocessing", "statsmodels.formula.api",
    "statsmodels.stats.proportion", "threadpoolctl", "tokenizers", "packaging.requirements",
    "packaging.utils", "pooch", "requests", "rdata",
)  # fmt: skip
# what a process takes in only when it starts: a fork cannot be given other values
_AT_START = ("PYTHON", "OPENBLAS", "OMP_", "MKL_", "MPL", "LC_", "LANG", "LD_", "TZ")
# a dozen grammars for addresses, built at import for two seconds; notebooks have no use for them
_NOT_NEEDED = "rfc3987_syntax"
REFUSED = 0
HEADER = struct.Struct("!Q")
NUMBER = struct.Struct("!i")
_MOST_HANDLES = 32


def _main(handle: int, folder: str) -> None:
    """Load the packages, then fork for every request.

    Ends when its input does: with whoever started it, however that ended.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # its own folder would come before the standard library
    del sys.path[0]
    with socket.socket(fileno=handle) as listening:
        request = _next_request(listening) if _loaded() else None
    if request:
        _run(*request)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        # nothing is left to do; taking all packages down would keep the caller waiting
        os._exit(0)


def _loaded() -> bool:
    # read by the kernel's package when it is loaded: whom a kernel watches, to end with it
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    sys.modules[_NOT_NEEDED] = None  # type: ignore[assignment]
    for name in PRELOADED:
        if _readable(sys.stdin.fileno(), seconds=0):
            return False
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    del sys.modules[_NOT_NEEDED]
    # a fork shares these pages with the server for as long as nobody sweeps over them
    gc.collect()
    gc.freeze()
    return True


def _readable(*handles: int, seconds: float) -> list[int]:
    return select.select(handles, [], [], seconds)[0]


def _next_request(listening: socket.socket) -> tuple[dict[str, Any], socket.socket] | None:
    """In the server: None at its end. In each fork: the request, with its caller's connection."""
    waiting = (sys.stdin.fileno(), listening.fileno())
    while True:
        ready = _readable(*waiting, seconds=1.0)
        # forks that have ended give their place, and what they used, to the server
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if waiting[0] in ready:
            return None
        if waiting[1] in ready:
            caller, _ = listening.accept()
            with contextlib.suppress(OSError, ValueError):
                if forked := _forked(caller):
                    return forked
            caller.close()


def _forked(caller: socket.socket) -> tuple[dict[str, Any], socket.socket] | None:
    caller.settimeout(5.0)
    header, handles, _, _ = socket.recv_fds(caller, HEADER.size, _MOST_HANDLES)
    try:
        request = json.loads(_received(caller, HEADER.unpack(header)[0]))
        if at_start(request["environment"]) != at_start(os.environ) or _threads() > 1:
            caller.sendall(NUMBER.pack(REFUSED))
            return None
        server = os.getpid()
        child = os.fork()
        if child:
            caller.sendall(NUMBER.pack(child))
            return None
        try:
            _take_on(request, handles)
            threading.Thread(target=_end_with, args=(caller, server), daemon=True).start()
        except BaseException:
            # never on into the server's own work
            traceback.print_exc()
            os._exit(1)
        # they are the fork's now, with the locks that they hold
        handles = []
        return request, caller
    finally:
        for handle in handles:
            os.close(handle)


def _received(caller: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = caller.recv(min(length, 1 << 16))
        if not part:
            raise OSError("the caller has ended")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a process takes in only when it starts.

    Parameters
    ----------
    environment : mapping of str to str

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> at_start({"TZ": "UTC", "WORD": "any"})
    {'TZ': 'UTC'}
    """
    return {name: value for name, value in environment.items() if name.startswith(_AT_START)}


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))


def _take_on(request: dict[str, Any], handles: list[int]) -> None:
    """Make this process what an ordinary one would be that the caller started."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for own, handle in enumerate(handles[:3]):
        os.dup2(handle, own)
        os.close(handle)
    os.environ.clear()
    os.environ.update(request["environment"], JPY_PARENT_PID=str(os.getppid()))
    os.chdir(request["folder"])
    sys.argv = [request["module"], *request["arguments"]]
    # all forks would draw the same numbers where code takes them from the global state
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _end_with(caller: socket.socket, server: int) -> None:
    """End this process when its caller or the server has ended, however that was."""
    while os.getppid() == server:
        if _readable(caller.fileno(), seconds=0.5):
            break
    os._exit(1)


def _run(request: dict[str, Any], caller: socket.socket) -> None:
    """Run a module as the main one, and tell the caller its exit code."""
    code = 1
    try:
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise
    finally:
        sys.stdout.flush()
        caller.sendall(NUMBER.pack(code))


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2])
