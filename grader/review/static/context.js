// The context of an entry: for a question the guide, and the student's lines with what they left behind and drew where
// a person looks at a section; else the lines.

import { first } from "./queues.js";
import { known } from "./saving.js";
import { coded, h, t } from "./words.js";

// `cells` are those of the student: undefined while they load, a text if there are none.
export function contextView({ entry, whole }, cells, act) {
  if (first(entry).automatic === false) return [...guideView(entry), ...sectionView(entry, cells)];
  if (cells === undefined) return [h("p", { class: "soft" }, t("loading"))];
  if (typeof cells === "string") return [h("p", { class: "soft" }, cells)];
  if (!cells.length) return [];
  const deciding = cells.filter((cell) => decides(cell, entry.exercise));
  const shown = whole || !deciding.length ? cells : deciding;
  const more = shown.length < cells.length ? [h("button", { class: "plain", onclick: act.whole }, t("whole"))] : [];
  return [h("h3", {}, t("lines")), ...shown.map((cell) => cellView(cell, entry.exercise)), ...more];
}

function guideView(entry) {
  const { assignment } = known.submissions.get(entry.members[0]);
  const isItsQuestion = (question) => question.exercise === entry.exercise && question.assignment === assignment;
  const { guide, answer } = known.questions.find(isItsQuestion);
  const noGuide = h("p", { class: "soft" }, t("no-guide", { assignment }));
  const parts = [h("h3", {}, t("guide")), h("section", {}, guide ? h("p", {}, coded(guide)) : noGuide)];
  return answer ? [...parts, h("h3", {}, t("reference")), h("section", {}, h("p", {}, coded(answer)))] : parts;
}

// The cells of the section that a person looks at; nothing for a question that is answered in text.
function sectionView(entry, cells) {
  if (!Array.isArray(cells)) return [];
  const inSection = cells.filter((cell) => cell.sections.includes(entry.exercise));
  if (!inSection.length) return [];
  return [h("h3", {}, t("lines")), ...inSection.map((cell) => cellView(cell, entry.exercise))];
}

function decides(cell, exercise) {
  return cell.decided.includes(exercise) || cell.lines.some((line) => line.decided.includes(exercise));
}

function cellView(cell, exercise) {
  const title = [t("cell", { cell: cell.cell }), cell.heading].filter(Boolean).join(" · ");
  const rows = cell.lines.map((line) => {
    const source = h("span", {}, line.source || " ");
    const effects = h("span", { class: "left" }, line.left.join("\n"));
    return h("div", { class: line.decided.includes(exercise) ? "row at" : "row" }, source, effects);
  });
  const ended = cell.ended && h("div", { class: "ended" }, cell.ended);
  const pictures = cell.pictures.map((src) => h("img", { src, alt: t("picture", { cell: cell.cell }) }));
  return h("div", { class: "cell" }, h("header", {}, title), pictures, rows, ended);
}
