// A soak in Chromium: what visitors do, at random, for hours. Started by `cargo xtask soak`, which sets TENSHOT_URL and CHROMIUM
// and gives one argument, {"minutes", "seed", "device", "out"}, in JSON. What is seen goes to the file `out`; docs/soak.md.

import { chromium } from '@playwright/test';
import { ARGUMENTS, EXECUTABLE, WEBGPU } from './support/chromium.mjs';
import { first, next } from './support/soak-acts.mjs';
import { Journal } from './support/soak-journal.mjs';
import { memory } from './support/soak-memory.mjs';
import { Random } from './support/soak-random.mjs';
import { Visit } from './support/soak-visit.mjs';

const { minutes, seed, device, out } = JSON.parse(process.argv[2]);

/** In this first part of the time visits are short; the last one goes on to the end: what grows from run to run grows there. */
const SHORT_VISITS = 1 / 3;

/** No act takes so long, in milliseconds. */
const LONGEST_ACT = 20 * 60_000;

const journal = new Journal(out);
const random = new Random(seed);
const browser = await chromium.launch({
  executablePath: EXECUTABLE,
  args: [...ARGUMENTS, ...WEBGPU],
  // An interruption ends the soak, not the browser under it.
  handleSIGINT: false,
  handleSIGTERM: false,
  handleSIGHUP: false,
});

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    void browser.close();
  });
}

/** What acts are given. */
const soak = {
  journal,
  visit: null,
  /** The last two plans that were run to their end. */
  plans: [],
  remember(record) {
    this.plans = [...this.plans, record.plan].slice(-2);
  },
};
// Without the service worker, as in the tests: what is soaked is the build in dist/, and no build that a browser has kept.
const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });

/** Counts visits; the first sample of each is of a fresh page. */
let visits = 0;
const share = () => journal.seconds() / 60 / minutes;

async function perform({ name, what, begins, act }) {
  journal.act(`${name}${what && ` (${what})`}`);
  try {
    if (begins) visits += 1;
    await inTime(async () => {
      await act(soak);
      await soak.visit.panels();
      await measure(begins);
    });
  } catch (error) {
    if (interrupted) return;
    journal.error(error.message);
    await soak.visit.panels().catch(() => {});
    await enter();
  }
}

/** Waits for it, but not forever. */
async function inTime(what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not come to its end')), LONGEST_ACT);
  });
  try {
    await Promise.race([what(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A fresh tab. */
async function enter() {
  await soak.visit?.page.close();
  visits += 1;
  soak.visit = new Visit(await context.newPage(), journal);
  await soak.visit.open('device=cpu');
  await measure(true);
}

async function measure(fresh) {
  const runs = (await soak.visit.listed()).length;
  journal.write('memory', { visit: visits, fresh, runs, ...(await memory(browser, soak.visit.page)) });
}

try {
  const page = await context.newPage();
  soak.visit = new Visit(page, journal);
  visits += 1;
  await soak.visit.open('device=cpu');
  const build = await page.getByTestId('build').textContent();
  journal.write('begun', { seed, minutes, device, browser: browser.version(), build, time: new Date().toISOString() });
  await measure(true);
  const begun = first(random);
  for (let minute = 1; !interrupted && share() < 1; ) {
    await perform(begun.shift() ?? next(random, { gpu: device === 'auto', anew: share() < SHORT_VISITS }));
    if (journal.seconds() / 60 < minute) continue;
    console.error(journal.progress());
    minute = Math.floor(journal.seconds() / 60) + 1;
  }
} catch (error) {
  if (!interrupted) throw error;
} finally {
  journal.write('ended', { interrupted });
  await browser.close();
}
