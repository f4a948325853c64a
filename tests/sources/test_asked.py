"""What could not be had is not asked for by each command, and is asked for again in time."""

import json
from pathlib import Path

import pytest

from analysis import asked, downloads, sources

from .test_sources import CONTENT, entry, place

__all__ = ["place"]


@pytest.fixture
def asks(place: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A publisher out of reach; each address that it was asked for."""
    calls: list[str] = []
    monkeypatch.setattr(
        sources, "catalogue", lambda: {"wages": entry(CONTENT, "https://example.org/wages")}
    )
    monkeypatch.setattr(downloads, "from_publisher", lambda url, *_: bool(calls.append(url)))
    return calls


def test_a_command_does_not_ask_again_within_the_hour_and_says_so(asks: list[str]) -> None:
    told: list[str] = []
    for _ in range(2):
        assert sources.fetch(["wages"], told.append, ask_again=False) == {"wages": None}
    assert len(asks) == 1
    assert "1 sources could not be had within the last hour" in told[-1]


def test_fetch_itself_always_asks(asks: list[str]) -> None:
    for _ in range(2):
        sources.fetch(["wages"], lambda line: None)
    assert len(asks) == 2


def test_it_is_asked_again_after_the_hour_or_at_another_address(
    asks: list[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.fetch(["wages"], lambda line: None)
    (note,) = (place / "raw").glob(".asked*")
    remembered = json.loads(note.read_text())
    remembered["wages"]["at"] -= asked.REMEMBERED + 1
    note.write_text(json.dumps(remembered))
    sources.fetch(["wages"], lambda line: None, ask_again=False)
    assert len(asks) == 2
    monkeypatch.setattr(
        sources, "catalogue", lambda: {"wages": entry(CONTENT, "https://example.org/new")}
    )
    sources.fetch(["wages"], lambda line: None, ask_again=False)
    assert asks[-1] == "https://example.org/new"


def test_a_file_placed_by_hand_is_seen_at_once(asks: list[str], place: Path) -> None:
    sources.fetch(["wages"], lambda line: None)
    (place / "mirror" / "folder" / "wages.csv").write_bytes(CONTENT)
    found = sources.fetch(["wages"], lambda line: None)["wages"]
    assert found is not None
    assert "wages" not in json.loads(next((place / "raw").glob(".asked*")).read_text())


def test_a_damaged_note_is_no_hindrance(asks: list[str], place: Path) -> None:
    (place / "raw").mkdir()
    (place / "raw" / ".asked-in-vain.json").write_text("{")
    assert sources.fetch(["wages"], lambda line: None, ask_again=False) == {"wages": None}
    assert len(asks) == 1
