"""Counters of the channel; no follower is named."""

from prometheus_client import Counter, Histogram

RECEIVED = Counter("jieyuan_wechat_received_total", "What the platform delivered", ["kind"])
REFUSED = Counter("jieyuan_wechat_wrong_total", "Requests that were not the platform's")
SENT = Counter("jieyuan_wechat_sent_total", "Customer-service messages", ["how"])
ANSWERED = Histogram(
    "jieyuan_wechat_answer_seconds",
    "From the platform's request to our answer",
    buckets=(0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 2, 5),
)
