// The consent page: one button opens the conversation.

const form = document.querySelector("#start");
const trouble = form.querySelector("[data-error]");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  trouble.hidden = true;
  try {
    const answer = await fetch("/api/web/conversations", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        consent: true,
        learning: form.querySelector("#learning").checked,
        place: form.dataset.place,
      }),
    });
    if (answer.ok) return location.reload();
    const body = await answer.json().catch(() => ({}));
    trouble.textContent = body.error ?? "系统繁忙，请稍后再试，或直接拨打 12348。";
  } catch {
    trouble.textContent = "网络不通，请检查网络后再点一次；急事请拨打 12348。";
  }
  trouble.hidden = false;
  button.disabled = false;
});

form.querySelector("button").disabled = false; // before, it would only have reloaded the page
