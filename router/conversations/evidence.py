"""What a stranger's file is by its content, and how it is kept: encrypted, bound to its row."""

from router.crypto import current

MAX_BYTES = 10 * 1024 * 1024

# By content, not by name: what a lawyer's browser opens must be what it says.
_SIGNS = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"#!AMR", 0, "audio/amr"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"ftyp", 4, "video/mp4"),
    (b"%PDF-", 0, "application/pdf"),
)


def mime_of(content: bytes) -> str | None:
    for sign, at, mime in _SIGNS:
        if content[at : at + len(sign)] == sign:
            return mime
    return None


def seal(evidence_id: str, content: bytes) -> bytes:
    return current().seal_bytes(content, f"evidence:{evidence_id}")


def unsealed(evidence_id: str, sealed: bytes) -> bytes:
    return current().open_bytes(sealed, f"evidence:{evidence_id}")
