"""Rules that sort programs into tiers, ours and those in use, so that they can be compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis.tiers.free_shape import FreeShape, free_shape
from analysis.tiers.grades import grade_programs
from analysis.tiers.grid_prior import (
    GridPosterior,
    grid_pairs,
    likelihood,
    posterior_on_grid,
    value_grid,
)
from analysis.tiers.labels import between_cuts, least_loss_tier, true_tier
from analysis.tiers.log_spline import fit_log_spline, maximum_likelihood_normal
from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.npmle import fit_npmle
from analysis.tiers.thresholds import calibrate_guard

Numbers = npt.NDArray[np.float64]
Density = Callable[[Numbers], Numbers]
# of the report card: the price of a wrong order, and most grades
_LAMBDA, _MOST_GRADES = 0.25, 4
# simulated data sets that a guard is calibrated on
_DRAWS = 25


@dataclass(frozen=True)
class Sorted:
    """What a rule says: the tier of each program (0 the best) and, where it has them, chances.

    ``chances`` has one column a tier, best first; ``not_above`` is the chance of being at or
    below the benchmark.
    """

    tier: npt.NDArray[np.intp]
    chances: Numbers | None = None
    not_above: Numbers | None = None


@dataclass(frozen=True)
class Task:
    """Estimates to sort, and by which cut-offs, benchmark, guard and false share allowed."""

    estimate: Numbers
    standard_error: Numbers
    cuts: Sequence[float]
    benchmark: float
    guard: float = 0.05
    alpha: float = 0.05


def _fixed_cuts(task: Task) -> Sorted:
    """Point estimates against the cut-offs: what most league tables do."""
    return Sorted(true_tier(task.estimate, task.cuts))


def quantile_tiers(task: Task) -> Sorted:
    """Equal numbers of programs in each tier, by point estimate.

    Parameters
    ----------
    task : Task
        Only its estimates, and the number of its cut-offs, count.

    Returns
    -------
    Sorted
        Tiers from 0, the best.

    Examples
    --------
    >>> task = Task(np.array([3.0, 8.0, 1.0, 5.0]), np.ones(4), (0.0, 2.0, 4.0), 0.0)
    >>> quantile_tiers(task).tier.tolist()
    [2, 0, 3, 1]
    """
    tiers = len(task.cuts) + 1
    limits = np.quantile(task.estimate, np.linspace(0, 1, tiers + 1)[1:-1])
    return Sorted(true_tier(task.estimate, limits.tolist()))


def _plug_in_means(task: Task) -> Sorted:
    """Means shrunk by a normal model with its spread plugged in, against the cut-offs."""
    mean, tau = maximum_likelihood_normal(task.estimate, task.standard_error)
    own = tau**2 / (tau**2 + task.standard_error**2)
    return Sorted(true_tier(own * task.estimate + (1 - own) * mean, task.cuts))


def least_loss(task: Task, model: NormalModel | FreeShape | GridPosterior) -> Sorted:
    """Least expected steps off, the top tier guarded by the chance of no gain.

    Parameters
    ----------
    task : Task
    model : NormalModel, FreeShape or GridPosterior
        Posterior of the task's programs.

    Returns
    -------
    Sorted

    Examples
    --------
    >>> y, s = np.array([-40.0, 10.0, 90.0]), np.ones(3)
    >>> found = least_loss(Task(y, s, (0.0, 50.0), 0.0), fit_normal_model(y, s))
    >>> found.tier.tolist(), found.not_above.round(6).tolist()
    ([2, 1, 0], [1.0, 0.0, 0.0])
    """
    descending = sorted(task.cuts, reverse=True)
    chances = between_cuts(np.column_stack([model.chance_above(cut) for cut in descending]))
    not_above = model.chance_at_or_below(task.benchmark)
    guarded = not_above if isinstance(model, GridPosterior) else model.guard_chance(task.benchmark)
    return Sorted(least_loss_tier(chances, 1.0, guarded <= task.guard), chances, not_above)


def _normal_integrated(task: Task) -> Sorted:
    """Normal model with mean and spread integrated, fixed guard."""
    return least_loss(task, fit_normal_model(task.estimate, task.standard_error))


def _shapes_averaged(task: Task) -> Sorted:
    """Law of free shape, integrated; the guard looks at the average over laws."""
    model = _freed(task)
    said = least_loss(task, model)
    assert said.chances is not None
    assert said.not_above is not None
    allowed = said.not_above <= task.guard
    return Sorted(least_loss_tier(said.chances, 1.0, allowed), said.chances, said.not_above)


def _shapes_worst(task: Task) -> Sorted:
    """Law of free shape, integrated; the guard looks at the worst law not ruled out."""
    return least_loss(task, _freed(task))


def shapes_calibrated(task: Task) -> Sorted:
    """The workbench's default: a law of free shape, integrated, its guard calibrated by simulation.

    Never wider than alpha, it is at most as often wrong as the worst law alone, up to luck in the
    few programs that it takes out: with 60 programs, noise of twice the spread and a gamma truth
    .040 (standard error .007) of the top is false on the 400 data sets of
    ``benchmarks/tier_rules.py``, as with the worst law alone.

    Parameters
    ----------
    task : Task
        Its ``guard`` does not count: one is found here, among .01, .02, .05 and .10.

    Returns
    -------
    Sorted
        Tiers from 0, the best, with the chances behind them.

    Examples
    --------
    >>> y, s = np.array([-90.0, -40.0, 10.0]), np.ones(3)
    >>> shapes_calibrated(Task(y, s, (0.0, 50.0), 0.0)).tier.tolist()
    [2, 2, 1]
    """
    normal = fit_normal_model(task.estimate, task.standard_error)
    model = free_shape(task.estimate, task.standard_error, normal)
    widest = least_loss(replace(task, guard=task.alpha), model)
    if not (widest.tier == 0).any():
        # no guard is wider than alpha, and this one closes the top: nothing is left to narrow
        return widest
    found = calibrate_guard(
        task.standard_error,
        normal,
        cuts=task.cuts,
        benchmark=task.benchmark,
        alpha=task.alpha,
        candidates=[0.01, 0.02, 0.05, 0.10],
        draws=_DRAWS,
        seed=1,
    )
    guard = -1.0 if found.guard is None else found.guard
    return least_loss(replace(task, guard=guard), model)


def _freed(task: Task) -> NormalModel | FreeShape:
    y, s = task.estimate, task.standard_error
    return free_shape(y, s, fit_normal_model(y, s))


def _npmle_guarded(task: Task) -> Sorted:
    """The most likely prior of any shape, fixed guard (a benchmark only)."""
    return least_loss(task, _npmle(task))


def _spline_guarded(task: Task) -> Sorted:
    """A log-spline prior, fixed guard."""
    return least_loss(task, _spline(task))


def report_card(task: Task) -> Sorted:
    """Grades by pairwise chances under the log-spline prior, each labelled by its least loss.

    The grades are those of Kline, Rose and Walters (2024).

    Parameters
    ----------
    task : Task

    Returns
    -------
    Sorted
        Tiers from 0, the best, the same within a grade; with the chances behind them.

    Examples
    --------
    >>> task = Task(np.array([-0.2, 0.0, 9.0]), np.ones(3), (2.0, 5.0), 0.0)
    >>> report_card(task).tier.tolist()
    [2, 2, 0]
    """
    posterior = _spline(task)
    grades = grade_programs(grid_pairs(posterior), _LAMBDA, most=_MOST_GRADES)
    said = least_loss(task, posterior)
    assert said.chances is not None
    tier = np.empty(len(task.estimate), dtype=np.intp)
    for grade in range(grades.count):
        within = grades.grade == grade
        average = said.chances[within].mean(0, keepdims=True)
        tier[within] = least_loss_tier(average, 1.0, np.array([True]))[0]
    return Sorted(tier, said.chances, said.not_above)


def oracle(task: Task, density: Density) -> Sorted:
    """Least expected loss with the true law of true values known: what no rule can beat.

    Parameters
    ----------
    task : Task
    density : callable
        Density of the true values, up to a constant.

    Returns
    -------
    Sorted

    Examples
    --------
    True values standard normal, one estimate of 2 with error 1: the posterior is normal with mean 1
    and variance 1/2, and below 0 with the chance of a standard normal below -1.41.

    >>> task = Task(np.array([2.0]), np.ones(1), (0.0, 5.0), 0.0)
    >>> found = oracle(task, lambda x: np.exp(-(x**2) / 2))
    >>> found.tier.tolist(), found.not_above.round(2).tolist()
    ([1], [0.08])
    """
    low = min(float(task.estimate.min()), float(np.min(task.cuts))) - 1
    points = np.linspace(low, float(task.estimate.max()) + 1, 800)
    prior = density(points)
    densities = likelihood(task.estimate, task.standard_error, points)
    posterior = posterior_on_grid(densities, points, prior / prior.sum())
    free = Task(task.estimate, task.standard_error, task.cuts, task.benchmark, guard=1.0)
    return least_loss(free, posterior)


def _npmle(task: Task) -> GridPosterior:
    found = fit_npmle(task.estimate, task.standard_error)
    densities = likelihood(task.estimate, task.standard_error, found.points)
    return posterior_on_grid(densities, found.points, found.prior)


def _spline(task: Task) -> GridPosterior:
    points = value_grid(task.estimate)
    found = fit_log_spline(task.estimate, task.standard_error, points=points)
    densities = likelihood(task.estimate, task.standard_error, points)
    return posterior_on_grid(densities, points, found.prior)


# in the order of the table that compares them
RULES: dict[str, Callable[[Task], Sorted]] = {
    "fixed cut-offs on estimates": _fixed_cuts,
    "quartiles of estimates": quantile_tiers,
    "normal, spread plugged in": _plug_in_means,
    "most likely prior (NPMLE), guard .05": _npmle_guarded,
    "log-spline, guard .05": _spline_guarded,
    "report card (log-spline, lambda .25)": report_card,
    "normal integrated, guard .05": _normal_integrated,
    "shape integrated, guard .05": _shapes_averaged,
    "shape integrated, guard .05 in the worst law": _shapes_worst,
}
OURS = [name for name in RULES if "integrated" in name]
# too slow for every draw of a study
CALIBRATED: dict[str, Callable[[Task], Sorted]] = {
    "shape integrated, guard calibrated in the worst law": shapes_calibrated,
}
