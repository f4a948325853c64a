"""The event-study picture: effects by time since entry, with the periods before as their check."""

import pandas as pd
from matplotlib.figure import Figure

from analysis.errors import WorkbenchError
from analysis.reports.pictures import COLOURS, new_figure
from analysis.reports.words import number


def event_study_picture(
    effects: pd.DataFrame,
    *,
    ylabel: str,
    period: str = "quarter",
    reference: float | None = -1,
    xlabel: str = "",
) -> Figure:
    """Effects by periods since entry: thick pointwise intervals, thin simultaneous ones.

    Parameters
    ----------
    effects : DataFrame
        Of :func:`analysis.effects.event_study.event_study`.
    ylabel : str
        The effect, with its unit.
    period : str
        What a period is called.
    reference : float or None
        Period that all others are compared with: drawn hollow at 0; None with a varying base.
    xlabel : str
        What the periods count; periods since entry if empty.

    Returns
    -------
    Figure
        Periods before entry are grey: an effect there is a failed check, not an effect.

    Raises
    ------
    WorkbenchError
        For a table without periods.

    Examples
    --------
    >>> from matplotlib import pyplot
    >>> found = pd.DataFrame({"event_time": [-2.0, 0.0, 1.0], "estimate": [1.0, 5.0, 9.0],
    ...     "interval_low": [-1.0, 3.5, 7.0], "interval_high": [3.0, 6.5, 11.0],
    ...     "simultaneous_low": [-2.0, 3.0, 6.0], "simultaneous_high": [4.0, 7.0, 12.0]})
    >>> figure = event_study_picture(found, ylabel="Effect (dollars)")
    >>> figure.axes[0].get_xlabel(), [one.get_text() for one in figure.axes[0].get_legend().texts]
    ('quarters since entry', ['before entry (a check)', 'since entry'])
    >>> pyplot.close(figure)
    """
    if effects.empty:
        raise WorkbenchError("event-study picture: no period", "Estimate the effects first.")
    figure, (axis,) = new_figure(height=3.6)
    for rows, colour, name in (
        (effects[effects["event_time"] < 0], "#777777", "before entry (a check)"),
        (effects[effects["event_time"] >= 0], COLOURS[0], "since entry"),
    ):
        if rows.empty:
            continue
        at = rows["event_time"]
        axis.vlines(
            at, rows["simultaneous_low"], rows["simultaneous_high"], color=colour, linewidth=1
        )
        axis.vlines(at, rows["interval_low"], rows["interval_high"], color=colour, linewidth=3)
        axis.plot(at, rows["estimate"], "o", color=colour, markersize=6, label=name)
    if reference is not None:
        axis.plot([reference], [0], "o", markerfacecolor="white", color="#777777", markersize=6)
    axis.axhline(0, color="#555555", linewidth=1, linestyle="--")
    axis.axvline(-0.5, color="#bbbbbb", linewidth=1)
    axis.set_xlabel(xlabel or f"{period}s since entry")
    axis.set_ylabel(ylabel)
    axis.legend(loc="upper left")
    return figure


def event_study_alt(effects: pd.DataFrame, unit: str, period: str = "quarter") -> str:
    """The finding of the picture in words, for who cannot see it.

    Parameters
    ----------
    effects : DataFrame
        Of :func:`analysis.effects.event_study.event_study`, with a period since entry.
    unit : str
        Of the effect, in the plural.
    period : str
        What a period is called.

    Returns
    -------
    str
        Plain text: the last period, and how many bands before entry do not hold zero.

    Examples
    --------
    >>> found = pd.DataFrame({"event_time": [-2.0, 0.0, 1.0], "estimate": [1.0, 5.0, 9.0],
    ...     "simultaneous_low": [-2.0, 3.0, 6.0], "simultaneous_high": [4.0, 7.0, 12.0]})
    >>> event_study_alt(found, "dollars")
    'Effect 1 quarter after entry: 9.00 dollars, band 6.00 to 12.00. 0 of 1 bands before lack 0.'
    """
    last = effects[effects["event_time"] >= 0].iloc[-1]
    before = effects[effects["event_time"] < 0]
    plural = period if last["event_time"] == 1 else f"{period}s"
    apart = int(((before["simultaneous_low"] > 0) | (before["simultaneous_high"] < 0)).sum())
    return (
        f"Effect {last['event_time']:g} {plural} after entry: {number(last['estimate'])} {unit}, "
        f"band {number(last['simultaneous_low'])} to {number(last['simultaneous_high'])}. "
        f"{apart} of {len(before)} bands before lack 0."
    )
