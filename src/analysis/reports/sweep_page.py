"""What a sweep shows: which setting matters most (tornado), and every figure under each (heat map).

Everything is held against the first setting, in its standard errors where a figure has one.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.reports.html_tables import Column, render_table
from analysis.reports.page import plain_page
from analysis.reports.pictures import COLOURS, new_figure, picture_html
from analysis.reports.words import count_noun, text

_FIGURES = 20
_SETTINGS = 16


def _labels_of(frame: pd.DataFrame, names: list[str]) -> pd.Series:
    """Each row's setting in words, as in ``alpha=0.01 weight=2``."""
    words = [frame[name].map(lambda value, name=name: f"{name}={value}") for name in names]
    return pd.concat(words, axis=1).agg(" ".join, axis=1)


def moved_figures(figures: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """How far each figure is from its value under the first setting.

    Parameters
    ----------
    figures : DataFrame
        Long table of a sweep.
    names : list of str
        The varied parameters.

    Returns
    -------
    DataFrame
        A row for each figure and setting: ``figure, setting, estimate, moved, in_errors``, where
        ``moved`` is in standard errors of the first setting, or a share of its value where the
        figure has none. A figure that the first setting lacks has no ``moved``.

    Examples
    --------
    >>> figures = pd.DataFrame({"alpha": [0.01, 0.05], "figure": "gain", "estimate": [900.0, 950.0],
    ...                         "standard_error": [25.0, 30.0]})
    >>> moved_figures(figures, ["alpha"])[["setting", "moved", "in_errors"]].values.tolist()
    [['alpha=0.01', 0.0, True], ['alpha=0.05', 2.0, True]]
    """
    frame = figures.assign(setting=_labels_of(figures, names))
    base = frame[frame["setting"] == frame["setting"].iloc[0]].set_index("figure")
    start = frame["figure"].map(base["estimate"])
    error = pd.to_numeric(frame["figure"].map(base["standard_error"]), errors="coerce")
    in_errors = error > 0
    size = error.where(in_errors, start.abs().where(start != 0))
    moved = (frame["estimate"] - start) / size
    return frame.assign(moved=moved.where(frame["estimate"] != start, 0.0), in_errors=in_errors)


def most_moved(moved: pd.DataFrame) -> list[str]:
    """Figures in the order of their largest move; those with a standard error first.

    Parameters
    ----------
    moved : DataFrame
        Of :func:`moved_figures`.

    Returns
    -------
    list of str
        Figures that move at all.

    Examples
    --------
    >>> moved = pd.DataFrame({"figure": list("aabbc"), "moved": [0.0, 2.0, 0.0, -9.0, 0.0],
    ...                       "in_errors": [True, True, False, False, True]})
    >>> most_moved(moved)
    ['a', 'b']
    """
    spread = moved.groupby("figure").agg(
        most=("moved", lambda m: m.abs().max()), errors=("in_errors", "max")
    )
    spread = spread[spread["most"] > 0].sort_values(["errors", "most"], ascending=False)
    return list(spread.index)


def main_effects(figures: pd.DataFrame, names: list[str], figure: str) -> pd.DataFrame:
    """A figure's average under each value of each parameter, over all other settings.

    Parameters
    ----------
    figures : DataFrame
        Long table of a sweep: ``figure``, ``estimate`` and the varied parameters.
    names : list of str
        The varied parameters.
    figure : str

    Returns
    -------
    DataFrame
        ``parameter, low, low_at, high, high_at, range``, the widest range first, in the figure's
        unit.

    Examples
    --------
    >>> figures = pd.DataFrame({"figure": "gain", "alpha": [1, 1, 5, 5], "weight": [1, 2, 1, 2],
    ...                         "estimate": [10.0, 14.0, 11.0, 15.0]})
    >>> main_effects(figures, ["alpha", "weight"], "gain").values.tolist()
    [['weight', 10.5, '1', 14.5, '2', 4.0], ['alpha', 12.0, '1', 13.0, '5', 1.0]]
    """
    one = figures[figures["figure"] == figure]
    rows = []
    for name in names:
        means = one.groupby(name, sort=False)["estimate"].mean()
        rows.append(
            {
                "parameter": name,
                "low": means.min(),
                "low_at": str(means.idxmin()),
                "high": means.max(),
                "high_at": str(means.idxmax()),
                "range": means.max() - means.min(),
            }
        )
    return pd.DataFrame(rows).sort_values("range", ascending=False).reset_index(drop=True)


def tornado(effects: pd.DataFrame, unit: str) -> Figure:
    """A bar for each parameter, from a figure's lowest to its highest average.

    Parameters
    ----------
    effects : DataFrame
        Of :func:`main_effects`.
    unit : str
        Of the figure, for the axis.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> effects = pd.DataFrame({"parameter": ["weight"], "low": [10.0], "low_at": ["1"],
    ...                         "high": [14.0], "high_at": ["2"], "range": [4.0]})
    >>> axis = tornado(effects, "dollars").axes[0]
    >>> float(axis.patches[0].get_width()), [words.get_text() for words in axis.texts]
    (4.0, ['1 ', ' 2'])
    >>> plt.close(axis.figure)
    """
    figure, (axis,) = new_figure(height=1.3 + 0.5 * len(effects))
    places = range(len(effects))
    axis.barh(places, effects["range"], left=effects["low"], color=COLOURS[0], height=0.55)
    for place, row in zip(places, effects.to_dict("records"), strict=True):
        if row["range"] > 0:
            axis.annotate(f"{row['low_at']} ", (row["low"], place), ha="right", va="center")
            axis.annotate(f" {row['high_at']}", (row["high"], place), ha="left", va="center")
    axis.set_yticks(places, effects["parameter"])
    axis.invert_yaxis()
    # room for the values beside the bars, on both sides
    axis.use_sticky_edges = False
    axis.margins(x=0.2)
    axis.set_xlabel(unit)
    return figure


def _heat_map(moved: pd.DataFrame, shown: list[str]) -> Figure:
    """Figures by settings: colour and number say how far each is from the first setting."""
    settings = list(dict.fromkeys(moved["setting"]))[:_SETTINGS]
    table = moved.pivot_table(index="figure", columns="setting", values="moved")
    values = table.reindex(index=shown, columns=settings).to_numpy(float)
    figure, (axis,) = new_figure(
        width=3.4 + 0.62 * len(settings), height=1.6 + 0.3 * len(shown)
    )  # fmt: skip
    limit = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
    scaled = np.sign(values) * np.log1p(np.abs(values))
    top = np.log1p(limit) or 1.0
    axis.imshow(scaled, cmap="PuOr", vmin=-top, vmax=top, aspect="auto")
    for row, column in np.ndindex(*values.shape):
        value = values[row, column]
        dark = abs(scaled[row, column]) > 0.7 * top
        if np.isfinite(value):
            axis.text(
                column, row, f"{value:.1f}", ha="center", va="center", fontsize=8,
                color="white" if dark else "black",
            )  # fmt: skip
    axis.set_yticks(range(len(shown)), [_short(name) for name in shown], fontsize=8)
    axis.set_xticks(range(len(settings)), settings, rotation=40, ha="right", fontsize=8)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= 46 else f"…{name[-45:]}"


def sweep_page(
    notebook: str,
    names: list[str],
    figures: pd.DataFrame,
    failures: pd.DataFrame,
    *,
    figure: str = "",
    commit: str,
) -> str:
    """The page of a sweep; text from data is escaped.

    Parameters
    ----------
    notebook, names, figures, failures
        As of a :class:`analysis.runs.sweep.Sweep`.
    figure : str
        Key figure of the tornado; the one that moves most where it is empty.
    commit : str
        Version of the code.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> figures = pd.DataFrame({"alpha": [0.01, 0.05], "figure": "gain", "estimate": [900.0, 900.0],
    ...                         "standard_error": 25.0, "unit": "dollars"})
    >>> failures = pd.DataFrame({"alpha": ["<0.1>"], "error": ["too few"]})
    >>> page = sweep_page("05_tier_calibration", ["alpha"], figures, failures, commit="abc")
    >>> "Of 1 key figure, 0 depend on these settings." in page, "&lt;0.1&gt;" in page
    (True, True)
    """
    moved = moved_figures(figures, names)
    order = most_moved(moved)
    settings = list(dict.fromkeys(moved["setting"]))
    title = f"What {notebook} says under {count_noun(len(settings), 'setting')}"
    total = figures["figure"].nunique()
    verb = "depends" if len(order) == 1 else "depend"
    first = f"Of {count_noun(total, 'key figure')}, {len(order):,} {verb} on these settings."
    body = f'<h1>{text(title)}</h1><section class="answer" aria-label="The answer"><p>{first}</p>'
    parts = []
    if order:
        chosen = figure or order[0]
        unit = str(figures.loc[figures["figure"] == chosen, "unit"].iloc[0])
        effects = main_effects(figures, names, chosen)
        widest = effects.iloc[0]
        point = (
            f"{widest['parameter']} matters most for {_short(chosen)}: from {widest['low']:,.4g} "
            f"(at {widest['low_at']}) to {widest['high']:,.4g} (at {widest['high_at']})."
        )
        body += f"<p>{text(point)}</p>"
        parts = [_tornado_part(effects, chosen, unit, point), _heat_part(moved, order, settings)]
    body += f"</section>{''.join(parts)}{_failures_part(failures)}"
    body += '<p><a href="figures.csv" download>All figures under all settings (CSV)</a></p>'
    return plain_page(title, body, f"<p>Code: commit <code>{text(commit)}</code>.</p>")


def _tornado_part(effects: pd.DataFrame, chosen: str, unit: str, point: str) -> str:
    columns = {
        "parameter": Column("Parameter"),
        "low": Column(f"Lowest average ({unit})", "number3"),
        "low_at": Column("At"),
        "high": Column(f"Highest average ({unit})", "number3"),
        "high_at": Column("At"),
    }
    picture = picture_html(
        tornado(effects, unit),
        title=point,
        subtitle=f"Average of {chosen} under each value, over all other settings",
        alt=point,
        source="Each bar ends at the values of the parameter that are written beside it.",
    )
    table = render_table(effects, columns, caption=f"Averages of {chosen} by parameter")
    return f"<h2>Which setting matters most</h2>{picture}{table}"


def _heat_part(moved: pd.DataFrame, order: list[str], settings: list[str]) -> str:
    shown = order[:_FIGURES]
    wide = moved[moved["figure"].isin(shown)].pivot_table(
        index="figure", columns="setting", values="estimate"
    )
    wide = wide.reindex(index=shown, columns=settings).reset_index()
    columns = {"figure": Column("Key figure")} | {s: Column(s, "number3") for s in settings}
    point = f"{_short(shown[0])} moves most against {settings[0]}."
    picture = picture_html(
        _heat_map(moved, shown),
        title=point,
        subtitle="Moves from the first setting, in its standard errors (a share of the value where "
        "a figure has none)",
        alt=f"{point} The table below holds the values.",
        source=f"First {min(len(settings), _SETTINGS)} of {count_noun(len(settings), 'setting')}; "
        f"{len(shown)} of {count_noun(len(order), 'figure')} that move.",
    )
    table = render_table(wide, columns, caption="Key figures that move, by setting", rows=_FIGURES)
    return f"<h2>Every figure under every setting</h2>{picture}{table}"


def _failures_part(failures: pd.DataFrame) -> str:
    if failures.empty:
        return ""
    columns = {str(name): Column(str(name).capitalize()) for name in failures.columns}
    frame = failures.astype("str")
    return f"<h2>What failed</h2>{render_table(frame, columns, caption='Settings that failed')}"
