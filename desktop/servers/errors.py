"""What goes wrong with a server, in sentences: by its status, its error object, or how the connection fails."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from desktop.common.errors import (
    QT_TRANSLATE_NOOP,
    AnswerInterruptedError,
    MessageTooLongError,
    ServerAwayError,
    ServerKeyError,
    UserFacingError,
)
from desktop.common.json_file import JsonError, parse_json
from desktop.common.printable import one_line
from desktop.models.download.certificates import has_wrong_time
from desktop.models.download.connection_errors import causes, is_page, why_unreachable
from desktop.servers.addresses import ServerAddress
from desktop.servers.stream import problem_in

_QUOTED: Final = 200  # characters of what a server says
_LONGEST_WAIT: Final = 7 * 24 * 3600  # seconds that a server can ask for and be believed
_TOO_LONG_CODES: Final = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
# OpenAI, vLLM and many others; llama.cpp; SGLang; Ollama; TGI; LM Studio, which has two ways to say it.
_TOO_LONG: Final = re.compile(
    r"maximum context length|exceeds? the (?:available )?context|context (?:length|window|size)[^.]{0,40}exceed"
    r"|longer than the (?:model's )?(?:maximum )?context|greater than the context length|prompt is too long"
    r"|input (?:length|tokens)[^.]{0,60}(?:exceed|longer)"
    r"|`inputs` (?:must have less than|tokens \+ `max_new_tokens` must be)"
    r"|keep the first [\d,]{1,15} tokens|n_keep \([\d,]{1,15}\) >= n_ctx",
    re.IGNORECASE,
)
_ROOM: Final = re.compile(
    r"(?:maximum context length (?:is|of)|context (?:size|length|window)(?: is| of(?: only)?)?|must have less than"
    r"|`max_new_tokens` must be <=|>= n_ctx) \(?([\d,]{1,15})",
    re.IGNORECASE,
)
_TOKENS: Final = (
    re.compile(r"([\d,]{1,15}) (?:tokens )?(?:in (?:the messages|your prompt)|from the input)", re.IGNORECASE),
    re.compile(r"(?:has|contains at least|contains|resulted in|given:|keep the first) ([\d,]{1,15})", re.IGNORECASE),
    re.compile(r"(?:request|the input|n_keep) \(([\d,]{1,15})", re.IGNORECASE),
    re.compile(r"requested ([\d,]{1,15})", re.IGNORECASE),
)
_AT_LEAST: Final = re.compile(r"at least [\d,]{1,15}", re.IGNORECASE)
_NO_MODEL: Final = re.compile(
    r"model\b.{0,200}(?:not found|not exist|unknown|not loaded)|unknown model", re.IGNORECASE | re.DOTALL
)
_CHECK_NETWORK: Final = QT_TRANSLATE_NOOP(
    "Errors", "Check that it runs, and the network; or choose a model on this computer."
)
_CHECK_KEY: Final = QT_TRANSLATE_NOOP(
    "Errors", "Enter its key again where the servers are listed; whoever runs the server has it."
)
_CHECK_ADDRESS: Final = QT_TRANSLATE_NOOP("Errors", "Check its address; most end in /v1.")
_OTHER_MODEL: Final = QT_TRANSLATE_NOOP("Errors", "Ask whoever runs it, or choose a model on this computer.")
_GO_ON: Final = QT_TRANSLATE_NOOP(
    "Errors", "What came is kept; continue the answer when the server can be reached again."
)


class UnknownModelError(UserFacingError):
    """The server does not have the model that is asked for."""


@dataclass(frozen=True)
class Complaint:
    """What a server says about a request that it does not take.

    Attributes:
        message: In its words, on one line; empty: none.
        code: What it calls the error, where it has a name for it.
        parameter: Which part of the request it is about; empty: it does not say.
        details: The error object.
    """

    message: str = ""
    code: str = ""
    parameter: str = ""
    details: Mapping[str, Any] | None = None

    @property
    def is_too_long(self) -> bool:
        """Whether the conversation is longer than the model's context."""
        return self.code in _TOO_LONG_CODES or _TOO_LONG.search(self.message) is not None

    @property
    def is_about_model(self) -> bool:
        """Whether there is no such model."""
        return self.code == "model_not_found" or _NO_MODEL.search(self.message) is not None


def complaint_in(content: bytes) -> Complaint:
    """Returns what the body of an answer says about an error; empty where it is nothing like one."""
    try:
        document = parse_json(content)
    except JsonError:
        text = content[: 4 * _QUOTED].decode("utf-8", "replace")
        return Complaint("" if is_page(content) else one_line(text))
    return complaint_of(document) if isinstance(document, dict) else Complaint()


