"""The messages in English. A text serves both readers, or each has their own; an empty one is not said."""

from __future__ import annotations

_LOOK = "The automatic check could not decide, so a person will look at this exercise. There is nothing you need to do."
_RESEND = "Save the notebook in Jupyter or Colab, check that it opens, and hand it in again."
_ASK = "Ask for a new file."


def _instructor(text: str) -> dict[str, str]:
    return {"student": "", "instructor": text}


TEXTS: dict[str, str | dict[str, str]] = {
    "value.passed": {
        "student": "Right: your code computes what is asked for.",
        "instructor": "The right value was computed, and it follows the data.",
    },
    "value.partial-answer": {
        "student": "Your notebook shows a part of what is asked for, worth {credit:%} of the points. "
        "Read the question again and compute the rest too.",
        "instructor": "Shows only a part of the answer, worth {credit:%} of the points.",
    },
    "value.absent": {
        "student": "No value computed in your notebook is the one asked for. "
        "Go through the computation step by step, with the data given, and run everything again.",
        "instructor": "No value computed in the notebook is the right one.",
    },
    "value.missing": {
        "student": "There is no code of yours yet that answers this exercise. "
        "Write the computation in a cell and run it.",
        "instructor": "There is no code of the student's own that could answer this exercise.",
    },
    "value.no-gradient": {
        "student": "Autograd has not computed any gradient in your notebook yet. Call backward() on the loss.",
        "instructor": "Autograd computed no gradient in the student's own cells.",
    },
    "value.told": {"student": "", "instructor": "Values in the notebook: {values}."},
    "value.depends": {
        "student": "This exercise builds on “{needs}”: get that one right first, then run this one again.",
        "instructor": "Depends on “{needs}”, which did not pass either.",
    },
    "value.does-not-follow-data": {
        "student": "The value must be computed from the data: typed-in numbers do not count. "
        "Write the computation with the notebook's variables.",
        "instructor": "The value stays the same when the data changes: it was typed in, not computed.",
    },
    "value.only-here": {
        "student": "Your code works for this data only: with other data it does not give what is asked for. "
        "Compare each step of the computation with the question.",
        "instructor": "Agrees with the handed-out data only: with other data "
        "the code gives another value than the reference.",
    },
    "unverified.input-not-seen": {
        "student": _LOOK,
        "instructor": "The value is right, but the handed-out data was not seen in "
        "the notebook and could not be "
        "replaced. See whether the value was computed.",
    },
    "unverified.raises-only-in-variant": {
        "student": _LOOK,
        "instructor": "The value is right, but with other data a cell ends in {error}. "
        "See whether the value was computed.",
    },
    "unverified.nothing-moved": {
        "student": _LOOK,
        "instructor": "The value is right, but did not change with the data, though nothing was typed in. "
        "See whether it was computed.",
    },
    "unverified.variant-not-run": {
        "student": _LOOK,
        "instructor": "The value is right, but the notebook could not be run with other data. "
        "See whether it was computed.",
    },
    "not-run.kernel-ended": {
        "student": "The run stopped around cell {cell}, before this exercise. Mend what stopped it and run again.",
        "instructor": "Not run: the kernel stopped around cell {cell}.",
    },
    "mistake": {"student": "{hint}", "instructor": "Known mistake: {name}."},
    "mistake.tie": _instructor("More than one known mistake explains the value: {names}."),
    "graph.passed": {
        "student": "Right: the graph is the one asked for.",
        "instructor": "The graph equals the reference's.",
    },
    "graph.passed-below": {
        "student": "Right: the graph asked for lies whole in yours, below one more operation ({operation}).",
        "instructor": "The reference's graph lies whole in this one, below one more operation ({operation}).",
    },
    "graph.differs": {
        "student": "Your graph has {found}, and the one asked for has another number of them. "
        "Check which network you made.",
        "instructor": "The graph has {found} where the reference's has {expected}.",
    },
    "graph.shape-differs": {
        "student": "The operations are the ones asked for, but of other shapes or joined in another way. "
        "Check the arguments you made the network with.",
        "instructor": "The operations are the reference's, but of other shapes or joined in another way.",
    },
    "graph.no-gradient": {
        "student": "Your graph has no operations. Draw it outside torch.no_grad(), from the network's output.",
        "instructor": "The graph has no operations: it was made under no_grad or of something without gradient.",
    },
    "graph.missing": {
        "student": "There is no graph in your notebook yet. "
        "Apply the network to an input and give the output to make_dot.",
        "instructor": "No graph was made.",
    },
    "text.answered": {
        "student": "A person reads this answer.",
        "instructor": "Answered ({words:word|words}); a person has yet to read it.",
    },
    "text.blank": {
        "student": "No answer yet. Write yours right below the question.",
        "instructor": "No answer.",
    },
    "text.question-not-found": {
        "student": "The question is not in your notebook. Copy it back and write your answer right below it.",
        "instructor": "The question was not found: it must have been deleted or reworded.",
    },
    "unreadable.empty": {
        "student": f"The file is empty. {_RESEND}",
        "instructor": f"The file is empty. {_ASK}",
    },
    "unreadable.not-json": {
        "student": f"The file is damaged from line {{line}} on. {_RESEND}",
        "instructor": f"The file is not JSON: it is damaged at line {{line}}. {_ASK}",
    },
    "unreadable.git-conflict": {
        "student": "The file holds an unresolved git conflict, at line {line}. "
        "Resolve it, check that the notebook opens, and hand it in again.",
        "instructor": f"The file holds an unresolved git conflict, at line {{line}}. {_ASK}",
    },
    "unreadable.not-text": {
        "student": f"The file is not a notebook (.ipynb). {_RESEND}",
        "instructor": f"The file is not text, as a notebook would be. {_ASK}",
    },
    "unreadable.too-large": {
        "student": "The file has {mib} MiB, too much for a notebook. Clear its outputs, save it and hand it in again.",
        "instructor": f"The file has {{mib}} MiB, too much for a notebook. {_ASK}",
    },
    "unreadable.format": {
        "student": f"The notebook's format ({{version}}) is not known. {_RESEND}",
        "instructor": f"The notebook's format ({{version}}) is not known. {_ASK}",
    },
    "unreadable.no-access": {
        "student": "The file could not be opened. Check that you may read it, and try again.",
        "instructor": "The file could not be opened. Check that you may read it, and run again.",
    },
    "wrong-file.not-a-notebook": {
        "student": "This file is not a notebook. Hand in the assignment's .ipynb file.",
        "instructor": f"The file is JSON, but not a notebook. {_ASK}",
    },
    "wrong-file.no-cells": {
        "student": f"The notebook has no cells. {_RESEND}",
        "instructor": f"The notebook has no cells. {_ASK}",
    },
    "wrong-file.language": {
        "student": "The notebook is in {language}, and the assignment is in Python. Hand in the assignment's notebook.",
        "instructor": f"The notebook is in {{language}}, not in Python. {_ASK}",
    },
    "wrong-file.other-assignment": {
        "student": "This notebook seems to belong to another assignment. Check which file you chose.",
        "instructor": "Shares nothing with the handout and answers nothing: it seems to belong to another "
        f"assignment. {_ASK}",
    },
    "unchanged": {
        "student": "This is the notebook as it was handed out, with nothing of yours. "
        "Check that you saved your work and chose the right file.",
        "instructor": "This is the handout as it was.",
    },
    "ended.died": {
        "student": "The kernel ended in cell {cell}. What came before was graded; mend that cell and run again.",
        "instructor": "The kernel ended in cell {cell}; what came before was graded.",
    },
    "ended.timeout": {
        "student": "Cell {cell} was ended after {seconds:second|seconds}, at the time limit. "
        "Look in it for a loop that never ends.",
        "instructor": "Cell {cell} was ended after {seconds:second|seconds}, at the time "
        "limit; what came before was graded.",
    },
    "ended.notebook-timeout": {
        "student": "The notebook was ended in cell {cell}, at its time limit, after "
        "{seconds:second|seconds}. "
        "Shorten what takes long and run again.",
        "instructor": "The notebook was ended in cell {cell}, at its time limit, after "
        "{seconds:second|seconds}; "
        "what came before was graded.",
    },
    "ended.flooded": {
        "student": "Cell {cell} wrote too much output and was ended. Look in it for a print inside a loop.",
        "instructor": "Cell {cell} wrote too much output and was ended.",
    },
    "ended.memory": {
        "student": "Cell {cell} used more memory than one notebook may have, and the run was ended there. "
        "What came before was graded. Look in that cell for data that keeps growing, and run again.",
        "instructor": "The kernel was ended in cell {cell}, since it used more memory than allowed; "
        "what came before was graded.",
    },
    "limit.memory": {
        "student": "Cell {cell} asked for more memory than one notebook may have, and stopped with an error; "
        "the cells after it ran on. Look in it for a tensor or a list that is larger than it has to be.",
        "instructor": "Cell {cell} met the limit of memory and ended in an error; the rest ran on.",
    },
    "limit.disk": {
        "student": "Cell {cell} wrote more to files than one notebook may, and stopped with an error; "
        "the cells after it ran on. Save less in it, or nothing that is not asked for.",
        "instructor": "Cell {cell} met the limit of disk space and ended in an error; the rest ran on.",
    },
    "limit.processes": {
        "student": "Cell {cell} started too much at the same time, and stopped with an error; "
        "the cells after it ran on. Start less in it: a DataLoader, for example, works with num_workers=0 too.",
        "instructor": "Cell {cell} met the limit of processes and threads and ended in an error; the rest ran on.",
    },
    "limit.open-files": {
        "student": "Cell {cell} had too many files open at the same time, and stopped with an error; "
        "the cells after it ran on. Close each file once you have read it: open files in a with statement.",
        "instructor": "Cell {cell} met the limit of open files and ended in an error; the rest ran on.",
    },
    "ungradable.kernel": {
        "student": "The notebook could not be run because of a problem of the grader's, not yours. Try again.",
        "instructor": "Could not be run, because of a problem of the grader's ({problem}). Run again.",
    },
    "note.random-weights": "The pretrained weights were not downloaded: the network has random weights, "
    "which costs no points.",
    "note.skipped": "{count:command was|commands were} not run; this costs no points.",
    "note.again": {
        "student": "Run again at the end, since they use names that come later: cells {cells}. "
        "Put them in order, so that the notebook runs from top to bottom.",
        "instructor": "Run again at the end, since they use names that come later: cells {cells}.",
    },
    "note.truncated": {
        "student": "The notebook does more than the grader can record, so its end may not have been seen. "
        "Remove what is no part of the assignment.",
        "instructor": "The record of the run reached its limit: what came later was not seen.",
    },
    "flag.does-not-follow-data": _instructor("The value does not follow the data. See the line and decide."),
    "flag.unverified": _instructor("The value could not be checked with other data. See the code and decide."),
    "flag.not-reproducible": {
        "student": "The file holds results that a fresh run does not give. "
        "Restart the kernel, run everything and save before you hand it in.",
        "instructor": "The file holds {saved}, but a fresh run gives {fresh}.",
    },
    "flag.forged-events": _instructor(
        "The notebook wrote on the channel of the grader's recorder ({count:message|messages}). Read the code."
    ),
    "validate.reference-earns-all": _instructor(
        "The reference earns all {points:point|points}, with the handed-out data and with each variant."
    ),
    "validate.reference-loses": _instructor("The reference does not pass {exercise}: {run}. Mend it."),
    "validate.mistake-ok": _instructor(
        "{mistake}: loses what it declares and is recognised; leaves {credit:point|points}."
    ),
    "validate.mistake-changes-nothing": _instructor("{mistake}: changes no value. Mend its edit or remove it."),
    "validate.mistake-earns": _instructor(
        "{mistake}: earns {earned:%} of {exercise}, but mistakes.toml declares {declared:%}."
    ),
    "validate.mistake-not-recognised": _instructor("{mistake}: is not recognised as itself, but as: {found}."),
    "validate.handout-earns-nothing": _instructor("The handout earns no points."),
    "validate.handout-earns": _instructor("The handout already earns points for {exercise}. Take the answer out."),
    "validate.handout-raises": _instructor("Cell {cell} of the handout ends in {error}."),
    "validate.no-leak": _instructor("No message to a student contains an expected value."),
    "validate.leak": _instructor("{where}: “{text}” shows an expected value to the student. Reword it."),
}

