"""Pictures of tiers: programs in order with their intervals, and what each guard lets through."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from analysis.framework import Tiers
from analysis.reports.pictures import COLOURS, MARKS, new_figure
from analysis.tiers.metric_weights import WeightSweep


def evenly_chosen(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """Rows in order of their shrunken value, thinned evenly where there are more than ``most``.

    Parameters
    ----------
    frame : DataFrame
        With ``shrunk``.
    most : int

    Returns
    -------
    DataFrame
        The lowest and the highest always among them.

    Examples
    --------
    >>> evenly_chosen(pd.DataFrame({"shrunk": [5, 1, 4, 2, 3]}), 3)["shrunk"].tolist()
    [1, 3, 5]
    """
    ordered = frame.sort_values("shrunk", kind="stable").reset_index(drop=True)
    if len(ordered) <= most:
        return ordered
    places = np.linspace(0, len(ordered) - 1, most).round().astype(int)
    return ordered.iloc[places].reset_index(drop=True)


def caterpillar(frame: pd.DataFrame, tiers: Tiers, level: float) -> Figure:
    """Shrunken values in order with their posterior intervals, tiers by colour and mark.

    Parameters
    ----------
    frame : DataFrame
        ``shrunk``, ``shrunk_standard_deviation`` and ``tier``, in the order to draw.
    tiers : Tiers
        Cut-offs to draw and labels to tell apart (at most seven).
    level : float
        Of the interval drawn (normal, from the posterior's standard deviation).

    Returns
    -------
    Figure

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> from analysis.framework import load_framework
    >>> frame = pd.DataFrame({"shrunk": [-1000.0, 6000.0], "shrunk_standard_deviation": 500.0,
    ...                       "tier": ["D", "A"]})
    >>> axis = caterpillar(frame, load_framework().tiers, 0.95).axes[0]
    >>> axis.lines[0].get_xydata().tolist(), axis.get_ylabel().split(chr(10))[0]
    ([[1.0, 6.0]], 'Thousand dollars a year')
    >>> plt.close(axis.figure)
    """
    figure, (axis,) = new_figure(height=4.4)
    place = np.arange(len(frame))
    shares = tiers.unit != "dollars a year"
    unit, axis_title = (0.01, "Percent of people") if shares else (1000, "Thousand dollars a year")
    centre = frame["shrunk"].to_numpy(float) / unit
    deviation = frame["shrunk_standard_deviation"].to_numpy(float)
    reach = stats.norm.ppf(0.5 + level / 2) * deviation / unit
    for index, label in enumerate(tiers.labels):
        rows = frame["tier"].eq(label).to_numpy()
        colour = COLOURS[index % len(COLOURS)]
        axis.vlines(
            place[rows], (centre - reach)[rows], (centre + reach)[rows], color=colour, lw=0.8
        )
        axis.plot(
            place[rows], centre[rows], MARKS[index % len(MARKS)], color=colour, ms=3, label=label
        )
    for cut in tiers.cuts:
        axis.axhline(cut / unit, color="#555555", lw=1, ls="-" if cut == 0 else ":")
    axis.set_xlabel("Programs in order of their shrunken value")
    axis.set_ylabel(f"{axis_title}\nagainst the benchmark")
    axis.legend(title="Tier", loc="upper left", ncols=2)
    return figure


def guard_picture(table: pd.DataFrame, alpha: float, guard: float | None) -> Figure:
    """False share and share of true top programs found, by guard and simulated truth.

    Parameters
    ----------
    table : DataFrame
        Of :class:`analysis.tiers.thresholds.Calibration`.
    alpha : float
        Largest false share allowed, drawn as a line.
    guard : float or None
        The guard chosen, drawn as a line.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> table = pd.DataFrame({"truth": "normal", "guard": [0.01, 0.05], "false_share": [0.0, 0.02],
    ...                       "found": [0.5, 0.75]})
    >>> figure = guard_picture(table, 0.05, 0.05)
    >>> [axis.lines[0].get_ydata().tolist() for axis in figure.axes]
    [[0.0, 2.0], [50.0, 75.0]]
    >>> plt.close(figure)
    """
    figure, axes = new_figure(height=3.6, columns=2)
    columns = [
        ("false_share", "Top programs truly not above"),
        ("found", "True top programs found"),
    ]
    for axis, (column, name) in zip(axes, columns, strict=True):
        for index, (truth, part) in enumerate(table.groupby("truth", sort=False)):
            axis.plot(
                100 * part["guard"], 100 * part[column], f"{MARKS[index]}-", color=COLOURS[index],
                lw=1.2, ms=5, label=f"{truth} truth",
            )  # fmt: skip
        axis.set_xlabel("Guard: largest chance allowed (percent)")
        axis.set_title(f"{name} (percent)")
        axis.set_ylim(bottom=0)
        if guard is not None:
            axis.axvline(100 * guard, color="#555555", lw=1, ls=":")
    axes[0].axhline(100 * alpha, color="#555555", lw=1, ls="--")
    axes[0].set_ylim(0, max(1.1 * 100 * alpha, 105 * np.nanmax(table["false_share"], initial=0)))
    axes[0].legend(loc="upper left", fontsize=9)
    return figure


def surface_picture(surface: pd.DataFrame, alpha: float, guard: float | None) -> Figure:
    """Loss over two thresholds of the top tier, with the line of the false share allowed.

    Parameters
    ----------
    surface : DataFrame
        From :func:`analysis.tiers.sweep.loss_surface`, a full grid.
    alpha : float
        False share allowed, drawn as a line: left of it the promise is kept.
    guard : float or None
        The guard in use, drawn as a dotted line.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> surface = pd.DataFrame({"guard": [0.01, 0.05] * 2, "least_chance": [0.2, 0.2, 0.5, 0.5],
    ...     "loss": [0.3, 0.2, 0.4, 0.35], "false_share": [0.0, 0.08, 0.0, 0.06]})
    >>> figure = surface_picture(surface, 0.05, 0.05)
    >>> axis, bar = figure.axes
    >>> [float(one) for one in axis.lines[0].get_xdata()], bar.get_ylabel()
    ([5.0, 5.0], 'Loss: tier steps a program, worst truth')
    >>> plt.close(figure)
    """
    figure, (axis,) = new_figure(height=4.2)
    loss = surface.pivot(index="least_chance", columns="guard", values="loss")
    false = surface.pivot(index="least_chance", columns="guard", values="false_share")
    across, up = 100 * loss.columns.to_numpy(float), 100 * loss.index.to_numpy(float)
    filled = axis.contourf(across, up, loss.to_numpy(float), levels=12, cmap="cividis_r")
    figure.colorbar(filled, ax=axis, label="Loss: tier steps a program, worst truth")
    share = false.fillna(0.0).to_numpy(float)
    if share.min() < alpha < share.max():
        line = axis.contour(across, up, share, levels=[alpha], colors="black", linewidths=1.5)
        axis.clabel(line, fmt=f"false share {100 * alpha:g} %%", fontsize=9)
    if guard is not None:
        axis.axvline(100 * guard, color="black", lw=1.5, ls=":")
    axis.set_xscale("log")
    axis.set_xticks([1, 2, 5, 10, 20, 40], ["1", "2", "5", "10", "20", "40"])
    axis.minorticks_off()
    axis.set_xlabel("Largest chance of no gain allowed in the top tier (percent, log scale)")
    axis.set_ylabel("Least chance of belonging to it (percent)")
    return figure


def weights_picture(sweep: WeightSweep, metric: str) -> Figure:
    """Programs that change and later gain, along the weight of one metric.

    Parameters
    ----------
    sweep : WeightSweep
    metric : str
        Along whose weight; with more than two metrics, the others share the rest as they stand
        in the table.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from matplotlib import pyplot as plt
    >>> table = pd.DataFrame({"weight_employed_share": [0.5, 0.0], "changed": [0.25, 0.0],
    ...                       "gain": [300.0, 350.0], "gain_error": [20.0, 0.0]})
    >>> figure = weights_picture(SimpleNamespace(table=table), "employed_share")
    >>> figure.axes[0].lines[0].get_xydata().tolist()
    [[0.0, 0.0], [50.0, 25.0]]
    >>> plt.close(figure)
    """
    figure, axes = new_figure(height=3.4, columns=2)
    table = sweep.table.sort_values(f"weight_{metric}", kind="stable")
    across = 100 * table[f"weight_{metric}"].to_numpy(float)
    axes[0].plot(across, 100 * table["changed"], f"{MARKS[0]}-", color=COLOURS[0], lw=1.2, ms=5)
    axes[0].set_title("Programs that enter or leave\nthe best quarter (percent)")
    axes[0].set_ylim(bottom=0)
    axes[1].errorbar(
        across, table["gain"], 1.96 * table["gain_error"], fmt=f"{MARKS[1]}-", color=COLOURS[1],
        lw=1.2, ms=5, capsize=3,
    )  # fmt: skip
    axes[1].set_title("Later gain of the best quarter\n(dollars a quarter)")
    for axis in axes:
        axis.set_xlabel(f"Weight of {metric.replace('_', ' ')} (percent)")
    return figure
