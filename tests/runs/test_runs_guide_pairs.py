"""The guide of eight workers whose answers are known in outline, and of one without a program."""

import re
import shutil
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.paths import cache_folder, project_root, raw_folder
from analysis.sources import at_hand
from analysis.tables.workers import read_workers

# origin, target, state, least programs that train for it; the first four are those of notebook 02
PAIRS = [
    ("Cashiers", "Medical Assistants", "TX", 20),
    ("Retail Salespersons", "Computer User Support Specialists", "TX", 5),
    ("Waiters and Waitresses", "Dental Assistants", "TX", 5),
    ("53-7062", "49-9041", "TX", 5),
    ("Nursing Assistants", "Licensed Practical and Licensed Vocational Nurses", "TX", 5),
    ("37-2011", "49-9021", "TX", 5),
    ("Cooks, Fast Food", "Welders, Cutters, Solderers, and Brazers", "TX", 5),
    ("Office Clerks, General", "Bookkeeping, Accounting, and Auditing Clerks", "NJ", 1),
]
NOWHERE = ("Cashiers", "Medical Assistants", "TX", 0)


def write_list(path: Path) -> None:
    rows = [(*pair[:3], "") for pair in PAIRS] + [(*NOWHERE[:3], "Nowhere")]
    lines = [f'"{origin}","{target}",{state},{city}' for origin, target, state, city in rows]
    path.write_text("\n".join(["origin,target,state,city", *lines]), encoding="utf-8")


def number(said: str) -> int:
    """A count as the page says it: one is a word."""
    return 1 if said == "One" else int(said.replace(",", ""))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The handouts of the eight and of the one, by row."""
    tiers = project_root() / "data/processed/05_tier_calibration/tiers.parquet"
    if not tiers.is_file():
        pytest.fail("no tiers: run 'workbench run' first")
    folder = tmp_path_factory.mktemp("pairs")
    target = folder / "data/processed/05_tier_calibration"
    target.mkdir(parents=True)
    shutil.copy(tiers, target)
    write_list(folder / "workers.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CACHE", str(cache_folder()))
        patch.setenv("WORKBENCH_RAW", str(raw_folder()))
        patch.setenv("WORKBENCH_OUTPUT", str(folder))
        assert main(["guide", "--workers", str(folder / "workers.csv")]) == 0
        rows = read_workers(folder / "workers.csv").index
    return [(folder / f"reports/handouts/row_{row:05d}.html").read_text("utf-8") for row in rows]


@pytest.mark.parametrize("place", range(len(PAIRS)))
def test_each_pair_has_its_headline_its_new_tasks_its_pay_and_its_programs(
    pages: list[str], place: int
) -> None:
    if not at_hand("texas_programs"):
        pytest.skip(
            "no list of Texas' programs at hand; the guide on carriers has tests of its own"
        )
    page, (*_, least) = pages[place], PAIRS[place]
    title = re.search(r"<h1[^>]*>From (.+) to (.+)</h1>", page)
    assert title
    counted = re.search(r"The new job has (\d+) tasks\. (\d+|One) of them", page)
    assert counted
    assert 0 < number(counted[2]) <= int(counted[1])
    assert re.search(r"half of all people earn less than \$[\d,]+ a year", page)
    programs = re.search(r"([\d,]+|One) programs? fits?\b", page)
    assert programs, title[0]
    assert number(programs[1]) >= least
    # graded or openly not, and never of the last grade
    grades = re.findall(r"Grade ([A-D])|(No grade)", page)
    assert grades
    assert "D" not in {grade for grade, _ in grades}


def test_a_place_without_a_program_is_told_plainly(pages: list[str]) -> None:
    page = pages[-1]
    assert "We found no program in Nowhere, TX that we can name." in page
    assert "From Cashiers to Medical Assistants" in page
    assert "programs fit" not in page
