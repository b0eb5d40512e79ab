/** What the first page does without, but the next press of a key or button may need. */
const SOON = [
  () => import('@/routes/chat/live-transcript'),
  () => import('@/features/sources/sources-panel'),
  () => import('@/components/ui/open-menu'),
  () => import('@/features/models/model-popover'),
  () => import('./app-palette'),
  () => import('./shortcuts'),
];

const WAIT_MS = 1500;

/** Fetches those parts once the page is quiet, so that they open at once, and offline too. */
export function preloadSoon() {
  const start = () => {
    for (const load of SOON) {
      // Whoever needs the part asks again; this was only a head start.
      load().catch(() => undefined);
    }
  };
  // Safari has no idle callback.
  if ('requestIdleCallback' in window) window.requestIdleCallback(start, { timeout: WAIT_MS });
  else setTimeout(start, WAIT_MS);
}
