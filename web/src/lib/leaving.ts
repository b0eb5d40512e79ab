import { i18n } from './i18n';

/** Work that ends with the page. */
interface Work {
  busy: () => boolean;
  giveUp: () => void;
}

const works: Work[] = [];

/** Tells of work that would be lost where the page is left. */
export function onLeaving(work: Work) {
  works.push(work);
}

/**
 * Before the page begins anew as somebody else, or elsewhere: asks, where work would be lost, and
 * gives it up then. Asked afterwards, by the browser, a reader who stays would be on a page whose
 * credential is another's.
 */
export function mayLeave(): boolean {
  const busy = works.filter((work) => work.busy());
  if (busy.length > 0 && !window.confirm(i18n.t('leaving.uploads'))) return false;
  for (const work of busy) work.giveUp();
  return true;
}
