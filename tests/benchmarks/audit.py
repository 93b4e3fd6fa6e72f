"""Look the installed packages up among known holes: `python -m tests.benchmarks.audit`.

With pip-audit installed and its database reached every package of this environment is looked up. Where either is missing it says
so, and checks instead that every dependency is pinned to a range and installed within it. Exit status: 0 if nothing is wrong.
"""

import json
import subprocess
import sys
import tempfile
from importlib import metadata

from packaging.requirements import Requirement

SECONDS = 300


def known_holes() -> list[str] | None:
    """Return a line for each known hole; None where they cannot be looked up."""
    installed = sorted({f"{found.name}=={found.version}" for found in metadata.distributions() if found.name != "verbatim-qa"})
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(line.partition("+")[0] for line in installed))  # a build's own name is no version of the index's
        file.flush()
        command = [sys.executable, "-m", "pip_audit", "-r", file.name, "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        try:
            done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False, timeout=SECONDS)
            found = json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            return None
    if not any("vulns" in item for item in found):
        return None
    print(f"{sum('vulns' not in item for item in found):,} packages are not known there")
    print(f"{sum('vulns' in item for item in found):,} packages looked up")
    return [
        f"{item['name']} {item['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for item in found
        for hole in item.get("vulns", ())
    ]


def loose_pins() -> list[str]:
    """Return a line for each dependency that is not pinned to a range or is installed outside of it."""
    wrong = []
    for requirement in map(Requirement, metadata.requires("verbatim-qa") or ()):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if not any(specifier.operator in ("<", "<=", "==") for specifier in requirement.specifier):
            wrong.append(f"{requirement}: has no upper bound")
        elif not requirement.specifier.contains(metadata.version(requirement.name), prereleases=True):
            wrong.append(f"{requirement}: installed is {metadata.version(requirement.name)}")
    return wrong


def main() -> int:
    """Look up, print what was done and found, and return how much is wrong."""
    wrong = known_holes()
    if wrong is None:
        print("known holes were not looked up: pip-audit is not installed or its database not reached; pins checked instead")
        wrong = loose_pins()
    print(*wrong, f"{len(wrong):,} things wrong", sep="\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
