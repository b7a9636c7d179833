"""The recipe of the llama.cpp wheel: its flags, its repacking, its cache, and interruptions."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import platform
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from setup import llama_wheel, native_additions
from setup.commands import BuildError, require_compiler, run, run_with_progress, tool_path
from setup.llama_wheel import (
    FLAGS,
    Layout,
    cache_layout,
    check_libraries,
    configure_again,
    is_needed,
    only_wheel,
    repack,
)

from tests.support.patience import PATIENCE_S, wait_for

NAME = "llama_cpp_python-0.3.36-py3-none-linux_x86_64.whl"
INFO = "llama_cpp_python-0.3.36.dist-info"


def make_raw_wheel(folder: Path, files: dict[str, bytes]) -> Path:
    """Writes a wheel as CMake lays it out."""
    files = {
        "llama_cpp/__init__.py": b"",
        f"{INFO}/METADATA": b"Metadata-Version: 2.1\nName: llama_cpp_python\nVersion: 0.3.36\n",
        f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n",
        **files,
    }
    folder.mkdir(exist_ok=True)
    path = folder / NAME
    with zipfile.ZipFile(path, "w") as archive:
        record = "".join(f"{name},{record_hash(data)},{len(data)}\n" for name, data in files.items())
        for name, data in {**files, f"{INFO}/RECORD": f"{record}{INFO}/RECORD,,\n".encode()}.items():
            archive.writestr(name, data)
    return path


def record_hash(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


RAW = {
    "llama_cpp/lib/libllama.so": b"llama",
    "llama_cpp/lib/libggml.so": b"ggml",
    "llama_cpp/lib/libggml-base.so": b"base",
    "llama_cpp/lib/libllama-common.so": b"common",
    "bin/libggml-cpu-x64.so": b"x64",
    "bin/libggml-cpu-haswell.so": b"haswell",
    "lib/libggml.so": b"ggml",
    "lib/libllama.so": b"llama",
    "lib/cmake/ggml/ggml-cpu.cmake": b"",
    "include/ggml-cpu.h": b"",
}


def test_repacking_keeps_one_file_per_library_beside_libllama(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    wheel = repack(make_raw_wheel(tmp_path / "raw", RAW), tmp_path / "scratch")
    assert wheel.name == NAME
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        rows = list(csv.reader(io.StringIO(archive.read(f"{INFO}/RECORD").decode())))
        contents = {name: archive.read(name) for name in names}
    libraries = {name for name in names if "/lib/" in name}
    assert libraries == {
        f"llama_cpp/lib/lib{stem}.so" for stem in ("llama", "ggml", "ggml-base", "ggml-cpu-x64", "ggml-cpu-haswell")
    }
    assert {name.split("/")[0] for name in names} == {"llama_cpp", INFO}
    # THEN its RECORD lists every file with its true hash, or pip would complain when it uninstalls
    assert {row[0] for row in rows} == set(names)
    assert all(row[1] == record_hash(contents[row[0]]) for row in rows if row[1])


@pytest.mark.parametrize("missing", ["llama_cpp/lib/libllama.so", "llama_cpp/lib/libggml.so"])
def test_a_wheel_without_a_library_is_refused(tmp_path: Path, missing: str) -> None:
    (tmp_path / "scratch").mkdir()
    raw = make_raw_wheel(tmp_path / "raw", {name: data for name, data in RAW.items() if name != missing})
    with pytest.raises(BuildError, match="lacks"):
        repack(raw, tmp_path / "scratch")


def test_libraries_are_checked() -> None:
    good = ["libllama.so", "libggml.so", "libggml-base.so", "libggml-cpu-x64.so"]
    check_libraries(good)
    check_libraries(["llama.dll", "ggml.dll", "ggml-base.dll", "ggml-cpu-x64.dll"])
    with pytest.raises(BuildError, match="CPU backends"):
        check_libraries(good[:3])
    with pytest.raises(BuildError, match="twice"):
        check_libraries([*good, "libggml.so.0"])


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("libllama.so", True),
        ("libggml-cpu-zen4.so", True),
        ("ggml-base.dll", True),
        ("libggml-metal.dylib", True),
        ("libllama-common.so", False),
        ("libmtmd.so", False),
        ("ggml-cpu.h", False),
        ("ggml.lib", False),
        ("libggml.a", False),
    ],
)
def test_only_what_runs_is_kept(name: str, needed: bool) -> None:
    assert is_needed(name) is needed


def test_the_cached_wheel_is_of_this_flavour() -> None:
    """The wheel that `make venv` built and installed holds the 14 backends of x86-64, each once."""
    wheel = only_wheel(cache_layout().repacked)
    assert wheel is not None, "run `make venv`"
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        libraries = [Path(name).name for name in archive.namelist() if "/lib/" in name]
    check_libraries(libraries)
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        backends = {name for name in libraries if name.startswith("libggml-cpu-")}
        assert len(backends) == 14
        assert {"libggml-cpu-x64.so", "libggml-cpu-sse42.so", "libggml-cpu-haswell.so"} <= backends


def test_the_cache_lies_outside_the_checkout_and_follows_the_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATNAP_BUILD_CACHE", str(tmp_path))
    first = cache_layout()
    assert first.root.parent == tmp_path
    monkeypatch.setattr(llama_wheel, "FLAGS", (*FLAGS, "-DGGML_AVX=OFF"))
    assert cache_layout() != first
    monkeypatch.delenv("CATNAP_BUILD_CACHE")
    assert cache_layout().root.is_relative_to(Path.home() / ".cache" / "catnap-build")


def a_source(folder: Path, *, passages: int = 1) -> Path:
    """Writes the files of llama.cpp that our additions go into, with each passage so many times."""
    cpu = folder / "vendor" / "llama.cpp" / "ggml" / "src" / "ggml-cpu"
    cpu.mkdir(parents=True)
    for name in {edit.file for edit in native_additions.EDITS}:
        texts = [edit.behind for edit in native_additions.EDITS if edit.file == name] * passages
        (cpu / name).write_text("".join(f"// before\n{text}// after\n" for text in texts))
    return cpu


def test_the_additions_stand_behind_their_passages(tmp_path: Path) -> None:
    cpu = a_source(tmp_path)
    native_additions.add_to(tmp_path)
    for edit in native_additions.EDITS:
        assert edit.behind + edit.lines + "// after" in (cpu / edit.file).read_text()
    assert (cpu / "grouped-attention.h").read_text().startswith("#pragma once")


@pytest.mark.parametrize("passages", [0, 2])
def test_another_llama_cpp_is_not_added_to_blindly(tmp_path: Path, passages: int) -> None:
    a_source(tmp_path, passages=passages)
    with pytest.raises(BuildError, match=f"{passages} times"):
        native_additions.add_to(tmp_path)


def test_the_cache_follows_the_additions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATNAP_BUILD_CACHE", str(tmp_path))
    first = cache_layout()
    monkeypatch.setattr(native_additions, "EDITS", native_additions.EDITS[:1])
    assert cache_layout() != first


def test_a_change_of_the_repacking_compiles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(tmp_path)
    make_raw_wheel(layout.raw, RAW)
    monkeypatch.setattr(llama_wheel, "compile_wheel", lambda layout: pytest.fail("compiled again"))
    first = llama_wheel.build_wheel(layout)
    monkeypatch.setattr(llama_wheel, "REPACK_REVISION", llama_wheel.REPACK_REVISION + 1)
    second = llama_wheel.build_wheel(layout)
    assert first != second
    assert only_wheel(layout.repacked) == second


def test_a_build_tree_outlives_the_checkout_that_made_it(tmp_path: Path) -> None:
    source, tree, ninja = tmp_path / "source", tmp_path / "tree", tmp_path / "of-another-checkout"
    source.mkdir()
    (source / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.20)\nproject(tiny NONE)\n")
    cmake, present = (shutil.which(name, path=tool_path()) for name in ("cmake", "ninja"))
    assert cmake
    assert present
    ninja.symlink_to(present)
    made = [cmake, "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}", "-S", str(source), "-B", str(tree)]
    run(made, dict(os.environ))
    ninja.unlink()
    configure_again(tree, "-DTOLD=ON")
    cache = (tree / "CMakeCache.txt").read_text()
    assert "TOLD" in cache
    assert str(ninja) not in cache


def test_what_killed_builds_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "scratch-old").mkdir()
    with llama_wheel.scratch_folder(Layout(tmp_path)) as scratch:
        assert [path.name for path in tmp_path.iterdir()] == [Path(scratch).name]


def test_a_damaged_source_is_not_used(tmp_path: Path) -> None:
    archive = tmp_path / "llama_cpp_python-0.3.36.tar.gz"
    archive.write_bytes(b"not the source")
    with pytest.raises(BuildError, match="expected 832db069"):
        llama_wheel.ensure_source(Layout(tmp_path))
    assert not archive.exists()


def test_without_a_compiler_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(BuildError, match=r"apt-get install g\+\+"):
        require_compiler()


def test_progress_shows_ninja_s_count(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = "for n in range(1, 388): print(f'[{n}/387] Building CXX object', flush=True)"
    run_with_progress([sys.executable, "-c", script], dict(os.environ), tmp_path / "log")
    shown = capfd.readouterr().err
    assert "compiling 1/387" in shown
    assert "compiling 387/387" in shown
    assert len(shown.splitlines()) < 30, "a log is not flooded"
    assert len((tmp_path / "log").read_text().splitlines()) == 387


def test_a_failed_build_shows_the_end_of_its_log(tmp_path: Path) -> None:
    script = "import sys; print('error: no such instruction'); sys.exit(3)"
    with pytest.raises(BuildError, match="no such instruction"):
        run_with_progress([sys.executable, "-c", script], dict(os.environ), tmp_path / "log")
    with pytest.raises(BuildError, match="no such instruction"):
        run([sys.executable, "-c", script])


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
from setup.commands import run_with_progress
child = "import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']); "
child += "print('[1/2] Building', c.pid, flush=True); c.wait()"
try:
    run_with_progress([sys.executable, "-c", child], dict(os.environ), Path(sys.argv[2]))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_ctrl_c_leaves_no_compiler_behind(tmp_path: Path) -> None:
    scripts = Path(llama_wheel.__file__).parents[1]
    command = [sys.executable, "-c", INTERRUPTED, str(scripts), str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "compiling 1/2" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE_S)
    assert out.strip() == "interrupted"
    compiler = int((tmp_path / "log").read_text().split()[-1])
    wait_for("the compiler to end", lambda: not is_running(compiler))


def is_running(pid: int) -> bool:
    """True for a process that is neither gone nor a zombie nobody has waited for."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text() if Path("/proc").is_dir() else ""
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return ") Z " not in status
