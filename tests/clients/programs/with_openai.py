"""The package ``openai`` of PyPI."""

from __future__ import annotations

import json
from typing import Any

import openai
from asked import CAPITAL, SCHEMA, STORY, TEXTS, Asked, is_near, tell, too_long

ASKED = Asked.told()


def client(token: str = ASKED.token) -> openai.OpenAI:
    return openai.OpenAI(base_url=ASKED.url, api_key=token, max_retries=0)


def ask(text: str, **more: Any) -> Any:
    messages = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": text}]
    limits = {"temperature": 0, "max_completion_tokens": 24, "seed": 1}
    return client().chat.completions.create(model=ASKED.model, messages=messages, **{**limits, **more})


def models() -> None:
    assert ASKED.model in [each.id for each in client().models.list()]
    assert client().models.retrieve(ASKED.model).id == ASKED.model


def answer() -> None:
    answered = ask(CAPITAL)
    assert "Paris" in answered.choices[0].message.content
    assert answered.usage.prompt_tokens > 10 and answered.usage.completion_tokens > 3


def stream() -> None:
    whole = ask(CAPITAL).choices[0].message.content
    pieces = [each.choices[0].delta.content or "" for each in ask(CAPITAL, stream=True) if each.choices]
    assert "".join(pieces) == whole and len([each for each in pieces if each]) > 2


def figures() -> None:
    *_, last = ask(CAPITAL, stream=True, stream_options={"include_usage": True})
    assert last.choices == [] and last.usage.completion_tokens > 3


def parts() -> None:
    content = [{"type": "text", "text": "What is the capital"}, {"type": "text", "text": " of France?"}]
    answered = client().chat.completions.create(
        model=ASKED.model, messages=[{"role": "user", "content": content}], temperature=0, max_tokens=24
    )
    assert "Paris" in answered.choices[0].message.content


def stop_words() -> None:
    choice = ask(CAPITAL, stop=["Paris"]).choices[0]
    assert "Paris" not in choice.message.content and choice.finish_reason == "stop"


def leave() -> None:
    with ask(STORY, stream=True, max_completion_tokens=2000) as begun:
        next(iter(begun))
    answer()


def schema() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": SCHEMA}}
    answered = ask("Name the capital of France.", response_format=form, max_completion_tokens=60)
    assert set(json.loads(answered.choices[0].message.content)) == {"city"}


def completion() -> None:
    answered = client().completions.create(
        model=ASKED.model, prompt="The capital of France is", temperature=0, max_tokens=8
    )
    assert "Paris" in answered.choices[0].text


def key() -> None:
    try:
        client("wrong").models.list()
    except openai.AuthenticationError:
        return
    raise AssertionError("a wrong token opens it")


def length() -> None:
    try:
        ask(too_long())
    except openai.BadRequestError as problem:
        assert problem.code == "context_length_exceeded", problem.code
        return
    raise AssertionError("it takes what is too long")


def unknown_model() -> None:
    try:
        client().chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": CAPITAL}])
    except openai.NotFoundError as problem:
        assert problem.code == "model_not_found"
        return
    raise AssertionError("it has every model")


def embeddings() -> None:
    answered = client().embeddings.create(model=ASKED.embedding, input=list(TEXTS))
    assert is_near([each.embedding for each in answered.data])


if __name__ == "__main__":
    tell(
        openai.__version__,
        {
            "models": models,
            "answer": answer,
            "stream": stream,
            "figures": figures,
            "parts": parts,
            "stop-words": stop_words,
            "leave": leave,
            "schema": schema,
            "completion": completion,
            "key": key,
            "too-long": length,
            "unknown-model": unknown_model,
            "embeddings": embeddings,
        },
    )
