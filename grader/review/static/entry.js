// Shows one entry: what is to be judged, and how it stands.

import { creditsView, fieldsView } from "./credit.js";
import { first, isDone } from "./queues.js";
import { known } from "./saving.js";
import { coded, h, number, t } from "./words.js";

const MARKS = { passed: "✓", partial: "◐", failed: "✗", pending: "…", missing: "–", not_run: "–", ungradable: "!" };

// The middle of the page. `show` says what is shown: queue, entry, at, names, splitting; `act` has what buttons do.
export function entryView(show, act) {
  const { queue, entry } = show;
  const one = first(entry);
  return [
    heading(show, one),
    place(show, act),
    one.automatic === false ? answer(entry) : result(entry, one),
    who(show, act),
    h("div", { id: "state" }, stateOf(queue, entry)),
    creditsView(entry, act),
    ...fieldsView(entry, act),
  ];
}

// How an entry stands: what was given, by whom, and what else there is to know of that.
export function stateOf(queue, entry) {
  const one = first(entry);
  const { review } = one;
  const rows = [counting(entry, one)];
  if (review?.applies && review.changed) rows.push(h("p", { class: "flag" }, t("changed-tell")));
  const given = one.given.filter((each) => each.of === one.of);
  if (given.length > 1) {
    const open = !isDone({ ...queue, kind: "conflict" }, entry);
    const each = given.map(({ by, credit }) => t("given-by", { by, points: shownCredit(one, credit) }));
    rows.push(h("p", { class: open ? "flag" : "soft" }, each.join(" · ")));
  }
  return rows;
}

function counting(entry, one) {
  const { review } = one;
  if (!review) return h("span", { class: "soft" }, one.automatic === false ? t("unread") : "");
  if (!review.applies) return h("span", { class: "soft" }, t("stale", { by: review.by }));
  const by = h("span", { class: "soft" }, ` · ${t("by", { by: review.by })}`);
  return h("span", {}, h("b", {}, entry.exercise ? shownCredit(one, review.credit) : t("seen")), by);
}

function shownCredit(one, credit) {
  if (credit === null) return t("kept");
  return one.max ? t("given", { points: credit * one.max, max: one.max }) : number(credit);
}

function heading({ queue, entry, names }, one) {
  const { student } = known.submissions.get(entry.members[0]);
  const titled = one.title ?? (names || queue.kind === "any" ? student : t(queue.kind));
  const worth = one.max ? h("span", { class: "worth" }, t("worth", { points: one.max })) : null;
  const asked = queue.question && h("p", { class: "asked" }, coded(queue.question.question));
  return h("div", {}, h("h2", {}, titled, worth), asked);
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
  const blank = !text.trim();
  const shown = h("div", { class: blank ? "text blank" : "text" }, blank ? t("blank-tell") : text);
  return h("article", { class: "card", tabindex: -1 }, shown);
}

function result(entry, one) {
  const card = { class: "card says", tabindex: -1 };
  const says = one.says.map((sentence) => h("p", {}, coded(sentence)));
  if (!entry.exercise) {
    return h("article", card, h("p", {}, one.status), says, flags(one, []), h("p", { class: "soft" }, one.problems));
  }
  const { status, points } = one.before;
  const told = status === "pending" ? t("undecided") : t("automatic", { points, max: one.max });
  const sign = h("p", { class: status }, `${MARKS[status]} ${told}`);
  return h("article", card, sign, says, one.found.map(found), flags(one, one.found));
}

// The flags, with the values they speak of that were not shown already.
function flags(one, shown) {
  const told = new Set(shown.map((each) => JSON.stringify(each)));
  const isNew = (each) => !told.has(JSON.stringify(each));
  return one.flags.flatMap((flag) => [
    h("p", { class: "flag" }, `⚑ ${flag.says}`),
    ...flag.found.filter(isNew).map(found),
  ]);
}

function found({ source, place: where, value }) {
  return h(
    "div",
    { class: "found" },
    source && h("code", {}, source),
    value && h("code", {}, `${t("found")}: ${value}`),
    h("span", { class: "soft" }, where),
  );
}

function who({ queue, entry, names: asked, splitting }, act) {
  const { members } = entry;
  const names = asked || queue.kind === "any"; // who was searched for is known
  const name = (one) => known.submissions.get(one)[entry.exercise ? "student" : "file"];
  const label = (one, index) => (names ? name(one) : t("student", { number: index + 1 }));
  const apart = (one, index) => h("button", { onclick: () => act.split(one) }, label(one, index));
  const opens = { class: "plain", "aria-expanded": String(splitting), onclick: act.splitting };
  return h(
    "div",
    {},
    h(
      "p",
      { class: "who" },
      h("span", {}, names ? members.map(name).join(", ") : t("students", { count: members.length })),
      h("button", { class: "plain", "aria-pressed": String(names), onclick: act.names }, t("names")),
      members.length > 1 && h("button", opens, t("split")),
    ),
    splitting && h("div", { class: "apart" }, t("split-tell"), members.map(apart)),
  );
}
