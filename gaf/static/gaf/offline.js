// On a device of one's own: keeps one page without any data, which says that there is no line. Without it: the browser's own.
"use strict";
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js").catch(() => null);
