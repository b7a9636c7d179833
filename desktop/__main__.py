"""Turns the arguments into a verb; nothing else.

What a verb needs is imported only when it is the one asked for, and inside ``main``: Ctrl+C may come at any point, also
while modules are being imported, and must not end in a traceback.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself takes longer to import than all of this
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from desktop.cli.common import Places
    from desktop.cli.output import StandardStreams

    T = TypeVar("T")

# The verbs with which Catnap starts processes of its own; nobody types them. Named in desktop/engine/process/handle.py
# desktop/documents/messages.py, desktop/check/sandbox/messages.py, desktop/engine/embedding/messages.py,
# desktop/engine/gpu/messages.py, desktop/engine/distillation/messages.py and desktop/ui/speech/engine.py as well.
ENGINE_PROCESS = "engine-process"
DOCUMENT_PROCESS = "document-process"
SPEECH_PROCESS = "speech-process"
CHECK_PROCESS = "check-process"
EMBEDDING_PROCESS = "embedding-process"
GPU_PROCESS = "gpu-process"
DISTILLATION_PROCESS = "distillation-process"
_GOES_ON = "what is stored already stays, and the same command goes on with it"
_GO_ON = frozenset({"download", "add", "import", "extract", "collect"})
# Actions that another process computes for, which ends its step and keeps it before it goes.
_FINISH_A_STEP = frozenset({"answers", "train", "run"})
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells report it; wrong usage is 2, by argparse's own custom


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb and returns the exit code: 0 done, 1 failed (a sentence on stderr), 130 interrupted.

    To be called from the main thread.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Raises:
        SystemExit: Wrong usage (2), or ``--help`` and ``--version`` (0).
    """
    import os
    import signal

    def leave(_signal: int, _frame: object) -> None:
        os._exit(EXIT_INTERRUPTED)

    verb_of_ours = (sys.argv[1:] if arguments is None else arguments)[:1]
    ours = (
        *(ENGINE_PROCESS, DOCUMENT_PROCESS, SPEECH_PROCESS, CHECK_PROCESS, EMBEDDING_PROCESS),
        *(GPU_PROCESS, DISTILLATION_PROCESS),
    )
    if verb_of_ours and verb_of_ours[0] in ours:
        return _own_process(verb_of_ours[0])
    from desktop.cli.output import StandardStreams

    # KeyboardInterrupt gets lost in the import system's callbacks. While modules are imported nothing needs tidying up.
    before = signal.signal(signal.SIGINT, leave)
    streams = StandardStreams()
    code = EXIT_FAILED
    try:
        try:
            verb = _guarded(lambda: _verb(arguments, streams))
        finally:
            signal.signal(signal.SIGINT, before)
        code = verb if isinstance(verb, int) else _guarded(verb)
    except KeyboardInterrupt:
        # WORKAROUND(CPython, pythonrun.c): an interrupt that passes through exec(), as dataclasses use it, counts as
        # unhandled even when it is caught, and the process then kills itself. The next exec() clears that mark.
        exec("")
        code = EXIT_INTERRUPTED
    except SystemExit:  # --help, --version, wrong usage: it was printed, and must come out as well
        failed = _guarded(streams.close)
        if failed:
            return failed
        raise
    except BaseException:
        _guarded(streams.close)
        raise
    return _guarded(streams.close) or code


def _own_process(verb: str) -> int:
    from desktop.machine.process import die_with_parent

    die_with_parent()  # before anything that takes time
    if verb == DOCUMENT_PROCESS:
        from desktop.documents import process

        return process.main()
    if verb == CHECK_PROCESS:
        from desktop.check.sandbox import process as check_process

        return check_process.main()
    if verb == EMBEDDING_PROCESS:
        from desktop.engine.embedding import process as embedding_process

        return embedding_process.main()
    if verb == GPU_PROCESS:
        from desktop.engine.gpu import process as gpu_process

        return gpu_process.main()
    if verb == DISTILLATION_PROCESS:
        from desktop.engine.distillation import process as distillation_process

        return distillation_process.main()
    if verb == SPEECH_PROCESS:
        from desktop.ui.speech import process as speech_process

        return speech_process.main()
    import gc

    gc.disable()  # importing makes no garbage, and looking for some is a tenth of it
    from desktop.engine.process import main as engine_process

    gc.enable()
    return engine_process.main()


def _guarded(step: Callable[[], T]) -> T | int:
    """Returns what ``step`` returns, or an exit code after an error that was said on stderr."""
    from desktop.common.errors import UserFacingError, from_system

    try:
        return step()
    except UserFacingError as problem:
        _say(problem)
    except ImportError as failure:
        from desktop.system.display import import_problem

        missing = import_problem(failure)
        if missing is None:
            raise
        _say(missing)
    except BrokenPipeError:
        pass  # "catnap models list | head": nobody reads any more
    except (OSError, MemoryError) as failure:
        _say(from_system(failure))
    return EXIT_FAILED


