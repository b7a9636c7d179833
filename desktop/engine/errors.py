"""Turns what the native library logged into a sentence a person can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, AnswerInterruptedError, MessageTooLongError, UserFacingError
from desktop.common.install_folder import moved_problem
from desktop.common.regular_file import NotAFileError, open_regular
from desktop.gguf.header import not_a_file

_MAGIC = b"GGUF"

_DOWNLOAD_AGAIN = QT_TRANSLATE_NOOP("Errors", "Remove it and download it again.")
_CHOOSE_ANOTHER = QT_TRANSLATE_NOOP("Errors", "Choose another model, or a newer Catnap.")
_LESS_MEMORY = QT_TRANSLATE_NOOP("Errors", "Close other programs, or choose a smaller model or context.")

# Words of llama.cpp's own messages (src/llama-{model,model-loader,vocab,mmap,context}.cpp and gguf.cpp).
_UNKNOWN = re.compile(
    r"(?:unknown|unsupported) (?:model architecture|pre-tokenizer type|tokenizer)(?:: '(?P<name>[^']*)')?"
    r"|only supports up to version|has invalid ggml type|GGUFv1 is no longer supported"
)
_NO_MEMORY = re.compile(
    r"(?:unable|failed) to allocate|bad_alloc|mmap failed|[Cc]annot allocate|posix_memalign failed|MapViewOfFile failed"
    r"|failed to initialize the context: .*(?:alloc|reserve)"
)
_KV_PRECISION = re.compile(r"[KV] cache type|quantized V cache")


def check_file(path: Path) -> None:
    """Makes sure that there is a GGUF file, before the library is asked to load it.

    Raises:
        UserFacingError: It is missing, no file, unreadable, empty or something else.
    """
    try:
        with open_regular(path) as file:
            magic = file.read(len(_MAGIC))
    except FileNotFoundError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file is no longer there."),
            f"{path}.",
            QT_TRANSLATE_NOOP("Errors", "Put it back, or choose or download another model."),
        ) from problem
    except NotAFileError as problem:
        raise not_a_file(path) from problem
    except OSError as problem:
        raise unreadable(path, problem) from problem
    if not magic:
        raise UserFacingError(QT_TRANSLATE_NOOP("Errors", "The model file is empty."), f"{path}.", _DOWNLOAD_AGAIN)
    if magic != _MAGIC:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This file is not a model in the GGUF format."),
            f"{path}.",
            QT_TRANSLATE_NOOP("Errors", "Choose a file that ends in .gguf, or download the model again."),
        )


def unreadable(path: Path, problem: OSError) -> UserFacingError:
    """Returns the error for a file that the system does not let us read."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model file cannot be read."),
        f"{path}: {problem.strerror or problem}.",
        QT_TRANSLATE_NOOP("Errors", "Check its permissions and the disk, or choose another model."),
    )


def file_changed(path: Path, cause: str = "") -> AnswerInterruptedError:
    """Returns the error for a file that was written to, or cut off, while it was in use.

    Args:
        path: The file.
        cause: What came of it, in the machine's words.
    """
    return AnswerInterruptedError(
        QT_TRANSLATE_NOOP("Errors", "The model's file has changed while Catnap was using it."),
        f"{path}: {cause}." if cause else f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Ask again: the file is loaded anew. If that fails, download the model again."),
    )


def file_being_written(path: Path) -> UserFacingError:
    """Returns the error for a file that cannot be loaded and that somebody has open for writing."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Another program is writing the model's file."),
        f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Wait until it is done, then ask again."),
    )


def file_wanted(path: Path) -> AnswerInterruptedError:
    """Returns the error for an answer that had to end because somebody waits to write to the file."""
    return AnswerInterruptedError(
        QT_TRANSLATE_NOOP("Errors", "The answer was ended because another program wants to write the model's file."),
        f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Wait until it is done, then ask again."),
    )


def no_model() -> UserFacingError:
    """Returns the error for a question while no model is chosen."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "No model is chosen."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Choose or download one first."),
    )


