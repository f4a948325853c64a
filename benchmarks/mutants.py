"""Mutation test of the rooms whose numbers are published: writes results/mutants.csv.

Small faults are put into the code one at a time, and the tests are asked whether they notice.
Of all faults that cosmic-ray makes (`mutant_sites.py` says which are left out) a seeded sample
is drawn of those that no older sample had (results/mutants_before.csv), spread evenly over modules
and lines. Each runs against the tests that pass its line, quickest first, up to `--budget` seconds
of them, and then against numbers on file (tests/frozen); what these do not notice survived.
docs/mutants.md says what came out and why each survivor may live.

`measure` finds the tests of every line (some minutes, once, and after tests were added), `run`
runs the sample, `survivors` runs again what survived, `report` prints the shares.
"""

import argparse
import fcntl
import json
import os
import random
import subprocess
from collections.abc import Sequence
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.mutant_page import KEY, PAGE, keys, page, read
from benchmarks.mutant_sites import Site, sites
from benchmarks.mutant_tests import SURVIVED, Measure, Trials, is_on_file

from analysis.paths import project_root

SEED = 20261230
ROOMS = {
    "effects": ["effects/*.py"],
    "tiers": ["tiers/*.py"],
    "disclosure": [
        *("reports/disclosure*.py", "reports/linear_bounds.py", "reports/effect_hiding.py"),
        *("effects/suppression.py", "runs/together.py"),
    ],
}
TESTS = [
    *("effects", "tiers", "reports/test_reports_disclosure*.py"),
    *("reports/test_reports_effect_hiding.py", "reports/test_words_and_tables.py"),
    *("reports/test_outcome_wioa.py", "runs/test_runs_together.py"),
]
RESULTS = Path(__file__).parent / "results" / "mutants.csv"
ARGUMENTS = Path(__file__).parent / "results" / "mutants_argued.csv"
# mutants of older samples, whose survivors were in sight when tests were written
BEFORE = Path(__file__).parent / "results" / "mutants_before.csv"
_BEGUN = "MUTANTS_RUN_BY"
# what names a mutant whatever line it has come to stand on
_TEXT = ["module", "operator", "before", "after"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["measure", "run", "survivors", "report", "all"])
    parser.add_argument("--sample", type=int, default=64, help="mutants of each room")
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--budget", type=float, default=12.0, help="seconds of tests of a mutant")
    parser.add_argument(
        "--map", type=Path, default=project_root() / "data" / "processed" / "mutants.json"
    )
    parser.add_argument("--tests", nargs="+", help="measure, or run, these files of tests alone")
    parser.add_argument("--resume", action="store_true", help="leave out mutants already there")
    given = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    # a process that a test starts may import what began this one, and must not begin it again
    if os.environ.setdefault(_BEGUN, str(os.getpid())) != str(os.getpid()):
        raise SystemExit("A run of mutants does not start another.")
    if given.step in ("measure", "all"):
        measure(given.map, given.rooms, given.tests)
    if given.step in ("run", "all"):
        rooms = [sample(unseen(room), given.sample, given.seed) for room in given.rooms]
        # in turns, so that a run that is stopped leaves a sample of every room
        drawn = [site for turn in zip_longest(*rooms) for site in turn if site is not None]
        if not given.resume:
            forget(given.rooms)
            note(given.rooms, given.sample, given.seed, given.budget)
        known = set(keys(pd.read_csv(RESULTS))) if RESULTS.exists() else set()
        run([site for site in drawn if _key(site) not in known], given.map, given.budget)
    if given.step == "survivors":
        run(again(), given.map, given.budget, given.tests)
    if given.step in ("report", "all"):
        PAGE.write_text(page(*read()), "utf-8")


def every(room: str) -> list[Site]:
    """All mutants of a room; what disclosure control looks after counts there alone."""
    source = project_root() / "src" / "analysis"
    paths = {
        room: sorted(p for g in globs for p in source.glob(g)) for room, globs in ROOMS.items()
    }
    chosen = [p for p in paths[room] if room == "disclosure" or p not in paths["disclosure"]]
    named = [
        (path, ".".join(path.relative_to(source.parent).with_suffix("").parts)) for path in chosen
    ]
    return [site for path, name in named for site in sites(room, path, name)]


def unseen(room: str) -> list[Site]:
    """All mutants of a room but for those of older samples, by their text, not their line."""
    before = pd.read_csv(BEFORE, keep_default_na=False)
    old = set(before[_TEXT].itertuples(index=False, name=None))
    lines = {one[:3] for one in old}

    def is_old(site: Site) -> bool:
        text = _line(site.path, site.line)
        # to make a mutant takes a while, to look at its line does not
        return (site.module, site.operator, text) in lines and (
            (site.module, site.operator, *site.change) in old
        )

    return [site for site in every(room) if not is_old(site)]


@cache
def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def _line(path: Path, line: int) -> str:
    return _lines(path)[line - 1].strip()


def sample(found: list[Site], size: int, seed: int) -> list[Site]:
    """One mutant from each of so many equal stretches, in an order of chance."""
    chance = random.Random(f"{seed} {found[0].room}")
    size = min(size, len(found))
    edges = np.linspace(0, len(found), size + 1)
    drawn = [found[int(chance.uniform(a, b))] for a, b in pairwise(edges)]
    unique = list(dict.fromkeys(drawn))
    chance.shuffle(unique)
    return unique


