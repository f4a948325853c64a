"""Program matching held against the codes that the list itself states, and made probabilities."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.skills import program_features as f
from analysis.skills.kept_results import identity, kept
from analysis.skills.measures import Vectors
from analysis.skills.program_labels import (
    Labels,
    label_agreement,
    labelled_programs,
    provider_folds,
)
from analysis.skills.program_ranking import best_ranks, cross_validated, hit_table, probabilities

TEXTS = (f.TFIDF, f.LETTERS, f.MINILM, f.MINILM_TITLES)
BLENDS = {
    "blend of texts": TEXTS,
    "blend of texts and CIP": (*TEXTS, f.LINKED),
    "blend with other providers' programs": (*TEXTS, f.LINKED, *f.OF_OTHERS),
}
FINAL = "blend with other providers' programs"


class ProgramTest(NamedTuple):
    """Result of the labelled test, and the probabilities that it yields for every program.

    Attributes
    ----------
    soc_codes : list of str
        Candidates.
    hits : DataFrame
        From `analysis.skills.program_ranking.hit_table`.
    reliability : DataFrame
        Said and true share by band of the top probability, before and after calibration.
    weights : DataFrame
        Of each blend.
    agreement : float
        How often two providers of one text share a label, over ``agreement_pairs`` pairs.
    agreement_pairs : int
    probability : ndarray, shape (programs, candidates)
        Calibrated chance that the list would state the occupation; for labelled programs by
        weights and calibration that never saw their fold.
    """

    soc_codes: list[str]
    hits: pd.DataFrame
    reliability: pd.DataFrame
    weights: pd.DataFrame
    agreement: float
    agreement_pairs: int
    probability: np.ndarray


def program_test(
    programs: pd.DataFrame,
    occupations: pd.DataFrame,
    tasks: pd.DataFrame,
    alternate_titles: pd.DataFrame | None,
    cip_soc: pd.DataFrame,
    soc_2010_to_2018: pd.DataFrame | None,
    vectors: Vectors,
    folder: Path,
    *,
    seed: int,
    level: float = 0.95,
) -> ProgramTest:
    """Hide a list's own occupation codes, predict them, and say how well (computed once).

    Parameters
    ----------
    programs : DataFrame
        Table ``programs`` of one list that states occupation codes.
    occupations, tasks, alternate_titles, cip_soc, soc_2010_to_2018 : DataFrame
        Tables.
    vectors : callable
        Sentence vectors.
    folder : Path
        Where results are kept.
    seed, level
        Of folds, ties and intervals.

    Returns
    -------
    ProgramTest
    """
    model = vectors(["what a worker does"])
    given = (programs, occupations, tasks, alternate_titles, cip_soc, soc_2010_to_2018, model)
    soc_codes = sorted(set(occupations["onet_soc_code"].str[:7]))
    labels = labelled_programs(programs, soc_codes, soc_2010_to_2018)

    def compute() -> dict[str, np.ndarray]:
        features = f.text_features(
            programs, soc_codes, occupations, tasks, alternate_titles, vectors
        )
        features[f.LINKED] = f.linked_share(programs, cip_soc, soc_codes).astype(np.float32)
        features |= f.features_of_others(programs, labels, vectors)
        return _compared(features, labels, seed)

    stored = kept(folder, "program_test", identity(__name__, *given, float(seed)), compute)
    names = [str(name) for name in stored["rankings"]]
    ranks = dict(zip(names, stored["ranks"], strict=True))
    hits = hit_table(ranks, labels.providers, seed, level=level)
    texts = f.full_texts(programs.iloc[labels.rows])
    unseen = unseen_elsewhere(texts, labels.providers)
    alone = {f"{FINAL}; texts unseen elsewhere": ranks[FINAL][unseen]}
    hits = pd.concat(
        [hits, hit_table(alone, pd.factorize(labels.providers[unseen])[0], seed, level=level)],
        ignore_index=True,
    )
    weights = pd.DataFrame(
        {name: stored[f"weights_{name}"] for name in ("blend", "feature", "weight", "spread")}
    ).astype({"blend": "str", "feature": "str"})
    pairs_of = [
        f"{text}|{cip}"
        for text, cip in zip(texts, programs["cip_code"].iloc[labels.rows], strict=True)
    ]
    agreement, pairs = label_agreement(pairs_of, labels)
    reliability = reliability_table(
        stored["top_raw"], stored["top_calibrated"], stored["top_true"], labels.providers, seed
    )
    return ProgramTest(
        soc_codes, hits, reliability, weights, agreement, pairs, stored["probability"]
    )


def with_probability(
    matched: pd.DataFrame, test: ProgramTest | None, programs: pd.DataFrame | None, target: str
) -> pd.DataFrame:
    """Matched programs with their calibrated chance for the target, the likely ones first.

    Parameters
    ----------
    matched : DataFrame
        From `analysis.skills.target_programs.programs_for_target`.
    test, programs : ProgramTest, DataFrame or None
        The test and the list that it was made on; without them the chance is missing.
    target : str
        O*NET-SOC or SOC code.

    Returns
    -------
    DataFrame
        ``matched`` with ``probability``; grounds stay in their order, and within a ground the
        most likely come first.
    """
    chance = pd.Series(dtype=float)
    if test is not None and programs is not None and target[:7] in test.soc_codes:
        column = test.probability[:, test.soc_codes.index(target[:7])]
        chance = pd.Series(column.astype(float), index=programs["program_key"])
    table = matched.assign(probability=matched["program_key"].map(chance).astype(float))
    ground = table["match"].map({name: row for row, name in enumerate(table["match"].unique())})
    order = np.lexsort((-table["probability"].fillna(-1), ground))
    return table.iloc[order].reset_index(drop=True)


def unseen_elsewhere(texts: Sequence[str], providers: np.ndarray) -> np.ndarray:
    """Which programs have a text that no other provider's program has.

    Examples
    --------
    >>> unseen_elsewhere(["a", "a", "b", "b"], np.array([0, 1, 2, 2])).tolist()
    [False, False, True, True]
    """
    frame = pd.DataFrame({"text": list(texts), "provider": providers})
    return (frame.groupby("text")["provider"].transform("nunique") == 1).to_numpy()


def reliability_table(
    raw: np.ndarray, calibrated: np.ndarray, true: np.ndarray, providers: np.ndarray, seed: int
) -> pd.DataFrame:
    """Said probability of the first place against how often it was true, by band.

    Returns
    -------
    DataFrame
        ``kind`` ('as computed', 'calibrated'), ``band``, ``said`` (mean), ``true_share`` with
        ``interval_low`` and ``interval_high`` (95 %, whole providers drawn again), ``n_programs``.

    Examples
    --------
    >>> half = np.array([0.5, 0.5])
    >>> table = reliability_table(half, half, np.array([True, False]), np.array([0, 1]), seed=1)
    >>> table[["kind", "said", "true_share"]].values.tolist()
    [['as computed', 0.5, 0.5], ['calibrated', 0.5, 0.5]]
    """
    from analysis.skills.evaluation import bootstrap_interval

    edges = [0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0001]
    rows = []
    for kind, said in (("as computed", raw), ("calibrated", calibrated)):
        band = np.digitize(said, edges) - 1
        for number in np.unique(band):
            inside = band == number
            low, high = bootstrap_interval(
                true[inside].astype(float), seed, 0.95, 1000, list(map(str, providers[inside]))
            )
            label = f"{edges[number]:.1f} to {min(edges[number + 1], 1):.1f}"
            shares = (said[inside].mean(), true[inside].mean(), low, high)
            rows.append((kind, label, *map(float, shares), int(inside.sum())))
    columns = ["kind", "band", "said", "true_share", "interval_low", "interval_high", "n_programs"]
    return pd.DataFrame(rows, columns=columns)


def calibration_error(reliability: pd.DataFrame) -> pd.Series:
    """Mean distance of said and true share over bands, weighted by programs, by kind.

    Examples
    --------
    >>> frame = pd.DataFrame({"kind": ["x", "x"], "said": [0.5, 0.9], "true_share": [0.4, 0.9],
    ...     "n_programs": [1, 1]})
    >>> calibration_error(frame).round(3).to_dict()
    {'x': 0.05}
    """
    distance = (reliability["said"] - reliability["true_share"]).abs() * reliability["n_programs"]
    return (
        distance.groupby(reliability["kind"]).sum()
        / reliability.groupby("kind")["n_programs"].sum()
    )


def _compared(features: dict[str, np.ndarray], labels: Labels, seed: int) -> dict[str, np.ndarray]:
    of_labelled = {name: matrix[labels.rows] for name, matrix in features.items()}
    folds = provider_folds(labels.providers, 5, seed)
    ranks = {name: best_ranks(matrix, labels.truth, seed) for name, matrix in of_labelled.items()}
    scaled = f.standardised(of_labelled)
    tables = []
    for name, chosen in BLENDS.items():
        used = {feature: scaled[feature] for feature in chosen}
        chance, weights = cross_validated(used, labels, folds, seed)
        ranks[name] = best_ranks(chance, labels.truth, seed)
        tables.append(weights.assign(blend=name))
    # of the last blend: probabilities of all programs, labelled ones out of fold
    everything = f.standardised({name: features[name] for name in BLENDS[FINAL]})
    whole = probabilities(everything, weights["weight"].to_numpy()).astype(np.float32)
    whole[labels.rows] = chance
    probability, calibrated = _calibrated(whole, chance, labels, folds)
    probability[labels.rows] = calibrated
    first = chance.argmax(axis=1)
    row = np.arange(len(chance))
    joined = pd.concat(tables, ignore_index=True)
    return {
        "rankings": np.array(list(ranks), dtype="U"),
        "ranks": np.stack(list(ranks.values())),
        "probability": probability,
        "top_raw": chance[row, first],
        "top_calibrated": calibrated[row, first],
        "top_true": np.asarray(labels.truth[row, first]).ravel().astype(bool),
        "weights_blend": joined["blend"].to_numpy(dtype="U"),
        "weights_feature": joined["feature"].to_numpy(dtype="U"),
        "weights_weight": joined["weight"].to_numpy(),
        "weights_spread": joined["standard_deviation"].to_numpy(),
    }


def _calibrated(
    whole: np.ndarray, chance: np.ndarray, labels: Labels, folds: np.ndarray, most: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """Isotonic maps from said to true share, of all programs and, fold by fold, of labelled ones.

    Learned on the ``most`` first places of each program: nearly all others are 0 and right.
    """
    from sklearn.isotonic import IsotonicRegression

    first = np.argpartition(-chance, most, axis=1)[:, :most]
    said = np.take_along_axis(chance, first, axis=1)
    true = np.take_along_axis(labels.truth.toarray(), first, axis=1).astype(float)

    def learned(rows: np.ndarray) -> IsotonicRegression:
        fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        return fit.fit(said[rows].ravel(), true[rows].ravel())

    result = np.empty_like(chance)
    for fold in np.unique(folds):
        rows = folds == fold
        mapped = learned(~rows).predict(chance[rows].ravel())
        result[rows] = mapped.reshape(rows.sum(), -1)
    everything = learned(np.ones(len(chance), dtype=bool)).predict(whole.ravel())
    return everything.reshape(whole.shape).astype(np.float32), result
