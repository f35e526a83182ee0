// Passkeys: hands the server's options to the browser and its answer back in the form. Nothing here is secret.
// form[data-passkey=get|create][data-options] with a hidden input `response` and a hidden button [data-go].
const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
let asking = null;

/** The options with bytes in place of base64url. */
function read(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = decode(options.challenge);
  if (options.user) options.user.id = decode(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    for (const one of list ?? []) one.id = decode(one.id);
  }
  return options;
}

/** What the browser answered, as the server reads it. */
function write(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  const { id, type, authenticatorAttachment } = credential;
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({ id, rawId: encode(credential.rawId), type, authenticatorAttachment, response, clientExtensionResults: {} });
}

async function ask(form, mediation) {
  asking?.abort();
  asking = new AbortController();
  const request = { publicKey: read(form), signal: asking.signal };
  if (mediation) request.mediation = mediation;
  const credential = await navigator.credentials[form.dataset.passkey](request);
  form.elements.response.value = write(credential);
  form.submit();
}

function prepare(form) {
  const button = form.querySelector("[data-go]");
  const say = (code) => {
    for (const one of form.querySelectorAll("[data-say]")) one.hidden = one.dataset.say !== code;
  };
  if (!globalThis.PublicKeyCredential || !navigator.credentials) return say("unsupported");
  const run = async () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    say("waiting");
    try {
      await ask(form);
    } catch (error) {
      say(error.name === "InvalidStateError" ? "already" : "cancelled");
    } finally {
      button.removeAttribute("aria-disabled");
    }
  };
  button.hidden = false;
  button.addEventListener("click", run);
  // Enter in the form means the button; nothing is sent without an answer.
  form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
  return undefined;
}

/** The browser offers passkeys in the list below the username; silence when there is none. */
async function offer(form) {
  if (!(await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
  await ask(form, "conditional").catch(() => {});
}

for (const form of document.querySelectorAll("form[data-passkey]")) prepare(form);
const conditional = document.querySelector("form[data-conditional]");
if (conditional) offer(conditional);
