"""Locks between processes that fall away with the process that holds them, however it ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """A lock on a file: held until it is released or its last holder has ended.

    Parameters
    ----------
    path : Path
        File of the lock; made where it is missing.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "lock"
    >>> first, second = Lock(path), Lock(path)
    >>> first.take(), second.take()
    (True, False)
    >>> first.release()
    >>> second.take()
    True
    >>> second.release()
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handle = -1

    def take(self, *, shared: bool = False) -> bool:
        """Take the lock if it is free; False when another holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        # a process that is started with this handle holds the lock too
        os.set_inheritable(handle, True)
        self.handle = handle
        return True

    def release(self) -> None:
        """Give the lock back; a process that shares it keeps it until it ends."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


@contextmanager
def holding(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Wait for a lock and hold it for the block.

    Parameters
    ----------
    path : Path
        File of the lock.
    shared : bool
        Beside others that hold it shared, too.

    Yields
    ------
    None
        While the lock is held; it is let go when the block ends or raises.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "lock"
    >>> with holding(path, shared=True):
    ...     Lock(path).take(), Lock(path).take(shared=True)
    (False, True)
    """
    lock = Lock(path)
    while not lock.take(shared=shared):
        time.sleep(0.02)
    try:
        yield
    finally:
        lock.release()
