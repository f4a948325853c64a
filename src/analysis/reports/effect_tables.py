"""Effects by group as a report shows them: rows, columns, lines of a forest plot, key figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.effects.groups import EVERYONE
from analysis.effects.levels import members
from analysis.effects.multiplicity import simultaneous_bands
from analysis.effects.samples import Flags
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.html_tables import Column
from analysis.tables.trials import Trial

RAW = "difference in means"
AIPW = "AIPW"

EFFECT_COLUMNS = {
    "group": Column("Group"),
    "estimator": Column("Estimate by"),
    "estimate": Column("Effect (dollars)", "cents"),
    "standard_error": Column("Standard error", "cents"),
    "interval_low": Column("Interval, from", "cents"),
    "interval_high": Column("to", "cents"),
    "n_treated": Column("People assigned", "count"),
    "n_control": Column("People not assigned", "count"),
    "control_mean": Column("Mean without the program", "cents"),
    "remark": Column("Remark"),
}
REACHED_COLUMNS = {
    "group": Column("Group"),
    "trial": Column("Study"),
    "n_treated": Column("People assigned", "count"),
    "n_control": Column("People not assigned", "count"),
    "people": Column("Together", "count"),
    "share": Column("Share of the study", "share"),
}
_NUMBERS = ["estimate", "standard_error", "interval_low", "interval_high", "control_mean"]
_COUNTS = ["n_treated", "n_control"]


def effect_rows(effects: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`analysis.effects.groups.group_effects`, ready to be shown.

    Parameters
    ----------
    effects : DataFrame
        Result of ``group_effects``.

    Returns
    -------
    DataFrame
        With ``hidden`` (the row is withheld) and ``remark`` (why an estimate is missing, or what
        was special about it).

    Examples
    --------
    >>> found = pd.DataFrame({"status": ["shown", "refused: few people", "hidden: few people"],
    ...     "note": ["thin", None, None], "n_treated": pd.array([40, 12, None], "Int64")})
    >>> found = found.assign(n_control=found["n_treated"], degrees_of_freedom=50.0)
    >>> rows = effect_rows(found.assign(**dict.fromkeys(_NUMBERS, 1.0)))
    >>> rows[["hidden", "remark"]].values.tolist()
    [[False, 'thin'], [False, 'refused: few people'], [True, 'hidden: few people']]
    """
    table = effects.copy()
    for name in [*_NUMBERS, *_COUNTS, "degrees_of_freedom"]:
        table[name] = table[name].astype("float64")
    table[HIDDEN_COLUMN] = table["status"].str.startswith("hidden")
    table["remark"] = table["status"].where(table["status"] != "shown", table["note"].fillna(""))
    return table


