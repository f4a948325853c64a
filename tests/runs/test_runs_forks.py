"""Processes forked from one that has loaded the packages are ordinary ones in all but the wait."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from analysis.cli import main
from analysis.runs.code_reach import package_root
from analysis.runs.forks import Forks, forks
from analysis.runs.locks import Lock

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks on Linux only")

# what a process finds itself in; a plain one has not loaded a statistics package
PROBE = """
import json, os, sys
print(json.dumps({
    "loaded": "statsmodels.formula.api" in sys.modules,
    "ours": [name for name in sys.modules if name.split(".")[0] == "analysis"],
    "threads": os.environ["OPENBLAS_NUM_THREADS"], "word": os.environ.get("WORD"),
    "folder": os.getcwd(), "arguments": sys.argv[1:], "server": os.getppid(), "path": sys.path[0],
    "drawn": __import__("numpy").random.random(),
}))
sys.exit(int(sys.argv[1]))
"""
SLEEP = """
import os, sys, time
try:
    open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(60)
except KeyboardInterrupt:
    open(sys.argv[1], "w").write("interrupted")
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modules")
    (folder / "probe_a_process.py").write_text(PROBE)
    (folder / "sleep_a_while.py").write_text(SLEEP)
    return folder


@pytest.fixture(scope="module")
def served(modules: Path) -> Iterator[Forks]:
    path = os.pathsep.join(filter(None, [str(modules), os.environ.get("PYTHONPATH")]))
    with forks({**os.environ, "PYTHONPATH": path}) as found:
        found.start()
        yield found


def asleep(served: Forks, file: Path, held: list[int]) -> tuple["subprocess.Popen[bytes]", int]:
    """A process that stands for a sleeping fork, and the fork's own number."""
    process = subprocess.Popen(
        served.command("sleep_a_while", str(file), held=held),
        env=served.environment,
        pass_fds=held,
        start_new_session=True,
    )
    while not (file.is_file() and file.read_text()):
        time.sleep(0.02)
        assert process.poll() is None
    return process, int(file.read_text())


def ends(process: int) -> bool:
    """Whether a process is gone within some seconds."""
    try:
        psutil.Process(process).wait(timeout=20)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def probed(served: Forks, folder: Path, **environment: str) -> tuple[dict, int]:
    done = subprocess.run(
        served.command("probe_a_process", "3", "word"),
        env={**served.environment, **environment}, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout), done.returncode


def test_a_fork_is_what_an_ordinary_process_would_be(served: Forks, tmp_path: Path) -> None:
    first, code = probed(served, tmp_path, WORD="of its own")
    second, _ = probed(served, tmp_path)
    assert code == 3
    assert first["loaded"]
    assert first["ours"] == []
    assert first["threads"] == "1"
    assert (first["word"], second["word"]) == ("of its own", None)
    assert first["folder"] == str(tmp_path)
    assert first["arguments"] == ["3", "word"]
    assert first["server"] == second["server"]
    assert str(package_root() / "runs") not in first["path"]
    assert first["drawn"] != second["drawn"]


def test_what_only_a_start_can_set_is_set_by_an_ordinary_start(
    served: Forks, tmp_path: Path
) -> None:
    for name in ("PYTHONHASHSEED", "OPENBLAS_NUM_THREADS"):
        found, code = probed(served, tmp_path, **{name: "2"})
        assert (found["loaded"], code) == (False, 3)
        assert found["arguments"] == ["3", "word"]


