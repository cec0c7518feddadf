// The citizen's unsent words. They are in storage before the first attempt, leave it only when
// the transcript shows them, and keep one id and one number through every retry.

import { newId } from "./ids.js";

const PATIENCE = 15_000; // then an attempt counts as lost

export class Outbox {
  constructor({ conversation, nextSeq, changed }) {
    this.url = `/api/web/conversations/${conversation}/messages`;
    this.key = `jy.outbox.${conversation}`;
    this.changed = changed;
    this.failures = 0;
    this.kept = { entries: [], next: 1 };
    this.load();
    this.kept.next = Math.max(this.kept.next, nextSeq);
    addEventListener("online", () => this.hurry());
    addEventListener("storage", (event) => {
      if (event.key !== this.key) return;
      this.load(); // another tab of the same conversation
      this.changed();
    });
    this.hurry();
  }

  get entries() {
    return this.kept.entries;
  }

  load() {
    try {
      this.kept = JSON.parse(localStorage.getItem(this.key)) ?? this.kept;
    } catch {
      // storage forbidden or spoilt: what is in memory goes on
    }
  }

  save() {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // see load
    }
    this.changed();
  }

  add(text) {
    this.load();
    this.entries.push({ id: newId(), text, state: "waiting" });
    this.save();
    this.hurry();
  }

  drop(id) {
    this.load();
    this.kept.entries = this.entries.filter((entry) => entry.id !== id);
    this.save();
  }

  // The transcript shows the citizen's line with this number.
  shown(seq) {
    const entry = this.entries.find((one) => one.seq === seq);
    if (entry) this.drop(entry.id);
    if (seq >= this.kept.next) {
      this.kept.next = seq + 1;
      this.save();
    }
  }

  hurry() {
    this.failures = 0;
    clearTimeout(this.timer);
    this.run();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    try {
      await alone(this.key, () => this.sendAll());
    } finally {
      this.running = false;
    }
  }

  async sendAll() {
    for (;;) {
      this.load();
      const entry = this.entries.find((one) => one.state === "waiting");
      if (!entry) return;
      if (!entry.seq) {
        entry.seq = this.kept.next; // numbered when its turn comes: a refused one leaves no gap
        this.kept.next += 1;
        this.save();
      }
      const result = await this.send(entry);
      this.load();
      const now = this.entries.find((one) => one.id === entry.id);
      if (result.again) {
        this.trouble = result.trouble;
        this.changed();
        this.failures += 1;
        const pause = Math.min(1000 * 2 ** (this.failures - 1), 15_000);
        this.timer = setTimeout(() => this.run(), pause * (0.7 + Math.random() * 0.6));
        return;
      }
      this.failures = 0;
      this.trouble = undefined;
      if (!now) {
        this.changed();
        continue; // the transcript was faster than the answer
      }
      now.state = result.refused ? "refused" : "sent";
      now.refused = result.refused;
      if (result.refused && this.kept.next === now.seq + 1) {
        this.kept.next = now.seq;
        delete now.seq;
      }
      this.save();
    }
  }

  async send(entry) {
    try {
      const answer = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ id: entry.id, seq: entry.seq, text: entry.text }),
        signal: timeout(PATIENCE),
      });
      if (answer.ok) return {};
      const body = await answer.json().catch(() => ({}));
      if (answer.status === 429) return { again: true, trouble: body.error };
      if (answer.status >= 500) return { again: true };
      return { refused: body.error ?? "没有发出，请刷新页面再试。" };
    } catch {
      return { again: true };
    }
  }
}

function alone(name, work) {
  // one tab sends at a time; old browsers and plain http have no locks and do without
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

function timeout(span) {
  const control = new AbortController();
  setTimeout(() => control.abort(), span);
  return control.signal;
}
