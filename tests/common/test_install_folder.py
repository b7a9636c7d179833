"""The program's folder goes away while it runs: said in one sentence, by whoever meets the trouble first."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from desktop.common import install_folder
from desktop.common.install_folder import moved_problem
from desktop.engine import errors
from tests.support.command_line import python

TITLE = "Catnap's folder was moved, replaced or removed while Catnap was running."


def test_a_folder_in_its_place_is_no_problem() -> None:
    assert moved_problem() is None
    assert errors.unusable("x").title == "The program's engine cannot be loaded."


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A frozen program, as far as this module can tell; returns its file."""
    program = tmp_path / "catnap" / "catnap"
    program.parent.mkdir()
    program.write_bytes(b"program")
    monkeypatch.setattr(sys, "_MEIPASS", str(program.parent / "_internal"), raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    running = tmp_path / "running"
    running.hardlink_to(program)  # the same file under a name that stays, as /proc/self/exe is
    monkeypatch.setattr(install_folder, "_RUNNING", running)
    return program


def test_a_bundle_that_was_moved_replaced_or_removed(bundle: Path) -> None:
    assert moved_problem() is None
    moved = bundle.parent.rename(bundle.parent.with_name("elsewhere"))
    problem = moved_problem()
    assert problem is not None
    assert problem.title == TITLE
    assert problem.detail == f"{bundle.parent}."
    # unpacked anew at the same place
    bundle.parent.mkdir()
    bundle.write_bytes(b"program")
    assert moved_problem() is not None
    shutil.rmtree(bundle.parent)
    moved.rename(bundle.parent)
    assert moved_problem() is None, "moved back, it is as good as before"


def test_where_the_running_file_has_no_other_name_its_place_counts(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install_folder, "_RUNNING", bundle.parent / "nothing")
    assert moved_problem() is None
    bundle.unlink()
    assert moved_problem() is not None


def test_errors_of_the_engine_are_explained_by_it(bundle: Path) -> None:
    bundle.unlink()
    assert errors.unusable("libllama.so: no such file").title == TITLE
    assert errors.unexpected("desktop.engine.worker").title == TITLE


def test_a_checkout_that_was_moved(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(
        Path(install_folder.__file__).parents[1], checkout / "desktop", ignore=shutil.ignore_patterns("*.pyc")
    )
    code = f"""
import shutil, sys
sys.path.insert(0, {str(checkout)!r})
from desktop.common.install_folder import moved_problem
before = moved_problem()
shutil.move({str(checkout)!r}, {str(tmp_path / "elsewhere")!r})
print(before, moved_problem(), sep="\\n")
"""
    before, after = python(code).out.splitlines()
    assert before == "None"
    assert after.startswith(TITLE)
