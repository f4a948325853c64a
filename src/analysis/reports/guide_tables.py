"""A training guide as a report shows it: columns of its tables and its key figures."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.guide.payback import payback_months
from analysis.reports.html_tables import Column
from analysis.reports.words import number

STRENGTH_COLUMNS = {
    "strength": Column("You bring"),
    "kind": Column("Kind"),
    "why": Column("Why it counts in the new job"),
}
TASK_COLUMNS = {
    "task": Column("New task"),
    "nearest_origin_task": Column("Nearest task of your job"),
    "best_cosine": Column("Likeness (−1 to 1)", "number"),
}
GAP_COLUMNS = {
    "element": Column("Must grow"),
    "domain": Column("Kind"),
    "gap": Column("Levels to gain", "number"),
    "interval_low": Column("95% interval, from", "number"),
    "interval_high": Column("to", "number"),
    "probability": Column("Chance that it is a real gap", "probability"),
}
TECHNOLOGY_COLUMNS = {
    "commodity_title": Column("Technology to learn"),
    "examples": Column("For example"),
}
# what decides comes first: on a narrow page the rest is scrolled to
PROGRAM_COLUMNS = {
    "program": Column("Program"),
    "provider": Column("Provider"),
    "tier_in_words": Column("Tier and its chance"),
    "cost": Column("Tuition, fees, books (dollars)", "dollars"),
    "payback_months": Column("Months of the wage step to pay it", "count"),
    "weeks": Column("Weeks", "count"),
    "where": Column("Where and how"),
    "rating": Column("What was rated"),
    "n": Column("People behind the tier", "count"),
    "match": Column("How it is known to train for the job"),
    "covered": Column("New tasks and activities it likely covers"),
    "credential": Column("Credential"),
    "reason": Column("Why here in the order"),
}
PROGRAM_NOTE = (
    "Costs as the list states them; 0 means that the list says 0. No list states aid, so what is "
    "left to pay is not known. Months: the cost over the difference between the two jobs' median "
    "wages, which nobody is promised. Outcomes for people like the worker are not known: no list "
    "states them by race or gender. Stated by the list: the list itself names the job. CIP "
    "crosswalk: the federal table of fields of study links the program's field to the job. Text "
    "similarity: only its words are near."
)
TRADE_OFF_COLUMNS = {
    "program": Column("Program"),
    "provider": Column("Provider"),
    "best_in": Column("Nothing listed is better in"),
    "tier_in_words": Column("Tier and its chance"),
    "coverage": Column("Gap that it likely covers", "share"),
    "cost": Column("Tuition, fees, books (dollars)", "dollars"),
    "weeks": Column("Weeks", "count"),
}


def shown_programs(ranked: pd.DataFrame, pair: Mapping[str, Any]) -> pd.DataFrame:
    """Recommended programs with their place, delivery, tier and rating in words.

    Parameters
    ----------
    ranked : DataFrame
        From :func:`analysis.guide.ranking.ranked_programs`, with ``rated_as``, ``why_not`` and
        ``not_stated``.
    pair : mapping
        ``origin_median_wage`` and ``target_median_wage``, dollars a year.

    Returns
    -------
    DataFrame
        The rows with ``recommended``, and ``where``, ``tier_in_words``, ``rating``,
        ``payback_months`` (:func:`analysis.guide.payback.payback_months`) and ``covered`` (what
        of the new tasks and work activities the jobs that it leads to reach; empty where not
        known) added.

    Examples
    --------
    >>> ranked = pd.DataFrame({"program": ["Welding", "Pipes"], "recommended": [True, False],
    ...     "tier": "B", "tier_probability": 0.8, "borderline": False, "runner_up": "A",
    ...     "cost": 1000.0, "city": "Lima", "county": None, "delivery": "Hybrid", "why_not": "",
    ...     "rated_as": "This program.", "not_stated": "weeks", "covers": "Weld parts."})
    >>> shown = shown_programs(ranked, {"origin_median_wage": 30_000, "target_median_wage": 36_000})
    >>> shown[["program", "where", "tier_in_words", "payback_months"]].values.tolist()
    [['Welding', 'Lima, Hybrid', 'B (chance .80)', 2.0]]
    >>> shown["rating"].tolist()
    ['This program. Not stated: weeks.']
    """
    shown = ranked[ranked["recommended"]].copy()
    step = float(pair["target_median_wage"]) - float(pair["origin_median_wage"])
    shown["payback_months"] = payback_months(shown["cost"], step)
    shown["tier_in_words"] = pd.array([tier_in_words(row) for _, row in shown.iterrows()], "str")
    parts = shown[["city", "county", "delivery"]].fillna("")
    shown["where"] = [", ".join(dict.fromkeys(filter(None, row))) for row in parts.to_numpy()]
    rating = shown["rated_as"].where(shown["tier"].notna(), shown["why_not"])
    shown["rating"] = [
        f"{words} Not stated: {silent}." if silent else words
        for words, silent in zip(rating, shown["not_stated"], strict=True)
    ]
    known = [name for name in ("covers", "covers_activities") if name in shown]
    covers = shown[known].fillna("").to_numpy()
    named_parts = ["; ".join(filter(None, row)).replace(".; ", "; ") for row in covers]
    shown["covered"] = pd.array(named_parts, dtype="str")
    return shown.reset_index(drop=True)


def tier_in_words(program: pd.Series) -> str:
    """A program's tier with its chance and, where that is not sure, the tier that it may be.

    Parameters
    ----------
    program : Series
        ``tier`` (missing where it cannot be rated), ``tier_probability``, ``borderline`` and
        ``runner_up``.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> tier_in_words(pd.Series({"tier": "B", "tier_probability": 0.07, "borderline": True,
    ...                          "runner_up": "A"}))
    'B (chance .07; it may be A)'
    >>> tier_in_words(pd.Series({"tier": None}))
    'cannot be rated'
    """
    if pd.isna(program["tier"]):
        return "cannot be rated"
    chance = f"chance {number(program['tier_probability'], 'probability')}"
    if pd.notna(program["borderline"]) and bool(program["borderline"]):
        chance += f"; it may be {program['runner_up']}"
    return f"{program['tier']} ({chance})"


def guide_figures(
    ranked: pd.DataFrame, new_tasks: pd.DataFrame, gaps: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Counts behind the guide's sentences, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    ranked : DataFrame
        From :func:`analysis.guide.ranking.ranked_programs`: ``recommended`` (bool) and ``tier``.
    new_tasks : DataFrame
        All tasks of the target with their ``band``.
    gaps : DataFrame
        One row a rated element that must clearly grow.

    Yields
    ------
    dict
        Four counts.

    Examples
    --------
    >>> ranked = pd.DataFrame({"recommended": [True, True, False], "tier": ["A", None, "C"]})
    >>> tasks = pd.DataFrame({"band": ["new", "same"]})
    >>> gaps = pd.DataFrame({"element": ["Biology"]})
    >>> for figure in guide_figures(ranked, tasks, gaps):
    ...     print(figure["name"], figure["estimate"], "of", figure["n"])
    programs.recommended 2 of 3
    programs.rated 1 of 2
    tasks.new 1 of 2
    elements.grow 1 of 1
    """
    shown = ranked[ranked["recommended"]]
    counts = {
        "programs.recommended": (len(shown), len(ranked), "programs"),
        "programs.rated": (int(shown["tier"].notna().sum()), len(shown), "programs"),
        "tasks.new": (int(new_tasks["band"].eq("new").sum()), len(new_tasks), "tasks"),
        "elements.grow": (len(gaps), len(gaps), "elements"),
    }
    for name, (count, n, unit) in counts.items():
        yield {
            "name": name,
            "estimate": count,
            "n": n,
            "n_of": unit,
            "unit": unit,
            "note": "a count by a stated rule, so no interval",
        }
