"""How the guard for groups does on published programs where the truth is known.

Programs with earnings of two groups, a small and a large one, drawn from three laws; earnings of
the small group differ from the others' by a gap that varies between programs. The guard is run as
on a user's own files. Writes results/group_guard.csv; takes a few minutes.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.framework import load_framework
from analysis.tiers.estimates import against_benchmark
from analysis.tiers.published_groups import guard_published
from analysis.tiers.truths import TRUTHS

SEED = 20261202
DRAWS = {60: 100, 500: 20}
# dollars a year: spread and mean of programs against the benchmark, mean and spread of gaps
SPREAD, CENTRE, GAP, GAP_SPREAD = 5_000.0, 2_500.0, -1_000.0, 5_000.0
BENCHMARK = 36_000.0
RULES = load_framework()
SETTINGS: dict[str, Any] = {
    "benchmarks": pd.Series({"NJ": BENCHMARK}),
    "default_benchmark": BENCHMARK,
    "coefficient_of_variation": RULES.tiers.wage_coefficient_of_variation,
    "minimum_people": RULES.tiers.minimum_people,
    "rated": RULES.tiers.rated_metrics,
}


@dataclass(frozen=True)
class Cell:
    """Programs, law of true values, noise of a program over spread, share of the small group."""

    programs: int
    truth: str
    ratio: float
    share: float


def cells() -> Iterator[Cell]:
    for programs in DRAWS:
        for truth in ("normal", "mixture", "gamma"):
            for ratio in (0.5, 1.0):
                for share in (0.15, 0.5):
                    yield Cell(programs, truth, ratio, share)


def rows(value: np.ndarray, people: np.ndarray, **more: str) -> pd.DataFrame:
    """Earnings against the benchmark (dollars a year) as a file of outcomes has them."""
    keys = [f"p{i}" for i in range(len(value))]
    columns = {
        "program_key": keys,
        "provider_id": keys,
        "provider": keys,
        "cip_code": "51.0801",
        "state": "NJ",
        "metric": "average_quarterly_wage",
        "horizon": "quarter 4 after exit",
        "quarter": 4,
        "value": (BENCHMARK + value) / 4,
        "n": people,
        "source_id": "simulated",
    }
    return pd.DataFrame({**columns, **more})


def draw(cell: Cell, number: int) -> pd.DataFrame:
    """One data set: the small group of each program as the guard sees it, with its truth."""
    where = [list(TRUTHS).index(cell.truth), cell.programs, round(10 * cell.ratio)]
    generator = np.random.default_rng([SEED, *where, round(100 * cell.share), number])
    rest = CENTRE + SPREAD * TRUTHS[cell.truth](generator, (cell.programs,))
    group = rest + GAP + GAP_SPREAD * generator.normal(size=cell.programs)
    person = RULES.tiers.wage_coefficient_of_variation * (BENCHMARK + CENTRE)
    size = (person / (SPREAD * cell.ratio * np.exp(0.5 * generator.normal(size=len(rest))))) ** 2
    parts, whole = [], 0.0
    for name, true, share in (("small", group, cell.share), ("large", rest, 1 - cell.share)):
        people = np.maximum(np.round(size * share), 1)
        seen = true + person / np.sqrt(people) * generator.normal(size=len(rest))
        parts.append(rows(seen, people, by="gender", group=name))
        whole = whole + people * seen
    people = parts[0]["n"].to_numpy() + parts[1]["n"].to_numpy()
    source = {"title": "Simulated", "validity": "randomised"}
    programs = against_benchmark(rows(whole / people, people), **source, **SETTINGS)
    found = guard_published(
        pd.concat(parts, ignore_index=True), programs, RULES, SETTINGS, **source
    )
    truth = pd.Series(group <= 0, index=parts[0]["program_key"])
    small = found[found["group"].eq("small")]
    return small.assign(truly=small["program_key"].map(truth), draw=number)


def summary(cell: Cell, seen: pd.DataFrame) -> dict[str, object]:
    """What the guard let pass, what it caught, and how often that was right."""
    shown = seen[seen["state"].eq("shown")]
    passed = shown[~shown["harmed"]]
    false = passed.groupby("draw")["truly"].agg(["sum", "size"])
    share = passed["truly"].mean()
    error = np.sqrt(((false["sum"] - share * false["size"]) ** 2).sum()) / len(passed)
    return {
        **vars(cell),
        "draws": seen["draw"].nunique(),
        "seed": SEED,
        "shown": shown.shape[0] / len(seen),
        "truly_no_better": seen["truly"].mean(),
        "passed_said": passed["chance_not_above"].mean(),
        "passed_truly": share,
        "passed_truly_se": error,
        "stopped_said": shown.loc[shown["harmed"], "chance_not_above"].mean(),
        "stopped_truly": shown.loc[shown["harmed"], "truly"].mean(),
        "caught": shown.loc[shown["truly"], "harmed"].mean(),
        "fine_stopped": shown.loc[~shown["truly"], "harmed"].mean(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=float, default=1.0, help="share of the full draws")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "results")
    given = parser.parse_args()
    table = []
    for cell in cells():
        numbers = range(max(2, round(DRAWS[cell.programs] * given.draws)))
        seen = pd.concat([draw(cell, number) for number in numbers], ignore_index=True)
        table.append(summary(cell, seen.astype({"truly": bool})))
        print(cell, file=sys.stderr)
    given.to.mkdir(parents=True, exist_ok=True)
    result = pd.DataFrame(table).round(4)
    result.to_csv(given.to / "group_guard.csv", index=False)
    print(result.drop(columns=["draws", "seed"]).to_string(index=False))


if __name__ == "__main__":
    main()
