"""Which programs fit what a worker can do: cost, weeks, delivery, transit, child care."""

from dataclasses import dataclass

import pandas as pd

ANY = "any"


@dataclass(frozen=True)
class Limits:
    """What a worker can do; 0, ``any`` and False mean no limit.

    Attributes
    ----------
    cost : float
        Most that tuition, fees and books may cost, in dollars.
    weeks : float
        Longest program.
    delivery : str
        How it must be taught, in the list's own words.
    public_transit, child_care : bool
        Whether it must be reachable by public transit, or have child care on site.
    """

    cost: float = 0.0
    weeks: float = 0.0
    delivery: str = ANY
    public_transit: bool = False
    child_care: bool = False


def against_limits(programs: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Say of each program whether it breaks a limit, and what about it is not stated.

    Parameters
    ----------
    programs : DataFrame
        ``cost`` (dollars), ``weeks``, ``delivery``, ``public_transit``, ``child_care``.
    limits : Limits

    Returns
    -------
    DataFrame
        ``programs`` with ``breaks`` (the limits it breaks, in words; empty where it fits) and
        ``not_stated`` (limits that cannot be checked, since the list does not say). A program
        that does not say is kept: silence is not a no.

    Examples
    --------
    >>> frame = pd.DataFrame({"cost": [500.0, None, 9000.0], "weeks": 12.0, "delivery": "Hybrid",
    ...     "public_transit": "", "child_care": ""})
    >>> found = against_limits(frame, Limits(cost=1000))
    >>> found["breaks"].tolist(), found["not_stated"].tolist()
    (['', '', 'cost'], ['', 'cost', ''])
    """
    checks: dict[str, tuple[pd.Series, pd.Series]] = {}
    for name, most in (("cost", limits.cost), ("weeks", limits.weeks)):
        if most > 0:
            checks[name] = (programs[name] > most, programs[name].isna())
    if limits.delivery != ANY:
        stated = programs["delivery"].fillna("").str.strip()
        checks["delivery"] = (stated.ne(limits.delivery) & stated.ne(""), stated.eq(""))
    for name in ("public_transit", "child_care"):
        if getattr(limits, name):
            stated = programs[name].fillna("").str.strip()
            words = name.replace("_", " ")
            checks[words] = (stated.eq("No"), ~stated.isin(["Yes", "No"]))
    return programs.assign(
        breaks=_listed(programs, {name: broken for name, (broken, _) in checks.items()}),
        not_stated=_listed(programs, {name: unknown for name, (_, unknown) in checks.items()}),
    )


def _listed(programs: pd.DataFrame, flags: dict[str, pd.Series]) -> list[str]:
    rows = [[name for name in flags if flags[name].iloc[i]] for i in range(len(programs))]
    return [", ".join(names) for names in rows]
