"""Numbers that people read out, write down and type: nothing in them is misread or misheard."""

import secrets

from router import crypto

DIGITS = 6  # of a code to ask with where it stands
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L


def new_code(prefix: str) -> str:
    """E.g. JY-7KQ2-9XMD: two groups of four, 8·10¹¹ of them to a prefix."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2))
    return "-".join((prefix, *groups))


def standing_code(reference: str) -> str:
    """查询码 of a reference: six digits that follow from it and the data key; none is stored."""
    return standing_codes(reference)[0]


def standing_codes(reference: str) -> list[str]:
    """One a data key: what was told under an older one is good still."""
    found = crypto.current().indices(reference, "standing code")
    return [f"{int(one, 16) % 10**DIGITS:0{DIGITS}d}" for one in found]
