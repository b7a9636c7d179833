"""What an engine process may say, and when: more than that each value has the type of its field.

A model file may have taken the process over. Nothing that it sends may grow without a bound, carry a number that no
arithmetic expects, or come at a moment when nobody asked for it.
"""

from __future__ import annotations

import math
import string
import threading
import time
from collections import Counter
from typing import Final

from desktop.engine.backends import EngineFacts
from desktop.engine.process.channel import ProtocolError
from desktop.engine.process.messages import (
    PROTOCOL,
    Begin,
    Configure,
    Doze,
    Forget,
    Forgotten,
    FromProcess,
    Loaded,
    LogLine,
    Opened,
    Outdated,
    Ready,
    Refused,
    Resting,
    Run,
    ToProcess,
    Wanted,
)
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import Counted, Dozing, Finished, Reading, Stats, TemplateReplaced, Token, Trimmed, Waking

# Tokens of a whitespace run are the longest of real vocabularies: 128 characters in Llama 3's, 256 in some for code.
_TOKEN_CHARACTERS: Final = 256
# Of an answer in a small context; and by which llama.cpp rounds a context up.
_ANSWER_CHARACTERS, _PADDING = 65_536, 256
# Pieces of an answer for each token: thoughts are told from words in the middle of one.
_PIECES: Final = 4
# Progress comes 20 times a second at the most, and once for each batch, of which a context has a thousand.
_PROGRESS_BURST, _PROGRESS_PER_SECOND = 5_000.0, 100.0
# Characters of the log: as many as a start at level DEBUG writes ten times over, then what a file of a megabyte takes
# in a minute. A line costs a time and a name as well.
_LOG_BURST, _LOG_PER_SECOND, _LINE_COST = 1_000_000.0, 16_000.0, 80
# Characters of a line of the log, which may be a traceback; of a sentence; of what stands in it, such as a path. The
# process cuts the first and the last at less than a sixth of that, and what UTF-8 cannot carry takes six.
_LINE, _SENTENCE, _DETAIL = 48_000, 400, 60_000
_MOST_COUNT, _MOST_SECONDS, _MOST_THREADS, _MOST_ENTRIES = 2**31, 1e9, 4096, 256


class _Allowance:
    """What may come at once, and what may come in the long run."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._left, self._since = burst, time.monotonic()

    def take(self, amount: float) -> bool:
        """Takes an amount off; returns whether there was as much."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._since) * self._per_second) - amount
        self._since = now
        return self._left >= 0


