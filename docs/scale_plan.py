"""Writes ``docs/scale.md``: a national file in numbers that were measured, and what follows.

Run it after ``benchmarks/wioa.py``, ``effects.py`` or ``workers.py`` wrote new results:
``python docs/scale_plan.py``. Every number of the text is one of theirs or computed from them.
"""

import math
from pathlib import Path

import pandas as pd

from analysis.atomic import write_text
from analysis.paths import project_root

MILLIONS = 300.0
CORES = 16
# of a size that was measured, and so many that every core has some
PART = 10.0
PAGE = project_root() / "docs" / "scale.md"
RESULTS = project_root() / "benchmarks" / "results"
STEPS = {
    "read": "read the text into typed Parquet",
    "metrics": "all metrics by all groups",
    "duckdb": "one table of counts and medians by groups",
}
TEXT = """# A national file of {millions:.0f} million records

A plan on paper. It rests on what was measured with at most {largest:.0f} million rows
(`benchmarks/results/wioa.csv`, `benchmarks/results/effects.csv`; {machine}); what stands below
for {millions:.0f} million is computed from the largest size measured, in proportion to the rows,
and was not run. `python docs/scale_plan.py` writes this page anew from those files.

## What was measured

{measured}

Processor seconds are of one core. The wall's seconds, which other work on the machine and its disk
stretched, were {stretch_low:.1f} to {stretch_high:.1f} times as many: plan with them where the disk
is slow. A second worker on the same machine took the effects of {worker_programs:,.0f} programs
from {one_worker:.1f} to {two_workers:.1f} s of the wall, {workers_share:.0%} of one worker's,
with the same numbers to the last digit (`benchmarks/results/workers.csv`). Without a cluster they
take {no_worker:.1f} s: on one machine of two cores a cluster does not pay. Reading and metrics were
not measured so.

Effects: one adjusted effect from {effect_rows:.0f} million people takes {effect_cpu:.2f} processor
seconds and {effect_gb:.2f} GB (DoubleML on the same rows: {dml_ratio:.0f} times the time,
{dml_memory:.1f} times the memory); the effects of {programs:,.0f} programs against one pool take
{many_cpu:.1f} s and {many_gb:.2f} GB.

## What follows for {millions:.0f} million

{planned}

1. **Keep the text where it is, and cut it by state and year.** {text_total:.0f} GB of text at
   {text_each:.2f} GB a million rows. Each part is a file at an address that every worker reads
   (`wioa=s3://…`, copied into the cache once for each state of it), of at most {part:.0f} million
   rows: a size at which every step was measured, and small enough for every core to have a part.
2. **Run the parts on many workers.** {parts:.0f} parts are {parts:.0f} settings of one sweep:
   `workbench sweep 03 -p wioa=s3://…/TX-2023.csv.gz,s3://…/NJ-2023.csv.gz --scheduler tcp://…`.
   Parts share nothing, so {cores} cores do the processor's {hours:.1f} hours in {rounds:.0f}
   rounds: about {wall:.0f} minutes, or {stretched:.0f} where the wall takes the longest stretch
   measured. A part whose worker dies is given to another, a sweep that was killed goes on, and a
   part that was done is never done again.
3. **Memory: {part_gb:.1f} GB a worker.** The metrics take the most: {part_gb:.2f} GB at
   {part:.0f} million rows and {metric_growth:.2f} GB more with each further million. In one piece
   {millions:.0f} million rows would take {one_piece:.0f} GB: that is why the file is cut.
4. **Effects within a state or program, not over the nation in memory.** {effect_growth:.2f} GB with
   each million people: a pool of at most {part:.0f} million ({pool_gb:.1f} GB) a worker.
5. **Totals of the nation from the typed Parquet of all parts.** One table of counts and medians is
   a single query over all parts in bounded memory: {count_minutes:.1f} processor minutes.
   Averages and shares are pooled from the parts by their numbers of people; medians are not, and
   need that query.

Small cells are hidden in each part before anything leaves it; tables over all parts are made from
the records and checked as one, never by adding up published parts.
"""


