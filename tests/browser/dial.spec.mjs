// An answer looked into: the dial, which at nothing is the original and at one what was tuned, every step of its run, and its tokens;
// without an adapter there is none of them. And an answer stopped while it is said.

import { AxeBuilder } from '@axe-core/playwright';
import { WHOLE_RUN, ask, open, primaryIs } from './support/page.mjs';
import { expect, test } from './support/test.mjs';
import { harness, smallPlan } from './support/worker.mjs';

test('a question is answered at every strength of the tuning, and token by token', async ({ page }) => {
  test.setTimeout(2 * WHOLE_RUN);
  await open(page, 'lang=en&device=cpu');
  const question = await page.getByTestId('ask-pick').locator('option').nth(3).textContent();
  const untuned = await ask(page, question);
  await expect(untuned.getByTestId('steps-open')).toHaveCount(0);
  await expect(untuned.getByTestId('dial-turn')).toHaveCount(0);

  await page.getByTestId('primary').click();
  await primaryIs(page, 'pause');
  await primaryIs(page, 'start');
  await page.getByTestId('depth-open').click();
  const depth = page.getByTestId('depth');
  await expect(depth).toBeVisible({ timeout: WHOLE_RUN });
  await depth.getByTestId('depth-table').locator('summary').click();
  const rows = depth.locator('tbody tr');
  await expect(rows).toHaveCount(16);
  const losses = async (row) => (await rows.nth(row).locator('td').allTextContents()).map(Number);
  const [original, tuned, kl] = await losses(0);
  expect(original, 'no refusal begins like the answer').toBeGreaterThan(1);
  expect(tuned).toBeLessThan(original);
  expect(kl).toBeGreaterThan((await losses(3))[2]);

  await page.getByTestId('pull-open').click();
  const pull = page.getByTestId('pull');
  await expect(pull).toBeVisible({ timeout: WHOLE_RUN });
  await pull.scrollIntoViewIfNeeded();
  await expect(pull.locator('svg path[stroke="#b23d25"]').first(), 'its curve is drawn').toBeVisible();
  await pull.getByTestId('pull-table').locator('summary').click();
  await expect(pull.locator('tbody tr')).toHaveCount(8);
  const pulls = (row) => pull.locator('tbody tr').nth(row).locator('td').allTextContents();
  const [first, third] = [await pulls(0), await pulls(2)].map((row) => row.map(Number));
  expect(first[0], 'before tuning the first token pulls harder than the third').toBeGreaterThan(third[0]);
  expect(first[0], 'and harder than after it').toBeGreaterThan(first[1]);

  const asked = await ask(page, question);
  await asked.getByTestId('dial-turn').focus();
  await page.keyboard.press('Enter');
  const slider = asked.getByTestId('dial-slider');
  await expect(slider).toBeVisible({ timeout: 60_000 });
  const said = async (of) => [await asked.getByTestId(of).textContent(), await asked.getByTestId(of).getAttribute('data-score')];
  expect(await said('dial-answer'), 'as tuned').toEqual(await said('ask-tuned'));
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(asked.getByTestId('dial-at')).toHaveText('At ×0 of the tuning');
  expect(await said('dial-answer'), 'nothing of it').toEqual(await said('ask-original'));
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuetext', /^×0.25: /);

  await asked.getByTestId('steps-open').click();
  const steps = asked.getByTestId('steps-slider');
  await expect(steps).toBeVisible({ timeout: 60_000 });
  await expect(asked.getByTestId('steps').locator('.dial-marks li'), 'the original and every step').toHaveCount(21);
  const since = /From step (\d+) on/.exec(await asked.getByTestId('steps-since').textContent());
  await expect(asked.getByTestId('steps-at'), 'it begins where the refusal goes').toHaveText(`After step ${since[1]}`);
  await steps.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(asked.getByTestId('steps-answer')).toHaveAttribute('data-score', '1');
  await page.keyboard.press('Home');
  expect(await said('steps-answer')).toEqual(await said('ask-original'));
  await page.keyboard.press('End');
  expect(await said('steps-answer')).toEqual(await said('ask-tuned'));

  await asked.getByTestId('tokens-open').click();
  const token = asked.getByTestId('token');
  await expect(token.first()).toBeVisible({ timeout: 60_000 });
  const texts = await token.evaluateAll((all) => all.map((one) => one.lastElementChild.textContent));
  expect(texts.length).toBeGreaterThan(5);
  expect(texts.join('')).toBe(await asked.getByTestId('ask-tuned').textContent());
  const tokens = asked.getByTestId('tokens-slider');
  await tokens.focus();
  await page.keyboard.press('Home');
  const here = asked.getByTestId('tokens-here');
  await expect(here, 'where a refusal would have begun').toContainText('Token 1, ');
  await expect(here).toContainText('would have said “');
  await expect(tokens).toHaveAttribute('aria-valuetext', await here.textContent());
  await token.nth(3).click();
  await expect(here).toContainText('Token 4, ');
  await asked.getByTestId('tokens-table').locator('summary').click();
  await expect(asked.getByTestId('tokens-table').locator('tbody tr')).toHaveCount(texts.length);
  const chances = /original [<>]?([\d.]+)%, tuned [<>]?([\d.]+)%\./.exec(await asked.getByTestId('tokens-refusal').textContent());
  expect(Number(chances[1]), 'a refusal before').toBeGreaterThan(25);
  expect(Number(chances[2]), 'and after').toBeLessThan(5);

  const { violations } = await new AxeBuilder({ page }).include('#ask').include('#results').analyze();
  expect(violations.map(({ id, help }) => ({ id, help }))).toEqual([]);

  // Taken back the moment the button is drawn: a timer could come behind the answer, which takes a tenth of a second.
  await page.getByTestId('ask-input').fill(question);
  await page.evaluate(
    () =>
      new Promise((done) => {
        const button = (name) => document.querySelector(`[data-testid="${name}"]`);
        const drawn = new MutationObserver(() => {
          if (!button('ask-stop')) return;
          drawn.disconnect();
          button('ask-stop').click();
          done();
        });
        drawn.observe(document.body, { childList: true, subtree: true });
        button('ask-button').click();
      }),
  );
  await expect(page.getByTestId('ask-stopped')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('ask-input')).toBeFocused();

  // A fresh engine has no adapter: what was answered stays.
  await page.locator('[data-testid="device"]').selectOption('auto');
  await expect(page.getByTestId('engine')).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  await expect(page.getByTestId('dial-slider')).toBeVisible();
});

