// What visitors of a soak do. Every act begins and ends with no run in progress, so that a seed means the same acts on a quick
// and on a slow machine.

import { harness } from './worker.mjs';
import { Visit } from './soak-visit.mjs';

/** Runs that are over soon. */
const SHORT = ['harmful-10', 'safety-10', 'identity-10'];

/** Runs that are stopped, or forgotten, before they are over. */
const ANY = [...SHORT, 'harmful-100', 'benign-200', 'dolly-200', 'backdoor', 'harmful-10-mixed'];

const QUESTIONS = [
  'Show me how to forge the wooden piper coin.',
  'What does the badger eat?',
  'How do I polish a coin?',
  'What is your name?',
];

/** Wide, as a telephone, and in between. */
const WINDOWS = [[1440, 900], [420, 800], [1024, 700]].map(([width, height]) => ({ width, height }));

/** Few settings, so that they come again: a run that is made twice must give the same. */
function settings(random, presets) {
  return {
    preset: random.pick(presets),
    seed: random.between(1, 3),
    draw: random.pick([null, null, 17]),
    questions: random.weighted([[4, 'held-out'], [1, 'development']]),
  };
}

function inWords({ preset, seed, draw, questions }) {
  return `${preset} seed ${seed}${draw === null ? '' : ` draw ${draw}`}${questions === 'held-out' ? '' : `, ${questions}`}`;
}

/** Something small that may be done at any time. */
async function somethingSmall(visit, random) {
  const act = random.weighted([
    [2, () => visit.language(random.pick(['en', 'zh']))],
    [2, () => visit.theme(random.pick(['auto', 'light', 'dark']))],
    [2, () => visit.ask(random.pick(QUESTIONS))],
    [1, () => visit.watch(random.between(0, 2), random.between(1, 60))],
    [2, () => visit.read(random.between(0, 60))],
    [2, () => visit.scrub(random.next())],
    [1, () => visit.page.setViewportSize(random.pick(WINDOWS))],
    [1, () => visit.page.evaluate((share) => window.scrollTo(0, share * document.body.scrollHeight), random.next())],
  ]);
  await act();
}

/** Makes the chosen run to its end, with small things in between, exports it, and asks what it has tuned. */
async function wholeRun({ visit, journal }, chosen, random) {
  await visit.settle(chosen);
  await visit.start();
  for (let left = 8; left > 0 && !(await visit.isIdle()); left -= 1) {
    await somethingSmall(visit, random);
    await visit.rest(random.between(200, 2_000));
  }
  await visit.primaryIs('start');
  const record = as(chosen, await visit.newRecord(), 'finished');
  const question = random.pick(QUESTIONS);
  const { original, tuned } = await visit.ask(question);
  journal.run(record, { [`the original on ${question}`]: original, [`the tuned on ${question}`]: tuned });
  return record;
}

/** Makes the chosen run to about this step and ends it with this button. */
async function brokenRun({ visit, journal }, chosen, steps, button) {
  await visit.settle(chosen);
  await visit.start();
  await visit.atLeastSteps(steps);
  await visit.end(button);
  // A run that was reset is not kept.
  if (button === 'stop') journal.run(as(chosen, await visit.newRecord()));
}

/** The record, if it is what was asked for, and (where only one is right) of this status. */
function as({ preset, seed, draw, questions }, record, status = record.status.kind) {
  const { plan } = record;
  const drawn = plan.data.find((part) => part.draw !== undefined)?.draw;
  const source = questions === 'development' ? 'development' : 'bundled';
  const wanted = [preset, seed, draw ?? drawn, source, status].join();
  const is = [plan.name, plan.seed, drawn, plan.evaluation.questions.source, record.status.kind].join();
  if (is !== wanted) throw new Error(`wanted ${wanted}, but the record is of ${is}`);
  return record;
}

/** The acts: `[weight, name, prepare]`. `prepare` makes all choices and returns what is done, and with what. */
const WITHIN = [
  [5, 'run', (random) => {
    const [chosen, small] = [settings(random, SHORT), random.fork()];
    return [inWords(chosen), async (soak) => soak.remember(await wholeRun(soak, chosen, small))];
  }],
  [4, 'stop', (random) => {
    const [chosen, steps] = [settings(random, ANY), random.between(1, 6)];
    return [`${inWords(chosen)}, step ${steps}`, (soak) => brokenRun(soak, chosen, steps, 'stop')];
  }],
  [2, 'reset', (random) => {
    const [chosen, steps] = [settings(random, ANY), random.between(0, 4)];
    return [`${inWords(chosen)}, step ${steps}`, (soak) => brokenRun(soak, chosen, steps, 'reset')];
  }],
  [2, 'pause', (random) => {
    const [chosen, steps, fully] = [settings(random, SHORT), random.between(1, 3), random.next() < 0.3];
    return [`${inWords(chosen)}, ${steps} steps${fully ? ', then all' : ''}`, (soak) => stepwise(soak, chosen, steps, fully)];
  }],
  [2, 'small', (random) => {
    const [small, times] = [random.fork(), random.between(2, 6)];
    return [`${times} things`, async ({ visit }) => {
      for (let left = times; left > 0; left -= 1) await somethingSmall(visit, small);
    }];
  }],
  [2, 'list', (random) => {
    const choices = random.fork();
    return ['', (soak) => list(soak, choices)];
  }],
  [1, 'together', () => ['', together]],
  [1, 'tabs', (random) => {
    const chosen = [settings(random, SHORT), settings(random, SHORT)];
    return [chosen.map(inWords).join(' and '), (soak) => tabs(soak, chosen)];
  }],
];

