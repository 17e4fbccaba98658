// Loses devices and workers at random moments, many times in one visit, and counts how often the page was still alive afterwards and
// the next run equal to an undisturbed one. Not a part of the suite, as it takes hours:
//
//   TENSHOT_URL=http://127.0.0.1:8080/ CHROMIUM=/usr/bin/chromium node tests/browser/lose.mjs --count 1000 --device cpu
//
// The site is the built one, served in any way (`cargo xtask serve`). `--device gpu` takes WebGPU, emulated where there is no other.
// `--seed` decides the moments. Prints a line for each loss that was not survived, and the count; fails if there is such a line.

import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { ARGUMENTS, EXECUTABLE, SITE, WEBGPU } from './support/chromium.mjs';
import { downloaded } from './support/download.mjs';
import { command, kill, losable, lose, tinyRuns, worker } from './support/faults.mjs';
import { Random } from './support/soak-random.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    device: { type: 'string', default: 'cpu' },
    seed: { type: 'string', default: '1' },
  },
});
const COUNT = Number(values.count);
const DEVICE = values.device;

/** How long an engine may take to be there, or a run to end, on a busy machine. */
const PATIENCE = DEVICE === 'gpu' ? 300_000 : 120_000;

const random = new Random(Number(values.seed));

/** A fault that is not noticed by anybody else ends the driver's patience and not its work. */
const quietly = (promise) => promise.catch(() => {});

/** Ways to lose a worker. One that ends without a word is missed after three minutes of the page's clock. */
const ENDS = {
  panic: (page) => command(page, { command: 'panic' }),
  exception: (page) => quietly(worker(page).evaluate(() => setTimeout(() => { throw new Error('lost on purpose'); }))),
  rejection: (page) => quietly(worker(page).evaluate(() => void Promise.reject(new WebAssembly.RuntimeError('lost on purpose')))),
  silence: async (page) => {
    await kill(page);
    // What it had said before may still be on its way, among it the end of a run; and nobody misses it before somebody needs it.
    await page.waitForTimeout(500);
    if ((await action(page)) === 'start') await page.getByTestId('primary').click();
    await page.clock.runFor(185_000);
  },
};

/** Ways to lose a device: at once, or at one of the next calls of a kind. */
const LOSSES = Object.fromEntries(
  ['now', 'createBuffer', 'submit', 'mapAsync'].map((name) => [name, (page) => quietly(lose(page, name, Math.floor(random.next() * 20)))]),
);

const WAYS = DEVICE === 'gpu' ? { ...LOSSES, panic: ENDS.panic } : ENDS;

const engine = (page) => page.getByTestId('engine').getAttribute('data-state');
const action = (page) => page.getByTestId('primary').getAttribute('data-action');

async function until(what, is, limit = PATIENCE) {
  const begun = Date.now();
  while (!(await is())) {
    if (Date.now() - begun > limit) throw new Error(`${what} took more than ${limit / 1e3} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The engine is there, if need be because the visitor asks for it. */
async function isReady(page) {
  await until('the engine', async () => {
    const state = await engine(page);
    if (state === 'failed') await page.getByTestId('start-anew').click();
    return state === 'ready';
  });
  const dismiss = page.getByTestId('dismiss');
  for (const button of await dismiss.all()) await quietly(button.click({ timeout: 1_000 }));
}

/** The losses of the newest run's steps, as the page lists them, and how it ended. */
async function newest(page) {
  const { record } = await downloaded(page, page.getByTestId('download').last());
  const { status, steps, before, after } = record;
  const json = JSON.stringify({ status, steps, before, after });
  return JSON.stringify(JSON.parse(json, (key, value) => (/seconds$/.test(key) ? undefined : value)));
}

async function whole(page) {
  const records = () => page.getByTestId('download').count();
  const before = await records();
  await page.getByTestId('primary').click();
  await until('a run', async () => (await records()) > before && (await action(page)) === 'start');
  return newest(page);
}

const browser = await chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...WEBGPU] });
const page = await browser.newPage({ serviceWorkers: 'block' });
page.setDefaultTimeout(PATIENCE);
let alive = true;
page.on('crash', () => {
  alive = false;
});
await page.clock.install();
await losable(page);
await tinyRuns(page);
await page.goto(`${SITE}?device=${DEVICE}`);
await isReady(page);
const undisturbed = await whole(page);
const begun = Date.now();
await whole(page);
const duration = Date.now() - begun;
console.log(`${COUNT} losses on ${await page.getByTestId('device-name').textContent()}; a run takes ${duration} ms`);

let survived = 0;
const counts = {};
for (let number = 1; number <= COUNT && alive; number += 1) {
  const way = random.pick(Object.keys(WAYS));
  const isLoading = random.next() < 0.2;
  try {
    // In a run, after it, or while the next engine is loaded: it is lost twice then.
    await page.getByTestId('primary').click();
    await page.waitForTimeout(random.next() * 1.1 * duration);
    await WAYS[way](page);
    if (isLoading) {
      await page.waitForTimeout(random.next() * 1_500);
      await quietly(ENDS.panic(page));
    }
    // A device that is to be lost at a call which does not come is lost now.
    await page.waitForTimeout(200);
    if (DEVICE === 'gpu') await quietly(lose(page, 'now'));
    await isReady(page);
    await until('the end of what is going on', async () => (await action(page)) === 'start');
    const after = await whole(page);
    if (after !== undisturbed) throw new Error(`the next run is another one: ${after.slice(0, 200)}`);
    survived += 1;
    counts[way] = (counts[way] ?? 0) + 1;
  } catch (error) {
    console.log(`loss ${number} (${way}${isLoading ? ', and while loading' : ''}): ${error.message}`);
    await quietly(page.screenshot({ path: new URL(`test-results/lost-${number}.png`, import.meta.url).pathname }));
    if (!alive) break;
    await page.reload();
    await isReady(page);
  }
  if (number % 10 === 0) console.log(`${survived} of ${number} survived`);
}
console.log(`${survived} of ${COUNT} survived`, counts);
await browser.close();
process.exitCode = survived === COUNT ? 0 : 1;
