"""The package as its files have it, for tests that read the code without running it."""

import ast
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from analysis.paths import project_root

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, str]:
    """Code of each module by its path within the package."""
    package = project_root() / "src" / "analysis"
    return {
        path.relative_to(package).as_posix(): path.read_text("utf-8")
        for path in sorted(package.rglob("*.py"))
    }


def functions(code: str) -> Iterator[Function]:
    """Every function of a module: methods, and those within others, too."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, Function):
            yield node


@cache
def public_functions() -> dict[str, Function]:
    """Functions that a module offers to others, by path and name."""
    return {
        f"{path}: {node.name}": node
        for path, code in modules().items()
        for node in ast.parse(code).body
        if isinstance(node, Function) and not node.name.startswith("_")
    }


def docstring_lines(node: Function | ast.ClassDef | ast.Module) -> int:
    """Lines that the docstring takes; 0 without one."""
    if ast.get_docstring(node) is None:
        return 0
    return (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
