// The desk made quick: one case at a time, decisions without reloading, keys. The pages work
// without it; everything here begins at the forms and links that the server wrote.

import { countCase, watchShift } from "./break.js";
import { claim, isDue } from "./claims.js";
import { listen } from "./keys.js";
import { watchCounts } from "./live.js";
import { explain, markNext, take } from "./marks.js";
import * as panels from "./panels.js";
import { refresh } from "./times.js";
import { Fault, element, page, send } from "./wire.js";

const FEW = 3;
const EVERY = 30_000;
const by = (id) => document.getElementById(id);
const cases = by("cases");
const rows = by("rows");
// What was decided here and when, so that a page asked for earlier does not bring it back.
const settled = new Map();
const JUST_NOW = 15_000;
let busy = false;

const all = () => [...cases.querySelectorAll(":scope > .case")];
const current = () => cases?.querySelector(":scope > .case.current") ?? null;
const rowOf = (number) => rows?.querySelector(`[data-case="${number}"]`);

function show(article, { focus = true } = {}) {
  for (const other of all()) other.classList.toggle("current", other === article);
  for (const link of rows?.querySelectorAll("[aria-current]") ?? []) link.removeAttribute("aria-current");
  if (!article) return;
  const link = rowOf(article.dataset.case)?.querySelector("a");
  link?.setAttribute("aria-current", "true");
  link?.scrollIntoView({ block: "nearest" });
  place();
  hold();
  // The next one too, so that it is ready when it is reached. A case's own page has been asked.
  if (rows) explain(article).then(() => explain(all()[all().indexOf(article) + 1]));
  if (!focus) return;
  window.scrollTo({ top: 0 });
  article.focus({ preventScroll: true });
}

/** Have the case that is read, and the next free one, kept from the colleagues. */
function hold() {
  const list = all().filter((article) => !article.dataset.gone);
  const at = Math.max(0, list.indexOf(current()));
  if (list.length) claim(rows ? [...list.slice(at), ...list.slice(0, at)].slice(0, 40) : list, clear);
}

/** Take from the list what others have or settled; what is being read is said. */
function clear({ mine, others, gone }) {
  const read = current();
  for (const [number, name] of Object.entries(others)) drop(number, read, `${name} has it.`);
  for (const number of gone) drop(number, read, "Somebody settled or changed it meanwhile.");
  if (!rows) return;
  if (current() !== read || all().length <= FEW) refill();
  explain(all().find((article) => article !== current() && mine.includes(Number(article.dataset.case))));
}

function drop(number, read, why) {
  const article = by(`case-${number}`);
  // While a decision on it is under way, its answer says all that there is to say.
  if (!article || article.dataset.gone || article.ariaBusy === "true") return;
  if (article === read) {
    say(`${article.querySelector("h2").textContent}’s comment: ${why}`, { undo: undoNow(), bad: !rows });
  }
  if (!rows) return;
  const list = all();
  const at = list.indexOf(article);
  if (article === current()) show(list[at + 1] ?? list[at - 1] ?? null);
  remove(article);
}

/** What u takes back next, after something was done or, itself, taken back by a button. */
function undoAfter(word, address) {
  if (!word.taken) return undoNow();
  const at = earlier.indexOf(address);
  if (at >= 0) earlier.splice(at, 1);
  if (!word.undo) return undoNow() === address ? earlier.pop() ?? "" : undoNow();
  if (undoNow()) earlier.push(undoNow());
  return word.undo;
}

const undoNow = () => (by("undo").hidden ? "" : by("undo").action);

function place() {
  const position = by("position");
  if (!position) return;
  const list = all();
  position.textContent = `${list.indexOf(current()) + 1} of ${list.length}${by("board").dataset.more ? "+" : ""}`;
}

function step(by) {
  const list = all();
  const next = list[list.indexOf(current()) + by];
  if (!next) return false;
  // A case that somebody else settled stays only for as long as it is looked at.
  const left = current();
  show(next);
  if (left.dataset.gone) remove(left);
  return true;
}

function remove(article) {
  rowOf(article.dataset.case)?.remove();
  article.remove();
  place();
}

function say(text, { undo = "", bad = false } = {}) {
  by("said").classList.toggle("bad", bad);
  by("said-text").textContent = "";
  // Emptied first, so that the same sentence twice is read out twice.
  requestAnimationFrame(() => { by("said-text").textContent = text; });
  by("undo").hidden = !undo;
  if (undo) by("undo").action = undo;
}

function count(counts) {
  for (const [state, number] of Object.entries(counts)) {
    const shown = document.querySelector(`[data-count="${state}"]`);
    if (shown) shown.textContent = number;
  }
}

// What was decided before the decision that can be undone now, so that pressing again goes further back.
const earlier = [];

