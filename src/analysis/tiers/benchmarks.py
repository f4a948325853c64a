"""Values held against the benchmark that the framework chooses."""

import numpy as np
import pandas as pd

from analysis.errors import MissingDataError
from analysis.framework import Benchmark

NO_COST = "its cost, part of the benchmark, is not known"


def against_chosen(
    programs: pd.DataFrame, benchmark: Benchmark | None, costs: pd.Series | None = None
) -> pd.DataFrame:
    """Estimates against another benchmark; unchanged where the default one is chosen.

    Parameters
    ----------
    programs : DataFrame
        ``program_key`` and ``estimate``; ``benchmark`` (taken off the estimate before; 0 where
        the column is missing), ``state`` and ``reason`` where there are any.
    benchmark : Benchmark or None
        From ``Tiers.chosen_benchmark``.
    costs : Series, optional
        Dollars by ``program_key``, for a benchmark that counts the cost.

    Returns
    -------
    DataFrame
        A copy with ``benchmark`` and ``estimate`` anew, and ``benchmark_of``: 'state' where it is
        the amount of the program's own state, 'default' where others have one of their own, 'all'
        where all have the same. A program whose cost is part of the benchmark and not known has no
        estimate, and says so in ``reason``.

    Examples
    --------
    >>> rule = Benchmark(id="x", name="x", of="effects", dollars=100.0, why="")
    >>> rows = pd.DataFrame({"program_key": ["a"], "estimate": [250.0]})
    >>> against_chosen(rows, rule)["estimate"].tolist()
    [150.0]
    """
    if benchmark is None:
        return programs.copy()
    value = programs["estimate"] + programs.get("benchmark", 0.0)
    level = pd.Series(benchmark.dollars, programs.index)
    whose = pd.Series("all", programs.index)
    if benchmark.state_dollars and "state" in programs:
        own = programs["state"].map(benchmark.state_dollars)
        level = own.fillna(benchmark.dollars)
        whose = own.notna().map({True: "state", False: "default"})
    if benchmark.cost_over_years is not None:
        known = pd.Series(dtype="float64") if costs is None else costs
        level = level + programs["program_key"].map(known).astype(float) / benchmark.cost_over_years
    found = programs.assign(benchmark=level, benchmark_of=whose, estimate=value - level)
    unknown = level.isna()
    if unknown.any():
        reason = programs.get("reason", pd.Series("", programs.index))
        found["reason"] = np.where(unknown & reason.eq(""), NO_COST, reason)
    return found


def require_ratable(programs: pd.DataFrame, benchmark: Benchmark | None) -> None:
    """Refuse to go on where no program at all can be held against the benchmark.

    Parameters
    ----------
    programs : DataFrame
        As from :func:`against_chosen`, with ``reason``.
    benchmark : Benchmark or None
        The one that was chosen.

    Raises
    ------
    MissingDataError
        Naming why, and for how many programs.

    Examples
    --------
    >>> require_ratable(pd.DataFrame({"reason": ["", NO_COST]}), None)
    >>> require_ratable(pd.DataFrame({"reason": [NO_COST]}), None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.MissingDataError: ...its cost, part of the benchmark, is not known...
    """
    if programs["reason"].eq("").any():
        return
    counts = programs["reason"].value_counts()
    why = "; ".join(f"{reason} ({count:,} programs)" for reason, count in counts.items())
    against = f"the benchmark '{benchmark.name}'" if benchmark else "the benchmark"
    raise MissingDataError(
        f"no program can be rated against {against}: {why or 'there is none'}",
        "Choose another benchmark in the framework, or give outcomes that have what is missing.",
    )
