import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { cn } from '@/lib/cn';
import { type Line, lineDiff } from '@/lib/line-diff';

const LOOKS: Record<Line['kind'], string> = {
  same: 'text-ink-2',
  gone: 'bg-danger-soft text-danger-text',
  new: 'bg-ok-soft text-ok-text',
};

/** What changed in a text. Each line says what it is without its colour too. */
export function TextDiff({ before, after }: { before: string | null; after: string | null }) {
  const { t } = useTranslation();
  const lines = useMemo(() => lineDiff(before, after), [before, after]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a text that scrolls must take the keyboard
    <div
      role="group"
      tabIndex={0}
      aria-label={t('diff.title')}
      className="max-h-72 overflow-auto rounded-control border border-line font-mono text-xs"
    >
      {lines.map(({ kind, text }, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names, and never move
          key={index}
          dir="auto"
          className={cn('flex gap-2 whitespace-pre-wrap break-words px-2 py-px', LOOKS[kind])}
        >
          <span aria-hidden className="w-2 shrink-0">
            {{ same: ' ', gone: '−', new: '+' }[kind]}
          </span>
          {kind !== 'same' && <span className="sr-only">{t(`diff.${kind}`)}</span>}
          <span className="min-w-0">{text}</span>
        </div>
      ))}
    </div>
  );
}
