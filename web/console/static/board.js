// The cases on the desk and their rows: which one is read, what comes in and what leaves.

import { explain, take } from "./marks.js";
import { refresh } from "./times.js";
import { element, page } from "./wire.js";

const FEW = 6;
const JUST_NOW = 15_000;
// So long no key decides a case that came up by itself: it was pressed for the one before.
const STARTLED = 700;
const by = (id) => document.getElementById(id);
// What was decided here and when, so that a page asked for earlier does not bring it back.
const settled = new Map();
let filling = null;
let startled = 0;

export const cases = by("cases");
export const rows = by("rows");
export const all = () => [...cases.querySelectorAll(":scope > .case")];
export const current = () => cases?.querySelector(":scope > .case.current") ?? null;
export const waiting = () => all().filter((article) => !article.dataset.gone);
const rowOf = (number) => rows?.querySelector(`[data-case="${number}"]`);

/** Show one case; "shown" is told to the list. `alone` is true where nobody asked for it. */
export function show(article, { focus = true, alone = false } = {}) {
  for (const other of all()) other.classList.toggle("current", other === article);
  for (const link of rows?.querySelectorAll("[aria-current]") ?? []) link.removeAttribute("aria-current");
  if (alone) startled = Date.now() + STARTLED;
  if (!article) return;
  const link = rowOf(article.dataset.case)?.querySelector("a");
  link?.setAttribute("aria-current", "true");
  link?.scrollIntoView({ block: "nearest" });
  place();
  cases.dispatchEvent(new CustomEvent("shown"));
  // The next one too, so that it is ready when it is reached. A case's own page has been asked.
  if (rows) explain(article).then(() => explain(all()[all().indexOf(article) + 1]));
  // What comes up by itself takes nobody out of a field elsewhere on the page.
  if (!focus || (alone && isElsewhere())) return;
  window.scrollTo({ top: 0 });
  article.focus({ preventScroll: true });
}

const isElsewhere = () => document.activeElement !== document.body && !cases.contains(document.activeElement);

/** Whether the case before the person came up by itself just now. */
export const isStartling = () => Date.now() < startled;

/** Whether somebody writes in the case that is read, or chooses a reason. */
export function isAtWork() {
  const here = current();
  if (!here) return false;
  return Boolean(here.querySelector("details.reject[open]")) || here.contains(document.activeElement?.closest("textarea, input, select"));
}

function place() {
  const position = by("position");
  if (!position) return;
  const list = all();
  position.textContent = `${list.indexOf(current()) + 1} of ${list.length}${by("board").dataset.more ? "+" : ""}`;
}

/** Go on by one, or back. */
export function step(way) {
  const list = all();
  const left = current();
  const next = list[list.indexOf(left) + way];
  if (!next) return false;
  show(next);
  // A case that somebody else settled stays only for as long as it is looked at.
  if (left.dataset.gone) remove(left);
  return true;
}

/** Go on from a case that somebody else settled. */
export function leaveSettled() {
  const left = current();
  if (step(1) || step(-1)) return;
  remove(left);
  refill();
}

/** Take a case and its row away; answers what `bringBack` needs. */
export function remove(article, { alone = false } = {}) {
  const list = all();
  const at = list.indexOf(article);
  const way = { article, row: rowOf(article.dataset.case), after: list.slice(at + 1) };
  if (article === current()) show(list[at + 1] ?? list[at - 1] ?? null, { alone });
  way.row?.remove();
  article.remove();
  place();
  return way;
}

/** Take a case away that was decided here, and fetch more before the last one is reached. */
export function leave(article) {
  settled.set(article.dataset.case, Date.now());
  const way = remove(article);
  if (all().length <= FEW) refill();
  return way;
}

/** Put a case that left back where it stood; it is shown unless somebody is at work on another. */
export function bringBack({ article, row, after }) {
  settled.delete(article.dataset.case);
  const next = after.find((other) => other.isConnected);
  if (next) next.before(article);
  else by("position").parentElement.append(article);
  const nextRow = next && rowOf(next.dataset.case);
  if (nextRow) nextRow.before(row);
  else rows.append(row);
  article.classList.remove("current");
  for (const panel of article.querySelectorAll("details[open]")) panel.open = false;
  open(true);
  const isBack = current()?.dataset.back;
  article.dataset.back = "1";
  if (!isBack && !isAtWork()) show(article, { alone: true });
  else place();
}

/** Put a case as the server has it now in the place of an older state of it, or in front. */
export function put(word, older = null) {
  const article = element(word.case);
  const row = rows && element(`<ol>${word.row}</ol>`).firstElementChild;
  older ??= all().find((other) => other.dataset.case === article.dataset.case) ?? null;
  const isRead = !older || older === current();
  if (older) {
    // What was fetched for the older state is as true of this one, if it is the same text.
    if (older.dataset.revision === article.dataset.revision && older.dataset.around === "yes") take(article, older);
    if (older.dataset.back) article.dataset.back = "1";
    older.replaceWith(article);
    rowOf(article.dataset.case)?.replaceWith(row);
  } else {
    current() ? current().before(article) : cases.append(article);
    const here = current() && rowOf(current().dataset.case);
    here ? here.before(row) : rows?.append(row);
  }
  settled.delete(article.dataset.case);
  if (rows && !word.waits) mark(article, word.status);
  if (rows) open(true);
  refresh(article);
  if (isRead) show(article);
}

/** Say of a case that it waits no more. */
export function mark(article, status) {
  article.dataset.gone = "1";
  const row = rowOf(article.dataset.case);
  row.classList.add("done");
  const note = row.querySelector(".settled");
  note.textContent = status;
  note.hidden = false;
}

/** Show the numbers of the queues. */
export function count(counts) {
  for (const [state, number] of Object.entries(counts)) {
    const shown = document.querySelector(`[data-count="${state}"]`);
    if (shown) shown.textContent = number;
  }
}

function open(hasCases) {
  by("board").hidden = !hasCases;
  by("empty").hidden = hasCases;
}

/** Bring in what waits by now; what is on the desk keeps its place. One at a time. */
export function refill() {
  filling ??= fill().finally(() => { filling = null; });
  return filling;
}

async function fill() {
  const address = new URL(location.href);
  for (const told of ["decided", "act"]) address.searchParams.delete(told);
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
    article.classList.remove("current");
    cases.append(document.adoptNode(article));
    rows.append(document.adoptNode(row));
    refresh(article);
  }
  by("empty").replaceWith(document.adoptNode(fresh.getElementById("empty")));
  by("board").dataset.more = fresh.getElementById("board").dataset.more;
  open(all().length > 0);
  if (!current() && all().length) show(all()[0], { focus: !isElsewhere() });
  place();
}
