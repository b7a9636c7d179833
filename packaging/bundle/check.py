"""Looks at the machine code of the bundle: would an old processor and an old system run it? Linux on x86-64 only.

- No instruction that a processor of 2008 (x86-64-v2) lacks, outside the variant libraries of llama.cpp, of which one is
  picked at run time, and the libraries of ``OWN_DISPATCH``, which ask the processor themselves.
- The newest glibc symbol that each file needs, and so the oldest Linux that the bundle runs on.
- All of llama.cpp's libraries lie side by side, and nothing is there that must not be.
- Each of these files belongs to something whose licence lies in the bundle.

Uses objdump and grep.

Usage:
    python packaging bundle.check [FOLDER]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bundle.licenses import FOLDER, INDEX
from bundle.report import DEFAULT_FOLDER, files_of
from bundle.search_paths import foreign_search_paths

# Libraries that hold newer code and pick it at run time, and how. `make test-old-cpu` is the proof: there an emulated
# processor without these instructions runs them.
OWN_DISPATCH: dict[str, str] = {
    "libcrypto.so.3": "OpenSSL asks CPUID once (OPENSSL_cpuid_setup) and each algorithm looks at OPENSSL_ia32cap_P",
    "liblzma.so.5": "CRC by carry-less multiplication where CPUID has it (crc64_fast.c)",
    "libzstd.so.1": 'functions with target("bmi2") behind ZSTD_cpuid_bmi2()',
    "libstdc++.so.6": "std::random_device takes rdrand and rdseed only where CPUID has them (random.cc)",
    "libpython3.11.so.1.0": "the release's Python holds OpenSSL and liblzma, which do as above; Debian's has none",
    "libpdfium.so": "libjpeg-turbo and zlib in it ask CPUID once (jsimd_cpu_support, cpu_features.c)",
    "_python_calamine.cpython-311-x86_64-linux-gnu.so": "memchr and crc32fast: is_x86_feature_detected!() of Rust",
    "libQt6Core.so.6": "qsimd.cpp: qCpuHasFeature() before each of them",
    "libQt6Multimedia.so.6": "qvideoframeconversionhelper.cpp: qCpuHasFeature(AVX2) before each of them",
    "libQt6Gui.so.6": "qdrawhelper.cpp: qInitDrawhelperFunctions() picks them through qCpuHasFeature()",
}

# AVX and what else is written with a VEX or EVEX prefix (BMI, FMA, mask registers), and what came after x86-64-v2
# without one. popcnt and SSE 4.2 are part of x86-64-v2; tzcnt runs as bsf on a processor that lacks it.
_NEWER = (
    "v[a-z0-9]+|k[a-z]+[bwdq]|andn|bextr|blsi|blsr|blsmsk|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx|movbe|adcx|adox"
    "|aes[a-z0-9]+|pclmul[a-z]*|sha(1|256)[a-z0-9]+|rdrand|rdseed|gf2p8[a-z]+"
)
# ver[rw] and the vm* of hypervisors begin with a v and are old; no program uses them, but data in the code may read so.
_OLD = frozenset({"verr", "verw"})
_PATTERN = rf"^[[:space:]]+(\{{[a-z]+\}} )?({_NEWER})( |$)"

_VARIANT = re.compile(r"libggml-cpu-\w+\.so$")
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")

# The levels that llama.cpp makes a library of on x86-64 (ggml/src/CMakeLists.txt).
BACKENDS = (
    "alderlake",
    "cannonlake",
    "cascadelake",
    "cooperlake",
    "haswell",
    "icelake",
    "ivybridge",
    "piledriver",
    "sandybridge",
    "sapphirerapids",
    "skylakex",
    "sse42",
    "x64",
    "zen4",
)
LLAMA_LIBRARIES = ("libllama.so", "libggml.so", "libggml-base.so", *(f"libggml-cpu-{name}.so" for name in BACKENDS))
UNWANTED = (
    "numpy",
    "torch",
    "diskcache",
    "tkinter",
    "_tkinter",
    "libQt6Qml",
    "libQt6Quick",
    "libQt6Pdf",
    "libqgtk3",
    "libtcl",
    "openblas",
)


def is_elf(path: Path) -> bool:
    """True for a program or library of Linux."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def newer_instructions(path: Path) -> Counter[str]:
    """Returns the instructions in a file that x86-64-v2 lacks, with how often each stands there."""
    command = ["objdump", "--disassemble", "--wide", "--no-show-raw-insn", "--no-addresses", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as objdump:
        found = subprocess.run(
            ["grep", "-E", _PATTERN], stdin=objdump.stdout, capture_output=True, text=True, check=False
        )
    if objdump.returncode != 0 or found.returncode > 1:
        raise RuntimeError(f"{path} could not be disassembled: {found.stderr}")
    words = (line.split() for line in found.stdout.splitlines())
    names = (line[1] if line[0].startswith("{") else line[0] for line in words)
    return Counter(name for name in names if name not in _OLD)


def glibc_version(path: Path) -> tuple[int, int]:
    """Returns the newest version of a glibc symbol that a file needs; (0, 0): it needs none."""
    done = subprocess.run(["objdump", "--private-headers", str(path)], capture_output=True, text=True, check=True)
    versions = {(int(major), int(minor)) for major, minor in _GLIBC.findall(done.stdout)}
    return max(versions, default=(0, 0))


def instruction_complaints(folder: Path, found: dict[Path, Counter[str]]) -> Iterator[str]:
    """Yields a sentence for each file with newer code that nobody keeps from running on an old processor."""
    for path, counts in found.items():
        if counts and not _VARIANT.match(path.name) and path.name not in OWN_DISPATCH:
            most = ", ".join(f"{name} ({count})" for name, count in counts.most_common(5))
            yield f"{path.relative_to(folder)} would die on a processor without AVX: {most}"


def content_complaints(folder: Path) -> Iterator[str]:
    """Yields what is missing beside libllama, and what should not have come along."""
    names = [path.relative_to(folder).as_posix() for path in files_of(folder)]
    beside = {name.rpartition("/")[2] for name in names if "/llama_cpp/lib/" in name}
    missing = sorted(set(LLAMA_LIBRARIES) - beside)
    if missing:
        yield f"beside libllama there is no {', '.join(missing)}"
    for unwanted in UNWANTED:
        there = [name for name in names if any(part.startswith(unwanted) for part in name.split("/"))]
        if there:
            yield f"{there[0]} does not belong into the bundle"


def search_complaints(folder: Path, files: Iterable[Path]) -> Iterator[str]:
    """Yields a sentence for each file that has libraries searched outside of the bundle."""
    for path in files:
        if foreign := foreign_search_paths(path):
            yield f"{path.relative_to(folder)} has libraries searched in {', '.join(foreign)}"


def license_complaints(folder: Path, files: Iterable[Path]) -> Iterator[str]:
    """Yields a sentence for each text that is missing, and for each file that nobody's licence covers."""
    home = folder / "_internal"
    index = home / FOLDER / INDEX
    if not index.is_file():
        yield f"there is no {index.relative_to(folder)}"
        return
    covered: set[Path] = {folder / name for name in ("catnap", "Catnap")}  # our own, with PyInstaller's starter in it
    for entry in json.loads(index.read_text(encoding="utf-8")):
        texts = [home / FOLDER / text for text in entry["texts"]]
        if not texts or not all(text.is_file() and text.stat().st_size for text in texts):
            yield f"the licence of {entry['name']} is missing"
        covered.update(home / file for file in entry["files"])
    for path in files:
        if path not in covered:
            yield f"{path.relative_to(folder)} belongs to nothing that has a licence in the bundle"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER)
    folder: Path = parser.parse_args().folder
    if not folder.is_dir():
        print(f"bundle_check: {folder} is not there; `make build` makes it", file=sys.stderr)
        return 1
    absent = [tool for tool in ("objdump", "grep") if shutil.which(tool) is None]
    if absent:
        print(
            f"bundle_check: {' and '.join(absent)} must be installed (Debian, Ubuntu: binutils, grep)", file=sys.stderr
        )
        return 1
    files = [path for path in files_of(folder) if is_elf(path)]
    with ThreadPoolExecutor() as pool:
        found = dict(zip(files, pool.map(newer_instructions, files), strict=True))
        glibc = dict(zip(files, pool.map(glibc_version, files), strict=True))
    print_glibc(folder, glibc)
    print_newer(folder, found)
    complaints = [*instruction_complaints(folder, found), *content_complaints(folder)]
    complaints += [*search_complaints(folder, files), *license_complaints(folder, files)]
    for sentence in complaints:
        print(f"bundle_check: {sentence}", file=sys.stderr)
    if not complaints:
        print(f"\n{len(files)} files of machine code: none needs more than x86-64-v2 (2008) to start.")
    return 1 if complaints else 0


def print_glibc(folder: Path, glibc: dict[Path, tuple[int, int]]) -> None:
    print("Newest glibc symbol that each file needs:")
    for version in sorted(set(glibc.values()), reverse=True):
        names = sorted(path.relative_to(folder).name for path, needed in glibc.items() if needed == version)
        label = f"{version[0]}.{version[1]}" if version != (0, 0) else "none"
        print(f"  {label:<5} {' '.join(names)}")


def print_newer(folder: Path, found: dict[Path, Counter[str]]) -> None:
    print("\nNewer instructions, picked at run time:")
    for path, counts in found.items():
        if path.name in OWN_DISPATCH and counts:
            print(f"  {path.relative_to(folder).name}: {counts.total()}; {OWN_DISPATCH[path.name]}")
    variants = [path for path in found if _VARIANT.match(path.name)]
    print(f"  {len(variants)} libraries of llama.cpp, one for each instruction set; ggml asks CPUID which to load")


if __name__ == "__main__":
    sys.exit(main())
