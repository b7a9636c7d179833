"""Builds ggml's code for graphics processors as one library beside our llama.cpp, which fits that build and no other.

The library is no part of the wheel or of the bundle: it is a download of its own (``release.gpu``), and most laptops do
without. It is compiled from the very source of the wheel with the same flags, in a copy of ggml's folder, so that the
wheel's own tree stays as it was. What fits what is told by the build id that the linker wrote into ``libggml-base``.

Why it is built this way, and what was weighed against it: ``docs/adr/028-gpu.md``.

Usage:
    python packaging setup.gpu_library build [vulkan|cuda|metal]     build if needed, print the path of the library
    python packaging setup.gpu_library install [...] --data DIR      the same, and put it where Catnap looks for it
    python packaging setup.gpu_library packages                      print the Debian packages that it takes
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from setup.commands import BuildError, require_compiler, run, run_with_progress, say, tool_path
from setup.llama_wheel import FLAGS, Layout, build_wheel, cache_layout, ensure_source, exclusive

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))

from desktop.engine.gpu.build_id import build_id  # noqa: E402
from desktop.engine.gpu.manifest import MANIFEST_NAME, Manifest, manifest_text  # noqa: E402

PACKAGES_FILE = ROOT / "packaging" / "vulkan-debian-packages.txt"
# Raised when what is done with the compiled library changes.
REVISION = 1


@dataclass(frozen=True)
class Recipe:
    """How one kind of library is built.

    Attributes:
        flags: CMake's, beside those of the wheel.
        target: Name of the library among CMake's targets.
        tools: Programs that it takes beside a C++ compiler.
        has_run: We have built and run it; the others are built by the release workflow and were never run by us.
    """

    flags: tuple[str, ...]
    target: str
    tools: tuple[str, ...] = ()
    has_run: bool = False


RECIPES = {
    "vulkan": Recipe(("-DGGML_VULKAN=ON",), "ggml-vulkan", ("glslc",), has_run=True),
    "cuda": Recipe(("-DGGML_CUDA=ON", "-DCMAKE_CUDA_ARCHITECTURES=61;75;86;89"), "ggml-cuda", ("nvcc",)),
    "metal": Recipe(("-DGGML_METAL=ON", "-DGGML_METAL_EMBED_LIBRARY=ON"), "ggml-metal"),
}

_VULKAN = Path("src", "ggml-vulkan", "ggml-vulkan.cpp")
# Settings of a layer for debugging, on which nothing else depends. Vulkan's C++ headers know them since 1.3.268; those
# of Debian 12 are of 1.3.239, and no package of a registry has newer ones under the headers' own licence.
_CREATE_INFO = (
    "    vk::InstanceCreateInfo instance_create_info(vk::InstanceCreateFlags{}, &app_info, layers, extensions"
)
_LAYER_SETTINGS = f"""    VkBool32 enable_best_practice = layer_settings;
    std::vector<vk::LayerSettingEXT> settings = {{
        {{
            "VK_LAYER_KHRONOS_validation",
            "validate_best_practices",
            vk::LayerSettingTypeEXT::eBool32,
            1,
            &enable_best_practice
        }},
    }};
    vk::LayerSettingsCreateInfoEXT layer_setting_info(settings);
{_CREATE_INFO}, &layer_setting_info);
"""
_WITHOUT_THEM = f"{_CREATE_INFO});\n"


def without_layer_settings(text: str) -> str:
    """Returns the source of ggml's Vulkan code without the settings of the validation layer.

    Raises:
        BuildError: They do not stand there once: it is another release of llama.cpp.
    """
    if text.count(_LAYER_SETTINGS) != 1:
        raise BuildError("ggml-vulkan.cpp of this llama.cpp is not the one that packaging/setup/gpu_library.py knows")
    return text.replace(_LAYER_SETTINGS, _WITHOUT_THEM)


@dataclass(frozen=True)
class Place:
    """Where one library is built, in the cache.

    Attributes:
        root: A folder within that of the wheel's flavour.
        kind: See :data:`RECIPES`.
    """

    root: Path
    kind: str

    @property
    def source(self) -> Path:
        return self.root / "ggml"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def library(self) -> Path:
        """The product, under the name by which Catnap looks for it."""
        return self.root / "out" / file_name(self.kind)

    @property
    def manifest(self) -> Path:
        return self.root / "out" / MANIFEST_NAME


def file_name(kind: str) -> str:
    """Returns the name of a library on this system."""
    target = RECIPES[kind].target
    return f"{target}.dll" if os.name == "nt" else f"lib{target}.so"


def place_of(layout: Layout, kind: str) -> Place:
    """Returns where a kind of library of one flavour of llama.cpp is built."""
    recipe = "\n".join((str(REVISION), *FLAGS, *RECIPES[kind].flags, _WITHOUT_THEM if kind == "vulkan" else ""))
    return Place(layout.root / f"gpu-{kind}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}", kind)


def build(layout: Layout, kind: str) -> Path:
    """Returns the library, building it first where there is none (some 20 minutes of one core for Vulkan).

    Raises:
        BuildError: A tool is missing, or the build failed.
    """
    place, recipe = place_of(layout, kind), RECIPES[kind]
    with exclusive(layout):
        source, wheel = ensure_source(layout), build_wheel(layout)
    with exclusive(Layout(place.root)):  # of its own: nobody needs to wait for this one to get a wheel
        if not place.library.is_file():
            require_compiler()
            missing = [tool for tool in recipe.tools if shutil.which(tool) is None]
            if missing:
                raise BuildError(f"{', '.join(missing)} is missing; see packaging/{PACKAGES_FILE.name}")
            copy_source(source, place)
            compile_library(place, recipe)
        write_manifest(place, base_library(wheel))
    return place.library


def copy_source(source: Path, place: Place) -> None:
    """Copies ggml's folder out of the unpacked source, and takes out of it what the headers do not know."""
    if (place.source / "CMakeLists.txt").is_file():
        return
    scratch = place.root / "unfinished"
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(source / "vendor" / "llama.cpp" / "ggml", scratch)
    (scratch / "ggml.pc.in").touch()  # for installing ggml alone, which nobody does; the sdist leaves it out
    if place.kind == "vulkan":
        path = scratch / _VULKAN
        path.write_text(without_layer_settings(path.read_text(encoding="utf-8")), encoding="utf-8")
    scratch.rename(place.source)


