// Reconciling by single keys, with the place kept: j and k move, the others press what the row itself offers.
// Without it: every key is a button or a link of its row, and an act leads back to the next line.
"use strict";
const rows = [...document.querySelectorAll("[data-line]")];
const legend = document.querySelector("[data-keys]");
const on = document.querySelector("[data-keys-on]");
const OFF = "gaf-keys-off", TOP = "gaf-line-top";
let sent = false;

const rowNow = () => document.activeElement.closest("[data-line]");
const pressed = (key, within) => within && within.querySelector(`[data-key~="${key}"]`);
const go = (row) => row && (pressed("Enter", row) || row).focus();

if (legend) {
  legend.hidden = false;
  on.checked = localStorage.getItem(OFF) === null;
  on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, select, textarea, [contenteditable]");
  if (field || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !on || !on.checked) return;
  const row = rowNow();
  if (event.key === "j" || event.key === "k") {
    const step = event.key === "j" ? 1 : -1;
    go(row ? rows[rows.indexOf(row) + step] : rows[0]);
    event.preventDefault();
    return;
  }
  if (!["Enter", "f", "s", "b", "z"].includes(event.key)) return;
  if (event.key === "Enter" && document.activeElement !== row) return; // a control answers Enter by itself
  const control = pressed(event.key, event.key === "z" ? document : row);
  if (!control) return;
  event.preventDefault();
  control.click();
});

// The next line comes to stand where this one stood; a second press while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  if (sent) return event.preventDefault();
  sent = true;
  const row = event.target.closest("[data-line]");
  if (row) sessionStorage.setItem(TOP, String(row.getBoundingClientRect().top));
});
addEventListener("pageshow", (event) => {
  sent = false;
  const top = sessionStorage.getItem(TOP);
  sessionStorage.removeItem(TOP);
  const target = location.hash.startsWith("#line-") && document.getElementById(location.hash.slice(1));
  if (!target || event.persisted) return;
  const row = target.closest("[data-line]");
  if (top !== null) scrollBy(0, row.getBoundingClientRect().top - Number(top));
  (pressed("Enter", row) || row).focus({ preventScroll: true });
});

// Another order keeps the line one stands on.
for (const link of document.querySelectorAll("[data-sort]")) {
  let row = null;
  document.addEventListener("focusin", () => (row = rowNow() || row));
  link.addEventListener("click", () => {
    if (!row) return;
    const address = new URL(link.href);
    address.searchParams.set("at", row.dataset.line);
    address.hash = `line-${row.dataset.line}`;
    link.href = address;
  });
}
