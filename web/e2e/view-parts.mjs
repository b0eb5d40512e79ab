// What the views of shots.mjs have in common: sizes, colours, and the usual steps.

export const PHONE = { width: 390, height: 844 };
export const phone = { size: PHONE, touch: true };
export const dark = { scheme: 'dark' };
/** While a menu is open, it is all there is for those who cannot see the rest. */
export const menu = { part: '[role="menu"]' };
export const press = (name) => (page) =>
  page.getByRole('button', { name, exact: true }).first().click();
export const dialog = (name) => async (page) => {
  await press(name)(page);
  await page.getByRole('dialog').waitFor();
};
/** Waits for a list or a field of this name: the data is there. */
export const shows = (name) => (page) => page.getByLabel(name, { exact: true }).first().waitFor();
