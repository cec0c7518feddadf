"""python on_werobot.py PORT THREADS URL: an account on werobot, whose handler asks the dialogue."""

import sys
import urllib.request

from werobot import WeRoBot

port, threads, dialogue = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
robot = WeRoBot(
    token="demoToken12348",
    app_id="wxdemo0000000001",
    encoding_aes_key="Q7mZx2Lr9TnVb4KcWd8YpHs3JfGa6EuR1oXiNt5Bq0v",
    SESSION_STORAGE=False,
)


@robot.text
def answer(message):
    asked = urllib.request.Request(dialogue, data=message.content.encode(), method="POST")
    with urllib.request.urlopen(asked, timeout=60) as answered:
        return answered.read().decode()


robot.wsgi.run(server="waitress", host="127.0.0.1", port=port, threads=threads, quiet=True)
