// Queues of entries that wait for a person. An entry is one exercise of one or several submissions.

import { isSettled, item, known } from "./saving.js";

const KINDS = ["unverified", "flag", "file"];
let fixed = [];

// Makes the queues anew, from what is known.
export function makeQueues() {
  fixed = [
    ...known.questions.map((question, index) => ({
      key: `question-${index}`,
      title: question.title,
      question,
      entries: question.groups.flatMap((group) => apart(group, question)),
    })),
    ...KINDS.map((kind) => ({
      key: kind,
      kind,
      entries: known.looks.filter((look) => look.kind === kind).map(entryOf),
    })),
    { key: "changed", kind: "changed", entries: entriesOf((result) => result.review?.changed) },
    { key: "conflict", kind: "conflict", entries: known.conflicts.filter(isHere).map(entryOf) },
  ].filter((queue) => queue.entries.length);
}

// All queues: those that were made when the page was loaded, and the scores that are overridden now.
export function queues() {
  const isGiven = ({ review }) => review?.applies && review.credit !== null;
  const isOverridden = (result) => result.automatic && result.before.status !== "pending" && isGiven(result);
  const overridden = entriesOf(isOverridden);
  return overridden.length ? [...fixed, { key: "overrides", kind: "overrides", entries: overridden }] : fixed;
}

// Every exercise of one submission, and the submission as a whole.
export function queueOf(submission) {
  const whole = known.submissions.get(submission);
  const items = whole.exercises.map((result) => ({ submission, exercise: result.id }));
  const entries = (items.length ? items : [{ submission, exercise: "" }]).map(entryOf);
  return { key: `of-${submission}`, kind: "any", entries };
}

export const itemsOf = (entry) => entry.members.map((submission) => ({ submission, exercise: entry.exercise }));

export const first = (entry) => item(entry.members[0], entry.exercise);

export function isDone(queue, entry) {
  if (queue.kind === "conflict") {
    const isItsConflict = ({ submission, exercise }) => submission === entry.members[0] && exercise === entry.exercise;
    return !known.conflicts.some(isItsConflict);
  }
  if (queue.kind === "changed") return !first(entry).review?.changed;
  return entry.members.every((submission) => isSettled(submission, entry.exercise));
}

// Counts how many are done, and how many there are; for a question it counts students.
export function progress(queue) {
  const size = (entry) => (queue.question ? entry.members.length : 1);
  const count = (entries) => entries.reduce((sum, entry) => sum + size(entry), 0);
  return { read: count(queue.entries.filter((entry) => isDone(queue, entry))), all: count(queue.entries) };
}

// Puts one student of an entry into an entry of their own, behind it.
export function split(queue, entry, submission) {
  entry.members = entry.members.filter((member) => member !== submission);
  const separate = { ...entry, members: [submission] };
  queue.entries.splice(queue.entries.indexOf(entry) + 1, 0, separate);
  return separate;
}

// Equal answers that were judged differently stand apart.
function apart(group, question) {
  const groups = new Map();
  for (const submission of group.members) {
    const { review } = item(submission, question.exercise);
    const key = JSON.stringify(review && review.applies ? [review.credit, review.comment, review.items] : null);
    groups.set(key, [...(groups.get(key) ?? []), submission]);
  }
  const { text, blank } = group;
  return [...groups.values()].map((members) => ({ exercise: question.exercise, members, text, blank }));
}

function entriesOf(fits) {
  const itemsIn = (whole) => whole.exercises.filter(fits).map(({ id }) => ({ submission: whole.id, exercise: id }));
  return [...known.submissions.values()].flatMap(itemsIn).map(entryOf);
}

const entryOf = ({ submission, exercise }) => ({ exercise, members: [submission] });

const isHere = ({ submission, exercise }) => known.submissions.has(submission) && Boolean(item(submission, exercise));
