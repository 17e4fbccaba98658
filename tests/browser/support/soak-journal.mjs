// What a soak writes down: one JSON object a line, at once, so that what was seen is there whatever happens next. The lines are
// read by xtask/src/soak/journal.rs.

import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

export class Journal {
  #file;
  #begun = performance.now();
  #act = 'beginning';
  #counts = { runs: 0, errors: 0 };

  constructor(file) {
    this.#file = file;
  }

  /** Seconds since the beginning. */
  seconds() {
    return (performance.now() - this.#begun) / 1e3;
  }

  write(kind, line) {
    appendFileSync(this.#file, `${JSON.stringify({ kind, at: Number(this.seconds().toFixed(1)), ...line })}\n`);
  }

  /** What is being done from now on: errors name it. */
  act(name) {
    this.#act = name;
    this.write('act', { name });
  }

  error(colourful) {
    const message = stripVTControlCharacters(colourful);
    this.#counts.errors += 1;
    this.write('error', { act: this.#act, message });
    console.error(`${this.progress()}; ${this.#act}: ${message}`);
  }

  /** A record as the page exported it, and further facts of its run. */
  run(record, more = {}) {
    this.#counts.runs += 1;
    const { name, seed } = record.plan;
    this.write('run', {
      name: `${name} seed ${seed}`,
      status: record.status.kind,
      steps: record.steps.length - 1,
      of: identity(record),
      facts: { ...facts(record), ...more },
    });
  }

  progress() {
    const { runs, errors } = this.#counts;
    return `${(this.seconds() / 60).toFixed(1)} min: ${runs} records, ${errors} errors`;
  }
}

/** What decides a run: its plan, the device, the build. What is watched decides nothing but what is watched. */
function identity({ plan, environment }) {
  const { watch: _, ...evaluation } = plan.evaluation;
  return digest({ plan: { ...plan, evaluation }, device: environment.device, build: environment.build });
}

/** What came of a run, without the times: numbers with all their digits, the rest as hashes. */
function facts({ planned_steps, steps, before, after }) {
  const all = { 'planned steps': String(planned_steps) };
  for (const { step, loss, grad_norm, learning_rate, figures, answers, watched } of steps) {
    all[`step ${step}, loss`] = String(loss);
    all[`step ${step}, gradient norm`] = String(grad_norm);
    all[`step ${step}, figures and answers`] = digest({ learning_rate, figures, answers });
    for (const { question, ...answer } of watched) all[`step ${step}, ${question}`] = digest(answer);
  }
  // What a stopped run did not come to is not there, which is no difference.
  for (const [when, evaluation] of [['before', before], ['after', after]]) {
    if (!evaluation) continue;
    all[when] = digest(evaluation.measurements);
    for (const { question, ...answer } of evaluation.watched) all[`${when}, ${question}`] = digest(answer);
  }
  return all;
}

function digest(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
