"""Streams of answers as servers send them, cut anywhere, and streams that are none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.servers.stream import EventDecoder, Piece, StreamError, Usage, read_piece


def _events(*chunks: bytes) -> list[str]:
    decoder = EventDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)] + decoder.end()


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b": keep-alive\n\ndata: a\n: again\n\n", ["a"]),
        (b":\n\n:\n\n", []),
        (b"event: error\nid: 7\nretry: 10\ndata: a\n\n", ["a"]),
        (b"data:a\n\ndata:  b\n\n", ["a", " b"]),
        (b"data: {\ndata: }\n\n", ["{\n}"]),
        (b"data\n\ndata: a\n\n", ["a"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data: a\n\ndata: no end", ["a", "no end"]),
        (b"data: a\n\ndata: no end\n", ["a", "no end"]),
        ("data: \u2028\x85\x0b喵\n\n".encode(), ["\u2028\x85\x0b喵"]),
        (b"", []),
    ],
)
def test_a_stream_is_the_same_wherever_it_is_cut(stream: bytes, events: list[str]) -> None:
    assert _events(stream) == events
    assert _events(*(stream[at : at + 1] for at in range(len(stream)))) == events
    for at in range(len(stream)):
        assert _events(stream[:at], stream[at:]) == events, at


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1)), st.data())
def test_any_text_comes_through_any_cuts(texts: list[str], data: st.DataObject) -> None:
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    stream = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert _events(*chunks) == texts


@pytest.mark.parametrize("stream", [b"data: " + b"x" * 2000, b"x" * 2000, b"data: x\n" * 2000])
def test_what_has_no_end_is_not_kept(stream: bytes) -> None:
    decoder = EventDecoder(most=1000)
    with pytest.raises(StreamError, match="more than 1,000 bytes"):
        for at in range(0, len(stream), 100):
            decoder.feed(stream[at : at + 100])


def test_what_is_not_utf_8_is_no_event() -> None:
    with pytest.raises(StreamError, match="UTF-8"):
        EventDecoder().feed(b"data: \xff\n\n")


def _said(delta: object, **more: object) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta, **more}]})


@pytest.mark.parametrize(
    ("event", "piece"),
    [
        (_said({"role": "assistant"}), Piece()),
        (_said({"role": "assistant", "content": None}), Piece()),
        (_said({"content": "Hi"}), Piece("Hi")),
        (_said({"content": [{"type": "text", "text": "Hi"}, {"type": "image"}]}), Piece("Hi")),
        (_said({"reasoning": "Hm"}), Piece(thought="Hm")),
        (_said({"reasoning_content": "Hm", "content": ""}), Piece(thought="Hm")),
        (_said({"reasoning": "Hm", "reasoning_content": "Hm"}), Piece(thought="Hm")),
        (_said({"refusal": "No."}), Piece("No.")),
        (_said({}, finish_reason="stop"), Piece(ended="stop")),
        (_said({"content": "!"}, finish_reason="length"), Piece("!", ended="length")),
        (_said({}, finish_reason=None), Piece()),
        (
            json.dumps({"choices": [{"message": {"content": "all"}, "finish_reason": "stop"}]}),
            Piece("all", ended="stop"),
        ),
        (json.dumps({"choices": []}), Piece()),
        (json.dumps({"choices": None, "usage": None}), Piece()),
        (
            json.dumps({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}),
            Piece(usage=Usage(9, None, 3)),
        ),
        (
            json.dumps(
                {
                    "choices": [],
                    "usage": {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}},
                    "timings": {"prompt_ms": 500, "predicted_ms": 250.0},
                }
            ),
            Piece(usage=Usage(9, 4, None, 0.5, 0.25)),
        ),
        (json.dumps({"usage": {"prompt_tokens": -1, "completion_tokens": True}}), Piece(usage=Usage())),
        (json.dumps({"error": {"message": "x"}}), Piece(problem={"message": "x"})),
        (json.dumps({"error": "x", "code": 5}), Piece(problem={"error": "x", "code": 5, "message": "x"})),
        (json.dumps({"object": "error", "message": "x"}), Piece(problem={"object": "error", "message": "x"})),
        (json.dumps({"choices": [{"delta": "odd"}, 7]}), Piece()),
        (json.dumps({"choices": {"0": 1}}), Piece()),
    ],
)
def test_what_events_say(event: str, piece: Piece) -> None:
    assert read_piece(event) == piece


@pytest.mark.parametrize("event", ["", "[DONE", "[]", "7", "{" * 100, '{"a": 1', "[" * 100_000])
def test_what_is_no_event_is_an_error(event: str) -> None:
    with pytest.raises(StreamError):
        read_piece(event)
