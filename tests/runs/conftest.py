"""A small project of its own: real notebooks, run by the real runner, in a folder of the test."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

OPEN = "from analysis.reports.study import Study\nstudy = Study({name!r}, globals())"
CLOSE = "study.answer('Done.')\nstudy.finish()"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a notebook into the project: its steps, parameters and what it needs."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    for name in ("WORKBENCH_OUTPUT", "WORKBENCH_CACHE", "WORKBENCH_STAGING"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "notebooks").mkdir()

    def notebook(
        name: str, *steps: str, needs: tuple[str, ...] = (), parameters: str = "size: int = 1"
    ) -> Path:
        tagged = new_code_cell(parameters)
        tagged.metadata["tags"] = ["parameters"]
        code = [OPEN.format(name=name), *steps, CLOSE]
        cells = [new_markdown_cell(f"# {name}"), tagged, *map(new_code_cell, code)]
        declared = {"title": name, "workbench": {"needs": list(needs), "tables": []}}
        kernel = {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=cells, metadata={**declared, **kernel}), path)
        return path

    return notebook
