// Asks NCALayer, a program on the person's own computer, for a signature. The connection is opened only after the
// button was pressed, so that the browser's own question about permission never comes unexplained.
const GREETING_MS = 10_000;
const ASKED_MS = 120_000;
const SIGNING_MS = 300_000;
const STALE_MS = 20_000;
const STEPS = ["connecting", "choose", "checking"];

class Failure extends Error {
  constructor(code, detail = "") {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

/** «granted», «prompt», «denied»; «unknown» in a browser that does not guard this computer. */
async function permission() {
  const found = [];
  for (const name of ["loopback-network", "local-network-access"]) {
    try {
      found.push((await navigator.permissions.query({ name })).state);
    } catch { /* no such name in this browser */ }
  }
  return found.includes("denied") ? "denied" : found[0] ?? "unknown";
}

/** One connection; `ask` gives the answer to a request, `next` the next message. */
function open(url) {
  const socket = new WebSocket(url);
  let settle = null;
  const fail = () => settle?.reject(new Failure("closed"));
  socket.onmessage = ({ data }) => {
    try {
      settle?.resolve(JSON.parse(data));
    } catch {
      settle?.reject(new Failure("ncalayer_failed"));
    }
  };
  socket.onerror = socket.onclose = fail;
  const next = () => new Promise((resolve, reject) => {
    settle = { resolve, reject };
    if (socket.readyState > WebSocket.OPEN) fail();
  });
  return {
    socket,
    next,
    ask: (request) => {
      const answer = next();
      socket.send(JSON.stringify(request));
      return answer;
    },
  };
}

function within(milliseconds, promise, code) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Failure(code)), milliseconds); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The version that NCALayer greets with. While the browser is asking for permission, nothing is heard of a socket. */
async function greeting(layer, before, say) {
  const asking = setTimeout(() => {
    if (before === "prompt" && layer.socket.readyState === WebSocket.CONNECTING) say("permission");
  }, 500);
  try {
    const { result } = await within(before === "prompt" ? ASKED_MS : GREETING_MS, Promise.race([
      layer.next(),
      new Promise((_, reject) => {
        layer.socket.addEventListener("open", () => {
          say("connecting");
          setTimeout(() => reject(new Failure("closed")), GREETING_MS);
        });
      }),
    ]), "closed");
    return String(result?.version ?? "");
  } catch (error) {
    if (error.code !== "closed") throw error;
    throw new Failure(await permission() === "denied" ? "ncalayer_denied" : "ncalayer_absent");
  } finally {
    clearTimeout(asking);
  }
}

/** Versions before 1.4 have no module «basics». */
function isOld(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 1 || (major === 1 && minor < 4);
}

/** The signature in an answer of either module. Every build says «cancelled» in its own way. */
function signatureIn(answer) {
  const words = [answer.code, answer.errorCode, answer.message].filter(Boolean).join(" ");
  if (/cancel/i.test(words)) throw new Failure("ncalayer_cancelled");
  if (answer.status !== true && String(answer.code) !== "200") throw new Failure("ncalayer_failed", words);
  const result = answer.status === true ? answer.body?.result : answer.responseObject;
  const signature = [result?.signatures ?? result].flat()[0];
  if (!signature) throw new Failure("ncalayer_cancelled");
  return signature;
}

function basics(layer, form) {
  const { document: data, locale, oids, mode } = form.dataset;
  const signingParams = { decode: true, encapsulate: false, digested: false };
  if (mode === "document") signingParams.tsaProfile = {};
  return layer.ask({
    module: "kz.gov.pki.knca.basics",
    method: "sign",
    args: {
      allowedStorages: null, format: "cms", data, signingParams, locale,
      signerParams: { extKeyUsageOids: oids.split(" ").filter(Boolean), iin: "", bin: "", serialNumber: "", chain: null },
    },
  });
}

/** Old versions sign from one kind of storage: a token when one is plugged in, else a file. */
async function commonUtils(layer, form) {
  const { document: data, mode } = form.dataset;
  const module = "kz.gov.pki.knca.commonUtils";
  const tokens = (await layer.ask({ module, method: "getActiveTokens" })).responseObject;
  const method = mode === "document" ? "createCMSSignatureFromBase64" : "createCAdESFromBase64";
  const storage = (Array.isArray(tokens) && tokens[0]) || "PKCS12";
  return layer.ask({ module, method, args: [storage, "SIGNATURE", data, false] });
}

async function sign(layer, version, form) {
  if (isOld(version)) return signatureIn(await commonUtils(layer, form));
  const answer = await basics(layer, form);
  const isUnknown = /MODULE_NOT_FOUND/.test(`${answer.errorCode} ${answer.code} ${answer.message}`);
  return signatureIn(isUnknown ? await commonUtils(layer, form) : answer);
}

/** A challenge is good for a short time: whoever read slowly gets a new one before signing. */
async function renew(form) {
  const answer = await fetch(form.dataset.renew, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("form[data-ncalayer]");
  if (!fresh) return;
  form.dataset.document = fresh.dataset.document;
  for (const name of ["challenge", "csrf_token"]) form.elements[name].value = fresh.elements[name].value;
  const text = page.querySelector("[data-text]");
  if (text) document.querySelector("[data-text]").textContent = text.textContent;
}

/** A long document is not in the page. */
async function fetchDocument(form) {
  const answer = await fetch(form.dataset.documentUrl, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok || answer.redirected) throw new Failure("ncalayer_failed");
  const reader = new FileReader();
  const read = new Promise((resolve, reject) => { reader.onload = resolve; reader.onerror = reject; });
  reader.readAsDataURL(await answer.blob());
  await read;
  form.dataset.document = reader.result.slice(reader.result.indexOf(",") + 1);
}

function prepare(form) {
  const button = form.querySelector("[data-sign]");
  let shownAt = performance.now();
  const say = (code, detail = "") => {
    for (const one of form.querySelectorAll("[data-say]")) one.hidden = one.dataset.say !== code;
    form.querySelector("[data-detail]").textContent = detail.slice(0, 80);
    const now = STEPS.indexOf(code === "permission" ? "connecting" : code);
    for (const item of document.querySelectorAll("[data-step]")) {
      const at = STEPS.indexOf(item.dataset.step);
      item.ariaCurrent = at === now ? "step" : null;
      item.classList.toggle("done", at < now);
    }
  };
  const rest = () => button.removeAttribute("aria-disabled");
  const run = async () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    say("connecting");
    let layer;
    try {
      if (form.dataset.renew && performance.now() - shownAt > STALE_MS) {
        await renew(form);
        shownAt = performance.now();
      }
      if (!form.dataset.document) await fetchDocument(form);
      const before = await permission();
      layer = open(form.dataset.url);
      const version = await greeting(layer, before, say);
      say("choose");
      form.elements.signature.value = await within(SIGNING_MS, sign(layer, version, form), "ncalayer_failed");
      say("checking");
      form.submit();
    } catch (error) {
      const isKnown = error instanceof Failure && error.code !== "closed";
      say(isKnown ? error.code : "ncalayer_failed", error.detail);
      rest();
    } finally {
      if (layer) {
        layer.socket.onclose = layer.socket.onerror = null;
        layer.socket.close();
      }
    }
  };
  button.hidden = false;
  button.addEventListener("click", run);
  // Enter in the form means the button; nothing is sent without a signature.
  form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  // Back from the browser's cache: the challenge is spent, and the button works again.
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    shownAt = -Infinity;
    say("");
    rest();
  });
}

for (const form of document.querySelectorAll("form[data-ncalayer]")) prepare(form);
