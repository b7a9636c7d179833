"""Answers as JSON: how many do not parse or fit, and what the grammar costs for each token."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean

from desktop.engine.chat_template.template import Segment
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag
from desktop.engine.llama.session import Session
from desktop.engine.schema.checking import InvalidAnswerError, parse_answer
from desktop.engine.schema.reading import read_schema
from desktop.engine.types import Finished, FinishReason, Message, Role, Sampling
from tests.bench.effort import FULL, Effort
from tests.bench.json_prompts import PROMPTS, SCHEMAS
from tests.bench.results import Figure
from tests.support.engine_harness import Harness, config_for, user
from tests.support.opened_session import opened, read

# As the settings have it, so that the model may go astray.
_SAMPLING = Sampling(temperature=0.7, max_tokens=200)
_QUICK_EVERY = 20
_COSTED = 10  # prompts


def json_answers(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields how many answers are malformed, and the sampler's time for each token with and without a schema.

    Args:
        model: One with real weights.
        threads: To compute with.
        effort: Whether all prompts are asked.
    """
    prompts = PROMPTS if effort is FULL else PROMPTS[::_QUICK_EVERY]
    yield from _malformed(model, threads, prompts)
    yield from _cost(model)


def _malformed(model: Path, threads: int, prompts: tuple[str, ...]) -> Iterator[Figure]:
    with Harness(config_for(model, n_ctx=1024, threads=threads)) as engine:
        for name, text in SCHEMAS:
            schema = read_schema(text)
            whole = cut = malformed = 0
            for number, prompt in enumerate(prompts):
                request = engine.send(
                    user(prompt), sampling=replace(_SAMPLING, seed=number), schema=text, keep_state=False
                )
                end = engine.end_of(request)
                assert isinstance(end, Finished), end
                if end.reason is not FinishReason.COMPLETE:
                    cut += 1
                    continue
                try:
                    parse_answer(engine.text(request), schema)
                    whole += 1
                except InvalidAnswerError:
                    malformed += 1
            note = f"{len(prompts)} prompts: {whole} whole and fitting, {cut} cut off and said to be"
            yield Figure(f"malformed JSON, {name}", malformed, "answers", at_most=0, note=note)


def _cost(model: Path) -> Iterator[Figure]:
    with opened(bindings.load(), model) as session:
        plain = [_sampled(session, prompt, None) for prompt in PROMPTS[:: len(PROMPTS) // _COSTED]]
        kept = [
            _sampled(session, prompt, text) for prompt in PROMPTS[:: len(PROMPTS) // _COSTED] for _, text in SCHEMAS
        ]
    without, with_it = mean(each for each in plain if each), mean(each for each in kept if each)
    note = f"without a schema {without:.2f} ms"
    yield Figure("choosing a token that keeps to a schema", with_it, "ms", note=note)


def _sampled(session: Session, prompt: str, schema: str | None) -> float:
    """Returns the milliseconds of processor time that choosing took, for each token of an answer."""
    segments: tuple[Segment, ...] = tuple(
        session.model.template.segments((Message(Role.USER, prompt),), thinking=False)
    )
    read(session, session.model.tokenizer.tokenize_prompt(segments))
    count, seconds, abort = 0, 0.0, AbortFlag()
    with session.sampler(replace(_SAMPLING, seed=1), schema) as sampler:
        while count < 60:
            began = time.thread_time()
            token = session.pick(sampler)
            seconds += time.thread_time() - began
            if session.model.tokenizer.is_end(token):
                break
            sampler.go_on(token)
            session.accept(token, abort)
            count += 1
    return 1000 * seconds / (count + 1)
