/* The menus of a narrow window: one closes when the reader has chosen, or presses Escape. */
"use strict";
(() => {
  const closed = () => [...document.querySelectorAll(".sidebar-toggle:checked")].map((each) => { each.checked = false; return each; });
  window.addEventListener("hashchange", closed);
  window.addEventListener("keydown", (event) => { if (event.key === "Escape") closed().forEach((each) => each.focus()); });
})();
