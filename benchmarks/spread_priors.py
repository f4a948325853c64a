"""Why the chance of the top tier is off where little is known: writes results/spread_priors.csv.

The law of true values is normal and taken for normal, so that only their mean and spread are
unknown. Chances are held against what happened under several priors of the spread, where it is the
same in every data set (as in tier_rules.py), and where it is drawn anew for each. A prior that says
the scale beforehand is a bound, not a rule: nobody knows it.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.rule_study import calibration_error

SEED = 20261202
CENTRE, TOP = 0.5, 1.25
# spread of true values in each data set, by a uniform number
SPREADS: dict[str, Callable[[float], float]] = {
    "1 in every data set": lambda u: 1.0,
    "even from 0 to 2.5": lambda u: 2.5 * u,
    "proportional from 0 to 2.5": lambda u: 2.5 * np.sqrt(u),
}
Prior = Callable[[np.ndarray, np.ndarray], np.ndarray]


def said_beforehand(scale: float, log_spread: float) -> Prior:
    """A log-normal prior around a scale that somebody knows."""
    return lambda tau, s: -0.5 * (np.log(tau / scale) / log_spread) ** 2 - np.log(tau)


# log density of the spread tau, up to a constant, given the standard errors s
PRIORS: dict[str, Prior] = {
    "flat": lambda tau, s: 0 * tau,
    "proportional (the default)": lambda tau, s: np.log(tau),
    # Fisher information of the variance, its root: Berger and Deely, JASA 1988
    "Jeffreys": lambda tau, s: (
        np.log(tau) + 0.5 * np.log(((s**2 + tau[:, None] ** 2) ** -2.0).sum(1))
    ),
    # Daniels, A prior for the variance in hierarchical models, Canadian Journal of Statistics 1999
    "uniform shrinkage": lambda tau, s: np.log(tau) - 2 * np.log(1 / (s**-2.0).mean() + tau**2),
    "scale said, give or take a quarter": said_beforehand(1.0, 0.25),
    "scale said, give or take a half": said_beforehand(1.0, 0.5),
    "said half too large, give or take a half": said_beforehand(1.5, 0.5),
    "said a third too small, give or take a half": said_beforehand(0.67, 0.5),
}


def under(model: NormalModel, prior: Prior, s: np.ndarray) -> NormalModel:
    """The model that was fitted with a flat prior, under another one."""
    log = prior(np.maximum(model.tau, 1e-9), s)
    weights = model.weights * np.exp(log - log[model.weights > 0].max())
    return replace(model, weights=weights / weights.sum())


def cell(programs: int, ratio: float, spread: str, draws: int) -> pd.DataFrame:
    said: dict[str, list[np.ndarray]] = {name: [] for name in PRIORS}
    for draw in range(draws):
        key = [SEED, programs, int(10 * ratio), list(SPREADS).index(spread), draw]
        generator = np.random.default_rng(key)
        tau = SPREADS[spread](generator.random())
        s = ratio * np.exp(0.5 * generator.normal(size=programs))
        theta = CENTRE + tau * generator.normal(size=programs)
        y = theta + s * generator.normal(size=programs)
        flat = fit_normal_model(y, s, tau_prior="flat", grid_size=60)
        for name, prior in PRIORS.items():
            model = under(flat, prior, s)
            chances = [model.chance_above(TOP), theta > TOP]
            chances += [model.chance_at_or_below(0.0), theta <= 0]
            said[name].append(np.column_stack(chances))
    rows = []
    for name, parts in said.items():
        top, is_top, not_above, is_not_above = np.concatenate(parts).T
        rows.append(
            {
                "programs": programs,
                "ratio": ratio,
                "spread": spread,
                "prior": name,
                "draws": draws,
                "off_top": calibration_error(top, is_top),
                "top_said_less_true": (top - is_top).mean(),
                "off_not_above": calibration_error(not_above, is_not_above),
                "not_above_said_less_true": (not_above - is_not_above).mean(),
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=float, default=1.0, help="share of the full draws")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "results")
    given = parser.parse_args()
    cells = [(60, 2.0, spread, 1500) for spread in SPREADS]
    fixed = next(iter(SPREADS))
    cells += [(60, 1.0, fixed, 800), (200, 2.0, fixed, 400), (500, 2.0, fixed, 200)]
    parts = [
        cell(programs, ratio, spread, max(2, round(draws * given.draws)))
        for programs, ratio, spread, draws in cells
    ]
    table = pd.concat(parts, ignore_index=True)
    given.to.mkdir(parents=True, exist_ok=True)
    table.round(4).to_csv(given.to / "spread_priors.csv", index=False)
    print(table.pivot(index="prior", columns=["programs", "ratio", "spread"], values="off_top"))


if __name__ == "__main__":
    main()
