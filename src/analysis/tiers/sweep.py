"""What changes with another false share allowed, another loss, another law of bias."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.framework import Framework
from analysis.tiers.bias_law import biased_numbers
from analysis.tiers.labels import between_cuts, least_loss_tier, true_tier
from analysis.tiers.set_model import fit_in_frame, freed, simulated_for
from analysis.tiers.simulated_truths import Simulated
from analysis.tiers.thresholds import choose_guard, largest_guard

Numbers = npt.NDArray[np.float64]


def sweep_settings(
    programs: pd.DataFrame,
    rules: Framework,
    *,
    alphas: Sequence[float],
    weights: Sequence[float],
    bias_scales: Sequence[float],
    draws: int = 30,
) -> pd.DataFrame:
    """Tiers of one set of programs under every combination of settings.

    Parameters
    ----------
    programs : DataFrame
        As in :func:`analysis.tiers.rating.rate_set`.
    rules : Framework
    alphas : sequence of float
        False shares of the top tier allowed.
    weights : sequence of float
        Costs of a step of over-rating against one of under-rating.
    bias_scales : sequence of float
        Times the bias mean and standard deviation of each validity level; 0 ignores them.
    draws : int
        Simulated data sets a truth, for each law of bias.

    Returns
    -------
    DataFrame
        One row a setting: ``alpha``, ``weight``, ``bias_scale``, ``guard``, ``top_share``,
        ``worst_false_share``, ``steps_off`` (worst truth), ``changed`` (share of programs whose
        tier differs from that under the framework's own settings) and one share a tier.

    Notes
    -----
    Fitting and simulating depend on the law of bias alone, the guard on it, the loss and alpha,
    labels on all three: each is done once, which is what makes a thousand settings quick.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework().with_tiers(law="normal")
    >>> programs = pd.DataFrame({"program_key": list("abcd"), "standard_error": 500.0,
    ...     "estimate": [-9000.0, -6000.0, 9000.0, 12_000.0], "validity": "randomised"})
    >>> found = sweep_settings(
    ...     programs, rules, alphas=[0.05, 0.10], weights=[1.0], bias_scales=[1.0], draws=2
    ... )
    >>> found[["alpha", "top_share", "changed", "share_D"]].values.tolist()
    [[0.05, 0.5, 0.0, 0.5], [0.1, 0.5, 0.0, 0.5]]
    """
    tiers = rules.tiers
    parts = []
    for scale in bias_scales:
        y, s = biased_numbers(programs, rules, scale)
        normal, offsets = fit_in_frame(programs, y, s, rules)
        model = freed(y, s, normal, rules)
        simulated = simulated_for(s, normal, offsets, rules, draws=draws)
        descending = sorted(tiers.cuts, reverse=True)
        above = np.column_stack([model.chance_above(cut) for cut in descending])
        chances, guarded = between_cuts(above), model.guard_chance(0.0)
        for weight in weights:
            free, held = (
                least_loss_tier(chances, weight, np.full(len(y), allowed))
                for allowed in (True, False)
            )
            for alpha, guard, figures in _guards(simulated, alphas, weight, rules):
                tier = held if guard is None else np.where(guarded <= guard, free, held)
                parts.append(((alpha, weight, scale), guard, figures, tier))
    own = (tiers.alpha, tiers.over_rating_weight, 1.0)
    reference = next((tier for key, _, _, tier in parts if key == own), None)
    return pd.DataFrame([_row(*part, reference, tiers.labels) for part in parts])


def _guards(
    simulated: Mapping[str, Simulated], alphas: Sequence[float], weight: float, rules: Framework
) -> Iterator[tuple[float, float | None, tuple[float, float] | None]]:
    """For each alpha its guard, with the false share and steps off in the worst truth."""
    candidates = rules.tiers.guard_candidates
    table = choose_guard(
        simulated,
        alpha=max(alphas),
        candidates=[*candidates, *alphas],
        over_rating_weight=weight,
    ).table
    worst = table.groupby("guard")[["false_share", "steps_off"]].max()
    shares, steps = worst["false_share"].to_dict(), worst["steps_off"].to_dict()
    for alpha in alphas:
        asked = {at: share for at, share in shares.items() if at in {*candidates, alpha}}
        guard = largest_guard(asked, alpha)
        yield alpha, guard, None if guard is None else (shares[guard], steps[guard])


def _row(
    key: tuple[float, float, float],
    guard: float | None,
    figures: tuple[float, float] | None,
    tier: npt.NDArray[np.intp],
    reference: npt.NDArray[np.intp] | None,
    labels: Sequence[str],
) -> dict[str, float]:
    shares = np.bincount(tier, minlength=len(labels)) / len(tier)
    return {
        **dict(zip(("alpha", "weight", "bias_scale"), key, strict=True)),
        "guard": np.nan if guard is None else guard,
        "top_share": float(shares[0]),
        "worst_false_share": np.nan if figures is None else figures[0],
        "steps_off": np.nan if figures is None else figures[1],
        "changed": np.nan if reference is None else float((tier != reference).mean()),
        **{f"share_{label}": float(share) for label, share in zip(labels, shares, strict=True)},
    }


def one_at_a_time(sweep: pd.DataFrame, rules: Framework) -> pd.DataFrame:
    """Settings that differ from the framework's in one thing only, and the framework's own.

    Parameters
    ----------
    sweep : DataFrame
        From :func:`sweep_settings`.
    rules : Framework

    Returns
    -------
    DataFrame
        Rows of the sweep.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework().with_tiers(alpha=0.05, over_rating_weight=1.0)
    >>> sweep = pd.DataFrame({"alpha": [0.05, 0.1, 0.1], "weight": [1.0, 1.0, 2.0],
    ...                       "bias_scale": 1.0})
    >>> one_at_a_time(sweep, rules)["alpha"].tolist()
    [0.05, 0.1]
    """
    own = {"alpha": rules.tiers.alpha, "weight": rules.tiers.over_rating_weight, "bias_scale": 1.0}
    differs = pd.DataFrame({name: sweep[name].ne(value) for name, value in own.items()})
    return sweep[differs.sum(axis=1) <= 1].reset_index(drop=True)


def loss_surface(
    simulated: Mapping[str, Simulated],
    *,
    guards: Iterable[float],
    least_chances: Iterable[float],
    false_cost: float,
) -> pd.DataFrame:
    """Loss over two thresholds of the top tier: chance of no gain allowed, chance of it asked for.

    Parameters
    ----------
    simulated : mapping of str to Simulated
        From :func:`analysis.tiers.simulated_truths.simulate_truths`.
    guards : iterable of float
        Largest chance of not being above the benchmark that a top program may have.
    least_chances : iterable of float
        Least chance of truly belonging to the top that it must have.
    false_cost : float
        Steps that a top program which is truly not above the benchmark costs on top of the steps
        it is off.

    Returns
    -------
    DataFrame
        ``guard``, ``least_chance``, ``loss`` (steps a program, in the worst truth),
        ``false_share`` and ``found`` (worst truth each).

    Examples
    --------
    One program truly above the benchmark and one below it, which a wide guard lets into the top:
    half a step off a program, and three more for a false top.

    >>> sets = Simulated(
    ...     np.array([[9.0, -9.0]]), np.array([[[1.0], [0.2]]]), np.array([[0.0, 0.8]]),
    ...     np.array([[0.0, 0.8]]), (0.0,), 0.0,
    ... )  # fmt: skip
    >>> found = loss_surface({"x": sets}, guards=[0.05, 1.0], least_chances=[0.1], false_cost=3.0)
    >>> found[["guard", "loss", "false_share", "found"]].values.tolist()
    [[0.05, 0.0, 0.0, 1.0], [1.0, 2.0, 0.5, 1.0]]
    """
    prepared = [_prepared(sets) for sets in simulated.values()]
    rows = []
    least = list(least_chances)
    for guard in guards:
        for chance in least:
            parts = np.array([_surface_point(p, guard, chance, false_cost) for p in prepared])
            rows.append(
                {
                    "guard": guard,
                    "least_chance": chance,
                    "loss": parts[:, 0].max(),
                    "false_share": np.nanmax(parts[:, 1]) if (parts[:, 3] > 0).any() else np.nan,
                    "found": parts[:, 2].min(),
                }
            )
    return pd.DataFrame(rows)


def _prepared(sets: Simulated) -> dict[str, npt.NDArray[Any]]:
    flat = sets.above.reshape(-1, sets.above.shape[2]).astype(float)
    chances = between_cuts(flat)
    theta = sets.theta.ravel()
    truth = true_tier(theta, sets.cuts)
    held = least_loss_tier(chances, 1.0, np.zeros(len(theta), bool))
    return {
        "top": flat[:, 0],
        "guarded": sets.guarded.ravel(),
        "false": theta <= sets.benchmark,
        "is_top": truth == 0,
        "off_held": np.abs(held - truth),
        "off_top": truth,
    }


def _surface_point(
    sets: Mapping[str, npt.NDArray[Any]], guard: float, chance: float, false_cost: float
) -> list[float]:
    in_top = (sets["guarded"] <= guard) & (sets["top"] >= chance)
    off = np.where(in_top, sets["off_top"], sets["off_held"])
    false = float((in_top & sets["false"]).sum())
    count = float(in_top.sum())
    everyone = len(in_top)
    return [
        float(off.sum()) / everyone + false_cost * false / everyone,
        false / count if count else np.nan,
        float((in_top & sets["is_top"]).sum()) / max(float(sets["is_top"].sum()), 1.0),
        count,
    ]
