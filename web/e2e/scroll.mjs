// Whether the transcript ever moves under the reader, in a real browser against the mock server:
// it opens at its end, stays there while an answer streams, stays put while the reader is
// elsewhere, and does not jump when older messages are put before or something is unfolded.
//
//   npm run build && node e2e/scroll.mjs
import { startMock } from '../testing/mock-server.mjs';
import { openBrowser } from './browser.mjs';

const mock = await startMock({ delayMs: 4 });
const browser = await openBrowser();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
let failed = 0;

function check(name, holds, measured) {
  if (!holds) failed += 1;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}: ${measured}`);
}

/** Samples `read` on every frame until the answer is complete; gives the values. */
const sampleWhileStreaming = (read) =>
  page.evaluate(
    (source) =>
      new Promise((resolve) => {
        const scroller = document.querySelector('section[aria-label="Messages"]');
        const sample = new Function('scroller', `return ${source}`);
        const values = [];
        const step = () => {
          values.push(sample(scroller));
          if (document.querySelector('article[aria-busy="true"]')) requestAnimationFrame(step);
          else resolve(values);
        };
        step();
      }),
    read,
  );

const FROM_END = 'Math.round(scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight)';
const fromEnd = () =>
  page.evaluate(
    `(() => { const scroller = document.querySelector('section[aria-label="Messages"]'); return ${FROM_END}; })()`,
  );
const text = Array.from(
  { length: 60 },
  (_, n) => `Paragraph ${n}. ${'The words keep coming. '.repeat(6)}`,
);

async function ask(words) {
  await page.getByRole('textbox', { name: 'Your message' }).fill(`say:${words}`);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.locator('article[aria-busy="true"] .prose').waitFor();
}

await page.goto(`${mock.url}/c/${mock.state.long}`);
await page.getByText('Answer 100.').waitFor();
await page.waitForTimeout(900);
check('opens at the end', (await fromEnd()) <= 1, `${await fromEnd()} px from it`);

// Older messages: whatever stood at the top of the window must stay where it was.
const shift = await page.evaluate(async () => {
  const scroller = document.querySelector('section[aria-label="Messages"]');
  scroller.dispatchEvent(new WheelEvent('wheel'));
  const frames = (count) =>
    new Promise((resolve) => {
      const step = (left) => (left === 0 ? resolve() : requestAnimationFrame(() => step(left - 1)));
      step(count);
    });
  let worst = 0;
  for (let turn = 0; turn < 60 && scroller.scrollTop > 0; turn += 1) {
    scroller.scrollTop -= 400;
    await frames(2);
    const row = [...scroller.querySelectorAll('[data-index]')].find(
      (element) => element.getBoundingClientRect().bottom > 200,
    );
    const words = row?.textContent;
    const before = row?.getBoundingClientRect().top ?? 0;
    await frames(6);
    const same = [...scroller.querySelectorAll('[data-index]')].find(
      (element) => element.textContent === words,
    );
    if (same) worst = Math.max(worst, Math.abs(same.getBoundingClientRect().top - before));
  }
  return { worst: Math.round(worst), reached: scroller.textContent.includes('Question 1:') };
});
check('older messages shift nothing', shift.worst <= 2, `${shift.worst} px at worst`);
check('the first message is reached', shift.reached, shift.reached ? 'yes' : 'no');

await ask(text.slice(0, 25).join('\n\n'));
const pinned = (await sampleWhileStreaming(FROM_END)).slice(10);
const off = pinned.filter((value) => value > 2).length;
check(
  'pinned while streaming',
  off <= pinned.length * 0.02,
  `${off} of ${pinned.length} frames off the end`,
);

await ask(text.join('\n\n'));
await page.waitForTimeout(900);
await page.mouse.move(600, 400);
for (let turn = 0; turn < 4; turn += 1) {
  await page.mouse.wheel(0, -200);
  await page.waitForTimeout(80);
}
await page.waitForTimeout(200);
const away = await sampleWhileStreaming('Math.round(scroller.scrollTop)');
const moved = Math.max(...away) - Math.min(...away);
check(
  'left alone while the reader is elsewhere',
  moved <= 2,
  `moved ${moved} px in ${away.length} frames`,
);
await page.getByRole('button', { name: 'To the latest message' }).click();
await page.waitForTimeout(900);
check('the button leads to the end', (await fromEnd()) <= 2, `${await fromEnd()} px from it`);

await page.getByRole('textbox', { name: 'Your message' }).fill('How do answers stream?');
await page.getByRole('button', { name: 'Send', exact: true }).click();
await page.getByText('And it ends here.').waitFor();
await page.waitForFunction(() => !document.querySelector('article[aria-busy="true"]'));
await page.reload();
await page.getByText('And it ends here.').waitFor();
await page.waitForTimeout(900);
const steps = page.locator('[data-steps]').last();
const before = (await steps.boundingBox()).y;
await steps.click();
await page.getByRole('list', { name: 'Steps' }).waitFor();
await page.waitForTimeout(400);
const pushed = Math.round(Math.abs((await steps.boundingBox()).y - before));
check('what is unfolded at the end stays in place', pushed <= 2, `moved ${pushed} px`);

await browser.close();
await mock.close();
console.log(failed === 0 ? 'scrolling holds' : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
