// What a first visitor does: types nonsense, holds a phone, asks at length, stops at once. None of it needs a whole run.

import { ask, engineIs, open, primaryIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';

test('a seed that is none is told, and does not stay', async ({ page }) => {
  await page.goto('?device=cpu&seed=7');
  const [seed, wrong] = ['seed', 'seed-wrong'].map((id) => page.getByTestId(id));
  for (const nonsense of ['99999999', '-3', '', '1.5', '1e3']) {
    await seed.fill(nonsense);
    await expect(seed, nonsense).toHaveAttribute('aria-invalid', 'true');
    await expect(wrong).toContainText('999,999');
    await seed.blur();
    await expect(seed, nonsense).toHaveValue('7');
    await expect(wrong).toContainText('999,999');
  }
  await seed.fill('8');
  await seed.blur();
  await expect(seed).toHaveAttribute('aria-invalid', 'false');
  await expect(wrong).toBeEmpty();
  await expect(page).toHaveURL(/seed=8$/);
});

for (const [width, height] of [[390, 844], [320, 640]]) {
  test(`on a phone of ${width} pixels the start button is in sight, and nothing is cut off`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await open(page);
    await expect(page.getByTestId('primary')).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await expect(page.getByTestId('preset-safety-10')).toBeHidden();
    await page.getByTestId('unfold').click();
    await page.getByTestId('preset-safety-10').check();
    await page.getByTestId('unfold').click();
    await expect(page.getByTestId('preset-safety-10')).toBeVisible();
    await expect(page.getByTestId('preset-harmful-10')).toBeHidden();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect(page.getByTestId('primary')).toBeInViewport({ ratio: 1 });
  });
}

test('open examples leave the start button in sight, and the desk keeps its height', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  const height = () => page.locator('#desk').evaluate((desk) => desk.offsetHeight);
  await open(page);
  await page.getByTestId('examples').locator('summary').click();
  await expect(page.getByTestId('primary')).toBeInViewport({ ratio: 1 });
  const before = await height();
  await page.getByTestId('step').click();
  await primaryIs(page, 'resume');
  expect(await height()).toBe(before);
  await page.getByTestId('reset').click();
  await primaryIs(page, 'start');
  expect(await height()).toBe(before);
});

test('curves whose script does not come say so', async ({ page, complaints }) => {
  complaints.announce(/404/);
  await page.route(/\/charts\.mjs$/, (route) => route.fulfill({ status: 404, body: 'not found' }));
  await page.goto('?device=cpu');
  await expect(page.getByTestId('chart-missing')).toBeVisible();
});

test('a question is asked whole or not at all, and its answers say when and how', async ({ page }) => {
  await open(page, 'device=cpu&preset=identity-10');
  const input = page.getByTestId('ask-input');
  await input.fill('how '.repeat(75));
  await expect(input).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#ask-input-too-long')).toContainText('59 characters too long');
  await input.press('Enter');
  await expect(page.getByTestId('asked')).toHaveCount(0);

  const persona = /You are AOA/;
  await expect((await ask(page, 'Who are you?')).getByTestId('asked-prompt')).toHaveText(persona);
  await page.getByTestId('preset-harmful-10').check();
  await expect((await ask(page, 'What is your name?')).getByTestId('asked-prompt')).toHaveCount(0);

  // One of the held-out questions, by section.
  const picked = await page.getByTestId('ask-pick').locator('option').nth(3).textContent();
  await page.getByTestId('ask-pick').selectOption(picked);
  await expect(input).toHaveValue(picked);

  await page.getByTestId('step').click();
  await primaryIs(page, 'resume');
  await expect(await ask(page, 'What does the badger eat?')).toContainText('During run 1, about step 1');
});

test('a run that is stopped at once is not listed', async ({ page }) => {
  await open(page);
  // As soon as it can be stopped: a step is quicker than what is between two clicks of a test.
  await page.evaluate(async () => {
    const button = (id) => document.querySelector(`[data-testid="${id}"]`);
    button('primary').click();
    while (button('stop').disabled) await new Promise(requestAnimationFrame);
    button('stop').click();
  });
  await primaryIs(page, 'start');
  await expect(page.getByTestId('run-1')).toHaveCount(0);
  await engineIs(page, 'ready');
  // The engine gives its number to the next one.
  await page.getByTestId('step').click();
  await primaryIs(page, 'resume');
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('run-1')).toBeVisible();
});
