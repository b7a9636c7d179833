"""Other programs and people at one engine: the API of the app, on a real engine and with real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path
from typing import Any, Self, cast

import psutil
import pytest
from PySide6.QtWidgets import QLineEdit

from desktop.api.state import ApiKind
from desktop.app.windows.dialogs import make_settings_dialog
from desktop.common import detached
from desktop.common.paths import Paths
from desktop.history.records import MessageState
from tests.rigs.services import RunningServices, run
from tests.support.api_rig import CHAT, Answered, read_response
from tests.support.command_line import python
from tests.support.own_models import use_own
from tests.support.parrot import LONG_TEXT, PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S

_CLIENTS = 64
_GUI_SECONDS = 0.016


class House(RunningServices):
    """The services with the API switched on."""

    def __init__(self, paths: Paths, catalog: Path, model: Path, port: int, *, has_token: bool = True) -> None:
        super().__init__(paths, catalog)
        self.port = port
        self.services.programs.subscribe(self.notice)
        use_own(self.services, model)
        self.token = self.services.programs.renew_token() if has_token else ""
        self.services.programs.begin()

    async def __aenter__(self) -> Self:
        await self.switch_on()
        return self

    async def switch_on(self) -> None:
        self.store.change(api=True, api_port=self.port)
        await self.until(lambda: self.services.programs.state.kind not in (ApiKind.OFF, ApiKind.STARTING))
        assert self.services.programs.state.kind is ApiKind.ON, self.services.programs.state

    def ask(self, text: str, **more: Any) -> asyncio.Future[Answered]:
        """Has a program ask, on a thread of its own."""
        body = json.dumps({"messages": [{"role": "user", "content": text}], **more}).encode()
        head = (
            f"POST {CHAT} HTTP/1.1\r\nHost: localhost:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )

        def work() -> Answered:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as client:
                client.sendall(head.encode() + body)
                return read_response(client)

        return asyncio.wrap_future(detached.start(work, "program"))

    async def say(self, text: str, conversation: str | None = None) -> str:
        """Has a person ask, and waits for the stored answer."""
        chat = self.services.chat
        conversation = chat.send(conversation, text)
        await self.until(lambda: not chat.answers.is_busy(conversation))
        last = self.services.history.transcript(conversation).messages[-1]
        assert last.state is MessageState.COMPLETE
        return conversation


def _text(answered: Answered) -> str:
    assert answered.status == 200, answered.body
    content: str = answered.json["choices"][0]["message"]["content"]
    return content


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    file = tmp_path / "models.json"
    file.write_text("{", encoding="utf-8")
    return file


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def test_nothing_of_it_is_imported_before_it_is_switched_on() -> None:
    code = "import sys, desktop.app.services; print({'h11', 'desktop.api.service'} & sys.modules.keys())"
    assert python(code).out == "set()\n"


def test_a_program_is_answered_and_leaves_nothing_in_the_history(
    data_dir: Paths, catalog: Path, parrot_model: Path, port: int
) -> None:
    async def work() -> None:
        async with House(data_dir, catalog, parrot_model, port) as house:
            answered = await house.ask("Hello")
            assert _text(answered) == PARROT_TEXT
            assert house.services.history.conversations() == ()
            assert not house.services.programs.state.is_busy
            # WHEN it is switched off THEN nobody listens any more
            house.store.change(api=False)
            assert house.services.programs.state.kind is ApiKind.OFF
            with pytest.raises(ConnectionRefusedError):
                await house.ask("Hello")
            # AND where the port is taken that is said
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                house.store.change(api=True, api_port=taken.getsockname()[1])
                await house.until(lambda: house.services.programs.state.kind is ApiKind.FAILED)
                error = house.services.programs.state.error
                assert error is not None and error.title == "Another program uses this port."
            house.store.change(api_port=port)
            await house.until(lambda: house.services.programs.state.kind is ApiKind.ON)
            assert _text(await house.ask("Hello")) == PARROT_TEXT

    run(work)


def test_the_person_comes_first_and_neither_loses_a_word(
    data_dir: Paths, catalog: Path, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where an answer is cut off within a character, a parrot begins anew: it knows its own words only.
    plain = "".join(letter for letter in LONG_TEXT if letter.isascii())
    model = make_parrot(tmp_path / "plain.gguf", plain, layers=100)  # slow, so that it has hardly begun
    monkeypatch.setattr("desktop.api.questions._QUIET_S", 0.0)

    async def work() -> None:
        async with House(data_dir, catalog, model, port) as house:
            ended: list[str] = []
            program = house.ask("Tell me")
            program.add_done_callback(lambda _done: ended.append("program"))
            await house.until(lambda: any(type(event).__name__ == "Token" for event in house.events))
            assert house.services.programs.state.is_busy
            engine = psutil.Process(house.services.engine.process_id)
            engine.suspend()  # until the person has asked, however busy this machine is
            asked = asyncio.ensure_future(house.say("Me first"))
            await asyncio.sleep(0)
            engine.resume()
            conversation = await asked
            ended.append("person")
            assert _text(await program) == plain
            assert ended == ["person", "program"]
            messages = house.services.history.transcript(conversation).messages
            assert messages[-1].text == plain

    run(work)


def test_what_both_begin_with_is_read_once_and_people_lose_nothing(
    data_dir: Paths, catalog: Path, parrot_model: Path, port: int
) -> None:
    instructions = {"role": "system", "content": "You are a program that helps with letters. " * 12}

    async def work() -> None:
        async with House(data_dir, catalog, parrot_model, port) as house:
            conversation = await house.say("A long question. " * 20)

            async def ask(text: str) -> dict[str, Any]:
                answered = await house.ask("", messages=[instructions, {"role": "user", "content": text}])
                usage: dict[str, Any] = answered.json["usage"]
                return usage

            first, second = await ask("One"), await ask("Two")
            cached = second["prompt_tokens_details"]["cached_tokens"]
            assert first["prompt_tokens_details"]["cached_tokens"] < 40
            assert cached > 0.9 * (second["prompt_tokens"] - 30)
            # AND the person's conversation goes on from what was kept of it
            await house.say("And?", conversation)
            stats = house.services.history.transcript(conversation).messages[-1].stats
            assert stats is not None and stats.reused_tokens > 0.8 * stats.prompt_tokens

    run(work)


def test_64_programs_at_once_are_all_answered_and_nobody_is_held_up(
    data_dir: Paths, catalog: Path, parrot_model: Path, port: int
) -> None:
    async def work() -> None:
        async with House(data_dir, catalog, parrot_model, port) as house:
            loop, longest, last = asyncio.get_running_loop(), 0.0, time.thread_time()
            goes_on = True

            def tick() -> None:
                nonlocal longest, last
                now = time.thread_time()
                longest, last = max(longest, now - last), now
                if goes_on:
                    loop.call_later(0.001, tick)

            _text(await house.ask("Wake up"))
            last = time.thread_time()
            tick()
            answers = await asyncio.gather(
                *(house.ask(f"I am number {number}", stream=number % 2 == 0) for number in range(_CLIENTS))
            )
            goes_on = False
            for number, answered in enumerate(answers):
                if number % 2:
                    assert _text(answered) == PARROT_TEXT
                else:
                    pieces = [event["choices"][0]["delta"].get("content", "") for event in answered.events[:-1]]
                    assert "".join(pieces) == PARROT_TEXT
            assert longest < _GUI_SECONDS

    run(work)


def test_what_programs_asked_is_erased_at_the_end(
    data_dir: Paths, catalog: Path, parrot_model: Path, port: int
) -> None:
    def states() -> list[str]:
        found = [json.loads(file.read_text(encoding="utf-8")) for file in data_dir.snapshots_dir.glob("*.json")]
        return [each["conversation"] for each in found]

    async def work() -> None:
        async with House(data_dir, catalog, parrot_model, port) as house:
            question = {"role": "user", "content": "A long question. " * 20}
            talk = [question]
            for _turn in range(2):
                talk += [{"role": "assistant", "content": _text(await house.ask("", messages=talk))}, question]
            conversation = await house.say("Something else. " * 20)
            assert any(name.startswith("api/") for name in states())
            house.store.change(api=False)
            await house.say("More", conversation)
            assert not any(name.startswith("api/") for name in states())

    run(work)


@pytest.mark.usefixtures("qapp")
def test_the_settings_make_the_first_token_and_show_it_until_they_are_closed(
    data_dir: Paths, catalog: Path, parrot_model: Path, port: int
) -> None:
    async def work() -> None:
        house = House(data_dir, catalog, parrot_model, port, has_token=False)
        dialog = make_settings_dialog(house.services, None, None)
        fields = cast("list[QLineEdit]", dialog.findChildren(QLineEdit))
        shown = next(field for field in fields if field.accessibleName() == "Access token")
        dialog.show()
        try:
            assert not shown.text()
            await house.switch_on()
            house.token = shown.text()
            assert _text(await house.ask("Hello")) == PARROT_TEXT
            dialog.close()
            assert not shown.text()
            # AND it is not made anew when it is switched on again
            dialog.show()
            house.store.change(api=False)
            await house.switch_on()
            assert not shown.text() and _text(await house.ask("Hello")) == PARROT_TEXT
        finally:
            dialog.close()
            dialog.deleteLater()
            await house.__aexit__()

    run(work)
