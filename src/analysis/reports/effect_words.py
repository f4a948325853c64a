"""Effects in plain sentences, made from the same rows as the tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.effects import Scores, group_estimates
from analysis.framework import Estimation
from analysis.reports.effect_tables import RAW, main_estimator
from analysis.reports.words import count_noun, interval, joined, number, text
from analysis.tables.trials import Trial


def _best_row(effects: pd.DataFrame) -> pd.Series:
    """Everyone's effect by the estimator to be read: adjusted if there, else stratified.

    The pooled difference is last: where the share assigned differs between strata it is biased.
    """
    everyone = effects[(effects["grouping"] == "all") & (effects["status"] == "shown")]
    order = ["AIPW", "stratified", "Lin", RAW]
    ranks = everyone["estimator"].map(
        lambda name: next(place for place, start in enumerate(order) if name.startswith(start))
    )
    return everyone.loc[ranks.idxmin()]


def _is_clear(row: pd.Series) -> bool:
    """Whether the interval of an estimate lies on one side of zero."""
    return bool(row["interval_low"] > 0 or row["interval_high"] < 0)


def _people_of(group: str) -> str:
    """Name of a group as a sentence has it.

    Examples
    --------
    >>> _people_of("Black"), _people_of("Black, women"), _people_of("white or other")
    ('Black people', 'Black women', 'white or other people')
    """
    name = group.replace(", ", " ")
    return name if name.endswith(("men", "people", "stated", "reported")) else f"{name} people"


def forest_title(title: str, lines: pd.DataFrame) -> str:
    """Title of a forest plot that states what it shows.

    Parameters
    ----------
    title : str
        The study's.
    lines : DataFrame
        From :func:`analysis.reports.effect_tables.forest_rows`.

    Returns
    -------
    str
        Plain text; at most four groups are named.

    Examples
    --------
    >>> lines = pd.DataFrame({"grouping": "race", "group": ["Black", "white"], "estimator": RAW,
    ...                       "simultaneous_low": [3.0, -1.0]})
    >>> forest_title("JTPA", lines)
    'JTPA: the gain is clear of zero for Black people'
    >>> forest_title("JTPA", lines.tail(1))
    'JTPA: no single group’s gain is clear of zero'
    """
    read = lines["estimator"] == ("AIPW" if (lines["estimator"] == "AIPW").any() else RAW)
    raw = lines[read & (lines["grouping"] != "all")]
    gained = raw.loc[raw["simultaneous_low"] > 0, "group"].tolist()
    if not gained:
        return f"{title}: no single group’s gain is clear of zero"
    names = [_people_of(name) for name in gained[:4]]
    return f"{title}: the gain is clear of zero for {joined(names)}"


def forest_alt(title: str, lines: pd.DataFrame, label: str) -> str:
    """Text alternative of a forest plot: every estimate to be read, with its interval.

    Parameters
    ----------
    title : str
        The study's.
    lines : DataFrame
        From :func:`analysis.reports.effect_tables.forest_rows`.
    label : str
        What was measured, with unit.

    Returns
    -------
    str
        Plain text: the AIPW rows where there are some, else the plain differences.

    Examples
    --------
    >>> lines = pd.DataFrame({"group": ["men", "women"], "estimator": RAW, "estimate": [12.0, 5.0],
    ...                       "simultaneous_low": [-3.0, 1.0], "simultaneous_high": [27.0, 9.0]})
    >>> forest_alt("JTPA", lines, "dollars")
    'JTPA, effect (dollars), difference in means: men $12 (−$3 to $27); women $5 ($1 to $9).'
    """
    estimator = "AIPW" if (lines["estimator"] == "AIPW").any() else RAW
    raw = lines[lines["estimator"] == estimator]
    parts = [
        f"{row.group} {number(row.estimate, 'dollars')} "
        f"({interval(row.simultaneous_low, row.simultaneous_high, 'dollars')})"
        for row in raw.itertuples()
    ]
    return f"{title}, effect ({label}), {estimator}: {'; '.join(parts)}."


def forest_lines(lines: pd.DataFrame, level: float) -> dict[str, str]:
    """What each line of a forest plot says, by its name in the plot.

    Parameters
    ----------
    lines : DataFrame
        From :func:`analysis.reports.effect_tables.forest_rows`.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    dict of str to str
        Value of ``line`` to plain text.

    Examples
    --------
    >>> rows = pd.DataFrame({"line": ["men (900)"], "estimator": ["AIPW"], "estimate": [12.0],
    ...     "simultaneous_low": [-3.0], "simultaneous_high": [27.0], "group": ["men"],
    ...     "n_treated": [600.0], "n_control": [300.0]})
    >>> forest_lines(rows, 0.95)["men (900)"]
    'men: AIPW $12 (95% interval −$3 to $27). 600 people assigned, 300 not.'
    """
    said = {}
    for line, rows in lines.groupby("line", sort=False):
        first = rows.iloc[0]
        parts = [
            f"{row.estimator} {number(row.estimate, 'dollars')} ({level:.0%} interval "
            f"{interval(row.simultaneous_low, row.simultaneous_high, 'dollars')})"
            for row in rows.itertuples()
        ]
        said[str(line)] = (
            f"{first['group']}: {'; '.join(parts)}. {first['n_treated']:,.0f} people assigned, "
            f"{first['n_control']:,.0f} not."
        )
    return said


def effect_sentences(
    trials: Sequence[Trial],
    tables: Mapping[str, pd.DataFrame],
    labels: Mapping[str, str],
    gaps: pd.DataFrame,
    grades: pd.DataFrame,
    level: float,
) -> list[str]:
    """The answer in three sentences: how much, for whom, and which gaps moved.

    Parameters
    ----------
    trials : sequence of Trial
    tables : mapping of str to DataFrame
        Rows of :func:`analysis.reports.effect_tables.effect_rows` by trial.
    labels : mapping of str to str
        What was measured, with unit, by trial.
    gaps : DataFrame
        All gaps, or an empty frame.
    grades : DataFrame
        ``trial_key``, ``grade_id`` and ``grade`` of each design: an effect without a lottery, or
        with one that fails a check, is told with its grade.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    list of str
        HTML-safe sentences.

    Examples
    --------
    >>> trial = Trial("nsw", "NSW", "", pd.DataFrame(), "1978", {}, {}, "re78", ())
    >>> rows = pd.DataFrame({
    ...     "grouping": ["all", "race", "race"], "group": ["all", "Black", "white"],
    ...     "estimator": RAW, "status": "shown", "estimate": [1800.0, 2000.0, 900.0],
    ...     "interval_low": [500.0, 400.0, -2000.0], "interval_high": [3100.0, 3600.0, 3800.0],
    ...     "n_treated": [185.0, 150.0, 20.0], "n_control": [260.0, 210.0, 25.0]})
    >>> nothing = pd.DataFrame()
    >>> said = effect_sentences([trial], {"nsw": rows}, {"nsw": "1978"}, nothing, nothing, 0.95)
    >>> said[0][44:]
    'NSW: $1,800 (95% interval $500 to $3,100, 445 people; 1978).'
    >>> said[1]
    'Taken one at a time, the gain is clear of zero in NSW, for Black people (of 2 groups).'
    """
    effects, groups = [], []
    for trial in trials:
        table = tables[trial.key]
        row = _best_row(table)
        effects.append(
            f"{text(trial.title)}: {number(row['estimate'], 'dollars')} "
            f"({level:.0%} interval "
            f"{interval(row['interval_low'], row['interval_high'], 'dollars')}, "
            f"{row['n_treated'] + row['n_control']:,.0f} people; {text(labels[trial.key])})"
        )
        main = main_estimator(table)
        raw = table[(table["estimator"] == main) & (table["grouping"] != "all")]
        shown = raw[raw["status"] == "shown"]
        clear = [r["group"] for _, r in shown.iterrows() if _is_clear(r) and r["estimate"] > 0]
        words = joined([text(_people_of(name)) for name in clear]) or "no single group"
        groups.append(f"in {text(trial.title)}, for {words} (of {count_noun(len(shown), 'group')})")
    first = _opening(trials, grades) + "; ".join(effects) + "."
    second = "Taken one at a time, the gain is clear of zero " + "; ".join(groups) + "."
    return [first, second, _gap_sentence(gaps, labels, level)]


def _opening(trials: Sequence[Trial], grades: pd.DataFrame) -> str:
    by_key = grades.set_index("trial_key") if len(grades) else grades
    graded = {t.key: by_key.loc[t.key] for t in trials if len(by_key) and t.key in by_key.index}
    others = [trial for trial in trials if trial.design != "randomised"]
    if others:
        return (
            "Nobody drew lots here. By how much people of the program did better than others "
            "like them in what is recorded (as an effect of the program this is graded "
            f"“{text(graded[others[0].key]['grade'])}”): "
        )
    fallen = [trial for trial in trials if graded.get(trial.key, {}).get("grade_id", "") not in
              ("", "randomised")]  # fmt: skip
    if fallen:
        return (
            "A lottery decided, but a check of it fails (graded "
            f"“{text(graded[fallen[0].key]['grade'])}”), so what follows may not be the offer "
            "alone. With the offer earnings differed by: "
        )
    return "Being offered training changed earnings by: "


def _gap_sentence(gaps: pd.DataFrame, labels: Mapping[str, str], level: float) -> str:
    if gaps.empty:
        return "No gap between groups can be shown with these data."
    moved = gaps[gaps["quantity"] == "difference of effects"]
    # the adjusted estimate of a gap is read where there is one: it comes after the raw one
    moved = moved.drop_duplicates(["trial_key", "pair"], keep="last")
    clear = moved[moved["reading"] != "no change established"]
    if clear.empty:
        return (
            f"Of {count_noun(len(moved), 'gap')} between groups, none is shown to narrow or to "
            "widen; the studies are too small to rule either out."
        )
    parts = [
        f"{text(row.pair)} in {text(row.trial)} ({text(row.reading)}: "
        f"{number(row.estimate, 'dollars')}, "
        f"{level:.0%} interval {interval(row.interval_low, row.interval_high, 'dollars')}; "
        f"{text(labels[row.trial_key])})"
        for row in clear.itertuples()
    ]
    narrowed = int(clear["reading"].eq("narrows the gap").sum())
    count = {0: "none is", 1: "1 is"}.get(narrowed, f"{narrowed} are")
    return (
        f"Of {count_noun(len(moved), 'gap')} between groups {count} shown to narrow; what moved "
        "beyond chance: " + "; ".join(parts) + "."
    )


def design_sentence(trials: Sequence[Trial]) -> str:
    """What kind of comparison the numbers rest on, before any number is shown.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> lottery = Trial("nsw", "NSW", "", pd.DataFrame(), "", {}, {}, "re78", ())
    >>> design_sentence([lottery])[:60]
    'Everyone in these studies applied, and a lottery decided who'
    >>> survey = Trial("psid", "PSID", "", pd.DataFrame(), "", {}, {}, "re78", (), design="survey")
    >>> design_sentence([lottery, survey])[:69]
    'Nobody drew lots here: people of the program are compared with others'
    """
    if all(trial.design == "randomised" for trial in trials):
        return (
            "Everyone in these studies applied, and a lottery decided who was offered training. "
            "So the difference between the two groups is what the offer changed, up to chance."
        )
    return (
        "Nobody drew lots here: people of the program are compared with others. The plain "
        "difference and the Lin regression describe both groups; AIPW compares the treated with "
        "others like them in what is recorded, and is an effect only as far as the grade below "
        "says so."
    )


def split_note(scores: Scores | None, rules: Estimation) -> str:
    """How often the sample was split for AIPW, and how far the luck of the split goes.

    Parameters
    ----------
    scores : Scores or None
        Of :func:`analysis.reports.effect_studies.trial_scores`.
    rules : Estimation
        Folds and seed that they were made with.

    Returns
    -------
    str
        Plain text; empty without scores.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> one, none, flags = np.ones(4), np.zeros(4), np.array([True, True, False, False])
    >>> gains = np.array([0.0, 4.0, 0.0, 4.0])
    >>> scores = Scores(gains, none, one, flags, one / 2, "everyone", "AIPW", np.array([1.9, 2.1]))
    >>> split_note(scores, load_framework().estimation).split("; ")[1]
    'one split alone moves the estimate for everyone by about 0.09 standard errors.'
    >>> split_note(None, load_framework().estimation)
    ''
    """
    if scores is None:
        return ""
    noise = scores.split_estimates.std() / max(_standard_error(scores), 1e-300)
    return (
        f"AIPW: {rules.folds} folds, {len(scores.split_estimates)} repetitions of the split, seed "
        f"{rules.seed}; one split alone moves the estimate for everyone by about {noise:.2f} "
        "standard errors."
    )


def _standard_error(scores: Scores) -> float:
    """Standard error of the effect on everyone."""
    everyone = np.ones(len(scores.flags), dtype=bool)
    return float(group_estimates(scores, [everyone]).standard_errors[0])
