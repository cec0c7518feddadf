"""Names of people and firms as the conflict check compares them."""

import unicodedata

from router import crypto


def normalised(name: str) -> str:
    """Letters and digits alone: full width, spaces, brackets and the dot of 阿卜杜·买买提 differ
    from writer to writer, and so does the long form of 有限公司."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    letters = "".join(letter for letter in plain if letter.isalnum())
    return letters.replace("有限责任公司", "有限公司")


def name_indices(name: str) -> list[str]:
    """Blind indices of a name, the current key's first: store the first, look for any."""
    return crypto.current().indices(normalised(name), "name")
