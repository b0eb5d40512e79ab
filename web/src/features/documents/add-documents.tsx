import { FilePlus2, FileUp, FolderUp, Globe, Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { DropZone } from '@/components/ui/drop-zone';
import { Menu } from '@/components/ui/menu';
import { ACCEPTED_FILES } from '@/lib/file-kinds';
import { count } from '@/lib/format';
import { toastError } from '@/lib/toast';
import { AddTextDialog, AddUrlDialog } from './add-dialogs';
import { droppedFrom, MOST_FILES, type Pick, pickedFrom } from './picked';
import { addToCollection } from './uploads';

/** The ways to add documents: files and folders, chosen or dropped, web pages, and texts. */
export function AddDocuments({ collectionId }: { collectionId: string }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'url' | 'text' | null>(null);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const add = ({ files: picked, unread, cut }: Pick) => {
    if (unread.length > 0) {
      toastError(t('uploads.unread', { count: unread.length, name: unread[0] }));
    }
    if (cut) toastError(t('uploads.cut', { most: count(MOST_FILES) }));
    addToCollection(collectionId, picked);
  };
  const field = {
    type: 'file',
    multiple: true,
    hidden: true,
    onChange: ({ target }: { target: HTMLInputElement }) => {
      add(pickedFrom(target.files ?? []));
      // So that choosing the same files again is a change again.
      target.value = '';
    },
  } as const;
  const icon = 'size-4 text-ink-3';
  return (
    <>
      <input {...field} ref={files} accept={ACCEPTED_FILES} data-file-picker />
      <input {...field} ref={folder} data-folder-picker {...{ webkitdirectory: '' }} />
      <Menu
        label={t('documents.add')}
        trigger={
          <Button look="primary" className="h-9!">
            <Plus aria-hidden className="size-3.5" />
            {t('documents.add')}
          </Button>
        }
        items={[
          {
            label: t('documents.addFiles'),
            icon: <FileUp aria-hidden className={icon} />,
            run: () => files.current?.click(),
          },
          {
            label: t('documents.addFolder'),
            icon: <FolderUp aria-hidden className={icon} />,
            run: () => folder.current?.click(),
          },
          {
            label: t('documents.addUrl'),
            icon: <Globe aria-hidden className={icon} />,
            divided: true,
            run: () => setDialog('url'),
          },
          {
            label: t('documents.addText'),
            icon: <FilePlus2 aria-hidden className={icon} />,
            run: () => setDialog('text'),
          },
        ]}
      />
      <DropZone
        text={t('documents.drop')}
        onDrop={(dropped) => void droppedFrom(dropped).then(add)}
      />
      {dialog === 'url' && (
        <AddUrlDialog collectionId={collectionId} onClose={() => setDialog(null)} />
      )}
      {dialog === 'text' && (
        <AddTextDialog collectionId={collectionId} onClose={() => setDialog(null)} />
      )}
    </>
  );
}
