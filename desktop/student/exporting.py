"""Writes students in other number formats: which tensors keep more bits, and which formats are not offered.

Measured on SmolLM2's shapes, where rows of 576 and 896 suit no format of 256: what loses most by four bits are
``ffn_down`` and ``attn_v``, so they keep eight; an embedding of sixteen bits brings nothing over one of eight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.engine.distillation.client import AskedModel, rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.gguf.header import GgufHeader
from desktop.gguf.tables import FILE_TYPES
from desktop.student.project import Project
from desktop.student.sequences import TaughtSequence

# Formats with few enough bits that protecting something pays.
_FEW_BITS: Final = frozenset({"Q4_0", "Q4_1", "IQ4_NL", "Q5_0", "Q5_1"})
_PROTECTED: Final = (("ffn_down", "Q8_0"), ("attn_v", "Q8_0"))
_EMBEDDING: Final = "Q8_0"
# Formats without steps that a weight could be put back to.
_UNROUNDED: Final = frozenset({"F32", "F16", "BF16"})


@dataclass(frozen=True)
class Format:
    """How a model is written.

    Attributes:
        kind: "Q4_0" and so on.
        embedding: Of the token embedding; empty: as llama.cpp would have it.
        others: Formats of tensors whose names match.
    """

    kind: str
    embedding: str = ""
    others: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Such as "Q4_0-protected"."""
        parts = [self.kind, *(["protected"] if self.others else [])]
        if self.embedding and self.embedding != _EMBEDDING:
            parts.append(f"embedding-{self.embedding}")
        return "-".join(parts)


# What the teacher is written as for comparison, from the largest to the smallest that says anything.
PLAIN: Final = (
    Format("Q8_0"),
    Format("Q5_0", _EMBEDDING),
    Format("Q4_0", _EMBEDDING),
    Format("Q4_0", "Q4_0"),
    Format("IQ4_NL", "IQ4_NL"),
)


def format_of(kind: str, *, plain: bool) -> Format:
    """Returns how a student is written.

    Args:
        kind: "Q4_0" and so on.
        plain: Protect nothing.

    Raises:
        UserFacingError: There is no such format.
    """
    kind = kind.upper()
    if kind not in FILE_TYPES.values():
        known = "Q4_0, Q5_0, Q8_0, Q4_K_M, IQ4_NL, F16"
        raise UserFacingError("There is no such number format.", f"{kind}.", f"Among others there are: {known}")
    if plain or kind not in _FEW_BITS:
        return Format(kind)
    return Format(kind, _EMBEDDING, _PROTECTED)


def refuse_own_grid(teacher: GgufHeader, student: GgufHeader, wanted: Format) -> None:
    """Refuses to write a student that has learnt in the number format that its teacher came in.

    The teacher's weights lie on the steps of that format. Training moves them by less than half a step, so that the
    format puts nearly all of them back where they were, and little of what was learnt is left; another format has its
    steps elsewhere. A student that was only pruned is on those steps itself, and loses nothing.

    Args:
        teacher: Its header.
        student: The header of the file that is written anew.
        wanted: How.

    Raises:
        UserFacingError: It would undo the training.
    """
    own = {tensor.name.rpartition(".")[0] for tensor in teacher.tensors if tensor.type == wanted.kind}
    moved = any(tensor.type in _UNROUNDED for tensor in student.tensors if len(tensor.shape) > 1)
    if own and moved and wanted.kind in _FEW_BITS:
        raise UserFacingError(
            "This number format would undo what the student has learnt.",
            f"{wanted.kind}: the teacher's own, whose steps are larger than what training changes.",
            "Take another one, such as Q4_0 or Q5_0.",
        )


def export(
    source: Path,
    target: Path,
    wanted: Format,
    threads: int,
    importance: Mapping[str, bytes] | None = None,
) -> None:
    """Writes a model in another format.

    Args:
        source: Any GGUF file; what has few bits already can only lose.
        target: The new file.
        wanted: How.
        threads: That compute.
        importance: See :func:`importance_of`; None: all columns count the same.

    Raises:
        UserFacingError: It is there already, or the library refuses.
        OSError: It cannot be written.
    """
    if target.exists():
        raise UserFacingError("There is such a student already.", f"{target}.", "Remove it first.")
    rewrite_model(
        Rewrite(
            source,
            target,
            wanted.kind,
            0,
            embedding=wanted.embedding,
            others=wanted.others,
            threads=threads,
            importance=dict(importance or {}),
        )
    )


def importance_of(model: AskedModel, sequences: Sequence[TaughtSequence]) -> dict[str, bytes]:
    """Has a model read answers, and returns how large what each column of its weights reads is: an importance matrix.

    Raises:
        UserFacingError: The model cannot be asked.
    """
    return model.watch([sequence.tokens for sequence in sequences], importance=True)[1]


def student_file(project: Project, name: str) -> Path:
    """Returns the file of a student that is named as in the project's folder of models, or by a path.

    Raises:
        UserFacingError: There is none.
    """
    for path in (project.models / name, project.models / f"{name}.gguf", Path(name)):
        if path.is_file():
            return path
    raise UserFacingError("There is no such student.", f"{name}.", "See: catnap student status DIR")
