// Reconciling by single keys, with the place kept: j and k move, the others press what the row itself offers.
// Without it: every key is a button or a link of its row, and an act leads back to the next line.
"use strict";
const rowsNow = () => [...document.querySelectorAll("[data-line]")];
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
  if (field || event.repeat || event.ctrlKey || event.metaKey || event.altKey || (on && !on.checked)) return;
  if (!on && localStorage.getItem(OFF) !== null) return; // no line, and the legend with its switch is not there
  const row = rowNow();
  if (event.key === "j" || event.key === "k") {
    const step = event.key === "j" ? 1 : -1;
    const rows = rowsNow();
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
  if (!row) return;
  const top = row.getBoundingClientRect().top;
  sessionStorage.setItem(TOP, String(top));
  if (!event.target.hasAttribute("data-part")) return;
  event.preventDefault();
  part(event.target, top).catch(() => event.target.submit()); // whatever goes wrong, the server's own page says it
});

// A match without a new page: the server tells the rows it changed, the figures, and which line comes next.
async function part(form, top) {
  const headers = {"X-Part": "lines", "X-Lines": rowsNow().map((row) => row.dataset.line).join()};
  const answer = await fetch(form.action, {method: "POST", body: new FormData(form), headers});
  const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part][data-onward]");
  if (!answer.ok || !told) throw new Error("no part");
  for (const place of ["[data-head]", ".messages"]) {
    document.querySelector(place).replaceChildren(...told.querySelector(place).childNodes);
  }
  const rowOf = (key) => document.querySelector(`[data-line="${key}"]`);
  for (const fresh of told.querySelectorAll("[data-line]")) {
    const row = rowOf(fresh.dataset.line);
    if (row) row.replaceWith(fresh);
  }
  for (const key of told.dataset.gone.split(" ")) if (key && rowOf(key)) rowOf(key).remove();
  const next = told.dataset.next && rowOf(told.dataset.next);
  if (!next) return onward(new URL(told.dataset.onward, location.href));
  sent = false;
  sessionStorage.removeItem(TOP);
  scrollBy(0, next.getBoundingClientRect().top - top);
  (pressed("Enter", next) || next).focus({preventScroll: true});
}
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

// The next line is on another page, or there is none.
function onward(there) {
  const here = there.pathname + there.search === location.pathname + location.search;
  location.assign(there);
  if (here) location.reload();
}

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
