// Runs before the first paint: a page must not jump from small to large type.
document.documentElement.classList.add("js");
try {
  if (localStorage.getItem("jy.size") === "large") document.documentElement.dataset.size = "large";
} catch {
  // storage may be forbidden: then the switch works for this page only
}

// Should a later script be lost on a bad network, its buttons sleep: load the page once more.
addEventListener("online", () => {
  if (document.querySelector("[data-wakes]:disabled")) location.reload();
});