async function decide(form, button) {
  if (busy) return;
  busy = true;
  const article = form.closest(".case");
  article.setAttribute("aria-busy", "true");
  try {
    const word = await send(form, button);
    say(word.said, { undo: undoAfter(word, form.action), bad: !word.taken });
    count(word.counts);
    if (word.taken && form.querySelector('[name="decision"], [value="approve"]')) countCase();
    if (rows && ((word.taken && !word.waits) || word.holder)) leave(article);
    else put(word, article);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    say(error.message, { bad: true });
  } finally {
    article.removeAttribute("aria-busy");
    busy = false;
  }
}

/** Go on to the next case, and fetch more before the last one is reached. */
function leave(article) {
  settled.set(article.dataset.case, Date.now());
  const list = all();
  const at = list.indexOf(article);
  show(list[at + 1] ?? list[at - 1] ?? null);
  remove(article);
  if (all().length <= FEW) refill();
}

/** Put a case as the server has it now in the place of an older state of it, or in front. */
function put(word, older = null) {
  const article = element(word.case);
  const row = rows && element(`<ol>${word.row}</ol>`).firstElementChild;
  older ??= all().find((other) => other.dataset.case === article.dataset.case) ?? null;
  if (older) {
    // What was fetched for the older state is as true of this one, if it is the same text.
    if (older.dataset.revision === article.dataset.revision && older.dataset.around === "yes") take(article, older);
    older.replaceWith(article);
    rowOf(article.dataset.case)?.replaceWith(row);
  } else {
    current() ? current().before(article) : cases.append(article);
    const here = current() && rowOf(current().dataset.case);
    here ? here.before(row) : rows.append(row);
  }
  settled.delete(article.dataset.case);
  if (rows && !word.waits) mark(article, row, word.status);
  if (rows) open(true);
  refresh(article);
  show(article);
}

function mark(article, row, status) {
  article.dataset.gone = "1";
  row.classList.add("done");
  const note = row.querySelector(".settled");
  note.textContent = status;
  note.hidden = false;
}

async function undo() {
  const form = by("undo");
  if (busy || form.hidden) return;
  busy = true;
  try {
    const word = await send(form);
    say(word.said, { undo: earlier.pop() ?? "", bad: !word.taken });
    count(word.counts);
    put(word);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    say(error.message, { undo: form.action, bad: true });
  } finally {
    busy = false;
  }
}

function open(hasCases) {
  by("board").hidden = !hasCases;
  by("empty").hidden = hasCases;
}

/** Bring in what waits by now; what is on the desk keeps its place. */
async function refill() {
  const address = new URL(location.href);
  address.searchParams.delete("decided");
  const fresh = await page(address);
  if (!fresh?.getElementById("rows")) {
    if (!all().length) open(false);
    return;
  }
  for (const article of fresh.querySelectorAll("#cases > .case")) {
    const number = article.dataset.case;
    if (Date.now() - (settled.get(number) ?? 0) < JUST_NOW || by(article.id)) continue;
    const row = fresh.querySelector(`#rows > [data-case="${number}"]`);
    row.querySelector("[aria-current]")?.removeAttribute("aria-current");
    cases.append(document.adoptNode(article));
    rows.append(document.adoptNode(row));
    refresh(article);
  }
  by("tabs").replaceWith(document.adoptNode(fresh.getElementById("tabs")));
  by("empty").replaceWith(document.adoptNode(fresh.getElementById("empty")));
  by("board").dataset.more = fresh.getElementById("board").dataset.more;
  open(all().length > 0);
  if (!current() && all().length) show(all()[0], { focus: false });
  place();
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
  const yes = button(".approve .button");
  if (!yes) return false;
  yes.click();
}

function takeBack() {
  const form = by("undo");
  if (!form || form.hidden) return false;
  form.requestSubmit();
}

const actions = {
  a: approve,
  r: () => panels.reject(current()),
  e: () => panels.passOn(current()),
  n: () => panels.note(current()),
  b: () => panels.author(current()),
  v: () => panels.unveil(current()),
  u: takeBack,
  m: () => markNext(current()),
  j: () => Boolean(rows) && step(1),
  k: () => Boolean(rows) && step(-1),
  escape: () => panels.close(current()),
};
for (let number = 1; number <= 10; number += 1) actions[number % 10] = () => panels.choose(current(), number);

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
  if (mover) step(Number(mover.dataset.step));
  const link = event.target.closest("#rows a");
  if (link) {
    event.preventDefault();
    show(by(link.hash.slice(1)));
  }
});
by("site")?.addEventListener("change", () => by("site-form").requestSubmit());

listen(actions);
refresh();
watchShift();
watchCounts((counts) => {
  count(counts);
  if (!all().length && counts[by("tabs").querySelector("[aria-current] [data-count]")?.dataset.count]) refill();
});
if (cases) show((location.hash && by(location.hash.slice(1))) || all()[0] || null, { focus: false });
setInterval(() => {
  refresh();
  if (document.hidden) return;
  watch();
  if (current() && isDue()) hold();
  if (rows && !busy) refill();
}, EVERY);
