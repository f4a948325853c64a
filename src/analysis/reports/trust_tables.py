"""How far each number is to be trusted, as a report shows it beside the number."""

from collections.abc import Mapping

import pandas as pd

from analysis.framework import Framework
from analysis.metrics.trust import age_years, program_coverage, release_date, with_trust
from analysis.reports.html_tables import Column
from analysis.reports.outcome_tables import is_money, money_unit


def trust_columns(kind: str, *, discounted: bool = True) -> dict[str, Column]:
    """Columns of level, age and discount; ``kind`` is that of the number.

    Parameters
    ----------
    kind : str
        As for :class:`analysis.reports.html_tables.Column`; of the discount.
    discounted : bool
        False for tables of differences, from which nothing is taken off.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = trust_columns("share")
    >>> columns["discount"].kind, list(trust_columns("share", discounted=False))
    ('share', ['level_rank', 'age_years'])
    """
    columns = {
        "level_rank": Column("Level of validity (1 is best)", "count"),
        "age_years": Column("Age (years)", "number"),
    }
    taken_off = Column("To be taken off before it is read as an effect", kind)
    return columns | ({"discount": taken_off} if discounted else {})


def trust_note(framework: Framework) -> str:
    """What the levels are and how the discount is made, for the note of a table.

    Parameters
    ----------
    framework : Framework
        Its ``validity_levels``.

    Returns
    -------
    str

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> trust_note(load_framework())[:44]
    'Levels: 1 randomised evaluation; 2 matched a'
    """
    levels = sorted(framework.validity_levels, key=lambda entry: entry.rank)
    names = "; ".join(f"{entry.rank} {entry.name[0].lower()}{entry.name[1:]}" for entry in levels)
    return (
        f"Levels: {names}. The discount is the framework's mean bias of the level, of a share the "
        "same part of it; sizes are ours."
    )


def _released(used: Mapping[str, Mapping[str, str]], source: str) -> pd.Timestamp | None:
    """When a source was released, by what the study recorded of it."""
    return release_date(used.get(source, {}).get("release", ""))


def source_note(framework: Framework, source: str, used: Mapping[str, Mapping[str, str]]) -> str:
    """Level and age of a source in words, for tables that count programs.

    Parameters
    ----------
    framework : Framework
    source : str
        Id of the source.
    used : mapping
        What the study recorded of its sources: by id, ``release`` among others.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        Where the framework names no level of the source.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> used = {"new_jersey_outcomes": {"release": "snapshot of March 2024"}}
    >>> source_note(load_framework(), "new_jersey_outcomes", used)
    'Source: level 3, administrative records without a comparison group; at least 2.7 years old.'
    """
    level = framework.validity(framework.source_levels[source])
    age = age_years(_released(used, source), framework)
    told = f"at least {age} years old" if age == age else "age not stated"
    name = f"{level.name[0].lower()}{level.name[1:]}"
    return f"Source: level {level.rank}, {name}; {told}."


def trial_note(framework: Framework, outcome: str) -> str:
    """Age of a trial's outcome in words, and why nothing is taken off the means of one arm.

    Parameters
    ----------
    framework : Framework
        Its ``earnings_threshold.dollars_of`` (year of the dollars, by outcome) and date.
    outcome : str
        Column of the outcome.

    Returns
    -------
    str

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> trial_note(load_framework(), "re78")[:72]
    'Outcomes as the study recorded them, about 44 years old (dollars of 1982'
    >>> trial_note(load_framework(), "unknown")[:55]
    'Outcomes as the study recorded them, age not stated. Th'
    """
    threshold = framework.earnings_threshold
    year = threshold.dollars_of.get(outcome) if threshold else None
    age = int(framework.about.as_of[:4]) - int(year) if year else None
    told = f"about {age} years old (dollars of {year})" if age else "age not stated"
    return (
        f"Outcomes as the study recorded them, {told}. They are of people without the program, "
        "so no part of them is its effect and nothing is taken off."
    )


