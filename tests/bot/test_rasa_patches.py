"""What bot/ changes inside Rasa 3.6.21 still means the same, only faster, quieter and smaller."""

import asyncio
import importlib.util
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator, ValidationError
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.endpoints import EndpointConfig

from bot.components import speed
from bot.train import RASA, ROOT

speed.apply()


def stock(name):
    """A module of Rasa's read anew from its file: nothing of ours in it."""
    spec = importlib.util.find_spec(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_patches_know_the_rasa_that_is_installed():
    assert version("rasa") == RASA


def test_a_good_answer_of_an_action_passes_and_a_bad_one_does_not():
    action = RemoteAction("action_turn", EndpointConfig("http://127.0.0.1:1"))
    assert action._validate_action_result({"events": [], "responses": [{"text": "好"}]})
    with pytest.raises(ValidationError):
        action._validate_action_result({"events": "none"})


@pytest.mark.parametrize(
    "event",
    [
        {"event": "slot", "name": "asked", "value": [1], "timestamp": None},
        {"event": "slot", "value": 1},
        {"event": "slot", "name": 5, "value": 1},
        {"event": "slot", "name": "asked", "timestamp": "yesterday"},
        {"event": "followup", "name": "action_listen"},
        {"event": "bot", "metadata": "none"},
        {"event": "nothing of the kind"},
        {"event": 7},
        {"name": "asked"},
        "slot",
    ],
)
def test_an_event_passes_where_rasa_lets_it_pass(event):
    action = RemoteAction("action_turn", EndpointConfig("http://127.0.0.1:1"))
    answer = {"events": [event], "responses": []}
    theirs = Draft202012Validator(RemoteAction.action_response_format_spec()).is_valid(answer)
    try:
        ours = action._validate_action_result(answer)
    except ValidationError:
        ours = False
    assert ours == theirs


def test_the_schema_of_schemas_is_not_consulted_for_every_answer(monkeypatch):
    def consulted(*_):
        raise AssertionError("the schema itself was checked again")

    monkeypatch.setattr(Draft202012Validator, "check_schema", consulted)
    action = RemoteAction("action_turn", EndpointConfig("http://127.0.0.1:1"))
    assert action._validate_action_result({"events": [], "responses": []})


DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [tell, greet]
entities:
  - money: {influence_conversation: false}
actions: [action_turn]
forms:
  some_form: {required_slots: []}
slots:
  silent: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  heard: {type: bool, influence_conversation: true, mappings: [{type: custom}]}
"""
)


def test_a_policy_sees_the_states_that_it_saw_before(monkeypatch):
    tracker = DialogueStateTracker("a-1", DOMAIN.slots)
    said = [UserUttered("欠薪", {"name": "tell"}), ActionExecuted("action_turn")]
    set_slots = [SlotSet("silent", {"facts": [1]}), SlotSet("heard", True)]
    tracker.update_with_events([*said, *set_slots, ActionExecuted("action_listen")], DOMAIN)
    ours = tracker.past_states(DOMAIN)
    prior = stock("rasa.shared.core.trackers").DialogueStateTracker.generate_all_prior_trackers
    assert prior is not DialogueStateTracker.generate_all_prior_trackers
    monkeypatch.setattr(DialogueStateTracker, "generate_all_prior_trackers", prior)
    monkeypatch.delattr(Slot, "__copy__")
    assert ours == tracker.past_states(DOMAIN)
    assert ours[-1]["slots"] == {"heard": (1.0, 1.0)}


def test_the_graph_runs_its_nodes_in_order_and_gives_what_dask_gave(tmp_path):
    schema = GraphSchema(
        {
            "sum": SchemaNode({"a": "double", "b": "__n__"}, Arithmetic, "create", "add", {}),
            "double": SchemaNode(
                {"n": "__n__"}, Arithmetic, "create", "double", {}, is_target=True
            ),
        }
    )
    made = (schema, LocalModelStorage(tmp_path), ExecutionContext(schema))
    theirs = stock("rasa.engine.runner.dask").DaskGraphRunner.create(*made)
    for targets in (["sum"], ["double"], ["sum", "double"], None):
        asked = {"inputs": {"__n__": 21}, "targets": targets}
        assert DaskGraphRunner.create(*made).run(**asked) == theirs.run(**asked)
    assert theirs.run(inputs={"__n__": 21}, targets=["sum"]) == {"sum": 63}


class Arithmetic(GraphComponent):
    @classmethod
    def create(cls, config, model_storage, resource, execution_context):
        return cls()

    def double(self, n):
        return 2 * n

    def add(self, a, b):
        return a + b


@pytest.fixture(scope="module")
def rules():
    storage = LocalModelStorage(Path(tempfile.mkdtemp()))
    context, config = ExecutionContext(GraphSchema({})), RulePolicy.get_default_config()
    policy = RulePolicy.create(
        {**config, "enable_fallback_prediction": False}, storage, Resource("rules"), context
    )
    turn = TrackerWithCachedStates("rule", slots=DOMAIN.slots, is_rule_tracker=True, domain=DOMAIN)
    turn.update_with_events(
        [ActionExecuted("..."), LISTEN, said("tell"), ActionExecuted("action_turn"), LISTEN], DOMAIN
    )
    policy.train([turn], DOMAIN)
    return policy


LISTEN = ActionExecuted("action_listen")


def said(intent, *entities):
    return UserUttered("欠薪", {"name": intent}, entities=[{"entity": e} for e in entities])


@pytest.mark.parametrize(
    "told",
    [
        [LISTEN, said("tell")],
        [LISTEN, said("tell", "money")],
        [LISTEN, said("greet")],
        [LISTEN, said("tell"), ActionExecuted("action_turn"), SlotSet("silent", 3)],
        [LISTEN, said("tell"), ActionExecuted("action_turn"), SlotSet("heard", True)],
        [LISTEN, said("greet"), ActionExecuted("action_turn"), LISTEN, said("tell")],
        [LISTEN, said("tell"), ActiveLoop("some_form")],
    ],
)
def test_what_the_rules_say_is_said_again(rules, told, monkeypatch):
    def ask():
        tracker = DialogueStateTracker.from_events("a-1", told, DOMAIN.slots, domain=DOMAIN)
        prediction = rules.predict_action_probabilities(tracker, DOMAIN)
        chosen = list(prediction.probabilities), prediction.is_no_user_prediction
        prediction.events.append("of the ensemble")
        return chosen, prediction.hide_rule_turn, len(prediction.events)

    first, again = ask(), ask()
    stock_policy = stock("rasa.core.policies.rule_policy").RulePolicy
    monkeypatch.setattr(
        RulePolicy, "predict_action_probabilities", stock_policy.predict_action_probabilities
    )
    assert first == again == ask()


def test_a_copied_tracker_has_slots_of_its_own():
    tracker = DialogueStateTracker("a-1", DOMAIN.slots)
    twin = tracker.copy()
    twin.update(SlotSet("heard", True), DOMAIN)
    assert (tracker.get_slot("heard"), twin.get_slot("heard")) == (None, True)
    assert (len(tracker.events), len(twin.events)) == (0, 1)


def test_a_copied_tracker_is_what_playing_its_events_again_gives():
    tracker = DialogueStateTracker("a-1", DOMAIN.slots)
    told = [ActionExecuted("action_listen"), UserUttered("你好"), SlotSet("heard", True)]
    tracker.update_with_events(told, DOMAIN)
    played = tracker.travel_back_in_time(float("inf"))
    assert tracker.copy() == played
    whole = EventVerbosity.ALL
    assert tracker.copy().current_state(whole) == played.current_state(whole)


def test_event_names_resolve_as_before():
    assert Event.resolve_by_type("slot") is SlotSet
    assert Event.resolve_by_type("nonsense", SlotSet) is SlotSet
    with pytest.raises(ValueError):
        Event.resolve_by_type("nonsense")


def test_action_calls_share_a_connection_and_survive_a_server_that_hung_up():
    async def play():
        peers, hang_up = [], []

        async def answer(request):
            peers.append(request.transport.get_extra_info("peername"))
            if hang_up:
                hang_up.pop()
                request.transport.close()
            return web.json_response({"events": [], "responses": []})

        app = web.Application()
        app.router.add_post("/webhook", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
        for _ in range(3):
            await endpoint.request(json={})
        assert len(set(peers)) == 1
        hang_up.append(True)
        assert await endpoint.request(json={}) == {"events": [], "responses": []}
        async with endpoint.session() as session:
            pass
        await session.close()
        await runner.cleanup()

    asyncio.run(play())


def test_a_log_line_carries_the_event_and_not_the_citizens_words():
    words = """
from bot import quiet
quiet.prepare()
import logging, structlog
try:
    raise ValueError("老板欠我工资")
except ValueError:
    log = structlog.get_logger("rasa.core.channels.rest")
    log.exception("rest.message.received.failure", text="老板欠我工资", event_info="老板")
    logging.getLogger("sanic.root").exception("plain failure")
"""
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True)
    assert "rest.message.received.failure" in done.stderr
    assert done.stderr.count("ValueError at <string>:6") == 2
    assert "老板" not in done.stderr


def test_rasa_runs_without_tensorflow():
    words = """
import sys
from bot import quiet
quiet.prepare()
import rasa.core.agent, rasa.core.run, rasa.model_training
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
assert not any(name.startswith("tensorflow.python.framework") for name in sys.modules)
try:
    sys.modules["tensorflow"].keras.layers.Layer
    type("Mine", (sys.modules["tensorflow"].keras.layers.Layer,), {})()
except RuntimeError as error:
    assert "TensorFlow" in str(error)
else:
    raise AssertionError("the stand-in worked")
"""
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-800:]


def test_too_late_is_said():
    words = "import sys, types; sys.modules['tensorflow'] = types.ModuleType('t')\n"
    words += "from bot import no_tensorflow; no_tensorflow.install()"
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert "before the first import of rasa" in done.stderr


def test_merged_training_data_holds_both_and_changes_neither():
    one, other = (TrainingData([Message({"text": text, "intent": "tell"})]) for text in "甲乙")
    both = one.merge(other)
    assert {message.get("text") for message in both.training_examples} == {"甲", "乙"}
    assert [len(data.training_examples) for data in (one, other)] == [1, 1]


def test_of_two_equal_sentences_one_stays_and_what_differs_in_anything_stays_too():
    other = {"text": "欠薪", "intent": "tell", "matter": "labour_pay"}
    given = [Message({"text": "欠薪", "intent": intent}) for intent in ("tell", "tell", "ask")]
    kept = TrainingData([*given, Message(other)]).training_examples
    assert [message.data for message in kept] == [given[0].data, given[2].data, other]


def test_an_empty_domain_is_told_from_one_that_is_not():
    assert Domain.empty().is_empty() and not DOMAIN.is_empty()


def extracted(domain, text):
    tracker = DialogueStateTracker.from_events("a-1", [LISTEN, UserUttered(text)], domain.slots)
    run = ActionExtractSlots(None).run(None, None, tracker, domain)
    return [(event.key, event.value) for event in asyncio.run(run)]


def test_slots_that_only_actions_set_stay_and_others_are_filled():
    assert extracted(DOMAIN, "欠薪") == []
    from_text = Domain.from_yaml(
        'version: "3.1"\nslots: {said: {type: text, mappings: [{type: from_text}]}}'
    )
    assert extracted(from_text, "欠薪") == [("said", "欠薪")]


def test_an_action_is_sent_slots_and_the_last_message():
    tracker = DialogueStateTracker("a-1", DOMAIN.slots)
    tracker.update_with_events([LISTEN, said("tell"), SlotSet("silent", {"a": 1})], DOMAIN)
    sent = RemoteAction("action_turn", EndpointConfig("http://127.0.0.1:1"))._action_call_format(
        tracker, DOMAIN
    )
    assert (sent["next_action"], sent["sender_id"]) == ("action_turn", "a-1")
    assert sent["tracker"]["slots"]["silent"] == {"a": 1}
    assert sent["tracker"]["latest_message"]["text"] == "欠薪"
    assert sent["tracker"]["events"] == [] and "domain" not in sent
