"""Where the relays and consumers of this process are, for Prometheus."""

from prometheus_client import Counter, Gauge

RELAY_POSITION = Gauge(
    "keqing_relay_position", "Log position up to which the others have been told", ["context"]
)
RELAY_LEADS = Gauge("keqing_relay_leads", "1 where this process is the one that relays", ["context"])
RELAY_PUBLISHED = Counter("keqing_relay_published_total", "Messages that NATS has acknowledged", ["context"])
RELAY_FAILURES = Counter("keqing_relay_failures_total", "Interruptions of the relay", ["context", "reason"])
CONSUMER_POSITION = Gauge(
    "keqing_consumer_position", "Position in the source's log that was taken in", ["context", "source"]
)
CONSUMER_TAKEN = Counter("keqing_consumer_taken_total", "Messages taken in", ["context", "source"])
CONSUMER_FAILURES = Counter(
    "keqing_consumer_failures_total", "Interruptions of a consumer", ["context", "source", "reason"]
)
CONSUMER_GAPS = Counter(
    "keqing_consumer_gaps_total", "Times that a predecessor was missing", ["context", "source"]
)
PARKED = Gauge("keqing_parked_messages", "Messages that wait for a decision", ["context", "source"])
