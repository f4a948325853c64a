"""The numbers computed again by hand share no code with the workbench, and are ten and more."""

import ast
from pathlib import Path

import nbformat

NOTEBOOK = Path(__file__).with_name("independent.ipynb")


def code() -> ast.Module:
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    return ast.parse("\n".join(cell.source for cell in cells if cell.cell_type == "code"))


def test_nothing_of_the_package_is_imported() -> None:
    imported = set()
    for node in ast.walk(code()):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported == {"gzip", "json", "numpy", "pandas", "pathlib", "rdata", "sqlite3"}


def test_every_notebook_with_figures_of_published_data_is_checked() -> None:
    texts = {node.value for node in ast.walk(code()) if isinstance(node, ast.Constant)}
    for name in ("01_skill_similarity", "02_skill_delta", "03_effectiveness_metrics"):
        assert name in texts
    assert "04_earnings_effects" in texts
