"""The benchmark of sentence vectors: its ways agree, its measures are right, its table stands."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from analysis import sources
from analysis.paths import project_root
from analysis.skills.text_vectors import Encoder


@pytest.fixture(scope="module")
def benchmark(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("benchmarks/embedding.py")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    model, tokenizer = (sources.locate(name) for name in ("minilm_model", "minilm_tokenizer"))
    if model is None or tokenizer is None:
        pytest.skip("the model is not at hand")
    return Encoder(model.path, tokenizer.path, threads=1)


TEXTS = [
    "Draw blood from patients.",
    "Take blood samples.",
    "Weld steel plates and pipes for ships, tanks and bridges by hand or by machine.",
    "Join metal parts by welding.",
] * 12


def test_all_ways_give_the_same_vectors(benchmark: ModuleType, encoder: Encoder):
    ids = encoder.token_ids(TEXTS)
    one = benchmark.one_by_one(encoder, ids)
    for way in (benchmark.unsorted, benchmark.by_length):
        assert way(encoder, ids) == pytest.approx(one, abs=1e-5)


def test_means_of_rows_by_hand(benchmark: ModuleType):
    table = np.array([[3.0, 0.0], [0.0, 4.0], [3.0, 4.0]], dtype=np.float32)
    found = benchmark.mean_of_rows([[0], [0, 1], [], [2, 2]], table)
    assert found == pytest.approx(np.array([[1, 0], [0.6, 0.8], [0, 0], [0.6, 0.8]]), abs=1e-6)


def test_words_of_one_meaning_are_nearer_than_others(
    benchmark: ModuleType, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(benchmark, "DIMENSIONS", 16)
    blood, samples, _, welding = benchmark.distilled(encoder, TEXTS)(TEXTS[:4])
    assert blood @ samples > blood @ welding
    assert np.linalg.norm(blood) == pytest.approx(1, abs=1e-5)
    # a token that no text had is left out, and does not fail
    assert np.isfinite(benchmark.distilled(encoder, TEXTS)(["zygote blood"])).all()


def test_recall_by_hand(benchmark: ModuleType):
    """Occupations a and b read alike, c does not: of one neighbour each, a and b are right."""
    occupations = pd.DataFrame(
        {"onet_soc_code": list("abc"), "title": ["x", "x", "y"], "description": ""}
    )
    tasks = pd.DataFrame({"onet_soc_code": list("abc"), "task": ["x", "x", "y"]})
    truth = pd.DataFrame({"onet_soc_code": list("abc"), "related_onet_soc_code": list("bab")})
    found = benchmark.recall(
        lambda texts: np.array([[1.0, 0] if text.startswith("x") else [0, 1.0] for text in texts]),
        occupations, tasks, truth, places=1,
    )  # fmt: skip
    # c is as far from a as from b: half a hit
    assert found == pytest.approx((2.5 / 3, 2.5 / 3))


def test_ratios_are_to_one_text_a_call(benchmark: ModuleType):
    table = pd.DataFrame({"way": [benchmark.WAYS[0], "z"], "texts_per_cpu_second": [50.0, 75.0]})
    assert benchmark.with_ratio(table)["ratio"].tolist() == [1, 1.5]


def test_the_committed_table_holds_every_way(benchmark: ModuleType):
    path: Path = project_root() / "benchmarks" / "results" / "embedding.csv"
    table = pd.read_csv(path).set_index("way")
    assert set(table.index) == {
        *benchmark.WAYS, benchmark.MINILM, benchmark.DISTILLED, benchmark.LATENT,
    }  # fmt: skip
    assert table.loc[list(benchmark.WAYS), "lowest_cosine"].gt(0.9999).all()
    static = table.loc[[benchmark.DISTILLED, benchmark.LATENT]]
    for measure in ("recall_title_description", "recall_task_mean"):
        assert static[measure].lt(table.loc[benchmark.MINILM, measure]).all()
    assert table["seed"].eq(benchmark.SEED).all()
