import { CircleAlert, FileText, RotateCw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { cn } from '@/lib/cn';
import { fileSize } from '@/lib/format';
import type { Upload } from './machine';
import { removeUpload, retryUpload } from './store';

/** Beyond this the server's default limit is passed; a line that breaks then has likely that cause. */
const USUAL_LIMIT = 10 * 1024 * 1024;

export function AttachmentList({ draft, uploads }: { draft: string; uploads: readonly Upload[] }) {
  const { t } = useTranslation();
  if (uploads.length === 0) return null;
  return (
    <ul aria-label={t('files.list')} className="flex flex-wrap gap-2 px-3 pt-3">
      {uploads.map((upload) => (
        <Chip key={upload.id} draft={draft} upload={upload} />
      ))}
    </ul>
  );
}

function Chip({ draft, upload }: { draft: string; upload: Upload }) {
  const { t } = useTranslation();
  const failed = upload.state === 'failed';
  const round =
    'inline-flex size-6 shrink-0 items-center justify-center rounded-control hover:bg-hover touch:size-9';
  return (
    <li
      className={cn(
        'anim-fade relative flex max-w-full items-center gap-2 overflow-hidden rounded-card border py-1.5 ps-2.5 pe-1 text-sm',
        failed ? 'border-danger/60 bg-danger-soft' : 'border-line bg-bg',
      )}
    >
      {failed ? (
        <CircleAlert aria-hidden className="size-4 shrink-0 text-danger-text" />
      ) : (
        <FileText aria-hidden className="size-4 shrink-0 text-accent-text" />
      )}
      <span className="flex min-w-0 flex-col">
        <span className="flex min-w-0 items-baseline gap-1.5">
          <span className="max-w-52 truncate text-ink" dir="auto">
            {upload.name}
          </span>
          <span className="shrink-0 text-ink-3 text-xs tabular">
            <Status upload={upload} />
          </span>
        </span>
        {upload.state === 'ready' && upload.notice && (
          <span role="status" className="max-w-72 text-warn-text text-xs" dir="auto">
            {upload.notice}
          </span>
        )}
        {failed && (
          <span role="alert" className="max-w-72 text-danger-text text-xs">
            <Cause upload={upload} />
          </span>
        )}
      </span>
      {failed && upload.retryable && (
        <button
          type="button"
          className={round}
          aria-label={t('files.retry', { name: upload.name })}
          onClick={() => retryUpload(draft, upload.id)}
        >
          <RotateCw aria-hidden className="size-3.5" />
        </button>
      )}
      <button
        type="button"
        className={cn(round, 'text-ink-3 hover:text-ink')}
        aria-label={t('files.remove', { name: upload.name })}
        onClick={() => removeUpload(draft, upload.id)}
      >
        <X aria-hidden className="size-3.5" />
      </button>
      {upload.state === 'sending' && (
        <span
          role="progressbar"
          aria-label={t('files.progress', { name: upload.name })}
          aria-valuenow={percent(upload.sent, upload.size)}
          aria-valuemin={0}
          aria-valuemax={100}
          className="absolute inset-x-0 bottom-0 h-0.5 bg-line"
        >
          <span
            className="block h-full bg-accent transition-[width] duration-[120ms]"
            style={{ width: `${percent(upload.sent, upload.size)}%` }}
          />
        </span>
      )}
    </li>
  );
}

function Status({ upload }: { upload: Upload }) {
  const { t } = useTranslation();
  if (upload.state === 'queued') return t('files.queued');
  if (upload.state === 'sending') return `${percent(upload.sent, upload.size)} %`;
  return fileSize(upload.size);
}

function Cause({ upload }: { upload: Upload & { state: 'failed' } }) {
  const { t } = useTranslation();
  switch (upload.code) {
    case 'FILE_TOO_LARGE':
      return upload.message || t('files.tooLarge');
    case 'UNSUPPORTED_FILE_TYPE':
      return upload.message || t('files.unsupported');
    case 'NETWORK_ERROR':
      return t(upload.size > USUAL_LIMIT ? 'files.brokenLarge' : 'files.broken');
    default:
      return upload.message || t('files.failed');
  }
}

function percent(sent: number, size: number): number {
  return size === 0 ? 100 : Math.min(100, Math.round((sent / size) * 100));
}
