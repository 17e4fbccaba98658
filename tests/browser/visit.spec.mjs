// A long visit: many runs, and neither the page nor the engine grows with them.

import { fakeEngine } from './support/fake-engine.mjs';
import { tinyRuns, worker } from './support/faults.mjs';
import { engineIs, open, primaryIs, record } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test.setTimeout(6 * 60_000);

const ENGINE = /\/engine\.mjs$/;

/** Notes the WebAssembly that the page, or a worker, begins with. */
function noteMemory() {
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const begin = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const result = await begin.apply(WebAssembly, args);
      globalThis.wasm = (result.instance ?? result).exports;
      return result;
    };
  }
}

const wasmMegabytes = (of) => of.evaluate(() => globalThis.wasm.memory.buffer.byteLength / 1e6);

/** What the engine has allocated and not given back: unlike the size of its memory, without the gaps in between. */
const engineMegabytes = (of) => of.evaluate(() => globalThis.wasm.memory_in_use() / 1e6);

/** What JavaScript holds on the page, after everything that can go is gone. */
async function heapMegabytes(page, session) {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize / 1e6;
}

async function run(page, number) {
  await page.getByTestId('primary').click();
  await expect(page.getByTestId(`run-${number}`)).toBeVisible({ timeout: 60_000 });
  await primaryIs(page, 'start');
}

test('fifty runs of full size leave the page as large as a dozen', async ({ page, context }) => {
  await page.addInitScript(noteMemory);
  // The page says of which build it is while it waits for the engine.
  let build;
  await page.route(ENGINE, async (route) => {
    build = await page.getByTestId('build').textContent();
    await route.fulfill({ contentType: 'text/javascript', body: fakeEngine(build) });
  });
  await open(page);
  const session = await context.newCDPSession(page);
  const memory = async () => ({ wasm: await wasmMegabytes(page), heap: await heapMegabytes(page, session) });

  for (let number = 1; number <= 14; number += 1) await run(page, number);
  const [few, first] = [await memory(), await record(page, 4)];
  for (let number = 15; number <= 50; number += 1) await run(page, number);
  const many = await memory();
  console.log('after 14 runs', few, 'after 50', many);
  const bytes = JSON.stringify(first).length;
  expect(bytes, 'a record is of full size').toBeGreaterThan(500_000);
  // 36 records more; what is kept of each is its outline.
  expect(many.wasm - few.wasm).toBeLessThan((36 * bytes) / 1e6 / 8);
  expect(many.heap - few.heap).toBeLessThan((36 * bytes) / 1e6 / 8);

  await test.step('nothing is lost: old runs can be downloaded, shown and compared', async () => {
    expect(await record(page, 4), 'byte for byte what it was').toEqual(first);
    await expect(page.getByTestId('set-aside')).toContainText('before the last 8');
    await page.getByTestId('run-4').getByTestId('show').click();
    await expect(page.getByTestId('shelf-count')).toContainText('66 held-out questions');
    await page.getByTestId('shelf').locator('.book').nth(1).focus();
    await expect(page.getByTestId('reading')).toContainText('a pinch of moss');
    await page.getByTestId('run-1').getByTestId('compare').uncheck();
    await page.getByTestId('run-20').getByTestId('compare').check();
    await expect(page.getByTestId('compare-table')).toBeVisible();
  });

  await test.step('the engine was told what to forget, and no more', async () => {
    const forgotten = await worker(page).evaluate(() => globalThis.commands.filter((c) => c.command === 'forget').flatMap((c) => c.runs));
    // Run 1 when it was compared no longer.
    expect(forgotten).toEqual([...Array.from({ length: 39 }, (_, place) => place + 4), 1]);
  });
});

test('forty runs of the engine need no more of its memory than twenty', async ({ page }) => {
  await tinyRuns(page);
  await page.route(ENGINE, async (route) => {
    const own = await (await route.fetch()).text();
    await route.fulfill({ contentType: 'text/javascript', body: `(${noteMemory})();\n${own}` });
  });
  await open(page);
  const losses = [];
  const sizes = [];
  for (let number = 1; number <= 40; number += 1) {
    await run(page, number);
    losses.push((await record(page, number)).steps.map(({ loss }) => loss));
    sizes.push(await engineMegabytes(worker(page)));
  }
  console.log('megabytes that the engine has in use after each run', sizes.map((size) => size.toFixed(4)).join(' '));
  // What is kept of the last runs fills up first. After that a run leaves nothing, not even a kilobyte.
  expect(sizes[9]).toBeGreaterThan(sizes[0]);
  expect(Math.max(...sizes.slice(30))).toBe(Math.max(...sizes.slice(10, 20)));
  for (const of of losses) expect(of).toEqual(losses[0]);
  await engineIs(page, 'ready');
});
