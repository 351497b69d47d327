// Moves the reader to what is wrong with a form, and closes an open menu with Escape.
// Without it: the summary is the first thing on the page, and a menu closes by its own control.
"use strict";
const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.activeElement.closest("details[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
