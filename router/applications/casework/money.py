"""Yuan as people write them, to whole 分 and back."""

import re
import unicodedata

MOST = 10**13  # 分: a hundred billion yuan


def fen(text: str) -> int | None:
    """None: it is no amount. 0 where nothing was written."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip().removesuffix("元").strip()
    if not plain:
        return 0
    found = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?", plain)
    if not found:
        return None
    amount = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
    return amount if amount <= MOST else None


def yuan(amount: int) -> str:
    """5900050 分 → 59,000.50; whole yuan without the dot."""
    whole, rest = divmod(amount, 100)
    return f"{whole:,}.{rest:02}" if rest else f"{whole:,}"