def compile_library(place: Place, recipe: Recipe) -> None:
    """Compiles, and publishes the library in one step; an interrupted build goes on where it stopped."""
    cmake, ninja = (shutil.which(name, path=tool_path()) or name for name in ("cmake", "ninja"))
    environment = {**os.environ, "PATH": tool_path()}
    # No path of the machine that builds: neither in what the library says, nor in where it looks for others. Those that
    # it is linked to, libggml-base, are loaded already whenever it is.
    prefix = f"-ffile-prefix-map={place.root}=."
    configure = [
        *(cmake, "-S", str(place.source), "-B", str(place.build), "-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={ninja}"),
        *("-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=ON", "-DCMAKE_SKIP_RPATH=ON"),
        *("-DGGML_BUILD_TESTS=OFF", "-DGGML_BUILD_EXAMPLES=OFF", f"-DCMAKE_CXX_FLAGS={prefix}"),
        *FLAGS,
        *recipe.flags,
    ]
    run(configure, environment)
    say(f"building {recipe.target}; Vulkan's shaders take some 20 minutes of one core, once")
    jobs = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or str(os.cpu_count() or 1)
    command = [cmake, "--build", str(place.build), "--target", recipe.target, "--parallel", jobs]
    run_with_progress(command, environment, place.root / "build.log")
    found = [path for path in place.build.rglob(f"*{recipe.target}.*") if path.suffix in (".so", ".dll", ".dylib")]
    if len(found) != 1:
        raise BuildError(f"the build left {len(found)} libraries called {recipe.target}")
    place.library.parent.mkdir(exist_ok=True)
    scratch = place.library.with_suffix(".part")
    shutil.copyfile(found[0], scratch)
    if shutil.which("strip") and os.name == "posix" and sys.platform != "darwin":
        run(["strip", "--strip-unneeded", str(scratch)])
    scratch.replace(place.library)


def base_library(wheel: Path) -> bytes:
    """Returns ``libggml-base`` as the wheel has it."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if Path(name).name in ("libggml-base.so", "libggml-base.dylib", "ggml-base.dll"):
                return archive.read(name)
    raise BuildError(f"{wheel} holds no libggml-base")


def write_manifest(place: Place, base: bytes) -> None:
    """Writes what the library is and what it fits, beside it."""
    content = place.library.read_bytes()
    manifest = Manifest(
        kind=place.kind,
        file=place.library.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        fits=build_id(base),
        system=f"{platform.system()} {platform.machine()}",
    )
    place.manifest.write_text(manifest_text((manifest,)), encoding="ascii")


def install(layout: Layout, kind: str, data: Path) -> Path:
    """Builds, and puts the library into the data folder of a Catnap and its manifest beside its llama.cpp.

    Returns:
        The library's new place.

    Raises:
        BuildError: This interpreter has no llama-cpp-python.
    """
    library = build(layout, kind)
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        raise BuildError("this interpreter has no llama-cpp-python; run it with that of .venv")
    manifest = Path(next(iter(spec.submodule_search_locations))) / "lib" / MANIFEST_NAME
    put(place_of(layout, kind).manifest, manifest)
    target = data / "gpu" / library.name
    target.parent.mkdir(parents=True, exist_ok=True)
    put(library, target)
    return target


def put(source: Path, target: Path) -> None:
    """Copies a file in one step: its name is never that of half a file, and never of one with other names."""
    scratch = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, scratch)
    scratch.replace(target)


def packages() -> str:
    """Returns the Debian packages that building and trying the Vulkan library takes, in one line."""
    lines = PACKAGES_FILE.read_text(encoding="ascii").splitlines()
    return " ".join(line.split()[0] for line in lines if line.partition("#")[0].strip())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("build", "install", "packages"))
    parser.add_argument("kind", nargs="?", choices=tuple(RECIPES), default="vulkan")
    parser.add_argument("--data", type=Path, help="the data folder of a Catnap")
    chosen = parser.parse_args()
    try:
        if chosen.what == "packages":
            print(packages())
            return 0
        if chosen.what == "build":
            print(build(cache_layout(), chosen.kind))
        elif chosen.data is None:
            raise BuildError("say where: --data DIR")
        else:
            print(install(cache_layout(), chosen.kind, chosen.data))
    except BuildError as problem:
        say(f"gpu_library: {problem}")
        return 1
    except KeyboardInterrupt:
        say("gpu_library: interrupted; run again to go on where it stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
