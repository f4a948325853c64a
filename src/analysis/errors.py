"""What a user sees when an input cannot be used: one error that names the place and the remedy."""


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
