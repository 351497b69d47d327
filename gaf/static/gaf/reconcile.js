// Reconciling with the place kept: the next line comes to stand where this one stood. Its keys are those of keys.js.
// Without it: an act leads back to the next line.
"use strict";
const TOP = "gaf-line-top";
let sent = false;

const lines = () => [...document.querySelectorAll("[data-line]")];
const lineNow = () => document.activeElement.closest("[data-line]");
const focusOn = (row) => (row.querySelector("[data-key~=Enter]") || row).focus({preventScroll: true});

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
  const headers = {"X-Part": "lines", "X-Lines": lines().map((row) => row.dataset.line).join()};
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
  focusOn(next);
}
addEventListener("pageshow", (event) => {
  sent = false;
  const top = sessionStorage.getItem(TOP);
  sessionStorage.removeItem(TOP);
  const target = location.hash.startsWith("#line-") && document.getElementById(location.hash.slice(1));
  if (!target || event.persisted) return;
  const row = target.closest("[data-line]");
  if (top !== null) scrollBy(0, row.getBoundingClientRect().top - Number(top));
  focusOn(row);
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
  document.addEventListener("focusin", () => (row = lineNow() || row));
  link.addEventListener("click", () => {
    if (!row) return;
    const address = new URL(link.href);
    address.searchParams.set("at", row.dataset.line);
    address.hash = `line-${row.dataset.line}`;
    link.href = address;
  });
}
