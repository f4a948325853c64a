"""Defaults and constants of disclosure control are those on file (tests/frozen)."""

from collections.abc import Callable
from types import ModuleType


def test_defaults_and_constants_are_those_on_file(script: Callable[[str], ModuleType]) -> None:
    script("tests/frozen/on_file.py").compare_declared("disclosure")
