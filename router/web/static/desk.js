// The duty lawyer's desk: countdown, sound and title for a new offer. Everything else is htmx.

const title = document.title;
const news = document.querySelector("#news");
const known = new Set(offers().map((offer) => offer.dataset.offer));
let sound;
let flash = false;

function offers() {
  return [...document.querySelectorAll("[data-offer]")];
}

// A browser lets a page sound only after the person has touched it.
function allowSound() {
  const Sound = window.AudioContext ?? window.webkitAudioContext;
  if (!Sound) return;
  sound ??= new Sound();
  sound.resume();
  document.querySelector("#sound")?.setAttribute("hidden", "");
}

// Not on pointerdown: the note that goes would move a button away from under the finger.
for (const gesture of ["click", "keydown"]) {
  addEventListener(gesture, allowSound, { once: true });
}

function beep() {
  if (sound?.state !== "running") return;
  for (const [start, pitch] of [[0, 660], [0.22, 880]]) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, sound.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + 0.2);
    tone.connect(volume).connect(sound.destination);
    tone.start(sound.currentTime + start);
    tone.stop(sound.currentTime + start + 0.2);
  }
}

function lookForNews() {
  for (const offer of offers()) {
    if (known.has(offer.dataset.offer)) continue;
    known.add(offer.dataset.offer);
    news.textContent = `新派单:${offer.dataset.headline}`;
    beep();
  }
}

// The deadline is the server's; its clock, not this machine's, says how long is left.
function tick() {
  const waiting = offers();
  for (const offer of waiting) {
    offer.skew ??= Date.parse(offer.dataset.now) - Date.now();
    const left = Math.max(0, Math.ceil((Date.parse(offer.dataset.deadline) - Date.now() - offer.skew) / 1000));
    const shown = offer.querySelector(".countdown");
    shown.textContent = left ? `还剩 ${left} 秒` : "时间到，正在转给下一位";
    shown.classList.toggle("short", left <= 10);
    offer.querySelector("progress").value = left;
  }
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  flash = waiting.length > 0 && (calm || !flash);
  document.title = flash ? `【新派单】${title}` : title;
  if (!waiting.length) news.textContent = "";
}

// Pressing and releasing a button that was redrawn meanwhile is no click: what is as it was stays.
function redraw(event) {
  const place = event.target;
  const box = document.createElement("template");
  box.innerHTML = event.detail.data;
  if (box.innerHTML.trim() === place.innerHTML.trim()) return event.preventDefault();
  if (place.id !== "offers") return;
  event.preventDefault();
  const fresh = [...box.content.children];
  const still = new Set(fresh.map((part) => part.dataset.offer));
  for (const old of [...place.children]) {
    if (!old.dataset.offer || !still.has(old.dataset.offer)) old.remove();
  }
  let next = place.firstElementChild;
  for (const part of fresh) {
    if (next && part.dataset.offer === next.dataset.offer) next = next.nextElementSibling;
    else htmx.process(place.insertBefore(part, next));
  }
  lookForNews();
  tick();
}

if (news) {
  document.body.addEventListener("htmx:sseBeforeMessage", redraw);
  document.body.addEventListener("htmx:sseMessage", lookForNews);
  document.body.addEventListener("htmx:sseMessage", tick);
  setInterval(tick, 1000);
  tick();
}
