"""The tiers of one set of programs in the framework's terms, with the reason of each in words."""

from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.framework import Framework
from analysis.tiers.labels import Model, label_programs, least_loss_tier, tier_probabilities


def labelled(
    programs: pd.DataFrame,
    rules: Framework,
    model: Model,
    guard: float | None,
    *,
    told_apart: bool,
    any_validity: bool = False,
) -> pd.DataFrame:
    """Programs with their tier, its chance, the runner-up and the reason in words.

    Parameters
    ----------
    programs : DataFrame
        ``validity`` and whatever else the rows hold. Where the guard for groups has been asked,
        ``group_allowed`` says whether it lets a program into the top tier.
    rules : Framework
    model : FreeShape or NormalModel
        Fitted to these programs, in their order.
    guard : float or None
        From the calibration; None closes the top tier.
    told_apart : bool
        Whether more than one tier is warranted; otherwise all get the one that is best over all.
    any_validity : bool
        Whether every level of validity may reach the top tier: to ask what better data would do.

    Returns
    -------
    DataFrame
        The rows given with ``shrunk``, ``shrunk_standard_deviation``, the columns of
        :func:`~analysis.tiers.labels.label_programs`, and ``reason``.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.tiers.normal_model import fit_normal_model
    >>> model = fit_normal_model([-9000.0, 12000.0, 12000.0], [100.0, 100.0, 100.0])
    >>> programs = pd.DataFrame({"validity": ["randomised", "randomised", "self_report"]})
    >>> found = labelled(programs, load_framework(), model, 0.05, told_apart=True)
    >>> for tier, reason in found[["tier", "reason"]].values.tolist():
    ...     print(tier, reason)
    D more likely not above the benchmark
    A least expected loss, clear
    B kept out of the top tier by the validity of its data
    """
    tiers = rules.tiers
    may = programs["validity"].map({lv.id: lv.may_reach_top_tier for lv in rules.validity_levels})
    label = partial(
        label_programs,
        model,
        cuts=tiers.cuts,
        labels=tiers.labels,
        benchmark=0.0,
        over_rating_weight=tiers.over_rating_weight,
        borderline_below=tiers.borderline_below,
    )
    valid = may.to_numpy(bool) | any_validity
    fair = programs.get("group_allowed", pd.Series(True, programs.index)).to_numpy(bool)
    allowed = valid & fair
    labels = label(guard=guard, top_allowed=allowed)
    free = label(guard=1.0)["tier"]
    frame = programs.reset_index(drop=True).drop(columns="reason", errors="ignore")
    frame["shrunk"] = model.mean
    frame["shrunk_standard_deviation"] = model.standard_deviation
    frame = pd.concat([frame, labels], axis=1)
    if not told_apart:
        frame["tier"] = _one_tier(model, rules, guard if allowed.all() else None)
        frame = own_chance(frame, tiers.labels, tiers.borderline_below)
    frame["reason"] = _reasons(frame, free, (valid, fair), rules, guard, told_apart=told_apart)
    return frame


def _one_tier(model: Model, rules: Framework, guard: float | None) -> str:
    """Tier that all programs share when they cannot be told apart: least loss over all of them."""
    chances = tier_probabilities(model, rules.tiers.cuts).mean(0, keepdims=True)
    not_above = float(model.guard_chance(0.0).mean())
    allowed = np.array([guard is not None and not_above <= guard])
    place = least_loss_tier(chances, rules.tiers.over_rating_weight, allowed)[0]
    return rules.tiers.labels[place]


def own_chance(frame: pd.DataFrame, labels: list[str], borderline_below: float) -> pd.DataFrame:
    """Chances of the tier given and of the runner-up, where the tier is not the one first given.

    Parameters
    ----------
    frame : DataFrame
        Rated programs: ``tier``, and one column ``chance_X`` a tier.
    labels : list of str
        Tiers, best first.
    borderline_below : float
        A program less sure of its tier than this is marked borderline.

    Returns
    -------
    DataFrame
        The frame with ``tier_probability``, ``runner_up``, ``runner_up_probability`` and
        ``borderline`` of the tier that stands in it.

    Examples
    --------
    >>> frame = pd.DataFrame({"tier": ["B"], "chance_A": [0.7], "chance_B": [0.3]})
    >>> own_chance(frame, ["A", "B"], 0.8)[["tier_probability", "runner_up"]].values.tolist()
    [[0.3, 'A']]
    """
    chances = frame[[f"chance_{label}" for label in labels]].to_numpy(float)
    place = np.array([labels.index(tier) for tier in frame["tier"]])
    rows = np.arange(len(frame))
    own = chances[rows, place]
    others = chances.copy()
    others[rows, place] = -1
    second = others.argmax(1)
    return frame.assign(
        tier_probability=own,
        runner_up=np.asarray(labels)[second],
        runner_up_probability=chances[rows, second],
        borderline=pd.array(own < borderline_below, dtype="boolean"),
    )


def _reasons(
    frame: pd.DataFrame,
    free: pd.Series,
    may: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
    rules: Framework,
    guard: float | None,
    *,
    told_apart: bool,
) -> npt.NDArray[np.object_]:
    """Why each program has its tier, in words, the most telling reason first."""
    valid, fair = may
    top = rules.tiers.labels[0]
    not_above = frame["chance_not_above"]
    held = free.eq(top) & frame["tier"].ne(top)
    guarded = (
        "kept out of the top tier: its chance of not being above the benchmark is over the guard"
        if guard is not None
        else "the top tier is closed: no guard keeps its promise for these programs"
    )
    last = frame["tier"].eq(rules.tiers.labels[-1])
    choices = [
        (np.full(len(frame), not told_apart), "not shown to differ: one tier for all"),
        (held & ~fair, "kept out of the top tier: a group may be no better off"),
        (held & ~valid, "kept out of the top tier by the validity of its data"),
        (held, guarded),
        (frame["borderline"].astype(bool), "borderline: the runner-up tier is nearly as probable"),
        (last & not_above.gt(0.5), "more likely not above the benchmark"),
    ]
    conditions = [np.asarray(condition, bool) for condition, _ in choices]
    return np.select(conditions, [text for _, text in choices], "least expected loss, clear")
