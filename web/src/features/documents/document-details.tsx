import { useNavigate } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { CheckField, Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { KeyValues, pairsOf, recordOf } from '@/components/ui/key-values';
import { Refusal } from '@/components/ui/refusal';
import { useAct } from '@/lib/api/hooks';
import type { StoredDocument } from '@/lib/api/knowledge-types';
import { saveFrom } from '@/lib/download';
import { toast } from '@/lib/toast';
import { documentPath, isUnderWay, useChangeDocument, useReindex } from './api';
import { DeleteDocument } from './delete-document';

interface DocumentDetailsProps {
  document: StoredDocument;
  fixed: boolean;
}

/** A document's name and metadata, whether it is searched, its original, and its end. */
export function DocumentDetails({ document, fixed }: DocumentDetailsProps) {
  const { t } = useTranslation();
  const change = useChangeDocument();
  const [pairs, setPairs] = useState(() => pairsOf(document.metadata));
  if (fixed) {
    return (
      <div className="flex flex-col gap-3">
        <Facts metadata={document.metadata} />
        <Original document={document} />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <CheckField
        label={t('documents.searched')}
        hint={t('documents.searchedHint')}
        checked={document.enabled}
        disabled={change.isPending}
        onChange={({ target }) => change.mutate({ document, enabled: target.checked })}
      />
      <Form
        submit={t('action.save')}
        busy={change.isPending}
        error={change.error}
        onSubmit={({ name = '' }) =>
          change.mutate(
            { document, name: name.trim(), metadata: recordOf(pairs) },
            { onSuccess: () => toast(t('page.saved')) },
          )
        }
      >
        <Field
          label={t('documents.name')}
          name="name"
          required
          maxLength={255}
          defaultValue={document.name}
          autoComplete="off"
        />
        <KeyValues
          label={t('documents.metadata')}
          hint={t('documents.metadataHint')}
          pairs={pairs}
          onChange={setPairs}
        />
      </Form>
      <Actions document={document} />
    </div>
  );
}

function Actions({ document }: { document: StoredDocument }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const reindex = useReindex();
  const [deleting, setDeleting] = useState(false);
  return (
    <div className="flex flex-wrap gap-2">
      <Original document={document} />
      <Button
        aria-disabled={reindex.isPending || isUnderWay(document)}
        onClick={() => {
          if (!isUnderWay(document)) reindex.mutate(document);
        }}
      >
        {t('documents.reindex')}
      </Button>
      <Button look="danger" onClick={() => setDeleting(true)}>
        {t('documents.delete')}
      </Button>
      <Refusal error={reindex.error} />
      {deleting && (
        <DeleteDocument
          document={document}
          onClose={() => setDeleting(false)}
          onDeleted={() =>
            void navigate({
              to: '/collections/$collectionId/{-$part}',
              params: { collectionId: document.collection_id },
            })
          }
        />
      )}
    </div>
  );
}

/** The way to the file or page as it was added; nothing before it is there. */
function Original({ document }: { document: StoredDocument }) {
  const { t } = useTranslation();
  const take = useAct(() => saveFrom(`${documentPath(document)}/content`, document.name));
  if (!document.sha256) return null;
  return (
    <>
      <Button aria-disabled={take.isPending} onClick={() => take.mutate(undefined)}>
        <Download aria-hidden className="size-3.5" />
        {t('sources.original')}
      </Button>
      <Refusal error={take.error} />
    </>
  );
}

function Facts({ metadata }: Pick<StoredDocument, 'metadata'>) {
  const entries = Object.entries(metadata);
  if (entries.length === 0) return null;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
      {entries.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3">{name}</dt>
          <dd className="break-words">
            {typeof value === 'string' ? value : JSON.stringify(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
