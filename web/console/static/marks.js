// The words that carry a score: fetches what the queue's page does not know yet, what stands around
// the comment included, and switches between the labels and the comment as readers see it.

import { refresh } from "./times.js";
import { page } from "./wire.js";

const PARTS = ["words", "scores", "above", "below", "author-more"];
// When a case that is read is asked for again, should the model have been too busy to explain it.
const AGAIN = [4_000, 12_000, 30_000, 90_000];

/** Have the server explain a case and say what stands around it; without an answer it stays. */
export async function explain(article) {
  if (!article || (article.dataset.explained !== "no" && article.dataset.around !== "no")) return;
  const { explained, around } = article.dataset;
  Object.assign(article.dataset, { explained: explained === "no" ? "asked" : explained, around: "asked" });
  const fresh = await page(article.querySelector(".permalink").href);
  const found = fresh?.getElementById(article.id);
  // Of another revision the marks would stand in a text that is not shown.
  if (found?.dataset.revision !== article.dataset.revision) {
    Object.assign(article.dataset, { explained, around });
    return;
  }
  take(article, found);
  refresh(article);
  if (article.dataset.explained === "no") askLater(article);
}

/** Ask for the words once more as long as the case is before a person. */
function askLater(article) {
  const asked = Number(article.dataset.asked ?? 0);
  if (asked >= AGAIN.length) return;
  article.dataset.asked = asked + 1;
  setTimeout(() => article.isConnected && article.matches(".current") && explain(article), AGAIN[asked]);
}

/** Put the parts that are fetched late from one state of a case into another. */
export function take(article, found) {
  for (const part of PARTS) {
    const old = article.querySelector(`[data-part="${part}"]`);
    old.replaceWith(document.adoptNode(found.querySelector(`[data-part="${part}"]`)));
  }
  for (const name of ["explained", "around"]) article.dataset[name] = found.dataset[name];
}

/** Show the words of a comment marked for one label; for the label "", as readers see them. */
export function mark(article, label) {
  for (const view of article.querySelectorAll(".view")) view.hidden = view.dataset.view !== label;
  for (const link of article.querySelectorAll(".shows")) {
    if (link.dataset.shows === label) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** Go on to the next label's words, and after the last to the comment as readers see it. */
export function markNext(article) {
  const labels = [...(article?.querySelectorAll(".view") ?? [])].map((view) => view.dataset.view);
  if (labels.length < 2) return false;
  const at = labels.indexOf(article.querySelector(".view:not([hidden])").dataset.view);
  mark(article, labels[(at + 1) % labels.length]);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-shows]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const article = link.closest(".case");
  // Pressed once more, the bar takes its marks away.
  const isShown = link.matches('.shows[aria-current="true"]');
  mark(article, isShown ? "" : link.dataset.shows);
  // The link below the text went with the view it stood in.
  if (!link.offsetParent) article.querySelector(".view:not([hidden]) a[data-shows]")?.focus();
});
