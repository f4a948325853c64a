"""The package stays readable: a function fits on a screen, a module answers one question."""

import ast

from .package_code import Function, docstring_lines, functions, modules

LONGEST_FUNCTION, LONGEST_MODULE = 40, 300


def lines_of_function(node: Function) -> int:
    """Lines of a function, the signature counted and the docstring not."""
    return (node.end_lineno or 0) - node.lineno + 1 - docstring_lines(node)


def test_lines_are_counted_with_the_signature_and_without_the_docstring() -> None:
    code = 'def f(\n    x: int,\n) -> int:\n    """One.\n\n    Two.\n    """\n    return x\n'
    inner = "class A:\n    def g(self):\n        def h():\n            pass\n        return h\n"
    counted = [(node.name, lines_of_function(node)) for node in functions(code + inner)]
    assert counted == [("f", 4), ("g", 4), ("h", 2)]


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path}: {node.name} has {lines_of_function(node)} lines"
        for path, code in modules().items()
        for node in functions(code)
        if lines_of_function(node) > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def lines_of_module(code: str) -> int:
    """Lines of a module, what its docstrings take not counted."""
    said = sum(
        docstring_lines(node)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)
    )
    return len(code.splitlines()) - said


def test_no_module_is_longer_than_300_lines() -> None:
    counted = {path: lines_of_module(code) for path, code in modules().items()}
    assert not {path: lines for path, lines in counted.items() if lines > LONGEST_MODULE}
