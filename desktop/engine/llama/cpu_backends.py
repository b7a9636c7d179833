"""Picks the CPU backend: of the libraries beside libllama, each made for one generation of processors, the best.

llama.cpp can pick one itself, but it opens all of them for that, does not say why, and gives up when the best cannot be
loaded. Here they are asked from the best to the worst, and the first that runs is taken.
"""

from __future__ import annotations

import ctypes
import logging
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.engine.backends import Obstacle, PassedOver

_log = logging.getLogger(__name__)

_AVX512 = ("avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw")
_HASWELL = ("sse4_2", "avx", "f16c", "fma", "avx2", "bmi2")

# What each variant needs of the processor, by the names of /proc/cpuinfo: ggml_add_cpu_backend_variant() in
# ggml/src/CMakeLists.txt. The best comes first, by the scores in ggml-cpu/arch/*/cpu-feats.cpp.
VARIANTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sapphirerapids", (*_HASWELL, *_AVX512, "avx512vbmi", "avx512_vnni", "avx512_bf16", "amx_int8")),
    ("zen4", (*_HASWELL, *_AVX512, "avx512vbmi", "avx512_vnni", "avx512_bf16")),
    ("cooperlake", (*_HASWELL, *_AVX512, "avx512_vnni", "avx512_bf16")),
    ("icelake", (*_HASWELL, *_AVX512, "avx512vbmi", "avx512_vnni")),
    ("cascadelake", (*_HASWELL, *_AVX512, "avx512_vnni")),
    ("cannonlake", (*_HASWELL, *_AVX512, "avx512vbmi")),
    ("skylakex", (*_HASWELL, *_AVX512)),
    ("alderlake", (*_HASWELL, "avx_vnni")),
    ("haswell", _HASWELL),
    ("piledriver", ("sse4_2", "avx", "f16c", "fma")),
    ("ivybridge", ("sse4_2", "avx", "f16c")),
    ("sandybridge", ("sse4_2", "avx")),
    ("sse42", ("sse4_2",)),
    ("x64", ()),
    ("armv9.2_2", ("asimddp", "asimdhp", "sve", "i8mm", "sve2", "sme")),
    ("armv9.2_1", ("asimddp", "asimdhp", "sve", "i8mm", "sme")),
    ("apple_m4", ("asimddp", "i8mm", "sme")),
    ("armv8.6_2", ("asimddp", "asimdhp", "sve", "i8mm", "sve2")),
    ("armv8.6_1", ("asimddp", "asimdhp", "sve", "i8mm")),
    ("apple_m2_m3", ("asimddp", "i8mm")),
    ("armv8.2_3", ("asimddp", "asimdhp", "sve")),
    ("armv8.2_2", ("asimddp", "asimdhp")),
    ("apple_m1", ("asimddp",)),
    ("armv8.2_1", ("asimddp",)),
    ("armv8.0_1", ()),
)

_ELF_HEADER = struct.Struct("<16x2x2x4x8xQ8x4x2xHH")  # elf(5), Elf64_Ehdr: e_phoff, e_phentsize, e_phnum
_ELF_SEGMENT = struct.Struct("<I4xQ16xQ")  # Elf64_Phdr: p_type, p_offset, p_filesz
_PT_LOAD = 1


@dataclass(frozen=True)
class Pick:
    """The outcome of :func:`pick`.

    Attributes:
        name: The variant that was loaded; empty when none could be.
        score: What it says of itself: more is better. 0 where there is only one and nothing was asked.
        passed_over: What would have been better, best first.
    """

    name: str = ""
    score: int = 0
    passed_over: tuple[PassedOver, ...] = ()


