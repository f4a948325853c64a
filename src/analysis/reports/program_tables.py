"""How the test of program matching is shown."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.reports.html_tables import Column, interval_columns
from analysis.skills.contrast_test import EITHER
from analysis.skills.delta_test import BOTH, BOTH_PLACEBO, CHANCE, PLACEBO
from analysis.skills.program_calibration import calibration_error
from analysis.skills.program_test import ProgramTest

_SOURCES = ["texas_programs", "cip_soc", "onet_tasks", "onet_occupations"]
_MEASURES = {
    "hit_1": "First place right",
    "hit_5": "In the first five",
    "hit_10": "In the first ten",
    "reciprocal_rank": "Mean reciprocal rank",
}
RELIABILITY_COLUMNS = {
    "band": Column("Chance said"),
    "kind": Column("Which chance"),
    "said": Column("Mean said", "number3"),
    "true_share": Column("True share", "number3"),
    "interval_low": Column("95% interval, from", "number3"),
    "interval_high": Column("to", "number3"),
    "n_programs": Column("Programs", "count"),
}


def hit_columns(level: float) -> dict[str, Column]:
    """Columns of a table of hits.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = hit_columns(0.9)
    >>> columns["hit_1"].heading, columns["hit_1_low"].heading, len(columns)
    ('First place right', '90% interval, from', 14)
    """
    columns = {"ranking": Column("Ranking")}
    for name, heading in _MEASURES.items():
        columns[name] = Column(heading, "number3")
        columns |= interval_columns(level, "number3", name)
    return columns | {"n_programs": Column("Programs", "count")}


def program_test_figures(test: ProgramTest) -> Iterator[dict[str, Any]]:
    """Key figures of the test: hits of every ranking, agreement of labels, calibration.

    Parameters
    ----------
    test : ProgramTest
        From `analysis.skills.program_test.program_test`.

    Yields
    ------
    dict
        Arguments of ``Study.key_figure``.

    Examples
    --------
    >>> import numpy as np
    >>> hits = pd.DataFrame([{"ranking": "By words", "n_programs": 40, "n_providers": 9}
    ...     | {f"{name}{end}": 0.5 for name in _MEASURES for end in ("", "_low", "_high")}])
    >>> bands = pd.DataFrame({"kind": ["as said"], "said": [0.5], "true_share": [0.4],
    ...     "n_programs": [40]})
    >>> empty = pd.DataFrame()
    >>> test = ProgramTest(["11-1011"], hits, empty, bands, empty, 0.8, 7, np.ones((40, 1)))
    >>> figures = {one["name"]: round(one["estimate"], 2) for one in program_test_figures(test)}
    >>> figures["programs.by_words.hit_1"], figures["programs.calibration_error.as_said"]
    (0.5, 0.1)
    """
    yield from _of_hits(test)
    yield {
        "name": "programs.label_agreement",
        "estimate": test.agreement,
        "n": test.agreement_pairs,
        "n_of": "pairs of providers with one text",
        "unit": "share",
        "sources": ["texas_programs"],
        "note": "how often the labels of one text agree; pairs overlap, so no interval",
    }
    for kind, error in calibration_error(test.reliability).items():
        yield {
            "name": f"programs.calibration_error.{str(kind).replace(' ', '_')}",
            "estimate": error,
            "n": int(test.reliability.loc[test.reliability["kind"] == kind, "n_programs"].sum()),
            "n_of": "programs",
            "unit": "mean distance of said and true share over bands",
            "sources": _SOURCES,
            "note": "biased upwards by chance in small bands; no interval",
        }


def _of_hits(test: ProgramTest) -> Iterator[dict[str, Any]]:
    for row in test.hits.to_dict("records"):
        label = "".join(c if c.isalnum() else "_" for c in row["ranking"].lower())
        for name in _MEASURES:
            yield {
                "name": f"programs.{label}.{name}",
                "estimate": row[name],
                "interval": (row[f"{name}_low"], row[f"{name}_high"]),
                "n": row["n_programs"],
                "n_of": "programs",
                "unit": "share",
                "sources": _SOURCES,
                "note": f"bootstrap over {row['n_providers']} providers",
            }
    for row in test.gain.to_dict("records"):
        yield {
            "name": f"programs.gain_of_network.{row['measure']}",
            "estimate": row["gain"],
            "interval": (row["gain_low"], row["gain_high"]),
            "n": int(test.hits["n_programs"].max()),
            "n_of": "programs",
            "unit": "difference of shares",
            "sources": _SOURCES,
            "note": "against the blend on the same programs; bootstrap over providers",
        }


def gain_words(test: ProgramTest) -> str:
    """What the network gains over the blend on the same programs, with intervals.

    It "helps" only where the intervals of all measures lie above zero.

    Parameters
    ----------
    test : ProgramTest
        Its ``gain`` has the measures ``hit_1`` and ``hit_10``.

    Returns
    -------
    str
        Two sentences; gains are differences of shares of programs.

    Examples
    --------
    >>> import numpy as np
    >>> gain = pd.DataFrame({"measure": ["hit_1", "hit_10"], "gain": [0.03, 0.02],
    ...     "gain_low": [0.01, -0.01], "gain_high": [0.05, 0.05]})
    >>> empty = pd.DataFrame()
    >>> gain_words(ProgramTest([], empty, gain, empty, empty, 0.8, 7, np.ones((0, 0))))[:36]
    'The network cannot be told to help: '
    """
    first = test.gain.set_index("measure")
    parts = [
        f"{first.loc[name, 'gain']:+.3f} ({first.loc[name, 'gain_low']:+.3f} to "
        f"{first.loc[name, 'gain_high']:+.3f}) {place}"
        for name, place in (("hit_1", "in the first place"), ("hit_10", "among the first ten"))
    ]
    helps = "helps" if first["gain_low"].gt(0).all() else "cannot be told to help"
    return (
        f"The network {helps}: against the blend on the same programs it is right more often by "
        f"{' and '.join(parts)}. Two providers of one text and field share a code in "
        f"{test.agreement:.3f} of cases, so no ranking can be right much more often than that."
    )


def contrast_columns(level: float) -> dict[str, Column]:
    """Columns of the contrast of target and origin.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = contrast_columns(0.95)
    >>> columns["auc"].heading, columns["interval_low"].heading
    ('AUC', '95% interval, from')
    """
    return {
        "definition": Column("Which programs are right and wrong"),
        "score": Column("Score"),
        "auc": Column("AUC", "number3"),
        **interval_columns(level, "number3"),
        "n_pairs": Column("Pairs of origin and target", "count"),
        "n_targets": Column("Targets", "count"),
    }


def contrast_figures(contrast: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Key figures of the contrast of target and origin.

    Parameters
    ----------
    contrast : DataFrame
        From :func:`analysis.skills.contrast_test.contrast_test`.

    Yields
    ------
    dict
        Arguments of ``Study.key_figure``; ``estimate`` is an AUC.

    Examples
    --------
    >>> row = {"definition": EITHER, "score": "Task coverage", "auc": 0.7, "interval_low": 0.6,
    ...        "interval_high": 0.8, "n_pairs": 50, "n_targets": 12}
    >>> table = pd.DataFrame([row, row | {"definition": "other field"}])
    >>> [one["name"] for one in contrast_figures(table)]
    ['contrast.task_coverage', 'contrast.other_field.task_coverage']
    """
    for row in contrast.to_dict("records"):
        # the first definition is the one that earlier figures were named for
        kind = "" if row["definition"] == EITHER else f"{row['definition'].replace(' ', '_')}."
        yield {
            "name": f"contrast.{kind}{row['score'].lower().replace(' ', '_')}",
            "estimate": row["auc"],
            "interval": (row["interval_low"], row["interval_high"]),
            "n": row["n_pairs"],
            "n_of": "pairs of origin and target",
            "unit": "AUC",
            "sources": ["texas_programs", "onet_tasks", "onet_related", "cip_soc"],
            "note": f"bootstrap over {row['n_targets']} targets",
        }


