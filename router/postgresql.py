"""What is set of a connection to PostgreSQL on our own side."""

import socket
from typing import Any

# As the server has it of us, see db.py: else a machine that was cut off for a while waits for ever
# for answers whose sender has long hung up.
LEFT = {
    "TCP_KEEPIDLE": 2,  # s
    "TCP_KEEPINTVL": 1,
    "TCP_KEEPCNT": 2,
    "TCP_USER_TIMEOUT": 4000,  # ms
}


def notice(connection: Any, _record: Any) -> None:
    """For SQLAlchemy's event "connect": asyncpg has no setting for it."""
    line = connection.driver_connection._transport.get_extra_info("socket")
    if line.family == socket.AF_UNIX:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in LEFT.items():
        if hasattr(socket, name):  # not everywhere
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
