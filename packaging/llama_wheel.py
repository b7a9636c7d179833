"""Builds llama-cpp-python in the one flavour that Catnap ships, and caches the result.

The sdist built plainly is compiled with ``-march=native`` and OpenMP, which kills the program on any older CPU and lets
two spinning threads stall a busy laptop. This flavour holds one CPU backend per instruction-set level, picked at run time,
and ggml's own thread pool. The measured reasons are in ``packaging/adr/001-llama-wheel.md``.

The wheel that CMake installs holds three full copies of each library and leaves the CPU backends in ``site-packages/bin``;
it is repacked to one file per shared-object name, all beside libllama.

Uses the standard library plus the tools of ``packaging/requirements/build.txt`` (CMake, Ninja, scikit-build-core, wheel),
which must be importable by the interpreter that runs this file. Nothing is written inside the checkout.

Usage:
    python packaging/llama_wheel.py wheel    build if needed, print the path of the wheel
    python packaging/llama_wheel.py bench    build llama.cpp's own llama-bench beside it, print its path
    python packaging/llama_wheel.py source   print the folder of the unpacked source (vocabularies, templates)
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VERSION = "0.3.36"
SDIST_SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"

# Each flag is explained in packaging/adr/001-llama-wheel.md.
FLAGS: tuple[str, ...] = (
    "-DGGML_NATIVE=OFF",
    "-DGGML_BACKEND_DL=ON",
    "-DGGML_CPU_ALL_VARIANTS=ON",
    "-DGGML_OPENMP=OFF",
    "-DGGML_CCACHE=OFF",
    "-DLLAVA_BUILD=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=OFF",
)

# Raised when the repacking below changes, so that an older cached wheel is not taken for a new one.
REPACK_REVISION = 1

_NINJA_STEP = re.compile(r"^\s*\[(\d+)/(\d+)\]")


class BuildError(Exception):
    """The build cannot go on; the text says what to do."""


@dataclass(frozen=True)
class Layout:
    """Where the products of one version and one set of flags live, outside the checkout.

    Attributes:
        root: Folder of this flavour in the cache.
    """

    root: Path

    @property
    def source(self) -> Path:
        return self.root / f"llama_cpp_python-{VERSION}"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def wheels(self) -> Path:
        return self.root / "wheel"

    @property
    def bench(self) -> Path:
        return self.build / "bin" / ("llama-bench.exe" if os.name == "nt" else "llama-bench")

    def finished_wheel(self) -> Path | None:
        found = sorted(self.wheels.glob("llama_cpp_python-*.whl"))
        return found[0] if found else None


def cache_layout() -> Layout:
    """Returns the cache folder of this flavour: ``$CATNAP_BUILD_CACHE`` or ``~/.cache/catnap-build``."""
    configured = os.environ.get("CATNAP_BUILD_CACHE")
    xdg = os.environ.get("XDG_CACHE_HOME")
    base = Path(configured) if configured else Path(xdg or Path.home() / ".cache") / "catnap-build"
    recipe = "\n".join((*FLAGS, f"repack={REPACK_REVISION}", platform.system(), platform.machine()))
    return Layout(base / f"llama-{VERSION}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}")


@contextmanager
def exclusive(layout: Layout) -> Iterator[None]:
    """Lets one process at a time build a flavour; the others wait and then find the result."""
    layout.root.mkdir(parents=True, exist_ok=True)
    if os.name == "nt":
        yield
        return
    import fcntl

    with (layout.root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_source(layout: Layout) -> Path:
    """Downloads the sdist through pip (so the machine's own index settings hold), checks it and unpacks it."""
    if (layout.source / "CMakeLists.txt").is_file():
        return layout.source
    archive = layout.root / f"llama_cpp_python-{VERSION}.tar.gz"
    if not archive.is_file():
        say(f"fetching llama-cpp-python {VERSION} (77 MB of source)")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation"]
        run([*pip, "--no-binary", ":all:", "--dest", str(layout.root), f"llama-cpp-python=={VERSION}"])
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != SDIST_SHA256:
        archive.unlink()
        raise BuildError(f"the source archive has sha256 {digest}, expected {SDIST_SHA256}; it was removed, run again")
    with tempfile.TemporaryDirectory(dir=layout.root) as scratch:
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        (Path(scratch) / layout.source.name).rename(layout.source)
    archive.unlink()
    return layout.source


def build_wheel(layout: Layout) -> Path:
    """Returns the cached wheel, building and repacking it first where there is none (about 10 minutes on 2 cores)."""
    done = layout.finished_wheel()
    if done:
        return done
    require_compiler()
    source = ensure_source(layout)
    say("building llama.cpp with every CPU backend; this takes about 10 minutes on 2 cores and happens once")
    with tempfile.TemporaryDirectory(dir=layout.root) as scratch:
        raw = Path(scratch) / "raw"
        command = [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "--no-build-isolation"]
        command += ["--config-settings", f"build-dir={layout.build}", "--wheel-dir", str(raw), str(source)]
        environment = {**os.environ, "CMAKE_ARGS": " ".join(FLAGS), "PATH": tool_path()}
        run_with_progress(command, environment, layout.root / "build.log")
        wheel = repack(next(raw.glob("*.whl")), Path(scratch) / "repacked")
        layout.wheels.mkdir(exist_ok=True)
        target = layout.wheels / wheel.name
        wheel.replace(target)
    return target


def repack(raw: Path, scratch: Path) -> Path:
    """Rewrites a wheel with one file per library, the CPU backends beside libllama and nothing outside ``llama_cpp``.

    Args:
        raw: The wheel as CMake installed it.
        scratch: An empty folder to work in.

    Returns:
        The new wheel, under the name of the old one.
    """
    run([sys.executable, "-m", "wheel", "unpack", "--dest", str(scratch), str(raw)])
    root = next(scratch.iterdir())
    package_lib = root / "llama_cpp" / "lib"
    for stray in ("bin", "lib", "lib64"):
        for backend in (root / stray).glob("*ggml-cpu*"):
            shutil.move(backend, package_lib / backend.name)
        shutil.rmtree(root / stray, ignore_errors=True)
    shutil.rmtree(root / "include", ignore_errors=True)
    shutil.rmtree(root / "share", ignore_errors=True)
    if sys.platform.startswith("linux"):
        keep_one_file_per_soname(package_lib)
    out = scratch / "out"
    out.mkdir()
    run([sys.executable, "-m", "wheel", "pack", "--dest-dir", str(out), str(root)])
    return next(out.glob("*.whl"))


def keep_one_file_per_soname(folder: Path) -> None:
    """Drops the copies that stand for symlinks.

    A dependency is looked up by its soname (``libggml.so.0``), so that is the name kept; libllama itself is opened by
    llama-cpp-python as ``libllama.so`` and nothing links to it, so it keeps that one. Loading a *copy* of libggml would
    create a second backend registry, empty, and llama.cpp would say "no backends are loaded".
    """
    for link_name in ("libggml", "libggml-base"):
        (folder / f"{link_name}.so").unlink(missing_ok=True)
    for path in sorted(folder.glob("*.so.*")):
        is_soname = path.name.removeprefix(path.name.split(".so.")[0] + ".so.").isdigit()
        if path.name.startswith("libllama.") or not is_soname:
            path.unlink()
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("libllama-common", "libcommon")) or path.suffix == ".a":
            path.unlink()


