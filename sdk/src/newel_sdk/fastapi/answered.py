"""Answers that a dependency gives instead of its route."""

from fastapi import FastAPI, Request, Response

from newel_sdk.asgi.answer import Answer


class AnsweredError(Exception):
    """Carries an answer out of a dependency."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(f"answered with status {response.status_code}")


def plain(made: Answer) -> Response:
    """What an answer of any framework is here."""
    return Response(content=made.body, status_code=made.status, headers=dict(made.headers))


async def _answered(request: Request, error: Exception) -> Response:  # ruff: ignore[unused-async] - without await FastAPI would call it in a thread
    del request
    assert isinstance(error, AnsweredError)
    return error.response


def install(app: FastAPI) -> None:
    """Let the application answer for `bearer` dependencies."""
    app.add_exception_handler(AnsweredError, _answered)
