"""What is asked of every real server; each check fails where the server cannot do it.

Which of them a server passes stands in ``docs/compatibility.json``, and the README's table is made of that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeAlias

from desktop.common.errors import MessageTooLongError
from desktop.engine.types import BegunAnswer, Finished, FinishReason, Message, Role, Sampling, Token
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.capabilities import Capabilities, look
from desktop.servers.client import ServerClient
from tests.support.asked_servers import NAME, Questions, question


@dataclass(frozen=True)
class Served:
    """What a server was told to serve.

    Attributes:
        model: What it calls its model, which knows the capital of France.
        n_ctx: Of it, in tokens.
    """

    model: str = "smollm2"
    n_ctx: int = 1024


Check: TypeAlias = Callable[[Questions, Served], None]

_GREEDY: Final = Sampling(temperature=0.0, seed=1, max_tokens=24)
_CAPITAL: Final = "What is the capital of France?"


def lists_its_models(asked: Questions, served: Served) -> None:
    assert [each.name for each in _seen(asked).models] == [served.model]


def tells_the_context(asked: Questions, served: Served) -> None:
    assert [each.n_ctx for each in _seen(asked).models] == [served.n_ctx]


def answers(asked: Questions, served: Served) -> None:
    capital = question(_CAPITAL, sampling=_GREEDY)
    answer = asked.ask(capital, model="")
    assert "Paris" in answer and asked.stats.generated_tokens > 3 and asked.stats.ttft_s > 0
    assert asked.ask(capital, model=served.model) == answer
    assert asked.reason is FinishReason.COMPLETE


def ends_at_the_limit(asked: Questions, served: Served) -> None:
    asked.ask(question("Tell me a long story.", sampling=replace(_GREEDY, max_tokens=5)), model=served.model)
    assert asked.reason is FinishReason.LENGTH and asked.stats.generated_tokens in (5, 6)


def stops(asked: Questions, served: Served) -> None:
    request_id = asked.begin(question("Tell me a long story.", sampling=Sampling(seed=1)), model=served.model)
    asked.until(Token)
    asked.answers.cancel(request_id)
    asked.until(Finished)
    assert asked.reason is FinishReason.STOPPED
    assert "Paris" in asked.ask(question(_CAPITAL, sampling=_GREEDY), model=served.model)


def tells_figures(asked: Questions, served: Served) -> None:
    asked.ask(question(_CAPITAL, sampling=_GREEDY), model=served.model)
    assert 10 < asked.stats.prompt_tokens < 60 and 3 < asked.stats.generated_tokens <= 24


def keeps_to_a_schema(asked: Questions, served: Served) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}},
        "required": ["city"],
        "additionalProperties": False,
    }
    limits = replace(_GREEDY, max_tokens=60)
    wanted = question("Name the capital of France.", schema=json.dumps(schema), sampling=limits)
    assert set(json.loads(asked.ask(wanted, model=served.model))) == {"city"}


def says_too_long(asked: Questions, served: Served) -> None:
    error = asked.refused(question("word " * 3 * served.n_ctx), model=served.model)
    assert isinstance(error, MessageTooLongError), error
    # Some count them, some say that there are more than fit: then they are estimated here.
    assert error.room in (served.n_ctx, served.n_ctx - 1) and 3 * served.n_ctx < error.tokens < 4 * served.n_ctx


def goes_on_with_less(asked: Questions, served: Served) -> None:
    turns = tuple(
        Message((Role.USER, Role.ASSISTANT)[number % 2], "word " * (served.n_ctx // 4)) for number in range(6)
    )
    last = Message(Role.USER, _CAPITAL)
    assert asked.ask(question("", messages=(*turns, last), sampling=_GREEDY), model=served.model)


def takes_a_part_of_an_answer(asked: Questions, served: Served) -> None:
    begun = BegunAnswer("The capital of France is")
    assert "Paris" in asked.ask(question(_CAPITAL, begun=begun, sampling=_GREEDY), model=served.model)


def goes_on_exactly(asked: Questions, served: Served) -> None:
    asked.ask(_CAPITAL, model=served.model)  # what the server is comes with the first answer
    begun = BegunAnswer("The capital of France is Par")
    assert asked.ask(question(_CAPITAL, begun=begun, sampling=_GREEDY), model=served.model).startswith("is")


def refuses_a_wrong_key(asked: Questions, served: Served) -> None:
    asked.keys.keep(asked.servers.get(NAME).address, "sk-wrong")
    assert "does not accept the key" in asked.refused(model=served.model).title


def knows_no_other_model(asked: Questions, served: Served) -> None:
    assert "does not have this model" in asked.refused(model="gpt-9").title


CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "models": lists_its_models,
        "context": tells_the_context,
        "answer": answers,
        "limit": ends_at_the_limit,
        "stop": stops,
        "figures": tells_figures,
        "schema": keeps_to_a_schema,
        "too-long": says_too_long,
        "less": goes_on_with_less,
        "continue": takes_a_part_of_an_answer,
        "exactly": goes_on_exactly,
        "key": refuses_a_wrong_key,
        "unknown-model": knows_no_other_model,
    }
)


def _seen(asked: Questions) -> Capabilities:
    office = asked.servers.get(NAME)

    async def ask() -> Capabilities:
        client = ServerClient(office.address, asked.keys.find(office.address), accounts=ProxyAccounts())
        try:
            return await look(client)
        finally:
            await client.aclose()

    return asyncio.run(ask())
