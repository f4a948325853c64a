"""A simulated state in the layout of the federal WIOA records, with a known effect of training."""

import numpy as np
import pandas as pd

RACES = ("Black", "Hispanic", "white")
# true effect of training on earnings in the fourth quarter after exit, in dollars a quarter
TRUE_EFFECTS = {"Black": 450.0, "Hispanic": 600.0, "white": 750.0}
CELLS = ("state", "entry_quarter", "education", "age_band", "barrier", "occupation_before")
QUARTERS = (-3, -2, -1, 1, 2, 3, 4)


def simulated_records(n: int, seed: int) -> pd.DataFrame:
    """People who sought help after losing work; some trained, some only searched for jobs.

    Earnings fall before entry and come back afterwards for everyone (mean reversion): who loses
    a job has just had a bad quarter. People with better earnings before and more schooling train
    more often, by what the records hold. The effect of training grows over four quarters.

    Parameters
    ----------
    n, seed : int

    Returns
    -------
    DataFrame
        ``treated`` (trained), ``race``, ``gender``, the columns of `CELLS`, and
        ``wages_q-3`` … ``wages_q4``: dollars in quarters before entry and after exit.

    Examples
    --------
    >>> people = simulated_records(4000, 1)
    >>> earned = people[["wages_q-3", "wages_q-1", "wages_q4"]].mean()
    >>> bool(earned["wages_q-1"] < earned["wages_q4"] < earned["wages_q-3"])
    True
    """
    rng = np.random.default_rng(seed)
    race = rng.choice(RACES, size=n, p=[0.35, 0.25, 0.40])
    frame = pd.DataFrame(
        {
            "race": race,
            "gender": rng.choice(["women", "men"], size=n),
            "state": rng.choice(["A", "B", "C"], size=n),
            "entry_quarter": rng.integers(1, 5, size=n),
            "education": rng.choice(["no diploma", "high school", "some college"], size=n),
            "age_band": rng.choice(["18-29", "30-44", "45+"], size=n),
            "barrier": rng.integers(0, 2, size=n),
            "occupation_before": rng.choice(["service", "office", "production"], size=n),
        }
    )
    schooling = frame["education"].map(
        {"no diploma": -1.0, "high school": 0.0, "some college": 1.0}
    )
    lasting = 6_000 + 900 * schooling - 900 * frame["barrier"] + 1_600 * rng.normal(size=n)
    lasting += pd.Series(race).map({"Black": -500.0, "Hispanic": -300.0, "white": 0.0})
    # the same jolt that brings people in: deepest in the last quarter, half gone after four
    jolt = rng.gamma(2.0, 1_100.0, size=n)
    depth = {-3: 0.15, -2: 0.45, -1: 1.0, 1: 0.75, 2: 0.60, 3: 0.50, 4: 0.42}
    wages = {
        quarter: np.maximum(lasting - depth[quarter] * jolt + 900 * rng.normal(size=n), 0.0)
        for quarter in QUARTERS
    }
    pull = (wages[-3] - 5_500) / 3_000 + (wages[-1] - 4_000) / 6_000 + 0.4 * schooling - 0.9
    treated = rng.random(n) < 1 / (1 + np.exp(-pull))
    gain = pd.Series(race).map(TRUE_EFFECTS).to_numpy()
    for place, quarter in enumerate((1, 2, 3, 4)):
        # training costs earnings first: the effect comes in slowly
        share = (0.2, 0.5, 0.8, 1.0)[place]
        wages[quarter] = wages[quarter] + treated * share * gain
    earned = pd.DataFrame({f"wages_q{quarter}": wages[quarter] for quarter in QUARTERS})
    return pd.concat([frame.assign(treated=treated.astype("int64")), earned], axis=1)
