"""Asks for known faults of the packages that are installed: `python deploy/audit.py`, or `make audit`.

Ends with 1 for a fault. What could not be asked about is printed, and is not taken for faultless: some networks hand
the packages out and not what is known of them.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TIMEOUT_S = 300


def python_packages() -> tuple[list[str], str]:
    """Faults of what `requirements.txt` names, and what could not be learned."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(ROOT / "requirements.txt"), "--no-deps", "--disable-pip"]
    told = _answer([*command, "--format", "json", "--progress-spinner", "off"])
    if told is None:
        return [], "Python packages: pip-audit gave no answer."
    return read_python(told)


def read_python(told: dict[str, Any]) -> tuple[list[str], str]:
    """The same, out of pip-audit's JSON."""
    packages = told.get("dependencies", [])
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}, mended in {_mended(fault)}"
        for package in packages
        for fault in package.get("vulns", [])
    ]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    known = len(packages) - len(unknown)
    return faults, f"Python packages: {known} known, {len(unknown)} could not be asked about." if unknown else ""


def _mended(fault: dict[str, Any]) -> str:
    return ", ".join(fault["fix_versions"]) or "none yet"


def web_packages() -> tuple[list[str], str]:
    """Faults of what `web/package-lock.json` names, and what could not be learned."""
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    told = _answer([npm, "audit", "--json"], ROOT / "web") if npm else None
    return read_web(told or {})


def read_web(told: dict[str, Any]) -> tuple[list[str], str]:
    """The same, out of npm's JSON."""
    if "vulnerabilities" not in told:
        return [], "Web packages: npm audit gave no answer."
    return [f"{name}: {about['severity']}, {about['range']}" for name, about in told["vulnerabilities"].items()], ""


def _answer(command: list[str], folder: Path = ROOT) -> dict[str, Any] | None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        told = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def main() -> int:
    """Print what is known; 1 where there is a fault."""
    faults, gaps = [], []
    for found, gap in (python_packages(), web_packages()):
        faults += found
        gaps += [gap] if gap else []
    for line in faults:
        print(f"FAULT  {line}")
    for line in gaps:
        print(f"NOT LEARNED  {line}")
    if not faults:
        print("No known fault." if not gaps else "No known fault among what could be asked about.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
