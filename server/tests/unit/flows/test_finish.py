"""What an interaction ends with."""

from typing import Any, cast

import pytest

from newel.domain.interaction import Interaction, Purpose
from newel.flows.finish import finish

NOTHING = cast("Any", None)


async def test_only_an_authorization_interaction_ends_with_a_code() -> None:
    changing = Interaction(id="i", purpose=Purpose.ACCOUNT, browser_hash=b"", created_at=1, expires_at=2)
    with pytest.raises(ValueError, match="only an authorization interaction"):
        await finish(NOTHING, changing, NOTHING, NOTHING, None, 1, record=NOTHING)
