// The steps of a story: each is told, a failed one does not keep the others from being tried.

let passed = 0;
let failed = 0;

export async function step(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(
      `FAIL ${name}\n     ${String(error.message).split('\n').slice(0, 4).join('\n     ')}`,
    );
  }
}

export function expect(holds, words) {
  if (!holds) throw new Error(words);
}

/** Whether a step has failed so far. */
export const anyFailed = () => failed > 0;

/** Tells how many steps passed, and ends the script by that. */
export function tellEnd() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
