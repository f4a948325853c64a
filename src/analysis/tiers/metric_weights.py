"""What changes when several metrics are weighed together, and whether data may choose the weights.

Each metric is counted in spreads between programs, so that weights compare like with like. Below
some hundreds of programs weights chosen on the data flatter themselves and lose to weights fixed
in advance; there the sweep shows sensitivity and nothing is chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]
_SHUFFLES = 200


@dataclass(frozen=True)
class WeightSweep:
    """What a sweep of weights shows.

    Attributes
    ----------
    table : DataFrame
        One row a setting: a column ``weight_<metric>`` each, ``rank_correlation`` with the order
        under the fixed weights, ``changed`` (share of all programs that enter or leave the best
        part), ``gain`` (mean later value of the best part less that of all), ``gain_error``
        (standard error of its difference from the fixed weights' gain, over providers) and
        ``fixed`` (whether these are the fixed weights).
    programs : int
    chosen : dict of str to float
        Weights that the data speak for: the fixed ones, unless tuned ones have proved themselves.
        A researcher puts them into the framework; nothing here does.
    tuned_gain, fixed_gain : float
        On providers that the tuned weights were not chosen on, both halves averaged.
    shuffled_gain : float
        Gain of the best setting that is exceeded in 5 percent of sweeps on shuffled later values.
    statement : str
        What was decided, and why, in words.
    """

    table: pd.DataFrame
    programs: int
    chosen: dict[str, float]
    tuned_gain: float
    fixed_gain: float
    shuffled_gain: float
    statement: str


def weighed_programs(
    outcomes: pd.DataFrame, metrics: Sequence[str], *, quarter: int, later: int
) -> pd.DataFrame:
    """Programs with every metric at one quarter, and what their people earn later.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes`` with ``quarter``.
    metrics : sequence of str
    quarter, later : int
        Quarters after exit.

    Returns
    -------
    DataFrame
        ``program_key``, ``provider_id``, one column a metric (in spreads around the mean of
        programs) and ``later``: quarterly wage times share employed, dollars a quarter for each
        completer. Programs with nobody employed are left out: their records were not matched.

    Examples
    --------
    >>> rows = [(key, metric, quarter, value) for key, share in [("a", 0.5), ("b", 0.7)]
    ...     for metric, quarter, value in [("employed_share", 2, share), ("employed_share", 8, 0.8),
    ...                                    ("average_quarterly_wage", 8, 10_000.0)]]
    >>> outcomes = pd.DataFrame(rows, columns=["program_key", "metric", "quarter", "value"])
    >>> outcomes["provider_id"] = outcomes["program_key"]
    >>> found = weighed_programs(outcomes, ["employed_share"], quarter=2, later=8)
    >>> found[["employed_share", "later"]].round(6).values.tolist()
    [[-1.0, 8000.0], [1.0, 8000.0]]
    """
    wide = outcomes.pivot_table(
        index=["program_key", "provider_id"], columns=["metric", "quarter"], values="value"
    )
    wanted = [(metric, quarter) for metric in metrics]
    ends = [("average_quarterly_wage", later), ("employed_share", later)]
    if any(column not in wide for column in [*wanted, *ends]):
        return pd.DataFrame(columns=["program_key", "provider_id", *metrics, "later"])
    wide = wide[[*wanted, *ends]].dropna()
    wide = wide[(wide > 0).all(axis=1)]
    values = wide[wanted].to_numpy(float)
    z = (values - values.mean(0)) / np.maximum(values.std(0), 1e-12)
    table = pd.DataFrame(z, columns=list(metrics), index=wide.index)
    table["later"] = (wide[ends[0]] * wide[ends[1]]).to_numpy(float)
    return table.reset_index()


def sweep_weights(
    programs: pd.DataFrame,
    fixed: Mapping[str, float],
    *,
    step: float,
    tuned_from: int,
    best_share: float = 0.25,
    seed: int,
) -> WeightSweep:
    """Order programs under every weight on a grid, and choose weights only where data allow it.

    Parameters
    ----------
    programs : DataFrame
        From :func:`weighed_programs`.
    fixed : mapping of str to float
        The framework's weights, which sum to one.
    step : float
        Of the grid of weights.
    tuned_from : int
        With fewer programs nothing is chosen.
    best_share : float
        The part of the programs whose later value is looked at.
    seed : int

    Returns
    -------
    WeightSweep

    Raises
    ------
    WorkbenchError
        Weights that do not sum to one, a step that does not divide one, or fewer than eight
        programs.

    Notes
    -----
    Weights are tuned on one half of the providers as the middle of the plateau (all settings
    within one paired standard error of the best), and judged on the other half, both ways. They
    are used only where they beat the fixed weights there and the best of sweeps on shuffled
    later values. The best weights are not what a metric is worth: a precise metric earns weight.

    Examples
    --------
    Who is best by wage earns more later; half the weight on a share that runs against it ties all
    programs, and the first of the file are taken.

    >>> programs = pd.DataFrame({"provider_id": list("abcdefgh"), "wage": range(8),
    ...                          "share": range(7, -1, -1), "later": range(0, 80, 10)})
    >>> found = sweep_weights(programs, {"wage": 0.5, "share": 0.5}, step=0.5, tuned_from=9, seed=1)
    >>> found.table[["weight_wage", "gain"]].values.tolist()
    [[0.0, -30.0], [0.5, -30.0], [1.0, 30.0]]
    >>> found.chosen
    {'wage': 0.5, 'share': 0.5}
    """
    names = list(fixed)
    _check(programs, fixed, step)
    grid = _grid(len(names), step)
    grid = np.unique(np.vstack([grid, list(fixed.values())]).round(9), axis=0)
    own = int(np.flatnonzero(np.isclose(grid, list(fixed.values())).all(1))[0])
    scores = programs[names].to_numpy(float) @ grid.T
    later = programs["later"].to_numpy(float)
    provider = pd.factorize(programs["provider_id"])[0]
    gains = _gains(scores, later, best_share)
    best = _best(scores, best_share)
    table = pd.DataFrame(grid, columns=[f"weight_{name}" for name in names])
    ranks = pd.DataFrame(scores).rank().corr().to_numpy()
    table["rank_correlation"] = ranks[own]
    table["changed"] = (best != best[:, [own]]).mean(0)
    table["gain"] = gains
    table["gain_error"] = _paired_errors(best, own, later, provider)
    table["fixed"] = np.arange(len(grid)) == own
    tuned, kept = _held_out(scores, grid, own, later, provider, best_share, seed)
    limit = _gain_by_chance(scores, later, best_share, seed)
    weights = _plateau(scores, grid, later, provider, best_share)
    wins = len(programs) >= tuned_from and tuned > kept and tuned > limit
    chosen = weights if wins else np.array(list(fixed.values()))
    return WeightSweep(
        table,
        len(programs),
        dict(zip(names, chosen.round(6).tolist(), strict=True)),
        tuned,
        kept,
        limit,
        _statement(len(programs), tuned_from, tuned, kept, limit, wins=wins),
    )


def _check(programs: pd.DataFrame, fixed: Mapping[str, float], step: float) -> None:
    if abs(sum(fixed.values()) - 1) > 1e-9 or abs(round(1 / step) * step - 1) > 1e-9:
        raise WorkbenchError(
            f"weights {dict(fixed)} or step {step} do not add up to one",
            "Give weights that sum to 1 and a step that divides 1, such as 0.1.",
        )
    if len(programs) < 8:
        raise WorkbenchError(
            f"{len(programs)} programs have all metrics and a later value", "Give at least eight."
        )


def _grid(metrics: int, step: float) -> Numbers:
    parts = round(1 / step)
    rows = [row for row in product(range(parts + 1), repeat=metrics) if sum(row) == parts]
    return np.array(rows, dtype=float) / parts


def _best(scores: Numbers, share: float) -> npt.NDArray[np.bool_]:
    """Whether each program is in the best part, setting by setting; ties in order of the file."""
    count = max(1, round(share * len(scores)))
    place = np.argsort(np.argsort(-scores, axis=0, kind="stable"), axis=0)
    return np.asarray(place < count)


def _gains(scores: Numbers, later: Numbers, share: float) -> Numbers:
    best = _best(scores, share)
    return np.asarray(later @ best / best.sum(0) - later.mean())


def _gain_by_chance(scores: Numbers, later: Numbers, share: float, seed: int) -> float:
    """Largest gain of any weight that later outcomes in an order of chance seldom exceed."""
    generator = np.random.default_rng([seed, 1])
    shuffled = [_gains(scores, generator.permutation(later), share).max() for _ in range(_SHUFFLES)]
    return float(np.quantile(shuffled, 0.95))


def _paired_errors(
    best: npt.NDArray[np.bool_], against: int, later: Numbers, provider: npt.NDArray[np.intp]
) -> Numbers:
    """Standard error of each setting's gain less that of one, clustered by provider."""
    centred = (later - later.mean())[:, None] * best / best.sum(0)
    difference = centred - centred[:, [against]]
    sums = np.zeros((provider.max() + 1, best.shape[1]))
    np.add.at(sums, provider, difference)
    count = len(sums)
    return np.asarray(np.sqrt(count / max(count - 1, 1) * ((sums - sums.mean(0)) ** 2).sum(0)))


def _plateau(
    scores: Numbers,
    grid: Numbers,
    later: Numbers,
    provider: npt.NDArray[np.intp],
    share: float,
) -> Numbers:
    """Middle of the settings that are within one paired standard error of the best."""
    gains = _gains(scores, later, share)
    peak = int(gains.argmax())
    errors = _paired_errors(_best(scores, share), peak, later, provider)
    near = gains >= gains[peak] - errors
    return np.asarray(grid[near].mean(0))


def _held_out(
    scores: Numbers,
    grid: Numbers,
    own: int,
    later: Numbers,
    provider: npt.NDArray[np.intp],
    share: float,
    seed: int,
) -> tuple[float, float]:
    """Gains of tuned and of fixed weights on the half of providers that chose nothing."""
    half = np.random.default_rng(seed).permutation(provider.max() + 1) % 2 == 0
    first = half[provider]
    tuned, kept = [], []
    for chosen_on in (first, ~first):
        judged = ~chosen_on
        if chosen_on.sum() < 4 or judged.sum() < 4:
            return float("nan"), float("nan")
        codes = pd.factorize(provider[chosen_on])[0]
        weights = _plateau(scores[chosen_on], grid, later[chosen_on], codes, share)
        # scores are linear in the weights: any setting is a mix of those of the single metrics
        single = np.linalg.lstsq(grid, scores[judged].T, rcond=None)[0].T
        pair = np.column_stack([single @ weights, scores[judged][:, own]])
        gains = _gains(pair, later[judged], share)
        tuned.append(gains[0])
        kept.append(gains[1])
    return float(np.mean(tuned)), float(np.mean(kept))


def _statement(
    programs: int, tuned_from: int, tuned: float, kept: float, limit: float, *, wins: bool
) -> str:
    if programs < tuned_from:
        return (
            f"Fixed weights kept: {programs:,} programs are fewer than the {tuned_from:,} from "
            "which on weights may be chosen on data."
        )
    figures = (
        f"on providers that they were not chosen on, tuned weights gain {tuned:,.0f} and the "
        f"fixed ones {kept:,.0f} dollars a quarter (chance alone: up to {limit:,.0f})"
    )
    if wins:
        return f"Tuned weights would do better than the fixed ones of the framework: {figures}."
    return f"Fixed weights kept: {figures}."
