// Shows one entry: what is to be judged, how it stands, and where to give credit.

import { known } from "./saving.js";
import { first, isDone } from "./queues.js";
import { coded, h, number, t } from "./words.js";

const MARKS = { passed: "✓", partial: "◐", failed: "✗", pending: "…", missing: "–", not_run: "–", ungradable: "!" };
const CREDITS = [[0, "0"], [0.5, "½"], [1, "1"]];
const MOST_EARLIER = 9;

// The middle of the page. `act` has what its buttons do; `show` says what is shown: queue, entry, at, names, whole.
export function entryView(show, act) {
  const { queue, entry } = show;
  const one = first(entry);
  return [
    heading(show, one),
    place(show, act),
    one.automatic === false ? answer(entry) : result(show, one),
    who(show, act),
    h("div", { id: "state" }, stateOf(queue, entry)),
    creditsView(entry, act),
    ...fields(entry, one, act),
  ];
}

// How an entry stands: what was given, by whom, and what else there is to know of that.
export function stateOf(queue, entry) {
  const one = first(entry);
  const { review } = one;
  const given = one.given.filter((each) => each.of === one.of);
  const rows = [];
  if (!review || !review.applies) {
    rows.push(h("span", { class: "soft" }, review ? t("stale", { by: review.by }) : unread(one)));
  } else if (review.credit === null) {
    rows.push(h("span", { class: "soft" }, entry.exercise ? t("kept") : t("seen")), ` · ${t("by", { by: review.by })}`);
  } else {
    rows.push(h("b", {}, pointsOf(one, review.credit)), h("span", { class: "soft" }, ` · ${t("by", { by: review.by })}`));
  }
  if (review?.applies && review.changed) rows.push(h("p", { class: "flag" }, t("changed-tell")));
  if (given.length > 1) {
    const each = given.map((g) => t("given-by", { by: g.by, points: g.credit === null ? t("kept") : pointsOf(one, g.credit) }));
    rows.push(h("p", { class: isDone({ ...queue, kind: "conflict" }, entry) ? "soft" : "flag" }, each.join(" · ")));
  }
  return rows;
}

function unread(one) {
  return one.automatic === false ? t("unread") : "";
}

function automatic(one) {
  const { status, points } = one.before;
  return status === "pending" ? t("undecided") : t("automatic", { points, max: one.max });
}

function pointsOf(one, credit) {
  return one.max ? t("given", { points: credit * one.max, max: one.max }) : number(credit);
}

function heading({ queue, entry, names }, one) {
  const whole = known.submissions.get(entry.members[0]);
  const titled = one.title ?? (names || queue.kind === "any" ? whole.student : t(queue.kind));
  const worth = one.max ? h("span", { class: "worth" }, t("worth", { points: one.max })) : null;
  return h("div", {}, h("h2", {}, titled, worth), queue.question ? h("p", { class: "asked" }, coded(queue.question.question)) : null);
}

function place({ queue, at }, act) {
  const all = queue.entries.length;
  return h(
    "div",
    { class: "place" },
    h("span", {}, t(queue.question ? "group" : "item", { at: at + 1, all })),
    h("button", { onclick: () => act.move(-1), disabled: at === 0 }, `← ${t("previous")}`),
    h("button", { onclick: () => act.move(1), disabled: at === all - 1 }, `${t("next")} →`),
  );
}

function answer(entry) {
  const text = entry.text ?? first(entry).found.map((one) => one.value).join("\n\n");
  return h("article", { class: "card", tabindex: -1 }, text.trim() ? h("div", { class: "text" }, text) : h("div", { class: "text blank" }, t("blank-tell")));
}

function result({ entry }, one) {
  const sign = MARKS[one.before?.status];
  const told = new Set((one.found ?? []).map((each) => JSON.stringify(each)));
  const others = (flag) => flag.found.filter((each) => !told.has(JSON.stringify(each)));
  return h(
    "article",
    { class: "card says", tabindex: -1 },
    one.automatic ? h("p", { class: one.before.status }, `${sign ?? ""} ${automatic(one)}`) : h("p", {}, one.status),
    one.says.map((sentence) => h("p", {}, coded(sentence))),
    (one.found ?? []).map(found),
    one.flags.map((flag) => [h("p", { class: "flag" }, `⚑ ${flag.says}`), others(flag).map(found)]).flat(2),
    entry.exercise ? null : h("p", { class: "soft" }, one.problems),
  );
}

function found({ source, place: where, value }) {
  return h("div", { class: "found" }, source ? h("code", {}, source) : null, value ? h("code", {}, `${t("found")}: ${value}`) : null, h("span", { class: "soft" }, where));
}

function who({ queue, entry, names: asked, splitting }, act) {
  const { members } = entry;
  const names = asked || queue.kind === "any"; // who was searched for is known
  const name = (one) => known.submissions.get(one)[entry.exercise ? "student" : "file"];
  const shown = names ? members.map(name).join(", ") : t("students", { count: members.length });
  const label = (one, place_) => (names ? name(one) : t("student", { number: place_ + 1 }));
  const each = (one, index) => h("button", { onclick: () => act.split(one) }, label(one, index));
  const apart = splitting && h("div", { class: "apart" }, t("split-tell"), members.map(each));
  return h(
    "div",
    {},
    h(
      "p",
      { class: "who" },
      h("span", {}, shown),
      h("button", { class: "plain", "aria-pressed": String(names), onclick: act.names }, t("names")),
      members.length > 1 ? h("button", { class: "plain", "aria-expanded": String(Boolean(splitting)), onclick: act.splitting }, t("split")) : null,
    ),
    apart,
  );
}

