"""Answers as JSON: how many do not parse or fit, and what the grammar costs for each token.

800 answers take an hour or more on a busy machine. What came of each is kept in the build cache, so that a run that was
broken off is gone on with; another model, prompt, schema, way to choose tokens or grammar begins anew.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean

from desktop.engine import generation
from desktop.engine.chat_template.template import Segment
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag
from desktop.engine.llama.session import Session
from desktop.engine.schema.checking import InvalidAnswerError, parse_answer
from desktop.engine.schema.reading import read_schema
from desktop.engine.types import Finished, FinishReason, Message, Role, Sampling
from tests.bench.effort import FULL, Effort
from tests.bench.json_prompts import PROMPTS, SCHEMAS
from tests.bench.llama_build import build_cache
from tests.bench.results import Figure
from tests.support.engine_harness import Harness, config_for, user
from tests.support.opened_session import opened, read

# As the settings have it, so that the model may go astray.
_SAMPLING = Sampling(temperature=0.7, max_tokens=200)
_QUICK_EVERY = 20
_WHOLE, _CUT, _MALFORMED = "whole", "cut off", "malformed"
_ENGINE = Path(generation.__file__).parent
_CHOOSING = ("grammar.py", "number_grammar.py", "sampler.py")  # what decides which token comes next
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
    kept = _Kept(model)
    with Harness(config_for(model, n_ctx=1024, threads=threads)) as engine:
        for prompt in prompts:  # one after the other for all schemas: a run that is broken off has some of each
            for name, text in SCHEMAS:
                if kept.outcome(name, prompt) is None:
                    kept.add(name, prompt, *_answered(engine, prompt, text))
    for name, _text in SCHEMAS:
        count = Counter(kept.outcome(name, prompt) for prompt in prompts)
        note = f"{len(prompts)} prompts: {count[_WHOLE]} whole and fitting, {count[_CUT]} cut off and said to be"
        yield Figure(f"malformed JSON, {name}", count[_MALFORMED], "answers", at_most=0, note=note)


def _answered(engine: Harness, prompt: str, schema: str) -> tuple[str, str]:
    """Returns what came of a prompt, and the answer."""
    request = engine.send(
        user(prompt), sampling=replace(_SAMPLING, seed=PROMPTS.index(prompt)), schema=schema, keep_state=False
    )
    end = engine.end_of(request)
    assert isinstance(end, Finished), end
    answer = engine.text(request)
    if end.reason is not FinishReason.COMPLETE:
        return _CUT, answer
    try:
        parse_answer(answer, read_schema(schema))
    except InvalidAnswerError:
        return _MALFORMED, answer
    return _WHOLE, answer


class _Kept:
    """What came of prompts so far, a line of JSON for each."""

    def __init__(self, model: Path) -> None:
        sources = sorted((*(_ENGINE / "schema").glob("*.py"), *(_ENGINE / "llama" / name for name in _CHOOSING)))
        digest = hashlib.sha256(repr((model.name, model.stat().st_size, PROMPTS, SCHEMAS, _SAMPLING)).encode())
        for source in sources:
            digest.update(source.read_bytes())
        self._file = build_cache() / "json-answers" / f"{digest.hexdigest()[:16]}.jsonl"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lines = self._file.read_text("utf-8").splitlines() if self._file.exists() else []
        self._outcomes = {(name, prompt): outcome for name, prompt, outcome, _answer in map(json.loads, lines)}

    def outcome(self, schema: str, prompt: str) -> str | None:
        return self._outcomes.get((schema, prompt))

    def add(self, schema: str, prompt: str, outcome: str, answer: str) -> None:
        self._outcomes[schema, prompt] = outcome
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps([schema, prompt, outcome, answer], ensure_ascii=False) + "\n")


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
