"""One set of influence values, and every group effect, gap and covariance that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.effects.robust_variance import scores_by_cluster
from analysis.effects.samples import Flags, Numbers
from analysis.errors import WorkbenchError

Part: TypeAlias = Literal["effect", "with program", "without program"]
Target: TypeAlias = Literal["everyone", "treated", "overlap"]


@dataclass(frozen=True)
class Scores:
    """What each person adds to the means with and without the program.

    The effect in a group g is (sum of ``treated`` - ``control`` over g) / (sum of ``share`` over
    g); its influence values are treated - control - effect x share. Everything about groups is
    linear in these numbers, so that totals, parts, gaps and bands agree with one another.

    Attributes
    ----------
    treated, control, share : array of shape (n,)
        Numerators of the two means and their common denominator.
    flags : bool array of shape (n,)
        True in the treated arm.
    propensity : array of shape (n,)
        Chance of treatment, median over repetitions of the split.
    target : {'everyone', 'treated', 'overlap'}
        Whose effect it is.
    estimator : str
        In words.
    split_estimates : array of shape (repetitions,)
        Effect by each repetition alone: how far the luck of the split moves it.
    cluster : int array of shape (n,) or None
        Clusters, numbered from 0, whose people are alike.
    """

    treated: Numbers
    control: Numbers
    share: Numbers
    flags: Flags
    propensity: Numbers
    target: Target
    estimator: str
    split_estimates: Numbers
    cluster: npt.NDArray[np.int64] | None = None

    def numerator(self, part: Part = "effect") -> Numbers:
        """What is summed for the effect, or for the mean with or without the program."""
        if part == "effect":
            return self.treated - self.control
        return self.treated if part == "with program" else self.control


@dataclass(frozen=True)
class GroupEstimates:
    """Estimates of several groups and their joint covariance.

    Attributes
    ----------
    estimates : array of shape (m,)
    covariance : array of shape (m, m)
        Overlapping groups have covariance; disjoint ones none.
    n_treated, n_control : int arrays of shape (m,)
    clusters : int array of shape (m,) or None
        Clusters with people of the group in the arm that has fewer of them.
    """

    estimates: Numbers
    covariance: Numbers
    n_treated: npt.NDArray[np.int64]
    n_control: npt.NDArray[np.int64]
    clusters: npt.NDArray[np.int64] | None = None

    @property
    def standard_errors(self) -> Numbers:
        """Square roots of the diagonal; rounding may leave it a hair below zero."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def degrees_of_freedom(self) -> Numbers:
        """People (or clusters) of the smaller arm less one, for Student's t."""
        if self.clusters is not None:
            return np.asarray(self.clusters - 1.0, dtype="float64")
        return np.minimum(self.n_treated, self.n_control) - 1.0

    def only(self, places: npt.NDArray[np.int64]) -> "GroupEstimates":
        """Some of the groups, with the covariance among them."""
        return GroupEstimates(
            self.estimates[places],
            self.covariance[np.ix_(places, places)],
            self.n_treated[places],
            self.n_control[places],
            None if self.clusters is None else self.clusters[places],
        )


