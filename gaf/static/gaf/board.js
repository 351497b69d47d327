// A card dragged to another stage opens the page that moves it there. Without it: the link “Move…” on each card.
"use strict";
let dragged = "";
for (const card of document.querySelectorAll("[data-move]")) {
  card.draggable = true;
  card.addEventListener("dragstart", (event) => {
    dragged = card.dataset.move;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.move);
  });
}
for (const stage of document.querySelectorAll("[data-stage]")) {
  stage.addEventListener("dragover", (event) => {
    if (dragged) event.preventDefault();
  });
  stage.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged) location.assign(`${dragged}&to=${stage.dataset.stage}`);
  });
}
