// Shows an entry: what is to be judged, and how it stands.

import { creditsView, fieldsView } from "./credit.js";
import { first, isDone } from "./queues.js";
import { rubricView } from "./rubric.js";
import { known } from "./saving.js";
import { coded, h, number, t } from "./words.js";

const MARKS = { passed: "✓", partial: "◐", failed: "✗", pending: "…", missing: "–", not_run: "–", ungradable: "!" };

// The middle of the page. `show` says what is shown: queue, entry, at, names, splitting; `act` has what buttons do.
export function entryView(show, act) {
  const { queue, entry } = show;
  const result = first(entry);
  return [
    heading(show, result),
    place(show, act),
    result.automatic === false ? answerView(entry) : resultView(entry, result),
    who(show, act),
    h("div", { id: "state" }, stateOf(queue, entry)),
    creditsView(entry, act),
    h("p", { id: "sure", class: "flag", role: "alert", hidden: true }),
    ...rubricView(entry, act),
    ...fieldsView(entry, act),
  ];
}

// How an entry stands: what was given, by whom, and what else there is to know of that.
export function stateOf(queue, entry) {
  const result = first(entry);
  const { review } = result;
  const rows = [counting(entry, result)];
  if (review?.applies && review.changed) rows.push(h("p", { class: "flag" }, t("changed-tell")));
  const given = result.given.filter((each) => each.of === result.of);
  if (given.length > 1) {
    const open = !isDone({ ...queue, kind: "conflict" }, entry);
    const each = given.map(({ by, credit }) => t("given-by", { by, points: shownCredit(result, credit) }));
    rows.push(h("p", { class: open ? "flag" : "soft" }, each.join(" · ")));
  }
  return rows;
}

function counting(entry, result) {
  const { review } = result;
  if (!review) return h("span", { class: "soft" }, result.automatic === false ? t("unread") : "");
  if (!review.applies) return h("span", { class: "soft" }, t("stale", { by: review.by }));
  const by = h("span", { class: "soft" }, ` · ${t("by", { by: review.by })}`);
  return h("span", {}, h("b", {}, entry.exercise ? shownCredit(result, review.credit) : t("seen")), by);
}

export function shownCredit(result, credit) {
  if (credit === null) return t("kept");
  return result.max ? t("given", { points: credit * result.max, max: result.max }) : number(credit);
}

function heading({ queue, entry, names }, result) {
  const { student } = known.submissions.get(entry.members[0]);
  const titled = result.title ?? (names || queue.kind === "any" ? student : t(queue.kind));
  const worth = result.max ? h("span", { class: "worth" }, t("worth", { points: result.max })) : null;
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

function answerView(entry) {
  const text = entry.text ?? first(entry).found.map((evidence) => evidence.value).join("\n\n");
  const blank = !text.trim();
  const kind = first(entry).code ? "work" : "text";
  const shown = h("div", { class: blank ? "text blank" : kind }, blank ? t("blank-tell") : text);
  return h("article", { class: "card", tabindex: -1 }, shown);
}

function resultView(entry, result) {
  const card = { class: "card says", tabindex: -1 };
  const says = result.says.map((sentence) => h("p", {}, coded(sentence)));
  if (!entry.exercise) {
    const problems = h("p", { class: "soft" }, result.problems);
    return h("article", card, h("p", {}, result.status), says, flags(result, []), problems);
  }
  const { status, points } = result.before;
  const automatic = status === "pending" ? t("undecided") : t("automatic", { points, max: result.max });
  const sign = h("p", { class: status }, `${MARKS[status]} ${automatic}`);
  return h("article", card, sign, says, result.found.map(found), flags(result, result.found));
}

// The flags, with the values they speak of that were not shown already.
function flags(result, shown) {
  const shownBefore = new Set(shown.map((each) => JSON.stringify(each)));
  const isNew = (each) => !shownBefore.has(JSON.stringify(each));
  return result.flags.flatMap((flag) => [
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
  const name = (member) => known.submissions.get(member)[entry.exercise ? "student" : "file"];
  const label = (member, index) => (names ? name(member) : t("student", { number: index + 1 }));
  const apart = (member, index) => h("button", { onclick: () => act.split(member) }, label(member, index));
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
