"""What the memory of this process consists of: by kind of mapping, and by who holds it. Linux with glibc; else little.

For finding what grows, not for a verdict.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

_MOST = 15
# The fields of mallinfo2, see mallinfo(3), in their order.
_MALLINFO = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _MallInfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _MALLINFO]


def explain() -> dict[str, Any]:
    """Returns bytes by mapping and of the C library's heaps, the modules that are loaded, and kinds of objects."""
    return {
        "mappings": _mappings(),
        "malloc": _malloc(),
        "modules": sorted(sys.modules),
        "objects": dict(Counter(type(one).__qualname__ for one in gc.get_objects()).most_common(4 * _MOST)),
        "python": _python(),
    }


def _mappings() -> dict[str, int]:
    """Returns resident bytes by what is mapped: the name of a file, "[heap]", "[stack]", or "anonymous"."""
    path = Path("/proc/self/smaps")
    if not path.exists():
        return {}
    found: Counter[str] = Counter()
    name = ""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        head, _, rest = line.partition(" ")
        if "-" in head and not head.endswith(":"):
            parts = rest.split(maxsplit=4)
            name = Path(parts[4]).name if len(parts) > 4 else "anonymous"
        elif head == "Rss:":
            found[name] += int(rest.split()[0]) * 1024
        elif head == "Anonymous:":
            found["(anonymous, all)"] += int(rest.split()[0]) * 1024
    return {key: value for key, value in found.most_common() if value}


def _malloc() -> dict[str, int]:
    """Returns what glibc's heaps hold: taken from the system, in use, free and kept, and mapped one by one."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        return {}
    library.mallinfo2.restype = _MallInfo
    info = library.mallinfo2()
    return {"arena": info.arena, "in use": info.uordblks, "free": info.fordblks, "mapped": info.hblkhd}


def _python() -> list[str]:
    """Returns where Python's memory was asked for, where that is traced (PYTHONTRACEMALLOC)."""
    if not tracemalloc.is_tracing():
        return []
    found = tracemalloc.take_snapshot().statistics("lineno")
    total = sum(one.size for one in found)
    return [f"{total} in all", *(f"{one.size} {one.count} {one.traceback}" for one in found[: 3 * _MOST])]
