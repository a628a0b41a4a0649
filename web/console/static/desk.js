// The desk made quick: one case at a time, decisions without reloading, keys. The pages work
// without it; everything here begins at the forms and links that the server wrote.

import { countCase, watchShift } from "./break.js";
import * as board from "./board.js";
import { all, cases, current, rows } from "./board.js";
import { claim, isDue } from "./claims.js";
import { listen } from "./keys.js";
import { watchCounts } from "./live.js";
import { explain, markNext } from "./marks.js";
import * as panels from "./panels.js";
import { say, undoAfter, undoBefore, undoNow } from "./said.js";
import { refresh } from "./times.js";
import { Fault, page, send } from "./wire.js";

const FEW = 3;
const EVERY = 30_000;
const SLOW = 1_500;
// Of the queues of what waits a decision takes a case out, so the next one need not wait for it.
const LEAVING = ".approve, .choices, .pass-on";
const by = (id) => document.getElementById(id);
const empties = "empties" in (by("board")?.dataset ?? {});
let busy = false;
// Decisions are sent at once and their answers taken up in the order of the keys.
let turn = Promise.resolve();
let pending = 0;

/** Have the case that is read, and the next free one, kept from the colleagues. */
function hold() {
  const list = board.waiting();
  const at = Math.max(0, list.indexOf(current()));
  // A second look has no place in the queue, and what is only looked through is nobody's.
  if (rows && !empties) return;
  if (list.some((article) => !article.dataset.version)) return;
  if (list.length) claim(rows ? [...list.slice(at), ...list.slice(0, at)].slice(0, 40) : list, clear);
}

/** Take from the list what others have or settled; what is being read is said. */
function clear({ mine, others, gone }) {
  const read = current();
  for (const [number, name] of Object.entries(others)) drop(number, read, `${name} has it.`);
  for (const number of gone) drop(number, read, "Somebody settled or changed it meanwhile.");
  if (!rows) return;
  if (current() !== read || all().length <= FEW) board.refill();
  explain(all().find((article) => article !== current() && mine.includes(Number(article.dataset.case))));
}

function drop(number, read, why) {
  const article = by(`case-${number}`);
  // While a decision on it is under way, its answer says all that there is to say.
  if (!article || article.dataset.gone || article.ariaBusy === "true") return;
  const who = article.querySelector("h2").textContent;
  const staysHere = !rows || (article === read && board.isAtWork());
  if (article === read) say(`${who}’s comment: ${why}${staysHere ? "" : " Here is the next one."}`, { undo: undoNow(), bad: !rows });
  if (!rows) return;
  // Nobody is taken out of a sentence: it goes when it is left.
  if (staysHere) board.mark(article, "settled");
  else board.remove(article, { alone: article === read });
}

function decide(form, button) {
  if (busy) return;
  const article = form.closest(".case");
  if (empties && !article.dataset.gone && form.matches(LEAVING)) goOn(article, form, button);
  else wait(article, form, button);
}

function underWay(change) {
  pending += change;
  cases.ariaBusy = String(pending > 0);
}

/** Send a decision and show the next case at once; the case comes back if it was refused. */
function goOn(article, form, button) {
  const answer = send(form, button).then((word) => ({ word }), (error) => ({ error }));
  underWay(1);
  const way = board.leave(article);
  const late = setTimeout(() => say("Still saving what you decided…", { undo: undoNow() }), SLOW);
  turn = turn.then(async () => {
    const { word, error } = await answer;
    clearTimeout(late);
    underWay(-1);
    if (error) {
      board.bringBack(way);
      if (!(error instanceof Fault)) throw error;
      say(error.message, { undo: undoNow(), bad: true });
      return;
    }
    tell(word, form);
    const hasLeft = word.taken ? !word.waits : word.holder;
    if (!hasLeft) {
      board.bringBack(way);
      board.put(word, article);
    }
    if (!pending && !all().length) board.refill();
    hold();
  }).catch((error) => reportError(error));
}

