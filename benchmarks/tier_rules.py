"""Simulation study of rules that sort programs into tiers: writes results/tier_rules.csv.

Eighteen cells (60 and 500 programs, three truths, noise over spread .5, 1 and 2), the same
at 5,000 programs, and a fourth truth that lies outside every law that is fitted. Takes about a
quarter of an hour; `--draws 0.1` runs a tenth of it.
"""

import argparse
import sys
import time
from pathlib import Path

import pandas as pd

from analysis.tiers.rule_study import Cell, study_cell
from analysis.tiers.rules import RULES

SEED = 20261124
DRAWS = {60: 400, 500: 80, 5000: 4}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=float, default=1.0, help="share of the full draws")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "results")
    given = parser.parse_args()
    parts, started = [], time.perf_counter()
    cells = [
        Cell(programs, truth, ratio, max(2, round(draws * given.draws)))
        for programs, draws in DRAWS.items()
        for truth in ("normal", "mixture", "gamma", "lognormal")
        for ratio in (0.5, 1.0, 2.0)
    ]
    for done, cell in enumerate(cells, start=1):
        parts.append(study_cell(cell, RULES, seed=SEED))
        print(f"{done} of {len(cells)}, {time.perf_counter() - started:.0f} s", file=sys.stderr)
    table = pd.concat(parts, ignore_index=True)
    first = ["programs", "truth", "ratio", "draws", "rule"]
    table = table[first + [column for column in table if column not in first]]
    given.to.mkdir(parents=True, exist_ok=True)
    table.round(4).to_csv(given.to / "tier_rules.csv", index=False)
    shown = table[table["truth"] != "lognormal"].groupby(["programs", "ratio", "rule"], sort=False)
    columns = ["steps_off", "two_or_more_off", "pairs_wrong", "false_top", "top_against_best"]
    print(shown[columns].mean().round(3).to_string())


if __name__ == "__main__":
    main()