def page() -> str:
    """The plan as Markdown."""
    wioa = pd.read_csv(RESULTS / "wioa.csv")
    rows = wioa[wioa["step"].isin(STEPS)].assign(
        each=lambda t: t["cpu"] / t["million_rows"], stretch=lambda t: t["seconds"] / t["cpu"]
    )
    large = rows.sort_values("million_rows").groupby("step").last()
    metrics = rows[rows["step"].eq("metrics")].set_index("million_rows")["memory_gb"]
    part, largest = PART, float(metrics.index.max())
    growth = _growth(metrics)
    cpu = large.loc[["read", "metrics"], "each"].sum() * MILLIONS
    rounds = math.ceil(MILLIONS / part / CORES)
    wall = rounds * cpu / (MILLIONS / part) / 60
    biggest = wioa.loc[wioa["million_rows"].idxmax()]
    return TEXT.format(
        millions=MILLIONS, cores=CORES, largest=biggest["million_rows"], machine=biggest["machine"],
        measured=_measured(rows), planned=_planned(large),
        stretch_low=rows["stretch"].min(), stretch_high=rows["stretch"].max(),
        part=part, rounds=rounds, parts=MILLIONS / part, part_gb=metrics.loc[part],
        text_each=biggest["text_gb"] / biggest["million_rows"],
        text_total=biggest["text_gb"] / biggest["million_rows"] * MILLIONS,
        hours=cpu / 3600, wall=wall, stretched=wall * rows["stretch"].max(),
        metric_growth=growth, one_piece=metrics.loc[largest] + growth * (MILLIONS - largest),
        count_minutes=large.loc["duckdb", "each"] * MILLIONS / 60,
        **_effects(part), **_workers(),
    )  # fmt: skip


def _workers() -> dict[str, float]:
    found = pd.read_csv(RESULTS / "workers.csv").set_index("workers")
    return {
        "worker_programs": found.loc[1, "programs"],
        "no_worker": found.loc[0, "seconds"],
        "one_worker": found.loc[1, "seconds"],
        "two_workers": found.loc[2, "seconds"],
        "workers_share": found.loc[2, "share_of_one_worker"],
    }


def _growth(memory: pd.Series) -> float:
    """Gigabytes that each further million rows took, between the smallest and largest size."""
    low, high = memory.index.min(), memory.index.max()
    return float((memory.loc[high] - memory.loc[low]) / (high - low))


def _measured(rows: pd.DataFrame) -> str:
    lines = ["| step | million rows | processor s | s a million rows | peak of memory, GB |",
             "|---|---:|---:|---:|---:|"]  # fmt: skip
    lines += [
        f"| {words} | {row.million_rows:g} | {row.cpu:.1f} | {row.each:.2f} | {row.memory_gb:.2f} |"
        for step, words in STEPS.items()
        for row in rows[rows["step"].eq(step)].itertuples()
    ]
    return "\n".join(lines)


def _planned(large: pd.DataFrame) -> str:
    lines = ["| step | computed from, million rows | processor hours |", "|---|---:|---:|"]
    lines += [
        f"| {words} | {large.loc[step, 'million_rows']:g} | "
        f"{large.loc[step, 'each'] * MILLIONS / 3600:.2f} |"
        for step, words in STEPS.items()
    ]
    return "\n".join(lines)


def _effects(part: float) -> dict[str, float]:
    found = pd.read_csv(RESULTS / "effects.csv")
    ours = found[found["job"].eq("ours")].set_index("size")
    largest = ours.index.max()
    peer = found[found["job"].eq("doubleml") & found["size"].eq(largest)].iloc[0]
    many = found[found["job"].eq("ours_many")].iloc[0]
    gigabytes = ours["megabytes"].rename(index=lambda size: size / 1e6) / 1000
    growth = _growth(gigabytes)
    return {
        "effect_rows": largest / 1e6,
        "effect_cpu": ours.loc[largest, "cpu"],
        "effect_gb": gigabytes.loc[largest / 1e6],
        "dml_ratio": peer["cpu_ratio"],
        "dml_memory": peer["memory_ratio"],
        "programs": many["size"],
        "many_cpu": many["cpu"],
        "many_gb": many["megabytes"] / 1000,
        "effect_growth": growth,
        "pool_gb": gigabytes.loc[largest / 1e6] + growth * (part - largest / 1e6),
    }


def main(target: Path = PAGE) -> None:
    """Write the page."""
    write_text(target, page())


if __name__ == "__main__":
    main()
