"""Who is left out when a person's outcome is predicted: folds, drawn by seed, stratified by arm."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.effects.samples import Flags
from analysis.errors import WorkbenchError

Integers = npt.NDArray[np.int64]

# blocks that one repetition makes a fold of: 10 x 5 blocks can be dealt into folds in so many
# ways that two repetitions share no more than chance does
_BLOCKS_PER_FOLD = 10


@dataclass(frozen=True)
class Splits:
    """Repeated divisions of people into folds, by way of blocks that stay together.

    Attributes
    ----------
    block : int array of shape (n,)
        Block of each person.
    fold_of_block : int array of shape (repetitions, blocks)
        Fold that a block belongs to in each repetition.
    """

    block: Integers
    fold_of_block: Integers

    @property
    def folds(self) -> int:
        """Folds of a repetition."""
        return int(self.fold_of_block.max()) + 1

    @property
    def repetitions(self) -> int:
        """Divisions into folds."""
        return len(self.fold_of_block)

    def fold(self, repetition: int = 0) -> Integers:
        """Fold of each person in one repetition."""
        return np.asarray(self.fold_of_block[repetition][self.block], dtype="int64")


def splits_from_folds(fold: npt.NDArray) -> Splits:
    """One repetition with folds that are given.

    Parameters
    ----------
    fold : int array of shape (n,)
        Numbered from 0.

    Returns
    -------
    Splits

    Examples
    --------
    >>> splits = splits_from_folds(np.array([0, 2, 1, 0]))
    >>> splits.folds, splits.repetitions, splits.fold().tolist()
    (3, 1, [0, 2, 1, 0])
    """
    codes = np.asarray(fold, dtype="int64")
    return Splits(codes, np.arange(codes.max() + 1)[None, :])


def repeated_splits(
    flags: Flags,
    *,
    folds: int = 5,
    repetitions: int = 5,
    seed: int = 0,
    cluster: Integers | None = None,
) -> list[Splits]:
    """Draw divisions into folds in which every fold has its share of both arms.

    Large samples get one set of blocks (ten a fold) that each repetition deals into folds anew,
    so that sums over blocks are computed once for all repetitions. Where an arm has fewer than
    four people a block, every repetition is drawn on its own.

    Parameters
    ----------
    flags : bool array of shape (n,)
        True in the treated arm.
    folds, repetitions : int
        Folds of a repetition, and how many repetitions.
    seed : int
        Same seed, same order of people: same folds.
    cluster : int array of shape (n,), optional
        Clusters, numbered from 0, that stay together: people who are alike would tell on one
        another from the other folds.

    Returns
    -------
    list of Splits
        Together they hold all repetitions.

    Raises
    ------
    WorkbenchError
        For fewer than two folds or no repetition, and for an arm with fewer people than folds.

    Examples
    --------
    >>> splits = repeated_splits(np.arange(20) % 2 == 0, folds=5, repetitions=3)
    >>> [np.bincount(one.fold()).tolist() for one in splits]
    [[4, 4, 4, 4, 4], [4, 4, 4, 4, 4], [4, 4, 4, 4, 4]]
    """
    if folds < 2 or repetitions < 1:
        raise WorkbenchError(
            f"folds: {folds}, repetitions: {repetitions}",
            "Ask for at least 2 folds and 1 repetition.",
        )
    smallest = int(min(flags.sum(), (~flags).sum()))
    if smallest < folds:
        raise WorkbenchError(
            f"cross-fitting: an arm has {smallest} people for {folds} folds",
            "Take fewer folds or the difference in means.",
        )
    generator = np.random.default_rng(seed)
    if cluster is not None:
        return [_cluster_folds(flags, cluster, folds, generator) for _ in range(repetitions)]
    blocks = folds * _BLOCKS_PER_FOLD
    if repetitions == 1 or smallest < 4 * blocks:
        every = np.arange(folds)[None, :]
        return [Splits(_dealt(flags, folds, generator), every) for _ in range(repetitions)]
    ways = [generator.permutation(blocks) % folds for _ in range(repetitions)]
    return [Splits(_dealt(flags, blocks, generator), np.array(ways))]


def _cluster_folds(
    flags: Flags, cluster: Integers, folds: int, generator: np.random.Generator
) -> Splits:
    """Deal clusters into folds, those with treated people first, so that arms spread evenly."""
    count = int(cluster.max()) + 1
    share = np.bincount(cluster, weights=flags, minlength=count) / np.bincount(cluster)
    drawn = generator.permutation(count)
    # a stable sort of drawn clusters: the order within clusters of one kind stays random
    dealt = drawn[np.argsort(share[drawn] > 0.5, kind="stable")]
    fold = np.empty(count, dtype="int64")
    fold[dealt] = np.arange(count) % folds
    splits = Splits(fold[cluster], np.arange(folds)[None, :])
    for one in range(folds):
        outside = splits.block != one
        if min((flags & outside).sum(), (~flags & outside).sum()) < 2:
            raise WorkbenchError(
                f"cross-fitting: {count} clusters for {folds} folds leave an arm without people",
                "Take fewer folds or the difference in means.",
            )
    return splits


def _dealt(flags: Flags, blocks: int, generator: np.random.Generator) -> Integers:
    """Deal each arm into blocks of equal size; the second arm goes on where the first ended."""
    block = np.empty(len(flags), dtype="int64")
    start = 0
    for arm in (flags, ~flags):
        people = np.flatnonzero(arm)
        block[generator.permutation(people)] = (start + np.arange(len(people))) % blocks
        start += len(people)
    return block
