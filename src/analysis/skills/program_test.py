"""Program matching held against the codes that the list itself states, and made probabilities."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.skills import program_features as f
from analysis.skills.kept_results import Arrays, identity, kept
from analysis.skills.measures import Vectors
from analysis.skills.program_calibration import calibrated, reliability_table
from analysis.skills.program_labels import (
    Labels,
    label_agreement,
    labelled_programs,
    provider_folds,
)
from analysis.skills.program_ranking import best_ranks, cross_validated, hit_gain, hit_table
from analysis.skills.program_regression import program_design
from analysis.skills.program_rerank import Listing, reranked
from analysis.skills.program_words import word_features

TEXTS = (f.TFIDF, f.LETTERS, f.MINILM, f.MINILM_TITLES)
BLENDS = {
    "blend of texts": TEXTS,
    "blend of texts and CIP": (*TEXTS, f.LINKED),
    "blend with other providers' programs": (*TEXTS, f.LINKED, *f.OF_OTHERS),
}
BLENDED = "blend with other providers' programs"
FINAL = "first candidates ordered anew by a network"
FOLDS = 5


class ProgramTest(NamedTuple):
    """Result of the labelled test, and the probabilities that it yields for every program.

    Attributes
    ----------
    soc_codes : list of str
        Candidates.
    hits : DataFrame
        From `analysis.skills.program_ranking.hit_table`; of texts that no other provider has
        in a row of their own, where there are any.
    gain : DataFrame
        Of ``FINAL`` over ``BLENDED``, from `analysis.skills.program_ranking.hit_gain`.
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
    gain: pd.DataFrame
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
        Tables; ``alternate_titles`` and ``soc_2010_to_2018`` may be None.
    vectors : callable
        Sentence vectors.
    folder : Path
        Where results are kept.
    seed, level
        Of folds, ties and intervals.

    Returns
    -------
    ProgramTest

    Examples
    --------
    Every provider lists the same courses, each named by the job that it trains for.

    >>> import tempfile
    >>> jobs = "welding nursing baking driving coding plumbing teaching farming typing painting"
    >>> jobs = [*jobs.split(), "cutting", "sewing"]
    >>> codes = [f"11-10{row}.00" for row in range(11, 23)]
    >>> occupations = pd.DataFrame({"onet_soc_code": codes, "title": jobs, "description": jobs})
    >>> tasks = pd.DataFrame({"onet_soc_code": codes, "task": jobs})
    >>> links = pd.DataFrame({"cip_code": [f"{row}.0101" for row in range(11, 23)],
    ...                       "soc_code": [code[:7] for code in codes]})
    >>> programs = pd.DataFrame({"program": jobs * 5, "stated_soc_codes": codes * 5,
    ...     "cip_code": links["cip_code"].tolist() * 5, "description": "", "credential": "",
    ...     "provider_id": np.repeat(list("abcde"), 12)})
    >>> def vectors(texts):
    ...     return np.array([[float(job in text) for job in [*jobs, ""]] for text in texts])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found = program_test(programs, occupations, tasks, None, links, None, vectors,
    ...                          Path(folder), seed=1)
    >>> float(found.hits.set_index("ranking").loc[FINAL, "hit_1"]), found.agreement
    (1.0, 1.0)
    """
    model = vectors(["what a worker does"])
    given = (programs, occupations, tasks, alternate_titles, cip_soc, soc_2010_to_2018, model)
    soc_codes = sorted(set(occupations["onet_soc_code"].str[:7]))
    labels = labelled_programs(programs, soc_codes, soc_2010_to_2018)

    def compute() -> Arrays:
        features = f.text_features(
            programs, soc_codes, occupations, tasks, alternate_titles, vectors
        )
        features[f.LINKED] = f.linked_share(programs, cip_soc, soc_codes).astype(np.float32)
        words = word_features(programs, soc_codes, occupations, alternate_titles, vectors)
        design = program_design(programs, f.full_texts(programs), vectors)
        listing = Listing(programs, labels, features | words, BLENDS[BLENDED], vectors, design)
        return _compared(listing, features, seed)

    stored = kept(folder, "program_test", identity(__name__, *given, float(seed)), compute)
    return _result(stored, programs, labels, soc_codes, seed, level)


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

    Examples
    --------
    >>> none = pd.DataFrame()
    >>> test = ProgramTest(["31-9092"], none, none, none, none, 1.0, 1, np.array([[0.2], [0.7]]))
    >>> matched = pd.DataFrame({"program_key": ["p", "q"], "match": "CIP crosswalk"})
    >>> listed = pd.DataFrame({"program_key": ["p", "q"]})
    >>> found = with_probability(matched, test, listed, "31-9092.00")
    >>> found[["program_key", "probability"]].values.tolist()
    [['q', 0.7], ['p', 0.2]]
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

    Parameters
    ----------
    texts : sequence of str, length n
    providers : ndarray of int, length n

    Returns
    -------
    ndarray of bool, length n

    Examples
    --------
    >>> unseen_elsewhere(["a", "a", "b", "b"], np.array([0, 1, 2, 2])).tolist()
    [False, False, True, True]
    """
    frame = pd.DataFrame({"text": list(texts), "provider": providers})
    return (frame.groupby("text")["provider"].transform("nunique") == 1).to_numpy()


