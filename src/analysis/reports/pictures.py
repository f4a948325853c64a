"""Pictures in one style, each with its point as a title and its own text alternative."""

import base64
import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.reports.line_picker import line_picker
from analysis.reports.words import number, text

# Okabe and Ito's colour-blind-safe palette, darkest contrast first
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKS = ("o", "s", "^", "D", "v", "P", "X")
_STYLE: dict[Any, Any] = {
    "figure.dpi": 110,
    "savefig.dpi": 150,
    "font.size": 11,
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


def new_figure(width: float = 7.2, height: float = 4.0, columns: int = 1) -> tuple[Figure, list]:
    """An empty figure in the house style, and the list of its panels.

    Parameters
    ----------
    width, height : float
        In inches.
    columns : int
        Panels side by side.

    Returns
    -------
    figure : Figure
        The caller closes it.
    panels : list of Axes

    Examples
    --------
    >>> figure, panels = new_figure(width=6.0, height=3.0, columns=2)
    >>> figure.get_size_inches().tolist(), len(panels)
    ([6.0, 3.0], 2)
    >>> plt.close(figure)
    """
    mpl.rcParams.update(_STYLE)
    figure, axes = plt.subplots(1, columns, figsize=(width, height), squeeze=False)
    return figure, list(axes[0])


def picture_html(
    figure: Figure,
    *,
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    lines: Mapping[str, str] | None = None,
) -> str:
    """HTML of a picture: title that states the point, subtitle, embedded PNG, source line.

    Parameters
    ----------
    figure : Figure
        Closed after it has been drawn.
    title : str
        The point, two lines at most.
    subtitle : str
        What, who, when.
    alt : str
        What the picture shows, for who cannot see it: states the finding.
    source : str
        Source and notes, below.
    lines : mapping of str to str, optional
        What each line of the picture says, by its name at the axis, for who picks one.

    Returns
    -------
    str
        All words are escaped.

    Raises
    ------
    ValueError
        Where ``alt`` is empty.

    Examples
    --------
    >>> figure, (axis,) = new_figure(height=1.0)
    >>> page = picture_html(figure, title="Women gain <more>", subtitle="Two trials",
    ...                     alt="Women gain $900, men $300.", source="NSW")
    >>> '<img alt="Women gain $900, men $300." src="data:image/png;base64,iVBOR' in page
    True
    >>> "Women gain &lt;more&gt;" in page
    True
    """
    if not alt.strip():
        raise ValueError("a picture needs a text alternative")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    pick = line_picker(figure, lines) if lines else ""
    plt.close(figure)
    band = '<div class="band" hidden></div>' if pick else ""
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return (
        f"<figure><figcaption><strong>{text(title)}</strong><br>{text(subtitle)}</figcaption>"
        # on a phone the picture keeps a size that can be read, and moves in its own frame
        f'{pick}<div class="picture" role="group" tabindex="0" aria-label="{text(title)}">'
        f'<div class="drawn"><img alt="{text(alt)}" src="data:image/png;base64,{encoded}">{band}'
        "</div></div>"
        f'<p class="note">{text(source)}</p></figure>'
    )


def forest(
    frame: pd.DataFrame,
    *,
    label: str,
    series: str | None,
    estimate: str,
    low: str,
    high: str,
    xlabel: str,
    zero: float | None = 0.0,
) -> Figure:
    """Estimates with intervals, one line a row, series told apart by colour and mark.

    Parameters
    ----------
    frame : DataFrame
        Rows in the order to draw, top first.
    label, estimate, low, high : str
        Columns: name of the line, estimate, limits of its interval.
    series : str or None
        Column whose values are drawn side by side (at most four).
    xlabel : str
        What is measured, with unit.
    zero : float or None
        Where the line of no effect is drawn.

    Returns
    -------
    Figure

    Examples
    --------
    >>> rows = pd.DataFrame({"group": ["women", "men"], "gain": [900.0, 300.0],
    ...                      "low": [400.0, -100.0], "high": [1400.0, 700.0]})
    >>> figure = forest(rows, label="group", series=None, estimate="gain", low="low", high="high",
    ...                 xlabel="Effect (dollars a year)")
    >>> axis = figure.axes[0]
    >>> [label.get_text() for label in axis.get_yticklabels()], axis.lines[0].get_xdata().tolist()
    (['women', 'men'], [900.0, 300.0])
    >>> plt.close(figure)
    """
    lines = list(dict.fromkeys(frame[label]))
    names = list(dict.fromkeys(frame[series])) if series else [""]
    figure, (axis,) = new_figure(height=1.1 + 0.26 * len(lines) * (1 + 0.35 * (len(names) - 1)))
    offsets = np.linspace(-0.18, 0.18, len(names)) if len(names) > 1 else [0.0]
    for index, name in enumerate(names):
        rows = frame[frame[series] == name] if series else frame
        height = [lines.index(value) + offsets[index] for value in rows[label]]
        centre = rows[estimate].to_numpy(float)
        axis.hlines(height, rows[low], rows[high], color=COLOURS[index], linewidth=1.6)
        axis.plot(centre, height, MARKS[index], color=COLOURS[index], markersize=6, label=name)
    if zero is not None:
        axis.axvline(zero, color="#555555", linewidth=1, linestyle="--")
    axis.set_yticks(range(len(lines)), lines)
    axis.set_ylim(len(lines) - 0.5, -0.5)
    axis.set_xlabel(xlabel)
    if "dollars" in xlabel:
        axis.xaxis.set_major_formatter(lambda value, _: number(value, "dollars"))
    if len(names) > 1:
        figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
