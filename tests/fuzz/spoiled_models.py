"""In a process of its own: spoiled models and tokenizers, each used for a text or refused."""

import random
import sys
from pathlib import Path

import numpy as np
import tokenizers
from mutations import mutated

from analysis.errors import WorkbenchError
from analysis.skills.text_vectors import DIMENSION, Encoder, embed

WORDS = ("[UNK]", "draw", "blood", "count", "money")


def _field(number: int, value: int | bytes) -> bytes:
    """A field of a protocol buffer."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    done = b""
    while value > 127:
        done, value = done + bytes([value & 127 | 128]), value >> 7
    return done + bytes([value])


def _tensor_type(name: str, kind: int, axes: tuple[str | int, ...]) -> bytes:
    dims = b"".join(
        _field(1, _field(2, axis.encode()) if isinstance(axis, str) else _field(1, axis))
        for axis in axes
    )
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, kind) + _field(2, dims)))


def small_model() -> bytes:
    """A model in ONNX that looks up a vector for each token, and nothing more."""
    numbers = np.random.default_rng(1).normal(size=(len(WORDS), DIMENSION)).astype("<f4")
    table = _field(1, len(WORDS)) + _field(1, DIMENSION) + _field(2, 1)
    table += _field(8, b"table") + _field(9, numbers.tobytes())
    node = _field(1, b"table") + _field(1, b"input_ids") + _field(2, b"out") + _field(4, b"Gather")
    graph = _field(1, node) + _field(2, b"g") + _field(5, table)
    graph += _field(11, _tensor_type("input_ids", 7, ("n", "t")))
    graph += _field(12, _tensor_type("out", 1, ("n", "t", DIMENSION)))
    opset = _field(1, b"") + _field(2, 13)
    return _field(1, 8) + _field(7, graph) + _field(8, opset)


def small_tokenizer() -> bytes:
    """A tokenizer of five words."""
    words = tokenizers.models.WordLevel({word: n for n, word in enumerate(WORDS)}, "[UNK]")
    made = tokenizers.Tokenizer(words)
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return made.to_str().encode()


def main(folder: Path, count: int) -> None:
    """Spoil each file in turn; an error other than one clear one ends the process."""
    chance = random.Random("models, 2026")
    good = {"model.onnx": small_model(), "tokenizer.json": small_tokenizer()}
    paths = {name: folder / name for name in good}
    for name, data in good.items():
        paths[name].write_bytes(data)
    texts = ["draw blood", "count money \U0001f600"]
    vectors = embed(texts, Encoder(*paths.values()), folder / "cache")
    assert vectors.shape == (2, DIMENSION)
    for number in range(count):
        name = chance.choice(list(good))
        paths[name].write_bytes(mutated(name, good[name], chance))
        (folder / "last").write_text(f"{number} {name}")
        try:
            found = embed(texts, Encoder(*paths.values()), folder / "cache")
            assert np.isfinite(found).all()
        except WorkbenchError as error:
            print(number, name, error)
        paths[name].write_bytes(good[name])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