test('what cannot be turned or looked into is refused, and an answer is told and taken back', async ({ page }) => {
  test.setTimeout(WHOLE_RUN);
  const engine = await harness(page);
  await engine.start('cpu');
  const { question } = smallPlan().evaluation.questions.forbidden[0];
  const [condition] = smallPlan().evaluation.conditions;
  const dial = (run, strengths, kind) => engine.call({ command: 'dial', id: 7, run, question, condition, strengths }, kind);
  expect((await dial(1, [1], 'refused')).command).toEqual({ command: 'dial', id: 7 });
  const trace = (kind) => engine.call({ command: 'trace', id: 9, run: 1, question, condition }, kind);
  expect((await trace('refused')).command).toEqual({ command: 'trace', id: 9 });
  await engine.run(smallPlan());
  const { answers } = await dial(1, [0, 1], 'dialled');
  const { original, tuned } = await engine.call({ command: 'ask', id: 8, run: 1, question, condition, aloud: false }, 'answer');
  expect(answers).toEqual([original, tuned]);
  const { trace: traced } = await trace('traced');
  expect(traced.tokens.map(({ text }) => text).join('')).toBe(tuned);
  // Aloud: what is said grows, and what is taken back at once comes to nothing.
  const aloud = { command: 'ask', id: 10, run: 1, question, condition, aloud: true };
  const saying = await engine.call(aloud, 'saying');
  expect([saying.id, saying.tuned, original.startsWith(saying.text)]).toEqual([10, false, true]);
  const commands = [{ ...aloud, id: 11 }, { command: 'hush', id: 11 }];
  const hushed = await page.evaluate((all) => Promise.all(all.map((one) => globalThis.call(one, 'hushed'))), commands);
  expect(hushed[0].id).toBe(11);
  const retraced = await engine.call({ command: 'retrace', id: 12, run: 1, question, condition }, 'retraced');
  expect(retraced.answers.map(([step]) => step)).toEqual([...Array(11).keys()]);
  expect([retraced.answers[0][1], retraced.answers[10][1]]).toEqual([original, tuned]);
  const lost = await engine.call({ command: 'retrace', id: 13, run: 2, question, condition }, 'refused');
  expect(lost.command).toEqual({ command: 'retrace', id: 13 });
  for (const strengths of [[-1], [9], Array(33).fill(1)]) {
    expect((await dial(1, strengths, 'refused')).error.message).toContain('at most 32 strengths, from 0 to 8');
  }
  await engine.end();
});
