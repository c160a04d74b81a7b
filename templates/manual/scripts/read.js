/* "I have read this": writes the reader's id and day into the prefilled pages and letters. */
"use strict";
(() => {
  const say = window.qmdocSay;
  const form = document.querySelector("[data-qm-fill]");
  if (!form) return;
  const [id, day] = [form.querySelector("#qm-id"), form.querySelector("#qm-day")];
  const told = form.querySelector("[data-qm-told]");
  const byHand = [...document.querySelectorAll("[data-qm-by-hand]")];
  const links = [...document.querySelectorAll("[data-qm-way]")];
  const fill = () => {
    const isId = /^[A-Za-z0-9._-]+$/.test(id.value);
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day.value);
    for (const link of links) {
      let address = link.dataset.qmWay;
      if (isId) address = address.replaceAll("YOUR-ID", id.value);
      if (isDay) address = address.replaceAll("YYYY-MM-DD", day.value);
      link.href = address;
    }
    for (const each of byHand) each.hidden = isId && isDay;
    if (id.value && !isId) told.textContent = say("An id has letters without accents, digits, dots, hyphens and underscores only.");
    else if (isId && isDay) told.textContent = say("The links below are filled in with your id and the day.");
    else told.textContent = "";
  };
  form.hidden = false;
  form.addEventListener("input", fill);
  form.addEventListener("submit", (event) => event.preventDefault());
})();
