// Words and elements. SECURITY: what a student wrote becomes text, never markup.

import { known } from "./saving.js";

// A text of the catalogue, with parameters put in: `{name}`, `{count:one|many}`.
export function t(key, params = {}) {
  return known.words[key].replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (_, name, singular, plural) => {
    const value = typeof params[name] === "number" ? number(params[name]) : String(params[name] ?? "…");
    return singular === undefined ? value : `${value} ${params[name] === 1 ? singular : plural}`;
  });
}

// A number as the language writes it, to two decimal places.
export function number(value) {
  const form = { maximumFractionDigits: 2, useGrouping: false };
  return new Intl.NumberFormat(known.language, form).format(value);
}

// A text with what stands between backticks as code.
export const coded = (text) => text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));

// An element: attributes, listeners (`onclick`), and children, but for those that are false or empty; texts stay texts.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}
