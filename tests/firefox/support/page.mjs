// What several tests do with the page.

import assert from 'node:assert/strict';

/** How long a run may take on a very busy machine without a GPU: a free one takes seconds. */
export const WHOLE_RUN = 8 * 60_000;

/** How long anything else may take. */
const PATIENCE = 60_000;

const selector = (id) => `[data-testid="${id}"]`;

/** The element of this id, as a locator that waits until it can be clicked. */
export function at(page, id) {
  return page.locator(selector(id)).setTimeout(PATIENCE);
}

/** Clicks it, once that is possible. */
export function click(page, id) {
  return at(page, id).click();
}

/** Waits until this is so in the page; `values` are given to it. What is said if it never is, is `what`. */
export async function until(page, what, is, values = [], timeout = PATIENCE) {
  await page.waitForFunction(is, { timeout, polling: 100 }, ...values).catch((error) => {
    throw new Error(`it never came to be that ${what}: ${error.message}`);
  });
}

/** Waits until an attribute has this value. */
export function attributeIs(page, id, name, value, timeout = PATIENCE) {
  const is = (selector, name, value) => document.querySelector(selector)?.getAttribute(name) === value;
  return until(page, `${name} of ${id} is ${value}`, is, [selector(id), name, value], timeout);
}

/** Waits until its text has this in it. */
export function says(page, id, text, timeout = PATIENCE) {
  const is = (selector, text) => document.querySelector(selector)?.textContent.includes(text);
  return until(page, `${id} says "${text}"`, is, [selector(id), text], timeout);
}

/** Its text, once it is there. */
export async function textOf(page, id, timeout = PATIENCE) {
  const element = await page.waitForSelector(selector(id), { timeout });
  return element.evaluate((element) => element.textContent);
}

/** How many there are. */
export async function count(page, selector) {
  return (await page.$$(selector)).length;
}

/** Waits until the engine is there. */
export function engineIsReady(page) {
  return attributeIs(page, 'engine', 'data-state', 'ready', 90_000);
}

/** Waits until the large button does this. */
export function primaryIs(page, action, timeout = WHOLE_RUN) {
  return attributeIs(page, 'primary', 'data-action', action, timeout);
}

/** Calls a function of the door (docs/door.md): `{ value }`, or `{ code, message }` if it is refused. */
export function call(page, name, ...values) {
  const called = (name, values) =>
    globalThis.tenshot[name](...values).then(
      (value) => ({ value }),
      ({ code, message }) => ({ code, message }),
    );
  return page.evaluate(called, name, values);
}

/** Nothing reaches beyond the window, where a visitor would have to scroll sideways. */
export async function fits(page, when) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${when}: the page is ${content} pixels wide in a window of ${window}`);
}
