// The page Batches made quick: a range is dragged or moved by keys, its number and sample follow, and
// a batch goes on by itself. Everything works by forms and links without it.

import { refresh } from "./times.js";
import { Fault, element, page, send } from "./wire.js";

const PAUSE = 350;
const NEAR = 4;
const PLAIN = "No connection to the server: the batch stands still. Go on when it is back.";
const AWAY = "No connection to the server: the comments cannot be shown. Try again.";
const by = (id) => document.getElementById(id);
const form = by("range");
const edges = form ? JSON.parse(form.dataset.edges) : null;
const ends = { least: 0, most: 100 };
let waiting = 0;
let asked = 0;

/** How many comments are in a range of hundredths, both ends included. */
function count(least, most) {
  const all = least === 0 && most === 100 ? edges.unscored : 0;
  return edges.upto[most] - edges.below[least] + all;
}

/** Show a range, in hundredths, everywhere but in the field that it comes from. */
function show(from) {
  const { least, most } = ends;
  for (const name of ["least", "most"]) {
    const shown = (ends[name] / 100).toFixed(2);
    if (from !== by(name)) by(name).value = shown;
    const handle = by(`handle-${name}`);
    handle.style.setProperty("--at", `${ends[name]}%`);
    handle.setAttribute("aria-valuenow", shown);
  }
  by("handle-least").setAttribute("aria-valuemax", (most / 100).toFixed(2));
  by("handle-most").setAttribute("aria-valuemin", (least / 100).toFixed(2));
  for (const part of by("plot").querySelectorAll("#in-range rect, .band")) {
    part.setAttribute("x", least);
    part.setAttribute("width", most - least);
  }
  const number = count(least, most);
  by("how-many").querySelector("b").textContent = number.toLocaleString("en");
  by("how-many").lastChild.textContent = number === 1 ? " comment" : " comments";
}

/** Choose a range; of two ends the lower one is the least. */
function choose(one, other, from = null) {
  const inside = (value) => Math.round(Math.min(Math.max(value, 0), 100));
  ends.least = Math.min(inside(one), inside(other));
  ends.most = Math.max(inside(one), inside(other));
  show(from);
  clearTimeout(waiting);
  by("chosen-range").setAttribute("aria-busy", "true");
  waiting = setTimeout(look, PAUSE);
}

/** Have comments of the range shown; of several answers only the last asked for counts. */
async function look() {
  asked += 1;
  const mine = asked;
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (name !== "reason" && value) address.searchParams.set(name, value);
  const reason = by("reason")?.value;
  const fresh = (await page(address))?.getElementById("chosen-range");
  if (mine !== asked) return;
  const place = by("chosen-range");
  place.removeAttribute("aria-busy");
  if (!fresh) return say(AWAY, true);
  say("");
  const was = document.activeElement?.id;
  place.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
  if (reason && by("reason")) by("reason").value = reason;
  if (was && !document.activeElement?.id) by(was)?.focus({ preventScroll: true });
  refresh(place);
  history.replaceState(null, "", address);
}

function say(text, bad = false) {
  by("said").classList.toggle("bad", bad);
  by("said-text").textContent = text;
}

/** The hundredth below a pointer on the bars. */
function under(event) {
  const box = by("plot").getBoundingClientRect();
  return ((event.clientX - box.left) / box.width) * 100;
}

function dragBars(drawing) {
  let begun = null;
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    begun = { at: under(event), x: event.clientX };
    drawing.setPointerCapture(event.pointerId);
    by("plot").classList.add("dragged");
    event.preventDefault();
  });
  drawing.addEventListener("pointermove", (event) => {
    if (begun && Math.abs(event.clientX - begun.x) >= NEAR) choose(begun.at, under(event));
  });
  drawing.addEventListener("pointerup", (event) => {
    // Without a move it is the one bar that was meant.
    if (begun && Math.abs(event.clientX - begun.x) < NEAR) {
      const bar = Math.min(Math.max(Math.floor(begun.at / 2.5), 0), 39);
      choose(Math.floor(bar * 2.5), Math.ceil((bar + 1) * 2.5));
    }
    begun = null;
    by("plot").classList.remove("dragged");
  });
  drawing.addEventListener("pointercancel", () => {
    begun = null;
    by("plot").classList.remove("dragged");
  });
}

/** Move one end; it stops at the other one. */
function move(name, to, from = null) {
  const value = Number.isFinite(to) ? to : ends[name];
  if (name === "least") choose(Math.min(value, ends.most), ends.most, from);
  else choose(ends.least, Math.max(value, ends.least), from);
}

function dragHandle(handle, name) {
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    event.preventDefault();
  });
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) move(name, under(event));
  });
  handle.addEventListener("keydown", (event) => {
    const at = ends[name];
    const to = {
      ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1,
      PageDown: at - 10, PageUp: at + 10, Home: 0, End: 100,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(name, to);
  });
}

function ready() {
  for (const name of ["least", "most"]) {
    ends[name] = Math.round(by(name).valueAsNumber * 100);
    dragHandle(by(`handle-${name}`), name);
    by(name).addEventListener("input", (event) => {
      const typed = event.target.valueAsNumber * 100;
      // A range that is half typed may stand the wrong way round; the fields are put right on leaving.
      if (Number.isFinite(typed)) move(name, typed, event.target);
    });
    by(name).addEventListener("change", () => show(null));
  }
  dragBars(by("plot").querySelector("svg"));
  show(null);
  form.addEventListener("submit", (event) => {
    // Enter in a field presses the button that the script has hidden; those that decide have a name.
    if (event.submitter?.name) return;
    event.preventDefault();
    clearTimeout(waiting);
    look();
  });
  by("chosen-range").addEventListener("click", (event) => {
    if (!event.target.closest("#another")) return;
    event.preventDefault();
    by("chosen-range").setAttribute("aria-busy", "true");
    look();
  });
}

/** Go on with a batch until it is done, each time as far as the server has got. */
async function goOn() {
  let batch = by("batch");
  while (batch?.dataset.busy) {
    const button = batch.querySelector(".go-on button");
    if (!button) return;
    let answer;
    try {
      answer = await send(button.form, button, PLAIN);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      batch.classList.add("stuck");
      return say(error.message, true);
    }
    if (answer.is_busy) {
      by("outcome").textContent = answer.outcome;
      by("progress").value = answer.share;
    } else {
      const fresh = element(answer.part);
      batch.replaceWith(fresh);
      batch = fresh;
      say("");
      by("told").textContent = `${answer.outcome}.`;
    }
  }
}

by("label")?.addEventListener("change", () => by("site-form")?.requestSubmit());
if (form) ready();
if (by("batch")) goOn();
