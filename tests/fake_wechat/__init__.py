"""The platform, as its rules say it behaves. Written without a line of the router's: it is the
other side. `./jieyuan demo wechat` shows it to a person (`python -m tests.fake_wechat`).

delivery.py brings messages to the account; interface.py is what the account calls; login.py its
OAuth; page.py a chat for a person."""

from tests.fake_wechat.platform import Platform
from tests.fake_wechat.state import FAULT, Official, Shown
from tests.fake_wechat.wire import decrypted, encrypted, sha1, to_xml

__all__ = ["FAULT", "Official", "Platform", "Shown", "decrypted", "encrypted", "sha1", "to_xml"]
