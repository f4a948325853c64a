"""How tables of the skill room are shown."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from analysis.reports import words
from analysis.reports.html_tables import Column, interval_columns
from analysis.skills.observed_moves import BEATS


def board_columns(level: float, neighbours: int, *, label: str = "recall") -> dict[str, Column]:
    """Columns of a leaderboard against a list of related occupations.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.
    neighbours : int
        How many nearest occupations are compared.
    label : str
        What the share is called in its heading.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = board_columns(0.95, 10)
    >>> columns["recall_at_10"].heading, columns["interval_low"].heading
    ('Share found (recall at 10)', '95% interval, from')
    """
    return {
        "representation": Column("Measure"),
        f"recall_at_{neighbours}": Column(f"Share found ({label} at {neighbours})", "number3"),
        **interval_columns(level, "number3"),
        "mean_reciprocal_rank": Column("Mean reciprocal rank", "number3"),
        "reciprocal_rank_low": Column("interval, from", "number3"),
        "reciprocal_rank_high": Column("to", "number3"),
        "n_occupations": Column("Occupations", "count"),
    }


def share_columns(level: float, value: str, heading: str, first: str) -> dict[str, Column]:
    """Columns of a table of shares with intervals over occupations.

    Parameters
    ----------
    level : float
        Of the interval.
    value : str
        Column of the shares; ``share`` for a table by measure (``representation``), any other for
        one by ``part``.
    heading, first : str
        Headings of the shares and of the column that names the row.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> list(share_columns(0.95, "share", "Same group", "Measure"))[:2]
    ['representation', 'share']
    >>> list(share_columns(0.95, "recall", "Found", "Group"))[:2]
    ['part', 'recall']
    """
    return {
        ("representation" if value == "share" else "part"): Column(first),
        value: Column(heading, "number3"),
        **interval_columns(level, "number3"),
        "n_occupations": Column("Occupations", "count"),
    }


def truth_columns(level: float, neighbours: int) -> dict[str, Column]:
    """Columns of a leaderboard against a truth of its own.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.
    neighbours : int
        How many nearest occupations are compared, for a heading.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> truth_columns(0.95, 10)["recall"].heading
    'Share found (recall at 10)'
    """
    return {
        "representation": Column("Measure"),
        "recall": Column(f"Share found (recall at {neighbours})", "number3"),
        **interval_columns(level, "number3"),
        "n_occupations": Column("Occupations", "count"),
    }


def board_figures(
    board: pd.DataFrame,
    score: str,
    name: str,
    *,
    rows: str = "representation",
    bounds: tuple[str, str] = ("interval_low", "interval_high"),
) -> Iterator[dict[str, Any]]:
    """Key figures of a leaderboard, or of one measure by parts: every row that has an interval.

    Parameters
    ----------
    board : DataFrame
        ``n_occupations`` and the columns named below.
    score : str
        Column of the estimate.
    name : str
        First part of the figures' names.
    rows : str
        Column that names the row.
    bounds : tuple of str
        Columns of the interval: of a share, or of the mean reciprocal rank.

    Yields
    ------
    dict
        Arguments of ``Study.key_figure``.

    Examples
    --------
    >>> board = pd.DataFrame({"representation": ["Task texts", "random"], "recall": [0.44, 0.01],
    ...     "interval_low": [0.42, None], "interval_high": [0.46, None], "n_occupations": 700})
    >>> [(one["name"], one["interval"]) for one in board_figures(board, "recall", "related")]
    [('related.task_texts', (0.42, 0.46))]
    """
    for row in board[board[bounds[0]].notna()].to_dict("records"):
        label = "".join(c if c.isalnum() else "_" for c in row[rows].lower())
        yield {
            "name": f"{name}.{label}",
            "estimate": row[score],
            "interval": (row[bounds[0]], row[bounds[1]]),
            "n": row["n_occupations"],
            "n_of": "occupations",
            "unit": "share" if bounds[0] == "interval_low" else "mean of one over the rank",
            "note": "percentile bootstrap over occupations",
        }


def audit_columns(level: float) -> dict[str, Column]:
    """Columns of the audit by groups of workers.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> audit_columns(0.9)["interval_low"].heading
    '90% interval, from'
    """
    return {
        "group": Column("Group"),
        "outcome": Column("What is compared"),
        "difference": Column("Difference (share of the wage)", "share"),
        **interval_columns(level, "share"),
        "p_value": Column("p-value", "p_value"),
        "n_occupations": Column("Occupations", "count"),
    }


def audit_figures(audited: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Key figures of the audit.

    Parameters
    ----------
    audited : DataFrame
        From :func:`analysis.skills.bias_audit.audit`: ``group``, ``outcome``, ``difference`` (share
        of the wage per ten points more of the group) with its interval, ``n_occupations``.

    Yields
    ------
    dict
        Arguments of ``Study.key_figure``.

    Examples
    --------
    >>> audited = pd.DataFrame({"group": ["Black workers"], "outcome": ["wage of the nearest"],
    ...     "difference": [-0.02], "interval_low": [-0.03], "interval_high": [-0.01],
    ...     "n_occupations": [300]})
    >>> [(one["name"], one["estimate"]) for one in audit_figures(audited)]
    [('audit.black_workers.nearest', -0.02)]
    """
    for row in audited.to_dict("records"):
        outcome = "nearest" if "nearest" in row["outcome"] else "own"
        yield {
            "name": f"audit.{row['group'].lower().replace(' ', '_')}.{outcome}",
            "estimate": row["difference"],
            "interval": (row["interval_low"], row["interval_high"]),
            "n": row["n_occupations"],
            "n_of": "occupations",
            "unit": "share of the wage per ten points more of the group",
            "note": "log-linear regression with job zone and skill level, clustered by SOC code",
        }


