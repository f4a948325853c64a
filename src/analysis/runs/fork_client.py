"""Stands for a fork of the server (:file:`fork_server.py`): lives as long, ends it by its own end.

Run by its path with Python's bare core: ``fork_client.py FOLDER HELD MODULE ARGUMENT…``, where
``HELD`` names open files that the fork is to hold too (locks), as in ``5,6``. Where no fork can be
had it becomes an ordinary process of that module.
"""

import json
import os
import select
import signal
import socket
import struct
import sys

_HEADER = struct.Struct("!Q")
_NUMBER = struct.Struct("!i")


def _ask(
    folder: str, held: list[int], module: str, arguments: list[str]
) -> tuple[socket.socket, int]:
    """Ask the server for a fork: the connection to it, and its process id (0 where refused)."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(os.path.join(folder, "socket"))
    request = {
        "module": module,
        "arguments": arguments,
        "environment": dict(os.environ),
        "folder": os.getcwd(),
    }
    body = json.dumps(request).encode()
    socket.send_fds(connection, [_HEADER.pack(len(body))], [0, 1, 2, *held])
    connection.sendall(body)
    answer = connection.recv(_NUMBER.size)
    return connection, _NUMBER.unpack(answer)[0] if len(answer) == _NUMBER.size else 0


def _wait_for(connection: socket.socket, process: int, parent: int) -> int:
    """Wait for the end of a fork, and give its exit code; 1 where it was ended from outside."""
    signal.signal(signal.SIGINT, lambda *_: os.kill(process, signal.SIGINT))
    code = 1
    while os.getppid() == parent:
        if select.select([connection], [], [], 0.5)[0]:
            told = connection.recv(_NUMBER.size)
            if len(told) < _NUMBER.size:
                break
            code = _NUMBER.unpack(told)[0]
    return code


def _main() -> int:
    """Become what stands for the fork, or the process itself."""
    folder, held, module, *arguments = sys.argv[1:]
    handles = [int(handle) for handle in held.split(",") if handle]
    # named by Jupyter and by the runner: by the time that we ask, our parent may be another one
    parent = int(os.environ.get("JPY_PARENT_PID") or os.getppid())
    try:
        connection, process = _ask(folder, handles, module, arguments)
    except OSError:
        process = 0
    if not process:
        if os.getppid() != parent:
            # there is no fork since the one who wanted it is gone, and the server with it
            return 1
        os.execv(sys.executable, [sys.executable, "-m", module, *arguments])
    return _wait_for(connection, process, parent)


if __name__ == "__main__":
    sys.exit(_main())
