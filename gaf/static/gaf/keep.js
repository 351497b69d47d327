// Sends a form without leaving its page: when the line drops, what was typed stays, and goes again when it is back.
// Without it: the browser's own error page, from which Back leads to the page with its text.
"use strict";
const NOT_SENT = "[data-not-sent]", SIGNED_OUT = "[data-signed-out]", PATIENCE = 20000;
let sending = null, waiting = null;

const say = (selector, shown) => {
  for (const note of document.querySelectorAll(selector)) note.hidden = !shown;
};

// A browser keeps on the disc what is in a form, to bring it back when it starts again; here it is told not to.
const leaveNoTrace = () => document.querySelectorAll("form[data-keep]").forEach((form) => form.setAttribute("autocomplete", "off"));
leaveNoTrace();

// After signing in anew in another window, the old page's token is not good any more.
async function freshToken(form) {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const token = page.querySelector("main [name=csrfmiddlewaretoken]");
  if (token) form.querySelector("[name=csrfmiddlewaretoken]").value = token.value;
}

async function send(form, button, again) {
  const body = new FormData(form, button);
  const answer = await fetch(form.action, {method: "POST", body, headers: {"X-Kept": "1"}, signal: AbortSignal.timeout(PATIENCE)});
  const onward = answer.headers.get("X-Onward");
  if (onward === "sign-in") return say(SIGNED_OUT, true);
  if (onward) return accepted().then(() => location.assign(onward));
  if (answer.status === 403 && !again) return freshToken(form).then(() => send(form, button, true));
  if (answer.status >= 500 || answer.status === 429) throw new Error("later");
  if (answer.status !== 200 && answer.status !== 422) return natively(form, button); // its page is not this one; Back leads here
  const told = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.documentElement.lang = told.documentElement.lang;
  document.title = told.title;
  document.body.replaceWith(told.body);
  leaveNoTrace();
  scrollTo(0, 0);
  (document.querySelector("[data-focus]") || document.getElementById("main")).focus();
}

// Whoever kept a copy of what the server now has (draft.js) throws it away before the page goes.
function accepted() {
  const first = [];
  dispatchEvent(new CustomEvent("accepted", {detail: first}));
  return Promise.race([Promise.allSettled(first), new Promise((done) => setTimeout(done, 1000))]);
}

function natively(form, button) {
  form.removeAttribute("data-keep");
  for (const one of [form, ...form.elements]) one.removeAttribute("autocomplete"); // Back has to bring the text
  form.requestSubmit(button);
}

async function keep(form, button) {
  if (sending) return;
  sending = form;
  waiting = null;
  try {
    say(`${NOT_SENT}, ${SIGNED_OUT}`, false);
    await send(form, button, false);
  } catch {
    waiting = [form, button];
    say(NOT_SENT, true);
  } finally {
    sending = null;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!AbortSignal.timeout || !form.hasAttribute("data-keep")) return; // an old browser sends it the ordinary way
  if ([...form.querySelectorAll("[type=file]")].some((one) => one.value)) return;
  event.preventDefault();
  keep(form, event.submitter);
});
addEventListener("online", () => waiting && keep(...waiting));
