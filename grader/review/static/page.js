// The page: which queue and entry is shown, what keys and buttons do, and what is told of saving.

import { decide, finish, isUnsaved, item, known, load, onSaving, saveItem, undo } from "./saving.js";
import { first, isDone, itemsOf, makeQueues, progress, queueOf, queues, split } from "./queues.js";
import { contextView } from "./context.js";
import { creditsView, mayKeep } from "./credit.js";
import { entryView, shownCredit, stateOf } from "./entry.js";
import { given, itemsFor } from "./rubric.js";
import { h, t } from "./words.js";

const $ = (id) => document.getElementById(id);
const show = { queue: null, entry: null, at: 0, names: false, whole: false, splitting: false };
const lines = new Map();
let searched = "";
let ended = false;

// Showing

function render() {
  renderQueues();
  if (show.entry) {
    $("entry").replaceChildren(...entryView(show, act));
    renderContext();
  } else {
    $("entry").replaceChildren(...resting());
    $("context").replaceChildren();
  }
}

function resting() {
  if (!queues().length) return [h("h2", {}, t("empty")), h("p", { class: "soft" }, t("empty-more"))];
  const next = queues().find((queue) => !queue.entries.every((entry) => isDone(queue, entry)));
  if (!next) return [h("h2", {}, t("empty"))];
  const on = { class: "plain", id: "go-on", onclick: () => open(next) };
  return [h("h2", {}, t("all-read")), h("p", {}, h("button", on, t("next-question", { title: titleOf(next) })))];
}

const titleOf = (queue) => queue.title ?? t(queue.kind);

function renderQueues() {
  const groups = { questions: [], look: [], any: [] };
  for (const queue of queues()) groups[queue.question ? "questions" : "look"].push(queue);
  const several = new Set(known.questions.map((one) => one.assignment)).size > 1;
  let assignment = "";
  const parts = [];
  for (const queue of groups.questions) {
    const named = several ? known.titles[queue.question.assignment] : t("questions");
    if (named !== assignment) parts.push(h("h3", {}, (assignment = named)));
    parts.push(queueButton(queue));
  }
  if (groups.look.length) parts.push(h("h3", {}, t("look")), ...groups.look.map(queueButton));
  $("queues").setAttribute("aria-label", t("title"));
  const box = $("search") ?? searchBox();
  const list = $("matches") ?? h("div", { id: "matches" });
  list.replaceChildren(...matches());
  if (!box.isConnected) $("queues").append(h("div", { id: "fixed" }), h("h3", {}, t("any")), box, list);
  $("fixed").replaceChildren(...parts);
}

function queueButton(queue) {
  const { read, all } = progress(queue);
  const button = h("button", { onclick: () => open(queue), "data-queue": queue.key });
  if (show.queue?.key === queue.key) button.setAttribute("aria-current", "true");
  if (read === all) button.className = "all";
  if (queue.key === "overrides") {
    button.append(h("span", {}, titleOf(queue)), h("small", {}, String(all)));
    return button;
  }
  const bar = h("i");
  bar.style.width = `${(100 * read) / all}%`;
  const counted = queue.question ? t("read", { read, all }) : t("item", { at: read, all });
  button.append(h("span", { class: "wide" }, titleOf(queue)), h("span", { class: "bar" }, bar), h("small", {}, counted));
  return button;
}

function searchBox() {
  const search = (event) => {
    searched = event.target.value;
    $("matches").replaceChildren(...matches());
  };
  const named = { placeholder: t("search"), "aria-label": t("search") };
  return h("input", { id: "search", type: "search", ...named, oninput: search });
}

function matches() {
  const typed = searched.trim().toLowerCase();
  if (!typed) return [];
  const texts = (one) => [one.student, one.file, ...one.exercises.map((each) => each.title)];
  const fits = (one) => texts(one).some((text) => text.toLowerCase().includes(typed));
  const found = [...known.submissions.values()].filter(fits);
  if (!found.length) return [h("p", { class: "soft" }, t("no-match"))];
  const row = (one) => {
    const opens = { onclick: () => open(queueOf(one.id), fitting(one, typed)), "data-submission": one.id };
    return h("button", opens, h("span", {}, one.student), h("small", {}, one.earned));
  };
  return found.slice(0, 12).map(row);
}

function fitting(submission, typed) {
  return Math.max(0, submission.exercises.findIndex((one) => one.title.toLowerCase().includes(typed)));
}

function renderContext() {
  const [submission] = show.entry.members;
  const { automatic, code } = first(show.entry);
  const hasCode = automatic !== false || code;
  if (hasCode && !lines.has(submission)) fetchLines(submission);
  document.querySelector(".workspace").classList.toggle("code", hasCode);
  $("context").replaceChildren(...contextView(show, lines.get(submission), act));
  const decided = document.querySelector("#context .row.at");
  $("context").scrollTop = decided ? decided.offsetTop - $("context").offsetTop - 120 : 0;
}

