"""Two plug-ins of pytest for `mutants.py`: which tests pass a line, and what they say of a mutant.

`Measure` runs every test once under coverage.py. What a fixture of a wider scope does is written
down under the fixture and counted for every test that uses it, and caches are emptied before
each test, so that a test counts as passing a line whether or not another one came first.

`Trials` collects the tests once and then forks: each mutant lives and dies in a child that has
all libraries and all modules imported already.
"""

import gc
import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest
from benchmarks.mutant_page import KILLED, ON_FILE, SURVIVED, TIMED_OUT
from coverage import Coverage

_MEMORY = 6 * 2**30
# seconds of the processor that a test may take while its lines are written down
_SLOWEST = 40.0
# seconds after which the tests of a mutant are taken not to notice it
_PATIENCE = 60.0
# how a child ends where only numbers on file noticed
_BY_NUMBER = 3


class Measure:
    """For each test the seconds that it took, and for each line of the sources its tests."""

    def __init__(self, sources: list[Path]) -> None:
        self.sources = sources
        self.coverage = Coverage(data_file=None, include=[str(path) for path in sources])
        self.seconds: dict[str, float] = {}
        self.lines: dict[str, dict[str, list[str]]] = {}
        self.fixtures: dict[str, list[str]] = {}
        self.failed: set[str] = set()
        self.now = ""

    def pytest_collection_finish(self) -> None:
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        _empty_caches()
        self.now = item.nodeid
        self.fixtures[item.nodeid] = []
        self.coverage.switch_context(item.nodeid)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef, request) -> Iterator[None]:
        if fixturedef.scope == "function":
            return (yield)
        self.coverage.switch_context(_name(fixturedef))
        try:
            return (yield)
        finally:
            self.coverage.switch_context(self.now)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        definitions = item._fixtureinfo.name2fixturedefs.values()
        used = [_name(d) for defs in definitions for d in defs if d.scope != "function"]
        self.fixtures[item.nodeid] = used
        started = time.process_time()
        signal.signal(signal.SIGPROF, _too_slow)
        signal.setitimer(signal.ITIMER_PROF, _SLOWEST)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.seconds[item.nodeid] = time.process_time() - started

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        users = defaultdict(list)
        for test, used in self.fixtures.items():
            for name in used:
                users[name].append(test)
        for path in self.sources:
            passed = data.contexts_by_lineno(str(path))
            self.lines[path.as_posix()] = {
                str(line): sorted({test for c in contexts if c for test in users.get(c, [c])})
                for line, contexts in passed.items()
            }
        self.seconds = {t: s for t, s in self.seconds.items() if t not in self.failed}


def _name(definition: pytest.FixtureDef) -> str:
    return f"fixture {definition.baseid} {definition.argname}"


def _too_slow(*_: object) -> None:
    raise TimeoutError("left out of the trials: too slow to be run for many mutants")


def _empty_caches() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("analysis"):
            for thing in list(vars(module).values()):
                if callable(getattr(thing, "cache_clear", None)):
                    thing.cache_clear()


class Trials:
    """Runs the chosen tests of every mutant in a child of its own and hands over the outcome."""

    def __init__(self, mutants: list, choose: Callable, done: Callable) -> None:
        self.mutants, self.choose, self.done = mutants, choose, done

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        live = [thing for thing in gc.get_objects() if isinstance(thing, FunctionType)]
        gc.collect()
        gc.freeze()
        for mutant in self.mutants:
            tests = [(test, seconds) for test, seconds in self.choose(mutant) if test in items]
            started = time.perf_counter()
            outcome = _outcome(mutant, tests, items, live) if tests else SURVIVED
            self.done(mutant, outcome, time.perf_counter() - started)
        return True


def _outcome(mutant, tests: list[tuple[str, float]], items: dict, live: list) -> str:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            if _put_in_place(mutant.path, mutant.mutated, live):
                passes = _passes(tests, items)
            else:
                passes = _passes_anew(mutant, tests)
            code = passes
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if by == signal.SIGPROF:
        return TIMED_OUT
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == _BY_NUMBER:
        return ON_FILE
    return SURVIVED if status == 0 or by == signal.SIGVTALRM else KILLED


def is_on_file(test: str) -> bool:
    """Whether a test compares with numbers on file, and knows nothing else of what is right."""
    return "_frozen.py::" in test


def _passes(tests: list[tuple[str, float]], items: dict[str, pytest.Item]) -> int:
    """0 where all tests pass, with the items as they were collected; else what failed."""
    _empty_caches()
    watch = _Watch(dict(tests))
    manager = items[tests[0][0]].config.pluginmanager
    manager.register(watch)
    chosen = [items[test] for test, _ in tests]
    for item, following in zip(chosen, [*chosen[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if watch.failed:
            break
    return watch.code


class _Watch:
    """Ends the process when a test takes five times what it took, and ten seconds more.

    What its fixtures take is not counted, but all tests of a mutant together have `_PATIENCE`.
    """

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self.failed, self.code = seconds, False, 0
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, 10 + 5 * self.seconds[item.nodeid])
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed, self.code = True, _BY_NUMBER if is_on_file(report.nodeid) else 1


def _put_in_place(path: Path, mutated: str, live: list[FunctionType]) -> bool:
    """Give the one function that the mutant changes its new code, whoever has imported it.

    False if code outside every function changed (a constant, a default of an argument): then
    the module must be imported anew.
    """
    old = compile(path.read_text("utf-8"), str(path), "exec")
    changed = list(_changed(old, compile(mutated, str(path), "exec")))
    for before, after in changed:
        if after is None:
            return False
        found = [thing for thing in live if thing.__code__ == before]
        for function in found:
            function.__code__ = after
        if not found:
            return False
    return bool(changed)


def _changed(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType | None]]:
    """Outermost functions whose code differs, as pairs; None where a body itself differs."""
    inner_old, inner_new = _inner(old), _inner(new)
    if _own(old) != _own(new) or len(inner_old) != len(inner_new):
        yield old, None
        return
    for before, after in zip(inner_old, inner_new, strict=True):
        if before.co_flags & 0x01:  # a function; the body of a class has no fast locals
            if _whole(before) != _whole(after):
                yield before, after
        else:
            yield from _changed(before, after)


def _inner(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _own(code: CodeType) -> tuple:
    constants = [repr(c) for c in code.co_consts if not isinstance(c, CodeType)]
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars


def _whole(code: CodeType) -> tuple:
    return _own(code), [_whole(inner) for inner in _inner(code)]


def _passes_anew(mutant, tests: list[tuple[str, float]]) -> int:
    """The same in a session that imports all modules again, the mutant among them."""
    for name in list(sys.modules):
        if name.split(".")[0] in ("analysis", "tests", "conftest"):
            del sys.modules[name]
    sys.meta_path.insert(0, _Finder(mutant))
    names = [test for test, _ in tests]
    watch = _Watch(dict(tests))
    ended = pytest.main([*names, "-x", "-q", "-p", "no:cacheprovider"], [watch])
    return watch.code or int(ended != 0)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Gives the mutated text where the module of the mutant is imported."""

    def __init__(self, mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path=None, target: ModuleType | None = None):
        if name != self.mutant.module:
            return None
        return importlib.util.spec_from_file_location(name, self.mutant.path, loader=self)

    def get_filename(self, name: str) -> str:
        return str(self.mutant.path)

    def get_data(self, path: str) -> bytes:
        return self.mutant.mutated.encode("utf-8")

    def path_stats(self, path: str) -> dict:
        raise OSError("no compiled file may stand in for the mutant")
