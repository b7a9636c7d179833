"""The workflows of GitHub, which nothing here can run: their form, what they name, and what they may."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RELEASE = ROOT / ".github" / "workflows" / "release.yml"


def read(workflow: Path) -> dict[str, Any]:
    parsed = YAML(typ="safe", pure=True).load(workflow.read_text(encoding="utf-8"))
    assert isinstance(parsed, dict)
    return parsed


def steps(workflow: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields each step with its job's name."""
    for name, job in read(workflow)["jobs"].items():
        for step in job["steps"]:
            yield name, step


def test_there_is_one_for_tests_one_for_releases_and_one_for_known_holes() -> None:
    assert [path.name for path in WORKFLOWS] == ["audit.yml", "release.yml", "test.yml"]


def test_every_list_of_packages_is_audited() -> None:
    (audit,) = (step["run"] for _name, step in steps(ROOT / ".github" / "workflows" / "audit.yml") if "run" in step)
    lists = {path.stem for path in (ROOT / "packaging" / "requirements").glob("*.txt")}
    # The auditor itself; weights, which are no code; and the packages of "student" with another build of PyTorch.
    assert lists - {"audit", "weights", "student-cpu"} == set(
        audit.partition("for list in ")[2].partition(";")[0].split()
    )


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_the_schema_of_github(workflow: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_action_is_pinned_to_one_commit_and_says_its_version() -> None:
    pins: dict[str, str] = {}
    for workflow in WORKFLOWS:
        for line in workflow.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                found = re.search(r"uses: ([\w/-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$", line)
                assert found, line
                assert pins.setdefault(found[1], found[2]) == found[2]
    assert len(pins) >= 5


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_ends_some_day_and_may_only_read(workflow: Path) -> None:
    parsed = read(workflow)
    assert parsed["permissions"] == {"contents": "read"}
    for name, job in parsed["jobs"].items():
        assert job["timeout-minutes"] <= 120
        assert ("permissions" in job) is (name == "publish")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_the_scripts_are_clean(workflow: Path, tmp_path: Path) -> None:
    assert shutil.which("shellcheck"), "package shellcheck, in packaging/debian-packages.txt"
    jobs = read(workflow)["jobs"]
    for number, (name, step) in enumerate(steps(workflow)):
        shell = step.get("shell", jobs[name].get("defaults", {}).get("run", {}).get("shell", "sh"))
        if "run" not in step or shell in ("cmd", "pwsh"):
            continue
        script = tmp_path / f"{number}.sh"
        # "-e" as the runner does it; in a container without bash it takes sh.
        script.write_text("#!/bin/sh -e\n" + re.sub(r"\$\{\{.*?\}\}", "word", step["run"]), encoding="utf-8")
        # SC1091: what a script sources is on the runner. SC2012: ls lists one folder that we have just made.
        done = subprocess.run(
            ["shellcheck", "--exclude=SC1091,SC2012", str(script)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{name}: {done.stdout}"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_everything_named_is_there(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8").replace("\\", "/")
    for name in set(re.findall(r"\b(?:packaging|tests)/[\w./-]+\.(?:py|txt|md)\b", text)):
        assert (ROOT / name).is_file(), name
    for tool in set(re.findall(r"python3? packaging ([\w.]+)", text)):
        assert (ROOT / "packaging" / f"{tool.replace('.', '/')}.py").is_file(), tool
    for module in set(re.findall(r"-m (tests(?:\.\w+)+)", text)):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module
    scripts = "\n".join(step.get("run", "") for _, step in steps(workflow))
    targets = set(re.findall(r"\bmake ([a-z-]+)(?= |$)", scripts, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_nothing_is_published_before_everything_was_tried() -> None:
    jobs = read(RELEASE)["jobs"]
    waits_for = set(jobs["publish"]["needs"])
    waits_for |= {before for name in waits_for for before in [jobs[name]["needs"]]}
    assert waits_for | {"publish"} == set(jobs)
    assert jobs["publish"]["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert jobs["publish"]["permissions"] == {"contents": "write", "id-token": "write", "attestations": "write"}


@pytest.mark.parametrize("job", ["linux-x86-64", "linux-x86-64-installed", "linux-arm64", "windows", "macos"])
def test_each_job_tries_what_it_built(job: str) -> None:
    scripts = "\n".join(step.get("run", "") for name, step in steps(RELEASE) if name == job)
    assert "tests.bundle.smoke" in scripts


def test_a_person_publishes_and_reads_what_was_never_run() -> None:
    last = [step["run"] for name, step in steps(RELEASE) if name == "publish" and "run" in step][-1]
    assert "packaging release.notes" in last
    assert "--draft" in last