class Validator:
    """Keeps account of what one process was asked for. :meth:`sent` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_ready = False
        self._run: Run | None = None
        self._tokens_limit = 0
        self._rests = self._dozes = self._loads = 0  # owed by the process, or at the most
        self._forgotten: Counter[str] = Counter()
        self._tokens = self._characters = self._pieces = 0  # of the running request
        self._progress = _Allowance(_PROGRESS_BURST, _PROGRESS_PER_SECOND)
        self._log = _Allowance(_LOG_BURST, _LOG_PER_SECOND)

    def sent(self, message: ToProcess) -> None:
        """Notes what is about to be sent."""
        with self._lock:
            match message:
                case Begin():
                    self._tokens_limit = message.config.n_ctx + _PADDING
                case Run():
                    self._run = message
                    self._rests += 1
                    self._loads += 1
                    self._tokens = self._characters = self._pieces = 0
                case Configure():
                    self._loads += 1
                case Doze():
                    self._dozes += 1
                case Forget(conversation_id):
                    self._forgotten[conversation_id] += 1
                case _:
                    pass

    def check(self, message: FromProcess) -> None:
        """Makes sure that a message makes sense now.

        Raises:
            ProtocolError: It does not.
        """
        with self._lock:
            if not self._is_ready and not isinstance(message, Ready | LogLine | Refused):
                raise ProtocolError(f"{type(message).__name__} before it was ready")
            match message:
                case Ready():
                    self._on_ready(message)
                case LogLine():
                    self._on_line(message)
                case Refused():
                    self._on_refusal(message)
                case Waking() | Reading() | Counted() | Trimmed() | Token() | Finished():
                    self._on_progress(message)
                case Opened(fingerprint):
                    _check(self._run is not None, "a file that nobody wants to have opened")
                    _check(self._progress.take(1), "files without end")
                    _check_texts(_DETAIL, fingerprint)
                case TemplateReplaced(name):
                    _check(self._progress.take(1), "templates without end")
                    _check_texts(_DETAIL, name)
                case Outdated(request_id):
                    self._end(request_id)
                case Wanted():
                    _check(self._progress.take(1), "a file that is wanted without end")
                case _:
                    self._on_owed(message)

    def _on_ready(self, ready: Ready) -> None:
        _check(not self._is_ready, "ready twice")
        _check(ready.protocol == PROTOCOL, f"protocol {ready.protocol}, and {PROTOCOL} here")
        self._is_ready = True
        _check_facts(ready.facts)

    def _on_line(self, line: LogLine) -> None:
        _check(0 <= line.level <= _MOST_ENTRIES and len(line.logger) <= _SENTENCE, "a line of no log")
        allowed = len(line.text) <= _LINE and self._log.take(len(line.text) + _LINE_COST)
        _check(allowed, "lines for the log without end")

    def _on_refusal(self, refused: Refused) -> None:
        if refused.request_id or self._is_ready:
            self._end(refused.request_id)
        _check_stats(refused.stats)
        _check_counts(refused.tokens, refused.room)
        _check_texts(_SENTENCE, refused.title, refused.pattern, refused.remedy)
        _check(len(refused.values) <= _MOST_ENTRIES, "values without end")
        _check_texts(_DETAIL, refused.detail, *refused.values)
        _check_pattern(refused.pattern, len(refused.values))

    def _on_progress(self, event: Waking | Reading | Counted | Trimmed | Token | Finished) -> None:
        run = self._run
        name = type(event).__name__
        if run is None or run.request.request_id != event.request_id:
            raise ProtocolError(f"{name} of a request that is not under way")
        if isinstance(event, Finished):
            self._end(event.request_id)
            _check_stats(event.stats)
            return
        _check(isinstance(event, Token) or self._progress.take(1), f"{name} without end")
        match event:
            case Waking(_, fraction):
                _check(-0.001 <= fraction <= 1.001, "loaded more than there is")  # not so of NaN
            case Reading(_, done, total):
                _check(0 <= done <= total <= 2 * self._tokens_limit, "read more than there is")
            case Counted(_, history, message, cut, n_ctx, reserve):
                _check(run.prepares, "a count that nobody asked for")
                _check(0 <= cut <= len(run.request.messages), "dropped more than there is")
                _check(0 <= reserve <= n_ctx <= self._tokens_limit, "a context that is none")
                _check_counts(history, message)
            case Trimmed(_, cut):
                _check(run.request.cut <= cut <= len(run.request.messages), "dropped more than there is")
            case Token(_, text, _, tokens):
                _check(not run.prepares, "an answer that nobody asked for")
                self._tokens += tokens
                self._pieces += 1
                self._characters += len(text)
                longest = _TOKEN_CHARACTERS * self._tokens_limit + _ANSWER_CHARACTERS
                _check(tokens >= 0 and self._tokens <= self._tokens_limit, "more tokens than the context has")
                endless = self._characters > longest or self._pieces > _PIECES * self._tokens_limit
                _check(not endless, "an answer without end")

    def _on_owed(self, message: Loaded | Resting | Forgotten | Dozing) -> None:
        match message:
            case Loaded():
                self._loads -= 1
                _check(self._loads >= 0, "loaded without being asked")
                _check(0 < message.n_ctx <= self._tokens_limit, f"a context of {message.n_ctx} tokens")
                _check(0 < message.threads <= _MOST_THREADS, f"{message.threads} threads")
                _check_texts(_DETAIL, message.model_name)
            case Resting(_, _, threads, learned):
                self._rests -= 1
                _check(self._rests >= 0, "at rest without having worked")
                _check(0 <= threads <= _MOST_THREADS, f"{threads} threads")
                _check_learned(learned)
            case Forgotten(conversation_id):
                _check(self._forgotten[conversation_id] > 0, "forgot what it was not to forget")
                self._forgotten[conversation_id] -= 1
                self._forgotten += Counter()  # drops what is zero
            case Dozing():
                self._dozes -= 1
                _check(self._dozes >= 0, "dozes without being asked")

    def _end(self, request_id: int) -> None:
        run = self._run
        _check(run is not None and run.request.request_id == request_id, "the end of a request that is not under way")
        self._run = None


def _check(holds: bool, words: str) -> None:
    if not holds:
        raise ProtocolError(words)


def _check_texts(limit: int, *texts: str) -> None:
    _check(all(len(text) <= limit for text in texts), "a text without end")


def _check_counts(*counts: int) -> None:
    _check(all(0 <= count <= _MOST_COUNT for count in counts), "a count that is none")


def _check_stats(stats: Stats) -> None:
    times = (stats.load_s, stats.read_s, stats.generate_s, stats.ttft_s)
    _check(all(math.isfinite(each) and 0 <= each <= _MOST_SECONDS for each in times), "a time that is none")
    _check_counts(stats.prompt_tokens, stats.reused_tokens, stats.generated_tokens, stats.threads, stats.at_limit)


def _check_learned(learned: Counts) -> None:
    _check(min(learned.generating, learned.reading) >= 0, "fewer threads than none")
    _check(max(learned.generating, learned.reading) <= _MOST_THREADS, "threads without end")


def _check_facts(facts: EngineFacts) -> None:
    backend = facts.backend
    lists = (backend.features, backend.passed_over, facts.walls)
    _check(all(len(each) <= _MOST_ENTRIES for each in lists), "facts without end")
    words = (facts.version, facts.ggml_version, facts.gpu, backend.name)
    _check_texts(_SENTENCE, *words, *backend.features, *facts.walls)
    _check_texts(_DETAIL, backend.path, *(text for each in backend.passed_over for text in (each.name, each.detail)))


def _check_pattern(pattern: str, values: int) -> None:
    """Makes sure that a pattern only says where values stand: str.format can do much more."""
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as problem:
        raise ProtocolError("a pattern that is none") from problem
    for _, name, specification, conversion in parts:
        if name is not None:
            place = int(name) if name.isdecimal() and len(name) < 4 else values
            _check(place < values and not specification and not conversion, "a pattern that is none")
