import type { TFunction } from 'i18next';
import { Check, ChevronRight, CircleAlert, CircleStop, Hand } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import { ToolResult } from '@/components/tool-result';
import { Spinner } from '@/components/ui/spinner';
import { Verbatim } from '@/components/ui/verbatim';
import type { MessageView } from '@/lib/api/types';
import { cn } from '@/lib/cn';
import { useSecondsSince } from '@/lib/hooks';
import { duration, shortDuration } from '@/lib/time';
import { isOver, type LiveRun } from './reducer';
import { type StepState, type StepView, viewSteps, workingTime } from './steps';
import { useRuns } from './store';
import { outcomeOf, type Trace, useTrace } from './trace';

/** The runs whose steps are unfolded; outside the row, which unmounts when scrolled away. */
const useUnfolded = create<{ ids: readonly string[] }>(() => ({ ids: [] }));

interface StepsLineProps {
  message: MessageView;
  /** Whether the answer is being written. */
  live: boolean;
}

/** How an answer comes or came about: one quiet line, its steps unfolded when asked for. */
export function StepsLine({ message, live }: StepsLineProps) {
  const runId = message.run_id ?? null;
  const run = useRuns((state) => (live ? state.live[message.conversation_id] : undefined));
  const unfolded = useUnfolded((state) => runId !== null && state.ids.includes(runId));
  const stored = useTrace(runId ?? '', message.conversation_id, unfolded && !run);
  const trace: Trace | null = run ?? stored.data ?? null;
  const steps = useMemo(
    () => trace && viewSteps(trace.steps, trace.parts, outcomeOf(trace.phase)),
    [trace],
  );
  if (runId === null) return run ? <Status run={run} steps={[]} /> : null;
  const known = trace !== null && steps !== null;
  const toggle = () =>
    useUnfolded.setState(({ ids }) => ({
      ids: unfolded ? ids.filter((id) => id !== runId) : [...ids, runId],
    }));
  return (
    <div className="mb-1">
      <button
        type="button"
        data-steps
        aria-expanded={unfolded}
        onClick={toggle}
        className="-ms-1.5 flex h-8 max-w-full items-center gap-1.5 rounded-control px-1.5 text-ink-3 text-sm hover:bg-hover hover:text-ink touch:h-10"
      >
        <ChevronRight
          aria-hidden
          className={cn(
            'size-3.5 shrink-0 transition-transform duration-[120ms]',
            unfolded && 'rotate-90',
          )}
        />
        {run && !isOver(run.phase) ? (
          <Status run={run} steps={steps ?? []} />
        ) : (
          <Summary trace={trace} />
        )}
      </button>
      {unfolded && (
        <div className="mt-1 mb-3 border-line border-s-2 ps-3">
          {known ? (
            <StepList steps={steps} />
          ) : (
            <Unknown failed={stored.isError} retry={() => void stored.refetch()} />
          )}
        </div>
      )}
    </div>
  );
}

function Summary({ trace }: { trace: Trace | null }) {
  const { t } = useTranslation();
  if (trace === null || trace.steps.length === 0) return t('steps.title');
  const time = shortDuration(workingTime(trace.steps));
  return (
    <span className="tabular">
      {t('steps.count', { count: trace.steps.length })} · {time}
    </span>
  );
}

const SLOW_SECONDS = 3;

/** What is happening, in words; with the time once it takes long. */
function Status({ run, steps }: { run: LiveRun; steps: readonly StepView[] }) {
  const { t } = useTranslation();
  const asking = run.phase === 'waiting';
  const seconds = useSecondsSince(asking ? null : run.startedAt);
  const current = steps.findLast((step) => step.state === 'running');
  const words = current ? stepWords(t, current) : t('steps.working');
  return (
    <span className="flex h-8 min-w-0 items-center gap-2 text-ink-3 text-sm">
      {asking ? (
        <Hand aria-hidden className="size-3.5 shrink-0 text-warn-text" />
      ) : (
        <Spinner className="mx-px" />
      )}
      <span className="truncate">
        {asking ? t('steps.asking') : run.phase === 'sending' ? t('turn.sending') : `${words}…`}
      </span>
      {seconds >= SLOW_SECONDS && <span className="shrink-0 tabular">{duration(seconds)}</span>}
    </span>
  );
}

const NAMED = ['retrieve_context', 'call_model', 'call_tool', 'format_response'];

/** "Using search_files"; a node that this page has no words for says its own name. */
function stepWords(t: TFunction, { name, calls }: StepView): string {
  if (!NAMED.includes(name)) {
    const words = name.replaceAll('_', ' ');
    return words.charAt(0).toUpperCase() + words.slice(1);
  }
  return t(`step.${name}`, { tool: calls[0]?.name ?? t('steps.aTool') });
}

function StepList({ steps }: { steps: readonly StepView[] }) {
  const { t } = useTranslation();
  if (steps.length === 0) return <p className="py-1 text-ink-3 text-sm">{t('steps.none')}</p>;
  return (
    <ol aria-label={t('steps.title')} className="space-y-1.5 py-1">
      {steps.map((step) => (
        <li key={step.key} className="text-sm">
          <div className="flex items-center gap-2">
            <StateMark state={step.state} />
            <span className="min-w-0 break-words text-ink-2">{stepWords(t, step)}</span>
            <span className="ms-auto shrink-0 ps-2 text-ink-3 text-xs tabular">
              <span className={cn(step.took !== null && 'sr-only')}>
                {t(`stepState.${step.state}`)}{' '}
              </span>
              {step.took !== null && shortDuration(step.took)}
            </span>
          </div>
          {step.calls.map((call, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: ids may repeat; a call has no state
            <div key={index} className="mt-1 ps-6">
              <Verbatim label={t('tool.arguments')} text={call.arguments} />
              {call.result && <ToolResult {...call.result} />}
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}

const MARKS = {
  asking: [Hand, 'text-warn-text'],
  done: [Check, 'text-ok-text'],
  failed: [CircleAlert, 'text-danger-text'],
  stopped: [CircleStop, 'text-ink-3'],
} as const;

function StateMark({ state }: { state: StepState }) {
  if (state === 'running') return <Spinner className="mx-0.5" />;
  const [Icon, colour] = MARKS[state];
  return <Icon aria-hidden className={cn('size-4 shrink-0', colour)} />;
}

/** Steps that are being fetched, or could not be. */
function Unknown({ failed, retry }: { failed: boolean; retry: () => void }) {
  const { t } = useTranslation();
  if (!failed) return <p className="py-1 text-ink-3 text-sm">{t('steps.loading')}</p>;
  return (
    <p role="alert" className="flex flex-wrap items-center gap-x-2 py-1 text-ink-2 text-sm">
      {t('steps.lost')}
      <button
        type="button"
        onClick={retry}
        className="rounded-control font-medium text-accent-text hover:underline touch:min-h-9"
      >
        {t('action.retry')}
      </button>
    </p>
  );
}
