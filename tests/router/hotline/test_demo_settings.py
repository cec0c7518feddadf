"""The played exchange of the demonstration never comes into an office's own telephone."""

import json
import os

import pytest

from router.cli import demo


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    (tmp_path / demo.TELEPHONE).write_text(json.dumps({"HOTLINE_CARRIER": "cti"}))
    return tmp_path


def test_up_takes_it_in_where_it_was_asked_for(state, tmp_path_factory):
    demo.lend_telephone(tmp_path_factory.mktemp("other"))
    assert "HOTLINE_CARRIER" not in os.environ
    demo.lend_telephone(state)
    assert os.environ["HOTLINE_CARRIER"] == "cti"


@pytest.mark.parametrize(("name", "value"), [("HOTLINE_CARRIER", "twilio"),
                                             ("JIEYUAN_ENV", "production")])  # fmt: skip
def test_an_offices_own_carrier_and_production_stay_as_they_are(state, name, value):
    os.environ[name] = value
    demo.lend_telephone(state)
    assert os.environ.get("HOTLINE_CARRIER") == (value if name == "HOTLINE_CARRIER" else None)
