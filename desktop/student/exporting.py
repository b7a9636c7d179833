"""Writes students in other number formats: which tensors keep more bits, and which formats are not offered.

Measured on SmolLM2's shapes, where rows of 576 and 896 suit no format of 256: what loses most by four bits are
``ffn_down`` and ``attn_v``, so they keep eight; an embedding of sixteen bits brings nothing over one of eight.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.distillation.client import AskedModel, rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.gguf.header import GgufHeader, read_header
from desktop.gguf.tables import FILE_TYPES
from desktop.student.project import Project, check_free
from desktop.student.sequences import TaughtSequence, read_layout, read_sequences

# Formats with few enough bits that protecting something pays.
_FEW_BITS: Final = frozenset({"Q4_0", "Q4_1", "IQ4_NL", "Q5_0", "Q5_1"})
_PROTECTED: Final = (("ffn_down", "Q8_0"), ("attn_v", "Q8_0"))
_EMBEDDING: Final = "Q8_0"
# Answers whose tokens tell which columns count.
_WEIGHED: Final = 16
_TOKENS: Final = "tokenizer.ggml.tokens"
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

    @property
    def file_name(self) -> str:
        """Of a file that is named after the format alone."""
        # "embedding" in a file's name says that it is a model for finding texts, see desktop.gguf.kind.
        return f"{self.name.replace('embedding', 'embd')}.gguf"


# What the teacher is written as for comparison, from the largest to the smallest that says anything.
PLAIN: Final = (
    Format("Q8_0"),
    Format("Q5_0", _EMBEDDING),
    Format("Q4_0", _EMBEDDING),
    Format("Q4_0", "Q4_0"),
    Format("IQ4_NL", "Q5_0"),
    Format("IQ4_NL", "IQ4_NL"),
)


def plain_formats(names: Iterable[str]) -> tuple[Format, ...]:
    """Returns those of :data:`PLAIN` that were named; none was: all of them.

    Args:
        names: Such as "Q4_0", or "IQ4_NL" for all formats of which that is the kind.

    Raises:
        UserFacingError: One of them is none.
    """
    found: dict[str, Format] = {}
    for wanted in names:
        same = [each for each in PLAIN if each.name.casefold() == wanted.casefold()]
        alike = same or [each for each in PLAIN if each.kind.casefold() == wanted.casefold()]
        if not alike:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The teacher is not compared in such a number format."),
                f"{wanted}.",
                f"There are: {', '.join(each.name for each in PLAIN)}",
            )
        found |= {each.name: each for each in alike}
    return tuple(each for each in PLAIN if each.name in found) if found else PLAIN


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
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is no such number format."),
            f"{kind}.",
            f"Among others there are: {known}",
        )
    if plain or kind not in _FEW_BITS:
        return Format(kind)
    return Format(kind, _EMBEDDING, _PROTECTED)


def refuse_own_grid(teacher: GgufHeader, student: GgufHeader, wanted: Format) -> None:
    """Refuses to write a student that has learnt in the number format that its teacher came in.

    A precaution. The teacher's weights lie on the steps of that format. Small changes, of less than half a step, are
    rounded away: of an update of 0.15 of a step 97 % of the codes came back (docs/adr/029). A student of the prototype
    was nearly useless in its teacher's format, for a reason that was not proven. A student that was only pruned is on
    those steps itself, and loses nothing.

    Args:
        teacher: Its header.
        student: The header of the file that is written anew.
        wanted: How.

    Raises:
        UserFacingError: It may undo the training.
    """
    own = {tensor.name.rpartition(".")[0] for tensor in teacher.tensors if tensor.type == wanted.kind}
    moved = any(tensor.type in _UNROUNDED for tensor in student.tensors if len(tensor.shape) > 1)
    if own and moved and wanted.kind in _FEW_BITS:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This number format may undo what the student has learnt."),
            f"{wanted.kind}: the teacher's own, whose steps may be larger than what training changes.",
            QT_TRANSLATE_NOOP("Errors", "Take another one, such as Q4_0 or Q5_0."),
        )


def export(
    source: Path,
    target: Path,
    wanted: Format,
    threads: int,
    importance: Mapping[str, bytes] | None = None,
    description: str = "",
) -> None:
    """Writes a model in another format.

    Args:
        source: Any GGUF file; what has few bits already can only lose.
        target: The new file.
        wanted: How.
        threads: That compute.
        importance: See :func:`collected_importance`; None: all columns count the same.
        description: What the file says of itself; empty: what it said before. Licence and languages stay anyway.

    Raises:
        UserFacingError: It is there already, or the library refuses.
        OSError: It cannot be written.
    """
    check_free(target, QT_TRANSLATE_NOOP("Errors", "Remove it first."))
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
            texts=(("general.description", description),) if description else (),
        )
    )


def collected_importance(project: Project, model: Path, threads: int) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Has a model read some of the answers to learn from, and returns how large what each column of weights reads is.

    Known as an importance matrix. Some ten seconds for a model of 135 million weights.

    Args:
        project: With its answers collected.
        model: A file with the teacher's vocabulary.
        threads: That compute.

    Returns:
        For each matrix the mean square of what it reads, as floats of 32 bits; and the ids of the answers.

    Raises:
        UserFacingError: There are no answers, or the model cannot be asked.
    """
    sequences = read_weighed(project)
    if read_header(model).lengths.get(_TOKENS) != read_layout(project.collected).vocabulary:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The answers have tokens that this student has not."),
            f"{model.name}.",
            QT_TRANSLATE_NOOP("Errors", "Make the vocabulary smaller after the export, or leave out --importance."),
        )
    with AskedModel(model, project.manifest.settings.n_ctx, threads) as asked:
        found = asked.watch([sequence.tokens for sequence in sequences], importance=True)[1]
    # The output has eight bits and more, and is the embedding in most small models.
    layers = {name: values for name, values in found.items() if name.startswith("blk.")}
    return layers, tuple(sequence.id for sequence in sequences)


