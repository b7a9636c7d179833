"""The model's file is damaged under the engine while it reads, answers, rests or dozes.

Survived: the worker lives; the answer ends by itself or with a Stop, in a finish or a sentence that names the file;
what was streamed is kept; once the model is let go, the program that damages it comes to its end; and a whole file in
the same place answers as before. That program may have to wait until then, so nobody waits for it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from desktop.engine.types import EngineConfig, EngineEvent, Failed, Message, Role, Token
from tests.torture.bases import REAL, WHOLE, Bases
from tests.torture.judge import LONG_S, STOP_S, Asker, LostError, Overseer, check_words
from tests.torture.results import Outcome, Run
from tests.torture.states import State, reach

# What a shell does to $0; $1 is another model, shorter than the first, $2 half of the first one's length.
_DAMAGES: Final = {
    "emptied": ': > "$0"',
    "cut short": 'truncate -s 1000 "$0"',
    "cut in half": 'truncate -s "$2" "$0"',
    "another copied over it": 'cp "$1" "$0"',
    "overwritten in place": 'dd if=/dev/zero of="$0" bs="$2" count=2 conv=notrunc status=none',
    "made longer": 'head -c 1000000 /dev/zero >> "$0"',
    "replaced by another": 'cp "$1" "$0.new" && mv "$0.new" "$0"',
    "deleted": 'rm "$0"',
}
# Who has the file open for writing before the engine opens it need not wait for anybody, and can take its pages away.
_BY_OWNER: Final[Mapping[str, Callable[[int], object]]] = {
    "emptied by one who had it open": lambda handle: os.ftruncate(handle, 0),
    "cut short by one who had it open": lambda handle: os.ftruncate(handle, 1000),
    "overwritten by one who had it open": lambda handle: os.pwrite(handle, bytes(os.fstat(handle).st_size), 0),
}
_SHORT: Final = ("another copied over it", "overwritten in place", "cut short by one who had it open")
_STATES: Final = (State.READING, State.ANSWERING, State.RESTING, State.DOZING)
_QUESTION: Final = (Message(Role.USER, "What is the capital of France?"),)


def run(run: Run) -> Iterator[Outcome]:
    """Damages the file in each way in each state."""
    bases = Bases(run.folder)
    whole, other = run.folder / "whole.gguf", run.folder / "other.gguf"
    # All of the small one's pages are needed for each token, too, and it is copied in no time.
    whole.write_bytes(bases.get(REAL if run.is_short else WHOLE).write())
    other.write_bytes(bases.get("tiny-llama").write())
    number = -1
    with Asker() as asker:
        said = _answer(asker, whole)
        for state in _STATES:
            for name in (*_DAMAGES, *_BY_OWNER):
                number += 1
                if (run.only and number not in run.only) or (run.is_short and name not in _SHORT):
                    continue
                path = run.folder / f"mine-{number}.gguf"
                path.write_bytes(whole.read_bytes())
                began = time.monotonic()
                ending, lost = "", ""
                with Overseer() as overseer:
                    try:
                        ending = _damage(asker, path, state, _prepare(name, path, other, whole))
                        path.write_bytes(whole.read_bytes())
                        if (now := _answer(asker, path)) != said:
                            raise LostError(f"the whole file said {now!r} instead of {said!r}")
                    except LostError as problem:
                        ending, lost = "lost", str(problem)
                        asker.recover()
                if overseer.heard and not lost:
                    ending, lost = "lost", "; ".join(overseer.heard)
                path.unlink(missing_ok=True)
                what, again = f"{name} while {state.value}", f"--part files --only {number}"
                yield Outcome("files", state.value, what, ending, lost, again, seconds=time.monotonic() - began)


def _answer(asker: Asker, path: Path) -> str:
    asker.worker.configure(EngineConfig(path, n_ctx=512, threads=1, idle_seconds=None, sleep_seconds=None))
    end = asker.end_of(asker.ask(_QUESTION, max_tokens=8), LONG_S)
    if end.words != "answered":
        raise LostError(f"a whole model: {end.event}")
    asker.fall_asleep()
    asker.close()
    return end.text


class _Damage:
    """Something that will be done to a file by another program.

    Args:
        command: What a shell is given; empty: it is done at once, here.
        handle: Of the file, open for writing; None: it is not open.
        act: What is done with the handle.
    """

    def __init__(self, command: list[str], handle: int | None, act: Callable[[int], object] | None) -> None:
        self._command = command
        self._handle = handle
        self._act = act
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, _pid: int) -> None:
        if self._act is not None and self._handle is not None:
            self._act(self._handle)
        else:
            # It may be refused instead of having to wait, and then says so.
            self._process = subprocess.Popen(["sh", "-c", *self._command], stderr=subprocess.DEVNULL)

    def check_over(self) -> None:
        """Makes sure that it need not wait any more."""
        if self._process is None:
            return
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            raise LostError("who writes to the file still waits though the model was let go") from None

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()


def _prepare(name: str, path: Path, other: Path, whole: Path) -> _Damage:
    if name in _BY_OWNER:
        return _Damage([], os.open(path, os.O_RDWR), _BY_OWNER[name])
    return _Damage([_DAMAGES[name], str(path), str(other), str(whole.stat().st_size // 2)], None, None)


def _damage(asker: Asker, path: Path, state: State, damage: _Damage) -> str:
    """Damages a file at a point of the work; returns in words how that ended."""
    streamed: list[str] = []
    with contextlib.closing(damage):
        request_id = reach(asker, path, state, damage.begin)
        try:
            asker.on_event = _collecting(request_id, streamed)
            end = asker.end_of(request_id)
            if not state.is_asked:
                end = asker.end_of(asker.ask(_QUESTION, max_tokens=8), LONG_S)
            if isinstance(end.event, Failed):
                check_words(end.event.error, path.name)
            if not end.text.endswith("".join(streamed)):
                raise LostError(f"streamed {''.join(streamed)!r}, kept {end.text!r}")
            asker.fall_asleep()
            damage.check_over()
        finally:
            asker.on_event = lambda event: None
    if state is State.ANSWERING and not end.text:
        raise LostError("nothing is left of the answer")
    asker.close()
    return end.words


def _collecting(request_id: int, into: list[str]) -> Callable[[EngineEvent], None]:
    def take(event: EngineEvent) -> None:
        if isinstance(event, Token) and event.request_id == request_id:
            into.append(event.text)

    return take
