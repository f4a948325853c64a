"""Pictures of the skill room: the map of occupations and the wage gain of a move."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.reports.pictures import COLOURS, MARKS, new_figure

# well apart on the map and known to any reader; those not at hand are left out
LANDMARKS = (
    "Cashiers",
    "Registered Nurses",
    "Medical Assistants",
    "Software Developers",
    "Electricians",
    "Welders, Cutters, Solderers, and Brazers",
    "Lawyers",
    "Chefs and Head Cooks",
    "Accountants and Auditors",
    "Secondary School Teachers, Except Special and Career/Technical Education",
    "Heavy and Tractor-Trailer Truck Drivers",
    "Biologists",
)


def occupation_map_picture(positions: pd.DataFrame) -> Figure:
    """Occupations as points, their large groups by colour and mark, a few of them named.

    Parameters
    ----------
    positions : DataFrame
        ``title``, ``x``, ``y`` and ``group`` (at most four).

    Returns
    -------
    Figure

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> positions = pd.DataFrame({"title": ["Cashiers", "Lawyers", "Actors"], "x": [0.0, 1.0, 2.0],
    ...                           "y": [0.0, 1.0, 0.0], "group": ["sales", "office", "office"]})
    >>> axis = occupation_map_picture(positions).axes[0]
    >>> [words.get_text() for words in axis.texts], [line.get_label() for line in axis.lines]
    (['Cashiers', 'Lawyers'], ['office', 'sales'])
    >>> plt.close(axis.figure)
    """
    figure, (axis,) = new_figure(height=5.6)
    for place, (name, points) in enumerate(positions.groupby("group", sort=True)):
        axis.plot(
            points["x"], points["y"], MARKS[place], color=COLOURS[place],
            markersize=3.5, alpha=0.75, linewidth=0, label=name,
        )  # fmt: skip
    for row in positions[positions["title"].isin(LANDMARKS)].itertuples():
        axis.annotate(
            str(row.title).split(",")[0],
            (row.x, row.y),
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=8,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.8, "lw": 0},
        )
    axis.set_xticks([])
    axis.set_yticks([])
    axis.spines[["left", "bottom"]].set_visible(False)
    axis.set_aspect("equal")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=2, markerscale=2)
    return figure


def wage_gain_picture(targets: pd.DataFrame, rests_on: str, named: int = 8) -> Figure:
    """Wage gain against the size of the delta, one point a target; the largest gains are named.

    Parameters
    ----------
    targets : DataFrame
        ``target_title``, ``delta`` and ``wage_gain`` (dollars a year), ``good_job`` (bool).
    rests_on : str
        ``rated`` where the delta is the need of rated gaps, else it is a share of new tasks.
    named : int
        How many targets carry their title.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> targets = pd.DataFrame({"target_title": ["Nurses", "Clerks"], "delta": [30.0, 10.0],
    ...                         "wage_gain": [21000.0, 3000.0], "good_job": [True, False]})
    >>> axis = wage_gain_picture(targets, "tasks", named=1).axes[0]
    >>> axis.lines[0].get_xydata().tolist(), [words.get_text() for words in axis.texts]
    ([[30.0, 21.0]], ['Nurses'])
    >>> axis.get_xlabel()
    'Delta (% new tasks)'
    >>> plt.close(axis.figure)
    """
    figure, (axis,) = new_figure(height=4.8)
    for place, (good, label) in enumerate(
        ((True, "meets the good-job wage"), (False, "better paid, below it"))
    ):
        part = targets[targets["good_job"] == good]
        axis.plot(
            part["delta"], part["wage_gain"] / 1000, MARKS[place], color=COLOURS[place],
            linewidth=0, markersize=6, label=label,
        )  # fmt: skip
    for row in targets.nlargest(named, "wage_gain").itertuples():
        axis.annotate(
            str(row.target_title)[:38], (row.delta, row.wage_gain / 1000),
            xytext=(5, 3), textcoords="offset points", fontsize=8,
        )  # fmt: skip
    label = "need of the gaps that are clear of noise" if rests_on == "rated" else "% new tasks"
    axis.set_xlabel(f"Delta ({label})")
    axis.set_ylim(bottom=0)
    widest = float(np.nanmax(targets["delta"])) if len(targets) else 1.0
    axis.set_xlim(0, widest * 1.35)
    axis.set_ylabel("Wage gain (thousand dollars a year, medians)")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
    return figure
