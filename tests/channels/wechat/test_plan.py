"""What is sent with a small budget, and where a long text is cut."""

from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as some

from router.channels.wechat.plan import Piece, Rank, affordable, next_reply, packed, split

REST = [Piece(f"r{n}", Rank.REST, f"第{n}句。") for n in range(4)]
LONG = "很长的话。" * 130  # 1,950 bytes: nothing else fits beside it


def ids(made) -> list[tuple[str, ...]]:
    return [one.ids for one in made]


def test_what_fits_together_is_one_message():
    assert ids(packed(REST)) == [("r0", "r1", "r2", "r3")]


def test_all_go_in_order_while_there_is_enough():
    pieces = [Piece(str(n), Rank.REST, LONG) for n in range(2)]
    assert ids(affordable(pieces, 5)) == [("0",), ("1",)]


def test_the_last_messages_are_kept_for_the_lawyer_and_for_danger():
    rest, word = Piece("rest", Rank.REST, LONG), Piece("word", Rank.LAWYER, LONG)
    assert affordable([rest], 2) == []
    assert ids(affordable([rest, word], 2)) == [("word",)]
    assert ids(affordable([rest, word], 1)) == [("word",)]
    assert affordable([rest, word], 0) == []


def test_danger_then_the_lawyer_then_the_decision_then_the_rest():
    ranks = [Rank.REST, Rank.DECISION, Rank.LAWYER, Rank.DANGER]
    pieces = [Piece(rank.name, rank, LONG) for rank in ranks]
    assert ids(affordable(pieces, 1)) == [("DANGER",)]
    assert ids(affordable(pieces, 2)) == [("LAWYER",), ("DANGER",)]
    assert ids(affordable(pieces[1:], 3)) == [("DECISION",), ("LAWYER",), ("DANGER",)]
    assert len(affordable(pieces, 4)) == 4


def test_what_travels_with_a_lawyers_word_costs_nothing_more():
    assert ids(affordable([*REST, Piece("word", Rank.LAWYER, "好")], 1)) == [
        ("r0", "r1", "r2", "r3", "word")
    ]


def test_a_reply_carries_danger_first_else_what_is_oldest():
    pieces = [Piece("old", Rank.REST, LONG), Piece("danger", Rank.DANGER, LONG)]
    found = next_reply(pieces)
    assert found and found.ids == ("danger",)
    found = next_reply(pieces[:1])
    assert found and found.ids == ("old",)
    assert next_reply(pieces, beside="另外" * 50) is None
    assert next_reply([]) is None


def test_a_long_text_is_cut_at_sentences():
    parts = split("这是一句话。" * 200)
    assert all(part.endswith("。") and len(part.encode()) <= 2048 for part in parts)
    assert "".join(parts) == "这是一句话。" * 200


def test_a_text_without_any_stop_is_cut_between_letters():
    assert [len(part.encode()) <= 2048 for part in split("长" * 2000)] == [True] * 3


@trials(deadline=None)
@given(some.text("a长。\n,，😟 ", max_size=3000), some.integers(16, 300))
def test_no_letter_is_lost_and_no_part_is_too_long(text: str, at_most: int):
    parts = split(text, at_most)
    assert all(0 < len(part.encode()) <= at_most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@trials(deadline=None)
@given(
    some.lists(some.tuples(some.sampled_from(Rank), some.integers(1, 2048)), max_size=12),
    some.integers(0, 6),
)
def test_no_more_than_the_budget_and_nothing_important_behind_the_rest(given_pieces, left):
    pieces = [Piece(str(n), rank, "x" * size) for n, (rank, size) in enumerate(given_pieces)]
    chosen = affordable(pieces, left)
    assert len(chosen) <= left
    unsent = [one for one in packed(pieces) if one not in chosen]
    if chosen and unsent:
        assert max(one.rank for one in chosen) <= min(one.rank for one in unsent)
    assert [one for one in packed(pieces) if one in chosen] == chosen
