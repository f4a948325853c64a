"""Whether a step to another job may be tried without training."""

import math


def is_small_step(elements: float | None, new_share: float, small: int) -> bool | None:
    """Whether few rated elements must grow and fewer than half of the tasks are new.

    Parameters
    ----------
    elements : float or None
        Rated elements that must clearly grow; None or NaN where the jobs are not rated.
    new_share : float
        Share of the target's tasks that are like nothing done before; NaN without tasks.
    small : int
        Most elements that may grow in a small step (framework).

    Returns
    -------
    bool or None
        None where it cannot be told: few tasks are new, and how much skills and knowledge must
        grow is not known.

    Examples
    --------
    >>> is_small_step(2, 0.3, 3), is_small_step(2, 0.5, 3), is_small_step(None, 0.1, 3)
    (True, False, None)
    """
    if not new_share < 0.5:
        return False
    if elements is None or math.isnan(elements):
        return None
    return elements <= small
