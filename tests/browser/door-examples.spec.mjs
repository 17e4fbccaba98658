// The examples of the door, started as a user would: their results and their exit codes.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ARGUMENTS, EXECUTABLE, SITE, WEBGPU } from './support/chromium.mjs';
import { expect, test } from './support/test.mjs';

test.setTimeout(8 * 60_000);

const example = (name) => fileURLToPath(new URL(`../../examples/door/${name}`, import.meta.url));

/** Runs a program with the browser of the tests: its exit code, and what it printed as JSON. */
function run(program, values, { browser = ARGUMENTS, limit = 240_000 } = {}) {
  const env = { ...process.env, CHROMIUM: EXECUTABLE, CHROMIUM_ARGUMENTS: browser.join(' '), LIMIT_MS: String(limit) };
  return new Promise((resolve) => {
    execFile(program, values, { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      let result = null;
      try {
        result = JSON.parse(stdout);
      } catch {
        // It printed none.
      }
      resolve({ exit: error ? error.code : 0, result, stderr });
    });
  });
}

test('the example for Playwright checks, runs and asks', async () => {
  const script = example('playwright.mjs');
  const { exit, result, stderr } = await run(process.execPath, [script, SITE, 'cpu', 'harmful-10']);
  expect(exit, stderr).toBe(0);
  expect(result).toMatchObject({ code: null, device: { kind: 'cpu' }, check: { ok: true }, steps: 20 });
  expect(result.refusal.before).toBeGreaterThan(0.9);
  expect(result.refusal.after).toBeLessThan(0.1);
  expect((await run(process.execPath, [script, SITE, 'cpu', 'nope'])).exit).toBe(7);
  expect((await run(process.execPath, [script, SITE, 'gpu'])).exit, 'no adapter').toBe(3);
  expect((await run(process.execPath, [script, 'http://127.0.0.1:9/'])).exit, 'no site').toBe(6);
  expect((await run(process.execPath, [script])).exit).toBe(2);
});

test('the example without a driver reads the dumped document', async () => {
  const script = example('dump-dom.sh');
  const check = await run(script, [SITE, 'autorun=check&device=cpu']);
  expect(check, check.stderr).toMatchObject({ exit: 0, result: { door: 1, state: 'done', check: { ok: true } } });
  const whole = await run(script, [SITE, 'autorun=safety-10&device=cpu']);
  expect(whole).toMatchObject({ exit: 0, result: { state: 'done', run: { plan: 'safety-10', steps: 20 } } });
  expect(await run(script, [SITE, 'autorun=check&device=gpu'])).toMatchObject({ exit: 3, result: { code: 'no-gpu' } });
  expect(await run(script, [SITE, 'autorun=nope&device=cpu'])).toMatchObject({ exit: 7, result: { code: 'request' } });
  const late = await run(script, [SITE, 'autorun=harmful-100&device=gpu'], { browser: [...ARGUMENTS, ...WEBGPU], limit: 6_000 });
  expect(late.exit, 'it was not done in time').toBe(8);
  expect((await run(script, ['http://127.0.0.1:9/'])).exit).toBe(6);
  expect((await run(script, [])).exit).toBe(2);
});
