"""Write a simulated state in the layout of the public WIOA file, with the truth about it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv as pacsv

from analysis.atomic import replacing
from analysis.simulate.design import Design, default_design
from analysis.simulate.outcomes import draw_outcomes, true_sums
from analysis.simulate.people import draw_people, draw_programs
from analysis.simulate.records import reported
from analysis.tables.wioa_layout import wioa_layout

_PART = 200_000
_RACES = (
    "Hispanic",
    "Asian",
    "Black",
    "Pacific Islander",
    "American Indian",
    "white",
    "multiple races",
)


@dataclass(frozen=True)
class SimulatedState:
    """A file of a state that never was, and what is true of it.

    Attributes
    ----------
    path : Path
        Text in the public file's layout, every element a column.
    people, rows : int
        People drawn, and rows written (records that are repeated come on top).
    effects : DataFrame
        ``race``, ``gender`` ("all" for everyone), ``people`` (trained), ``effect_q1`` to
        ``effect_q4``: true mean effect of training on the trained, dollars a quarter, people
        without work at zero.
    errors : Series
        How many rows and cells were made missing or wrong, by kind.
    """

    path: Path
    people: int
    rows: int
    effects: pd.DataFrame
    errors: pd.Series


def simulate_state(
    path: Path,
    people: int,
    *,
    seed: int,
    states: tuple[str, ...] = ("ZZ",),
    design: Design | None = None,
) -> SimulatedState:
    """Simulate a state and write its records.

    Parameters
    ----------
    path : Path
        CSV file to write.
    people : int
        People to draw.
    seed : int
        The same seed, design and number of people give the same file.
    states : tuple of str
        Postal abbreviations; people are spread over them in turn of parts. ``ZZ`` is no state.
    design : Design, optional
        The truth; the one that ships with the package if none.

    Returns
    -------
    SimulatedState

    Notes
    -----
    Wages before entry dip (Ashenfelter 1978); those with lower wages and more schooling are
    trained more often; both worlds, with and without training, are drawn with the same luck, so
    the true effect of every person is known. Outcomes are reported less often for people without
    work. Memory does not grow with ``people``.

    Examples
    --------
    >>> import tempfile
    >>> made = simulate_state(Path(tempfile.mkdtemp()) / "state.csv", 500, seed=1)
    >>> made.people, made.effects.iloc[0]["race"]
    (500, 'all')
    """
    truth = design or default_design()
    programs = draw_programs(truth, seed)
    parts = [min(_PART, people - start) for start in range(0, people, _PART)]
    sums, errors, rows, done = [], [], 0, 0
    with replacing(path) as temporary, temporary.open("wb") as handle:
        heading = [
            number if number.startswith("CALC") else f"PIRL {number}"
            for number in wioa_layout().about.numbers
        ]
        handle.write((",".join(heading) + "\n").encode())
        options = pacsv.WriteOptions(include_header=False, quoting_style="needed")
        for place, count in enumerate(parts):
            random = np.random.default_rng([seed, 2, place])
            drawn = draw_people(truth, programs, count, random)
            outcomes = draw_outcomes(truth, drawn, programs, random)
            state = states[place % len(states)]
            table, wrong = reported(truth, drawn, outcomes, programs, done, state, random)
            pacsv.write_csv(table, handle, options)
            sums.append(true_sums(drawn, outcomes))
            errors.append(wrong)
            rows, done = rows + len(table), done + count
    return SimulatedState(
        path, people, rows, _true_effects(pd.concat(sums)), pd.DataFrame(errors).sum()
    )


def _true_effects(sums: pd.DataFrame) -> pd.DataFrame:
    trained = sums[sums["trained"]]
    labelled = trained.assign(
        race=trained["race"].map(lambda place: _RACES[place]),
        gender=trained["woman"].map({True: "women", False: "men"}),
    )
    quarters = [f"difference_q{quarter}" for quarter in range(1, 5)]
    totals = []
    for keys in ([], ["race"], ["gender"], ["race", "gender"]):
        part = labelled.assign(**dict.fromkeys({"race", "gender"} - set(keys), "all"))
        totals.append(part.groupby(["race", "gender"], as_index=False)[["people", *quarters]].sum())
    table = pd.concat(totals, ignore_index=True)
    for quarter, name in enumerate(quarters, start=1):
        table[f"effect_q{quarter}"] = table[name] / table["people"]
    return table.drop(columns=quarters)