def test_a_fork_ends_with_its_caller_and_its_locks_fall(served: Forks, tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    assert lock.take()
    process, fork = asleep(served, tmp_path / "number", [lock.handle])
    lock.release()
    assert psutil.Process(fork).ppid() != process.pid
    assert not Lock(tmp_path / "lock").take()
    process.kill()
    process.wait()
    assert ends(fork)
    again = Lock(tmp_path / "lock")
    assert again.take()
    again.release()


def test_a_fork_is_interrupted_through_its_caller(served: Forks, tmp_path: Path) -> None:
    process, _ = asleep(served, tmp_path / "number", [])
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert (tmp_path / "number").read_text() == "interrupted"


def test_a_fork_ends_with_the_server(modules: Path, tmp_path: Path) -> None:
    with forks({**os.environ, "PYTHONPATH": str(modules)}) as served:
        served.start()
        folder = Path(served.environment["JUPYTER_PATH"].split(os.pathsep)[0])
        process, fork = asleep(served, tmp_path / "number", [])
    assert process.wait(timeout=20) == 1
    assert ends(fork)
    assert not folder.exists()


def test_nothing_starts_for_a_caller_that_is_gone(modules: Path, tmp_path: Path) -> None:
    """SIGKILL while the packages are loading and a process waits for its fork."""
    asks = (
        "import os, subprocess, sys, time\nfrom analysis.runs.forks import forks\n"
        "with forks(os.environ) as served:\n    served.start()\n"
        "    command = served.command('sleep_a_while', sys.argv[1])\n"
        "    given = {**served.environment, 'JPY_PARENT_PID': str(os.getpid())}\n"
        "    subprocess.Popen(command, env=given)\n    print('asked', flush=True)\n"
        "    time.sleep(60)"
    )
    path = os.pathsep.join(filter(None, [str(modules), os.environ.get("PYTHONPATH")]))
    asking = subprocess.Popen(
        [sys.executable, "-c", asks, str(tmp_path / "number")],
        env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert asking.stdout
    assert asking.stdout.readline() == b"asked\n"
    server, client = sorted(psutil.Process(asking.pid).children(), key=lambda one: one.pid)
    asking.kill()
    asking.communicate()
    assert ends(server.pid)
    assert ends(client.pid)
    assert not (tmp_path / "number").exists()


def test_without_a_server_processes_are_ordinary_ones(modules: Path, tmp_path: Path) -> None:
    with forks({**os.environ, "PYTHONPATH": str(modules)}) as served:
        found, code = probed(served, tmp_path)
    assert (found["loaded"], code) == (False, 3)


def test_where_no_socket_fits_processes_are_ordinary_ones(
    modules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("long" * 30)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with forks({**os.environ, "PYTHONPATH": str(modules)}) as served:
        served.start()
        found, code = probed(served, tmp_path)
    assert (found["loaded"], code) == (False, 3)


def test_papermill_and_nbval_take_forks_for_kernels_as_they_are(tmp_path: Path) -> None:
    loaded = new_code_cell("import sys\n'statsmodels.formula.api' in sys.modules")
    loaded.execution_count = 1
    loaded.outputs = [
        nbformat.v4.new_output("execute_result", {"text/plain": "True"}, execution_count=1)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    written = tmp_path / "written.ipynb"
    nbformat.write(new_notebook(cells=[loaded], metadata={"kernelspec": kernel}), written)
    both = (
        f"set -e; {sys.executable} -m papermill --no-progress-bar written.ipynb done.ipynb; "
        f"{sys.executable} -m pytest -q --nbval -p no:cacheprovider -c /dev/null written.ipynb"
    )
    command = [sys.executable, "-m", "analysis.cli", "preloaded", "sh", "-c", both]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (cell,) = nbformat.read(tmp_path / "done.ipynb", as_version=4).cells
    assert cell.outputs[0]["data"]["text/plain"] == "True"


def test_a_run_takes_forks(write, tmp_path: Path) -> None:
    said = tmp_path / "said"
    write("01_first", f"import sys\nopen({str(said)!r}, 'w').write(str('seaborn' in sys.modules))")
    assert main(["run"]) == 0
    assert said.read_text() == "True"


def test_a_command_that_does_not_exist_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["no-such-command"]):
        assert main(["preloaded", *words]) == 2
        assert "command" in capsys.readouterr().err


def test_the_server_loads_what_the_package_uses_and_nothing_of_the_package() -> None:
    server = ast.parse((package_root() / "runs" / "fork_server.py").read_text("utf-8"))
    listed = next(
        ast.literal_eval(node.value)
        for node in server.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PRELOADED"
    )
    roots = {name.partition(".")[0] for name in listed}
    used = {
        node.module.partition(".")[0]
        for path in package_root().rglob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    assert "analysis" not in roots
    assert used - roots - {"analysis"} <= sys.stdlib_module_names


def test_what_runs_under_a_server_is_served_by_it_unless_it_must_start_otherwise(
    served: Forks, tmp_path: Path
) -> None:
    with forks(served.environment) as inner:
        inner.start()
        found, _ = probed(inner, tmp_path)
        assert (found["loaded"], found["server"]) == (True, probed(served, tmp_path)[0]["server"])
    # the inner block ends, the server stays
    assert probed(served, tmp_path)[0]["server"] == found["server"]
    with forks({**served.environment, "TZ": "Pacific/Auckland"}) as other:
        other.start()
        own, _ = probed(other, tmp_path)
        assert own["loaded"]
        assert own["server"] != found["server"]
    (tmp_path / "at_start.json").write_text("{")
    for place in (str(tmp_path / "gone"), str(tmp_path), ""):
        with forks({**served.environment, "WORKBENCH_FORKS": place}) as alone:
            alone.start()
            assert probed(alone, tmp_path)[0]["server"] != found["server"]
