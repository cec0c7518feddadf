"""An account's file: what it needs, where secrets may stand, what production refuses."""

from pathlib import Path

import pytest

from router.channels.wechat.accounts import Account, BadAccount, load
from router.settings import Settings
from tests.channels.wechat.conftest import write_account
from tests.fake_wechat import Official

OURS = "https://api.weixin.qq.com"


def test_without_a_file_the_channel_is_off(settings: Settings):
    assert load(settings, {}) == {}


def test_a_city_and_a_county_stand_side_by_side(settings: Settings):
    write_account(settings.STATE_DIR, Official(), OURS)
    city = Official(name="city", app_id="wxcity00000001", aes_key="A" * 42 + "E", token="another")
    write_account(settings.STATE_DIR, city, OURS, region="990100")
    found = load(settings, {})
    assert {name: one.region for name, one in found.items()} == {"xian": "990101", "city": "990100"}
    assert found["city"].token.get_secret_value() == "another"


def test_a_missing_secret_is_named_with_where_to_put_it(settings: Settings):
    write_account(settings.STATE_DIR, Official(), OURS)
    (settings.STATE_DIR / "wechat" / "xian.aes_key").unlink()
    with pytest.raises(BadAccount, match=r"aes_key.*WECHAT_XIAN_AES_KEY.*xian\.aes_key"):
        load(settings, {})
    assert load(settings, {"WECHAT_XIAN_AES_KEY": "A" * 43})["xian"].aes_key


def test_a_secret_that_others_may_read_is_refused(settings: Settings):
    write_account(settings.STATE_DIR, Official(), OURS)
    (settings.STATE_DIR / "wechat" / "xian.secret").chmod(0o644)
    with pytest.raises(BadAccount, match="chmod 600"):
        load(settings, {})


def test_a_secret_in_the_accounts_file_is_refused_and_not_repeated(settings: Settings):
    write_account(settings.STATE_DIR, Official(), OURS, secret="open to all")
    with pytest.raises(BadAccount) as refused:
        load(settings, {})
    assert "open to all" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mode": "open"}, "mode"),
        ({"region": "somewhere"}, "region"),
        ({"original_id": "xx"}, "original_id"),
        ({"menue": []}, "menue"),
        ({"menu": [{"name": "甲"}]}, "menu"),
        ({"menu": [{"name": "一个太长太长的名字", "items": [{"name": "a", "say": "a"}]}]}, "menu"),
    ],
)
def test_every_fault_is_named(settings: Settings, change: dict, named: str):
    write_account(settings.STATE_DIR, Official(), OURS, **change)
    with pytest.raises(BadAccount, match=named):
        load(settings, {})


def test_production_takes_no_clear_mode_and_no_other_platform(settings: Settings):
    production = settings.model_copy(update={"JIEYUAN_ENV": "production"})
    write_account(settings.STATE_DIR, Official(), "http://127.0.0.1:1")
    with pytest.raises(BadAccount, match="api"):
        load(production, {})
    write_account(settings.STATE_DIR, Official(mode="plain"), OURS)
    with pytest.raises(BadAccount, match="safe"):
        load(production, {})
    write_account(settings.STATE_DIR, Official(), OURS)
    assert load(production, {})


def test_no_account_shows_its_secrets(settings: Settings):
    write_account(settings.STATE_DIR, Official(), OURS)
    account: Account = load(settings, {})["xian"]
    shown = repr(account) + str(account.model_dump())
    assert all(getattr(Official(), name) not in shown for name in ("token", "aes_key", "secret"))


def test_a_file_that_is_no_yaml_is_named(settings: Settings):
    folder = Path(settings.STATE_DIR) / "wechat"
    folder.mkdir()
    (folder / "xian.yml").write_text("a: [")
    with pytest.raises(BadAccount, match=r"xian\.yml"):
        load(settings, {})
