// A machine that many use: nobody there for a while, and what was said leaves the screen.

const QUIET = 120_000; // then it asks
const PATIENCE = 30; // seconds; then it clears
const leaving = document.querySelector("#kiosk");
const asking = document.querySelector("#still-there");
const left = document.querySelector("#seconds-left");
let quiet, countdown;

if (leaving) watch();
else forget(); // the first page: what a broken-off visit left behind goes as well

function watch() {
  leaving.addEventListener("submit", forget);
  asking.addEventListener("cancel", somebody); // the back gesture of a touch screen
  for (const sign of ["pointerdown", "keydown", "click", "input"]) addEventListener(sign, somebody);
  somebody();
}

function somebody() {
  clearTimeout(quiet);
  clearInterval(countdown);
  asking.close();
  quiet = setTimeout(ask, QUIET);
}

function ask() {
  const until = Date.now() + PATIENCE * 1000;
  const tell = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    left.textContent = Math.max(0, seconds);
    if (seconds > 0) return;
    clearInterval(countdown); // once: each further one would break off the way to the first page
    leaving.requestSubmit();
  };
  asking.showModal();
  countdown = setInterval(tell, 1000);
  tell();
}

function forget() {
  try {
    localStorage.clear();
    sessionStorage.clear();
  } catch {
    // storage forbidden: then nothing was kept
  }
}
