"""Numbers that people read out, write down and type: nothing in them is misread or misheard."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L


def new_code(prefix: str) -> str:
    """E.g. JY-7KQ2-9XMD: two groups of four, 8·10¹¹ of them to a prefix."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2))
    return "-".join((prefix, *groups))