def complaint_of(document: Mapping[str, Any]) -> Complaint:
    """Returns what an error object says, or an object that has one: OpenAI's form, FastAPI's, vLLM's, Ollama's."""
    error = problem_in(document) or document
    said = error.get("message") or error.get("detail") or document.get("detail")
    if isinstance(said, list):  # FastAPI: one for each parameter
        first = next((each for each in said if isinstance(each, dict)), {})
        place = first.get("loc")
        where = str(place[-1]) if isinstance(place, list) and place else ""
        return Complaint(one_line(f"{where}: {first.get('msg', '')}"), "", where, error)
    codes = [str(error.get(key)) for key in ("code", "type") if isinstance(error.get(key), str)]
    code = next((each for each in codes if each in _TOO_LONG_CODES), codes[0] if codes else "")
    parameter = error.get("param")
    message = one_line(said[: 10 * _QUOTED]) if isinstance(said, str) else ""
    return Complaint(message, code, parameter if isinstance(parameter, str) else "", error)


def too_long(complaint: Complaint, estimate: int, n_ctx: int | None) -> MessageTooLongError:
    """Returns the error for a message that does not fit, as the local engine raises it.

    Args:
        complaint: What the server says, of which the numbers are taken.
        estimate: Tokens that the message may have, where it does not say how many.
        n_ctx: The model's context; None: unknown.
    """
    details = complaint.details or {}
    room = _number(details.get("n_ctx")) or _first((_ROOM,), complaint.message) or n_ctx or 0
    tokens = _number(details.get("n_prompt_tokens")) or _first(_TOKENS, complaint.message) or estimate
    if _AT_LEAST.search(complaint.message):  # vLLM stops counting where it is too long
        tokens = max(tokens, estimate)
    return MessageTooLongError(max(tokens, room + 1), room)


def status_error(
    status: int, headers: Mapping[str, str], content: bytes, address: ServerAddress, model: str
) -> UserFacingError:
    """Returns the sentence for an answer that is an error, but for what is too long.

    Args:
        status: Of HTTP.
        headers: Of the answer.
        content: Its body, as far as it was read.
        address: Who answered.
        model: Who was asked for.
    """
    complaint = complaint_in(content)
    said = _said(complaint, address)
    if status == 511 or (status < 400 and is_page(content)):
        return page_came(address)
    if status in (401, 403):
        return ServerKeyError(QT_TRANSLATE_NOOP("Errors", "The server does not accept the key."), said, _CHECK_KEY)
    if complaint.is_about_model and 400 <= status < 500:
        return unknown_model(model, address)
    if status in (404, 405, 410, 421):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The server has nothing at this address."), said, _CHECK_ADDRESS
        )
    if 300 <= status < 400:
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The server sends Catnap elsewhere, where neither question nor key goes."),
            f"{address.place}.",
            _CHECK_ADDRESS,
        )
    if complaint.code in ("insufficient_quota", "billing_hard_limit_reached") or status == 402:
        title = QT_TRANSLATE_NOOP("Errors", "The account at the server has nothing left to spend.")
        return ServerAwayError(title, said, _OTHER_MODEL)
    if status in (408, 429, 503, 504, 529):
        return _busy(headers, said, address, is_loading="loading" in complaint.message.lower())
    if status == 413:
        title = QT_TRANSLATE_NOOP("Errors", "This is more than the server takes at once.")
        return UserFacingError(title, said, QT_TRANSLATE_NOOP("Errors", "Shorten it, or ask about a part of it."))
    if status >= 500:
        title = QT_TRANSLATE_NOOP("Errors", "Something went wrong on the server.")
        return ServerAwayError(title, f"{status}: {said}", _OTHER_MODEL)
    title = QT_TRANSLATE_NOOP("Errors", "The server does not take this question.")
    return UserFacingError(title, f"{status}: {said}", _OTHER_MODEL)


