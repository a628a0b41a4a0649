// Tells the server which case is before this moderator, so that no colleague is given the same one.

const RENEW = 60_000;

let asked = null;
let running = false;
let sent = 0;

/** Claim the first free cases of a list of articles; `heard` is told of the rest, once a time. */
export async function claim(articles, heard) {
  asked = { articles, heard };
  if (running) return;
  running = true;
  try {
    while (asked) {
      const { articles: list, heard: tell } = asked;
      asked = null;
      const word = await ask(list);
      // What was asked meanwhile knows better.
      if (word && !asked) tell(word);
    }
  } finally {
    running = false;
  }
}

/** Whether it is time to say again that a case is still being looked at. */
export const isDue = () => Date.now() - sent > RENEW;

async function ask(articles) {
  const body = new URLSearchParams();
  for (const article of articles) {
    body.append("case", article.dataset.case);
    body.append("version", article.dataset.version);
  }
  const token = document.querySelector('[name="csrf_token"]')?.value ?? "";
  try {
    sent = Date.now();
    const answer = await fetch("/console/claims", {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body,
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    // Without a connection nothing can be decided either; the server checks each decision.
    return null;
  }
}
