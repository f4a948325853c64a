"""Writes docs/mutants.md anew from the files of results: `python benchmarks/mutant_page.py`."""

from pathlib import Path

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "mutants.md"
KEY = ["module", "line", "column", "operator", "occurrence"]
KILLED, SURVIVED, TIMED_OUT = "killed", "survived", "timed out"
ON_FILE = "killed by a number on file"
_ASKED = 0.85

_TEXT = """# Faults put into the code on purpose

Do the tests notice when a formula is wrong? cosmic-ray makes small faults in the rooms whose
numbers are published (a minus for a plus, `<=` for `<`, another number, `or` for `and`, a loop that
does nothing), one at a time; each is killed by a test that fails, or survives. A room is
`src/analysis/effects`, `src/analysis/tiers`, or disclosure control (`reports/disclosure*.py`,
`reports/linear_bounds.py`, `reports/effect_hiding.py`, `effects/suppression.py`,
`runs/together.py`).

## What came out

{shares}

A fresh sample of each room, of mutants that no one had seen when the tests were written, each run
once on 30 November 2026 with the same time for every room. The interval is Wilson's, of 95 %, for
the killed share of all mutants of the room that are in no older sample. Asked were 85 %.
{verdict}

It is a sample, not all of them: {sampled} of {enumerated}. Drawn were
{drawn},
one from each of equal stretches of the modules' lines, and run in an order of chance{until}. Each
had up to {budget:g} seconds of its tests (their fixtures apart, forty seconds of the processor with
them), and after these the numbers on file. A mutant that a test takes five times its time with (and
ten seconds more) counts as killed; {timed} did so. None was drawn again, and the shares stand as
they came out: tests that were written for survivors afterwards change none of them. With those the
tests kill {since} of this sample, which says less, since its survivors were in sight.

An earlier sample of effects had 50 of 64 killed (78.1%), on the code that those of the other rooms
are of; it is the fourth of the older ones below. After it branches that changed no number were
taken out, and tests were written for its survivors, for the kinds of faults that two samples for
development showed (the fifth and the sixth) and for what reading the modules line by line brought
up. The sample above was drawn after that. Its seed and its size, which is larger than before since
mutants took less time than was thought, were set before it ran.

The run that the samples of tiers and disclosure come from was stopped after 36 mutants and went on
anew with the rest, since the script that began it was run once more by the processes that a test
starts, which cannot happen any more. Until then numbers on file had had no time of their own but
what other tests left of the forty seconds; the survivors among those 36 were given it afterwards,
as all others. In that run twenty tests on trials whose files were not at hand were left out; in
that of effects they took part.

Time taken: {hours:.1f} hours in all, one or two mutants at a time on two cores that were busy with
other work too; half of the mutants took {typical:.1f} seconds or less. To find the tests of every
line before took twenty minutes.

## What rests on numbers on file

Two kinds of tests killed. Most say what is right by another way: an answer by hand, scipy,
statsmodels or scikit-learn, a plain loop, all cases tried, an invariance. Beside them stand numbers
on file (`tests/frozen`): what small seeded cases give now, and all defaults and constants. Such a
test says that a number moved, which a review then has to judge, and not that it is wrong. They ran
last, so that the column `by number alone` counts what nothing else noticed in its time. Without
them the shares would be {without}.

## How to read it

- Left out: docstrings, annotations, decorators, the text of errors and warnings, `__all__`,
  imports of types. No constant text is changed, no statement taken out, no argument of a call left
  out: faults of such kinds are not counted here.
- One counterpart is taken of each arithmetic operator: `+` to `>>` fails on the first call and
  would only make the share look better.
- Tests of a mutant: those that pass its line (or, for a line outside of every function, those that
  pass any line of its module, and those that read all defaults), of the tests of effects, tiers and
  disclosure control and the examples in the docstrings, quickest first. Tests that take more than
  40 processor seconds, or that run notebooks or other processes, are left out. What only they
  would notice counts as survived, so the true share is a little larger.
- Numbers on file notice defaults and constants of whatever kind, but for sizes of what is worked on
  at once, which change no result; those are in the sample all the same.

## Survivors, and why each may live

{survivors}

## Before

Older samples (`benchmarks/results/mutants_before.csv`, {before} mutants) showed where tests were
weak. Their survivors were in sight when tests were written, and the first shares of the first three
had less time, so they say little of the tests as they are now:

{history}

Beside a survivor of disclosure control a true fault was found by reading: of a count that two runs
round otherwise the check at the door kept what the first run said, though the other said more.

## Running it again

`make mutants` does all of it, which takes some hours on one core: it finds the tests of every line
(`python -m benchmarks.mutants measure`), runs a sample of mutants that are in no older one (`run`;
`--sample`, `--seed` draw another, `--rooms` one of some rooms alone) and writes this page
(`report`); `run --resume` goes on with a sample that was stopped. Before another sample move the
rows of `benchmarks/results/mutants.csv` into `mutants_before.csv`: a mutant whose survivor was
looked at tells nothing new. After tests were added, `measure --tests FILE` and `survivors` run
again what survived and is not argued; arguments stand in `benchmarks/results/mutants_argued.csv`,
and a test asks one for every survivor. Rows name line and column as of the code that was sampled.
"""


