// Comfort only: every page works without this file.
for (const button of document.querySelectorAll("[data-shows]")) {
  const input = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? button.dataset.show : button.dataset.hide;
    input.focus();
  });
  // A shown password must not be kept by the browser as form history.
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
document.querySelector("[data-focus]")?.focus();
for (const form of document.querySelectorAll("form[method=post]")) {
  // A second press would send the form twice; back from the cache it must work again.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-disabled", "true");
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
});
for (const menu of document.querySelectorAll("details[data-menu]")) {
  addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
for (const link of document.querySelectorAll("[data-opens]")) {
  link.addEventListener("click", (event) => { event.preventDefault(); document.getElementById(link.dataset.opens).showModal(); });
}
for (const link of document.querySelectorAll("[data-closes]")) {
  link.addEventListener("click", (event) => {
    const dialog = link.closest("dialog");
    if (dialog.open) { event.preventDefault(); dialog.close(); }
  });
}
for (const toast of document.querySelectorAll("[data-toast]")) setTimeout(() => toast.remove(), 8000);