def trusted_outcomes(
    table: pd.DataFrame,
    framework: Framework,
    source: str,
    used: Mapping[str, Mapping[str, str]],
    value: str = "estimate",
) -> pd.DataFrame:
    """Published outcomes with their level, age and discount.

    Parameters
    ----------
    table : DataFrame
        ``metric`` and a column of values.
    framework : Framework
    source : str
        Id of the source.
    used : mapping
        What the study recorded of its sources.
    value : str
        Column of the values: shares of 1, dollars a quarter or a year as the metric says.

    Returns
    -------
    DataFrame
        With ``level``, ``level_rank``, ``age_years`` (since the release: at least that old) and
        ``discount``.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> table = pd.DataFrame({"metric": ["employed_share", "average_quarterly_wage"],
    ...                       "estimate": [0.7, 8000.0]})
    >>> used = {"new_jersey_outcomes": {"release": "snapshot of March 2024"}}
    >>> found = trusted_outcomes(table, load_framework(), "new_jersey_outcomes", used).round(3)
    >>> found[["level_rank", "age_years", "discount"]].values.tolist()
    [[3.0, 2.7, 0.049], [3.0, 2.7, 625.0]]
    """
    money = table["metric"].map(is_money)
    kinds = money.map({True: "money", False: "other"})
    kinds = kinds.mask(table["metric"].str.endswith("_share"), "share")
    a_year = table["metric"].map(lambda name: 1.0 if "year" in money_unit(name) else 4.0)
    rows = table.assign(measure=kinds, estimate=table[value])
    found = with_trust(
        rows, framework, source, measured=_released(used, source), periods_a_year=a_year
    )
    added = ["level", "level_rank", "age_years", "discount"]
    return table.assign(**{name: found[name] for name in added})


def trusted_programs(
    table: pd.DataFrame, framework: Framework, source: str, used: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Outcomes of single programs, small ones hidden before, with coverage and trust.

    Parameters
    ----------
    table : DataFrame
        Table ``program_outcomes``: ``program_key``, ``metric``, ``quarter``, ``value``, ``n``.
    framework, source, used
        As for :func:`trusted_outcomes`.

    Returns
    -------
    DataFrame
        With ``coverage`` (share of those who completed) and the columns of
        :func:`trusted_outcomes`.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rows = pd.DataFrame({"program_key": "a", "quarter": 2, "n": [40.0, 30.0],
    ...     "metric": ["employed_share", "average_quarterly_wage"], "value": [0.7, 8000.0]})
    >>> found = trusted_programs(rows, load_framework(), "new_jersey_outcomes", {})
    >>> found[["coverage", "level_rank"]].values.tolist()
    [[1.0, 3.0], [0.75, 3.0]]
    """
    covered = table.assign(coverage=program_coverage(table))
    return trusted_outcomes(covered, framework, source, used, "value")


def with_levels(table: pd.DataFrame, trusted: pd.DataFrame) -> pd.DataFrame:
    """Level and age of each gap, from the rows that it is the gap of.

    Parameters
    ----------
    table : DataFrame
        Gaps, with ``by``, ``group`` and ``indicator``.
    trusted : DataFrame
        Rows with the same keys and ``level``, ``level_rank``, ``age_years``
        (:func:`analysis.metrics.trust.with_trust`).

    Returns
    -------
    DataFrame
        ``table`` with the three; missing where there is no such row.

    Examples
    --------
    >>> keys = {"by": "gender", "group": "women", "indicator": "employed_q2"}
    >>> gap = pd.DataFrame([keys | {"difference": -0.02}])
    >>> trust = {"level": "administrative", "level_rank": 3, "age_years": 4.5}
    >>> found = with_levels(gap, pd.DataFrame([keys | trust]))
    >>> found[["difference", "level", "age_years"]].values.tolist()
    [[-0.02, 'administrative', 4.5]]
    """
    keys = ["by", "group", "indicator"]
    levels = trusted[[*keys, "level", "level_rank", "age_years"]].drop_duplicates(keys)
    return table.merge(levels, on=keys, how="left", validate="many_to_one")
