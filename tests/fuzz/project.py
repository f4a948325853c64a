"""A small project with two kept runs for commands to work on, and what is wrong with an answer."""

import contextlib
import copy
import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from good_files import NOTEBOOK

from analysis.cli import main
from analysis.framework import load_framework
from analysis.runs.record import new_record
from analysis.runs.store import keep, new_building

STUDY = "07_own"
FIGURES = [
    {"name": "all.share", "estimate": 0.5, "standard_error": 0.1, "interval": [0.3, 0.7],
     "n": 40, "n_of": "people", "unit": "share", "sources": ["onet_tasks:original"], "note": ""},
    {"name": "all.count", "estimate": 12.0, "standard_error": None, "interval": None, "n": 12,
     "n_of": "programs", "unit": "programs", "sources": [], "note": "a count"},
]  # fmt: skip
USED = {
    "onet_tasks": {"title": "Tasks", "publisher": "O*NET", "release": "29.2", "licence": "CC BY",
                   "attribution": "", "form": "original", "origin": "mirror", "sha256": "ab" * 32}
}  # fmt: skip
RECORD = {
    "notebook": STUDY, "title": "t", "parameters": {"size": 3}, "framework": "f", "seed": 1,
    "used": USED, "lacking": {"oews_wages": "wages"}, "substitutes": [], "tables": ["tiers"],
    "minimum_cell": 10, "round_to": 1, "rests_on": {}, "checked_together": [],
    "checked_as_published": {}, "answer": ["Done."],
}  # fmt: skip
TIERS = [
    {"program_key": f"k{place}", "provider": "A", "program": "Welding", "state": "TX",
     "tier": "A" if place else "B", "estimate": 5000.0 + place, "standard_error": 900.0,
     "lowered_by": "", "group_guard": "", "reason": "", "chance_not_above": 0.02}
    for place in range(4)
]  # fmt: skip


def _run(runs: Path, change: float) -> Path:
    folder, lock = new_building(STUDY, runs)
    figures = [{**figure, "estimate": figure["estimate"] + change} for figure in FIGURES]  # type: ignore[operator]
    (folder / "figures.json").write_text(json.dumps(figures))
    (folder / "study.json").write_text(json.dumps(RECORD))
    values = load_framework().model_dump(mode="json")
    (folder / "framework.json").write_text(json.dumps(values))
    frame = pd.DataFrame(TIERS)
    frame.loc[0, "tier"] = "C" if change else "B"
    frame.to_parquet(folder / "tiers.parquet")
    (folder / "report.html").write_text("<p>words</p>")
    base = ("b" if change else "a") * 64
    parts = {"parameters": {"size": 3}, "modules": {"analysis.tiers.rating": base},
             "packages": {"pandas": "3"}}  # fmt: skip
    traced = {"framework": {"tiers.alpha": 0.05, "disclosure.*": {}}}
    record = new_record(STUDY, parts, traced, parameters={"size": 3}, commit="abc", seconds=1.5)
    run = keep(folder, {**record, "base": base, "ended": "2026-01-01T00:00:00+00:00"})
    lock.release()
    return run.folder


def small_project(home: Path) -> Path:
    """A project with a notebook, two of its runs, a name, a proposal and accepted figures."""
    (home / "notebooks").mkdir(parents=True)
    notebook = copy.deepcopy(NOTEBOOK)
    notebook["metadata"]["workbench"] = {"needs": [], "tables": []}  # type: ignore[index]
    (home / "notebooks" / f"{STUDY}.ipynb").write_text(json.dumps(notebook))
    runs = home / "data" / "runs"
    before, after = (_run(runs, change) for change in (0.0, 0.5))
    (runs / ".names").mkdir()
    (runs / ".names" / "base.json").write_text(json.dumps({STUDY: before.name}))
    shutil.copytree(after, home / "data" / "processed" / STUDY)
    accepted = [{"data": ["onet_tasks:original"], "figures": FIGURES}]
    (home / "tests" / "expected").mkdir(parents=True)
    (home / "tests" / "expected" / f"{STUDY}.json").write_text(json.dumps(accepted))
    (home / "data" / "raw").mkdir()
    note = {"onet_tasks": {"address": "", "at": 0.0}}
    (home / "data" / "raw" / ".asked-in-vain.json").write_text(json.dumps(note))
    (home / "README.md").write_text("<!-- effects -->\n\n<!-- end effects -->\n")
    return home


def said(words: Sequence[str]) -> str:
    """What is wrong with what a command answers; empty where it is done or one clear error."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(list(words))
        except SystemExit as end:
            code = int(end.code or 0)
    told = err.getvalue()
    if "Traceback" in out.getvalue() + told:
        return f"a traceback: {told[-300:]}"
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code == 2 and not told.startswith(("workbench: ", "usage: ")):
        return f"no error is told: {told[:300]!r}"
    if any(mark in told for mark in ("\x1b", "\u202e")) and not told.startswith("usage: "):
        return f"the terminal is steered: {told[:300]!r}"
    return f"{len(told)} characters of error" if len(told) > 9000 else ""