def load_failure(path: Path, lines: Sequence[str]) -> UserFacingError:
    """Explains why the library refused a file that :func:`check_file` accepted.

    Args:
        path: The file.
        lines: The errors it logged, oldest first.
    """
    text = "\n".join(lines)
    detail = f"{path}: {_reason(lines)}"
    unknown = _UNKNOWN.search(text)
    if unknown:
        name = unknown["name"]
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This kind of model is unknown to Catnap's engine."),
            f"{path}: {name}." if name else detail,
            _CHOOSE_ANOTHER,
        )
    if _NO_MEMORY.search(text):
        return no_memory(detail)
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model file is damaged or incomplete."), detail, _DOWNLOAD_AGAIN
    )


def context_failure(path: Path, lines: Sequence[str]) -> UserFacingError:
    """Explains why no context could be made for a model that was loaded."""
    text = "\n".join(lines)
    detail = f"{path}: {_reason(lines)}"
    if _KV_PRECISION.search(text):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This model cannot keep the conversation in the chosen precision."),
            detail,
            QT_TRANSLATE_NOOP("Errors", "Set conversation memory to full precision, or flash attention to automatic."),
        )
    return no_memory(detail)


def no_memory(detail: str) -> UserFacingError:
    """Returns the error for an allocation that failed."""
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "There is not enough memory."), detail, _LESS_MEMORY)


def cannot_chat(path: Path) -> UserFacingError:
    """Returns the error for models that do not continue a text: embedding, encoder-decoder and diffusion models."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This model is not made for conversations."), f"{path}.", _CHOOSE_ANOTHER
    )


def no_room_to_go_on(n_ctx: int) -> UserFacingError:
    """Returns the error for an answer that fills the context, so that nothing can be added to it.

    Args:
        n_ctx: The context in force, in tokens.
    """
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This answer cannot go on: it fills the model's context."),
        QT_TRANSLATE_NOOP("Errors", "The question and the answer so far take nearly all of {0} tokens."),
        QT_TRANSLATE_NOOP("Errors", "Set a larger context in the settings, or ask for the rest in a new message."),
        values=(f"{n_ctx:,}",),
    )


def no_room(path: Path, overhead: int, n_ctx: int) -> UserFacingError:
    """Returns the error for a model whose template leaves no room for the shortest message.

    Args:
        path: The file.
        overhead: Tokens that the template puts around a message.
        n_ctx: The context in force, in tokens.
    """
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This model leaves no room for a conversation."),
        QT_TRANSLATE_NOOP("Errors", "{0}: its chat template takes {1} of {2} tokens."),
        QT_TRANSLATE_NOOP("Errors", "Choose another model, or a larger context in the settings."),
        values=(str(path), f"{overhead:,}", f"{n_ctx:,}"),
    )


def naming(error: UserFacingError, path: Path | None) -> UserFacingError:
    """Returns an error that says which model it is about, if it is about one and does not say so yet."""
    from desktop.engine.schema.reading import SchemaError  # nobody else needs what it imports

    is_about_another = isinstance(error, MessageTooLongError | AnswerInterruptedError | SchemaError)
    if path is None or is_about_another or path.name in error.detail:
        return error
    return UserFacingError(error.title, f"{path}: {error.detail}" if error.detail else f"{path}.", error.remedy)


def unexpected(log_name: str) -> UserFacingError:
    """Returns the error for a bug in Catnap, or for a folder that has gone from under it.

    Args:
        log_name: Name of the logger whose lines hold the traceback.
    """
    return moved_problem() or UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Something went wrong in Catnap's engine."),
        f"log: {log_name}.",
        QT_TRANSLATE_NOOP("Errors", "Ask again. If it happens again, the log file says what happened."),
    )


def unusable(detail: str) -> UserFacingError:
    """Returns the error for an engine whose libraries cannot be loaded.

    Args:
        detail: What the system says of them.
    """
    return moved_problem() or UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The program's engine cannot be loaded."),
        detail,
        QT_TRANSLATE_NOOP("Errors", "Install Catnap again; 'catnap doctor' says more."),
    )


def _reason(lines: Sequence[str]) -> str:
    """Returns the most telling of the library's lines, without the function name before it."""
    telling = [line for line in lines if not line.endswith("failed to load model")]
    line = (telling or list(lines) or ["no reason given"])[-1]
    reason = line.partition(": ")[2] or line
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def cannot_keep_to_schema() -> UserFacingError:
    """Returns the error for an answer in JSON that cannot go on."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The answer cannot be continued as the JSON Schema asks."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Ask again, or choose another model."),
    )
