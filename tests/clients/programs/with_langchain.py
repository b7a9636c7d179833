"""The package ``langchain-openai`` of PyPI."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import openai
from asked import CAPITAL, SCHEMA, STORY, TEXTS, Asked, is_near, tell, too_long
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import SecretStr

ASKED = Asked.told()


def model(token: str = ASKED.token, **more: Any) -> ChatOpenAI:
    limits = {"model": ASKED.model, "temperature": 0, "max_tokens": 24, "seed": 1, "max_retries": 0}
    return ChatOpenAI(base_url=ASKED.url, api_key=SecretStr(token), stream_usage=True, **{**limits, **more})


def answer() -> None:
    answered = model().invoke([("system", "Be brief."), ("human", CAPITAL)])
    assert "Paris" in answered.content and answered.usage_metadata["output_tokens"] > 3


def stream() -> None:
    pieces = [each.content for each in model().stream(CAPITAL)]
    assert "Paris" in "".join(pieces) and len([each for each in pieces if each]) > 2


def figures() -> None:
    told = [each.usage_metadata for each in model().stream(CAPITAL) if each.usage_metadata]
    assert sum(each["output_tokens"] for each in told) > 3


def stop_words() -> None:
    answered = model().invoke(CAPITAL, stop=["Paris"])
    assert "Paris" not in answered.content


def leave() -> None:
    begun = model(max_tokens=2000).stream(STORY)
    next(begun)
    begun.close()
    answer()


def schema() -> None:
    form = {"title": "city", "description": "A city.", **SCHEMA}
    asked = model(max_tokens=60).with_structured_output(form, method="json_schema", strict=True)
    assert set(asked.invoke("Name the capital of France.")) == {"city"}


def key() -> None:
    try:
        model("wrong").invoke(CAPITAL)
    except openai.AuthenticationError:
        return
    raise AssertionError("a wrong token opens it")


def length() -> None:
    try:
        model().invoke(too_long())
    except openai.BadRequestError as problem:
        assert problem.code == "context_length_exceeded", problem.code
        return
    raise AssertionError("it takes what is too long")


def unknown_model() -> None:
    try:
        model(model="gpt-9").invoke(CAPITAL)
    except openai.NotFoundError:
        return
    raise AssertionError("it has every model")


def embeddings() -> None:
    # Without the check of lengths, for which it would cut texts by the vocabulary of OpenAI's own models.
    asked = OpenAIEmbeddings(
        base_url=ASKED.url, api_key=SecretStr(ASKED.token), model=ASKED.embedding, check_embedding_ctx_length=False
    )
    assert is_near(asked.embed_documents(list(TEXTS)))


if __name__ == "__main__":
    tell(
        version("langchain-openai"),
        {
            "answer": answer,
            "stream": stream,
            "figures": figures,
            "stop-words": stop_words,
            "leave": leave,
            "schema": schema,
            "key": key,
            "too-long": length,
            "unknown-model": unknown_model,
            "embeddings": embeddings,
        },
    )
