"""How often each rule is wrong, by simulation where the truth is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.tiers.labels import true_tier
from analysis.tiers.rules import Sorted, Task, oracle
from analysis.tiers.truths import DENSITIES, TRUTHS

Numbers = npt.NDArray[np.float64]
_BINS = 20


@dataclass(frozen=True)
class Cell:
    """One setting: programs, law of true values, noise over spread, data sets drawn."""

    programs: int
    truth: str
    ratio: float
    draws: int


def study_cell(
    cell: Cell,
    rules: Mapping[str, Callable[[Task], Sorted]],
    *,
    seed: int,
    cuts: tuple[float, ...] = (0.0, 0.5, 1.25),
    centre: float = 0.5,
    with_oracle: bool = True,
) -> pd.DataFrame:
    """Error rates of each rule in one cell.

    Parameters
    ----------
    cell : Cell
    rules : mapping
        Name to rule, as :data:`analysis.tiers.rules.RULES`.
    seed : int
        With the cell's truth, size, noise and draw it seeds each data set.
    cuts, centre : float
        Cut-offs, the lowest of them the benchmark, and mean of the true values, whose standard
        deviation is 1.
    with_oracle : bool
        Whether to add the rule that knows the true law.

    Returns
    -------
    DataFrame
        One row a rule: ``steps_off`` with ``steps_off_se`` over draws, ``one_or_more_off``,
        ``two_or_more_off``, ``pairs_wrong`` (of all), ``pairs_apart``, ``top_share``,
        ``false_top`` with ``false_top_se``, ``top_against_best``, ``found``, ``empty_top``; and
        where a rule has chances ``off_top`` and ``off_not_above`` (mean absolute calibration
        error), ``flagged`` (said at most .05 likely not above), ``flagged_said``,
        ``flagged_true``.

    Notes
    -----
    Standard errors are log-normal (log standard deviation .5) around ``ratio``.

    ``off_top`` and ``off_not_above`` hold chances against one spread that is the same in every
    data set. A posterior chance promises less: to be right on average over spreads that its prior
    expects. With 60 programs and noise of twice the spread the spread is hardly known, so that
    where it is taken for too large all chances of the top are too large, and too small where it is
    taken for too small: those said to be likely come true too seldom, the others too often, and
    the two do not cancel in a bin. With the law known to be normal that alone is .037 under the
    default prior, .039 under Jeffreys', .038 under uniform shrinkage and .046 under a flat one; to
    come below .03 somebody must say the spread beforehand within a quarter (.025). It is .016 where
    spreads are drawn from the prior, .019 with 200 programs and .009 with 500
    (``benchmarks/spread_priors.py``); the oracle, which knows the spread too, is off by .008.
    Skewed laws add a share of their own there, as many shapes are as good as the true one.

    Examples
    --------
    With next to no noise cut-offs on the estimates sort rightly.

    >>> rules = {"cut-offs": lambda task: Sorted(true_tier(task.estimate, task.cuts))}
    >>> found = study_cell(Cell(10, "normal", 1e-6, 2), rules, seed=1, with_oracle=False)
    >>> found[["rule", "steps_off", "pairs_wrong", "found"]].values.tolist()
    [['cut-offs', 0.0, 0.0, 1.0]]
    """
    tallies: dict[str, list[dict[str, float]]] = {}
    said: dict[str, list[Numbers]] = {}
    for draw in range(cell.draws):
        key = [seed, list(TRUTHS).index(cell.truth), cell.programs, int(10 * cell.ratio), draw]
        generator = np.random.default_rng(key)
        theta = centre + TRUTHS[cell.truth](generator, (cell.programs,))
        s = cell.ratio * np.exp(0.5 * generator.normal(size=cell.programs))
        task = Task(theta + s * generator.normal(size=cell.programs), s, cuts, cuts[0])
        for name, rule in rules.items():
            _add(name, rule(task), theta, task, tallies, said)
        if with_oracle:
            known = oracle(task, lambda x: DENSITIES[cell.truth](x - centre))
            _add("oracle (true law known)", known, theta, task, tallies, said)
    rows = []
    for name, parts in tallies.items():
        row = {"rule": name, **_shares(pd.DataFrame(parts))}
        if name in said:
            row |= _calibration(np.concatenate(said[name]))
        rows.append(row)
    where = {
        "programs": cell.programs,
        "truth": cell.truth,
        "ratio": cell.ratio,
        "draws": cell.draws,
    }
    return pd.DataFrame(rows).assign(**where)


def _add(
    name: str,
    result: Sorted,
    theta: Numbers,
    task: Task,
    tallies: dict[str, list[dict[str, float]]],
    said: dict[str, list[Numbers]],
) -> None:
    tallies.setdefault(name, []).append(_tally(result.tier, theta, task))
    if result.chances is not None and result.not_above is not None:
        truth = true_tier(theta, task.cuts)
        columns = [result.chances[:, 0], truth == 0, result.not_above, theta <= task.benchmark]
        said.setdefault(name, []).append(np.column_stack(columns))


def _tally(given: npt.NDArray[np.intp], theta: Numbers, task: Task) -> dict[str, float]:
    truth = true_tier(theta, task.cuts)
    off = np.abs(given - truth)
    top = given == 0
    wrong, apart = pairs_between_tiers(given, theta)
    best = np.sort(theta)[::-1][: int(top.sum())]
    return {
        "programs": len(theta),
        "off": off.sum(),
        "one": (off >= 1).sum(),
        "two": (off >= 2).sum(),
        "pairs": len(theta) * (len(theta) - 1) / 2,
        "wrong": wrong,
        "apart": apart,
        "top": top.sum(),
        "false": (top & (theta <= task.benchmark)).sum(),
        "top_sum": theta[top].sum(),
        "best_sum": best.sum(),
        "true_top": (truth == 0).sum(),
        "hit": (top & (truth == 0)).sum(),
    }


def pairs_between_tiers(given: npt.NDArray[np.intp], theta: Numbers) -> tuple[float, float]:
    """Pairs in different tiers whose true order is the reverse, and all pairs in different tiers.

    Parameters
    ----------
    given : ndarray of int, shape (programs,)
        Tiers, 0 the best.
    theta : ndarray, shape (programs,)
        True values.

    Returns
    -------
    tuple of float
        Numbers of pairs.

    Examples
    --------
    >>> pairs_between_tiers(np.array([0, 1, 1]), np.array([1.0, 2.0, 0.0]))
    (1.0, 2.0)
    """
    ordered = given[np.argsort(theta, kind="stable")]
    wrong = apart = 0.0
    for tier in np.unique(given):
        better = ordered == tier
        worse = ordered > tier
        # of a program in a better tier, those in worse tiers that are truly above it
        wrong += float((np.cumsum(worse[::-1])[::-1] * better).sum())
        apart += float(better.sum()) * float(worse.sum())
    return wrong, apart


def _shares(parts: pd.DataFrame) -> dict[str, float]:
    total = parts.sum()
    a_draw = parts["off"] / parts["programs"]
    top = total["top"]
    false = total["false"] / top if top else np.nan
    error = np.sqrt(((parts["false"] - false * parts["top"]) ** 2).sum()) / top if top else np.nan
    return {
        "steps_off": a_draw.mean(),
        "steps_off_se": a_draw.std() / np.sqrt(len(parts)) if len(parts) > 1 else np.nan,
        "one_or_more_off": total["one"] / total["programs"],
        "two_or_more_off": total["two"] / total["programs"],
        "pairs_wrong": total["wrong"] / total["pairs"],
        "pairs_apart": total["apart"] / total["pairs"],
        "top_share": top / total["programs"],
        "false_top": false,
        "false_top_se": float(error),
        "top_against_best": total["top_sum"] / total["best_sum"] if top else np.nan,
        "found": total["hit"] / total["true_top"],
        "empty_top": float((parts["top"] == 0).mean()),
    }


def _calibration(said: Numbers) -> dict[str, float]:
    flagged = said[:, 2] <= 0.05
    return {
        "off_top": calibration_error(said[:, 0], said[:, 1]),
        "off_not_above": calibration_error(said[:, 2], said[:, 3]),
        "flagged": float(flagged.mean()),
        "flagged_said": float(said[flagged, 2].mean()) if flagged.any() else np.nan,
        "flagged_true": float(said[flagged, 3].mean()) if flagged.any() else np.nan,
    }


def calibration_error(said: Numbers, happened: Numbers) -> float:
    """Mean absolute difference of what was said and what happened, over twenty equal bins.

    Known as the expected calibration error (Naeini, Cooper and Hauskrecht 2015).

    Parameters
    ----------
    said, happened : ndarray, shape (statements,)
        Chances, and 1 or 0.

    Returns
    -------
    float
        From 0 to 1; every statement counts the same.

    Examples
    --------
    >>> round(calibration_error(np.array([0.2, 0.2]), np.array([0.0, 1.0])), 6)
    0.3
    """
    place = np.minimum((said * _BINS).astype(int), _BINS - 1)
    size = np.bincount(place, minlength=_BINS)
    gap = np.bincount(place, weights=said - happened, minlength=_BINS)
    return float(np.abs(gap).sum() / size.sum())
