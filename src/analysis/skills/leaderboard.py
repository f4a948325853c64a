"""Which representation of occupations finds related ones best, beside what chance would find."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.skills.baselines import (
    popularity_similarity,
    random_expectation,
    random_similarity,
)
from analysis.skills.evaluation import bootstrap_interval, neighbour_scores


def leaderboard(
    similarities: Mapping[str, np.ndarray],
    codes: Sequence[str],
    truth: pd.DataFrame,
    seed: int,
    *,
    neighbours: int = 10,
    level: float = 0.95,
    draws: int = 2000,
    by_major_group: bool = False,
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
    neighbours, level, draws
        Places that count, confidence level, bootstrap samples.
    by_major_group : bool
        Draw whole SOC major groups for the intervals instead of single occupations.

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
        groups = scores["onet_soc_code"].str[:2].tolist() if by_major_group else None
        numbers: list[float] = []
        for column in ("recall", "reciprocal_rank"):
            interval = bootstrap_interval(scores[column].to_numpy(), seed, level, draws, groups)
            numbers += [float(scores[column].mean()), *interval]
        return {
            "representation": name,
            **dict(zip(names, [*numbers, len(scores)], strict=True)),
        }

    ranked = sorted(
        (row(name, similarity) for name, similarity in similarities.items()),
        key=lambda entry: -float(entry[names[0]]),
    )
    asked = truth[truth["onet_soc_code"].isin(list(codes))]
    per_query = asked.groupby("onet_soc_code").size()
    expected = np.array(
        [random_expectation(len(codes) - 1, int(n_true), neighbours) for n_true in per_query]
    ).mean(axis=0)
    closed_form = {
        "representation": "random order, expected",
        names[0]: expected[0],
        names[3]: expected[1],
        names[-1]: len(per_query),
    }
    baselines = [
        row("popular answers of the rest", popularity_similarity(codes, truth)),
        row("random order, simulated", random_similarity(len(codes), seed)),
        closed_form,
    ]
    return pd.DataFrame([*ranked, *baselines], columns=["representation", *names])
