"""Every way in by telephone: the carriers' webhooks, and 110's desks."""

from fastapi import APIRouter

from router.channels.hotline import transfers
from router.channels.hotline.cti import endpoints as cti
from router.channels.hotline.twilio import endpoints as twilio

api = APIRouter()
api.include_router(twilio.api)
api.include_router(cti.api)
api.include_router(transfers.api)