def group_estimates(
    scores: Scores, groups: Sequence[Flags] | npt.NDArray[np.bool_], part: Part = "effect"
) -> GroupEstimates:
    """Effects (or means) of groups, which may overlap, with their covariance.

    Parameters
    ----------
    scores : Scores
    groups : sequence of bool arrays of shape (n,)
        Members of each group; everyone is ``np.ones(n, dtype=bool)``.
    part : {'effect', 'with program', 'without program'}

    Returns
    -------
    GroupEstimates
        Variances are sums of squared influence values with n/(n - 1), n the people of the group
        (of the smaller group for a covariance). With clusters the influence values are summed
        over each first and n counts clusters, so that groups of one cluster have covariance.

    Raises
    ------
    WorkbenchError
        For a group without people in an arm.

    Examples
    --------
    >>> flags = np.array([True, True, False, False])
    >>> scores = Scores(np.array([6.0, 4, 0, 0]), np.array([0.0, 0, 2, 4]), np.ones(4), flags,
    ...                 np.full(4, 0.5), "everyone", "weights", np.array([1.0]))
    >>> found = group_estimates(scores, [np.ones(4, dtype=bool)])
    >>> found.estimates.tolist(), found.standard_errors.round(3).tolist()
    ([1.0], [2.38])
    """
    members = [np.asarray(group, dtype=bool) for group in groups]
    n_treated = np.array([np.count_nonzero(one & scores.flags) for one in members], dtype="int64")
    people = np.array([np.count_nonzero(one) for one in members], dtype="int64")
    n_control = people - n_treated
    empty = np.minimum(n_treated, n_control) < 1
    if empty.any():
        position = int(np.argmax(empty))
        raise WorkbenchError(
            f"group {position + 1} of {len(members)}: nobody in an arm",
            "An effect needs people in both arms.",
        )
    numerator, share = scores.numerator(part), scores.share
    # sums of squares are taken about the common estimate, which leaves little to cancel
    common = float(numerator.sum() / share.sum())
    centred = numerator - common * share
    sums = [_sums(centred, share, inside) for inside in members]
    own = np.array([one[0] / one[1] for one in sums])
    bases = np.array([one[1] for one in sums])
    if scores.cluster is not None:
        clustered, clusters = _clustered(centred, share, members, own, scores)
        covariance = clustered / np.outer(bases, bases)
        return GroupEstimates(own + common, covariance, n_treated, n_control, clusters)
    covariance = np.zeros((len(members), len(members)))
    for i, first in enumerate(members):
        for j in range(i + 1):
            shared = sums[j] if i == j else _shared(centred, share, first, members[j], sums, (i, j))
            product = shared[2] - (own[i] + own[j]) * shared[3] + own[i] * own[j] * shared[4]
            covariance[i, j] = covariance[j, i] = product
    smaller = np.minimum.outer(people, people)
    covariance *= smaller / (smaller - 1) / np.outer(bases, bases)
    return GroupEstimates(own + common, covariance, n_treated, n_control)


def _clustered(
    values: Numbers, share: Numbers, members: Sequence[Flags], own: Numbers, scores: Scores
) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """Products of influence values summed over clusters; clusters of each smaller arm."""
    cluster = scores.cluster
    assert cluster is not None
    influence = np.column_stack(
        [(values - one * share) * inside for one, inside in zip(own, members, strict=True)]
    )
    sums = scores_by_cluster(influence, cluster)
    there = np.array([len(np.unique(cluster[inside])) for inside in members])
    smaller = np.minimum.outer(there, there)
    arms = [
        min(len(np.unique(cluster[inside & arm])) for arm in (scores.flags, ~scores.flags))
        for inside in members
    ]
    return sums.T @ sums * smaller / np.maximum(smaller - 1, 1), np.array(arms, dtype="int64")


Sums = tuple[float, float, float, float, float, int]


def _sums(values: Numbers, share: Numbers, inside: Flags) -> Sums:
    """Sums of value, share, value squared, value x share, share squared, and people."""
    x, d = values[inside], share[inside]
    return float(x.sum()), float(d.sum()), float(x @ x), float(x @ d), float(d @ d), len(x)


def _shared(
    values: Numbers,
    share: Numbers,
    first: Flags,
    second: Flags,
    sums: Sequence[Sums],
    places: tuple[int, int],
) -> Sums:
    """Sums over the common people of two groups; a group inside the other has its own."""
    both = first & second
    count = np.count_nonzero(both)
    for place in places:
        if count == sums[place][5]:
            return sums[place]
    return _sums(values, share, both)


def contrast(found: GroupEstimates, weights: Sequence[float]) -> tuple[float, float]:
    """A weighted sum of estimates, such as first less second, and its standard error.

    Parameters
    ----------
    found : GroupEstimates
    weights : sequence of float
        One an estimate.

    Returns
    -------
    tuple of float
        In units of the outcome.

    Examples
    --------
    >>> two = GroupEstimates(np.array([5.0, 2.0]), np.diag([9.0, 16.0]), np.ones(2), np.ones(2))
    >>> contrast(two, [1, -1])
    (3.0, 5.0)
    """
    direction = np.asarray(weights, dtype="float64")
    variance = float(direction @ found.covariance @ direction)
    return float(direction @ found.estimates), float(np.sqrt(variance))
