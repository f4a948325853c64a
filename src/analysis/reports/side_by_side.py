"""Several targets as a coach reads them: one column a target, one line a question."""

from collections.abc import Sequence

import pandas as pd

from analysis.reports.guide_tables import tier_in_words
from analysis.reports.html_tables import Column
from analysis.reports.words import count_noun, joined, number, text

_NEEDED = {
    True: "perhaps not: apply first, a program is the second step",
    False: "most likely; ask employers what they teach on the job",
    None: "not known: the jobs are not rated",
}


def target_columns(table: pd.DataFrame) -> dict[str, Column]:
    """Columns of :func:`target_facts`: the question, then one for each target.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.guide.several_targets.side_by_side`: ``target_code``, ``target_title``.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> table = pd.DataFrame({"target_code": ["29-2061"], "target_title": ["Practical Nurses"]})
    >>> {name: column.heading for name, column in target_columns(table).items()}
    {'fact': 'Question', '29-2061': 'Practical Nurses'}
    """
    targets = zip(table["target_code"], table["target_title"], strict=True)
    return {"fact": Column("Question")} | {code: Column(title) for code, title in targets}


def target_facts(table: pd.DataFrame, tier_labels: Sequence[str]) -> pd.DataFrame:
    """The rows of :func:`analysis.guide.several_targets.side_by_side` turned, each cell in words.

    Parameters
    ----------
    table : DataFrame
        One row a target.
    tier_labels : sequence of str
        Tiers, best first; programs of the last are not recommended.

    Returns
    -------
    DataFrame
        ``fact``, and a column for each target, named by its code; all text.

    Examples
    --------
    >>> row = {"target_code": "29-2061", "carries_over": 0.6, "new_tasks": 8, "tasks": 20,
    ...     "carries": "Listening", "elements": 3, "grows": "Medicine", "foundation": "some",
    ...     "education": "certificate", "target_median_wage": 60000.0, "wage_area": "NJ",
    ...     "wage_step": 21000.0, "small_step": False, "programs": 2, "tier_A": 1, "not_rated": 1,
    ...     "lowest_tier": 4, "group_at_risk": 0, "first_program": "Nursing",
    ...     "first_provider": "City College", "first_tier": "A", "first_tier_probability": 0.9,
    ...     "first_runner_up": "B", "first_borderline": False, "first_cost": 9000.0,
    ...     "first_weeks": None}
    >>> facts = target_facts(pd.DataFrame([row]), ["A", "D"]).set_index("fact")["29-2061"]
    >>> facts["Tasks that carry over"], facts["Median wage a year"]
    ('60.0% (8 of 20 tasks are new)', '$60,000 (NJ), $21,000 more than now')
    >>> facts["Programs here"]
    '2: 1 in tier A, 1 cannot be rated, 4 in tier D not recommended'
    >>> facts["Its tier"], facts["Its tuition, fees and books"], facts["Its weeks"]
    ('A (chance .90)', '$9,000', 'not stated')
    """
    columns = {row["target_code"]: _facts(row, tier_labels) for _, row in table.iterrows()}
    facts = pd.DataFrame(columns).rename_axis("fact").reset_index()
    return facts.astype("str")


def _facts(row: pd.Series, tier_labels: Sequence[str]) -> dict[str, str]:
    return {
        "Tasks that carry over": _carried(row),
        "What you bring": row["carries"] or "nothing that ratings show",
        "Must clearly grow": _grows(row),
        "Preparation": row["foundation"],
        "Education that most name as required": row["education"],
        "Median wage a year": _wage(row),
        "Is training needed?": _NEEDED[
            None if pd.isna(row["small_step"]) else bool(row["small_step"])
        ],
        "Programs here": _programs(row, tier_labels),
        "First in the order": _first(row),
        "Its tier": _tier(row),
        "Its tuition, fees and books": _of_first(row, "cost", "dollars"),
        "Its weeks": _of_first(row, "weeks", "count"),
    }


