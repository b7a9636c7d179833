"""Builds llama-cpp-python in the one flavour that Catnap ships, and caches the result.

The sdist built plainly is compiled with ``-march=native`` and OpenMP, which kills the program on any older CPU and lets
two spinning threads stall a busy laptop. This flavour holds one CPU backend per instruction-set level, picked at run
time, and ggml's own thread pool. The measured reasons are in ``docs/adr/001-llama-wheel.md``.

ggml's attention on the CPU gets an addition of ours, see :mod:`setup.native_additions`.

The wheel that CMake installs leaves the CPU backends in ``site-packages/bin`` beside llama.cpp's headers and second
copies of its libraries; it is repacked to one file per library, all beside libllama.

Uses the standard library plus the tools of ``packaging/requirements/build.txt`` (CMake, Ninja, scikit-build-core,
wheel), which must be importable by the interpreter that runs this file. Nothing is written inside the checkout; an
interrupted build goes on where it stopped.

Usage:
    python packaging setup.llama_wheel wheel    build if needed, print the path of the wheel
    python packaging setup.llama_wheel bench    build llama.cpp's own llama-bench beside it, print its path
    python packaging setup.llama_wheel server   likewise its llama-server, for the tests, without its web pages
    python packaging setup.llama_wheel source   print the folder of the unpacked source (vocabularies, templates)
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import signal
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from setup import native_additions
from setup.commands import BuildError, require_compiler, run, run_with_progress, say, tool_path

VERSION = "0.3.36"
SDIST_SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"

# Each flag is explained in docs/adr/001-llama-wheel.md.
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
    "-DLLAMA_BUILD_TOOLS=OFF",
    "-DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON",
)

# Raised when the repacking below changes, so that an older cached wheel is not taken for a new one.
REPACK_REVISION = 3


@dataclass(frozen=True)
class Tool:
    """A program of llama.cpp's own that is built of the wheel's objects, for measuring and for tests.

    Attributes:
        name: Of the program, and of CMake's target.
        flags: What it needs beyond those of the wheel; what the wheel is made of stays as it is.
    """

    name: str
    flags: tuple[str, ...]


BENCH = Tool("llama-bench", ("-DLLAMA_BUILD_TOOLS=ON",))
SERVER = Tool(
    "llama-server",
    (
        "-DLLAMA_BUILD_TOOLS=ON",
        "-DLLAMA_BUILD_SERVER=ON",
        # Its web pages would be downloaded, or made by npm; and it is asked on loopback, and fetches no model.
        "-DLLAMA_BUILD_UI=OFF",
        "-DLLAMA_USE_PREBUILT_UI=OFF",
        "-DLLAMA_OPENSSL=OFF",
    ),
)


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
        """CMake's build tree; kept, so that llama-bench and llama-server re-use the very objects of the wheel."""
        return self.root / "build"

    @property
    def raw(self) -> Path:
        """The wheel as CMake installed it; kept, so that a change of the repacking compiles nothing."""
        return self.root / "raw"

    @property
    def repacked(self) -> Path:
        return self.root / f"wheel-{REPACK_REVISION}"

    def tool(self, tool: Tool) -> Path:
        """Returns where a program of llama.cpp's own is, once it was built."""
        return self.build / "bin" / (f"{tool.name}.exe" if os.name == "nt" else tool.name)


def cache_layout() -> Layout:
    """Returns the cache folder of this flavour: below ``$CATNAP_BUILD_CACHE`` or ``~/.cache/catnap-build``."""
    configured = os.environ.get("CATNAP_BUILD_CACHE")
    xdg = os.environ.get("XDG_CACHE_HOME")
    base = Path(configured).expanduser() if configured else Path(xdg or Path.home() / ".cache") / "catnap-build"
    recipe = "\n".join((*FLAGS, platform.system(), platform.machine(), native_additions.recipe()))
    return Layout(base.absolute() / f"llama-{VERSION}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}")


