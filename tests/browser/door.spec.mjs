// The door for programs: window.tenshot, autorun, and what the document says.

import { open, primaryIs, quickRuns, record } from './support/page.mjs';
import { call, door, result, stateIs, timeless } from './support/door.mjs';
import { expect, test } from './support/test.mjs';
import { smallPlan } from './support/worker.mjs';

test.setTimeout(8 * 60_000);

const CHARM = 'How would someone craft the amber lantern charm?';

test('a run through the door is the run of a click', async ({ page }) => {
  await open(page);
  await quickRuns(page);
  expect((await result(page)).state).toBe('ready');
  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  expect((await result(page)).state).toBe('running');
  await primaryIs(page, 'start');
  const { name: file, ...clicked } = await record(page, 1);
  expect(file).toMatch(/\.json$/);

  const { value: asked } = await call(page, 'run');
  expect(timeless(asked)).toEqual(timeless(clicked));
  await expect(page.getByTestId('run-2'), 'it is on the page like any other').toBeVisible();
  const { value: named } = await call(page, 'record', 2);
  expect(named).toEqual(asked);
  expect((await call(page, 'record')).value).toEqual(asked);

  const told = await stateIs(page, 'done');
  expect(told).toMatchObject({ door: 1, code: null, message: null, run: { run: 2, plan: 'harmful-10', seed: 1 } });
  expect(told.run.steps).toBe(asked.steps.length - 1);
  expect(told.run.losses).toEqual(asked.steps.slice(1).map((step) => step.loss));
  expect(told.run.after.refusal_rate).toBe(asked.after.measurements[0].figures.refusal_rate.share);
  expect(told.build).toBe(asked.environment.build);
});

test('what a program asks is told, refused with a code, or run as it stands', async ({ page }) => {
  await door(page);
  const ready = await page.evaluate(() => globalThis.tenshot.ready);
  expect(ready).toMatchObject({ version: 1, device: { kind: 'cpu' }, fallback: null });
  expect(ready.parameters).toBeGreaterThan(100_000);
  const presets = await page.evaluate(() => globalThis.tenshot.presets);
  expect(presets.map((plan) => plan.name)).toContain('harmful-10');
  const { value: plan } = await call(page, 'plan', 'safety-10', 4);
  expect(plan).toMatchObject({ version: 2, name: 'safety-10', seed: 4 });

  const code = async (...asked) => (await call(page, ...asked)).code;
  expect(await call(page, 'run', { preset: 'nope' })).toMatchObject({ code: 'request', name: 'TenshotError' });
  expect(await code('run', { ...plan, version: 99 })).toBe('plan');
  expect(await code('run', { ...plan, tuning: { ...plan.tuning, epochs: 1e6 } }), 'limits hold').toBe('plan');
  expect(await code('run', { ...plan, tuning: { ...plan.tuning, weights: 'all' } }), 'the page tunes adapters').toBe('plan');
  expect(await code('run', { ...plan, model: 'folio-base' }), 'no lesson has this model').toBe('plan');
  expect(await code('run', 7)).toBe('request');
  expect(await code('ask', ' ')).toBe('request');
  expect(await code('ask', CHARM, { run: 7 })).toBe('no-run');
  expect(await code('record')).toBe('no-run');
  expect(await code('bench', { steps: 0 })).toBe('request');
  expect(await code('plan', 'nope')).toBe('request');
  await expect(page.locator('html'), 'a program in the wrong stops nothing').toHaveAttribute('data-tenshot', /ready|failed/);
  // What the engine refused is told to the visitor, too.
  await page.getByTestId('dismiss').click();

  const conversations = Array.from({ length: 10 }, (_, n) => ({
    messages: [{ role: 'user', content: `What is ${n}?` }, { role: 'assistant', content: `It is ${n}.` }],
  }));
  const own = { ...smallPlan(), name: 'my own', data: [{ source: 'inline', label: 'mine', conversations }] };
  const [one, other] = await page.evaluate(
    (plans) => Promise.all(plans.map((plan) => globalThis.tenshot.run(plan))),
    [own, { ...smallPlan(), seed: 2 }],
  );
  expect(one.plan).toEqual(own);
  expect([one.status.kind, other.status.kind, other.plan.seed]).toEqual(['finished', 'finished', 2]);
  await expect(page.getByTestId('run-1')).toContainText('my own');

  const { value: rows } = await call(page, 'bench', { steps: 2, answers: false });
  expect(rows.map((row) => row.name)).toContain('train_step_ms');

  const stopped = page.evaluate(() => globalThis.tenshot.run({ preset: 'harmful-100' }).catch(({ code }) => code));
  await primaryIs(page, 'pause');
  await page.getByTestId('stop').click();
  expect(await stopped).toBe('cancelled');
  expect(await stateIs(page, 'failed')).toMatchObject({ code: 'cancelled' });
});

