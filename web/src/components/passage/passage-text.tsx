import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { cn } from '@/lib/cn';
import { type Passage, piecesOf, utf16Indexes, windowAround } from '@/lib/passage';

interface PassageTextProps {
  text: string;
  /**
   * What is highlighted and scrolled to, in UTF-16 indices; an empty one is where the text begins
   * to be shown, null is its start. Another passage takes another `key`.
   */
  passage: Passage | null;
  /** The characters (Unicode scalar values) at which pages begin. */
  pages?: readonly number[] | undefined;
  /** Whether it is code, to be read in columns. */
  code?: boolean;
  label: string;
  className?: string;
}

/** How much is shown on each side at first, and how much more at each request. */
const WINDOW_CHARS = 6000;
const MORE_CHARS = 4 * WINDOW_CHARS;

const NO_PAGES: readonly number[] = [];

/** A document's text around a passage, with its pages told apart; more of it on request. */
export function PassageText(props: PassageTextProps) {
  const { text, passage, pages = NO_PAGES, code = false, label, className } = props;
  const { t } = useTranslation();
  const [before, setBefore] = useState(passage?.start === passage?.end ? 0 : WINDOW_CHARS);
  const [after, setAfter] = useState(WINDOW_CHARS);
  const scroller = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLElement>(null);
  const starts = useMemo(() => utf16Indexes(text, pages), [text, pages]);
  useEffect(() => {
    // The text alone is scrolled: `scrollIntoView` would move the page around it too.
    if (scroller.current && mark.current) centre(scroller.current, mark.current);
  }, []);
  const window = windowAround(text, passage ?? { start: 0, end: 0 }, before, after);
  const pieces = piecesOf(window, passage, starts);
  const first = pieces.findIndex(({ marked }) => marked);
  return (
    // biome-ignore lint/a11y/useSemanticElements: what scrolls must take the keyboard
    <div
      ref={scroller}
      role="group"
      tabIndex={0}
      aria-label={label}
      className={cn('min-h-0 overflow-y-auto px-4 py-3', className)}
    >
      {window.from > 0 && (
        <Button look="quiet" className="mb-2" onClick={() => setBefore(before + MORE_CHARS)}>
          {t('sources.earlier')}
        </Button>
      )}
      <p
        dir="auto"
        className={cn(
          'whitespace-pre-wrap break-words text-ink-2',
          code ? 'font-mono text-xs leading-5' : 'text-sm leading-[21px]',
        )}
      >
        {pieces.map(({ from, to, marked, page }, index) => {
          const words = text.slice(from, to);
          return (
            <span key={from}>
              {page !== null && pages.length > 1 && <PageRule page={page} />}
              {marked ? (
                <mark
                  ref={index === first ? mark : undefined}
                  className="rounded-[3px] bg-mark text-ink"
                  data-passage
                >
                  {words}
                </mark>
              ) : (
                words
              )}
            </span>
          );
        })}
      </p>
      {window.to < text.length && (
        <Button look="quiet" className="mt-2" onClick={() => setAfter(after + MORE_CHARS)}>
          {t('sources.later')}
        </Button>
      )}
    </div>
  );
}

function centre(scroller: HTMLElement, element: HTMLElement) {
  const within = scroller.getBoundingClientRect();
  const { top, height } = element.getBoundingClientRect();
  scroller.scrollTop += top - within.top - Math.max(0, (within.height - height) / 2);
}

function PageRule({ page }: { page: number }) {
  const { t } = useTranslation();
  return (
    <span className="my-2 flex items-center gap-2 text-2xs text-ink-3 before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      {t('sources.page', { from: page })}
    </span>
  );
}
