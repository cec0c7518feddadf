"""Where a stock turn's time goes, taken out. Pinned to rasa 3.6.21 and tested."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import rasa
import rasa.core.policies.rule_policy as rule_policy
import rasa.core.processor as processor
import rasa.shared.core.events as events
import rasa.shared.nlu.training_data.training_data as training_data
from jsonschema import Draft202012Validator
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import DEFAULT_SLOT_NAMES
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.endpoints import EndpointConfig

ACTION_TIMEOUT = 20  # seconds; Rasa's 300 would hold the sender's lock far beyond its lifetime
# 不知道, 没有, a button's words: most messages of a talk, and the same from everybody
SHORT_REPLY, KNOWN_REPLIES = 8, 4000  # characters, replies
KNOWN_MOST = 10_000  # orders; ours are some hundreds
IDLE = 3  # seconds; below the action server's own keep-alive, so that it never hangs up first


def _check_an_event_by_its_own_schema() -> None:
    """Most of a stock turn goes into the answer's schema: it is checked against the schema of
    schemas each time, and each event against the schemas of all the other kinds too."""
    whole = copy.deepcopy(RemoteAction.action_response_format_spec())
    any_event = whole["properties"]["events"]["items"]
    kinds = {
        kind["properties"]["event"]["const"]: Draft202012Validator(kind)
        for kind in any_event["oneOf"]
    }
    one_of_any_kind = Draft202012Validator(any_event)
    common = Draft202012Validator({k: v for k, v in any_event.items() if k != "oneOf"})
    whole["properties"]["events"]["items"] = {}
    frame = Draft202012Validator(whole)

    def validate(self: RemoteAction, result: dict) -> bool:
        frame.validate(result)
        for event in result.get("events", ()):
            common.validate(event)
            kinds.get(event["event"], one_of_any_kind).validate(event)
        return True

    RemoteAction._validate_action_result = validate


def _send_an_action_what_it_reads() -> None:
    """Slots and the last message; not the domain, and not the events that said both before."""

    def call(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
        return {
            "next_action": self._name,
            "sender_id": tracker.sender_id,
            "tracker": {**tracker.current_state(EventVerbosity.NONE), "events": []},
            "version": rasa.__version__,
        }

    RemoteAction._action_call_format = call


def _remember_event_types() -> None:
    """Rasa walks all event classes for every stored event; a long case has thousands."""
    look_up, known = events.Event.resolve_by_type, {}

    def resolve(type_name: str, default: type | None = None) -> type | None:
        if type_name not in known:
            found = look_up(type_name, default)
            if found is None or found is default:
                return found
            known[type_name] = found
        return known[type_name]

    events.Event.resolve_by_type = staticmethod(resolve)


def _run_the_graph_in_its_order() -> None:
    """Dask plans the same few nodes anew for every message, as if they could run on a cluster."""

    def order(self: DaskGraphRunner, targets: tuple[str, ...]) -> list[str]:
        known = self.__dict__.setdefault("_orders", {})
        if targets not in known:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            found: list[str] = []

            def visit(name: str) -> None:
                if name in nodes and name not in found:
                    for need in nodes[name].needs.values():
                        visit(need)
                    found.append(name)

            for target in targets:
                visit(target)
            known[targets] = found
        return known[targets]

    def run(
        self: DaskGraphRunner,
        inputs: dict[str, Any] | None = None,
        targets: list[str] | None = None,
    ) -> dict[str, Any]:
        targets = targets or self._graph_schema.target_names
        done = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in order(self, tuple(targets)):
            needs = self._graph_schema.nodes[name].needs.values()
            done[name] = self._instantiated_nodes[name](*(done.get(n, n) for n in needs))
        return dict(done[target] for target in targets)

    DaskGraphRunner.run = run


def _show_policies_only_the_slots_they_can_see() -> None:
    """A prediction replays the tracker with all its slots; ours influence no prediction."""

    def prior_trackers(
        self: DialogueStateTracker,
    ) -> Iterator[tuple[DialogueStateTracker, bool]]:
        seen = [slot for slot in self.slots.values() if slot.has_features()]
        tracker = DialogueStateTracker(
            self.sender_id, seen, self._max_event_history, is_rule_tracker=self.is_rule_tracker
        )
        for event in self.applied_events():
            if isinstance(event, events.ActionExecuted):
                yield tracker, event.hide_rule_turn
            if not isinstance(event, events.SlotSet) or event.key in tracker.slots:
                tracker.update(event)
        yield tracker, False

    def copied(self: Slot) -> Slot:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def twin_tracker(self: DialogueStateTracker) -> DialogueStateTracker:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.slots = copy.copy(self.slots)  # of its own kind: one of them knows every name
        twin.slots.update({name: copied(slot) for name, slot in self.slots.items()})
        twin.events, twin.active_loop = copy.copy(self.events), copy.copy(self.active_loop)
        return twin

    DialogueStateTracker.generate_all_prior_trackers = prior_trackers
    DialogueStateTracker.copy = twin_tracker  # stock plays every event again
    Slot.__copy__ = copied  # copy.copy goes the long way, seventy slots several times a turn


def _remember_what_the_rules_said() -> None:
    """RulePolicy decides by the order of intents and actions alone, and sees few such orders."""
    decide = RulePolicy.predict_action_probabilities

    # Rasa reads what a component needs from these annotations, so that `self` has none
    def predict(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        known = self.__dict__.setdefault("_known", {})
        seen = _what_rules_see(tracker, domain)
        if seen is None or len(known) > KNOWN_MOST:
            return decide(self, tracker, domain, rule_only_data, **kwargs)
        if seen not in known:
            known[seen] = decide(self, tracker, domain, rule_only_data, **kwargs)
        prediction = copy.copy(known[seen])
        # the ensemble adds to these
        prediction.events, prediction.optional_events = list(prediction.events), []
        return prediction

    RulePolicy.predict_action_probabilities = predict


def _what_rules_see(tracker: DialogueStateTracker, domain: Domain) -> tuple[Any, ...] | None:
    """None where more counts than intents and actions (a loop, a slot that has features)."""
    unheard = set(domain.entity_properties.default_ignored_entities)
    seen: list[Any] = [tracker.followup_action]
    for event in tracker.applied_events():
        if isinstance(event, events.ActionExecuted):
            if event.action_text:
                return None
            seen.append((event.action_name, event.hide_rule_turn))
        elif isinstance(event, events.UserUttered):
            if not {entity["entity"] for entity in event.entities} <= unheard:
                return None
            seen.append(event.intent_name)
        elif isinstance(event, events.DefinePrevUserUtteredFeaturization):
            seen.append(event.use_text_for_featurization)
        elif isinstance(event, events.SlotSet):
            if event.key in tracker.slots and tracker.slots[event.key].has_features():
                return None
        elif not isinstance(event, (events.BotUttered, events.EntitiesAdded)):
            return None
    return tuple(seen)


def _look_for_no_slot_that_only_actions_set() -> None:
    """Rasa tries every slot's mappings on every message; `custom` without an action fills none."""
    look = ActionExtractSlots.run

    async def run(
        self: ActionExtractSlots, output_channel: Any, nlg: Any, tracker: Any, domain: Domain
    ) -> list[events.Event]:
        slots = (slot for slot in domain.slots if slot.name not in DEFAULT_SLOT_NAMES)
        if all(mapping == {"type": "custom"} for slot in slots for mapping in slot.mappings):
            return await self._execute_validation_action([], output_channel, nlg, tracker, domain)
        return await look(self, output_channel, nlg, tracker, domain)

    ActionExtractSlots.run = run


