// The panel of an author made quick: reasons fill in what is told, sanctions without reloading, keys.
// Its forms work without it. Rejecting everything loads the page anew, for the queue is another then.

import { say, undoAfter, undoBefore, undoNow } from "./said.js";
import { refresh } from "./times.js";
import { Fault, element, page, send } from "./wire.js";

const KEYS = { w: "warning", m: "mute", h: "hold", x: "ban" };
const PANEL = "[data-author-panel]";
const by = (id) => document.getElementById(id);
const all = () => [...document.querySelectorAll(PANEL)];
let busy = false;

/** A mute's end in the reader's own time zone. */
function localise(root) {
  for (const time of root.querySelectorAll("time[data-to-come]")) {
    const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
    time.textContent = format.format(new Date(time.dateTime));
  }
}

function ready(root) {
  refresh(root);
  localise(root);
}

function put(panel, html) {
  const fresh = element(html);
  fresh.open = panel.open;
  panel.replaceWith(fresh);
  ready(fresh);
  return fresh;
}

/** Send a form of a panel, or the undoing of what one did, and show how the author stands now. */
async function act(form, submitter, panel) {
  if (busy) return;
  busy = true;
  panel?.setAttribute("aria-busy", "true");
  try {
    const word = await send(form, submitter, "No connection to the server. Nothing was done; try again.");
    const undo = form.id === "undo" && word.taken ? undoBefore() : undoAfter(word, form.action);
    say(word.said, { undo, bad: !word.taken });
    if (!word.panel) return;
    const name = element(word.panel).dataset.authorPanel;
    const here = panel ?? all().find((one) => one.dataset.authorPanel === name && one.checkVisibility());
    const fresh = here && put(here, word.panel);
    for (const other of all()) {
      if (other !== fresh && other.dataset.authorPanel === name) other.dataset.stale = "1";
    }
    if (panel) fresh.querySelector(".panel-body").focus({ preventScroll: true });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    say(error.message, { undo: undoNow(), bad: true });
  } finally {
    busy = false;
    panel?.removeAttribute("aria-busy");
  }
}

/** Another case of the same author changed it meanwhile: ask how it stands. */
async function renew(panel) {
  const fresh = (await page(panel.dataset.from))?.querySelector(PANEL);
  if (!fresh) return;
  fresh.open = true;
  panel.replaceWith(document.adoptNode(fresh));
  ready(fresh);
  fresh.querySelector(".panel-body").focus({ preventScroll: true });
}

function suggest(select) {
  const told = select.form.elements.told;
  if (told) told.placeholder = select.selectedOptions[0]?.dataset.told ?? "";
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const address = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : form.action;
  if (!address.includes("/authors/") || address.includes("/purges")) return;
  if (!form.closest(PANEL) && form.id !== "undo") return;
  event.preventDefault();
  act(form, event.submitter, form.closest(PANEL));
});

document.addEventListener("change", (event) => {
  if (event.target.name === "reason" && event.target.closest(PANEL)) suggest(event.target);
});

// "toggle" does not bubble.
document.addEventListener("toggle", (event) => {
  const panel = event.target.closest?.(PANEL);
  if (!panel || panel !== event.target || !panel.open) return;
  if (panel.dataset.stale) {
    delete panel.dataset.stale;
    renew(panel);
  } else if (panel.closest(".case.current")) {
    panel.querySelector(".panel-body").focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }
}, true);

/** Whether single keys are on, as the dialog of the keys says. */
const hasKeys = () => by("keys-on")?.checked ?? true;

// Before the desk sees the key: inside the panel it means something else.
document.addEventListener("keydown", (event) => {
  const panel = event.target.closest?.(PANEL);
  if (!panel?.open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    panel.open = false;
    panel.querySelector("summary").focus();
    event.stopPropagation();
    return;
  }
  if (event.target.closest("input, textarea, select, summary") || !hasKeys() || event.repeat) return;
  const kind = KEYS[event.key.toLowerCase()];
  const button = kind && panel.querySelector(`[name="kind"][value="${kind}"]`);
  const reasons = panel.querySelector('[name="reason"]');
  const number = Number(event.key);
  if (button) {
    button.click();
  } else if (reasons && number >= 1 && number <= reasons.options.length) {
    reasons.selectedIndex = number - 1;
    suggest(reasons);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}, true);

localise(document);
