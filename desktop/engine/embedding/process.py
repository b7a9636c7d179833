"""The process that has an embedding model, from its beginning to its end; started by Catnap with a verb nobody types.

It gets texts and gives vectors, until the app closes the pipe. A model file may be made to do harm, so it stands behind
the walls that the engine has.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from desktop.common.errors import UserFacingError
from desktop.engine.cage.walls import shut_in
from desktop.engine.embedding.messages import (
    FROM_PROCESS,
    TO_PROCESS,
    TO_PROCESS_LIMIT,
    Embed,
    Embedded,
    FromProcess,
    Open,
    Opened,
    Reason,
    Refused,
)
from desktop.engine.llama import bindings
from desktop.engine.llama.embedding import EmbeddingModel, NoVectorsError
from desktop.engine.process.channel import ProtocolError, Receiver
from desktop.engine.process.far_side import detail_of, leave, take_order
from desktop.gguf.parts import part_paths

Send = Callable[[FromProcess], None]


def main() -> int:
    """Runs the process; returns its exit code, or ends without returning."""
    taken = take_order(TO_PROCESS, FROM_PROCESS, TO_PROCESS_LIMIT, (Open,), "The process with the embedding model")
    if taken is None:
        return 2
    order, receiver, sender = taken
    send = sender.send_or_end
    try:
        native = bindings.load()
    except UserFacingError as problem:
        _leave(send, Reason.NO_LIBRARY, problem)
    walls = shut_in("its model", part_paths(order.path), (Path(os.devnull),), order.memory)
    try:
        model = EmbeddingModel(native, order.path, order.threads)
    except NoVectorsError as problem:
        _leave(send, Reason.NO_VECTORS, problem)
    except (UserFacingError, MemoryError) as problem:
        _leave(send, Reason.NOT_LOADED, problem)
    send(Opened(model.dimensions, walls))
    _serve(receiver, model, send)
    # Nothing is left to be tidied up, and the interpreter's own end could trip over native threads.
    os._exit(0)


def _serve(receiver: Receiver, model: EmbeddingModel, send: Send) -> None:
    """Answers until the app closes the pipe, or talks nonsense."""
    try:
        while (message := receiver.receive()) is not None:
            if not isinstance(message, Embed):
                return
            send(Embedded(b"".join(map(model.embed, message.texts))))
    except ProtocolError as nonsense:
        print(nonsense, file=sys.stderr)
    except (UserFacingError, MemoryError) as problem:
        _leave(send, Reason.NO_MEMORY, problem)


def _leave(send: Send, reason: Reason, problem: Exception) -> NoReturn:
    leave(send, Refused(reason, detail_of(problem)))
