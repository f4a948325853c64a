"""Groups against one another in a report: gaps, tests that effects differ, and unequal arms."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis import effects
from analysis.effects.joint_bands import equality_test
from analysis.framework import Estimation
from analysis.reports.effect_tables import AIPW, RAW, gap_pairs, level_members, people_in
from analysis.reports.html_tables import Column, interval_columns
from analysis.reports.words import interval, number, text
from analysis.tables.trials import Trial

HETEROGENEITY_COLUMNS = {
    "groups": Column("Study and kind of group"),
    "estimator": Column("Estimate by"),
    "count": Column("Groups", "count"),
    "q": Column("Q", "number"),
    "p_value": Column("p-value", "p_value"),
    "detectable_low": Column("Effect found 4 times in 5, best group (dollars)", "dollars"),
    "detectable_high": Column("worst group (dollars)", "dollars"),
}
COMPOSITION_COLUMNS = {
    "stratum": Column("Gender"),
    "people": Column("People", "count"),
    "share_assigned": Column("Share assigned", "share"),
    "control_mean": Column("Mean without the program (dollars)", "cents"),
    "difference": Column("Difference (dollars)", "cents"),
}


def gap_columns(confidence_level: float) -> dict[str, Column]:
    """Columns of the table of gaps.

    Parameters
    ----------
    confidence_level : float

    Returns
    -------
    dict of str to Column
        Columns of :func:`gap_rows`, as they are shown.

    Examples
    --------
    >>> gap_columns(0.9)["interval_low"].heading
    '90% interval, from'
    """
    return {
        "pair": Column("Groups"),
        "trial": Column("Study"),
        "estimator": Column("Estimate by"),
        "quantity": Column("Quantity"),
        "estimate": Column("Estimate (dollars)", "dollars"),
        **interval_columns(confidence_level, "dollars"),
        "reading": Column("Reading"),
    }


def gap_rows(
    trials: Sequence[Trial],
    tables: Mapping[str, pd.DataFrame],
    scores: Mapping[str, effects.Scores | None],
    rules: Estimation,
) -> pd.DataFrame:
    """Gaps between groups without and with each program, raw and adjusted.

    Parameters
    ----------
    trials : sequence of Trial
    tables : mapping of str to DataFrame
        Rows of effects by key of the trial.
    scores : mapping of str to Scores or None
        Influence values by key; without them the raw gaps stand alone.
    rules : Estimation

    Returns
    -------
    DataFrame
        Rows of :func:`analysis.effects.gaps.effect_gap` and ``scored_gap`` with ``trial``,
        ``trial_key`` and ``pair``; empty where no two groups may be compared.

    Examples
    --------
    The program gives men 100 dollars and women 160, which narrows the gap by 60:

    >>> from analysis.framework import load_framework
    >>> rows = pd.DataFrame({"grouping": "gender", "group": ["men", "women"],
    ...     "gender": ["men", "women"], "estimator": RAW, "status": "shown",
    ...     "estimate": [100.0, 160.0], "standard_error": 10.0, "degrees_of_freedom": 500.0,
    ...     "control_mean": [900.0, 700.0], "control_standard_error": 5.0,
    ...     "n_treated": 600.0, "n_control": 400.0})
    >>> trial = Trial("t", "Trial", "", pd.DataFrame(), "", {}, {}, "pay", ())
    >>> gaps = gap_rows([trial], {"t": rows}, {"t": None}, load_framework().estimation)
    >>> gaps["pair"].unique().tolist(), gaps["reading"].tolist()
    (['men less women'], ['', '', 'narrows the gap'])
    >>> gaps[["quantity", "estimate"]].values.tolist()
    [['control gap', 200.0], ['treated gap', 140.0], ['difference of effects', -60.0]]
    """
    rows = []
    for trial in trials:
        for first, second, grouping in gap_pairs(tables[trial.key]):
            limits: dict[str, Any] = {
                "confidence_level": rules.confidence_level,
                "small_sample_below": rules.small_sample_below,
            }
            named = {
                "trial": trial.title,
                "trial_key": trial.key,
                "pair": f"{first} less {second}",
            }
            if "cluster" not in trial.parts:
                # groups of one cluster are alike, which only the joint covariance below knows
                raw = effects.effect_gap(
                    tables[trial.key], first, second, grouping=grouping, **limits
                )
                rows.append(raw.assign(**named))
            if (known := scores[trial.key]) is not None:
                one, other = ((trial.frame[grouping] == g).to_numpy() for g in (first, second))
                adjusted = effects.scored_gap(known, one, other, (first, second), **limits)
                rows.append(adjusted.assign(**named))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def gap_lines(gaps: pd.DataFrame, key: str) -> pd.DataFrame:
    """Lines of the picture of gaps of one study: each gap without and with the program.

    Parameters
    ----------
    gaps : DataFrame
        From :func:`gap_rows`.
    key : str
        Key of the trial.

    Returns
    -------
    DataFrame
        ``pair``, ``line`` (without or with the program), ``estimate``, ``interval_low``,
        ``interval_high``: the adjusted rows where there are some, else the raw ones. Empty
        without gaps.

    Examples
    --------
    >>> rows = pd.DataFrame({"trial_key": "t", "pair": "men less women", "estimator": "AIPW",
    ...     "quantity": ["control gap", "treated gap", "difference of effects"],
    ...     "estimate": [9.0, 7.0, -2.0], "interval_low": 0.0, "interval_high": 10.0})
    >>> gap_lines(rows, "t")["line"].tolist()
    ['without the program', 'with the program']
    """
    words = {"control gap": "without the program", "treated gap": "with the program"}
    if gaps.empty:
        return gaps
    mine = gaps[(gaps["trial_key"] == key) & gaps["quantity"].isin(list(words))]
    adjusted = mine["estimator"] == AIPW
    chosen = mine[adjusted] if adjusted.any() else mine
    lines = chosen.assign(line=chosen["quantity"].map(words))
    names = ["pair", "line", "estimate", "interval_low", "interval_high"]
    return lines[names].reset_index(drop=True)


def gap_title(gaps: pd.DataFrame, trial: Trial) -> str:
    """The point of the picture of gaps: which are shown to move, if any.

    Parameters
    ----------
    gaps : DataFrame
        From :func:`gap_rows`; not empty.
    trial : Trial

    Returns
    -------
    str
        Plain text, from the adjusted rows where there are some.

    Examples
    --------
    >>> trial = Trial("t", "Trial", "", pd.DataFrame(), "", {}, {}, "pay", ())
    >>> gaps = pd.DataFrame({"trial_key": ["t"], "pair": ["men less women"],
    ...     "quantity": ["difference of effects"], "reading": ["narrows the gap"]})
    >>> gap_title(gaps, trial)
    'Trial: the program narrows the gap men less women, beyond chance'
    >>> gap_title(gaps.assign(reading="no change established"), trial)
    'Trial: no gap is shown to narrow or to widen'
    """
    moved = gaps[(gaps["trial_key"] == trial.key) & (gaps["quantity"] == "difference of effects")]
    moved = moved.drop_duplicates("pair", keep="last")
    clear = moved[moved["reading"] != "no change established"]
    if clear.empty:
        return f"{trial.title}: no gap is shown to narrow or to widen"
    parts = [f"{row.reading} {row.pair}" for row in clear.itertuples()]
    return f"{trial.title}: the program {'; '.join(parts)}, beyond chance"


def gap_alt(lines: pd.DataFrame) -> str:
    """Every gap of the picture, without and with the program, for who cannot see it.

    Parameters
    ----------
    lines : DataFrame
        From :func:`gap_lines`.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> gap_alt(pd.DataFrame({"pair": "men less women", "estimate": [9.0, 7.0],
    ...                       "line": ["without the program", "with the program"]}))
    'men less women without the program $9; men less women with the program $7.'
    """
    return (
        "; ".join(
            f"{row.pair} {row.line} {number(row.estimate, 'dollars')}" for row in lines.itertuples()
        )
        + "."
    )


def gap_lines_said(lines: pd.DataFrame, level: float) -> dict[str, str]:
    """What each gap of the picture says, by its name there.

    Parameters
    ----------
    lines : DataFrame
        From :func:`gap_lines`.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    dict of str to str
        Pair to plain text.

    Examples
    --------
    >>> rows = pd.DataFrame({"pair": "men less women", "line": ["without the program"],
    ...     "estimate": [9.0], "interval_low": [1.0], "interval_high": [17.0]})
    >>> gap_lines_said(rows, 0.95)["men less women"]
    'men less women: $9 without the program (95% interval $1 to $17).'
    """
    return {
        str(pair): f"{pair}: "
        + "; ".join(
            f"{number(row.estimate, 'dollars')} {row.line} ({level:.0%} interval "
            f"{interval(row.interval_low, row.interval_high, 'dollars')})"
            for row in rows.itertuples()
        )
        + "."
        for pair, rows in lines.groupby("pair", sort=False)
    }


def gap_figures(gaps: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Key figures of differences of effects, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    gaps : DataFrame
        From :func:`gap_rows`; may be empty.
    tables : mapping of str to DataFrame
        Rows of effects by key of the trial, for the number of people.

    Returns
    -------
    list of dict
        One a difference of effects.

    Examples
    --------
    >>> gaps = pd.DataFrame({"trial_key": "t", "first": "men", "second": "women", "estimator": RAW,
    ...     "quantity": ["treated gap", "difference of effects"], "estimate": [140.0, -60.0],
    ...     "standard_error": 14.0, "interval_low": -87.0, "interval_high": -33.0})
    >>> rows = pd.DataFrame({"group": ["men", "women"], "estimator": RAW, "n_treated": 600.0,
    ...                      "n_control": 400.0})
    >>> [(one["name"], one["estimate"], one["n"]) for one in gap_figures(gaps, {"t": rows})]
    [('t.gap.men_less_women', -60.0, 2000)]
    """
    figures = []
    for row in gaps.itertuples() if len(gaps) else []:
        if row.quantity == "difference of effects":
            name = f"{row.trial_key}.gap.{row.first}_less_{row.second}"
            name += "" if row.estimator == RAW else f".{row.estimator}"
            figures.append(
                {
                    "name": name.replace(", ", "_").replace(" ", "_"),
                    "estimate": row.estimate,
                    "standard_error": row.standard_error,
                    "interval": (row.interval_low, row.interval_high),
                    "n": people_in(tables[row.trial_key], [row.first, row.second]),
                    "n_of": "people",
                    "unit": "dollars, difference of effects",
                }
            )
    return figures


