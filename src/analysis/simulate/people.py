"""People of the simulated state: who they are, what they earned, who is trained and in what."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.simulate.design import Design

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# 1 July 2020, as days since 1970; entries fall in the two years after it
FIRST_ENTRY = 18_444
ENTRY_DAYS = 730


@dataclass(frozen=True)
class People:
    """One entry a person; codes are positions in the lists of the design."""

    race: Integers
    woman: Flags
    age: Integers
    schooling: Integers
    barriers: dict[str, Flags]
    occupation: Integers
    permanent_wage: Floats
    trained: Flags
    program: Integers
    field: Integers
    entry: Integers
    exit: Integers
    reportable: Flags

    def __len__(self) -> int:
        return len(self.race)


@dataclass(frozen=True)
class Programs:
    """Programs of the state: provider and field of each, and its effect beside its group's."""

    provider: Integers
    field: Integers
    effect: Floats
    size: Floats


def draw_programs(design: Design, seed: int) -> Programs:
    """Programs, the same for every part of a state.

    Parameters
    ----------
    design : Design
    seed : int

    Returns
    -------
    Programs
        Each field has programs; effects are centred on zero over the sizes within a field.

    Examples
    --------
    >>> from analysis.simulate.design import default_design
    >>> programs = draw_programs(default_design(), 1)
    >>> first = programs.field == 0
    >>> round(float(programs.effect[first] @ programs.size[first]), 6) + 0.0
    0.0
    """
    random = np.random.default_rng([seed, 1])
    count = design.training.programs
    field = np.arange(count) % len(design.fields)
    size: Floats = 1.0 / (1.0 + np.arange(count, dtype="float64") // len(design.fields))
    effect = random.normal(0.0, design.training.program_spread, count)
    for one in range(len(design.fields)):
        inside = field == one
        effect[inside] -= np.average(effect[inside], weights=size[inside])
    provider = random.integers(0, design.training.providers, count)
    return Programs(provider, field, effect, size)


def draw_people(
    design: Design, programs: Programs, count: int, random: np.random.Generator
) -> People:
    """Draw people, their permanent wages, and their selection into training.

    Parameters
    ----------
    design : Design
    programs : Programs
    count : int
    random : Generator

    Returns
    -------
    People

    Examples
    --------
    >>> from analysis.simulate.design import default_design
    >>> design = default_design()
    >>> people = draw_people(design, draw_programs(design, 1), 500, np.random.default_rng(1))
    >>> len(people), bool((people.exit > people.entry).all()), int(people.age.min()) >= 16
    (500, True, True)
    """
    people = design.people
    race = _choice(random, people.race_shares, count)
    woman = random.random(count) < people.women_share
    age = random.normal(people.age_mean, people.age_standard_deviation, count)
    schooling = _choice(random, people.schooling_shares, count)
    occupation = _by_gender(random, design.occupations, woman)
    wage = _permanent_wage(design, race, woman, occupation, random)
    low = wage < np.median(wage)
    barriers = {
        name: random.random(count) < np.where(low, shares[0], shares[1])
        for name, shares in people.barriers.items()
    }
    trained = _selected(design, schooling, wage, random)
    field = _by_gender(random, design.fields, woman)
    program = _program_of(programs, field, random)
    entry = FIRST_ENTRY + random.integers(0, ENTRY_DAYS, count)
    length = np.where(trained, random.integers(60, 400, count), random.integers(20, 120, count))
    return People(
        race=race,
        woman=woman,
        age=np.clip(np.round(age), 16, 80).astype("int64"),
        schooling=schooling,
        barriers=barriers,
        occupation=occupation,
        permanent_wage=wage,
        trained=trained,
        program=program,
        field=field,
        entry=entry,
        exit=entry + length,
        reportable=random.random(count) < people.reportable_share,
    )


def _choice(random: np.random.Generator, shares: list[float], count: int) -> Integers:
    cumulative = np.cumsum(shares) / np.sum(shares)
    return np.searchsorted(cumulative, random.random(count), side="right").astype("int64")


def _by_gender(random: np.random.Generator, options: list, woman: Flags) -> Integers:
    women = np.cumsum([option.women for option in options])
    men = np.cumsum([option.men for option in options])
    draw = random.random(len(woman))
    chosen = np.where(
        woman,
        np.searchsorted(women / women[-1], draw, side="right"),
        np.searchsorted(men / men[-1], draw, side="right"),
    )
    return chosen.astype("int64")


def _permanent_wage(
    design: Design, race: Integers, woman: Flags, occupation: Integers, random: np.random.Generator
) -> Floats:
    base = np.array([entry.wage for entry in design.occupations])[occupation]
    women, men = np.array(design.wages.women_factor), np.array(design.wages.men_factor)
    factor = np.where(woman, women[race], men[race])
    spread = design.wages.person_spread
    # centred, so that the mean of the factor over people is one
    person = np.exp(random.normal(-(spread**2) / 2, spread, len(race)))
    return np.asarray(base * factor * person)


def _selected(
    design: Design, schooling: Integers, wage: Floats, random: np.random.Generator
) -> Flags:
    training = design.training
    # years of schooling less those of a diploma, by the codes of PIRL 408
    years = {"0": -2, "1": 0, "2": 0, "4": 1, "5": 1, "6": 2, "7": 4, "8": 6}
    gained = np.array([years[code] for code in design.people.schooling_codes])[schooling]
    start = np.log(training.base_share / (1 - training.base_share))
    score = start + training.per_school_year * gained
    score = score + training.per_log_wage * np.log(wage / np.median(wage))
    return np.asarray(random.random(len(wage)) < 1 / (1 + np.exp(-score)))


def _program_of(programs: Programs, field: Integers, random: np.random.Generator) -> Integers:
    program = np.zeros(len(field), dtype="int64")
    for one in np.unique(field):
        options = np.flatnonzero(programs.field == one)
        inside = field == one
        share = programs.size[options] / programs.size[options].sum()
        program[inside] = options[_choice(random, share.tolist(), int(inside.sum()))]
    return program
