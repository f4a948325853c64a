"""What a user sees when an input cannot be used: one error that names the place and the remedy."""

import errno

DISK_FULL = (
    "the disk is full; earlier results are whole. Make room ('workbench clean'), then run again"
)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that a file could not grow: no room, or a limit was reached.

    Examples
    --------
    >>> is_disk_full(OSError(errno.ENOSPC, "no room")), is_disk_full(FileNotFoundError("gone"))
    (True, False)
    """
    number = getattr(error, "errno", None)
    return isinstance(error, OSError) and number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class WorkbenchError(Exception):
    """An input, parameter or source that cannot be used.

    Parameters
    ----------
    problem : str
        What is wrong and where: the file, column, row or parameter by name.
    remedy : str
        What the reader can do about it.

    Examples
    --------
    >>> raise WorkbenchError("a.csv, column age, row 3: 'old' is no number", "Write one.")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: a.csv, column age, row 3: 'old' is no number. Write one.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem.rstrip(".")
        self.remedy = remedy
        super().__init__(f"{self.problem}. {remedy}")
