"""What a user sees when an input cannot be used: one error that names the place and the remedy."""

import errno
import re

# text of a file or of a command may hold what moves a terminal's cursor or turns a line around
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LONGEST = 2000

DISK_FULL = (
    "the disk is full; earlier results are whole. Make room ('workbench clean'), then run again"
)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that a file could not grow: no room, or a limit was reached.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    bool

    Examples
    --------
    >>> is_disk_full(OSError(errno.ENOSPC, "no room")), is_disk_full(FileNotFoundError("gone"))
    (True, False)
    """
    number = getattr(error, "errno", None)
    return isinstance(error, OSError) and number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def shown(words: str, longest: int = _LONGEST) -> str:
    """Text for a screen: control characters as their codes, and what is too long cut.

    Parameters
    ----------
    words : str
    longest : int
        Characters kept, 2,000 by default, counted before control characters become codes.

    Returns
    -------
    str
        With ``…`` at the end where it was cut. Tabs and line breaks stay.

    Examples
    --------
    >>> shown("a\\x1b[2Jb"), shown("abcdef", longest=3)
    ('a\\\\x1b[2Jb', 'abc…')
    """
    cut = words if len(words) <= longest else f"{words[:longest]}…"
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), cut)


class WorkbenchError(Exception):
    """An input, parameter or source that cannot be used.

    Parameters
    ----------
    problem : str
        What is wrong and where: the file, column, row or parameter by name.
    remedy : str
        What the reader can do about it. Both are cut where they are very long, and without
        characters that would steer a terminal: they quote files and commands.

    Examples
    --------
    >>> raise WorkbenchError("a.csv, column age, row 3: 'old' is no number", "Write one.")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: a.csv, column age, row 3: 'old' is no number. Write one.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = shown(problem).rstrip(".")
        self.remedy = shown(remedy)
        super().__init__(f"{self.problem}. {remedy}")


class MissingDataError(WorkbenchError):
    """A question that the data at hand cannot answer, though nothing is wrong with it.

    Examples
    --------
    >>> raise MissingDataError("no program has a cost", "Fetch the list of programs.")
    Traceback (most recent call last):
    analysis.errors.MissingDataError: no program has a cost. Fetch the list of programs.
    """
