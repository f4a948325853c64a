"""Licences of everything that the workbench needs: a table, and exit code 1 for one that binds.

``python docs/licences.py`` reads what the installed packages say of themselves, from what the
project requires down to the last requirement of a requirement. Code under a licence that would
bind whoever passes the workbench on (GPL, AGPL; not the LGPL, and not where another licence can
be chosen) must not be among what it is linked with; tools of tests and docs are listed too.
"""

import re
import sys
from collections import deque
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

PROJECT = "effective-training-workbench"
EXTRAS = ("", "lab", "scale", "docs", "test", "mutants")
BINDING = re.compile(r"\bA?GPL|\b(?<!Lesser )General Public License", re.IGNORECASE)


def licences_of(found: Distribution) -> list[str]:
    """Licences that a package may be used under, in its own words."""
    told = found.metadata
    if expression := told.get("License-Expression"):
        return re.split(r"\s+OR\s+", expression)
    classified = [
        line.rpartition("::")[2].strip()
        for line in told.get_all("Classifier") or []
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    return classified or [(told.get("License") or "not told").splitlines()[0][:60]]


def binds(licences: list[str]) -> bool:
    """Whether each licence that can be chosen is one that binds."""
    return all(BINDING.search(one) and "LGPL" not in one.upper() for one in licences)


def closure(extra: str) -> dict[str, Distribution]:
    """Installed packages that the project needs with an extra, by name."""
    found: dict[str, Distribution] = {}
    waiting = deque([(PROJECT, {extra})])
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extras = waiting.popleft()
        try:
            package = distribution(name)
        except PackageNotFoundError:
            # required on other machines, or of an extra that is not installed
            continue
        found[package.metadata["Name"].lower()] = package
        for line in package.requires or []:
            needed = Requirement(line)
            wanted = any(
                needed.marker is None or needed.marker.evaluate({"extra": one})
                for one in extras or {""}
            )
            key = (needed.name.lower(), ",".join(sorted(needed.extras)))
            if wanted and key not in seen:
                seen.add(key)
                waiting.append((needed.name, needed.extras or {""}))
    found.pop(PROJECT, None)
    return found


def main() -> int:
    """Print the table; 1 where the workbench itself is linked with what binds."""
    told: dict[str, tuple[str, Distribution]] = {}
    for extra in EXTRAS:
        for name, package in closure(extra).items():
            told.setdefault(name, (extra or "workbench", package))
    bad = []
    for name, (extra, package) in sorted(told.items()):
        licences = licences_of(package)
        print(f"{name} {package.version} | {extra} | {' or '.join(licences)}")
        if extra == "workbench" and binds(licences):
            bad.append(name)
    for name in bad:
        print(f"{name}: its licence binds whoever passes the workbench on", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