def delta_columns(level: float) -> dict[str, Column]:
    """Columns of the test over all programs.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = delta_columns(0.95)
    >>> columns["precision_at_10"].heading, columns["auc_low"].heading
    ('Right among the first ten', '95% interval, from')
    """
    limits = Column(f"{level:.0%} interval, from", "number3")
    return {
        "score": Column("Programs ordered by"),
        "precision_at_10": Column("Right among the first ten", "number3"),
        "precision_low": limits,
        "precision_high": Column("to", "number3"),
        "auc": Column("AUC", "number3"),
        "auc_low": limits,
        "auc_high": Column("to", "number3"),
        "n_pairs": Column("Pairs of origin and target", "count"),
        "n_targets": Column("Targets", "count"),
    }


def delta_test_figures(ordered: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Key figures of the test over all programs.

    Parameters
    ----------
    ordered : DataFrame
        From :func:`analysis.skills.delta_test.delta_test`: one row a ``score``.

    Yields
    ------
    dict
        Two a score, precision among the first ten and AUC, as arguments of ``Study.key_figure``.

    Examples
    --------
    >>> ordered = pd.DataFrame({"score": ["Both"], "precision_at_10": [0.4], "precision_low": [0.3],
    ...     "precision_high": [0.5], "auc": [0.8], "auc_low": [0.7], "auc_high": [0.9],
    ...     "n_pairs": [50], "n_targets": [12]})
    >>> [(one["name"], one["estimate"], one["unit"]) for one in delta_test_figures(ordered)]
    [('delta_test.both.precision_at_10', 0.4, 'share'), ('delta_test.both.auc', 0.8, 'AUC')]
    """
    for row in ordered.to_dict("records"):
        label = "".join(c if c.isalnum() else "_" for c in row["score"].lower())
        for measure, value in (("precision", "precision_at_10"), ("auc", "auc")):
            yield {
                "name": f"delta_test.{label}.{value}",
                "estimate": row[value],
                "interval": (row[f"{measure}_low"], row[f"{measure}_high"]),
                "n": row["n_pairs"],
                "n_of": "pairs of origin and target",
                "unit": "share" if measure == "precision" else "AUC",
                "sources": ["texas_programs", "onet_tasks", "cip_soc", "oews_wages"],
                "note": f"bootstrap over {row['n_targets']} targets",
            }


def delta_test_words(ordered: pd.DataFrame) -> str:
    """What the test says about the order of programs, from the table that it stands in.

    Parameters
    ----------
    ordered : DataFrame
        As for :func:`delta_test_figures`, with ``precision_gain`` and ``auc_gain`` over the chance
        of the target, each with ``_low`` and ``_high``.

    Returns
    -------
    str

    Examples
    --------
    >>> scores = [CHANCE, "coverage of the delta", PLACEBO, BOTH, BOTH_PLACEBO]
    >>> gains = {f"{name}_gain{end}": 0.05 for name in ("precision", "auc")
    ...          for end in ("", "_low", "_high")}
    >>> shares = {"score": scores, "precision_at_10": [0.4, 0.3, 0.2, 0.45, 0.4]}
    >>> said = delta_test_words(pd.DataFrame(shares | gains))
    >>> said[:60], "together find more (difference +0.050" in said
    ('By the chance of the target 0.400 of the first ten are right', True)
    """
    by_score = ordered.set_index("score")
    chance, delta, known, both, placebo = (
        by_score.loc[name]
        for name in (CHANCE, "coverage of the delta", PLACEBO, BOTH, BOTH_PLACEBO)
    )
    low, high = both["precision_gain_low"], both["precision_gain_high"]
    helps = (
        "more" if low > 0 else "fewer" if high < 0 else "neither more nor fewer that can be told"
    )
    return (
        f"By the chance of the target {chance['precision_at_10']:.3f} of the first ten are right, "
        f"by coverage of the delta {delta['precision_at_10']:.3f}, by tasks that are known already "
        f"{known['precision_at_10']:.3f}. Chance and coverage together find {helps} "
        f"(difference {both['precision_gain']:+.3f}, interval {low:+.3f} to {high:+.3f}); over the "
        f"whole list they gain {both['auc_gain']:+.3f} in AUC ({both['auc_gain_low']:+.3f} to "
        f"{both['auc_gain_high']:+.3f}), the placebo {placebo['auc_gain']:+.3f}. So programs are "
        "ordered by the target, and coverage explains."
    )