def _say(problem: Exception) -> None:
    from desktop.common.printable import one_line

    print(f"catnap: {one_line(str(problem))}", file=sys.stderr)


def _verb(arguments: Sequence[str] | None, streams: StandardStreams) -> Callable[[], int]:
    """Returns what the arguments ask for, with everything imported that it needs, or ends in wrong usage."""
    from desktop.arguments.parsing import parse

    parsed = parse(arguments)
    if parsed.verb is None:
        import gc

        streams.ignore_closed_output()

        # Importing makes a hundred thousand objects and no garbage, and looking for some takes as long as drawing the
        # icon. Later `app/garbage.py` does that.
        gc.disable()
        from desktop.ui.widgets.overrides import guard_overrides

        guard_overrides()
        from desktop.app import start
        from desktop.arguments.parsing import AppOptions

        options = AppOptions(parsed.data_dir, parsed.catalog, parsed.hidden, parsed.app_verb, parsed.quick_action or "")
        return lambda: start.run(options)
    from desktop.cli.interrupts import GRACE_SECONDS, LONG_GRACE_SECONDS, watched

    action = getattr(parsed, "action", parsed.verb)
    kept = _GOES_ON if action in _GO_ON or action in _FINISH_A_STEP else ""
    seconds = LONG_GRACE_SECONDS if action in _FINISH_A_STEP else GRACE_SECONDS
    return watched(_headless(parsed), kept, seconds)


def _headless(parsed: Namespace) -> Callable[[], int]:
    """Returns what a verb without a window does, with everything imported that it needs."""
    from desktop.cli import common

    common.prepare()
    places = common.Places.of(parsed.data_dir, parsed.catalog)
    return _keeping(parsed, places) or _computing(parsed, places)


def _keeping(parsed: Namespace, places: Places) -> Callable[[], int] | None:
    """Returns what a verb does that is about what there is here, stored or set up; None: it is none of them."""
    if parsed.verb == "models":
        from desktop.cli import models

        target, name = getattr(parsed, "target", None), getattr(parsed, "name", "")
        languages = getattr(parsed, "languages", None)
        return lambda: models.run(places, parsed.action, target, name=name, languages=languages, as_json=parsed.json)
    if parsed.verb == "chats":
        from desktop.cli import chats

        wish = chats.ChatsRequest.of(parsed)
        return lambda: chats.run(places, wish, as_json=parsed.json)
    if parsed.verb == "libraries":
        from desktop.cli.documents import libraries

        folder, title = getattr(parsed, "target", None), getattr(parsed, "name", None) or ""
        return lambda: libraries.run(places, parsed.action, folder, title, as_json=parsed.json)
    if parsed.verb == "servers":
        from desktop.cli import servers

        meant = servers.ServersRequest.of(parsed)
        return lambda: servers.run(places, meant, as_json=parsed.json)
    if parsed.verb == "gpu":
        from desktop.cli.gpu import verb as gpu

        return lambda: gpu.run(places, parsed.action, parsed.target, as_json=parsed.json)
    if parsed.verb == "doctor":
        from desktop.cli import doctor

        return lambda: doctor.run(places, as_json=parsed.json)
    if parsed.verb == "autostart":
        from desktop.cli import autostart

        return lambda: autostart.run(parsed.data_dir, parsed.action, as_json=parsed.json)
    return None


def _computing(parsed: Namespace, places: Places) -> Callable[[], int]:
    """Returns what a verb does that has a model answer, be judged, or be made smaller."""
    if parsed.verb == "ask":
        from desktop.cli import ask

        request = ask.AskRequest.of(parsed)
        return lambda: ask.run(places, request, as_json=parsed.json)
    if parsed.verb == "extract":
        from desktop.cli.documents import extract

        wanted = extract.ExtractRequest.of(parsed)
        return lambda: extract.run(places, wanted, as_json=parsed.json)
    if parsed.verb == "serve":
        from desktop.cli import serve

        offered = serve.ServeRequest(parsed.model, parsed.port, parsed.new_token)
        return lambda: serve.run(places, offered, as_json=parsed.json)
    if parsed.verb == "check":
        from desktop.cli import check

        return lambda: check.run(places, check.CheckRequest.of(parsed), as_json=parsed.json)
    if parsed.verb == "student":
        from desktop.cli.student import verbs as student

        if getattr(parsed, "progress", False):  # the app has started it, and it is of no use without
            from desktop.machine.process import die_with_parent

            die_with_parent()
        return lambda: student.run(places, parsed)
    from desktop.cli import bench

    return lambda: bench.run(places, parsed.model, as_json=parsed.json)


if __name__ == "__main__":
    sys.exit(main())
