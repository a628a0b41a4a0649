// The calibration page made quick: the threshold is dragged, and the figures follow. Everything
// works by forms and links without it.

import { refresh } from "./times.js";
import { page } from "./wire.js";

const PAUSE = 350;
const by = (id) => document.getElementById(id);
const plots = by("plots");
const table = plots ? JSON.parse(plots.dataset.table) : [];
let waiting = 0;
let asked = 0;

/** Show what a threshold does: at once what the page knows, and after a pause what the server says. */
function choose(value, from) {
  if (!Number.isFinite(value)) return;
  const step = Math.round(Math.min(Math.max(value, 0), 1) * 100);
  const shown = (step / 100).toFixed(2);
  const row = table[step];
  for (const place of document.querySelectorAll("[data-figure]")) place.textContent = row[place.dataset.figure];
  for (const line of plots.querySelectorAll(".chosen")) line.setAttribute("d", `M${step} 0V100`);
  const slide = by("slide");
  slide.value = shown;
  slide.setAttribute("aria-valuetext", row.a);
  if (from !== by("at")) by("at").value = shown;
  if (by("apply")) {
    by("apply-at").value = shown;
    by("apply-shown").textContent = shown;
  }
  clearTimeout(waiting);
  waiting = setTimeout(() => look(shown), PAUSE);
}

/** Ask which comments would be decided otherwise; of several answers only the last asked for counts. */
async function look(shown) {
  asked += 1;
  const mine = asked;
  by("otherwise").setAttribute("aria-busy", "true");
  const address = new URL(location.href);
  address.searchParams.set("label", document.querySelector('#choose [name="label"]').value);
  address.searchParams.set("site", document.querySelector('#choose [name="site"]').value);
  address.searchParams.set("at", shown);
  address.searchParams.delete("applied");
  const fresh = (await page(address))?.getElementById("otherwise");
  if (mine !== asked) return;
  const place = by("otherwise");
  place.removeAttribute("aria-busy");
  if (!fresh) {
    const said = document.createElement("p");
    said.className = "about";
    said.textContent = "No connection to the server: last week’s comments cannot be shown.";
    return place.replaceChildren(said);
  }
  place.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
  refresh(place);
  history.replaceState(null, "", address);
}

/** The threshold below a pointer on one of the charts. */
function under(event) {
  const box = plots.querySelector("svg").getBoundingClientRect();
  return (event.clientX - box.left) / box.width;
}

by("which")?.addEventListener("change", (event) => {
  if (event.target.tagName === "SELECT") by("which").requestSubmit();
});
if (plots) {
  for (const drawing of plots.querySelectorAll("svg")) {
    drawing.addEventListener("pointerdown", (event) => {
      drawing.setPointerCapture(event.pointerId);
      choose(under(event), drawing);
      by("slide").focus({ preventScroll: true });
      event.preventDefault();
    });
    drawing.addEventListener("pointermove", (event) => {
      if (drawing.hasPointerCapture(event.pointerId)) choose(under(event), drawing);
    });
  }
  by("slide").addEventListener("input", (event) => choose(event.target.valueAsNumber, event.target));
  by("at").addEventListener("input", (event) => choose(event.target.valueAsNumber, event.target));
  by("choose").addEventListener("submit", (event) => {
    event.preventDefault();
    choose(by("at").valueAsNumber, by("choose"));
  });
  for (const link of document.querySelectorAll("a[data-at]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(Number(link.dataset.at), link);
      by("slide").focus();
    });
  }
}
