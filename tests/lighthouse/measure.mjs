// Measures the page with Lighthouse, and prints a JSON array with an object for each measurement. Started by `cargo xtask
// lighthouse`, which sets TENSHOT_URL and CHROMIUM and gives one argument, {"runs"}, in JSON.

import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';
import { ARGUMENTS, EXECUTABLE, SITE } from '../browser/support/chromium.mjs';

const { runs } = JSON.parse(process.argv[2]);

/** What visitors have. Lighthouse computes what a slower network and processor would make of what it saw here. */
const SETTINGS = [
  { name: 'desktop', config: desktopConfig, flags: {} },
  { name: 'phone', config: undefined, flags: {} },
  // This machine and its loopback as they are.
  { name: 'here', config: desktopConfig, flags: { throttlingMethod: 'provided' } },
];

const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

/** A figure of a report, or null if it has none. */
const figure = ({ audits }, id) => audits[id]?.numericValue ?? null;

/** The audits that cost points of a category. */
function lost({ audits, categories }) {
  return Object.values(categories).flatMap(({ id: category, auditRefs }) =>
    auditRefs
      .map(({ id, weight }) => ({ category, id, weight, score: audits[id].score, said: audits[id].displayValue ?? '' }))
      .filter(({ weight, score }) => weight > 0 && score !== null && score < 1),
  );
}

async function measure({ name, config, flags }) {
  // A fresh profile for each: a first visit.
  const chromium = await launch({ chromePath: EXECUTABLE, chromeFlags: ['--headless=new', ...ARGUMENTS], logLevel: 'error' });
  try {
    const { lhr } = await lighthouse(
      SITE,
      { ...flags, port: chromium.port, onlyCategories: CATEGORIES, logLevel: 'error', enableErrorReporting: false },
      config,
    );
    if (lhr.runtimeError) throw new Error(`Lighthouse could not measure the page (${name}): ${lhr.runtimeError.message}`);
    // The browser's name for websites has no minor version.
    const version = await fetch(`http://127.0.0.1:${chromium.port}/json/version`).then((answer) => answer.json());
    const requests = lhr.audits['network-requests'].details.items;
    return {
      setting: name,
      chromium: version.Browser.split('/').pop(),
      lighthouse: lhr.lighthouseVersion,
      scores: Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, score])),
      firstPaint: figure(lhr, 'first-contentful-paint'),
      largestPaint: figure(lhr, 'largest-contentful-paint'),
      blocked: figure(lhr, 'total-blocking-time'),
      shift: figure(lhr, 'cumulative-layout-shift'),
      speedIndex: figure(lhr, 'speed-index'),
      bytes: requests.reduce((sum, { transferSize }) => sum + Math.max(0, transferSize), 0),
      elsewhere: requests.map(({ url }) => url).filter((url) => /^https?:/.test(url) && !url.startsWith(new URL(SITE).origin)),
      lost: lost(lhr),
    };
  } finally {
    chromium.kill();
  }
}

const measured = [];
for (let run = 0; run < runs; run += 1) {
  for (const setting of SETTINGS) {
    console.error(`${setting.name}, ${run + 1} of ${runs}`);
    measured.push(await measure(setting));
  }
}
console.log(JSON.stringify(measured, null, 2));
