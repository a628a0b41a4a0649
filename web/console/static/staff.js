// Copies what is shown only once, and marks a whole link at a click.

const said = document.getElementById("copied");

function textOf(source) {
  if ("value" in source) return source.value;
  return [...source.children].map((child) => child.textContent.trim()).join("\n");
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  // It can do nothing before this.
  button.disabled = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(textOf(source));
      said.textContent = "Copied.";
    } catch {
      // Not allowed here, or not over HTTPS: mark it, so that the keyboard can copy it.
      if ("select" in source) source.select();
      else getSelection().selectAllChildren(source);
      said.textContent = "It is marked: copy it with your keyboard.";
    }
  });
}

for (const input of document.querySelectorAll("[data-whole]")) {
  input.addEventListener("focus", () => input.select());
}
