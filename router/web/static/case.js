// A case on the desk: the live transcript. Forms are htmx; the log is read as the citizen's is.

import { newId } from "./ids.js";
import { Stream } from "./stream.js";

const log = document.querySelector("#log");
const { ticket, live } = document.querySelector("#case").dataset;
const form = document.querySelector("#say");
const words = form?.querySelector("textarea");

function toEnd() {
  log.scrollTop = log.scrollHeight; // only where the log has a height of its own
}

toEnd();
if (live) {
  new Stream(log, {
    events: `/desk/tickets/${ticket}/events`,
    lines: `/desk/tickets/${ticket}/lines`,
    changed: (fresh) => fresh.length && toEnd(),
    lost: () => (document.querySelector("#ended").hidden = false),
  });
}

words?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  if (words.value.trim()) words.form.requestSubmit();
});

// What an outcome does beyond this desk is read before it is confirmed.
const outcome = document.querySelector("#outcome");

function showOnward() {
  for (const way of document.querySelectorAll("[data-after]")) way.hidden = way.dataset.after !== outcome?.value;
}

outcome?.addEventListener("change", showOnward);
showOnward();

// A field that is wrong is shown, also where its part of the form was folded away.
document.addEventListener(
  "invalid",
  (event) => {
    for (let part = event.target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  },
  true,
);

// One id a line: pressed again after a lost answer, it is said once.
function nextLine() {
  if (form) form.elements.key.value = newId();
}

nextLine();
form?.addEventListener("htmx:afterRequest", (event) => event.detail.successful && nextLine());
