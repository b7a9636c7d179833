"""Lines of the socket by which a second start reaches the first: any bytes, cut anywhere (hypothesis)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from desktop.app.single_instance import (
    VERBS,
    Refused,
    Request,
    SingleInstance,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
)
from desktop.common.paths import Paths, resolve_paths
from desktop.common.printable import printable
from tests.support.properties import PROPERTY

_CODES = ("malformed", "newer-version", "unknown-verb")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "version": st.integers(-1, 3) | _JSON,
        "verb": st.sampled_from([*VERBS, "SHOW", ""]) | _JSON,
        "activation_token": st.text(max_size=300) | _JSON,
        "action": st.text(max_size=300) | _JSON,
        "ok": st.booleans() | _JSON,
        "error": st.sampled_from(_CODES) | _JSON,
    },
)
_LINE = (
    st.binary(max_size=60)
    | _JSON.map(lambda value: json.dumps(value).encode())
    | _FIELDS.map(lambda value: json.dumps(value).encode())
)
_TOKEN = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=256)
_REQUEST = st.builds(Request, st.sampled_from([verb for verb in VERBS if verb != "action"]), _TOKEN) | st.builds(
    Request, st.just("action"), _TOKEN, st.text(max_size=200).map(printable)
)


@PROPERTY
@given(_LINE)
@example(b"\xff\xfe")
@example(b'{"version": 1e0, "verb": "show", "activation_token": ""}')
@example(b'{"version": 1, "verb": "quit", "verb": "show", "activation_token": ""}')
def test_any_line_is_a_request_or_refused(line: bytes) -> None:
    try:
        request = decode_request(line + b"\n")
    except Refused as refused:
        assert refused.code in _CODES
    else:
        assert request.verb in VERBS and request.activation_token.isascii()
        assert decode_request(encode_request(request)) == request


@PROPERTY
@given(_LINE)
def test_any_answer_is_done_or_a_sentence(line: bytes) -> None:
    problem = decode_answer(line)
    if problem is not None:
        assert problem.title.endswith(".") and problem.remedy.endswith(".")


@PROPERTY
@given(_REQUEST)
def test_a_request_survives_the_wire(request: Request) -> None:
    line = encode_request(request)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert decode_request(line) == request


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    made = resolve_paths(tmp_path_factory.mktemp("data"))
    made.create()
    return made


@pytest.fixture(scope="module")
def first(qapp: object, paths: Paths) -> Iterator[SingleInstance]:
    instance = SingleInstance(paths)
    assert instance.acquire()
    yield instance
    instance.close()


@settings(PROPERTY, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(_REQUEST.map(encode_request), _LINE, st.just(b"\n"), st.just(b"x" * 9000)), max_size=4),
    st.lists(st.integers(0, 400), max_size=6),
)
def test_whatever_comes_in_whatever_pieces_the_next_is_heard(
    qtbot: QtBot, first: SingleInstance, paths: Paths, parts: list[bytes], cuts: list[int]
) -> None:
    # GIVEN one who sends lines, halves of lines and nonsense, cut anywhere, and hangs up
    heard: list[tuple[str, str, str]] = []

    def hear(verb: str, token: str, action: str) -> None:
        heard.append((verb, token, action))

    first.requested.connect(hear)
    content = b"".join(parts)
    socket = QLocalSocket()
    socket.connectToServer(paths.instance_name)
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.ConnectedState)
    places = [0, *sorted(cut for cut in cuts if cut < len(content)), len(content)]
    for begin, end in itertools.pairwise(places):
        socket.write(content[begin:end])
        socket.flush()
        qtbot.wait(0)
    if b"\n" in content or len(content) > 8192:
        qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    answer = bytes(socket.readAll().data())
    socket.abort()
    # THEN there is one answer at the most, to the first line, and it is what that line deserves
    line, ended, _ = content.partition(b"\n")
    expected: list[tuple[str, str, str]] = []
    try:
        if ended and len(line) < 8192:
            request = decode_request(line + b"\n")
            expected = [(request.verb, request.activation_token, request.action)]
    except Refused as refused:
        assert decode_answer(encode_answer(refused.code)) is not None
    assert heard == expected
    if answer:
        assert answer.count(b"\n") == 1 and (decode_answer(answer) is None) is bool(expected)
    # AND the next one is heard, and the server keeps nobody
    second = QLocalSocket()
    second.connectToServer(paths.instance_name)
    qtbot.waitUntil(lambda: second.state() is QLocalSocket.LocalSocketState.ConnectedState)
    second.write(encode_request(Request("show", "next")))
    second.flush()
    qtbot.waitUntil(lambda: heard[-1:] == [("show", "next", "")])
    second.abort()
    first.requested.disconnect(hear)
    server = first._server
    assert server is not None
    qtbot.waitUntil(lambda: not server.findChildren(QLocalSocket))
