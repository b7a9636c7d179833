"""One answer, from a request to its events, on a session that is loaded."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from desktop.common.json_file import JsonError, parse_json
from desktop.common.loops.asked import things_asked, times_asked
from desktop.common.loops.detector import LoopDetector
from desktop.engine import errors
from desktop.engine.answer_stream import AnswerStream, TokenPosts
from desktop.engine.chat_template.stops import MOST_TOKENS
from desktop.engine.context_window import fit_prompt
from desktop.engine.llama.sampler import NoTokenError, Sampler
from desktop.engine.llama.session import Session
from desktop.engine.prefill import Prefill
from desktop.engine.requests import PendingRequest
from desktop.engine.types import (
    EngineEvent,
    FinishReason,
    Generation,
    Message,
    Role,
    Trimmed,
)

_log = logging.getLogger(__name__)


class AnswerTask:
    """Reads the prompt and generates; used once, on the engine thread."""

    def __init__(
        self, session: Session, prefill: Prefill, job: PendingRequest, post: Callable[[EngineEvent], None]
    ) -> None:
        """
        Args:
            session: The loaded model.
            prefill: For this job.
            job: The request; its ``stats`` are kept up to date.
            post: Takes the events.
        """
        self._session = session
        self._prefill = prefill
        self._job = job
        self._post = post
        if job.request.schema is not None:  # its answer is no place for thoughts
            job.request = replace(job.request, thinking=False)
        self._id = job.request.request_id
        self._posts = TokenPosts(self._id, post)
        self._cut = job.request.cut
        begun = job.request.begun
        self._text: list[str] = [begun.text] if begun is not None else []
        self._shown = ""  # of the answer, what comes once more
        question = job.request.messages[-1].text if job.request.messages else ""
        asked = times_asked(question), things_asked(question)
        self._loops = {thinking: LoopDetector(*asked) for thinking in (False, True)}
        self._repeats = False

    def run(self) -> FinishReason:
        """Answers; returns why it ended.

        Raises:
            Cancelled: The job was stopped; what was posted stays valid.
            UserFacingError: The message is too long, or the memory too small.
        """
        request = self._job.request
        with self._session.sampler(request.sampling, request.schema) as sampler:
            self._follow(sampler)  # what cannot be done is said before anything is read
            self._read()
            return self._generate(sampler)

    def continued(self) -> Generation:
        """Returns the request with what was answered at its end, as the conversation's next one will begin."""
        request = self._job.request
        answer = Message(Role.ASSISTANT, "".join(self._text))
        return replace(request, messages=(*request.messages, answer), cut=self._cut)

    def _read(self) -> None:
        request = self._job.request
        prompt = fit_prompt(self._session, request, self._job.abort.is_set)
        if prompt.cut > request.cut:
            self._post(Trimmed(self._id, prompt.cut))
        self._cut = prompt.cut
        self._prefill.read(prompt)

    def _generate(self, sampler: Sampler) -> FinishReason:
        session, job = self._session, self._job
        stream = AnswerStream(session, job.request)
        self._shown = stream.shown
        limit = job.request.sampling.max_tokens or (MOST_TOKENS if stream.is_bounded else None)
        count = 0
        first = last = 0.0
        try:
            while True:
                is_free = stream.is_free
                token = session.pick(sampler, freely=is_free)
                if session.model.tokenizer.is_end(token):
                    # Before it has begun, an answer that keeps to a schema is not whole.
                    has_none = is_free and job.request.schema is not None
                    return FinishReason.LENGTH if has_none else FinishReason.COMPLETE
                if not is_free:
                    sampler.go_on(token)
                count += 1
                last = time.monotonic()
                if count == 1:
                    first = last
                    job.stats = replace(job.stats, ttft_s=first - job.began, threads=session.threads)
                    self._log_first()
                self._posts.count()
                self._send(stream.feed(token))
                if stream.is_over:
                    return FinishReason.COMPLETE
                if self._repeats:
                    return FinishReason.REPEATED
                if count == limit or session.is_full:
                    return FinishReason.LENGTH
                self._prefill.accept(token)
        except NoTokenError:
            if self._is_whole():  # the vocabulary has no token for the end
                return FinishReason.COMPLETE
            raise errors.cannot_keep_to_schema() from None
        finally:
            # The threads may have changed after the last token.
            job.stats = replace(job.stats, generated_tokens=count, generate_s=last - first, threads=session.threads)
            self._send(stream.flush())
            self._posts.flush()

    def _follow(self, sampler: Sampler) -> None:
        """Brings the grammar to where an answer stands that goes on.

        Raises:
            UserFacingError: What is there of it does not keep to the schema.
        """
        begun = self._job.request.begun
        if self._job.request.schema is None or begun is None or not begun.text:
            return
        for token in self._session.model.tokenizer.tokenize_part(begun.text, special=False):
            if not sampler.allows(token):
                raise errors.cannot_keep_to_schema()
            sampler.go_on(token)

    def _is_whole(self) -> bool:
        try:
            parse_json("".join(self._text))
        except JsonError:
            return False
        return True

    def _without_shown(self, text: str) -> str:
        """Returns a piece of the answer without what has been shown of it; what became something else is none."""
        pairs = zip(text, self._shown, strict=False)
        known = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(text), len(self._shown)))
        self._shown = self._shown[known:] if known == len(text) else ""
        return text[known:]

    def _log_first(self) -> None:
        """Explains a slow answer: what the time before its first token went into."""
        stats = self._job.stats
        _log.info(
            "request %d: first token after %.2f s (loading %.2f s, reading %d of %d tokens %.2f s), %d threads",
            self._id,
            stats.ttft_s,
            stats.load_s,
            stats.prompt_tokens - stats.reused_tokens,
            stats.prompt_tokens,
            stats.read_s,
            stats.threads,
        )

    def _send(self, pieces: list[tuple[str, bool]]) -> None:
        for piece, thinking in pieces:
            text = piece
            if not thinking:
                text = self._without_shown(piece)
                self._text.append(text)
            # What keeps to a schema repeats itself as the schema does, and is ended by it.
            if self._job.request.sampling.stop_loops and self._job.request.schema is None:
                self._repeats |= self._loops[thinking].accept(text)
            self._posts.add(text, thinking=thinking)
