// What several tests do with the page.

import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';

/** How long a run may take on a very busy machine without a GPU: a free one takes seconds. */
export const WHOLE_RUN = 8 * 60_000;

/** How long anything else may take. */
const PATIENCE = 60_000;

const selector = (id) => `[data-testid="${id}"]`;

/**
 * Waits until this is so in the page; `values` are given to it. What is said if it never is, is `what`.
 *
 * Puppeteer's own waiting makes functions of strings in the page, which the page's policy forbids to it, too, in Firefox's older
 * long-term releases (140).
 */
export async function until(page, what, is, values = [], timeout = PATIENCE) {
  const end = Date.now() + timeout;
  while (!(await page.evaluate(is, ...values))) {
    assert.ok(Date.now() < end, `within ${timeout / 1_000} s it never came to be that ${what}`);
    await setTimeout(100);
  }
}

/** The first element of this selector, once there is one. */
export async function first(page, css, timeout = PATIENCE) {
  await until(page, `there is ${css}`, (css) => Boolean(document.querySelector(css)), [css], timeout);
  return page.$(css);
}

/** The element of this id, once it is there. */
export function at(page, id, timeout = PATIENCE) {
  return first(page, selector(id), timeout);
}

/** Whether an element can be clicked: it is there, is to be seen, is not off, and stays where it is. */
async function isClickable(css) {
  const element = document.querySelector(css);
  if (!element?.checkVisibility() || element.matches(':disabled')) return false;
  const place = () => JSON.stringify(element.getBoundingClientRect());
  const before = place();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return place() === before;
}

/** Clicks it, once that is possible. */
export async function click(page, id) {
  await until(page, `${id} can be clicked`, isClickable, [selector(id)]);
  const element = await page.$(selector(id));
  await element.click();
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
  const element = await at(page, id, timeout);
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