def shares(rows: pd.DataFrame, argued: pd.DataFrame, enumerated: pd.Series) -> pd.DataFrame:
    """Share of each room killed in the first run, with its 95 % Wilson interval.

    A mutant that ran out of time counts as killed: its tests no longer end.
    """
    known = pd.Series(keys(rows), index=rows.index).isin(keys(argued))
    killed = rows["first_outcome"] != SURVIVED
    parts = []
    for room, count in enumerated.items():
        here = rows["room"] == room
        n, k = int(here.sum()), int((here & killed).sum())
        on_file = int((here & (rows["first_outcome"] == ON_FILE)).sum())
        low, high = proportion_confint(k, n, method="wilson")
        parts.append(
            {"room": room, "mutants": count, "sampled": n, "killed": k, "on_file": on_file}
            | {"survived": n - k, "argued": int((here & ~killed & known).sum())}
            | {"share": k / n, "low": low, "high": high, "share_without": (k - on_file) / n}
        )
    return pd.DataFrame(parts)


def keys(rows: pd.DataFrame) -> list[tuple]:
    """What names a mutant."""
    return list(rows[KEY].itertuples(index=False, name=None))


def page(
    rows: pd.DataFrame, argued: pd.DataFrame, enumerated: pd.Series, draws: pd.DataFrame
) -> str:
    """The whole page."""
    found = shares(rows, argued, enumerated)
    before = pd.read_csv(RESULTS / "mutants_before.csv", keep_default_na=False)
    return _TEXT.format(
        shares=_table(found),
        verdict=_verdict(found),
        sampled=f"{len(rows):,}",
        enumerated=f"{enumerated.sum():,}",
        drawn=",\n".join(
            f"{one.drawn} of {one.Index} (seed {one.seed}, code of commit {one.commit})"
            for one in draws.itertuples()
        ),
        until="" if len(rows) == draws["drawn"].sum() else " until time was up",
        budget=draws["budget"].max(),
        timed=int((rows["first_outcome"] == TIMED_OUT).sum()),
        hours=rows["seconds"].sum() / 3_600,
        typical=rows["seconds"].median(),
        without=", ".join(f"{one.share_without:.1%} ({one.room})" for one in found.itertuples()),
        since=_since(rows),
        survivors=_survivors(rows, argued),
        before=f"{len(before):,}",
        history=_history(before),
    )


def _table(found: pd.DataFrame) -> str:
    lines = ["| room | mutants | sampled | killed | by number alone | share [95 %] | survived |"]
    lines += ["|---|---:|---:|---:|---:|---|---:|"]
    lines += [
        f"| {one.room} | {one.mutants:,} | {one.sampled} | {one.killed} | {one.on_file} | "
        f"{one.share:.1%} [{one.low:.1%}, {one.high:.1%}] | {one.survived} |"
        for one in found.itertuples()
    ]
    return "\n".join(lines)


def _verdict(found: pd.DataFrame) -> str:
    """What the sample says of the share that was asked for."""
    sure = found.loc[found["low"] >= _ASKED, "room"]
    above = found.loc[(found["share"] >= _ASKED) & (found["low"] < _ASKED), "room"]
    below = found.loc[found["share"] < _ASKED, "room"]
    parts = [
        (sure, "shown for"),
        (above, "reached by the sample, but not shown, since the interval goes below it, for"),
        (below, "not reached for"),
    ]
    said = "; ".join(f"{words} {' and '.join(rooms)}" for rooms, words in parts if len(rooms))
    return f"That is {said}."


def _since(rows: pd.DataFrame) -> str:
    """What of each room the tests kill that were written after the sample was run."""
    now = rows["outcome"].ne(SURVIVED).groupby(rows["room"], sort=False)
    return ", ".join(
        f"{count} of {size} ({count / size:.1%}, {room})"
        for room, count, size in now.agg(["sum", "size"]).itertuples()
    )


def _history(before: pd.DataFrame) -> str:
    lines = ["| sample | room | killed at first | killed in the end |", "|---|---|---:|---:|"]
    for (sample, room), part in before.groupby(["sample", "room"], sort=False):
        first, last = (part[c].ne(SURVIVED).sum() for c in ("first_outcome", "outcome"))
        lines.append(f"| {sample} | {room} | {first} of {len(part)} | {last} of {len(part)} |")
    return "\n".join(lines)


def _survivors(rows: pd.DataFrame, argued: pd.DataFrame) -> str:
    alive = rows[rows["first_outcome"] == SURVIVED].merge(argued[[*KEY, "reason"]], "left", on=KEY)
    lines = ["| where | fault | why it may live |", "|---|---|---|"]
    for one in alive.fillna({"reason": "not argued"}).to_dict("records"):
        name = one["module"].removeprefix("analysis.")
        since = "" if one["outcome"] == SURVIVED else " A test written since kills it."
        lines.append(
            f"| {name}:{one['line']} | `{_cell(one['before'])}` → `{_cell(one['after'])}` | "
            f"{one['reason']}{since} |"
        )
    return "\n".join(lines)


def _cell(code: str) -> str:
    return code.replace("|", "\\|")


def read() -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.DataFrame]:
    """Outcomes, arguments, mutants of each room, and how, and from what code, some were drawn."""
    rows = pd.read_csv(RESULTS / "mutants.csv", keep_default_na=False)
    argued = pd.read_csv(RESULTS / "mutants_argued.csv", keep_default_na=False)
    rooms = pd.read_csv(RESULTS / "mutants_rooms.csv", index_col="room", dtype={"commit": "str"})
    return rows, argued, rooms["mutants"], rooms[["drawn", "seed", "budget", "commit"]]


if __name__ == "__main__":
    PAGE.write_text(page(*read()), "utf-8")
