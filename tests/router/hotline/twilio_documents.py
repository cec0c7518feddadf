"""How the played Twilio follows our TwiML: fetched over HTTP, verb by verb, given up after 15 s or
what the address says."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx

from tests.router.hotline.twilio_line import TwilioLine

if TYPE_CHECKING:
    from tests.router.hotline.fake_twilio import FakeTwilio

SPOKEN = {("cmn-CN", "Polly.Zhiyu-Neural")}
RECOGNISED = {"cmn-Hans-CN"}


class Documents:
    def __init__(self, carrier: FakeTwilio) -> None:
        self.carrier = carrier

    async def follow(self, line: TwilioLine, url: str, params: dict[str, str]) -> None:
        """One document after the other, until the line does something else or is over."""
        while line.state == "talking":
            answer = await self._fetch(line, url, params)
            if answer is None:
                return await self.carrier.ends(line, "failed")
            following = await self._perform(line, answer)
            if following is None:
                return
            url, params = following

    async def _fetch(self, line: TwilioLine, url: str, params: dict[str, str]) -> str | None:
        url, _, fragment = url.partition("#")
        own = dict(parse_qsl(fragment))  # connection overrides: rc tries again, tt ms in all
        ends = self.carrier.clock.now() + timedelta(milliseconds=int(own.get("tt", 15_000)))
        for again in range(1 + int(own.get("rc", 1))):
            left = ends - self.carrier.clock.now()
            if again and left <= timedelta(0):
                break
            try:
                told = {**self.carrier.about(line), **params}
                answer = await self._in_time(self.carrier.post(url, told, again > 0), left)
            except (httpx.HTTPError, OSError):
                continue
            self.carrier.answers.append(answer.status_code)
            if answer.status_code < 300:
                return answer.text
        self.carrier.faults.append(f"11200 {url}")
        return self.carrier.fallback

    async def _in_time(
        self, answer: Coroutine[Any, Any, httpx.Response], most: timedelta
    ) -> httpx.Response:
        """Who has not answered by then is hung up on."""
        asked = asyncio.create_task(answer)
        patience = asyncio.create_task(self.carrier.clock.sleep(most))
        try:
            await asyncio.wait({asked, patience}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise httpx.ReadTimeout("11200")
            return asked.result()
        finally:
            asked.cancel()
            patience.cancel()

    async def _perform(self, line: TwilioLine, text: str) -> tuple[str, dict[str, str]] | None:
        """Where to go on; None: nowhere."""
        for verb in ET.fromstring(text):
            match verb.tag:
                case "Say":
                    self._say(line, verb)
                case "Play":
                    line.heard.append(f"<{verb.text}>")
                case "Gather":
                    if (found := await self._gather(line, verb)) is not None:
                        return verb.attrib["action"], found
                case "Redirect":
                    return str(verb.text), {}
                case "Dial":
                    return await self._dial(line, verb)
                case "Hangup":
                    await self.carrier.ends(line, "normal")
                    return None
                case "Pause" | "Record":
                    await asyncio.sleep(0.01)
        await self.carrier.ends(line, "normal")
        return None

    def _say(self, line: TwilioLine, verb: ET.Element) -> None:
        if (verb.attrib.get("language"), verb.attrib.get("voice")) not in SPOKEN:
            self.carrier.faults.append(f"13520 {verb.attrib}")
        line.heard.append("".join(verb.itertext()))
        if verb.find("prosody[@rate='slow']") is not None:
            line.slowly.append(line.heard[-1])

    async def _gather(self, line: TwilioLine, verb: ET.Element) -> dict[str, str] | None:
        assert set(child.tag for child in verb) <= {"Say", "Play", "Pause"}
        if "speech" in verb.attrib["input"] and verb.attrib["language"] not in RECOGNISED:
            self.carrier.faults.append(f"language {verb.attrib['language']}")
        for child in verb:
            self._say(line, child)
        line.asked = asyncio.get_running_loop().create_future()
        told = await line.asked
        line.asked = None
        if "keys" in told:
            return {"Digits": told["keys"].rstrip("#")}
        if "speech" in told:
            assert "speech" in verb.attrib["input"], "speech is not listened for"
            return {
                "SpeechResult": told["speech"], "Confidence": told["sure"],
                "Language": verb.attrib["language"],
            }  # fmt: skip
        return {} if verb.attrib.get("actionOnEmptyResult") == "true" else None

    async def _dial(self, line: TwilioLine, verb: ET.Element) -> tuple[str, dict[str, str]] | None:
        place = verb.find("Conference")
        if place is None:  # a number: only the static fallback does that
            other = TwilioLine(self.carrier, "".join(verb.itertext()).strip(), "", "")
            other.state = "ringing"
            self.carrier.lines[other.sid] = other
            await asyncio.Event().wait()
        assert place is not None
        line.label, line.out_url = place.attrib["participantLabel"], (
            verb.attrib["action"], verb.attrib.get("hangupOnStar") == "true"
        )  # fmt: skip
        await self.carrier.joins(line, str(place.text), place.attrib["statusCallback"])
        await asyncio.Event().wait()  # until a hang-up, a star or a REST call
        return None
