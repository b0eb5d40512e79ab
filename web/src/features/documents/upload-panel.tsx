import { CircleAlert, RotateCw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { ProgressBar } from '@/components/ui/progress-bar';
import { count } from '@/lib/format';
import { useSecondsLeft } from '@/lib/hooks';
import { duration } from '@/lib/time';
import { type Batch, type Failed, isBusy } from './batch';
import { dismissFile, retryAll, retryFile, stopUploads } from './uploads';

/** Failures beyond this are counted: each is still there once others are seen to. */
const MOST_SHOWN = 20;

/** How far the files are that are on their way into the collection, and which did not arrive. */
export function UploadPanel({ collectionId, batch }: { collectionId: string; batch: Batch }) {
  const { t } = useTranslation();
  const pause = useSecondsLeft(batch.pausedUntil);
  const { total, stored, known, sending, failed } = batch;
  const busy = isBusy(batch);
  if (!busy && failed.length === 0 && known === 0) return null;
  return (
    <section
      aria-label={t('uploads.title')}
      className="rounded-card border border-line bg-side px-3.5 py-3"
    >
      {busy && (
        <div className="flex items-start gap-3">
          <div className="min-w-0 flex-1">
            <ProgressBar
              className="mt-0"
              label={t('uploads.progress', { done: count(stored), all: count(total) })}
              done={stored + failed.length}
              all={total}
            />
            <p className="mt-1.5 truncate text-ink-3 text-xs" dir="auto">
              {pause > 0
                ? t('uploads.paused', { time: duration(pause) })
                : sending
                    .map(({ name, size, sent }) => `${name} ${percent(sent, size)}`)
                    .join(' · ')}
            </p>
          </div>
          <Button onClick={() => stopUploads(collectionId)}>{t('uploads.stop')}</Button>
        </div>
      )}
      {known > 0 && (
        <p className="mt-1.5 text-ink-3 text-xs">{t('uploads.known', { count: known })}</p>
      )}
      {failed.length > 0 && (
        <ul aria-label={t('uploads.failed')} className="mt-2 flex flex-col gap-1.5 first:mt-0">
          {failed.slice(0, MOST_SHOWN).map((file) => (
            <FailedFile key={file.id} collectionId={collectionId} file={file} />
          ))}
        </ul>
      )}
      {failed.filter(({ retryable }) => retryable).length > 1 && (
        <Button className="mt-2" onClick={() => retryAll(collectionId)}>
          {t('uploads.retryAll')}
        </Button>
      )}
      {failed.length > MOST_SHOWN && (
        <p className="mt-2 text-ink-3 text-xs">
          {t('uploads.moreFailed', { count: failed.length - MOST_SHOWN })}
        </p>
      )}
    </section>
  );
}

function FailedFile({ collectionId, file }: { collectionId: string; file: Failed }) {
  const { t } = useTranslation();
  const { id, name, retryable } = file;
  return (
    <li className="flex items-start gap-2 rounded-control bg-danger-soft px-2.5 py-1.5 text-danger-text text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0 flex-1 break-words" dir="auto">
        <span className="font-medium">{name}</span> {causeOf(t, file)}
      </span>
      {retryable && (
        <IconButton
          small
          label={t('files.retry', { name })}
          onClick={() => retryFile(collectionId, id)}
        >
          <RotateCw aria-hidden className="size-3.5" />
        </IconButton>
      )}
      <IconButton
        small
        label={t('files.remove', { name })}
        onClick={() => dismissFile(collectionId, id)}
      >
        <X aria-hidden className="size-3.5" />
      </IconButton>
    </li>
  );
}

function causeOf(t: (key: string) => string, { code, message }: Failed): string {
  if (message !== '') return message;
  switch (code) {
    case 'FILE_TOO_LARGE':
      return t('files.tooLarge');
    case 'UNSUPPORTED_FILE_TYPE':
      return t('files.unsupported');
    case 'NETWORK_ERROR':
      return t('files.broken');
    default:
      return t('files.failed');
  }
}

const percent = (sent: number, size: number) =>
  `${size === 0 ? 100 : Math.min(100, Math.round((sent / size) * 100))} %`;
