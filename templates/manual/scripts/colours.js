/* Light, dark, or as the computer is set: what the reader chose, before anything is shown. */
"use strict";
(() => {
  let chosen = null;
  try { chosen = window.localStorage.getItem("theme"); } catch { /* a browser may keep nothing */ }
  document.body.dataset.theme = ["light", "dark"].includes(chosen) ? chosen : "auto";
})();
