"""What makes a result stale: every edit that its notebook can reach, and no other."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import framework
from analysis.errors import WorkbenchError
from analysis.framework import framework_path, load_framework
from analysis.framework import reads as framework_reads
from analysis.parameters import all_notebooks, checked_values
from analysis.paths import processed_folder
from analysis.runs import code_reach, identity
from analysis.runs.code_reach import imports_of, module_files, reached_modules
from analysis.runs.identity import identity_of, still_stands
from analysis.runs.pipeline import run
from analysis.runs.store import StoredRun, read_run

READ = "rules = study.framework\nprint({})"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import a.b", ["a.b"]),
        ("def f():\n    if x:\n        from a import b as c", ["a", "a.b"]),
        ("from . import x\nfrom ..y import z", ["a.b", "a.b.x", "a.y", "a.y.z"]),
        ("from a import *", ["a", "a.*"]),
        ("import_module('a.b')", ["a.b"]),
        ("importlib.import_module(f'a.b.{name}')", ["a.b.*"]),
        ("import_module(name)", ["*"]),
        ("load = import_module", ["*"]),
        ("from importlib import import_module as f", ["*", "importlib", "importlib.import_module"]),
        ("__import__(x)", ["*"]),
        ("exec(text)", ["*"]),
        ("database.exec(text)", []),
        ("run([sys.executable, '-m', 'a.b.c'])", ["a.b.c"]),
        ("%matplotlib inline", ["*"]),
        ("text = 'a sentence. Another.'", []),
    ],
)
def test_what_a_source_may_import(code: str, found: list[str]) -> None:
    assert imports_of(code, "a.b.c") == found


def _module(kind: int, target: str) -> str:
    """One way of importing a module, each of which Python itself follows."""
    name = f"pack.{target}"
    return [
        f"import {name}",
        f"from pack import {target}",
        f"def late():\n    from pack import {target}\n    return {target}\nlate()",
        f"from . import {target}",
        f"from .{target} import mark",
        f"import importlib\nimportlib.import_module('{name}')",
        f"from importlib import import_module\nimport_module(f'pack.{{\"{target}\"}}')",
        f"__import__('{name}')",
    ][kind]


@settings(max_examples=12, deadline=None)
@given(
    edges=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 7)), min_size=3, max_size=9
    )
)
def test_whatever_python_loads_is_reached_and_an_edit_of_it_shows(
    tmp_path_factory: pytest.TempPathFactory, edges: list[tuple[int, int, int]]
) -> None:
    """The twin is Python itself: a package of random imports is run, and what it loads compared."""
    root = tmp_path_factory.mktemp("graph") / "pack"
    root.mkdir()
    (root / "__init__.py").write_text("")
    lines = {f"m{i}": ["mark = 1"] for i in range(6)}
    for start, end, kind in edges:
        # later modules only, so that no import runs in a circle
        if start < end:
            lines[f"m{start}"].append(_module(kind, f"m{end}"))
    for name, content in lines.items():
        (root / f"{name}.py").write_text("\n".join(content) + "\n")
    code = "import sys\nfrom pack import m0\nprint(*(m for m in sys.modules if m[:4] == 'pack'))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root.parent, capture_output=True, text=True, check=True
    ).stdout.split()
    before = reached_modules(["from pack import m0"], root)
    assert set(loaded) <= set(before)
    for name, path in module_files(root).items():
        path.write_text(path.read_text() + "# edited\n")
        after = reached_modules(["from pack import m0"], root)
        assert (after != before) == (name in before)
        before = after


class TestFrameworkReads:
    def test_a_value_is_noted_where_it_stands_and_a_copy_tells_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(framework_reads, "_read", set())
        rules = load_framework().with_tiers(alpha=0.01)
        assert "tiers.alpha" not in framework_reads.keys_read()
        assert rules.tiers.alpha == 0.01
        assert rules.metric("earnings").category == 1
        assert {"tiers.alpha", "metrics"} <= set(framework_reads.keys_read())
        assert "tiers.weight_sweep" not in framework_reads.keys_read()

    @pytest.mark.parametrize(
        "whole",
        [
            lambda rules: rules.tiers.model_dump(),
            lambda rules: dict(rules.tiers),
            lambda rules: rules.tiers == load_framework().tiers,
            lambda rules: repr(rules.tiers),
            lambda rules: __import__("pickle").dumps(rules.tiers),
            lambda rules: __import__("copy").deepcopy(rules.tiers),
            lambda rules: getattr(rules.tiers, "__dict__")["alpha"],  # noqa: B009
        ],
    )
    def test_taking_a_table_whole_counts_as_reading_all_of_it(
        self, monkeypatch: pytest.MonkeyPatch, whole
    ) -> None:
        monkeypatch.setattr(framework_reads, "_read", set())
        whole(load_framework())
        assert {"tiers.*", "*"} & set(framework_reads.keys_read())


def edited_framework(folder: Path, key: str, value: str) -> Path:
    """A copy of the framework with one line changed, and one comment."""
    text = framework_path().read_text("utf-8")
    changed, count = re.subn(rf"^{key} = .*$", f"{key} = {value}  # changed", text, flags=re.M)
    assert count == 1
    path = folder / "framework.toml"
    path.write_text(changed)
    return path


def real_runs() -> dict[str, StoredRun]:
    runs = {name: read_run(processed_folder() / name) for name in all_notebooks()}
    if not all(runs.values()):
        pytest.skip("no default run lies in data/processed (make reports)")
    return {name: found for name, found in runs.items() if found}


class TestRealNotebooks:
    def test_one_threshold_makes_one_notebook_stale_and_a_comment_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs = real_runs()
        for key, value, stale in (
            ("alpha", "0.02", {"05_tier_calibration"}),
            ("alpha", "0.05", set()),
            ("gap_level", "0.6", {"02_skill_delta"}),
            ("small_delta_elements", "4", {"06_training_guide"}),
            ("seed", "1", set(runs)),
        ):
            path = edited_framework(tmp_path, key, value)
            for module in (framework, framework.reading):
                monkeypatch.setattr(module, "framework_path", lambda path=path: path)
            found = {n for n, r in runs.items() if not still_stands(r.record["traced"], "")}
            assert found == stale, key

    def test_what_they_loaded_is_what_their_code_was_seen_to_reach(self) -> None:
        for found in real_runs().values():
            assert found.record["traced"]["modules"] == {}

    def test_an_edit_of_a_module_changes_who_reaches_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copy = tmp_path / "analysis"
        shutil.copytree(code_reach.package_root(), copy, ignore=shutil.ignore_patterns("__pyc*"))
        monkeypatch.setattr(code_reach, "package_root", lambda: copy)

        def bases() -> dict[str, str]:
            known = all_notebooks().values()
            return {n.name: identity_of(n, checked_values(n, {}), {}).base for n in known}

        before = bases()
        for module, stale in (
            ("tiers/rating.py", {"05_tier_calibration"}),
            ("guide/ranking.py", {"06_training_guide"}),
            ("skills/blending.py", {"01_skill_similarity", "02_skill_delta"}),
            ("runs/pipeline.py", set()),
            ("cli.py", set()),
            ("reports/page.py", set(before)),
            ("tables/trials.py", set(before)),
        ):
            (copy / module).write_text((copy / module).read_text() + "\n# edited\n")
            after = bases()
            assert {name for name in after if after[name] != before[name]} == stale, module
            before = after


def test_one_threshold_reruns_what_reads_it_and_stops_where_results_are_the_same(
    write, tmp_path: Path
) -> None:
    """The chain of the real notebooks, small: 04 reads no tiers, 05 does, 06 builds on 05."""
    table = "import pandas as pd\nstudy.publish('t', pd.DataFrame({{'x': [{}]}}))"
    own = "framework: str = ''"
    write("04_x", READ.format("rules.estimation.seed"), table.format("1"), parameters=own)
    write("05_x", table.format("study.framework.tiers.alpha > 0.03"), parameters=own)
    write("06_x", "study.earlier('05_x', 't')", needs=("05_x",), parameters=own)
    path = edited_framework(tmp_path, "alpha", "0.05")

    def ran() -> list[str]:
        said: list[str] = []
        assert run([], {"framework": str(path)}, said.append)
        return sorted(line.split(":")[0] for line in said if ": done" in line)

    assert ran() == ["04_x", "05_x", "06_x"]
    assert ran() == []
    edited_framework(tmp_path, "alpha", "0.01")
    assert ran() == ["05_x", "06_x"]
    # another value, the same table: 05 has to run to know, 06 does not
    edited_framework(tmp_path, "alpha", "0.02")
    assert ran() == ["05_x"]
    # and back: both were computed before
    edited_framework(tmp_path, "alpha", "0.05")
    assert ran() == []
    placed = json.loads((tmp_path / "data/processed/05_x/run.json").read_text())
    assert placed["traced"]["framework"]["tiers.alpha"] == 0.05


def test_a_framework_is_known_by_what_was_read_of_it_not_by_where_it_lies(
    write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "framework: str = ''"
    table = "import pandas as pd\nstudy.publish('t', pd.DataFrame({'x': [{}]}))"
    table = table.replace("{}", "study.framework.tiers.alpha")
    write("05_x", table, parameters=own)
    write("06_x", "study.same_parameters('05_x', 'framework')\nstudy.earlier('05_x', 't')",
          needs=("05_x",), parameters=own)  # fmt: skip
    first = edited_framework(tmp_path, "alpha", "0.01")
    (tmp_path / "elsewhere").mkdir()
    second = shutil.copy(first, tmp_path / "elsewhere" / "copy.toml")
    monkeypatch.chdir(tmp_path)

    def ran(path: object, **more: bool) -> list[str]:
        said: list[str] = []
        assert run([], {"framework": str(path)}, said.append, **more), said
        assert not any("not repeatable" in line for line in said)
        return sorted(line.split(":")[0] for line in said if ": done" in line)

    assert ran(first) == ["05_x", "06_x"]
    for same in (second, "elsewhere/copy.toml"):
        assert ran(same) == []
    # what is shown of either names neither place
    for file in ("reports/05_x.html", "data/processed/05_x/study.json"):
        shown = (tmp_path / file).read_text("utf-8")
        assert "own file" in shown
        assert ".toml" not in shown
    # other words at the second place: only they are believed
    Path(second).write_text(Path(second).read_text("utf-8").replace("alpha = 0.01", "alpha = 0.02"))
    assert ran(second) == ["05_x", "06_x"]
    assert pd.read_parquet(tmp_path / "data/processed/05_x/t.parquet")["x"].tolist() == [0.02]
    assert ran(first) == []
    # the default one is another, though all that was read of it were the same
    assert ran("") == ["05_x", "06_x"]
    assert ran("elsewhere/../framework.toml", force=True) == ["05_x", "06_x"]


def test_what_changes_while_a_notebook_runs_is_never_taken_for_what_it_ran_on(
    write, tmp_path: Path
) -> None:
    path = edited_framework(tmp_path, "alpha", "0.05")
    edit = f"from pathlib import Path\nfile = Path({str(path)!r})\n"
    edit += "file.write_text(file.read_text().replace('alpha = 0.05', 'alpha = 0.01'))"
    write("01_x", "study.framework.tiers.alpha", edit, parameters="framework: str = ''")
    said: list[str] = []
    assert not run([], {"framework": str(path)}, said.append)
    assert any("changed while it ran; run it again" in line for line in said)
    assert not (tmp_path / "data/processed/01_x").exists()
    # now nothing changes any more
    assert run([], {"framework": str(path)}, said.append)


def test_a_file_at_an_address_is_known_by_what_lies_there(write, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    step = "from analysis.addresses import local_file\nlines = local_file(people).read_text()"
    table = "import pandas as pd\nstudy.publish('t', pd.DataFrame({'size': [len(lines)]}))"
    write("01_first", step, table, parameters='people: str = ""')
    for text in ("a", "bb"):
        people.write_text(text)
        for state in ("done", "nothing changed"):
            said: list[str] = []
            assert run([], {"people": f"file://{people}"}, said.append), said
            assert any(state in line for line in said)
    placed = tmp_path / "data/processed/01_first/t.parquet"
    assert pd.read_parquet(placed)["size"].tolist() == [2]
    with pytest.raises(WorkbenchError, match="no file lies there"):
        run([], {"people": "memory://none.csv"}, said.append)


def test_imports_are_read_off_a_module_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    code = ["from analysis.tiers.rating import rate_all"]
    first = reached_modules(code)
    with monkeypatch.context() as patch:
        patch.setattr(code_reach, "_imports_of_module", lambda *_: pytest.fail("read again"))
        assert reached_modules(code) == first
    (kept,) = tmp_path.glob("imports-*.json")
    entries = json.loads(kept.read_text())
    # an entry of another content is not taken, and one that nobody can use any more goes
    name, digest = next(iter(first.items()))
    entries["analysis.gone 0"] = entries.pop(f"{name} {digest}")
    kept.write_text(json.dumps(entries))
    assert reached_modules(code) == first
    assert "analysis.gone 0" not in json.loads(kept.read_text())
    for broken in ("", "[1]", '{"a'):
        kept.write_text(broken)
        assert reached_modules(code) == first


def test_what_a_package_asks_for_elsewhere_makes_nothing_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """JupyterLab brings a package that another one asks for on an interpreter that is not ours."""
    asked = {
        "effective-training-workbench": ["Py_Zmq>=1", "sphinx>=8; extra == 'docs'"],
        "py-zmq": ["cffi; implementation_name == 'other'", "numpy; python_version >= '3.11'"],
    }
    monkeypatch.setattr(identity.metadata, "requires", lambda name: asked.get(name))
    monkeypatch.setattr(identity.metadata, "version", lambda name: "1.0")
    found = identity.packages.__wrapped__()
    assert sorted(found) == ["machine", "numpy", "py-zmq", "python"]
