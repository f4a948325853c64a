"""What the workbench is linked with: no licence that binds, and no carrier of data imported."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import sources

ROOT = Path(__file__).parents[2]
LICENCES = runpy.run_path(str(ROOT / "docs" / "licences.py"))
AUDIT = runpy.run_path(str(ROOT / "docs" / "audit.py"))


def test_nothing_that_the_workbench_is_linked_with_binds_whoever_passes_it_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert LICENCES["main"]() == 0
    told = capsys.readouterr().out.splitlines()
    names = {line.split()[0]: line.split(" | ")[1:] for line in told}
    # from what the project names, and from what that needs in turn
    assert names["pandas"][0] == names["six"][0] == "workbench"
    assert names["pytest"][0] == "test"
    assert not [line for line in told if "not told" in line]


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        (["AGPL-3.0-or-later"], True),
        (["GNU General Public License v3 (GPLv3)"], True),
        (["GPL-2.0-only", "MIT"], False),
        (["GNU Lesser General Public License v3 (LGPLv3)"], False),
        (["MPL-2.0"], False),
    ],
)
def test_which_licences_bind(licences: list[str], expected: bool) -> None:
    assert LICENCES["binds"](licences) is expected


def test_a_carrier_is_never_imported_whatever_is_loaded() -> None:
    program = """
import importlib, json, pkgutil, sys
import analysis
for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
    if not module.name.endswith("fork_client") and "template" not in module.name:
        importlib.import_module(module.name)
from analysis import sources, tables
for name in filter(lambda name: ":" not in name, tables.table_names()):
    tables.load(name)
for key in tables.trial_keys():
    tables.load_trial(key)
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    carriers = [entry.carrier for entry in sources.catalogue().values() if entry.carrier]
    assert len(carriers) > 3
    for carrier in carriers:
        package = Path(carrier.member).parts[0]
        assert package not in loaded
        assert carrier.distribution.replace("-", "_") not in loaded


CLEAN = {"name": "six", "version": "1.17.0", "vulns": []}
WEAK = {"name": "toy", "version": "1.0", "vulns": [{"id": "TOY-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "odd", "skip_reason": "odd: Dependency not found"}


@pytest.mark.parametrize(
    ("packages", "code", "told"),
    [
        ([CLEAN], 0, "1 of 1 packages audited, no known weakness"),
        ([CLEAN, WEAK], 1, "toy 1.0: TOY-1, mended in 1.1"),
        ([WEAK, SKIPPED], 1, "1 of 2 packages audited, known weaknesses above, but nothing"),
        ([CLEAN, SKIPPED], 2, "1 of 2 packages audited, no known weakness, but nothing is known"),
        ([SKIPPED] * 5, 2, "0 of 5 packages audited, the service of advisories knows none of them"),
        ([], 2, "0 of 0 packages audited"),
    ],
)
def test_what_was_not_audited_is_never_taken_for_clean(
    packages: list[dict[str, object]], code: int, told: str
) -> None:
    lines, found = AUDIT["verdict"]({"dependencies": packages})
    assert found == code
    assert told in "\n".join(lines)


def test_an_audit_that_breaks_off_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = tmp_path / "pip-audit"
    tool.write_text("#!/bin/sh\necho 'Failed to resolve the service' >&2\nexit 1\n")
    tool.chmod(0o755)
    assert AUDIT["main"]([str(tool)]) == 2
    assert capsys.readouterr().err == "pip-audit could not audit: Failed to resolve the service\n"
