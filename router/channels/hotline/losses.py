"""Any leg may drop at any moment: what happens then, as a table. The first row that fits holds."""

from dataclasses import dataclass
from enum import StrEnum

from router.channels.hotline.states import Role


class Do(StrEnum):
    STAY = "stay"  # who is left hears `say` and goes on talking
    AGAIN = "again"  # the same number is rung once more; who is left hears `say`
    ASK = "ask"  # the citizen may have the one who is gone back with a key
    QUEUE = "queue"  # the citizen waits for a duty lawyer, before ordinary calls
    BOT = "bot"  # the citizen talks with the assistant again
    WRAP_UP = "wrap_up"  # the lawyer presses the outcome
    RING_BACK = "ring_back"  # the citizen is rung at once; who is left hears `say`
    CALL_BACK = "call_back"  # a duty lawyer is to call the citizen; who is left hears `say`
    HAND_ON = "hand_on"  # as CALL_BACK, and who is left hears the citizen's number and talks on
    END = "end"  # who is left hears `say`, if anything, and the line is closed


@dataclass(frozen=True)
class Row:
    lost: Role
    left: frozenset[Role]  # they at least are still on the line
    do: Do
    say: str = ""
    abrupt: bool = False  # only for a leg that failed, or was never answered; and only once
    owed: bool = False  # only for a citizen with whom nobody has talked yet, or who was promised it


R, D = Role, Do
_POLICE_AGAIN = "110 没有接通，正在重新拨打，请不要挂机。您也可以马上用另一部电话直接拨打 110。"
_OWN_PHONE = (
    "110 两次没有接通。请先到安全的地方，马上用自己的电话直接拨打 110。我们同时为您找值班律师。"
)


def _row(lost: Role, left: set[Role], do: Do, say: str = "", **only: bool) -> Row:
    return Row(lost, frozenset(left), do, say, **only)


TABLE: tuple[Row, ...] = (
    _row(R.CALLER, {R.POLICE}, D.HAND_ON, "来电人断线了。"),
    _row(R.CALLER, {R.LAWYER, R.OPERATOR}, D.STAY, "当事人断线了，两位可以继续商量。"),
    _row(R.CALLER, {R.LAWYER, R.ORGAN}, D.STAY, "当事人断线了，两位可以继续商量。"),
    _row(R.CALLER, {R.LAWYER}, D.RING_BACK, "当事人刚挂断，正在给当事人回电，请稍候。", owed=True),
    _row(R.CALLER, {R.LAWYER}, D.WRAP_UP, "当事人已经挂断，或者没有接听。"),
    _row(
        R.CALLER, {R.OPERATOR}, D.CALL_BACK, "当事人断线了，我们会安排值班律师回电。感谢您，再见。"
    ),
    _row(R.CALLER, {R.ORGAN}, D.CALL_BACK, "当事人断线了。感谢您，再见。"),
    _row(R.CALLER, set(), D.CALL_BACK),
    _row(R.LAWYER, {R.CALLER, R.POLICE}, D.STAY, "律师断线了，110 还在线上，请继续说。"),
    _row(R.LAWYER, {R.CALLER, R.ORGAN}, D.STAY),
    _row(R.LAWYER, {R.CALLER, R.OPERATOR}, D.QUEUE, "律师断线了，正在找下一位律师，请稍候。"),
    _row(R.LAWYER, {R.CALLER}, D.AGAIN, "律师的电话没有连上，正在重拨，请不要挂机。", abrupt=True),
    _row(R.LAWYER, {R.CALLER}, D.ASK, "律师不在线上了。"),
    _row(R.LAWYER, {R.OPERATOR}, D.END, "律师断线了，当事人也不在线上。再见。"),
    _row(R.LAWYER, {R.POLICE}, D.STAY, "律师断线了。"),
    _row(R.LAWYER, {R.ORGAN}, D.END, "当事人和律师都不在线上了。再见。"),
    _row(R.LAWYER, set(), D.END),
    _row(R.OPERATOR, {R.CALLER, R.LAWYER}, D.STAY),
    _row(R.OPERATOR, {R.CALLER, R.POLICE}, D.STAY),
    _row(R.OPERATOR, {R.CALLER}, D.QUEUE, "110 接线员已经离开，请您继续等律师。"),
    _row(R.OPERATOR, {R.LAWYER}, D.WRAP_UP, "110 那边已经挂断。"),
    _row(R.OPERATOR, set(), D.CALL_BACK),
    _row(R.POLICE, {R.CALLER, R.LAWYER}, D.AGAIN, _POLICE_AGAIN, abrupt=True),
    _row(R.POLICE, {R.CALLER}, D.AGAIN, _POLICE_AGAIN, abrupt=True),
    _row(R.POLICE, {R.CALLER, R.LAWYER}, D.STAY, "110 已经离线。还需要报警，请直接拨打 110。"),
    _row(R.POLICE, {R.CALLER, R.OPERATOR}, D.STAY, "110 已经离线。"),
    _row(R.POLICE, {R.CALLER, R.ORGAN}, D.STAY, "110 已经离线。"),
    _row(R.POLICE, {R.CALLER}, D.ASK, "110 已经离线。"),
    _row(R.POLICE, {R.LAWYER}, D.WRAP_UP, "110 已经离线。"),
    _row(R.POLICE, set(), D.END),
    _row(R.ORGAN, {R.CALLER, R.LAWYER}, D.STAY, "对方没有接通，或者已经离线。"),
    _row(R.ORGAN, {R.CALLER, R.POLICE}, D.STAY),
    _row(R.ORGAN, {R.CALLER, R.OPERATOR}, D.STAY),
    _row(R.ORGAN, {R.CALLER}, D.ASK, "对方已经离线。"),
    _row(R.ORGAN, {R.LAWYER}, D.WRAP_UP, "对方已经离线。"),
    _row(R.ORGAN, set(), D.END),
)
NEVER_REACHED = {R.POLICE: _row(R.POLICE, {R.CALLER}, D.QUEUE, _OWN_PHONE)}  # twice


def row_for(
    lost: Role, left: frozenset[Role], *, abrupt: bool, tries: int, reached: bool, owed: bool
) -> Row:
    """`tries`: how often this person was rung; `reached`: the lost leg had been answered; `owed`:
    it was a citizen who has hung up before anybody could talk with them."""
    if not reached and tries > 1 and R.CALLER in left and R.LAWYER not in left:
        if row := NEVER_REACHED.get(lost):
            return row
    for row in TABLE:
        fits = row.lost == lost and row.left <= left
        if fits and (owed or not row.owed) and (not row.abrupt or (abrupt and tries == 1)):
            return row
    raise LookupError(lost)  # each role has a row that asks nobody to be left
