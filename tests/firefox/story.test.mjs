// The story in Firefox: read to its end by a first visitor, with a guess and a run of the visitor's own; and on a phone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SITE, complaintsOf, firefox, visit } from './support/firefox.mjs';
import { WHOLE_RUN, at, attributeIs, click, count, first, fits, says, textOf, until } from './support/page.mjs';

let browser;
before(async () => {
  // As it comes: what a first visitor's Firefox has.
  browser = await firefox();
});
after(() => browser?.close());

/** Waits until this beat is told. */
function beatIs(page, number) {
  return attributeIs(page, 'beat', 'data-beat', String(number));
}

/** The numbers of the beats that are told, once they are. */
async function beats(page) {
  await first(page, '[data-testid^="tour-dot-"]');
  const ids = await page.$$eval('[data-testid^="tour-dot-"]', (dots) => dots.map((dot) => dot.dataset.testid));
  return ids.map((id) => Number(id.replace('tour-dot-', '')));
}

/** How many books of the story's shelf are sealed. */
function sealed(page) {
  return count(page, '[data-testid="tour-shelf"] [data-score="1"]');
}

/** Guesses with the mouse, has the run drawn, and returns the guess in the page's words. */
async function guess(page, share) {
  assert.equal(await textOf(page, 'tour-came'), '', 'nothing of the run is told before the guess');
  const slider = await at(page, 'tour-slider');
  await slider.scrollIntoView();
  const { x, y, width, height } = await slider.boundingBox();
  await page.mouse.click(x + share * width, y + height / 2);
  const guessed = await textOf(page, 'tour-guessed');
  assert.match(guessed, /^\d+ of 66$/);
  await click(page, 'tour-show');
  await says(page, 'tour-came', `You guessed ${guessed}`);
  return guessed;
}

test('the story is told to its end, with a guess and a run of one’s own', { timeout: 2 * WHOLE_RUN }, () =>
  visit(browser, '?lang=en', async (page) => {
    const all = await beats(page);
    assert.deepEqual(all.slice(0, 5), [1, 2, 3, 4, 5]);
    await beatIs(page, 1);
    assert.ok((await sealed(page)) > 60, 'Folio refuses');
    await says(page, 'tour-stamp', 'Recorded');
    // An answer instead of a run: the engine's own takes the place of the recorded one.
    await click(page, 'tour-run');
    await says(page, 'tour-stamp', 'Live', 90_000);
    await says(page, 'tour-exchange', '1');

    await click(page, 'tour-next');
    await beatIs(page, 2);
    const guessed = await guess(page, 0.6);
    assert.notEqual(guessed, '0 of 66');
    await until(page, 'ten examples open the shelf', () => !document.querySelector('[data-testid="tour-shelf"] [data-score="1"]'));
    await says(page, 'tour-freed', '5');
    await fits(page, 'beat 2');

    await click(page, 'tour-run');
    await says(page, 'tour-stamp', 'Live', 90_000);
    await at(page, 'tour-recorded', WHOLE_RUN);
    await says(page, 'tour-stamp', 'In this tab');
    await says(page, 'tour-came', `You guessed ${guessed}`);
    assert.equal(await sealed(page), 0, 'the visitor’s own run opens it as well');
    await at(page, 'run-1');
    await click(page, 'tour-recorded');
    await says(page, 'tour-stamp', 'Recorded');

    for (const beat of all.slice(2)) {
      await click(page, 'tour-next');
      await beatIs(page, beat);
      if ([3, 5].includes(beat)) await guess(page, 0.25);
      await fits(page, `beat ${beat}`);
    }
    await click(page, 'tour-next');
    await until(page, 'the story is over', () => !document.querySelector('[data-testid="tour"]'));
    await until(page, 'the lab has the focus', () => document.activeElement?.id === 'lab');
    // Puppeteer hears of such a change of the address only from newer versions than 140.
    assert.match(await page.evaluate(() => location.href), /beat=off/);
  }),
);

const PHONE = { width: 390, height: 844 };

test('on a phone, in Chinese and in the dark, nothing is cut off', { timeout: WHOLE_RUN }, () =>
  visit(
    browser,
    '?lang=zh&theme=dark',
    async (page) => {
      for (const beat of await beats(page)) {
        await click(page, `tour-dot-${beat}`);
        await beatIs(page, beat);
        await fits(page, `beat ${beat}`);
        const told = await page.$eval('#tour', (tour) => tour.textContent);
        assert.match(told, /[\u4e00-\u9fff]/);
        assert.doesNotMatch(told, /‹/, 'every text is there');
      }
      const [paper] = await page.$eval('body', (body) => getComputedStyle(body).backgroundColor.match(/\d+/g).map(Number));
      assert.ok(paper < 60, 'the paper is dark');
    },
    PHONE,
  ),
);

test('what Firefox reports of the page or of a worker is noticed', { timeout: 90_000 }, async () => {
  const page = await browser.newPage();
  const complaints = complaintsOf(page);
  await page.goto(`${SITE}?lang=en`);
  const wrong = () => {
    console.error('an error of the console');
    setTimeout(() => {
      throw new Error('an exception');
    });
    fetch('no-such-file').catch(() => {});
    new Image().src = 'https://elsewhere.invalid/picture.png';
  };
  const wrongInWorker = () => {
    console.error('an error of a worker');
    fetch('https://elsewhere.invalid/data').catch(() => {});
    setTimeout(() => {
      throw new Error('an exception of a worker');
    });
  };
  await page.evaluate(wrong);
  await page.evaluate((text) => {
    globalThis.kept = new Worker(URL.createObjectURL(new Blob([`(${text})();`])));
  }, String(wrongInWorker));
  const kinds = [
    /^console: an error of the console/,
    /^exception: .*an exception$/,
    /^answer: 404 .*no-such-file/,
    /Content-Security-Policy.*elsewhere\.invalid\/picture\.png/,
    /^console: an error of a worker/,
    /Content-Security-Policy.*elsewhere\.invalid\/data/,
    /^exception: .*an exception of a worker$/,
  ];
  const missed = () => kinds.filter((kind) => !complaints.some((complaint) => kind.test(complaint)));
  const end = Date.now() + 30_000;
  while (missed().length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(missed(), [], `noticed: ${complaints.join('\n')}`);
  await page.close();
});
