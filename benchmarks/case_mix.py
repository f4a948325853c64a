"""How much error judging programs by their participants' make-up removes: results/case_mix.csv.

Simulated programs whose merit is known. Make-up moves outcomes by nothing, half, once or twice
as much as in the tests; and better programs draw other people or not, which no regression between
programs can tell from make-up. Error: of the order that is read off, in dollars, around the mean
over programs of estimate less merit.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.tiers.case_mix import case_mix

SEED = 20261201
NAMES = ["women", "schooling"]


def programs(
    strength: float, sorting: float, draw: int, count: int = 300, providers: int = 60
) -> pd.DataFrame:
    """Programs with their make-up, noisy outcome and true merit.

    ``strength`` multiplies what make-up does to outcomes; ``sorting`` is the share of merit's
    standard deviation that goes with the share of women.
    """
    key = [SEED, int(10 * strength), int(10 * sorting), draw]
    generator = np.random.default_rng(key)
    provider = generator.integers(0, providers, count)
    women, schooling = generator.beta(2, 2, count), generator.beta(3, 2, count)
    merit = 800 * generator.normal(size=providers)[provider] + 1_200 * generator.normal(size=count)
    # a beta(2, 2) share has a standard deviation of .2236
    merit = np.sqrt(1 - sorting**2) * merit - sorting * 1_442 * (women - 0.5) / 0.2236
    error = 900 * np.exp(0.5 * generator.normal(size=count))
    truth = 9_000 + strength * (8_000 * schooling - 6_000 * women) + merit
    return pd.DataFrame(
        {
            "program_key": np.arange(count).astype(str),
            "provider_id": provider,
            "estimate": truth + error * generator.normal(size=count),
            "standard_error": error,
            "women": women,
            "schooling": schooling,
            "merit": merit,
        }
    )


def spread(values: pd.Series) -> float:
    return float(np.sqrt(((values - values.mean()) ** 2).mean()))


def setting(strength: float, sorting: float, draws: int) -> dict[str, float]:
    rows = []
    for draw in range(draws):
        table = programs(strength, sorting, draw)
        found = case_mix(table, NAMES, seed=draw)
        rows.append(
            {
                "error_raw": spread(table["estimate"] - table["merit"]),
                "error_adjusted": spread(found["difference"] - table["merit"]),
                "rank_raw": table["estimate"].corr(table["merit"], method="spearman"),
                "rank_adjusted": found["difference"].corr(table["merit"], method="spearman"),
            }
        )
    table = pd.DataFrame(rows)
    removed = 1 - (table["error_adjusted"] / table["error_raw"]) ** 2
    return {
        "strength_of_make_up": strength,
        "merit_goes_with_make_up": sorting,
        "draws": draws,
        **table.mean().to_dict(),
        "squared_error_removed": float(removed.mean()),
        "standard_error": float(removed.std(ddof=1) / np.sqrt(draws)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "results")
    given = parser.parse_args()
    table = pd.DataFrame(
        [setting(k, r, given.draws) for k in (0.0, 0.5, 1.0, 2.0) for r in (0.0, 0.5)]
    )
    given.to.mkdir(parents=True, exist_ok=True)
    table.round(4).to_csv(given.to / "case_mix.csv", index=False)
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
