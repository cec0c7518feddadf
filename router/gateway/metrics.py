"""What the gateway counts. Never a conversation's id: labels are few and fixed."""

from prometheus_client import Counter, Histogram

BUCKETS = (0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 20, 40)

MESSAGES = Counter("jieyuan_messages_total", "Citizens' messages", ["channel", "duplicate"])
DANGER = Counter("jieyuan_danger_total", "Messages that brought up 110", ["kind"])
TURNS = Histogram("jieyuan_turn_seconds", "Message stored to answer stored", buckets=BUCKETS)
TROUBLES = Counter("jieyuan_bot_troubles_total", "Turns the bot did not answer", ["because"])
LATE_REPLIES = Counter("jieyuan_late_replies_total", "The bot's words after a lawyer took over")
TAKEN_OVER = Counter("jieyuan_turns_taken_over_total", "Turns begun by a process that went away")