RUNS = {"base": "with the handed-out data", "variant": "in variant"}
"""Labels of runs."""

WORDS: dict[str, str] = {
    "unsealed": "Not sealed: these notebooks ran with your rights.",
    "stage-starting": "preparing sealed kernels",
    "stage-grading": "grading",
    "stage-checking": "checking",
    "stage-regrading": "regrading",
    "student": "student",
    "points": "points",
    "questions": "questions",
    "what": "what to know",
    "to-read": "{count} to read",
    "passed": "right",
    "partial": "in part",
    "failed": "wrong",
    "pending": "waiting for a person",
    "missing": "no answer",
    "not_run": "not run",
    "ungradable": "not graded",
    "graded": "graded",
    "unreadable": "unreadable",
    "wrong_file": "wrong file",
    "unchanged": "unchanged",
    "submissions": "{count:submission|submissions}",
    "mean": "mean {mean}",
    "mean-of": "mean {mean} of {points}",
    "count-unreadable": "{count:unreadable|unreadable}",
    "count-wrong_file": "{count:wrong file|wrong files}",
    "count-unchanged": "{count:unchanged|unchanged}",
    "count-ungradable": "{count:not graded|not graded}",
    "count-pending": "{count:answer|answers} waiting for a person",
    "look": "Worth a look",
    "about": "About the exercises",
    "no-assignment": "No assignment",
    "of-points": "{earned} of {possible:point|points}",
    "pending-points": "{points:point|points} waiting for a person",
    "read-by-a-person": "{count:question|questions}: a person reads",
    "under": "under “{heading}”",
    "cell": "cell {cell}",
    "line": "cell {cell}, line {line}",
    "found": "found: {value}",
    "or": " or ",
    "perhaps": "One possible cause: {hint}",
    "explains": "explains: {exercises}",
    "flag": "flag",
    "note": "note",
    "cells-failed": "Cells that did not end well (this alone costs no points):",
    "cell-error": "error",
    "cell-timeout": "out of time",
    "cell-died": "the kernel ended here",
    "cell-flooded": "too much output",
    "cell-not_run": "not run",
    "cells-not-run": "{count:cell was|cells were} not run after that.",
    "skipped": "Commands skipped, at no cost in points: {commands}",
    "more": "{count} more",
    "all-right": "All that is graded automatically is right. Save it and hand it in.",
    "again": "Change what is missing, save, and check again with the same command.",
    "report": "Report: {file}",
    "next-show": "one student in full: grade show {folder} NAME",
    "reused": "{count:submission|submissions} from a stored run",
    "rerun": "{count} run again: {students}",
    "no-change": "No score changed.",
    "changes": "{count:score|scores} changed:",
    "valid": "{name}: all right ({count:check|checks})",
    "invalid": "{name}: {failed:check|checks} of {count} failed",
}
"""Words and phrases of the screen."""