def heterogeneity_rows(
    trials: Sequence[Trial],
    tables: Mapping[str, pd.DataFrame],
    scores: Mapping[str, effects.Scores | None],
) -> pd.DataFrame:
    """Test that groups of one kind have one effect, and what each of them could have shown.

    In a study with clusters, whose groups are not independent, it is the Wald test with their
    joint covariance, of the adjusted effects.

    Parameters
    ----------
    trials : sequence of Trial
    tables : mapping of str to DataFrame
        Rows of :func:`analysis.reports.effect_tables.effect_rows` by key of the trial.
    scores : mapping of str to Scores or None
        Influence values by key; read for studies with clusters.

    Returns
    -------
    DataFrame
        ``groups``, ``trial_key``, ``grouping``, ``estimator`` (the plain difference, and AIPW
        where there is one), ``count``, ``q``, ``p_value``, ``detectable_low``,
        ``detectable_high`` (80 percent power).

    Raises
    ------
    WorkbenchError
        For a shown estimate without a standard error above 0.

    Notes
    -----
    Cochran's (1954) Q, the weighted sum of squared distances from the pooled effect
    (:func:`analysis.effects.multiplicity.heterogeneity_test`).

    Examples
    --------
    Effects of 100 and 160 with errors of 10: Q = 2 x 30² / 10²

    >>> rows = pd.DataFrame({"grouping": "gender", "group": ["men", "women"], "estimator": RAW,
    ...     "status": "shown", "estimate": [100.0, 160.0], "standard_error": 10.0})
    >>> trial = Trial("t", "Trial", "", pd.DataFrame(), "", {}, {}, "pay", ())
    >>> found = heterogeneity_rows([trial], {"t": rows}, {"t": None})
    >>> found[["groups", "count", "q", "detectable_low"]].round(3).values.tolist()
    [['Trial, by gender', 2, 18.0, 28.016]]
    """
    tests = []
    for trial in trials:
        table = tables[trial.key]
        shown = table[(table["status"] == "shown") & table["estimator"].isin([RAW, AIPW])]
        kinds = shown[shown["grouping"] != "all"].groupby(["grouping", "estimator"], sort=False)
        for (grouping, estimator), part in kinds:
            if len(part) < 2:
                continue
            if "cluster" not in trial.parts:
                found = effects.heterogeneity_test(part["estimate"], part["standard_error"])
                statistic, p_value = found.statistic, found.p_value
            elif estimator == AIPW and (known := scores[trial.key]) is not None:
                joint = effects.group_estimates(known, level_members(trial, part))
                statistic, _, p_value = equality_test(joint, range(len(part)))
            else:
                continue
            reach = [effects.detectable_effect(error) for error in part["standard_error"]]
            label = f"{trial.title}, by {grouping}"
            test = (statistic, p_value, min(reach), max(reach))
            tests.append((label, trial.key, grouping, estimator, len(part), *test))
    columns = ["groups", "trial_key", "grouping", "estimator", "count", "q", "p_value"]
    return pd.DataFrame(tests, columns=[*columns, "detectable_low", "detectable_high"])


