"""Sentence vectors: what a text means, as 384 numbers, by all-MiniLM-L6-v2 on the processor.

The model is an ONNX file that gives one vector for each token; a text's vector is their mean over
the attention mask, scaled to length one, as the model was trained (Reimers and Gurevych 2019,
Sentence-BERT; the model card of sentence-transformers/all-MiniLM-L6-v2, which also states the
limit of 256 tokens). Cosine similarity of two texts is then the dot product of their vectors.

Texts are taken once each, ordered by length and put together up to a number of tokens: padding is
what costs time, and a vector does not depend on what else was in its batch.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from analysis.errors import WorkbenchError
from analysis.skills.vector_store import add_vectors, read_vectors

DIMENSION = 384
MAXIMUM_TOKENS = 256
METHOD = "mean over attention mask, unit length, 256 tokens"
TEXTS_PER_BLOCK = 2048  # what an interrupted run may lose at most: some ten seconds

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Encoder:
    """A sentence encoder and how it is to be run.

    Parameters
    ----------
    model : Path
        ``model.onnx``: inputs ``input_ids``, ``attention_mask`` and perhaps ``token_type_ids``,
        first output token vectors of shape (batch, tokens, 384).
    tokenizer : Path
        ``tokenizer.json`` of the same model.
    threads : int
        Processor threads. Two on an idle machine is 1.6 to 1.9 times one; on a busy one it is not.
    tokens_per_batch : int
        Tokens in a batch, padding included; 256 to 512 is fastest where cores are few.
    """

    model: Path
    tokenizer: Path
    threads: int = 2
    tokens_per_batch: int = 384

    @cached_property
    def fingerprint(self) -> "hashlib._Hash":
        """SHA-256 state after the bytes of model and tokenizer and the name of the method."""
        digest = hashlib.sha256()
        for path in (self.model, self.tokenizer):
            try:
                digest.update(path.read_bytes())
            except OSError as error:
                raise WorkbenchError(
                    f"{path}: the sentence encoder cannot be read ({error.strerror})",
                    "Fetch the model again, or work with representations that need none.",
                ) from None
        digest.update(METHOD.encode())
        return digest

    @cached_property
    def _session(self) -> Any:
        # imported here: a run whose vectors are all in the store needs no runtime
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, min(self.threads, os.cpu_count() or 1))
        options.inter_op_num_threads = 1
        # threads that spin while they wait take the cores that others need
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(
                str(self.model), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises a class of its own for each fault
            raise WorkbenchError(
                f"{self.model}: not a model that onnxruntime can run ({type(error).__name__})",
                "Fetch the model again.",
            ) from None

    @cached_property
    def _tokenizer(self) -> Any:
        import tokenizers

        try:
            tokenizer = tokenizers.Tokenizer.from_file(str(self.tokenizer))
        except Exception as error:  # the library raises bare Exception
            raise WorkbenchError(
                f"{self.tokenizer}: not a tokenizer file ({error})", "Fetch the tokenizer again."
            ) from None
        tokenizer.no_padding()  # the file pads every text to 128 tokens and cuts there
        tokenizer.enable_truncation(max_length=MAXIMUM_TOKENS)
        return tokenizer

    def keys(self, texts: Sequence[str]) -> list[bytes]:
        """SHA-256 of model, tokenizer, method and text, for each text."""
        keys = []
        for text in texts:
            digest = self.fingerprint.copy()
            digest.update(text.encode())
            keys.append(digest.digest())
        return keys

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text, cut at 256."""
        try:
            return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        except Exception as error:  # the library raises bare Exception
            raise WorkbenchError(
                f"{self.tokenizer}: it cannot take texts apart ({error})",
                "Fetch the tokenizer again.",
            ) from None

    def encode(self, batch: Sequence[Sequence[int]]) -> np.ndarray:
        """Vectors (float32, shape (n, 384)) of texts given as token numbers."""
        longest = max(len(ids) for ids in batch)
        token_ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros_like(token_ids)
        for row, ids in enumerate(batch):
            token_ids[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        given = {
            "input_ids": token_ids,
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(token_ids),
        }
        wanted = {entry.name for entry in self._session.get_inputs()}
        try:
            tokens = self._session.run(None, {k: v for k, v in given.items() if k in wanted})[0]
        except Exception as error:  # onnxruntime raises a class of its own for each fault
            raise WorkbenchError(
                f"{self.model}: it cannot be run on texts ({type(error).__name__})",
                "Fetch the model again.",
            ) from None
        if tokens.ndim != 3 or tokens.shape[2] != DIMENSION:
            raise WorkbenchError(
                f"{self.model}: first output has shape {tokens.shape}, not (n, tokens, 384)",
                "Use the export of all-MiniLM-L6-v2 that gives one vector for each token.",
            )
        vectors = _pooled(tokens, mask)
        if not np.isfinite(vectors).all():
            raise WorkbenchError(
                f"{self.model}: it gives vectors that are no numbers", "Fetch the model again."
            )
        return vectors


def embed(
    texts: Sequence[str],
    encoder: Encoder,
    cache_folder: Path,
    progress: Progress | None = None,
) -> np.ndarray:
    """Sentence vectors of texts, each computed at most once on this machine.

    Parameters
    ----------
    texts : sequence of str
        What to encode; repeated texts are computed once.
    encoder : Encoder
        Model and tokenizer. Their bytes are part of every key, so another model never reads
        this one's vectors.
    cache_folder : Path
        Where vectors are kept (callers pass ``analysis.paths.cache_folder()``). Work is kept
        every 2,048 texts, so that an interrupted run goes on where it stopped.
    progress : callable, optional
        Called with (texts done, texts to do) after each batch. The order is from the shortest to
        the longest text, so the last part takes longest. Not called when nothing is to do.

    Returns
    -------
    ndarray, shape (n, 384), float32
        Row i has length one and belongs to ``texts[i]``.

    Raises
    ------
    WorkbenchError
        Model or tokenizer missing or unfit; a text that is no str.

    Examples
    --------
    >>> encoder = Encoder(Path("model.onnx"), Path("tokenizer.json"))
    >>> embed([], encoder, Path("cache")).shape
    (0, 384)
    """
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise WorkbenchError(
                f"text {row} is {text!r}, not a text", "Drop or fill missing texts first."
            )
    if not len(texts):
        return np.empty((0, DIMENSION), dtype=np.float32)
    store = cache_folder / "text_vectors" / encoder.fingerprint.hexdigest()[:16]
    keys = encoder.keys(texts)
    known = read_vectors(store, DIMENSION)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        known.update(_compute(missing, encoder, store, progress))
    return np.stack([known[key] for key in keys])


def _compute(
    missing: dict[bytes, str], encoder: Encoder, store: Path, progress: Progress | None
) -> dict[bytes, np.ndarray]:
    keys = list(missing)
    token_ids = encoder.token_ids(list(missing.values()))
    computed: dict[bytes, np.ndarray] = {}
    unsaved: list[bytes] = []
    for rows in batches([len(ids) for ids in token_ids], encoder.tokens_per_batch):
        vectors = encoder.encode([token_ids[row] for row in rows])
        batch_keys = [keys[row] for row in rows]
        computed.update(zip(batch_keys, vectors, strict=True))
        unsaved.extend(batch_keys)
        if len(unsaved) >= TEXTS_PER_BLOCK or len(computed) == len(keys):
            add_vectors(store, unsaved, np.stack([computed[key] for key in unsaved]))
            unsaved = []
        if progress is not None:
            progress(len(computed), len(keys))
    return computed


def batches(lengths: Sequence[int], tokens_per_batch: int) -> Iterator[list[int]]:
    """Rows that go together: ordered by length, at most ``tokens_per_batch`` tokens when padded.

    Parameters
    ----------
    lengths : sequence of int
        Tokens of each text.
    tokens_per_batch : int
        A text that is longer goes alone.

    Yields
    ------
    list of int
        Rows of one batch, the shortest text first.

    Examples
    --------
    >>> list(batches([5, 2, 3, 90], tokens_per_batch=10))
    [[1, 2], [0], [3]]
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: (lengths[row], row)):
        # ordered by length, so this row is the longest and sets the padded width
        if batch and lengths[row] * (len(batch) + 1) > tokens_per_batch:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _pooled(tokens: np.ndarray, mask: np.ndarray) -> np.ndarray:
    weights = mask[:, :, None].astype(np.float32)
    means = (tokens * weights).sum(axis=1) / weights.sum(axis=1)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return (means / np.maximum(lengths, 1e-12)).astype(np.float32)


def sentence_vectors(
    model: Path | None,
    tokenizer: Path | None,
    cache_folder: Path,
    progress: Progress | None = None,
) -> Callable[[Sequence[str]], np.ndarray] | None:
    """`embed` with everything but the texts filled in, or None where the model is not at hand.

    Parameters
    ----------
    model, tokenizer : Path or None
        Files of the encoder (ONNX and JSON); None for one that is not at hand.
    cache_folder : Path
        Where vectors are kept.
    progress : callable, optional
        As for `embed`.

    Returns
    -------
    callable or None
        From texts to an array of shape (texts, d).

    Examples
    --------
    >>> sentence_vectors(None, None, Path("cache")) is None
    True
    """
    if model is None or tokenizer is None:
        return None
    encoder = Encoder(model, tokenizer)
    return lambda texts: embed(texts, encoder, cache_folder, progress)
