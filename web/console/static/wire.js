// Talks to the server: sends a form, fetches a page, and says in words what went wrong.

const UNREACHABLE = "No connection to the server. Nothing was decided; the case is still here. Try again.";

/** A fault with a sentence for the person at the desk. */
export class Fault extends Error {}

/** Send a form as its button would. Answers the server's word on it; 409 is a word as well. */
export async function send(form, button, unreachable = UNREACHABLE) {
  const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      // Who decides and closes the window has decided.
      keepalive: true,
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form, button)),
    });
  } catch {
    throw new Fault(unreachable);
  }
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  if (isJson) return { ...(await answer.json()), taken: answer.ok };
  throw new Fault(await sentence(answer));
}

/** The page at an address as a document, or null when it cannot be had just now. */
export async function page(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return null;
    return parse(await answer.text());
  } catch {
    return null;
  }
}

/** The one element that a piece of the server's own HTML holds. */
export function element(html) {
  return document.adoptNode(parse(html).body.firstElementChild);
}

function parse(html) {
  // Scripts in a document made this way never run.
  return new DOMParser().parseFromString(html, "text/html");
}

async function sentence(answer) {
  const said = parse(await answer.text()).getElementById("problem")?.textContent.trim();
  return said || `The server answered ${answer.status}. Nothing was decided; try again.`;
}
