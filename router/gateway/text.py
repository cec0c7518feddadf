"""A citizen's words: what is kept of them, and what of them Rasa may see."""

import re
import unicodedata

from router.errors import EmptyMessage, TooLarge

KEPT_MAX_CHARS = 10_000  # a letter of ten pages; more is refused, not cut

# Cc but line break and tab, and halves of surrogate pairs, which no database stores.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LOOKS_EMPTY = set("\u115f\u1160\u2800\u3164\uffa0")  # letters by category, blank to the eye
_PERSON = re.compile(
    r"^(人工|真人)(服务|客服|坐席)?$"
    r"|(转|找|要|接|换|叫|联系)(个|位|一下|到|接)?(人工|真人|活人|律师)(?!费|函|证|事务所|协会)"
)


def clean(text: str) -> str:
    """The text as it is stored. Raises EmptyMessage when a reader would see nothing, TooLarge."""
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > KEPT_MAX_CHARS:
        raise TooLarge(chars=len(text))
    if all(_unseen(char) for char in text):
        raise EmptyMessage()
    return text


def for_bot(text: str, at_most: int) -> str:
    """Never a command: to Rasa a text that starts with a slash sets slots or wipes the case."""
    start = next((i for i, char in enumerate(text) if not _unseen(char)), len(text))
    text = text[start : start + at_most]
    if unicodedata.normalize("NFKC", text[:1]) == "/":
        return "／" + text[1:]
    return text


def wants_person(text: str) -> bool:
    """转人工 and its like, for when the bot cannot be asked what was meant."""
    said = re.sub(r"[\W_]+", "", text)
    return len(said) <= 15 and _PERSON.search(said) is not None


def _unseen(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind[0] in "ZC" or kind == "Mn" or char in _LOOKS_EMPTY
