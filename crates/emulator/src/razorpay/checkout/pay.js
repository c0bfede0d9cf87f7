// Spares a person a click where scripts run: tells the page around this one how the payment ended, or posts the
// result to the merchant's page. Without scripts the page's own button does the latter.
"use strict";

const note = document.querySelector("[data-message]");
if (note && window.parent !== window) {
  window.parent.postMessage(JSON.parse(note.dataset.message), note.dataset.origin);
} else {
  document.querySelector("form[data-submit]")?.submit();
}
