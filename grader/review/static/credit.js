// Where a person gives credit: buttons, a field for any other, and what they write beside it.

import { first } from "./queues.js";
import { known } from "./saving.js";
import { h, number, t } from "./words.js";

const CREDITS = [
  [0, "0"],
  [0.5, "½"],
  [1, "1"],
];
const MOST_EARLIER = 9;

// The buttons: which of them counts, and which is proposed or waits for a reason.
export function creditsView(entry, act) {
  const result = first(entry);
  const around = { id: "credits", class: "credits", role: "group", "aria-label": t("credit") };
  const counts = (credit) => String(Boolean(result.review?.applies && result.review.credit === credit));
  const keep = (key) => h("button", { class: "word", "aria-pressed": counts(null), onclick: act.keep }, t(key));
  const withdraw = isMine(result) && h("button", { class: "word", onclick: act.withdraw }, t("withdraw"));
  if (!entry.exercise) return h("div", around, keep("seen"), withdraw);
  const give = ([credit, share]) => {
    const label = result.max > 0 ? number(credit * result.max) : share;
    const proposed = entry.chosen === credit || entry.asked === credit || (entry.blank && credit === 0 && !result.review);
    const named = { "aria-pressed": counts(credit), "aria-label": `${t("give")} ${label}` };
    return h("button", { ...named, class: proposed ? "proposed" : null, onclick: () => act.give(credit) }, label);
  };
  const otherCredit = result.max > 0 && other(result, act);
  return h("div", around, mayKeep(result) && keep("keep"), CREDITS.map(give), withdraw, otherCredit);
}

// Whether there is an automatic result that can stand.
export const mayKeep = (result) => result.automatic && result.before.status !== "pending";

const isMine = (result) => result.given.some((each) => each.by === known.by);

function other(result, act) {
  const limits = { type: "number", min: 0, max: result.max, step: "any", inputmode: "decimal" };
  const input = h("input", { ...limits, "aria-label": t("other"), placeholder: t("other").split(" ")[0] });
  const give = (event) => {
    event.preventDefault();
    if (input.value !== "" && input.checkValidity()) act.give(Number(input.value) / result.max);
  };
  const around = { onsubmit: give, title: t("other") };
  return h("form", around, input, t("of", { max: result.max }), h("button", { class: "plain" }, t("give")));
}

// The comment, with earlier ones below it; and of what the grader decides, the reason.
export function fieldsView(entry, act) {
  if (!entry.exercise) return [];
  const result = first(entry);
  const said = { ...(result.review?.applies ? result.review : {}), ...entry.draft };
  const list = h("ol", { class: "earlier", id: "earlier", "aria-label": t("earlier") });
  const typed = () => list.replaceChildren(...earlier(comment.value, entry, act));
  const comment = h("textarea", { id: "comment", rows: 2, onchange: act.commented, oninput: typed });
  comment.value = said.comment ?? "";
  typed();
  const parts = [h("label", { class: "field" }, t("comment"), comment), list];
  if (!result.automatic) return parts;
  const reason = h("textarea", { id: "reason", rows: 1, onchange: act.commented });
  reason.value = said.reason ?? "";
  const needed = h("p", { id: "needed", class: "flag", role: "alert", hidden: true }, t("reason-needed"));
  return [h("label", { class: "field" }, t("reason"), reason), needed, ...parts];
}

// Comments that were given on this exercise before, the most used first: those that hold what is typed.
function earlier(typed, entry, act) {
  const counts = new Map();
  for (const comment of commentsOn(entry)) {
    const fits = comment.toLowerCase().includes(typed.trim().toLowerCase());
    if (fits && comment !== typed) counts.set(comment, (counts.get(comment) ?? 0) + 1);
  }
  const most = [...counts].sort(([, count], [, otherCount]) => otherCount - count).slice(0, MOST_EARLIER);
  return most.map(([comment, count], index) => {
    const reuse = { type: "button", "data-comment": comment, onclick: () => act.reuse(comment) };
    const shown = [h("kbd", {}, String(index + 1)), h("span", {}, comment), h("small", {}, t("times", { count }))];
    return h("li", {}, h("button", reuse, shown));
  });
}

function commentsOn(entry) {
  const { assignment } = known.submissions.get(entry.members[0]);
  const submissions = [...known.submissions.values()].filter((whole) => whole.assignment === assignment);
  const judged = submissions.flatMap((whole) => whole.exercises.filter((result) => result.id === entry.exercise));
  return judged.flatMap((result) => (result.review?.applies && result.review.comment ? [result.review.comment] : []));
}