def _know_an_empty_domain() -> None:
    """Every message is checked against the domain, after building an empty one to compare with."""
    empty = Domain.empty().as_dict()
    Domain.is_empty = lambda self: self.as_dict() == empty


def _copy_nothing_for_log_lines() -> None:
    """Both modules use `copy` for what they hand to a debug line, and bot/quiet.py drops those."""
    processor.copy = rule_policy.copy = SimpleNamespace(deepcopy=lambda value: value)


def _merge_training_data_without_copies() -> None:
    """Each of several importers copies all sentences to the bottom before it adds its own."""
    training_data.copy = SimpleNamespace(copy=copy.copy, deepcopy=copy.copy)


def _hash_a_sentence_by_its_words() -> None:
    """Every importer looks for doubles; Rasa hashes all that is kept of a sentence for that."""

    def of_words(self: Message) -> int:
        return hash((self.data.get(TEXT), self.data.get(INTENT)))

    Message.__hash__ = of_words


class _Borrowed:
    """A session that `async with` does not close."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        """It stays open for the next turn."""


def _keep_the_action_server_connected() -> None:
    """Stock Rasa makes a new session and connection for every action call."""
    sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]
    sessions = WeakKeyDictionary()
    request_once = EndpointConfig.request
    new_session = EndpointConfig.session

    def session(self: EndpointConfig) -> Any:
        if self.basic_auth or self.headers:
            return new_session(self)
        loop = asyncio.get_running_loop()
        if loop not in sessions or sessions[loop].closed:
            sessions[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=IDLE),
                timeout=aiohttp.ClientTimeout(total=ACTION_TIMEOUT),
            )
        return _Borrowed(sessions[loop])

    async def request(self: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
        try:
            return await request_once(self, *args, **dict(kwargs))
        except aiohttp.ServerDisconnectedError:  # hung up while idle; actions bear a second call
            return await request_once(self, *args, **kwargs)

    EndpointConfig.session = session
    EndpointConfig.request = request


_applied = False


def apply() -> None:
    global _applied
    if not _applied:
        _check_an_event_by_its_own_schema()
        _send_an_action_what_it_reads()
        _remember_event_types()
        _run_the_graph_in_its_order()
        _show_policies_only_the_slots_they_can_see()
        _remember_what_the_rules_said()
        _look_for_no_slot_that_only_actions_set()
        _know_an_empty_domain()
        _copy_nothing_for_log_lines()
        _merge_training_data_without_copies()
        _hash_a_sentence_by_its_words()
        _keep_the_action_server_connected()
        _applied = True
