// What waits for a person, in queues of entries. An entry is one exercise of one or several submissions.

import { isSettled, item, known } from "./saving.js";

const KINDS = ["unverified", "flag", "file"];
let fixed = [];

// Makes the queues anew, from what is known.
export function makeQueues() {
  fixed = [
    ...known.questions.map((question, place) => ({
      key: `question-${place}`,
      title: question.title,
      question,
      entries: question.groups.flatMap((group) => apart(group, question)),
    })),
    ...KINDS.map((kind) => ({
      key: kind,
      kind,
      entries: known.looks.filter((one) => one.kind === kind).map(entryOf),
    })),
    { key: "changed", kind: "changed", entries: entriesOf((one) => one.review?.changed) },
    { key: "conflict", kind: "conflict", entries: known.conflicts.filter(isHere).map(entryOf) },
  ].filter((queue) => queue.entries.length);
}

// All queues: those that were made when the page was loaded, and the scores that are overridden now.
export function queues() {
  const isGiven = ({ review }) => review?.applies && review.credit !== null;
  const overridden = entriesOf((one) => one.automatic && one.before.status !== "pending" && isGiven(one));
  return overridden.length ? [...fixed, { key: "overrides", kind: "overrides", entries: overridden }] : fixed;
}

// Every exercise of one submission, and the submission as a whole.
export function queueOf(submission) {
  const whole = known.submissions.get(submission);
  const items = whole.exercises.map((one) => ({ submission, exercise: one.id }));
  const entries = (items.length ? items : [{ submission, exercise: "" }]).map(entryOf);
  return { key: `of-${submission}`, kind: "any", entries };
}

export const itemsOf = (entry) => entry.members.map((submission) => ({ submission, exercise: entry.exercise }));

export const first = (entry) => item(entry.members[0], entry.exercise);

export function isDone(queue, entry) {
  if (queue.kind === "conflict") {
    const isOf = (one) => one.submission === entry.members[0] && one.exercise === entry.exercise;
    return !known.conflicts.some(isOf);
  }
  if (queue.kind === "changed") return !first(entry).review?.changed;
  return entry.members.every((submission) => isSettled(submission, entry.exercise));
}

// How many are done, and how many there are: of a question, students.
export function progress(queue) {
  const size = (entry) => (queue.question ? entry.members.length : 1);
  const count = (entries) => entries.reduce((sum, entry) => sum + size(entry), 0);
  return { read: count(queue.entries.filter((entry) => isDone(queue, entry))), all: count(queue.entries) };
}

// Puts one student of an entry into an entry of their own, behind it.
export function split(queue, entry, submission) {
  entry.members = entry.members.filter((one) => one !== submission);
  const own = { ...entry, members: [submission] };
  queue.entries.splice(queue.entries.indexOf(entry) + 1, 0, own);
  return own;
}

// Equal answers that were judged differently stand apart.
function apart(group, question) {
  const together = new Map();
  for (const submission of group.members) {
    const { review } = item(submission, question.exercise);
    const key = JSON.stringify(review && review.applies ? [review.credit, review.comment] : null);
    together.set(key, [...(together.get(key) ?? []), submission]);
  }
  const { text, blank } = group;
  return [...together.values()].map((members) => ({ exercise: question.exercise, members, text, blank }));
}

function entriesOf(fits) {
  const of = (whole) => whole.exercises.filter(fits).map((one) => ({ submission: whole.id, exercise: one.id }));
  return [...known.submissions.values()].flatMap(of).map(entryOf);
}

const entryOf = ({ submission, exercise }) => ({ exercise, members: [submission] });

const isHere = ({ submission, exercise }) => known.submissions.has(submission) && Boolean(item(submission, exercise));
