"""The model's file is damaged under the engine while it reads, answers, rests or dozes.

Survived: the worker lives; the answer ends by itself or with a Stop, in a finish or a sentence that names the file;
what was streamed is kept; once the model is let go, the program that damages it comes to its end; and a whole file in
the same place answers as before. That program may have to wait until then, so nobody waits for it.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
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
_SHORT: Final = ("cut short", "another copied over it", "overwritten in place")
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
            for name, command in _DAMAGES.items():
                number += 1
                if (run.only and number not in run.only) or (run.is_short and name not in _SHORT):
                    continue
                path = run.folder / f"mine-{number}.gguf"
                path.write_bytes(whole.read_bytes())
                began = time.monotonic()
                ending, lost = "", ""
                with Overseer() as overseer:
                    try:
                        ending = _damage(
                            asker, path, state, [command, str(path), str(other), str(whole.stat().st_size // 2)]
                        )
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


def _damage(asker: Asker, path: Path, state: State, command: list[str]) -> str:
    """Damages a file at a point of the work; returns in words how that ended."""
    started: list[subprocess.Popen[bytes]] = []
    streamed: list[str] = []
    request_id = reach(asker, path, state, lambda _pid: started.append(subprocess.Popen(["sh", "-c", *command])))
    with started[0] as damage:
        try:
            asker.on_event = _collecting(request_id, streamed)
            end = asker.end_of(request_id, LONG_S)
            if not state.is_asked:
                end = asker.end_of(asker.ask(_QUESTION, max_tokens=8), LONG_S)
            if isinstance(end.event, Failed):
                check_words(end.event.error, path.name)
            if not end.text.endswith("".join(streamed)):
                raise LostError(f"streamed {''.join(streamed)!r}, kept {end.text!r}")
            asker.fall_asleep()
            _check_over(damage)
        finally:
            asker.on_event = lambda event: None
            damage.kill()
    if state is State.ANSWERING and not end.text:
        raise LostError("nothing is left of the answer")
    asker.close()
    return end.words


def _collecting(request_id: int, into: list[str]) -> Callable[[EngineEvent], None]:
    def take(event: EngineEvent) -> None:
        if isinstance(event, Token) and event.request_id == request_id:
            into.append(event.text)

    return take


def _check_over(damage: subprocess.Popen[bytes]) -> None:
    try:
        damage.wait(STOP_S)
    except subprocess.TimeoutExpired:
        raise LostError("the program that writes to the file still waits though the model was let go") from None
