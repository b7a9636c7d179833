"""What our build adds to llama.cpp's source: attention that computes few tokens as matrix products.

The addition is a header of our own beside this module and a handful of lines that call it. Each line is put behind a
passage that must stand in the source exactly once: with another release of llama.cpp, the build says which passage it
did not find instead of compiling something else. Why it is there: ``docs/adr/012-grouped-attention.md``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from setup.commands import BuildError

_CPU = Path("vendor", "llama.cpp", "ggml", "src", "ggml-cpu")
_HEADER = Path(__file__).parent / "native" / "grouped-attention.h"


@dataclass(frozen=True)
class Edit:
    """Lines to be put into one file of the source.

    Attributes:
        file: The file's name in ggml's folder of the CPU backend.
        behind: The passage that they follow, once in the file.
        lines: What is put there.
    """

    file: str
    behind: str
    lines: str


EDITS = (
    Edit(
        "ops.cpp",
        """        memcpy((char *) dst->data + (0*ne2*ne1 + q_head + 0*ne1)*nb1, VKQ_final, nb1);
    }
}
""",
        """
#include "grouped-attention.h"
""",
    ),
    Edit(
        "ops.cpp",
        """static void ggml_compute_forward_flash_attn_ext_f16(
        const ggml_compute_params * params,
        ggml_tensor * dst) {
""",
        """
    if (!params->use_ref && ggml_flash_attn_ext_can_group(dst)) {
        ggml_compute_forward_flash_attn_ext_grouped(params, dst);
        return;
    }
""",
    ),
    Edit(
        "ggml-cpu.c",
        """                        cur += MAX(prefill, decode);
""",
        "                        // grouped-attention.h: one more tile for each thread, and "
        "what each finds in its part of K/V\n"
        "                        cur += sizeof(float)*(GGML_FA_TILE_Q*GGML_FA_TILE_KV*n_tasks + "
        "neq2*n_chunks*(2+DV));\n",
    ),
)


def recipe() -> str:
    """Returns a text that changes whenever what is compiled changes."""
    return hashlib.sha256(repr(EDITS).encode() + _HEADER.read_bytes()).hexdigest()


def add_to(source: Path) -> None:
    """Puts the additions into an unpacked source that has none yet.

    Args:
        source: The root folder of llama-cpp-python's source.

    Raises:
        BuildError: A passage is not in the source, or more than once.
    """
    folder = source / _CPU
    for edit in EDITS:
        path = folder / edit.file
        text = path.read_text(encoding="utf-8")
        if text.count(edit.behind) != 1:
            raise BuildError(
                f"{edit.file} of this llama.cpp is not the one that our additions were written for: "
                f"{text.count(edit.behind)} times {edit.behind.strip().splitlines()[0]!r}"
            )
        path.write_text(text.replace(edit.behind, edit.behind + edit.lines), encoding="utf-8")
    (folder / _HEADER.name).write_bytes(_HEADER.read_bytes())
