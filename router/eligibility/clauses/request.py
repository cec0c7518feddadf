"""What is asked for, who asks, and whether there is a lawyer already."""

from __future__ import annotations

from router.eligibility.finding import VICTIMS, Case, Finding, Outcome, Unknown, Verdict


def other_service(case: Case) -> Verdict | None:
    """法律援助法 第23条：咨询不看范围和经济条件；调解、公证是另外的服务。"""
    request = case.take("request")
    if request in ("advice", "duty_lawyer"):
        cites = ("LAL 22(1)", "LAL 23")
        case.note(Finding("request.advice", True, cites, "只想咨询"))
        return Verdict(Outcome.CONSULT, cites, "只想咨询")
    if request == "mediation":
        return mediation(case)
    if request == "notarization":
        return notarization(case)
    return None


def mediation(case: Case) -> Verdict:
    """人民调解法 第17条：当事人可以向人民调解委员会申请调解；一方明确拒绝调解的，不得调解。"""
    cites = ("人民调解法 17", "人民调解法 18")
    case.note(Finding("request.mediation", True, cites, "希望调解"))
    see = ("治安管理处罚法(2025) 88",) if case.peek("matter") == "neighbour" else ()
    return Verdict(Outcome.ROUTE, cites, "希望调解", see)


def notarization(case: Case) -> Verdict:
    """公证法 第11条、第31条第4项：当事人之间对申请公证的事项有争议的，不予办理公证。"""
    if case.take("disputed"):
        case.note(Finding("request.disputed", True, ("公证法 31(4)",), "有争议，不能公证"))
        return Verdict(Outcome.ROUTE, ("公证法 31(4)",), "有争议的事项不能公证")
    case.note(Finding("request.notarization", True, ("公证法 11",), "希望办理公证"))
    return Verdict(Outcome.ROUTE, ("公证法 11",), "希望办理公证", ("公证法 25", "LAL 53"))


def not_a_person(case: Case) -> Verdict | None:
    """法律援助法 第2条：为经济困难公民和符合法定条件的其他当事人。个体工商户是自然人(民法典54)。"""
    if case.take("party", "LAL 2") in ("natural_person", "sole_trader"):
        return None
    local = case.law.regions[case.peek("region")] if case.peek("region") else None
    entries = [e.cites for e in local.negative_list if e.refuse.party] if local else []
    own = local.scope.cites[:1] if local and local.scope.kind == "own_rights" else ()
    cites = ("LAL 2", *own, *(cite for row in entries for cite in row))
    case.note(Finding("request.party", True, cites, "申请人是单位，不是个人"))
    return Verdict(Outcome.OUT_OF_SCOPE, cites, "法律援助的对象是个人，不是单位")


def own_lawyer(case: Case) -> Verdict | None:
    """法律援助法 第29、31、33条：没有委托代理人；第48条第1款第6项：自行委托律师的终止。"""
    role = case.take("role")
    if case.peek("lawyer") is None and case.peek("matter") is None and role not in VICTIMS:
        # First what it is about: everything else hangs on it.
        raise Unknown("matter", ("LAL 31", "LAL 32"))
    head = "LAL 29" if role in VICTIMS else "LAL 33" if case.peek("matter") == "retrial" else ""
    article = "LAL 31" if case.peek("apply_date") is None or case.aid_law else "REG2003 10"
    cites = (head or article, "LAL 48(1)(6)")
    if not case.ask("lawyer", *cites):
        case.note(Finding("request.own_lawyer", False, cites, "没有请律师或代理人"))
        return None
    case.note(Finding("request.own_lawyer", True, cites, "已经请了律师或代理人"))
    return Verdict(Outcome.HAS_LAWYER, cites, "已经请了律师或代理人", ("LAL 23",))
