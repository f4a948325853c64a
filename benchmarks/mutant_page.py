"""Writes docs/mutants.md anew from the files of results: `python benchmarks/mutant_page.py`."""

from pathlib import Path

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "mutants.md"
KEY = ["module", "line", "column", "operator", "occurrence"]
KILLED, SURVIVED, TIMED_OUT = "killed", "survived", "timed out"

_TEXT = """# Faults put into the code on purpose

Do the tests notice when a formula is wrong? cosmic-ray makes small faults in the rooms whose
numbers are published (a minus for a plus, `<=` for `<`, another number, `or` for `and`, a loop that
does nothing), one at a time; each is killed by a test that fails, or survives. A room is
`src/analysis/effects`, `src/analysis/tiers`, or disclosure control (`reports/disclosure*.py`,
`reports/linear_bounds.py`, `reports/effect_hiding.py`, `effects/suppression.py`,
`runs/together.py`).

## What came out

{shares}

The interval is Wilson's, of 95 %, for the killed share of all mutants of the room. It is a sample,
not all of them: {sampled} of {enumerated}. Drawn were
{drawn},
one from each of equal stretches of the modules' lines, and run in an order of chance (effects and
tiers in turns until time was up, disclosure to its end). A mutant that a test takes five times its
time with (and ten seconds more) counts as killed; {timed} did so.

The rooms were sampled on the code of different times. Effects and tiers came first, and disclosure
control with them. Then disclosure control was rebuilt (one linear program that is solved on and on
in place of one for each count); what had been found of its old code was thrown away, and on
30 November 2026 a new sample of it alone was drawn from the rebuilt code and run once, its
survivors once more after tests were written.

In a first pass, with the tests as they were, the killed shares were:
{first}.
That pass gave each mutant of effects and tiers four to six seconds of its quickest tests and
stopped at eight to twenty with their fixtures; each of disclosure twelve, and sixty with their
fixtures, of its own tests alone (without the examples in docstrings and the two slowest, on 200
random sets of tables and on the optimum). Of what survived it some died of older tests that it had
no time for, the rest of tests written since; how many of each was not measured.

## How to read it

- Left out: docstrings, annotations, decorators, the text of errors and warnings, `__all__`,
  imports of types. No constant text is changed, no statement taken out, no argument of a call left
  out: faults of such kinds are not counted here.
- One counterpart is taken of each arithmetic operator: `+` to `>>` fails on the first call and
  would only make the share look better.
- Tests of a mutant: those that pass its line (or, for a line outside of every function, those that
  pass any line of its module), of the tests of effects, tiers and disclosure control and the
  examples in the docstrings, quickest first, up to some seconds of them. Tests that take more than
  40 processor seconds, or that run notebooks or other processes, are left out. What only they
  would notice counts as survived, so the true share is a little larger.
- Survivors were run again after tests had been written for those that could have let a wrong
  number out, with the sampled survivors in sight, so the table speaks well of the tests. A fresh
  sample of each room (`benchmarks/results/mutants_fresh.csv`) was drawn after all tests were
  written and run once: effects and tiers (seed 20261201) with six seconds of tests and fifteen
  with their fixtures, disclosure (seed 20261203, without the mutants of the first sample) as in
  its first pass. Killed were {fresh}.
  Its survivors were neither given more time nor argued; for one, which would have left all
  populations after the first unchecked, a test was written. For mutants that were not sampled the
  share lies between that and the table's: that it reaches 85 % is not shown.
- Beside a survivor of disclosure control a true fault was found by reading: of a count that two
  runs round otherwise the check at the door kept what the first run said, though the other said
  more. It was mended after all samples; lines of its module below it are named as they are since.

## Survivors, and why each may live

{survivors}

## Running it again

`make mutants` does all of it, which takes some hours on one core: it finds the tests of every line
(`python -m benchmarks.mutants measure`), runs the sample (`run`; `--sample`, `--seed` draw another
one, `--rooms` one of some rooms alone) and writes this page (`report`). After tests were added,
`measure --tests FILE` and `survivors` run again what survived and is not argued; arguments stand in
`benchmarks/results/mutants_argued.csv`, and a test asks one for every survivor. Rows of
`benchmarks/results/mutants.csv` name line and column as of the code that was sampled; after a
change of a room's code, start anew with that room.
"""


