import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { AreaField } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Refusal } from '@/components/ui/refusal';
import { Tag } from '@/components/ui/rows';
import type { Chunk, StoredDocument } from '@/lib/api/knowledge-types';
import { cn } from '@/lib/cn';
import { headingPath, placeOf } from '@/lib/place';
import { useChangeChunk } from './api';

/** The most characters that the server takes. */
const MOST_CHARS = 16_000;

interface ChunkCardProps {
  document: StoredDocument;
  chunk: Chunk;
  fixed: boolean;
  /** Whether it is the one highlighted in the text. */
  shown: boolean;
  onShow: () => void;
}

/** A passage: its words, where it stands, and whether it is searched. */
export function ChunkCard({ document, chunk, fixed, shown, onShow }: ChunkCardProps) {
  const { t } = useTranslation();
  const change = useChangeChunk(document);
  const [editing, setEditing] = useState(false);
  const { id, position, text, headings, span, tokens, enabled, edited } = chunk;
  const name = t('chunks.name', { number: position + 1 });
  return (
    <li
      className={cn(
        'rounded-card border bg-raise px-3.5 py-2.5',
        shown ? 'border-accent' : 'border-line',
      )}
    >
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-ink-3 text-xs tabular">
        <span className="font-medium text-ink-2">{name}</span>
        <span>{[placeOf(t, span), t('chunks.tokens', { count: tokens })].join(' · ')}</span>
        {edited && <Tag tone="accent">{t('chunks.edited')}</Tag>}
        {!enabled && <Tag tone="warn">{t('documents.disabled')}</Tag>}
      </div>
      {headings.length > 0 && (
        <p className="mt-0.5 break-words text-ink-3 text-xs" dir="auto">
          {headingPath(headings)}
        </p>
      )}
      {editing ? (
        <EditForm
          text={text}
          busy={change.isPending}
          error={change.error}
          onSave={(next) =>
            change.mutate({ id, text: next }, { onSuccess: () => setEditing(false) })
          }
          onClose={() => setEditing(false)}
        />
      ) : (
        <>
          <p
            dir="auto"
            className={cn(
              'mt-1.5 line-clamp-6 whitespace-pre-line break-words text-sm',
              enabled ? 'text-ink-2' : 'text-ink-3',
            )}
          >
            {text}
          </p>
          <div className="mt-2 flex flex-wrap gap-1.5">
            <Button aria-label={t('chunks.showOf', { name })} onClick={onShow}>
              {t('chunks.show')}
            </Button>
            {!fixed && (
              <>
                <Button aria-label={t('chunks.editOf', { name })} onClick={() => setEditing(true)}>
                  {t('chunks.edit')}
                </Button>
                <Button
                  aria-label={t(enabled ? 'chunks.disableOf' : 'chunks.enableOf', { name })}
                  aria-disabled={change.isPending}
                  onClick={() => change.mutate({ id, enabled: !enabled })}
                >
                  {t(enabled ? 'documents.disable' : 'documents.enable')}
                </Button>
              </>
            )}
          </div>
          <Refusal error={change.error} className="mt-2" />
        </>
      )}
    </li>
  );
}

interface EditFormProps {
  text: string;
  busy: boolean;
  error: Error | null;
  onSave: (text: string) => void;
  onClose: () => void;
}

function EditForm({ text, busy, error, onSave, onClose }: EditFormProps) {
  const { t } = useTranslation();
  return (
    <Form
      className="mt-2"
      submit={t('action.save')}
      busy={busy}
      error={error}
      aside={<Button onClick={onClose}>{t('action.cancel')}</Button>}
      onSubmit={({ text: next = '' }) => onSave(next)}
    >
      <AreaField
        label={t('chunks.text')}
        hint={t('chunks.textHint')}
        name="text"
        required
        maxLength={MOST_CHARS}
        rows={Math.min(16, text.split('\n').length + 4)}
        defaultValue={text}
      />
    </Form>
  );
}
