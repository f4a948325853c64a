"""Every public function says what it takes, gives and refuses, and shows it by an example."""

import ast
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "analysis"


@cache
def functions() -> list[tuple[str, ast.FunctionDef, str]]:
    """Name, definition and docstring of each public function of a module."""
    return [
        (f"{path.relative_to(SOURCE)}: {node.name}", node, ast.get_docstring(node) or "")
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def test_each_has_an_example_that_runs() -> None:
    """The examples themselves run with the tests: `testpaths` holds src."""
    lacking = [name for name, _, text in functions() if ">>>" not in text]
    assert lacking == []


def test_no_example_is_skipped() -> None:
    assert [name for name, _, text in functions() if "+SKIP" in text] == []


def test_what_is_refused_is_said() -> None:
    silent = [
        name
        for name, node, text in functions()
        if any(isinstance(part, ast.Raise) for part in ast.walk(node)) and "Raises\n" not in text
    ]
    assert silent == []
