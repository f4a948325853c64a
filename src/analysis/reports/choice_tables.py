"""How the answer depends on which metrics count: columns, sentence, picture, key figures."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.framework import CountedMetric
from analysis.reports.html_tables import Column, interval_columns
from analysis.reports.pictures import forest
from analysis.reports.words import count_noun, number, text

NOT_AT_HAND = (
    "No program at hand has more than one metric that counts, so the choice cannot be shown."
)


def choice_columns(labels: Sequence[str], level: float) -> dict[str, Column]:
    """Columns of the table of choices.

    Parameters
    ----------
    labels : sequence of str
        Tiers, best first.
    level : float
        Confidence level of the interval.

    Returns
    -------
    dict of str to Column
        Columns of :func:`analysis.tiers.metric_choices.metric_choices`, as they are shown.

    Examples
    --------
    >>> [column.heading for column in choice_columns(["A", "B"], 0.9).values()][4:6]
    ['90% interval, from', 'to']
    >>> list(choice_columns(["A", "B"], 0.9))[-2:]
    ['tier_A', 'tier_B']
    """
    return {
        "choice": Column("What counts"),
        "programs": Column("Programs", "count"),
        "meets": Column("Meet it", "count"),
        "share": Column("Share that meet it", "share"),
        **interval_columns(level, "share"),
        "expected": Column("Share expected once noise is counted", "share"),
        "open_share": Column("Open within the noise", "share"),
        **{
            f"tier_{label}": Column(f"Of those that meet, tier {label}", "count")
            for label in labels
        },
    }


def limits_in_words(counted: Sequence[CountedMetric], names: dict[str, str]) -> str:
    """What each metric must reach, and why, as a note.

    Parameters
    ----------
    counted : sequence of CountedMetric
        Limits as shares (up to 1) or in the metric's own unit, or ``benchmark``.
    names : dict of str to str
        Metric to its name in words.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> metric = CountedMetric(metric="employed_share", limit=0.5, why="A minimum.")
    >>> limits_in_words([metric], {"employed_share": "Employed after exit"})
    'Employed after exit: at least 50.0%. A minimum.'
    """
    parts = []
    for one in counted:
        reach = "above the benchmark" if one.limit == "benchmark" else (
            f"at least {number(float(one.limit), 'share' if float(one.limit) <= 1 else 'count')}"
        )  # fmt: skip
        parts.append(f"{names[one.metric]}: {reach}. {one.why}")
    return " ".join(parts)


def choice_sentence(table: pd.DataFrame) -> str:
    """How far the count of effective programs goes by the choice of metrics alone.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.tiers.metric_choices.metric_choices`.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> table = pd.DataFrame({"choice": ["Pay alone", "Pay and work"], "programs": [20, 20],
    ...                       "meets": [10, 5], "share": [0.5, 0.25]})
    >>> choice_sentence(table).split(": ")[1][:48]
    'pay alone, 10 (50.0%); pay and work, 5 (25.0%). '
    >>> choice_sentence(table)[-86:]
    '. So the choice of metrics alone moves the share called effective from 25.0% to 50.0%.'
    """
    if table.empty:
        return NOT_AT_HAND
    parts = [
        f"{_lower(row.choice)}, {row.meets:,} ({number(row.share, 'share')})"
        for row in table.itertuples()
    ]
    least, most = table["share"].min(), table["share"].max()
    return (
        f"Of {count_noun(int(table['programs'].iloc[0]), 'program')} with every metric known, "
        f"these meet what counts: {'; '.join(parts)}. So the choice of metrics alone moves the "
        f"share called effective from {number(least, 'share')} to {number(most, 'share')}."
    )


def _lower(choice: str) -> str:
    return text(choice[:1].lower() + choice[1:])


def choice_title(table: pd.DataFrame) -> str:
    """Title of the picture, which states its point.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.tiers.metric_choices.metric_choices`; ``share`` is read.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> choice_title(pd.DataFrame({"share": [0.5, 0.25]}))[:57]
    '“Effective” holds for 25.0% to 50.0% of the same programs'
    """
    least, most = table["share"].min(), table["share"].max()
    return (
        f"“Effective” holds for {number(least, 'share')} to {number(most, 'share')} of the same "
        "programs, by which metrics count"
    )


def choice_picture(table: pd.DataFrame) -> Figure:
    """Share of programs that meet each choice, with its interval (percent).

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.tiers.metric_choices.metric_choices`: ``choice``, ``share``,
        ``interval_low`` and ``interval_high`` (shares of 1) are read.

    Returns
    -------
    Figure
        One line a choice, on an axis from 0 to 100.

    Examples
    --------
    >>> from matplotlib import pyplot
    >>> figure = choice_picture(pd.DataFrame({"choice": ["Pay alone", "Pay and work"],
    ...     "share": [0.5, 0.25], "interval_low": [0.3, 0.1], "interval_high": [0.7, 0.5]}))
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['Pay alone', 'Pay and work']
    >>> pyplot.close(figure)
    """
    shares = ["share", "interval_low", "interval_high"]
    drawn = table.assign(**{name: 100 * table[name] for name in shares})
    figure = forest(
        drawn, label="choice", series=None, estimate="share", low="interval_low",
        high="interval_high", xlabel="Programs that meet it (percent)", zero=None,
    )  # fmt: skip
    figure.axes[0].set_xlim(0, 100)
    return figure


def choice_alt(table: pd.DataFrame) -> str:
    """Text alternative of the picture.

    Parameters
    ----------
    table : DataFrame
        ``choice`` and ``share``.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> choice_alt(pd.DataFrame({"choice": ["Pay", "Pay and work"], "share": [0.5, 0.25]}))
    'Share of programs that meet each choice of metrics: Pay 50.0%; Pay and work 25.0%.'
    """
    parts = [f"{row.choice} {number(row.share, 'share')}" for row in table.itertuples()]
    return f"Share of programs that meet each choice of metrics: {'; '.join(parts)}."


def choice_figures(table: pd.DataFrame, sources: list[str]) -> Iterator[dict[str, Any]]:
    """Key figures: share that meets each choice.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.tiers.metric_choices.metric_choices`.
    sources : list of str
        Ids of the sources of the programs.

    Yields
    ------
    dict
        Arguments of ``Study.key_figure``.

    Examples
    --------
    >>> table = pd.DataFrame({"choice_id": ["pay"], "programs": [20], "share": [0.5],
    ...                       "interval_low": [0.3], "interval_high": [0.7]})
    >>> [(one["name"], one["estimate"], one["n"]) for one in choice_figures(table, ["x"])]
    [('metrics_counted.pay', 0.5, 20)]
    """
    for row in table.itertuples():
        yield {
            "name": f"metrics_counted.{row.choice_id}",
            "estimate": row.share,
            "interval": (row.interval_low, row.interval_high),
            "n": row.programs,
            "n_of": "programs",
            "unit": "share of programs that meet what counts",
            "note": "the same programs under every choice; Wilson interval over programs",
            "sources": sources,
        }
