{% load static %}// Keeps styles, scripts and one page that says that there is no line. No page of anybody, no file and nothing sent is ever kept.
"use strict";
const KEPT = "{{ version }}", PAGE = "/offline/", FILES = new Set([{% for file in files %}"{% static file %}"{% if not forloop.last %}, {% endif %}{% endfor %}]);
const without = (address) => new Request(address, {credentials: "omit", cache: "reload"}); // as somebody who is not signed in

addEventListener("install", (event) => event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll([PAGE, ...FILES].map(without)))));
addEventListener("activate", (event) => event.waitUntil(caches.keys().then((all) => Promise.all(all.filter((one) => one !== KEPT).map((one) => caches.delete(one))))));
addEventListener("fetch", (event) => {
  const request = event.request, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (FILES.has(address.pathname)) event.respondWith(caches.match(address.pathname).then((kept) => kept || fetch(request)));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
});
