// Firefox, driven over WebDriver BiDi, and visits of the site in it. A visit also fails when the page or its worker reports an
// error.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { until } from './page.mjs';

/** A variable that `cargo xtask` sets. */
function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the tests in Firefox with \`cargo xtask test firefox\``);
  return value;
}

/** The site's address, ending in "/". */
export const SITE = required('TENSHOT_URL');

/** Where a visit that fails leaves its picture. */
const PICTURES = new URL('./test-results/', new URL('..', import.meta.url));

/** Firefox offers WebGPU on Linux only when told to, and a GPU in software only when told not to mind. */
const WEBGPU = { 'dom.webgpu.enabled': true, 'dom.webgpu.workers.enabled': true, 'gfx.webgpu.ignore-blocklist': true };

/** Starts Firefox as it comes, or with WebGPU. */
export function firefox({ webgpu = false } = {}) {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: required('FIREFOX'),
    headless: true,
    // A training run is one call of the driver.
    protocolTimeout: 8 * 60_000,
    extraPrefsFirefox: {
      // Whatever the system's own language and colours are.
      'intl.accept_languages': 'en-US',
      'layout.css.prefers-color-scheme.content-override': 1,
      ...(webgpu ? WEBGPU : {}),
    },
  });
}

/** Notes what the browser reports of the page and its worker: errors of the console, exceptions, violations of the policy. */
export function complaintsOf(page) {
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'assert'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  // Firefox reports violations of the Content-Security-Policy in the same way as exceptions that nobody catches.
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  // Unlike Chromium it says nothing in the console of a file that is missing.
  page.on('response', (answer) => {
    if (answer.status() >= 400) complaints.push(`answer: ${answer.status()} for ${answer.url()}`);
  });
  return complaints;
}

/**
 * Gives the page its size. Puppeteer sends the size together with the screen's orientation, of which Firefox's older long-term
 * releases (140) know nothing: there the size is taken and the call fails all the same.
 */
async function resize(page, width, height) {
  try {
    await page.setViewport({ width, height });
  } catch (error) {
    if (!error.message.includes('unknown command emulation.setScreenOrientationOverride')) throw error;
  }
  const is = (wide, high) => innerWidth === wide && innerHeight === high;
  await until(page, `the page is ${width} by ${height}`, is, [width, height]);
}

/** Opens the site as somebody who has never been there, does `body`, and fails if anything is reported meanwhile. */
export async function visit(browser, query, body, { width = 1440, height = 900 } = {}) {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await resize(page, width, height);
    await page.goto(`${SITE}${query}`);
    await body(page);
    // The page replaces a worker that broke and then says so; the browser itself does not always.
    const shown = await page.$$eval('[data-testid="error"], [data-testid="recovered"], [data-testid="notice"]', (all) =>
      all.map((one) => one.textContent),
    );
    assert.deepEqual([...complaints, ...shown.map((text) => `the page shows: ${text}`)], [], 'what was reported');
  } catch (error) {
    await picture(context, query);
    throw error;
  } finally {
    await context.close();
  }
}

/** What the page looked like when it failed. That it cannot be said any more must not hide why. */
async function picture(context, query) {
  try {
    const [page] = await context.pages();
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: fileURLToPath(new URL(`visit${query.replace(/\W+/g, '-')}.png`, PICTURES)) });
  } catch (error) {
    console.log(`no picture: ${error.message}`);
  }
}
