"""Answers of an ordinary server, in all the ways in which such servers are ordinary."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.types import (
    BegunAnswer,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Message,
    Reading,
    Role,
    Sampling,
    Stats,
    Token,
)
from desktop.servers.registry import Findings
from desktop.system.patient_keyring import Keyring
from tests.support.asked_servers import NAME, Questions, question
from tests.support.chat_server import (
    DONE,
    JSON,
    ChatServer,
    Reply,
    delta,
    document,
    event,
    refused,
    said,
    usage,
)
from tests.support.patience import PATIENCE_S


def test_a_question_is_answered(server: ChatServer, asked: Questions) -> None:
    assert asked.ask("Who is there?") == "Hello there."
    assert [type(each) for each in asked.events] == [Reading, Token, Token, Finished]
    assert asked.reason is FinishReason.COMPLETE
    sent = server.questions[0]
    assert sent["messages"] == [{"role": "user", "content": "Who is there?"}]
    assert (sent["model"], sent["stream"], sent["seed"]) == ("parrot", True, 1)
    assert "max_tokens" not in sent and "response_format" not in sent


def test_what_it_took_is_told(server: ChatServer, asked: Questions) -> None:
    server.script(Reply((delta("a "), delta("b "), delta("c"), delta(ended="stop"), usage(12, 30), DONE)))
    asked.ask("?")
    stats = asked.stats
    assert (stats.prompt_tokens, stats.generated_tokens, stats.load_s) == (12, 30, 0.0)
    assert 0 < stats.ttft_s < PATIENCE_S and stats.gen_tps > 0
    # AND what the server has measured itself counts more than what is seen from here
    timings = {"prompt_ms": 500, "predicted_ms": 2900.0}
    told = event({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 30}, "timings": timings})
    server.script(Reply((delta("a"), delta(ended="stop"), told, DONE)))
    asked.ask("?")
    assert (asked.stats.read_s, round(asked.stats.gen_tps, 3)) == (0.5, 10.0)
    # AND where it tells nothing the pieces are counted
    server.script(Reply((delta("a "), delta("b"), delta(ended="stop"), DONE)))
    asked.ask("?")
    assert (asked.stats.generated_tokens, asked.stats.prompt_tokens) == (2, 0)


_EMOJI = delta("喵🐈")


@pytest.mark.parametrize(
    "chunks",
    [
        (b"".join((delta("A "), delta("b."), delta(ended="stop"), DONE)),),
        (delta("A "), b": keep-alive\n\n", delta("b."), b":\r\n\r\n", delta(ended="stop"), DONE),
        tuple(each.replace(b"\n", b"\r\n") for each in (delta("A "), delta("b."), delta(ended="stop"), DONE)),
        (delta("A "), delta("b."), event({"choices": [], "usage": None}), delta(ended="stop")),  # no [DONE]
        (delta("A "), delta("b."), DONE),  # no reason
        (delta("A "), delta("b."), delta(ended="stop"), DONE.rstrip()),  # no blank line
        (delta("A "), delta("b."), delta(ended="tool_calls"), DONE),
        (delta("A "), delta("b."), delta(ended="stop"), DONE, delta("late")),
        tuple(bytes([each]) for each in b"".join((delta("A "), delta("b."), delta(ended="stop"), DONE))),
    ],
)
def test_streams_of_all_kinds(server: ChatServer, asked: Questions, chunks: tuple[bytes, ...]) -> None:
    server.script(Reply(chunks))
    assert asked.ask("?") == "A b."
    assert asked.reason is FinishReason.COMPLETE


def test_characters_that_are_cut_in_two(server: ChatServer, asked: Questions) -> None:
    for at in range(1, len(_EMOJI)):
        server.script(Reply((_EMOJI[:at], _EMOJI[at:], delta(ended="stop"), DONE)))
        assert asked.ask("?") == "喵🐈"


@pytest.mark.parametrize("kind", ["text/event-stream; charset=utf-8", "text/plain", "application/json", ""])
def test_a_stream_under_another_name(server: ChatServer, asked: Questions, kind: str) -> None:
    server.script(replace(said("Yes."), kind=kind))
    assert asked.ask("?") == "Yes."


def test_a_server_that_does_not_stream(server: ChatServer, asked: Questions) -> None:
    whole = {"choices": [{"message": {"role": "assistant", "content": "All."}, "finish_reason": "stop"}],
             "usage": {"prompt_tokens": 3, "completion_tokens": 2}}  # fmt: skip
    server.script(document(whole))
    assert asked.ask("?") == "All."
    assert asked.stats.generated_tokens == 2


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_thoughts_come_as_thoughts(server: ChatServer, asked: Questions, name: str) -> None:
    server.script(Reply((delta(**{name: "Hm, "}), delta(**{name: "well."}), delta("Yes."), delta(ended="stop"), DONE)))
    assert asked.ask(question("?", thinking=True)) == "Yes."
    assert asked.thoughts == "Hm, well."


def test_thoughts_between_tags_as_well(server: ChatServer, asked: Questions) -> None:
    server.script(said("<thi", "nk>Hm", "</think>", "\n\nYes", "."))
    assert asked.ask("?") == "Yes."
    assert asked.thoughts == "Hm"


def test_an_answer_that_is_as_long_as_it_may_be(server: ChatServer, asked: Questions) -> None:
    server.script(said("a b", ended="length"))
    asked.ask(question("?", sampling=Sampling(max_tokens=2)))
    assert asked.reason is FinishReason.LENGTH and asked.stats.at_limit == 1
    assert server.questions[0]["max_tokens"] == 2


def test_stop_is_obeyed_at_once_and_closes_the_stream(server: ChatServer, asked: Questions) -> None:
    # GIVEN an answer in the middle, of which no more will come
    server.script(Reply((delta("Once "),), waits=True))
    request_id = asked.begin("?")
    asked.until(Token)
    assert server.waiting.wait(PATIENCE_S)
    asked.answers.cancel(request_id)
    end = asked.until(Finished)
    assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED and end.stats.generated_tokens == 1
    assert server.left.wait(PATIENCE_S)  # it need not go on computing
    # AND the next question is answered
    assert asked.ask("?") == "Hello there."


def test_stop_before_anything_has_come(server: ChatServer, asked: Questions) -> None:
    asked.ask("?")
    server.script(Reply(is_silent=True))
    request_id = asked.begin("?")
    assert server.waiting.wait(PATIENCE_S)
    asked.answers.cancel(request_id)
    assert isinstance(asked.until(Finished), Finished) and asked.reason is FinishReason.STOPPED
    assert server.left.wait(PATIENCE_S)


def test_stop_is_heard_while_a_keyring_hangs(server: ChatServer, tmp_path: Path) -> None:
    # GIVEN a key in a keyring that does not answer
    asking, never = threading.Event(), threading.Event()

    def hang() -> Keyring:
        asking.set()
        never.wait()
        raise RuntimeError

    with Questions(tmp_path, server.url, open_keyring=hang) as asked:
        asked.servers.put(replace(asked.servers.get(NAME), has_key=True))
        request_id = asked.begin("?")
        assert asking.wait(PATIENCE_S)
        # WHEN it is stopped, twice
        asked.answers.cancel(request_id)
        asked.answers.cancel(request_id)
        # THEN that is told once, and nobody was asked
        end = asked.until(Finished, Failed)
        assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
        never.set()
    assert not server.asked and asked.is_quiet


def test_what_nobody_has_thought_of_is_told_as_well(
    asked: Questions, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(asked.servers, "get", lambda _name: 1 / 0)
    assert "Something went wrong while a server was asked" in asked.refused().title
    assert "ZeroDivisionError" in caplog.text


def test_two_servers_may_answer_at_once(server: ChatServer, asked: Questions) -> None:
    server.script(Reply((delta("Slow "),), waits=True, more=(delta(ended="stop"), DONE)))
    first = asked.begin("?")
    asked.until(Token)
    assert asked.ask("?") == "Hello there."
    server.go_on()
    end = asked.until(Finished)
    assert isinstance(end, Finished) and (end.request_id, end.reason) == (first, FinishReason.COMPLETE)


def test_prepare_tells_a_server_nothing(server: ChatServer, asked: Questions) -> None:
    asked.answers.prepare(replace(question("half a sent"), request_id=9, model_file=f"server:{NAME}/parrot"))
    assert asked.next() == Finished(9, FinishReason.COMPLETE, Stats())
    assert not server.asked


def test_after_its_end_nothing_is_asked(server: ChatServer, asked: Questions) -> None:
    asked.ask("?")
    assert asked.answers.stop(PATIENCE_S) and not asked.answers.is_alive()
    asked.begin("?")
    assert isinstance(asked.next(), Finished) and asked.reason is FinishReason.STOPPED
    assert len(server.questions) == 1


def test_the_end_stops_what_is_under_way(server: ChatServer, asked: Questions) -> None:
    server.script(Reply((delta("Once "),), waits=True))
    asked.begin("?")
    asked.until(Token)
    assert asked.answers.stop(PATIENCE_S)
    assert isinstance(asked.next(), Finished) and asked.reason is FinishReason.STOPPED


def _conversation(*texts: str, system: str = "", **more: object) -> Generation:
    roles = (Role.USER, Role.ASSISTANT)
    turns = tuple(Message(roles[number % 2], text) for number, text in enumerate(texts))
    first = (Message(Role.SYSTEM, system),) if system else ()
    return replace(question(""), messages=(*first, *turns), **more)  # type: ignore[arg-type]


def test_a_conversation_goes_as_it_is(server: ChatServer, asked: Questions) -> None:
    asked.ask(_conversation("one", "two", "three", system="Be brief.", opening="The text."))
    assert [(each["role"], each["content"]) for each in server.questions[0]["messages"]] == [
        ("system", "Be brief."),
        ("user", "The text.\n\none"),
        ("assistant", "two"),
        ("user", "three"),
    ]
    # AND what was dropped before stays dropped, and the opening stands at the beginning of what is read
    asked.ask(_conversation("one", "two", "three", system="Be brief.", opening="The text.", cut=1))
    assert [each["content"] for each in server.questions[1]["messages"]] == ["Be brief.", "The text.\n\nthree"]


@pytest.mark.parametrize(
    ("kind", "last", "more"),
    [
        ("llama.cpp", ("assistant", "The cat s"), {"chat_template_kwargs": {"enable_thinking": False}}),
        ("vllm", ("assistant", "The cat s"), {"continue_final_message": True, "add_generation_prompt": False}),
        ("other", ("user", "Your last answer was cut off."), {}),
    ],
)
def test_an_answer_goes_on(
    server: ChatServer, asked: Questions, kind: str, last: tuple[str, str], more: dict[str, object]
) -> None:
    office = asked.servers.get(NAME)
    asked.servers.note(NAME, office.address, Findings(kind))
    server.script(said("at on ", "the mat."))
    assert asked.ask(_conversation("Tell me.", begun=BegunAnswer("The cat s"))) == "at on the mat."
    sent = server.questions[0]
    assert sent["messages"][-1]["role"] == last[0] and sent["messages"][-1]["content"].startswith(last[1])
    assert {name: sent.get(name) for name in more} == more


@pytest.mark.parametrize(
    ("said_again", "rest"),
    [
        (("The cat sat", " on the mat."), " on the mat."),  # llama.cpp's server
        (("The", " cat s", "at on the mat."), " on the mat."),
        (("\n\nThe cat sat on the mat.",), " on the mat."),
        (("The", " cat ran."), "The cat ran."),
        (("The cat",), "The cat"),  # all of it, and no echo
        ((" on the mat.",), " on the mat."),
        (("The cat sat",), ""),
    ],
)
def test_what_has_begun_is_not_said_twice(
    server: ChatServer, asked: Questions, said_again: tuple[str, ...], rest: str
) -> None:
    server.script(said(*said_again))
    assert asked.ask(_conversation("Tell me.", begun=BegunAnswer("The cat sat"))) == rest


_SCHEMA = json.dumps({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]})


def test_a_schema_is_passed_on(server: ChatServer, asked: Questions) -> None:
    server.script(said('{"n":', " 7}"))
    assert asked.ask(question("?", schema=_SCHEMA)) == '{"n": 7}'
    form = server.questions[0]["response_format"]
    assert form["type"] == "json_schema" and form["json_schema"]["schema"] == json.loads(_SCHEMA)


@pytest.mark.parametrize("reply", [refused(400, "response_format is not supported"), refused(500, "Internal error")])
def test_a_schema_in_the_older_form(server: ChatServer, asked: Questions, reply: Reply) -> None:
    server.script(reply, said('{"n": 7}'), said('{"n": 8}'))
    assert asked.ask(question("?", schema=_SCHEMA)) == '{"n": 7}'
    assert server.questions[1]["response_format"] == {"type": "json_object", "schema": json.loads(_SCHEMA)}
    # AND the next time that is known
    assert asked.ask(question("?", schema=_SCHEMA)) == '{"n": 8}'
    assert server.questions[2]["response_format"]["type"] == "json_object"


_KNOWS_NONE = [refused(400, "response_format is not supported")] * 2


def test_a_server_that_knows_no_schema_is_asked_in_words_and_checked(server: ChatServer, asked: Questions) -> None:
    server.script(*_KNOWS_NONE, said("Sure! Here it is:\n```json\n", '{"n":', " 7}\n```\nAnything else?"))
    # WHEN a server refuses both forms THEN it is asked in words, and only the JSON of what it says is told, as a whole
    assert asked.ask(question("How many?", schema=_SCHEMA)) == '{"n": 7}'
    assert sum(isinstance(each, Token) for each in asked.events) == 1
    body = server.questions[2]
    assert "response_format" not in body
    assert body["messages"][-1]["content"].startswith("How many?\n") and _SCHEMA in body["messages"][-1]["content"]
    # AND the next time that is known
    server.script(said('{"n": 8}'))
    assert asked.ask(question("?", schema=_SCHEMA)) == '{"n": 8}'
    assert len(server.questions) == 4 and "response_format" not in server.questions[3]


def test_an_answer_in_words_that_does_not_fit_is_asked_for_again_with_what_is_wrong(
    server: ChatServer, asked: Questions
) -> None:
    server.script(*_KNOWS_NONE, said("There are seven."), said('{"n": "seven"}'), said('{"n": 7}'))
    assert asked.ask(question("How many?", schema=_SCHEMA)) == '{"n": 7}'
    again = [each["content"] for each in server.questions[-1]["messages"]]
    assert again[-2] == '{"n": "seven"}' and "does not keep to the schema" in again[-1] and "$.n" in again[-1]
    assert len(server.questions) == 5


def test_what_never_fits_is_no_answer_and_nothing_of_it_is_told(server: ChatServer, asked: Questions) -> None:
    server.script(*_KNOWS_NONE, *[said("There are seven.")] * 3)
    assert "does not keep to the JSON Schema" in asked.refused(question("?", schema=_SCHEMA)).title
    assert len(server.questions) == 5
    assert not any(isinstance(each, Token) for each in asked.events)


def test_a_server_that_takes_a_schema_and_keeps_to_none_is_asked_in_words(server: ChatServer, asked: Questions) -> None:
    server.script(said("There ", "are seven."), said('{"n": 7}'))
    assert asked.ask(question("How many?", schema=_SCHEMA)) == '{"n": 7}'
    assert "response_format" in server.questions[0] and "response_format" not in server.questions[1]
    assert not [each for each in asked.events if isinstance(each, Token) and "There" in each.text]


def test_an_answer_that_does_not_fit_is_none_and_the_next_is_checked_before_it_is_told(
    server: ChatServer, asked: Questions
) -> None:
    server.script(said('{"n": "seven"}'))
    assert "does not keep to the JSON Schema" in asked.refused(question("?", schema=_SCHEMA)).title
    server.script(said('{"n": "eight"}'), said('{"n": 8}'))
    assert asked.ask(question("?", schema=_SCHEMA)) == '{"n": 8}'


def test_a_server_out_of_order_has_not_refused_schemas_for_good(server: ChatServer, asked: Questions) -> None:
    server.script(*[refused(500, "Internal error")] * 3)
    assert "went wrong on the server" in asked.refused(question("?", schema=_SCHEMA)).title
    server.script(said('{"n": 7}'))
    assert asked.ask(question("?", schema=_SCHEMA)) == '{"n": 7}'
    assert server.questions[-1]["response_format"]["type"] == "json_object"


def test_a_schema_that_was_cut_off_is_told_as_far_as_it_came(server: ChatServer, asked: Questions) -> None:
    server.script(*_KNOWS_NONE, said('{"n": 1', ended="length"))
    assert asked.ask(question("?", schema=_SCHEMA)) == '{"n": 1'
    assert asked.reason is FinishReason.LENGTH


@pytest.mark.parametrize(
    ("reply", "gone", "instead"),
    [
        (
            refused(
                400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", param="max_tokens"
            ),
            "max_tokens",
            {"max_completion_tokens": 5},
        ),
        (
            refused(400, "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
            "max_tokens",
            {"max_completion_tokens": 5},
        ),
        (
            refused(400, "Unsupported value: 'temperature' does not support 0.7.", param="temperature"),
            "temperature",
            {},
        ),
        (refused(400, "seed is not permitted"), "seed", {}),
        (
            Reply(
                (json.dumps({"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs"}]}).encode(),),
                422,
                JSON,
            ),
            "stream_options",
            {"seed": 1},
        ),
    ],
)
def test_what_a_server_refuses_is_left_out_and_remembered(
    server: ChatServer, asked: Questions, reply: Reply, gone: str, instead: dict[str, object]
) -> None:
    server.script(reply)
    wanted = question("?", sampling=Sampling(seed=1, max_tokens=5))
    assert asked.ask(wanted) == "Hello there."
    assert asked.ask(wanted) == "Hello there."
    first, *others = server.questions
    assert gone in first and len(others) == 2
    for each in others:
        assert gone not in each and instead.items() <= each.items()
    assert asked.servers.get(NAME).found.refused == (gone,)


def test_an_answer_that_repeats_itself_is_stopped(server: ChatServer, asked: Questions) -> None:
    server.script(replace(said(*["The same sentence comes again and again. "] * 200), waits=True))
    asked.begin(question("?", sampling=Sampling(stop_loops=True)))
    end = asked.until(Finished, Failed)
    assert isinstance(end, Finished) and end.reason is FinishReason.REPEATED and end.stats.repeated
    assert server.left.wait(PATIENCE_S)


def test_the_only_model_is_asked_where_none_is_named(server: ChatServer, asked: Questions) -> None:
    assert asked.ask("?", model="") == "Hello there."
    assert server.questions[0]["model"] == "parrot"


def test_of_several_models_one_must_be_named(server: ChatServer, asked: Questions) -> None:
    server.offer("a", "b\x1b[2J", "c/d")
    error = asked.refused(model="")
    assert "several models" in error.title and "a, c/d" in error.detail
    assert asked.ask("?", model="c/d") == "Hello there."


def test_nobody_is_asked_without_leave(server: ChatServer, tmp_path: Path) -> None:
    # GIVEN a server that is elsewhere, for whom nobody has agreed yet
    with Questions(tmp_path, "http://192.0.2.1:9", agreed=False) as asked:
        error = asked.refused()
    assert "agreed" in error.title and not server.asked


def test_a_key_goes_to_its_server_alone(server: ChatServer, asked: Questions) -> None:
    office = asked.servers.get(NAME)
    asked.keys.keep(office.address, "sk-secret")
    asked.servers.put(replace(office, has_key=True))
    asked.ask("?")
    assert {each.headers.get("authorization") for each in server.asked} == {"Bearer sk-secret"}
    asked.servers.put(replace(office, has_key=False))
    asked.ask("?")
    assert "authorization" not in server.asked[-1].headers
