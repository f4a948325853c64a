"""A real browser for the tests: Chromium, driven by a script of this folder."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Driver = Callable[..., Any]


@pytest.fixture(scope="session")
def driven() -> Driver:
    """``driven(script, **asked)``: what a script of this folder answers, as JSON."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser or not shutil.which("node") or not (HERE / "node_modules/axe-core").is_dir():
        pytest.skip("no chromium, node or axe-core: run tests/browser/install.sh")

    def ask(script: str, **asked: Any) -> Any:
        command = ["node", script, json.dumps({"chromium": browser, **asked})]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return ask
