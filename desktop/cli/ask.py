"""``catnap ask``: one question, the answer on stdout as it is generated, figures on stderr or in one JSON object."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from desktop.cli import common
from desktop.cli.documents.files import (
    Asked,
    about_document,
    about_passages,
    does_not_fit,
    instructed,
    read_about,
    say_passages,
)
from desktop.cli.documents.libraries import FoundPassages, find_in_library, say_sources, unsupported_in_library
from desktop.cli.engine import Answer, Asker, Engine
from desktop.cli.json_answer import print_value, read_schema_file, value_of
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.documents.question import SHORT_ANSWER, nothing_found, text_of
from desktop.documents.types import Document
from desktop.documents.unsupported import unsupported
from desktop.engine.schema.nodes import Schema
from desktop.engine.types import EngineConfig, FinishReason, Sampling
from desktop.functions.calculation import Calculation
from desktop.functions.calculator import Calculator
from desktop.history.records import CALCULATED
from desktop.machine.memory import MemoryReading
from desktop.settings.for_engine import engine_config, sampling_of
from desktop.settings.options import Settings
from desktop.structured.asking import json_question

_CONVERSATION = "ask"
_MEGABYTE = 1_000_000
# Of a question on stdin: many times what any context holds, so that a pipe without an end does not fill the memory.
_MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class AskRequest:
    """Arguments of the verb; None stands for the value of the settings.

    Attributes:
        text: The question; "-": it is read from stdin.
        model: An id or the path of a GGUF file.
        max_tokens: 0: as long as the context has room.
        seed: -1: random.
        calculate: Answer what can be computed without a model, unless something else here is about the model.
        file: A document that the question is about; None: what is piped to stdin, if anything is.
        stop_loops: Stop an answer that begins to repeat itself, if the settings say so.
        parts: Numbers of its pages, sheets, slides or chapters; empty: all.
        library: Name of a library that the question is about.
        json_schema: File with a JSON Schema: the answer is JSON that keeps to it. None: it is free.
        server: NAME or NAME/MODEL of a server that answers; None: this computer does.
        gpu_layers: That the graphics processor takes, which is tried first if need be; -1: as many as fit.
    """

    text: str
    model: str | None = None
    system: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    seed: int | None = None
    n_ctx: int | None = None
    threads: int | None = None
    calculate: bool = True
    file: str | None = None
    parts: tuple[range, ...] | None = None
    library: str | None = None
    stop_loops: bool = True
    json_schema: str | None = None
    server: str | None = None
    gpu_layers: int | None = None

    @classmethod
    def of(cls, parsed: argparse.Namespace) -> Self:
        """Takes the arguments of the command line."""
        return cls(
            text=parsed.text,
            model=parsed.model,
            system=parsed.system,
            max_tokens=parsed.max_tokens,
            temperature=parsed.temperature,
            seed=parsed.seed,
            n_ctx=parsed.ctx,
            threads=parsed.threads,
            calculate=parsed.calculate,
            stop_loops=parsed.stop_loops,
            file=parsed.file,
            parts=parsed.parts,
            library=parsed.library,
            json_schema=parsed.json_schema,
            server=parsed.server,
            gpu_layers=parsed.gpu_layers,
        )

    @property
    def is_for_a_model(self) -> bool:
        """Whether something was said that only a model can heed."""
        said = (
            *(self.model, self.system, self.max_tokens, self.temperature, self.seed, self.n_ctx, self.threads),
            *(self.file, self.parts, self.library, self.json_schema, self.server, self.gpu_layers),
        )
        return not self.calculate or any(value is not None for value in said)


@dataclass(frozen=True)
class _Subject:
    """What is asked, and what about.

    Attributes:
        system: What the model is told otherwise.
        question: As the person has put it.
        task: How it is put instead; None: as questions are.
        document: That it is about; None: none.
        found: Passages of a library that it is about; None: none.
    """

    system: str
    question: str
    task: str | None
    document: Document | None
    found: FoundPassages | None

    def asked(self) -> Asked:
        """Returns what the model is asked."""
        if self.found is not None:
            return self.found.asked(self.system, self.question, self.task)
        if self.document is not None:
            return about_document(self.document, self.system, self.question, self.task)
        return Asked(instructed(self.system, self.task or self.question))


def run(places: common.Places, request: AskRequest, *, as_json: bool) -> int:
    """Runs the verb; see :mod:`desktop.cli.common` for what it raises."""
    text = _question(request.text)
    schema_text, schema = _schema(request)
    settings = places.settings()
    found = find_in_library(places, request.library, text) if request.library is not None else None
    if found is not None and not found.passages:
        return _say_nothing_found(found, text, as_json=as_json, has_schema=schema is not None)
    document = _document(request) if found is None else None
    if settings.calculate and document is None and not request.is_for_a_model:
        calculation = Calculator().calculate(text)
        if calculation is not None:
            return _say_calculated(calculation, as_json=as_json)
    system = settings.system_prompt if request.system is None else request.system
    subject = _Subject(system, text, None if schema is None else json_question(text, schema), document, found)
    sampling = _sampling(settings, request, schema, is_about_text=document is not None or found is not None)
    progress = common.ProgressLine()
    show = _counted(progress) if schema is not None else None if as_json else _write

    def ask(asker: Asker, asked: Asked, model_file: str | None) -> Answer:
        return asker.ask(
            *(asked.messages, sampling),
            conversation_id=_CONVERSATION,
            thinking=settings.thinking,
            keep_state=False,
            opening=asked.opening,
            prefix_id=asked.state_id,
            on_text=show,
            schema=schema_text,
            model_file=model_file,
        )

    if request.server is not None:
        asked, answer, found, by = _ask_server(places, request.server, progress, subject, ask)
    else:
        asked, answer, found, by = _ask_here(places, settings, request, progress, subject, ask)
    if answer.error is not None:
        if answer.text and not as_json and schema is None:
            print()
        if document is not None and isinstance(answer.error, MessageTooLongError):
            raise does_not_fit(document, answer.error, asked, by.n_ctx)
        raise answer.error
    if schema is not None and not answer.interrupted:
        value = value_of(answer.text, answer.reason, schema)  # what is not whole, or does not fit, is not printed
        if not as_json:
            print_value(value)
    about = replace(subject, found=found)
    made_up = _made_up(places, about, asked, answer, schema_text)
    if as_json:
        _print_record(about, asked, answer, by, made_up)
    else:
        _say_the_rest(about, answer, by, made_up, is_printed=schema is not None)
    return common.INTERRUPTED if answer.interrupted else common.DONE


@dataclass(frozen=True)
class _By:
    """Who has answered.

    Attributes:
        n_ctx: Context in tokens that can be chosen larger; None: it cannot.
        figures: What the answer took, for people.
    """

    model: common.ChosenModel
    memory: MemoryReading
    backend: str
    n_ctx: int | None
    figures: str


_Ask = Callable[[Asker, Asked, str | None], Answer]
_Answered = tuple[Asked, Answer, FoundPassages | None, _By]


def _ask_here(
    places: common.Places,
    settings: Settings,
    request: AskRequest,
    progress: common.ProgressLine,
    subject: _Subject,
    ask: _Ask,
) -> _Answered:
    model = common.check_model(common.find_model(places, settings, request.model))
    config = _config(settings, request, places, model, keeps=subject.document is not None)
    config = _with_gpu(places, settings, config, request, progress)
    with Engine(config, progress, places.paths.threads_file) as engine:
        asked, answer, found = _ask_until_it_fits(lambda each: ask(engine, each, None), subject, config.n_ctx)
        memory, backend = engine.memory(), engine.backend  # with the model still loaded
    if engine.gpu_given_up is not None:
        from desktop.cli.gpu.use import remember_given_up

        remember_given_up(places, settings, config, engine.gpu_given_up, request.gpu_layers)
    by = _By(model, memory, backend, config.n_ctx, _figures(answer, memory, backend))
    return asked, answer, found, by


def _with_gpu(
    places: common.Places, settings: Settings, config: EngineConfig, request: AskRequest, progress: common.ProgressLine
) -> EngineConfig:
    if settings.gpu == "off" and request.gpu_layers is None:
        return config
    from desktop.cli.gpu.use import with_gpu  # few have one

    return with_gpu(places, settings, config, request.gpu_layers, progress)


def _ask_server(
    places: common.Places, wanted: str, progress: common.ProgressLine, subject: _Subject, ask: _Ask
) -> _Answered:
    from desktop.cli.server_ask import ServerAsker, figures  # nobody else needs what it imports

    with ServerAsker(places, wanted, progress) as asker:
        asked, answer, found = _ask_until_it_fits(lambda each: ask(asker, each, asker.choice), subject, None)
    model = common.ChosenModel(asker.choice, Path())
    by = _By(model, MemoryReading(0, 0, 0, 0), asker.backend, None, figures(answer, asker))
    return asked, answer, found, by


def _ask_until_it_fits(
    ask: Callable[[Asked], Answer], subject: _Subject, n_ctx: int | None
) -> tuple[Asked, Answer, FoundPassages | None]:
    """Asks, with passages where a document does not fit and with fewer where these do not."""
    document, found = subject.document, subject.found
    asked = subject.asked()
    answer = ask(asked)
    if document is not None and isinstance(answer.error, MessageTooLongError) and not answer.text:
        whole, asked = asked, about_passages(document, subject.system, subject.question, subject.task)
        say_passages(document, answer.error, whole, asked, n_ctx)
        answer = ask(asked)
    while found is not None and len(found.passages) > 1 and isinstance(answer.error, MessageTooLongError):
        found = found.without_last()  # a small context, or a language of which the model knows single letters
        asked = found.asked(subject.system, subject.question, subject.task)
        answer = ask(asked)
    return asked, answer, found


def _made_up(
    places: common.Places, subject: _Subject, asked: Asked, answer: Answer, schema_text: str | None
) -> tuple[str, ...]:
    """Returns what an answer says that stands nowhere in what it is about."""
    if subject.document is not None:  # the names of fields are not made up
        question = f"{subject.question}\n{schema_text or ''}"
        return unsupported(answer.text, text_of(subject.document), question)
    if subject.found is not None:
        question = f"{asked.messages[-1].text}\n{schema_text or ''}"
        return unsupported_in_library(places, subject.found, answer.text, question)
    return ()


def _print_record(subject: _Subject, asked: Asked, answer: Answer, by: _By, made_up: tuple[str, ...]) -> None:
    document, found = subject.document, subject.found
    about = _about(document, asked) if document is not None else found.about() if found is not None else {}
    invented: dict[str, common.Json] = {"not_in_the_text": [*made_up]} if about else {}
    common.print_json({**_record(answer, by.model, by.memory, by.backend), **about, **invented})


def _say_the_rest(subject: _Subject, answer: Answer, by: _By, made_up: tuple[str, ...], *, is_printed: bool) -> None:
    """Ends the answer, unless it was printed as a whole, and says on stderr what there is to say of it."""
    if not is_printed:
        print(flush=True)
    if answer.reason is FinishReason.REPEATED:
        common.warn("it began to repeat itself and was stopped; go on anyway: --allow-loops")
    if made_up:
        common.warn(f"not in the text: {', '.join(made_up)}")
    if subject.found is not None:
        say_sources(subject.found)
    print(by.figures, file=sys.stderr)


def _say_nothing_found(found: FoundPassages, question: str, *, as_json: bool, has_schema: bool) -> int:
    """Says that the library does not say it; no model is asked, which might make something up."""
    if has_schema:
        raise UserFacingError("The library has nothing about the question.", "", "Ask it in other words.")
    answer = nothing_found(question)
    if as_json:
        nobody, nothing = common.ChosenModel("", Path()), MemoryReading(0, 0, 0, 0)
        record = _record(Answer(answer, reason=FinishReason.COMPLETE), nobody, nothing, backend="")
        common.print_json({**record, **found.about(), "not_in_the_text": []})
    else:
        print(answer, flush=True)
        print("nothing about it was found in the library, no model was asked", file=sys.stderr)
    return common.DONE


def _say_calculated(calculation: Calculation, *, as_json: bool) -> int:
    if as_json:
        answer = Answer(calculation.text, reason=FinishReason.COMPLETE)  # every figure is there, and none took anything
        model, nothing = common.ChosenModel(CALCULATED, Path()), MemoryReading(0, 0, 0, 0)
        common.print_json(_record(answer, model, nothing, backend=""))
    else:
        print(calculation.text, flush=True)
        print("calculated, no model was asked", file=sys.stderr)
    return common.DONE


def _question(text: str) -> str:
    if text == "-":
        try:
            content = sys.stdin.buffer.read(_MOST_BYTES + 1)
            if len(content) > _MOST_BYTES:
                raise UserFacingError("The text on stdin is too long.", f"More than {format_bytes(_MOST_BYTES)}.")
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise UserFacingError("The text on stdin is not UTF-8.", f"Byte {problem.start:,}.") from problem
    # Arguments that are no valid UTF-8 arrive with lone surrogates, which no tokeniser takes.
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if not text:
        raise UserFacingError("The question is empty.")
    return text


def _config(
    settings: Settings, request: AskRequest, places: common.Places, model: common.ChosenModel, *, keeps: bool
) -> EngineConfig:
    settings = common.standing_in(settings, request.n_ctx, request.threads)
    config = engine_config(settings, model.path, places.paths, common.conditions(places, settings, model))
    # One question: no rest in between, and nothing of it is left on the disk but what was read of a document.
    config = replace(config, idle_seconds=None, sleep_seconds=None)
    if not keeps:
        config = replace(config, snapshots_dir=None)
    return config


def _document(request: AskRequest) -> Document | None:
    """Returns the document that the question is about; says on stderr what must be said of it. None: there is none."""
    document = read_about(request.file, request.text == "-", request.parts)
    for note in document.notes if document is not None else ():
        common.warn(str(note))
    return document


def _schema(request: AskRequest) -> tuple[str | None, Schema | None]:
    if request.json_schema is None:
        return None, None
    return read_schema_file(common.absolute_path(request.json_schema))


def _counted(progress: common.ProgressLine) -> Callable[[str], None]:
    """Returns what shows how far an answer is that is not printed before it is whole."""
    count = 0

    def show(text: str) -> None:
        nonlocal count
        count += len(text)
        progress.show(f"answering: {count:,} characters")

    return show


def _sampling(settings: Settings, request: AskRequest, schema: Schema | None, *, is_about_text: bool) -> Sampling:
    sampling = sampling_of(settings)
    if schema is not None:  # its own limits end the answer; and what JSON repeats is no fault
        sampling = replace(sampling, temperature=0.0, max_tokens=None, repeat_penalty=1.0)
    elif is_about_text:  # what stands there, and not what might
        limit = min(sampling.max_tokens or SHORT_ANSWER, SHORT_ANSWER)
        sampling = replace(sampling, temperature=0.0, max_tokens=limit, repeat_penalty=1.0)
    if not request.stop_loops:
        sampling = replace(sampling, stop_loops=False)
    if request.temperature is not None:
        sampling = replace(sampling, temperature=request.temperature)
    if request.seed is not None:
        sampling = replace(sampling, seed=request.seed if request.seed >= 0 else None)
    if request.max_tokens is not None:
        sampling = replace(sampling, max_tokens=request.max_tokens or None)
    return sampling


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _about(document: Document, asked: Asked) -> dict[str, common.Json]:
    passages: list[common.Json] = [
        {"part": one.passage.part, "start": one.passage.start, "end": one.passage.end} for one in asked.given or ()
    ]
    about: dict[str, common.Json] = {
        "name": document.name,
        "kind": document.kind.value,
        "parts": len(document.parts),
        "characters": document.characters,
        "notes": [str(note) for note in document.notes],
        **({} if asked.given is None else {"passages": passages}),
    }
    return {"document": about}


def _record(answer: Answer, model: common.ChosenModel, memory: MemoryReading, backend: str) -> dict[str, common.Json]:
    stats = answer.stats
    return {
        "answer": answer.text,
        "thinking": answer.thinking,
        "model": model.name,
        "finish_reason": answer.reason.value,
        "load_s": round(stats.load_s, 3),
        "prompt_tokens": stats.prompt_tokens,
        "reused_tokens": stats.reused_tokens,
        "prompt_tps": round(stats.prompt_tps, 2),
        "generated_tokens": stats.generated_tokens,
        "gen_tps": round(stats.gen_tps, 2),
        "ttft_s": round(stats.ttft_s, 3),
        "rss_mb": round(memory.rss / _MEGABYTE, 1),
        "anon_mb": round(memory.anonymous / _MEGABYTE, 1),
        "threads": stats.threads,
        "backend": backend,
    }


def _figures(answer: Answer, memory: MemoryReading, backend: str) -> str:
    stats = answer.stats
    reused = f", {stats.reused_tokens:,} of them known" if stats.reused_tokens else ""
    return " · ".join(
        (
            f"woke in {stats.load_s:.2f} s",
            f"read {stats.prompt_tokens:,} tokens{reused} at {stats.prompt_tps:.1f}/s",
            f"first word after {stats.ttft_s:.2f} s",
            f"{stats.generated_tokens:,} tokens at {stats.gen_tps:.1f}/s",
            f"{memory.rss / _MEGABYTE:.0f} MB, {memory.anonymous / _MEGABYTE:.0f} of them unreclaimable",
            f"threads {stats.threads}, {backend}",
        )
    )
