import { CircleHelp, type LucideIcon } from 'lucide-react';
import { type FormEvent, type ReactNode, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Verbatim } from '@/components/ui/verbatim';
import type { Ask } from '@/lib/api/types';
import { readAnswer, sendAnswer, typeAnswer, useAskState } from './ask-state';

/** Where a question stands. */
export interface AskProps {
  conversationId: string;
  runId: string;
  ask: Ask;
}

interface AskCardProps extends AskProps {
  icon: LucideIcon;
  title: ReactNode;
  hint: string;
  /** What is asked, and the ways to answer. */
  children: (send: (answer: unknown) => void) => ReactNode;
}

/** The frame of a question: its title, its children, and what went wrong with an answer. */
export function AskCard({ conversationId, runId, ask, ...props }: AskCardProps) {
  const { t } = useTranslation();
  const { error } = useAskState(runId, ask.id);
  const card = useRef<HTMLElement>(null);
  const title = useId();
  const send = async (answer: unknown) => {
    const turn = card.current?.closest('article');
    const taken = await sendAnswer({ conversationId, runId }, ask.id, answer);
    if (taken && turn) requestAnimationFrame(() => focusNext(turn));
  };
  const { icon: Icon } = props;
  return (
    <section
      ref={card}
      data-ask
      tabIndex={-1}
      aria-labelledby={title}
      className="anim-rise rounded-card border border-control bg-raise px-4 py-3"
    >
      <h3 id={title} className="flex items-start gap-2.5 font-medium">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-warn-text" />
        <span className="min-w-0 break-words">{props.title}</span>
      </h3>
      <p className="mt-0.5 ps-[26px] text-ink-3 text-sm">{props.hint}</p>
      {props.children((answer) => void send(answer))}
      {error !== null && (
        <p role="alert" className="mt-2.5 text-danger-text text-sm sm:ps-[26px]" dir="auto">
          {t('ask.failed', { cause: error || t('error.network') })}
        </p>
      )}
    </section>
  );
}

/** The answered card took the focus with it: the next question, or the steps, get it. */
function focusNext(turn: HTMLElement) {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const next = turn.querySelector<HTMLElement>('[data-ask]') ?? turn.querySelector('[data-steps]');
  next?.focus({ preventScroll: true });
}

const MOST_CHARS = 2000;

interface AnswerFieldProps {
  runId: string;
  askId: string;
  label: string;
  hint?: string;
  action: string;
  onSend: (text: string) => void;
  /** Folds the field up again, where it can be. */
  onCancel?: () => void;
}

/** A field to answer in; what is typed survives scrolling and a refusal. */
export function AnswerField({ runId, askId, onSend, onCancel, ...words }: AnswerFieldProps) {
  const { t } = useTranslation();
  const { text, sending } = useAskState(runId, askId);
  const hint = useId();
  const form = useRef<HTMLFormElement>(null);
  const cancel =
    onCancel &&
    (() => {
      form.current?.closest<HTMLElement>('[data-ask]')?.focus({ preventScroll: true });
      onCancel();
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!sending) onSend(text?.trim() ?? '');
  };
  return (
    <form
      ref={form}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && cancel) {
          event.preventDefault();
          cancel();
        }
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
      }}
      className="mt-3 sm:ps-[26px]"
    >
      <label className="block text-ink-2 text-sm">
        {words.label}
        <textarea
          // biome-ignore lint/a11y/noAutofocus: where it can be folded, the reader has opened it
          autoFocus={onCancel !== undefined}
          rows={2}
          maxLength={MOST_CHARS}
          value={text ?? ''}
          aria-describedby={words.hint === undefined ? undefined : hint}
          onChange={(event) => typeAnswer(runId, askId, event.target.value)}
          dir="auto"
          className="mt-1 block w-full resize-y rounded-control border border-control bg-transparent px-2.5 py-1.5 text-base text-ink"
        />
      </label>
      {words.hint !== undefined && (
        <p id={hint} className="mt-1 text-ink-3 text-xs">
          {words.hint}
        </p>
      )}
      <div className="mt-2 flex flex-wrap gap-2">
        <SendButton type="submit" look="primary" sending={sending}>
          {sending ? t('ask.sending') : words.action}
        </SendButton>
        {cancel && (
          <Button look="quiet" onClick={cancel}>
            {t('action.cancel')}
          </Button>
        )}
      </div>
    </form>
  );
}

/** While an answer is sent the buttons do nothing, but keep the focus: it is lost to `disabled`. */
export function SendButton({
  sending,
  onClick,
  ...props
}: Parameters<typeof Button>[0] & { sending: boolean }) {
  return (
    <Button
      aria-disabled={sending}
      className="aria-disabled:cursor-default aria-disabled:opacity-50"
      {...(onClick && !sending && { onClick })}
      {...props}
    />
  );
}

/** A question of a kind that this page has no words for. */
export function OtherCard(props: AskProps) {
  const { t } = useTranslation();
  const { runId, ask } = props;
  return (
    <AskCard {...props} icon={CircleHelp} title={t('ask.other')} hint={t('ask.otherHint')}>
      {(send) => (
        <>
          <div className="mt-2 sm:ps-[26px]">
            <Verbatim label={t('ask.question')} text={JSON.stringify(ask.question)} />
          </div>
          <AnswerField
            runId={runId}
            askId={ask.id}
            label={t('ask.answer')}
            hint={t('ask.answerHint')}
            action={t('ask.send')}
            onSend={(text) => send(readAnswer(text))}
          />
        </>
      )}
    </AskCard>
  );
}