/** Send what leaves the case where it is, and wait for the answer. */
async function wait(article, form, button) {
  busy = true;
  article.setAttribute("aria-busy", "true");
  try {
    const word = await send(form, button);
    await turn;
    tell(word, form);
    if (rows && ((word.taken && !word.waits) || word.holder)) board.leave(article);
    else board.put(word, article);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    say(error.message, { undo: undoNow(), bad: true });
  } finally {
    article.removeAttribute("aria-busy");
    busy = false;
  }
}

function tell(word, form) {
  say(word.said, { undo: undoAfter(word, form.action), bad: !word.taken });
  board.count(word.counts);
  if (word.taken && form.matches(".approve, .choices")) countCase();
}

async function undo() {
  const form = by("undo");
  if (busy || form.hidden) return;
  busy = true;
  try {
    const word = await send(form);
    say(word.said, { undo: undoBefore(), bad: !word.taken });
    board.count(word.counts);
    board.put(word);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    say(error.message, { undo: form.action, bad: true });
  } finally {
    busy = false;
  }
}

/** Take back what was done last, once it is known to be done. */
async function takeBack() {
  const form = by("undo");
  if (!form || busy || (form.hidden && !pending)) return false;
  if (pending) {
    busy = true;
    await turn;
    busy = false;
  }
  if (!form.hidden) form.requestSubmit();
}

/** Say at once when scoring stops, and when it goes on. */
async function watch() {
  const shown = by("banner");
  const fresh = (await page(shown.dataset.from))?.getElementById("banner");
  if (!fresh || fresh.textContent === shown.textContent) return;
  // Its content only: the place itself is what a screen reader listens to.
  shown.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
  refresh(shown);
}

const button = (selector) => current()?.querySelector(selector);

function approve() {
  // What a colleague settled is left by the same key; nothing is decided on it.
  if (rows && current()?.dataset.gone) return board.leaveSettled();
  const yes = button(".approve .button");
  if (!yes) return false;
  yes.click();
}

/** Take no key for a case that came up by itself, as it was meant for the one before. */
const seen = (act) => () => (board.isStartling() ? undefined : act());

const actions = {
  a: seen(approve),
  r: seen(() => panels.reject(current())),
  e: seen(() => panels.passOn(current())),
  n: () => panels.note(current()),
  b: () => panels.author(current()),
  v: () => panels.unveil(current()),
  u: takeBack,
  m: () => markNext(current()),
  j: () => Boolean(rows) && board.step(1),
  k: () => Boolean(rows) && board.step(-1),
  escape: () => panels.close(current()),
};
for (let number = 1; number <= 10; number += 1) actions[number % 10] = seen(() => panels.choose(current(), number));

// Before anybody else: what was done last is not known yet.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "undo" || !pending) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  takeBack();
}, true);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "undo" && cases && !form.action.includes("/authors/")) {
    event.preventDefault();
    undo();
  } else if (form.closest(".act, .note-back")) {
    event.preventDefault();
    decide(form, event.submitter);
  }
});
document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-step]");
  if (mover) board.step(Number(mover.dataset.step));
  const link = event.target.closest("#rows a");
  if (link) {
    event.preventDefault();
    board.show(by(link.hash.slice(1)));
  }
});
by("site")?.addEventListener("change", () => by("site-form").requestSubmit());
// While a decision is under way its case is still this person's: it is let go by being answered.
cases?.addEventListener("shown", () => pending || hold());

listen(actions);
refresh();
watchShift();
watchCounts((counts) => {
  board.count(counts);
  // Somebody did something: it may be the case that is read.
  if (all().length) hold();
  else if (counts[by("tabs").querySelector("[aria-current] [data-count]")?.dataset.count]) board.refill();
});
if (cases) board.show((location.hash && by(location.hash.slice(1))) || all()[0] || null, { focus: false });
setInterval(() => {
  refresh();
  if (document.hidden) return;
  watch();
  if (current() && isDue()) hold();
  if (rows && !busy) board.refill();
}, EVERY);
