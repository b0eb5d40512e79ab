import { CircleAlert, Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ToolResult } from '@/components/tool-result';
import { Disclosure } from '@/components/ui/disclosure';
import { Verbatim } from '@/components/ui/verbatim';
import type { Piece } from './parts';

/** The model's reasoning, closed until asked for. */
export function Reasoning({ text, writing }: { text: string; writing: boolean }) {
  const { t } = useTranslation();
  return (
    <Disclosure summary={writing ? t('turn.thinking') : t('turn.reasoning')}>
      <p className="whitespace-pre-wrap text-ink-2 text-sm leading-[21px]" dir="auto">
        {text}
      </p>
    </Disclosure>
  );
}

/** A tool call with its full arguments and its result, closed until asked for. */
export function ToolCall({
  piece,
  writing,
}: {
  piece: Piece & { kind: 'tool' };
  writing: boolean;
}) {
  const { t } = useTranslation();
  const answered = piece.failed ? 'failed' : 'done';
  const open = writing ? 'running' : 'asked';
  const state = piece.output === null ? open : answered;
  return (
    <Disclosure
      danger={piece.failed}
      summary={
        <>
          {piece.failed ? (
            <CircleAlert aria-hidden className="size-3.5 shrink-0" />
          ) : (
            <Wrench aria-hidden className="size-3.5 shrink-0" />
          )}
          <span className="truncate">{t(`tool.${state}`, { name: piece.name })}</span>
        </>
      }
    >
      <Verbatim label={t('tool.arguments')} text={piece.input} />
      {piece.output !== null && <ToolResult output={piece.output} gone={piece.gone} />}
    </Disclosure>
  );
}
