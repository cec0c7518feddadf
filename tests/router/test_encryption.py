import os
import stat

import pytest
from cryptography.exceptions import InvalidTag

from router import crypto
from router.crypto import Keyring, load_or_make_key
from router.names import name_indices


def a_ring() -> Keyring:
    return Keyring([os.urandom(32)])


def test_what_is_sealed_opens_in_the_same_row():
    ring = a_ring()
    assert ring.open(ring.seal("身份证号", "messages:text:1"), "messages:text:1") == "身份证号"


def test_a_sealed_value_moved_to_another_row_does_not_open():
    ring = a_ring()
    with pytest.raises(InvalidTag):
        ring.open(ring.seal("身份证号", "messages:text:1"), "messages:text:2")


def test_a_sealed_value_with_one_bit_changed_does_not_open():
    ring = a_ring()
    sealed = bytearray(ring.seal("身份证号", "row"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        ring.open(bytes(sealed), "row")


def test_after_a_key_change_the_old_key_still_opens_and_the_new_one_seals():
    old, new = os.urandom(32), os.urandom(32)
    sealed = Keyring([old]).seal("旧的", "row")
    both = Keyring([new, old])
    assert both.open(sealed, "row") == "旧的"
    with pytest.raises(KeyError):
        Keyring([old]).open(both.seal("新的", "row"), "row")


def test_the_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "keys" / "data.key"
    first = load_or_make_key(path)
    assert load_or_make_key(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_name_is_found_by_its_blind_index_however_it_was_written():
    crypto.use(a_ring())
    (plain,) = name_indices("示例建材有限公司")
    assert name_indices("示例建材 有限责任公司") == [plain]
    assert name_indices("示例建材有限公司。") == [plain]
    assert name_indices("示例建筑有限公司") != [plain]
    assert name_indices("阿卜杜·买买提") == name_indices("阿卜杜•买买提")
    assert name_indices("示例（集团）公司") == name_indices("示例(集团)公司")


def test_without_the_key_an_index_says_nothing_and_after_a_key_change_it_is_still_found():
    old, new = os.urandom(32), os.urandom(32)
    (before,) = Keyring([old]).indices("张三", "name")
    assert Keyring([new]).indices("张三", "name") != [before]
    assert Keyring([new, old]).indices("张三", "name")[1] == before
    assert Keyring([old]).indices("张三", "phone") != [before]  # purposes are kept apart
