import { CircleAlert, Quote, RotateCw } from 'lucide-react';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { MarkdownContext } from '@/components/markdown/context';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { Menu } from '@/components/ui/menu';
import { Spinner } from '@/components/ui/spinner';
import type { MessageView } from '@/lib/api/types';
import { copyText } from '@/lib/clipboard';
import { count, money } from '@/lib/format';
import { shortMoment } from '@/lib/time';
import { toast } from '@/lib/toast';
import { AnswerBody, Stopped } from './answer-body';
import { BranchSwitch } from './branch-switch';
import { CopyButton } from './copy-button';
import { citationsOf, textOf } from './parts';
import type { Progress, TurnActions } from './types';

interface AnswerProps {
  message: MessageView;
  /** How the writing stands; null for an answer that is stored. */
  progress: Progress | null;
  actions: TurnActions;
}

/** Memoised: while one answer streams, the others on the screen are left alone. */
export const AnswerTurn = memo(({ message, progress, actions }: AnswerProps) => {
  const { t } = useTranslation();
  const citations = useMemo(() => citationsOf(message.parts), [message.parts]);
  const { openSource, shownSource } = actions;
  const markdown = useMemo(
    () => ({
      citations: new Map(citations.map((citation) => [citation.index, citation])),
      openCitation: (citation: (typeof citations)[number]) =>
        openSource(message.id, citations, citation),
      shown: shownSource,
    }),
    [message.id, citations, openSource, shownSource],
  );
  const phase = progress?.phase ?? 'over';
  const writing = phase === 'writing' || phase === 'reconnecting';
  return (
    <article aria-busy={writing} className="group">
      <h2 className="sr-only">{t('turn.answer')}</h2>
      {actions.steps(message, progress !== null)}
      <MarkdownContext value={markdown}>
        <AnswerBody parts={message.parts} writing={writing} asking={phase === 'asking'} />
      </MarkdownContext>
      {writing && <WritingLine phase={phase} />}
      {phase === 'asking' && actions.asks(message)}
      {phase === 'over' && <AnswerEnd message={message} progress={progress} actions={actions} />}
    </article>
  );
});
AnswerTurn.displayName = 'AnswerTurn';

/** Keeps the place of the buttons that come, and says so when the line is lost. */
function WritingLine({ phase }: { phase: Progress['phase'] }) {
  const { t } = useTranslation();
  return (
    <p className="flex h-9 items-center gap-2 text-ink-3 text-sm">
      {phase === 'reconnecting' && (
        <>
          <Spinner />
          {t('turn.reconnecting')}
        </>
      )}
    </p>
  );
}

function AnswerEnd({ message, progress, actions }: AnswerProps) {
  const { t } = useTranslation();
  const text = textOf(message.parts);
  const citations = citationsOf(message.parts);
  const stored = message.id !== '';
  return (
    <>
      {message.status === 'cancelled' && <Stopped />}
      {message.status === 'failed' && (
        <Failure message={message} progress={progress} actions={actions} />
      )}
      <div className="mt-2 flex min-h-8 flex-wrap items-center gap-x-0.5 touch:min-h-10">
        {text !== '' && <CopyButton text={text} />}
        {stored && message.status === 'completed' && actions.feedbackButtons(message)}
        {stored && message.status !== 'failed' && (
          <IconButton
            small
            label={t('turn.regenerate')}
            disabled={actions.busy}
            onClick={() => actions.regenerate(message, null)}
          >
            <RotateCw aria-hidden className="size-4" />
          </IconButton>
        )}
        {citations.length > 0 && (
          <button
            type="button"
            onClick={() => actions.openSource(message.id, citations, null)}
            className="ms-1 inline-flex h-7 items-center gap-1.5 rounded-control px-2 text-ink-2 text-xs hover:bg-hover hover:text-ink touch:h-9"
          >
            <Quote aria-hidden className="size-3.5" />
            {t('sources.count', { count: citations.length })}
          </button>
        )}
        <BranchSwitch message={message} actions={actions} />
        <Figures message={message} />
      </div>
      {stored && actions.feedbackForm(message)}
    </>
  );
}

/** Model, tokens, cost and time of an answer. */
function Figures({ message }: { message: MessageView }) {
  const { t } = useTranslation();
  const { usage, model } = message;
  const parts: string[] = [];
  if (model) parts.push(model.slice(model.indexOf('/') + 1));
  if (usage && usage.output > 0) {
    parts.push(t('turn.tokens', { count: usage.output, shown: count(usage.output) }));
  }
  if (usage && usage.cost > 0) parts.push(money(usage.cost));
  parts.push(shortMoment(message.created_at, new Date()));
  const detail = usage
    ? t('turn.usage', {
        input: count(usage.input),
        cached: count(usage.cached),
        output: count(usage.output),
      })
    : undefined;
  return (
    <span className="ms-auto truncate ps-2 text-ink-3 text-xs tabular" title={detail}>
      {parts.join(' · ')}
    </span>
  );
}

/** Why an answer failed, and the ways on. */
function Failure({ message, progress, actions }: AnswerProps) {
  const { t } = useTranslation();
  const others = actions.models.filter((model) => model.id !== message.model);
  const reference = progress?.requestId ?? message.run_id;
  const copyReference = async () => {
    if (reference && (await copyText(reference))) toast(t('turn.idCopied'));
  };
  return (
    <div
      role="alert"
      className="mt-3 rounded-card border border-danger/50 bg-danger-soft px-4 py-3"
    >
      <p className="flex items-start gap-2.5 text-danger-text">
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
        <span dir="auto">{message.error?.message || t('error.run')}</span>
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button disabled={actions.busy} onClick={() => actions.regenerate(message, null)}>
          <RotateCw aria-hidden className="size-3.5" />
          {t('action.retry')}
        </Button>
        {others.length > 0 && (
          <Menu
            label={t('turn.switchModel')}
            align="start"
            trigger={<Button disabled={actions.busy}>{t('turn.switchModel')}</Button>}
            items={others.map((model) => ({
              label: model.name,
              run: () => actions.regenerate(message, model.id),
            }))}
          />
        )}
        {reference && (
          <Button look="quiet" onClick={copyReference}>
            {t('turn.copyId')}
          </Button>
        )}
      </div>
    </div>
  );
}
