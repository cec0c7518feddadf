"""What the reviewer's page of an application says of it, beside the form itself."""

from router.applications import assigning, blocks, lanes
from router.applications.models import Application, Ask
from router.applications.status import NEXT, State
from router.parts import Parts
from router.web import words
from router.web.applytyped import is_told


def kind(one: Application) -> str:
    """What an organ notified; empty: somebody has applied."""
    told = lanes.known().kinds.get(str(one.notice.get("kind") or ""))
    return told.label if told else ""


def may(it: Application) -> set[str]:
    """What the reviewer may decide here; what has its own form is not among it."""
    own = {State.ACCEPTED} if State(it.status) in (State.SUPPLEMENT, State.ASSIGNED) else set()
    if it.lane == lanes.APPLIED:
        own.add(State.RETURNED)
    return {one.value for one in NEXT[State(it.status)] - own}


def shown(it: Application) -> list[tuple[str, list[tuple[str, str]]]]:
    """Title and rows of each part; nothing before its owner let it be read."""
    if not is_told(it):
        return []
    if it.lane == lanes.APPLIED:
        return blocks.shown(it.form)
    rows = [("姓名", str(it.form["name"])), ("证件号码", str(it.form["id_number"] or "—"))]
    return [("被追诉人", rows)]


def asked(ask: Ask | None, found: list[assigning.Candidate]) -> dict[str, str] | None:
    """Who is asked now, and until when."""
    if ask is None:
        return None
    whom = [one.name if ask.lawyer_id else one.firm for one in found
            if one.id == ask.lawyer_id or (ask.firm_id and one.firm_id == ask.firm_id)]  # fmt: skip
    return {"id": ask.id, "whom": whom[0] if whom else "", "until": words.day_time(ask.answer_by)}


def firms(found: list[assigning.Candidate]) -> list[tuple[str, str]]:
    """Id and name, in the turn of their lawyers."""
    return list(dict.fromkeys((one.firm_id, one.firm) for one in found if one.firm_id))


def titles(p: Parts, cites: tuple[str, ...]) -> list[tuple[str, str]]:
    """Articles in words, to choose from."""
    known = p.law.articles
    return [(cite, f"{known[cite].title}：{known[cite].text}") for cite in cites if cite in known]
