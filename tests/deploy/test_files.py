"""What lies in `deploy/` is what it says: schemas, linters, and the commands in it run for real."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from server.config import ENV_PREFIX, load_settings, places
from server.metrics import Metrics
from tests.deploy.nginx_server import DEPLOY
from tests.services.exercised import exercised, missing

ROOT = DEPLOY.parent
VARIABLES = {place.variable for place in places()}
UNIT = DEPLOY / "tutti.service"


def tool(name):
    """Where a tool of the dev group or of the system is."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{shutil.os.environ['PATH']}")
    if found is None:
        missing(name, f"pip install --group dev, or install {name}")
    return found


def ends_well(*words):
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "file", sorted(each for each in DEPLOY.rglob("*") if each.is_file()), ids=lambda each: each.name
)
def test_every_variable_that_is_named_is_a_setting(file):
    if file.suffix not in (".pyc",):
        named = set(re.findall(rf"\b{ENV_PREFIX}[A-Z0-9_]+\b", file.read_text()))
        assert named <= VARIABLES | {"TUTTI_PORT"}, named - VARIABLES


def values(tree):
    """The settings that a compose service or a ConfigMap gives, with what people fill in filled in."""
    filled = {key: re.sub(r"\$\{[^}]*\}", "x" * 40, str(value)) for key, value in tree.items()}
    return {key: "" if key == "TUTTI_SERVER_PUBLIC_URL" and "x" in value else value for key, value in filled.items()}


def test_the_settings_of_the_containers_are_good_ones():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    settings = load_settings(None, values(compose["services"]["tutti"]["environment"]))
    assert (settings.files.backend, settings.server.behind_proxy) == ("s3", True)
    grace_s = int(compose["services"]["tutti"]["stop_grace_period"].removesuffix("s"))
    assert grace_s > settings.server.drain_seconds
    kinds = {each["kind"]: each for each in yaml.safe_load_all((DEPLOY / "kubernetes" / "tutti.yaml").read_text())}
    settings = load_settings(None, {**kinds["ConfigMap"]["data"], "TUTTI_SERVER_SECRET": "x" * 40})
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > settings.server.drain_seconds + 5
    assert kinds["PodDisruptionBudget"]["spec"]["minAvailable"] < kinds["Deployment"]["spec"]["replicas"]
    assert kinds["HorizontalPodAutoscaler"]["spec"]["minReplicas"] == kinds["Deployment"]["spec"]["replicas"]


def test_the_image_holds_every_room_and_its_health_check_is_a_program():
    text = (DEPLOY / "Dockerfile").read_text()
    copied = {words[1] for line in text.splitlines() if (words := line.split())[:1] == ["COPY"] and len(words) == 3}
    rooms = {each.parent.name for each in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert rooms <= copied
    allowed = (ROOT / ".dockerignore").read_text().split()
    assert {f"!{each}" for each in (*rooms, "web", "run.py", "config.yaml", "pyproject.toml")} <= set(allowed)
    check = re.search(r'CMD \["python", "-c", "(.+)"\]', text)[1]
    compile(check, "HEALTHCHECK", "exec")
    unhealthy = check.replace(":8000", ":1")
    assert subprocess.run([sys.executable, "-c", unhealthy], capture_output=True).returncode != 0


@pytest.mark.services
def test_the_schemas_and_linters_have_nothing_to_say():
    ends_well(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml"))
    told = ends_well(tool("kubernetes-validate"), "--strict", str(DEPLOY / "kubernetes" / "tutti.yaml"))
    assert told.count("passed for resource") == 7
    ends_well(tool("hadolint"), str(DEPLOY / "Dockerfile"))
    ends_well(tool("shellcheck"), ".ci/run")
    exercised("schemas of compose and Kubernetes, hadolint, shellcheck")


@pytest.mark.services
def test_systemd_takes_the_unit_and_finds_it_hardened():
    analyze = tool("systemd-analyze")
    told = subprocess.run([analyze, "verify", str(UNIT)], capture_output=True, text=True).stderr
    # The program lies where somebody will put it.
    assert [line for line in told.splitlines() if "/srv/tutti/.venv/bin/python is not executable" not in line] == []
    verdict = ends_well(analyze, "security", "--offline=yes", "--threshold=20", str(UNIT))
    assert float(re.search(r"exposure level for tutti.service: ([\d.]+)", verdict)[1]) <= 2.0
    exercised("systemd-analyze")


@pytest.mark.services
def test_the_units_own_commands_run_check_serve_and_end(tmp_path):
    (tmp_path / "config.yaml").write_text("server: {port: 0}\nlibrary: {demo: false}\nstorage: {data_dir: data}\n")
    unit = dict(line.split("=", 1) for line in UNIT.read_text().splitlines() if line.startswith("Exec"))
    exchanged = {
        "/srv/tutti/.venv/bin/python": sys.executable,
        "/etc/tutti": str(tmp_path),
        "run.py": str(ROOT / "run.py"),
    }

    def words(name):
        text = unit[name]
        for old, new in exchanged.items():
            text = text.replace(old, new)
        return shlex.split(text)

    ends_well(*words("ExecStartPre"))
    serving = subprocess.Popen(words("ExecStart"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert any("Tutti plays at" in line for line in serving.stdout)
    finally:
        serving.terminate()
        assert serving.wait(30) == 0
        serving.communicate()


DASHBOARD = DEPLOY / "grafana-dashboard.json"


def test_every_figure_of_the_dashboard_is_one_that_is_exported():
    named = set(re.findall(r"\b(?:tutti|process|python)_[a-z0-9_]+", DASHBOARD.read_text()))
    code = "".join(each.read_text() for each in (ROOT / "server").glob("*.py"))
    exported = set(re.findall(r'"(tutti_[a-z0-9_]+)"', code)) | set(re.findall(r"# TYPE (tutti_[a-z0-9_]+)", code))
    told = Metrics().text().decode()
    exported |= set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE))
    endings = ("", "_total", "_bucket", "_sum", "_count")
    unknown = {name for name in named if not any(name.removesuffix(end) in exported for end in endings)}
    assert len(named) > 20
    assert unknown == set()
