"""Chat templates under their limits: what goes too far is replaced soon, what real files bring comes out as before."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, Template, TemplateError

from desktop.common.errors import Cancelled
from desktop.engine.chat_template import growth
from desktop.engine.chat_template.budget import Budget, LimitError, Room, room_for
from desktop.engine.chat_template.jinja import CompiledTemplate, budget_for, compile_template
from desktop.engine.chat_template.template import ChatTemplate, never
from desktop.engine.types import Message, Role
from tests.support.hostile_templates import HOSTILE_TEMPLATES, LATE_TEMPLATES, HostileTemplate
from tests.support.llama_source import chat_template, chat_templates
from tests.support.plain_jinja import given, plain_template

OWN = Path(__file__).parents[2] / "support" / "templates"
REAL = {
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted(OWN.glob("*.jinja"))},
    **{name: chat_template(name) for name in chat_templates()},
}
# Processor time; the limits are 2 seconds for compiling and half a second for each of two trials.
SECONDS = 4.0
KILOBYTES = 64 * 1024
CLEAR_REFS = Path("/proc/self/clear_refs")
QUESTION = (Message(Role.USER, "Hi"),)
TURNS = (Message(Role.USER, "2+2?"), Message(Role.ASSISTANT, "4."), Message(Role.USER, "And one more?"))
CHATML_ANSWER = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def noon() -> datetime:
    return datetime(2025, 3, 4, 12)


def by_name(hostile: HostileTemplate) -> str:
    return hostile.name


def forget_peak() -> int:
    """Returns what this process has in memory, in KB, and has the system watch from now on; 0 where it cannot."""
    if not CLEAR_REFS.exists():
        return 0
    CLEAR_REFS.write_text("5")
    return peak()


def peak() -> int:
    """Returns the most that this process had in memory since :func:`forget_peak`, in KB; 0 where nobody knows."""
    if not CLEAR_REFS.exists():
        return 0
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0])


def long_conversation(count: int, letters: int) -> tuple[Message, ...]:
    roles = (Role.USER, Role.ASSISTANT)
    return tuple(Message(roles[index % 2], f"{index} {'letters ' * (letters // 8)}".strip()) for index in range(count))


# What goes too far


@pytest.mark.parametrize("hostile", HOSTILE_TEMPLATES, ids=by_name)
def test_a_template_that_goes_too_far_is_replaced_soon_and_takes_little_memory(hostile: HostileTemplate) -> None:
    ChatTemplate(None, "", "", "qwen2")  # what is imported for the first one does not count
    before = forget_peak()
    began = time.thread_time()
    template = ChatTemplate(hostile.source, "", "", "qwen2")
    seconds = time.thread_time() - began
    grown = peak() - before
    assert template.went_too_far
    assert not template.uses_own
    assert template.render(QUESTION, thinking=False) == CHATML_ANSWER
    assert seconds < SECONDS
    assert grown < KILOBYTES


def test_there_are_hostile_templates_of_every_kind() -> None:
    names = [hostile.name for hostile in HOSTILE_TEMPLATES]
    assert len(set(names)) == len(names) >= 80
    assert {hostile.kind for hostile in HOSTILE_TEMPLATES} >= {
        "time", "memory", "output", "recursion", "formats", "filters", "methods", "numbers", "source",
    }  # fmt: skip


@pytest.mark.parametrize("hostile", LATE_TEMPLATES, ids=by_name)
def test_a_template_that_goes_too_far_with_a_conversation_is_replaced_then_and_for_good(
    hostile: HostileTemplate, caplog: pytest.LogCaptureFixture
) -> None:
    # GIVEN a template that does well with one question
    template = ChatTemplate(hostile.source, "", "", "qwen2")
    assert template.uses_own and not template.went_too_far
    # WHEN it is given a conversation
    with caplog.at_level(logging.WARNING):
        first = template.render(TURNS, thinking=False)
        second = template.render(TURNS, thinking=False)
    # THEN the common one is in use from then on, with one note
    assert first == second and first.startswith("<|im_start|>user\n2+2?<|im_end|>")
    assert template.went_too_far and not template.uses_own
    assert caplog.text.count("using the chatml template") == 1


@pytest.mark.parametrize(
    ("architecture", "bos", "begin"),
    [("llama", "<|begin_of_text|>", "<|begin_of_text|><|start_header_id|>"), ("gemma3", "<bos>", "<bos><start_of")],
)
def test_the_familys_template_takes_its_place(architecture: str, bos: str, begin: str) -> None:
    template = ChatTemplate("{{ 'a' * 10 ** 9 }}", bos, "</s>", architecture)
    assert template.went_too_far
    assert template.render(QUESTION, thinking=False).startswith(begin)


def test_a_template_that_merely_fails_has_not_gone_too_far() -> None:
    template = ChatTemplate("{{ raise_exception('no') }}", "", "", "qwen2")
    assert not template.uses_own and not template.went_too_far


# Stopping


class Patience:
    """Has enough after a number of questions."""

    def __init__(self, questions: int) -> None:
        self.left = questions

    def is_over(self) -> bool:
        self.left -= 1
        return self.left < 0


ENDLESS = "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}"


@pytest.mark.parametrize("questions", [0, 1, 5, 100])
def test_stopping_is_heard_while_a_template_is_tried(questions: int) -> None:
    with pytest.raises(Cancelled):
        ChatTemplate(ENDLESS, "", "", "qwen2", is_stopped=Patience(questions).is_over)


def test_stopping_is_heard_while_a_template_is_compiled() -> None:
    patience = Patience(1)
    with pytest.raises(Cancelled):
        compile_template("{{ a }}" * 1000, noon, patience.is_over)


def test_stopping_is_heard_while_a_conversation_is_rendered_and_changes_nothing() -> None:
    source = "{% if messages | length > 1 %}" + ENDLESS + "{% endif %}{{ messages[0].content }}"
    template = ChatTemplate(source, "", "", "qwen2")
    with pytest.raises(Cancelled):
        template.segments(TURNS, thinking=False, is_stopped=Patience(3).is_over)
    assert template.uses_own and not template.went_too_far


# What real files bring


class Both:
    """A template with the limits and without."""

    def __init__(self, source: str) -> None:
        self._plain: Template | None = None
        self._limited: CompiledTemplate | None = None
        try:
            self._plain = plain_template(source, noon)
        except TemplateError:  # it wants something that only its own program has
            with pytest.raises(TemplateError):
                compile_template(source, noon, never)
        else:
            self._limited = compile_template(source, noon, never)

    def render(self, messages: tuple[Message, ...], *, thinking: bool = False) -> tuple[str, str, Budget]:
        """Returns what it writes without limits and with them, or the kind of failure, and the account."""
        values = given(messages, thinking=thinking)
        budget = budget_for(room_for([message["content"] for message in values["messages"]]), never)
        plain, limited = self._plain, self._limited
        if plain is None or limited is None:
            return "", "", budget
        return outcome(lambda: plain.render(values)), outcome(lambda: limited.render(budget, **values)), budget


def outcome(render: Callable[[], str]) -> str:
    try:
        return render()
    except LimitError:
        raise
    except Exception as problem:
        return f"fails: {problem}"


@pytest.mark.parametrize("name", REAL)
def test_real_templates_write_what_they_wrote_without_limits_and_are_far_from_them(name: str) -> None:
    both = Both(REAL[name])
    for messages in (QUESTION, TURNS, (Message(Role.SYSTEM, "Be brief."), *TURNS), long_conversation(201, 16)):
        for thinking in (False, True):
            expected, text, budget = both.render(messages, thinking=thinking)
            assert text == expected
            assert budget.steps < budget.room.steps / 10
            assert len(text) < budget.room.text / 2


@pytest.mark.parametrize("name", ["qwen3", "llama3", "gemma", "smollm2", "phi3", "Qwen-Qwen2.5-7B-Instruct"])
def test_a_long_conversation_of_long_messages_is_rendered(name: str) -> None:
    messages = long_conversation(201, 4000)
    template = ChatTemplate(REAL[name], "<s>", "</s>", "llama", noon)
    text = template.render(messages, thinking=False)
    assert template.uses_own
    assert all(message.text in text for message in messages)


def test_a_paste_of_much_white_space_is_rendered() -> None:
    message = Message(Role.USER, " \n" * 400_000 + "word" + "\n" * 400_000)
    template = ChatTemplate(REAL["qwen3"], "<s>", "</s>", "qwen3", noon)
    assert "word" in template.render((message,), thinking=False)
    assert template.uses_own


def test_every_filter_of_jinja2_has_been_looked_at() -> None:
    assert set(growth.FILTERS) == set(Environment().filters)


ORDINARY = (OWN.parent / "ordinary_templates.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("source", ORDINARY, ids=range(len(ORDINARY)))
def test_what_a_template_does_within_the_limits_is_what_it_does_without(source: str) -> None:
    expected, text, _ = Both(source).render(TURNS)
    assert text and not text.startswith("fails")
    assert _without_addresses(text) == _without_addresses(expected)


def _without_addresses(text: str) -> str:
    return text.split(" at 0x", maxsplit=1)[0] if " at 0x" in text else text


# The account


def account(**changes: Any) -> Budget:
    values = {"text": 100, "items": 10, "made": 1000, "steps": 1000, "seconds": 60.0, **changes}
    return Budget(Room(**values), never)


def test_the_parts_of_a_value_count_as_often_as_they_would_be_written() -> None:
    budget = account(made=10**6)
    word = ["letters"]
    assert budget.size([word, word]) > 2 * budget.size(word)
    assert budget.depth([[[word]]]) == 4
    twice: list[Any] = list(word)
    with pytest.raises(LimitError, match="letters"):
        for _ in range(30):
            twice = [twice, twice]
            budget.weigh(twice)


def test_what_is_made_is_counted() -> None:
    budget = account()
    for _ in range(10):
        budget.keep("a" * 100)
    with pytest.raises(LimitError, match="too much text"):
        budget.keep("a")
    for too_large in ("a" * 101, [0] * 11, 2**3000):
        with pytest.raises(LimitError):
            account().keep(too_large)


def test_steps_and_seconds_are_counted() -> None:
    budget = account()
    with pytest.raises(LimitError, match="steps"):
        for _ in range(2000):
            budget.tick()
    assert 1000 < budget.steps <= 1100
    late = account(steps=10**9, seconds=0.0)
    with pytest.raises(LimitError, match="time"):
        for _ in range(10**6):
            late.tick()


def test_an_iterator_is_taken_item_by_item() -> None:
    budget = account()
    stand_in = budget.weigh_all(iter(["a", "b"]))
    assert list(stand_in) == ["a", "b"]  # type: ignore[call-overload]
    with pytest.raises(LimitError):
        budget.weigh_all(iter(range(10**9)))
