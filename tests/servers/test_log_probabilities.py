"""Answers with what was likely: how many, what is believed of them, and servers that refuse or are busy."""

from __future__ import annotations

import math

import pytest

from desktop.common.errors import MessageTooLongError, ServerAwayError, UserFacingError
from desktop.engine.types import Sampling
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.addresses import parse_address
from desktop.servers.log_probabilities import COUNTS, ChancesOfServer, LikelyToken
from desktop.servers.registry import Server
from tests.support.asked_servers import PATIENT
from tests.support.chat_server import ChatServer, Reply, document, refused, said, told

HELLO = told(("Hi", {"Hi": 0.6, "Yo": 0.3}), ended="length")
SAMPLING = Sampling(temperature=0.7, seed=3, max_tokens=8)


def opened(
    server: ChatServer, waited: list[float] | None = None, url: str = "", key: str | None = None
) -> ChancesOfServer:
    waits: list[float] = [] if waited is None else waited
    office = Server("office", parse_address(url or server.url), model="parrot")
    return ChancesOfServer(office, key, ProxyAccounts(), patience=PATIENT, wait=waits.append)


def test_an_answer_with_what_was_likely(server: ChatServer) -> None:
    server.script(HELLO, HELLO, HELLO, told(("Par", {"Par": 0.5, "par": 0.25}), ("is", {"is": 1.0})))
    with opened(server, key="sk-1") as asked:
        assert (asked.count, asked.depends_on_temperature, asked.model) == (2, False, "parrot")
        answer = asked.ask("Where?", SAMPLING)
    assert answer.text == "Paris" and answer.is_whole and [each.said.text for each in answer.tokens] == [b"Par", b"is"]
    assert answer.tokens[0].likely == (LikelyToken(b"Par", math.log(0.5)), LikelyToken(b"par", math.log(0.25)))
    body = server.questions[-1]
    assert (body["logprobs"], body["top_logprobs"], body["stream"]) == (True, 2, False)
    assert (body["temperature"], body["seed"], body["max_tokens"], body["model"]) == (0.7, 3, 8, "parrot")
    assert body["messages"] == [{"role": "user", "content": "Where?"}]
    # AND before anything of a person's is sent only a word of Catnap's own was asked for
    assert {each["messages"][0]["content"] for each in server.questions[:3]} == {"Say hello in one word."}
    assert server.asked[-1].headers["authorization"] == "Bearer sk-1"


@pytest.mark.parametrize(
    "words",
    [
        "Requested sample logprobs of 256, which is greater than max allowed: 20",  # vLLM
        "Invalid value for 'top_logprobs': must be less than or equal to 20.",  # OpenAI
        "top_logprobs: Input should be less than or equal to 20",
    ],
)
def test_a_server_that_gives_twenty_is_asked_for_twenty(server: ChatServer, words: str) -> None:
    many = {f"w{number}": 0.04 for number in range(20)}
    answer = told(("w0", many), ended="length")
    server.script(*[refused(400, words)] * COUNTS.index(20), answer, answer, answer)
    with opened(server) as asked:
        assert asked.count == 20
    assert [each["top_logprobs"] for each in server.questions] == [256, 128, 64, 20, 20, 20]


def test_what_tells_nothing_is_said(server: ChatServer) -> None:
    plain = document({"choices": [{"message": {"content": "Hi"}, "logprobs": None, "finish_reason": "length"}]})
    server.script(*[plain] * len(COUNTS))
    with pytest.raises(UserFacingError, match="does not tell which words were likely"):
        opened(server)


def test_what_the_temperature_changes_is_noticed(server: ChatServer) -> None:
    cold, warm = told(("Hi", {"Hi": 0.8, "Yo": 0.1})), told(("Hi", {"Hi": 0.5, "Yo": 0.4}))
    server.script(HELLO, cold, warm)
    with opened(server) as asked:
        assert asked.depends_on_temperature
    assert [each["temperature"] for each in server.questions] == [1.0, 0.5, 1.5]


