"""Tiers as tables: thresholds, every program with its tier, tiers counted, sites of a trial."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.framework import Framework
from analysis.reports.disclosure import hide_small_cells
from analysis.reports.html_tables import Column
from analysis.reports.words import number
from analysis.tiers.labels import NOT_RATED
from analysis.tiers.rating import Rating
from analysis.tiers.second_category import in_order
from analysis.tiers.two_horizons import LATER, beside_later

PROGRAM_COLUMNS = {
    "program": Column("Course or field"),
    "provider": Column("Provider"),
    "state": Column("State"),
    "tier": Column("Tier"),
    "tier_probability": Column("Chance of it", "probability"),
    "runner_up": Column("Runner-up"),
    "estimate": Column("Earnings less the benchmark (dollars a year)", "dollars"),
    "interval_low": Column("interval, from", "dollars"),
    "interval_high": Column("to", "dollars"),
    "n": Column("n", "count"),
    "horizon": Column("When"),
    "validity": Column("Validity"),
    "shrunk": Column("Shrunk to its field (dollars a year)", "dollars"),
    "chance_not_above": Column("Chance of not being above the benchmark", "probability"),
    "guard_chance": Column("Same, as the guard of the top tier sees it", "probability"),
    "group_guard": Column("Guard for groups"),
    "later_horizon": Column("Later"),
    "later_tier": Column("Tier then"),
    "later_tier_probability": Column("Chance of it", "probability"),
    "differs": Column("Early and late"),
    "marks": Column("Marks"),
    "reason": Column("Reason"),
    "program_key": Column("Key in the files"),
}
THRESHOLD_COLUMNS = {
    "tier": Column("Tier"),
    "meaning": Column("Meaning"),
    "above": Column("More than (dollars a year)", "dollars"),
    "up_to": Column("Up to (dollars a year)", "dollars"),
}
SITE_COLUMNS = {
    "program_key": Column("Site"),
    "estimate": Column("Effect (dollars a year)", "dollars"),
    "interval_low": Column("interval, from", "dollars"),
    "interval_high": Column("to", "dollars"),
    "n": Column("People", "count"),
    "shrunk": Column("Shrunk (dollars a year)", "dollars"),
    "tier": Column("Tier"),
    "tier_probability": Column("Chance of it", "probability"),
    "runner_up": Column("Runner-up"),
    "chance_not_above": Column("Chance of no gain", "probability"),
    "marks": Column("Marks"),
    "reason": Column("Reason"),
}
GUARD_COLUMNS = {
    "group": Column("Group"),
    "sites": Column("Sites", "count"),
    "shown": Column("Can be checked", "count"),
    "too_few": Column("Too few to tell", "count"),
    "hidden_sites": Column("Hidden, fewer than the minimum in an arm", "count"),
    "harmed": Column("May be no better off", "count"),
}
_LISTS = {"college_scorecard": "College Scorecard", "new_jersey_outcomes": "New Jersey"}
_DOLLARS = ["earnings", "estimate", "standard_error", "interval_low", "interval_high", "shrunk"]
_CHANCES = ["tier_probability", "runner_up_probability", "chance_not_above"]
_CHANCES += ["guard_chance", "later_tier_probability"]
# of rated programs, what a reader of the CSV needs; the rest stands in the Parquet file
_READERS = [
    *("program_key", "provider", "program", "cip_code", "state", "credential", "horizon"),
    *("estimate", "interval_low", "interval_high", "n", "validity", "shrunk", "tier"),
    *("tier_probability", "runner_up", "chance_not_above", "guard_chance", "lowered_by"),
    *("second_missing", "group_guard", "marks", "reason", "later_tier", "hidden"),
]
# what the training guide reads, and a reader finds in the CSV
_PUBLISHED = [
    *("program_key", "list_name", "provider_id", "provider", "program", "cip_code", "state"),
    *("credential", "metric", "horizon", "compared_with", "earnings", "benchmark", "estimate"),
    *("standard_error", "interval_low", "interval_high", "n", "n_of", "validity", "field"),
    *("shrunk", "tier", "tier_probability", "runner_up", "runner_up_probability"),
    *("chance_not_above", "guard_chance", "borderline", "better_data", "first_tier", "lowered_by"),
    *(
        "second_missing",
        "second_score",
        "group_guard",
        "reason",
        "source_id",
        *LATER,
        "differs",
        "marks",
    ),
]
# in the order in which a reader meets them
_MARKS = {
    "borderline": "borderline",
    "better_data": "better data would move it up",
    "no_own_benchmark": "its place has no benchmark of its own",
}


def program_tiers(frame: pd.DataFrame, rules: Framework) -> pd.DataFrame:
    """Every program with its tier, surest of the top first, small cells hidden.

    Parameters
    ----------
    frame : DataFrame
        From :func:`analysis.tiers.rating.rate_all`, and where there are two horizons from
        :func:`analysis.tiers.two_horizons.beside_later`.
    rules : Framework

    Returns
    -------
    DataFrame
        One row a program; ``differs`` says in a word where the later tier is another one, and
        ``marks`` whether a program is borderline, whether better data would move it up, and
        whether it is held against the default benchmark because its place has none.
        ``interval_low`` and ``interval_high`` bound its own earnings against
        the benchmark, before shrinking, at the framework's level. Dollars are whole and chances
        have four decimals, far finer than they are known.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> frame = pd.DataFrame({"program_key": ["p", "q"], "program": ["Welding", None],
    ...     "tier": ["B", "A"], "chance_not_above": [0.03, 0.01], "estimate": [3000.4, 6000.0],
    ...     "standard_error": 500.0, "n": [4, 60], "borderline": [True, False],
    ...     "better_data": [False, False]})
    >>> table = program_tiers(frame, load_framework())
    >>> table[["program", "tier", "estimate", "marks", "hidden"]].values.tolist()
    [['q', 'A', 6000.0, '', False], ['Welding', 'B', nan, 'borderline', True]]
    """
    reach = stats.norm.ppf(0.5 + rules.estimation.confidence_level / 2) * frame["standard_error"]
    frame = frame if "later_tier" in frame else beside_later(frame, None)
    frame = frame.assign(no_own_benchmark=_held_against_default(frame))
    table = frame.assign(
        differs=frame["later_differs"].map({True: "differ", False: "agree"}).astype("str"),
        marks=_marks(frame),
        interval_low=frame["estimate"] - reach,
        interval_high=frame["estimate"] + reach,
    ).reindex(columns=_PUBLISHED)
    # a row is named by its course, and by its key where the file has no name
    table["program"] = table["program"].where(table["program"].notna(), table["program_key"])
    table["better_data"] = table["better_data"].astype("boolean")
    table["differs"] = table["differs"].where(table["later_differs"].notna(), "")
    place = {label: position for position, label in enumerate([*rules.tiers.labels, NOT_RATED])}
    order = in_order(table.assign(place=table["tier"].map(place)))
    dollars = rules.tiers.unit == "dollars a year"
    places = dict.fromkeys(_DOLLARS, 0 if dollars else 4) | dict.fromkeys(_CHANCES, 4)
    return hide_small_cells(
        table.loc[order.index].reset_index(drop=True).round(places),
        people="n",
        values=["earnings", "estimate", "standard_error", "interval_low", "interval_high"],
        minimum=rules.disclosure.minimum_cell,
    )


def default_benchmark_words(frame: pd.DataFrame, rules: Framework) -> str:
    """How many rated programs are held against the default benchmark, in one sentence.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`program_tiers`; ``benchmark_of`` from
        :func:`analysis.tiers.estimates.against_benchmark` or
        :func:`analysis.tiers.benchmarks.against_chosen`.
    rules : Framework

    Returns
    -------
    str
        Empty where there is none.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> frame = pd.DataFrame({"tier": ["A", "B"], "benchmark_of": ["state", "default"],
    ...     "benchmark": [8000.0, 9000.0]})
    >>> print(default_benchmark_words(frame, load_framework())[:78])
    1 of 2 rated programs have no benchmark of their own place (islands, or no sta
    """
    default = _held_against_default(frame)
    if not default.any():
        return ""
    kind = "dollars" if rules.tiers.unit == "dollars a year" else "number"
    held = frame.loc[default, "benchmark"]
    amounts = [number(value, kind) for value in sorted({held.min(), held.max()})]
    return (
        f"{default.sum():,} of {frame['tier'].ne(NOT_RATED).sum():,} rated programs have no "
        "benchmark of their own place (islands, or no state given): they are held against "
        f"{' to '.join(amounts)}, and marked."
    )


def _held_against_default(frame: pd.DataFrame) -> pd.Series:
    if "benchmark_of" not in frame:
        return pd.Series(False, frame.index)
    return frame["benchmark_of"].eq("default") & frame["tier"].ne(NOT_RATED)


def _marks(frame: pd.DataFrame) -> pd.Series:
    """The marks of each program in words; empty where it has none."""
    parts = [
        frame[column].astype("boolean").fillna(False).map({True: f"; {words}", False: ""})
        for column, words in _MARKS.items()
        if column in frame
    ]
    return sum(parts, pd.Series("", frame.index)).astype("str").str.removeprefix("; ")


def for_readers(programs: pd.DataFrame) -> pd.DataFrame:
    """Rated programs with what a reader of the CSV needs, for a file that opens anywhere.

    Parameters
    ----------
    programs : DataFrame
        From :func:`program_tiers`.

    Returns
    -------
    DataFrame
        Its columns of a reader, such as ``program``, ``tier`` and ``estimate``.

    Examples
    --------
    >>> programs = pd.DataFrame({"program_key": ["p", "q"], "tier": ["A", NOT_RATED],
    ...                          "estimate": [6000.0, None], "list_name": "nj"})
    >>> for_readers(programs).to_dict("records")
    [{'program_key': 'p', 'estimate': 6000.0, 'tier': 'A'}]
    """
    rated = programs[programs["tier"].ne(NOT_RATED)]
    return rated[[name for name in _READERS if name in rated]].reset_index(drop=True)


def in_units(columns: Mapping[str, Column], rules: Framework) -> dict[str, Column]:
    """Headings and number formats in the unit of what is rated: dollars a year, or a share.

    Parameters
    ----------
    columns : mapping of str to Column
        With headings in dollars a year.
    rules : Framework
        Its ``tiers.unit``.

    Returns
    -------
    dict of str to Column
        The same columns; for shares ``dollars`` becomes ``share`` and the headings say so.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> columns = {"estimate": Column("Earnings less the benchmark (dollars a year)", "dollars")}
    >>> in_units(columns, load_framework())["estimate"].kind
    'dollars'
    """
    if rules.tiers.unit == "dollars a year":
        return dict(columns)
    words = {"(dollars a year)": "(share of people)", "Earnings less": "Share less"}
    changed = {}
    for name, column in columns.items():
        heading = column.heading
        for old, new in words.items():
            heading = heading.replace(old, new)
        kind = "share" if column.kind == "dollars" else column.kind
        changed[name] = replace(column, heading=heading, kind=kind)
    return changed


def what_is_rated(rules: Framework) -> str:
    """Levels of what, in words for captions and notes.

    Parameters
    ----------
    rules : Framework
        Its ``tiers.unit``.

    Returns
    -------
    str

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> what_is_rated(load_framework())
    'earnings levels against the benchmark, not effects'
    """
    what = "earnings levels" if rules.tiers.unit == "dollars a year" else "shares of people"
    return f"{what} against the benchmark, not effects"


def tier_counts(frame: pd.DataFrame, rules: Framework) -> pd.DataFrame:
    """Programs in each tier by set, with the share and its interval over programs.

    Parameters
    ----------
    frame : DataFrame
        From :func:`analysis.tiers.rating.rate_all`.
    rules : Framework

    Returns
    -------
    DataFrame
        ``compared_with``, ``tier``, ``programs``, ``rated``, ``share`` and Wilson's interval
        (which speaks of programs like these), ``expected_share`` (mean chance that a program
        truly belongs there), ``borderline`` (programs less sure than the framework asks).

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> chances = {f"chance_{label}": 0.25 for label in "ABCD"}
    >>> frame = pd.DataFrame({"compared_with": "set", "tier": ["A", "D", "D", NOT_RATED],
    ...                       "borderline": [True, False, False, False]} | chances)
    >>> table = tier_counts(frame, load_framework())
    >>> table[["tier", "programs", "rated", "expected_share", "borderline"]].values.tolist()[::3]
    [['A', 1, 3, 0.25, 1], ['D', 2, 3, 0.25, 0]]
    """
    rated = frame[frame["tier"].ne(NOT_RATED)]
    rows = []
    for name, part in rated.groupby("compared_with", sort=False):
        for label in rules.tiers.labels:
            within = part["tier"].eq(label)
            low, high = proportion_confint(
                within.sum(), len(part), 1 - rules.estimation.confidence_level, "wilson"
            )
            rows.append(
                {
                    "compared_with": name,
                    "tier": label,
                    "programs": int(within.sum()),
                    "rated": len(part),
                    "share": within.mean(),
                    "interval_low": low,
                    "interval_high": high,
                    "expected_share": part[f"chance_{label}"].mean(),
                    "borderline": int(part.loc[within, "borderline"].sum()),
                }
            )
    return pd.DataFrame(rows)


def not_rated_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Programs that cannot be rated by source, and why.

    Parameters
    ----------
    frame : DataFrame
        From :func:`analysis.tiers.rating.rate_all`: ``tier``, ``list_name``, ``credential``,
        ``reason``.

    Returns
    -------
    DataFrame
        ``list_name`` (in words), ``credential``, ``reason``, ``programs``.

    Examples
    --------
    >>> frame = pd.DataFrame({"tier": [NOT_RATED, NOT_RATED, "A"], "list_name": "college_scorecard",
    ...                       "credential": "Certificate", "reason": ["few people"] * 2 + [""]})
    >>> not_rated_counts(frame).values.tolist()
    [['College Scorecard', 'Certificate', 'few people', 2]]
    """
    missing = frame[frame["tier"].eq(NOT_RATED)]
    missing = missing.assign(list_name=missing["list_name"].replace(_LISTS))
    counts = missing.groupby(["list_name", "credential", "reason"]).size()
    return counts.rename("programs").reset_index()


def site_tiers(sites: Rating, level: float) -> pd.DataFrame:
    """Sites of a trial with their tier, in the order of their shrunken effect.

    Parameters
    ----------
    sites : Rating
        From :func:`analysis.tiers.rating.rate_set`, over sites.
    level : float
        Of the interval of a site's own effect (normal).

    Returns
    -------
    DataFrame
        The columns of ``SITE_COLUMNS``, ``standard_error`` and ``borderline``, dollars a year.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> columns = dict.fromkeys([*SITE_COLUMNS, "borderline"], "")
    >>> frame = pd.DataFrame(columns | {"program_key": ["north", "south"], "borderline": False,
    ...     "estimate": [100.0, 900.0], "standard_error": 100.0, "shrunk": [300.0, 600.0]})
    >>> table = site_tiers(SimpleNamespace(frame=frame), 0.95).round(0)
    >>> table[["program_key", "interval_low", "interval_high"]].values.tolist()
    [['south', 704.0, 1096.0], ['north', -96.0, 296.0]]
    """
    reach = stats.norm.ppf(0.5 + level / 2) * sites.frame["standard_error"]
    table = sites.frame.assign(
        interval_low=sites.frame["estimate"] - reach,
        interval_high=sites.frame["estimate"] + reach,
        marks=_marks(sites.frame),
    )
    columns = [*SITE_COLUMNS, "standard_error", "borderline"]
    return table.sort_values("shrunk", ascending=False)[columns].reset_index(drop=True)


def second_intervals(outcomes: pd.DataFrame, rules: Framework, minimum_people: int) -> pd.DataFrame:
    """Intervals of shares of the second category, latest quarter of each program, small ones out.

    Of every metric that has a floor and is a share; an amount (such as debt) is published without
    its error, so that no interval of it can be clear of a floor, and is missing.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``.
    rules : Framework
        Its floors name the metrics.
    minimum_people : int
        Fewest people that a share may rest on.

    Returns
    -------
    DataFrame
        ``program_key``, ``metric``, ``interval_low``, ``interval_high`` (Wilson).

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> outcomes = pd.DataFrame({"program_key": ["p", "p", "q"], "metric": "retention_share",
    ...     "quarter": [2, 4, 4], "value": [0.9, 0.5, 0.8], "n": [40.0, 100.0, 3.0]})
    >>> found = second_intervals(outcomes, load_framework(), 10).round(3)
    >>> found.drop(columns="metric").values.tolist()
    [['p', 0.404, 0.596]]
    """
    names = [floor.metric for floor in rules.tiers.floors]
    shares = [name for name in names if rules.metric(name).unit.startswith("share")]
    rows = outcomes[outcomes["metric"].isin(shares) & outcomes["value"].notna()]
    rows = rows[rows["n"].ge(minimum_people)]
    rows = rows.sort_values("quarter", kind="stable")
    rows = rows.drop_duplicates(["program_key", "metric"], keep="last")
    count = (rows["value"] * rows["n"]).to_numpy(float)
    outside = 1 - rules.estimation.confidence_level
    low, high = proportion_confint(count, rows["n"].to_numpy(float), outside, "wilson")
    return rows[["program_key", "metric"]].assign(interval_low=low, interval_high=high)