def measure(to: Path, rooms: list[str], tests: list[str] | None) -> None:
    """Write the tests of every line; given files of tests replace theirs and leave the others."""
    found = sorted({site.path for room in rooms for site in every(room)})
    plugin = Measure(found)
    pytest.main(["-q", "-p", "no:cacheprovider", *(tests or _tests())], [plugin])
    seconds, lines = plugin.seconds, plugin.lines
    if tests and to.exists():
        before = json.loads(to.read_text("utf-8"))
        seconds = before["seconds"] | seconds
        for path, of_module in before["lines"].items():
            for line, names in of_module.items():
                known = lines[path].setdefault(line, [])
                known += [name for name in names if name not in plugin.fixtures]
    to.write_text(json.dumps({"seconds": seconds, "lines": lines}), "utf-8")


def _tests() -> list[str]:
    folder, source = project_root() / "tests", project_root() / "src" / "analysis"
    # runs in a process of its own, where no mutant is (as do those that execute notebooks)
    apart = folder / "effects" / "test_effects_five_million.py"
    found = [str(path) for name in TESTS for path in sorted(folder.glob(name))]
    # the examples in the docstrings
    rooms = [str(source / room) for room in ("effects", "tiers", "reports", "runs")]
    return [*found, *rooms, f"--ignore={apart}"]


def run(
    mutants: list[Site], map_file: Path, budget: float, files: Sequence[str] | None = None
) -> None:
    """Run mutants against the tests of their lines, if need be of some files alone."""
    known = json.loads(map_file.read_text("utf-8"))
    seconds, lines = known["seconds"], known["lines"]

    def choose(site: Site) -> list[tuple[str, float]]:
        of_module = lines[site.path.as_posix()]
        names = of_module.get(str(site.line)) or sorted(
            # what reads defaults and constants passes no line of the module that has them
            {t for ts in of_module.values() for t in ts} | {t for t in seconds if _reads_all(t)}
        )
        if files:
            names = [name for name in names if name.startswith(tuple(files))]
        timed = sorted((seconds[name], name) for name in names if name in seconds)
        own = [(name, took) for took, name in timed if not is_on_file(name)]
        within = np.cumsum([took for _, took in own]) <= budget
        first = [pair for pair, fits in zip(own, within, strict=True) if fits]
        # numbers on file come last: what they alone notice is told apart
        return first + [(name, took) for took, name in timed if is_on_file(name)]

    def done(site: Site, outcome: str, took: float) -> None:
        keep(site, outcome, took)
        print(f"{outcome:9} {took:6.1f} s {site.module}:{site.line} {site.operator}", flush=True)

    pytest.main(["-q", "-p", "no:cacheprovider", *_tests()], [Trials(mutants, choose, done)])


def _reads_all(test: str) -> bool:
    return test.endswith("_frozen.py::test_defaults_and_constants_are_those_on_file")


def forget(rooms: list[str]) -> None:
    """Take the outcomes of rooms that are sampled anew out of the file."""
    if RESULTS.exists():
        rows = pd.read_csv(RESULTS, keep_default_na=False)
        rows[~rows["room"].isin(rooms)].to_csv(RESULTS, index=False)


def keep(site: Site, outcome: str, took: float) -> None:
    """Write the outcome into the file, in place of an older one of the same mutant."""
    before, after = site.change
    row = {
        "room": site.room,
        **{name: getattr(site, name) for name in KEY},
        "first_outcome": outcome,
        "outcome": outcome,
        "seconds": round(took, 1),
        "before": before,
        "after": after,
    }
    # two processes may run two rooms
    lock = os.open(RESULTS.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _write(site, row)
    finally:
        os.close(lock)


def _write(site: Site, row: dict[str, object]) -> None:
    old = pd.read_csv(RESULTS, keep_default_na=False) if RESULTS.exists() else pd.DataFrame()
    if _key(site) in (known := dict(zip(keys(old), old.index, strict=True)) if len(old) else {}):
        # what came out first stays, with its time: later tests change no share
        row |= old.loc[known[_key(site)], ["first_outcome", "seconds"]].to_dict()
    rows = pd.concat([old, pd.DataFrame([row])]).drop_duplicates(KEY, keep="last")
    rows.sort_values(["room", *KEY]).to_csv(RESULTS, index=False)


def again() -> list[Site]:
    """The mutants that survived so far, but for those that were argued."""
    rows = pd.read_csv(RESULTS)
    left = set(keys(rows[rows["outcome"] == SURVIVED])) - set(keys(pd.read_csv(ARGUMENTS)))
    return [site for room in ROOMS for site in every(room) if _key(site) in left]


def _key(site: Site) -> tuple:
    return tuple(getattr(site, name) for name in KEY)


def note(rooms: list[str], size: int, seed: int, budget: float) -> None:
    """Write how many mutants rooms have, how they are drawn, and from the code of which commit."""
    file = RESULTS.with_name("mutants_rooms.csv")
    now = ["git", "rev-parse", "--short=7", "HEAD"]
    commit = subprocess.run(now, capture_output=True, text=True, check=True).stdout.strip()
    drawn = {"drawn": size, "seed": seed, "budget": budget, "commit": commit}
    found = pd.DataFrame([{"room": r, "mutants": len(every(r))} | drawn for r in rooms])
    known = [pd.read_csv(file, dtype={"commit": "str"})] if file.exists() else []
    rows = pd.concat([*known, found]).drop_duplicates("room", keep="last")
    rows.set_index("room").reindex(list(ROOMS)).dropna().to_csv(file)


if __name__ == "__main__":
    main()
