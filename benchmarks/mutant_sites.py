"""All mutants of a module that cosmic-ray makes, but for those that no test should look at.

One counterpart is taken of each operator (`+` becomes `-`, `<` becomes `<=` and `>=`), as most
others (`+` to `>>`) fail on the first call and would only make the killed share look better.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cosmic_ray.ast import Visitor, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

OPERATORS = [
    *(
        f"ReplaceBinaryOperator_{change}"
        for change in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "Pow_Mul", "Mod_Mul")
    ),
    *("ReplaceBinaryOperator_FloorDiv_Div", "ReplaceBinaryOperator_BitAnd_BitOr"),
    *("ReplaceBinaryOperator_BitOr_BitAnd", "ReplaceBinaryOperator_BitXor_BitOr"),
    *(
        f"ReplaceComparisonOperator_{change}"
        for change in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "Lt_LtE", "Lt_GtE")
    ),
    *(
        f"ReplaceComparisonOperator_{change}"
        for change in ("LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt")
    ),
    *("ReplaceUnaryOperator_USub_UAdd", "ReplaceUnaryOperator_Delete_Invert"),
    *("ReplaceUnaryOperator_Delete_Not", "AddNot", "ReplaceTrueWithFalse"),
    *("ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer"),
    *("NumberReplacer", "ZeroIterationForLoop"),
]

Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Site:
    """One place where one operator changes one module (`module` is its dotted name)."""

    room: str
    path: Path
    module: str
    operator: str
    occurrence: int
    line: int
    column: int

    @property
    def mutated(self) -> str:
        """Text of the module with the mutant in it."""
        return _mutated(self.path, self.operator, self.occurrence)

    @property
    def change(self) -> tuple[str, str]:
        """The first line that differs, before and after."""
        old = self.path.read_text("utf-8").splitlines()
        pairs = zip(old, self.mutated.splitlines(), strict=False)
        before, after = next(pair for pair in pairs if pair[0] != pair[1])
        return before.strip(), after.strip()


@lru_cache(maxsize=1)
def _mutated(path: Path, operator: str, occurrence: int) -> str:
    text = mutate_code(path.read_text("utf-8"), get_operator(f"core/{operator}")(), occurrence)
    assert text is not None
    return text


def sites(room: str, path: Path, module: str) -> list[Site]:
    """All mutants of a module, in the order of its lines."""
    source = path.read_text("utf-8")
    parsed = ast.parse(source)
    left_out, between = list(_left_out(parsed)), list(_between(parsed))
    collector = _Collector()
    collector.walk(get_ast(source))
    found = [
        Site(room, path, module, name, occurrence, *start)
        for name, spans in collector.found.items()
        for occurrence, (start, end) in enumerate(spans)
        if not _inside(start, end, left_out)
        # the lone star of a list of arguments is no product
        and ("Binary" not in name or _inside(start, end, between))
    ]
    return sorted(found, key=lambda site: (site.line, site.column, site.operator, site.occurrence))


def _inside(start: tuple[int, int], end: tuple[int, int], spans: list[Span]) -> bool:
    return any(first <= start and end <= last for first, last in spans)


class _Collector(Visitor):
    """Where each operator finds something to change, in the order that it counts them."""

    def __init__(self) -> None:
        self.operators = {name: get_operator(f"core/{name}")() for name in OPERATORS}
        self.found: dict[str, list[Span]] = {name: [] for name in OPERATORS}

    def visit(self, node):
        for name, operator in self.operators.items():
            self.found[name] += operator.mutation_positions(node)
        return node


def _left_out(tree: ast.AST) -> Iterator[Span]:
    """Annotations, messages of errors and warnings, decorators, `__all__`, imports of types."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef():
                yield from map(_span, [*node.decorator_list, *filter(None, [node.returns])])
            case ast.ClassDef():
                yield from map(_span, node.decorator_list)
            case ast.arg(annotation=ast.AST() as annotation) | ast.AnnAssign(annotation=annotation):
                yield _span(annotation)
            case ast.Raise() | ast.Call(func=ast.Attribute(attr="warn")):
                yield _span(node)
            case ast.Assign(targets=[ast.Name(id=name)]) if name == "__all__":
                yield _span(node)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield _span(node)


def _between(tree: ast.AST) -> Iterator[Span]:
    """Where the operator of each sum, product and the like stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            yield _span(node.left)[1], _span(node.right)[0]
        elif isinstance(node, ast.AugAssign):
            yield _span(node.target)[1], _span(node.value)[0]


def _span(node: ast.AST) -> Span:
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
