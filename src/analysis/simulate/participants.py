"""People of the simulated state as a plain participants table, with the truth of each."""

import numpy as np
import pandas as pd

from analysis.simulate.design import Design, default_design
from analysis.simulate.outcomes import draw_outcomes
from analysis.simulate.people import draw_people, draw_programs

_RACES = np.array(
    ["Hispanic", "Asian", "Black", "Pacific Islander", "American Indian", "white", "multiple races"]
)


def simulated_participants(count: int, seed: int, design: Design | None = None) -> pd.DataFrame:
    """Draw people of a state that never was; nothing in it is measured.

    Parameters
    ----------
    count, seed : int
    design : Design, optional
        The truth; the one that ships with the package if none.

    Returns
    -------
    DataFrame
        ``race``, ``gender``, ``age``, ``schooling`` (position), ``treated``, ``field`` (CIP code
        of what was trained for; empty for the untrained), ``wages_before_3`` to
        ``wages_before_1``, ``wages_q4`` (dollars in the fourth quarter after exit) and
        ``true_effect`` of training on it, which no real table holds.

    Examples
    --------
    >>> people = simulated_participants(1000, 3)
    >>> bool((people.loc[people["treated"] == 0, "field"] == "").all())
    True
    """
    truth = design or default_design()
    random = np.random.default_rng([seed, 4])
    programs = draw_programs(truth, seed)
    people = draw_people(truth, programs, count, random)
    outcomes = draw_outcomes(truth, people, programs, random)
    codes = np.array([field.cip for field in truth.fields])
    return pd.DataFrame(
        {
            "race": _RACES[people.race],
            "gender": np.where(people.woman, "women", "men"),
            "age": people.age,
            "schooling": people.schooling,
            "treated": people.trained.astype("int64"),
            "field": np.where(people.trained, codes[people.field], ""),
            "wages_before_3": outcomes.before[:, 0],
            "wages_before_2": outcomes.before[:, 1],
            "wages_before_1": outcomes.before[:, 2],
            "wages_q4": outcomes.after[:, 3],
            "true_effect": outcomes.with_training[:, 3] - outcomes.without_training[:, 3],
        }
    )
