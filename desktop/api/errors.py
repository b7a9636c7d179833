"""What a program is told when its request cannot be met, in the form that OpenAI's servers use.

``{"error": {"message": ..., "type": ..., "param": ..., "code": ...}}`` with the status that belongs to it.
"""

from __future__ import annotations

from typing import Any, Final

from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.engine.schema.reading import SchemaError

INVALID, AUTHENTICATION, PERMISSION = "invalid_request_error", "authentication_error", "permission_error"
NOT_FOUND, LIMITED, SERVER, AWAY = "not_found_error", "rate_limit_error", "server_error", "service_unavailable"
# Seconds after which whoever was refused for want of room may ask again.
_AGAIN_S: Final = 5


class ApiError(Exception):
    """A request that is refused.

    Attributes:
        status: Of HTTP.
        message: A sentence for whoever writes or runs the program.
        kind: One of the types above.
        param: Which field is meant; None: none.
        code: What a program can tell it by; None: nothing.
        headers: That belong to it, names in lower case.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = INVALID,
        param: str | None = None,
        code: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = headers

    def document(self) -> dict[str, Any]:
        """Returns what is sent."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """Returns the refusal of a request that makes no sense."""
    return ApiError(400, message, param=param, code=code)


def unsupported(param: str, why: str) -> ApiError:
    """Returns the refusal of something that OpenAI's servers can and this one cannot."""
    return ApiError(400, f"'{param}' is not supported: {why}", param=param, code="unsupported_parameter")


def unknown_model(name: str) -> ApiError:
    """Returns the refusal of a model that is not there."""
    message = f"The model '{name[:200]}' does not exist here. GET /v1/models lists those that do."
    return ApiError(404, message, kind=NOT_FOUND, param="model", code="model_not_found")


def too_many() -> ApiError:
    """Returns the refusal where more requests wait than are kept waiting."""
    return ApiError(
        429,
        "Too many requests wait already. Try again in a while.",
        kind=LIMITED,
        code="rate_limit_exceeded",
        headers=(("retry-after", str(_AGAIN_S)),),
    )


def unavailable(message: str, code: str) -> ApiError:
    """Returns the refusal of what may be possible later."""
    return ApiError(503, message, kind=AWAY, code=code, headers=(("retry-after", str(_AGAIN_S)),))


def of_engine(problem: UserFacingError) -> ApiError:
    """Returns what a program is told of a request that the engine could not meet."""
    if isinstance(problem, MessageTooLongError):
        message = (
            f"This model's context has room for {problem.room} tokens besides the answer, and the messages take "
            f"{problem.tokens}. Shorten them, ask for fewer tokens, or choose a larger context in Catnap's settings."
        )
        return ApiError(400, message, param="messages", code="context_length_exceeded")
    if isinstance(problem, SchemaError):
        return invalid(str(problem), "response_format", "invalid_json_schema")
    return ApiError(500, str(problem), kind=SERVER, code="engine_error")
