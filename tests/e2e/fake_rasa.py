"""A Rasa of a few lines for tests of the pages: its REST webhook, its tracker, one scripted case.

It calls the real router as the real actions do, so that screening and tickets are real.
"""

import asyncio
import os
import re
from collections import defaultdict
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request

Json = dict[str, Any]
ROUTER = os.environ["ROUTER_URL"]
HEADERS = {"Authorization": f"Bearer {os.environ['SERVICE_TOKEN']}"}

app = FastAPI()
facts: dict[str, Json] = defaultdict(dict)
events: dict[str, list[Json]] = defaultdict(list)
PERSON = [{"title": "找值班律师", "payload": "找值班律师"}]
LABELS = {
    "wages": "labour_pay", "support": "support_custody", "private_loan": "debt",
    "domestic_violence": "domestic_violence", None: "labour_pay",
}  # fmt: skip
MEDIATION = [{"title": "找人民调解", "payload": "找人民调解"}]


@app.get("/version")
async def version() -> Json:
    return {"version": "3.6.21"}


@app.get("/conversations/{sender}/tracker")
async def tracker(sender: str) -> Json:
    return {"sender_id": sender, "events": events[sender]}


@app.post("/webhooks/rest/webhook")
async def webhook(request: Request) -> list[Json]:
    said = await request.json()
    sender, text = said["sender"], said["message"]
    replies = await answer(sender, text, said["metadata"]["message_id"])
    events[sender].append({"event": "user", "text": text, "metadata": said["metadata"]})
    for reply in replies:
        events[sender].append({"event": "bot", "text": reply.get("text"), "data": reply})
    return [{"recipient_id": sender, **reply} for reply in replies]


async def answer(sender: str, text: str, message_id: str) -> list[Json]:
    told = facts[sender]
    if "慢慢想" in text:
        await asyncio.sleep(2)
        return [{"text": "想好了。"}]
    if ("律师" in text and "找" in text) or text == "转人工":
        return await ticket(sender, message_id)
    if "墙" in text:
        return await quarrel(sender, message_id, text)
    if text == MEDIATION[0]["payload"]:
        return await ticket(sender, message_id, "mediation")
    if "工资" in text:
        told.update(matter="wages", party="natural_person")
    elif "赡养" in text:
        told.update(matter="support", party="natural_person", applicant_by="child", lawyer=False)
        told.update(age=72, mental_capacity="impaired", violence="none")
    elif "借了我" in text:
        told.update(matter="private_loan", party="natural_person", lawyer=False, violence="none")
    elif "打我" in text:
        told.update(matter="domestic_violence", party="natural_person", lawyer=False)
        told.update(violence="suffered", danger="none")
    elif text == "没有请":
        told["lawyer"] = False
    elif amount := re.search(r"每人(\d+)元", text):
        told["income_pc"] = int(amount[1])
    else:
        return [{"text": f"收到:{text}"}]
    return await screen(sender, message_id)


async def screen(sender: str, message_id: str) -> list[Json]:
    matter = facts[sender].get("matter")
    body = {
        "conversation": sender.partition("-")[0],
        "message_id": message_id,
        "facts": facts[sender],
        "label": LABELS[matter],
        "details": {"amount": 59000} if matter == "wages" else {},
    }
    decision = await call("screenings", body)
    wanted = decision["next_question"]
    if wanted == "lawyer":
        buttons = [{"title": t, "payload": t} for t in ("没有请", "已经请了")]
        return [{"text": "您自己请律师了吗?", "buttons": buttons}]
    if wanted:
        buttons = [{"title": "每人800元", "payload": "每人800元"}]
        return [{"text": f"家里平均每人每月收入多少?({wanted})", "buttons": buttons}]
    shown = {name: decision[name] for name in ("outcome", "articles", "route", "warn", "basis")}
    return [
        {"text": decision["summary"] + "您看怎么办?", "buttons": PERSON},
        {"custom": {"kind": "decision", **shown, "detail": ""}},  # cut in two, as Rasa does
    ]


async def quarrel(sender: str, message_id: str, text: str) -> list[Json]:
    body = {
        "conversation": sender.partition("-")[0],
        "message_id": message_id,
        "facts": {"request": "mediation"},
        "label": "neighbour_property",
        "details": {"note": text},
    }
    await call("screenings", body)
    return [{"text": "这类事可以请人民调解，不收费。", "buttons": MEDIATION}]


async def ticket(sender: str, message_id: str, where: str = "duty_lawyer") -> list[Json]:
    body = {
        "conversation": sender.partition("-")[0],
        "message_id": message_id,
        "destination": where,
        "note": None,
    }
    return [{"text": (await call("tickets", body))["text"], "custom": {"kind": "ticket"}}]


async def call(what: str, body: Json) -> Json:
    async with httpx.AsyncClient(base_url=ROUTER, headers=HEADERS, trust_env=False) as http:
        response = await http.post(f"/internal/{what}", json=body, timeout=10)
        response.raise_for_status()
        found: Json = response.json()
        return found


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning")
