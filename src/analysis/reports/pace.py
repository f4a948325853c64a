"""How far a long step has come, and how long the rest will take."""

import time


class Pace:
    """Time left of one long step after another.

    Examples
    --------
    >>> pace = Pace(every=0.0)
    >>> pace.line(10, 100) is None  # the first report of a step only starts its clock
    True
    >>> (pace.line(60, 100) or "").startswith("60 of 100, ")
    True
    """

    def __init__(self, every: float = 5.0) -> None:
        self._every = every
        self._started = self._said = time.monotonic()
        self._first = self._last = self._total = 0

    def line(self, done: int, total: int) -> str | None:
        """What to tell the reader, or None when it is too early or the step is complete.

        Parameters
        ----------
        done, total : int
            Of the present step. A step begins when ``total`` changes or ``done`` falls back.
        """
        now = time.monotonic()
        if total != self._total or done < self._last:
            # what was done before the first report took an unknown time: count from there
            self._started, self._first, self._total = now, done, total
        self._last = done
        if done >= total or done == self._first or now - self._said < self._every:
            return None
        self._said = now
        left = (now - self._started) / (done - self._first) * (total - done)
        return f"{done:,} of {total:,}, {left:.0f} s left"
