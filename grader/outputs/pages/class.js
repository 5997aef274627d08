"use strict";
// Sorts and filters the tables of the class. Reads only what is in the page; puts nothing into it but order and `hidden`.
// A browser takes seconds to lay out thousands of rows, so a table shows some at first; sorting and filtering take all.
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const search = document.querySelector("input[type=search]");
const shown = document.querySelector("#shown");
const tables = [...document.querySelectorAll("tbody")].map((body) => ({
  entries: [...body.rows].map((row) => ({ row, text: fold(row.textContent) })),
  more: body.closest(".scroll").nextElementSibling, // shows the next rows
}));
const bars = [...document.querySelectorAll("g[data-bin]")];
const PAGE = 500; // as in class_page.py
let bar = null; // of the distribution, that was chosen
let most = PAGE; // rows of a table that are shown
const target = document.getElementById(location.hash.slice(1)); // a student's page leads to a row

const filter = () => {
  const words = fold(search.value).split(/\s+/).filter(Boolean);
  const all = tables.reduce((sum, { entries }) => sum + entries.length, 0);
  let count = 0;
  for (const { entries, more } of tables) {
    let fitting = 0;
    for (const { row, text } of entries) {
      const fits = words.every((word) => text.includes(word)) && (!bar || row.dataset.bin === bar.dataset.bin);
      fitting += fits;
      row.hidden = !fits || (fitting > most && row !== target);
    }
    more.hidden = fitting <= most;
    count += fitting;
  }
  const which = bar ? ` · ${bar.getAttribute("aria-label")}` : "";
  shown.textContent = words.length || bar ? `${count} / ${all}${which}` : "";
};

const choose = (other) => {
  bar = bar === other ? null : other;
  for (const each of bars) each.setAttribute("aria-pressed", each === bar);
  filter();
};

const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
const compare = (one, other) => (typeof one === "number" ? one - other : collator.compare(one, other));

const sort = (head) => {
  const table = head.closest("table");
  const place = [...head.parentElement.children].indexOf(head);
  const numeric = head.dataset.kind === "number";
  const first = numeric ? "descending" : "ascending";
  const direction = head.getAttribute("aria-sort") === first ? (numeric ? "ascending" : "descending") : first;
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", direction);
  const key = ({ row }) => {
    const cell = row.children[place];
    return numeric ? Number(cell.dataset.key) : fold(cell.textContent).trim();
  };
  const body = table.tBodies[0];
  const sorted = tables.find(({ entries }) => entries[0].row.parentElement === body);
  const keyed = sorted.entries.map((entry) => [key(entry), entry]);
  const sign = direction === "ascending" ? 1 : -1;
  keyed.sort(([one], [other]) => sign * compare(one, other));
  sorted.entries = keyed.map(([, entry]) => entry);
  body.append(...sorted.entries.map(({ row }) => row));
  filter();
};

search.addEventListener("input", filter);
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("g[data-bin]");
  if (chosen) choose(chosen);
  const button = event.target.closest("button");
  if (!button) return;
  if (button.parentElement.matches("th")) sort(button.parentElement);
  if (button.matches(".more")) {
    most += PAGE;
    filter();
    return;
  }
  if (!button.matches(".filter")) return;
  search.value = button.dataset.filter;
  filter();
  search.scrollIntoView({ block: "start" });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== search) {
    event.preventDefault();
    search.focus();
  }
  if ((event.key === "Enter" || event.key === " ") && event.target.matches("g[data-bin]")) {
    event.preventDefault();
    choose(event.target);
  }
  if (event.key === "Escape") {
    search.value = "";
    choose(null);
    search.blur();
  }
});
filter(); // a browser may keep what was searched for when the page is loaded again
