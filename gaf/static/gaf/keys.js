// Single keys: j and k go from row to row, other keys press what the row or the page offers, ? shows them all.
// Without it, or turned off: each of them is a link or a button that stands on the page.
"use strict";
const TYPED_INTO = "select, textarea, [contenteditable], input:not([type=radio], [type=checkbox])";
const rowsNow = () => [...document.querySelectorAll("[data-line]")];
const rowNow = () => document.activeElement.closest("[data-line]");
const offered = (key, within) => [...within.querySelectorAll(`[data-key~="${CSS.escape(key)}"]`)];
// What stands in something opened comes before what opened it, so that the same key opens and then presses.
const ofThePage = (key) => {
  const all = offered(key, document).filter((one) => !one.closest("[data-line]"));
  return all.find((one) => one.matches("details[open] > :not(summary) *")) || all[0];
};
let going = -Infinity;

for (const legend of document.querySelectorAll("[data-keys]")) legend.hidden = false;

function goTo(row) {
  if (!row) return;
  // Only radio buttons that have keys of their own: Enter on any other would send its form with nothing chosen.
  const answers = "[type=radio][data-key]";
  const place = offered("Enter", row)[0] || row.querySelector(`${answers}:checked`) || row.querySelector(answers);
  (place || row).focus();
}

function step(by) {
  const rows = rowsNow(), row = rowNow();
  goTo(row ? rows[rows.indexOf(row) + by] : rows[0]);
}

function press(key) {
  const row = rowNow();
  if (key === "Enter" && document.activeElement !== row) return false; // a control answers Enter by itself
  const answers = row || !rowsNow().length ? [] : offered(key, rowsNow()[0]).filter((one) => one.type === "radio");
  const control = (row && offered(key, row)[0]) || answers[0] || ofThePage(key); // answering begins at the first row
  if (!control) return false;
  control.focus();
  control.click();
  if (control.type === "radio") step(1);
  if (control.matches("summary")) control.parentElement.scrollIntoView({block: "nearest"});
  return true;
}

async function list() {
  const answer = await fetch("/keys/");
  const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#main");
  if (!answer.ok || !told) return location.assign("/keys/");
  const before = document.activeElement, dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "keys");
  dialog.append(...told.childNodes);
  document.body.append(dialog);
  dialog.addEventListener("close", () => (dialog.remove(), before.focus()));
  dialog.tabIndex = -1;
  dialog.showModal();
  dialog.focus();
}

document.addEventListener("keydown", (event) => {
  const {key} = event;
  if (event.target.closest(TYPED_INTO) || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const gone = event.timeStamp - going < 1500 && document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  going = -Infinity;
  if (gone) gone.click();
  else if (key === "g") going = event.timeStamp;
  else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "/") document.getElementById("find")?.focus();
  else if (key === "?" && location.pathname !== "/keys/") list().catch(() => location.assign("/keys/"));
  else if (!press(key)) return;
  event.preventDefault();
});
