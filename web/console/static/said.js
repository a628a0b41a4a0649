// The one line that says what was done or refused last, and what U takes back.

const by = (id) => document.getElementById(id);
// What was done before the act that can be undone now, so that pressing again goes further back.
const earlier = [];

/** Say a sentence, and offer to undo what it tells at an address. */
export function say(text, { undo = "", bad = false } = {}) {
  by("said").classList.toggle("bad", bad);
  by("said-text").textContent = "";
  // Emptied first, so that the same sentence twice is read out twice.
  requestAnimationFrame(() => { by("said-text").textContent = text; });
  by("undo").hidden = !undo;
  if (undo) by("undo").action = undo;
}

/** The address that takes back the last act, or "". */
export const undoNow = () => (by("undo").hidden ? "" : by("undo").action);

/** What U takes back next, after something was done or, itself, taken back by a button. */
export function undoAfter(word, address) {
  if (!word.taken) return undoNow();
  const at = earlier.indexOf(address);
  if (at >= 0) earlier.splice(at, 1);
  if (!word.undo) return undoNow() === address ? undoBefore() : undoNow();
  if (undoNow()) earlier.push(undoNow());
  return word.undo;
}

/** What was done before it. */
export const undoBefore = () => earlier.pop() ?? "";
