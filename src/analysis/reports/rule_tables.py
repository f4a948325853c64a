"""Programs under published rules as tables, key figures and a sentence."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analysis.framework.presets import Preset
from analysis.reports.html_tables import Column
from analysis.reports.words import number, text

OURS = "workbench_tiers"
COUNT_COLUMNS = {
    "name": Column("Rule"),
    "vintage": Column("Vintage"),
    "programs": Column("Programs it covers", "count"),
    "meets": Column("Meets", "count"),
    "fails": Column("Does not meet", "count"),
    "unknown": Column("Cannot be rated", "count"),
    "unknown_share": Column("Share that cannot be rated", "share"),
    "so_far": Column("of these meet what can be checked", "count"),
    "open_share": Column("Open within the noise, of the checked", "share"),
    "not_published": Column("Criteria that nobody publishes"),
}
PAIR_COLUMNS = {
    "first_name": Column("One rule"),
    "second_name": Column("Another"),
    "programs": Column("Programs judged by both", "count"),
    "opposite": Column("Opposite answers", "count"),
    "share": Column("Share", "share"),
}


def _rule_names(presets: Sequence[Preset]) -> dict[str, str]:
    """Names of the rules by id, ours last."""
    return {preset.id: preset.name for preset in presets} | {OURS: "Tiers of this workbench"}


def counts_shown(
    counts: pd.DataFrame, presets: Sequence[Preset], published: Sequence[str]
) -> pd.DataFrame:
    """Counts by rule with names, vintages and what of each rule nobody publishes.

    Parameters
    ----------
    counts : DataFrame
        From :func:`analysis.tiers.published_rules.rule_counts`.
    presets : sequence of Preset
    published : sequence of str
        Outcomes that the sources at hand hold.

    Returns
    -------
    DataFrame
        ``counts`` with ``name``, ``vintage`` and ``not_published`` (criteria in words).

    Examples
    --------
    >>> from analysis.framework.presets import Criterion
    >>> wage = Criterion(outcome="earnings", limit=30000.0, words="30,000 dollars a year")
    >>> rule = Preset(id="rule", name="A rule", vintage="2024", citation="", retrieved="",
    ...               criteria=[wage])
    >>> table = counts_shown(pd.DataFrame({"rule": ["rule", OURS]}), [rule], ["employed_share"])
    >>> table[["name", "vintage", "not_published"]].values.tolist()
    [['A rule', '2024', '30,000 dollars a year'], ['Tiers of this workbench', 'this run', 'none']]
    """
    by_id = {preset.id: preset for preset in presets}

    def missing(rule: str) -> str:
        criteria = by_id[rule].criteria if rule in by_id else []
        return "; ".join(c.words for c in criteria if c.outcome not in published) or "none"

    return counts.assign(
        name=counts["rule"].map(_rule_names(presets)),
        vintage=[by_id[rule].vintage if rule in by_id else "this run" for rule in counts["rule"]],
        not_published=counts["rule"].map(missing),
    )


def counts_note(own_file: bool) -> str:
    """How many people a rule asks for, and what is open within the noise.

    Parameters
    ----------
    own_file : bool
        Whether the programs stand in a user's own file and not in published ones.

    Returns
    -------
    str

    Examples
    --------
    >>> counts_note(own_file=True)[:48]
    'Programs with too few people cannot be rated. Op'
    """
    people = (
        "Programs with too few people cannot be rated."
        if own_file
        else "College Scorecard gives no number of people and hides small cells itself: a rule "
        "takes its medians as published, against the earnings of the state, as report 03 does. "
        "Tiers ask for a number besides, and take a default where a state has no benchmark."
    )
    return (
        f"{people} Open within the noise: the chance of meeting what can be checked lies between "
        "10 and 90 percent. The workbench's tiers count a program above the lowest tier as meeting."
    )


def pairs_shown(pairs: pd.DataFrame, presets: Sequence[Preset]) -> pd.DataFrame:
    """Disagreements with names, the largest first.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`analysis.tiers.published_rules.disagreements`: ``first`` and ``second`` (ids of
        rules) and ``share``.
    presets : sequence of Preset

    Returns
    -------
    DataFrame
        ``pairs`` with ``first_name`` and ``second_name``.

    Examples
    --------
    >>> from analysis.framework.presets import Criterion
    >>> wage = Criterion(outcome="earnings", limit=30000.0, words="30,000 dollars a year")
    >>> rules = [Preset(id=one, name=f"Rule {one}", vintage="2024", citation="", retrieved="",
    ...                 criteria=[wage]) for one in ("a", "b")]
    >>> pairs = pd.DataFrame({"first": ["a", "a"], "second": ["b", OURS], "share": [0.1, 0.3]})
    >>> pairs_shown(pairs, rules)[["first_name", "second_name"]].values.tolist()
    [['Rule a', 'Tiers of this workbench'], ['Rule a', 'Rule b']]
    """
    names = _rule_names(presets)
    named = pairs.assign(
        first_name=pairs["first"].map(names), second_name=pairs["second"].map(names)
    )
    return named.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)


def programs_shown(judged: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Programs that at least one rule can check: status and chance of meeting, rule by rule.

    Parameters
    ----------
    judged : DataFrame
        From :func:`analysis.tiers.published_rules.under_rules` and ``by_our_tiers``.
    frame : DataFrame
        Programs with names, in the order to show.

    Returns
    -------
    DataFrame
        ``program_key``, ``provider``, ``program`` and for each rule its status under the rule's id,
        and the chance of meeting it under ``<id>_probability``.

    Examples
    --------
    >>> judged = pd.DataFrame({"program_key": ["p", "q"], "rule": "a", "checked": [1, 0],
    ...                        "so_far": ["meets", "cannot be rated"], "probability": [0.9, None]})
    >>> frame = pd.DataFrame({"program_key": ["q", "p"], "provider": ["Academy", "College"],
    ...                       "program": ["Welding", "Nursing"]})
    >>> programs_shown(judged, frame).values.tolist()
    [['p', 'College', 'Nursing', 'meets', 0.9]]
    """
    seen = judged.loc[judged["checked"].gt(0), "program_key"].unique()
    table = frame.loc[frame["program_key"].isin(seen), ["program_key", "provider", "program"]]
    for rule, part in judged.groupby("rule", sort=False):
        by_key = part.set_index("program_key")
        table[rule] = table["program_key"].map(by_key["so_far"])
        table[f"{rule}_probability"] = table["program_key"].map(by_key["probability"]).round(4)
    return table.reset_index(drop=True)


