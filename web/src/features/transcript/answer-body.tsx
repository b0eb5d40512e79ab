import { CircleStop, Scissors } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Markdown } from '@/components/markdown/markdown';
import type { Part } from '@/lib/api/types';
import { Reasoning, ToolCall } from './disclosure';
import { pieces } from './parts';

interface AnswerBodyProps {
  parts: readonly Part[];
  writing: boolean;
  /** Whether it waits for its reader; the calls that wait are then shown with their questions. */
  asking?: boolean;
}

/** What an answer says: its text, its reasoning and its tool calls. */
export function AnswerBody({ parts, writing, asking = false }: AnswerBodyProps) {
  const shown = useMemo(() => pieces(parts), [parts]);
  return (
    <div className="space-y-4">
      {shown.map((piece, index) => {
        const last = index === shown.length - 1;
        if (piece.kind === 'tool') {
          if (asking && piece.output === null) return null;
          // biome-ignore lint/suspicious/noArrayIndexKey: only ever added, and ids may repeat
          return <ToolCall key={index} piece={piece} writing={writing} />;
        }
        if (piece.kind === 'reasoning') {
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces are only ever added
          return <Reasoning key={index} text={piece.text} writing={writing && last} />;
        }
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces are only ever added
        if (piece.kind === 'cut') return <CutOff key={index} reason={piece.reason} />;
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces are only ever added
        return <Markdown key={index} text={piece.text} live={writing} />;
      })}
    </div>
  );
}

/** Says that the model would have said more, or would not. */
function CutOff({ reason }: { reason: 'length' | 'refusal' }) {
  const { t } = useTranslation();
  return (
    <p className="flex items-center gap-2 text-ink-3 text-sm">
      <Scissors aria-hidden className="size-4 shrink-0" />
      {t(reason === 'length' ? 'turn.cutOff' : 'turn.refused')}
    </p>
  );
}

/** Says that an answer was stopped before its end. */
export function Stopped() {
  const { t } = useTranslation();
  return (
    <p className="mt-3 flex items-center gap-2 text-ink-3 text-sm">
      <CircleStop aria-hidden className="size-4" />
      {t('turn.stopped')}
    </p>
  );
}