def connection_error(problem: Exception, address: ServerAddress, via: str = "") -> UserFacingError:
    """Returns the sentence for a connection that failed before an answer began.

    Args:
        problem: What httpx, or what it stands on, has raised.
        address: Who was asked.
        via: The proxy that it was asked through; empty: none.
    """
    found = list(causes(problem))
    failed = next((each for each in found if isinstance(each, ssl.SSLError)), None)
    place = f"{address.place}, {via}" if via else address.place
    if failed is not None:
        return _tls_error(failed, address)
    if isinstance(problem, httpx.ProxyError):
        title = QT_TRANSLATE_NOOP("Errors", "The proxy of this system does not lead to the server.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Check the proxy in the system settings.")
        return ServerAwayError(title, f"{place}: {one_line(str(problem))[:_QUOTED]}.", remedy)
    if isinstance(problem, httpx.ConnectError | httpx.TimeoutException | TimeoutError):
        return _away(why_unreachable(found), place)
    if isinstance(problem, httpx.RemoteProtocolError | httpx.DecodingError):
        return no_answer(address)
    return _away(QT_TRANSLATE_NOOP("Errors", "{0}: the connection was cut."), place)


def no_answer(address: ServerAddress) -> UserFacingError:
    """Returns the error for something that is no answer of a model at all."""
    title = QT_TRANSLATE_NOOP("Errors", "What the server sends is no answer that Catnap understands.")
    return UserFacingError(title, f"{address.place}.", _CHECK_ADDRESS)


def page_came(address: ServerAddress) -> UserFacingError:
    """Returns the error for a web page: as a rule that of a network that wants a sign-in, or of the server's own."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "A web page came instead of an answer."),
        f"{address.place}.",
        QT_TRANSLATE_NOOP(
            "Errors",
            "If this network wants you to sign in first, open its page in a browser and do so. Else check the address "
            "of the server; most end in /v1.",
        ),
    )


def broke_off(address: ServerAddress) -> AnswerInterruptedError:
    """Returns the error for an answer that broke off: what came of it is kept."""
    title = QT_TRANSLATE_NOOP("Errors", "The connection to the server broke off in the middle of the answer.")
    return AnswerInterruptedError(title, f"{address.place}.", _GO_ON)


def went_wrong(complaint: Complaint, address: ServerAddress) -> AnswerInterruptedError:
    """Returns the error for an answer that the server gave up in the middle."""
    title = QT_TRANSLATE_NOOP("Errors", "The server gave up in the middle of the answer.")
    return AnswerInterruptedError(title, _said(complaint, address), _GO_ON)


def nothing_said(address: ServerAddress) -> UserFacingError:
    """Returns the error for an answer without a word: some servers give one where the conversation is too long."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The server has answered without a word."),
        f"{address.place}.",
        QT_TRANSLATE_NOOP(
            "Errors",
            "The conversation may be longer than what the model reads there: begin a new one, shorten the text, or "
            "choose another model.",
        ),
    )


def told_status(problem: Mapping[str, Any]) -> int:
    """Returns the status that an error object tells which came within a stream, under a good status; 500: none."""
    told = (problem.get(key) for key in ("code", "status", "http_status_code"))
    return next((each for each in told if isinstance(each, int) and 400 <= each < 600), 500)


def filtered(address: ServerAddress) -> AnswerInterruptedError:
    """Returns the error for an answer that the server's filter has ended."""
    return AnswerInterruptedError(
        QT_TRANSLATE_NOOP("Errors", "The server's filter has ended the answer."),
        f"{address.place}.",
        QT_TRANSLATE_NOOP("Errors", "Ask in other words, or choose a model on this computer."),
    )


def fell_silent(address: ServerAddress, seconds: float) -> AnswerInterruptedError:
    """Returns the error for a server that sends nothing any more.

    Args:
        address: Who was asked.
        seconds: For how long it has not.
    """
    title = QT_TRANSLATE_NOOP("Errors", "The server has stopped sending.")
    pattern = QT_TRANSLATE_NOOP("Errors", "{0}: nothing for {1} minutes.")
    return AnswerInterruptedError(title, pattern, _GO_ON, values=(address.place, str(round(seconds / 60))))


def too_much(address: ServerAddress) -> AnswerInterruptedError:
    """Returns the error for a server that sends more than any answer has."""
    title = QT_TRANSLATE_NOOP("Errors", "The server sends more than an answer can have.")
    return AnswerInterruptedError(title, f"{address.place}.", _OTHER_MODEL)


def unknown_model(model: str, address: ServerAddress) -> UnknownModelError:
    """Returns the error for a model that the server does not have; empty: there is none at all, or none was chosen."""
    if not model:
        title = QT_TRANSLATE_NOOP("Errors", "The server has no model.")
        return UnknownModelError(title, f"{address.place}.", _OTHER_MODEL)
    return UnknownModelError(
        QT_TRANSLATE_NOOP("Errors", "The server does not have this model."),
        f"{address.place}: {one_line(model)[:_QUOTED]}.",
        QT_TRANSLATE_NOOP("Errors", "Choose one that it has."),
    )


