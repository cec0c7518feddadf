"""In Rasa's process: goes over to the model that is chosen, while turns are under way.

The new model is loaded beside the old one in a thread, over the same tracker store and locks, and
then takes its place; a turn that has begun ends with the model it began with. Rasa's own
`PUT /model` loads in the event loop, where every turn waits for it, and opens a database anew.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from bot import heap, models

LOOK = 0.5  # seconds between looks at the choice
log = logging.getLogger(__name__)


async def follow(app: Any, folder: Path) -> None:
    answers = Path(app.ctx.agent.processor.model_path).name.removesuffix(".tar.gz")
    told = refused = None
    while True:
        try:
            if told != (answers, refused):
                models.say_answering(folder, answers, refused)
                told = answers, refused
            choice = models.chosen(folder)
            if choice and choice.model not in (answers, refused):
                refused = choice.model  # unless it turns out well
                app.ctx.agent = await asyncio.to_thread(
                    load_beside, app.ctx.agent, models.file_of(folder, choice.model)
                )
                answers, refused = choice.model, None
                heap.freeze()
                continue
        except Exception as error:  # whatever is wrong with the new one, the old one goes on
            log.error("model.not_taken %s", type(error).__name__)
        await asyncio.sleep(LOOK)


def load_beside(agent: Any, model: Path) -> Any:
    """Another agent with this model and the stores of the first."""
    from rasa.core.agent import Agent

    fresh = Agent(
        domain=agent.domain,  # the store's, until the new one is there
        tracker_store=agent.tracker_store,
        lock_store=agent.lock_store,
        action_endpoint=agent.action_endpoint,
    )
    fresh.load_model(model)
    return fresh
