"""What goes wrong with servers, in sentences; the bodies are those that servers send."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from desktop.common.errors import AnswerInterruptedError, MessageTooLongError, ServerAwayError, UserFacingError
from desktop.engine.types import Failed, Finished, Message, Recovered, Role, Sampling, Stalled, Token, Trimmed
from desktop.servers.addresses import parse_address
from desktop.servers.errors import UnknownModelError, connection_error, retry_after
from tests.support.asked_servers import NAME, PATIENT, Questions, question
from tests.support.certificate import EXPIRED, MIRRORS, NOT_YET_VALID, SELF_SIGNED
from tests.support.chat_server import (
    DONE,
    JSON,
    PATH,
    STREAM,
    ChatServer,
    Reply,
    delta,
    document,
    event,
    refused,
    said,
    serve_chat,
)
from tests.support.proxy_server import serve_proxy


def _body(value: object, status: int, *headers: tuple[str, str]) -> Reply:
    return Reply((json.dumps(value).encode(),), status, JSON, headers)


def _text(text: str, status: int, kind: str = "text/plain", *headers: tuple[str, str]) -> Reply:
    return Reply((text.encode(),), status, kind, headers)


_PAGE = "<!DOCTYPE html><html><title>Sign in</title></html>"


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (refused(401, "Incorrect API key provided: sk-***."), UserFacingError, "does not accept the key"),
        (_body({"detail": "Invalid API key"}, 401), UserFacingError, "does not accept the key"),  # llama_cpp.server
        (_text(_PAGE, 403, "text/html"), UserFacingError, "does not accept the key"),
        (refused(404, "The model `x` does not exist.", code="model_not_found"), UnknownModelError, "this model"),
        (refused(404, 'model "x" not found, try pulling it first', type="api_error"), UnknownModelError, "this model"),
        (_body({"object": "error", "message": "The model `x` does not exist."}, 404), UnknownModelError, "this"),
        (refused(400, "Model x not found"), UnknownModelError, "this model"),
        (_body({"detail": "Not Found"}, 404), UserFacingError, "nothing at this address"),
        (_text(_PAGE, 404, "text/html"), UserFacingError, "nothing at this address"),
        (_text("404 page not found", 404), UserFacingError, "nothing at this address"),
        (_body({"detail": "Method Not Allowed"}, 405), UserFacingError, "nothing at this address"),
        (refused(429, "Rate limit reached"), ServerAwayError, "too much to do"),
        (refused(429, "You exceeded your current quota", code="insufficient_quota"), ServerAwayError, "left to spend"),
        (_text("upstream overloaded", 503), ServerAwayError, "too much to do"),
        (_body({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, 503),
         ServerAwayError, "still loading its model"),
        (_text("Internal Server Error", 500), ServerAwayError, "Something went wrong on the server"),
        (_text(_PAGE, 502, "text/html"), ServerAwayError, "Something went wrong on the server"),
        (_text("\x1b[2Jboo", 500), ServerAwayError, "Something went wrong on the server"),
        (refused(413, "Request too large"), UserFacingError, "more than the server takes at once"),
        (refused(400, "messages: roles must alternate"), UserFacingError, "does not take this question"),
        (_body({"detail": [{"loc": ["body", "messages"], "msg": "too odd"}]}, 422), UserFacingError, "does not take"),
        (_body(["odd"], 400), UserFacingError, "does not take this question"),
        (_text("", 400), UserFacingError, "does not take this question"),
        (_text(_PAGE, 200, "text/html"), UserFacingError, "A web page came"),
        (_text(_PAGE, 200), UserFacingError, "A web page came"),
        (_text(_PAGE, 511, "text/html"), UserFacingError, "A web page came"),
        (_text("hello", 200), UserFacingError, "no answer that Catnap understands"),
        (document({"response": "hello", "done": True}), UserFacingError, "no answer that Catnap understands"),
        (_body([], 200), UserFacingError, "no answer that Catnap understands"),
        (Reply((event("{oh"),)), UserFacingError, "no answer that Catnap understands"),
        (Reply((b"\x00\xff" * 40,), kind=STREAM), UserFacingError, "no answer that Catnap understands"),
    ],
)  # fmt: skip
def test_refusals_are_sentences(
    server: ChatServer, asked: Questions, reply: Reply, kind: type[UserFacingError], words: str
) -> None:
    server.script(reply, reply)  # one that says nothing is asked a second time, for the whole answer at once
    error = asked.refused(model="x")
    assert isinstance(error, kind) and words in error.title, error
    assert error.remedy and "127.0.0.1" in error.detail
    assert "\x1b" not in str(error) and "<html" not in str(error)
    # AND the next question is asked as if nothing had been
    server.behave()
    assert asked.ask("?") == "Hello there."


def test_a_key_that_is_quoted_is_not_shown(server: ChatServer, asked: Questions) -> None:
    office = asked.servers.get(NAME)
    asked.keys.keep(office.address, "sk-very-secret")
    asked.servers.put(replace(office, has_key=True))
    server.script(refused(401, "Incorrect API key provided: sk-very-secret."))
    error = asked.refused()
    assert "sk-very-secret" not in str(error) and "***" in error.detail


@pytest.mark.parametrize(
    ("reply", "tokens", "room"),
    [
        (
            refused(
                400,
                "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
                code="context_length_exceeded",
            ),
            9001,
            8192,
        ),
        (
            refused(
                400,
                "This model's maximum context length is 1024 tokens. However, you requested 3521 tokens (3500 in the "
                "messages, 21 in the completion). Please reduce the length.",
                code="context_length_exceeded",
            ),
            3500,
            1024,
        ),
        (
            refused(
                400,
                "the request exceeds the available context size, try increasing it",
                type="exceed_context_size_error",
                code=400,
                n_prompt_tokens=3521,
                n_ctx=1024,
            ),
            3521,
            1024,
        ),
        (
            _body({"object": "error", "message": "This model's maximum context length is 4,096 tokens. However, your "
                   "request has 5,000 input tokens.", "code": 400}, 400),
            5000,
            4096,
        ),
    ],
)  # fmt: skip
def test_both_spellings_of_too_long(server: ChatServer, asked: Questions, reply: Reply, tokens: int, room: int) -> None:
    server.script(reply)
    error = asked.refused()
    assert isinstance(error, MessageTooLongError)
    assert (error.tokens, error.room) == (tokens, room)


def test_too_long_within_the_stream_as_well(server: ChatServer, asked: Questions) -> None:
    server.script(Reply((event({"error": {"message": "too long", "code": "context_length_exceeded"}}),)))
    error = asked.refused()
    assert isinstance(error, MessageTooLongError) and error.tokens > error.room


def test_a_conversation_that_is_too_long_loses_its_beginning(server: ChatServer, asked: Questions) -> None:
    turns = tuple(Message((Role.USER, Role.ASSISTANT)[number % 2], f"{number} " + "word " * 200) for number in range(9))
    too_long = refused(400, "too long", type="exceed_context_size_error", n_prompt_tokens=2300, n_ctx=1024)
    server.script(too_long)
    assert asked.ask(question("", messages=(Message(Role.SYSTEM, "Be brief."), *turns))) == "Hello there."
    trimmed = next(each for each in asked.events if isinstance(each, Trimmed))
    assert trimmed.cut in (6, 8)
    sent = server.questions[1]["messages"]
    assert [each["role"] for each in sent][:2] == ["system", "user"] and len(sent) == 1 + 9 - trimmed.cut
    assert sent[-1]["content"].startswith("8 ")


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        ("7", "to wait 7 seconds"),
        ("0", "to wait 2 seconds"),
        ("120", "to wait 2 minutes"),
        ("7200", "to wait 2 hours"),
        ("Sun, 29 Nov 2026 10:05:00 GMT", "to wait 5 minutes"),
    ],
)
def test_how_long_to_wait_is_said(server: ChatServer, asked: Questions, wait: str, words: str) -> None:
    date = ("Date", "Sun, 29 Nov 2026 10:00:00 GMT")
    server.script(replace(refused(429, "slow down"), headers=(("Retry-After", wait), date)))
    error = asked.refused()
    assert words in error.detail and "Ask again then" in error.remedy


@pytest.mark.parametrize("wait", ["", "soon", "-1", "9" * 5000, "1e9", "inf", "99999999", "Sun, 99 Nov 2026 10:05:00"])
def test_nonsense_to_wait_is_none(wait: str) -> None:
    assert retry_after({"retry-after": wait, "date": "Sun, 29 Nov 2026 10:00:00 GMT"}) is None


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply((delta("Once "),), is_cut=True), "broke off"),
        (Reply((delta("Once "),), is_reset=True), "broke off"),
        (Reply((delta("Once "),)), "broke off"),  # an end without a reason
        (Reply((delta("Once "), event("{oh"))), "broke off"),
        (Reply((delta("Once "), b"data: \xff\n\n")), "broke off"),
        (Reply((delta("Once "), event({"error": {"message": "CUDA out of memory"}}))), "gave up"),
        (Reply((delta("Once "), event({"error": "CUDA out of memory", "code": 500}))), "gave up"),
        (Reply((delta("Once "), delta(ended="content_filter"), DONE)), "filter has ended"),
        (Reply((delta("Once "), b"data: " + b"x" * 1_100_000)), "broke off"),
    ],
)
def test_what_came_before_it_broke_off_is_kept(server: ChatServer, asked: Questions, reply: Reply, words: str) -> None:
    server.script(reply)
    error = asked.refused()
    assert isinstance(error, AnswerInterruptedError) and words in error.title
    assert asked.text.strip() == "Once" and asked.stats.generated_tokens == 1
    # AND it can go on
    server.behave()
    assert asked.ask("?") == "Hello there."


def test_a_stream_that_ends_without_a_word_is_asked_for_the_reason(server: ChatServer, asked: Questions) -> None:
    # GIVEN llama_cpp.server, which has begun its answer by the time it finds the question too long
    server.script(Reply(is_cut=True), refused(400, "too long", code="context_length_exceeded"))
    assert isinstance(asked.refused(), MessageTooLongError)
    assert "stream" not in server.questions[1]
    # AND where the second one is an answer, that is it
    whole = {"choices": [{"message": {"content": "All."}, "finish_reason": "stop"}]}
    server.script(Reply(is_cut=True), document(whole))
    assert asked.ask("?") == "All."


def test_silence_is_told_and_so_is_its_end(server: ChatServer, tmp_path: Path) -> None:
    server.script(Reply((delta("Once "),), waits=True, more=(delta("more."), delta(ended="stop"), DONE)))
    with Questions(tmp_path, server.url, patience=replace(PATIENT, told=0.05)) as asked:
        asked.begin("?")
        asked.until(Token)
        stalled = asked.until(Stalled)
        assert isinstance(stalled, Stalled) and stalled.seconds >= 1 and not stalled.computes
        server.go_on()
        asked.until(Recovered)
        assert isinstance(asked.until(Finished, Failed), Finished)


def test_a_server_that_falls_silent_for_good_is_given_up(server: ChatServer, tmp_path: Path) -> None:
    server.script(Reply((delta("Once "),), waits=True))
    with Questions(tmp_path, server.url, patience=replace(PATIENT, silence=1.0)) as asked:
        error = asked.refused()
    assert isinstance(error, AnswerInterruptedError) and "stopped sending" in error.title


def test_nobody_is_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Questions(tmp_path, f"http://127.0.0.1:{port}") as asked:
        error = asked.refused()
    assert isinstance(error, ServerAwayError) and "connection refused" in error.detail


def test_nobody_answers(server: ChatServer, tmp_path: Path) -> None:
    server.script(Reply(is_silent=True))
    with Questions(tmp_path, server.url, patience=replace(PATIENT, silence=0.2)) as asked:
        error = asked.refused()
    assert "no answer" in error.detail or "stopped sending" in error.title


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (SELF_SIGNED, "a certificate that this computer does not trust"),
        (EXPIRED, "clock"),
        (NOT_YET_VALID, "clock"),
    ],
)
def test_certificates_that_nobody_knows(
    tmp_path: Path, certificate: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "server.pem"
    file.write_text(certificate)
    if words == "clock":  # all but its time is right
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serve_chat(file) as server, Questions(tmp_path, server.url) as asked:
        error = asked.refused()
    assert words in error.title and not server.asked


def test_a_server_that_is_not_encrypted_after_all(server: ChatServer, tmp_path: Path) -> None:
    with Questions(tmp_path, server.url.replace("http", "https")) as asked:
        error = asked.refused()
    assert "secure connection to the server failed" in error.title and "http://" in error.remedy


def test_a_certificate_of_ones_own_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "server.pem"
    file.write_text(SELF_SIGNED)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serve_chat(file) as server, Questions(tmp_path, server.url) as asked:
        assert asked.ask("?") == "Hello there."


# --- hostile ones


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["http://127.0.0.2:9/v1", "https://evil.example/", "//evil.example/", "/elsewhere"])
def test_neither_question_nor_key_goes_elsewhere(
    server: ChatServer, asked: Questions, status: int, target: str
) -> None:
    server.script(Reply(status=status, headers=(("Location", target),)))
    error = asked.refused()
    is_here = target.startswith("/else") and status in (307, 308)
    assert ("nothing at this address" if is_here else "sends Catnap elsewhere") in error.title
    assert len(server.asked) == (3 if is_here else 2)  # the list of models comes first


def test_a_redirect_within_the_server_is_followed(server: ChatServer, asked: Questions) -> None:
    server.at(f"{PATH}/", said("Here."))
    server.script(Reply(status=307, headers=(("Location", f"{PATH}/"),)))
    assert asked.ask("?") == "Here."
    server.script(*[Reply(status=308, headers=(("Location", PATH),))] * 9)
    assert "sends Catnap elsewhere" in asked.refused().title


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "x-bomb"])
def test_nothing_is_unpacked(server: ChatServer, asked: Questions, encoding: str) -> None:
    server.script(replace(said("a"), headers=(("Content-Encoding", encoding),)))
    assert "no answer that Catnap understands" in asked.refused().title
    assert server.asked[-1].headers["accept-encoding"] == "identity"


def test_an_answer_without_an_end_has_one(server: ChatServer, asked: Questions) -> None:
    server.script(Reply(tuple([delta("x" * 100_000)] * 40), waits=True))
    error = asked.refused(question("?", sampling=Sampling(stop_loops=False)))
    assert isinstance(error, AnswerInterruptedError) and "more than an answer can have" in error.title
    assert len(asked.text) <= 2_000_000


def test_headers_without_an_end(server: ChatServer, asked: Questions) -> None:
    server.script(*[replace(said("a"), headers=(("X-Long", "x" * 200_000),))] * 2)
    assert "no answer that Catnap understands" in asked.refused().title


@pytest.mark.parametrize(
    "models",
    [
        document({"data": [{"id": f"m{number}"} for number in range(200_000)]}),
        document({"data": {"id": "x"}}),
        document("x"),
        _text("[" * 100_000, 200),
        _text(_PAGE, 200),
        refused(404, "no"),
        replace(document({"data": []}), headers=(("Content-Encoding", "gzip"),)),
    ],
)
def test_odd_lists_of_models(server: ChatServer, asked: Questions, models: Reply) -> None:
    server.at("/v1/models", models)
    error = asked.refused(model="")
    assert error.title and len(str(error)) < 2_000 and not server.questions
    # AND who names the model need not know of them
    assert asked.ask("?", model="parrot") == "Hello there."


def test_control_characters_of_an_answer_are_text(server: ChatServer, asked: Questions) -> None:
    server.script(said("a\x1b]52;c;x\x07", "b"))
    assert asked.ask("?") == "a\x1b]52;c;x\x07b"  # whoever shows it makes it harmless, as that of any model


# --- ways


def test_what_is_far_goes_through_the_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "server.pem"
    file.write_text(MIRRORS)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serve_chat(file) as server, serve_proxy(server.url.partition("//")[2]) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with Questions(tmp_path, "models.example.org") as asked:
            assert asked.ask("?") == "Hello there."
        assert proxy.asked == ["models.example.org:443"]
        # AND what is wrong with the proxy is said of it
        proxy.fault = replace(proxy.fault, account=("me", "secret"))
        with Questions(tmp_path, "models.example.org") as asked:
            assert "wants a name and a password" in asked.refused().title


def test_a_name_that_is_not_found() -> None:
    problem = httpx.ConnectError("no")
    problem.__cause__ = socket.gaierror(-2, "Name or service not known")
    error = connection_error(problem, parse_address("https://nobody.example"))
    assert isinstance(error, ServerAwayError) and error.detail == "nobody.example: the name is not found."


def test_what_is_near_is_never_asked_through_a_proxy(
    server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_proxy(server.url.partition("//")[2]) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        with Questions(tmp_path, server.url) as asked:
            assert asked.ask("?") == "Hello there."
        assert proxy.attempts == 0
