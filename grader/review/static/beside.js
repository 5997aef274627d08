// What stands beside an entry: of a question the guide, else the student's lines with what they left behind.

import { first } from "./queues.js";
import { known } from "./saving.js";
import { coded, h, t } from "./words.js";

// `cells` are those of the student: undefined while they are on their way, a text if there are none to be had.
export function besideView({ entry, whole }, cells, act) {
  if (first(entry).automatic === false) return guideOf(entry);
  if (cells === undefined) return [h("p", { class: "soft" }, t("loading"))];
  if (typeof cells === "string") return [h("p", { class: "soft" }, cells)];
  if (!cells.length) return [];
  const decided = cells.filter((cell) => isOf(cell, entry.exercise));
  const shown = whole || !decided.length ? cells : decided;
  const more = shown.length < cells.length ? [h("button", { class: "plain", onclick: act.whole }, t("whole"))] : [];
  return [h("h3", {}, t("lines")), ...shown.map((cell) => cellView(cell, entry.exercise)), ...more];
}

function guideOf(entry) {
  const { assignment } = known.submissions.get(entry.members[0]);
  const isAsked = (one) => one.exercise === entry.exercise && one.assignment === assignment;
  const { guide, answer } = known.questions.find(isAsked);
  const none = h("p", { class: "soft" }, t("no-guide", { assignment }));
  const parts = [h("h3", {}, t("guide")), h("section", {}, guide ? h("p", {}, coded(guide)) : none)];
  return answer ? [...parts, h("h3", {}, t("reference")), h("section", {}, h("p", {}, coded(answer)))] : parts;
}

function isOf(cell, exercise) {
  return cell.decided.includes(exercise) || cell.lines.some((line) => line.decided.includes(exercise));
}

function cellView(cell, exercise) {
  const title = [t("cell", { cell: cell.cell }), cell.heading].filter(Boolean).join(" · ");
  const rows = cell.lines.map((line) => {
    const source = h("span", {}, line.source || " ");
    const left = h("span", { class: "left" }, line.left.join("\n"));
    return h("div", { class: line.decided.includes(exercise) ? "row at" : "row" }, source, left);
  });
  const ended = cell.ended && h("div", { class: "ended" }, cell.ended);
  return h("div", { class: "cell" }, h("header", {}, title), rows, ended);
}