def only_wheel(folder: Path) -> Path | None:
    """Returns the wheel in ``folder``, or None where there is none."""
    return next(iter(sorted(folder.glob("llama_cpp_python-*.whl"))), None)


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


def scratch_folder(layout: Layout) -> tempfile.TemporaryDirectory[str]:
    """Makes a folder that is removed when its user is done; those of killed builds are removed first."""
    for leftover in layout.root.glob("scratch-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return tempfile.TemporaryDirectory(dir=layout.root, prefix="scratch-")


def ensure_source(layout: Layout) -> Path:
    """Downloads the sdist through pip (so the machine's own index settings hold), checks, unpacks and adds to it."""
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
    with scratch_folder(layout) as scratch:
        with tarfile.open(archive) as tar:
            if hasattr(tarfile, "data_filter"):
                tar.extractall(scratch, filter="data")
            else:  # Debian 12's Python 3.11.2 does not know filters; the archive's hash was checked just now
                tar.extractall(scratch)
        unpacked = Path(scratch) / layout.source.name
        native_additions.add_to(unpacked)
        unpacked.rename(layout.source)
    archive.unlink()
    return layout.source


def build_wheel(layout: Layout) -> Path:
    """Returns the cached wheel, building and repacking it first where there is none (about 10 minutes on 2 cores)."""
    done = only_wheel(layout.repacked)
    if done:
        return done
    raw = only_wheel(layout.raw) or compile_wheel(layout)
    with scratch_folder(layout) as scratch:
        return publish(repack(raw, Path(scratch)), layout.repacked)


def compile_wheel(layout: Layout) -> Path:
    """Compiles llama.cpp and returns the wheel as llama-cpp-python's own build makes it."""
    require_compiler()
    source = ensure_source(layout)
    say("building llama.cpp with every CPU backend; this takes about 10 minutes on 2 cores and happens once")
    with scratch_folder(layout) as scratch:
        # pip would put a second copy of the wheel into its own cache.
        command = [sys.executable, "-m", "pip", "wheel", "-v", "--no-cache-dir", "--no-deps", "--no-build-isolation"]
        command += ["--config-settings", f"build-dir={layout.build}", "--wheel-dir", scratch, str(source)]
        environment = {**build_environment(), "CMAKE_ARGS": " ".join(FLAGS)}
        run_with_progress(command, environment, layout.root / "build.log")
        wheel = only_wheel(Path(scratch))
        if wheel is None:
            raise BuildError(f"the build left no wheel; its log is {layout.root / 'build.log'}")
        return publish(wheel, layout.raw)


def publish(wheel: Path, folder: Path) -> Path:
    """Moves a finished wheel into its folder in one step, so that a half-written one is never found there."""
    folder.mkdir(exist_ok=True)
    return wheel.replace(folder / wheel.name)


def repack(raw: Path, scratch: Path) -> Path:
    """Rewrites a wheel with one file per library, the CPU backends beside libllama and nothing outside ``llama_cpp``.

    Args:
        raw: The wheel as CMake installed it.
        scratch: An empty folder to work in.

    Returns:
        The new wheel in ``scratch``, under the name of the old one.

    Raises:
        BuildError: The wheel does not hold what it must.
    """
    run([sys.executable, "-m", "wheel", "unpack", "--dest", str(scratch / "tree"), str(raw)])
    root = next((scratch / "tree").iterdir())
    libraries = root / "llama_cpp" / "lib"
    for stray in ("bin", "lib", "lib64"):
        for backend in (root / stray).glob("*ggml-cpu*"):
            backend.replace(libraries / backend.name)
    for stray in ("bin", "lib", "lib64", "include", "share"):
        shutil.rmtree(root / stray, ignore_errors=True)
    for path in libraries.iterdir():
        if not is_needed(path.name):
            path.unlink()
    check_libraries([path.name for path in libraries.iterdir()])
    out = scratch / "out"
    out.mkdir()
    run([sys.executable, "-m", "wheel", "pack", "--dest-dir", str(out), str(root)])
    return next(out.glob("*.whl"))


def is_needed(name: str) -> bool:
    """True for libllama and ggml; false for what only llama.cpp's own tools use: libllama-common, import libraries."""
    stem = name.removeprefix("lib").split(".")[0]
    return (stem == "llama" or stem.startswith("ggml")) and (".so" in name or name.endswith((".dylib", ".dll")))


def check_libraries(names: list[str]) -> None:
    """Raises BuildError unless each library is there once and there is a CPU backend.

    A *copy* of libggml under another name would be loaded beside the first and have a second backend registry, an empty
    one: llama.cpp would say "no backends are loaded".
    """
    stems = sorted(name.removeprefix("lib").split(".")[0] for name in names)
    missing = [stem for stem in ("llama", "ggml", "ggml-base") if stem not in stems]
    if missing or not any(stem.startswith("ggml-cpu") for stem in stems):
        raise BuildError(f"the wheel lacks {', '.join(missing) or 'the CPU backends'}; it holds: {', '.join(names)}")
    if len(stems) != len(set(stems)):
        raise BuildError(f"the wheel holds a library twice: {', '.join(sorted(names))}")


def build_tool(layout: Layout, tool: Tool) -> Path:
    """Builds a program of llama.cpp's in the wheel's own build tree, hence of the same objects with the same flags.

    It finds the CPU backends in its own folder, where the build put them.
    """
    build_wheel(layout)
    built = layout.tool(tool)
    if built.is_file():
        return built
    require_compiler()
    if not (layout.build / "CMakeCache.txt").is_file():
        compile_wheel(layout)  # somebody emptied the build tree to save space
    say(f"building {tool.name} of the same source with the same flags")
    cmake = configure_again(layout.build, *tool.flags)
    command = [cmake, "--build", str(layout.build), "--target", tool.name]
    run_with_progress(command, build_environment(), layout.root / f"{tool.name}.log")
    return built


def build_environment() -> dict[str, str]:
    """Returns the environment of a build: our CMake and Ninja, and as many compilers as processors."""
    environment = {**os.environ, "PATH": tool_path()}
    # Ninja's own default is two jobs more than cores; a job takes up to 600 MB, and this may be a 4 GB laptop.
    environment.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count() or 1))
    return environment


