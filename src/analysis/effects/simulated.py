"""People who do not exist, with known effects by group: how far an interval keeps its promise."""

import numpy as np
import pandas as pd

from analysis.effects.samples import Numbers

# share of the people and true effect (dollars a year) of eight groups, from large to small
GROUP_SHARES = (0.22, 0.20, 0.16, 0.13, 0.11, 0.08, 0.06, 0.04)
GROUP_EFFECTS = (0.0, 128.0, 256.0, 384.0, 512.0, 639.0, 767.0, 895.0)
COVARIATES = ("earnings_before", "age", "schooling", "children", "weeks_worked_before")


def simulated_people(
    n: int,
    generator: np.random.Generator,
    selection: float = 1.0,
    tail: float = 0.9,
    base: float = -0.6,
) -> pd.DataFrame:
    """A comparison with negative selection, zero-inflated log-normal earnings and known effects.

    People with low earlier earnings and little schooling enrol more often, so that the naive
    difference is far below the truth. Earnings are zero for about a quarter, log-normal for the
    rest; the gain is exponential with the group's mean. The outcome is not linear in the
    covariates; the chance of enrolment is a logit in them.

    Parameters
    ----------
    n : int
        People.
    generator : Generator
        Source of chance.
    selection : float
        Strength of selection; 1 makes the naive difference about 1,100 dollars too low.
    base : float
        Log odds of enrolment of an average person.
    tail : float
        Standard deviation of log earnings given the covariates; larger means a longer tail.

    Returns
    -------
    DataFrame
        ``treated``, ``earnings``, ``group`` (0 to 7) and `COVARIATES`.

    Examples
    --------
    >>> people = simulated_people(4000, np.random.default_rng(1))
    >>> naive = people.groupby("treated")["earnings"].mean().diff().iloc[-1]
    >>> bool(naive < -500)
    True
    """
    X = generator.normal(size=(n, len(COVARIATES)))
    group = generator.choice(len(GROUP_SHARES), size=n, p=GROUP_SHARES)
    X[:, 0] -= 0.05 * group
    pull = -0.8 * X[:, 0] - 0.4 * X[:, 2] + 0.2 * X[:, 3]
    chance = _logistic(base + selection * pull)
    treated = generator.random(n) < chance
    works = generator.random(n) < _logistic(1.1 + 0.5 * X[:, 0] + 0.3 * X[:, 4])
    logs = 8.3 + 0.20 * X[:, 0] + 0.10 * X[:, 2] + tail * generator.normal(size=n)
    gain = np.array(GROUP_EFFECTS)[group] * generator.exponential(size=n)
    frame = pd.DataFrame(X, columns=list(COVARIATES))
    return frame.assign(
        treated=treated.astype("int64"),
        earnings=works * np.exp(logs) + treated * gain,
        group=group,
    )


def _logistic(values: Numbers) -> Numbers:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))
