import { RotateCcw, SendHorizontal, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Markdown } from '@/components/markdown/markdown';
import { IconButton } from '@/components/ui/icon-button';
import { Refusal } from '@/components/ui/refusal';
import { Spinner } from '@/components/ui/spinner';
import { announce } from '@/lib/announce';
import { toApiError } from '@/lib/api/error';
import type { ChatbotSettings } from '@/lib/api/identity-types';
import { forgetTrial, sayToTrial, stopTrial } from './try-chat';

interface Turn {
  id: number;
  question: string;
  answer: string;
  /** How it stands; null while the answer is being written. */
  status: string | null;
}

/** A chat with the settings as they stand in the form, stored or not. */
export function TryOut({ chatbotId, settings }: { chatbotId: string; settings: ChatbotSettings }) {
  const { t } = useTranslation();
  const trial = useTrial(chatbotId, settings);
  const [text, setText] = useState('');
  const end = useRef<HTMLDivElement>(null);
  const count = trial.turns.length;
  useEffect(() => {
    if (count > 0) end.current?.scrollIntoView({ block: 'nearest' });
  }, [count]);
  return (
    <section
      aria-label={t('tryOut.title')}
      className="flex min-h-80 flex-col rounded-card border border-line bg-bg"
    >
      <div className="flex h-11 shrink-0 items-center justify-between border-line border-b ps-4 pe-1.5">
        <h2 className="font-semibold">{t('tryOut.title')}</h2>
        <IconButton label={t('tryOut.again')} disabled={count === 0} onClick={trial.restart}>
          <RotateCcw aria-hidden className="size-4" />
        </IconButton>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: what scrolls must take the keyboard */}
      <div
        role="group"
        tabIndex={0}
        aria-label={t('tryOut.said')}
        className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4"
      >
        {count === 0 && <p className="text-ink-3">{settings.greeting ?? t('tryOut.empty')}</p>}
        {trial.turns.map((turn) => (
          <TurnView key={turn.id} turn={turn} />
        ))}
        <Refusal error={trial.error} />
        <div ref={end} />
      </div>
      <form
        aria-label={t('composer.label')}
        className="flex shrink-0 items-center gap-2 border-line border-t p-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === '' || trial.busy) return;
          setText('');
          void trial.say(text.trim());
        }}
      >
        <input
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-label={t('tryOut.field')}
          placeholder={t('tryOut.field')}
          autoComplete="off"
          className="h-9 min-w-0 flex-1 rounded-control border border-control bg-raise px-2.5 touch:h-11"
        />
        {trial.busy ? (
          <IconButton label={t('composer.stop')} onClick={trial.stop}>
            <Square aria-hidden className="size-3.5" />
          </IconButton>
        ) : (
          <IconButton label={t('composer.send')} type="submit">
            <SendHorizontal aria-hidden className="size-4" />
          </IconButton>
        )}
      </form>
    </section>
  );
}

function TurnView({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  return (
    <article>
      <p
        dir="auto"
        className="ms-auto w-fit max-w-[85%] whitespace-pre-wrap break-words rounded-card bg-hover px-3 py-2"
      >
        {turn.question}
      </p>
      <div className="mt-3" aria-busy={turn.status === null}>
        <Markdown text={turn.answer} live={turn.status === null} />
        {turn.status === null && turn.answer === '' && (
          <p className="flex items-center gap-2 text-ink-3 text-sm">
            <Spinner />
            {t('turn.thinking')}
          </p>
        )}
        {turn.status === 'interrupted' && (
          <p className="text-ink-3 text-sm">{t('tryOut.interrupted')}</p>
        )}
        {turn.status === 'cancelled' && <p className="text-ink-3 text-sm">{t('turn.stopped')}</p>}
      </div>
    </article>
  );
}

function useTrial(chatbotId: string, settings: ChatbotSettings) {
  const { t } = useTranslation();
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [error, setError] = useState<Error | null>(null);
  const conversation = useRef<string | null>(null);
  const going = useRef<{ abort: AbortController; runId: string | null } | null>(null);

  const stop = () => {
    const { abort, runId } = going.current ?? {};
    going.current = null;
    abort?.abort();
    if (runId) stopTrial(runId).catch(() => undefined);
  };
  const forget = () => {
    stop();
    const id = conversation.current;
    conversation.current = null;
    // It is only a trial: were it not taken away, it would merely stay in the list.
    if (id !== null) forgetTrial(id).catch(() => undefined);
  };
  const latestForget = useRef(forget);
  latestForget.current = forget;
  useEffect(() => () => latestForget.current(), []);

  const say = async (question: string) => {
    const id = turns.length;
    const update = (part: Partial<Turn>) =>
      setTurns((all) => all.map((turn) => (turn.id === id ? { ...turn, ...part } : turn)));
    const abort = new AbortController();
    const mine = { abort, runId: null as string | null };
    going.current = mine;
    setError(null);
    setTurns([...turns, { id, question, answer: '', status: null }]);
    try {
      const status = await sayToTrial(
        { chatbotId, preview: settings, conversationId: conversation.current, text: question },
        {
          onBegun: (made, runId) => {
            conversation.current = made;
            mine.runId = runId;
          },
          onText: (answer) => update({ answer }),
        },
        abort.signal,
      );
      update({ status });
      going.current = null;
      announce(t('announce.completed'));
    } catch (cause) {
      update({ status: abort.signal.aborted ? 'cancelled' : 'failed' });
      if (!abort.signal.aborted) setError(toApiError(cause));
    }
  };
  const restart = () => {
    forget();
    setTurns([]);
    setError(null);
  };
  const busy = turns.at(-1)?.status === null;
  return { turns, error, busy, say, restart, stop };
}