// Where credit is given: which of the buttons is the one that counts, and which is proposed.
export function creditsView(entry, act) {
  const one = first(entry);
  const { review } = one;
  if (!entry.exercise) {
    return h("div", { id: "credits", class: "credits" }, h("button", { class: "word", "aria-pressed": String(Boolean(review?.applies)), onclick: act.keep }, t("seen")), withdraw(one, act));
  }
  const pressed = (credit) => String(Boolean(review?.applies && review.credit === credit));
  const buttons = CREDITS.map(([credit, label]) =>
    h("button", { "aria-pressed": pressed(credit), "aria-label": `${t("give")} ${label}`, class: entry.blank && credit === 0 && !review ? "proposed" : null, onclick: () => act.give(credit) }, label),
  );
  const keeps = one.automatic && one.before.status !== "pending";
  const keep = keeps && h("button", { class: "word", "aria-pressed": pressed(null), onclick: act.keep }, t("keep"));
  return h("div", { id: "credits", class: "credits", role: "group", "aria-label": t("credit") }, keep, buttons, withdraw(one, act), one.max ? otherCredit(one, act) : null);
}

function withdraw(one, act) {
  const mine = one.given.some((each) => each.by === known.by);
  return mine && h("button", { class: "word", onclick: act.withdraw }, t("withdraw"));
}

function otherCredit(one, act) {
  const input = h("input", { type: "number", min: 0, max: one.max, step: "any", inputmode: "decimal", "aria-label": t("other"), placeholder: t("other").split(" ")[0] });
  const given = (event) => {
    event.preventDefault();
    if (input.value !== "" && input.checkValidity()) act.give(Number(input.value) / one.max);
  };
  return h("form", { onsubmit: given, title: t("other") }, input, t("of", { max: one.max }), h("button", { class: "plain" }, t("give")));
}

function fields(entry, one, act) {
  if (!entry.exercise) return [];
  const drafted = entry.draft ?? {};
  const said = one.review?.applies ? one.review : {};
  const comment = h("textarea", { id: "comment", rows: 2, onchange: act.commented, oninput: () => list.replaceChildren(...earlier(comment, entry, act)) });
  comment.value = drafted.comment ?? said.comment ?? "";
  const list = h("ol", { class: "earlier", id: "earlier", "aria-label": t("earlier") });
  list.replaceChildren(...earlier(comment, entry, act));
  const parts = [h("label", { class: "field" }, t("comment"), comment), list];
  if (!one.automatic) return parts;
  const reason = h("textarea", { id: "reason", rows: 1, onchange: act.commented });
  reason.value = drafted.reason ?? said.reason ?? "";
  return [h("label", { class: "field" }, t("reason"), reason), h("p", { id: "needed", class: "flag", role: "alert", hidden: true }, t("reason-needed")), ...parts];
}

// Comments that were given on this exercise before, the most used first; those that hold what is typed.
function earlier(comment, entry, act) {
  const counts = new Map();
  const typed = comment.value.trim().toLowerCase();
  for (const whole of known.submissions.values()) {
    const one = whole.assignment === known.submissions.get(entry.members[0]).assignment && whole.exercises.find((each) => each.id === entry.exercise);
    const said = one && one.review?.applies && one.review.comment;
    if (said && said !== comment.value && said.toLowerCase().includes(typed)) counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_EARLIER);
  return most.map(([text, count], index) =>
    h("li", {}, h("button", { type: "button", "data-comment": text, onclick: () => act.reuse(text) }, h("kbd", {}, String(index + 1)), h("span", {}, text), h("small", {}, t("times", { count })))),
  );
}

// What stands beside: of a question the guide, else the student's lines with what they left behind.
export function besideView({ queue, entry, whole }, cells, act) {
  const question = queue.question ?? known.questions.find((one) => one.exercise === entry.exercise && one.assignment === known.submissions.get(entry.members[0]).assignment);
  if (first(entry).automatic === false) return question ? guide(question) : [];
  if (cells === undefined) return [h("p", { class: "soft" }, t("loading"))];
  if (typeof cells === "string") return [h("p", { class: "soft" }, cells)];
  if (!cells.length) return [];
  const decided = cells.filter((cell) => isOf(cell, entry.exercise));
  const shown = whole || !decided.length ? cells : decided;
  const more = shown.length < cells.length && h("button", { class: "plain", onclick: act.whole }, t("whole"));
  return [h("h3", {}, t("lines")), ...shown.map((cell) => cellView(cell, entry.exercise)), more || ""];
}

function guide(question) {
  const told = question.guide ? h("p", {}, coded(question.guide)) : h("p", { class: "soft" }, t("no-guide", { assignment: question.assignment }));
  const own = question.answer ? [h("h3", {}, t("reference")), h("section", {}, h("p", {}, coded(question.answer)))] : [];
  return [h("h3", {}, t("guide")), h("section", {}, told), ...own];
}

const isOf = (cell, exercise) => cell.decided.includes(exercise) || cell.lines.some((line) => line.decided.includes(exercise));

function cellView(cell, exercise) {
  const rows = cell.lines.map((line) =>
    h("div", { class: line.decided.includes(exercise) ? "row at" : "row" }, h("span", {}, line.source || " "), h("span", { class: "left" }, line.left.join("\n"))),
  );
  const title = [t("cell", { cell: cell.cell }), cell.heading].filter(Boolean).join(" · ");
  return h("div", { class: "cell" }, h("header", {}, title), rows, cell.ended ? h("div", { class: "ended" }, cell.ended) : null);
}
