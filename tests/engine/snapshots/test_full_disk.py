"""The disk fills up while a conversation's state is written: the answer is right, nothing half is left."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.types import Asleep, Message, Role, Token
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.tiny import make_tiny

SYSTEM = Message(Role.SYSTEM, "You are the cat of this house. Be brief and kind, and never wake anybody up at night.")
SHORT = replace(GREEDY, max_tokens=24)
# Far below the state of the conversation, and no multiple of the blocks in which files are written.
ROOM = 10_001


def take_the_room(process: int | None) -> None:
    """Lets no file of a process grow beyond ROOM, as a disk with that much left: for every user, for native code."""
    import resource

    assert process is not None
    _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (ROOM, hard))  # the interpreter ignores SIGXFSZ: writes fail


def answer(engine: Harness, *messages: Message) -> tuple[str, int]:
    end = engine.ask(*messages, sampling=SHORT)
    engine.rest()
    text = "".join(event.text for event in engine.of(Token) if event.request_id == end.request_id)
    return text, end.stats.reused_tokens


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is of Linux; the code is the same")
def test_a_state_that_does_not_fit_costs_only_the_reading(tmp_path: Path) -> None:
    # GIVEN a conversation, and how it goes on undisturbed
    model = make_tiny(tmp_path / "tiny.gguf", ascii_only=True)
    states = tmp_path / "states"
    first, second = user("What do you do all day?"), user("And at night?")
    with Harness(config_for(model)) as engine:
        begun, _ = answer(engine, SYSTEM, first)
        expected, _ = answer(engine, SYSTEM, first, assistant(begun), second)

    with Harness(replace(config_for(model), snapshots_dir=states)) as engine:
        answer(engine, SYSTEM, first)
        # WHEN it naps and the disk fills up under its state
        take_the_room(engine.worker.process_id)
        engine.worker.sleep()
        engine.wait(Asleep)
        left = list(states.iterdir())
        # THEN the answer after the nap is the same, all of it read again
        assert answer(engine, SYSTEM, first, assistant(begun), second) == (expected, 0)
        assert [file for file in left if file.suffix == ".tmp"] == []
        # AND with room again the states are kept again
        engine.worker.sleep()
        engine.wait(Asleep)
        _, reused = answer(engine, SYSTEM, first, assistant(begun), second, assistant(expected), user("Fish?"))
        assert reused > 100
    (state,) = [file for file in states.iterdir() if file.suffix not in (".json", ".tmp")]
    assert state.stat().st_size > 5 * ROOM, "the state has to be larger than the room there was"
