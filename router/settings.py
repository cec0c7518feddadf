"""Every setting of the router: typed, with its unit and the reason for its default.

Values come from the environment. `JIEYUAN_ENV=production` refuses demo data and default secrets.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, SecretStr
from pydantic_settings import BaseSettings

ROOT = Path(__file__).resolve().parent.parent


def _plain_seconds(value: object) -> object:
    """60 and 0.5 mean seconds; pydantic alone wants PT60S."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


Span = Annotated[timedelta, BeforeValidator(_plain_seconds)]


class MissingSettings(ValueError):
    """Production was asked for, and these settings are absent or still the demonstration's."""


class Settings(BaseSettings):
    JIEYUAN_ENV: Literal["demo", "production"] = "demo"
    STATE_DIR: Path = ROOT / ".jieyuan"  # database, keys, models, logs
    DATABASE_URL: str | None = None  # absent: SQLite in STATE_DIR
    REDIS_URL: str | None = None  # absent: the bundled Valkey, started by `up`
    PUBLIC_URL: str = "http://127.0.0.1:8000"  # how people reach this router
    REGION: str = "990101"  # file of data/law/regions that a chat starts from
    RASA_URL: str = "http://127.0.0.1:5005"
    RASA_TOKEN: SecretStr | None = None  # guards Rasa's tracker and model routes
    SERVICE_TOKEN: SecretStr | None = None  # actions -> /internal, see secrets.py
    DATA_KEY: SecretStr | None = None  # base64, 32 bytes; more after commas only decrypt
    BOT_DATABASE_URL: str | None = None  # Rasa's tracker store; absent: SQLite in STATE_DIR
    BOT_DATA_KEY: SecretStr | None = None  # base64, 32 bytes, for Rasa's tracker store alone
    BOT_SLOW: Span = timedelta(seconds=4)  # then the citizen is told and offered a person
    BOT_TIMEOUT: Span = timedelta(seconds=20)  # then the turn counts as failed
    TURN_LEASE: Span = timedelta(seconds=8)  # a dead process's conversation goes on after it
    GAP_WAIT: Span = timedelta(seconds=3)  # how long a later message waits for an earlier one
    OFFER_TTL: Span = timedelta(seconds=45)  # then the next lawyer
    OFFER_PAUSE: Span = timedelta(minutes=2)  # then those who let it pass are asked once more
    SHIFT_GRACE: Span = timedelta(minutes=15)  # after a shift's end, to finish what is in hand
    SESSION_TTL: Span = timedelta(days=30)  # a citizen may return to the case so long
    STAFF_SESSION_TTL: Span = timedelta(hours=12)  # one shift
    MESSAGE_MAX_CHARS: int = 2000  # a very long one would hold up Rasa for all
    BODY_MAX_BYTES: int = 64 * 1024
    MESSAGE_RATE: str = "20/10 seconds"  # per conversation, notation of the limits library
    SESSION_RATE: str = "300/minute"  # new conversations per address: a carrier hides thousands
    LOGIN_RATE: str = "10/minute"  # per login name
    PARTNER_RATE: str = "120/minute"  # calls of one partner's computer
    OFFICE_LOGIN_RATE: str = "60/minute"  # per address: a whole office begins its shift behind one

    HOTLINE_CARRIER: Literal["none", "twilio", "cti"] = "none"  # of calls that we begin
    HOTLINE_NUMBER: str = ""  # ours, shown to whom we call; E.164 or as the gateway wants it
    HOTLINE_POLICE: str = "110"  # where we call 110 at
    HOTLINE_POLICE_LINE: str = ""  # our number for 110's desks alone
    TWILIO_ACCOUNT_SID: str | None = None
    TWILIO_AUTH_TOKEN: SecretStr | None = None  # absent: that carrier stays closed
    CTI_URL: str | None = None  # the gateway beside the exchange
    CTI_KEY: str = "jieyuan"  # id of the keys
    CTI_SECRET_OUT: SecretStr | None = None  # signs our commands
    CTI_SECRET_IN: SecretStr | None = None  # signs the gateway's events
    RECORDING_KEEP: Span = timedelta(days=180)  # CFG: the office's own; then it is deleted
    UNAGREED_KEEP: Span = timedelta(days=30)  # CFG: words of danger of who never agreed to anything
    RECORDING_MAX_MB: int = 512  # four hours, Twilio's longest call, of its 32 kB a second
    SMS_CARRIER: Literal["none", "twilio", "aliyun"] = "none"  # of short messages to callers
    SMS_RATE: str = "6/day"  # to one number
    ALIYUN_SMS_KEY: str | None = None  # AccessKey that may send short messages and nothing else
    ALIYUN_SMS_SECRET: SecretStr | None = None
    ALIYUN_SMS_SIGN: str = ""  # the vetted signature, e.g. the centre's name
    ALIYUN_SMS_TEMPLATES: dict[str, str] = {}  # JSON: name in sms/words.py -> SMS_…
    SPEECH_MODEL: Path | None = None  # folder of a speech model of sherpa-onnx; see speech.py
    CLAMD: str = ""  # socket of clamd, a path or host:port; absent: nothing is scanned
    OCR: bool = True  # identity cards are read off photographs, a core for some seconds each
    CALL_OUT_RATE: str = "600/hour"  # all calls that we begin together: a stolen key costs so much

    @property
    def database_url(self) -> str:
        return self.DATABASE_URL or f"sqlite+aiosqlite:///{self.STATE_DIR / 'jieyuan.db'}"

    @property
    def bot_database_url(self) -> str:
        """In SQLAlchemy 1.4's notation, which Rasa is bound to."""
        return self.BOT_DATABASE_URL or f"sqlite:///{self.STATE_DIR / 'bot.db'}"

    def refuse_demo_in_production(self) -> None:
        """Raises MissingSettings naming every setting that production still lacks."""
        if self.JIEYUAN_ENV != "production":
            return
        defaults = Settings.model_fields
        lacking = [
            name
            for name in REQUIRED_IN_PRODUCTION
            if getattr(self, name) in (None, "", defaults[name].default)
        ]
        if lacking:
            raise MissingSettings(
                "生产环境(JIEYUAN_ENV=production)还缺这些设置,演示县和默认值在生产环境不能用:"
                + "、".join(lacking)
            )


REQUIRED_IN_PRODUCTION = (
    "PUBLIC_URL",
    "REGION",
    "DATA_KEY",
    "BOT_DATA_KEY",
    "SERVICE_TOKEN",
    "RASA_TOKEN",
)
