"""Quarterly wages of the simulated state, with and without training, and the true effects."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.simulate.design import Design
from analysis.simulate.people import Flags, Floats, People, Programs


@dataclass(frozen=True)
class Outcomes:
    """Wages in dollars a quarter, zero where not employed; columns are quarters."""

    before: Floats
    after: Floats
    without_training: Floats
    with_training: Floats
    completed: Flags
    credential: Flags


def draw_outcomes(
    design: Design, people: People, programs: Programs, random: np.random.Generator
) -> Outcomes:
    """Wages three quarters before entry to four after exit, in both worlds.

    Parameters
    ----------
    design : Design
    people : People
    programs : Programs
    random : Generator

    Returns
    -------
    Outcomes
        ``after`` is the world that happened. Both worlds share the same luck of a person.

    Examples
    --------
    >>> from analysis.simulate.design import default_design
    >>> from analysis.simulate.people import draw_people, draw_programs
    >>> design, random = default_design(), np.random.default_rng(1)
    >>> programs = draw_programs(design, 1)
    >>> people = draw_people(design, programs, 200, random)
    >>> found = draw_outcomes(design, people, programs, random)
    >>> found.before.shape, found.after.shape
    ((200, 3), (200, 4))
    >>> bool((found.after[people.trained] == found.with_training[people.trained]).all())
    True
    """
    wages, training = design.wages, design.training
    before = _wages(people, wages.before, wages.employed_before, design, random)
    luck = random.random((len(people), 4))
    noise = _noise(random, wages.quarter_spread, (len(people), 4))
    level = people.permanent_wage[:, None] * np.array(wages.after) * noise
    women, men = np.array(training.women_effect), np.array(training.men_effect)
    effect = np.where(people.woman, women[people.race], men[people.race])
    effect = (effect + programs.effect[people.program])[:, None] * np.array(training.ramp)
    women, men = np.array(wages.women_employment), np.array(wages.men_employment)
    points = np.where(people.woman, women[people.race], men[people.race])[:, None]
    share = np.array(wages.employed_after) + points
    without = np.where(luck < share, level, 0.0)
    share = share + np.array(training.employment_effect)
    trained = np.where(luck < share, np.maximum(level + effect, 50.0), 0.0)
    completed = random.random(len(people)) < training.completion_share
    chance = np.where(completed, training.credential_share_completed, training.credential_share_not)
    without, trained = _dollars(without), _dollars(trained)
    return Outcomes(
        before=before,
        after=np.where(people.trained[:, None], trained, without),
        without_training=without,
        with_training=trained,
        completed=completed,
        credential=random.random(len(people)) < chance,
    )


def true_sums(people: People, outcomes: Outcomes) -> pd.DataFrame:
    """Sums from which true effects by race and gender follow, for adding over parts.

    Parameters
    ----------
    people : People
    outcomes : Outcomes
        Of the same people, in their order.

    Returns
    -------
    DataFrame
        ``race`` (position), ``woman``, ``trained``, ``people`` and ``difference_q1`` to
        ``difference_q4``: sums of wages with less wages without training, dollars. Reportable
        individuals are no participants and are left out.

    Examples
    --------
    >>> from analysis.simulate.design import default_design
    >>> from analysis.simulate.people import draw_people, draw_programs
    >>> design, random = default_design(), np.random.default_rng(1)
    >>> programs = draw_programs(design, 1)
    >>> people = draw_people(design, programs, 200, random)
    >>> sums = true_sums(people, draw_outcomes(design, people, programs, random))
    >>> bool(sums["people"].sum() == 200 - people.reportable.sum())
    True
    """
    difference = outcomes.with_training - outcomes.without_training
    frame = pd.DataFrame(
        {"race": people.race, "woman": people.woman, "trained": people.trained, "people": 1}
        | {f"difference_q{q + 1}": difference[:, q] for q in range(4)}
    )
    return frame[~people.reportable].groupby(["race", "woman", "trained"], as_index=False).sum()


def _noise(random: np.random.Generator, spread: float, shape: tuple[int, int]) -> Floats:
    return np.exp(random.normal(-(spread**2) / 2, spread, shape))


def _wages(
    people: People,
    shares: tuple[float, ...],
    employed: tuple[float, ...],
    design: Design,
    random: np.random.Generator,
) -> Floats:
    shape = (len(people), len(shares))
    noise = _noise(random, design.wages.quarter_spread, shape)
    level = people.permanent_wage[:, None] * np.array(shares) * noise
    return _dollars(np.where(random.random(shape) < np.array(employed), level, 0.0))


def _dollars(wages: Floats) -> Floats:
    return np.asarray(np.round(wages), dtype="float64")