def not_agreed(name: str, address: ServerAddress) -> UserFacingError:
    """Returns the error for a server that words may not go to yet.

    Args:
        name: Of the server.
        address: Where it is.
    """
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Nobody has agreed yet that questions go to this server."),
        f"{name}, {address.place}.",
        QT_TRANSLATE_NOOP("Errors", "Agree to it once, or choose a model on this computer."),
    )


def does_not_fit_schema(address: ServerAddress, why: str) -> UserFacingError:
    """Returns the error for an answer that does not keep to a JSON Schema, although it was asked for.

    Args:
        address: Who answered.
        why: What does not fit.
    """
    remedy = QT_TRANSLATE_NOOP("Errors", "Ask again, or choose another model.")
    title = QT_TRANSLATE_NOOP("Errors", "The answer of the server does not keep to the JSON Schema.")
    return UserFacingError(title, f"{address.place}: {why[:_QUOTED]}.", remedy)


def _busy(headers: Mapping[str, str], said: str, address: ServerAddress, *, is_loading: bool) -> ServerAwayError:
    if is_loading:
        title = QT_TRANSLATE_NOOP("Errors", "The server is still loading its model.")
        return ServerAwayError(title, said, QT_TRANSLATE_NOOP("Errors", "Ask again in a moment."))
    title = QT_TRANSLATE_NOOP("Errors", "The server has too much to do.")
    seconds = retry_after(headers)
    if seconds is None:
        return ServerAwayError(title, said, QT_TRANSLATE_NOOP("Errors", "Ask again in a moment."))
    if seconds < 90:
        pattern, amount = QT_TRANSLATE_NOOP("Errors", "{0} asks you to wait {1} seconds."), max(seconds, 2)
    elif seconds < 90 * 60:
        pattern, amount = QT_TRANSLATE_NOOP("Errors", "{0} asks you to wait {1} minutes."), round(seconds / 60)
    else:
        pattern, amount = QT_TRANSLATE_NOOP("Errors", "{0} asks you to wait {1} hours."), round(seconds / 3600)
    remedy = QT_TRANSLATE_NOOP("Errors", "Ask again then, or choose a model on this computer.")
    return ServerAwayError(title, pattern, remedy, values=(address.place, str(amount)))


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Returns for how many seconds a server wants to be left alone; None: it does not say, or nothing credible."""
    text = headers.get("retry-after", "").strip()
    seconds: float
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", text):
        seconds = float(text)
    else:
        try:
            then = parsedate_to_datetime(text)
            now = parsedate_to_datetime(headers.get("date", ""))  # its own clock: ours may be wrong
            seconds = (then - now).total_seconds()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return round(seconds) if 0 <= seconds <= _LONGEST_WAIT else None


def _tls_error(failed: ssl.SSLError, address: ServerAddress) -> UserFacingError:
    if not isinstance(failed, ssl.SSLCertVerificationError):
        return ServerAwayError(
            QT_TRANSLATE_NOOP("Errors", "The secure connection to the server failed."),
            f"{address.place}: {failed.reason or failed.strerror or type(failed).__name__}.",
            QT_TRANSLATE_NOOP("Errors", "If it speaks without encryption, write http:// before its address."),
        )
    said = str(getattr(failed, "verify_message", "") or failed.strerror or "not trusted").rstrip(".")
    if has_wrong_time(failed):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "By this computer's clock the server's certificate is not valid."),
            f"{address.place}: {said}.",
            QT_TRANSLATE_NOOP("Errors", "If the clock is wrong, set date and time of this computer and try again."),
        )
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The server shows a certificate that this computer does not trust."),
        f"{address.place}: {said}.",
        QT_TRANSLATE_NOOP(
            "Errors",
            "If it is a server of your company or your own, have its certificate installed in this system, or name its "
            "file in SSL_CERT_FILE.",
        ),
    )


def _away(pattern: str, place: str) -> ServerAwayError:
    title = QT_TRANSLATE_NOOP("Errors", "The server cannot be reached.")
    return ServerAwayError(title, pattern, _CHECK_NETWORK, values=(place,))


def _said(complaint: Complaint, address: ServerAddress) -> str:
    words = complaint.message[:_QUOTED].rstrip(".")
    return f"{address.place}: {words}." if words else f"{address.place}."


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 40 else None


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int | None:
    for pattern in patterns:
        if (match := pattern.search(text)) is not None and (digits := match[1].replace(",", "")):
            return _number(int(digits))
    return None