def program_columns(presets: Sequence[Preset]) -> dict[str, Column]:
    """Columns of :func:`programs_shown` for a reader.

    Parameters
    ----------
    presets : sequence of Preset
        The published rules beside this workbench's tiers.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> [column.heading for column in program_columns([]).values()]
    ['Program', 'Course or field', 'Tiers of this workbench', 'chance']
    """
    columns = {"program_key": Column("Program"), "program": Column("Course or field")}
    for rule, name in _rule_names(presets).items():
        columns[rule] = Column(name)
        columns[f"{rule}_probability"] = Column("chance", "probability")
    return columns


def rule_figures(
    counts: pd.DataFrame, pairs: pd.DataFrame, level: float, sources: list[str]
) -> list[dict[str, Any]]:
    """Key figures: share that each rule cannot rate, and how often two rules say the opposite.

    Parameters
    ----------
    counts : DataFrame
        From :func:`analysis.tiers.published_rules.rule_counts`.
    pairs : DataFrame
        From :func:`analysis.tiers.published_rules.disagreements`.
    level : float
        Of Wilson's intervals over programs.
    sources : list of str
        Ids of the sources behind the programs.

    Returns
    -------
    list of dict
        Arguments of ``Study.key_figure``.

    Examples
    --------
    >>> counts = pd.DataFrame({"rule": ["a"], "programs": [40], "unknown": [10],
    ...                        "unknown_share": [0.25]})
    >>> pairs = pd.DataFrame({"first": ["a"], "second": ["b"], "programs": [20], "opposite": [2],
    ...                       "share": [0.1]})
    >>> figures = rule_figures(counts, pairs, 0.95, ["texas_programs"])
    >>> [(one["name"], one["estimate"], one["n"]) for one in figures]
    [('rules.a.cannot_be_rated', 0.25, 40), ('rules.a.against.b', 0.1, 20)]
    """
    figures = []
    for row in counts.itertuples():
        low, high = proportion_confint(row.unknown, row.programs, 1 - level, "wilson")
        figures.append(
            {
                "name": f"rules.{row.rule}.cannot_be_rated",
                "estimate": row.unknown_share,
                "interval": (low, high),
                "n": row.programs,
                "n_of": "programs",
                "unit": "share of programs that the rule covers",
                "note": "Wilson interval over programs",
                "sources": sources,
            }
        )
    for row in pairs.itertuples():
        low, high = proportion_confint(row.opposite, row.programs, 1 - level, "wilson")
        figures.append(
            {
                "name": f"rules.{row.first}.against.{row.second}",
                "estimate": row.share,
                "interval": (low, high),
                "n": row.programs,
                "n_of": "programs",
                "unit": "share of programs with opposite answers",
                "note": "as far as each rule can be checked; Wilson interval over programs",
                "sources": sources,
            }
        )
    return figures


