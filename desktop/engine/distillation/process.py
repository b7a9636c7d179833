"""The process that a teacher or a student is asked in, or written anew; started by Catnap with a verb nobody types.

Model files may be made to do harm, so it stands behind the walls that the engine has.
"""

from __future__ import annotations

import os
import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from desktop.common.errors import UserFacingError
from desktop.engine.cage.walls import shut_in
from desktop.engine.distillation.messages import (
    FROM_PROCESS,
    TO_PROCESS,
    TO_PROCESS_LIMIT,
    Answer,
    Answered,
    FromProcess,
    Judge,
    Judged,
    LaidOut,
    LayOut,
    Open,
    Opened,
    Reason,
    Refused,
    Rewrite,
    Rewritten,
    TooLong,
    Watch,
    Watched,
)
from desktop.engine.llama import bindings
from desktop.engine.llama.distillation.activations import Activations
from desktop.engine.llama.distillation.layout import lay_out
from desktop.engine.llama.distillation.logits import LogitModel, NonsenseError, TooLongError
from desktop.engine.llama.distillation.quantiser import QuantiseError, Rewriting, rewrite
from desktop.engine.llama.model import LoadedModel
from desktop.engine.loading.loader import load_model
from desktop.engine.process.channel import ProtocolError, Receiver
from desktop.engine.process.far_side import detail_of, leave, take_order
from desktop.engine.types import EngineConfig, Sampling
from desktop.gguf.parts import part_paths

Send = Callable[[FromProcess], None]


def main() -> int:
    """Runs the process; returns its exit code, or ends without returning."""
    taken = take_order(TO_PROCESS, FROM_PROCESS, TO_PROCESS_LIMIT, (Open, Rewrite), "The process for distillation")
    if taken is None:
        return 2
    order, receiver, sender = taken
    send = sender.send_or_end
    try:
        native = bindings.load()
    except UserFacingError as problem:
        _leave(send, Reason.NO_LIBRARY, problem)
    if isinstance(order, Rewrite):
        _rewrite(native, order, send)
    else:
        _serve(native, order, receiver, send)
    # Nothing is left to be tidied up, and the interpreter's own end could trip over native threads.
    os._exit(0)


def _rewrite(native: bindings.Native, order: Rewrite, send: Send) -> None:
    writable = (Path(os.devnull), order.target.parent)
    shut_in("its model and the folder of the new one", part_paths(order.source), writable, order.memory)
    wanted = Rewriting(
        order.source,
        order.target,
        order.kind,
        order.without,
        order.embedding,
        order.others,
        order.threads,
        order.importance,
        order.texts,
    )
    try:
        rewrite(native, wanted)
    except (QuantiseError, ValueError, MemoryError) as problem:
        _leave(send, Reason.NOT_WRITTEN, problem)
    send(Rewritten())


def _serve(native: bindings.Native, order: Open, receiver: Receiver, send: Send) -> None:
    """Answers until the app closes the pipe, or talks nonsense."""
    walls = shut_in("its model", part_paths(order.path), (Path(os.devnull),), order.memory)
    config = EngineConfig(order.path, n_ctx=order.n_ctx, threads=order.threads)
    try:
        model = load_model(native, config, progress=lambda _done: None, abort=bindings.AbortFlag())
        asked = LogitModel(model, order.n_ctx, order.threads)
    except (UserFacingError, MemoryError) as problem:
        _leave(send, Reason.NOT_LOADED, problem)
    send(Opened(model.tokenizer.size, walls))
    try:
        while (message := receiver.receive()) is not None:
            if isinstance(message, Watch):
                send(_watched(model, message, order))
            elif isinstance(message, LayOut):
                send(LaidOut(*lay_out(model, message.text, message.answer, is_whole=message.is_whole)))
            else:
                send(_answer(asked, message))
    except ProtocolError as nonsense:
        print(nonsense, file=sys.stderr)
    except NonsenseError:
        _leave(send, Reason.NONSENSE, NonsenseError("what it computes are no numbers"))
    except (UserFacingError, MemoryError) as problem:
        _leave(send, Reason.NO_MEMORY, problem)


def _answer(model: LogitModel, message: Any) -> FromProcess:
    try:
        if isinstance(message, Answer):
            sampling = Sampling(
                temperature=message.sampling_temperature,
                repeat_penalty=1.0,
                seed=message.seed,
                max_tokens=message.max_tokens,
            )
            told = model.answer(message.text, sampling, message.kept, message.temperatures)
            return Answered(told.prompt, told.answer, told.is_whole, told.logits)
        if isinstance(message, Judge):
            asked = array("I", message.asked)
            return Judged(model.judge(message.tokens, message.first, asked, message.kept))
    except TooLongError:
        return TooLong()
    raise ProtocolError(type(message).__name__)


def _watched(model: LoadedModel, message: Watch, order: Open) -> Watched | TooLong:
    activations = Activations(model.native, influence=message.influence, importance=message.importance)
    reader = LogitModel(model, order.n_ctx, order.threads, activations.callback)
    try:
        for text in message.texts:
            reader.read(text)
    except TooLongError:
        return TooLong()
    finally:
        reader.close()
    importances = {name: values.tobytes() for name, values in activations.importances().items()}
    return Watched(activations.influences(), importances)


def _leave(send: Send, reason: Reason, problem: Exception) -> NoReturn:
    leave(send, Refused(reason, detail_of(problem)))
