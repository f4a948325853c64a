"""Which representation of occupations finds related ones best, beside what chance would find."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.skills.baselines import (
    popularity_similarity,
    random_expectation,
    random_similarity,
)
from analysis.skills.evaluation import (
    bootstrap_interval,
    neighbour_scores,
    same_minor_group_share,
)
from analysis.skills.truths import Truth


def leaderboard(
    similarities: Mapping[str, np.ndarray],
    codes: Sequence[str],
    truth: pd.DataFrame,
    seed: int,
    *,
    neighbours: int = 10,
    level: float = 0.95,
) -> pd.DataFrame:
    """Score every representation on the same occupations, best first, baselines at the end.

    Parameters
    ----------
    similarities : mapping of str to ndarray, each of shape (n, n)
        Similarity on ``codes`` by name of the representation.
    codes : sequence of str, length n
        O*NET-SOC codes.
    truth : DataFrame
        Pairs of `analysis.skills.evaluation.related_truth`.
    seed : int
        For intervals and the simulated baseline.
    neighbours, level
        Places that count, confidence level.

    Returns
    -------
    DataFrame
        ``representation``, ``recall_at_10`` (the number is ``neighbours``), ``interval_low``,
        ``interval_high``, ``mean_reciprocal_rank``, ``reciprocal_rank_low``,
        ``reciprocal_rank_high``, ``n_occupations``. The closed-form random row has no interval.

    Examples
    --------
    >>> pairs = pd.DataFrame({"onet_soc_code": ["a", "b"], "related_onet_soc_code": ["b", "a"]})
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> board = leaderboard({"tasks": near}, ["a", "b", "c"], pairs, seed=1, neighbours=1)
    >>> board[["representation", "recall_at_1"]].head(2)
                    representation  recall_at_1
    0                        tasks          1.0
    1  popular answers of the rest          0.5
    """
    names = [f"recall_at_{neighbours}", "interval_low", "interval_high", "mean_reciprocal_rank"]
    names += ["reciprocal_rank_low", "reciprocal_rank_high", "n_occupations"]

    def row(name: str, similarity: np.ndarray) -> dict[str, str | float]:
        scores = neighbour_scores(similarity, codes, truth, neighbours)
        numbers: list[float] = []
        for column in ("recall", "reciprocal_rank"):
            interval = bootstrap_interval(scores[column].to_numpy(), seed, level)
            numbers += [float(scores[column].mean()), *interval]
        return {
            "representation": name,
            **dict(zip(names, [*numbers, len(scores)], strict=True)),
        }

    ranked = sorted(
        (row(name, similarity) for name, similarity in similarities.items()),
        key=lambda entry: -float(entry[names[0]]),
    )
    recall, reciprocal_rank, asked = _expected_by_chance(codes, truth, neighbours)
    closed_form = {
        "representation": "random order, expected",
        names[0]: recall,
        names[3]: reciprocal_rank,
        names[-1]: asked,
    }
    baselines = [
        row("popular answers of the rest", popularity_similarity(codes, truth)),
        row("random order, simulated", random_similarity(len(codes), seed)),
        closed_form,
    ]
    return pd.DataFrame([*ranked, *baselines], columns=["representation", *names])


def _expected_by_chance(
    codes: Sequence[str], truth: pd.DataFrame, neighbours: int
) -> tuple[float, float, int]:
    """Mean recall and reciprocal rank of a random order, and the occupations asked."""
    asked = truth[truth["onet_soc_code"].isin(list(codes))]
    per_query = asked.groupby("onet_soc_code").size()
    expected = np.array(
        [random_expectation(len(codes) - 1, int(n_true), neighbours) for n_true in per_query]
    ).mean(axis=0)
    return expected[0], expected[1], len(per_query)


def same_group_board(
    similarities: Mapping[str, np.ndarray],
    codes: Sequence[str],
    seed: int,
    *,
    neighbours: int = 10,
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of the nearest occupations in the same SOC minor group, best first, random last.

    The label for machines without any list of related occupations: no rating, no text and no
    judgement of likeness went into it, and it is coarse.

    Parameters
    ----------
    similarities, codes, seed, neighbours, level
        As for `leaderboard`.

    Returns
    -------
    DataFrame
        ``representation``, ``share``, ``interval_low``, ``interval_high``, ``n_occupations``; the
        last two rows are what chance gives and the most that small groups allow.

    Examples
    --------
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> board = same_group_board({"tasks": near}, ["29-2010.00", "29-2050.00", "31-9090.00"], 1,
    ...     neighbours=1)
    >>> board["share"].round(3).tolist()
    [0.667, 0.333, 0.667]
    """
    rows = []
    for name, similarity in similarities.items():
        scores = same_minor_group_share(similarity, codes, neighbours)
        interval = bootstrap_interval(scores["share"].to_numpy(), seed, level)
        rows.append((name, scores["share"].mean(), *interval, len(scores)))
    rows.sort(key=lambda row: -row[1])
    chance = float(scores["random_expectation"].mean())
    most = float(scores["largest_possible"].mean())
    rows.append(("random order, expected", chance, np.nan, np.nan, len(scores)))
    rows.append(("most that the groups allow", most, np.nan, np.nan, len(scores)))
    columns = ["representation", "share", "interval_low", "interval_high", "n_occupations"]
    return pd.DataFrame(rows, columns=columns)