def shares(rows: pd.DataFrame, argued: pd.DataFrame, enumerated: pd.Series) -> pd.DataFrame:
    """Killed share of each room with its 95 % Wilson interval.

    A mutant that ran out of time counts as killed: its tests no longer end.
    """
    harmless = pd.Series(keys(rows), index=rows.index).isin(keys(argued))
    killed = rows["outcome"] != SURVIVED
    parts = []
    for room, count in enumerated.items():
        here = rows["room"] == room
        n, k = int(here.sum()), int((here & killed).sum())
        first = int((here & (rows["first_outcome"] != SURVIVED)).sum())
        low, high = proportion_confint(k, n, method="wilson")
        parts.append(
            {"room": room, "mutants": count, "sampled": n, "killed": k, "survived": n - k}
            | {"argued": int((here & ~killed & harmless).sum()), "share": k / n}
            | {"low": low, "high": high, "share_first": first / n}
        )
    return pd.DataFrame(parts)


def keys(rows: pd.DataFrame) -> list[tuple]:
    """What names a mutant."""
    return list(rows[KEY].itertuples(index=False, name=None))


def page(
    rows: pd.DataFrame, argued: pd.DataFrame, enumerated: pd.Series, draws: pd.DataFrame
) -> str:
    """The whole page."""
    again = pd.read_csv(RESULTS / "mutants_fresh.csv")
    dead = again["outcome"].ne(SURVIVED).groupby(again["room"]).agg(["sum", "size"])
    fresh = ", ".join(
        f"{dead.at[one, 'sum']} of {dead.at[one, 'size']} ({one})" for one in dead.index
    )
    found = shares(rows, argued, enumerated)
    lines = ["| room | mutants | sampled | killed | share [95 %] | survived | of them argued |"]
    lines += ["|---|---:|---:|---:|---|---:|---:|"]
    for one in found.to_dict("records"):
        lines.append(
            f"| {one['room']} | {one['mutants']:,} | {one['sampled']} | {one['killed']} | "
            f"{one['share']:.1%} [{one['low']:.1%}, {one['high']:.1%}] | {one['survived']} | "
            f"{one['argued']} |"
        )
    first = ", ".join(f"{one['room']} {one['share_first']:.1%}" for one in found.to_dict("records"))
    return _TEXT.format(
        shares="\n".join(lines),
        sampled=f"{len(rows):,}",
        enumerated=f"{enumerated.sum():,}",
        drawn=", ".join(
            f"{one.drawn} of {one.Index} (seed {one.seed})" for one in draws.itertuples()
        ),
        timed=int((rows["outcome"] == TIMED_OUT).sum()),
        first=first,
        fresh=fresh,
        survivors=_survivors(rows, argued),
    )


def _survivors(rows: pd.DataFrame, argued: pd.DataFrame) -> str:
    alive = rows[rows["outcome"] == SURVIVED].merge(argued[[*KEY, "reason"]], "left", on=KEY)
    lines = ["| where | fault | why it may live |", "|---|---|---|"]
    for one in alive.fillna({"reason": "not argued"}).to_dict("records"):
        name = one["module"].removeprefix("analysis.")
        lines.append(
            f"| {name}:{one['line']} | `{_cell(one['before'])}` → `{_cell(one['after'])}` | "
            f"{one['reason']} |"
        )
    return "\n".join(lines)


def _cell(code: str) -> str:
    return code.replace("|", "\\|")


def read() -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.DataFrame]:
    """Outcomes, arguments, mutants of each room, and how many were drawn with which seed."""
    rows = pd.read_csv(RESULTS / "mutants.csv", keep_default_na=False)
    argued = pd.read_csv(RESULTS / "mutants_argued.csv", keep_default_na=False)
    rooms = pd.read_csv(RESULTS / "mutants_rooms.csv", index_col="room")
    return rows, argued, rooms["mutants"], rooms[["drawn", "seed"]]


if __name__ == "__main__":
    PAGE.write_text(page(*read()), "utf-8")