SHORT: dict[str, str] = {
    "value.partial-answer": "part of the answer",
    "value.absent": "answer not found",
    "value.missing": "no code of their own",
    "value.no-gradient": "no gradient",
    "value.does-not-follow-data": "does not follow the data",
    "value.only-here": "right for this data only",
    "graph.differs": "{found}, not {expected}",
    "graph.shape-differs": "graph of other shapes",
    "graph.no-gradient": "graph without operations",
    "graph.missing": "no graph",
    "unreadable.empty": "empty",
    "unreadable.not-json": "damaged, line {line}",
    "unreadable.git-conflict": "git conflict, line {line}",
    "unreadable.not-text": "not text",
    "unreadable.too-large": "{mib} MiB",
    "unreadable.format": "format {version}",
    "unreadable.no-access": "no permission to read",
    "wrong-file.not-a-notebook": "not a notebook",
    "wrong-file.no-cells": "no cells",
    "wrong-file.language": "in {language}",
    "wrong-file.other-assignment": "another assignment",
    "ended.died": "kernel ended, cell {cell}",
    "ended.timeout": "out of time, cell {cell}",
    "ended.notebook-timeout": "out of time, cell {cell}",
    "ended.flooded": "too much output, cell {cell}",
    "ended.memory": "out of memory, cell {cell}",
    "limit.memory": "memory limit, cell {cell}",
    "limit.disk": "disk limit, cell {cell}",
    "limit.processes": "process limit, cell {cell}",
    "limit.open-files": "limit of open files, cell {cell}",
    "flag.does-not-follow-data": "does not follow the data",
    "flag.unverified": "to be checked",
    "flag.not-reproducible": "stale outputs",
    "flag.forged-events": "wrote on the recorder's channel",
}
"""Messages in a few words, for a narrow column; one that is not here is not said there."""
