"""The set-up: pinned requirements, what the system lacks, the Makefile, CI, the installed package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from setup import system_check, venv
from setup.commands import BuildError
from setup.system_check import Need, display_complaint, library_complaint, missing_sonames, read_needs, test_complaint

from desktop.system.libraries import QT_LIBRARIES, XCB_LIBRARIES

ROOT = Path(__file__).parents[3]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted((ROOT / "packaging" / "requirements").glob("*.txt"))

test_complaint.__test__ = False  # type: ignore[attr-defined]  # a function under test, not a test


def pins(path: Path) -> dict[str, str]:
    """Returns the names and the versions pinned by a requirements file; the first where markers tell several apart."""
    found: dict[str, str] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name.lower(), version)
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
class TestEachRequirementsFile:
    def test_everything_is_pinned_with_hashes(self, lock: Path) -> None:
        entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.M))
        assert pins(lock)
        for entry in entries:
            assert re.match(r"[a-z0-9._-]+==\S+ ", entry), entry[:80]
            assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]

    def test_no_host_no_path_of_a_machine(self, lock: Path) -> None:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--find-links" not in text
        assert "index-url" not in text
        assert not re.search(r"(^|\s)/\w", text)

    def test_its_header_is_a_command(self, lock: Path) -> None:
        # PyTorch's build for processors alone is one for each system; this one is for Linux.
        where = "--python-platform x86_64-manylinux_2_28" if lock.stem == "student-cpu" else "--universal"
        command = f"uv pip compile {where} --python-version 3.11 --generate-hashes {lock.stem}.in"
        assert command in lock.read_text(encoding="utf-8")

    def test_it_follows_its_source(self, lock: Path) -> None:
        wanted = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.with_suffix(".in").read_text(encoding="utf-8"), re.M)
        assert wanted
        for name, version in wanted:
            assert pins(lock)[name.lower()] == version


def test_the_files_agree_with_each_other() -> None:
    run, dev = pins(ROOT / "packaging/requirements/run.txt"), pins(ROOT / "packaging/requirements/dev.txt")
    assert run.items() <= dev.items()


def test_pyproject_asks_for_what_is_pinned() -> None:
    from packaging.requirements import Requirement

    run = pins(ROOT / "packaging/requirements/run.txt")
    wanted = [Requirement(text) for text in PYPROJECT["project"]["dependencies"]]
    for requirement in wanted:
        if requirement.name == "llama-cpp-python":
            assert str(requirement.specifier) == "==0.3.36"  # the version that packaging/setup/llama_wheel.py builds
        else:
            assert run[requirement.name.lower()] in requirement.specifier, requirement.name
    assert {requirement.name.lower() for requirement in wanted} - {"llama-cpp-python"} <= run.keys()


def test_supported_pythons_agree() -> None:
    from packaging.specifiers import SpecifierSet

    supported = SpecifierSet(PYPROJECT["project"]["requires-python"])
    for minor in range(9, 20):
        accepted = venv.version_complaint((3, minor)) == ""
        assert (f"3.{minor}.0" in supported) == accepted
    assert "this is 3.9" in venv.version_complaint((3, 9))


# What the system lacks


def test_the_list_of_packages_can_be_read() -> None:
    needs = read_needs(system_check.PACKAGES_FILE.read_text(encoding="utf-8"))
    packages = [need.package for need in needs]
    assert {"xvfb", "openbox", "tint2", "xdotool", "libxcb-cursor0", "fonts-noto-cjk"} <= set(packages)
    assert len(packages) == len(set(packages))
    assert {need.kind for need in needs} == {"command", "module", "library", "font", "file"}
    assert test_complaint(needs) == "", "the tests are running, so nothing can be missing"


def test_each_kind_of_probe_can_fail() -> None:
    lost = [Need("pkg-" + kind, kind, "no-such-thing-17") for kind in ("command", "module", "library", "font", "file")]
    complaint = test_complaint(lost)
    assert complaint.endswith("pkg-command pkg-module pkg-library pkg-font pkg-file")
    assert "sudo apt-get install" in complaint
    with pytest.raises(ValueError, match="unknown probe"):
        Need("x", "colour", "x").is_met()


def test_an_incomplete_line_is_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        read_needs("xvfb Xvfb")


@pytest.mark.parametrize(
    ("environment", "platform", "complains"),
    [
        ({}, "linux", True),
        ({"DISPLAY": ""}, "linux", True),
        ({"DISPLAY": ":0"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", False),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", True),
        ({}, "darwin", False),
        ({}, "win32", False),
    ],
)
def test_without_a_display_the_demo_is_named(environment: dict[str, str], platform: str, complains: bool) -> None:
    complaint = display_complaint(environment, platform)
    assert ("make demo" in complaint) is complains
    assert bool(complaint) is complains


LDD = """
\tlinux-vdso.so.1 (0x00007ffd)
\tlibxcb-cursor.so.0 => not found
\tlibQt6Gui.so.6 => /venv/libQt6Gui.so.6 (0x00007f)
\tlibxkbcommon-x11.so.0 => not found
\tlibxcb-cursor.so.0 => not found
"""


def test_missing_libraries_are_named_with_their_packages() -> None:
    missing = missing_sonames(LDD)
    assert missing == ["libxcb-cursor.so.0", "libxkbcommon-x11.so.0"]
    complaint = library_complaint(missing, "ID=fedora\n")
    assert complaint.endswith("\n  sudo dnf install xcb-util-cursor libxkbcommon-x11")
    assert "libxcb-cursor.so.0, libxkbcommon-x11.so.0." in complaint
    assert len(library_complaint(missing, "").splitlines()) == 4, "one for each family where the system is not known"
    assert library_complaint([], "") == ""
    assert "libfuture.so.9" in library_complaint(["libfuture.so.9"], "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ldd")
def test_qt_s_own_plugin_is_asked() -> None:
    output = system_check.qt_linker_output(Path(sys.prefix))
    assert "libxcb-cursor.so.0" in output
    assert missing_sonames(output) == []


def test_what_windows_need_is_among_what_the_tests_need() -> None:
    needs = read_needs(system_check.PACKAGES_FILE.read_text(encoding="utf-8"))
    installed = {need.package for need in needs}
    for library in (*QT_LIBRARIES, *XCB_LIBRARIES):
        brought = {"libx11-6", "libxcb1", "libfreetype6", "libgssapi-krb5-2", "libzstd1", "zlib1g", "libxcb-render0"}
        brought |= {"libxcb-shm0", "libxcb-util1"}  # along with the others, by their own dependencies
        assert library.debian in installed | brought, library
    packages = {library.soname: library.debian for library in (*QT_LIBRARIES, *XCB_LIBRARIES)}
    for need in needs:
        if need.name in packages:
            assert packages[need.name] == need.package


def test_the_check_runs_with_a_bare_python(tmp_path: Path) -> None:
    # No site-packages, no environment, another folder: as before anything is installed.
    command = [sys.executable, "-I", "-S", str(ROOT / "packaging"), "setup.system_check", "packages"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "libxcb-cursor0" in done.stdout.splitlines()


def test_a_python_without_venv_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv.importlib.util, "find_spec", lambda name: None)  # type: ignore[attr-defined]
    with pytest.raises(BuildError, match="python3-venv"):
        venv.create(tmp_path / "venv")


# The Makefile


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="Windows has no make")


@needs_make
def test_help_names_every_target() -> None:
    shown = make().stdout
    targets = re.search(r"^\.PHONY: (help .+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets is not None
    for target in targets[1].split():
        assert f"make {target} " in shown
    assert make("help").stdout == shown


@needs_make
def test_without_a_python_there_is_a_sentence(tmp_path: Path) -> None:
    done = make("venv", f"VENV={tmp_path}/venv", "PYTHON=")
    assert done.returncode != 0
    assert "needs Python 3.11 to 3.14, and none was found" in done.stderr
    assert "Traceback" not in done.stderr


@needs_make
def test_a_python_that_will_not_do_is_refused(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    done = make("venv", f"VENV={tmp_path}/venv", f"PYTHON={tmp_path}/python")
    assert done.returncode != 0
    assert not (tmp_path / "venv" / "set-up.stamp").exists()


@needs_make
def test_the_set_up_runs_again_when_a_pin_changes() -> None:
    for name in ("packaging/requirements/run.txt", "packaging/setup/llama_wheel.py", "pyproject.toml"):
        assert "setup.venv" in make("-n", "venv", "-W", name).stdout


def test_ci_installs_the_list_and_runs_the_tests() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "packaging/debian-packages.txt" in script
    assert script.rstrip().endswith(
        "make test\nmake test-clients\nmake torture ARGS=--short\nmake build\nmake test-bundle"
    )
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0


# What `pip install .` brings


def test_an_installed_package_finds_its_files(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*build, "--wheel-dir", tmp_path, ROOT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("catnap-*.whl"))) as archive:
        archive.extractall(tmp_path / "site")
    assert not list((tmp_path / "site").rglob("test_*"))
    script = "import sys; sys.path.insert(0, sys.argv[1])\nfrom desktop.common.paths import shipped\n"
    script += "print(shipped('models.json'), shipped('resources/icons'), sep='\\n')"
    found = subprocess.run(
        [sys.executable, "-I", "-c", script, tmp_path / "site"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert found == [str(tmp_path / "site/desktop/models.json"), str(tmp_path / "site/desktop/resources/icons")]
    assert json.loads(Path(found[0]).read_bytes())
    entry_points = next((tmp_path / "site").glob("catnap-*.dist-info/entry_points.txt")).read_text()
    assert "catnap = desktop.__main__:main" in entry_points
