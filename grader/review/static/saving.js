// Keeps what is known, and sends decisions to the server: in order, and again until they are saved.

// All that the server gave; `submissions` by their ids.
export const known = {};

const RETRY_MS = 2000;
const AS_JSON = { method: "POST", headers: { "Content-Type": "application/json" } };
const unsent = [];
const answers = [];
const done = [];
let busy = false;
let listener = () => {};

// `listen({saved, problem, refused})` is called at every change of what is saved.
export function onSaving(listen) {
  listener = listen;
}

export async function load() {
  const response = await fetch("/queue");
  const data = await response.json();
  if (!response.ok) throw new Error(data.problem);
  const byId = new Map(data.submissions.map((submission) => [submission.id, submission]));
  Object.assign(known, data, { submissions: byId });
}

// The result that a review is about: an exercise of a submission, or the submission as a whole.
export function item(submission, exercise) {
  const whole = known.submissions.get(submission);
  return exercise ? whole.exercises.find((result) => result.id === exercise) : whole;
}

export function isSettled(submission, exercise) {
  const { review } = item(submission, exercise);
  return Boolean(review && review.applies);
}

// Gives the same to each of some items; what was there before can be had again with `undo`.
export function decide(items, given) {
  done.push(items.map((one) => ({ ...one, before: ownReview(item(one.submission, one.exercise)) })));
  send(items.map((one) => decision(one, given)));
}

// Takes the last decision back; returns its items, or null.
export function undo() {
  const last = done.pop();
  if (!last) return null;
  const back = ({ before, ...one }) =>
    before ? { ...decision(one, before), of: before.of } : decision(one, { withdrawn: true });
  send(last.map(back));
  return last;
}

// Saves a rubric item, new or changed; returns what is wrong, if anything is.
export async function saveItem(item) {
  try {
    const response = await fetch("/rubric", { ...AS_JSON, body: JSON.stringify(item) });
    if (response.status === 403) return known.words["no-server"];
    const answer = await response.json();
    if (!response.ok) return answer.problem;
    known.rubric = answer.rubric;
    take(answer);
    return "";
  } catch {
    return known.words["no-server"];
  }
}

export async function finish() {
  const response = await fetch("/done", { ...AS_JSON, body: "{}" });
  if (!response.ok) throw new Error(String(response.status));
}

export const isUnsaved = () => unsent.length > 0;

const ownReview = (result) => result.given.find((review) => review.by === known.by);

function decision({ submission, exercise }, given) {
  const { credit = null, comment = "", reason = "", withdrawn = false, items = [] } = given;
  const result = item(submission, exercise);
  const knowing = result.given.some((review) => review.by !== known.by && review.of === result.of);
  const ids = items.map((item) => item.id);
  return { submission, exercise, credit, comment, reason, of: result.of, knowing, withdrawn, items: ids };
}

function send(decisions) {
  for (const { submission, exercise, credit, comment, reason, withdrawn, items } of decisions) {
    const result = item(submission, exercise);
    const lines = known.rubric.filter((line) => isOf(line, submission, exercise) && items.includes(line.id));
    const earned = lines.length ? creditOf(lines, result.max) : credit;
    const made = { by: known.by, credit: earned, comment, reason, items: lines, applies: true, changed: false };
    result.review = withdrawn ? null : made;
  }
  unsent.push(decisions);
  flush();
}

const isOf = (line, submission, exercise) =>
  line.exercise === exercise && line.assignment === known.submissions.get(submission).assignment;

function creditOf(lines, max) {
  const points = lines.reduce((sum, line) => sum + line.points, 0);
  return max > 0 ? Math.min(Math.max(points / max, 0), 1) : 0;
}

async function flush() {
  if (busy) return;
  busy = true;
  listener({ saved: false });
  while (unsent.length) {
    const problem = await post(unsent[0]);
    if (problem) {
      listener({ saved: false, problem });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    } else {
      unsent.shift();
    }
  }
  busy = false;
  answers.splice(0).forEach(take);
  listener({ saved: true });
}

function take({ submissions, conflicts }) {
  for (const submission of submissions) known.submissions.set(submission.id, submission);
  known.conflicts = conflicts;
}

// Sends decisions; returns the problem if they have to be sent again.
async function post(decisions) {
  try {
    const response = await fetch("/decisions", { ...AS_JSON, body: JSON.stringify({ decisions }) });
    if (response.status === 403) return known.words["no-server"];
    const answer = await response.json();
    if (response.ok) {
      answers.push(answer);
    } else if (response.status === 400) {
      await load();
      listener({ saved: false, refused: answer.problem });
    } else {
      return answer.problem;
    }
    return "";
  } catch {
    return known.words["no-server"];
  }
}