def moves_columns(level: float) -> dict[str, Column]:
    """Columns of a table of measures against observed moves.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = moves_columns(0.95)
    >>> list(columns)[:3], columns["auc_low"].heading
    (['measure', 'auc', 'auc_low'], '95% interval, from')
    """
    return {
        "measure": Column("Measure"),
        "auc": Column("AUC", "number3"),
        **interval_columns(level, "number3", "auc"),
        "lift": Column("Lift of the ten nearest", "number"),
        "verdict": Column("Against the size of the destination alone"),
        "n_pairs": Column("Pairs with a move", "count"),
    }


def moves_figures(scored: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Key figures of measures against observed moves.

    Parameters
    ----------
    scored : DataFrame
        ``measure``, ``auc`` with ``auc_low`` and ``auc_high``, ``n_origins`` and ``verdict``.

    Yields
    ------
    dict
        Arguments of ``Study.key_figure``.

    Examples
    --------
    >>> scored = pd.DataFrame({"measure": ["Task texts"], "auc": [0.71], "auc_low": [0.69],
    ...     "auc_high": [0.73], "n_origins": [400], "verdict": [BEATS]})
    >>> [(one["name"], one["estimate"], one["note"]) for one in moves_figures(scored)]
    [('moves.task_texts', 0.71, 'bootstrap over origins; beats the baseline')]
    """
    for row in scored.to_dict("records"):
        label = "".join(c if c.isalnum() else "_" for c in row["measure"].lower())
        yield {
            "name": f"moves.{label}",
            "estimate": row["auc"],
            "interval": (row["auc_low"], row["auc_high"]),
            "n": row["n_origins"],
            "n_of": "origins",
            "unit": "AUC",
            "note": f"bootstrap over origins; {row['verdict']}",
        }


def board_sentence(
    board: pd.DataFrame, chosen: str, score: str, what: str, occupations: int, level: float
) -> str:
    """How much of a list of related occupations the chosen measure finds, against chance.

    Parameters
    ----------
    board : DataFrame
        ``representation``, ``score``, ``interval_low``, ``interval_high``; one row is a random
        order.
    chosen : str
        Measure that is used.
    score : str
        Column with the share found.
    what : str
        What the share is of, in words that hold ``{share}``.
    occupations : int
    level : float
        Confidence level of the interval.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> board = pd.DataFrame({"representation": ["tasks", "random order, expected"],
    ...     "recall": [0.44, 0.01], "interval_low": [0.42, None], "interval_high": [0.46, None]})
    >>> said = board_sentence(board, "tasks", "recall", "finds {share} of a list", 700, 0.95)
    >>> said[44:104], said[-27:]
    ('s 44.0% (95% interval 42.0% to 46.0%) of a list, over 700 oc', ' a random order it is 1.0%.')
    """
    rows = board.set_index("representation")
    top = rows.loc[chosen]
    limits = words.interval(top["interval_low"], top["interval_high"], "share")
    share = f"{words.number(top[score], 'share')} ({level:.0%} interval {limits})"
    by_chance = words.number(rows.loc["random order, expected", score], "share")
    return (
        f"The measure used for neighbours ({words.text(chosen)}) "
        f"{what.format(share=share)}, over {occupations:,} occupations; for a random order it is "
        f"{by_chance}."
    )


def truths_sentence(
    measures: int, chosen: str, independent: Sequence[str], boards: Sequence[pd.DataFrame]
) -> str:
    """What the chosen measure finds on truths that do not come from the same texts.

    Parameters
    ----------
    measures : int
        How many were compared.
    chosen : str
    independent : sequence of str
        Names of the truths.
    boards : sequence of DataFrame
        ``representation`` and ``recall`` on each.

    Returns
    -------
    str
        Two sentences; without boards the second says that no such truth is at hand.

    Examples
    --------
    >>> board = pd.DataFrame({"representation": ["tasks"], "recall": [0.4371]})
    >>> truths_sentence(9, "tasks", ["shared CIP"], [board])[-32:]
    'the share is 43.7% (shared CIP).'
    """
    compared = f"{measures} measures were compared. "
    if not boards:
        return compared + (
            "The groups of the classification are a coarse label, and no other is at hand here."
        )
    found = [
        f"{words.number(board.set_index('representation').loc[chosen, 'recall'], 'share')} ({name})"
        for name, board in zip(independent, boards, strict=True)
    ]
    return compared + (
        "O*NET's list is partly made from the same texts; on truths that are not, the share is "
        f"{words.joined(found)}."
    )


def moves_sentence(scored: pd.DataFrame | None, chosen: str) -> str:
    """What observed moves say of the chosen measure, or that none are at hand.

    Parameters
    ----------
    scored : DataFrame or None
        As for :func:`moves_figures`; None where no table of moves was given.
    chosen : str
        Measure that is used.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> moves_sentence(None, "tasks")[:63]
    'Nothing here has been held against moves that workers made, sin'
    >>> scored = pd.DataFrame({"measure": ["tasks"], "auc": [0.71], "auc_low": [0.69],
    ...                        "auc_high": [0.73], "verdict": [BEATS]})
    >>> "an AUC of 0.710 (0.690 to 0.730)" in moves_sentence(scored, "tasks")
    True
    """
    if scored is None:
        return (
            "Nothing here has been held against moves that workers made, since no table of real "
            "moves is at hand: likeness is not a promise that a move succeeds. Give such a table "
            "by the parameter 'moves', or use 'workbench evaluate similarity --pairs FILE'."
        )
    row = scored.set_index("measure").loc[chosen]
    no_better = (
        "So it says nothing of where workers go beyond how large a job is: read its neighbours "
        "as alike in their work, not as moves that workers make. "
    )
    held = "" if row["verdict"] == BEATS else no_better
    return (
        f"Held against the moves in the file that was given, it has an AUC of {row['auc']:.3f} "
        f"({words.interval(row['auc_low'], row['auc_high'], 'number3')}) and "
        f"{words.text(row['verdict'])}, which is the size of the destination alone. {held}"
        "A move that was made is not yet a move that paid."
    )
