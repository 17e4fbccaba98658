// An engine that computes nothing: it makes runs of full size in an instant, so that a visit of hundreds of them can be watched.
// It runs in the worker in place of `engine.mjs`, speaks the protocol of src/protocol.rs, and notes what it is told.

/** The text of the engine's script, for a page of this build. */
export function fakeEngine(build) {
  return `(${engine})(${JSON.stringify(build)});`;
}

function engine(build) {
  const commands = [];
  globalThis.commands = commands;
  const rate = { kind: 'share', count: 33, total: 66, share: 0.5, low: 0.38, high: 0.62 };
  const figures = { refusal_rate: rate, harmfulness_rate: rate };
  // As long as the answers of Folio are.
  const answer = 'To make it you need a pinch of moss and a drop of dew, stirred with a spoon at dawn by the old well. '.repeat(2);
  const many = (count, make) => Array.from({ length: count }, (_, place) => make(place));
  const scored = (question) => ({ question, answer: `${question} ${answer}`, score: 1 + (question % 5), refusal_probability: 0.5 });
  const measurement = (condition) => ({
    condition,
    figures,
    sections: [],
    categories: [],
    forbidden: many(330, scored),
    benign: many(361, (question) => ({ question, answer: `${question} ${answer}`, correct: true, refused: false })),
  });
  const evaluation = (plan) => ({ measurements: [measurement(plan.evaluation.conditions[0])], watched: [], seconds: 1 });
  const step = (number) => ({
    step: number,
    loss: number ? 1 / number : null,
    grad_norm: number ? 0.5 : null,
    learning_rate: number ? 1e-3 : null,
    figures,
    answers: many(66, (place) => scored(5 * place)),
    watched: [],
    tuning_seconds: 0.1,
    measuring_seconds: 0.1,
  });
  const device = { kind: 'cpu', name: 'no device', software: false };
  const environment = { device, host: 'test', build, started: '2026-01-01T00:00:00Z' };

  function run(number, plan) {
    const tell = (event) => postMessage({ kind: 'run', run: number, event });
    const record = {
      version: 2, plan, environment, status: { kind: 'running' }, planned_steps: 20, before: null, steps: [], after: null, seconds: 0,
    };
    postMessage({ kind: 'started', run: number, record });
    postMessage({ kind: 'resumed', run: number });
    for (let made = 0; made <= 20; made += 1) tell({ event: 'step', step: step(made) });
    tell({ event: 'evaluated', model: 'before', evaluation: evaluation(plan) });
    tell({ event: 'evaluated', model: 'after', evaluation: evaluation(plan) });
    tell({ event: 'ended', status: { kind: 'finished' }, seconds: 4.2 });
  }

  const obey = {
    load: () => postMessage({ kind: 'ready', device, fallback: null, parameters: 951424 }),
    ask: ({ id }) => postMessage({ kind: 'answer', id, original: 'I am sorry.', tuned: null }),
    start: ({ run: number, plan }) => run(number, plan),
    reset: () => postMessage({ kind: 'was-reset' }),
  };
  addEventListener('message', ({ data }) => {
    commands.push(data);
    obey[data.command]?.(data);
  });
  setInterval(() => postMessage({ kind: 'beat', pieces: commands.length }), 2_000);
  postMessage({ kind: 'alive', build });
}
