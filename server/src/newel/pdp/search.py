"""/access/v1/search/…: which subjects, resources or actions would be permitted (AuthZEN Authorization API 1.0 section 8).

A page token belongs to the caller and to the very same search; at the end it is empty.
"""

import json
from collections.abc import Mapping
from typing import Any

from newel.crypto import base64url
from newel.crypto.hashing import equal
from newel.flows.inquiry import Inquiry, Question
from newel.flows.search import Page, keep_search, permitted_actions, permitted_resources, permitted_subjects
from newel.pdp.reading import Action, Malformed, question, read_action, read_context, read_entity

MOST_RESULTS = 100
MAC_BYTES = 32
ANY_ACTION = Action("*")
"""What stands for the action in the record of a search for actions."""


async def search_subjects(inquiry: Inquiry, body: Mapping[str, Any]) -> dict[str, Any]:
    """The subjects that may do the action to the resource."""
    subject = read_entity(body, "subject", with_id=False)
    asked = question(subject, read_action(body), read_entity(body, "resource"), read_context(body))
    after, limit = _page(inquiry, "subject", body)
    page = await permitted_subjects(inquiry, asked, subject.kind, after, limit)
    return await _told(inquiry, "subject", body, asked, page)


async def search_resources(inquiry: Inquiry, body: Mapping[str, Any]) -> dict[str, Any]:
    """The resources to which the subject may do the action."""
    resource = read_entity(body, "resource", with_id=False)
    asked = question(read_entity(body, "subject"), read_action(body), resource, read_context(body))
    after, limit = _page(inquiry, "resource", body)
    page = await permitted_resources(inquiry, asked, after, limit)
    return await _told(inquiry, "resource", body, asked, page)


async def search_actions(inquiry: Inquiry, body: Mapping[str, Any]) -> dict[str, Any]:
    """The actions that the subject may do to the resource."""
    asked = question(read_entity(body, "subject"), ANY_ACTION, read_entity(body, "resource"), read_context(body))
    after, limit = _page(inquiry, "action", body)
    page = await permitted_actions(inquiry, asked, after, limit)
    return await _told(inquiry, "action", body, asked, page)


async def _told(inquiry: Inquiry, what: str, body: Mapping[str, Any], asked: Question, page: Page) -> dict[str, Any]:
    await keep_search(inquiry, asked, what, page)
    if what == "action":
        results = [{"name": each} for each in page.found]
    else:
        results = [{"type": body[what]["type"], "id": each} for each in page.found]
    return {"results": results, "page": {"next_token": _token(inquiry, what, body, page.behind) if page.behind else ""}}


def _page(inquiry: Inquiry, what: str, body: Mapping[str, Any]) -> tuple[str, int]:
    """Behind which candidate to begin, and how many results are asked for. Malformed for a token that is not ours."""
    page = body.get("page", {})
    if not isinstance(page, dict):
        raise Malformed("page must be an object")
    limit = page.get("limit", MOST_RESULTS)
    if type(limit) is not int or limit < 1:
        raise Malformed("page.limit must be a positive integer")
    token = page.get("token", page.get("next_token", ""))
    if not isinstance(token, str):
        raise Malformed("page.token must be a string")
    return (_after(inquiry, what, body, token) if token else ""), min(limit, MOST_RESULTS)


def _token(inquiry: Inquiry, what: str, body: Mapping[str, Any], after: str) -> str:
    return base64url.encode(_mac(inquiry, what, body, after) + after.encode())


def _after(inquiry: Inquiry, what: str, body: Mapping[str, Any], unverified_token: str) -> str:
    try:
        decoded = base64url.decode(unverified_token)
        after = decoded[MAC_BYTES:].decode()
    except ValueError:
        raise Malformed("page.token is not one of this search") from None
    if not equal(decoded[:MAC_BYTES], _mac(inquiry, what, body, after)):
        raise Malformed("page.token is not one of this search")
    return after


def _mac(inquiry: Inquiry, what: str, body: Mapping[str, Any], after: str) -> bytes:
    """What ties a page to its caller and to all that was asked, the person's token and the page itself left out."""
    asked = {name: body.get(name) for name in ("action", "resource", "context")}
    asked["subject"] = {**body["subject"], "properties": None}
    said = json.dumps([inquiry.caller.id, what, asked, after], sort_keys=True)
    return inquiry.services.vault.mac("search-page", said.encode())