def reached_rows(trials: Sequence[Trial], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """People of each study by group and arm, of the groups whose effect is shown.

    Parameters
    ----------
    trials : sequence of Trial
    tables : mapping of str to DataFrame
        From :func:`effect_rows`, by study.

    Returns
    -------
    DataFrame
        ``trial``, ``group``, ``n_treated``, ``n_control``, ``people`` (together) and ``share``
        (of everyone in the study).

    Raises
    ------
    ValueError
        Without a study.

    Examples
    --------
    >>> rows = pd.DataFrame({"grouping": ["all", "gender"], "group": ["all", "men"],
    ...     "estimator": RAW, "status": "shown",
    ...     "n_treated": [60.0, 15.0], "n_control": [40.0, 10.0]})
    >>> trial = Trial("t", "Trial", "", pd.DataFrame(), "", {}, {}, "pay", ())
    >>> reached_rows([trial], {"t": rows})[["group", "people", "share"]].values.tolist()
    [['all', 100.0, 1.0], ['men', 25.0, 0.25]]
    """
    parts = []
    for trial in trials:
        rows = tables[trial.key]
        rows = rows[(rows["estimator"] == RAW) & (rows["status"] == "shown")]
        part = rows[["group", *_COUNTS]].assign(trial=trial.title)
        part["people"] = part["n_treated"] + part["n_control"]
        everyone_there = part.loc[rows["grouping"] == "all", "people"].sum()
        part["share"] = part["people"] / (everyone_there or float("nan"))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def forest_rows(
    effects: pd.DataFrame, estimators: Sequence[str], confidence_level: float
) -> pd.DataFrame:
    """Lines of a forest plot: shown estimates with intervals that hold for a whole kind of group.

    Parameters
    ----------
    effects : DataFrame
        As :func:`effect_rows` gives it.
    estimators : sequence of str
        Which to draw, in their order.
    confidence_level : float

    Returns
    -------
    DataFrame
        ``line`` (group and people), ``group``, ``grouping``, ``estimator``, ``estimate``,
        ``standard_error``, ``simultaneous_low``, ``simultaneous_high``, ``n_treated``,
        ``n_control``. Groups of one kind share no people, so their intervals hold at once by
        Šidák's (1967) law; a kind with one group has plain ones. Empty where none is shown.

    Raises
    ------
    WorkbenchError
        For a shown estimate without a standard error above 0.

    Examples
    --------
    The interval of one of two groups is wider than that of everyone with the same error:

    >>> rows = pd.DataFrame({
    ...     "grouping": ["all", "race", "race"], "group": ["all", "Black", "white"],
    ...     "estimator": RAW, "status": "shown", "estimate": 10.0, "standard_error": 1.0,
    ...     "degrees_of_freedom": float("inf"), "n_treated": 600.0, "n_control": 400.0})
    >>> lines = forest_rows(rows, [RAW], 0.95)
    >>> lines[["line", "simultaneous_low"]].round(2).values.tolist()
    [['all (1,000)', 8.04], ['Black (1,000)', 7.76], ['white (1,000)', 7.76]]
    """
    shown = effects[(effects["status"] == "shown") & effects["estimator"].isin(list(estimators))]
    parts = []
    for (_, _), part in shown.groupby(["grouping", "estimator"], sort=False):
        bands = simultaneous_bands(
            part["estimate"],
            part["standard_error"],
            part["degrees_of_freedom"],
            confidence_level,
        )
        parts.append(part.reset_index(drop=True).join(bands))
    if not parts:
        return pd.DataFrame()
    columns = ["line", "group", "grouping", "estimator", "estimate", "standard_error"]
    columns += ["simultaneous_low", "simultaneous_high", *_COUNTS]
    lines = pd.concat(parts, ignore_index=True)
    people = (lines["n_treated"] + lines["n_control"]).map("{:,.0f}".format)
    lines = lines.assign(line=lines["group"].str.replace(", ", " ") + " (" + people + ")")[columns]
    order = {group: place for place, group in enumerate(dict.fromkeys(shown["group"]))}
    return lines.sort_values("group", key=lambda names: names.map(order), kind="stable")


def level_members(trial: Trial, rows: pd.DataFrame) -> list[Flags]:
    """People of each row of a table of effects, as true/false over the study's people.

    Parameters
    ----------
    trial : Trial
        Its groupings name the columns of groups.
    rows : DataFrame
        One row a group, with those columns; ``all`` where a row is over a column.

    Returns
    -------
    list of bool array of shape (n,)
        One a row, in the order of ``trial.frame``.

    Examples
    --------
    >>> people = pd.DataFrame({"race": ["Black", "white", "white"],
    ...                        "gender": ["men", "men", "women"]})
    >>> trial = Trial("t", "Trial", "", people, "", {}, {}, "pay", (),
    ...               groupings=(("race", "gender"),))
    >>> rows = pd.DataFrame({"race": ["white", "all"], "gender": ["all", "men"]})
    >>> [flags.tolist() for flags in level_members(trial, rows)]
    [[False, True, True], [True, True, False]]
    """
    names = list(dict.fromkeys(name for kind in trial.groupings for name in kind))
    levels = [{n: row[n] for n in names if row[n] != EVERYONE} for _, row in rows.iterrows()]
    return [members(trial.frame, level) for level in levels]


def main_estimator(effects: pd.DataFrame) -> str:
    """Estimator that titles and sentences speak of: the adjusted one where it is there.

    Parameters
    ----------
    effects : DataFrame
        ``estimator`` and ``status``.

    Returns
    -------
    str
        :data:`AIPW` or :data:`RAW`.

    Examples
    --------
    >>> rows = pd.DataFrame({"estimator": [RAW, AIPW], "status": ["shown", "refused: few people"]})
    >>> main_estimator(rows), main_estimator(rows.assign(status="shown"))
    ('difference in means', 'AIPW')
    """
    adjusted = effects[(effects["estimator"] == AIPW) & (effects["status"] == "shown")]
    return AIPW if len(adjusted) else RAW


def gap_pairs(effects: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Pairs of groups whose gap is shown: white against each other race, men against women.

    Parameters
    ----------
    effects : DataFrame
        As :func:`effect_rows` gives it.

    Returns
    -------
    list of (first, second, grouping)
        Only groups that are shown. ``first`` is the group that others are compared with.

    Examples
    --------
    >>> rows = pd.DataFrame({"grouping": ["race", "race", "race", "gender"], "estimator": RAW,
    ...     "group": ["Black", "Hispanic", "white", "men"],
    ...     "status": ["shown", "hidden: few people", "shown", "shown"]})
    >>> gap_pairs(rows)
    [('white', 'Black', 'race')]
    """
    shown = effects[(effects["status"] == "shown") & (effects["estimator"] == RAW)]
    pairs = []
    for grouping, reference in (("race", ("white", "white or other")), ("gender", ("men",))):
        present = shown.loc[shown["grouping"] == grouping, "group"].tolist()
        first = next((name for name in reference if name in present), None)
        if first:
            others = [name for name in present if name != first and "not stated" not in name]
            pairs += [(first, other, grouping) for other in others]
    return pairs


def everyone(effects: pd.DataFrame, estimator: str) -> tuple[float, float]:
    """Estimate for everyone by one estimator, and its standard error (missing if refused).

    Parameters
    ----------
    effects : DataFrame
        With a row of the estimator for everyone.
    estimator : str

    Returns
    -------
    tuple of float
        In the unit of the outcome.

    Examples
    --------
    >>> rows = pd.DataFrame({"grouping": ["all"], "estimator": [RAW], "estimate": [16.1],
    ...                      "standard_error": [4.2]})
    >>> everyone(rows, RAW)
    (16.1, 4.2)
    """
    row = effects[(effects["grouping"] == "all") & (effects["estimator"] == estimator)].iloc[0]
    return float(row["estimate"]), float(row["standard_error"])


def people_in(effects: pd.DataFrame, groups: Sequence[str]) -> int:
    """People of some groups together, by the raw estimator's rows.

    Parameters
    ----------
    effects : DataFrame
        ``group``, ``estimator``, ``n_treated`` and ``n_control``.
    groups : sequence of str

    Returns
    -------
    int
        Of both arms.

    Examples
    --------
    >>> rows = pd.DataFrame({"group": ["men", "women", "men"], "estimator": [RAW, RAW, AIPW],
    ...                      "n_treated": [60.0, 30.0, 60.0], "n_control": [40.0, 20.0, 40.0]})
    >>> people_in(rows, ["men", "women"])
    150
    """
    rows = effects[effects["group"].isin(list(groups)) & (effects["estimator"] == RAW)]
    return int(rows[_COUNTS].to_numpy().sum())


def effect_figures(effects: pd.DataFrame, key: str) -> list[dict[str, Any]]:
    """Key figures of all shown effects, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    effects : DataFrame
        As :func:`effect_rows` gives it.
    key : str
        Key of the trial, with which each name begins.

    Returns
    -------
    list of dict
        One a row with ``status`` ``shown``.

    Examples
    --------
    >>> rows = pd.DataFrame({"status": ["shown", "hidden: few people"], "grouping": "race x gender",
    ...     "group": ["Black, men", "white, men"], "estimator": AIPW, "estimate": [10.0, None],
    ...     "standard_error": [2.0, None], "interval_low": [6.0, None],
    ...     "interval_high": [14.0, None], "n_treated": [60.0, None], "n_control": [40.0, None]})
    >>> [(one["name"], one["n"], one["note"]) for one in effect_figures(rows, "nsw")]
    [('nsw.race_x_gender.Black_men.AIPW', 100.0, '60 assigned, 40 not')]
    """
    figures = []
    for row in effects[effects["status"] == "shown"].itertuples():
        name = f"{key}.{row.grouping}.{row.group}.{row.estimator}"
        figures.append(
            {
                "name": name.replace(", ", "_").replace(" ", "_"),
                "estimate": row.estimate,
                "standard_error": row.standard_error,
                "interval": (row.interval_low, row.interval_high),
                "n": row.n_treated + row.n_control,
                "n_of": "people",
                "note": f"{row.n_treated:.0f} assigned, {row.n_control:.0f} not",
            }
        )
    return figures
