// Keeps the numbers in the tabs true while the page is looked at.

const EVERY = 4_000;
let mark = "";
let timer = 0;

/** Ask for the counts every few seconds; `heard` gets them when they changed. */
export function watchCounts(heard) {
  const address = document.getElementById("tabs")?.dataset.counts;
  if (!address) return;
  const ask = async () => {
    clearTimeout(timer);
    if (!document.hidden) await look(address, heard);
    timer = setTimeout(ask, EVERY);
  };
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  timer = setTimeout(ask, EVERY);
}

async function look(address, heard) {
  const headers = { Accept: "application/json" };
  if (mark) headers["If-None-Match"] = mark;
  try {
    const answer = await fetch(address, { headers, cache: "no-store" });
    if (answer.status !== 200 || answer.redirected) return;
    mark = answer.headers.get("ETag") ?? "";
    heard(await answer.json());
  } catch {
    // It is asked again soon.
  }
}
