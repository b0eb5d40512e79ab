// One browser for the scripts of this folder: the system's Chromium, no downloads.
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const AXE = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

export async function openBrowser() {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (!executablePath) throw new Error('no Chromium found: install one, or set CHROMIUM');
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Collects what a page must never do: break the content policy, throw, or leave the origin. */
export function watchPage(page, baseUrl) {
  const problems = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (/^https?:/.test(url) && !url.startsWith(baseUrl)) problems.push(`left the origin: ${url}`);
  });
  return problems;
}

/** What stands in the way of people who use the page, or the part of it with this selector. */
export async function accessProblems(page, part = 'html') {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (context) =>
      globalThis.axe.run(context, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }),
    part,
  );
  return violations.map(({ id, nodes }) => {
    const where = nodes
      .map((node) => `${node.target.join(' ')} ${node.failureSummary}`)
      .slice(0, 3);
    return `axe ${id}: ${where.join(' | ')}`;
  });
}
