"""What requests for a chat and for a text have in common: how tokens are chosen, when it is over, what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from desktop.api.errors import invalid, unsupported
from desktop.api.requests import fields
from desktop.engine.types import Sampling

_MOST_STOPS: Final = 16
_LONGEST_STOP: Final = 200
_MOST_TOKENS: Final = 1 << 20
_LARGEST_SEED: Final = 1 << 63


@dataclass(frozen=True)
class Options:
    """How a program wants to have its answer; None: as the settings say.

    Attributes:
        model: As it was named; empty: it was not.
        streams: It wants the words as they come.
        wants_usage: It wants to be told at the end of the stream what was taken.
        stops: What ends the answer and is no part of it.
        max_tokens: Of the answer; None: as the settings say.
    """

    model: str = ""
    streams: bool = False
    wants_usage: bool = False
    stops: tuple[str, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None

    def sampling(self, usual: Sampling) -> Sampling:
        """Returns how tokens are chosen.

        Args:
            usual: What the settings say.
        """
        said: dict[str, Any] = {
            name: value
            for name in (
                *("max_tokens", "temperature", "top_p", "top_k", "min_p", "repeat_penalty", "seed"),
                *("frequency_penalty", "presence_penalty"),
            )
            if (value := getattr(self, name)) is not None
        }
        return replace(usual, **said)


def read_options(document: Mapping[str, Any]) -> Options:
    """Returns the options of a request.

    Raises:
        ApiError: One is none, or asks for what cannot be had.
    """
    _refuse_unsupported(document)
    streams = fields.flag(document, "stream")
    asked = fields.object_at(document, "stream_options")
    if asked and not streams:
        raise invalid("'stream_options' goes with 'stream': true.", "stream_options")
    limits = [fields.whole(document, name, 1, _MOST_TOKENS) for name in ("max_completion_tokens", "max_tokens")]
    seed = fields.whole(document, "seed", -_LARGEST_SEED, _LARGEST_SEED)
    return Options(
        model=fields.text(document, "model") or "",
        streams=streams,
        wants_usage=fields.flag(asked, "include_usage"),
        stops=_stops(document),
        max_tokens=next((each for each in limits if each is not None), None),
        temperature=fields.number(document, "temperature", 0, 2),
        top_p=fields.number(document, "top_p", 0, 1),
        top_k=fields.whole(document, "top_k", 0, 1000),
        min_p=fields.number(document, "min_p", 0, 1),
        repeat_penalty=fields.number(document, "repeat_penalty", 1, 2),
        frequency_penalty=fields.number(document, "frequency_penalty", -2, 2),
        presence_penalty=fields.number(document, "presence_penalty", -2, 2),
        seed=None if seed is None else seed & 0x7FFFFFFF,
    )


def _refuse_unsupported(document: Mapping[str, Any]) -> None:
    for name in ("n", "best_of"):
        if (fields.whole(document, name, 1, 128) or 1) > 1:
            raise unsupported(name, "one answer is given to each request. Send the request again for another.")
    if document.get("logprobs") not in (None, False, 0) or (fields.whole(document, "top_logprobs", 0, 20) or 0) > 0:
        raise unsupported("logprobs", "the probabilities of tokens are not told.")
    if fields.object_at(document, "logit_bias"):
        raise unsupported("logit_bias", "tokens cannot be made more or less likely.")


def _stops(document: Mapping[str, Any]) -> tuple[str, ...]:
    given = document.get("stop")
    stops = [given] if isinstance(given, str) else [] if given is None else given
    if not isinstance(stops, list) or not all(isinstance(each, str) for each in stops):
        raise fields.wrong("stop", "a text or a list of texts", given)
    if len(stops) > _MOST_STOPS or any(len(each) > _LONGEST_STOP for each in stops):
        raise invalid(f"'stop' may have {_MOST_STOPS} texts of {_LONGEST_STOP} characters.", "stop")
    return tuple(each for each in stops if each)