def recall_by_part(
    similarity: np.ndarray,
    codes: Sequence[str],
    truth: pd.DataFrame,
    parts: Mapping[str, str],
    seed: int,
    *,
    neighbours: int = 10,
    level: float = 0.95,
) -> pd.DataFrame:
    """Recall of one representation for occupations of each part (major group, job zone).

    Parameters
    ----------
    similarity, codes, truth, seed, neighbours, level
        As for `leaderboard`.
    parts : mapping of str to str
        Part of each occupation; occupations without one are left out.

    Returns
    -------
    DataFrame
        ``part``, ``recall``, ``interval_low``, ``interval_high``, ``n_occupations``, in the order
        of the parts. Intervals are over occupations; of a part with two or three they say little.

    Examples
    --------
    >>> pairs = pd.DataFrame({"onet_soc_code": ["a"], "related_onet_soc_code": ["b"]})
    >>> recall_by_part(np.eye(2), ["a", "b"], pairs, {"a": "zone 1"}, seed=1)["recall"].tolist()
    [1.0]
    """
    scores = neighbour_scores(similarity, codes, truth, neighbours)
    scores["part"] = scores["onet_soc_code"].map(dict(parts))
    rows = []
    for part, of_part in scores.dropna(subset="part").groupby("part"):
        interval = bootstrap_interval(of_part["recall"].to_numpy(), seed, level)
        rows.append((part, of_part["recall"].mean(), *interval, len(of_part)))
    columns = ["part", "recall", "interval_low", "interval_high", "n_occupations"]
    return pd.DataFrame(rows, columns=columns)


def truth_board(
    similarities: Mapping[str, np.ndarray],
    codes: Sequence[str],
    truth: Truth,
    seed: int,
    *,
    neighbours: int = 10,
    level: float = 0.95,
) -> pd.DataFrame:
    """Recall of every representation on a truth of its own occupations, best first.

    Parameters
    ----------
    similarities, codes, seed, neighbours, level
        As for `leaderboard`.
    truth : Truth
        From `analysis.skills.truths`. Only its occupations are asked and are candidates.

    Returns
    -------
    DataFrame
        ``truth``, ``representation``, ``recall`` (capped), ``interval_low``, ``interval_high``,
        ``n_occupations``; the last row is a simulated random order.

    Examples
    --------
    >>> pairs = pd.DataFrame({"onet_soc_code": ["a", "b"], "related_onet_soc_code": ["b", "a"]})
    >>> near = np.array([[1, 0.9, 0.2], [0.9, 1, 0.1], [0.2, 0.1, 1]])
    >>> truth = Truth("pairs", pairs, ("a", "b", "c"))
    >>> truth_board({"tasks": near}, ["a", "b", "c"], truth, 1, neighbours=1)["recall"].tolist()[:1]
    [1.0]
    """
    place = {code: row for row, code in enumerate(codes)}
    asked = [code for code in truth.codes if code in place]
    rows_of = np.array([place[code] for code in asked])
    rows = []
    chance = {"random order, simulated": random_similarity(len(codes), seed)}
    for name, similarity in {**similarities, **chance}.items():
        scores = neighbour_scores(
            similarity[np.ix_(rows_of, rows_of)],
            asked,
            truth.pairs,
            neighbours,
            other_soc_only=truth.other_soc_only,
            capped=True,
        )
        interval = bootstrap_interval(scores["recall"].to_numpy(), seed, level)
        rows.append((truth.name, name, scores["recall"].mean(), *interval, len(scores)))
    columns = ["truth", "representation", "recall", "interval_low", "interval_high"]
    table = pd.DataFrame(rows, columns=[*columns, "n_occupations"])
    return table.sort_values("recall", ascending=False, kind="stable", ignore_index=True)


def best_on_average(boards: Sequence[pd.DataFrame], names: Sequence[str]) -> str:
    """The representation with the highest mean recall over several truths; empty without one.

    Parameters
    ----------
    boards : sequence of DataFrame
        From `truth_board`.
    names : sequence of str
        Representations that may be chosen.

    Returns
    -------
    str
        The first of ``names`` where several are best.

    Examples
    --------
    >>> boards = [pd.DataFrame({"representation": ["a", "b"], "recall": [0.4, 0.3]}),
    ...     pd.DataFrame({"representation": ["a", "b"], "recall": [0.1, 0.3]})]
    >>> best_on_average(boards, ["a", "b"])
    'b'
    """
    if not boards:
        return ""
    scores = pd.concat(boards).groupby("representation")["recall"].mean()
    return str(scores.reindex(list(names)).idxmax())
