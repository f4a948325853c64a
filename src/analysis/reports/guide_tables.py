"""A training guide as a report shows it: columns of its tables and its key figures."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.reports.html_tables import Column

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
PROGRAM_COLUMNS = {
    "program": Column("Program"),
    "provider": Column("Provider"),
    "tier": Column("Tier"),
    "tier_probability": Column("Chance of this tier", "probability"),
    "rating": Column("What was rated"),
    "match": Column("Trains for the job"),
    "covered": Column("New tasks and activities it likely covers"),
    "cost": Column("Tuition, fees, books (dollars)", "dollars"),
    "weeks": Column("Weeks", "count"),
    "where": Column("Where and how"),
    "credential": Column("Credential"),
    "reason": Column("Why here in the order"),
}

TRADE_OFF_COLUMNS = {
    "program": Column("Program"),
    "provider": Column("Provider"),
    "best_in": Column("Nothing listed is better in"),
    "tier": Column("Tier"),
    "coverage": Column("Gap that it likely covers", "share"),
    "cost": Column("Tuition, fees, books (dollars)", "dollars"),
    "weeks": Column("Weeks", "count"),
}


def shown_programs(ranked: pd.DataFrame) -> pd.DataFrame:
    """Recommended programs with their place, delivery and rating in words.

    Parameters
    ----------
    ranked : DataFrame
        From :func:`analysis.guide.ranking.ranked_programs`, with ``rated_as``, ``why_not`` and
        ``not_stated``.

    Returns
    -------
    DataFrame
        The rows with ``recommended``, and ``where``, ``rating`` and ``covered`` (what of the new
        tasks and work activities the jobs that it leads to reach; empty where not known) added.
    """
    shown = ranked[ranked["recommended"]].copy()
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


def guide_figures(
    ranked: pd.DataFrame, new_tasks: pd.DataFrame, gaps: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Counts behind the guide's sentences, as arguments of ``Study.key_figure``."""
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