def heterogeneity_figures(tests: pd.DataFrame) -> list[dict[str, Any]]:
    """Key figures of the tests that effects differ.

    Parameters
    ----------
    tests : DataFrame
        From :func:`heterogeneity_rows`.

    Returns
    -------
    list of dict
        Arguments of ``Study.key_figure``, one a test.

    Examples
    --------
    >>> tests = pd.DataFrame({"trial_key": "t", "grouping": "race x gender", "count": 4,
    ...                       "estimator": [RAW, AIPW], "p_value": [0.2, 0.03]})
    >>> for figure in heterogeneity_figures(tests):
    ...     print(figure["name"], figure["estimate"])
    t.heterogeneity.race_x_gender.p_value 0.2
    t.heterogeneity.race_x_gender.AIPW.p_value 0.03
    """
    return [
        {
            "name": f"{row.trial_key}.heterogeneity.{row.grouping.replace(' ', '_')}."
            + ("p_value" if row.estimator == RAW else f"{row.estimator}.p_value"),
            "estimate": row.p_value,
            "n": row.count,
            "n_of": "groups",
            "unit": "p-value",
            "note": f"Cochran's Q, {row.estimator}; a test, so no interval",
        }
        for row in tests.itertuples()
    ]


def composition_sentence(parts: effects.PooledVersusWithin, adjusted: tuple[float, float]) -> str:
    """Why Job Corps' pooled difference lies below that of both genders, and what to read instead.

    Parameters
    ----------
    parts : PooledVersusWithin
    adjusted : tuple of float
        Adjusted estimate for everyone and its standard error.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> by_gender = pd.DataFrame({"stratum": ["women", "men"], "share_assigned": [0.65, 0.57]})
    >>> parts = effects.PooledVersusWithin(12.0, 16.0, -4.0, by_gender)
    >>> sentence = composition_sentence(parts, (16.5, 4.1))
    >>> sentence[:76]
    'In Job Corps a larger share of women than of men was assigned to the program'
    >>> sentence[-86:]
    'tery, $16.50 (standard error $4.10). Read one of these two, not the pooled difference.'
    """
    low, high = (text(one) for one in parts.by_stratum.sort_values("share_assigned")["stratum"])
    return (
        f"In Job Corps a larger share of {high} than of {low} was assigned to the program, and "
        f"{high} earn less with and without it. So the program group holds more {high}, and its "
        f"mean is pulled down by {number(-parts.composition, 'cents')} for a reason that is not "
        f"the program: the pooled difference, {number(parts.pooled, 'cents')}, lies below the "
        f"difference within gender, {number(parts.within, 'cents')}, and below the estimate that "
        f"adjusts for gender and all else known before the lottery, "
        f"{number(adjusted[0], 'cents')} (standard error {number(adjusted[1], 'cents')}). Read "
        "one of these two, not the pooled difference."
    )
