"""What the model would say of programs like these, if true values followed laws that we know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.errors import WorkbenchError
from analysis.tiers.many_fits import chances_above
from analysis.tiers.normal_model import NormalModel
from analysis.tiers.truths import TRUTHS

Numbers = npt.NDArray[np.float64]
Small = npt.NDArray[np.float32]
# data sets fitted together: enough to be fast, few enough to report progress and spare memory
_AT_ONCE = 25


@dataclass(frozen=True)
class Simulated:
    """Data sets of one law of true values, and what the model makes of each.

    Attributes
    ----------
    theta : ndarray, shape (data sets, programs)
        True values.
    above : ndarray, shape (data sets, programs, cuts)
        Chance of being above each cut-off, highest cut-off first; four bytes a number, so that
        fifty thousand programs fit into memory.
    not_above : ndarray, shape (data sets, programs)
        Chance of not being above the benchmark.
    cuts : tuple of float
        From the lowest up.
    benchmark : float
    """

    theta: Small
    above: Small
    not_above: Small
    cuts: tuple[float, ...]
    benchmark: float


def simulate_truths(
    standard_error: npt.ArrayLike,
    model: NormalModel,
    *,
    cuts: Sequence[float],
    benchmark: float,
    offsets: Numbers | None = None,
    truths: Sequence[str] = ("normal", "mixture", "gamma"),
    draws: int = 100,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Mapping[str, Simulated]:
    """Draw true values and estimates from each law, and fit every data set anew.

    Parameters
    ----------
    standard_error : array, shape (programs,)
        Of the programs that the model was fitted to, in its order.
    model : NormalModel
        Its field means and the median of its spread are those of the simulated truths; its
        prior is used in every fit.
    cuts, benchmark
        As in :func:`analysis.tiers.labels.label_programs`.
    offsets : ndarray, shape (programs,), optional
        As in :func:`analysis.tiers.many_fits.chances_above`; the model's field means have them.
    truths : sequence of str
        Names in :data:`analysis.tiers.truths.TRUTHS`.
    draws, seed : int
        Simulated data sets for each truth, and the seed of all.
    progress : callable, optional
        Receives data sets done and in all.

    Returns
    -------
    mapping of str to Simulated

    Raises
    ------
    WorkbenchError
        An unknown truth, or standard errors that are not the model's.

    Notes
    -----
    The spreads are estimated anew for each data set, on a coarser grid than the model's own
    (:mod:`analysis.tiers.many_fits`). The fitted spread is that of the simulated truths; a
    spread that the data hardly know is the prior's business.
    """
    s = np.asarray(standard_error, float)
    _check(s, model, truths)
    edges = sorted({*cuts, benchmark}, reverse=True)
    columns = [edges.index(cut) for cut in sorted(cuts, reverse=True)]
    tau = model.tau_interval()[0]
    result, done = {}, 0
    for truth in truths:
        parts: list[tuple[Small, Small, Small]] = []
        generator = np.random.default_rng([seed, list(TRUTHS).index(truth)])
        for start in range(0, draws, _AT_ONCE):
            shape = (min(_AT_ONCE, draws - start), len(s))
            true = model.field_mean + tau * TRUTHS[truth](generator, shape)
            above = chances_above(
                true + s * generator.normal(size=shape),
                s,
                model.field_codes,
                edges,
                tau_prior=model.tau_prior,
                tau_maximum=model.tau_maximum,
                offsets=offsets,
            ).astype(np.float32)
            below = 1 - above[:, :, edges.index(benchmark)]
            parts.append((true.astype(np.float32), above[:, :, columns], below))
            done += shape[0]
            progress(done, draws * len(truths))
        theta, above, not_above = (np.concatenate(part) for part in zip(*parts, strict=True))
        result[truth] = Simulated(theta, above, not_above, tuple(sorted(cuts)), benchmark)
    return result


def _check(s: Numbers, model: NormalModel, truths: Sequence[str]) -> None:
    if s.shape != model.field_mean.shape or not (s > 0).all():
        raise WorkbenchError(
            f"{len(s)} standard errors for a model of {len(model.field_mean)} programs",
            "Give the standard errors that the model was fitted to.",
        )
    unknown = [truth for truth in truths if truth not in TRUTHS]
    if unknown or not truths:
        raise WorkbenchError(
            f"truths {list(truths)} cannot be used", f"Give truths among {', '.join(TRUTHS)}."
        )
