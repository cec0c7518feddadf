// The citizen's chat: transcript from the server, unsent words from the outbox below it.

import { Outbox } from "./outbox.js";
import { Stream } from "./stream.js";

const WORD = { waiting: "未发送，正在发送…", sent: "已发送", refused: "没有发出" };
const chat = document.querySelector("#chat");
const log = document.querySelector("#log");
const pending = document.querySelector("#pending");
const form = document.querySelector("#composer");
const words = form.querySelector("textarea");
const dock = document.querySelector(".dock");
const { conversation, nextSeq } = chat.dataset;

let outbox; // it reports while it is being made: drawPending looks whether it is there
outbox = new Outbox({ conversation, nextSeq: Number(nextSeq), changed: drawPending });
for (const line of log.children) noteShown(line);
drawPending();
tidyChoices();
keepRoomForDock();
history.scrollRestoration = "manual"; // the newest words, not where the page was left
scrollTo(0, document.documentElement.scrollHeight);

new Stream(log, {
  events: `/chat/${conversation}/events`,
  lines: `/chat/${conversation}/lines`,
  changed(fresh) {
    fresh.forEach(noteShown);
    tidyChoices();
    if (fresh.length) reveal();
  },
  lost() {
    document.querySelector("#ended").hidden = false;
    form.hidden = true;
  },
});

// Pressed before this script was there, they would have done nothing, or lost what was written.
for (const button of document.querySelectorAll("[data-wakes]")) button.disabled = false;

function noteShown(line) {
  if (line.dataset.clientSeq) outbox.shown(Number(line.dataset.clientSeq));
}

function say(text) {
  const trimmed = text.trim();
  if (!trimmed) return words.focus();
  outbox.add(trimmed);
  pending.lastElementChild?.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  say(words.value);
  words.value = "";
  words.focus();
});

words.addEventListener("keydown", (event) => {
  // Enter while an input method is composing only picks a word
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-say]");
  if (choice) {
    say(choice.dataset.say);
    words.focus({ preventScroll: true });
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy);
});

const learning = document.querySelector("#learning");
learning.addEventListener("change", async () => {
  const agreed = learning.checked;
  const saved = document.querySelector("#learning-saved");
  learning.disabled = true;
  const answer = await fetch(`/api/web/conversations/${conversation}/learning`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ agreed }),
  }).catch(() => null);
  learning.disabled = false;
  if (!answer?.ok) learning.checked = !agreed;
  const done = agreed ? "已记下：愿意。谢谢您。" : "已记下：不愿意。";
  saved.textContent = answer?.ok ? done : "没有记下，请检查网络后再试。";
});

async function copyText(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("[data-done]").textContent = "已复制";
  } catch {
    getSelection().selectAllChildren(document.querySelector("#reference"));
    button.querySelector("[data-done]").textContent = "已选中，请长按复制";
  }
}

// Only the newest question can still be answered by a button.
function tidyChoices() {
  const groups = [...log.querySelectorAll(".choices")];
  const newest = groups.at(-1);
  const mine = [...log.querySelectorAll(".line.mine")].at(-1);
  for (const group of groups) {
    const answered = mine && group.compareDocumentPosition(mine) & Node.DOCUMENT_POSITION_FOLLOWING;
    group.hidden = group !== newest || Boolean(answered) || outbox.entries.some((one) => one.state === "waiting");
  }
}

function drawPending() {
  if (!outbox) return;
  const troubled = outbox.failures > 0 || !navigator.onLine;
  document.querySelector("#offline").hidden = !troubled || !outbox.entries.some((one) => one.state === "waiting");
  document.querySelector("#offline").textContent =
    outbox.trouble ?? "网络不通，您的话还没有发出。我们会自动再发，请不要关掉这一页。";
  pending.replaceChildren(...outbox.entries.map(drawEntry));
  tidyChoices();
}

function drawEntry(entry) {
  const line = document.querySelector("#unsent").content.firstElementChild.cloneNode(true);
  line.dataset.entry = entry.id;
  line.dataset.state = entry.state;
  line.querySelector(".bubble").textContent = entry.text;
  line.querySelector(".sent").textContent = WORD[entry.state];
  line.classList.toggle("unsent", entry.state !== "sent");
  const refused = line.querySelector(".refused");
  refused.hidden = entry.state !== "refused";
  refused.querySelector("span").textContent = entry.refused ?? "";
  refused.querySelector("button").addEventListener("click", () => {
    words.value = entry.text;
    outbox.drop(entry.id);
    words.focus();
  });
  return line;
}

// Down to the newest line, but never past the first one that has not been read yet.
function reveal() {
  const all = [...log.children];
  const lastMine = all.findLastIndex((line) => line.matches(".mine"));
  const unread = all[lastMine + 1] ?? all.at(-1);
  const below = all.at(-1).getBoundingClientRect().bottom - (innerHeight - dock.offsetHeight - 12);
  const above = unread.getBoundingClientRect().top - 12;
  scrollBy(0, Math.max(0, Math.min(below, above)));
}

function keepRoomForDock() {
  let height = dock.offsetHeight;
  new ResizeObserver(() => {
    const grown = dock.offsetHeight - height;
    height = dock.offsetHeight;
    const hidden = log.getBoundingClientRect().bottom - (innerHeight - height);
    if (grown > 0 && hidden > 0 && hidden < grown + 60) scrollBy(0, grown); // it stood at the end
    document.documentElement.style.scrollPaddingBottom = `${dock.offsetHeight + 12}px`;
  }).observe(dock);
}
