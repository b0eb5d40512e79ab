import { CircleAlert, X } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import type { Attempt } from '@/features/runs/reducer';
import type { ApiError } from '@/lib/api/error';
import { copyText } from '@/lib/clipboard';
import { useSecondsLeft } from '@/lib/hooks';
import { duration } from '@/lib/time';
import { toast } from '@/lib/toast';
import type { RunState } from './use-chat';

const Explained = lazy(() => import('./explained'));

export interface Cause {
  code: string;
  message: string;
  status: number;
  requestId: string | null;
  details: Readonly<Record<string, unknown>>;
}

function Notice({
  words,
  cause,
  wait,
  children,
  onDismiss,
}: {
  words: 'error.notSent' | 'error.notStarted' | 'error.unreachable';
  cause: Cause;
  /** Seconds until another try makes sense. */
  wait: number;
  children?: ReactNode;
  onDismiss: () => void;
}) {
  const { t } = useTranslation();
  const short = t(words, { cause: useCause(cause, wait) });
  const long = cause.code === 'BUDGET_EXCEEDED' || cause.code === 'FORBIDDEN';
  const copyId = async () => {
    if (cause.requestId && (await copyText(cause.requestId))) toast(t('turn.idCopied'));
  };
  return (
    <div
      role="alert"
      className="anim-rise mb-2 flex items-start gap-2.5 rounded-card border border-danger/50 bg-danger-soft py-2 ps-3.5 pe-1.5"
    >
      <CircleAlert aria-hidden className="mt-2 size-4 shrink-0 text-danger-text" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1.5 py-1">
        <p className="min-w-48 flex-1 py-1 text-danger-text" dir="auto">
          {long ? (
            <Suspense fallback={short}>
              <Explained cause={cause} words={words} />
            </Suspense>
          ) : (
            short
          )}
        </p>
        <div className="flex gap-1.5">
          {children}
          {cause.requestId && (
            <Button look="quiet" onClick={copyId}>
              {t('turn.copyId')}
            </Button>
          )}
        </div>
      </div>
      <IconButton small className="mt-0.5" label={t('action.dismiss')} onClick={onDismiss}>
        <X aria-hidden className="size-4" />
      </IconButton>
    </div>
  );
}

function useCause(cause: Cause, wait: number): string {
  const { t } = useTranslation();
  if (wait > 0) return t('error.rateLimited', { time: duration(wait) });
  if (cause.code === 'NETWORK_ERROR') return t('error.network');
  return cause.message || t('error.unknown', { code: cause.code });
}

/** A message the server did not take, or an answer that can no longer be reached. */
export function RejectionNotice({
  run,
  onAgain,
  onDismiss,
}: {
  run: RunState;
  onAgain: (attempt: Attempt) => void;
  onDismiss: () => void;
}) {
  const { t } = useTranslation();
  const { rejection, attempt } = run;
  const wait = useSecondsLeft(rejection?.retryAt ?? null);
  if (!rejection) return null;
  const unsent = attempt?.kind === 'send' ? 'error.notSent' : 'error.notStarted';
  const words = rejection.acknowledged ? 'error.unreachable' : unsent;
  return (
    <Notice words={words} cause={rejection} wait={wait} onDismiss={onDismiss}>
      {attempt && !rejection.acknowledged && (
        <Button disabled={wait > 0} onClick={() => onAgain(attempt)}>
          {t('action.retry')}
        </Button>
      )}
    </Notice>
  );
}

/** A conversation that could not be created; its first message still stands in the composer. */
export function CreateNotice({ error, onDismiss }: { error: ApiError; onDismiss: () => void }) {
  return (
    <Notice
      words="error.notSent"
      cause={error}
      wait={error.retryAfter ?? 0}
      onDismiss={onDismiss}
    />
  );
}
