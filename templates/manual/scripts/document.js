/* A procedure's page: the control block folds on a phone, and is open on paper; a button prints. */
"use strict";
(() => {
  const block = document.querySelector("details.qm-control");
  const narrow = window.matchMedia("(max-width: 40em)");
  const fold = () => { if (block) block.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
  let wasOpen = true;
  window.addEventListener("beforeprint", () => { if (block) { wasOpen = block.open; block.open = true; } });
  window.addEventListener("afterprint", () => { if (block) block.open = wasOpen; });
  for (const button of document.querySelectorAll("[data-qm-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
