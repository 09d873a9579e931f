"""FastAPI: `bearer(check)` for a JSON API, `Pages` for an application whose people sit at a browser.

A route takes its values from `allowed.fields`, not from Form parameters: what was checked is what is executed.
"""

from newel_sdk.fastapi.answered import AnsweredError, install
from newel_sdk.fastapi.bearer import Dependency, bearer
from newel_sdk.fastapi.pages import Pages
from newel_sdk.fastapi.refused import Refused, plain_page
from newel_sdk.fastapi.sessions import Sessions

__all__ = ["AnsweredError", "Dependency", "Pages", "Refused", "Sessions", "bearer", "install", "plain_page"]
