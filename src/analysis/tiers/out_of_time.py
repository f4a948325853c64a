"""Do early tiers hold later? Estimates of one quarter judged by the same programs' later outcome.

The later outcome shares people with the earlier one, and programs that vanish cannot be judged:
what persists here is an upper bound of what a forecast can do.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.errors import WorkbenchError
from analysis.tiers.labels import between_cuts, true_tier
from analysis.tiers.noise import standard_error_of_mean_wage
from analysis.tiers.normal_model import NormalModel, fit_normal_model

Numbers = npt.NDArray[np.float64]
_SHUFFLES = 20
RAW, SHRUNK = "own early wage", "shrunk to its field"
FIELD, GRAND, SHUFFLED = "mean of its field", "mean of all", "shrunk, later wages shuffled"


def two_quarters(outcomes: pd.DataFrame, early: int, late: int) -> pd.DataFrame:
    """Programs with a mean wage at both quarters after exit.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``.
    early, late : int
        Quarters after exit.

    Returns
    -------
    DataFrame
        ``program_key``, ``provider_id``, ``field``, ``early``, ``late``, ``n`` (people behind the
        early wage). ``attrs["lost"]`` is the share of programs with an early wage that have no
        later one.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": ["a", "a", "b"], "provider_id": "p", "n": 30.0,
    ...     "cip_code": "51.08", "metric": "average_quarterly_wage", "quarter": [2, 8, 2],
    ...     "value": [8000.0, 9000.0, 7000.0]})
    >>> found = two_quarters(rows, 2, 8)
    >>> found[["program_key", "early", "late"]].values.tolist(), found.attrs["lost"]
    ([['a', 8000.0, 9000.0]], 0.5)
    """
    rows = outcomes[outcomes["metric"].eq("average_quarterly_wage") & outcomes["value"].notna()]
    first = rows[rows["quarter"].eq(early)].set_index("program_key")
    second = rows[rows["quarter"].eq(late)].set_index("program_key")["value"]
    both = first.assign(late=second).dropna(subset="late")
    frame = both.rename(columns={"value": "early"}).reset_index()
    frame["field"] = frame["cip_code"].str[:2]
    kept = frame[["program_key", "provider_id", "field", "early", "late", "n"]]
    kept.attrs["lost"] = 1 - len(kept) / len(first) if len(first) else float("nan")
    return kept


def early_model(frame: pd.DataFrame, coefficient_of_variation: float) -> NormalModel:
    """Early wages shrunk to their field.

    Parameters
    ----------
    frame : DataFrame
        From :func:`two_quarters`.
    coefficient_of_variation : float
        Spread of wages between people over their mean.

    Returns
    -------
    NormalModel
        Dollars a quarter, in the order of the frame.

    Raises
    ------
    WorkbenchError
        Fewer than eight programs, or only one field.

    Examples
    --------
    Four people say little of a program: its wage is drawn to the 8,000 of its field.

    >>> frame = pd.DataFrame({"early": [8000.0] * 4 + [9000.0] + [12000.0] * 5,
    ...     "n": [100] * 4 + [4] + [100] * 5, "field": ["11"] * 5 + ["51"] * 5})
    >>> bool(8000 < early_model(frame, 0.5).mean[4] < 8500)
    True
    """
    if len(frame) < 8 or frame["field"].nunique() < 2:
        raise WorkbenchError(
            f"{len(frame)} programs with both wages are too few to judge early by late",
            "Give outcomes at both quarters for more programs.",
        )
    typical = np.full(len(frame), np.average(frame["early"], weights=frame["n"]))
    error = standard_error_of_mean_wage(typical, frame["n"], coefficient_of_variation)
    return fit_normal_model(frame["early"], error, frame["field"], tau_prior="flat")


def compare_predictions(
    frame: pd.DataFrame,
    coefficient_of_variation: float,
    *,
    at_most: float = np.inf,
    seed: int,
    draws: int = 400,
    level: float = 0.90,
) -> pd.DataFrame:
    """How well each way of reading early wages says what programs' later wages are.

    Parameters
    ----------
    frame : DataFrame
        From :func:`two_quarters`.
    coefficient_of_variation : float
        Spread of wages between people over their mean.
    at_most : float
        Judge only programs with at most so many people; tiers are still those of all.
    seed, draws, level
        Of the bootstrap over providers, and of the shuffling.

    Returns
    -------
    DataFrame
        One row a rule: ``rule``, ``programs``, ``rank_correlation``, ``same_tier`` (quarters of
        the programs), ``two_or_more``, ``top_stays``, ``root_mean_squared_error`` (dollars a
        quarter, after the growth common to all), ``error_saved`` (share of the squared error of
        the own early wage that the rule saves) with ``interval_low`` and ``interval_high``.

    Raises
    ------
    WorkbenchError
        As :func:`early_model`.

    Notes
    -----
    The growth common to all is the ratio of mean wages, weighted by people. Shuffled later wages
    are the check that nothing comes out where there is nothing: mean over 20 shuffles.

    Examples
    --------
    Later wages in the order of the early ones: the own wage ranks all programs rightly, and one
    mean for all of them none.

    >>> early = [7000.0, 7500.0, 8000.0, 8500.0, 9000.0, 9500.0, 10_000.0, 10_500.0]
    >>> late = [2 * wage for wage in early[:-1]] + [30_000.0]
    >>> frame = pd.DataFrame({"early": early, "late": late, "n": 100,
    ...                       "field": ["11", "51"] * 4, "provider_id": list("abcdefgh")})
    >>> found = compare_predictions(frame, 0.5, seed=1, draws=20).set_index("rule")
    >>> found.loc["own early wage", ["rank_correlation", "same_tier", "error_saved"]].tolist()
    [1.0, 1.0, 0.0]
    """
    model = early_model(frame, coefficient_of_variation)
    late = frame["late"].to_numpy(float)
    early, people = frame["early"].to_numpy(float), frame["n"].to_numpy(float)
    growth = float(np.sum(people * late) / np.sum(people * early))
    predictions = {
        RAW: early,
        SHRUNK: model.mean,
        FIELD: frame.groupby("field")["early"].transform("mean").to_numpy(float),
        GRAND: np.full(len(frame), early.mean()),
    }
    judged = people <= at_most
    generator = np.random.default_rng(seed)
    times = _resampled(frame["provider_id"][judged], generator, draws)
    squared = {name: ((growth * v - late) ** 2)[judged] for name, v in predictions.items()}
    rows = []
    for name, value in predictions.items():
        saved = 1 - (times @ squared[name]) / (times @ squared[RAW])
        low, high = np.quantile(saved, [0.5 - level / 2, 0.5 + level / 2])
        rows.append(
            {
                "rule": name,
                **_agreement(value, late, judged),
                "root_mean_squared_error": float(np.sqrt(squared[name].mean())),
                "error_saved": 1 - squared[name].mean() / squared[RAW].mean(),
                "interval_low": low,
                "interval_high": high,
            }
        )
    mixed = [_agreement(model.mean, generator.permutation(late), judged) for _ in range(_SHUFFLES)]
    rows.append({"rule": SHUFFLED, **dict(pd.DataFrame(mixed).mean())})
    return pd.DataFrame(rows).assign(programs=int(judged.sum()))


def _resampled(provider: pd.Series, generator: np.random.Generator, draws: int) -> Numbers:
    """How often each program is drawn when providers are drawn whole, shape (draws, programs)."""
    codes, names = pd.factorize(provider)
    chosen = generator.integers(0, len(names), (draws, len(names)))
    times = np.stack([np.bincount(row, minlength=len(names)) for row in chosen])
    return np.asarray(times[:, codes], dtype=float)


def _agreement(value: Numbers, late: Numbers, judged: npt.NDArray[np.bool_]) -> dict[str, float]:
    later = quarter_of(late)
    if np.ptp(value) == 0:
        # all alike: any tier is as good, so what chance gives
        chance = {"same_tier": 0.25, "two_or_more": 0.375, "top_stays": 0.25}
        return {"rank_correlation": np.nan, **chance}
    given, later = quarter_of(value)[judged], later[judged]
    off = np.abs(given - later)
    return {
        "rank_correlation": float(stats.spearmanr(value[judged], late[judged])[0]),
        "same_tier": float((off == 0).mean()),
        "two_or_more": float((off >= 2).mean()),
        "top_stays": float((later == 0)[given == 0].mean()) if (given == 0).any() else np.nan,
    }


def quarter_of(value: Numbers) -> npt.NDArray[np.intp]:
    """Which quarter of the programs each is in by its value, 0 the best.

    Parameters
    ----------
    value : ndarray, shape (programs,)

    Returns
    -------
    ndarray of int, shape (programs,)

    Examples
    --------
    >>> quarter_of(np.array([1.0, 2.0, 3.0, 4.0])).tolist()
    [3, 2, 1, 0]
    """
    return true_tier(value, np.quantile(value, [0.25, 0.5, 0.75]).tolist())


def does_the_mark_work(
    frame: pd.DataFrame, coefficient_of_variation: float, borderline_below: float
) -> pd.DataFrame:
    """Do programs marked borderline change tier more often later?

    Parameters
    ----------
    frame : DataFrame
        From :func:`two_quarters`.
    coefficient_of_variation : float
        Spread of wages between people over their mean.
    borderline_below : float
        A program less sure of its own quarter than this is marked.

    Returns
    -------
    DataFrame
        ``mark`` (borderline, clear), ``programs``, ``said`` (mean chance of the own tier),
        ``stays`` (share in the same quarter of programs later) and its binomial
        ``standard_error``.

    Raises
    ------
    WorkbenchError
        As :func:`early_model`.

    Examples
    --------
    >>> early = [7000.0, 7500.0, 8000.0, 8500.0, 9000.0, 9500.0, 10_000.0, 10_500.0]
    >>> frame = pd.DataFrame({"early": early, "late": [2 * wage for wage in early],
    ...                       "n": 10_000, "field": ["11", "51"] * 4})
    >>> found = does_the_mark_work(frame, 0.5, 0.8)
    >>> found.loc[found["mark"].eq("clear"), ["programs", "stays"]].values.tolist()
    [[8.0, 1.0]]
    """
    model = early_model(frame, coefficient_of_variation)
    cuts = np.quantile(model.mean, [0.25, 0.5, 0.75])[::-1]
    chances = between_cuts(np.column_stack([model.chance_above(float(cut)) for cut in cuts]))
    given = quarter_of(model.mean)
    own = chances[np.arange(len(given)), given]
    stays = given == quarter_of(frame["late"].to_numpy(float))
    rows = []
    for mark, part in (("borderline", own < borderline_below), ("clear", own >= borderline_below)):
        share = float(stays[part].mean()) if part.any() else np.nan
        count = int(part.sum())
        rows.append(
            {
                "mark": mark,
                "programs": count,
                "said": float(own[part].mean()) if count else np.nan,
                "stays": share,
                "standard_error": np.sqrt(share * (1 - share) / count) if count else np.nan,
            }
        )
    return pd.DataFrame(rows)


def zeros_again(outcomes: pd.DataFrame, early: int, late: int) -> tuple[int, int, int]:
    """Programs with both employment shares, those at zero early, and those of them at zero late.

    A program at which nobody works, twice, six quarters apart, looks like records that were
    never matched: such shares are screened out before anything is rated on them.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``.
    early, late : int
        Quarters after exit.

    Returns
    -------
    tuple of int
        Numbers of programs.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": ["a", "a"], "metric": "employed_share",
    ...                      "quarter": [2, 8], "value": [0.0, 0.0]})
    >>> zeros_again(rows, 2, 8)
    (1, 1, 1)
    """
    shares = outcomes[outcomes["metric"].eq("employed_share")]
    wide = shares.pivot(index="program_key", columns="quarter", values="value")
    both = wide.reindex(columns=[early, late]).dropna()
    zero = both.eq(0)
    return len(both), int(zero[early].sum()), int(zero.all(axis=1).sum())
