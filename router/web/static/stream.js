// Keeps a transcript and its state panels as the server has them, over a bad network.
// Every line carries its number: a line is shown once, in order, however often it arrives.

const QUIET = 50_000; // the server beats every 15 s; silence means a dead connection
const FIRST_WORD = 8_000; // a proxy that holds the stream back: ask instead
const TRY_STREAM_AGAIN = 120_000;

export class Stream {
  constructor(log, { events, lines, changed = () => {}, lost = () => {} }) {
    Object.assign(this, { log, events, lines, changed, lost, failures: 0 });
    addEventListener("online", () => this.restart());
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", (event) => event.persisted && this.restart());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() - this.heard > QUIET / 2) this.restart();
    });
    this.restart();
  }

  get last() {
    return Math.max(0, ...[...this.log.querySelectorAll("[data-seq]")].map((line) => Number(line.dataset.seq)));
  }

  // HTML from our own server, escaped there: lines are added, elements with an id are renewed.
  apply(html) {
    const box = document.createElement("template");
    box.innerHTML = html;
    const fresh = [];
    for (const part of [...box.content.children]) {
      if (part.matches(".line")) this.place(part) && fresh.push(part);
      else if (part.id) renew(document.getElementById(part.id), part);
    }
    this.changed(fresh);
  }

  place(line) {
    if (document.getElementById(line.id)) return false;
    const seq = Number(line.dataset.seq);
    const later = [...this.log.children].find((other) => !(Number(other.dataset.seq) < seq));
    this.log.insertBefore(line, later ?? null);
    return true;
  }

  restart() {
    this.stop();
    this.heard = Date.now();
    if ("EventSource" in window) this.listen();
    else this.ask();
  }

  stop() {
    this.source?.close();
    this.asking?.abort();
    clearTimeout(this.timer);
    this.source = this.asking = undefined;
  }

  listen() {
    const source = (this.source = new EventSource(`${this.events}?after=${this.last}`));
    const hear = (event) => {
      this.heard = Date.now();
      this.failures = 0;
      this.watch(QUIET);
      if (event.data) this.apply(event.data);
    };
    source.addEventListener("message", hear);
    source.addEventListener("state", hear);
    source.addEventListener("beat", hear);
    source.addEventListener("gone", () => this.end());
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return; // the browser reconnects by itself
      this.failures += 1;
      this.later(() => (this.failures < 3 ? this.listen() : this.ask()));
    });
    this.watch(FIRST_WORD, () => this.ask());
  }

  watch(span, then = () => this.restart()) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.source?.close();
      then();
    }, span);
  }

  later(then) {
    this.source?.close();
    clearTimeout(this.timer);
    this.timer = setTimeout(then, Math.min(1000 * 2 ** this.failures, 15_000) * (0.7 + Math.random() * 0.6));
  }

  // The long poll, for browsers and proxies that let no stream through.
  async ask() {
    this.stop();
    const mine = (this.asking = new AbortController());
    const until = Date.now() + TRY_STREAM_AGAIN;
    while (!mine.signal.aborted) {
      try {
        const answer = await fetch(`${this.lines}?after=${this.last}&wait=25`, { signal: mine.signal });
        if ([401, 403, 404].includes(answer.status)) return this.end();
        if (!answer.ok) throw new Error(String(answer.status));
        this.apply(await answer.text());
        this.heard = Date.now();
        this.failures = 0;
      } catch {
        if (mine.signal.aborted) return;
        this.failures += 1;
        return this.later(() => this.ask());
      }
      if (Date.now() > until && "EventSource" in window) return this.restart();
    }
  }

  end() {
    this.stop();
    this.lost();
  }
}

// Only what changed is touched, so that a screen reader does not say the same again
// and an opened fold stays open.
function renew(old, fresh) {
  if (!old || old.innerHTML === fresh.innerHTML) return;
  const open = [...old.querySelectorAll("details[open][id]")].map((fold) => fold.id);
  old.replaceChildren(...fresh.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
}
