import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { AreaField, Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import type { Collection } from '@/lib/api/knowledge-types';
import { toast } from '@/lib/toast';
import { useChangeCollection, useReindexCollection } from './api';

const LEAST_TOKENS = 64;
const MOST_TOKENS = 2048;

/** What a collection is called, and how its documents are cut. */
export function SettingsForm({ collection, fixed }: { collection: Collection; fixed: boolean }) {
  const { t } = useTranslation();
  const change = useChangeCollection(collection.id);
  const reindex = useReindexCollection();
  const { chunking } = collection;
  const fields = (
    <>
      <Field
        label={t('collections.name')}
        name="name"
        required
        maxLength={200}
        defaultValue={collection.name}
        disabled={fixed}
        autoComplete="off"
      />
      <AreaField
        label={t('collections.description')}
        name="description"
        rows={2}
        maxLength={2000}
        defaultValue={collection.description ?? ''}
        disabled={fixed}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={t('collections.maxTokens')}
          hint={t('collections.maxTokensHint', { least: LEAST_TOKENS, most: MOST_TOKENS })}
          name="max_tokens"
          type="number"
          required
          min={LEAST_TOKENS}
          max={MOST_TOKENS}
          defaultValue={chunking.max_tokens}
          disabled={fixed}
        />
        <Field
          label={t('collections.overlap')}
          hint={t('collections.overlapHint')}
          name="overlap_tokens"
          type="number"
          required
          min={0}
          max={MOST_TOKENS / 2}
          defaultValue={chunking.overlap_tokens}
          disabled={fixed}
        />
      </div>
    </>
  );
  if (fixed) return <div className="flex flex-col gap-4">{fields}</div>;
  return (
    <Form
      submit={t('action.save')}
      busy={change.isPending}
      error={change.error ?? reindex.error}
      onSubmit={({ name = '', description = '', max_tokens, overlap_tokens }) => {
        const wanted = { max_tokens: Number(max_tokens), overlap_tokens: Number(overlap_tokens) };
        const cutAnew =
          wanted.max_tokens !== chunking.max_tokens ||
          wanted.overlap_tokens !== chunking.overlap_tokens;
        change.mutate(
          {
            name: name.trim(),
            description: description.trim() || null,
            ...(cutAnew && { chunking: wanted }),
          },
          { onSuccess: () => toast(t(cutAnew ? 'collections.savedChunking' : 'page.saved')) },
        );
      }}
    >
      {fields}
      {collection.documents_total > 0 && (
        <Button
          className="self-start"
          aria-disabled={reindex.isPending}
          onClick={() =>
            reindex.mutate(collection.id, { onSuccess: () => toast(t('collections.reindexing')) })
          }
        >
          {t('collections.reindex')}
        </Button>
      )}
    </Form>
  );
}
