"""`python -m bot.server --models DIR`: Rasa's REST channel and API, on this machine only. It
answers with the model that is chosen in the folder and goes over to another choice without a stop
(bot/follow.py); `--model PATH` stays with that one.

The same as `rasa run --enable-api`, without TensorFlow (bot/no_tensorflow.py), with one promise
more: it serves with its model and its database, or it does not serve at all. Stock Rasa reports
"up and running" after either failed, and answers from an empty memory.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import Any

from bot import follow, heap, models, quiet
from bot.train import ROOT

NEEDED = {
    "ACTION_URL": "动作服务的地址，例如 http://127.0.0.1:5055/webhook",
    "BOT_DATABASE_URL": "对话状态的数据库，例如 sqlite:////var/lib/jieyuan/bot.db",
    "BOT_DATA_KEY": "32 字节密钥的 base64",
    "RASA_TOKEN": "查看对话状态所需的口令",
}


def _refuse(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
    os._exit(1)  # Sanic would swallow an exception of a listener and serve on


def _listener(model: Path, endpoints: Any, folder: Path | None) -> Any:
    from rasa.core.run import load_agent_on_start

    async def load(app: Any, loop: Any) -> None:
        from bot.components.tracker_store import CaseTrackerStore

        try:
            agent = await load_agent_on_start(str(model), endpoints, None, app, loop)
        except Exception as error:
            _refuse(f"对话服务没有启动：{type(error).__name__}")
        if not agent.is_ready():
            _refuse(f"对话服务没有启动：模型 {model.name} 没有装上。")
        if not isinstance(agent.tracker_store, CaseTrackerStore):
            _refuse("对话服务没有启动：连不上 BOT_DATABASE_URL 指的数据库。")
        if not agent.tracker_store.opens_what_is_kept():
            _refuse("对话服务没有启动：BOT_DATA_KEY 打不开已有的对话，请用原来的密钥。")
        heap.freeze()
        if folder:
            app.add_task(follow.follow(app, folder))

    return load


def serve(
    model: Path,
    port: int,
    endpoints_file: Path,
    credentials: Path,
    token: str,
    folder: Path | None = None,
) -> None:
    from rasa.core.run import close_resources, configure_app, create_http_input_channels
    from rasa.core.utils import AvailableEndpoints

    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file))
    app = configure_app(
        create_http_input_channels(None, str(credentials)),
        auth_token=token,
        enable_api=True,
        endpoints=endpoints,
        port=port,
        response_timeout=60,
    )
    app.register_listener(_listener(model, endpoints, folder), "before_server_start")
    app.register_listener(close_resources, "after_server_stop")
    for name in ("sanic.root", "sanic.error", "sanic.access", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
    app.run(host="127.0.0.1", port=port, workers=1, access_log=False, motd=False)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.server", description="对话服务")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--model", type=Path)
    which.add_argument("--models", type=Path, help="模型文件夹：用其中选定的，随选随换")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--endpoints", type=Path, default=ROOT / "bot/endpoints.yml")
    parser.add_argument("--credentials", type=Path, default=ROOT / "bot/credentials.yml")
    asked = parser.parse_args()
    missing = [f"{name}（{what}）" for name, what in NEEDED.items() if not os.environ.get(name)]
    if missing:
        raise SystemExit("缺少环境变量：" + "；".join(missing))
    folder = asked.models and asked.models.resolve()
    choice = models.chosen(folder) if folder else None
    if folder and not choice:
        raise SystemExit(f"{folder} 里还没有选定的模型：请先 ./jieyuan train")
    model = models.file_of(folder, choice.model) if choice else asked.model.resolve()
    if not model.is_file():
        raise SystemExit(f"没有这个模型文件：{model}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    quiet.prepare()
    token = os.environ["RASA_TOKEN"]
    serve(model, asked.port, asked.endpoints, asked.credentials, token, folder)


if __name__ == "__main__":
    main()
