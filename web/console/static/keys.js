// Single keys at the desk, the dialog that names them, and the switch that turns them off.

const OFF = "parley.keys.off";

function isOff() {
  try {
    // What was chosen in this browser goes before what the account says.
    const chosen = localStorage.getItem(OFF);
    if (chosen) return chosen === "1";
  } catch {
    // Without storage the account says it.
  }
  return document.body.dataset.keys === "off";
}

function remember(off) {
  try {
    localStorage.setItem(OFF, off ? "1" : "0");
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

/** Call `actions[key]` for each key pressed alone; an action answers false for "not mine". */
export function listen(actions) {
  const dialog = document.getElementById("keys");
  const choice = document.getElementById("keys-on");
  choice.checked = !isOff();
  choice.addEventListener("change", () => remember(!choice.checked));
  const open = () => dialog.open || dialog.showModal();
  document.getElementById("show-keys").addEventListener("click", open);
  // Who changes it for the account means it for this browser, too.
  document.getElementById("own-form")?.addEventListener("submit", (event) => {
    remember(!event.target.elements.single_keys.checked);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key !== "Escape" && !choice.checked) return;
    if (event.repeat && !"jk".includes(event.key)) return;
    const action = event.key === "?" ? open : actions[event.key.toLowerCase()];
    if (action && action() !== false) event.preventDefault();
  });
}
