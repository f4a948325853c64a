"""What the model would say of programs like these, if true values followed laws that we know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.errors import WorkbenchError
from analysis.tiers.free_shape import FreeShape, Law, free_shape
from analysis.tiers.many_fits import chances_above
from analysis.tiers.normal_model import NormalModel, fit_normal_model
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
    guarded : ndarray, shape (data sets, programs)
        The same in the least favourable law not ruled out, which the guard looks at.
    cuts : tuple of float
        From the lowest up.
    benchmark : float
    """

    theta: Small
    above: Small
    not_above: Small
    guarded: Small
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
    law: Law = "free",
    ruled_out_at: float = 3.0,
    most_programs: int = 300,
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
        Its posterior of the spread and of the field means is that of the simulated truths; its
        prior is used in every fit.
    cuts, benchmark
        As in :func:`analysis.tiers.labels.label_programs`.
    offsets : ndarray, shape (programs,), optional
        As in :func:`analysis.tiers.many_fits.chances_above`; the model's field means have them.
    truths : sequence of str
        Names in :data:`analysis.tiers.truths.TRUTHS`.
    law, ruled_out_at
        As in :func:`analysis.tiers.free_shape.free_shape`: what each data set is fitted with.
    most_programs : int
        Of more programs than this, so many drawn at random stand for all: fewer programs tell
        less of spread and shape, so error rates are if anything too high.
    draws, seed : int
        Simulated data sets for each truth, and the seed of all.
    progress : callable, optional
        Receives data sets done and in all.

    Returns
    -------
    mapping of str to Simulated
        By name of the truth.

    Raises
    ------
    WorkbenchError
        An unknown truth, or standard errors that are not the model's.

    Notes
    -----
    Each data set has a spread and field means of its own, drawn from the model's posterior:
    a spread that the data hardly know is not taken for known. Everything is estimated anew for
    each data set, on coarser grids than the model's own.

    Examples
    --------
    Far from every cut-off the programs' true values fall on the side where their estimates are.

    >>> model = fit_normal_model([-90.0, -91.0, -89.0], [1.0, 1.0, 1.0])
    >>> found = simulate_truths(
    ...     [1.0, 1.0, 1.0], model, cuts=[0.0, 5.0], benchmark=0.0, truths=["normal"], law="normal",
    ...     draws=2, seed=1,
    ... )  # fmt: skip
    >>> found["normal"].above.shape, round(float(found["normal"].above.max()), 6)
    ((2, 3, 2), 0.0)
    """
    s = np.asarray(standard_error, float)
    _check(s, model, truths)
    some = _some_programs(len(s), most_programs, seed)
    known = np.zeros(len(s)) if offsets is None else offsets
    edges = sorted({*cuts, benchmark}, reverse=True)
    columns = [edges.index(cut) for cut in sorted(cuts, reverse=True)]
    fit = _Fit(
        s[some], np.unique(model.field_codes[some], return_inverse=True)[1], edges, benchmark,
        known[some], model, law, ruled_out_at,
    )  # fmt: skip
    result, done = {}, 0
    for truth in truths:
        parts: list[tuple[Small, Small, Small, Small]] = []
        generator = np.random.default_rng([seed, list(TRUTHS).index(truth)])
        for start in range(0, draws, _AT_ONCE):
            count = min(_AT_ONCE, draws - start)
            true = _true_values(model, some, truth, count, generator)
            above, guarded = fit.chances(true + s[some] * generator.normal(size=true.shape))
            below = 1 - above[:, :, edges.index(benchmark)]
            parts.append((true.astype(np.float32), above[:, :, columns], below, guarded))
            done += count
            progress(done, draws * len(truths))
        theta, above, below, guarded = (np.concatenate(part) for part in zip(*parts, strict=True))
        result[truth] = Simulated(theta, above, below, guarded, tuple(sorted(cuts)), benchmark)
    return result


def _some_programs(programs: int, most: int, seed: int) -> npt.NDArray[np.intp]:
    if programs <= most:
        return np.arange(programs)
    return np.sort(np.random.default_rng(seed).choice(programs, most, replace=False))


def _true_values(
    model: NormalModel,
    some: npt.NDArray[np.intp],
    truth: str,
    count: int,
    generator: np.random.Generator,
) -> Numbers:
    """True values of the programs, with spread and field means drawn from their posterior."""
    tau = generator.choice(model.tau, size=(count, 1), p=model.weights)
    fields, first, codes = np.unique(
        model.field_codes[some], return_index=True, return_inverse=True
    )
    shift = np.sqrt(model.field_variance[some][first])
    moved = shift * generator.normal(size=(count, len(fields)))
    centre = model.field_mean[some] + moved[:, codes]
    return np.asarray(centre + tau * TRUTHS[truth](generator, (count, len(some))))


@dataclass(frozen=True)
class _Fit:
    """How each simulated data set is fitted: programs, cut-offs, prior and law."""

    s: Numbers
    codes: npt.NDArray[np.intp]
    edges: list[float]
    benchmark: float
    known: Numbers
    model: NormalModel
    law: Law
    ruled_out_at: float

    def chances(self, estimates: Numbers) -> tuple[Small, Small]:
        """Chances above each edge, and the guard's chance, data set by data set."""
        if self.law == "normal":
            above = chances_above(
                estimates,
                self.s,
                self.codes,
                self.edges,
                tau_prior=self.model.tau_prior,
                tau_maximum=self.model.tau_maximum,
                offsets=self.known,
            ).astype(np.float32)
            return above, 1 - above[:, :, self.edges.index(self.benchmark)]
        above = np.empty((*estimates.shape, len(self.edges)), np.float32)
        guarded = np.empty(estimates.shape, np.float32)
        for row, y in enumerate(estimates):
            freed = self._freed(y)
            above[row] = np.column_stack([freed.chance_above(edge) for edge in self.edges])
            guarded[row] = freed.guard_chance(self.benchmark)
        return above, guarded

    def _freed(self, y: Numbers) -> FreeShape | NormalModel:
        fitted = fit_normal_model(
            y - self.known,
            self.s,
            self.codes,
            tau_prior=self.model.tau_prior,
            tau_maximum=self.model.tau_maximum,
            grid_size=20,
            rounds=2,
        )
        return free_shape(
            y,
            self.s,
            fitted.given_back(self.known),
            ruled_out_at=self.ruled_out_at,
            tau_points=8,
            centre_points=5,
            rounds=1,
            single=True,
        )


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
