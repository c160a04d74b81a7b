/* What the other scripts say, in the manual's language: `words.js` has what is said for each English message. */
"use strict";
window.qmdocSay = (message, values = {}) => {
  const known = window.qmdocSaid || {};
  const words = Object.hasOwn(known, message) ? known[message] : message;
  return words.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));
};
