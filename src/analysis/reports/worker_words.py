"""How a worker's own record is shown."""

from analysis.framework import Skills
from analysis.reports.html_tables import Column

RECORD_COLUMNS = {
    "said": Column("The record says"),
    "kind": Column("As"),
    "matched_as": Column("Taken for (kind)"),
    "matched_to": Column("Taken for"),
    "score": Column("Likeness (0 to 1)", "number"),
    "level": Column("Level stated", "number"),
    "why": Column("Counts, or why not"),
}


def rule_in_words(rules: Skills) -> str:
    """The rule by which past jobs and statements are put together.

    Parameters
    ----------
    rules : Skills
        The framework's ``skills``: years a job counts, error of a stated level, scores of a match.

    Returns
    -------
    str
        For the note of a table.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rule_in_words(load_framework().skills)[:52]
    'A past job counts if held for 0.5 years or more and '
    """
    return (
        f"A past job counts if held for {rules.worker_minimum_years:g} years or more and ended at "
        f"most {rules.worker_most_years_ago:g} years ago. A stated level has a standard error of "
        f"{rules.worker_stated_error:g} levels. Words match from a likeness of "
        f"{rules.worker_match_score:g}, products by letters from "
        f"{rules.worker_product_score:g}. A task is never called known: ask. "
        "The wage is that of the last job that counts, the job zone the highest."
    )
