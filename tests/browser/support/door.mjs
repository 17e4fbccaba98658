// The door for programs (docs/door.md), as a program uses it.

import { expect } from './test.mjs';

/** Opens the page and waits for its door. */
export async function door(page, query = 'device=cpu') {
  await page.goto(`?${query}`);
  await page.waitForFunction(() => globalThis.tenshot?.version === 1);
}

/** Calls a function of the door in the page: `{ value }`, or `{ code, message, run }` if it is refused. */
export function call(page, name, ...values) {
  return page.evaluate(
    ([name, values]) =>
      globalThis.tenshot[name](...values).then(
        (value) => ({ value }),
        ({ code, message, run, name }) => ({ code, message, run, name }),
      ),
    [name, values],
  );
}

/** Waits until the document says that it stands so, and returns its result. */
export async function stateIs(page, state, timeout = 4 * 60_000) {
  await expect(page.locator('html')).toHaveAttribute('data-tenshot', state, { timeout });
  return result(page);
}

/** The document's result. */
export async function result(page) {
  return JSON.parse(await page.locator('#tenshot-result').textContent());
}

/** A record without its times. */
export function timeless(record) {
  const { seconds, environment, ...rest } = record;
  const { started, ...where } = environment;
  const evaluation = (e) => e && { ...e, seconds: 0 };
  const steps = rest.steps.map((step) => ({ ...step, tuning_seconds: 0, measuring_seconds: 0 }));
  return { ...rest, environment: where, steps, before: evaluation(rest.before), after: evaluation(rest.after) };
}
