// Playwright's `test`, which also fails when the page or its worker reports an error that the test did not announce.

import { test as base, expect } from '@playwright/test';

export { expect };

/** Errors that were reported, and those which the test announces. */
class Complaints {
  #all = [];
  #announced = [];

  add(complaint) {
    this.#all.push(complaint);
  }

  /** The test causes errors of this kind on purpose. */
  announce(pattern) {
    this.#announced.push(pattern);
  }

  unannounced() {
    return this.#all.filter((complaint) => !this.#announced.some((pattern) => pattern.test(complaint)));
  }
}

export const test = base.extend({
  complaints: [
    async ({ page }, use) => {
      const complaints = new Complaints();
      // Chromium reports violations of the Content-Security-Policy, broken shaders and missing files as console errors.
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.add(`console: ${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => complaints.add(`exception: ${error.stack ?? error.message}`));
      page.on('crash', () => complaints.add('the page crashed'));
      await use(complaints);
      // The page replaces a worker that broke and then says so; the browser itself does not always.
      for (const id of ['error', 'recovered', 'notice']) {
        for (const text of await page.getByTestId(id).allTextContents()) complaints.add(`the page shows: ${text}`);
      }
      expect(complaints.unannounced(), 'errors that the browser reported').toEqual([]);
    },
    { auto: true },
  ],
});
