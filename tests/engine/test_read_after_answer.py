"""What stands between an answer and the next message is read as soon as the answer has ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop.engine.types import EngineEvent, Finished, Reading
from tests.support.engine_harness import GREEDY, Harness, assistant, config_for, user
from tests.support.tiny import make_tiny

SHORT = replace(GREEDY, max_tokens=16)
QUESTION = user("Who are you?")
# The last token of the answer, the end of its turn, the beginning of the next one; the tiny models' tokens are bytes.
CLOSING = 1 + 2 + len("\nuser\n")


def second_turn(engine: Harness, answer: str, *, regenerate: bool = False) -> tuple[str, int]:
    """Returns the text of the next answer, or of the same one again, and how many tokens were read for it."""
    messages = [QUESTION] if regenerate else [QUESTION, assistant(answer), user("And now?")]
    end = engine.ask(*messages, sampling=SHORT)
    return engine.text(end.request_id), end.stats.prompt_tokens - end.stats.reused_tokens


def test_the_next_turn_finds_it(tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "tiny.gguf", ascii_only=True)
    with Harness(config_for(path)) as engine:
        first = engine.ask(QUESTION, sampling=SHORT)
        engine.rest()
        answer = engine.text(first.request_id)
        text, unread = second_turn(engine, answer)
        # AND nothing is said about it: the request has ended
        after = engine.events[engine.events.index(first) + 1 :]
        assert not [event for event in after if isinstance(event, Reading) and event.request_id == first.request_id]
    with Harness(config_for(path)) as engine:  # nothing known
        right, everything = second_turn(engine, answer)

    assert text == right
    assert unread == len("And now?") + 2 + len("\nassistant\n")
    assert everything > unread + CLOSING


def test_another_conversation_does_not_wait_for_it(tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "tiny.gguf", ascii_only=True)
    with Harness(config_for(path)) as engine:

        def ask_elsewhere(event: EngineEvent) -> None:
            if isinstance(event, Finished) and event.request_id == 1:
                engine.send(user("Somebody else?"), sampling=SHORT, conversation="other")

        engine.on_event = ask_elsewhere
        first = engine.ask(QUESTION, sampling=SHORT)
        engine.wait(Finished, lambda event: event.request_id == 2)
        other = engine.end_of(2)
        _, unread = second_turn(engine, engine.text(first.request_id))

    assert isinstance(other, Finished) and other.stats.generated_tokens
    assert unread >= len("And now?") + 2 + len("\nassistant\n") + CLOSING


def test_the_same_question_can_be_answered_again(tmp_path: Path) -> None:
    for architecture in ("qwen2", "lfm2"):  # the second cannot go back, and so goes no further
        path = make_tiny(tmp_path / f"{architecture}.gguf", architecture=architecture, ascii_only=True)
        with Harness(config_for(path)) as engine:
            first = engine.ask(QUESTION, sampling=SHORT)
            engine.rest()
            answer = engine.text(first.request_id)
            text, unread = second_turn(engine, answer, regenerate=True)

        assert text == answer, architecture
        assert unread == 1, architecture
