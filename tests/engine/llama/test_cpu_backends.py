"""Which CPU backend is picked and why; that a broken one is survived, by real libraries in a folder of their own."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

import pytest

from desktop.engine.backends import Obstacle, PassedOver
from desktop.engine.llama import bindings, cpu_backends
from desktop.engine.llama.cpu_backends import (
    VARIANTS,
    Pick,
    is_cut_off,
    needs_of,
    pick,
    variant_of,
)
from desktop.machine.cpu import read_processor
from tests.support.command_line import Done, catnap, environment, python
from tests.support.parrot import PARROT_TEXT

NAMES = [name for name, _ in VARIANTS]


def installed() -> dict[str, Path]:
    """Returns the libraries of the variants that lie beside libllama; empty in a build without variants."""
    folder = Path(bindings.load().backend.path).parent
    return {variant_of(path): path for path in sorted(folder.glob("*ggml-cpu-*"))}


pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() != "x86_64" or not installed(),
    reason="needs a build with variants for x86-64",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All that lies beside libllama, in a copy of the package that :func:`_with` has a program take."""
    package = Path(bindings.load().api.__file__).parent
    copy = Path(shutil.copytree(package, tmp_path / "site" / package.name))
    return copy / Path(bindings.load().backend.path).parent.relative_to(package)


def _with(site: Path) -> dict[str, str]:
    """Returns the environment of a program that finds its packages in a folder first."""
    return {"PYTHONPATH": os.pathsep.join((str(site), environment()["PYTHONPATH"]))}


@pytest.fixture
def runnable() -> list[str]:
    """The variants that run on this processor, best first."""
    return [name for name in NAMES if name in installed() and _score(installed()[name]) > 0]


def _score(path: Path) -> int:
    with cpu_backends._opened(path) as library:
        return cpu_backends._score_of(library)


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _doctor(site: Path, data: Path, *arguments: str) -> Done:
    return catnap("doctor", *arguments, "--data-dir", str(data), env=_with(site))


def test_the_table_knows_every_library_and_has_them_in_the_order_of_their_scores(runnable: list[str]) -> None:
    assert set(installed()) <= set(NAMES)
    scores = [_score(installed()[name]) for name in runnable]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_a_library_runs_where_the_processor_has_what_the_table_says(runnable: list[str]) -> None:
    features = read_processor().features
    wanted = [name for name in NAMES if name in installed() and set(needs_of(name)) <= set(features)]
    assert runnable == wanted


def test_the_best_is_picked_and_the_better_ones_need_what_is_not_there(runnable: list[str]) -> None:
    backend = bindings.load().backend
    assert backend.name == runnable[0]
    assert backend.score == _score(Path(backend.path)) > 0
    better = [name for name in NAMES[: NAMES.index(backend.name)] if name in installed()]
    assert [each.name for each in backend.passed_over] == better
    assert {each.obstacle for each in backend.passed_over} <= {Obstacle.PROCESSOR}
    assert backend.broken == ()


def test_a_library_whose_end_is_missing_is_passed_over_and_said_so(
    folder: Path, tmp_path: Path, runnable: list[str], parrot_model: Path
) -> None:
    best, next_best = runnable[:2]
    broken = folder / installed()[best].name
    _cut(broken)

    report = _doctor(tmp_path / "site", tmp_path / "data", "--json").json
    assert report["backend"]["name"] == next_best
    assert Path(report["backend"]["file"]).parent == folder
    (passed,) = [each for each in report["backend"]["passed_over"] if each["obstacle"] == "broken"]
    assert (passed["name"], passed["file"]) == (best, str(broken))
    assert "the end of the file is missing" in passed["reason"]
    assert any(broken.name in problem["what"] and next_best in problem["what"] for problem in report["problems"])

    # AND a model answers with it
    words = ("ask", "Hello", "--json", "--model", str(parrot_model), "--data-dir", str(tmp_path / "data"))
    done = catnap(*words, env=_with(tmp_path / "site"))
    assert (done.code, done.err) == (0, "")
    assert (done.json["answer"], done.json["backend"]) == (PARROT_TEXT, next_best)


