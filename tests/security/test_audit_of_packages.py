"""What the audit of packages says: a fault is one, and what could not be learned is not taken for faultless."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).resolve().parents[2] / "deploy" / "audit.py"
SPEC = importlib.util.spec_from_file_location("audit_of_packages", PATH)
assert SPEC is not None and SPEC.loader is not None
audit = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(audit)


def test_a_fault_is_told_with_the_version_that_mends_it():
    told = {
        "dependencies": [
            {"name": "good", "version": "1.0", "vulns": []},
            {"name": "bad", "version": "1.1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.2"]}]},
        ]
    }
    assert audit.read_python(told) == (["bad 1.1: PYSEC-1, mended in 1.2"], "")
    npm = {"vulnerabilities": {"left": {"severity": "high", "range": "<2"}}}
    assert audit.read_web(npm) == (["left: high, <2"], "")


def test_what_could_not_be_asked_about_is_said():
    told = {"dependencies": [{"name": "one", "skip_reason": "not found"}, {"name": "two", "version": "2", "vulns": []}]}
    assert audit.read_python(told) == ([], "Python packages: 1 known, 1 could not be asked about.")
    assert audit.read_web({"error": {}}) == ([], "Web packages: npm audit gave no answer.")
