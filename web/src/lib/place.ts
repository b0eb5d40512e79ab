import type { TFunction } from 'i18next';

interface Place {
  line_start: number;
  line_end: number;
  page_start?: number | null;
  page_end?: number | null;
}

/** Where a passage stands, in words: its pages where there are such, else its lines. */
export function placeOf(t: TFunction, place: Place): string {
  const { page_start: from, page_end } = place;
  if (from === undefined || from === null) {
    const { line_start, line_end } = place;
    if (line_start === line_end) return t('sources.line', { from: line_start });
    return t('sources.lines', { from: line_start, to: line_end });
  }
  const to = page_end ?? from;
  return from === to ? t('sources.page', { from }) : t('sources.pages', { from, to });
}

/** The headings above a passage as one line, the outermost first. */
export const headingPath = (headings: readonly string[] | null | undefined) =>
  (headings ?? []).join(' › ');

/**
 * Whether there may be pictures of a document's pages: a citation tells its name only. Slides and
 * sheets are counted as pages too, and cannot be drawn.
 */
export const hasPictures = (name: string) => !/\.(ppt|pptx|pptm|xls|xlsx|xlsm|ods)$/i.test(name);