def test_doctor_says_it_to_people(folder: Path, tmp_path: Path, runnable: list[str]) -> None:
    (folder / installed()[runnable[0]].name).write_bytes(b"no library")

    done = _doctor(tmp_path / "site", tmp_path / "data")

    assert f"\nBackend      {runnable[1]} (" in done.out
    assert "picked since it has the best score" in done.out
    assert f"passed over: {runnable[0]}: could not be loaded: " in done.out
    assert f"\n! {installed()[runnable[0]].name} is damaged, so {runnable[1]} computes instead: " in done.out


def test_with_no_library_left_the_engine_says_which_ones_it_tried(folder: Path, tmp_path: Path) -> None:
    # GIVEN a package of which no library of a variant has arrived in full
    for path in installed().values():
        _cut(folder / path.name)

    report = _doctor(tmp_path / "site", tmp_path / "data", "--json").json

    assert report["backend"] is None
    (problem,) = [problem for problem in report["problems"] if "engine cannot be loaded" in problem["what"]]
    for path in installed().values():
        assert path.name in problem["what"]


def test_only_the_one_that_was_picked_stays_in_memory() -> None:
    code = (
        "from pathlib import Path\n"
        "from desktop.engine.llama import bindings\n"
        "bindings.load()\n"
        "maps = Path('/proc/self/maps').read_text()\n"
        "print(*sorted({line.split('/')[-1] for line in maps.splitlines() if 'libggml-cpu' in line}))\n"
    )
    assert python(code).out.split() == [Path(bindings.load().backend.path).name]


def test_one_that_ggml_does_not_take_is_passed_over(runnable: list[str]) -> None:
    taken: list[str] = []
    complaints = [["old"], ["wrong version"], ["of another"]]

    def load(path: Path) -> bool:
        taken.append(variant_of(path))
        return len(taken) == 2

    found = pick([Path(bindings.load().backend.path).parent], load, lambda: complaints.pop(0))

    assert taken == runnable[:2]
    assert (found.name, found.score) == (runnable[1], _score(installed()[runnable[1]]))
    assert found.passed_over[-1] == PassedOver(runnable[0], installed()[runnable[0]], Obstacle.BROKEN, "wrong version")


def test_the_next_folder_is_looked_into_when_one_has_nothing(tmp_path: Path, runnable: list[str]) -> None:
    there = Path(bindings.load().backend.path).parent
    assert pick([tmp_path, there], lambda _path: True, tuple).name == runnable[0]
    assert pick([tmp_path], lambda _path: True, tuple) == Pick()


def test_a_stranger_comes_after_those_that_are_known(folder: Path, runnable: list[str]) -> None:
    best = folder / installed()[runnable[0]].name
    shutil.copy(best, best.with_name("libggml-cpu-zen9.so"))
    for name in runnable[1:]:
        (folder / installed()[name].name).unlink()
    asked: list[str] = []

    def refuse(path: Path) -> bool:
        asked.append(variant_of(path))
        return False

    assert pick([folder], refuse, tuple).name == ""
    assert asked == [runnable[0], "zen9"]


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9])
def test_a_file_that_was_cut_off_is_seen(folder: Path, share: float, runnable: list[str]) -> None:
    path = folder / installed()[runnable[0]].name
    assert not is_cut_off(path)
    os.truncate(path, int(path.stat().st_size * share))
    assert is_cut_off(path)


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/bin/sh\n" * 100, b"\x7fELF\x02\x01" + bytes(58)])
def test_what_is_no_library_is_left_to_the_linker(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "libggml-cpu-zen4.so"
    file.write_bytes(content)
    assert not is_cut_off(file)
    with pytest.raises(OSError, match="libggml-cpu-zen4"), cpu_backends._opened(file):
        pass


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("libggml-cpu-zen4.so", "zen4"),
        ("ggml-cpu-haswell.dll", "haswell"),
        ("libggml-cpu-armv8.2_1.so", "armv8.2_1"),
        ("libggml-cpu.so", "built-in"),
        ("libllama.so", "built-in"),
    ],
)
def test_the_name_of_a_variant_is_in_its_file_name(file: str, name: str) -> None:
    assert variant_of(Path(file)) == name
