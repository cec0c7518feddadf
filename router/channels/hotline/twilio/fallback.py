"""What callers hear while we are down: a static document at another host's address."""

from twilio.twiml.voice_response import VoiceResponse

from router.channels.hotline.twilio.twiml import SPEAKS, VOICE

DOWN = "系统正在维护，现在为您转接值班手机。有危险，请挂机后拨打 110。"
BUSY = "值班手机没有接通，请过一会儿再拨。有危险请马上拨打 110。"


def document(mobile: str, caller_id: str) -> str:
    response = VoiceResponse()
    response.say(DOWN, language=SPEAKS, voice=VOICE)
    response.dial(mobile, caller_id=caller_id, timeout=30)
    response.say(BUSY, language=SPEAKS, voice=VOICE)
    return str(response)
