"""The epoch, watched while the application runs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from newel_sdk.guard.core import Guard


@asynccontextmanager
async def polling(guard: Guard) -> AsyncGenerator[None]:
    """Poll the guard's epoch (when it watches one) for as long as the block runs: for an application's lifespan."""
    if guard.epoch is None:
        yield
        return
    task = asyncio.create_task(guard.epoch.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