def _carried(row: pd.Series) -> str:
    if pd.isna(row["carries_over"]):
        return "not known: no tasks of the two jobs to compare"
    new = f"{row['new_tasks']} of {count_noun(int(row['tasks']), 'task')}"
    return f"{number(row['carries_over'], 'share')} ({new} are new)"


def _grows(row: pd.Series) -> str:
    if pd.isna(row["elements"]):
        return "not known: the jobs are not rated"
    count = count_noun(int(row["elements"]), "rated skill or field", "rated skills and fields")
    return f"{count}: {row['grows']}" if row["grows"] else count


def _wage(row: pd.Series) -> str:
    if pd.isna(row["target_median_wage"]):
        return "not published"
    wage = f"{number(row['target_median_wage'], 'dollars')} ({row['wage_area']})"
    if pd.isna(row["wage_step"]):
        return wage
    way = "more" if row["wage_step"] >= 0 else "less"
    return f"{wage}, {number(abs(row['wage_step']), 'dollars')} {way} than now"


def _programs(row: pd.Series, tier_labels: Sequence[str]) -> str:
    counts = [(f"in tier {label}", row[f"tier_{label}"]) for label in tier_labels[:-1]]
    counts.append(("cannot be rated", row["not_rated"]))
    parts = [f"{count:,} {words}" for words, count in counts if count]
    counts = [
        (f"in tier {tier_labels[-1]} not recommended", row["lowest_tier"]),
        ("that may leave a group no better off not recommended", row["group_at_risk"]),
    ]
    left = [f"{count:,} {words}" for words, count in counts if count]
    if not row["programs"]:
        return f"none ({', '.join(left)})" if left else "none"
    return f"{row['programs']:,}: {', '.join([*parts, *left])}"


def _first(row: pd.Series) -> str:
    if not row["programs"]:
        return "no program here"
    return f"{row['first_program']} ({row['first_provider']})"


def _tier(row: pd.Series) -> str:
    if not row["programs"]:
        return number(None)
    names = ("tier", "tier_probability", "runner_up", "borderline")
    return tier_in_words(pd.Series({name: row[f"first_{name}"] for name in names}))


def _of_first(row: pd.Series, name: str, kind: str) -> str:
    value = row[f"first_{name}"]
    if not row["programs"]:
        return number(None)
    return "not stated" if pd.isna(value) else number(float(value), kind)


def targets_sentence(table: pd.DataFrame) -> str:
    """Which of the targets is nearest, which pays most, and which have a program with a tier.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.guide.several_targets.side_by_side`.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> table = pd.DataFrame({"target_title": ["Nurses", "Welders"], "carries_over": [0.6, 0.3],
    ...     "target_median_wage": [60000.0, 51000.0], "first_tier": ["A", None],
    ...     "foundation": "some"})
    >>> targets_sentence(table)[:58]
    'Of 2 targets Nurses is nearest in its tasks (60.0% carry o'
    >>> targets_sentence(table.head(1))
    'There is no other target to hold beside this one.'
    """
    if len(table) < 2:
        return "There is no other target to hold beside this one."
    parts = [f"There are {count_noun(len(table), 'target')}"]
    if table["carries_over"].notna().any():
        near = table.loc[table["carries_over"].idxmax()]
        parts = [
            f"Of {count_noun(len(table), 'target')} {text(near['target_title'])} is nearest in "
            f"its tasks ({number(near['carries_over'], 'share')} carry over)"
        ]
    if table["target_median_wage"].notna().any():
        paid = table.loc[table["target_median_wage"].idxmax()]
        wage = number(paid["target_median_wage"], "dollars")
        parts.append(f"{text(paid['target_title'])} pays most ({wage})")
    rated = table.loc[table["first_tier"].notna(), "target_title"]
    names = joined([text(title) for title in rated])
    parts.append(
        f"a program with a tier is there for {names}" if names else "no program for any has a tier"
    )
    said = "; ".join(parts) + "."
    if table["foundation"].str.contains("not known|not at hand").any():
        said += (
            " How much preparation a job asks for is not known for all of them: one that is near "
            "in its tasks may still ask for a degree."
        )
    return said
