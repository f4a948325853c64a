"""Simulation study of rules that sort programs into tiers: writes results/tier_rules.csv.

Eighteen cells (60 and 500 programs, three truths, noise over spread .5, 1 and 2), the same
at 5,000 programs, and a fourth truth that lies outside every law that is fitted. Takes about
three quarters of an hour; `--draws 0.1` runs a tenth of it. The rule that calibrates its guard by
simulating every data set 75 times over is tried where noise is largest, which is where a promise
is hardest to keep.
`--ours` runs the workbench's own rules and the oracle alone, `--calibrated` the rule that
calibrates its guard; rows of the others, with the seed that they were drawn by, stay in the file.
`--resume` leaves out cells that the file has already.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.tiers.rule_study import Cell, study_cell
from analysis.tiers.rules import CALIBRATED, OURS, RULES
from analysis.tiers.truths import TRUTHS

# of data sets that no rule was chosen or changed by looking at
SEED = 20261201
DRAWS = {60: 400, 500: 80, 5000: 4}
LARGEST_NOISE = 2.0
# for a standard error of the false share of about .01: of the data sets of the other rules, the
# first so many; rows say how many they rest on (the skewed truth at 60 programs all 400: its first
# 200 gave .053, standard error .011, too near the promise of .05 to say whether it is kept)
SLOW_DRAWS = {60: 200, 500: 40, 5000: 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=float, default=1.0, help="share of the full draws")
    parser.add_argument("--ours", action="store_true", help="only the workbench's own rules")
    parser.add_argument("--calibrated", action="store_true", help="only the calibrated guard")
    parser.add_argument("--programs", type=int, nargs="+", default=list(DRAWS), help="sizes to run")
    parser.add_argument("--truths", nargs="+", default=list(TRUTHS), help="laws to run")
    parser.add_argument("--resume", action="store_true", help="leave out cells already there")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "results")
    given = parser.parse_args()
    chosen = {name: RULES[name] for name in OURS} if given.ours else RULES
    parts, started = [], time.perf_counter()
    cells = [
        Cell(programs, truth, ratio, max(2, round(draws * given.draws)))
        for programs, draws in DRAWS.items()
        if programs in given.programs
        for ratio in (LARGEST_NOISE, 1.0, 0.5)
        for truth in TRUTHS
        if truth in given.truths
    ]
    if given.calibrated:
        chosen = {}
        slow = [replace(c, draws=SLOW_DRAWS[c.programs]) for c in cells if c.ratio == LARGEST_NOISE]
        cells = sorted(slow, key=lambda cell: list(TRUTHS).index(cell.truth))
    if given.resume:
        names = list(chosen or CALIBRATED)
        cells = [cell for cell in cells if not is_there(cell, names, given.to)]
    for done, cell in enumerate(cells, start=1):
        if chosen:
            parts.append(study_cell(cell, chosen, seed=SEED))
        if cell.ratio == LARGEST_NOISE and not given.ours:
            draws = max(2, round(SLOW_DRAWS[cell.programs] * given.draws))
            calibrated = replace(cell, draws=draws)
            parts.append(study_cell(calibrated, CALIBRATED, seed=SEED, with_oracle=False))
        print(f"{done} of {len(cells)}, {time.perf_counter() - started:.0f} s", file=sys.stderr)
        write(pd.concat(parts, ignore_index=True), given.to)
    summary(pd.read_csv(given.to / "tier_rules.csv"))


def is_there(cell: Cell, rules: list[str], folder: Path) -> bool:
    """Whether the file has this cell for all rules, drawn by the seed of today."""
    before = pd.read_csv(folder / "tier_rules.csv")
    here = before[
        before["programs"].eq(cell.programs)
        & before["truth"].eq(cell.truth)
        & before["ratio"].eq(cell.ratio)
        & before["seed"].eq(SEED)
        & before["draws"].ge(cell.draws)
    ]
    return set(rules) <= set(here["rule"])


def write(table: pd.DataFrame, folder: Path) -> None:
    """The table, with rows of other rules that the file had before."""
    path = folder / "tier_rules.csv"
    first = ["programs", "truth", "ratio", "draws", "seed", "rule"]
    table = table.assign(seed=SEED)
    table = table[first + [column for column in table if column not in first]].round(4)
    if path.exists():
        before = pd.read_csv(path)
        keys = ["programs", "truth", "ratio", "rule"]
        new = pd.MultiIndex.from_frame(table[keys])
        table = pd.concat([before[~pd.MultiIndex.from_frame(before[keys]).isin(new)], table])
    folder.mkdir(parents=True, exist_ok=True)
    table.sort_values(["programs", "truth", "ratio"], kind="stable").to_csv(path, index=False)


def summary(table: pd.DataFrame) -> None:
    shown = table[table["truth"] != "lognormal"].groupby(["programs", "ratio", "rule"], sort=False)
    columns = ["steps_off", "two_or_more_off", "pairs_wrong", "false_top", "top_against_best"]
    print(shown[columns].mean().round(3).to_string())
    print("largest false share of the top tier over cells, fourth truth included:")
    print(table.groupby(["programs", "rule"], sort=False)["false_top"].max().round(3).to_string())


if __name__ == "__main__":
    main()
