"""Texts per processor second: the workbench's way of embedding against one text a call.

Both ways run in this process on the same texts, the same model and one thread, in turns, so that
whatever else the machine does meets both. Run: ``python benchmarks/embedding.py [TEXTS]``.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from analysis import sources, tables
from analysis.skills.text_vectors import Encoder, batches

ROUNDS = 3


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


def timed(run: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """Result and processor seconds of a run."""
    started = time.process_time()
    result = run()
    return result, time.process_time() - started


def main(wanted: int) -> int:
    """Print a table of texts per processor second and each way's ratio to one text a call."""
    model, tokenizer = (sources.locate(name) for name in ("minilm_model", "minilm_tokenizer"))
    occupations, tasks = tables.load("occupations"), tables.load("tasks")
    if model is None or tokenizer is None or occupations is None or tasks is None:
        print("The model and the texts must be at hand: workbench fetch", file=sys.stderr)
        return 1
    half = wanted // 2
    texts = tasks.frame["task"].drop_duplicates().sample(half, random_state=1).tolist()
    texts += (
        occupations.frame["description"]
        .drop_duplicates()
        .sample(min(half, len(occupations.frame)), random_state=1)
        .tolist()
    )
    encoder = Encoder(model.path, tokenizer.path, threads=1)
    token_ids = encoder.token_ids(texts)
    encoder.encode(token_ids[:2])  # the first call builds the session
    ways = {"one text a call": one_by_one, "batches of 32, unsorted": unsorted,
            "ordered by length": by_length}  # fmt: skip
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    vectors: dict[str, np.ndarray] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            vectors[name], spent = timed(lambda way=way: way(encoder, token_ids))
            seconds[name].append(spent)
    straightforward = len(texts) / min(seconds["one text a call"])
    print(f"{len(texts)} texts, one thread, best of {ROUNDS} rounds")
    print(f"{'way':26}{'texts per CPU s':>16}{'ratio':>8}{'lowest cosine':>15}")
    for name, spent in seconds.items():
        rate = len(texts) / min(spent)
        cosine = float((vectors[name] * vectors["one text a call"]).sum(axis=1).min())
        print(f"{name:26}{rate:>16.0f}{rate / straightforward:>8.2f}{cosine:>15.7f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
