"""Sentence vectors: how fast the workbench makes them, and what a faster way would lose.

Two questions, one table (``benchmarks/results/embedding.csv``):

1. The same vectors in three ways, timed in turns in this process on one thread: one text a call
   (the straightforward loop), batches of 32 in the order of the texts, and ordered by length.
2. Static vectors: one vector a word, averaged. No static model with a clear licence is to be had
   as a package (that of ``wordllama`` names no licence for its weights, which come from a model
   under terms of its own; ``tokenlearn-static-model`` states none), so two are made here, from
   files that the workbench has anyway:
   - *distilled*: each token of the texts is put through MiniLM alone (Apache-2.0), principal
     components, tokens weighted by how rare they are (the recipe of model2vec; weights after
     Arora and others 2017);
   - *latent semantic analysis*: truncated singular vectors of term weights of O*NET's tasks
     (CC BY 4.0; Deerwester and others 1990).
   Each is held against MiniLM by recall at 10 of O*NET's Primary related occupations.

Run: ``python benchmarks/embedding.py [TEXTS]``. Processor seconds, so a busy machine blurs them;
the ratios are of ways that met the same machine.
"""

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis import sources, tables
from analysis.paths import cache_folder, project_root
from analysis.skills.evaluation import neighbour_scores, related_truth
from analysis.skills.representations import aligned, mean_vectors, occupation_texts, similarity
from analysis.skills.text_vectors import Encoder, batches, embed

ROUNDS = 3
SEED = 1
DIMENSIONS = 256
RARITY = 1e-3  # tokens more frequent than this count for less than half
WAYS = ("one text a call", "batches of 32, unsorted", "ordered by length")
MINILM, DISTILLED, LATENT = "MiniLM", "static, distilled from MiniLM", "static, latent semantics"
Embed = Callable[[Sequence[str]], np.ndarray]


def one_by_one(encoder: Encoder, token_ids: list[list[int]]) -> np.ndarray:
    """The straightforward loop: one text a call."""
    return np.concatenate([encoder.encode([ids]) for ids in token_ids])


def unsorted(encoder: Encoder, token_ids: list[list[int]]) -> np.ndarray:
    """Batches of 32 in the order of the texts, padded to the longest of each."""
    parts = [token_ids[start : start + 32] for start in range(0, len(token_ids), 32)]
    return np.concatenate([encoder.encode(part) for part in parts])


def by_length(encoder: Encoder, token_ids: list[list[int]]) -> np.ndarray:
    """The workbench's way: ordered by length, up to 384 tokens a batch."""
    vectors = np.empty((len(token_ids), 384), dtype=np.float32)
    for rows in batches([len(ids) for ids in token_ids], encoder.tokens_per_batch):
        vectors[rows] = encoder.encode([token_ids[row] for row in rows])
    return vectors


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """Result and processor seconds of a run."""
    started = time.process_time()
    result = run()
    return result, time.process_time() - started


def mean_of_rows(groups: Sequence[Sequence[int]], table: np.ndarray) -> np.ndarray:
    """Mean of the table's rows of each group, at length one; an empty group is zero."""
    counts = np.array([len(group) for group in groups])
    flat = np.concatenate([np.asarray(group, dtype=int) for group in groups])
    total = np.zeros((len(groups), table.shape[1]), dtype=np.float32)
    np.add.at(total, np.repeat(np.arange(len(groups)), counts), table[flat])
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def distilled(encoder: Encoder, texts: Sequence[str]) -> Embed:
    """Word vectors of MiniLM: each token of the texts alone through the model."""
    ids = encoder.token_ids(list(texts))
    first, last = ids[0][0], ids[0][-1]
    counts = np.bincount(np.concatenate([row[1:-1] for row in ids]))
    used = np.flatnonzero(counts)
    alone = by_length(encoder, [[first, int(token), last] for token in used])
    centred = alone - alone.mean(axis=0)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    weight = RARITY / (RARITY + counts[used] / counts.sum())
    table = np.zeros((len(counts), DIMENSIONS), dtype=np.float32)
    table[used] = (centred @ components[:DIMENSIONS].T) * weight[:, None]

    def vectors(asked: Sequence[str]) -> np.ndarray:
        groups = [
            [token for token in row[1:-1] if token < len(table)]
            for row in encoder.token_ids(list(asked))
        ]
        return mean_of_rows(groups, table)

    return vectors