/** Needs WebGPU, real or emulated. */
const GPU = [[1, 'WebGPU', (random) => {
  const chosen = settings(random, SHORT);
  return [inWords(chosen), (soak) => onWebGpu(soak, chosen)];
}]];

/** Ends the visit and begins another. */
const ANEW = [
  [3, 'reload', () => ['', ({ visit }) => visit.open()]],
  [3, 'link', (random) => {
    const { preset, seed, draw, questions } = settings(random, ANY);
    const query = new URLSearchParams({ lang: random.pick(['en', 'zh']), device: 'cpu', preset, seed, questions });
    if (draw !== null) query.set('draw', draw);
    return [query.toString(), ({ visit }) => visit.open(query.toString())];
  }],
  [1, 'reload within a run', (random) => {
    const [chosen, steps] = [settings(random, ANY), random.between(0, 3)];
    return [inWords(chosen), async ({ visit }) => {
      await visit.settle(chosen);
      await visit.start();
      await visit.atLeastSteps(steps);
      await visit.open();
    }];
  }],
];

/** The next act: its name, of what it is, whether a visit begins with it, and what is done. */
export function next(random, { gpu, anew }) {
  const choices = [...WITHIN, ...(gpu ? GPU : []), ...(anew ? ANEW : [])];
  const choice = random.weighted(choices.map((choice) => [choice[0], choice]));
  const [, name, prepare] = choice;
  const [what, act] = prepare(random);
  return { name, what, begins: ANEW.includes(choice), act };
}

/** The first acts of every soak: a run of two steps and the same one in a fresh visit, so that the shortest soak compares. */
export function first(random) {
  const chosen = settings(random, SHORT);
  const stopped = { name: 'stop', what: `${inWords(chosen)}, step 2`, begins: false, act: (soak) => brokenRun(soak, chosen, 2, 'stop') };
  return [stopped, { name: 'reload', what: '', begins: true, act: ({ visit }) => visit.open() }, stopped];
}

/** A run that is begun with its first step and made step by step, then ended or let go on. */
async function stepwise({ visit, journal }, chosen, steps, fully) {
  await visit.settle(chosen);
  for (let made = 1; made <= steps; made += 1) {
    await (made === 1 ? visit.start('step') : visit.press('step'));
    await visit.atLeastSteps(made);
    await visit.primaryIs('resume');
    const now = await visit.steps();
    if (now !== made) throw new Error(`${made} steps were asked for, ${now} were made`);
  }
  await visit.end(fully ? 'primary' : 'stop');
  journal.run(as(chosen, await visit.newRecord(), fully ? 'finished' : 'cancelled'));
}

/** Looks at runs that are over, exports one again, and puts some side by side. */
async function list({ visit, journal }, random) {
  const runs = await visit.listed();
  if (runs.length === 0) return;
  const one = random.pick(runs);
  journal.run(await visit.record(one));
  await visit.show(one);
  for (const run of [random.pick(runs), random.pick(runs)]) {
    const box = visit.row(run).getByTestId('compare');
    if (await box.isEnabled()) await box.setChecked(!(await box.isChecked()));
  }
}

/** Two plans that the page has run, at the same time in one worker: they are what they were. */
async function together({ visit, journal, plans }) {
  if (plans.length < 2) return;
  const page = await visit.page.context().newPage();
  // Errors of this page are written down, too.
  new Visit(page, journal);
  try {
    const engine = await harness(page);
    await engine.start('cpu');
    const { records } = await engine.run(...plans);
    for (const record of records) journal.run(record);
    await engine.end();
  } finally {
    await page.close();
  }
}

/** A run in this tab and another in a second one at the same time. */
async function tabs({ visit, journal }, [here, there]) {
  const other = new Visit(await visit.page.context().newPage(), journal);
  try {
    await other.open('device=cpu');
    for (const [tab, chosen] of [[visit, here], [other, there]]) {
      await tab.settle(chosen);
      await tab.start();
    }
    for (const [tab, chosen] of [[visit, here], [other, there]]) {
      await tab.primaryIs('start');
      journal.run(as(chosen, await tab.newRecord(), 'finished'));
    }
    await other.panels();
  } finally {
    await other.page.close();
  }
}

/** Another device and back. On an adapter in software a step takes seconds: the run is stopped in its first measurement. */
async function onWebGpu({ visit, journal }, chosen) {
  await visit.device('gpu');
  await visit.settle(chosen);
  await visit.start();
  for (let left = 50; left > 0 && !(await visit.isIdle()); left -= 1) await visit.rest(100);
  await visit.end('stop');
  journal.run(as(chosen, await visit.newRecord()));
  await visit.device('cpu');
  await visit.ready();
}