async function fetchLines(submission) {
  lines.set(submission, undefined);
  try {
    const answer = await (await fetch(`/lines?submission=${encodeURIComponent(submission)}`)).json();
    lines.set(submission, answer.problem ?? answer.cells);
  } catch {
    lines.set(submission, t("no-server"));
  }
  if (show.entry?.members[0] === submission) renderContext();
}

// Moving

function open(queue, at) {
  const open_ = queue.entries.findIndex((entry) => !isDone(queue, entry));
  go(queue, at ?? Math.max(0, open_));
}

function go(queue, at) {
  if (show.entry) {
    keepDraft();
    delete show.entry.chosen;
    delete show.entry.asked;
    delete show.entry.editing;
  }
  Object.assign(show, { queue, at, entry: queue.entries[at] ?? null, whole: false, splitting: false });
  render();
  const card = document.querySelector("#entry .card");
  (card ?? $("go-on") ?? $("entry")).focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

// After a decision: the next entry that is open, else one before it, else the end of the queue.
function goOn() {
  const { queue, at } = show;
  if (queue.kind === "any" || queue.key === "overrides") return render();
  const isOpen = (entry) => !isDone(queue, entry);
  const after = queue.entries.findIndex((entry, place) => place > at && isOpen(entry));
  const next = after >= 0 ? after : queue.entries.findIndex(isOpen);
  return go(queue, next >= 0 ? next : queue.entries.length);
}

function keepDraft() {
  if (!show.entry.exercise || !$("comment")) return;
  show.entry.draft = { comment: $("comment").value, reason: $("reason")?.value };
}

// Deciding

const written = () => ({ comment: $("comment")?.value.trim() ?? "", reason: $("reason")?.value.trim() ?? "" });

function lacksReason(credit) {
  return credit !== null && mayKeep(first(show.entry)) && !written().reason;
}

// Nothing, or everything, for several students at once: a key that was hit by accident is no decision.
function asksFirst(credit) {
  const { entry } = show;
  if (entry.members.length === 1 || (credit !== 0 && credit !== 1) || entry.asked === credit) return false;
  entry.asked = credit;
  $("credits").replaceWith(creditsView(entry, act));
  $("sure").textContent = t("sure", { points: shownCredit(first(entry), credit), count: entry.members.length });
  $("sure").hidden = false;
  return true;
}

function put(credit, { stay = false } = {}) {
  if (lacksReason(credit)) {
    show.entry.chosen = credit;
    $("credits").replaceWith(creditsView(show.entry, act));
    $("needed").hidden = false;
    $("reason").classList.add("needed");
    $("reason").focus();
    return;
  }
  if (!stay && asksFirst(credit)) return;
  delete show.entry.chosen;
  delete show.entry.asked;
  delete show.entry.draft;
  decide(itemsOf(show.entry), { credit, ...written() });
  if (stay) refreshState();
  else goOn();
}

function giveItems(items) {
  delete show.entry.draft;
  const given = items.length ? { items, ...written() } : { withdrawn: true };
  decide(itemsOf(show.entry), given);
  refreshState();
}

function refreshState() {
  renderQueues();
  if (!show.entry || !$("state")) return;
  $("state").replaceChildren(...stateOf(show.queue, show.entry));
  if (!$("credits").contains(document.activeElement)) $("credits").replaceWith(creditsView(show.entry, act));
}

const act = {
  move(by) {
    const at = show.at + by;
    if (show.queue && at >= 0 && at < show.queue.entries.length) go(show.queue, at);
  },
  give: (credit) => put(credit),
  keep: () => put(null),
  withdraw() {
    delete show.entry.draft;
    decide(itemsOf(show.entry), { withdrawn: true });
    render();
  },
  names() {
    show.names = !show.names;
    keepDraft();
    render();
  },
  splitting() {
    show.splitting = !show.splitting;
    keepDraft();
    render();
  },
  split(submission) {
    const own = split(show.queue, show.entry, submission);
    go(show.queue, show.queue.entries.indexOf(own));
  },
  whole() {
    show.whole = true;
    renderContext();
  },
  reuse(text) {
    $("comment").value = text;
    act.commented();
    $("comment").dispatchEvent(new Event("input"));
    document.querySelector("#entry .card")?.focus({ preventScroll: true });
  },
  // What is written beside a decision that was made belongs to it at once; else it waits for the decision.
  commented() {
    const { review } = first(show.entry);
    if (show.entry.chosen !== undefined && written().reason) return put(show.entry.chosen);
    if (review?.applies && review.items.length) return giveItems(review.items);
    if (review?.applies && !lacksReason(review.credit)) return put(review.credit, { stay: true });
    return keepDraft();
  },
  // Gives an item, or takes it away; who has none any more has not been judged.
  toggle(id) {
    const had = given(show.entry);
    const ids = had.includes(id) ? had.filter((other) => other !== id) : [...had, id];
    giveItems(itemsFor(show.entry).filter((item) => ids.includes(item.id)));
    render();
  },
  edit(id) {
    keepDraft();
    if (id === null) delete show.entry.editing;
    else show.entry.editing = id;
    render();
    document.querySelector("#rubric form input")?.focus();
  },
  async saveItem(item) {
    const problem = await saveItem(item);
    $("alarm").hidden = !problem;
    $("alarm").textContent = problem && t("not-saved", { problem });
    if (!problem) act.edit(null);
  },
};

function takeBack() {
  const items = undo();
  tell(t(items ? "undone" : "nothing-to-undo"));
  if (!items) return;
  const [{ submission, exercise }] = items;
  const isOf = (entry) => entry.exercise === exercise && entry.members.includes(submission);
  const of = (queue) => queue.entries.findIndex(isOf);
  const queue = [show.queue, ...queues()].find((one) => one && of(one) >= 0);
  if (queue) go(queue, of(queue));
  else render();
}

// Keys

const KEYS = {
  0: () => act.give(0),
  5: () => act.give(0.5),
  h: () => act.give(0.5),
  1: () => act.give(1),
  a: () => act.keep(),
  ArrowLeft: () => act.move(-1),
  k: () => act.move(-1),
  ArrowRight: () => act.move(1),
  j: () => act.move(1),
  u: takeBack,
  c: () => $("comment")?.focus(),
  n: () => act.names(),
  s: () => show.entry.members.length > 1 && act.splitting(),
};

function onKey(event) {
  if (ended || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("textarea")) return onFieldKey(event);
  if (event.target.matches("input, a[href]") || onItemKey(event)) return;
  const enter = event.key === "Enter" && !event.target.matches("button") && show.entry?.blank;
  const key = enter ? "0" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!(key in KEYS) || (!show.entry && key !== "u")) return;
  if ((key === "0" || key === "1" || key === "5" || key === "h") && !show.entry.exercise) return;
  if (key === "a" && show.entry.exercise && !mayKeep(first(show.entry))) return;
  event.preventDefault();
  KEYS[key]();
}

