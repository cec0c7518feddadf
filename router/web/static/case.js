// A case on the desk: the live transcript. Forms are htmx; the log is read as the citizen's is.

import { Stream } from "./stream.js";

const log = document.querySelector("#log");
const { ticket, live } = document.querySelector("#case").dataset;
const words = document.querySelector("#say textarea");

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
