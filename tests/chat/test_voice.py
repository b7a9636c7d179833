"""Who answers in a conversation: its persona, what is chosen for it alone, or the settings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.chat.quick_ask import QuickAskService
from desktop.chat.service import ChatService
from desktop.common.errors import MessageTooLongError
from desktop.engine.types import Failed, Finished, FinishReason, Generation, Role, Stats, Token, Trimmed
from desktop.history.choices import ConversationChoices
from desktop.history.store import History
from desktop.personas.library import PersonaLibrary
from desktop.personas.persona import GENERAL, Persona
from desktop.settings.store import SettingsStore
from tests.support.fake_engine import FakeEngine

COOK = Persona("own-cook", "Cook", "You cook.", 0.2, ("Eggs?",))


class Bench:
    """A chat and a quick ask with personas."""

    def __init__(self, folder: Path) -> None:
        self.store = SettingsStore(folder / "settings.json")
        self.personas = PersonaLibrary(folder / "personas.json", self.store, "en")
        self.personas.save(COOK)
        self.history = History(folder / "history.sqlite3")
        self.engine = FakeEngine()
        ids = itertools.count(1)
        self.chat = ChatService(
            self.engine, self.history, lambda: self.store.current, lambda: "tiny", lambda _event: None, ids,
            personas=self.personas.get,
        )  # fmt: skip
        self.quick = QuickAskService(
            self.engine, self.engine.forget, lambda: self.store.current, lambda _event: None, ids, self.personas.get
        )

    def answer(self) -> None:
        request = self.engine.last.request_id
        self.chat.on_engine_event(Token(request, "Yes."))
        self.chat.on_engine_event(Finished(request, FinishReason.COMPLETE, Stats()))

    def choose(self, conversation: str | None, identity: str | None) -> None:
        self.chat.choices.choose(conversation, ConversationChoices(persona=identity))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.history.close()


def system(request: Generation) -> str:
    first = request.messages[0]
    return first.text if first.role is Role.SYSTEM else ""


def test_without_a_choice_the_settings_speak(bench: Bench) -> None:
    bench.store.change(system_prompt="Be brief.", temperature=0.4)
    bench.chat.send(None, "Hello")
    request = bench.engine.last
    assert (system(request), request.sampling.temperature) == ("Be brief.", 0.4)
    assert request.prefix_id == "persona:general"


def test_a_persona_is_chosen_before_the_first_message_and_stays(bench: Bench) -> None:
    bench.choose(None, COOK.id)
    prepared = bench.chat.preparation.request(None)
    assert prepared is not None
    assert (system(prepared), prepared.prefix_id) == ("You cook.", "persona:own-cook")
    assert not prepared.keep_state  # the persona's words are kept, a draft's need not be
    conversation = bench.chat.send(None, "Hello")
    bench.answer()
    assert bench.history.conversation(conversation).choices.persona == COOK.id
    for again in (lambda: bench.chat.send(conversation, "And?"), lambda: bench.chat.regenerate(conversation)):
        again()
        assert (system(bench.engine.last), bench.engine.last.sampling.temperature) == ("You cook.", 0.2)
        bench.answer()
    # AND the next conversation is as usual
    assert bench.chat.choices.of(None) == ConversationChoices()
    bench.chat.send(None, "Another")
    assert system(bench.engine.last) == ""


def test_another_one_answers_from_the_next_message_on(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello")
    bench.answer()
    bench.choose(conversation, COOK.id)
    prepared = bench.chat.preparation.request(conversation)
    assert prepared is not None and system(prepared) == "You cook."
    assert prepared.keep_state
    bench.chat.send(conversation, "And?")
    assert system(bench.engine.last) == "You cook."
    assert [message.text for message in bench.engine.last.messages[1:]] == ["Hello", "Yes.", "And?"]


def test_a_temperature_of_the_conversation_comes_first(bench: Bench) -> None:
    conversation = bench.chat.send(None, "Hello")
    bench.answer()
    bench.chat.choices.choose(conversation, ConversationChoices(persona=COOK.id, temperature=0.0))
    bench.chat.send(conversation, "And?")
    assert bench.engine.last.sampling.temperature == 0.0


def test_a_persona_that_is_gone_leaves_the_general_one(bench: Bench) -> None:
    bench.store.change(system_prompt="Be brief.")
    bench.choose(None, COOK.id)
    conversation = bench.chat.send(None, "Hello")
    bench.answer()
    bench.personas.delete(COOK.id)
    bench.chat.send(conversation, "And?")
    assert (system(bench.engine.last), bench.engine.last.prefix_id) == ("Be brief.", "persona:general")
    # AND it is there again when its deletion is undone
    bench.answer()
    bench.personas.restore(COOK, 8)
    bench.chat.send(conversation, "And now?")
    assert system(bench.engine.last) == "You cook."


def test_examples_are_said_before_the_conversation_and_belong_to_the_prefix(bench: Bench) -> None:
    bench.personas.save(replace(COOK, examples=(("Eggs?", "Fry them."), ("Soup?", "Boil it."))))
    bench.choose(None, COOK.id)
    conversation = bench.chat.send(None, "Hello")
    said = [message.text for message in bench.engine.last.messages]
    assert said == ["You cook.", "Eggs?", "Fry them.", "Soup?", "Boil it.", "Hello"]
    assert bench.engine.last.prefix_messages == 4
    # WHEN the context is full, and the engine drops them with the first question and answer
    bench.chat.on_engine_event(Trimmed(bench.engine.last.request_id, 4))
    bench.answer()
    assert bench.history.conversation(conversation).cut == 0  # nothing that was said is out of view
    bench.chat.send(conversation, "And?")
    bench.chat.on_engine_event(Trimmed(bench.engine.last.request_id, 6))
    assert bench.history.conversation(conversation).cut == 2
    bench.answer()
    # THEN they are left out from then on
    bench.chat.send(conversation, "And now?")
    assert bench.engine.last.cut == 6
    # AND the quick ask has them as well
    bench.store.change(persona=COOK.id)
    bench.quick.ask("Rice?")
    assert [message.text for message in bench.engine.last.messages][1:] == [*said[1:5], "Rice?"]
    assert bench.engine.last.prefix_messages == 4


def test_changed_words_count_from_the_next_message_on(bench: Bench) -> None:
    bench.choose(None, COOK.id)
    conversation = bench.chat.send(None, "Hello")
    bench.answer()
    bench.personas.save(replace(COOK, prompt="You bake.", temperature=None))
    bench.chat.send(conversation, "And?")
    assert (system(bench.engine.last), bench.engine.last.sampling.temperature) == ("You bake.", 0.7)


def test_the_settings_choose_for_new_conversations_and_the_quick_ask(bench: Bench) -> None:
    old = bench.chat.send(None, "Hello")
    bench.answer()
    bench.store.change(persona=COOK.id)
    bench.quick.ask("Eggs?")
    assert (system(bench.engine.last), bench.engine.last.sampling.temperature) == ("You cook.", 0.2)
    assert not bench.engine.last.keep_state and bench.engine.last.prefix_id == COOK.prefix_id
    # WHEN the quick ask goes on as a conversation THEN the same one answers there
    adopted = bench.chat.adopt("Eggs?", "Yes.", "", None)
    assert bench.history.conversation(adopted).choices.persona == COOK.id
    bench.chat.send(None, "New")
    assert system(bench.engine.last) == "You cook."
    # AND conversations of before stay as they were
    bench.chat.send(old, "And?")
    assert system(bench.engine.last) == ""
    # AND the general one can be chosen all the same
    bench.choose(None, GENERAL)
    bench.chat.send(None, "Newer")
    assert system(bench.engine.last) == ""


def test_what_was_chosen_comes_back_with_a_first_message_that_was_too_long(bench: Bench) -> None:
    bench.choose(None, COOK.id)
    bench.chat.send(None, "x" * 9000)
    bench.chat.on_engine_event(Failed(bench.engine.last.request_id, MessageTooLongError(9000, 100), Stats()))
    assert bench.history.conversations() == ()
    assert bench.chat.choices.of(None).persona == COOK.id
