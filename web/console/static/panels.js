// What opens at a case: the reasons, the note, the author's panel; and moving among the reasons.

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Open the reasons; once they are open, reject without one. */
export function reject(article) {
  const panel = article?.querySelector(".reject");
  if (!panel) return false;
  const bare = panel.querySelector(".bare");
  if (panel.open) return bare.click();
  panel.open = true;
  bare.focus({ preventScroll: true });
}

/** Choose the reason with a number, from 1 on; 10 by the key 0. */
export function choose(article, number) {
  const panel = article?.querySelector(".reject[open]");
  if (!panel) return false;
  panel.querySelectorAll(".choice:not(.bare)")[number - 1]?.click();
}

/** Begin a note. */
export function note(article) {
  const panel = article?.querySelector(".noting");
  if (!panel) return false;
  panel.open = true;
  panel.querySelector("textarea").focus();
}

/** Pass the case on to a senior. */
export function passOn(article) {
  const form = article?.querySelector(".pass-on");
  if (!form) return false;
  form.requestSubmit(form.querySelector("button"));
}

/** Go to what can be done about the author, where there is anything. */
export function author(article) {
  const panel = article?.querySelector("[data-author-panel]");
  if (!panel) return false;
  if (panel.matches("details")) panel.open = true;
  const first = panel.querySelector("summary, a, button, input, select, textarea") ?? panel;
  if (first === panel) panel.tabIndex = -1;
  panel.scrollIntoView({ block: "nearest" });
  first.focus({ preventScroll: true });
}

/** Show the text of a case that is blurred until it is wanted, or blur it again. */
export function unveil(article) {
  if (!article || !document.body.classList.contains("veiled")) return false;
  article.classList.toggle("unveiled");
}

/** Close what is open in a case and go back to what opened it. */
export function close(article) {
  const panels = article?.querySelectorAll("details[open]") ?? [];
  const panel = [...panels].find((one) => one.contains(document.activeElement)) ?? panels[0];
  if (!panel) return false;
  panel.open = false;
  panel.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey) return;
  const field = event.target.closest?.(".note-form textarea");
  if (field && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    field.form.requestSubmit();
  } else if (field && event.key === "Escape") {
    event.preventDefault();
    close(field.closest(".case"));
  }
  const choice = event.target.closest?.(".choices .choice");
  const step = STEPS[event.key];
  if (!choice || !step || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const list = [...choice.closest(".choices").querySelectorAll(".choice")];
  list[(list.indexOf(choice) + step + list.length) % list.length].focus();
});
