// Asks the browser for a passkey, or for a new one, and sends its answer to the server.

const form = document.getElementById("passkey-answer");
const said = document.getElementById("passkey-said");
const REFUSALS = {
  NotAllowedError: "That was stopped, or took too long. Nothing has happened.",
  InvalidStateError: "This device has a passkey for you already.",
  SecurityError: "Passkeys work only over HTTPS, under the name that this server is known by.",
};

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The server's options with their byte strings read, as `navigator.credentials` wants them. */
function read(options) {
  const keys = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }));
  const known = { ...options, challenge: bytes(options.challenge) };
  if (options.user) known.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) known.excludeCredentials = keys(options.excludeCredentials);
  if (options.allowCredentials) known.allowCredentials = keys(options.allowCredentials);
  return known;
}

/** A passkey's answer in letters, of the form that WebAuthn's JSON has. */
function written(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    parts.attestationObject = text(response.attestationObject);
    parts.transports = response.getTransports?.() ?? [];
  } else {
    parts.authenticatorData = text(response.authenticatorData);
    parts.signature = text(response.signature);
    parts.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: parts,
    extensions: JSON.stringify(credential.getClientExtensionResults()),
  });
}

async function ask() {
  if (!window.PublicKeyCredential) {
    said.textContent = "This browser knows no passkeys here: they need HTTPS and a newer browser.";
    return;
  }
  const publicKey = read(JSON.parse(form.dataset.options));
  try {
    const credential = await navigator.credentials[form.dataset.asks]({ publicKey });
    document.getElementById("credential").value = written(credential);
    form.submit();
  } catch (error) {
    said.textContent = REFUSALS[error.name] ?? `The passkey could not be used (${error.name}).`;
    document.getElementById("passkey-again").hidden = false;
  }
}

if (form) ask();
