"""Earnings of those who work: bounds, since the program also changes who works (Lee 2009)."""

from dataclasses import dataclass

import numpy as np

from analysis.effects.effect import critical_value
from analysis.effects.samples import Column, Flags, Numbers, arms, numbers, refuse_misaligned
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class LeeBounds:
    """Bounds of the effect among people who would work either way.

    Attributes
    ----------
    naive : float
        Treated workers' mean less control workers', which compares different people.
    low, high : float
        Bounds of the effect.
    low_standard_error, high_standard_error : float
    interval : tuple of float
        Covers the effect itself with the stated level (Imbens and Manski 2004).
    trimmed_arm : str
        'treated' where the program brought people to work, 'control' where it kept them from it,
        'none' where as many work.
    trimmed_share : float
        Share of that arm's workers who are cut off at one end.
    working_treated, working_control : float
        Shares that work.
    n_treated, n_control : int
        People of both arms, working or not.
    """

    naive: float
    low: float
    high: float
    low_standard_error: float
    high_standard_error: float
    interval: tuple[float, float]
    trimmed_arm: str
    trimmed_share: float
    working_treated: float
    working_control: float
    n_treated: int
    n_control: int


def lee_bounds(
    outcome: Column, treated: Column, works: Column, *, confidence_level: float = 0.95
) -> LeeBounds:
    """Bound the effect on earnings of people who work whether or not they are treated.

    If treatment only ever brings people to work (or, in another group, only ever keeps them from
    it), the arm with more workers holds some who would not work otherwise. Their share is known,
    they themselves are not: cutting that share off at the top or at the bottom of its earnings
    gives the bounds. The direction is found in the data handed over, group by group.

    Parameters
    ----------
    outcome : array of shape (n,)
        Earnings; only those of workers are used.
    treated, works : array of shape (n,)
        1 or 0.
    confidence_level : float

    Returns
    -------
    LeeBounds

    Raises
    ------
    WorkbenchError
        For unusable columns, or fewer than two workers in an arm after trimming.

    Notes
    -----
    Lee, D. S. (2009), Review of Economic Studies 76(3), 1071-1102; variance by his proposition 3
    (spread of the trimmed arm, of its cut-off, of the trimmed share, of the other arm).

    Examples
    --------
    >>> earnings = [1.0, 2, 3, 4, 5, 2, 3, 4, 0, 0]
    >>> bounds = lee_bounds(earnings, [1] * 5 + [0] * 5, [1] * 5 + [1, 1, 1, 0, 0])
    >>> bounds.low, bounds.high, bounds.trimmed_arm, round(bounds.trimmed_share, 1)
    (-1.0, 1.0, 'treated', 0.4)
    """
    refuse_misaligned(outcome=outcome, treated=treated, works=works)
    flags, working = arms(treated), _zero_or_one(works)
    y = numbers(outcome, "outcome")
    shares = (float(working[flags].mean()), float(working[~flags].mean()))
    treated_more = shares[0] >= shares[1]
    more, sign = (flags, 1.0) if treated_more else (~flags, -1.0)
    trimmed = 1 - min(shares) / max(shares) if max(shares) > 0 else 0.0
    wide, other = np.sort(y[more & working]), y[~more & working]
    kept = round((1 - trimmed) * len(wide))
    if min(kept, len(other)) < 2:
        raise WorkbenchError("Lee bounds: fewer than 2 workers in an arm", "Take a larger group.")
    ends = []
    for part, cut in ((wide[:kept], wide[kept - 1]), (wide[-kept:], wide[-kept])):
        error = _standard_error(part, float(cut), trimmed, other, shares, more, working)
        ends.append((sign * (float(part.mean()) - float(other.mean())), error))
    (low, low_error), (high, high_error) = sorted(ends)
    naive = float(y[flags & working].mean() - y[~flags & working].mean())
    reach = _imbens_manski(low, high, low_error, high_error, confidence_level)
    return LeeBounds(
        naive=naive,
        low=low,
        high=high,
        low_standard_error=low_error,
        high_standard_error=high_error,
        interval=(low - reach * low_error, high + reach * high_error),
        trimmed_arm="none" if trimmed == 0 else "treated" if treated_more else "control",
        trimmed_share=trimmed,
        working_treated=shares[0],
        working_control=shares[1],
        n_treated=int(flags.sum()),
        n_control=int((~flags).sum()),
    )


def _standard_error(
    part: Numbers,
    cut: float,
    trimmed: float,
    other: Numbers,
    shares: tuple[float, float],
    more: Flags,
    working: Flags,
) -> float:
    """Lee's proposition 3: the kept part, its cut-off, the trimmed share, and the other arm."""
    distance = cut - float(part.mean())
    inside = (float(part.var()) + distance**2 * trimmed) / ((1 - trimmed) * _workers(more, working))
    odds = [(1 - s) / (s * n) for s, n in _shares_and_people(shares, more)]
    return float(np.sqrt(inside + distance**2 * sum(odds) + other.var(ddof=1) / len(other)))


def _workers(more: Flags, working: Flags) -> int:
    return int((more & working).sum())


def _shares_and_people(shares: tuple[float, float], more: Flags) -> list[tuple[float, int]]:
    larger, smaller = max(shares), min(shares)
    return [(larger, int(more.sum())), (smaller, int((~more).sum()))]


def _imbens_manski(low: float, high: float, s_low: float, s_high: float, level: float) -> float:
    """Multiple of the standard errors that covers the effect, not the whole set."""
    from scipy import optimize, stats

    width = (high - low) / max(s_low, s_high)
    outer = critical_value(level)

    def excess(reach: float) -> float:
        return float(stats.norm.cdf(reach + width) - stats.norm.cdf(-reach) - level)

    return float(optimize.brentq(excess, 0, outer + 1))


def _zero_or_one(works: Column) -> Flags:
    values = numbers(works, "works")
    if not np.isin(values, (0.0, 1.0)).all():
        raise WorkbenchError("works: some values are neither 0 nor 1", "Code work as 1, else 0.")
    return values == 1.0
