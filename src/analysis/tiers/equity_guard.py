"""No program in the top tier that harms a group: three states for each group, none a silent pass.

A group's own effect is shrunk towards what the program's other people and the group's average
over programs say, and the program leaves the top tier where the chance that the group is no
better off is over a limit. Raw significance does nothing or destroys the tier; this does neither.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis.errors import WorkbenchError
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.spread_grid import SpreadPrior

Numbers = npt.NDArray[np.float64]
SHOWN, TOO_FEW, HIDDEN = "shown", "too few to tell", "hidden"
_NEEDED = ("program_key", "group", "estimate", "standard_error", "n_treated", "n_control")


@dataclass(frozen=True)
class GroupGuard:
    """What the guard says of each group of each program, and of each program.

    Attributes
    ----------
    groups : DataFrame
        The rows given with ``state``, ``gap`` (shrunk difference to the program's effect),
        ``shrunk`` (effect on the group), ``chance_not_above`` and ``harmed``; numbers are missing
        where the state is not "shown".
    programs : DataFrame
        One row a program given: ``program_key``, ``allowed`` in the top tier, and ``mark`` in
        words: what was checked, what stops it, which groups could not be checked.
    """

    groups: pd.DataFrame
    programs: pd.DataFrame


def guard_groups(
    groups: pd.DataFrame,
    programs: pd.DataFrame,
    *,
    benchmark: float = 0.0,
    limit: float = 0.10,
    minimum_people: int = 10,
    least_reliability: float = 0.2,
    expected_groups: tuple[str, ...] = (),
    tau_prior: SpreadPrior = "proportional",
    tau_maximum: float | None = None,
) -> GroupGuard:
    """Check every group that has data of its own.

    Parameters
    ----------
    groups : DataFrame
        ``program_key``, ``group``, ``estimate``, ``standard_error``, ``n_treated``,
        ``n_control``; one row a group and program. Effects of different groups come from
        different people.
    programs : DataFrame
        ``program_key``, ``mean`` and ``standard_deviation``: what is known of each program's
        effect on people outside the group (its posterior, or its estimate and standard error).
        Optionally ``shared_deviation``: an error that the group has in common with them, such as
        a bias of the source; it cancels in their gap and makes the chance less sure.
    benchmark : float
        Effect at or below which a group is no better off.
    limit : float
        Largest chance of that which a group in the top tier may have.
    minimum_people : int
        With fewer in an arm a group is hidden (disclosure) and cannot be checked.
    least_reliability : float
        A group whose gap is known worse than this (spread of gaps over spread and noise) is too
        few to tell: it demotes nobody, and is named on the tier.
    expected_groups : tuple of str
        Groups that ought to be checked; one that a program has no row for is named as well.
    tau_prior, tau_maximum
        Prior of the spread of gaps, as in ``fit_normal_model``. With few programs the answer
        hangs on it: fix it in advance and print it.

    Returns
    -------
    GroupGuard

    Raises
    ------
    WorkbenchError
        A column that is missing, a group row of no program, a group twice in a program, a
        number that cannot be used, or an expected group that no program has.

    Notes
    -----
    For each group, gaps ``d_j = y_gj - m_j`` have variance ``s_gj² + v_j``; they vary around the
    group's mean gap with spread tau, all integrated (normal model). The group's effect is
    ``m_j + d_j``: the chance uses the joint posterior of program and gap, on the grid of tau.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": ["a", "b", "c"], "group": "women",
    ...     "estimate": [5.0, 5.0, -9.0], "standard_error": [1.0, 1.0, 1.0],
    ...     "n_treated": [50, 50, 50], "n_control": [50, 50, 50]})
    >>> known = pd.DataFrame({"program_key": ["a", "b", "c"], "mean": [5.0, 5.0, 5.0],
    ...     "standard_deviation": [0.5, 0.5, 0.5]})
    >>> guard_groups(rows, known).programs["allowed"].tolist()
    [True, True, False]
    """
    _check(groups, programs, expected_groups)
    small = groups[["n_treated", "n_control"]].min(axis=1) < minimum_people
    table = groups.reset_index(drop=True).assign(
        state=np.where(small, HIDDEN, SHOWN), gap=np.nan, shrunk=np.nan, chance_not_above=np.nan
    )
    for _, part in table[table["state"].eq(SHOWN)].groupby("group", sort=False):
        found = _of_group(part, programs, benchmark, tau_prior, tau_maximum)
        table.loc[part.index, ["gap", "shrunk", "chance_not_above"]] = found[:, :3]
        unsure = part.index[found[:, 3] < least_reliability]
        table.loc[unsure, "state"] = TOO_FEW
        table.loc[unsure, ["gap", "shrunk", "chance_not_above"]] = np.nan
    table["harmed"] = table["chance_not_above"] > limit
    withheld = table["state"].eq(HIDDEN)
    table.loc[withheld, ["estimate", "standard_error", "n_treated", "n_control"]] = np.nan
    return GroupGuard(table, _by_program(table, programs, expected_groups))


def _check(groups: pd.DataFrame, programs: pd.DataFrame, expected: tuple[str, ...]) -> None:
    for name in _NEEDED:
        if name not in groups:
            raise WorkbenchError(f"groups: column '{name}' is missing", "Give it.")
    if unknown := sorted(set(groups["program_key"]) - set(programs["program_key"])):
        raise WorkbenchError(
            f"group of program '{unknown[0]}', which is not among the programs", "Give both."
        )
    if groups.duplicated(["program_key", "group"]).any():
        row = groups[groups.duplicated(["program_key", "group"])].iloc[0]
        raise WorkbenchError(
            f"group '{row['group']}' stands twice in program '{row['program_key']}'", "Keep one."
        )
    if absent := [name for name in expected if name not in set(groups["group"])]:
        raise WorkbenchError(
            f"group '{absent[0]}' is in no program",
            f"Groups there: {', '.join(sorted(set(groups['group']))) or 'none'}.",
        )
    numbers = groups[["estimate", "standard_error"]].to_numpy(float)
    if not np.isfinite(numbers).all() or (numbers[:, 1] <= 0).any():
        raise WorkbenchError(
            "a group's estimate or standard error is missing, infinite or not positive",
            "Leave the row out: the group is then named as not checked.",
        )


def _of_group(
    part: pd.DataFrame,
    programs: pd.DataFrame,
    benchmark: float,
    tau_prior: SpreadPrior,
    tau_maximum: float | None,
) -> Numbers:
    """Gap, shrunk effect, chance of no gain and reliability for the programs of one group."""
    known = programs.set_index("program_key").loc[part["program_key"]]
    mean, v = known["mean"].to_numpy(float), known["standard_deviation"].to_numpy(float) ** 2
    y, s = part["estimate"].to_numpy(float), part["standard_error"].to_numpy(float)
    shared = known["shared_deviation"].to_numpy(float) if "shared_deviation" in known else 0.0
    gap = y - mean
    noise = np.sqrt(s**2 + v)
    model = fit_normal_model(gap, noise, tau_prior=tau_prior, tau_maximum=tau_maximum)
    effect, chance = np.zeros(len(y)), np.zeros(len(y))
    for k, weight in enumerate(model.weights):
        tau2 = model.tau[k] ** 2
        w = 1 / (noise**2 + tau2)
        centre = float(np.sum(w * gap) / np.sum(w))
        # the group's effect given the centre of gaps: its own estimate against program plus gap
        around = v + tau2 + 1 / np.sum(w)
        own = around / (around + s**2)
        value = own * y + (1 - own) * (mean + centre)
        effect += weight * value
        chance += weight * special.ndtr((benchmark - value) / np.hypot(np.sqrt(own) * s, shared))
    tau = model.tau_interval()[0]
    return np.column_stack([effect - mean, effect, chance, tau**2 / (tau**2 + noise**2)])


def _by_program(
    table: pd.DataFrame, programs: pd.DataFrame, expected: tuple[str, ...]
) -> pd.DataFrame:
    harmed: dict[str, list[str]] = defaultdict(list)
    shown: dict[str, list[str]] = defaultdict(list)
    unchecked: dict[str, list[str]] = defaultdict(list)
    present: dict[str, set[str]] = defaultdict(set)
    columns = (table[name] for name in ("program_key", "group", "state", "harmed"))
    for key, group, state, harm in zip(*columns, strict=True):
        present[key].add(group)
        if harm:
            harmed[key].append(group)
        (shown if state == SHOWN else unchecked)[key].append(group)
    rows = []
    for key in programs["program_key"]:
        absent = [name for name in expected if name not in present[key]]
        mark = _mark(harmed[key], shown[key], unchecked[key] + absent)
        rows.append((key, not harmed[key], mark))
    return pd.DataFrame(rows, columns=["program_key", "allowed", "mark"])


def _mark(harmed: list[str], shown: list[str], unchecked: list[str]) -> str:
    parts = []
    if harmed:
        parts.append(f"may leave no better off: {', '.join(harmed)}")
    elif shown:
        parts.append(f"checked for {', '.join(shown)}")
    if unchecked:
        parts.append(f"not shown for {', '.join(unchecked)}")
    return "; ".join(parts) or "not checked for any group"
