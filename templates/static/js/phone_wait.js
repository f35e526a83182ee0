// Follows a phone that signs: asks how far it is, and shows the page anew when that has changed or the time is over.
const POLL_MS = 2_000;
const SLOWEST_MS = 15_000;
const panel = document.querySelector("[data-page-url]");
const { pageUrl, stateUrl, state } = panel.dataset;
let pause = POLL_MS;
let timer = 0;
const anew = () => { clearTimeout(timer); location.replace(pageUrl); };

async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
  const answer = await fetch(stateUrl, { cache: "no-store", headers: { Accept: "application/json" } }).catch(() => null);
  if (answer && (answer.redirected || [401, 403, 404, 410].includes(answer.status))) return anew();
  const said = answer?.ok ? await answer.json().catch(() => null) : null;
  if (said && said.state !== state) return anew();
  // A server in trouble is asked ever more seldom.
  pause = said ? POLL_MS : Math.min(pause * 1.5, SLOWEST_MS);
  timer = setTimeout(look, pause);
}

if (stateUrl) {
  timer = setTimeout(look, POLL_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}

const left = document.querySelector("[data-countdown]");
if (left) {
  const end = Date.now() + left.dataset.countdown * 1000;
  const tick = setInterval(() => {
    const seconds = Math.max(0, Math.round((end - Date.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds > 0) return;
    clearInterval(tick);
    setTimeout(anew, 1000); // the server rounds too
  }, 1000);
}