def build_bench(layout: Layout) -> Path:
    """Builds llama.cpp's ``llama-bench`` in the same build tree, hence with the same flags and objects."""
    build_wheel(layout)
    if layout.bench.is_file():
        return layout.bench
    require_compiler()
    say("building llama-bench from the same source and flags")
    tools = shutil.which("cmake", path=tool_path()) or "cmake"
    ninja = shutil.which("ninja", path=tool_path()) or "ninja"
    scratch = layout.root / "bench-build"
    configure = [tools, "-S", str(layout.source / "vendor" / "llama.cpp"), "-B", str(scratch), "-G", "Ninja"]
    configure += [f"-DCMAKE_MAKE_PROGRAM={ninja}", "-DCMAKE_BUILD_TYPE=Release", *FLAGS]
    configure += ["-DLLAMA_BUILD_TOOLS=ON", "-DLLAMA_CURL=OFF"]
    run(configure)
    run([tools, "--build", str(scratch), "--target", "llama-bench"])
    return scratch / "bin" / layout.bench.name


def run_with_progress(command: list[str], environment: dict[str, str], log: Path) -> None:
    """Runs a build, writes its output to ``log`` and shows Ninja's step count.

    Raises:
        BuildError: The command failed; the last lines of the log are in the text.
    """
    shown = -1
    with log.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        assert process.stdout is not None
        for line in process.stdout:
            sink.write(line)
            step = _NINJA_STEP.match(line)
            if step is None:
                continue
            at, total = int(step[1]), int(step[2])
            interactive = sys.stderr.isatty()
            if interactive:
                print(f"\r  compiling {at}/{total} ", end="", file=sys.stderr, flush=True)
            elif at * 20 // total > shown:
                shown = at * 20 // total
                print(f"  compiling {at}/{total}", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            print(file=sys.stderr)
        if process.wait() != 0:
            tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-25:])
            raise BuildError(f"the build of llama.cpp failed; the whole log is {log}\n{tail}")


def run(command: list[str]) -> None:
    """Runs a command silently; its output is shown only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command[:4])} ... failed:\n{done.stdout[-4000:]}")


def tool_path() -> str:
    """PATH with the interpreter's own scripts first, so that the pinned CMake and Ninja are the ones used."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def require_compiler() -> None:
    """Raises BuildError with the package to install where no C++ compiler is found."""
    names = ["cl"] if os.name == "nt" else ["c++", "g++", "clang++"]
    if not any(shutil.which(name) for name in [os.environ.get("CXX", ""), *names] if name):
        raise BuildError(
            "no C++ compiler found. Debian/Ubuntu: sudo apt-get install g++ · Fedora: sudo dnf install gcc-c++ · "
            "Arch: sudo pacman -S gcc · macOS: xcode-select --install"
        )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("wheel", "bench", "source"))
    what = parser.parse_args().what
    layout = cache_layout()
    try:
        with exclusive(layout):
            print({"wheel": build_wheel, "bench": build_bench, "source": ensure_source}[what](layout))
    except BuildError as problem:
        say(f"llama_wheel: {problem}")
        return 1
    except KeyboardInterrupt:
        say("llama_wheel: interrupted; run again to go on where it stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
