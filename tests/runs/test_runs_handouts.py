"""Handouts for a list: one page a worker, faults named by row, names only on their own page."""

import re
import shutil
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.paths import project_root
from analysis.skills import move_tables

LIST = """worker,origin,target,state,city,language
Ana Quispe,Cashiers,Medical Assistants,TX,,es
Samir Odeh,Waiters and Waitresses,Dental Assistants,TX,Nowhere,en
Ines Broz,Cashyers,Bakers,TX,,en
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the pages, with the tiers of the default run."""
    tiers = project_root() / "data/processed/05_tier_calibration/tiers.parquet"
    if not tiers.is_file():
        pytest.fail("no tiers: run 'workbench run' first")
    target = tmp_path / "data/processed/05_tier_calibration"
    target.mkdir(parents=True)
    shutil.copy(tiers, target)
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    (tmp_path / "workers.csv").write_text(LIST, encoding="utf-8")
    return tmp_path


def test_one_page_a_worker_and_no_name_elsewhere(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["guide", "--workers", str(place / "workers.csv")]) == 1
    said = "".join(capsys.readouterr())
    assert "2 of 3 handouts" in said
    assert "workers.csv, row 4: no occupation is called 'Cashyers'" in said
    pages = sorted((place / "reports/handouts").iterdir())
    assert [page.name for page in pages] == ["row_00002.html", "row_00003.html"]
    spanish, english = (page.read_text("utf-8") for page in pages)
    assert "Para Ana Quispe" in spanish
    assert "De Cashiers a Medical Assistants" in spanish
    assert "We found no program in Nowhere, TX" in english
    for name in ("Ana", "Quispe", "Samir", "Odeh", "Ines", "Broz"):
        assert name not in said
        assert not any(name in page.name for page in pages)
    assert "Samir" not in spanish


def test_a_tagged_pdf_of_one_sheet_stands_beside_each_page(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        pytest.skip("no Chromium")
    assert main(["guide", "--pdf", "--workers", str(place / "workers.csv")]) == 1
    assert "2 PDF files beside them" in capsys.readouterr().out
    folder = place / "reports/handouts"
    for row in (2, 3):
        content = (folder / f"row_{row:05d}.pdf").read_bytes()
        assert content.startswith(b"%PDF")
        assert b"/StructTreeRoot" in content
        assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1


def test_without_a_browser_it_says_so_before_any_page_is_made(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(place))
    assert main(["guide", "--pdf", "--workers", str(place / "workers.csv")]) == 2
    assert "no Chromium is at hand to make PDF files with" in capsys.readouterr().err
    assert not (place / "reports/handouts").exists()


def test_without_tiers_it_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    (tmp_path / "workers.csv").write_text(LIST, encoding="utf-8")
    assert main(["guide", "--workers", str(tmp_path / "workers.csv")]) == 2
    assert "there are no tiers yet. Run 'workbench run 05' first" in capsys.readouterr().err


def test_a_handout_holds_the_tables_of_its_move(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a guide shows of a move and what a handout shows is made in one place."""
    asked, whole = [], move_tables.tables_of_move

    def renamed(move, *rest):
        asked.append(move.target_title)
        made = whole(move, *rest)
        return made._replace(strengths=made.strengths.assign(strength="what the tables say"))

    monkeypatch.setattr(move_tables, "tables_of_move", renamed)
    assert main(["guide", "--workers", str(place / "workers.csv")]) == 1
    assert asked == ["Medical Assistants", "Dental Assistants"]
    for page in (place / "reports/handouts").iterdir():
        assert "what the tables say" in page.read_text("utf-8")
