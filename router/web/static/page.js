// What every page has: the 大字 switch, and error sentences of htmx requests.

const root = document.documentElement;
const toggle = document.querySelector("[data-size-switch]");

function showSize() {
  toggle?.setAttribute("aria-pressed", String(root.dataset.size === "large"));
}

toggle?.addEventListener("click", () => {
  const large = root.dataset.size !== "large";
  if (large) root.dataset.size = "large";
  else delete root.dataset.size;
  try {
    localStorage.setItem("jy.size", large ? "large" : "normal");
  } catch {
    // see early.js
  }
  showSize();
});
showSize();

function complain(element, sentence) {
  const place = element.closest("form")?.querySelector("[data-error]") ?? document.querySelector("#trouble");
  if (!place) return;
  place.textContent = sentence;
  place.hidden = !sentence;
}

document.body.addEventListener("htmx:beforeRequest", (event) => complain(event.target, ""));
document.body.addEventListener("htmx:responseError", (event) => {
  const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const sentence = answer.querySelector("[data-sentence]")?.textContent;
  complain(event.target, sentence ?? "没有成功，请再试一次。");
});
document.body.addEventListener("htmx:sendError", (event) => {
  complain(event.target, "网络不通，没有发出。请检查网络后再试。");
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form[data-clears]");
  if (form && event.detail.successful) form.reset();
});

// The server ended the stream: signed out elsewhere, or the session is over.
document.body.addEventListener("htmx:sseClose", (event) => {
  if (event.detail.type === "message") location.reload();
});
