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
    """Columns of the table of choices."""
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
    """Title of the picture, which states its point."""
    least, most = table["share"].min(), table["share"].max()
    return (
        f"“Effective” holds for {number(least, 'share')} to {number(most, 'share')} of the same "
        "programs, by which metrics count"
    )


def choice_picture(table: pd.DataFrame) -> Figure:
    """Share of programs that meet each choice, with its interval (percent)."""
    shares = ["share", "interval_low", "interval_high"]
    drawn = table.assign(**{name: 100 * table[name] for name in shares})
    figure = forest(
        drawn, label="choice", series=None, estimate="share", low="interval_low",
        high="interval_high", xlabel="Programs that meet it (percent)", zero=None,
    )  # fmt: skip
    figure.axes[0].set_xlim(0, 100)
    return figure


def choice_alt(table: pd.DataFrame) -> str:
    """Text alternative of the picture."""
    parts = [f"{row.choice} {number(row.share, 'share')}" for row in table.itertuples()]
    return f"Share of programs that meet each choice of metrics: {'; '.join(parts)}."


def choice_figures(table: pd.DataFrame, sources: list[str]) -> Iterator[dict[str, Any]]:
    """Key figures: share that meets each choice."""
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
