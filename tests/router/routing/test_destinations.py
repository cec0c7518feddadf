"""Where a decision sends a person: the recommended door first, the duty lawyer always open."""

import shutil
from pathlib import Path

import pytest

from router.destinations.labels import LABELS
from router.destinations.registry import FOLDER, DestinationError, Destinations
from router.eligibility.finding import Outcome

AID = ["ELIGIBLE", "NO_HARDSHIP", "EXEMPT_VERIFICATION", "URGENT", "TRANSFER", "MUST_NOTIFY"]


@pytest.fixture(scope="module")
def doors() -> Destinations:
    return Destinations.load()


def names(
    doors: Destinations, outcome: str, label: str | None = None, **facts: object
) -> list[str]:
    return [d.name for d in doors.for_decision({"outcome": outcome}, label, facts)]


@pytest.mark.parametrize("outcome", AID)
def test_who_can_be_aided_applies_first_and_may_talk_to_a_lawyer(doors, outcome):
    assert names(doors, outcome, "work_injury")[:2] == ["legal_aid_application", "duty_lawyer"]


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("label", [*LABELS, None])
def test_the_duty_lawyer_is_open_to_everybody_once(doors, outcome, label):
    assert names(doors, outcome, label).count("duty_lawyer") == 1


@pytest.mark.parametrize("outcome", ["NOT_MEANS", "OUT_OF_SCOPE"])
def test_neighbours_are_sent_to_mediation_then_to_the_lawyer(doors, outcome):
    found = names(doors, outcome, "neighbour_property", violence="none")
    assert found[:2] == ["mediation", "duty_lawyer"]


def test_a_small_debt_goes_to_mediation_and_a_large_or_unknown_one_to_the_lawyer(doors):
    assert names(doors, "OUT_OF_SCOPE", "debt", amount=10000)[0] == "mediation"
    assert names(doors, "OUT_OF_SCOPE", "debt", amount=10001)[:2] == ["duty_lawyer", "mediation"]
    assert names(doors, "OUT_OF_SCOPE", "debt")[0] == "duty_lawyer"


def test_a_consumer_complains_at_12315_and_a_firm_does_not(doors):
    assert names(doors, "OUT_OF_SCOPE", "consumer")[:2] == ["consumer_12315", "duty_lawyer"]
    assert "consumer_12315" not in names(doors, "OUT_OF_SCOPE", "consumer", party="company")


def test_a_divorce_without_violence_goes_to_the_lawyer_then_to_mediation(doors):
    found = names(doors, "OUT_OF_SCOPE", "marriage", violence="none")
    assert found[:2] == ["duty_lawyer", "mediation"]


@pytest.mark.parametrize("violence", ["suffered", "committed"])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_violence_is_never_sent_to_mediation(doors, outcome, violence):
    for label in ("marriage", "neighbour_property", "debt", "domestic_violence"):
        facts = {"violence": violence, "request": "mediation", "amount": 100}
        assert "mediation" not in names(doors, outcome, label, **facts)


def test_who_asks_for_mediation_or_a_notary_gets_it_unless_disputed(doors):
    assert names(doors, "ROUTE", "debt", request="mediation")[0] == "mediation"
    assert names(doors, "ROUTE", "notary", request="notarization")[0] == "notary"
    disputed = names(doors, "ROUTE", "inheritance", request="notarization", disputed=True)
    assert disputed[0] == "mediation" and "notary" not in disputed


def test_danger_comes_before_everything(doors):
    found = names(doors, "EMERGENCY_110", "domestic_violence", danger="life", violence="suffered")
    assert found[0] == "emergency_110" and {"psych_12356", "women_12338"} <= set(found)


def test_who_has_a_lawyer_is_informed_first(doors):
    assert names(doors, "HAS_LAWYER", "debt")[0] == "consultation"


def test_an_objection_goes_to_the_justice_bureau(doors):
    assert names(doors, "REMEDY", "labour_pay")[0] == "justice_bureau"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "destinations"))


def test_an_unknown_key_is_refused_naming_file_and_key(folder):
    (folder / "notary.yml").open("a").write("colour: red\n")
    with pytest.raises(DestinationError, match=r"notary\.yml:colour"):
        Destinations.load(folder)


def test_an_unknown_label_is_refused_naming_it(folder):
    text = (folder / "notary.yml").read_text().replace("[notary]", "[notery]")
    (folder / "notary.yml").write_text(text)
    with pytest.raises(DestinationError, match=r"notary\.yml.*notery"):
        Destinations.load(folder)


def test_two_files_of_one_priority_are_refused_naming_both(folder):
    shutil.copy(folder / "notary.yml", folder / "second_notary.yml")
    with pytest.raises(DestinationError, match=r"second_notary\.yml.*notary\.yml"):
        Destinations.load(folder)


def test_a_place_for_an_unknown_destination_is_refused(folder):
    (folder / "places" / "1.yml").write_text("name: 某地\nplaces: {nowhere: {name: 某处}}\n")
    with pytest.raises(DestinationError, match="nowhere"):
        Destinations.load(folder)


def test_the_demonstration_offices_say_that_they_are_fictional(doors):
    for door in doors.all():
        for region, place in door.places.items():
            assert region != "990101" or "虚构" in place.name