def rule_sentence(counts: pd.DataFrame, pairs: pd.DataFrame, presets: Sequence[Preset]) -> str:
    """How many programs each published rule cannot rate, and how often two of them disagree.

    Parameters
    ----------
    counts, pairs : DataFrame
        As for :func:`rule_figures`.
    presets : sequence of Preset

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> from analysis.framework.presets import Criterion
    >>> wage = Criterion(outcome="earnings", limit=30000.0, words="30,000 dollars a year")
    >>> rules = [Preset(id=one, name=f"Rule {one}", vintage="2024", citation="", retrieved="",
    ...                 criteria=[wage]) for one in ("a", "b")]
    >>> counts = pd.DataFrame({"rule": ["a", "b", OURS], "unknown_share": [0.25, 0.5, 0.1]})
    >>> pairs = pd.DataFrame({"first": ["a"], "second": ["b"], "programs": [20], "share": [0.1]})
    >>> said = rule_sentence(counts, pairs, rules)
    >>> "leaves 25.0% unrated" in said, said[-43:]
    (True, 'grams (Rule a against Rule b, 20 programs).')
    """
    names = _rule_names(presets)
    published = counts[counts["rule"].ne(OURS)]
    least = published.loc[published["unknown_share"].idxmin()]
    first = (
        f"Of the {len(published)} published rules none can be applied to most programs: the best, "
        f"{text(names[least['rule']])}, leaves {number(least['unknown_share'], 'share')} that "
        "cannot be rated"
    )
    if least["unknown_share"] < 0.5:
        first = (
            f"Of the {len(published)} published rules, {text(names[least['rule']])} can rate the "
            f"most programs and leaves {number(least['unknown_share'], 'share')} unrated"
        )
    rest = published.drop(index=least.name).sort_values("unknown_share", kind="stable")
    if len(rest):
        named = zip(rest["rule"].map(names), rest["unknown_share"], strict=True)
        shares = [f"{number(share, 'share')} by {text(name)}" for name, share in named]
        first = f"{first} (not rated by the others: {'; '.join(shares)})"
    others = pairs[pairs[["first", "second"]].ne(OURS).all(axis=1)]
    if not len(others):
        return f"{first}."
    worst = others.loc[others["share"].idxmax()]
    return (
        f"{first}; where two published rules can both be checked they say the opposite of up to "
        f"{number(worst['share'], 'share')} of programs ({text(names[worst['first']])} against "
        f"{text(names[worst['second']])}, {worst['programs']:,} programs)."
    )
