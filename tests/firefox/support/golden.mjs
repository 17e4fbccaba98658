// The numbers that every device has to come to (docs/door.md, "The golden check").

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const FILE = new URL('../../../src/study/data/golden.json', import.meta.url);

/** The plan, the tolerance and the numbers, as they ship with the page. */
export async function golden() {
  return JSON.parse(await readFile(FILE, 'utf8'));
}

/** The record has so many steps, and their losses are the golden ones. */
export async function lossesAreGolden(record, steps) {
  const { steps: expected, tolerance } = await golden();
  // The first one is before any step and has no loss.
  const losses = record.steps.slice(1).map(({ loss }) => loss);
  assert.equal(losses.length, steps);
  for (const [place, loss] of losses.entries()) {
    const { loss: right } = expected[place + 1];
    assert.ok(Math.abs(loss - right) <= tolerance.relative * right, `the loss of step ${place + 1} is ${loss}, and not ${right}`);
  }
}
