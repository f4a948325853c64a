"""Sentence vectors: the store under damage and crowds, and the model against itself."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.paths import raw_folder
from analysis.skills.text_vectors import Encoder, batches, embed
from analysis.skills.vector_store import add_vectors, read_vectors


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    found = {}
    for name in ("model.onnx", "tokenizer.json"):
        paths = sorted(raw_folder().rglob(name))
        if not paths:
            pytest.skip(f"no {name} under {raw_folder()} (fetch the sentence encoder)")
        found[name] = paths[0]
    return Encoder(found["model.onnx"], found["tokenizer.json"], threads=1)


@pytest.fixture
def no_model(tmp_path: Path) -> Encoder:
    """Files that no runtime can load: whoever computes with them fails."""
    (tmp_path / "model.onnx").write_bytes(b"no model")
    (tmp_path / "tokenizer.json").write_text("no tokenizer")
    return Encoder(tmp_path / "model.onnx", tmp_path / "tokenizer.json")


def key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def store_of(encoder: Encoder, cache: Path) -> Path:
    return cache / "text_vectors" / encoder.fingerprint.hexdigest()[:16]


def unit_rows(n: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, 384)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


# --- batches ---


@given(st.lists(st.integers(1, 256), max_size=60), st.integers(1, 600))
def test_batches_hold_each_row_once_within_the_budget(lengths, budget):
    found = list(batches(lengths, budget))
    assert sorted(row for batch in found for row in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= budget
    widths = [lengths[row] for batch in found for row in batch]
    assert widths == sorted(widths)


# --- store ---


def test_store_gives_back_what_was_added(tmp_path):
    rows = unit_rows(5, seed=1)
    add_vectors(tmp_path, [key(f"{row}") for row in range(3)], rows[:3])
    add_vectors(tmp_path, [key(f"{row}") for row in range(3, 5)], rows[3:])
    known = read_vectors(tmp_path, 384)
    assert len(known) == 5
    assert all(np.array_equal(known[key(f"{row}")], rows[row]) for row in range(5))
    assert add_vectors(tmp_path, [], rows[:0]) is None
    with pytest.raises(ValueError, match="1 keys for 2 vectors"):
        add_vectors(tmp_path, [key("a")], rows[:2])


@pytest.mark.parametrize("fault", ["flipped bit", "cut short", "emptied", "renamed", "no numbers"])
def test_damaged_block_is_set_aside(tmp_path, fault):
    whole = add_vectors(tmp_path, [key("a")], unit_rows(1, seed=1))
    path = add_vectors(tmp_path, [key("b")], unit_rows(1, seed=2))
    content = bytearray(path.read_bytes())
    if fault == "flipped bit":
        content[700] ^= 1
    elif fault == "cut short":
        del content[-100:]
    elif fault == "emptied":
        content.clear()
    elif fault == "renamed":
        path = path.rename(path.with_stem("0" * 64))
    else:
        path.unlink()
        path = add_vectors(tmp_path, [key("b")], np.full((1, 384), np.nan))
        content = bytearray(path.read_bytes())
    path.write_bytes(bytes(content))
    assert set(read_vectors(tmp_path, 384)) == {key("a")}
    assert list(tmp_path.glob("*.vectors")) == [whole]


def write_blocks(folder: str, writer: int) -> None:
    for block in range(20):
        name = f"{writer} {block}"
        add_vectors(Path(folder), [key(name)], unit_rows(1, seed=1000 * writer + block))


def test_two_processes_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=write_blocks, args=(str(tmp_path), writer)) for writer in (1, 2)
    ]
    for process in writers:
        process.start()
    while any(process.is_alive() for process in writers):
        read_vectors(tmp_path, 384)  # a reader in between sees whole blocks or none
    for process in writers:
        process.join()
        assert process.exitcode == 0
    known = read_vectors(tmp_path, 384)
    assert set(known) == {key(f"{writer} {block}") for writer in (1, 2) for block in range(20)}
    assert [path.suffix for path in tmp_path.iterdir()] == [".vectors"] * 40


# --- embed without a model ---


def test_warm_call_needs_no_runtime_and_is_fast(tmp_path, no_model):
    texts = [f"task {row}" for row in range(17_536)]
    rows = unit_rows(len(texts), seed=3)
    add_vectors(store_of(no_model, tmp_path), no_model.keys(texts), rows)
    asked = [*reversed(texts), texts[7]]
    begun = time.process_time()
    result = embed(asked, no_model, tmp_path, progress=lambda done, total: pytest.fail("computed"))
    assert time.process_time() - begun < 1.0
    assert np.array_equal(result, np.vstack([rows[::-1], rows[7]]))


def test_unfit_files_are_errors_that_name_them(tmp_path, no_model):
    with pytest.raises(WorkbenchError, match=r"tokenizer\.json: not a tokenizer file"):
        embed(["a text"], no_model, tmp_path)
    absent = Encoder(tmp_path / "absent.onnx", tmp_path / "tokenizer.json")
    with pytest.raises(WorkbenchError, match=r"absent\.onnx: the sentence encoder cannot be read"):
        embed(["a text"], absent, tmp_path)
    with pytest.raises(WorkbenchError, match="text 1 is nan, not a text"):
        embed(["a text", float("nan")], no_model, tmp_path)


def test_vectors_of_one_model_are_not_those_of_another(tmp_path, no_model):
    keys = no_model.keys(["a text"])
    (tmp_path / "other.onnx").write_bytes(b"no model!")
    other = Encoder(tmp_path / "other.onnx", no_model.tokenizer)
    assert other.keys(["a text"]) != keys
    assert store_of(other, tmp_path) != store_of(no_model, tmp_path)


def test_import_is_light():
    code = (
        "import sys, analysis.skills.text_vectors; "
        "print([name for name in ('onnxruntime', 'tokenizers') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


# --- with the model ---

STARTS = ["Clean", "Order", "Record", "Inspect, test and adjust", "Advise customers on"]
ENDS = ["teeth", "medical supplies", "patients' histories", "hydraulic pumps of a mill", "loans"]
SENTENCES = [
    f"{start} {end}{', ' + 'as the supervisor asks ' * n if n else ''}."
    for start in STARTS
    for end in ENDS
    for n in range(8)
]


@pytest.fixture(scope="module")
def vectors(encoder, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    calls: list[tuple[int, int]] = []
    result = embed(SENTENCES, encoder, cache, lambda done, total: calls.append((done, total)))
    return cache, calls, result


def test_vectors_have_length_one(vectors):
    _, _, result = vectors
    assert result.shape == (200, 384)
    assert result.dtype == np.float32
    assert np.allclose(np.linalg.norm(result, axis=1), 1, atol=1e-6)


def test_progress_counts_up_to_the_end(vectors):
    _, calls, _ = vectors
    done = [count for count, _ in calls]
    assert done == sorted(done)
    assert calls[-1] == (200, 200)
    assert len(calls) > 5


def test_one_by_one_equals_batched(encoder, vectors):
    _, _, result = vectors
    rows = range(0, 200, 13)
    alone = np.vstack([encoder.encode(encoder.token_ids([SENTENCES[row]])) for row in rows])
    assert (alone * result[list(rows)]).sum(axis=1).min() > 0.9999999 - 1e-7


def test_second_call_computes_nothing_and_is_equal(encoder, vectors):
    cache, _, result = vectors
    again = embed(
        [*SENTENCES[::-1], *SENTENCES],
        Encoder(encoder.model, encoder.tokenizer),
        cache,
        lambda done, total: pytest.fail("computed"),
    )
    assert np.array_equal(again, np.vstack([result[::-1], result]))


def test_damage_is_recomputed_not_believed(encoder, tmp_path):
    first = embed(SENTENCES[:3], encoder, tmp_path)
    (block,) = store_of(encoder, tmp_path).iterdir()
    content = bytearray(block.read_bytes())
    content[32] ^= 0x40
    block.write_bytes(bytes(content))
    calls: list[int] = []
    again = embed(SENTENCES[:3], encoder, tmp_path, lambda done, total: calls.append(total))
    assert calls[-1] == 3
    assert np.array_equal(first, again)


def test_repeated_texts_are_computed_once(encoder, tmp_path):
    totals: list[int] = []
    result = embed(["same"] * 5 + ["other"], encoder, tmp_path, lambda _, n: totals.append(n))
    assert set(totals) == {2}
    assert np.array_equal(result[0], result[4])
    assert not np.array_equal(result[0], result[5])


def test_meaning_is_in_the_vectors(encoder, tmp_path):
    texts = [
        "Take blood samples from patients.",
        "Draw blood for laboratory tests.",
        "Weld steel beams on building sites.",
    ]
    near = embed(texts, encoder, tmp_path)
    cosine = near @ near.T
    assert cosine[0, 1] > 0.5 > cosine[0, 2]


def test_text_is_cut_at_256_tokens(encoder, tmp_path):
    long = "weld " * 254  # and the two marks that begin and end a text
    short, cut, longer = embed(
        [long, long + "and take blood samples " * 50, "weld " * 100 + "blood " * 100],
        encoder,
        tmp_path,
    )
    assert np.array_equal(short, cut)
    assert float(short @ longer) < 0.999


def test_empty_text_has_a_vector(encoder, tmp_path):
    assert np.isfinite(embed([""], encoder, tmp_path)).all()


@pytest.mark.skipif(os.cpu_count() == 1, reason="one processor core")
def test_threads_do_not_change_vectors(encoder, tmp_path, vectors):
    _, _, result = vectors
    two = Encoder(encoder.model, encoder.tokenizer, threads=2)
    rows = embed(SENTENCES[:40], two, tmp_path)
    assert (rows * result[:40]).sum(axis=1).min() > 0.9999999 - 1e-7
