import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AnswerTurn } from './answer-turn';
import { TurnBoundary } from './turn-boundary';
import type { TurnActions, TurnView } from './types';
import { UserTurn } from './user-turn';

export interface TranscriptProps {
  turns: TurnView[];
  actions: TurnActions;
  /** Changes when the reader asks something: then the end is shown, wherever they were. */
  asked: string | null;
  hasOlder: boolean;
  loadingOlder: boolean;
  onOlder: () => void;
}

const NEAR_TOP_PX = 600;
const AT_END_PX = 80;
const SETTLE_MS = 700;

export default function Transcript(props: TranscriptProps) {
  const { turns, actions, asked, hasOlder, loadingOlder, onOlder } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLElement>(null);
  const [away, setAway] = useState(false);
  /** What keeps its place while heights change: the end, until the reader unfolds something. */
  const anchor = useRef<'start' | 'end'>('end');
  const virtual = useVirtualizer({
    count: turns.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (turns[index]?.message.role === 'user' ? 96 : 320),
    getItemKey: (index) => turns[index]?.key ?? index,
    overscan: 4,
    gap: 12,
    paddingStart: 24,
    paddingEnd: 16,
    anchorTo: anchor.current,
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
  });

  const endShown = useRef(false);
  const ends = { toEnd: () => virtual.scrollToEnd(), letGo: () => virtual.cancelScroll() };
  useSettledEnd(scroller, ends, asked, turns.length > 0, endShown);
  useUnfolding(scroller, () => {
    anchor.current = 'start';
    virtual.setOptions({ ...virtual.options, anchorTo: 'start' });
  });
  const belowMore = away || (anchor.current === 'start' && !virtual.isAtEnd(AT_END_PX));

  const onScroll = () => {
    anchor.current = 'end';
    setAway(!virtual.isAtEnd(AT_END_PX));
    const top = scroller.current?.scrollTop ?? 0;
    if (endShown.current && top < NEAR_TOP_PX && hasOlder && !loadingOlder) onOlder();
  };

  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={scroller}
        aria-label={t('turn.transcript')}
        tabIndex={0}
        onScroll={onScroll}
        className="gutter h-full overflow-y-auto -outline-offset-2"
      >
        <div
          className="relative mx-auto w-full max-w-measure"
          style={{ height: virtual.getTotalSize() }}
        >
          {loadingOlder && (
            <p role="status" className="absolute inset-x-0 top-1 text-center text-ink-3 text-xs">
              {t('turn.loadingOlder')}
            </p>
          )}
          {virtual.getVirtualItems().map((item) => {
            const turn = turns[item.index];
            if (!turn) return null;
            return (
              <div
                key={item.key}
                data-index={item.index}
                ref={virtual.measureElement}
                className="absolute inset-x-0 top-0 px-4"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <TurnBoundary>
                  {turn.message.role === 'user' ? (
                    <UserTurn message={turn.message} actions={actions} />
                  ) : (
                    <AnswerTurn message={turn.message} progress={turn.progress} actions={actions} />
                  )}
                </TurnBoundary>
              </div>
            );
          })}
        </div>
      </section>
      {belowMore && (
        <button
          type="button"
          aria-label={t('turn.toEnd')}
          onClick={() => virtual.scrollToEnd({ behavior: 'smooth' })}
          className="anim-fade absolute bottom-3 left-1/2 inline-flex size-9 -translate-x-1/2 items-center justify-center rounded-full border border-line bg-raise text-ink-2 shadow-low hover:text-ink touch:size-11"
        >
          <ArrowDown aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}

/**
 * Tells when the reader is about to fold or unfold something. What they clicked must stay under the
 * pointer, where a list held at its end would push it up by what unfolds.
 */
function useUnfolding(scroller: RefObject<HTMLElement | null>, onUnfold: () => void) {
  const latest = useRef(onUnfold);
  latest.current = onUnfold;
  useEffect(() => {
    const element = scroller.current;
    const onClick = ({ target }: MouseEvent) => {
      if (target instanceof Element && target.closest('summary, [aria-expanded]')) latest.current();
    };
    element?.addEventListener('click', onClick, { capture: true });
    return () => element?.removeEventListener('click', onClick, { capture: true });
  }, [scroller]);
}

interface Ends {
  toEnd: () => void;
  /** Gives up a scroll that is still under way to its target. */
  letGo: () => void;
}

const READER_SIGNS = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;

/**
 * Shows the end when the transcript opens and when something is asked, and holds it while code
 * and maths load and heights settle; the reader's own scrolling ends the hold at once.
 */
function useSettledEnd(
  scroller: RefObject<HTMLElement | null>,
  ends: Ends,
  asked: string | null,
  filled: boolean,
  shown: RefObject<boolean>,
) {
  const latest = useRef(ends);
  latest.current = ends;
  const frame = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question shows the end again
  useLayoutEffect(() => {
    if (!filled) return;
    const until = performance.now() + SETTLE_MS;
    const step = () => {
      latest.current.toEnd();
      shown.current = true;
      if (performance.now() < until) frame.current = requestAnimationFrame(step);
    };
    latest.current.toEnd();
    frame.current = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame.current);
  }, [asked, filled, shown]);
  useEffect(() => {
    const element = scroller.current;
    const release = () => {
      cancelAnimationFrame(frame.current);
      latest.current.letGo();
    };
    for (const sign of READER_SIGNS) element?.addEventListener(sign, release, { passive: true });
    return () => {
      for (const sign of READER_SIGNS) element?.removeEventListener(sign, release);
    };
  }, [scroller]);
  useEffect(
    () => () => {
      shown.current = false;
    },
    [shown],
  );
}