def pick(folders: Iterable[Path], load: Callable[[Path], bool], errors: Callable[[], Iterable[str]]) -> Pick:
    """Loads the best CPU backend; some milliseconds for each that is asked.

    Args:
        folders: Where the libraries may lie; the first folder with one that can be loaded counts.
        load: Makes ggml load a file and returns whether that went well.
        errors: Returns what ggml had to complain about since the last call.
    """
    passed: list[PassedOver] = []
    for path in (file for folder in folders for file in _from_the_best(folder)):
        name = variant_of(path)
        try:
            with _opened(path) as library:
                score = _score_of(library)
                if score == 0:
                    passed.append(PassedOver(name, path, Obstacle.PROCESSOR))
                    continue
                errors()  # those of others
                if load(path):
                    _log.info("the CPU backend is %s, score %d", name, score)
                    return Pick(name, score, tuple(passed))
                detail = "; ".join(errors()) or "ggml does not take it"
        except OSError as failure:
            detail = str(failure)
        _log.warning("the CPU backend %s cannot be loaded: %s", name, detail)
        passed.append(PassedOver(name, path, Obstacle.BROKEN, detail))
    return Pick(passed_over=tuple(passed))


def needs_of(name: str) -> tuple[str, ...]:
    """Returns what a variant needs of the processor, the oldest first; empty for an unknown one."""
    return dict(VARIANTS).get(name, ())


def variant_of(path: Path) -> str:
    """Returns the name of the variant in a file of this name; "built-in" for the one of a build without variants."""
    stem = path.name.removesuffix(".so").removesuffix(".dll").removesuffix(".dylib")
    _, found, name = stem.partition("ggml-cpu-")
    return name if found else "built-in"


def _from_the_best(folder: Path) -> list[Path]:
    """Returns the files of the CPU backends; those of kinds that the table does not know come last."""
    ranks = {name: rank for rank, (name, _) in enumerate(VARIANTS)}
    found = {
        variant_of(path): path
        for path in folder.glob("*ggml-cpu*")
        if path.suffix in (".so", ".dll", ".dylib") and path.is_file()
    }
    strangers = [path for name, path in found.items() if name not in ranks]
    known = sorted((name for name in found if name in ranks), key=lambda name: ranks[name])
    return [*(found[name] for name in known), *sorted(strangers, key=_claimed_score, reverse=True)]


def _claimed_score(path: Path) -> int:
    try:
        with _opened(path) as library:
            return _score_of(library)
    except OSError:
        return 0


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Opens a library and closes it again; ggml keeps a handle of its own on the one that it loads.

    Raises:
        OSError: It cannot be loaded.
    """
    if sys.platform.startswith("linux") and is_cut_off(path):
        raise OSError(f"{path}: the end of the file is missing")  # the linker would go on and die of SIGBUS
    library = ctypes.CDLL(str(path))
    try:
        yield library
    finally:
        _close(library)


def _close(library: Any) -> None:
    import _ctypes  # where ctypes keeps the counterpart of what CDLL() does

    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


def _score_of(library: Any) -> int:
    """Returns what the variant says about this processor, 0 for "cannot run"; 1 where it has no opinion."""
    try:
        score = library.ggml_backend_score
    except AttributeError:
        return 1
    score.restype, score.argtypes = ctypes.c_int, ()
    return int(score())


def is_cut_off(path: Path) -> bool:
    """Returns whether an ELF file ends before what the linker would map of it, as after a full disk.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        header = file.read(_ELF_HEADER.size)
        if len(header) < _ELF_HEADER.size or not header.startswith(b"\x7fELF\x02\x01"):  # 64 bits, little-endian
            return False  # the linker has a word for that
        offset, size, count = _ELF_HEADER.unpack(header)
        if size < _ELF_SEGMENT.size:
            return False
        file.seek(offset)
        segments = file.read(size * count)
        end = file.seek(0, 2)
    if len(segments) < size * count:
        return True
    for start in range(0, size * count, size):
        kind, at, length = _ELF_SEGMENT.unpack_from(segments, start)
        if kind == _PT_LOAD and at + length > end:
            return True
    return False