def latent(texts: Sequence[str], seed: int = SEED) -> Embed:
    """Latent semantic analysis: term weights of the texts on their first singular vectors."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import normalize

    words = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2)
    reduced = TruncatedSVD(DIMENSIONS, random_state=seed)
    model = make_pipeline(words, reduced).fit(texts)
    return lambda asked: np.asarray(normalize(model.transform(asked)))


def recall(of: Embed, occupations: pd.DataFrame, tasks: pd.DataFrame, truth: pd.DataFrame,
           places: int = 10) -> tuple[float, float]:  # fmt: skip
    """Recall at ten of title and description, and of the mean of tasks."""
    codes = sorted(truth["onet_soc_code"].unique())
    found = []
    for code, texts in (
        (occupations["onet_soc_code"], occupation_texts(occupations)),
        (tasks["onet_soc_code"], tasks["task"].tolist()),
    ):
        near = similarity(aligned(mean_vectors(code, of(texts)), codes).matrix)
        scores = neighbour_scores(near, codes, truth, places)
        found.append(float(scores["recall"].mean()))
    return found[0], found[1]


def speeds(encoder: Encoder, texts: Sequence[str]) -> pd.DataFrame:
    """Texts per processor second of each way, best of some rounds in turns."""
    token_ids = encoder.token_ids(list(texts))
    encoder.encode(token_ids[:2])  # the first call builds the session
    ways = dict(zip(WAYS, (one_by_one, unsorted, by_length), strict=True))
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    vectors: dict[str, np.ndarray] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            vectors[name], spent = timed(lambda way=way: way(encoder, token_ids))
            seconds[name].append(spent)
    base = vectors[WAYS[0]]
    table = pd.DataFrame(
        {
            "way": list(ways),
            "texts": len(texts),
            "texts_per_cpu_second": [len(texts) / min(seconds[name]) for name in ways],
            "lowest_cosine": [float((vectors[name] * base).sum(axis=1).min()) for name in ways],
        }
    )
    return with_ratio(table)


def with_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Speeds as multiples of one text a call, which is a row of the table."""
    base = table.set_index("way").loc[WAYS[0], "texts_per_cpu_second"]
    return table.assign(ratio=table["texts_per_cpu_second"] / base)


def statics(
    encoder: Encoder, texts: Sequence[str], occupations: pd.DataFrame, tasks: pd.DataFrame,
    truth: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """What static vectors cost to make and to use, and their recall beside MiniLM's."""
    everything = tasks["task"].drop_duplicates().tolist() + occupation_texts(occupations)
    rows = []
    whole = recall(lambda asked: embed(asked, encoder, cache_folder()), occupations, tasks, truth)
    rows.append((MINILM, np.nan, np.nan, *whole))
    for name, make in (
        (DISTILLED, lambda: distilled(encoder, everything)),
        (LATENT, lambda: latent(everything)),
    ):
        of, once = timed(make)
        spent = min(timed(lambda of=of: of(texts))[1] for _ in range(ROUNDS))
        rows.append((name, once, len(texts) / max(spent, 1e-9), *recall(of, occupations, tasks,
                                                                        truth)))  # fmt: skip
    return pd.DataFrame(
        rows, columns=["way", "seconds_once", "texts_per_cpu_second", "recall_title_description",
                       "recall_task_mean"],
    )  # fmt: skip


def main(wanted: int) -> int:
    """Print and write the table."""
    model, tokenizer = (sources.locate(name) for name in ("minilm_model", "minilm_tokenizer"))
    loaded = [tables.load(name) for name in ("occupations", "tasks", "related_occupations")]
    if model is None or tokenizer is None or any(table is None for table in loaded):
        print("The model, texts and related occupations must be at hand: workbench fetch",
              file=sys.stderr)  # fmt: skip
        return 1
    occupations, tasks, related = (table.frame for table in loaded if table is not None)
    half = wanted // 2
    texts = [
        *tasks["task"].drop_duplicates().sample(half, random_state=SEED),
        *occupations["description"].drop_duplicates().sample(
            min(half, len(occupations)), random_state=SEED),
    ]  # fmt: skip
    encoder = Encoder(model.path, tokenizer.path, threads=1)
    speed = speeds(encoder, texts)
    static = statics(encoder, texts, occupations, tasks, related_truth(related))
    # MiniLM is as fast as the workbench's way; words are counted on the same texts
    static.loc[static["way"].eq(MINILM), "texts_per_cpu_second"] = speed.set_index("way").loc[
        WAYS[2], "texts_per_cpu_second"]  # fmt: skip
    table = with_ratio(pd.concat([speed, static.assign(texts=len(texts))], ignore_index=True))
    table = table.assign(threads=1, rounds=ROUNDS, seed=SEED, machine=platform.machine(),
                         cores=os.cpu_count(), python=platform.python_version(),
                         load=round(os.getloadavg()[0], 1))  # fmt: skip
    path = project_root() / "benchmarks" / "results" / "embedding.csv"
    table.round(4).to_csv(path, index=False)
    print(table.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