def configure_again(build: Path, *flags: str) -> str:
    """Changes the flags of a build tree that may have been made from another checkout, and returns the CMake that did.

    The tree remembers the Ninja that made it, and that one lies in the environment of its checkout.

    Args:
        build: The tree.
        flags: What else is to change.

    Raises:
        BuildError: CMake failed.
    """
    cmake, ninja = (shutil.which(name, path=tool_path()) or name for name in ("cmake", "ninja"))
    command = [cmake, f"-DCMAKE_MAKE_PROGRAM={ninja}", *flags, str(build)]
    run(command, {**os.environ, "PATH": tool_path()})
    return cmake


def end_as_interrupted(_number: int, _frame: object) -> None:
    """Signal handler: a closed terminal ends the build as Ctrl+C does."""
    raise KeyboardInterrupt


_MAKERS: Mapping[str, Callable[[Layout], Path]] = MappingProxyType(
    {
        "wheel": build_wheel,
        "bench": lambda layout: build_tool(layout, BENCH),
        "server": lambda layout: build_tool(layout, SERVER),
        "source": ensure_source,
    }
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=tuple(_MAKERS))
    what = parser.parse_args().what
    layout = cache_layout()
    if os.name == "posix":
        signal.signal(signal.SIGTERM, end_as_interrupted)
        signal.signal(signal.SIGHUP, end_as_interrupted)
    try:
        with exclusive(layout):
            print(_MAKERS[what](layout))
    except BuildError as problem:
        say(f"llama_wheel: {problem}")
        return 1
    except KeyboardInterrupt:
        say("llama_wheel: interrupted; run again to go on where it stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