// Where a question has rubric items, the digits give them, and Enter goes on once one is given.
function onItemKey(event) {
  const items = show.entry ? itemsFor(show.entry) : [];
  const isDigit = /^[1-9]$/.test(event.key);
  const goesOn = event.key === "Enter" && !event.target.matches("button") && given(show.entry).length > 0;
  if (!items.length || !(isDigit || goesOn)) return false;
  event.preventDefault();
  if (goesOn) goOn();
  else if (items[event.key - 1]) act.toggle(items[event.key - 1].id);
  return true;
}

// In a field: Enter and Esc leave it, which saves; a digit in an empty comment takes one of the earlier ones.
function onFieldKey(event) {
  const picks = event.target.id === "comment" && !event.target.value && /^[1-9]$/.test(event.key);
  const picked = picks && document.querySelectorAll("#earlier button")[event.key - 1];
  if (picked) {
    event.preventDefault();
    act.reuse(picked.dataset.comment);
  } else if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
    event.preventDefault();
    event.target.blur();
    if (show.entry?.chosen === undefined) document.querySelector("#entry .card")?.focus({ preventScroll: true });
  }
}

function renderKeys() {
  const rows = [
    [["0", "5", "1"], t("keys-credit")],
    [["1", "…", "9"], t("keys-items")],
    [["a"], t("keys-keep")],
    [["←", "→"], t("keys-move")],
    [["u"], t("keys-undo")],
    [["c"], t("keys-comment")],
    [["n"], t("keys-names")],
    [["s"], t("keys-split")],
  ];
  const shown = ([keys, told]) => h("span", {}, keys.map((key) => h("kbd", {}, key)), told);
  $("keys").replaceChildren(...rows.map(shown));
}

// Saving

const tell = (text) => ($("told").textContent = text);

function onSaved({ saved, problem, refused }) {
  $("saved").classList.toggle("busy", !saved);
  $("saved").textContent = t(saved ? "saved" : "saving");
  $("alarm").hidden = !(problem || refused);
  if (problem) $("alarm").textContent = t("not-saved", { problem });
  if (refused) {
    $("alarm").textContent = t("refused", { problem: refused });
    makeQueues();
    render();
  }
  if (saved) refreshState();
}

async function leave() {
  if (show.entry) keepDraft();
  try {
    await finish();
  } catch {
    onSaved({ saved: false, problem: t("no-server") });
    return;
  }
  ended = true;
  document.querySelector(".workspace").replaceChildren(h("main", { class: "end" }, h("h2", {}, t("finished"))));
  for (const id of ["done", "keys", "saved"]) $(id).remove();
}

async function begin() {
  await load();
  document.documentElement.lang = known.language;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = t(element.dataset.word);
  $("about").textContent = [...Object.values(known.titles), t("by", { by: known.by })].join(" · ");
  makeQueues();
  renderKeys();
  onSaving(onSaved);
  $("done").addEventListener("click", leave);
  document.addEventListener("keydown", onKey);
  window.addEventListener("beforeunload", (event) => isUnsaved() && event.preventDefault());
  const next = queues().find((queue) => !queue.entries.every((entry) => isDone(queue, entry)));
  if (next) open(next);
  else render();
}

begin().catch((error) => {
  $("alarm").hidden = false;
  $("alarm").textContent = String(error.message ?? error);
});
