// Rubric items: given to an answer with a key or a click; what is changed in one is changed for all who have it.

import { first } from "./queues.js";
import { known } from "./saving.js";
import { h, number, t } from "./words.js";

const MOST_KEYS = 9;

// The items of an entry's question, in the order of their keys; none where the grader decides.
export function itemsFor(entry) {
  if (!entry.exercise || first(entry).automatic !== false) return [];
  const { assignment } = known.submissions.get(entry.members[0]);
  return known.rubric.filter((item) => item.exercise === entry.exercise && item.assignment === assignment);
}

// The ids of the items that an answer has.
export function given(entry) {
  const { review } = first(entry);
  return review?.applies ? review.items.map((item) => item.id) : [];
}

// The list, with a form for a new item or for the one that is being changed.
export function rubricView(entry, act) {
  if (!entry.exercise || first(entry).automatic !== false) return [];
  const around = { id: "rubric", class: "rubric", role: "group", "aria-label": t("rubric") };
  const chosen = given(entry);
  const rows = itemsFor(entry).map((item, index) => row(entry, item, index, chosen, act));
  const isNew = entry.editing === "";
  const add = { type: "button", class: "plain", onclick: () => act.edit("") };
  return [h("div", around, rows, isNew ? form(entry, null, act) : h("button", add, `+ ${t("new-item")}`))];
}

function row(entry, item, index, chosen, act) {
  if (entry.editing === item.id) return form(entry, item, act);
  const key = index < MOST_KEYS && h("kbd", {}, String(index + 1));
  const pressed = { "aria-pressed": String(chosen.includes(item.id)), "data-item": item.id };
  const toggles = h("button", { ...pressed, onclick: () => act.toggle(item.id) }, key, signed(item.points), " ", item.text);
  const edits = { class: "plain", "aria-label": `${t("change-item")}: ${item.text}`, onclick: () => act.edit(item.id) };
  return h("div", { class: "item" }, toggles, h("button", edits, t("change-item")));
}

const signed = (points) => h("b", {}, points > 0 ? `+${number(points)}` : number(points));

function form(entry, item, act) {
  const points = h("input", { type: "number", step: "any", required: true, "aria-label": t("item-points") });
  const text = h("input", { type: "text", maxlength: 500, required: true, "aria-label": t("item-text") });
  points.value = item ? item.points : "";
  points.placeholder = t("item-points");
  text.value = item ? item.text : "";
  text.placeholder = t("item-text");
  const { assignment } = known.submissions.get(entry.members[0]);
  const of = { assignment, exercise: entry.exercise, id: item?.id ?? "" };
  const saved = (event) => {
    event.preventDefault();
    act.saveItem({ ...of, text: text.value.trim(), points: Number(points.value) });
  };
  const remove = () => act.saveItem({ ...of, text: item.text, points: item.points, removed: true });
  const button = (key, onclick) => h("button", { type: "button", class: "plain", onclick }, t(key));
  const save = h("button", { class: "plain" }, t(item ? "save-item" : "add-item"));
  const parts = [points, text, save, item && button("remove-item", remove)];
  return h("form", { class: "item", onsubmit: saved }, parts, button("leave-item", () => act.edit(null)));
}
