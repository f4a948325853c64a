"""Published outcomes in plain sentences, made from the same rows as the tables."""

import pandas as pd

from analysis.reports.words import interval, number, text


def check_sentence(counts: pd.DataFrame, level: float) -> str:
    """How many programs can be rated on earnings, and how many of the certificates fall short.

    Parameters
    ----------
    counts : DataFrame
        From :func:`analysis.metrics.programs.check_counts`, certificates first.
    level : float
        Confidence level of its intervals.

    Returns
    -------
    str

    Examples
    --------
    >>> counts = pd.DataFrame({"meets": [60, 30], "does not meet": [20, 0],
    ...     "cannot be rated": [20, 70], "share": [0.25, 0.0], "interval_low": [0.17, 0.0],
    ...     "interval_high": [0.35, 0.11]})
    >>> said = check_sentence(counts, 0.95)
    >>> "45.0% cannot be rated" in said, "25.0% (95% interval 17.0% to 35.0%)" in said
    (True, True)
    """
    answers = counts[["meets", "does not meet", "cannot be rated"]]
    total = int(answers.to_numpy().sum())
    unrated = int(answers["cannot be rated"].sum())
    first = counts.iloc[0]
    limits = interval(first["interval_low"], first["interval_high"], "share")
    return (
        f"Of {total:,} certificate and associate’s programs in the College Scorecard, "
        f"{number(unrated / total, 'share')} cannot be rated on earnings at all; of the "
        f"certificates that can, {number(first['share'], 'share')} "
        f"({level:.0%} interval {limits}) have a median "
        "graduate who earns less than high-school graduates of the state typically do."
    )


def employment_sentence(means: pd.DataFrame, place: str, level: float) -> str:
    """Share of people employed at the earliest horizon, with its interval.

    Parameters
    ----------
    means : DataFrame
        From :func:`analysis.metrics.programs.summary`.
    place : str
        Where the programs are, in words.
    level : float
        Confidence level of its intervals.

    Returns
    -------
    str
        HTML-safe; says so where no share of people employed is at hand.

    Examples
    --------
    >>> means = pd.DataFrame({"metric": "employed_share", "horizon": ["quarter 4", "quarter 2"],
    ...     "estimate": [0.68, 0.72], "interval_low": [0.6, 0.7], "interval_high": [0.7, 0.74],
    ...     "people": [900, 1000]})
    >>> employment_sentence(means, "New Jersey", 0.95)[:49]
    'In New Jersey, 72.0% (95% interval 70.0% to 74.0%'
    """
    shares = means[means["metric"] == "employed_share"]
    if shares.empty:
        return "Employment after exit cannot be shown: no source with it is at hand."
    first = shares.sort_values("horizon").iloc[0]
    limits = interval(first["interval_low"], first["interval_high"], "share")
    return (
        f"In {text(place)}, {number(first['estimate'], 'share')} "
        f"({level:.0%} interval {limits}) of "
        f"{first['people']:,.0f} people were employed in {text(first['horizon'])}."
    )


def premium_alt(spread: pd.DataFrame) -> str:
    """Text alternative of the picture of earnings above the threshold.

    Parameters
    ----------
    spread : DataFrame
        ``credential`` and the median ``50%`` of earnings less the threshold (USD a year).

    Returns
    -------
    str

    Examples
    --------
    >>> spread = pd.DataFrame({"credential": ["Certificate", "Degree"], "50%": [-1200.0, 5300.0]})
    >>> premium_alt(spread)[-43:]
    'ies at: Certificate −$1,200; Degree $5,300.'
    """
    parts = [f"{row['credential']} {number(row['50%'], 'dollars')}" for _, row in spread.iterrows()]
    return (
        "Distributions of programs by median earnings less the high-school threshold. The middle "
        f"program lies at: {'; '.join(parts)}."
    )
