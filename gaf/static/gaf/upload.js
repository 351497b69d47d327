// Sends a file in pieces and goes on where it stopped when the line drops; a photo is made smaller on the device before.
// Without it: the form sends the file whole.
"use strict";
const form = document.querySelector("form[data-upload]"), box = form.querySelector("[type=file]");
const PIECE = 65536, PATIENCE = 60000, AGAIN = 15000, EDGE = 1600, QUALITIES = [0.7, 0.6, 0.5], LARGE = 300000, SAID_EVERY = 5000;
let photo = null, sending = false, goOn = () => {};

const part = (name) => form.querySelector(`[data-${name}]`);
const show = (...names) => ["sending", "stopped", "signed-out", "refused"].forEach((one) => (part(one).hidden = !names.includes(one)));
const inWords = (bytes) => new Intl.NumberFormat(document.documentElement.lang, {style: "unit", unit: "kilobyte", maximumFractionDigits: 0}).format(Math.ceil(bytes / 1024));
const token = () => form.querySelector("[name=csrfmiddlewaretoken]");

// What is drawn anew has no place and no telephone in it.
async function smaller(file) {
  if (!file || !file.type.startsWith("image/")) return null;
  const picture = await createImageBitmap(file), scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
  const paper = document.createElement("canvas"), pen = paper.getContext("2d");
  paper.width = Math.round(picture.width * scale);
  paper.height = Math.round(picture.height * scale);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.drawImage(picture, 0, 0, paper.width, paper.height);
  let drawn = null;
  for (const quality of QUALITIES) {
    drawn = await new Promise((done) => paper.toBlob(done, "image/jpeg", quality));
    if (!drawn || drawn.size <= LARGE) break;
  }
  return drawn && drawn.size < file.size ? new File([drawn], file.name.replace(/\.\w+$/, "") + ".jpg", {type: "image/jpeg"}) : null;
}

box.addEventListener("change", async () => {
  const file = box.files[0];
  part("photo").hidden = true;
  photo = smaller(file).catch(() => null); // it goes as it is
  const made = await photo;
  if (!made || file !== box.files[0]) return;
  part("before").textContent = inWords(file.size);
  part("after").textContent = inWords(made.size);
  part("photo").hidden = false;
});

async function ask(address, body, headers) {
  const sent = {method: body ? "POST" : "GET", body, signal: AbortSignal.timeout(PATIENCE)};
  const answer = await fetch(address, {...sent, headers: {"X-Kept": "1", "X-CSRFToken": token().value, ...headers}});
  if (answer.headers.get("X-Onward")) throw {note: "signed-out"};
  if (answer.status >= 500 || answer.status === 429) throw {note: "stopped"};
  if (!(answer.headers.get("Content-Type") || "").includes("json")) throw {note: "stopped", status: answer.status};
  const told = await answer.json();
  if (told.error) throw {why: told.error};
  return told;
}

// After signing in anew in another window, the old page's token is not good any more.
async function freshToken() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const fresh = page.querySelector("main [name=csrfmiddlewaretoken]");
  if (fresh) token().value = fresh.value;
}

async function begin(file, bytes) {
  const sum = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((one) => one.toString(16).padStart(2, "0")).join("");
  const body = new FormData(form);
  body.delete("file");
  Object.entries({filename: file.name, size: file.size, sha256: sum}).forEach(([name, value]) => body.set(name, value));
  return ask(`${form.dataset.upload}?save=1`, body);
}

async function pieces(told, bytes) {
  let said = 0;
  while (!told.arrived) {
    if (Date.now() - said > SAID_EVERY) {
      said = Date.now();
      part("done").textContent = `${inWords(told.received)} / ${inWords(bytes.byteLength)}`;
    }
    show("sending");
    told = await ask(`${told.url}?save=1`, bytes.slice(told.received, told.received + PIECE), {"Upload-Offset": told.received, "Content-Type": "application/octet-stream"});
  }
  const then = form.elements.then.value;
  location.assign(told.arrived + (then ? `?then=${encodeURIComponent(then)}` : ""));
}

const pause = () => new Promise((done) => { goOn = done; setTimeout(done, AGAIN); });

async function whole() {
  const made = await photo, file = made && !part("original").checked ? made : box.files[0], bytes = await file.arrayBuffer();
  let told = null, refreshed = false;
  for (;;) {
    try {
      told = told ? await ask(told.url) : await begin(file, bytes);
      return await pieces(told, bytes);
    } catch (stop) {
      if (stop.why) return (part("refused").textContent = stop.why), show("refused");
      if (stop.status === 404 && told) told = null; // its day is over; it begins anew
      else if (stop.status === 403 && !refreshed) refreshed = await freshToken().then(() => true, () => false);
      else if (stop.status) return natively(); // its answer is a page
      else show(stop.note || "stopped"), await pause();
      if (!stop.status) refreshed = false;
    }
  }
}

function natively() {
  form.removeAttribute("data-upload");
  form.requestSubmit();
}

form.addEventListener("submit", (event) => {
  if (!form.hasAttribute("data-upload") || !box.files[0] || !AbortSignal.timeout || !crypto.subtle) return;
  event.preventDefault();
  if (sending) return goOn();
  sending = true;
  whole().catch(natively).finally(() => (sending = false));
});
addEventListener("online", () => goOn());