def _compared(listing: Listing, features: dict[str, np.ndarray], seed: int) -> Arrays:
    """Ranks by every ground, blend and the network, and the network's chances, calibrated."""
    labels = listing.labels
    features = features | f.features_of_others(
        listing.programs, labels, listing.vectors, listing.design
    )
    of_labelled = {name: matrix[labels.rows] for name, matrix in features.items()}
    folds = provider_folds(labels.providers, FOLDS, seed)
    ranks = {name: best_ranks(matrix, labels.truth, seed) for name, matrix in of_labelled.items()}
    scaled = f.standardised(of_labelled)
    tables = []
    for name, chosen in BLENDS.items():
        used = {feature: scaled[feature] for feature in chosen}
        blended, weights = cross_validated(used, labels, folds, seed)
        ranks[name] = best_ranks(blended, labels.truth, seed)
        tables.append(weights.assign(blend=name))
    whole = reranked(listing, folds, seed)
    chance = whole[labels.rows]
    ranks[FINAL] = best_ranks(chance, labels.truth, seed)
    probability, of_fold = calibrated(whole, chance, labels, folds)
    probability[labels.rows] = of_fold
    first, row = chance.argmax(axis=1), np.arange(len(chance))
    joined = pd.concat(tables, ignore_index=True)
    return {
        "rankings": np.array(list(ranks), dtype="U"),
        "ranks": np.stack(list(ranks.values())),
        "probability": probability,
        "top_raw": chance[row, first],
        "top_calibrated": of_fold[row, first],
        "top_true": np.asarray(labels.truth[row, first]).ravel().astype(bool),
        "weights_blend": joined["blend"].to_numpy(dtype="U"),
        "weights_feature": joined["feature"].to_numpy(dtype="U"),
        "weights_weight": joined["weight"].to_numpy(),
        "weights_spread": joined["standard_deviation"].to_numpy(),
    }


def _result(
    stored: Arrays,
    programs: pd.DataFrame,
    labels: Labels,
    soc_codes: list[str],
    seed: int,
    level: float,
) -> ProgramTest:
    """Tables of what was computed, with intervals."""
    ranks = dict(zip(map(str, stored["rankings"]), stored["ranks"], strict=True))
    texts = f.full_texts(programs.iloc[labels.rows])
    unseen = unseen_elsewhere(texts, labels.providers)
    hits = [hit_table(ranks, labels.providers, seed, level=level)]
    if unseen.any():
        alone = {f"{FINAL}; texts unseen elsewhere": ranks[FINAL][unseen]}
        own = pd.factorize(labels.providers[unseen])[0]
        hits.append(hit_table(alone, own, seed, level=level))
    gain = hit_gain(ranks[FINAL], ranks[BLENDED], labels.providers, seed, level=level)
    weights = pd.DataFrame(
        {name: stored[f"weights_{name}"] for name in ("blend", "feature", "weight", "spread")}
    ).astype({"blend": "str", "feature": "str"})
    fields = programs["cip_code"].iloc[labels.rows]
    agreement, pairs = label_agreement(
        [f"{text}|{cip}" for text, cip in zip(texts, fields, strict=True)], labels
    )
    reliability = reliability_table(
        stored["top_raw"], stored["top_calibrated"], stored["top_true"], labels.providers, seed
    )
    return ProgramTest(
        soc_codes, pd.concat(hits, ignore_index=True), gain, reliability, weights, agreement,
        pairs, stored["probability"],
    )  # fmt: skip
