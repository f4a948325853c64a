"""The package stays readable: a function fits on a screen, a module answers one question."""

import ast
from collections.abc import Iterator

from analysis.paths import project_root

PACKAGE = project_root() / "src" / "analysis"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FUNCTION, LONGEST_MODULE = 40, 300


def functions(code: str) -> Iterator[tuple[str, int]]:
    """Name of each function and its lines, the signature counted and the docstring not."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            first = node.body[0]
            said = first if ast.get_docstring(node) is not None else None
            about = 0 if said is None else (said.end_lineno or 0) - said.lineno + 1
            yield node.name, node.end_lineno - node.lineno + 1 - about


def test_lines_are_counted_with_the_signature_and_without_the_docstring() -> None:
    code = 'def f(\n    x: int,\n) -> int:\n    """One.\n\n    Two.\n    """\n    return x\n'
    inner = "class A:\n    def g(self):\n        def h():\n            pass\n        return h\n"
    assert list(functions(code + inner)) == [("f", 4), ("g", 4), ("h", 2)]


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(PACKAGE)}: {name} has {lines} lines"
        for path in MODULES
        for name, lines in functions(path.read_text("utf-8"))
        if lines > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def lines_of(code: str) -> int:
    """Lines of a module, what its docstrings take not counted."""
    said = 0
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(
            node
        ):
            said += (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
    return len(code.splitlines()) - said


def test_no_module_is_longer_than_300_lines() -> None:
    counted = {path: lines_of(path.read_text("utf-8")) for path in MODULES}
    long = {str(path.relative_to(PACKAGE)): n for path, n in counted.items() if n > LONGEST_MODULE}
    assert not long
