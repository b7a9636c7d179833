"""Brings the prompt of a request into the KV cache, for an answer or ahead of one. Engine thread only."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from desktop.common.errors import Cancelled
from desktop.engine.context_window import FittedPrompt, measure_draft
from desktop.engine.llama.session import Session
from desktop.engine.requests import PendingRequest
from desktop.engine.snapshots.manager import SnapshotManager
from desktop.engine.threads.tuner import Phase, Step
from desktop.engine.types import EngineEvent, FinishReason, Reading

_NO_TOKEN = -1
# What templates put between an answer and the next message is 5 to 12 tokens; more if the answer's own text, without
# its thoughts, must be read again. A second or two of an old laptop's time at the most.
_FEW_TOKENS = 32


class Prefill:
    """Reads what is not in the cache yet; used once for each request."""

    def __init__(
        self,
        session: Session,
        snapshots: SnapshotManager,
        job: PendingRequest,
        post: Callable[[EngineEvent], None],
        step: Callable[[Phase, int, bool], Step],
    ) -> None:
        """
        Args:
            session: The loaded model.
            snapshots: Has the conversation's state, perhaps.
            job: The request; its ``stats`` are kept up to date.
            post: Takes the events.
            step: Asked between two evaluations how to do the next one; told of what kind it is, how many tokens were
                evaluated so far, and whether it is the last one again, which was cut off.
        """
        self._session = session
        self._snapshots = snapshots
        self._job = job
        self._post = post
        self._step = step
        self._evaluated = 0

    def read(self, prompt: FittedPrompt) -> None:
        """Reads a prompt whose last token's logits are wanted.

        Raises:
            Cancelled: The job was stopped; what was read stays in the cache.
            UserFacingError: There is not enough memory.
        """
        movable = self._snapshots.hand_over(self._session, self._job.request, prompt.tokens, prompt.known)
        self._evaluate(prompt, movable)

    def unread(self, prompt: FittedPrompt) -> int:
        """Returns how many tokens :meth:`read_ahead` would have to read in the conversation that has the engine."""
        return len(prompt.tokens) - self._session.reusable((*prompt.tokens, _NO_TOKEN), prompt.known)

    def read_ahead(self, prompt: FittedPrompt) -> None:
        """Reads a prompt that something will follow; what the cache holds beyond it stays there. Raises as above."""
        tokens = prompt.tokens
        # With one more token, or the last one would count as still to be read.
        movable = self._snapshots.hand_over(self._session, self._job.request, (*tokens, _NO_TOKEN), prompt.known)
        if self._session.tokens[: len(tokens)] == tokens:
            self._job.stats = replace(self._job.stats, prompt_tokens=len(tokens), reused_tokens=len(tokens))
        else:
            self._evaluate(prompt, movable)

    def accept(self, token: int) -> None:
        """Evaluates a generated token; if that takes too long, again with fewer threads. Raises as :meth:`read`."""
        cut_off = False
        while not self._session.accept(token, self._job.abort, self._adapt(Phase.DECODE, cut_off)):
            cut_off = True
        self._evaluated += 1

    def _adapt(self, phase: Phase, cut_off: bool) -> float:
        step = self._step(phase, self._evaluated, cut_off)
        self._session.set_threads(step.threads, step.threads)
        return step.slowest

    def _evaluate(self, prompt: FittedPrompt, movable: int) -> None:
        job, session = self._job, self._session
        began = time.monotonic()
        total = len(prompt.tokens)
        before = later = 0  # tokens that were read in the step before, and that the step after will read

        def report(done: int, of: int) -> None:
            done, of = before + done, before + of + later
            elapsed = time.monotonic() - began
            job.stats = replace(job.stats, prompt_tokens=total - of + done, reused_tokens=total - of, read_s=elapsed)
            self._evaluated = done
            if not job.prepares or of > _FEW_TOKENS:  # at every pause of somebody who writes it would only flicker
                self._post(Reading(job.request.request_id, done, of))

        between = partial(self._adapt, Phase.PREFILL)
        prefix = prompt.tokens[: prompt.prefix]
        if prefix and self._is_unread(prompt, movable) and self._snapshots.lacks_prefix(session, job.request, prefix):
            # A state can only be saved as it is at that moment, so the reading pauses where the question begins.
            later = total - len(prefix)
            try:
                before = len(prefix) - session.read(prefix, job.stops_reading, report, between, movable)
            except Cancelled:
                self._keep_part(prefix)
                raise
            self._snapshots.save_prefix(session, job.request)
            if not later:  # there is nothing but the prefix, and its last token would be read twice
                return
            later = 0
        session.read(
            prompt.tokens, job.stops_reading, report, between, movable, lasting=prompt.lasting, sent=prompt.sent
        )

    def _is_unread(self, prompt: FittedPrompt, movable: int) -> bool:
        """Tells whether the cache holds no more than the prefix: what comes after it would have to be read again."""
        return self._session.reusable((*prompt.tokens, _NO_TOKEN), movable) <= prompt.prefix

    def _keep_part(self, prefix: Sequence[int]) -> None:
        """Keeps what was read of a long prefix whose reading was broken off; it goes on from there, whoever asks."""
        request, read = self._job.request, self._session.tokens
        if request.prefix_lasts and tuple(prefix[: len(read)]) == read:
            self._snapshots.save_part(self._session, request)


class PrepareTask:
    """Reads what is known of a conversation before its next message is sent."""

    def __init__(
        self,
        session: Session,
        prefill: Prefill,
        job: PendingRequest,
        post: Callable[[EngineEvent], None] | None = None,
        *,
        follows_answer: bool = False,
    ) -> None:
        """
        Args:
            session: The loaded model.
            prefill: For this job.
            job: The request.
            post: Takes what was counted; None: nobody wants to know.
            follows_answer: Nobody has asked for it: only the few tokens are read that close an answer and open the next
                message.
        """
        self._session = session
        self._prefill = prefill
        self._job = job
        self._post = post
        self._follows_answer = follows_answer

    def run(self) -> FinishReason:
        """Reads; returns that it is done. Raises as :meth:`Prefill.read`."""
        prompt, count = measure_draft(self._session, self._job.request, self._job.stops_reading.is_set)
        if self._post is not None:
            self._post(count)
        if prompt is not None and (not self._follows_answer or self._is_small(prompt)):
            self._prefill.read_ahead(prompt)
        self._job.stats = replace(self._job.stats, threads=self._session.threads)
        return FinishReason.COMPLETE

    def _is_small(self, prompt: FittedPrompt) -> bool:
        # A model that cannot go back could then no longer answer the same question again. And what to cut from a full
        # context is decided when the next message is known.
        if self._session.is_recurrent or prompt.cut != self._job.request.cut:
            return False
        return self._prefill.unread(prompt) <= _FEW_TOKENS
