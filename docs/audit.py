"""Known weaknesses of what the lock names, by ``pip-audit``: ``make audit``.

``pip-audit`` alone ends with 0 where the service of advisories knows none of the packages that it
was asked about, as behind an index that serves files alone: it only lists them as skipped. Here
what was not audited is never taken for clean. Exit code 0: every package was audited and none has
a known weakness; 1: one has; 2: it cannot be told.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
OPTIONS = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")


def verdict(report: dict[str, Any]) -> tuple[list[str], int]:
    """What a report of ``pip-audit`` says, in lines, and the exit code.

    Parameters
    ----------
    report : dict
        Its JSON: ``dependencies``, each with a name and either ``version`` and ``vulns`` or
        ``skip_reason``.

    Returns
    -------
    list of str, int

    Examples
    --------
    >>> verdict({"dependencies": [{"name": "six", "version": "1.17", "vulns": []}]})
    (['1 of 1 packages audited, no known weakness'], 0)
    """
    packages = report["dependencies"]
    skipped = [one for one in packages if "skip_reason" in one]
    lines = [
        f"{one['name']} {one['version']}: {found['id']}, mended in "
        f"{', '.join(found['fix_versions']) or 'no release yet'}"
        for one in packages
        for found in one.get("vulns", [])
    ]
    weak = bool(lines)
    lines += [f"not audited: {one['skip_reason']}" for one in skipped[:3]]
    if len(skipped) > 3:
        lines.append(f"not audited: {len(skipped) - 3} more")
    audited = len(packages) - len(skipped)
    end = "known weaknesses above" if weak else "no known weakness"
    if not audited:
        end = (
            "the service of advisories knows none of them, so nothing is known of their weaknesses"
        )
    elif skipped:
        end += ", but nothing is known of the rest"
    told = f"{audited} of {len(packages)} packages audited, {end}"
    return [*lines, told], 1 if weak else 2 if skipped or not audited else 0


def main(arguments: Sequence[str]) -> int:
    """Audit the lock by the ``pip-audit`` at a path, for this Python and machine."""
    command = [arguments[0], *OPTIONS, "--requirement", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        lines, code = verdict(json.loads(done.stdout))
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        lines, code = [f"pip-audit could not audit: {last}"], 2
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
