"""The delta of a move in words: facts of the pair, columns, key figures and the answer."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.framework import GoodJob
from analysis.reports import words
from analysis.reports.html_tables import Column, interval_columns
from analysis.skills.move import Move


def pair_facts(row: pd.Series, education: tuple[str, str] | None = None) -> pd.DataFrame:
    """Zone, typical education and wage of the two jobs, side by side, each as text.

    Parameters
    ----------
    row : Series
        The row of `analysis.skills.move.pair_row`.
    education : tuple of str, optional
        Typical education of origin and target, from `analysis.skills.education_step`.

    Returns
    -------
    DataFrame
        ``fact``, ``origin``, ``target``.

    Examples
    --------
    >>> row = {"origin_code": "", "target_code": "29-1141.00", "jobs_area": "Ohio"}
    >>> row |= {"origin_job_zone": None, "target_job_zone": 3.0, "origin_jobs": None}
    >>> row |= {"target_jobs": 130_250.0, "target_median_wage": 80_000.0}
    >>> row |= {"origin_median_wage": None, "origin_jobs_per_1000": None}
    >>> row |= {"target_jobs_per_1000": 23.8}
    >>> facts = pair_facts(pd.Series(row), ("not known", "an associate degree"))
    >>> facts.loc[2, "target"]
    'an associate degree'
    >>> facts.loc[[0, 3]].values.tolist()
    [['Code', 'no past job given', '29-1141.00'], ['Median wage a year', '–', '$80,000']]
    """

    def both(kind: str, name: str) -> tuple[str, str]:
        values = (row[f"origin_{name}"], row[f"target_{name}"])
        shown = [words.number(None if pd.isna(value) else float(value), kind) for value in values]
        return shown[0], shown[1]

    facts = [
        ("Code", row["origin_code"] or "no past job given", row["target_code"]),
        ("Job zone (1 little to 5 extensive preparation)", *both("count", "job_zone")),
        *([("Education that most name as required", *education)] if education else []),
        ("Median wage a year", *both("dollars", "median_wage")),
        (f"Jobs in {row['jobs_area'] or 'the place'}", *both("count", "jobs")),
        ("Of 1,000 jobs there", *both("number", "jobs_per_1000")),
    ]
    return pd.DataFrame(facts, columns=["fact", "origin", "target"]).astype("str")


STEP_COLUMNS = {
    "target_title": Column("Target"),
    "foundation": Column("Preparation"),
    "education": Column("Education that most name as required"),
    "new_tasks": Column("Tasks that are new", "count"),
    "tasks": Column("of so many", "count"),
    "elements": Column("Rated elements that must clearly grow", "count"),
    "grows": Column("The largest needs"),
    "target_median_wage": Column("Median wage (dollars a year)", "dollars"),
}


def gap_columns(level: float) -> dict[str, Column]:
    """Columns of a table of gaps.

    Parameters
    ----------
    level : float
        Confidence level of the intervals.

    Returns
    -------
    dict of str to Column
        ``interval_low`` and ``interval_high`` are of the whole gap; all numbers but the chance are
        in levels (0 to 7).

    Examples
    --------
    >>> gap_columns(0.95)["interval_low"].heading
    '95% interval, from'
    """
    return {
        "element": Column("Element"),
        "level_origin": Column("Level, origin", "number"),
        "level_target": Column("Level, target", "number"),
        "specific": Column("Gap beyond the foundation", "number"),
        "gap": Column("Whole gap", "number"),
        **interval_columns(level, "number"),
        "adjusted_probability": Column("Chance of a gap over half a level", "probability"),
        "need": Column("Need", "number"),
        "flags": Column("Flags"),
    }


def delta_figures(
    row: pd.Series,
    gaps: pd.DataFrame,
    tasks: pd.DataFrame,
    activities: pd.DataFrame,
    programs: pd.DataFrame,
) -> Iterator[dict[str, Any]]:
    """Key figures of a move, as arguments of `analysis.reports.study.Study.key_figure`.

    Parameters
    ----------
    row : Series
        The row of `analysis.skills.move.pair_row`: median wages in dollars a year, ``wage_area``.
    gaps : DataFrame
        One row a rated element: ``shown``, ``domain``, ``element``, ``gap`` (levels, 0 to 7),
        ``standard_error``, ``interval_low``, ``interval_high``, ``adjusted_probability``.
    tasks : DataFrame
        Tasks of the target with their ``band``.
    activities : DataFrame
        Work activities of the target with their ``relation`` to the origin.
    programs : DataFrame
        One row a program that matches.

    Yields
    ------
    dict
        One a gap that is shown, four counts, and the step in wages where both are known.

    Examples
    --------
    >>> row = pd.Series({"origin_median_wage": 30_000.0, "target_median_wage": 42_000.0,
    ...                  "wage_area": "Ohio"})
    >>> gaps = pd.DataFrame({"shown": [True, False], "domain": "skill",
    ...     "element": ["Active Learning", "Writing"], "gap": [1.5, 0.1], "standard_error": 0.2,
    ...     "interval_low": [1.1, -0.3], "interval_high": [1.9, 0.5], "adjusted_probability": 0.9})
    >>> tasks = pd.DataFrame({"band": ["new", "same", "new"]})
    >>> activities = pd.DataFrame({"relation": ["same"]})
    >>> found = delta_figures(row, gaps, tasks, activities, pd.DataFrame({"program": ["Welding"]}))
    >>> for figure in found:
    ...     print(figure["name"], figure["estimate"], figure["n"])
    gap.skill.active_learning 1.5 2
    elements.shown 1 2
    tasks.new 2 3
    activities.new 0 1
    programs 1 1
    wage_step 12000.0 2
    """
    shown = gaps[gaps["shown"].astype(bool)]
    yield from _of_gaps(shown)
    new_tasks = int(tasks["band"].eq("new").sum())
    new_activities = int(activities["relation"].eq("new").sum())
    for name, count, of, what in (
        ("elements.shown", len(shown), len(gaps), "rated elements"),
        ("tasks.new", new_tasks, len(tasks), "tasks of the target"),
        ("activities.new", new_activities, len(activities), "activities of the target"),
        ("programs", len(programs), len(programs), "programs"),
    ):
        yield {"name": name, "estimate": count, "n": of, "n_of": what, "unit": "count",
               "note": "a count; nothing is sampled"}  # fmt: skip
    step = row["target_median_wage"] - row["origin_median_wage"]
    if np.isfinite(step):
        yield {
            "name": "wage_step",
            "estimate": step,
            "n": 2,
            "n_of": "occupations",
            "unit": "dollars a year, difference of medians",
            "note": f"{row['wage_area']}; no interval: the source states none for medians",
        }


def _of_gaps(shown: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for gap in shown.itertuples():
        yield {
            "name": f"gap.{gap.domain}.{str(gap.element).lower().replace(' ', '_')}",
            "estimate": gap.gap,
            "standard_error": gap.standard_error,
            "interval": (gap.interval_low, gap.interval_high),
            "n": 2,
            "n_of": "rated occupations",
            "unit": "levels (0 to 7)",
            "note": f"chance of a gap over half a level, adjusted: {gap.adjusted_probability:.3f}",
        }


def delta_sentences(
    move: Move,
    row: pd.Series,
    shown: pd.DataFrame,
    tasks: pd.DataFrame,
    programs: pd.DataFrame,
    place: str,
) -> list[str]:
    """The answer in three sentences, from the objects that the tables show.

    Parameters
    ----------
    move : Move
    row : Series
        The row of `analysis.skills.move.pair_row`.
    shown : DataFrame
        Gaps that are clear of noise, largest first: ``element``.
    tasks : DataFrame
        Tasks of the target, ``task`` and ``band``; the first new one is the example.
    programs : DataFrame
        Programs that match, with ``match`` (how that is known).
    place : str
        Where was looked.

    Returns
    -------
    list of str
        Three HTML-safe sentences: tasks, gaps, wage and programs.

    Examples
    --------
    >>> move = Move("35-3023.00", "29-1141.00", "Fast Food Workers", "Registered Nurses")
    >>> row = pd.Series({"foundation": "two zones up", "rests_on": "tasks and skills",
    ...     "origin_median_wage": 30_000.0, "target_median_wage": 80_000.0, "wage_area": "Ohio",
    ...     "origin_code": "35-3023.00"})
    >>> tasks = pd.DataFrame({"task": ["Give shots.", "Clean tables."], "band": ["new", "same"]})
    >>> programs = pd.DataFrame({"match": ["crosswalk", "text similarity"]})
    >>> shown = pd.DataFrame({"element": ["Biology"]})
    >>> for sentence in delta_sentences(move, row, shown, tasks, programs, "Ohio"):
    ...     print(sentence[:90])
    From Fast Food Workers to Registered Nurses: two zones up; 1 of 2 tasks of the target read
    Of the rated skills and knowledge, 1 gap is clear of noise, the largest in “Biology”.
    The median wage in Ohio is $80,000 against $30,000; 1 program in Ohio is linked to the tar
    """
    origin, target = words.text(move.origin_title), words.text(move.target_title)
    if move.is_none:
        return [
            f"Origin and target are the same job ({target}), so there is no gap.",
            "Nothing is missing and everything carries over.",
            f"{words.count_noun(len(programs), 'program')} in {place} train for it.",
        ]
    return [
        _tasks_sentence(f"From {origin} to {target}: {words.text(row['foundation'])}", tasks),
        _gaps_sentence(shown, rated=row["rests_on"].endswith("skills")),
        f"{_wage_words(row)}; {_programs_words(programs, place)}",
    ]


def _tasks_sentence(start: str, tasks: pd.DataFrame) -> str:
    new = tasks[tasks["band"].eq("new")]
    if not len(new):
        return f"{start}; every task of the target reads like one of the origin."
    example = words.text(new["task"].iloc[0].rstrip("."))
    return (
        f"{start}; {len(new)} of {words.count_noun(len(tasks), 'task')} of the target read like no "
        f"task of the origin, such as “{example}”."
    )


def _gaps_sentence(shown: pd.DataFrame, *, rated: bool) -> str:
    if not len(shown) and not rated:
        return "Ratings of skills and knowledge are not at hand for both jobs, so none is shown."
    named = [f"“{words.text(name)}”" for name in shown["element"].head(3)]
    largest = f", the largest in {words.joined(named)}" if named else ""
    return (
        f"Of the rated skills and knowledge, {words.count_noun(len(shown), 'gap')} "
        f"{'is' if len(shown) == 1 else 'are'} clear of noise{largest}."
    )


def _wage_words(row: pd.Series) -> str:
    pay = [row["origin_median_wage"], row["target_median_wage"]]
    if np.isfinite(pay).all():
        return (
            f"The median wage in {words.text(row['wage_area'])} is "
            f"{words.number(pay[1], 'dollars')} against {words.number(pay[0], 'dollars')}"
        )
    if not row["origin_code"]:
        return "No past job given, so there is no wage to compare with"
    return "The wage of one of the two jobs is not published"


def _programs_words(programs: pd.DataFrame, place: str) -> str:
    grounded = programs[programs["match"].ne("text similarity")]
    return (
        f"{words.count_noun(len(grounded), 'program')} in {place} "
        f"{'is' if len(grounded) == 1 else 'are'} linked to the target by the list or the "
        f"crosswalk, and {len(programs) - len(grounded):,} more by words alone. These are all "
        "matches; the training guide leaves out those of the lowest tier and those that stand in "
        "two lists."
    )


def target_columns(place: str) -> dict[str, Column]:
    """Columns of the better-paid jobs near an origin.

    Parameters
    ----------
    place : str
        Where the wages are of.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> target_columns("Ohio")["median_wage"].heading
    'Median wage, Ohio (dollars)'
    """
    return {
        "target_title": Column("Job"),
        "median_wage": Column(f"Median wage, {place} (dollars)", "dollars"),
        "wage_gain": Column("Gain on the origin (dollars)", "dollars"),
        "delta": Column("Delta", "number"),
        "new_task_share": Column("Tasks that are new", "share"),
        "job_zone": Column("Job zone", "count"),
        "kind": Column("By the good-job rule"),
    }


def good_job_note(rule: GoodJob) -> str:
    """The rule in words, with what is not applied of it.

    Parameters
    ----------
    rule : GoodJob
        The framework's ``good_job``; its limits are in dollars of ``dollars_of_year``, which
        ``inflation_factor`` brings to those of the wages.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rule = load_framework().good_job.model_copy(update={"name": "Good job",
    ...     "minimum_annual_earnings": 40_000.0, "low_income_below": 30_000.0,
    ...     "inflation_factor": 1.1, "dollars_of_year": 2020})
    >>> good_job_note(rule)[:87]
    'Good job: a target pays over $44,000 ($40,000 in 2020 dollars), a gateway from $33,000.'
    """
    good = rule.minimum_annual_earnings * rule.inflation_factor
    low = rule.low_income_below * rule.inflation_factor
    return (
        f"{rule.name}: a target pays over {words.number(good, 'dollars')} "
        f"({words.number(rule.minimum_annual_earnings, 'dollars')} in {rule.dollars_of_year} "
        f"dollars), a gateway from {words.number(low, 'dollars')}. Not applied, since no data: "
        f"{words.joined(rule.not_applied)}. {rule.citation}."
    )


def targets_alt(near: pd.DataFrame, origin_title: str) -> str:
    """Text alternative of the picture of wage gain against delta.

    Parameters
    ----------
    near : DataFrame
        One row a better-paid job: ``target_title``, ``wage_gain`` (dollars a year), ``good_job``
        (bool). Not empty.
    origin_title : str

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> near = pd.DataFrame({"target_title": ["Welders", "Nurses"],
    ...                      "wage_gain": [9_000.0, 40_000.0], "good_job": [False, True]})
    >>> targets_alt(near, "Cashiers").split(". ")[1]
    'The largest gain is $40,000 a year (Nurses); 1 meets the good-job wage.'
    """
    top = near.nlargest(1, "wage_gain").iloc[0]
    good = int(near["good_job"].sum())
    return (
        f"Points for {len(near)} jobs that pay more than {origin_title} and ask for little more. "
        f"The largest gain is {words.number(top['wage_gain'], 'dollars')} a year "
        f"({top['target_title']}); {good} {'meets' if good == 1 else 'meet'} the good-job wage."
    )
