"""A warm run of the notebooks on skills computes no sentence vector and no costly result anew."""

import os
from pathlib import Path

import pytest

from analysis.paths import cache_folder, processed_folder
from analysis.runs.pipeline import run


def contents(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.parts[len(folder.parts)] in ("text_vectors", "skills")
    }


def linked_copy(source: Path, target: Path) -> None:
    """The same files under another folder, so that nobody else's run adds to them."""
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, copy)
            except OSError:  # another file system
                copy.write_bytes(path.read_bytes())


def test_a_warm_run_embeds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every vector that is computed is added to the store: the store stays as it was."""
    if not (processed_folder() / "02_skill_delta" / "figures.json").is_file():
        pytest.skip("no earlier run: workbench run")
    cache = tmp_path / "cache"
    linked_copy(cache_folder(), cache)
    before = contents(cache)
    assert any(name.startswith("text_vectors") for name in before)
    monkeypatch.setenv("WORKBENCH_CACHE", str(cache))
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    said: list[str] = []
    assert run(["02"], {}, said.append), "\n".join(said)
    assert (tmp_path / "data/processed/02_skill_delta/figures.json").is_file()
    assert contents(cache) == before