def read_weighed(project: Project) -> tuple[TaughtSequence, ...]:
    """Returns the answers that tell which columns, heads and channels of a model count.

    Raises:
        UserFacingError: There are none yet.
    """
    return tuple(itertools.islice(read_sequences(project.collected), _WEIGHED))


def export_target(project: Project, source: Path, wanted: Format, *, weighed: bool) -> Path:
    """Returns where a student is written in a format.

    Args:
        project: Whose student it is.
        source: What is written anew.
        wanted: How.
        weighed: Columns count by the answers.
    """
    return project.models / f"{source.stem}-{wanted.name}{'-weighed' if weighed else ''}.gguf"


def vocabulary_target(project: Project, stem: str, most: int | None, languages: Sequence[str]) -> Path:
    """Returns where a model is written with a smaller vocabulary.

    Args:
        project: Whose student it is.
        stem: The name of the model, without an ending.
        most: Tokens that stay at the most; None: any number.
        languages: That texts are in.
    """
    return project.models / f"{stem}-words-{most or 'of-' + '-'.join(languages or ('all',))}.gguf"


def format_made(project: Project, student: Path) -> Format | None:
    """Returns the format that a student of a project was written in; None: it was not written anew."""
    names = {student.name}
    for run in reversed(project.manifest.runs):
        if run.step == "vocabulary" and run.figures.get("file") in names:
            names.add(str(run.settings["source"]))
        elif run.step == "export":
            kind = str(run.settings["format"])
            made = format_of(kind.partition("-")[0], plain="-protected" not in kind)
            weighed = bool(run.settings["importance"])
            if export_target(project, Path(str(run.settings["source"])), made, weighed=weighed).name in names:
                return made
    return None


def newest_student(project: Project) -> Path:
    """Returns the file of a project's folder of models that was written last.

    Raises:
        UserFacingError: There is none.
    """
    found = sorted(project.models.glob("*.gguf"), key=lambda path: path.stat().st_mtime_ns)
    if not found:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is no such student."),
            f"{project.models}.",
            QT_TRANSLATE_NOOP("Errors", "See: catnap student status DIR"),
        )
    return found[-1]


def student_file(project: Project, name: str) -> Path:
    """Returns the file of a student that is named as in the project's folder of models, or by a path.

    Raises:
        UserFacingError: There is none.
    """
    for path in (project.models / name, project.models / f"{name}.gguf", Path(name)):
        if path.is_file():
            return path
    raise UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "There is no such student."),
        f"{name}.",
        QT_TRANSLATE_NOOP("Errors", "See: catnap student status DIR"),
    )
