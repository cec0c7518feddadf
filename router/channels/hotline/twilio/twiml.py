"""A script as TwiML, by the library's builder. Traps: docs/hotline.md."""

from dataclasses import dataclass

from twilio.twiml.voice_response import Gather, VoiceResponse

from router.channels.hotline.port import Script

SPEAKS, VOICE = "cmn-CN", "Polly.Zhiyu-Neural"
HEARS = "cmn-Hans-CN"  # the recogniser's name of it, not the voice's
PAUSE_S = 2  # of silence that ends a sentence; "auto" cuts the old at their first breath
HINTS = "法律援助,欠薪,工伤,离婚,抚养费,赡养费,家暴,交通事故,劳动仲裁,值班律师,转人工"


@dataclass(frozen=True)
class Addresses:
    """Where the carrier asks next: all on our public address."""

    said: str  # what was heard
    out: str  # out of the room
    room: str  # what happens in it
    again: str  # no script yet


def render(script: Script, leg_id: str, room: str, to: Addresses) -> str:
    response = VoiceResponse()
    if script.then == "listen":
        gather = Gather(
            input="dtmf speech" if script.speech else "dtmf",
            language=HEARS,
            num_digits=script.keys if script.keys == 1 else None,
            finish_on_key="#" if script.keys > 1 else "",
            timeout=script.seconds,
            speech_timeout=PAUSE_S if script.speech else None,
            profanity_filter=False,  # it would mask evidence
            hints=HINTS if script.speech else None,
            action=to.said,
            method="POST",
            action_on_empty_result=True,
        )
        _say(gather, script)
        response.append(gather)
    else:
        _say(response, script)
    if script.then == "hang_up":
        response.hangup()
    if script.then == "join":
        dial = response.dial(action=to.out, method="POST", hangup_on_star=script.menu)
        dial.conference(
            room,
            participant_label=leg_id,
            beep=False,
            start_conference_on_enter=True,
            end_conference_on_exit=False,  # who ends it is ours to say
            wait_url="",
            status_callback=to.room,
            status_callback_event="start end join leave hold",
        )
    return str(response)


def not_yet(to: Addresses) -> str:
    """The answer is still being thought about."""
    response = VoiceResponse()
    response.pause(length=1)
    response.redirect(to.again, method="POST")
    return str(response)


def gone() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)


def _say(verb: VoiceResponse | Gather, script: Script) -> None:
    for sentence in script.say:
        said = verb.say("" if script.slow else sentence, language=SPEAKS, voice=VOICE)
        if script.slow:
            said.prosody(sentence, rate="slow")
            said.break_(time="600ms")
