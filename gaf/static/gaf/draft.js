// On one's own device: keeps a copy of what is typed that only a key of the server's opens, and offers it again.
// Without it: a closed tab loses what was typed since the last Continue.
"use strict";
const NOT_TYPED = /hidden|file|password|submit|button/;
const random = (length) => crypto.getRandomValues(new Uint8Array(length)), ours = random(16);
let key = null, due = 0, turn = Promise.resolve(), found = []; // a key that was refused is false

const part = (name) => document.querySelector(`[data-${name}]`);
const sealing = ({id, iv}) => ({name: "AES-GCM", iv, additionalData: id});
const afterwards = (act) => (turn = turn.then(act).catch(() => 0));
const pause = () => (due = clearTimeout(due));
const fields = () => [...part("keep").elements].filter((field) => field.name && !NOT_TYPED.test(field.type));
const typed = () => JSON.stringify([location.pathname, ...fields().map((field) => [field.name, field.value, /radio|check/.test(field.type) ? field.checked : 0])]);

// It may be cleared away at any time.
const inStore = (act) => new Promise((done, fail) => {
  const asked = indexedDB.open("typed");
  asked.onupgradeneeded = () => asked.result.createObjectStore("copies", {keyPath: "id"});
  asked.onerror = fail;
  asked.onsuccess = () => {
    const work = asked.result.transaction("copies", "readwrite"), answer = act(work.objectStore("copies"));
    work.oncomplete = () => done(answer.result);
    work.onabort = fail;
    asked.result.close();
  };
});
const throwAway = (...copies) => inStore((store) => copies.map(({id}) => store.delete(id)));

function forget() {
  pause();
  key = false;
  return inStore((store) => store.clear());
}

async function fetchKey() {
  const answer = await fetch(part("copy").dataset.copy, {method: "POST", body: new URLSearchParams({csrfmiddlewaretoken: part("keep").csrfmiddlewaretoken.value})});
  if (/404|422/.test(answer.status)) return forget();
  key = await crypto.subtle.importKey("raw", await answer.arrayBuffer(), "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function write() {
  pause();
  if (key === null) await fetchKey();
  if (!key) return;
  const copy = {id: ours, at: Date.now(), iv: random(12)};
  copy.box = await crypto.subtle.encrypt(sealing(copy), key, new TextEncoder().encode(typed()));
  await inStore((store) => store.put(copy));
}

// What opens no more goes, and what the page has; the newest is offered.
async function look() {
  const before = typed();
  await fetchKey();
  if (!key) return;
  for (const copy of await inStore((store) => store.getAll())) {
    const bytes = Date.now() - copy.at < 72 * 3600000 && await crypto.subtle.decrypt(sealing(copy), key, copy.box).catch(() => 0);
    copy.text = bytes && new TextDecoder().decode(bytes);
    if (!bytes || copy.text === before) await throwAway(copy);
    else if (JSON.parse(copy.text)[0] === location.pathname) found.push(copy);
  }
  if (!found.sort((one, other) => other.at - one.at)[0]) return;
  part("typed-at").textContent = new Date(found[0].at).toLocaleString(document.documentElement.lang, {weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23"});
  part("keep").before(part("copy"));
  part("copy").hidden = false;
}

// Words without a field stay.
function recover() {
  const left = [];
  for (const [name, value, checked] of JSON.parse(found[0].text).slice(1)) {
    const text = checked === 0, field = fields().find((one) => one.name === name && (text || one.value === value));
    if (field) {
      Object.assign(field, text ? {value} : {checked});
      field.dispatchEvent(new Event("input", {bubbles: true}));
      if (text ? value : checked) field.closest("details")?.setAttribute("open", "");
    } else if (text && value) left.push(value);
  }
  part("left").hidden = !(part("left").lastChild.value = left.join("\n"));
  afterwards(write);
}

if (crypto.subtle && AbortSignal.timeout) {
  addEventListener("input", ({target}) => {
    if (target.form === part("keep")) due ||= setTimeout(() => afterwards(write), 5000);
  });
  addEventListener("visibilitychange", () => due && afterwards(write));
  addEventListener("click", ({target}) => {
    if (!target.closest("[data-offer] button")) return;
    if (target.matches("[data-recover]")) recover();
    if (part("left").hidden) afterwards(() => throwAway(found[0]));
    part("offer").hidden = true;
    part("copy").hidden = part("left").hidden;
    fields()[0].focus();
  });
  addEventListener("accepted", ({detail}) => {
    pause();
    detail.push(afterwards(() => throwAway({id: ours}, ...found)));
  });
  addEventListener("submit", ({target}) => target.matches("[action^='/sign-out/']") && forget());
  afterwards(look);
}