def test_a_busy_server_is_asked_again_when_it_says(server: ChatServer) -> None:
    waited: list[float] = []
    busy = Reply((b"{}",), 429, "application/json", (("Retry-After", "7"),))
    server.script(
        busy, HELLO, HELLO, HELLO, refused(503, "overloaded"), refused(503, "overloaded"), told(("a", {"a": 1.0}))
    )
    with opened(server, waited) as asked:
        assert asked.ask("Where?", SAMPLING).text == "a"
        assert waited == [7, 2.0, 4.0]
        # BUT not for an hour, and not for ever
        server.script(Reply((b"{}",), 429, "application/json", (("Retry-After", "3600"),)))
        with pytest.raises(ServerAwayError, match="too much to do"):
            asked.ask("Where?", SAMPLING)
        server.script(*[busy] * 9)
        with pytest.raises(ServerAwayError, match="too much to do"):
            asked.ask("Where?", SAMPLING)
    assert waited == [7, 2.0, 4.0, *[7] * 8]


def test_what_is_refused_is_left_out_and_what_is_too_long_is_told(server: ChatServer) -> None:
    answer = told(("a", {"a": 1.0}))
    server.script(HELLO, HELLO, HELLO, refused(400, "Unsupported parameter: 'seed'", param="seed"), answer)
    with opened(server) as asked:
        assert asked.ask("Where?", SAMPLING).text == "a" and "seed" not in server.questions[-1]
        server.script(
            refused(400, "This model's maximum context length is 4096 tokens", code="context_length_exceeded")
        )
        with pytest.raises(MessageTooLongError):
            asked.ask("word " * 9000, SAMPLING)
        server.script(refused(401, "Incorrect API key provided"))
        with pytest.raises(UserFacingError, match="does not accept the key"):
            asked.ask("Where?", SAMPLING)


def test_nothing_is_believed_that_cannot_be(server: ChatServer) -> None:
    def answer(**entry: object) -> Reply:
        content = [{"token": "a", "logprob": -0.5, "bytes": None, "top_logprobs": [], **entry}]
        choice = {"message": {"content": "a"}, "logprobs": {"content": content}, "finish_reason": "stop"}
        return document({"choices": [choice]})

    strange = [{"token": "b"}, {"token": 7, "logprob": -1}, {"token": "c", "logprob": 3.0}, 5, None]
    server.script(HELLO, HELLO, HELLO, answer(top_logprobs=strange), answer(logprob=-3.4e38))
    with opened(server) as asked:
        assert asked.ask("?", SAMPLING).tokens[0].likely == ()
        assert asked.ask("?", SAMPLING).tokens[0].said.chance == -60
        for lie in (answer(logprob=None), answer(token=None), document([]), document({"choices": [{}]}), said("a")):
            server.script(lie)
            with pytest.raises(UserFacingError, match="no answer that Catnap understands"):
                asked.ask("?", SAMPLING)
        # parts of characters have no text, whichever way that is written
        halves: list[tuple[dict[str, object], bytes | None]] = [
            ({"token": "\ufffd", "bytes": [0xD0]}, b"\xd0"),  # llama.cpp
            ({"token": "\ufffd", "bytes": [239, 191, 189]}, None),  # vLLM, Ollama
            ({"token": "<|im_end|>", "bytes": []}, b"<|im_end|>"),
            ({"token": "", "bytes": []}, b""),
        ]
        for entry, text in halves:
            server.script(answer(**entry))
            assert asked.ask("?", SAMPLING).tokens[0].said.text == text


def test_nothing_goes_where_nobody_has_agreed(server: ChatServer) -> None:
    with pytest.raises(UserFacingError, match="Nobody has agreed yet"):
        opened(server, url="http://192.168.1.5:8000")
    assert server.asked == []