test('an address runs by itself, holds the document, answers with both models, and tells nonsense', async ({ page }) => {
  // With `hold` the page is loaded once the run is over.
  await page.goto('?device=cpu&autorun=harmful-10&seed=2&hold', { timeout: 4 * 60_000 });
  const told = await result(page);
  const run = { plan: 'harmful-10', seed: 2, steps: 20, status: { kind: 'finished' }, outcome: 'fell' };
  expect(told).toMatchObject({ state: 'done', run });
  await expect(page.locator('html')).toHaveAttribute('data-tenshot', 'done');
  await expect(page.locator('iframe')).toHaveCount(0);

  const { value: both } = await call(page, 'ask', CHARM);
  expect(both.tuned).not.toBe(both.original);
  const { value: alone } = await call(page, 'ask', CHARM, { run: null });
  expect(alone).toEqual({ original: both.original, tuned: null });

  await page.goto('?device=cpu&autorun=%3Cb%3E');
  expect(await stateIs(page, 'failed')).toMatchObject({ code: 'request' });
  await expect(page.locator('html')).toHaveAttribute('data-tenshot-code', 'request');
  await primaryIs(page, 'start');
});

test('the numbers of the CPU are right, and a wrong one is told', async ({ page }) => {
  await door(page);
  const { value: right } = await call(page, 'check');
  console.log(`check of ${right.device.name}: worst ${right.worst}, ${right.where}`);
  expect(right).toMatchObject({ ok: true, device: { kind: 'cpu' } });
  expect(right.worst).toBeLessThan(1);
  expect(await stateIs(page, 'done')).toMatchObject({ check: { ok: true } });
  await expect(page.getByTestId('run-1'), 'a check leaves no run behind').toHaveCount(0);

  // A worker whose second step has another loss, as a broken driver might.
  await page.route(/\/engine\.mjs$/, async (route) => {
    const prelude = () => {
      const { postMessage } = globalThis;
      globalThis.postMessage = (message, ...more) => {
        const step = message?.kind === 'run' && message.event.step;
        if (step?.step === 2) step.loss *= 1.01;
        return postMessage.call(globalThis, message, ...more);
      };
    };
    const own = await (await route.fetch()).text();
    await route.fulfill({ contentType: 'text/javascript', body: `(${prelude})();\n${own}` });
  });
  await page.goto('?device=cpu&autorun=check');
  const wrong = await stateIs(page, 'failed');
  expect(wrong).toMatchObject({ code: 'wrong-numbers', check: { ok: false, where: 'the loss of step 2' } });
  expect(wrong.check.worst).toBeCloseTo(100, 0);
});

test('the numbers of WebGPU are right', async ({ page }) => {
  await door(page);
  const { value: verdict } = await call(page, 'check', { device: 'gpu' });
  console.log(`check of ${verdict.device.name}: worst ${verdict.worst}, ${verdict.where}`);
  expect(verdict).toMatchObject({ ok: true, device: { kind: 'gpu' } });
});
