// The policy's form made quick: bars that follow the numbers, words tried while they are typed,
// reasons added and removed. The form works without it.

import { refresh } from "./times.js";
import { Fault, element, send } from "./wire.js";

const PAUSE = 900;
const UNTRIED = "No connection to the server. The words were not tried; nothing is lost.";
const SVG = "http://www.w3.org/2000/svg";
const by = (id) => document.getElementById(id);
const form = by("policy");
let dirty = false;
let waiting = 0;
let trials = 0;

/** A threshold as typed in percent; what is none is never reached. */
function percent(input) {
  const number = Number.parseFloat(input.value);
  return number >= 0 && number <= 1 ? number * 100 : 100;
}

function redraw(row) {
  const inputs = [...row.querySelectorAll("input")];
  const rejected = percent(inputs[1]);
  const edges = [0, Math.min(percent(inputs[0]), rejected), rejected, 100];
  const parts = ["published", "held", "rejected"].map((status, at) => {
    const part = document.createElementNS(SVG, "rect");
    const drawn = { class: status, x: edges[at], width: edges[at + 1] - edges[at], height: 10 };
    for (const [name, value] of Object.entries(drawn)) part.setAttribute(name, value);
    return part;
  });
  row.querySelector(".shares").replaceChildren(...parts);
  for (const input of inputs) input.nextElementSibling.hidden = percent(input) < 100;
}

/** Try the words as they stand in the form; of several answers only the last one asked for counts. */
async function attempt() {
  clearTimeout(waiting);
  trials += 1;
  const mine = trials;
  by("trial").setAttribute("aria-busy", "true");
  let fresh;
  try {
    fresh = element((await send(form, by("try"), UNTRIED)).trial);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    fresh = failed(error.message);
  }
  if (mine !== trials) return;
  refresh(fresh);
  // What is said is put where a screen reader already listens.
  const said = by("trial").querySelector(".trial-said");
  const next = fresh.querySelector(".trial-said");
  by("trial").removeAttribute("aria-busy");
  if (!said || !next) return by("trial").replaceWith(fresh);
  said.className = next.className;
  said.replaceChildren(...next.childNodes);
  next.remove();
  by("trial").replaceChildren(said, ...fresh.childNodes);
}

function failed(message) {
  const said = document.createElement("p");
  said.className = "trial-said fault";
  said.setAttribute("role", "status");
  said.textContent = message;
  const trial = document.createElement("div");
  trial.id = "trial";
  trial.append(said);
  return trial;
}

function addReason() {
  const row = by("reason-new").content.firstElementChild.cloneNode(true);
  const mark = `new-${Date.now()}`;
  for (const control of row.querySelectorAll("[id]")) {
    row.querySelector(`[for="${control.id}"]`).htmlFor = control.id = `${control.id}-${mark}`;
  }
  by("reason-rows").append(row);
  row.querySelector("input").focus();
}

function removeReason(row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  dirty = true;
  (next?.querySelector("[data-remove]") ?? by("add-reason")).focus();
}

form?.addEventListener("input", (event) => {
  dirty = true;
  const row = event.target.closest(".thresholds li");
  if (row) redraw(row);
  if (event.target.id === "banned_words" || event.target.id === "suspect_words") {
    clearTimeout(waiting);
    waiting = setTimeout(attempt, PAUSE);
  }
});
form?.addEventListener("click", (event) => {
  const remove = event.target.closest("[data-remove]");
  if (remove) removeReason(remove.closest(".reason"));
  if (event.target.closest("#add-reason")) addReason();
});
form?.addEventListener("submit", (event) => {
  if (event.submitter?.id === "try") {
    event.preventDefault();
    attempt();
  } else {
    dirty = false;
  }
});
// What a page that was refused brings along is not saved either.
dirty = by("said")?.classList.contains("bad") ?? false;
addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
// The first thing that is wrong is where one goes on; what others changed is read first.
if (!document.querySelector(".overtaken")) form?.querySelector("[aria-invalid]")?.focus();
